#ifndef SLIPWAY_AWS_CREDENTIALS_H
#define SLIPWAY_AWS_CREDENTIALS_H

/**
 * Credentials: who slipway is to AWS.
 *
 * The sources are tried in botocore's order, and the first one that is configured is
 * the one:
 *
 *     environment                AWS_ACCESS_KEY_ID, ...; not if a profile was named explicitly
 *     profile with role_arn      and source_profile or credential_source, or
 * web_identity_token_file web identity               AWS_ROLE_ARN and AWS_WEB_IDENTITY_TOKEN_FILE
 *     shared credentials file    static keys of the profile
 *     profile's credential_process
 *     config file                static keys of the profile
 *     container                  AWS_CONTAINER_CREDENTIALS_RELATIVE_URI or _FULL_URI
 *     instance                   IMDSv2
 *
 * What expires is fetched again 15 minutes before (in the background) and
 * waited for from 10 minutes before.  One fetch is in flight at a time; all
 * who ask meanwhile wait for it.  Errors name the source and what to do,
 * never a secret.
 */

#include "slipway/error.h"
#include "slipway/str.h"

#define CREDENTIALS_ADVISORY_MS MINUTES(15)
#define CREDENTIALS_MANDATORY_MS MINUTES(10)

struct secret;
struct credentials;
struct credentials_wait;
struct credential_source;
struct loop;

/** Lent: valid until the next turn. */
struct credential_set {
    const char *access_key;
    const struct secret *secret_key;
    const struct secret *session_token; /* NULL: none. */
    int64_t expires_ms;                 /* 0: never. */
    const char *source;                 /* "environment", "profile dev", ...; for people. */
    unsigned generation; /* Counts the fetches: two sets of one number are the same. */
};

/** `set` is NULL if there are none; then `e` says why. */
typedef void credentials_ready(void *cookie, const struct credential_set *set,
                               const struct error *e);

/** Keeps `source`: frees it with itself. */
struct credentials *credentials_new(struct loop *l, struct credential_source *source) MUST_CHECK;
void credentials_free(struct credentials *c);

/** The cached set if it may be used now, else NULL: then ask credentials_get().  Starts the
 * background refresh. */
const struct credential_set *credentials_now(struct credentials *c) MUST_CHECK;

/** Calls ready() from the loop, never from inside. */
struct credentials_wait *credentials_get(struct credentials *c, credentials_ready *ready,
                                         void *cookie);

/** Takes the question back; NULL is allowed. */
void credentials_cancel(struct credentials_wait *w);

/** AWS said that the set numbered `generation` has expired: the next question fetches anew. */
void credentials_expired(struct credentials *c, unsigned generation);

#endif
