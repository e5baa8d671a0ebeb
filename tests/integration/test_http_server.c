/* links: slipway_wire slipway_base */

/* Goal: over real sockets, the server answers what it should, refuses the rest, and lets nobody
 * hold it: neither slowly, nor in numbers, nor by going away. */

#include "wire/http_server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "platform/clock.h"
#include "platform/loop.h"
#include "suite.h"

#define WORLD_REQUESTS_MAX 64

/* A server whose handlers note what they see. */
static struct {
    struct loop *loop;
    struct http_server *server;
    struct http_request *kept[WORLD_REQUESTS_MAX]; /* GET /later, not yet answered. */
    size_t kept_count, handled;
    char seen[512];
} world;

static void
echo(void *cookie, struct http_request *r)
{
    char text[512];

    (void)cookie;
    world.handled++;
    snprintf(world.seen, sizeof(world.seen), "%.*s %.*s id=%.*s q=%.*s body=%.*s from=%s",
             STR_ARG(r->method), STR_ARG(r->path), STR_ARG(r->id),
             STR_ARG(http_request_query(r, "q")), STR_ARG(r->body), r->peer);
    snprintf(text, sizeof(text), "hello %.*s", STR_ARG(http_request_field(r, "X-Name")));
    http_reply_text(r, 200, text);
}

static void
keep(void *cookie, struct http_request *r)
{
    (void)cookie;
    ck_assert_uint_lt(world.kept_count, WORLD_REQUESTS_MAX);
    world.kept[world.kept_count++] = r;
}

static void
big(void *cookie, struct http_request *r)
{
    static char body[3000000];
    struct http_reply reply = { 200, "text/plain; charset=utf-8", { body, sizeof(body) } };

    (void)cookie;
    memset(body, 'x', sizeof(body));
    http_reply(r, &reply);
}

static const struct http_route ROUTES[] = {
    { "GET", "/", echo },
    { "GET", "/things/{id}", echo },
    { "POST", "/things/{id}/act", echo },
    { "GET", "/later", keep },
    { "GET", "/big", big },
};

static void
open_world(struct http_server_settings settings)
{
    static const char *const HOSTS[] = { "slipway.example.com", NULL };
    struct error e;

    memset(&world, 0, sizeof(world));
    settings.listen = "127.0.0.1:0";
    settings.hosts = HOSTS;
    settings.routes = ROUTES;
    settings.route_count = ARRAY_LEN(ROUTES);
    world.loop = loop_new();
    world.server = http_server_open(world.loop, &settings, &e);
    ck_assert_msg(world.server != NULL, "%s", e.text);
    ck_assert_int_gt(http_server_port(world.server), 0);
}

static void
close_world(void)
{
    http_server_close(world.server);
    loop_free(world.loop);
}

/* ---- a client ------------------------------------------------------------------------------- */

struct client {
    int fd;
    char got[8192];
    size_t len, all; /* Kept and received. */
    bool ended;
};

static void
turn(int64_t ms)
{
    loop_turn(world.loop, ms);
}

static void
client_open(struct client *c)
{
    struct sockaddr_in to = { .sin_family = AF_INET,
                              .sin_port = htons((uint16_t)http_server_port(world.server)),
                              .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };

    *c = (struct client){ .fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0) };
    ck_assert_int_ge(c->fd, 0);
    ck_assert_int_eq(connect(c->fd, (struct sockaddr *)&to, sizeof(to)), 0);
}

static void
client_say(struct client *c, struct str text)
{
    ck_assert_int_eq(send(c->fd, text.at, text.len, MSG_NOSIGNAL), (ssize_t)text.len);
}

/* Reads what is there, without waiting. */
static void
client_hear(struct client *c)
{
    char piece[65536];
    ssize_t n;

    while (!c->ended && (n = recv(c->fd, piece, sizeof(piece), MSG_DONTWAIT)) >= 0) {
        size_t fits = sizeof(c->got) - 1 - c->len;

        c->ended = n == 0;
        c->all += (size_t)n;
        fits = fits < (size_t)n ? fits : (size_t)n;
        memcpy(c->got + c->len, piece, fits);
        c->len += fits;
    }
    if (!c->ended && errno != EAGAIN && errno != EWOULDBLOCK)
        c->ended = true; /* Reset. */
    c->got[c->len] = '\0';
}

