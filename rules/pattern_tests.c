#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "pattern_internal.h"

/* Candidates as they stand in a pattern, made into tests. */

typedef bool operator_reader(struct pattern_reading *r, struct json_value operand,
                             struct test *test);

static struct test *
add_test(struct pattern_reading *r, enum test_kind kind)
{
    struct test *t = &r->to->tests[r->to->test_count++];

    *t = (struct test){ .kind = kind };
    return t;
}

static struct str
keep_text(struct pattern_reading *r, struct json_value string)
{
    size_t size = json_raw(string).len + 1, len = 0;
    char *text = arena_take(r->to->arena, size);
    bool fits = json_text(string, text, size, &len);

    assert(fits);
    (void)fits;
    return (struct str){ text, len };
}

static struct str
keep_raw(struct pattern_reading *r, struct json_value v)
{
    struct str raw = json_raw(v);

    return (struct str){ arena_copy(r->to->arena, raw), raw.len };
}

static bool
need_string(struct pattern_reading *r, struct json_value v, const char *what)
{
    return json_type(v) == JSON_STRING ||
           pattern_refuse(r, v, "%s must be a string, not %s", what, json_type_name(v));
}

/* ---- texts ---------------------------------------------------------------------------------- */

static void
set_ignore_case(struct pattern_reading *r, struct json_value operand, struct test *t,
                enum test_kind kind)
{
    t->kind = kind;
    t->text = keep_text(r, operand);
    pattern_case_lengths(t->text, &t->characters, &t->characters_max);
}

static bool
read_exactly(struct pattern_reading *r, struct json_value operand, struct test *t)
{
    if (!need_string(r, operand, "the operand of exactly"))
        return false;
    t->kind = TEST_TEXT;
    t->text = keep_text(r, operand);
    return true;
}

static bool
read_ignore_case(struct pattern_reading *r, struct json_value operand, struct test *t)
{
    if (!need_string(r, operand, "the operand of equals-ignore-case"))
        return false;
    set_ignore_case(r, operand, t, TEST_IGNORE_CASE);
    return true;
}

/* A string, or {"equals-ignore-case": string}. */
static bool
read_affix(struct pattern_reading *r, struct json_value operand, struct test *t, bool suffix)
{
    const char *name = suffix ? "suffix" : "prefix";
    struct json_cursor c;

    if (json_type(operand) == JSON_STRING) {
        t->kind = suffix ? TEST_SUFFIX : TEST_PREFIX;
        t->text = keep_text(r, operand);
        return true;
    }
    if (json_type(operand) != JSON_OBJECT)
        return pattern_refuse(r, operand, "the operand of %s must be a string, not %s", name,
                              json_type_name(operand));
    c = json_first(operand);
    if (json_size(operand) != 1)
        return pattern_refuse(r, operand, "only one key is allowed inside %s", name);
    if (!json_is(c.key, "equals-ignore-case"))
        return pattern_refuse(r, c.key, "%s does not know \"%.*s\", only equals-ignore-case", name,
                              STR_ARG(json_raw(c.key)));
    if (!need_string(r, c.value, "the operand of equals-ignore-case"))
        return false;
    set_ignore_case(r, c.value, t, suffix ? TEST_SUFFIX_ANY_CASE : TEST_PREFIX_ANY_CASE);
    return true;
}

static bool
read_prefix(struct pattern_reading *r, struct json_value operand, struct test *t)
{
    return read_affix(r, operand, t, false);
}

static bool
read_suffix(struct pattern_reading *r, struct json_value operand, struct test *t)
{
    return read_affix(r, operand, t, true);
}

static bool
read_wildcard(struct pattern_reading *r, struct json_value operand, struct test *t)
{
    const char *what;
    uint32_t *fallback;
    struct str text;
    size_t len;
    char *bytes;
    int bad;

    if (!need_string(r, operand, "the operand of wildcard"))
        return false;
    text = keep_text(r, operand);
    bytes = arena_take(r->to->arena, text.len + 1);
    bad = pattern_wildcard_read(text, bytes, &len, &what);
    if (bad >= 0)
        return pattern_refuse(r, operand, "%s at position %d of the wildcard", what, bad);
    t->kind = TEST_WILDCARD;
    t->text = (struct str){ bytes, len };
    fallback = arena_take(r->to->arena, (len + 1) * sizeof(fallback[0]));
    pattern_wildcard_prepare(t->text, fallback);
    t->fallback = fallback;
    return true;
}

