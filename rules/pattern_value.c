#include "pattern_internal.h"

/* One leaf of an event against one candidate. */

static bool
number_accepts(const struct test *t, struct json_value v)
{
    double d;

    if (t->comparable && json_double_exact(v, &d))
        return d == t->low;
    /* What is no double of its own is the same only if it is spelled the same. */
    return str_equal(json_raw(v), t->text);
}

static bool
range_accepts(const struct test *t, struct json_value v)
{
    double d;

    if (!json_double_exact(v, &d))
        return false;
    if (t->has_low && (t->low_included ? d < t->low : d <= t->low))
        return false;
    return !t->has_high || (t->high_included ? d <= t->high : d < t->high);
}

static bool
address_accepts(const struct test *t, struct json_value v)
{
    struct address a;

    if (!pattern_address_of(v, &a))
        return false;
    return pattern_address_in(&a, &t->address, t->kind == TEST_CIDR ? t->bits : a.v6 ? 128 : 32);
}

static bool
none_of(const struct test *t, struct json_value v)
{
    for (uint32_t i = 1; i <= t->count; i++)
        if (pattern_accepts(t + i, v))
            return false;
    return true;
}

bool
pattern_accepts(const struct test *t, struct json_value v)
{
    enum json_type type = json_type(v);

    switch (t->kind) {
    case TEST_TEXT:
        return json_equal_str(v, t->text);
    case TEST_NUMBER:
        return type == JSON_NUMBER && number_accepts(t, v);
    case TEST_RANGE:
        return type == JSON_NUMBER && range_accepts(t, v);
    case TEST_WORD:
        return type == t->word;
    case TEST_ADDRESS:
    case TEST_CIDR:
        return type == JSON_STRING && address_accepts(t, v);
    case TEST_EXISTS:
        return true;
    case TEST_ABSENT:
        return false;
    case TEST_ANYTHING_BUT:
        return none_of(t, v);
    case TEST_PREFIX:
    case TEST_SUFFIX:
    case TEST_IGNORE_CASE:
    case TEST_PREFIX_ANY_CASE:
    case TEST_SUFFIX_ANY_CASE:
    case TEST_WILDCARD:
    default:
        return type == JSON_STRING && pattern_text_accepts(t, v);
    }
}

bool
pattern_field_accepts(const struct pattern *p, const struct field *f, struct json_value v)
{
    for (uint32_t i = f->first; i < f->end; i += 1 + p->tests[i].count)
        if (pattern_accepts(&p->tests[i], v))
            return true;
    return false;
}
