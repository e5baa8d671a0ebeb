/* links: slipway_rules slipway_base */
#include "slipway/pattern.h"

#include <string.h>

#include "slipway/memory.h"
#include "suite.h"

static struct json_token tokens[4096];
static struct json doc;
static struct error e;

static struct pattern *
make(const char *text)
{
    struct pattern *p = pattern_new(str_of(text), &e);

    if (p == NULL)
        ck_abort_msg("%s: %s", text, e.text);
    return p;
}

static struct json_value
event(const char *text)
{
    struct error why;

    if (!json_read_repeating(&doc, str_of(text), tokens, ARRAY_LEN(tokens), &why))
        ck_abort_msg("%s: %s", text, why.text);
    return json_root(&doc);
}

static bool
matches(const char *pattern, const char *text)
{
    struct pattern *p = make(pattern);
    bool matched = pattern_match(p, event(text));

    ck_assert_msg(matched == (pattern_explain(p, event(text), NULL, 0) == 0), "%s on %s", pattern,
                  text);
    pattern_free(p);
    return matched;
}

struct match_case {
    const char *pattern, *event;
    bool matches;
};

static void
run(const struct match_case *cases, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (matches(cases[i].pattern, cases[i].event) != cases[i].matches)
            ck_abort_msg("%s on %s should be %d", cases[i].pattern, cases[i].event,
                         cases[i].matches);
}

/* Candidates against a value, both put under the key "a". */
static void
run_values(const struct match_case *cases, size_t count)
{
    struct buf p = { .max = 65536 }, v = { .max = 65536 };

    for (size_t i = 0; i < count; i++) {
        buf_clear(&p);
        buf_clear(&v);
        buf_printf(&p, "{\"a\":[%s]}", cases[i].pattern);
        buf_printf(&v, "{\"a\":%s}", cases[i].event);
        if (matches(p.at, v.at) != cases[i].matches)
            ck_abort_msg("%s on %s should be %d", p.at, v.at, cases[i].matches);
    }
    buf_free(&p);
    buf_free(&v);
}

#define RUN(cases) run(cases, ARRAY_LEN(cases))
#define RUN_VALUES(cases) run_values(cases, ARRAY_LEN(cases))

/* ---- candidates ----------------------------------------------------------------------------- */

/* clang-format off */

START_TEST(equal_strings_and_literals)
{
    static const struct match_case CASES[] = {
        { "\"x\"", "\"x\"", true },        { "\"x\"", "\"X\"", false },
        { "\"x\"", "\"x \"", false },      { "\"\"", "\"\"", true },
        { "\"\"", "null", false },         { "\"x\",\"y\"", "\"y\"", true },
        { "\"\\u0078\"", "\"x\"", true },  { "\"x\"", "\"\\u0078\"", true },
        { "\"a\\nb\"", "\"a\\u000ab\"", true },
        { "\"\\ud83d\\ude00\"", "\"\xF0\x9F\x98\x80\"", true },
        { "\"e\xCC\x81\"", "\"\xC3\xA9\"", false }, /* No normalisation. */
        { "true", "true", true },          { "true", "\"true\"", false },
        { "true", "1", false },            { "false", "false", true },
        { "false", "true", false },        { "null", "null", true },
        { "null", "[]", false },           { "null", "\"\"", false },
        { "null", "false", false },        { "\"1\"", "1", false },
        { "1", "\"1\"", false },           { "1", "true", false },
        { "{\"exactly\":\"x\"}", "\"x\"", true },
        { "{\"exactly\":\"x\"}", "\"xx\"", false },
        { "\"a\\\\b\"", "\"a\\\\b\"", true },
        { "\"a\\\\b\"", "\"a\\u005cb\"", true },
    };

    RUN_VALUES(CASES);
    ck_assert(!matches("{\"a\":[null]}", "{\"b\":1}"));
}
END_TEST

START_TEST(equal_numbers)
{
    static const struct match_case CASES[] = {
        { "300", "300", true },      { "300", "300.0", true },   { "300", "3.0e2", true },
        { "3e2", "300", true },      { "300", "301", false },    { "0", "-0", true },
        { "0", "0.0e5", true },      { "-1", "-1.0", true },     { "0.1", "1e-1", true },
        { "1e22", "10000000000000000000000", true },
        /* What is no double of its own equals only what is spelled the same. */
        { "9007199254740993", "9007199254740993", true },
        { "9007199254740993", "9007199254740992", false },
        { "9007199254740992", "9007199254740993", false },
        { "9007199254740993", "9007199254740993.0", false },
        { "1e400", "1e400", true },  { "1e400", "10e399", false },
        { "0.1234567890123456789", "0.1234567890123456789", true },
        { "0.1234567890123456789", "0.12345678901234568", false },
    };

    RUN_VALUES(CASES);
}
END_TEST

