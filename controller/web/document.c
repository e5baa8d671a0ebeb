#include "document.h"

#include <stdlib.h>
#include <string.h>

#include "slipway/store.h"
#include "web/html.h"

#define TOKENS_MAX 65536U
#define TEXT_MAX (8U * 1048576)
#define SHOWN_DEPTH_MAX 8
#define SHOWN_BYTES_MAX 262144U /* Of one document on a page; the API has all of it. */

bool
document_load(struct document *d, struct store *s, int64_t deployment_id, const char *kind,
              struct error *e)
{
    struct error not_json;

    *d = (struct document){ .text = { .max = TEXT_MAX } };
    if (!store_document(s, deployment_id, kind, &d->text, e)) {
        document_unload(d);
        return false;
    }
    d->exists = d->text.len > 0;
    if (!d->exists)
        return true;
    d->tokens = xcalloc(TOKENS_MAX, sizeof(*d->tokens));
    d->is_json = json_read(&d->json, buf_str(&d->text), d->tokens, TOKENS_MAX, &not_json);
    return true;
}

void
document_unload(struct document *d)
{
    buf_free(&d->text);
    free(d->tokens);
    d->tokens = NULL;
    d->exists = d->is_json = false;
}

/* Unescapes a string or key before it is escaped again, for HTML. */
static void
add_string(struct buf *out, struct json_value v)
{
    size_t room = json_raw(v).len + 1, len = 0;
    char *text = xmalloc(room);

    if (json_text(v, text, room, &len))
        html_text(out, (struct str){ text, len });
    free(text);
}

void
document_text(struct buf *out, struct json_value object, const char *key)
{
    struct json_value v = json_get(object, key);

    if (json_type(v) == JSON_STRING)
        add_string(out, v);
}

static void show(struct buf *out, struct json_value v, unsigned depth, size_t until);

static void
show_members(struct buf *out, struct json_value v, unsigned depth, size_t until)
{
    html(out, "<dl>");
    for (struct json_cursor c = json_first(v); json_exists(c.value) && out->len < until;
         json_next(&c)) {
        html(out, "<div><dt>");
        add_string(out, c.key);
        html(out, "</dt><dd>");
        show(out, c.value, depth + 1, until);
        html(out, "</dd></div>");
    }
    html(out, "</dl>");
}

static void
show_elements(struct buf *out, struct json_value v, unsigned depth, size_t until)
{
    html(out, "<ul class=\"json\">");
    for (struct json_cursor c = json_first(v); json_exists(c.value) && out->len < until;
         json_next(&c)) {
        html(out, "<li>");
        show(out, c.value, depth + 1, until);
        html(out, "</li>");
    }
    html(out, "</ul>");
}

static void
show(struct buf *out, struct json_value v, unsigned depth, size_t until)
{
    enum json_type type = json_type(v);

    if (type == JSON_STRING)
        add_string(out, v);
    else if ((type != JSON_OBJECT && type != JSON_ARRAY) || json_size(v) == 0)
        html_text(out, json_source(v));
    else if (depth >= SHOWN_DEPTH_MAX)
        html(out, "\xe2\x80\xa6"); /* Ellipsis. */
    else if (type == JSON_OBJECT)
        show_members(out, v, depth, until);
    else
        show_elements(out, v, depth, until);
}

void
document_show(struct buf *out, struct json_value v)
{
    size_t until = out->len + SHOWN_BYTES_MAX;

    show(out, v, 0, until);
    if (out->len >= until)
        html(out, "<p>It is longer than a page can show; the API has all of it.</p>");
}
