#ifndef SLIPWAY_STORE_H
#define SLIPWAY_STORE_H

/**
 * Store: what slipway remembers, in one SQLite file.
 *
 * Everything a turn of the loop learnt is written in one transaction, since
 * an fsync costs milliseconds and a row microseconds:
 *
 *     store_begin() -> any of the operations below -> store_commit()
 *
 * An operation that returns false has left the transaction unusable: call
 * store_undo().  ERROR_STORAGE means the file or the disk refused; what is in
 * memory is then worth nothing and the process must stop and read again from
 * the disk (a COMMIT that failed may still be durable), so nothing is retried.
 *
 * Exactly one connection writes and checkpoints (SQLite before 3.51.3 can
 * corrupt a WAL that two do); a lock on a file beside the database keeps a
 * second process out.  Not for use by two threads.
 *
 * Texts passed in are borrowed until the call returns.
 */

#include "slipway/error.h"
#include "slipway/memory.h"
#include "slipway/pipeline.h"
#include "slipway/registry.h"

struct store;

/* ---- life cycle ----------------------------------------------------------------------------- */

/**
 * Opens the database at `path` for writing, creating or migrating it first.
 * ERROR_CONFLICT if another process has it open for writing, ERROR_INVALID if
 * it was written by a newer slipway or is no slipway database, else
 * ERROR_STORAGE.  The caller owns the store and closes it with store_close().
 */
struct store *store_open(const char *path, struct error *e) MUST_CHECK;

/**
 * Opens an existing database for reading only, also while a daemon writes to
 * it; only the functions of store_views.h may then be called.
 */
struct store *store_open_readonly(const char *path, struct error *e) MUST_CHECK;

/** Closes and frees; undoes an open transaction; does nothing to NULL. */
void store_close(struct store *s);

/** When the newest record of the history was made; 0: there is none. */
int64_t store_newest_ms(const struct store *s) MUST_CHECK;

bool store_begin(struct store *s, struct error *e) MUST_CHECK;
bool store_commit(struct store *s, struct error *e) MUST_CHECK;
void store_undo(struct store *s);

/** Moves what is in the write-ahead log into the database, as far as it goes; for idle moments. */
void store_checkpoint(struct store *s);

/* ---- model packages ------------------------------------------------------------------------- */

struct package {
    int64_t id;
    bool is_new; /* Nothing is kept of it yet. */
    struct sightings sightings;
};

/** Finds the package called `arn`, or gives it an id without keeping it; `*out` is a copy. */
bool store_package(struct store *s, struct str arn, struct package *out,
                   struct error *e) MUST_CHECK;

/**
 * Keeps a package called `arn` with `seen` as all that was seen of it; if one is kept already,
 * `*added` is false and `*out` is that one, unchanged.  One question instead of two for what is
 * mostly new.
 */
bool store_package_add(struct store *s, struct str arn, struct sighting seen, struct package *out,
                       bool *added, struct error *e) MUST_CHECK;

/** Keeps `p`, called `arn`, with its sightings; it is not new any more. */
bool store_package_keep(struct store *s, struct str arn, struct package *p,
                        struct error *e) MUST_CHECK;

/** The ARN of a package, into `buf`; ERROR_NOT_FOUND if there is none. */
bool store_package_arn(struct store *s, int64_t id, char *buf, size_t size,
                       struct error *e) MUST_CHECK;

/** True in `*known` if the registry last called `arn` approved; for the sweep. */
bool store_package_is_approved(struct store *s, struct str arn, bool *known,
                               struct error *e) MUST_CHECK;

/** The deployments of a package, oldest first, at most `max`; `*count` is how many there are. */
bool store_package_deployments(struct store *s, int64_t package_id, int64_t *ids, size_t max,
                               size_t *count, struct error *e) MUST_CHECK;

/* ---- deployments ---------------------------------------------------------------------------- */

/**
 * Adds `*d`, opens its first order ORDER_CONFIRM, due at once, and records
 * FACT_RECEIVED.  Sets d->id and d->order_id.
 */
bool store_add(struct store *s, struct deployment *d, int64_t at_ms, struct error *e) MUST_CHECK;

/** Reads deployment `id`; ERROR_NOT_FOUND if there is none. */
bool store_load(struct store *s, int64_t id, struct deployment *out, struct error *e) MUST_CHECK;

/**
 * Records that `before` learnt `f` and became `decision->after`: the row (compare-and-set on its
 * revision: ERROR_CONFLICT if it moved on), the open order closed unless kept, the next one
 * opened, due at `due_ms`, and one record of the history.  Sets decision->after.order_id.
 */
bool store_apply(struct store *s, const struct deployment *before, const struct fact *f,
                 struct decision *decision, int64_t due_ms, struct error *e) MUST_CHECK;

/**
 * Moves the deadline of a deployment whose work begins only now.  No fact, so nothing is recorded
 * of it and its revision stays.
 */
bool store_deadline(struct store *s, int64_t id, int64_t deadline_ms, struct error *e) MUST_CHECK;

