#include "log.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "slipway/instant.h"
#include "slipway/memory.h"

#define LINE_MAX_BYTES 32768 /* A line of more is cut between two fields. */

#define HELD_MAX_BYTES 65536

static int log_fd = STDERR_FILENO;
static enum log_level log_lowest = LOG_INFO;
static struct buf line = { .max = LINE_MAX_BYTES };
static struct buf held = { .max = HELD_MAX_BYTES }; /* Lines not written yet. */
static bool holding;

static const char *const LEVEL_NAMES[] = { "debug", "info", "warning", "error" };

/* ---- text ----------------------------------------------------------------------------------- */

/* Reads one character of UTF-8 at `at`; its length in bytes, or 0 if there is none. */
static size_t
read_char(const unsigned char *at, size_t left, uint32_t *code)
{
    static const uint32_t SMALLEST[] = { 0, 0, 0x80, 0x800, 0x10000 };
    size_t len = at[0] < 0x80 ? 1 : at[0] < 0xC0 ? 0 : at[0] < 0xE0 ? 2 : at[0] < 0xF0 ? 3 : 4;

    if (len == 0 || len > left || at[0] > 0xF4)
        return 0;
    *code = len == 1 ? at[0] : at[0] & (0xFFU >> (len + 1));
    for (size_t i = 1; i < len; i++) {
        if ((at[i] & 0xC0) != 0x80)
            return 0;
        *code = *code << 6 | (at[i] & 0x3FU);
    }
    if (*code < SMALLEST[len] || *code > 0x10FFFF || (*code >= 0xD800 && *code <= 0xDFFF))
        return 0;
    return len;
}

/* True for what would end the line, move the cursor or turn the writing direction of a terminal. */
static bool
must_escape(uint32_t code)
{
    return code < 0x20 || (code >= 0x7F && code <= 0x9F) || code == 0x061C || code == 0x200E ||
           code == 0x200F || (code >= 0x2028 && code <= 0x202E) ||
           (code >= 0x2066 && code <= 0x2069) || code == 0xFEFF;
}

/* How many bytes from `at` on are written as they are. */
static size_t
plain_run(const unsigned char *at, size_t len)
{
    size_t n = 0;

    while (n < len && at[n] >= 0x20 && at[n] < 0x7F && at[n] != '"' && at[n] != '\\')
        n++;
    return n;
}

static void
add_text(struct buf *to, struct str s)
{
    const unsigned char *at = (const unsigned char *)s.at;
    size_t len = s.len > LOG_VALUE_MAX ? LOG_VALUE_MAX : s.len;
    size_t n;

    buf_char(to, '"');
    for (size_t i = 0; i < len; i += n) {
        uint32_t code;

        n = plain_run(at + i, len - i);
        if (n > 0) {
            buf_add(to, (struct str){ s.at + i, n });
            continue;
        }
        n = read_char(at + i, s.len - i, &code);
        if (n == 0) {
            buf_add(to, STR("\\ufffd"));
            n = 1;
        } else if (must_escape(code)) {
            buf_printf(to, "\\u%04x", (unsigned)code);
        } else {
            if (code == '"' || code == '\\')
                buf_char(to, '\\');
            buf_add(to, (struct str){ s.at + i, n });
        }
    }
    buf_add(to, len < s.len ? STR("...\"") : STR("\""));
}

static void
add_field(struct buf *to, const struct log_field *f)
{
    char number[INT_TEXT_SIZE];

    buf_char(to, ',');
    add_text(to, str_of(f->key));
    buf_char(to, ':');
    switch (f->kind) {
    case LOG_KIND_TEXT:
        add_text(to, f->text);
        break;
    case LOG_KIND_INT:
        buf_add(to, str_of_int(f->number, number));
        break;
    case LOG_KIND_REAL:
        if (isfinite(f->real))
            buf_printf(to, "%.17g", f->real);
        else
            buf_add(to, STR("null"));
        break;
    case LOG_KIND_BOOL:
        buf_add(to, f->number != 0 ? STR("true") : STR("false"));
        break;
    }
}

/* ---- lines ---------------------------------------------------------------------------------- */

static void
write_out(struct str lines)
{
    if (lines.len > 0 && write(log_fd, lines.at, lines.len) < 0)
        return; /* Nobody is left to tell. */
}

/* The same text for all lines of one millisecond. */
static const char *
time_text(void)
{
    static char text[INSTANT_SIZE];
    static int64_t of_ms = -1;
    int64_t now_ms = clock_wall_ms();

    if (now_ms != of_ms)
        instant_rfc3339(now_ms, text);
    of_ms = now_ms;
    return text;
}

void
log_write(enum log_level level, const char *event, const struct log_field *fields)
{
    if (level < log_lowest)
        return;
    buf_clear(&line);
    buf_add(&line, STR("{\"at\":\""));
    buf_add(&line, str_of(time_text()));
    buf_add(&line, STR("\",\"level\":\""));
    buf_add(&line, str_of(LEVEL_NAMES[level]));
    buf_add(&line, STR("\",\"event\":"));
    add_text(&line, str_of(event));
    for (const struct log_field *f = fields; f->key != NULL; f++) {
        size_t before = line.len;

        if (before > LINE_MAX_BYTES - (size_t)7 * LOG_VALUE_MAX)
            break; /* Room for the longest field of escapes only, and for the end. */
        add_field(&line, f);
    }
    buf_add(&line, STR("}\n"));
    if (holding && held.len + line.len > HELD_MAX_BYTES) {
        write_out(buf_str(&held));
        buf_clear(&held);
    }
    if (holding)
        buf_add(&held, buf_str(&line));
    else
        write_out(buf_str(&line));
}

void
log_hold(void)
{
    holding = true;
}

void
log_release(void)
{
    holding = false;
    write_out(buf_str(&held));
    buf_clear(&held);
}

void
log_threshold(enum log_level level)
{
    log_lowest = level;
}

bool
log_level_read(const char *word, enum log_level *level)
{
    for (size_t i = 0; i < ARRAY_LEN(LEVEL_NAMES); i++)
        if (strcmp(LEVEL_NAMES[i], word) == 0) {
            *level = (enum log_level)i;
            return true;
        }
    return false;
}

void
log_to(int fd)
{
    log_fd = fd;
}
