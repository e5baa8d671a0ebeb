#include "twin_run.h"

#include <string.h>

static void artifact_came(struct work *w, struct fetch *f);

bool
twin_run_know(struct work *w, struct twin_run *t)
{
    struct json_value package;

    if (!work_need(w, w->order->package, "package", &package))
        return false;
    t->component = work_member(w, package, "component");
    t->version = work_member(w, package, "version");
    t->sha256 = work_member(w, package, "sha256");
    t->fetch.uri = work_member(w, package, "uri");
    work_token(w->order, "", t->run_id);
    return true;
}

void
twin_run_start(struct work *w, struct twin_run *t)
{
    if (!twin_run_know(w, t))
        return;
    t->work = folder_empty(w, t->folder, "work");
    if (t->work == NULL)
        return;
    t->fetch.sha256 = t->sha256;
    t->fetch.path = work_text(w, "%s/artifact.zip", t->folder);
    t->fetch.then = artifact_came;
    fetch_start(w, &t->fetch);
}

/* The run that `f` is part of. */
static struct twin_run *
run_of(struct fetch *f)
{
    return (struct twin_run *)(void *)((char *)f - offsetof(struct twin_run, fetch));
}

static void
artifact_came(struct work *w, struct fetch *f)
{
    struct twin_run *t = run_of(f);
    const struct argv_value values[] = {
        { "artifact", f->file, false },   { "component", t->component, true },
        { "version", t->version, true },  { "target", w->order->pipeline->target, true },
        { "work", t->work, false },       { "output", t->output, false },
        { "run_id", t->run_id, false },   { "artifact_sha256", t->sha256, true },
        { "model", w->order->arn, true }, { NULL, NULL, false },
    };

    memcpy(t->values, values, sizeof(values));
    t->run = (struct command_run){ .command = t->command,
                                   .what = t->what,
                                   .values = t->values,
                                   .directory = t->work,
                                   .then = t->then };
    command_start(w, &t->run);
}
