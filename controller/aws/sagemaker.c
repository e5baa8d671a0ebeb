#include "aws/sagemaker.h"

#include <string.h>

#include "aws/json_call.h"
#include "aws/reader.h"

#define TARGET "SageMaker"
#define DOCUMENT_MAX (4 * 1048576)

static struct aws_question
question(const char *operation)
{
    return (struct aws_question){ .service = AWS_SAGEMAKER,
                                  .operation = operation,
                                  .idempotent = true,
                                  .answer_max = DOCUMENT_MAX };
}

bool
sagemaker_not_found(const struct aws_result *r)
{
    if (r->outcome != AWS_REFUSED)
        return false;
    return strcmp(r->code, "ResourceNotFound") == 0 ||
           (strcmp(r->code, "ValidationException") == 0 &&
            (strstr(r->message, "does not exist") != NULL ||
             strstr(r->message, "ould not find") != NULL ||
             strstr(r->message, "not found") != NULL));
}

/* ---- model packages ------------------------------------------------------------------------- */

/* What a summary and a description have in common. */
static void
read_package_head(struct reader *r, struct json_value v, struct model_package *p)
{
    p->arn = reader_needs(r, v, "ModelPackageArn");
    p->name = reader_text(r, v, "ModelPackageName");
    p->group = reader_text(r, v, "ModelPackageGroupName");
    p->version = reader_int(v, "ModelPackageVersion");
    p->status = reader_needs(r, v, "ModelPackageStatus");
    p->approval = reader_text(r, v, "ModelApprovalStatus");
    p->description = reader_text(r, v, "ModelPackageDescription");
    p->stage = reader_text(r, v, "ModelLifeCycle.Stage");
    p->stage_status = reader_text(r, v, "ModelLifeCycle.StageStatus");
    p->created_ms = reader_time(v, "CreationTime");
}

static void
read_container(struct reader *r, struct json_value containers, struct model_package *p)
{
    struct json_value first = json_first(containers).value;
    struct json_value source = json_path(first, "ModelDataSource.S3DataSource");

    p->containers = (int64_t)json_size(containers);
    p->artifact_url = reader_text(r, first, "ModelDataUrl");
    p->artifact_type = "S3Object";
    if (p->artifact_url[0] == '\0' && json_exists(source)) {
        p->artifact_url = reader_text(r, source, "S3Uri");
        p->artifact_type = reader_text(r, source, "S3DataType");
    }
    p->artifact_etag = reader_text(r, first, "ModelDataETag");
    if (p->artifact_etag[0] == '\0')
        p->artifact_etag = reader_text(r, source, "ETag");
    p->image = reader_text(r, first, "Image");
    p->framework = reader_text(r, first, "Framework");
    p->framework_version = reader_text(r, first, "FrameworkVersion");
    p->input_shape = reader_text(r, first, "ModelInput.DataInputConfig");
}

static void
package_came(struct aws_answer *a, aws_then *then, void *cookie)
{
    model_package_read *done = (model_package_read *)then;
    struct model_package p = { .arn = "" };
    struct reader r;

    if (reader_open(&r, a)) {
        read_package_head(&r, r.root, &p);
        read_container(&r, json_path(r.root, "InferenceSpecification.Containers"), &p);
        p.approval_description = reader_text(&r, r.root, "ApprovalDescription");
        p.source_uri = reader_text(&r, r.root, "SourceUri");
        p.modified_by = reader_text(&r, r.root, "LastModifiedBy.IamIdentity.Arn");
        if (p.modified_by[0] == '\0')
            p.modified_by = reader_text(&r, r.root, "LastModifiedBy.UserProfileArn");
        p.modified_ms = reader_time(r.root, "LastModifiedTime");
        p.metadata = reader_object(&r, r.root, "CustomerMetadataProperties");
        p.document = reader_object(&r, r.root, "");
    }
    done(cookie, &a->result, a->result.outcome == AWS_OK ? &p : NULL);
    reader_close(&r);
}

