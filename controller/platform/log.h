#ifndef SLIPWAY_PLATFORM_LOG_H
#define SLIPWAY_PLATFORM_LOG_H

/**
 * Log: one happening, one line, one JSON object on stderr.
 *
 *     log_info("listening", log_text("address", a), log_int("port", p));
 *     {"at":"2026-01-02T03:04:05.678Z","level":"info","event":"listening","address":"::1","port":8}
 *
 * Event names are fixed, lower case with hyphens, and listed in docs/operations.md.
 * Whatever a value holds, the line stays one line and shows as it is: control
 * characters (C0, DEL, C1), line separators and characters that turn the
 * writing direction are written as \uXXXX, invalid UTF-8 as \ufffd.  Values
 * longer than LOG_VALUE_MAX are cut, with "..." at the end.  A line goes out in one write; a full
 * or closed stderr loses it and stops nothing.  Secrets are not logged: struct secret has no field
 * type on purpose.
 */

#include "slipway/error.h"
#include "slipway/str.h"

#define LOG_VALUE_MAX 1024

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARNING, LOG_ERROR };

enum log_kind { LOG_KIND_TEXT, LOG_KIND_INT, LOG_KIND_REAL, LOG_KIND_BOOL };

/** One key and its value; made by the functions below, borrowed for the call. */
struct log_field {
    const char *key; /* NULL ends the fields. */
    enum log_kind kind;
    struct str text;
    int64_t number;
    double real;
};

static inline struct log_field
log_str(const char *key, struct str value)
{
    return (struct log_field){ .key = key, .kind = LOG_KIND_TEXT, .text = value };
}

/** `value` may be NULL: the empty text. */
static inline struct log_field
log_text(const char *key, const char *value)
{
    return log_str(key, str_of(value));
}

static inline struct log_field
log_int(const char *key, int64_t value)
{
    return (struct log_field){ .key = key, .kind = LOG_KIND_INT, .number = value };
}

static inline struct log_field
log_real(const char *key, double value)
{
    return (struct log_field){ .key = key, .kind = LOG_KIND_REAL, .real = value };
}

static inline struct log_field
log_bool(const char *key, bool value)
{
    return (struct log_field){ .key = key, .kind = LOG_KIND_BOOL, .number = value };
}

/** The text of `e` under the key "error". */
static inline struct log_field
log_why(const struct error *e)
{
    return log_text("error", e->text);
}

/** For a happening without fields: log_info("stopped", LOG_NOTHING). */
#define LOG_NOTHING ((struct log_field){ .key = NULL })

#define log_at(level, event, ...) \
    log_write(level, event, (const struct log_field[]){ __VA_ARGS__, LOG_NOTHING })
#define log_debug(event, ...) log_at(LOG_DEBUG, event, __VA_ARGS__)
#define log_info(event, ...) log_at(LOG_INFO, event, __VA_ARGS__)
#define log_warning(event, ...) log_at(LOG_WARNING, event, __VA_ARGS__)
#define log_error(event, ...) log_at(LOG_ERROR, event, __VA_ARGS__)

/** Writes one line; `fields` end with a NULL key.  Nothing below the threshold. */
void log_write(enum log_level level, const char *event, const struct log_field *fields);

/**
 * From here until log_release() lines are gathered and go out together, whole: for a loop that
 * writes many.  Must not outlast the caller.
 */
void log_hold(void);
void log_release(void);

/** The lowest level written; LOG_INFO at first. */
void log_threshold(enum log_level level);

/** "debug", "info", "warning", "error"; false for any other word. */
bool log_level_read(const char *word, enum log_level *level) MUST_CHECK;

/** Writes to `fd` instead of stderr; for tests.  Does not own it. */
void log_to(int fd);

#endif
