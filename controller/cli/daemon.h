#ifndef SLIPWAY_CLI_DAEMON_H
#define SLIPWAY_CLI_DAEMON_H

/** Daemon: where it listens, and what it says of one deployment. */

#include "cli_internal.h"
#include "slipway/deployment.h"

#define DAEMON_URL_SIZE 1024

/** What a person must see before deciding. */
struct sight {
    int64_t id;
    char pipeline[PIPELINE_NAME_SIZE], arn[2049], state[32], why[1024];
    char digest[DIGEST_SIZE]; /* "" if there is none yet. */
};

/** Writes the daemon's address, ending with '/'; CLI_OK, or the exit status, having complained. */
int daemon_url(const struct arguments *a, char buf[DAEMON_URL_SIZE]) MUST_CHECK;

/** Asks the daemon at `url` for deployment `id`; CLI_OK, or the exit status, having complained. */
int daemon_look(const char *url, int64_t id, struct sight *out) MUST_CHECK;

#endif
