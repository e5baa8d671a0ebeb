#include "engine/engine.h"

#include <stdlib.h>
#include <string.h>

#include "engine_internal.h"
#include "platform/clock.h"
#include "platform/log.h"

/* ---- life ----------------------------------------------------------------------------------- */

static void
timer_fired(void *cookie)
{
    dispatch_soon(cookie);
}

/* Time goes on from the newest record: a wall clock that was set back would put everything off. */
static void
set_clock(struct engine *en)
{
    int64_t behind_ms = store_newest_ms(en->store) - clock_wall_ms();

    en->clock_base_ms = clock_wall_ms() - clock_monotonic_ms();
    if (behind_ms <= 0)
        return;
    en->clock_base_ms += behind_ms;
    log_warning("clock-behind", log_int("behind_ms", behind_ms));
}

struct engine *
engine_new(struct loop *loop, struct store *s, const struct settings *settings,
           struct workshop *shop, struct error *e)
{
    struct engine *en = xcalloc(1, sizeof(*en));
    struct store_counts counts;

    en->loop = loop;
    en->store = s;
    en->settings = settings;
    en->shop = shop;
    set_clock(en);
    en->installation = xstrdup(settings->queue.url != NULL ? settings->queue.url : "");
    en->timer = timer_new(loop, timer_fired, en);
    LIST_INIT(&en->runs);
    if (!learner_init(&en->learner, s, settings, dispatch_ordered, en, e) ||
        !dispatch_recall(en, e) || !view_counts(s, &counts, e)) {
        engine_free(en);
        return NULL;
    }
    log_info("store-opened", log_int("open_orders", counts.open_orders));
    return en;
}

void
engine_start(struct engine *en)
{
    en->ready = true;
    dispatch_soon(en);
}

void
engine_stop(struct engine *en)
{
    en->ready = false;
    en->stopped = true;
    dispatch_stop(en);
    timer_stop(en->timer);
}

void
engine_free(struct engine *en)
{
    if (en == NULL)
        return;
    dispatch_stop(en);
    timer_free(en->timer);
    learner_fini(&en->learner);
    agenda_free(&en->orders);
    agenda_free(&en->deadlines);
    waiting_free(&en->waiting);
    free(en->waiters);
    while (en->move_count > 0)
        free(en->moves[--en->move_count].reason);
    free(en->moves);
    free(en->installation);
    free(en);
}

bool
engine_use(struct engine *en, const struct settings *settings, struct error *e)
{
    struct error refused;

    if (!learner_use(&en->learner, settings, e))
        return false;
    /* What is being carried out borrows the old settings: it is taken up again with the new, and so
     * is what waited for a pipeline that was not configured. */
    dispatch_stop(en);
    en->settings = settings;
    if (!dispatch_recall(en, &refused))
        engine_dies(en, &refused);
    dispatch_soon(en);
    return true;
}

/* ---- housekeeping --------------------------------------------------------------------------- */

void
engine_tidy(struct engine *en)
{
    int64_t now_ms = engine_now_ms(en);
    struct error e = { 0 };

    /* Message ids are kept for a day, far longer than the five minutes a signature is good for. */
    if (now_ms - en->last_forget_ms >= HOURS(1) && turn_open(en)) {
        en->last_forget_ms = now_ms;
        if (!store_messages_forget(en->store, now_ms - DAYS(1), &e))
            engine_dies(en, &e);
    }
    if (en->orders.count + en->deadlines.count > en->agenda_max && !dispatch_recall(en, &e))
        engine_dies(en, &e);
    if (!en->in_turn && !en->dead && now_ms - en->last_checkpoint_ms >= SECONDS(10)) {
        en->last_checkpoint_ms = now_ms;
        store_checkpoint(en->store);
    }
}

/* ---- feeding -------------------------------------------------------------------------------- */

enum learnt
engine_feed_event(struct engine *en, const struct event *ev)
{
    struct error e = { 0 };
    bool applied;

    if (!turn_open(en))
        return LEARNT_BUSY;
    en->counters.events++;
    if (!learner_event(&en->learner, ev, engine_now_ms(en), &applied, &e)) {
        engine_dies(en, &e);
        return LEARNT_BUSY;
    }
    return applied ? LEARNT_APPLIED : LEARNT_NOTHING;
}

enum learnt
engine_feed_poison(struct engine *en, struct str body, const char *reason)
{
    struct error e = { 0 };

    if (!turn_open(en))
        return LEARNT_BUSY;
    en->counters.quarantined++;
    if (!store_quarantine(en->store, body, reason, engine_now_ms(en),
                          en->settings->queue.quarantine_max, &e)) {
        engine_dies(en, &e);
        return LEARNT_BUSY;
    }
    log_warning("message-quarantined", log_text("reason", reason),
                log_int("bytes", (int64_t)body.len));
    return LEARNT_APPLIED;
}

void
engine_feed_end(struct engine *en, learnt_done *done, void *cookie)
{
    if (turn_open(en))
        turn_tell(en, done, cookie, LEARNT_APPLIED, NULL);
}

/* ---- questions ------------------------------------------------------------------------------ */

const struct settings *
engine_settings(const struct engine *en)
{
    return en->settings;
}

struct store *
engine_store(const struct engine *en)
{
    return en->store;
}

int64_t
engine_now_ms(const struct engine *en)
{
    return en->clock_base_ms + clock_monotonic_ms();
}

bool
engine_is_ready(const struct engine *en)
{
    return en->ready && !en->dead;
}

int
engine_exit_status(const struct engine *en)
{
    return en->exit_status;
}

const struct engine_counters *
engine_counters(const struct engine *en)
{
    return &en->counters;
}

struct engine_counters *
engine_counting(struct engine *en)
{
    return &en->counters;
}
