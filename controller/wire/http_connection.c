#include "http_server_internal.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>

#include "platform/loop.h"

#define LINGER_MS 1000
#define LINGER_MAX 262144U /* Bytes thrown away from a client that goes on sending. */
#define REPLY_MAX (32U * 1048576)

/*
 *   HEAD ──> BODY ──> ANSWERING ──> WRITING ──> HEAD       one request after the other
 *     └────────┴── refused ──────────┘   └────> LINGER     the last one
 *
 * Each arrow starts the clock anew; when it runs out the connection is closed (ANSWERING: with
 * 503). LINGER: all is said; what the client still sends is thrown away until it has seen the
 * answer, because closing with unread bytes would reset the connection and could take the answer
 * back.
 */
enum phase { PHASE_HEAD, PHASE_BODY, PHASE_ANSWERING, PHASE_WRITING, PHASE_LINGER };

struct connection {
    TAILQ_ENTRY(connection) link;
    struct http_server *server;
    struct bufferevent *stream; /* Owned, with its socket. */
    struct timer *deadline;     /* Of the phase. */
    enum phase phase;
    bool head_begun;           /* PHASE_HEAD: its first byte is there. */
    size_t head_seen;          /* PHASE_HEAD: bytes already looked at for its end. */
    size_t thrown;             /* PHASE_LINGER: bytes. */
    bool eof;                  /* The client sends no more. */
    bool closes;               /* After the answer under way. */
    struct exchange *exchange; /* PHASE_BODY, PHASE_ANSWERING; else NULL. */
    char peer[64];
};

/* ---- phases --------------------------------------------------------------------------------- */

static struct connections *
list_of(struct connection *c)
{
    return c->phase == PHASE_ANSWERING ? &c->server->client_waits : &c->server->we_wait;
}

static void
enter(struct connection *c, enum phase phase, int64_t time_ms)
{
    /* A slow body stays where its head was in the queue of those that make room. */
    bool moves = phase != PHASE_BODY;

    if (moves)
        TAILQ_REMOVE(list_of(c), c, link);
    c->phase = phase;
    if (moves)
        TAILQ_INSERT_TAIL(list_of(c), c, link);
    timer_start(c->deadline, time_ms);
}

static void
await_head(struct connection *c, bool first)
{
    const struct http_server_settings *t = &c->server->settings;

    c->head_begun = first; /* The first head's time runs from the connect. */
    c->head_seen = 0;
    c->closes = false;
    enter(c, PHASE_HEAD, first ? t->head_ms : t->idle_ms);
}

static void
exchange_free(struct exchange *x)
{
    free(x->bytes);
    free(x);
}

/* The handler that was not asked, or has answered, knows nothing of it any more. */
static void
let_go(struct connection *c)
{
    struct exchange *x = c->exchange;

    if (x == NULL)
        return;
    c->exchange = NULL;
    x->connection = NULL;
    if (c->phase == PHASE_BODY || x->answered)
        exchange_free(x);
}

void
connection_close(struct connection *c)
{
    struct http_server *s = c->server;

    let_go(c);
    TAILQ_REMOVE(list_of(c), c, link);
    s->count--;
    timer_free(c->deadline);
    bufferevent_free(c->stream);
    free(c);
}

/* ---- answering ------------------------------------------------------------------------------ */

static void
write_reply(struct connection *c, const struct http_reply *reply, bool without_body, bool to_post)
{
    struct buf head = { .max = 4096 };

    reply_head(&head, reply, loop_now_ms(c->server->loop), c->closes, to_post);
    assert(!head.overflow);
    enter(c, PHASE_WRITING, c->server->settings.write_ms);
    bufferevent_write(c->stream, head.at, head.len);
    if (!without_body && reply->body.len > 0)
        bufferevent_write(c->stream, reply->body.at, reply->body.len);
    buf_free(&head);
}

