/* links: slipway_rules */
/*
 * The pipeline table, taken as data: what must hold of any table we ever ship,
 * then the rows whose meaning matters most.
 */
#include "suite.h"

#include <string.h>

#include "slipway/pipeline.h"
#include "slipway/rollout.h"

static const struct transition *table;
static size_t rows;

static const struct policy POLICY = { .stage_timeout_ms = HOURS(1),
                                      .expires_ms = DAYS(1),
                                      .tries_compile = 3,
                                      .tries_package = 2,
                                      .tries_test = 2,
                                      .approvals_required = 1,
                                      .wave_count = 2,
                                      .success_percent = 90,
                                      .failure_percent = 10,
                                      .failure_min = 3,
                                      .bake_ms = MINUTES(1),
                                      .wave_timeout_ms = MINUTES(30),
                                      .rolls_back = true,
                                      .supersede = true };

#define DIGEST "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static struct deployment
deployment_in(enum state s)
{
    struct deployment d = pipeline_begin(&POLICY, 1000);

    d.id = 7;
    d.state = d.stage = s;
    d.order_id = 5;
    memcpy(d.digest, DIGEST, sizeof(DIGEST));
    return d;
}

static struct decision
learns(struct deployment *d, struct fact f)
{
    struct decision decision;

    f.at_ms = f.at_ms != 0 ? f.at_ms : 2000;
    decision = pipeline_decide(d, &f, &POLICY);
    *d = decision.after;
    return decision;
}

static bool
has_row(enum state from, enum fact_kind fact)
{
    for (size_t i = 0; i < rows; i++)
        if (table[i].from == from && table[i].fact == fact)
            return true;
    return false;
}

/* ---- of any table --------------------------------------------------------------------------- */

START_TEST(every_state_that_works_gives_up_in_time)
{
    table = pipeline_table(&rows);
    for (unsigned s = 0; s < STATE_COUNT; s++)
        if (state_class((enum state)s) == STATE_WORKS || s == AWAITING_APPROVAL)
            ck_assert_msg(has_row((enum state)s, FACT_OVERDUE), "%s may hang",
                          state_name((enum state)s));
}
END_TEST

START_TEST(only_a_retry_or_the_registry_leaves_an_ended_state)
{
    table = pipeline_table(&rows);
    for (size_t i = 0; i < rows; i++)
        if (state_is_ended(table[i].from))
            ck_assert_msg(
                table[i].fact == FACT_RETRY_ASKED || table[i].fact == FACT_WITHDRAWN ||
                    table[i].fact == FACT_ROLLBACK_ASKED || table[i].fact == FACT_SUPERSEDED,
                "row %zu: %s leaves %s", i, fact_name(table[i].fact), state_name(table[i].from));
}
END_TEST

START_TEST(every_state_can_be_reached)
{
    bool seen[STATE_COUNT] = { [RECEIVED] = true };

    table = pipeline_table(&rows);
    for (unsigned round = 0; round < STATE_COUNT; round++)
        for (size_t i = 0; i < rows; i++)
            if (seen[table[i].from])
                seen[table[i].to] = true;
    for (unsigned s = 0; s < STATE_COUNT; s++)
        ck_assert_msg(seen[s], "%s is never reached", state_name((enum state)s));
}
END_TEST

START_TEST(no_row_is_hidden_by_an_earlier_one)
{
    table = pipeline_table(&rows);
    for (size_t i = 0; i < rows; i++)
        for (size_t j = i + 1; j < rows; j++)
            ck_assert_msg(
                table[i].from != table[j].from || table[i].fact != table[j].fact ||
                    (table[i].provided != table[j].provided && table[i].provided->name[0] != '\0'),
                "row %zu hides row %zu", i, j);
}
END_TEST

START_TEST(the_fleet_is_reached_only_through_approval)
{
    table = pipeline_table(&rows);
    for (size_t i = 0; i < rows; i++)
        if (table[i].to == ROLLING_OUT && table[i].from != ROLLING_OUT)
            ck_assert_msg((table[i].from == AWAITING_APPROVAL && table[i].fact == FACT_APPROVED) ||
                              (table[i].from == HALTED && table[i].fact == FACT_RETRY_ASKED),
                          "row %zu", i);
}
END_TEST

