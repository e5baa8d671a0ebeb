#ifndef SLIPWAY_TESTS_SIMULATION_DRAW_H
#define SLIPWAY_TESTS_SIMULATION_DRAW_H

/**
 * Draw: where all choice of the simulation comes from.  The same seed gives the same choices on
 * every machine.
 */

#include "slipway/base.h"

struct draw {
    uint64_t state;
};

struct draw draw_from(uint64_t seed) MUST_CHECK;

/** A number from 0 to `n` - 1. */
int64_t draw_below(struct draw *d, int64_t n) MUST_CHECK;

/** A number from `low` to `high`, both included. */
int64_t draw_between(struct draw *d, int64_t low, int64_t high) MUST_CHECK;

/** True `permille` times out of a thousand. */
bool draw_chance(struct draw *d, int64_t permille) MUST_CHECK;

/** Sixty-four bits that depend on nothing but `a` and `b`. */
uint64_t mix(uint64_t a, uint64_t b) MUST_CHECK;

#endif
