/* The model registry, its events, the queue that brings them, and the sweep. */
#include <stdio.h>
#include <string.h>

#include "slipway/event.h"
#include "slipway/instant.h"
#include "world.h"

enum { COPY = 100 }; /* Added to a change's number: a further copy of its message. */

static const char *const STATUSES[] = { [SEEN_PENDING] = "PendingManualApproval",
                                        [SEEN_APPROVED] = "Approved",
                                        [SEEN_REJECTED] = "Rejected" };

/* ---- the script ----------------------------------------------------------------------------- */

static void
draw_change(struct world *w, struct package_model *p, int64_t *at_ms)
{
    struct registry_change *c = &p->changes[p->change_count];
    const struct registry_change *last = p->change_count > 0 ? c - 1 : NULL;
    bool same_second = last != NULL && draw_chance(&w->draw, 150);

    *c = (struct registry_change){ .status = (enum seen_status)draw_below(&w->draw, 3) };
    c->says_fields = draw_chance(&w->draw, 500);
    if (last == NULL && draw_chance(&w->draw, 700))
        c->status = SEEN_APPROVED;
    if (last != NULL && draw_chance(&w->draw, 250)) {
        c->edit = true;
        c->status = last->status;
    }
    /* Within one second only what stands later may come later. */
    if (!same_second || c->status < last->status || c->edit)
        *at_ms += SECONDS(draw_chance(&w->draw, 300) ? draw_between(&w->draw, 1, 5)
                                                     : draw_between(&w->draw, 60, 5 * 3600));
    c->at_ms = *at_ms;
    p->change_count++;
}

void
registry_script(struct world *w)
{
    w->package_count = draw_between(&w->draw, 1, PACKAGES_MAX);
    for (int64_t i = 0; i < w->package_count; i++) {
        struct package_model *p = &w->packages[i];
        int64_t at_ms = WORLD_BEGINS_MS + SECONDS(draw_between(&w->draw, 60, 3 * 3600));
        int64_t count = draw_between(&w->draw, 1, 5);

        p->version = i + 1;
        snprintf(p->arn, sizeof(p->arn),
                 "arn:aws:sagemaker:us-east-1:111122223333:model-package/digits/%d", (int)(i + 1));
        p->bad_compile = draw_chance(&w->draw, 80);
        p->bad_gate = draw_chance(&w->draw, 80);
        while (count-- > 0)
            draw_change(w, p, &at_ms);
        for (int64_t c = 0; c < p->change_count; c++)
            happens(w, p->changes[c].at_ms - w->now_ms, HAPPENS_CHANGE, c, i);
    }
}

static int64_t
last_change_ms(const struct world *w)
{
    int64_t last_ms = 0;

    for (int64_t i = 0; i < w->package_count; i++) {
        const struct package_model *p = &w->packages[i];

        if (p->changes[p->change_count - 1].at_ms > last_ms)
            last_ms = p->changes[p->change_count - 1].at_ms;
    }
    return last_ms;
}

/* Of what happens at the same moment another thing is first. */
static void
shuffle_numbers(struct world *w, struct draw *order)
{
    for (size_t i = w->happening_count; i > 1; i--) {
        struct happening *a = &w->happenings[i - 1],
                         *b = &w->happenings[draw_below(order, (int64_t)i)];
        int64_t number = a->number;

        if (a->kind != HAPPENS_MESSAGE || b->kind != HAPPENS_MESSAGE)
            continue;
        a->number = b->number;
        b->number = number;
    }
}

/* In order, each once, as soon as they are true; or shuffled, up to ten times each. */
void
registry_tell(struct world *w, const struct run_plan *plan)
{
    struct draw order = draw_from(mix(w->seed, 77));
    int64_t last_ms = last_change_ms(w);

    for (int64_t i = 0; i < w->package_count; i++) {
        for (int64_t c = 0; c < w->packages[i].change_count; c++) {
            int64_t times = plan->shuffled ? draw_between(&order, 1, 10) : 1;
            int64_t at_ms = w->packages[i].changes[c].at_ms - w->now_ms + SECONDS(1);

            if (plan->all_at_once)
                at_ms = last_ms - w->now_ms + SECONDS(1);
            for (int64_t n = 0; n < times; n++) {
                int64_t late_ms = SECONDS(draw_below(&order, 36000));

                if (!plan->shuffled || (plan->all_at_once && n == 0))
                    late_ms = 0;
                happens(w, at_ms + late_ms, HAPPENS_MESSAGE, n == 0 ? c : c + COPY, i);
            }
        }
    }
    if (plan->shuffled)
        shuffle_numbers(w, &order);
}

