#include "wire_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define CONNECTIONS_MAX 512

struct wire_server {
    int listener, port;
    char url[64];
    wire_answer *answer;
    void *cookie;
    pthread_mutex_t lock;
    pthread_t accepter, threads[CONNECTIONS_MAX];
    int fds[CONNECTIONS_MAX];
    int connections, requests;
    bool stopping;
};

struct connection {
    struct wire_server *server;
    int fd;
    char *in;
    size_t len;
};

/* Length of the first whole request in `in`, or 0. */
static size_t
whole_request(const struct connection *c)
{
    char *end = strstr(c->in, "\r\n\r\n"), *line;
    size_t body = 0;

    if (end == NULL)
        return 0;
    for (line = c->in; line < end; line = strstr(line, "\r\n") + 2)
        if (strncasecmp(line, "content-length:", 15) == 0)
            body = (size_t)strtoull(line + 15, NULL, 10);
    return c->len >= (size_t)(end + 4 - c->in) + body ? (size_t)(end + 4 - c->in) + body : 0;
}

static void
sleep_ms(int ms)
{
    struct timespec t = { .tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000 };

    nanosleep(&t, NULL);
}

static bool
send_all(int fd, const char *bytes)
{
    size_t len = strlen(bytes), done = 0;

    while (done < len) {
        ssize_t n = send(fd, bytes + done, len - done, MSG_NOSIGNAL);

        if (n <= 0)
            return false;
        done += (size_t)n;
    }
    return true;
}

/* Answers one request; false if the connection is over. */
static bool
answer_one(struct connection *c, size_t len)
{
    struct wire_server *s = c->server;
    char saved = c->in[len];
    struct wire_reply r;
    bool alive;

    c->in[len] = '\0';
    pthread_mutex_lock(&s->lock);
    r = s->answer(s->cookie, s->requests++, c->in);
    pthread_mutex_unlock(&s->lock);
    c->in[len] = saved;
    sleep_ms(r.delay_ms);
    alive = r.bytes == NULL || send_all(c->fd, r.bytes);
    while (alive && r.after == WIRE_ENDLESS)
        alive = send_all(c->fd, r.bytes);
    free(r.bytes);
    if (r.after == WIRE_HANG) {
        char nothing[256];

        while (recv(c->fd, nothing, sizeof(nothing), 0) > 0)
            ;
    }
    memmove(c->in, c->in + len, c->len - len + 1);
    c->len -= len;
    return alive && r.after == WIRE_KEEP;
}

static void *
serve(void *cookie)
{
    struct connection *c = cookie;
    bool alive = true;

    c->in = calloc(1, WIRE_REQUEST_SIZE + 1);
    while (alive && c->in != NULL) {
        ssize_t n = recv(c->fd, c->in + c->len, WIRE_REQUEST_SIZE - c->len, 0);
        size_t len;

        if (n <= 0)
            break;
        c->len += (size_t)n;
        c->in[c->len] = '\0';
        while (alive && (len = whole_request(c)) > 0)
            alive = answer_one(c, len);
    }
    shutdown(c->fd, SHUT_RDWR);
    free(c->in);
    free(c);
    return NULL;
}

static void *
accept_all(void *cookie)
{
    struct wire_server *s = cookie;

    while (s->connections < CONNECTIONS_MAX) {
        int fd = accept(s->listener, NULL, NULL), one = 1;
        struct connection *c;

        if (fd < 0)
            break;
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
        c = calloc(1, sizeof(*c));
        if (c == NULL)
            abort();
        c->server = s;
        c->fd = fd;
        pthread_mutex_lock(&s->lock);
        s->fds[s->connections] = fd;
        if (pthread_create(&s->threads[s->connections], NULL, serve, c) != 0)
            abort();
        s->connections++;
        pthread_mutex_unlock(&s->lock);
    }
    return NULL;
}

struct wire_server *
wire_server_start(wire_answer *answer, void *cookie)
{
    struct wire_server *s = calloc(1, sizeof(*s));
    struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t len = sizeof(a);

    if (s == NULL || (s->listener = socket(AF_INET, SOCK_STREAM, 0)) < 0 ||
        bind(s->listener, (struct sockaddr *)&a, len) != 0 || listen(s->listener, 128) != 0 ||
        getsockname(s->listener, (struct sockaddr *)&a, &len) != 0)
        abort();
    s->answer = answer;
    s->cookie = cookie;
    s->port = ntohs(a.sin_port);
    snprintf(s->url, sizeof(s->url), "http://127.0.0.1:%d", s->port);
    pthread_mutex_init(&s->lock, NULL);
    if (pthread_create(&s->accepter, NULL, accept_all, s) != 0)
        abort();
    return s;
}

void
wire_server_stop(struct wire_server *s)
{
    shutdown(s->listener, SHUT_RDWR);
    pthread_join(s->accepter, NULL);
    close(s->listener);
    for (int i = 0; i < s->connections; i++) {
        shutdown(s->fds[i], SHUT_RDWR);
        pthread_join(s->threads[i], NULL);
        close(s->fds[i]);
    }
    pthread_mutex_destroy(&s->lock);
    free(s);
}

int
wire_port(const struct wire_server *s)
{
    return s->port;
}

const char *
wire_url(const struct wire_server *s)
{
    return s->url;
}

int
wire_connections(struct wire_server *s)
{
    int n;

    pthread_mutex_lock(&s->lock);
    n = s->connections;
    pthread_mutex_unlock(&s->lock);
    return n;
}

int
wire_requests(struct wire_server *s)
{
    int n;

    pthread_mutex_lock(&s->lock);
    n = s->requests;
    pthread_mutex_unlock(&s->lock);
    return n;
}

struct wire_reply
wire_reply(int status, const char *headers, const char *body)
{
    size_t size = strlen(headers) + strlen(body) + 128;
    struct wire_reply r = { .bytes = malloc(size) };

    if (r.bytes == NULL)
        abort();
    snprintf(r.bytes, size, "HTTP/1.1 %d Status\r\n%sContent-Length: %zu\r\n\r\n%s", status,
             headers, strlen(body), body);
    return r;
}

struct wire_reply
wire_bytes(const char *bytes, enum wire_after after)
{
    struct wire_reply r = { .bytes = malloc(strlen(bytes) + 1), .after = after };

    if (r.bytes == NULL)
        abort();
    memcpy(r.bytes, bytes, strlen(bytes) + 1);
    return r;
}
