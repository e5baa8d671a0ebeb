#include "event_text.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "slipway/memory.h"

/* "######" is where the number goes.  Shape: "Automating Amazon SageMaker AI with Amazon
 * EventBridge", SageMaker developer guide. */
static const char EVENT[] =
    "{\"version\":\"0\",\"id\":\"4f1c2a70-8f6e-0b53-91c4-e0aa77######\","
    "\"detail-type\":\"SageMaker Model Package State Change\",\"source\":\"aws.sagemaker\","
    "\"account\":\"" EVENT_ACCOUNT "\",\"time\":\"2026-02-24T17:00:14Z\",\"region\":\"" EVENT_REGION
    "\",\"resources\":[\"" EVENT_ARN_HEAD "######\"],\"detail\":{"
    "\"ModelPackageName\":\"digits/######\",\"ModelPackageGroupName\":\"digits\","
    "\"ModelPackageVersion\":######,\"ModelPackageArn\":\"" EVENT_ARN_HEAD "######\","
    "\"CreationTime\":\"2026-02-24T16:31:08Z\",\"ModelPackageStatus\":\"Completed\","
    "\"ModelPackageStatusDetails\":{\"ValidationStatuses\":[]},"
    "\"InferenceSpecification\":{\"Containers\":[{\"Image\":\"763104351884.dkr.ecr." EVENT_REGION
    ".amazonaws.com/pytorch-inference:2.1-cpu-py310\",\"ImageDigest\":\"sha256:"
    "4dc8a7e4a010a19bb9e0a6b063f355393f6e623603361bd8b105f554d4f0c004\",\"ModelDataUrl\":"
    "\"s3://models-" EVENT_ACCOUNT "/digits/training-2026-02-24-16-12-44/######/model.tar.gz\","
    "\"Framework\":\"PYTORCH\",\"FrameworkVersion\":\"2.1\"}],"
    "\"SupportedTransformInstanceTypes\":[\"ml.c5.large\",\"ml.m5.xlarge\"],"
    "\"SupportedRealtimeInferenceInstanceTypes\":[\"ml.c5.large\",\"ml.m5.large\"],"
    "\"SupportedContentTypes\":[\"application/json\"],"
    "\"SupportedResponseMIMETypes\":[\"application/json\"]},"
    "\"ModelApprovalStatus\":\"Approved\",\"ApprovalDescription\":\"accuracy 0.9867 on the golden"
    " set, reviewed\",\"CertifyForMarketplace\":false,\"MetadataProperties\":{\"CommitId\":"
    "\"9f2c1d7e8b3a4c5d6e7f8091a2b3c4d5e6f70819\",\"Repository\":\"digits-training\"},"
    "\"CreatedBy\":{\"UserProfileArn\":\"arn:aws:sagemaker:" EVENT_REGION ":" EVENT_ACCOUNT
    ":user-profile/d-ab12cd34ef56/ada\",\"UserProfileName\":\"ada\"},"
    "\"LastModifiedTime\":\"2026-02-24T17:00:13Z\"}}";

/* ---- templates ------------------------------------------------------------------------------ */

void
template_init(struct template *t, const char *text)
{
    static const char SPOT[] = "######";

    *t = (struct template){ .text = xstrdup(text), .len = strlen(text) };
    for (char *at = t->text; (at = strstr(at, SPOT)) != NULL; at += strlen(SPOT)) {
        assert(t->spot_count < TEMPLATE_SPOTS_MAX);
        t->spots[t->spot_count++] = (size_t)(at - t->text);
    }
}

void
template_fini(struct template *t)
{
    free(t->text);
    *t = (struct template){ 0 };
}

void
template_write(const struct template *t, int64_t n, char *to)
{
    char digits[6];

    assert(n >= EVENT_NUMBER_MIN && n <= EVENT_NUMBER_MAX);
    for (size_t i = sizeof(digits); i > 0; i--, n /= 10)
        digits[i - 1] = (char)('0' + n % 10);
    memcpy(to, t->text, t->len);
    for (size_t i = 0; i < t->spot_count; i++)
        memcpy(to + t->spots[i], digits, sizeof(digits));
}

/* ---- the event ------------------------------------------------------------------------------ */

const char *
approval_event(void)
{
    return EVENT;
}

char *
approval_event_escaped(void)
{
    char *text = xmalloc(sizeof(EVENT) * 2);
    size_t len = 0;

    for (const char *at = EVENT; *at != '\0'; at++) {
        if (*at == '"')
            text[len++] = '\\';
        text[len++] = *at;
    }
    text[len] = '\0';
    return text;
}
