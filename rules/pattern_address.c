#include <string.h>

#include "pattern_internal.h"

#define ADDRESS_TEXT_MAX 64

/* Four decimal groups of one to three digits; leading zeros are decimal too. */
static bool
read_v4(struct str text, unsigned char bytes[16])
{
    size_t at = 0, digits;

    for (unsigned group = 0; group < 4; group++) {
        unsigned value = 0;

        if (group > 0 && (at == text.len || text.at[at++] != '.'))
            return false;
        for (digits = 0; at < text.len && text.at[at] >= '0' && text.at[at] <= '9'; digits++)
            value = value * 10 + (unsigned)(text.at[at++] - '0');
        if (digits == 0 || digits > 3 || value > 255)
            return false;
        bytes[group] = (unsigned char)value;
    }
    return at == text.len;
}

static int
hex_digit(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

/* Takes one to four hexadecimal digits off the text at `*at`. */
static bool
take_group(struct str text, size_t *at, unsigned *value)
{
    size_t from = *at;

    *value = 0;
    while (*at < text.len && hex_digit(text.at[*at]) >= 0 && *at - from < 5)
        *value = *value * 16 + (unsigned)hex_digit(text.at[(*at)++]);
    return *at > from && *at - from <= 4;
}

/* An IPv6 address as far as it was read. */
struct groups {
    unsigned char bytes[16];
    size_t count; /* Groups of two bytes. */
    size_t gap;   /* Where "::" stands; NO_GAP: nowhere. */
};

#define NO_GAP ((size_t)8)

/* Groups and colons to the end of the text. */
static bool
take_groups(struct str text, size_t at, struct groups *g)
{
    unsigned value;

    while (at < text.len) {
        if (g->count == 8 || !take_group(text, &at, &value))
            return false;
        g->bytes[2 * g->count] = (unsigned char)(value >> 8);
        g->bytes[2 * g->count + 1] = (unsigned char)value;
        g->count++;
        if (at == text.len)
            return true;
        if (text.at[at++] != ':' || at == text.len)
            return false;
        if (text.at[at] != ':')
            continue;
        if (g->gap != NO_GAP)
            return false;
        g->gap = g->count;
        at++;
    }
    return true;
}

/* Eight groups; "::" stands for one or more groups of zeros, once. */
static bool
read_v6(struct str text, unsigned char bytes[16])
{
    bool leading = text.len >= 2 && memcmp(text.at, "::", 2) == 0;
    struct groups g = { .gap = leading ? 0 : NO_GAP };
    size_t before, after;

    if (!take_groups(text, leading ? 2 : 0, &g) || (g.gap == NO_GAP) != (g.count == 8))
        return false;
    before = 2 * (g.gap == NO_GAP ? g.count : g.gap);
    after = 2 * g.count - before;
    memset(bytes, 0, 16);
    memcpy(bytes, g.bytes, before);
    memcpy(bytes + 16 - after, g.bytes + before, after);
    return true;
}

bool
pattern_address_read(struct str text, struct address *out)
{
    *out = (struct address){ .v6 = false };
    if (text.len < 2 || text.len >= ADDRESS_TEXT_MAX)
        return false;
    if (memchr(text.at, ':', text.len) == NULL)
        return read_v4(text, out->bytes);
    out->v6 = true;
    return read_v6(text, out->bytes);
}

bool
pattern_address_of(struct json_value v, struct address *out)
{
    struct str raw = json_raw(v);
    char text[ADDRESS_TEXT_MAX];
    size_t len;

    if (!v.doc->tokens[v.at].escaped)
        return pattern_address_read(raw, out);
    return json_text(v, text, sizeof(text), &len) &&
           pattern_address_read((struct str){ text, len }, out);
}

bool
pattern_address_in(const struct address *a, const struct address *block, unsigned bits)
{
    unsigned whole = bits / 8, rest = bits % 8;

    if (a->v6 != block->v6 || memcmp(a->bytes, block->bytes, whole) != 0)
        return false;
    return rest == 0 || (a->bytes[whole] ^ block->bytes[whole]) >> (8 - rest) == 0;
}
