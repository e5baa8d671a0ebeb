/*
 * ORDER_COMPILE, driver "command": a local program compiles the model.
 *
 * The input is downloaded, the command run, its output digested and a marker written; a later take
 * of the same order finds the marker and runs nothing.
 */

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "fetch.h"
#include "folder.h"

struct compile {
    const char *folder, *marker;
    const char *input, *output, *work; /* Paths. */
    char token[WORK_TOKEN_SIZE];
    const char *said; /* What the tool printed. */
    struct fetch fetch;
    struct command_run run;
    struct argv_value values[6];
};

static void model_came(struct work *w, struct fetch *f);
static void command_done(struct work *w, const char *output);
static void output_digested(struct work *w, struct fetch *f);

/* The file name of the model, in characters that no command can misread. */
static const char *
plain_name(struct work *w, const char *uri)
{
    const char *name = work_keep(w, str_of(last_part(uri)));

    return argv_is_plain(name) && name[0] != '.' ? name : "model";
}

/* The name of what comes out: that of what went in, unless that is an archive's. */
static const char *
output_name(struct work *w, const char *name)
{
    static const char *const ENDS[] = { ".tar.gz", ".tgz", ".tar", ".zip" };

    for (size_t i = 0; i < ARRAY_LEN(ENDS); i++)
        if (str_ends(str_of(name), ENDS[i]) && strlen(name) > strlen(ENDS[i]))
            return work_text(w, "%.*s", (int)(strlen(name) - strlen(ENDS[i])), name);
    return name;
}

/* ---- a former take -------------------------------------------------------------------------- */

static bool
is_whole(struct work *w)
{
    struct json_value marker;
    struct error e;
    const char *uri;
    int64_t size;

    if (!work_json(w, buf_str(&w->document), &marker, &e) ||
        !json_is(json_get(marker, "schema"), "slipway.compiled/1") ||
        (uri = work_member(w, marker, "uri")) == NULL || !str_starts(str_of(uri), "file://"))
        return false;
    w->fd = file_open(uri + strlen("file://"), &size, &e);
    return w->fd >= 0 && size == member_int(marker, "bytes", -1);
}

static bool
adopt(struct work *w)
{
    struct compile *c = w->story;
    struct error e;

    if (file_read(c->marker, &w->document, &e) && is_whole(w)) {
        work_finish(w);
        return true;
    }
    buf_clear(&w->document);
    if (w->fd >= 0)
        close(w->fd);
    w->fd = -1;
    return false;
}

/* ---- the input ------------------------------------------------------------------------------ */

void
compile_command_start(struct work *w)
{
    struct compile *c = w->story = work_room(w, sizeof(*c));
    struct json_value source;
    const char *folder, *name, *in, *out;

    if (!work_need(w, w->order->source, "source", &source) ||
        (c->folder = folder_of_step(w)) == NULL)
        return;
    c->marker = work_text(w, "%s/done.json", c->folder);
    if (adopt(w))
        return;
    c->fetch.uri = work_member(w, source, "model_uri");
    c->fetch.etag = work_member(w, source, "etag");
    folder = c->folder;
    if ((in = folder_empty(w, folder, "input")) == NULL ||
        (out = folder_empty(w, folder, "output")) == NULL ||
        (c->work = folder_empty(w, folder, "work")) == NULL)
        return;
    name = plain_name(w, c->fetch.uri);
    c->input = c->fetch.path = work_text(w, "%s/%s", in, name);
    c->output = work_text(w, "%s/%s", out, output_name(w, name));
    c->fetch.then = model_came;
    fetch_start(w, &c->fetch);
}

/* ---- the command ---------------------------------------------------------------------------- */

static void
model_came(struct work *w, struct fetch *f)
{
    struct compile *c = w->story;
    const struct argv_value values[] = {
        { "input", f->file, false },
        { "output", c->output, false },
        { "target", w->order->pipeline->target, true },
        { "work", c->work, false },
        { "token", work_token(w->order, "", c->token), false },
        { NULL, NULL, false },
    };

    memcpy(c->values, values, sizeof(values));
    c->run = (struct command_run){ .command = &w->order->pipeline->compile.command,
                                   .what = "compile command",
                                   .values = c->values,
                                   .directory = c->work,
                                   .then = command_done };
    command_start(w, &c->run);
}

static void
command_done(struct work *w, const char *output)
{
    struct compile *c = w->story;
    struct error e;
    int64_t size;

    c->said = output;
    w->fd = file_open(c->output, &size, &e);
    if (w->fd < 0) {
        work_fail(w, "compile command ended well but left nothing at {output}: %s", e.text);
        return;
    }
    if (size == 0 || size > ARTIFACT_MAX) {
        work_fail(w, "compile command left %lld bytes at {output}; 1 to %lld are taken",
                  (long long)size, (long long)ARTIFACT_MAX);
        return;
    }
    close(w->fd);
    w->fd = -1;
    c->fetch = (struct fetch){ .uri = work_text(w, "file://%s", c->output),
                               .then = output_digested };
    fetch_start(w, &c->fetch);
}

/* ---- the output ----------------------------------------------------------------------------- */

static void
write_document(struct work *w, const struct fetch *f)
{
    struct compile *c = w->story;
    struct json_out out = json_out(&w->document);

    json_open(&out, '{');
    json_member(&out, "schema", STR("slipway.compiled/1"));
    json_member(&out, "driver", STR("command"));
    json_member(&out, "uri", str_of(f->uri));
    json_member(&out, "sha256", str_of(f->got));
    json_member_int(&out, "bytes", f->size);
    json_member(&out, "tool_output", str_of(c->said));
    json_close(&out, '}');
}

static void
output_digested(struct work *w, struct fetch *f)
{
    struct compile *c = w->story;
    struct error e;

    write_document(w, f);
    (void)folder_remove(c->work);
    if (!file_write(c->marker, buf_str(&w->document), &e))
        work_unsure(w, "%s", e.text);
    else
        work_finish(w);
}
