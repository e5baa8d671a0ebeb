/* ORDER_CONFIRM: an event is a hint; the registry says whether the model package is approved. */

#include <stdio.h>
#include <string.h>

#include "aws/sagemaker.h"
#include "story.h"

static void package_described(void *cookie, const struct aws_result *r,
                              const struct model_package *p);

void
confirm_start(struct work *w)
{
    w->call = sagemaker_describe_model_package(w->account, w->order->arn, package_described, w);
}

static void
write_source(struct work *w, const struct model_package *p)
{
    struct json_out out = json_out(&w->document);
    /* clang-format off */
    const struct { const char *key, *value; } optional[] = {
        { "etag", p->artifact_etag },     { "image", p->image },
        { "framework", p->framework },    { "framework_version", p->framework_version },
        { "input_shape", p->input_shape }, { "source_uri", p->source_uri },
        { "modified_by", p->modified_by },
    };
    /* clang-format on */

    json_open(&out, '{');
    json_member(&out, "schema", STR("slipway.source/1"));
    json_member(&out, "arn", str_of(w->order->arn));
    json_member(&out, "group", str_of(p->group));
    json_member_int(&out, "version", p->version);
    json_member(&out, "model_uri", str_of(p->artifact_url));
    for (size_t i = 0; i < ARRAY_LEN(optional); i++)
        if (optional[i].value != NULL && optional[i].value[0] != '\0')
            json_member(&out, optional[i].key, str_of(optional[i].value));
    json_member_int(&out, "approved_s", w->result.approved_s);
    json_close(&out, '}');
}

/* What slipway cannot deploy is said now, not three stages later. */
static bool
check_artifact(struct work *w, const struct model_package *p)
{
    size_t len = strlen(p->artifact_url);

    if (p->containers > 1)
        work_fail(w,
                  "model package %s has %lld containers; slipway deploys the one model of one "
                  "container",
                  w->order->arn, (long long)p->containers);
    else if (len == 0)
        work_fail(w, "model package %s names no model data (ModelDataUrl)", w->order->arn);
    else if (strcmp(p->artifact_type, "S3Prefix") == 0 || p->artifact_url[len - 1] == '/')
        work_fail(w,
                  "the model data of %s is the S3 prefix %s; slipway takes a single object: "
                  "register a .tar.gz or one file",
                  w->order->arn, p->artifact_url);
    else if (!str_starts(str_of(p->artifact_url), "s3://"))
        work_fail(w, "the model data of %s is %s; slipway reads it from S3 only", w->order->arn,
                  p->artifact_url);
    else
        return true;
    return false;
}

static void
refuse(struct work *w, const struct aws_result *r)
{
    if (sagemaker_not_found(r))
        work_fail(w, "model package %s does not exist (any more)", w->order->arn);
    else if (aws_refused(r, "AccessDeniedException") && !work_may_pass(w, r))
        work_fail(w,
                  "slipway may not read model package %s; allow sagemaker:DescribeModelPackage: "
                  "%s",
                  w->order->arn, r->message);
    else
        work_trouble(w, r);
}

static void
package_described(void *cookie, const struct aws_result *r, const struct model_package *p)
{
    struct work *w = cookie;
    int64_t modified_ms;

    w->call = NULL;
    if (r->outcome != AWS_OK) {
        refuse(w, r);
        return;
    }
    modified_ms = p->modified_ms != 0 ? p->modified_ms : p->created_ms;
    w->result.approved_s = modified_ms / 1000;
    if (strcmp(p->approval, "Approved") != 0) {
        snprintf(w->reason, sizeof(w->reason), "the registry says %s",
                 p->approval[0] != '\0' ? p->approval : "nothing of an approval");
        w->result.rejected = strcmp(p->approval, "Rejected") == 0;
        work_end(w, WORK_WITHDRAWN);
    } else if (strcmp(p->status, "Pending") == 0 || strcmp(p->status, "InProgress") == 0) {
        snprintf(w->reason, sizeof(w->reason), "model package %s is %s", w->order->arn, p->status);
        work_wait(w, w->order->pipeline->compile.poll_ms);
    } else if (strcmp(p->status, "Completed") != 0) {
        work_fail(w, "model package %s is %s", w->order->arn, p->status);
    } else if (check_artifact(w, p)) {
        write_source(w, p);
        work_finish(w);
    }
}
