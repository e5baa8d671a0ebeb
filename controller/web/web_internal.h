#ifndef SLIPWAY_WEB_INTERNAL_H
#define SLIPWAY_WEB_INTERNAL_H

/** Web internal: what the files of this folder share. */

#include "engine/engine.h"
#include "engine/shown.h"
#include "web/web.h"
#include "wire/http_server.h"

#define PAGE_MAX (8U * 1048576) /* Bytes of one HTML page. */
#define URL_SIZE 1024

/** Keeps a flood of refused requests from becoming a flood of log lines. */
struct refusals {
    int64_t since_ms; /* When the minute under way began. */
    int64_t logged;   /* Lines written in it. */
    int64_t unlogged; /* Refusals not written in it. */
    int64_t in_all;   /* Since the start, for /metrics. */
};

struct web {
    struct loop *loop;     /* Borrowed. */
    struct engine *engine; /* Borrowed. */
    struct http_server *server;
    struct refusals refusals;
};

/* The handlers; `cookie` is the struct web. */
http_handle status_handle, detail_handle, style_handle, health_handle, ready_handle, metrics_handle,
    list_handle, show_handle, decision_handle;

/** Where the shown deployments are read. */
struct shown_source web_source(const struct web *w) MUST_CHECK;

/** How people reach the page, ending with '/'; returns `buf`. */
const char *web_page_url(const struct web *w, char buf[URL_SIZE]);

/** The number behind {id}. */
int64_t request_id(const struct http_request *r) MUST_CHECK;

/** The number that query parameter `name` holds, `otherwise` if it is absent or none in the bounds.
 */
int64_t request_number(const struct http_request *r, const char *name, int64_t least, int64_t most,
                       int64_t otherwise) MUST_CHECK;

/** Answers with what is in `body`, or with 503 if it overflowed; frees it. */
void answer(struct http_request *r, int status, const char *type, struct buf *body);

#define TYPE_HTML "text/html; charset=utf-8"
#define TYPE_JSON "application/json"

/** {"error": "..."} with the status that fits the kind of `e`. */
void answer_error(struct http_request *r, const struct error *e);

#endif
