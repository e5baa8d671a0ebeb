#include "slipway/gate.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "slipway/pattern.h"
#include "slipway/twin_result.h"

/* Fields that fail are looked at up to here; past it the gate blocks all the same. */
#define MISSES_MAX 64

const char *
gate_outcome_name(enum gate_outcome outcome)
{
    static const char *const NAMES[] = {
        [GATE_PASSED] = "passed",   [GATE_FAILED] = "failed", [GATE_INCONCLUSIVE] = "inconclusive",
        [GATE_SKIPPED] = "skipped", [GATE_WARNED] = "warned",
    };

    return NAMES[outcome];
}

bool
gate_check(const struct gate_settings *gate, struct error *e)
{
    struct pattern *p;
    bool absence;

    if (gate->name == NULL || gate->name[0] == '\0')
        return error_set(e, ERROR_INVALID, "a gate without a name");
    if (gate->pattern == NULL)
        return error_set(e, ERROR_INVALID, "gate %s: the pattern is missing", gate->name);
    p = pattern_new(str_of(gate->pattern), e);
    if (p == NULL)
        return error_while(e, "gate %s: pattern", gate->name);
    absence = pattern_takes_absence(p);
    pattern_free(p);
    if (absence)
        return error_set(e, ERROR_INVALID,
                         "gate %s: pattern: {\"exists\": false} would let a metric pass that was "
                         "never measured; put it into `when`",
                         gate->name);
    if (gate->when != NULL && !pattern_check(str_of(gate->when), e))
        return error_while(e, "gate %s: when", gate->name);
    return true;
}

/* ---- one gate ------------------------------------------------------------------------------- */

/* "metrics.accuracy.n": how many samples a metric is made of. */
static bool
is_count(const struct pattern_miss *miss)
{
    size_t len = strlen(miss->field);

    return strcmp(miss->field, "n") == 0 || (len >= 2 && strcmp(miss->field + len - 2, ".n") == 0);
}

/* The tests themselves broke, which says nothing of the model. */
static bool
is_broken_suite(const struct pattern_miss *miss)
{
    struct str field = str_of(miss->field);

    return str_starts(field, "suites.") && str_ends(field, ".status") &&
           strcmp(miss->seen, "\"ERROR\"") == 0;
}

/* What a pattern that does not match says: a value that is wrong outweighs one that is missing. */
static enum gate_outcome
weigh(const struct pattern_miss *misses, size_t count, const struct pattern_miss **decisive)
{
    *decisive = &misses[0];
    for (size_t i = 0; i < count; i++) {
        if (misses[i].why == PATTERN_MISSING || is_count(&misses[i]) || is_broken_suite(&misses[i]))
            continue;
        *decisive = &misses[i];
        return GATE_FAILED;
    }
    return GATE_INCONCLUSIVE;
}

static enum gate_outcome
judge_pattern(const struct pattern *p, struct json_value input, char *why, size_t size)
{
    struct pattern_miss misses[MISSES_MAX];
    const struct pattern_miss *decisive;
    char sentence[PATTERN_SENTENCE_SIZE];
    enum gate_outcome outcome;
    size_t count;

    count = pattern_explain(p, input, misses, ARRAY_LEN(misses));
    if (count == 0) {
        snprintf(why, size, "passed");
        return GATE_PASSED;
    }
    outcome = weigh(misses, count < ARRAY_LEN(misses) ? count : ARRAY_LEN(misses), &decisive);
    snprintf(why, size, "%s", pattern_sentence(decisive, sentence));
    return outcome;
}

