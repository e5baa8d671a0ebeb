#include "detail_tables.h"

#include <stdlib.h>
#include <string.h>

#include "web/html.h"
#include "web/page.h"

/* ---- waves ---------------------------------------------------------------------------------- */

#define WAVES_MAX 1000

struct waves {
    struct wave_view items[WAVES_MAX];
    size_t count;
};

static void
keep_wave(void *cookie, const struct wave_view *v)
{
    struct waves *w = cookie;

    if (w->count < WAVES_MAX)
        w->items[w->count++] = *v;
}

static const char *
standing(const struct deployment *d, const struct wave_view *v)
{
    if (v->wave < 0)
        return state_is_ended(d->state) || d->state == ROLLBACK_STUCK ? "ended" : "under way";
    if (v->wave == d->wave || d->wave_state == WAVE_REVERTED)
        return wave_state_name(d->wave_state);
    return wave_state_name(WAVE_PASSED);
}

static void
add_wave(struct buf *out, const struct shown *s, const struct wave_view *v, int64_t now_ms)
{
    html(out, "<tr><th scope=\"row\" data-label=\"Wave\">");
    if (v->wave < 0) {
        html(out, "rollback");
    } else {
        html_int(out, v->wave + 1);
        html(out, " of ");
        html_int(out, s->v.d.wave_count);
    }
    html(out, "</th><td data-label=\"Stands\">");
    html_string(out, standing(&s->v.d, v));
    html(out, "</td><td data-label=\"Devices\">");
    page_counts(out, &v->counts, s->has_policy && v->wave >= 0 ? s->policy.success_percent : 0);
    html(out, "</td><td data-label=\"Reported (UTC)\">");
    html_time(out, v->at_ms);
    html(out, " <small>");
    html_span(out, v->at_ms, now_ms);
    html(out, " ago</small></td></tr>\n");
}

static void
add_waves(struct buf *out, const struct shown *s, const struct waves *w, int64_t now_ms)
{
    html(out, "<section aria-labelledby=\"waves\">\n<h2 id=\"waves\">Waves</h2>\n<table>\n"
              "<caption>What the devices of each wave last reported; the mark is how many must "
              "succeed</caption>\n<thead><tr><th scope=\"col\">Wave</th>"
              "<th scope=\"col\">Stands</th><th scope=\"col\">Devices</th>"
              "<th scope=\"col\">Reported (UTC)</th></tr></thead>\n<tbody>\n");
    for (int rollback = 0; rollback <= 1; rollback++)
        for (size_t i = 0; i < w->count; i++)
            if ((w->items[i].wave < 0) == (rollback == 1))
                add_wave(out, s, &w->items[i], now_ms);
    html(out, "</tbody>\n</table>\n</section>\n");
}

bool
detail_waves(struct buf *out, const struct shown *s, const struct shown_source *from,
             struct error *e)
{
    struct waves *w = xcalloc(1, sizeof(*w));
    bool ok = view_waves(from->store, s->v.d.id, keep_wave, w, e);

    if (ok && w->count > 0)
        add_waves(out, s, w, from->now_ms);
    free(w);
    return ok;
}

/* ---- decisions ------------------------------------------------------------------------------ */

struct decisions {
    struct buf *out;
    size_t count;
};

static void
add_decision(void *cookie, const struct decision_view *v)
{
    struct decisions *d = cookie;
    struct buf *out = d->out;

    if (d->count++ == 0)
        html(out, "<section aria-labelledby=\"who\">\n<h2 id=\"who\">Decisions</h2>\n<table>\n"
                  "<caption>Who asked for what, each with a checked signature</caption>\n<thead>"
                  "<tr><th scope=\"col\">When (UTC)</th><th scope=\"col\">Who</th>"
                  "<th scope=\"col\">Asked for</th><th scope=\"col\">Digest</th></tr></thead>\n"
                  "<tbody>\n");
    html(out, "<tr><td data-label=\"When (UTC)\">");
    html_time(out, v->at_ms);
    html(out, "</td><td data-label=\"Who\">");
    html_string(out, v->approver);
    html(out, "</td><td data-label=\"Asked for\">");
    html_string(out, v->decision);
    html(out, "</td><td data-label=\"Digest\">");
    page_digest(out, v->digest);
    html(out, "</td></tr>\n");
}

bool
detail_decisions(struct buf *out, const struct shown *s, const struct shown_source *from,
                 struct error *e)
{
    struct decisions d = { out, 0 };

    if (!view_decisions(from->store, s->v.d.id, add_decision, &d, e))
        return false;
    if (d.count > 0)
        html(out, "</tbody>\n</table>\n</section>\n");
    return true;
}

/* ---- history -------------------------------------------------------------------------------- */

struct record {
    int64_t seq, at_ms;
    char *fact, *from, *to, *actor, *reason; /* Owned. */
};

struct records {
    struct record *items; /* Newest first. */
    size_t count;
};

