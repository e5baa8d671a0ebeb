#include "slipway/twin_result.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "slipway/json_write.h"

/* ---- checking ------------------------------------------------------------------------------- */

static bool
check_bound(struct json_value doc, const char *path, const char *ordered, struct error *e)
{
    char text[160];

    if (ordered == NULL)
        return true;
    if (!json_get_text(doc, path, text, sizeof(text), e))
        return error_while(e, "twin result");
    return strcmp(text, ordered) == 0 ||
           error_set(e, ERROR_CONFLICT, "twin result: %s is \"%s\", ordered was \"%.120s\"", path,
                     text, ordered);
}

/* The schema and the digest are refused whatever was ordered. */
static bool
check_subject(struct json_value doc, const struct twin_order *ordered, struct error *e)
{
    char schema[64];

    if (json_type(doc) != JSON_OBJECT)
        return error_set(e, ERROR_INVALID, "twin result: an object is needed, not %s",
                         json_type_name(doc));
    if (!json_get_text(doc, "schema", schema, sizeof(schema), e))
        return error_while(e, "twin result");
    if (strcmp(schema, TWIN_RESULT_SCHEMA) != 0)
        return error_set(e, ERROR_INVALID, "twin result: schema is \"%s\", needed \"%s\"", schema,
                         TWIN_RESULT_SCHEMA);
    return check_bound(doc, "run_id", ordered->run_id, e) &&
           check_bound(doc, "subject.artifact_sha256", ordered->artifact_sha256, e) &&
           check_bound(doc, "subject.component", ordered->component, e) &&
           check_bound(doc, "subject.version", ordered->version, e) &&
           check_bound(doc, "subject.target", ordered->target, e);
}

/* "suites.integration" for messages. */
static const char *
member_path(const char *what, struct json_value key, char *buf, size_t size)
{
    char name[80];

    if (!json_text(key, name, sizeof(name), NULL))
        snprintf(name, sizeof(name), "(a long name)");
    snprintf(buf, size, "%s.%s", what, name);
    return buf;
}

static bool
check_suites(struct json_value doc, struct error *e)
{
    static const char *const STATUSES[] = { "PASS", "FAIL", "ERROR", "SKIPPED" };
    struct json_value suites = json_get(doc, "suites");
    struct json_cursor c;
    char path[128];
    size_t i;

    if (json_type(suites) != JSON_OBJECT || json_size(suites) == 0)
        return error_set(e, ERROR_INVALID, "twin result: suites: at least one is needed");
    if (json_size(suites) > TWIN_RESULT_SUITES_MAX)
        return error_set(e, ERROR_INVALID, "twin result: suites: more than %d",
                         TWIN_RESULT_SUITES_MAX);
    for (c = json_first(suites); json_exists(c.value); json_next(&c)) {
        struct json_value status = json_get(c.value, "status");

        for (i = 0; i < ARRAY_LEN(STATUSES) && !json_is(status, STATUSES[i]);)
            i++;
        if (i == ARRAY_LEN(STATUSES))
            return error_set(e, ERROR_INVALID,
                             "twin result: %s.status must be PASS, FAIL, ERROR or SKIPPED",
                             member_path("suites", c.key, path, sizeof(path)));
    }
    return true;
}

static bool
check_metric(const char *path, struct json_value metric, struct error *e)
{
    struct json_value n = json_get(metric, "n");
    struct json_cursor c;
    double d;

    if (json_type(metric) != JSON_OBJECT)
        return error_set(e, ERROR_INVALID, "twin result: %s: an object is needed, not %s", path,
                         json_type_name(metric));
    for (c = json_first(metric); json_exists(c.value); json_next(&c))
        if (json_type(c.value) == JSON_NUMBER && !json_double(c.value, &d))
            return error_set(e, ERROR_INVALID, "twin result: %s: %.*s is no finite number", path,
                             (int)(json_raw(c.value).len > 40 ? 40 : json_raw(c.value).len),
                             json_raw(c.value).at);
    if (json_exists(n) && (!json_double(n, &d) || d < 0))
        return error_set(e, ERROR_INVALID, "twin result: %s.n must be a count", path);
    return true;
}

static bool
check_metrics(struct json_value doc, struct error *e)
{
    struct json_value metrics = json_get(doc, "metrics");
    struct json_cursor c;
    char path[128];

    if (json_type(metrics) != JSON_OBJECT)
        return error_set(e, ERROR_INVALID, "twin result: metrics: an object is needed, not %s",
                         json_type_name(metrics));
    if (json_size(metrics) > TWIN_RESULT_METRICS_MAX)
        return error_set(e, ERROR_INVALID, "twin result: metrics: more than %d",
                         TWIN_RESULT_METRICS_MAX);
    for (c = json_first(metrics); json_exists(c.value); json_next(&c))
        if (!check_metric(member_path("metrics", c.key, path, sizeof(path)), c.value, e))
            return false;
    return true;
}

