/* The drivers: they see how far an order is in the world, do the next thing, and say how it stands.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "work/workshop.h"
#include "world.h"

/* ---- the ledger ----------------------------------------------------------------------------- */

bool
effect_make(struct world *w, const struct work_order *o, const char *part, uint64_t content)
{
    struct effect *f;
    char token[WORK_TOKEN_SIZE];

    work_token(o, part, token);
    for (int64_t i = 0; i < w->effect_count; i++) {
        f = &w->effects[i];
        if (strcmp(f->token, token) != 0)
            continue;
        if (f->content != content || f->deployment_id != o->deployment->id || f->kind != o->kind)
            violated(w,
                     "deployment %lld: %s %s of generation %lld would be made a second time, "
                     "and otherwise",
                     (long long)o->deployment->id, order_name(o->kind), part,
                     (long long)o->deployment->generation);
        sometimes(SOMETIMES_EFFECT_ADOPTED);
        return false;
    }
    if (w->effect_count == EFFECTS_MAX) {
        violated(w, "more effects than %d", EFFECTS_MAX);
        return false;
    }
    f = &w->effects[w->effect_count++];
    *f = (struct effect){ .kind = o->kind,
                          .deployment_id = o->deployment->id,
                          .generation = o->deployment->generation,
                          .content = content };
    memcpy(f->token, token, sizeof(token));
    trace("  effect: deployment %lld %s %s generation %lld", (long long)o->deployment->id,
          order_name(o->kind), part, (long long)o->deployment->generation);
    return true;
}

/* ---- answers -------------------------------------------------------------------------------- */

void
work_answer(struct world *w, struct work *k, const struct work_result *r)
{
    work_done *done = k->done;
    void *cookie = k->cookie;

    trace("%lld answer: deployment %lld %s: %d", (long long)(w->now_ms - WORLD_BEGINS_MS),
          (long long)k->order->deployment->id, order_name(k->order->kind), (int)r->outcome);
    if (r->outcome == WORK_FAILED)
        w->seen[k->order->deployment->id].new_names++;
    k->used = false;
    done(cookie, r);
}

void
work_unknown(struct world *w, struct work *k)
{
    struct work_result r = { .outcome = WORK_UNKNOWN, .reason = "no answer came" };

    work_answer(w, k, &r);
}

static void
work_fails(struct world *w, struct work *k)
{
    struct work_result r = { .outcome = WORK_FAILED, .reason = "it failed for certain" };

    sometimes(SOMETIMES_WORK_FAILS);
    work_answer(w, k, &r);
}

static void
work_finishes(struct world *w, struct work *k, const char *document, const char *digest)
{
    struct work_result r = { .outcome = WORK_DONE, .document = str_of(document), .digest = digest };

    work_answer(w, k, &r);
}

/* The effect is made; what may come between it and its answer.  True: the answer was told. */
static bool
after_effect(struct world *w, struct work *k)
{
    struct work_result waits = { .outcome = WORK_UNDER_WAY, .wait_ms = SECONDS(10) };

    if (fault(w, FAULT_CRASH))
        world_crashes(w, SOMETIMES_CRASH_AFTER_EFFECT);
    if (fault(w, FAULT_UNKNOWN)) {
        sometimes(SOMETIMES_REPLY_LOST);
        work_unknown(w, k);
        return true;
    }
    if (fault(w, FAULT_FAIL)) {
        work_fails(w, k);
        return true;
    }
    if (!w->calm && draw_chance(&w->draw, 150)) {
        work_answer(w, k, &waits);
        return true;
    }
    return false;
}

/* ---- the stages before the fleet ------------------------------------------------------------ */

static void
confirm(struct world *w, struct work *k)
{
    const struct package_model *p = registry_find(w, k->order->arn);
    bool stale = fault(w, FAULT_STALE);
    const struct registry_change *now = p != NULL ? registry_now(p, stale) : NULL;
    struct work_result r = { .outcome = WORK_DONE, .document = STR("source") };

    if (now == NULL) {
        violated(w, "nobody ever registered %s", k->order->arn);
        return;
    }
    if (stale && now != registry_now(p, false))
        sometimes(SOMETIMES_STALE_READ);
    r.approved_s = now->at_ms / 1000;
    if (now->status != SEEN_APPROVED) {
        sometimes(SOMETIMES_CONFIRM_WITHDRAWS);
        r.outcome = WORK_WITHDRAWN;
        r.rejected = now->status == SEEN_REJECTED;
        r.reason = "the registry does not say approved";
    }
    work_answer(w, k, &r);
}

static void
compiled_digest(const struct work_order *o, char digest[DIGEST_SIZE])
{
    uint64_t x = mix((uint64_t)o->package_version, (uint64_t)o->deployment->generation);

    snprintf(digest, DIGEST_SIZE, "%016llx%016llx%016llx%016llx", (unsigned long long)x,
             (unsigned long long)mix(x, 1), (unsigned long long)mix(x, 2),
             (unsigned long long)mix(x, 3));
}

static void
compile(struct world *w, struct work *k)
{
    const struct package_model *p = registry_find(w, k->order->arn);
    char digest[DIGEST_SIZE];

    effect_make(w, k->order, "", (uint64_t)k->order->package_version);
    if (after_effect(w, k))
        return;
    if (p->bad_compile) {
        work_fails(w, k);
        return;
    }
    compiled_digest(k->order, digest);
    work_finishes(w, k, digest, NULL);
}

static uint64_t
number_of(struct str text)
{
    uint64_t x = 0;

    for (size_t i = 0; i < text.len; i++)
        x = mix(x, (unsigned char)text.at[i]);
    return x;
}

