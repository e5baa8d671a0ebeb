/* links: slipway_aws fakes */

/* Goal: a call ends once, truly told; it is repeated only where that is safe; limits and clocks are
 * kept. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "aws/account.h"
#include "aws/greengrass.h"
#include "aws/iot.h"
#include "aws/sqs.h"
#include "aws_world.h"
#include "platform/clock.h"
#include "slipway/instant.h"

static void
job_came(void *cookie, const struct aws_result *r, const struct iot_job *job)
{
    struct world *w = cookie;

    ck_assert((job != NULL) == (r->outcome == AWS_OK));
    note(w, r);
}

static void
sent(void *cookie, const struct aws_result *r, const char *id)
{
    ck_assert((id != NULL) == (r->outcome == AWS_OK));
    note(cookie, r);
}

static void
deployed(void *cookie, const struct aws_result *r, const char *id, const char *job)
{
    struct world *w = cookie;

    snprintf(w->extra, sizeof(w->extra), "%s/%s", id, job);
    note(w, r);
}

/* Asks for a job, a read, and waits. */
static void
read_job(struct world *w)
{
    iot_describe_job(w->account, "j", job_came, w);
    ck_assert_int_eq(w->times, 0);
    loop_run(w->loop);
    ck_assert_int_eq(w->times, 1);
    w->times = 0;
}

/* Sends a message, which must not go out twice, and waits. */
static void
send_once(struct world *w)
{
    sqs_send(w->account, "q", STR("hello"), sent, w);
    loop_run(w->loop);
    ck_assert_int_eq(w->times, 1);
    w->times = 0;
}

static const char JOB[] = "{\"job\":{\"jobId\":\"j\",\"status\":\"IN_PROGRESS\"}}";

static struct wire_reply
slam(const char *request)
{
    (void)request;
    return (struct wire_reply){ .after = WIRE_CLOSE };
}

static struct wire_reply
throttle(const char *request)
{
    (void)request;
    return wire_reply(400, "x-amzn-errortype: ThrottlingException\r\nx-amz-retry-after: 20\r\n",
                      "{\"message\":\"Rate exceeded\"}");
}

static struct wire_reply
html(const char *request)
{
    (void)request;
    return wire_reply(503, "Content-Type: text/html\r\n", "<html><h1>no</h1></html>");
}

static struct wire_reply
deny(const char *request)
{
    (void)request;
    return wire_reply(403, "", "{\"__type\":\"AccessDeniedException\",\"Message\":\"not you\"}");
}

START_TEST(a_read_survives_what_passes)
{
    struct script s = { 2, slam, JOB };
    struct world w = begin(play, &s);

    read_job(&w);
    ck_assert_int_eq(w.outcome, AWS_OK);
    ck_assert_int_eq(w.tries, 3);
    end(&w);
    s.first = html;
    w = begin(play, &s);
    read_job(&w);
    ck_assert_int_eq(w.outcome, AWS_OK);
    end(&w);
    s.first = throttle;
    s.count = 1;
    w = begin(play, &s);
    read_job(&w);
    ck_assert_int_eq(w.outcome, AWS_OK);
    ck_assert_int_eq(w.tries, 2);
    ck_assert_uint_eq(aws_counts(w.aws, AWS_IOT).throttled, 1);
    end(&w);
}
END_TEST

START_TEST(what_does_not_pass_is_told_as_it_is)
{
    struct script s = { 1000, html, JOB };
    struct world w = begin(play, &s);

    read_job(&w);
    ck_assert_int_eq(w.outcome, AWS_UNKNOWN);
    ck_assert_int_eq(w.status, 503);
    ck_assert_int_eq(wire_requests(w.server), 3);
    ck_assert_str_eq(w.error, "iot DescribeJob: answered 503 with text/html");
    end(&w);
    s.first = throttle;
    w = begin(play, &s);
    read_job(&w);
    ck_assert_int_eq(w.outcome, AWS_THROTTLED);
    ck_assert_str_eq(w.code, "ThrottlingException");
    end(&w);
    s.first = deny;
    w = begin(play, &s);
    read_job(&w);
    ck_assert_int_eq(w.outcome, AWS_REFUSED);
    ck_assert_int_eq(w.tries, 1);
    ck_assert_str_eq(w.error, "iot DescribeJob: AccessDeniedException: not you");
    end(&w);
}
END_TEST

