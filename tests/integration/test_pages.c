/* links: slipway_web slipway_engine */

/* Goal: the page, the API, health and metrics show what is in the store, escaped and well formed.
 */

#include "engine/shown.h"
#include "web_world.h"

#define HOSTILE "<script>alert(1)</script>\"'><img src=x onerror=y>"
#define ESCAPED "&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;&gt;&lt;img src=x onerror=y&gt;"

static void
holds(const char *part)
{
    ck_assert_msg(strstr(world.body, part) != NULL, "no \"%s\" in\n%.6000s", part, world.body);
}

static void
holds_not(const char *part)
{
    ck_assert_msg(strstr(world.body, part) == NULL, "\"%s\" in\n%s", part,
                  strstr(world.body, part));
}

/* ---- pages ---------------------------------------------------------------------------------- */

START_TEST(the_page_shows_what_waits_for_whom)
{
    world_open(NULL);
    ck_assert_int_eq(world_get("/"), 200);
    ck_assert_ptr_nonnull(strstr(world.headers, "Content-Type: text/html; charset=utf-8\r\n"));
    holds("<title>1 waiting for people \xc2\xb7 slipway</title>");
    holds("<meta http-equiv=\"refresh\" content=\"5\">");
    holds("<a href=\"deployments/1\">#1</a>");
    holds("digits <b>v4</b>");
    holds("awaiting-approval");
    holds("waiting for 2 more approvals of digest bbbbbbbbbbbb, 0 of 2 given; it expires in ");
    holds("<b>1</b> awaiting approval");
    ck_assert_int_eq(world_get("/?refresh=0"), 200);
    holds_not("http-equiv=\"refresh\"");
    ck_assert_int_eq(world_get("/?refresh=30"), 200);
    holds("content=\"30\"");
    world_close();
}
END_TEST

START_TEST(the_detail_page_shows_how_to_approve)
{
    char line[512];

    world_open(NULL);
    ck_assert_int_eq(world_get("/deployments/1"), 200);
    snprintf(line, sizeof(line), "slipway approve 1 --digest " WORLD_DIGEST " --url %s/ --as ",
             world.url);
    holds(line);
    holds("gate accuracy-floor: metrics.accuracy.value is 0.9867, needed &gt;= 0.97");
    holds("digits.model: 1.0.3 \xe2\x86\x92 1.0.4");
    holds("aws.greengrass.Cli");
    holds("<code>{&quot;metrics&quot;:{&quot;accuracy&quot;:");
    holds("<li class=\"here\" aria-current=\"step\">approval");
    holds("every gate passed: 1 gate passed");
    holds("people");
    ck_assert_int_eq(world_get("/deployments/2"), 404);
    ck_assert_int_eq(world_get("/style.css"), 200);
    ck_assert_ptr_nonnull(strstr(world.headers, "Content-Type: text/css"));
    world_close();
}
END_TEST

static void
add_hostile(struct learner *l)
{
    int64_t id = world_add(
        STR("arn:aws:sagemaker:us-east-1:111122223333:model-package/" HOSTILE "/1"));

    world_learn(l, id, (struct fact){ .kind = FACT_CONFIRMED, .reason = HOSTILE });
    world_learn(l, id,
                (struct fact){ .kind = FACT_WORK_FAILED, .reason = HOSTILE, .actor = HOSTILE });
    world_ok(store_document_keep(
        world.store, id, "source",
        STR("{\"<b>\":\"<script>alert(2)</script>\",\"deep\":[[[\"\\u0022'>\"]]]}"), &world.e));
    world_ok(store_document_keep(world.store, id, "plan", STR("no <json>"), &world.e));
    world_ok(store_quarantine(world.store, STR("{"), HOSTILE, world.now_ms, 10, &world.e));
}

START_TEST(texts_from_outside_never_become_markup)
{
    static const char *const PATHS[] = { "/", "/deployments/2" };

    world_open(add_hostile);
    for (size_t i = 0; i < ARRAY_LEN(PATHS); i++) {
        ck_assert_int_eq(world_get(PATHS[i]), 200);
        holds(ESCAPED);
        holds_not("<script");
        holds_not("<img");
        holds_not("<b>\":");
        holds_not("no <json>");
    }
    holds("&lt;script&gt;alert(2)&lt;/script&gt;");
    holds("no &lt;json&gt;");
    world_close();
}
END_TEST

