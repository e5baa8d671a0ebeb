#ifndef SLIPWAY_PATTERN_H
#define SLIPWAY_PATTERN_H

/**
 * Pattern: one EventBridge pattern, read once, asked often.
 *
 *     struct pattern *p = pattern_new(str_of(text), &e);
 *
 *     if (p == NULL)
 *         return error_while(&e, "pipeline digits: pattern");
 *     if (pattern_match(p, json_root(&event)))
 *         ...
 *     pattern_free(p);
 *
 * The language is that of Amazon EventBridge ("Amazon EventBridge event
 * patterns" and "Comparison operators" in its user guide), as the service
 * really answers: 300, 300.0 and 3.0e2 are one number; a string that spells
 * an IP address equals every other spelling of it; {"a":{"b":[1]}} and
 * {"a.b":[1]} are one pattern; two fields may not be satisfied by different
 * elements of one array; a path that occurs twice keeps its last candidates.
 *
 * Stricter than the service: nothing may follow the pattern's closing brace,
 * and what slipway/json.h refuses (U+0000, lone surrogates) is refused here.
 * Kinder: no limit on the complexity of wildcards, because none is needed.
 * Ignoring case, a letter equals its lower-case, upper-case and own form
 * (Unicode 14, full mappings, no locale).
 *
 * Making a pattern allocates; asking it allocates nothing, changes nothing
 * and may happen in several threads at once.  Pure.
 */

#include "slipway/json.h"

#define PATTERN_TEXT_MAX 65536 /* Bytes of one pattern's text. */
#define PATTERN_FIELDS_MAX 256 /* Fields of one alternative, as in AWS's engine. */
#define PATTERN_ALTERNATIVES_MAX                                    \
    1000 /* Combinations that all $or of a pattern make, as on AWS. \
          */

struct pattern;

/**
 * Reads a pattern.  The caller owns it; `text` is only borrowed.  NULL with
 * ERROR_INVALID if it is not one; the message says what is wrong in words of
 * the text, with line and column (from 1, in bytes).
 */
struct pattern *pattern_new(struct str text, struct error *e) MUST_CHECK;

/** Frees it; NULL is fine. */
void pattern_free(struct pattern *p);

/** pattern_new() for its verdict alone. */
bool pattern_check(struct str text, struct error *e) MUST_CHECK;

/**
 * True if the pattern matches `event`, an object of a document read by
 * json_read().  What is no object matches nothing.
 *
 * Time is linear in fields times values of the event, whatever the arrays.
 * Where a field may be absent, and lies below another field or keys of the
 * event contain dots, it can be more; it is bounded
 * by PATTERN_STEPS_MAX values looked at for each alternative of $or, after which the
 * answer is no.  So is the answer if all fields together lead through more
 * than PATTERN_LEVELS_MAX levels of nesting; that bounds the stack (about 2 MiB).
 */
bool pattern_match(const struct pattern *p, struct json_value event) MUST_CHECK;

#define PATTERN_STEPS_MAX 20000000
#define PATTERN_LEVELS_MAX 8192

/** True if some field of the pattern may be satisfied by not being there ({"exists":false}). */
bool pattern_takes_absence(const struct pattern *p) MUST_CHECK;

/* ---- why not -------------------------------------------------------------------------------- */

/** How a field failed. */
enum pattern_why {
    PATTERN_MISSING,   /* The event has no value there. */
    PATTERN_DIFFERENT, /* It has, and none of them will do. */
    PATTERN_PRESENT,   /* It has, and must not. */
    PATTERN_APART,     /* Satisfied alone, but not by the same array element as an earlier field. */
};

/** One field that failed; texts are cut to fit (ending in "..."). */
struct pattern_miss {
    enum pattern_why why;
    char field[160];  /* "metrics.accuracy.value" */
    char seen[96];    /* The first value there, as it stands in the event; "" if missing. */
    char needed[192]; /* ">= 0.95", "\"PASS\"", "\"a\" or a text starting with \"b\"" */
};

/**
 * Says why `p` does not match `event`: the fields that fail, in the order of
 * the pattern's text, at most `max` of them into `misses`.  Returns their
 * number (may exceed `max`); 0 if and only if the pattern matches.  Of the
 * alternatives of $or the one with the fewest failing fields is told.
 */
size_t pattern_explain(const struct pattern *p, struct json_value event,
                       struct pattern_miss *misses, size_t max) MUST_CHECK;

#define PATTERN_SENTENCE_SIZE 480

/**
 * The miss as a short sentence, "metrics.accuracy.value is 0.9511, needed >= 0.95" or
 * "metrics.accuracy.n is missing, needed >= 400"; returns `buf`.
 */
const char *pattern_sentence(const struct pattern_miss *miss, char buf[PATTERN_SENTENCE_SIZE]);

#endif
