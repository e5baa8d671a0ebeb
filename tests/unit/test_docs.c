/* links: slipway_rules */
/* The documents that repeat the code are held to it. */
#include "suite.h"

#include <stdio.h>
#include <string.h>

#include "slipway/pipeline.h"

static char text[262144];

static const char *
read_file(const char *name)
{
    char path[512];
    FILE *f;

    snprintf(path, sizeof(path), "%s/%s", SOURCE_DIR, name);
    f = fopen(path, "r");
    ck_assert_msg(f != NULL, "%s is missing", path);
    text[fread(text, 1, sizeof(text) - 1, f)] = '\0';
    fclose(f);
    return text;
}

static const char *
read_document(const char *name)
{
    char path[256];

    snprintf(path, sizeof(path), "docs/%s", name);
    return read_file(path);
}

START_TEST(the_picture_in_the_docs_is_the_table)
{
    static char drawn[65536];

    ck_assert_uint_lt(pipeline_draw(drawn, sizeof(drawn)), sizeof(drawn));
    ck_assert_msg(strstr(read_document("pipeline.md"), drawn) != NULL,
                  "docs/pipeline.md should hold:\n%s", drawn);
}
END_TEST

START_TEST(every_state_is_explained)
{
    read_document("pipeline.md");
    for (unsigned s = 0; s < STATE_COUNT; s++)
        ck_assert_msg(strstr(text, state_name((enum state)s)) != NULL,
                      "docs/pipeline.md says nothing of %s", state_name((enum state)s));
}
END_TEST

/* ---- metrics -------------------------------------------------------------------------------- */

enum { METRICS_MAX = 100, METRIC_SIZE = 80 };

/* Collects each "slipway_..." that stands behind `mark` in the text read last; returns how many. */
static size_t
collect_metrics(char mark, char names[METRICS_MAX][METRIC_SIZE])
{
    size_t count = 0;

    for (const char *at = text; (at = strstr(at, "slipway_")) != NULL; at++) {
        size_t len = strspn(at, "abcdefghijklmnopqrstuvwxyz_");
        bool known = false;

        if (at == text || at[-1] != mark || len >= METRIC_SIZE)
            continue;
        snprintf(names[count], METRIC_SIZE, "%.*s", (int)len, at);
        for (size_t i = 0; i < count; i++)
            known = known || strcmp(names[i], names[count]) == 0;
        if (!known)
            ck_assert_uint_lt(++count, METRICS_MAX);
    }
    return count;
}

static void
expect_all(char names[METRICS_MAX][METRIC_SIZE], size_t count, char among[METRICS_MAX][METRIC_SIZE],
           size_t among_count, const char *where)
{
    for (size_t i = 0; i < count; i++) {
        bool found = false;

        for (size_t j = 0; j < among_count; j++)
            found = found || strcmp(names[i], among[j]) == 0;
        ck_assert_msg(found, "%s knows nothing of %s", where, names[i]);
    }
}

START_TEST(every_metric_is_explained_and_every_explained_one_exists)
{
    static char shown[METRICS_MAX][METRIC_SIZE], explained[METRICS_MAX][METRIC_SIZE];
    size_t shown_count, explained_count;

    read_file("controller/web/metrics.c");
    shown_count = collect_metrics('"', shown);
    read_document("operations.md");
    explained_count = collect_metrics('`', explained);
    ck_assert_uint_ge(shown_count, 20);
    expect_all(shown, shown_count, explained, explained_count, "docs/operations.md");
    expect_all(explained, explained_count, shown, shown_count, "controller/web/metrics.c");
}
END_TEST

SUITE(docs, the_picture_in_the_docs_is_the_table, every_state_is_explained,
      every_metric_is_explained_and_every_explained_one_exists)
