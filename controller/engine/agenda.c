#include "engine/agenda.h"

#include <assert.h>
#include <stdlib.h>

#include "slipway/memory.h"

void
agenda_free(struct agenda *a)
{
    free(a->heap);
    *a = (struct agenda){ 0 };
}

/* Same moment: in the order of the orders, so that two runs do the same. */
static bool
is_before(const struct appointment *a, const struct appointment *b)
{
    if (a->at_ms != b->at_ms)
        return a->at_ms < b->at_ms;
    return a->order_id != b->order_id ? a->order_id < b->order_id
                                      : a->deployment_id < b->deployment_id;
}

void
agenda_add(struct agenda *a, struct appointment what)
{
    size_t at = a->count;

    if (a->count == a->room) {
        a->room = a->room > 0 ? a->room * 2 : 64;
        a->heap = xrealloc(a->heap, a->room * sizeof(a->heap[0]));
    }
    a->count++;
    for (; at > 0 && is_before(&what, &a->heap[(at - 1) / 2]); at = (at - 1) / 2)
        a->heap[at] = a->heap[(at - 1) / 2];
    a->heap[at] = what;
}

const struct appointment *
agenda_first(const struct agenda *a)
{
    return a->count > 0 ? &a->heap[0] : NULL;
}

struct appointment
agenda_take(struct agenda *a)
{
    struct appointment first, last;
    size_t at = 0;

    assert(a->count > 0);
    first = a->heap[0];
    last = a->heap[--a->count];
    for (;;) {
        size_t child = at * 2 + 1;

        if (child + 1 < a->count && is_before(&a->heap[child + 1], &a->heap[child]))
            child++;
        if (child >= a->count || !is_before(&a->heap[child], &last))
            break;
        a->heap[at] = a->heap[child];
        at = child;
    }
    if (a->count > 0)
        a->heap[at] = last;
    return first;
}
