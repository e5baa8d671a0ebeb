/* links: slipway_rules slipway_base */
#include "slipway/event.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "slipway/memory.h"
#include "suite.h"

static struct json_token tokens[4096];
static char scratch[65536];
static const struct event_room ROOM = { tokens, ARRAY_LEN(tokens), scratch, sizeof(scratch) };
static struct event ev;
static struct error e;

#define ARN "arn:aws:sagemaker:eu-central-1:111122223333:model-package/digits/7"

/* An EventBridge event of a model package; `envelope` and `detail` are more members, or "". */
static struct str
model_package(const char *envelope, const char *detail)
{
    static char text[8192];

    snprintf(text, sizeof(text),
             "{\"version\":\"0\",\"id\":\"e-1\","
             "\"detail-type\":\"SageMaker Model Package State Change\","
             "\"source\":\"aws.sagemaker\",\"time\":\"2026-01-02T03:04:05Z\"%s,"
             "\"resources\":[\"" ARN "\"],\"detail\":{%s}}",
             envelope, detail);
    return str_of(text);
}

static bool
reads(struct str body)
{
    e = (struct error){ .kind = ERROR_NONE };
    if (event_read(&ev, body, &ROOM, &e))
        return true;
    ck_assert_int_ne(e.kind, ERROR_NONE);
    return false;
}

#define ENVELOPE ",\"account\":\"111122223333\",\"region\":\"eu-central-1\""
#define NAMED "\"ModelPackageArn\":\"" ARN "\""

START_TEST(reads_an_approval)
{
    ck_assert(reads(model_package(ENVELOPE, NAMED
                                  ",\"ModelPackageGroupName\":\"digits\",\"ModelPackageVersion\":7,"
                                  "\"ModelPackageStatus\":\"Completed\","
                                  "\"ModelApprovalStatus\":\"Approved\","
                                  "\"UpdatedModelPackageFields\":[\"ModelApprovalStatus\"],"
                                  "\"LastModifiedTime\":\"2026-01-02T03:04:04.500Z\"")));
    ck_assert_int_eq(ev.kind, EVENT_MODEL_PACKAGE);
    ck_assert_str_eq(ev.id, "e-1");
    ck_assert_str_eq(ev.account, "111122223333");
    ck_assert_str_eq(ev.region, "eu-central-1");
    ck_assert_int_eq(ev.time_ms, 1767323045000);
    ck_assert(!ev.wrapped);
    ck_assert_str_eq(ev.model_package.arn, ARN);
    ck_assert_str_eq(ev.model_package.group, "digits");
    ck_assert_int_eq(ev.model_package.version, 7);
    ck_assert_str_eq(ev.model_package.status, "Completed");
    ck_assert_int_eq(ev.model_package.approval, EVENT_APPROVAL_APPROVED);
    ck_assert_int_eq(ev.model_package.last_modified_ms, 1767323044500);
    ck_assert(ev.model_package.approval_changed);
    ck_assert(json_is(json_path(event_root(&ev), "detail.ModelApprovalStatus"), "Approved"));
}
END_TEST

START_TEST(fills_in_what_is_absent_from_the_arn_and_the_envelope)
{
    ck_assert(reads(model_package("", NAMED)));
    ck_assert_str_eq(ev.account, "111122223333");
    ck_assert_str_eq(ev.region, "eu-central-1");
    ck_assert_str_eq(ev.model_package.group, "digits");
    ck_assert_int_eq(ev.model_package.version, 7);
    ck_assert_int_eq(ev.model_package.approval, EVENT_APPROVAL_NONE);
    ck_assert_str_eq(ev.model_package.status, "");
    ck_assert_int_eq(ev.model_package.last_modified_ms, ev.time_ms);
    ck_assert(ev.model_package.approval_changed);
    ck_assert(reads(model_package(",\"account\":\"\",\"region\":null", NAMED)));
    ck_assert_str_eq(ev.account, "111122223333");
}
END_TEST

