/* Thing groups and their devices: planning, waves, watching, rolling back. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "slipway/json_write.h"
#include "world.h"

/* ---- what is planned ------------------------------------------------------------------------ */

/* One entry of the plan: a group, its wave, what was seen there and what to go back to. */
struct planned {
    int64_t group, wave, seen, base, base_by;
};

enum { PLANNED_MAX = 8, PLAN_TOKENS = 256 };

static int64_t
group_index(const struct world *w, const char *name)
{
    for (int64_t i = 0; i < GROUPS_MAX; i++)
        if (strcmp(w->groups[i].name, name) == 0)
            return i;
    abort();
}

static int64_t
number(struct json_value entry, const char *key)
{
    struct error e;
    int64_t n;

    return json_get_int(entry, key, &n, &e) ? n : 0;
}

static size_t
plan_read(const struct world *w, struct str text, struct planned entries[PLANNED_MAX])
{
    struct json_token tokens[PLAN_TOKENS];
    struct json doc;
    struct error e;
    size_t count = 0;

    if (text.len == 0 || !json_read(&doc, text, tokens, PLAN_TOKENS, &e))
        return 0;
    for (struct json_cursor c = json_first(json_get(json_root(&doc), "groups"));
         json_exists(c.value) && count < PLANNED_MAX; json_next(&c)) {
        char name[16];

        if (json_text(json_get(c.value, "group"), name, sizeof(name), NULL))
            entries[count++] = (struct planned){ group_index(w, name), number(c.value, "wave"),
                                                 number(c.value, "seen"), number(c.value, "base"),
                                                 number(c.value, "base_by") };
    }
    return count;
}

static void
plan_add(const struct world *w, struct json_out *out, const struct planned *p)
{
    json_open(out, '{');
    json_member(out, "group", str_of(w->groups[p->group].name));
    json_member_int(out, "wave", p->wave);
    json_member_int(out, "seen", p->seen);
    json_member_int(out, "base", p->base);
    json_member_int(out, "base_by", p->base_by);
    json_close(out, '}');
}

static int64_t
pipeline_index(const struct world *w, const struct work *k)
{
    return k->order->pipeline - w->pipelines;
}

/* What the group runs of ours keeps the base it had in the plan before. */
static struct planned
plan_group(const struct world *w, const struct work *k, int64_t group, int64_t wave)
{
    const struct thing_group *g = &w->groups[group];
    const struct installed_model *runs = &g->runs[pipeline_index(w, k)];
    struct planned old[PLANNED_MAX];
    size_t count = plan_read(w, k->order->plan, old);

    if (g->owner == k->order->deployment->id || runs->version == k->order->package_version)
        for (size_t i = 0; i < count; i++)
            if (old[i].group == group)
                return (struct planned){ group, wave, g->document, old[i].base, old[i].base_by };
    return (struct planned){ group, wave, g->document, runs->version, runs->by };
}

void
fleet_plan(struct world *w, struct work *k)
{
    const struct rollout_settings *r = &k->order->pipeline->rollout;
    struct work_result failed = { .outcome = WORK_FAILED, .reason = "the fleet cannot be read" };
    struct work_result done = { .outcome = WORK_DONE };
    struct buf text = { .max = 4096 };
    struct json_out out = json_out(&text);

    if (fault(w, FAULT_FAIL)) {
        sometimes(SOMETIMES_WORK_FAILS);
        work_answer(w, k, &failed);
        return;
    }
    json_open(&out, '{');
    json_key(&out, "groups");
    json_open(&out, '[');
    for (size_t i = 0; i < r->wave_count; i++) {
        for (size_t j = 0; j < r->waves[i].thing_groups.count; j++) {
            int64_t group = group_index(w, r->waves[i].thing_groups.items[j]);
            struct planned p = plan_group(w, k, group, (int64_t)i);

            plan_add(w, &out, &p);
        }
    }
    json_close(&out, ']');
    json_close(&out, '}');
    done.document = buf_str(&text);
    work_answer(w, k, &done);
    buf_free(&text);
}

