#include "workshop.h"

#include <assert.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "aws/sts.h"
#include "command.h"
#include "document.h"
#include "folder.h"
#include "platform/log.h"
#include "platform/loop.h"
#include "story.h"

#define DENIED_TRIES 7 /* Of an order, over about ten seconds, until a denial is believed. */

struct piece {
    struct piece *next;
    void *thing;
    void (*release)(void *);
};

struct workshop {
    struct loop *loop;
    struct aws *aws;
    char *folder;
    struct command_queue commands;
    struct work *first; /* Being carried out. */
};

/* ---- which driver carries out which order --------------------------------------------------- */

#define ANY (-1)

/* clang-format off */
static const struct {
    enum order_kind kind;
    int driver;
    work_step *start;
} DRIVERS[] = {
    { ORDER_CONFIRM,        ANY,             confirm_start          },
    { ORDER_COMPILE,        COMPILE_NONE,    compile_none_start     },
    { ORDER_COMPILE,        COMPILE_NEO,     compile_neo_start      },
    { ORDER_COMPILE,        COMPILE_COMMAND, compile_command_start  },
    { ORDER_PACKAGE,        ANY,             package_start          },
    { ORDER_TWIN_DEPLOY,    TWIN_GREENGRASS, twin_greengrass_start  },
    { ORDER_TWIN_DEPLOY,    TWIN_COMMAND,    twin_command_start     },
    { ORDER_TWIN_TEST,      ANY,             twin_test_start        },
    { ORDER_PLAN,           ANY,             plan_start             },
    { ORDER_WAVE_DEPLOY,    ANY,             wave_deploy_start      },
    { ORDER_WAVE_WATCH,     ANY,             wave_watch_start       },
    { ORDER_ROLL_BACK,      ANY,             roll_back_start        },
    { ORDER_ROLLBACK_WATCH, ANY,             wave_watch_start       },
    { ORDER_STOP,           ANY,             stop_start             },
};
/* clang-format on */

static work_step *
driver_of(const struct work_order *o)
{
    for (size_t i = 0; i < ARRAY_LEN(DRIVERS); i++) {
        int driver = o->kind == ORDER_COMPILE ? (int)o->pipeline->compile.driver
                                              : (int)o->pipeline->twin.driver;

        if (DRIVERS[i].kind == o->kind && (DRIVERS[i].driver == ANY || DRIVERS[i].driver == driver))
            return DRIVERS[i].start;
    }
    assert(false); /* Nobody carries out an order that waits for a person. */
    return NULL;
}

/* ---- the workshop --------------------------------------------------------------------------- */

/* The folder from the root on: commands run elsewhere than slipway. */
static char *
absolute(const char *path)
{
    char here[PATH_MAX];
    struct buf whole = { .max = PATH_MAX };

    if (path[0] != '/' && getcwd(here, sizeof(here)) != NULL)
        buf_printf(&whole, "%s/", here);
    buf_add(&whole, str_of(path));
    return whole.at;
}

struct workshop *
workshop_new(struct loop *loop, struct aws *aws, const struct settings *settings, struct error *e)
{
    struct workshop *shop;

    if (!folder_make(settings->work_dir, e)) {
        (void)error_while(e, "work_dir");
        return NULL;
    }
    if (access(settings->work_dir, W_OK | X_OK) != 0) {
        (void)error_set(e, ERROR_INVALID, "work_dir: %s: cannot be written to by this user",
                        settings->work_dir);
        return NULL;
    }
    shop = xcalloc(1, sizeof(*shop));
    shop->loop = loop;
    shop->aws = aws;
    shop->folder = absolute(settings->work_dir);
    shop->commands.last = &shop->commands.first;
    return shop;
}

void
workshop_free(struct workshop *shop)
{
    if (shop == NULL)
        return;
    while (shop->first != NULL)
        work_cancel(shop->first);
    commands_close(shop, shop->loop);
    free(shop->folder);
    free(shop);
}

void
workshop_forget(struct workshop *shop, const struct work_order *order)
{
    char release[WORK_TOKEN_SIZE], path[PATH_MAX];

    if (snprintf(path, sizeof(path), "%s/%s", shop->folder, work_release(order, release)) <
            (int)sizeof(path) &&
        !folder_remove(path))
        log_warning("work-folder-left", log_text("path", path));
}

const char *
workshop_folder(const struct workshop *shop)
{
    return shop->folder;
}

struct command_queue *
workshop_commands(struct workshop *shop)
{
    return &shop->commands;
}

