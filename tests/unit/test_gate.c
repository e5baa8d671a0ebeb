/* links: slipway_rules slipway_base */
#include "slipway/gate.h"

#include <stdio.h>
#include <string.h>

#include "slipway/memory.h"
#include "suite.h"

static struct json_token tokens[1024];
static struct json doc;
static struct gate_verdict verdicts[8];
static struct error e;

static struct json_value
read_text(const char *text)
{
    if (!json_read(&doc, str_of(text), tokens, ARRAY_LEN(tokens), &e))
        ck_abort_msg("%s: %s", text, e.text);
    return json_root(&doc);
}

/* Judges one gate and returns the outcome of it. */
static enum gate_outcome
judge(const char *pattern, const char *when, enum gate_mode mode, const char *input)
{
    struct gate_settings gate = { .name = "g", .pattern = pattern, .when = when, .mode = mode };

    if (!gate_check(&gate, &e))
        ck_abort_msg("%s", e.text);
    if (gate_judge(&gate, 1, read_text(input), verdicts) == GATE_SKIPPED)
        ck_abort_msg("all gates together are never skipped");
    return verdicts[0].outcome;
}

static void
expect(const char *pattern, const char *input, enum gate_outcome outcome, const char *text)
{
    enum gate_outcome seen = judge(pattern, NULL, GATE_REQUIRE, input);

    ck_assert_str_eq(verdicts[0].text, text);
    ck_assert_int_eq(seen, outcome);
}

#define FLOOR                                                                                      \
    "{\"metrics\":{\"accuracy\":{\"value\":[{\"numeric\":[\">=\",0.95]}],\"n\":[{\"numeric\":[\">" \
    "=\",400]}]}}}"

START_TEST(names_gate_value_and_limit)
{
    expect(FLOOR, "{\"metrics\":{\"accuracy\":{\"value\":0.9867,\"n\":450}}}", GATE_PASSED,
           "gate g: passed");
    expect(FLOOR, "{\"metrics\":{\"accuracy\":{\"value\":0.95,\"n\":400}}}", GATE_PASSED,
           "gate g: passed");
    expect(FLOOR, "{\"metrics\":{\"accuracy\":{\"value\":0.9411,\"n\":450}}}", GATE_FAILED,
           "gate g: metrics.accuracy.value is 0.9411, needed >= 0.95");
    expect(FLOOR, "{\"metrics\":{\"accuracy\":{\"value\":\"0.99\",\"n\":450}}}", GATE_FAILED,
           "gate g: metrics.accuracy.value is \"0.99\", needed >= 0.95");
    expect("{\"suites\":{\"i\":{\"status\":[\"PASS\"]}}}",
           "{\"suites\":{\"i\":{\"status\":\"FAIL\"}}}", GATE_FAILED,
           "gate g: suites.i.status is \"FAIL\", needed \"PASS\"");
    expect("{\"metrics\":{\"l\":{\"p99\":[{\"numeric\":[\">\",0,\"<\",20000]}]}}}",
           "{\"metrics\":{\"l\":{\"p99\":2e4}}}", GATE_FAILED,
           "gate g: metrics.l.p99 is 2e4, needed > 0 and < 20000");
}
END_TEST

START_TEST(is_inconclusive_when_too_little_was_measured)
{
    expect(FLOOR, "{\"metrics\":{\"accuracy\":{\"value\":0.99,\"n\":12}}}", GATE_INCONCLUSIVE,
           "gate g: metrics.accuracy.n is 12, needed >= 400");
    expect(FLOOR, "{\"metrics\":{\"accuracy\":{\"value\":0.99}}}", GATE_INCONCLUSIVE,
           "gate g: metrics.accuracy.n is missing, needed >= 400");
    expect(FLOOR, "{\"metrics\":{\"accuracy\":{\"n\":450}}}", GATE_INCONCLUSIVE,
           "gate g: metrics.accuracy.value is missing, needed >= 0.95");
    expect(FLOOR, "{\"metrics\":{}}", GATE_INCONCLUSIVE,
           "gate g: metrics.accuracy.value is missing, needed >= 0.95");
    expect(FLOOR, "{}", GATE_INCONCLUSIVE,
           "gate g: metrics.accuracy.value is missing, needed >= 0.95");
    /* An object or an empty array is no value. */
    expect(FLOOR, "{\"metrics\":{\"accuracy\":{\"value\":{},\"n\":450}}}", GATE_INCONCLUSIVE,
           "gate g: metrics.accuracy.value is missing, needed >= 0.95");
    expect(FLOOR, "{\"metrics\":{\"accuracy\":{\"value\":[],\"n\":450}}}", GATE_INCONCLUSIVE,
           "gate g: metrics.accuracy.value is missing, needed >= 0.95");
    /* A wrong value outweighs what is missing beside it. */
    expect(FLOOR, "{\"metrics\":{\"accuracy\":{\"value\":0.5,\"n\":12}}}", GATE_FAILED,
           "gate g: metrics.accuracy.value is 0.5, needed >= 0.95");
}
END_TEST

