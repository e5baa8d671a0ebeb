#include "engine/waiting.h"

#include <stdlib.h>
#include <string.h>

#include "slipway/memory.h"

void
waiting_free(struct waiting *w)
{
    free(w->items);
    *w = (struct waiting){ 0 };
}

/* Where the order stands, or would. */
static size_t
place_of(const struct waiting *w, int64_t order_id)
{
    size_t from = 0, to = w->count;

    while (from < to) {
        size_t middle = from + (to - from) / 2;

        if (w->items[middle].order_id < order_id)
            from = middle + 1;
        else
            to = middle;
    }
    return from;
}

bool
waiting_has(const struct waiting *w, int64_t order_id)
{
    size_t at = place_of(w, order_id);

    return at < w->count && w->items[at].order_id == order_id;
}

bool
waiting_put(struct waiting *w, int64_t order_id, int64_t holder)
{
    size_t at = place_of(w, order_id);

    if (at < w->count && w->items[at].order_id == order_id) {
        w->items[at].holder = holder;
        return false;
    }
    if (w->count == w->room) {
        w->room = w->room > 0 ? w->room * 2 : 16;
        w->items = xrealloc(w->items, w->room * sizeof(w->items[0]));
    }
    memmove(w->items + at + 1, w->items + at, (w->count - at) * sizeof(w->items[0]));
    w->items[at] = (struct wait){ order_id, holder };
    w->count++;
    return true;
}

bool
waiting_drop(struct waiting *w, int64_t order_id)
{
    size_t at = place_of(w, order_id);

    if (at == w->count || w->items[at].order_id != order_id)
        return false;
    w->count--;
    memmove(w->items + at, w->items + at + 1, (w->count - at) * sizeof(w->items[0]));
    return true;
}
