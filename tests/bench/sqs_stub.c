/*
 * sqs_stub: a fast SQS on loopback, so that a benchmark measures its client.
 *
 *     sqs_stub [--port N] [--messages N] [--describe rejected|throttle]
 *
 * Answers the JSON protocols of SQS and SageMaker without looking at signatures:
 *
 *   ReceiveMessage       up to ten approval events, each given out once and never again; with none
 *                        left it waits as long as WaitTimeSeconds says
 *   DeleteMessageBatch   says yes, and counts each message once
 *   GetQueueAttributes   how many are left
 *   DescribeModelPackage at once: the approval was taken back meanwhile, which ends the deployment;
 *                        or, with "throttle", ThrottlingException
 *   ListModelPackages    none
 *   anything else        503 SlowDown
 *
 * Three requests are for whoever runs the benchmark:
 *
 *   POST /_stub/release/N  makes N more messages available, now
 *   GET  /_stub/counts     what was received and deleted, and when, in microseconds
 *   GET  /_stub/effects    for each message released one by one: microseconds until the
 *                          DescribeModelPackage for it arrived
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "event_text.h"
#include "figures.h"
#include "slipway/json.h"
#include "stub_http.h"

enum { BATCH = 10, WAITING_MAX = 512, NUMBERS = EVENT_NUMBER_MAX - EVENT_NUMBER_MIN + 1 };

#define JSON_10 "application/x-amz-json-1.0"
#define JSON_11 "application/x-amz-json-1.1"

/* A ReceiveMessage that waits for messages. */
struct waiting {
    struct stub_peer *peer;
    int64_t max, until_us;
};

static struct {
    struct template message;
    int64_t released, received, deleted, describes, others; /* Messages; the rest are requests. */
    int64_t first_receive_us, last_delete_us;
    struct waiting waiting[WAITING_MAX]; /* In order of arrival. */
    size_t waiting_count;
    bool is_deleted[NUMBERS];
    int64_t released_us[NUMBERS];
    struct series effects;
    bool throttles;
} stub;

static void
init_message(void)
{
    char *body = approval_event_escaped();
    struct buf text = { .max = 65536 };

    buf_printf(
        &text,
        "{\"Attributes\":{\"ApproximateReceiveCount\":\"1\",\"SentTimestamp\":"
        "\"1771952414123\"},\"Body\":\"%s\",\"MD5OfBody\":"
        "\"5f4dcc3b5aa765d61d8327deb882cf99\",\"MessageId\":"
        "\"59d43d22-8c1f-4e34-9a1b-0c5f0d######\",\"ReceiptHandle\":\"######"
        "AQEBwJnKyrHigUMZj6rYigCgxlaS3SLy0aTrsHhVYwTyZCQQnTf1Z6Zk2Wv1FqgGqB5w6K1g0nDxk7eV"
        "h3mBqNUmV0sQyqZb8bJ1XH4fFJx7k9v2pQwLr5sT0uYd6aEoCiGnMzRlKjPbHtWxSvUqNyOeIfDgAcBk"
        "LmJhZpXoQrTsYwVuNiEdMfCgBaPlKjHxGzSvRqWtOyUeIbDnFcLmAkJhZpXoQrTsYwVuNiEdMfCgBa==\"}",
        body);
    template_init(&stub.message, text.at);
    buf_free(&text);
    free(body);
}

/* ---- receiving ------------------------------------------------------------------------------ */

static void
give(struct stub_peer *peer, int64_t max)
{
    struct buf *out = stub_body(peer);
    static char text[16384];

    buf_add(out, STR("{"));
    for (int64_t i = 0; i < max && i < BATCH && stub.received < stub.released; i++) {
        assert(stub.message.len <= sizeof(text));
        template_write(&stub.message, EVENT_NUMBER_MIN + stub.received++, text);
        buf_add(out, i == 0 ? STR("\"Messages\":[") : STR(","));
        buf_add(out, (struct str){ text, stub.message.len });
    }
    if (stub.first_receive_us == 0 && out->len > 1)
        stub.first_receive_us = now_us();
    buf_add(out, out->len > 1 ? STR("]}") : STR("}"));
    stub_answer(peer, 200, JSON_10);
}

/* Serves those that wait: all that messages are there for, and all whose time is over. */
static void
serve_waiting(void *cookie)
{
    size_t kept = 0;
    int64_t now = stub.waiting_count > 0 ? now_us() : 0;

    (void)cookie;
    for (size_t i = 0; i < stub.waiting_count; i++) {
        struct waiting w = stub.waiting[i];

        if (stub.received < stub.released || w.until_us <= now)
            give(w.peer, w.max);
        else
            stub.waiting[kept++] = w;
    }
    stub.waiting_count = kept;
}

