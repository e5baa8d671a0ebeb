#include "config/tree.h"

#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "config/syntax.h"
#include "platform/secret.h"

struct tree_reader {
    yaml_parser_t parser;
    struct str text;
    struct long_quote quote;
    const struct reporter *report;
};

static struct place
place_of(const yaml_event_t *event)
{
    return (struct place){ event->start_mark.line + 1, event->start_mark.column + 1 };
}

/* ---- the words of YAML that are refused ------------------------------------------------------ */

static const yaml_char_t *
anchor_of(const yaml_event_t *e)
{
    if (e->type == YAML_SCALAR_EVENT)
        return e->data.scalar.anchor;
    if (e->type == YAML_SEQUENCE_START_EVENT)
        return e->data.sequence_start.anchor;
    return e->type == YAML_MAPPING_START_EVENT ? e->data.mapping_start.anchor : NULL;
}

static const yaml_char_t *
tag_of(const yaml_event_t *e)
{
    if (e->type == YAML_SCALAR_EVENT)
        return e->data.scalar.tag;
    if (e->type == YAML_SEQUENCE_START_EVENT)
        return e->data.sequence_start.tag;
    return e->type == YAML_MAPPING_START_EVENT ? e->data.mapping_start.tag : NULL;
}

/* The next event, which the caller deletes; false after reporting. */
static bool
next(struct tree_reader *t, yaml_event_t *event)
{
    const char *refused = NULL;

    if (!yaml_parser_parse(&t->parser, event)) {
        syntax_report(&t->parser, t->text, t->quote, t->report);
        return false;
    }
    if (event->type == YAML_SCALAR_EVENT &&
        (event->data.scalar.style == YAML_DOUBLE_QUOTED_SCALAR_STYLE ||
         event->data.scalar.style == YAML_SINGLE_QUOTED_SCALAR_STYLE) &&
        event->start_mark.line != event->end_mark.line)
        t->quote = (struct long_quote){ place_of(event), event->end_mark.line + 1 };
    if (event->type == YAML_ALIAS_EVENT)
        refused = "an alias (*name) stands here; write the value again, or put the text in quotes";
    else if (anchor_of(event) != NULL)
        refused = "an anchor (&name) stands here; leave it out, or put the text in quotes";
    else if (tag_of(event) != NULL)
        refused = "a tag (!name) stands here; leave it out, or put the text in quotes";
    else if (event->type == YAML_DOCUMENT_START_EVENT &&
             event->data.document_start.tag_directives.start !=
                 event->data.document_start.tag_directives.end)
        refused = "a %TAG directive stands here; leave it out";
    if (refused == NULL)
        return true;
    report_problem(t->report, place_of(event), "%s", refused);
    yaml_event_delete(event);
    return false;
}

/* ---- nodes ---------------------------------------------------------------------------------- */

static bool read_node(struct tree_reader *t, const yaml_event_t *event, size_t depth,
                      struct node **out);

/* A copy of a scalar's text; false after reporting a NUL in it. */
static bool
copy_text(struct tree_reader *t, const yaml_event_t *event, struct str *out)
{
    struct str s = { (const char *)event->data.scalar.value, event->data.scalar.length };

    if (s.len > 0 && memchr(s.at, '\0', s.len) != NULL) {
        report_problem(t->report, place_of(event), "a NUL character stands in this text");
        return false;
    }
    *out = (struct str){ xstrcopy(s), s.len };
    return true;
}

static void
wipe_str(struct str *s)
{
    /* The text was copied by copy_text() and is ours to change. */
    char *own = (char *)(uintptr_t)s->at;

    if (own != NULL)
        secret_wipe(own, s->len);
    free(own);
    *s = (struct str){ NULL, 0 };
}

/* Hangs `member` behind `*last`; false after reporting that there are too many. */
static bool
append(struct tree_reader *t, struct node *parent, struct node **last, struct node *member)
{
    if (*last == NULL)
        parent->first = member;
    else
        (*last)->next = member;
    *last = member;
    if (++parent->count <= TREE_MEMBERS_MAX)
        return true;
    report_problem(t->report, parent->at, "this %s has more than %d entries",
                   parent->kind == NODE_MAP ? "map" : "list", TREE_MEMBERS_MAX);
    return false;
}

static bool
read_list(struct tree_reader *t, struct node *list, size_t depth)
{
    struct node *last = NULL;

    for (;;) {
        yaml_event_t event;
        struct node *member = NULL;
        bool ok, end;

        if (!next(t, &event))
            return false;
        end = event.type == YAML_SEQUENCE_END_EVENT;
        ok = end || read_node(t, &event, depth, &member);
        yaml_event_delete(&event);
        if (member != NULL)
            ok = append(t, list, &last, member) && ok;
        if (end || !ok)
            return ok;
    }
}

/* Takes the event of a key; false after reporting that it cannot be one. */
static bool
read_key(struct tree_reader *t, const yaml_event_t *event, struct str *key)
{
    if (event->type != YAML_SCALAR_EVENT) {
        report_problem(t->report, place_of(event),
                       "a key must be a text; put a text that begins with a bracket in quotes");
        return false;
    }
    if (event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE && event->data.scalar.length == 2 &&
        memcmp(event->data.scalar.value, "<<", 2) == 0) {
        report_problem(t->report, place_of(event),
                       "a merge key (<<) stands here; write the settings out");
        return false;
    }
    return copy_text(t, event, key);
}

