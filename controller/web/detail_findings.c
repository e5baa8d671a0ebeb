#include <string.h>

#include "detail_tables.h"
#include "web/document.h"
#include "web/html.h"

/* ---- gates ---------------------------------------------------------------------------------- */

static const char *
outcome_tone(struct json_value outcome)
{
    if (json_is(outcome, "passed"))
        return "good";
    if (json_is(outcome, "failed"))
        return "bad";
    return json_is(outcome, "skipped") ? "past" : "warn";
}

/* What the gate of this name asks for now, in the configuration; NULL if it is not there. */
static const char *
pattern_of(const struct pipeline_settings *p, struct json_value name)
{
    for (size_t i = 0; p != NULL && i < p->gate_count; i++)
        if (json_is(name, p->gates[i].name))
            return p->gates[i].pattern;
    return NULL;
}

static void
add_gate(struct buf *out, struct json_value gate, const struct pipeline_settings *p)
{
    const char *pattern = pattern_of(p, json_get(gate, "name"));

    html(out, "<tr><th scope=\"row\" data-label=\"Gate\">");
    document_text(out, gate, "name");
    html(out, "</th><td data-label=\"Outcome\"><span class=\"state ");
    buf_add(out, str_of(outcome_tone(json_get(gate, "outcome"))));
    html(out, "\">");
    document_text(out, gate, "outcome");
    html(out, "</span></td><td data-label=\"Value and limit\">");
    document_text(out, gate, "text");
    html(out, "</td><td data-label=\"Asks for\"><code>");
    html_string(out, pattern != NULL ? pattern : "not configured any more");
    html(out, "</code></td></tr>\n");
}

static void
add_gates(struct buf *out, struct json_value verdict, const struct pipeline_settings *p)
{
    struct json_value gates = json_get(verdict, "gates");

    html(out, "<section aria-labelledby=\"gates\">\n<h2 id=\"gates\">Gates</h2>\n<p>");
    document_text(out, verdict, "summary");
    html(out, "</p>\n");
    if (json_size(gates) > 0) {
        html(out, "<table>\n<caption>Gates over the results of the twin's tests</caption>\n<thead>"
                  "<tr><th scope=\"col\">Gate</th><th scope=\"col\">Outcome</th>"
                  "<th scope=\"col\">Value and limit</th><th scope=\"col\">Asks for</th></tr>"
                  "</thead>\n<tbody>\n");
        for (struct json_cursor c = json_first(gates); json_exists(c.value); json_next(&c))
            add_gate(out, c.value, p);
        html(out, "</tbody>\n</table>\n");
    }
    html(out, "</section>\n");
}

bool
detail_gates(struct buf *out, const struct shown *s, const struct shown_source *from,
             struct error *e)
{
    const struct pipeline_settings *p = from->settings != NULL
                                            ? settings_pipeline(from->settings, s->v.d.pipeline)
                                            : NULL;
    struct document d;

    if (!document_load(&d, from->store, s->v.d.id, "verdict", e))
        return false;
    if (d.is_json)
        add_gates(out, json_root(&d.json), p);
    document_unload(&d);
    return true;
}

/* ---- plan ----------------------------------------------------------------------------------- */

static void
add_change(struct buf *out, struct json_value change)
{
    document_text(out, change, "component");
    html(out, ": ");
    if (json_type(json_get(change, "from")) == JSON_STRING)
        document_text(out, change, "from");
    else
        html(out, "not there");
    html(out, " \xe2\x86\x92 ");
    if (json_type(json_get(change, "to")) == JSON_STRING)
        document_text(out, change, "to");
    else
        html(out, "removed");
}

