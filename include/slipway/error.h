#ifndef SLIPWAY_ERROR_H
#define SLIPWAY_ERROR_H

/**
 * Error: why something could not be done.
 *
 * A function that can fail returns bool (or a pointer) and takes a `struct
 * error *` last.  It returns false (or NULL) if and only if it filled the
 * error in.  The caller owns the struct, usually on its stack; it holds no
 * memory to free.
 *
 * Errors describe the world.  A broken promise between two of our own
 * functions is a bug, and a bug is an assert.
 */

#include "slipway/base.h"

enum error_kind {
    ERROR_NONE,
    ERROR_INVALID,     /* The input is malformed; the same input never works. */
    ERROR_NOT_FOUND,   /* There is no such thing. */
    ERROR_CONFLICT,    /* It exists already, or it moved on meanwhile. */
    ERROR_DENIED,      /* The caller may not. */
    ERROR_UNREACHABLE, /* The other side did not answer; try again later. */
    ERROR_STORAGE,     /* The database refused; nothing was written. */
};

struct error {
    enum error_kind kind;
    char text[480]; /* Lower case, no final stop, NUL-terminated. */
};

/**
 * Fills `*e` in and returns false, so that a function can end with
 * `return error_set(e, ...)`.  Longer texts are cut.
 */
bool error_set(struct error *e, enum error_kind kind, const char *fmt, ...) PRINTF_LIKE(3, 4);

/** Puts "what: " before the text of `*e`, keeps its kind and returns false. */
bool error_while(struct error *e, const char *fmt, ...) PRINTF_LIKE(2, 3);

/** True if trying the very same thing again, later, may work. */
bool error_is_transient(const struct error *e) MUST_CHECK;

#endif
