/* links: slipway_config */

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/config.h"
#include "platform/secret.h"
#include "suite.h"

static struct config_report report;

/* ---- tools ---------------------------------------------------------------------------------- */

/* Three keys of 32 bytes: 1, 2 and 3, 32 times each. */
#define KEY_ONE "whsec_AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE="
#define KEY_TWO "whsec_AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI="
#define KEY_THREE "whsec_AwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwM="

static char *
environment(const char *name)
{
    static char one[] = KEY_ONE, two[] = KEY_TWO, three[] = KEY_THREE;

    if (strcmp(name, "ALICE_KEY") == 0)
        return one;
    if (strcmp(name, "ALICE_NEXT") == 0)
        return two;
    return strcmp(name, "BOB_KEY") == 0 ? three : NULL;
}

static struct settings *
read_text(const char *text)
{
    struct config_source source = { "c.yaml", str_of(text), false, environment, true };

    return config_read_text(&source, &report);
}

/* Fails unless `text` has exactly this one problem. */
static void
expect(const char *text, const char *problem)
{
    ck_assert_ptr_null(read_text(text));
    ck_assert_uint_eq(report.problem_count, 1);
    ck_assert_str_eq(report.problems[0].text, problem);
}

/* The content of a file below the source folder; the caller frees it. */
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

/* `text` with its only line-aligned occurrence of `old` replaced; frees `text`. */
static char *
replaced(char *text, const char *old, const char *new)
{
    char *found = strstr(text, old), *out = calloc(1, 1 << 20);

    while (found != NULL && found != text && found[-1] != '\n')
        found = strstr(found + 1, old);
    ck_assert_msg(found != NULL, "not in base.yaml: %s", old);
    ck_assert_ptr_nonnull(out);
    memcpy(out, text, (size_t)(found - text));
    strcat(out, new);
    strcat(out, found + strlen(old));
    free(text);
    return out;
}

static struct settings *
read_base(void)
{
    char *text = content("tests/data/config/base.yaml");
    struct settings *s = read_text(text);

    ck_assert_msg(s != NULL, "%s", report.problems[0].text);
    free(text);
    return s;
}

/* Writes `text` into a new file with these permissions; `path` is its name. */
static void
write_file(char path[64], const char *text, mode_t mode)
{
    int file;

    strcpy(path, "/tmp/slipway-config-XXXXXX");
    file = mkstemp(path);
    ck_assert_int_ge(file, 0);
    ck_assert_int_eq(write(file, text, strlen(text)), (ssize_t)strlen(text));
    ck_assert_int_eq(fchmod(file, mode), 0);
    close(file);
}

/* ---- what is read --------------------------------------------------------------------------- */

START_TEST(a_whole_file_fills_every_member)
{
    struct settings *s = read_base();
    const struct pipeline_settings *p = &s->pipelines[0];

    ck_assert_str_eq(s->store, "/var/lib/slipway/slipway.db");
    ck_assert_str_eq(s->work_dir, "/var/lib/slipway/work");
    ck_assert_str_eq(s->listen, "127.0.0.1:8470");
    ck_assert_str_eq(s->log_level, "info");
    ck_assert_ptr_null(s->page_url);
    ck_assert_str_eq(s->aws.region, "eu-central-1");
    ck_assert_int_eq(s->aws.attempts, 3);
    ck_assert_uint_eq(s->aws.endpoint_count, 2);
    ck_assert_str_eq(s->aws.endpoints[1].service, "s3");
    ck_assert_str_eq(s->aws.endpoints[1].url, "https://s3.example.com/base");
    ck_assert_int_eq(s->queue.wait_ms, 5000);
    ck_assert_int_eq(s->queue.visibility_ms, 90000);
    ck_assert_uint_eq(s->queue.accounts.count, 2);
    ck_assert_str_eq(s->queue.accounts.items[1], "012345678901");
    ck_assert_int_eq(s->sweep_ms, 300000);
    ck_assert_str_eq(s->sweep_groups.items[0], "digits");
    ck_assert_uint_eq(s->approver_count, 2);
    ck_assert_uint_eq(s->approvers[0].key_count, 2);
    ck_assert_uint_eq(secret_bytes(s->approvers[0].keys[1]).len, 32);
    ck_assert_int_eq(secret_bytes(s->approvers[0].keys[1]).at[31], 2);
    ck_assert_str_eq(s->approvers[1].pipelines.items[0], "digits");
    ck_assert_uint_eq(s->pipeline_count, 1);
    ck_assert_ptr_eq(settings_pipeline(s, "digits"), p);
    ck_assert_str_eq(p->account.external_id, "prod-1");
    ck_assert_int_eq(p->stage_timeout_ms, 3600000);
    ck_assert(!p->supersede);
    ck_assert_uint_eq(strlen(p->digest), 64);
    config_free(s);
}
END_TEST

