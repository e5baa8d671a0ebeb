/* links: slipway_rules slipway_base */
#include "slipway/twin_result.h"

#include <stdio.h>
#include <string.h>

#include "slipway/pattern.h"
#include "suite.h"

static struct json_token tokens[2048], base_tokens[2048], input_tokens[4096];
static struct json doc, base, input;
static struct error e;

static const struct twin_order ORDER = { .run_id = "run-1",
                                         .component = "digits.model",
                                         .version = "1.0.4",
                                         .artifact_sha256 = "abc123",
                                         .target = "linux-amd64" };

#define SUBJECT                                                                 \
    "\"schema\":\"slipway.twin-result/1\",\"run_id\":\"run-1\",\"subject\":{"   \
    "\"component\":\"digits.model\",\"version\":\"1.0.4\",\"artifact_sha256\":" \
    "\"abc123\",\"target\":\"linux-amd64\"}"
#define SUITES "\"suites\":{\"integration\":{\"status\":\"PASS\",\"passed\":5,\"failed\":0}}"

static struct json_value
read_into(struct json *d, struct json_token *t, size_t max, const char *text)
{
    if (!json_read(d, str_of(text), t, max, &e))
        ck_abort_msg("%s: %s", text, e.text);
    return json_root(d);
}

static bool
checks(const char *text)
{
    return twin_result_check(read_into(&doc, tokens, ARRAY_LEN(tokens), text), &ORDER, &e);
}

START_TEST(accepts_what_was_ordered)
{
    static const struct twin_order LITTLE = { .run_id = "run-1", .artifact_sha256 = "abc123" };

    ck_assert_msg(checks("{" SUBJECT "," SUITES
                         ",\"metrics\":{\"accuracy\":{\"value\":0.98,\"n\":450},"
                         "\"latency_us\":{\"p50\":2.1,\"n\":20000,\"scenario\":\"SingleStream\"}},"
                         "\"logs\":[\"s3://x\"]}"),
                  "%s", e.text);
    ck_assert(checks("{" SUBJECT "," SUITES ",\"metrics\":{}}"));
    ck_assert(twin_result_check(
        read_into(&doc, tokens, ARRAY_LEN(tokens),
                  "{\"schema\":\"slipway.twin-result/1\",\"run_id\":\"run-1\",\"subject\":{"
                  "\"artifact_sha256\":\"abc123\"}," SUITES ",\"metrics\":{}}"),
        &LITTLE, &e));
}
END_TEST

START_TEST(refuses_results_of_other_runs_and_artifacts)
{
    static const struct {
        struct twin_order order;
        const char *message;
    } OTHERS[] = {
        { { .run_id = "run-2" }, "twin result: run_id is \"run-1\", ordered was \"run-2\"" },
        { { .artifact_sha256 = "def" },
          "twin result: subject.artifact_sha256 is \"abc123\", ordered was \"def\"" },
        { { .component = "c" },
          "twin result: subject.component is \"digits.model\", ordered was \"c\"" },
        { { .version = "1.0.40" },
          "twin result: subject.version is \"1.0.4\", ordered was \"1.0.40\"" },
        { { .target = "arm" },
          "twin result: subject.target is \"linux-amd64\", ordered was \"arm\"" },
    };

    read_into(&doc, tokens, ARRAY_LEN(tokens), "{" SUBJECT "," SUITES ",\"metrics\":{}}");
    for (size_t i = 0; i < ARRAY_LEN(OTHERS); i++) {
        ck_assert(!twin_result_check(json_root(&doc), &OTHERS[i].order, &e));
        ck_assert_str_eq(e.text, OTHERS[i].message);
        ck_assert_int_eq(e.kind, ERROR_CONFLICT);
    }
}
END_TEST

