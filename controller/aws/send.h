#ifndef SLIPWAY_AWS_SEND_H
#define SLIPWAY_AWS_SEND_H

/**
 * Send: the untyped call that the typed ones are made of.  For the files of
 * this folder and their tests.
 */

#include "call.h"
#include "slipway/json.h"
#include "wire/http_client.h"

/** What to ask.  Borrowed: copied before aws_ask() returns. */
struct aws_question {
    enum aws_service service;
    const char *operation; /* "CreateDeployment"; literal. */
    const char *method;    /* NULL: "POST". */
    const char *path;      /* As on the wire, percent-encoded; NULL: "/". */
    const char *query;     /* As on the wire; NULL: none. */
    const char *bucket;    /* S3 only. */
    const char *const
        *headers; /* Further "Name: value", signed if x-amz-*; NULL-terminated; or NULL. */
    struct str body;
    int upload_fd; /* Not 0: the body is this file; see http_client.h. */
    int64_t upload_len;
    const char *upload_sha256; /* Hex; NULL: "UNSIGNED-PAYLOAD". */
    http_take *take;           /* Not NULL: gets the body of a 2xx answer. */
    int64_t answer_max;        /* 0: 1 MiB. */
    int64_t timeout_ms;        /* Of one try; 0: as configured. */
    int64_t stall_ms;
    bool idempotent;    /* May be carried out twice without harm. */
    const char *broken; /* Not NULL: why it cannot be sent; literal. */
    bool unsigned_;     /* Goes out without a signature (AssumeRoleWithWebIdentity). */
};

/** A call's end.  Lent. */
struct aws_answer {
    struct aws_result result;
    struct str body;
    const struct http_answer *http; /* NULL if none came. */
    struct aws_account *account;
    const char *service, *operation; /* For messages: "greengrass", "CreateDeployment". */
    void *own;                       /* See aws_ask(). */
};

/** Any callback of a typed call; cast back to its true type before it is called. */
typedef void aws_then(void);

/** Turns an answer into the typed callback's arguments and calls it. */
typedef void aws_read(struct aws_answer *a, aws_then *then, void *cookie);

/**
 * Asks `q` in the name of `account`; read(answer, then, cookie) comes from the loop.
 * `own`, which take() and the reader see, is kept and freed by free_own (NULL: nothing to free).
 */
struct aws_call *aws_ask(struct aws_account *account, const struct aws_question *q, aws_read *read,
                         aws_then *then, void *cookie, void *own, void (*free_own)(void *));

/**
 * The answer was 2xx but is not what it should be: turns `a` into AWS_UNKNOWN
 * with "greengrass CreateDeployment: no deploymentId in the answer".
 */
void aws_wrong(struct aws_answer *a, const char *fmt, ...) PRINTF_LIKE(2, 3);

#endif
