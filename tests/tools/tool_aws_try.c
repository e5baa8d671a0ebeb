/* links: slipway_aws */

/*
 * Makes one typed AWS call and prints what came of it, for the black-box tests:
 *
 *     tool_aws_try greengrass_get_deployment ID
 *
 * Region, endpoint and credentials come from the environment.  The first line
 * is "OUTCOME STATUS CODE", then "key: value" lines, or the error.
 * Exit status 0 if the outcome is ok.
 */

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "aws/greengrass.h"
#include "aws/iot.h"
#include "aws/s3.h"
#include "aws/sagemaker.h"
#include "aws/sqs.h"
#include "aws/sts.h"
#include "platform/log.h"
#include "platform/loop.h"
#include "wire/http_client.h"

static struct loop *loop;
static struct aws_account *account;
static int exit_status = 1;

static void
say(const struct aws_result *r)
{
    printf("%s %d %s\n", aws_outcome_name(r->outcome), r->status, r->code);
    if (r->outcome != AWS_OK)
        printf("error: %s\n", r->error.text);
    exit_status = r->outcome == AWS_OK ? 0 : 1;
    loop_stop(loop);
}

static void
text(const char *key, const char *value)
{
    printf("%s: %s\n", key, value);
}

static void
number(const char *key, int64_t value)
{
    printf("%s: %lld\n", key, (long long)value);
}

/* ---- sqs ------------------------------------------------------------------------------------ */

static void
received(void *cookie, const struct aws_result *r, const struct sqs_message *m, size_t count)
{
    (void)cookie;
    say(r);
    number("count", (int64_t)count);
    for (size_t i = 0; i < count; i++) {
        printf("message: %.*s %lld %.*s\n", STR_ARG(m[i].receipt), (long long)m[i].receives,
               STR_ARG(m[i].body));
        if (m[i].sent_ms < 1600000000000 || m[i].id.len != 36)
            exit_status = 2;
    }
}

static void
batch(void *cookie, const struct aws_result *r, const struct sqs_entry_result *x, size_t count)
{
    (void)cookie;
    say(r);
    for (size_t i = 0; i < count; i++)
        printf("entry: %s %s\n", x[i].done ? "done" : "failed", x[i].code);
}

static void
sent(void *cookie, const struct aws_result *r, const char *id)
{
    (void)cookie;
    say(r);
    text("id", id != NULL ? id : "");
}

static void
queue(void *cookie, const struct aws_result *r, const struct sqs_queue *q)
{
    (void)cookie;
    say(r);
    if (q == NULL)
        return;
    text("arn", q->arn);
    number("visible", q->visible);
    number("in_flight", q->in_flight);
    number("visibility_ms", q->visibility_ms);
}

static void
try_sqs_receive(char **a)
{
    struct sqs_ask ask = { .queue_url = a[0], .max = 10, .wait_ms = 1000, .visibility_ms = 30000 };

    sqs_receive(account, &ask, received, NULL);
}

static size_t
receipts(char **a, struct str out[SQS_BATCH_MAX])
{
    size_t count = 0;

    while (a[count] != NULL && count < SQS_BATCH_MAX) {
        out[count] = str_of(a[count]);
        count++;
    }
    return count;
}

static void
try_sqs_delete(char **a)
{
    struct str list[SQS_BATCH_MAX];

    sqs_delete(account, a[0], list, receipts(a + 1, list), batch, NULL);
}

static void
try_sqs_hide(char **a)
{
    struct str list[SQS_BATCH_MAX];

    sqs_hide(account, a[0], list, receipts(a + 1, list), 60000, batch, NULL);
}

static void
try_sqs_send(char **a)
{
    sqs_send(account, a[0], str_of(a[1]), sent, NULL);
}

static void
try_sqs_describe(char **a)
{
    sqs_describe(account, a[0], queue, NULL);
}

/* ---- sagemaker ------------------------------------------------------------------------------ */

static void
package_read(void *cookie, const struct aws_result *r, const struct model_package *p)
{
    (void)cookie;
    say(r);
    if (sagemaker_not_found(r))
        text("found", "no");
    if (p == NULL)
        return;
    text("arn", p->arn);
    text("group", p->group);
    number("version", p->version);
    text("status", p->status);
    text("approval", p->approval);
    text("artifact", p->artifact_url);
    text("image", p->image);
    text("metadata", p->metadata);
    number("created_ms", p->created_ms);
    number("modified_ms", p->modified_ms);
}

