#ifndef SLIPWAY_AWS_SQS_MEND_H
#define SLIPWAY_AWS_SQS_MEND_H

/**
 * SQS mend: saves nine messages from the tenth.
 *
 * SQS refuses NUL, lone surrogates and invalid UTF-8 in a body, its look-alikes do not always;
 * the strict reader would then refuse the whole answer, and with it good
 * messages, for ever.  Pure.
 */

#include "slipway/memory.h"

/**
 * Copies JSON `text` to `to`.  Inside strings, what the strict reader refuses is replaced by
 * U+0001: no JSON text may hold it unescaped, so the message itself stays unreadable.
 */
void sqs_mend(struct buf *to, struct str text);

#endif
