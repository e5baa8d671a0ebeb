/* links: slipway_web slipway_engine */

/* Goal: only who has the key decides, only once, only on what was signed, and nobody learns from a
 * refusal what was wrong. */

#include "platform/log.h"
#include "web_world.h"

/* A decision, to be bent out of shape by a test before it is sent. */
struct post {
    const char *id, *key, *key2, *path, *body;
    const char *signature;   /* Not NULL: in place of the right one. */
    const char *signed_body; /* Not NULL: signed in place of the one that is sent. */
    int64_t age_s;
    bool without[3]; /* webhook-id, -timestamp, -signature */
};

#define PATH "/v1/deployments/1/decision"
#define BODY(decision, approver)                                                 \
    "{\"deployment\":1,\"digest\":\"" WORLD_DIGEST "\",\"decision\":\"" decision \
    "\",\"approver\":\"" approver "\"}"

static struct post
good(const char *id)
{
    return (struct post){ .id = id, .key = KEY_ADA, .path = PATH, .body = BODY("approve", "ada") };
}

static const char *
sign(const struct webhook *w, const char *text, char buf[WEBHOOK_SIGNATURE_SIZE])
{
    struct secret *key = webhook_key_read(str_of(text));

    ck_assert_ptr_nonnull(key);
    webhook_sign(w, key, buf);
    secret_free(key);
    return buf;
}

static int
send_post(const struct post *p)
{
    char stamp[32], one[WEBHOOK_SIGNATURE_SIZE], two[WEBHOOK_SIGNATURE_SIZE] = "";
    char header[3][256];
    const char *headers[5] = { "Content-Type: application/json" };
    size_t count = 1;
    struct webhook w = { .id = str_of(p->id),
                         .body = str_of(p->signed_body != NULL ? p->signed_body : p->body) };

    snprintf(stamp, sizeof(stamp), "%lld", (long long)(loop_now_ms(world.loop) / 1000 - p->age_s));
    w.timestamp = str_of(stamp);
    sign(&w, p->key, one);
    if (p->key2 != NULL)
        sign(&w, p->key2, two);
    snprintf(header[0], sizeof(header[0]), "webhook-id: %s", p->id);
    snprintf(header[1], sizeof(header[1]), "webhook-timestamp: %s", stamp);
    snprintf(header[2], sizeof(header[2]), "webhook-signature: %s%s%s",
             p->signature != NULL ? p->signature : one, two[0] != '\0' ? " " : "", two);
    for (int i = 0; i < 3; i++)
        if (!p->without[i])
            headers[count++] = header[i];
    headers[count] = NULL;
    return world_ask("POST", p->path, headers, str_of(p->body));
}

static int
post(struct post p)
{
    return send_post(&p);
}

static struct deployment
deployment(void)
{
    struct deployment d;

    world_ok(store_load(world.store, 1, &d, &world.e));
    return d;
}

/* ---- what is believed ----------------------------------------------------------------------- */

START_TEST(a_signed_decision_is_applied_once)
{
    world_open(NULL);
    ck_assert_int_eq(deployment().approvals, 0);
    ck_assert_int_eq(post(good("m1")), 200);
    ck_assert_str_eq(world.body,
                     "{\"result\":\"applied\",\"deployment\":1,\"decision\":\"approve\"}\n");
    ck_assert_ptr_nonnull(strstr(world.headers, "Connection: close\r\n"));
    ck_assert_int_eq(deployment().approvals, 1);
    ck_assert_msg(post(good("m1")) == 200, "the same message again is answered as before");
    ck_assert_ptr_nonnull(strstr(world.body, "\"unchanged\""));
    ck_assert_msg(post(good("m2")) == 200, "the same person again counts once");
    ck_assert_int_eq(deployment().approvals, 1);
    ck_assert_int_eq(deployment().state, AWAITING_APPROVAL);
    world_close();
}
END_TEST

START_TEST(the_last_approval_needed_begins_the_rollout)
{
    struct post bob = good("m2");

    world_open(NULL);
    ck_assert_int_eq(post(good("m1")), 200);
    bob.key = KEY_BOB;
    bob.body = BODY("approve", "bob");
    ck_assert_int_eq(post(bob), 200);
    ck_assert(state_holds_fleet(deployment().state));
    ck_assert_int_eq(deployment().approvals, 2);
    world_close();
}
END_TEST