bool
twin_result_check(struct json_value doc, const struct twin_order *ordered, struct error *e)
{
    return check_subject(doc, ordered, e) && check_suites(doc, e) && check_metrics(doc, e);
}

bool
twin_result_broken_suite(struct json_value doc, char *name, size_t size)
{
    struct json_cursor c;

    for (c = json_first(json_get(doc, "suites")); json_exists(c.value); json_next(&c)) {
        if (!json_is(json_get(c.value, "status"), "ERROR"))
            continue;
        if (!json_text(c.key, name, size, NULL))
            snprintf(name, size, "?");
        return true;
    }
    return false;
}

/* ---- what the gates look at ----------------------------------------------------------------- */

/* The power of ten of a number's first digit: 0 for 9.5, -2 for 0.05. */
static int
exponent_of(double d)
{
    char text[JSON_DOUBLE_SIZE];

    snprintf(text, sizeof(text), "%.0e", d);
    return (int)strtol(strchr(text, 'e') + 1, NULL, 10);
}

/*
 * a - b, rounded to the 15th significant digit of the larger one: decimals of
 * that many digits are exact, what lies beyond is only how doubles store them.
 */
static double
difference(double a, double b)
{
    char text[400];
    double larger = (a < 0 ? -a : a) > (b < 0 ? -b : b) ? a : b;
    int decimals = 14 - exponent_of(larger);

    if (decimals < 0 || decimals > 300)
        return a - b;
    snprintf(text, sizeof(text), "%.*f", decimals, a - b);
    return strtod(text, NULL);
}

static double
quotient(double a, double b)
{
    char text[JSON_DOUBLE_SIZE];

    snprintf(text, sizeof(text), "%.15g", a / b);
    return strtod(text, NULL);
}

static bool
is_derived(struct json_value key)
{
    return json_is(key, "baseline") || json_is(key, "delta") || json_is(key, "ratio");
}

static void
copy_members(struct json_out *w, struct json_value doc)
{
    struct json_cursor c;

    for (c = json_first(doc); json_exists(c.value); json_next(&c)) {
        if (is_derived(c.key) || json_is(c.key, "present"))
            continue;
        json_key_verbatim(w, json_source(c.key));
        json_verbatim(w, json_source(c.value));
    }
}

/* The member of an object with the same key as `key`. */
static struct json_value
same_member(struct json_value object, struct json_value key)
{
    char name[160];

    if (!json_text(key, name, sizeof(name), NULL))
        return (struct json_value){ NULL, 0 };
    return json_get(object, name);
}

/* One metric beside its baseline; nothing is written of what cannot be compared. */
static void
write_metric(struct json_out *w, struct json_value key, struct json_value metric,
             struct json_value base, bool ratio)
{
    struct json_cursor c;
    double a, b, out;

    json_key_verbatim(w, json_source(key));
    json_open(w, '{');
    for (c = json_first(metric); json_exists(c.value); json_next(&c)) {
        if (json_is(c.key, "n") || !json_double(c.value, &a) ||
            !json_double(same_member(base, c.key), &b) || (ratio && b == 0))
            continue;
        out = ratio ? quotient(a, b) : difference(a, b);
        if (out != out || out - out != 0)
            continue; /* Not finite. */
        json_key_verbatim(w, json_source(c.key));
        json_double_value(w, out);
    }
    json_close(w, '}');
}

static void
write_derived(struct json_out *w, const char *name, struct json_value doc,
              struct json_value baseline, bool ratio)
{
    struct json_value before = json_get(baseline, "metrics");
    struct json_cursor c;

    json_key(w, name);
    json_open(w, '{');
    for (c = json_first(json_get(doc, "metrics")); json_exists(c.value); json_next(&c))
        if (json_type(same_member(before, c.key)) == JSON_OBJECT)
            write_metric(w, c.key, c.value, same_member(before, c.key), ratio);
    json_close(w, '}');
}

bool
twin_result_input(struct json_value doc, struct json_value baseline, struct buf *out,
                  struct error *e)
{
    struct json_out w = json_out(out);

    json_open(&w, '{');
    copy_members(&w, doc);
    json_key(&w, "baseline");
    json_open(&w, '{');
    json_member_bool(&w, "present", json_type(baseline) == JSON_OBJECT);
    copy_members(&w, baseline);
    json_close(&w, '}');
    write_derived(&w, "delta", doc, baseline, false);
    write_derived(&w, "ratio", doc, baseline, true);
    json_close(&w, '}');
    return !out->overflow ||
           error_set(e, ERROR_INVALID, "the twin result and its baseline need more than %zu bytes",
                     out->max);
}
