/* The whole state in one canonical text. */
#include <string.h>

#include "row.h"
#include "slipway/json_write.h"
#include "slipway/store_views.h"

/* ---- one deployment ------------------------------------------------------------------------- */

struct dumping {
    struct store *store;
    struct json_out *w;
    struct error *e;
    bool ok;
};

static void
dump_counts(void *cookie, const struct wave_view *v)
{
    struct json_out *w = cookie;

    json_open(w, '{');
    json_member_int(w, "wave", v->wave);
    json_member_int(w, "succeeded", v->counts.succeeded);
    json_member_int(w, "failed", v->counts.failed + v->counts.rejected + v->counts.timed_out);
    json_close(w, '}');
}

static void
dump_decision(void *cookie, const struct decision_view *v)
{
    struct json_out *w = cookie;

    json_open(w, '{');
    json_member(w, "approver", str_of(v->approver));
    json_member(w, "decision", str_of(v->decision));
    json_member(w, "digest", str_of(v->digest));
    json_close(w, '}');
}

/* How far a deployment had come when it was taken back depends on who was faster; that it was taken
 * back does not. */
static bool
ended_early(const struct deployment *d)
{
    return d->state == REJECTED || d->state == CANCELLED || d->state == SUPERSEDED;
}

static void
dump_deployment(void *cookie, const struct deployment_view *v)
{
    struct dumping *d = cookie;
    struct json_out *w = d->w;

    json_open(w, '{');
    json_member(w, "pipeline", str_of(v->d.pipeline));
    json_member_int(w, "generation", v->generation_number);
    json_member(w, "state", str_of(state_name(v->d.state)));
    if (!ended_early(&v->d)) {
        json_member(w, "digest", str_of(v->d.digest));
        json_member(w, "reason", str_of(v->d.reason));
    }
    json_member_int(w, "wave", v->d.wave);
    json_member(w, "wave_state", str_of(wave_state_name(v->d.wave_state)));
    json_member(w, "order", str_of(order_name(v->order.kind)));
    json_key(w, "waves");
    json_open(w, '[');
    d->ok = d->ok && view_waves(d->store, v->d.id, dump_counts, w, d->e);
    json_close(w, ']');
    json_key(w, "decisions");
    json_open(w, '[');
    d->ok = d->ok && view_decisions(d->store, v->d.id, dump_decision, w, d->e);
    json_close(w, ']');
    json_close(w, '}');
}

/* A package that was approved and rejected has several; they stand in the order of approval. */
static bool
dump_deployments(struct dumping *d, int64_t package_id)
{
    enum { MAX = 1024 };
    sqlite3_stmt *q = statement(d->store, QUERY_DUMP_DEPLOYMENTS);
    int64_t ids[MAX];
    size_t count = 0;

    bind_int(q, ":package_id", package_id);
    for (;;) {
        bool row;

        if (!statement_step(d->store, q, &row, d->e))
            return false;
        if (!row)
            break;
        if (count == MAX) {
            statement_end(q);
            return error_set(d->e, ERROR_INVALID, "package %lld has more than %d deployments",
                             (long long)package_id, MAX);
        }
        ids[count++] = sqlite3_column_int64(q, 0);
    }
    for (size_t i = 0; i < count && d->ok; i++)
        d->ok = view_deployment(d->store, ids[i], dump_deployment, d, d->e) && d->ok;
    return d->ok;
}

/* ---- the whole ------------------------------------------------------------------------------ */

static bool
dump_packages(struct dumping *d)
{
    sqlite3_stmt *q = statement(d->store, QUERY_DUMP_PACKAGES);

    for (;;) {
        struct sightings seen;
        bool row;

        if (!statement_step(d->store, q, &row, d->e))
            return false;
        if (!row)
            return true;
        json_open(d->w, '{');
        json_member(d->w, "model_package_arn", column_str(q, 1));
        json_member_bool(d->w, "approved",
                         sightings_read(&seen, column_str(q, 2)) && sightings_approved(&seen));
        json_key(d->w, "deployments");
        json_open(d->w, '[');
        if (!dump_deployments(d, sqlite3_column_int64(q, 0))) {
            statement_end(q);
            return false;
        }
        json_close(d->w, ']');
        json_close(d->w, '}');
    }
}

static bool
dump_quarantine(struct dumping *d)
{
    sqlite3_stmt *q = statement(d->store, QUERY_DUMP_QUARANTINE);

    for (;;) {
        bool row;

        if (!statement_step(d->store, q, &row, d->e))
            return false;
        if (!row)
            return true;
        json_open(d->w, '{');
        json_member(d->w, "sha256", column_str(q, 0));
        json_member(d->w, "reason", column_str(q, 1));
        json_close(d->w, '}');
    }
}

bool
view_dump_canonical(struct store *s, struct buf *out, struct error *e)
{
    struct json_out w = json_out(out);
    struct dumping d = { s, &w, e, true };

    json_open(&w, '{');
    json_member(&w, "schema", STR("slipway.dump/1"));
    json_key(&w, "packages");
    json_open(&w, '[');
    if (!dump_packages(&d))
        return error_while(e, "dump");
    json_close(&w, ']');
    json_key(&w, "quarantine");
    json_open(&w, '[');
    if (!dump_quarantine(&d))
        return error_while(e, "dump");
    json_close(&w, ']');
    json_close(&w, '}');
    return !out->overflow ||
           error_set(e, ERROR_INVALID, "the dump is larger than %zu bytes", out->max);
}
