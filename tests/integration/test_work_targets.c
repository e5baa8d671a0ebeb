/* links: slipway_work fakes */

/* Goal: a thing group whose live deployment is not surely known is never deployed to, and no list
 * of AWS's is followed for ever. */

#include <string.h>
#include <unistd.h>

#include "aws_world.h"
#include "slipway/json_write.h"
#include "work/folder.h"
#include "work/workshop.h"

#define ARN "arn:aws:iot:us-east-1:123456789012:thinggroup/line-a"
#define OTHER_ARN "arn:aws:iot:us-east-1:123456789012:thinggroup/line-b"

/* What the service says of the group; `get` is GetDeployment's answer. */
struct story {
    const char *list, *get;
};

struct ending {
    struct world *world;
    enum work_outcome outcome;
    char reason[REASON_SIZE], document[4096];
};

#define ENTRY(target, latest)                                                     \
    "\"deploymentId\":\"d-1\",\"targetArn\":\"" target "\",\"deploymentStatus\":" \
    "\"ACTIVE\",\"isLatestForTarget\":" latest
#define LISTED "{\"deployments\":[{" ENTRY(ARN, "true") "}]}"

static struct wire_reply
tell(void *cookie, int nth, const char *request)
{
    const struct story *s = cookie;
    const char *body = s->get;

    (void)nth;
    ck_assert_msg(strncmp(request, "GET ", 4) == 0, "%.200s", request);
    if (strncmp(request, "GET /thing-groups/", 18) == 0)
        body = "{\"thingGroupName\":\"line-a\",\"thingGroupArn\":\"" ARN "\"}";
    else if (strncmp(request, "GET /greengrass/v2/deployments?", 31) == 0)
        body = s->list;
    return wire_reply(200, "", body);
}

static void
ended(void *cookie, const struct work_result *r)
{
    struct ending *x = cookie;

    x->outcome = r->outcome;
    snprintf(x->reason, sizeof(x->reason), "%s", r->reason != NULL ? r->reason : "");
    snprintf(x->document, sizeof(x->document), "%.*s", STR_ARG(r->document));
    loop_stop(x->world->loop);
}

/* Plans a rollout to one thing group of which the service says this. */
static struct ending
plan(struct story *story)
{
    static const char *const GROUPS[] = { "line-a" };
    struct wave_settings wave = { .thing_groups = { (const char **)(uintptr_t)GROUPS, 1 } };
    struct pipeline_settings pipeline = { .name = "digits",
                                          .rollout = { .waves = &wave, .wave_count = 1 } };
    struct deployment deployment = { .pipeline = "digits" };
    struct work_order order = { .kind = ORDER_PLAN,
                                .tries = 1,
                                .deployment = &deployment,
                                .pipeline = &pipeline,
                                .arn = "arn:aws:sagemaker:us-east-1:123456789012:model/1",
                                .installation = "test",
                                .package = STR(
                                    "{\"component\":\"digits\",\"version\":\"1.0.1\"}") };
    struct world w = begin(tell, story);
    struct ending x = { .world = &w };
    struct settings settings = { .work_dir = "/tmp/test_work_targets" };
    struct workshop *shop;
    struct error e;

    shop = workshop_new(w.loop, w.aws, &settings, &e);
    ck_assert_msg(shop != NULL, "%s", e.text);
    ck_assert(work_start(shop, &order, ended, &x) != NULL);
    loop_run(w.loop);
    ck_assert_int_lt(wire_requests(w.server), 200);
    workshop_free(shop);
    end(&w);
    ck_assert(folder_remove(settings.work_dir));
    return x;
}

START_TEST(what_a_group_runs_is_read)
{
    struct story s = { LISTED, "{" ENTRY(ARN, "true") ",\"components\":{\"digits\":{"
                                                      "\"componentVersion\":\"1.0.0\"}}}" };
    struct story bare = { "{\"deployments\":[]}", "" };
    struct ending x = plan(&s);

    ck_assert_msg(x.outcome == WORK_DONE, "%s", x.reason);
    ck_assert_ptr_nonnull(strstr(x.document, "\"base_version\":\"1.0.0\""));
    x = plan(&bare);
    ck_assert_msg(x.outcome == WORK_DONE, "%s", x.reason);
    ck_assert_ptr_nonnull(strstr(x.document, "\"seen_deployment_id\":null"));
}
END_TEST

/* To take any of these for "nothing runs there" would uninstall everything that does. */
START_TEST(an_answer_that_cannot_be_is_not_believed)
{
    static struct story stories[] = {
        { "{\"deployments\":[{" ENTRY(ARN, "false") "}]}", "{}" },
        { "{\"deployments\":[{" ENTRY(OTHER_ARN, "true") "}]}", "{}" },
        { LISTED, "{" ENTRY(ARN, "true") ",\"components\":[]}" },
        { LISTED, "{" ENTRY(ARN, "true") ",\"components\":\"{}\"}" },
        { LISTED, "{" ENTRY(ARN, "true") ",\"components\":{},\"iotJobConfiguration\":1}" },
    };

    for (size_t i = 0; i < ARRAY_LEN(stories); i++) {
        struct ending x = plan(&stories[i]);

        ck_assert_msg(x.outcome == WORK_UNKNOWN, "story %zu ended with %d: %s", i, (int)x.outcome,
                      x.document);
    }
}
END_TEST

START_TEST(a_deployment_replaced_while_it_is_read_is_read_again)
{
    static struct story stories[] = {
        { LISTED, "{" ENTRY(ARN, "false") ",\"components\":{}}" },
        { LISTED, "{" ENTRY(OTHER_ARN, "true") ",\"components\":{}}" },
    };

    for (size_t i = 0; i < ARRAY_LEN(stories); i++) {
        struct ending x = plan(&stories[i]);

        ck_assert_msg(x.outcome == WORK_UNKNOWN, "story %zu ended with %d: %s", i, (int)x.outcome,
                      x.document);
        ck_assert_ptr_nonnull(strstr(x.reason, "changed while it was read"));
    }
}
END_TEST

START_TEST(a_list_that_leads_in_a_circle_is_left)
{
    struct story s = { "{\"deployments\":[],\"nextToken\":\"again\"}", "" };
    struct ending x = plan(&s);

    ck_assert_int_eq(x.outcome, WORK_UNKNOWN);
}
END_TEST

SUITE(work_targets, what_a_group_runs_is_read, an_answer_that_cannot_be_is_not_believed,
      a_deployment_replaced_while_it_is_read_is_read_again, a_list_that_leads_in_a_circle_is_left)
