#include "slipway/json.h"

static const struct json_value NOTHING = { NULL, 0 };

static const struct json_token *
token(struct json_value v)
{
    return &v.doc->tokens[v.at];
}

static struct str
token_text(struct json_value v)
{
    const struct json_token *t = token(v);

    return (struct str){ v.doc->text.at + t->start, t->end - t->start };
}

struct json_value
json_root(const struct json *doc)
{
    return (struct json_value){ doc, 0 };
}

bool
json_exists(struct json_value v)
{
    return v.doc != NULL;
}

enum json_type
json_type(struct json_value v)
{
    return v.doc != NULL ? (enum json_type)token(v)->type : JSON_NULL;
}

const char *
json_type_name(struct json_value v)
{
    static const char *const NAMES[] = {
        [JSON_NULL] = "null",        [JSON_FALSE] = "false",     [JSON_TRUE] = "true",
        [JSON_NUMBER] = "a number",  [JSON_STRING] = "a string", [JSON_ARRAY] = "an array",
        [JSON_OBJECT] = "an object",
    };

    return v.doc != NULL ? NAMES[token(v)->type] : "nothing";
}

static struct json_value
get(struct json_value v, struct str key)
{
    const struct json_token *tokens;
    uint32_t signature, at;

    if (json_type(v) != JSON_OBJECT)
        return NOTHING;
    tokens = v.doc->tokens;
    signature = json_signature(key);
    at = v.at + 1;
    for (uint32_t left = tokens[v.at].size; left > 0; left--, at = tokens[at + 1].next)
        if (tokens[at].size == signature && json_equal_str((struct json_value){ v.doc, at }, key))
            return (struct json_value){ v.doc, at + 1 };
    return NOTHING;
}

struct json_value
json_get(struct json_value v, const char *key)
{
    return get(v, str_of(key));
}

struct json_value
json_path(struct json_value v, const char *path)
{
    struct str rest = str_of(path), head;
    bool more = true;

    while (more && json_exists(v)) {
        more = str_cut(rest, '.', &head, &rest);
        v = get(v, head);
    }
    return v;
}

size_t
json_size(struct json_value v)
{
    enum json_type type = json_type(v);

    return type == JSON_ARRAY || type == JSON_OBJECT ? token(v)->size : 0;
}

/* The element or member whose first token is `at`. */
static void
stand_on(struct json_cursor *c, const struct json *doc, uint32_t at, bool member)
{
    c->key = member ? (struct json_value){ doc, at } : NOTHING;
    c->value = (struct json_value){ doc, member ? at + 1 : at };
}

struct json_cursor
json_first(struct json_value v)
{
    struct json_cursor c = { .left = (uint32_t)json_size(v) };

    if (c.left > 0)
        stand_on(&c, v.doc, v.at + 1, token(v)->type == JSON_OBJECT);
    return c;
}

void
json_next(struct json_cursor *c)
{
    bool member = json_exists(c->key);

    if (c->left > 0 && --c->left > 0)
        stand_on(c, c->value.doc, token(c->value)->next, member);
    else
        *c = (struct json_cursor){ .left = 0 };
}

struct str
json_raw(struct json_value v)
{
    return v.doc != NULL ? token_text(v) : (struct str){ NULL, 0 };
}

struct str
json_source(struct json_value v)
{
    struct str s = json_raw(v);

    if (json_type(v) == JSON_STRING)
        s = (struct str){ s.at - 1, s.len + 2 };
    return s;
}

bool
json_is(struct json_value v, const char *text)
{
    return json_equal_str(v, str_of(text));
}

bool
json_equal_str(struct json_value v, struct str text)
{
    struct json_bytes b;
    size_t i = 0;
    int c;

    if (json_type(v) != JSON_STRING)
        return false;
    if (!token(v)->escaped)
        return str_equal(token_text(v), text);
    b = json_bytes(v);
    while ((c = json_next_byte(&b)) >= 0)
        if (i == text.len || c != (unsigned char)text.at[i++])
            return false;
    return i == text.len;
}

bool
json_bool(struct json_value v, bool *out)
{
    enum json_type type = json_type(v);

    *out = type == JSON_TRUE;
    return type == JSON_TRUE || type == JSON_FALSE;
}

bool
json_int(struct json_value v, int64_t *out)
{
    return json_type(v) == JSON_NUMBER && str_to_int(token_text(v), out);
}

/* ---- members with errors -------------------------------------------------------------------- */

static bool
needed(struct json_value v, const char *path, enum json_type type, const char *what,
       struct error *e)
{
    if (!json_exists(v))
        return error_set(e, ERROR_NOT_FOUND, "%s is missing", path);
    if (json_type(v) != type)
        return error_set(e, ERROR_INVALID, "%s: %s is needed here, not %s", path, what,
                         json_type_name(v));
    return true;
}

bool
json_get_text(struct json_value v, const char *path, char *buf, size_t size, struct error *e)
{
    struct json_value member = json_path(v, path);

    buf[0] = '\0';
    if (!needed(member, path, JSON_STRING, "a string", e))
        return false;
    return json_text(member, buf, size, NULL) ||
           error_set(e, ERROR_INVALID, "%s is longer than %zu bytes", path, size - 1);
}

bool
json_get_int(struct json_value v, const char *path, int64_t *out, struct error *e)
{
    struct json_value member = json_path(v, path);

    *out = 0;
    if (!needed(member, path, JSON_NUMBER, "a number", e))
        return false;
    return json_int(member, out) ||
           error_set(e, ERROR_INVALID, "%s: a whole number of at most 64 bits is needed here",
                     path);
}
