#ifndef SLIPWAY_PLATFORM_SECRET_H
#define SLIPWAY_PLATFORM_SECRET_H

/**
 * Secret: bytes that nobody prints and that are wiped before they are freed.
 *
 * Keys and tokens live in one of these from the moment they are read.  They
 * never go into an error, a log line, an argument vector, a page or the
 * database.
 */

#include "slipway/str.h"

struct secret;

/** Copies `bytes` (any bytes, also none); the caller owns the secret. */
struct secret *secret_new(struct str bytes) MUST_CHECK;

/** A second secret with the same bytes; NULL for NULL. */
struct secret *secret_copy(const struct secret *s) MUST_CHECK;

/** Wipes and frees; NULL is allowed. */
void secret_free(struct secret *s);

/** Its bytes, valid as long as the secret; followed by a NUL.  The empty str for NULL. */
struct str secret_bytes(const struct secret *s) MUST_CHECK;

/** Overwrites `len` bytes at `at` so that no compiler leaves it out. */
void secret_wipe(void *at, size_t len);

#endif
