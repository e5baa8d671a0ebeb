/* The JSON Schema of the file, from the table. */

#include <string.h>

#include "config/tree.h"
#include "config/values.h"
#include "config/walk.h"

static void schema_of_section(const struct section *section, struct json_out *w);

static void
member(struct json_out *w, const char *key, const char *text)
{
    json_member(w, key, str_of(text));
}

/* ---- defaults and examples ------------------------------------------------------------------ */

static bool
is_number_type(enum setting_type type)
{
    return type == SETTING_INTEGER || type == SETTING_FLAG;
}

/* A value as YAML says it: without quotes, what reads as JSON's number or literal is that. */
static void
write_yaml(const struct node *node, struct json_out *w)
{
    if (node->kind == NODE_TEXT) {
        if (!node->quoted && reads_as_no_text(node->text))
            json_verbatim(w, node->text);
        else
            json_string(w, node->text);
        return;
    }
    json_open(w, node->kind == NODE_MAP ? '{' : '[');
    for (const struct node *m = node->first; m != NULL; m = m->next) {
        if (node->kind == NODE_MAP)
            json_key_str(w, m->key);
        write_yaml(m, w);
    }
    json_close(w, node->kind == NODE_MAP ? '}' : ']');
}

static void
write_example(const char *example, struct json_out *w)
{
    struct config_report report;
    struct reporter r = { "example", &report };
    struct node *node;

    memset(&report, 0, sizeof(report));
    node = tree_read(str_of(example), &r);
    if (node == NULL)
        return;
    json_key(w, "examples");
    json_open(w, '[');
    write_yaml(node, w);
    json_close(w, ']');
    tree_free(node);
}

static void
write_about(const struct setting *row, struct json_out *w)
{
    const char *example = row->example;

    member(w, "description", row->meaning);
    if (row->initial != NULL && is_number_type(row->type)) {
        json_key(w, "default");
        json_verbatim(w, str_of(row->initial));
    } else if (row->initial != NULL) {
        member(w, "default", row->initial);
    }
    if (example == NULL && row->initial == NULL && row->type == SETTING_TEXT && row->format != NULL)
        example = row->format->example;
    if (example != NULL)
        write_example(example, w);
    if (row->type == SETTING_SECRET)
        json_member_bool(w, "writeOnly", true);
}

/* ---- types ---------------------------------------------------------------------------------- */

static void
write_text_type(bool numbers, struct json_out *w)
{
    if (!numbers) {
        member(w, "type", "string");
        return;
    }
    json_key(w, "type");
    json_open(w, '[');
    json_string(w, STR("string"));
    json_string(w, STR("number"));
    json_string(w, STR("boolean"));
    json_close(w, ']');
}

static void
write_text(const struct setting *row, struct json_out *w)
{
    bool listed = row->type == SETTING_TEXTS || row->type == SETTING_ENDPOINTS;

    write_text_type(row->numbers, w);
    json_member_int(w, "minLength", !listed && row->least > 0 ? row->least : 1);
    json_member_int(w, "maxLength", !listed && row->most > 0 ? row->most : 1024);
    if (row->format != NULL)
        member(w, "pattern", row->format->regex);
}

static void
write_words(const char *const *words, struct json_out *w)
{
    json_key(w, "enum");
    json_open(w, '[');
    for (size_t i = 0; words[i] != NULL; i++)
        json_string(w, str_of(words[i]));
    json_close(w, ']');
}

/* Bounds are left to the daemon; whole seconds and the form are not. */
static void
write_duration(const struct setting *row, struct json_out *w)
{
    if (row->least > 0) {
        member(w, "type", "string");
        member(w, "pattern", "^[1-9][0-9]{0,8}[smhd]$");
        return;
    }
    json_key(w, "anyOf");
    json_open(w, '[');
    json_open(w, '{');
    member(w, "type", "string");
    member(w, "pattern", "^(0|[1-9][0-9]{0,8})[smhd]$");
    json_close(w, '}');
    json_open(w, '{');
    json_member_int(w, "const", 0);
    json_close(w, '}');
    json_close(w, ']');
}

