#ifndef SLIPWAY_BENCH_EVENT_TEXT_H
#define SLIPWAY_BENCH_EVENT_TEXT_H

/**
 * Event text: approval events as SageMaker sends them through EventBridge,
 * about 1.6 KB each, one for each version of the model package group "digits".
 *
 * The texts differ only in numbers of six digits, so that making one costs a copy
 * and a few stores: the server of a benchmark must not be what is measured.
 */

#include "slipway/str.h"

#define EVENT_NUMBER_MIN 100000
#define EVENT_NUMBER_MAX 999999
#define EVENT_ACCOUNT "111122223333"
#define EVENT_REGION "eu-central-1"
#define EVENT_ARN_HEAD "arn:aws:sagemaker:" EVENT_REGION ":" EVENT_ACCOUNT ":model-package/digits/"
#define EVENT_MODIFIED_S INT64_C(1771952413) /* LastModifiedTime of all of them. */

enum { TEMPLATE_SPOTS_MAX = 16 };

/** A text with spots, written "######", where the number goes. */
struct template
{
    char *text; /* Owned. */
    size_t len;
    size_t spots[TEMPLATE_SPOTS_MAX];
    size_t spot_count;
};

/** Copies `text`, which has at most TEMPLATE_SPOTS_MAX spots. */
void template_init(struct template *t, const char *text);
void template_fini(struct template *t);

/** Writes it with `n` (EVENT_NUMBER_MIN..MAX) in its spots to `to`, which has room for `t->len`. */
void template_write(const struct template *t, int64_t n, char *to);

/** The event with spots.  Static. */
const char *approval_event(void);

/** The same as it stands inside a JSON string; free() it. */
char *approval_event_escaped(void);

#endif
