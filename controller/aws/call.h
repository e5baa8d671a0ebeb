#ifndef SLIPWAY_AWS_CALL_H
#define SLIPWAY_AWS_CALL_H

/**
 * Call: one call of one AWS operation, from question to understood answer.
 *
 *     struct aws *aws = aws_new(loop, http, &settings->aws, &e);
 *     struct aws_account *account = aws_account(aws, &pipeline->account, &e);
 *     call = greengrass_get_deployment(account, id, deployment_read, cookie);
 *
 * A call waits for credentials, then for its place under the limit of its
 * account, Region and service, is signed, sent, read, and tried again where
 * that is safe: a question that is not `idempotent` is repeated only if it
 * certainly was not carried out.  done() comes exactly once and never from inside
 * the function that asked; after aws_cancel() it never comes.
 *
 * The typed calls of sqs.h, sagemaker.h, s3.h, greengrass.h, iot.h and sts.h
 * are what other folders use; aws_ask() of send.h is what those are made of.
 */

#include "slipway/error.h"
#include "slipway/settings.h"
#include "slipway/str.h"

struct loop;
struct http_client;
struct http_answer;
struct aws;
struct aws_account;
struct aws_call;

enum aws_service {
    AWS_SQS,
    AWS_STS,
    AWS_SAGEMAKER,
    AWS_GREENGRASS,
    AWS_IOT,
    AWS_S3,
    AWS_SERVICES, /* How many there are. */
};

enum aws_outcome {
    AWS_OK,        /* Carried out, and the answer understood. */
    AWS_REFUSED,   /* A definite no (4xx): nothing was carried out. */
    AWS_THROTTLED, /* Refused for now, tries used up: nothing was carried out. */
    AWS_UNKNOWN,   /* It may have been carried out: read before doing it again. */
    AWS_NOT_SENT,  /* AWS has seen nothing of it: no credentials, no connection, queue full. */
};

/** "ok", "refused", "throttled", "unknown", "not sent". */
const char *aws_outcome_name(enum aws_outcome o) MUST_CHECK;

/** How a call ended.  Lent: gone when the callback returns. */
struct aws_result {
    enum aws_outcome outcome;
    int status;       /* HTTP status of the last try; 0 if none came. */
    int tries;        /* Times it was sent. */
    const char *code; /* AWS's error code without namespace, "ResourceInUse"; "" if none. */
    const char
        *message;       /* AWS's words, cut at 256 bytes, control characters blanked; "" if none. */
    struct error error; /* Unless AWS_OK: one sentence, "sagemaker CreateCompilationJob: ...". */
};

/** True if AWS refused with this code, as in aws_refused(r, "ResourceNotFoundException"). */
bool aws_refused(const struct aws_result *r, const char *code) MUST_CHECK;

/** True if trying the same later may work: throttled, not sent, unknown. */
bool aws_may_pass(const struct aws_result *r) MUST_CHECK;

/**
 * Reads environment, shared files and `settings` (Region, endpoints, profile; copied).
 * NULL with `*e` filled if they contradict themselves or no Region is known.  Loop and client must
 * outlive it.
 */
struct aws *aws_new(struct loop *l, struct http_client *http, const struct aws_settings *settings,
                    struct error *e) MUST_CHECK;

/** Cancels every call and frees; NULL is allowed.  Not from inside a callback. */
void aws_free(struct aws *a);

/** The file of trusted certificates that AWS_CA_BUNDLE or `settings` name, for http_client_new();
 * NULL: none. */
const char *aws_ca_bundle(const struct aws_settings *settings) MUST_CHECK;

/**
 * The account and Region that `s` names: slipway's own (`s` NULL or empty), or
 * a role assumed with slipway's own credentials.  Equal settings give the
 * same account; it belongs to `a`.  NULL with ERROR_INVALID for what is no role ARN.
 */
struct aws_account *aws_account(struct aws *a, const struct account_settings *s,
                                struct error *e) MUST_CHECK;

const char *aws_account_region(const struct aws_account *account) MUST_CHECK;

/** How long a call may take, from sending to the whole answer, if it does not say otherwise. */
int64_t aws_account_timeout_ms(const struct aws_account *account) MUST_CHECK;

/** "aws", "aws-cn" or "aws-us-gov", of its Region. */
const char *aws_account_partition(const struct aws_account *account) MUST_CHECK;

/** Twelve digits; "" until known.  Known from a role ARN at once, else after sts_identify(). */
const char *aws_account_id(const struct aws_account *account) MUST_CHECK;

/**
 * Sets a limit: `operation` of `service` (NULL: all of the service together)
 * at most `per_second` times a second after a burst of `burst` (>= 1).  0 lifts it.  The defaults
 * are AWS's published ceilings (docs: Greengrass V2 endpoints and quotas; IoT Device Management
 * quotas).
 */
void aws_limit(struct aws *a, enum aws_service service, const char *operation, double per_second,
               double burst);

/** Figures since the start, for /metrics. */
struct aws_counts {
    uint64_t calls, tries, throttled, failed;
    uint64_t waiting; /* Now, in front of a limit. */
};
struct aws_counts aws_counts(const struct aws *a, enum aws_service service) MUST_CHECK;

/** "sqs", "sts", "sagemaker", "greengrassv2", "iot", "s3": as in endpoint_settings. */
const char *aws_service_name(enum aws_service service) MUST_CHECK;

/** Takes a call back: no callback will come, though AWS may still carry it out.  NULL is allowed.
 */
void aws_cancel(struct aws_call *call);

#endif
