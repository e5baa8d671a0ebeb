/* links: slipway_rules slipway_base */

/*
 * Arrays are where a matcher goes wrong: random patterns over random events,
 * each verdict compared with that of an evaluator that simply tries everything.
 */
#include "slipway/pattern.h"

#include <string.h>

#include "slipway/memory.h"
#include "suite.h"

#define VERDICTS 30000
#define LEAVES_MAX 256
#define FIELDS_MAX 5
#define ARRAYS_MAX 16

static uint64_t state;
static unsigned letters; /* How many different ones keys are made of: with two, more fields meet. */

static unsigned
dice(unsigned sides)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (unsigned)(state >> 33) % sides;
}

/* ---- random input --------------------------------------------------------------------------- */

static void
write_value(struct buf *b, unsigned depth, bool dots)
{
    static const char *const KEYS[] = { "a", "b", "c", "a.b", "b.a" };
    unsigned kind = depth >= 5 ? 2 : dice(5), size = dice(4);

    if (kind >= 3 || depth == 0) {
        bool used[5] = { false };
        unsigned written = 0;

        buf_char(b, '{');
        for (unsigned i = 0; i < size + 1; i++) {
            unsigned key = dots && dice(3) == 0 ? 3 + dice(2) : dice(letters);

            if (used[key])
                continue;
            used[key] = true;
            buf_printf(b, "%s\"%s\":", written++ > 0 ? "," : "", KEYS[key]);
            write_value(b, depth + 1, dots);
        }
        buf_char(b, '}');
    } else if (kind == 2) {
        buf_printf(b, "%u", dice(3));
    } else {
        buf_char(b, '[');
        for (unsigned i = 0; i < size; i++) {
            buf_add(b, i > 0 ? STR(",") : STR(""));
            write_value(b, depth + 1, dots);
        }
        buf_char(b, ']');
    }
}

struct plain_field {
    char path[16];
    bool wanted[3]; /* The numbers that will do. */
    bool absence;
};

/* One to FIELDS_MAX different paths of one to three keys. */
static unsigned
make_fields(struct plain_field *fields)
{
    unsigned count = 1 + dice(FIELDS_MAX), made = 0;

    for (unsigned i = 0; i < count; i++) {
        struct plain_field f = { .path = "" };
        unsigned keys = 1 + dice(3);
        bool again = false;

        for (unsigned k = 0; k < keys; k++) {
            f.path[2 * k] = (char)('a' + dice(letters));
            f.path[2 * k + 1] = k + 1 < keys ? '.' : '\0';
        }
        for (unsigned k = 0; k < made; k++)
            again = again || strcmp(fields[k].path, f.path) == 0;
        f.wanted[dice(3)] = true;
        f.wanted[dice(3)] = true;
        f.absence = dice(4) == 0;
        if (f.absence && dice(2) == 0)
            memset(f.wanted, 0, sizeof(f.wanted));
        if (!again)
            fields[made++] = f;
    }
    return made;
}

static void
write_pattern(struct buf *b, const struct plain_field *fields, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        unsigned written = 0;

        buf_printf(b, "%s\"%s\":[", i == 0 ? "{" : ",", fields[i].path);
        for (unsigned n = 0; n < 3; n++)
            if (fields[i].wanted[n])
                buf_printf(b, "%s%u", written++ > 0 ? "," : "", n);
        if (fields[i].absence)
            buf_printf(b, "%s{\"exists\":false}", written > 0 ? "," : "");
        buf_char(b, ']');
    }
    buf_char(b, '}');
}

/* ---- the plain evaluator -------------------------------------------------------------------- */

struct leaf {
    char path[64];
    unsigned value;
    unsigned arrays;
    uint32_t array[ARRAYS_MAX], element[ARRAYS_MAX];
};

static struct leaf leaves[LEAVES_MAX];
static unsigned leaf_count;

