#ifndef SLIPWAY_BENCH_WALK_H
#define SLIPWAY_BENCH_WALK_H

/**
 * Walk: leads deployments from the event to the approval gate through the real
 * learner and a real store, without the world around them.
 *
 * Every step is a fact as the daemon's drivers give it, answering the open
 * order.  Any failure ends the program.
 */

#include "event_text.h"
#include "learner/learner.h"
#include "slipway/event.h"

enum { WALK_STEPS = 5 }; /* After the event: confirmed, compiled, packaged, deployed, tested. */

struct walk {
    struct store *store;
    struct learner learner;
    struct template events;
    char *body;
    struct json_token *tokens;
    int64_t *orders; /* The open order of each deployment, by its id. */
    size_t order_room;
    int64_t last_id; /* Of the deployment that the last event began. */
    int64_t now_ms;
    bool documents; /* Keep what each stage found out, too. */
};

/** Opens the store at `path` for at most `deployments` of them. */
void walk_open(struct walk *w, const char *path, int64_t deployments);
void walk_close(struct walk *w);

void walk_begin(struct walk *w);

/** Commits; returns how long that took, in microseconds. */
int64_t walk_commit(struct walk *w);

/** Learns event number `n`; the id of the deployment that it begins. */
int64_t walk_event(struct walk *w, int64_t n);

/** Deployment `id` learns the fact of step 0..WALK_STEPS-1. */
void walk_step(struct walk *w, int64_t id, int step);

/** The rollout of deployment `id`, which is at the gate, is planned: it waits for a person. */
void walk_planned(struct walk *w, int64_t id);

/** Deletes the database at `path` and the files beside it. */
void walk_delete(const char *path);

#endif
