/*
 * ORDER_WAVE_DEPLOY: the component goes to the wave's thing groups, one after the other.
 *
 * Only what was planned and approved is changed: a group whose live deployment is neither the
 * planned one nor ours stops the wave, and so does a component version whose digest is not the
 * approved one.  Progress lists the groups that are done.
 */

#include <stdio.h>
#include <string.h>

#include "aws/greengrass.h"
#include "digest.h"
#include "greengrass_target.h"
#include "merge.h"
#include "recipe.h"

struct wave {
    struct json_value plan;
    const char *component, *version, *arn;
    struct target *groups;
    struct json_value *planned; /* The entry of each in the plan. */
    const char **tokens;
    bool *done; /* By a former take, or this one. */
    size_t count, at;
    bool verified; /* The component version is still what was approved. */
};

static void take_next(struct work *w);
static void group_was_read(struct work *w, struct target *t);
static void recipe_came(void *cookie, const struct aws_result *r, struct str recipe,
                        const char *tags);
static void deploy(struct work *w);
static void deployed(struct work *w, struct target *t);

/* ---- what is to be done --------------------------------------------------------------------- */

static void
list_groups(struct work *w)
{
    struct wave *v = w->story;
    struct json_value groups = json_get(v->plan, "groups");
    char token[WORK_TOKEN_SIZE];

    v->groups = work_room(w, json_size(groups) * sizeof(*v->groups));
    v->planned = work_room(w, json_size(groups) * sizeof(*v->planned));
    v->tokens = work_room(w, json_size(groups) * sizeof(*v->tokens));
    v->done = work_room(w, json_size(groups) * sizeof(*v->done));
    for (struct json_cursor c = json_first(groups); json_exists(c.value); json_next(&c)) {
        if (member_int(c.value, "wave", -1) != w->order->deployment->wave)
            continue;
        v->groups[v->count].group = work_member(w, c.value, "group");
        v->groups[v->count].arn = work_member(w, c.value, "arn");
        v->planned[v->count] = c.value;
        v->tokens[v->count] = work_keep(
            w, str_of(work_token(w->order, v->groups[v->count].group, token)));
        v->count++;
    }
}

/* Groups that a former take has done. */
static void
recall(struct work *w)
{
    struct wave *v = w->story;
    struct json_value list = json_get(work_progress(w), "deployments");

    for (struct json_cursor c = json_first(list); json_exists(c.value); json_next(&c)) {
        for (size_t i = 0; i < v->count; i++) {
            if (!json_is(json_get(c.value, "token"), v->tokens[i]))
                continue;
            v->groups[i].id = work_member(w, c.value, "deployment_id");
            v->groups[i].job_id = work_member(w, c.value, "job_id");
            v->done[i] = v->groups[i].id != NULL && v->groups[i].job_id != NULL;
        }
    }
}

void
wave_deploy_start(struct work *w)
{
    struct wave *v = w->story = work_room(w, sizeof(*v));
    struct json_value package;

    if (!work_need(w, w->order->package, "package", &package) ||
        !work_need(w, w->order->plan, "plan", &v->plan))
        return;
    v->component = work_member(w, package, "component");
    v->version = work_member(w, package, "version");
    v->arn = work_member(w, package, "arn");
    list_groups(w);
    if (v->count == 0) {
        work_fail(w, "the plan names no thing group for wave %lld",
                  (long long)w->order->deployment->wave + 1);
        return;
    }
    recall(w);
    take_next(w);
}

static void
write_deployments(struct work *w, struct buf *to, const char *schema)
{
    struct wave *v = w->story;
    struct json_out out = json_out(to);

    json_open(&out, '{');
    json_member(&out, "schema", str_of(schema));
    json_member_int(&out, "wave", w->order->deployment->wave);
    json_key(&out, "deployments");
    json_open(&out, '[');
    for (size_t i = 0; i < v->count; i++) {
        if (!v->done[i])
            continue;
        json_open(&out, '{');
        json_member(&out, "group", str_of(v->groups[i].group));
        json_member(&out, "deployment_id", str_of(v->groups[i].id));
        json_member(&out, "job_id", str_of(v->groups[i].job_id));
        json_member(&out, "token", str_of(v->tokens[i]));
        json_close(&out, '}');
    }
    json_close(&out, ']');
    json_close(&out, '}');
}

