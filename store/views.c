/* What people read: pages of deployments, one deployment, its history and its waves. */
#include "slipway/store_views.h"

#include <stdio.h>
#include <string.h>

#include "history.h"
#include "row.h"
#include "slipway/json.h"

/* ---- deployments ---------------------------------------------------------------------------- */

static int64_t
generation_number(struct str sightings, int64_t approved_s)
{
    struct approval_run runs[SIGHTINGS_MAX];
    struct sightings seen;
    size_t count;

    if (!sightings_read(&seen, sightings))
        return 0;
    count = sightings_runs(&seen, runs);
    for (size_t i = 0; i < count; i++)
        if (run_contains(&runs[i], approved_s))
            return (int64_t)i + 1;
    return 0;
}

/* Reads the row of view_page, view_page_open or view_one. */
static bool
read_view(sqlite3_stmt *q, struct deployment_view *v, struct error *e)
{
    struct str kind = column_str(q, ROW_COLUMNS + 2);

    *v = (struct deployment_view){ .arn = column_text(q, ROW_COLUMNS) };
    if (!deployment_row(q, &v->d, e))
        return false;
    v->received_ms = row_received_ms(q);
    v->generation_number = generation_number(column_str(q, ROW_COLUMNS + 1), v->d.approved_s);
    if (kind.len == 0)
        return true;
    v->order = (struct order){ .id = v->d.order_id,
                               .deployment_id = v->d.id,
                               .due_ms = sqlite3_column_int64(q, ROW_COLUMNS + 3),
                               .tries = sqlite3_column_int64(q, ROW_COLUMNS + 4) };
    return order_parse(kind, &v->order.kind) ||
           error_set(e, ERROR_STORAGE, "order %lld: kind \"%.*s\" is unknown",
                     (long long)v->order.id, STR_ARG(kind));
}

static bool
each_view(struct store *s, sqlite3_stmt *q, view_deployment_each *each, void *cookie, int64_t *rows,
          struct error *e)
{
    for (*rows = 0;; (*rows)++) {
        struct deployment_view v;
        bool row;

        if (!statement_step(s, q, &row, e))
            return false;
        if (!row)
            return true;
        if (!read_view(q, &v, e)) {
            statement_end(q);
            return false;
        }
        each(cookie, &v);
    }
}

static bool
page(struct store *s, enum query which, int64_t before_id, int64_t limit,
     view_deployment_each *each, void *cookie, struct error *e)
{
    sqlite3_stmt *q = statement(s, which);
    int64_t rows;

    bind_int(q, ":before_id", before_id > 0 ? before_id : INT64_MAX);
    bind_int(q, ":limit", limit < 1 ? 1 : limit > 1000 ? 1000 : limit);
    return each_view(s, q, each, cookie, &rows, e) || error_while(e, "read deployments");
}

bool
view_deployments(struct store *s, int64_t before_id, int64_t limit, view_deployment_each *each,
                 void *cookie, struct error *e)
{
    return page(s, QUERY_VIEW_PAGE, before_id, limit, each, cookie, e);
}

bool
view_deployments_open(struct store *s, int64_t before_id, int64_t limit, view_deployment_each *each,
                      void *cookie, struct error *e)
{
    return page(s, QUERY_VIEW_PAGE_OPEN, before_id, limit, each, cookie, e);
}

bool
view_deployment(struct store *s, int64_t id, view_deployment_each *each, void *cookie,
                struct error *e)
{
    sqlite3_stmt *q = statement(s, QUERY_VIEW_ONE);
    int64_t rows;

    bind_int(q, ":id", id);
    if (!each_view(s, q, each, cookie, &rows, e))
        return error_while(e, "read deployment %lld", (long long)id);
    return rows == 1 || error_set(e, ERROR_NOT_FOUND, "no deployment %lld", (long long)id);
}

/* ---- history -------------------------------------------------------------------------------- */

static const char *
hex(struct str bytes, char out[65])
{
    out[0] = '\0';
    for (size_t i = 0; i < bytes.len && i < 32; i++)
        snprintf(out + i * 2, 3, "%02x", (unsigned char)bytes.at[i]);
    return out;
}

/* The reason a record's detail gives, or "". */
static const char *
reason_of(struct str detail, char *buf, size_t size)
{
    struct json_token tokens[64];
    struct json doc;
    struct error e;

    buf[0] = '\0';
    if (json_read(&doc, detail, tokens, ARRAY_LEN(tokens), &e))
        (void)!json_text(json_get(json_root(&doc), "reason"), buf, size, NULL);
    return buf;
}