/* ---- one order ------------------------------------------------------------------------------ */

static void
take_up(void *cookie)
{
    struct work *w = cookie;
    work_step *step = w->step;

    w->step = NULL;
    step(w);
}

static void
begin(struct work *w)
{
    struct error e;

    w->account = aws_account(w->shop->aws, &w->order->pipeline->account, &e);
    if (w->account == NULL) {
        work_fail(w, "account of pipeline %s: %s", w->order->pipeline->name, e.text);
        return;
    }
    driver_of(w->order)(w);
}

struct work *
work_start(struct workshop *shop, const struct work_order *order, work_done *done, void *cookie)
{
    struct work *w = xcalloc(1, sizeof(*w));

    w->shop = shop;
    w->order = order;
    w->begun_ms = loop_monotonic_ms(shop->loop);
    w->done = done;
    w->cookie = cookie;
    w->fd = -1;
    w->document.max = w->progress.max = WORK_TEXT_MAX;
    w->next = shop->first;
    if (shop->first != NULL)
        shop->first->before = w;
    shop->first = w;
    work_next_turn(w, begin);
    return w;
}

void
work_drop(struct work *w)
{
    aws_cancel(w->call);
    w->call = NULL;
    command_cancel(w);
    if (w->step != NULL)
        loop_not_later(w->shop->loop, take_up, w);
    w->step = NULL;
    if (w->fd >= 0)
        close(w->fd);
    w->fd = -1;
    if (w->before != NULL)
        w->before->next = w->next;
    else
        w->shop->first = w->next;
    if (w->next != NULL)
        w->next->before = w->before;
}

static void
free_work(struct work *w)
{
    while (w->pieces != NULL) {
        struct piece *p = w->pieces;

        w->pieces = p->next;
        p->release(p->thing);
        free(p);
    }
    buf_free(&w->document);
    buf_free(&w->progress);
    free(w);
}

void
work_cancel(struct work *w)
{
    if (w == NULL)
        return;
    work_drop(w);
    free_work(w);
}

/* ---- endings -------------------------------------------------------------------------------- */

void
work_end(struct work *w, enum work_outcome outcome)
{
    work_drop(w);
    if (w->document.overflow || w->progress.overflow) {
        outcome = WORK_FAILED;
        snprintf(w->reason, sizeof(w->reason), "what was found out is longer than %zu bytes",
                 WORK_TEXT_MAX);
        buf_clear(&w->document);
        buf_clear(&w->progress);
    }
    w->result.outcome = outcome;
    w->result.reason = w->reason[0] != '\0' ? w->reason : NULL;
    w->result.document = outcome == WORK_DONE ? buf_str(&w->document) : (struct str){ NULL, 0 };
    /* Progress that has not changed need not be written again at every poll. */
    if (!str_equal(buf_str(&w->progress), w->order->progress))
        w->result.progress = buf_str(&w->progress);
    w->done(w->cookie, &w->result);
    free_work(w);
}

void
work_finish(struct work *w)
{
    work_end(w, WORK_DONE);
}

void
work_wait(struct work *w, int64_t wait_ms)
{
    w->result.wait_ms = wait_ms > 0 ? wait_ms : SECONDS(5);
    work_end(w, WORK_UNDER_WAY);
}

static void
say(struct work *w, const char *fmt, va_list values)
{
    vsnprintf(w->reason, sizeof(w->reason), fmt, values);
}

void
work_fail(struct work *w, const char *fmt, ...)
{
    va_list values;

    va_start(values, fmt);
    say(w, fmt, values);
    va_end(values);
    work_end(w, WORK_FAILED);
}

void
work_unsure(struct work *w, const char *fmt, ...)
{
    va_list values;

    va_start(values, fmt);
    say(w, fmt, values);
    va_end(values);
    work_end(w, WORK_UNKNOWN);
}

/* Refusals that say "not now" and nothing of the thing asked for. */
bool
work_may_pass(const struct work *w, const struct aws_result *r)
{
    static const char *const CODES[] = { "RequestAlreadyInProgressException",
                                         "ConditionalRequestConflict", "OperationAborted" };

    for (size_t i = 0; i < ARRAY_LEN(CODES); i++)
        if (aws_refused(r, CODES[i]))
            return true;
    /* A role or policy made a moment ago counts some seconds later. */
    if (r->error.kind == ERROR_DENIED && w->order->tries < DENIED_TRIES)
        return true;
    return aws_may_pass(r);
}

