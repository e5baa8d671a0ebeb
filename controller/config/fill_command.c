#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/fill.h"
#include "config/formats.h"
#include "config/values.h"
#include "config/walk.h"

static void
check_program(const struct reader *r, const struct node *node, const char *path)
{
    char buf[SHOWN_SIZE];
    struct stat seen;

    if (node->text.len == 0 || node->text.at[0] != '/')
        report_problem(&r->report, node->at,
                       "%s: %s is not an absolute path, such as /usr/bin/python3; programs are not "
                       "looked up in PATH",
                       path, shown(node->text, buf));
    else if (!r->source->look_at_files)
        return;
    else if (stat(node->text.at, &seen) != 0)
        report_problem(&r->report, node->at, "%s: %s cannot be run: %s", path,
                       shown(node->text, buf), strerror(errno));
    else if (!S_ISREG(seen.st_mode))
        report_problem(&r->report, node->at, "%s: %s cannot be run: it is no file", path,
                       shown(node->text, buf));
    else if (access(node->text.at, X_OK) != 0)
        report_problem(&r->report, node->at,
                       "%s: %s cannot be run: it is not executable (chmod +x)", path,
                       shown(node->text, buf));
}

static void
check_placeholders(const struct reader *r, const struct setting *row, const struct node *node,
                   bool program, const char *path)
{
    struct str before, name, rest = node->text;
    const struct placeholder *known;
    char list[200], buf[SHOWN_SIZE];

    while (placeholder_next(rest, &before, &name, &rest)) {
        struct nearest nearest = { .word = name };
        size_t used = 0;

        if (program) {
            report_problem(&r->report, node->at, "%s: a program's path takes no placeholder", path);
            return;
        }
        for (known = row->placeholders; known->name != NULL && !str_is(name, known->name);
             known++) {
            nearest_offer(&nearest, known->name);
            used += (size_t)snprintf(list + used, used < sizeof(list) ? sizeof(list) - used : 0,
                                     "%s{%s}", used > 0 ? " " : "", known->name);
        }
        if (known->name != NULL)
            continue;
        if (nearest_found(&nearest) != NULL)
            report_problem(&r->report, node->at,
                           "%s: unknown placeholder %s, did you mean \"{%s}\"", path,
                           shown(name, buf), nearest_found(&nearest));
        else
            report_problem(&r->report, node->at, "%s: unknown placeholder %s; known are %s", path,
                           shown(name, buf), list);
    }
}

void
fill_argv(const struct reader *r, const struct setting *row, const struct node *node,
          struct setting_list *list, const char *path)
{
    char place[SETTING_PATH_SIZE];
    struct complaint c;

    if (node->kind != NODE_LIST) {
        wrong_kind(r, node, path, NODE_LIST);
        return;
    }
    if (!right_count(r, row, node, path))
        return;
    list->items = xcalloc(node->count, sizeof(list->items[0]));
    for (const struct node *item = node->first; item != NULL; item = item->next, list->count++) {
        setting_path_index(place, path, list->count);
        if (item->kind != NODE_TEXT) {
            wrong_kind(r, item, place, NODE_TEXT);
            continue;
        }
        if (!value_check_argument(item->text, item->quoted, &c)) {
            report_problem(&r->report, item->at, "%s: %s", place, c.text);
            continue;
        }
        if (list->count == 0)
            check_program(r, item, place);
        check_placeholders(r, row, item, list->count == 0, place);
        list->items[list->count] = xstrcopy(item->text);
    }
}

void
fill_environment(const struct reader *r, const struct setting *row, const struct node *node,
                 struct setting_list *list, const char *path)
{
    static const struct setting NAME = { .type = SETTING_TEXT,
                                         .numbers = true,
                                         .format = &format_variable };
    char place[SETTING_PATH_SIZE];
    struct complaint c;

    if (node->kind != NODE_MAP) {
        wrong_kind(r, node, path, NODE_MAP);
        return;
    }
    if (!right_count(r, row, node, path))
        return;
    list->items = xcalloc(node->count, sizeof(list->items[0]));
    for (const struct node *item = node->first; item != NULL; item = item->next) {
        struct buf pair = { .max = CONFIG_TEXT_MAX };
        const char *name = NULL;

        setting_path(place, path, item->key.at);
        if (!value_read(&NAME, item->key, true, &name, &c))
            report_problem(&r->report, item->key_at, "%s: %s", path, c.text);
        else if (item->kind != NODE_TEXT)
            wrong_kind(r, item, place, NODE_TEXT);
        else if (!value_check_argument(item->text, item->quoted, &c))
            report_problem(&r->report, item->at, "%s: %s", place, c.text);
        else {
            buf_printf(&pair, "%s=", name);
            buf_add(&pair, item->text);
            list->items[list->count++] = pair.at;
        }
        text_free(name);
    }
}
