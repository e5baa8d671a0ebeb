#include "engine/shown.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "learner/learner.h"

/* ---- one ------------------------------------------------------------------------------------ */

struct last_counts {
    int64_t wanted; /* Which wave. */
    struct shown *to;
};

static void
take_wave(void *cookie, const struct wave_view *w)
{
    struct last_counts *last = cookie;

    if (w->wave != last->wanted)
        return;
    last->to->counts = w->counts;
    last->to->has_counts = true;
}

/* Adds what is said about it; its view has been read. */
static bool
complete(const struct shown_source *from, struct shown *s, struct error *e)
{
    const struct pipeline_settings *p = from->settings != NULL
                                            ? settings_pipeline(from->settings, s->v.d.pipeline)
                                            : NULL;
    struct last_counts last = { s->v.d.state == ROLLING_BACK ? -1 : s->v.d.wave, s };
    struct why w = { .deployment = &s->v.d,
                     .now_ms = from->now_ms,
                     .unconfigured = from->settings != NULL && p == NULL };

    if (p != NULL) {
        s->has_policy = true;
        s->policy = policy_of(p);
        w.policy = &s->policy;
        if (!learner_find_holder(from->store, from->settings, &s->v.d, s->v.order.kind, &w.holder,
                                 e))
            return false;
    }
    if (s->v.order.kind != ORDER_NONE)
        w.order = &s->v.order;
    if (s->v.d.wave_state != WAVE_NONE && !view_waves(from->store, s->v.d.id, take_wave, &last, e))
        return false;
    if (s->has_counts)
        w.counts = &s->counts;
    why_sentence(&w, s->why);
    s->who = why_who(&w);
    return true;
}

static void
take_view(struct shown *s, const struct deployment_view *v)
{
    memset(s, 0, sizeof(*s));
    s->v = *v;
    (void)!str_copy(s->arn, sizeof(s->arn), str_of(v->arn));
    s->v.arn = s->arn;
}

static void
take_one(void *cookie, const struct deployment_view *v)
{
    take_view(cookie, v);
}

bool
shown_read(const struct shown_source *from, int64_t id, struct shown *out, struct error *e)
{
    return view_deployment(from->store, id, take_one, out, e) && complete(from, out, e);
}

/* ---- several -------------------------------------------------------------------------------- */

static void
take_next(void *cookie, const struct deployment_view *v)
{
    struct shown_page *page = cookie;

    take_view(&page->items[page->count++], v);
}

bool
shown_page_read(const struct shown_source *from, int64_t before, int64_t limit, bool open,
                struct shown_page *out, struct error *e)
{
    bool ok;

    assert(limit >= 1 && limit <= SHOWN_PAGE_MAX);
    /* One more than asked for tells whether there is a next page. */
    *out = (struct shown_page){ .items = xcalloc((size_t)limit + 1, sizeof(struct shown)) };
    ok = (open ? view_deployments_open : view_deployments)(from->store, before, limit + 1,
                                                           take_next, out, e);
    if (out->count > (size_t)limit) {
        out->count = (size_t)limit;
        out->next_before = out->items[limit - 1].v.d.id;
    }
    for (size_t i = 0; ok && i < out->count; i++)
        ok = complete(from, &out->items[i], e);
    if (ok)
        return true;
    free(out->items);
    *out = (struct shown_page){ .items = NULL };
    return false;
}

/* ---- small questions ------------------------------------------------------------------------ */

/* arn:aws:sagemaker:eu-central-1:111122223333:model-package/digits/4 */
void
shown_model(const char *arn, struct str *group, struct str *version)
{
    static const char MARK[] = ":model-package/";
    const char *found = strstr(arn, MARK);

    str_cut(str_of(found != NULL ? found + strlen(MARK) : arn), '/', group, version);
}

bool
shown_needs_a_person(const struct shown *s)
{
    return strcmp(s->who, "an approver") == 0 || strcmp(s->who, "an operator") == 0;
}
