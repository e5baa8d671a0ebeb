/* links: slipway_config */

/* What is made from the table, and the file as a whole: reading, reloading, the documents. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/config.h"
#include "config/setting.h"
#include "config/values.h"
#include "slipway/json.h"
#include "suite.h"

static struct config_report report;

static char *
environment(const char *name)
{
    static char one[] = "whsec_AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";
    static char two[] = "whsec_AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI=";
    static char three[] = "whsec_AwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwM=";

    if (strcmp(name, "BOB_KEY") == 0)
        return two;
    return strcmp(name, "ALICE_NEXT") == 0 ? three : one;
}

static char *
content(const char *name)
{
    char path[512];
    char *text = calloc(1, 1 << 20);
    FILE *file;

    snprintf(path, sizeof(path), "%s/%s", SOURCE_DIR, name);
    file = fopen(path, "r");
    ck_assert_msg(file != NULL, "%s cannot be opened", path);
    ck_assert_ptr_nonnull(text);
    ck_assert_uint_lt(fread(text, 1, (1 << 20) - 1, file), (1 << 20) - 1);
    fclose(file);
    return text;
}

static struct settings *
read_text(const char *text)
{
    struct config_source source = { "c.yaml", str_of(text), false, environment, true };
    struct settings *s = config_read_text(&source, &report);

    ck_assert_msg(s != NULL, "%s", report.problems[0].text);
    return s;
}

/* The least file, with `old` replaced by `new`. */
static struct settings *
read_changed(const char *old, const char *new)
{
    char *text = content("tests/data/config/least.yaml"), *found = strstr(text, old);
    struct buf changed = { .max = 65536 };
    struct settings *s;

    ck_assert_msg(found != NULL, "%s", old);
    buf_add(&changed, (struct str){ text, (size_t)(found - text) });
    buf_add(&changed, str_of(new));
    buf_add(&changed, str_of(found + strlen(old)));
    s = read_text(changed.at);
    buf_free(&changed);
    free(text);
    return s;
}

/* ---- the table ------------------------------------------------------------------------------ */

static void
check_row(const struct section *section, const struct setting *row)
{
    union {
        int64_t number;
        const char *text;
        bool flag;
        unsigned index;
    } value = { 0 };
    struct complaint c;

    ck_assert_msg(row->meaning != NULL && strlen(row->meaning) > 10 &&
                      row->meaning[strlen(row->meaning) - 1] == '.',
                  "%s.%s has no meaning in a sentence", section->name, row->key);
    if (row->type == SETTING_DURATION)
        ck_assert_msg(row->least == 0 || row->least == 1000, "%s.%s cannot be set to 1 s",
                      section->name, row->key);
    if (row->initial == NULL)
        return;
    ck_assert_msg(!row->required, "%s.%s is required and has a default", section->name, row->key);
    ck_assert_msg(value_read(row, str_of(row->initial), row->type == SETTING_WORD, &value, &c),
                  "%s.%s: %s", section->name, row->key, c.text);
    if (row->type == SETTING_WORD || row->type == SETTING_TEXT)
        free((char *)(uintptr_t)value.text);
}

START_TEST(every_setting_has_a_meaning_and_a_default_that_fits)
{
    const struct section *sections[SECTIONS_MAX];
    size_t count = sections_below(&file_section, sections, SECTIONS_MAX), rows = 0;

    ck_assert_uint_lt(count, SECTIONS_MAX);
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < sections[i]->count; j++, rows++)
            check_row(sections[i], &sections[i]->settings[j]);
    ck_assert_uint_gt(rows, 80);
}
END_TEST

START_TEST(no_setting_is_stored_twice_or_outside_its_struct)
{
    const struct section *sections[SECTIONS_MAX];
    size_t count = sections_below(&file_section, sections, SECTIONS_MAX);

    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < sections[i]->count; j++) {
            const struct setting *row = &sections[i]->settings[j];

            ck_assert_uint_lt(row->at, sections[i]->size);
            for (size_t k = 0; k < j; k++) {
                ck_assert_str_ne(sections[i]->settings[k].key, row->key);
                /* `sweep` is stored in the file's own struct. */
                if (strcmp(row->key, "sweep") != 0)
                    ck_assert_uint_ne(sections[i]->settings[k].at, row->at);
            }
        }
}
END_TEST

/* ---- the digest ----------------------------------------------------------------------------- */

