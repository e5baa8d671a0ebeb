#ifndef SLIPWAY_ARENA_H
#define SLIPWAY_ARENA_H

/**
 * Arena: memory that is taken piece by piece and given back all at once.
 *
 *     struct arena *a = arena_new();
 *     struct thing *things = arena_take(a, count * sizeof(things[0]));
 *     ...
 *     arena_free(a);
 *
 * For what is built from many parts and dies as a whole.  Like xmalloc() it
 * does not fail; sizes that come from outside are limited before they get here.
 */

#include "slipway/str.h"

struct arena;

/** An empty arena; the caller owns it. */
struct arena *arena_new(void) MUST_CHECK;

/** Frees it and all that was taken from it; NULL is fine. */
void arena_free(struct arena *a);

/** `size` zeroed bytes, aligned for everything, valid until arena_free(). */
void *arena_take(struct arena *a, size_t size) MUST_CHECK;

/** A NUL-terminated copy of `s`. */
char *arena_copy(struct arena *a, struct str s) MUST_CHECK;

#endif
