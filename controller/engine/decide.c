/* What a person asked for, checked in the transaction that records it. */
#include <stdlib.h>
#include <string.h>

#include "engine_internal.h"
#include "platform/log.h"
#include "slipway/approval.h"

static const struct {
    const char *name;
    enum fact_kind fact;
    bool needs_digest;
} VERBS[PERSON_VERB_COUNT] = {
    [PERSON_APPROVE] = { "approve", FACT_APPROVED, true },
    [PERSON_REJECT] = { "reject", FACT_REJECTED, true },
    [PERSON_CANCEL] = { "cancel", FACT_CANCEL_ASKED, false },
    [PERSON_RETRY] = { "retry", FACT_RETRY_ASKED, false },
    [PERSON_ROLLBACK] = { "rollback", FACT_ROLLBACK_ASKED, false },
};

const char *
person_verb_name(enum person_verb v)
{
    return VERBS[v].name;
}

bool
person_verb_parse(struct str name, enum person_verb *out)
{
    for (unsigned v = 0; v < PERSON_VERB_COUNT; v++) {
        if (str_is(name, VERBS[v].name)) {
            *out = (enum person_verb)v;
            return true;
        }
    }
    return false;
}

/* One request on its way through the checks. */
struct asking {
    struct engine *engine;
    const struct person_decision *person;
    struct deployment deployment;
    const struct pipeline_settings *pipeline;
    struct fact fact;
    struct decision decision;
    int64_t yes;          /* Others that said yes to this digest and may still decide. */
    int64_t yes_before;   /* What was counted so far. */
    struct error refusal; /* Why not; kind ERROR_NONE: nothing against it. */
    bool took_fleet;      /* To be given back if the decision turns out not to count. */
};

/* ---- the checks ----------------------------------------------------------------------------- */

/* False only if the store refused. */
static bool
find_deployment(struct asking *a, struct error *e)
{
    struct engine *en = a->engine;

    if (!store_load(en->store, a->person->deployment_id, &a->deployment, e)) {
        a->refusal = *e;
        return e->kind == ERROR_NOT_FOUND;
    }
    a->pipeline = settings_pipeline(en->settings, a->deployment.pipeline);
    if (a->pipeline == NULL)
        error_set(&a->refusal, ERROR_CONFLICT, "pipeline \"%s\" is not configured any more",
                  a->deployment.pipeline);
    else
        (void)!approval_allowed(en->settings, a->pipeline, a->person->approver, &a->refusal);
    return true;
}

static void
check_digest(struct asking *a)
{
    const char *asked = a->person->digest;

    if (a->refusal.kind != ERROR_NONE || (asked == NULL && !VERBS[a->person->verb].needs_digest))
        return;
    if (a->deployment.digest[0] == '\0')
        error_set(&a->refusal, ERROR_CONFLICT, "there is nothing to decide on yet: it is %s",
                  state_phrase(a->deployment.state));
    else if (asked == NULL || strcmp(asked, a->deployment.digest) != 0)
        error_set(&a->refusal, ERROR_CONFLICT,
                  "the digest is not the deployment's, which is %s; look at it again",
                  a->deployment.digest);
}

static void
count_yes(void *cookie, const struct decision_view *v)
{
    struct asking *a = cookie;
    struct error ignored;

    a->yes += v->generation == a->deployment.generation &&
              strcmp(v->decision, VERBS[PERSON_APPROVE].name) == 0 &&
              strcmp(v->digest, a->deployment.digest) == 0 &&
              strcmp(v->approver, a->person->approver) != 0 &&
              approval_allowed(a->engine->settings, a->pipeline, v->approver, &ignored);
}

/* A yes of somebody who may not decide any more does not count, whatever it did when it was given.
 */
static bool
count_again(struct asking *a, struct error *e)
{
    if (a->person->verb != PERSON_APPROVE || a->refusal.kind != ERROR_NONE)
        return true;
    if (!view_decisions(a->engine->store, a->deployment.id, count_yes, a, e))
        return false;
    a->yes_before = a->deployment.approvals;
    a->deployment.approvals = a->yes;
    return true;
}

/* A yes that was said before counts now if who said it might not decide in the meantime, or if
 * fewer are needed than then. */
static bool
changes_something(const struct asking *a)
{
    return a->decision.after.state != a->deployment.state ||
           (a->person->verb == PERSON_APPROVE && a->decision.after.approvals != a->yes_before);
}

/* What stands in the way of an approval at the gate; "" if it is the state itself. */
static const char *
obstacle(const struct asking *a)
{
    const struct deployment *d = &a->deployment;

    if (d->state != AWAITING_APPROVAL)
        return "";
    if (!d->planned)
        return ", but the rollout is not planned yet";
    return d->deadline_ms != 0 && a->fact.at_ms >= d->deadline_ms ? ", but its time is over" : "";
}

