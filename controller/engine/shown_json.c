#include "engine/shown.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "slipway/instant.h"
#include "slipway/json.h"

static void
member_time(struct json_out *w, const char *key, int64_t ms)
{
    char text[INSTANT_SIZE];

    json_key(w, key);
    if (ms == 0)
        json_null(w);
    else
        json_string(w, str_of(instant_rfc3339(ms, text)));
}

/* "" becomes null. */
static void
member_text(struct json_out *w, const char *key, const char *text)
{
    json_key(w, key);
    if (text[0] == '\0')
        json_null(w);
    else
        json_string(w, str_of(text));
}

static void
add_counts(struct json_out *w, const struct device_counts *c)
{
    json_open(w, '{');
    json_member_int(w, "queued", c->queued);
    json_member_int(w, "in_progress", c->in_progress);
    json_member_int(w, "succeeded", c->succeeded);
    json_member_int(w, "failed", c->failed);
    json_member_int(w, "rejected", c->rejected);
    json_member_int(w, "timed_out", c->timed_out);
    json_member_int(w, "cancelled", c->cancelled);
    json_member_int(w, "removed", c->removed);
    json_member_int(w, "broken", c->broken);
    json_close(w, '}');
}

static void
add_wave(struct json_out *w, const struct shown *s)
{
    const struct deployment *d = &s->v.d;

    json_key(w, "wave");
    if (d->wave_state == WAVE_NONE) {
        json_null(w);
        return;
    }
    json_open(w, '{');
    json_member_int(w, "number", d->wave + 1);
    json_member_int(w, "count", d->wave_count);
    json_member(w, "state", str_of(wave_state_name(d->wave_state)));
    member_time(w, "since", d->wave_since_ms);
    json_key(w, "counts");
    if (s->has_counts)
        add_counts(w, &s->counts);
    else
        json_null(w);
    json_close(w, '}');
}

static void
add_approvals(struct json_out *w, const struct shown *s)
{
    json_key(w, "approvals");
    json_open(w, '{');
    json_member_int(w, "given", s->v.d.approvals);
    json_key(w, "required");
    if (s->has_policy)
        json_int_value(w, s->policy.approvals_required);
    else
        json_null(w);
    json_close(w, '}');
}

static void
add_order(struct json_out *w, const struct order *o)
{
    json_key(w, "order");
    if (o->kind == ORDER_NONE) {
        json_null(w);
        return;
    }
    json_open(w, '{');
    json_member(w, "kind", str_of(order_name(o->kind)));
    json_member(w, "phrase", str_of(order_phrase(o->kind)));
    member_time(w, "due_at", o->due_ms);
    json_member_int(w, "tries", o->tries);
    json_close(w, '}');
}

static void
add_members(struct json_out *w, const struct shown *s, const char *page_url)
{
    const struct deployment *d = &s->v.d;
    char url[1024];

    json_member_int(w, "id", d->id);
    json_member(w, "pipeline", str_of(d->pipeline));
    json_member(w, "model_package_arn", str_of(s->arn));
    json_member_int(w, "generation", s->v.generation_number);
    json_member(w, "state", str_of(state_name(d->state)));
    json_member(w, "phrase", str_of(state_phrase(d->state)));
    json_member_bool(w, "open", s->v.order.kind != ORDER_NONE);
    json_member(w, "waits_for", str_of(s->why));
    json_member(w, "who", str_of(s->who));
    member_text(w, "digest", d->digest);
    json_member(w, "stage", str_of(state_name(d->stage)));
    member_time(w, "received_at", s->v.received_ms);
    member_time(w, "entered_at", d->entered_ms);
    member_time(w, "deadline_at", d->deadline_ms);
    add_wave(w, s);
    add_approvals(w, s);
    json_member_bool(w, "planned", d->planned);
    json_member_bool(w, "withdrawn", d->withdrawn);
    json_member_int(w, "attempts", d->attempts);
    member_text(w, "reason", d->reason);
    json_member_int(w, "revision", d->revision);
    add_order(w, &s->v.order);
    if (page_url == NULL)
        return;
    snprintf(url, sizeof(url), "%sdeployments/%lld", page_url, (long long)d->id);
    json_member(w, "url", str_of(url));
}