void
work_trouble(struct work *w, const struct aws_result *r)
{
    if (work_may_pass(w, r))
        work_unsure(w, "%s", r->error.text);
    else
        work_fail(w, "%s", r->error.text);
}

/* ---- memory --------------------------------------------------------------------------------- */

void
work_owns(struct work *w, void *thing, void (*release)(void *))
{
    struct piece *p = xmalloc(sizeof(*p));

    *p = (struct piece){ .next = w->pieces, .thing = thing, .release = release };
    w->pieces = p;
}

void *
work_room(struct work *w, size_t size)
{
    void *room = xcalloc(1, size);

    work_owns(w, room, free);
    return room;
}

const char *
work_keep(struct work *w, struct str s)
{
    char *copy = xstrcopy(s);

    work_owns(w, copy, free);
    return copy;
}

const char *
work_text(struct work *w, const char *fmt, ...)
{
    va_list values;
    char *room;
    int len;

    va_start(values, fmt);
    len = vsnprintf(NULL, 0, fmt, values);
    va_end(values);
    assert(len >= 0);
    room = xmalloc((size_t)len + 1);
    va_start(values, fmt);
    vsnprintf(room, (size_t)len + 1, fmt, values);
    va_end(values);
    work_owns(w, room, free);
    return room;
}

/* ---- reading -------------------------------------------------------------------------------- */

static void
free_document(void *thing)
{
    document_free(thing);
    free(thing);
}

bool
work_json(struct work *w, struct str text, struct json_value *out, struct error *e)
{
    struct document *d = xcalloc(1, sizeof(*d));

    work_owns(w, d, free_document);
    if (!document_read(d, text, e))
        return false;
    *out = json_root(&d->json);
    return true;
}

bool
work_need(struct work *w, struct str text, const char *name, struct json_value *out)
{
    struct error e;

    if (text.len == 0) {
        work_fail(w, "the document \"%s\" of an earlier step is missing", name);
        return false;
    }
    if (!work_json(w, text, out, &e)) {
        work_fail(w, "the document \"%s\" of an earlier step cannot be read: %s", name, e.text);
        return false;
    }
    return true;
}

struct json_value
work_progress(struct work *w)
{
    struct json_value progress = { 0 };
    struct error e;

    /* Progress that cannot be read is as none: every driver reads before it creates. */
    if (w->order->progress.len == 0 || !work_json(w, w->order->progress, &progress, &e))
        return (struct json_value){ 0 };
    return progress;
}

const char *
work_member(struct work *w, struct json_value v, const char *path)
{
    struct json_value member = json_path(v, path);
    size_t size = json_raw(member).len + 1;
    char *text;

    if (!json_exists(member) || json_type(member) != JSON_STRING)
        return NULL;
    text = work_room(w, size);
    return json_text(member, text, size, NULL) ? text : NULL;
}

int64_t
member_int(struct json_value v, const char *path, int64_t otherwise)
{
    int64_t n;

    return json_int(json_path(v, path), &n) ? n : otherwise;
}

/* ---- going on ------------------------------------------------------------------------------- */

void
work_next_turn(struct work *w, work_step *step)
{
    assert(w->step == NULL);
    w->step = step;
    loop_later(w->shop->loop, take_up, w);
}

int64_t
work_now_ms(const struct work *w)
{
    return w->order->now_ms + (loop_monotonic_ms(w->shop->loop) - w->begun_ms);
}

struct loop *
work_loop(const struct work *w)
{
    return w->shop->loop;
}

bool
work_turn_page(struct work *w, struct pages *p, const char *next)
{
    if ((p->token != NULL && strcmp(p->token, next) == 0) || p->turned == WORK_PAGES_MAX) {
        work_unsure(w, "a list of AWS's does not end: %d pages were read, and another one follows",
                    p->turned + 1);
        return false;
    }
    p->token = work_keep(w, str_of(next));
    p->turned++;
    return true;
}

static void
identified(void *cookie, const struct aws_result *r, const struct sts_identity *id)
{
    struct work *w = cookie;
    work_step *then = w->step;

    (void)id;
    w->call = NULL;
    w->step = NULL;
    if (r->outcome == AWS_OK)
        then(w);
    else
        work_trouble(w, r);
}

void
work_identify(struct work *w, work_step *step)
{
    if (aws_account_id(w->account)[0] != '\0') {
        step(w);
        return;
    }
    /* No turn is waited for, so its place is free; loop_not_later() of nothing is harmless. */
    w->step = step;
    w->call = sts_identify(w->account, identified, w);
}
