#include "aws/uri.h"

#include <string.h>

static const char HEX[] = "0123456789ABCDEF";

static bool
is_unreserved(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_' || c == '~';
}

static void
add_encoded(struct buf *to, char c)
{
    unsigned char u = (unsigned char)c;
    char text[] = { '%', HEX[u >> 4], HEX[u & 15] };

    buf_add(to, (struct str){ text, sizeof(text) });
}

/* How many bytes at the start of `s` may stay as they are. */
static size_t
plain_run(struct str s, bool keep_slash)
{
    size_t n = 0;

    while (n < s.len && (is_unreserved(s.at[n]) || (keep_slash && s.at[n] == '/')))
        n++;
    return n;
}

void
uri_encode(struct buf *to, struct str s, bool keep_slash)
{
    while (s.len > 0) {
        size_t n = plain_run(s, keep_slash);

        buf_add(to, (struct str){ s.at, n });
        if (n < s.len)
            add_encoded(to, s.at[n++]);
        s = (struct str){ s.at + n, s.len - n };
    }
}

static int
hex_value(char c)
{
    const char *at = c >= 'a' && c <= 'f' ? strchr(HEX, c - 'a' + 'A') : strchr(HEX, c);

    return c == '\0' || at == NULL ? -1 : (int)(at - HEX);
}

void
uri_encode_rest(struct buf *to, struct str s)
{
    for (size_t i = 0; i < s.len; i++) {
        if (s.at[i] == '%' && s.len - i > 2 && hex_value(s.at[i + 1]) >= 0 &&
            hex_value(s.at[i + 2]) >= 0) {
            add_encoded(to, (char)(hex_value(s.at[i + 1]) * 16 + hex_value(s.at[i + 2])));
            i += 2;
        } else if (is_unreserved(s.at[i])) {
            buf_char(to, s.at[i]);
        } else {
            add_encoded(to, s.at[i]);
        }
    }
}

void
uri_query(struct buf *to, const char *name, struct str value)
{
    if (to->len > 0)
        buf_char(to, '&');
    uri_encode(to, str_of(name), false);
    buf_char(to, '=');
    uri_encode(to, value, false);
}
