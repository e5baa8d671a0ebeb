#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/call_internal.h"
#include "aws/endpoint.h"
#include "platform/secret.h"
#include "slipway/memory.h"

#define HEADERS_MAX 24
#define OWN_HEADERS_MAX 20
#define URL_MAX 16384
#define ANSWER_STANDARD 1048576

/* Header lines on their way out. */
struct lines {
    char *at[HEADERS_MAX + 1];
    size_t count;
};

static void
add_line(struct lines *l, const char *name, struct str value)
{
    size_t size = strlen(name) + value.len + 3;

    if (l->count == HEADERS_MAX)
        return;
    l->at[l->count] = xmalloc(size);
    snprintf(l->at[l->count], size, "%s: %.*s", name, STR_ARG(value));
    l->at[++l->count] = NULL;
}

/* The question's own headers; room for the signature's four stays. */
static void
copy_lines(const struct aws_call *c, struct lines *l)
{
    const char *const *h = c->q.headers;

    for (; h != NULL && *h != NULL && l->count < OWN_HEADERS_MAX; h++)
        l->at[l->count++] = xstrdup(*h);
    l->at[l->count] = NULL;
}

static void
free_lines(struct lines *l)
{
    for (size_t i = 0; i < l->count; i++) {
        secret_wipe(l->at[i], strlen(l->at[i])); /* Session tokens among them. */
        free(l->at[i]);
    }
}

static const char *
signing_name(enum aws_service service)
{
    return service == AWS_GREENGRASS ? "greengrass" : aws_service_name(service);
}

/* Splits the caller's "Name: value" lines for the signer. */
static size_t
headers_to_sign(const struct aws_call *c, struct sigv4_header to[HEADERS_MAX])
{
    size_t count = 0;

    for (const char *const *h = c->q.headers; h != NULL && *h != NULL && count < OWN_HEADERS_MAX;
         h++) {
        struct sigv4_header *x = &to[count++];

        str_cut(str_of(*h), ':', &x->name, &x->value);
    }
    return count;
}

static bool
sign(struct aws_call *c, const struct credential_set *set, const struct endpoint *to,
     struct str path, struct lines *lines, struct error *e)
{
    struct aws *a = c->account->aws;
    bool s3 = c->q.service == AWS_S3;
    struct sigv4_header headers[HEADERS_MAX];
    char hash[65];
    struct sigv4_key key = { str_of(set->access_key), secret_bytes(set->secret_key),
                             secret_bytes(set->session_token) };
    struct sigv4_request r = { .method = str_of(c->q.method),
                               .host = str_of(to->host),
                               .path = path,
                               .query = str_of(c->q.query),
                               .headers = headers,
                               .header_count = headers_to_sign(c, headers),
                               .region = str_of(c->account->region),
                               .service = str_of(signing_name(c->q.service)),
                               .now_ms = loop_now_ms(a->loop) + a->clock_offset_ms,
                               .path_verbatim = s3,
                               .content_hash = s3 };
    struct sigv4_signature s;

    if (c->q.upload_fd != 0)
        r.payload_hash = c->q.upload_sha256 != NULL ? str_of(c->q.upload_sha256)
                                                    : STR("UNSIGNED-PAYLOAD");
    else
        r.payload_hash = str_of(sigv4_hash(c->q.body, hash));
    if (!sigv4_sign(&r, &key, &c->account->keys[c->q.service], &s, NULL, e))
        return false;
    add_line(lines, "X-Amz-Date", str_of(s.date));
    if (key.session_token.len > 0)
        add_line(lines, "X-Amz-Security-Token", key.session_token);
    if (s3)
        add_line(lines, "X-Amz-Content-SHA256", str_of(s.content_sha256));
    add_line(lines, "Authorization", str_of(s.authorization));
    c->generation = set->generation;
    return true;
}

static void
send_lines(struct aws_call *c, const struct endpoint *to, const char *url, struct lines *lines)
{
    struct aws *a = c->account->aws;
    struct http_question q = { .method = c->q.method,
                               .url = url,
                               .headers = (const char *const *)lines->at,
                               .body = c->q.body,
                               .upload_fd = c->q.upload_fd,
                               .upload_len = c->q.upload_len,
                               .take = c->q.take,
                               .take_cookie = c->own,
                               .timeout_ms = c->q.timeout_ms,
                               .stall_ms = c->q.stall_ms,
                               .answer_max = c->q.answer_max,
                               .plain_http = to->plain_http,
                               .once = !c->q.idempotent };

    if (q.timeout_ms <= 0)
        q.timeout_ms = a->setup.timeout_ms;
    if (q.answer_max <= 0)
        q.answer_max = ANSWER_STANDARD;
    c->tries++;
    a->counts[c->q.service].tries++;
    c->state = CALL_SENT;
    c->http = http_send(a->http, &q, call_answered, c);
}

/* Where the call goes.  Without a bucket all calls of a lane go to the same place. */
static bool
find_endpoint(const struct aws_call *c, struct endpoint *to, struct error *e)
{
    const struct aws_setup *setup = &c->account->aws->setup;
    struct endpoint_question where = { .service = c->q.service,
                                       .region = c->account->region,
                                       .configured = setup->endpoints[c->q.service],
                                       .fips = setup->fips,
                                       .dualstack = setup->dualstack,
                                       .bucket = c->q.bucket };

    if (c->q.bucket != NULL)
        return endpoint_find(&where, to, e);
    if (c->lane->to == NULL) {
        if (!endpoint_find(&where, to, e))
            return false;
        c->lane->to = xmalloc(sizeof(*to));
        *c->lane->to = *to;
    }
    *to = *c->lane->to;
    return true;
}

bool
call_transmit(struct aws_call *c, const struct credential_set *set, struct error *e)
{
    struct endpoint to;
    struct buf path = { .max = URL_MAX }, url = { .max = URL_MAX };
    struct lines lines = { .count = 0 };
    bool ok = find_endpoint(c, &to, e);

    if (ok) {
        buf_add(&path, str_of(to.path));
        buf_add(&path, str_of(c->q.path));
        buf_printf(&url, "%s%s%s%s", to.base, path.at, c->q.query[0] != '\0' ? "?" : "",
                   c->q.query);
        copy_lines(c, &lines);
        if (url.overflow || path.overflow)
            ok = error_set(e, ERROR_INVALID, "address longer than %d bytes", URL_MAX);
        else if (set != NULL)
            ok = sign(c, set, &to, buf_str(&path), &lines, e);
    }
    if (ok)
        send_lines(c, &to, url.at, &lines);
    free_lines(&lines);
    buf_free(&path);
    buf_free(&url);
    return ok;
}
