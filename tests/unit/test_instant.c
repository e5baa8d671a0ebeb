/* links: slipway_base */
#include "slipway/instant.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "suite.h"

START_TEST(writes_instants)
{
    static const struct {
        int64_t ms;
        const char *rfc3339, *sigv4;
    } CASES[] = {
        { 0, "1970-01-01T00:00:00.000Z", "19700101T000000Z" },
        { 1767323045678, "2026-01-02T03:04:05.678Z", "20260102T030405Z" },
        { 951782400000, "2000-02-29T00:00:00.000Z", "20000229T000000Z" },
        { 4107542399999, "2100-02-28T23:59:59.999Z", "21000228T235959Z" },
        { 4107542400000, "2100-03-01T00:00:00.000Z", "21000301T000000Z" },
        { 253402300799999, "9999-12-31T23:59:59.999Z", "99991231T235959Z" },
        { -5, "1970-01-01T00:00:00.000Z", "19700101T000000Z" }, /* Nothing is before 1970. */
    };
    char buf[INSTANT_SIZE];

    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        ck_assert_str_eq(instant_rfc3339(CASES[i].ms, buf), CASES[i].rfc3339);
        ck_assert_str_eq(instant_sigv4(CASES[i].ms, buf), CASES[i].sigv4);
    }
}
END_TEST

START_TEST(agrees_with_the_calendar_of_libc)
{
    char buf[INSTANT_SIZE], expected[INSTANT_SIZE];

    /* A prime number of seconds, so that all parts of a date take all values. */
    for (time_t t = 0; t < (time_t)253402300799; t += 7654321) {
        struct tm parts;
        int64_t ms;

        gmtime_r(&t, &parts);
        strftime(expected, sizeof(expected), "%Y-%m-%dT%H:%M:%S.000Z", &parts);
        ck_assert_str_eq(instant_rfc3339((int64_t)t * 1000, buf), expected);
        ck_assert(instant_parse(str_of(buf), &ms));
        ck_assert_int_eq(ms, (int64_t)t * 1000);
        strftime(expected, sizeof(expected), "%a, %d %b %Y %H:%M:%S GMT", &parts);
        ck_assert(instant_parse_http(str_of(expected), &ms));
        ck_assert_int_eq(ms, (int64_t)t * 1000);
    }
}
END_TEST

START_TEST(reads_instants)
{
    static const struct {
        const char *text;
        int64_t ms;
    } CASES[] = {
        { "2026-01-02T03:04:05Z", 1767323045000 },
        { "2026-01-02t03:04:05z", 1767323045000 },
        { "2026-01-02 03:04:05Z", 1767323045000 },
        { "2026-01-02T03:04:05.6Z", 1767323045600 },
        { "2026-01-02T03:04:05.678Z", 1767323045678 },
        { "2026-01-02T03:04:05.678999999Z", 1767323045678 },
        { "2026-01-02T04:04:05+01:00", 1767323045000 },
        { "2026-01-01T21:34:05-05:30", 1767323045000 },
        { "20260102T030405Z", 1767323045000 },
        { "1970-01-01T00:00:00Z", 0 },
        { "2024-02-29T00:00:00Z", 1709164800000 },
    };
    static const char *const BAD[] = { "",
                                       "2026",
                                       "2026-01-02",
                                       "2026-01-02T03:04:05",
                                       "2026-01-02T03:04Z",
                                       "2026-13-02T03:04:05Z",
                                       "2026-00-02T03:04:05Z",
                                       "2026-01-32T03:04:05Z",
                                       "2026-01-00T03:04:05Z",
                                       "2026-02-30T03:04:05Z",
                                       "2026-04-31T03:04:05Z",
                                       "2026-01-02T24:04:05Z",
                                       "2026-01-02T03:60:05Z",
                                       "2026-01-02T03:04:61Z",
                                       "1969-12-31T23:59:59Z",
                                       "1970-01-01T00:00:00+01:00",
                                       "2026-01-02T03:04:05+24:00",
                                       "2026-01-02T03:04:05+0100",
                                       "2026-01-02T03:04:05ZZ",
                                       "2026-1-2T03:04:05Z",
                                       "20260102T03:04:05Z",
                                       "2026-01-02T030405Z",
                                       " 2026-01-02T03:04:05Z",
                                       "+026-01-02T03:04:05Z",
                                       "2026-01-02T03:04:05.Z",
                                       "now" };
    int64_t ms;

    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        ck_assert_msg(instant_parse(str_of(CASES[i].text), &ms), "%s", CASES[i].text);
        ck_assert_msg(ms == CASES[i].ms, "%s: %lld", CASES[i].text, (long long)ms);
    }
    for (size_t i = 0; i < ARRAY_LEN(BAD); i++)
        ck_assert_msg(!instant_parse(str_of(BAD[i]), &ms), "%s", BAD[i]);
}
END_TEST

START_TEST(knows_the_days_of_february)
{
    static const unsigned LEAP[] = { 2000, 2024, 2400 }, COMMON[] = { 2023, 2100, 2200 };
    char text[INSTANT_SIZE];
    int64_t ms;

    for (size_t i = 0; i < ARRAY_LEN(LEAP); i++) {
        snprintf(text, sizeof(text), "%04u-02-29T00:00:00Z", LEAP[i]);
        ck_assert_msg(instant_parse(str_of(text), &ms), "%s", text);
        snprintf(text, sizeof(text), "%04u-02-29T00:00:00Z", COMMON[i]);
        ck_assert_msg(!instant_parse(str_of(text), &ms), "%s", text);
    }
}
END_TEST

START_TEST(reads_dates_of_http)
{
    static const char *const BAD[] = { "",
                                       "Fri, 02 Jan 2026 03:04:05 UTC",
                                       "Fri, 2 Jan 2026 03:04:05 GMT",
                                       "Fri, 02 Xxx 2026 03:04:05 GMT",
                                       "Friday, 02-Jan-26 03:04:05 GMT",
                                       "Fri Jan  2 03:04:05 2026     ",
                                       "Fri, 02 anF 2026 03:04:05 GMT" };
    int64_t ms;

    ck_assert(instant_parse_http(STR("Fri, 02 Jan 2026 03:04:05 GMT"), &ms));
    ck_assert_int_eq(ms, 1767323045000);
    for (size_t i = 0; i < ARRAY_LEN(BAD); i++)
        ck_assert_msg(!instant_parse_http(str_of(BAD[i]), &ms), "%s", BAD[i]);
}
END_TEST

START_TEST(says_durations_to_a_person)
{
    static const struct {
        int64_t ms;
        const char *text;
    } CASES[] = { { 0, "0 ms" },           { 999, "999 ms" },
                  { SECONDS(1), "1 s" },   { SECONDS(119), "119 s" },
                  { MINUTES(2), "2 min" }, { MINUTES(119), "119 min" },
                  { HOURS(2), "2 h" },     { HOURS(47), "47 h" },
                  { DAYS(2), "2 d" } };
    char buf[INSTANT_SIZE];

    for (size_t i = 0; i < ARRAY_LEN(CASES); i++)
        ck_assert_str_eq(instant_span(CASES[i].ms, buf), CASES[i].text);
}
END_TEST

SUITE(instant, writes_instants, agrees_with_the_calendar_of_libc, reads_instants,
      knows_the_days_of_february, reads_dates_of_http, says_durations_to_a_person)