START_TEST(waves_are_ordered_only_while_rolling_out)
{
    table = pipeline_table(&rows);
    for (size_t i = 0; i < rows; i++)
        if (table[i].order == ORDER_WAVE_DEPLOY)
            ck_assert_int_eq(table[i].to, ROLLING_OUT);
}
END_TEST

START_TEST(a_withdrawal_stops_every_state_before_the_end)
{
    table = pipeline_table(&rows);
    for (unsigned s = 0; s < STATE_COUNT; s++)
        if (s != ROLLING_BACK && s != ROLLBACK_STUCK &&
            (!state_is_ended((enum state)s) || s == LIVE))
            ck_assert_msg(has_row((enum state)s, FACT_WITHDRAWN), "%s goes on after a rejection",
                          state_name((enum state)s));
}
END_TEST

START_TEST(a_state_that_does_not_end_always_has_an_order)
{
    table = pipeline_table(&rows);
    for (size_t i = 0; i < rows; i++)
        if (!state_is_ended(table[i].to) && table[i].to != table[i].from)
            ck_assert_msg(table[i].order != ORDER_NONE, "row %zu leaves %s without an order", i,
                          state_name(table[i].to));
}
END_TEST

/* ---- rows that matter most ------------------------------------------------------------------ */

START_TEST(a_deployment_goes_all_the_way)
{
    struct deployment d = pipeline_begin(&POLICY, 1000);
    const struct device_counts good = { .succeeded = 10 };

    d.order_id = 1;
    ck_assert_int_eq(learns(&d, (struct fact){ .kind = FACT_CONFIRMED }).order, ORDER_COMPILE);
    ck_assert_int_eq(learns(&d, (struct fact){ .kind = FACT_WORK_DONE }).order, ORDER_PACKAGE);
    ck_assert_int_eq(learns(&d, (struct fact){ .kind = FACT_WORK_DONE, .digest = DIGEST }).order,
                     ORDER_TWIN_DEPLOY);
    ck_assert_str_eq(d.digest, DIGEST);
    ck_assert_int_eq(learns(&d, (struct fact){ .kind = FACT_WORK_DONE }).order, ORDER_TWIN_TEST);
    ck_assert_int_eq(learns(&d, (struct fact){ .kind = FACT_GATE_PASSED }).order, ORDER_PLAN);
    ck_assert_int_eq(learns(&d, (struct fact){ .kind = FACT_PLANNED }).order, ORDER_AWAIT_APPROVAL);
    ck_assert_int_eq(learns(&d, (struct fact){ .kind = FACT_APPROVED, .digest = DIGEST }).order,
                     ORDER_WAVE_DEPLOY);
    for (int wave = 0; wave < 2; wave++) {
        int64_t at = 10000 + wave * 1000000;

        ck_assert_int_eq(d.wave, wave);
        ck_assert_int_eq(learns(&d, (struct fact){ .kind = FACT_WORK_DONE, .at_ms = at }).order,
                         ORDER_WAVE_WATCH);
        learns(&d, (struct fact){ .kind = FACT_OBSERVED, .counts = good, .at_ms = at });
        ck_assert_int_eq(d.wave_state, WAVE_BAKING);
        ck_assert(!learns(&d, (struct fact){ .kind = FACT_OBSERVED,
                                             .counts = good,
                                             .at_ms = at + MINUTES(1) - 1 })
                       .applies);
        learns(&d,
               (struct fact){ .kind = FACT_OBSERVED, .counts = good, .at_ms = at + MINUTES(1) });
    }
    ck_assert_int_eq(d.state, LIVE);
}
END_TEST

START_TEST(a_repeated_fact_changes_nothing)
{
    struct deployment d = deployment_in(TWIN_TESTING);

    ck_assert(!learns(&d, (struct fact){ .kind = FACT_CONFIRMED }).applies);
    ck_assert_int_eq(d.revision, 0);
}
END_TEST

START_TEST(the_late_answer_of_another_order_changes_nothing)
{
    struct deployment d = deployment_in(COMPILING);

    ck_assert(!learns(&d, (struct fact){ .kind = FACT_WORK_FAILED, .order_id = 4 }).applies);
    ck_assert(learns(&d, (struct fact){ .kind = FACT_WORK_FAILED, .order_id = 5 }).applies);
}
END_TEST

