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

/** Who to become. */
struct sts_role {
    const char *role_arn;
    const char *session_name; /* 2..64 of [A-Za-z0-9_+=,.@-]. */
    const char *external_id;  /* AssumeRole only; NULL: none. */
    struct str web_token;     /* AssumeRoleWithWebIdentity only. */
    int64_t duration_ms;      /* 0: STS's own, one hour. */
};

/** Temporary credentials.  Lent: wiped when the callback returns. */
struct sts_credentials {
    const char *access_key, *secret_key, *session_token;
    int64_t expires_ms;
};

/** `c` is NULL unless AWS_OK. */
typedef void sts_assumed(void *cookie, const struct aws_result *r, const struct sts_credentials *c);

/** AssumeRole, signed as `account`. */
struct aws_call *sts_assume_role(struct aws_account *account, const struct sts_role *role,
                                 sts_assumed *done, void *cookie);

/** AssumeRoleWithWebIdentity, which is not signed. */
struct aws_call *sts_assume_role_with_web_identity(struct aws_account *account,
                                                   const struct sts_role *role, sts_assumed *done,
                                                   void *cookie);

#endif
