/*
 * ORDER_COMPILE, driver "neo": one SageMaker compilation job under a derived name.
 *
 * CreateCompilationJob has no client token; its name is unique for ever, so the name is the
 * token: a job that exists under it is ours (its input and output are compared) and is adopted.
 */

#include <stdio.h>
#include <string.h>

#include "aws/sagemaker.h"
#include "neo.h"
#include "story.h"

struct neo {
    char name[NEO_NAME_SIZE];
    const char *input; /* s3://... ; NULL: the model package itself is compiled. */
    bool in_use;       /* SageMaker says that a job of this name exists. */
};

static void job_created(void *cookie, const struct aws_result *r, const char *arn);
static void job_described(void *cookie, const struct aws_result *r,
                          const struct compilation_job *job);

const char *
neo_name(const struct work_order *o, char buf[NEO_NAME_SIZE])
{
    struct work_order compile = *o;
    char token[WORK_TOKEN_SIZE];

    compile.kind = ORDER_COMPILE;
    snprintf(buf, NEO_NAME_SIZE, "slipway-%s", work_token(&compile, "", token));
    return buf;
}

static void
describe(struct work *w)
{
    struct neo *n = w->story;

    w->call = sagemaker_describe_compilation_job(w->account, n->name, job_described, w);
}

static void
create(struct work *w)
{
    const struct compile_settings *s = &w->order->pipeline->compile;
    struct neo *n = w->story;
    struct compilation_order job = {
        .name = n->name,
        .role_arn = s->role_arn,
        .input_s3 = n->input,
        .output_s3 = s->output,
        .target_device = s->target_device,
        .target_os = s->target_os,
        .target_arch = s->target_arch,
        .target_accelerator = s->target_accelerator,
        .timeout_ms = s->timeout_ms,
    };

    if (n->input != NULL) {
        job.framework = s->framework;
        job.framework_version = s->framework_version;
        job.input_shape = s->input_shape;
    } else {
        job.model_package_arn = w->order->arn;
    }
    w->call = sagemaker_create_compilation_job(w->account, &job, job_created, w);
}

void
compile_neo_start(struct work *w)
{
    struct neo *n = w->story = work_room(w, sizeof(*n));
    struct json_value source;

    if (!work_need(w, w->order->source, "source", &source))
        return;
    neo_name(w->order, n->name);
    if (w->order->pipeline->compile.framework != NULL)
        n->input = work_member(w, source, "model_uri");
    /* What progress names exists; what is not sure to exist is created, which its name makes safe.
     */
    if (json_exists(work_progress(w)))
        describe(w);
    else
        create(w);
}

/* ---- it exists ------------------------------------------------------------------------------ */

static void
keep_progress(struct work *w)
{
    struct neo *n = w->story;
    struct json_out out = json_out(&w->progress);

    json_open(&out, '{');
    json_member(&out, "job", str_of(n->name));
    json_close(&out, '}');
}

static void
job_created(void *cookie, const struct aws_result *r, const char *arn)
{
    struct work *w = cookie;
    struct neo *n = w->story;

    (void)arn;
    w->call = NULL;
    if (r->outcome == AWS_OK) {
        keep_progress(w);
        work_wait(w, w->order->pipeline->compile.poll_ms);
    } else if (aws_refused(r, "ResourceInUse")) {
        n->in_use = true;
        describe(w);
    } else {
        work_trouble(w, r);
    }
}

static bool
is_same(const char *wanted, const char *have)
{
    return strcmp(wanted != NULL ? wanted : "", have != NULL ? have : "") == 0;
}

static bool
is_ours(struct work *w, const struct compilation_job *job)
{
    const struct compile_settings *s = &w->order->pipeline->compile;
    struct neo *n = w->story;

    return is_same(n->input, job->input_s3) &&
           is_same(n->input == NULL ? w->order->arn : NULL, job->model_package_arn) &&
           is_same(s->output, job->output_s3) && is_same(s->target_device, job->target_device) &&
           is_same(s->target_os, job->target_os) && is_same(s->target_arch, job->target_arch);
}

static void
finish(struct work *w, const struct compilation_job *job)
{
    struct json_out out = json_out(&w->document);

    json_open(&out, '{');
    json_member(&out, "schema", STR("slipway.compiled/1"));
    json_member(&out, "driver", STR("neo"));
    json_member(&out, "uri", str_of(job->artifact));
    json_member(&out, "job", str_of(job->name));
    if (job->digest[0] != '\0')
        json_member(&out, "neo_digest", str_of(job->digest));
    json_close(&out, '}');
    work_finish(w);
}

static void
judge(struct work *w, const struct compilation_job *job)
{
    if (!is_ours(w, job)) {
        work_fail(w,
                  "compilation job %s exists with other input, output or target; retry, which "
                  "takes another name",
                  job->name);
    } else if (strcmp(job->status, "COMPLETED") == 0 && job->artifact[0] != '\0') {
        finish(w, job);
    } else if (strcmp(job->status, "FAILED") == 0 || strcmp(job->status, "COMPLETED") == 0) {
        work_fail(w, "compilation job %s failed: %s", job->name,
                  job->failure[0] != '\0' ? job->failure : "SageMaker does not say why");
    } else if (strncmp(job->status, "STOP", 4) == 0) {
        work_fail(w, "compilation job %s was stopped", job->name);
    } else {
        keep_progress(w);
        snprintf(w->reason, sizeof(w->reason), "compilation job %s is %s", job->name, job->status);
        work_wait(w, w->order->pipeline->compile.poll_ms);
    }
}

static void
job_described(void *cookie, const struct aws_result *r, const struct compilation_job *job)
{
    struct work *w = cookie;
    struct neo *n = w->story;

    w->call = NULL;
    if (r->outcome == AWS_OK)
        judge(w, job);
    else if (!sagemaker_not_found(r))
        work_trouble(w, r);
    else if (n->in_use)
        work_unsure(w, "compilation job %s exists but cannot be found yet", n->name);
    else
        create(w);
}
