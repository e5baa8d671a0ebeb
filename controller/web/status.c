#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "web/html.h"
#include "web/page.h"
#include "web_internal.h"

#define OPEN_MAX 100
#define ENDED_MAX 50
#define QUARANTINE_MAX 10

/* ---- the strip on top: is anything waiting for me, is anything wrong? ----------------------- */

struct total {
    const char *words, *tone;
    int64_t count;
};

static int64_t
sum(const struct store_counts *c, const enum state *states, size_t count)
{
    int64_t n = 0;

    for (size_t i = 0; i < count; i++)
        n += c->deployments[states[i]];
    return n;
}

static void
add_totals(struct buf *out, const struct store_counts *c)
{
    static const enum state STUCK[] = { HALTED, ROLLBACK_STUCK };
    static const enum state WORK[] = { RECEIVED,     COMPILING,   PACKAGING,   TWIN_DEPLOYING,
                                       TWIN_TESTING, ROLLING_OUT, ROLLING_BACK };
    const struct total totals[] = {
        { "awaiting approval", "ask", c->deployments[AWAITING_APPROVAL] },
        { "halted or stuck", "bad", sum(c, STUCK, ARRAY_LEN(STUCK)) },
        { "under way", "work", sum(c, WORK, ARRAY_LEN(WORK)) },
        { "live", "good", c->deployments[LIVE] },
        { "failed", "bad", c->deployments[FAILED] },
        { "in quarantine", "warn", c->quarantined },
    };

    html(out, "<ul class=\"totals\">\n");
    for (size_t i = 0; i < ARRAY_LEN(totals); i++) {
        html(out, "<li class=\"");
        buf_add(out, str_of(totals[i].count > 0 ? totals[i].tone : "none"));
        html(out, "\"><b>");
        html_int(out, totals[i].count);
        html(out, "</b> ");
        html_string(out, totals[i].words);
        html(out, "</li>\n");
    }
    html(out, "</ul>\n");
}

/* ---- the tables ----------------------------------------------------------------------------- */

static void
add_progress(struct buf *out, const struct shown *s)
{
    const struct deployment *d = &s->v.d;

    if (d->wave_state == WAVE_NONE) {
        html(out, "\xe2\x80\x93");
        return;
    }
    html(out, "wave ");
    html_int(out, d->wave + 1);
    html(out, " of ");
    html_int(out, d->wave_count);
    html(out, ", ");
    html_string(out, wave_state_name(d->wave_state));
    if (!s->has_counts || state_is_ended(d->state))
        return;
    html(out, "<br>");
    page_counts(out, &s->counts, s->has_policy ? s->policy.success_percent : 0);
}

static void
add_row(struct buf *out, const struct shown *s, const char *why, int64_t now_ms)
{
    const struct deployment *d = &s->v.d;

    html(out, "<tr><th scope=\"row\" data-label=\"Deployment\"><a href=\"deployments/");
    html_int(out, d->id);
    html(out, "\">#");
    html_int(out, d->id);
    html(out, "</a> <small>");
    html_string(out, d->pipeline);
    html(out, "</small></th><td data-label=\"Model\">");
    page_model(out, s);
    html(out, "</td><td data-label=\"State\">");
    page_state(out, d);
    html(out, "</td><td class=\"why\" data-label=\"");
    html_string(out, why);
    html(out, "\">");
    html_string(out, s->why);
    html(out, "</td><td data-label=\"Rollout\">");
    add_progress(out, s);
    html(out, "</td><td data-label=\"Since (UTC)\">");
    html_time(out, d->entered_ms);
    html(out, "<br><small>");
    html_span(out, d->entered_ms, now_ms);
    html(out, " ago</small></td><td data-label=\"Digest\">");
    page_digest(out, d->digest);
    html(out, "</td></tr>\n");
}

static void
begin_table(struct buf *out, const char *caption, const char *why)
{
    html(out, "<table class=\"wide\">\n<caption>");
    html_string(out, caption);
    html(out, "</caption>\n<thead><tr><th scope=\"col\">Deployment</th><th scope=\"col\">Model</th>"
              "<th scope=\"col\">State</th><th scope=\"col\">");
    html_string(out, why);
    html(out, "</th><th scope=\"col\">Rollout</th><th scope=\"col\">Since (UTC)</th>"
              "<th scope=\"col\">Digest</th></tr></thead>\n<tbody>\n");
}

static void
end_table(struct buf *out)
{
    html(out, "</tbody>\n</table>\n");
}

static void
add_next(struct buf *out, const char *parameter, int64_t before, const char *words)
{
    if (before == 0)
        return;
    html(out, "<p><a href=\"?");
    buf_add(out, str_of(parameter));
    html(out, "=");
    html_int(out, before);
    html(out, "&amp;refresh=0\">");
    html_string(out, words);
    html(out, "</a></p>\n");
}

