#include "json_internal.h"

#include <float.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * A double cannot need more significant digits than these to be read rightly,
 * provided the last one says whether anything but zeros followed: the longest
 * decimal that lies exactly between two doubles has 767.
 */
#define DIGITS_MAX 770
#define EXPONENT_MAX 1000000000

struct decimal {
    bool negative;
    size_t count;            /* 0 is zero. */
    int64_t exponent;        /* The value is 0.DIGITS times ten to this. */
    char digits[DIGITS_MAX]; /* No zeros at either end. */
};

/* Takes the digits before any exponent; returns where they end. */
static size_t
take_digits(struct str s, struct decimal *d)
{
    bool fraction = false, more = false;
    size_t i = d->negative;

    for (; i < s.len && s.at[i] != 'e' && s.at[i] != 'E'; i++) {
        bool zero = s.at[i] == '0';

        if (s.at[i] == '.') {
            fraction = true;
        } else if (d->count == 0 && zero) {
            d->exponent -= fraction;
        } else {
            d->exponent += !fraction;
            more = more || (d->count == DIGITS_MAX - 1 && !zero);
            if (d->count < DIGITS_MAX - 1)
                d->digits[d->count++] = s.at[i];
        }
    }
    if (more)
        d->digits[d->count++] = '1';
    while (d->count > 0 && d->digits[d->count - 1] == '0')
        d->count--;
    return i;
}

/* The exponent that starts at its letter, if there is one. */
static int64_t
exponent_at(struct str s, size_t letter)
{
    bool negative = letter + 1 < s.len && s.at[letter + 1] == '-';
    int64_t exponent = 0;

    for (size_t i = letter + 1; i < s.len && exponent < EXPONENT_MAX; i++)
        if (s.at[i] >= '0')
            exponent = exponent * 10 + (s.at[i] - '0');
    return negative ? -exponent : exponent;
}

/* Takes apart a number that json_read() let pass. */
static void
take_apart(struct str s, struct decimal *d)
{
    size_t end;

    d->negative = s.at[0] == '-';
    d->count = 0;
    d->exponent = 0;
    end = take_digits(s, d);
    d->exponent += exponent_at(s, end);
}

/* Few digits and a small power of ten: both are doubles, and so one operation rounds rightly. */
static bool
to_double_exactly(const struct decimal *d, double *out)
{
    static const double TEN[] = { 1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                  1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                  1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22 };
    int64_t power = d->exponent - (int64_t)d->count;
    uint64_t digits = 0;

    if (d->count > 15 || power < -22 || power > 22 || FLT_EVAL_METHOD != 0)
        return false;
    for (size_t i = 0; i < d->count; i++)
        digits = digits * 10 + (uint64_t)(d->digits[i] - '0');
    *out = power < 0 ? (double)digits / TEN[-power] : (double)digits * TEN[power];
    *out = d->negative ? -*out : *out;
    return true;
}

static bool
to_double(const struct decimal *d, double *out)
{
    char text[DIGITS_MAX + 32];

    if (d->count == 0) {
        *out = d->negative ? -0.0 : 0.0;
        return true;
    }
    if (to_double_exactly(d, out))
        return true;
    snprintf(text, sizeof(text), "%s0.%.*se%lld", d->negative ? "-" : "", (int)d->count, d->digits,
             (long long)d->exponent);
    *out = strtod(text, NULL);
    return *out >= -DBL_MAX && *out <= DBL_MAX;
}

bool
json_double(struct json_value v, double *out)
{
    struct decimal d;

    *out = 0;
    if (json_type(v) != JSON_NUMBER)
        return false;
    take_apart(json_raw(v), &d);
    return to_double(&d, out);
}

/* 15 digits name one double at most, and 17 every one; only denormal ones need fewer. */
static void
print_shortest(double d, char buf[JSON_DOUBLE_SIZE])
{
    for (int digits = d > -DBL_MIN && d < DBL_MIN ? 1 : 15; digits <= 17; digits++) {
        snprintf(buf, JSON_DOUBLE_SIZE, "%.*g", digits, d);
        if (strtod(buf, NULL) == d)
            return;
    }
}

const char *
json_double_text(double d, char buf[JSON_DOUBLE_SIZE])
{
    if (d >= -DBL_MAX && d <= DBL_MAX)
        print_shortest(d, buf);
    else
        snprintf(buf, JSON_DOUBLE_SIZE, "null");
    return buf;
}

bool
json_double_exact(struct json_value v, double *out)
{
    char text[JSON_DOUBLE_SIZE];
    struct decimal d, shortest;

    *out = 0;
    if (json_type(v) != JSON_NUMBER)
        return false;
    take_apart(json_raw(v), &d);
    if (d.count > 17 || !to_double(&d, out))
        return false;
    /* 15 digits always survive, unless the double has fewer than usual. */
    if (d.count <= 15 && (d.count == 0 || *out >= DBL_MIN || *out <= -DBL_MIN))
        return true;
    print_shortest(*out, text);
    take_apart(str_of(text), &shortest);
    return shortest.count == d.count && shortest.exponent == d.exponent &&
           memcmp(shortest.digits, d.digits, d.count) == 0;
}
