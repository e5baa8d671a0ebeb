/* Open orders, what the stages found out, and who holds a thing group. */
#include "row.h"

/* ---- orders --------------------------------------------------------------------------------- */

static bool
read_order(sqlite3_stmt *q, struct order *o, struct error *e)
{
    o->id = sqlite3_column_int64(q, 0);
    o->deployment_id = sqlite3_column_int64(q, 1);
    o->due_ms = sqlite3_column_int64(q, 3);
    o->tries = sqlite3_column_int64(q, 4);
    return order_parse(column_str(q, 2), &o->kind) ||
           error_set(e, ERROR_STORAGE, "order %lld: kind \"%s\" is unknown", (long long)o->id,
                     column_text(q, 2));
}

bool
store_orders(struct store *s, store_order_each *each, void *cookie, struct error *e)
{
    sqlite3_stmt *q = statement(s, QUERY_OUTBOX_ALL);

    for (;;) {
        struct order o;
        bool row;

        if (!statement_step(s, q, &row, e))
            return error_while(e, "read the outbox");
        if (!row)
            return true;
        if (!read_order(q, &o, e)) {
            statement_end(q);
            return false;
        }
        each(cookie, &o, sqlite3_column_int64(q, 5));
    }
}

bool
store_order(struct store *s, int64_t id, struct order *out, struct buf *progress, struct error *e)
{
    sqlite3_stmt *q = statement(s, QUERY_OUTBOX_LOAD);
    bool row, ok;

    bind_int(q, ":id", id);
    if (!statement_step(s, q, &row, e))
        return false;
    if (!row)
        return error_set(e, ERROR_NOT_FOUND, "order %lld is closed", (long long)id);
    ok = read_order(q, out, e);
    if (ok && progress != NULL)
        buf_add(progress, column_str(q, 5));
    statement_end(q);
    return ok;
}

bool
store_order_later(struct store *s, int64_t id, int64_t due_ms, int64_t tries, struct str progress,
                  struct error *e)
{
    sqlite3_stmt *q = statement(s, QUERY_OUTBOX_LATER);

    bind_int(q, ":id", id);
    bind_int(q, ":due_ms", due_ms);
    bind_int(q, ":tries", tries);
    bind_str(q, ":progress", progress);
    return statement_run(s, q, NULL, e) || error_while(e, "put off order %lld", (long long)id);
}

/* ---- documents ------------------------------------------------------------------------------ */

bool
store_document_keep(struct store *s, int64_t deployment_id, const char *kind, struct str body,
                    struct error *e)
{
    sqlite3_stmt *q = statement(s, QUERY_DOCUMENT_KEEP);

    bind_int(q, ":deployment_id", deployment_id);
    bind_text(q, ":kind", kind);
    bind_str(q, ":body", body.at != NULL ? body : STR(""));
    return statement_run(s, q, NULL, e) ||
           error_while(e, "deployment %lld: keep %s", (long long)deployment_id, kind);
}

bool
store_document(struct store *s, int64_t deployment_id, const char *kind, struct buf *out,
               struct error *e)
{
    sqlite3_stmt *q = statement(s, QUERY_DOCUMENT_LOAD);
    bool row;

    bind_int(q, ":deployment_id", deployment_id);
    bind_text(q, ":kind", kind);
    if (!statement_step(s, q, &row, e))
        return error_while(e, "deployment %lld: read %s", (long long)deployment_id, kind);
    if (row) {
        buf_add(out, column_str(q, 0));
        statement_end(q);
    }
    return true;
}

bool
store_counts_keep(struct store *s, int64_t deployment_id, int64_t wave,
                  const struct device_counts *c, int64_t at_ms, struct error *e)
{
    sqlite3_stmt *q = statement(s, QUERY_WAVE_KEEP);
    char counts[COUNTS_TEXT_SIZE];

    bind_int(q, ":deployment_id", deployment_id);
    bind_int(q, ":number", wave);
    bind_int(q, ":at_ms", at_ms);
    bind_text(q, ":counts", counts_write(c, counts));
    return statement_run(s, q, NULL, e);
}

/* ---- holds ---------------------------------------------------------------------------------- */

bool
store_hold(struct store *s, const char *resource, int64_t deployment_id, int64_t *holder,
           struct error *e)
{
    sqlite3_stmt *take = statement(s, QUERY_HOLD_TAKE), *look = statement(s, QUERY_HOLD_HOLDER);
    bool row;

    bind_text(take, ":resource", resource);
    bind_int(take, ":deployment_id", deployment_id);
    if (!statement_run(s, take, NULL, e))
        return false;
    bind_text(look, ":resource", resource);
    if (!statement_step(s, look, &row, e))
        return false;
    *holder = sqlite3_column_int64(look, 0);
    statement_end(look);
    return true;
}

bool
store_release(struct store *s, int64_t deployment_id, struct error *e)
{
    sqlite3_stmt *q = statement(s, QUERY_HOLD_RELEASE);

    bind_int(q, ":deployment_id", deployment_id);
    return statement_run(s, q, NULL, e);
}
