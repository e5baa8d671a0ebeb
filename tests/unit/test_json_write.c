/* links: slipway_base */
#include "slipway/json_write.h"

#include <math.h>
#include <string.h>

#include "slipway/json.h"
#include "suite.h"

static struct buf buf = { .max = 65536 };

static void
reads_back(void)
{
    struct json_token tokens[512];
    struct json doc;
    struct error e;

    if (!json_read(&doc, buf_str(&buf), tokens, ARRAY_LEN(tokens), &e))
        ck_abort_msg("%s: %s", buf.at, e.text);
}

START_TEST(puts_commas_where_they_belong)
{
    struct json_out w = json_out(&buf);

    buf_clear(&buf);
    json_open(&w, '{');
    json_member(&w, "a", STR("x"));
    json_key(&w, "b");
    json_open(&w, '[');
    json_close(&w, ']');
    json_key(&w, "c");
    json_open(&w, '[');
    json_int_value(&w, -1);
    json_null(&w);
    json_open(&w, '{');
    json_close(&w, '}');
    json_open(&w, '{');
    json_member_bool(&w, "t", true);
    json_member_int(&w, "n", INT64_MIN);
    json_close(&w, '}');
    json_bool_value(&w, false);
    json_close(&w, ']');
    json_key_str(&w, STR("d"));
    json_verbatim(&w, STR("[1, 2]"));
    json_close(&w, '}');
    ck_assert_str_eq(buf.at, "{\"a\":\"x\",\"b\":[],\"c\":[-1,null,{},{\"t\":true,"
                             "\"n\":-9223372036854775808},false],\"d\":[1, 2]}");
    reads_back();
}
END_TEST

START_TEST(writes_strings_that_read_back)
{
    static const struct {
        const char *text, *json;
    } CASES[] = {
        { "", "\"\"" },
        { "a\"b\\c/d", "\"a\\\"b\\\\c/d\"" },
        { "\b\f\n\r\t", "\"\\b\\f\\n\\r\\t\"" },
        { "\x01\x1f\x7f", "\"\\u0001\\u001f\\u007f\"" },
        { "\xC3\xA9\xF0\x9F\x98\x80", "\"\xC3\xA9\xF0\x9F\x98\x80\"" },
        { "a\xFF"
          "b",
          "\"a\xEF\xBF\xBD"
          "b\"" },
        { "\xC3", "\"\xEF\xBF\xBD\"" },
        { "\xED\xA0\x80", "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\"" },
        { "\xF4\x90\x80\x80z", "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBDz\"" },
    };

    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        struct json_out w = json_out(&buf);

        buf_clear(&buf);
        json_string(&w, str_of(CASES[i].text));
        ck_assert_str_eq(buf.at, CASES[i].json);
        reads_back();
    }
}
END_TEST

START_TEST(writes_nul_as_a_replacement)
{
    struct json_out w = json_out(&buf);

    buf_clear(&buf);
    json_string(&w, STR("a\0b"));
    ck_assert_str_eq(buf.at, "\"a\xEF\xBF\xBD"
                             "b\"");
}
END_TEST

START_TEST(writes_any_two_bytes_so_that_they_read_back)
{
    for (unsigned i = 0; i < 65536; i++) {
        char bytes[2] = { (char)(i >> 8), (char)(i & 0xFF) };
        struct json_out w = json_out(&buf);

        buf_clear(&buf);
        json_string(&w, (struct str){ bytes, 2 });
        reads_back();
    }
}
END_TEST

START_TEST(writes_the_shortest_double)
{
    static const struct {
        double d;
        const char *text;
    } CASES[] = {
        { 0, "0" },
        { -0.0, "-0" },
        { 1, "1" },
        { 0.1, "0.1" },
        { 0.95, "0.95" },
        { 1.0 / 3, "0.3333333333333333" },
        { 300, "300" },
        { 1e22, "1e+22" },
        { 0.1 + 0.2, "0.30000000000000004" },
        { 5e-324, "5e-324" },
        { 9007199254740993.0, "9007199254740992" },
        { 1.7976931348623157e308, "1.7976931348623157e+308" },
        { (double)NAN, "null" },
        { (double)INFINITY, "null" },
        { -(double)INFINITY, "null" },
    };

    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        struct json_out w = json_out(&buf);

        buf_clear(&buf);
        json_double_value(&w, CASES[i].d);
        ck_assert_str_eq(buf.at, CASES[i].text);
        reads_back();
    }
}
END_TEST

START_TEST(stops_at_the_bound_of_the_buffer)
{
    struct buf small = { .max = 10 };
    struct json_out w = json_out(&small);

    json_open(&w, '[');
    json_string(&w, STR("0123456789"));
    json_int_value(&w, 5);
    json_close(&w, ']');
    ck_assert(small.overflow);
    ck_assert_uint_le(small.len, 10);
    buf_free(&small);
}
END_TEST

SUITE(json_write, puts_commas_where_they_belong, writes_strings_that_read_back,
      writes_nul_as_a_replacement, writes_any_two_bytes_so_that_they_read_back,
      writes_the_shortest_double, stops_at_the_bound_of_the_buffer)
