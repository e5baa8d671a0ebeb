#ifndef SLIPWAY_MEMORY_H
#define SLIPWAY_MEMORY_H

/**
 * Memory: allocation that does not fail, and a byte buffer that knows its bound.
 *
 * Out of memory ends the process (see docs/decisions/0008-out-of-memory.md):
 * the daemon must survive being killed at any moment anyway.  Sizes that come
 * from outside are limited before they get here.
 */

#include "slipway/str.h"

/** malloc, calloc, realloc and strdup that end the process instead of failing; free() what they
 * return. */
void *xmalloc(size_t size) MUST_CHECK;
void *xcalloc(size_t count, size_t size) MUST_CHECK;
void *xrealloc(void *old, size_t size) MUST_CHECK;
char *xstrdup(const char *text) MUST_CHECK;

/** A NUL-terminated copy of `s`; the caller owns it. */
char *xstrcopy(struct str s) MUST_CHECK;

/** Called once when memory runs out; must not return.  The default aborts. */
extern void (*memory_exhausted)(void);

/**
 * Buf: bytes that grow up to a maximum.
 *
 *     struct buf b = { .max = 65536 };
 *     buf_add(&b, STR("hello"));
 *     if (b.overflow) ...
 *     buf_free(&b);
 *
 * Past `max` nothing more is added and `overflow` stays true until
 * buf_clear(), so that a writer may check once, at the end.
 */
struct buf {
    char *at; /* Owned; NUL-terminated once anything was added. */
    size_t len, room;
    size_t max; /* Set by the caller before the first use. */
    bool overflow;
};

void buf_add(struct buf *b, struct str s);
void buf_char(struct buf *b, char c);
void buf_printf(struct buf *b, const char *fmt, ...) PRINTF_LIKE(2, 3);

/** Forgets the content, keeps the room. */
void buf_clear(struct buf *b);

/** Frees the room; the struct may be used again. */
void buf_free(struct buf *b);

/** What was written; valid until the next change. */
struct str buf_str(const struct buf *b) MUST_CHECK;

#endif
