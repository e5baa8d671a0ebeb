#include "poll/sweep.h"

#include <stdlib.h>
#include <string.h>

#include "aws/sagemaker.h"
#include "platform/log.h"
#include "platform/loop.h"
#include "slipway/instant.h"
#include "slipway/json_write.h"

enum { PAGES_MAX = 1000, FOUND_MAX = 100, TOKENS = 4096 };

/* What is listed: for each account, each group and each status. */
static const char *const STATUSES[] = { "Approved", "Rejected", "PendingManualApproval" };

struct sweep {
    struct loop *loop;
    struct aws *aws;
    struct engine *engine;
    struct timer *timer;
    struct aws_call *call;          /* One call at a time: a sweep is in no hurry. */
    size_t pipeline, group, status; /* Where it is. */
    int pages;
    char *next;             /* Token of the next page, or NULL. */
    char *found[FOUND_MAX]; /* To be described. */
    size_t found_count;
    int64_t listed, learnt;
    struct json_token *tokens;
};

static void sweep_list(struct sweep *s);

/* ---- describing what differs ---------------------------------------------------------------- */

/* The fields of an ARN: arn:partition:service:region:account:resource. */
static struct str
arn_field(struct str arn, int field)
{
    struct str head = arn, tail = arn;

    for (int i = 0; i <= field; i++)
        str_cut(tail, ':', &head, &tail);
    return head;
}

/* The event that should have come, from what DescribeModelPackage said. */
static void
write_event(struct buf *out, const struct model_package *p)
{
    struct json_out w = json_out(out);
    struct str arn = str_of(p->arn);
    char at[INSTANT_SIZE];

    instant_rfc3339(p->modified_ms != 0 ? p->modified_ms : p->created_ms, at);
    json_open(&w, '{');
    json_member(&w, "version", STR("0"));
    json_member(&w, "source", STR("aws.sagemaker"));
    json_member(&w, "detail-type", STR("SageMaker Model Package State Change"));
    json_member(&w, "account", arn_field(arn, 4));
    json_member(&w, "region", arn_field(arn, 3));
    json_member(&w, "time", str_of(at));
    json_key(&w, "resources");
    json_open(&w, '[');
    json_string(&w, arn);
    json_close(&w, ']');
    json_key(&w, "detail");
    json_open(&w, '{');
    if (p->group[0] != '\0')
        json_member(&w, "ModelPackageGroupName", str_of(p->group));
    if (p->version > 0)
        json_member_int(&w, "ModelPackageVersion", p->version);
    json_member(&w, "ModelPackageArn", arn);
    json_member(&w, "ModelPackageStatus", str_of(p->status));
    json_member(&w, "ModelApprovalStatus", str_of(p->approval));
    json_member(&w, "LastModifiedTime", str_of(at));
    json_key(&w, "CustomerMetadataProperties");
    json_verbatim(&w, str_of(p->metadata[0] != '\0' ? p->metadata : "{}"));
    json_close(&w, '}');
    json_close(&w, '}');
}

static void sweep_describe(struct sweep *s);

static void
sweep_described(void *cookie, const struct aws_result *r, const struct model_package *p)
{
    struct sweep *s = cookie;
    struct event_room room = { s->tokens, TOKENS, NULL, 0 };
    struct buf text = { .max = EVENT_BODY_MAX };
    struct event ev;
    struct error e;

    s->call = NULL;
    free(s->found[--s->found_count]);
    if (r->outcome != AWS_OK) {
        log_warning("sweep-failed", log_why(&r->error));
    } else {
        write_event(&text, p);
        if (!event_read(&ev, buf_str(&text), &room, &e))
            log_warning("sweep-failed", log_why(&e));
        else if (engine_feed_event(s->engine, &ev) == LEARNT_APPLIED)
            s->learnt++;
    }
    buf_free(&text);
    sweep_describe(s);
}

/* Of the pipeline the sweep is at; NULL, logged, if it cannot be reached. */
static struct aws_account *
sweep_account(struct sweep *s)
{
    const struct settings *settings = engine_settings(s->engine);
    struct error e;
    struct aws_account *account = aws_account(s->aws, &settings->pipelines[s->pipeline].account,
                                              &e);

    if (account == NULL)
        log_warning("sweep-failed", log_why(&e));
    return account;
}

static void
sweep_describe(struct sweep *s)
{
    struct aws_account *account = s->found_count > 0 ? sweep_account(s) : NULL;

    if (account != NULL)
        s->call = sagemaker_describe_model_package(account, s->found[s->found_count - 1],
                                                   sweep_described, s);
    else
        sweep_list(s);
}

/* ---- listing -------------------------------------------------------------------------------- */

