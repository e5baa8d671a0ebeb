#include "ask.h"

#include "platform/loop.h"
#include "wire/http_client.h"

#define ANSWER_MAX (1024 * 1024)
#define TIMEOUT_MS SECONDS(30)

struct waiting {
    struct loop *loop;
    struct asked *out;
};

static void
answered(void *cookie, const struct http_answer *a)
{
    struct waiting *w = cookie;

    if (a->outcome == HTTP_ANSWERED) {
        w->out->status = a->status;
        buf_add(&w->out->body, a->body);
    } else {
        w->out->error = a->error;
    }
    loop_stop(w->loop);
}

void
ask(const char *method, const char *url, const char *const *headers, struct str body,
    struct asked *out)
{
    struct waiting w = { loop_new(), out };
    struct http_client *client = http_client_new(w.loop, NULL);
    struct http_question q = { .method = method,
                               .url = url,
                               .headers = headers,
                               .body = body,
                               .timeout_ms = TIMEOUT_MS,
                               .answer_max = ANSWER_MAX,
                               .plain_http = true };

    *out = (struct asked){ .body = { .max = ANSWER_MAX } };
    http_send(client, &q, answered, &w);
    loop_run(w.loop);
    http_client_free(client);
    loop_free(w.loop);
}
