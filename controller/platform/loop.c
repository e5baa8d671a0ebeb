#include "loop.h"

#include <assert.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include <event2/event.h>

#include "clock.h"
#include "loop_internal.h"
#include "slipway/memory.h"

/* A call put off to the end of a turn; `call` is NULL once taken back. */
struct later {
    loop_call *call;
    void *cookie;
};

struct later_list {
    struct later *items;
    size_t count, room;
};

struct signal_watch {
    struct signal_watch *next;
    struct event *event;
    loop_call *call;
    void *cookie;
};

struct loop {
    struct event_base *base;
    struct signal_watch *signals;
    struct children *children;
    struct later_list later; /* Asked for; run at the end of the turn. */
    struct later_list now;   /* Being run. */
    bool stopping;
    bool clock_read; /* In this turn. */
    int64_t now_ms, monotonic_ms;
};

struct timer {
    struct event *event;
    loop_call *fired;
    void *cookie;
};

struct loop *
loop_new(void)
{
    struct loop *l = xcalloc(1, sizeof(*l));
    struct sigaction ignore = { .sa_handler = SIG_IGN };
    struct event_config *config = event_config_new();

    sigaction(SIGPIPE, &ignore, NULL);
    /* libevent's own choice is a clock of 4 ms grain, by which timers fire early. */
    if (config == NULL || event_config_set_flag(config, EVENT_BASE_FLAG_PRECISE_TIMER) != 0)
        abort();
    l->base = event_base_new_with_config(config);
    event_config_free(config);
    if (l->base == NULL)
        abort();
    return l;
}

void
loop_free(struct loop *l)
{
    if (l == NULL)
        return;
    children_free(l->children);
    while (l->signals != NULL) {
        struct signal_watch *w = l->signals;

        l->signals = w->next;
        event_free(w->event);
        free(w);
    }
    event_base_free(l->base);
    free(l->later.items);
    free(l->now.items);
    free(l);
}

struct event_base *
loop_base(struct loop *l)
{
    return l->base;
}

struct children **
loop_children(struct loop *l)
{
    return &l->children;
}

/* ---- turns ---------------------------------------------------------------------------------- */

/* Runs what was put off until now; what that puts off itself is for the next turn. */
static void
run_later(struct loop *l)
{
    struct later_list list = l->later;

    l->later = l->now;
    l->later.count = 0;
    l->now = list;
    for (size_t i = 0; i < l->now.count; i++) {
        struct later one = l->now.items[i];

        if (one.call != NULL)
            one.call(one.cookie);
    }
    l->now.count = 0;
}

static void
ring(evutil_socket_t fd, short what, void *cookie)
{
    (void)fd;
    (void)what;
    (void)cookie;
}

void
loop_turn(struct loop *l, int64_t wait_ms)
{
    bool wait = wait_ms > 0 && l->later.count == 0;
    struct timeval at_most = { .tv_sec = (time_t)(wait_ms / 1000),
                               .tv_usec = (suseconds_t)(wait_ms % 1000 * 1000) };

    l->clock_read = false;
    if (wait)
        event_base_once(l->base, -1, EV_TIMEOUT, ring, NULL, &at_most);
    event_base_loop(l->base, wait ? EVLOOP_ONCE : EVLOOP_ONCE | EVLOOP_NONBLOCK);
    run_later(l);
}

void
loop_run(struct loop *l)
{
    l->stopping = false;
    while (!l->stopping) {
        int flags = EVLOOP_ONCE | EVLOOP_NO_EXIT_ON_EMPTY;

        l->clock_read = false;
        if (l->later.count > 0)
            flags |= EVLOOP_NONBLOCK;
        event_base_loop(l->base, flags);
        run_later(l);
    }
}

void
loop_stop(struct loop *l)
{
    l->stopping = true;
}

static void
read_clock(struct loop *l)
{
    if (l->clock_read)
        return;
    l->now_ms = clock_wall_ms();
    l->monotonic_ms = clock_monotonic_ms();
    l->clock_read = true;
}

int64_t
loop_now_ms(struct loop *l)
{
    read_clock(l);
    return l->now_ms;
}

int64_t
loop_monotonic_ms(struct loop *l)
{
    read_clock(l);
    return l->monotonic_ms;
}

void
loop_later(struct loop *l, loop_call *call, void *cookie)
{
    struct later_list *list = &l->later;

    if (list->count == list->room) {
        list->room = list->room == 0 ? 16 : list->room * 2;
        list->items = xrealloc(list->items, list->room * sizeof(*list->items));
    }
    list->items[list->count++] = (struct later){ call, cookie };
}

static void
take_back(struct later_list *list, loop_call *call, void *cookie)
{
    for (size_t i = 0; i < list->count; i++)
        if (list->items[i].call == call && list->items[i].cookie == cookie)
            list->items[i].call = NULL;
}

void
loop_not_later(struct loop *l, loop_call *call, void *cookie)
{
    take_back(&l->later, call, cookie);
    take_back(&l->now, call, cookie);
}

/* ---- signals and timers --------------------------------------------------------------------- */

static void
signal_came(evutil_socket_t number, short what, void *cookie)
{
    struct signal_watch *w = cookie;

    (void)number;
    (void)what;
    w->call(w->cookie);
}

void
loop_on_signal(struct loop *l, int number, loop_call *call, void *cookie)
{
    struct signal_watch *w = xcalloc(1, sizeof(*w));

    w->call = call;
    w->cookie = cookie;
    w->event = evsignal_new(l->base, number, signal_came, w);
    if (w->event == NULL || event_add(w->event, NULL) != 0)
        abort();
    w->next = l->signals;
    l->signals = w;
}

static void
timer_fired(evutil_socket_t fd, short what, void *cookie)
{
    struct timer *t = cookie;

    (void)fd;
    (void)what;
    t->fired(t->cookie);
}

struct timer *
timer_new(struct loop *l, loop_call *fired, void *cookie)
{
    struct timer *t = xcalloc(1, sizeof(*t));

    t->fired = fired;
    t->cookie = cookie;
    t->event = evtimer_new(l->base, timer_fired, t);
    if (t->event == NULL)
        abort();
    return t;
}

void
timer_start(struct timer *t, int64_t in_ms)
{
    struct timeval in = { .tv_sec = (time_t)(in_ms / 1000),
                          .tv_usec = (suseconds_t)(in_ms % 1000 * 1000) };

    assert(in_ms >= 0);
    evtimer_add(t->event, &in);
}

void
timer_stop(struct timer *t)
{
    evtimer_del(t->event);
}

bool
timer_runs(const struct timer *t)
{
    return evtimer_pending(t->event, NULL) != 0;
}

void
timer_free(struct timer *t)
{
    if (t == NULL)
        return;
    event_free(t->event);
    free(t);
}
