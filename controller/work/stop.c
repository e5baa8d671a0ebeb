/*
 * ORDER_STOP: what would go on costing money by itself is stopped: a compilation job.
 *
 * Commands end with the work that runs them, and a Greengrass deployment is not stopped
 * but replaced (roll_back.c).
 */

#include <string.h>

#include "aws/sagemaker.h"
#include "neo.h"
#include "story.h"

static void job_looked_at(void *cookie, const struct aws_result *r,
                          const struct compilation_job *job);
static void job_told_to_stop(void *cookie, const struct aws_result *r);

void
stop_start(struct work *w)
{
    char name[NEO_NAME_SIZE];

    if (w->order->pipeline->compile.driver != COMPILE_NEO) {
        work_finish(w);
        return;
    }
    w->call = sagemaker_describe_compilation_job(w->account, neo_name(w->order, name),
                                                 job_looked_at, w);
}

static bool
has_ended(const char *status)
{
    return strcmp(status, "COMPLETED") == 0 || strcmp(status, "FAILED") == 0 ||
           strcmp(status, "STOPPED") == 0;
}

static void
look_again(struct work *w)
{
    work_wait(w, w->order->pipeline->compile.poll_ms);
}

/* The job may have been asked for a moment ago: it is looked for twice. */
static void
look_once_more(struct work *w)
{
    struct json_out out = json_out(&w->progress);

    if (json_exists(work_progress(w))) {
        work_finish(w);
        return;
    }
    json_open(&out, '{');
    json_member_int(&out, "looked", 1);
    json_close(&out, '}');
    look_again(w);
}

static void
job_looked_at(void *cookie, const struct aws_result *r, const struct compilation_job *job)
{
    struct work *w = cookie;
    char name[NEO_NAME_SIZE];

    w->call = NULL;
    if (sagemaker_not_found(r)) {
        look_once_more(w);
    } else if (r->outcome != AWS_OK) {
        work_trouble(w, r);
    } else if (has_ended(job->status)) {
        work_finish(w);
    } else if (strcmp(job->status, "STOPPING") == 0) {
        look_again(w);
    } else {
        w->call = sagemaker_stop_compilation_job(w->account, neo_name(w->order, name),
                                                 job_told_to_stop, w);
    }
}

/* Whatever the answer: what the job is then, the next look says.  It may have ended meanwhile,
 * which SageMaker calls an error. */
static void
job_told_to_stop(void *cookie, const struct aws_result *r)
{
    struct work *w = cookie;

    w->call = NULL;
    if (aws_refused(r, "AccessDeniedException"))
        work_trouble(w, r);
    else
        look_again(w);
}