START_TEST(what_must_not_happen_twice_is_sent_again_only_if_it_did_not_happen)
{
    struct script s = { 1, slam, "{\"MessageId\":\"m\"}" };
    struct world w = begin(play, &s);

    send_once(&w);
    ck_assert_int_eq(w.outcome, AWS_UNKNOWN);
    ck_assert_int_eq(wire_requests(w.server), 1);
    send_once(&w);
    ck_assert_int_eq(w.outcome, AWS_OK);
    end(&w);
    s.first = html; /* 503: it may have been carried out. */
    w = begin(play, &s);
    send_once(&w);
    ck_assert_int_eq(w.outcome, AWS_UNKNOWN);
    ck_assert_int_eq(wire_requests(w.server), 1);
    end(&w);
    s.first = throttle; /* It certainly was not. */
    w = begin(play, &s);
    send_once(&w);
    ck_assert_int_eq(w.outcome, AWS_OK);
    ck_assert_int_eq(wire_requests(w.server), 2);
    end(&w);
}
END_TEST

START_TEST(a_used_connection_that_breaks_does_not_send_twice)
{
    struct script s = { 0, slam, "{\"MessageId\":\"m\"}" };
    struct world w = begin(play, &s);

    for (int i = 0; i < 3; i++)
        send_once(&w); /* Connections are there to be used again. */
    s.count = 1000;    /* From now on each request breaks its connection. */
    send_once(&w);
    ck_assert_int_eq(w.outcome, AWS_UNKNOWN);
    ck_assert_int_eq(wire_requests(w.server), 4);
    end(&w);
}
END_TEST

START_TEST(nobody_there_is_not_sent)
{
    struct script s = { 0, slam, JOB };
    struct world w = begin(play, &s);
    struct aws_settings settings = { .region = "us-east-1",
                                     .endpoint = "http://127.0.0.1:1",
                                     .attempts = 2 };
    struct error e;

    aws_free(w.aws);
    w.aws = aws_new(w.loop, w.http, &settings, &e);
    w.account = aws_account(w.aws, NULL, &e);
    send_once(&w);
    ck_assert_int_eq(w.outcome, AWS_NOT_SENT);
    ck_assert_int_eq(w.tries, 2);
    ck_assert(strstr(w.error, "sqs SendMessage: http://127.0.0.1:1: ") != NULL);
    end(&w);
}
END_TEST

START_TEST(an_empty_bucket_stops_repeating)
{
    struct script s = { 100000, html, JOB };
    struct world w = begin(play, &s);

    w.stop_after = 60;
    for (int i = 0; i < 60; i++)
        iot_describe_job(w.account, "j", job_came, &w);
    aws_limit(w.aws, AWS_IOT, NULL, 0, 1);
    aws_limit(w.aws, AWS_IOT, "DescribeJob", 0, 1);
    loop_run(w.loop);
    /* 500 pay for 35 repetitions of 14, and no more. */
    ck_assert_int_eq(wire_requests(w.server), 60 + 35);
    end(&w);
}
END_TEST

