#ifndef SLIPWAY_GATE_H
#define SLIPWAY_GATE_H

/**
 * Gate: what a twin result must show before people are asked.
 *
 * A gate is an EventBridge pattern over the document that twin_result_input()
 * writes, with an optional second pattern `when` that says whether the gate
 * applies at all.
 *
 *     struct gate_verdict verdicts[8];
 *     enum gate_outcome all = gate_judge(p->gates, p->gate_count, input, verdicts);
 *
 * A gate is judged by its fields:
 *   all as needed                              PASSED
 *   a value is there and is not as needed      FAILED
 *   otherwise a value is missing, or a field
 *     called "n" is not as needed, or the
 *     status of a suite is ERROR               INCONCLUSIVE
 *   `when` does not match                      SKIPPED
 *   not PASSED, but its mode is GATE_WARN      WARNED
 * Nothing passes by being absent: a field that is missing is inconclusive
 * whatever the pattern says of it.  Pure, but allocates while it judges.
 */

#include "slipway/json.h"
#include "slipway/settings.h"

enum gate_outcome {
    GATE_PASSED,
    GATE_FAILED,
    GATE_INCONCLUSIVE, /* The tests did not tell; they may be run again. */
    GATE_SKIPPED,
    GATE_WARNED,
};

struct gate_verdict {
    enum gate_outcome outcome;
    /* "gate accuracy-floor: metrics.accuracy.value is 0.9511, needed >= 0.95";
     * "gate accuracy-floor: passed" */
    char text[480];
};

/** "passed", "failed", "inconclusive", "skipped", "warned" */
const char *gate_outcome_name(enum gate_outcome outcome) MUST_CHECK;

/**
 * Checks one gate when the configuration is read: it has a name, both
 * patterns are valid, and `pattern` does not accept a missing value
 * ({"exists": false} belongs into `when`).  False with ERROR_INVALID.
 */
bool gate_check(const struct gate_settings *gate, struct error *e) MUST_CHECK;

/**
 * Judges `input`, the root of a document from twin_result_input(), by `count`
 * gates that passed gate_check(), writing one verdict each.
 *
 * The answer for all: GATE_FAILED if any gate failed, else GATE_INCONCLUSIVE
 * if any is inconclusive or a suite has the status ERROR, else GATE_PASSED.
 * Without any gate it is GATE_PASSED, but for a suite with ERROR
 * (GATE_INCONCLUSIVE) or FAIL (GATE_FAILED).
 */
enum gate_outcome gate_judge(const struct gate_settings *gates, size_t count,
                             struct json_value input, struct gate_verdict *verdicts) MUST_CHECK;

/**
 * The one sentence that tells the outcome of all: the text of the first gate
 * that decided it, or of the broken suite, or "4 gates passed, 1 skipped";
 * returns `buf`.
 */
const char *gate_summary(enum gate_outcome all, struct json_value input,
                         const struct gate_verdict *verdicts, size_t count, char *buf, size_t size);

#endif
