#ifndef SLIPWAY_WORK_WORKSHOP_H
#define SLIPWAY_WORK_WORKSHOP_H

/**
 * Workshop: what the drivers of work.h share, and the table that says which
 * driver carries out which order.
 *
 *     shop = workshop_new(loop, aws, settings, &e);
 *     w = work_start(shop, &order, done, cookie);      see work.h
 *     workshop_forget(shop, &order);                   the deployment has ended
 *     workshop_free(shop);
 */

#include "work.h"

struct aws;
struct loop;

#define WORKSHOP_CHILDREN_MAX 2 /* Commands that run at once; the others wait in order. */

/**
 * Makes settings->work_dir (0700) if it is not there; keeps nothing of the settings but its path,
 * so they may be replaced while the workshop works.  Loop and AWS must outlive it.
 * NULL with ERROR_INVALID if the folder cannot be made or written to.
 */
struct workshop *workshop_new(struct loop *loop, struct aws *aws, const struct settings *settings,
                              struct error *e) MUST_CHECK;

/** Cancels what is being carried out and frees; NULL is allowed.  Not from inside a done(). */
void workshop_free(struct workshop *shop);

/** Removes the work folder of the order's deployment, whatever is in it; its digest, token and
 * progress are not looked at. */
void workshop_forget(struct workshop *shop, const struct work_order *order);

/**
 * The name of the deployment as a whole, as work_token() but without step, part and
 * generation; its work folder and the tag "slipway:release" of what it creates.
 */
const char *work_release(const struct work_order *o, char buf[WORK_TOKEN_SIZE]);

#endif
