#include <stdio.h>
#include <string.h>

#include "event_internal.h"

/* What the known kinds of events say. */

void
event_clear_detail(struct event *ev)
{
    struct event_model_package *m = &ev->model_package;
    struct event_device *d = &ev->device;

    m->arn[0] = m->group[0] = m->status[0] = '\0';
    m->version = m->last_modified_ms = 0;
    m->approval = EVENT_APPROVAL_NONE;
    m->approval_changed = false;
    d->deployment_id[0] = d->job_id[0] = d->thing[0] = '\0';
    d->status[0] = d->detail[0] = d->reason[0] = '\0';
}

/* Copies as much of a string as fits, cut before a character; "" if it is none. */
static void
copy_cut(struct json_value v, char *buf, size_t size)
{
    struct json_bytes b = json_bytes(v);
    size_t len = 0, whole = 0;
    int c;

    while ((c = json_next_byte(&b)) >= 0) {
        if ((c & 0xC0) != 0x80)
            whole = len;
        if (len == size - 1) {
            len = (c & 0xC0) != 0x80 ? len : whole;
            break;
        }
        buf[len++] = (char)c;
    }
    buf[len] = '\0';
}

/* ---- model packages ------------------------------------------------------------------------- */

/*
 * "model-package/GROUP/VERSION" or, for one without versions, "model-package/NAME".
 * Names are 1 to 63 letters, digits and hyphens (SageMaker API, CreateModelPackage).
 */
static bool
read_resource(struct event_model_package *m, struct str resource)
{
    struct str head, name, version;
    bool versioned;

    if (!str_cut(resource, '/', &head, &name) || !str_is(head, "model-package"))
        return false;
    versioned = str_cut(name, '/', &name, &version);
    for (size_t i = 0; i < name.len; i++) {
        char c = name.at[i];

        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
              (c == '-' && i > 0)))
            return false;
    }
    if (name.len < 1 || name.len > 63)
        return false;
    if (!versioned)
        return true;
    return version.len > 0 && version.at[0] != '-' && str_copy(m->group, sizeof(m->group), name) &&
           str_to_int(version, &m->version) && m->version >= 1;
}

/* Group and version may be absent from the detail, but must not contradict the ARN. */
static bool
check_names(const struct event_model_package *m, struct json_value detail, struct error *e)
{
    struct json_value version = json_get(detail, "ModelPackageVersion");
    char group[sizeof(m->group)];
    int64_t n;

    if (!event_text(detail, "ModelPackageGroupName", group, sizeof(group), e))
        return error_while(e, "detail");
    if (group[0] != '\0' && strcmp(group, m->group) != 0)
        return error_set(e, ERROR_INVALID,
                         "the event says model package group \"%s\", its ARN says \"%s\"", group,
                         m->group);
    if (!json_exists(version) || json_type(version) == JSON_NULL)
        return true;
    if (!json_get_int(detail, "ModelPackageVersion", &n, e))
        return error_while(e, "detail");
    return n == m->version ||
           error_set(e, ERROR_INVALID,
                     "the event says model package version %lld, its ARN says %lld", (long long)n,
                     (long long)m->version);
}

static bool
read_approval(struct event_model_package *m, struct json_value detail, struct error *e)
{
    static const struct {
        const char *name;
        enum event_approval approval;
    } VALUES[] = { { "Approved", EVENT_APPROVAL_APPROVED },
                   { "Rejected", EVENT_APPROVAL_REJECTED },
                   { "PendingManualApproval", EVENT_APPROVAL_PENDING },
                   { "", EVENT_APPROVAL_NONE } };
    char text[64];

    if (!event_text(detail, "ModelApprovalStatus", text, sizeof(text), e))
        return error_while(e, "detail");
    for (size_t i = 0; i < ARRAY_LEN(VALUES); i++) {
        m->approval = VALUES[i].approval;
        if (strcmp(text, VALUES[i].name) == 0)
            return true;
    }
    return error_set(e, ERROR_INVALID, "detail.ModelApprovalStatus: \"%s\" is no approval status",
                     text);
}

/* Absent (API and console leave it out), or naming ModelApprovalStatus: the approval changed. */
static bool
read_changed(struct event_model_package *m, struct json_value detail, struct error *e)
{
    struct json_value fields = json_get(detail, "UpdatedModelPackageFields");
    struct json_cursor c;

    m->approval_changed = !json_exists(fields) || json_type(fields) == JSON_NULL;
    if (m->approval_changed)
        return true;
    if (json_type(fields) != JSON_ARRAY)
        return error_set(e, ERROR_INVALID,
                         "detail.UpdatedModelPackageFields: an array is needed here, not %s",
                         json_type_name(fields));
    for (c = json_first(fields); json_exists(c.value); json_next(&c))
        if (json_is(c.value, "ModelApprovalStatus"))
            m->approval_changed = true;
    return true;
}

/* A model package among the resources is the same one. */
static bool
check_resources(const struct event_model_package *m, struct json_value v, struct error *e)
{
    struct json_value resources = json_get(v, "resources");
    struct json_cursor c;

    if (json_type(resources) != JSON_ARRAY)
        return true;
    for (c = json_first(resources); json_exists(c.value); json_next(&c))
        if (!json_is(c.value, m->arn) && str_contains(json_raw(c.value), STR(":model-package/")))
            return error_set(e, ERROR_INVALID,
                             "the event is of model package %.180s, its resource is another",
                             m->arn);
    return true;
}

