#include "aws/sqs_mend.h"

#include <string.h>

#define SPOILT STR("\\u0001")

/* Bytes of the well-formed UTF-8 character (RFC 3629) at the start of `s`; 0 if there is none. */
static size_t
char_len(struct str s)
{
    const unsigned char *at = (const unsigned char *)s.at;
    size_t len = at[0] < 0x80 ? 1 : at[0] < 0xC2 ? 0 : at[0] < 0xE0 ? 2 : at[0] < 0xF0 ? 3 : 4;

    if (len == 0 || at[0] > 0xF4 || len > s.len)
        return 0;
    for (size_t i = 1; i < len; i++)
        if ((at[i] & 0xC0) != 0x80)
            return 0;
    if ((at[0] == 0xE0 && at[1] < 0xA0) || (at[0] == 0xED && at[1] > 0x9F) ||
        (at[0] == 0xF0 && at[1] < 0x90) || (at[0] == 0xF4 && at[1] > 0x8F))
        return 0;
    return len;
}

/* The value of "\uXXXX" at the start of `s`, or -1. */
static int
escape_value(struct str s)
{
    static const char DIGITS[] = "0123456789abcdef0123456789ABCDEF";
    int value = 0;

    if (s.len < 6 || s.at[0] != '\\' || s.at[1] != 'u')
        return -1;
    for (size_t i = 2; i < 6; i++) {
        const char *digit = s.at[i] == '\0' ? NULL : strchr(DIGITS, s.at[i]);

        if (digit == NULL)
            return -1;
        value = value * 16 + (int)((digit - DIGITS) % 16);
    }
    return value;
}

/* Copies the escape at the start of `s`; how many bytes it has. */
static size_t
mend_escape(struct buf *to, struct str s)
{
    int value = escape_value(s), low;

    if (value < 0) {
        size_t n = s.len < 2 ? 1 : 2;

        buf_add(to, (struct str){ s.at, n });
        return n;
    }
    low = escape_value((struct str){ s.at + 6, s.len - 6 });
    if (value >= 0xD800 && value <= 0xDBFF && low >= 0xDC00 && low <= 0xDFFF) {
        buf_add(to, (struct str){ s.at, 12 });
        return 12;
    }
    if (value == 0 || (value >= 0xD800 && value <= 0xDFFF))
        buf_add(to, SPOILT);
    else
        buf_add(to, (struct str){ s.at, 6 });
    return 6;
}

void
sqs_mend(struct buf *to, struct str text)
{
    bool inside = false;

    while (text.len > 0) {
        size_t n = 1;

        if (inside && text.at[0] == '\\') {
            n = mend_escape(to, text);
        } else {
            n = char_len(text);
            if (inside && (n == 0 || (unsigned char)text.at[0] < 0x20))
                buf_add(to, SPOILT);
            else
                buf_add(to, (struct str){ text.at, n == 0 ? 1 : n });
            if (n <= 1 && text.at[0] == '"')
                inside = !inside;
            n = n == 0 ? 1 : n;
        }
        text = (struct str){ text.at + n, text.len - n };
    }
}
