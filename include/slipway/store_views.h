#ifndef SLIPWAY_STORE_VIEWS_H
#define SLIPWAY_STORE_VIEWS_H

/**
 * Store views: what the status page, the API and the command line read.
 *
 * Reads only; each call sees one consistent state.  A callback gets data lent
 * for the length of the call and must not call the store.
 */

#include "slipway/store.h"

/** One deployment as people see it. */
struct deployment_view {
    struct deployment d;
    const char *arn;           /* Of its model package. */
    int64_t generation_number; /* Which approval of the package it stands for, from 1; 0: none any
                                  more. */
    struct order order;        /* The open one; kind ORDER_NONE if none. */
    int64_t received_ms;       /* When its first fact was recorded. */
};

typedef void view_deployment_each(void *cookie, const struct deployment_view *v);

/**
 * Deployments by falling id, at most `limit` (1..1000), with ids below
 * `before_id` (0: from the newest on).
 */
bool view_deployments(struct store *s, int64_t before_id, int64_t limit, view_deployment_each *each,
                      void *cookie, struct error *e) MUST_CHECK;

/** Those that have an open order, by falling id, for the top of the page. */
bool view_deployments_open(struct store *s, int64_t before_id, int64_t limit,
                           view_deployment_each *each, void *cookie, struct error *e) MUST_CHECK;

/** One deployment; ERROR_NOT_FOUND if there is none. */
bool view_deployment(struct store *s, int64_t id, view_deployment_each *each, void *cookie,
                     struct error *e) MUST_CHECK;

/** One record of the history. */
struct history_view {
    int64_t seq, deployment_id, at_ms, order_id;
    const char *fact, *from, *to, *actor, *reason; /* actor and reason may be "". */
    const char *hash;                              /* Hex of this record's hash. */
};

typedef void view_history_each(void *cookie, const struct history_view *h);

/** The history of one deployment, newest first, at most `limit`. */
bool view_history(struct store *s, int64_t deployment_id, int64_t limit, view_history_each *each,
                  void *cookie, struct error *e) MUST_CHECK;

/** What the devices of one wave last reported; wave -1 is the rollback. */
struct wave_view {
    int64_t wave, at_ms;
    struct device_counts counts;
};

typedef void view_wave_each(void *cookie, const struct wave_view *w);
bool view_waves(struct store *s, int64_t deployment_id, view_wave_each *each, void *cookie,
                struct error *e) MUST_CHECK;

/** Who decided what on one deployment, oldest first. */
struct decision_view {
    int64_t at_ms, generation; /* Of the deployment's work when it was decided on. */
    const char *approver, *decision, *digest;
};

typedef void view_decision_each(void *cookie, const struct decision_view *d);
bool view_decisions(struct store *s, int64_t deployment_id, view_decision_each *each, void *cookie,
                    struct error *e) MUST_CHECK;

/** Who holds the thing groups that a deployment waits for; the first foreign holder, 0 if none. */
bool view_holder(struct store *s, const char *resource, int64_t *holder,
                 struct error *e) MUST_CHECK;

struct quarantine_view {
    int64_t id, at_ms, times;
    const char *reason;
    struct str body;
};

typedef void view_quarantine_each(void *cookie, const struct quarantine_view *q);
bool view_quarantine(struct store *s, int64_t limit, view_quarantine_each *each, void *cookie,
                     struct error *e) MUST_CHECK;

/** How many deployments are in each state, and rows of other tables, for /metrics. */
struct store_counts {
    int64_t deployments[STATE_COUNT];
    int64_t open_orders, quarantined, history;
};
bool view_counts(struct store *s, struct store_counts *out, struct error *e) MUST_CHECK;

/**
 * Checks the hash chain of the history from its first record to its last.
 * False with ERROR_INVALID naming the first record that was changed, removed,
 * inserted or moved.  `head`, if not NULL, receives the last hash in hex.
 * `anchor` (hex, or NULL) must be the hash of some record of the chain:
 * a history cut short before it is found out by that.
 */
bool view_verify_audit(struct store *s, const char *anchor, int64_t *records, char head[65],
                       struct error *e) MUST_CHECK;

/**
 * Writes the whole state as JSON, sorted, without times, counters of tries or
 * numbers that depend on the order of arrival, so that two runs that learnt
 * the same can be compared byte by byte.
 */
bool view_dump_canonical(struct store *s, struct buf *out, struct error *e) MUST_CHECK;

#endif
