#include "slipway/rollout.h"

#include <stdio.h>
#include <string.h>

int64_t
rollout_exposed(const struct device_counts *c)
{
    return c->queued + c->in_progress + c->succeeded + rollout_failures(c);
}

int64_t
rollout_failures(const struct device_counts *c)
{
    return c->failed + c->rejected + c->timed_out + c->cancelled;
}

/* At least `percent` of `all` is `part`, without rounding. */
static bool
at_least(int64_t part, int64_t percent, int64_t all)
{
    return part * 100 >= percent * all;
}

static enum wave_verdict
fails(char *why, size_t size, const struct deployment *d, const char *text)
{
    if (why != NULL)
        snprintf(why, size, "wave %lld halted: %s", (long long)d->wave + 1, text);
    return WAVE_FAILED;
}

static bool
too_many_failed(const struct policy *p, const struct device_counts *c, int64_t all)
{
    int64_t failures = rollout_failures(c);
    int64_t reported = failures + c->succeeded;
    int64_t needed = p->failure_min < all ? p->failure_min : all;

    return failures > 0 && reported >= needed && failures * 100 > p->failure_percent * all;
}

enum wave_verdict
rollout_judge(const struct deployment *d, const struct policy *p, const struct device_counts *c,
              int64_t at_ms, char *why, size_t size)
{
    int64_t all = rollout_exposed(c), failures = rollout_failures(c);
    int64_t since_ms = at_ms - d->wave_since_ms;
    char text[240];

    if (c->broken > p->broken_max) {
        snprintf(text, sizeof(text),
                 "%lld devices could not roll back by themselves, %lld tolerated",
                 (long long)c->broken, (long long)p->broken_max);
        return fails(why, size, d, text);
    }
    if (too_many_failed(p, c, all)) {
        snprintf(text, sizeof(text), "%lld of %lld devices failed, more than %lld %% tolerated",
                 (long long)failures, (long long)all, (long long)p->failure_percent);
        return fails(why, size, d, text);
    }
    if (all > 0 && at_least(c->succeeded, p->success_percent, all))
        return WAVE_SUCCEEDED;
    if (since_ms >= p->wave_timeout_ms) {
        snprintf(text, sizeof(text),
                 "%lld of %lld devices succeeded in the time allowed, %lld %% needed",
                 (long long)c->succeeded, (long long)all, (long long)p->success_percent);
        return fails(why, size, d, text);
    }
    return WAVE_GOES_ON;
}

enum wave_verdict
rollout_judge_rollback(const struct device_counts *c, char *why, size_t size)
{
    int64_t failures = rollout_failures(c);

    if (c->queued + c->in_progress > 0)
        return WAVE_GOES_ON;
    if (failures == 0)
        return WAVE_SUCCEEDED;
    if (why != NULL)
        snprintf(why, size, "%lld of %lld devices did not take the last known good version back",
                 (long long)failures, (long long)rollout_exposed(c));
    return WAVE_FAILED;
}
