/* What is learnt of a model package's approval, and the deployments that follow from it. */
#include <stdlib.h>
#include <string.h>

#include "learner/learner.h"
#include "slipway/event.h"
#include "slipway/pattern.h"

/* What counts of a deployment that the package has. */
struct known {
    int64_t id, approved_s;
    char pipeline[PIPELINE_NAME_SIZE];
    bool withdrawn;
};

/* One package in the light of something new. */
struct intake {
    struct learner *learner;
    struct package package;
    struct str arn;
    int64_t version, at_ms;
    struct approval_run runs[SIGHTINGS_MAX];
    size_t run_count;
    struct known *known; /* The deployments it has. */
    size_t known_count;
    /* How many of learner->belongs it belongs to: pipelines that match now or had it before. */
    size_t pipeline_count;
};

static void
add_pipeline(struct intake *in, const struct pipeline_settings *p)
{
    const struct pipeline_settings **belongs = in->learner->belongs;

    for (size_t i = 0; i < in->pipeline_count; i++)
        if (belongs[i] == p)
            return;
    if (p != NULL)
        belongs[in->pipeline_count++] = p;
}

/* ---- beginning and withdrawing -------------------------------------------------------------- */

static bool
begin(struct intake *in, const struct pipeline_settings *p, const struct approval_run *run,
      struct deployment *d, struct error *e)
{
    struct policy policy = policy_of(p);
    struct ordered o = {
        .deployment = d, .kind = ORDER_CONFIRM, .due_ms = in->at_ms, .deadline_moved = true
    };

    *d = pipeline_begin(&policy, in->at_ms);
    d->package_id = in->package.id;
    d->approved_s = run->began_s;
    d->rank = registry_rank(run->began_s, in->version);
    (void)!str_copy(d->pipeline, sizeof(d->pipeline), str_of(p->name));
    if (!store_add(in->learner->store, d, in->at_ms, e))
        return false;
    o.opened = d->order_id;
    in->learner->ordered(in->learner->cookie, &o);
    return true;
}

static bool
withdraw(struct intake *in, int64_t deployment_id, struct error *e)
{
    struct fact f = { .kind = FACT_WITHDRAWN,
                      .deployment_id = deployment_id,
                      .at_ms = in->at_ms,
                      .reason = "the registry took the approval back" };
    bool applied;

    return learner_fact(in->learner, &f, &applied, e);
}

static bool
is_known(const struct intake *in, const struct pipeline_settings *p, const struct approval_run *run)
{
    for (size_t i = 0; i < in->known_count; i++)
        if (strcmp(in->known[i].pipeline, p->name) == 0 &&
            run_contains(run, in->known[i].approved_s))
            return true;
    return false;
}

/* Every generation has one deployment in each pipeline, withdrawn if the generation has ended. */
static bool
begin_missing(struct intake *in, struct error *e)
{
    for (size_t i = 0; i < in->pipeline_count; i++) {
        const struct pipeline_settings *p = in->learner->belongs[i];

        for (size_t r = 0; r < in->run_count; r++) {
            struct deployment d;

            if (is_known(in, p, &in->runs[r]))
                continue;
            if (!begin(in, p, &in->runs[r], &d, e) ||
                (in->runs[r].ended_s != 0 && !withdraw(in, d.id, e)))
                return false;
        }
    }
    return true;
}

/* Also where the pipeline is not configured at the moment: a rejection is never lost. */
static bool
withdraw_ended(struct intake *in, struct error *e)
{
    for (size_t i = 0; i < in->known_count; i++) {
        const struct known *k = &in->known[i];

        for (size_t r = 0; r < in->run_count && !k->withdrawn; r++)
            if (in->runs[r].ended_s != 0 && run_contains(&in->runs[r], k->approved_s) &&
                !withdraw(in, k->id, e))
                return false;
    }
    return true;
}

