/* links: slipway_rules slipway_base */

/* Patterns that are refused, bounds of time and memory, and the sentences of explain. */
#include "slipway/pattern.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "slipway/memory.h"
#include "suite.h"

static struct error e;

static void
refuses(const char *pattern, const char *message)
{
    e = (struct error){ .kind = ERROR_NONE };
    if (pattern_check(str_of(pattern), &e))
        ck_abort_msg("accepted: %s", pattern);
    ck_assert_int_eq(e.kind, ERROR_INVALID);
    if (message != NULL)
        ck_assert_str_eq(e.text, message);
}

static const struct {
    const char *pattern, *message;
} WRONG[] = {
    { "[1]", "line 1, column 1: a pattern is an object, not an array" },
    { "\"x\"", "line 1, column 1: a pattern is an object, not a string" },
    { "{}", "line 1, column 1: empty objects are not allowed" },
    { "{\"a\":\n {}}", "line 2, column 2: empty objects are not allowed" },
    { "{\"a\":[]}", "line 1, column 6: empty arrays are not allowed" },
    { "{\"a\":1}", "line 1, column 6: \"a\" must be an object or an array, not a number" },
    { "{\"a\":[[1]]}", "line 1, column 7: an array is no candidate" },
    { "{\"a\":[{}]}", "line 1, column 7: an empty object is no candidate" },
    { "{\"a\":[{\"prefix\":\"x\",\"suffix\":\"y\"}]}",
      "line 1, column 7: only one key is allowed in a match expression" },
    { "{\"a\":[{\"Prefix\":\"x\"}]}", "line 1, column 8: unrecognized match type \"Prefix\"" },
    { "{\"a\":[{\"prefix\":1}]}",
      "line 1, column 17: the operand of prefix must be a string, not a number" },
    { "{\"a\":[{\"suffix\":{\"wildcard\":\"x\"}}]}",
      "line 1, column 18: suffix does not know \"wildcard\", only equals-ignore-case" },
    { "{\"a\":[{\"wildcard\":\"a**b\"}]}",
      "line 1, column 19: consecutive wildcard characters at position 2 of the wildcard" },
    { "{\"a\":[{\"wildcard\":\"ab\\\\c\"}]}",
      "line 1, column 19: invalid escape character at position 3 of the wildcard" },
    { "{\"a\":[{\"numeric\":[\">\",5,\"<\",5]}]}",
      "line 1, column 18: the lower bound of a numeric range must be less than the upper" },
    { "{\"a\":[{\"numeric\":[\"==\",5]}]}",
      "line 1, column 19: bad operator of a numeric range: ==" },
    { "{\"a\":[{\"numeric\":[\"<\"]}]}", "line 1, column 18: the value of < is missing" },
    { "{\"a\":[{\"numeric\":[\"<\",\"5\"]}]}",
      "line 1, column 23: the value of < must be a number, not a string" },
    { "{\"a\":[{\"numeric\":[\"=\",1e400]}]}",
      "line 1, column 23: 1e400 has more digits than a number can be compared by" },
    { "{\"a\":[{\"cidr\":\"10.0.0.0\"}]}", "line 1, column 15: malformed cidr, one '/' is needed" },
    { "{\"a\":[{\"cidr\":\"10.0.0/8\"}]}", "line 1, column 15: nonstandard IP address: 10.0.0" },
    { "{\"a\":[{\"cidr\":\"10.0.0.0/32\"}]}",
      "line 1, column 15: the mask of a cidr must have fewer than 32 bits" },
    { "{\"a\":[{\"exists\":\"true\"}]}",
      "line 1, column 17: the operand of exists must be either true or false" },
    { "{\"a\":[{\"anything-but\":[1,\"x\"]}]}",
      "line 1, column 26: inside anything-but all values must be strings or all numbers" },
    { "{\"a\":[{\"anything-but\":null}]}", "line 1, column 23: anything-but needs a string, a "
                                           "number, a list or an object, not null" },
    { "{\"$or\":[{\"a\":[1]}]}", "line 1, column 8: $or needs at least 2 objects" },
    { "{\"$or\":[{\"a\":[1]},5]}",
      "line 1, column 19: only objects are allowed in the array of $or, not a number" },
    { "{\"$or\":[{\"prefix\":[\"a\"]},{\"b\":[1]}]}",
      "line 1, column 10: \"prefix\" is an operator, $or needs fields here" },
    { "{\"a\":[1]} x", "line 1, column 11: something follows the value" },
    { "{'a':[1]}", "line 1, column 2: a key in double quotes is needed here, not '''" },
};