START_TEST(knows_edits_that_are_no_approval)
{
    static const struct {
        const char *fields;
        bool changed;
    } CASES[] = { { "[]", false },
                  { "[\"CustomerMetadataProperties\"]", false },
                  { "[\"ModelLifeCycle\",\"ModelApprovalStatus\"]", true },
                  { "[\"\\u004dodelApprovalStatus\"]", true },
                  { "[1,null]", false },
                  { "null", true } };
    char detail[512];

    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        snprintf(detail, sizeof(detail),
                 NAMED ",\"ModelApprovalStatus\":\"Approved\",\"UpdatedModelPackageFields\":%s",
                 CASES[i].fields);
        ck_assert(reads(model_package(ENVELOPE, detail)));
        ck_assert(ev.model_package.approval_changed == CASES[i].changed);
    }
    ck_assert(!reads(model_package(ENVELOPE, NAMED ",\"UpdatedModelPackageFields\":\"x\"")));
}
END_TEST

START_TEST(reads_every_approval_status)
{
    ck_assert(reads(model_package("", NAMED ",\"ModelApprovalStatus\":\"Rejected\"")));
    ck_assert_int_eq(ev.model_package.approval, EVENT_APPROVAL_REJECTED);
    ck_assert(reads(model_package("", NAMED ",\"ModelApprovalStatus\":\"PendingManualApproval\"")));
    ck_assert_int_eq(ev.model_package.approval, EVENT_APPROVAL_PENDING);
    ck_assert(reads(model_package("", NAMED ",\"ModelApprovalStatus\":null")));
    ck_assert_int_eq(ev.model_package.approval, EVENT_APPROVAL_NONE);
    ck_assert(!reads(model_package("", NAMED ",\"ModelApprovalStatus\":\"approved\"")));
    ck_assert_str_eq(e.text, "detail.ModelApprovalStatus: \"approved\" is no approval status");
    ck_assert(!reads(model_package("", NAMED ",\"ModelApprovalStatus\":true")));
}
END_TEST

START_TEST(refuses_an_event_that_contradicts_itself)
{
    static const struct {
        const char *envelope, *detail, *message;
    } CASES[] = {
        { ",\"account\":\"444455556666\"", NAMED,
          "the event says account 444455556666, its resource says 111122223333" },
        { ",\"region\":\"us-east-1\"", NAMED,
          "the event says Region us-east-1, its resource says eu-central-1" },
        { ENVELOPE, NAMED ",\"ModelPackageGroupName\":\"other\"",
          "the event says model package group \"other\", its ARN says \"digits\"" },
        { ENVELOPE, NAMED ",\"ModelPackageVersion\":8",
          "the event says model package version 8, its ARN says 7" },
        { ENVELOPE,
          "\"ModelPackageArn\":\"arn:aws:sagemaker:eu-central-1:111122223333:model-package/digits/"
          "8\"",
          "the event is of model package "
          "arn:aws:sagemaker:eu-central-1:111122223333:model-package/digits/8, "
          "its resource is another" },
        { ENVELOPE, NAMED ",\"LastModifiedTime\":\"yesterday\"",
          "detail.LastModifiedTime: \"yesterday\" is no RFC 3339 time" },
        { ",\"account\":\"12345\"", NAMED, "account \"12345\" is not twelve digits" },
        { ",\"account\":\"1111222233334444\"", NAMED, "account is longer than 15 bytes" },
        { ",\"account\":111122223333", NAMED, "account: a string is needed here, not a number" },
        { "", "\"ModelPackageVersion\":7", "detail.ModelPackageArn is missing" },
        { "", "\"ModelPackageArn\":7",
          "detail.ModelPackageArn: a string is needed here, not a number" },
    };

    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        ck_assert(!reads(model_package(CASES[i].envelope, CASES[i].detail)));
        ck_assert_str_eq(e.text, CASES[i].message);
    }
}
END_TEST

