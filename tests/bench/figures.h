#ifndef SLIPWAY_BENCH_FIGURES_H
#define SLIPWAY_BENCH_FIGURES_H

/** Figures: a clock, a heap of measured values, and an end for what must not fail. */

#include "slipway/error.h"

/** Monotonic, in microseconds. */
int64_t now_us(void) MUST_CHECK;

/** Ends the program with what went wrong, unless `worked`. */
void need(bool worked, const struct error *e);

/** Measured values; zero it to begin, series_free() at the end. */
struct series {
    double *items; /* Owned. */
    size_t count, room;
};

void series_add(struct series *s, double value);
void series_free(struct series *s);

/** The value below which `percent` of the values lie (50: the median); 0 of none.  Sorts. */
double series_percentile(struct series *s, double percent) MUST_CHECK;

/** Reads "--name VALUE" pairs: the integer that follows `name`, else `otherwise`. */
int64_t option_int(int argc, char **argv, const char *name, int64_t otherwise) MUST_CHECK;
const char *option_text(int argc, char **argv, const char *name, const char *otherwise) MUST_CHECK;

#endif
