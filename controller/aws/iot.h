#ifndef SLIPWAY_AWS_IOT_H
#define SLIPWAY_AWS_IOT_H

/**
 * IoT: thing groups and the jobs behind Greengrass deployments (protocol rest-json).
 *
 * All texts of a callback are lent and NUL-terminated, "" where AWS said
 * nothing.  `next` is NULL after the last page.
 */

#include "call.h"

struct iot_thing_group {
    const char *name, *arn, *id;
    const char *status; /* Dynamic groups only. */
    const char *query;  /* Dynamic groups only. */
    const char *parent;
};

typedef void iot_group_read(void *cookie, const struct aws_result *r,
                            const struct iot_thing_group *g);

/** DescribeThingGroup. */
struct aws_call *iot_describe_thing_group(struct aws_account *account, const char *name,
                                          iot_group_read *done, void *cookie);

/** The ARN of a thing group in `account`'s Region; false if the account's id is not known or it is
 * too long. */
bool iot_thing_group_arn(const struct aws_account *account, const char *name, char *buf,
                         size_t size) MUST_CHECK;

typedef void iot_things_listed(void *cookie, const struct aws_result *r, const char *const *things,
                               size_t count, const char *next);

/** ListThingsInThingGroup, with the groups below, 250 a page. */
struct aws_call *iot_list_things(struct aws_account *account, const char *group, const char *token,
                                 iot_things_listed *done, void *cookie);

struct iot_job {
    const char *id, *arn;
    const char *status; /* IN_PROGRESS | CANCELED | COMPLETED | DELETION_IN_PROGRESS | SCHEDULED */
    const char *reason;
    int64_t queued, in_progress, succeeded, failed, timed_out, rejected, removed, canceled;
    int64_t created_ms, modified_ms, completed_ms;
};

typedef void iot_job_read(void *cookie, const struct aws_result *r, const struct iot_job *job);

/** DescribeJob: the counts of a whole rollout in one call (10 a second at most). */
struct aws_call *iot_describe_job(struct aws_account *account, const char *job_id,
                                  iot_job_read *done, void *cookie);

struct iot_execution {
    const char *thing;  /* The name, from the thing's ARN. */
    const char *status; /* QUEUED | IN_PROGRESS | SUCCEEDED | FAILED | TIMED_OUT | REJECTED |
                           REMOVED | CANCELED */
    int64_t number;
    int64_t queued_ms, started_ms, updated_ms;
    const char
        *details; /* detailsMap as JSON text, "{}" if none; only from iot_describe_execution(). */
};

typedef void iot_executions_listed(void *cookie, const struct aws_result *r,
                                   const struct iot_execution *executions, size_t count,
                                   const char *next);

/** ListJobExecutionsForJob with one status (NULL: any), 250 a page. */
struct aws_call *iot_list_executions(struct aws_account *account, const char *job_id,
                                     const char *status, const char *token,
                                     iot_executions_listed *done, void *cookie);

typedef void iot_execution_read(void *cookie, const struct aws_result *r,
                                const struct iot_execution *x);

/** DescribeJobExecution: one device, with its status details (why it failed). */
struct aws_call *iot_describe_execution(struct aws_account *account, const char *job_id,
                                        const char *thing, iot_execution_read *done, void *cookie);

#endif