struct package_model *
registry_find(struct world *w, const char *arn)
{
    for (int64_t i = 0; i < w->package_count; i++)
        if (strcmp(w->packages[i].arn, arn) == 0)
            return &w->packages[i];
    return NULL;
}

const struct registry_change *
registry_now(const struct package_model *p, bool stale)
{
    const struct registry_change *now = NULL;

    for (int64_t i = 0; i < p->change_count && p->changes[i].made; i++)
        if (!stale || now == NULL || (i + 1 < p->change_count && p->changes[i + 1].made))
            now = &p->changes[i];
    return now;
}

bool
registry_is_quiet(const struct world *w)
{
    for (int64_t i = 0; i < w->package_count; i++)
        for (int64_t c = 0; c < w->packages[i].change_count; c++)
            if (!w->packages[i].changes[c].made ||
                (!w->packages[i].changes[c].lost && !w->packages[i].changes[c].deleted))
                return false;
    return true;
}

/* ---- messages ------------------------------------------------------------------------------- */

static void
send_message(struct world *w, int64_t package, int64_t change)
{
    struct registry_change *c = &w->packages[package].changes[change];
    int64_t in_ms = draw_between(&w->draw, 100, 2000);

    /* The sweep lists what is approved and what is rejected, so only these may be lost. */
    if (c->status != SEEN_PENDING && !c->edit && fault(w, FAULT_LOSE)) {
        sometimes(SOMETIMES_MESSAGE_LOST);
        c->lost = true;
        return;
    }
    if (fault(w, FAULT_DELAY))
        in_ms = MINUTES(draw_between(&w->draw, 1, 400));
    happens(w, in_ms, HAPPENS_MESSAGE, change, package);
    while (fault(w, FAULT_DUPLICATE)) {
        in_ms = SECONDS(draw_between(&w->draw, 0, 7200));
        happens(w, in_ms, HAPPENS_MESSAGE, change + COPY, package);
        sometimes(SOMETIMES_MESSAGE_TWICE);
    }
}

static void
change_made(struct world *w, int64_t package, int64_t change)
{
    struct package_model *p = &w->packages[package];
    struct registry_change *c = &p->changes[change];

    c->made = true;
    trace("%lld registry: version %lld is %s%s, modified %lld",
          (long long)(w->now_ms - WORLD_BEGINS_MS), (long long)p->version, STATUSES[c->status],
          c->edit ? " (edited)" : "", (long long)(c->at_ms - WORLD_BEGINS_MS) / 1000);
    if (change > 0 && c->status == SEEN_REJECTED && c[-1].status == SEEN_APPROVED &&
        c->at_ms / 1000 == c[-1].at_ms / 1000)
        sometimes(SOMETIMES_SAME_SECOND);
    if (c->edit)
        sometimes(SOMETIMES_ECHO);
    for (int64_t i = 0; i < change && c->status == SEEN_APPROVED; i++)
        if (p->changes[i].status == SEEN_REJECTED)
            sometimes(SOMETIMES_SECOND_GENERATION);
    if (!w->calm)
        send_message(w, package, change);
}

static bool
read_event(struct world *w, const struct package_model *p, const struct registry_change *c,
           struct event *ev, char text[1024])
{
    static struct json_token tokens[256];
    const struct event_room room = { tokens, ARRAY_LEN(tokens), NULL, 0 };
    char at[INSTANT_SIZE], fields[96] = "";
    struct error e;

