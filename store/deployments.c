/* The one write that matters: a fact, its decision, its order and its record, together. */
#include <assert.h>
#include <string.h>

#include "history.h"
#include "row.h"
#include "slipway/json_write.h"

/* ---- parts of the write --------------------------------------------------------------------- */

static bool
open_order(struct store *s, int64_t id, int64_t deployment_id, enum order_kind kind, int64_t due_ms,
           struct error *e)
{
    sqlite3_stmt *q = statement(s, QUERY_OUTBOX_INSERT);

    bind_int(q, ":id", id);
    bind_int(q, ":deployment_id", deployment_id);
    bind_text(q, ":kind", order_name(kind));
    bind_int(q, ":due_ms", due_ms);
    return statement_run(s, q, NULL, e);
}

bool
store_order_close(struct store *s, int64_t id, struct error *e)
{
    sqlite3_stmt *q = statement(s, QUERY_OUTBOX_DELETE);

    bind_int(q, ":id", id);
    return statement_run(s, q, NULL, e);
}

/* What is recorded of one change. */
struct step {
    const struct deployment *before; /* NULL: it has just been added. */
    const struct deployment *after;
    enum order_kind order;
    int64_t previous; /* The deployment's record before this one; 0: none. */
};

/* What the fact was about and why, as the record keeps it. */
static void
write_detail(struct buf *out, const struct fact *f, const struct step *c)
{
    const struct deployment *after = c->after;
    const char *reason_before = c->before != NULL ? c->before->reason : "";
    struct json_out w = json_out(out);

    json_open(&w, '{');
    if (f->digest != NULL)
        json_member(&w, "digest", str_of(f->digest));
    if (f->reason != NULL)
        json_member(&w, "reason", str_of(f->reason));
    else if (strcmp(after->reason, reason_before) != 0)
        json_member(&w, "reason", str_of(after->reason));
    if (c->order != ORDER_NONE)
        json_member(&w, "order", str_of(order_name(c->order)));
    if (after->generation != 0)
        json_member_int(&w, "generation", after->generation);
    if (after->wave_state != WAVE_NONE) {
        json_member_int(&w, "wave", after->wave);
        json_member(&w, "wave_state", str_of(wave_state_name(after->wave_state)));
    }
    if (f->kind == FACT_OBSERVED) {
        char counts[COUNTS_TEXT_SIZE];

        json_member(&w, "counts", str_of(counts_write(&f->counts, counts)));
    }
    json_close(&w, '}');
}

static bool
record(struct store *s, const struct fact *f, const struct step *c, struct error *e)
{
    struct buf detail = { .max = 4096 };
    struct record r = { .deployment_id = c->after->id,
                        .previous = c->previous,
                        .at_ms = f->at_ms,
                        .fact = str_of(fact_name(f->kind)),
                        .from = str_of(c->before != NULL ? state_name(c->before->state) : ""),
                        .to = str_of(state_name(c->after->state)),
                        .order_id = f->order_id,
                        .actor = str_of(f->actor != NULL ? f->actor : "") };
    bool ok;

    write_detail(&detail, f, c);
    r.detail = buf_str(&detail);
    ok = history_append(s, &r, e);
    buf_free(&detail);
    return ok;
}

/* ---- adding --------------------------------------------------------------------------------- */

static bool
insert(struct store *s, const struct deployment *d, struct error *e)
{
    sqlite3_stmt *q = statement(s, QUERY_DEPLOYMENT_INSERT);

    bind_int(q, ":id", d->id);
    bind_int(q, ":package_id", d->package_id);
    bind_int(q, ":approved_s", d->approved_s);
    bind_int(q, ":rank", d->rank);
    bind_text(q, ":pipeline", d->pipeline);
    bind_text(q, ":state", state_name(d->state));
    bind_text(q, ":stage", state_name(d->stage));
    bind_int(q, ":entered_ms", d->entered_ms);
    bind_int(q, ":deadline_ms", d->deadline_ms);
    bind_int(q, ":order_id", d->order_id);
    bind_int(q, ":wave_count", d->wave_count);
    bind_int(q, ":history_seq", d->order_id);
    return statement_run(s, q, NULL, e);
}

bool
store_add(struct store *s, struct deployment *d, int64_t at_ms, struct error *e)
{
    struct fact f = { .kind = FACT_RECEIVED, .at_ms = at_ms };
    struct step c = { .after = d, .order = ORDER_CONFIRM };

    assert(s->open);
    d->id = s->next_deployment;
    d->order_id = s->next_seq; /* An order is called by the record that gave it. */
    if (!insert(s, d, e) || !open_order(s, d->order_id, d->id, ORDER_CONFIRM, at_ms, e) ||
        !record(s, &f, &c, e))
        return error_while(e, "add deployment %lld", (long long)d->id);
    s->next_deployment++;
    s->in_state[d->state]++;
    return true;
}

