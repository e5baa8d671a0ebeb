#ifndef SLIPWAY_TESTS_SIMULATION_TRACE_H
#define SLIPWAY_TESTS_SIMULATION_TRACE_H

/**
 * Trace: what happened, as lines that are hashed and, if asked for, printed; and the counters of
 * what must happen sometimes, since a fault that never comes tests nothing.
 */

#include "slipway/base.h"

/* clang-format off */
#define SOMETIMES(S)                                                            \
    S(MESSAGE_TWICE,         "a message is delivered twice")                    \
    S(MESSAGE_LOST,          "an event never reaches the queue")                \
    S(MESSAGE_LATE,          "an event comes after a later one")                \
    S(MESSAGE_REDELIVERED,   "a deleted message comes again")                   \
    S(MESSAGE_POISON,        "a message cannot be understood")                  \
    S(SWEEP_FINDS,           "the sweep finds an approval whose event was lost") \
    S(ECHO,                  "an edit that is no approval is told")             \
    S(SAME_SECOND,           "approved and rejected within one second")         \
    S(STALE_READ,            "the registry answers with an old status")         \
    S(CONFIRM_WITHDRAWS,     "the confirmation finds the approval gone")        \
    S(SECOND_GENERATION,     "a package is approved again after a rejection")   \
    S(REPLY_LOST,            "an effect is made, its answer is lost")           \
    S(REQUEST_LOST,          "a request is lost before it has an effect")       \
    S(EXECUTED_LATE,         "an effect is made after its order was let go")    \
    S(EFFECT_ADOPTED,        "an effect made before is found and taken over")   \
    S(WORK_CANCELLED,        "work under way is let go")                        \
    S(WORK_FAILS,            "work fails for certain")                          \
    S(NEW_GENERATION,        "work is done again under a new name")             \
    S(TRIES_EXHAUSTED,       "the last try fails")                              \
    S(STAGE_OVERDUE,         "a stage takes too long")                          \
    S(GATE_FAILED,           "a gate fails")                                    \
    S(GATE_UNCLEAR,          "the tests are inconclusive")                      \
    S(STOP_ORDERED,          "an order to stop is carried out")                 \
    S(APPROVED,              "an approval counts")                              \
    S(APPROVED_BY_TWO,       "a second approval completes the first")           \
    S(APPROVED_TWICE,        "the same person approves twice")                  \
    S(APPROVED_TOO_LATE,     "an approval comes after its time")                \
    S(WRONG_DIGEST,          "a decision names another digest")                 \
    S(NOT_ALLOWED,           "a person decides who may not")                    \
    S(MESSAGE_ID_REPEATED,   "a signed message comes again")                    \
    S(MESSAGE_ID_REPLAYED,   "a message id comes with another decision")        \
    S(FLEET_BUSY,            "an approval is refused since the fleet is taken") \
    S(GROUP_WAITED_FOR,      "an order waits for a thing group")                \
    S(PERSON_REJECTS,        "a person says no at the gate")                    \
    S(EXPIRES,               "nobody approves in time")                         \
    S(CANCELLED,             "an operator cancels")                             \
    S(CANCELLED_IN_ROLLOUT,  "an operator cancels a rollout")                   \
    S(RETRIED,               "an operator's retry counts")                      \
    S(RETRIED_AFTER_HALT,    "a halted rollout goes on")                        \
    S(SUPERSEDED_AT_GATE,    "a newer version takes the gate")                  \
    S(SUPERSEDED_LIVE,       "a newer version goes live")                       \
    S(WAVE_DEPLOYED,         "a wave begins")                                   \
    S(SECOND_WAVE,           "a second wave begins")                            \
    S(WAVE_FAILS,            "a wave fails by its devices")                     \
    S(WAVE_BROKEN,           "devices are beyond repair")                       \
    S(WAVE_OVERDUE,          "a wave takes too long")                           \
    S(GROUP_MOVED,           "somebody else changed a thing group")             \
    S(WITHDRAWN_IN_ROLLOUT,  "the registry withdraws during a rollout")         \
    S(WITHDRAWN_LIVE,        "the registry withdraws what is live")             \
    S(ROLLED_BACK,           "a rollback ends well")                            \
    S(ROLLBACK_STUCK,        "a rollback sticks")                               \
    S(ROLLED_BACK_UNTOUCHED, "a rollback leaves a group that runs another version") \
    S(LIVE,                  "a deployment goes live")                          \
    S(CRASH_IN_TURN,         "a crash before the commit")                       \
    S(CRASH_AFTER_COMMIT,    "a crash after the commit, before what follows")   \
    S(CRASH_AFTER_EFFECT,    "a crash between an effect and its answer")        \
    S(CRASH_WITH_WORK,       "a crash with several orders under way")           \
    S(CRASH_IN_ROLLOUT,      "a crash while a fleet is changed")                \
    S(REOPENED_FILE,         "a database file is opened again")                 \
    S(COMMIT_REFUSED,        "the disk refuses a commit")                       \
    S(COMMIT_REFUSED_DURABLE, "a commit that was refused is durable")           \
    S(APPLY_REFUSED,         "the disk refuses a write within a turn")          \
    S(LONG_DOWN,             "it is down for hours")                            \
    S(SETTLED,               "the healed world comes to rest")                  \
    S(REORDERED_EQUAL,       "the same events in another order end the same")   \
    S(WITHDRAWN_RESTORED,    "a rollback restores a version that was withdrawn meanwhile")
/* clang-format on */

enum sometimes {
#define S(symbol, words) SOMETIMES_##symbol,
    SOMETIMES(S)
#undef S
        SOMETIMES_COUNT,
};

/** Counts one. */
void sometimes(enum sometimes what);

/** How often, and in which words. */
int64_t sometimes_count(enum sometimes what) MUST_CHECK;
const char *sometimes_words(enum sometimes what) MUST_CHECK;

/** Adds a line to the hash of everything, and prints it if trace_print(true). */
void trace(const char *fmt, ...) PRINTF_LIKE(1, 2);
void trace_print(bool on);

/** The hash of all lines since trace_begin(). */
void trace_begin(void);
uint64_t trace_hash(void) MUST_CHECK;

#endif
