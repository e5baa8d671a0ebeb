/* links: slipway_wire fakes */

/* Goal: every question has exactly one end, and the end says truly how far it came. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "fakes/wire_server.h"
#include "platform/clock.h"
#include "platform/loop.h"
#include "suite.h"
#include "wire/http_client.h"

struct seen {
    struct loop *loop;
    int times, stop_after;
    enum http_outcome outcome;
    int status;
    char body[512], header[128], error[480];
};

static void
answered(void *cookie, const struct http_answer *a)
{
    struct seen *s = cookie;

    s->times++;
    s->outcome = a->outcome;
    s->status = a->status;
    snprintf(s->body, sizeof(s->body), "%.*s", STR_ARG(a->body));
    snprintf(s->header, sizeof(s->header), "%.*s", STR_ARG(http_header(a, "x-odd")));
    snprintf(s->error, sizeof(s->error), "%s", a->error.text);
    if (s->times >= s->stop_after)
        loop_stop(s->loop);
}

static struct wire_reply
echo(void *cookie, int nth, const char *request)
{
    (void)cookie;
    (void)nth;
    return wire_reply(200, "X-Odd:  even \r\n", request);
}

/* Asks once and waits for the end. */
static struct seen
ask(wire_answer *answer, struct http_question q)
{
    struct wire_server *server = wire_server_start(answer, NULL);
    struct seen s = { .loop = loop_new(), .stop_after = 1 };
    struct http_client *client = http_client_new(s.loop, NULL);

    q.method = q.method == NULL ? "GET" : q.method;
    q.url = q.url == NULL ? wire_url(server) : q.url;
    q.timeout_ms = q.timeout_ms == 0 ? 5000 : q.timeout_ms;
    q.answer_max = q.answer_max == 0 ? 4096 : q.answer_max;
    q.plain_http = true;
    http_send(client, &q, answered, &s);
    ck_assert_int_eq(s.times, 0);
    loop_run(s.loop);
    ck_assert_int_eq(s.times, 1);
    http_client_free(client);
    loop_free(s.loop);
    wire_server_stop(server);
    return s;
}

START_TEST(a_question_is_answered_with_status_header_and_body)
{
    const char *const headers[] = { "X-Mine: 1", "Content-Type: text/x", NULL };
    struct seen s = ask(
        echo, (struct http_question){ .method = "POST", .headers = headers, .body = STR("hello") });

    ck_assert_int_eq(s.outcome, HTTP_ANSWERED);
    ck_assert_int_eq(s.status, 200);
    ck_assert_str_eq(s.header, "even");
    ck_assert(strncmp(s.body, "POST / HTTP/1.1\r\n", 17) == 0);
    ck_assert(strstr(s.body, "X-Mine: 1\r\n") != NULL);
    ck_assert(strstr(s.body, "Content-Length: 5\r\n") != NULL);
    ck_assert(strstr(s.body, "\r\n\r\nhello") != NULL);
    ck_assert(strstr(s.body, "Expect") == NULL);
}
END_TEST

START_TEST(methods_without_a_body_say_so)
{
    struct seen s = ask(echo, (struct http_question){ .method = "POST" });

    ck_assert(strstr(s.body, "Content-Length: 0\r\n") != NULL);
    ck_assert(strstr(s.body, "Content-Type") == NULL);
    s = ask(echo, (struct http_question){ .method = "DELETE" });
    ck_assert(strncmp(s.body, "DELETE / ", 9) == 0);
    ck_assert(strstr(s.body, "Content-Length") == NULL);
    s = ask(echo, (struct http_question){ .method = "PUT" });
    ck_assert(strncmp(s.body, "PUT / ", 6) == 0);
}
END_TEST

START_TEST(a_connection_is_used_again)
{
    struct wire_server *server = wire_server_start(echo, NULL);
    struct seen s = { .loop = loop_new(), .stop_after = 1 };
    struct http_client *client = http_client_new(s.loop, NULL);
    struct http_question q = { .method = "GET",
                               .url = wire_url(server),
                               .timeout_ms = 5000,
                               .answer_max = 4096,
                               .plain_http = true };

    for (int i = 0; i < 20; i++) {
        http_send(client, &q, answered, &s);
        loop_run(s.loop);
        ck_assert_int_eq(s.status, 200);
    }
    ck_assert_int_eq(wire_connections(server), 1);
    q.once = true;
    http_send(client, &q, answered, &s);
    loop_run(s.loop);
    ck_assert_int_eq(wire_connections(server), 2);
    http_client_free(client);
    loop_free(s.loop);
    wire_server_stop(server);
}
END_TEST

