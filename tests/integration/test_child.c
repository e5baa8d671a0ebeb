/* links: slipway_platform */

/* Goal: whatever a program does, its starter hears of it once, in time, and nothing of it is left.
 */

#include "platform/child.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "platform/clock.h"
#include "platform/loop.h"
#include "suite.h"

struct seen {
    struct loop *loop;
    int times;
    enum child_end end;
    int code;
    char out[256], err[256];
    size_t out_len;
    bool out_cut;
    char error[480];
    int64_t ran_ms;
};

static void
ended(void *cookie, const struct child_result *r)
{
    struct seen *s = cookie;

    s->times++;
    s->end = r->end;
    s->code = r->code;
    s->out_len = r->out.len;
    s->out_cut = r->out_cut;
    s->ran_ms = r->ran_ms;
    snprintf(s->out, sizeof(s->out), "%s", r->out.at);
    snprintf(s->err, sizeof(s->err), "%s", r->err.at);
    snprintf(s->error, sizeof(s->error), "%s", r->error.text);
    loop_stop(s->loop);
}

/* Runs a script of /bin/sh and waits for its end. */
static struct seen
run(const char *script, int64_t timeout_ms)
{
    const char *const argv[] = { "/bin/sh", "-c", script, NULL };
    const char *const environment[] = { "ONLY=this", "PATH=/usr/bin:/bin", NULL };
    struct seen s = { .loop = loop_new() };
    struct child_program p = { .argv = argv,
                               .environment = environment,
                               .directory = "/",
                               .timeout_ms = timeout_ms,
                               .out_max = 100,
                               .err_max = 100 };

    child_start(s.loop, &p, ended, &s);
    ck_assert_int_eq(s.times, 0);
    loop_run(s.loop);
    for (int i = 0; i < 3; i++)
        loop_turn(s.loop, 5);
    ck_assert_int_eq(s.times, 1);
    loop_free(s.loop);
    return s;
}

START_TEST(a_program_tells_its_status_and_both_outputs)
{
    struct seen s = run("echo out; echo err >&2; exit 3", 5000);

    ck_assert_int_eq(s.end, CHILD_EXITED);
    ck_assert_int_eq(s.code, 3);
    ck_assert_str_eq(s.out, "out\n");
    ck_assert_str_eq(s.err, "err\n");
    ck_assert_str_eq(s.error, "/bin/sh: ended with status 3");
}
END_TEST

START_TEST(a_program_gets_the_given_environment_and_nothing_else)
{
    struct seen s;

    setenv("AWS_SECRET_ACCESS_KEY", "must-not-pass", 1);
    s = run("env | grep -v -e ^PWD= -e ^SHLVL= -e ^_= | sort; pwd; ls -l /proc/self/fd | grep -c "
            "'[0-9] ->'",
            5000);
    ck_assert_str_eq(s.out, "ONLY=this\nPATH=/usr/bin:/bin\n/\n4\n"); /* 0, 1, 2 and ls's own. */
}
END_TEST

static void
stop(void *cookie)
{
    loop_stop(cookie);
}

/* What a starter has open, and what it has not, is nothing to the program. */
START_TEST(a_program_reads_nothing_whatever_its_starter_has_closed)
{
    static const char *const ARGV[] = { "/bin/sh", "-c", "cat && echo read", NULL };
    struct child_program p = { .argv = ARGV, .timeout_ms = 5000, .out_max = 100, .err_max = 100 };
    struct seen s = { .loop = NULL };
    struct timer *guard;
    int third;

    s.loop = loop_new();
    guard = timer_new(s.loop, stop, s.loop);
    timer_start(guard, 10000);
    third = dup(3);
    close(3);
    child_start(s.loop, &p, ended, &s);
    if (third >= 0)
        dup2(third, 3);
    loop_run(s.loop);
    ck_assert_msg(s.end == CHILD_EXITED && s.code == 0, "%s: %s", s.error, s.err);
    ck_assert_str_eq(s.out, "read\n");
    timer_free(guard);
    loop_free(s.loop);
}
END_TEST

START_TEST(more_output_than_wanted_is_cut_and_the_program_still_ends)
{
    struct seen s = run(
        "i=0; while [ $i -lt 3000 ]; do echo 0123456789012345678901234567890123456789; "
        "i=$((i+1)); done",
        20000);

    ck_assert_int_eq(s.end, CHILD_EXITED);
    ck_assert_uint_eq(s.out_len, 100);
    ck_assert(s.out_cut);
}
END_TEST

START_TEST(a_program_that_prints_endlessly_is_stopped_in_time)
{
    struct seen s = run("yes", 300);

    ck_assert_int_eq(s.end, CHILD_TIMED_OUT);
    ck_assert_uint_eq(s.out_len, 100);
    ck_assert_int_lt((int)s.ran_ms, 1500);
    ck_assert(strstr(s.error, "its time was over") != NULL);
}
END_TEST

