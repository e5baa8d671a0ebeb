#ifndef SLIPWAY_BENCH_STUB_HTTP_H
#define SLIPWAY_BENCH_STUB_HTTP_H

/**
 * Stub HTTP: as much of an HTTP/1.1 server as a benchmark needs, and no more.
 *
 * One thread, epoll, loopback, keep-alive, one request at a time on a
 * connection.  Trusts its clients.
 */

#include "slipway/memory.h"

/** A whole request; lent until it is answered. */
struct stub_request {
    struct str method, path, target; /* `target` is X-Amz-Target. */
    struct str body;
};

struct stub_peer; /* A connection with an open request. */

/** Answers now by stub_answer(), or keeps `peer` and answers later. */
typedef void stub_handler(void *cookie, struct stub_peer *peer, const struct stub_request *r);

/** The peer is gone, with its request unanswered. */
typedef void stub_gone(void *cookie, struct stub_peer *peer);

/** Called now and then, at the latest `stub_tick_ms` after the last time. */
typedef void stub_tick(void *cookie);

struct stub_server {
    stub_handler *handle;
    stub_gone *gone;
    stub_tick *tick;
    void *cookie;
};

enum { STUB_TICK_MS = 100 };

/** Where an answer's body is to be written: at most `max` bytes more than there are. */
struct buf *stub_body(struct stub_peer *peer);

/** Sends what was written to stub_body(). */
void stub_answer(struct stub_peer *peer, int status, const char *content_type);

/** Listens on 127.0.0.1:`port` (0: any free one), prints "port N" and serves until it is killed. */
void stub_serve(const struct stub_server *s, int port);

#endif
