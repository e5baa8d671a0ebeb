#ifndef SLIPWAY_AWS_RETRY_H
#define SLIPWAY_AWS_RETRY_H

/**
 * Retry: whether and when a call is tried again; for this folder only.
 *
 * Pure but for the random number, which is given.  The numbers are those of
 * "Retry behavior" in the SDKs and Tools Reference Guide: three tries, full jitter,
 * a bucket of 500 that failures empty and successes fill.
 */

#include "slipway/base.h"

enum retry_class {
    RETRY_NEVER,
    RETRY_TRANSIENT,  /* 5xx, broken connections: 50 ms doubling. */
    RETRY_THROTTLING, /* Asked to slow down: 1 s doubling. */
    RETRY_SKEW,       /* The clock was off: at once, once. */
    RETRY_EXPIRED,    /* The credentials had expired: at once, once. */
};

#define RETRY_BUCKET_MAX 500
#define RETRY_COST_TRANSIENT 14
#define RETRY_COST_THROTTLING 5
#define RETRY_WAIT_MAX_MS SECONDS(20)

/** Classifies AWS's error code and status. `iot`: LimitExceeded is a hard limit there, not a
 * throttle. */
enum retry_class retry_classify(const char *code, int status, bool iot) MUST_CHECK;

/** True for the codes that mean a clock that is off, surely or (with a Date four minutes away)
 * probably. */
bool retry_means_skew(const char *code, int64_t off_ms) MUST_CHECK;

/**
 * How long to wait before try number `tries` + 1 (tries >= 1), given `random` in 0..1 and
 * AWS's own wish in `after_ms` (-1: none; else the wait is between it and 5 s more).
 */
int64_t retry_wait_ms(enum retry_class c, int tries, int64_t after_ms, double random) MUST_CHECK;

/** What a retry takes from the bucket. */
int retry_cost(enum retry_class c) MUST_CHECK;

#endif
