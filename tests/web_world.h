#ifndef SLIPWAY_TESTS_WEB_WORLD_H
#define SLIPWAY_TESTS_WEB_WORLD_H

/**
 * Web world: a real store, engine and web server in one process, with a
 * deployment at its gate, and a client that asks them.
 *
 * AWS is a closed port, so nothing an order asks for ever happens.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "aws/call.h"
#include "engine/feed.h"
#include "learner/learner.h"
#include "platform/loop.h"
#include "platform/secret.h"
#include "slipway/json.h"
#include "suite.h"
#include "web/web.h"
#include "wire/http_client.h"
#include "wire/webhook.h"
#include "work/workshop.h"

#define WORLD_DIGEST "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define WORLD_ARN "arn:aws:sagemaker:us-east-1:111122223333:model-package/digits/4"

/* ada has two keys, as while one is being exchanged for the other; eve may not decide on digits. */
#define KEY_ADA "whsec_MDEyMzQ1Njc4OWFiY2RlZmdoaWprbG1u"
#define KEY_ADA_NEW "whsec_YWRhLW5ldy1rZXktYWRhLW5ldy1rZXkt"
#define KEY_BOB "whsec_Ym9iLWJvYi1ib2ItYm9iLWJvYi1ib2It"
#define KEY_EVE "whsec_ZXZlLWV2ZS1ldmUtZXZlLWV2ZS1ldmUt"
#define KEY_NOBODY "whsec_bm9ib2R5LW5vYm9keS1ub2JvZHktbm9i"

static struct web_world {
    char folder[64], path[128], shop_path[128], url[128];
    struct wave_settings wave;
    struct gate_settings gate;
    struct pipeline_settings pipeline;
    struct approver_settings approvers[3];
    struct secret *ada[2], *bob[1], *eve[1];
    struct settings settings;
    struct loop *loop;
    struct store *store;
    struct http_client *http;
    struct aws *aws;
    struct workshop *shop;
    struct engine *engine;
    struct web *web;
    struct error e;
    int64_t now_ms;
    /* The last answer. */
    bool answered;
    int status;
    char *body, *headers;
} world;

static inline void
world_ok(bool worked)
{
    ck_assert_msg(worked, "%s", world.e.text);
}

static inline void
world_settings(void)
{
    static const char *groups[] = { "line-a" }, *others[] = { "faces" };

    world.wave = (struct wave_settings){ "canary", { groups, 1 } };
    world.gate = (struct gate_settings){
        .name = "accuracy-floor",
        .pattern = "{\"metrics\":{\"accuracy\":{\"value\":[{\"numeric\":[\">=\",0.97]}]}}}",
    };
    world.pipeline = (struct pipeline_settings){
        .name = "digits",
        .pattern = "{\"source\":[\"aws.sagemaker\"]}",
        .target = "linux-amd64",
        .compile = { .tries = 1 },
        .package = { .component = "digits.model", .bucket = "b", .prefix = "p", .tries = 1 },
        .twin = { .tries = 1 },
        .gates = &world.gate,
        .gate_count = 1,
        .approval = { .required = 2, .expires_ms = DAYS(1) },
        .rollout = { .waves = &world.wave,
                     .wave_count = 1,
                     .success_percent = 90,
                     .failure_percent = 10,
                     .failure_min = 1,
                     .timeout_ms = HOURS(1),
                     .poll_ms = 1000 },
        .stage_timeout_ms = HOURS(1),
    };
    world.ada[0] = webhook_key_read(STR(KEY_ADA));
    world.ada[1] = webhook_key_read(STR(KEY_ADA_NEW));
    world.bob[0] = webhook_key_read(STR(KEY_BOB));
    world.eve[0] = webhook_key_read(STR(KEY_EVE));
    world.approvers[0] = (struct approver_settings){ "ada", world.ada, 2, { NULL, 0 } };
    world.approvers[1] = (struct approver_settings){ "bob", world.bob, 1, { NULL, 0 } };
    world.approvers[2] = (struct approver_settings){ "eve", world.eve, 1, { others, 1 } };
    world.settings = (struct settings){
        .store = world.path,
        .listen = "127.0.0.1:0",
        .work_dir = world.shop_path,
        .aws = { .region = "us-east-1",
                 .endpoint = "http://127.0.0.1:1",
                 .attempts = 1,
                 .timeout_ms = 1000 },
        .queue = { .url = "http://127.0.0.1:1/queue", .wait_ms = 1000, .quarantine_max = 100 },
        .approvers = world.approvers,
        .approver_count = 3,
        .pipelines = &world.pipeline,
        .pipeline_count = 1,
    };
}