/* ---- numbers -------------------------------------------------------------------------------- */

static bool
read_bound(struct pattern_reading *r, struct json_value v, const char *operator, double * out,
           struct str *text)
{
    if (json_type(v) != JSON_NUMBER)
        return pattern_refuse(r, v, "the value of %s must be a number, not %s", operator,
                              json_type_name(v));
    if (!json_double_exact(v, out))
        return pattern_refuse(r, v, "%.*s has more digits than a number can be compared by",
                              STR_ARG(json_raw(v)));
    *text = keep_raw(r, v);
    return true;
}

static const struct comparison {
    const char *name;
    bool low, high, included;
} COMPARISONS[] = {
    { "=", true, true, true },   { "<", false, true, false }, { "<=", false, true, true },
    { ">", true, false, false }, { ">=", true, false, true },
};

/* The comparison of that name that may still follow in the range; NULL if there is none. */
static const struct comparison *
find_comparison(struct json_value name, const struct test *t)
{
    for (size_t i = 0; i < ARRAY_LEN(COMPARISONS); i++)
        if (json_is(name, COMPARISONS[i].name))
            return t->has_low && COMPARISONS[i].low ? NULL : &COMPARISONS[i];
    return NULL;
}

/* Reads an operator and its number off the front of `c` into one end or both of the range. */
static bool
read_comparison(struct pattern_reading *r, struct json_value list, struct json_cursor *c,
                struct test *t)
{
    const struct comparison *how = find_comparison(c->value, t);

    if (json_type(c->value) != JSON_STRING)
        return pattern_refuse(r, c->value, "numeric needs an operator here, not %s",
                              json_type_name(c->value));
    if (how == NULL)
        return pattern_refuse(r, c->value, "bad operator of a numeric range: %.*s",
                              STR_ARG(json_raw(c->value)));
    json_next(c);
    if (!json_exists(c->value))
        return pattern_refuse(r, list, "the value of %s is missing", how->name);
    if (how->low) {
        t->has_low = true;
        t->low_included = how->included;
        if (!read_bound(r, c->value, how->name, &t->low, &t->low_text))
            return false;
    }
    if (how->high) {
        t->has_high = true;
        t->high_included = how->included;
        if (!read_bound(r, c->value, how->name, &t->high, &t->high_text))
            return false;
    }
    json_next(c);
    return true;
}

static bool
read_numeric(struct pattern_reading *r, struct json_value operand, struct test *t)
{
    struct json_cursor c;

    t->kind = TEST_RANGE;
    if (json_type(operand) != JSON_ARRAY)
        return pattern_refuse(r, operand, "the operand of numeric must be an array, not %s",
                              json_type_name(operand));
    c = json_first(operand);
    if (!json_exists(c.value))
        return pattern_refuse(r, operand, "numeric needs an operator and a number");
    if (!read_comparison(r, operand, &c, t))
        return false;
    if (!json_exists(c.value))
        return true;
    if (t->has_high) /* "=", "<" and "<=" stand alone. */
        return pattern_refuse(r, c.value, "too many elements in a numeric expression");
    if (!read_comparison(r, operand, &c, t))
        return false;
    if (json_exists(c.value))
        return pattern_refuse(r, c.value, "too many elements in a numeric expression");
    return t->low < t->high ||
           pattern_refuse(r, operand,
                          "the lower bound of a numeric range must be less than the upper");
}

/* ---- addresses and existence ---------------------------------------------------------------- */