START_TEST(a_whole_file_fills_every_stage)
{
    struct settings *s = read_base();
    const struct pipeline_settings *p = &s->pipelines[0];

    ck_assert_int_eq(p->compile.driver, COMPILE_COMMAND);
    ck_assert_uint_eq(p->compile.command.argv.count, 6);
    ck_assert_str_eq(p->compile.command.argv.items[2], "cp \"$1\" \"$2\"");
    ck_assert_str_eq(p->compile.command.environment.items[1], "THREADS=2");
    ck_assert_int_eq(p->compile.command.timeout_ms, 600000);
    ck_assert_int_eq(p->compile.tries, 3);
    ck_assert_str_eq(p->package.runtime, "");
    ck_assert_str_eq(p->package.version, "1.{version}.0");
    ck_assert_int_eq(p->package.tries, 3);
    ck_assert_ptr_null(p->package.publisher);
    ck_assert_int_eq(p->twin.driver, TWIN_GREENGRASS);
    ck_assert_int_eq(p->twin.deploy_timeout_ms, 180000);
    ck_assert_uint_eq(p->twin.deploy.argv.count, 0);
    ck_assert_str_eq(p->twin.test.argv.items[2], "{\"a\":1}");
    ck_assert_uint_eq(p->gate_count, 2);
    ck_assert_int_eq(p->gates[0].mode, GATE_REQUIRE);
    ck_assert_ptr_null(p->gates[0].when);
    ck_assert_int_eq(p->gates[1].mode, GATE_WARN);
    ck_assert_str_eq(p->gates[1].when, "{\"subject\":{\"target\":[\"linux-amd64\"]}}");
    ck_assert_int_eq(p->approval.required, 2);
    ck_assert_int_eq(p->approval.expires_ms, DAYS(3));
    ck_assert_uint_eq(p->rollout.wave_count, 2);
    ck_assert_str_eq(p->rollout.waves[1].thing_groups.items[1], "line-c");
    ck_assert_int_eq(p->rollout.success_percent, 90);
    ck_assert_int_eq(p->rollout.failure_percent, 10);
    ck_assert_int_eq(p->rollout.bake_ms, 0);
    ck_assert_int_eq(p->rollout.on_failure, ON_FAILURE_HALT);
    config_free(s);
}
END_TEST

START_TEST(what_is_left_out_has_its_default)
{
    char *text = content("tests/data/config/least.yaml");
    struct settings *s = read_text(text);
    const struct pipeline_settings *p;

    ck_assert_msg(s != NULL, "%s", report.problems[0].text);
    p = &s->pipelines[0];
    ck_assert_str_eq(s->listen, "127.0.0.1:8470");
    ck_assert_int_eq(s->aws.attempts, 4);
    ck_assert_int_eq(s->queue.wait_ms, 20000);
    ck_assert_int_eq(s->queue.receives, 4);
    ck_assert_int_eq(s->sweep_ms, MINUTES(10));
    ck_assert_int_eq(p->compile.driver, COMPILE_NONE);
    ck_assert_str_eq(p->package.prefix, "slipway");
    ck_assert_str_eq(p->package.version, "1.0.{version}");
    ck_assert_int_eq(p->twin.tries, 2);
    ck_assert_int_eq(p->twin.test.timeout_ms, MINUTES(10));
    ck_assert_uint_eq(p->gate_count, 0);
    ck_assert_uint_eq(p->approval.approvers.count, 0);
    ck_assert_int_eq(p->approval.required, 1);
    ck_assert_int_eq(p->rollout.success_percent, 95);
    ck_assert_int_eq(p->rollout.poll_ms, SECONDS(10));
    ck_assert(p->supersede);
    config_free(s);
    free(text);
}
END_TEST