START_TEST(equal_addresses_in_any_spelling)
{
    static const struct match_case CASES[] = {
        { "\"::1\"", "\"0:0:0:0:0:0:0:1\"", true },
        { "\"2001:DB8::1\"", "\"2001:db8:0:0::1\"", true },
        { "\"2001:db8::\"", "\"2001:db8:0:0:0:0:0:0\"", true },
        { "\"::\"", "\"0:0::0:0\"", true },       { "\"::1\"", "\"::2\"", false },
        { "\"10.0.0.1\"", "\"010.0.0.1\"", true }, { "\"10.0.0.1\"", "\"10.0.0.01\"", true },
        { "\"10.0.0.1\"", "\"10.0.0.2\"", false }, { "\"10.0.0.1\"", "\"10.0.0.1.\"", false },
        { "\"10.0.0\"", "\"10.0.0\"", true },      { "\"10.0.0.256\"", "\"10.0.0.256\"", true },
        { "\"10.0.0.256\"", "\"010.0.0.256\"", false },
        { "\"1:2:3:4:5:6:7:8:9\"", "\"1:2:3:4:5:6:7:8:9\"", true },
        { "\"1:2:3:4:5:6:7\"", "\"01:2:3:4:5:6:7\"", false },
        { "\"1:2:3:4:5:6:7:8\"", "\"01:2:3:4:5:6:7:8\"", true },
        { "\"1::2::3\"", "\"01::2::3\"", false },  { "\":::\"", "\":::\"", true },
        { "\"1:\"", "\"01:\"", false },            { "\":1\"", "\":01\"", false },
        { "\"12345::\"", "\"12345:0::\"", false },
        { "\"\\u003a:1\"", "\"0::1\"", true },     { "\"0::1\"", "\"\\u003a:1\"", true },
        { "{\"exactly\":\"::1\"}", "\"0::1\"", false },
        { "{\"anything-but\":\"::1\"}", "\"0::1\"", true },
        { "\"0.0.0.1\"", "\"::1\"", false },
    };

    RUN_VALUES(CASES);
}
END_TEST

START_TEST(prefixes_and_suffixes)
{
    static const struct match_case CASES[] = {
        { "{\"prefix\":\"ab\"}", "\"abc\"", true },   { "{\"prefix\":\"ab\"}", "\"ab\"", true },
        { "{\"prefix\":\"ab\"}", "\"a\"", false },    { "{\"prefix\":\"ab\"}", "\"xab\"", false },
        { "{\"prefix\":\"\"}", "\"\"", true },        { "{\"prefix\":\"\"}", "\"x\"", true },
        { "{\"prefix\":\"\"}", "1", false },          { "{\"prefix\":\"1\"}", "12", false },
        { "{\"prefix\":\"ab\"}", "\"\\u0061bc\"", true },
        { "{\"prefix\":\"ab\"}", "\"\\u0061\"", false },
        { "{\"suffix\":\"bc\"}", "\"abc\"", true },   { "{\"suffix\":\"bc\"}", "\"bc\"", true },
        { "{\"suffix\":\"bc\"}", "\"c\"", false },    { "{\"suffix\":\"bc\"}", "\"bcx\"", false },
        { "{\"suffix\":\"\"}", "\"\"", true },        { "{\"suffix\":\"\"}", "null", false },
        { "{\"suffix\":\"bc\"}", "\"a\\u0062c\"", true },
        { "{\"suffix\":\"\\n\"}", "\"x\\n\"", true },
        { "{\"suffix\":\"n\"}", "\"x\\n\"", false },
        { "{\"prefix\":{\"equals-ignore-case\":\"aB\"}}", "\"AbC\"", true },
        { "{\"prefix\":{\"equals-ignore-case\":\"aB\"}}", "\"A\"", false },
        { "{\"suffix\":{\"equals-ignore-case\":\".PNG\"}}", "\"x.png\"", true },
        { "{\"suffix\":{\"equals-ignore-case\":\".PNG\"}}", "\"x.png.\"", false },
        { "{\"suffix\":{\"equals-ignore-case\":\".PNG\"}}", "\"png\"", false },
        { "{\"suffix\":{\"equals-ignore-case\":\"stra\xC3\x9F" "e\"}}", "\"HauptSTRASSE\"", true },
        { "{\"suffix\":{\"equals-ignore-case\":\"stra\xC3\x9F" "e\"}}", "\"Hauptstra\xC3\x9F" "e\"", true },
        { "{\"suffix\":{\"equals-ignore-case\":\"\xC3\x9F\"}}", "\"S\"", false },
        { "{\"suffix\":{\"equals-ignore-case\":\"\"}}", "\"x\"", true },
        { "{\"prefix\":{\"equals-ignore-case\":\"a\"}}", "1", false },
    };

    RUN_VALUES(CASES);
}
END_TEST