START_TEST(refuses_arns_that_are_not_well_formed)
{
    static const char *const BAD[] = {
        "",
        "x",
        "arn:",
        "arn:aws:sagemaker:eu-central-1:111122223333",
        "arn:aws:sagemaker:eu-central-1:111122223333:model-package/",
        "arn:aws:sagemaker:eu-central-1:111122223333:model-package",
        "arn:aws:sagemaker:eu-central-1:111122223333:model/digits/7",
        "arn:aws:s3:eu-central-1:111122223333:model-package/digits/7",
        "arn:aws:sagemaker::111122223333:model-package/digits/7",
        "arn:aws:sagemaker:eu-central-1::model-package/digits/7",
        "arn:aws:sagemaker:eu-central-1:11112222333:model-package/digits/7",
        "arn:aws:sagemaker:eu-central-1:11112222333x:model-package/digits/7",
        "arn::sagemaker:eu-central-1:111122223333:model-package/digits/7",
        "arn:aws:sagemaker:eu central:111122223333:model-package/digits/7",
        "arn:aws:sagemaker:eu-central-1:111122223333:model-package/digits/0",
        "arn:aws:sagemaker:eu-central-1:111122223333:model-package/digits/-7",
        "arn:aws:sagemaker:eu-central-1:111122223333:model-package/digits/",
        "arn:aws:sagemaker:eu-central-1:111122223333:model-package/digits/7/8",
        "arn:aws:sagemaker:eu-central-1:111122223333:model-package/di gits/7",
        "arn:aws:sagemaker:eu-central-1:111122223333:model-package/../7",
        "arn:aws:sagemaker:eu-central-1:111122223333:model-package/digits/99999999999999999999",
        "arn:aws:sagemaker:eu-central-1:111122223333:model-package/\\u0001/7"
    };
    char detail[512];

    for (size_t i = 0; i < ARRAY_LEN(BAD); i++) {
        snprintf(detail, sizeof(detail), "\"ModelPackageArn\":\"%s\"", BAD[i]);
        ck_assert_msg(!reads(model_package(ENVELOPE, detail)), "%s", BAD[i]);
        ck_assert_int_eq(e.kind, ERROR_INVALID);
    }
}
END_TEST

START_TEST(accepts_arns_of_other_partitions_and_without_version)
{
    static const char TEXT[] =
        "{\"detail-type\":\"SageMaker Model Package State Change\",\"source\":\"aws.sagemaker\","
        "\"time\":\"2026-01-02T03:04:05Z\",\"detail\":{\"ModelPackageArn\":"
        "\"arn:aws-us-gov:sagemaker:us-gov-west-1:111122223333:model-package/My-Package\"}}";

    ck_assert(reads(str_of(TEXT)));
    ck_assert_str_eq(ev.model_package.group, "");
    ck_assert_int_eq(ev.model_package.version, 0);
    ck_assert_str_eq(ev.region, "us-gov-west-1");
}
END_TEST

START_TEST(bounds_the_length_of_an_arn)
{
    struct buf b = { .max = 16384 };

    buf_add(&b, STR("\"ModelPackageArn\":\"arn:aws:sagemaker:eu-central-1:111122223333:"
                    "model-package/"));
    for (int i = 0; i < 3000; i++)
        buf_char(&b, 'a');
    buf_char(&b, '"');
    ck_assert(!reads(model_package("", b.at)));
    ck_assert_str_eq(e.text, "detail.ModelPackageArn is longer than 2048 bytes");
    buf_free(&b);
}
END_TEST

START_TEST(leaves_other_events_and_other_sources_alone)
{
    static const char FORGED[] =
        "{\"detail-type\":\"SageMaker Model Package State Change\",\"source\":\"my.app\","
        "\"detail\":{\"ModelPackageArn\":\"" ARN "\",\"ModelApprovalStatus\":\"Approved\"}}";

    ck_assert(reads(STR("{\"detail-type\":\"Scheduled Event\",\"source\":\"aws.events\"}")));
    ck_assert_int_eq(ev.kind, EVENT_OTHER);
    ck_assert_str_eq(ev.detail_type, "Scheduled Event");
    ck_assert_str_eq(ev.account, "");
    ck_assert(reads(str_of(FORGED)));
    ck_assert_int_eq(ev.kind, EVENT_OTHER);
    ck_assert_int_eq(ev.model_package.approval, EVENT_APPROVAL_NONE);
    ck_assert_str_eq(ev.model_package.arn, "");
}
END_TEST

