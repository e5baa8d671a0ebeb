#ifndef SLIPWAY_WEB_DETAIL_TABLES_H
#define SLIPWAY_WEB_DETAIL_TABLES_H

/**
 * Detail tables: what was found out about one deployment and what happened to it, as sections of
 * its page; for detail.c.
 */

#include "engine/shown.h"
#include "slipway/memory.h"

/** Each returns false with ERROR_STORAGE, and adds nothing if there is nothing to show. */
bool detail_gates(struct buf *out, const struct shown *s, const struct shown_source *from,
                  struct error *e) MUST_CHECK;
bool detail_plan(struct buf *out, const struct shown *s, const struct shown_source *from,
                 struct error *e) MUST_CHECK;
bool detail_findings(struct buf *out, const struct shown *s, const struct shown_source *from,
                     struct error *e) MUST_CHECK;
bool detail_waves(struct buf *out, const struct shown *s, const struct shown_source *from,
                  struct error *e) MUST_CHECK;
bool detail_decisions(struct buf *out, const struct shown *s, const struct shown_source *from,
                      struct error *e) MUST_CHECK;

/** The stages with their durations, and every record of the history. */
bool detail_history(struct buf *out, const struct shown *s, const struct shown_source *from,
                    struct error *e) MUST_CHECK;

#endif
