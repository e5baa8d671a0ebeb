/* links: slipway_base */
#include "slipway/json.h"

#include <math.h>
#include <string.h>

#include "slipway/memory.h"
#include "suite.h"

static struct json_token tokens[512];

static struct json
read_ok(const char *text)
{
    struct json doc;
    struct error e;

    if (!json_read(&doc, str_of(text), tokens, ARRAY_LEN(tokens), &e))
        ck_abort_msg("%s: %s", text, e.text);
    return doc;
}

START_TEST(finds_members_by_name_and_path)
{
    struct json doc = read_ok(
        "{\"a\":{\"b\":[10,20],\"\":5,\"x.y\":6},\"\\u00e9\":true,\"abcdef\":1,"
        "\"abXdef\":2}");
    struct json_value root = json_root(&doc);
    int64_t n = 0;

    ck_assert_int_eq(json_type(root), JSON_OBJECT);
    ck_assert_int_eq(json_type(json_path(root, "a.b")), JSON_ARRAY);
    ck_assert_uint_eq(json_size(json_path(root, "a.b")), 2);
    ck_assert_int_eq(json_type(json_get(root, "\xC3\xA9")), JSON_TRUE);
    ck_assert(json_int(json_path(root, "a."), &n) && n == 5);
    ck_assert(json_int(json_get(root, "abXdef"), &n) && n == 2);
    ck_assert(!json_exists(json_path(root, "a.x.y")));
    ck_assert(!json_exists(json_get(root, "b")));
    ck_assert(!json_exists(json_path(root, "a.b.c")));
    ck_assert(!json_exists(json_get(json_path(root, "no.no"), "x")));
    ck_assert_str_eq(json_type_name(root), "an object");
    ck_assert_str_eq(json_type_name(json_get(root, "b")), "nothing");
    ck_assert_uint_eq(json_size(json_get(root, "b")), 0);
    ck_assert_int_eq(json_type(json_get(root, "b")), JSON_NULL);
}
END_TEST

START_TEST(walks_arrays_and_objects)
{
    struct json doc = read_ok("[{\"a\":[1,[2]],\"b\":{}},[],\"x\"]");
    struct json_cursor c, m;
    size_t elements = 0, members = 0;

    for (c = json_first(json_root(&doc)); json_exists(c.value); json_next(&c)) {
        ck_assert(!json_exists(c.key));
        elements++;
        for (m = json_first(c.value); json_exists(m.value); json_next(&m)) {
            ck_assert(json_exists(m.key));
            ck_assert(json_is(m.key, members == 0 ? "a" : "b"));
            members++;
        }
    }
    ck_assert_uint_eq(elements, 3);
    ck_assert_uint_eq(members, 2);
    c = json_first(json_get(json_root(&doc), "x"));
    ck_assert(!json_exists(c.value));
    json_next(&c);
    ck_assert(!json_exists(c.value));
}
END_TEST

START_TEST(unescapes_strings)
{
    static const struct {
        const char *json, *text;
    } CASES[] = {
        { "\"\"", "" },
        { "\"plain\"", "plain" },
        { "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\/\b\f\n\r\t" },
        { "\"\\u0041\\u00e9\\u20AC\\uFFFD\"", "A\xC3\xA9\xE2\x82\xAC\xEF\xBF\xBD" },
        { "\"x\\ud83d\\ude00y\"", "x\xF0\x9F\x98\x80y" },
        { "\"\\udbff\\udfff\"", "\xF4\x8F\xBF\xBF" },
        { "\"\\u0001\"", "\x01" },
    };

    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        struct json doc = read_ok(CASES[i].json);
        size_t len, want = strlen(CASES[i].text);
        struct json_bytes b;
        char buf[32];

        ck_assert(json_text(json_root(&doc), buf, want + 1, &len));
        ck_assert_str_eq(buf, CASES[i].text);
        ck_assert_uint_eq(len, want);
        ck_assert(json_is(json_root(&doc), CASES[i].text));
        ck_assert(!json_is(json_root(&doc), "other"));
        ck_assert(!json_text(json_root(&doc), buf, want, &len));
        ck_assert_str_eq(want > 0 ? buf : "", "");
        b = json_bytes(json_root(&doc));
        for (size_t k = 0; k < want; k++)
            ck_assert_int_eq(json_next_byte(&b), (unsigned char)CASES[i].text[k]);
        ck_assert_int_eq(json_next_byte(&b), -1);
    }
}
END_TEST

