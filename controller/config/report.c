#include "config/report.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void
fill_in(struct config_problem *p, const char *file, struct place at, const char *fmt, va_list args)
{
    int used;

    p->line = at.line;
    p->column = at.column;
    if (at.line == 0)
        used = snprintf(p->text, sizeof(p->text), "%.240s: ", file);
    else
        used = snprintf(p->text, sizeof(p->text), "%.240s:%zu:%zu: ", file, at.line, at.column);
    vsnprintf(p->text + used, sizeof(p->text) - (size_t)used, fmt, args);
}

void
report_problem(const struct reporter *r, struct place at, const char *fmt, ...)
{
    va_list args;

    if (r->to->problem_count == CONFIG_PROBLEMS_MAX) {
        r->to->problems_more++;
        return;
    }
    va_start(args, fmt);
    fill_in(&r->to->problems[r->to->problem_count++], r->file, at, fmt, args);
    va_end(args);
}

void
report_warning(const struct reporter *r, struct place at, const char *fmt, ...)
{
    va_list args;

    if (r->to->warning_count == CONFIG_PROBLEMS_MAX)
        return;
    va_start(args, fmt);
    fill_in(&r->to->warnings[r->to->warning_count++], r->file, at, fmt, args);
    va_end(args);
}

static bool
comes_before(const struct config_problem *a, const struct config_problem *b)
{
    return a->line < b->line || (a->line == b->line && a->column < b->column);
}

/* By insertion: few, and problems of one place must keep their order. */
static void
sort(struct config_problem *p, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        struct config_problem moving = p[i];
        size_t j = i;

        for (; j > 0 && comes_before(&moving, &p[j - 1]); j--)
            p[j] = p[j - 1];
        p[j] = moving;
    }
}

void
report_sort(struct config_report *report)
{
    sort(report->problems, report->problem_count);
    sort(report->warnings, report->warning_count);
}

const char *
shown(struct str text, char buf[SHOWN_SIZE])
{
    size_t most = SHOWN_SIZE - 8, len = text.len < most ? text.len : most;

    if (str_contains(text, STR("whsec_"))) {
        snprintf(buf, SHOWN_SIZE, "\"whsec_(hidden)\"");
        return buf;
    }
    /* No character is cut in two. */
    while (len < text.len && len > 0 && ((unsigned char)text.at[len] & 0xc0) == 0x80)
        len--;
    snprintf(buf, SHOWN_SIZE, "\"%.*s%s\"", (int)len, len > 0 ? text.at : "",
             len < text.len ? "..." : "");
    for (char *c = buf; *c != '\0'; c++)
        if ((unsigned char)*c < 0x20 || *c == 0x7f)
            *c = '?';
    return buf;
}

void
nearest_offer(struct nearest *n, const char *candidate)
{
    size_t distance = str_distance(n->word, str_of(candidate));

    if (n->best == NULL || distance < n->distance) {
        n->best = candidate;
        n->distance = distance;
    }
}

const char *
nearest_found(const struct nearest *n)
{
    size_t most = n->word.len / 3 > 2 ? n->word.len / 3 : 2;

    if (n->best == NULL || n->distance > most || n->distance >= n->word.len)
        return NULL;
    return n->best;
}
