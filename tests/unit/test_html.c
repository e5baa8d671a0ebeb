/* links: slipway_web */

/* Goal: no text, whatever it holds, can become markup, end an attribute, or trick the eye. */

#include "web/html.h"

#include <string.h>

#include "suite.h"

#define BAD "\xef\xbf\xbd"

static const char *
escaped(struct str text)
{
    static struct buf out = { .max = 65536 };

    buf_clear(&out);
    buf_add(&out, STR(""));
    html_text(&out, text);
    return out.len > 0 ? out.at : "";
}

START_TEST(ordinary_text_stays_as_it_is)
{
    ck_assert_str_eq(escaped(STR("")), "");
    ck_assert_str_eq(
        escaped(STR("digits v4, 98 % = gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x9a\xa2\n\t")),
        "digits v4, 98 % = gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x9a\xa2\n\t");
}
END_TEST

START_TEST(special_characters_are_escaped)
{
    ck_assert_str_eq(escaped(STR("<script>alert('1' & \"2\")</script>")),
                     "&lt;script&gt;alert(&#39;1&#39; &amp; &quot;2&quot;)&lt;/script&gt;");
    ck_assert_str_eq(escaped(STR("&lt;")), "&amp;lt;");
}
END_TEST

START_TEST(nothing_that_is_escaped_holds_a_special_character)
{
    char text[3] = { 0 };

    for (unsigned a = 0; a < 256; a++)
        for (unsigned b = 0; b < 256; b++) {
            const char *out;

            text[0] = (char)a;
            text[1] = (char)b;
            out = escaped((struct str){ text, 2 });
            ck_assert_msg(strpbrk(out, "<>\"'") == NULL, "%02x %02x: %s", a, b, out);
            for (; *out != '\0'; out++)
                ck_assert((unsigned char)*out >= 0x20 || *out == '\n' || *out == '\t');
        }
}
END_TEST

START_TEST(what_tricks_the_eye_is_replaced)
{
    ck_assert_str_eq(escaped(STR("a\0b")), "a" BAD "b");
    ck_assert_str_eq(escaped(STR("a\x1b[31mb\x7f")), "a" BAD "[31mb" BAD);
    ck_assert_str_eq(escaped(STR("a\xe2\x80\xae"
                                 "b")),
                     "a" BAD "b"); /* U+202E */
    ck_assert_str_eq(escaped(STR("a\xe2\x81\xa6"
                                 "b")),
                     "a" BAD "b"); /* U+2066 */
    ck_assert_str_eq(escaped(STR("a\xe2\x80\x8b"
                                 "b")),
                     "a" BAD "b"); /* U+200B */
    ck_assert_str_eq(escaped(STR("a\xc2\x85"
                                 "b")),
                     "a" BAD "b"); /* U+0085 */
    ck_assert_str_eq(escaped(STR("\xef\xbb\xbf"
                                 "b")),
                     BAD "b"); /* U+FEFF */
}
END_TEST

START_TEST(invalid_utf8_is_replaced_byte_by_byte)
{
    ck_assert_str_eq(escaped(STR("a\xff"
                                 "b")),
                     "a" BAD "b");
    ck_assert_str_eq(escaped(STR("\xc3")), BAD);
    ck_assert_str_eq(escaped(STR("\xc0\xbc")), BAD BAD);         /* An overlong '<'. */
    ck_assert_str_eq(escaped(STR("\xe0\x80\xbc")), BAD BAD BAD); /* Another. */
    ck_assert_str_eq(escaped(STR("\xed\xa0\x80")), BAD BAD BAD); /* A surrogate. */
    ck_assert_str_eq(escaped(STR("\xf4\x90\x80\x80")), BAD BAD BAD BAD);
    ck_assert_str_eq(escaped(STR("\xc3<")), BAD "&lt;");
}
END_TEST

START_TEST(times_are_for_people_and_machines)
{
    struct buf out = { .max = 4096 };

    html_time(&out, INT64_C(1700000000000));
    html_time(&out, 0);
    ck_assert_str_eq(out.at,
                     "<time datetime=\"2023-11-14T22:13:20.000Z\">2023-11-14 22:13:20</time>"
                     "\xe2\x80\x93");
    buf_clear(&out);
    html_span(&out, 1000, 6000);
    html_int(&out, -7);
    ck_assert_str_eq(out.at, "5 s-7");
    buf_free(&out);
}
END_TEST

SUITE(html, ordinary_text_stays_as_it_is, special_characters_are_escaped,
      nothing_that_is_escaped_holds_a_special_character, what_tricks_the_eye_is_replaced,
      invalid_utf8_is_replaced_byte_by_byte, times_are_for_people_and_machines)
