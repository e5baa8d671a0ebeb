#ifndef SLIPWAY_JSON_WRITE_H
#define SLIPWAY_JSON_WRITE_H

/**
 * JSON writer: text, built front to back into a bounded buffer.
 *
 *     struct json_out w = json_out(&buf);
 *     json_open(&w, '{');
 *     json_key(&w, "name");
 *     json_string(&w, STR("digits"));
 *     json_close(&w, '}');
 *
 * Commas are its business.  Strings are escaped (RFC 8259 section 7); invalid
 * UTF-8 and NUL become U+FFFD, so that what comes out always reads back.
 * Unbalanced calls are bugs and assert.  Overflow shows in the buffer.
 */

#include "slipway/memory.h"

struct json_out {
    struct buf *to;   /* Borrowed. */
    unsigned depth;   /* At most JSON_DEPTH_MAX. */
    uint64_t objects; /* Bit i: what was opened at depth i is an object. */
    bool comma;       /* The next value needs a comma before it. */
    bool after_key;   /* The next value belongs to a key. */
};

struct json_out json_out(struct buf *to) MUST_CHECK;
void json_open(struct json_out *w, char bracket);  /* '{' or '[' */
void json_close(struct json_out *w, char bracket); /* '}' or ']' */
void json_key(struct json_out *w, const char *key);
void json_key_str(struct json_out *w, struct str key);
/** A key that is JSON already, with its quotes: json_source() of one that was read. */
void json_key_verbatim(struct json_out *w, struct str json);
void json_string(struct json_out *w, struct str s);
void json_int_value(struct json_out *w, int64_t n);
/** The shortest text that reads back as `d`; null for NaN and infinity. */
void json_double_value(struct json_out *w, double d);
void json_bool_value(struct json_out *w, bool b);
void json_null(struct json_out *w);
/** Text that is JSON already, copied as it is. */
void json_verbatim(struct json_out *w, struct str json);

/** json_key() and a value in one. */
void json_member(struct json_out *w, const char *key, struct str s);
void json_member_int(struct json_out *w, const char *key, int64_t n);
void json_member_bool(struct json_out *w, const char *key, bool b);

#endif
