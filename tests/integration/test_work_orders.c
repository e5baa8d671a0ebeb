/* links: slipway_work */

/* Goal: many orders at once share the machine, and each ends once or is taken back. */

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "aws/call.h"
#include "platform/loop.h"
#include "slipway/json_write.h"
#include "suite.h"
#include "wire/http_client.h"
#include "work/digest.h"
#include "work/folder.h"
#include "work/workshop.h"

#define ORDERS 5

/* One order and what came of it. */
struct trial {
    struct deployment deployment;
    struct work_order order;
    struct work *work;
    int ends;
    enum work_outcome outcome;
    char reason[REASON_SIZE];
};

static struct loop *loop;
static struct http_client *http;
static struct aws *aws;
static struct workshop *shop;
static struct trial trials[ORDERS];
static struct buf package = { .max = 4096 };
static struct pipeline_settings pipeline;
static char folder[64], work_dir[128], artifact[128];
static int left;

static void
ended(void *cookie, const struct work_result *r)
{
    struct trial *t = cookie;

    t->ends++;
    t->work = NULL;
    t->outcome = r->outcome;
    snprintf(t->reason, sizeof(t->reason), "%s", r->reason != NULL ? r->reason : "");
    if (--left == 0)
        loop_stop(loop);
}

static void
write_package(void)
{
    struct json_out out = json_out(&package);
    char sha256[DIGEST_SIZE], uri[160];

    snprintf(uri, sizeof(uri), "file://%s", artifact);
    json_open(&out, '{');
    json_member(&out, "component", STR("digits"));
    json_member(&out, "version", STR("1.0.4"));
    json_member(&out, "uri", str_of(uri));
    json_member(&out, "sha256", str_of(digest_of(STR("content"), sha256)));
    json_close(&out, '}');
}

static void
begin(const char *script)
{
    static const char *argv[] = { "/bin/sh", "-c", NULL, "run", NULL };
    static struct aws_settings aws_settings = {
        .region = "eu-west-1", .endpoint = "http://127.0.0.1:1", .attempts = 1, .timeout_ms = 1000
    };
    struct settings settings = { .work_dir = work_dir };
    struct error e;

    snprintf(folder, sizeof(folder), "/tmp/test_work_orders.%ld", (long)getpid());
    snprintf(work_dir, sizeof(work_dir), "%s/work", folder);
    snprintf(artifact, sizeof(artifact), "%s/artifact", folder);
    ck_assert(folder_remove(folder) && folder_make(folder, &e));
    ck_assert(file_write(artifact, STR("content"), &e));
    write_package();
    setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE", 1);
    setenv("AWS_SECRET_ACCESS_KEY", "nothing", 1);
    unsetenv("AWS_PROFILE");
    loop = loop_new();
    http = http_client_new(loop, NULL);
    aws = aws_new(loop, http, &aws_settings, &e);
    ck_assert_msg(aws != NULL, "%s", e.text);
    shop = workshop_new(loop, aws, &settings, &e);
    ck_assert_msg(shop != NULL, "%s", e.text);
    argv[2] = script;
    argv[4] = folder;
    pipeline = (struct pipeline_settings){ .name = "digits", .target = "linux-amd64" };
    pipeline.twin.driver = TWIN_COMMAND;
    pipeline.twin.deploy = (struct command_settings){ .argv = { argv, 5 }, .timeout_ms = 20000 };
}

static void
end(void)
{
    workshop_free(shop);
    aws_free(aws);
    http_client_free(http);
    loop_free(loop);
    buf_free(&package);
    ck_assert(folder_remove(folder));
}

static void
start(size_t i)
{
    struct trial *t = &trials[i];

    *t = (struct trial){ .deployment = { .id = (int64_t)i, .approved_s = (int64_t)i } };
    strcpy(t->deployment.pipeline, "digits");
    t->order = (struct work_order){ .id = (int64_t)i,
                                    .kind = ORDER_TWIN_DEPLOY,
                                    .tries = 1,
                                    .deployment = &t->deployment,
                                    .pipeline = &pipeline,
                                    .arn = "arn:aws:sagemaker:eu-west-1:123456789012:model/1",
                                    .installation = "test",
                                    .package = buf_str(&package) };
    t->work = work_start(shop, &t->order, ended, t);
    ck_assert_int_eq(t->ends, 0);
}

static void
stop_loop(void *cookie)
{
    loop_stop(cookie);
}

static void
run_for(int64_t ms)
{
    struct timer *t = timer_new(loop, stop_loop, loop);

    timer_start(t, ms);
    loop_run(loop);
    timer_free(t);
}

/* The largest of the numbers that the commands appended. */
static long
most_at_once(void)
{
    struct buf text = { .max = 65536 };
    char path[128];
    long most = 0;
    struct str rest, line;
    struct error e;
    bool more = true;

    snprintf(path, sizeof(path), "%s/seen", folder);
    ck_assert_msg(file_read(path, &text, &e), "%s", e.text);
    for (rest = buf_str(&text); more;) {
        int64_t n = 0;

        more = str_cut(rest, '\n', &line, &rest);
        if (str_to_int(str_trim(line), &n) && n > most)
            most = (long)n;
    }
    buf_free(&text);
    return most;
}

