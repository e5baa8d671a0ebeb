#ifndef SLIPWAY_WIRE_HTTP_CLIENT_H
#define SLIPWAY_WIRE_HTTP_CLIENT_H

/**
 * HTTP client: asks another server something, without waiting.
 *
 * The only place that knows libcurl.  One struct http_call per question:
 *
 *     send ──> on the wire ──> done      exactly once, or
 *                    └───────> cancel    then never done
 *
 * done() is never called from inside http_send(), so a caller may finish
 * setting itself up after sending.  Every failure, also one before sending,
 * arrives through done().  HTTP/1.1; no redirect is followed, no proxy is taken from the
 * environment, no password file is read, certificates are verified and TLS is 1.2 or later.
 */

#include "slipway/error.h"
#include "slipway/str.h"

struct loop;
struct http_client;
struct http_call;

/** Borrowed while the client is made; 0 and NULL stand for the default. */
struct http_client_settings {
    const char *ca_bundle;    /* File of trusted certificates; NULL: the system's. */
    const char *proxy;        /* "http://host:port"; NULL: none, whatever the environment says. */
    int64_t connect_ms;       /* Time for DNS, connect and TLS; 10 s. */
    int64_t connections_host; /* To one host and port; 128. */
    int64_t connections;      /* In all; 512. */
};

/**
 * Takes the next piece of a 2xx answer's body.  `offset` is its place in the
 * body: 0 begins (or begins anew, after a retry of the caller's).  False with
 * `*e` filled ends the call; it then fails as HTTP_ABANDONED.
 */
typedef bool http_take(void *cookie, int64_t offset, struct str piece, struct error *e);

/** What to ask.  Borrowed: all of it is copied before http_send() returns. */
struct http_question {
    const char *method;         /* "GET", "POST", ... */
    const char *url;            /* Absolute, path and query as they shall go out. */
    const char *const *headers; /* "Name: value", NULL-terminated; or NULL. */
    struct str body;
    int upload_fd;      /* Not 0: the body is the first `upload_len` bytes of this file, read with
                           pread; lent until the call ends. */
    int64_t upload_len; /* 0..2^62 */
    http_take *take;    /* Not NULL: gets the body of a 2xx answer piece by piece. */
    void *take_cookie;
    int64_t timeout_ms; /* Of the whole call, at least 1. */
    int64_t stall_ms;   /* Not 0: fails also when less than 1 KiB/s moved for so long. */
    int64_t answer_max; /* Bytes of body; one more is HTTP_TOO_LONG. */
    bool plain_http;    /* http:// is allowed: the endpoint was configured so. */
    bool once;          /* Must not go out twice: uses a new connection, because on a used one that
                           breaks libcurl sends again by itself. */
};

enum http_outcome {
    HTTP_ANSWERED,  /* There is a whole answer, of whatever status. */
    HTTP_NOT_SENT,  /* DNS, connect, TLS or the URL: the other side has seen nothing of it. */
    HTTP_BROKEN,    /* The connection broke after bytes went out: it may have been carried out. */
    HTTP_TIMED_OUT, /* No whole answer in time: it may have been carried out. */
    HTTP_TOO_LONG,  /* `status` is known, the body was too long. */
    HTTP_ABANDONED, /* take() refused; `status` is known. */
};

/** What came back.  Lent: gone when done() returns. */
struct http_answer {
    enum http_outcome outcome;
    int status;         /* 100..599; 0 if none came. */
    struct str body;    /* NUL-terminated; empty if take() had it. */
    struct str headers; /* As received, lines ended by CR LF; at most 64 KiB. */
    struct error error; /* Filled unless HTTP_ANSWERED. */
};

typedef void http_done(void *cookie, const struct http_answer *a);

/** The value of header `name` (any case), blanks trimmed; the empty str if absent.  The last one of
 * several. */
struct str http_header(const struct http_answer *a, const char *name) MUST_CHECK;

/** Makes a client on `l`, which must outlive it.  `settings` may be NULL. */
struct http_client *http_client_new(struct loop *l,
                                    const struct http_client_settings *settings) MUST_CHECK;

/** Cancels what is on the wire and frees the client; NULL is allowed.  Not from inside done(). */
void http_client_free(struct http_client *c);

/**
 * Asks `q`; calls done(cookie, answer) from the loop.  The call belongs to
 * the client; the caller keeps the pointer only to cancel, and forgets it in
 * done().
 */
struct http_call *http_send(struct http_client *c, const struct http_question *q, http_done *done,
                            void *cookie);

/** Takes a call back; neither done() nor take() will be called.  NULL is allowed. */
void http_cancel(struct http_call *r);

#endif
