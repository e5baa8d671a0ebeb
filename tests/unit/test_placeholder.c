/* links: slipway_base */

#include <stdio.h>

#include "slipway/placeholder.h"
#include "suite.h"

START_TEST(a_name_in_braces_is_cut_out)
{
    struct str before, name, after;

    ck_assert(placeholder_next(STR("--in={input}.x {output}"), &before, &name, &after));
    ck_assert(str_is(before, "--in="));
    ck_assert(str_is(name, "input"));
    ck_assert(str_is(after, ".x {output}"));
    ck_assert(placeholder_next(after, &before, &name, &after));
    ck_assert(str_is(before, ".x "));
    ck_assert(str_is(name, "output"));
    ck_assert_uint_eq(after.len, 0);
    ck_assert(!placeholder_next(after, &before, &name, &after));
}
END_TEST

START_TEST(other_braces_are_ordinary_characters)
{
    static const char *const PLAIN[] = {
        "", "{", "{}", "{a", "a}", "{3}", "{3,4}", "{\"a\"}", "{Input}", "{ input}", "{a b}", "{_a}"
    };
    struct str before, name, after;

    for (size_t i = 0; i < ARRAY_LEN(PLAIN); i++)
        ck_assert_msg(!placeholder_next(str_of(PLAIN[i]), &before, &name, &after), "%s", PLAIN[i]);
    ck_assert(placeholder_next(STR("{{a}}"), &before, &name, &after));
    ck_assert(str_is(before, "{"));
    ck_assert(str_is(name, "a"));
    ck_assert(str_is(after, "}"));
}
END_TEST

START_TEST(every_listed_name_can_be_found_in_a_text)
{
    const struct placeholder *tables[] = { compile_placeholders, twin_placeholders };
    struct str before, name, after;
    char text[64];

    for (size_t t = 0; t < ARRAY_LEN(tables); t++)
        for (const struct placeholder *p = tables[t]; p->name != NULL; p++) {
            snprintf(text, sizeof(text), "{%s}", p->name);
            ck_assert(placeholder_next(str_of(text), &before, &name, &after));
            ck_assert(str_is(name, p->name));
            ck_assert_ptr_nonnull(p->meaning);
        }
}
END_TEST

SUITE(placeholder, a_name_in_braces_is_cut_out, other_braces_are_ordinary_characters,
      every_listed_name_can_be_found_in_a_text)