/* Says no to what cannot be handed to a handler, and closes. */
static void
refuse(struct connection *c, int status, const char *why)
{
    char line[160];
    struct http_reply reply = { status, "text/plain; charset=utf-8", { NULL, 0 } };
    bool to_post = c->exchange != NULL && str_is(c->exchange->head.method, "POST");

    evutil_snprintf(line, sizeof(line), "%s\n", why);
    reply.body = str_of(line);
    c->closes = true;
    if (c->exchange != NULL)
        exchange_free(c->exchange); /* No handler has it. */
    c->exchange = NULL;
    write_reply(c, &reply, false, to_post);
}

void
http_reply(struct http_request *r, const struct http_reply *reply)
{
    struct exchange *x = (struct exchange *)r;
    struct connection *c = x->connection;
    bool posts = str_is(x->head.method, "POST");

    assert(!x->answered);
    assert(reply->body.len <= REPLY_MAX);
    x->answered = true;
    if (c == NULL) {
        exchange_free(x);
        return;
    }
    if (posts || reply->status >= 400 || c->server->draining)
        c->closes = true;
    write_reply(c, reply, str_is(x->head.method, "HEAD"), posts);
    let_go(c);
}

struct str
http_request_field(const struct http_request *r, const char *name)
{
    return http_head_field(&((const struct exchange *)r)->head, name);
}

struct str
http_request_query(const struct http_request *r, const char *name)
{
    struct str value = { NULL, 0 };

    return http_query(r->query, name, &value) ? value : (struct str){ NULL, 0 };
}

bool
http_request_is_dead(const struct http_request *r)
{
    return ((const struct exchange *)r)->connection == NULL;
}

/* ---- reading -------------------------------------------------------------------------------- */

static void
hand_over(struct connection *c)
{
    struct exchange *x = c->exchange;
    struct http_server *s = c->server;
    const struct http_route *route;
    int status;

    route = server_route(s, &x->head, &x->request.id, &status);
    if (route == NULL) {
        refuse(c, status,
               status == 405 ? "this path takes another method" : "there is no such page");
        return;
    }
    x->request.method = x->head.method;
    x->request.path = x->head.path;
    x->request.query = x->head.query;
    x->request.body = (struct str){ x->bytes + x->head_len, x->head.body_len };
    memcpy(x->request.peer, c->peer, sizeof(c->peer));
    enter(c, PHASE_ANSWERING, s->settings.answer_ms);
    route->handle(s->settings.cookie, &x->request);
}

static void
read_body(struct connection *c)
{
    struct evbuffer *in = bufferevent_get_input(c->stream);
    struct exchange *x = c->exchange;

    if (evbuffer_get_length(in) < x->head.body_len)
        return;
    if (x->head.body_len > 0)
        evbuffer_remove(in, x->bytes + x->head_len, x->head.body_len);
    hand_over(c);
}

static void
take_head(struct connection *c, size_t len)
{
    struct evbuffer *in = bufferevent_get_input(c->stream);
    struct exchange *x = xcalloc(1, sizeof(*x));
    const char *why = "";
    int status;

    x->connection = c;
    x->head_len = len;
    x->bytes = xmalloc(len);
    evbuffer_remove(in, x->bytes, len);
    c->exchange = x;
    status = http_head_read(&x->head, (struct str){ x->bytes, len }, &why);
    if (status != 0) {
        refuse(c, status, why);
        return;
    }
    if (!server_answers_to(c->server, x->head.host, bufferevent_getfd(c->stream))) {
        refuse(c, 421, "this server has another name; see page_url in the configuration");
        return;
    }
    c->closes = x->head.wants_close;
    x->bytes = xrealloc(x->bytes, len + x->head.body_len + 1);
    /* What was cut from the old place is cut again from the new one. */
    status = http_head_read(&x->head, (struct str){ x->bytes, len }, &why);
    assert(status == 0);
    enter(c, PHASE_BODY, c->server->settings.body_ms);
    if (x->head.wants_continue && evbuffer_get_length(in) == 0)
        bufferevent_write(c->stream, "HTTP/1.1 100 Continue\r\n\r\n", 25);
    read_body(c);
}

