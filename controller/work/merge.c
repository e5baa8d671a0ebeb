#include "merge.h"

#include <stdlib.h>
#include <string.h>

#include "document.h"
#include "slipway/json_write.h"

#define VERSION_MEMBER "componentVersion"

/* ---- reading -------------------------------------------------------------------------------- */

static bool
read_object(struct document *d, struct str text, const char *what, struct error *e)
{
    if (text.len == 0)
        text = STR("{}");
    if (!document_read(d, text, e))
        return error_while(e, "%s", what);
    if (json_type(json_root(&d->json)) != JSON_OBJECT)
        return error_set(e, ERROR_INVALID, "%s: an object is needed, not %s", what,
                         json_type_name(json_root(&d->json)));
    return true;
}

static bool
fits(const struct buf *out, struct error *e)
{
    if (out->overflow)
        return error_set(e, ERROR_INVALID, "the document would be longer than %zu bytes", out->max);
    return true;
}

/* ---- nulls ---------------------------------------------------------------------------------- */

/* Outside strings, only null has an n. */
static bool
has_null(struct str json)
{
    bool quoted = false;

    for (size_t i = 0; i < json.len; i++) {
        if (json.at[i] == '"')
            quoted = !quoted;
        else if (quoted && json.at[i] == '\\')
            i++;
        else if (!quoted && json.at[i] == 'n')
            return true;
    }
    return false;
}

/* An object or array that is being written. */
struct level {
    struct json_cursor at;
    bool object, first;
};

static void
open_level(struct buf *out, struct level *l, struct json_value v)
{
    *l = (struct level){ json_first(v), json_type(v) == JSON_OBJECT, true };
    buf_char(out, l->object ? '{' : '[');
}

/* Writes what stands before the value of `c`. */
static void
put_head(struct buf *out, struct level *l, const struct json_cursor *c)
{
    if (!l->first)
        buf_char(out, ',');
    l->first = false;
    if (l->object) {
        buf_add(out, json_source(c->key));
        buf_char(out, ':');
    }
}

/* Writes `v`, byte for byte where there is no null in it. */
static void
put(struct buf *out, struct json_value v)
{
    struct level levels[JSON_DEPTH_MAX];
    size_t depth = 0;

    if (json_type(v) == JSON_NULL || !has_null(json_source(v))) {
        buf_add(out, json_source(v));
        return;
    }
    open_level(out, &levels[depth++], v);
    while (depth > 0) {
        struct level *l = &levels[depth - 1];
        struct json_cursor c = l->at;

        if (!json_exists(c.value)) {
            buf_char(out, l->object ? '}' : ']');
            depth--;
            continue;
        }
        json_next(&l->at);
        if (l->object && json_type(c.value) == JSON_NULL)
            continue;
        put_head(out, l, &c);
        if (json_type(c.value) == JSON_NULL || !has_null(json_source(c.value)))
            buf_add(out, json_source(c.value));
        else
            open_level(out, &levels[depth++], c.value);
    }
}

bool
merge_without_nulls(struct str text, struct buf *out, struct error *e)
{
    struct document d;
    bool ok = read_object(&d, text, "live deployment", e);

    if (ok) {
        put(out, json_root(&d.json));
        ok = fits(out, e);
    }
    document_free(&d);
    return ok;
}

/* ---- components ----------------------------------------------------------------------------- */

/* Every entry but the one of `component`; `*first` is false once there is one. */
static void
put_others(struct buf *out, struct json_value live, const char *component, bool *first)
{
    for (struct json_cursor c = json_first(live); json_exists(c.value); json_next(&c)) {
        if (json_is(c.key, component) || json_type(c.value) == JSON_NULL)
            continue;
        if (!*first)
            buf_char(out, ',');
        *first = false;
        buf_add(out, json_source(c.key));
        buf_char(out, ':');
        put(out, c.value);
    }
}

static void
put_key(struct buf *out, const char *component, bool first)
{
    struct json_out w = json_out(out);

    if (!first)
        buf_char(out, ',');
    json_string(&w, str_of(component));
    buf_char(out, ':');
}

/* The old entry with another version. */
static void
put_entry(struct buf *out, struct json_value old, const char *version)
{
    struct json_out w = json_out(out);

    json_open(&w, '{');
    json_member(&w, VERSION_MEMBER, str_of(version));
    for (struct json_cursor c = json_first(old); json_exists(c.value); json_next(&c)) {
        if (json_is(c.key, VERSION_MEMBER) || json_type(c.value) == JSON_NULL)
            continue;
        buf_char(out, ',');
        buf_add(out, json_source(c.key));
        buf_char(out, ':');
        put(out, c.value);
    }
    json_close(&w, '}');
}