START_TEST(says_what_is_wrong_and_where)
{
    for (size_t i = 0; i < ARRAY_LEN(WRONG); i++)
        refuses(WRONG[i].pattern, WRONG[i].message);
}
END_TEST

static const char *const MALFORMED[] = {
    "{\"exactly\":1}",
    "{\"exactly\":[\"x\"]}",
    "{\"prefix\":[\"x\"]}",
    "{\"prefix\":null}",
    "{\"prefix\":{\"equals-ignore-case\":1}}",
    "{\"prefix\":{}}",
    "{\"prefix\":{\"equals-ignore-case\":\"x\",\"y\":1}}",
    "{\"suffix\":{\"equals-ignore-case\":[\"x\"]}}",
    "{\"equals-ignore-case\":[\"x\"]}",
    "{\"equals-ignore-case\":1}",
    "{\"wildcard\":1}",
    "{\"wildcard\":[\"x\"]}",
    "{\"wildcard\":\"x\\\\\"}",
    "{\"wildcard\":\"**\"}",
    "{\"wildcard\":\"\\\\?\"}",
    "{\"numeric\":5}",
    "{\"numeric\":[]}",
    "{\"numeric\":[5]}",
    "{\"numeric\":[\"<\",5,\">\",1]}",
    "{\"numeric\":[\"=\",5,\"<\",9]}",
    "{\"numeric\":[\">\",1,\">\",2]}",
    "{\"numeric\":[\">\",1,\"=\",2]}",
    "{\"numeric\":[\">\",1,\"<\"]}",
    "{\"numeric\":[\">\",1,\"<\",2,\"<\",3]}",
    "{\"numeric\":[\"!=\",5]}",
    "{\"numeric\":[\">=\",1,\"<=\",1]}",
    "{\"numeric\":[\">\",5,\"<\",1]}",
    "{\"numeric\":[\"<\",9007199254740993]}",
    "{\"numeric\":[true,5]}",
    "{\"cidr\":5}",
    "{\"cidr\":\"\"}",
    "{\"cidr\":\"/\"}",
    "{\"cidr\":\"10.0.0.0/\"}",
    "{\"cidr\":\"10.0.0.0/x\"}",
    "{\"cidr\":\"10.0.0.0/-1\"}",
    "{\"cidr\":\"10.0.0.0/8/8\"}",
    "{\"cidr\":\"10.0.0.0/33\"}",
    "{\"cidr\":\"::/128\"}",
    "{\"cidr\":\"::ffff:1:2/100\"}",
    "{\"cidr\":\"::1::/8\"}",
    "{\"cidr\":\"10.0.0.0/99999999999999999999\"}",
    "{\"exists\":null}",
    "{\"exists\":1}",
    "{\"anything-but\":[]}",
    "{\"anything-but\":true}",
    "{\"anything-but\":[null]}",
    "{\"anything-but\":[true]}",
    "{\"anything-but\":[[1]]}",
    "{\"anything-but\":{}}",
    "{\"anything-but\":{\"prefix\":\"\"}}",
    "{\"anything-but\":{\"suffix\":\"\"}}",
    "{\"anything-but\":{\"prefix\":[]}}",
    "{\"anything-but\":{\"prefix\":1}}",
    "{\"anything-but\":{\"prefix\":[\"x\",1]}}",
    "{\"anything-but\":{\"prefix\":{\"equals-ignore-case\":\"x\"}}}",
    "{\"anything-but\":{\"numeric\":[\"<\",5]}}",
    "{\"anything-but\":{\"exists\":true}}",
    "{\"anything-but\":{\"cidr\":\"::/0\"}}",
    "{\"anything-but\":{\"anything-but\":1}}",
    "{\"anything-but\":{\"prefix\":\"x\",\"suffix\":\"y\"}}",
    "{\"anything-but\":{\"wildcard\":\"**\"}}",
    "{\"anything-but\":{\"equals-ignore-case\":1}}",
    "{\"regex\":\"x\"}",
    "{\"EXISTS\":true}",
    "{\"\":1}",
    "[]",
    "[1]"
};

