#include <assert.h>
#include <string.h>

#include "pattern_internal.h"

/*
 * Fields are satisfied one after the other, sorted by path.  A leaf inside
 * arrays pins, for each array around it, the element it lies in; later fields
 * must respect the pins ("array consistency").  A scalar that is itself an
 * element pins the arrays around its own array, but not that one.
 *
 * When a field cannot be satisfied, only another choice at a pin that it met
 * can help, so the search goes back to the youngest of these at once instead
 * of trying everything in between again.  Since paths are sorted, the fields
 * below one array are neighbours: whoever set a younger pin met the older ones,
 * too, so none is forgotten, and each element is looked at once for each
 * field.  Time is linear.
 *
 * The exception: a field that must be absent is helped by pins, so that it may
 * matter by which leaf an earlier field is satisfied, the one that pins less or
 * the one that pins more.  Both exist only if one field lies below another, or
 * if keys of the event have dots, so that a path has several beginnings.  Then
 * everything is tried, up to a number of steps.
 */

/* An array and the element that was chosen; lives on the stack of the search. */
struct pin {
    uint32_t array, element;
    const struct pin *older;
    uint32_t age; /* 1 for the first pin. */
};

struct search {
    const struct pattern *p;
    const uint32_t *fields; /* To be satisfied, sorted by path. */
    uint32_t count;
    struct json_value event;
    const struct pin *blame; /* After a failure: where another choice may help; NULL: nowhere. */
    uint32_t steps_left;
    uint32_t levels;              /* Calls of walk() that are not finished. */
    bool keys_known, keys_dotted; /* Whether some key of the event has a dot, once asked for. */
};

/* One field's way through the event. */
struct walk {
    struct search *s;
    uint32_t index;        /* In `fields`. */
    const struct pin *met; /* The youngest pin of earlier fields on the way. */
    bool leaf_seen;        /* There is a leaf that respects the pins. */
};

enum found {
    FOUND,  /* This field and all after it are satisfied. */
    NONE,   /* Nothing below here satisfies this field. */
    GO_BACK /* Something does, but a later field fails for what `blame` says. */
};

static bool satisfy(struct search *s, uint32_t index, const struct pin *pins);
static enum found walk(struct walk *w, uint32_t at, struct str rest, const struct pin *pins);

static bool
is_container(const struct json_token *t)
{
    return t->type == JSON_ARRAY || t->type == JSON_OBJECT;
}

/* True if some path might have several beginnings. */
static bool
has_dotted_keys(struct search *s)
{
    const struct json *doc = s->event.doc;
    const struct json_token *tokens = doc->tokens;

    for (uint32_t i = 0; i < doc->count && !s->keys_known && !s->keys_dotted; i++) {
        uint32_t key = i + 1, left = tokens[i].type == JSON_OBJECT ? tokens[i].size : 0;

        for (; left > 0; left--, key = tokens[key + 1].next)
            if (tokens[key].escaped || memchr(doc->text.at + tokens[key].start, '.',
                                              tokens[key].end - tokens[key].start) != NULL)
                s->keys_dotted = true;
    }
    s->keys_known = true;
    return s->keys_dotted;
}

static enum found
try_leaf(struct walk *w, uint32_t at, const struct pin *pins)
{
    const struct pattern *p = w->s->p;
    const struct field *f = &p->fields[w->s->fields[w->index]];

    w->leaf_seen = true;
    if (!pattern_field_accepts(p, f, (struct json_value){ w->s->event.doc, at }))
        return NONE;
    if (satisfy(w->s, w->index + 1, pins))
        return FOUND;
    return p->absence_below || (p->takes_absence && has_dotted_keys(w->s)) ? NONE : GO_BACK;
}

/*
 * How much of `path` the key takes: 0 if it is no beginning of it, else the
 * bytes of the key and of the dot after it, or more than `path.len` for all.
 */
static size_t
key_takes(const struct json *doc, const struct json_token *key, struct str path)
{
    struct json_bytes b;
    size_t len = key->end - key->start;

    if (key->escaped) {
        b = (struct json_bytes){ .at = doc->text.at + key->start, .end = doc->text.at + key->end };
        len = 0;
        for (int c = json_next_byte(&b); c >= 0; c = json_next_byte(&b), len++)
            if (len >= path.len || c != (unsigned char)path.at[len])
                return 0;
    } else if (len > path.len ||
               (len > 0 && memcmp(doc->text.at + key->start, path.at, len) != 0)) {
        return 0;
    }
    return len == path.len || path.at[len] == '.' ? len + 1 : 0;
}

