#include "recipe.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "document.h"
#include "slipway/json_write.h"
#include "slipway/placeholder.h"

#define NUMBER_MAX 999999 /* Of major, minor and patch. */
#define VERSION_LEN_MAX 64
#define NAME_LEN_MAX 128
#define SCRIPT "exit 0"
#define GENERIC "aws.greengrass.generic"

/* ---- the version ---------------------------------------------------------------------------- */

/* One of major.minor.patch, without leading zeros. */
static bool
take_number(const char **at)
{
    const char *start = *at;
    long n = 0;

    while (isdigit((unsigned char)**at) && n <= NUMBER_MAX)
        n = n * 10 + (*(*at)++ - '0');
    return *at > start && n <= NUMBER_MAX && (*start != '0' || *at == start + 1);
}

/* "-beta.1" or "+build.5": words of letters, digits and hyphens between dots. */
static bool
take_words(const char **at)
{
    bool word = false;

    for ((*at)++; isalnum((unsigned char)**at) || **at == '-' || **at == '.'; (*at)++) {
        if (**at == '.' && !word)
            return false;
        word = **at != '.';
    }
    return word;
}

static bool
is_version(const char *text)
{
    const char *at = text;

    if (strlen(text) > VERSION_LEN_MAX || !take_number(&at) || *at++ != '.' || !take_number(&at) ||
        *at++ != '.' || !take_number(&at))
        return false;
    if (*at == '-' && !take_words(&at))
        return false;
    if (*at == '+' && !take_words(&at))
        return false;
    return *at == '\0';
}

bool
recipe_version(const char *pattern, int64_t number, char *buf, size_t size, struct error *e)
{
    struct buf out = { .max = VERSION_LEN_MAX + 1 };
    struct str rest = str_of(pattern), before, name, after;
    bool ok = true;

    while (ok && placeholder_next(rest, &before, &name, &after)) {
        ok = str_is(name, "version");
        buf_add(&out, before);
        buf_printf(&out, "%lld", (long long)number);
        if (ok && number <= 0) {
            buf_free(&out);
            return error_set(e, ERROR_INVALID,
                             "package.version is \"%s\", but the model package has no version "
                             "number; register it in a model package group",
                             pattern);
        }
        rest = after;
    }
    buf_add(&out, rest);
    ok = ok && !out.overflow && str_copy(buf, size, buf_str(&out)) && is_version(buf);
    buf_free(&out);
    if (!ok)
        return error_set(e, ERROR_INVALID,
                         "package.version \"%s\" with version %lld is no version Greengrass takes: "
                         "major.minor.patch, each at most %d, at most %d characters",
                         pattern, (long long)number, NUMBER_MAX, VERSION_LEN_MAX);
    return true;
}

/* ---- writing -------------------------------------------------------------------------------- */

static bool
is_component(const char *name)
{
    size_t len = strlen(name);

    return len > 0 && len <= NAME_LEN_MAX &&
           strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.") == len;
}

static bool
is_given(const char *text)
{
    return text != NULL && text[0] != '\0';
}

static void
write_member(struct json_out *w, const char *key, const char *value)
{
    if (is_given(value))
        json_member(w, key, str_of(value));
}

static void
write_platform(struct json_out *w, const struct recipe *r)
{
    json_key(w, "Platform");
    json_open(w, '{');
    write_member(w, "os", r->os);
    write_member(w, "architecture", r->architecture);
    write_member(w, "runtime", r->runtime);
    json_close(w, '}');
}

static void
write_lifecycle(struct json_out *w)
{
    json_key(w, "Lifecycle");
    json_open(w, '{');
    json_key(w, "run");
    json_open(w, '{');
    json_member(w, "Script", STR(SCRIPT));
    json_close(w, '}');
    json_close(w, '}');
}

static void
write_artifact(struct json_out *w, const struct recipe *r)
{
    json_key(w, "Artifacts");
    json_open(w, '[');
    json_open(w, '{');
    json_member(w, "Uri", str_of(r->uri));
    json_member(w, "Unarchive", STR("ZIP"));
    json_key(w, "Permission");
    json_open(w, '{');
    json_member(w, "Read", STR("ALL"));
    json_member(w, "Execute", STR("NONE"));
    json_close(w, '}');
    json_close(w, '}');
    json_close(w, ']');
}

static void
write_description(struct json_out *w, const struct recipe *r)
{
    char made_up[NAME_LEN_MAX + VERSION_LEN_MAX + 32];

    snprintf(made_up, sizeof(made_up), "Model %s %s", r->component, r->version);
    json_member(w, "ComponentDescription",
                str_of(is_given(r->description) ? r->description : made_up));
}

bool
recipe_write(const struct recipe *r, struct buf *out, struct error *e)
{
    struct json_out w = json_out(out);

    if (!is_component(r->component) || str_starts(str_of(r->component), "aws."))
        return error_set(e, ERROR_INVALID,
                         "component name \"%.140s\": Greengrass takes 1 to %d of A-Z a-z 0-9 - _ . "
                         "and keeps aws. for itself",
                         r->component, NAME_LEN_MAX);
    json_open(&w, '{');
    json_member(&w, "RecipeFormatVersion", STR("2020-01-25"));
    json_member(&w, "ComponentName", str_of(r->component));
    json_member(&w, "ComponentVersion", str_of(r->version));
    write_description(&w, r);
    write_member(&w, "ComponentPublisher", r->publisher);
    json_key(&w, "Manifests");
    json_open(&w, '[');
    json_open(&w, '{');
    write_platform(&w, r);
    write_lifecycle(&w);
    write_artifact(&w, r);
    json_close(&w, '}');
    json_close(&w, ']');
    json_close(&w, '}');
    if (out->overflow || out->len > RECIPE_MAX)
        return error_set(e, ERROR_INVALID,
                         "the recipe is longer than the %d bytes Greengrass takes", RECIPE_MAX);
    return true;
}

