#ifndef SLIPWAY_ORDER_H
#define SLIPWAY_ORDER_H

/**
 * Order: something to be done outside, kept in the outbox until its outcome
 * is known.
 *
 * A deployment that has not ended has exactly one open order: work, or the
 * wait for a person.  That one row is its timer, its retry state and what a
 * restart resumes; there is nothing else to restore.
 */

#include "slipway/str.h"

/* clang-format off */
/*    symbol                  stored as            in words                                   step     */
#define ORDER_KINDS(O)                                                                                 \
    O(ORDER_NONE,             "none",              "nothing",                                 "")      \
    O(ORDER_CONFIRM,          "confirm",           "reading the model package",               "confirm") \
    O(ORDER_COMPILE,          "compile",           "compiling",                               "compile") \
    O(ORDER_PACKAGE,          "package",           "packaging",                               "package") \
    O(ORDER_TWIN_DEPLOY,      "twin-deploy",       "deploying to the twin",                   "twin")  \
    O(ORDER_TWIN_TEST,        "twin-test",         "running the twin tests",                  "test")  \
    O(ORDER_PLAN,             "plan",              "reading what the fleet runs",             "plan")  \
    O(ORDER_AWAIT_APPROVAL,   "await-approval",    "waiting for approval",                    "")      \
    O(ORDER_WAVE_DEPLOY,      "wave-deploy",       "deploying to the wave's thing groups",    "wave")  \
    O(ORDER_WAVE_WATCH,       "wave-watch",        "watching the wave's devices",             "")      \
    O(ORDER_AWAIT_OPERATOR,   "await-operator",    "waiting for an operator",                 "")      \
    O(ORDER_ROLL_BACK,        "roll-back",         "restoring the last known good version",   "rollback") \
    O(ORDER_ROLLBACK_WATCH,   "rollback-watch",    "watching the rollback",                   "")      \
    O(ORDER_STOP,             "stop",              "stopping work under way",                 "")
/* clang-format on */

enum order_kind {
#define O(symbol, stored, words, step) symbol,
    ORDER_KINDS(O)
#undef O
        ORDER_KIND_COUNT,
};

/** A row of the outbox. */
struct order {
    int64_t id;
    int64_t deployment_id;
    enum order_kind kind;
    int64_t due_ms; /* Not before. */
    int64_t tries;  /* How often in a row it got no answer. */
};

const char *order_name(enum order_kind o) MUST_CHECK;
bool order_parse(struct str name, enum order_kind *out) MUST_CHECK;
const char *order_phrase(enum order_kind o) MUST_CHECK;

/** The step in the name of everything the order creates outside; "" if it creates nothing. */
const char *order_step(enum order_kind o) MUST_CHECK;

/** True for the orders nobody carries out: a person is waited for. */
bool order_is_wait(enum order_kind o) MUST_CHECK;

/** The document its outcome is kept under ("source", "compiled", ...); NULL: none. */
const char *order_document(enum order_kind o) MUST_CHECK;

#endif
