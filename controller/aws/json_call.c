#include "aws/json_call.h"

#include <stdio.h>
#include <string.h>

#include "slipway/memory.h"

void
json_body_open(struct json_body *b)
{
    *b = (struct json_body){ .text = { .max = JSON_BODY_MAX } };
    b->out = json_out(&b->text);
    json_open(&b->out, '{');
}

void
json_body_text(struct json_body *b, const char *key, const char *value)
{
    if (value != NULL)
        json_member(&b->out, key, str_of(value));
}

struct aws_call *
json_body_send(struct json_body *b, struct aws_account *account, struct aws_question *q,
               aws_read *read, aws_then *then, void *cookie)
{
    static const char *const HEADERS[] = { "Content-Type: application/json", NULL };
    struct aws_call *call;

    json_close(&b->out, '}');
    if (b->text.overflow)
        q->broken = "the request is longer than 8 MiB";
    if (q->headers == NULL)
        q->headers = HEADERS;
    q->body = buf_str(&b->text);
    call = aws_ask(account, q, read, then, cookie, NULL, NULL);
    buf_free(&b->text);
    return call;
}

struct aws_call *
json_target_send(struct json_body *b, struct aws_account *account, struct aws_question *q,
                 const char *target_prefix, aws_read *read, aws_then *then, void *cookie)
{
    char target[128];
    const char *const headers[] = { q->service == AWS_SQS
                                        ? "Content-Type: application/x-amz-json-1.0"
                                        : "Content-Type: application/x-amz-json-1.1",
                                    target, NULL };

    snprintf(target, sizeof(target), "X-Amz-Target: %s.%s", target_prefix, q->operation);
    q->headers = headers;
    return json_body_send(b, account, q, read, then, cookie);
}
