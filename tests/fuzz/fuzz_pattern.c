/* links: slipway_rules slipway_base */

/*
 * A pattern and an event, separated by a NUL: what the reader of patterns lets
 * pass must answer, and the explanation must agree with the answer.
 */

#include <assert.h>
#include <string.h>

#include "slipway/pattern.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct json_token tokens[4096];

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str input = { (const char *)data, size }, text, event;
    struct pattern_miss misses[4];
    char sentence[PATTERN_SENTENCE_SIZE];
    struct error e = { .kind = ERROR_NONE };
    struct pattern *p;
    struct json doc;
    size_t count;

    str_cut(input, '\0', &text, &event);
    p = pattern_new(text, &e);
    if (p == NULL) {
        assert(e.kind == ERROR_INVALID && e.text[0] != '\0');
        return 0;
    }
    if (json_read_repeating(&doc, event, tokens, 4096, &e)) {
        count = pattern_explain(p, json_root(&doc), misses, 4);
        assert((count == 0) == pattern_match(p, json_root(&doc)) ||
               json_type(json_root(&doc)) != JSON_OBJECT);
        for (size_t i = 0; i < count && i < 4; i++)
            assert(pattern_sentence(&misses[i], sentence)[0] != '\0' || misses[i].field[0] == '\0');
    }
    pattern_free(p);
    return 0;
}
