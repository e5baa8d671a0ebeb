#include "aws/retry.h"

#include <string.h>

#define SKEW_LEAST_MS MINUTES(4)
#define AFTER_SPREAD_MS SECONDS(5)

static const char *const THROTTLING[] = {
    "Throttling",
    "ThrottlingException",
    "ThrottledException",
    "RequestThrottledException",
    "TooManyRequestsException",
    "ProvisionedThroughputExceededException",
    "TransactionInProgressException",
    "LimitExceededException",
    "PriorRequestNotComplete",
    "RequestThrottled",
    "EC2ThrottledException",
    "RequestLimitExceeded",
    "SlowDown",
    "BandwidthLimitExceeded",
    "OverLimit", /* SQS: too many messages in flight. */
};

static const char *const TRANSIENT[] = {
    "RequestTimeout",
    "RequestTimeoutException",
    "InternalError",
    "InternalFailureException",
    "InternalServerException",
    "IDPCommunicationError",
    "ServiceUnavailable",
    "ServiceUnavailableException",
    "RequestAlreadyInProgress",
    "RequestAlreadyInProgressException",
};

static const char *const EXPIRED[] = { "ExpiredToken", "ExpiredTokenException",
                                       "TokenRefreshRequired" };
static const char *const SKEW_SURELY[] = { "RequestTimeTooSkewed", "RequestExpired",
                                           "RequestInTheFuture" };
static const char *const SKEW_MAYBE[] = { "InvalidSignatureException", "SignatureDoesNotMatch",
                                          "AuthFailure" };

static bool
is_one_of(const char *code, const char *const *codes, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(code, codes[i]) == 0)
            return true;
    return false;
}

enum retry_class
retry_classify(const char *code, int status, bool iot)
{
    if (iot && strcmp(code, "LimitExceededException") == 0)
        return RETRY_NEVER;
    if (is_one_of(code, EXPIRED, ARRAY_LEN(EXPIRED)))
        return RETRY_EXPIRED;
    if (is_one_of(code, THROTTLING, ARRAY_LEN(THROTTLING)) || status == 429)
        return RETRY_THROTTLING;
    if (is_one_of(code, TRANSIENT, ARRAY_LEN(TRANSIENT)) || status == 500 || status == 502 ||
        status == 503 || status == 504)
        return RETRY_TRANSIENT;
    return RETRY_NEVER;
}

bool
retry_means_skew(const char *code, int64_t off_ms)
{
    if (is_one_of(code, SKEW_SURELY, ARRAY_LEN(SKEW_SURELY)))
        return true;
    return is_one_of(code, SKEW_MAYBE, ARRAY_LEN(SKEW_MAYBE)) &&
           (off_ms > SKEW_LEAST_MS || off_ms < -SKEW_LEAST_MS);
}

int64_t
retry_wait_ms(enum retry_class c, int tries, int64_t after_ms, double random)
{
    int64_t most = c == RETRY_THROTTLING ? 1000 : 50;

    if (c == RETRY_SKEW || c == RETRY_EXPIRED)
        return 0;
    for (int i = 1; i < tries && most < RETRY_WAIT_MAX_MS; i++)
        most *= 2;
    if (most > RETRY_WAIT_MAX_MS)
        most = RETRY_WAIT_MAX_MS;
    most = (int64_t)((double)most * random);
    if (after_ms < 0)
        return most;
    if (after_ms > RETRY_WAIT_MAX_MS)
        after_ms = RETRY_WAIT_MAX_MS;
    return most < after_ms                     ? after_ms
           : most > after_ms + AFTER_SPREAD_MS ? after_ms + AFTER_SPREAD_MS
                                               : most;
}

int
retry_cost(enum retry_class c)
{
    return c == RETRY_THROTTLING  ? RETRY_COST_THROTTLING
           : c == RETRY_TRANSIENT ? RETRY_COST_TRANSIENT
                                  : 0;
}
