#include "aws/sqs.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/account.h"
#include "aws/json_call.h"
#include "aws/reader.h"
#include "aws/sqs_mend.h"
#include "slipway/memory.h"

#define TARGET "AmazonSQS"
#define RECEIVE_TOKENS 4096 /* Ten messages with a hundred attributes each have fewer. */
#define RECEIVE_MAX JSON_TEXT_MAX
#define TEXTS_KEPT 65536          /* Room for texts that is kept from one answer to the next. */
#define POLL_GRACE_MS SECONDS(10) /* The answer may come so long after the wait. */

static struct aws_question
question(const char *operation)
{
    return (struct aws_question){ .service = AWS_SQS, .operation = operation, .idempotent = true };
}

/* ---- receive: the hot path ------------------------------------------------------------------ */

struct room {
    char *at;
    size_t left;
};

/* Where texts of one answer are unescaped to: one block, since no text grows.  Large ones are rare
 * and given back. */
static struct room
take_room(struct aws *aws, size_t size)
{
    if (aws->texts_room < size) {
        free(aws->texts);
        aws->texts_room = size > TEXTS_KEPT ? size : TEXTS_KEPT;
        aws->texts = xmalloc(aws->texts_room);
    }
    return (struct room){ aws->texts, size };
}

static void
give_room_back(struct aws *aws)
{
    if (aws->texts_room <= TEXTS_KEPT)
        return;
    free(aws->texts);
    aws->texts = NULL;
    aws->texts_room = 0;
}

static bool
take_text(struct room *room, struct json_value v, struct str *out)
{
    size_t len;

    if (!json_exists(v) || json_type(v) != JSON_STRING || !json_text(v, room->at, room->left, &len))
        return false;
    *out = (struct str){ room->at, len };
    room->at += len + 1;
    room->left -= len + 1;
    return true;
}

static bool
take_message(struct room *room, struct json_value v, struct sqs_message *m)
{
    struct json_value attributes = json_get(v, "Attributes");

    m->sent_ms = reader_int(attributes, "SentTimestamp");
    m->receives = reader_int(attributes, "ApproximateReceiveCount");
    return take_text(room, json_get(v, "MessageId"), &m->id) &&
           take_text(room, json_get(v, "ReceiptHandle"), &m->receipt) &&
           take_text(room, json_get(v, "Body"), &m->body);
}

static size_t
take_messages(struct aws_answer *a, struct json_value list, struct room room,
              struct sqs_message messages[SQS_BATCH_MAX])
{
    size_t count = 0;

    if (json_exists(list) && json_type(list) != JSON_NULL &&
        (json_type(list) != JSON_ARRAY || json_size(list) > SQS_BATCH_MAX)) {
        aws_wrong(a, "Messages is no array of at most %d", SQS_BATCH_MAX);
        return 0;
    }
    for (struct json_cursor c = json_first(list); json_exists(c.value); json_next(&c))
        if (!take_message(&room, c.value, &messages[count++])) {
            aws_wrong(a, "a message without MessageId, ReceiptHandle or Body");
            return 0;
        }
    return count;
}

/* Reads the answer; if one message spoils it, what spoils it is replaced, so that the rest gets
 * through. */
static bool
read_messages(struct aws_answer *a, struct json *doc, struct buf *mended)
{
    struct aws *aws = a->account->aws;
    struct error e;

    if (aws->tape_room < RECEIVE_TOKENS) {
        free(aws->tape);
        aws->tape_room = RECEIVE_TOKENS;
        aws->tape = xcalloc(aws->tape_room, sizeof(*aws->tape));
    }
    if (json_read(doc, a->body, aws->tape, aws->tape_room, &e))
        return true;
    sqs_mend(mended, a->body);
    if (!mended->overflow && json_read(doc, buf_str(mended), aws->tape, aws->tape_room, &e))
        return true;
    aws_wrong(a, "the answer is not JSON: %s", e.text);
    return false;
}

