#ifndef SLIPWAY_ENGINE_SHOWN_H
#define SLIPWAY_ENGINE_SHOWN_H

/**
 * Shown: deployments as people see them, for the page, the API and the
 * command line, so that all three say the same.
 *
 * Reads the store through its views; changes nothing.
 */

#include "slipway/json_write.h"
#include "slipway/settings.h"
#include "slipway/store_views.h"
#include "slipway/why.h"

#define SHOWN_PAGE_MAX 200     /* Deployments of one page. */
#define SHOWN_HISTORY_MAX 1000 /* Records of one deployment's history. */
#define SHOWN_JSON_MAX (32U * 1048576)

/** One deployment with what is said about it. */
struct shown {
    struct deployment_view v; /* v.arn points to `arn`: does not survive copying the struct. */
    char arn[2049];
    char why[WHY_SIZE];
    const char *who;      /* See why_who(). */
    bool has_policy;      /* False: its pipeline is not in the settings. */
    struct policy policy; /* Of its pipeline. */
    bool has_counts;
    struct device_counts counts; /* Of the wave or the rollback under way. */
};

/** Where to read, and by which clock. */
struct shown_source {
    struct store *store;
    const struct settings *settings; /* NULL: none are known. */
    int64_t now_ms;
};

/** Several, newest first; free `items`. */
struct shown_page {
    struct shown *items; /* Owned. */
    size_t count;
    int64_t next_before; /* Go on with ids below this one; 0: there are no more. */
};

/**
 * Reads at most `limit` (1 to SHOWN_PAGE_MAX) deployments with ids below `before`
 * (0: from the newest on): all, or only those that wait for something.
 */
bool shown_page_read(const struct shown_source *from, int64_t before, int64_t limit, bool open,
                     struct shown_page *out, struct error *e) MUST_CHECK;

/** Reads one; ERROR_NOT_FOUND if there is none. */
bool shown_read(const struct shown_source *from, int64_t id, struct shown *out,
                struct error *e) MUST_CHECK;

/** The page as the API gives it, and a line feed; `page_url` ends with '/', NULL: without the
 * member url. */
void shown_page_json(struct buf *out, const struct shown_page *page, const char *page_url);

/**
 * One of its objects with "history", "waves", "decisions" and "documents" added.
 * False with ERROR_STORAGE.
 */
bool shown_json_whole(struct json_out *w, const struct shown *s, const struct shown_source *from,
                      const char *page_url, struct error *e) MUST_CHECK;

/** Cuts a model package's ARN into its group and version ("" if it has none). */
void shown_model(const char *arn, struct str *group, struct str *version);

/** Who must do something: a person is waited for. */
bool shown_needs_a_person(const struct shown *s) MUST_CHECK;

#endif
