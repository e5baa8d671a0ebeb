/*
 * ORDER_TWIN_DEPLOY, driver "greengrass": the component goes to the twin's thing group.
 *
 *     things of the group -> live deployment -> ours merged in -> job counts
 *     -> every device's own word that the component runs
 *
 * Progress names the deployment and its job; further takes begin at the counts.
 */

#include <stdio.h>
#include <string.h>

#include "aws/iot.h"
#include "failures.h"
#include "greengrass_target.h"
#include "installed.h"
#include "merge.h"

#define THINGS_MAX 20 /* Twin devices that are asked for their component. */

struct twin {
    const char *component, *version;
    struct target target;
    const char *deployment_id, *job_id;
    int64_t since_ms;
    const char **things;
    size_t count;
    struct installed installed;
    struct failures failures;
};

static void things_listed(void *cookie, const struct aws_result *r, const char *const *things,
                          size_t count, const char *next);
static void target_was_read(struct work *w, struct target *t);
static void deployed(struct work *w, struct target *t);
static void job_read(void *cookie, const struct aws_result *r, const struct iot_job *job);
static void failures_found(struct work *w, struct failures *f);
static void components_seen(struct work *w, struct installed *in);

/* ---- whom it is for ------------------------------------------------------------------------- */

void
twin_greengrass_start(struct work *w)
{
    struct twin *t = w->story = work_room(w, sizeof(*t));
    struct json_value package, progress = work_progress(w);

    if (!work_need(w, w->order->package, "package", &package))
        return;
    t->component = work_member(w, package, "component");
    t->version = work_member(w, package, "version");
    t->deployment_id = work_member(w, progress, "deployment_id");
    t->job_id = work_member(w, progress, "job_id");
    t->since_ms = member_int(progress, "since_ms", work_now_ms(w));
    w->call = iot_list_things(w->account, w->order->pipeline->twin.thing_group, NULL, things_listed,
                              w);
}

static void
refuse_group(struct work *w, const struct aws_result *r)
{
    if (aws_refused(r, "ResourceNotFoundException"))
        work_fail(w,
                  "the twin's thing group %s does not exist in %s; create it or correct "
                  "twin.thing_group",
                  w->order->pipeline->twin.thing_group, aws_account_region(w->account));
    else
        work_trouble(w, r);
}

static void
things_listed(void *cookie, const struct aws_result *r, const char *const *things, size_t count,
              const char *next)
{
    struct work *w = cookie;
    struct twin *t = w->story;

    (void)next;
    w->call = NULL;
    if (r->outcome != AWS_OK) {
        refuse_group(w, r);
        return;
    }
    if (count == 0) {
        work_fail(w, "the twin's thing group %s has no device in it; add the digital twin's thing",
                  w->order->pipeline->twin.thing_group);
        return;
    }
    t->count = count < THINGS_MAX ? count : THINGS_MAX;
    t->things = work_room(w, t->count * sizeof(*t->things));
    for (size_t i = 0; i < t->count; i++)
        t->things[i] = work_keep(w, str_of(things[i]));
    if (t->job_id != NULL) {
        w->call = iot_describe_job(w->account, t->job_id, job_read, w);
        return;
    }
    t->target.group = w->order->pipeline->twin.thing_group;
    target_read(w, &t->target, target_was_read);
}

/* ---- deploying ------------------------------------------------------------------------------ */

static void
target_was_read(struct work *w, struct target *target)
{
    struct twin *t = w->story;
    struct buf components = { .max = WORK_TEXT_MAX };
    struct target_change change = { .version = t->version, .step = "twin" };
    char token[WORK_TOKEN_SIZE];
    struct error e;

    change.token = work_token(w->order, "", token);
    if (target_is(target, token) && target_runs(target, t->component, t->version)) {
        deployed(w, target);
        return;
    }
    if (!merge_version(str_of(target->components), t->component, t->version, &components, &e)) {
        buf_free(&components);
        work_fail(w, "thing group %s: %s", target->group, e.text);
        return;
    }
    change.components = work_keep(w, buf_str(&components));
    buf_free(&components);
    target_deploy(w, target, &change, deployed);
}

