#include "argv.h"

#include <stdlib.h>
#include <string.h>

#include "slipway/placeholder.h"

#define VALUE_MAX 256

bool
argv_is_plain(const char *value)
{
    static const char PLAIN[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
                                "._:/=+-";
    size_t len = strlen(value);

    return len > 0 && len <= VALUE_MAX && value[0] != '-' && strspn(value, PLAIN) == len;
}

static const struct argv_value *
find(const struct argv_value *values, struct str name)
{
    for (; values->name != NULL; values++)
        if (str_is(name, values->name))
            return values;
    return NULL;
}

static bool
put(struct buf *to, const struct argv_value *v, struct str name, struct error *e)
{
    if (v == NULL || v->value == NULL)
        return error_set(e, ERROR_INVALID, "{%.*s} means nothing here", STR_ARG(name));
    if (v->outside && !argv_is_plain(v->value))
        return error_set(e, ERROR_INVALID,
                         "{%s} would be \"%.80s\": only letters, digits and . _ : / = + - are "
                         "passed to a command, at most %d, not beginning with -",
                         v->name, v->value, VALUE_MAX);
    buf_add(to, str_of(v->value));
    return true;
}

char *
argv_fill(const char *argument, const struct argv_value *values, struct error *e)
{
    struct buf out = { .max = ARGV_BYTES_MAX };
    struct str rest = str_of(argument), before, name, after;

    buf_add(&out, STR(""));
    while (placeholder_next(rest, &before, &name, &after)) {
        buf_add(&out, before);
        if (!put(&out, find(values, name), name, e)) {
            buf_free(&out);
            return NULL;
        }
        rest = after;
    }
    buf_add(&out, rest);
    if (out.overflow) {
        buf_free(&out);
        (void)error_set(e, ERROR_INVALID, "an argument is longer than %d bytes", ARGV_BYTES_MAX);
        return NULL;
    }
    return out.at != NULL ? out.at : xstrdup("");
}

struct str
text_end(struct str text, size_t max)
{
    if (text.len > max) {
        text.at += text.len - max;
        text.len = max;
        while (text.len > 0 && ((unsigned char)text.at[0] & 0xc0) == 0x80) {
            text.at++;
            text.len--;
        }
    }
    return text;
}

const char *
last_line(struct str text, char *buf, size_t size)
{
    size_t from, len;

    text = str_trim(text);
    for (from = text.len; from > 0 && text.at[from - 1] != '\n' && text.at[from - 1] != '\r';)
        from--;
    len = text.len - from;
    if (len >= size)
        len = size - 1;
    /* What is cut is cut between two characters. */
    while (len > 0 && len < text.len - from && ((unsigned char)text.at[from + len] & 0xc0) == 0x80)
        len--;
    if (len > 0)
        memcpy(buf, text.at + from, len);
    for (size_t i = 0; i < len; i++)
        if ((unsigned char)buf[i] < 0x20 || buf[i] == 0x7f)
            buf[i] = ' ';
    buf[len] = '\0';
    return buf;
}
