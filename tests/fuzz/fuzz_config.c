/* links: slipway_config */

/*
 * Any bytes: what the reader accepts must be whole and free of leaks, what it
 * refuses must be told with a place that exists.  No file, no variable of the
 * environment and no program is looked at.
 */

#include <assert.h>
#include <string.h>

#include "config/config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct config_report report;
    struct config_source source = { "fuzz.yaml", { (const char *)data, size }, false, NULL, false };
    struct settings *s = config_read_text(&source, &report);

    assert((s == NULL) == (report.problem_count > 0));
    for (size_t i = 0; i < report.problem_count; i++) {
        assert(strncmp(report.problems[i].text, "fuzz.yaml:", 10) == 0);
        assert(report.problems[i].line <= size + 1);
        assert(report.problems[i].line == 0 || report.problems[i].column > 0);
    }
    if (s != NULL) {
        assert(s->pipeline_count > 0 && s->store != NULL);
        for (size_t i = 0; i < s->pipeline_count; i++)
            assert(settings_pipeline(s, s->pipelines[i].name) != NULL);
    }
    config_free(s);
    return 0;
}
