/* links: slipway_base */
#include "slipway/json.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "slipway/memory.h"
#include "suite.h"

#define MANY 400000

static struct json_token tokens[MANY];

static bool
reads(struct str text, struct error *e)
{
    struct json doc;

    return json_read(&doc, text, tokens, MANY, e);
}

/* ---- what is JSON and what is not, production by production of RFC 8259 -----------------------
 */

static const char *const ACCEPTED[] = { "null",
                                        "true",
                                        "false",
                                        "0",
                                        "-0",
                                        "7",
                                        "-7",
                                        "10",
                                        "1234567890",
                                        "0.5",
                                        "-0.5",
                                        "10.25",
                                        "1e5",
                                        "1E5",
                                        "1e+5",
                                        "1e-5",
                                        "1.5e10",
                                        "0e0",
                                        "0.0",
                                        "-0.0e-0",
                                        "1e400",
                                        "1e-400",
                                        "123456789012345678901234567890",
                                        "\"\"",
                                        "\"a\"",
                                        "\"\\\"\"",
                                        "\"\\\\\"",
                                        "\"\\/\"",
                                        "\"\\b\\f\\n\\r\\t\"",
                                        "\"\\u0041\"",
                                        "\"\\u00e9\"",
                                        "\"\\uD83D\\uDE00\"",
                                        "\"\\ud83d\\ude00\"",
                                        "\"\\uFFFF\"",
                                        "\"\x7f\"",
                                        "\"\xC2\x80\"",
                                        "\"\xDF\xBF\"",
                                        "\"\xE0\xA0\x80\"",
                                        "\"\xED\x9F\xBF\"",
                                        "\"\xEE\x80\x80\"",
                                        "\"\xEF\xBF\xBF\"",
                                        "\"\xF0\x90\x80\x80\"",
                                        "\"\xF4\x8F\xBF\xBF\"",
                                        "\"\xEF\xBB\xBF inside\"",
                                        "[]",
                                        "[ ]",
                                        "[1]",
                                        "[1,2]",
                                        "[ 1 , 2 ]",
                                        "[[]]",
                                        "[[],[]]",
                                        "[{}]",
                                        "[null,true,false,0,\"\",[],{}]",
                                        "{}",
                                        "{ }",
                                        "{\"a\":1}",
                                        "{ \"a\" : 1 }",
                                        "{\"a\":1,\"b\":2}",
                                        "{\"\":0}",
                                        "{\"a\":{\"a\":{\"a\":[]}}}",
                                        "{\"a\":1,\"A\":2}",
                                        "{\"a\":[{\"a\":1},{\"a\":2}]}",
                                        " \t\r\n1 \t\r\n",
                                        "\n[\n]\n",
                                        "\"12345678\"",
                                        "\"1234567\\\"\"",
                                        "\"1234567\xC3\xA9 8\"" };

START_TEST(accepts_every_production_of_the_grammar)
{
    struct error e;

    for (size_t i = 0; i < ARRAY_LEN(ACCEPTED); i++)
        if (!reads(str_of(ACCEPTED[i]), &e))
            ck_abort_msg("refused: %s: %s", ACCEPTED[i], e.text);
}
END_TEST

