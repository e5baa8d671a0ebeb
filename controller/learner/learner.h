#ifndef SLIPWAY_LEARNER_H
#define SLIPWAY_LEARNER_H

/**
 * Learner: the engine without the world.
 *
 * Takes sightings of the registry and facts about deployments, has rules/
 * decide, writes everything into the open transaction of the store, and says
 * through `ordered` what is to be done next.  No sockets, no timers, no
 * clock: the daemon, the simulation and the benchmarks drive the very same
 * code.
 */

#include "slipway/settings.h"
#include "slipway/store_views.h"

struct pattern;
struct event;

/** An order was opened, put off or closed; or only the deadline moved (order id 0). */
struct ordered {
    const struct deployment *deployment; /* As it is now.  Lent. */
    int64_t closed;                      /* The order that is not wanted any more; 0: none. */
    int64_t opened;                      /* The order to be carried out; 0: none. */
    enum order_kind kind;
    int64_t due_ms;
    bool deadline_moved;
    bool ended;    /* It has just ended: nothing of its work is needed any more. */
    bool released; /* Thing groups it held are free again. */
};

typedef void learner_ordered(void *cookie, const struct ordered *o);

struct learner {
    struct store *store;             /* Borrowed. */
    const struct settings *settings; /* Borrowed; see learner_use(). */
    struct pattern **patterns;       /* One for each pipeline; owned. */
    size_t pattern_count;
    const struct pipeline_settings **belongs; /* Room for each pipeline, used within one call. */
    learner_ordered *ordered;
    void *cookie;
    int64_t facts, applied; /* Counted since the start. */
};

/**
 * Prepares `*l`; learner_fini() frees.  False with ERROR_INVALID if a
 * pipeline's pattern is none (the configuration has checked that).
 */
bool learner_init(struct learner *l, struct store *s, const struct settings *settings,
                  learner_ordered *ordered, void *cookie, struct error *e) MUST_CHECK;
void learner_fini(struct learner *l);

/** Goes on with other settings; on failure the old ones stay. */
bool learner_use(struct learner *l, const struct settings *settings, struct error *e) MUST_CHECK;

/**
 * Learns fact `f`.  `*applied` says whether it changed anything; a fact for a deployment that does
 * not exist changes nothing, and one whose pipeline is not configured learns FACT_WITHDRAWN only.
 * What follows from it for other deployments is learnt with it.  False only with ERROR_STORAGE.
 */
bool learner_fact(struct learner *l, const struct fact *f, bool *applied,
                  struct error *e) MUST_CHECK;

/** learner_fact() when the deployment has been loaded and the decision made. */
bool learner_apply(struct learner *l, const struct deployment *before, const struct fact *f,
                   struct decision *decision, struct error *e) MUST_CHECK;

/**
 * Learns what an event says of a model package's approval: adds it to the set
 * of what was seen, begins a deployment for each new generation in each
 * pipeline whose pattern matches, and withdraws those whose approval ended.
 */
bool learner_event(struct learner *l, const struct event *ev, int64_t at_ms, bool *applied,
                   struct error *e) MUST_CHECK;

/** The same for what DescribeModelPackage said of a package already known. */
bool learner_sighting(struct learner *l, struct str arn, int64_t version, struct sighting seen,
                      int64_t at_ms, bool *applied, struct error *e) MUST_CHECK;

/**
 * Who else has a thing group that `kind` needs for `d`: the first such deployment, 0 if none or if
 * its pipeline is not configured.  A wave and a rollback need those of the plan, or those
 * configured as long as there is none.  Looks only.
 */
bool learner_find_holder(struct store *s, const struct settings *settings,
                         const struct deployment *d, enum order_kind kind, int64_t *holder,
                         struct error *e) MUST_CHECK;

/**
 * Takes every thing group that `kind` needs for `d`, or none: `*holder` is the
 * first other deployment that has one of them, 0 if all were taken.
 */
bool learner_take_holds(struct learner *l, const struct deployment *d, enum order_kind kind,
                        int64_t *holder, struct error *e) MUST_CHECK;

#endif
