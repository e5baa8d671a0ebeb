#ifndef SLIPWAY_PLACEHOLDER_H
#define SLIPWAY_PLACEHOLDER_H

/**
 * Placeholder: {name} in the argument of a configured command.
 *
 * One table for whoever checks a configuration and whoever fills the
 * arguments in, so that both mean the same.  A name is a small letter, then
 * small letters, digits and underscores; every other brace is an ordinary
 * character, so that arguments may hold JSON.  Pure.
 */

#include "slipway/str.h"

struct placeholder {
    const char *name; /* NULL ends a table. */
    const char *meaning;
};

/** What a compile command may name. */
extern const struct placeholder compile_placeholders[];

/** What the commands of a twin, deploy and test, may name. */
extern const struct placeholder twin_placeholders[];

/**
 * Finds the first {name} in `text`: `*before` is what precedes it, `*name`
 * the name without braces, `*after` the rest.  False if there is none.
 */
bool placeholder_next(struct str text, struct str *before, struct str *name, struct str *after);

#endif