/* ---- deployments ---------------------------------------------------------------------------- */

static inline void
world_learn(struct learner *l, int64_t id, struct fact f)
{
    bool applied;

    f.deployment_id = id;
    f.at_ms = world.now_ms++;
    world_ok(learner_fact(l, &f, &applied, &world.e));
    ck_assert_msg(applied, "fact %s changed nothing", fact_name(f.kind));
}

static inline void
world_ordered(void *cookie, const struct ordered *o)
{
    (void)cookie;
    (void)o;
}

/* Adds a deployment of the package `arn`; the open transaction is the caller's. */
static inline int64_t
world_add(struct str arn)
{
    struct policy policy = policy_of(&world.pipeline);
    struct deployment d = pipeline_begin(&policy, world.now_ms);
    struct package p;

    world_ok(store_package(world.store, arn, &p, &world.e));
    sightings_add(&p.sightings, (struct sighting){ 1700000000, true });
    world_ok(store_package_keep(world.store, arn, &p, &world.e));
    d.package_id = p.id;
    d.approved_s = 1700000000;
    d.rank = registry_rank(d.approved_s, 4);
    snprintf(d.pipeline, sizeof(d.pipeline), "digits");
    world_ok(store_add(world.store, &d, world.now_ms++, &world.e));
    return d.id;
}

#define WORLD_VERDICT                                                                         \
    "{\"schema\":\"slipway.verdict/1\",\"outcome\":\"passed\",\"summary\":\"1 gate passed\"," \
    "\"gates\":[{\"name\":\"accuracy-floor\",\"outcome\":\"passed\",\"text\":"                \
    "\"gate accuracy-floor: metrics.accuracy.value is 0.9867, needed >= 0.97\"}]}"

#define WORLD_PLAN                                                                             \
    "{\"schema\":\"slipway.plan/1\",\"component\":\"digits.model\",\"version\":\"1.0.4\","     \
    "\"groups\":[{\"group\":\"line-a\",\"wave\":0,\"seen_deployment_id\":\"d-1\",\"changes\":" \
    "[{\"component\":\"digits.model\",\"from\":\"1.0.3\",\"to\":\"1.0.4\"}],\"unpinned\":"     \
    "[\"aws.greengrass.Cli\"]}]}"

/* Brings a deployment to its gate, planned, with documents of every kind. */
static inline void
world_bring_to_gate(struct learner *l, int64_t id)
{
    world_learn(l, id, (struct fact){ .kind = FACT_CONFIRMED });
    world_learn(l, id, (struct fact){ .kind = FACT_WORK_DONE });
    world_learn(l, id, (struct fact){ .kind = FACT_WORK_DONE, .digest = WORLD_DIGEST });
    world_learn(l, id, (struct fact){ .kind = FACT_WORK_DONE });
    world_learn(l, id, (struct fact){ .kind = FACT_GATE_PASSED, .reason = "1 gate passed" });
    world_learn(l, id, (struct fact){ .kind = FACT_PLANNED });
    world_ok(store_document_keep(world.store, id, "verdict", STR(WORLD_VERDICT), &world.e));
    world_ok(store_document_keep(world.store, id, "plan", STR(WORLD_PLAN), &world.e));
}

/* ---- beginning and end ---------------------------------------------------------------------- */

