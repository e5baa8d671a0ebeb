#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli_internal.h"
#include "slipway/instant.h"
#include "slipway/utf8.h"

void
complain(const char *fmt, ...)
{
    char text[2048];
    struct buf out = { .max = 8192 };
    va_list args;

    va_start(args, fmt);
    vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);
    terminal_text(&out, str_of(text));
    fprintf(stderr, "slipway: %.*s\n", STR_ARG(buf_str(&out)));
    buf_free(&out);
}

void
terminal_text(struct buf *out, struct str text)
{
    while (text.len > 0) {
        uint32_t code;
        size_t len = utf8_next(text, &code);

        if (len == 0) {
            buf_printf(out, "\\x%02x", (unsigned char)text.at[0]);
            len = 1;
        } else if (utf8_is_treacherous(code) || code == '\n' || code == '\t') {
            buf_printf(out, code < 0x80 ? "\\x%02x" : "\\u{%x}", (unsigned)code);
        } else {
            buf_add(out, (struct str){ text.at, len });
        }
        text = (struct str){ text.at + len, text.len - len };
    }
}

void
terminal_time(struct buf *out, int64_t ms)
{
    char text[INSTANT_SIZE];

    if (ms == 0) {
        buf_char(out, '-');
        return;
    }
    instant_rfc3339(ms, text);
    buf_printf(out, "%.10s %.8s", text, text + 11);
}

/* ---- tables --------------------------------------------------------------------------------- */

void
table_add(struct table *t, struct str cell)
{
    struct buf escaped = { .max = 65536 };

    terminal_text(&escaped, cell);
    if (t->count == t->room) {
        t->room = t->room == 0 ? 64 : t->room * 2;
        t->cells = xrealloc(t->cells, t->room * sizeof(*t->cells));
    }
    t->cells[t->count++] = xstrcopy(buf_str(&escaped));
    buf_free(&escaped);
}

void
table_addf(struct table *t, const char *fmt, ...)
{
    char text[1024];
    va_list args;

    va_start(args, fmt);
    vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);
    table_add(t, str_of(text));
}

/* Characters, taken as one column each. */
static size_t
width(const char *text)
{
    size_t n = 0;

    for (; *text != '\0'; text++)
        n += ((unsigned char)*text & 0xc0) != 0x80;
    return n;
}

static size_t
column_width(const struct table *t, size_t column)
{
    size_t most = 0;

    for (size_t i = column; i < t->count; i += t->columns)
        if (width(t->cells[i]) > most)
            most = width(t->cells[i]);
    return most;
}

void
table_print(struct table *t)
{
    size_t *widths = xcalloc(t->columns, sizeof(*widths));

    assert(t->columns > 0);
    for (size_t c = 0; c < t->columns; c++)
        widths[c] = column_width(t, c);
    for (size_t i = 0; i < t->count; i++) {
        size_t c = i % t->columns;

        fputs(t->cells[i], stdout);
        if (c + 1 == t->columns)
            putchar('\n');
        else
            printf("%*s", (int)(widths[c] - width(t->cells[i]) + 2), "");
        free(t->cells[i]);
    }
    free(t->cells);
    free(widths);
    *t = (struct table){ .columns = t->columns };
}

int
print(struct buf *out)
{
    bool ok = !out->overflow &&
              fwrite(out->at != NULL ? out->at : "", 1, out->len, stdout) == out->len;

    buf_free(out);
    if (ok && fflush(stdout) == 0)
        return CLI_OK;
    complain("stdout: cannot write all of it");
    return CLI_NO;
}
