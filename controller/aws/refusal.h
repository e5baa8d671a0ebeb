#ifndef SLIPWAY_AWS_REFUSAL_H
#define SLIPWAY_AWS_REFUSAL_H

/**
 * Refusal: what AWS says when it says no, in any of its protocols; for this folder only.
 *
 * JSON with "__type" or x-amzn-errortype, XML of STS and of S3, an empty body (HEAD), and whatever
 * a proxy in between puts in their place.
 */

#include "wire/http_client.h"

#define REFUSAL_CODE_SIZE 128
#define REFUSAL_MESSAGE_SIZE 257

struct refusal {
    char code[REFUSAL_CODE_SIZE]; /* "" if the answer is not AWS's. */
    char message[REFUSAL_MESSAGE_SIZE];
};

/** Reads an answer whose status is not 2xx. */
void refusal_read(const struct http_answer *a, struct refusal *r);

/** Copies `text` without control characters, cut at a whole character. */
void refusal_clean(char *buf, size_t size, struct str text);

#endif
