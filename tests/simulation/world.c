/* One world: its beginning, its steps, its crashes, its healing and its rest. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "world.h"

/* ---- violations and faults ------------------------------------------------------------------ */

void
violated(struct world *w, const char *fmt, ...)
{
    char text[512];
    va_list args;

    if (w->violated)
        return; /* The first one counts; the others follow from it. */
    va_start(args, fmt);
    vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);
    w->violated = true;
    trace("VIOLATED: %s", text);
    fprintf(stderr, "SEED=%llu: %s\n", (unsigned long long)w->seed, text);
}

bool
fault(struct world *w, enum fault kind)
{
    return w->rates[kind] != 0 && !w->crashing && draw_chance(&w->draw, w->rates[kind]);
}

void
happens(struct world *w, int64_t in_ms, enum happening_kind kind, int64_t a, int64_t b)
{
    if (w->happening_count == HAPPENINGS_MAX) {
        violated(w, "more than %d things are to happen", HAPPENINGS_MAX);
        return;
    }
    w->happenings[w->happening_count++] = (struct happening){ w->now_ms + (in_ms > 0 ? in_ms : 0),
                                                              ++w->next_number, kind, a, b };
}

/* ---- crashing ------------------------------------------------------------------------------- */

static void
count_crash(struct world *w)
{
    int64_t under_way = 0;

    for (size_t i = 0; i < WORKS_MAX; i++)
        under_way += w->works[i].used;
    if (under_way >= 2)
        sometimes(SOMETIMES_CRASH_WITH_WORK);
    for (int64_t id = 1; id <= w->seen_max; id++)
        if (w->seen[id].d.state == ROLLING_OUT || w->seen[id].d.state == ROLLING_BACK) {
            sometimes(SOMETIMES_CRASH_IN_ROLLOUT);
            return;
        }
}

void
world_crashes(struct world *w, enum sometimes what)
{
    sometimes(what);
    trace("  crash: %s", sometimes_words(what));
    longjmp(w->crash_point, 1);
}

/* ---- slipway's process ---------------------------------------------------------------------- */

static bool
open_store(struct world *w)
{
    struct error e;

    w->store = store_open(w->path[0] != '\0' ? w->path : ":memory:", &e);
    if (w->store == NULL)
        violated(w, "the store cannot be opened: %s", e.text);
    return w->store != NULL;
}

static void
start_engine(struct world *w)
{
    struct error e;

    w->engine = engine_new(&w->loop, w->store, &w->settings, &w->shop, &e);
    if (w->engine == NULL)
        violated(w, "the engine cannot be started: %s", e.text);
    else
        engine_start(w->engine);
}

static void
end_engine(struct world *w)
{
    w->crashing = true;
    engine_free(w->engine);
    w->engine = NULL;
    memset(w->works, 0, sizeof(w->works));
    loop_forget(w);
    w->crashing = false;
}

/* Seconds, hours, or until about the time by which somebody should have approved. */
static int64_t
draw_down_ms(struct world *w)
{
    for (int64_t id = 1; id <= w->seen_max; id++) {
        const struct deployment *d = &w->seen[id].d;

        if (d->state == AWAITING_APPROVAL && d->planned && d->deadline_ms > w->now_ms &&
            draw_chance(&w->draw, 150))
            return d->deadline_ms - w->now_ms + draw_between(&w->draw, 0, 5000);
    }
    if (draw_chance(&w->draw, 850))
        return draw_between(&w->draw, 100, 20000);
    sometimes(SOMETIMES_LONG_DOWN);
    return MINUTES(draw_between(&w->draw, 60, 600));
}

/* The process ends as by SIGKILL and starts again, perhaps much later. */
static void
restart(struct world *w)
{
    int64_t down_ms = draw_down_ms(w);

    w->crashes++;
    count_crash(w);
    end_engine(w);
    check_undone(w);
    if (w->path[0] != '\0') {
        store_close(w->store);
        w->store = NULL;
        if (!open_store(w))
            return;
        sometimes(SOMETIMES_REOPENED_FILE);
    } else if (w->in_transaction) {
        store_undo(w->store);
    }
    w->in_transaction = false;
    w->now_ms += down_ms;
    check_whole(w);
    if (!w->violated)
        start_engine(w);
    if (!w->violated && down_ms > MINUTES(1))
        people_have_waited(w);
}

/* ---- steps ---------------------------------------------------------------------------------- */

static void
happen(struct world *w, const struct happening *h)
{
    switch (h->kind) {
    case HAPPENS_CHANGE:
    case HAPPENS_MESSAGE:
    case HAPPENS_POISON:
    case HAPPENS_SWEEP:
        registry_happens(w, h);
        break;
    case HAPPENS_WORK:
        drivers_happen(w, h);
        break;
    case HAPPENS_PERSON:
    case HAPPENS_ASK:
        people_happen(w, h);
        break;
    case HAPPENS_FOREIGN:
        fleet_foreign(w);
        break;
    case HAPPENS_TIDY:
        engine_tidy(w->engine);
        happens(w, SECONDS(600), HAPPENS_TIDY, 0, 0);
        break;
    }
}

/* The next thing: the earliest, and of two the one that was arranged first. */
static size_t
next_happening(const struct world *w)
{
    size_t best = 0;

    for (size_t i = 1; i < w->happening_count; i++) {
        const struct happening *a = &w->happenings[i], *b = &w->happenings[best];

        if (a->at_ms < b->at_ms || (a->at_ms == b->at_ms && a->number < b->number))
            best = i;
    }
    return best;
}

