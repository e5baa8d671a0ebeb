#ifndef SLIPWAY_AWS_STS_H
#define SLIPWAY_AWS_STS_H

/**
 * STS: who am I, and becoming somebody else (protocol query, XML answers).
 */

#include "call.h"

struct sts_identity {
    const char *account; /* Twelve digits. */
    const char *arn;
};

/** `id` is NULL unless AWS_OK. */
typedef void sts_identified(void *cookie, const struct aws_result *r,
                            const struct sts_identity *id);

/** GetCallerIdentity; from then on aws_account_id() knows. */
struct aws_call *sts_identify(struct aws_account *account, sts_identified *done, void *cookie);

#endif
