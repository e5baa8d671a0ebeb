#ifndef SLIPWAY_PIPELINE_H
#define SLIPWAY_PIPELINE_H

/**
 * Pipeline: what a deployment does next.
 *
 * A fact goes in, a decision comes out.  Pure: no clock, no memory, no I/O;
 * the same deployment, fact and policy always give the same decision.  The
 * whole of it is the table in rules/pipeline.c; its picture is
 * docs/pipeline.md.
 */

#include "slipway/deployment.h"
#include "slipway/fact.h"
#include "slipway/order.h"

struct pipeline_settings;

/** What of a pipeline's settings the decisions need. */
struct policy {
    int64_t stage_timeout_ms;
    int64_t expires_ms;
    int64_t tries_compile, tries_package, tries_test; /* In all, at least 1. */
    int64_t approvals_required;
    int64_t wave_count;
    int64_t success_percent, failure_percent, failure_min, broken_max;
    int64_t bake_ms, wave_timeout_ms;
    bool rolls_back; /* A failed wave rolls back by itself; else it waits for an operator. */
    bool supersede;
};

struct policy policy_of(const struct pipeline_settings *s) MUST_CHECK;

/** Which other deployments of the pipeline learn FACT_SUPERSEDED from a decision. */
enum supersedes {
    SUPERSEDES_NOBODY,
    SUPERSEDES_WAITING, /* This one reached the gate: older ones that wait there. */
    SUPERSEDES_LIVE,    /* This one went live: whichever was. */
};

struct decision {
    bool applies;            /* False: the fact is stale or repeated; nothing changes. */
    struct deployment after; /* The deployment as it becomes. */
    bool keeps_order;        /* The open order stays open. */
    enum order_kind order;   /* What to do outside, once `after` is stored. */
    enum supersedes supersedes;
};

/** A named condition of the table. */
struct guard {
    const char *name;
    bool (*holds)(const struct deployment *d, const struct fact *f, const struct policy *p);
};

/** What a row changes besides the state. */
enum change {
    CHANGE_NOTHING,
    CHANGE_NEW_TRY,    /* The work is run again under a new generation. */
    CHANGE_PLANNED,    /* The approval may now be given. */
    CHANGE_COUNT_YES,  /* One approver more said yes. */
    CHANGE_FIRST_WAVE, /* ... and the rollout begins. */
    CHANGE_NEXT_WAVE,
    CHANGE_BAKE,
    CHANGE_LIVE,   /* The last wave passed. */
    CHANGE_HALT,   /* The wave under way is halted. */
    CHANGE_RESUME, /* The halted wave begins again. */
    CHANGE_REVERT, /* Every wave begun has been reverted. */
};

/** One row of the table; see rules/pipeline.c. */
struct transition {
    enum state from;
    enum fact_kind fact;
    const struct guard *provided;
    enum state to;
    enum order_kind order; /* ORDER_NONE with `to` == `from`: the open order stays. */
    enum change change;
};

/**
 * Decides what `before` does on learning `f`.  A fact that fits no row, that
 * answers another order than the open one, or that says "overdue" before the
 * deadline, does not apply.
 */
struct decision pipeline_decide(const struct deployment *before, const struct fact *f,
                                const struct policy *p) MUST_CHECK;

/**
 * When FACT_OVERDUE comes to `d` if its work begins at `from_ms`; 0: never.  Every state that works
 * or waits for approval has such a moment, and the wait for approval is never prolonged.
 */
int64_t pipeline_deadline(const struct deployment *d, const struct policy *p,
                          int64_t from_ms) MUST_CHECK;

/** A deployment that begins, RECEIVED, with ORDER_CONFIRM to be opened. */
struct deployment pipeline_begin(const struct policy *p, int64_t at_ms) MUST_CHECK;

/** The table itself, for drawing and for testing. */
const struct transition *pipeline_table(size_t *count) MUST_CHECK;

/** Writes the table as a Mermaid state diagram; returns its whole length, cut if >= `size`. */
size_t pipeline_draw(char *buf, size_t size);

#endif
