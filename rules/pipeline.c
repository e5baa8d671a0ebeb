#include "slipway/pipeline.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "pipeline_guards.h"

/**
 * The life of a deployment.  Read a row as a sentence: "when COMPILING and the
 * work is done, provided always, then PACKAGING, order the packaging".
 *
 * The first row that fits wins, so a narrower row stands above a wider one.
 * A fact that fits no row changes nothing: SQS delivers twice and late.
 * ORDER_NONE in a row that stays where it is keeps the open order.
 */
/* clang-format off */
static const struct transition PIPELINE[] = {
/*    when               and                  provided           then               order                 change               */
    { RECEIVED,          FACT_CONFIRMED,      &ALWAYS,           COMPILING,         ORDER_COMPILE,        CHANGE_NOTHING    },
    { RECEIVED,          FACT_WORK_FAILED,    &TRIES_LEFT,       RECEIVED,          ORDER_CONFIRM,        CHANGE_NEW_TRY    },
    { RECEIVED,          FACT_WORK_FAILED,    &ALWAYS,           FAILED,            ORDER_NONE,           CHANGE_NOTHING    },
    { RECEIVED,          FACT_OVERDUE,        &ALWAYS,           FAILED,            ORDER_NONE,           CHANGE_NOTHING    },
    { RECEIVED,          FACT_WITHDRAWN,      &ALWAYS,           REJECTED,          ORDER_NONE,           CHANGE_NOTHING    },
    { RECEIVED,          FACT_CANCEL_ASKED,   &ALWAYS,           CANCELLED,         ORDER_NONE,           CHANGE_NOTHING    },

    { COMPILING,         FACT_WORK_DONE,      &ALWAYS,           PACKAGING,         ORDER_PACKAGE,        CHANGE_NOTHING    },
    { COMPILING,         FACT_WORK_FAILED,    &TRIES_LEFT,       COMPILING,         ORDER_COMPILE,        CHANGE_NEW_TRY    },
    { COMPILING,         FACT_WORK_FAILED,    &ALWAYS,           FAILED,            ORDER_NONE,           CHANGE_NOTHING    },
    { COMPILING,         FACT_OVERDUE,        &ALWAYS,           FAILED,            ORDER_STOP,           CHANGE_NOTHING    },
    { COMPILING,         FACT_WITHDRAWN,      &ALWAYS,           REJECTED,          ORDER_STOP,           CHANGE_NOTHING    },
    { COMPILING,         FACT_CANCEL_ASKED,   &ALWAYS,           CANCELLED,         ORDER_STOP,           CHANGE_NOTHING    },

    { PACKAGING,         FACT_WORK_DONE,      &ALWAYS,           TWIN_DEPLOYING,    ORDER_TWIN_DEPLOY,    CHANGE_NOTHING    },
    { PACKAGING,         FACT_WORK_FAILED,    &TRIES_LEFT,       PACKAGING,         ORDER_PACKAGE,        CHANGE_NEW_TRY    },
    { PACKAGING,         FACT_WORK_FAILED,    &ALWAYS,           FAILED,            ORDER_NONE,           CHANGE_NOTHING    },
    { PACKAGING,         FACT_OVERDUE,        &ALWAYS,           FAILED,            ORDER_NONE,           CHANGE_NOTHING    },
    { PACKAGING,         FACT_WITHDRAWN,      &ALWAYS,           REJECTED,          ORDER_NONE,           CHANGE_NOTHING    },
    { PACKAGING,         FACT_CANCEL_ASKED,   &ALWAYS,           CANCELLED,         ORDER_NONE,           CHANGE_NOTHING    },

    { TWIN_DEPLOYING,    FACT_WORK_DONE,      &ALWAYS,           TWIN_TESTING,      ORDER_TWIN_TEST,      CHANGE_NOTHING    },
    { TWIN_DEPLOYING,    FACT_WORK_FAILED,    &TRIES_LEFT,       TWIN_DEPLOYING,    ORDER_TWIN_DEPLOY,    CHANGE_NEW_TRY    },
    { TWIN_DEPLOYING,    FACT_WORK_FAILED,    &ALWAYS,           FAILED,            ORDER_NONE,           CHANGE_NOTHING    },
    { TWIN_DEPLOYING,    FACT_OVERDUE,        &ALWAYS,           FAILED,            ORDER_NONE,           CHANGE_NOTHING    },
    { TWIN_DEPLOYING,    FACT_WITHDRAWN,      &ALWAYS,           REJECTED,          ORDER_NONE,           CHANGE_NOTHING    },
    { TWIN_DEPLOYING,    FACT_CANCEL_ASKED,   &ALWAYS,           CANCELLED,         ORDER_NONE,           CHANGE_NOTHING    },

    { TWIN_TESTING,      FACT_GATE_PASSED,    &ALWAYS,           AWAITING_APPROVAL, ORDER_PLAN,           CHANGE_NOTHING    },
    { TWIN_TESTING,      FACT_GATE_FAILED,    &ALWAYS,           FAILED,            ORDER_NONE,           CHANGE_NOTHING    },
    { TWIN_TESTING,      FACT_GATE_UNCLEAR,   &TRIES_LEFT,       TWIN_TESTING,      ORDER_TWIN_TEST,      CHANGE_NEW_TRY    },
    { TWIN_TESTING,      FACT_GATE_UNCLEAR,   &ALWAYS,           FAILED,            ORDER_NONE,           CHANGE_NOTHING    },
    { TWIN_TESTING,      FACT_WORK_FAILED,    &TRIES_LEFT,       TWIN_TESTING,      ORDER_TWIN_TEST,      CHANGE_NEW_TRY    },
    { TWIN_TESTING,      FACT_WORK_FAILED,    &ALWAYS,           FAILED,            ORDER_NONE,           CHANGE_NOTHING    },
    { TWIN_TESTING,      FACT_OVERDUE,        &ALWAYS,           FAILED,            ORDER_NONE,           CHANGE_NOTHING    },
    { TWIN_TESTING,      FACT_WITHDRAWN,      &ALWAYS,           REJECTED,          ORDER_NONE,           CHANGE_NOTHING    },
    { TWIN_TESTING,      FACT_CANCEL_ASKED,   &ALWAYS,           CANCELLED,         ORDER_NONE,           CHANGE_NOTHING    },

    { AWAITING_APPROVAL, FACT_PLANNED,        &ALWAYS,           AWAITING_APPROVAL, ORDER_AWAIT_APPROVAL, CHANGE_PLANNED    },
    { AWAITING_APPROVAL, FACT_WORK_FAILED,    &TRIES_LEFT,       AWAITING_APPROVAL, ORDER_PLAN,           CHANGE_NEW_TRY    },
    { AWAITING_APPROVAL, FACT_WORK_FAILED,    &ALWAYS,           FAILED,            ORDER_NONE,           CHANGE_NOTHING    },
    { AWAITING_APPROVAL, FACT_APPROVED,       &ENOUGH_APPROVALS, ROLLING_OUT,       ORDER_WAVE_DEPLOY,    CHANGE_FIRST_WAVE },
    { AWAITING_APPROVAL, FACT_APPROVED,       &MAY_BE_APPROVED,  AWAITING_APPROVAL, ORDER_NONE,           CHANGE_COUNT_YES  },
    { AWAITING_APPROVAL, FACT_REJECTED,       &SAME_DIGEST,      REJECTED,          ORDER_NONE,           CHANGE_NOTHING    },
    { AWAITING_APPROVAL, FACT_OVERDUE,        &ALWAYS,           EXPIRED,           ORDER_NONE,           CHANGE_NOTHING    },
    { AWAITING_APPROVAL, FACT_WITHDRAWN,      &ALWAYS,           REJECTED,          ORDER_NONE,           CHANGE_NOTHING    },
    { AWAITING_APPROVAL, FACT_SUPERSEDED,     &ALWAYS,           SUPERSEDED,        ORDER_NONE,           CHANGE_NOTHING    },
    { AWAITING_APPROVAL, FACT_CANCEL_ASKED,   &ALWAYS,           CANCELLED,         ORDER_NONE,           CHANGE_NOTHING    },

    { ROLLING_OUT,       FACT_WORK_DONE,      &ALWAYS,           ROLLING_OUT,       ORDER_WAVE_WATCH,     CHANGE_NOTHING    },
    { ROLLING_OUT,       FACT_PLANNED,        &ALWAYS,           ROLLING_OUT,       ORDER_WAVE_DEPLOY,    CHANGE_RESUME     },
    { ROLLING_OUT,       FACT_WORK_FAILED,    &ROLLS_BACK,       ROLLING_BACK,      ORDER_ROLL_BACK,      CHANGE_HALT       },
    { ROLLING_OUT,       FACT_WORK_FAILED,    &ALWAYS,           HALTED,            ORDER_AWAIT_OPERATOR, CHANGE_HALT       },
    { ROLLING_OUT,       FACT_OBSERVED,       &FAILED_ROLLS_BACK,ROLLING_BACK,      ORDER_ROLL_BACK,      CHANGE_HALT       },
    { ROLLING_OUT,       FACT_OBSERVED,       &WAVE_HAS_FAILED,  HALTED,            ORDER_AWAIT_OPERATOR, CHANGE_HALT       },
    { ROLLING_OUT,       FACT_OBSERVED,       &BAKED_WAVES_LEFT, ROLLING_OUT,       ORDER_WAVE_DEPLOY,    CHANGE_NEXT_WAVE  },
    { ROLLING_OUT,       FACT_OBSERVED,       &WAVE_IS_BAKED,    LIVE,              ORDER_NONE,           CHANGE_LIVE       },
    { ROLLING_OUT,       FACT_OBSERVED,       &BAKING_BEGINS,    ROLLING_OUT,       ORDER_NONE,           CHANGE_BAKE       },
    { ROLLING_OUT,       FACT_OVERDUE,        &ROLLS_BACK,       ROLLING_BACK,      ORDER_ROLL_BACK,      CHANGE_HALT       },
    { ROLLING_OUT,       FACT_OVERDUE,        &ALWAYS,           HALTED,            ORDER_AWAIT_OPERATOR, CHANGE_HALT       },
    { ROLLING_OUT,       FACT_WITHDRAWN,      &ALWAYS,           ROLLING_BACK,      ORDER_ROLL_BACK,      CHANGE_HALT       },
    { ROLLING_OUT,       FACT_REJECTED,       &SAME_DIGEST,      ROLLING_BACK,      ORDER_ROLL_BACK,      CHANGE_HALT       },
    { ROLLING_OUT,       FACT_CANCEL_ASKED,   &ALWAYS,           ROLLING_BACK,      ORDER_ROLL_BACK,      CHANGE_HALT       },
    { ROLLING_OUT,       FACT_ROLLBACK_ASKED, &ALWAYS,           ROLLING_BACK,      ORDER_ROLL_BACK,      CHANGE_HALT       },

    { HALTED,            FACT_RETRY_ASKED,    &ALWAYS,           ROLLING_OUT,       ORDER_PLAN,           CHANGE_NEW_TRY    },
    { HALTED,            FACT_ROLLBACK_ASKED, &ALWAYS,           ROLLING_BACK,      ORDER_ROLL_BACK,      CHANGE_NOTHING    },
    { HALTED,            FACT_WITHDRAWN,      &ALWAYS,           ROLLING_BACK,      ORDER_ROLL_BACK,      CHANGE_NOTHING    },
    { HALTED,            FACT_REJECTED,       &SAME_DIGEST,      ROLLING_BACK,      ORDER_ROLL_BACK,      CHANGE_NOTHING    },
    { HALTED,            FACT_CANCEL_ASKED,   &ALWAYS,           ROLLING_BACK,      ORDER_ROLL_BACK,      CHANGE_NOTHING    },

    { ROLLING_BACK,      FACT_WORK_DONE,      &ALWAYS,           ROLLING_BACK,      ORDER_ROLLBACK_WATCH, CHANGE_NOTHING    },
    { ROLLING_BACK,      FACT_WORK_FAILED,    &TRIES_LEFT,       ROLLING_BACK,      ORDER_ROLL_BACK,      CHANGE_NEW_TRY    },
    { ROLLING_BACK,      FACT_WORK_FAILED,    &ALWAYS,           ROLLBACK_STUCK,    ORDER_AWAIT_OPERATOR, CHANGE_NOTHING    },
    { ROLLING_BACK,      FACT_OBSERVED,       &REVERTED,         ROLLED_BACK,       ORDER_NONE,           CHANGE_REVERT     },
    { ROLLING_BACK,      FACT_OBSERVED,       &REVERT_FAILED,    ROLLBACK_STUCK,    ORDER_AWAIT_OPERATOR, CHANGE_NOTHING    },
    { ROLLING_BACK,      FACT_OVERDUE,        &ALWAYS,           ROLLBACK_STUCK,    ORDER_AWAIT_OPERATOR, CHANGE_NOTHING    },
    { ROLLBACK_STUCK,    FACT_RETRY_ASKED,    &ALWAYS,           ROLLING_BACK,      ORDER_ROLL_BACK,      CHANGE_NEW_TRY    },

    { LIVE,              FACT_WITHDRAWN,      &ALWAYS,           ROLLING_BACK,      ORDER_ROLL_BACK,      CHANGE_NOTHING    },
    { LIVE,              FACT_ROLLBACK_ASKED, &ALWAYS,           ROLLING_BACK,      ORDER_ROLL_BACK,      CHANGE_NOTHING    },
    { LIVE,              FACT_SUPERSEDED,     &ALWAYS,           SUPERSEDED,        ORDER_NONE,           CHANGE_NOTHING    },

    { FAILED,            FACT_RETRY_ASKED,    &IN_RECEIVED,      RECEIVED,          ORDER_CONFIRM,        CHANGE_NEW_TRY    },
    { FAILED,            FACT_RETRY_ASKED,    &IN_COMPILING,     COMPILING,         ORDER_COMPILE,        CHANGE_NEW_TRY    },
    { FAILED,            FACT_RETRY_ASKED,    &ON_THE_TWIN,      TWIN_DEPLOYING,    ORDER_TWIN_DEPLOY,    CHANGE_NEW_TRY    },
    { FAILED,            FACT_RETRY_ASKED,    &ALWAYS,           AWAITING_APPROVAL, ORDER_PLAN,           CHANGE_NEW_TRY    },
    { FAILED,            FACT_WITHDRAWN,      &ALWAYS,           REJECTED,          ORDER_NONE,           CHANGE_NOTHING    },
    { EXPIRED,           FACT_RETRY_ASKED,    &ALWAYS,           AWAITING_APPROVAL, ORDER_PLAN,           CHANGE_NEW_TRY    },
    { EXPIRED,           FACT_WITHDRAWN,      &ALWAYS,           REJECTED,          ORDER_NONE,           CHANGE_NOTHING    },
};
/* clang-format on */

