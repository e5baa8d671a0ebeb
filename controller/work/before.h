#ifndef SLIPWAY_WORK_BEFORE_H
#define SLIPWAY_WORK_BEFORE_H

/**
 * Before: what a thing group ran before slipway deployed to it; for this folder only.
 *
 * A plan that is made when our own deployment is there already, and no plan before it
 * is known (the twin's group is a wave's too, or the database was lost), must not take
 * that for what to roll back to.  The newest deployment of the group's history that is of no step
 * of this version is what ran before.
 */

#include "greengrass_target.h"

struct before {
    const struct target *target;
    const char *component, *version; /* Ours. */
    void (*then)(struct work *w, struct before *b);

    /* What was found; texts are "" if there was nothing. */
    bool known; /* Asked for and answered. */
    const char *id, *base_version, *entry;

    /* For before.c */
    struct pages pages;
    int64_t newest_ms;
};

/** Asks, then calls b->then; ends the work on trouble. */
void before_start(struct work *w, struct before *b);

#endif
