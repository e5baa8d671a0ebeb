/*
 * ORDER_WAVE_WATCH and ORDER_ROLLBACK_WATCH: what the devices report, in numbers.
 *
 * One DescribeJob a thing group tells the counts of the whole group.  Failed devices are looked at
 * one by one only when their number has moved, and at most FAILURES_MAX of them.  When a wave is
 * about to be called a success, and as long as it bakes, a few of its devices are asked
 * whether the component really runs: one that does not counts as failed, one that has not reported
 * it yet as in progress.
 */

#include <stdio.h>
#include <string.h>

#include "aws/iot.h"
#include "failures.h"
#include "installed.h"

#define FAILURES_MAX 50
#define SAMPLE_MAX 3

struct watch {
    const char **jobs, **groups;
    size_t count, at;
    bool whole; /* Every job was found. */
    struct device_counts counts;
    int64_t old_failed, old_broken;
    const char *cancelled; /* A group whose job somebody cancelled or replaced; NULL: none. */
    const char *failure;   /* Why the first device failed; NULL: not looked at. */

    const char *component, *version; /* NULL: devices are not asked. */
    const char *things[SAMPLE_MAX];
    struct failures failures;
    struct installed installed;
};

static void read_job(struct work *w);
static void job_read(void *cookie, const struct aws_result *r, const struct iot_job *job);
static void all_counted(struct work *w);
static void failures_found(struct work *w, struct failures *f);
static void sample(struct work *w);
static void sample_from(struct work *w);
static void sampled(void *cookie, const struct aws_result *r,
                    const struct iot_execution *executions, size_t count, const char *next);
static void components_seen(struct work *w, struct installed *in);
static void report(struct work *w);

/* ---- what is watched ------------------------------------------------------------------------ */

static void
list_jobs(struct work *w, struct json_value document)
{
    struct watch *v = w->story;
    struct json_value list = json_get(document, "deployments");

    v->jobs = work_room(w, json_size(list) * sizeof(*v->jobs));
    v->groups = work_room(w, json_size(list) * sizeof(*v->groups));
    for (struct json_cursor c = json_first(list); json_exists(c.value); json_next(&c)) {
        v->jobs[v->count] = work_member(w, c.value, "job_id");
        v->groups[v->count] = work_member(w, c.value, "group");
        if (v->jobs[v->count] != NULL && v->groups[v->count] != NULL)
            v->count++;
    }
}

void
wave_watch_start(struct work *w)
{
    bool rollback = w->order->kind == ORDER_ROLLBACK_WATCH;
    struct watch *v = w->story = work_room(w, sizeof(*v));
    struct json_value document, package, progress = work_progress(w);

    if (!work_need(w, rollback ? w->order->rollback : w->order->wave,
                   rollback ? "rollback" : "wave", &document))
        return;
    if (!rollback) {
        if (!work_need(w, w->order->package, "package", &package))
            return;
        v->component = work_member(w, package, "component");
        v->version = work_member(w, package, "version");
    }
    v->old_failed = member_int(progress, "failed", 0);
    v->old_broken = member_int(progress, "broken", 0);
    v->failure = work_member(w, progress, "failure");
    list_jobs(w, document);
    read_job(w);
}

/* ---- counts --------------------------------------------------------------------------------- */

static void
read_job(struct work *w)
{
    struct watch *v = w->story;

    if (v->at == v->count)
        all_counted(w);
    else
        w->call = iot_describe_job(w->account, v->jobs[v->at], job_read, w);
}

static void
add(struct device_counts *sum, const struct iot_job *job)
{
    sum->queued += job->queued;
    sum->in_progress += job->in_progress;
    sum->succeeded += job->succeeded;
    sum->failed += job->failed;
    sum->rejected += job->rejected;
    sum->timed_out += job->timed_out;
    sum->cancelled += job->canceled;
    sum->removed += job->removed;
}

static void
job_read(void *cookie, const struct aws_result *r, const struct iot_job *job)
{
    struct work *w = cookie;
    struct watch *v = w->story;

    w->call = NULL;
    if (aws_refused(r, "ResourceNotFoundException")) {
        work_unsure(w, "job %s of thing group %s is not to be found", v->jobs[v->at],
                    v->groups[v->at]);
        return;
    }
    if (r->outcome != AWS_OK) {
        work_trouble(w, r);
        return;
    }
    add(&v->counts, job);
    if (strcmp(job->status, "CANCELED") == 0 && v->cancelled == NULL)
        v->cancelled = v->groups[v->at];
    v->at++;
    read_job(w);
}

