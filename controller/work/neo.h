#ifndef SLIPWAY_WORK_NEO_H
#define SLIPWAY_WORK_NEO_H

/** Neo: the name of a deployment's compilation job; for compile_neo.c and stop.c. */

#include "work.h"

#define NEO_NAME_SIZE 64 /* SageMaker: 1..63 of [a-zA-Z0-9-]. */

/** The job of the order's deployment in its present generation. */
const char *neo_name(const struct work_order *o, char buf[NEO_NAME_SIZE]);

#endif
