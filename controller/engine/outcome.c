/* What a driver said, as a fact. */
#include <stdlib.h>
#include <string.h>

#include "engine_internal.h"
#include "platform/log.h"
#include "slipway/gate.h"
#include "slipway/json_write.h"
#include "slipway/twin_result.h"

/* ---- putting an order off ------------------------------------------------------------------- */

int64_t
outcome_backoff_ms(int64_t tries, int64_t salt)
{
    int64_t ceiling = 250;

    for (int64_t i = 1; i < tries && ceiling < SECONDS(30); i++)
        ceiling *= 2;
    ceiling = ceiling < SECONDS(30) ? ceiling : SECONDS(30);
    /* Half fixed, half spread by the order's number, so that orders that failed together do not
     * come back together. */
    return ceiling / 2 + (salt * 7919 + tries * 104729) % (ceiling / 2 + 1);
}

static bool
put_off(struct engine *en, struct run *r, int64_t wait_ms, int64_t tries, struct str progress,
        struct error *e)
{
    int64_t due_ms = engine_now_ms(en) + (wait_ms > 0 ? wait_ms : 0);

    /* After a crash it is taken up at once; only what cannot be found again is written. */
    if ((progress.len > 0 || tries != r->order.tries - 1) &&
        !store_order_later(en->store, r->order.id, due_ms, tries,
                           progress.len > 0 ? progress : (struct str){ NULL, 0 }, e))
        return false;
    agenda_add(&en->orders, (struct appointment){ due_ms, r->deployment.id, r->order.id });
    return true;
}

/* ---- facts ---------------------------------------------------------------------------------- */

static bool
learn(struct engine *en, struct run *r, struct fact *f, bool *applied, struct error *e)
{
    f->deployment_id = r->deployment.id;
    f->order_id = r->order.id;
    f->at_ms = engine_now_ms(en);
    return learner_fact(&en->learner, f, applied, e);
}

static bool
keep_document(struct engine *en, struct run *r, struct str body, struct error *e)
{
    const char *kind = order_document(r->order.kind);
    struct buf name = { .max = 64 };
    bool ok;

    if (kind == NULL || body.len == 0)
        return true;
    if (r->order.kind == ORDER_WAVE_DEPLOY)
        buf_printf(&name, "wave-%lld", (long long)r->deployment.wave);
    else
        buf_add(&name, str_of(kind));
    ok = store_document_keep(en->store, r->deployment.id, name.at, body, e);
    buf_free(&name);
    return ok;
}

/* ---- the gates ------------------------------------------------------------------------------ */

enum { RESULT_TOKENS = 65536 };

/* The result that went to production last in this pipeline, as text; empty if none. */
static bool
read_baseline(struct engine *en, const struct run *r, struct buf *out, struct error *e)
{
    struct deployment live;
    int64_t id;

    if (!store_live(en->store, r->deployment.pipeline, &id, e))
        return false;
    if (id == 0 || id == r->deployment.id)
        return true;
    if (!store_load(en->store, id, &live, e))
        return e->kind == ERROR_NOT_FOUND;
    return live.state != LIVE || store_document(en->store, id, "result", out, e);
}

static void
write_verdict(struct buf *out, const struct pipeline_settings *p, enum gate_outcome all,
              const struct gate_verdict *verdicts, const char *summary)
{
    struct json_out w = json_out(out);

    json_open(&w, '{');
    json_member(&w, "schema", STR("slipway.verdict/1"));
    json_member(&w, "outcome", str_of(gate_outcome_name(all)));
    json_member(&w, "summary", str_of(summary));
    json_key(&w, "gates");
    json_open(&w, '[');
    for (size_t i = 0; i < p->gate_count; i++) {
        json_open(&w, '{');
        json_member(&w, "name", str_of(p->gates[i].name));
        json_member(&w, "outcome", str_of(gate_outcome_name(verdicts[i].outcome)));
        json_member(&w, "text", str_of(verdicts[i].text));
        json_close(&w, '}');
    }
    json_close(&w, ']');
    json_close(&w, '}');
}

