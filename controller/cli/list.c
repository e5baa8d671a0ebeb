#include <stdio.h>
#include <stdlib.h>

#include "cli_internal.h"
#include "slipway/instant.h"

static int
print_json(const struct shown_page *page)
{
    struct buf out = { .max = SHOWN_JSON_MAX };

    shown_page_json(&out, page, NULL);
    return print(&out);
}

static void
add_row(struct table *t, const struct shown *s, int64_t now_ms)
{
    struct str group, version;
    char age[INSTANT_SIZE];

    shown_model(s->arn, &group, &version);
    table_addf(t, "%lld", (long long)s->v.d.id);
    table_add(t, str_of(s->v.d.pipeline));
    if (version.len > 0)
        table_addf(t, "%.*s v%.*s", STR_ARG(group), STR_ARG(version));
    else
        table_add(t, group);
    table_add(t, str_of(state_name(s->v.d.state)));
    table_add(t, str_of(instant_span(now_ms - s->v.d.entered_ms, age)));
    table_add(t, str_of(s->why));
}

static int
print_table(const struct shown_page *page, int64_t now_ms, bool open)
{
    static const char *const HEADS[] = { "ID", "PIPELINE", "MODEL", "STATE", "FOR", "WHY" };
    struct table t = { .columns = ARRAY_LEN(HEADS) };

    if (page->count == 0) {
        puts(open ? "nothing is under way" : "no deployments");
        return CLI_OK;
    }
    for (size_t i = 0; i < ARRAY_LEN(HEADS); i++)
        table_add(&t, str_of(HEADS[i]));
    for (size_t i = 0; i < page->count; i++)
        add_row(&t, &page->items[i], now_ms);
    table_print(&t);
    if (page->next_before != 0)
        printf("there are older ones: --before %lld\n", (long long)page->next_before);
    return CLI_OK;
}

int
run_list(const struct command *c, const struct arguments *a)
{
    struct source s;
    struct shown_page page;
    struct error e;
    int status = source_open(&s, a);
    int64_t limit = a->limit == 0 ? 50 : a->limit;

    if (status == CLI_OK && limit > SHOWN_PAGE_MAX) {
        complain("%s: --limit is at most %d", c->name, SHOWN_PAGE_MAX);
        status = CLI_USAGE;
    }
    if (status == CLI_OK && !shown_page_read(&s.from, a->before, limit, a->open, &page, &e)) {
        complain("%s", e.text);
        status = CLI_UNAVAILABLE;
    } else if (status == CLI_OK) {
        status = a->json ? print_json(&page) : print_table(&page, s.from.now_ms, a->open);
        free(page.items);
    }
    source_close(&s);
    return status;
}
