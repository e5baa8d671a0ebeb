#ifndef SLIPWAY_DEPLOYMENT_H
#define SLIPWAY_DEPLOYMENT_H

/**
 * Deployment: one approved model version on its way to one fleet.
 *
 * Plain data, no behaviour: rules/ reads it, store/ keeps it, controller/
 * carries it between the two.  The list below is the only place that names
 * the states; the schema, the page and the picture in docs/pipeline.md are
 * held to it by tests.
 */

#include "slipway/base.h"
#include "slipway/str.h"

/* What kind of place a state is: under way (somebody works), waiting (for a
 * person), or ended (nothing leads out but a person's retry or a withdrawal). */
enum state_class { STATE_WORKS, STATE_WAITS, STATE_ENDED };

/* clang-format off */
/*    symbol               stored as              shown as                                        class   */
#define DEPLOYMENT_STATES(S)                                                                              \
    S(RECEIVED,            "received",            "confirming the approval in the registry",      STATE_WORKS) \
    S(COMPILING,           "compiling",           "compiling the model",                          STATE_WORKS) \
    S(PACKAGING,           "packaging",           "packaging the Greengrass component",           STATE_WORKS) \
    S(TWIN_DEPLOYING,      "twin-deploying",      "deploying to the digital twin",                STATE_WORKS) \
    S(TWIN_TESTING,        "twin-testing",        "testing on the digital twin",                  STATE_WORKS) \
    S(AWAITING_APPROVAL,   "awaiting-approval",   "waiting for approval",                         STATE_WAITS) \
    S(ROLLING_OUT,         "rolling-out",         "rolling out to the fleet",                     STATE_WORKS) \
    S(HALTED,              "halted",              "halted, waiting for an operator",              STATE_WAITS) \
    S(ROLLING_BACK,        "rolling-back",        "rolling back to the last known good version",  STATE_WORKS) \
    S(LIVE,                "live",                "live on the whole fleet",                      STATE_ENDED) \
    S(FAILED,              "failed",              "failed before it reached the fleet",           STATE_ENDED) \
    S(REJECTED,            "rejected",            "rejected",                                     STATE_ENDED) \
    S(EXPIRED,             "expired",             "nobody approved it in time",                   STATE_ENDED) \
    S(CANCELLED,           "cancelled",           "cancelled by an operator",                     STATE_ENDED) \
    S(SUPERSEDED,          "superseded",          "superseded by a newer version",                STATE_ENDED) \
    S(ROLLED_BACK,         "rolled-back",         "rolled back",                                  STATE_ENDED) \
    S(ROLLBACK_STUCK,      "rollback-stuck",      "could not be rolled back everywhere",          STATE_WAITS)
/* clang-format on */

enum state {
#define S(symbol, stored, shown, class) symbol,
    DEPLOYMENT_STATES(S)
#undef S
        STATE_COUNT,
};

/** Where the wave that `deployment.wave` names stands; see docs/pipeline.md. */
enum wave_state {
    WAVE_NONE,      /* No wave was begun. */
    WAVE_DEPLOYING, /* Its devices are taking the component. */
    WAVE_BAKING,    /* Enough succeeded; watched for the bake time. */
    WAVE_PASSED,
    WAVE_HALTED,
    WAVE_REVERTED,
    WAVE_STATE_COUNT,
};

#define PIPELINE_NAME_SIZE 65 /* With its NUL. */
#define DIGEST_SIZE 65        /* A SHA-256 in hex, with its NUL. */
#define REASON_SIZE 480

struct deployment {
    int64_t id;
    int64_t package_id; /* Which model package; see store.h. */
    int64_t approved_s; /* When the approval it stands for began, seconds since 1970. */
    int64_t rank;       /* Newer approvals rank higher; see registry.h. */
    char pipeline[PIPELINE_NAME_SIZE];
    char digest[DIGEST_SIZE]; /* Of the packaged artifact; "" before it is known. */
    enum state state;
    enum state stage;    /* For FAILED and HALTED: where it was when it stopped. */
    int64_t entered_ms;  /* When it entered `state`. */
    int64_t deadline_ms; /* FACT_OVERDUE comes then; 0: never. */
    int64_t revision;    /* Counts changes; compare-and-set. */
    int64_t order_id;    /* The one open order; 0: none. */
    int64_t generation;  /* Of its work; moves only after a known failure. */
    int64_t attempts;    /* Tries of the work of `state`, this one included. */
    int64_t wave;        /* The wave under way, from 0. */
    int64_t wave_count;
    enum wave_state wave_state;
    int64_t wave_since_ms;    /* When the wave entered `wave_state`. */
    int64_t approvals;        /* Distinct approvers that said yes to `digest`. */
    bool planned;             /* The base of every thing group has been read. */
    bool withdrawn;           /* The registry or a person took the approval back. */
    char reason[REASON_SIZE]; /* Why it is where it is, a sentence; "" if nothing to say. */
};

/** The word kept in the database, and back; `state_parse` is false if unknown. */
const char *state_name(enum state s) MUST_CHECK;
bool state_parse(struct str name, enum state *out) MUST_CHECK;

/** The phrase on the status page. */
const char *state_phrase(enum state s) MUST_CHECK;

enum state_class state_class(enum state s) MUST_CHECK;

/** True if nothing leads out of `s` but a person's retry or a withdrawal. */
bool state_is_ended(enum state s) MUST_CHECK;

/** True while devices of the fleet may be changing: ROLLING_OUT, HALTED, ROLLING_BACK,
 * ROLLBACK_STUCK. */
bool state_holds_fleet(enum state s) MUST_CHECK;

const char *wave_state_name(enum wave_state w) MUST_CHECK;
bool wave_state_parse(struct str name, enum wave_state *out) MUST_CHECK;

#endif
