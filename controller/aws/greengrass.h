#ifndef SLIPWAY_AWS_GREENGRASS_H
#define SLIPWAY_AWS_GREENGRASS_H

/**
 * Greengrass: the control plane of AWS IoT Greengrass V2 (protocol rest-json).
 *
 * All texts of a callback are lent and NUL-terminated, "" where AWS said
 * nothing.  Parts of a deployment document travel as JSON text: they are
 * read, merged and sent back whole.
 */

#include "call.h"

struct greengrass_component {
    const char *arn, *name, *version;
    const char *state; /* REQUESTED | INITIATED | DEPLOYABLE | FAILED | DEPRECATED */
    const char *message;
    const char *errors; /* JSON object of texts, "{}" if none. */
    const char *tags;   /* JSON object of texts, "{}" if none. */
    int64_t created_ms;
};

typedef void greengrass_component_read(void *cookie, const struct aws_result *r,
                                       const struct greengrass_component *c);

/**
 * CreateComponentVersion from `recipe` (JSON or YAML text; sent as base64).  `tags` is a
 * JSON object or NULL, `token` 1..64 characters.  An existing version: code "ConflictException".
 */
struct aws_call *greengrass_create_component_version(struct aws_account *account, struct str recipe,
                                                     const char *tags, const char *token,
                                                     greengrass_component_read *done, void *cookie);

/** DescribeComponent; `arn` "arn:aws:greengrass:REGION:ACCOUNT:components:NAME:versions:VERSION".
 */
struct aws_call *greengrass_describe_component(struct aws_account *account, const char *arn,
                                               greengrass_component_read *done, void *cookie);

/** The ARN of a component version in `account`'s Region; false if the account's id is not known or
 * it is too long. */
bool greengrass_component_arn(const struct aws_account *account, const char *name,
                              const char *version, char *buf, size_t size) MUST_CHECK;

typedef void greengrass_recipe_read(void *cookie, const struct aws_result *r, struct str recipe,
                                    const char *tags);

/** GetComponent, in JSON. */
struct aws_call *greengrass_get_component(struct aws_account *account, const char *arn,
                                          greengrass_recipe_read *done, void *cookie);

/** What to deploy. */
struct greengrass_deployment_order {
    const char *target_arn;        /* Of a thing or a thing group. */
    const char *parent_target_arn; /* NULL: no subdeployment. */
    const char *name;              /* 1..256 characters. */
    const char
        *components; /* JSON object: name -> {componentVersion, configurationUpdate, runWith}. */
    const char *policies;          /* JSON object or NULL. */
    const char *job_configuration; /* JSON object or NULL. */
    const char *tags;              /* JSON object of texts or NULL. */
    const char *token;             /* clientToken, 1..64 characters; good for 8 hours. */
};

/** Ids are "" unless AWS_OK. */
typedef void greengrass_deployed(void *cookie, const struct aws_result *r,
                                 const char *deployment_id, const char *job_id);

/** CreateDeployment: replaces the whole component set of the target. */
struct aws_call *greengrass_create_deployment(struct aws_account *account,
                                              const struct greengrass_deployment_order *order,
                                              greengrass_deployed *done, void *cookie);

struct greengrass_deployment {
    const char *id, *name, *target_arn, *parent_target_arn, *revision;
    const char *status; /* ACTIVE | COMPLETED | CANCELED | FAILED | INACTIVE */
    const char *job_id, *job_arn;
    bool latest; /* isLatestForTarget */
    int64_t created_ms;
    /* JSON objects without AWS's explicit nulls, fit to be sent back; "{}" where AWS said nothing.
     */
    const char *components, *policies, *job_configuration, *tags;
};

typedef void greengrass_deployment_read(void *cookie, const struct aws_result *r,
                                        const struct greengrass_deployment *d);

struct aws_call *greengrass_get_deployment(struct aws_account *account, const char *deployment_id,
                                           greengrass_deployment_read *done, void *cookie);

/** Entries hold id, name, target_arn, parent_target_arn, revision, status, latest, created_ms.
 * `next` is NULL after the last page. */
typedef void greengrass_deployments_listed(void *cookie, const struct aws_result *r,
                                           const struct greengrass_deployment *deployments,
                                           size_t count, const char *next);

/** ListDeployments of one target: the latest only, or all, 100 a page.  `token` NULL: the first
 * page. */
struct aws_call *greengrass_list_deployments(struct aws_account *account, const char *target_arn,
                                             bool latest_only, const char *token,
                                             greengrass_deployments_listed *done, void *cookie);

struct greengrass_installed {
    const char *name, *version;
    const char
        *state; /* NEW | INSTALLED | STARTING | RUNNING | STOPPING | ERRORED | BROKEN | FINISHED */
    const char *details;
    bool root;
    int64_t changed_ms, reported_ms;
};

typedef void greengrass_installed_listed(void *cookie, const struct aws_result *r,
                                         const struct greengrass_installed *components,
                                         size_t count, const char *next);

/** ListInstalledComponents of one core device, root components and their dependencies, 100 a page.
 */
struct aws_call *greengrass_list_installed(struct aws_account *account, const char *thing,
                                           const char *token, greengrass_installed_listed *done,
                                           void *cookie);

#endif
