/* links: slipway_wire slipway_base */

/* Goal: every request head that two readers could understand differently is refused. */

#include "wire/http_head.h"

#include <stdio.h>
#include <string.h>

#include "suite.h"

#define HOST "Host: x\r\n"
#define POST "POST /p HTTP/1.1\r\n" HOST

/* What becomes of a head: 0 good, a status, -1 never ends, -2 broken on sight. */
static int
judge_bytes(struct http_head *h, struct str bytes)
{
    size_t from = 0, len = 0;
    const char *why = NULL;
    int status;

    switch (http_head_find(bytes, &from, &len)) {
    case HTTP_HEAD_UNFINISHED:
        return -1;
    case HTTP_HEAD_BROKEN:
        return -2;
    case HTTP_HEAD_FINISHED:
        break;
    }
    status = http_head_read(h, (struct str){ bytes.at, len }, &why);
    ck_assert_msg(status == 0 || (why != NULL && why[0] != '\0'), "refused without a reason");
    return status;
}

static int
judge(const char *text)
{
    struct http_head h;

    return judge_bytes(&h, str_of(text));
}

START_TEST(reads_an_ordinary_request)
{
    struct http_head h;
    struct str value;

    ck_assert_int_eq(judge_bytes(&h, STR("POST /v1/deployments/7/decision?a=1&b=2 HTTP/1.1\r\n"
                                         "hOsT: [::1]:8470\r\n"
                                         "Content-Length:  12\t\r\n"
                                         "Connection: keep-alive, Close\r\n"
                                         "\r\nrest")),
                     0);
    ck_assert(str_is(h.method, "POST"));
    ck_assert(str_is(h.path, "/v1/deployments/7/decision"));
    ck_assert(str_is(h.host, "[::1]"));
    ck_assert_uint_eq(h.body_len, 12);
    ck_assert(h.wants_close);
    ck_assert(str_is(http_head_field(&h, "content-LENGTH"), "12"));
    ck_assert(http_query(h.query, "b", &value) && str_is(value, "2"));
    ck_assert(!http_query(h.query, "c", &value));
}
END_TEST

START_TEST(refuses_what_could_be_cut_in_two_ways)
{
    static const struct {
        const char *text;
        int status;
    } CASES[] = {
        { POST "Content-Length: 5\r\nContent-Length: 5\r\n\r\n", 400 },
        { POST "Content-Length: 5\r\nContent-Length: 6\r\n\r\n", 400 },
        { POST "Content-Length: +5\r\n\r\n", 400 },
        { POST "Content-Length: -5\r\n\r\n", 400 },
        { POST "Content-Length: 0x5\r\n\r\n", 400 },
        { POST "Content-Length: 5, 5\r\n\r\n", 400 },
        { POST "Content-Length: 5 5\r\n\r\n", 400 },
        { POST "Content-Length:\r\n\r\n", 400 },
        { POST "Content-Length : 5\r\n\r\n", 400 },
        { POST " Content-Length: 5\r\n\r\n", 400 },
        { POST "X: a\r\n b\r\nContent-Length: 5\r\n\r\n", 400 },
        { POST "Content-Length: 65537\r\n\r\n", 413 },
        { POST "Content-Length: 99999999999999999999999\r\n\r\n", 413 },
        { POST "Content-Length: 65536\r\n\r\n", 0 },
        { POST "\r\n", 411 },
        { POST "Transfer-Encoding: chunked\r\n\r\n", 411 },
        { POST "Transfer-Encoding: xchunked\r\n\r\n", 411 },
        { POST "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n", 400 },
        { POST "Content-Length: 5\r\nTransfer-Encoding: identity\r\n\r\n", 400 },
        { "GET / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n", 411 },
        { "GET / HTTP/1.1\r\n" HOST "Content-Length: 1\r\n\r\n", 400 },
        { "GET / HTTP/1.1\r\n" HOST "Content-Length: 0\r\n\r\n", 0 },
    };

    for (size_t i = 0; i < ARRAY_LEN(CASES); i++)
        ck_assert_msg(judge(CASES[i].text) == CASES[i].status, "%d, not %d, for:\n%s",
                      judge(CASES[i].text), CASES[i].status, CASES[i].text);
}
END_TEST

START_TEST(refuses_a_missing_doubled_or_odd_host)
{
    static const char *const BAD[] = {
        "",
        "Host: a\r\nHost: a\r\n",
        "Host: a\r\nhost: b\r\n",
        "Host:\r\n",
        "Host: a b\r\n",
        "Host: a:b\r\n",
        "Host: a:\r\n",
        "Host: user@a\r\n",
        "Host: a/b\r\n",
        "Host: [::1\r\n",
        "Host: [::1]x\r\n",
        "Host: :80\r\n",
    };
    char text[256];

    for (size_t i = 0; i < ARRAY_LEN(BAD); i++) {
        snprintf(text, sizeof(text), "GET / HTTP/1.1\r\n%s\r\n", BAD[i]);
        ck_assert_msg(judge(text) == 400, "%d for %s", judge(text), BAD[i]);
    }
    ck_assert_int_eq(judge("GET / HTTP/1.0\r\n\r\n"), 400);
    ck_assert_int_eq(judge("GET / HTTP/1.0\r\nHost: slipway.example.com:8470\r\n\r\n"), 0);
}
END_TEST

