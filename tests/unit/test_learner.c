/* links: slipway_learner */
/*
 * The engine without the world: real rules and a real store learn events in
 * every order, and end in the same state.
 */
#include "suite.h"

#include <stdio.h>
#include <string.h>

#include "learner/learner.h"
#include "slipway/event.h"
#include "slipway/store_views.h"

static struct wave_settings WAVES[] = {
    { "canary", { (const char *[]){ "line-a" }, 1 } },
    { "rest", { (const char *[]){ "line-b", "line-c" }, 2 } },
};

static struct pipeline_settings PIPELINES[] = {
    { .name = "digits",
      .pattern = "{\"detail\":{\"ModelPackageGroupName\":[\"digits\"]}}",
      .compile = { .tries = 1 },
      .package = { .tries = 1 },
      .twin = { .driver = TWIN_GREENGRASS, .thing_group = "twin", .tries = 1 },
      .approval = { .required = 1, .expires_ms = DAYS(1) },
      .rollout = { .waves = WAVES,
                   .wave_count = 2,
                   .success_percent = 100,
                   .timeout_ms = HOURS(1) },
      .stage_timeout_ms = HOURS(1),
      .supersede = true },
};

static const struct settings SETTINGS = { .pipelines = PIPELINES, .pipeline_count = 1 };

static struct world {
    struct store *store;
    struct learner learner;
    struct error e;
    int64_t now_ms;
    int opened[ORDER_KIND_COUNT];
    bool released;
} w;

static void
ok(bool worked)
{
    ck_assert_msg(worked, "%s", w.e.text);
}

static void
ordered(void *cookie, const struct ordered *o)
{
    (void)cookie;
    w.opened[o->kind] += o->opened != 0;
    w.released = w.released || o->released;
}

static void
begin(void)
{
    memset(&w, 0, sizeof(w));
    w.store = store_open(":memory:", &w.e);
    ok(w.store != NULL);
    ok(learner_init(&w.learner, w.store, &SETTINGS, ordered, NULL, &w.e));
    ok(store_begin(w.store, &w.e));
    w.now_ms = 1000;
}

static void
end(void)
{
    learner_fini(&w.learner);
    store_close(w.store);
}

/* ---- events --------------------------------------------------------------------------------- */

struct news {
    int version;
    const char *at, *status;
    const char *changed; /* UpdatedModelPackageFields; NULL: absent. */
};

static bool
tell(const struct news *c)
{
    struct json_token tokens[512];
    struct event_room room = { tokens, ARRAY_LEN(tokens), NULL, 0 };
    struct event ev;
    char text[1024], fields[128] = "";
    bool applied;

    if (c->changed != NULL)
        snprintf(fields, sizeof(fields), ",\"UpdatedModelPackageFields\":[\"%s\"]", c->changed);
    snprintf(text, sizeof(text),
             "{\"version\":\"0\",\"id\":\"x\",\"source\":\"aws.sagemaker\",\"detail-type\":"
             "\"SageMaker Model Package State Change\",\"account\":\"111122223333\",\"region\":"
             "\"us-east-1\",\"time\":\"%s\",\"resources\":[\"arn:aws:sagemaker:us-east-1:"
             "111122223333:model-package/digits/%d\"],\"detail\":{\"ModelPackageGroupName\":"
             "\"digits\",\"ModelPackageVersion\":%d,\"ModelPackageArn\":\"arn:aws:sagemaker:"
             "us-east-1:111122223333:model-package/digits/%d\",\"ModelPackageStatus\":"
             "\"Completed\",\"ModelApprovalStatus\":\"%s\",\"LastModifiedTime\":\"%s\"%s}}",
             c->at, c->version, c->version, c->version, c->status, c->at, fields);
    ok(event_read(&ev, str_of(text), &room, &w.e));
    ok(learner_event(&w.learner, &ev, w.now_ms++, &applied, &w.e));
    return applied;
}

static bool
learn(int64_t id, struct fact f)
{
    bool applied;

    f.deployment_id = id;
    f.at_ms = w.now_ms++;
    ok(learner_fact(&w.learner, &f, &applied, &w.e));
    return applied;
}

static struct deployment
load(int64_t id)
{
    struct deployment d;

    ok(store_load(w.store, id, &d, &w.e));
    return d;
}

#define DIGEST "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"

static void
bring_to_gate(int64_t id)
{
    learn(id, (struct fact){ .kind = FACT_CONFIRMED });
    learn(id, (struct fact){ .kind = FACT_WORK_DONE });
    learn(id, (struct fact){ .kind = FACT_WORK_DONE, .digest = DIGEST });
    learn(id, (struct fact){ .kind = FACT_WORK_DONE });
    learn(id, (struct fact){ .kind = FACT_GATE_PASSED });
    learn(id, (struct fact){ .kind = FACT_PLANNED });
}

