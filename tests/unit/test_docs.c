/* links: slipway_rules */
/* The documents that repeat the code are held to it. */
#include "suite.h"

#include <stdio.h>
#include <string.h>

#include "slipway/pipeline.h"

static char text[262144];

static const char *
read_document(const char *name)
{
    char path[512];
    FILE *f;

    snprintf(path, sizeof(path), "%s/docs/%s", SOURCE_DIR, name);
    f = fopen(path, "r");
    ck_assert_msg(f != NULL, "%s is missing", path);
    text[fread(text, 1, sizeof(text) - 1, f)] = '\0';
    fclose(f);
    return text;
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

SUITE(docs, the_picture_in_the_docs_is_the_table, every_state_is_explained)
