#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "event_internal.h"
#include "slipway/instant.h"

/*
 * The shapes a body can have, and the EventBridge envelope.  What the known
 * kinds say is read in event_detail.c.
 */

/* ---- members that may be missing ------------------------------------------------------------ */

bool
event_text(struct json_value v, const char *path, char *buf, size_t size, struct error *e)
{
    struct json_value member = json_path(v, path);

    buf[0] = '\0';
    if (!json_exists(member) || json_type(member) == JSON_NULL)
        return true;
    return json_get_text(v, path, buf, size, e);
}

bool
event_time(struct json_value v, const char *path, int64_t *ms, struct error *e)
{
    char text[64];

    if (!event_text(v, path, text, sizeof(text), e))
        return false;
    if (text[0] == '\0')
        return true;
    return instant_parse(str_of(text), ms) ||
           error_set(e, ERROR_INVALID, "%s: \"%s\" is no RFC 3339 time", path, text);
}

/* ---- accounts, Regions and ARNs ------------------------------------------------------------- */

static bool
is_account(struct str s)
{
    for (size_t i = 0; i < s.len; i++)
        if (s.at[i] < '0' || s.at[i] > '9')
            return false;
    return s.len == 12;
}

static bool
is_word(struct str s, const char *others)
{
    for (size_t i = 0; i < s.len; i++) {
        char c = s.at[i];

        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
              (c != '\0' && strchr(others, c) != NULL)))
            return false;
    }
    return s.len > 0;
}

bool
event_arn_read(struct str text, const char *service, struct event_arn *out)
{
    struct str head, rest;
    struct str *const parts[] = { &out->partition, &out->service, &out->region, &out->account };

    if (!str_cut(text, ':', &head, &rest) || !str_is(head, "arn"))
        return false;
    for (size_t i = 0; i < ARRAY_LEN(parts); i++)
        if (!str_cut(rest, ':', parts[i], &rest))
            return false;
    out->resource = rest;
    return is_word(out->partition, "-") && str_is(out->service, service) &&
           is_word(out->region, "-") && out->region.len < 32 && is_account(out->account) &&
           is_word(out->resource, "-_.:/+=,@");
}

/* Takes what the envelope left out from the resource, and refuses what contradicts it. */
static bool
agree(char *told, size_t size, struct str resource, const char *what, struct error *e)
{
    if (told[0] == '\0')
        return str_copy(told, size, resource) ||
               error_set(e, ERROR_INVALID, "the %s of the resource is too long", what);
    return str_is(resource, told) ||
           error_set(e, ERROR_INVALID, "the event says %s %s, its resource says %.*s", what, told,
                     STR_ARG(resource));
}

bool
event_agrees(struct event *ev, const struct event_arn *arn, struct error *e)
{
    return agree(ev->account, sizeof(ev->account), arn->account, "account", e) &&
           agree(ev->region, sizeof(ev->region), arn->region, "Region", e);
}

/* ---- shapes --------------------------------------------------------------------------------- */

static bool
read_envelope(struct event *ev, struct json_value v, struct error *e)
{
    struct str account;

    if (!json_get_text(v, "detail-type", ev->detail_type, sizeof(ev->detail_type), e) ||
        !json_get_text(v, "source", ev->source, sizeof(ev->source), e) ||
        !event_text(v, "id", ev->id, sizeof(ev->id), e) ||
        !event_text(v, "account", ev->account, sizeof(ev->account), e) ||
        !event_text(v, "region", ev->region, sizeof(ev->region), e) ||
        !event_time(v, "time", &ev->time_ms, e))
        return false;
    account = str_of(ev->account);
    if (account.len > 0 && !is_account(account))
        return error_set(e, ERROR_INVALID, "account \"%s\" is not twelve digits", ev->account);
    if (ev->region[0] != '\0' && !is_word(str_of(ev->region), "-"))
        return error_set(e, ERROR_INVALID, "region is not the name of a Region");
    return true;
}

