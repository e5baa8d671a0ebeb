/* links: slipway_platform */

/* Goal: turns, timers, signals and what is put off behave as loop.h says. */

#include "platform/loop.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "platform/clock.h"
#include "suite.h"

struct diary {
    struct loop *loop;
    char text[64];
    struct timer *timer;
};

static void
note(struct diary *d, char c)
{
    size_t len = strlen(d->text);

    ck_assert(len + 1 < sizeof(d->text));
    d->text[len] = c;
}

static void
note_b(void *cookie)
{
    note(cookie, 'b');
}

static void
note_a_and_put_b_off(void *cookie)
{
    struct diary *d = cookie;

    note(d, 'a');
    loop_later(d->loop, note_b, d);
}

static void
note_t(void *cookie)
{
    note(cookie, 't');
}

static void
stop(void *cookie)
{
    struct diary *d = cookie;

    note(d, 's');
    loop_stop(d->loop);
}

START_TEST(what_is_put_off_while_putting_off_waits_a_turn)
{
    struct diary d = { .loop = loop_new() };

    loop_later(d.loop, note_a_and_put_b_off, &d);
    loop_turn(d.loop, 0);
    ck_assert_str_eq(d.text, "a");
    loop_turn(d.loop, 0);
    ck_assert_str_eq(d.text, "ab");
    loop_free(d.loop);
}
END_TEST

START_TEST(what_is_put_off_comes_after_all_else_of_its_turn)
{
    struct diary d = { .loop = loop_new() };
    struct timer *one = timer_new(d.loop, note_t, &d);

    timer_start(one, 0);
    loop_later(d.loop, note_b, &d);
    loop_turn(d.loop, 0);
    ck_assert_str_eq(d.text, "tb");
    timer_free(one);
    loop_free(d.loop);
}
END_TEST

START_TEST(what_is_taken_back_is_not_called)
{
    struct diary d = { .loop = loop_new() };

    loop_later(d.loop, note_t, &d);
    loop_later(d.loop, note_b, &d);
    loop_not_later(d.loop, note_t, &d);
    loop_turn(d.loop, 0);
    ck_assert_str_eq(d.text, "b");
    loop_free(d.loop);
}
END_TEST

START_TEST(a_timer_fires_once_and_may_start_again)
{
    struct diary d = { .loop = loop_new() };
    struct timer *late = timer_new(d.loop, stop, &d);
    struct timer *early = timer_new(d.loop, note_t, &d);
    int64_t from = clock_monotonic_ms();

    timer_start(late, 60);
    timer_start(early, 1);
    ck_assert(timer_runs(early));
    loop_run(d.loop);
    ck_assert(!timer_runs(early));
    ck_assert_str_eq(d.text, "ts");
    ck_assert_int_ge((int)(clock_monotonic_ms() - from), 59);
    timer_start(late, 0);
    timer_start(early, 60000);
    loop_run(d.loop);
    ck_assert_str_eq(d.text, "tss");
    timer_free(late);
    timer_free(early);
    loop_free(d.loop);
}
END_TEST

static void
free_own_timer(void *cookie)
{
    struct diary *d = cookie;

    timer_free(d->timer);
    loop_stop(d->loop);
}

START_TEST(a_timer_may_be_freed_by_its_own_call)
{
    struct diary d = { .loop = loop_new() };

    d.timer = timer_new(d.loop, free_own_timer, &d);
    timer_start(d.timer, 0);
    loop_run(d.loop);
    loop_free(d.loop);
}
END_TEST

START_TEST(a_signal_is_heard_from_the_loop)
{
    struct diary d = { .loop = loop_new() };

    loop_on_signal(d.loop, SIGTERM, stop, &d);
    kill(getpid(), SIGTERM);
    loop_run(d.loop);
    ck_assert_str_eq(d.text, "s");
    loop_free(d.loop);
}
END_TEST

static void
sleep_and_compare(void *cookie)
{
    struct diary *d = cookie;
    struct timespec five_ms = { .tv_nsec = 5000000 };
    int64_t wall = loop_now_ms(d->loop), mono = loop_monotonic_ms(d->loop);

    nanosleep(&five_ms, NULL);
    ck_assert_int_eq(wall, loop_now_ms(d->loop));
    ck_assert_int_eq(mono, loop_monotonic_ms(d->loop));
    note(d, 'c');
}

START_TEST(within_a_turn_the_time_stands_still)
{
    struct diary d = { .loop = loop_new() };
    int64_t before;

    loop_later(d.loop, sleep_and_compare, &d);
    loop_turn(d.loop, 0);
    before = loop_monotonic_ms(d.loop);
    loop_later(d.loop, sleep_and_compare, &d);
    loop_turn(d.loop, 0);
    ck_assert_int_ge(loop_monotonic_ms(d.loop), before + 5);
    ck_assert_str_eq(d.text, "cc");
    loop_free(d.loop);
}
END_TEST

SUITE(loop, what_is_put_off_while_putting_off_waits_a_turn,
      what_is_put_off_comes_after_all_else_of_its_turn, what_is_taken_back_is_not_called,
      a_timer_fires_once_and_may_start_again, a_timer_may_be_freed_by_its_own_call,
      a_signal_is_heard_from_the_loop, within_a_turn_the_time_stands_still)
