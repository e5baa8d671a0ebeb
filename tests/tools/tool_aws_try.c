/* links: slipway_aws */

/* The calls of SageMaker, Greengrass, IoT and STS, one at a time; see aws_try.h. */

#include "aws/greengrass.h"
#include "aws/iot.h"
#include "aws/sagemaker.h"
#include "aws/sts.h"
#include "tools/aws_try.h"

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
try_list_installed(char **a)
{
    greengrass_list_installed(account, a[0], NULL, installed, NULL);
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
static const struct aws_try CALLS[] = {
    { "sagemaker_describe_model_package", 1, try_describe_package },
    { "sagemaker_list_model_packages", 1, try_list_packages },
    { "sagemaker_create_compilation_job", 2, try_create_job },
    { "sagemaker_describe_compilation_job", 1, try_describe_job },
    { "sagemaker_stop_compilation_job", 1, try_stop_job },
    { "greengrass_create_component_version", 2, try_create_component },
    { "greengrass_describe_component", 1, try_describe_component },
    { "greengrass_get_component", 1, try_get_component },
    { "greengrass_create_deployment", 4, try_create_deployment },
    { "greengrass_get_deployment", 1, try_get_deployment },
    { "greengrass_list_deployments", 2, try_list_deployments },
    { "greengrass_list_installed", 1, try_list_installed },
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
    return aws_try_main(argc, argv, CALLS, ARRAY_LEN(CALLS));
}
