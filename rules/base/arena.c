#include "slipway/arena.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "slipway/memory.h"

#define BLOCK_MIN ((size_t)4096)

/* The newest block is the one that is taken from. */
struct block {
    struct block *older;
    size_t used, room;
    _Alignas(max_align_t) char bytes[];
};

struct arena {
    struct block *newest;
};

struct arena *
arena_new(void)
{
    return xcalloc(1, sizeof(struct arena));
}

void
arena_free(struct arena *a)
{
    struct block *older;

    if (a == NULL)
        return;
    for (struct block *b = a->newest; b != NULL; b = older) {
        older = b->older;
        free(b);
    }
    free(a);
}

void *
arena_take(struct arena *a, size_t size)
{
    const size_t align = _Alignof(max_align_t);
    struct block *b = a->newest;
    void *taken;

    assert(size <= SIZE_MAX / 4);
    size = (size + align - 1) / align * align;
    if (b == NULL || b->room - b->used < size) {
        size_t room = b != NULL ? b->room * 2 : BLOCK_MIN;

        /* Not larger than doubling needs: a large piece gets a block of its size. */
        room = room > 64 * BLOCK_MIN ? 64 * BLOCK_MIN : room;
        room = room < size ? size : room;
        b = xmalloc(sizeof(*b) + room);
        *b = (struct block){ .older = a->newest, .room = room };
        a->newest = b;
    }
    taken = b->bytes + b->used;
    b->used += size;
    return memset(taken, 0, size);
}

char *
arena_copy(struct arena *a, struct str s)
{
    char *copy = arena_take(a, s.len + 1);

    if (s.len > 0)
        memcpy(copy, s.at, s.len);
    return copy;
}
