#ifndef SLIPWAY_SETTINGS_H
#define SLIPWAY_SETTINGS_H

/**
 * Settings: what one configuration file says, as plain data.
 *
 * controller/config/ fills this in from YAML by one table; everybody else
 * only reads it.  All texts are NUL-terminated and belong to the settings;
 * an absent optional text is NULL.  Durations are milliseconds and at least
 * 1000 where a value is needed.
 */

#include "slipway/base.h"

struct secret; /* Zeroed on free, never printed; see controller/platform/secret.h. */

/** A list of texts. */
struct setting_list {
    const char **items;
    size_t count;
};

/** Which AWS account and Region a pipeline works in; all NULL: slipway's own. */
struct account_settings {
    const char *role_arn;
    const char *external_id;
    const char *region;
};

/** A local program: argv[0] is a path; {name} inside an argument is replaced, see docs/drivers.md.
 */
struct command_settings {
    struct setting_list argv;
    struct setting_list
        environment; /* "NAME=value"; the child gets these, PATH and nothing else. */
    int64_t timeout_ms;
};

enum compile_driver { COMPILE_NONE, COMPILE_NEO, COMPILE_COMMAND };

struct compile_settings {
    enum compile_driver driver;
    struct command_settings command; /* COMPILE_COMMAND */
    const char *role_arn;            /* COMPILE_NEO: the role SageMaker assumes. */
    const char *output;              /* COMPILE_NEO: s3://bucket/prefix of the results. */
    const char *target_device;       /* COMPILE_NEO: exactly one of device and os+arch. */
    const char *target_os, *target_arch, *target_accelerator;
    const char *framework, *framework_version, *input_shape;
    int64_t timeout_ms;
    int64_t poll_ms;
    int64_t tries; /* How often a failed compilation is run in all; at least 1. */
};

struct package_settings {
    const char *component; /* Greengrass component name. */
    const char *bucket;    /* Artifacts go to s3://bucket/prefix/<sha256>/... */
    const char *prefix;
    const char *os, *architecture; /* Platform of the recipe's manifest; "*" for any. */
    const char *runtime; /* "*" (classic and lite) or "aws_nucleus_lite"; "" leaves it out. */
    const char *version; /* "1.0.{version}" : {version} is the model package version. */
    const char *description, *publisher;
    int64_t poll_ms, timeout_ms;
    int64_t tries;
};

enum twin_driver { TWIN_COMMAND, TWIN_GREENGRASS };

struct twin_settings {
    enum twin_driver driver;
    const char *thing_group;            /* TWIN_GREENGRASS: where the twin devices are. */
    int64_t deploy_timeout_ms, poll_ms; /* TWIN_GREENGRASS */
    struct command_settings deploy;     /* TWIN_COMMAND: argv may be empty: nothing to deploy. */
    struct command_settings test;       /* Writes the slipway.twin-result/1 document. */
    int64_t tries;                      /* Runs of an INCONCLUSIVE or crashed test in all. */
};

enum gate_mode { GATE_REQUIRE, GATE_WARN };

struct gate_settings {
    const char *name;
    const char *pattern; /* JSON text of an EventBridge pattern, checked when read. */
    const char *when;    /* JSON text or NULL: always. */
    enum gate_mode mode;
};

struct approval_settings {
    struct setting_list approvers; /* Names of approver entries; empty: every approver. */
    int64_t required;              /* Distinct approvers that must say yes; at least 1. */
    int64_t expires_ms;
};

struct wave_settings {
    const char *name;
    struct setting_list thing_groups; /* At least one. */
};

enum on_failure { ON_FAILURE_ROLLBACK, ON_FAILURE_HALT };

struct rollout_settings {
    struct wave_settings *waves;
    size_t wave_count;
    int64_t success_percent; /* Of a wave's devices that must succeed, 1..100. */
    int64_t failure_percent; /* A wave is halted when more than this share failed, 0..100. */
    int64_t failure_min;     /* ... and at least this many devices have reported, >= 1. */
    int64_t broken_max;      /* Devices unable to roll back that are tolerated, >= 0. */
    int64_t bake_ms;         /* A wave is watched this long after it succeeded. */
    int64_t poll_ms;
    int64_t timeout_ms;      /* A wave that has not succeeded by then has failed. */
    int64_t rate_per_minute; /* maximumPerMinute of the IoT job, 1..1000; 0: AWS's default. */
    enum on_failure on_failure;
};

struct pipeline_settings {
    const char *name;    /* [a-z0-9-]{1,64}, unique. */
    const char *pattern; /* JSON text of an EventBridge pattern over the approval event. */
    const char *target;  /* Hardware class, told to commands and bound in results. */
    struct account_settings account;
    struct compile_settings compile;
    struct package_settings package;
    struct twin_settings twin;
    struct gate_settings *gates;
    size_t gate_count;
    struct approval_settings approval;
    struct rollout_settings rollout;
    int64_t stage_timeout_ms; /* No stage before approval may last longer. */
    bool supersede;           /* A newer approved version replaces one that waits at the gate. */
    char digest[65]; /* SHA-256 of this pipeline's settings, hex; names them in the history. */
};

struct approver_settings {
    const char *name;
    struct secret **keys; /* Decoded Standard Webhooks secrets, 24 to 64 bytes each; owned. */
    size_t key_count;
    struct setting_list pipelines; /* Pipelines this approver may decide on; empty: all. */
};

struct queue_settings {
    const char *url;
    struct setting_list
        accounts;     /* Accounts whose events are taken; empty: only the queue's own account. */
    int64_t receives; /* ReceiveMessage calls in flight, 1..64. */
    int64_t wait_ms;  /* Long poll, 0..20000. */
    int64_t visibility_ms;  /* 1000..43200000 */
    int64_t quarantine_max; /* Messages kept in quarantine; the oldest go first. */
};

struct endpoint_settings {
    const char *service; /* "sqs", "sagemaker", "s3", "greengrassv2", "iot", "sts" */
    const char *url;
};

struct aws_settings {
    const char *region, *profile, *endpoint, *ca_bundle;
    struct endpoint_settings *endpoints;
    size_t endpoint_count;
    int64_t attempts;   /* Tries of one call in all, 1..10. */
    int64_t timeout_ms; /* Of one call without a body to stream. */
};

struct settings {
    const char *store;     /* Path of the database. */
    const char *listen;    /* "127.0.0.1:8470"; port 0: any free one, logged. */
    const char *work_dir;  /* Artifacts on their way; removed when a deployment ends. */
    const char *page_url;  /* How people reach the page; NULL: http://<listen>/. */
    const char *log_level; /* "debug", "info", "warning", "error" */
    const char *port_file; /* Where the port listened on is written; NULL: nowhere. */
    struct aws_settings aws;
    struct queue_settings queue;
    int64_t sweep_ms;                 /* Between two ListModelPackages sweeps. */
    struct setting_list sweep_groups; /* Model package groups swept; empty: all. */
    struct approver_settings *approvers;
    size_t approver_count;
    struct pipeline_settings *pipelines;
    size_t pipeline_count;
};

/** The account that owns the queue, from its URL; false, with "", if the URL does not tell. */
bool settings_queue_account(const char *url, char account[13]);

/** The pipeline called `name`, or NULL. */
const struct pipeline_settings *settings_pipeline(const struct settings *s,
                                                  const char *name) MUST_CHECK;

#endif