START_TEST(unwraps_an_sns_notification_once)
{
    static char inner[8192], body[20000];
    size_t used;

    snprintf(inner, sizeof(inner), "%s",
             model_package(ENVELOPE, NAMED ",\"ModelApprovalStatus\":\"Approved\"").at);
    for (int level = 1; level <= 2; level++) {
        used = (size_t)snprintf(body, sizeof(body),
                                "{\"Type\":\"Notification\",\"MessageId\":\"m\",\"Message\":\"");
        for (const char *p = inner; *p != '\0'; p++) {
            if (*p == '"' || *p == '\\')
                body[used++] = '\\';
            body[used++] = *p;
        }
        snprintf(body + used, sizeof(body) - used, "\"}");
        if (level == 1) {
            ck_assert(reads(str_of(body)));
            ck_assert(ev.wrapped);
            ck_assert_int_eq(ev.model_package.approval, EVENT_APPROVAL_APPROVED);
            ck_assert(json_is(json_path(event_root(&ev), "detail.ModelPackageArn"), ARN));
        } else {
            ck_assert(!reads(str_of(body)));
            ck_assert_str_eq(e.text, "an SNS notification inside an SNS notification");
        }
        memcpy(inner, body, sizeof(inner));
    }
}
END_TEST

START_TEST(refuses_what_sns_wraps_when_it_is_no_event)
{
    static char big[70000];

    ck_assert(!reads(STR("{\"Type\":\"Notification\",\"Message\":\"hello\"}")));
    ck_assert_ptr_nonnull(strstr(e.text, "message of an SNS notification: line 1, column 1"));
    ck_assert(!reads(STR("{\"Type\":\"Notification\",\"Message\":{\"detail-type\":\"x\"}}")));
    ck_assert(!reads(STR("{\"Type\":\"SubscriptionConfirmation\",\"Message\":\"{}\"}")));
    memset(big, 'x', sizeof(big));
    memcpy(big, "{\"Type\":\"Notification\",\"Message\":\"", 34);
    memcpy(big + sizeof(big) - 2, "\"}", 2);
    ck_assert(!reads((struct str){ big, sizeof(big) }));
    ck_assert_ptr_nonnull(strstr(e.text, "more than 65536 bytes"));
}
END_TEST

#define DEVICE "\"resources\":[\"arn:aws:greengrass:us-west-2:123456789012:coreDevices:core-1\"]"
#define GREENGRASS                                                                         \
    "{\"detail-type\":\"Greengrass V2 Effective Deployment Status Change\","               \
    "\"source\":\"aws.greengrass\",\"account\":\"123456789012\",\"region\":\"us-west-2\"," \
    "\"time\":\"2018-03-22T00:38:11Z\","

START_TEST(reads_greengrass_deployments_in_both_spellings)
{
    static const char *const SPELLINGS[] = { "deploymentId", "deployment-id" };
    char text[2048];

    for (size_t i = 0; i < ARRAY_LEN(SPELLINGS); i++) {
        snprintf(text, sizeof(text),
                 GREENGRASS DEVICE
                 ",\"detail\":{\"%s\":\"4f38\",\"coreDeviceExecutionStatus\":"
                 "\"FAILED\",\"statusDetails\":{\"errorTypes\":[\"NETWORK_ERROR\","
                 "\"X\"]},\"reason\":\"no route\"}}",
                 SPELLINGS[i]);
        ck_assert(reads(str_of(text)));
        ck_assert_int_eq(ev.kind, EVENT_GREENGRASS_DEPLOYMENT);
        ck_assert_str_eq(ev.device.deployment_id, "4f38");
        ck_assert_str_eq(ev.device.thing, "core-1");
        ck_assert_str_eq(ev.device.status, "FAILED");
        ck_assert_str_eq(ev.device.detail, "NETWORK_ERROR");
        ck_assert_str_eq(ev.device.reason, "no route");
        ck_assert_int_eq(ev.time_ms, 1521679091000);
    }
}
END_TEST

START_TEST(cuts_a_long_reason_between_characters)
{
    struct buf b = { .max = 8192 };

    buf_add(&b, STR(GREENGRASS DEVICE ",\"detail\":{\"deploymentId\":\"d\","
                                      "\"coreDeviceExecutionStatus\":\"FAILED\",\"reason\":\"x"));
    for (int i = 0; i < 300; i++)
        buf_add(&b, STR("\xC3\xA9"));
    buf_add(&b, STR("\"}}"));
    ck_assert(reads(buf_str(&b)));
    ck_assert_uint_eq(strlen(ev.device.reason), 255);
    ck_assert_uint_eq((unsigned char)ev.device.reason[254], 0xA9);
    buf_free(&b);
}
END_TEST

