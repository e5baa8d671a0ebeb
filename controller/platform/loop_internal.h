#ifndef SLIPWAY_PLATFORM_LOOP_INTERNAL_H
#define SLIPWAY_PLATFORM_LOOP_INTERNAL_H

/** Loop internal: what loop.c and child.c share; for this folder only. */

#include "loop.h"

struct children;

/** Where child.c keeps the children of this loop; NULL at first. */
struct children **loop_children(struct loop *l) MUST_CHECK;

/** Kills and reaps all of them; NULL is allowed. */
void children_free(struct children *all);

#endif
