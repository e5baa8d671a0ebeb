#ifndef SLIPWAY_APPROVAL_H
#define SLIPWAY_APPROVAL_H

/**
 * Approval: what a person's decision must say, and who may decide on what.
 *
 *     {"deployment": 7, "digest": "<64 hex>", "decision": "approve",
 *      "approver": "ada", "comment": "looks good"}
 *
 * The signature covers these bytes and nothing else of the request, so all
 * that counts stands in them.  Signatures are checked elsewhere, before this
 * is read.  Pure.
 */

#include "slipway/deployment.h"
#include "slipway/error.h"
#include "slipway/settings.h"

#define APPROVER_SIZE 129        /* Bytes of an approver's name with its NUL. */
#define APPROVAL_COMMENT_MAX 500 /* Characters. */
#define APPROVAL_BODY_MAX 8192   /* Bytes of the whole document. */

/** What was decided, as it was written. */
struct approval {
    int64_t deployment_id;
    char digest[DIGEST_SIZE]; /* "" if none was given. */
    char decision[16];        /* "approve", "reject", "cancel", "retry" or "rollback" */
    char approver[APPROVER_SIZE];
    char comment[APPROVAL_COMMENT_MAX * 4 + 1]; /* "" if none was given. */
};

/**
 * Reads a decision.  ERROR_INVALID, with the member and what is wrong with
 * it, if it is not strict JSON, lacks a member, has one more, or one is of
 * the wrong shape.  Approve and reject need a digest; the others may leave it out.
 */
bool approval_read(struct str body, struct approval *out, struct error *e) MUST_CHECK;

/**
 * May the approver called `approver` decide on deployments of `p`?  There is an
 * approver of that name; the pipeline's list of approvers, if not empty, names
 * it; and its own list of pipelines, if not empty, names the pipeline.  False
 * with ERROR_DENIED otherwise.
 */
bool approval_allowed(const struct settings *s, const struct pipeline_settings *p,
                      const char *approver, struct error *e) MUST_CHECK;

#endif
