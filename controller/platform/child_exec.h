#ifndef SLIPWAY_PLATFORM_CHILD_EXEC_H
#define SLIPWAY_PLATFORM_CHILD_EXEC_H

/** Child exec: what happens between fork and exec; for child.c only. */

#include <sys/types.h>

#include "child.h"

/** The child's ends of its pipes; all at least 10, so that none stands where another must go. */
struct child_ends {
    int out, err, trouble;
};

enum child_step { CHILD_STEP_FILES, CHILD_STEP_DIRECTORY, CHILD_STEP_LIMITS, CHILD_STEP_EXEC };

/** Written to `trouble` if a step failed; exec closes it otherwise. */
struct child_trouble {
    enum child_step step;
    int number; /* errno */
};

/** Becomes `p` in the forked process whose parent is `parent`. */
_Noreturn void child_become(const struct child_program *p, const struct child_ends *ends,
                            pid_t parent);

#endif