static void
write_integer(const struct setting *row, struct json_out *w)
{
    member(w, "type", "integer");
    json_member_int(w, "minimum", row->least);
    json_member_int(w, "maximum", row->most);
}

static void
write_percent(const struct setting *row, struct json_out *w)
{
    json_key(w, "anyOf");
    json_open(w, '[');
    json_open(w, '{');
    write_integer(row, w);
    json_close(w, '}');
    json_open(w, '{');
    member(w, "type", "string");
    member(w, "pattern", row->least > 0 ? "^([1-9][0-9]?|100)%$" : "^(0|[1-9][0-9]?|100)%$");
    json_close(w, '}');
    json_close(w, ']');
}

static void
write_bounds(const struct setting *row, const char *least, const char *most, struct json_out *w)
{
    if (row->least > 0)
        json_member_int(w, least, row->least);
    json_member_int(w, most, row->most);
}

static void
write_texts(const struct setting *row, struct json_out *w)
{
    member(w, "type", "array");
    write_bounds(row, "minItems", "maxItems", w);
    json_member_bool(w, "uniqueItems", true);
    json_key(w, "items");
    json_open(w, '{');
    write_text(row, w);
    json_close(w, '}');
}

static void
write_argv(const struct setting *row, struct json_out *w)
{
    member(w, "type", "array");
    write_bounds(row, "minItems", "maxItems", w);
    json_key(w, "prefixItems");
    json_open(w, '[');
    json_open(w, '{');
    member(w, "type", "string");
    member(w, "pattern", "^/");
    json_close(w, '}');
    json_close(w, ']');
    json_key(w, "items");
    json_open(w, '{');
    write_text_type(true, w);
    json_close(w, '}');
}

static void
write_environment(const struct setting *row, struct json_out *w)
{
    member(w, "type", "object");
    json_member_int(w, "maxProperties", row->most);
    json_key(w, "propertyNames");
    json_open(w, '{');
    member(w, "pattern", "^[A-Za-z_][A-Za-z0-9_]{0,127}$");
    json_close(w, '}');
    json_key(w, "additionalProperties");
    json_open(w, '{');
    write_text_type(true, w);
    json_close(w, '}');
}

static void
write_endpoints(const struct setting *row, struct json_out *w)
{
    member(w, "type", "object");
    json_key(w, "propertyNames");
    json_open(w, '{');
    write_words(row->words, w);
    json_close(w, '}');
    json_key(w, "additionalProperties");
    json_open(w, '{');
    write_text(row, w);
    json_close(w, '}');
}

static void
write_sections(const struct setting *row, struct json_out *w)
{
    member(w, "type", "array");
    write_bounds(row, "minItems", "maxItems", w);
    json_key(w, "items");
    json_open(w, '{');
    schema_of_section(row->section, w);
    json_close(w, '}');
}

static void
write_pattern(struct json_out *w)
{
    json_key(w, "type");
    json_open(w, '[');
    json_string(w, STR("object"));
    json_string(w, STR("string"));
    json_close(w, ']');
    json_member_int(w, "minProperties", 1);
    json_member_int(w, "minLength", 1);
}

static void
write_setting(const struct setting *row, struct json_out *w)
{
    json_key(w, row->key);
    json_open(w, '{');
    switch (row->type) {
    case SETTING_TEXT:
    case SETTING_SECRET:
        write_text(row, w);
        break;
    case SETTING_WORD:
    case SETTING_CHOICE:
        write_words(row->words, w);
        break;
    case SETTING_DURATION:
        write_duration(row, w);
        break;
    case SETTING_INTEGER:
        write_integer(row, w);
        break;
    case SETTING_PERCENT:
        write_percent(row, w);
        break;
    case SETTING_FLAG:
        member(w, "type", "boolean");
        break;
    case SETTING_TEXTS:
        write_texts(row, w);
        break;
    case SETTING_ARGV:
        write_argv(row, w);
        break;
    case SETTING_ENVIRONMENT:
        write_environment(row, w);
        break;
    case SETTING_ENDPOINTS:
        write_endpoints(row, w);
        break;
    case SETTING_PATTERN:
        write_pattern(w);
        break;
    case SETTING_SECTION:
        schema_of_section(row->section, w);
        break;
    case SETTING_SECTIONS:
    case SETTING_KEYS:
        write_sections(row, w);
        break;
    }
    write_about(row, w);
    json_close(w, '}');
}