START_TEST(patterns_become_json_with_the_types_that_were_written)
{
    char *text = content("tests/data/config/base.yaml");
    struct settings *s;

    text = replaced(
        text, "      source: [aws.sagemaker]\n",
        "      source: [aws.sagemaker, \"1\", 'true', 1, -0.50, 1e3, true, false, null]\n"
        "      time: [{ prefix: 2024-01-01 }, >-\n"
        "        7\n"
        "        , 1.2.3, \"\\u00e9\\t\"]\n");
    s = read_text(text);
    /* A block scalar cannot stand in brackets; then it is said where. */
    ck_assert_ptr_null(s);
    ck_assert_str_eq(report.problems[0].text,
                     "c.yaml:27:38: a value cannot begin with \">\" unless it stands in quotes");
    text = replaced(text,
                    "      time: [{ prefix: 2024-01-01 }, >-\n"
                    "        7\n"
                    "        , 1.2.3, \"\\u00e9\\t\"]\n",
                    "      time: [{ prefix: 2024-01-01 }, 1.2.3, \"\\u00e9\\t\"]\n"
                    "      id:\n"
                    "        - |-\n"
                    "          7\n");
    s = read_text(text);
    ck_assert_msg(s != NULL, "%s", report.problems[0].text);
    ck_assert_str_eq(
        s->pipelines[0].pattern,
        "{\"source\":[\"aws.sagemaker\",\"1\",\"true\",1,-0.50,1e3,true,false,null],"
        "\"time\":[{\"prefix\":\"2024-01-01\"},\"1.2.3\",\"\xc3\xa9\\t\"],\"id\":[\"7\"],"
        "\"detail\":{\"ModelPackageGroupName\":[\"digits\"],"
        "\"ModelPackageVersion\":[{\"numeric\":[\">\",0]}]}}");
    config_free(s);
    free(text);
}
END_TEST

/* ---- what is refused ------------------------------------------------------------------------ */

/* The next line of `*at` without its end, or NULL; cuts the text in place. */
static char *
next_line(char **at)
{
    char *line = *at, *end;

    if (line == NULL || *line == '\0')
        return NULL;
    end = strchr(line, '\n');
    *at = end != NULL ? end + 1 : NULL;
    if (end != NULL)
        *end = '\0';
    return line;
}

/* One problem or warning of a case against what came; adds to `wrong` what differs. */
static void
compare(const char *name, const struct config_problem *came, size_t count, size_t index,
        const char *wanted, size_t *wrong)
{
    const char *text = index < count ? came[index].text : "(nothing)";

    if (strncmp(text, "c.yaml:", 7) == 0)
        text += text[7] == ' ' ? 8 : 7;
    if (strcmp(text, wanted) == 0)
        return;
    fprintf(stderr, "%s\n  wanted %s\n  got    %s\n", name, wanted, text);
    ++*wrong;
}

/* Runs the case whose lines follow at `*at`, up to the next "== ". */
static void
run_case(const char *name, char **at, size_t *wrong)
{
    char *text = content("tests/data/config/base.yaml"), *old = calloc(1, 1 << 16);
    char *new = calloc(1, 1 << 16), *line, *lines[64];
    size_t count = 0, problems = 0, warnings = 0;
    struct settings *s;

    while (*at != NULL && strncmp(*at, "== ", 3) != 0 && (line = next_line(at)) != NULL) {
        ck_assert_uint_lt(count, 64);
        lines[count++] = line;
    }
    for (size_t i = 0; i < count; i++) {
        if (lines[i][0] == '-' || lines[i][0] == '+')
            strcat(strcat(lines[i][0] == '-' ? old : new, lines[i] + 2), "\n");
        if (old[0] != '\0' && lines[i][0] != '-' && (i + 1 == count || lines[i + 1][0] != '+')) {
            text = replaced(text, old, new);
            old[0] = new[0] = '\0';
        }
    }
    if (old[0] != '\0')
        text = replaced(text, old, new);
    s = read_text(text);
    for (size_t i = 0; i < count; i++) {
        if (lines[i][0] == '!')
            compare(name, report.problems, report.problem_count, problems++, lines[i] + 2, wrong);
        if (lines[i][0] == '~')
            compare(name, report.warnings, report.warning_count, warnings++, lines[i] + 2, wrong);
    }
    for (; problems < report.problem_count; problems++)
        compare(name, report.problems, report.problem_count, problems, "(nothing)", wrong);
    for (; warnings < report.warning_count; warnings++)
        compare(name, report.warnings, report.warning_count, warnings, "(nothing)", wrong);
    ck_assert((s == NULL) == (report.problem_count > 0));
    config_free(s);
    free(text);
    free(old);
    free(new);
}