START_TEST(refuses_every_malformed_candidate)
{
    char text[256];

    for (size_t i = 0; i < ARRAY_LEN(MALFORMED); i++) {
        snprintf(text, sizeof(text), "{\"a\":[%s]}", MALFORMED[i]);
        refuses(text, NULL);
        snprintf(text, sizeof(text), "{\"a\":[\"ok\",%s]}", MALFORMED[i]);
        refuses(text, NULL);
    }
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

/* `count` times `part`, in which "%u" is the number. */
static void
repeat(struct buf *b, unsigned count, const char *before, const char *after)
{
    for (unsigned i = 0; i < count; i++)
        buf_printf(b, "%s%s%u%s", i > 0 ? "," : "", before, i, after);
}

START_TEST(bounds_fields_and_alternatives)
{
    struct buf b = { .max = 2U * PATTERN_TEXT_MAX };

    buf_char(&b, '{');
    repeat(&b, PATTERN_FIELDS_MAX, "\"a", "\":[1]");
    buf_char(&b, '}');
    ck_assert(pattern_check(buf_str(&b), &e));
    b.len--;
    buf_add(&b, STR(",\"x\":[1]}"));
    refuses(b.at, NULL);
    ck_assert_ptr_nonnull(strstr(e.text, "more than 256 fields"));
    /* 10 * 10 * 10 combinations are allowed, 11 * 10 * 10 are not. */
    for (unsigned first = 10; first <= 11; first++) {
        buf_clear(&b);
        for (unsigned i = 0; i < 3; i++) {
            buf_printf(&b, "%s\"k%u\":{\"$or\":[", i == 0 ? "{" : ",", i);
            repeat(&b, i == 0 ? first : 10, "{\"a\":[", "]}");
            buf_add(&b, STR("]}"));
        }
        buf_char(&b, '}');
        ck_assert(pattern_check(buf_str(&b), &e) == (first == 10));
    }
    ck_assert_ptr_nonnull(strstr(e.text, "$or makes more than 1000 combinations"));
    buf_clear(&b);
    while (b.len <= PATTERN_TEXT_MAX)
        buf_char(&b, ' ');
    refuses(b.at, "a pattern has at most 65536 bytes, not 65537");
    buf_clear(&b);
    buf_add(&b, STR("{\""));
    for (int i = 0; i < 5000; i++)
        buf_char(&b, 'k');
    buf_add(&b, STR("\":[1]}"));
    refuses(b.at, "line 1, column 2: the path is longer than 4096 bytes");
    buf_free(&b);
}
END_TEST

static struct json_token tokens[400000];

static bool
match_text(const char *pattern, struct str event)
{
    struct pattern *p = pattern_new(str_of(pattern), &e);
    struct json doc;
    bool matched;

    if (p == NULL || !json_read_repeating(&doc, event, tokens, ARRAY_LEN(tokens), &e))
        ck_abort_msg("%s", e.text);
    matched = pattern_match(p, json_root(&doc));
    pattern_free(p);
    return matched;
}

START_TEST(matches_wildcards_in_linear_time)
{
    struct buf text = { .max = 1048576 }, pattern = { .max = PATTERN_TEXT_MAX };
    double began = seconds();

    buf_add(&text, STR("{\"a\":\""));
    while (text.len + 8 < text.max)
        buf_char(&text, 'a');
    buf_add(&text, STR("\"}"));
    buf_add(&pattern, STR("{\"a\":[{\"wildcard\":\""));
    for (int i = 0; i < 2000; i++)
        buf_add(&pattern, STR("*aaaaaaaaaa"));
    buf_add(&pattern, STR("b*\"}]}"));
    ck_assert(!match_text(pattern.at, buf_str(&text)));
    ck_assert(match_text("{\"a\":[{\"wildcard\":\"*a*a*a*a*a*a*a*a*a*a*\"}]}", buf_str(&text)));
    ck_assert(!match_text("{\"a\":[{\"wildcard\":\"*a*a*a*a*a*a*a*a*a*a*b\"}]}", buf_str(&text)));
    ck_assert_msg(seconds() - began < 2 * patience(), "%f s", seconds() - began);
    buf_free(&text);
    buf_free(&pattern);
}
END_TEST

/* Elements that satisfy one field each, so that every choice fails late. */
START_TEST(searches_arrays_in_linear_time)
{
    struct buf b = { .max = 1048576 };
    double began = seconds();

    buf_add(&b, STR("{\"a\":["));
    for (unsigned i = 0; b.len < 900000; i++)
        buf_printf(&b, "%s{\"x\":1},{\"y\":1},{\"z\":[{\"u\":1},{\"v\":1}]}", i > 0 ? "," : "");
    buf_add(&b, STR("],\"b\":["));
    for (unsigned i = 0; i < 3000; i++)
        buf_printf(&b, "%s{\"x\":1}", i > 0 ? "," : "");
    buf_add(&b, STR("]}"));
    ck_assert(!match_text("{\"a\":{\"x\":[1],\"y\":[1]}}", buf_str(&b)));
    ck_assert(!match_text("{\"a\":{\"z\":{\"u\":[1],\"v\":[1]}},\"b\":{\"x\":[1]}}", buf_str(&b)));
    ck_assert(!match_text("{\"a\":{\"x\":[1]},\"b\":{\"x\":[1],\"y\":[1]}}", buf_str(&b)));
    ck_assert(!match_text("{\"a\":{\"x\":[1],\"y\":[{\"exists\":false}],\"z\":{\"u\":[1]}}}",
                          buf_str(&b)));
    ck_assert_msg(seconds() - began < 2 * patience(), "%f s", seconds() - began);
    buf_free(&b);
}
END_TEST

/* The last element satisfies all; in each before it, two inner arrays invite to try all pairs. */
START_TEST(goes_back_to_the_array_that_is_to_blame)
{
    struct buf b = { .max = 1048576 };

    buf_add(&b, STR("{\"a\":["));
    for (unsigned i = 0; i <= 100; i++) {
        buf_printf(&b, "%s{\"b\":[{\"u\":1}", i > 0 ? "," : "");
        for (unsigned k = 0; k < 250; k++)
            buf_add(&b, STR(",{\"u\":1}"));
        buf_add(&b, STR("],\"d\":[{\"u\":1}"));
        for (unsigned k = 0; k < 250; k++)
            buf_add(&b, STR(",{\"u\":1}"));
        buf_add(&b, i < 100 ? STR("]}") : STR("],\"e\":1}"));
    }
    buf_add(&b, STR("]}"));
    ck_assert(match_text("{\"a\":{\"b\":{\"u\":[1]},\"d\":{\"u\":[1]},\"e\":[1]}}", buf_str(&b)));
    buf_free(&b);
}
END_TEST

START_TEST(gives_up_on_what_would_take_for_ever)
{
    struct buf b = { .max = 1048576 }, pattern = { .max = 4096 };
    double began = seconds();

    /* A key with a dot, a field that may be absent, and 200 to the 8th ways to fail. */
    buf_add(&b, STR("{\"x.y\":1"));
    buf_add(&pattern, STR("{\"a\":[{\"exists\":false}]"));
    for (unsigned i = 0; i < 8; i++) {
        buf_printf(&pattern, ",\"k%u\":{\"y\":[1]}", i);
        buf_printf(&b, ",\"k%u\":[{\"y\":1}", i);
        for (unsigned k = 1; k < 200; k++)
            buf_add(&b, STR(",{\"y\":1}"));
        buf_char(&b, ']');
    }
    buf_char(&b, '}');
    buf_char(&pattern, '}');
    ck_assert(match_text(pattern.at, buf_str(&b)));
    pattern.len--;
    buf_add(&pattern, STR(",\"z\":[1]}"));
    ck_assert(!match_text(pattern.at, buf_str(&b)));
    ck_assert_msg(seconds() - began < 3 * patience(), "%f s", seconds() - began);
    buf_free(&b);
    buf_free(&pattern);
}
END_TEST

START_TEST(bounds_the_stack)
{
    struct buf event = { .max = 1048576 }, pattern = { .max = PATTERN_TEXT_MAX };

    buf_char(&event, '{');
    buf_char(&pattern, '{');
    for (unsigned i = 0; i < PATTERN_FIELDS_MAX; i++) {
        buf_printf(&pattern, "%s\"k%u\":[1]", i > 0 ? "," : "", i);
        buf_printf(&event, "%s\"k%u\":", i > 0 ? "," : "", i);
        for (int d = 0; d < JSON_DEPTH_MAX - 1; d++)
            buf_char(&event, '[');
        buf_char(&event, '1');
        for (int d = 0; d < JSON_DEPTH_MAX - 1; d++)
            buf_char(&event, ']');
    }
    buf_char(&event, '}');
    buf_char(&pattern, '}');
    ck_assert(!match_text(pattern.at, buf_str(&event))); /* Past PATTERN_LEVELS_MAX. */
    ck_assert(match_text("{\"k0\":[1],\"k255\":[1]}", buf_str(&event)));
    buf_free(&event);
    buf_free(&pattern);
}
END_TEST

/* ---- explain -------------------------------------------------------------------------------- */

START_TEST(explains_in_one_sentence)
{
    static const char EVENT[] = "{\"m\":{\"v\":0.9511,\"s\":\"FAIL\",\"l\":[3,4]},\"x\":null,"
                                "\"p\":[{\"f\":1,\"l\":1},{\"f\":2,\"l\":2}],\"ip\":\"10.1.0.1\"}";
    static const struct {
        const char *pattern, *sentence;
    } CASES[] = {
        { "{\"m\":{\"v\":[{\"numeric\":[\">=\",0.95]}]}}", NULL },
        { "{\"m\":{\"v\":[{\"numeric\":[\">=\",0.96]}]}}", "m.v is 0.9511, needed >= 0.96" },
        { "{\"m\":{\"v\":[{\"numeric\":[\">\",0,\"<=\",0.5]}]}}",
          "m.v is 0.9511, needed > 0 and <= 0.5" },
        { "{\"m\":{\"v\":[{\"numeric\":[\"=\",1.0]}]}}", "m.v is 0.9511, needed = 1.0" },
        { "{\"m\":{\"s\":[\"PASS\",{\"prefix\":\"OK\"}]}}",
          "m.s is \"FAIL\", needed \"PASS\" or a text starting with \"OK\"" },
        { "{\"m\":{\"n\":[400]}}", "m.n is missing, needed 400" },
        { "{\"m\":[true]}", "m is missing, needed true" },
        { "{\"m\":{\"l\":[5,null,false]}}", "m.l is 3, needed 5 or null or false" },
        { "{\"m\":{\"s\":[{\"exists\":false}]}}", "m.s is \"FAIL\", needed no value" },
        { "{\"m\":{\"s\":[{\"exists\":false},\"x\"]}}",
          "m.s is \"FAIL\", needed no value or \"x\"" },
        { "{\"y\":[{\"exists\":true}]}", "y is missing, needed any value" },
        { "{\"m\":{\"s\":[{\"anything-but\":[\"FAIL\",\"ERROR\"]}]}}",
          "m.s is \"FAIL\", needed anything but \"FAIL\", \"ERROR\"" },
        { "{\"m\":{\"s\":[{\"anything-but\":{\"wildcard\":\"F*L\"}}]}}",
          "m.s is \"FAIL\", needed anything but a text like \"F*L\"" },
        { "{\"m\":{\"s\":[{\"suffix\":\"x\"},{\"equals-ignore-case\":\"y\"}]}}",
          "m.s is \"FAIL\", needed a text ending with \"x\" or \"y\" in any case" },
        { "{\"ip\":[{\"cidr\":\"10.0.0.0/16\"}]}",
          "ip is \"10.1.0.1\", needed an address in 10.0.0.0/16" },
        { "{\"p\":{\"f\":[1],\"l\":[2]}}",
          "p.l is 2 only in other array elements than the fields before it" },
        { "{\"x\":[1],\"m\":{\"v\":[1]}}", "x is null, needed 1" },
        { "{\"$or\":[{\"x\":[1],\"y\":[1]},{\"m\":{\"v\":[1]}}]}", "m.v is 0.9511, needed 1" },
    };
    char sentence[PATTERN_SENTENCE_SIZE];
    struct pattern_miss misses[4];
    struct json doc;

    ck_assert(json_read(&doc, str_of(EVENT), tokens, ARRAY_LEN(tokens), &e));
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        struct pattern *p = pattern_new(str_of(CASES[i].pattern), &e);
        size_t count;

        ck_assert_ptr_nonnull(p);
        count = pattern_explain(p, json_root(&doc), misses, ARRAY_LEN(misses));
        ck_assert_msg((count == 0) == (CASES[i].sentence == NULL), "%s", CASES[i].pattern);
        if (count > 0)
            ck_assert_str_eq(pattern_sentence(&misses[0], sentence), CASES[i].sentence);
        pattern_free(p);
    }
}
END_TEST

