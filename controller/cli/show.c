#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli_internal.h"
#include "slipway/instant.h"
#include "slipway/json.h"
#include "slipway/rollout.h"

/* ---- show, in words ------------------------------------------------------------------------- */

static void
add_time(struct table *t, const char *name, int64_t ms)
{
    struct buf text = { .max = 64 };

    terminal_time(&text, ms);
    table_add(t, str_of(name));
    table_addf(t, "%.*s UTC", STR_ARG(buf_str(&text)));
    buf_free(&text);
}

static void
add_pair(struct table *t, const char *name, const char *value)
{
    table_add(t, str_of(name));
    table_add(t, str_of(value[0] != '\0' ? value : "-"));
}

static void
print_summary(const struct shown *s, int64_t now_ms)
{
    const struct deployment *d = &s->v.d;
    struct table t = { .columns = 2 };
    char age[INSTANT_SIZE];

    table_add(&t, STR("deployment"));
    table_addf(&t, "%lld", (long long)d->id);
    add_pair(&t, "model package", s->arn);
    add_pair(&t, "pipeline", d->pipeline);
    table_add(&t, STR("state"));
    table_addf(&t, "%s, for %s", state_name(d->state), instant_span(now_ms - d->entered_ms, age));
    add_pair(&t, "why", s->why);
    add_pair(&t, "waits for", s->who);
    add_pair(&t, "digest", d->digest);
    if (d->wave_state != WAVE_NONE) {
        table_add(&t, STR("rollout"));
        table_addf(&t, "wave %lld of %lld, %s", (long long)d->wave + 1, (long long)d->wave_count,
                   wave_state_name(d->wave_state));
    }
    table_add(&t, STR("approvals"));
    if (s->has_policy)
        table_addf(&t, "%lld of %lld", (long long)d->approvals,
                   (long long)s->policy.approvals_required);
    else
        table_addf(&t, "%lld", (long long)d->approvals);
    add_time(&t, "received", s->v.received_ms);
    if (d->deadline_ms != 0)
        add_time(&t, "deadline", d->deadline_ms);
    table_print(&t);
}

/* The waves in their order, the rollback last. */
struct waves {
    struct table table;
    struct wave_view rollback;
    bool rolled_back;
};

static void
add_counts(struct table *t, const struct device_counts *c)
{
    table_addf(t, "%lld of %lld", (long long)c->succeeded, (long long)rollout_exposed(c));
    table_addf(t, "%lld", (long long)rollout_failures(c));
    table_addf(t, "%lld", (long long)c->in_progress);
    table_addf(t, "%lld", (long long)c->queued);
}

static void
add_wave(void *cookie, const struct wave_view *w)
{
    struct waves *all = cookie;

    if (w->wave < 0) {
        all->rollback = *w;
        all->rolled_back = true;
        return;
    }
    table_addf(&all->table, "%lld", (long long)w->wave + 1);
    add_counts(&all->table, &w->counts);
}

static void
add_decision(void *cookie, const struct decision_view *d)
{
    struct table *t = cookie;
    struct buf at = { .max = 64 };

    terminal_time(&at, d->at_ms);
    table_add(t, buf_str(&at));
    table_add(t, str_of(d->approver));
    table_add(t, str_of(d->decision));
    table_addf(t, "%.12s", d->digest);
    buf_free(&at);
}

/* A record is written when the one before it is known: a reason that merely stays is not said
 * again. */
struct records {
    struct table table;
    bool pending;
    char reason[REASON_SIZE]; /* Of the record whose row lacks it. */
};

static void
add_reason(struct records *all, const char *older)
{
    if (all->pending)
        table_add(&all->table, str_of(strcmp(all->reason, older) != 0 ? all->reason : ""));
    all->pending = false;
}

static void
add_record(void *cookie, const struct history_view *h)
{
    struct records *all = cookie;
    struct buf at = { .max = 64 };

    add_reason(all, h->reason);
    terminal_time(&at, h->at_ms);
    table_add(&all->table, buf_str(&at));
    table_add(&all->table, str_of(h->fact));
    table_add(&all->table, str_of(strcmp(h->from, h->to) != 0 ? h->to : ""));
    table_add(&all->table, str_of(h->actor));
    all->pending = true;
    if (!str_copy(all->reason, sizeof(all->reason), str_of(h->reason)))
        all->reason[0] = '\0';
    buf_free(&at);
}

static void
add_heads(struct table *t, const char *const *heads)
{
    for (size_t i = 0; i < t->columns; i++)
        table_add(t, str_of(heads[i]));
}

/* Prints a table only if it has more than its heads. */
static void
print_filled(struct table *t)
{
    if (t->count > t->columns)
        putchar('\n');
    else
        for (; t->count > 0; t->count--)
            free(t->cells[t->count - 1]);
    table_print(t);
}