START_TEST(ignore_case_in_all_scripts)
{
    static const struct match_case CASES[] = {
        { "{\"equals-ignore-case\":\"Ready\"}", "\"rEADY\"", true },
        { "{\"equals-ignore-case\":\"Ready\"}", "\"ready!\"", false },
        { "{\"equals-ignore-case\":\"Ready\"}", "\"read\"", false },
        { "{\"equals-ignore-case\":\"@[`{\"}", "\"@[`{\"", true },
        { "{\"equals-ignore-case\":\"@\"}", "\"`\"", false },
        { "{\"equals-ignore-case\":\"1\"}", "1", false },
        { "{\"equals-ignore-case\":\"\"}", "\"\"", true },
        { "{\"equals-ignore-case\":\"\xC3\xA9\"}", "\"\xC3\x89\"", true },
        { "{\"equals-ignore-case\":\"\xC3\x89\"}", "\"\\u00e9\"", true },
        { "{\"equals-ignore-case\":\"\xD0\x96\xD0\xB6\"}", "\"\xD0\xB6\xD0\x96\"", true },
        { "{\"equals-ignore-case\":\"\xCE\xA3\"}", "\"\xCF\x83\"", true },
        { "{\"equals-ignore-case\":\"\xCF\x83\"}", "\"\xCF\x82\"", false }, /* final sigma */
        { "{\"equals-ignore-case\":\"stra\xC3\x9F" "e\"}", "\"STRASSE\"", true },
        { "{\"equals-ignore-case\":\"STRASSE\"}", "\"stra\xC3\x9F" "e\"", false },
        { "{\"equals-ignore-case\":\"\xF0\x9F\x98\x80\"}", "\"\xF0\x9F\x98\x80\"", true },
        { "{\"equals-ignore-case\":\"\xF0\x9F\x98\x80\"}", "\"??\"", false },
        { "{\"equals-ignore-case\":\"\xF0\x90\x90\x80\"}", "\"\xF0\x90\x90\xA8\"", true }, /* Deseret */
        { "{\"equals-ignore-case\":\"\xC7\x85\"}", "\"\xC7\x86\"", true },   /* titlecase dz */
        { "{\"equals-ignore-case\":\"\xC7\x85\"}", "\"\xC7\x85\"", true },
        { "{\"equals-ignore-case\":\"\xEF\xAC\x81\"}", "\"FI\"", true },     /* the ligature fi */
        { "{\"equals-ignore-case\":\"\xC4\xB0\"}", "\"i\xCC\x87\"", true },  /* I with a dot */
        { "{\"equals-ignore-case\":\"k\"}", "\"\xE2\x84\xAA\"", false },     /* the Kelvin sign */
    };

    RUN_VALUES(CASES);
}
END_TEST