/* A server whose clock is two hours ahead. */
static struct wire_reply
strict_clock(void *cookie, int nth, const char *request)
{
    const char *stamp = strstr(request, "X-Amz-Date: ");
    char date[64];
    int64_t theirs = clock_wall_ms() + HOURS(2), ours;
    time_t t = (time_t)(theirs / 1000);

    (void)cookie;
    (void)nth;
    ck_assert(stamp != NULL && instant_parse((struct str){ stamp + 12, 16 }, &ours));
    if (ours > theirs - MINUTES(5))
        return wire_reply(200, "", JOB);
    strftime(date, sizeof(date), "Date: %a, %d %b %Y %H:%M:%S GMT\r\n", gmtime(&t));
    return wire_reply(403, date, "{\"__type\":\"InvalidSignatureException\",\"message\":\"old\"}");
}

START_TEST(a_clock_that_is_off_is_learnt_from_the_refusal)
{
    struct world w = begin(strict_clock, NULL);

    read_job(&w);
    ck_assert_int_eq(w.outcome, AWS_OK);
    ck_assert_int_eq(w.tries, 2);
    read_job(&w);
    ck_assert_int_eq(w.tries, 1);
    end(&w);
}
END_TEST

START_TEST(a_limit_spreads_calls_out)
{
    struct script s = { 0, slam, JOB };
    struct world w = begin(play, &s);
    int64_t from = clock_monotonic_ms();

    aws_limit(w.aws, AWS_IOT, "DescribeJob", 50, 2);
    w.stop_after = 12;
    for (int i = 0; i < 12; i++)
        iot_describe_job(w.account, "j", job_came, &w);
    ck_assert_uint_eq(aws_counts(w.aws, AWS_IOT).waiting, 10);
    loop_run(w.loop);
    ck_assert_int_ge((int)(clock_monotonic_ms() - from), 180);
    ck_assert_int_lt((int)(clock_monotonic_ms() - from), 2000);
    ck_assert_uint_eq(aws_counts(w.aws, AWS_IOT).waiting, 0);
    end(&w);
}
END_TEST

START_TEST(a_slow_limit_holds_up_no_other_operation)
{
    struct script s = { 0, slam, JOB };
    struct world w = begin(play, &s);
    struct aws_call *held;
    int64_t from = clock_monotonic_ms();

    aws_limit(w.aws, AWS_IOT, "DescribeJobExecution", 0.1, 1);
    aws_limit(w.aws, AWS_IOT, "DescribeJob", 50, 1);
    w.stop_after = 3;
    aws_cancel(iot_describe_execution(w.account, "j", "t", NULL, &w)); /* Takes the only permit. */
    held = iot_describe_execution(w.account, "j", "t", NULL, &w);
    for (int i = 0; i < 3; i++)
        iot_describe_job(w.account, "j", job_came, &w);
    loop_run(w.loop);
    ck_assert_int_lt((int)(clock_monotonic_ms() - from), 2000);
    aws_cancel(held);
    end(&w);
}
END_TEST

START_TEST(a_call_can_be_taken_back_wherever_it_is)
{
    struct script s = { 1, throttle, JOB };
    struct world w = begin(play, &s);
    struct aws_call *queued;

    aws_limit(w.aws, AWS_IOT, "DescribeJob", 0.001, 1);
    aws_cancel(iot_describe_job(w.account, "j", job_came, &w)); /* On the wire. */
    queued = iot_describe_job(w.account, "j", job_came, &w);    /* Before the limit. */
    for (int i = 0; i < 5; i++)
        loop_turn(w.loop, 5);
    aws_cancel(queued);
    aws_cancel(NULL);
    queued = sqs_send(w.account, "q", STR("x"), sent, &w); /* Waits to be sent again. */
    for (int i = 0; i < 3; i++)
        loop_turn(w.loop, 2);
    aws_cancel(queued);
    iot_describe_job(w.account, "", job_came, &w); /* Fails, but not from inside. */
    ck_assert_int_eq(w.times, 0);
    loop_run(w.loop);
    ck_assert_int_eq(w.times, 1);
    ck_assert_int_eq(w.outcome, AWS_NOT_SENT);
    ck_assert_str_eq(w.error, "iot DescribeJob: a name is empty");
    iot_describe_job(w.account, "j", job_came, &w); /* Goes with everything. */
    end(&w);
    ck_assert_int_eq(w.times, 1);
}
END_TEST