struct aws_call *
sagemaker_describe_model_package(struct aws_account *account, const char *arn,
                                 model_package_read *done, void *cookie)
{
    struct aws_question q = question("DescribeModelPackage");
    struct json_body b;

    json_body_open(&b);
    json_body_text(&b, "ModelPackageName", arn);
    return json_target_send(&b, account, &q, TARGET, package_came, (aws_then *)done, cookie);
}

static void
packages_came(struct aws_answer *a, aws_then *then, void *cookie)
{
    model_packages_listed *done = (model_packages_listed *)then;
    struct model_package *list = NULL;
    struct json_value items;
    struct reader r;
    const char *next = NULL;
    size_t count = 0;

    if (reader_open(&r, a) && reader_list(&r, "ModelPackageSummaryList", &items)) {
        list = reader_array(&r, json_size(items), sizeof(*list));
        for (struct json_cursor c = json_first(items); json_exists(c.value); json_next(&c)) {
            struct model_package *p = &list[count++];

            *p = (struct model_package){ .approval_description = "",
                                         .artifact_url = "",
                                         .artifact_etag = "",
                                         .artifact_type = "",
                                         .image = "",
                                         .framework = "",
                                         .framework_version = "",
                                         .input_shape = "",
                                         .source_uri = "",
                                         .modified_by = "",
                                         .metadata = "{}",
                                         .document = "{}" };
            read_package_head(&r, c.value, p);
        }
        next = reader_next(&r, "NextToken");
    }
    if (a->result.outcome != AWS_OK)
        done(cookie, &a->result, NULL, 0, NULL);
    else
        done(cookie, &a->result, list, count, next);
    reader_close(&r);
}

struct aws_call *
sagemaker_list_model_packages(struct aws_account *account,
                              const struct model_package_filter *filter,
                              model_packages_listed *done, void *cookie)
{
    struct aws_question q = question("ListModelPackages");
    struct json_body b;

    json_body_open(&b);
    json_body_text(&b, "ModelPackageGroupName", filter->group);
    json_body_text(&b, "ModelApprovalStatus", filter->approval);
    if (filter->group == NULL) /* AWS's own default would leave out what has versions. */
        json_body_text(&b, "ModelPackageType", "Versioned");
    if (filter->created_after_ms > 0)
        json_member_int(&b.out, "CreationTimeAfter", filter->created_after_ms / 1000);
    json_member_int(&b.out, "MaxResults", filter->max > 0 ? filter->max : 100);
    json_body_text(&b, "SortBy", "CreationTime");
    json_body_text(&b, "SortOrder", "Descending");
    json_body_text(&b, "NextToken", filter->token);
    return json_target_send(&b, account, &q, TARGET, packages_came, (aws_then *)done, cookie);
}

/* ---- compilation jobs ----------------------------------------------------------------------- */

static void
compilation_created_came(struct aws_answer *a, aws_then *then, void *cookie)
{
    compilation_created *done = (compilation_created *)then;
    struct reader r;
    const char *arn = NULL;

    if (reader_open(&r, a))
        arn = reader_needs(&r, r.root, "CompilationJobArn");
    done(cookie, &a->result, a->result.outcome == AWS_OK ? arn : NULL);
    reader_close(&r);
}

static void
add_input(struct json_body *b, const struct compilation_order *order)
{
    json_body_text(b, "ModelPackageVersionArn", order->model_package_arn);
    if (order->input_s3 == NULL)
        return;
    json_key(&b->out, "InputConfig");
    json_open(&b->out, '{');
    json_body_text(b, "S3Uri", order->input_s3);
    json_body_text(b, "DataInputConfig", order->input_shape);
    json_body_text(b, "Framework", order->framework);
    json_body_text(b, "FrameworkVersion", order->framework_version);
    json_close(&b->out, '}');
}