/* ---- devices -------------------------------------------------------------------------------- */

void
fleet_begin(struct world *w, struct thing_group *g)
{
    g->job = (struct device_counts){ .queued = draw_between(&w->draw, 1, 12) };
}

static void
device_fails(struct world *w, struct device_counts *job)
{
    int64_t how = draw_below(&w->draw, 4);

    if (how == 0)
        job->rejected++;
    else if (how == 1)
        job->timed_out++;
    else
        job->failed++;
    if (how >= 2 && fault(w, FAULT_BROKEN))
        job->broken++;
}

static void
job_goes_on(struct world *w, struct device_counts *job)
{
    int64_t queued = job->queued, under_way = job->in_progress;

    for (; queued > 0; queued--) {
        if (fault(w, FAULT_OFFLINE) || draw_chance(&w->draw, 200))
            continue;
        job->queued--;
        job->in_progress++;
    }
    for (; under_way > 0; under_way--) {
        if (draw_chance(&w->draw, 200))
            continue;
        job->in_progress--;
        if (fault(w, FAULT_DEVICES))
            device_fails(w, job);
        else
            job->succeeded++;
    }
}

static void
add_counts(struct device_counts *sum, const struct device_counts *job)
{
    sum->queued += job->queued;
    sum->in_progress += job->in_progress;
    sum->succeeded += job->succeeded;
    sum->failed += job->failed;
    sum->rejected += job->rejected;
    sum->timed_out += job->timed_out;
    sum->cancelled += job->cancelled;
    sum->broken += job->broken;
}

/* The document of a wave or of a rollback: the groups that were told, as letters after a colon. */
void
fleet_watch(struct world *w, struct work *k)
{
    bool rollback = k->order->kind == ORDER_ROLLBACK_WATCH;
    struct str document = rollback ? k->order->rollback : k->order->wave;
    struct work_result r = { .outcome = WORK_OBSERVED, .wait_ms = SECONDS(30) };
    char expected[32];
    int n = rollback ? snprintf(expected, sizeof(expected), "rollback:")
                     : snprintf(expected, sizeof(expected),
                                "%lld:", (long long)k->order->deployment->wave);

    if (!str_starts(document, expected)) {
        violated(w, "deployment %lld: wave %lld is watched by the document \"%.*s\"",
                 (long long)k->order->deployment->id, (long long)k->order->deployment->wave,
                 STR_ARG(document));
        return;
    }
    for (size_t i = (size_t)n; i < document.len; i++) {
        struct thing_group *g = &w->groups[document.at[i] - 'a'];

        job_goes_on(w, &g->job);
        add_counts(&r.counts, &g->job);
    }
    if (!rollback)
        check_report(w, k->order, &r.counts);
    work_answer(w, k, &r);
}

/* ---- changing a thing group ----------------------------------------------------------------- */

static void
command(struct world *w, struct work *k, struct thing_group *g, struct installed_model what)
{
    struct installed_model *runs = &g->runs[pipeline_index(w, k)];
    char token[WORK_TOKEN_SIZE];

    check_command(w, k->order, g);
    if (w->violated ||
        !effect_make(w, k->order, g->name, mix((uint64_t)what.version, (uint64_t)what.by)))
        return;
    trace("  %s gets version %lld of pipeline %s", g->name, (long long)what.version,
          k->order->pipeline->name);
    memcpy(g->token, work_token(k->order, g->name, token), sizeof(g->token));
    what.restored = what.restored || what.version == runs->version;
    *runs = what;
    g->document = ++w->documents;
    g->owner = k->order->deployment->id;
    g->changing = g->owner;
    g->rolls_back = k->order->kind == ORDER_ROLL_BACK;
    fleet_begin(w, g);
    if (fault(w, FAULT_CRASH))
        world_crashes(w, SOMETIMES_CRASH_AFTER_EFFECT);
}

