/* links: slipway_base */
#include "slipway/str.h"

#include <string.h>

#include "suite.h"

static const struct str EMPTY = { NULL, 0 };

START_TEST(compares_texts)
{
    ck_assert(str_equal(STR("abc"), str_of("abc")));
    ck_assert(!str_equal(STR("abc"), STR("abd")));
    ck_assert(!str_equal(STR("abc"), STR("ab")));
    ck_assert(str_equal(EMPTY, STR("")));
    ck_assert(str_equal(str_of(NULL), EMPTY));
    ck_assert(str_equal(STR("a\0b"), STR("a\0b")));
    ck_assert(!str_equal(STR("a\0b"), STR("a\0c")));
    ck_assert(str_is(STR("x"), "x"));
    ck_assert(!str_is(STR("x\0"), "x"));
    ck_assert(str_is(EMPTY, ""));
}
END_TEST

START_TEST(looks_at_both_ends_and_inside)
{
    ck_assert(str_starts(STR("abc"), "ab"));
    ck_assert(str_starts(STR("abc"), ""));
    ck_assert(!str_starts(STR("abc"), "abcd"));
    ck_assert(!str_starts(STR("abc"), "b"));
    ck_assert(str_starts(EMPTY, ""));
    ck_assert(str_ends(STR("abc"), "bc"));
    ck_assert(str_ends(EMPTY, ""));
    ck_assert(!str_ends(STR("abc"), "ab"));
    ck_assert(!str_ends(STR("c"), "bc"));
    ck_assert(str_contains(STR("abcabd"), STR("abd")));
    ck_assert(str_contains(STR("abc"), STR("abc")));
    ck_assert(str_contains(STR("abc"), EMPTY));
    ck_assert(str_contains(EMPTY, EMPTY));
    ck_assert(!str_contains(STR("abc"), STR("abcd")));
    ck_assert(!str_contains(EMPTY, STR("a")));
}
END_TEST

START_TEST(cuts_at_the_first_separator)
{
    struct str head, tail;

    ck_assert(str_cut(STR("a:b:c"), ':', &head, &tail));
    ck_assert(str_is(head, "a") && str_is(tail, "b:c"));
    ck_assert(str_cut(STR(":x"), ':', &head, &tail));
    ck_assert(str_is(head, "") && str_is(tail, "x"));
    ck_assert(str_cut(STR("x:"), ':', &head, &tail));
    ck_assert(str_is(head, "x") && str_is(tail, ""));
    ck_assert(!str_cut(STR("x"), ':', &head, &tail));
    ck_assert(str_is(head, "x") && str_is(tail, ""));
    ck_assert(!str_cut(EMPTY, ':', &head, &tail));
    ck_assert_uint_eq(head.len + tail.len, 0);
    /* The result may overwrite what is cut. */
    head = STR("p.q.r");
    ck_assert(str_cut(head, '.', &tail, &head));
    ck_assert(str_is(tail, "p") && str_is(head, "q.r"));
}
END_TEST

START_TEST(trims_blanks)
{
    ck_assert(str_is(str_trim(STR(" \t\r\n a b \n")), "a b"));
    ck_assert(str_is(str_trim(STR("a")), "a"));
    ck_assert_uint_eq(str_trim(STR(" \t ")).len, 0);
    ck_assert_uint_eq(str_trim(EMPTY).len, 0);
    ck_assert_uint_eq(str_trim(STR("\x0b"
                                   "a"))
                          .len,
                      2);
}
END_TEST

START_TEST(copies_what_fits)
{
    char buf[4] = "???";

    ck_assert(str_copy(buf, sizeof(buf), STR("abc")));
    ck_assert_str_eq(buf, "abc");
    ck_assert(!str_copy(buf, sizeof(buf), STR("abcd")));
    ck_assert_str_eq(buf, "");
    ck_assert(!str_copy(buf, sizeof(buf), STR("a\0b")));
    ck_assert_str_eq(buf, "");
    ck_assert(str_copy(buf, 1, EMPTY));
    ck_assert(!str_copy(buf, 0, EMPTY));
}
END_TEST

START_TEST(reads_integers)
{
    static const struct {
        const char *text;
        int64_t value;
    } GOOD[] = { { "0", 0 },
                 { "-0", 0 },
                 { "007", 7 },
                 { "-12", -12 },
                 { "9223372036854775807", INT64_MAX },
                 { "-9223372036854775808", INT64_MIN } };
    static const char *const BAD[] = { "",    "-",   "+1",
                                       " 1",  "1 ",  "1.0",
                                       "0x1", "1e3", "9223372036854775808",
                                       "--1", "1-",  "-9223372036854775809",
                                       "12a", "/",   "99999999999999999999999999" };
    int64_t n;

    for (size_t i = 0; i < ARRAY_LEN(GOOD); i++) {
        ck_assert_msg(str_to_int(str_of(GOOD[i].text), &n), "%s", GOOD[i].text);
        ck_assert_int_eq(n, GOOD[i].value);
    }
    for (size_t i = 0; i < ARRAY_LEN(BAD); i++)
        ck_assert_msg(!str_to_int(str_of(BAD[i]), &n), "%s", BAD[i]);
    ck_assert(!str_to_int(STR("1\0"), &n));
}
END_TEST

START_TEST(writes_integers)
{
    static const int64_t NUMBERS[] = { 0, 7, 10, -1, 123456789, INT64_MAX, INT64_MIN };
    char buf[INT_TEXT_SIZE];
    int64_t n;

    for (size_t i = 0; i < ARRAY_LEN(NUMBERS); i++) {
        struct str s = str_of_int(NUMBERS[i], buf);

        ck_assert(str_to_int(s, &n) && n == NUMBERS[i]);
        ck_assert_int_eq(s.at[s.len], '\0');
    }
    ck_assert(str_is(str_of_int(-42, buf), "-42"));
}
END_TEST

START_TEST(counts_edits)
{
    static const struct {
        const char *a, *b;
        size_t edits;
    } CASES[] = { { "", "", 0 },           { "a", "", 1 },         { "", "abc", 3 },
                  { "queue", "queue", 0 }, { "qeue", "queue", 1 }, { "kitten", "sitting", 3 },
                  { "abc", "cab", 2 },     { "flaw", "lawn", 2 } };
    char longer[200];

    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        ck_assert_uint_eq(str_distance(str_of(CASES[i].a), str_of(CASES[i].b)), CASES[i].edits);
        ck_assert_uint_eq(str_distance(str_of(CASES[i].b), str_of(CASES[i].a)), CASES[i].edits);
    }
    memset(longer, 'x', sizeof(longer));
    ck_assert_uint_eq(str_distance((struct str){ longer, sizeof(longer) }, EMPTY), 64);
}
END_TEST

SUITE(str, compares_texts, looks_at_both_ends_and_inside, cuts_at_the_first_separator, trims_blanks,
      copies_what_fits, reads_integers, writes_integers, counts_edits)
