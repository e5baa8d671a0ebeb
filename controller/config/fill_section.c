#include <stdio.h>
#include <string.h>

#include "config/fill.h"
#include "config/values.h"

/* ---- unknown settings ----------------------------------------------------------------------- */

/* The name of another section that has a setting called `key`, or NULL. */
static const char *
belongs_to(struct str key, const struct section *here)
{
    const struct section *sections[SECTIONS_MAX];
    size_t count = sections_below(&file_section, sections, SECTIONS_MAX);

    for (size_t i = 0; i < count; i++)
        if (sections[i] != here && section_find(sections[i], key) != NULL)
            return sections[i]->name[0] != '\0' ? sections[i]->name : "the file itself";
    return NULL;
}

static void
report_unknown(const struct reader *r, const struct section *section, const struct node *member,
               const char *path)
{
    struct nearest nearest = { .word = member->key };
    const char *home = belongs_to(member->key, section), *in = path[0] != '\0' ? " in " : "";
    char buf[SHOWN_SIZE], known[300];
    size_t used = 0;

    known[0] = '\0';
    for (size_t i = 0; i < section->count; i++) {
        nearest_offer(&nearest, section->settings[i].key);
        if (used < sizeof(known))
            used += (size_t)snprintf(known + used, sizeof(known) - used, "%s%s", i > 0 ? ", " : "",
                                     section->settings[i].key);
    }
    if (nearest_found(&nearest) != NULL && (home == NULL || nearest.distance == 1))
        report_problem(&r->report, member->key_at, "unknown setting %s%s%s, did you mean \"%s\"",
                       shown(member->key, buf), in, path, nearest.best);
    else if (home != NULL)
        report_problem(&r->report, member->key_at,
                       "unknown setting %s%s%s; it belongs to %s, is the indentation right",
                       shown(member->key, buf), in, path, home);
    else
        report_problem(&r->report, member->key_at, "unknown setting %s%s%s; known are %s",
                       shown(member->key, buf), in, path, known);
}

/* ---- what a section must and must not hold -------------------------------------------------- */

/* A section as far as its driver says which settings mean something. */
struct scope {
    const struct reader *r;
    const struct section *section;
    const struct node *map;
    const char *path;
    const char *driver; /* NULL: has none, or it is not known. */
};

static const char *
driver_of(const struct section *section, const struct node *map)
{
    const struct setting *row = &section->settings[0];
    const struct node *given = node_get(map, "driver");

    if (strcmp(row->key, "driver") != 0)
        return NULL;
    if (given == NULL)
        return row->initial;
    for (size_t i = 0; given->kind == NODE_TEXT && row->words[i] != NULL; i++)
        if (str_is(given->text, row->words[i]))
            return row->words[i];
    return NULL;
}

static bool
means_something(const struct scope *s, const struct setting *row)
{
    return row->only == NULL || (s->driver != NULL && strcmp(row->only, s->driver) == 0);
}

static const char *
in_path(const struct scope *s, char buf[SETTING_PATH_SIZE + 8])
{
    snprintf(buf, SETTING_PATH_SIZE + 8, "%s%s", s->path[0] != '\0' ? " in " : "", s->path);
    return buf;
}

static void
check_members(const struct scope *s)
{
    const struct setting *row;
    const struct node *m;

    for (m = s->map->first; m != NULL; m = m->next) {
        row = section_find(s->section, m->key);
        if (row == NULL)
            report_unknown(s->r, s->section, m, s->path);
        else if (s->driver != NULL && !means_something(s, row))
            report_problem(&s->r->report, m->key_at,
                           "\"%s\" is for driver \"%s\", and the driver of %s is \"%s\"", row->key,
                           row->only, s->path, s->driver);
        else if (row->with != NULL && node_get(s->map, row->with) == NULL)
            report_problem(&s->r->report, m->key_at, "\"%s\" is of no use without \"%s\" in %s",
                           row->key, row->with, s->path);
    }
}

/* Of the settings that are a choice with `first`, exactly one is given. */
static void
check_choice(const struct scope *s, const struct setting *first)
{
    const char *names[5] = { NULL };
    const struct node *given = NULL, *second = NULL;
    char list[120], in[SETTING_PATH_SIZE + 8];
    size_t count = 0;

    for (const struct setting *row = first; row < s->section->settings + s->section->count; row++) {
        const struct node *m = node_get(s->map, row->key);

        if (row->choice == NULL || first->choice == NULL || strcmp(row->choice, first->choice) != 0)
            continue;
        if (count < ARRAY_LEN(names) - 1)
            names[count++] = row->key;
        if (m != NULL && given == NULL)
            given = m;
        else if (m != NULL)
            second = m;
    }
    words_text(names, list, sizeof(list));
    if (given == NULL)
        report_problem(&s->r->report, s->map->at, "one of %s is needed%s", list, in_path(s, in));
    else if (second != NULL)
        report_problem(&s->r->report, second->key_at, "only one of %s may be given%s", list,
                       in_path(s, in));
}

/* True if `row` is the first of its section that belongs to its choice. */
static bool
opens_choice(const struct section *section, const struct setting *row)
{
    if (row->choice == NULL)
        return false;
    for (const struct setting *before = section->settings; before < row; before++)
        if (before->choice != NULL && strcmp(before->choice, row->choice) == 0)
            return false;
    return true;
}

/* ---- defaults ------------------------------------------------------------------------------- */

static void
fill_default(const struct reader *r, const struct setting *row, void *base, const char *path)
{
    struct complaint c;

    if (row->type == SETTING_SECTION)
        fill_section(r, row->section, NULL, stored(base, row->at), path);
    else if (row->initial != NULL &&
             !value_read(row, str_of(row->initial), row->type == SETTING_WORD,
                         stored(base, row->at), &c))
        report_problem(&r->report, (struct place){ 0, 0 }, "the default of %s is wrong: %s", path,
                       c.text);
}

void
fill_section(const struct reader *r, const struct section *section, const struct node *map,
             void *base, const char *path)
{
    struct scope s = { r, section, NULL, path, driver_of(section, map) };
    char place[SETTING_PATH_SIZE], in[SETTING_PATH_SIZE + 8];

    if (map != NULL && map->kind != NODE_MAP)
        wrong_kind(r, map, path[0] != '\0' ? path : "the file", NODE_MAP);
    else
        s.map = map;
    if (s.map != NULL)
        check_members(&s);
    for (size_t i = 0; i < section->count; i++) {
        const struct setting *row = &section->settings[i];
        const struct node *node = node_get(s.map, row->key);

        setting_path(place, path, row->key);
        if (s.map != NULL && means_something(&s, row)) {
            if (node == NULL && row->required)
                report_problem(&r->report, s.map->at, "\"%s\" is missing%s", row->key,
                               in_path(&s, in));
            if (opens_choice(section, row))
                check_choice(&s, row);
        }
        if (node != NULL)
            fill_value(r, row, node, base, place);
        else
            fill_default(r, row, base, place);
    }
}
