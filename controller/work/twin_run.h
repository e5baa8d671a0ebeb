#ifndef SLIPWAY_WORK_TWIN_RUN_H
#define SLIPWAY_WORK_TWIN_RUN_H

/** Twin run: fetches the packaged artifact and runs a command of the twin on it; for this folder
 * only. */

#include "command.h"
#include "fetch.h"

struct twin_run {
    const struct command_settings *command;
    const char *what;
    const char *folder; /* Of the step. */
    const char *output; /* {output} */
    void (*then)(struct work *w, const char *output);

    /* What the package document says; read by twin_run_start(). */
    const char *component, *version, *sha256;
    char run_id[WORK_TOKEN_SIZE]; /* {run_id} */

    /* For twin_run.c */
    const char *work;
    struct fetch fetch;
    struct command_run run;
    struct argv_value values[10];
};

/** Reads component, version, sha256 and run_id; false with the work ended. */
bool twin_run_know(struct work *w, struct twin_run *t) MUST_CHECK;

/** Fetches and runs; then(w, what it printed) if it ended well, else the work has ended. */
void twin_run_start(struct work *w, struct twin_run *t);

#endif
