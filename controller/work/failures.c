#include "failures.h"

#include <string.h>

#include "aws/iot.h"

static const char *const STATUSES[] = { "FAILED", "REJECTED", "TIMED_OUT" };

static void go_on(struct work *w, struct failures *f);
static void listed(void *cookie, const struct aws_result *r, const struct iot_execution *executions,
                   size_t count, const char *next);
static void described(void *cookie, const struct aws_result *r, const struct iot_execution *x);

void
failures_start(struct work *w, struct failures *f)
{
    w->part = f;
    f->devices = f->broken = 0;
    f->reason = NULL;
    f->pages = (struct pages){ 0 };
    f->job = f->status = f->count = f->at = 0;
    go_on(w, f);
}

static void
next_list(struct failures *f)
{
    f->pages = (struct pages){ 0 };
    f->status++;
    if (f->status == (f->any_status ? ARRAY_LEN(STATUSES) : 1)) {
        f->status = 0;
        f->job++;
    }
}

/* Asks for the next device, or the next page of devices. */
static void
go_on(struct work *w, struct failures *f)
{
    if (f->job == f->job_count || f->devices == f->devices_max)
        f->then(w, f);
    else if (f->at < f->count)
        w->call = iot_describe_execution(w->account, f->jobs[f->job], f->things[f->at], described,
                                         w);
    else
        w->call = iot_list_executions(w->account, f->jobs[f->job], STATUSES[f->status],
                                      f->pages.token, listed, w);
}

static void
listed(void *cookie, const struct aws_result *r, const struct iot_execution *executions,
       size_t count, const char *next)
{
    struct work *w = cookie;
    struct failures *f = w->part;

    w->call = NULL;
    if (r->outcome != AWS_OK) {
        work_trouble(w, r);
        return;
    }
    f->things = work_room(w, count * sizeof(*f->things));
    for (size_t i = 0; i < count; i++)
        f->things[i] = work_keep(w, str_of(executions[i].thing));
    f->count = count;
    f->at = 0;
    f->more = next != NULL;
    if (f->more && !work_turn_page(w, &f->pages, next))
        return;
    if (count == 0 && !f->more)
        next_list(f);
    go_on(w, f);
}

static void
note(struct work *w, struct failures *f, const char *status, struct json_value details)
{
    const char *class = work_member(w, details, "detailed-deployment-status");
    const char *cause = work_member(w, details, "deployment-failure-cause");

    f->devices++;
    if (class != NULL && strcmp(class, "FAILED_UNABLE_TO_ROLLBACK") == 0)
        f->broken++;
    if (f->reason == NULL)
        f->reason = work_text(w, "device %s: %s: %s", f->things[f->at],
                              class != NULL ? class : status,
                              cause != NULL ? cause : "it gives no reason");
}

static void
described(void *cookie, const struct aws_result *r, const struct iot_execution *x)
{
    struct work *w = cookie;
    struct failures *f = w->part;
    struct json_value details = { 0 };
    struct error e;

    w->call = NULL;
    if (r->outcome == AWS_OK) {
        const char *text = work_keep(w, str_of(x->details));

        if (!work_json(w, str_of(text), &details, &e))
            details = (struct json_value){ 0 };
        note(w, f, x->status, details);
    } else if (!aws_refused(r, "ResourceNotFoundException")) {
        work_trouble(w, r);
        return;
    }
    f->at++;
    if (f->at == f->count && !f->more)
        next_list(f);
    go_on(w, f);
}
