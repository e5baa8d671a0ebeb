/* links: slipway_work */

/* Goal: what comes from outside reaches a command as plain text and never as an option. */

#include "work/argv.h"

#include <string.h>

#include "suite.h"

static struct error e;

static const struct argv_value VALUES[] = {
    { "input", "/var/lib/slipway/with space/model.onnx", false },
    { "version", "1.0.4", true },
    { "evil", "--config=/etc/shadow", true },
    { "shell", "$(reboot)", true },
    { "long", NULL, true },
    { NULL, NULL, false },
};

static void
becomes(const char *argument, const char *wanted)
{
    char *text = argv_fill(argument, VALUES, &e);

    ck_assert_msg(text != NULL, "%s", e.text);
    ck_assert_str_eq(text, wanted);
    free(text);
}

START_TEST(names_are_replaced_and_all_else_stays)
{
    becomes("{input}", "/var/lib/slipway/with space/model.onnx");
    becomes("--in={input}:{version}", "--in=/var/lib/slipway/with space/model.onnx:1.0.4");
    becomes("", "");
    becomes("a{3}{}{\"json\":1}", "a{3}{}{\"json\":1}");
}
END_TEST

START_TEST(a_value_is_not_looked_at_again)
{
    static const struct argv_value twice[] = { { "a", "{b}", false },
                                               { "b", "x", false },
                                               { NULL, NULL, false } };
    char *text = argv_fill("{a}", twice, &e);

    ck_assert_str_eq(text, "{b}");
    free(text);
}
END_TEST

START_TEST(an_option_or_a_shells_word_from_outside_is_refused)
{
    ck_assert_ptr_null(argv_fill("{evil}", VALUES, &e));
    ck_assert_ptr_null(argv_fill("x{shell}", VALUES, &e));
    ck_assert_ptr_nonnull(strstr(e.text, "$(reboot)"));
}
END_TEST

START_TEST(a_name_without_meaning_is_refused)
{
    ck_assert_ptr_null(argv_fill("{nothing}", VALUES, &e));
    ck_assert_ptr_null(argv_fill("{long}", VALUES, &e));
}
END_TEST

START_TEST(plain_is_what_no_program_can_misread)
{
    char text[300];

    ck_assert(argv_is_plain("arn:aws:sagemaker:eu-west-1:123456789012:model-package/g/1"));
    ck_assert(!argv_is_plain(""));
    ck_assert(!argv_is_plain("-x"));
    ck_assert(!argv_is_plain("a b"));
    ck_assert(!argv_is_plain("a\n"));
    ck_assert(!argv_is_plain("\xc3\xa9"));
    memset(text, 'a', sizeof(text));
    text[256] = '\0';
    ck_assert(argv_is_plain(text));
    text[256] = 'a';
    text[257] = '\0';
    ck_assert(!argv_is_plain(text));
}
END_TEST

START_TEST(the_last_line_is_the_reason)
{
    char line[32];

    ck_assert_str_eq(last_line(STR("Traceback:\n  x\nValueError: no\n\n"), line, sizeof(line)),
                     "ValueError: no");
    ck_assert_str_eq(last_line(STR(""), line, sizeof(line)), "");
    ck_assert_str_eq(last_line(STR("a\x1b[31mred"), line, sizeof(line)), "a [31mred");
    ck_assert_str_eq(last_line(STR("0123456789012345678901234567890123456789"), line, 11),
                     "0123456789");
    ck_assert_str_eq(last_line(STR("\xc3\xa9\xc3\xa9"), line, 4), "\xc3\xa9");
}
END_TEST

START_TEST(the_end_of_a_text_begins_with_a_whole_character)
{
    ck_assert(str_is(text_end(STR("abc"), 2), "bc"));
    ck_assert(str_is(text_end(STR("abc"), 9), "abc"));
    ck_assert(str_is(text_end(STR("\xc3\xa9z"), 2), "z"));
}
END_TEST

SUITE(work_argv, names_are_replaced_and_all_else_stays, a_value_is_not_looked_at_again,
      an_option_or_a_shells_word_from_outside_is_refused, a_name_without_meaning_is_refused,
      plain_is_what_no_program_can_misread, the_last_line_is_the_reason,
      the_end_of_a_text_begins_with_a_whole_character)
