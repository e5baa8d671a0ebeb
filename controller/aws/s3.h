#ifndef SLIPWAY_AWS_S3_H
#define SLIPWAY_AWS_S3_H

/**
 * S3: objects in and out of local files (protocol rest-xml).
 *
 * Buckets are addressed by host name; by path if an endpoint is configured or
 * the bucket's name holds a dot (its certificate would not fit).
 */

#include "call.h"

#define S3_OBJECT_MAX ((int64_t)5 * 1024 * 1024 * 1024) /* Of one PutObject. */

/** Splits "s3://bucket/key" (or "s3://bucket/"); false with ERROR_INVALID if it is not one. */
bool s3_parse(const char *url, struct str *bucket, struct str *key, struct error *e) MUST_CHECK;

struct s3_object {
    int64_t size;
    const char *etag;       /* With its quotes, as S3 gives it. */
    const char *version_id; /* "" if the bucket keeps none. */
    const char *sha256;  /* Get: hex, of the bytes read.  Head: x-amz-meta-sha256, "" if absent. */
    int64_t modified_ms; /* 0 if not said. */
};

/** `o` is NULL unless AWS_OK.  A missing key is refused with code "NoSuchKey" (get) or "NotFound"
 * (head). */
typedef void s3_read(void *cookie, const struct aws_result *r, const struct s3_object *o);

/**
 * GetObject into the file `fd` (lent until done; written from its start, truncated to the
 * object).  Fails with AWS_REFUSED, code "TooLong", past `max` bytes.  On failure the file holds a
 * part. `etag`, if not NULL, must still be the object's (If-Match; 412 PreconditionFailed).
 */
struct aws_call *s3_get(struct aws_account *account, const char *bucket, const char *key,
                        const char *etag, int fd, int64_t max, s3_read *done, void *cookie);

/** HeadObject. */
struct aws_call *s3_head(struct aws_account *account, const char *bucket, const char *key,
                         s3_read *done, void *cookie);

struct s3_put_order {
    const char *bucket, *key;
    int fd;             /* A file, read from its start; lent until done. */
    int64_t size;       /* 0..S3_OBJECT_MAX */
    const char *sha256; /* Hex, of its content: signed, checked by S3, kept as x-amz-meta-sha256. */
    const char *content_type; /* NULL: application/octet-stream. */
    bool only_new; /* If-None-Match: *; an existing key is refused with "PreconditionFailed". */
};

/** PutObject.  `o` holds etag and version_id.  Repeated freely: equal content,
 * equal key; so after a lost answer PreconditionFailed may mean our own object: compare its sha256.
 */
struct aws_call *s3_put(struct aws_account *account, const struct s3_put_order *order,
                        s3_read *done, void *cookie);

#endif