START_TEST(every_case_gets_its_messages)
{
    char *cases = content("tests/data/config/cases.txt"), *at = cases, *line;
    size_t wrong = 0, count = 0;

    while ((line = next_line(&at)) != NULL) {
        if (strncmp(line, "== ", 3) != 0)
            continue;
        run_case(line + 3, &at, &wrong);
        count++;
    }
    ck_assert_uint_gt(count, 120);
    ck_assert_msg(wrong == 0, "%zu messages differ", wrong);
    free(cases);
}
END_TEST

START_TEST(twenty_problems_are_told_and_more_are_counted)
{
    struct buf text = { .max = 65536 };

    for (int i = 0; i < 30; i++)
        buf_printf(&text, "zzz%d: 1\n", i);
    ck_assert_ptr_null(read_text(text.at));
    ck_assert_uint_eq(report.problem_count, CONFIG_PROBLEMS_MAX);
    ck_assert_uint_ge(report.problems_more, 10);
    buf_free(&text);
}
END_TEST

START_TEST(what_is_nested_without_end_is_refused_at_once)
{
    static const char *const BITS[] = { "[", "{a: ", "- ", "[{a: ", "a: [" };

    for (size_t i = 0; i < ARRAY_LEN(BITS); i++) {
        struct buf text = { .max = CONFIG_TEXT_MAX };

        while (text.len + 8 < CONFIG_TEXT_MAX)
            buf_add(&text, str_of(BITS[i]));
        ck_assert_ptr_null(read_text(text.at));
        ck_assert_uint_eq(report.problem_count, 1);
        buf_free(&text);
    }
}
END_TEST

START_TEST(odd_bytes_are_refused_where_they_stand)
{
    struct buf text = { .max = CONFIG_TEXT_MAX * 2 };

    expect("store: /a\nlisten: \xff\n",
           "c.yaml:2:9: the file must be UTF-8, and the byte here is not");
    expect("store: \x01\n",
           "c.yaml:1:8: a control character stands here; the file must be plain text");
    expect("", "c.yaml: the file is empty; see docs/configuration.md for a first one");
    expect("# nothing\n", "c.yaml: the file is empty; see docs/configuration.md for a first one");
    expect("- store\n", "c.yaml:1:1: the file: a map is needed here, not a list");
    expect("store:/a\n", "c.yaml:1:1: the file: a map is needed here, not a text; is there a colon "
                         "after the setting, and a space after the colon");
    while (text.len <= CONFIG_TEXT_MAX)
        buf_add(&text, STR("# a comment\n"));
    expect(text.at, "c.yaml: the file has more than 262144 bytes, which is all that is read");
    buf_free(&text);
}
END_TEST

/* ---- keys ----------------------------------------------------------------------------------- */

/* The least file with alice's only key as given. */
static char *
with_key(const char *key)
{
    char *text = content("tests/data/config/least.yaml"), line[512];

    snprintf(line, sizeof(line), "approvers: [{ name: alice, keys: [{ %s }] }]\n", key);
    return replaced(text, "approvers: [{ name: alice, keys: [{ env: ALICE_KEY }] }]\n", line);
}

START_TEST(a_key_in_the_file_wants_the_file_closed_to_others)
{
    char *text = with_key("key: " KEY_ONE);
    struct config_source source = { "c.yaml", str_of(text), false, environment, true };
    struct settings *s = config_read_text(&source, &report);

    ck_assert_msg(s != NULL, "%s", report.problems[0].text);
    ck_assert_int_eq(secret_bytes(s->approvers[0].keys[0]).at[0], 1);
    config_free(s);
    source.open_to_others = true;
    ck_assert_ptr_null(config_read_text(&source, &report));
    ck_assert_str_eq(
        report.problems[0].text,
        "c.yaml:5:35: approvers[0].keys[0]: a key stands in this file, and others than "
        "its owner may read it; run chmod 600 on it, or keep the key in a file of its "
        "own");
    free(text);
}
END_TEST

