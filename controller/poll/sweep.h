#ifndef SLIPWAY_POLL_SWEEP_H
#define SLIPWAY_POLL_SWEEP_H

/**
 * Sweep: finds approvals and rejections whose event never came.
 *
 * SageMaker delivers its events with best effort only, so every so often the
 * model packages of each account are listed, and each whose status is not
 * what is known of it is described and learnt as if its event had come.
 * (SageMaker: ListModelPackages, DescribeModelPackage.)
 */

#include "engine/feed.h"

struct aws;
struct sweep;

struct sweep *sweep_new(struct loop *loop, struct aws *aws, struct engine *en);

/** Sweeps now and then again every settings->sweep_ms. */
void sweep_start(struct sweep *s);
void sweep_stop(struct sweep *s);
void sweep_free(struct sweep *s);

#endif
