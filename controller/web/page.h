#ifndef SLIPWAY_WEB_PAGE_H
#define SLIPWAY_WEB_PAGE_H

/** Page: the frame of a page, and the pieces that several pages show. */

#include "engine/shown.h"
#include "slipway/memory.h"

struct page {
    const char *title; /* Of the window; ours or escaped by page_begin(). */
    const char *up;    /* From this page to the first one: "" or "../". */
    int64_t refresh_s; /* The page loads itself anew after so many seconds; 0: not. */
    int64_t now_ms;    /* The age of what it shows. */
};

#define REFRESH_S 5
#define REFRESH_MAX_S 3600

void page_begin(struct buf *out, const struct page *p);
void page_end(struct buf *out);

/** The state as a coloured label with its name in it. */
void page_state(struct buf *out, const struct deployment *d);

/** Of a model package: its group and version, the whole ARN as tooltip. */
void page_model(struct buf *out, const struct shown *s);

/** A bar of what the devices reported, and the same in words.  `needed_percent` 0: no mark. */
void page_counts(struct buf *out, const struct device_counts *c, int64_t needed_percent);

/** The first characters of a digest, all of it as tooltip; "–" if there is none yet. */
void page_digest(struct buf *out, const char *digest);

#endif
