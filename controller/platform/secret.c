#include "secret.h"

#include <stdlib.h>
#include <string.h>

#include "slipway/memory.h"

struct secret {
    size_t len;
    char bytes[]; /* `len` of them and a NUL. */
};

/* Called through a volatile pointer: the compiler cannot know what it does and keeps the call. */
static void *(*const volatile overwrite)(void *, int, size_t) = memset;

void
secret_wipe(void *at, size_t len)
{
    if (len > 0)
        overwrite(at, 0, len);
}

struct secret *
secret_new(struct str bytes)
{
    struct secret *s = xmalloc(sizeof(*s) + bytes.len + 1);

    s->len = bytes.len;
    if (bytes.len > 0)
        memcpy(s->bytes, bytes.at, bytes.len);
    s->bytes[bytes.len] = '\0';
    return s;
}

struct secret *
secret_copy(const struct secret *s)
{
    return s == NULL ? NULL : secret_new(secret_bytes(s));
}

void
secret_free(struct secret *s)
{
    if (s == NULL)
        return;
    secret_wipe(s, sizeof(*s) + s->len);
    free(s);
}

struct str
secret_bytes(const struct secret *s)
{
    return s == NULL ? (struct str){ NULL, 0 } : (struct str){ s->bytes, s->len };
}