static void
receive_came(struct aws_answer *a, aws_then *then, void *cookie)
{
    sqs_received *done = (sqs_received *)then;
    struct sqs_message messages[SQS_BATCH_MAX] = { 0 };
    struct buf mended = { .max = RECEIVE_MAX };
    struct aws *aws = a->account->aws;
    struct json doc;
    size_t count = 0;

    if (a->result.outcome == AWS_OK && read_messages(a, &doc, &mended))
        count = take_messages(a, json_get(json_root(&doc), "Messages"),
                              take_room(aws, doc.text.len + 1), messages);
    done(cookie, &a->result, messages, a->result.outcome == AWS_OK ? count : 0);
    give_room_back(aws);
    buf_free(&mended);
}

struct aws_call *
sqs_receive(struct aws_account *account, const struct sqs_ask *ask, sqs_received *done,
            void *cookie)
{
    struct aws_question q = question("ReceiveMessage");
    struct json_body b;

    assert(ask->max >= 1 && ask->max <= SQS_BATCH_MAX && ask->wait_ms >= 0);
    json_body_open(&b);
    json_body_text(&b, "QueueUrl", ask->queue_url);
    json_member_int(&b.out, "MaxNumberOfMessages", ask->max);
    json_member_int(&b.out, "WaitTimeSeconds", (ask->wait_ms + 999) / 1000);
    if (ask->visibility_ms > 0)
        json_member_int(&b.out, "VisibilityTimeout", (ask->visibility_ms + 999) / 1000);
    json_key(&b.out, "MessageSystemAttributeNames");
    json_open(&b.out, '[');
    json_string(&b.out, STR("ApproximateReceiveCount"));
    json_string(&b.out, STR("SentTimestamp"));
    json_close(&b.out, ']');
    q.timeout_ms = ask->wait_ms + POLL_GRACE_MS;
    q.answer_max = RECEIVE_MAX;
    return json_target_send(&b, account, &q, TARGET, receive_came, (aws_then *)done, cookie);
}

/* ---- delete and hide ------------------------------------------------------------------------ */

static bool
entry_index(struct json_value entry, size_t count, size_t *at)
{
    char id[8];
    int64_t n;

    if (!json_text(json_get(entry, "Id"), id, sizeof(id), NULL) || !str_to_int(str_of(id), &n) ||
        n < 0 || n >= (int64_t)count)
        return false;
    *at = (size_t)n;
    return true;
}

static void
read_entries(struct reader *r, struct sqs_entry_result *entries, size_t count)
{
    struct json_value good, bad;
    size_t at;

    if (!reader_list(r, "Successful", &good) || !reader_list(r, "Failed", &bad))
        return;
    for (struct json_cursor c = json_first(good); json_exists(c.value); json_next(&c))
        if (entry_index(c.value, count, &at)) {
            entries[at].done = true;
            entries[at].code[0] = '\0';
        }
    for (struct json_cursor c = json_first(bad); json_exists(c.value); json_next(&c))
        if (entry_index(c.value, count, &at)) {
            entries[at].done = false;
            entries[at].sender_fault = reader_bool(c.value, "SenderFault");
            snprintf(entries[at].code, sizeof(entries[at].code), "%.60s",
                     reader_text(r, c.value, "Code"));
        }
}

/* How many entries a batch had; kept beside the call. */
struct batch {
    size_t count;
};

static void
batch_came(struct aws_answer *a, aws_then *then, void *cookie)
{
    sqs_batch_done *done = (sqs_batch_done *)then;
    const struct batch *batch = a->own;
    struct sqs_entry_result entries[SQS_BATCH_MAX] = { 0 };
    struct reader r;

    for (size_t i = 0; i < batch->count; i++)
        memcpy(entries[i].code, "Missing", sizeof("Missing"));
    if (reader_open(&r, a))
        read_entries(&r, entries, batch->count);
    done(cookie, &a->result, entries, batch->count);
    reader_close(&r);
}