START_TEST(refused_connections_are_not_sent)
{
    struct wire_server *server = wire_server_start(echo, NULL);
    char url[64];
    struct seen s;

    snprintf(url, sizeof(url), "%s", wire_url(server));
    wire_server_stop(server); /* Nobody listens there now. */
    s = ask(echo, (struct http_question){ .url = url });
    ck_assert_int_eq(s.outcome, HTTP_NOT_SENT);
    ck_assert_int_eq(s.status, 0);
    ck_assert_msg(strstr(s.error, "Connection refused") != NULL, "%s", s.error);
    ck_assert(strncmp(s.error, url, strlen(url)) == 0);
    s = ask(echo, (struct http_question){ .url = "file:///etc/passwd" });
    ck_assert_int_eq(s.outcome, HTTP_NOT_SENT);
    s = ask(echo, (struct http_question){ .url = "http://no-such-host.invalid/" });
    ck_assert_int_eq(s.outcome, HTTP_NOT_SENT);
}
END_TEST

START_TEST(plain_http_is_refused_unless_allowed)
{
    struct wire_server *server = wire_server_start(echo, NULL);
    struct seen s = { .loop = loop_new(), .stop_after = 1 };
    struct http_client *client = http_client_new(s.loop, NULL);
    struct http_question q = { .method = "GET", .url = wire_url(server), .timeout_ms = 5000 };

    http_send(client, &q, answered, &s);
    loop_run(s.loop);
    ck_assert_int_eq(s.outcome, HTTP_NOT_SENT);
    ck_assert_int_eq(wire_requests(server), 0);
    http_client_free(client);
    loop_free(s.loop);
    wire_server_stop(server);
}
END_TEST

START_TEST(a_header_with_a_line_break_does_not_go_out)
{
    const char *const headers[] = { "X-Mine: 1\r\nX-Other: 2", NULL };
    struct seen s = ask(echo, (struct http_question){ .headers = headers });

    ck_assert_int_eq(s.outcome, HTTP_NOT_SENT);
    ck_assert_str_eq(s.error, "header with a line break");
}
END_TEST

static struct wire_reply
slam(void *cookie, int nth, const char *request)
{
    (void)cookie;
    (void)nth;
    (void)request;
    return (struct wire_reply){ .after = WIRE_CLOSE };
}

static struct wire_reply
hang(void *cookie, int nth, const char *request)
{
    (void)cookie;
    (void)nth;
    (void)request;
    return (struct wire_reply){ .after = WIRE_HANG };
}

static struct wire_reply
half(void *cookie, int nth, const char *request)
{
    (void)cookie;
    (void)nth;
    (void)request;
    return wire_bytes("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf", WIRE_CLOSE);
}

static struct wire_reply
endless(void *cookie, int nth, const char *request)
{
    (void)cookie;
    (void)nth;
    (void)request;
    return nth > 0 ? wire_bytes("", WIRE_CLOSE)
                   : wire_bytes("HTTP/1.1 200 OK\r\n\r\nxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
                                WIRE_ENDLESS);
}

static struct wire_reply
endless_headers(void *cookie, int nth, const char *request)
{
    (void)cookie;
    (void)request;
    return nth > 0 ? wire_bytes("", WIRE_CLOSE)
                   : wire_bytes("HTTP/1.1 200 OK: x\r\nX-A: b\r\n", WIRE_ENDLESS);
}

static struct wire_reply
no_http(void *cookie, int nth, const char *request)
{
    (void)cookie;
    (void)nth;
    (void)request;
    return wire_bytes("SSH-2.0-OpenSSH\r\n", WIRE_CLOSE);
}

START_TEST(an_answer_that_is_no_http_may_have_been_carried_out)
{
    struct seen s = ask(no_http, (struct http_question){ .method = "POST" });

    ck_assert_int_eq(s.outcome, HTTP_BROKEN);
}
END_TEST

