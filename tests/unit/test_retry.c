/* links: slipway_aws */

/* Goal: what is tried again, when, and how fast calls may go; and what AWS's refusals say. */

#include <stdio.h>
#include <string.h>

#include "aws/limiter.h"
#include "aws/refusal.h"
#include "aws/retry.h"
#include "aws/sqs_mend.h"
#include "aws/xml.h"
#include "slipway/json.h"
#include "suite.h"

START_TEST(codes_are_classified)
{
    ck_assert_int_eq(retry_classify("ThrottlingException", 400, true), RETRY_THROTTLING);
    ck_assert_int_eq(retry_classify("SlowDown", 503, false), RETRY_THROTTLING);
    ck_assert_int_eq(retry_classify("", 429, false), RETRY_THROTTLING);
    ck_assert_int_eq(retry_classify("LimitExceededException", 400, false), RETRY_THROTTLING);
    ck_assert_int_eq(retry_classify("LimitExceededException", 410, true), RETRY_NEVER);
    ck_assert_int_eq(retry_classify("InternalServerException", 500, false), RETRY_TRANSIENT);
    ck_assert_int_eq(retry_classify("", 502, false), RETRY_TRANSIENT);
    ck_assert_int_eq(retry_classify("", 501, false), RETRY_NEVER);
    ck_assert_int_eq(retry_classify("RequestAlreadyInProgressException", 400, false),
                     RETRY_TRANSIENT);
    ck_assert_int_eq(retry_classify("ExpiredTokenException", 400, false), RETRY_EXPIRED);
    ck_assert_int_eq(retry_classify("ValidationException", 400, false), RETRY_NEVER);
}
END_TEST

START_TEST(a_signature_is_blamed_on_the_clock_only_when_it_is_off)
{
    ck_assert(retry_means_skew("RequestTimeTooSkewed", 0));
    ck_assert(retry_means_skew("SignatureDoesNotMatch", MINUTES(5)));
    ck_assert(retry_means_skew("InvalidSignatureException", -MINUTES(5)));
    ck_assert(!retry_means_skew("SignatureDoesNotMatch", MINUTES(3)));
    ck_assert(!retry_means_skew("AccessDenied", MINUTES(50)));
}
END_TEST

START_TEST(waits_grow_with_full_jitter_to_a_bound)
{
    ck_assert_int_eq((int)retry_wait_ms(RETRY_TRANSIENT, 1, -1, 1.0), 50);
    ck_assert_int_eq((int)retry_wait_ms(RETRY_TRANSIENT, 3, -1, 1.0), 200);
    ck_assert_int_eq((int)retry_wait_ms(RETRY_TRANSIENT, 3, -1, 0.5), 100);
    ck_assert_int_eq((int)retry_wait_ms(RETRY_THROTTLING, 1, -1, 1.0), 1000);
    ck_assert_int_eq((int)retry_wait_ms(RETRY_THROTTLING, 60, -1, 1.0), 20000);
    ck_assert_int_eq((int)retry_wait_ms(RETRY_THROTTLING, 5, -1, 0.0), 0);
    ck_assert_int_eq((int)retry_wait_ms(RETRY_TRANSIENT, 1, 1500, 1.0), 1500);
    ck_assert_int_eq((int)retry_wait_ms(RETRY_THROTTLING, 9, 1500, 1.0), 6500);
    ck_assert_int_eq((int)retry_wait_ms(RETRY_TRANSIENT, 1, 999999999, 1.0), 20000);
    ck_assert_int_eq((int)retry_wait_ms(RETRY_SKEW, 4, -1, 1.0), 0);
}
END_TEST

START_TEST(a_limit_lets_a_burst_through_and_then_its_rate)
{
    struct limiter l = { .per_second = 10, .burst = 3 };
    int64_t now = 1000, passed = 0;

    for (; now < 11000; now++)
        if (limiter_wait_ms(&l, now) == 0) {
            limiter_take(&l);
            passed++;
        }
    ck_assert_int_ge((int)passed, 102);
    ck_assert_int_le((int)passed, 103);
    while (limiter_wait_ms(&l, now) == 0)
        limiter_take(&l);
    ck_assert_int_eq((int)limiter_wait_ms(&l, now + limiter_wait_ms(&l, now)), 0);
    l.per_second = 0;
    ck_assert_int_eq((int)limiter_wait_ms(&l, now), 0);
}
END_TEST

/* ---- refusals ------------------------------------------------------------------------------- */

static struct refusal
refuse(int status, const char *headers, const char *body)
{
    struct http_answer a = { .status = status, .headers = str_of(headers), .body = str_of(body) };
    struct refusal r;

    refusal_read(&a, &r);
    return r;
}

START_TEST(every_protocol_refuses_in_its_own_way)
{
    struct refusal r = refuse(
        400, "x-amzn-query-error: AWS.SimpleQueueService.NonExistentQueue;Sender\r\n",
        "{\"__type\":\"com.amazonaws.sqs#QueueDoesNotExist\",\"message\":\"gone\"}");

    ck_assert_str_eq(r.code, "QueueDoesNotExist");
    ck_assert_str_eq(r.message, "gone");
    r = refuse(400, "x-amzn-ErrorType: ValidationException:http://internal/\r\n",
               "{\"Message\":\"bad \\u001b[31mname\\n\"}");
    ck_assert_str_eq(r.code, "ValidationException");
    ck_assert_str_eq(r.message, "bad  [31mname ");
    r = refuse(403, "",
               "<ErrorResponse xmlns=\"https://sts\"><Error><Type>Sender</Type><Code>AccessDenied"
               "</Code><Message>a &lt;b&gt; &#x41;</Message></Error></ErrorResponse>");
    ck_assert_str_eq(r.code, "AccessDenied");
    ck_assert_str_eq(r.message, "a <b> A");
    r = refuse(404, "", "<?xml version=\"1.0\"?>\n<Error><Code>NoSuchKey</Code></Error>");
    ck_assert_str_eq(r.code, "NoSuchKey");
    r = refuse(412, "", "");
    ck_assert_str_eq(r.code, "PreconditionFailed");
    r = refuse(400, "x-amzn-query-error: Some.Code;Sender\r\n", "{}");
    ck_assert_str_eq(r.code, "Some.Code");
}
END_TEST