static void
add_group(struct buf *out, struct json_value group)
{
    int64_t wave = 0;
    struct json_cursor c = json_first(json_get(group, "changes"));

    html(out, "<tr><td data-label=\"Wave\">");
    if (json_int(json_get(group, "wave"), &wave))
        html_int(out, wave + 1);
    html(out, "</td><th scope=\"row\" data-label=\"Thing group\">");
    document_text(out, group, "group");
    html(out, "</th><td data-label=\"Changes\">");
    for (bool more = false; json_exists(c.value); json_next(&c), more = true) {
        if (more)
            html(out, "<br>");
        add_change(out, c.value);
    }
    html(out, "</td><td data-label=\"Without a fixed version\">");
    if (json_size(json_get(group, "unpinned")) > 0)
        document_show(out, json_get(group, "unpinned"));
    else
        html(out, "none");
    html(out, "</td><td data-label=\"Replaces\">");
    if (json_type(json_get(group, "seen_deployment_id")) == JSON_STRING) {
        html(out, "<code>");
        document_text(out, group, "seen_deployment_id");
        html(out, "</code>");
    } else {
        html(out, "nothing");
    }
    html(out, "</td></tr>\n");
}

static void
add_plan(struct buf *out, struct json_value groups)
{
    html(out, "<table>\n<caption>What changes on each thing group; every other component stays as "
              "it is</caption>\n<thead><tr><th scope=\"col\">Wave</th>"
              "<th scope=\"col\">Thing group</th><th scope=\"col\">Changes</th>"
              "<th scope=\"col\">Without a fixed version</th>"
              "<th scope=\"col\">Replaces Greengrass deployment</th></tr></thead>\n<tbody>\n");
    for (struct json_cursor c = json_first(groups); json_exists(c.value); json_next(&c))
        add_group(out, c.value);
    html(out, "</tbody>\n</table>\n");
}

bool
detail_plan(struct buf *out, const struct shown *s, const struct shown_source *from,
            struct error *e)
{
    struct document d;
    struct json_value groups;

    if (!document_load(&d, from->store, s->v.d.id, "plan", e))
        return false;
    if (d.exists) {
        html(out, "<section aria-labelledby=\"plan\">\n<h2 id=\"plan\">What changes</h2>\n");
        groups = d.is_json ? json_get(json_root(&d.json), "groups") : (struct json_value){ 0 };
        if (json_type(groups) == JSON_ARRAY && json_exists(groups))
            add_plan(out, groups);
        else
            html_text(out, buf_str(&d.text));
        html(out, "</section>\n");
    }
    document_unload(&d);
    return true;
}

/* ---- the rest ------------------------------------------------------------------------------- */

static bool
add_document(struct buf *out, struct store *store, int64_t id, const char *kind,
             const char *heading, struct error *e)
{
    struct document d;

    if (!document_load(&d, store, id, kind, e))
        return false;
    if (d.exists) {
        /* What the tests measured is what a person who approves wants to see. */
        buf_add(out, strcmp(kind, "result") == 0 ? STR("<details open>") : STR("<details>"));
        html(out, "\n<summary>");
        html_string(out, heading);
        html(out, "</summary>\n");
        if (d.is_json)
            document_show(out, json_root(&d.json));
        else
            html_text(out, buf_str(&d.text));
        html(out, "</details>\n");
    }
    document_unload(&d);
    return true;
}

bool
detail_findings(struct buf *out, const struct shown *s, const struct shown_source *from,
                struct error *e)
{
    static const char *const KINDS[][2] = {
        { "source", "What the registry said" },     { "compiled", "What was compiled" },
        { "package", "What was packaged" },         { "twin", "What was deployed to the twin" },
        { "result", "What the twin's tests said" }, { "plan", "The whole plan" },
        { "rollback", "What was rolled back" },
    };

    html(out,
         "<section aria-labelledby=\"docs\">\n<h2 id=\"docs\">What the stages found out</h2>\n");
    for (size_t i = 0; i < ARRAY_LEN(KINDS); i++)
        if (!add_document(out, from->store, s->v.d.id, KINDS[i][0], KINDS[i][1], e))
            return false;
    html(out, "<p><a href=\"../v1/deployments/");
    html_int(out, s->v.d.id);
    html(out, "\">All of it as JSON</a></p>\n</section>\n");
    return true;
}
