#include "web/web.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "web_internal.h"

static const struct http_route ROUTES[] = {
    { "GET", "/", status_handle },
    { "GET", "/deployments/{id}", detail_handle },
    { "GET", "/style.css", style_handle },
    { "GET", "/healthz", health_handle },
    { "GET", "/readyz", ready_handle },
    { "GET", "/metrics", metrics_handle },
    { "GET", "/v1/deployments", list_handle },
    { "GET", "/v1/deployments/{id}", show_handle },
    { "POST", "/v1/deployments/{id}/decision", decision_handle },
};

/* ---- life ----------------------------------------------------------------------------------- */

/* The host in "https://host:port/path", with the brackets of IPv6; "" if there is none. */
static void
host_of(const char *url, char *buf, size_t size)
{
    const char *at = url != NULL ? strstr(url, "://") : NULL;
    size_t len;

    buf[0] = '\0';
    if (at == NULL)
        return;
    at += 3;
    len = at[0] == '[' ? strcspn(at, "]") + 1 : strcspn(at, ":/?#");
    (void)!str_copy(buf, size, (struct str){ at, len });
}

struct web *
web_open(struct loop *l, struct engine *en, struct error *e)
{
    const struct settings *settings = engine_settings(en);
    struct web *w = xcalloc(1, sizeof(*w));
    char host[256];
    const char *hosts[] = { host, NULL };
    struct http_server_settings s = {
        .listen = settings->listen, .routes = ROUTES, .route_count = ARRAY_LEN(ROUTES), .cookie = w
    };

    host_of(settings->page_url, host, sizeof(host));
    if (host[0] != '\0')
        s.hosts = hosts;
    w->loop = l;
    w->engine = en;
    w->server = http_server_open(l, &s, e);
    if (w->server != NULL)
        return w;
    free(w);
    return NULL;
}

int
web_port(const struct web *w)
{
    return http_server_port(w->server);
}

void
web_drain(struct web *w)
{
    http_server_drain(w->server);
}

void
web_close(struct web *w)
{
    if (w == NULL)
        return;
    http_server_close(w->server);
    free(w);
}

/* ---- what the handlers share ---------------------------------------------------------------- */

struct shown_source
web_source(const struct web *w)
{
    return (struct shown_source){ .store = engine_store(w->engine),
                                  .settings = engine_settings(w->engine),
                                  .now_ms = engine_now_ms(w->engine) };
}

const char *
web_page_url(const struct web *w, char buf[URL_SIZE])
{
    const struct settings *s = engine_settings(w->engine);
    const char *colon = strrchr(s->listen, ':');
    size_t len;

    if (s->page_url == NULL) {
        snprintf(buf, URL_SIZE, "http://%.*s:%d/", (int)(colon - s->listen), s->listen,
                 web_port(w));
        return buf;
    }
    snprintf(buf, URL_SIZE - 1, "%s", s->page_url);
    len = strlen(buf);
    if (len > 0 && buf[len - 1] != '/')
        memcpy(buf + len, "/", 2);
    return buf;
}

int64_t
request_id(const struct http_request *r)
{
    int64_t id = 0;
    bool ok = str_to_int(r->id, &id);

    assert(ok);
    return id;
}

int64_t
request_number(const struct http_request *r, const char *name, int64_t least, int64_t most,
               int64_t otherwise)
{
    int64_t n;

    if (!str_to_int(http_request_query(r, name), &n) || n < least || n > most)
        return otherwise;
    return n;
}

void
answer(struct http_request *r, int status, const char *type, struct buf *body)
{
    struct http_reply reply = { status, type, buf_str(body) };

    if (body->overflow)
        http_reply_text(r, 503, "the answer is too long");
    else
        http_reply(r, &reply);
    buf_free(body);
}

static int
status_of(const struct error *e)
{
    switch (e->kind) {
    case ERROR_INVALID:
        return 400;
    case ERROR_NOT_FOUND:
        return 404;
    case ERROR_CONFLICT:
        return 409;
    case ERROR_DENIED:
        return 403;
    case ERROR_NONE:
    case ERROR_UNREACHABLE:
    case ERROR_STORAGE:
        break;
    }
    return 503;
}

void
answer_error(struct http_request *r, const struct error *e)
{
    struct buf body = { .max = 4096 };
    struct json_out w = json_out(&body);

    json_open(&w, '{');
    json_member(&w, "error", str_of(e->text));
    json_close(&w, '}');
    buf_char(&body, '\n');
    answer(r, status_of(e), TYPE_JSON, &body);
}
