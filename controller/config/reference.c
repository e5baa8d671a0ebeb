/* The reference page, from the table. */

#include <stdio.h>
#include <string.h>

#include "config/formats.h"
#include "config/tree.h"
#include "config/values.h"
#include "config/walk.h"

static const char HEAD[] =
    "# Configuration\n"
    "\n"
    "<!-- Written by `slipway config reference`; a test holds it to the table in "
    "controller/config/. "
    "-->\n"
    "\n"
    "`slipwayd` reads one YAML file: what `-c FILE` names, else what the variable "
    "`SLIPWAY_CONFIG`\n"
    "names, else `/etc/slipway/slipway.yaml`. `slipway check FILE` says what is wrong with one,\n"
    "`slipway config schema` prints its JSON Schema (draft 2020-12), `deploy/slipway.yaml` is one "
    "to\n"
    "begin with. With the schema in a file, the line\n"
    "`# yaml-language-server: $schema=slipway.schema.json` makes editors complete and check.\n"
    "\n"
    "A file with a mistake is refused as a whole: the daemon does not start (exit status 78), or, "
    "on\n"
    "SIGHUP, goes on with what it has and logs why. Settings marked *at the start* cannot be "
    "changed\n"
    "by SIGHUP.\n"
    "\n"
    "## How values are written\n"
    "\n"
    "The file is at most 256 KiB of UTF-8, one document, in the part of YAML that every reader\n"
    "understands alike: no anchors, aliases, tags or merge keys, no key twice, at most 32 levels "
    "deep.\n"
    "JSON is accepted, for it is a part of YAML.\n"
    "\n"
    "- **Text**: in quotes or without. What other readers of YAML take for a number, `true`, "
    "`false`\n"
    "  or `null` needs quotes, but in lists of accounts, in arguments and in environments.\n"
    "- **Duration**: one whole number with `s`, `m`, `h` or `d`: `90s`, `5m`, `2h`, `7d`.\n"
    "- **Share**: whole percents, `95%` or `95`.\n"
    "- **Number**, `true`, `false`: without quotes.\n"
    "- **Empty text**: only where it is said to mean something; otherwise leave the line out.\n"
    "\n"
    "### Patterns\n"
    "\n"
    "A pattern is in the language of Amazon EventBridge, which `docs/patterns.md` describes. It "
    "is\n"
    "written as a YAML map, or as a text that holds its JSON. In a map:\n"
    "\n"
    "- what stands in quotes (or in a block, `|` or `>`) is a string, always;\n"
    "- `true`, `false` and `null` without quotes are those values;\n"
    "- what is a number by the grammar of JSON (`0.95`, `-1`, `1e3`) is a number, digit by digit "
    "as\n"
    "  written;\n"
    "- what some reader of YAML takes for a number, a truth value or nothing, but JSON does not, "
    "is\n"
    "  refused: `yes`, `True`, `~`, `.5`, `012`, `0x1f`, `1_000`, `1:30`, `.inf`; put it in "
    "quotes, or\n"
    "  write it as JSON does;\n"
    "- everything else is a string;\n"
    "- keys are strings.\n"
    "\n"
    "### Commands\n"
    "\n"
    "A command is a list: the absolute path of a program, then its arguments. It is run as it "
    "stands,\n"
    "without a shell. A `{name}` inside an argument is replaced, unless it is in the program's "
    "path;\n"
    "other braces are ordinary characters, so JSON may be an argument. YAML wants an argument "
    "that\n"
    "begins with a brace in quotes: `\"{input}\"`.\n";

static const char KEYS[] =
    "\n"
    "Secrets are those of Standard Webhooks: `whsec_` and 24 to 64 bytes in base64, made with\n"
    "`echo whsec_$(openssl rand -base64 32)`. Keep them in files that only the daemon may read. "
    "With\n"
    "two keys for one approver both are good: add the new one, reload, change the signer, take the "
    "old\n"
    "one away. No two approvers may have the same key.\n";

/* ---- one setting ---------------------------------------------------------------------------- */

static void
add_words(const char *const *words, struct buf *out)
{
    for (size_t i = 0; words[i] != NULL; i++)
        buf_printf(out, "%s`%s`",
                   i == 0                 ? ""
                   : words[i + 1] == NULL ? " or "
                                          : ", ",
                   words[i][0] != '\0' ? words[i] : "\"\"");
}