static bool
read_eventbridge(struct event *ev, struct json_value v, struct error *e)
{
    static const struct {
        const char *detail_type, *source;
        enum event_kind kind;
        bool (*read)(struct event *, struct json_value, struct error *);
    } KINDS[] = {
        { "SageMaker Model Package State Change", "aws.sagemaker", EVENT_MODEL_PACKAGE,
          event_read_model_package },
        { "Greengrass V2 Effective Deployment Status Change", "aws.greengrass",
          EVENT_GREENGRASS_DEPLOYMENT, event_read_greengrass },
        { "Greengrass V2 Installed Component Status Change", "aws.greengrass",
          EVENT_GREENGRASS_COMPONENT, event_read_greengrass },
    };

    if (!read_envelope(ev, v, e))
        return false;
    for (size_t i = 0; i < ARRAY_LEN(KINDS); i++) {
        if (strcmp(ev->detail_type, KINDS[i].detail_type) != 0 ||
            strcmp(ev->source, KINDS[i].source) != 0)
            continue;
        ev->kind = KINDS[i].kind;
        if (json_type(json_get(v, "detail")) != JSON_OBJECT)
            return error_set(e, ERROR_INVALID, "detail: an object is needed here, not %s",
                             json_type_name(json_get(v, "detail")));
        if (ev->time_ms == 0)
            return error_set(e, ERROR_INVALID, "time is missing");
        return KINDS[i].read(ev, v, e);
    }
    return true;
}

static bool
is_sns(struct json_value v)
{
    return json_is(json_get(v, "Type"), "Notification") &&
           json_type(json_get(v, "Message")) == JSON_STRING &&
           !json_exists(json_get(v, "detail-type"));
}

static bool
read_shape(struct event *ev, struct error *e)
{
    struct json_value root = json_root(&ev->doc);
    struct json_value type = json_get(root, "eventType");

    if (json_type(root) != JSON_OBJECT)
        return error_set(e, ERROR_INVALID, "an event is an object, not %s", json_type_name(root));
    if (json_exists(json_get(root, "detail-type")))
        return read_eventbridge(ev, root, e);
    if (json_is(type, "JOB") || json_is(type, "JOB_EXECUTION"))
        return event_read_iot(ev, root, e);
    if (ev->wrapped && is_sns(root))
        return error_set(e, ERROR_INVALID, "an SNS notification inside an SNS notification");
    return error_set(e, ERROR_INVALID,
                     "neither an EventBridge event (no detail-type), nor an SNS notification, nor "
                     "an IoT job event (no eventType JOB or JOB_EXECUTION)");
}

static bool
unwrap(struct event *ev, const struct event_room *room, struct error *e)
{
    struct json_value message = json_get(json_root(&ev->doc), "Message");
    size_t len;

    if (!json_text(message, room->scratch, room->scratch_size, &len))
        return error_set(e, ERROR_INVALID,
                         "the message of the SNS notification has more than %zu bytes",
                         room->scratch_size);
    ev->wrapped = true;
    return json_read(&ev->doc, (struct str){ room->scratch, len }, room->tokens, room->token_max,
                     e) ||
           error_while(e, "message of an SNS notification");
}

bool
event_read(struct event *ev, struct str body, const struct event_room *room, struct error *e)
{
    /* Field by field: the texts are long, and an empty one needs one byte only. */
    ev->kind = EVENT_OTHER;
    ev->id[0] = ev->source[0] = ev->detail_type[0] = ev->account[0] = ev->region[0] = '\0';
    ev->time_ms = 0;
    ev->wrapped = false;
    event_clear_detail(ev);
    if (body.len > EVENT_BODY_MAX)
        return error_set(e, ERROR_INVALID, "the body has %zu bytes, at most %d are accepted",
                         body.len, EVENT_BODY_MAX);
    if (!json_read(&ev->doc, body, room->tokens, room->token_max, e))
        return error_while(e, "not JSON that can be trusted");
    if (is_sns(json_root(&ev->doc)) && !unwrap(ev, room, e))
        return false;
    return read_shape(ev, e);
}

/* ---- questions ------------------------------------------------------------------------------ */

struct json_value
event_root(const struct event *ev)
{
    return json_root(&ev->doc);
}

bool
event_allowed(const struct event *ev, const char *const *accounts, size_t count, struct error *e)
{
    if (ev->account[0] == '\0')
        return error_set(e, ERROR_DENIED, "the event does not say of which account it is");
    for (size_t i = 0; i < count; i++)
        if (strcmp(accounts[i], ev->account) == 0)
            return true;
    return error_set(e, ERROR_DENIED, "events of account %s are not accepted", ev->account);
}

const char *
event_kind_name(enum event_kind kind)
{
    static const char *const NAMES[] = {
        [EVENT_OTHER] = "other",
        [EVENT_MODEL_PACKAGE] = "model package",
        [EVENT_GREENGRASS_DEPLOYMENT] = "greengrass deployment",
        [EVENT_GREENGRASS_COMPONENT] = "greengrass component",
        [EVENT_IOT_JOB] = "iot job",
        [EVENT_IOT_JOB_EXECUTION] = "iot job execution",
    };

    return NAMES[kind];
}