/* ---- comparing ------------------------------------------------------------------------------ */

/* A member whose key is spelt in any case, as AWS spells it differently from place to place. */
static struct json_value
member(struct json_value v, const char *key)
{
    for (struct json_cursor c = json_first(v); json_exists(c.value); json_next(&c)) {
        struct str have = json_raw(c.key);
        size_t i = 0;

        if (have.len != strlen(key))
            continue;
        while (i < have.len && tolower((unsigned char)have.at[i]) == tolower((unsigned char)key[i]))
            i++;
        if (i == have.len)
            return c.value;
    }
    return (struct json_value){ 0 };
}

static struct json_value
only(struct json_value list)
{
    if (json_type(list) != JSON_ARRAY || json_size(list) != 1)
        return (struct json_value){ 0 };
    return json_first(list).value;
}

static bool
same(struct json_value v, const char *key, const char *wanted, struct error *e)
{
    struct json_value have = member(v, key);
    char text[200];

    if (!is_given(wanted))
        wanted = NULL;
    if (wanted == NULL ? !json_exists(have) || json_type(have) == JSON_NULL : json_is(have, wanted))
        return true;
    if (!json_text(have, text, sizeof(text), NULL))
        snprintf(text, sizeof(text), "%s", json_type_name(have));
    return error_set(e, ERROR_CONFLICT, "its %s is %s, not %s", key, text,
                     wanted != NULL ? wanted : "absent");
}

/* Nothing is there but, perhaps, nulls. */
static bool
is_bare(struct json_value v)
{
    struct json_cursor c = json_first(v);

    if (json_exists(v) && json_type(v) != JSON_NULL && json_type(v) != JSON_OBJECT)
        return false;
    while (json_exists(c.value) && json_type(c.value) == JSON_NULL)
        json_next(&c);
    return !json_exists(c.value);
}

/* The only member that is not null, if it is called `key`. */
static struct json_value
only_member(struct json_value v, const char *key)
{
    struct json_value found = member(v, key);

    for (struct json_cursor c = json_first(v); json_exists(c.value); json_next(&c))
        if (json_type(c.value) != JSON_NULL && json_source(c.value).at != json_source(found).at)
            return (struct json_value){ 0 };
    return found;
}

/* A recipe with our artifact may do anything else beside: only what ours does is let through. */
static bool
does_what_ours_does(struct json_value root, struct json_value manifest, struct error *e)
{
    struct json_value run = only_member(member(manifest, "Lifecycle"), "run");
    struct json_value type = member(root, "ComponentType");

    if (json_type(run) == JSON_OBJECT)
        run = only_member(run, "Script");
    if (!json_is(run, SCRIPT) || !is_bare(member(root, "Lifecycle")))
        return error_set(e, ERROR_CONFLICT, "its lifecycle does something else than \"%s\"",
                         SCRIPT);
    if (!is_bare(member(root, "ComponentDependencies")))
        return error_set(e, ERROR_CONFLICT, "it depends on other components");
    if (json_exists(type) && json_type(type) != JSON_NULL && !json_is(type, GENERIC))
        return error_set(e, ERROR_CONFLICT, "its ComponentType is not %s", GENERIC);
    return true;
}

bool
recipe_is(const struct recipe *r, struct str text, struct error *e)
{
    struct document d;
    bool ok = document_read(&d, text, e);

    if (ok) {
        struct json_value root = json_root(&d.json), manifest = only(member(root, "Manifests"));
        struct json_value platform = member(manifest, "Platform");
        struct json_value artifact = only(member(manifest, "Artifacts"));

        if (!json_exists(artifact))
            ok = error_set(e, ERROR_CONFLICT, "it has not exactly one manifest with one artifact");
        else
            ok = same(root, "ComponentName", r->component, e) &&
                 same(root, "ComponentVersion", r->version, e) &&
                 same(artifact, "Digest", r->digest, e) && same(artifact, "Uri", r->uri, e) &&
                 same(artifact, "Unarchive", "ZIP", e) && same(platform, "os", r->os, e) &&
                 same(platform, "architecture", r->architecture, e) &&
                 same(platform, "runtime", r->runtime, e) && does_what_ours_does(root, manifest, e);
    }
    document_free(&d);
    return ok;
}

bool
recipe_digest(struct str text, char *buf, size_t size, struct error *e)
{
    struct document d;
    bool ok = document_read(&d, text, e);

    if (ok) {
        struct json_value root = json_root(&d.json), manifest = only(member(root, "Manifests"));

        if (!json_text(member(only(member(manifest, "Artifacts")), "Digest"), buf, size, NULL))
            ok = error_set(e, ERROR_INVALID,
                           "its recipe has not exactly one artifact with a digest");
        else
            ok = does_what_ours_does(root, manifest, e);
    }
    document_free(&d);
    return ok;
}
