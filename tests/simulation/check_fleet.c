/* What must hold the moment a fleet is told to change: judged by what the world itself knows. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "world.h"

/* ---- approvals ------------------------------------------------------------------------------ */

enum { RECORDS_MAX = 400, YES_MAX = 8 };

struct record {
    char fact[20], from[24], to[24], actor[16];
    int64_t at_ms;
};

struct reading {
    struct record records[RECORDS_MAX]; /* Newest first. */
    size_t count;
    const struct deployment *d;
    bool signed_yes[APPROVERS]; /* By the table of decisions, for exactly this digest. */
    struct world *world;
};

static void
take_record(void *cookie, const struct history_view *h)
{
    struct reading *r = cookie;
    struct record *to = &r->records[r->count];

    if (r->count == RECORDS_MAX)
        return;
    snprintf(to->fact, sizeof(to->fact), "%s", h->fact);
    snprintf(to->from, sizeof(to->from), "%s", h->from);
    snprintf(to->to, sizeof(to->to), "%s", h->to);
    snprintf(to->actor, sizeof(to->actor), "%s", h->actor);
    to->at_ms = h->at_ms;
    r->count++;
}

static int64_t
approver_index(const struct world *w, const char *name)
{
    for (int64_t i = 0; i < APPROVERS; i++)
        if (strcmp(w->approvers[i].name, name) == 0)
            return i;
    return -1;
}

static void
take_decision(void *cookie, const struct decision_view *v)
{
    struct reading *r = cookie;
    int64_t i = approver_index(r->world, v->approver);

    if (i >= 0 && strcmp(v->decision, "approve") == 0 && strcmp(v->digest, r->d->digest) == 0)
        r->signed_yes[i] = true;
}

/* This person really asked for it, for this digest. */
static bool
really_asked(const struct world *w, const struct deployment *d, int64_t approver)
{
    for (int64_t i = 0; i < w->ask_count; i++) {
        const struct ask *a = &w->asks[i];

        if (a->deployment_id == d->id && a->approver == approver && a->verb == PERSON_APPROVE &&
            strcmp(a->digest, d->digest) == 0)
            return true;
    }
    return false;
}

/* Distinct people that said yes since the gate was entered last, in time. */
static int64_t
count_yes(const struct world *w, const struct reading *r, int64_t expires_ms)
{
    bool yes[APPROVERS] = { false };
    int64_t entered_ms = INT64_MIN, count = 0;

    for (size_t i = r->count; i-- > 0;) {
        const struct record *e = &r->records[i];
        int64_t who = approver_index(w, e->actor);

        if (strcmp(e->to, "awaiting-approval") == 0 && strcmp(e->from, e->to) != 0) {
            entered_ms = e->at_ms;
            memset(yes, 0, sizeof(yes));
        }
        if (strcmp(e->fact, "approved") == 0 && who >= 0 && entered_ms != INT64_MIN &&
            e->at_ms < entered_ms + expires_ms)
            yes[who] = true;
    }
    for (int64_t i = 0; i < APPROVERS; i++)
        count += yes[i] && r->signed_yes[i] && really_asked(w, r->d, i);
    return count;
}

static void
check_approved(struct world *w, const struct work_order *o)
{
    const struct deployment *d = o->deployment;
    const struct approval_settings *needed = &o->pipeline->approval;
    struct reading *r = xcalloc(1, sizeof(*r));
    struct error e;
    int64_t count;

    r->d = d;
    r->world = w;
    if (!view_history(w->store, d->id, RECORDS_MAX, take_record, r, &e) ||
        !view_decisions(w->store, d->id, take_decision, r, &e))
        violated(w, "deployment %lld cannot be read: %s", (long long)d->id, e.text);
    count = count_yes(w, r, needed->expires_ms);
    if (count < needed->required)
        violated(w, "deployment %lld goes to the fleet with %lld approvals of %lld",
                 (long long)d->id, (long long)count, (long long)needed->required);
    if (count >= 2)
        sometimes(SOMETIMES_APPROVED_BY_TWO);
    free(r);
}

/* ---- withdrawal ----------------------------------------------------------------------------- */

