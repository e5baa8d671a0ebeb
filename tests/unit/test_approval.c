/* links: slipway_rules slipway_base */

/* Goal: a decision is read only if all of it is as documented, and only who may decide decides. */

#include "slipway/approval.h"

#include <stdio.h>
#include <string.h>

#include "suite.h"

#define DIGEST "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

START_TEST(reads_a_decision)
{
    struct approval a;
    struct error e;

    ck_assert(approval_read(
        STR("{\"deployment\":7,\"digest\":\"" DIGEST "\",\"decision\":"
            "\"approve\",\"approver\":\"ada\",\"comment\":\"l\\u00f6oks \\\"good\\\"\"}"),
        &a, &e));
    ck_assert_int_eq(a.deployment_id, 7);
    ck_assert_str_eq(a.digest, DIGEST);
    ck_assert_str_eq(a.decision, "approve");
    ck_assert_str_eq(a.approver, "ada");
    ck_assert_str_eq(a.comment, "l\xc3\xb6oks \"good\"");
    ck_assert(approval_read(STR("{\"deployment\":7,\"decision\":\"cancel\",\"approver\":\"ada\"}"),
                            &a, &e));
    ck_assert_str_eq(a.digest, "");
    ck_assert_str_eq(a.comment, "");
}
END_TEST

START_TEST(refuses_everything_else_with_the_member)
{
    static const struct {
        const char *body, *word;
    } CASES[] = {
        { "", "" },
        { "[]", "an object is needed" },
        { "{}", "deployment" },
        { "{\"deployment\":\"7\",\"decision\":\"cancel\",\"approver\":\"a\"}", "deployment" },
        { "{\"deployment\":7.0,\"decision\":\"cancel\",\"approver\":\"a\"}", "deployment" },
        { "{\"deployment\":7,\"approver\":\"a\"}", "decision" },
        { "{\"deployment\":7,\"decision\":\"Approve\",\"approver\":\"a\"}", "decision" },
        { "{\"deployment\":7,\"decision\":\"approve\",\"approver\":\"a\"}", "digest" },
        { "{\"deployment\":7,\"decision\":\"reject\",\"approver\":\"a\"}", "digest" },
        { "{\"deployment\":7,\"decision\":\"cancel\",\"approver\":\"a\",\"digest\":\"\"}",
          "digest" },
        { "{\"deployment\":7,\"decision\":\"cancel\",\"approver\":\"a\",\"digest\":\"ABC\"}",
          "digest" },
        { "{\"deployment\":7,\"decision\":\"cancel\",\"approver\":\"a\",\"digest\":null}",
          "digest" },
        { "{\"deployment\":7,\"decision\":\"cancel\"}", "approver" },
        { "{\"deployment\":7,\"decision\":\"cancel\",\"approver\":\"a\",\"comment\":1}",
          "comment" },
        { "{\"deployment\":7,\"decision\":\"cancel\",\"approver\":\"a\",\"force\":true}", "force" },
        { "{\"deployment\":7,\"deployment\":8,\"decision\":\"cancel\",\"approver\":\"a\"}", "" },
        { "{\"deployment\":7,\"decision\":\"cancel\",\"approver\":\"a\"} x", "" },
    };
    struct approval a;
    struct error e;

    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        ck_assert_msg(!approval_read(str_of(CASES[i].body), &a, &e), "%s", CASES[i].body);
        ck_assert_int_eq(e.kind, ERROR_INVALID);
        ck_assert_msg(strstr(e.text, CASES[i].word) != NULL, "%s: %s", CASES[i].body, e.text);
    }
}
END_TEST

START_TEST(bounds_the_comment_in_characters)
{
    char body[4096], comment[2048] = "";
    struct approval a;
    struct error e;

    for (int i = 0; i < APPROVAL_COMMENT_MAX; i++)
        memcpy(comment + 2 * i, "\xc3\xb6", 3);
    snprintf(body, sizeof(body),
             "{\"deployment\":7,\"decision\":\"cancel\",\"approver\":\"a\",\"comment\":\"%s\"}",
             comment);
    ck_assert(approval_read(str_of(body), &a, &e));
    snprintf(body, sizeof(body),
             "{\"deployment\":7,\"decision\":\"cancel\",\"approver\":\"a\",\"comment\":\"%sx\"}",
             comment);
    ck_assert(!approval_read(str_of(body), &a, &e));
}
END_TEST

START_TEST(both_lists_must_allow)
{
    const char *ada[] = { "ada" }, *digits[] = { "digits" };
    struct pipeline_settings p = { .name = "digits" }, other = { .name = "faces" };
    struct approver_settings people[] = { { .name = "ada" }, { .name = "bob" } };
    struct settings s = { .approvers = people, .approver_count = 2 };
    struct error e;

    ck_assert(approval_allowed(&s, &p, "ada", &e) && approval_allowed(&s, &p, "bob", &e));
    ck_assert(!approval_allowed(&s, &p, "eve", &e));
    ck_assert_int_eq(e.kind, ERROR_DENIED);
    p.approval.approvers = (struct setting_list){ ada, 1 };
    ck_assert(approval_allowed(&s, &p, "ada", &e) && !approval_allowed(&s, &p, "bob", &e));
    ck_assert(approval_allowed(&s, &other, "bob", &e));
    people[0].pipelines = (struct setting_list){ digits, 1 };
    ck_assert(approval_allowed(&s, &p, "ada", &e) && !approval_allowed(&s, &other, "ada", &e));
    ck_assert_str_eq(e.text, "ada may not decide on pipeline faces");
}
END_TEST

SUITE(approval, reads_a_decision, refuses_everything_else_with_the_member,
      bounds_the_comment_in_characters, both_lists_must_allow)