static void
bring_live(int64_t id)
{
    const struct device_counts good = { .succeeded = 5 };

    bring_to_gate(id);
    learn(id, (struct fact){ .kind = FACT_APPROVED, .digest = DIGEST });
    for (int wave = 0; wave < 2; wave++) {
        learn(id, (struct fact){ .kind = FACT_WORK_DONE });
        learn(id, (struct fact){ .kind = FACT_OBSERVED, .counts = good });
    }
}

/* ---- tests ---------------------------------------------------------------------------------- */

START_TEST(an_approval_begins_one_deployment_however_often_it_is_told)
{
    const struct news c = { 1, "2026-01-01T00:00:00Z", "Approved", NULL };

    begin();
    ck_assert(tell(&c));
    ck_assert(!tell(&c));
    ck_assert(!tell(&c));
    ck_assert_int_eq(w.opened[ORDER_CONFIRM], 1);
    end();
}
END_TEST

START_TEST(an_echo_of_slipways_own_notes_changes_nothing)
{
    const struct news approved = { 1, "2026-01-01T00:00:00Z", "Approved", "ModelApprovalStatus" };
    const struct news echo = { 1, "2026-01-01T00:05:00Z", "Approved",
                               "CustomerMetadataProperties" };
    const struct news other = { 2, "2026-01-01T00:05:00Z", "Approved",
                                "CustomerMetadataProperties" };

    begin();
    tell(&approved);
    ck_assert(!tell(&echo));
    ck_assert(!tell(&other));
    ck_assert_int_eq(w.opened[ORDER_CONFIRM], 1);
    end();
}
END_TEST

START_TEST(a_rejection_stops_what_the_approval_began)
{
    const struct news yes = { 1, "2026-01-01T00:00:00Z", "Approved", NULL };
    const struct news no = { 1, "2026-01-01T01:00:00Z", "Rejected", NULL };

    begin();
    tell(&yes);
    learn(1, (struct fact){ .kind = FACT_CONFIRMED });
    tell(&no);
    ck_assert_int_eq(load(1).state, REJECTED);
    ck_assert_int_eq(w.opened[ORDER_STOP], 1);
    end();
}
END_TEST

START_TEST(a_rejection_that_comes_first_keeps_the_approval_from_beginning)
{
    const struct news yes = { 1, "2026-01-01T00:00:00Z", "Approved", NULL };
    const struct news no = { 1, "2026-01-01T01:00:00Z", "Rejected", NULL };

    begin();
    tell(&no);
    tell(&yes);
    ck_assert_int_eq(load(1).state, REJECTED);
    end();
}
END_TEST

START_TEST(an_approval_after_a_rejection_is_a_new_generation)
{
    const struct news changes[] = { { 1, "2026-01-01T00:00:00Z", "Approved", NULL },
                                    { 1, "2026-01-01T01:00:00Z", "Rejected", NULL },
                                    { 1, "2026-01-01T02:00:00Z", "Approved", NULL } };

    begin();
    for (size_t i = 0; i < ARRAY_LEN(changes); i++)
        tell(&changes[i]);
    ck_assert_int_eq(load(1).state, REJECTED);
    ck_assert_int_eq(load(2).state, RECEIVED);
    end();
}
END_TEST

/* The canonical state after telling `count` changes in an order drawn from `seed`, ten times each.
 */
static char *
state_after(const struct news *changes, size_t count, uint32_t seed)
{
    struct buf out = { .max = 262144 };
    int told[16] = { 0 };
    char *text;

    begin();
    for (size_t left = count * 10; left > 0;) {
        size_t i;

        seed = seed * 1664525U + 1013904223U;
        i = (seed >> 8) % count;
        if (told[i] == 10)
            continue;
        tell(&changes[i]);
        told[i]++;
        left--;
    }
    ok(view_dump_canonical(w.store, &out, &w.e));
    text = xstrdup(out.at);
    buf_free(&out);
    end();
    return text;
}

START_TEST(the_end_does_not_depend_on_the_order_of_events)
{
    const struct news changes[] = {
        { 1, "2026-01-01T00:00:00Z", "Approved", NULL },
        { 1, "2026-01-01T01:00:00Z", "Rejected", NULL },
        { 1, "2026-01-01T02:00:00Z", "Approved", NULL },
        { 1, "2026-01-01T03:00:00Z", "Approved", "CustomerMetadataProperties" },
        { 1, "2026-01-01T04:00:00Z", "Approved", NULL },
        { 2, "2026-01-01T00:30:00Z", "PendingManualApproval", NULL },
        { 2, "2026-01-01T00:40:00Z", "Approved", NULL },
        { 3, "2026-01-01T00:40:00Z", "Rejected", NULL },
        { 3, "2026-01-01T00:40:00Z", "Approved", NULL },
    };
    char *first = state_after(changes, ARRAY_LEN(changes), 1);

    for (uint32_t seed = 2; seed < 200; seed++) {
        char *other = state_after(changes, ARRAY_LEN(changes), seed);

        ck_assert_msg(strcmp(first, other) == 0, "seed %u:\n%s\n%s", seed, first, other);
        free(other);
    }
    free(first);
}
END_TEST