/**
 * The other deployments of `d`'s pipeline that its decision supersedes: lower ranked ones waiting
 * at the gate, or the one that was live.  At most `max`, `*count` says how many.
 */
bool store_superseded(struct store *s, const struct deployment *d, enum supersedes which,
                      int64_t *ids, size_t max, size_t *count, struct error *e) MUST_CHECK;

/** True in `*newer` if a higher ranked deployment of `d`'s pipeline has reached the gate before. */
bool store_newer_reached_gate(struct store *s, const struct deployment *d, bool *newer,
                              struct error *e) MUST_CHECK;

/** Has deployment `id` rank as `rank`: its approval began at another time than was known. */
bool store_rank(struct store *s, int64_t id, int64_t rank, struct error *e) MUST_CHECK;

/** Keeps that `d` has reached the gate, or has become what is live. */
bool store_lane_gate(struct store *s, const struct deployment *d, struct error *e) MUST_CHECK;
bool store_lane_live(struct store *s, const struct deployment *d, struct error *e) MUST_CHECK;

/** The deployment that is live in `pipeline`; 0 if none. */
bool store_live(struct store *s, const char *pipeline, int64_t *id, struct error *e) MUST_CHECK;

/* ---- documents: what the stages found out --------------------------------------------------- */

/** Keeps `body` as document `kind` of a deployment, in place of an older one. */
bool store_document_keep(struct store *s, int64_t deployment_id, const char *kind, struct str body,
                         struct error *e) MUST_CHECK;

/** Appends document `kind` to `out`; adds nothing, and succeeds, if there is none. */
bool store_document(struct store *s, int64_t deployment_id, const char *kind, struct buf *out,
                    struct error *e) MUST_CHECK;

/** Keeps what the devices of wave `wave` (-1: of the rollback) last reported. */
bool store_counts_keep(struct store *s, int64_t deployment_id, int64_t wave,
                       const struct device_counts *c, int64_t at_ms, struct error *e) MUST_CHECK;

/* ---- the outbox ----------------------------------------------------------------------------- */

/** Calls `each` for every open order, oldest first; for the start of the daemon. */
typedef void store_order_each(void *cookie, const struct order *o, int64_t deadline_ms);
bool store_orders(struct store *s, store_order_each *each, void *cookie,
                  struct error *e) MUST_CHECK;

/** Reads open order `id` and, if `progress` is wanted, appends its progress; ERROR_NOT_FOUND if it
 * is closed. */
bool store_order(struct store *s, int64_t id, struct order *out, struct buf *progress,
                 struct error *e) MUST_CHECK;

/** Puts order `id` off until `due_ms` and keeps its progress (NULL text: as it was). */
bool store_order_later(struct store *s, int64_t id, int64_t due_ms, int64_t tries,
                       struct str progress, struct error *e) MUST_CHECK;

/** Closes an order that no deployment waits for (ORDER_STOP). */
bool store_order_close(struct store *s, int64_t id, struct error *e) MUST_CHECK;

/* ---- exclusive use of a thing group --------------------------------------------------------- */

/**
 * Takes `resource` for a deployment.  `*holder` is who has it now: the
 * deployment itself if it was free or its own already, else the other one.
 */
bool store_hold(struct store *s, const char *resource, int64_t deployment_id, int64_t *holder,
                struct error *e) MUST_CHECK;

/** Frees everything that the deployment holds. */
bool store_release(struct store *s, int64_t deployment_id, struct error *e) MUST_CHECK;

/* ---- people --------------------------------------------------------------------------------- */

/** A decision somebody signed, as it came. */
struct signed_decision {
    int64_t deployment_id;
    int64_t generation;
    const char *approver, *decision, *digest;
    bool counts;            /* False: it is refused; only its message id is used up. */
    const char *message_id; /* webhook-id: unique for longer than a signature is good. */
    const char *signature;  /* The header that was right. */
    struct str body;        /* The bytes that were signed. */
};

enum decision_novelty {
    DECISION_NEW,
    DECISION_REPEATED,    /* The same message again: answer as before, change nothing. */
    DECISION_REFUSED,     /* The same message again, which was refused the first time. */
    DECISION_SAME_PERSON, /* This approver has said so already; counts once. */
    DECISION_REPLAYED,    /* The message id was used for something else. */
};

/** Records a decision and uses its message id up, in the open transaction. */
bool store_decision(struct store *s, const struct signed_decision *d, int64_t at_ms,
                    enum decision_novelty *novelty, struct error *e) MUST_CHECK;

/** Forgets message ids older than `before_ms`. */
bool store_messages_forget(struct store *s, int64_t before_ms, struct error *e) MUST_CHECK;

/* ---- quarantine ----------------------------------------------------------------------------- */

/** Keeps a message that was not understood, with the reason; the oldest go beyond `max` rows. */
bool store_quarantine(struct store *s, struct str body, const char *reason, int64_t at_ms,
                      int64_t max, struct error *e) MUST_CHECK;

#endif
