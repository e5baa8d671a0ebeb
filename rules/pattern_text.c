#include <string.h>

#include "pattern_internal.h"

/*
 * Tests of text.  Strings of an event are looked at where they stand, escapes
 * and all, from front to back and once, so that time is linear whatever the
 * pattern and no copy is needed.
 */

/* ---- bytes ---------------------------------------------------------------------------------- */

static size_t
length_of(struct json_value v)
{
    struct json_bytes b;
    size_t len = 0;

    if (!v.doc->tokens[v.at].escaped)
        return json_raw(v).len;
    for (b = json_bytes(v); json_next_byte(&b) >= 0;)
        len++;
    return len;
}

/* True if the next bytes are `text`; they are gone then. */
static bool
take_text(struct json_bytes *b, struct str text)
{
    for (size_t i = 0; i < text.len; i++)
        if (json_next_byte(b) != (unsigned char)text.at[i])
            return false;
    return true;
}

static void
skip_bytes(struct json_bytes *b, size_t count)
{
    while (count-- > 0)
        (void)json_next_byte(b);
}

static bool
prefix_accepts(struct str text, struct json_value v)
{
    struct json_bytes b;
    struct str raw = json_raw(v);

    if (!v.doc->tokens[v.at].escaped)
        return raw.len >= text.len && (text.len == 0 || memcmp(raw.at, text.at, text.len) == 0);
    b = json_bytes(v);
    return take_text(&b, text);
}

static bool
suffix_accepts(struct str text, struct json_value v)
{
    struct json_bytes b = json_bytes(v);
    size_t len = length_of(v);

    if (len < text.len)
        return false;
    if (!v.doc->tokens[v.at].escaped)
        b.at += len - text.len;
    else
        skip_bytes(&b, len - text.len);
    return take_text(&b, text);
}

/* ---- wildcards ------------------------------------------------------------------------------ */

int
pattern_wildcard_read(struct str text, char *out, size_t *len, const char **what)
{
    bool star = false;

    *len = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] == '*') {
            *what = "consecutive wildcard characters";
            if (star)
                return (int)i; /* The first of them; AWS counts the opening quote as 0. */
            star = true;
            out[(*len)++] = '\0';
            continue;
        }
        star = false;
        if (text.at[i] == '\\') {
            *what = "invalid escape character";
            i++;
            if (i == text.len || (text.at[i] != '*' && text.at[i] != '\\'))
                return (int)i;
        }
        out[(*len)++] = text.at[i];
    }
    return -1;
}

void
pattern_wildcard_prepare(struct str text, uint32_t *fallback)
{
    /*
     * Knuth, Morris and Pratt, segment by segment: fallback[i] is how many
     * bytes of the segment still match when byte i does not.
     */
    size_t from = 0;

    for (size_t i = 0; i < text.len; i++) {
        size_t matched = i > from ? fallback[i - 1] : 0;

        if (text.at[i] == '\0') {
            fallback[i] = 0;
            from = i + 1;
            continue;
        }
        if (i == from) {
            fallback[i] = 0;
            continue;
        }
        while (matched > 0 && text.at[from + matched] != text.at[i])
            matched = fallback[from + matched - 1];
        fallback[i] = (uint32_t)(matched + (text.at[from + matched] == text.at[i]));
    }
}

/* Finds the first occurrence of `segment` within the next `*left` bytes and stands behind it. */
static bool
find_segment(struct json_bytes *b, size_t *left, struct str segment, const uint32_t *fallback)
{
    size_t matched = 0;

    while (matched < segment.len) {
        int c;

        if (*left == 0)
            return false;
        --*left;
        c = json_next_byte(b);
        while (matched > 0 && (unsigned char)segment.at[matched] != c)
            matched = fallback[matched - 1];
        matched += (unsigned char)segment.at[matched] == c;
    }
    return true;
}

static bool
wildcard_accepts(const struct test *t, struct json_value v)
{
    struct json_bytes b = json_bytes(v);
    const char *at = t->text.at, *end = at + t->text.len;
    const char *star = memchr(at, '\0', t->text.len), *last = end;
    size_t len = length_of(v), left;

    if (star == NULL)
        return len == t->text.len && take_text(&b, t->text);
    while (last[-1] != '\0')
        last--;
    /* What stands before the first star and after the last must be there, apart. */
    if (len < (size_t)(star - at) + (size_t)(end - last) ||
        !take_text(&b, (struct str){ at, (size_t)(star - at) }))
        return false;
    left = len - (size_t)(star - at) - (size_t)(end - last);
    for (const char *from = star + 1; from < last; from = star + 1) {
        star = memchr(from, '\0', (size_t)(end - from));
        if (!find_segment(&b, &left, (struct str){ from, (size_t)(star - from) },
                          t->fallback + (from - at)))
            return false;
    }
    skip_bytes(&b, left);
    return take_text(&b, (struct str){ last, (size_t)(end - last) });
}