static int64_t
member_int(struct str body, const char *name, int64_t otherwise)
{
    struct json_token tokens[64];
    struct json doc;
    struct error e;
    int64_t n;

    if (!json_read(&doc, body, tokens, ARRAY_LEN(tokens), &e) ||
        !json_get_int(json_root(&doc), name, &n, &e))
        return otherwise;
    return n;
}

static void
receive(struct stub_peer *peer, const struct stub_request *r)
{
    int64_t max = member_int(r->body, "MaxNumberOfMessages", 1);
    int64_t wait_s = member_int(r->body, "WaitTimeSeconds", 0);

    if (stub.received < stub.released || wait_s == 0 || stub.waiting_count == WAITING_MAX)
        give(peer, max);
    else
        stub.waiting[stub.waiting_count++] = (struct waiting){ peer, max,
                                                               now_us() + wait_s * 1000000 };
}

static void
gone(void *cookie, struct stub_peer *peer)
{
    size_t kept = 0;

    (void)cookie;
    for (size_t i = 0; i < stub.waiting_count; i++)
        if (stub.waiting[i].peer != peer)
            stub.waiting[kept++] = stub.waiting[i];
    stub.waiting_count = kept;
}

/* ---- deleting ------------------------------------------------------------------------------- */

static void
delete_one(struct json_value entry)
{
    char receipt[512];
    int64_t n;

    if (!json_text(json_get(entry, "ReceiptHandle"), receipt, sizeof(receipt), NULL) ||
        !str_to_int((struct str){ receipt, 6 }, &n) || n < EVENT_NUMBER_MIN)
        return;
    stub.deleted += !stub.is_deleted[n - EVENT_NUMBER_MIN];
    stub.is_deleted[n - EVENT_NUMBER_MIN] = true;
}

static void
delete_batch(struct stub_peer *peer, const struct stub_request *r)
{
    struct json_token tokens[256];
    struct buf *out = stub_body(peer);
    struct json_cursor c;
    struct json doc;
    struct error e;
    char id[128];

    if (!json_read(&doc, r->body, tokens, ARRAY_LEN(tokens), &e)) {
        fprintf(stderr, "stub: DeleteMessageBatch: %s\n", e.text);
        exit(EXIT_FAILURE);
    }
    buf_add(out, STR("{\"Failed\":[],\"Successful\":["));
    for (c = json_first(json_get(json_root(&doc), "Entries")); json_exists(c.value);
         json_next(&c)) {
        delete_one(c.value);
        if (json_text(json_get(c.value, "Id"), id, sizeof(id), NULL))
            buf_printf(out, "%s{\"Id\":\"%s\"}", out->at[out->len - 1] == '[' ? "" : ",", id);
    }
    buf_add(out, STR("]}"));
    stub.last_delete_us = now_us();
    stub_answer(peer, 200, JSON_10);
}

/* ---- SageMaker ------------------------------------------------------------------------------ */

static void
describe(struct stub_peer *peer, const struct stub_request *r)
{
    struct str mark = STR("/digits/");
    struct buf *out = stub_body(peer);
    int64_t n = 0;

    for (size_t i = 0; i + mark.len + 6 <= r->body.len; i++)
        if (memcmp(r->body.at + i, mark.at, mark.len) == 0)
            (void)!str_to_int((struct str){ r->body.at + i + mark.len, 6 }, &n);
    stub.describes++;
    if (n >= EVENT_NUMBER_MIN && stub.released_us[n - EVENT_NUMBER_MIN] != 0) {
        series_add(&stub.effects, (double)(now_us() - stub.released_us[n - EVENT_NUMBER_MIN]));
        stub.released_us[n - EVENT_NUMBER_MIN] = 0;
    }
    if (stub.throttles) {
        buf_add(out, STR("{\"__type\":\"ThrottlingException\",\"message\":\"Rate exceeded\"}"));
        stub_answer(peer, 400, JSON_11);
        return;
    }
    buf_printf(out,
               "{\"ModelPackageArn\":\"" EVENT_ARN_HEAD
               "%lld\",\"ModelPackageName\":\"digits/%lld\","
               "\"ModelPackageGroupName\":\"digits\",\"ModelPackageVersion\":%lld,"
               "\"CreationTime\":%lld.0,\"LastModifiedTime\":%lld.5,"
               "\"ModelPackageStatus\":\"Completed\",\"ModelApprovalStatus\":\"Rejected\"}",
               (long long)n, (long long)n, (long long)n, (long long)EVENT_MODIFIED_S - 1800,
               (long long)EVENT_MODIFIED_S + 60);
    stub_answer(peer, 200, JSON_11);
}

