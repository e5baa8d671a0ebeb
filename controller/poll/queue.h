#ifndef SLIPWAY_POLL_QUEUE_H
#define SLIPWAY_POLL_QUEUE_H

/**
 * Queue: asks SQS for messages, has the engine learn them, deletes them.
 *
 * Several receives are in flight at once.  A message is deleted only after
 * the commit that holds what it said (or holds it in quarantine), so nothing
 * that is deleted can be lost.  A delete that fails is tried again a few
 * times; after that the message comes again, and changes nothing.
 */

#include "engine/feed.h"

struct aws_account;
struct queue;

/** Engine, loop and account must outlive it. */
struct queue *queue_new(struct loop *loop, struct aws_account *account, struct engine *en);

/** Begins to ask; the settings of the engine say how. */
void queue_start(struct queue *q);

/** Asks no more, and lets go of what is in flight; deletes already sent go on until queue_free().
 */
void queue_stop(struct queue *q);

void queue_free(struct queue *q);

#endif