/* ---- any case ------------------------------------------------------------------------------- */

/* Decodes the character at `p`, valid UTF-8; returns its length. */
static size_t
decode(const unsigned char *p, uint32_t *code)
{
    if (p[0] < 0x80) {
        *code = p[0];
        return 1;
    }
    if (p[0] < 0xE0) {
        *code = (p[0] & 0x1Fu) << 6 | (p[1] & 0x3Fu);
        return 2;
    }
    if (p[0] < 0xF0) {
        *code = (p[0] & 0x0Fu) << 12 | (p[1] & 0x3Fu) << 6 | (p[2] & 0x3Fu);
        return 3;
    }
    *code = (p[0] & 0x07u) << 18 | (p[1] & 0x3Fu) << 12 | (p[2] & 0x3Fu) << 6 | (p[3] & 0x3Fu);
    return 4;
}

void
pattern_case_lengths(struct str text, uint32_t *least, uint32_t *most)
{
    const unsigned char *p = (const unsigned char *)text.at, *end = p + text.len;
    struct spelling others[2];

    *least = *most = 0;
    while (p < end) {
        uint32_t code, low = 1, high = 1;
        unsigned n;

        p += decode(p, &code);
        n = pattern_other_cases(code, others);
        for (unsigned i = 0; i < n; i++)
            high = others[i].characters > high ? others[i].characters : high;
        *least += low;
        *most += high;
    }
}

/* True if the next bytes are the character at `p` in any case; they are gone then. */
static bool
take_any_case(struct json_bytes *b, const unsigned char *p, size_t n, uint32_t code)
{
    struct json_bytes begin = *b;
    struct spelling others[2];
    unsigned count;

    if (take_text(b, (struct str){ (const char *)p, n }))
        return true;
    count = pattern_other_cases(code, others);
    for (unsigned i = 0; i < count; i++) {
        *b = begin;
        if (take_text(b, (struct str){ (const char *)others[i].bytes, others[i].len }))
            return true;
    }
    return false;
}

/* True if the next characters are `text` in any case; no spelling begins with another one. */
static bool
take_text_any_case(struct json_bytes *b, struct str text)
{
    const unsigned char *p = (const unsigned char *)text.at, *end = p + text.len;

    while (p < end) {
        uint32_t code;
        size_t n = decode(p, &code);

        if (!take_any_case(b, p, n, code))
            return false;
        p += n;
    }
    return true;
}

static void
skip_character(struct json_bytes *b)
{
    int first = json_next_byte(b);

    skip_bytes(b, first < 0xC0 ? 0 : first < 0xE0 ? 1 : first < 0xF0 ? 2 : 3);
}

static uint32_t
characters_of(struct json_value v)
{
    struct json_bytes b = json_bytes(v);
    uint32_t n = 0;

    for (int c = json_next_byte(&b); c >= 0; c = json_next_byte(&b))
        n += (c & 0xC0) != 0x80;
    return n;
}

/* A suffix has as many characters as the pattern, but for letters such as U+00DF ("SS"). */
static bool
suffix_any_case_accepts(const struct test *t, struct json_value v)
{
    uint32_t all = characters_of(v);
    uint32_t most = t->characters_max < all ? t->characters_max : all;
    struct json_bytes b = json_bytes(v), here;

    if (all < t->characters)
        return false;
    for (uint32_t i = 0; i < all - most; i++)
        skip_character(&b);
    for (uint32_t n = most;; n--) {
        here = b;
        if (take_text_any_case(&here, t->text) && json_next_byte(&here) < 0)
            return true;
        if (n == t->characters)
            return false;
        skip_character(&b);
    }
}

bool
pattern_text_accepts(const struct test *t, struct json_value v)
{
    struct json_bytes b = json_bytes(v);

    switch (t->kind) {
    case TEST_PREFIX:
        return prefix_accepts(t->text, v);
    case TEST_SUFFIX:
        return suffix_accepts(t->text, v);
    case TEST_WILDCARD:
        return wildcard_accepts(t, v);
    case TEST_IGNORE_CASE:
        return take_text_any_case(&b, t->text) && json_next_byte(&b) < 0;
    case TEST_PREFIX_ANY_CASE:
        return take_text_any_case(&b, t->text);
    case TEST_SUFFIX_ANY_CASE:
        return suffix_any_case_accepts(t, v);
    case TEST_TEXT:
    case TEST_ADDRESS:
    case TEST_NUMBER:
    case TEST_WORD:
    case TEST_RANGE:
    case TEST_CIDR:
    case TEST_EXISTS:
    case TEST_ABSENT:
    case TEST_ANYTHING_BUT:
    default:
        return false;
    }
}
