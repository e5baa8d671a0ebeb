#include "figures.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "slipway/memory.h"
#include "slipway/str.h"

int64_t
now_us(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

void
need(bool worked, const struct error *e)
{
    if (worked)
        return;
    fprintf(stderr, "%s\n", e->text);
    exit(EXIT_FAILURE);
}

void
series_add(struct series *s, double value)
{
    if (s->count == s->room) {
        s->room = s->room > 0 ? s->room * 2 : 64;
        s->items = xrealloc(s->items, s->room * sizeof(s->items[0]));
    }
    s->items[s->count++] = value;
}

void
series_free(struct series *s)
{
    free(s->items);
    *s = (struct series){ 0 };
}

static int
compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

double
series_percentile(struct series *s, double percent)
{
    size_t at;

    if (s->count == 0)
        return 0;
    qsort(s->items, s->count, sizeof(s->items[0]), compare);
    at = (size_t)(percent / 100 * (double)s->count);
    return s->items[at < s->count ? at : s->count - 1];
}

const char *
option_text(int argc, char **argv, const char *name, const char *otherwise)
{
    for (int i = 1; i + 1 < argc; i++)
        if (strcmp(argv[i], name) == 0)
            return argv[i + 1];
    return otherwise;
}

int64_t
option_int(int argc, char **argv, const char *name, int64_t otherwise)
{
    const char *text = option_text(argc, argv, name, NULL);
    int64_t value;

    if (text == NULL)
        return otherwise;
    if (!str_to_int(str_of(text), &value) || value < 0) {
        fprintf(stderr, "%s: \"%s\" is no number\n", name, text);
        exit(2);
    }
    return value;
}