static bool
read_cidr(struct pattern_reading *r, struct json_value operand, struct test *t)
{
    static const unsigned char MAPPED[12] = { [10] = 0xFF, 0xFF };
    struct str address, bits;
    int64_t n;

    if (!need_string(r, operand, "the operand of cidr"))
        return false;
    t->kind = TEST_CIDR;
    t->text = keep_text(r, operand);
    if (!str_cut(t->text, '/', &address, &bits) || memchr(bits.at, '/', bits.len) != NULL)
        return pattern_refuse(r, operand, "malformed cidr, one '/' is needed");
    if (!str_to_int(bits, &n) || bits.at[0] == '-')
        return pattern_refuse(r, operand, "malformed cidr, the bits of the mask must be a number");
    if (!pattern_address_read(address, &t->address) ||
        (t->address.v6 && memcmp(t->address.bytes, MAPPED, sizeof(MAPPED)) == 0))
        return pattern_refuse(r, operand, "nonstandard IP address: %.*s", STR_ARG(address));
    if (n >= (t->address.v6 ? 128 : 32))
        return pattern_refuse(r, operand, "the mask of a cidr must have fewer than %d bits",
                              t->address.v6 ? 128 : 32);
    t->bits = (unsigned)n;
    return true;
}

static bool
read_exists(struct pattern_reading *r, struct json_value operand, struct test *t)
{
    bool exists;

    if (!json_bool(operand, &exists))
        return pattern_refuse(r, operand, "the operand of exists must be either true or false");
    t->kind = exists ? TEST_EXISTS : TEST_ABSENT;
    return true;
}

/* ---- anything-but --------------------------------------------------------------------------- */

static void
set_number(struct pattern_reading *r, struct json_value v, struct test *t)
{
    t->kind = TEST_NUMBER;
    t->comparable = json_double_exact(v, &t->low);
    t->text = keep_raw(r, v);
}

static bool
read_excluded_scalar(struct pattern_reading *r, struct json_value v, struct test *t)
{
    if (json_type(v) == JSON_NUMBER) {
        set_number(r, v, t);
        return true;
    }
    t->kind = TEST_TEXT;
    if (json_type(v) == JSON_STRING)
        t->text = keep_text(r, v);
    return json_type(v) == JSON_STRING ||
           pattern_refuse(r, v, "anything-but needs strings or numbers, not %s", json_type_name(v));
}

static bool
read_excluded_affix(struct pattern_reading *r, struct json_value v, struct test *t, bool suffix)
{
    if (!need_string(r, v, suffix ? "suffix inside anything-but" : "prefix inside anything-but"))
        return false;
    if (json_raw(v).len == 0)
        return pattern_refuse(r, v, "an empty %s is not allowed inside anything-but",
                              suffix ? "suffix" : "prefix");
    return read_affix(r, v, t, suffix);
}

static bool
read_excluded_prefix(struct pattern_reading *r, struct json_value v, struct test *t)
{
    return read_excluded_affix(r, v, t, false);
}

static bool
read_excluded_suffix(struct pattern_reading *r, struct json_value v, struct test *t)
{
    return read_excluded_affix(r, v, t, true);
}

/* One operand or a list of them, each read by `read` into a test after number `owner`. */
static bool
read_excluded(struct pattern_reading *r, struct json_value v, uint32_t owner, operator_reader *read)
{
    struct json_cursor c;
    enum json_type type;

    if (json_type(v) != JSON_ARRAY) {
        r->to->tests[owner].count = 1;
        return read(r, v, add_test(r, TEST_TEXT));
    }
    if (json_size(v) == 0)
        return pattern_refuse(r, v, "empty lists are not allowed inside anything-but");
    c = json_first(v);
    type = json_type(c.value);
    for (; json_exists(c.value); json_next(&c)) {
        if (!read(r, c.value, add_test(r, TEST_TEXT)))
            return false;
        if (json_type(c.value) != type)
            return pattern_refuse(r, c.value,
                                  "inside anything-but all values must be strings or all numbers");
        r->to->tests[owner].count++;
    }
    return true;
}