START_TEST(a_key_file_is_read_and_its_mode_looked_at)
{
    char path[64], option[96], *text;
    struct settings *s;

    write_file(path, KEY_TWO "\n", 0600);
    snprintf(option, sizeof(option), "file: %s", path);
    text = with_key(option);
    s = read_text(text);
    ck_assert_msg(s != NULL, "%s", report.problems[0].text);
    ck_assert_int_eq(secret_bytes(s->approvers[0].keys[0]).at[0], 2);
    ck_assert_uint_eq(report.warning_count, 0);
    config_free(s);
    ck_assert_int_eq(chmod(path, 0644), 0);
    s = read_text(text);
    ck_assert_ptr_nonnull(s);
    ck_assert_uint_eq(report.warning_count, 1);
    ck_assert_ptr_nonnull(strstr(report.warnings[0].text, "everybody on this machine may read"));
    config_free(s);
    unlink(path);
    free(text);
}
END_TEST

START_TEST(no_message_ever_shows_a_key)
{
    /* Each holds MfKQ9r8GKYqr, in a place or a shape that is wrong. */
    static const char *const WRONG[] = {
        "key: whsec_MfKQ9r8GKYqr",                       /* Too short. */
        "key: whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS*",   /* No base64. */
        "key: MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",         /* No prefix. */
        "key: [whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw]", /* A list. */
        "env: whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",   /* In the wrong setting. */
        "env: MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw=",
        "env: MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "file: MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "kye: whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", /* In an unknown one. */
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw: key",
        "key: whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw, x, whsec_MfKQ9r8GKYqr",
        "key: whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw: x", /* No YAML. */
        "key: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    };

    for (size_t i = 0; i < ARRAY_LEN(WRONG); i++) {
        char *text = with_key(WRONG[i]);

        ck_assert_ptr_null(read_text(text));
        ck_assert_uint_ge(report.problem_count, 1);
        for (size_t j = 0; j < report.problem_count; j++)
            ck_assert_msg(strstr(report.problems[j].text, "MfKQ9r8") == NULL, "%s",
                          report.problems[j].text);
        free(text);
    }
}
END_TEST

START_TEST(keys_are_strict_base64_of_24_to_64_bytes)
{
    static const struct {
        const char *content, *why;
    } WRONG[] = {
        { KEY_ONE "x", "is not base64 of 24 to 64 bytes" },
        { "whsec_AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQF=", "is not base64" }, /* Loose bits. */
        { "whsec_AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEB AQEBAQEBAQE=", "is not base64" },
        { "whsec_AQEBAQEBAQEBAQEBAQEBAQ==", "has 16 bytes; 24 to 64 are needed" },
        { "whsec_", "has 0 bytes" },
        { "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=", "does not begin with whsec_" },
        { "", "does not begin with whsec_" },
    };
    char path[64], option[96], *text;

    for (size_t i = 0; i < ARRAY_LEN(WRONG); i++) {
        write_file(path, WRONG[i].content, 0600);
        snprintf(option, sizeof(option), "file: %s", path);
        text = with_key(option);
        ck_assert_ptr_null(read_text(text));
        ck_assert_msg(strstr(report.problems[0].text, WRONG[i].why) != NULL, "%s",
                      report.problems[0].text);
        unlink(path);
        free(text);
    }
}
END_TEST
SUITE(config, a_whole_file_fills_every_member, a_whole_file_fills_every_stage,
      what_is_left_out_has_its_default, patterns_become_json_with_the_types_that_were_written,
      every_case_gets_its_messages, twenty_problems_are_told_and_more_are_counted,
      what_is_nested_without_end_is_refused_at_once, odd_bytes_are_refused_where_they_stand,
      a_key_in_the_file_wants_the_file_closed_to_others, a_key_file_is_read_and_its_mode_looked_at,
      no_message_ever_shows_a_key, keys_are_strict_base64_of_24_to_64_bytes)
