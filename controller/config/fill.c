#include "config/fill.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/formats.h"
#include "config/values.h"
#include "config/walk.h"

void
setting_path(char out[SETTING_PATH_SIZE], const char *path, const char *key)
{
    snprintf(out, SETTING_PATH_SIZE, "%.120s%s%.38s", path, path[0] != '\0' ? "." : "", key);
}

void
setting_path_index(char out[SETTING_PATH_SIZE], const char *path, size_t index)
{
    snprintf(out, SETTING_PATH_SIZE, "%.136s[%zu]", path, index);
}

void
wrong_kind(const struct reader *r, const struct node *node, const char *path, enum node_kind needed)
{
    static const char *const NAMES[] = {
        [NODE_TEXT] = "a text", [NODE_LIST] = "a list", [NODE_MAP] = "a map"
    };
    const char *hint = "";

    if (node->kind == NODE_TEXT && !node->quoted && reads_as_null(node->text)) {
        report_problem(&r->report, node->at,
                       "%s: there is no value; give one, or leave the line out", path);
        return;
    }
    if (needed == NODE_LIST)
        hint = node->kind == NODE_MAP ? "; begin each entry with \"- \"" : "; put it in [ ]";
    else if (needed == NODE_TEXT && node->kind == NODE_MAP && node->flow)
        hint = "; put a text that begins with a brace in quotes";
    else if (needed == NODE_MAP && node->kind == NODE_TEXT && !node->quoted &&
             !str_ends(str_of(path), "]"))
        hint = "; is there a colon after the setting, and a space after the colon";
    report_problem(&r->report, node->at, "%s: %s is needed here, not %s%s", path, NAMES[needed],
                   node_kind_name(node), hint);
}

/* ---- one value ------------------------------------------------------------------------------ */

/* Stores a single text of `row`; complains at its place. */
static bool
fill_text(const struct reader *r, const struct setting *row, const struct node *node, void *at,
          const char *path)
{
    struct complaint c;

    if (node->kind != NODE_TEXT) {
        wrong_kind(r, node, path, NODE_TEXT);
        return false;
    }
    if (value_read(row, node->text, node->quoted, at, &c))
        return true;
    report_problem(&r->report, node->at, "%s: %s", path, c.text);
    return false;
}

bool
right_count(const struct reader *r, const struct setting *row, const struct node *node,
            const char *path)
{
    if (node->count < (size_t)row->least)
        report_problem(&r->report, node->at, "%s: at least %lld is needed", path,
                       (long long)row->least);
    else if (node->count > (size_t)row->most)
        report_problem(&r->report, node->at, "%s: at most %lld are allowed, these are %zu", path,
                       (long long)row->most, node->count);
    else
        return true;
    return false;
}

static void
fill_texts(const struct reader *r, const struct setting *row, const struct node *node,
           struct setting_list *list, const char *path)
{
    char place[SETTING_PATH_SIZE], buf[SHOWN_SIZE];

    if (node->kind != NODE_LIST) {
        wrong_kind(r, node, path, NODE_LIST);
        return;
    }
    if (!right_count(r, row, node, path))
        return;
    list->items = xcalloc(node->count, sizeof(list->items[0]));
    for (const struct node *item = node->first; item != NULL; item = item->next) {
        setting_path_index(place, path, list->count);
        (void)fill_text(r, row, item, &list->items[list->count], place);
        for (const struct node *before = node->first; before != item; before = before->next) {
            if (item->kind == NODE_TEXT && before->kind == NODE_TEXT &&
                str_equal(item->text, before->text)) {
                report_problem(&r->report, item->at, "%s: %s stands in this list already", place,
                               shown(item->text, buf));
                break;
            }
        }
        list->count++;
    }
}

/* ---- endpoints, keys, sections -------------------------------------------------------------- */