static bool
carries_our_token(const struct work *k, const struct thing_group *g)
{
    char token[WORK_TOKEN_SIZE];

    return strcmp(g->token, work_token(k->order, g->name, token)) == 0;
}

/* Which groups were told, as letters; on the stack, since a crash may come in between. */
struct told {
    char text[32];
};

static void
add_group(struct told *t, int64_t group)
{
    size_t len = strlen(t->text);

    snprintf(t->text + len, sizeof(t->text) - len, "%c", (char)('a' + group));
}

static void
answer_groups(struct world *w, struct work *k, const struct told *t)
{
    struct work_result r = { .outcome = WORK_DONE, .document = str_of(t->text) };

    if (w->violated)
        return;
    if (fault(w, FAULT_UNKNOWN)) {
        sometimes(SOMETIMES_REPLY_LOST);
        work_unknown(w, k);
    } else {
        work_answer(w, k, &r);
    }
}

void
fleet_deploy(struct world *w, struct work *k)
{
    const struct deployment *d = k->order->deployment;
    struct work_result moved = { .outcome = WORK_FAILED, .reason = "a thing group has changed" };
    struct planned lines[PLANNED_MAX];
    size_t count = plan_read(w, k->order->plan, lines);
    struct told told;

    snprintf(told.text, sizeof(told.text), "%d:", (int)d->wave);
    for (size_t i = 0; i < count && !w->violated; i++) {
        struct thing_group *g = &w->groups[lines[i].group];

        if (lines[i].wave != d->wave)
            continue;
        if (!carries_our_token(k, g) && g->document != lines[i].seen && g->owner != d->id) {
            sometimes(SOMETIMES_GROUP_MOVED);
            work_answer(w, k, &moved);
            return;
        }
        if (!carries_our_token(k, g))
            command(w, k, g, (struct installed_model){ k->order->package_version, d->id, false });
        else
            sometimes(SOMETIMES_EFFECT_ADOPTED);
        add_group(&told, lines[i].group);
    }
    answer_groups(w, k, &told);
}

void
fleet_roll_back(struct world *w, struct work *k)
{
    const struct deployment *d = k->order->deployment;
    struct planned lines[PLANNED_MAX];
    size_t count = plan_read(w, k->order->plan, lines);
    struct told told = { "rollback:" };

    for (size_t i = 0; i < count && !w->violated; i++) {
        struct thing_group *g = &w->groups[lines[i].group];
        int64_t runs = g->runs[pipeline_index(w, k)].version;
        bool restored_before = g->owner == d->id && runs == lines[i].base;

        if (lines[i].wave > d->wave)
            continue;
        if (!carries_our_token(k, g) && ((runs != k->order->package_version && !restored_before) ||
                                         lines[i].base == k->order->package_version)) {
            sometimes(SOMETIMES_ROLLED_BACK_UNTOUCHED);
            continue;
        }
        if (!carries_our_token(k, g))
            command(w, k, g, (struct installed_model){ lines[i].base, lines[i].base_by, true });
        add_group(&told, lines[i].group);
    }
    answer_groups(w, k, &told);
}

/* Somebody else replaces the deployment of a thing group; our component stays in it. */
void
fleet_foreign(struct world *w)
{
    struct thing_group *g = &w->groups[draw_below(&w->draw, GROUPS_MAX)];

    trace("%lld somebody else deploys to %s", (long long)(w->now_ms - WORLD_BEGINS_MS), g->name);
    g->document = ++w->documents;
    g->owner = 0;
    g->token[0] = '\0';
    g->job.cancelled += g->job.queued + g->job.in_progress;
    g->job.queued = g->job.in_progress = 0;
    happens(w, MINUTES(draw_between(&w->draw, 30, 900)), HAPPENS_FOREIGN, 0, 0);
}
