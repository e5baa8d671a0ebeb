#ifndef SLIPWAY_AWS_SAGEMAKER_H
#define SLIPWAY_AWS_SAGEMAKER_H

/**
 * SageMaker: model packages and compilation jobs (protocol JSON 1.1).
 *
 * All texts of a callback are lent and NUL-terminated, "" where AWS said
 * nothing.  Times are milliseconds since 1970, 0 where AWS said nothing.
 */

#include "call.h"

struct model_package {
    const char *arn;
    const char *name;     /* Unversioned packages only. */
    const char *group;    /* ModelPackageGroupName */
    int64_t version;      /* 0 if unversioned. */
    const char *status;   /* Pending | InProgress | Completed | Failed | Deleting */
    const char *approval; /* Approved | Rejected | PendingManualApproval */
    const char *approval_description;
    const char *description;
    const char *artifact_url;  /* First container's ModelDataUrl, or its ModelDataSource S3Uri. */
    const char *artifact_etag; /* First container's ModelDataETag. */
    const char *artifact_type; /* "S3Object" or "S3Prefix" */
    const char *image, *framework, *framework_version, *input_shape; /* First container's. */
    int64_t containers;
    const char *source_uri;
    const char *modified_by;          /* ARN of LastModifiedBy. */
    const char *stage, *stage_status; /* ModelLifeCycle */
    const char *metadata;             /* CustomerMetadataProperties as JSON text, "{}" if none. */
    const char *document;             /* The whole answer as JSON text. */
    int64_t created_ms, modified_ms;
};

/** `p` is NULL unless AWS_OK.  A package that does not exist: see sagemaker_not_found(). */
typedef void model_package_read(void *cookie, const struct aws_result *r,
                                const struct model_package *p);

/** DescribeModelPackage by ARN (or name). */
struct aws_call *sagemaker_describe_model_package(struct aws_account *account, const char *arn,
                                                  model_package_read *done, void *cookie);

struct model_package_filter {
    const char *group;        /* NULL: every group (and unversioned packages not). */
    const char *approval;     /* NULL: every status; "Approved", ... */
    int64_t created_after_ms; /* 0: from the first. */
    int64_t max;              /* 1..100; 0: 100. */
    const char *token;        /* NULL: the first page; else `next` of the page before. */
};

/** One entry: arn, group, version, status, approval, description, created_ms; the rest is "".
 * `next` is NULL after the last page. */
typedef void model_packages_listed(void *cookie, const struct aws_result *r,
                                   const struct model_package *packages, size_t count,
                                   const char *next);

/** ListModelPackages, newest first. */
struct aws_call *sagemaker_list_model_packages(struct aws_account *account,
                                               const struct model_package_filter *filter,
                                               model_packages_listed *done, void *cookie);

/** What to compile; exactly one of target_device and target_os+target_arch, exactly one of input_s3
 * and model_package_arn. */
struct compilation_order {
    const char *name; /* 1..63 of [a-zA-Z0-9-]; the job's identity. */
    const char *role_arn;
    const char *input_s3;                                    /* s3://…tar.gz */
    const char *input_shape, *framework, *framework_version; /* The last may be NULL. */
    const char *model_package_arn;
    const char *output_s3;
    const char *target_device, *target_os, *target_arch, *target_accelerator;
    const char *compiler_options; /* JSON text or NULL. */
    int64_t timeout_ms;
};

/** `arn` is NULL unless AWS_OK.  Code "ResourceInUse": the name exists; describe it and adopt it.
 */
typedef void compilation_created(void *cookie, const struct aws_result *r, const char *arn);

/** CreateCompilationJob.  Repeated freely: the name is its own token. */
struct aws_call *sagemaker_create_compilation_job(struct aws_account *account,
                                                  const struct compilation_order *order,
                                                  compilation_created *done, void *cookie);

struct compilation_job {
    const char *name, *arn;
    const char *status; /* INPROGRESS | COMPLETED | FAILED | STARTING | STOPPING | STOPPED */
    const char *failure;
    const char *artifact; /* S3ModelArtifacts */
    const char *digest;   /* ModelDigests.ArtifactDigest */
    const char *input_s3, *output_s3, *model_package_arn;
    const char *target_device, *target_os, *target_arch;
    int64_t created_ms, ended_ms;
};

typedef void compilation_read(void *cookie, const struct aws_result *r,
                              const struct compilation_job *job);

struct aws_call *sagemaker_describe_compilation_job(struct aws_account *account, const char *name,
                                                    compilation_read *done, void *cookie);

/** For calls that bring nothing back but their result. */
typedef void sagemaker_acted(void *cookie, const struct aws_result *r);

struct aws_call *sagemaker_stop_compilation_job(struct aws_account *account, const char *name,
                                                sagemaker_acted *done, void *cookie);

/**
 * True if AWS said that the thing asked for does not exist: ResourceNotFound, or, where SageMaker
 * models no error, a ValidationException whose words say so.
 */
bool sagemaker_not_found(const struct aws_result *r) MUST_CHECK;

#endif
