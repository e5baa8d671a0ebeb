#ifndef SLIPWAY_RULES_EVENT_INTERNAL_H
#define SLIPWAY_RULES_EVENT_INTERNAL_H

/**
 * What event_read.c and event_detail.c share.
 */

#include "slipway/event.h"

/** The parts of an ARN, borrowed from its text. */
struct event_arn {
    struct str partition, service, region, account, resource;
};

/** Takes apart a well-formed ARN of `service` with Region and account; false if it is none. */
bool event_arn_read(struct str text, const char *service, struct event_arn *out) MUST_CHECK;

/** Fills in account and Region of the event from the ARN; false if they contradict it. */
bool event_agrees(struct event *ev, const struct event_arn *arn, struct error *e) MUST_CHECK;

/** A string member; "" if it is missing or null. */
bool event_text(struct json_value v, const char *path, char *buf, size_t size,
                struct error *e) MUST_CHECK;

/** An RFC 3339 time; `*ms` stays as it is if the member is missing or null. */
bool event_time(struct json_value v, const char *path, int64_t *ms, struct error *e) MUST_CHECK;

/** What the kinds say; `v` is the whole event. */
void event_clear_detail(struct event *ev);
bool event_read_model_package(struct event *ev, struct json_value v, struct error *e) MUST_CHECK;
bool event_read_greengrass(struct event *ev, struct json_value v, struct error *e) MUST_CHECK;
bool event_read_iot(struct event *ev, struct json_value v, struct error *e) MUST_CHECK;

#endif
