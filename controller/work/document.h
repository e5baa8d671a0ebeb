#ifndef SLIPWAY_WORK_DOCUMENT_H
#define SLIPWAY_WORK_DOCUMENT_H

/** Document: a JSON text read with as many tokens as it needs; for this folder only. */

#include "slipway/json.h"

struct document {
    struct json json;
    struct json_token *tokens; /* Owned. */
};

/** Reads `text` (borrowed as long as the document).  False with `*e` filled; document_free() is
 * allowed then too.  The struct must not move. */
bool document_read(struct document *d, struct str text, struct error *e) MUST_CHECK;
void document_free(struct document *d);

#endif