static void
add_value(const struct setting *row, struct buf *out)
{
    char least[DURATION_SIZE], most[DURATION_SIZE];

    switch (row->type) {
    case SETTING_TEXT:
    case SETTING_SECRET:
        buf_printf(out, "%s", row->format != NULL ? row->format->name : "a text");
        break;
    case SETTING_WORD:
    case SETTING_CHOICE:
        add_words(row->words, out);
        break;
    case SETTING_DURATION:
        buf_printf(out, "a duration, %s to %s", duration_text(row->least, least),
                   duration_text(row->most, most));
        break;
    case SETTING_INTEGER:
        buf_printf(out, "a number, %lld to %lld", (long long)row->least, (long long)row->most);
        break;
    case SETTING_PERCENT:
        buf_printf(out, "a share, %lld%% to %lld%%", (long long)row->least, (long long)row->most);
        break;
    case SETTING_FLAG:
        buf_printf(out, "`true` or `false`");
        break;
    case SETTING_TEXTS:
        buf_printf(out, "a list, each %s", row->format->name);
        break;
    case SETTING_ARGV:
        buf_printf(out, "a command");
        break;
    case SETTING_ENVIRONMENT:
        buf_printf(out, "a map of names to texts");
        break;
    case SETTING_ENDPOINTS:
        buf_printf(out, "a map from ");
        add_words(row->words, out);
        buf_printf(out, " to URLs");
        break;
    case SETTING_PATTERN:
        buf_printf(out, "a pattern");
        break;
    case SETTING_SECTION:
        buf_printf(out, "a map, see `%s`", row->section->name);
        break;
    case SETTING_SECTIONS:
    case SETTING_KEYS:
        buf_printf(out, "a list of maps, see `%s`", row->section->name);
        break;
    }
}

static void
add_default(const struct setting *row, struct buf *out)
{
    if (row->required)
        buf_printf(out, "**required**");
    else if (row->choice != NULL)
        buf_printf(out, "one of these");
    else if (row->initial != NULL)
        buf_printf(out, "`%s`", row->initial);
    if (row->only != NULL)
        buf_printf(out, "%sdriver `%s` only",
                   row->required || row->choice != NULL || row->initial != NULL ? ", " : "",
                   row->only);
}

static void
add_setting(const struct setting *row, struct buf *out)
{
    buf_printf(out, "| `%s` | ", row->key);
    add_value(row, out);
    buf_printf(out, " | ");
    add_default(row, out);
    buf_printf(out, " | %s", row->meaning);
    if (row->with != NULL)
        buf_printf(out, " Together with `%s`.", row->with);
    if (row->fixed)
        buf_printf(out, " *At the start.*");
    if (row->example != NULL && row->section == NULL)
        buf_printf(out, " Example: `%s`", row->example);
    buf_printf(out, " |\n");
}

/* ---- sections ------------------------------------------------------------------------------- */

static void
add_section(const struct section *section, struct buf *out)
{
    if (section->name[0] != '\0')
        buf_printf(out, "\n## `%s`: %s\n", section->name, section->title);
    else
        buf_printf(out, "\n## %s\n", section->title);
    buf_printf(out, "\n| setting | value | left out | meaning |\n|---|---|---|---|\n");
    for (size_t i = 0; i < section->count; i++)
        add_setting(&section->settings[i], out);
    if (strcmp(section->name, "approvers[].keys[]") == 0)
        buf_add(out, str_of(KEYS));
}

static void
add_placeholders(const char *what, const struct placeholder *p, struct buf *out)
{
    buf_printf(out, "\n| in %s | is |\n|---|---|\n", what);
    for (; p->name != NULL; p++)
        buf_printf(out, "| `{%s}` | %s |\n", p->name, p->meaning);
}

void
config_reference(struct buf *out)
{
    const struct section *sections[SECTIONS_MAX];
    size_t count = sections_below(&file_section, sections, SECTIONS_MAX);

    buf_add(out, str_of(HEAD));
    add_placeholders("`compile.argv`", compile_placeholders, out);
    add_placeholders("`twin.deploy.argv`, `twin.test.argv`", twin_placeholders, out);
    for (size_t i = 0; i < count; i++)
        add_section(sections[i], out);
}
