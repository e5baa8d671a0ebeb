#ifndef SLIPWAY_BASE_H
#define SLIPWAY_BASE_H

/**
 * Base: the handful of words every file may use.
 *
 * Includes nothing of slipway's; everything else may include it.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** The caller must look at the result. */
#define MUST_CHECK __attribute__((warn_unused_result))

/** Argument `fmt` is a printf format whose arguments start at `first`. */
#define PRINTF_LIKE(fmt, first) __attribute__((format(printf, fmt, first)))

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

/** Durations in milliseconds, the unit of every time in slipway. */
#define SECONDS(n) ((int64_t)(n)*1000)
#define MINUTES(n) (SECONDS(n) * 60)
#define HOURS(n) (MINUTES(n) * 60)
#define DAYS(n) (HOURS(n) * 24)

#endif
