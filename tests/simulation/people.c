/* Approvers and operators: some decide well, some on the wrong thing, twice, or too late. */
#include <stdio.h>
#include <string.h>

#include "world.h"

static const char WRONG_DIGEST[] =
    "0000000000000000000000000000000000000000000000000000000000000000";

/* ---- asking --------------------------------------------------------------------------------- */

static void
count_refusal(const struct error *e)
{
    if (strstr(e->text, "changing thing groups") != NULL)
        sometimes(SOMETIMES_FLEET_BUSY);
    else if (strstr(e->text, "used for something else") != NULL)
        sometimes(SOMETIMES_MESSAGE_ID_REPLAYED);
    else if (strstr(e->text, "digest is not") != NULL)
        sometimes(SOMETIMES_WRONG_DIGEST);
    else if (e->kind == ERROR_DENIED)
        sometimes(SOMETIMES_NOT_ALLOWED);
}

static void
applied(struct ask *a)
{
    struct world *w = a->world;

    a->applied = true;
    if (a->verb == PERSON_APPROVE)
        sometimes(SOMETIMES_APPROVED);
    if (a->verb == PERSON_APPROVE && a->too_late)
        violated(w, "deployment %lld is approved after its time", (long long)a->deployment_id);
    if (a->verb == PERSON_CANCEL)
        sometimes(SOMETIMES_CANCELLED);
    if (a->verb == PERSON_RETRY)
        sometimes(SOMETIMES_RETRIED);
}

static void
answered(void *cookie, enum learnt l, const struct error *e)
{
    struct ask *a = cookie;
    bool again = a->answered;

    a->answered = true;
    trace("%lld person: deployment %lld %s by %lld: %d %s",
          (long long)(a->world->now_ms - WORLD_BEGINS_MS), (long long)a->deployment_id,
          person_verb_name(a->verb), (long long)a->approver, (int)l,
          l == LEARNT_REFUSED ? e->text : "");
    if (l == LEARNT_APPLIED)
        applied(a);
    else if (l == LEARNT_REFUSED)
        count_refusal(e);
    else if (l == LEARNT_NOTHING)
        sometimes(again ? SOMETIMES_MESSAGE_ID_REPEATED : SOMETIMES_APPROVED_TWICE);
}

/* The request reaches slipway, its signature is good. */
static void
ask(struct world *w, struct ask *a)
{
    const struct deployment *d = &w->seen[a->deployment_id].d;
    struct person_decision p = { .verb = a->verb,
                                 .deployment_id = a->deployment_id,
                                 .digest = a->digest[0] != '\0' ? a->digest : NULL,
                                 .approver = w->approvers[a->approver].name,
                                 .message_id = a->message_id,
                                 .signature = "v1,signed",
                                 .body = str_of(a->body) };

    if (a->verb == PERSON_RETRY)
        w->seen[a->deployment_id].new_names++;
    a->too_late = a->verb == PERSON_APPROVE && d->state == AWAITING_APPROVAL &&
                  d->deadline_ms != 0 && w->now_ms >= d->deadline_ms;
    if (a->too_late)
        sometimes(SOMETIMES_APPROVED_TOO_LATE);
    engine_decide(w->engine, &p, answered, a);
}

static struct ask *
new_ask(struct world *w, enum person_verb verb, int64_t deployment_id, int64_t approver,
        const char *digest)
{
    char body[sizeof(((struct ask *)NULL)->body)];
    struct ask *a;

    if (w->ask_count == ASKS_MAX)
        return NULL;
    a = &w->asks[w->ask_count++];
    *a = (struct ask){
        .world = w, .verb = verb, .deployment_id = deployment_id, .approver = approver
    };
    snprintf(a->digest, sizeof(a->digest), "%s", digest);
    snprintf(a->message_id, sizeof(a->message_id), "msg_%lld", (long long)++w->message_ids);
    snprintf(body, sizeof(body), "%s %lld %s by %lld", person_verb_name(verb),
             (long long)deployment_id, digest, (long long)approver);
    memcpy(a->body, body, sizeof(body));
    return a;
}

