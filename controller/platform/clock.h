#ifndef SLIPWAY_PLATFORM_CLOCK_H
#define SLIPWAY_PLATFORM_CLOCK_H

/**
 * Clock: the two real clocks.
 *
 * Code of the loop asks loop_now_ms() and loop_monotonic_ms() instead (see
 * loop.h), so that one turn has one `now`.
 */

#include "slipway/base.h"

/** The wall clock: milliseconds since 1970.  It may jump; only stamps come from it. */
int64_t clock_wall_ms(void) MUST_CHECK;

/** A clock that never goes back; its zero means nothing.  Durations come from it. */
int64_t clock_monotonic_ms(void) MUST_CHECK;

#endif
