#include "walk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "figures.h"

enum { TOKENS = 1024 };

static struct wave_settings WAVES[] = {
    { "canary", { (const char *[]){ "line-a" }, 1 } },
    { "rest", { (const char *[]){ "line-b", "line-c" }, 2 } },
};

/* Nothing supersedes: all of them arrive at the gate. */
static struct pipeline_settings PIPELINES[] = {
    { .name = "digits",
      .pattern =
          "{\"source\":[\"aws.sagemaker\"],\"detail\":{\"ModelPackageGroupName\":[\"digits\"],"
          "\"ModelApprovalStatus\":[\"Approved\"]}}",
      .compile = { .tries = 3 },
      .package = { .tries = 3 },
      .twin = { .driver = TWIN_GREENGRASS, .thing_group = "twin", .tries = 3 },
      .approval = { .required = 1, .expires_ms = DAYS(30) },
      .rollout = { .waves = WAVES,
                   .wave_count = 2,
                   .success_percent = 100,
                   .timeout_ms = HOURS(1) },
      .stage_timeout_ms = HOURS(12) },
};

static const struct settings SETTINGS = { .pipelines = PIPELINES, .pipeline_count = 1 };

static void
ordered(void *cookie, const struct ordered *o)
{
    struct walk *w = cookie;

    if (o->opened != 0)
        w->orders[o->deployment->id] = o->opened;
    w->last_id = o->deployment->id;
}

/* ---- life ----------------------------------------------------------------------------------- */

void
walk_delete(const char *path)
{
    static const char *const ENDS[] = { "", "-wal", "-shm", ".lock" };
    char name[4096];

    for (size_t i = 0; i < ARRAY_LEN(ENDS); i++) {
        snprintf(name, sizeof(name), "%s%s", path, ENDS[i]);
        unlink(name);
    }
}

void
walk_open(struct walk *w, const char *path, int64_t deployments)
{
    struct error e;

    *w = (struct walk){ .order_room = (size_t)deployments + 1 };
    w->store = store_open(path, &e);
    need(w->store != NULL, &e);
    need(learner_init(&w->learner, w->store, &SETTINGS, ordered, w, &e), &e);
    template_init(&w->events, approval_event());
    w->body = xmalloc(w->events.len);
    w->tokens = xcalloc(TOKENS, sizeof(*w->tokens));
    w->orders = xcalloc(w->order_room, sizeof(*w->orders));
}

void
walk_close(struct walk *w)
{
    learner_fini(&w->learner);
    store_close(w->store);
    template_fini(&w->events);
    free(w->body);
    free(w->tokens);
    free(w->orders);
}

void
walk_begin(struct walk *w)
{
    struct error e;

    w->now_ms = INT64_C(1772000000000) + now_us() / 1000;
    need(store_begin(w->store, &e), &e);
}

int64_t
walk_commit(struct walk *w)
{
    int64_t began = now_us();
    struct error e;

    need(store_commit(w->store, &e), &e);
    return now_us() - began;
}

/* ---- learning ------------------------------------------------------------------------------- */

int64_t
walk_event(struct walk *w, int64_t n)
{
    struct event_room room = { w->tokens, TOKENS, NULL, 0 };
    struct event ev;
    struct error e;
    bool applied;

    template_write(&w->events, n, w->body);
    need(event_read(&ev, (struct str){ w->body, w->events.len }, &room, &e), &e);
    need(learner_event(&w->learner, &ev, w->now_ms, &applied, &e), &e);
    need(applied || error_set(&e, ERROR_INVALID, "event %lld began nothing", (long long)n), &e);
    return w->last_id;
}

static void
learn(struct walk *w, struct fact f)
{
    struct error e;
    bool applied;

    f.order_id = w->orders[f.deployment_id];
    f.at_ms = w->now_ms;
    need(learner_fact(&w->learner, &f, &applied, &e), &e);
    need(applied || error_set(&e, ERROR_INVALID, "deployment %lld: %s changed nothing",
                              (long long)f.deployment_id, fact_name(f.kind)),
         &e);
}

void
walk_step(struct walk *w, int64_t id, int step)
{
    static const struct {
        enum fact_kind fact;
        const char *document, *reason;
    } STEPS[WALK_STEPS] = {
        { FACT_CONFIRMED, "source", NULL },
        { FACT_WORK_DONE, "compiled", NULL },
        { FACT_WORK_DONE, "package", NULL },
        { FACT_WORK_DONE, "twin", NULL },
        { FACT_GATE_PASSED, "result", "6 gates passed: accuracy 0.9867, p99 3.2 us" },
    };
    static const char BODY[] =
        "{\"bucket\":\"models-111122223333\",\"key\":\"components/com.example.digits/1.0.4/"
        "model.zip\","
        "\"sha256\":\"3f79bb7b435b05321651daefd374cdc681dc06faa65e374e38337b88ca046dea\","
        "\"size\":42018,\"version\":\"1.0.4\"}";
    struct fact f = { .kind = STEPS[step].fact, .deployment_id = id, .reason = STEPS[step].reason };
    char digest[DIGEST_SIZE];
    struct error e;

    if (step == 2) {
        snprintf(digest, sizeof(digest), "%064llx", (unsigned long long)id * 2654435761ULL);
        f.digest = digest;
    }
    if (w->documents)
        need(store_document_keep(w->store, id, STEPS[step].document, str_of(BODY), &e), &e);
    learn(w, f);
}

void
walk_planned(struct walk *w, int64_t id)
{
    learn(w, (struct fact){ .kind = FACT_PLANNED, .deployment_id = id });
}