START_TEST(the_digest_names_what_a_pipeline_does_not_how_it_is_written)
{
    static const struct {
        const char *old, *new;
        bool same;
    } CHANGES[] = {
        { "# The least", "# Another remark\n#", true },
        { "pattern: {", "supersede: true\n    pattern: {", true },
        { "bucket: models", "bucket: \"models\", tries: 3", true },
        { "component: com.example.digits, bucket: models",
          "bucket: models, component: com.example.digits", true },
        { "store: /var/lib", "store: /srv", true },
        { "ALICE_KEY", "BOB_KEY", true },
        { "bucket: models", "bucket: model", false },
        { "[fleet]", "[fleet, more]", false },
        { "[digits]", "[digit]", false },
        { "name: all", "name: every", false },
        { "\"{output}\"", "\"{output} \"", false },
        { "test: {", "tries: 3, test: {", false },
        { "pattern: {", "stage_timeout: 1s\n    pattern: {", false },
    };
    struct settings *first = read_changed("", ""), *other;

    for (size_t i = 0; i < ARRAY_LEN(CHANGES); i++) {
        other = read_changed(CHANGES[i].old, CHANGES[i].new);
        ck_assert_msg((strcmp(first->pipelines[0].digest, other->pipelines[0].digest) == 0) ==
                          CHANGES[i].same,
                      "%s", CHANGES[i].new);
        config_free(other);
    }
    config_free(first);
}
END_TEST

/* ---- reloading ------------------------------------------------------------------------------ */

START_TEST(what_is_read_at_the_start_only_cannot_be_reloaded)
{
    struct settings *old = read_changed("", ""), *new = read_changed("fleet", "other");
    struct error e;

    ck_assert(config_same_identity(old, new, &e));
    config_free(new);
    new = read_changed("store: /var/lib/slipway/slipway.db", "store: /srv/other.db");
    ck_assert(!config_same_identity(old, new, &e));
    ck_assert_int_eq(e.kind, ERROR_CONFLICT);
    ck_assert_str_eq(e.text, "store cannot change while slipwayd runs (from "
                             "\"/var/lib/slipway/slipway.db\" to \"/srv/other.db\"); restart it");
    config_free(new);
    new = read_changed("queue: {", "aws: { region: eu-west-1 }\nqueue: {");
    ck_assert(!config_same_identity(old, new, &e));
    ck_assert_str_eq(e.text, "aws.region cannot change while slipwayd runs (from null to "
                             "\"eu-west-1\"); restart it");
    config_free(new);
    new = read_changed("/slipway\" }", "/other\" }");
    ck_assert(!config_same_identity(old, new, &e));
    ck_assert_ptr_nonnull(strstr(e.text, "queue.url cannot change"));
    config_free(new);
    config_free(old);
}
END_TEST

static char *
no_variable(const char *name)
{
    (void)name;
    return NULL;
}

static char *
empty_variable(const char *name)
{
    static char empty[] = "";

    (void)name;
    return empty;
}

static char *
config_variable(const char *name)
{
    static char value[] = "/tmp/variable.yaml";

    return strcmp(name, "SLIPWAY_CONFIG") == 0 ? value : NULL;
}

START_TEST(the_option_goes_before_the_variable_before_the_usual_place)
{
    ck_assert_str_eq(config_path("a.yaml", config_variable), "a.yaml");
    ck_assert_str_eq(config_path(NULL, config_variable), "/tmp/variable.yaml");
    ck_assert_str_eq(config_path(NULL, no_variable), "/etc/slipway/slipway.yaml");
    ck_assert_str_eq(config_path(NULL, empty_variable), "/etc/slipway/slipway.yaml");
}
END_TEST

/* ---- files ---------------------------------------------------------------------------------- */

START_TEST(a_file_that_cannot_be_read_is_told_from_a_bad_one)
{
    char path[] = "/tmp/slipway-config-XXXXXX";

    ck_assert_ptr_null(config_read("/nonexistent/slipway.yaml", &report));
    ck_assert(report.unreadable);
    ck_assert_uint_eq(report.problem_count, 1);
    ck_assert_str_eq(report.problems[0].text,
                     "/nonexistent/slipway.yaml: cannot be read: No such file or directory");
    ck_assert_ptr_null(config_read("/tmp", &report));
    ck_assert(report.unreadable);
    ck_assert_str_eq(report.problems[0].text, "/tmp: cannot be read: it is no file");
    close(mkstemp(path));
    ck_assert_ptr_null(config_read(path, &report));
    ck_assert(!report.unreadable);
    unlink(path);
}
END_TEST

