#include "page.h"

#include <string.h>

#include "slipway/instant.h"
#include "slipway/rollout.h"
#include "web/html.h"

#define NONE "\xe2\x80\x93" /* En dash. */

/* ---- frame ---------------------------------------------------------------------------------- */

static void
add_refresh_link(struct buf *out, const struct page *p)
{
    if (p->refresh_s > 0) {
        html(out, "Refreshes every ");
        html_int(out, p->refresh_s);
        html(out, " s. <a href=\"?refresh=0\">Pause</a>");
    } else {
        html(out, "Refreshing is paused. <a href=\"?\">Resume</a>");
    }
}

void
page_begin(struct buf *out, const struct page *p)
{
    html(out, "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
              "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
              "<meta name=\"color-scheme\" content=\"light dark\">\n");
    if (p->refresh_s > 0) {
        html(out, "<meta http-equiv=\"refresh\" content=\"");
        html_int(out, p->refresh_s);
        html(out, "\">\n");
    }
    html(out, "<title>");
    html_string(out, p->title);
    html(out, " \xc2\xb7 slipway</title>\n<link rel=\"stylesheet\" href=\"");
    buf_add(out, str_of(p->up));
    html(out,
         "style.css\">\n</head>\n<body>\n<a class=\"skip\" href=\"#main\">Skip to content</a>\n"
         "<header>\n<a class=\"name\" href=\"");
    buf_add(out, p->up[0] != '\0' ? str_of(p->up) : STR("./"));
    html(out, "\">slipway</a>\n<p class=\"age\">As of ");
    html_time(out, p->now_ms);
    html(out, " UTC. ");
    add_refresh_link(out, p);
    html(out, "</p>\n</header>\n<main id=\"main\">\n");
}

void
page_end(struct buf *out)
{
    html(out, "</main>\n</body>\n</html>\n");
}

/* ---- pieces --------------------------------------------------------------------------------- */

/* The colour of a state; its name always stands beside it. */
static const char *
tone(enum state s)
{
    switch (s) {
    case AWAITING_APPROVAL:
        return "ask";
    case HALTED:
    case ROLLBACK_STUCK:
    case FAILED:
        return "bad";
    case ROLLING_BACK:
    case ROLLED_BACK:
    case REJECTED:
    case EXPIRED:
        return "warn";
    case LIVE:
        return "good";
    case CANCELLED:
    case SUPERSEDED:
        return "past";
    case RECEIVED:
    case COMPILING:
    case PACKAGING:
    case TWIN_DEPLOYING:
    case TWIN_TESTING:
    case ROLLING_OUT:
    case STATE_COUNT:
        break;
    }
    return "work";
}

void
page_state(struct buf *out, const struct deployment *d)
{
    html(out, "<span class=\"state ");
    buf_add(out, str_of(tone(d->state)));
    html(out, "\">");
    html_string(out, state_name(d->state));
    html(out, "</span>");
}

void
page_model(struct buf *out, const struct shown *s)
{
    struct str group, version;

    shown_model(s->arn, &group, &version);
    html(out, "<span title=\"");
    html_string(out, s->arn);
    html(out, "\">");
    html_text(out, group);
    if (version.len > 0) {
        html(out, " <b>v");
        html_text(out, version);
        html(out, "</b>");
    }
    html(out, "</span>");
    if (s->v.generation_number > 1) {
        html(out, " <small>approval ");
        html_int(out, s->v.generation_number);
        html(out, "</small>");
    }
}

void
page_digest(struct buf *out, const char *digest)
{
    if (digest[0] == '\0') {
        html(out, NONE);
        return;
    }
    html(out, "<code title=\"");
    html_string(out, digest);
    html(out, "\">");
    html_text(out, (struct str){ digest, strlen(digest) < 12 ? strlen(digest) : 12 });
    html(out, "</code>");
}

/* ---- devices -------------------------------------------------------------------------------- */

struct part {
    const char *name;
    int64_t count;
};

static void
add_words(struct buf *out, const struct part *parts, size_t count, int64_t all)
{
    html_int(out, parts[0].count);
    html(out, " of ");
    html_int(out, all);
    html(out, " succeeded");
    for (size_t i = 1; i < count; i++) {
        if (parts[i].count == 0)
            continue;
        html(out, ", ");
        html_int(out, parts[i].count);
        html(out, " ");
        html_string(out, parts[i].name);
    }
}

/* Hundredths of a percent, so that the parts add up. */
static int64_t
width(int64_t part, int64_t all)
{
    return part * 10000 / all;
}

static void
add_bar(struct buf *out, const struct part *parts, size_t count, int64_t all, int64_t needed)
{
    static const char *const TONES[] = { "ok", "fail", "busy", "idle" };
    int64_t x = 0;

    html(out, "<svg class=\"bar\" viewBox=\"0 0 10000 100\" preserveAspectRatio=\"none\" "
              "aria-hidden=\"true\">");
    for (size_t i = 0; i < count; i++) {
        int64_t w = width(parts[i].count, all);

        if (w == 0)
            continue;
        buf_printf(out, "<rect class=\"%s\" x=\"%lld\" y=\"0\" width=\"%lld\" height=\"100\"/>",
                   TONES[i], (long long)x, (long long)w);
        x += w;
    }
    if (needed > 0)
        buf_printf(out, "<rect class=\"mark\" x=\"%lld\" y=\"0\" width=\"60\" height=\"100\"/>",
                   (long long)(needed * 100 - 60));
    html(out, "</svg>");
}

void
page_counts(struct buf *out, const struct device_counts *c, int64_t needed_percent)
{
    int64_t all = rollout_exposed(c);
    const struct part parts[] = { { "succeeded", c->succeeded },
                                  { "failed", rollout_failures(c) },
                                  { "in progress", c->in_progress },
                                  { "not reached yet", c->queued } };

    if (all <= 0) {
        html(out, "no device has reported yet");
        return;
    }
    add_bar(out, parts, ARRAY_LEN(parts), all, needed_percent);
    html(out, "<span class=\"counts\">");
    add_words(out, parts, ARRAY_LEN(parts), all);
    if (c->broken > 0) {
        html(out, ", ");
        html_int(out, c->broken);
        html(out, " unable to roll back");
    }
    html(out, "</span>");
}
