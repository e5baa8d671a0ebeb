#ifndef SLIPWAY_WIRE_WEBHOOK_H
#define SLIPWAY_WIRE_WEBHOOK_H

/**
 * Webhook: the signature of the Standard Webhooks specification 1.0.0.
 *
 *     webhook-id:         unique for ever, the message's name
 *     webhook-timestamp:  when it was signed, whole seconds since 1970
 *     webhook-signature:  "v1,BASE64" of HMAC-SHA256 over "id.timestamp.body"; several, separated
 *                         by blanks, while keys are being exchanged
 *
 * It covers neither method nor path (so the path may carry no authority), and
 * the time must be checked by the caller.  Does no I/O.
 */

#include "slipway/str.h"

struct secret;

#define WEBHOOK_ID_MAX 64            /* Bytes of a message id. */
#define WEBHOOK_SIGNATURES_MAX 8     /* Signatures of one message that are looked at. */
#define WEBHOOK_SIGNATURE_SIZE 48    /* "v1," and 44 characters of base64, with its NUL. */
#define WEBHOOK_WINDOW_MS MINUTES(5) /* How far the timestamp may be from the receiver's clock. */
#define WEBHOOK_KEY_MIN 24           /* Bytes of a key. */
#define WEBHOOK_KEY_MAX 64

/** The three headers of a message and its body.  Borrowed. */
struct webhook {
    struct str id, timestamp, signature, body;
};

/**
 * True if the three headers are well formed: an id of at most WEBHOOK_ID_MAX letters,
 * digits and "_-.", a timestamp that is a whole number (in `*at_ms`) and a
 * signature list that is not empty.
 */
bool webhook_is_shaped(const struct webhook *w, int64_t *at_ms) MUST_CHECK;

/**
 * True if one of the signatures is `key`'s.  Takes the same time whichever
 * byte differs; a list of more than WEBHOOK_SIGNATURES_MAX is not looked at further.
 */
bool webhook_verify(const struct webhook *w, const struct secret *key) MUST_CHECK;

/** Writes the signature of id, timestamp and body by `key`; returns `buf`. */
const char *webhook_sign(const struct webhook *w, const struct secret *key,
                         char buf[WEBHOOK_SIGNATURE_SIZE]);

/**
 * Reads "whsec_BASE64" (blanks around it are allowed) of a key of 24 to 64
 * bytes.  NULL if it is not one; the caller owns the secret.
 */
struct secret *webhook_key_read(struct str text) MUST_CHECK;

#endif
