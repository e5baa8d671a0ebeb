#include "html.h"

#include "slipway/instant.h"
#include "slipway/utf8.h"

/* ---- one character -------------------------------------------------------------------------- */

static const char *
escape_of(uint32_t c)
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
        return utf8_is_treacherous(c) ? "\xef\xbf\xbd" : NULL;
    }
}

void
html_text(struct buf *out, struct str text)
{
    while (text.len > 0) {
        uint32_t code = 0;
        size_t len = utf8_next(text, &code);
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