static void
packages(void *cookie, const struct aws_result *r, const struct model_package *p, size_t count,
         const char *next)
{
    (void)cookie;
    say(r);
    for (size_t i = 0; i < count; i++)
        printf("package: %s %lld %s\n", p[i].arn, (long long)p[i].version, p[i].approval);
    text("next", next != NULL ? next : "");
}

static void
job_made(void *cookie, const struct aws_result *r, const char *arn)
{
    (void)cookie;
    say(r);
    text("arn", arn != NULL ? arn : "");
}

static void
job_read(void *cookie, const struct aws_result *r, const struct compilation_job *j)
{
    (void)cookie;
    say(r);
    if (sagemaker_not_found(r))
        text("found", "no");
    if (j == NULL)
        return;
    text("status", j->status);
    text("artifact", j->artifact);
    text("device", j->target_device);
    text("os", j->target_os);
}

static void
acted(void *cookie, const struct aws_result *r)
{
    (void)cookie;
    say(r);
}

static void
try_describe_package(char **a)
{
    sagemaker_describe_model_package(account, a[0], package_read, NULL);
}

static void
try_list_packages(char **a)
{
    struct model_package_filter f = { .group = a[0][0] != '\0' ? a[0] : NULL,
                                      .approval = "Approved",
                                      .created_after_ms = 1600000000000,
                                      .max = 2,
                                      .token = a[1] };

    sagemaker_list_model_packages(account, &f, packages, NULL);
}

static void
try_create_job(char **a)
{
    struct compilation_order o = { .name = a[0],
                                   .role_arn = "arn:aws:iam::123456789012:role/compile",
                                   .input_s3 = "s3://bucket/model.tar.gz",
                                   .input_shape = "{\"input\":[1,64]}",
                                   .framework = "ONNX",
                                   .output_s3 = "s3://bucket/compiled/",
                                   .timeout_ms = 60000 };

    if (strcmp(a[1], "device") == 0) {
        o.target_device = "rasp4b";
    } else {
        o.target_os = "LINUX";
        o.target_arch = "X86_64";
        o.compiler_options = "{\"mcpu\": \"skylake\"}";
    }
    sagemaker_create_compilation_job(account, &o, job_made, NULL);
}

static void
try_describe_job(char **a)
{
    sagemaker_describe_compilation_job(account, a[0], job_read, NULL);
}

static void
try_stop_job(char **a)
{
    sagemaker_stop_compilation_job(account, a[0], acted, NULL);
}

/* ---- s3 ------------------------------------------------------------------------------------- */

static void
object(void *cookie, const struct aws_result *r, const struct s3_object *o)
{
    (void)cookie;
    say(r);
    if (o == NULL)
        return;
    number("size", o->size);
    text("etag", o->etag);
    text("sha256", o->sha256);
    number("modified_ms", o->modified_ms);
}

static void
try_s3_get(char **a)
{
    int fd = open(a[2], O_RDWR | O_CREAT, 0600);

    s3_get(account, a[0], a[1], a[3], fd, 100000000, object, NULL);
}

static void
try_s3_head(char **a)
{
    s3_head(account, a[0], a[1], object, NULL);
}

static void
try_s3_put(char **a)
{
    int fd = open(a[2], O_RDONLY);
    struct s3_put_order o = { .bucket = a[0],
                              .key = a[1],
                              .fd = fd,
                              .size = lseek(fd, 0, SEEK_END),
                              .sha256 = a[3],
                              .only_new = a[4] != NULL };

    s3_put(account, &o, object, NULL);
}

/* ---- greengrass ----------------------------------------------------------------------------- */

static void
component(void *cookie, const struct aws_result *r, const struct greengrass_component *c)
{
    (void)cookie;
    say(r);
    if (c == NULL)
        return;
    text("arn", c->arn);
    text("state", c->state);
    text("message", c->message);
    text("tags", c->tags);
    number("created_ms", c->created_ms);
}

static void
recipe_read(void *cookie, const struct aws_result *r, struct str recipe, const char *tags)
{
    (void)cookie;
    say(r);
    printf("recipe: %.*s\n", STR_ARG(recipe));
    text("tags", tags);
}

static void
deployed(void *cookie, const struct aws_result *r, const char *id, const char *job)
{
    (void)cookie;
    say(r);
    text("id", id);
    text("job", job);
}