static void
keep_progress(struct work *w)
{
    struct twin *t = w->story;
    struct json_out out = json_out(&w->progress);

    json_open(&out, '{');
    json_member(&out, "deployment_id", str_of(t->deployment_id));
    json_member(&out, "job_id", str_of(t->job_id));
    json_member_int(&out, "since_ms", t->since_ms);
    json_close(&out, '}');
}

static void
deployed(struct work *w, struct target *target)
{
    struct twin *t = w->story;

    if (!target_has_job(w, target))
        return;
    t->deployment_id = target->id;
    t->job_id = target->job_id;
    keep_progress(w);
    w->call = iot_describe_job(w->account, t->job_id, job_read, w);
}

/* ---- what the devices say ------------------------------------------------------------------- */

static void
wait_longer(struct work *w, const char *what)
{
    const struct twin_settings *s = &w->order->pipeline->twin;
    struct twin *t = w->story;
    int64_t waited_ms = work_now_ms(w) - t->since_ms;

    if (s->deploy_timeout_ms > 0 && waited_ms > s->deploy_timeout_ms) {
        work_fail(w, "the twin did not take the component within %lld s: %s",
                  (long long)(s->deploy_timeout_ms / 1000), what);
        return;
    }
    snprintf(w->reason, sizeof(w->reason), "%s", what);
    work_wait(w, s->poll_ms);
}

static void
find_failure(struct work *w)
{
    struct twin *t = w->story;

    t->failures = (struct failures){ .jobs = &t->job_id,
                                     .job_count = 1,
                                     .devices_max = 1,
                                     .any_status = true,
                                     .then = failures_found };
    failures_start(w, &t->failures);
}

static void
failures_found(struct work *w, struct failures *f)
{
    work_fail(w, "the deployment to the twin failed: %s",
              f->reason != NULL ? f->reason : "the devices give no reason");
}

static void
see_components(struct work *w)
{
    struct twin *t = w->story;

    t->installed = (struct installed){ .things = t->things,
                                       .count = t->count,
                                       .component = t->component,
                                       .version = t->version,
                                       .then = components_seen };
    installed_start(w, &t->installed);
}

static void
judge(struct work *w, const struct iot_job *job)
{
    int64_t failed = job->failed + job->rejected + job->timed_out;

    if (failed > 0) {
        find_failure(w);
    } else if (strcmp(job->status, "CANCELED") == 0 || job->canceled > 0) {
        work_fail(w, "the deployment to thing group %s was cancelled or replaced by somebody else",
                  w->order->pipeline->twin.thing_group);
    } else if (job->succeeded > 0 && job->queued + job->in_progress == 0) {
        see_components(w);
    } else {
        wait_longer(w, work_text(w, "%lld devices queued, %lld in progress, %lld succeeded",
                                 (long long)job->queued, (long long)job->in_progress,
                                 (long long)job->succeeded));
    }
}

static void
job_read(void *cookie, const struct aws_result *r, const struct iot_job *job)
{
    struct work *w = cookie;
    struct twin *t = w->story;

    w->call = NULL;
    buf_clear(&w->progress);
    keep_progress(w);
    if (aws_refused(r, "ResourceNotFoundException"))
        wait_longer(w, work_text(w, "job %s is not to be found yet", t->job_id));
    else if (r->outcome != AWS_OK)
        work_trouble(w, r);
    else
        judge(w, job);
}

static void
write_document(struct work *w)
{
    struct twin *t = w->story;
    struct json_out out = json_out(&w->document);

    json_open(&out, '{');
    json_member(&out, "schema", STR("slipway.twin/1"));
    json_member(&out, "driver", STR("greengrass"));
    json_member(&out, "group", str_of(w->order->pipeline->twin.thing_group));
    json_member(&out, "deployment_id", str_of(t->deployment_id));
    json_member(&out, "job_id", str_of(t->job_id));
    json_key(&out, "things");
    json_open(&out, '[');
    for (size_t i = 0; i < t->count; i++)
        json_string(&out, str_of(t->things[i]));
    json_close(&out, ']');
    json_close(&out, '}');
}

static void
components_seen(struct work *w, struct installed *in)
{
    if (in->failed > 0) {
        work_fail(w, "the deployment to the twin succeeded, but the component does not run: %s",
                  in->reason);
    } else if (in->pending > 0) {
        wait_longer(w, in->reason);
    } else {
        write_document(w);
        work_finish(w);
    }
}
