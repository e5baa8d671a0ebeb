/* links: slipway_work */

/* Goal: replacing a target's whole component set changes one component and not a byte of the
 * others. */

#include "work/merge.h"

#include <string.h>

#include "suite.h"

#define LIVE                                                                       \
    "{\"aws.greengrass.Nucleus\":{\"componentVersion\":\"2.12.0\"},"               \
    "\"shop.camera\": { \"componentVersion\":\"3.1.0\", \"configurationUpdate\": " \
    "{\"merge\":\"{\\\"a\\\":null}\",\"reset\":[\"\"]}},"                          \
    "\"digits.model\":{\"componentVersion\":\"1.0.3\",\"runWith\":{\"posixUser\":\"ggc:ggc\"}}}"

static struct buf out;
static struct error e;

static const char *
fresh(void)
{
    buf_free(&out);
    out.max = 65536;
    return "";
}

static const char *
version_into(const char *live, const char *component, const char *version)
{
    fresh();
    ck_assert_msg(merge_version(str_of(live), component, version, &out, &e), "%s", e.text);
    return out.at;
}

START_TEST(only_our_component_changes)
{
    ck_assert_str_eq(version_into(LIVE, "digits.model", "1.0.4"),
                     "{\"aws.greengrass.Nucleus\":{\"componentVersion\":\"2.12.0\"},"
                     "\"shop.camera\":{ \"componentVersion\":\"3.1.0\", \"configurationUpdate\": "
                     "{\"merge\":\"{\\\"a\\\":null}\",\"reset\":[\"\"]}},"
                     "\"digits.model\":{\"componentVersion\":\"1.0.4\","
                     "\"runWith\":{\"posixUser\":\"ggc:ggc\"}}}");
    fresh();
}
END_TEST

START_TEST(a_target_without_deployment_gets_our_component_alone)
{
    ck_assert_str_eq(version_into("", "m", "1.0.0"), "{\"m\":{\"componentVersion\":\"1.0.0\"}}");
    ck_assert_str_eq(version_into("{}", "m", "1.0.0"), "{\"m\":{\"componentVersion\":\"1.0.0\"}}");
    fresh();
}
END_TEST

START_TEST(nulls_of_the_answer_are_left_out_of_the_question)
{
    ck_assert_str_eq(version_into("{\"a\":{\"componentVersion\":\"1.0.0\",\"configurationUpdate\":"
                                  "null,\"runWith\":{\"posixUser\":null,\"systemResourceLimits\":"
                                  "{\"cpus\":1.5,\"memory\":null}}},\"b\":null,\"m\":{"
                                  "\"componentVersion\":\"0.9.0\",\"runWith\":null}}",
                                  "m", "1.0.0"),
                     "{\"a\":{\"componentVersion\":\"1.0.0\",\"runWith\":{"
                     "\"systemResourceLimits\":{\"cpus\":1.5}}},\"m\":{\"componentVersion\":"
                     "\"1.0.0\"}}");
    fresh();
}
END_TEST

START_TEST(a_name_with_a_common_beginning_is_another_component)
{
    ck_assert_str_eq(version_into("{\"m2\":{\"componentVersion\":\"9.0.0\"}}", "m", "1.0.0"),
                     "{\"m2\":{\"componentVersion\":\"9.0.0\"},\"m\":{\"componentVersion\":"
                     "\"1.0.0\"}}");
    fresh();
}
END_TEST

START_TEST(an_escaped_key_is_the_same_component)
{
    ck_assert_str_eq(version_into("{\"\\u006d\":{\"componentVersion\":\"9.0.0\"}}", "m", "1.0.0"),
                     "{\"m\":{\"componentVersion\":\"1.0.0\"}}");
    fresh();
}
END_TEST

START_TEST(a_rollback_gives_the_base_entry_back_word_for_word)
{
    struct buf entry = { .max = 4096 }, next = { .max = 65536 };
    char version[64];

    ck_assert(merge_find(str_of(LIVE), "digits.model", &entry, version, sizeof(version), &e));
    ck_assert_str_eq(version, "1.0.3");
    version_into(LIVE, "digits.model", "1.0.4");
    ck_assert(merge_entry(buf_str(&out), "digits.model", buf_str(&entry), &next, &e));
    ck_assert_ptr_nonnull(strstr(next.at, "\"digits.model\":{\"componentVersion\":\"1.0.3\","
                                          "\"runWith\":{\"posixUser\":\"ggc:ggc\"}}"));
    ck_assert_ptr_nonnull(strstr(next.at, "\"shop.camera\""));
    buf_free(&entry);
    buf_free(&next);
    fresh();
}
END_TEST

