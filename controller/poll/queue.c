#include "poll/queue.h"

#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "aws/sqs.h"
#include "platform/log.h"
#include "platform/loop.h"

enum { TOKENS = 65536, DELETE_TRIES = 4 };

/* One ReceiveMessage after the other. */
struct asker {
    struct queue *queue;
    struct aws_call *call;
    struct timer *pause; /* After a failure. */
    int64_t failures;    /* In a row. */
};

/* Up to ten messages that were received together, on their way to be deleted. */
struct batch {
    LIST_ENTRY(batch) link;
    struct queue *queue;
    struct aws_call *call;
    struct timer *pause;           /* After a failure; NULL before the first. */
    char *receipts[SQS_BATCH_MAX]; /* NULL: deleted. */
    size_t count;
    int tries;
};

struct queue {
    struct loop *loop;
    struct aws_account *account;
    struct engine *engine;
    struct asker *askers;
    size_t asker_count;
    LIST_HEAD(, batch) batches;
    struct json_token *tokens;
    char *scratch;
    char own_account[13]; /* From the queue's URL. */
    bool stopped;
};

/* ---- deleting ------------------------------------------------------------------------------- */

static void batch_delete(void *cookie);

static void
batch_free(struct batch *b)
{
    LIST_REMOVE(b, link);
    aws_cancel(b->call);
    timer_free(b->pause);
    for (size_t i = 0; i < b->count; i++)
        free(b->receipts[i]);
    free(b);
}

static void
batch_deleted(void *cookie, const struct aws_result *r, const struct sqs_entry_result *entries,
              size_t count)
{
    struct batch *b = cookie;
    const char *why = r->error.text;
    size_t left = 0, entry = 0;

    b->call = NULL;
    for (size_t i = 0; i < b->count; i++) {
        const struct sqs_entry_result *was;

        if (b->receipts[i] == NULL)
            continue;
        was = entry < count ? &entries[entry] : NULL;
        entry++;
        if (was != NULL && (was->done || was->sender_fault)) {
            engine_counting(b->queue->engine)->deletes += was->done;
            free(b->receipts[i]);
            b->receipts[i] = NULL;
        } else {
            left++;
            if (was != NULL && r->outcome == AWS_OK)
                why = was->code;
        }
    }
    if (left == 0 || ++b->tries >= DELETE_TRIES) {
        if (left > 0)
            log_warning("delete-failed", log_int("messages", (int64_t)left),
                        log_text("error", why));
        batch_free(b);
        return;
    }
    if (b->pause == NULL)
        b->pause = timer_new(b->queue->loop, batch_delete, b);
    timer_start(b->pause, INT64_C(200) << b->tries);
}

static void
batch_delete(void *cookie)
{
    struct batch *b = cookie;
    struct str receipts[SQS_BATCH_MAX];
    size_t count = 0;

    for (size_t i = 0; i < b->count; i++)
        if (b->receipts[i] != NULL)
            receipts[count++] = str_of(b->receipts[i]);
    b->call = sqs_delete(b->queue->account, engine_settings(b->queue->engine)->queue.url, receipts,
                         count, batch_deleted, b);
}

static void
batch_durable(void *cookie, enum learnt l, const struct error *e)
{
    (void)l;
    (void)e;
    batch_delete(cookie);
}

static struct batch *
batch_new(struct queue *q, const struct sqs_message *messages, size_t count)
{
    struct batch *b = xcalloc(1, sizeof(*b));

    b->queue = q;
    for (size_t i = 0; i < count && i < SQS_BATCH_MAX; i++)
        b->receipts[b->count++] = xstrcopy(messages[i].receipt);
    LIST_INSERT_HEAD(&q->batches, b, link);
    return b;
}

/* ---- understanding -------------------------------------------------------------------------- */

/* Events of other accounts are nobody's business, unless they are configured. */
static bool
is_allowed(struct queue *q, const struct event *ev, struct error *e)
{
    const struct setting_list *accounts = &engine_settings(q->engine)->queue.accounts;
    const char *own[] = { q->own_account };

    if (ev->kind != EVENT_MODEL_PACKAGE)
        return true;
    if (accounts->count > 0)
        return event_allowed(ev, accounts->items, accounts->count, e);
    return event_allowed(ev, own, q->own_account[0] != '\0' ? 1 : 0, e);
}

