/*
 * ORDER_ROLL_BACK: every thing group that runs what we deployed gets back what it ran before.
 *
 * Cancelling a Greengrass deployment leaves updated devices as they are, and nucleus lite
 * rolls nothing back, so a rollback is a new deployment: the live document with our
 * component as the plan's base had it, or without it.  What others changed in the
 * meantime stays.  Groups that run something else are left alone and named.  When it is tried
 * again, groups that got their document back before get it once more: devices that did not
 * take it are told again, and counted.
 *
 * The wave may have been halted while a CreateDeployment of it was on its way: a group of it that
 * is not known to have been deployed to is looked at until that cannot come any more.
 */

#include <stdio.h>
#include <string.h>

#include "greengrass_target.h"
#include "merge.h"

enum fate {
    FATE_OPEN,
    FATE_RESTORED, /* A deployment that restores it exists. */
    FATE_UNTOUCHED,
    FATE_AWAITED, /* Untouched so far; what may still come to it is waited for. */
};

struct group {
    struct target target;
    struct json_value planned;
    const char *token;
    enum fate fate;
    const char *why; /* FATE_UNTOUCHED */
    bool in_doubt;   /* Of the halted wave, and not known to have been deployed to. */
};

struct rollback {
    const char *component, *version;
    struct group *groups;
    size_t count, at;
    const char *awaited; /* A group that is FATE_AWAITED; NULL: none is. */
};

static void take_next(struct work *w);
static void group_was_read(struct work *w, struct target *t);
static void deployed(struct work *w, struct target *t);

/* ---- what is to be done --------------------------------------------------------------------- */

/* True unless `wave`, what the halted wave is known to have deployed, lists the group. */
static bool
is_in_doubt(const struct work *w, const struct group *g, struct json_value wave)
{
    struct json_cursor c = json_first(json_get(wave, "deployments"));
    struct work_order deploy = *w->order;
    char token[WORK_TOKEN_SIZE];

    if (member_int(g->planned, "wave", -1) != w->order->deployment->wave)
        return false;
    deploy.kind = ORDER_WAVE_DEPLOY;
    work_token(&deploy, g->target.group, token);
    while (json_exists(c.value) && !json_is(json_get(c.value, "token"), token))
        json_next(&c);
    return !json_exists(c.value);
}

static void
list_groups(struct work *w, struct json_value plan)
{
    struct rollback *b = w->story;
    struct json_value groups = json_get(plan, "groups"), wave = { 0 };
    char token[WORK_TOKEN_SIZE];
    struct error e;

    /* A document that cannot be read is as none: more is in doubt then. */
    if (w->order->wave.len == 0 || !work_json(w, w->order->wave, &wave, &e))
        wave = (struct json_value){ 0 };
    b->groups = work_room(w, json_size(groups) * sizeof(*b->groups));
    for (struct json_cursor c = json_first(groups); json_exists(c.value); json_next(&c)) {
        struct group *g = &b->groups[b->count];

        if (member_int(c.value, "wave", INT64_MAX) > w->order->deployment->wave)
            continue;
        g->target.group = work_member(w, c.value, "group");
        g->target.arn = work_member(w, c.value, "arn");
        g->planned = c.value;
        g->token = work_keep(w, str_of(work_token(w->order, g->target.group, token)));
        g->in_doubt = is_in_doubt(w, g, wave);
        b->count++;
    }
}

static void
recall(struct work *w)
{
    struct rollback *b = w->story;
    struct json_value list = json_get(work_progress(w), "deployments");

    for (struct json_cursor c = json_first(list); json_exists(c.value); json_next(&c)) {
        for (size_t i = 0; i < b->count; i++) {
            struct group *g = &b->groups[i];

            if (!json_is(json_get(c.value, "token"), g->token))
                continue;
            g->target.id = work_member(w, c.value, "deployment_id");
            g->target.job_id = work_member(w, c.value, "job_id");
            if (g->target.id != NULL && g->target.job_id != NULL)
                g->fate = FATE_RESTORED;
        }
    }
}

void
roll_back_start(struct work *w)
{
    struct rollback *b = w->story = work_room(w, sizeof(*b));
    struct json_value package, plan;

    if (!work_need(w, w->order->package, "package", &package) ||
        !work_need(w, w->order->plan, "plan", &plan))
        return;
    b->component = work_member(w, package, "component");
    b->version = work_member(w, package, "version");
    list_groups(w, plan);
    recall(w);
    take_next(w);
}

/* ---- one group ------------------------------------------------------------------------------ */

static void
write_restored(struct json_out *out, const struct rollback *b)
{
    json_key(out, "deployments");
    json_open(out, '[');
    for (size_t i = 0; i < b->count; i++) {
        const struct group *g = &b->groups[i];

        if (g->fate != FATE_RESTORED)
            continue;
        json_open(out, '{');
        json_member(out, "group", str_of(g->target.group));
        json_member(out, "deployment_id", str_of(g->target.id));
        json_member(out, "job_id", str_of(g->target.job_id));
        json_member(out, "token", str_of(g->token));
        json_key(out, "version");
        if (json_exists(json_get(g->planned, "base_version")))
            json_verbatim(out, json_source(json_get(g->planned, "base_version")));
        else
            json_null(out);
        json_close(out, '}');
    }
    json_close(out, ']');
}

