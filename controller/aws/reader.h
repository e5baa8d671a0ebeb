#ifndef SLIPWAY_AWS_READER_H
#define SLIPWAY_AWS_READER_H

/**
 * Reader: takes an answer's JSON apart; for the service files of this folder.
 *
 *     if (reader_open(&r, a))
 *         id = reader_text(&r, "deploymentId");
 *     ...
 *     reader_close(&r);
 *
 * Texts are copied out, NUL-terminated, into memory that lasts until
 * reader_close().
 */

#include "aws/send.h"
#include "slipway/json.h"

struct reader_block;

struct reader {
    struct aws_answer *answer;
    struct json doc;
    struct json_value root;
    struct reader_block *blocks;
};

/**
 * Reads a successful answer as a JSON object.  False if the call failed, or if
 * it is not one: then the result says so (aws_wrong()).  Either way reader_close() must follow.
 */
bool reader_open(struct reader *r, struct aws_answer *a) MUST_CHECK;
void reader_close(struct reader *r);

/** Zeroed memory for `count` things of `size` bytes; lasts as long as the reader. */
void *reader_array(struct reader *r, size_t count, size_t size) MUST_CHECK;

/** The text at dotted `path` below `v`; "" if there is none. */
const char *reader_text(struct reader *r, struct json_value v, const char *path) MUST_CHECK;

/** The same, but an absent or empty text makes the answer wrong. */
const char *reader_needs(struct reader *r, struct json_value v, const char *path) MUST_CHECK;

/** The object at `path` as JSON text, without members that are null, on every level; "{}" if
 * absent or null.  Anything else there makes the answer wrong. */
const char *reader_object(struct reader *r, struct json_value v, const char *path) MUST_CHECK;

/** Milliseconds of a time in seconds since 1970 (1.6E9, or RFC 3339 text); 0 if absent. */
int64_t reader_time(struct json_value v, const char *path) MUST_CHECK;

/** A whole number, also written as text; 0 if absent. */
int64_t reader_int(struct json_value v, const char *path) MUST_CHECK;

bool reader_bool(struct json_value v, const char *path) MUST_CHECK;

/** The array at `path`; false, with the answer wrong, if it is there but is none (null counts as
 * absent). */
bool reader_list(struct reader *r, const char *path, struct json_value *list) MUST_CHECK;

/** nextToken or NULL. */
const char *reader_next(struct reader *r, const char *path) MUST_CHECK;

#endif
