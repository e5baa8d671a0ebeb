#ifndef SLIPWAY_BENCH_EVENT_TEXT_H
#define SLIPWAY_BENCH_EVENT_TEXT_H

/**
 * Event text: approval events as SageMaker sends them through EventBridge,
 * about 1.6 KB each, one for each version of the model package group "digits".
 *
 * The texts differ only in numbers of a fixed width, so that making one costs
 * a copy and a few stores: the server of the benchmark must not be what is measured.
 */

#include "slipway/str.h"

#define EVENT_NUMBER_MIN 100000
#define EVENT_NUMBER_MAX 999999
#define EVENT_ACCOUNT "111122223333"
#define EVENT_REGION "eu-central-1"
#define EVENT_ARN_HEAD "arn:aws:sagemaker:" EVENT_REGION ":" EVENT_ACCOUNT ":model-package/digits/"

enum { EVENT_SPOTS_MAX = 16 };

/** A text with spots of six digits. */
struct event_template {
    char *text; /* Owned. */
    size_t len;
    size_t spots[EVENT_SPOTS_MAX];
    size_t spot_count;
};

/** The event itself, or, `escaped`, as it stands inside a JSON string. */
void event_template_init(struct event_template *t, bool escaped);
void event_template_fini(struct event_template *t);

/** Writes event number `n` (EVENT_NUMBER_MIN..MAX) to `to`, which has `t->len` bytes or more. */
void event_template_write(const struct event_template *t, int64_t n, char *to);

#endif