START_TEST(a_program_that_ignores_term_is_killed_after_the_grace)
{
    struct seen s = run("trap '' TERM; while :; do sleep 0.1; done", 200);

    ck_assert_int_eq(s.end, CHILD_TIMED_OUT);
    ck_assert_int_ge((int)s.ran_ms, 2200);
    ck_assert_int_lt((int)s.ran_ms, 4000);
}
END_TEST

START_TEST(a_program_that_closes_its_outputs_is_waited_for)
{
    struct seen s = run("exec >&- 2>&-; sleep 0.3; exit 7", 5000);

    ck_assert_int_eq(s.end, CHILD_EXITED);
    ck_assert_int_eq(s.code, 7);
    ck_assert_int_ge((int)s.ran_ms, 250);
}
END_TEST

START_TEST(grandchildren_do_not_outlive_the_program)
{
    struct seen s = run("sleep 60 & echo $!; exit 0", 5000);
    int pid = atoi(s.out);

    ck_assert_int_eq(s.end, CHILD_EXITED);
    ck_assert_int_lt((int)s.ran_ms, 2000);
    for (int i = 0; i < 100 && kill(pid, 0) == 0; i++) {
        char path[64], state[256] = "";
        FILE *f;

        snprintf(path, sizeof(path), "/proc/%d/stat", pid);
        f = fopen(path, "r");
        if (f == NULL)
            break;
        if (fgets(state, sizeof(state), f) == NULL)
            state[0] = '\0';
        fclose(f);
        if (strstr(state, ") Z ") != NULL)
            return; /* Dead; its new parent has not looked yet. */
        nanosleep(&(struct timespec){ .tv_nsec = 20000000 }, NULL);
        ck_assert_msg(i < 99, "grandchild %d lives", pid);
    }
}
END_TEST

START_TEST(a_program_killed_by_a_signal_says_which)
{
    struct seen s = run("kill -9 $$", 5000);

    ck_assert_int_eq(s.end, CHILD_KILLED);
    ck_assert_int_eq(s.code, SIGKILL);
}
END_TEST

START_TEST(what_is_not_there_is_not_started)
{
    const char *const argv[] = { "/nonexistent/compiler", NULL };
    struct seen s = { .loop = loop_new() };
    struct child_program p = { .argv = argv, .timeout_ms = 1000 };

    child_start(s.loop, &p, ended, &s);
    loop_run(s.loop);
    ck_assert_int_eq(s.end, CHILD_NOT_STARTED);
    ck_assert_str_eq(s.error, "/nonexistent/compiler: not executed: No such file or directory");
    p.argv = (const char *const[]){ "/bin/true", NULL };
    p.directory = "/nonexistent";
    child_start(s.loop, &p, ended, &s);
    loop_run(s.loop);
    ck_assert_int_eq(s.end, CHILD_NOT_STARTED);
    ck_assert_str_eq(s.error, "/bin/true: its directory: No such file or directory");
    loop_free(s.loop);
}
END_TEST

START_TEST(a_limit_binds_the_program)
{
    const char *const argv[] = { "/bin/sh", "-c",
                                 "head -c 100000 /dev/zero > /dev/shm/slipway-$$; "
                                 "s=$?; rm /dev/shm/slipway-$$; exit $s",
                                 NULL };
    struct seen s = { .loop = loop_new() };
    struct child_program p = { .argv = argv, .timeout_ms = 5000, .limits = { .file_bytes = 4096 } };

    child_start(s.loop, &p, ended, &s);
    loop_run(s.loop);
    ck_assert(s.end == CHILD_KILLED || s.code != 0);
    loop_free(s.loop);
}
END_TEST

START_TEST(a_cancelled_program_is_killed_and_never_heard_of)
{
    const char *const argv[] = { "/bin/sh", "-c", "trap '' TERM; sleep 60", NULL };
    struct seen s = { .loop = loop_new() };
    struct child_program p = { .argv = argv, .timeout_ms = 60000, .out_max = 10 };
    struct child *a = child_start(s.loop, &p, ended, &s);
    struct child *b = child_start(s.loop, &p, ended, &s);
    int64_t from = clock_monotonic_ms();

    child_cancel(a);
    for (int i = 0; i < 20; i++)
        loop_turn(s.loop, 10);
    child_cancel(b);
    loop_free(s.loop); /* Reaps what is left, at once. */
    ck_assert_int_eq(s.times, 0);
    ck_assert_int_lt((int)(clock_monotonic_ms() - from), 2000);
}
END_TEST

SUITE(child, a_program_tells_its_status_and_both_outputs,
      a_program_gets_the_given_environment_and_nothing_else,
      a_program_reads_nothing_whatever_its_starter_has_closed,
      more_output_than_wanted_is_cut_and_the_program_still_ends,
      a_program_that_prints_endlessly_is_stopped_in_time,
      a_program_that_ignores_term_is_killed_after_the_grace,
      a_program_that_closes_its_outputs_is_waited_for, grandchildren_do_not_outlive_the_program,
      a_program_killed_by_a_signal_says_which, what_is_not_there_is_not_started,
      a_limit_binds_the_program, a_cancelled_program_is_killed_and_never_heard_of)