START_TEST(the_third_failure_is_the_last_and_each_try_has_its_generation)
{
    struct deployment d = deployment_in(COMPILING);
    int tries = 1;

    while (learns(&d, (struct fact){ .kind = FACT_WORK_FAILED, .reason = "no" }).after.state ==
           COMPILING)
        ck_assert_int_eq(d.generation, tries++);
    ck_assert_int_eq(tries, 3);
    ck_assert_int_eq(d.state, FAILED);
    ck_assert_int_eq(d.stage, COMPILING);
    ck_assert_str_eq(d.reason, "no");
}
END_TEST

START_TEST(nobody_approves_another_digest_or_before_the_plan)
{
    struct deployment d = deployment_in(AWAITING_APPROVAL);

    ck_assert(!learns(&d, (struct fact){ .kind = FACT_APPROVED, .digest = DIGEST }).applies);
    d.planned = true;
    ck_assert(!learns(&d, (struct fact){ .kind = FACT_APPROVED, .digest = "b" }).applies);
    ck_assert(!learns(&d, (struct fact){ .kind = FACT_APPROVED }).applies);
    ck_assert(learns(&d, (struct fact){ .kind = FACT_APPROVED, .digest = DIGEST }).applies);
}
END_TEST

START_TEST(two_approvals_may_be_needed)
{
    struct deployment d = deployment_in(AWAITING_APPROVAL);
    struct policy two = POLICY;
    struct fact yes = { .kind = FACT_APPROVED, .digest = DIGEST, .at_ms = 9 };
    struct decision first, second;

    two.approvals_required = 2;
    d.planned = true;
    first = pipeline_decide(&d, &yes, &two);
    ck_assert_int_eq(first.after.state, AWAITING_APPROVAL);
    ck_assert(first.keeps_order);
    second = pipeline_decide(&first.after, &yes, &two);
    ck_assert_int_eq(second.after.state, ROLLING_OUT);
}
END_TEST

START_TEST(overdue_counts_only_after_the_deadline)
{
    struct deployment d = deployment_in(AWAITING_APPROVAL);

    d.deadline_ms = 5000;
    ck_assert(!learns(&d, (struct fact){ .kind = FACT_OVERDUE, .at_ms = 4999 }).applies);
    learns(&d, (struct fact){ .kind = FACT_OVERDUE, .at_ms = 5000 });
    ck_assert_int_eq(d.state, EXPIRED);
}
END_TEST

START_TEST(a_failing_wave_rolls_back_and_keeps_its_reason)
{
    struct deployment d = deployment_in(ROLLING_OUT);
    const struct device_counts bad = { .succeeded = 7, .failed = 3 };
    const struct device_counts reverted = { .succeeded = 10 };

    d.wave = 1;
    d.wave_state = WAVE_DEPLOYING;
    d.wave_since_ms = 1000;
    ck_assert_int_eq(learns(&d, (struct fact){ .kind = FACT_OBSERVED, .counts = bad }).order,
                     ORDER_ROLL_BACK);
    ck_assert_int_eq(d.state, ROLLING_BACK);
    ck_assert_int_eq(d.wave_state, WAVE_HALTED);
    ck_assert_str_eq(d.reason, "wave 2 halted: 3 of 10 devices failed, more than 10 % tolerated");
    learns(&d, (struct fact){ .kind = FACT_WORK_DONE });
    learns(&d, (struct fact){ .kind = FACT_OBSERVED, .counts = reverted });
    ck_assert_int_eq(d.state, ROLLED_BACK);
    ck_assert_str_eq(d.reason, "wave 2 halted: 3 of 10 devices failed, more than 10 % tolerated");
}
END_TEST

START_TEST(what_a_device_said_stands_behind_what_halted_the_wave)
{
    struct deployment d = deployment_in(ROLLING_OUT);
    struct fact seen = { .kind = FACT_OBSERVED,
                         .counts = { .succeeded = 7, .failed = 3 },
                         .reason = "device a-1: no space" };

    d.wave_state = WAVE_DEPLOYING;
    learns(&d, seen);
    ck_assert_str_eq(d.reason, "wave 1 halted: 3 of 10 devices failed, more than 10 % tolerated; "
                               "device a-1: no space");
    d = deployment_in(ROLLING_OUT);
    d.wave_state = WAVE_DEPLOYING;
    seen.counts = (struct device_counts){ .succeeded = 10 };
    learns(&d, seen);
    ck_assert_str_eq(d.reason, "");
}
END_TEST