static enum found
walk_object(struct walk *w, uint32_t at, struct str rest, const struct pin *pins)
{
    const struct json *doc = w->s->event.doc;
    uint32_t key = at + 1;
    enum found found = NONE;

    for (uint32_t left = doc->tokens[at].size; left > 0 && found == NONE; left--) {
        size_t taken = key_takes(doc, &doc->tokens[key], rest);
        struct str after = { NULL, 0 };

        if (taken > 0 && taken <= rest.len)
            after = (struct str){ rest.at + taken, rest.len - taken };
        if (taken > 0)
            found = walk(w, key + 1, after, pins);
        key = doc->tokens[key + 1].next;
    }
    return found;
}

static const struct pin *
find_pin(const struct pin *pins, uint32_t array)
{
    while (pins != NULL && pins->array != array)
        pins = pins->older;
    return pins;
}

static enum found
walk_array(struct walk *w, uint32_t at, struct str rest, const struct pin *pins)
{
    const struct json_token *tokens = w->s->event.doc->tokens;
    const struct pin *pinned = find_pin(pins, at);
    struct pin pin = { at, at + 1, pins, pins != NULL ? pins->age + 1 : 1 };
    enum found found = NONE;

    if (pinned != NULL) {
        /* By a field below this path, and those come later: this one goes on, too. */
        assert(rest.at != NULL);
        w->met = w->met == NULL || pinned->age > w->met->age ? pinned : w->met;
        return walk(w, pinned->element, rest, pins);
    }
    for (uint32_t left = tokens[at].size; left > 0 && found == NONE; left--) {
        bool scalar = !is_container(&tokens[pin.element]);

        found = walk(w, pin.element, rest, scalar ? pins : &pin);
        if (found == GO_BACK && w->s->blame == &pin)
            found = NONE;
        pin.element = tokens[pin.element].next;
    }
    return found;
}

/* Looks for a leaf at `rest` (NULL: here) below token `at`. */
static enum found
walk(struct walk *w, uint32_t at, struct str rest, const struct pin *pins)
{
    const struct json_token *t = &w->s->event.doc->tokens[at];
    enum found found = NONE;

    if (!is_container(t))
        return rest.at == NULL ? try_leaf(w, at, pins) : NONE;
    if (w->s->steps_left <= t->size || w->s->levels == PATTERN_LEVELS_MAX) {
        w->s->steps_left = 0;
        w->s->blame = NULL;
        return GO_BACK;
    }
    w->s->steps_left -= t->size + 1;
    w->s->levels++;
    if (t->type == JSON_ARRAY)
        found = walk_array(w, at, rest, pins);
    else if (rest.at != NULL)
        found = walk_object(w, at, rest, pins);
    w->s->levels--;
    return found;
}

/* Satisfies the fields from number `index` on; if that fails `blame` is set. */
static bool
satisfy(struct search *s, uint32_t index, const struct pin *pins)
{
    struct walk w = { s, index, NULL, false };
    const struct field *f;
    enum found found;

    if (index == s->count || s->steps_left == 0) {
        s->blame = NULL;
        return index == s->count;
    }
    f = &s->p->fields[s->fields[index]];
    found = walk(&w, s->event.at, f->path, pins);
    if (found == NONE && f->absence && !w.leaf_seen)
        found = satisfy(s, index + 1, pins) ? FOUND : GO_BACK;
    else if (found == NONE)
        s->blame = w.met;
    return found == FOUND;
}

bool
pattern_satisfied(const struct pattern *p, const uint32_t *fields, uint32_t count,
                  struct json_value event)
{
    struct search s = { .p = p, .fields = fields, .count = count, .event = event };

    s.steps_left = PATTERN_STEPS_MAX;
    return json_type(event) == JSON_OBJECT && satisfy(&s, 0, NULL);
}

/* What is left of the path behind a member; false if the key is no beginning of it. */
static bool
step_into(struct json_value key, struct str path, struct str *after)
{
    size_t taken;

    *after = path;
    if (!json_exists(key))
        return true; /* An element. */
    taken = key_takes(key.doc, &key.doc->tokens[key.at], path);
    *after = taken <= path.len ? (struct str){ path.at + taken, path.len - taken }
                               : (struct str){ NULL, 0 };
    return taken > 0;
}

struct json_value
pattern_first_leaf(struct json_value event, struct str path)
{
    struct json_value leaf = { NULL, 0 };
    struct json_cursor c;
    struct str after;

    if (!json_exists(event) || !is_container(&event.doc->tokens[event.at]))
        return path.at == NULL ? event : leaf;
    if (json_type(event) == JSON_OBJECT && path.at == NULL)
        return leaf;
    for (c = json_first(event); json_exists(c.value) && !json_exists(leaf); json_next(&c))
        if (step_into(c.key, path, &after))
            leaf = pattern_first_leaf(c.value, after);
    return leaf;
}

bool
pattern_match(const struct pattern *p, struct json_value event)
{
    for (uint32_t i = 0; i < p->alternative_count; i++)
        if (pattern_satisfied(p, p->alternatives[i].fields, p->alternatives[i].count, event))
            return true;
    return false;
}
