#include "http_server_internal.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <event2/listener.h>
#include <event2/util.h>

#include "platform/log.h"
#include "platform/loop.h"

#define BACKLOG 1024
#define LISTEN_AGAIN_MS 100
#define ADDRESS_SIZE 128 /* A numeric address, with its zone. */

/* ---- addresses ------------------------------------------------------------------------------ */

/* "127.0.0.1" or "[::1]", as a Host field would say it. */
static bool
host_text(const struct sockaddr *address, socklen_t len, char *buf, size_t size)
{
    char name[ADDRESS_SIZE];

    if (getnameinfo(address, len, name, sizeof(name), NULL, 0, NI_NUMERICHOST) != 0)
        return false;
    name[strcspn(name, "%")] = '\0';
    snprintf(buf, size, address->sa_family == AF_INET6 ? "[%.60s]" : "%.60s", name);
    return true;
}

bool
server_answers_to(const struct http_server *s, struct str host, int fd)
{
    struct sockaddr_storage local;
    socklen_t len = sizeof(local);
    char text[64];

    for (size_t i = 0; s->hosts[i] != NULL; i++)
        if (http_same_word(host, str_of(s->hosts[i])))
            return true;
    if (getsockname(fd, (struct sockaddr *)&local, &len) != 0)
        return false;
    return host_text((struct sockaddr *)&local, len, text, sizeof(text)) &&
           http_same_word(host, str_of(text));
}

static char **
own_hosts(const char *listen_host, const char *const *more)
{
    static const char *const LOCAL[] = { "localhost", "127.0.0.1", "[::1]" };
    size_t count = 0, at = 0;
    char **hosts;

    while (more != NULL && more[count] != NULL)
        count++;
    hosts = xcalloc(count + ARRAY_LEN(LOCAL) + 2, sizeof(*hosts));
    for (size_t i = 0; i < ARRAY_LEN(LOCAL); i++)
        hosts[at++] = xstrdup(LOCAL[i]);
    if (listen_host[0] != '\0')
        hosts[at++] = xstrdup(listen_host);
    for (size_t i = 0; i < count; i++)
        hosts[at++] = xstrdup(more[i]);
    return hosts;
}

/* Cuts "host:port"; the host keeps the brackets of IPv6. */
static bool
cut_listen(const char *text, char host[256], char port[8])
{
    const char *colon = strrchr(text, ':');
    int64_t number;

    if (colon == NULL || !str_to_int(str_of(colon + 1), &number) || number < 0 || number > 65535)
        return false;
    snprintf(port, 8, "%d", (int)number);
    return str_copy(host, 256, (struct str){ text, (size_t)(colon - text) });
}

/* ---- listening ------------------------------------------------------------------------------ */

static int
bound_socket(const struct addrinfo *a)
{
    int fd = socket(a->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), on = 1, saved;

    if (fd < 0)
        return -1;
    /* The accepted sockets inherit NODELAY: without it an answer waits for a delayed ACK. */
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == 0 &&
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) == 0 &&
        bind(fd, a->ai_addr, a->ai_addrlen) == 0 && listen(fd, BACKLOG) == 0)
        return fd;
    saved = errno;
    close(fd);
    errno = saved;
    return -1;
}

static int
listening_socket(const char *address, const char *host, const char *port, struct error *e)
{
    struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE }, *found = NULL;
    char bare[256];
    size_t len = strlen(host);
    int fd = -1, wrong;

    snprintf(bare, sizeof(bare), "%s", host);
    if (len > 2 && host[0] == '[' && host[len - 1] == ']')
        snprintf(bare, sizeof(bare), "%.*s", (int)len - 2, host + 1);
    wrong = getaddrinfo(bare[0] != '\0' ? bare : NULL, port, &hints, &found);
    if (wrong != 0) {
        error_set(e, ERROR_INVALID, "listen on %s: %s", address, gai_strerror(wrong));
        return -1;
    }
    for (struct addrinfo *a = found; a != NULL && fd < 0; a = a->ai_next)
        fd = bound_socket(a);
    if (fd < 0)
        error_set(e, errno == EADDRINUSE ? ERROR_CONFLICT : ERROR_UNREACHABLE, "listen on %s: %s",
                  address, strerror(errno));
    freeaddrinfo(found);
    return fd;
}

static int
port_of(int fd)
{
    struct sockaddr_storage local;
    socklen_t len = sizeof(local);
    char port[16];
    int64_t number = 0;

    if (getsockname(fd, (struct sockaddr *)&local, &len) != 0 ||
        getnameinfo((struct sockaddr *)&local, len, NULL, 0, port, sizeof(port), NI_NUMERICSERV) !=
            0 ||
        !str_to_int(str_of(port), &number))
        return 0;
    return (int)number;
}

/* Makes room by closing the connection that has been waited for longest. */
static bool
make_room(struct http_server *s)
{
    struct connection *longest = TAILQ_FIRST(&s->we_wait);

    if (s->count < s->settings.connections)
        return true;
    if (longest == NULL)
        return false;
    connection_close(longest);
    return true;
}

