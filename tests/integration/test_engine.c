/* links: slipway_web slipway_engine */

/* Goal: nothing that is open is ever forgotten: whatever is full, away, waited for or set back, its
 * order and its deadline come. */

#include <netinet/in.h>
#include <sys/socket.h>

#include "platform/clock.h"
#include "slipway/event.h"
#include "web_world.h"

/* ---- the world ------------------------------------------------------------------------------ */

static int mute = -1;

/* AWS takes connections and never says a word, so every order stays in flight. */
static void
silence_aws(void)
{
    static char endpoint[64];
    struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
    socklen_t len = sizeof(at);

    mute = socket(AF_INET, SOCK_STREAM, 0);
    ck_assert_int_eq(bind(mute, (struct sockaddr *)&at, sizeof(at)), 0);
    ck_assert_int_eq(listen(mute, 512), 0);
    ck_assert_int_eq(getsockname(mute, (struct sockaddr *)&at, &len), 0);
    snprintf(endpoint, sizeof(endpoint), "http://127.0.0.1:%d", ntohs(at.sin_port));
    world.settings.aws.endpoint = endpoint;
    world.settings.aws.timeout_ms = SECONDS(60);
}

static void
end(void)
{
    world_close();
    if (mute >= 0)
        close(mute);
    mute = -1;
}

static void
turn_for(int64_t ms)
{
    int64_t until = clock_monotonic_ms() + ms;

    while (clock_monotonic_ms() < until)
        loop_turn(world.loop, 20);
}

static struct deployment
load(int64_t id)
{
    struct deployment d;

    world_ok(store_load(world.store, id, &d, &world.e));
    return d;
}

static struct str
arn_of(int number, char buf[128])
{
    snprintf(buf, 128, "arn:aws:sagemaker:us-east-1:111122223333:model-package/digits/%d", number);
    return str_of(buf);
}

/* ---- everything is full --------------------------------------------------------------------- */

#define MANY 300 /* More than may be in flight. */

static void
fill_none(struct learner *l)
{
    (void)l;
    silence_aws();
    world.pipeline.stage_timeout_ms = SECONDS(1);
}

static void
feed(int number)
{
    struct json_token tokens[256];
    struct event_room room = { tokens, ARRAY_LEN(tokens), NULL, 0 };
    struct event ev;
    char arn[128], text[1024];

    (void)arn_of(number, arn);
    snprintf(text, sizeof(text),
             "{\"source\":\"aws.sagemaker\",\"detail-type\":\"SageMaker Model Package State "
             "Change\",\"time\":\"2026-01-01T00:00:00Z\",\"detail\":{\"ModelPackageArn\":\"%s\","
             "\"ModelApprovalStatus\":\"Approved\"}}",
             arn);
    world_ok(event_read(&ev, str_of(text), &room, &world.e));
    ck_assert_int_eq(engine_feed_event(world.engine, &ev), LEARNT_APPLIED);
}

START_TEST(deadlines_come_though_no_more_orders_can_be_taken_up)
{
    world_open(fill_none);
    engine_start(world.engine);
    for (int i = 0; i < MANY; i++)
        feed(100 + i);
    turn_for(500);
    ck_assert_int_eq(engine_counters(world.engine)->in_flight, 256);
    turn_for(1000);
    ck_assert_int_eq(load(2).state, FAILED);
    ck_assert_int_eq(load(MANY + 1).state, FAILED);
    end();
}
END_TEST

/* ---- a pipeline is away --------------------------------------------------------------------- */

static void
fill_one(struct learner *l)
{
    char arn[128];

    (void)l;
    silence_aws();
    world_add(arn_of(100, arn));
}

START_TEST(what_a_pipeline_began_goes_on_when_it_is_configured_again)
{
    struct settings without = world.settings;

    world_open(fill_one);
    without = world.settings;
    without.pipeline_count = 0;
    world_ok(engine_use(world.engine, &without, &world.e));
    engine_start(world.engine);
    turn_for(100);
    ck_assert_int_eq(engine_counters(world.engine)->orders_taken, 0);
    world_ok(engine_use(world.engine, &world.settings, &world.e));
    turn_for(100);
    ck_assert_int_eq(engine_counters(world.engine)->orders_taken, 1);
    end();
}
END_TEST

/* ---- a thing group is taken ----------------------------------------------------------------- */

