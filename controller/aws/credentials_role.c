#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "aws/credential_source.h"
#include "aws/sts.h"
#include "platform/secret.h"
#include "slipway/memory.h"

#define TOKEN_MAX 20000 /* Of a web identity token, as STS limits it. */

/* A role that is assumed, with other credentials or with a web identity token. */
struct role {
    struct credential_source head;
    struct aws_account *by;
    char *role_arn, *external_id, *session_name, *token_file;
    int64_t duration_ms;
    struct aws_call *call;
    credential_fetched *fetched;
    void *cookie;
};

static void
role_fail(struct role *x, const struct error *why)
{
    struct error e = *why;

    error_while(&e, "credentials from %s", x->head.name);
    x->fetched(x->cookie, NULL, &e);
}

static void
role_assumed(void *cookie, const struct aws_result *r, const struct sts_credentials *c)
{
    struct role *x = cookie;
    struct credential_found found;
    struct error e = r->error;

    x->call = NULL;
    if (c == NULL || !credential_found_set(&found, str_of(c->access_key), str_of(c->secret_key),
                                           str_of(c->session_token), &e)) {
        role_fail(x, &e);
        return;
    }
    found.expires_ms = c->expires_ms;
    x->fetched(x->cookie, &found, NULL);
}

static bool
read_token(const struct role *x, char *text, struct str *token, struct error *e)
{
    int fd = open(x->token_file, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : read(fd, text, TOKEN_MAX + 1);

    if (fd >= 0)
        close(fd);
    if (n < 0)
        return error_set(e, ERROR_NOT_FOUND, "web identity token file %.200s cannot be read",
                         x->token_file);
    *token = str_trim((struct str){ text, (size_t)n });
    if (token->len < 4 || n > TOKEN_MAX)
        return error_set(e, ERROR_INVALID,
                         "web identity token file %.200s: 4 to %d bytes are needed", x->token_file,
                         TOKEN_MAX);
    return true;
}

static void
role_fetch(struct credential_source *s, credential_fetched *fetched, void *cookie)
{
    struct role *x = (struct role *)s;
    struct sts_role role = { .role_arn = x->role_arn,
                             .session_name = x->session_name,
                             .external_id = x->external_id,
                             .duration_ms = x->duration_ms };
    char *text;
    struct error e;

    x->fetched = fetched;
    x->cookie = cookie;
    if (x->token_file == NULL) {
        x->call = sts_assume_role(x->by, &role, role_assumed, x);
        return;
    }
    text = xmalloc(TOKEN_MAX + 1);
    if (read_token(x, text, &role.web_token, &e))
        x->call = sts_assume_role_with_web_identity(x->by, &role, role_assumed, x);
    else
        role_fail(x, &e);
    secret_wipe(text, TOKEN_MAX + 1);
    free(text);
}

static void
role_free(struct credential_source *s)
{
    struct role *x = (struct role *)s;

    aws_cancel(x->call);
    free(x->role_arn);
    free(x->external_id);
    free(x->session_name);
    free(x->token_file);
    free(x);
}

static struct role *
role_new(struct aws_account *by, const char *role_arn, const char *session_name)
{
    struct role *x = xcalloc(1, sizeof(*x));

    x->head.fetch = role_fetch;
    x->head.free = role_free;
    snprintf(x->head.name, sizeof(x->head.name), "role %.120s", role_arn);
    x->by = by;
    x->role_arn = xstrdup(role_arn);
    x->session_name = xstrdup(session_name != NULL ? session_name : "slipway");
    return x;
}

struct credential_source *
source_role(struct aws_account *by, const struct role_order *order)
{
    struct role *x = role_new(by, order->role_arn, order->session_name);

    x->external_id = order->external_id != NULL ? xstrdup(order->external_id) : NULL;
    x->duration_ms = order->duration_ms;
    return &x->head;
}

struct credential_source *
source_web_identity(struct aws_account *by, const char *role_arn, const char *token_file,
                    const char *session_name)
{
    struct role *x = role_new(by, role_arn, session_name);

    x->token_file = xstrdup(token_file);
    return &x->head;
}
