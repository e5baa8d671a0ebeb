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

uint32_t
json_escape(const char **at)
{
    static const char NAMES[] = "\"\\/bfnrt", MEANS[] = "\"\\/\b\f\n\r\t";
    const char *p = *at;
    uint32_t code;

    if (p[1] != 'u') {
        *at += 2;
        return (unsigned char)MEANS[strchr(NAMES, p[1]) - NAMES];
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

bool
json_text(struct json_value v, char *buf, size_t size, size_t *len)
{
    struct str raw = json_raw(v);
    const char *p, *end;
    unsigned char utf8[4];
    size_t used = 0;

    if (size > 0)
        buf[0] = '\0';
    if (len != NULL)
        *len = 0;
    if (json_type(v) != JSON_STRING || size == 0)
        return false;
    p = raw.at;
    end = p + raw.len;
    while (p < end) {
        const char *run = memchr(p, '\\', (size_t)(end - p));
        size_t plain = (size_t)((run != NULL ? run : end) - p);
        unsigned n = 0;

        if (plain < size - used)
            memcpy(buf + used, p, plain);
        p += plain;
        if (p < end)
            n = json_utf8(json_escape(&p), utf8);
        if (plain + n >= size - used) {
            buf[0] = '\0';
            return false;
        }
        memcpy(buf + used + plain, utf8, n);
        used += plain + n;
    }
    buf[used] = '\0';
    if (len != NULL)
        *len = used;
    return true;
}
