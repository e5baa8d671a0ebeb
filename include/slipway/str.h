#ifndef SLIPWAY_STR_H
#define SLIPWAY_STR_H

/**
 * Str: a borrowed piece of text.
 *
 * A pointer and a length; not NUL-terminated, never owned.  It is valid as
 * long as what it was cut from.  Whoever keeps a text copies it.
 */

#include "slipway/base.h"

struct str {
    const char *at; /* May be NULL if `len` is 0. */
    size_t len;
};

/** A string literal as a str. */
#define STR(literal) ((struct str){ "" literal, sizeof(literal) - 1 })

/** printf("%.*s", STR_ARG(s)) */
#define STR_ARG(s) (int)(s).len, (s).at

/** All of `text` (NUL-terminated, or NULL for the empty str). */
struct str str_of(const char *text) MUST_CHECK;

bool str_equal(struct str a, struct str b) MUST_CHECK;
bool str_is(struct str s, const char *text) MUST_CHECK;
bool str_starts(struct str s, const char *prefix) MUST_CHECK;
bool str_ends(struct str s, const char *suffix) MUST_CHECK;

/** True if `part` occurs in `s`; the empty part does. */
bool str_contains(struct str s, struct str part) MUST_CHECK;

/**
 * Cuts `s` at the first `c`: `*head` is what stands before it, `*tail` what
 * stands after.  False if there is no `c`; then `*head` is all of `s`.
 */
bool str_cut(struct str s, char c, struct str *head, struct str *tail);

/** `s` without blanks (space, tab, CR, LF) at both ends. */
struct str str_trim(struct str s) MUST_CHECK;

/**
 * Copies `s` into `buf` as a NUL-terminated string.  False, with `buf` holding
 * the empty string, if it does not fit in `size` bytes or contains a NUL.
 */
bool str_copy(char *buf, size_t size, struct str s) MUST_CHECK;

/** `n` in decimal, NUL-terminated, written to the end of `buf`; where it stands there. */
#define INT_TEXT_SIZE 21
struct str str_of_int(int64_t n, char buf[INT_TEXT_SIZE]);

/** Reads all of `s` as a decimal integer; false if it is not one or does not fit. */
bool str_to_int(struct str s, int64_t *out) MUST_CHECK;

/**
 * The number of single-character edits between `a` and `b`, at most 64
 * characters of each counted; for "did you mean".
 */
size_t str_distance(struct str a, struct str b) MUST_CHECK;

#endif