/* Turns the loop until the server ends the connection, `text` has been heard, or time is over. */
static void
client_await(struct client *c, const char *text, int64_t ms)
{
    int64_t until = clock_monotonic_ms() + ms;

    do {
        turn(5);
        client_hear(c);
    } while (!c->ended && (text == NULL || strstr(c->got, text) == NULL) &&
             clock_monotonic_ms() < until);
}

static void
client_close(struct client *c)
{
    close(c->fd);
    turn(20);
}

/* Sends `text` and returns the status of the answer; 0: none. */
static int
status_of(struct str text)
{
    struct client c;
    int status = 0;

    client_open(&c);
    client_say(&c, text);
    client_await(&c, "\r\n\r\n", 2000);
    if (sscanf(c.got, "HTTP/1.1 %d ", &status) != 1)
        status = 0;
    client_close(&c);
    return status;
}

/* ---- answers -------------------------------------------------------------------------------- */

START_TEST(answers_a_request_with_all_its_guards)
{
    static const char *const LINES[] = {
        "HTTP/1.1 200 OK\r\n",
        "Content-Type: text/plain; charset=utf-8\r\n",
        "Content-Length: 10\r\n",
        "Connection: keep-alive\r\n",
        "Content-Security-Policy: default-src 'none'; style-src 'self'; form-action 'self'; "
        "frame-ancestors 'none'; base-uri 'none'\r\n",
        "X-Content-Type-Options: nosniff\r\n",
        "Referrer-Policy: no-referrer\r\n",
        "Cache-Control: no-store\r\n",
        "\r\n\r\nhello you\n",
    };
    struct client c;

    open_world((struct http_server_settings){ .listen = NULL });
    client_open(&c);
    client_say(&c,
               STR("GET /things/12?q=a%20b HTTP/1.1\r\nHost: localhost\r\nX-Name: you\r\n\r\n"));
    client_await(&c, "hello you\n", 2000);
    for (size_t i = 0; i < ARRAY_LEN(LINES); i++)
        ck_assert_msg(strstr(c.got, LINES[i]) != NULL, "no %s in\n%s", LINES[i], c.got);
    ck_assert_str_eq(world.seen, "GET /things/12 id=12 q=a%20b body= from=127.0.0.1");
    ck_assert(!c.ended);
    client_close(&c);
    close_world();
}
END_TEST

START_TEST(answers_several_requests_on_one_connection)
{
    struct client c;

    open_world((struct http_server_settings){ .listen = NULL });
    client_open(&c);
    client_say(&c, STR("GET /?n=1 HTTP/1.1\r\nHost: localhost\r\nX-Name: a\r\n\r\n"
                       "GET /?n=2 HTTP/1.1\r\nHost: localhost\r\nX-Name: b\r\n\r\n"));
    client_await(&c, "hello b", 2000);
    ck_assert_ptr_nonnull(strstr(c.got, "hello a"));
    ck_assert_ptr_nonnull(strstr(c.got, "hello b"));
    client_say(&c, STR("HEAD / HTTP/1.1\r\nHost: localhost\r\nX-Name: c\r\n\r\n"));
    client_await(&c, "hello c", 100);
    ck_assert_uint_eq(world.handled, 3);
    ck_assert_msg(strstr(c.got, "hello c") == NULL, "a HEAD has no body");
    client_close(&c);
    close_world();
}
END_TEST

START_TEST(takes_a_body_piece_by_piece_and_closes)
{
    struct client c;

    open_world((struct http_server_settings){ .listen = NULL });
    client_open(&c);
    client_say(&c, STR("POST /things/3/act HTTP/1.1\r\nHost: [::1]:1\r\nContent-Length: 6\r\n"
                       "Expect: 100-continue\r\n\r\n"));
    client_await(&c, "100 Continue\r\n\r\n", 2000);
    client_say(&c, STR("abc"));
    turn(10);
    client_say(&c, STR("defGET / HTTP/1.1\r\nHost: localhost\r\n\r\n"));
    client_await(&c, NULL, 2000);
    ck_assert(c.ended);
    ck_assert_ptr_nonnull(strstr(c.got, "HTTP/1.1 200 OK\r\n"));
    ck_assert_ptr_nonnull(strstr(c.got, "Connection: close\r\n"));
    ck_assert_ptr_nonnull(strstr(world.seen, "body=abcdef"));
    ck_assert_msg(world.handled == 1, "what follows a POST is not a request");
    client_close(&c);
    close_world();
}
END_TEST

