#ifndef SLIPWAY_AWS_URI_H
#define SLIPWAY_AWS_URI_H

/**
 * URI: percent-encoding as AWS wants it ("Create a signed AWS API request", UriEncode).
 */

#include "slipway/memory.h"

/** Adds `s` to `to` with every byte but A-Z a-z 0-9 - . _ ~ as %XX; '/' stays if `keep_slash`. */
void uri_encode(struct buf *to, struct str s, bool keep_slash);

/** The same for text that may be encoded already: a '%' with two hex digits stays, in upper case.
 */
void uri_encode_rest(struct buf *to, struct str s);

/** Adds "name=value", both encoded, after '&' if `to` is not empty. */
void uri_query(struct buf *to, const char *name, struct str value);

#endif