/* ---- for the benchmark ---------------------------------------------------------------------- */

static void
release(struct stub_peer *peer, struct str number)
{
    int64_t count;

    if (!str_to_int(number, &count) || count < 1 || count > NUMBERS - stub.released) {
        stub_answer(peer, 400, "text/plain");
        return;
    }
    if (count == 1)
        stub.released_us[stub.released] = now_us();
    stub.released += count;
    serve_waiting(NULL);
    stub_answer(peer, 200, "text/plain");
}

static void
tell_counts(struct stub_peer *peer)
{
    buf_printf(stub_body(peer),
               "{\"released\":%lld,\"received\":%lld,\"deleted\":%lld,\"describes\":%lld,"
               "\"others\":%lld,\"waiting\":%zu,\"first_receive_us\":%lld,\"last_delete_us\":%lld}",
               (long long)stub.released, (long long)stub.received, (long long)stub.deleted,
               (long long)stub.describes, (long long)stub.others, stub.waiting_count,
               (long long)stub.first_receive_us, (long long)stub.last_delete_us);
    stub_answer(peer, 200, "application/json");
}

static void
tell_effects(struct stub_peer *peer)
{
    struct buf *out = stub_body(peer);

    buf_add(out, STR("["));
    for (size_t i = 0; i < stub.effects.count; i++)
        buf_printf(out, "%s%.0f", i == 0 ? "" : ",", stub.effects.items[i]);
    buf_add(out, STR("]"));
    stub_answer(peer, 200, "application/json");
}

/* ---- all requests --------------------------------------------------------------------------- */

static void
tell_attributes(struct stub_peer *peer)
{
    buf_printf(stub_body(peer),
               "{\"Attributes\":{\"QueueArn\":\"arn:aws:sqs:" EVENT_REGION ":" EVENT_ACCOUNT
               ":bench\","
               "\"ApproximateNumberOfMessages\":\"%lld\",\"VisibilityTimeout\":\"30\"}}",
               (long long)(stub.released - stub.received));
    stub_answer(peer, 200, JSON_10);
}

static void
handle(void *cookie, struct stub_peer *peer, const struct stub_request *r)
{
    static const char RELEASE[] = "/_stub/release/";

    (void)cookie;
    if (str_is(r->target, "AmazonSQS.ReceiveMessage")) {
        receive(peer, r);
    } else if (str_is(r->target, "AmazonSQS.DeleteMessageBatch")) {
        delete_batch(peer, r);
    } else if (str_is(r->target, "AmazonSQS.GetQueueAttributes")) {
        tell_attributes(peer);
    } else if (str_is(r->target, "SageMaker.DescribeModelPackage")) {
        describe(peer, r);
    } else if (str_is(r->target, "SageMaker.ListModelPackages")) {
        buf_add(stub_body(peer), STR("{\"ModelPackageSummaryList\":[]}"));
        stub_answer(peer, 200, JSON_11);
    } else if (str_starts(r->path, RELEASE)) {
        release(peer, (struct str){ r->path.at + strlen(RELEASE), r->path.len - strlen(RELEASE) });
    } else if (str_is(r->path, "/_stub/counts")) {
        tell_counts(peer);
    } else if (str_is(r->path, "/_stub/effects")) {
        tell_effects(peer);
    } else {
        stub.others++;
        stub_answer(peer, 503, "text/plain");
    }
}

int
main(int argc, char **argv)
{
    const struct stub_server server = { handle, gone, serve_waiting, NULL };
    const char *says = option_text(argc, argv, "--describe", "rejected");

    stub.released = option_int(argc, argv, "--messages", 0);
    stub.throttles = strcmp(says, "throttle") == 0;
    if (stub.released > NUMBERS || (!stub.throttles && strcmp(says, "rejected") != 0)) {
        fprintf(stderr,
                "use: sqs_stub [--port N] [--messages 0..%d] [--describe "
                "rejected|throttle]\n",
                NUMBERS);
        return 2;
    }
    init_message();
    stub_serve(&server, (int)option_int(argc, argv, "--port", 0));
    return EXIT_SUCCESS;
}
