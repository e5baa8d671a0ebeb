#ifndef SLIPWAY_FACT_H
#define SLIPWAY_FACT_H

/**
 * Fact: something that happened to a deployment.
 *
 * The controller stamps it; rules never look at a clock.  A fact that answers
 * an order names it, and counts only while that order is the open one: the
 * late failure of a first try must not count against the second.
 */

#include "slipway/base.h"

/* clang-format off */
/*    symbol                 stored as           in words                                              */
#define FACT_KINDS(F)                                                                                     \
    F(FACT_RECEIVED,         "received",         "an approval was seen")                                  \
    F(FACT_CONFIRMED,        "confirmed",        "the registry says approved")                            \
    F(FACT_WITHDRAWN,        "withdrawn",        "the approval was taken back in the registry")           \
    F(FACT_WORK_DONE,        "work-done",        "the work is done")                                      \
    F(FACT_WORK_FAILED,      "work-failed",      "the work failed")                                       \
    F(FACT_GATE_PASSED,      "gate-passed",      "every gate passed")                                     \
    F(FACT_GATE_FAILED,      "gate-failed",      "a gate failed")                                         \
    F(FACT_GATE_UNCLEAR,     "gate-unclear",     "the tests were inconclusive")                           \
    F(FACT_PLANNED,          "planned",          "the rollout was planned")                               \
    F(FACT_APPROVED,         "approved",         "an approver said yes")                                  \
    F(FACT_REJECTED,         "rejected",         "an approver said no")                                   \
    F(FACT_OBSERVED,         "observed",         "devices reported")                                      \
    F(FACT_OVERDUE,          "overdue",          "it took too long")                                      \
    F(FACT_CANCEL_ASKED,     "cancel-asked",     "an operator asked to cancel")                           \
    F(FACT_RETRY_ASKED,      "retry-asked",      "an operator asked to go on")                            \
    F(FACT_ROLLBACK_ASKED,   "rollback-asked",   "an operator asked to roll back")                        \
    F(FACT_SUPERSEDED,       "superseded",       "a newer version took its place")
/* clang-format on */

enum fact_kind {
#define F(symbol, stored, words) symbol,
    FACT_KINDS(F)
#undef F
        FACT_KIND_COUNT,
};

/** What devices of a wave (or of a rollback) reported, summed over its thing groups. */
struct device_counts {
    int64_t queued, in_progress, succeeded, failed, rejected, timed_out, cancelled, removed;
    int64_t broken; /* Of the failed: unable to roll back (FAILED_UNABLE_TO_ROLLBACK). */
};

struct fact {
    enum fact_kind kind;
    int64_t deployment_id;
    int64_t order_id; /* The order it answers; 0: it answers none. */
    int64_t at_ms;
    const char *reason;          /* Why, a sentence; NULL: nothing to say.  Borrowed. */
    const char *actor;           /* Who: an approver's name; NULL: slipway itself.  Borrowed. */
    const char *digest;          /* What a decision or a package is about, hex; NULL: nothing. */
    struct device_counts counts; /* FACT_OBSERVED only. */
};

const char *fact_name(enum fact_kind f) MUST_CHECK;
const char *fact_phrase(enum fact_kind f) MUST_CHECK;

#endif
