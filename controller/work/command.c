#include "command.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "platform/loop.h"

#define OUTPUT_MAX 65536 /* Of stdout and of stderr, kept. */
#define EXCERPT_MAX 4096 /* Of it, in documents. */
#define PATH_DEFAULT "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

static void start_waiting(void *cookie);

/* ---- its arguments and environment ---------------------------------------------------------- */

static const char *const *
fill_arguments(struct work *w, const struct command_run *run, struct error *e)
{
    const struct setting_list *argv = &run->command->argv;
    const char **filled = work_room(w, (argv->count + 1) * sizeof(*filled));

    for (size_t i = 0; i < argv->count; i++) {
        char *text = argv_fill(argv->items[i], run->values, e);

        if (text == NULL)
            return NULL;
        work_owns(w, text, free);
        filled[i] = text;
    }
    return filled;
}

static const char *const *
make_environment(struct work *w, const struct command_run *run)
{
    const struct setting_list *given = &run->command->environment;
    const char **all = work_room(w, (given->count + 2) * sizeof(*all));
    size_t count = 0;
    bool path = false;

    for (size_t i = 0; i < given->count; i++) {
        path = path || str_starts(str_of(given->items[i]), "PATH=");
        all[count++] = given->items[i];
    }
    if (!path)
        all[count] = PATH_DEFAULT;
    return all;
}

/* ---- it runs -------------------------------------------------------------------------------- */

static void
leave(struct work *w)
{
    struct command_queue *queue = workshop_commands(w->shop);

    assert(queue->running > 0);
    queue->running--;
    w->child = NULL;
    w->command = NULL;
}

static const char *
excerpt(struct work *w, const struct child_result *r)
{
    struct str out = str_trim(text_end(str_trim(r->out), EXCERPT_MAX / 2));
    struct str err = str_trim(text_end(str_trim(r->err), EXCERPT_MAX / 2));

    return work_text(w, "%.*s%s%.*s", STR_ARG(out), out.len > 0 && err.len > 0 ? "\n" : "",
                     STR_ARG(err));
}

static void
command_ended(void *cookie, const struct child_result *r)
{
    struct work *w = cookie;
    struct command_run *run = w->command;
    struct workshop *shop = w->shop;
    char line[300];

    leave(w);
    if (r->end == CHILD_EXITED && r->code == 0) {
        run->then(w, excerpt(w, r));
    } else {
        last_line(r->err, line, sizeof(line));
        work_fail(w, "%s: %s%s%s", run->what, r->error.text, line[0] != '\0' ? ": " : "", line);
    }
    start_waiting(shop);
}

static void
run_now(struct command_run *run)
{
    struct work *w = run->work;
    struct command_queue *queue = workshop_commands(w->shop);
    struct child_program p = {
        .directory = run->directory,
        .timeout_ms = run->command->timeout_ms > 0 ? run->command->timeout_ms : HOURS(1),
        .out_max = OUTPUT_MAX,
        .err_max = OUTPUT_MAX,
        .environment = make_environment(w, run),
    };
    struct error e;

    queue->running++;
    p.argv = fill_arguments(w, run, &e);
    if (p.argv == NULL) {
        leave(w);
        work_fail(w, "%s: %s", run->what, e.text);
        return;
    }
    w->child = child_start(work_loop(w), &p, command_ended, w);
}

/* ---- and waits for its turn ----------------------------------------------------------------- */

static void
start_waiting(void *cookie)
{
    struct command_queue *queue = workshop_commands(cookie);

    while (queue->first != NULL && queue->running < WORKSHOP_CHILDREN_MAX) {
        struct command_run *run = queue->first;

        queue->first = run->next;
        if (queue->first == NULL)
            queue->last = &queue->first;
        run_now(run);
    }
}

void
command_start(struct work *w, struct command_run *run)
{
    struct command_queue *queue = workshop_commands(w->shop);

    assert(w->command == NULL);
    w->command = run;
    run->work = w;
    run->next = NULL;
    *queue->last = run;
    queue->last = &run->next;
    start_waiting(w->shop);
}

static void
stop_waiting(struct command_queue *queue, const struct command_run *run)
{
    struct command_run **at = &queue->first;

    while (*at != run)
        at = &(*at)->next;
    *at = run->next;
    if (*at == NULL)
        queue->last = at;
}

void
command_cancel(struct work *w)
{
    struct workshop *shop = w->shop;

    if (w->command == NULL)
        return;
    if (w->child == NULL) {
        stop_waiting(workshop_commands(shop), w->command);
        w->command = NULL;
        return;
    }
    child_cancel(w->child);
    leave(w);
    /* Not at once: when many are taken back, none is started only to be taken back too. */
    loop_later(work_loop(w), start_waiting, shop);
}

void
commands_close(struct workshop *shop, struct loop *l)
{
    loop_not_later(l, start_waiting, shop);
}
