#ifndef SLIPWAY_WORK_DIGEST_H
#define SLIPWAY_WORK_DIGEST_H

/** Digest: SHA-256, piece by piece. */

#include "slipway/deployment.h"

struct digest;

struct digest *digest_new(void) MUST_CHECK;
void digest_add(struct digest *d, struct str bytes);

/** Writes the hex form of what was added; adding may go on afterwards. */
const char *digest_hex(const struct digest *d, char hex[DIGEST_SIZE]);
void digest_bytes(const struct digest *d, uint8_t bytes[32]);
void digest_free(struct digest *d);

/** SHA-256 of one text, in hex. */
const char *digest_of(struct str text, char hex[DIGEST_SIZE]);

/** 64 hex digits as base64, the way AWS writes them; false if `hex` is no digest. */
#define DIGEST_BASE64_SIZE 45
bool digest_base64(const char *hex, char out[DIGEST_BASE64_SIZE]) MUST_CHECK;

#endif