static void
add_output(struct json_body *b, const struct compilation_order *order)
{
    json_key(&b->out, "OutputConfig");
    json_open(&b->out, '{');
    json_body_text(b, "S3OutputLocation", order->output_s3);
    json_body_text(b, "TargetDevice", order->target_device);
    if (order->target_os != NULL) {
        json_key(&b->out, "TargetPlatform");
        json_open(&b->out, '{');
        json_body_text(b, "Os", order->target_os);
        json_body_text(b, "Arch", order->target_arch);
        json_body_text(b, "Accelerator", order->target_accelerator);
        json_close(&b->out, '}');
    }
    json_body_text(b, "CompilerOptions", order->compiler_options);
    json_close(&b->out, '}');
}

struct aws_call *
sagemaker_create_compilation_job(struct aws_account *account, const struct compilation_order *order,
                                 compilation_created *done, void *cookie)
{
    struct aws_question q = question("CreateCompilationJob");
    struct json_body b;

    json_body_open(&b);
    json_body_text(&b, "CompilationJobName", order->name);
    json_body_text(&b, "RoleArn", order->role_arn);
    add_input(&b, order);
    add_output(&b, order);
    json_key(&b.out, "StoppingCondition");
    json_open(&b.out, '{');
    json_member_int(&b.out, "MaxRuntimeInSeconds",
                    order->timeout_ms >= 1000 ? order->timeout_ms / 1000 : 1);
    json_close(&b.out, '}');
    return json_target_send(&b, account, &q, TARGET, compilation_created_came, (aws_then *)done,
                            cookie);
}

static void
compilation_came(struct aws_answer *a, aws_then *then, void *cookie)
{
    compilation_read *done = (compilation_read *)then;
    struct compilation_job job = { .name = "" };
    struct reader r;

    if (reader_open(&r, a)) {
        job.name = reader_needs(&r, r.root, "CompilationJobName");
        job.status = reader_needs(&r, r.root, "CompilationJobStatus");
        job.arn = reader_text(&r, r.root, "CompilationJobArn");
        job.failure = reader_text(&r, r.root, "FailureReason");
        job.artifact = reader_text(&r, r.root, "ModelArtifacts.S3ModelArtifacts");
        job.digest = reader_text(&r, r.root, "ModelDigests.ArtifactDigest");
        job.input_s3 = reader_text(&r, r.root, "InputConfig.S3Uri");
        job.output_s3 = reader_text(&r, r.root, "OutputConfig.S3OutputLocation");
        job.model_package_arn = reader_text(&r, r.root, "ModelPackageVersionArn");
        job.target_device = reader_text(&r, r.root, "OutputConfig.TargetDevice");
        job.target_os = reader_text(&r, r.root, "OutputConfig.TargetPlatform.Os");
        job.target_arch = reader_text(&r, r.root, "OutputConfig.TargetPlatform.Arch");
        job.created_ms = reader_time(r.root, "CreationTime");
        job.ended_ms = reader_time(r.root, "CompilationEndTime");
    }
    done(cookie, &a->result, a->result.outcome == AWS_OK ? &job : NULL);
    reader_close(&r);
}

struct aws_call *
sagemaker_describe_compilation_job(struct aws_account *account, const char *name,
                                   compilation_read *done, void *cookie)
{
    struct aws_question q = question("DescribeCompilationJob");
    struct json_body b;

    json_body_open(&b);
    json_body_text(&b, "CompilationJobName", name);
    return json_target_send(&b, account, &q, TARGET, compilation_came, (aws_then *)done, cookie);
}

static void
acted(struct aws_answer *a, aws_then *then, void *cookie)
{
    sagemaker_acted *done = (sagemaker_acted *)then;

    done(cookie, &a->result);
}

struct aws_call *
sagemaker_stop_compilation_job(struct aws_account *account, const char *name, sagemaker_acted *done,
                               void *cookie)
{
    struct aws_question q = question("StopCompilationJob");
    struct json_body b;

    json_body_open(&b);
    json_body_text(&b, "CompilationJobName", name);
    return json_target_send(&b, account, &q, TARGET, acted, (aws_then *)done, cookie);
}
