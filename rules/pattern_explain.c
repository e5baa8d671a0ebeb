#include <stdio.h>
#include <string.h>

#include "pattern_internal.h"

/* ---- texts cut to fit ----------------------------------------------------------------------- */

/* Text that is cut, ending in "...", where its room ends. */
struct text {
    char *at;
    size_t size, len;
    bool cut;
};

static void
say(struct text *t, struct str s)
{
    size_t room = t->size - 1 - t->len;
    size_t take = s.len < room ? s.len : room;

    if (t->cut)
        return;
    if (take > 0)
        memcpy(t->at + t->len, s.at, take);
    t->len += take;
    t->at[t->len] = '\0';
    if (take == s.len)
        return;
    t->cut = true;
    t->len = t->size - 4;
    while (t->len > 0 && ((unsigned char)t->at[t->len] & 0xC0) == 0x80)
        t->len--; /* Not inside a character. */
    memcpy(t->at + t->len, "...", 4);
}

static void
say_text(struct text *t, const char *text)
{
    say(t, str_of(text));
}

static void
say_quoted(struct text *t, struct str s)
{
    say_text(t, "\"");
    say(t, s);
    say_text(t, "\"");
}

/* ---- what was needed ------------------------------------------------------------------------ */

static void
say_range(struct text *t, const struct test *test)
{
    if (test->has_low && test->has_high && test->low_included && test->high_included) {
        say_text(t, "= ");
        say(t, test->low_text);
        return;
    }
    if (test->has_low) {
        say_text(t, test->low_included ? ">= " : "> ");
        say(t, test->low_text);
    }
    if (test->has_low && test->has_high)
        say_text(t, " and ");
    if (test->has_high) {
        say_text(t, test->high_included ? "<= " : "< ");
        say(t, test->high_text);
    }
}

/* A wildcard with its stars back. */
static void
say_wildcard(struct text *t, struct str s)
{
    say_text(t, "a text like \"");
    for (size_t i = 0; i < s.len; i++)
        say(t, s.at[i] == '\0' ? STR("*") : (struct str){ s.at + i, 1 });
    say_text(t, "\"");
}

static void
say_operand(struct text *t, const char *before, struct str operand, const char *after)
{
    say_text(t, before);
    say_quoted(t, operand);
    say_text(t, after);
}

static void
say_test(struct text *t, const struct test *test)
{
    switch (test->kind) {
    case TEST_TEXT:
    case TEST_ADDRESS:
        say_quoted(t, test->text);
        break;
    case TEST_NUMBER:
        say(t, test->text);
        break;
    case TEST_WORD:
        say_text(t, test->word == JSON_TRUE ? "true" : test->word == JSON_FALSE ? "false" : "null");
        break;
    case TEST_PREFIX:
        say_operand(t, "a text starting with ", test->text, "");
        break;
    case TEST_SUFFIX:
        say_operand(t, "a text ending with ", test->text, "");
        break;
    case TEST_IGNORE_CASE:
        say_operand(t, "", test->text, " in any case");
        break;
    case TEST_PREFIX_ANY_CASE:
        say_operand(t, "a text starting with ", test->text, " in any case");
        break;
    case TEST_SUFFIX_ANY_CASE:
        say_operand(t, "a text ending with ", test->text, " in any case");
        break;
    case TEST_WILDCARD:
        say_wildcard(t, test->text);
        break;
    case TEST_RANGE:
        say_range(t, test);
        break;
    case TEST_CIDR:
        say_text(t, "an address in ");
        say(t, test->text);
        break;
    case TEST_EXISTS:
        say_text(t, "any value");
        break;
    case TEST_ABSENT:
        say_text(t, "no value");
        break;
    case TEST_ANYTHING_BUT:
    default:
        say_text(t, "anything but ");
        for (uint32_t i = 1; i <= test->count; i++) {
            say_text(t, i == 1 ? "" : ", ");
            say_test(t, test + i);
        }
        break;
    }
}

