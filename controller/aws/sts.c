#include "aws/sts.h"

#include <stdio.h>
#include <string.h>

#include "aws/account.h"
#include "aws/uri.h"
#include "aws/xml.h"
#include "platform/secret.h"
#include "slipway/instant.h"
#include "slipway/memory.h"

#define FORM_MAX 65536
#define TEXT_MAX 16384
#define WORD_MAX 256

static const char *const FORM_HEADERS[] = {
    "Content-Type: application/x-www-form-urlencoded; charset=utf-8", NULL
};

static struct aws_call *
send_form(struct aws_account *account, const char *operation, struct buf *form, aws_read *read,
          aws_then *then, void *cookie)
{
    struct aws_question q = { .service = AWS_STS,
                              .operation = operation,
                              .headers = FORM_HEADERS,
                              .body = buf_str(form),
                              .answer_max = XML_MAX,
                              .idempotent = true,
                              .unsigned_ = account->credentials == NULL };
    struct aws_call *call = aws_ask(account, &q, read, then, cookie, NULL, NULL);

    secret_wipe(form->at, form->len); /* A web identity token may stand in it. */
    buf_free(form);
    return call;
}

static struct buf
begin_form(const char *operation)
{
    struct buf form = { .max = FORM_MAX };

    uri_query(&form, "Action", str_of(operation));
    uri_query(&form, "Version", STR("2011-06-15"));
    return form;
}

/* Text of one element of a good answer; false with the answer wrong. */
static bool
take(struct aws_answer *a, const char *path, char *buf, size_t size)
{
    struct error e;

    if (xml_text(a->body, path, buf, size, &e) && buf[0] != '\0')
        return true;
    if (e.kind == ERROR_NOT_FOUND || buf[0] == '\0')
        aws_wrong(a, "no %s in the answer", path);
    else
        aws_wrong(a, "%s", e.text);
    return false;
}

/* ---- who am I ------------------------------------------------------------------------------- */

static void
identity_came(struct aws_answer *a, aws_then *then, void *cookie)
{
    sts_identified *done = (sts_identified *)then;
    char account[WORD_MAX], arn[2049];
    struct sts_identity id = { account, arn };
    bool ok = a->result.outcome == AWS_OK &&
              take(a, "GetCallerIdentityResponse/GetCallerIdentityResult/Account", account,
                   sizeof(account)) &&
              take(a, "GetCallerIdentityResponse/GetCallerIdentityResult/Arn", arn, sizeof(arn));

    if (ok && (strlen(account) != 12 || strspn(account, "0123456789") != 12)) {
        aws_wrong(a, "Account is not a number of 12 digits");
        ok = false;
    }
    if (ok)
        memcpy(a->account->id, account, sizeof(a->account->id));
    done(cookie, &a->result, ok ? &id : NULL);
}

struct aws_call *
sts_identify(struct aws_account *account, sts_identified *done, void *cookie)
{
    struct buf form = begin_form("GetCallerIdentity");

    return send_form(account, "GetCallerIdentity", &form, identity_came, (aws_then *)done, cookie);
}

/* ---- becoming somebody else ----------------------------------------------------------------- */

static bool
take_credentials(struct aws_answer *a, const char *operation, struct sts_credentials *c,
                 char texts[4][TEXT_MAX])
{
    static const char *const NAMES[] = { "AccessKeyId", "SecretAccessKey", "SessionToken",
                                         "Expiration" };
    char path[WORD_MAX];

    for (size_t i = 0; i < ARRAY_LEN(NAMES); i++) {
        snprintf(path, sizeof(path), "%sResponse/%sResult/Credentials/%s", operation, operation,
                 NAMES[i]);
        if (!take(a, path, texts[i], TEXT_MAX))
            return false;
    }
    *c = (struct sts_credentials){ texts[0], texts[1], texts[2], 0 };
    if (!instant_parse(str_of(texts[3]), &c->expires_ms)) {
        aws_wrong(a, "Expiration is not a time");
        return false;
    }
    return true;
}

static void
credentials_came(struct aws_answer *a, const char *operation, sts_assumed *done, void *cookie)
{
    static char texts[4][TEXT_MAX];
    struct sts_credentials c;
    bool ok = a->result.outcome == AWS_OK && take_credentials(a, operation, &c, texts);

    done(cookie, &a->result, ok ? &c : NULL);
    secret_wipe(texts, sizeof(texts));
}

static void
role_came(struct aws_answer *a, aws_then *then, void *cookie)
{
    credentials_came(a, "AssumeRole", (sts_assumed *)then, cookie);
}

static void
web_role_came(struct aws_answer *a, aws_then *then, void *cookie)
{
    credentials_came(a, "AssumeRoleWithWebIdentity", (sts_assumed *)then, cookie);
}

static void
add_role(struct buf *form, const struct sts_role *role)
{
    uri_query(form, "RoleArn", str_of(role->role_arn));
    uri_query(form, "RoleSessionName", str_of(role->session_name));
    if (role->duration_ms > 0) {
        char seconds[32];

        snprintf(seconds, sizeof(seconds), "%lld", (long long)(role->duration_ms / 1000));
        uri_query(form, "DurationSeconds", str_of(seconds));
    }
}

struct aws_call *
sts_assume_role(struct aws_account *account, const struct sts_role *role, sts_assumed *done,
                void *cookie)
{
    struct buf form = begin_form("AssumeRole");

    add_role(&form, role);
    if (role->external_id != NULL)
        uri_query(&form, "ExternalId", str_of(role->external_id));
    return send_form(account, "AssumeRole", &form, role_came, (aws_then *)done, cookie);
}

struct aws_call *
sts_assume_role_with_web_identity(struct aws_account *account, const struct sts_role *role,
                                  sts_assumed *done, void *cookie)
{
    struct buf form = begin_form("AssumeRoleWithWebIdentity");

    add_role(&form, role);
    uri_query(&form, "WebIdentityToken", role->web_token);
    return send_form(account, "AssumeRoleWithWebIdentity", &form, web_role_came, (aws_then *)done,
                     cookie);
}