START_TEST(says_what_is_wrong_with_a_document)
{
    static const struct {
        const char *text, *message;
    } BAD[] = {
        { "[]", "twin result: an object is needed, not an array" },
        { "{}", "twin result: schema is missing" },
        { "{\"schema\":\"slipway.twin-result/2\"}",
          "twin result: schema is \"slipway.twin-result/2\", needed \"slipway.twin-result/1\"" },
        { "{\"schema\":\"slipway.twin-result/1\"}", "twin result: run_id is missing" },
        { "{\"schema\":\"slipway.twin-result/1\",\"run_id\":\"run-1\"}",
          "twin result: subject.artifact_sha256 is missing" },
        { "{" SUBJECT "}", "twin result: suites: at least one is needed" },
        { "{" SUBJECT ",\"suites\":{}}", "twin result: suites: at least one is needed" },
        { "{" SUBJECT ",\"suites\":{\"a\":{\"status\":\"PASSED\"}}}",
          "twin result: suites.a.status must be PASS, FAIL, ERROR or SKIPPED" },
        { "{" SUBJECT ",\"suites\":{\"a\":1}}",
          "twin result: suites.a.status must be PASS, FAIL, ERROR or SKIPPED" },
        { "{" SUBJECT "," SUITES "}", "twin result: metrics: an object is needed, not nothing" },
        { "{" SUBJECT "," SUITES ",\"metrics\":{\"a\":0.5}}",
          "twin result: metrics.a: an object is needed, not a number" },
        { "{" SUBJECT "," SUITES ",\"metrics\":{\"a\":{\"value\":1e999}}}",
          "twin result: metrics.a: 1e999 is no finite number" },
        { "{" SUBJECT "," SUITES ",\"metrics\":{\"a\":{\"value\":1,\"n\":-1}}}",
          "twin result: metrics.a.n must be a count" },
        { "{" SUBJECT "," SUITES ",\"metrics\":{\"a\":{\"value\":1,\"n\":\"450\"}}}",
          "twin result: metrics.a.n must be a count" },
    };

    for (size_t i = 0; i < ARRAY_LEN(BAD); i++) {
        ck_assert(!checks(BAD[i].text));
        ck_assert_str_eq(e.text, BAD[i].message);
        ck_assert_int_ne(e.kind, ERROR_NONE);
    }
}
END_TEST

START_TEST(finds_the_suite_that_broke)
{
    char name[32];

    read_into(&doc, tokens, ARRAY_LEN(tokens),
              "{\"suites\":{\"a\":{\"status\":\"FAIL\"},\"b\":{\"status\":\"ERROR\"}}}");
    ck_assert(twin_result_broken_suite(json_root(&doc), name, sizeof(name)));
    ck_assert_str_eq(name, "b");
    read_into(&doc, tokens, ARRAY_LEN(tokens), "{\"suites\":{\"a\":{\"status\":\"FAIL\"}}}");
    ck_assert(!twin_result_broken_suite(json_root(&doc), name, sizeof(name)));
}
END_TEST

static struct json_value
derive(const char *text, const char *baseline, struct buf *out)
{
    struct json_value before = { NULL, 0 };

    buf_clear(out);
    read_into(&doc, tokens, ARRAY_LEN(tokens), text);
    if (baseline != NULL)
        before = read_into(&base, base_tokens, ARRAY_LEN(base_tokens), baseline);
    if (!twin_result_input(json_root(&doc), before, out, &e))
        ck_abort_msg("%s", e.text);
    return read_into(&input, input_tokens, ARRAY_LEN(input_tokens), out->at);
}

START_TEST(derives_nothing_without_a_baseline)
{
    struct buf out = { .max = 4096 };
    struct json_value v = derive(
        "{\"run_id\":\"r\",\"metrics\":{\"a\":{\"value\":1.5,\"n\":3}},\"baseline\":"
        "{\"present\":true},\"delta\":{\"a\":{\"value\":9}},\"ratio\":1,\"x\\ny\":[1, 2]}",
        NULL, &out);

    ck_assert_str_eq(out.at, "{\"run_id\":\"r\",\"metrics\":{\"a\":{\"value\":1.5,\"n\":3}},"
                             "\"x\\ny\":[1, 2],\"baseline\":{\"present\":false},\"delta\":{},"
                             "\"ratio\":{}}");
    ck_assert_int_eq(json_type(json_path(v, "baseline.present")), JSON_FALSE);
    buf_free(&out);
}
END_TEST