/* ---- misses --------------------------------------------------------------------------------- */

static void
describe(const struct pattern *p, const struct field *f, struct json_value event,
         enum pattern_why why, struct pattern_miss *miss)
{
    struct text field = { .at = miss->field, .size = sizeof(miss->field) };
    struct text seen = { .at = miss->seen, .size = sizeof(miss->seen) };
    struct text needed = { .at = miss->needed, .size = sizeof(miss->needed) };

    *miss = (struct pattern_miss){ .why = why };
    say(&field, f->path);
    say(&seen, json_source(pattern_first_leaf(event, f->path)));
    for (uint32_t i = f->first; i < f->end; i += 1 + p->tests[i].count) {
        say_text(&needed, i == f->first ? "" : " or ");
        say_test(&needed, &p->tests[i]);
    }
}

/* The fields of an alternative in the order of the text are those with rising numbers. */
static uint32_t
next_in_text(const struct alternative *a, uint32_t after)
{
    uint32_t next = UINT32_MAX;

    for (uint32_t i = 0; i < a->count; i++)
        if (a->fields[i] >= after && a->fields[i] < next)
            next = a->fields[i];
    return next;
}

static enum pattern_why
why_alone(const struct pattern *p, const struct field *f, struct json_value event)
{
    if (!json_exists(pattern_first_leaf(event, f->path)))
        return PATTERN_MISSING;
    return f->absence && f->end - f->first == 1 && p->tests[f->first].kind == TEST_ABSENT
               ? PATTERN_PRESENT
               : PATTERN_DIFFERENT;
}

static size_t
explain(const struct pattern *p, const struct alternative *a, struct json_value event,
        struct pattern_miss *misses, size_t max)
{
    uint32_t field = next_in_text(a, 0);
    size_t count = 0;

    /* First, because a field that must be absent may fail alone and not among the others. */
    if (pattern_satisfied(p, a->fields, a->count, event))
        return 0;
    for (; field != UINT32_MAX; field = next_in_text(a, field + 1)) {
        const struct field *f = &p->fields[field];

        if (pattern_satisfied(p, &field, 1, event))
            continue;
        if (count < max)
            describe(p, f, event, why_alone(p, f, event), &misses[count]);
        count++;
    }
    /* Each is satisfied, but not all in one element of some array: the first that breaks it. */
    for (uint32_t together = 2; count == 0 && together <= a->count; together++) {
        if (pattern_satisfied(p, a->fields, together, event))
            continue;
        if (max > 0)
            describe(p, &p->fields[a->fields[together - 1]], event, PATTERN_APART, &misses[0]);
        count = 1;
    }
    return count;
}

size_t
pattern_explain(const struct pattern *p, struct json_value event, struct pattern_miss *misses,
                size_t max)
{
    uint32_t best = 0;
    size_t least = SIZE_MAX;

    for (uint32_t i = 0; i < p->alternative_count && least > 0; i++) {
        size_t count = explain(p, &p->alternatives[i], event, NULL, 0);

        best = count < least ? i : best;
        least = count < least ? count : least;
    }
    return least > 0 ? explain(p, &p->alternatives[best], event, misses, max) : 0;
}

const char *
pattern_sentence(const struct pattern_miss *miss, char buf[PATTERN_SENTENCE_SIZE])
{
    switch (miss->why) {
    case PATTERN_MISSING:
        snprintf(buf, PATTERN_SENTENCE_SIZE, "%s is missing, needed %s", miss->field, miss->needed);
        break;
    case PATTERN_APART:
        snprintf(buf, PATTERN_SENTENCE_SIZE,
                 "%s is %s only in other array elements than the fields before it", miss->field,
                 miss->needed);
        break;
    case PATTERN_DIFFERENT:
    case PATTERN_PRESENT:
    default:
        snprintf(buf, PATTERN_SENTENCE_SIZE, "%s is %s, needed %s", miss->field, miss->seen,
                 miss->needed);
        break;
    }
    return buf;
}
