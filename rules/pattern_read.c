#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "pattern_internal.h"

#define PATH_MAX_BYTES 4096
#define PATHS_MAX_BYTES 1048576

/* The alternatives as far as the text was read. */
struct set {
    struct alternative *items;
    uint32_t count;
};

/* Keys on the way from the root, joined by dots. */
struct path {
    char bytes[PATH_MAX_BYTES];
    size_t len;
    unsigned keys;
};

bool
pattern_refuse(struct pattern_reading *r, struct json_value v, const char *fmt, ...)
{
    unsigned line, column;
    char text[300];
    va_list args;

    va_start(args, fmt);
    vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);
    json_place(v, &line, &column);
    return error_set(r->e, ERROR_INVALID, "line %u, column %u: %s", line, column, text);
}

/* ---- alternatives --------------------------------------------------------------------------- */

/* Adds copies of all alternatives of `from` to `to`, each with room for PATTERN_FIELDS_MAX. */
static void
set_add(struct pattern_reading *r, struct set *to, const struct set *from)
{
    struct alternative *items = arena_take(r->scratch,
                                           (to->count + from->count) * sizeof(items[0]));

    if (to->count > 0)
        memcpy(items, to->items, to->count * sizeof(items[0]));
    for (uint32_t i = 0; i < from->count; i++) {
        const struct alternative *a = &from->items[i];
        uint32_t *fields = arena_take(r->scratch, PATTERN_FIELDS_MAX * sizeof(fields[0]));

        memcpy(fields, a->fields, a->count * sizeof(fields[0]));
        items[to->count + i] = (struct alternative){ fields, a->count };
    }
    *to = (struct set){ items, to->count + from->count };
}

/* Adds a field to an alternative; one with the same path gives way to it. */
static bool
add_to_alternative(struct pattern_reading *r, struct alternative *a, uint32_t field,
                   struct json_value at)
{
    const struct field *all = r->to->fields;

    for (uint32_t i = 0; i < a->count; i++) {
        if (str_equal(all[a->fields[i]].path, all[field].path)) {
            a->fields[i] = field;
            return true;
        }
    }
    if (a->count == PATTERN_FIELDS_MAX)
        return pattern_refuse(r, at, "more than %u fields", PATTERN_FIELDS_MAX);
    a->fields[a->count++] = field;
    return true;
}

/* ---- fields --------------------------------------------------------------------------------- */

/* Appends a key; `*before` is what to set `len` and `keys` back to. */
static bool
path_push(struct pattern_reading *r, struct path *path, struct json_value key)
{
    size_t dot = path->keys > 0, len;

    if (path->len + dot >= sizeof(path->bytes) ||
        !json_text(key, path->bytes + path->len + dot, sizeof(path->bytes) - path->len - dot, &len))
        return pattern_refuse(r, key, "the path is longer than %d bytes", PATH_MAX_BYTES);
    if (dot > 0)
        path->bytes[path->len] = '.';
    path->len += dot + len;
    path->keys++;
    return true;
}

static bool
read_field(struct pattern_reading *r, const struct path *path, struct json_value candidates,
           struct set *set)
{
    struct pattern *p = r->to;
    struct field f = { .first = p->test_count };

    r->path_bytes += path->len;
    if (r->path_bytes > PATHS_MAX_BYTES)
        return pattern_refuse(r, candidates, "the paths of all fields are too long together");
    if (json_size(candidates) == 0)
        return pattern_refuse(r, candidates, "empty arrays are not allowed");
    if (!pattern_read_tests(r, candidates))
        return false;
    f.end = p->test_count;
    for (uint32_t i = f.first; i < f.end; i++)
        f.absence = f.absence || p->tests[i].kind == TEST_ABSENT;
    p->takes_absence = p->takes_absence || f.absence;
    f.path.len = path->len;
    f.path.at = arena_copy(p->arena, (struct str){ path->bytes, path->len });
    p->fields[p->field_count++] = f;
    for (uint32_t i = 0; i < set->count; i++)
        if (!add_to_alternative(r, &set->items[i], p->field_count - 1, candidates))
            return false;
    return true;
}

