#ifndef SLIPWAY_ENGINE_FEED_H
#define SLIPWAY_ENGINE_FEED_H

/**
 * Feed: making an engine, and telling it what came from outside.
 *
 *     en = engine_new(loop, store, settings, shop, &e);
 *     engine_start(en);
 *     ...
 *     engine_feed_event(en, &event);          any number of them, then
 *     engine_feed_end(en, committed, cookie); told once all of it is durable
 *     ...
 *     engine_stop(en);
 *     engine_free(en);
 */

#include "engine/engine.h"
#include "slipway/event.h"

/**
 * Reads what is open from the store.  Everything passed must outlive the engine.
 * NULL with ERROR_STORAGE or ERROR_INVALID.
 */
struct engine *engine_new(struct loop *loop, struct store *s, const struct settings *settings,
                          struct workshop *shop, struct error *e) MUST_CHECK;

/** Begins to carry orders out. */
void engine_start(struct engine *en);

/** Lets go of everything under way; what is learnt is still committed until engine_free(). */
void engine_stop(struct engine *en);

void engine_free(struct engine *en);

/** Goes on with other settings; the old ones may be freed afterwards.  False: the old ones stay. */
bool engine_use(struct engine *en, const struct settings *settings, struct error *e) MUST_CHECK;

/** What is to be done now and then; to be called every few seconds. */
void engine_tidy(struct engine *en);

/** The store refused: nothing counts any more; the process is to end with status 75. */
void engine_dies(struct engine *en, const struct error *e);

/** 75 once the store has refused, else 0. */
int engine_exit_status(const struct engine *en) MUST_CHECK;

/** Tells of one event.  LEARNT_BUSY: the engine is dead. */
enum learnt engine_feed_event(struct engine *en, const struct event *ev);

/** Puts a message that cannot be understood into the quarantine. */
enum learnt engine_feed_poison(struct engine *en, struct str body, const char *reason);

/** Calls done(cookie) once everything fed in this turn so far is durable; never if it is not. */
void engine_feed_end(struct engine *en, learnt_done *done, void *cookie);

/** The counters, for those that feed. */
struct engine_counters *engine_counting(struct engine *en) MUST_CHECK;

#endif