static void
read_head(struct connection *c)
{
    struct evbuffer *in = bufferevent_get_input(c->stream);
    size_t there = evbuffer_get_length(in), len = 0;
    size_t looked_at = there < HTTP_HEAD_MAX ? there : HTTP_HEAD_MAX;
    const char *bytes = (const char *)evbuffer_pullup(in, (ev_ssize_t)looked_at);
    struct str head = { bytes, looked_at };

    if (there == 0)
        return;
    if (!c->head_begun) {
        c->head_begun = true;
        timer_start(c->deadline, c->server->settings.head_ms);
    }
    switch (http_head_find(head, &c->head_seen, &len)) {
    case HTTP_HEAD_FINISHED:
        take_head(c, len);
        break;
    case HTTP_HEAD_BROKEN:
        refuse(c, 400, "a control character or a bare line end in the head");
        break;
    case HTTP_HEAD_UNFINISHED:
        if (looked_at == HTTP_HEAD_MAX)
            refuse(c, 431, "the head is longer than 8 KiB");
        break;
    }
}

static void
throw_away(struct connection *c)
{
    struct evbuffer *in = bufferevent_get_input(c->stream);

    c->thrown += evbuffer_get_length(in);
    evbuffer_drain(in, evbuffer_get_length(in));
    if (c->thrown > LINGER_MAX)
        connection_close(c);
}

static void
came(struct bufferevent *stream, void *cookie)
{
    struct connection *c = cookie;

    (void)stream;
    switch (c->phase) {
    case PHASE_HEAD:
        read_head(c);
        break;
    case PHASE_BODY:
        read_body(c);
        break;
    case PHASE_LINGER:
        throw_away(c);
        break;
    case PHASE_ANSWERING: /* The next request waits. */
    case PHASE_WRITING:
        break;
    }
}

/* ---- the end of an answer ------------------------------------------------------------------- */

static void
written(struct bufferevent *stream, void *cookie)
{
    struct connection *c = cookie;

    (void)stream;
    if (c->phase != PHASE_WRITING)
        return; /* That was the 100. */
    if (!c->closes && !c->server->draining) {
        await_head(c, false);
        read_head(c); /* The next request may be there already. */
        if (!c->eof || c->phase != PHASE_HEAD)
            return;
    }
    if (c->eof) {
        connection_close(c);
        return;
    }
    shutdown(bufferevent_getfd(c->stream), SHUT_WR);
    enter(c, PHASE_LINGER, LINGER_MS);
    throw_away(c);
}

static void
ended(struct bufferevent *stream, short what, void *cookie)
{
    struct connection *c = cookie;

    (void)stream;
    c->eof = true;
    /* Who has stopped sending may still be listening. */
    if ((what & BEV_EVENT_EOF) != 0 && (c->phase == PHASE_ANSWERING || c->phase == PHASE_WRITING))
        return;
    connection_close(c);
}

static void
too_late(void *cookie)
{
    struct connection *c = cookie;

    if (c->phase != PHASE_ANSWERING) {
        connection_close(c);
        return;
    }
    c->exchange->connection = NULL; /* The handler's own now. */
    c->exchange = NULL;
    refuse(c, 503, "no answer in time; try again");
}

void
connections_drain(struct http_server *s)
{
    struct connection *next;

    for (struct connection *c = TAILQ_FIRST(&s->we_wait); c != NULL; c = next) {
        next = TAILQ_NEXT(c, link);
        if (c->phase == PHASE_HEAD || c->phase == PHASE_LINGER)
            connection_close(c);
    }
}

void
connection_open(struct http_server *s, int fd, const char *peer)
{
    struct connection *c = xcalloc(1, sizeof(*c));

    c->server = s;
    c->stream = bufferevent_socket_new(s->base, fd, BEV_OPT_CLOSE_ON_FREE);
    if (c->stream == NULL)
        memory_exhausted();
    evutil_snprintf(c->peer, sizeof(c->peer), "%s", peer);
    c->deadline = timer_new(s->loop, too_late, c);
    s->count++;
    TAILQ_INSERT_TAIL(list_of(c), c, link);
    bufferevent_setcb(c->stream, came, written, ended, c);
    /* Room for one whole request and a byte to see that there is more. */
    bufferevent_setwatermark(c->stream, EV_READ, 0, HTTP_HEAD_MAX + HTTP_BODY_MAX + 1);
    await_head(c, true);
    bufferevent_enable(c->stream, EV_READ | EV_WRITE);
}