START_TEST(a_newer_version_at_the_gate_supersedes_an_older_one_in_either_order)
{
    const struct news one = { 1, "2026-01-01T00:00:00Z", "Approved", NULL };
    const struct news two = { 2, "2026-01-01T01:00:00Z", "Approved", NULL };

    for (int newer_first = 0; newer_first < 2; newer_first++) {
        begin();
        tell(&one);
        tell(&two);
        bring_to_gate(newer_first ? 2 : 1);
        bring_to_gate(newer_first ? 1 : 2);
        ck_assert_int_eq(load(1).state, SUPERSEDED);
        ck_assert_int_eq(load(2).state, AWAITING_APPROVAL);
        end();
    }
}
END_TEST

START_TEST(an_approval_ranks_by_its_first_second_whichever_event_came_first)
{
    const struct news again = { 1, "2026-01-01T02:00:00Z", "Approved", NULL };
    const struct news first = { 1, "2026-01-01T00:00:00Z", "Approved", NULL };
    const struct news newer = { 2, "2026-01-01T01:00:00Z", "Approved", NULL };

    for (int late = 0; late < 2; late++) {
        begin();
        tell(late ? &again : &first);
        tell(&newer);
        tell(late ? &first : &again);
        bring_to_gate(1);
        bring_to_gate(2);
        ck_assert_int_eq(load(1).state, SUPERSEDED);
        ck_assert_int_eq(load(2).state, AWAITING_APPROVAL);
        end();
    }
}
END_TEST

/* Until the rejection in between is known, both approvals of the first version look like one. */
START_TEST(an_approval_ranks_by_itself_again_once_a_rejection_before_it_is_known)
{
    const struct news first = { 1, "2026-01-01T00:00:00Z", "Approved", NULL };
    const struct news no = { 1, "2026-01-01T00:30:00Z", "Rejected", NULL };
    const struct news again = { 1, "2026-01-01T02:00:00Z", "Approved", NULL };
    const struct news other = { 2, "2026-01-01T01:00:00Z", "Approved", NULL };

    begin();
    tell(&again);
    tell(&other);
    tell(&first);
    tell(&no);
    bring_to_gate(1);
    bring_to_gate(2);
    ck_assert_int_eq(load(1).state, AWAITING_APPROVAL);
    ck_assert_int_eq(load(2).state, SUPERSEDED);
    ck_assert_int_eq(load(3).state, REJECTED);
    end();
}
END_TEST

START_TEST(going_live_supersedes_what_was_live)
{
    const struct news one = { 1, "2026-01-01T00:00:00Z", "Approved", NULL };
    const struct news two = { 2, "2026-01-01T01:00:00Z", "Approved", NULL };

    begin();
    tell(&one);
    bring_live(1);
    ck_assert_int_eq(load(1).state, LIVE);
    tell(&two);
    bring_live(2);
    ck_assert_int_eq(load(2).state, LIVE);
    ck_assert_int_eq(load(1).state, SUPERSEDED);
    end();
}
END_TEST

START_TEST(thing_groups_are_taken_together_and_given_back)
{
    const struct news one = { 1, "2026-01-01T00:00:00Z", "Approved", NULL };
    const struct news two = { 2, "2026-01-01T01:00:00Z", "Approved", NULL };
    struct deployment a, b;
    int64_t holder;

    begin();
    tell(&one);
    tell(&two);
    a = load(1);
    b = load(2);
    ok(learner_take_holds(&w.learner, &a, ORDER_WAVE_DEPLOY, &holder, &w.e));
    ck_assert_int_eq(holder, 0);
    ok(learner_take_holds(&w.learner, &b, ORDER_ROLL_BACK, &holder, &w.e));
    ck_assert_int_eq(holder, 1);
    bring_live(1);
    ck_assert(w.released);
    ok(learner_take_holds(&w.learner, &b, ORDER_WAVE_DEPLOY, &holder, &w.e));
    ck_assert_int_eq(holder, 0);
    end();
}
END_TEST