static void
write_untouched(struct json_out *out, const struct rollback *b)
{
    json_key(out, "untouched");
    json_open(out, '[');
    for (size_t i = 0; i < b->count; i++) {
        if (b->groups[i].fate != FATE_UNTOUCHED)
            continue;
        json_open(out, '{');
        json_member(out, "group", str_of(b->groups[i].target.group));
        json_member(out, "why", str_of(b->groups[i].why));
        json_close(out, '}');
    }
    json_close(out, ']');
}

static void
write_all(struct work *w, struct buf *to)
{
    struct rollback *b = w->story;
    struct json_out out = json_out(to);

    json_open(&out, '{');
    json_member(&out, "schema", STR("slipway.rollback/1"));
    write_restored(&out, b);
    write_untouched(&out, b);
    json_close(&out, '}');
}

static void
take_next(struct work *w)
{
    struct rollback *b = w->story;

    while (b->at < b->count && b->groups[b->at].fate != FATE_OPEN)
        b->at++;
    if (b->at < b->count) {
        target_read(w, &b->groups[b->at].target, group_was_read);
        return;
    }
    if (b->awaited != NULL) {
        buf_clear(&w->progress);
        write_all(w, &w->progress);
        snprintf(w->reason, sizeof(w->reason),
                 "what was on its way to thing group %s when the wave was halted may still arrive",
                 b->awaited);
        work_wait(w, w->order->pipeline->rollout.poll_ms);
        return;
    }
    write_all(w, &w->document);
    work_finish(w);
}

/* What got no answer within a call's time is over for AWS too; but a rollback may not wait until
 * it is overdue itself. */
static bool
may_still_come(const struct work *w)
{
    int64_t settle_ms = aws_account_timeout_ms(w->account);
    int64_t most_ms = w->order->pipeline->rollout.timeout_ms / 2;

    return work_now_ms(w) - w->order->deployment->wave_since_ms <
           (settle_ms < most_ms ? settle_ms : most_ms);
}

static void
leave_alone(struct work *w, const char *why)
{
    struct rollback *b = w->story;
    struct group *g = &b->groups[b->at];

    g->fate = FATE_UNTOUCHED;
    g->why = why;
    if (g->in_doubt && may_still_come(w)) {
        g->fate = FATE_AWAITED;
        b->awaited = g->target.group;
    }
    take_next(w);
}

static void
restore(struct work *w, struct target *t)
{
    struct rollback *b = w->story;
    struct group *g = &b->groups[b->at];
    struct json_value entry = json_get(g->planned, "base_entry");
    struct str base = json_type(entry) == JSON_OBJECT ? json_source(entry) : STR("");
    struct buf components = { .max = WORK_TEXT_MAX };
    struct target_change change = {
        .step = "rollback",
        .version = b->version,
        .token = g->token,
        .rate_per_minute = w->order->pipeline->rollout.rate_per_minute
    };
    struct error e;

    if (!merge_entry(str_of(t->components), b->component, base, &components, &e)) {
        buf_free(&components);
        work_fail(w, "thing group %s: %s", t->group, e.text);
        return;
    }
    change.components = work_keep(w, buf_str(&components));
    buf_free(&components);
    target_deploy(w, t, &change, deployed);
}

/* What is there was put back by a rollback before this one, and not every device has taken it. */
static bool
was_restored_before(const struct work *w, const struct target *t, const struct group *g,
                    const char *version)
{
    struct json_value base = json_get(g->planned, "base_version");

    return target_is_ours(w, t) &&
           (json_type(base) == JSON_STRING ? json_is(base, version) : version[0] == '\0');
}

static void
group_was_read(struct work *w, struct target *t)
{
    struct rollback *b = w->story;
    const struct group *g = &b->groups[b->at];
    struct buf entry = { .max = WORK_TEXT_MAX };
    char version[80];
    struct error e;
    bool ok = merge_find(str_of(t->components), b->component, &entry, version, sizeof(version), &e);

    buf_free(&entry);
    if (!ok)
        work_fail(w, "thing group %s: %s", t->group, e.text);
    else if (target_is(t, g->token) && strcmp(version, b->version) != 0)
        deployed(w, t);
    else if (strcmp(version, b->version) != 0 && !was_restored_before(w, t, g, version))
        leave_alone(w, work_text(w, "it runs %s%s%s, not %s", b->component,
                                 version[0] != '\0' ? " " : "",
                                 version[0] != '\0' ? version : " not at all", b->version));
    else if (json_is(json_get(g->planned, "base_version"), b->version))
        leave_alone(w,
                    work_text(w, "it ran %s %s before this deployment", b->component, b->version));
    else
        restore(w, t);
}

static void
deployed(struct work *w, struct target *t)
{
    struct rollback *b = w->story;

    if (!target_has_job(w, t))
        return;
    b->groups[b->at].fate = FATE_RESTORED;
    buf_clear(&w->progress);
    write_all(w, &w->progress);
    take_next(w);
}
