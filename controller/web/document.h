#ifndef SLIPWAY_WEB_DOCUMENT_H
#define SLIPWAY_WEB_DOCUMENT_H

/** Document: what a stage found out, as tables. */

#include "slipway/error.h"
#include "slipway/json.h"
#include "slipway/memory.h"

struct store;

/** A document that has been read; document_unload() it.  `exists` false: there is none. */
struct document {
    struct buf text;
    struct json_token *tokens;
    struct json json;
    bool exists;
    bool is_json; /* Else only the text is there. */
};

/** Reads document `kind` of a deployment.  False with ERROR_STORAGE. */
bool document_load(struct document *d, struct store *s, int64_t deployment_id, const char *kind,
                   struct error *e) MUST_CHECK;
void document_unload(struct document *d);

/** Any JSON value as nested tables and lists, escaped; deep or long ones are cut. */
void document_show(struct buf *out, struct json_value v);

/** The text of string `key` of an object, or "" */
void document_text(struct buf *out, struct json_value object, const char *key);

#endif
