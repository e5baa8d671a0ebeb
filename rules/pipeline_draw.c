#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "slipway/pipeline.h"

struct drawing {
    char *buf;
    size_t size, used;
};

static void PRINTF_LIKE(2, 3) add(struct drawing *d, const char *fmt, ...)
{
    size_t room = d->used < d->size ? d->size - d->used : 0;
    va_list args;

    va_start(args, fmt);
    d->used += (size_t)vsnprintf(room > 0 ? d->buf + d->used : NULL, room, fmt, args);
    va_end(args);
}

/* Mermaid takes no '-' in a name. */
static const char *
node(enum state s, char name[32])
{
    snprintf(name, 32, "%s", state_name(s));
    for (char *p = name; (p = strchr(p, '-')) != NULL;)
        *p = '_';
    return name;
}

static void
add_row(struct drawing *d, const struct transition *t)
{
    char from[32], to[32];

    add(d, "    %s --> %s: %s", node(t->from, from), node(t->to, to), fact_name(t->fact));
    if (t->provided->name[0] != '\0')
        add(d, " (%s)", t->provided->name);
    if (t->order != ORDER_NONE)
        add(d, " / %s", order_name(t->order));
    add(d, "\n");
}

size_t
pipeline_draw(char *buf, size_t size)
{
    struct drawing d = { buf, size, 0 };
    char name[32];
    size_t rows;
    const struct transition *t = pipeline_table(&rows);

    add(&d, "stateDiagram-v2\n    [*] --> %s\n", node(RECEIVED, name));
    for (size_t i = 0; i < rows; i++)
        add_row(&d, &t[i]);
    for (unsigned s = 0; s < STATE_COUNT; s++)
        if (state_is_ended((enum state)s))
            add(&d, "    %s --> [*]\n", node((enum state)s, name));
    return d.used;
}
