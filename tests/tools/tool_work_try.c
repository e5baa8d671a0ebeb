/* links: slipway_work slipway_config */

/*
 * tool_work_try CONFIG: carries one order out with the real drivers and prints how it stands.
 *
 * The order is a JSON object on stdin:
 *   {"kind": "confirm", "pipeline": "digits", "arn": "...", "package_version": 1, "tries": 1,
 *    "approved_s": 1700000000, "generation": 1, "wave": 0, "wave_since_ms": 0, "digest": "...",
 *    "progress": "...",
 *    "documents": {"source": "...", ...}}
 * With "forget": true the work folder is removed instead; with "cancel_ms" the order is taken back
 * after so long.  Every run is a new process: a driver that remembered something would show here.
 */

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/call.h"
#include "config/config.h"
#include "platform/loop.h"
#include "slipway/json_write.h"
#include "wire/http_client.h"
#include "work/document.h"
#include "work/workshop.h"

#define INPUT_MAX ((size_t)16 * 1024 * 1024)

struct attempt {
    struct loop *loop;
    struct work *work;
    struct deployment deployment;
    struct work_order order;
    struct buf texts[10]; /* What the order points to, unescaped. */
    size_t count;
};

static _Noreturn void
stop(const char *what, const char *why)
{
    fprintf(stderr, "tool_work_try: %s: %s\n", what, why);
    exit(2);
}

/* ---- the order ------------------------------------------------------------------------------ */

static struct str
text_at(struct attempt *t, struct json_value order, const char *path)
{
    struct json_value v = json_path(order, path);
    struct buf *to = &t->texts[t->count++];
    struct json_bytes b;
    int c;

    assert(t->count <= ARRAY_LEN(t->texts));
    to->max = INPUT_MAX;
    if (json_type(v) != JSON_STRING)
        return (struct str){ NULL, 0 };
    for (b = json_bytes(v); (c = json_next_byte(&b)) >= 0;)
        buf_char(to, (char)c);
    return buf_str(to);
}

static int64_t
number_at(struct json_value order, const char *path, int64_t otherwise)
{
    int64_t n;

    return json_int(json_path(order, path), &n) ? n : otherwise;
}

static void
read_deployment(struct deployment *d, struct json_value order)
{
    d->approved_s = number_at(order, "approved_s", 1);
    d->generation = number_at(order, "generation", 1);
    d->wave = number_at(order, "wave", 0);
    d->wave_since_ms = number_at(order, "wave_since_ms", 0);
    if (!json_text(json_get(order, "pipeline"), d->pipeline, sizeof(d->pipeline), NULL))
        stop("pipeline", "a name is needed");
    if (json_exists(json_get(order, "digest")) &&
        !json_text(json_get(order, "digest"), d->digest, sizeof(d->digest), NULL))
        stop("digest", "64 hex digits are needed");
}

static void
read_order(struct attempt *t, struct json_value order, const struct settings *settings)
{
    static char arn[512];
    char kind[64];
    struct work_order *o = &t->order;

    read_deployment(&t->deployment, order);
    o->deployment = &t->deployment;
    o->pipeline = settings_pipeline(settings, t->deployment.pipeline);
    if (o->pipeline == NULL)
        stop("pipeline", "there is none of that name");
    if (!json_text(json_get(order, "kind"), kind, sizeof(kind), NULL) ||
        !order_parse(str_of(kind), &o->kind))
        stop("kind", "no such order");
    if (!json_text(json_get(order, "arn"), arn, sizeof(arn), NULL))
        stop("arn", "a text is needed");
    o->arn = arn;
    o->installation = "test";
    o->tries = number_at(order, "tries", 1);
    o->package_version = number_at(order, "package_version", 0);
    o->now_ms = loop_now_ms(t->loop);
    o->progress = text_at(t, order, "progress");
    o->source = text_at(t, order, "documents.source");
    o->compiled = text_at(t, order, "documents.compiled");
    o->package = text_at(t, order, "documents.package");
    o->twin = text_at(t, order, "documents.twin");
    o->plan = text_at(t, order, "documents.plan");
    o->wave = text_at(t, order, "documents.wave");
    o->rollback = text_at(t, order, "documents.rollback");
}

