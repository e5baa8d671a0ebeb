#ifndef SLIPWAY_JSON_H
#define SLIPWAY_JSON_H

/**
 * JSON: the strict reader that every text from outside passes first.
 *
 * One pass over the bytes fills an array of tokens that the caller owns; no
 * memory is allocated and no text is copied.  RFC 8259 to the letter: no
 * comments, no trailing commas, no leading zeros, no NaN, no raw control
 * characters, valid UTF-8 only, no lone surrogates, no BOM, nothing after
 * the value.  Stricter than the RFC where it lets a reader choose: a key that
 * occurs twice in one object is refused (two readers of one text would
 * disagree on its meaning), and so is \u0000.
 *
 *     struct json_token tokens[512];
 *     struct json doc;
 *     struct json_value v;
 *
 *     if (!json_read(&doc, text, tokens, ARRAY_LEN(tokens), &e))
 *         return error_while(&e, "event");
 *     if (!json_get_text(json_root(&doc), "source", source, sizeof(source), &e))
 *         ...
 *
 * Time is linear in the text, but for the search for double keys, which is
 * n log n in the members of one object.  Pure.
 */

#include "slipway/error.h"
#include "slipway/str.h"

#define JSON_DEPTH_MAX 64       /* Deeper nesting is refused. */
#define JSON_TEXT_MAX 16777216U /* Longer texts are refused. */

enum json_type {
    JSON_NULL,
    JSON_FALSE,
    JSON_TRUE,
    JSON_NUMBER,
    JSON_STRING,
    JSON_ARRAY,
    JSON_OBJECT,
};

/**
 * One value or key.  An object's tokens are key, value, key, value, ...
 * Read through the functions below; only a matcher walks tokens itself.
 */
struct json_token {
    uint32_t start, end; /* Of its text; a string's without the quotes. */
    uint32_t next;       /* The token after this value and all in it. */
    uint32_t size; /* Elements of an array, members of an object; json_signature() of a key. */
    uint8_t type;  /* enum json_type */
    bool escaped;  /* A string with at least one backslash. */
};

/** A text and its tokens, both borrowed from the caller of json_read(). */
struct json {
    struct str text;
    const struct json_token *tokens;
    size_t count;
};

/** A place in a document; as small as a pointer, passed by value.  `doc` NULL: nothing there. */
struct json_value {
    const struct json *doc;
    uint32_t at;
};

/**
 * Reads `text` into `tokens`.  False with ERROR_INVALID if it is not strict
 * JSON, or longer, deeper or more than `token_max` tokens allow; the message
 * says what is wrong with line and column (both from 1, columns in bytes).
 * Text and tokens must outlive `*doc` and every value taken from it.
 */
bool json_read(struct json *doc, struct str text, struct json_token *tokens, size_t token_max,
               struct error *e) MUST_CHECK;

/**
 * json_read() for EventBridge patterns, where a key may occur again and the
 * later one counts.  json_get() finds the first.
 */
bool json_read_repeating(struct json *doc, struct str text, struct json_token *tokens,
                         size_t token_max, struct error *e) MUST_CHECK;

/** The whole document as a value. */
struct json_value json_root(const struct json *doc) MUST_CHECK;

/** True if there is a value. */
bool json_exists(struct json_value v) MUST_CHECK;

/** Its type; JSON_NULL if there is nothing. */
enum json_type json_type(struct json_value v) MUST_CHECK;

/** "an object", "a string", ..., "nothing"; for messages. */
const char *json_type_name(struct json_value v) MUST_CHECK;

/** The value of member `key` of an object; nothing if `v` is no object or has no such member. */
struct json_value json_get(struct json_value v, const char *key) MUST_CHECK;

/** json_get() along a dotted path, "detail.ModelPackageArn"; keys that contain dots are not found.
 */
struct json_value json_path(struct json_value v, const char *path) MUST_CHECK;

/** How many elements or members; 0 for everything else. */
size_t json_size(struct json_value v) MUST_CHECK;

/**
 * Walks an array or object:
 *
 *     for (c = json_first(v); json_exists(c.value); json_next(&c)) ...
 *
 * `key` is set for members only: the key's raw text (see json_raw()).
 */
struct json_cursor {
    struct json_value value;
    struct json_value key;
    uint32_t left;
};
struct json_cursor json_first(struct json_value v) MUST_CHECK;
void json_next(struct json_cursor *c);

/** The text of the value as it stands in the document; a string's without quotes, escapes kept. */
struct str json_raw(struct json_value v) MUST_CHECK;

/** The text of the value as it stands in the document, a string's with its quotes. */
struct str json_source(struct json_value v) MUST_CHECK;

/** Line and column of the value's first byte (from 1, columns in bytes). */
void json_place(struct json_value v, unsigned *line, unsigned *column);

/** True if `v` is a string (or key) whose unescaped text is `text`. */
bool json_is(struct json_value v, const char *text) MUST_CHECK;
bool json_equal_str(struct json_value v, struct str text) MUST_CHECK;

/**
 * Unescapes a string into `buf`, NUL-terminated; `*len` (if wanted) is its
 * length.  False, with `buf` holding the empty string, if `v` is no string or
 * needs more than `size` bytes.
 */
bool json_text(struct json_value v, char *buf, size_t size, size_t *len) MUST_CHECK;

/** A number written as an integer that fits; false for 1.0, 1e3, "1" and everything else. */
bool json_int(struct json_value v, int64_t *out) MUST_CHECK;

/** Any number, as an IEEE double; false for what is no number or is too large for a double. */
bool json_double(struct json_value v, double *out) MUST_CHECK;

/**
 * json_double(), but false too if the number's decimal text is not worth the
 * same as the shortest decimal that reads back as that double (so that two
 * numbers of different worth never become one): true for 0.1, 300.0 and 3e2,
 * false for 9007199254740993 and 0.1234567890123456789.
 */
bool json_double_exact(struct json_value v, double *out) MUST_CHECK;

/** The shortest decimal that reads back as `d`, as JSON; "null" for NaN and infinity; returns
 * `buf`. */
#define JSON_DOUBLE_SIZE 32
const char *json_double_text(double d, char buf[JSON_DOUBLE_SIZE]);

bool json_bool(struct json_value v, bool *out) MUST_CHECK;

/**
 * Members by path, with the errors a person needs: "detail.Arn: a string is
 * needed here, not a number".  ERROR_INVALID; ERROR_NOT_FOUND if missing.
 */
bool json_get_text(struct json_value v, const char *path, char *buf, size_t size,
                   struct error *e) MUST_CHECK;
bool json_get_int(struct json_value v, const char *path, int64_t *out, struct error *e) MUST_CHECK;

/**
 * Unescapes string after string without room for all of it: bytes one by one.
 *
 *     for (b = json_bytes(v); (c = json_next_byte(&b)) >= 0;) ...
 */
struct json_bytes {
    const char *at, *end;     /* What is left of the raw text. */
    unsigned char pending[4]; /* Rest of a character that an escape stood for. */
    uint8_t left;
};
struct json_bytes json_bytes(struct json_value v) MUST_CHECK;
int json_next_byte(struct json_bytes *b); /* 0..255, or -1 at the end. */

/**
 * A short number for a key: keys with different signatures differ.  Not a
 * hash against which an adversary would be powerless.
 */
uint32_t json_signature(struct str key) MUST_CHECK;

#endif