static void
keep_record(void *cookie, const struct history_view *h)
{
    struct records *all = cookie;

    all->items[all->count++] = (struct record){ .seq = h->seq,
                                                .at_ms = h->at_ms,
                                                .fact = xstrdup(h->fact),
                                                .from = xstrdup(h->from),
                                                .to = xstrdup(h->to),
                                                .actor = xstrdup(h->actor),
                                                .reason = xstrdup(h->reason) };
}

static void
free_records(struct records *all)
{
    for (size_t i = 0; i < all->count; i++) {
        free(all->items[i].fact);
        free(all->items[i].from);
        free(all->items[i].to);
        free(all->items[i].actor);
        free(all->items[i].reason);
    }
    free(all->items);
}

static const char *
phrase_of_fact(const char *name)
{
    for (unsigned f = 0; f < FACT_KIND_COUNT; f++)
        if (strcmp(fact_name((enum fact_kind)f), name) == 0)
            return fact_phrase((enum fact_kind)f);
    return name;
}

static void
add_stage(struct buf *out, const struct record *began, int64_t until_ms, bool goes_on)
{
    enum state state;
    bool known = state_parse(str_of(began->to), &state);

    html(out, "<tr><th scope=\"row\" data-label=\"Stage\">");
    html_string(out, began->to);
    html(out, "</th><td data-label=\"Began (UTC)\">");
    html_time(out, began->at_ms);
    html(out, "</td><td data-label=\"Took\">");
    html_span(out, began->at_ms, until_ms);
    if (goes_on)
        html(out, " until now");
    html(out, "</td><td data-label=\"Time of\">");
    if (known && !state_is_ended(state))
        buf_add(out, state_class(state) == STATE_WAITS ? STR("people") : STR("machines"));
    html(out, "</td></tr>\n");
}

/* The moments at which the state changed, oldest first, each with how long it lasted. */
static void
add_stages(struct buf *out, const struct records *all, const struct deployment *d, int64_t now_ms)
{
    const struct record *began = NULL;

    html(out, "<section aria-labelledby=\"stages\">\n<h2 id=\"stages\">Stages</h2>\n<table>\n"
              "<caption>How long each stage took</caption>\n<thead><tr><th scope=\"col\">Stage</th>"
              "<th scope=\"col\">Began (UTC)</th><th scope=\"col\">Took</th>"
              "<th scope=\"col\">Time of</th></tr></thead>\n<tbody>\n");
    for (size_t i = all->count; i-- > 0;) {
        const struct record *r = &all->items[i];

        if (strcmp(r->from, r->to) == 0)
            continue;
        if (began != NULL)
            add_stage(out, began, r->at_ms, false);
        began = r;
    }
    if (began != NULL && state_is_ended(d->state))
        add_stage(out, began, began->at_ms, false);
    else if (began != NULL)
        add_stage(out, began, now_ms, true);
    html(out, "</tbody>\n</table>\n</section>\n");
}

/* `older` is the reason of the record before it: one that merely stays is not said again. */
static void
add_record(struct buf *out, const struct record *r, const char *older)
{
    html(out, "<tr><td data-label=\"When (UTC)\">");
    html_time(out, r->at_ms);
    html(out, "</td><td data-label=\"What\">");
    html_string(out, phrase_of_fact(r->fact));
    if (r->reason[0] != '\0' && strcmp(r->reason, older) != 0) {
        html(out, ": ");
        html_string(out, r->reason);
    }
    html(out, "</td><td data-label=\"Then\">");
    if (strcmp(r->from, r->to) != 0)
        html_string(out, r->to);
    html(out, "</td><td data-label=\"Who\">");
    html_string(out, r->actor[0] != '\0' ? r->actor : "slipway");
    html(out, "</td><td data-label=\"Record\">");
    html_int(out, r->seq);
    html(out, "</td></tr>\n");
}

bool
detail_history(struct buf *out, const struct shown *s, const struct shown_source *from,
               struct error *e)
{
    struct records all = { xcalloc(SHOWN_HISTORY_MAX, sizeof(struct record)), 0 };
    bool ok = view_history(from->store, s->v.d.id, SHOWN_HISTORY_MAX, keep_record, &all, e);

    if (ok) {
        add_stages(out, &all, &s->v.d, from->now_ms);
        html(out,
             "<section aria-labelledby=\"history\">\n<h2 id=\"history\">History</h2>\n<table>\n"
             "<caption>Everything that was learnt, newest first</caption>\n<thead><tr>"
             "<th scope=\"col\">When (UTC)</th><th scope=\"col\">What</th>"
             "<th scope=\"col\">Then</th><th scope=\"col\">Who</th><th scope=\"col\">Record"
             "</th></tr></thead>\n<tbody>\n");
        for (size_t i = 0; i < all.count; i++)
            add_record(out, &all.items[i], i + 1 < all.count ? all.items[i + 1].reason : "");
        html(out, "</tbody>\n</table>\n</section>\n");
    }
    free_records(&all);
    return ok;
}
