/* The loop, its timers, the clocks and the log, in virtual time. */
#include <stdlib.h>
#include <string.h>

#include "platform/clock.h"
#include "platform/log.h"
#include "world.h"

struct world *the_world;

/* ---- what is put off ------------------------------------------------------------------------ */

void
loop_later(struct loop *l, loop_call *call, void *cookie)
{
    if (l->later_count == ARRAY_LEN(l->later))
        abort();
    l->later[l->later_count++] = (struct later){ call, cookie };
}

void
loop_not_later(struct loop *l, loop_call *call, void *cookie)
{
    size_t kept = 0;

    for (size_t i = 0; i < l->later_count; i++)
        if (l->later[i].call != call || l->later[i].cookie != cookie)
            l->later[kept++] = l->later[i];
    l->later_count = kept;
}

void
loop_stop(struct loop *l)
{
    l->stopped = true;
}

void
loop_drain(struct world *w)
{
    struct loop *l = &w->loop;

    while (l->later_count > 0 && !w->violated) {
        struct later first = l->later[0];

        if (w->in_transaction && fault(w, FAULT_CRASH))
            world_crashes(w, SOMETIMES_CRASH_IN_TURN);
        l->later_count--;
        memmove(l->later, l->later + 1, l->later_count * sizeof(l->later[0]));
        first.call(first.cookie);
    }
}

/* ---- timers --------------------------------------------------------------------------------- */

struct timer *
timer_new(struct loop *l, loop_call *fired, void *cookie)
{
    struct timer *t = xcalloc(1, sizeof(*t));

    *t = (struct timer){ .loop = l, .fired = fired, .cookie = cookie, .next = l->timers };
    l->timers = t;
    return t;
}

void
timer_start(struct timer *t, int64_t in_ms)
{
    t->at_ms = t->loop->world->now_ms + in_ms;
    t->runs = true;
}

void
timer_stop(struct timer *t)
{
    t->runs = false;
}

bool
timer_runs(const struct timer *t)
{
    return t->runs;
}

void
timer_free(struct timer *t)
{
    struct timer **at;

    if (t == NULL)
        return;
    for (at = &t->loop->timers; *at != t; at = &(*at)->next)
        ;
    *at = t->next;
    free(t);
}

int64_t
loop_first_ms(const struct world *w)
{
    int64_t first = INT64_MAX;

    for (const struct timer *t = w->loop.timers; t != NULL; t = t->next)
        if (t->runs && t->at_ms < first)
            first = t->at_ms;
    return first;
}

void
loop_fire(struct world *w)
{
    for (struct timer *t = w->loop.timers; t != NULL; t = t->next) {
        if (!t->runs || t->at_ms > w->now_ms)
            continue;
        t->runs = false;
        t->fired(t->cookie);
        return;
    }
}

void
loop_forget(struct world *w)
{
    w->loop.later_count = 0;
    w->loop.stopped = false;
}

/* ---- clocks and log ------------------------------------------------------------------------- */

int64_t
clock_wall_ms(void)
{
    return the_world->now_ms;
}

int64_t
clock_monotonic_ms(void)
{
    return the_world->now_ms - WORLD_BEGINS_MS;
}

int64_t
loop_now_ms(struct loop *l)
{
    return l->world->now_ms;
}

int64_t
loop_monotonic_ms(struct loop *l)
{
    return l->world->now_ms - WORLD_BEGINS_MS;
}

void
log_write(enum log_level level, const char *event, const struct log_field *fields)
{
    (void)level;
    (void)fields;
    if (strcmp(event, "order-waits") == 0)
        sometimes(SOMETIMES_GROUP_WAITED_FOR);
}

void
log_hold(void)
{
}

void
log_release(void)
{
}

/* ---- the disk ------------------------------------------------------------------------------- */

/* The linker puts these between the engine and the store (--wrap), and gives them their names. */
/* NOLINTBEGIN(bugprone-reserved-identifier,readability-identifier-naming,cert-dcl37-c) */
bool __real_store_begin(struct store *s, struct error *e);
bool __wrap_store_begin(struct store *s, struct error *e);
bool __real_store_commit(struct store *s, struct error *e);
bool __wrap_store_commit(struct store *s, struct error *e);
bool __real_store_apply(struct store *s, const struct deployment *before, const struct fact *f,
                        struct decision *decision, int64_t due_ms, struct error *e);
bool __wrap_store_apply(struct store *s, const struct deployment *before, const struct fact *f,
                        struct decision *decision, int64_t due_ms, struct error *e);

bool
__wrap_store_begin(struct store *s, struct error *e)
{
    the_world->in_transaction = true;
    return __real_store_begin(s, e);
}

bool
__wrap_store_commit(struct store *s, struct error *e)
{
    struct world *w = the_world;

    if (fault(w, FAULT_CRASH))
        world_crashes(w, SOMETIMES_CRASH_IN_TURN);
    if (fault(w, FAULT_DISK)) {
        sometimes(SOMETIMES_COMMIT_REFUSED);
        trace("  commit refused");
        return error_set(e, ERROR_STORAGE, "the simulated disk refuses");
    }
    if (!__real_store_commit(s, e))
        return false;
    w->in_transaction = false;
    check_committed(w);
    if (fault(w, FAULT_CRASH))
        world_crashes(w, SOMETIMES_CRASH_AFTER_COMMIT);
    if (fault(w, FAULT_DISK)) {
        sometimes(SOMETIMES_COMMIT_REFUSED_DURABLE);
        trace("  commit refused, but durable");
        return error_set(e, ERROR_STORAGE, "the simulated disk forgets to answer");
    }
    return true;
}

bool
__wrap_store_apply(struct store *s, const struct deployment *before, const struct fact *f,
                   struct decision *decision, int64_t due_ms, struct error *e)
{
    if (fault(the_world, FAULT_DISK)) {
        sometimes(SOMETIMES_APPLY_REFUSED);
        trace("  write refused");
        return error_set(e, ERROR_STORAGE, "the simulated disk refuses");
    }
    return __real_store_apply(s, before, f, decision, due_ms, e);
}
/* NOLINTEND(bugprone-reserved-identifier,readability-identifier-naming,cert-dcl37-c) */