const struct transition *
pipeline_table(size_t *count)
{
    *count = ARRAY_LEN(PIPELINE);
    return PIPELINE;
}

/* ---- what a row changes --------------------------------------------------------------------- */

static void
begin_wave(struct deployment *d, int64_t wave, int64_t at_ms)
{
    d->wave = wave;
    d->wave_state = WAVE_DEPLOYING;
    d->wave_since_ms = at_ms;
}

static void
enter_wave_state(struct deployment *d, enum wave_state w, int64_t at_ms)
{
    if (d->wave_state == WAVE_NONE)
        return;
    d->wave_state = w;
    d->wave_since_ms = at_ms;
}

/* Yes is counted for one gate only: it lapses when the deployment comes back to be planned anew. */
static void
try_again(struct deployment *d)
{
    d->generation++;
    d->planned = false;
    if (d->state == AWAITING_APPROVAL)
        d->approvals = 0;
}

/* The plan is of the waves configured now, which may be others than when the deployment began. */
static void
be_planned(struct deployment *d, const struct policy *p)
{
    d->planned = true;
    d->wave_count = p->wave_count;
}

static void
make_change(struct deployment *d, const struct transition *t, const struct policy *p, int64_t at_ms)
{
    switch (t->change) {
    case CHANGE_NOTHING:
        break;
    case CHANGE_NEW_TRY:
        try_again(d);
        break;
    case CHANGE_PLANNED:
        be_planned(d, p);
        break;
    case CHANGE_COUNT_YES:
        d->approvals++;
        break;
    case CHANGE_FIRST_WAVE:
        d->approvals++;
        begin_wave(d, 0, at_ms);
        break;
    case CHANGE_NEXT_WAVE:
        begin_wave(d, d->wave + 1, at_ms);
        break;
    case CHANGE_RESUME:
        be_planned(d, p);
        begin_wave(d, d->wave, at_ms);
        break;
    case CHANGE_BAKE:
        enter_wave_state(d, WAVE_BAKING, at_ms);
        break;
    case CHANGE_LIVE:
        enter_wave_state(d, WAVE_PASSED, at_ms);
        break;
    case CHANGE_HALT:
        enter_wave_state(d, WAVE_HALTED, at_ms);
        break;
    case CHANGE_REVERT:
        enter_wave_state(d, WAVE_REVERTED, at_ms);
        break;
    }
}

