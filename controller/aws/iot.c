#include "aws/iot.h"

#include <stdio.h>
#include <string.h>

#include "aws/json_call.h"
#include "aws/reader.h"
#include "aws/uri.h"
#include "slipway/memory.h"

#define PATH_MAX_BYTES 8192
#define THINGS_MAX INT64_C(1000000000)

/* A question to `before` + `name` + `after` + `last`; both names are encoded. */
static struct aws_call *
ask(struct aws_account *account, const char *operation, const char *const path[4],
    struct buf *query, aws_read *read, aws_then *then, void *cookie)
{
    struct aws_question q = { .service = AWS_IOT,
                              .operation = operation,
                              .method = "GET",
                              .answer_max = 4 * 1048576,
                              .idempotent = true };
    struct buf to = { .max = PATH_MAX_BYTES };
    struct aws_call *call;

    for (size_t i = 0; i < 4 && path[i] != NULL; i++)
        if (i % 2 == 0)
            buf_add(&to, str_of(path[i]));
        else if (path[i][0] != '\0')
            uri_encode(&to, str_of(path[i]), false);
        else
            q.broken = "a name is empty";
    if (to.overflow || (query != NULL && query->overflow))
        q.broken = "a name or a token is too long";
    q.path = to.at;
    q.query = query != NULL ? query->at : NULL;
    call = aws_ask(account, &q, read, then, cookie, NULL, NULL);
    buf_free(&to);
    if (query != NULL)
        buf_free(query);
    return call;
}

static struct buf
page(const char *token)
{
    struct buf query = { .max = PATH_MAX_BYTES };

    uri_query(&query, "maxResults", STR("250"));
    if (token != NULL)
        uri_query(&query, "nextToken", str_of(token));
    return query;
}

/* ---- thing groups --------------------------------------------------------------------------- */

bool
iot_thing_group_arn(const struct aws_account *account, const char *name, char *buf, size_t size)
{
    int n = snprintf(buf, size, "arn:%s:iot:%s:%s:thinggroup/%s", aws_account_partition(account),
                     aws_account_region(account), aws_account_id(account), name);

    return aws_account_id(account)[0] != '\0' && n > 0 && (size_t)n < size;
}

static void
group_came(struct aws_answer *a, aws_then *then, void *cookie)
{
    iot_group_read *done = (iot_group_read *)then;
    struct iot_thing_group g = { .name = "" };
    struct reader r;

    if (reader_open(&r, a)) {
        g.name = reader_needs(&r, r.root, "thingGroupName");
        g.arn = reader_needs(&r, r.root, "thingGroupArn");
        g.id = reader_text(&r, r.root, "thingGroupId");
        g.status = reader_text(&r, r.root, "status");
        g.query = reader_text(&r, r.root, "queryString");
        g.parent = reader_text(&r, r.root, "thingGroupMetadata.parentGroupName");
    }
    done(cookie, &a->result, a->result.outcome == AWS_OK ? &g : NULL);
    reader_close(&r);
}

struct aws_call *
iot_describe_thing_group(struct aws_account *account, const char *name, iot_group_read *done,
                         void *cookie)
{
    const char *const path[4] = { "/thing-groups/", name, NULL };

    return ask(account, "DescribeThingGroup", path, NULL, group_came, (aws_then *)done, cookie);
}

static void
things_came(struct aws_answer *a, aws_then *then, void *cookie)
{
    iot_things_listed *done = (iot_things_listed *)then;
    const char **list = NULL, *next = NULL;
    struct json_value items;
    struct reader r;
    size_t count = 0;

    if (reader_open(&r, a) && reader_list(&r, "things", &items)) {
        list = reader_array(&r, json_size(items), sizeof(*list));
        for (struct json_cursor c = json_first(items); json_exists(c.value); json_next(&c)) {
            list[count] = reader_text(&r, c.value, "");
            if (list[count++][0] == '\0')
                aws_wrong(a, "a thing without a name");
        }
        next = reader_next(&r, "nextToken");
    }
    if (a->result.outcome != AWS_OK)
        done(cookie, &a->result, NULL, 0, NULL);
    else
        done(cookie, &a->result, list, count, next);
    reader_close(&r);
}

struct aws_call *
iot_list_things(struct aws_account *account, const char *group, const char *token,
                iot_things_listed *done, void *cookie)
{
    const char *const path[4] = { "/thing-groups/", group, "/things", NULL };
    struct buf query = page(token);

    uri_query(&query, "recursive", STR("true"));
    return ask(account, "ListThingsInThingGroup", path, &query, things_came, (aws_then *)done,
               cookie);
}

/* ---- jobs ----------------------------------------------------------------------------------- */

/* A number of things.  Sums and percentages are made of it, so nonsense must not be too large. */
static int64_t
count_of(struct json_value details, const char *name)
{
    int64_t n = reader_int(details, name);

    return n < 0 ? 0 : n > THINGS_MAX ? THINGS_MAX : n;
}