static void
deployment(void *cookie, const struct aws_result *r, const struct greengrass_deployment *d)
{
    (void)cookie;
    say(r);
    if (d == NULL)
        return;
    text("target", d->target_arn);
    text("name", d->name);
    text("status", d->status);
    text("job", d->job_id);
    number("latest", d->latest);
    text("components", d->components);
    text("policies", d->policies);
    text("job_configuration", d->job_configuration);
    text("tags", d->tags);
    number("created_ms", d->created_ms);
}

static void
deployments(void *cookie, const struct aws_result *r, const struct greengrass_deployment *d,
            size_t count, const char *next)
{
    (void)cookie;
    say(r);
    for (size_t i = 0; i < count; i++)
        printf("deployment: %s %s %s %d\n", d[i].id, d[i].name, d[i].status, d[i].latest);
    text("next", next != NULL ? next : "");
}

static void
installed(void *cookie, const struct aws_result *r, const struct greengrass_installed *x,
          size_t count, const char *next)
{
    (void)cookie;
    (void)next;
    say(r);
    for (size_t i = 0; i < count; i++)
        printf("component: %s %s %s %d\n", x[i].name, x[i].version, x[i].state, x[i].root);
}

static void
effective(void *cookie, const struct aws_result *r, const struct greengrass_effective *x,
          size_t count, const char *next)
{
    (void)cookie;
    (void)next;
    say(r);
    for (size_t i = 0; i < count; i++)
        printf("deployment: %s %s %s\n", x[i].deployment_id, x[i].name, x[i].status);
}

static void
try_create_component(char **a)
{
    greengrass_create_component_version(account, str_of(a[0]), "{\"made-by\":\"slipway\"}", a[1],
                                        component, NULL);
}

static void
try_describe_component(char **a)
{
    greengrass_describe_component(account, a[0], component, NULL);
}

static void
try_get_component(char **a)
{
    greengrass_get_component(account, a[0], recipe_read, NULL);
}

static void
try_create_deployment(char **a)
{
    struct greengrass_deployment_order o = {
        .target_arn = a[0],
        .name = a[1],
        .components = a[2],
        .policies = "{\"failureHandlingPolicy\":\"ROLLBACK\",\"componentUpdatePolicy\":"
                    "{\"timeoutInSeconds\":60,\"action\":\"NOTIFY_COMPONENTS\"}}",
        .job_configuration =
            "{\"jobExecutionsRolloutConfig\":{\"maximumPerMinute\":1000},\"timeoutConfig\":"
            "{\"inProgressTimeoutInMinutes\":60}}",
        .tags = "{\"slipway\":\"1\"}",
        .token = a[3],
    };

    greengrass_create_deployment(account, &o, deployed, NULL);
}

static void
try_get_deployment(char **a)
{
    greengrass_get_deployment(account, a[0], deployment, NULL);
}

static void
try_list_deployments(char **a)
{
    greengrass_list_deployments(account, a[0], strcmp(a[1], "latest") == 0, NULL, deployments,
                                NULL);
}

static void
try_cancel_deployment(char **a)
{
    greengrass_cancel_deployment(account, a[0], acted, NULL);
}

static void
try_list_installed(char **a)
{
    greengrass_list_installed(account, a[0], NULL, installed, NULL);
}

static void
try_list_effective(char **a)
{
    greengrass_list_effective(account, a[0], NULL, effective, NULL);
}

/* ---- iot and sts ---------------------------------------------------------------------------- */

static void
group_read(void *cookie, const struct aws_result *r, const struct iot_thing_group *g)
{
    (void)cookie;
    say(r);
    if (g != NULL)
        text("arn", g->arn);
}

static void
things(void *cookie, const struct aws_result *r, const char *const *names, size_t count,
       const char *next)
{
    (void)cookie;
    say(r);
    for (size_t i = 0; i < count; i++)
        text("thing", names[i]);
    text("next", next != NULL ? next : "");
}

static void
iot_job_came(void *cookie, const struct aws_result *r, const struct iot_job *j)
{
    (void)cookie;
    say(r);
    if (j == NULL)
        return;
    text("status", j->status);
    number("queued", j->queued);
    number("in_progress", j->in_progress);
    number("succeeded", j->succeeded);
    number("failed", j->failed);
    number("created_ms", j->created_ms);
}

static void
executions(void *cookie, const struct aws_result *r, const struct iot_execution *x, size_t count,
           const char *next)
{
    (void)cookie;
    (void)next;
    say(r);
    for (size_t i = 0; i < count; i++)
        printf("execution: %s %s %lld\n", x[i].thing, x[i].status, (long long)x[i].number);
}