START_TEST(two_commands_run_at_once_and_the_others_wait)
{
    begin("mkdir -p $1/running; touch $1/running/$$; ls $1/running | wc -l >> $1/seen; sleep 0.2; "
          "rm $1/running/$$");
    left = ORDERS;
    for (size_t i = 0; i < ORDERS; i++)
        start(i);
    loop_run(loop);
    for (size_t i = 0; i < ORDERS; i++) {
        ck_assert_int_eq(trials[i].ends, 1);
        ck_assert_msg(trials[i].outcome == WORK_DONE, "%s", trials[i].reason);
    }
    ck_assert_int_eq(most_at_once(), WORKSHOP_CHILDREN_MAX);
    end();
}
END_TEST

START_TEST(an_order_taken_back_makes_room_and_never_ends)
{
    begin("sleep 0.4");
    left = 3;
    for (size_t i = 0; i < ORDERS; i++)
        start(i);
    run_for(100);
    work_cancel(trials[0].work); /* Runs. */
    work_cancel(trials[4].work); /* Waits, as the last. */
    loop_run(loop);
    ck_assert_int_eq(trials[0].ends, 0);
    ck_assert_int_eq(trials[4].ends, 0);
    for (size_t i = 1; i < 4; i++)
        ck_assert_int_eq(trials[i].ends, 1);
    end();
}
END_TEST

START_TEST(orders_may_be_taken_back_at_any_moment)
{
    begin("exit 0");
    left = -1;
    for (size_t i = 0; i < ORDERS; i++)
        start(i);
    for (size_t i = 0; i < ORDERS; i++) {
        work_cancel(trials[i].work); /* Before it began; then after i turns. */
        start(i);
        for (size_t turns = 0; turns < i && trials[i].ends == 0; turns++)
            loop_turn(loop, 10);
        work_cancel(trials[i].work);
        ck_assert_int_le(trials[i].ends, 1);
    }
    work_cancel(NULL);
    end();
}
END_TEST

START_TEST(a_workshop_that_closes_takes_all_back)
{
    begin("echo $$ > $1/pid; sleep 30");
    left = -1;
    for (size_t i = 0; i < ORDERS; i++)
        start(i);
    run_for(200);
    end(); /* Sanitizers and valgrind say what is left. */
    for (size_t i = 0; i < ORDERS; i++)
        ck_assert_int_eq(trials[i].ends, 0);
}
END_TEST

START_TEST(a_second_take_runs_nothing_again)
{
    struct stat seen;
    char path[128];

    begin("printf x >> $1/runs");
    for (int take = 0; take < 3; take++) {
        left = 1;
        start(0);
        loop_run(loop);
        ck_assert_msg(trials[0].outcome == WORK_DONE, "%s", trials[0].reason);
    }
    snprintf(path, sizeof(path), "%s/runs", folder);
    ck_assert_int_eq(stat(path, &seen), 0);
    ck_assert_int_eq(seen.st_size, 1);
    workshop_forget(shop, &trials[0].order);
    left = 1;
    start(0);
    loop_run(loop);
    ck_assert_int_eq(stat(path, &seen), 0);
    ck_assert_int_eq(seen.st_size, 2);
    end();
}
END_TEST

START_TEST(an_artifact_that_is_gone_or_changed_fails_the_order)
{
    struct error e;

    begin("exit 0");
    ck_assert(file_write(artifact, STR("other"), &e));
    left = 1;
    start(0);
    loop_run(loop);
    ck_assert_int_eq(trials[0].outcome, WORK_FAILED);
    ck_assert_ptr_nonnull(strstr(trials[0].reason, "its SHA-256 is"));
    ck_assert_int_eq(unlink(artifact), 0);
    left = 1;
    start(1);
    loop_run(loop);
    ck_assert_int_eq(trials[1].outcome, WORK_FAILED);
    ck_assert_ptr_nonnull(strstr(trials[1].reason, "compile the model again"));
    end();
}
END_TEST

START_TEST(what_aws_does_not_answer_is_not_known)
{
    begin("exit 0");
    left = 1;
    start(0);
    work_cancel(trials[0].work);
    trials[0].order.kind = ORDER_CONFIRM;
    trials[0].work = work_start(shop, &trials[0].order, ended, &trials[0]);
    loop_run(loop);
    ck_assert_int_eq(trials[0].outcome, WORK_UNKNOWN);
    ck_assert_ptr_nonnull(strstr(trials[0].reason, "DescribeModelPackage"));
    end();
}
END_TEST

SUITE(work_orders, two_commands_run_at_once_and_the_others_wait,
      an_order_taken_back_makes_room_and_never_ends, orders_may_be_taken_back_at_any_moment,
      a_workshop_that_closes_takes_all_back, a_second_take_runs_nothing_again,
      an_artifact_that_is_gone_or_changed_fails_the_order, what_aws_does_not_answer_is_not_known)
