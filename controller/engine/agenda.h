#ifndef SLIPWAY_ENGINE_AGENDA_H
#define SLIPWAY_ENGINE_AGENDA_H

/**
 * Agenda: when which order is to be taken up, or which deployment may be
 * overdue.
 *
 * A binary heap in memory, made anew from the outbox at every start.  Entries are
 * hints: nothing is taken off when an order closes; whoever takes an entry
 * asks the store whether it still holds.
 */

#include "slipway/base.h"

struct appointment {
    int64_t at_ms;
    int64_t deployment_id;
    int64_t order_id; /* 0: the deployment's deadline. */
};

struct agenda {
    struct appointment *heap; /* Owned. */
    size_t count, room;
};

void agenda_free(struct agenda *a);
void agenda_add(struct agenda *a, struct appointment what);

/** The earliest, without taking it; NULL if there is none. */
const struct appointment *agenda_first(const struct agenda *a) MUST_CHECK;

/** Takes the earliest off. */
struct appointment agenda_take(struct agenda *a);

#endif