START_TEST(refuses_with_the_right_status)
{
    static const struct {
        struct str text;
        int status;
    } CASES[] = {
        { STR("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"), 200 },
        { STR("GET / HTTP/1.1\r\nHost: SLIPWAY.example.com\r\n\r\n"), 200 },
        { STR("GET / HTTP/1.1\r\nHost: 127.0.0.1:99\r\n\r\n"), 200 },
        { STR("GET / HTTP/1.1\r\nHost: evil.example.com\r\n\r\n"), 421 },
        { STR("GET / HTTP/1.1\r\nHost: localhost.evil.example.com\r\n\r\n"), 421 },
        { STR("GET /nowhere HTTP/1.1\r\nHost: localhost\r\n\r\n"), 404 },
        { STR("GET /things/ HTTP/1.1\r\nHost: localhost\r\n\r\n"), 404 },
        { STR("GET /things/x HTTP/1.1\r\nHost: localhost\r\n\r\n"), 404 },
        { STR("GET /things/-1 HTTP/1.1\r\nHost: localhost\r\n\r\n"), 404 },
        { STR("GET /things/1234567890123456789 HTTP/1.1\r\nHost: localhost\r\n\r\n"), 404 },
        { STR("GET /things/1/ HTTP/1.1\r\nHost: localhost\r\n\r\n"), 404 },
        { STR("GET /things/%31 HTTP/1.1\r\nHost: localhost\r\n\r\n"), 404 },
        { STR("GET //things/1 HTTP/1.1\r\nHost: localhost\r\n\r\n"), 404 },
        { STR("GET /things/1/act HTTP/1.1\r\nHost: localhost\r\n\r\n"), 405 },
        { STR("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n"), 405 },
        { STR("PATCH / HTTP/1.1\r\nHost: localhost\r\n\r\n"), 501 },
        { STR("GET / HTTP/1.1\nHost: localhost\n\n"), 400 },
        { STR("GET / HTTP/1.1\r\nHost: localhost\r\nX: a\0b\r\n\r\n"), 400 },
        { STR("\x16\x03\x01\x02"), 400 },
        { STR("POST /things/1/act HTTP/1.1\r\nHost: localhost\r\n\r\n"), 411 },
        { STR("POST /things/1/act HTTP/1.1\r\nHost: localhost\r\nContent-Length: 70000\r\n\r\n"),
          413 },
        { STR("GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\nContent-Length: "
              "5\r\n\r\n"),
          400 },
    };

    open_world((struct http_server_settings){ .listen = NULL });
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        int status = status_of(CASES[i].text);

        ck_assert_msg(status == CASES[i].status, "%d, not %d, for case %zu", status,
                      CASES[i].status, i);
    }
    close_world();
}
END_TEST

START_TEST(refuses_an_endless_head)
{
    static char text[20000] = "GET / HTTP/1.1\r\nX: ";
    struct client c;

    memset(text + strlen(text), 'a', sizeof(text) - strlen(text) - 1);
    open_world((struct http_server_settings){ .listen = NULL });
    client_open(&c);
    client_say(&c, str_of(text));
    client_await(&c, NULL, 3000);
    ck_assert(c.ended);
    ck_assert_ptr_nonnull(strstr(c.got, "HTTP/1.1 431 "));
    client_close(&c);
    close_world();
}
END_TEST

/* ---- later answers -------------------------------------------------------------------------- */

START_TEST(answers_later)
{
    struct client c;

    open_world((struct http_server_settings){ .listen = NULL });
    client_open(&c);
    client_say(&c, STR("GET /later HTTP/1.1\r\nHost: localhost\r\n\r\n"));
    client_await(&c, "\r\n\r\n", 50);
    ck_assert_uint_eq(c.all, 0);
    ck_assert_uint_eq(world.kept_count, 1);
    ck_assert(!http_request_is_dead(world.kept[0]));
    http_reply_text(world.kept[0], 200, "at last");
    client_await(&c, "at last", 2000);
    ck_assert_ptr_nonnull(strstr(c.got, "at last"));
    client_close(&c);
    close_world();
}
END_TEST

START_TEST(a_client_that_went_away_harms_nobody)
{
    struct linger reset = { .l_onoff = 1, .l_linger = 0 };
    struct client c;

    open_world((struct http_server_settings){ .listen = NULL });
    client_open(&c);
    client_say(&c, STR("GET /later HTTP/1.1\r\nHost: localhost\r\n\r\n"));
    client_await(&c, "\r\n\r\n", 50);
    ck_assert_int_eq(setsockopt(c.fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset)), 0);
    client_close(&c);
    for (int i = 0; i < 100 && !http_request_is_dead(world.kept[0]); i++)
        turn(10);
    ck_assert(http_request_is_dead(world.kept[0]));
    ck_assert(str_is(world.kept[0]->path, "/later"));
    http_reply_text(world.kept[0], 200, "to nobody");
    ck_assert_int_eq(http_server_connections(world.server), 0);
    close_world();
}
END_TEST