static const char *const REFUSED[] = {
    /* values */
    "", " ", "nul", "nulll", "True", "TRUE", "NaN", "nan", "Infinity", "-Infinity", "undefined",
    "'a'", "a", "{a:1}", "{'a':1}", "// x\n1", "/* x */1", "1 // x", "#x\n1", "\xEF\xBB\xBF{}",
    "1 2", "{} {}", "[] x", "null,", "1\x0b",
    "\x0c"
    "1",
    "\xC2\xA0"
    "1",
    /* numbers */
    "-", "+1", "01", "-01", "00", ".5", "1.", "-.5", "1.e5", "1e", "1e+", "1E-", "0x10", "1_000",
    "1.5.5", "1e5.5", "--1", "1-", "1a", "0e", "-a", "1.a", "\xEF\xBC\x91",
    /* strings */
    "\"", "\"a", "\"a\\\"", "\"\\", "\"\\a\"", "\"\\x41\"", "\"\\'\"", "\"\\0\"", "\"\\ \"",
    "\"\\U0041\"", "\"\\u\"", "\"\\u1\"", "\"\\u12\"", "\"\\u123\"", "\"\\u123g\"", "\"\\u 123\"",
    "\"\\u-123\"", "\"\\u0000\"", "\"a\tb\"", "\"a\nb\"", "\"a\rb\"", "\"\x01\"", "\"\x1f\"",
    "\"\\ud800\"", "\"\\udc00\"", "\"\\ud800\\ud800\"", "\"\\ud800x\"", "\"\\ud800\\u0041\"",
    "\"\\udc00\\ud800\"", "\"\\ud83d\\u\"", "\"\\ud83d\\ude0\"", "\"\\ud83d\\n\"",
    /* UTF-8 */
    "\"\x80\"", "\"\xBF\"", "\"\xC0\x80\"", "\"\xC1\xBF\"", "\"\xC3\"", "\"\xC3(\"",
    "\"\xE0\x80\x80\"", "\"\xE0\x9F\xBF\"", "\"\xE2\x82\"", "\"\xE2(\xA1\"", "\"\xE2\x82(\"",
    "\"\xED\xA0\x80\"", "\"\xED\xBF\xBF\"", "\"\xF0\x80\x80\x80\"", "\"\xF0\x8F\xBF\xBF\"",
    "\"\xF4\x90\x80\x80\"", "\"\xF5\x80\x80\x80\"", "\"\xF8\x88\x80\x80\x80\"", "\"\xFE\"",
    "\"\xFF\"", "\"\xF0\x9F\x98\"", "\"1234567890\xC3\"", "{\"\xC3\":1}",
    /* arrays */
    "[", "]", "[1", "[1,", "[1,]", "[,1]", "[,]", "[1,,2]", "[1 2]", "[1}", "[1:2]", "[[]", "[]]",
    "[\"a\" \"b\"]", "[1;2]", "[*]", "[-]",
    /* objects */
    "{", "}", "{\"a\"", "{\"a\":", "{\"a\":1", "{\"a\":1,", "{\"a\":1,}", "{,\"a\":1}", "{\"a\",1}",
    "{\"a\" 1}", "{\"a\":}", "{:1}", "{1:1}", "{null:1}", "{\"a\":1 \"b\":2}", "{\"a\":1,,\"b\":2}",
    "{\"a\"::1}", "{\"a\":1]", "{[]:1}", "{\"a\":1;\"b\":2}", "{\"a\":1:2}", "{\"a\":1}}",
    /* the same key twice */
    "{\"a\":1,\"a\":1}", "{\"a\":1,\"b\":2,\"a\":3}", "{\"\":1,\"\":2}", "{\"a\":1,\"\\u0061\":2}",
    "{\"\\u0061\":1,\"a\":2}", "{\"\\/\":1,\"/\":2}", "[{\"x\":{\"k\":[],\"k\":0}}]",
    "{\"\\ud83d\\ude00\":1,\"\xF0\x9F\x98\x80\":2}", "{\"abcdefgh\":1,\"abcd\\u0065fgh\":2}"
};

START_TEST(refuses_what_only_looks_like_json)
{
    struct error e;

    for (size_t i = 0; i < ARRAY_LEN(REFUSED); i++) {
        e.kind = ERROR_NONE;
        if (reads(str_of(REFUSED[i]), &e))
            ck_abort_msg("accepted: %s", REFUSED[i]);
        ck_assert_int_eq(e.kind, ERROR_INVALID);
        ck_assert_msg(strncmp(e.text, "line ", 5) == 0, "%s", e.text);
    }
}
END_TEST

START_TEST(refuses_nul_bytes_wherever_they_stand)
{
    static const char TEXT[] = "{\"ab\": [1, \"xy\"], \"c\": true}";
    struct error e;
    char text[sizeof(TEXT)];

    for (size_t i = 0; i <= sizeof(TEXT) - 1; i++) {
        memcpy(text, TEXT, sizeof(TEXT));
        text[i] = '\0';
        ck_assert(
            !reads((struct str){ text, i == sizeof(TEXT) - 1 ? i + 1 : sizeof(TEXT) - 1 }, &e));
    }
}
END_TEST

START_TEST(refuses_every_beginning_of_a_document)
{
    static const char TEXT[] =
        "{\"a\\u0041\\ud83d\\ude00\xC3\xA9\":[1.5e-7,true,null,{}],\"b\":{\"c\":[[\"x\"]]}}";
    struct error e;

    for (size_t i = 0; i < sizeof(TEXT) - 1; i++) {
        char *exact = xmalloc(i); /* So that a read past the end shows under a checker. */

        memcpy(exact, TEXT, i);
        ck_assert(!reads((struct str){ exact, i }, &e));
        free(exact);
    }
    ck_assert(reads(str_of(TEXT), &e));
}
END_TEST