static void
flatten(struct json_value v, struct leaf here)
{
    struct json_cursor c;
    int64_t n;

    if (json_int(v, &n)) {
        here.value = (unsigned)n;
        ck_assert_uint_lt(leaf_count, LEAVES_MAX);
        leaves[leaf_count++] = here;
        return;
    }
    for (c = json_first(v); json_exists(c.value); json_next(&c)) {
        struct leaf below = here;

        if (json_exists(c.key)) {
            strcat(below.path, here.path[0] != '\0' ? "." : "");
            strncat(below.path, json_raw(c.key).at, json_raw(c.key).len);
        } else if (json_type(c.value) == JSON_ARRAY || json_type(c.value) == JSON_OBJECT) {
            below.array[below.arrays] = v.at;
            below.element[below.arrays++] = c.value.at;
        }
        flatten(c.value, below);
    }
}

static bool
is_consistent(const struct leaf *a, const struct leaf *b)
{
    for (unsigned i = 0; i < a->arrays; i++)
        for (unsigned j = 0; j < b->arrays; j++)
            if (a->array[i] == b->array[j] && a->element[i] != b->element[j])
                return false;
    return true;
}

/* Every combination of leaves; `chosen` are those of the fields before. */
static bool
try_all(const struct plain_field *fields, unsigned count, unsigned index,
        const struct leaf **chosen, unsigned chosen_count)
{
    bool seen = false;

    if (index == count)
        return true;
    for (unsigned i = 0; i < leaf_count; i++) {
        bool fits = strcmp(leaves[i].path, fields[index].path) == 0;

        for (unsigned k = 0; fits && k < chosen_count; k++)
            fits = is_consistent(&leaves[i], chosen[k]);
        if (!fits)
            continue;
        seen = true;
        chosen[chosen_count] = &leaves[i];
        if (fields[index].wanted[leaves[i].value] &&
            try_all(fields, count, index + 1, chosen, chosen_count + 1))
            return true;
    }
    return !seen && fields[index].absence &&
           try_all(fields, count, index + 1, chosen, chosen_count);
}

static int
by_path(const void *a, const void *b)
{
    return strcmp(((const struct plain_field *)a)->path, ((const struct plain_field *)b)->path);
}

/* ---- the comparison ------------------------------------------------------------------------- */

static void
compare(uint64_t seed, bool dots)
{
    static struct json_token tokens[2048];
    struct plain_field fields[FIELDS_MAX];
    const struct leaf *chosen[FIELDS_MAX];
    struct buf text = { .max = 65536 }, pattern = { .max = 4096 };
    unsigned matched = 0;
    struct error e;
    struct json doc;

    state = seed;
    for (unsigned i = 0; i < VERDICTS; i++) {
        unsigned count;
        struct pattern *p;
        bool expected, seen;

        letters = 2 + i % 2;
        count = make_fields(fields);
        buf_clear(&text);
        buf_clear(&pattern);
        write_value(&text, 0, dots);
        write_pattern(&pattern, fields, count);
        p = pattern_new(buf_str(&pattern), &e);
        ck_assert(p != NULL && json_read(&doc, buf_str(&text), tokens, ARRAY_LEN(tokens), &e));
        leaf_count = 0;
        flatten(json_root(&doc), (struct leaf){ .path = "" });
        qsort(fields, count, sizeof(fields[0]), by_path);
        expected = try_all(fields, count, 0, chosen, 0);
        seen = pattern_match(p, json_root(&doc));
        if (seen != expected)
            ck_abort_msg("%s on %s should be %d", pattern.at, text.at, expected);
        if (seen != (pattern_explain(p, json_root(&doc), NULL, 0) == 0))
            ck_abort_msg("%s on %s: the explanation differs", pattern.at, text.at);
        matched += seen;
        pattern_free(p);
    }
    /* Both verdicts must be frequent, or nothing is compared. */
    ck_assert_uint_gt(matched, VERDICTS / 20);
    ck_assert_uint_lt(matched, VERDICTS / 20 * 19);
    buf_free(&text);
    buf_free(&pattern);
}

START_TEST(agrees_with_trying_everything)
{
    compare(UINT64_C(0x9E3779B97F4A7C15), false);
}
END_TEST

START_TEST(agrees_with_trying_everything_where_keys_hold_dots)
{
    compare(UINT64_C(0xD1B54A32D192ED03), true);
}
END_TEST

SUITE(pattern_arrays, agrees_with_trying_everything,
      agrees_with_trying_everything_where_keys_hold_dots)
