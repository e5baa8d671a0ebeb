#include "html.h"

#include <string.h>

#include "slipway/instant.h"

/* ---- one character -------------------------------------------------------------------------- */

/* Length of the UTF-8 character at the start of `s` and its code point; 0 if it is none. */
static size_t
decode(struct str s, unsigned long *code)
{
    static const unsigned long LEAST[] = { 0, 0, 0x80, 0x800, 0x10000 };
    unsigned char first = (unsigned char)s.at[0];
    size_t len = first < 0x80 ? 1 : first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;

    if (len == 0 || first > 0xf4 || s.len < len)
        return 0;
    *code = len == 1 ? first : first & (0x7fU >> len);
    for (size_t i = 1; i < len; i++) {
        if (((unsigned char)s.at[i] & 0xc0) != 0x80)
            return 0;
        *code = *code << 6 | ((unsigned char)s.at[i] & 0x3f);
    }
    if (*code < LEAST[len] || *code > 0x10ffff || (*code >= 0xd800 && *code <= 0xdfff))
        return 0;
    return len;
}

/* Control characters, and what turns or hides text: bidirectional marks, line separators, BOM. */
static bool
is_treacherous(unsigned long c)
{
    if (c < 0x20)
        return c != '\n' && c != '\t';
    return (c >= 0x7f && c <= 0x9f) || c == 0x061c || (c >= 0x200b && c <= 0x200f) ||
           (c >= 0x2028 && c <= 0x202e) || (c >= 0x2060 && c <= 0x2069) || c == 0xfeff;
}

static const char *
escape_of(unsigned long c)
{
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    default:
        return is_treacherous(c) ? "\xef\xbf\xbd" : NULL;
    }
}

void
html_text(struct buf *out, struct str text)
{
    while (text.len > 0) {
        unsigned long code = 0;
        size_t len = decode(text, &code);
        const char *escape = len == 0 ? "\xef\xbf\xbd" : escape_of(code);

        if (len == 0)
            len = 1;
        buf_add(out, escape != NULL ? str_of(escape) : (struct str){ text.at, len });
        text = (struct str){ text.at + len, text.len - len };
    }
}

/* ---- on top of it --------------------------------------------------------------------------- */

void
html_string(struct buf *out, const char *text)
{
    html_text(out, str_of(text));
}

void
html_int(struct buf *out, int64_t n)
{
    buf_printf(out, "%lld", (long long)n);
}

void
html_time(struct buf *out, int64_t ms)
{
    char text[INSTANT_SIZE];

    if (ms == 0) {
        html(out, "\xe2\x80\x93");
        return;
    }
    instant_rfc3339(ms, text);
    buf_printf(out, "<time datetime=\"%s\">%.10s %.8s</time>", text, text, text + 11);
}

void
html_span(struct buf *out, int64_t from_ms, int64_t to_ms)
{
    char text[INSTANT_SIZE];

    html_string(out, instant_span(to_ms > from_ms ? to_ms - from_ms : 0, text));
}
