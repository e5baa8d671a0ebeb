/* The thing groups that a deployment must have for itself, and who has them. */
#include <stdlib.h>
#include <string.h>

#include "learner/learner.h"
#include "slipway/json.h"

enum { RESOURCE_SIZE = 512, THING_GROUP_SIZE = 129, PLAN_TOKENS = 262144 };

/* ---- which ---------------------------------------------------------------------------------- */

static bool
needs_fleet(enum order_kind kind)
{
    return kind == ORDER_WAVE_DEPLOY || kind == ORDER_ROLL_BACK;
}

/* "arn:aws:iam::123456789012:role/name" -> "123456789012"; two roles of one account see one fleet.
 */
static struct str
account_of(const char *role_arn)
{
    struct str account = { NULL, 0 }, rest = str_of(role_arn);

    for (int field = 0; field < 5; field++)
        str_cut(rest, ':', &account, &rest);
    return account;
}

/* Names what must not be changed by two deployments at once: a thing group in its account. */
static void
name_resource(const struct settings *s, const struct pipeline_settings *p, const char *group,
              char buf[RESOURCE_SIZE])
{
    const char *region = p->account.region != NULL ? p->account.region : s->aws.region;
    struct buf b = { .max = RESOURCE_SIZE - 1 };

    buf_printf(&b, "%.*s|%s|%s", STR_ARG(account_of(p->account.role_arn)),
               region != NULL ? region : "", group);
    (void)!str_copy(buf, RESOURCE_SIZE, buf_str(&b));
    buf_free(&b);
}

typedef bool each_resource(void *cookie, const char *resource);

/* The thing groups of a plan, whose waves may be others than those configured by now. */
static void
each_planned(const struct settings *s, const struct pipeline_settings *p, struct json_value plan,
             each_resource *each, void *cookie)
{
    for (struct json_cursor c = json_first(json_get(plan, "groups")); json_exists(c.value);
         json_next(&c)) {
        char group[THING_GROUP_SIZE], resource[RESOURCE_SIZE];

        if (!json_text(json_get(c.value, "group"), group, sizeof(group), NULL))
            continue;
        name_resource(s, p, group, resource);
        if (!each(cookie, resource))
            return;
    }
}

static void
each_configured(const struct settings *s, const struct pipeline_settings *p, each_resource *each,
                void *cookie)
{
    for (size_t w = 0; w < p->rollout.wave_count; w++) {
        const struct setting_list *groups = &p->rollout.waves[w].thing_groups;

        for (size_t g = 0; g < groups->count; g++) {
            char resource[RESOURCE_SIZE];

            name_resource(s, p, groups->items[g], resource);
            if (!each(cookie, resource))
                return;
        }
    }
}

/* Calls each(cookie, resource) for every thing group `kind` needs, until it returns false. */
static void
each_needed(const struct settings *s, const struct pipeline_settings *p, enum order_kind kind,
            struct str plan, each_resource *each, void *cookie)
{
    struct json_token *tokens;
    char resource[RESOURCE_SIZE];
    struct json doc;
    struct error e;

    if (kind == ORDER_TWIN_DEPLOY && p->twin.driver == TWIN_GREENGRASS) {
        name_resource(s, p, p->twin.thing_group, resource);
        each(cookie, resource);
        return;
    }
    if (!needs_fleet(kind))
        return;
    tokens = xcalloc(PLAN_TOKENS, sizeof(*tokens));
    if (plan.len > 0 && json_read(&doc, plan, tokens, PLAN_TOKENS, &e))
        each_planned(s, p, json_root(&doc), each, cookie);
    else
        each_configured(s, p, each, cookie);
    free(tokens);
}

/* ---- who has them --------------------------------------------------------------------------- */

struct holding {
    struct store *store;
    int64_t deployment_id;
    int64_t other; /* Who has it instead; 0: nobody. */
    bool ok;
    struct error *e;
};

static bool
look(void *cookie, const char *resource)
{
    struct holding *h = cookie;
    int64_t holder = 0;

    h->ok = view_holder(h->store, resource, &holder, h->e);
    h->other = holder != h->deployment_id ? holder : 0;
    return h->ok && h->other == 0;
}

static bool
take(void *cookie, const char *resource)
{
    struct holding *h = cookie;
    int64_t holder;

    h->ok = store_hold(h->store, resource, h->deployment_id, &holder, h->e);
    return h->ok;
}

/* What is needed is known once; then it is looked at, and taken if `takes` and it is free. */
static bool
settle(struct store *s, const struct settings *settings, const struct deployment *d,
       enum order_kind kind, bool takes, int64_t *holder, struct error *e)
{
    const struct pipeline_settings *p = settings_pipeline(settings, d->pipeline);
    struct holding h = { .store = s, .deployment_id = d->id, .ok = true, .e = e };
    struct buf plan = { .max = 4U * 1048576 };

    *holder = 0;
    if (p == NULL)
        return true;
    if (needs_fleet(kind) && !store_document(s, d->id, "plan", &plan, e))
        return false;
    each_needed(settings, p, kind, buf_str(&plan), look, &h);
    if (takes && h.ok && h.other == 0)
        each_needed(settings, p, kind, buf_str(&plan), take, &h);
    buf_free(&plan);
    *holder = h.other;
    return h.ok;
}

bool
learner_find_holder(struct store *s, const struct settings *settings, const struct deployment *d,
                    enum order_kind kind, int64_t *holder, struct error *e)
{
    return settle(s, settings, d, kind, false, holder, e);
}

bool
learner_take_holds(struct learner *l, const struct deployment *d, enum order_kind kind,
                   int64_t *holder, struct error *e)
{
    return settle(l->store, l->settings, d, kind, true, holder, e);
}
