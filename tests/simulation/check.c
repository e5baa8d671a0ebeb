/* What must hold after every commit, after a crash, and of a world at rest. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "world.h"

/* ---- one deployment after a commit ---------------------------------------------------------- */

struct last_fact {
    char fact[20];
};

static void
take_fact(void *cookie, const struct history_view *h)
{
    struct last_fact *l = cookie;

    snprintf(l->fact, sizeof(l->fact), "%s", h->fact);
}

/* The name under which work is done moves only when the old one is known to be used up. */
static void
check_generation(struct world *w, const struct deployment *was, const struct deployment *is)
{
    struct last_fact last = { "" };
    struct error e;

    if (is->generation == was->generation)
        return;
    sometimes(SOMETIMES_NEW_GENERATION);
    if (is->generation < was->generation)
        violated(w, "deployment %lld: its generation goes back", (long long)is->id);
    if (is->generation > w->seen[is->id].new_names)
        violated(w, "deployment %lld: its work gets a new name though nothing has failed",
                 (long long)is->id);
    /* Several facts of one turn cannot be told apart here. */
    if (is->revision != was->revision + 1)
        return;
    if (!view_history(w->store, is->id, 1, take_fact, &last, &e))
        violated(w, "deployment %lld: %s", (long long)is->id, e.text);
    if (strcmp(last.fact, "work-failed") != 0 && strcmp(last.fact, "gate-unclear") != 0 &&
        strcmp(last.fact, "retry-asked") != 0)
        violated(w, "deployment %lld: its generation moves because of %s", (long long)is->id,
                 last.fact);
}

static bool
is_final(enum state s)
{
    return s == REJECTED || s == CANCELLED || s == SUPERSEDED || s == ROLLED_BACK;
}

static void
count_move(const struct deployment *was, const struct deployment *is)
{
    static const struct {
        enum state from, to;
        const char *reason; /* A part of it; NULL: whatever. */
        enum sometimes counter;
    } MOVES[] = {
        { AWAITING_APPROVAL, REJECTED, "rejected by", SOMETIMES_PERSON_REJECTS },
        { AWAITING_APPROVAL, EXPIRED, NULL, SOMETIMES_EXPIRES },
        { AWAITING_APPROVAL, SUPERSEDED, NULL, SOMETIMES_SUPERSEDED_AT_GATE },
        { LIVE, SUPERSEDED, NULL, SOMETIMES_SUPERSEDED_LIVE },
        { LIVE, ROLLING_BACK, "registry", SOMETIMES_WITHDRAWN_LIVE },
        { ROLLING_OUT, ROLLING_BACK, "registry", SOMETIMES_WITHDRAWN_IN_ROLLOUT },
        { ROLLING_OUT, ROLLING_BACK, "cancelled by", SOMETIMES_CANCELLED_IN_ROLLOUT },
        { ROLLING_OUT, ROLLING_BACK, "longer than", SOMETIMES_WAVE_OVERDUE },
        { ROLLING_OUT, HALTED, "longer than", SOMETIMES_WAVE_OVERDUE },
        { ROLLING_OUT, ROLLING_BACK, "time allowed", SOMETIMES_WAVE_OVERDUE },
        { ROLLING_OUT, HALTED, "time allowed", SOMETIMES_WAVE_OVERDUE },
        { HALTED, ROLLING_OUT, NULL, SOMETIMES_RETRIED_AFTER_HALT },
        { ROLLING_BACK, ROLLED_BACK, NULL, SOMETIMES_ROLLED_BACK },
        { ROLLING_BACK, ROLLBACK_STUCK, NULL, SOMETIMES_ROLLBACK_STUCK },
        { ROLLING_OUT, LIVE, NULL, SOMETIMES_LIVE },
        { COMPILING, FAILED, "certain", SOMETIMES_TRIES_EXHAUSTED },
        { COMPILING, FAILED, "longer than", SOMETIMES_STAGE_OVERDUE },
        { TWIN_TESTING, FAILED, "longer than", SOMETIMES_STAGE_OVERDUE },
    };

    for (size_t i = 0; i < ARRAY_LEN(MOVES); i++)
        if (MOVES[i].from == was->state && MOVES[i].to == is->state &&
            (MOVES[i].reason == NULL || strstr(is->reason, MOVES[i].reason) != NULL))
            sometimes(MOVES[i].counter);
}