    instant_rfc3339(c->at_ms, at);
    if (c->says_fields)
        snprintf(fields, sizeof(fields), ",\"UpdatedModelPackageFields\":[\"%s\"]",
                 c->edit ? "CustomerMetadataProperties" : "ModelApprovalStatus");
    snprintf(text, 1024,
             "{\"version\":\"0\",\"id\":\"x\",\"source\":\"aws.sagemaker\",\"detail-type\":"
             "\"SageMaker Model Package State Change\",\"account\":\"111122223333\",\"region\":"
             "\"us-east-1\",\"time\":\"%s\",\"resources\":[\"%s\"],\"detail\":{"
             "\"ModelPackageGroupName\":\"digits\",\"ModelPackageVersion\":%d,"
             "\"ModelPackageArn\":\"%s\",\"ModelPackageStatus\":\"Completed\","
             "\"ModelApprovalStatus\":\"%s\",\"LastModifiedTime\":\"%s\"%s}}",
             at, p->arn, (int)p->version, p->arn, STATUSES[c->status], at, fields);
    if (event_read(ev, str_of(text), &room, &e))
        return true;
    violated(w, "an event cannot be read: %s", e.text);
    return false;
}

/* After the commit, and only then, the message is deleted. */
static void
message_durable(void *cookie, enum learnt l, const struct error *e)
{
    struct registry_change *c = cookie;

    (void)l;
    (void)e;
    c->deleted = c->acknowledged = true;
}

static void
check_late(const struct package_model *p, int64_t change)
{
    for (int64_t i = change + 1; i < p->change_count; i++)
        if (p->changes[i].acknowledged && !p->changes[change].acknowledged)
            sometimes(SOMETIMES_MESSAGE_LATE);
}

static void
message_delivered(struct world *w, int64_t package, int64_t change)
{
    struct package_model *p = &w->packages[package];
    struct registry_change *c = &p->changes[change % COPY];
    struct event ev;
    char text[1024];
    enum learnt l;

    if (c->deleted && change < COPY)
        return;
    if (c->deleted)
        sometimes(SOMETIMES_MESSAGE_REDELIVERED);
    check_late(p, change % COPY);
    if (!read_event(w, p, c, &ev, text))
        return;
    l = engine_feed_event(w->engine, &ev);
    trace("%lld message: version %lld %s: %d", (long long)(w->now_ms - WORLD_BEGINS_MS),
          (long long)p->version, STATUSES[c->status], (int)l);
    engine_feed_end(w->engine, message_durable, c);
    if (change < COPY) /* It becomes visible again, unless it is deleted until then. */
        happens(w, SECONDS(30), HAPPENS_MESSAGE, change, package);
}

static void
poison_delivered(struct world *w)
{
    static const char *const BAD[] = { "",         "{",
                                       "[1,2]",    "{\"detail-type\":7}",
                                       "\xff\xfe", "{\"a\":1,\"a\":2}" };
    const char *body = BAD[draw_below(&w->draw, ARRAY_LEN(BAD))];

    sometimes(SOMETIMES_MESSAGE_POISON);
    (void)!engine_feed_poison(w->engine, str_of(body), "it cannot be understood");
    happens(w, MINUTES(draw_between(&w->draw, 5, 200)), HAPPENS_POISON, 0, 0);
}

/* ---- the sweep ------------------------------------------------------------------------------ */

/* What controller/poll/sweep.c does: lists, compares with what is kept, describes, tells. */
static void
sweep(struct world *w)
{
    static struct registry_change ignored;

    for (int64_t i = 0; i < w->package_count; i++) {
        const struct package_model *p = &w->packages[i];
        const struct registry_change *now = registry_now(p, fault(w, FAULT_STALE));
        struct registry_change told;
        struct event ev;
        struct error e;
        char text[1024];
        bool known;

        if (now == NULL || now->status == SEEN_PENDING)
            continue;
        if (!store_package_is_approved(w->store, str_of(p->arn), &known, &e)) {
            violated(w, "a package cannot be looked up: %s", e.text);
            return;
        }
        if (known == (now->status == SEEN_APPROVED))
            continue;
        told = *now;
        told.says_fields = false;
        if (read_event(w, p, &told, &ev, text) &&
            engine_feed_event(w->engine, &ev) == LEARNT_APPLIED)
            sometimes(SOMETIMES_SWEEP_FINDS);
    }
    engine_feed_end(w->engine, message_durable, &ignored);
    happens(w, MINUTES(10), HAPPENS_SWEEP, 0, 0);
}

void
registry_happens(struct world *w, const struct happening *h)
{
    if (h->kind == HAPPENS_CHANGE)
        change_made(w, h->b, h->a);
    else if (h->kind == HAPPENS_MESSAGE)
        message_delivered(w, h->b, h->a);
    else if (h->kind == HAPPENS_POISON)
        poison_delivered(w);
    else
        sweep(w);
}
