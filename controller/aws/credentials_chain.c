#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "aws/account.h"
#include "aws/credential_source.h"
#include "slipway/memory.h"

#define PROFILES_DEEP 8 /* source_profile of source_profile of ... */

/* A profile and those it was reached through; a circle of them is an error. */
struct trail {
    const char *profile;
    const struct trail *from;
};

static struct credential_source *of_profile(struct aws *a, const char *profile,
                                            const struct trail *from);

static struct credential_source *
fail(const char *profile, const char *what)
{
    struct error e;
    char name[160];

    snprintf(name, sizeof(name), "profile %.100s", profile);
    error_set(&e, ERROR_INVALID, "credentials from profile \"%.100s\": %.200s", profile, what);
    return source_failing(name, &e);
}

static struct credential_source *
of_environment(void)
{
    const char *access = setup_variable("AWS_ACCESS_KEY_ID");
    const char *secret = setup_variable("AWS_SECRET_ACCESS_KEY");
    struct error e;

    if (access == NULL)
        return NULL;
    if (secret == NULL) {
        error_set(&e, ERROR_INVALID,
                  "credentials from environment: AWS_ACCESS_KEY_ID is set, "
                  "AWS_SECRET_ACCESS_KEY is not");
        return source_failing("environment", &e);
    }
    return source_static("environment", str_of(access), str_of(secret),
                         str_of(setup_variable("AWS_SESSION_TOKEN")));
}

static struct credential_source *
of_static_profile(const struct aws_setup *s, enum profile_file file, const char *profile)
{
    const char *access = profile_value(s->profiles, file, profile, "aws_access_key_id");
    const char *secret = profile_value(s->profiles, file, profile, "aws_secret_access_key");
    char name[160];

    if (access == NULL)
        return NULL;
    if (secret == NULL)
        return fail(profile, "aws_access_key_id stands there without aws_secret_access_key");
    snprintf(name, sizeof(name), "profile %.100s", profile);
    return source_static(name, str_of(access), str_of(secret),
                         str_of(profile_value(s->profiles, file, profile, "aws_session_token")));
}

/* Static keys and credential_process of a profile, in botocore's order. */
static struct credential_source *
of_plain_profile(struct aws *a, const char *profile)
{
    struct credential_source *s = of_static_profile(&a->setup, PROFILE_CREDENTIALS, profile);
    const char *command = setup_profile_value(&a->setup, profile, "credential_process");

    if (s == NULL && command != NULL)
        s = source_process(a->loop, profile, command);
    return s != NULL ? s : of_static_profile(&a->setup, PROFILE_CONFIG, profile);
}

static struct credential_source *
of_container(struct aws *a)
{
    if (setup_variable("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI") == NULL &&
        setup_variable("AWS_CONTAINER_CREDENTIALS_FULL_URI") == NULL)
        return NULL;
    return source_container(a->loop, a->http);
}

static struct credential_source *
of_instance(struct aws *a)
{
    const char *off = setup_variable("AWS_EC2_METADATA_DISABLED");

    if (off != NULL && strcasecmp(off, "true") == 0)
        return NULL;
    return source_instance(a->http);
}

/* The environment, container or instance that a profile names as its source. */
static struct credential_source *
of_named_source(struct aws *a, const char *profile, const char *named)
{
    struct credential_source *s = NULL;

    if (strcasecmp(named, "Environment") == 0)
        s = of_environment();
    else if (strcasecmp(named, "EcsContainer") == 0)
        s = of_container(a);
    else if (strcasecmp(named, "Ec2InstanceMetadata") == 0)
        s = of_instance(a);
    else
        return fail(profile, "credential_source must be Environment, EcsContainer or "
                             "Ec2InstanceMetadata");
    return s != NULL ? s : fail(profile, "its credential_source has nothing to offer");
}

static struct aws_account *
account_for(struct aws *a, struct credential_source *source)
{
    struct aws_account *by = aws_account_with(a, source != NULL ? aws_credentials(a, source) : NULL,
                                              a->setup.region);

    by->internal = true;
    return by;
}

