#include "wire/curl_loop.h"

#include <assert.h>
#include <stdlib.h>

#include <event2/event.h>

#include "platform/loop.h"
#include "slipway/memory.h"

struct curl_loop {
    struct event_base *base;
    struct event *timer; /* libcurl's one timer. */
    CURLM *multi;
    curl_ended *ended;
    void *cookie;
    bool inside; /* libcurl is at work: nothing of it may be called. */
};

/* Lets libcurl work on one socket (or on its timer), then tells of whatever ended. */
static void
turn(struct curl_loop *c, curl_socket_t fd, int action)
{
    int running, left;
    CURLMsg *m;

    c->inside = true;
    curl_multi_socket_action(c->multi, fd, action, &running);
    c->inside = false;
    while ((m = curl_multi_info_read(c->multi, &left)) != NULL)
        if (m->msg == CURLMSG_DONE)
            c->ended(m->easy_handle, m->data.result, c->cookie);
}

static void
socket_ready(evutil_socket_t fd, short what, void *cookie)
{
    turn(cookie, fd,
         (what & EV_READ ? CURL_CSELECT_IN : 0) | (what & EV_WRITE ? CURL_CSELECT_OUT : 0));
}

static void
timer_fired(evutil_socket_t fd, short what, void *cookie)
{
    (void)fd;
    (void)what;
    turn(cookie, CURL_SOCKET_TIMEOUT, 0);
}

/* libcurl wants to hear of `fd` (or no longer does). */
static int
watch_socket(CURL *easy, curl_socket_t fd, int want, void *cookie, void *watch)
{
    struct curl_loop *c = cookie;
    struct event *ev = watch;
    short what = EV_PERSIST;

    (void)easy;
    if (want == CURL_POLL_IN || want == CURL_POLL_INOUT)
        what |= EV_READ;
    if (want == CURL_POLL_OUT || want == CURL_POLL_INOUT)
        what |= EV_WRITE;
    if (ev != NULL)
        event_free(ev);
    ev = want == CURL_POLL_REMOVE ? NULL : event_new(c->base, fd, what, socket_ready, c);
    if (ev != NULL)
        event_add(ev, NULL);
    curl_multi_assign(c->multi, fd, ev);
    return 0;
}

/* libcurl wants to be woken in `ms`; never from here, it is not re-entrant. */
static int
set_timer(CURLM *multi, long ms, void *cookie)
{
    struct curl_loop *c = cookie;
    struct timeval in = { .tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000 };

    (void)multi;
    if (ms < 0)
        evtimer_del(c->timer);
    else
        evtimer_add(c->timer, &in);
    return 0;
}

struct curl_loop *
curl_loop_new(struct loop *l, long connections_host, long connections, curl_ended *ended,
              void *cookie)
{
    struct curl_loop *c = xcalloc(1, sizeof(*c));

    c->base = loop_base(l);
    c->ended = ended;
    c->cookie = cookie;
    c->multi = curl_multi_init();
    c->timer = evtimer_new(c->base, timer_fired, c);
    if (c->multi == NULL || c->timer == NULL)
        abort();
    curl_multi_setopt(c->multi, CURLMOPT_SOCKETFUNCTION, watch_socket);
    curl_multi_setopt(c->multi, CURLMOPT_SOCKETDATA, c);
    curl_multi_setopt(c->multi, CURLMOPT_TIMERFUNCTION, set_timer);
    curl_multi_setopt(c->multi, CURLMOPT_TIMERDATA, c);
    curl_multi_setopt(c->multi, CURLMOPT_MAX_HOST_CONNECTIONS, connections_host);
    curl_multi_setopt(c->multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, connections);
    curl_multi_setopt(c->multi, CURLMOPT_MAXCONNECTS, connections);
    curl_multi_setopt(c->multi, CURLMOPT_PIPELINING, (long)CURLPIPE_NOTHING);
    return c;
}

void
curl_loop_free(struct curl_loop *c)
{
    curl_multi_cleanup(c->multi);
    event_free(c->timer);
    free(c);
}

void
curl_loop_add(struct curl_loop *c, CURL *easy)
{
    assert(!c->inside);
    curl_multi_add_handle(c->multi, easy);
}

void
curl_loop_remove(struct curl_loop *c, CURL *easy)
{
    assert(!c->inside);
    curl_multi_remove_handle(c->multi, easy);
}
