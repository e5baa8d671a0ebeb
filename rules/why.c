#include "slipway/why.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "slipway/instant.h"
#include "slipway/rollout.h"

/* ---- building a sentence -------------------------------------------------------------------- */

struct sentence {
    char *at;
    size_t len;
};

static void say(struct sentence *s, const char *fmt, ...) PRINTF_LIKE(2, 3);

static void
say(struct sentence *s, const char *fmt, ...)
{
    va_list args;
    int n;

    va_start(args, fmt);
    n = vsnprintf(s->at + s->len, WHY_SIZE - s->len, fmt, args);
    va_end(args);
    assert(n >= 0);
    s->len += (size_t)n;
    if (s->len >= WHY_SIZE)
        s->len = WHY_SIZE - 1;
}

static long long
number(int64_t n)
{
    return (long long)n;
}

static const char *
devices(int64_t n)
{
    return n == 1 ? "device" : "devices";
}

/* "; it is given up in 4 min" */
static void
say_time_left(struct sentence *s, const struct why *w, const char *what)
{
    char span[INSTANT_SIZE];
    int64_t left_ms = w->deployment->deadline_ms - w->now_ms;

    if (w->deployment->deadline_ms == 0)
        return;
    if (left_ms > 0)
        say(s, "; %s in %s", what, instant_span(left_ms, span));
    else
        say(s, "; its time is over");
}

static void
say_since(struct sentence *s, const struct why *w, int64_t since_ms)
{
    char span[INSTANT_SIZE];

    say(s, " for %s", instant_span(w->now_ms > since_ms ? w->now_ms - since_ms : 0, span));
}

/* ": reason" if there is one. */
static void
say_reason(struct sentence *s, const struct why *w)
{
    if (w->deployment->reason[0] != '\0')
        say(s, ": %s", w->deployment->reason);
}

/* ---- under way ------------------------------------------------------------------------------ */

static int64_t
tries_in_all(const struct why *w)
{
    if (w->policy == NULL)
        return 0;
    if (w->deployment->state == COMPILING)
        return w->policy->tries_compile;
    if (w->deployment->state == TWIN_TESTING)
        return w->policy->tries_test;
    return w->policy->tries_package;
}

static void
say_stage(struct sentence *s, const struct why *w)
{
    const struct deployment *d = w->deployment;
    int64_t all = tries_in_all(w);

    if (w->holder != 0) {
        say(s, "waiting for the digital twin, which deployment %lld uses", number(w->holder));
        say_time_left(s, w, "it fails if not done");
        return;
    }
    say(s, "%s", state_phrase(d->state));
    say_since(s, w, d->entered_ms);
    if (d->attempts > 1 && all >= d->attempts)
        say(s, ", try %lld of %lld", number(d->attempts), number(all));
    else if (d->attempts > 1)
        say(s, ", try %lld", number(d->attempts));
    if (d->attempts > 1 && d->reason[0] != '\0')
        say(s, ", after this failed: %s", d->reason);
    say_time_left(s, w, "it fails if not done");
}

static void
say_approval(struct sentence *s, const struct why *w)
{
    const struct deployment *d = w->deployment;
    int64_t left;

    if (!d->planned) {
        say(s, "reading what the fleet runs, before anybody is asked for approval");
        if (d->attempts > 1 && d->reason[0] != '\0')
            say(s, ", try %lld, after this failed: %s", number(d->attempts), d->reason);
    } else if (w->policy == NULL) {
        say(s, "waiting for approval of digest %.12s, %lld given", d->digest, number(d->approvals));
    } else {
        left = w->policy->approvals_required - d->approvals;
        say(s, "waiting for %lld more %s of digest %.12s, %lld of %lld given", number(left),
            left == 1 ? "approval" : "approvals", d->digest, number(d->approvals),
            number(w->policy->approvals_required));
    }
    say_time_left(s, w, "it expires");
}

/* ---- on the fleet --------------------------------------------------------------------------- */

static void
say_wave(struct sentence *s, const struct deployment *d)
{
    say(s, "wave %lld of %lld", number(d->wave + 1), number(d->wave_count));
}

static void
say_counts(struct sentence *s, const struct device_counts *c)
{
    int64_t all = rollout_exposed(c), failures = rollout_failures(c);

    say(s, ": %lld of %lld %s succeeded", number(c->succeeded), number(all), devices(all));
    if (failures > 0)
        say(s, ", %lld failed", number(failures));
    if (c->in_progress > 0)
        say(s, ", %lld in progress", number(c->in_progress));
    if (c->queued > 0)
        say(s, ", %lld not reached yet", number(c->queued));
}