/* A generation ranks by its first second, in whichever order its events come. */
static bool
rank_known(struct intake *in, struct error *e)
{
    for (size_t i = 0; i < in->known_count; i++) {
        const struct known *k = &in->known[i];

        for (size_t r = 0; r < in->run_count; r++)
            if (run_contains(&in->runs[r], k->approved_s) &&
                !store_rank(in->learner->store, k->id,
                            registry_rank(in->runs[r].began_s, in->version), e))
                return false;
    }
    return true;
}

/* ---- what is known already ------------------------------------------------------------------ */

static bool
load_known(struct intake *in, const int64_t *ids, size_t count, struct error *e)
{
    for (size_t i = 0; i < count; i++) {
        struct known *k = &in->known[i];
        struct deployment d;

        if (!store_load(in->learner->store, ids[i], &d, e))
            return false;
        k->id = d.id;
        k->approved_s = d.approved_s;
        k->withdrawn = d.withdrawn;
        memcpy(k->pipeline, d.pipeline, sizeof(k->pipeline));
        in->known_count++;
        add_pipeline(in, settings_pipeline(in->learner->settings, d.pipeline));
    }
    return true;
}

static bool
settle_known(struct intake *in, struct error *e)
{
    struct store *s = in->learner->store;
    int64_t *ids;
    size_t count;
    bool ok;

    if (!store_package_deployments(s, in->package.id, NULL, 0, &count, e))
        return false;
    ids = xcalloc(count, sizeof(*ids));
    in->known = xcalloc(count, sizeof(*in->known));
    ok = store_package_deployments(s, in->package.id, ids, count, &count, e) &&
         load_known(in, ids, count, e) && rank_known(in, e) && withdraw_ended(in, e) &&
         begin_missing(in, e);
    free(ids);
    free(in->known);
    return ok;
}

static bool
see(struct intake *in, struct sighting seen, bool *applied, struct error *e)
{
    bool is_new = in->package.is_new;

    *applied = sightings_add(&in->package.sightings, seen);
    if (!*applied)
        return true;
    if (!store_package_keep(in->learner->store, in->arn, &in->package, e))
        return false;
    in->run_count = sightings_runs(&in->package.sightings, in->runs);
    return is_new ? begin_missing(in, e) : settle_known(in, e);
}

/* ---- the two ways to learn of it ------------------------------------------------------------ */

bool
learner_event(struct learner *l, const struct event *ev, int64_t at_ms, bool *applied,
              struct error *e)
{
    const struct event_model_package *m = &ev->model_package;
    static const enum seen_status STATUS[] = { [EVENT_APPROVAL_PENDING] = SEEN_PENDING,
                                               [EVENT_APPROVAL_APPROVED] = SEEN_APPROVED,
                                               [EVENT_APPROVAL_REJECTED] = SEEN_REJECTED };
    bool approved = m->approval == EVENT_APPROVAL_APPROVED;
    struct sighting seen = { m->last_modified_ms / 1000, STATUS[m->approval] };
    struct intake in = {
        .learner = l, .arn = str_of(m->arn), .version = m->version, .at_ms = at_ms
    };
    bool added;

    *applied = false;
    if (ev->kind != EVENT_MODEL_PACKAGE || m->approval == EVENT_APPROVAL_NONE ||
        !m->approval_changed)
        return true;
    for (size_t i = 0; approved && i < l->pattern_count; i++)
        if (pattern_match(l->patterns[i], event_root(ev)))
            add_pipeline(&in, &l->settings->pipelines[i]);
    if (approved && in.pipeline_count == 0)
        return true;
    if (!store_package_add(l->store, in.arn, seen, &in.package, &added, e))
        return false;
    if (!added)
        return see(&in, seen, applied, e);
    *applied = true;
    in.run_count = sightings_runs(&in.package.sightings, in.runs);
    return begin_missing(&in, e);
}

bool
learner_sighting(struct learner *l, struct str arn, int64_t version, struct sighting seen,
                 int64_t at_ms, bool *applied, struct error *e)
{
    struct intake in = { .learner = l, .arn = arn, .version = version, .at_ms = at_ms };

    *applied = false;
    return store_package(l->store, arn, &in.package, e) && see(&in, seen, applied, e);
}