START_TEST(what_is_not_awss_own_is_told_by_its_type)
{
    struct refusal r = refuse(502, "Content-Type: text/html\r\n", "<html><body><h1>Bad</body>");

    ck_assert_str_eq(r.code, "");
    ck_assert_str_eq(r.message, "answered 502 with text/html");
    r = refuse(500, "", "{\"__type\":\"Cut");
    ck_assert_str_eq(r.message, "answered 500 with text of no type");
    r = refuse(500, "", "");
    ck_assert_str_eq(r.message, "answered 500 with an empty body");
    r = refuse(500, "Content-Type: \x1b[2J\r\n", "x");
    ck_assert_str_eq(r.message, "answered 500 with  [2J");
}
END_TEST

START_TEST(a_message_is_cut_at_a_whole_character)
{
    char buf[8];

    refusal_clean(buf, sizeof(buf), STR("abcdef\xc3\xa9"));
    ck_assert_str_eq(buf, "abcdef");
    refusal_clean(buf, sizeof(buf),
                  STR("ab\xc2\x9b"
                      "c"));
    ck_assert_str_eq(buf, "ab  c");
}
END_TEST

START_TEST(xml_outside_the_plain_kind_is_refused)
{
    static const char *const BAD[] = {
        "",
        "x",
        "<a>",
        "<a></b>",
        "</a>",
        "<a/><b/>",
        "<a>&foo;</a>",
        "<a>&#0;</a>",
        "<a b></a>",
        "<a b=c></a>",
        "<!DOCTYPE a [<!ENTITY x \"y\">]><a>&x;</a>",
        "<a><![CDATA[x]]></a>",
        "<a><!-- --></a>",
        "<a>&#xD800;</a>",
        "<a b=\"<\"></a>",
        "<?xml version=\"1.0\"",
        "<a>&amp</a>",
        "<a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a></a></a></a></a></a></a></a></a></a></"
        "a>"
        "</a></a></a></a></a></a></a>",
    };
    char buf[16];
    struct error e;

    for (size_t i = 0; i < ARRAY_LEN(BAD); i++) {
        e.kind = ERROR_NONE;
        ck_assert_msg(!xml_text(str_of(BAD[i]), "a", buf, sizeof(buf), &e), "%s", BAD[i]);
        ck_assert_msg(e.kind == ERROR_INVALID, "%s", BAD[i]);
    }
    ck_assert(xml_text(STR("<a><b/><b>2</b><c x='1' y = \"2\" > \n3</c></a>\n"), "a/b", buf,
                       sizeof(buf), &e));
    ck_assert_str_eq(buf, "");
    ck_assert(xml_text(STR("<a><c x='1' y = \"2\" >3&apos;</c></a>"), "a/c", buf, sizeof(buf), &e));
    ck_assert_str_eq(buf, "3'");
    ck_assert(!xml_text(STR("<a>0123456789abcdef</a>"), "a", buf, sizeof(buf), &e));
    ck_assert(!xml_text(STR("<a></a>"), "a/b", buf, sizeof(buf), &e));
    ck_assert_int_eq(e.kind, ERROR_NOT_FOUND);
}
END_TEST

START_TEST(a_spoilt_message_is_mended_into_readable_json)
{
    static const struct {
        const char *text, *mended;
    } CASES[] = {
        { "{\"a\":\"\\u0000\"}", "{\"a\":\"\\u0001\"}" },
        { "[\"\\ud83d\\ude00 \\ud800 \\udc00\"]", "[\"\\ud83d\\ude00 \\u0001 \\u0001\"]" },
        { "[\"\xff\xc3\xa9\xed\xa0\x80\"]", "[\"\\u0001\xc3\xa9\\u0001\\u0001\\u0001\"]" },
        { "[\"a\nb\\\"c\\\\\",\n1]", "[\"a\\u0001b\\\"c\\\\\",\n1]" },
    };
    struct json_token tokens[16];
    struct json doc;
    struct error e;

    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        struct buf b = { .max = 1000 };

        ck_assert(!json_read(&doc, str_of(CASES[i].text), tokens, ARRAY_LEN(tokens), &e));
        sqs_mend(&b, str_of(CASES[i].text));
        ck_assert_str_eq(b.at, CASES[i].mended);
        ck_assert_msg(json_read(&doc, buf_str(&b), tokens, ARRAY_LEN(tokens), &e), "%s", e.text);
        buf_free(&b);
    }
}
END_TEST

SUITE(retry, codes_are_classified, a_signature_is_blamed_on_the_clock_only_when_it_is_off,
      waits_grow_with_full_jitter_to_a_bound, a_limit_lets_a_burst_through_and_then_its_rate,
      every_protocol_refuses_in_its_own_way, what_is_not_awss_own_is_told_by_its_type,
      a_message_is_cut_at_a_whole_character, xml_outside_the_plain_kind_is_refused,
      a_spoilt_message_is_mended_into_readable_json)