/* `fill`, if not NULL, adds deployments in an open transaction before the engine begins. */
static inline void
world_open(void (*fill)(struct learner *l))
{
    struct learner l;

    memset(&world, 0, sizeof(world));
    snprintf(world.folder, sizeof(world.folder), "/tmp/slipway-test-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(world.folder));
    snprintf(world.path, sizeof(world.path), "%s/slipway.db", world.folder);
    snprintf(world.shop_path, sizeof(world.shop_path), "%s/shop", world.folder);
    world_settings();
    setenv("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE", 1);
    setenv("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", 1);
    world.loop = loop_new();
    world.now_ms = loop_now_ms(world.loop) - SECONDS(60);
    world.store = store_open(world.path, &world.e);
    world_ok(world.store != NULL);
    world_ok(learner_init(&l, world.store, &world.settings, world_ordered, NULL, &world.e));
    world_ok(store_begin(world.store, &world.e));
    world_bring_to_gate(&l, world_add(STR(WORLD_ARN)));
    if (fill != NULL)
        fill(&l);
    world_ok(store_commit(world.store, &world.e));
    learner_fini(&l);
    world.http = http_client_new(world.loop, NULL);
    world.aws = aws_new(world.loop, world.http, &world.settings.aws, &world.e);
    world_ok(world.aws != NULL);
    world.shop = workshop_new(world.loop, world.aws, &world.settings, &world.e);
    world_ok(world.shop != NULL);
    world.engine = engine_new(world.loop, world.store, &world.settings, world.shop, &world.e);
    world_ok(world.engine != NULL);
    world.web = web_open(world.loop, world.engine, &world.e);
    world_ok(world.web != NULL);
    snprintf(world.url, sizeof(world.url), "http://127.0.0.1:%d", web_port(world.web));
}

static inline void
world_remove(const char *name)
{
    char path[256];

    snprintf(path, sizeof(path), "%s/%s", world.folder, name);
    remove(path);
}

static inline void
world_close(void)
{
    static const char *const FILES[] = { "slipway.db",      "slipway.db-wal",  "slipway.db-shm",
                                         "slipway.db.lock", "slipway.db-lock", "shop" };

    engine_stop(world.engine);
    web_close(world.web);
    engine_free(world.engine);
    workshop_free(world.shop);
    aws_free(world.aws);
    http_client_free(world.http);
    loop_free(world.loop);
    store_close(world.store);
    secret_free(world.ada[0]);
    secret_free(world.ada[1]);
    secret_free(world.bob[0]);
    secret_free(world.eve[0]);
    free(world.body);
    free(world.headers);
    for (size_t i = 0; i < ARRAY_LEN(FILES); i++)
        world_remove(FILES[i]);
    rmdir(world.folder);
}

/* ---- asking --------------------------------------------------------------------------------- */

static inline void
world_answered(void *cookie, const struct http_answer *a)
{
    (void)cookie;
    ck_assert_msg(a->outcome == HTTP_ANSWERED, "%s", a->error.text);
    free(world.body);
    free(world.headers);
    world.body = xstrcopy(a->body);
    world.headers = xstrcopy(a->headers);
    world.status = a->status;
    world.answered = true;
}

/* Asks and waits; the answer is in `world`.  Returns its status. */
static inline int
world_ask(const char *method, const char *path, const char *const *headers, struct str body)
{
    char url[512];
    struct http_question q = { .method = method,
                               .url = url,
                               .headers = headers,
                               .body = body,
                               .timeout_ms = SECONDS(20),
                               .answer_max = 32 * 1048576,
                               .plain_http = true };

    snprintf(url, sizeof(url), "%s%s", world.url, path);
    world.answered = false;
    http_send(world.http, &q, world_answered, NULL);
    while (!world.answered)
        loop_turn(world.loop, 1000);
    return world.status;
}

static inline int
world_get(const char *path)
{
    return world_ask("GET", path, NULL, STR(""));
}

#endif
