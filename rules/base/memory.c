#include "slipway/memory.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void (*memory_exhausted)(void) = abort;

static void *
or_exhausted(void *memory)
{
    if (memory == NULL) {
        memory_exhausted();
        abort();
    }
    return memory;
}

void *
xmalloc(size_t size)
{
    return or_exhausted(malloc(size > 0 ? size : 1));
}

void *
xcalloc(size_t count, size_t size)
{
    return or_exhausted(calloc(count > 0 ? count : 1, size > 0 ? size : 1));
}

void *
xrealloc(void *old, size_t size)
{
    return or_exhausted(realloc(old, size > 0 ? size : 1));
}

char *
xstrcopy(struct str s)
{
    char *copy = xmalloc(s.len + 1);

    if (s.len > 0)
        memcpy(copy, s.at, s.len);
    copy[s.len] = '\0';
    return copy;
}

char *
xstrdup(const char *text)
{
    return xstrcopy(str_of(text));
}

/* Makes room for `more` bytes and a NUL; false, with `overflow` set, past the maximum. */
static bool
make_room(struct buf *b, size_t more)
{
    size_t room = b->room > 0 ? b->room : 256;

    if (b->overflow || more > b->max - b->len) {
        b->overflow = true;
        return false;
    }
    while (room < b->len + more + 1)
        room *= 2;
    if (room > b->room) {
        b->at = xrealloc(b->at, room);
        b->room = room;
    }
    return true;
}

void
buf_add(struct buf *b, struct str s)
{
    if (!make_room(b, s.len))
        return;
    if (s.len > 0)
        memcpy(b->at + b->len, s.at, s.len);
    b->len += s.len;
    b->at[b->len] = '\0';
}

void
buf_char(struct buf *b, char c)
{
    buf_add(b, (struct str){ &c, 1 });
}

void
buf_printf(struct buf *b, const char *fmt, ...)
{
    size_t left = b->room > b->len ? b->room - b->len : 0;
    va_list args, again;
    int needed;

    va_start(args, fmt);
    va_copy(again, args);
    needed = vsnprintf(left > 0 ? b->at + b->len : NULL, left, fmt, args);
    if (needed >= 0 && make_room(b, (size_t)needed)) {
        if ((size_t)needed >= left)
            vsnprintf(b->at + b->len, (size_t)needed + 1, fmt, again);
        b->len += (size_t)needed;
    } else if (left > 0) {
        b->at[b->len] = '\0';
    }
    va_end(again);
    va_end(args);
}

void
buf_clear(struct buf *b)
{
    b->len = 0;
    b->overflow = false;
    if (b->at != NULL)
        b->at[0] = '\0';
}

void
buf_free(struct buf *b)
{
    free(b->at);
    *b = (struct buf){ .max = b->max };
}

struct str
buf_str(const struct buf *b)
{
    return (struct str){ b->at, b->len };
}