static bool read_object(struct pattern_reading *r, struct path *path, struct json_value object,
                        struct set *set);

static bool
check_branch(struct pattern_reading *r, struct json_value branch)
{
    struct json_cursor c;

    if (json_type(branch) != JSON_OBJECT)
        return pattern_refuse(r, branch, "only objects are allowed in the array of $or, not %s",
                              json_type_name(branch));
    for (c = json_first(branch); json_exists(c.value); json_next(&c))
        if (pattern_reserves(c.key))
            return pattern_refuse(r, c.key, "\"%.*s\" is an operator, $or needs fields here",
                                  STR_ARG(json_raw(c.key)));
    return true;
}

/* Each branch is read into a copy of the alternatives so far; together they replace them. */
static bool
read_or(struct pattern_reading *r, struct path *path, struct json_value branches, struct set *set)
{
    struct set all = { NULL, 0 };
    struct json_cursor c;

    if (json_type(branches) != JSON_ARRAY)
        return pattern_refuse(r, branches, "$or needs an array of objects, not %s",
                              json_type_name(branches));
    if (json_size(branches) < 2)
        return pattern_refuse(r, branches, "$or needs at least 2 objects");
    for (c = json_first(branches); json_exists(c.value); json_next(&c)) {
        struct set branch = { NULL, 0 };

        if (!check_branch(r, c.value))
            return false;
        set_add(r, &branch, set);
        if (!read_object(r, path, c.value, &branch))
            return false;
        if (all.count + branch.count > PATTERN_ALTERNATIVES_MAX)
            return pattern_refuse(r, branches, "$or makes more than %d combinations",
                                  PATTERN_ALTERNATIVES_MAX);
        set_add(r, &all, &branch);
    }
    *set = all;
    return true;
}

static bool
read_member(struct pattern_reading *r, struct path *path, const struct json_cursor *c,
            struct set *set)
{
    size_t len = path->len;
    bool ok;

    if (json_is(c->key, "$or"))
        return read_or(r, path, c->value, set);
    if (!path_push(r, path, c->key))
        return false;
    if (json_type(c->value) == JSON_OBJECT)
        ok = read_object(r, path, c->value, set);
    else if (json_type(c->value) == JSON_ARRAY)
        ok = read_field(r, path, c->value, set);
    else
        ok = pattern_refuse(r, c->value, "\"%.*s\" must be an object or an array, not %s",
                            STR_ARG(json_raw(c->key)), json_type_name(c->value));
    path->len = len;
    path->keys--;
    return ok;
}

static bool
read_object(struct pattern_reading *r, struct path *path, struct json_value object, struct set *set)
{
    struct json_cursor c;

    if (json_size(object) == 0)
        return pattern_refuse(r, object, "empty objects are not allowed");
    for (c = json_first(object); json_exists(c.value); json_next(&c))
        if (!read_member(r, path, &c, set))
            return false;
    return true;
}

/* ---- the order in which fields are visited -------------------------------------------------- */

/* U+E000 to U+FFFF come after the supplementary planes in UTF-16, before them in UTF-8. */
static int
rank(unsigned char byte)
{
    return byte == 0xEE || byte == 0xEF ? byte + 0x10 : byte;
}

static int
compare_paths(struct str a, struct str b)
{
    size_t common = a.len < b.len ? a.len : b.len;

    for (size_t i = 0; i < common; i++)
        if (a.at[i] != b.at[i])
            return rank((unsigned char)a.at[i]) - rank((unsigned char)b.at[i]);
    return (a.len > b.len) - (a.len < b.len);
}

static void
sort_fields(const struct pattern *p, struct alternative *a)
{
    for (uint32_t i = 1; i < a->count; i++) {
        uint32_t field = a->fields[i], j = i;

        for (; j > 0 && compare_paths(p->fields[field].path, p->fields[a->fields[j - 1]].path) < 0;
             j--)
            a->fields[j] = a->fields[j - 1];
        a->fields[j] = field;
    }
}

