#include "slipway/approval.h"

#include <string.h>

#include "slipway/json.h"

static const char *const MEMBERS[] = { "deployment", "digest", "decision", "approver", "comment" };
static const char *const DECISIONS[] = { "approve", "reject", "cancel", "retry", "rollback" };

static bool
refuse_unknown_members(struct json_value root, struct error *e)
{
    for (struct json_cursor c = json_first(root); json_exists(c.value); json_next(&c)) {
        bool known = false;

        for (size_t i = 0; i < ARRAY_LEN(MEMBERS); i++)
            known = known || json_is(c.key, MEMBERS[i]);
        if (!known)
            return error_set(e, ERROR_INVALID, "unknown member \"%.*s\"",
                             json_raw(c.key).len > 40 ? 40 : (int)json_raw(c.key).len,
                             json_raw(c.key).at);
    }
    return true;
}

static bool
is_digest(const char *s)
{
    return strlen(s) == DIGEST_SIZE - 1 && strspn(s, "0123456789abcdef") == DIGEST_SIZE - 1;
}

static bool
needs_digest(const struct approval *a)
{
    return strcmp(a->decision, "approve") == 0 || strcmp(a->decision, "reject") == 0;
}

static bool
read_digest(struct json_value root, struct approval *a, struct error *e)
{
    if (!json_exists(json_get(root, "digest"))) {
        if (needs_digest(a))
            return error_set(e, ERROR_INVALID, "digest is missing; \"%s\" needs one", a->decision);
        return true;
    }
    if (!json_text(json_get(root, "digest"), a->digest, sizeof(a->digest), NULL) ||
        !is_digest(a->digest))
        return error_set(e, ERROR_INVALID, "digest is not a SHA-256 in 64 lower-case hex digits");
    return true;
}

static bool
read_decision(struct json_value root, struct approval *a, struct error *e)
{
    if (!json_get_text(root, "decision", a->decision, sizeof(a->decision), e))
        return false;
    for (size_t i = 0; i < ARRAY_LEN(DECISIONS); i++)
        if (strcmp(a->decision, DECISIONS[i]) == 0)
            return true;
    return error_set(e, ERROR_INVALID,
                     "decision is none of approve, reject, cancel, retry and rollback");
}

static size_t
characters(const char *text)
{
    size_t n = 0;

    for (; *text != '\0'; text++)
        n += ((unsigned char)*text & 0xc0) != 0x80;
    return n;
}

static bool
read_comment(struct json_value root, struct approval *a, struct error *e)
{
    struct json_value v = json_get(root, "comment");

    if (!json_exists(v))
        return true;
    if (json_type(v) != JSON_STRING)
        return error_set(e, ERROR_INVALID, "comment: a string is needed here, not %s",
                         json_type_name(v));
    if (!json_text(v, a->comment, sizeof(a->comment), NULL) ||
        characters(a->comment) > APPROVAL_COMMENT_MAX)
        return error_set(e, ERROR_INVALID, "comment is longer than %d characters",
                         APPROVAL_COMMENT_MAX);
    return true;
}

static bool
read_members(struct json_value root, struct approval *out, struct error *e)
{
    if (json_type(root) != JSON_OBJECT)
        return error_set(e, ERROR_INVALID, "an object is needed here, not %s",
                         json_type_name(root));
    return refuse_unknown_members(root, e) &&
           json_get_int(root, "deployment", &out->deployment_id, e) &&
           read_decision(root, out, e) && read_digest(root, out, e) &&
           json_get_text(root, "approver", out->approver, sizeof(out->approver), e) &&
           read_comment(root, out, e);
}

bool
approval_read(struct str body, struct approval *out, struct error *e)
{
    struct json_token tokens[16];
    struct json doc;

    *out = (struct approval){ .deployment_id = 0 };
    if (body.len > APPROVAL_BODY_MAX)
        return error_set(e, ERROR_INVALID, "the decision is longer than %d bytes",
                         APPROVAL_BODY_MAX);
    if (!json_read(&doc, body, tokens, ARRAY_LEN(tokens), e))
        return false;
    if (read_members(json_root(&doc), out, e))
        return true;
    e->kind = ERROR_INVALID; /* Also what is missing: it is the document that is wrong. */
    return false;
}

/* ---- who may --------------------------------------------------------------------------------- */

static bool
lists(const struct setting_list *list, const char *name)
{
    for (size_t i = 0; i < list->count; i++)
        if (strcmp(list->items[i], name) == 0)
            return true;
    return list->count == 0;
}

static const struct approver_settings *
find_approver(const struct settings *s, const char *name)
{
    for (size_t i = 0; i < s->approver_count; i++)
        if (strcmp(s->approvers[i].name, name) == 0)
            return &s->approvers[i];
    return NULL;
}

bool
approval_allowed(const struct settings *s, const struct pipeline_settings *p, const char *approver,
                 struct error *e)
{
    const struct approver_settings *a = find_approver(s, approver);

    if (a == NULL)
        return error_set(e, ERROR_DENIED, "there is no approver called \"%s\"", approver);
    if (!lists(&p->approval.approvers, a->name))
        return error_set(e, ERROR_DENIED, "%s is not among the approvers of pipeline %s", a->name,
                         p->name);
    if (!lists(&a->pipelines, p->name))
        return error_set(e, ERROR_DENIED, "%s may not decide on pipeline %s", a->name, p->name);
    return true;
}
