#ifndef SLIPWAY_WORK_GREENGRASS_TARGET_H
#define SLIPWAY_WORK_GREENGRASS_TARGET_H

/**
 * Greengrass target: what a thing group runs, and how that is changed; for this folder only.
 *
 * The one place that creates Greengrass deployments.  A new deployment replaces
 * the target's whole component set and there is no If-Match, so the live one is always
 * read first (ListDeployments LATEST_ONLY, then GetDeployment, which alone tells components and
 * tags).  CreateDeployment's client token is good for 8 hours only; what is
 * created carries its token as a tag for ever, and a live deployment with our token is
 * adopted instead of created again.
 *
 * Functions that ask AWS call `then` on success and end the work otherwise.  One
 * target of a work is asked at a time.
 */

#include "story.h"

#define TAG_TOKEN "slipway:token"
#define TAG_RELEASE "slipway:release"
#define TAG_PIPELINE "slipway:pipeline"
#define TARGET_NAME "slipway %s %s" /* Pipeline and version; a deployment's name adds the step. */

struct target;
typedef void target_then(struct work *w, struct target *t);

/** A thing group and its latest deployment; in work_room().  Texts are kept with the work. */
struct target {
    const char *group;
    const char *arn; /* NULL: DescribeThingGroup says. */
    bool any;        /* There is a deployment; else the rest is "" and "{}". */
    const char *id, *name, *parent, *job_id, *status;
    const char *components, *policies, *job_configuration, *tags;
    target_then *then;
    struct pages pages; /* Of the list of its deployments. */
};

/** What shall be deployed instead. */
struct target_change {
    const char *components; /* The whole set, JSON. */
    const char *version;    /* Of our component, for the deployment's name. */
    const char *step;       /* "twin", "wave", "rollback": likewise. */
    const char *token;
    int64_t rate_per_minute; /* 0: as the live deployment has it. */
};

/** Reads what runs on t->group now. */
void target_read(struct work *w, struct target *t, target_then *then);

/**
 * Deploys; t->id and t->job_id are then the new deployment's.  AWS answers a known token with the
 * deployment it made, replaced meanwhile or not: one that is not the group's live one fails the
 * work, because only another token makes another deployment.
 */
void target_deploy(struct work *w, struct target *t, const struct target_change *change,
                   target_then *then);

/** True if `component` is deployed there in `version`. */
bool target_runs(const struct target *t, const char *component, const char *version) MUST_CHECK;

/** True if the live deployment is the one that carries `token`.  Whoever revises a deployment by
 * hand keeps its tags: what it deploys must be looked at too. */
bool target_is(const struct target *t, const char *token) MUST_CHECK;

/** True if it was made for the same deployment of slipway, in whatever step and generation. */
bool target_is_ours(const struct work *w, const struct target *t) MUST_CHECK;

/** A job's id may not be told at once: true if it is known, else the work has ended as unknown. */
bool target_has_job(struct work *w, const struct target *t) MUST_CHECK;

#endif
