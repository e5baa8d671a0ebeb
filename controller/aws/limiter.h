#ifndef SLIPWAY_AWS_LIMITER_H
#define SLIPWAY_AWS_LIMITER_H

/**
 * Limiter: a bucket of permits that fills at a steady rate; for this folder only.
 *
 * Pure: the time is given.
 */

#include "slipway/base.h"

struct limiter {
    double per_second; /* 0: no limit. */
    double burst;      /* Permits the full bucket holds, >= 1. */
    double permits;
    int64_t at_ms; /* When `permits` was right; 0: never used. */
};

/** How long until a permit is there; 0: now. */
int64_t limiter_wait_ms(struct limiter *l, int64_t now_ms) MUST_CHECK;

/** Takes a permit; only when limiter_wait_ms() said 0. */
void limiter_take(struct limiter *l);

#endif