START_TEST(does_not_pass_what_is_absent)
{
    struct gate_settings gate = { .name = "g",
                                  .pattern = "{\"metrics\":{\"x\":[{\"exists\":false},1]}}" };

    ck_assert(!gate_check(&gate, &e));
    ck_assert_ptr_nonnull(strstr(e.text, "gate g: pattern: {\"exists\": false}"));
    /* Even if it was never checked. */
    ck_assert_int_eq(gate_judge(&gate, 1, read_text("{\"metrics\":{}}"), verdicts),
                     GATE_INCONCLUSIVE);
    gate.pattern = "{\"metrics\":{\"x\":[{\"anything-but\":1}]}}";
    ck_assert(gate_check(&gate, &e));
    ck_assert_int_eq(gate_judge(&gate, 1, read_text("{\"metrics\":{}}"), verdicts),
                     GATE_INCONCLUSIVE);
}
END_TEST

START_TEST(skips_what_does_not_apply_and_warns_where_told)
{
    static const char WHEN[] = "{\"baseline\":{\"present\":[true]}}";
    static const char ABSENT[] = "{\"baseline\":{\"present\":[{\"exists\":false}]}}";
    static const char INPUT[] =
        "{\"baseline\":{\"present\":false},\"metrics\":{\"accuracy\":{\"value\":0.5,\"n\":450}}}";

    ck_assert_int_eq(judge(FLOOR, WHEN, GATE_REQUIRE, INPUT), GATE_SKIPPED);
    ck_assert_str_eq(verdicts[0].text, "gate g: skipped, does not apply");
    ck_assert_int_eq(judge(FLOOR, ABSENT, GATE_REQUIRE, INPUT), GATE_SKIPPED);
    ck_assert_int_eq(judge(FLOOR, NULL, GATE_WARN, INPUT), GATE_WARNED);
    ck_assert_str_eq(verdicts[0].text, "gate g: metrics.accuracy.value is 0.5, needed >= 0.95");
    ck_assert_int_eq(judge(FLOOR, NULL, GATE_WARN, "{}"), GATE_WARNED);
    ck_assert_int_eq(judge(FLOOR, WHEN, GATE_WARN, INPUT), GATE_SKIPPED);
}
END_TEST

START_TEST(checks_gates_when_they_are_configured)
{
    static const struct {
        struct gate_settings gate;
        const char *message;
    } BAD[] = {
        { { .pattern = "{}" }, "a gate without a name" },
        { { .name = "g" }, "gate g: the pattern is missing" },
        { { .name = "g", .pattern = "{\"a\":[1,]}" },
          "gate g: pattern: line 1, column 9: a value is needed here, not ']'" },
        { { .name = "g", .pattern = "{\"a\":1}" },
          "gate g: pattern: line 1, column 6: \"a\" must be an object or an array, not a number" },
        { { .name = "g", .pattern = "{\"a\":[1]}", .when = "[]" },
          "gate g: when: line 1, column 1: a pattern is an object, not an array" },
    };

    for (size_t i = 0; i < ARRAY_LEN(BAD); i++) {
        ck_assert(!gate_check(&BAD[i].gate, &e));
        ck_assert_str_eq(e.text, BAD[i].message);
        ck_assert_int_eq(e.kind, ERROR_INVALID);
    }
}
END_TEST

static const struct gate_settings GATES[] = {
    { .name = "integration", .pattern = "{\"suites\":{\"integration\":{\"status\":[\"PASS\"]}}}" },
    { .name = "floor", .pattern = FLOOR },
    { .name = "drift",
      .pattern = "{\"metrics\":{\"kl\":{\"value\":[{\"numeric\":[\"<\",0.05]}]}}}",
      .mode = GATE_WARN },
    { .name = "regression",
      .when = "{\"baseline\":{\"present\":[true]}}",
      .pattern = "{\"delta\":{\"accuracy\":{\"value\":[{\"numeric\":[\">=\",-0.005]}]}}}" },
};