int64_t
pipeline_deadline(const struct deployment *d, const struct policy *p, int64_t from_ms)
{
    if (d->state == AWAITING_APPROVAL)
        return d->entered_ms + p->expires_ms;
    if (d->state == ROLLING_OUT)
        return from_ms + p->wave_timeout_ms + (d->wave_state == WAVE_BAKING ? p->bake_ms : 0);
    if (d->state == ROLLING_BACK)
        return from_ms + p->wave_timeout_ms;
    if (state_class(d->state) == STATE_WORKS)
        return from_ms + p->stage_timeout_ms;
    return 0;
}

/* "rejected by alice: too slow" */
static void
explain_person(struct deployment *d, const struct fact *f)
{
    static const char *const DID[FACT_KIND_COUNT] = {
        [FACT_APPROVED] = "approved",          [FACT_REJECTED] = "rejected",
        [FACT_CANCEL_ASKED] = "cancelled",     [FACT_RETRY_ASKED] = "tried again",
        [FACT_ROLLBACK_ASKED] = "rolled back",
    };
    const char *did = DID[f->kind] != NULL ? DID[f->kind] : fact_phrase(f->kind);
    bool says_why = f->reason != NULL && f->reason[0] != '\0';

    snprintf(d->reason, sizeof(d->reason), "%s by %s%s%s", did, f->actor, says_why ? ": " : "",
             says_why ? f->reason : "");
}

