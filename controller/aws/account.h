#ifndef SLIPWAY_AWS_ACCOUNT_H
#define SLIPWAY_AWS_ACCOUNT_H

/**
 * Account: the insides of struct aws and struct aws_account; for this folder only.
 */

#include <sys/queue.h>

#include "aws/credentials.h"
#include "aws/limiter.h"
#include "aws/retry.h"
#include "aws/send.h"
#include "aws/setup.h"
#include "aws/sigv4.h"

#define LIMITS_MAX 32
#define LANE_QUEUE_MAX 4096 /* Calls that may wait in front of one limit. */

struct timer;

/** One line of the table of limits. */
struct limit_rule {
    enum aws_service service;
    const char *operation; /* NULL: all of the service together. */
    double per_second, burst;
};

/** Where the calls of one account, Region and service wait. */
struct lane {
    LIST_ENTRY(lane) link;
    struct aws *aws;
    char id[13]; /* The account's; "" if it was not known when the lane was made. */
    char *region;
    enum aws_service service;
    struct limiter limiters[LIMITS_MAX]; /* Beside aws->rules. */
    TAILQ_HEAD(, aws_call) waiting;
    struct timer *timer; /* Until the next permit. */
    int bucket;          /* Permits to retry left, 0..RETRY_BUCKET_MAX. */
    struct endpoint *to; /* Where calls without a bucket go; owned; NULL before the first. */
};

struct aws_account {
    LIST_ENTRY(aws_account) link;
    struct aws *aws;
    char *region, *role_arn, *external_id; /* The last two may be NULL. */
    char id[13];
    bool internal;                   /* Of a credential source; nobody else may get it. */
    struct credentials *credentials; /* One of aws->credentials; NULL: signs nothing. */
    struct sigv4_cache keys[AWS_SERVICES];
    struct lane *lanes[AWS_SERVICES]; /* Found at first use. */
};

/** A credentials object and its place on the list of all. */
struct owned_credentials {
    LIST_ENTRY(owned_credentials) link;
    struct credentials *credentials;
};

struct aws {
    struct loop *loop;
    struct http_client *http;
    struct aws_setup setup;
    int64_t clock_offset_ms; /* AWS's clock minus ours, learnt from a refusal. */
    struct limit_rule rules[LIMITS_MAX];
    size_t rule_count;
    struct aws_counts counts[AWS_SERVICES];
    struct json_token *tape; /* For answers; grows. */
    size_t tape_room;
    char *texts; /* Room where the texts of one answer are unescaped. */
    size_t texts_room;
    struct aws_account *own; /* Slipway's own, in its own Region; on the list. */
    LIST_HEAD(, aws_account) accounts;
    LIST_HEAD(, owned_credentials) credentials;
    LIST_HEAD(, lane) lanes;
    LIST_HEAD(, aws_call) calls;
};

/** Takes `source` and makes credentials that live as long as `a`. */
struct credentials *aws_credentials(struct aws *a, struct credential_source *source) MUST_CHECK;

/** A further account that signs with `c` (NULL: nothing); lives as long as `a`. */
struct aws_account *aws_account_with(struct aws *a, struct credentials *c,
                                     const char *region) MUST_CHECK;

/** The lane of `account` and `service`. */
struct lane *lane_of(struct aws_account *account, enum aws_service service) MUST_CHECK;

/** How long `operation` must wait in `l`; 0: a permit was taken. */
int64_t lane_permit(struct lane *l, const char *operation, int64_t now_ms) MUST_CHECK;

void lanes_free(struct aws *a);

/** Before the credentials go: no call waits for them any more. */
void calls_part_from_credentials(struct aws *a);

/** Cancels and frees every call. */
void calls_free(struct aws *a);

#endif
