#ifndef SLIPWAY_WIRE_HTTP_SERVER_INTERNAL_H
#define SLIPWAY_WIRE_HTTP_SERVER_INTERNAL_H

/** HTTP server internal: what http_server.c and http_connection.c share; for this folder only. */

#include <sys/queue.h>

#include "http_head.h"
#include "http_server.h"
#include "slipway/memory.h"

struct bufferevent;
struct event_base;
struct timer;
struct connection;

TAILQ_HEAD(connections, connection);

struct http_server {
    struct loop *loop;
    struct event_base *base;
    struct evconnlistener *listener;
    struct timer *listen_again; /* After the machine had no file descriptor left. */
    struct http_server_settings settings;
    char **hosts; /* Owned, NULL-terminated. */
    int port;
    bool draining;
    /* Every open connection is in one of the two: the client waits for a handler's answer, or
       we wait for the client to send, to read or to go; the latter in the order of how long. */
    struct connections client_waits, we_wait;
    int64_t count;
};

/** A request and all its texts are cut from. */
struct exchange {
    struct http_request request;   /* First: a handler's pointer is a pointer to this. */
    struct connection *connection; /* NULL: dead. */
    struct http_head head;
    char *bytes; /* Owned: the head, then the body. */
    size_t head_len;
    bool answered;
};

/** Takes over `fd`, a connected socket of a client called `peer`. */
void connection_open(struct http_server *s, int fd, const char *peer);

/** Closes it at once; its open request becomes dead. */
void connection_close(struct connection *c);

/** Closes every connection that has no request or answer under way. */
void connections_drain(struct http_server *s);

/** True if `host` is one of the server's own names, or the address `fd` was reached at. */
bool server_answers_to(const struct http_server *s, struct str host, int fd) MUST_CHECK;

/**
 * The route for a request, its {id} in `*id`; NULL if there is none: `*status` is then
 * 404 or, if the path is known under another method, 405.
 */
const struct http_route *server_route(const struct http_server *s, const struct http_head *h,
                                      struct str *id, int *status) MUST_CHECK;

/** Adds the whole head of an answer; `to_post`: the request was a POST. */
void reply_head(struct buf *out, const struct http_reply *reply, int64_t now_ms, bool closes,
                bool to_post);

#endif