START_TEST(wildcards)
{
    static const struct match_case CASES[] = {
        { "{\"wildcard\":\"*\"}", "\"\"", true },       { "{\"wildcard\":\"*\"}", "\"x\"", true },
        { "{\"wildcard\":\"*\"}", "1", false },         { "{\"wildcard\":\"\"}", "\"\"", true },
        { "{\"wildcard\":\"\"}", "\"x\"", false },      { "{\"wildcard\":\"ab\"}", "\"ab\"", true },
        { "{\"wildcard\":\"ab\"}", "\"abc\"", false },  { "{\"wildcard\":\"a*\"}", "\"a\"", true },
        { "{\"wildcard\":\"a*\"}", "\"ba\"", false },   { "{\"wildcard\":\"*a\"}", "\"ba\"", true },
        { "{\"wildcard\":\"*a\"}", "\"ab\"", false },   { "{\"wildcard\":\"a*a\"}", "\"a\"", false },
        { "{\"wildcard\":\"a*a\"}", "\"aa\"", true },   { "{\"wildcard\":\"a*b*c\"}", "\"abc\"", true },
        { "{\"wildcard\":\"a*b*c\"}", "\"aXbXbc\"", true },
        { "{\"wildcard\":\"a*b*c\"}", "\"acb\"", false },
        { "{\"wildcard\":\"*ab*ab*\"}", "\"xabab\"", true },
        { "{\"wildcard\":\"*ab*ab*\"}", "\"aba\"", false },
        { "{\"wildcard\":\"*aab*\"}", "\"aaab\"", true },
        { "{\"wildcard\":\"*abcabd*x\"}", "\"abcabcabdx\"", true },
        { "{\"wildcard\":\"*abab*c\"}", "\"abaababc\"", true },
        { "{\"wildcard\":\"*abab*c\"}", "\"abaabac\"", false },
        { "{\"wildcard\":\"*aabaaac*\"}", "\"aabaaabaaac\"", true },
        { "{\"wildcard\":\"?[a].\"}", "\"?[a].\"", true },
        { "{\"wildcard\":\"?\"}", "\"x\"", false },
        { "{\"wildcard\":\"a\\\\*b\"}", "\"a*b\"", true },
        { "{\"wildcard\":\"a\\\\*b\"}", "\"axb\"", false },
        { "{\"wildcard\":\"a\\\\\\\\b\"}", "\"a\\\\b\"", true },
        { "{\"wildcard\":\"\\\\**\"}", "\"*x\"", true },
        { "{\"wildcard\":\"*\\\\*\"}", "\"x*\"", true },
        { "{\"wildcard\":\"*\\\\*\"}", "\"x\"", false },
        { "{\"wildcard\":\"a*c\"}", "\"\\u0061\\n\\u0063\"", true },
        { "{\"wildcard\":\"*\\n*\"}", "\"a\\nb\"", true },
        { "{\"wildcard\":\"\xC3\xA9*\"}", "\"\xC3\xA9x\"", true },
        { "{\"wildcard\":\"A*\"}", "\"a\"", false },
    };

    RUN_VALUES(CASES);
}
END_TEST

START_TEST(numeric_ranges)
{
    static const struct match_case CASES[] = {
        { "{\"numeric\":[\"=\",5]}", "5.0", true },      { "{\"numeric\":[\"=\",5]}", "6", false },
        { "{\"numeric\":[\"<\",5]}", "4.999", true },    { "{\"numeric\":[\"<\",5]}", "5", false },
        { "{\"numeric\":[\"<=\",5]}", "5", true },       { "{\"numeric\":[\"<=\",5]}", "5.1", false },
        { "{\"numeric\":[\">\",5]}", "5.1", true },      { "{\"numeric\":[\">\",5]}", "5", false },
        { "{\"numeric\":[\">=\",5]}", "5", true },       { "{\"numeric\":[\">=\",5]}", "4", false },
        { "{\"numeric\":[\">\",0,\"<=\",5]}", "5", true },
        { "{\"numeric\":[\">\",0,\"<=\",5]}", "0", false },
        { "{\"numeric\":[\">=\",-1.5,\"<\",1e3]}", "-1.5", true },
        { "{\"numeric\":[\">=\",-1.5,\"<\",1e3]}", "1000", false },
        { "{\"numeric\":[\">\",0]}", "\"5\"", false },   { "{\"numeric\":[\">\",0]}", "true", false },
        { "{\"numeric\":[\">\",0]}", "null", false },    { "{\"numeric\":[\">\",0]}", "[-1,3]", true },
        { "{\"numeric\":[\">=\",1.7976931348623157e308]}", "1.7976931348623157e308", true },
        { "{\"numeric\":[\">\",0]}", "9007199254740993", false }, /* no double of its own */
        { "{\"numeric\":[\"=\",0]}", "-0", true },
        /* A string beside a range across zero on one field. */
        { "\"AB\",{\"numeric\":[\"<=\",99.99]},\"Q\"", "\"AB\"", true },
        { "\"AB\",{\"numeric\":[\"<=\",99.99]},\"Q\"", "-3", true },
        { "\"AB\",{\"numeric\":[\"<=\",99.99]},\"Q\"", "100", false },
    };

    RUN_VALUES(CASES);
}
END_TEST

