#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "aws/credential_source.h"
#include "aws/uri.h"
#include "slipway/memory.h"

#define IMDS_V4 "http://169.254.169.254"
#define IMDS_V6 "http://[fd00:ec2::254]"
#define ROLE_PATH "/latest/meta-data/iam/security-credentials/"
#define TRY_MS SECONDS(1)
#define ANSWER_MAX 16384
#define TEXT_SIZE 1024

/* The EC2 instance metadata service, version 2 only ("IMDS credential provider"). */
struct instance {
    struct credential_source head;
    struct http_client *http;
    struct http_call *call;
    char token[TEXT_SIZE];
    char role[TEXT_SIZE];
    credential_fetched *fetched;
    void *cookie;
};

static void
instance_fail(struct instance *x, const struct error *why)
{
    struct error e = *why;

    error_while(&e, "credentials from the instance (IMDS)");
    x->fetched(x->cookie, NULL, &e);
}

static const char *
base_url(void)
{
    const char *named = setup_variable("AWS_EC2_METADATA_SERVICE_ENDPOINT");
    const char *mode = setup_variable("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE");

    if (named != NULL)
        return named;
    return mode != NULL && strcasecmp(mode, "ipv6") == 0 ? IMDS_V6 : IMDS_V4;
}

/* Sends one request below the base address; the next step gets the answer. */
static void
instance_ask(struct instance *x, const char *method, struct str path, const char *header,
             http_done *next)
{
    const char *const headers[] = { header, NULL };
    struct buf url = { .max = 2048 };
    struct str base = str_of(base_url());
    struct http_question q = { .method = method,
                               .headers = headers,
                               .timeout_ms = TRY_MS,
                               .answer_max = ANSWER_MAX,
                               .plain_http = true };

    while (str_ends(base, "/"))
        base.len--;
    buf_add(&url, base);
    buf_add(&url, path);
    q.url = url.at;
    x->call = http_send(x->http, &q, next, x);
    buf_free(&url);
}

/* True if `a` is a good answer of one line, copied into `to`; else the fetch has failed. */
static bool
one_line(struct instance *x, const struct http_answer *a, const char *what, char to[TEXT_SIZE])
{
    struct error e = a->error;
    struct str line, rest;

    x->call = NULL;
    str_cut(str_trim(a->body), '\n', &line, &rest);
    if (a->outcome == HTTP_ANSWERED && a->status == 200 && line.len > 0 &&
        str_copy(to, TEXT_SIZE, str_trim(line)))
        return true;
    if (a->outcome == HTTP_ANSWERED)
        error_set(&e, ERROR_UNREACHABLE, "%s answered %d%s", what, a->status,
                  a->status == 404 ? ": the instance has no role" : "");
    instance_fail(x, &e);
    return false;
}

/* ---- in order of events: token, role, keys -------------------------------------------------- */

static void
keys_came(void *cookie, const struct http_answer *a)
{
    struct instance *x = cookie;
    struct credential_found found;
    struct error e = a->error;

    x->call = NULL;
    if (a->outcome == HTTP_ANSWERED && a->status != 200) {
        error_set(&e, ERROR_UNREACHABLE, "the role \"%.100s\" answered %d", x->role, a->status);
        instance_fail(x, &e);
    } else if (a->outcome != HTTP_ANSWERED ||
               !credential_found_read(&found, a->body, "Token", &e)) {
        instance_fail(x, &e);
    } else {
        x->fetched(x->cookie, &found, NULL);
    }
}

static void
role_came(void *cookie, const struct http_answer *a)
{
    struct instance *x = cookie;
    char header[TEXT_SIZE + 64];
    struct buf path = { .max = 2048 };

    if (!one_line(x, a, "the list of roles", x->role))
        return;
    buf_add(&path, STR(ROLE_PATH));
    uri_encode(&path, str_of(x->role), false);
    snprintf(header, sizeof(header), "x-aws-ec2-metadata-token: %s", x->token);
    instance_ask(x, "GET", buf_str(&path), header, keys_came);
    buf_free(&path);
}

static void
token_came(void *cookie, const struct http_answer *a)
{
    struct instance *x = cookie;
    char header[TEXT_SIZE + 64];

    if (!one_line(x, a, "the token", x->token))
        return;
    snprintf(header, sizeof(header), "x-aws-ec2-metadata-token: %s", x->token);
    instance_ask(x, "GET", STR(ROLE_PATH), header, role_came);
}

static void
instance_fetch(struct credential_source *s, credential_fetched *fetched, void *cookie)
{
    struct instance *x = (struct instance *)s;

    x->fetched = fetched;
    x->cookie = cookie;
    instance_ask(x, "PUT", STR("/latest/api/token"), "x-aws-ec2-metadata-token-ttl-seconds: 21600",
                 token_came);
}

static void
instance_free(struct credential_source *s)
{
    struct instance *x = (struct instance *)s;

    http_cancel(x->call);
    free(x);
}

struct credential_source *
source_instance(struct http_client *http)
{
    struct instance *x = xcalloc(1, sizeof(*x));

    x->head.fetch = instance_fetch;
    x->head.free = instance_free;
    snprintf(x->head.name, sizeof(x->head.name), "instance");
    x->http = http;
    return &x->head;
}
