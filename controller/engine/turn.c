/* The turn: everything learnt in it is committed together, then acknowledged. */
#include <stdlib.h>
#include <string.h>

#include "engine_internal.h"
#include "platform/log.h"

void
engine_dies(struct engine *en, const struct error *e)
{
    if (en->dead)
        return;
    log_error("store-failed", log_why(e), log_int("exit_status", 75));
    en->dead = true;
    en->ready = false;
    en->exit_status = 75;
    loop_stop(en->loop);
}

void
turn_moved(struct engine *en, const struct deployment *d, bool ended)
{
    struct move *m;

    if (en->move_count == en->move_room) {
        en->move_room = en->move_room > 0 ? en->move_room * 2 : 16;
        en->moves = xrealloc(en->moves, en->move_room * sizeof(*en->moves));
    }
    m = &en->moves[en->move_count++];
    *m = (struct move){ .deployment_id = d->id, .state = d->state, .ended = ended };
    memcpy(m->pipeline, d->pipeline, sizeof(m->pipeline));
    m->reason = d->reason[0] != '\0' ? xstrdup(d->reason) : NULL;
}

static void
log_moves(struct engine *en)
{
    log_hold();
    for (size_t i = 0; i < en->move_count; i++) {
        struct move *m = &en->moves[i];

        log_info("deployment-moved", log_int("deployment", m->deployment_id),
                 log_text("pipeline", m->pipeline), log_text("state", state_name(m->state)),
                 log_text("reason", m->reason));
        free(m->reason);
        if (m->ended)
            dispatch_forget(en, m->deployment_id);
    }
    log_release();
    en->move_count = 0;
}

static void
tell_all(struct engine *en)
{
    struct waiter *waiters = en->waiters;
    size_t count = en->waiter_count;

    /* A callback may learn again; that belongs to the next turn. */
    en->waiters = NULL;
    en->waiter_count = en->waiter_room = 0;
    for (size_t i = 0; i < count; i++)
        waiters[i].done(waiters[i].cookie, waiters[i].learnt, &waiters[i].error);
    free(waiters);
}

static void
turn_close(void *cookie)
{
    struct engine *en = cookie;
    struct error e;

    if (en->dead || !en->in_turn)
        return;
    en->in_turn = false;
    if (!store_commit(en->store, &e)) {
        engine_dies(en, &e);
        return;
    }
    en->counters.commits++;
    en->counters.facts = en->learner.facts;
    en->counters.applied = en->learner.applied;
    log_moves(en);
    tell_all(en);
    dispatch_soon(en);
}

void
turn_flush(struct engine *en)
{
    if (!en->in_turn)
        return;
    loop_not_later(en->loop, turn_close, en);
    turn_close(en);
}

bool
turn_open(struct engine *en)
{
    struct error e;

    if (en->dead)
        return false;
    if (en->in_turn)
        return true;
    if (!store_begin(en->store, &e)) {
        engine_dies(en, &e);
        return false;
    }
    en->in_turn = true;
    loop_later(en->loop, turn_close, en);
    return true;
}

void
turn_tell(struct engine *en, learnt_done *done, void *cookie, enum learnt l, const struct error *e)
{
    struct waiter *w;

    if (en->waiter_count == en->waiter_room) {
        en->waiter_room = en->waiter_room > 0 ? en->waiter_room * 2 : 16;
        en->waiters = xrealloc(en->waiters, en->waiter_room * sizeof(*en->waiters));
    }
    w = &en->waiters[en->waiter_count++];
    *w = (struct waiter){ .done = done, .cookie = cookie, .learnt = l };
    if (e != NULL)
        w->error = *e;
}