START_TEST(keys_can_be_exchanged)
{
    struct post p = good("m1");

    world_open(NULL);
    p.key = KEY_ADA_NEW;
    ck_assert_int_eq(post(p), 200);
    ck_assert_int_eq(deployment().approvals, 1);
    p = good("m2");
    p.key = KEY_NOBODY; /* The sender's newer key, not known here yet. */
    p.key2 = KEY_ADA;
    p.body = BODY("reject", "ada");
    ck_assert_int_eq(post(p), 200);
    ck_assert_int_eq(deployment().state, REJECTED);
    world_close();
}
END_TEST

START_TEST(a_message_id_is_good_for_one_message)
{
    struct post p = good("m1");

    world_open(NULL);
    ck_assert_int_eq(post(p), 200);
    p.body = BODY("cancel", "ada");
    ck_assert_int_eq(post(p), 403);
    ck_assert_int_eq(deployment().state, AWAITING_APPROVAL);
    world_close();
}
END_TEST

/* ---- what is not ---------------------------------------------------------------------------- */

/* The answer without its date. */
static char *
whole_answer(void)
{
    char *text = xmalloc(strlen(world.headers) + strlen(world.body) + 1), *date;

    sprintf(text, "%s%s", world.headers, world.body);
    date = strstr(text, "Date: ");
    ck_assert_ptr_nonnull(date);
    memset(date, '-', strcspn(date, "\r"));
    return text;
}

START_TEST(every_wrong_signature_gets_the_same_answer)
{
    const struct post wrong[] = {
        { .key = KEY_NOBODY },
        { .key = KEY_BOB },
        { .key = KEY_EVE },
        { .signature = "v1," },
        { .signature = "v1,AAAA" },
        { .signature = "v2,AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=" },
        { .signature = "v1,AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=" },
        { .signature = "garbage" },
        { .without = { true, false, false } },
        { .without = { false, true, false } },
        { .without = { false, false, true } },
        { .without = { true, true, true } },
        { .age_s = 301 },
        { .age_s = -301 },
        { .age_s = 1000000 },
        { .id = "not an id" },
        { .signed_body = BODY("reject", "ada") },
        { .body = BODY("approve", "bob") },
        { .body = BODY("approve", "nobody") },
        { .body = "{}", .key = KEY_NOBODY },
        { .path = "/v1/deployments/99/decision", .key = KEY_NOBODY },
    };
    char *first = NULL;
    struct deployment before;

    world_open(NULL);
    log_threshold(LOG_ERROR);
    before = deployment();
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
        struct post p = good("m1");
        char *answer;

        p.key = wrong[i].key != NULL ? wrong[i].key : p.key;
        p.id = wrong[i].id != NULL ? wrong[i].id : p.id;
        p.body = wrong[i].body != NULL ? wrong[i].body : p.body;
        p.path = wrong[i].path != NULL ? wrong[i].path : p.path;
        p.signature = wrong[i].signature;
        p.signed_body = wrong[i].signed_body;
        p.age_s = wrong[i].age_s;
        memcpy(p.without, wrong[i].without, sizeof(p.without));
        ck_assert_msg(send_post(&p) == 401, "case %zu: %d %s", i, world.status, world.body);
        answer = whole_answer();
        if (first == NULL)
            first = xstrdup(answer);
        ck_assert_msg(strcmp(answer, first) == 0, "case %zu:\n%s", i, answer);
        free(answer);
    }
    free(first);
    ck_assert_int_eq(deployment().revision, before.revision);
    ck_assert_msg(post(good("m1")) == 200, "no refusal used the message id up");
    world_close();
}
END_TEST