static bool
read_anything_but(struct pattern_reading *r, struct json_value operand, struct test *t)
{
    static const struct {
        const char *name;
        operator_reader *read;
    } INNER[] = { { "prefix", read_excluded_prefix },
                  { "suffix", read_excluded_suffix },
                  { "wildcard", read_wildcard },
                  { "equals-ignore-case", read_ignore_case } };
    uint32_t owner = (uint32_t)(t - r->to->tests);
    struct json_cursor c;

    t->kind = TEST_ANYTHING_BUT;
    if (json_type(operand) == JSON_TRUE || json_type(operand) == JSON_FALSE ||
        json_type(operand) == JSON_NULL)
        return pattern_refuse(r, operand,
                              "anything-but needs a string, a number, a list or an object, not %s",
                              json_type_name(operand));
    if (json_type(operand) != JSON_OBJECT)
        return read_excluded(r, operand, owner, read_excluded_scalar);
    if (json_size(operand) != 1)
        return pattern_refuse(r, operand, "anything-but needs exactly one operator");
    c = json_first(operand);
    for (size_t i = 0; i < ARRAY_LEN(INNER); i++)
        if (json_is(c.key, INNER[i].name))
            return read_excluded(r, c.value, owner, INNER[i].read);
    return pattern_refuse(r, c.key, "anything-but does not know \"%.*s\"",
                          STR_ARG(json_raw(c.key)));
}

/* ---- candidates ----------------------------------------------------------------------------- */

static const struct {
    const char *name;
    operator_reader *read;
} OPERATORS[] = {
    { "exactly", read_exactly },
    { "prefix", read_prefix },
    { "suffix", read_suffix },
    { "equals-ignore-case", read_ignore_case },
    { "wildcard", read_wildcard },
    { "numeric", read_numeric },
    { "cidr", read_cidr },
    { "exists", read_exists },
    { "anything-but", read_anything_but },
};

bool
pattern_reserves(struct json_value key)
{
    /* Words that AWS's engine keeps for operators it does not have yet, and those of numeric. */
    static const char *const OTHERS[] = { "=",
                                          "<",
                                          "<=",
                                          ">",
                                          ">=",
                                          "regex",
                                          "not-wildcard",
                                          "not-equals-ignore-case",
                                          "date-after",
                                          "date-after-or-equals",
                                          "date-before",
                                          "date-before-or-equals",
                                          "in-date-range",
                                          "ip-address-in-range",
                                          "ip-address-not-in-range" };

    for (size_t i = 0; i < ARRAY_LEN(OPERATORS); i++)
        if (json_is(key, OPERATORS[i].name))
            return true;
    for (size_t i = 0; i < ARRAY_LEN(OTHERS); i++)
        if (json_is(key, OTHERS[i]))
            return true;
    return false;
}

static bool
read_operator(struct pattern_reading *r, struct json_value object)
{
    struct json_cursor c = json_first(object);

    if (json_size(object) != 1)
        return pattern_refuse(r, object,
                              json_size(object) == 0
                                  ? "an empty object is no candidate"
                                  : "only one key is allowed in a match expression");
    for (size_t i = 0; i < ARRAY_LEN(OPERATORS); i++)
        if (json_is(c.key, OPERATORS[i].name))
            return OPERATORS[i].read(r, c.value, add_test(r, TEST_TEXT));
    return pattern_refuse(r, c.key, "unrecognized match type \"%.*s\"", STR_ARG(json_raw(c.key)));
}

static bool
read_candidate(struct pattern_reading *r, struct json_value v)
{
    struct test *t;

    switch (json_type(v)) {
    case JSON_STRING:
        t = add_test(r, TEST_TEXT);
        t->text = keep_text(r, v);
        if (pattern_address_read(t->text, &t->address))
            t->kind = TEST_ADDRESS;
        return true;
    case JSON_NUMBER:
        set_number(r, v, add_test(r, TEST_NUMBER));
        return true;
    case JSON_TRUE:
    case JSON_FALSE:
    case JSON_NULL:
        add_test(r, TEST_WORD)->word = json_type(v);
        return true;
    case JSON_OBJECT:
        return read_operator(r, v);
    case JSON_ARRAY:
    default:
        return pattern_refuse(r, v, "an array is no candidate");
    }
}

bool
pattern_read_tests(struct pattern_reading *r, struct json_value candidates)
{
    struct json_cursor c;

    for (c = json_first(candidates); json_exists(c.value); json_next(&c))
        if (!read_candidate(r, c.value))
            return false;
    return true;
}
