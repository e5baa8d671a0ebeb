#include "json_internal.h"

#include <string.h>

/* Unescaping strings that json_read() let pass. */

static unsigned
hex(char c)
{
    return c <= '9' ? (unsigned)(c - '0') : (unsigned)((c | 0x20) - 'a') + 10;
}

static uint32_t
hex4(const char *p)
{
    return hex(p[0]) << 12 | hex(p[1]) << 8 | hex(p[2]) << 4 | hex(p[3]);
}

/* What the letter after a backslash stands for. */
static const unsigned char MEANS[256] = {
    ['"'] = '"',  ['\\'] = '\\', ['/'] = '/',  ['b'] = '\b',
    ['f'] = '\f', ['n'] = '\n',  ['r'] = '\r', ['t'] = '\t',
};

uint32_t
json_escape(const char **at)
{
    const char *p = *at;
    uint32_t code;

    if (p[1] != 'u') {
        *at += 2;
        return MEANS[(unsigned char)p[1]];
    }
    code = hex4(p + 2);
    *at += 6;
    if (code >= 0xD800 && code <= 0xDBFF) {
        code = 0x10000 + ((code - 0xD800) << 10) + (hex4(p + 8) - 0xDC00);
        *at += 6;
    }
    return code;
}

unsigned
json_utf8(uint32_t code, unsigned char out[4])
{
    if (code < 0x80) {
        out[0] = (unsigned char)code;
        return 1;
    }
    if (code < 0x800) {
        out[0] = (unsigned char)(0xC0 | code >> 6);
        out[1] = (unsigned char)(0x80 | (code & 0x3F));
        return 2;
    }
    if (code < 0x10000) {
        out[0] = (unsigned char)(0xE0 | code >> 12);
        out[1] = (unsigned char)(0x80 | (code >> 6 & 0x3F));
        out[2] = (unsigned char)(0x80 | (code & 0x3F));
        return 3;
    }
    out[0] = (unsigned char)(0xF0 | code >> 18);
    out[1] = (unsigned char)(0x80 | (code >> 12 & 0x3F));
    out[2] = (unsigned char)(0x80 | (code >> 6 & 0x3F));
    out[3] = (unsigned char)(0x80 | (code & 0x3F));
    return 4;
}

struct json_bytes
json_bytes(struct json_value v)
{
    struct str raw = json_type(v) == JSON_STRING ? json_raw(v) : STR("");

    return (struct json_bytes){ .at = raw.at, .end = raw.at + raw.len };
}

int
json_next_byte(struct json_bytes *b)
{
    unsigned char first;

    if (b->left == 0) {
        if (b->at >= b->end)
            return -1;
        if (*b->at != '\\')
            return (unsigned char)*b->at++;
        b->left = (uint8_t)json_utf8(json_escape(&b->at), b->pending);
    }
    first = b->pending[0];
    memmove(b->pending, b->pending + 1, 3);
    b->left--;
    return first;
}

/* Unescapes `raw` to `to`, which has room for as many bytes: no escape is shorter than what it
 * stands for.  How many bytes there are then. */
static size_t
unescape(struct str raw, char *to)
{
    const char *p = raw.at, *end = p + raw.len;
    char *start = to;
    unsigned char utf8[4];

    while (p < end) {
        if (*p != '\\') {
            *to++ = *p++;
        } else if (p[1] != 'u') {
            *to++ = (char)MEANS[(unsigned char)p[1]];
            p += 2;
        } else {
            unsigned n = json_utf8(json_escape(&p), utf8);

            memcpy(to, utf8, n);
            to += n;
        }
    }
    return (size_t)(to - start);
}

/* The same piece by piece, for a buffer that may be too small; false if it is. */
static bool
unescape_into(struct str raw, char *buf, size_t size, size_t *len)
{
    struct json_bytes b = { .at = raw.at, .end = raw.at + raw.len };
    int c;

    for (*len = 0; (c = json_next_byte(&b)) >= 0; ++*len) {
        if (*len + 1 >= size)
            return false;
        buf[*len] = (char)c;
    }
    return true;
}

bool
json_text(struct json_value v, char *buf, size_t size, size_t *len)
{
    struct str raw = json_raw(v);
    size_t used = raw.len;
    bool fits = json_type(v) == JSON_STRING && size > 0;

    if (fits && raw.len >= size)
        fits = unescape_into(raw, buf, size, &used);
    else if (fits && v.doc->tokens[v.at].escaped)
        used = unescape(raw, buf);
    else if (fits)
        memcpy(buf, raw.at, raw.len);
    if (!fits)
        used = 0;
    if (size > 0)
        buf[used] = '\0';
    if (len != NULL)
        *len = used;
    return fits;
}