START_TEST(a_handler_that_takes_too_long_is_answered_for)
{
    struct client c;

    open_world((struct http_server_settings){ .answer_ms = 100 });
    client_open(&c);
    client_say(&c, STR("GET /later HTTP/1.1\r\nHost: localhost\r\n\r\n"));
    client_await(&c, NULL, 3000);
    ck_assert_ptr_nonnull(strstr(c.got, "HTTP/1.1 503 "));
    ck_assert(http_request_is_dead(world.kept[0]));
    http_reply_text(world.kept[0], 200, "too late");
    client_close(&c);
    close_world();
}
END_TEST

START_TEST(closing_makes_open_requests_dead)
{
    struct client c;

    open_world((struct http_server_settings){ .listen = NULL });
    client_open(&c);
    client_say(&c, STR("GET /later HTTP/1.1\r\nHost: localhost\r\n\r\n"));
    client_await(&c, "\r\n\r\n", 50);
    http_server_close(world.server);
    world.server = NULL;
    ck_assert(http_request_is_dead(world.kept[0]));
    http_reply_text(world.kept[0], 200, "to nobody");
    client_close(&c);
    close_world();
}
END_TEST

START_TEST(draining_lets_open_requests_end)
{
    struct client idle, busy;

    open_world((struct http_server_settings){ .listen = NULL });
    client_open(&idle);
    client_open(&busy);
    client_say(&busy, STR("GET /later HTTP/1.1\r\nHost: localhost\r\n\r\n"));
    client_await(&busy, "\r\n\r\n", 50);
    http_server_drain(world.server);
    client_await(&idle, NULL, 1000);
    ck_assert(idle.ended);
    ck_assert_int_eq(http_server_connections(world.server), 1);
    http_reply_text(world.kept[0], 200, "the last one");
    client_await(&busy, NULL, 3000);
    ck_assert_ptr_nonnull(strstr(busy.got, "the last one"));
    ck_assert(busy.ended);
    client_close(&idle);
    client_close(&busy);
    close_world();
}
END_TEST

/* ---- slow ones and many --------------------------------------------------------------------- */

/* Says `text` byte by byte, one each 20 ms; returns after how many ms the server ended it. */
static int64_t
drip(struct client *c, const char *text)
{
    int64_t began = clock_monotonic_ms();

    for (const char *at = text; !c->ended && clock_monotonic_ms() - began < 5000;) {
        if (*at != '\0' && send(c->fd, at, 1, MSG_NOSIGNAL) == 1)
            at++;
        client_await(c, NULL, 20);
    }
    return clock_monotonic_ms() - began;
}

START_TEST(a_head_that_drips_in_is_cut_off)
{
    static char text[2000] = "GET / HTTP/1.1\r\nHost: localhost\r\nX: ";
    struct client c;
    int64_t took;

    memset(text + strlen(text), 'a', sizeof(text) - strlen(text) - 1);
    open_world((struct http_server_settings){ .head_ms = 300 });
    client_open(&c);
    took = drip(&c, text);
    ck_assert_msg(took >= 250 && took < 2000, "%lld ms", (long long)took);
    client_close(&c);
    close_world();
}
END_TEST

START_TEST(a_body_that_drips_in_is_cut_off)
{
    static char text[2000];
    struct client c;
    int64_t took;

    memset(text, 'a', sizeof(text) - 1);
    open_world((struct http_server_settings){ .body_ms = 300 });
    client_open(&c);
    client_say(&c, STR("POST /things/1/act HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2000\r\n"
                       "\r\n"));
    took = drip(&c, text);
    ck_assert_msg(took >= 250 && took < 2000, "%lld ms", (long long)took);
    ck_assert_uint_eq(world.handled, 0);
    client_close(&c);
    close_world();
}
END_TEST

