/* What must hold after a crash and at the end: what was promised is kept, the chain is whole. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "world.h"

/* ---- what was acknowledged is there --------------------------------------------------------- */

struct looking {
    const struct world *world;
    const struct ask *ask;
    bool found;
};

static void
look(void *cookie, const struct decision_view *v)
{
    struct looking *l = cookie;

    if (strcmp(v->approver, l->world->approvers[l->ask->approver].name) == 0 &&
        strcmp(v->decision, person_verb_name(l->ask->verb)) == 0)
        l->found = true;
}

static void
check_asks(struct world *w)
{
    for (int64_t i = 0; i < w->ask_count && !w->violated; i++) {
        struct looking l = { w, &w->asks[i], false };
        struct error e;

        if (!w->asks[i].applied)
            continue;
        if (!view_decisions(w->store, w->asks[i].deployment_id, look, &l, &e) || !l.found)
            violated(w, "deployment %lld: a decision that was acknowledged is lost",
                     (long long)w->asks[i].deployment_id);
    }
}

static bool
has_sighting(const struct sightings *s, const struct registry_change *c)
{
    for (size_t i = 0; i < s->count; i++)
        if (s->items[i].at_s == c->at_ms / 1000 && s->items[i].status == c->status)
            return true;
    return false;
}

static void
check_messages(struct world *w)
{
    for (int64_t i = 0; i < w->package_count; i++) {
        const struct package_model *p = &w->packages[i];
        struct package kept;
        struct error e;

        if (!store_package(w->store, str_of(p->arn), &kept, &e)) {
            violated(w, "a package cannot be read: %s", e.text);
            return;
        }
        for (int64_t c = 0; c < p->change_count; c++)
            if (p->changes[c].acknowledged && !p->changes[c].edit &&
                !has_sighting(&kept.sightings, &p->changes[c]))
                violated(w, "version %lld: an event that was deleted from the queue is lost",
                         (long long)p->version);
    }
}

/* ---- the history ---------------------------------------------------------------------------- */

struct chain {
    struct world *world;
    char needed[24]; /* The state that the next older record must lead to. */
    int64_t seq, records;
};

static void
take_link(void *cookie, const struct history_view *h)
{
    struct chain *c = cookie;

    if (strcmp(c->needed, h->to) != 0 || (c->seq != 0 && h->seq >= c->seq))
        violated(c->world, "deployment %lld: record %lld leads to %s, then comes %s",
                 (long long)h->deployment_id, (long long)h->seq, h->to, c->needed);
    snprintf(c->needed, sizeof(c->needed), "%s", h->from);
    c->seq = h->seq;
    c->records++;
}

static void
check_history(struct world *w)
{
    for (int64_t id = 1; id <= w->seen_max && !w->violated; id++) {
        struct chain c = { .world = w };
        struct error e;

        snprintf(c.needed, sizeof(c.needed), "%s", state_name(w->seen[id].d.state));
        if (!view_history(w->store, id, 10000, take_link, &c, &e))
            violated(w, "deployment %lld: %s", (long long)id, e.text);
        else if (c.needed[0] != '\0' || c.records != w->seen[id].d.revision + 1)
            violated(w, "deployment %lld: %lld records for revision %lld", (long long)id,
                     (long long)c.records, (long long)w->seen[id].d.revision);
    }
}

/* Whatever was made outside was ordered before, and its order is on record. */
static void
check_effects(struct world *w)
{
    for (int64_t i = 0; i < w->effect_count; i++) {
        const struct effect *f = &w->effects[i];

        if (!w->seen[f->deployment_id].known ||
            w->seen[f->deployment_id].d.generation < f->generation)
            violated(w, "deployment %lld: %s was made for generation %lld, which nothing tells of",
                     (long long)f->deployment_id, order_name(f->kind), (long long)f->generation);
    }
}

void
check_whole(struct world *w)
{
    int64_t records;
    struct error e;

    if (!view_verify_audit(w->store, NULL, &records, NULL, &e))
        violated(w, "the history is broken: %s", e.text);
    check_step(w);
    check_asks(w);
    check_messages(w);
    check_history(w);
    check_effects(w);
}

/* ---- at rest -------------------------------------------------------------------------------- */

/* The approval this deployment stands for was taken back, and slipway was or could be told. */
static bool
was_taken_back(const struct package_model *p, const struct deployment *d)
{
    for (int64_t i = 0; i < p->change_count; i++) {
        const struct registry_change *c = &p->changes[i];
        int64_t at_s = c->at_ms / 1000;

        if (c->edit || c->status == SEEN_APPROVED || (c->lost && i + 1 < p->change_count))
            continue;
        if (at_s > d->approved_s || (at_s == d->approved_s && c->status == SEEN_REJECTED))
            return true;
    }
    return false;
}