START_TEST(a_success_that_is_none_may_have_been_carried_out)
{
    static const struct {
        const char *body, *error;
    } CASES[] = {
        { "{\"iotJobId\":\"j\"}", "greengrass CreateDeployment: no deploymentId in the answer" },
        { "{\"deploymentId\":7}", "greengrass CreateDeployment: no deploymentId in the answer" },
        { "[]", "greengrass CreateDeployment: the answer is an array, not an object" },
        { "", "greengrass CreateDeployment: the answer is not JSON: " },
        { "<html>", "greengrass CreateDeployment: the answer is not JSON: " },
    };

    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        struct script s = { 0, slam, CASES[i].body };
        struct greengrass_deployment_order order = {
            .target_arn = "arn", .name = "n", .components = "{}", .token = "t"
        };
        struct world w = begin(play, &s);

        greengrass_create_deployment(w.account, &order, deployed, &w);
        loop_run(w.loop);
        ck_assert_int_eq(w.outcome, AWS_UNKNOWN);
        ck_assert_str_eq(w.extra, "/");
        ck_assert_msg(strncmp(w.error, CASES[i].error, strlen(CASES[i].error)) == 0, "%s", w.error);
        end(&w);
    }
}
END_TEST

/* ---- messages ------------------------------------------------------------------------------- */

static void
received(void *cookie, const struct aws_result *r, const struct sqs_message *m, size_t count)
{
    struct world *w = cookie;
    size_t len = 0;

    w->extra[0] = '\0';
    for (size_t i = 0; i < count; i++)
        len += (size_t)snprintf(w->extra + len, sizeof(w->extra) - len, "%.*s|%.*s|%.*s|%lld|%lld;",
                                STR_ARG(m[i].id), STR_ARG(m[i].receipt), STR_ARG(m[i].body),
                                (long long)m[i].sent_ms, (long long)m[i].receives);
    note(w, r);
}

static void
receive(struct world *w)
{
    struct sqs_ask ask = { .queue_url = "q", .max = 10, .wait_ms = 1000 };

    sqs_receive(w->account, &ask, received, w);
    loop_run(w->loop);
    w->times = 0;
}

START_TEST(messages_come_whole_and_a_spoilt_one_spoils_no_other)
{
    struct script s = {
        0, slam,
        "{\"Messages\":[{\"MessageId\":\"1\",\"ReceiptHandle\":\"r+/=\",\"Body\":"
        "\"a\\u0000\\ud800b\",\"Attributes\":{\"SentTimestamp\":\"1700000000000\","
        "\"ApproximateReceiveCount\":\"3\"}},{\"MessageId\":\"2\",\"ReceiptHandle\":"
        "\"s\",\"Body\":\"{\\\"g\\u00f6\\\":1}\",\"MD5OfBody\":\"x\"}]}"
    };
    struct world w = begin(play, &s);

    receive(&w);
    ck_assert_int_eq(w.outcome, AWS_OK);
    ck_assert_str_eq(w.extra, "1|r+/=|a\x01\x01"
                              "b|1700000000000|3;2|s|{\"g\xc3\xb6\":1}|0|0;");
    s.good = "{}";
    receive(&w);
    ck_assert_int_eq(w.outcome, AWS_OK);
    ck_assert_str_eq(w.extra, "");
    s.good = "{\"Messages\":[{\"MessageId\":\"1\"}]}";
    receive(&w);
    ck_assert_int_eq(w.outcome, AWS_UNKNOWN);
    s.good = "{\"Messages\":{}}";
    receive(&w);
    ck_assert_int_eq(w.outcome, AWS_UNKNOWN);
    s.good = "{\"Messages\":[1,2,3,4,5,6,7,8,9,10,11]}";
    receive(&w);
    ck_assert_int_eq(w.outcome, AWS_UNKNOWN);
    end(&w);
}
END_TEST

