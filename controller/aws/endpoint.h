#ifndef SLIPWAY_AWS_ENDPOINT_H
#define SLIPWAY_AWS_ENDPOINT_H

/**
 * Endpoint: the host that answers for a service in a Region; for this folder only.
 *
 * Pure.  The host names are those of botocore's endpoint rule sets for the
 * partitions aws, aws-cn and aws-us-gov.
 */

#include "aws/call.h"

#define ENDPOINT_SIZE 512

struct endpoint_question {
    enum aws_service service;
    const char *region;
    const char *configured; /* Stands in for AWS's own; NULL: nothing. */
    bool fips, dualstack;
    const char *bucket; /* S3; NULL otherwise. */
};

struct endpoint {
    char base[ENDPOINT_SIZE]; /* "https://host[:port]" */
    char host[ENDPOINT_SIZE]; /* "host[:port]", as the Host header says it. */
    char
        path[ENDPOINT_SIZE]; /* What stands before the call's own path: "", "/prefix", "/bucket". */
    bool plain_http;
};

/** False with ERROR_INVALID for a name that fits into no URL. */
bool endpoint_find(const struct endpoint_question *q, struct endpoint *to,
                   struct error *e) MUST_CHECK;

/** True for 1..32 of a-z 0-9 '-': what may become part of a host name. */
bool endpoint_region_is_valid(const char *region) MUST_CHECK;

/** True for "http(s)://host[:port][/path]" without user, query or fragment. */
bool endpoint_url_is_usable(const char *url) MUST_CHECK;

/** "aws", "aws-cn" or "aws-us-gov". */
const char *endpoint_partition(const char *region) MUST_CHECK;

#endif
