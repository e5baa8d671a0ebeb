/* links: slipway_platform */

/* Goal: whatever a value holds, a happening is one line of JSON that shows what it is. */

#include "platform/log.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "platform/secret.h"
#include "suite.h"

static char text[70000];

/* What was logged since the last call, without the time. */
static const char *
logged(int fd)
{
    ssize_t n = read(fd, text, sizeof(text) - 1);

    text[n < 0 ? 0 : n] = '\0';
    return n <= 0 ? "" : text + strlen("{\"at\":\"2026-01-02T03:04:05.678Z\",");
}

static int
begin(void)
{
    static int ends[2];

    ck_assert_int_eq(pipe(ends), 0);
    log_to(ends[1]);
    return ends[0];
}

START_TEST(a_happening_is_one_line_with_its_fields)
{
    int fd = begin();
    struct error e = { .text = "no such queue" };

    log_warning("queue-lost", log_text("queue", "q"), log_int("tries", -3), log_real("share", 0.5),
                log_bool("again", true), log_why(&e), log_text("none", NULL));
    ck_assert_str_eq(logged(fd),
                     "\"level\":\"warning\",\"event\":\"queue-lost\",\"queue\":\"q\",\"tries\":-3,"
                     "\"share\":0.5,\"again\":true,\"error\":\"no such queue\",\"none\":\"\"}\n");
    log_info("stopped", LOG_NOTHING);
    ck_assert_str_eq(logged(fd), "\"level\":\"info\",\"event\":\"stopped\"}\n");
}
END_TEST

START_TEST(what_moves_a_cursor_or_turns_the_text_is_escaped)
{
    int fd = begin();

    log_info("odd", log_text("v", "a\nb\r\x1b[31m\x7f \"\\ \xc2\x9b \xe2\x80\xae \xe2\x81\xa6 "
                                  "\xe2\x80\xa8 \xff\xc3 \xc3\xa9"));
    ck_assert_str_eq(
        logged(fd),
        "\"level\":\"info\",\"event\":\"odd\",\"v\":\"a\\u000ab\\u000d\\u001b[31m\\u007f \\\"\\\\ "
        "\\u009b \\u202e \\u2066 \\u2028 \\ufffd\\ufffd \xc3\xa9\"}\n");
    log_info("odd", log_str("v", (struct str){ "a\0b", 3 }));
    ck_assert_str_eq(logged(fd), "\"level\":\"info\",\"event\":\"odd\",\"v\":\"a\\u0000b\"}\n");
}
END_TEST

START_TEST(a_long_value_is_cut)
{
    static char big[5000];
    int fd = begin();

    memset(big, 'x', sizeof(big) - 1);
    log_info("long", log_text("v", big));
    ck_assert(strlen(logged(fd)) < LOG_VALUE_MAX + 100);
    ck_assert(strstr(text, "x...\"}\n") != NULL);
    memset(big, '\1', sizeof(big) - 1);
    log_info("long", log_text("a", big), log_text("b", big), log_text("c", big), log_text("d", big),
             log_text("e", big), log_text("f", big), log_text("g", big), log_text("h", big));
    logged(fd);
    ck_assert(strcmp(text + strlen(text) - 2, "}\n") == 0);
}
END_TEST

START_TEST(lines_held_back_go_out_together_and_whole)
{
    static char value[1000];
    int fd = begin();
    size_t len;

    memset(value, 'x', sizeof(value) - 1);
    log_hold();
    log_info("first", LOG_NOTHING);
    log_info("second", LOG_NOTHING);
    log_release();
    ck_assert_ptr_nonnull(strstr(logged(fd), "\"event\":\"first\"}\n{"));
    ck_assert_ptr_nonnull(strstr(text, "\"event\":\"second\"}\n"));
    log_hold();
    for (int i = 0; i < 100; i++) /* More than is held, less than a pipe takes with what follows. */
        log_info("many", log_text("v", value));
    logged(fd);
    len = strlen(text);
    ck_assert(len > 0 && text[len - 1] == '\n');
    log_release();
    logged(fd);
    len = strlen(text);
    ck_assert(len > 0 && text[len - 1] == '\n');
}
END_TEST

START_TEST(below_the_threshold_nothing_is_written)
{
    int fd = begin();
    enum log_level level;

    ck_assert(log_level_read("error", &level));
    ck_assert(!log_level_read("loud", &level));
    log_threshold(level);
    log_warning("hushed", LOG_NOTHING);
    log_error("heard", LOG_NOTHING);
    ck_assert_str_eq(logged(fd), "\"level\":\"error\",\"event\":\"heard\"}\n");
}
END_TEST

START_TEST(a_closed_stderr_stops_nothing)
{
    log_to(-1);
    log_error("unheard", LOG_NOTHING);
}
END_TEST

START_TEST(a_secret_keeps_its_bytes_and_its_copy_is_its_own)
{
    struct secret *a = secret_new((struct str){ "k\0y", 3 }), *b = secret_copy(a);
    char wiped[4] = "abc";

    secret_free(a);
    ck_assert_uint_eq(secret_bytes(b).len, 3);
    ck_assert_mem_eq(secret_bytes(b).at, "k\0y", 4);
    secret_free(b);
    ck_assert(secret_copy(NULL) == NULL);
    ck_assert_uint_eq(secret_bytes(NULL).len, 0);
    secret_wipe(wiped, 3);
    ck_assert_mem_eq(wiped, "\0\0\0", 4);
}
END_TEST

SUITE(log, a_happening_is_one_line_with_its_fields,
      what_moves_a_cursor_or_turns_the_text_is_escaped, a_long_value_is_cut,
      lines_held_back_go_out_together_and_whole, below_the_threshold_nothing_is_written,
      a_closed_stderr_stops_nothing, a_secret_keeps_its_bytes_and_its_copy_is_its_own)
