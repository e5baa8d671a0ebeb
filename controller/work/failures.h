#ifndef SLIPWAY_WORK_FAILURES_H
#define SLIPWAY_WORK_FAILURES_H

/**
 * Failures: why devices of a job failed; for this folder only.
 *
 * Reads the executions that did not succeed and, one call each, their status
 * details, where the nucleus writes "detailed-deployment-status" and
 * "deployment-failure-cause".  Bounded by devices_max, so that a fleet of failures costs no fleet
 * of calls.
 */

#include "story.h"

struct failures {
    const char **jobs;
    size_t job_count;
    int64_t devices_max;
    bool any_status; /* Rejected and timed out devices too, not only failed ones. */
    void (*then)(struct work *w, struct failures *f);

    /* What was found. */
    int64_t devices;
    int64_t broken;     /* FAILED_UNABLE_TO_ROLLBACK */
    const char *reason; /* Of the first device; NULL: none was found. */

    /* For failures.c */
    size_t job, status;
    const char **things;
    size_t count, at;
    struct pages pages;
    bool more; /* Another page follows that of `things`. */
};

/** Asks, then calls f->then; ends the work on trouble. */
void failures_start(struct work *w, struct failures *f);

#endif
