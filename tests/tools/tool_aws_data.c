/* links: slipway_aws */

/* The calls of SQS and S3, one at a time; see aws_try.h. */

#include <fcntl.h>
#include <unistd.h>

#include "aws/s3.h"
#include "aws/sqs.h"
#include "tools/aws_try.h"

/* ---- sqs ------------------------------------------------------------------------------------ */

static void
received(void *cookie, const struct aws_result *r, const struct sqs_message *m, size_t count)
{
    (void)cookie;
    say(r);
    number("count", (int64_t)count);
    for (size_t i = 0; i < count; i++) {
        printf("message: %.*s %lld %.*s\n", STR_ARG(m[i].receipt), (long long)m[i].receives,
               STR_ARG(m[i].body));
        if (m[i].sent_ms < 1600000000000 || m[i].id.len != 36)
            exit_status = 2;
    }
}

static void
batch(void *cookie, const struct aws_result *r, const struct sqs_entry_result *x, size_t count)
{
    (void)cookie;
    say(r);
    for (size_t i = 0; i < count; i++)
        printf("entry: %s %s\n", x[i].done ? "done" : "failed", x[i].code);
}

static void
sent(void *cookie, const struct aws_result *r, const char *id)
{
    (void)cookie;
    say(r);
    text("id", id != NULL ? id : "");
}

static void
queue(void *cookie, const struct aws_result *r, const struct sqs_queue *q)
{
    (void)cookie;
    say(r);
    if (q == NULL)
        return;
    text("arn", q->arn);
    number("visible", q->visible);
    number("in_flight", q->in_flight);
    number("visibility_ms", q->visibility_ms);
}

static void
try_sqs_receive(char **a)
{
    struct sqs_ask ask = { .queue_url = a[0], .max = 10, .wait_ms = 1000, .visibility_ms = 30000 };

    sqs_receive(account, &ask, received, NULL);
}

static size_t
receipts(char **a, struct str out[SQS_BATCH_MAX])
{
    size_t count = 0;

    while (a[count] != NULL && count < SQS_BATCH_MAX) {
        out[count] = str_of(a[count]);
        count++;
    }
    return count;
}

static void
try_sqs_delete(char **a)
{
    struct str list[SQS_BATCH_MAX];

    sqs_delete(account, a[0], list, receipts(a + 1, list), batch, NULL);
}

static void
try_sqs_hide(char **a)
{
    struct str list[SQS_BATCH_MAX];

    sqs_hide(account, a[0], list, receipts(a + 1, list), 60000, batch, NULL);
}

static void
try_sqs_send(char **a)
{
    sqs_send(account, a[0], str_of(a[1]), sent, NULL);
}

static void
try_sqs_describe(char **a)
{
    sqs_describe(account, a[0], queue, NULL);
}

/* ---- s3 ------------------------------------------------------------------------------------- */

static void
object(void *cookie, const struct aws_result *r, const struct s3_object *o)
{
    (void)cookie;
    say(r);
    if (o == NULL)
        return;
    number("size", o->size);
    text("etag", o->etag);
    text("sha256", o->sha256);
    number("modified_ms", o->modified_ms);
}

static void
try_s3_get(char **a)
{
    int fd = open(a[2], O_RDWR | O_CREAT, 0600);

    s3_get(account, a[0], a[1], a[3], fd, 100000000, object, NULL);
}

static void
try_s3_head(char **a)
{
    s3_head(account, a[0], a[1], object, NULL);
}

static void
try_s3_put(char **a)
{
    int fd = open(a[2], O_RDONLY);
    struct s3_put_order o = { .bucket = a[0],
                              .key = a[1],
                              .fd = fd,
                              .size = lseek(fd, 0, SEEK_END),
                              .sha256 = a[3],
                              .only_new = a[4] != NULL };

    s3_put(account, &o, object, NULL);
}

/* clang-format off */
static const struct aws_try CALLS[] = {
    { "sqs_receive", 1, try_sqs_receive },
    { "sqs_delete", 2, try_sqs_delete },
    { "sqs_hide", 2, try_sqs_hide },
    { "sqs_send", 2, try_sqs_send },
    { "sqs_describe", 1, try_sqs_describe },
    { "s3_get", 3, try_s3_get },
    { "s3_head", 2, try_s3_head },
    { "s3_put", 4, try_s3_put },
};
/* clang-format on */

int
main(int argc, char **argv)
{
    return aws_try_main(argc, argv, CALLS, ARRAY_LEN(CALLS));
}
