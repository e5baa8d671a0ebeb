#ifndef SLIPWAY_AWS_JSON_CALL_H
#define SLIPWAY_AWS_JSON_CALL_H

/**
 * JSON call: what the services that speak JSON have in common; for this folder only.
 */

#include "aws/send.h"
#include "slipway/json_write.h"

#define JSON_BODY_MAX (8 * 1048576)

/** A body under way: opened with '{'. */
struct json_body {
    struct buf text;
    struct json_out out;
};

void json_body_open(struct json_body *b);

/** Adds a text member unless `value` is NULL. */
void json_body_text(struct json_body *b, const char *key, const char *value);

/** Closes `b`, sends it as `q`'s body and frees it; fails the call if the body was too long. */
struct aws_call *json_body_send(struct json_body *b, struct aws_account *account,
                                struct aws_question *q, aws_read *read, aws_then *then,
                                void *cookie);

/**
 * The same for the protocols JSON 1.0 and 1.1: POST / with X-Amz-Target
 * "<prefix>.<operation>".
 */
struct aws_call *json_target_send(struct json_body *b, struct aws_account *account,
                                  struct aws_question *q, const char *target_prefix, aws_read *read,
                                  aws_then *then, void *cookie);

#endif
