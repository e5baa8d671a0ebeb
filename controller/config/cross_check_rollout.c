/* What no single setting can tell: the fleet, and times that cannot be kept. */

#include <string.h>

#include "config/reader.h"
#include "config/values.h"

static struct place
group_place(const struct node *waves, size_t wave, size_t group)
{
    const struct node *node = node_item(node_get(node_item(waves, wave), "thing_groups"), group);

    return node != NULL ? node->at : (struct place){ 0, 0 };
}

/* True if the group stands before position (wave, group) of the rollout, in another wave. */
static bool
in_earlier_wave(const struct rollout_settings *rollout, size_t wave, const char *name,
                size_t *found)
{
    for (size_t w = 0; w < wave; w++)
        for (size_t g = 0; g < rollout->waves[w].thing_groups.count; g++)
            if (rollout->waves[w].thing_groups.items[g] != NULL &&
                strcmp(rollout->waves[w].thing_groups.items[g], name) == 0) {
                *found = w;
                return true;
            }
    return false;
}

static void
check_group(const struct reader *r, const struct pipeline_settings *p, const struct node *waves,
            size_t wave, size_t group)
{
    const char *name = p->rollout.waves[wave].thing_groups.items[group];
    size_t earlier = 0;

    if (name == NULL)
        return;
    if (in_earlier_wave(&p->rollout, wave, name, &earlier))
        report_problem(
            &r->report, group_place(waves, wave, group),
            "thing group \"%s\" is in wave \"%s\" already; each goes into one wave", name,
            p->rollout.waves[earlier].name != NULL ? p->rollout.waves[earlier].name : "?");
    if (p->twin.thing_group != NULL && strcmp(p->twin.thing_group, name) == 0)
        report_problem(&r->report, group_place(waves, wave, group),
                       "thing group \"%s\" is the twin's; a wave reaches the fleet only", name);
}

/* A limit that the stage's own limit makes meaningless is most likely a mistake. */
static void
warn_of_late_limit(const struct reader *r, const struct pipeline_settings *p,
                   const struct node *stage, const char *key, int64_t limit_ms, const char *name)
{
    const struct node *given = node_get(stage, key);
    char a[DURATION_SIZE], b[DURATION_SIZE];

    if (given != NULL && limit_ms > p->stage_timeout_ms)
        report_warning(&r->report, given->at,
                       "%s: %s is never reached, for stage_timeout ends the stage after %s", name,
                       duration_text(limit_ms, a), duration_text(p->stage_timeout_ms, b));
}

/* One component in two pipelines of one account: their versions would meet. */
static void
warn_of_shared_component(const struct reader *r, const struct settings *s, size_t index,
                         const struct node *package)
{
    const struct pipeline_settings *p = &s->pipelines[index];
    const struct node *given = node_get(package, "component");

    for (size_t i = 0; i < index && given != NULL && p->package.component != NULL; i++) {
        const struct pipeline_settings *other = &s->pipelines[i];

        if (other->package.component == NULL || other->name == NULL ||
            strcmp(other->package.component, p->package.component) != 0)
            continue;
        if ((other->account.role_arn == NULL) != (p->account.role_arn == NULL) ||
            (p->account.role_arn != NULL &&
             strcmp(other->account.role_arn, p->account.role_arn) != 0))
            continue;
        report_warning(
            &r->report, given->at,
            "component \"%s\" is that of pipeline \"%s\" too; they must not make the same "
            "versions",
            p->package.component, other->name);
    }
}

void
cross_check_rollout(const struct reader *r, const struct settings *s, const struct node *root)
{
    for (size_t i = 0; i < s->pipeline_count; i++) {
        const struct pipeline_settings *p = &s->pipelines[i];
        const struct node *node = node_item(node_get(root, "pipelines"), i);
        const struct node *waves = node_get(node_get(node, "rollout"), "waves");
        const struct node *twin = node_get(node, "twin");

        for (size_t w = 0; w < p->rollout.wave_count; w++)
            for (size_t g = 0; g < p->rollout.waves[w].thing_groups.count; g++)
                check_group(r, p, waves, w, g);
        warn_of_late_limit(r, p, node_get(node, "compile"), "timeout", p->compile.timeout_ms,
                           "compile.timeout");
        warn_of_late_limit(r, p, node_get(node, "package"), "timeout", p->package.timeout_ms,
                           "package.timeout");
        warn_of_late_limit(r, p, twin, "deploy_timeout", p->twin.deploy_timeout_ms,
                           "twin.deploy_timeout");
        warn_of_late_limit(r, p, node_get(twin, "test"), "timeout", p->twin.test.timeout_ms,
                           "twin.test.timeout");
        warn_of_shared_component(r, s, i, node_get(node, "package"));
    }
}