/* `visibility_ms` below 0: no such member. */
static struct aws_call *
send_batch(struct aws_account *account, const char *operation, const char *queue_url,
           const struct str *receipts, size_t count, int64_t visibility_ms, sqs_batch_done *done,
           void *cookie)
{
    struct aws_question q = question(operation);
    char target[64], id[8];
    const char *const headers[] = { "Content-Type: application/x-amz-json-1.0", target, NULL };
    struct batch *batch = xcalloc(1, sizeof(*batch));
    struct aws_call *call;
    struct json_body b;

    assert(count >= 1 && count <= SQS_BATCH_MAX);
    batch->count = count;
    json_body_open(&b);
    json_body_text(&b, "QueueUrl", queue_url);
    json_key(&b.out, "Entries");
    json_open(&b.out, '[');
    for (size_t i = 0; i < count; i++) {
        json_open(&b.out, '{');
        snprintf(id, sizeof(id), "%zu", i);
        json_body_text(&b, "Id", id);
        json_member(&b.out, "ReceiptHandle", receipts[i]);
        if (visibility_ms >= 0)
            json_member_int(&b.out, "VisibilityTimeout", (visibility_ms + 999) / 1000);
        json_close(&b.out, '}');
    }
    json_close(&b.out, ']');
    json_close(&b.out, '}');
    snprintf(target, sizeof(target), "X-Amz-Target: " TARGET ".%s", operation);
    q.headers = headers;
    q.body = buf_str(&b.text);
    call = aws_ask(account, &q, batch_came, (aws_then *)done, cookie, batch, free);
    buf_free(&b.text);
    return call;
}

struct aws_call *
sqs_delete(struct aws_account *account, const char *queue_url, const struct str *receipts,
           size_t count, sqs_batch_done *done, void *cookie)
{
    return send_batch(account, "DeleteMessageBatch", queue_url, receipts, count, -1, done, cookie);
}

struct aws_call *
sqs_hide(struct aws_account *account, const char *queue_url, const struct str *receipts,
         size_t count, int64_t visibility_ms, sqs_batch_done *done, void *cookie)
{
    assert(visibility_ms >= 0);
    return send_batch(account, "ChangeMessageVisibilityBatch", queue_url, receipts, count,
                      visibility_ms, done, cookie);
}

/* ---- send and describe ---------------------------------------------------------------------- */

static void
send_came(struct aws_answer *a, aws_then *then, void *cookie)
{
    sqs_sent *done = (sqs_sent *)then;
    struct reader r;
    const char *id = NULL;

    if (reader_open(&r, a))
        id = reader_needs(&r, r.root, "MessageId");
    done(cookie, &a->result, a->result.outcome == AWS_OK ? id : NULL);
    reader_close(&r);
}

struct aws_call *
sqs_send(struct aws_account *account, const char *queue_url, struct str body, sqs_sent *done,
         void *cookie)
{
    struct aws_question q = question("SendMessage");
    struct json_body b;

    q.idempotent = false;
    json_body_open(&b);
    json_body_text(&b, "QueueUrl", queue_url);
    json_member(&b.out, "MessageBody", body);
    return json_target_send(&b, account, &q, TARGET, send_came, (aws_then *)done, cookie);
}

static void
describe_came(struct aws_answer *a, aws_then *then, void *cookie)
{
    sqs_described *done = (sqs_described *)then;
    struct sqs_queue queue = { .arn = "" };
    struct reader r;

    if (reader_open(&r, a)) {
        struct json_value v = json_get(r.root, "Attributes");

        queue.arn = reader_text(&r, v, "QueueArn");
        queue.visible = reader_int(v, "ApproximateNumberOfMessages");
        queue.in_flight = reader_int(v, "ApproximateNumberOfMessagesNotVisible");
        queue.delayed = reader_int(v, "ApproximateNumberOfMessagesDelayed");
        queue.visibility_ms = SECONDS(reader_int(v, "VisibilityTimeout"));
        queue.retention_ms = SECONDS(reader_int(v, "MessageRetentionPeriod"));
        if (json_type(v) != JSON_OBJECT)
            aws_wrong(a, "no Attributes in the answer");
    }
    done(cookie, &a->result, a->result.outcome == AWS_OK ? &queue : NULL);
    reader_close(&r);
}

struct aws_call *
sqs_describe(struct aws_account *account, const char *queue_url, sqs_described *done, void *cookie)
{
    struct aws_question q = question("GetQueueAttributes");
    struct json_body b;

    json_body_open(&b);
    json_body_text(&b, "QueueUrl", queue_url);
    json_key(&b.out, "AttributeNames");
    json_open(&b.out, '[');
    json_string(&b.out, STR("All"));
    json_close(&b.out, ']');
    return json_target_send(&b, account, &q, TARGET, describe_came, (aws_then *)done, cookie);
}