START_TEST(derives_differences_and_ratios_as_a_person_computes_them)
{
    struct buf out = { .max = 4096 };
    struct json_value v = derive("{\"metrics\":{\"accuracy\":{\"value\":0.95,\"n\":450},\"latency_"
                                 "us\":{\"p50\":2,\"p99\":30,"
                                 "\"n\":9,\"scenario\":\"S\"},\"growth\":{\"value\":5},\"new\":{"
                                 "\"value\":1},\"big\":{\"value\":"
                                 "1e308},\"text\":{\"value\":\"1\"},\"small\":{\"value\":0.3}}}",
                                 "{\"run_id\":\"before\",\"present\":false,\"metrics\":{"
                                 "\"accuracy\":{\"value\":0.955,\"n\":450},"
                                 "\"latency_us\":{\"p50\":4,\"p99\":20,\"n\":9},\"growth\":{"
                                 "\"value\":0},\"big\":{\"value\":-1e308},"
                                 "\"text\":{\"value\":1},\"small\":{\"value\":0.1}}}",
                                 &out);
    static const struct {
        const char *path, *value;
    } VALUES[] = {
        { "baseline.present", "true" },
        { "baseline.run_id", "before" },
        { "baseline.metrics.latency_us.p99", "20" },
        { "delta.accuracy.value", "-0.005" },
        { "delta.latency_us.p50", "-2" },
        { "delta.latency_us.p99", "10" },
        { "ratio.latency_us.p50", "0.5" },
        { "ratio.latency_us.p99", "1.5" },
        { "delta.growth.value", "5" },
        { "delta.small.value", "0.2" },
        { "ratio.small.value", "3" },
        { "ratio.big.value", "-1" },
    };
    static const char *const ABSENT[] = { "ratio.growth.value",
                                          "delta.accuracy.n",
                                          "delta.new",
                                          "ratio.new",
                                          "delta.big.value",
                                          "delta.text.value",
                                          "delta.latency_us.scenario" };

    for (size_t i = 0; i < ARRAY_LEN(VALUES); i++)
        ck_assert_msg(str_is(json_raw(json_path(v, VALUES[i].path)), VALUES[i].value), "%s: %s",
                      VALUES[i].path, out.at);
    for (size_t i = 0; i < ARRAY_LEN(ABSENT); i++)
        ck_assert_msg(!json_exists(json_path(v, ABSENT[i])), "%s: %s", ABSENT[i], out.at);
    buf_free(&out);
}
END_TEST

START_TEST(derives_numbers_that_patterns_can_compare)
{
    struct buf out = { .max = 4096 };
    struct json_value v = derive(
        "{\"metrics\":{\"a\":{\"value\":0.30000000000000004,\"x\":7,\"y\":1e-9}}}",
        "{\"metrics\":{\"a\":{\"value\":0.1,\"x\":3,\"y\":3e-9}}}", &out);
    struct pattern *p = pattern_new(
        STR("{\"ratio\":{\"a\":{\"x\":[{\"numeric\":[\">\",2.33,\"<\",2.34]}],"
            "\"y\":[{\"numeric\":[\"<\",0.34]}]}},"
            "\"delta\":{\"a\":{\"value\":[{\"numeric\":[\"=\",0.2]}],"
            "\"y\":[{\"numeric\":[\"=\",-2e-9]}]}}}"),
        &e);

    ck_assert_ptr_nonnull(p);
    ck_assert_msg(pattern_match(p, v), "%s", out.at);
    pattern_free(p);
    buf_free(&out);
}
END_TEST

START_TEST(refuses_what_does_not_fit)
{
    struct buf out = { .max = 64 };

    read_into(&doc, tokens, ARRAY_LEN(tokens), "{" SUBJECT "," SUITES ",\"metrics\":{}}");
    ck_assert(!twin_result_input(json_root(&doc), json_get(json_root(&doc), "none"), &out, &e));
    ck_assert_str_eq(e.text, "the twin result and its baseline need more than 64 bytes");
    buf_free(&out);
}
END_TEST

SUITE(twin_result, accepts_what_was_ordered, refuses_results_of_other_runs_and_artifacts,
      says_what_is_wrong_with_a_document, finds_the_suite_that_broke,
      derives_nothing_without_a_baseline, derives_differences_and_ratios_as_a_person_computes_them,
      derives_numbers_that_patterns_can_compare, refuses_what_does_not_fit)