static void
batch_came(void *cookie, const struct aws_result *r, const struct sqs_entry_result *x, size_t count)
{
    struct world *w = cookie;
    size_t len = 0;

    for (size_t i = 0; i < count; i++)
        len += (size_t)snprintf(w->extra + len, sizeof(w->extra) - len, "%d%d%s;", x[i].done,
                                x[i].sender_fault, x[i].code);
    note(w, r);
}

START_TEST(each_entry_of_a_batch_is_told)
{
    struct script s = {
        0, slam,
        "{\"Successful\":[{\"Id\":\"2\"},{\"Id\":\"77\"},{\"Id\":\"x\"}],\"Failed\":["
        "{\"Id\":\"0\",\"SenderFault\":true,\"Code\":\"ReceiptHandleIsInvalid\"}]}"
    };
    struct str receipts[] = { STR("a"), STR("b"), STR("c") };
    struct world w = begin(play, &s);

    sqs_delete(w.account, "q", receipts, 3, batch_came, &w);
    loop_run(w.loop);
    ck_assert_int_eq(w.outcome, AWS_OK);
    ck_assert_str_eq(w.extra, "01ReceiptHandleIsInvalid;00Missing;10;");
    end(&w);
}
END_TEST

START_TEST(equal_settings_are_one_account)
{
    struct script s = { 0, slam, JOB };
    struct world w = begin(play, &s);
    struct account_settings role = { .role_arn = "arn:aws:iam::111122223333:role/x/deploy" };
    struct account_settings region = { .region = "eu-west-1" };
    struct aws_account *a, *b;
    struct error e;
    char arn[256];

    a = aws_account(w.aws, &role, &e);
    ck_assert(a != NULL && a == aws_account(w.aws, &role, &e) && a != w.account);
    ck_assert_str_eq(aws_account_id(a), "111122223333");
    ck_assert(iot_thing_group_arn(a, "g", arn, sizeof(arn)));
    ck_assert_str_eq(arn, "arn:aws:iot:us-east-1:111122223333:thinggroup/g");
    ck_assert(!iot_thing_group_arn(w.account, "g", arn, sizeof(arn)));
    b = aws_account(w.aws, &region, &e);
    ck_assert(b != NULL && b != w.account && b->credentials == w.account->credentials);
    ck_assert_str_eq(aws_account_region(b), "eu-west-1");
    role.region = "cn-north-1";
    b = aws_account(w.aws, &role, &e);
    ck_assert(b != a && b->credentials == a->credentials);
    ck_assert_str_eq(aws_account_partition(b), "aws-cn");
    role.role_arn = "deploy";
    ck_assert(aws_account(w.aws, &role, &e) == NULL);
    ck_assert_str_eq(e.text, "\"deploy\" is not the ARN of a role: arn:aws:iam::ACCOUNT:role/NAME "
                             "is needed");
    region.region = "moon/1";
    ck_assert(aws_account(w.aws, &region, &e) == NULL);
    end(&w);
}
END_TEST

SUITE(aws_call, a_read_survives_what_passes, what_does_not_pass_is_told_as_it_is,
      what_must_not_happen_twice_is_sent_again_only_if_it_did_not_happen,
      a_used_connection_that_breaks_does_not_send_twice, nobody_there_is_not_sent,
      an_empty_bucket_stops_repeating, a_clock_that_is_off_is_learnt_from_the_refusal,
      a_limit_spreads_calls_out, a_slow_limit_holds_up_no_other_operation,
      a_call_can_be_taken_back_wherever_it_is, a_success_that_is_none_may_have_been_carried_out,
      messages_come_whole_and_a_spoilt_one_spoils_no_other, each_entry_of_a_batch_is_told,
      equal_settings_are_one_account)
