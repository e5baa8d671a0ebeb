#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli_internal.h"

static void
write_problems(struct json_out *w, const char *key, const struct config_problem *list, size_t count)
{
    json_key(w, key);
    json_open(w, '[');
    for (size_t i = 0; i < count; i++) {
        json_open(w, '{');
        json_member_int(w, "line", (int64_t)list[i].line);
        json_member_int(w, "column", (int64_t)list[i].column);
        json_member(w, "text", str_of(list[i].text));
        json_close(w, '}');
    }
    json_close(w, ']');
}

static int
print_json(const char *path, bool ok, const struct config_report *report)
{
    struct buf out = { .max = 1048576 };
    struct json_out w = json_out(&out);

    json_open(&w, '{');
    json_member(&w, "file", str_of(path));
    json_member_bool(&w, "ok", ok);
    write_problems(&w, "problems", report->problems, report->problem_count);
    json_member_int(&w, "problems_more", (int64_t)report->problems_more);
    write_problems(&w, "warnings", report->warnings, report->warning_count);
    json_close(&w, '}');
    buf_char(&out, '\n');
    return print(&out);
}

static void
print_words(const char *path, const struct settings *s, const struct config_report *report)
{
    for (size_t i = 0; i < report->problem_count; i++)
        complain("%s", report->problems[i].text);
    if (report->problems_more > 0)
        complain("and %zu problems more", report->problems_more);
    for (size_t i = 0; i < report->warning_count; i++)
        complain("warning: %s", report->warnings[i].text);
    if (s != NULL)
        printf("%s: ok, %zu %s, %zu %s\n", path, s->pipeline_count,
               s->pipeline_count == 1 ? "pipeline" : "pipelines", s->approver_count,
               s->approver_count == 1 ? "approver" : "approvers");
}

int
run_check(const struct command *c, const struct arguments *a)
{
    struct config_report report;
    const char *path = config_path(a->operand_count > 0 ? a->operands[0] : a->config, getenv);
    struct settings *s = config_read(path, &report);
    bool ok = s != NULL;
    int status = ok ? CLI_OK : CLI_CONFIG;

    (void)c;
    if (a->json) {
        if (print_json(path, ok, &report) != CLI_OK)
            status = CLI_NO;
    } else {
        print_words(path, s, &report);
    }
    config_free(s);
    return status;
}
