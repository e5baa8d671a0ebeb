#include <stdio.h>

#include "platform/loop.h"
#include "slipway/instant.h"
#include "web_internal.h"

/* The queue is asked all the time; it has been silent for too long after a long poll and this. */
#define SILENCE_MS MINUTES(1)

/* GET /healthz: the process turns its loop. */
void
health_handle(void *cookie, struct http_request *r)
{
    (void)cookie;
    http_reply_text(r, 200, "ok");
}

/* GET /readyz: it does what it is for. */
void
ready_handle(void *cookie, struct http_request *r)
{
    const struct web *w = cookie;
    const struct engine_counters *c = engine_counters(w->engine);
    int64_t silent_ms = engine_now_ms(w->engine) - c->last_receive_ms;
    char text[96], span[INSTANT_SIZE];

    if (!engine_is_ready(w->engine)) {
        http_reply_text(r, 503, "not ready: what is under way is still being read");
    } else if (c->last_receive_ms == 0) {
        http_reply_text(r, 503, "not ready: the queue has not answered yet");
    } else if (silent_ms > engine_settings(w->engine)->queue.wait_ms + SILENCE_MS) {
        snprintf(text, sizeof(text), "not ready: the queue has not answered for %s",
                 instant_span(silent_ms, span));
        http_reply_text(r, 503, text);
    } else {
        http_reply_text(r, 200, "ready");
    }
}