/* A profile with role_arn, or NULL if it has none. */
static struct credential_source *
of_role_profile(struct aws *a, const char *profile, const struct trail *here)
{
    const struct aws_setup *s = &a->setup;
    const char *source_profile = setup_profile_value(s, profile, "source_profile");
    const char *named = setup_profile_value(s, profile, "credential_source");
    const char *token_file = setup_profile_value(s, profile, "web_identity_token_file");
    const char *seconds = setup_profile_value(s, profile, "duration_seconds");
    struct role_order order = { .role_arn = setup_profile_value(s, profile, "role_arn"),
                                .external_id = setup_profile_value(s, profile, "external_id"),
                                .session_name = setup_profile_value(s, profile,
                                                                    "role_session_name") };
    struct credential_source *source;
    int64_t duration;

    if (order.role_arn == NULL)
        return NULL;
    if (setup_profile_value(s, profile, "mfa_serial") != NULL)
        return fail(profile, "mfa_serial: a daemon has nobody to ask for a code");
    if (source_profile == NULL && named == NULL && token_file != NULL)
        return source_web_identity(account_for(a, NULL), order.role_arn, token_file,
                                   order.session_name);
    if ((source_profile == NULL) == (named == NULL))
        return fail(profile, "role_arn needs one of source_profile and credential_source");
    if (seconds != NULL && str_to_int(str_of(seconds), &duration) && duration >= 900 &&
        duration <= 43200)
        order.duration_ms = SECONDS(duration);
    if (named != NULL)
        source = of_named_source(a, profile, named);
    else if (strcmp(source_profile, profile) == 0) /* Allowed: its own static keys. */
        source = of_plain_profile(a, profile);
    else
        source = of_profile(a, source_profile, here);
    if (source == NULL)
        source = fail(profile, "its source_profile has no credentials");
    return source_role(account_for(a, source), &order);
}

static struct credential_source *
of_profile(struct aws *a, const char *profile, const struct trail *from)
{
    struct trail here = { profile, from };
    struct credential_source *s;
    int deep = 0;

    for (const struct trail *t = from; t != NULL; t = t->from)
        if (++deep >= PROFILES_DEEP || strcmp(t->profile, profile) == 0)
            return fail(profile, "source_profile goes round in a circle");
    if (!profiles_have(a->setup.profiles, profile))
        return strcmp(profile, "default") == 0 ? NULL : fail(profile, "there is no such profile");
    s = of_role_profile(a, profile, &here);
    return s != NULL ? s : of_plain_profile(a, profile);
}

static struct credential_source *
of_web_identity(struct aws *a)
{
    const char *role = setup_variable("AWS_ROLE_ARN");
    const char *file = setup_variable("AWS_WEB_IDENTITY_TOKEN_FILE");

    if (role == NULL || file == NULL)
        return NULL;
    return source_web_identity(account_for(a, NULL), role, file,
                               setup_variable("AWS_ROLE_SESSION_NAME"));
}

/* Single sign-on needs a browser; say so instead of finding nothing. */
static bool
wants_sign_on(const struct aws_setup *s)
{
    return setup_profile_value(s, s->profile, "sso_session") != NULL ||
           setup_profile_value(s, s->profile, "sso_start_url") != NULL;
}

struct credential_source *
source_chain(struct aws *a)
{
    const struct aws_setup *setup = &a->setup;
    struct credential_source *s = setup->profile_named ? NULL : of_environment();
    struct trail here = { setup->profile, NULL };
    struct error e;

    if (s == NULL)
        s = of_role_profile(a, setup->profile, &here);
    if (s == NULL)
        s = of_web_identity(a);
    if (s == NULL && wants_sign_on(setup))
        s = fail(setup->profile, "single sign-on is not supported: use credential_process with "
                                 "\"aws configure export-credentials\"");
    if (s == NULL)
        s = of_plain_profile(a, setup->profile);
    if (s == NULL)
        s = of_container(a);
    if (s == NULL)
        s = of_instance(a);
    if (s != NULL)
        return s;
    error_set(&e, ERROR_DENIED,
              "no credentials: neither in the environment (AWS_ACCESS_KEY_ID) nor in profile "
              "\"%.100s\", no web identity, no container, and the instance is not to be asked",
              setup->profile);
    return source_failing("nothing", &e);
}