static void
turn(struct world *w)
{
    int64_t timer_ms = loop_first_ms(w);
    size_t next = next_happening(w);
    struct happening h = w->happenings[next];

    /* Sockets are looked at before what was put off, so something may come in between. */
    if (w->loop.later_count > 0 && !draw_chance(&w->draw, 200)) {
        loop_drain(w);
    } else if (timer_ms <= h.at_ms && !draw_chance(&w->draw, 50)) {
        w->now_ms = timer_ms > w->now_ms ? timer_ms : w->now_ms;
        loop_fire(w);
    } else {
        w->happenings[next] = w->happenings[--w->happening_count];
        w->now_ms = h.at_ms > w->now_ms ? h.at_ms : w->now_ms;
        happen(w, &h);
    }
    if (!draw_chance(&w->draw, 150)) /* Else the next thing comes in the same turn. */
        loop_drain(w);
}

static void
step(struct world *w)
{
    w->steps++;
    if (setjmp(w->crash_point) == 0)
        turn(w);
    else
        w->loop.stopped = true;
    if (w->violated)
        return;
    if (w->loop.stopped)
        restart(w);
    if (!w->violated && !w->in_transaction)
        check_step(w);
}

/* ---- phases --------------------------------------------------------------------------------- */

static void
begin(struct world *w, const struct run_plan *plan)
{
    the_world = w;
    w->seed = plan->seed;
    w->calm = plan->calm;
    w->draw = draw_from(plan->seed);
    w->now_ms = WORLD_BEGINS_MS;
    w->loop.world = w;
    w->shop.world = w;
    world_settings(w, plan);
    registry_script(w);
    if (!plan->calm && draw_chance(&w->draw, 50)) {
        const char *folder = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";

        snprintf(w->path, sizeof(w->path), "%s/slipway-sim-%lld-%llu.db", folder,
                 (long long)getpid(), (unsigned long long)plan->seed);
    }
    if (open_store(w))
        start_engine(w);
    happens(w, MINUTES(10), HAPPENS_SWEEP, 0, 0);
    happens(w, MINUTES(10), HAPPENS_TIDY, 0, 0);
    if (w->calm)
        return;
    happens(w, MINUTES(20), HAPPENS_PERSON, 0, 0);
    if (w->rates[FAULT_POISON] != 0)
        happens(w, MINUTES(30), HAPPENS_POISON, 0, 0);
    if (w->rates[FAULT_FOREIGN] != 0)
        happens(w, MINUTES(90), HAPPENS_FOREIGN, 0, 0);
}

static bool
registry_goes_on(const struct world *w)
{
    for (size_t i = 0; i < w->happening_count; i++)
        if (w->happenings[i].kind == HAPPENS_CHANGE)
            return true;
    return false;
}

static void
run_faulty(struct world *w)
{
    int64_t until_ms = 0, steps_max = 6000;

    while (!w->violated && w->steps < steps_max && (until_ms == 0 || w->now_ms < until_ms)) {
        step(w);
        if (until_ms == 0 && !registry_goes_on(w))
            until_ms = w->now_ms + HOURS(12);
    }
}

/* No faults any more, and nobody decides. */
static void
heal(struct world *w)
{
    size_t kept = 0;

    memset(w->rates, 0, sizeof(w->rates));
    for (size_t i = 0; i < w->happening_count; i++) {
        enum happening_kind k = w->happenings[i].kind;

        if (k != HAPPENS_PERSON && k != HAPPENS_POISON && k != HAPPENS_FOREIGN)
            w->happenings[kept++] = w->happenings[i];
    }
    w->happening_count = kept;
    trace("%lld healed", (long long)(w->now_ms - WORLD_BEGINS_MS));
}

static bool
is_at_rest(struct world *w, int64_t since_ms)
{
    return w->now_ms - since_ms > MINUTES(11) && w->loop.later_count == 0 && !w->in_transaction &&
           registry_is_quiet(w) && check_settled(w);
}

static void
rest(struct world *w)
{
    int64_t since_ms = w->now_ms, steps_max = w->steps + 20000;

    while (!w->violated && !is_at_rest(w, since_ms)) {
        step(w);
        if (w->steps > steps_max || w->now_ms - since_ms > DAYS(5))
            violated(w, "the healed world does not come to rest");
    }
    if (w->violated)
        return;
    sometimes(SOMETIMES_SETTLED);
    check_whole(w);
    check_rest(w);
}

/* People do what is left to do, until nobody is waited for. */
static void
finish(struct world *w)
{
    for (int round = 0; !w->violated && people_finish(w); round++) {
        rest(w);
        if (round == 60)
            violated(w, "people cannot bring it to an end");
    }
}

static void
end(struct world *w, struct run_plan *plan)
{
    struct error e;

    if (plan->dump != NULL && !w->violated && !view_dump_canonical(w->store, plan->dump, &e))
        violated(w, "the dump cannot be written: %s", e.text);
    plan->deployments = w->seen_max;
    end_engine(w);
    store_close(w->store);
    if (w->path[0] != '\0') {
        static const char *const SUFFIXES[] = { "", "-wal", "-shm", ".lock" };
        char name[200];

        for (size_t i = 0; i < ARRAY_LEN(SUFFIXES); i++) {
            snprintf(name, sizeof(name), "%s%s", w->path, SUFFIXES[i]);
            unlink(name);
        }
    }
}

bool
world_run(struct run_plan *plan)
{
    struct world *w = xcalloc(1, sizeof(*w));
    bool held;

    begin(w, plan);
    if (!w->violated && !w->calm) {
        run_faulty(w);
        heal(w);
    }
    if (w->calm)
        registry_tell(w, plan);
    if (!w->violated)
        rest(w);
    if (!w->violated && !w->calm && draw_chance(&w->draw, 500))
        finish(w);
    end(w, plan);
    held = !w->violated;
    free(w);
    the_world = NULL;
    return held;
}
