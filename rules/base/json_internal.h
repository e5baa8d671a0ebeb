#ifndef SLIPWAY_RULES_BASE_JSON_INTERNAL_H
#define SLIPWAY_RULES_BASE_JSON_INTERNAL_H

/**
 * What the JSON files share among themselves.
 */

#include <string.h>

#include "slipway/json.h"

/**
 * The code point of the escape at `*at` (which stands on the backslash of a text that
 * json_read() let pass), surrogate pairs joined; moves `*at` behind it.
 */
uint32_t json_escape(const char **at);

/** Writes a code point as UTF-8; returns the number of bytes, 1 to 4. */
unsigned json_utf8(uint32_t code, unsigned char out[4]);

/** True if none of eight bytes ends or breaks a run of plain ASCII in a string. */
static inline bool
json_eight_plain(const unsigned char *p)
{
    const uint64_t ones = UINT64_C(0x0101010101010101), high = ones * 0x80;
    uint64_t x, quote, slash;

    memcpy(&x, p, 8);
    quote = x ^ (ones * '"');
    slash = x ^ (ones * '\\');
    return ((x | (x - ones * 0x20) | ((quote - ones) & ~quote) | ((slash - ones) & ~slash)) &
            high) == 0;
}

static inline bool
json_is_tail(unsigned char byte)
{
    return (byte & 0xC0) == 0x80;
}

/** Length of the UTF-8 sequence at `p`, 0 if there is no valid one (RFC 3629 section 4). */
static inline size_t
json_utf8_length(const unsigned char *p, size_t left)
{
    if (p[0] < 0x80)
        return 1;
    if (p[0] < 0xC2 || left < 2 || !json_is_tail(p[1]))
        return 0;
    if (p[0] < 0xE0)
        return 2;
    if (left < 3 || !json_is_tail(p[2]))
        return 0;
    if (p[0] < 0xF0) /* Neither too long nor a surrogate. */
        return (p[0] == 0xE0 && p[1] < 0xA0) || (p[0] == 0xED && p[1] > 0x9F) ? 0 : 3;
    if (left < 4 || !json_is_tail(p[3]) || p[0] > 0xF4)
        return 0;
    return (p[0] == 0xF0 && p[1] < 0x90) || (p[0] == 0xF4 && p[1] > 0x8F) ? 0 : 4;
}

/** The signature of a raw key with escapes: that of its unescaped text. */
uint32_t json_signature_escaped(struct str raw);

/** strcmp() for the raw texts of keys, by what they are unescaped. */
int json_compare_raw(struct str a, bool a_escaped, struct str b, bool b_escaped);

/**
 * Finds a key that occurs twice among the `size` members that start at token
 * `first`.  Returns the token of the second of the two, or 0.
 */
uint32_t json_find_twin(struct json_token *tokens, uint32_t first, uint32_t size, const char *text);

#endif
