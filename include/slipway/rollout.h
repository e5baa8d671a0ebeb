#ifndef SLIPWAY_ROLLOUT_H
#define SLIPWAY_ROLLOUT_H

/**
 * Rollout: is this wave healthy, has it failed, or must we go on watching?
 *
 * Greengrass has no "done" and no "failed" for a thing group: its deployment
 * stays ACTIVE whatever the devices do, and an offline device stays QUEUED
 * for ever (AWS IoT Jobs, "Job execution states").  So slipway judges the
 * counts itself.  Pure.
 */

#include "slipway/pipeline.h"

enum wave_verdict {
    WAVE_GOES_ON,
    WAVE_SUCCEEDED, /* Enough devices succeeded and the failures are within bounds. */
    WAVE_FAILED,
};

/** All devices that were told of the wave. */
int64_t rollout_exposed(const struct device_counts *c) MUST_CHECK;

/** Devices that failed in any way. */
int64_t rollout_failures(const struct device_counts *c) MUST_CHECK;

/**
 * Judges the wave that `d` has under way by what its devices reported at
 * `at_ms`, in this order: devices beyond repair, too many failures, enough
 * successes, too much time.  `why`, if wanted, receives one sentence of at
 * most `size` bytes for WAVE_FAILED and is left alone otherwise.
 */
enum wave_verdict rollout_judge(const struct deployment *d, const struct policy *p,
                                const struct device_counts *c, int64_t at_ms, char *why,
                                size_t size) MUST_CHECK;

/**
 * Judges a rollback: WAVE_SUCCEEDED once no device is queued or in progress and none failed,
 * WAVE_FAILED once none is left to wait for and some failed.
 */
enum wave_verdict rollout_judge_rollback(const struct device_counts *c, char *why,
                                         size_t size) MUST_CHECK;

#endif