START_TEST(refuses_an_odd_request_line)
{
    static const struct {
        const char *line;
        int status;
    } CASES[] = {
        { "GET / HTTP/1.1", 0 },
        { "GET / HTTP/1.0", 0 },
        { "GET / HTTP/2.0", 505 },
        { "GET / HTTP/1.2", 505 },
        { "GET / HTTP/1.-97", 400 },
        { "GET / http/1.1", 400 },
        { "GET / HTTP/1.1 ", 400 },
        { "GET  / HTTP/1.1", 400 },
        { " GET / HTTP/1.1", 400 },
        { "GET /", 400 },
        { "GET", 400 },
        { "", 400 },
        { "GET http://x/ HTTP/1.1", 400 },
        { "GET * HTTP/1.1", 400 },
        { "GET x HTTP/1.1", 400 },
        { "GET /a#b HTTP/1.1", 400 },
        { "GET /\xc3\xa9 HTTP/1.1", 400 },
        { "G\tT / HTTP/1.1", 400 },
        { "GET\t/ HTTP/1.1", 400 },
        { "PUT / HTTP/1.1", 501 },
        { "DELETE / HTTP/1.1", 501 },
        { "get / HTTP/1.1", 501 },
        { "HEAD / HTTP/1.1", 0 },
    };
    char text[256];

    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        snprintf(text, sizeof(text), "%s\r\nHost: x\r\n\r\n", CASES[i].line);
        ck_assert_msg(judge(text) == CASES[i].status, "%d for %s", judge(text), CASES[i].line);
    }
}
END_TEST

START_TEST(refuses_signature_headers_that_come_twice)
{
    static const char *const NAMES[] = { "webhook-id",   "webhook-timestamp", "webhook-signature",
                                         "Content-Type", "Authorization",     "Expect" };
    char text[256];

    for (size_t i = 0; i < ARRAY_LEN(NAMES); i++) {
        snprintf(text, sizeof(text), POST "Content-Length: 0\r\n%s: 1\r\n%s: 1\r\n\r\n", NAMES[i],
                 NAMES[i]);
        ck_assert_msg(judge(text) == 400, "%s", NAMES[i]);
    }
    ck_assert_int_eq(judge(POST "Content-Length: 0\r\nAccept: a\r\nAccept: b\r\n\r\n"), 0);
}
END_TEST

START_TEST(refuses_odd_fields_and_expectations)
{
    ck_assert_int_eq(judge(POST "no colon\r\nContent-Length: 0\r\n\r\n"), 400);
    ck_assert_int_eq(judge(POST ": no name\r\nContent-Length: 0\r\n\r\n"), 400);
    ck_assert_int_eq(judge(POST "a b: c\r\nContent-Length: 0\r\n\r\n"), 400);
    ck_assert_int_eq(judge(POST "Content-Length: 1\r\nExpect: 200-ok\r\n\r\n"), 417);
    ck_assert_int_eq(judge(POST "Content-Length: 1\r\nExpect: 100-Continue\r\n\r\n"), 0);
}
END_TEST

START_TEST(refuses_more_fields_than_it_keeps)
{
    char text[2048] = "GET / HTTP/1.1\r\nHost: x\r\n";
    size_t at = strlen(text);

    for (int i = 0; i < HTTP_FIELDS_MAX - 1; i++)
        at += (size_t)snprintf(text + at, sizeof(text) - at, "A%d: b\r\n", i);
    snprintf(text + at, sizeof(text) - at, "\r\n");
    ck_assert_int_eq(judge(text), 0);
    snprintf(text + at, sizeof(text) - at, "Z: b\r\n\r\n");
    ck_assert_int_eq(judge(text), 431);
}
END_TEST

START_TEST(sees_forbidden_bytes_before_the_head_ends)
{
    static const struct str BROKEN[] = {
        STR("GET / HTTP/1.1\n"),
        STR("GET / HTTP/1.1\r\nHost: x\n"),
        STR("GET / HTTP/1.1\r\nHost: x\r\r\n"),
        STR("GET / HTTP/1.1\r\nX: a\rb"),
        STR("\n"),
        STR("GET /\0"),
        STR("GET / HTTP/1.1\r\nHost: x\0y"),
        STR("GET / HTTP/1.1\r\nX: \x1b[2J"),
        STR("GET / HTTP/1.1\r\nX: \x7f"),
    };
    struct http_head h;

    for (size_t i = 0; i < ARRAY_LEN(BROKEN); i++)
        ck_assert_msg(judge_bytes(&h, BROKEN[i]) == -2, "case %zu", i);
    ck_assert_int_eq(judge("GET / HTTP/1.1\r\nHost: x\r"), -1);
    ck_assert_int_eq(judge(""), -1);
}
END_TEST

START_TEST(finds_the_end_byte_by_byte)
{
    static const char TEXT[] = "GET / HTTP/1.1\r\nHost: x\r\n\r\nGET /next";
    size_t from = 0, len = 0, whole = strlen("GET / HTTP/1.1\r\nHost: x\r\n\r\n");

    for (size_t i = 0; i < whole; i++)
        ck_assert_int_eq(http_head_find((struct str){ TEXT, i }, &from, &len),
                         HTTP_HEAD_UNFINISHED);
    ck_assert_int_eq(http_head_find((struct str){ TEXT, sizeof(TEXT) - 1 }, &from, &len),
                     HTTP_HEAD_FINISHED);
    ck_assert_uint_eq(len, whole);
}
END_TEST

SUITE(http_guard, reads_an_ordinary_request, refuses_what_could_be_cut_in_two_ways,
      refuses_a_missing_doubled_or_odd_host, refuses_an_odd_request_line,
      refuses_signature_headers_that_come_twice, refuses_odd_fields_and_expectations,
      refuses_more_fields_than_it_keeps, sees_forbidden_bytes_before_the_head_ends,
      finds_the_end_byte_by_byte)