START_TEST(what_is_signed_but_cannot_be_is_told)
{
    static const struct {
        const char *key, *path, *body;
        int status;
        const char *words;
    } CASES[] = {
        { KEY_ADA, PATH, "{}", 400, "deployment" },
        { KEY_ADA, PATH, "not json", 400, "line 1" },
        { KEY_ADA, PATH, "{\"deployment\":1,\"decision\":\"approve\",\"approver\":\"ada\"}", 400,
          "digest" },
        { KEY_ADA, "/v1/deployments/2/decision", BODY("approve", "ada"), 400,
          "deployment 1 was signed" },
        { KEY_ADA, "/v1/deployments/9/decision",
          "{\"deployment\":9,\"decision\":\"cancel\",\"approver\":\"ada\"}", 404,
          "no deployment 9" },
        { KEY_EVE, PATH, BODY("approve", "eve"), 403, "eve" },
        { KEY_ADA, PATH,
          "{\"deployment\":1,\"digest\":"
          "\"0000000000000000000000000000000000000000000000000000000000000000\","
          "\"decision\":\"approve\",\"approver\":\"ada\"}",
          409, "digest" },
        { KEY_ADA, PATH, BODY("retry", "ada"), 409, "cannot be retried" },
    };

    world_open(NULL);
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        struct post p = good("m");
        char id[16];

        snprintf(id, sizeof(id), "m%zu", i);
        p.id = id;
        p.key = CASES[i].key;
        p.path = CASES[i].path;
        p.body = CASES[i].body;
        ck_assert_msg(send_post(&p) == CASES[i].status, "case %zu: %d %s", i, world.status,
                      world.body);
        ck_assert_msg(strstr(world.body, CASES[i].words) != NULL, "case %zu: %s", i, world.body);
    }
    ck_assert_int_eq(deployment().approvals, 0);
    ck_assert_int_eq(deployment().state, AWAITING_APPROVAL);
    world_close();
}
END_TEST

/* Signed for another daemon's deployment 1, where the approver has the same key. */
START_TEST(a_digest_that_was_signed_is_the_deployments_whatever_is_asked)
{
    struct post p = good("m1");

    world_open(NULL);
    p.body = "{\"deployment\":1,\"digest\":"
             "\"cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc\","
             "\"decision\":\"cancel\",\"approver\":\"ada\"}";
    ck_assert_int_eq(post(p), 409);
    ck_assert_int_eq(deployment().state, AWAITING_APPROVAL);
    p.id = "m2";
    p.body = "{\"deployment\":1,\"decision\":\"cancel\",\"approver\":\"ada\"}";
    ck_assert_int_eq(post(p), 200);
    ck_assert_int_eq(deployment().state, CANCELLED);
    world_close();
}
END_TEST

START_TEST(a_get_changes_nothing)
{
    struct deployment before;

    world_open(NULL);
    before = deployment();
    ck_assert_int_eq(world_get(PATH), 405);
    ck_assert_ptr_nonnull(strstr(world.headers, "Allow: POST\r\n"));
    ck_assert_int_eq(world_get("/deployments/1?decision=approve"), 200);
    ck_assert_int_eq(deployment().revision, before.revision);
    world_close();
}
END_TEST

/* ---- the log -------------------------------------------------------------------------------- */

static size_t
count(const char *text, const char *part)
{
    size_t n = 0;

    for (const char *at = text; (at = strstr(at, part)) != NULL; at++)
        n++;
    return n;
}

START_TEST(a_flood_of_refusals_does_not_flood_the_log)
{
    static char text[262144];
    FILE *log = tmpfile();
    size_t len;
    struct post p = good("m1");

    ck_assert_ptr_nonnull(log);
    world_open(NULL);
    log_to(fileno(log));
    p.key = KEY_NOBODY;
    for (int i = 0; i < 200; i++)
        ck_assert_int_eq(send_post(&p), 401);
    log_to(2);
    rewind(log);
    len = fread(text, 1, sizeof(text) - 1, log);
    text[len] = '\0';
    ck_assert_uint_eq(count(text, "decision-refused"), 20);
    ck_assert_ptr_nonnull(strstr(text, "no approver's key made this signature"));
    ck_assert_msg(strstr(text, "v1,") == NULL, "no signature in the log");
    ck_assert_msg(strstr(text, "MDEyMz") == NULL, "no key in the log");
    ck_assert_int_eq(world_get("/metrics"), 200);
    ck_assert_ptr_nonnull(strstr(world.body, "\nslipway_decisions_refused_total 200\n"));
    fclose(log);
    world_close();
}
END_TEST

SUITE(decisions, a_signed_decision_is_applied_once, the_last_approval_needed_begins_the_rollout,
      keys_can_be_exchanged, a_message_id_is_good_for_one_message,
      every_wrong_signature_gets_the_same_answer, what_is_signed_but_cannot_be_is_told,
      a_digest_that_was_signed_is_the_deployments_whatever_is_asked, a_get_changes_nothing,
      a_flood_of_refusals_does_not_flood_the_log)