START_TEST(a_file_with_a_key_is_refused_while_others_may_read_it)
{
    char path[] = "/tmp/slipway-config-XXXXXX";
    char *text = content("tests/data/config/least.yaml"), *found = strstr(text, "env: ALICE_KEY");
    int file = mkstemp(path);
    struct settings *s;

    ck_assert_int_ge(dprintf(file, "%.*skey: %s%s", (int)(found - text), text, environment(""),
                             found + strlen("env: ALICE_KEY")),
                     0);
    ck_assert_int_eq(fchmod(file, 0640), 0);
    ck_assert_ptr_null(config_read(path, &report));
    ck_assert_ptr_nonnull(strstr(report.problems[0].text, "run chmod 600 on it"));
    ck_assert_int_eq(fchmod(file, 0600), 0);
    s = config_read(path, &report);
    ck_assert_msg(s != NULL, "%s", report.problems[0].text);
    config_free(s);
    close(file);
    unlink(path);
    free(text);
}
END_TEST

/* ---- documents ------------------------------------------------------------------------------ */

START_TEST(the_reference_page_is_what_the_table_says)
{
    struct buf page = { .max = CONFIG_OUTPUT_MAX };
    char *written = content("docs/configuration.md");

    config_reference(&page);
    ck_assert(!page.overflow);
    ck_assert_msg(strcmp(written, page.at) == 0,
                  "run: slipway config reference > docs/configuration.md");
    buf_free(&page);
    free(written);
}
END_TEST

START_TEST(the_schema_is_json)
{
    static struct json_token tokens[20000];
    struct buf schema = { .max = CONFIG_OUTPUT_MAX };
    struct json doc;
    struct error e;

    config_schema(&schema);
    ck_assert(!schema.overflow);
    ck_assert_msg(json_read(&doc, str_trim(buf_str(&schema)), tokens, ARRAY_LEN(tokens), &e), "%s",
                  e.text);
    ck_assert(json_is(json_get(json_root(&doc), "$schema"),
                      "https://json-schema.org/draft/2020-12/schema"));
    buf_free(&schema);
}
END_TEST

START_TEST(the_sample_is_a_configuration)
{
    char *text = content("deploy/slipway.yaml");
    struct settings *s = read_text(text);

    ck_assert_uint_eq(report.warning_count, 0);
    ck_assert_uint_eq(s->pipelines[0].rollout.wave_count, 3);
    config_free(s);
    free(text);
}
END_TEST

/* ---- damage --------------------------------------------------------------------------------- */

static void
read_damaged(const char *text, size_t len)
{
    struct config_source source = { "c.yaml", { text, len }, false, NULL, false };
    struct settings *s = config_read_text(&source, &report);

    ck_assert((s == NULL) == (report.problem_count > 0));
    config_free(s);
}

START_TEST(a_file_cut_off_or_damaged_anywhere_is_read_without_harm)
{
    static const char ODD[] = "\t\n :-[]{},\"'#&*!|>%@`\\?~0\x01\xc3";
    char *text = content("tests/data/config/base.yaml");
    size_t len = strlen(text);

    for (size_t i = 0; i < len; i += 37)
        read_damaged(text, i);
    for (size_t i = 0; i < len; i += 17) {
        char kept = text[i];

        text[i] = ODD[(i / 17) % (sizeof(ODD) - 1)];
        read_damaged(text, len);
        text[i] = kept;
    }
    free(text);
}
END_TEST

SUITE(config_table, every_setting_has_a_meaning_and_a_default_that_fits,
      no_setting_is_stored_twice_or_outside_its_struct,
      the_digest_names_what_a_pipeline_does_not_how_it_is_written,
      what_is_read_at_the_start_only_cannot_be_reloaded,
      the_option_goes_before_the_variable_before_the_usual_place,
      a_file_that_cannot_be_read_is_told_from_a_bad_one,
      a_file_with_a_key_is_refused_while_others_may_read_it,
      the_reference_page_is_what_the_table_says, the_schema_is_json, the_sample_is_a_configuration,
      a_file_cut_off_or_damaged_anywhere_is_read_without_harm)