bool
merge_version(struct str live, const char *component, const char *version, struct buf *out,
              struct error *e)
{
    struct document d;
    bool first = true, ok = read_object(&d, live, "live deployment", e);

    if (ok) {
        buf_char(out, '{');
        put_others(out, json_root(&d.json), component, &first);
        put_key(out, component, first);
        put_entry(out, json_get(json_root(&d.json), component), version);
        buf_char(out, '}');
        ok = fits(out, e);
    }
    document_free(&d);
    return ok;
}

bool
merge_entry(struct str live, const char *component, struct str entry, struct buf *out,
            struct error *e)
{
    struct document d, ours = { 0 };
    bool first = true;
    bool ok = read_object(&d, live, "live deployment", e) &&
              (entry.len == 0 || read_object(&ours, entry, "entry to be restored", e));

    if (ok) {
        buf_char(out, '{');
        put_others(out, json_root(&d.json), component, &first);
        if (entry.len > 0) {
            put_key(out, component, first);
            put(out, json_root(&ours.json));
        }
        buf_char(out, '}');
        ok = fits(out, e);
    }
    document_free(&d);
    document_free(&ours);
    return ok;
}

bool
merge_find(struct str live, const char *component, struct buf *entry, char *version, size_t size,
           struct error *e)
{
    struct document d;
    bool ok = read_object(&d, live, "live deployment", e);

    version[0] = '\0';
    if (ok) {
        struct json_value ours = json_get(json_root(&d.json), component);

        if (json_type(ours) == JSON_OBJECT) {
            put(entry, ours);
            if (!json_text(json_get(ours, VERSION_MEMBER), version, size, NULL))
                version[0] = '\0';
        }
        ok = fits(entry, e);
    }
    document_free(&d);
    return ok;
}

/* ---- the rest of a deployment --------------------------------------------------------------- */

/* The members of `v` but `without`, each with a comma after it. */
static void
put_members(struct buf *out, struct json_value v, const char *without)
{
    for (struct json_cursor c = json_first(v); json_exists(c.value); json_next(&c)) {
        if (json_is(c.key, without) || json_type(c.value) == JSON_NULL)
            continue;
        buf_add(out, json_source(c.key));
        buf_char(out, ':');
        put(out, c.value);
        buf_char(out, ',');
    }
}

bool
merge_job_configuration(struct str live, int64_t rate, struct buf *out, struct error *e)
{
    static const char ROLLOUT[] = "jobExecutionsRolloutConfig";
    struct document d;
    bool ok;

    if (rate == 0)
        return merge_without_nulls(live, out, e);
    ok = read_object(&d, live, "live job configuration", e);
    if (ok) {
        buf_char(out, '{');
        put_members(out, json_root(&d.json), ROLLOUT);
        buf_printf(out, "\"%s\":{", ROLLOUT);
        put_members(out, json_get(json_root(&d.json), ROLLOUT), "maximumPerMinute");
        buf_printf(out, "\"maximumPerMinute\":%lld}}", (long long)rate);
        ok = fits(out, e);
    }
    document_free(&d);
    return ok;
}

static bool
is_exact(struct json_value entry)
{
    struct str version = json_raw(json_get(entry, VERSION_MEMBER));

    if (version.len == 0 || json_type(json_get(entry, VERSION_MEMBER)) != JSON_STRING)
        return false;
    return memchr(version.at, '*', version.len) == NULL && version.at[0] >= '0' &&
           version.at[0] <= '9';
}

bool
merge_unpinned(struct str live, struct buf *out, struct error *e)
{
    struct document d;
    bool ok = read_object(&d, live, "live deployment", e), nucleus = false, public = false;
    struct json_out w = json_out(out);

    if (ok) {
        struct json_value root = json_root(&d.json);

        json_open(&w, '[');
        for (struct json_cursor c = json_first(root); json_exists(c.value); json_next(&c)) {
            if (!str_starts(json_raw(c.key), "aws."))
                continue;
            public = true;
            nucleus = nucleus || str_starts(json_raw(c.key), "aws.greengrass.Nucleus");
            if (!is_exact(c.value))
                json_string(&w, json_raw(c.key));
        }
        if (public && !nucleus)
            json_string(&w, STR("aws.greengrass.Nucleus"));
        json_close(&w, ']');
        ok = fits(out, e);
    }
    document_free(&d);
    return ok;
}

bool
merge_tag_is(struct str tags, const char *key, const char *value)
{
    struct document d;
    struct error e;
    bool is = read_object(&d, tags, "tags", &e) &&
              json_is(json_get(json_root(&d.json), key), value);

    document_free(&d);
    return is;
}
