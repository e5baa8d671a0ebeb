#ifndef SLIPWAY_WIRE_HTTP_HEAD_H
#define SLIPWAY_WIRE_HTTP_HEAD_H

/**
 * HTTP head: reads request line and header fields of HTTP/1.x, strictly.
 *
 * Wherever RFC 9110 and 9112 let a reader be lenient, this one refuses: a
 * request that two readers (slipway and a proxy before it) could cut or
 * understand differently is not answered.  Pure; allocates nothing.
 */

#include "slipway/str.h"

#define HTTP_HEAD_MAX 8192U  /* Bytes of request line and fields, blank line included. */
#define HTTP_BODY_MAX 65536U /* Bytes of a request's body. */
#define HTTP_FIELDS_MAX 64

struct http_field {
    struct str name, value; /* The value without blanks at its ends. */
};

/** A request's head; every text is cut from what was read. */
struct http_head {
    struct str method;      /* "GET", "HEAD" or "POST" */
    struct str path, query; /* As they came, no %-decoding; the query without its '?'. */
    struct str host;        /* The Host field without its port; brackets of IPv6 kept. */
    struct http_field fields[HTTP_FIELDS_MAX];
    size_t field_count;
    size_t body_len;     /* Content-Length, at most HTTP_BODY_MAX; 0: no body. */
    bool wants_close;    /* The connection ends after the answer: HTTP/1.0 or the client says so. */
    bool wants_continue; /* "Expect: 100-continue": the body comes after a 100. */
};

enum http_head_end { HTTP_HEAD_UNFINISHED, HTTP_HEAD_FINISHED, HTTP_HEAD_BROKEN };

/**
 * Looks for the end of the head in `bytes`: `*len` is its length with the blank
 * line.  BROKEN, with nothing to wait for, if a byte is among them that no
 * head may hold: NUL and other control characters, LF without CR or CR
 * without LF.  `*from` is where to go on with more bytes; 0 at first.
 */
enum http_head_end http_head_find(struct str bytes, size_t *from, size_t *len) MUST_CHECK;

/**
 * Reads a finished head.  0 if it is good, else the status to answer with and
 * in `*why` a few words: 400 malformed or ambiguous, 411 no length (or
 * Transfer-Encoding, which is not taken), 413 body too long, 417 an
 * expectation other than 100-continue, 431 too many fields, 501 unknown
 * method, 505 not HTTP/1.x.
 */
int http_head_read(struct http_head *h, struct str text, const char **why) MUST_CHECK;

/** The value of field `name` (any case); the empty str if absent. */
struct str http_head_field(const struct http_head *h, const char *name) MUST_CHECK;

/** True if `a` and `b` are the same but for the case of ASCII letters. */
bool http_same_word(struct str a, struct str b) MUST_CHECK;

/**
 * The value of `name` in a query of the form "a=1&b=2", undecoded, in `*value`; false if it is not
 * there.  The first of several counts.
 */
bool http_query(struct str query, const char *name, struct str *value) MUST_CHECK;

#endif
