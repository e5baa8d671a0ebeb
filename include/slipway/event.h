#ifndef SLIPWAY_EVENT_H
#define SLIPWAY_EVENT_H

/**
 * Event: what a message from the queue says.
 *
 * Reads the body of an SQS message, which nobody vouches for, into a plain
 * struct.  Three shapes are understood:
 *   - an EventBridge event (has "detail-type");
 *   - the same inside an SNS notification ("Type" is "Notification", "Message"
 *     holds the event as a string); one level only;
 *   - what an AWS IoT rule forwards from $aws/events/job/# and
 *     $aws/events/jobExecution/# ("eventType" is JOB or JOB_EXECUTION).
 * Everything else is refused with the reason.
 *
 * Sources: "Automating Amazon SageMaker AI with Amazon EventBridge" (SageMaker
 * developer guide), "Get deployment and component health status" (Greengrass
 * V2 developer guide), "Jobs events" (IoT Core developer guide).  The sample
 * event that the first of these prints has the key "source" twice; such a
 * text is refused here like every text with a repeated key, because two readers of
 * it need not agree on its meaning.  The service itself sends the key once.
 *
 * An event is a hint, never proof: what it says of a model package is read
 * again from SageMaker before anything starts.  Pure; allocates nothing.
 */

#include "slipway/json.h"

#define EVENT_BODY_MAX 1048576 /* Bytes of a body; the limit of SQS since 2025. */
#define EVENT_ARN_MAX 2048

enum event_kind {
    EVENT_OTHER,                 /* An EventBridge event slipway knows nothing about. */
    EVENT_MODEL_PACKAGE,         /* SageMaker Model Package State Change */
    EVENT_GREENGRASS_DEPLOYMENT, /* Greengrass V2 Effective Deployment Status Change */
    EVENT_GREENGRASS_COMPONENT,  /* Greengrass V2 Installed Component Status Change */
    EVENT_IOT_JOB,               /* An IoT job ended or was cancelled. */
    EVENT_IOT_JOB_EXECUTION,     /* ... on one device. */
};

/** ModelApprovalStatus of a model package. */
enum event_approval {
    EVENT_APPROVAL_NONE, /* The event does not say. */
    EVENT_APPROVAL_PENDING,
    EVENT_APPROVAL_APPROVED,
    EVENT_APPROVAL_REJECTED,
};

/** What a model package event says; valid for EVENT_MODEL_PACKAGE. */
struct event_model_package {
    char arn[EVENT_ARN_MAX + 1]; /* arn:PARTITION:sagemaker:REGION:ACCOUNT:model-package/... */
    char group[64];              /* "" for a package without versions. */
    int64_t version;             /* 0 for a package without versions. */
    char status[32];             /* ModelPackageStatus: "Completed", ...; "" if absent. */
    enum event_approval approval;
    int64_t last_modified_ms; /* LastModifiedTime; if absent the event's time. */
    /* False if the event names the fields that were changed and
     * ModelApprovalStatus is not one of them: an edit of something else, such
     * as slipway's own notes on the package. */
    bool approval_changed;
};

/** What an event about devices says; valid for the four kinds after it. */
struct event_device {
    char deployment_id[64]; /* EVENT_GREENGRASS_DEPLOYMENT; read from both spellings of its key. */
    char job_id[72];        /* EVENT_IOT_JOB and EVENT_IOT_JOB_EXECUTION. */
    char thing[132];        /* "" for EVENT_IOT_JOB. */
    char status[64];        /* Greengrass's execution status, IoT's job or execution status. */
    /* "detailed-deployment-status" of a job execution ("FAILED_ROLLBACK_COMPLETE",
     * ...), else the first error type of a deployment; "" if not told. */
    char detail[64];
    char reason[256]; /* Cut to fit; "" if not told. */
};

/** The body's meaning.  Copies everything but `doc`, which borrows body, tokens and scratch. */
struct event {
    enum event_kind kind;
    char id[132];          /* EventBridge "id" or IoT "eventId"; "" if absent. */
    char source[260];      /* "" for the IoT kinds. */
    char detail_type[132]; /* "" for the IoT kinds. */
    char account[16];      /* Twelve digits; only EVENT_OTHER and IoT jobs may leave it "". */
    char region[32];       /* May be "" where account may. */
    int64_t time_ms;       /* 0 only for EVENT_OTHER without a time. */
    bool wrapped;          /* It came inside an SNS notification. */
    struct event_model_package model_package;
    struct event_device device;
    struct json doc; /* The event itself (unwrapped), to match patterns against: event_root(). */
};

/** Room to read one body in; owned by the caller, reusable. */
struct event_room {
    struct json_token *tokens;
    size_t token_max;
    char *scratch; /* For unwrapping an SNS notification: body.len bytes are always enough. */
    size_t scratch_size;
};

/**
 * Reads `body`.  False with ERROR_INVALID and a reason a person can act on if it
 * is not JSON, has none of the shapes, lacks what its kind must say, or
 * contradicts itself ("the event says account 111122223333, its resource says
 * 444455556666").  An absent account or Region is taken from the resource.  A detail-type
 * that slipway knows counts only with the source AWS sends it under; under
 * another source (which any account member may put on a bus) it is EVENT_OTHER.
 * `*out` is valid as long as `body` and `room` are unchanged.
 */
bool event_read(struct event *out, struct str body, const struct event_room *room,
                struct error *e) MUST_CHECK;

/** The event as a document; for IoT kinds what the rule forwarded. */
struct json_value event_root(const struct event *ev) MUST_CHECK;

/**
 * True if the event's account is one of `accounts` (twelve digits each).
 * ERROR_DENIED if it is another or not told; with `count` 0 every account is refused.
 */
bool event_allowed(const struct event *ev, const char *const *accounts, size_t count,
                   struct error *e) MUST_CHECK;

/** "model package", "greengrass deployment", ...; for logs. */
const char *event_kind_name(enum event_kind kind) MUST_CHECK;

#endif