/* ---- its end -------------------------------------------------------------------------------- */

static void
write_counts(struct json_out *out, const struct device_counts *c)
{
    json_key(out, "counts");
    json_open(out, '{');
    json_member_int(out, "queued", c->queued);
    json_member_int(out, "in_progress", c->in_progress);
    json_member_int(out, "succeeded", c->succeeded);
    json_member_int(out, "failed", c->failed);
    json_member_int(out, "rejected", c->rejected);
    json_member_int(out, "timed_out", c->timed_out);
    json_member_int(out, "cancelled", c->cancelled);
    json_member_int(out, "removed", c->removed);
    json_member_int(out, "broken", c->broken);
    json_close(out, '}');
}

static void
ended(void *cookie, const struct work_result *r)
{
    static const char *const OUTCOMES[] = { "done",    "failed",   "under-way",
                                            "unknown", "observed", "withdrawn" };
    struct attempt *t = cookie;
    struct buf text = { .max = INPUT_MAX };
    struct json_out out = json_out(&text);

    t->work = NULL;
    json_open(&out, '{');
    json_member(&out, "outcome", str_of(OUTCOMES[r->outcome]));
    json_member_int(&out, "wait_ms", r->wait_ms);
    json_member(&out, "reason", str_of(r->reason));
    json_member(&out, "document", r->document);
    json_member(&out, "progress", r->progress);
    json_member(&out, "digest", str_of(r->digest));
    json_member_int(&out, "approved_s", r->approved_s);
    write_counts(&out, &r->counts);
    json_close(&out, '}');
    puts(text.at);
    buf_free(&text);
    loop_stop(t->loop);
}

static void
take_back(void *cookie)
{
    struct attempt *t = cookie;

    work_cancel(t->work);
    t->work = NULL;
    puts("{\"outcome\": \"cancelled\"}");
    loop_stop(t->loop);
}

/* ---- the run -------------------------------------------------------------------------------- */

static void
run(struct attempt *t, struct workshop *shop, struct json_value order)
{
    int64_t cancel_ms = number_at(order, "cancel_ms", 0);
    struct timer *cancel = timer_new(t->loop, take_back, t);
    bool forget;

    if (json_bool(json_get(order, "forget"), &forget) && forget) {
        workshop_forget(shop, &t->order);
        puts("{\"outcome\": \"forgotten\"}");
    } else {
        t->work = work_start(shop, &t->order, ended, t);
        if (cancel_ms > 0)
            timer_start(cancel, cancel_ms);
        loop_run(t->loop);
    }
    timer_free(cancel);
}

static void
read_input(struct buf *to)
{
    char piece[65536];
    size_t got;

    to->max = INPUT_MAX;
    while ((got = fread(piece, 1, sizeof(piece), stdin)) > 0)
        buf_add(to, (struct str){ piece, got });
}

int
main(int argc, char **argv)
{
    static struct config_report report;
    struct attempt t = { 0 };
    struct buf input = { 0 };
    struct document d;
    struct error e;
    struct settings *settings = config_read(argc > 1 ? argv[1] : "", &report);
    struct http_client *http;
    struct workshop *shop;
    struct aws *aws;

    if (settings == NULL)
        stop("configuration", report.problems[0].text);
    read_input(&input);
    if (!document_read(&d, buf_str(&input), &e))
        stop("order", e.text);
    t.loop = loop_new();
    http = http_client_new(t.loop, NULL);
    aws = aws_new(t.loop, http, &settings->aws, &e);
    if (aws == NULL)
        stop("aws", e.text);
    shop = workshop_new(t.loop, aws, settings, &e);
    if (shop == NULL)
        stop("workshop", e.text);
    read_order(&t, json_root(&d.json), settings);
    run(&t, shop, json_root(&d.json));
    workshop_free(shop);
    aws_free(aws);
    http_client_free(http);
    loop_free(t.loop);
    config_free(settings);
    document_free(&d);
    buf_free(&input);
    for (size_t i = 0; i < t.count; i++)
        buf_free(&t.texts[i]);
    return 0;
}
