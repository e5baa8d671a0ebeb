/*
 * ORDER_PLAN: what every thing group of every wave runs now, so that people approve a difference
 * they can see and a rollback knows what to restore.
 *
 * After a halt it is made anew.  A group that runs what slipway deployed for this very
 * deployment keeps the base of the plan before: our own version is nothing to roll back to.
 * Without a plan before, its history tells (before.h).
 */

#include <string.h>

#include "before.h"
#include "merge.h"

struct plan {
    const char *component, *version;
    struct json_value old; /* The plan before; nothing if there is none. */
    struct target *groups;
    struct before *bases; /* Of each group; known only where it had to be looked for. */
    int64_t *waves;       /* The wave of each group. */
    size_t count, at;
};

static void read_next(struct work *w);
static void group_was_read(struct work *w, struct target *t);
static void base_was_found(struct work *w, struct before *b);
static void write_plan(struct work *w);

/* ---- reading -------------------------------------------------------------------------------- */

static struct json_value
group_of(struct json_value plan, const char *name)
{
    struct json_cursor c = json_first(json_get(plan, "groups"));

    while (json_exists(c.value) && !json_is(json_get(c.value, "group"), name))
        json_next(&c);
    return c.value;
}

static void
list_groups(struct work *w)
{
    const struct rollout_settings *s = &w->order->pipeline->rollout;
    struct plan *p = w->story;
    size_t count = 0;

    for (size_t i = 0; i < s->wave_count; i++)
        count += s->waves[i].thing_groups.count;
    p->groups = work_room(w, count * sizeof(*p->groups));
    p->bases = work_room(w, count * sizeof(*p->bases));
    p->waves = work_room(w, count * sizeof(*p->waves));
    for (size_t i = 0; i < s->wave_count; i++) {
        for (size_t j = 0; j < s->waves[i].thing_groups.count; j++) {
            p->groups[p->count].group = s->waves[i].thing_groups.items[j];
            p->waves[p->count++] = (int64_t)i;
        }
    }
}

void
plan_start(struct work *w)
{
    struct plan *p = w->story = work_room(w, sizeof(*p));
    struct json_value package;
    struct error e;

    if (!work_need(w, w->order->package, "package", &package))
        return;
    p->component = work_member(w, package, "component");
    p->version = work_member(w, package, "version");
    if (w->order->plan.len > 0 && !work_json(w, w->order->plan, &p->old, &e)) {
        work_fail(w, "the plan before cannot be read: %s", e.text);
        return;
    }
    list_groups(w);
    read_next(w);
}

static void
read_next(struct work *w)
{
    struct plan *p = w->story;

    if (p->at == p->count)
        write_plan(w);
    else
        target_read(w, &p->groups[p->at], group_was_read);
}

static void
group_was_read(struct work *w, struct target *t)
{
    struct plan *p = w->story;
    struct before *b = &p->bases[p->at];

    if (!target_is_ours(w, t) || json_exists(group_of(p->old, t->group))) {
        p->at++;
        read_next(w);
        return;
    }
    *b = (struct before){
        .target = t, .component = p->component, .version = p->version, .then = base_was_found
    };
    before_start(w, b);
}

static void
base_was_found(struct work *w, struct before *b)
{
    struct plan *p = w->story;

    (void)b;
    p->at++;
    read_next(w);
}

/* ---- writing -------------------------------------------------------------------------------- */

static void
write_text_or_null(struct json_out *out, const char *key, const char *text)
{
    json_key(out, key);
    if (text != NULL && text[0] != '\0')
        json_string(out, str_of(text));
    else
        json_null(out);
}

static void
write_json_or_null(struct json_out *out, const char *key, struct str json)
{
    json_key(out, key);
    if (json.len > 0)
        json_verbatim(out, json);
    else
        json_null(out);
}

/* What the group runs of ours: what it ran before slipway, or what it ran before the halt. */
static void
write_base(struct json_out *out, const char *id, struct json_value old, struct str entry,
           const char *version)
{
    static const char *const KEYS[] = { "base_deployment_id", "base_version", "base_entry" };

    if (json_exists(old)) {
        for (size_t i = 0; i < ARRAY_LEN(KEYS); i++)
            write_json_or_null(out, KEYS[i], json_source(json_get(old, KEYS[i])));
        return;
    }
    write_text_or_null(out, KEYS[0], id);
    write_text_or_null(out, KEYS[1], version);
    write_json_or_null(out, KEYS[2], entry);
}

static void
write_change(struct json_out *out, const struct plan *p, const char *from)
{
    json_key(out, "changes");
    json_open(out, '[');
    json_open(out, '{');
    json_member(out, "component", str_of(p->component));
    write_text_or_null(out, "from", from);
    json_member(out, "to", str_of(p->version));
    json_close(out, '}');
    json_close(out, ']');
}

static bool
write_group(struct work *w, struct json_out *out, size_t i, struct error *e)
{
    struct plan *p = w->story;
    const struct target *t = &p->groups[i];
    struct buf entry = { .max = WORK_TEXT_MAX }, unpinned = { .max = WORK_TEXT_MAX };
    struct json_value old = { 0 };
    char version[80];
    bool ok = merge_find(str_of(t->components), p->component, &entry, version, sizeof(version),
                         e) &&
              merge_unpinned(str_of(t->components), &unpinned, e);

    if (ok) {
        /* Somebody else may have deployed since, and kept our component in it. */
        if (target_is_ours(w, t) || strcmp(version, p->version) == 0)
            old = group_of(p->old, t->group);
        json_open(out, '{');
        json_member(out, "group", str_of(t->group));
        json_member(out, "arn", str_of(t->arn));
        json_member_int(out, "wave", p->waves[i]);
        if (p->bases[i].known)
            write_base(out, p->bases[i].id, old, str_of(p->bases[i].entry),
                       p->bases[i].base_version);
        else
            write_base(out, t->id, old, buf_str(&entry), version);
        write_text_or_null(out, "seen_deployment_id", t->id);
        write_change(out, p, version);
        json_key(out, "unpinned");
        json_verbatim(out, buf_str(&unpinned));
        json_close(out, '}');
    }
    buf_free(&entry);
    buf_free(&unpinned);
    return ok || error_while(e, "thing group %s", t->group);
}

static void
write_plan(struct work *w)
{
    struct plan *p = w->story;
    struct json_out out = json_out(&w->document);
    struct error e;

    json_open(&out, '{');
    json_member(&out, "schema", STR("slipway.plan/1"));
    json_member(&out, "component", str_of(p->component));
    json_member(&out, "version", str_of(p->version));
    json_key(&out, "groups");
    json_open(&out, '[');
    for (size_t i = 0; i < p->count; i++) {
        if (!write_group(w, &out, i, &e)) {
            work_fail(w, "%s", e.text);
            return;
        }
    }
    json_close(&out, ']');
    json_close(&out, '}');
    work_finish(w);
}
