#ifndef SLIPWAY_AWS_SIGV4_H
#define SLIPWAY_AWS_SIGV4_H

/**
 * SigV4: signs one HTTP request with AWS Signature Version 4, in a header.
 *
 * Pure: the time is given, nothing is sent.  The source of the rules is "Create a signed AWS
 * API request" of the IAM User Guide; where it is silent, what
 * botocore sends.  Signed are host, content-type and every x-amz-* header,
 * and whatever else the caller names in `headers`.
 */

#include "slipway/error.h"
#include "slipway/memory.h"

/** The day's key, derived once per key, date, Region and service; zeroed at first, owned by the
 * caller. */
struct sigv4_cache {
    uint8_t key[32];
    char scope[192];         /* "20260102/us-east-1/sqs/aws4_request"; empty: nothing cached. */
    uint8_t secret_mark[32]; /* SHA-256 of the secret the key came from. */
};

/** Who signs.  Borrowed. */
struct sigv4_key {
    struct str access_key;
    struct str secret_key;
    struct str session_token; /* Empty: none. */
};

struct sigv4_header {
    struct str name, value;
};

/** The request as it goes out.  Borrowed. */
struct sigv4_request {
    struct str method; /* Upper case. */
    struct str host;   /* With ":port" if the URL has one that is not the scheme's own. */
    struct str path;   /* As on the wire, percent-encoded; "" is "/". */
    struct str query;  /* As on the wire, without '?'. */
    const struct sigv4_header *headers; /* All are signed, but for host (given above). */
    size_t header_count;                /* At most 64. */
    struct str payload_hash;            /* Hex SHA-256 of the body, or "UNSIGNED-PAYLOAD". */
    struct str region, service;
    int64_t now_ms;     /* Wall clock, offset to AWS's already added. */
    bool path_verbatim; /* S3: the path is signed as it is, neither normalised nor encoded again. */
    bool path_as_is;    /* The path is encoded again but not normalised. */
    bool content_hash;  /* Also send and sign x-amz-content-sha256 (S3). */
};

/** What the request needs besides its own headers: values of headers of these names. */
struct sigv4_signature {
    char date[32];           /* X-Amz-Date */
    char content_sha256[72]; /* X-Amz-Content-Sha256; empty if not wanted. */
    char authorization[2048];
};

/**
 * Signs `r` into `*s`.  `cache` may be NULL.  False with ERROR_INVALID if a
 * limit is passed (64 headers, names of 128 bytes, 128 KiB of path, query or
 * headers, 128 bytes of Region, service or access key).  If a session token is set it is signed as
 * X-Amz-Security-Token, which the caller sends.  `canonical`, if not NULL,
 * receives the canonical request; for tests.
 */
bool sigv4_sign(const struct sigv4_request *r, const struct sigv4_key *key,
                struct sigv4_cache *cache, struct sigv4_signature *s, struct buf *canonical,
                struct error *e) MUST_CHECK;

/** Hex SHA-256 of `bytes` into `hex`, which is returned. */
const char *sigv4_hash(struct str bytes, char hex[65]);

#endif
