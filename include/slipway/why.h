#ifndef SLIPWAY_WHY_H
#define SLIPWAY_WHY_H

/**
 * Why: what a deployment waits for, or why it ended, in one sentence.
 *
 * The status page, the API and `slipway why` all say what this says.  Pure.
 */

#include "slipway/pipeline.h"

/** What the sentence is made of. */
struct why {
    const struct deployment *deployment;
    const struct order *order;          /* The open order, or NULL. */
    const struct policy *policy;        /* NULL if the pipeline's settings are not known. */
    bool unconfigured;                  /* They are known not to be there: nobody works on it. */
    const struct device_counts *counts; /* Of the wave or rollback under way, or NULL. */
    int64_t holder; /* Another deployment that holds a thing group needed; 0: none. */
    int64_t now_ms;
};

#define WHY_SIZE 640

/** Writes the sentence, lower case, without a final stop; returns `buf`. */
const char *why_sentence(const struct why *w, char buf[WHY_SIZE]);

/** Who or what can move it on: "an approver", "an operator", "slipway", "nobody". */
const char *why_who(const struct why *w);

#endif
