#ifndef SLIPWAY_TESTS_AWS_TRY_H
#define SLIPWAY_TESTS_AWS_TRY_H

/**
 * AWS try: makes one typed AWS call and prints what came of it, for the
 * black-box tests:
 *
 *     tool_aws_try greengrass_get_deployment ID
 *
 * Region, endpoint and credentials come from the environment, role, external
 * id and Region of the account from TRY_ROLE, TRY_EXTERNAL_ID and TRY_REGION.
 * The first line is "OUTCOME STATUS CODE", then "key: value" lines, or the
 * error.  Exit status 0 if the outcome is ok.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/call.h"
#include "platform/log.h"
#include "platform/loop.h"
#include "wire/http_client.h"

struct aws_try {
    const char *name;
    int needs; /* Arguments. */
    void (*call)(char **arguments);
};

static struct loop *loop;
static struct aws_account *account;
static int exit_status = 1;

static inline void
say(const struct aws_result *r)
{
    printf("%s %d %s\n", aws_outcome_name(r->outcome), r->status, r->code);
    if (r->outcome != AWS_OK)
        printf("error: %s\n", r->error.text);
    exit_status = r->outcome == AWS_OK ? 0 : 1;
    loop_stop(loop);
}

static inline void
text(const char *key, const char *value)
{
    printf("%s: %s\n", key, value);
}

static inline void
number(const char *key, int64_t value)
{
    printf("%s: %lld\n", key, (long long)value);
}

static inline int
aws_try_main(int argc, char **argv, const struct aws_try *calls, size_t count)
{
    struct aws_settings settings = { .attempts = 3, .timeout_ms = 10000 };
    struct account_settings as = { .role_arn = getenv("TRY_ROLE"),
                                   .external_id = getenv("TRY_EXTERNAL_ID"),
                                   .region = getenv("TRY_REGION") };
    struct http_client_settings http_settings = { .ca_bundle = aws_ca_bundle(&settings) };
    struct http_client *http;
    struct aws *aws;
    struct error e;

    log_threshold(LOG_ERROR);
    loop = loop_new();
    http = http_client_new(loop, &http_settings);
    aws = aws_new(loop, http, &settings, &e);
    account = aws != NULL ? aws_account(aws, &as, &e) : NULL;
    if (account == NULL) {
        fprintf(stderr, "%s\n", e.text);
        return 1;
    }
    for (size_t i = 0; i < count && argc > 1; i++)
        if (strcmp(calls[i].name, argv[1]) == 0 && argc - 2 >= calls[i].needs) {
            calls[i].call(argv + 2);
            loop_run(loop);
            aws_free(aws);
            http_client_free(http);
            loop_free(loop);
            return exit_status;
        }
    fprintf(stderr, "which call? see the source\n");
    return 64;
}

#endif