/* ---- applying ------------------------------------------------------------------------------- */

static bool
update(struct store *s, int64_t was, const struct deployment *d, int64_t history_seq,
       struct error *e)
{
    sqlite3_stmt *q = statement(s, QUERY_DEPLOYMENT_UPDATE);
    int changed;

    bind_int(q, ":id", d->id);
    bind_int(q, ":was", was);
    bind_text(q, ":digest", d->digest);
    bind_text(q, ":state", state_name(d->state));
    bind_text(q, ":stage", state_name(d->stage));
    bind_int(q, ":entered_ms", d->entered_ms);
    bind_int(q, ":deadline_ms", d->deadline_ms);
    bind_int(q, ":revision", d->revision);
    bind_int(q, ":order_id", d->order_id);
    bind_int(q, ":generation", d->generation);
    bind_int(q, ":attempts", d->attempts);
    bind_int(q, ":wave", d->wave);
    bind_int(q, ":wave_count", d->wave_count);
    bind_text(q, ":wave_state", wave_state_name(d->wave_state));
    bind_int(q, ":wave_since_ms", d->wave_since_ms);
    bind_int(q, ":approvals", d->approvals);
    bind_int(q, ":planned", d->planned);
    bind_int(q, ":withdrawn", d->withdrawn);
    bind_text(q, ":reason", d->reason);
    bind_int(q, ":history_seq", history_seq);
    if (!statement_run(s, q, &changed, e))
        return false;
    return changed == 1 ||
           error_set(e, ERROR_CONFLICT, "it has moved on since revision %lld", (long long)was);
}

static bool
last_record(struct store *s, int64_t id, int64_t *seq, struct error *e)
{
    sqlite3_stmt *q = statement(s, QUERY_DEPLOYMENT_HISTORY_SEQ);
    bool row;

    bind_int(q, ":id", id);
    if (!statement_step(s, q, &row, e))
        return false;
    if (!row)
        return error_set(e, ERROR_NOT_FOUND, "there is none");
    *seq = sqlite3_column_int64(q, 0);
    statement_end(q);
    return true;
}

static bool
apply(struct store *s, const struct deployment *before, const struct fact *f,
      struct decision *decision, int64_t due_ms, struct error *e)
{
    struct deployment *after = &decision->after;
    struct step c = { .before = before, .after = after, .order = decision->order };
    int64_t seq = s->next_seq;

    if (!last_record(s, before->id, &c.previous, e))
        return false;
    if (!decision->keeps_order) {
        after->order_id = decision->order != ORDER_NONE ? seq : 0;
        if (before->order_id != 0 && !store_order_close(s, before->order_id, e))
            return false;
        if (after->order_id != 0 && !open_order(s, seq, after->id, decision->order, due_ms, e))
            return false;
    }
    return update(s, before->revision, after, seq, e) && record(s, f, &c, e);
}

bool
store_apply(struct store *s, const struct deployment *before, const struct fact *f,
            struct decision *decision, int64_t due_ms, struct error *e)
{
    assert(s->open && decision->applies);
    if (!apply(s, before, f, decision, due_ms, e))
        return error_while(e, "deployment %lld learns %s", (long long)before->id,
                           fact_name(f->kind));
    s->in_state[before->state]--;
    s->in_state[decision->after.state]++;
    return true;
}

bool
store_deadline(struct store *s, int64_t id, int64_t deadline_ms, struct error *e)
{
    sqlite3_stmt *q = statement(s, QUERY_DEPLOYMENT_DEADLINE);

    assert(s->open);
    bind_int(q, ":id", id);
    bind_int(q, ":deadline_ms", deadline_ms);
    return statement_run(s, q, NULL, e) ||
           error_while(e, "deadline of deployment %lld", (long long)id);
}

/* ---- reading -------------------------------------------------------------------------------- */

bool
store_load(struct store *s, int64_t id, struct deployment *out, struct error *e)
{
    sqlite3_stmt *q = statement(s, QUERY_DEPLOYMENT_LOAD);
    bool row, ok;

    bind_int(q, ":id", id);
    if (!statement_step(s, q, &row, e))
        return error_while(e, "load deployment %lld", (long long)id);
    if (!row)
        return error_set(e, ERROR_NOT_FOUND, "no deployment %lld", (long long)id);
    ok = deployment_row(q, out, e);
    statement_end(q);
    return ok;
}