START_TEST(a_rejection_reaches_the_fleet_and_what_is_live)
{
    struct deployment d = deployment_in(ROLLING_OUT), live = deployment_in(LIVE);

    ck_assert_int_eq(learns(&d, (struct fact){ .kind = FACT_WITHDRAWN }).order, ORDER_ROLL_BACK);
    ck_assert(d.withdrawn);
    ck_assert_int_eq(learns(&live, (struct fact){ .kind = FACT_WITHDRAWN }).order, ORDER_ROLL_BACK);
}
END_TEST

START_TEST(who_decided_is_the_reason)
{
    struct deployment d = deployment_in(AWAITING_APPROVAL);

    learns(&d,
           (struct fact){
               .kind = FACT_REJECTED, .digest = DIGEST, .actor = "alice", .reason = "too slow" });
    ck_assert_int_eq(d.state, REJECTED);
    ck_assert_str_eq(d.reason, "rejected by alice: too slow");
}
END_TEST

START_TEST(an_approval_lapses_when_the_deployment_is_planned_anew)
{
    struct deployment d = deployment_in(EXPIRED);

    d.stage = AWAITING_APPROVAL;
    d.approvals = 1;
    d.planned = true;
    ck_assert_int_eq(learns(&d, (struct fact){ .kind = FACT_RETRY_ASKED }).order, ORDER_PLAN);
    ck_assert_int_eq(d.approvals, 0);
    ck_assert(!d.planned);
}
END_TEST

START_TEST(a_retried_test_begins_with_a_twin_of_its_own)
{
    struct deployment d = deployment_in(FAILED);

    d.stage = TWIN_TESTING; /* The twin was let go when it failed. */
    ck_assert_int_eq(learns(&d, (struct fact){ .kind = FACT_RETRY_ASKED }).order,
                     ORDER_TWIN_DEPLOY);
    ck_assert_int_eq(d.state, TWIN_DEPLOYING);
}
END_TEST

START_TEST(an_approval_after_the_time_is_none)
{
    struct deployment d = deployment_in(AWAITING_APPROVAL);
    struct fact yes = { .kind = FACT_APPROVED, .digest = DIGEST, .at_ms = 5000 };

    d.planned = true;
    d.deadline_ms = 5000;
    ck_assert(!learns(&d, yes).applies);
    yes.at_ms = 4999;
    ck_assert(learns(&d, yes).applies);
}
END_TEST

START_TEST(the_waves_are_those_that_were_planned)
{
    struct deployment d = deployment_in(AWAITING_APPROVAL);

    d.wave_count = 1; /* As configured when it began; there are two by now. */
    learns(&d, (struct fact){ .kind = FACT_PLANNED });
    ck_assert_int_eq(d.wave_count, 2);
}
END_TEST

SUITE(pipeline, every_state_that_works_gives_up_in_time,
      only_a_retry_or_the_registry_leaves_an_ended_state, every_state_can_be_reached,
      no_row_is_hidden_by_an_earlier_one, the_fleet_is_reached_only_through_approval,
      waves_are_ordered_only_while_rolling_out, a_withdrawal_stops_every_state_before_the_end,
      a_state_that_does_not_end_always_has_an_order, a_deployment_goes_all_the_way,
      a_repeated_fact_changes_nothing, the_late_answer_of_another_order_changes_nothing,
      the_third_failure_is_the_last_and_each_try_has_its_generation,
      nobody_approves_another_digest_or_before_the_plan, two_approvals_may_be_needed,
      overdue_counts_only_after_the_deadline, a_failing_wave_rolls_back_and_keeps_its_reason,
      what_a_device_said_stands_behind_what_halted_the_wave,
      a_rejection_reaches_the_fleet_and_what_is_live, who_decided_is_the_reason,
      an_approval_lapses_when_the_deployment_is_planned_anew,
      a_retried_test_begins_with_a_twin_of_its_own, an_approval_after_the_time_is_none,
      the_waves_are_those_that_were_planned)