/* Judges `doc` and writes the verdict and its one sentence. */
static enum gate_outcome
judge(const struct pipeline_settings *p, struct str input, struct json_token *tokens,
      struct buf *verdict, struct buf *summary)
{
    struct gate_verdict *verdicts = xcalloc(p->gate_count, sizeof(*verdicts));
    enum gate_outcome all = GATE_INCONCLUSIVE;
    char sentence[REASON_SIZE];
    struct error e;
    struct json doc;

    if (json_read(&doc, input, tokens, RESULT_TOKENS, &e)) {
        all = gate_judge(p->gates, p->gate_count, json_root(&doc), verdicts);
        gate_summary(all, json_root(&doc), verdicts, p->gate_count, sentence, sizeof(sentence));
    } else {
        (void)!str_copy(sentence, sizeof(sentence), str_of(e.text));
    }
    write_verdict(verdict, p, all, verdicts, sentence);
    buf_add(summary, str_of(sentence));
    free(verdicts);
    return all;
}

static bool
make_input(struct str result, struct str baseline, struct json_token *tokens, struct buf *input,
           struct error *e)
{
    struct json doc, base;
    struct json_value none = { NULL, 0 }, base_root = none;

    if (!json_read(&doc, result, tokens, RESULT_TOKENS, e))
        return false;
    if (baseline.len > 0) {
        if (!json_read(&base, baseline, tokens + RESULT_TOKENS, RESULT_TOKENS, e))
            return false;
        base_root = json_root(&base);
    }
    return twin_result_input(json_root(&doc), base_root, input, e);
}

static bool
learn_result(struct engine *en, struct run *r, const struct work_result *w, struct error *e)
{
    static const enum fact_kind FACTS[] = { [GATE_PASSED] = FACT_GATE_PASSED,
                                            [GATE_FAILED] = FACT_GATE_FAILED,
                                            [GATE_INCONCLUSIVE] = FACT_GATE_UNCLEAR };
    struct json_token *tokens = xcalloc((size_t)RESULT_TOKENS * 2, sizeof(*tokens));
    struct buf baseline = { .max = 4U * 1048576 }, input = { .max = 8U * 1048576 };
    struct buf verdict = { .max = 262144 }, summary = { .max = REASON_SIZE };
    struct fact f = { .kind = FACT_GATE_UNCLEAR };
    struct error broken;
    bool ok, applied;

    ok = keep_document(en, r, w->document, e) && read_baseline(en, r, &baseline, e);
    if (ok && make_input(w->document, buf_str(&baseline), tokens, &input, &broken)) {
        f.kind = FACTS[judge(r->pipeline, buf_str(&input), tokens, &verdict, &summary)];
        f.reason = buf_str(&summary).at;
        ok = store_document_keep(en->store, r->deployment.id, "verdict", buf_str(&verdict), e);
    } else if (ok) {
        f.reason = broken.text;
    }
    ok = ok && learn(en, r, &f, &applied, e);
    buf_free(&summary);
    buf_free(&verdict);
    buf_free(&input);
    buf_free(&baseline);
    free(tokens);
    return ok;
}

/* ---- by outcome ----------------------------------------------------------------------------- */

/* What DescribeModelPackage read. */
static struct sighting
seen_by(const struct work_result *w)
{
    enum seen_status status = w->outcome == WORK_DONE ? SEEN_APPROVED
                              : w->rejected           ? SEEN_REJECTED
                                                      : SEEN_PENDING;

    return (struct sighting){ w->approved_s, status };
}

/*
 * The registry is only eventually consistent.  Within one second a package that is pending was
 * not approved yet, and one that is rejected was approved before.
 */
static bool
is_from_before(struct sighting seen, const struct deployment *d)
{
    if (seen.status == SEEN_APPROVED)
        return false;
    return seen.at_s < d->approved_s || (seen.at_s == d->approved_s && seen.status == SEEN_PENDING);
}