START_TEST(says_where_and_what)
{
    static const struct {
        const char *text, *message;
    } CASES[] = {
        { "", "line 1, column 1: the text ends where a value is needed" },
        { "{\"a\":1,\n  \"b\":}", "line 2, column 7: a value is needed here, not '}'" },
        { "[1,\n2,\n  3", "line 3, column 4: the text ends where ',' or ']' is needed" },
        { "{\"source\":1, \"x\":2, \"source\":3}",
          "line 1, column 21: the key \"source\" occurs twice in one object" },
        { "[1,]", "line 1, column 4: a value is needed here, not ']'" },
        { "{\"a\":1,}", "line 1, column 8: a key in double quotes is needed here, not '}'" },
        { "{\"a\" 1}", "line 1, column 6: ':' is needed here, not '1'" },
        { "{'a':1}", "line 1, column 2: a key in double quotes is needed here, not '''" },
        { "01", "line 1, column 1: a number must not start with 0" },
        { "1.x", "line 1, column 3: a digit is needed here, not 'x'" },
        { "\"a\\q\"", "line 1, column 3: no such escape in a string" },
        { "\"a\nb\"", "line 1, column 3: a control character in a string must be escaped" },
        { "\"ab\xFF\"", "line 1, column 4: invalid UTF-8" },
        { "\"\\ud800\"", "line 1, column 2: half of a surrogate pair" },
        { "\"\\u0000\"", "line 1, column 2: \\u0000 is not accepted" },
        { "{} x", "line 1, column 4: something follows the value" },
        { "[1\x01]", "line 1, column 3: ',' or ']' is needed here, not byte 0x01" },
        { "tru", "line 1, column 1: a value is needed here" },
    };
    struct error e;

    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        ck_assert(!reads(str_of(CASES[i].text), &e));
        ck_assert_str_eq(e.text, CASES[i].message);
    }
}
END_TEST

START_TEST(cuts_a_long_key_between_characters)
{
    struct buf b = { .max = 4096 };
    struct error e;

    buf_add(&b, STR("{\"a"));
    for (int i = 0; i < 100; i++)
        buf_add(&b, STR("\xC3\xA9"));
    buf_add(&b, STR("\":1,\"a"));
    for (int i = 0; i < 100; i++)
        buf_add(&b, STR("\xC3\xA9"));
    buf_add(&b, STR("\":2}"));
    ck_assert(!reads(buf_str(&b), &e));
    buf_clear(&b);
    buf_printf(&b, "\"%s\"", strchr(e.text, 'k')); /* Would hold half a character. */
    for (size_t i = 1; i + 1 < b.len; i++)
        b.at[i] = b.at[i] == '"' ? ' ' : b.at[i];
    ck_assert(reads(buf_str(&b), &e));
    buf_free(&b);
}
END_TEST

/* ---- bounds --------------------------------------------------------------------------------- */

