#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "aws/credential_source.h"
#include "platform/loop.h"
#include "platform/secret.h"
#include "slipway/memory.h"

#define ECS_HOST "http://169.254.170.2"
#define TRIES 3
#define AGAIN_MS SECONDS(1)
#define TRY_MS SECONDS(2)
#define TOKEN_MAX 16384
#define ANSWER_MAX 65536

/* The agent of ECS, EKS Pod Identity or Greengrass beside us (SDKs guide, "Container provider"). */
struct container {
    struct credential_source head;
    struct loop *loop;
    struct http_client *http;
    struct http_call *call;
    struct timer *again;
    int tries;
    credential_fetched *fetched;
    void *cookie;
};

static void container_ask(void *cookie);

static bool
may_be_plain(struct str host)
{
    static const char *const HOSTS[] = { "localhost", "[::1]", "169.254.170.2", "169.254.170.23",
                                         "[fd00:ec2::23]" };

    for (size_t i = 0; i < ARRAY_LEN(HOSTS); i++)
        if (host.len == strlen(HOSTS[i]) && strncasecmp(host.at, HOSTS[i], host.len) == 0)
            return true;
    for (size_t i = 0; i < host.len; i++)
        if (strchr("0123456789.", host.at[i]) == NULL)
            return false;
    return str_starts(host, "127.");
}

/* The address to ask, or false: only hosts that cannot be far away are asked without TLS. */
static bool
container_url(char *url, size_t size, struct error *e)
{
    const char *relative = setup_variable("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
    const char *full = setup_variable("AWS_CONTAINER_CREDENTIALS_FULL_URI");
    struct str host, rest;
    int n = relative != NULL ? snprintf(url, size, ECS_HOST "%s", relative)
                             : snprintf(url, size, "%s", full);

    if (n < 0 || (size_t)n >= size || (relative != NULL && relative[0] != '/'))
        return error_set(e, ERROR_INVALID, "the address is not usable");
    if (str_starts(str_of(url), "https://") || relative != NULL)
        return true;
    if (!str_starts(str_of(url), "http://"))
        return error_set(e, ERROR_INVALID, "AWS_CONTAINER_CREDENTIALS_FULL_URI is no http(s) URL");
    host = (struct str){ url + 7, strcspn(url + 7, "/?#") };
    if (host.len > 0 && host.at[0] == '[') {
        if (str_cut(host, ']', &host, &rest))
            host.len++;
    } else {
        str_cut(host, ':', &host, &rest);
    }
    if (may_be_plain(host))
        return true;
    return error_set(e, ERROR_DENIED,
                     "AWS_CONTAINER_CREDENTIALS_FULL_URI: host \"%.*s\" needs https",
                     (int)(host.len > 100 ? 100 : host.len), host.at);
}

/* "Authorization: ..." into `line`, from the file (read anew each time: it rotates) or the
 * variable. */
static bool
container_token(char *line, size_t size, struct error *e)
{
    const char *path = setup_variable("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
    const char *token = setup_variable("AWS_CONTAINER_AUTHORIZATION_TOKEN");
    char text[TOKEN_MAX];
    struct str trimmed;

    line[0] = '\0';
    if (path != NULL) {
        int fd = open(path, O_RDONLY | O_CLOEXEC);
        ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

        if (fd >= 0)
            close(fd);
        if (n < 0)
            return error_set(e, ERROR_NOT_FOUND,
                             "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE %.200s cannot be read", path);
        text[n] = '\0';
        token = text;
    }
    if (token == NULL)
        return true;
    trimmed = str_trim(str_of(token));
    if (memchr(trimmed.at, '\r', trimmed.len) != NULL ||
        memchr(trimmed.at, '\n', trimmed.len) != NULL)
        return error_set(e, ERROR_INVALID, "the authorization token holds a line break");
    snprintf(line, size, "Authorization: %.*s", STR_ARG(trimmed));
    secret_wipe(text, sizeof(text));
    return true;
}

static void
container_fail(struct container *x, const struct error *why)
{
    struct error e = *why;

    error_while(&e, "credentials from the container");
    x->fetched(x->cookie, NULL, &e);
}

static void
container_answered(void *cookie, const struct http_answer *a)
{
    struct container *x = cookie;
    struct credential_found found;
    struct error e = a->error;

    x->call = NULL;
    if (a->outcome == HTTP_ANSWERED && a->status == 200 &&
        credential_found_read(&found, a->body, "Token", &e)) {
        x->fetched(x->cookie, &found, NULL);
        return;
    }
    if (a->outcome == HTTP_ANSWERED && a->status != 200)
        error_set(&e, ERROR_UNREACHABLE, "answered %d", a->status);
    if (++x->tries < TRIES)
        timer_start(x->again, AGAIN_MS);
    else
        container_fail(x, &e);
}

static void
container_ask(void *cookie)
{
    struct container *x = cookie;
    char url[2048], line[TOKEN_MAX + 32];
    const char *const headers[] = { "Accept: application/json", line, NULL };
    const char *const no_token[] = { "Accept: application/json", NULL };
    struct http_question q = { .method = "GET",
                               .url = url,
                               .timeout_ms = TRY_MS,
                               .answer_max = ANSWER_MAX,
                               .plain_http = true };
    struct error e;

    if (!container_url(url, sizeof(url), &e) || !container_token(line, sizeof(line), &e)) {
        container_fail(x, &e);
        return;
    }
    q.headers = line[0] != '\0' ? headers : no_token;
    x->call = http_send(x->http, &q, container_answered, x);
    secret_wipe(line, sizeof(line));
}

static void
container_fetch(struct credential_source *s, credential_fetched *fetched, void *cookie)
{
    struct container *x = (struct container *)s;

    x->fetched = fetched;
    x->cookie = cookie;
    x->tries = 0;
    container_ask(x);
}

static void
container_free(struct credential_source *s)
{
    struct container *x = (struct container *)s;

    http_cancel(x->call);
    timer_free(x->again);
    free(x);
}

struct credential_source *
source_container(struct loop *l, struct http_client *http)
{
    struct container *x = xcalloc(1, sizeof(*x));

    x->head.fetch = container_fetch;
    x->head.free = container_free;
    snprintf(x->head.name, sizeof(x->head.name), "container");
    x->loop = l;
    x->http = http;
    x->again = timer_new(l, container_ask, x);
    return &x->head;
}
