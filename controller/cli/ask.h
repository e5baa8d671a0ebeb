#ifndef SLIPWAY_CLI_ASK_H
#define SLIPWAY_CLI_ASK_H

/** Ask: one HTTP request to the daemon, waiting for its answer. */

#include "slipway/error.h"
#include "slipway/memory.h"

/** What the daemon said. */
struct asked {
    int status;      /* 0: nothing; `error` says why. */
    struct buf body; /* Owned: buf_free(). */
    struct error error;
};

/** Asks and waits at most 30 s.  `headers` as in http_client.h. */
void ask(const char *method, const char *url, const char *const *headers, struct str body,
         struct asked *out);

#endif