static bool
learn_confirmed(struct engine *en, struct run *r, const struct work_result *w, struct error *e)
{
    struct sighting seen = seen_by(w);
    bool approved = seen.status == SEEN_APPROVED, applied;
    struct fact f = { .kind = approved ? FACT_CONFIRMED : FACT_WITHDRAWN, .reason = w->reason };

    if (is_from_before(seen, &r->deployment))
        return put_off(en, r, outcome_backoff_ms(r->order.tries, r->order.id), r->order.tries,
                       (struct str){ NULL, 0 }, e);
    return learner_sighting(&en->learner, str_of(r->arn), r->order.package_version, seen,
                            engine_now_ms(en), &applied, e) &&
           (!approved || keep_document(en, r, w->document, e)) && learn(en, r, &f, &applied, e);
}

static bool
learn_done(struct engine *en, struct run *r, const struct work_result *w, struct error *e)
{
    struct fact f = { .kind = FACT_WORK_DONE, .digest = w->digest };
    bool applied;

    if (r->order.kind == ORDER_STOP)
        return store_order_close(en->store, r->order.id, e);
    if (r->order.kind == ORDER_CONFIRM)
        return learn_confirmed(en, r, w, e);
    if (r->order.kind == ORDER_TWIN_TEST)
        return learn_result(en, r, w, e);
    if (r->order.kind == ORDER_PLAN)
        f.kind = FACT_PLANNED;
    return keep_document(en, r, w->document, e) && learn(en, r, &f, &applied, e);
}

static bool
learn_failed(struct engine *en, struct run *r, const struct work_result *w, struct error *e)
{
    struct fact f = { .kind = FACT_WORK_FAILED, .reason = w->reason };
    bool applied;

    log_warning("order-failed", log_int("deployment", r->deployment.id),
                log_text("order", order_name(r->order.kind)), log_text("reason", w->reason));
    if (r->order.kind == ORDER_STOP)
        return store_order_close(en->store, r->order.id, e);
    return learn(en, r, &f, &applied, e);
}

static bool
learn_observed(struct engine *en, struct run *r, const struct work_result *w, struct error *e)
{
    int64_t wave = r->order.kind == ORDER_ROLLBACK_WATCH ? -1 : r->deployment.wave;
    struct fact f = { .kind = FACT_OBSERVED, .counts = w->counts, .reason = w->reason };
    struct deployment after;
    bool applied;

    if (!store_counts_keep(en->store, r->deployment.id, wave, &w->counts, engine_now_ms(en), e) ||
        !learn(en, r, &f, &applied, e) || !store_load(en->store, r->deployment.id, &after, e))
        return false;
    /* Nothing changed, or only the wave's state did: the watch goes on. */
    return after.order_id != r->order.id || put_off(en, r, w->wait_ms, 0, w->progress, e);
}

static bool
learn_unknown(struct engine *en, struct run *r, const struct work_result *w, struct error *e)
{
    int64_t tries = r->order.tries;

    en->counters.orders_unknown++;
    log_warning("order-unknown", log_int("deployment", r->deployment.id),
                log_text("order", order_name(r->order.kind)), log_int("tries", tries),
                log_text("reason", w->reason));
    return put_off(en, r, outcome_backoff_ms(tries, r->order.id), tries, w->progress, e);
}

bool
outcome_learn(struct engine *en, struct run *r, const struct work_result *w, struct error *e)
{
    switch (w->outcome) {
    case WORK_DONE:
        return learn_done(en, r, w, e);
    case WORK_FAILED:
        return learn_failed(en, r, w, e);
    case WORK_UNDER_WAY:
        return put_off(en, r, w->wait_ms, 0, w->progress, e);
    case WORK_UNKNOWN:
        return learn_unknown(en, r, w, e);
    case WORK_OBSERVED:
        return learn_observed(en, r, w, e);
    case WORK_WITHDRAWN:
        return learn_confirmed(en, r, w, e);
    }
    return true;
}
