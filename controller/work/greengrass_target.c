#include "greengrass_target.h"

#include <stdio.h>
#include <string.h>

#include "aws/greengrass.h"
#include "aws/iot.h"
#include "merge.h"

#define NAME_MAX_CHARACTERS 256
#define REPLACED_TRIES 4 /* So often a list may be behind what was just created. */

static void group_described(void *cookie, const struct aws_result *r,
                            const struct iot_thing_group *g);
static void list(struct work *w, struct target *t);
static void listed(void *cookie, const struct aws_result *r,
                   const struct greengrass_deployment *deployments, size_t count, const char *next);
static void deployment_read(void *cookie, const struct aws_result *r,
                            const struct greengrass_deployment *d);
static void deployed(void *cookie, const struct aws_result *r, const char *deployment_id,
                     const char *job_id);
static void confirmed(void *cookie, const struct aws_result *r,
                      const struct greengrass_deployment *d);

/* ---- reading -------------------------------------------------------------------------------- */

void
target_read(struct work *w, struct target *t, target_then *then)
{
    w->part = t;
    t->then = then;
    t->pages = (struct pages){ 0 };
    if (t->arn == NULL)
        w->call = iot_describe_thing_group(w->account, t->group, group_described, w);
    else
        list(w, t);
}

static void
group_described(void *cookie, const struct aws_result *r, const struct iot_thing_group *g)
{
    struct work *w = cookie;
    struct target *t = w->part;

    w->call = NULL;
    if (aws_refused(r, "ResourceNotFoundException")) {
        work_fail(w, "thing group %s does not exist in %s; create it or correct the pipeline",
                  t->group, aws_account_region(w->account));
    } else if (r->outcome != AWS_OK) {
        work_trouble(w, r);
    } else {
        t->arn = work_keep(w, str_of(g->arn));
        list(w, t);
    }
}

static void
list(struct work *w, struct target *t)
{
    w->call = greengrass_list_deployments(w->account, t->arn, true, t->pages.token, listed, w);
}

static void
be_bare(struct target *t)
{
    t->any = false;
    t->id = t->name = t->parent = t->job_id = t->status = "";
    t->components = t->policies = t->job_configuration = t->tags = "{}";
}

/* Whatever was listed: what is merged with and deployed on must be what the group has now. */
static bool
is_live(const struct target *t, const struct greengrass_deployment *d)
{
    return d->latest && strcmp(d->target_arn, t->arn) == 0 && strcmp(d->id, t->id) == 0;
}

static void
listed(void *cookie, const struct aws_result *r, const struct greengrass_deployment *deployments,
       size_t count, const char *next)
{
    struct work *w = cookie;
    struct target *t = w->part;

    w->call = NULL;
    if (r->outcome != AWS_OK) {
        work_trouble(w, r);
        return;
    }
    if (count > 0) {
        t->id = work_keep(w, str_of(deployments[0].id));
        w->call = greengrass_get_deployment(w->account, t->id, deployment_read, w);
    } else if (next != NULL) {
        if (work_turn_page(w, &t->pages, next))
            list(w, t);
    } else {
        be_bare(t);
        t->then(w, t);
    }
}

static void
deployment_read(void *cookie, const struct aws_result *r, const struct greengrass_deployment *d)
{
    struct work *w = cookie;
    struct target *t = w->part;

    w->call = NULL;
    if (r->outcome != AWS_OK && !aws_refused(r, "ResourceNotFoundException")) {
        work_trouble(w, r);
        return;
    }
    if (d == NULL || !is_live(t, d)) {
        work_unsure(w, "the deployment of thing group %s changed while it was read", t->group);
        return;
    }
    t->any = true;
    t->name = work_keep(w, str_of(d->name));
    t->parent = work_keep(w, str_of(d->parent_target_arn));
    t->job_id = work_keep(w, str_of(d->job_id));
    t->status = work_keep(w, str_of(d->status));
    t->components = work_keep(w, str_of(d->components));
    t->policies = work_keep(w, str_of(d->policies));
    t->job_configuration = work_keep(w, str_of(d->job_configuration));
    t->tags = work_keep(w, str_of(d->tags));
    t->then(w, t);
}

bool
target_runs(const struct target *t, const char *component, const char *version)
{
    struct buf entry = { .max = WORK_TEXT_MAX };
    char have[80];
    struct error e;
    bool ok = merge_find(str_of(t->components), component, &entry, have, sizeof(have), &e);

    buf_free(&entry);
    return ok && strcmp(have, version) == 0;
}