static void
decide(struct asking *a)
{
    struct policy policy;

    if (a->refusal.kind != ERROR_NONE)
        return;
    policy = policy_of(a->pipeline);
    a->fact = (struct fact){ .kind = VERBS[a->person->verb].fact,
                             .deployment_id = a->deployment.id,
                             .at_ms = engine_now_ms(a->engine),
                             .actor = a->person->approver,
                             .digest = a->person->digest,
                             .reason = a->person->comment };
    a->decision = pipeline_decide(&a->deployment, &a->fact, &policy);
    if (!a->decision.applies)
        error_set(&a->refusal, ERROR_CONFLICT, "it cannot be %s now: it is %s%s",
                  a->person->verb == PERSON_APPROVE  ? "approved"
                  : a->person->verb == PERSON_REJECT ? "rejected"
                  : a->person->verb == PERSON_CANCEL ? "cancelled"
                  : a->person->verb == PERSON_RETRY  ? "retried"
                                                     : "rolled back",
                  state_phrase(a->deployment.state), obstacle(a));
}

/* The fleet must be free at the moment the rollout is allowed, in the same transaction. */
static bool
take_fleet(struct asking *a, struct error *e)
{
    int64_t holder;

    if (a->refusal.kind != ERROR_NONE || state_holds_fleet(a->deployment.state) ||
        !state_holds_fleet(a->decision.after.state))
        return true;
    if (!learner_take_holds(&a->engine->learner, &a->deployment, a->decision.order, &holder, e))
        return false;
    a->took_fleet = holder == 0;
    if (holder != 0)
        error_set(
            &a->refusal, ERROR_CONFLICT,
            "deployment %lld is changing thing groups it needs; ask again when that has ended",
            (long long)holder);
    return true;
}

static bool
record(struct asking *a, enum decision_novelty *novelty, struct error *e)
{
    const struct person_decision *p = a->person;
    struct signed_decision d = { .deployment_id = p->deployment_id,
                                 .generation = a->deployment.generation,
                                 .approver = p->approver,
                                 .decision = VERBS[p->verb].name,
                                 .digest = p->digest != NULL ? p->digest : "",
                                 .counts = a->refusal.kind == ERROR_NONE,
                                 .message_id = p->message_id,
                                 .signature = p->signature,
                                 .body = p->body };

    return store_decision(a->engine->store, &d, a->fact.at_ms, novelty, e);
}

/* ---- the story ------------------------------------------------------------------------------ */

static enum learnt
judge(struct asking *a, enum decision_novelty novelty)
{
    if (novelty == DECISION_REPEATED)
        return LEARNT_NOTHING;
    if (novelty == DECISION_REPLAYED)
        error_set(&a->refusal, ERROR_DENIED, "this message id was used for something else");
    if (novelty == DECISION_REFUSED && a->refusal.kind == ERROR_NONE)
        error_set(&a->refusal, ERROR_CONFLICT,
                  "this message was refused before; sign a new one to ask again");
    if (a->refusal.kind != ERROR_NONE)
        return LEARNT_REFUSED;
    return novelty == DECISION_SAME_PERSON && !changes_something(a) ? LEARNT_NOTHING
                                                                    : LEARNT_APPLIED;
}

static bool
ask(struct asking *a, enum learnt *learnt, struct error *e)
{
    enum decision_novelty novelty;

    if (!find_deployment(a, e))
        return false;
    check_digest(a);
    if (!count_again(a, e))
        return false;
    decide(a);
    a->fact.at_ms = engine_now_ms(a->engine);
    if (!take_fleet(a, e) || !record(a, &novelty, e))
        return false;
    *learnt = judge(a, novelty);
    if (*learnt == LEARNT_APPLIED)
        return learner_apply(&a->engine->learner, &a->deployment, &a->fact, &a->decision, e);
    return !a->took_fleet || store_release(a->engine->store, a->deployment.id, e);
}

void
engine_decide(struct engine *en, const struct person_decision *d, learnt_done *done, void *cookie)
{
    struct asking a = { .engine = en, .person = d };
    enum learnt learnt = LEARNT_BUSY;
    struct error e = { 0 };

    if (!turn_open(en))
        return;
    if (!ask(&a, &learnt, &e)) {
        engine_dies(en, &e);
        return;
    }
    log_info("decision", log_int("deployment", d->deployment_id), log_text("approver", d->approver),
             log_text("decision", VERBS[d->verb].name),
             log_text("result", learnt == LEARNT_APPLIED   ? "applied"
                                : learnt == LEARNT_NOTHING ? "nothing"
                                                           : "refused"),
             log_text("reason", a.refusal.text));
    turn_tell(en, done, cookie, learnt, &a.refusal);
}
