#ifndef SLIPWAY_WORK_COMMAND_H
#define SLIPWAY_WORK_COMMAND_H

/**
 * Command: runs the user's own program for a driver; for this folder only.
 *
 * At most WORKSHOP_CHILDREN_MAX run at once; the others wait in the order in
 * which they came.  The time-out begins with the start of the program.
 */

#include "argv.h"
#include "story.h"

/** What to run.  Lent until `then`. */
struct command_run {
    const struct command_settings *command;
    const char *what; /* "compile command"; for messages. */
    const struct argv_value *values;
    const char *directory; /* Where it runs. */
    void (*then)(struct work *w, const char *output);
    /* For command.c */
    struct work *work;
    struct command_run *next;
};

/** Those that wait, first come first. */
struct command_queue {
    struct command_run *first, **last;
    size_t running;
};

/**
 * Runs it; then(w, output) comes if it ended with status 0, with the end of what it printed, cut.
 * Every other end ends the work as failed, with the last line of its standard error.
 */
void command_start(struct work *w, struct command_run *run);

/** Takes it back, running or waiting, and lets the next one run at the end of the turn. */
void command_cancel(struct work *w);

/** The workshop goes, after its works: nothing is started any more. */
void commands_close(struct workshop *shop, struct loop *l);

/** Of the workshop. */
struct command_queue *workshop_commands(struct workshop *shop) MUST_CHECK;

#endif
