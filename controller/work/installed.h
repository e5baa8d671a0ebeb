#ifndef SLIPWAY_WORK_INSTALLED_H
#define SLIPWAY_WORK_INSTALLED_H

/**
 * Installed: does a component really run on some devices?  For this folder only.
 *
 * A job that SUCCEEDED is no proof: Greengrass reports success as soon as a run script
 * has started, and nucleus lite has reported it for components it had stopped
 * again.  What the core device says of the component itself is looked at.
 */

#include "story.h"

enum installed_state {
    INSTALLED_RUNS,    /* Our version, RUNNING or FINISHED. */
    INSTALLED_PENDING, /* Not reported yet, another version, or on its way. */
    INSTALLED_FAILED,  /* Our version, ERRORED or BROKEN. */
};

/** What is asked; in work_room(). */
struct installed {
    const char **things;
    size_t count;
    const char *component, *version;
    void (*then)(struct work *w, struct installed *in);

    /* What was found. */
    size_t runs, pending, failed;
    const char *reason; /* Of the first that does not run; NULL: all do. */

    /* For installed.c */
    size_t at; /* The device that is being asked. */
    struct pages pages;
    bool seen;
};

/** Asks device by device, then calls in->then; ends the work on trouble. */
void installed_start(struct work *w, struct installed *in);

#endif
