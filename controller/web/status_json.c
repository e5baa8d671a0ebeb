#include <stdlib.h>
#include <string.h>

#include "web_internal.h"

/* GET /v1/deployments?before=ID&limit=N&open=1 */
void
list_handle(void *cookie, struct http_request *r)
{
    struct web *w = cookie;
    struct shown_source from = web_source(w);
    struct buf out = { .max = SHOWN_JSON_MAX };
    struct shown_page page;
    int64_t limit = request_number(r, "limit", 1, INT64_MAX, 50);
    char url[URL_SIZE];
    struct error e;

    if (limit > SHOWN_PAGE_MAX)
        limit = SHOWN_PAGE_MAX;
    if (!shown_page_read(&from, request_number(r, "before", 1, INT64_MAX, 0), limit,
                         request_number(r, "open", 0, 1, 0) == 1, &page, &e)) {
        answer_error(r, &e);
        return;
    }
    shown_page_json(&out, &page, web_page_url(w, url));
    free(page.items);
    answer(r, 200, TYPE_JSON, &out);
}

/* GET /v1/deployments/{id} */
void
show_handle(void *cookie, struct http_request *r)
{
    struct web *w = cookie;
    struct shown_source from = web_source(w);
    struct shown *s = xcalloc(1, sizeof(*s));
    struct buf out = { .max = SHOWN_JSON_MAX };
    struct json_out json = json_out(&out);
    char url[URL_SIZE];
    struct error e;
    bool ok = shown_read(&from, request_id(r), s, &e) &&
              shown_json_whole(&json, s, &from, web_page_url(w, url), &e);

    free(s);
    if (ok) {
        buf_char(&out, '\n');
        answer(r, 200, TYPE_JSON, &out);
        return;
    }
    buf_free(&out);
    answer_error(r, &e);
}