/* Sends it, once or several times; or under a message id that was used. */
static void
send_ask(struct world *w, struct ask *a)
{
    int64_t number = a - w->asks;
    int64_t in_ms = draw_between(&w->draw, 1, 5000);

    if (number > 0 && fault(w, FAULT_WRONG_PEOPLE))
        memcpy(a->message_id, w->asks[number - 1].message_id, sizeof(a->message_id));
    if (fault(w, FAULT_DELAY))
        in_ms = MINUTES(draw_between(&w->draw, 1, 400));
    happens(w, in_ms, HAPPENS_ASK, number, 0);
    /* The answer may be lost; then it is sent again, in the five minutes a signature is good. */
    happens(w, in_ms + SECONDS(20), HAPPENS_ASK, number, 1);
    happens(w, in_ms + SECONDS(90), HAPPENS_ASK, number, 1);
    if (fault(w, FAULT_WRONG_PEOPLE))
        happens(w, in_ms + SECONDS(draw_between(&w->draw, 0, 290)), HAPPENS_ASK, number, 0);
}

/* ---- deciding ------------------------------------------------------------------------------- */

static enum person_verb
draw_verb(struct world *w, const struct deployment *d)
{
    static const enum person_verb HALT[] = { PERSON_RETRY, PERSON_RETRY, PERSON_ROLLBACK,
                                             PERSON_CANCEL };
    int64_t odds = draw_below(&w->draw, 100);

    if (odds < 3)
        return (enum person_verb)draw_below(&w->draw, PERSON_VERB_COUNT);
    if (d->state == AWAITING_APPROVAL)
        return odds < 85 ? PERSON_APPROVE : odds < 95 ? PERSON_REJECT : PERSON_CANCEL;
    if (d->state == HALTED)
        return HALT[draw_below(&w->draw, ARRAY_LEN(HALT))];
    if (d->state == LIVE)
        return PERSON_ROLLBACK;
    if (d->state == ROLLBACK_STUCK || d->state == FAILED || d->state == EXPIRED)
        return PERSON_RETRY;
    return PERSON_CANCEL;
}

/* People look at what waits for them; at the rest only now and then. */
static bool
looks_at(struct world *w, const struct deployment *d)
{
    if (d->state == AWAITING_APPROVAL || state_class(d->state) == STATE_WAITS)
        return draw_chance(&w->draw, 800);
    return draw_chance(&w->draw, d->state == LIVE ? 30 : 60);
}

static void
decide(struct world *w)
{
    const struct deployment *d;
    enum person_verb verb;
    const char *digest;
    struct ask *a;

    happens(w, MINUTES(draw_between(&w->draw, 2, 40)), HAPPENS_PERSON, 0, 0);
    if (w->seen_max == 0)
        return;
    d = &w->seen[draw_between(&w->draw, 1, w->seen_max)].d;
    if (!looks_at(w, d))
        return;
    digest = fault(w, FAULT_WRONG_PEOPLE) ? WRONG_DIGEST : d->digest;
    verb = draw_verb(w, d);
    a = new_ask(w, verb, d->id, draw_below(&w->draw, APPROVERS), digest);
    if (a != NULL)
        send_ask(w, a);
}

void
people_happen(struct world *w, const struct happening *h)
{
    if (h->kind == HAPPENS_PERSON)
        decide(w);
    else if (h->b == 0 || !w->asks[h->a].answered)
        ask(w, &w->asks[h->a]);
}

void
people_have_waited(struct world *w)
{
    for (int64_t id = 1; id <= w->seen_max; id++) {
        const struct deployment *d = &w->seen[id].d;
        struct ask *a;

        if (d->state != AWAITING_APPROVAL || !d->planned || w->calm)
            continue;
        a = new_ask(w, PERSON_APPROVE, id, 0, d->digest);
        if (a != NULL)
            ask(w, a);
    }
}

/* ---- doing what is left --------------------------------------------------------------------- */

static void
finish_one(struct world *w, enum person_verb verb, int64_t id, int64_t approver)
{
    struct ask *a = new_ask(w, verb, id, approver, w->seen[id].d.digest);

    if (a != NULL)
        happens(w, 1000 * (approver + 1), HAPPENS_ASK, a - w->asks, 0);
}

bool
people_finish(struct world *w)
{
    bool any = false;

    for (int64_t id = 1; id <= w->seen_max; id++) {
        enum state s = w->seen[id].d.state;

        if (s == AWAITING_APPROVAL) {
            finish_one(w, PERSON_APPROVE, id, 0);
            finish_one(w, PERSON_APPROVE, id, 1);
        } else if (s == HALTED) {
            finish_one(w, PERSON_ROLLBACK, id, 0);
        } else if (s == ROLLBACK_STUCK) {
            finish_one(w, PERSON_RETRY, id, 0);
        }
        any = any || s == AWAITING_APPROVAL || s == HALTED || s == ROLLBACK_STUCK;
    }
    return any;
}
