#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli_internal.h"
#include "platform/clock.h"

struct settings *
settings_read(const char *path)
{
    struct config_report report;
    struct settings *s = config_read(path, &report);

    for (size_t i = 0; i < report.problem_count; i++)
        complain("%s", report.problems[i].text);
    if (report.problems_more > 0)
        complain("and %zu problems more", report.problems_more);
    return s;
}

/* With --store the configuration only adds what the pipelines need; it may be missing or not ours
 * to read. */
static struct settings *
settings_if_any(const struct arguments *a)
{
    struct config_report report;
    const char *path = config_path(a->config, getenv);

    return access(path, R_OK) == 0 ? config_read(path, &report) : NULL;
}

int
source_open(struct source *s, const struct arguments *a)
{
    const char *path = a->store;
    struct error e;

    *s = (struct source){ .settings = NULL };
    if (a->store != NULL && a->config == NULL) {
        s->settings = settings_if_any(a);
    } else {
        s->settings = settings_read(config_path(a->config, getenv));
        if (s->settings == NULL) {
            complain("name the database with --store FILE, or the configuration with -c FILE");
            return CLI_CONFIG;
        }
    }
    if (path == NULL)
        path = s->settings->store;
    s->from.store = store_open_readonly(path, &e);
    if (s->from.store == NULL) {
        complain("%s", e.text);
        return CLI_UNAVAILABLE;
    }
    s->from.settings = s->settings;
    s->from.now_ms = clock_wall_ms();
    return CLI_OK;
}

void
source_close(struct source *s)
{
    store_close(s->from.store);
    config_free(s->settings);
    *s = (struct source){ .settings = NULL };
}