static bool
same_account(const struct account_settings *a, const struct account_settings *b)
{
    return str_equal(str_of(a->role_arn), str_of(b->role_arn)) &&
           str_equal(str_of(a->region), str_of(b->region));
}

/* Two pipelines of one account are swept once. */
static bool
swept_before(const struct settings *settings, size_t pipeline)
{
    for (size_t i = 0; i < pipeline; i++)
        if (same_account(&settings->pipelines[i].account, &settings->pipelines[pipeline].account))
            return true;
    return false;
}

static void
forget_found(struct sweep *s)
{
    while (s->found_count > 0)
        free(s->found[--s->found_count]);
}

static void
sweep_end(struct sweep *s)
{
    const struct settings *settings = engine_settings(s->engine);

    engine_counting(s->engine)->sweeps++;
    log_info("sweep-done", log_int("listed", s->listed), log_int("learnt", s->learnt));
    timer_start(s->timer, settings->sweep_ms);
}

/* Moves on to the next page, status, group or account; false after the last. */
static bool
sweep_move(struct sweep *s)
{
    const struct settings *settings = engine_settings(s->engine);
    size_t groups = settings->sweep_groups.count;

    if (s->next != NULL && s->pages < PAGES_MAX)
        return true;
    free(s->next);
    s->next = NULL;
    s->pages = 0;
    if (++s->status < ARRAY_LEN(STATUSES))
        return true;
    s->status = 0;
    if (++s->group < groups)
        return true;
    s->group = 0;
    do
        s->pipeline++;
    while (s->pipeline < settings->pipeline_count && swept_before(settings, s->pipeline));
    return s->pipeline < settings->pipeline_count;
}

static void
sweep_listed(void *cookie, const struct aws_result *r, const struct model_package *packages,
             size_t count, const char *next)
{
    struct sweep *s = cookie;
    bool approved = s->status == 0;

    s->call = NULL;
    free(s->next);
    s->next = r->outcome == AWS_OK && next != NULL ? xstrdup(next) : NULL;
    s->pages++;
    if (r->outcome != AWS_OK)
        log_warning("sweep-failed", log_why(&r->error));
    for (size_t i = 0; r->outcome == AWS_OK && i < count && s->found_count < FOUND_MAX; i++) {
        struct error e;
        bool known;

        s->listed++;
        if (!store_package_is_approved(engine_store(s->engine), str_of(packages[i].arn), &known,
                                       &e)) {
            engine_dies(s->engine, &e);
            return;
        }
        if (known != approved)
            s->found[s->found_count++] = xstrdup(packages[i].arn);
    }
    /* sweep_describe() needs to know where it is: it moves on when nothing is left. */
    sweep_describe(s);
}

/* False if there is nobody to ask. */
static bool
sweep_ask(struct sweep *s)
{
    const struct settings *settings = engine_settings(s->engine);
    struct model_package_filter filter = { .approval = STATUSES[s->status], .token = s->next };
    struct aws_account *account = sweep_account(s);

    if (account == NULL)
        return false;
    if (settings->sweep_groups.count > 0)
        filter.group = settings->sweep_groups.items[s->group];
    s->call = sagemaker_list_model_packages(account, &filter, sweep_listed, s);
    return true;
}

static void
sweep_list(struct sweep *s)
{
    forget_found(s);
    while (sweep_move(s))
        if (sweep_ask(s))
            return;
    sweep_end(s);
}

static void
sweep_begin(void *cookie)
{
    struct sweep *s = cookie;

    s->pipeline = s->group = s->status = 0;
    s->pages = 0;
    s->listed = s->learnt = 0;
    if (!sweep_ask(s))
        sweep_list(s);
}

/* ---- life ----------------------------------------------------------------------------------- */

struct sweep *
sweep_new(struct loop *loop, struct aws *aws, struct engine *en)
{
    struct sweep *s = xcalloc(1, sizeof(*s));

    s->loop = loop;
    s->aws = aws;
    s->engine = en;
    s->timer = timer_new(loop, sweep_begin, s);
    s->tokens = xmalloc(TOKENS * sizeof(*s->tokens));
    return s;
}

void
sweep_start(struct sweep *s)
{
    timer_start(s->timer, 0);
}

void
sweep_stop(struct sweep *s)
{
    timer_stop(s->timer);
    aws_cancel(s->call);
    s->call = NULL;
    free(s->next);
    s->next = NULL;
    forget_found(s);
}

void
sweep_free(struct sweep *s)
{
    if (s == NULL)
        return;
    sweep_stop(s);
    timer_free(s->timer);
    free(s->tokens);
    free(s);
}
