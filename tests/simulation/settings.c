/* Which pipelines a world has, which faults, and which packages, all drawn. */
#include <stdio.h>
#include <string.h>

#include "world.h"

static const char *const GROUP_NAMES[] = { "line-a", "line-b", "line-c",
                                           "line-d", "line-e", "line-f" };
static const char *const APPROVER_NAMES[] = { "ada", "ben", "eva" };

static void
draw_groups(struct world *w)
{
    for (size_t i = 0; i < GROUPS_MAX; i++) {
        snprintf(w->groups[i].name, sizeof(w->groups[i].name), "%s", GROUP_NAMES[i]);
        if (draw_chance(&w->draw, 500)) { /* It runs something that slipway knows nothing of. */
            w->groups[i].document = ++w->documents;
            w->groups[i].runs[0].version = draw_below(&w->draw, 2) * 1000;
        }
    }
    snprintf(w->twin.name, sizeof(w->twin.name), "twin");
}

/* Two pipelines have thing groups of their own, or share some. */
static void
draw_rollout(struct world *w, int64_t index, struct rollout_settings *r)
{
    int64_t first = index == 0 ? 0 : draw_between(&w->draw, 0, 3);
    int64_t next = first;

    r->waves = w->waves[index];
    r->wave_count = (size_t)draw_between(&w->draw, 1, 3);
    for (size_t i = 0; i < r->wave_count; i++) {
        size_t groups = i + 1 < r->wave_count ? 1 : (size_t)draw_between(&w->draw, 1, 2);

        if (next + (int64_t)groups > GROUPS_MAX)
            groups = 1;
        for (size_t g = 0; g < groups; g++)
            w->wave_groups[index][i][g] = w->groups[(next++) % GROUPS_MAX].name;
        w->waves[index][i] = (struct wave_settings){
            .name = "wave", .thing_groups = { w->wave_groups[index][i], groups }
        };
    }
    r->success_percent = draw_between(&w->draw, 60, 100);
    r->failure_percent = draw_between(&w->draw, 0, 40);
    r->failure_min = draw_between(&w->draw, 1, 4);
    r->broken_max = draw_between(&w->draw, 0, 2);
    r->bake_ms = draw_chance(&w->draw, 500) ? 0 : MINUTES(draw_between(&w->draw, 1, 20));
    r->poll_ms = SECONDS(30);
    r->timeout_ms = HOURS(draw_between(&w->draw, 1, 4));
    r->on_failure = draw_chance(&w->draw, 500) ? ON_FAILURE_HALT : ON_FAILURE_ROLLBACK;
}

static void
draw_pipeline(struct world *w, int64_t index, const struct run_plan *plan)
{
    static const char *const NAMES[] = { "digits", "digits-b" };
    struct pipeline_settings *p = &w->pipelines[index];

    /* One draw a statement: the members of an initializer may be evaluated in any order. */
    *p = (struct pipeline_settings){
        .name = NAMES[index],
        .pattern = "{\"detail\":{\"ModelPackageGroupName\":[\"digits\"]}}",
        .twin = { .driver = TWIN_GREENGRASS, .thing_group = w->twin.name },
        .gates = &w->gate,
        .gate_count = 1,
        .approval = { .expires_ms = plan->calm ? DAYS(3650) : HOURS(6) },
        .stage_timeout_ms = plan->calm ? DAYS(3650) : HOURS(2),
    };
    p->compile.tries = draw_between(&w->draw, 1, 3);
    p->package.tries = draw_between(&w->draw, 1, 3);
    p->twin.tries = draw_between(&w->draw, 1, 3);
    p->approval.required = draw_between(&w->draw, 1, 2);
    p->supersede = draw_chance(&w->draw, 600);
    if (plan->calm)
        p->supersede = plan->all_at_once;
    if (index == 1)
        p->approval.approvers = (struct setting_list){ w->limited, 1 };
    if (index == 1)
        p->approval.required = 1;
    draw_rollout(w, index, &p->rollout);
}

/* Half of the kinds of faults are off in each world; the others come rarely or often. */
static void
draw_faults(struct world *w)
{
    static const int64_t RATES[] = { 3, 10, 30, 80, 200 };
    static const enum fault OFTEN[] = { FAULT_BROKEN, FAULT_LATE, FAULT_UNCLEAR, FAULT_STALE };

    for (size_t i = 0; i < FAULT_COUNT; i++) {
        bool on = draw_chance(&w->draw, 500);
        int64_t rate = RATES[draw_below(&w->draw, ARRAY_LEN(RATES))];

        w->rates[i] = on && !w->calm ? rate : 0;
    }
    /* These only come where something else has happened: seldom would be never. */
    for (size_t i = 0; i < ARRAY_LEN(OFTEN); i++)
        if (w->rates[OFTEN[i]] != 0)
            w->rates[OFTEN[i]] += 150;
    if (w->rates[FAULT_BROKEN] != 0 && w->rates[FAULT_DEVICES] < 100)
        w->rates[FAULT_DEVICES] = 100;
    /* These come with every commit or every message: seldom is often enough. */
    w->rates[FAULT_CRASH] /= 5;
    w->rates[FAULT_DISK] /= 10;
    w->rates[FAULT_SLOW] /= 4;
    w->rates[FAULT_FAIL] /= 2;
}

void
world_settings(struct world *w, const struct run_plan *plan)
{
    w->gate = (struct gate_settings){
        .name = "accuracy",
        .pattern = "{\"metrics\":{\"accuracy\":{\"value\":[{\"numeric\":[\">=\",0.9]}]}}}"
    };
    for (size_t i = 0; i < APPROVERS; i++)
        w->approvers[i] = (struct approver_settings){ .name = APPROVER_NAMES[i] };
    w->limited[0] = APPROVER_NAMES[0];
    draw_groups(w);
    w->settings = (struct settings){ .queue = { .url = "https://sqs.example/q",
                                                .quarantine_max = 5 },
                                     .approvers = w->approvers,
                                     .approver_count = APPROVERS,
                                     .pipelines = w->pipelines };
    w->settings.pipeline_count = (size_t)draw_between(&w->draw, 1, PIPELINES_MAX);
    for (size_t i = 0; i < w->settings.pipeline_count; i++)
        draw_pipeline(w, (int64_t)i, plan);
    draw_faults(w);
}