static double
seconds(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

START_TEST(bounds_the_depth)
{
    char text[300000];
    struct error e;

    memset(text, '[', 64);
    memset(text + 64, ']', 64);
    ck_assert(reads((struct str){ text, 128 }, &e));
    memset(text, '[', 65);
    memset(text + 65, ']', 65);
    ck_assert(!reads((struct str){ text, 130 }, &e));
    ck_assert_str_eq(e.text, "line 1, column 65: nested deeper than 64 levels");
    memset(text, '[', 100000);
    memset(text + 100000, ']', 100000);
    ck_assert(!reads((struct str){ text, 200000 }, &e));
    for (int i = 0; i < 50000; i++)
        memcpy(text + (size_t)i * 5, "{\"a\":", 5);
    ck_assert(!reads((struct str){ text, 250000 }, &e));
}
END_TEST

START_TEST(bounds_the_number_of_tokens)
{
    struct json_token few[4];
    struct json doc;
    struct error e;

    ck_assert(json_read(&doc, STR("[1,2,3]"), few, 4, &e));
    ck_assert_uint_eq(doc.count, 4);
    ck_assert(!json_read(&doc, STR("[1,2,3,4]"), few, 4, &e));
    ck_assert_str_eq(e.text, "line 1, column 8: more than 4 values and keys");
    ck_assert(!json_read(&doc, STR("{\"a\":1,\"b\":2}"), few, 4, &e));
    ck_assert(!json_read(&doc, STR("1"), few, 0, &e));
}
END_TEST

START_TEST(refuses_texts_that_are_too_long)
{
    static char text[JSON_TEXT_MAX + 1];
    struct error e;

    memset(text, ' ', sizeof(text));
    text[0] = '1';
    ck_assert(reads((struct str){ text, JSON_TEXT_MAX }, &e));
    ck_assert(!reads((struct str){ text, JSON_TEXT_MAX + 1 }, &e));
}
END_TEST

START_TEST(reads_a_mebibyte_of_empty_objects_quickly)
{
    struct buf b = { .max = 1048576 };
    struct json_token few[1024];
    struct json doc;
    struct error e;
    double began;

    buf_char(&b, '[');
    while (b.len + 4 < b.max)
        buf_add(&b, STR("{},"));
    buf_add(&b, STR("0]"));
    began = seconds();
    ck_assert(reads(buf_str(&b), &e));
    ck_assert(!json_read(&doc, buf_str(&b), few, ARRAY_LEN(few), &e));
    ck_assert_msg(seconds() - began < 1 * patience(), "%f s", seconds() - began);
    buf_free(&b);
}
END_TEST

/* Members in an order that is neither sorted nor random: i -> i * step modulo a prime. */
static void
write_members(struct buf *b, unsigned count, const char *key_format, unsigned last)
{
    buf_clear(b);
    for (unsigned i = 1; i <= count; i++) {
        buf_add(b, i == 1 ? STR("{") : STR(","));
        buf_printf(b, key_format, (unsigned)((uint64_t)i * 48271 % 100003));
    }
    buf_char(b, ',');
    buf_printf(b, key_format, last);
    buf_char(b, '}');
}

START_TEST(finds_a_double_key_among_a_hundred_thousand_members_quickly)
{
    static const char *const FORMATS[] = { "\"%06u\":1", "\"\\u0061%06u\":1",
                                           "\"same%06utail\":1" }; /* The last: one signature. */
    struct buf b = { .max = 4U * 1048576 };
    struct error e;
    double began = seconds();

    for (size_t i = 0; i < ARRAY_LEN(FORMATS); i++) {
        write_members(&b, 100000, FORMATS[i], 100003);
        if (!reads(buf_str(&b), &e))
            ck_abort_msg("%s", e.text);
        write_members(&b, 100000, FORMATS[i], 77777);
        ck_assert(!reads(buf_str(&b), &e));
        ck_assert_ptr_nonnull(strstr(e.text, "77777"));
    }
    /* About 0.2 s; comparing every pair would take minutes. */
    ck_assert_msg(seconds() - began < 5 * patience(), "%f s", seconds() - began);
    buf_free(&b);
}
END_TEST

START_TEST(finds_a_double_key_at_every_place_of_small_and_large_objects)
{
    struct buf b = { .max = 65536 };
    struct error e;

    for (unsigned size = 2; size <= 40; size++) {
        for (unsigned first = 0; first < size; first++) {
            for (unsigned second = first + 1; second < size; second++) {
                buf_clear(&b);
                for (unsigned i = 0; i < size; i++)
                    buf_printf(&b, "%s\"key%u\":{\"key0\":[]}", i == 0 ? "{" : ",",
                               i == second ? first : i);
                buf_char(&b, '}');
                ck_assert(!reads(buf_str(&b), &e));
            }
        }
    }
    buf_free(&b);
}
END_TEST

START_TEST(leaves_the_tape_whole_after_looking_for_double_keys)
{
    struct buf b = { .max = 65536 };
    struct json_cursor c;
    struct json doc;
    struct error e;
    unsigned i = 0;
    int64_t n;

    for (i = 0; i < 500; i++)
        buf_printf(&b, "%s\"k%u\":[%u,{\"x\":0}]", i == 0 ? "{" : ",", 499 - i, i);
    buf_char(&b, '}');
    ck_assert(json_read(&doc, buf_str(&b), tokens, MANY, &e));
    i = 0;
    for (c = json_first(json_root(&doc)); json_exists(c.value); json_next(&c), i++) {
        ck_assert(json_int(json_first(c.value).value, &n));
        ck_assert_int_eq(n, i);
        ck_assert_uint_eq(doc.tokens[c.key.at].next, c.key.at + 1);
    }
    ck_assert_uint_eq(i, 500);
    buf_free(&b);
}
END_TEST

START_TEST(may_keep_keys_that_occur_again)
{
    struct json doc;
    struct error e;
    int64_t n;

    ck_assert(json_read_repeating(&doc, STR("{\"a\":1,\"b\":2,\"a\":3}"), tokens, MANY, &e));
    ck_assert_uint_eq(json_size(json_root(&doc)), 3);
    ck_assert(json_get_int(json_root(&doc), "a", &n, &e));
    ck_assert_int_eq(n, 1);
    ck_assert(!json_read_repeating(&doc, STR("{\"a\":1,}"), tokens, MANY, &e));
}
END_TEST

SUITE(json, accepts_every_production_of_the_grammar, refuses_what_only_looks_like_json,
      refuses_nul_bytes_wherever_they_stand, refuses_every_beginning_of_a_document,
      says_where_and_what, cuts_a_long_key_between_characters, bounds_the_depth,
      bounds_the_number_of_tokens, refuses_texts_that_are_too_long,
      reads_a_mebibyte_of_empty_objects_quickly,
      finds_a_double_key_among_a_hundred_thousand_members_quickly,
      finds_a_double_key_at_every_place_of_small_and_large_objects,
      leaves_the_tape_whole_after_looking_for_double_keys, may_keep_keys_that_occur_again)