static void
print_gate_lines(struct json_value gates)
{
    struct buf line = { .max = 4096 };
    char text[512];

    if (json_size(gates) > 0)
        putchar('\n');
    for (struct json_cursor c = json_first(gates); json_exists(c.value); json_next(&c)) {
        if (!json_text(json_get(c.value, "text"), text, sizeof(text), NULL))
            continue;
        buf_clear(&line);
        terminal_text(&line, str_of(text));
        printf("%.*s\n", STR_ARG(buf_str(&line)));
    }
    buf_free(&line);
}

/* The sentence of each gate, out of the document "verdict". */
static bool
print_gates(const struct source *s, int64_t id, struct error *e)
{
    enum { TOKENS = 8192 };
    struct buf text = { .max = 1048576 };
    struct json_token *tokens = xcalloc(TOKENS, sizeof(*tokens));
    struct json doc;
    struct error not_json;
    bool ok = store_document(s->from.store, id, "verdict", &text, e);

    if (ok && text.len > 0 && json_read(&doc, buf_str(&text), tokens, TOKENS, &not_json))
        print_gate_lines(json_get(json_root(&doc), "gates"));
    buf_free(&text);
    free(tokens);
    return ok;
}

static bool
print_all(const struct source *s, const struct shown *d, struct error *e)
{
    static const char *const WAVES[] = { "WAVE", "SUCCEEDED", "FAILED", "IN PROGRESS", "QUEUED" };
    static const char *const PEOPLE[] = { "WHEN (UTC)", "WHO", "DECISION", "DIGEST" };
    static const char *const RECORDS[] = { "WHEN (UTC)", "FACT", "STATE", "WHO", "REASON" };
    struct waves waves = { .table = { .columns = 5 } };
    struct records records = { .table = { .columns = 5 } };
    struct table people = { .columns = 4 };
    int64_t id = d->v.d.id;
    bool ok;

    print_summary(d, s->from.now_ms);
    add_heads(&waves.table, WAVES);
    add_heads(&people, PEOPLE);
    add_heads(&records.table, RECORDS);
    ok = print_gates(s, id, e) && view_waves(s->from.store, id, add_wave, &waves, e) &&
         view_decisions(s->from.store, id, add_decision, &people, e) &&
         view_history(s->from.store, id, SHOWN_HISTORY_MAX, add_record, &records, e);
    add_reason(&records, "");
    if (waves.rolled_back) {
        table_add(&waves.table, STR("rollback"));
        add_counts(&waves.table, &waves.rollback.counts);
    }
    print_filled(&waves.table);
    print_filled(&people);
    print_filled(&records.table);
    return ok;
}

/* ---- the commands --------------------------------------------------------------------------- */

static int
status_of(const struct error *e)
{
    complain("%s", e->text);
    return e->kind == ERROR_NOT_FOUND ? CLI_NO : CLI_UNAVAILABLE;
}

/* Opens the database and reads the deployment the command is about; 0 or the exit status. */
static int
begin(const struct command *c, const struct arguments *a, struct source *s, struct shown **d)
{
    int64_t id = operand_id(c, a);
    struct error e;
    int status;

    *d = NULL;
    *s = (struct source){ .settings = NULL };
    if (id == 0)
        return CLI_USAGE;
    status = source_open(s, a);
    if (status != CLI_OK)
        return status;
    *d = xcalloc(1, sizeof(**d));
    return shown_read(&s->from, id, *d, &e) ? CLI_OK : status_of(&e);
}

int
run_show(const struct command *c, const struct arguments *a)
{
    struct source s;
    struct shown *d;
    struct error e;
    int status = begin(c, a, &s, &d);

    if (status == CLI_OK && a->json) {
        struct buf out = { .max = SHOWN_JSON_MAX };
        struct json_out w = json_out(&out);
        bool ok = shown_json_whole(&w, d, &s.from, NULL, &e);

        buf_char(&out, '\n');
        if (ok)
            status = print(&out);
        else
            status = status_of(&e);
        buf_free(&out);
    } else if (status == CLI_OK && !print_all(&s, d, &e)) {
        status = status_of(&e);
    }
    free(d);
    source_close(&s);
    return status;
}

int
run_why(const struct command *c, const struct arguments *a)
{
    struct source s;
    struct shown *d;
    int status = begin(c, a, &s, &d);

    if (status == CLI_OK) {
        struct buf out = { .max = 16384 };
        struct json_out w = json_out(&out);

        if (a->json) {
            json_open(&w, '{');
            json_member_int(&w, "id", d->v.d.id);
            json_member(&w, "state", str_of(state_name(d->v.d.state)));
            json_member(&w, "waits_for", str_of(d->why));
            json_member(&w, "who", str_of(d->who));
            json_close(&w, '}');
        } else {
            terminal_text(&out, str_of(d->why));
        }
        buf_char(&out, '\n');
        status = print(&out);
    }
    free(d);
    source_close(&s);
    return status;
}