/* True if a field that may be absent lies below the path of another one. */
static bool
has_absence_below(const struct pattern *p, const struct alternative *a)
{
    for (uint32_t i = 0; p->takes_absence && i < a->count; i++) {
        const struct field *f = &p->fields[a->fields[i]];

        for (uint32_t j = 0; f->absence && j < a->count; j++) {
            struct str above = p->fields[a->fields[j]].path;

            if (above.len < f->path.len && f->path.at[above.len] == '.' &&
                memcmp(above.at, f->path.at, above.len) == 0)
                return true;
        }
    }
    return false;
}

/* ---- the whole ------------------------------------------------------------------------------ */

/* Moves what was read from the scratch memory to the pattern's own. */
static void
keep_alternatives(struct pattern *p, const struct set *set)
{
    p->alternatives = arena_take(p->arena, set->count * sizeof(p->alternatives[0]));
    p->alternative_count = set->count;
    for (uint32_t i = 0; i < set->count; i++) {
        struct alternative *a = &p->alternatives[i];

        a->count = set->items[i].count;
        a->fields = arena_take(p->arena, a->count * sizeof(a->fields[0]));
        memcpy(a->fields, set->items[i].fields, a->count * sizeof(a->fields[0]));
        sort_fields(p, a);
        p->absence_below = p->absence_below || has_absence_below(p, a);
    }
}

static bool
read_root(struct pattern_reading *r, struct json_value root)
{
    struct pattern *p = r->to;
    struct alternative *first = arena_take(r->scratch, sizeof(*first));
    struct path *path = arena_take(r->scratch, sizeof(*path));
    struct set set = { first, 1 };
    struct test *tests;
    struct field *fields;

    first->fields = arena_take(r->scratch, PATTERN_FIELDS_MAX * sizeof(first->fields[0]));
    p->tests = arena_take(r->scratch, root.doc->count * sizeof(p->tests[0]));
    p->fields = arena_take(r->scratch, root.doc->count * sizeof(p->fields[0]));
    if (json_type(root) != JSON_OBJECT)
        return pattern_refuse(r, root, "a pattern is an object, not %s", json_type_name(root));
    if (!read_object(r, path, root, &set))
        return false;
    tests = arena_take(p->arena, p->test_count * sizeof(tests[0]));
    fields = arena_take(p->arena, p->field_count * sizeof(fields[0]));
    p->tests = memcpy(tests, p->tests, p->test_count * sizeof(tests[0]));
    p->fields = memcpy(fields, p->fields, p->field_count * sizeof(fields[0]));
    keep_alternatives(p, &set);
    return true;
}

struct pattern *
pattern_new(struct str text, struct error *e)
{
    struct pattern_reading r = { .e = e };
    struct arena *arena;
    struct json_token *tokens;
    struct json doc;
    bool ok;

    if (text.len > PATTERN_TEXT_MAX) {
        error_set(e, ERROR_INVALID, "a pattern has at most %d bytes, not %zu", PATTERN_TEXT_MAX,
                  text.len);
        return NULL;
    }
    arena = arena_new();
    r.to = arena_take(arena, sizeof(*r.to));
    r.to->arena = arena;
    r.scratch = arena_new();
    /* No text makes more tokens than every other byte of it. */
    tokens = arena_take(r.scratch, (text.len / 2 + 2) * sizeof(tokens[0]));
    ok = json_read_repeating(&doc, text, tokens, text.len / 2 + 2, e) &&
         read_root(&r, json_root(&doc));
    arena_free(r.scratch);
    if (ok)
        return r.to;
    pattern_free(r.to);
    return NULL;
}

void
pattern_free(struct pattern *p)
{
    if (p != NULL)
        arena_free(p->arena);
}

bool
pattern_check(struct str text, struct error *e)
{
    struct pattern *p = pattern_new(text, e);

    pattern_free(p);
    return p != NULL;
}

bool
pattern_takes_absence(const struct pattern *p)
{
    return p->takes_absence;
}
