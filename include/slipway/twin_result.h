#ifndef SLIPWAY_TWIN_RESULT_H
#define SLIPWAY_TWIN_RESULT_H

/**
 * Twin result: the document one run of the twin's tests delivers, schema
 * "slipway.twin-result/1", and what the gates read of it.
 *
 *     {"schema": "slipway.twin-result/1", "run_id": "...",
 *      "subject": {"component": "digits.model", "version": "1.0.4",
 *                  "artifact_sha256": "<64 hex>", "target": "linux-amd64"},
 *      "suites": {"integration": {"status": "PASS", "passed": 5, "failed": 0}},
 *      "metrics": {"accuracy": {"value": 0.9867, "n": 450},
 *                  "latency_us": {"p50": 2.1, "p99": 3.2, "n": 20000}}}
 *
 * The tests write it, so nothing in it is believed that is not bound to what
 * was ordered: the result of another run, or of another artifact, is refused.
 * Other members ("started", "environment", "logs", ...) are allowed and kept.
 * Pure.
 */

#include "slipway/json.h"
#include "slipway/memory.h"

#define TWIN_RESULT_SCHEMA "slipway.twin-result/1"
#define TWIN_RESULT_METRICS_MAX 256 /* Metrics of one document. */
#define TWIN_RESULT_SUITES_MAX 64

/** What was ordered; borrowed.  NULL for `version`, `component` or `target`: not compared. */
struct twin_order {
    const char *run_id;
    const char *component;
    const char *version;
    const char *artifact_sha256; /* Lower-case hex. */
    const char *target;
};

/**
 * Checks a document against the schema and against what was ordered:
 *   - schema, run_id and subject as ordered;
 *   - at least one suite; each has a status out of PASS, FAIL, ERROR, SKIPPED;
 *   - metrics (may be empty): each an object whose numbers are finite doubles;
 *     a metric with numbers other than n should carry n, and n is a count.
 * False with ERROR_INVALID (not such a document) or ERROR_CONFLICT (of another
 * run or artifact) and the exact reason.
 */
bool twin_result_check(struct json_value doc, const struct twin_order *ordered,
                       struct error *e) MUST_CHECK;

/**
 * The name of the first suite whose status is ERROR (the tests themselves broke
 * or timed out), into `name`; false if there is none.
 */
bool twin_result_broken_suite(struct json_value doc, char *name, size_t size) MUST_CHECK;

/**
 * Writes what the gates look at into `out` (whose max bounds it): all of `doc`
 * plus three members derived from `baseline`, the last result that went to
 * production for the same target (nothing: there is none):
 *   "baseline"  that document with "present": true, or {"present": false};
 *   "delta"     doc - baseline, for each number in both metrics but n;
 *   "ratio"     doc / baseline, left out where the baseline is 0.
 * Differences and ratios are rounded to 15 significant digits of their
 * operands, so that 0.95 - 0.955 is -0.005 as a person expects.  Members of
 * these three names in `doc` or `baseline` themselves are left out: only
 * slipway derives.  `doc` has passed twin_result_check().  False with
 * ERROR_INVALID if it does not fit.
 */
bool twin_result_input(struct json_value doc, struct json_value baseline, struct buf *out,
                       struct error *e) MUST_CHECK;

#endif
