#include "slipway/instant.h"

#include <stdio.h>
#include <string.h>

struct civil {
    int64_t year;
    unsigned month, day, hour, minute, second, ms;
};

/* Days between 1970-01-01 and a date of the proleptic Gregorian calendar; years start in March
 * so that the leap day comes last. */
static int64_t
days_from_civil(int64_t year, unsigned month, unsigned day)
{
    int64_t y = month <= 2 ? year - 1 : year;
    int64_t era = y / 400;
    int64_t year_of_era = y - era * 400;
    int64_t month_from_march = month > 2 ? month - 3 : month + 9;
    int64_t day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;

    return era * 146097 + day_of_era - 719468;
}

static struct civil
civil_from_ms(int64_t ms)
{
    struct civil c;
    int64_t seconds, days, era, doe, yoe, doy, mp;

    ms = ms < 0 ? 0 : ms;
    seconds = ms / 1000;
    days = seconds / 86400 + 719468;
    era = days / 146097;
    doe = days - era * 146097;
    yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    mp = (5 * doy + 2) / 153;
    c.day = (unsigned)(doy - (153 * mp + 2) / 5 + 1);
    c.month = (unsigned)(mp < 10 ? mp + 3 : mp - 9);
    c.year = yoe + era * 400 + (c.month <= 2);
    c.hour = (unsigned)(seconds / 3600 % 24);
    c.minute = (unsigned)(seconds / 60 % 60);
    c.second = (unsigned)(seconds % 60);
    c.ms = (unsigned)(ms % 1000);
    return c;
}

const char *
instant_rfc3339(int64_t ms, char buf[INSTANT_SIZE])
{
    struct civil c = civil_from_ms(ms);

    snprintf(buf, INSTANT_SIZE, "%04u-%02u-%02uT%02u:%02u:%02u.%03uZ", (unsigned)c.year % 10000,
             c.month, c.day, c.hour, c.minute, c.second, c.ms);
    return buf;
}

const char *
instant_sigv4(int64_t ms, char buf[INSTANT_SIZE])
{
    struct civil c = civil_from_ms(ms);

    snprintf(buf, INSTANT_SIZE, "%04u%02u%02uT%02u%02u%02uZ", (unsigned)c.year % 10000, c.month,
             c.day, c.hour, c.minute, c.second);
    return buf;
}

/* ---- reading -------------------------------------------------------------------------------- */

/* Takes exactly `digits` digits off the front of `*s`. */
static bool
take_number(struct str *s, size_t digits, unsigned *out)
{
    *out = 0;
    if (s->len < digits)
        return false;
    for (size_t i = 0; i < digits; i++) {
        if (s->at[i] < '0' || s->at[i] > '9')
            return false;
        *out = *out * 10 + (unsigned)(s->at[i] - '0');
    }
    *s = (struct str){ s->at + digits, s->len - digits };
    return true;
}

static bool
take_char(struct str *s, const char *allowed)
{
    if (s->len == 0 || s->at[0] == '\0' || strchr(allowed, s->at[0]) == NULL)
        return false;
    *s = (struct str){ s->at + 1, s->len - 1 };
    return true;
}

/* One digit at least; what is finer than a millisecond is dropped. */
static bool
take_fraction(struct str *s, unsigned *ms)
{
    unsigned weight = 100;

    if (s->len == 0 || s->at[0] < '0' || s->at[0] > '9')
        return false;
    while (s->len > 0 && s->at[0] >= '0' && s->at[0] <= '9') {
        *ms += (unsigned)(s->at[0] - '0') * weight;
        weight /= 10;
        *s = (struct str){ s->at + 1, s->len - 1 };
    }
    return true;
}

