#ifndef SLIPWAY_BENCH_FLOOR_H
#define SLIPWAY_BENCH_FLOOR_H

/**
 * Floor: what SQLite and the disk alone allow.
 *
 * Writes the same tables with the same pragmas, rows as wide and as many
 * statements that change something as the engine does, in the same
 * transactions, by plain prepared statements bound by number: no event to
 * read, no rule, no row read back, no hash.
 */

#include "slipway/error.h"

struct floor;

/** Makes the database at `path` anew. */
struct floor *floor_open(const char *path);
void floor_close(struct floor *f);

void floor_begin(struct floor *f);

/** Commits; returns how long that took, in microseconds. */
int64_t floor_commit(struct floor *f);

/** The rows of an event that begins a deployment; returns its id. */
int64_t floor_event(struct floor *f, int64_t n);

/** The rows of step 0..4 of deployment `id`. */
void floor_step(struct floor *f, int64_t id, int step);

/** Appends 4 KiB and calls fdatasync for a second; how often that went in a second. */
double floor_fdatasync_rate(const char *folder);

#endif