/* "wave 2 halted: 3 of 10 devices failed, ...; device line-b-001: ..." */
static void
explain_devices(struct deployment *d, const char *judged, const char *first_failure)
{
    size_t used;

    snprintf(d->reason, sizeof(d->reason), "%s", judged);
    used = strlen(d->reason);
    if (used > 0 && first_failure != NULL && first_failure[0] != '\0')
        snprintf(d->reason + used, sizeof(d->reason) - used, "; %s", first_failure);
}

static void
explain(struct deployment *d, const struct transition *t, const struct fact *f,
        const struct policy *p)
{
    char seen[REASON_SIZE] = "";

    if (f->kind == FACT_OBSERVED) {
        guards_explain_observation(seen, sizeof(seen), d, f, p);
        /* What halted the rollout stays the reason when the rollback went well. */
        if (seen[0] != '\0' || t->from == ROLLING_OUT)
            explain_devices(d, seen, f->reason);
    } else if (f->actor != NULL) {
        explain_person(d, f);
    } else if (f->reason != NULL) {
        snprintf(d->reason, sizeof(d->reason), "%s", f->reason);
    } else if (f->kind == FACT_OVERDUE) {
        snprintf(d->reason, sizeof(d->reason), "%s took longer than allowed",
                 state_phrase(t->from));
    } else if (t->from != t->to) {
        d->reason[0] = '\0';
    }
}