/* Those that wait for a person first: they are why somebody looks at this page. */
static void
add_open(struct buf *out, const struct shown_page *page, int64_t now_ms)
{
    html(out, "<section aria-labelledby=\"open\">\n<h2 id=\"open\">Under way</h2>\n");
    if (page->count == 0) {
        html(out, "<p>Nothing is under way.</p>\n</section>\n");
        return;
    }
    begin_table(out, "Deployments that wait for something, those that wait for a person first",
                "Waits for");
    for (int people = 1; people >= 0; people--)
        for (size_t i = 0; i < page->count; i++)
            if (shown_needs_a_person(&page->items[i]) == (people == 1))
                add_row(out, &page->items[i], "Waits for", now_ms);
    end_table(out);
    add_next(out, "open_before", page->next_before, "Older ones under way");
    html(out, "</section>\n");
}

static void
add_ended(struct buf *out, const struct shown_page *page, int64_t now_ms)
{
    size_t shown = 0;

    html(out, "<section aria-labelledby=\"ended\">\n<h2 id=\"ended\">Live and ended</h2>\n");
    for (size_t i = 0; i < page->count; i++) {
        if (page->items[i].v.order.kind != ORDER_NONE)
            continue;
        if (shown++ == 0)
            begin_table(out, "Deployments that are live or have ended, newest first", "Why");
        add_row(out, &page->items[i], "Why", now_ms);
    }
    if (shown > 0)
        end_table(out);
    else
        html(out, "<p>None among the newest.</p>\n");
    add_next(out, "before", page->next_before, "Older ones");
    html(out, "</section>\n");
}

/* ---- quarantine ----------------------------------------------------------------------------- */

static void
add_message(void *cookie, const struct quarantine_view *q)
{
    struct buf *out = cookie;

    html(out, "<tr><td data-label=\"Last came (UTC)\">");
    html_time(out, q->at_ms);
    html(out, "</td><td data-label=\"Times\">");
    html_int(out, q->times);
    html(out, "</td><td data-label=\"Why it was not understood\">");
    html_string(out, q->reason);
    html(out, "</td></tr>\n");
}

static bool
add_quarantine(struct buf *out, struct store *store, int64_t count, struct error *e)
{
    if (count == 0)
        return true;
    html(out, "<section aria-labelledby=\"quarantine\">\n<h2 id=\"quarantine\">Quarantine</h2>\n"
              "<table>\n<caption>Messages that could not be understood, the newest of ");
    html_int(out, count);
    html(out, "</caption>\n<thead><tr><th scope=\"col\">Last came (UTC)</th><th scope=\"col\">Times"
              "</th><th scope=\"col\">Why it was not understood</th></tr></thead>\n<tbody>\n");
    if (!view_quarantine(store, QUARANTINE_MAX, add_message, out, e))
        return false;
    end_table(out);
    html(out, "</section>\n");
    return true;
}

/* ---- the page ------------------------------------------------------------------------------- */

/* What the page is made of; read completely before anything is written. */
struct status {
    struct shown_source from;
    struct store_counts counts;
    struct shown_page open, all;
};

static bool
read_status(struct status *s, const struct http_request *r, struct error *e)
{
    int64_t open_before = request_number(r, "open_before", 1, INT64_MAX, 0);
    int64_t before = request_number(r, "before", 1, INT64_MAX, 0);

    return view_counts(s->from.store, &s->counts, e) &&
           shown_page_read(&s->from, open_before, OPEN_MAX, true, &s->open, e) &&
           shown_page_read(&s->from, before, ENDED_MAX, false, &s->all, e);
}

static bool
add_status(struct buf *out, const struct status *s, int64_t refresh_s, struct error *e)
{
    char title[64];
    const int64_t *n = s->counts.deployments;
    struct page page = { title, "", refresh_s, s->from.now_ms };
    int64_t waiting = n[AWAITING_APPROVAL] + n[HALTED] + n[ROLLBACK_STUCK];

    snprintf(title, sizeof(title), "%lld waiting for people", (long long)waiting);
    page_begin(out, &page);
    html(out, "<h1>Deployments</h1>\n");
    add_totals(out, &s->counts);
    add_open(out, &s->open, s->from.now_ms);
    add_ended(out, &s->all, s->from.now_ms);
    if (!add_quarantine(out, s->from.store, s->counts.quarantined, e))
        return false;
    page_end(out);
    return true;
}

void
status_handle(void *cookie, struct http_request *r)
{
    struct web *w = cookie;
    struct status s = { .from = web_source(w) };
    struct buf out = { .max = PAGE_MAX };
    struct error e;
    bool ok = read_status(&s, r, &e) &&
              add_status(&out, &s, request_number(r, "refresh", 0, REFRESH_MAX_S, REFRESH_S), &e);

    free(s.open.items);
    free(s.all.items);
    if (ok) {
        answer(r, 200, TYPE_HTML, &out);
        return;
    }
    buf_free(&out);
    http_reply_text(r, 503, e.text);
}
