#include "daemon.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "aws/call.h"
#include "config/config.h"
#include "engine/feed.h"
#include "platform/log.h"
#include "platform/loop.h"
#include "poll/queue.h"
#include "poll/sweep.h"
#include "web/web.h"
#include "wire/http_client.h"
#include "work/workshop.h"

enum { DRAIN_MS = 200 }; /* For answers that are being written; all else can be resumed. */

struct daemon {
    const char *config_path;
    struct settings *settings;
    struct loop *loop;
    struct store *store;
    struct http_client *http;
    struct aws *aws;
    struct workshop *shop;
    struct engine *engine;
    struct queue *queue;
    struct sweep *sweep;
    struct web *web;
    struct timer *tidy, *deadline;
    bool stopping;
};

/* ---- the configuration ---------------------------------------------------------------------- */

static struct settings *
read_settings(const char *path)
{
    static struct config_report report;
    struct settings *s = config_read(path, &report);

    for (size_t i = 0; i < report.warning_count; i++)
        log_warning("configuration-warning", log_text("problem", report.warnings[i].text));
    for (size_t i = 0; i < report.problem_count; i++)
        log_error("configuration-refused", log_text("problem", report.problems[i].text));
    return s;
}

static void
use_log_level(const struct settings *s)
{
    enum log_level level;

    if (s->log_level != NULL && log_level_read(s->log_level, &level))
        log_threshold(level);
}

/* SIGHUP: the new configuration, or the old one and why. */
static void
reload(void *cookie)
{
    struct daemon *d = cookie;
    struct settings *fresh = d->stopping ? NULL : read_settings(d->config_path);
    struct error e = { 0 };

    if (d->stopping)
        return;
    if (fresh == NULL) {
        log_error("configuration-kept", log_text("reason", "the new one was refused"));
        return;
    }
    if (!config_same_identity(d->settings, fresh, &e) || !engine_use(d->engine, fresh, &e)) {
        log_error("configuration-kept", log_why(&e));
        config_free(fresh);
        return;
    }
    config_free(d->settings);
    d->settings = fresh;
    use_log_level(fresh);
    queue_stop(d->queue);
    queue_start(d->queue);
    sweep_stop(d->sweep);
    sweep_start(d->sweep);
    log_info("configuration-reloaded", log_int("pipelines", (int64_t)fresh->pipeline_count));
}

/* ---- stopping ------------------------------------------------------------------------------- */

static void
stop_now(void *cookie)
{
    struct daemon *d = cookie;

    loop_stop(d->loop);
}

/* Everything is resumable, so there is little to wait for: answers that are being written. */
static void
please_stop(void *cookie)
{
    struct daemon *d = cookie;

    if (d->stopping)
        return;
    d->stopping = true;
    log_info("stopping", LOG_NOTHING);
    queue_stop(d->queue);
    sweep_stop(d->sweep);
    engine_stop(d->engine);
    web_drain(d->web);
    timer_start(d->deadline, DRAIN_MS);
}

static void
tidy(void *cookie)
{
    struct daemon *d = cookie;

    engine_tidy(d->engine);
    timer_start(d->tidy, SECONDS(5));
}

/* ---- starting ------------------------------------------------------------------------------- */

static bool
open_parts(struct daemon *d, struct error *e)
{
    struct http_client_settings wire = { .ca_bundle = aws_ca_bundle(&d->settings->aws) };

    d->store = store_open(d->settings->store, e);
    if (d->store == NULL)
        return false;
    d->loop = loop_new();
    d->http = http_client_new(d->loop, &wire);
    d->aws = aws_new(d->loop, d->http, &d->settings->aws, e);
    if (d->aws == NULL)
        return false;
    d->shop = workshop_new(d->loop, d->aws, d->settings, e);
    if (d->shop == NULL)
        return false;
    d->engine = engine_new(d->loop, d->store, d->settings, d->shop, e);
    if (d->engine == NULL)
        return false;
    d->web = web_open(d->loop, d->engine, e);
    return d->web != NULL;
}

/* Where a script finds the port that was free; written whole, then put in place. */
static bool
write_port(const struct daemon *d, struct error *e)
{
    const char *path = d->settings->port_file;
    struct buf fresh = { .max = 4096 };
    FILE *f;
    bool ok;

    if (path == NULL)
        return true;
    buf_printf(&fresh, "%s.new", path);
    f = fopen(fresh.at, "w");
    ok = f != NULL && fprintf(f, "%d\n", web_port(d->web)) > 0;
    ok = (f == NULL || fclose(f) == 0) && ok && rename(fresh.at, path) == 0;
    if (!ok)
        error_set(e, ERROR_INVALID, "port_file \"%s\": %s", path, strerror(errno));
    buf_free(&fresh);
    return ok;
}

static bool
start_parts(struct daemon *d, struct error *e)
{
    struct aws_account *own = aws_account(d->aws, NULL, e);

    if (own == NULL || !write_port(d, e))
        return false;
    d->queue = queue_new(d->loop, own, d->engine);
    d->sweep = sweep_new(d->loop, d->aws, d->engine);
    d->tidy = timer_new(d->loop, tidy, d);
    d->deadline = timer_new(d->loop, stop_now, d);
    loop_on_signal(d->loop, SIGTERM, please_stop, d);
    loop_on_signal(d->loop, SIGINT, please_stop, d);
    loop_on_signal(d->loop, SIGHUP, reload, d);
    engine_start(d->engine);
    queue_start(d->queue);
    sweep_start(d->sweep);
    timer_start(d->tidy, SECONDS(5));
    log_info("listening", log_text("address", d->settings->listen),
             log_int("port", web_port(d->web)));
    return true;
}

static void
close_parts(struct daemon *d)
{
    queue_free(d->queue);
    sweep_free(d->sweep);
    web_close(d->web);
    timer_free(d->tidy);
    timer_free(d->deadline);
    engine_free(d->engine);
    workshop_free(d->shop);
    aws_free(d->aws);
    http_client_free(d->http);
    if (d->loop != NULL)
        loop_free(d->loop);
    store_close(d->store);
    config_free(d->settings);
}

/* A store that cannot be used is the operator's to mend; a disk that refuses may get well. */
static enum daemon_exit
status_of(const struct error *e)
{
    return e->kind == ERROR_STORAGE || e->kind == ERROR_CONFLICT ? DAEMON_RESTART : DAEMON_CONFIG;
}

enum daemon_exit
daemon_run(const char *path)
{
    struct daemon d = { .config_path = path };
    enum daemon_exit status = DAEMON_CONFIG;
    struct error e = { 0 };

    d.settings = read_settings(path);
    if (d.settings == NULL)
        return DAEMON_CONFIG;
    use_log_level(d.settings);
    if (open_parts(&d, &e) && start_parts(&d, &e)) {
        loop_run(d.loop);
        status = engine_exit_status(d.engine) != 0 ? DAEMON_RESTART : DAEMON_CLEAN;
        log_info("stopped", log_int("exit_status", status));
    } else {
        status = status_of(&e);
        log_error("start-failed", log_why(&e), log_int("exit_status", status));
    }
    close_parts(&d);
    return status;
}
