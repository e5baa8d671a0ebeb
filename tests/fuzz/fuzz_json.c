/* links: slipway_base */

/*
 * Any bytes: what the reader accepts must walk to its end, unescape, and read
 * again from its own pieces; what it refuses must say where.
 */

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "slipway/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct json_token tokens[4096], again[4096];

/* Visits everything below `v`; returns the number of values and keys. */
static size_t
visit(struct json_value v)
{
    struct json_cursor c;
    size_t count = 1, len;
    double d;

    if (json_type(v) == JSON_STRING) {
        char *text = malloc(json_raw(v).len + 1);

        assert(text != NULL && json_text(v, text, json_raw(v).len + 1, &len));
        assert(json_equal_str(v, (struct str){ text, len }));
        free(text);
    }
    if (json_type(v) == JSON_NUMBER && json_double_exact(v, &d))
        assert(json_double(v, &d));
    for (c = json_first(v); json_exists(c.value); json_next(&c)) {
        count += json_exists(c.key) ? visit(c.key) : 0;
        count += visit(c.value);
    }
    return count;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str text = { (const char *)data, size };
    struct json doc, part;
    struct json_cursor c;
    struct error e = { .kind = ERROR_NONE };

    if (!json_read(&doc, text, tokens, 4096, &e)) {
        assert(e.kind == ERROR_INVALID && e.text[0] != '\0');
        (void)!json_read_repeating(&doc, text, tokens, 4096, &e);
        return 0;
    }
    assert(visit(json_root(&doc)) == doc.count);
    for (c = json_first(json_root(&doc)); json_exists(c.value); json_next(&c)) {
        if (!json_read(&part, json_source(c.value), again, 4096, &e))
            abort();
    }
    return 0;
}