/* ---- why devices failed --------------------------------------------------------------------- */

static void
all_counted(struct work *w)
{
    struct watch *v = w->story;

    v->counts.broken = v->old_broken;
    if (v->counts.failed == v->old_failed) {
        sample(w);
        return;
    }
    v->failures = (struct failures){
        .jobs = v->jobs, .job_count = v->count, .devices_max = FAILURES_MAX, .then = failures_found
    };
    failures_start(w, &v->failures);
}

static void
failures_found(struct work *w, struct failures *f)
{
    struct watch *v = w->story;

    if (f->broken > v->counts.broken)
        v->counts.broken = f->broken;
    if (f->reason != NULL)
        v->failure = f->reason;
    sample(w);
}

/* ---- does it really run? -------------------------------------------------------------------- */

static void
sample(struct work *w)
{
    struct watch *v = w->story;
    const struct device_counts *c = &v->counts;
    int64_t all = c->queued + c->in_progress + c->succeeded + c->failed + c->rejected +
                  c->timed_out + c->cancelled;
    int64_t needed = w->order->pipeline->rollout.success_percent;

    v->at = 0;
    v->installed.count = 0;
    if (v->component == NULL || c->succeeded == 0 || c->succeeded * 100 < needed * all)
        report(w);
    else
        sample_from(w);
}

/* Asks the next job for devices that succeeded, until the sample is full. */
static void
sample_from(struct work *w)
{
    struct watch *v = w->story;

    if (v->at < v->count && v->installed.count < SAMPLE_MAX) {
        w->call = iot_list_executions(w->account, v->jobs[v->at], "SUCCEEDED", NULL, sampled, w);
        return;
    }
    v->installed = (struct installed){ .things = v->things,
                                       .count = v->installed.count,
                                       .component = v->component,
                                       .version = v->version,
                                       .then = components_seen };
    installed_start(w, &v->installed);
}

static void
sampled(void *cookie, const struct aws_result *r, const struct iot_execution *executions,
        size_t count, const char *next)
{
    struct work *w = cookie;
    struct watch *v = w->story;

    (void)next;
    w->call = NULL;
    if (r->outcome != AWS_OK) {
        work_trouble(w, r);
        return;
    }
    for (size_t i = 0; i < count && v->installed.count < SAMPLE_MAX; i++)
        v->things[v->installed.count++] = work_keep(w, str_of(executions[i].thing));
    v->at++;
    sample_from(w);
}

static void
components_seen(struct work *w, struct installed *in)
{
    struct watch *v = w->story;

    v->counts.succeeded -= (int64_t)(in->failed + in->pending);
    v->counts.failed += (int64_t)in->failed;
    v->counts.in_progress += (int64_t)in->pending;
    if (in->failed > 0)
        v->failure = in->reason;
    if (in->reason != NULL)
        snprintf(w->reason, sizeof(w->reason), "%s", in->reason);
    report(w);
}

/* ---- the report ----------------------------------------------------------------------------- */

static void
keep_progress(struct work *w, int64_t failed)
{
    struct watch *v = w->story;
    struct json_out out = json_out(&w->progress);

    json_open(&out, '{');
    json_member_int(&out, "failed", failed);
    json_member_int(&out, "broken", v->counts.broken);
    if (v->failure != NULL)
        json_member(&out, "failure", str_of(v->failure));
    json_close(&out, '}');
}

static void
report(struct work *w)
{
    struct watch *v = w->story;

    /* What the jobs say, without what the sample added. */
    keep_progress(w, v->counts.failed - (int64_t)v->installed.failed);
    if (v->cancelled != NULL)
        snprintf(w->reason, sizeof(w->reason),
                 "the deployment to thing group %s was cancelled or replaced by somebody else",
                 v->cancelled);
    else if (w->reason[0] == '\0' && v->counts.failed > 0 && v->failure != NULL)
        snprintf(w->reason, sizeof(w->reason), "%s", v->failure);
    w->result.counts = v->counts;
    w->result.wait_ms = w->order->pipeline->rollout.poll_ms;
    if (w->result.wait_ms <= 0)
        w->result.wait_ms = SECONDS(5);
    work_end(w, WORK_OBSERVED);
}