static void
add_rollout(struct learner *l)
{
    struct device_counts c = { .queued = 4, .succeeded = 5, .failed = 1 };
    int64_t id = 1;
    (void)l;

    for (int i = 0; i < 2; i++)
        world_learn(l, id,
                    (struct fact){ .kind = FACT_APPROVED, .actor = "ada", .digest = WORLD_DIGEST });
    world_learn(l, id, (struct fact){ .kind = FACT_WORK_DONE });
    world_ok(store_counts_keep(world.store, id, 0, &c, world.now_ms, &world.e));
}

START_TEST(a_wave_is_shown_as_bar_and_words)
{
    world_open(add_rollout);
    ck_assert_int_eq(world_get("/"), 200);
    holds("wave 1 of 1, deploying");
    holds("5 of 10 succeeded, 1 failed, 4 not reached yet");
    holds("<rect class=\"ok\" x=\"0\" y=\"0\" width=\"5000\" height=\"100\"/>"
          "<rect class=\"fail\" x=\"5000\" y=\"0\" width=\"1000\" height=\"100\"/>"
          "<rect class=\"idle\" x=\"6000\" y=\"0\" width=\"4000\" height=\"100\"/>"
          "<rect class=\"mark\" x=\"8940\"");
    ck_assert_int_eq(world_get("/deployments/1"), 200);
    holds("<h2 id=\"waves\">Waves</h2>");
    holds("5 of 10 succeeded, 1 failed, 4 not reached yet");
    ck_assert_int_eq(world_get("/v1/deployments/1"), 200);
    holds("\"wave\":{\"number\":1,\"count\":1,\"state\":\"deploying\",\"since\":");
    holds("\"counts\":{\"queued\":4,\"in_progress\":0,\"succeeded\":5,\"failed\":1,");
    world_close();
}
END_TEST

/* ---- API ------------------------------------------------------------------------------------ */

static struct json_value
parsed(void)
{
    static struct json_token tokens[65536];
    static struct json doc;

    ck_assert_ptr_nonnull(strstr(world.headers, "Content-Type: application/json\r\n"));
    world_ok(json_read(&doc, str_of(world.body), tokens, ARRAY_LEN(tokens), &world.e));
    return json_root(&doc);
}

START_TEST(the_api_shows_one_deployment_whole)
{
    static const char *const MEMBERS[] = {
        "id",
        "pipeline",
        "model_package_arn",
        "generation",
        "state",
        "phrase",
        "open",
        "waits_for",
        "who",
        "digest",
        "stage",
        "received_at",
        "entered_at",
        "deadline_at",
        "wave",
        "approvals.given",
        "approvals.required",
        "planned",
        "withdrawn",
        "attempts",
        "reason",
        "revision",
        "order.kind",
        "order.due_at",
        "url",
        "history",
        "waves",
        "decisions",
        "documents.verdict.outcome",
        "documents.plan.groups",
    };
    struct json_value v;
    int64_t n;

    world_open(add_hostile);
    ck_assert_int_eq(world_get("/v1/deployments/1"), 200);
    v = parsed();
    for (size_t i = 0; i < ARRAY_LEN(MEMBERS); i++)
        ck_assert_msg(json_exists(json_path(v, MEMBERS[i])), "%s", MEMBERS[i]);
    ck_assert(json_is(json_get(v, "model_package_arn"), WORLD_ARN));
    ck_assert(json_is(json_get(v, "state"), "awaiting-approval"));
    ck_assert(json_is(json_get(v, "who"), "an approver"));
    ck_assert(json_int(json_path(v, "approvals.required"), &n) && n == 2);
    ck_assert_uint_eq(json_size(json_get(v, "history")), 7);
    ck_assert_int_eq(world_get("/v1/deployments/2"), 200);
    v = parsed();
    ck_assert(json_is(json_path(v, "documents.plan"), "no <json>"));
    ck_assert(json_type(json_get(v, "digest")) == JSON_NULL);
    ck_assert_int_eq(world_get("/v1/deployments/77"), 404);
    ck_assert(json_is(json_get(parsed(), "error"), "no deployment 77"));
    world_close();
}
END_TEST

static void
add_many(struct learner *l)
{
    (void)l;
    for (int i = 0; i < 120; i++) {
        char arn[128];

        snprintf(arn, sizeof(arn),
                 "arn:aws:sagemaker:us-east-1:111122223333:model-package/digits/%d", i + 10);
        world_add(str_of(arn));
        if (i % 2 == 0)
            world_learn(l, i + 2, (struct fact){ .kind = FACT_CANCEL_ASKED, .actor = "ada" });
    }
}

