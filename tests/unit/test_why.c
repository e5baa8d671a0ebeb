/* links: slipway_rules slipway_base */

/* Goal: for every state there is one sentence that says what is waited for, by whom, and until
 * when, or why it ended. */

#include "slipway/why.h"

#include <stdio.h>
#include <string.h>

#include "suite.h"

#define NOW INT64_C(1700000000000)

static struct deployment d;
static struct order order;
static struct policy policy;
static struct device_counts counts;
static struct why w;
static char buf[WHY_SIZE];

/* A deployment that entered `state` 3 minutes ago and has 10 minutes left. */
static void
begin(enum state state)
{
    d = (struct deployment){ .id = 7,
                             .state = state,
                             .entered_ms = NOW - MINUTES(3),
                             .deadline_ms = NOW + MINUTES(10),
                             .attempts = 1,
                             .wave = 1,
                             .wave_count = 3,
                             .wave_state = WAVE_DEPLOYING,
                             .wave_since_ms = NOW - SECONDS(60),
                             .planned = true,
                             .pipeline = "digits",
                             .digest = "0123456789abcdef0123456789abcdef"
                                       "0123456789abcdef0123456789abcdef" };
    order = (struct order){ .id = 1, .deployment_id = 7 };
    policy = (struct policy){ .tries_compile = 3,
                              .tries_package = 4,
                              .tries_test = 5,
                              .approvals_required = 2,
                              .success_percent = 95,
                              .bake_ms = MINUTES(5) };
    counts = (struct device_counts){ .succeeded = 0 };
    w = (struct why){
        .deployment = &d, .order = &order, .policy = &policy, .counts = &counts, .now_ms = NOW
    };
}

static void
because(const char *reason)
{
    snprintf(d.reason, sizeof(d.reason), "%s", reason);
}

#define says(sentence) ck_assert_str_eq(why_sentence(&w, buf), sentence)

START_TEST(a_stage_says_since_when_and_until_when)
{
    begin(RECEIVED);
    says("confirming the approval in the registry for 3 min; it fails if not done in 10 min");
    begin(COMPILING);
    says("compiling the model for 3 min; it fails if not done in 10 min");
    begin(PACKAGING);
    says("packaging the Greengrass component for 3 min; it fails if not done in 10 min");
    begin(TWIN_DEPLOYING);
    says("deploying to the digital twin for 3 min; it fails if not done in 10 min");
    begin(TWIN_TESTING);
    says("testing on the digital twin for 3 min; it fails if not done in 10 min");
    ck_assert_str_eq(why_who(&w), "slipway");
    d.deadline_ms = NOW;
    says("testing on the digital twin for 3 min; its time is over");
    d.deadline_ms = 0;
    says("testing on the digital twin for 3 min");
    begin(TWIN_DEPLOYING);
    w.holder = 4;
    says("waiting for the digital twin, which deployment 4 uses; it fails if not done in 10 min");
}
END_TEST

START_TEST(a_second_try_says_what_failed)
{
    begin(COMPILING);
    d.attempts = 2;
    d.deadline_ms = 0;
    because("out of disk");
    says("compiling the model for 3 min, try 2 of 3, after this failed: out of disk");
    d.attempts = 9;
    says("compiling the model for 3 min, try 9, after this failed: out of disk");
    w.policy = NULL;
    d.reason[0] = '\0';
    says("compiling the model for 3 min, try 9");
}
END_TEST

START_TEST(approval_says_how_many_are_missing)
{
    begin(AWAITING_APPROVAL);
    says("waiting for 2 more approvals of digest 0123456789ab, 0 of 2 given; it expires in 10 min");
    ck_assert_str_eq(why_who(&w), "an approver");
    d.approvals = 1;
    says("waiting for 1 more approval of digest 0123456789ab, 1 of 2 given; it expires in 10 min");
    w.policy = NULL;
    says("waiting for approval of digest 0123456789ab, 1 given; it expires in 10 min");
}
END_TEST

START_TEST(what_is_unknown_is_said_to_be_unknown)
{
    begin(PACKAGING);
    order.kind = ORDER_PACKAGE;
    order.tries = 3;
    says("packaging the Greengrass component for 3 min; it fails if not done in 10 min; asked 3 "
         "times without an answer, it is asked again");
}
END_TEST

START_TEST(it_says_that_its_pipeline_is_not_configured)
{
    begin(COMPILING);
    w.policy = NULL;
    w.unconfigured = true;
    says("compiling the model for 3 min; it fails if not done in 10 min; nothing is done before "
         "its pipeline digits is in the configuration again");
    ck_assert_str_eq(why_who(&w), "an operator");
    d.state = LIVE;
    ck_assert_str_eq(why_who(&w), "nobody");
}
END_TEST

START_TEST(before_the_plan_nobody_is_asked)
{
    begin(AWAITING_APPROVAL);
    d.planned = false;
    d.deadline_ms = 0;
    says("reading what the fleet runs, before anybody is asked for approval");
    ck_assert_str_eq(why_who(&w), "slipway");
    d.attempts = 2;
    because("throttled");
    says("reading what the fleet runs, before anybody is asked for approval, try 2, after this "
         "failed: throttled");
}
END_TEST

