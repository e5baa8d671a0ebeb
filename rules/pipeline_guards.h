#ifndef SLIPWAY_PIPELINE_GUARDS_H
#define SLIPWAY_PIPELINE_GUARDS_H

/** The named conditions of the table in pipeline.c; private to rules/. */

#include "slipway/pipeline.h"

extern const struct guard ALWAYS, TRIES_LEFT;
extern const struct guard SAME_DIGEST, MAY_BE_APPROVED, ENOUGH_APPROVALS;
extern const struct guard ROLLS_BACK, WAVE_HAS_FAILED, FAILED_ROLLS_BACK;
extern const struct guard BAKING_BEGINS, WAVE_IS_BAKED, BAKED_WAVES_LEFT;
extern const struct guard REVERTED, REVERT_FAILED;
extern const struct guard IN_RECEIVED, IN_COMPILING, ON_THE_TWIN;

/** The sentence for what the devices of `f` reported, if there is one to say. */
void guards_explain_observation(char *buf, size_t size, const struct deployment *d,
                                const struct fact *f, const struct policy *p);

#endif
