#include <stdlib.h>
#include <string.h>

#include "platform/log.h"
#include "platform/loop.h"
#include "platform/secret.h"
#include "slipway/approval.h"
#include "web_internal.h"
#include "wire/webhook.h"

#define REFUSALS_A_MINUTE 20

/* ---- refusing ------------------------------------------------------------------------------- */

/* True if one more line may be written; says, once a minute is over, how many were not. */
static bool
may_log(struct refusals *f, int64_t now_ms)
{
    f->in_all++;
    if (now_ms - f->since_ms >= MINUTES(1)) {
        if (f->unlogged > 0)
            log_warning("decisions-refused", log_int("count", f->unlogged));
        f->since_ms = now_ms;
        f->logged = 0;
        f->unlogged = 0;
    }
    if (f->logged < REFUSALS_A_MINUTE) {
        f->logged++;
        return true;
    }
    f->unlogged++;
    return false;
}

/* The one answer to everything that is not signed as it should be; why stands in the log only. */
static void
refuse(struct web *w, struct http_request *r, const char *why)
{
    struct buf body = { .max = 256 };

    if (may_log(&w->refusals, loop_monotonic_ms(w->loop)))
        log_warning("decision-refused", log_text("reason", why), log_text("peer", r->peer),
                    log_str("path", r->path));
    buf_add(&body, STR("{\"error\":\"the signature is missing, wrong or too old\"}\n"));
    answer(r, 401, TYPE_JSON, &body);
}

/* ---- who signed? ---------------------------------------------------------------------------- */

/* Every key is tried, so that the time taken does not tell which one was nearly right. */
static bool
signed_by(const struct webhook *hook, const struct approver_settings *a)
{
    bool good = false;

    for (size_t i = 0; i < a->key_count; i++)
        good = webhook_verify(hook, a->keys[i]) || good;
    return good;
}

/* Marks in `signers` whose key signed; false if nobody's did. */
static bool
find_signers(const struct settings *s, const struct webhook *hook, bool *signers)
{
    struct secret *nobody = secret_new(STR("a key that nobody has, ever"));
    bool any = false;

    for (size_t i = 0; i < s->approver_count; i++) {
        signers[i] = signed_by(hook, &s->approvers[i]);
        any = any || signers[i];
    }
    /* With no approver at all it takes the time of one. */
    if (s->approver_count == 0)
        (void)!webhook_verify(hook, nobody);
    secret_free(nobody);
    return any;
}

static bool
claims_its_own_name(const struct settings *s, const bool *signers, const char *claimed)
{
    bool own = false;

    for (size_t i = 0; i < s->approver_count; i++)
        own = own || (signers[i] && strcmp(s->approvers[i].name, claimed) == 0);
    return own;
}

/* ---- what came of it ------------------------------------------------------------------------ */

struct pending {
    struct http_request *request;
    int64_t deployment_id;
    enum person_verb verb;
};

static void
decided(void *cookie, enum learnt l, const struct error *e)
{
    static const struct error BUSY = { ERROR_UNREACHABLE, "too much at once; ask again" };
    struct pending *p = cookie;
    struct buf body = { .max = 4096 };
    struct json_out w = json_out(&body);

    if (l == LEARNT_REFUSED || l == LEARNT_BUSY) {
        answer_error(p->request, l == LEARNT_BUSY || e == NULL ? &BUSY : e);
    } else {
        json_open(&w, '{');
        json_member(&w, "result", l == LEARNT_APPLIED ? STR("applied") : STR("unchanged"));
        json_member_int(&w, "deployment", p->deployment_id);
        json_member(&w, "decision", str_of(person_verb_name(p->verb)));
        json_close(&w, '}');
        buf_char(&body, '\n');
        answer(p->request, 200, TYPE_JSON, &body);
    }
    free(p);
}

static void
pass_on(struct web *w, struct http_request *r, const struct approval *a, const struct webhook *hook)
{
    struct pending *p = xcalloc(1, sizeof(*p));
    char *message_id = xstrcopy(hook->id), *signature = xstrcopy(hook->signature);
    struct person_decision d = { .deployment_id = a->deployment_id,
                                 .digest = a->digest[0] != '\0' ? a->digest : NULL,
                                 .approver = a->approver,
                                 .comment = a->comment[0] != '\0' ? a->comment : NULL,
                                 .message_id = message_id,
                                 .signature = signature,
                                 .body = hook->body };

    if (!person_verb_parse(str_of(a->decision), &d.verb))
        d.verb = PERSON_VERB_COUNT; /* approval_read() lets no other word through. */
    *p = (struct pending){ r, a->deployment_id, d.verb };
    engine_decide(w->engine, &d, decided, p);
    free(message_id);
    free(signature);
}

/* ---- the webhook ---------------------------------------------------------------------------- */

/* Everything a signature must cover to be believed; NULL: it is believed. */
static const char *
doubt(const struct web *w, const struct webhook *hook, bool *signers)
{
    int64_t at_ms = 0, apart_ms;
    bool shaped = webhook_is_shaped(hook, &at_ms);
    bool believed = find_signers(engine_settings(w->engine), hook, signers);

    apart_ms = at_ms - loop_now_ms(w->loop);
    if (!shaped)
        return "a webhook header is missing or malformed";
    if (!believed)
        return "no approver's key made this signature";
    if (apart_ms > WEBHOOK_WINDOW_MS || apart_ms < -WEBHOOK_WINDOW_MS)
        return "the timestamp is more than 5 minutes off";
    return NULL;
}

/* POST /v1/deployments/{id}/decision */
void
decision_handle(void *cookie, struct http_request *r)
{
    struct web *w = cookie;
    const struct settings *s = engine_settings(w->engine);
    const struct webhook hook = { http_request_field(r, "webhook-id"),
                                  http_request_field(r, "webhook-timestamp"),
                                  http_request_field(r, "webhook-signature"), r->body };
    bool *signers = xcalloc(s->approver_count + 1, sizeof(*signers));
    struct approval a;
    struct error e;
    const char *why;

    if (r->body.len > APPROVAL_BODY_MAX) {
        http_reply_text(r, 413, "the decision is too long");
        free(signers);
        return;
    }
    why = doubt(w, &hook, signers);
    if (why != NULL)
        refuse(w, r, why);
    else if (!approval_read(r->body, &a, &e))
        answer_error(r, &e);
    else if (!claims_its_own_name(s, signers, a.approver))
        refuse(w, r, "the approver it names is not the one who signed");
    else if (a.deployment_id != request_id(r)) {
        error_set(&e, ERROR_INVALID, "deployment %lld was signed, but %lld was asked for",
                  (long long)a.deployment_id, (long long)request_id(r));
        answer_error(r, &e);
    } else {
        pass_on(w, r, &a, &hook);
    }
    free(signers);
}
