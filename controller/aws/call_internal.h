#ifndef SLIPWAY_AWS_CALL_INTERNAL_H
#define SLIPWAY_AWS_CALL_INTERNAL_H

/** Call internal: what call.c and call_wire.c share. */

#include "aws/account.h"
#include "aws/refusal.h"
#include "platform/loop.h"

/** Where a call is; each row names what is not NULL in it. */
enum call_state {
    CALL_FAILED,  /* Cannot be sent; call_fail() is put off. */
    CALL_QUEUED,  /* On lane->waiting. */
    CALL_SIGNING, /* Waits for credentials: wait. */
    CALL_SENT,    /* On the wire: http. */
    CALL_PAUSED,  /* Will be tried again: timer. */
};

struct aws_call {
    LIST_ENTRY(aws_call) link;
    TAILQ_ENTRY(aws_call) queued;
    enum call_state state;
    struct aws_account *account;
    struct lane *lane;
    struct aws_question q; /* Its texts are owned. */
    char **headers;        /* What q.headers points to. */
    struct str body;
    struct credentials_wait *wait;
    struct http_call *http;
    struct timer *timer;
    int tries;
    bool skew_mended, expiry_mended;
    unsigned generation; /* Of the credentials it went out with. */
    int paid;            /* What the last retry took from the bucket. */
    aws_read *read;
    aws_then *then;
    void *cookie;
    void *own;
    void (*free_own)(void *);
    struct error error; /* CALL_FAILED */
};

/** Signs with `set` (NULL: not at all) and sends; the answer goes to call_answered(). */
bool call_transmit(struct aws_call *c, const struct credential_set *set,
                   struct error *e) MUST_CHECK;

/** The wire's end of a try. */
void call_answered(void *cookie, const struct http_answer *http);

#endif