static void
take_next(struct work *w)
{
    struct wave *v = w->story;

    while (v->at < v->count && v->done[v->at])
        v->at++;
    if (v->at < v->count) {
        target_read(w, &v->groups[v->at], group_was_read);
        return;
    }
    write_deployments(w, &w->document, "slipway.wave/1");
    work_finish(w);
}

/* ---- one group ------------------------------------------------------------------------------ */

static bool
is_as_planned(struct work *w, const struct target *t)
{
    struct wave *v = w->story;
    struct json_value seen = json_get(v->planned[v->at], "seen_deployment_id");

    if (target_is_ours(w, t) && target_runs(t, v->component, v->version))
        return true;
    return json_type(seen) == JSON_STRING ? t->any && json_is(seen, t->id) : !t->any;
}

static void
refuse_moved(struct work *w, const struct target *t)
{
    struct wave *v = w->story;
    const char *planned = work_member(w, v->planned[v->at], "seen_deployment_id");

    work_fail(w,
              "thing group %s changed since the plan: %s%s%s%s is there now, %s was planned on; "
              "retry, which plans anew",
              t->group, t->any ? "deployment " : "no deployment", t->any ? t->id : "",
              t->name[0] != '\0' ? " " : "", t->name, planned != NULL ? planned : "none");
}

static void
group_was_read(struct work *w, struct target *t)
{
    struct wave *v = w->story;

    if (target_is(t, v->tokens[v->at]) && target_runs(t, v->component, v->version))
        deployed(w, t);
    else if (!is_as_planned(w, t))
        refuse_moved(w, t);
    else if (!v->verified)
        w->call = greengrass_get_component(w->account, v->arn, recipe_came, w);
    else
        deploy(w);
}

static void
recipe_came(void *cookie, const struct aws_result *r, struct str recipe, const char *tags)
{
    struct work *w = cookie;
    struct wave *v = w->story;
    char approved[DIGEST_BASE64_SIZE], have[DIGEST_SIZE];
    struct error e;

    (void)tags;
    w->call = NULL;
    if (r->outcome != AWS_OK) {
        work_trouble(w, r);
    } else if (!recipe_digest(recipe, have, sizeof(have), &e)) {
        work_fail(w, "component version %s: %s", v->arn, e.text);
    } else if (!digest_base64(w->order->deployment->digest, approved) ||
               strcmp(have, approved) != 0) {
        work_fail(w, "component version %s has the digest %s, approved was %s (%s)", v->arn, have,
                  approved, w->order->deployment->digest);
    } else {
        v->verified = true;
        deploy(w);
    }
}

static void
deploy(struct work *w)
{
    struct wave *v = w->story;
    struct target *t = &v->groups[v->at];
    struct buf components = { .max = WORK_TEXT_MAX };
    struct target_change change = {
        .version = v->version,
        .step = "wave",
        .token = v->tokens[v->at],
        .rate_per_minute = w->order->pipeline->rollout.rate_per_minute
    };
    struct error e;

    if (!merge_version(str_of(t->components), v->component, v->version, &components, &e)) {
        buf_free(&components);
        work_fail(w, "thing group %s: %s", t->group, e.text);
        return;
    }
    change.components = work_keep(w, buf_str(&components));
    buf_free(&components);
    target_deploy(w, t, &change, deployed);
}

static void
deployed(struct work *w, struct target *t)
{
    struct wave *v = w->story;

    if (!target_has_job(w, t))
        return;
    v->done[v->at] = true;
    buf_clear(&w->progress);
    write_deployments(w, &w->progress, "slipway.wave/1");
    take_next(w);
}