static enum gate_outcome
judge_all(const char *text, char *summary, size_t size)
{
    struct json_value input = read_text(text);
    enum gate_outcome all = gate_judge(GATES, ARRAY_LEN(GATES), input, verdicts);

    gate_summary(all, input, verdicts, ARRAY_LEN(GATES), summary, size);
    return all;
}

START_TEST(weighs_all_gates)
{
    char s[480];

    ck_assert_int_eq(judge_all("{\"suites\":{\"integration\":{\"status\":\"PASS\"}},\"metrics\":{"
                               "\"accuracy\":{\"value\":0.96,\"n\":450},\"kl\":{\"value\":0.5}}}",
                               s, sizeof(s)),
                     GATE_PASSED);
    ck_assert_str_eq(s, "2 gates passed, 1 skipped, 1 warned");
    ck_assert_int_eq(judge_all("{\"suites\":{\"integration\":{\"status\":\"PASS\"}},\"metrics\":{"
                               "\"accuracy\":{\"value\":0.94,\"n\":450}}}",
                               s, sizeof(s)),
                     GATE_FAILED);
    ck_assert_str_eq(s, "gate floor: metrics.accuracy.value is 0.94, needed >= 0.95");
    ck_assert_int_eq(
        judge_all("{\"suites\":{\"integration\":{\"status\":\"PASS\"}}}", s, sizeof(s)),
        GATE_INCONCLUSIVE);
    ck_assert_str_eq(s, "gate floor: metrics.accuracy.value is missing, needed >= 0.95");
    ck_assert_int_eq(
        judge_all("{\"suites\":{\"integration\":{\"status\":\"FAIL\"}}}", s, sizeof(s)),
        GATE_FAILED);
    ck_assert_str_eq(s, "gate integration: suites.integration.status is \"FAIL\", needed \"PASS\"");
    ck_assert_int_eq(judge_all("{\"suites\":{\"integration\":{\"status\":\"PASS\"}},\"metrics\":{"
                               "\"accuracy\":{\"value\":0.96,\"n\":450}},\"baseline\":{\"present\":"
                               "true},\"delta\":{\"accuracy\":{\"value\":-0.006}}}",
                               s, sizeof(s)),
                     GATE_FAILED);
    ck_assert_str_eq(s, "gate regression: delta.accuracy.value is -0.006, needed >= -0.005");
}
END_TEST

START_TEST(is_inconclusive_when_the_tests_broke)
{
    static const char OTHER[] = "{\"suites\":{\"integration\":{\"status\":\"PASS\"},\"stress\":{"
                                "\"status\":\"ERROR\"}},\"metrics\":{\"accuracy\":{\"value\":0.96,"
                                "\"n\":450}}}";
    char s[480];

    ck_assert_int_eq(judge_all(OTHER, s, sizeof(s)), GATE_INCONCLUSIVE);
    ck_assert_str_eq(s, "suite stress: the tests themselves broke (status ERROR)");
    ck_assert_int_eq(judge_all("{\"suites\":{\"integration\":{\"status\":\"ERROR\"}},\"metrics\":{"
                               "\"accuracy\":{\"value\":0.96,\"n\":450}}}",
                               s, sizeof(s)),
                     GATE_INCONCLUSIVE);
    ck_assert_str_eq(s,
                     "gate integration: suites.integration.status is \"ERROR\", needed \"PASS\"");
    ck_assert_int_eq(gate_judge(NULL, 0, read_text(OTHER), NULL), GATE_INCONCLUSIVE);
    ck_assert_int_eq(
        gate_judge(NULL, 0, read_text("{\"suites\":{\"a\":{\"status\":\"FAIL\"}}}"), NULL),
        GATE_FAILED);
    ck_assert_int_eq(
        gate_judge(NULL, 0, read_text("{\"suites\":{\"a\":{\"status\":\"PASS\"}}}"), NULL),
        GATE_PASSED);
    gate_summary(GATE_PASSED, json_root(&doc), NULL, 0, s, sizeof(s));
    ck_assert_str_eq(s, "0 gates passed");
    ck_assert_str_eq(gate_outcome_name(GATE_INCONCLUSIVE), "inconclusive");
}
END_TEST

SUITE(gate, names_gate_value_and_limit, is_inconclusive_when_too_little_was_measured,
      does_not_pass_what_is_absent, skips_what_does_not_apply_and_warns_where_told,
      checks_gates_when_they_are_configured, weighs_all_gates, is_inconclusive_when_the_tests_broke)