static enum learnt
take_message(struct queue *q, const struct sqs_message *m)
{
    struct event_room room = { q->tokens, TOKENS, q->scratch, EVENT_BODY_MAX };
    struct event ev;
    struct error e;

    engine_counting(q->engine)->messages++;
    if (!event_read(&ev, m->body, &room, &e) || !is_allowed(q, &ev, &e))
        return engine_feed_poison(q->engine, m->body, e.text);
    return engine_feed_event(q->engine, &ev);
}

/* ---- receiving ------------------------------------------------------------------------------ */

static void asker_ask(void *cookie);

static void
asker_pause(struct asker *a, const struct aws_result *r)
{
    int64_t wait_ms = 500;

    for (int64_t i = 0; i < a->failures && wait_ms < SECONDS(20); i++)
        wait_ms *= 2;
    a->failures++;
    engine_counting(a->queue->engine)->receive_errors++;
    log_warning("receive-failed", log_why(&r->error), log_int("retry_ms", wait_ms));
    timer_start(a->pause, wait_ms);
}

static void
asker_received(void *cookie, const struct aws_result *r, const struct sqs_message *messages,
               size_t count)
{
    struct asker *a = cookie;
    struct queue *q = a->queue;
    size_t taken = 0;

    a->call = NULL;
    if (q->stopped)
        return;
    if (r->outcome != AWS_OK) {
        asker_pause(a, r);
        return;
    }
    a->failures = 0;
    engine_counting(q->engine)->last_receive_ms = engine_now_ms(q->engine);
    while (taken < count && take_message(q, &messages[taken]) != LEARNT_BUSY)
        taken++;
    if (taken < count)
        return; /* The engine is dead: what was received comes again. */
    if (count > 0)
        engine_feed_end(q->engine, batch_durable, batch_new(q, messages, count));
    asker_ask(a);
}

static void
asker_ask(void *cookie)
{
    struct asker *a = cookie;
    const struct queue_settings *s = &engine_settings(a->queue->engine)->queue;
    /* Until the queue has answered once nobody knows whether it can: one asks without waiting. */
    bool first = a == a->queue->askers && engine_counting(a->queue->engine)->last_receive_ms == 0;
    struct sqs_ask ask = { .queue_url = s->url,
                           .max = SQS_BATCH_MAX,
                           .wait_ms = first ? 0 : s->wait_ms,
                           .visibility_ms = s->visibility_ms };

    if (!a->queue->stopped)
        a->call = sqs_receive(a->queue->account, &ask, asker_received, a);
}

/* ---- life ----------------------------------------------------------------------------------- */

struct queue *
queue_new(struct loop *loop, struct aws_account *account, struct engine *en)
{
    struct queue *q = xcalloc(1, sizeof(*q));

    q->loop = loop;
    q->account = account;
    q->engine = en;
    q->stopped = true;
    q->tokens = xmalloc(TOKENS * sizeof(*q->tokens));
    q->scratch = xmalloc(EVENT_BODY_MAX);
    LIST_INIT(&q->batches);
    return q;
}

void
queue_start(struct queue *q)
{
    q->stopped = false;
    settings_queue_account(engine_settings(q->engine)->queue.url, q->own_account);
    q->asker_count = (size_t)engine_settings(q->engine)->queue.receives;
    q->askers = xcalloc(q->asker_count, sizeof(*q->askers));
    for (size_t i = 0; i < q->asker_count; i++) {
        q->askers[i].queue = q;
        q->askers[i].pause = timer_new(q->loop, asker_ask, &q->askers[i]);
        asker_ask(&q->askers[i]);
    }
}

void
queue_stop(struct queue *q)
{
    q->stopped = true;
    for (size_t i = 0; i < q->asker_count; i++) {
        aws_cancel(q->askers[i].call);
        timer_free(q->askers[i].pause);
    }
    free(q->askers);
    q->askers = NULL;
    q->asker_count = 0;
}

void
queue_free(struct queue *q)
{
    if (q == NULL)
        return;
    queue_stop(q);
    for (struct batch *b = LIST_FIRST(&q->batches), *next; b != NULL; b = next) {
        next = LIST_NEXT(b, link);
        batch_free(b);
    }
    free(q->tokens);
    free(q->scratch);
    free(q);
}