bool
target_is(const struct target *t, const char *token)
{
    return t->any && merge_tag_is(str_of(t->tags), TAG_TOKEN, token);
}

bool
target_is_ours(const struct work *w, const struct target *t)
{
    char release[WORK_TOKEN_SIZE];

    return t->any && merge_tag_is(str_of(t->tags), TAG_RELEASE, work_release(w->order, release));
}

bool
target_has_job(struct work *w, const struct target *t)
{
    if (t->job_id[0] != '\0')
        return true;
    work_unsure(w, "Greengrass does not tell the job of deployment %s on thing group %s yet", t->id,
                t->group);
    return false;
}

/* ---- changing ------------------------------------------------------------------------------- */

/* A JSON object worth sending: NULL instead of "{}". */
static const char *
or_none(struct work *w, struct buf *json)
{
    const char *text = json->len > 2 ? work_keep(w, buf_str(json)) : NULL;

    buf_free(json);
    return text;
}

static const char *
tags_of(struct work *w, const char *token)
{
    struct buf tags = { .max = 4096 };
    struct json_out out = json_out(&tags);
    char release[WORK_TOKEN_SIZE];

    json_open(&out, '{');
    json_member(&out, TAG_TOKEN, str_of(token));
    json_member(&out, TAG_RELEASE, str_of(work_release(w->order, release)));
    json_member(&out, TAG_PIPELINE, str_of(w->order->pipeline->name));
    json_close(&out, '}');
    return or_none(w, &tags);
}

void
target_deploy(struct work *w, struct target *t, const struct target_change *change,
              target_then *then)
{
    struct greengrass_deployment_order order = {
        .target_arn = t->arn,
        .parent_target_arn = t->parent[0] != '\0' ? t->parent : NULL,
        .components = change->components,
        .token = change->token,
        .tags = tags_of(w, change->token),
    };
    struct buf policies = { .max = WORK_TEXT_MAX }, job = { .max = WORK_TEXT_MAX };
    struct error e;
    bool ok = merge_without_nulls(str_of(t->policies), &policies, &e) &&
              merge_job_configuration(str_of(t->job_configuration), change->rate_per_minute, &job,
                                      &e);

    order.policies = or_none(w, &policies);
    order.job_configuration = or_none(w, &job);
    order.name = work_text(w, TARGET_NAME " %s", w->order->pipeline->name, change->version,
                           change->step);
    if (!ok || strlen(order.name) > NAME_MAX_CHARACTERS) {
        work_fail(w, "deployment of thing group %s: %s", t->group,
                  ok ? "its name would be too long" : e.text);
        return;
    }
    w->part = t;
    t->then = then;
    w->call = greengrass_create_deployment(w->account, &order, deployed, w);
}

static void
deployed(void *cookie, const struct aws_result *r, const char *deployment_id, const char *job_id)
{
    struct work *w = cookie;
    struct target *t = w->part;

    w->call = NULL;
    if (r->outcome != AWS_OK) {
        work_trouble(w, r);
        return;
    }
    t->any = true;
    t->id = work_keep(w, str_of(deployment_id));
    t->job_id = work_keep(w, str_of(job_id));
    w->call = greengrass_get_deployment(w->account, t->id, confirmed, w);
}

static void
refuse_replaced(struct work *w, const struct target *t)
{
    static const char TEXT[] = "deployment %s of thing group %s was made under this name before "
                               "and replaced; retry, which takes another name";

    if (w->order->tries < REPLACED_TRIES)
        work_unsure(w, TEXT, t->id, t->group);
    else
        work_fail(w, TEXT, t->id, t->group);
}

static void
confirmed(void *cookie, const struct aws_result *r, const struct greengrass_deployment *d)
{
    struct work *w = cookie;
    struct target *t = w->part;
    bool unseen = aws_refused(r, "ResourceNotFoundException"); /* So new is it. */

    w->call = NULL;
    if (r->outcome != AWS_OK && !unseen) {
        work_trouble(w, r);
    } else if (!unseen && !is_live(t, d)) {
        refuse_replaced(w, t);
    } else {
        if (!unseen && t->job_id[0] == '\0')
            t->job_id = work_keep(w, str_of(d->job_id));
        t->then(w, t);
    }
}