START_TEST(a_client_that_does_not_read_is_cut_off)
{
    struct client c;
    int64_t until;

    open_world((struct http_server_settings){ .write_ms = 300 });
    client_open(&c);
    client_say(&c, STR("GET /big HTTP/1.1\r\nHost: localhost\r\n\r\n"
                       "GET /big HTTP/1.1\r\nHost: localhost\r\n\r\n"
                       "GET /big HTTP/1.1\r\nHost: localhost\r\n\r\n"));
    until = clock_monotonic_ms() + 3000;
    turn(20);
    ck_assert_int_eq(http_server_connections(world.server), 1);
    while (http_server_connections(world.server) > 0 && clock_monotonic_ms() < until)
        turn(20);
    ck_assert_int_eq(http_server_connections(world.server), 0);
    client_close(&c);
    close_world();
}
END_TEST

START_TEST(a_big_answer_arrives_whole)
{
    struct client c;

    open_world((struct http_server_settings){ .listen = NULL });
    client_open(&c);
    client_say(&c, STR("GET /big HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"));
    client_await(&c, NULL, 5000);
    ck_assert(c.ended);
    ck_assert_uint_gt(c.all, 3000000);
    client_close(&c);
    close_world();
}
END_TEST

START_TEST(an_idle_connection_is_closed)
{
    struct client c;

    open_world((struct http_server_settings){ .idle_ms = 200 });
    client_open(&c);
    client_say(&c, STR("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"));
    client_await(&c, NULL, 3000);
    ck_assert(c.ended);
    ck_assert_ptr_nonnull(strstr(c.got, "HTTP/1.1 200 OK"));
    client_close(&c);
    close_world();
}
END_TEST

START_TEST(too_many_connections_make_room_for_new_ones)
{
    enum { CAP = 8, SLOW = 30 };
    struct client slow[SLOW];

    open_world((struct http_server_settings){ .connections = CAP });
    for (int i = 0; i < SLOW; i++) {
        client_open(&slow[i]);
        client_say(&slow[i], STR("GET / HT"));
        turn(10);
        ck_assert_int_le(http_server_connections(world.server), CAP);
    }
    ck_assert_int_eq(status_of(STR("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")), 200);
    for (int i = 0; i < SLOW; i++)
        client_close(&slow[i]);
    close_world();
}
END_TEST

START_TEST(requests_under_way_are_not_shed)
{
    enum { CAP = 4 };
    struct client busy[CAP], late;

    open_world((struct http_server_settings){ .connections = CAP });
    for (int i = 0; i < CAP; i++) {
        client_open(&busy[i]);
        client_say(&busy[i], STR("GET /later HTTP/1.1\r\nHost: localhost\r\n\r\n"));
        client_await(&busy[i], "\r\n\r\n", 30);
    }
    client_open(&late);
    client_await(&late, NULL, 1000);
    ck_assert_msg(late.ended, "one more is turned away at once");
    for (int i = 0; i < CAP; i++) {
        http_reply_text(world.kept[i], 200, "done");
        client_await(&busy[i], "done", 2000);
        ck_assert_ptr_nonnull(strstr(busy[i].got, "done"));
        client_close(&busy[i]);
    }
    client_close(&late);
    close_world();
}
END_TEST

START_TEST(says_why_it_cannot_listen)
{
    struct http_server_settings settings = { .listen = "nowhere", .routes = ROUTES };
    struct http_server *s;
    struct error e;
    char taken[64];

    open_world((struct http_server_settings){ .listen = NULL });
    s = http_server_open(world.loop, &settings, &e);
    ck_assert_ptr_null(s);
    ck_assert_int_eq(e.kind, ERROR_INVALID);
    snprintf(taken, sizeof(taken), "127.0.0.1:%d", http_server_port(world.server));
    settings.listen = taken;
    s = http_server_open(world.loop, &settings, &e);
    ck_assert_ptr_null(s);
    ck_assert_int_eq(e.kind, ERROR_CONFLICT);
    close_world();
}
END_TEST

SUITE(http_server, answers_a_request_with_all_its_guards,
      answers_several_requests_on_one_connection, takes_a_body_piece_by_piece_and_closes,
      refuses_with_the_right_status, refuses_an_endless_head, answers_later,
      a_client_that_went_away_harms_nobody, a_handler_that_takes_too_long_is_answered_for,
      closing_makes_open_requests_dead, draining_lets_open_requests_end,
      a_head_that_drips_in_is_cut_off, a_body_that_drips_in_is_cut_off,
      a_client_that_does_not_read_is_cut_off, a_big_answer_arrives_whole,
      an_idle_connection_is_closed, too_many_connections_make_room_for_new_ones,
      requests_under_way_are_not_shed, says_why_it_cannot_listen)