static void
tell_record(sqlite3_stmt *q, view_history_each *each, void *cookie, int64_t *previous)
{
    char hash_hex[65], reason[REASON_SIZE];
    struct str hash;
    struct record r = history_row(q, &hash);
    struct history_view v = { .seq = r.seq,
                              .deployment_id = r.deployment_id,
                              .at_ms = r.at_ms,
                              .order_id = r.order_id,
                              .fact = r.fact.at,
                              .from = r.from.at,
                              .to = r.to.at,
                              .actor = r.actor.at,
                              .reason = reason_of(r.detail, reason, sizeof(reason)),
                              .hash = hex(hash, hash_hex) };

    *previous = r.previous;
    each(cookie, &v);
}

bool
view_history(struct store *s, int64_t deployment_id, int64_t limit, view_history_each *each,
             void *cookie, struct error *e)
{
    sqlite3_stmt *first = statement(s, QUERY_DEPLOYMENT_HISTORY_SEQ);
    sqlite3_stmt *q = statement(s, QUERY_HISTORY_LOAD);
    int64_t seq;
    bool row;

    bind_int(first, ":id", deployment_id);
    if (!statement_step(s, first, &row, e))
        return false;
    if (!row)
        return error_set(e, ERROR_NOT_FOUND, "no deployment %lld", (long long)deployment_id);
    seq = sqlite3_column_int64(first, 0);
    statement_end(first);
    for (; seq != 0 && limit > 0; limit--) {
        bind_int(q, ":seq", seq);
        if (!statement_step(s, q, &row, e))
            return false;
        if (!row)
            return error_set(e, ERROR_STORAGE, "record %lld of the history is missing",
                             (long long)seq);
        tell_record(q, each, cookie, &seq);
        statement_end(q);
    }
    return true;
}

/* ---- waves, decisions, holds, quarantine ---------------------------------------------------- */

bool
view_waves(struct store *s, int64_t deployment_id, view_wave_each *each, void *cookie,
           struct error *e)
{
    sqlite3_stmt *q = statement(s, QUERY_WAVE_LIST);

    bind_int(q, ":deployment_id", deployment_id);
    for (;;) {
        struct wave_view w;
        bool row;

        if (!statement_step(s, q, &row, e))
            return false;
        if (!row)
            return true;
        w.wave = sqlite3_column_int64(q, 0);
        w.at_ms = sqlite3_column_int64(q, 1);
        if (!counts_read(column_str(q, 2), &w.counts)) {
            statement_end(q);
            return error_set(e, ERROR_STORAGE, "deployment %lld: counts of wave %lld are malformed",
                             (long long)deployment_id, (long long)w.wave);
        }
        each(cookie, &w);
    }
}

bool
view_decisions(struct store *s, int64_t deployment_id, view_decision_each *each, void *cookie,
               struct error *e)
{
    sqlite3_stmt *q = statement(s, QUERY_DECISION_LIST);

    bind_int(q, ":deployment_id", deployment_id);
    for (;;) {
        struct decision_view v;
        bool row;

        if (!statement_step(s, q, &row, e))
            return false;
        if (!row)
            return true;
        v = (struct decision_view){ .at_ms = sqlite3_column_int64(q, 0),
                                    .generation = sqlite3_column_int64(q, 4),
                                    .approver = column_text(q, 1),
                                    .decision = column_text(q, 2),
                                    .digest = column_text(q, 3) };
        each(cookie, &v);
    }
}

bool
view_holder(struct store *s, const char *resource, int64_t *holder, struct error *e)
{
    sqlite3_stmt *q = statement(s, QUERY_HOLD_HOLDER);
    bool row;

    *holder = 0;
    bind_text(q, ":resource", resource);
    if (!statement_step(s, q, &row, e))
        return false;
    if (row) {
        *holder = sqlite3_column_int64(q, 0);
        statement_end(q);
    }
    return true;
}

bool
view_quarantine(struct store *s, int64_t limit, view_quarantine_each *each, void *cookie,
                struct error *e)
{
    sqlite3_stmt *q = statement(s, QUERY_QUARANTINE_LIST);

    bind_int(q, ":limit", limit);
    for (;;) {
        struct quarantine_view v;
        bool row;

        if (!statement_step(s, q, &row, e))
            return false;
        if (!row)
            return true;
        v = (struct quarantine_view){ .id = sqlite3_column_int64(q, 0),
                                      .at_ms = sqlite3_column_int64(q, 1),
                                      .times = sqlite3_column_int64(q, 2),
                                      .reason = column_text(q, 3),
                                      .body = { sqlite3_column_blob(q, 4),
                                                (size_t)sqlite3_column_bytes(q, 4) } };
        each(cookie, &v);
    }
}

bool
view_counts(struct store *s, struct store_counts *out, struct error *e)
{
    sqlite3_stmt *q = statement(s, QUERY_VIEW_SIZES);
    bool row;

    memcpy(out->deployments, s->in_state, sizeof(out->deployments));
    if (!statement_step(s, q, &row, e))
        return false;
    out->open_orders = sqlite3_column_int64(q, 0);
    out->quarantined = sqlite3_column_int64(q, 1);
    out->history = sqlite3_column_int64(q, 2);
    statement_end(q);
    return true;
}
