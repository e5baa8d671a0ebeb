#include "learner/learner.h"

#include <stdlib.h>
#include <string.h>

#include "slipway/pattern.h"

/* ---- settings ------------------------------------------------------------------------------- */

static void
free_patterns(struct pattern **patterns, size_t count)
{
    for (size_t i = 0; i < count; i++)
        pattern_free(patterns[i]);
    free(patterns);
}

bool
learner_use(struct learner *l, const struct settings *settings, struct error *e)
{
    struct pattern **patterns = xcalloc(settings->pipeline_count, sizeof(*patterns));

    for (size_t i = 0; i < settings->pipeline_count; i++) {
        const struct pipeline_settings *p = &settings->pipelines[i];

        patterns[i] = pattern_new(str_of(p->pattern), e);
        if (patterns[i] == NULL) {
            free_patterns(patterns, i);
            return error_while(e, "pipeline %s", p->name);
        }
    }
    free_patterns(l->patterns, l->pattern_count);
    free(l->belongs);
    l->patterns = patterns;
    l->pattern_count = settings->pipeline_count;
    l->belongs = xcalloc(settings->pipeline_count, sizeof(*l->belongs));
    l->settings = settings;
    return true;
}

bool
learner_init(struct learner *l, struct store *s, const struct settings *settings,
             learner_ordered *ordered, void *cookie, struct error *e)
{
    *l = (struct learner){ .store = s, .ordered = ordered, .cookie = cookie };
    return learner_use(l, settings, e);
}

void
learner_fini(struct learner *l)
{
    free_patterns(l->patterns, l->pattern_count);
    free(l->belongs);
    *l = (struct learner){ 0 };
}

/* ---- facts ---------------------------------------------------------------------------------- */

static bool
holds_twin(enum state s)
{
    return s == TWIN_DEPLOYING || s == TWIN_TESTING;
}

static bool
gives_up_holds(enum state before, enum state after)
{
    return (holds_twin(before) && !holds_twin(after)) ||
           (state_holds_fleet(before) && !state_holds_fleet(after));
}

/* Tells the deployments that make way; each is another row, so this ends after one level. */
static bool
supersede(struct learner *l, const struct deployment *d, enum supersedes which, int64_t at_ms,
          struct error *e)
{
    enum { MAX = 64 };
    int64_t ids[MAX];
    size_t count;
    struct buf why = { .max = 200 };
    bool ok = store_superseded(l->store, d, which, ids, MAX, &count, e);

    buf_printf(&why, "deployment %lld took its place", (long long)d->id);
    for (size_t i = 0; ok && i < count && i < MAX; i++) {
        struct fact f = { .kind = FACT_SUPERSEDED,
                          .deployment_id = ids[i],
                          .at_ms = at_ms,
                          .reason = buf_str(&why).at };
        bool applied;

        ok = learner_fact(l, &f, &applied, e);
    }
    buf_free(&why);
    return ok;
}

/* It reached the gate: older ones there make way, or it makes way for a newer one that was there.
 */
static bool
reached_gate(struct learner *l, const struct deployment *d, int64_t at_ms, struct error *e)
{
    struct fact f = { .kind = FACT_SUPERSEDED,
                      .deployment_id = d->id,
                      .at_ms = at_ms,
                      .reason = "a newer version has reached the gate before" };
    bool newer, applied;

    if (!store_newer_reached_gate(l->store, d, &newer, e))
        return false;
    if (newer)
        return learner_fact(l, &f, &applied, e);
    return store_lane_gate(l->store, d, e) && supersede(l, d, SUPERSEDES_WAITING, at_ms, e);
}

static void
tell(struct learner *l, const struct deployment *before, const struct decision *decision,
     int64_t due_ms, bool released)
{
    const struct deployment *after = &decision->after;
    bool same = after->order_id == before->order_id;
    struct ordered o = { .deployment = after,
                         .closed = same ? 0 : before->order_id,
                         .opened = same ? 0 : after->order_id,
                         .kind = decision->order,
                         .due_ms = due_ms,
                         .deadline_moved = after->deadline_ms != before->deadline_ms &&
                                           after->deadline_ms != 0,
                         .ended = state_is_ended(after->state) && !state_is_ended(before->state),
                         .released = released };

    l->ordered(l->cookie, &o);
}

bool
learner_apply(struct learner *l, const struct deployment *before, const struct fact *f,
              struct decision *decision, struct error *e)
{
    struct deployment *after = &decision->after;
    bool releases = gives_up_holds(before->state, after->state);

    if (!store_apply(l->store, before, f, decision, f->at_ms, e))
        return false;
    l->applied++;
    if (releases && !store_release(l->store, after->id, e))
        return false;
    tell(l, before, decision, f->at_ms, releases);
    switch (decision->supersedes) {
    case SUPERSEDES_NOBODY:
        return true;
    case SUPERSEDES_WAITING:
        return reached_gate(l, after, f->at_ms, e);
    case SUPERSEDES_LIVE:
        return supersede(l, after, SUPERSEDES_LIVE, f->at_ms, e) &&
               store_lane_live(l->store, after, e);
    }
    return true;
}

/* For a deployment whose pipeline is not configured: enough to have it stopped. */
static const struct policy WITHOUT_SETTINGS = { .wave_timeout_ms = HOURS(1) };

bool
learner_fact(struct learner *l, const struct fact *f, bool *applied, struct error *e)
{
    const struct pipeline_settings *p;
    struct decision decision;
    struct deployment d;
    struct policy policy;

    *applied = false;
    l->facts++;
    if (!store_load(l->store, f->deployment_id, &d, e))
        return e->kind == ERROR_NOT_FOUND;
    p = settings_pipeline(l->settings, d.pipeline);
    if (p == NULL && f->kind != FACT_WITHDRAWN)
        return true;
    policy = p != NULL ? policy_of(p) : WITHOUT_SETTINGS;
    decision = pipeline_decide(&d, f, &policy);
    *applied = decision.applies;
    return !decision.applies || learner_apply(l, &d, f, &decision, e);
}