START_TEST(a_wave_says_how_its_devices_are)
{
    begin(ROLLING_OUT);
    says("wave 2 of 3 is being deployed, no device has reported yet; it is halted if not done in "
         "10 min");
    counts = (struct device_counts){
        .queued = 50, .in_progress = 2, .succeeded = 45, .failed = 2, .timed_out = 1
    };
    says("wave 2 of 3 is being deployed: 45 of 100 devices succeeded, 3 failed, 2 in progress, "
         "50 not reached yet, 95 % needed; it is halted if not done in 10 min");
    w.holder = 4;
    says("wave 2 of 3 waits for deployment 4, which holds one of its thing groups; it is halted "
         "if not done in 10 min");
    ck_assert_str_eq(why_who(&w), "slipway");
}
END_TEST

START_TEST(a_baking_wave_says_how_long)
{
    begin(ROLLING_OUT);
    d.wave_state = WAVE_BAKING;
    counts = (struct device_counts){ .succeeded = 1 };
    says("wave 2 of 3 succeeded and is watched for 4 min more: 1 of 1 device succeeded");
    d.wave_since_ms = NOW - HOURS(1);
    w.counts = NULL;
    says("wave 2 of 3 succeeded and is watched for 0 ms more");
}
END_TEST

START_TEST(a_resumed_wave_is_planned_anew)
{
    begin(ROLLING_OUT);
    order.kind = ORDER_PLAN;
    says("reading what the fleet runs, before wave 2 of 3 goes on");
}
END_TEST

START_TEST(a_halt_says_what_an_operator_can_do)
{
    begin(HALTED);
    because("wave 2 halted: 30 of 100 devices failed, more than 10 % tolerated");
    says("wave 2 halted: 30 of 100 devices failed, more than 10 % tolerated; an operator can let "
         "it go on (retry) or roll it back (rollback)");
    ck_assert_str_eq(why_who(&w), "an operator");
    d.reason[0] = '\0';
    says("wave 2 of 3 halted; an operator can let it go on (retry) or roll it back (rollback)");
}
END_TEST

START_TEST(a_rollback_says_how_far_it_is_and_why)
{
    begin(ROLLING_BACK);
    d.deadline_ms = 0;
    says("rolling back");
    counts = (struct device_counts){ .queued = 1, .succeeded = 2, .failed = 1 };
    because("the approval was taken back");
    says("rolling back, 2 of 4 devices run the last known good version again, 1 failed, because "
         "of this: the approval was taken back");
    w.counts = NULL;
    d.deadline_ms = NOW + HOURS(2);
    says("rolling back, because of this: the approval was taken back; an operator is asked in 2 h");
    begin(ROLLBACK_STUCK);
    because("1 of 4 devices did not take the last known good version back");
    says("could not be rolled back everywhere: 1 of 4 devices did not take the last known good "
         "version back; an operator can try again (retry)");
    ck_assert_str_eq(why_who(&w), "an operator");
}
END_TEST

START_TEST(a_failure_names_the_stage_and_the_reason)
{
    begin(FAILED);
    d.stage = TWIN_TESTING;
    because("gate accuracy-floor: metrics.accuracy.value is 0.9511, needed >= 0.97");
    says("failed while testing on the digital twin: gate accuracy-floor: metrics.accuracy.value is "
         "0.9511, needed >= 0.97; an operator can try again (retry)");
    ck_assert_str_eq(why_who(&w), "nobody");
}
END_TEST

START_TEST(every_other_end_says_why)
{
    begin(LIVE);
    says("live on the whole fleet for 3 min");
    begin(REJECTED);
    says("rejected");
    because("ada said no");
    says("rejected: ada said no");
    begin(EXPIRED);
    d.approvals = 1;
    says("nobody approved it in time: 1 of 2 approvals given; an operator can ask again (retry)");
    w.policy = NULL;
    says("nobody approved it in time");
    begin(CANCELLED);
    because("wrong fleet");
    says("cancelled by an operator: wrong fleet");
    begin(SUPERSEDED);
    says("superseded by a newer version");
    begin(ROLLED_BACK);
    because("wave 2 halted");
    says("rolled back: wave 2 halted");
    ck_assert_str_eq(why_who(&w), "nobody");
}
END_TEST

START_TEST(no_sentence_is_empty_or_too_long)
{
    for (int s = 0; s < STATE_COUNT; s++) {
        begin((enum state)s);
        d.attempts = 2;
        counts = (struct device_counts){ .queued = INT64_C(1000000000),
                                         .succeeded = 5,
                                         .failed = 6 };
        memset(d.reason, 'r', sizeof(d.reason) - 1);
        memset(d.pipeline, 'p', sizeof(d.pipeline) - 1);
        ck_assert_uint_gt(strlen(why_sentence(&w, buf)), 3);
        ck_assert_uint_lt(strlen(buf), WHY_SIZE);
        w = (struct why){ .deployment = &d, .now_ms = NOW };
        ck_assert_uint_gt(strlen(why_sentence(&w, buf)), 3);
        ck_assert(buf[strlen(buf) - 1] != '.');
    }
}
END_TEST

SUITE(why, a_stage_says_since_when_and_until_when, a_second_try_says_what_failed,
      approval_says_how_many_are_missing, it_says_that_its_pipeline_is_not_configured,
      what_is_unknown_is_said_to_be_unknown, before_the_plan_nobody_is_asked,
      a_wave_says_how_its_devices_are, a_baking_wave_says_how_long, a_resumed_wave_is_planned_anew,
      a_halt_says_what_an_operator_can_do, a_rollback_says_how_far_it_is_and_why,
      a_failure_names_the_stage_and_the_reason, every_other_end_says_why,
      no_sentence_is_empty_or_too_long)