static void
check_order(struct world *w, const struct deployment *d, const struct order *o)
{
    bool ended = state_is_ended(d->state);

    if (!ended && o->kind == ORDER_NONE)
        violated(w, "deployment %lld is %s and has no open order", (long long)d->id,
                 state_name(d->state));
    if (ended && o->kind != ORDER_NONE && o->kind != ORDER_STOP)
        violated(w, "deployment %lld is %s and has the open order %s", (long long)d->id,
                 state_name(d->state), order_name(o->kind));
    if (!ended && d->deadline_ms == 0 && !order_is_wait(o->kind))
        violated(w, "deployment %lld is %s without a deadline, and nobody is asked",
                 (long long)d->id, state_name(d->state));
    if (state_class(d->state) == STATE_WORKS && order_is_wait(o->kind))
        violated(w, "deployment %lld is %s and only waits", (long long)d->id, state_name(d->state));
}

/* A halted rollout goes on only when an operator has said so. */
static void
check_goes_on(struct world *w, struct seen *s, const struct deployment *is)
{
    bool asked = false;

    if (s->d.state != HALTED || is->state != ROLLING_OUT)
        return;
    for (int64_t i = 0; i < w->ask_count; i++)
        if (w->asks[i].deployment_id == is->id && w->asks[i].verb == PERSON_RETRY)
            asked = true;
    if (!asked)
        violated(w, "deployment %lld was halted and goes on by itself", (long long)is->id);
    s->halted = s->will_halt = false;
}

static void
check_one(void *cookie, const struct deployment_view *v)
{
    struct world *w = cookie;
    const struct deployment *d = &v->d;
    struct seen *s;

    if (d->id >= SEEN_MAX || d->id < 1) {
        violated(w, "more than %d deployments", SEEN_MAX);
        return;
    }
    s = &w->seen[d->id];
    check_order(w, d, &v->order);
    if (d->id > w->seen_max)
        w->seen_max = d->id;
    if (s->known && d->revision < s->d.revision)
        violated(w, "deployment %lld goes back to revision %lld", (long long)d->id,
                 (long long)d->revision);
    if (s->known && is_final(s->d.state) && d->state != s->d.state)
        violated(w, "deployment %lld was %s and is %s", (long long)d->id, state_name(s->d.state),
                 state_name(d->state));
    if (d->wave_state != WAVE_NONE && d->wave >= d->wave_count)
        violated(w, "deployment %lld has no wave %lld", (long long)d->id, (long long)d->wave + 1);
    if (s->known && (d->revision != s->d.revision || d->state != s->d.state)) {
        trace("  deployment %lld: %s -> %s (%s)", (long long)d->id, state_name(s->d.state),
              state_name(d->state), d->reason);
        count_move(&s->d, d);
        check_goes_on(w, s, d);
    }
    s->d = *d;
    s->order = v->order.kind;
    s->known = true;
}

/* ---- all deployments after a commit --------------------------------------------------------- */

struct outbox {
    struct world *world;
    int64_t of[SEEN_MAX]; /* The order of each deployment. */
};

static void
take_order(void *cookie, const struct order *o, int64_t deadline_ms)
{
    struct outbox *b = cookie;
    const struct deployment *d = &b->world->seen[o->deployment_id].d;

    (void)deadline_ms;
    if (b->of[o->deployment_id] != 0)
        violated(b->world, "deployment %lld has two open orders", (long long)d->id);
    if (o->id != d->order_id)
        violated(b->world, "deployment %lld: order %lld is open, not its own %lld",
                 (long long)d->id, (long long)o->id, (long long)d->order_id);
    b->of[o->deployment_id] = o->id;
}

static bool
holds_twin(const struct deployment *d)
{
    return d->state == TWIN_DEPLOYING || d->state == TWIN_TESTING;
}