static void
job_came(struct aws_answer *a, aws_then *then, void *cookie)
{
    iot_job_read *done = (iot_job_read *)then;
    struct iot_job job = { .id = "" };
    struct reader r;

    if (reader_open(&r, a)) {
        struct json_value v = json_get(r.root, "job");
        struct json_value n = json_get(v, "jobProcessDetails");

        job.id = reader_needs(&r, v, "jobId");
        job.status = reader_needs(&r, v, "status");
        job.arn = reader_text(&r, v, "jobArn");
        job.reason = reader_text(&r, v, "reasonCode");
        job.queued = count_of(n, "numberOfQueuedThings");
        job.in_progress = count_of(n, "numberOfInProgressThings");
        job.succeeded = count_of(n, "numberOfSucceededThings");
        job.failed = count_of(n, "numberOfFailedThings");
        job.timed_out = count_of(n, "numberOfTimedOutThings");
        job.rejected = count_of(n, "numberOfRejectedThings");
        job.removed = count_of(n, "numberOfRemovedThings");
        job.canceled = count_of(n, "numberOfCanceledThings");
        job.created_ms = reader_time(v, "createdAt");
        job.modified_ms = reader_time(v, "lastUpdatedAt");
        job.completed_ms = reader_time(v, "completedAt");
    }
    done(cookie, &a->result, a->result.outcome == AWS_OK ? &job : NULL);
    reader_close(&r);
}

struct aws_call *
iot_describe_job(struct aws_account *account, const char *job_id, iot_job_read *done, void *cookie)
{
    const char *const path[4] = { "/jobs/", job_id, NULL };

    return ask(account, "DescribeJob", path, NULL, job_came, (aws_then *)done, cookie);
}

/* The name at the end of "arn:aws:iot:us-east-1:123456789012:thing/core-1". */
static const char *
thing_of(const char *arn)
{
    const char *slash = strstr(arn, ":thing/");

    return slash != NULL ? slash + strlen(":thing/") : arn;
}

static void
read_execution(struct reader *r, struct json_value thing, struct json_value v,
               struct iot_execution *x)
{
    x->thing = thing_of(reader_needs(r, thing, "thingArn"));
    x->status = reader_needs(r, v, "status");
    x->number = reader_int(v, "executionNumber");
    x->queued_ms = reader_time(v, "queuedAt");
    x->started_ms = reader_time(v, "startedAt");
    x->updated_ms = reader_time(v, "lastUpdatedAt");
    x->details = reader_object(r, v, "statusDetails.detailsMap");
}

static void
executions_came(struct aws_answer *a, aws_then *then, void *cookie)
{
    iot_executions_listed *done = (iot_executions_listed *)then;
    struct iot_execution *list = NULL;
    struct json_value items;
    struct reader r;
    const char *next = NULL;
    size_t count = 0;

    if (reader_open(&r, a) && reader_list(&r, "executionSummaries", &items)) {
        list = reader_array(&r, json_size(items), sizeof(*list));
        for (struct json_cursor c = json_first(items); json_exists(c.value); json_next(&c))
            read_execution(&r, c.value, json_get(c.value, "jobExecutionSummary"), &list[count++]);
        next = reader_next(&r, "nextToken");
    }
    if (a->result.outcome != AWS_OK)
        done(cookie, &a->result, NULL, 0, NULL);
    else
        done(cookie, &a->result, list, count, next);
    reader_close(&r);
}

struct aws_call *
iot_list_executions(struct aws_account *account, const char *job_id, const char *status,
                    const char *token, iot_executions_listed *done, void *cookie)
{
    const char *const path[4] = { "/jobs/", job_id, "/things", NULL };
    struct buf query = page(token);

    if (status != NULL)
        uri_query(&query, "status", str_of(status));
    return ask(account, "ListJobExecutionsForJob", path, &query, executions_came, (aws_then *)done,
               cookie);
}

static void
execution_came(struct aws_answer *a, aws_then *then, void *cookie)
{
    iot_execution_read *done = (iot_execution_read *)then;
    struct iot_execution x = { .thing = "" };
    struct reader r;

    if (reader_open(&r, a)) {
        struct json_value v = json_get(r.root, "execution");

        read_execution(&r, v, v, &x);
    }
    done(cookie, &a->result, a->result.outcome == AWS_OK ? &x : NULL);
    reader_close(&r);
}

struct aws_call *
iot_describe_execution(struct aws_account *account, const char *job_id, const char *thing,
                       iot_execution_read *done, void *cookie)
{
    const char *const path[4] = { "/things/", thing, "/jobs/", job_id };

    return ask(account, "DescribeJobExecution", path, NULL, execution_came, (aws_then *)done,
               cookie);
}