static void
fill_twins(struct learner *l)
{
    char arn[128];

    silence_aws();
    world.pipeline.twin.driver = TWIN_GREENGRASS;
    world.pipeline.twin.thing_group = "twin";
    world.pipeline.stage_timeout_ms = SECONDS(62);
    for (int i = 0; i < 2; i++) {
        int64_t id = world_add(arn_of(100 + i, arn));

        world_learn(l, id, (struct fact){ .kind = FACT_CONFIRMED });
        world_learn(l, id, (struct fact){ .kind = FACT_WORK_DONE });
        world_learn(l, id, (struct fact){ .kind = FACT_WORK_DONE, .digest = WORLD_DIGEST });
        world_ok(store_document_keep(world.store, id, "package",
                                     STR("{\"component\":\"digits.model\",\"version\":\"1.0.4\"}"),
                                     &world.e));
    }
    world.pipeline.stage_timeout_ms = SECONDS(30);
}

static void
forget(void *cookie, enum learnt l, const struct error *e)
{
    (void)cookie;
    ck_assert_msg(l == LEARNT_APPLIED, "%s", e->text);
}

START_TEST(the_time_of_an_order_begins_when_the_thing_group_is_free)
{
    const struct person_decision cancel = { .verb = PERSON_CANCEL,
                                            .deployment_id = 2,
                                            .approver = "ada",
                                            .message_id = "m1",
                                            .signature = "s",
                                            .body = STR("b") };
    int64_t freed_ms;

    world_open(fill_twins);
    engine_start(world.engine);
    turn_for(2500);
    ck_assert_int_eq(engine_counters(world.engine)->in_flight, 1);
    ck_assert_int_lt(load(3).deadline_ms, engine_now_ms(world.engine));
    ck_assert_msg(load(3).state == TWIN_DEPLOYING, "it only waits");
    freed_ms = engine_now_ms(world.engine);
    engine_decide(world.engine, &cancel, forget, NULL);
    turn_for(200);
    ck_assert_int_eq(load(2).state, CANCELLED);
    ck_assert_int_eq(load(3).state, TWIN_DEPLOYING);
    ck_assert_int_eq(engine_counters(world.engine)->in_flight, 1);
    ck_assert_msg(load(3).deadline_ms >= freed_ms + SECONDS(30), "also after a restart");
    end();
}
END_TEST

/* ---- an approver is gone -------------------------------------------------------------------- */

static void
say(const char *who, const char *message_id)
{
    const struct person_decision yes = { .verb = PERSON_APPROVE,
                                         .deployment_id = 1,
                                         .approver = who,
                                         .digest = WORLD_DIGEST,
                                         .message_id = message_id,
                                         .signature = "s",
                                         .body = str_of(message_id) };

    engine_decide(world.engine, &yes, forget, NULL);
    turn_for(50);
}

START_TEST(the_yes_of_who_may_not_decide_any_more_does_not_count)
{
    struct settings fewer;
    struct approver_settings carl[3];

    world_open(NULL);
    say("ada", "m1");
    ck_assert_int_eq(load(1).approvals, 1);
    fewer = world.settings;
    memcpy(carl, world.approvers, sizeof(carl));
    carl[0].name = "carl";
    fewer.approvers = carl;
    world_ok(engine_use(world.engine, &fewer, &world.e));
    say("bob", "m2");
    ck_assert_int_eq(load(1).state, AWAITING_APPROVAL);
    ck_assert_int_eq(load(1).approvals, 1);
    world_ok(engine_use(world.engine, &world.settings, &world.e));
    say("ada", "m3");
    ck_assert_msg(load(1).approvals == 2, "she may again, and says so again");
    end();
}
END_TEST

/* ---- the clock is set back ------------------------------------------------------------------ */

static void
fill_ahead(struct learner *l)
{
    char arn[128];

    (void)l;
    silence_aws();
    world.now_ms += DAYS(400);
    world_add(arn_of(100, arn));
}

START_TEST(a_clock_that_was_set_back_puts_nothing_off)
{
    world_open(fill_ahead);
    engine_start(world.engine);
    turn_for(100);
    ck_assert_int_eq(engine_counters(world.engine)->orders_taken, 1);
    ck_assert_int_ge(engine_now_ms(world.engine), world.now_ms - 1);
    end();
}
END_TEST

/* ---- the end -------------------------------------------------------------------------------- */

START_TEST(nothing_is_taken_up_after_the_stop)
{
    world_open(fill_one);
    engine_stop(world.engine);
    say("ada", "m1");
    ck_assert_msg(load(1).approvals == 1, "what is learnt is still committed");
    ck_assert_int_eq(engine_counters(world.engine)->orders_taken, 0);
    end();
}
END_TEST

SUITE(engine, deadlines_come_though_no_more_orders_can_be_taken_up,
      what_a_pipeline_began_goes_on_when_it_is_configured_again,
      the_time_of_an_order_begins_when_the_thing_group_is_free,
      the_yes_of_who_may_not_decide_any_more_does_not_count,
      a_clock_that_was_set_back_puts_nothing_off, nothing_is_taken_up_after_the_stop)
