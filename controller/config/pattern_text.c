/* Patterns written in YAML become the JSON that the pattern engine reads. */

#include <assert.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/fill.h"
#include "config/values.h"
#include "slipway/json_write.h"
#include "slipway/pattern.h"

/* Where a part of the JSON came from. */
struct origin {
    size_t offset;
    struct place at;
};

struct translation {
    const struct reader *r;
    const char *path;
    struct json_out out;
    struct origin *origins; /* By rising offset; owned. */
    size_t count, room;
    bool refused;
};

static void
note_origin(struct translation *t, struct place at)
{
    if (t->count == t->room) {
        t->room = t->room > 0 ? t->room * 2 : 64;
        t->origins = xrealloc(t->origins, t->room * sizeof(t->origins[0]));
    }
    t->origins[t->count++] = (struct origin){ t->out.to->len, at };
}

/* Where byte `offset` of the JSON came from: the last part that began before it. */
static struct place
origin_of(const struct translation *t, size_t offset, struct place otherwise)
{
    struct place found = otherwise;

    for (size_t i = 0; i < t->count && t->origins[i].offset <= offset; i++)
        found = t->origins[i].at;
    return found;
}

/*
 * True if some reader of YAML takes the plain text `s` for no text, though it
 * is no literal of JSON: yes, True, .5, 0x1f, 1_000, 012, 1:30, .inf.  What was
 * meant cannot be told, and a wrong guess would be a pattern that never matches.
 */
static bool
is_ambiguous(const char *s)
{
    static const char EXPRESSION[] =
        "^(~|null|Null|NULL|True|TRUE|False|FALSE|y|Y|n|N|yes|Yes|YES|no|No|NO|on|On|ON|off|Off|"
        "OFF|"
        "[-+]?(\\.[0-9_]+|[0-9][0-9_]*(\\.[0-9_]*)?)([eE][-+]?[0-9]+)?|"
        "[-+]?0[xXoOb][0-9a-fA-F_]+|[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\\.[0-9_]*)?|"
        "[-+]?\\.(inf|Inf|INF)|\\.(nan|NaN|NAN))?$";
    regex_t compiled;
    bool ambiguous;

    if (regcomp(&compiled, EXPRESSION, REG_EXTENDED | REG_NOSUB) != 0)
        assert(0 && "the expression does not compile");
    ambiguous = regexec(&compiled, s, 0, NULL, 0) == 0;
    regfree(&compiled);
    return ambiguous;
}

static void
write_scalar(struct translation *t, const struct node *node)
{
    char buf[SHOWN_SIZE];

    if (!node->quoted && (str_is(node->text, "true") || str_is(node->text, "false") ||
                          str_is(node->text, "null") || is_json_number(node->text))) {
        json_verbatim(&t->out, node->text);
        return;
    }
    if (!node->quoted && is_ambiguous(node->text.at)) {
        report_problem(
            &t->r->report, node->at,
            "%s: %s without quotes is a number, a truth value or nothing, depending on who "
            "reads it; put it in quotes, or write it as JSON does",
            t->path, shown(node->text, buf));
        t->refused = true;
    }
    json_string(&t->out, node->text);
}

/* Recursion is bounded by TREE_DEPTH_MAX. */
static void
write_node(struct translation *t, const struct node *node)
{
    note_origin(t, node->at);
    if (node->kind == NODE_TEXT) {
        write_scalar(t, node);
        return;
    }
    json_open(&t->out, node->kind == NODE_MAP ? '{' : '[');
    for (const struct node *member = node->first; member != NULL; member = member->next) {
        if (node->kind == NODE_MAP) {
            note_origin(t, member->key_at);
            json_key_str(&t->out, member->key);
        }
        write_node(t, member);
    }
    json_close(&t->out, node->kind == NODE_MAP ? '}' : ']');
}

/* Moves the place in the JSON that the message begins with to the place in the YAML. */
static void
report_pattern(const struct translation *t, const struct node *node, const struct error *e)
{
    unsigned line, column;
    int skip = 0;

    if (node->kind != NODE_TEXT &&
        /* NOLINTNEXTLINE(cert-err34-c): a message of our own pattern reader. */
        sscanf(e->text, "line %u, column %u: %n", &line, &column, &skip) == 2 && skip > 0 &&
        line == 1 && column > 0)
        report_problem(&t->r->report, origin_of(t, column - 1, node->at), "%s: %s", t->path,
                       e->text + skip);
    else
        report_problem(&t->r->report, node->at, "%s: %s", t->path, e->text);
}

char *
pattern_text_read(const struct reader *r, const struct node *node, const char *path)
{
    struct buf text = { .max = CONFIG_TEXT_MAX * 4 };
    struct translation t = { .r = r, .path = path, .out = json_out(&text) };
    struct error e;
    bool ok;

    if (node->kind == NODE_TEXT && !node->quoted && reads_as_null(node->text)) {
        wrong_kind(r, node, path, NODE_MAP);
        return NULL;
    }
    if (node->kind == NODE_TEXT)
        buf_add(&text, str_trim(node->text));
    else
        write_node(&t, node);
    ok = !t.refused && pattern_check(buf_str(&text), &e);
    if (!ok && !t.refused)
        report_pattern(&t, node, &e);
    free(t.origins);
    if (ok)
        return text.at;
    buf_free(&text);
    return NULL;
}
