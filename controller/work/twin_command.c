/*
 * ORDER_TWIN_DEPLOY, driver "command": a local program brings the artifact to a twin of its own.
 *
 * Without a program there is nothing to deploy.  A marker says that it ran well, so that a later
 * take of the same order runs nothing.
 */

#include <stdio.h>
#include <string.h>

#include "folder.h"
#include "twin_run.h"

struct twin {
    const char *marker;
    struct twin_run run;
};

static void command_done(struct work *w, const char *output);

static void
write_document(struct work *w, const char *output)
{
    struct json_out out = json_out(&w->document);

    json_open(&out, '{');
    json_member(&out, "schema", STR("slipway.twin/1"));
    json_member(&out, "driver", STR("command"));
    json_member(&out, "tool_output", str_of(output));
    json_close(&out, '}');
}

static bool
adopt(struct work *w)
{
    struct twin *t = w->story;
    struct json_value marker;
    struct error e;

    if (file_read(t->marker, &w->document, &e) &&
        work_json(w, buf_str(&w->document), &marker, &e)) {
        work_finish(w);
        return true;
    }
    buf_clear(&w->document);
    return false;
}

void
twin_command_start(struct work *w)
{
    const struct command_settings *command = &w->order->pipeline->twin.deploy;
    struct twin *t = w->story = work_room(w, sizeof(*t));
    const char *folder;

    if (command->argv.count == 0) {
        write_document(w, "");
        work_finish(w);
        return;
    }
    if ((folder = folder_of_step(w)) == NULL)
        return;
    t->marker = work_text(w, "%s/done.json", folder);
    if (adopt(w))
        return;
    t->run = (struct twin_run){ .command = command,
                                .what = "twin deploy command",
                                .folder = folder,
                                .output = work_text(w, "%s/output", folder),
                                .then = command_done };
    twin_run_start(w, &t->run);
}

static void
command_done(struct work *w, const char *output)
{
    struct twin *t = w->story;
    struct error e;

    write_document(w, output);
    if (!file_write(t->marker, buf_str(&w->document), &e))
        work_unsure(w, "%s", e.text);
    else
        work_finish(w);
}