START_TEST(cuts_long_explanations_between_characters)
{
    struct buf text = { .max = 65536 };
    struct pattern_miss miss;
    struct pattern *p;
    struct json doc;

    buf_add(&text, STR("{\"k\":\"x"));
    for (int i = 0; i < 200; i++)
        buf_add(&text, STR("\xC3\xA9"));
    buf_add(&text, STR("\"}"));
    ck_assert(json_read(&doc, buf_str(&text), tokens, ARRAY_LEN(tokens), &e));
    p = pattern_new(STR("{\"k\":[1]}"), &e);
    ck_assert_uint_eq(pattern_explain(p, json_root(&doc), &miss, 1), 1);
    ck_assert_uint_le(strlen(miss.seen), sizeof(miss.seen) - 1);
    ck_assert(str_ends(str_of(miss.seen), "\xC3\xA9..."));
    pattern_free(p);
    buf_free(&text);
}
END_TEST

START_TEST(counts_all_misses_and_lists_as_many_as_fit)
{
    struct pattern *p = pattern_new(STR("{\"c\":[1],\"a\":[1],\"b\":[1]}"), &e);
    struct pattern_miss misses[2];
    struct json doc;

    ck_assert(json_read(&doc, STR("{\"b\":1}"), tokens, ARRAY_LEN(tokens), &e));
    ck_assert_uint_eq(pattern_explain(p, json_root(&doc), misses, 2), 2);
    ck_assert_str_eq(misses[0].field, "c"); /* In the order of the text. */
    ck_assert_str_eq(misses[1].field, "a");
    ck_assert_uint_eq(pattern_explain(p, json_root(&doc), misses, 1), 2);
    ck_assert_uint_eq(pattern_explain(p, json_root(&doc), NULL, 0), 2);
    ck_assert(!pattern_takes_absence(p));
    pattern_free(p);
    pattern_free(NULL);
}
END_TEST

SUITE(pattern_refusals, says_what_is_wrong_and_where, refuses_every_malformed_candidate,
      bounds_fields_and_alternatives, matches_wildcards_in_linear_time,
      searches_arrays_in_linear_time, goes_back_to_the_array_that_is_to_blame,
      gives_up_on_what_would_take_for_ever, bounds_the_stack, explains_in_one_sentence,
      cuts_long_explanations_between_characters, counts_all_misses_and_lists_as_many_as_fit)