void
shown_page_json(struct buf *out, const struct shown_page *page, const char *page_url)
{
    struct json_out w = json_out(out);

    json_open(&w, '{');
    json_key(&w, "deployments");
    json_open(&w, '[');
    for (size_t i = 0; i < page->count; i++) {
        json_open(&w, '{');
        add_members(&w, &page->items[i], page_url);
        json_close(&w, '}');
    }
    json_close(&w, ']');
    json_key(&w, "next");
    if (page->next_before != 0)
        json_int_value(&w, page->next_before);
    else
        json_null(&w);
    json_close(&w, '}');
    buf_char(out, '\n');
}

/* ---- all of one ----------------------------------------------------------------------------- */

static void
add_record(void *cookie, const struct history_view *h)
{
    struct json_out *w = cookie;

    json_open(w, '{');
    json_member_int(w, "seq", h->seq);
    member_time(w, "at", h->at_ms);
    json_member(w, "fact", str_of(h->fact));
    member_text(w, "from", h->from);
    member_text(w, "to", h->to);
    member_text(w, "actor", h->actor);
    member_text(w, "reason", h->reason);
    json_member_int(w, "order", h->order_id);
    json_member(w, "hash", str_of(h->hash));
    json_close(w, '}');
}

static void
add_reported(void *cookie, const struct wave_view *v)
{
    struct json_out *w = cookie;

    json_open(w, '{');
    json_key(w, "number");
    if (v->wave < 0)
        json_null(w);
    else
        json_int_value(w, v->wave + 1);
    json_member_bool(w, "rollback", v->wave < 0);
    member_time(w, "at", v->at_ms);
    json_key(w, "counts");
    add_counts(w, &v->counts);
    json_close(w, '}');
}

static void
add_decision(void *cookie, const struct decision_view *d)
{
    struct json_out *w = cookie;

    json_open(w, '{');
    member_time(w, "at", d->at_ms);
    json_member(w, "approver", str_of(d->approver));
    json_member(w, "decision", str_of(d->decision));
    member_text(w, "digest", d->digest);
    json_close(w, '}');
}

/* A document is JSON that was checked when it came; what is not, is shown as text. */
static bool
add_document(struct json_out *w, const struct shown_source *from, int64_t id, const char *kind,
             struct error *e)
{
    enum { TOKENS = 65536 };
    struct buf text = { .max = SHOWN_JSON_MAX / 4 };
    struct json_token *tokens;
    struct error not_json;
    struct json doc;

    if (!store_document(from->store, id, kind, &text, e))
        return false;
    if (text.len > 0) {
        tokens = xcalloc(TOKENS, sizeof(*tokens));
        json_key(w, kind);
        if (json_read(&doc, buf_str(&text), tokens, TOKENS, &not_json))
            json_verbatim(w, buf_str(&text));
        else
            json_string(w, buf_str(&text));
        free(tokens);
    }
    buf_free(&text);
    return true;
}

static bool
add_documents(struct json_out *w, const struct shown *s, const struct shown_source *from,
              struct error *e)
{
    static const char *const KINDS[] = { "source", "compiled", "package", "twin",
                                         "result", "verdict",  "plan",    "rollback" };
    char wave[32];
    bool ok = true;

    for (size_t i = 0; ok && i < ARRAY_LEN(KINDS); i++)
        ok = add_document(w, from, s->v.d.id, KINDS[i], e);
    for (int64_t i = 0; ok && i <= s->v.d.wave && s->v.d.wave_state != WAVE_NONE; i++) {
        snprintf(wave, sizeof(wave), "wave-%lld", (long long)i);
        ok = add_document(w, from, s->v.d.id, wave, e);
    }
    return ok;
}

bool
shown_json_whole(struct json_out *w, const struct shown *s, const struct shown_source *from,
                 const char *page_url, struct error *e)
{
    int64_t id = s->v.d.id;

    json_open(w, '{');
    add_members(w, s, page_url);
    json_key(w, "history");
    json_open(w, '[');
    if (!view_history(from->store, id, SHOWN_HISTORY_MAX, add_record, w, e))
        return false;
    json_close(w, ']');
    json_key(w, "waves");
    json_open(w, '[');
    if (!view_waves(from->store, id, add_reported, w, e))
        return false;
    json_close(w, ']');
    json_key(w, "decisions");
    json_open(w, '[');
    if (!view_decisions(from->store, id, add_decision, w, e))
        return false;
    json_close(w, ']');
    json_key(w, "documents");
    json_open(w, '{');
    if (!add_documents(w, s, from, e))
        return false;
    json_close(w, '}');
    json_close(w, '}');
    return true;
}
