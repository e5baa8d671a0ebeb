#ifndef SLIPWAY_WORK_H
#define SLIPWAY_WORK_H

/**
 * Work: carrying out one order.
 *
 * An order is one idempotent sequence: "see how far it is in the world, do
 * the next thing, say how it stands".  The engine takes an order up with
 * work_start(); the driver reads before it creates, so that taking up the
 * same order again after a crash, a lost answer or a restored database never
 * makes a second effect.  A driver keeps nothing in memory between two takes:
 * what it must remember it returns as `progress`.
 *
 *     work_start ──> done      exactly once, never from inside work_start()
 *         └────────> cancel    then never done
 *
 * A driver decides nothing about the deployment; that is rules/.
 */

#include "slipway/deployment.h"
#include "slipway/fact.h"
#include "slipway/json.h"
#include "slipway/memory.h"
#include "slipway/order.h"
#include "slipway/settings.h"

struct work;     /* One order being carried out. */
struct workshop; /* What drivers need: the loop, AWS, child processes, the work folder. */

/** How an order stands. */
enum work_outcome {
    WORK_DONE,      /* Finished; `document` is what was found out. */
    WORK_FAILED,    /* Known for certain to have failed; `reason` says why. */
    WORK_UNDER_WAY, /* Take it up again after `wait_ms`; `progress` is kept. */
    WORK_UNKNOWN,   /* No answer, throttled, or the other side is ill: take it up again, later
                     * and later, under the same names; `reason` says what was seen. */
    WORK_OBSERVED,  /* A watch saw its devices: `counts`; take it up again after `wait_ms`. */
    WORK_WITHDRAWN, /* ORDER_CONFIRM: the registry does not say approved; `approved_s` is since
                       when. */
};

struct work_result {
    enum work_outcome outcome;
    int64_t wait_ms;
    const char *reason;          /* A sentence; NULL: none. */
    struct str document;         /* JSON, kept under order_document(); empty: none. */
    struct str progress;         /* JSON, kept with the order; empty: as it was. */
    const char *digest;          /* ORDER_PACKAGE: SHA-256 of the artifact, hex. */
    struct device_counts counts; /* WORK_OBSERVED */
    int64_t approved_s;          /* ORDER_CONFIRM: the LastModifiedTime it read, seconds. */
    bool rejected;               /* WORK_WITHDRAWN: somebody said no; else it is merely pending. */
};

/** An order with all a driver may look at.  Lent until done() or cancel. */
struct work_order {
    int64_t id;
    enum order_kind kind;
    int64_t tries; /* 1 the first time it is taken up. */
    const struct deployment *deployment;
    const struct pipeline_settings *pipeline;
    const char *arn;          /* Of the model package. */
    int64_t package_version;  /* Its number in the group; 0 for an unversioned package. */
    const char *installation; /* Part of every name made outside. */
    struct str progress;      /* What the last take returned; empty the first time. */
    /* Documents found so far, each JSON text or empty: */
    struct str source;   /* ORDER_CONFIRM */
    struct str compiled; /* ORDER_COMPILE */
    struct str package;  /* ORDER_PACKAGE */
    struct str twin;     /* ORDER_TWIN_DEPLOY */
    struct str plan;     /* ORDER_PLAN */
    struct str wave;     /* ORDER_WAVE_DEPLOY of the wave under way */
    struct str rollback; /* ORDER_ROLL_BACK */
    int64_t now_ms;      /* As it is taken up, by the engine's clock. */
};

typedef void work_done(void *cookie, const struct work_result *r);

/** Takes an order up.  `order` and all it points to is lent until done() or work_cancel(). */
struct work *work_start(struct workshop *shop, const struct work_order *order, work_done *done,
                        void *cookie) MUST_CHECK;

/** Lets go of an order without an answer: aborts what is on the wire, ends children.  NULL is
 * allowed. */
void work_cancel(struct work *w);

#define WORK_TOKEN_SIZE 53 /* 52 characters of base32 and a NUL. */

/**
 * The name of everything an order creates outside: base32, lower case,
 * without padding, of SHA-256(installation | pipeline | package ARN | approved_s | step | part |
 * generation).  Never the attempt number, never a random part: a lost
 * database must derive the same names again.  `part` tells several effects of one
 * step apart (a thing group); "" if there is one.
 */
const char *work_token(const struct work_order *o, const char *part, char buf[WORK_TOKEN_SIZE]);

#endif
