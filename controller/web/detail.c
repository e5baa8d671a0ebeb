#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "detail_tables.h"
#include "web/html.h"
#include "web/page.h"
#include "web_internal.h"

/* ---- what can be done ----------------------------------------------------------------------- */

/* One line of the command line tool, ready to be copied. */
static void
add_command(struct buf *out, const struct shown *s, const char *verb, const char *page_url,
            const char *words)
{
    html(out, "<p>");
    html_string(out, words);
    html(out, "</p>\n<pre><code>slipway ");
    html_string(out, verb);
    html(out, " ");
    html_int(out, s->v.d.id);
    if (s->v.d.digest[0] != '\0') {
        html(out, " --digest ");
        html_string(out, s->v.d.digest);
    }
    html(out, " --url ");
    html_string(out, page_url);
    html(out, " --as <var>NAME</var> --key <var>FILE</var></code></pre>\n");
}

static void
add_actions(struct buf *out, const struct shown *s, const char *page_url)
{
    enum state state = s->v.d.state;
    bool asks = state == AWAITING_APPROVAL && s->v.d.planned;
    bool stopped = state == HALTED || state == ROLLBACK_STUCK;
    bool failed = state == FAILED || state == EXPIRED;

    if (!asks && !stopped && !failed && state != LIVE && state != ROLLING_OUT)
        return;
    html(out, "<section aria-labelledby=\"act\">\n<h2 id=\"act\">What people can do</h2>\n");
    if (asks) {
        add_command(out, s, "approve", page_url, "Approve exactly this digest for the plan below:");
        add_command(out, s, "reject", page_url, "Or reject it:");
    }
    if (stopped || failed)
        add_command(out, s, "retry", page_url,
                    stopped ? "Let it go on:" : "Try again from the stage that failed:");
    if (state == HALTED || state == LIVE || state == ROLLING_OUT)
        add_command(out, s, "rollback", page_url,
                    "Restore the last known good version on every device it reached:");
    html(out, "</section>\n");
}

/* ---- the rail of stages --------------------------------------------------------------------- */

static void
add_rail(struct buf *out, const struct deployment *d)
{
    static const struct {
        enum state state;
        const char *words;
    } STOPS[] = {
        { RECEIVED, "confirm" },    { COMPILING, "compile" }, { PACKAGING, "package" },
        { TWIN_DEPLOYING, "twin" }, { TWIN_TESTING, "test" }, { AWAITING_APPROVAL, "approval" },
        { ROLLING_OUT, "rollout" }, { LIVE, "live" },
    };
    bool on_the_way = d->state <= ROLLING_OUT || d->state == LIVE;
    enum state reached = on_the_way ? d->state : d->stage;

    html(out, "<ol class=\"rail\">\n");
    for (size_t i = 0; i < ARRAY_LEN(STOPS); i++) {
        bool here = STOPS[i].state == reached, passed = STOPS[i].state < reached;

        html(out, "<li class=\"");
        buf_add(out, here ? (on_the_way ? STR("here") : STR("stopped"))
                          : (passed ? STR("done") : STR("todo")));
        html(out, "\"");
        if (here)
            html(out, " aria-current=\"step\"");
        html(out, ">");
        html_string(out, STOPS[i].words);
        html(out, "<span class=\"note\">");
        buf_add(out, here ? (on_the_way ? STR(" (here)") : STR(" (stopped here)"))
                          : (passed ? STR(" (done)") : STR(" (to come)")));
        html(out, "</span></li>\n");
    }
    html(out, "</ol>\n");
}

/* ---- in short ------------------------------------------------------------------------------- */

static void
begin_fact(struct buf *out, const char *name)
{
    html(out, "<div><dt>");
    html_string(out, name);
    html(out, "</dt><dd>");
}

static void
end_fact(struct buf *out)
{
    html(out, "</dd></div>\n");
}

static void
add_approvals(struct buf *out, const struct shown *s)
{
    html_int(out, s->v.d.approvals);
    if (s->has_policy) {
        html(out, " of ");
        html_int(out, s->policy.approvals_required);
    }
    html(out, " given");
}

static void
add_summary(struct buf *out, const struct shown *s, int64_t now_ms)
{
    const struct deployment *d = &s->v.d;

    html(out, "<dl class=\"short\">\n");
    begin_fact(out, "State");
    page_state(out, d);
    html(out, " since ");
    html_time(out, d->entered_ms);
    html(out, " (");
    html_span(out, d->entered_ms, now_ms);
    html(out, ")");
    end_fact(out);
    begin_fact(out, "Waits for");
    html_string(out, s->who);
    end_fact(out);
    begin_fact(out, "Model package");
    html(out, "<code>");
    html_string(out, s->arn);
    html(out, "</code>");
    end_fact(out);
    begin_fact(out, "Pipeline");
    html_string(out, d->pipeline);
    end_fact(out);
    begin_fact(out, "Digest");
    html(out, "<code>");
    html_string(out, d->digest[0] != '\0' ? d->digest : "not known yet");
    html(out, "</code>");
    end_fact(out);
    begin_fact(out, "Approvals");
    add_approvals(out, s);
    end_fact(out);
    begin_fact(out, "Deadline");
    html_time(out, d->deadline_ms);
    end_fact(out);
    begin_fact(out, "Received");
    html_time(out, s->v.received_ms);
    end_fact(out);
    html(out, "</dl>\n");
}

/* ---- the page ------------------------------------------------------------------------------- */

static bool
add_detail(struct buf *out, const struct shown *s, const struct shown_source *from,
           const char *page_url, int64_t refresh_s, struct error *e)
{
    struct str group, version;
    char title[128];
    struct page page = { title, "../", refresh_s, from->now_ms };

    shown_model(s->arn, &group, &version);
    snprintf(title, sizeof(title), "#%lld %s", (long long)s->v.d.id, state_name(s->v.d.state));
    page_begin(out, &page);
    html(out, "<h1>Deployment #");
    html_int(out, s->v.d.id);
    html(out, ": ");
    page_model(out, s);
    html(out, "</h1>\n<p class=\"why\">");
    html_string(out, s->why);
    html(out, "</p>\n");
    add_rail(out, &s->v.d);
    add_summary(out, s, from->now_ms);
    add_actions(out, s, page_url);
    if (!detail_gates(out, s, from, e) || !detail_plan(out, s, from, e) ||
        !detail_waves(out, s, from, e) || !detail_decisions(out, s, from, e) ||
        !detail_findings(out, s, from, e) || !detail_history(out, s, from, e))
        return false;
    page_end(out);
    return true;
}

void
detail_handle(void *cookie, struct http_request *r)
{
    struct web *w = cookie;
    struct shown_source from = web_source(w);
    struct shown *s = xcalloc(1, sizeof(*s));
    struct buf out = { .max = PAGE_MAX };
    char url[URL_SIZE];
    struct error e;
    bool ok = shown_read(&from, request_id(r), s, &e) &&
              add_detail(&out, s, &from, web_page_url(w, url),
                         request_number(r, "refresh", 0, REFRESH_MAX_S, REFRESH_S), &e);

    free(s);
    if (ok) {
        answer(r, 200, TYPE_HTML, &out);
        return;
    }
    buf_free(&out);
    http_reply_text(r, e.kind == ERROR_NOT_FOUND ? 404 : 503, e.text);
}
