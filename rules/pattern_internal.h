#ifndef SLIPWAY_RULES_PATTERN_INTERNAL_H
#define SLIPWAY_RULES_PATTERN_INTERNAL_H

/**
 * What the pattern files share: a pattern as it is kept, and the steps from
 * its text (pattern_read, pattern_tests) to an answer (pattern_match,
 * pattern_value, pattern_text, pattern_address, pattern_case).
 */

#include "slipway/arena.h"
#include "slipway/pattern.h"

/** An IP address; an IPv4 one uses the first four bytes. */
struct address {
    bool v6;
    unsigned char bytes[16];
};

enum test_kind {
    TEST_TEXT,            /* The string `text`. */
    TEST_ADDRESS,         /* A string that spells `address`; `text` is how the pattern spells it. */
    TEST_NUMBER,          /* A number: `low` if `comparable`, else spelled `text`. */
    TEST_WORD,            /* true, false or null: `word`. */
    TEST_PREFIX,          /* A string that starts with `text`. */
    TEST_SUFFIX,          /* ... that ends with it. */
    TEST_IGNORE_CASE,     /* ... that is `text` in any case. */
    TEST_PREFIX_ANY_CASE, /* ... that starts with it in any case. */
    TEST_SUFFIX_ANY_CASE, /* ... that ends with it in any case. */
    TEST_WILDCARD,        /* A string like `text`, in which NUL stands for any run. */
    TEST_RANGE,           /* A number between `low` and `high`. */
    TEST_CIDR,            /* A string that spells an address in `address`/`bits`. */
    TEST_EXISTS,          /* Any leaf. */
    TEST_ABSENT,          /* No leaf at all. */
    TEST_ANYTHING_BUT,    /* A leaf that none of the next `count` tests accepts. */
};

/** One candidate of a field, or one operand of anything-but. */
struct test {
    enum test_kind kind;
    enum json_type word;
    bool comparable;
    bool has_low, low_included, has_high, high_included;
    double low, high;
    unsigned bits;
    struct address address;
    uint32_t count;      /* Tests that belong to this one and follow it. */
    uint32_t characters; /* TEST_SUFFIX_ANY_CASE: least and most code points that can match. */
    uint32_t characters_max;
    struct str text;     /* Unescaped, in the pattern's memory. */
    struct str low_text; /* TEST_RANGE: the bounds as the pattern spells them. */
    struct str high_text;
    const uint32_t *fallback; /* TEST_WILDCARD: of each segment, see pattern_text.c. */
};

/** A path with its candidates; `path` is its keys joined by dots, unescaped. */
struct field {
    struct str path;
    uint32_t first, end; /* Its tests. */
    bool absence;        /* One of them is TEST_ABSENT. */
};

/** One way to match: all of these fields; numbers of fields sorted by path as UTF-16. */
struct alternative {
    uint32_t *fields;
    uint32_t count;
};

struct pattern {
    struct arena *arena; /* Owns everything below, and the pattern itself. */
    struct test *tests;
    struct field *fields;
    struct alternative *alternatives;
    uint32_t test_count, field_count, alternative_count;
    bool takes_absence;
    bool absence_below; /* A field that may be absent lies below the path of another field. */
};

/** A pattern while it is read. */
struct pattern_reading {
    struct pattern *to;    /* With room for as many tests and fields as the text has tokens. */
    struct arena *scratch; /* What is not needed once it is read. */
    struct error *e;
    size_t path_bytes; /* Of all paths so far. */
};

/** error_set() with the place of `v` before the text; false. */
bool pattern_refuse(struct pattern_reading *r, struct json_value v, const char *fmt, ...)
    PRINTF_LIKE(3, 4);

/** Reads the candidates of a field, a non-empty array, into new tests of the pattern. */
bool pattern_read_tests(struct pattern_reading *r, struct json_value candidates) MUST_CHECK;

/** True if `name` is one of the operators, or reserved to become one. */
bool pattern_reserves(struct json_value key) MUST_CHECK;

/** True if the leaf `v` passes `test` (any test but TEST_ABSENT). */
bool pattern_accepts(const struct test *test, struct json_value v) MUST_CHECK;

/** True if the leaf `v` passes any test of the field. */
bool pattern_field_accepts(const struct pattern *p, const struct field *f,
                           struct json_value v) MUST_CHECK;

/** True if the fields `fields[0..count)`, sorted by path, are satisfied together. */
bool pattern_satisfied(const struct pattern *p, const uint32_t *fields, uint32_t count,
                       struct json_value event) MUST_CHECK;

/** The first leaf at `path`; nothing if there is none. */
struct json_value pattern_first_leaf(struct json_value event, struct str path) MUST_CHECK;

/* ---- texts ---------------------------------------------------------------------------------- */

/**
 * Checks a wildcard and turns it into bytes in which NUL stands for "*".
 * `out` has room for `text`.  -1 if it is well-formed, else the position of what
 * is wrong, with the reason in `*what`.
 */
int pattern_wildcard_read(struct str text, char *out, size_t *len, const char **what);

/** Fills `fallback[0..text.len)` for pattern_text_accepts(). */
void pattern_wildcard_prepare(struct str text, uint32_t *fallback);

/** The least and most code points a text can have that equals `text` in any case. */
void pattern_case_lengths(struct str text, uint32_t *least, uint32_t *most);

/** True if string `v` passes a test of text: prefix, suffix, wildcard, any case. */
bool pattern_text_accepts(const struct test *test, struct json_value v) MUST_CHECK;

/* ---- letters -------------------------------------------------------------------------------- */

/**
 * The spellings of a letter in other cases (Unicode, full mappings): up to two
 * UTF-8 texts other than the letter itself; returns how many.
 */
struct spelling {
    unsigned char bytes[12];
    uint8_t len, characters;
};
unsigned pattern_other_cases(uint32_t code, struct spelling out[2]);

/* ---- addresses ------------------------------------------------------------------------------ */

/** Reads an IPv4 dotted quad or an IPv6 address (RFC 4291 2.2, forms 1 and 2); false if it is none.
 */
bool pattern_address_read(struct str text, struct address *out) MUST_CHECK;

/** The same of a JSON string. */
bool pattern_address_of(struct json_value v, struct address *out) MUST_CHECK;

bool pattern_address_in(const struct address *a, const struct address *block,
                        unsigned bits) MUST_CHECK;

#endif