START_TEST(refuses_greengrass_events_without_a_device)
{
    ck_assert(!reads(STR(GREENGRASS "\"detail\":{\"deploymentId\":\"d\","
                                    "\"coreDeviceExecutionStatus\":\"SUCCEEDED\"}}")));
    ck_assert_str_eq(e.text, "resources is missing, it names the device");
    ck_assert(!reads(STR(GREENGRASS "\"resources\":[\"arn:aws:greengrass:us-west-2:999999999999:"
                                    "coreDevices:c\"],\"detail\":{\"deploymentId\":\"d\","
                                    "\"coreDeviceExecutionStatus\":\"SUCCEEDED\"}}")));
    ck_assert_str_eq(e.text, "the event says account 123456789012, its resource says 999999999999");
    ck_assert(!reads(STR(GREENGRASS DEVICE ",\"detail\":{\"coreDeviceExecutionStatus\":\"X\"}}")));
    ck_assert(!reads(STR(GREENGRASS DEVICE ",\"detail\":[]}")));
    ck_assert(!reads(STR(GREENGRASS DEVICE "}")));
}
END_TEST

START_TEST(reads_component_events)
{
    ck_assert(reads(STR("{\"detail-type\":\"Greengrass V2 Installed Component Status Change\","
                        "\"source\":\"aws.greengrass\",\"time\":\"2026-01-02T03:04:05Z\"," DEVICE
                        ",\"detail\":{\"components\":[{\"componentName\":\"digits\","
                        "\"lifecycleState\":\"BROKEN\"}]}}")));
    ck_assert_int_eq(ev.kind, EVENT_GREENGRASS_COMPONENT);
    ck_assert_str_eq(ev.device.thing, "core-1");
    ck_assert_str_eq(ev.account, "123456789012");
}
END_TEST

START_TEST(reads_iot_job_events)
{
    ck_assert(
        reads(STR("{\"eventType\":\"JOB_EXECUTION\",\"eventId\":\"i\",\"timestamp\":1521679091,"
                  "\"operation\":\"failed\",\"jobId\":\"j-1\",\"thingArn\":"
                  "\"arn:aws:iot:us-west-2:123456789012:thing/core-1\",\"status\":\"FAILED\","
                  "\"statusDetails\":{\"detailed-deployment-status\":"
                  "\"FAILED_ROLLBACK_COMPLETE\",\"deployment-failure-cause\":\"boom\"}}")));
    ck_assert_int_eq(ev.kind, EVENT_IOT_JOB_EXECUTION);
    ck_assert_str_eq(ev.device.job_id, "j-1");
    ck_assert_str_eq(ev.device.thing, "core-1");
    ck_assert_str_eq(ev.device.status, "FAILED");
    ck_assert_str_eq(ev.device.detail, "FAILED_ROLLBACK_COMPLETE");
    ck_assert_str_eq(ev.device.reason, "boom");
    ck_assert_str_eq(ev.account, "123456789012");
    ck_assert_str_eq(ev.region, "us-west-2");
    ck_assert_int_eq(ev.time_ms, 1521679091000);
    ck_assert(reads(STR("{\"eventType\":\"JOB\",\"eventId\":\"i\",\"timestamp\":1521679091000,"
                        "\"jobId\":\"j-1\",\"status\":\"COMPLETED\"}")));
    ck_assert_int_eq(ev.kind, EVENT_IOT_JOB);
    ck_assert_int_eq(ev.time_ms, 1521679091000);
    ck_assert_str_eq(ev.device.thing, "");
    ck_assert_str_eq(ev.account, "");
    ck_assert(
        !reads(STR("{\"eventType\":\"JOB\",\"timestamp\":0,\"jobId\":\"j\",\"status\":\"C\"}")));
    ck_assert(!reads(STR("{\"eventType\":\"JOB_EXECUTION\",\"timestamp\":1,\"jobId\":\"j\","
                         "\"status\":\"C\",\"thingArn\":\"core-1\"}")));
    ck_assert(
        !reads(STR("{\"eventType\":\"JOBS\",\"timestamp\":1,\"jobId\":\"j\",\"status\":\"C\"}")));
}
END_TEST

