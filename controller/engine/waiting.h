#ifndef SLIPWAY_ENGINE_WAITING_H
#define SLIPWAY_ENGINE_WAITING_H

/**
 * Waiting: orders that wait for a thing group another deployment has, and for
 * which.  Made anew after a start: who still has to wait is found out when its order is due.
 */

#include "slipway/base.h"

struct waiting {
    struct wait *items; /* Owned; by rising order id. */
    size_t count, room;
};

struct wait {
    int64_t order_id;
    int64_t holder; /* The deployment that is waited for. */
};

/** Forgets all. */
void waiting_free(struct waiting *w);

/** The order waits for deployment `holder`; false if it waited already, for whomever. */
bool waiting_put(struct waiting *w, int64_t order_id, int64_t holder);

bool waiting_has(const struct waiting *w, int64_t order_id) MUST_CHECK;

/** It waits no more; false if it did not. */
bool waiting_drop(struct waiting *w, int64_t order_id);

#endif