static bool
is_stage(enum state s)
{
    return s <= AWAITING_APPROVAL;
}

static struct deployment
enter(const struct deployment *before, const struct transition *t, const struct fact *f,
      const struct policy *p)
{
    struct deployment after = *before;
    bool moves = t->to != t->from;

    /* The reason is found while the wave is still as it was judged. */
    explain(&after, t, f, p);
    after.state = t->to;
    after.revision++;
    if (moves) {
        after.entered_ms = f->at_ms;
        after.attempts = 1;
        if (is_stage(t->from) || t->from == ROLLING_OUT)
            after.stage = t->from;
    } else if (t->change == CHANGE_NEW_TRY) {
        after.attempts++;
    }
    make_change(&after, t, p, f->at_ms);
    if (f->kind == FACT_WITHDRAWN || f->kind == FACT_REJECTED)
        after.withdrawn = true;
    if (f->digest != NULL && t->from == PACKAGING && f->kind == FACT_WORK_DONE)
        snprintf(after.digest, sizeof(after.digest), "%s", f->digest);
    if (moves || (t->change != CHANGE_NOTHING && t->change != CHANGE_NEW_TRY))
        after.deadline_ms = pipeline_deadline(&after, p, f->at_ms);
    return after;
}

/* ---- deciding ------------------------------------------------------------------------------- */

