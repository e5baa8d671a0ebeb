#ifndef SLIPWAY_WEB_HTML_H
#define SLIPWAY_WEB_HTML_H

/**
 * HTML: text into pages, always escaped.
 *
 * html() copies markup of our own, from literals only.  Everything else, also
 * what "cannot" hold a special character, goes through html_text() and the functions
 * on top of it.  They are for element content and for attribute values in
 * double quotes; texts from outside never stand in href, src, style or script.
 */

#include "slipway/memory.h"

/** Markup of our own. */
#define html(out, literal) buf_add(out, STR(literal))

/**
 * Text from anywhere: & < > " ' are escaped; control characters, invalid UTF-8 and
 * characters that turn the writing direction become U+FFFD.
 */
void html_text(struct buf *out, struct str text);

/** html_text() of a NUL-terminated text. */
void html_string(struct buf *out, const char *text);

void html_int(struct buf *out, int64_t n);

/** <time datetime="2026-01-02T03:04:05Z">2026-01-02 03:04:05</time>; "–" for 0. */
void html_time(struct buf *out, int64_t ms);

/** "4 min" between two moments. */
void html_span(struct buf *out, int64_t from_ms, int64_t to_ms);

#endif
