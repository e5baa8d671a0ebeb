#ifndef SLIPWAY_WORK_ARGV_H
#define SLIPWAY_WORK_ARGV_H

/**
 * Argv: the arguments of a configured command with {name} filled in.
 *
 * What comes from outside (a component's name, a version, an ARN) may only be put in if it
 * is plain: [A-Za-z0-9._:/=+-]{1,256}, not beginning with '-', so that it can be no option and mean
 * nothing to whatever the command passes it on to.
 */

#include "slipway/error.h"
#include "slipway/memory.h"

struct argv_value {
    const char *name; /* NULL ends a table. */
    const char *value;
    bool outside; /* Must be plain. */
};

#define ARGV_BYTES_MAX 65536 /* Of one argument. */

bool argv_is_plain(const char *value) MUST_CHECK;

/**
 * `argument` with every {name} replaced; the caller frees it.  NULL with ERROR_INVALID for a
 * name that `values` does not have, a value that is not plain, or too long a text.
 */
char *argv_fill(const char *argument, const struct argv_value *values, struct error *e) MUST_CHECK;

/** The last line of `text` that is not blank, at most `size` - 1 bytes, control characters
 * blanked; "" if there is none. */
const char *last_line(struct str text, char *buf, size_t size);

/** The last `max` bytes of `text`, from the beginning of a UTF-8 character. */
struct str text_end(struct str text, size_t max) MUST_CHECK;

#endif