/* Walks all pages; returns how many deployments they show, each once and in falling order. */
static size_t
walk(const char *more)
{
    int64_t before = 0, id, last = INT64_MAX;
    size_t seen = 0;
    char path[128];

    do {
        struct json_value v;

        snprintf(path, sizeof(path), "/v1/deployments?limit=7%s&before=%lld", more,
                 (long long)before);
        ck_assert_int_eq(world_get(path), 200);
        v = parsed();
        for (struct json_cursor c = json_first(json_get(v, "deployments")); json_exists(c.value);
             json_next(&c), seen++) {
            ck_assert(json_int(json_get(c.value, "id"), &id) && id < last);
            last = id;
        }
        if (!json_int(json_get(v, "next"), &before))
            before = 0;
    } while (before != 0);
    return seen;
}

START_TEST(the_api_can_be_walked_page_by_page)
{
    world_open(add_many);
    ck_assert_uint_eq(walk(""), 121);
    ck_assert_uint_eq(walk("&open=1"), 61);
    ck_assert_int_eq(world_get("/v1/deployments?limit=1000"), 200);
    ck_assert_uint_eq(json_size(json_get(parsed(), "deployments")), 121);
    ck_assert_int_eq(world_get("/v1/deployments?limit=-1&before=x"), 200);
    ck_assert_uint_eq(json_size(json_get(parsed(), "deployments")), 50);
    ck_assert_int_eq(world_get("/"), 200);
    holds("Deployments that wait for something");
    holds("Deployments that are live or have ended");
    holds("?before=");
    ck_assert_int_eq(world_get("/?before=20&refresh=0"), 200);
    holds("<a href=\"deployments/18\">#18</a>");
    world_close();
}
END_TEST

/* ---- health and metrics --------------------------------------------------------------------- */

START_TEST(health_and_readiness_differ)
{
    world_open(NULL);
    ck_assert_int_eq(world_get("/healthz"), 200);
    ck_assert_str_eq(world.body, "ok\n");
    ck_assert_int_eq(world_get("/readyz"), 503);
    holds("not ready: what is under way is still being read");
    engine_start(world.engine);
    ck_assert_int_eq(world_get("/readyz"), 503);
    holds("not ready: the queue has not answered yet");
    engine_counting(world.engine)->last_receive_ms = engine_now_ms(world.engine);
    ck_assert_int_eq(world_get("/readyz"), 200);
    ck_assert_str_eq(world.body, "ready\n");
    engine_counting(world.engine)->last_receive_ms = engine_now_ms(world.engine) - MINUTES(3);
    ck_assert_int_eq(world_get("/readyz"), 503);
    holds("not ready: the queue has not answered for 3 min");
    world_close();
}
END_TEST

/* Every sample has HELP and TYPE before it, every counter ends with _total, no family comes twice.
 */
START_TEST(metrics_are_well_formed)
{
    char family[128] = "", help[128] = "", type[32] = "", *line, *rest;

    world_open(NULL);
    ck_assert_int_eq(world_get("/metrics"), 200);
    ck_assert_ptr_nonnull(strstr(world.headers, "Content-Type: text/plain; version=0.0.4"));
    holds("\nslipway_deployments{state=\"awaiting-approval\"} 1\n");
    holds("\nslipway_open_orders 1\n");
    for (line = strtok_r(world.body, "\n", &rest); line != NULL;
         line = strtok_r(NULL, "\n", &rest)) {
        if (sscanf(line, "# HELP %127s", help) == 1) {
            ck_assert_msg(strcmp(help, family) != 0, "%s comes twice", help);
        } else if (sscanf(line, "# TYPE %127s %31s", family, type) == 2) {
            ck_assert_str_eq(help, family);
            ck_assert((strcmp(type, "counter") == 0) == str_ends(str_of(family), "_total"));
        } else {
            size_t len = strcspn(line, "{ ");

            ck_assert_msg(strlen(family) == len && strncmp(line, family, len) == 0, "%s", line);
        }
    }
    world_close();
}
END_TEST

SUITE(pages, the_page_shows_what_waits_for_whom, the_detail_page_shows_how_to_approve,
      texts_from_outside_never_become_markup, a_wave_is_shown_as_bar_and_words,
      the_api_shows_one_deployment_whole, the_api_can_be_walked_page_by_page,
      health_and_readiness_differ, metrics_are_well_formed)