static void
package(struct world *w, struct work *k)
{
    struct str compiled = k->order->compiled;
    char digest[DIGEST_SIZE];

    if (!str_copy(digest, sizeof(digest), compiled) || compiled.len != DIGEST_SIZE - 1) {
        violated(w, "deployment %lld is packaged without having been compiled",
                 (long long)k->order->deployment->id);
        return;
    }
    effect_make(w, k->order, "", number_of(compiled));
    if (!after_effect(w, k))
        work_finishes(w, k, digest, digest);
}

static void
twin_deploy(struct world *w, struct work *k)
{
    const struct deployment *d = k->order->deployment;

    check_command(w, k->order, &w->twin);
    if (!str_is(k->order->package, d->digest))
        violated(w, "deployment %lld: what was packaged is not what it says", (long long)d->id);
    if (w->violated)
        return;
    if (effect_make(w, k->order, w->twin.name, number_of(str_of(d->digest)))) {
        w->twin.owner = d->id;
        w->twin.changing = d->id;
    }
    if (!after_effect(w, k))
        work_finishes(w, k, "twin", NULL);
}

static void
twin_test(struct world *w, struct work *k)
{
    const struct deployment *d = k->order->deployment;
    const struct package_model *p = registry_find(w, k->order->arn);
    bool unclear = fault(w, FAULT_UNCLEAR);
    char text[400];

    if (w->twin.owner != d->id) {
        violated(w, "deployment %lld is tested on a twin that runs deployment %lld",
                 (long long)d->id, (long long)w->twin.owner);
        return;
    }
    if (after_effect(w, k))
        return;
    if (unclear) {
        sometimes(SOMETIMES_GATE_UNCLEAR);
        w->seen[d->id].new_names++;
    }
    if (!unclear && p->bad_gate)
        sometimes(SOMETIMES_GATE_FAILED);
    snprintf(text, sizeof(text),
             "{\"schema\":\"slipway.twin-result/1\",\"run_id\":\"r\",\"subject\":{\"component\":"
             "\"c\",\"version\":\"1\",\"artifact_sha256\":\"%s\",\"target\":\"t\"},\"suites\":{"
             "\"all\":{\"status\":\"PASS\",\"passed\":5,\"failed\":0}},\"metrics\":{%s%s}}",
             d->digest, unclear ? "" : "\"accuracy\":{\"n\":450,\"value\":",
             unclear       ? ""
             : p->bad_gate ? "0.5}"
                           : "0.95}");
    work_finishes(w, k, text, NULL);
}

static void
stop(struct world *w, struct work *k)
{
    sometimes(SOMETIMES_STOP_ORDERED);
    work_finishes(w, k, "", NULL);
}

/* ---- work.h --------------------------------------------------------------------------------- */

/* By the kind of order; NULL: nobody carries it out. */
static void (*const ACTS[ORDER_KIND_COUNT])(struct world *w, struct work *k) = {
    [ORDER_CONFIRM] = confirm,
    [ORDER_COMPILE] = compile,
    [ORDER_PACKAGE] = package,
    [ORDER_TWIN_DEPLOY] = twin_deploy,
    [ORDER_TWIN_TEST] = twin_test,
    [ORDER_PLAN] = fleet_plan,
    [ORDER_WAVE_DEPLOY] = fleet_deploy,
    [ORDER_WAVE_WATCH] = fleet_watch,
    [ORDER_ROLL_BACK] = fleet_roll_back,
    [ORDER_ROLLBACK_WATCH] = fleet_watch,
    [ORDER_STOP] = stop,
};

struct work *
work_start(struct workshop *shop, const struct work_order *order, work_done *done, void *cookie)
{
    struct world *w = shop->world;
    struct work *k = w->works;
    int64_t in_ms = w->calm ? draw_between(&w->draw, 1, 2000) : draw_between(&w->draw, 200, 30000);

    while (k->used)
        if (++k == w->works + WORKS_MAX)
            abort();
    if (w->in_transaction)
        violated(w, "deployment %lld: %s is carried out before its order is committed",
                 (long long)order->deployment->id, order_name(order->kind));
    if (fault(w, FAULT_SLOW))
        in_ms = MINUTES(draw_between(&w->draw, 30, 600));
    *k = (struct work){
        .used = true, .number = ++w->next_number, .order = order, .done = done, .cookie = cookie
    };
    happens(w, in_ms, HAPPENS_WORK, k - w->works, k->number);
    return k;
}

void
work_cancel(struct work *w)
{
    struct world *sim = the_world;

    if (w == NULL)
        return;
    w->used = false;
    if (!sim->crashing)
        sometimes(SOMETIMES_WORK_CANCELLED);
    /* The request may be on its way.  For fleets see README.md. */
    if (w->order->kind == ORDER_COMPILE && draw_chance(&sim->draw, sim->rates[FAULT_LATE]) &&
        effect_make(sim, w->order, "", (uint64_t)w->order->package_version))
        sometimes(SOMETIMES_EXECUTED_LATE);
}

void
workshop_forget(struct workshop *shop, const struct work_order *order)
{
    (void)shop;
    (void)order;
}

void
drivers_happen(struct world *w, const struct happening *h)
{
    struct work *k = &w->works[h->a];

    if (!k->used || k->number != h->b)
        return;
    if (fault(w, FAULT_UNKNOWN)) {
        sometimes(SOMETIMES_REQUEST_LOST);
        work_unknown(w, k);
        return;
    }
    if (ACTS[k->order->kind] == NULL)
        violated(w, "%s is nobody's to carry out", order_name(k->order->kind));
    else
        ACTS[k->order->kind](w, k);
}