START_TEST(a_connection_that_breaks_after_sending_is_broken)
{
    struct seen s = ask(slam, (struct http_question){ .method = "POST", .body = STR("x") });

    ck_assert_int_eq(s.outcome, HTTP_BROKEN);
    s = ask(half, (struct http_question){ 0 });
    ck_assert_int_eq(s.outcome, HTTP_BROKEN);
    ck_assert_int_eq(s.status, 200);
}
END_TEST

START_TEST(silence_times_out)
{
    int64_t from = clock_monotonic_ms();
    struct seen s = ask(hang, (struct http_question){ .timeout_ms = 300 });

    ck_assert_int_eq(s.outcome, HTTP_TIMED_OUT);
    ck_assert_int_lt((int)(clock_monotonic_ms() - from), 2000);
}
END_TEST

START_TEST(an_answer_has_a_longest)
{
    struct seen s = ask(endless, (struct http_question){ .answer_max = 1000 });

    ck_assert_int_eq(s.outcome, HTTP_TOO_LONG);
    ck_assert_int_eq(s.status, 200);
    ck_assert(strstr(s.error, "answer longer than 1000 bytes") != NULL);
    s = ask(endless_headers, (struct http_question){ 0 });
    ck_assert_int_eq(s.outcome, HTTP_TOO_LONG);
}
END_TEST

static struct wire_reply
redirect(void *cookie, int nth, const char *request)
{
    (void)cookie;
    (void)nth;
    (void)request;
    return wire_reply(302, "Location: http://127.0.0.1:1/\r\nX-Odd: one\r\nX-ODD: two\r\n", "away");
}

START_TEST(a_redirect_is_an_answer)
{
    struct seen s = ask(redirect, (struct http_question){ 0 });

    ck_assert_int_eq(s.outcome, HTTP_ANSWERED);
    ck_assert_int_eq(s.status, 302);
    ck_assert_str_eq(s.body, "away");
    ck_assert_str_eq(s.header, "two");
}
END_TEST

START_TEST(a_proxy_of_the_environment_is_not_taken)
{
    struct seen s;

    setenv("http_proxy", "http://127.0.0.1:1", 1);
    setenv("ALL_PROXY", "http://127.0.0.1:1", 1);
    s = ask(echo, (struct http_question){ 0 });
    ck_assert_int_eq(s.status, 200);
}
END_TEST

struct taken {
    char text[512];
    int64_t len, refuse_at;
};

static bool
take(void *cookie, int64_t offset, struct str piece, struct error *e)
{
    struct taken *t = cookie;

    ck_assert_int_eq(offset, t->len);
    if (t->refuse_at > 0 && offset + (int64_t)piece.len > t->refuse_at)
        return error_set(e, ERROR_INVALID, "disk full");
    memcpy(t->text + offset, piece.at, piece.len);
    t->len += (int64_t)piece.len;
    return true;
}

static struct wire_reply
trailing(void *cookie, int nth, const char *request)
{
    (void)cookie;
    (void)nth;
    (void)request;
    return wire_bytes("HTTP/1.1 100 Continue\r\nX-Odd: early\r\n\r\n"
                      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Odd\r\n\r\n"
                      "3\r\nabc\r\n2\r\nde\r\n0\r\nX-Odd: late\r\n\r\n",
                      WIRE_KEEP);
}

static struct wire_reply
missing(void *cookie, int nth, const char *request)
{
    (void)cookie;
    (void)nth;
    (void)request;
    return wire_reply(404, "", "no such key");
}

