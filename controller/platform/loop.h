#ifndef SLIPWAY_PLATFORM_LOOP_H
#define SLIPWAY_PLATFORM_LOOP_H

/**
 * Loop: the one thread that waits for sockets, timers, signals and children.
 *
 *     struct loop *l = loop_new();
 *     loop_on_signal(l, SIGTERM, please_stop, d);
 *     loop_run(l);              returns after loop_stop()
 *     loop_free(l);
 *
 * A *turn* is: wait, call everything that is due, call what was put off with
 * loop_later().  Within a turn the time stands still.
 */

#include "slipway/base.h"

struct event_base;
struct loop;
struct timer;

typedef void loop_call(void *cookie);

/** Makes a loop; ends the process if the machine gives none.  Ignores SIGPIPE from here on. */
struct loop *loop_new(void) MUST_CHECK;

/**
 * Frees the loop; NULL is allowed.  Kills and reaps children that still run.  Timers and clients
 * made on it must be freed before.
 */
void loop_free(struct loop *l);

/** libevent's loop inside; lent, for platform/ and wire/ only. */
struct event_base *loop_base(struct loop *l) MUST_CHECK;

/** Turns until loop_stop(); the turn in which it was called is finished first. */
void loop_run(struct loop *l);

/** One turn, which waits at most `wait_ms` (0: not at all).  For tests. */
void loop_turn(struct loop *l, int64_t wait_ms);

/** Makes loop_run() return at the end of this turn. */
void loop_stop(struct loop *l);

/** The wall clock and the monotonic clock, read once a turn, at the first question. */
int64_t loop_now_ms(struct loop *l) MUST_CHECK;
int64_t loop_monotonic_ms(struct loop *l) MUST_CHECK;

/**
 * Calls `call(cookie)` at the end of this turn, in the order of asking, after
 * everything else that was due in it.  From outside a turn: at the end of
 * the next, without waiting.  What is put off at that point runs in the next
 * turn.
 */
void loop_later(struct loop *l, loop_call *call, void *cookie);

/** Takes every pending loop_later(call, cookie) back. */
void loop_not_later(struct loop *l, loop_call *call, void *cookie);

/** Calls `call(cookie)` from the loop, not from the handler, whenever signal `number` came. */
void loop_on_signal(struct loop *l, int number, loop_call *call, void *cookie);

/** A timer that is not running.  The caller owns it; it must go before its loop. */
struct timer *timer_new(struct loop *l, loop_call *fired, void *cookie) MUST_CHECK;

/** Starts it, or starts it anew: fired(cookie) once, in `in_ms` (>= 0). */
void timer_start(struct timer *t, int64_t in_ms);

void timer_stop(struct timer *t);
bool timer_runs(const struct timer *t) MUST_CHECK;

/** Stops and frees it; NULL is allowed.  May be called from its own fired(). */
void timer_free(struct timer *t);

#endif