static void
execution(void *cookie, const struct aws_result *r, const struct iot_execution *x)
{
    (void)cookie;
    say(r);
    if (x != NULL)
        printf("execution: %s %s %s\n", x->thing, x->status, x->details);
}

static void
identified(void *cookie, const struct aws_result *r, const struct sts_identity *id)
{
    (void)cookie;
    say(r);
    if (id == NULL)
        return;
    text("account", id->account);
    text("arn", id->arn);
    if (strcmp(id->account, aws_account_id(account)) != 0)
        exit_status = 2;
}

static void
try_describe_group(char **a)
{
    iot_describe_thing_group(account, a[0], group_read, NULL);
}

static void
try_list_things(char **a)
{
    iot_list_things(account, a[0], NULL, things, NULL);
}

static void
try_iot_job(char **a)
{
    iot_describe_job(account, a[0], iot_job_came, NULL);
}

static void
try_executions(char **a)
{
    iot_list_executions(account, a[0], a[1], NULL, executions, NULL);
}

static void
try_execution(char **a)
{
    iot_describe_execution(account, a[0], a[1], execution, NULL);
}

static void
try_identify(char **a)
{
    (void)a;
    sts_identify(account, identified, NULL);
}

/* clang-format off */
static const struct {
    const char *name;
    int needs; /* Arguments. */
    void (*call)(char **arguments);
} CALLS[] = {
    { "sqs_receive", 1, try_sqs_receive },
    { "sqs_delete", 2, try_sqs_delete },
    { "sqs_hide", 2, try_sqs_hide },
    { "sqs_send", 2, try_sqs_send },
    { "sqs_describe", 1, try_sqs_describe },
    { "sagemaker_describe_model_package", 1, try_describe_package },
    { "sagemaker_list_model_packages", 1, try_list_packages },
    { "sagemaker_create_compilation_job", 2, try_create_job },
    { "sagemaker_describe_compilation_job", 1, try_describe_job },
    { "sagemaker_stop_compilation_job", 1, try_stop_job },
    { "s3_get", 3, try_s3_get },
    { "s3_head", 2, try_s3_head },
    { "s3_put", 4, try_s3_put },
    { "greengrass_create_component_version", 2, try_create_component },
    { "greengrass_describe_component", 1, try_describe_component },
    { "greengrass_get_component", 1, try_get_component },
    { "greengrass_create_deployment", 4, try_create_deployment },
    { "greengrass_get_deployment", 1, try_get_deployment },
    { "greengrass_list_deployments", 2, try_list_deployments },
    { "greengrass_cancel_deployment", 1, try_cancel_deployment },
    { "greengrass_list_installed", 1, try_list_installed },
    { "greengrass_list_effective", 1, try_list_effective },
    { "iot_describe_thing_group", 1, try_describe_group },
    { "iot_list_things", 1, try_list_things },
    { "iot_describe_job", 1, try_iot_job },
    { "iot_list_executions", 1, try_executions },
    { "iot_describe_execution", 2, try_execution },
    { "sts_identify", 0, try_identify },
};
/* clang-format on */

int
main(int argc, char **argv)
{
    struct aws_settings settings = { .attempts = 3, .timeout_ms = 10000 };
    struct account_settings as = { .role_arn = getenv("TRY_ROLE"),
                                   .external_id = getenv("TRY_EXTERNAL_ID"),
                                   .region = getenv("TRY_REGION") };
    struct http_client_settings http_settings = { .ca_bundle = aws_ca_bundle(&settings) };
    struct http_client *http;
    struct aws *aws;
    struct error e;

    log_threshold(LOG_ERROR);
    loop = loop_new();
    http = http_client_new(loop, &http_settings);
    aws = aws_new(loop, http, &settings, &e);
    account = aws != NULL ? aws_account(aws, &as, &e) : NULL;
    if (account == NULL) {
        fprintf(stderr, "%s\n", e.text);
        return 1;
    }
    for (size_t i = 0; i < ARRAY_LEN(CALLS) && argc > 1; i++)
        if (strcmp(CALLS[i].name, argv[1]) == 0 && argc - 2 >= CALLS[i].needs) {
            CALLS[i].call(argv + 2);
            loop_run(loop);
            aws_free(aws);
            http_client_free(http);
            loop_free(loop);
            return exit_status;
        }
    fprintf(stderr, "which call? see the source\n");
    return 64;
}