/* ---- sections ------------------------------------------------------------------------------- */

static bool
same_word(const char *a, const char *b)
{
    return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

/* What must be given of the settings whose `only` is `driver`. */
static void
write_needed(const struct section *section, const char *driver, struct json_out *w)
{
    const char *choice = NULL;

    json_key(w, "required");
    json_open(w, '[');
    for (size_t i = 0; i < section->count; i++)
        if (section->settings[i].required && same_word(section->settings[i].only, driver))
            json_string(w, str_of(section->settings[i].key));
    json_close(w, ']');
    for (size_t i = 0; i < section->count && choice == NULL; i++)
        if (same_word(section->settings[i].only, driver))
            choice = section->settings[i].choice;
    if (choice == NULL)
        return;
    json_key(w, "oneOf");
    json_open(w, '[');
    for (size_t i = 0; i < section->count; i++) {
        if (section->settings[i].choice == NULL || !same_word(section->settings[i].choice, choice))
            continue;
        json_open(w, '{');
        json_key(w, "required");
        json_open(w, '[');
        json_string(w, str_of(section->settings[i].key));
        json_close(w, ']');
        json_close(w, '}');
    }
    json_close(w, ']');
}

/* "if the driver is this one, then these are needed and those are not known". */
static void
write_driver(const struct section *section, const char *driver, struct json_out *w)
{
    bool by_default = same_word(section->settings[0].initial, driver);

    json_open(w, '{');
    json_key(w, "if");
    json_open(w, '{');
    json_key(w, "properties");
    json_open(w, '{');
    json_key(w, "driver");
    json_open(w, '{');
    member(w, "const", driver);
    json_close(w, '}');
    json_close(w, '}');
    if (!by_default) {
        json_key(w, "required");
        json_open(w, '[');
        json_string(w, STR("driver"));
        json_close(w, ']');
    }
    json_close(w, '}');
    json_key(w, "then");
    json_open(w, '{');
    write_needed(section, driver, w);
    json_key(w, "properties");
    json_open(w, '{');
    for (size_t i = 0; i < section->count; i++)
        if (section->settings[i].only != NULL && !same_word(section->settings[i].only, driver))
            json_member_bool(w, section->settings[i].key, false);
    json_close(w, '}');
    json_close(w, '}');
    json_close(w, '}');
}

static void
write_company(const struct section *section, struct json_out *w)
{
    json_key(w, "dependentRequired");
    json_open(w, '{');
    for (size_t i = 0; i < section->count; i++) {
        if (section->settings[i].with == NULL)
            continue;
        json_key(w, section->settings[i].key);
        json_open(w, '[');
        json_string(w, str_of(section->settings[i].with));
        json_close(w, ']');
    }
    json_close(w, '}');
}

static void
schema_of_section(const struct section *section, struct json_out *w)
{
    const struct setting *driver = &section->settings[0];

    member(w, "type", "object");
    json_member_bool(w, "additionalProperties", false);
    write_needed(section, NULL, w);
    write_company(section, w);
    json_key(w, "properties");
    json_open(w, '{');
    for (size_t i = 0; i < section->count; i++)
        write_setting(&section->settings[i], w);
    json_close(w, '}');
    if (strcmp(driver->key, "driver") != 0)
        return;
    json_key(w, "allOf");
    json_open(w, '[');
    for (size_t i = 0; driver->words[i] != NULL; i++)
        write_driver(section, driver->words[i], w);
    json_close(w, ']');
}

void
config_schema(struct buf *out)
{
    struct json_out w = json_out(out);

    json_open(&w, '{');
    member(&w, "$schema", "https://json-schema.org/draft/2020-12/schema");
    member(&w, "title", "slipway.yaml");
    schema_of_section(&file_section, &w);
    member(&w, "description",
           "The configuration of slipwayd. The daemon checks more than a schema can: "
           "`slipway check FILE`.");
    json_close(&w, '}');
    buf_char(out, '\n');
}
