/* Taking orders up when they are due, and letting go of those not wanted any more. */
#include <stdlib.h>
#include <string.h>

#include "engine_internal.h"
#include "platform/log.h"

/* ---- one order being carried out ------------------------------------------------------------ */

void
run_free(struct run *r)
{
    struct buf *const bufs[] = { &r->progress, &r->source, &r->compiled, &r->package,
                                 &r->twin,     &r->plan,   &r->wave,     &r->rollback };

    for (size_t i = 0; i < ARRAY_LEN(bufs); i++)
        buf_free(bufs[i]);
    free(r);
}

static void
run_done(void *cookie, const struct work_result *w)
{
    struct run *r = cookie;
    struct engine *en = r->engine;
    struct error e = { 0 };

    r->work = NULL;
    LIST_REMOVE(r, link);
    en->counters.in_flight--;
    if (turn_open(en) && !outcome_learn(en, r, w, &e))
        engine_dies(en, &e);
    run_free(r);
}

static bool
load_documents(struct run *r, struct error *e)
{
    struct store *s = r->engine->store;
    int64_t id = r->deployment.id;
    char wave[32];
    struct buf name = { .max = sizeof(wave) };
    bool ok;

    buf_printf(&name, "wave-%lld", (long long)r->deployment.wave);
    ok = str_copy(wave, sizeof(wave), buf_str(&name)) &&
         store_document(s, id, "source", &r->source, e) &&
         store_document(s, id, "compiled", &r->compiled, e) &&
         store_document(s, id, "package", &r->package, e) &&
         store_document(s, id, "twin", &r->twin, e) && store_document(s, id, "plan", &r->plan, e) &&
         store_document(s, id, wave, &r->wave, e) &&
         store_document(s, id, "rollback", &r->rollback, e);
    buf_free(&name);
    return ok;
}

/* The number behind the last slash of a versioned package's ARN; else 0. */
static int64_t
version_of(const char *arn)
{
    const char *slash = strrchr(arn, '/');
    int64_t version;

    return slash != NULL && str_to_int(str_of(slash + 1), &version) && version > 0 ? version : 0;
}

static void
fill_order(struct run *r, const struct order *o)
{
    r->order = (struct work_order){ .id = o->id,
                                    .kind = o->kind,
                                    .tries = o->tries + 1,
                                    .deployment = &r->deployment,
                                    .pipeline = r->pipeline,
                                    .arn = r->arn,
                                    .package_version = version_of(r->arn),
                                    .installation = r->engine->installation,
                                    .progress = buf_str(&r->progress),
                                    .source = buf_str(&r->source),
                                    .compiled = buf_str(&r->compiled),
                                    .package = buf_str(&r->package),
                                    .twin = buf_str(&r->twin),
                                    .plan = buf_str(&r->plan),
                                    .wave = buf_str(&r->wave),
                                    .rollback = buf_str(&r->rollback),
                                    .now_ms = engine_now_ms(r->engine) };
}

static struct run *
run_new(struct engine *en)
{
    struct run *r = xcalloc(1, sizeof(*r));
    struct buf *const bufs[] = { &r->progress, &r->source, &r->compiled, &r->package,
                                 &r->twin,     &r->plan,   &r->wave,     &r->rollback };

    for (size_t i = 0; i < ARRAY_LEN(bufs); i++)
        bufs[i]->max = 4U * 1048576;
    r->engine = en;
    return r;
}

/* ---- holds ---------------------------------------------------------------------------------- */

static void
wait_for_hold(struct engine *en, int64_t order_id)
{
    if (en->holding_up_count == en->holding_up_room) {
        en->holding_up_room = en->holding_up_room > 0 ? en->holding_up_room * 2 : 16;
        en->holding_up = xrealloc(en->holding_up, en->holding_up_room * sizeof(int64_t));
    }
    en->holding_up[en->holding_up_count++] = order_id;
}

static void
wake_holders(struct engine *en, int64_t now_ms)
{
    for (size_t i = 0; i < en->holding_up_count; i++)
        agenda_add(&en->agenda, (struct appointment){ now_ms, 0, en->holding_up[i] });
    en->holding_up_count = 0;
}

/* False if another deployment has a thing group that this order needs. */
static bool
take_holds(struct engine *en, const struct deployment *d, const struct order *o, bool *taken,
           struct error *e)
{
    int64_t holder;

    *taken = true;
    if (o->kind != ORDER_TWIN_DEPLOY && o->kind != ORDER_ROLL_BACK && o->kind != ORDER_WAVE_DEPLOY)
        return true;
    if (!turn_open(en))
        return true;
    if (!learner_take_holds(&en->learner, d, o->kind, &holder, e))
        return false;
    *taken = holder == 0;
    if (!*taken) {
        wait_for_hold(en, o->id);
        log_info("order-waits", log_int("deployment", d->id),
                 log_text("order", order_name(o->kind)), log_int("holder", holder));
    } else if (o->tries == 0 && d->deadline_ms != 0 && d->deadline_ms < engine_now_ms(en)) {
        /* Its time has run while it waited for others: it gets its own from here. */
        const struct pipeline_settings *p = settings_pipeline(en->settings, d->pipeline);

        agenda_add(&en->agenda,
                   (struct appointment){ engine_now_ms(en) + p->stage_timeout_ms, d->id, 0 });
    }
    return true;
}

/* ---- taking up ------------------------------------------------------------------------------ */

static struct run *
find_run(struct engine *en, int64_t order_id)
{
    struct run *r;

    LIST_FOREACH (r, &en->runs, link)
        if (r->order.id == order_id)
            return r;
    return NULL;
}

