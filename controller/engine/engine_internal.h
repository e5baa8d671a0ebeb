#ifndef SLIPWAY_ENGINE_INTERNAL_H
#define SLIPWAY_ENGINE_INTERNAL_H

/** The parts of the engine; private to controller/engine/. */

#include <sys/queue.h>

#include "engine/agenda.h"
#include "engine/engine.h"
#include "engine/feed.h"
#include "engine/waiting.h"
#include "learner/learner.h"
#include "platform/loop.h"
#include "work/work.h"
#include "work/workshop.h"

#define IN_FLIGHT_MAX 256 /* Orders carried out at once; the rest waits on the agenda. */

/** An order being carried out, with all that its driver borrows. */
struct run {
    LIST_ENTRY(run) link;
    struct engine *engine;
    struct work *work;
    struct work_order order;
    struct deployment deployment;
    const struct pipeline_settings *pipeline;
    char arn[2049];
    struct buf progress, source, compiled, package, twin, plan, wave, rollback;
};

/** Who is told after the commit. */
struct waiter {
    learnt_done *done;
    void *cookie;
    enum learnt learnt;
    struct error error;
};

/** A deployment that moved in this turn, to be logged once it is true. */
struct move {
    int64_t deployment_id;
    enum state state;
    char pipeline[PIPELINE_NAME_SIZE];
    char *reason; /* Owned; NULL: none. */
    bool ended;   /* Nothing of its work is needed any more. */
};

struct engine {
    struct loop *loop;               /* Borrowed. */
    struct store *store;             /* Borrowed. */
    const struct settings *settings; /* Borrowed. */
    struct workshop *shop;           /* Borrowed. */
    struct learner learner;
    struct agenda orders;    /* When each is due. */
    struct agenda deadlines; /* Apart, since no number of orders in flight may hold them up. */
    size_t agenda_max;   /* Entries of both; beyond it those that hold no more are thrown out. */
    struct timer *timer; /* For the first appointment. */
    LIST_HEAD(, run) runs;
    struct waiting waiting;
    struct waiter *waiters;
    size_t waiter_count, waiter_room;
    struct move *moves;
    size_t move_count, move_room;
    bool in_turn;    /* A transaction is open and its commit is asked for. */
    bool dispatches; /* Dispatching is asked for at the end of this turn. */
    bool ready, stopped, dead;
    int exit_status; /* Of the process, once `dead`. */
    int64_t clock_base_ms;
    int64_t last_checkpoint_ms, last_forget_ms;
    char *installation;
    struct engine_counters counters;
};

/* ---- turn.c --------------------------------------------------------------------------------- */

/** Opens the turn's transaction if it is not open yet; false if the engine is dead. */
bool turn_open(struct engine *en) MUST_CHECK;

/** Commits now what the turn has learnt so far. */
void turn_flush(struct engine *en);

/** Tells `done` after the commit. */
void turn_tell(struct engine *en, learnt_done *done, void *cookie, enum learnt l,
               const struct error *e);

/** Remembers that `d` moved, to log it, and to tidy up if it has ended, after the commit. */
void turn_moved(struct engine *en, const struct deployment *d, bool ended);

/* ---- dispatch.c ----------------------------------------------------------------------------- */

/** Makes the agenda anew from what is open in the store; what is in flight is left alone. */
bool dispatch_recall(struct engine *en, struct error *e) MUST_CHECK;

/** Takes up what is due, at the end of this turn. */
void dispatch_soon(struct engine *en);

/** learner_ordered: keeps the agenda and lets go of work that is not wanted any more. */
void dispatch_ordered(void *cookie, const struct ordered *o);

/** Removes the work folder of a deployment that has ended. */
void dispatch_forget(struct engine *en, int64_t deployment_id);

void dispatch_stop(struct engine *en);
void run_free(struct run *r);

/* ---- outcome.c ------------------------------------------------------------------------------ */

/** Turns what a driver said into a fact, within the open turn; false if the store refused. */
bool outcome_learn(struct engine *en, struct run *r, const struct work_result *w,
                   struct error *e) MUST_CHECK;

/** How long to wait before asking again after `tries` unknown answers, in milliseconds. */
int64_t outcome_backoff_ms(int64_t tries, int64_t salt) MUST_CHECK;

#endif
