#include "stub_http.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "figures.h"

enum { EVENTS = 64, READ_SIZE = 65536, REQUEST_MAX = 1 << 20, AWAKE_US = 200 };

struct stub_peer {
    int fd;
    struct buf in;   /* Read and not yet answered. */
    struct buf body; /* Of the answer being made. */
    struct buf out;  /* Not yet written. */
    size_t request_len;
    bool asking; /* A request waits for its answer. */
};

static const struct stub_server *server;
static int epoll;

static void
must(bool worked, const char *what)
{
    if (worked)
        return;
    fprintf(stderr, "stub: %s: %s\n", what, strerror(errno));
    exit(EXIT_FAILURE);
}

/* ---- connections ---------------------------------------------------------------------------- */

static void
peer_free(struct stub_peer *p)
{
    if (p->asking)
        server->gone(server->cookie, p);
    close(p->fd);
    buf_free(&p->in);
    buf_free(&p->body);
    buf_free(&p->out);
    free(p);
}

static void
peer_watch(struct stub_peer *p, int how, bool writes)
{
    struct epoll_event ev = { .events = EPOLLIN | (writes ? (uint32_t)EPOLLOUT : 0U),
                              .data.ptr = p };

    must(epoll_ctl(epoll, how, p->fd, &ev) == 0, "epoll_ctl");
}

static void
take_peers(int listener)
{
    for (;;) {
        int fd = accept(listener, NULL, NULL), one = 1;
        struct stub_peer *p;

        if (fd < 0)
            return;
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
        p = xcalloc(1, sizeof(*p));
        p->fd = fd;
        p->in.max = p->body.max = p->out.max = REQUEST_MAX;
        peer_watch(p, EPOLL_CTL_ADD, false);
    }
}

/* ---- answers -------------------------------------------------------------------------------- */

struct buf *
stub_body(struct stub_peer *p)
{
    return &p->body;
}

/* Writes what can be written; the rest when the socket says so. */
static void
peer_write(struct stub_peer *p)
{
    ssize_t n = send(p->fd, p->out.at, p->out.len, MSG_DONTWAIT | MSG_NOSIGNAL);
    size_t written = n > 0 ? (size_t)n : 0;

    if (written == p->out.len) {
        buf_clear(&p->out);
        return;
    }
    memmove(p->out.at, p->out.at + written, p->out.len - written);
    p->out.len -= written;
    peer_watch(p, EPOLL_CTL_MOD, true);
}

void
stub_answer(struct stub_peer *p, int status, const char *content_type)
{
    buf_printf(&p->out,
               "HTTP/1.1 %d %s\r\nContent-Type: %s\r\nContent-Length: %zu\r\n"
               "x-amzn-RequestId: 9b2f1c3e-5a7d-4e8f-9c1b-2d3e4f5a6b7c\r\n\r\n",
               status, status == 200 ? "OK" : "No", content_type, p->body.len);
    buf_add(&p->out, buf_str(&p->body));
    buf_clear(&p->body);
    memmove(p->in.at, p->in.at + p->request_len, p->in.len - p->request_len);
    p->in.len -= p->request_len;
    p->asking = false;
    peer_write(p);
}

/* ---- requests ------------------------------------------------------------------------------- */

static struct str
header(struct str head, const char *name)
{
    struct str line;

    while (head.len > 0) {
        struct str key, value;

        str_cut(head, '\n', &line, &head);
        if (str_cut(line, ':', &key, &value) && key.len == strlen(name) &&
            strncasecmp(key.at, name, key.len) == 0)
            return str_trim(value);
    }
    return (struct str){ NULL, 0 };
}

/* Hands the request over if it is there as a whole. */
static void
peer_ask(struct stub_peer *p)
{
    struct stub_request r = { 0 };
    struct str head, line;
    int64_t body_len = 0;
    char *end;

    if (p->asking || p->in.len == 0 || (end = strstr(p->in.at, "\r\n\r\n")) == NULL)
        return;
    head = (struct str){ p->in.at, (size_t)(end - p->in.at) + 4 };
    (void)!str_to_int(header(head, "content-length"), &body_len);
    p->request_len = head.len + (size_t)body_len;
    if (p->in.len < p->request_len)
        return;
    str_cut(head, '\n', &line, &(struct str){ NULL, 0 });
    str_cut(line, ' ', &r.method, &line);
    str_cut(line, ' ', &r.path, &line);
    r.target = header(head, "x-amz-target");
    r.body = (struct str){ p->in.at + head.len, (size_t)body_len };
    p->asking = true;
    server->handle(server->cookie, p, &r);
}

/* False if the other side has gone. */
static bool
peer_read(struct stub_peer *p)
{
    static char piece[READ_SIZE];
    ssize_t n = recv(p->fd, piece, sizeof(piece), MSG_DONTWAIT);

    if (n < 0)
        return errno == EAGAIN;
    buf_add(&p->in, (struct str){ piece, (size_t)n });
    peer_ask(p);
    return n > 0 && !p->in.overflow;
}

static void
peer_event(struct stub_peer *p, uint32_t events)
{
    if ((events & EPOLLOUT) != 0) {
        peer_watch(p, EPOLL_CTL_MOD, false);
        peer_write(p);
    }
    if ((events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0 && !peer_read(p))
        peer_free(p);
}

/* ---- serving -------------------------------------------------------------------------------- */

static int
listen_on(int port)
{
    struct sockaddr_in at = { .sin_family = AF_INET,
                              .sin_port = htons((uint16_t)port),
                              .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t size = sizeof(at);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), one = 1;

    must(fd >= 0, "socket");
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
    must(bind(fd, (struct sockaddr *)&at, sizeof(at)) == 0 && listen(fd, 256) == 0 &&
             getsockname(fd, (struct sockaddr *)&at, &size) == 0,
         "listen");
    printf("port %d\n", ntohs(at.sin_port));
    fflush(stdout);
    return fd;
}

/*
 * Looks for a moment before it sleeps: on a virtual machine waking a core that sleeps costs the one
 * who sends more than the sending, and that would be measured too.
 */
static int
wait_for_peers(struct epoll_event events[EVENTS])
{
    int64_t until_us = now_us() + AWAKE_US;
    int count;

    do
        count = epoll_wait(epoll, events, EVENTS, 0);
    while (count == 0 && now_us() < until_us);
    return count != 0 ? count : epoll_wait(epoll, events, EVENTS, STUB_TICK_MS);
}

void
stub_serve(const struct stub_server *s, int port)
{
    struct epoll_event events[EVENTS], ev = { .events = EPOLLIN };
    int listener = listen_on(port);

    server = s;
    epoll = epoll_create1(EPOLL_CLOEXEC);
    must(epoll >= 0 && epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &ev) == 0, "epoll");
    for (;;) {
        int count = wait_for_peers(events);

        must(count >= 0 || errno == EINTR, "epoll_wait");
        for (int i = 0; i < count; i++) {
            if (events[i].data.ptr == NULL)
                take_peers(listener);
            else
                peer_event(events[i].data.ptr, events[i].events);
        }
        s->tick(s->cookie);
    }
}