/* A pattern that cannot be read here passed gate_check(): it blocks, and says so. */
static void
judge(const struct gate_settings *gate, struct json_value input, struct gate_verdict *v)
{
    struct pattern *when = NULL, *p = NULL;
    struct error e = { .kind = ERROR_NONE };
    char why[PATTERN_SENTENCE_SIZE];

    v->outcome = GATE_INCONCLUSIVE;
    if (gate->when != NULL && (when = pattern_new(str_of(gate->when), &e)) == NULL) {
        snprintf(why, sizeof(why), "when: %.400s", e.text);
    } else if (when != NULL && !pattern_match(when, input)) {
        v->outcome = GATE_SKIPPED;
        snprintf(why, sizeof(why), "skipped, does not apply");
    } else if ((p = pattern_new(str_of(gate->pattern), &e)) == NULL) {
        snprintf(why, sizeof(why), "pattern: %.400s", e.text);
    } else if (pattern_takes_absence(p)) {
        snprintf(why, sizeof(why), "accepts missing values");
    } else {
        v->outcome = judge_pattern(p, input, why, sizeof(why));
    }
    if (gate->mode == GATE_WARN && v->outcome != GATE_PASSED && v->outcome != GATE_SKIPPED)
        v->outcome = GATE_WARNED;
    snprintf(v->text, sizeof(v->text), "gate %.100s: %.370s", gate->name, why);
    pattern_free(when);
    pattern_free(p);
}

/* ---- all ------------------------------------------------------------------------------------ */

static bool
find_suite(struct json_value input, const char *status, char *name, size_t size)
{
    struct json_cursor c;

    for (c = json_first(json_get(input, "suites")); json_exists(c.value); json_next(&c)) {
        if (!json_is(json_get(c.value, "status"), status))
            continue;
        if (!json_text(c.key, name, size, NULL))
            snprintf(name, size, "?");
        return true;
    }
    return false;
}

static bool
any(const struct gate_verdict *verdicts, size_t count, enum gate_outcome outcome)
{
    for (size_t i = 0; i < count; i++)
        if (verdicts[i].outcome == outcome)
            return true;
    return false;
}

enum gate_outcome
gate_judge(const struct gate_settings *gates, size_t count, struct json_value input,
           struct gate_verdict *verdicts)
{
    char name[80];

    for (size_t i = 0; i < count; i++)
        judge(&gates[i], input, &verdicts[i]);
    if (any(verdicts, count, GATE_FAILED))
        return GATE_FAILED;
    if (any(verdicts, count, GATE_INCONCLUSIVE) ||
        twin_result_broken_suite(input, name, sizeof(name)))
        return GATE_INCONCLUSIVE;
    return count == 0 && find_suite(input, "FAIL", name, sizeof(name)) ? GATE_FAILED : GATE_PASSED;
}

static size_t
number_of(const struct gate_verdict *verdicts, size_t count, enum gate_outcome outcome)
{
    size_t number = 0;

    for (size_t i = 0; i < count; i++)
        number += verdicts[i].outcome == outcome;
    return number;
}

static const char *
say_passed(const struct gate_verdict *verdicts, size_t count, char *buf, size_t size)
{
    size_t passed = number_of(verdicts, count, GATE_PASSED);
    size_t skipped = number_of(verdicts, count, GATE_SKIPPED);
    size_t warned = number_of(verdicts, count, GATE_WARNED);
    size_t used;

    snprintf(buf, size, "%zu gate%s passed", passed, passed == 1 ? "" : "s");
    used = strlen(buf);
    if (skipped > 0)
        snprintf(buf + used, size - used, ", %zu skipped", skipped);
    used = strlen(buf);
    if (warned > 0)
        snprintf(buf + used, size - used, ", %zu warned", warned);
    return buf;
}

const char *
gate_summary(enum gate_outcome all, struct json_value input, const struct gate_verdict *verdicts,
             size_t count, char *buf, size_t size)
{
    char name[80] = "";

    assert(size > 0);
    for (size_t i = 0; i < count && all != GATE_PASSED; i++) {
        if (verdicts[i].outcome != all)
            continue;
        snprintf(buf, size, "%s", verdicts[i].text);
        return buf;
    }
    if (all == GATE_INCONCLUSIVE && find_suite(input, "ERROR", name, sizeof(name)))
        snprintf(buf, size, "suite %s: the tests themselves broke (status ERROR)", name);
    else if (all == GATE_FAILED && find_suite(input, "FAIL", name, sizeof(name)))
        snprintf(buf, size, "suite %s: failed", name);
    else
        return say_passed(verdicts, count, buf, size);
    return buf;
}