/* Whoever changes a thing group is in a state that does; nobody else keeps it. */
static void
check_group(struct world *w, struct thing_group *g, bool twin)
{
    char resource[64];
    int64_t holder;
    struct error e;

    snprintf(resource, sizeof(resource), "||%s", g->name);
    if (!view_holder(w->store, resource, &holder, &e)) {
        violated(w, "who holds %s cannot be read: %s", g->name, e.text);
        return;
    }
    if (holder != 0 &&
        !(twin ? holds_twin(&w->seen[holder].d) : state_holds_fleet(w->seen[holder].d.state)))
        violated(w, "deployment %lld is %s and keeps %s", (long long)holder,
                 state_name(w->seen[holder].d.state), g->name);
    if (g->changing != 0 && !(twin ? holds_twin(&w->seen[g->changing].d)
                                   : state_holds_fleet(w->seen[g->changing].d.state)))
        g->changing = 0;
    if (g->changing != 0 && holder != g->changing)
        violated(w, "deployment %lld changes %s and does not hold it", (long long)g->changing,
                 g->name);
}

/* Of one pipeline one deployment is live, and, if newer ones supersede, one is at the gate. */
static void
check_lanes(struct world *w)
{
    for (size_t p = 0; p < w->settings.pipeline_count; p++) {
        const struct pipeline_settings *s = &w->pipelines[p];
        int64_t live = 0, waiting = 0;

        for (int64_t id = 1; id <= w->seen_max; id++) {
            const struct deployment *d = &w->seen[id].d;

            if (strcmp(d->pipeline, s->name) != 0)
                continue;
            live += d->state == LIVE;
            waiting += d->state == AWAITING_APPROVAL;
        }
        if (live > 1)
            violated(w, "pipeline %s has %lld live deployments", s->name, (long long)live);
        if (s->supersede && waiting > 1)
            violated(w, "pipeline %s has %lld deployments at its gate", s->name,
                     (long long)waiting);
    }
}

void
check_step(struct world *w)
{
    struct outbox orders = { .world = w };
    struct deployment was[SEEN_MAX];
    int64_t known = w->seen_max;
    struct error e;

    for (int64_t id = 1; id <= known; id++)
        was[id] = w->seen[id].d;
    if (!view_deployments(w->store, 0, 1000, check_one, w, &e) ||
        !store_orders(w->store, take_order, &orders, &e)) {
        violated(w, "the store cannot be read: %s", e.text);
        return;
    }
    for (int64_t id = 1; id <= known && !w->violated; id++)
        if (w->seen[id].known)
            check_generation(w, &was[id], &w->seen[id].d);
    for (size_t i = 0; i < GROUPS_MAX && !w->violated; i++)
        check_group(w, &w->groups[i], false);
    check_group(w, &w->twin, true);
    check_lanes(w);
}

static bool
is_in_rollout(const struct world *w, const struct deployment *d, const char *group)
{
    const struct pipeline_settings *p = settings_pipeline(&w->settings, d->pipeline);

    for (size_t v = 0; v < p->rollout.wave_count; v++)
        for (size_t g = 0; g < p->rollout.waves[v].thing_groups.count; g++)
            if (strcmp(p->rollout.waves[v].thing_groups.items[g], group) == 0)
                return true;
    return false;
}

/* It needs a thing group of one that waits for an operator, and so waits for that person too. */
static bool
waits_behind(struct world *w, const struct deployment *d)
{
    for (size_t g = 0; g < GROUPS_MAX; g++) {
        char resource[64];
        int64_t holder;
        struct error e;

        snprintf(resource, sizeof(resource), "||%s", w->groups[g].name);
        if (!view_holder(w->store, resource, &holder, &e))
            violated(w, "who holds %s cannot be read: %s", w->groups[g].name, e.text);
        else if (holder != 0 && holder != d->id && is_in_rollout(w, d, w->groups[g].name) &&
                 state_class(w->seen[holder].d.state) == STATE_WAITS)
            return true;
    }
    return false;
}

bool
check_settled(struct world *w)
{
    for (int64_t id = 1; id <= w->seen_max; id++) {
        const struct deployment *d = &w->seen[id].d;
        bool waits = (d->state == AWAITING_APPROVAL && d->planned) || d->state == HALTED ||
                     d->state == ROLLBACK_STUCK ||
                     (w->seen[id].order == ORDER_ROLL_BACK && waits_behind(w, d));

        if (!waits && (w->seen[id].order != ORDER_NONE || !state_is_ended(d->state)))
            return false;
    }
    return true;
}