START_TEST(blocks_of_addresses)
{
    static const struct match_case CASES[] = {
        { "{\"cidr\":\"10.0.0.0/24\"}", "\"10.0.0.255\"", true },
        { "{\"cidr\":\"10.0.0.0/24\"}", "\"10.0.1.0\"", false },
        { "{\"cidr\":\"10.0.0.77/24\"}", "\"10.0.0.1\"", true },
        { "{\"cidr\":\"10.0.0.0/9\"}", "\"10.127.1.1\"", true },
        { "{\"cidr\":\"10.0.0.0/9\"}", "\"10.128.1.1\"", false },
        { "{\"cidr\":\"0.0.0.0/0\"}", "\"255.255.255.255\"", true },
        { "{\"cidr\":\"0.0.0.0/0\"}", "\"::1\"", false },
        { "{\"cidr\":\"::/0\"}", "\"1.2.3.4\"", false },
        { "{\"cidr\":\"32.1.0.0/16\"}", "\"2001:db8::1\"", false },
        { "{\"cidr\":\"2001:db8::/32\"}", "\"2001:DB8:ffff::1\"", true },
        { "{\"cidr\":\"2001:db8::/32\"}", "\"2001:db9::\"", false },
        { "{\"cidr\":\"2001:db8::/127\"}", "\"2001:db8::1\"", true },
        { "{\"cidr\":\"2001:db8::/127\"}", "\"2001:db8::2\"", false },
        { "{\"cidr\":\"10.0.0.0/24\"}", "\"hello\"", false },
        { "{\"cidr\":\"10.0.0.0/24\"}", "\"10.0.0\"", false },
        { "{\"cidr\":\"10.0.0.0/24\"}", "10", false },
    };

    RUN_VALUES(CASES);
}
END_TEST

START_TEST(anything_but)
{
    static const struct match_case CASES[] = {
        { "{\"anything-but\":\"x\"}", "\"y\"", true },   { "{\"anything-but\":\"x\"}", "\"x\"", false },
        { "{\"anything-but\":\"x\"}", "5", true },       { "{\"anything-but\":\"x\"}", "null", true },
        { "{\"anything-but\":\"x\"}", "[]", false },     { "{\"anything-but\":\"x\"}", "{}", false },
        { "{\"anything-but\":\"x\"}", "{\"b\":1}", false },
        { "{\"anything-but\":\"x\"}", "[\"x\",\"y\"]", true },
        { "{\"anything-but\":\"x\"}", "[\"x\",\"x\"]", false },
        { "{\"anything-but\":5}", "5.0", false },        { "{\"anything-but\":5}", "\"5\"", true },
        { "{\"anything-but\":5}", "true", true },        { "{\"anything-but\":[1,2]}", "2", false },
        { "{\"anything-but\":[1,2]}", "3", true },
        { "{\"anything-but\":[\"a\",\"b\"]}", "\"b\"", false },
        { "{\"anything-but\":[\"a\",\"b\"]}", "\"c\"", true },
        { "{\"anything-but\":\"\"}", "\"\"", false },
        { "{\"anything-but\":{\"prefix\":\"a\"}}", "\"ab\"", false },
        { "{\"anything-but\":{\"prefix\":\"a\"}}", "\"b\"", true },
        { "{\"anything-but\":{\"prefix\":\"a\"}}", "5", true },
        { "{\"anything-but\":{\"prefix\":[\"a\",\"b\"]}}", "\"bx\"", false },
        { "{\"anything-but\":{\"suffix\":\"a\"}}", "\"ba\"", false },
        { "{\"anything-but\":{\"suffix\":[\"a\",\"b\"]}}", "\"c\"", true },
        { "{\"anything-but\":{\"wildcard\":\"a*b\"}}", "\"aXb\"", false },
        { "{\"anything-but\":{\"wildcard\":[\"a*b\",\"*c\"]}}", "\"xc\"", false },
        { "{\"anything-but\":{\"wildcard\":[\"a*b\",\"*c\"]}}", "\"x\"", true },
        { "{\"anything-but\":{\"equals-ignore-case\":\"AB\"}}", "\"ab\"", false },
        { "{\"anything-but\":{\"equals-ignore-case\":[\"AB\",\"C\"]}}", "\"d\"", true },
        /* Candidates after one with operands of its own. */
        { "{\"anything-but\":[\"a\",\"b\"]},\"b\"", "\"b\"", true },
        { "{\"anything-but\":[\"a\",\"b\"]},\"b\"", "\"a\"", false },
    };

    RUN_VALUES(CASES);
    ck_assert(!matches("{\"a\":[{\"anything-but\":\"x\"}]}", "{\"b\":1}"));
}
END_TEST

