/* links: slipway_aws */

/*
 * Signs requests: one JSON object a line on stdin, one answer a line on
 * stdout.  A question has method, host, path, query, headers (an array of
 * [name, value]), payload_hash, region, service, at, access_key, secret_key,
 * token, verbatim, content_hash; an answer authorization and canonical.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/sigv4.h"
#include "slipway/instant.h"
#include "slipway/json.h"
#include "slipway/json_write.h"

#define LINE_MAX_BYTES 1048576
#define TEXTS_MAX 128

static char *texts[TEXTS_MAX];
static size_t text_count;

/* The text of member `v`, kept until the line is done. */
static struct str
take(struct json_value v)
{
    size_t size = json_raw(v).len + 1, len = 0;
    char *copy = xmalloc(size);

    if (!json_text(v, copy, size, &len) || text_count == TEXTS_MAX)
        exit(2);
    texts[text_count++] = copy;
    return (struct str){ copy, len };
}

static bool
flag(struct json_value v, const char *key)
{
    bool on = false;

    return json_bool(json_get(v, key), &on) && on;
}

static void
answer(const struct sigv4_signature *s, const struct buf *canonical)
{
    struct buf b = { .max = LINE_MAX_BYTES };
    struct json_out w = json_out(&b);

    json_open(&w, '{');
    json_member(&w, "authorization", str_of(s->authorization));
    json_member(&w, "canonical", buf_str(canonical));
    json_close(&w, '}');
    puts(b.at);
    buf_free(&b);
}

static void
sign(struct str line, struct sigv4_cache *cache)
{
    static struct json_token tokens[4096];
    struct sigv4_header headers[64];
    struct buf canonical = { .max = LINE_MAX_BYTES };
    struct sigv4_signature s;
    struct json doc;
    struct error e;

    if (!json_read(&doc, line, tokens, ARRAY_LEN(tokens), &e)) {
        fprintf(stderr, "%s\n", e.text);
        exit(2);
    }
    struct json_value v = json_root(&doc);
    struct sigv4_key key = { take(json_get(v, "access_key")), take(json_get(v, "secret_key")),
                             take(json_get(v, "token")) };
    struct sigv4_request r = { .method = take(json_get(v, "method")),
                               .host = take(json_get(v, "host")),
                               .path = take(json_get(v, "path")),
                               .query = take(json_get(v, "query")),
                               .headers = headers,
                               .payload_hash = take(json_get(v, "payload_hash")),
                               .region = take(json_get(v, "region")),
                               .service = take(json_get(v, "service")),
                               .path_verbatim = flag(v, "verbatim"),
                               .content_hash = flag(v, "content_hash") };

    if (!instant_parse(take(json_get(v, "at")), &r.now_ms))
        exit(2);
    for (struct json_cursor c = json_first(json_get(v, "headers")); json_exists(c.value);
         json_next(&c)) {
        struct json_cursor pair = json_first(c.value);

        headers[r.header_count].name = take(pair.value);
        json_next(&pair);
        headers[r.header_count++].value = take(pair.value);
    }
    if (!sigv4_sign(&r, &key, cache, &s, &canonical, &e)) {
        fprintf(stderr, "%s\n", e.text);
        exit(2);
    }
    answer(&s, &canonical);
    buf_free(&canonical);
    while (text_count > 0)
        free(texts[--text_count]);
}

int
main(void)
{
    static char line[LINE_MAX_BYTES];
    struct sigv4_cache cache = { .scope = "" }; /* One for all: it must notice what changed. */

    while (fgets(line, sizeof(line), stdin) != NULL)
        sign(str_trim(str_of(line)), &cache);
    return 0;
}