static void
check_withdrawn(struct world *w, const struct package_model *p, const struct deployment *d)
{
    bool goes_on = d->state == AWAITING_APPROVAL || d->state == LIVE || d->state == HALTED ||
                   d->state == FAILED || d->state == EXPIRED;

    if (was_taken_back(p, d) && goes_on)
        violated(w, "deployment %lld rests as %s though its approval was taken back",
                 (long long)d->id, state_name(d->state));
}

/* Between two deployments of one package in one pipeline the approval was gone. */
static void
check_once(struct world *w, const struct package_model *p, const struct deployment *a,
           const struct deployment *b)
{
    int64_t low = a->approved_s < b->approved_s ? a->approved_s : b->approved_s;
    int64_t high = a->approved_s < b->approved_s ? b->approved_s : a->approved_s;

    for (int64_t i = 0; i < p->change_count; i++) {
        const struct registry_change *c = &p->changes[i];

        if (c->status != SEEN_APPROVED && c->at_ms / 1000 >= low && c->at_ms / 1000 <= high)
            return;
    }
    violated(w, "deployments %lld and %lld are for the same approval of version %lld",
             (long long)a->id, (long long)b->id, (long long)p->version);
}

static void
check_package(struct world *w, const struct package_model *p, const char *pipeline)
{
    const struct registry_change *last = registry_now(p, false);
    const struct deployment *newest = NULL;

    for (int64_t id = 1; id <= w->seen_max; id++) {
        const struct deployment *d = &w->seen[id].d;
        char arn[256];
        struct error e;

        if (!store_package_arn(w->store, d->package_id, arn, sizeof(arn), &e))
            violated(w, "deployment %lld: %s", (long long)id, e.text);
        else if (strcmp(arn, p->arn) != 0 || strcmp(d->pipeline, pipeline) != 0)
            continue;
        check_withdrawn(w, p, d);
        for (int64_t other = 1; other < id; other++)
            if (w->seen[other].d.package_id == d->package_id &&
                strcmp(w->seen[other].d.pipeline, pipeline) == 0)
                check_once(w, p, &w->seen[other].d, d);
        if (newest == NULL || d->approved_s > newest->approved_s)
            newest = d;
    }
    if (last != NULL && last->status == SEEN_APPROVED &&
        (newest == NULL || was_taken_back(p, newest)))
        violated(w, "version %lld is approved and pipeline %s has no deployment for it",
                 (long long)p->version, pipeline);
}

static const struct thing_group *
group_called(const struct world *w, const char *name)
{
    const struct thing_group *g = w->groups;

    while (strcmp(g->name, name) != 0)
        g++;
    return g;
}

/* What was rolled back runs nowhere, and every device that was told so has said that it did. */
static void
check_rolled_back(struct world *w, int64_t pipeline, const struct deployment *d)
{
    for (size_t i = 0; i < GROUPS_MAX; i++) {
        const struct thing_group *g = &w->groups[i];
        const struct installed_model *runs = &g->runs[pipeline];

        if (runs->by == d->id && runs->restored)
            sometimes(SOMETIMES_WITHDRAWN_RESTORED);
        else if (runs->by == d->id)
            violated(w, "deployment %lld is rolled back and %s runs it", (long long)d->id, g->name);
        if (g->owner == d->id && g->rolls_back && (g->job.failed > 0 || g->job.queued > 0))
            violated(w, "deployment %lld is rolled back and devices of %s have not said so",
                     (long long)d->id, g->name);
    }
}

/* What is live runs on every thing group of its pipeline that nobody is changing. */
static void
check_live(struct world *w, int64_t pipeline, const struct deployment *d)
{
    const struct rollout_settings *r = &w->pipelines[pipeline].rollout;

    for (size_t v = 0; v < r->wave_count; v++) {
        for (size_t i = 0; i < r->waves[v].thing_groups.count; i++) {
            const struct thing_group *g = group_called(w, r->waves[v].thing_groups.items[i]);

            if (g->changing == 0 && g->runs[pipeline].by != d->id)
                violated(w, "deployment %lld is live and %s does not run it", (long long)d->id,
                         g->name);
        }
    }
}

static void
check_fleet_of(struct world *w, int64_t pipeline, const struct deployment *d)
{
    if (d->state == ROLLED_BACK)
        check_rolled_back(w, pipeline, d);
    else if (d->state == LIVE)
        check_live(w, pipeline, d);
}

void
check_rest(struct world *w)
{
    for (size_t p = 0; p < w->settings.pipeline_count; p++) {
        const char *name = w->pipelines[p].name;

        for (int64_t i = 0; i < w->package_count && !w->violated; i++)
            check_package(w, &w->packages[i], name);
        for (int64_t id = 1; id <= w->seen_max && !w->violated; id++)
            if (strcmp(w->seen[id].d.pipeline, name) == 0)
                check_fleet_of(w, (int64_t)p, &w->seen[id].d);
    }
}
