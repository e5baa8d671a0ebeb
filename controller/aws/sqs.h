#ifndef SLIPWAY_AWS_SQS_H
#define SLIPWAY_AWS_SQS_H

/**
 * SQS: the calls slipway makes to a queue (protocol JSON 1.0).
 *
 * All are sent to the configured endpoint; the queue's URL only names it.
 */

#include "call.h"

#define SQS_BATCH_MAX 10

struct sqs_ask {
    const char *queue_url;
    int64_t max;           /* Messages, 1..10. */
    int64_t wait_ms;       /* Long poll, 0..20000, whole seconds; else rounded up. */
    int64_t visibility_ms; /* 0: as the queue says; ..43200000. */
};

/** One message.  Lent. */
struct sqs_message {
    struct str id;      /* MessageId */
    struct str receipt; /* ReceiptHandle; as it was, to be given back. */
    struct str body;    /* Unescaped, UTF-8; may contain any character but NUL. */
    int64_t sent_ms;    /* SentTimestamp; 0 if the queue did not say. */
    int64_t receives;   /* ApproximateReceiveCount; 0 if the queue did not say. */
};

typedef void sqs_received(void *cookie, const struct aws_result *r,
                          const struct sqs_message *messages, size_t count);

/**
 * ReceiveMessage.  An answer with none is AWS_OK with count 0.  A body that
 * no queue should hold (NUL, lone surrogates) comes with U+0001 in its place,
 * and the others beside it unharmed.  Code "TooLong": the answer was past 16
 * MiB; ask for fewer.  Messages of an answer that is lost come again by themselves.
 */
struct aws_call *sqs_receive(struct aws_account *account, const struct sqs_ask *ask,
                             sqs_received *done, void *cookie);

/** What became of one entry of a batch. */
struct sqs_entry_result {
    bool done;
    bool sender_fault; /* Not done, and trying again is of no use. */
    char code[64];     /* "" if done; "Missing" if the answer did not speak of it. */
};

/** `entries` stand in the order of the question; all false unless r->outcome is AWS_OK. */
typedef void sqs_batch_done(void *cookie, const struct aws_result *r,
                            const struct sqs_entry_result *entries, size_t count);

/** DeleteMessageBatch of 1..10 receipts (borrowed). */
struct aws_call *sqs_delete(struct aws_account *account, const char *queue_url,
                            const struct str *receipts, size_t count, sqs_batch_done *done,
                            void *cookie);

/** ChangeMessageVisibilityBatch: hides 1..10 messages for `visibility_ms` from now (0: shows them
 * at once). */
struct aws_call *sqs_hide(struct aws_account *account, const char *queue_url,
                          const struct str *receipts, size_t count, int64_t visibility_ms,
                          sqs_batch_done *done, void *cookie);

/** `message_id` is NULL unless AWS_OK. */
typedef void sqs_sent(void *cookie, const struct aws_result *r, const char *message_id);

/** SendMessage.  Not repeated when its end is unknown. */
struct aws_call *sqs_send(struct aws_account *account, const char *queue_url, struct str body,
                          sqs_sent *done, void *cookie);

struct sqs_queue {
    const char *arn; /* "" if not said. */
    int64_t visible, in_flight, delayed;
    int64_t visibility_ms;
    int64_t retention_ms;
};

typedef void sqs_described(void *cookie, const struct aws_result *r, const struct sqs_queue *q);

/** GetQueueAttributes. */
struct aws_call *sqs_describe(struct aws_account *account, const char *queue_url,
                              sqs_described *done, void *cookie);

#endif