/* Loads what the order is about; `*go` is false if it is closed, early, or nobody's to carry out.
 */
static bool
prepare(struct engine *en, struct run *r, int64_t order_id, bool *go, struct error *e)
{
    struct order o;
    bool taken;

    *go = false;
    if (!store_order(en->store, order_id, &o, &r->progress, e))
        return e->kind == ERROR_NOT_FOUND;
    if (order_is_wait(o.kind) || o.due_ms > engine_now_ms(en))
        return true;
    if (!store_load(en->store, o.deployment_id, &r->deployment, e) ||
        !store_package_arn(en->store, r->deployment.package_id, r->arn, sizeof(r->arn), e))
        return false;
    r->pipeline = settings_pipeline(en->settings, r->deployment.pipeline);
    if (r->pipeline == NULL)
        return true;
    if (!take_holds(en, &r->deployment, &o, &taken, e) || !load_documents(r, e))
        return false;
    fill_order(r, &o);
    *go = taken && !en->dead;
    return true;
}

static void
take_up(struct engine *en, int64_t order_id)
{
    struct run *r;
    struct error e = { 0 };
    bool go;

    if (find_run(en, order_id) != NULL)
        return;
    r = run_new(en);
    if (!prepare(en, r, order_id, &go, &e)) {
        engine_dies(en, &e);
        go = false;
    }
    if (!go) {
        run_free(r);
        return;
    }
    LIST_INSERT_HEAD(&en->runs, r, link);
    en->counters.in_flight++;
    en->counters.orders_taken++;
    turn_flush(en); /* A thing group taken for it is on the disk before anything is sent. */
    if (!en->dead)
        r->work = work_start(en->shop, &r->order, run_done, r);
}

/* The deadline of a deployment that still waits for another one's thing group does not count yet.
 */
static bool
waits_for_hold(struct engine *en, int64_t order_id)
{
    for (size_t i = 0; i < en->holding_up_count; i++)
        if (en->holding_up[i] == order_id)
            return true;
    return false;
}

static void
overdue(struct engine *en, int64_t deployment_id)
{
    struct fact f = { .kind = FACT_OVERDUE,
                      .deployment_id = deployment_id,
                      .at_ms = engine_now_ms(en) };
    struct deployment d;
    struct error e = { 0 };
    bool applied;

    if (!turn_open(en) || !store_load(en->store, deployment_id, &d, &e) || d.deadline_ms == 0 ||
        d.deadline_ms > f.at_ms || waits_for_hold(en, d.order_id))
        return;
    if (!learner_fact(&en->learner, &f, &applied, &e))
        engine_dies(en, &e);
}

static void
dispatch(void *cookie)
{
    struct engine *en = cookie;
    int64_t now_ms = engine_now_ms(en);
    const struct appointment *first;

    en->dispatches = false;
    while (!en->dead && (first = agenda_first(&en->agenda)) != NULL && first->at_ms <= now_ms &&
           en->counters.in_flight < IN_FLIGHT_MAX) {
        struct appointment a = agenda_take(&en->agenda);

        if (a.order_id != 0)
            take_up(en, a.order_id);
        else
            overdue(en, a.deployment_id);
    }
    if (en->dead || first == NULL)
        return;
    if (en->counters.in_flight < IN_FLIGHT_MAX)
        timer_start(en->timer, first->at_ms > now_ms ? first->at_ms - now_ms : 0);
}

void
dispatch_soon(struct engine *en)
{
    if (en->dispatches || en->dead)
        return;
    en->dispatches = true;
    /* Called after a commit this is still the same turn: nothing is waited for. */
    loop_later(en->loop, dispatch, en);
}

/* ---- what the learner says ------------------------------------------------------------------ */

void
dispatch_ordered(void *cookie, const struct ordered *o)
{
    struct engine *en = cookie;
    const struct deployment *d = o->deployment;
    struct run *r = o->closed != 0 ? find_run(en, o->closed) : NULL;

    if (r != NULL) {
        work_cancel(r->work);
        LIST_REMOVE(r, link);
        en->counters.in_flight--;
        run_free(r);
    }
    if (o->opened != 0 && !order_is_wait(o->kind))
        agenda_add(&en->agenda, (struct appointment){ o->due_ms, d->id, o->opened });
    if (o->deadline_moved)
        agenda_add(&en->agenda, (struct appointment){ d->deadline_ms, d->id, 0 });
    if (o->released)
        wake_holders(en, engine_now_ms(en));
    turn_moved(en, d, o->ended);
}

void
dispatch_forget(struct engine *en, int64_t deployment_id)
{
    struct run *r = run_new(en);
    struct order none = { .deployment_id = deployment_id };
    struct error e = { 0 };

    if (store_load(en->store, deployment_id, &r->deployment, &e) &&
        store_package_arn(en->store, r->deployment.package_id, r->arn, sizeof(r->arn), &e)) {
        r->pipeline = settings_pipeline(en->settings, r->deployment.pipeline);
        fill_order(r, &none);
        if (r->pipeline != NULL)
            workshop_forget(en->shop, &r->order);
    }
    run_free(r);
}

void
dispatch_stop(struct engine *en)
{
    for (struct run *r = LIST_FIRST(&en->runs), *next; r != NULL; r = next) {
        next = LIST_NEXT(r, link);
        work_cancel(r->work);
        LIST_REMOVE(r, link);
        run_free(r);
    }
    en->counters.in_flight = 0;
    loop_not_later(en->loop, dispatch, en);
    en->dispatches = false;
}