static enum supersedes
supersedes(const struct transition *t, const struct policy *p)
{
    if (t->to == LIVE)
        return SUPERSEDES_LIVE;
    if (t->to == AWAITING_APPROVAL && t->from != AWAITING_APPROVAL && p->supersede)
        return SUPERSEDES_WAITING;
    return SUPERSEDES_NOBODY;
}

static bool
counts(const struct deployment *d, const struct fact *f)
{
    if (f->order_id != 0 && f->order_id != d->order_id)
        return false;
    return f->kind != FACT_OVERDUE || (d->deadline_ms != 0 && f->at_ms >= d->deadline_ms);
}

struct decision
pipeline_decide(const struct deployment *before, const struct fact *f, const struct policy *p)
{
    struct decision none = { .after = *before, .keeps_order = true };

    for (size_t i = 0; counts(before, f) && i < ARRAY_LEN(PIPELINE); i++) {
        const struct transition *t = &PIPELINE[i];

        if (t->from != before->state || t->fact != f->kind || !t->provided->holds(before, f, p))
            continue;
        return (struct decision){ .applies = true,
                                  .after = enter(before, t, f, p),
                                  .keeps_order = t->to == t->from && t->order == ORDER_NONE,
                                  .order = t->order,
                                  .supersedes = supersedes(t, p) };
    }
    return none;
}

struct deployment
pipeline_begin(const struct policy *p, int64_t at_ms)
{
    struct deployment d = { .state = RECEIVED,
                            .stage = RECEIVED,
                            .entered_ms = at_ms,
                            .attempts = 1,
                            .wave_count = p->wave_count };

    d.deadline_ms = pipeline_deadline(&d, p, at_ms);
    return d;
}
