#include "slipway/str.h"

#include <string.h>

struct str
str_of(const char *text)
{
    return (struct str){ text, text != NULL ? strlen(text) : 0 };
}

bool
str_equal(struct str a, struct str b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.at, b.at, a.len) == 0);
}

bool
str_is(struct str s, const char *text)
{
    return str_equal(s, str_of(text));
}

bool
str_starts(struct str s, const char *prefix)
{
    size_t len = strlen(prefix);

    return s.len >= len && (len == 0 || memcmp(s.at, prefix, len) == 0);
}

bool
str_ends(struct str s, const char *suffix)
{
    size_t len = strlen(suffix);

    return s.len >= len && (len == 0 || memcmp(s.at + s.len - len, suffix, len) == 0);
}

bool
str_contains(struct str s, struct str part)
{
    for (size_t i = 0; part.len <= s.len && i <= s.len - part.len; i++)
        if (str_equal((struct str){ s.at + i, part.len }, part))
            return true;
    return false;
}

bool
str_cut(struct str s, char c, struct str *head, struct str *tail)
{
    const char *found = s.len > 0 ? memchr(s.at, c, s.len) : NULL;

    if (found == NULL) {
        *head = s;
        *tail = (struct str){ NULL, 0 };
        return false;
    }
    *head = (struct str){ s.at, (size_t)(found - s.at) };
    *tail = (struct str){ found + 1, s.len - head->len - 1 };
    return true;
}

static bool
is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct str
str_trim(struct str s)
{
    while (s.len > 0 && is_blank(s.at[0]))
        s = (struct str){ s.at + 1, s.len - 1 };
    while (s.len > 0 && is_blank(s.at[s.len - 1]))
        s.len--;
    return s;
}

bool
str_copy(char *buf, size_t size, struct str s)
{
    if (size > 0)
        buf[0] = '\0';
    if (s.len >= size || (s.len > 0 && memchr(s.at, '\0', s.len) != NULL))
        return false;
    if (s.len > 0)
        memcpy(buf, s.at, s.len);
    buf[s.len] = '\0';
    return true;
}

struct str
str_of_int(int64_t n, char buf[INT_TEXT_SIZE])
{
    uint64_t left = n < 0 ? 0 - (uint64_t)n : (uint64_t)n;
    size_t at = INT_TEXT_SIZE - 1;

    buf[at] = '\0';
    do
        buf[--at] = (char)('0' + left % 10);
    while ((left /= 10) > 0);
    if (n < 0)
        buf[--at] = '-';
    return (struct str){ buf + at, INT_TEXT_SIZE - 1 - at };
}

bool
str_to_int(struct str s, int64_t *out)
{
    bool negative = s.len > 0 && s.at[0] == '-';
    uint64_t limit = negative ? (uint64_t)INT64_MAX + 1 : (uint64_t)INT64_MAX;
    uint64_t value = 0;

    if (s.len == (negative ? 1U : 0U))
        return false;
    for (size_t i = negative ? 1 : 0; i < s.len; i++) {
        unsigned digit = (unsigned)(unsigned char)s.at[i] - '0';

        if (digit > 9 || value > (limit - digit) / 10)
            return false;
        value = value * 10 + digit;
    }
    *out = negative ? (int64_t)(0 - value) : (int64_t)value;
    return true;
}

size_t
str_distance(struct str a, struct str b)
{
    size_t row[65], diagonal;

    a.len = a.len < 64 ? a.len : 64;
    b.len = b.len < 64 ? b.len : 64;
    for (size_t j = 0; j <= b.len; j++)
        row[j] = j;
    for (size_t i = 1; i <= a.len; i++) {
        diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= b.len; j++) {
            size_t change = diagonal + (a.at[i - 1] != b.at[j - 1]);
            size_t drop = (row[j] < row[j - 1] ? row[j] : row[j - 1]) + 1;

            diagonal = row[j];
            row[j] = change < drop ? change : drop;
        }
    }
    return row[b.len];
}
