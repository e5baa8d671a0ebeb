#include "slipway/json_write.h"

#include <assert.h>
#include <string.h>

#include "json_internal.h"

struct json_out
json_out(struct buf *to)
{
    return (struct json_out){ .to = to };
}

/* What stands before every value and key. */
static void
separate(struct json_out *w)
{
    if (w->comma)
        buf_char(w->to, ',');
    w->comma = false;
}

static void
before_value(struct json_out *w)
{
    /* Inside an object a value belongs to a key; outside everything there is one value. */
    assert(w->after_key || w->depth == 0 || !(w->objects >> (w->depth - 1) & 1));
    assert(w->depth > 0 || !w->comma);
    separate(w);
    w->after_key = false;
}

void
json_open(struct json_out *w, char bracket)
{
    assert(bracket == '{' || bracket == '[');
    assert(w->depth < JSON_DEPTH_MAX);
    before_value(w);
    buf_char(w->to, bracket);
    w->objects &= ~(UINT64_C(1) << w->depth);
    w->objects |= (uint64_t)(bracket == '{') << w->depth;
    w->depth++;
}

void
json_close(struct json_out *w, char bracket)
{
    assert(w->depth > 0 && !w->after_key);
    w->depth--;
    assert(bracket == ((w->objects >> w->depth & 1) ? '}' : ']'));
    buf_char(w->to, bracket);
    w->comma = true;
}

static void
write_special(struct buf *to, unsigned char c)
{
    static const char NAMES[] = "\"\\\b\f\n\r\t", LETTERS[] = "\"\\bfnrt";
    const char *name = c != '\0' ? strchr(NAMES, c) : NULL;

    if (name != NULL) {
        buf_char(to, '\\');
        buf_char(to, LETTERS[name - NAMES]);
    } else {
        buf_printf(to, "\\u%04x", c);
    }
}

/* How many bytes from `p` on stand for themselves: printable ASCII without '"' and '\\'. */
static size_t
plain_run(const unsigned char *p, size_t len)
{
    size_t i = 0;

    while (i + 8 <= len && json_eight_plain(p + i) && memchr(p + i, 0x7F, 8) == NULL)
        i += 8;
    while (i < len && p[i] >= 0x20 && p[i] < 0x7F && p[i] != '"' && p[i] != '\\')
        i++;
    return i;
}

static void
write_string(struct buf *to, struct str s)
{
    const unsigned char *p = (const unsigned char *)s.at;
    size_t from = 0, i = 0, n;

    buf_char(to, '"');
    while ((i += plain_run(p + i, s.len - i)) < s.len) {
        n = p[i] >= 0x80 ? json_utf8_length(p + i, s.len - i) : 0;
        if (n > 0) {
            i += n;
            continue;
        }
        if (i > from)
            buf_add(to, (struct str){ s.at + from, i - from });
        if (p[i] < 0x80 && p[i] != '\0')
            write_special(to, p[i]);
        else
            buf_add(to, STR("\xEF\xBF\xBD"));
        from = ++i;
    }
    if (i > from)
        buf_add(to, (struct str){ s.at + from, i - from });
    buf_char(to, '"');
}

static void
before_key(struct json_out *w)
{
    assert(w->depth > 0 && !w->after_key && (w->objects >> (w->depth - 1) & 1));
    separate(w);
    w->after_key = true;
}

void
json_key_str(struct json_out *w, struct str key)
{
    before_key(w);
    write_string(w->to, key);
    buf_char(w->to, ':');
}

void
json_key_verbatim(struct json_out *w, struct str json)
{
    before_key(w);
    buf_add(w->to, json);
    buf_char(w->to, ':');
}

void
json_key(struct json_out *w, const char *key)
{
    json_key_str(w, str_of(key));
}

void
json_string(struct json_out *w, struct str s)
{
    before_value(w);
    write_string(w->to, s);
    w->comma = true;
}

void
json_int_value(struct json_out *w, int64_t n)
{
    char text[INT_TEXT_SIZE];

    before_value(w);
    buf_add(w->to, str_of_int(n, text));
    w->comma = true;
}

void
json_verbatim(struct json_out *w, struct str json)
{
    before_value(w);
    buf_add(w->to, json);
    w->comma = true;
}

void
json_double_value(struct json_out *w, double d)
{
    char text[JSON_DOUBLE_SIZE];

    json_verbatim(w, str_of(json_double_text(d, text)));
}

void
json_bool_value(struct json_out *w, bool b)
{
    json_verbatim(w, b ? STR("true") : STR("false"));
}

void
json_null(struct json_out *w)
{
    json_verbatim(w, STR("null"));
}

void
json_member(struct json_out *w, const char *key, struct str s)
{
    json_key(w, key);
    json_string(w, s);
}

void
json_member_int(struct json_out *w, const char *key, int64_t n)
{
    json_key(w, key);
    json_int_value(w, n);
}

void
json_member_bool(struct json_out *w, const char *key, bool b)
{
    json_key(w, key);
    json_bool_value(w, b);
}