/* A change of the registry that slipway has taken note of ends the approval it stands for. */
static void
check_not_withdrawn(struct world *w, const struct work_order *o)
{
    const struct package_model *p = registry_find(w, o->arn);

    for (int64_t i = 0; i < p->change_count; i++) {
        const struct registry_change *c = &p->changes[i];
        int64_t at_s = c->at_ms / 1000;

        if (!c->acknowledged || c->edit || c->status == SEEN_APPROVED)
            continue;
        if (at_s > o->deployment->approved_s ||
            (at_s == o->deployment->approved_s && c->status == SEEN_REJECTED))
            violated(w, "deployment %lld goes to the fleet though its approval was taken back",
                     (long long)o->deployment->id);
    }
    if (o->deployment->withdrawn)
        violated(w, "deployment %lld is withdrawn and goes to the fleet",
                 (long long)o->deployment->id);
}

/* ---- waves ---------------------------------------------------------------------------------- */

static int64_t
exposed(const struct device_counts *c)
{
    return c->queued + c->in_progress + c->succeeded + c->failed + c->rejected + c->timed_out +
           c->cancelled;
}

static int64_t
failures(const struct device_counts *c)
{
    return c->failed + c->rejected + c->timed_out + c->cancelled;
}

static bool
is_bad(const struct rollout_settings *r, const struct device_counts *c)
{
    int64_t reported = failures(c) + c->succeeded, all = exposed(c);
    int64_t enough = r->failure_min < all ? r->failure_min : all;

    if (c->broken > r->broken_max)
        return true;
    return reported >= enough && failures(c) * 100 > r->failure_percent * all;
}

static bool
is_good(const struct rollout_settings *r, const struct device_counts *c)
{
    return !is_bad(r, c) && exposed(c) > 0 && c->succeeded * 100 >= r->success_percent * exposed(c);
}

void
check_report(struct world *w, const struct work_order *o, const struct device_counts *c)
{
    const struct rollout_settings *r = &o->pipeline->rollout;
    struct seen *s = &w->seen[o->deployment->id];
    int64_t *since_ms = &s->good_since_ms[o->deployment->wave];

    if (is_bad(r, c)) {
        s->will_halt = true;
        sometimes(c->broken > r->broken_max ? SOMETIMES_WAVE_BROKEN : SOMETIMES_WAVE_FAILS);
    }
    if (!is_good(r, c))
        *since_ms = 0;
    else if (*since_ms == 0)
        *since_ms = w->now_ms;
}

void
check_committed(struct world *w)
{
    for (int64_t id = 1; id < SEEN_MAX; id++)
        w->seen[id].halted = w->seen[id].halted || w->seen[id].will_halt;
}

void
check_undone(struct world *w)
{
    for (int64_t id = 1; id < SEEN_MAX; id++)
        w->seen[id].will_halt = false;
}

static void
check_wave(struct world *w, const struct work_order *o)
{
    const struct deployment *d = o->deployment;
    struct seen *s = &w->seen[d->id];
    int64_t before = d->wave - 1;

    if (s->halted)
        violated(w, "deployment %lld goes on with wave %lld after a wave has failed",
                 (long long)d->id, (long long)d->wave + 1);
    if (before >= 0 && (s->commanded & (INT64_C(1) << before)) == 0)
        violated(w, "deployment %lld leaves wave %lld out", (long long)d->id,
                 (long long)before + 1);
    if (before >= 0 && (s->good_since_ms[before] == 0 ||
                        w->now_ms - s->good_since_ms[before] < o->pipeline->rollout.bake_ms))
        violated(w, "deployment %lld begins wave %lld before wave %lld has passed",
                 (long long)d->id, (long long)d->wave + 1, (long long)before + 1);
    s->commanded |= INT64_C(1) << d->wave;
    s->good_since_ms[d->wave] = 0;
    sometimes(d->wave == 0 ? SOMETIMES_WAVE_DEPLOYED : SOMETIMES_SECOND_WAVE);
}

/* ---- all of it ------------------------------------------------------------------------------ */

void
check_command(struct world *w, const struct work_order *o, struct thing_group *g)
{
    const struct deployment *d = o->deployment;

    if (g->changing != 0 && g->changing != d->id)
        violated(w, "deployment %lld changes %s while deployment %lld does", (long long)d->id,
                 g->name, (long long)g->changing);
    if (o->kind != ORDER_WAVE_DEPLOY)
        return;
    check_approved(w, o);
    check_not_withdrawn(w, o);
    check_wave(w, o);
    if (!str_is(o->package, d->digest))
        violated(w, "deployment %lld ships another artifact than the approved one",
                 (long long)d->id);
}
