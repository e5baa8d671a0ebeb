#include <string.h>

#include "cli_internal.h"

int
run_config(const struct command *c, const struct arguments *a)
{
    static const char *const WORDS[] = { "schema", "reference" };
    const char *word = a->operands[0], *near;
    struct buf out = { .max = CONFIG_OUTPUT_MAX };

    if (strcmp(word, "schema") == 0) {
        config_schema(&out);
        return print(&out);
    }
    if (strcmp(word, "reference") == 0) {
        config_reference(&out);
        return print(&out);
    }
    near = nearest(word, WORDS, ARRAY_LEN(WORDS));
    complain("%s: \"%s\" is neither schema nor reference%s%s%s", c->name, word,
             near != NULL ? "; do you mean " : "", near != NULL ? near : "",
             near != NULL ? "?" : "");
    return CLI_USAGE;
}
