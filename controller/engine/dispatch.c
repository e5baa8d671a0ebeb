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

/* Who waited for the deployment that lets go tries again. */
static void
wake_waiting(struct engine *en, int64_t deployment_id)
{
    for (size_t i = 0; i < en->waiting.count; i++)
        if (en->waiting.items[i].holder == deployment_id)
            agenda_add(&en->orders,
                       (struct appointment){ engine_now_ms(en), 0, en->waiting.items[i].order_id });
}

/* The time of an order runs while it carries something out, not while it waits for others. */
static bool
begin_time(struct engine *en, struct deployment *d, struct error *e)
{
    struct policy policy = policy_of(settings_pipeline(en->settings, d->pipeline));

    d->deadline_ms = pipeline_deadline(d, &policy, engine_now_ms(en));
    agenda_add(&en->deadlines, (struct appointment){ d->deadline_ms, d->id, 0 });
    return store_deadline(en->store, d->id, d->deadline_ms, e);
}

/* False in `*taken` if another deployment has a thing group that this order needs. */
static bool
take_holds(struct engine *en, struct run *r, const struct order *o, bool *taken, struct error *e)
{
    struct deployment *d = &r->deployment;
    int64_t holder;
    bool first = o->tries == 0 && r->progress.len == 0, late;

    *taken = true;
    if (o->kind != ORDER_TWIN_DEPLOY && o->kind != ORDER_ROLL_BACK && o->kind != ORDER_WAVE_DEPLOY)
        return true;
    if (!turn_open(en))
        return true;
    if (!learner_take_holds(&en->learner, d, o->kind, &holder, e))
        return false;
    *taken = holder == 0;
    if (!*taken) {
        if (waiting_put(&en->waiting, o->id, holder))
            log_info("order-waits", log_int("deployment", d->id),
                     log_text("order", order_name(o->kind)), log_int("holder", holder));
        return true;
    }
    late = d->deadline_ms != 0 && d->deadline_ms <= engine_now_ms(en);
    return (!waiting_drop(&en->waiting, o->id) && !(first && late)) || begin_time(en, d, e);
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
    if (!store_order(en->store, order_id, &o, &r->progress, e)) {
        waiting_drop(&en->waiting, order_id);
        return e->kind == ERROR_NOT_FOUND;
    }
    if (order_is_wait(o.kind) || o.due_ms > engine_now_ms(en))
        return true;
    if (!store_load(en->store, o.deployment_id, &r->deployment, e) ||
        !store_package_arn(en->store, r->deployment.package_id, r->arn, sizeof(r->arn), e))
        return false;
    r->pipeline = settings_pipeline(en->settings, r->deployment.pipeline);
    if (r->pipeline == NULL)
        return true;
    if (!take_holds(en, r, &o, &taken, e) || !load_documents(r, e))
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
    if (!en->dead && find_run(en, order_id) == r)
        r->work = work_start(en->shop, &r->order, run_done, r);
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

    if (!turn_open(en))
        return;
    if (!store_load(en->store, deployment_id, &d, &e)) {
        engine_dies(en, &e);
        return;
    }
    /* The time of one that waits for another's thing group begins when it has it. */
    if (d.deadline_ms == 0 || d.deadline_ms > f.at_ms || waiting_has(&en->waiting, d.order_id))
        return;
    if (!learner_fact(&en->learner, &f, &applied, &e))
        engine_dies(en, &e);
}

/* ---- what is due ---------------------------------------------------------------------------- */

#define AT_ONCE_MAX 256      /* Appointments of one turn: the loop has others to serve. */
#define GRACE_MS SECONDS(20) /* Time to see how it stands after a start or a reload. */
#define AGENDA_LEAST ((size_t)65536)

static bool
has_room(const struct engine *en)
{
    return en->counters.in_flight < IN_FLIGHT_MAX;
}

/* Which of the two is to be looked at next; NULL if there is nothing to wait for. */
static struct agenda *
next_agenda(struct engine *en)
{
    const struct appointment *order = has_room(en) ? agenda_first(&en->orders) : NULL;
    const struct appointment *deadline = agenda_first(&en->deadlines);

    if (order == NULL)
        return deadline != NULL ? &en->deadlines : NULL;
    return deadline != NULL && deadline->at_ms < order->at_ms ? &en->deadlines : &en->orders;
}

static void
dispatch(void *cookie)
{
    struct engine *en = cookie;
    int64_t now_ms = engine_now_ms(en);
    struct agenda *next = NULL;

    en->dispatches = false;
    for (int i = 0; i < AT_ONCE_MAX && !en->dead; i++) {
        struct appointment a;

        next = next_agenda(en);
        if (next == NULL || agenda_first(next)->at_ms > now_ms)
            break;
        a = agenda_take(next);
        if (a.order_id != 0)
            take_up(en, a.order_id);
        else
            overdue(en, a.deployment_id);
    }
    next = en->dead ? NULL : next_agenda(en);
    if (next == NULL)
        return;
    if (agenda_first(next)->at_ms <= now_ms)
        dispatch_soon(en);
    else
        timer_start(en->timer, agenda_first(next)->at_ms - now_ms);
}

void
dispatch_soon(struct engine *en)
{
    if (en->dispatches || en->dead || en->stopped)
        return;
    en->dispatches = true;
    /* Called after a commit this is still the same turn: nothing is waited for. */
    loop_later(en->loop, dispatch, en);
}

static void
recall_order(void *cookie, const struct order *o, int64_t deadline_ms)
{
    struct engine *en = cookie;
    int64_t soonest_ms = engine_now_ms(en);

    if (!order_is_wait(o->kind)) {
        /* Its time may have run while nobody looked: what has been done meanwhile counts. */
        soonest_ms += GRACE_MS;
        if (find_run(en, o->id) == NULL)
            agenda_add(&en->orders, (struct appointment){ o->due_ms, o->deployment_id, o->id });
    }
    if (deadline_ms != 0)
        agenda_add(&en->deadlines,
                   (struct appointment){ deadline_ms > soonest_ms ? deadline_ms : soonest_ms,
                                         o->deployment_id, 0 });
}

bool
dispatch_recall(struct engine *en, struct error *e)
{
    size_t count;

    agenda_free(&en->orders);
    agenda_free(&en->deadlines);
    waiting_free(&en->waiting);
    if (!store_orders(en->store, recall_order, en, e))
        return false;
    count = en->orders.count + en->deadlines.count;
    en->agenda_max = count > AGENDA_LEAST / 2 ? count * 2 : AGENDA_LEAST;
    return true;
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
        agenda_add(&en->orders, (struct appointment){ o->due_ms, d->id, o->opened });
    if (o->deadline_moved)
        agenda_add(&en->deadlines, (struct appointment){ d->deadline_ms, d->id, 0 });
    if (o->released)
        wake_waiting(en, d->id);
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
        fill_order(r, &none);
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