/* Reads the value of `key`, which it keeps. */
static bool
read_member(struct tree_reader *t, struct node *map, struct node **last, struct str key,
            struct place key_at, size_t depth)
{
    struct node *member = NULL;
    const struct node *same = node_get(map, key.at);
    char buf[SHOWN_SIZE];
    yaml_event_t event;
    bool ok;

    if (same != NULL)
        report_problem(t->report, key_at, "%s is set twice, first at line %zu", shown(key, buf),
                       same->key_at.line);
    if (!next(t, &event)) {
        wipe_str(&key);
        return false;
    }
    ok = read_node(t, &event, depth, &member);
    yaml_event_delete(&event);
    if (member == NULL || same != NULL) {
        wipe_str(&key);
        tree_free(member);
        return ok;
    }
    member->key = key;
    member->key_at = key_at;
    return append(t, map, last, member) && ok;
}

static bool
read_map(struct tree_reader *t, struct node *map, size_t depth)
{
    struct node *last = NULL;

    for (;;) {
        yaml_event_t event;
        struct str key = { NULL, 0 };
        struct place key_at;
        bool ok, end;

        if (!next(t, &event))
            return false;
        end = event.type == YAML_MAPPING_END_EVENT;
        ok = end || read_key(t, &event, &key);
        key_at = place_of(&event);
        yaml_event_delete(&event);
        if (end || !ok)
            return ok;
        if (!read_member(t, map, &last, key, key_at, depth))
            return false;
    }
}

/* The node that begins with `event`, which stays the caller's; `*out` may be set on failure. */
static bool
read_node(struct tree_reader *t, const yaml_event_t *event, size_t depth, struct node **out)
{
    struct node *node = xcalloc(1, sizeof(*node));

    *out = node;
    node->at = place_of(event);
    if (event->type == YAML_SCALAR_EVENT) {
        node->kind = NODE_TEXT;
        node->quoted = event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
        return copy_text(t, event, &node->text);
    }
    if (depth == TREE_DEPTH_MAX) {
        report_problem(t->report, node->at, "lists and maps are nested deeper than %d here",
                       TREE_DEPTH_MAX);
        return false;
    }
    if (event->type == YAML_SEQUENCE_START_EVENT) {
        node->kind = NODE_LIST;
        node->flow = event->data.sequence_start.style == YAML_FLOW_SEQUENCE_STYLE;
        return read_list(t, node, depth + 1);
    }
    node->kind = NODE_MAP;
    node->flow = event->data.mapping_start.style == YAML_FLOW_MAPPING_STYLE;
    return read_map(t, node, depth + 1);
}

/* ---- the document --------------------------------------------------------------------------- */

/* Reads from the start of the stream to its end. */
static bool
read_stream(struct tree_reader *t, struct node **root)
{
    bool more = true;

    while (more) {
        yaml_event_t event;
        bool ok = true;

        if (!next(t, &event))
            return false;
        if (event.type == YAML_STREAM_END_EVENT)
            more = false;
        else if (event.type == YAML_DOCUMENT_START_EVENT && *root != NULL) {
            report_problem(t->report, place_of(&event),
                           "a second document (---) begins here; a configuration is one document");
            ok = false;
        } else if (event.type == YAML_SCALAR_EVENT || event.type == YAML_SEQUENCE_START_EVENT ||
                   event.type == YAML_MAPPING_START_EVENT)
            ok = read_node(t, &event, 0, root);
        yaml_event_delete(&event);
        if (!ok)
            return false;
    }
    return true;
}

struct node *
tree_read(struct str text, const struct reporter *r)
{
    struct tree_reader t = { .text = text, .report = r };
    struct node *root = NULL;
    struct place whole = { 0, 0 };

    if (text.len > CONFIG_TEXT_MAX) {
        report_problem(r, whole, "the file has more than %d bytes, which is all that is read",
                       CONFIG_TEXT_MAX);
        return NULL;
    }
    if (!yaml_parser_initialize(&t.parser)) {
        memory_exhausted();
        abort();
    }
    yaml_parser_set_encoding(&t.parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&t.parser, (const unsigned char *)(text.at != NULL ? text.at : ""),
                                 text.len);
    if (!read_stream(&t, &root)) {
        tree_free(root);
        root = NULL;
    } else if (root == NULL) {
        report_problem(r, whole, "the file is empty; see docs/configuration.md for a first one");
    }
    yaml_parser_delete(&t.parser);
    return root;
}

void
tree_free(struct node *node)
{
    struct node *member, *next_member;

    if (node == NULL)
        return;
    for (member = node->first; member != NULL; member = next_member) {
        next_member = member->next;
        tree_free(member);
    }
    wipe_str(&node->text);
    wipe_str(&node->key);
    free(node);
}

struct node *
node_get(const struct node *node, const char *key)
{
    if (node == NULL || node->kind != NODE_MAP)
        return NULL;
    for (struct node *member = node->first; member != NULL; member = member->next)
        if (str_is(member->key, key))
            return member;
    return NULL;
}

struct node *
node_item(const struct node *node, size_t index)
{
    struct node *member;

    if (node == NULL || node->kind != NODE_LIST)
        return NULL;
    for (member = node->first; member != NULL && index > 0; member = member->next)
        index--;
    return member;
}

const char *
node_kind_name(const struct node *node)
{
    if (node->kind == NODE_TEXT)
        return "a text";
    return node->kind == NODE_LIST ? "a list" : "a map";
}