START_TEST(a_rollback_to_nothing_takes_the_component_away)
{
    fresh();
    ck_assert(merge_entry(STR("{\"m\":{\"componentVersion\":\"1.0.0\"},\"n\":{\"componentVersion\":"
                              "\"2.0.0\"}}"),
                          "m", STR(""), &out, &e));
    ck_assert_str_eq(out.at, "{\"n\":{\"componentVersion\":\"2.0.0\"}}");
    fresh();
    ck_assert(merge_entry(STR("{\"m\":{\"componentVersion\":\"1.0.0\"}}"), "m", STR(""), &out, &e));
    ck_assert_str_eq(out.at, "{}");
    fresh();
}
END_TEST

START_TEST(a_component_that_is_not_there_is_not_found)
{
    struct buf entry = { .max = 4096 };
    char version[64] = "x";

    ck_assert(merge_find(STR("{}"), "m", &entry, version, sizeof(version), &e));
    ck_assert_uint_eq(entry.len, 0);
    ck_assert_str_eq(version, "");
    buf_free(&entry);
}
END_TEST

START_TEST(what_is_no_object_is_an_error)
{
    fresh();
    ck_assert(!merge_version(STR("[]"), "m", "1.0.0", &out, &e));
    ck_assert_int_eq(e.kind, ERROR_INVALID);
    ck_assert(!merge_version(STR("{\"a\":1,\"a\":2}"), "m", "1.0.0", &out, &e));
    ck_assert(!merge_version(STR("{"), "m", "1.0.0", &out, &e));
    fresh();
}
END_TEST

START_TEST(what_does_not_fit_is_an_error)
{
    struct buf small = { .max = 20 };

    ck_assert(!merge_version(str_of(LIVE), "m", "1.0.0", &small, &e));
    buf_free(&small);
}
END_TEST

START_TEST(the_rate_is_set_and_the_rest_of_the_job_configuration_stays)
{
    fresh();
    ck_assert(merge_job_configuration(
        STR("{\"abortConfig\":{\"criteriaList\":[{\"action\":\"CANCEL\"}]},"
            "\"timeoutConfig\":null,\"jobExecutionsRolloutConfig\":{\"exponentialRate\":"
            "{\"baseRatePerMinute\":5},\"maximumPerMinute\":7}}"),
        100, &out, &e));
    ck_assert_str_eq(out.at, "{\"abortConfig\":{\"criteriaList\":[{\"action\":\"CANCEL\"}]},"
                             "\"jobExecutionsRolloutConfig\":{\"exponentialRate\":"
                             "{\"baseRatePerMinute\":5},\"maximumPerMinute\":100}}");
    fresh();
    ck_assert(merge_job_configuration(STR("{}"), 3, &out, &e));
    ck_assert_str_eq(out.at, "{\"jobExecutionsRolloutConfig\":{\"maximumPerMinute\":3}}");
    fresh();
    ck_assert(merge_job_configuration(STR("{}"), 0, &out, &e));
    ck_assert_str_eq(out.at, "{}");
    fresh();
}
END_TEST

START_TEST(unpinned_components_of_aws_are_named)
{
    fresh();
    ck_assert(merge_unpinned(str_of(LIVE), &out, &e));
    ck_assert_str_eq(out.at, "[]");
    fresh();
    ck_assert(merge_unpinned(
        STR("{\"aws.greengrass.LogManager\":{\"componentVersion\":\"2.3.0\"}}"), &out, &e));
    ck_assert_str_eq(out.at, "[\"aws.greengrass.Nucleus\"]");
    fresh();
    ck_assert(merge_unpinned(STR("{\"aws.greengrass.NucleusLite\":{}}"), &out, &e));
    ck_assert_str_eq(out.at, "[\"aws.greengrass.NucleusLite\"]");
    fresh();
}
END_TEST

START_TEST(a_tag_is_compared_whole)
{
    ck_assert(merge_tag_is(STR("{\"slipway:token\":\"abc\"}"), "slipway:token", "abc"));
    ck_assert(!merge_tag_is(STR("{\"slipway:token\":\"abcd\"}"), "slipway:token", "abc"));
    ck_assert(!merge_tag_is(STR("{}"), "slipway:token", "abc"));
    ck_assert(!merge_tag_is(STR("nonsense"), "slipway:token", "abc"));
}
END_TEST

SUITE(work_merge, only_our_component_changes, a_target_without_deployment_gets_our_component_alone,
      nulls_of_the_answer_are_left_out_of_the_question,
      a_name_with_a_common_beginning_is_another_component, an_escaped_key_is_the_same_component,
      a_rollback_gives_the_base_entry_back_word_for_word,
      a_rollback_to_nothing_takes_the_component_away, a_component_that_is_not_there_is_not_found,
      what_is_no_object_is_an_error, what_does_not_fit_is_an_error,
      the_rate_is_set_and_the_rest_of_the_job_configuration_stays,
      unpinned_components_of_aws_are_named, a_tag_is_compared_whole)