START_TEST(the_thing_groups_taken_are_those_of_the_plan)
{
    const struct news one = { 1, "2026-01-01T00:00:00Z", "Approved", NULL };
    const struct news two = { 2, "2026-01-01T01:00:00Z", "Approved", NULL };
    const struct str plan = STR("{\"groups\":[{\"group\":\"line-z\",\"wave\":0}]}");
    struct deployment a, b;
    int64_t holder;

    begin();
    tell(&one);
    tell(&two);
    a = load(1);
    b = load(2);
    ok(store_document_keep(w.store, 1, "plan", plan, &w.e));
    ok(learner_take_holds(&w.learner, &a, ORDER_WAVE_DEPLOY, &holder, &w.e));
    ck_assert_int_eq(holder, 0);
    ok(learner_take_holds(&w.learner, &b, ORDER_WAVE_DEPLOY, &holder, &w.e));
    ck_assert_msg(holder == 0, "it has other groups");
    ok(store_document_keep(w.store, 2, "plan", plan, &w.e));
    ok(learner_find_holder(w.store, &SETTINGS, &b, ORDER_ROLL_BACK, &holder, &w.e));
    ck_assert_int_eq(holder, 1);
    end();
}
END_TEST

/* The Region left out is the daemon's own, and two roles of one account see one fleet. */
START_TEST(a_thing_group_is_one_however_its_account_is_written)
{
    const struct news yes = { 1, "2026-01-01T00:00:00Z", "Approved", NULL };
    struct pipeline_settings two[] = { PIPELINES[0], PIPELINES[0] };
    const struct settings settings = { .aws = { .region = "eu-central-1" },
                                       .pipelines = two,
                                       .pipeline_count = ARRAY_LEN(two) };
    struct deployment a, b;
    int64_t holder;

    begin();
    two[1].name = "faces";
    two[1].account.region = "eu-central-1";
    two[0].account.role_arn = "arn:aws:iam::222233334444:role/digits";
    two[1].account.role_arn = "arn:aws:iam::222233334444:role/faces";
    ok(learner_use(&w.learner, &settings, &w.e));
    tell(&yes);
    a = load(1);
    b = load(2);
    ok(learner_take_holds(&w.learner, &a, ORDER_WAVE_DEPLOY, &holder, &w.e));
    ck_assert_int_eq(holder, 0);
    ok(learner_take_holds(&w.learner, &b, ORDER_WAVE_DEPLOY, &holder, &w.e));
    ck_assert_int_eq(holder, 1);
    end();
}
END_TEST

START_TEST(a_rejection_counts_while_the_pipeline_is_not_configured)
{
    const struct news yes = { 1, "2026-01-01T00:00:00Z", "Approved", NULL };
    const struct news no = { 1, "2026-01-01T01:00:00Z", "Rejected", NULL };
    const struct settings nothing = { .pipelines = PIPELINES, .pipeline_count = 0 };

    for (int live = 0; live < 2; live++) {
        begin();
        tell(&yes);
        if (live)
            bring_live(1);
        else
            bring_to_gate(1);
        ok(learner_use(&w.learner, &nothing, &w.e));
        ck_assert(!learn(1, (struct fact){ .kind = FACT_CANCEL_ASKED }));
        ck_assert(tell(&no));
        ck_assert_int_eq(load(1).state, live ? ROLLING_BACK : REJECTED);
        end();
    }
}
END_TEST

START_TEST(every_pipeline_that_matches_gets_the_model)
{
    enum { COUNT = 100 };
    const struct news yes = { 1, "2026-01-01T00:00:00Z", "Approved", NULL };
    struct pipeline_settings many[COUNT];
    char names[COUNT][16];
    const struct settings settings = { .pipelines = many, .pipeline_count = COUNT };

    begin();
    for (size_t i = 0; i < COUNT; i++) {
        snprintf(names[i], sizeof(names[i]), "site-%zu", i);
        many[i] = PIPELINES[0];
        many[i].name = names[i];
    }
    ok(learner_use(&w.learner, &settings, &w.e));
    tell(&yes);
    ck_assert_int_eq(w.opened[ORDER_CONFIRM], COUNT);
    end();
}
END_TEST

SUITE(learner, an_approval_begins_one_deployment_however_often_it_is_told,
      an_echo_of_slipways_own_notes_changes_nothing, a_rejection_stops_what_the_approval_began,
      a_rejection_that_comes_first_keeps_the_approval_from_beginning,
      an_approval_after_a_rejection_is_a_new_generation,
      the_end_does_not_depend_on_the_order_of_events,
      a_newer_version_at_the_gate_supersedes_an_older_one_in_either_order,
      an_approval_ranks_by_its_first_second_whichever_event_came_first,
      an_approval_ranks_by_itself_again_once_a_rejection_before_it_is_known,
      going_live_supersedes_what_was_live, thing_groups_are_taken_together_and_given_back,
      a_thing_group_is_one_however_its_account_is_written,
      the_thing_groups_taken_are_those_of_the_plan,
      a_rejection_counts_while_the_pipeline_is_not_configured,
      every_pipeline_that_matches_gets_the_model)