static void
fill_endpoints(const struct reader *r, const struct setting *row, const struct node *node,
               void *base, const char *path)
{
    static const struct setting URL = { .type = SETTING_TEXT,
                                        .format = &format_endpoint,
                                        .most = 2048 };
    struct setting service = { .type = SETTING_WORD, .words = row->words };
    struct endpoint_settings *endpoints;
    size_t *count = stored(base, row->count_at);
    char place[SETTING_PATH_SIZE];
    struct complaint c;

    if (node->kind != NODE_MAP) {
        wrong_kind(r, node, path, NODE_MAP);
        return;
    }
    endpoints = xcalloc(node->count, sizeof(endpoints[0]));
    *(struct endpoint_settings **)stored(base, row->at) = endpoints;
    for (const struct node *item = node->first; item != NULL; item = item->next) {
        struct endpoint_settings *e = &endpoints[*count];

        setting_path(place, path, item->key.at);
        if (!value_read(&service, item->key, true, &e->service, &c)) {
            report_problem(&r->report, item->key_at, "%s: %s", path, c.text);
            continue;
        }
        ++*count;
        (void)fill_text(r, &URL, item, &e->url, place);
    }
}

static void
fill_keys(const struct reader *r, const struct setting *row, const struct node *node, void *base,
          const char *path)
{
    size_t *count = stored(base, row->count_at), index = 0;
    struct secret **keys;
    char place[SETTING_PATH_SIZE];

    if (node->kind != NODE_LIST) {
        wrong_kind(r, node, path, NODE_LIST);
        return;
    }
    if (!right_count(r, row, node, path))
        return;
    keys = xcalloc(node->count, sizeof(keys[0]));
    *(struct secret ***)stored(base, row->at) = keys;
    for (const struct node *item = node->first; item != NULL; item = item->next, index++) {
        struct key_source source = { NULL, NULL, NULL };
        size_t before = r->report.to->problem_count + r->report.to->problems_more;

        setting_path_index(place, path, index);
        fill_section(r, row->section, item, &source, place);
        if (r->report.to->problem_count + r->report.to->problems_more == before) {
            keys[*count] = approver_key_read(r, &source, item->at, place);
            *count += keys[*count] != NULL;
        }
        section_free(row->section, &source);
    }
}

static void
fill_sections(const struct reader *r, const struct setting *row, const struct node *node,
              void *base, const char *path)
{
    size_t *count = stored(base, row->count_at);
    char place[SETTING_PATH_SIZE];
    char *entries;

    if (node->kind != NODE_LIST) {
        wrong_kind(r, node, path, NODE_LIST);
        return;
    }
    if (!right_count(r, row, node, path))
        return;
    entries = xcalloc(node->count, row->section->size);
    memcpy(stored(base, row->at), &entries, sizeof(entries));
    for (const struct node *item = node->first; item != NULL; item = item->next, ++*count) {
        setting_path_index(place, path, *count);
        fill_section(r, row->section, item, entries + *count * row->section->size, place);
    }
}

void
fill_value(const struct reader *r, const struct setting *row, const struct node *node, void *base,
           const char *path)
{
    void *at = stored(base, row->at);

    switch (row->type) {
    case SETTING_TEXTS:
        fill_texts(r, row, node, at, path);
        break;
    case SETTING_ARGV:
        fill_argv(r, row, node, at, path);
        break;
    case SETTING_ENVIRONMENT:
        fill_environment(r, row, node, at, path);
        break;
    case SETTING_ENDPOINTS:
        fill_endpoints(r, row, node, base, path);
        break;
    case SETTING_PATTERN:
        *(const char **)at = pattern_text_read(r, node, path);
        break;
    case SETTING_SECTION:
        fill_section(r, row->section, node, at, path);
        break;
    case SETTING_SECTIONS:
        fill_sections(r, row, node, base, path);
        break;
    case SETTING_KEYS:
        fill_keys(r, row, node, base, path);
        break;
    case SETTING_TEXT:
    case SETTING_SECRET:
    case SETTING_WORD:
    case SETTING_CHOICE:
    case SETTING_DURATION:
    case SETTING_INTEGER:
    case SETTING_PERCENT:
    case SETTING_FLAG:
        (void)fill_text(r, row, node, at, path);
        break;
    }
}
