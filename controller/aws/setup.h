#ifndef SLIPWAY_AWS_SETUP_H
#define SLIPWAY_AWS_SETUP_H

/**
 * Setup: what the configuration, the environment and the shared files say
 * together about how to reach AWS; for this folder only.
 */

#include "aws/call.h"
#include "aws/profile.h"

struct aws_setup {
    struct profiles *profiles; /* Owned, like every text. */
    char *profile;             /* The one in force; "default" if nobody named one. */
    bool profile_named;        /* By the configuration: then the environment's keys do not count. */
    char *region;
    char *endpoints[AWS_SERVICES]; /* What stands in for AWS's own; NULL: nothing. */
    bool fips, dualstack;
    int attempts;       /* 1..10 */
    int64_t timeout_ms; /* At least 1000. */
};

/** Fills `*s` in; false with the reason, and nothing to free. */
bool setup_read(struct aws_setup *s, const struct aws_settings *settings,
                struct error *e) MUST_CHECK;

void setup_free(struct aws_setup *s);

/** A variable of the environment; NULL if it is not set or empty. */
const char *setup_variable(const char *name) MUST_CHECK;

/** Key of profile `name`: of the config file, else of the credentials file; NULL. */
const char *setup_profile_value(const struct aws_setup *s, const char *name,
                                const char *key) MUST_CHECK;

#endif