static void
say_rollout(struct sentence *s, const struct why *w)
{
    const struct deployment *d = w->deployment;
    char span[INSTANT_SIZE];
    int64_t left_ms;

    if (w->order != NULL && w->order->kind == ORDER_PLAN) {
        say(s, "reading what the fleet runs, before ");
        say_wave(s, d);
        say(s, " goes on");
        return;
    }
    say_wave(s, d);
    if (w->holder != 0) {
        say(s, " waits for deployment %lld, which holds one of its thing groups",
            number(w->holder));
    } else if (d->wave_state == WAVE_BAKING && w->policy != NULL) {
        left_ms = d->wave_since_ms + w->policy->bake_ms - w->now_ms;
        say(s, " succeeded and is watched for %s more",
            instant_span(left_ms > 0 ? left_ms : 0, span));
        if (w->counts != NULL)
            say_counts(s, w->counts);
        return;
    } else if (w->counts == NULL || rollout_exposed(w->counts) == 0) {
        say(s, " is being deployed, no device has reported yet");
    } else {
        say(s, " is being deployed");
        say_counts(s, w->counts);
        if (w->policy != NULL)
            say(s, ", %lld %% needed", number(w->policy->success_percent));
    }
    say_time_left(s, w, "it is halted if not done");
}

static void
say_rollback(struct sentence *s, const struct why *w)
{
    const struct deployment *d = w->deployment;
    int64_t all = w->counts != NULL ? rollout_exposed(w->counts) : 0;

    if (w->holder != 0)
        say(s, "waiting to roll back: deployment %lld is changing thing groups it needs",
            number(w->holder));
    else
        say(s, "rolling back");
    if (all > 0)
        say(s, ", %lld of %lld %s run the last known good version again",
            number(w->counts->succeeded), number(all), devices(all));
    if (all > 0 && rollout_failures(w->counts) > 0)
        say(s, ", %lld failed", number(rollout_failures(w->counts)));
    if (d->reason[0] != '\0')
        say(s, ", because of this: %s", d->reason);
    say_time_left(s, w, "an operator is asked");
}

static void
say_halt(struct sentence *s, const struct why *w)
{
    if (w->deployment->reason[0] != '\0')
        say(s, "%s", w->deployment->reason);
    else {
        say_wave(s, w->deployment);
        say(s, " halted");
    }
    say(s, "; an operator can let it go on (retry) or roll it back (rollback)");
}

/* ---- at its end ----------------------------------------------------------------------------- */

static void
say_end(struct sentence *s, const struct why *w)
{
    const struct deployment *d = w->deployment;

    say(s, "%s", state_phrase(d->state));
    if (d->state == LIVE)
        say_since(s, w, d->entered_ms);
    else if (d->state == EXPIRED && w->policy != NULL)
        say(s, ": %lld of %lld approvals given; an operator can ask again (retry)",
            number(d->approvals), number(w->policy->approvals_required));
    else
        say_reason(s, w);
}

static void
say_failure(struct sentence *s, const struct why *w)
{
    say(s, "failed while %s", state_phrase(w->deployment->stage));
    say_reason(s, w);
    say(s, "; an operator can try again (retry)");
}

/* Its pipeline was taken out of the configuration while it was under way. */
static bool
is_abandoned(const struct why *w)
{
    return w->unconfigured && !state_is_ended(w->deployment->state);
}

static void
say_state(struct sentence *s, const struct why *w)
{
    switch (w->deployment->state) {
    case RECEIVED:
    case COMPILING:
    case PACKAGING:
    case TWIN_DEPLOYING:
    case TWIN_TESTING:
        say_stage(s, w);
        break;
    case AWAITING_APPROVAL:
        say_approval(s, w);
        break;
    case ROLLING_OUT:
        say_rollout(s, w);
        break;
    case HALTED:
        say_halt(s, w);
        break;
    case ROLLING_BACK:
        say_rollback(s, w);
        break;
    case ROLLBACK_STUCK:
        say(s, "%s", state_phrase(ROLLBACK_STUCK));
        say_reason(s, w);
        say(s, "; an operator can try again (retry)");
        break;
    case FAILED:
        say_failure(s, w);
        break;
    case LIVE:
    case REJECTED:
    case EXPIRED:
    case CANCELLED:
    case SUPERSEDED:
    case ROLLED_BACK:
        say_end(s, w);
        break;
    case STATE_COUNT:
        assert(w->deployment->state != STATE_COUNT);
    }
}

const char *
why_sentence(const struct why *w, char buf[WHY_SIZE])
{
    struct sentence s = { buf, 0 };

    buf[0] = '\0';
    say_state(&s, w);
    if (w->order != NULL && w->order->tries > 0)
        say(&s, "; asked %lld times without an answer, it is asked again", number(w->order->tries));
    if (is_abandoned(w))
        say(&s, "; nothing is done before its pipeline %s is in the configuration again",
            w->deployment->pipeline);
    return buf;
}

const char *
why_who(const struct why *w)
{
    const struct deployment *d = w->deployment;

    if (is_abandoned(w))
        return "an operator";
    if (d->state == AWAITING_APPROVAL && d->planned)
        return "an approver";
    if (state_is_ended(d->state))
        return "nobody";
    return state_class(d->state) == STATE_WAITS && d->state != AWAITING_APPROVAL ? "an operator"
                                                                                 : "slipway";
}
