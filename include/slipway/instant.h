#ifndef SLIPWAY_INSTANT_H
#define SLIPWAY_INSTANT_H

/**
 * Instant: milliseconds since 1970-01-01T00:00:00Z, and their spellings.
 *
 * Pure: nothing here reads a clock.  Leap seconds do not exist (POSIX).
 * Years 1970 to 9999.
 */

#include "slipway/str.h"

#define INSTANT_SIZE 32 /* Enough for every spelling below, with its NUL. */

/** "2026-01-02T03:04:05.678Z" (RFC 3339, UTC); returns `buf`. */
const char *instant_rfc3339(int64_t ms, char buf[INSTANT_SIZE]);

/** "20260102T030405Z", the stamp of AWS Signature Version 4; returns `buf`. */
const char *instant_sigv4(int64_t ms, char buf[INSTANT_SIZE]);

/**
 * Reads RFC 3339 ("2026-01-02T03:04:05Z", fraction and numeric offset
 * allowed) or AWS's compact "20260102T030405Z".  False if it is neither.
 */
bool instant_parse(struct str text, int64_t *ms) MUST_CHECK;

/**
 * Reads the date of an HTTP answer, "Fri, 02 Jan 2026 03:04:05 GMT"
 * (RFC 9110 5.6.7, the preferred form only).  False if it is not one.
 */
bool instant_parse_http(struct str text, int64_t *ms) MUST_CHECK;

/**
 * Says a duration to a person: "850 ms", "12 s", "4 min", "3 h", "2 d"; cut to the
 * larger unit, returns `buf`.
 */
const char *instant_span(int64_t ms, char buf[INSTANT_SIZE]);

#endif