START_TEST(existence)
{
    static const struct match_case CASES[] = {
        { "{\"a\":[{\"exists\":true}]}", "{\"a\":1}", true },
        { "{\"a\":[{\"exists\":true}]}", "{\"a\":null}", true },
        { "{\"a\":[{\"exists\":true}]}", "{\"a\":\"\"}", true },
        { "{\"a\":[{\"exists\":true}]}", "{\"a\":{}}", false },
        { "{\"a\":[{\"exists\":true}]}", "{\"a\":[]}", false },
        { "{\"a\":[{\"exists\":true}]}", "{\"a\":[[]]}", false },
        { "{\"a\":[{\"exists\":true}]}", "{\"a\":{\"b\":1}}", false },
        { "{\"a\":[{\"exists\":true}]}", "{\"a\":[{\"b\":1}]}", false },
        { "{\"a\":[{\"exists\":true}]}", "{\"b\":1}", false },
        { "{\"a\":[{\"exists\":false}]}", "{\"b\":1}", true },
        { "{\"a\":[{\"exists\":false}]}", "{\"a\":null}", false },
        { "{\"a\":[{\"exists\":false}]}", "{\"a\":{\"b\":1}}", true },
        { "{\"a\":[{\"exists\":false}]}", "{\"a\":[]}", true },
        { "{\"a\":{\"b\":[{\"exists\":false}]}}", "{}", true },
        { "{\"a\":[{\"exists\":false},\"x\"]}", "{}", true },
        { "{\"a\":[{\"exists\":false},\"x\"]}", "{\"a\":\"x\"}", true },
        { "{\"a\":[{\"exists\":false},\"x\"]}", "{\"a\":\"y\"}", false },
    };

    RUN(CASES);
}
END_TEST

/* ---- structure ------------------------------------------------------------------------------ */

START_TEST(fields_and_paths)
{
    static const struct match_case CASES[] = {
        { "{\"a\":[1],\"b\":[2]}", "{\"a\":1,\"b\":2,\"c\":3}", true },
        { "{\"a\":[1],\"b\":[2]}", "{\"a\":1}", false },
        { "{\"a\":{\"b\":{\"c\":[1]}}}", "{\"a\":{\"b\":{\"c\":1}}}", true },
        { "{\"a\":{\"b\":{\"c\":[1]}}}", "{\"a\":{\"b\":1}}", false },
        { "{\"a\":{\"b\":[1]}}", "{\"a.b\":1}", true },
        { "{\"a.b\":[1]}", "{\"a\":{\"b\":1}}", true },
        { "{\"a.b\":{\"c\":[1]}}", "{\"a\":{\"b.c\":1}}", true },
        { "{\"a\":{\"b.c\":[1]}}", "{\"a.b\":{\"c\":1}}", true },
        { "{\"a\":{\"b\":[1]}}", "{\"a.b\":2,\"a\":{\"b\":1}}", true },
        { "{\"a\":{\"b\":[1]}}", "{\"a\":{\"b\":2},\"a.b\":1}", true },
        { "{\"a\":[1]}", "{\"A\":1}", false },
        { "{\"a\":[1]}", "{\"ab\":1}", false },
        { "{\"ab\":[1]}", "{\"a\":1}", false },
        { "{\"\":[1]}", "{\"\":1}", true },
        { "{\"\":{\"\":[1]}}", "{\".\":1}", true },
        { "{\"a.\":[1]}", "{\"a\":{\"\":1}}", true },
        { "{\"\\u0061\":[1]}", "{\"a\":1}", true },
        { "{\"a\":{\"b\":[1]}}", "{\"\\u0061\":{\"\\u0062\":1}}", true },
        { "{\"a\":{\"b\":[1]}}", "{\"a\\u002eb\":1}", true },
        { "{\"a\":[1]}", "{\"\\u0061b\":1}", false },
        /* Keys that occur again: the last one counts in a pattern, every one in an event. */
        { "{\"a\":[1],\"a\":[2]}", "{\"a\":1}", false },
        { "{\"a\":[1],\"a\":[2]}", "{\"a\":2}", true },
        { "{\"a\":{\"b\":[1]},\"a\":{\"c\":[2]}}", "{\"a\":{\"b\":1,\"c\":2}}", true },
        { "{\"a\":{\"b\":[1]},\"a\":{\"c\":[2]}}", "{\"a\":{\"c\":2}}", false },
        { "{\"a\":{\"b\":[1]},\"a.b\":[2]}", "{\"a\":{\"b\":2}}", true },
        { "{\"a\":[1]}", "{\"a\":2,\"a\":1}", true },
        { "{\"a\":[1]}", "[{\"a\":1}]", false },
        { "{\"a\":[1]}", "1", false },
    };

    RUN(CASES);
}
END_TEST