/* "Z" or "+hh:mm" to the end of the text; minutes east of Greenwich. */
static bool
take_offset(struct str *s, int64_t *minutes)
{
    unsigned hour, minute;
    bool west = s->len > 0 && s->at[0] == '-';

    *minutes = 0;
    if (s->len == 1 && take_char(s, "Zz"))
        return true;
    if (!take_char(s, "+-") || !take_number(s, 2, &hour) || !take_char(s, ":") ||
        !take_number(s, 2, &minute) || s->len != 0 || hour > 23 || minute > 59)
        return false;
    *minutes = (int64_t)hour * 60 + minute;
    *minutes = west ? -*minutes : *minutes;
    return true;
}

static unsigned
days_of_month(int64_t year, unsigned month)
{
    static const unsigned LENGTHS[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

    return LENGTHS[month - 1] + (month == 2 && leap);
}

static bool
to_ms(const struct civil *c, int64_t offset_minutes, int64_t *ms)
{
    int64_t days;

    if (c->year < 1970 || c->month < 1 || c->month > 12 || c->day < 1 ||
        c->day > days_of_month(c->year, c->month) || c->hour > 23 || c->minute > 59 ||
        c->second > 60)
        return false;
    days = days_from_civil(c->year, c->month, c->day);
    *ms = ((days * 24 + c->hour) * 60 + c->minute - offset_minutes) * INT64_C(60000) +
          (int64_t)c->second * 1000 + c->ms;
    return *ms >= 0;
}

bool
instant_parse(struct str s, int64_t *ms)
{
    struct civil c = { 0 };
    unsigned year;
    int64_t offset;
    bool compact;

    if (!take_number(&s, 4, &year))
        return false;
    c.year = year;
    compact = !take_char(&s, "-");
    if (!take_number(&s, 2, &c.month) || (!compact && !take_char(&s, "-")) ||
        !take_number(&s, 2, &c.day) || !take_char(&s, compact ? "T" : "Tt ") ||
        !take_number(&s, 2, &c.hour) || (!compact && !take_char(&s, ":")) ||
        !take_number(&s, 2, &c.minute) || (!compact && !take_char(&s, ":")) ||
        !take_number(&s, 2, &c.second))
        return false;
    if (!compact && take_char(&s, ".") && !take_fraction(&s, &c.ms))
        return false;
    return take_offset(&s, &offset) && to_ms(&c, offset, ms);
}

bool
instant_parse_http(struct str s, int64_t *ms)
{
    static const char MONTHS[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    struct civil c = { 0 };
    unsigned year;

    if (s.len != strlen("Fri, 02 Jan 2026 03:04:05 GMT") || !str_ends(s, " GMT"))
        return false;
    for (unsigned m = 0; m < 12; m++)
        if (memcmp(MONTHS + (size_t)m * 3, s.at + 8, 3) == 0)
            c.month = m + 1;
    s = (struct str){ s.at + 5, s.len - 5 };
    if (!take_number(&s, 2, &c.day) || !take_char(&s, " "))
        return false;
    s = (struct str){ s.at + 4, s.len - 4 };
    if (!take_number(&s, 4, &year) || !take_char(&s, " ") || !take_number(&s, 2, &c.hour) ||
        !take_char(&s, ":") || !take_number(&s, 2, &c.minute) || !take_char(&s, ":") ||
        !take_number(&s, 2, &c.second))
        return false;
    c.year = year;
    return to_ms(&c, 0, ms);
}

const char *
instant_span(int64_t ms, char buf[INSTANT_SIZE])
{
    static const struct {
        int64_t at_least, unit;
        const char *name;
    } UNITS[] = { { DAYS(2), DAYS(1), "d" },
                  { HOURS(2), HOURS(1), "h" },
                  { MINUTES(2), MINUTES(1), "min" },
                  { SECONDS(1), SECONDS(1), "s" } };

    for (size_t i = 0; i < ARRAY_LEN(UNITS); i++) {
        if (ms >= UNITS[i].at_least) {
            snprintf(buf, INSTANT_SIZE, "%lld %s", (long long)(ms / UNITS[i].unit), UNITS[i].name);
            return buf;
        }
    }
    snprintf(buf, INSTANT_SIZE, "%lld ms", (long long)ms);
    return buf;
}