bool
event_read_model_package(struct event *ev, struct json_value v, struct error *e)
{
    struct event_model_package *m = &ev->model_package;
    struct json_value detail = json_get(v, "detail");
    struct event_arn arn;

    if (!json_get_text(v, "detail.ModelPackageArn", m->arn, sizeof(m->arn), e))
        return false;
    if (!event_arn_read(str_of(m->arn), "sagemaker", &arn) || !read_resource(m, arn.resource))
        return error_set(e, ERROR_INVALID,
                         "detail.ModelPackageArn is no ARN of a model package: \"%.200s\"", m->arn);
    m->last_modified_ms = ev->time_ms;
    return event_agrees(ev, &arn, e) && check_names(m, detail, e) && check_resources(m, v, e) &&
           event_text(v, "detail.ModelPackageStatus", m->status, sizeof(m->status), e) &&
           read_approval(m, detail, e) && read_changed(m, detail, e) &&
           event_time(v, "detail.LastModifiedTime", &m->last_modified_ms, e);
}

/* ---- Greengrass ----------------------------------------------------------------------------- */

/* The device is named in the first resource only: arn:...:greengrass:...:coreDevices:NAME. */
static bool
read_core_device(struct event *ev, struct json_value v, struct error *e)
{
    struct json_value resource = json_first(json_get(v, "resources")).value;
    struct event_arn arn;
    struct str kind, name;
    char text[512];

    if (!json_exists(resource))
        return error_set(e, ERROR_NOT_FOUND, "resources is missing, it names the device");
    if (!json_text(resource, text, sizeof(text), NULL) ||
        !event_arn_read(str_of(text), "greengrass", &arn) ||
        !(str_cut(arn.resource, ':', &kind, &name) || str_cut(arn.resource, '/', &kind, &name)) ||
        !str_is(kind, "coreDevices") || name.len == 0 ||
        !str_copy(ev->device.thing, sizeof(ev->device.thing), name))
        return error_set(e, ERROR_INVALID, "resources: no ARN of a core device: %.*s",
                         (int)(json_raw(resource).len > 200 ? 200 : json_raw(resource).len),
                         json_raw(resource).at);
    return event_agrees(ev, &arn, e);
}

bool
event_read_greengrass(struct event *ev, struct json_value v, struct error *e)
{
    struct event_device *d = &ev->device;
    struct json_value detail = json_get(v, "detail");
    const char *id = json_exists(json_get(detail, "deploymentId")) ? "detail.deploymentId"
                                                                   : "detail.deployment-id";

    if (!read_core_device(ev, v, e))
        return false;
    if (ev->kind != EVENT_GREENGRASS_DEPLOYMENT)
        return true;
    copy_cut(json_get(detail, "reason"), d->reason, sizeof(d->reason));
    copy_cut(json_first(json_path(detail, "statusDetails.errorTypes")).value, d->detail,
             sizeof(d->detail));
    return json_get_text(v, id, d->deployment_id, sizeof(d->deployment_id), e) &&
           json_get_text(v, "detail.coreDeviceExecutionStatus", d->status, sizeof(d->status), e);
}

/* ---- IoT jobs ------------------------------------------------------------------------------- */

static bool
read_thing(struct event *ev, struct json_value v, struct error *e)
{
    struct event_arn arn;
    struct str kind, name;
    char text[512];

    if (!json_get_text(v, "thingArn", text, sizeof(text), e))
        return false;
    if (!event_arn_read(str_of(text), "iot", &arn) || !str_cut(arn.resource, '/', &kind, &name) ||
        !str_is(kind, "thing") || name.len == 0 ||
        !str_copy(ev->device.thing, sizeof(ev->device.thing), name))
        return error_set(e, ERROR_INVALID, "thingArn is no ARN of a thing: \"%.200s\"", text);
    return event_agrees(ev, &arn, e);
}

bool
event_read_iot(struct event *ev, struct json_value v, struct error *e)
{
    struct event_device *d = &ev->device;
    int64_t seconds;

    ev->kind = json_is(json_get(v, "eventType"), "JOB") ? EVENT_IOT_JOB : EVENT_IOT_JOB_EXECUTION;
    if (!event_text(v, "eventId", ev->id, sizeof(ev->id), e) ||
        !json_get_text(v, "jobId", d->job_id, sizeof(d->job_id), e) ||
        !json_get_text(v, "status", d->status, sizeof(d->status), e) ||
        !json_get_int(v, "timestamp", &seconds, e))
        return false;
    if (seconds <= 0 || seconds > INT64_MAX / 1000)
        return error_set(e, ERROR_INVALID, "timestamp: %lld is no time", (long long)seconds);
    /* Seconds, as documented; more of them than the year 9999 has are milliseconds. */
    ev->time_ms = seconds > INT64_C(253402300799) ? seconds : SECONDS(seconds);
    copy_cut(json_path(v, "statusDetails.detailed-deployment-status"), d->detail,
             sizeof(d->detail));
    copy_cut(json_path(v, "statusDetails.deployment-failure-cause"), d->reason, sizeof(d->reason));
    return ev->kind == EVENT_IOT_JOB || read_thing(ev, v, e);
}
