/* links: slipway_wire */

/*
 * Any bytes as the head of a request, all at once and byte by byte: the same end either way, what
 * is taken is cut from what came and says nothing that another reader could read otherwise.
 */

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "wire/http_head.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_inside(struct str part, struct str whole)
{
    assert(part.len == 0 || (part.at >= whole.at && part.at + part.len <= whole.at + whole.len));
}

static void
check_text(struct str text)
{
    for (size_t i = 0; i < text.len; i++)
        assert(text.at[i] != '\r' && text.at[i] != '\n' && text.at[i] != '\0');
}

static void
check_head(const struct http_head *h, struct str text)
{
    check_inside(h->method, text);
    check_inside(h->path, text);
    check_inside(h->query, text);
    check_inside(h->host, text);
    assert(h->field_count <= HTTP_FIELDS_MAX && h->body_len <= HTTP_BODY_MAX);
    assert(h->path.len > 0 && h->path.at[0] == '/');
    assert(str_is(h->method, "GET") || str_is(h->method, "HEAD") || str_is(h->method, "POST"));
    assert(http_head_field(h, "Transfer-Encoding").len == 0);
    check_text(h->path);
    check_text(h->query);
    for (size_t i = 0; i < h->field_count; i++) {
        check_inside(h->fields[i].name, text);
        check_inside(h->fields[i].value, text);
        check_text(h->fields[i].name);
        check_text(h->fields[i].value);
        assert(h->fields[i].name.len > 0);
    }
}

/* As the bytes arrive from a slow client. */
static enum http_head_end
find_slowly(struct str bytes, size_t *len)
{
    enum http_head_end end = HTTP_HEAD_UNFINISHED;
    size_t from = 0;

    for (size_t n = 1; n <= bytes.len && end == HTTP_HEAD_UNFINISHED; n++)
        end = http_head_find((struct str){ bytes.at, n }, &from, len);
    return end;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str bytes = { (const char *)data, size < HTTP_HEAD_MAX ? size : HTTP_HEAD_MAX }, value;
    size_t from = 0, len = 0, slow_len = 0;
    enum http_head_end end = http_head_find(bytes, &from, &len);
    const char *why = NULL;
    struct http_head h;
    int status;

    assert(find_slowly(bytes, &slow_len) == end);
    if (end != HTTP_HEAD_FINISHED)
        return 0;
    assert(len == slow_len && len <= bytes.len);
    status = http_head_read(&h, (struct str){ bytes.at, len }, &why);
    if (status != 0) {
        assert(status >= 400 && status <= 505 && why != NULL && why[0] != '\0');
        return 0;
    }
    check_head(&h, (struct str){ bytes.at, len });
    if (http_query(h.query, "before", &value))
        check_inside(value, h.query);
    return 0;
}