START_TEST(refuses_bodies_that_mean_nothing)
{
    static const char *const BAD[] = {
        "",
        "hello",
        "null",
        "[]",
        "{}",
        "[{\"detail-type\":\"x\"}]",
        "{\"detail-type\":1}",
        "{\"detail-type\":\"x\"}",
        "{\"detail-type\":\"x\",\"source\":null}",
        "{\"source\":\"aws.sagemaker\"}",
        "{\"eventType\":\"THING\"}",
        "{\"detail-type\":\"a\",\"source\":\"b\",\"source\":\"b\"}",
        "{\"detail-type\":\"a\",\"source\":\"b\",\"region\":\"a b\"}",
        "{\"detail-type\":\"a\",\"source\":\"b\",\"time\":\"now\"}",
        "{\"detail-type\":\"a\",\"source\":\"b\"} trailing",
        "{\"detail-type\":\"a\",\"source\":\"b\",\"x\":\"\\ud800\"}",
        "{\"detail-type\":\"a\",\"source\":\"b\",\"x\":\"\xff\"}",
        "{\"detail-type\":\"a\",\"source\":\"b\",\"x\":\"\\u0000\"}",
        "{\"detail-type\":\"SageMaker Model Package State Change\",\"source\":\"aws.sagemaker\","
        "\"detail\":{\"ModelPackageArn\":\"" ARN "\"}}"
    };

    for (size_t i = 0; i < ARRAY_LEN(BAD); i++) {
        ck_assert_msg(!reads(str_of(BAD[i])), "%s", BAD[i]);
        ck_assert_uint_gt(strlen(e.text), 0);
    }
    ck_assert(!reads((struct str){ "{\"a\0\":1}", 8 }));
}
END_TEST

START_TEST(refuses_huge_and_deep_bodies_at_once)
{
    static char body[EVENT_BODY_MAX + 1];
    struct timespec began, ended;
    size_t at;

    clock_gettime(CLOCK_MONOTONIC, &began);
    memset(body, ' ', sizeof(body));
    ck_assert(!reads((struct str){ body, sizeof(body) }));
    ck_assert_str_eq(e.text, "the body has 1048577 bytes, at most 1048576 are accepted");
    body[0] = '[';
    for (at = 1; at + 3 < EVENT_BODY_MAX; at += 3)
        memcpy(body + at, "{},", 3);
    memcpy(body + at - 1, "]", 1);
    ck_assert(!reads((struct str){ body, at }));
    memset(body, '[', 100000);
    ck_assert(!reads((struct str){ body, 100000 }));
    clock_gettime(CLOCK_MONOTONIC, &ended);
    ck_assert_double_lt((double)(ended.tv_sec - began.tv_sec), 2 * patience());
}
END_TEST

START_TEST(allows_only_accounts_that_are_named)
{
    static const char *const ACCOUNTS[] = { "444455556666", "111122223333" };

    ck_assert(reads(model_package("", NAMED)));
    ck_assert(event_allowed(&ev, ACCOUNTS, 2, &e));
    ck_assert(!event_allowed(&ev, ACCOUNTS, 1, &e));
    ck_assert_int_eq(e.kind, ERROR_DENIED);
    ck_assert_str_eq(e.text, "events of account 111122223333 are not accepted");
    ck_assert(!event_allowed(&ev, ACCOUNTS, 0, &e));
    ck_assert(reads(STR("{\"detail-type\":\"x\",\"source\":\"y\"}")));
    ck_assert(!event_allowed(&ev, ACCOUNTS, 2, &e));
    ck_assert_str_eq(event_kind_name(ev.kind), "other");
}
END_TEST

SUITE(event, reads_an_approval, fills_in_what_is_absent_from_the_arn_and_the_envelope,
      knows_edits_that_are_no_approval, reads_every_approval_status,
      refuses_an_event_that_contradicts_itself, refuses_arns_that_are_not_well_formed,
      accepts_arns_of_other_partitions_and_without_version, bounds_the_length_of_an_arn,
      leaves_other_events_and_other_sources_alone, unwraps_an_sns_notification_once,
      refuses_what_sns_wraps_when_it_is_no_event, reads_greengrass_deployments_in_both_spellings,
      cuts_a_long_reason_between_characters, refuses_greengrass_events_without_a_device,
      reads_component_events, reads_iot_job_events, refuses_bodies_that_mean_nothing,
      refuses_huge_and_deep_bodies_at_once, allows_only_accounts_that_are_named)
