#ifndef SLIPWAY_WIRE_HTTP_SERVER_H
#define SLIPWAY_WIRE_HTTP_SERVER_H

/**
 * HTTP server: answers requests, strictly and in bounded time and memory.
 *
 *     struct http_server *s = http_server_open(loop, &settings, &e);
 *     ...                     a route's handle(cookie, request) is called from the loop;
 *                             http_reply(request, &reply) ends it, at once or later
 *     http_server_drain(s);   no new connection, no new request
 *     http_server_close(s);
 *
 * What is answered before a handler sees anything: malformed or ambiguous
 * requests (http_head.h), a Host that is not one of ours (421, against DNS
 * rebinding), an unknown path (404) or method (405, 501), a body over 64 KiB
 * (413).  A HEAD is answered by the handler of GET, without the body.
 *
 * A connection has a total time for its head, its body and its answer, so
 * that one byte now and then does not hold it open.  When there are too many,
 * the one that has kept us waiting longest makes room for the new one.
 *
 * HTTP/1.1 without TLS; behind a proxy that speaks it if needed.  Answers to POST and refusals
 * close the connection, so that nothing can follow them unseen.
 */

#include "slipway/error.h"
#include "slipway/str.h"

struct loop;
struct http_server;

/**
 * A request that waits for its answer.  Lent to handle() and its own until
 * http_reply(), also when the client goes away meanwhile.
 */
struct http_request {
    struct str method;      /* "GET", "HEAD", "POST" */
    struct str path, query; /* As they came. */
    struct str id;          /* What stood for {id} in the route's path: 1 to 18 digits. */
    struct str body;
    char peer[64]; /* Address of the client, "127.0.0.1"; for the log. */
};

/** Answers `r` by http_reply(), now or later. */
typedef void http_handle(void *cookie, struct http_request *r);

struct http_route {
    const char *method; /* "GET" or "POST" */
    const char *path;   /* "/v1/deployments/{id}": at most one {id}, a number. */
    http_handle *handle;
};

/** Borrowed while the server is opened, but for `routes`; 0 stands for the default. */
struct http_server_settings {
    const char *listen;              /* "127.0.0.1:8470", "[::1]:0"; port 0: any free one. */
    const char *const *hosts;        /* Further names it may be asked under; NULL-terminated, or
                                        NULL. */
    const struct http_route *routes; /* Kept; outlives the server. */
    size_t route_count;
    void *cookie;        /* Of every handle(). */
    int64_t connections; /* At once; 1000. */
    int64_t head_ms;     /* From the first byte (or the connect) to the whole head; 10 s. */
    int64_t body_ms;     /* For the whole body; 15 s. */
    int64_t idle_ms;     /* Between two requests; 30 s. */
    int64_t answer_ms;   /* For the handler; then 503; 30 s. */
    int64_t write_ms;    /* For the client to take the answer; 30 s. */
};

/** Opens and listens.  ERROR_INVALID for a bad `listen`, ERROR_CONFLICT if the address is taken,
 * else ERROR_UNREACHABLE. */
struct http_server *http_server_open(struct loop *l, const struct http_server_settings *settings,
                                     struct error *e) MUST_CHECK;

/** The port it listens on. */
int http_server_port(const struct http_server *s) MUST_CHECK;

/** Connections that are open now; for /metrics. */
int64_t http_server_connections(const struct http_server *s) MUST_CHECK;

/** Stops listening and closes connections that are not being answered; open requests go on. */
void http_server_drain(struct http_server *s);

/**
 * Closes everything at once and frees the server; NULL is allowed.  Requests
 * without an answer become dead: their http_reply() only frees them.
 */
void http_server_close(struct http_server *s);

/** The value of header field `name`; the empty str if absent. */
struct str http_request_field(const struct http_request *r, const char *name) MUST_CHECK;

/** The value of query parameter `name`; the empty str if absent. */
struct str http_request_query(const struct http_request *r, const char *name) MUST_CHECK;

/** True if nobody will see the answer any more. */
bool http_request_is_dead(const struct http_request *r) MUST_CHECK;

/** An answer.  Borrowed: copied before http_reply() returns. */
struct http_reply {
    int status;
    const char *type; /* Content-Type, with its charset. */
    struct str body;
};

/**
 * Answers `r`, exactly once; `r` is gone then.  Adds Date, Content-Length and the
 * headers that keep a browser from misusing the page (CSP, nosniff, no
 * referrer, no frames, no store).
 */
void http_reply(struct http_request *r, const struct http_reply *reply);

/** http_reply() with a line of plain text, to which a line feed is added. */
void http_reply_text(struct http_request *r, int status, const char *text);

#endif