START_TEST(keeps_the_text_as_it_stands)
{
    struct json doc = read_ok("{\n \"a\": \"x\\n\", \"b\": [1, 2 ],\n\"c\":-1.50}");
    struct json_value root = json_root(&doc);
    unsigned line, column;

    ck_assert(str_is(json_raw(json_get(root, "a")), "x\\n"));
    ck_assert(str_is(json_source(json_get(root, "a")), "\"x\\n\""));
    ck_assert(str_is(json_source(json_get(root, "b")), "[1, 2 ]"));
    ck_assert(str_is(json_source(json_get(root, "c")), "-1.50"));
    ck_assert_uint_eq(json_raw(json_get(root, "d")).len, 0);
    json_place(json_get(root, "a"), &line, &column);
    ck_assert_uint_eq(line * 100 + column, 207);
    json_place(json_get(root, "c"), &line, &column);
    ck_assert_uint_eq(line * 100 + column, 305);
}
END_TEST

START_TEST(reads_integers_exactly_or_not_at_all)
{
    static const struct {
        const char *json;
        int64_t value;
    } GOOD[] = { { "0", 0 },
                 { "-0", 0 },
                 { "42", 42 },
                 { "9223372036854775807", INT64_MAX },
                 { "-9223372036854775808", INT64_MIN } };
    static const char *const BAD[] = {
        "9223372036854775808", "-9223372036854775809", "1.0", "1e3", "\"1\"", "true", "null", "[1]"
    };
    int64_t n;

    for (size_t i = 0; i < ARRAY_LEN(GOOD); i++) {
        struct json doc = read_ok(GOOD[i].json);

        ck_assert(json_int(json_root(&doc), &n));
        ck_assert_int_eq(n, GOOD[i].value);
    }
    for (size_t i = 0; i < ARRAY_LEN(BAD); i++) {
        struct json doc = read_ok(BAD[i]);

        ck_assert(!json_int(json_root(&doc), &n));
    }
}
END_TEST

static bool
to_double(const char *text, double *d)
{
    struct json doc = read_ok(text);

    return json_double(json_root(&doc), d);
}

START_TEST(reads_doubles_as_the_nearest)
{
    static const char *const NUMBERS[] = { "0",
                                           "1",
                                           "-1",
                                           "0.1",
                                           "0.2",
                                           "0.3",
                                           "300",
                                           "300.0",
                                           "3.0e2",
                                           "1e22",
                                           "1e23",
                                           "123456789012345",
                                           "1234567890123456",
                                           "9007199254740993",
                                           "9007199254740992.5",
                                           "2.2250738585072011e-308",
                                           "2.2250738585072014e-308",
                                           "4.9e-324",
                                           "2.4703282292062328e-324",
                                           "1.7976931348623157e308",
                                           "8.98846567431158e307",
                                           "0.000000000000000000000000000001",
                                           "1e-400",
                                           "123456.789e-3",
                                           "0.1234567890123456789",
                                           "37.807807921694092",
                                           "5e-324",
                                           "100000000000000000000000",
                                           "0e999999",
                                           "0.00000000000000000000000000000000000001e38",
                                           "-0",
                                           "3.141592653589793238462643383279502884",
                                           "179769313486231580793728971405301199e273",
                                           "6.02214076e23",
                                           "1.5e300" };
    double d;

    for (size_t i = 0; i < ARRAY_LEN(NUMBERS); i++) {
        ck_assert_msg(to_double(NUMBERS[i], &d), "%s", NUMBERS[i]);
        ck_assert_msg(d == strtod(NUMBERS[i], NULL), "%s: %.17g", NUMBERS[i], d);
    }
    ck_assert(to_double("-0", &d) && signbit(d));
    ck_assert(!to_double("1e400", &d));
    ck_assert(!to_double("-1e400", &d));
    ck_assert(!to_double("1.7976931348623159e308", &d));
    ck_assert(!to_double("1e99999999999999999999999", &d));
    ck_assert(to_double("1e-99999999999999999999999", &d) && d == 0);
    ck_assert(!to_double("\"1\"", &d));
}
END_TEST