START_TEST(arrays_are_flattened_but_stay_consistent)
{
    static const char PEOPLE[] =
        "{\"p\":[{\"f\":\"Anna\",\"l\":\"Smith\"},{\"f\":\"Peter\",\"l\":\"Jones\"}],\"t\":[1,2]}";
    static const struct match_case CASES[] = {
        { "{\"t\":[2]}", PEOPLE, true },
        { "{\"t\":[3]}", PEOPLE, false },
        { "{\"a\":[1]}", "{\"a\":[[0],[[1]]]}", true },
        { "{\"p\":{\"f\":[\"Anna\"],\"l\":[\"Smith\"]}}", PEOPLE, true },
        { "{\"p\":{\"f\":[\"Anna\"],\"l\":[\"Jones\"]}}", PEOPLE, false },
        { "{\"p\":{\"f\":[\"Anna\",\"Peter\"],\"l\":[\"Jones\"]}}", PEOPLE, true },
        { "{\"p\":{\"f\":[\"Peter\"],\"l\":[\"Jones\"]},\"t\":[1]}", PEOPLE, true },
        /* Arrays in arrays: the inner choice belongs to the outer one. */
        { "{\"a\":{\"b\":{\"x\":[1],\"y\":[2]},\"z\":[3]}}",
          "{\"a\":[{\"b\":[{\"x\":1},{\"x\":1,\"y\":2}],\"z\":4},{\"b\":[{\"x\":1,\"y\":2}],\"z\":3}]}",
          true },
        { "{\"a\":{\"b\":{\"x\":[1],\"y\":[2]},\"z\":[3]}}",
          "{\"a\":[{\"b\":[{\"x\":1,\"y\":2}],\"z\":4},{\"b\":[{\"x\":1},{\"y\":2}],\"z\":3}]}", false },
        /* Two arrays beside each other are free of each other. */
        { "{\"a\":{\"x\":[1]},\"b\":{\"y\":[2]}}", "{\"a\":[{\"x\":0},{\"x\":1}],\"b\":[{\"y\":2}]}",
          true },
        /* Elements of an array of arrays are elements, too. */
        { "{\"a\":{\"x\":[1],\"y\":[2]}}", "{\"a\":[[{\"x\":1},{\"y\":2}]]}", false },
        { "{\"a\":{\"x\":[1],\"y\":[2]}}", "{\"a\":[[{\"x\":1,\"y\":2}]]}", true },
        { "{\"a\":{\"x\":[1],\"y\":[2]}}", "{\"a\":[[{\"x\":1}],[{\"y\":2}]]}", false },
        /* Scalars that are elements themselves bind nothing. */
        { "{\"a\":{\"x\":[1],\"y\":[2]}}", "{\"a\":{\"x\":[0,1],\"y\":[2]}}", true },
        { "{\"a\":[5],\"a.x\":[1]}", "{\"a\":[5,{\"x\":1}]}", true },
        { "{\"a\":[5],\"a.x\":[1]}", "{\"a\":[[5],{\"x\":1}]}", false },
        { "{\"a\":[5],\"a.x\":[1]}", "{\"a\":[[5],[5,{\"x\":1}]]}", true },
        /* A second reading of a path through a key with a dot. */
        { "{\"a\":{\"x\":[1],\"y\":[2]}}", "{\"a\":[{\"x\":1}],\"a.y\":2}", true },
        { "{\"a\":{\"b\":{\"x\":[1],\"y\":[2]}}}",
          "{\"a\":{\"b\":[{\"x\":1}]},\"a.b\":[{\"x\":1},{\"x\":1,\"y\":2}]}", true },
    };

    RUN(CASES);
}
END_TEST