START_TEST(a_taker_gets_the_body_of_a_success_only)
{
    struct taken t = { .len = 0 };
    struct seen s = ask(trailing, (struct http_question){ .take = take, .take_cookie = &t });

    ck_assert_str_eq(t.text, "abcde");
    ck_assert_str_eq(s.body, "");
    ck_assert_str_eq(s.header, ""); /* Neither the interim answer's nor a trailer. */
    t = (struct taken){ .len = 0 };
    s = ask(missing, (struct http_question){ .take = take, .take_cookie = &t });
    ck_assert_int_eq((int)t.len, 0);
    ck_assert_str_eq(s.body, "no such key");
    t = (struct taken){ .refuse_at = 4 };
    s = ask(echo, (struct http_question){ .take = take, .take_cookie = &t });
    ck_assert_int_eq(s.outcome, HTTP_ABANDONED);
    ck_assert_str_eq(s.error, "disk full");
    t = (struct taken){ .len = 0 };
    s = ask(endless, (struct http_question){ .take = take, .take_cookie = &t, .answer_max = 200 });
    ck_assert_int_eq(s.outcome, HTTP_TOO_LONG);
    ck_assert_int_le((int)t.len, 200);
}
END_TEST

START_TEST(a_file_goes_out_as_a_body)
{
    FILE *f = tmpfile();
    struct seen s;

    ck_assert(f != NULL);
    fputs("0123456789", f);
    fflush(f);
    s = ask(echo,
            (struct http_question){ .method = "PUT", .upload_fd = fileno(f), .upload_len = 10 });
    ck_assert(strncmp(s.body, "PUT / HTTP/1.1\r\n", 16) == 0);
    ck_assert(strstr(s.body, "Content-Length: 10\r\n") != NULL);
    ck_assert(strstr(s.body, "\r\n\r\n0123456789") != NULL);
    s = ask(echo,
            (struct http_question){ .method = "PUT", .upload_fd = fileno(f), .upload_len = 11 });
    ck_assert_int_eq(s.outcome, HTTP_ABANDONED);
    ck_assert_str_eq(s.error, "file to send: shorter than was said");
    fclose(f);
}
END_TEST

START_TEST(what_is_cancelled_is_never_answered)
{
    struct wire_server *server = wire_server_start(echo, NULL);
    struct seen s = { .loop = loop_new(), .stop_after = 1 };
    struct http_client *client = http_client_new(s.loop, NULL);
    struct http_question q = { .method = "GET",
                               .url = wire_url(server),
                               .timeout_ms = 5000,
                               .answer_max = 4096,
                               .plain_http = true };
    struct http_call *late = http_send(client, &q, answered, &s);

    http_cancel(http_send(client, &q, answered, &s));
    for (int i = 0; i < 3; i++)
        loop_turn(s.loop, 0);
    http_cancel(late);
    http_send(client, &q, answered, &s);
    loop_run(s.loop);
    for (int i = 0; i < 10; i++)
        loop_turn(s.loop, 5);
    ck_assert_int_eq(s.times, 1);
    http_send(client, &q, answered, &s); /* Goes with the client. */
    http_client_free(client);
    ck_assert_int_eq(s.times, 1);
    loop_free(s.loop);
    wire_server_stop(server);
}
END_TEST

START_TEST(many_questions_at_once_all_end)
{
    struct wire_server *server = wire_server_start(echo, NULL);
    struct seen s = { .loop = loop_new(), .stop_after = 300 };
    struct http_client_settings few = { .connections_host = 16 };
    struct http_client *client = http_client_new(s.loop, &few);
    struct http_question q = { .method = "GET",
                               .url = wire_url(server),
                               .timeout_ms = 20000,
                               .answer_max = 4096,
                               .plain_http = true };

    for (int i = 0; i < 300; i++)
        http_send(client, &q, answered, &s);
    loop_run(s.loop);
    ck_assert_int_eq(s.times, 300);
    ck_assert_int_le(wire_connections(server), 16);
    http_client_free(client);
    loop_free(s.loop);
    wire_server_stop(server);
}
END_TEST

SUITE(http_client, a_question_is_answered_with_status_header_and_body,
      methods_without_a_body_say_so, a_connection_is_used_again, refused_connections_are_not_sent,
      plain_http_is_refused_unless_allowed, a_header_with_a_line_break_does_not_go_out,
      a_connection_that_breaks_after_sending_is_broken, silence_times_out,
      an_answer_that_is_no_http_may_have_been_carried_out, an_answer_has_a_longest,
      a_redirect_is_an_answer, a_proxy_of_the_environment_is_not_taken,
      a_taker_gets_the_body_of_a_success_only, a_file_goes_out_as_a_body,
      what_is_cancelled_is_never_answered, many_questions_at_once_all_end)