START_TEST(reads_doubles_of_enormous_length)
{
    /* Half-way between 1 and the next double, then a digit far out that decides. */
    static const char HALF[] = "1.00000000000000011102230246251565404236316680908203125";
    struct buf b = { .max = 65536 };
    double d;

    ck_assert(to_double(HALF, &d) && d == 1.0);
    buf_add(&b, str_of(HALF));
    for (int i = 0; i < 5000; i++)
        buf_char(&b, '0');
    ck_assert(to_double(b.at, &d) && d == 1.0);
    buf_char(&b, '1');
    ck_assert(to_double(b.at, &d) && d > 1.0);
    buf_clear(&b);
    buf_add(&b, STR("0."));
    for (int i = 0; i < 5000; i++)
        buf_char(&b, '0');
    buf_add(&b, STR("25e5001"));
    ck_assert(to_double(b.at, &d) && d == 2.5);
    buf_free(&b);
}
END_TEST

START_TEST(knows_decimals_that_are_a_double)
{
    static const char *const EXACT[] = { "0",
                                         "-0.0",
                                         "0.1",
                                         "300",
                                         "300.0",
                                         "3e2",
                                         "1e22",
                                         "0.3",
                                         "9007199254740992",
                                         "1.7976931348623157e308",
                                         "5e-324",
                                         "2.2250738585072014e-308",
                                         "123456789012345",
                                         "1e-7",
                                         "0.30000000000000004" };
    static const char *const NOT[] = { "9007199254740993",
                                       "0.1234567890123456789",
                                       "37.807807921694092",
                                       "1e400",
                                       "1e-400",
                                       "4.1e-324",
                                       "100000000000000001",
                                       "0.1000000000000000055511151231257827" };
    double d;

    for (size_t i = 0; i < ARRAY_LEN(EXACT); i++) {
        struct json doc = read_ok(EXACT[i]);

        ck_assert_msg(json_double_exact(json_root(&doc), &d), "%s", EXACT[i]);
    }
    for (size_t i = 0; i < ARRAY_LEN(NOT); i++) {
        struct json doc = read_ok(NOT[i]);

        ck_assert_msg(!json_double_exact(json_root(&doc), &d), "%s", NOT[i]);
    }
}
END_TEST

START_TEST(says_which_member_is_wrong)
{
    struct json doc = read_ok("{\"detail\":{\"Arn\":5,\"Name\":\"digits\",\"V\":1.5}}");
    struct json_value root = json_root(&doc);
    struct error e;
    char text[7];
    int64_t n;

    ck_assert(json_get_text(root, "detail.Name", text, sizeof(text), &e));
    ck_assert_str_eq(text, "digits");
    ck_assert(!json_get_text(root, "detail.Name", text, 6, &e));
    ck_assert_str_eq(e.text, "detail.Name is longer than 5 bytes");
    ck_assert(!json_get_text(root, "detail.Arn", text, sizeof(text), &e));
    ck_assert_str_eq(e.text, "detail.Arn: a string is needed here, not a number");
    ck_assert(!json_get_text(root, "detail.None", text, sizeof(text), &e));
    ck_assert_str_eq(e.text, "detail.None is missing");
    ck_assert_int_eq(e.kind, ERROR_NOT_FOUND);
    ck_assert(json_get_int(root, "detail.Arn", &n, &e) && n == 5);
    ck_assert(!json_get_int(root, "detail.V", &n, &e));
    ck_assert_int_eq(e.kind, ERROR_INVALID);
    ck_assert(!json_get_int(root, "detail.Name", &n, &e));
}
END_TEST

SUITE(json_walk, finds_members_by_name_and_path, walks_arrays_and_objects, unescapes_strings,
      keeps_the_text_as_it_stands, reads_integers_exactly_or_not_at_all,
      reads_doubles_as_the_nearest, reads_doubles_of_enormous_length,
      knows_decimals_that_are_a_double, says_which_member_is_wrong)
