#ifndef SLIPWAY_TESTS_AWS_WORLD_H
#define SLIPWAY_TESTS_AWS_WORLD_H

/**
 * AWS world: slipway's AWS client against a server on loopback that answers what a test says.
 */

#include <stdio.h>
#include <stdlib.h>

#include "aws/account.h"
#include "fakes/wire_server.h"
#include "platform/log.h"
#include "platform/loop.h"
#include "suite.h"
#include "wire/http_client.h"

struct world {
    struct wire_server *server;
    struct loop *loop;
    struct http_client *http;
    struct aws *aws;
    struct aws_account *account;
    int times, stop_after;
    enum aws_outcome outcome;
    int status, tries;
    char code[128], message[300], error[480], extra[512];
};

static struct world
begin(wire_answer *answer, void *cookie)
{
    struct world w = { .server = wire_server_start(answer, cookie), .stop_after = 1 };
    struct aws_settings settings = {
        .region = "us-east-1", .endpoint = wire_url(w.server), .attempts = 3, .timeout_ms = 2000
    };
    struct error e = { 0 };

    setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE", 1);
    setenv("AWS_SECRET_ACCESS_KEY", "secret", 1);
    setenv("AWS_CONFIG_FILE", "/nonexistent", 1);
    setenv("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent", 1);
    log_threshold(LOG_ERROR);
    w.loop = loop_new();
    w.http = http_client_new(w.loop, NULL);
    w.aws = aws_new(w.loop, w.http, &settings, &e);
    ck_assert_msg(w.aws != NULL, "%s", e.text);
    w.account = aws_account(w.aws, NULL, &e);
    return w;
}

static void
end(struct world *w)
{
    aws_free(w->aws);
    http_client_free(w->http);
    loop_free(w->loop);
    wire_server_stop(w->server);
}

static void
note(struct world *w, const struct aws_result *r)
{
    w->times++;
    w->outcome = r->outcome;
    w->status = r->status;
    w->tries = r->tries;
    snprintf(w->code, sizeof(w->code), "%s", r->code);
    snprintf(w->message, sizeof(w->message), "%s", r->message);
    snprintf(w->error, sizeof(w->error), "%s", r->error.text);
    if (w->times >= w->stop_after)
        loop_stop(w->loop);
}

/* What a server does with its first so many requests; then it answers well. */
struct script {
    int count;
    struct wire_reply (*first)(const char *request);
    const char *good;
};

static struct wire_reply
play(void *cookie, int nth, const char *request)
{
    const struct script *s = cookie;

    /* The ETag of an S3 object "abc"; no other service minds. */
    return nth < s->count
               ? s->first(request)
               : wire_reply(200, "ETag: \"900150983cd24fb0d6963f7d28e17f72\"\r\n", s->good);
}

#endif
