#ifndef SLIPWAY_ENGINE_H
#define SLIPWAY_ENGINE_H

/**
 * Engine: learns facts, has rules decide, has the store remember, has the
 * drivers act.
 *
 *     fact -> load -> pipeline_decide -> store_apply -> commit -> acknowledge -> dispatch
 *
 * What is learnt within one turn of the loop is committed together at its
 * end.  An acknowledgement (the `learnt` callback) comes after that commit
 * and never before.  When the store refuses, the engine stops the loop with
 * exit status 75; nothing is acknowledged any more.
 */

#include "slipway/error.h"
#include "slipway/settings.h"
#include "slipway/store.h"
#include "slipway/store_views.h"

struct engine;
struct loop;
struct workshop;

/** What became of something the engine was told. */
enum learnt {
    LEARNT_APPLIED, /* It changed something, durably. */
    LEARNT_NOTHING, /* Known already, or stale: nothing to change. */
    LEARNT_REFUSED, /* It cannot be: no such deployment, wrong digest or state, replayed; `e` says
                       why. */
    LEARNT_BUSY,    /* Shed: too much at once; ask again later. */
};

/** Called once, from the loop, after the commit; `e` is set for LEARNT_REFUSED and LEARNT_BUSY. */
typedef void learnt_done(void *cookie, enum learnt l, const struct error *e);

/** What a person may ask for. */
enum person_verb {
    PERSON_APPROVE,
    PERSON_REJECT,
    PERSON_CANCEL,
    PERSON_RETRY,
    PERSON_ROLLBACK,
    PERSON_VERB_COUNT
};

/** The word of a verb in requests, "approve", and back. */
const char *person_verb_name(enum person_verb v) MUST_CHECK;
bool person_verb_parse(struct str name, enum person_verb *out) MUST_CHECK;

/**
 * A person's decision whose signature has been checked.  The engine checks what
 * is left, in the transaction that records it: the message id is unused, the
 * approver may decide on this pipeline and is counted once, the digest is
 * the deployment's.  All of it is copied.
 */
struct person_decision {
    enum person_verb verb;
    int64_t deployment_id;
    const char *digest; /* Needed for approve and reject; if given, it must be the deployment's. */
    const char *approver; /* Whose key signed. */
    const char *comment;  /* Or NULL. */
    const char *message_id, *signature;
    struct str body;
};

void engine_decide(struct engine *en, const struct person_decision *d, learnt_done *done,
                   void *cookie);

/** The settings in force; valid until the next reload.  And the store, for views only. */
const struct settings *engine_settings(const struct engine *en) MUST_CHECK;
struct store *engine_store(const struct engine *en) MUST_CHECK;

/** The engine's clock: milliseconds since 1970, never jumping while the process runs and never
 * going back, also not from one run to the next. */
int64_t engine_now_ms(const struct engine *en) MUST_CHECK;

/** True once everything open has been read from the store and the queue is being asked. */
bool engine_is_ready(const struct engine *en) MUST_CHECK;

/** Counters since the start, for /metrics. */
struct engine_counters {
    int64_t messages, events, quarantined, facts, applied, commits, orders_taken, orders_unknown;
    int64_t sweeps, deletes, receive_errors;
    int64_t in_flight;       /* Orders being carried out now. */
    int64_t last_receive_ms; /* When the queue last answered; 0: never. */
};
const struct engine_counters *engine_counters(const struct engine *en) MUST_CHECK;

#endif
