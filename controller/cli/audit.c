#include <stdio.h>

#include "cli_internal.h"

static int
print_verdict(bool json, int64_t records, const char *head, const struct error *e)
{
    struct buf out = { .max = 4096 };
    struct json_out w = json_out(&out);

    if (json) {
        json_open(&w, '{');
        json_member_bool(&w, "ok", e == NULL);
        if (e == NULL) {
            json_member_int(&w, "records", records);
            json_member(&w, "head", str_of(head));
        } else {
            json_member(&w, "error", str_of(e->text));
        }
        json_close(&w, '}');
        buf_char(&out, '\n');
    } else if (e == NULL) {
        buf_printf(&out, "ok: %lld records, the last one is %s\n", (long long)records,
                   records > 0 ? head : "none");
    } else {
        complain("%s", e->text);
    }
    return print(&out);
}

int
run_verify_audit(const struct command *c, const struct arguments *a)
{
    struct source s;
    struct error e;
    int64_t records = 0;
    char head[65] = "";
    int status = source_open(&s, a);

    (void)c;
    if (status == CLI_OK && view_verify_audit(s.from.store, a->anchor, &records, head, &e)) {
        status = print_verdict(a->json, records, head, NULL);
    } else if (status == CLI_OK) {
        status = print_verdict(a->json, 0, "", &e);
        if (status == CLI_OK)
            status = e.kind == ERROR_STORAGE ? CLI_UNAVAILABLE : CLI_NO;
    }
    source_close(&s);
    return status;
}

int
run_dump(const struct command *c, const struct arguments *a)
{
    struct buf out = { .max = (size_t)1 << 31 };
    struct source s;
    struct error e;
    int status;

    if (!a->canonical) {
        complain("%s: say --canonical; there is no other form", c->name);
        return CLI_USAGE;
    }
    status = source_open(&s, a);
    if (status == CLI_OK && view_dump_canonical(s.from.store, &out, &e)) {
        if (out.len > 0 && out.at[out.len - 1] != '\n')
            buf_char(&out, '\n');
        status = print(&out);
    } else if (status == CLI_OK) {
        complain("%s", e.text);
        status = CLI_UNAVAILABLE;
    }
    buf_free(&out);
    source_close(&s);
    return status;
}