START_TEST(absence_respects_the_elements_chosen_before)
{
    static const struct match_case CASES[] = {
        { "{\"a\":{\"b\":[2],\"c\":[{\"exists\":false}]}}", "{\"a\":[{\"b\":2},{\"c\":1}]}", true },
        { "{\"a\":{\"b\":[2],\"c\":[{\"exists\":false}]}}", "{\"a\":[{\"b\":2,\"c\":1},{\"c\":1}]}",
          false },
        { "{\"a\":{\"b\":[2],\"c\":[{\"exists\":false}]}}", "{\"a\":[{\"b\":2,\"c\":1},{\"b\":2}]}",
          true },
        /* Fields are visited sorted by path: here nothing is chosen yet. */
        { "{\"a\":{\"b\":[{\"exists\":false}],\"c\":[2]}}", "{\"a\":[{\"c\":2},{\"b\":1}]}", false },
        { "{\"a\":{\"b\":[{\"exists\":false}],\"c\":[2]}}", "{\"a\":[{\"c\":2},{\"d\":1}]}", true },
        /* The order is that of UTF-16: U+10000 comes before U+E000. */
        { "{\"a\":{\"\xF0\x90\x80\x80\":[2],\"\xEE\x80\x80\":[{\"exists\":false}]}}",
          "{\"a\":[{\"\xF0\x90\x80\x80\":2},{\"\xEE\x80\x80\":1}]}", true },
        { "{\"a\":{\"\xEE\x80\x80\":[2],\"\xF0\x90\x80\x80\":[{\"exists\":false}]}}",
          "{\"a\":[{\"\xEE\x80\x80\":2},{\"\xF0\x90\x80\x80\":1}]}", false },
        /* By the first beginning nothing is chosen, by the second one an element. */
        { "{\"b\":{\"a\":[1,2],\"b\":[{\"exists\":false}]}}",
          "{\"b.a\":1,\"b\":[{\"a\":2},{\"b\":2}]}", true },
        { "{\"b\":{\"a\":[1],\"b\":[{\"exists\":false}]}}",
          "{\"b.a\":1,\"b\":[{\"a\":2},{\"b\":2}]}", false },
        /* Choosing more than needed may be what makes a field absent. */
        { "{\"a\":[5],\"a.x\":[{\"exists\":false}]}", "{\"a\":[5,[5],{\"x\":1}]}", true },
        { "{\"a\":[5],\"a.x\":[{\"exists\":false}]}", "{\"a\":[5,{\"x\":1}]}", false },
    };

    RUN(CASES);
}
END_TEST

START_TEST(alternatives)
{
    static const struct match_case CASES[] = {
        { "{\"$or\":[{\"a\":[1]},{\"b\":[2]}]}", "{\"a\":1}", true },
        { "{\"$or\":[{\"a\":[1]},{\"b\":[2]}]}", "{\"b\":2}", true },
        { "{\"$or\":[{\"a\":[1]},{\"b\":[2]}]}", "{\"a\":2,\"b\":1}", false },
        { "{\"c\":[3],\"$or\":[{\"a\":[1]},{\"b\":[2]}]}", "{\"a\":1}", false },
        { "{\"c\":[3],\"$or\":[{\"a\":[1]},{\"b\":[2]}]}", "{\"a\":1,\"c\":3}", true },
        { "{\"d\":{\"$or\":[{\"a\":[1]},{\"b\":[2]}]}}", "{\"d\":{\"b\":2}}", true },
        { "{\"d\":{\"$or\":[{\"a\":[1]},{\"b\":[2]}]}}", "{\"b\":2}", false },
        { "{\"$or\":[{\"a\":[1],\"b\":[2]},{\"c\":[3]}]}", "{\"a\":1}", false },
        { "{\"$or\":[{\"$or\":[{\"a\":[1]},{\"a\":[2]}]},{\"a\":[3]}]}", "{\"a\":2}", true },
        { "{\"x\":{\"$or\":[{\"a\":[1]},{\"a\":[2]}]},\"$or\":[{\"b\":[1]},{\"b\":[2]}]}",
          "{\"x\":{\"a\":2},\"b\":1}", true },
        { "{\"x\":{\"$or\":[{\"a\":[1]},{\"a\":[2]}]},\"$or\":[{\"b\":[1]},{\"b\":[2]}]}",
          "{\"x\":{\"a\":2},\"b\":3}", false },
        /* A path inside and outside: the later text counts. */
        { "{\"a\":[1],\"$or\":[{\"a\":[2]},{\"b\":[3]}]}", "{\"a\":2}", true },
        { "{\"a\":[1],\"$or\":[{\"a\":[2]},{\"b\":[3]}]}", "{\"a\":1}", false },
        { "{\"a\":[1],\"$or\":[{\"a\":[2]},{\"b\":[3]}]}", "{\"a\":1,\"b\":3}", true },
        { "{\"$or\":[{\"a\":[2]},{\"b\":[3]}],\"a\":[1]}", "{\"a\":1}", true },
        { "{\"$or\":[{\"a\":[2]},{\"b\":[3]}],\"a\":[1]}", "{\"a\":2}", false },
    };

    RUN(CASES);
}
END_TEST

/* clang-format on */

SUITE(pattern, equal_strings_and_literals, equal_numbers, equal_addresses_in_any_spelling,
      prefixes_and_suffixes, ignore_case_in_all_scripts, wildcards, numeric_ranges,
      blocks_of_addresses, anything_but, existence, fields_and_paths,
      arrays_are_flattened_but_stay_consistent, absence_respects_the_elements_chosen_before,
      alternatives)
