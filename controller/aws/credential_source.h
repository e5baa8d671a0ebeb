#ifndef SLIPWAY_AWS_CREDENTIAL_SOURCE_H
#define SLIPWAY_AWS_CREDENTIAL_SOURCE_H

/**
 * Credential source: one place credentials come from; for this folder only.
 */

#include "aws/credentials.h"
#include "aws/setup.h"
#include "wire/http_client.h"

struct aws;

/** What a source found; the secrets are the receiver's from then on. */
struct credential_found {
    char access_key[129];
    struct secret *secret_key;
    struct secret *session_token; /* NULL: none. */
    int64_t expires_ms;           /* 0: never. */
};

/** `found` is NULL if there are none; then `e` says why, with the source's name. */
typedef void credential_fetched(void *cookie, struct credential_found *found,
                                const struct error *e);

/** The head of every source's own struct. */
struct credential_source {
    char name[160]; /* "environment", "profile dev", ...; for people. */

    /** Fetches; calls fetched(cookie, ...) once, perhaps from inside.  Not called while one is
     * under way. */
    void (*fetch)(struct credential_source *s, credential_fetched *fetched, void *cookie);

    /** Frees it; a fetch under way is given up and never answered. */
    void (*free)(struct credential_source *s);
};

/** Fills `*f` in from texts; false with the reason if a key is missing or too long. */
bool credential_found_set(struct credential_found *f, struct str access_key, struct str secret_key,
                          struct str session_token, struct error *e) MUST_CHECK;

/**
 * Reads the JSON of a container, an instance or a process (`token_key` "Token" or
 * "SessionToken"); no error text quotes it.
 */
bool credential_found_read(struct credential_found *f, struct str json, const char *token_key,
                           struct error *e) MUST_CHECK;

/** Each makes one source; the caller owns it. */
struct credential_source *source_static(const char *name, struct str access_key,
                                        struct str secret_key, struct str session_token);
struct credential_source *source_process(struct loop *l, const char *profile, const char *command);
struct credential_source *source_container(struct loop *l, struct http_client *http);
struct credential_source *source_instance(struct http_client *http);
struct credential_source *source_failing(const char *name, const struct error *e);

struct role_order {
    const char *role_arn, *external_id, *session_name;
    int64_t duration_ms; /* 0: STS's own, one hour. */
};

/** AssumeRole in the name of `by`, which must outlive the source. */
struct credential_source *source_role(struct aws_account *by, const struct role_order *order);

/** AssumeRoleWithWebIdentity; the token file is read anew each time.  `by` gives Region and wire
 * only. */
struct credential_source *source_web_identity(struct aws_account *by, const char *role_arn,
                                              const char *token_file, const char *session_name);

/** The chain for slipway's own credentials, as credentials.h says. */
struct credential_source *source_chain(struct aws *a);

#endif