static void
accepted(struct evconnlistener *listener, evutil_socket_t fd, struct sockaddr *address, int len,
         void *cookie)
{
    struct http_server *s = cookie;
    char peer[64] = "";

    (void)listener;
    if (!make_room(s)) {
        evutil_closesocket(fd);
        return;
    }
    (void)!host_text(address, (socklen_t)len, peer, sizeof(peer));
    connection_open(s, fd, peer);
}

static void
listen_again(void *cookie)
{
    struct http_server *s = cookie;

    if (s->listener != NULL)
        evconnlistener_enable(s->listener);
}

/* No file descriptor or memory left: the waiting client stays in the backlog for a moment. */
static void
accept_failed(struct evconnlistener *listener, void *cookie)
{
    struct http_server *s = cookie;

    log_warning("accept-failed", log_text("error", strerror(errno)),
                log_int("connections", s->count));
    evconnlistener_disable(listener);
    timer_start(s->listen_again, LISTEN_AGAIN_MS);
}

static int64_t
or_default(int64_t value, int64_t otherwise)
{
    return value > 0 ? value : otherwise;
}

struct http_server *
http_server_open(struct loop *l, const struct http_server_settings *settings, struct error *e)
{
    struct http_server *s;
    char host[256], port[8];
    int fd;

    if (!cut_listen(settings->listen, host, port)) {
        error_set(e, ERROR_INVALID, "listen address \"%s\" is not host:port", settings->listen);
        return NULL;
    }
    fd = listening_socket(settings->listen, host, port, e);
    if (fd < 0)
        return NULL;
    s = xcalloc(1, sizeof(*s));
    s->loop = l;
    s->base = loop_base(l);
    s->settings = *settings;
    s->settings.connections = or_default(settings->connections, 1000);
    s->settings.head_ms = or_default(settings->head_ms, SECONDS(10));
    s->settings.body_ms = or_default(settings->body_ms, SECONDS(15));
    s->settings.idle_ms = or_default(settings->idle_ms, SECONDS(30));
    s->settings.answer_ms = or_default(settings->answer_ms, SECONDS(30));
    s->settings.write_ms = or_default(settings->write_ms, SECONDS(30));
    s->settings.listen = NULL;
    s->settings.hosts = NULL;
    s->hosts = own_hosts(host, settings->hosts);
    s->port = port_of(fd);
    TAILQ_INIT(&s->we_wait);
    TAILQ_INIT(&s->client_waits);
    s->listen_again = timer_new(l, listen_again, s);
    s->listener = evconnlistener_new(s->base, accepted, s,
                                     LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC, BACKLOG, fd);
    if (s->listener == NULL)
        memory_exhausted();
    evconnlistener_set_error_cb(s->listener, accept_failed);
    return s;
}

int
http_server_port(const struct http_server *s)
{
    return s->port;
}

int64_t
http_server_connections(const struct http_server *s)
{
    return s->count;
}

void
http_server_drain(struct http_server *s)
{
    s->draining = true;
    timer_stop(s->listen_again);
    if (s->listener != NULL)
        evconnlistener_free(s->listener);
    s->listener = NULL;
    connections_drain(s);
}

void
http_server_close(struct http_server *s)
{
    if (s == NULL)
        return;
    http_server_drain(s);
    while (!TAILQ_EMPTY(&s->client_waits))
        connection_close(TAILQ_FIRST(&s->client_waits));
    while (!TAILQ_EMPTY(&s->we_wait))
        connection_close(TAILQ_FIRST(&s->we_wait));
    timer_free(s->listen_again);
    for (size_t i = 0; s->hosts[i] != NULL; i++)
        free(s->hosts[i]);
    free(s->hosts);
    free(s);
}

/* ---- routes --------------------------------------------------------------------------------- */

static bool
is_number(struct str s)
{
    int64_t n;

    return s.len > 0 && s.len <= 18 && s.at[0] != '-' && s.at[0] != '+' && str_to_int(s, &n);
}

static bool
path_fits(const char *pattern, struct str path, struct str *id)
{
    struct str before, after, p = str_of(pattern);
    const char *hole = strstr(pattern, "{id}");

    *id = (struct str){ NULL, 0 };
    if (hole == NULL)
        return str_equal(p, path);
    before = (struct str){ pattern, (size_t)(hole - pattern) };
    after = str_of(hole + 4);
    if (path.len <= before.len + after.len || memcmp(path.at, before.at, before.len) != 0 ||
        !str_ends(path, after.at))
        return false;
    *id = (struct str){ path.at + before.len, path.len - before.len - after.len };
    return is_number(*id);
}

const struct http_route *
server_route(const struct http_server *s, const struct http_head *h, struct str *id, int *status)
{
    const char *method = str_is(h->method, "POST") ? "POST" : "GET";

    *status = 404;
    for (size_t i = 0; i < s->settings.route_count; i++) {
        const struct http_route *r = &s->settings.routes[i];

        if (!path_fits(r->path, h->path, id))
            continue;
        if (strcmp(r->method, method) == 0)
            return r;
        *status = 405;
    }
    return NULL;
}
