#include "pipeline_guards.h"

#include <string.h>

#include "slipway/rollout.h"
#include "slipway/settings.h"

/* Every guard has this shape; most look at only some of it. */
#define GUARD(symbol, words)                                                       \
    static bool holds_##symbol(const struct deployment *d, const struct fact *f,   \
                               const struct policy *p);                            \
    const struct guard symbol = { words, holds_##symbol };                         \
    static bool holds_##symbol(const struct deployment *d __attribute__((unused)), \
                               const struct fact *f __attribute__((unused)),       \
                               const struct policy *p __attribute__((unused)))

GUARD(ALWAYS, "")
{
    return true;
}

static int64_t
tries_of(const struct policy *p, enum state s)
{
    if (s == COMPILING)
        return p->tries_compile;
    if (s == TWIN_TESTING)
        return p->tries_test;
    return p->tries_package;
}

GUARD(TRIES_LEFT, "tries left")
{
    return d->attempts < tries_of(p, d->state);
}

/* ---- approval ------------------------------------------------------------------------------- */

GUARD(SAME_DIGEST, "for this digest")
{
    return f->digest != NULL && d->digest[0] != '\0' && strcmp(f->digest, d->digest) == 0;
}

/* FACT_OVERDUE may come late; a yes after the deadline is none all the same. */
GUARD(MAY_BE_APPROVED, "planned, in time, for this digest")
{
    bool in_time = d->deadline_ms == 0 || f->at_ms < d->deadline_ms;

    return d->planned && in_time && holds_SAME_DIGEST(d, f, p);
}

GUARD(ENOUGH_APPROVALS, "planned, in time, for this digest, the last approval needed")
{
    return holds_MAY_BE_APPROVED(d, f, p) && d->approvals + 1 >= p->approvals_required;
}

/* ---- rollout -------------------------------------------------------------------------------- */

GUARD(ROLLS_BACK, "rolls back by itself")
{
    return p->rolls_back;
}

static enum wave_verdict
verdict(const struct deployment *d, const struct fact *f, const struct policy *p)
{
    return rollout_judge(d, p, &f->counts, f->at_ms, NULL, 0);
}

GUARD(WAVE_HAS_FAILED, "the wave failed")
{
    return verdict(d, f, p) == WAVE_FAILED;
}

GUARD(FAILED_ROLLS_BACK, "the wave failed, rolls back by itself")
{
    return p->rolls_back && holds_WAVE_HAS_FAILED(d, f, p);
}

GUARD(WAVE_IS_BAKED, "the wave is baked")
{
    if (verdict(d, f, p) != WAVE_SUCCEEDED)
        return false;
    return p->bake_ms == 0 ||
           (d->wave_state == WAVE_BAKING && f->at_ms - d->wave_since_ms >= p->bake_ms);
}

GUARD(BAKED_WAVES_LEFT, "the wave is baked, waves left")
{
    return holds_WAVE_IS_BAKED(d, f, p) && d->wave + 1 < d->wave_count;
}

GUARD(BAKING_BEGINS, "the wave succeeded")
{
    return d->wave_state == WAVE_DEPLOYING && verdict(d, f, p) == WAVE_SUCCEEDED;
}

GUARD(REVERTED, "every device reported")
{
    return rollout_judge_rollback(&f->counts, NULL, 0) == WAVE_SUCCEEDED;
}

GUARD(REVERT_FAILED, "devices failed")
{
    return rollout_judge_rollback(&f->counts, NULL, 0) == WAVE_FAILED;
}

void
guards_explain_observation(char *buf, size_t size, const struct deployment *d, const struct fact *f,
                           const struct policy *p)
{
    if (d->state == ROLLING_OUT)
        (void)!rollout_judge(d, p, &f->counts, f->at_ms, buf, size);
    else
        (void)!rollout_judge_rollback(&f->counts, buf, size);
}

/* ---- where it failed ------------------------------------------------------------------------ */

GUARD(IN_RECEIVED, "it failed there")
{
    return d->stage == RECEIVED;
}

/* Packaging goes back to compiling: the compiled file may be gone from the disk. */
GUARD(IN_COMPILING, "it failed there or in packaging")
{
    return d->stage == COMPILING || d->stage == PACKAGING;
}

/* Testing goes back to deploying: the twin was let go, another deployment may be on it. */
GUARD(ON_THE_TWIN, "it failed on the twin")
{
    return d->stage == TWIN_DEPLOYING || d->stage == TWIN_TESTING;
}

/* ---- from the settings ---------------------------------------------------------------------- */

struct policy
policy_of(const struct pipeline_settings *s)
{
    return (struct policy){
        .stage_timeout_ms = s->stage_timeout_ms,
        .expires_ms = s->approval.expires_ms,
        .tries_compile = s->compile.tries,
        .tries_package = s->package.tries,
        .tries_test = s->twin.tries,
        .approvals_required = s->approval.required,
        .wave_count = (int64_t)s->rollout.wave_count,
        .success_percent = s->rollout.success_percent,
        .failure_percent = s->rollout.failure_percent,
        .failure_min = s->rollout.failure_min,
        .broken_max = s->rollout.broken_max,
        .bake_ms = s->rollout.bake_ms,
        .wave_timeout_ms = s->rollout.timeout_ms,
        .rolls_back = s->rollout.on_failure == ON_FAILURE_ROLLBACK,
        .supersede = s->supersede,
    };
}
