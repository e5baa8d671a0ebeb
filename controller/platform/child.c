#include "child.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/wait.h>
#include <unistd.h>

#include <event2/event.h>

#include "child_exec.h"
#include "loop_internal.h"
#include "secret.h"
#include "slipway/memory.h"

#define FD_LOWEST 10            /* Pipes live above the places the child's own files go to. */
#define READ_SIZE 65536         /* Bytes a turn reads from one pipe. */
#define DRAIN_MAX (2 * 1048576) /* Read after the end: more than a pipe holds. */

/* One pipe from the child. */
struct stream {
    int fd; /* -1: closed. */
    struct event *readable;
    struct buf kept;
    bool cut;
};

struct child {
    LIST_ENTRY(child) link;
    struct children *all;
    char *name; /* argv[0] */
    pid_t pid;  /* 0: there is none (any more). */
    int wait_status;
    struct stream out, err, trouble;
    struct timer *deadline;
    bool timed_out;
    int64_t started_ms;
    struct error error; /* Why it did not start. */
    child_done *done;   /* NULL: cancelled. */
    void *cookie;
};

struct children {
    struct loop *loop;
    struct event *ended; /* SIGCHLD */
    LIST_HEAD(, child) list;
};

static void children_look(evutil_socket_t number, short what, void *cookie);
static void child_finish(void *cookie);

/* ---- pipes ---------------------------------------------------------------------------------- */

static void
stream_close(struct stream *s)
{
    if (s->readable != NULL)
        event_free(s->readable);
    s->readable = NULL;
    if (s->fd >= 0)
        close(s->fd);
    s->fd = -1;
}

/* Reads what is there, once; false at the end of the pipe or when there is nothing now. */
static bool
stream_read(struct stream *s)
{
    static char piece[READ_SIZE];
    ssize_t n = read(s->fd, piece, sizeof(piece));
    size_t room = s->kept.max - s->kept.len;

    if (n < 0)
        return errno == EINTR;
    if (n == 0) {
        stream_close(s);
        return false;
    }
    if ((size_t)n > room)
        s->cut = true;
    buf_add(&s->kept, (struct str){ piece, (size_t)n > room ? room : (size_t)n });
    return true;
}

static void
stream_ready(evutil_socket_t fd, short what, void *cookie)
{
    (void)fd;
    (void)what;
    stream_read(cookie);
}

static void
stream_drain(struct stream *s)
{
    for (size_t n = 0; s->fd >= 0 && n < DRAIN_MAX; n += READ_SIZE)
        if (!stream_read(s))
            break;
    stream_close(s);
}

/* Makes a pipe whose read end is `s` and whose write end goes to the child. */
static bool
stream_open(struct stream *s, size_t max, int *write_end)
{
    int low[2];

    s->fd = -1;
    s->kept = (struct buf){ .max = max };
    *write_end = -1;
    if (pipe(low) != 0)
        return false;
    s->fd = fcntl(low[0], F_DUPFD_CLOEXEC, FD_LOWEST);
    *write_end = fcntl(low[1], F_DUPFD_CLOEXEC, FD_LOWEST);
    close(low[0]);
    close(low[1]);
    return s->fd >= 0 && *write_end >= 0 && fcntl(s->fd, F_SETFL, O_NONBLOCK) == 0;
}

static void
stream_watch(struct stream *s, struct loop *l)
{
    s->readable = event_new(loop_base(l), s->fd, EV_READ | EV_PERSIST, stream_ready, s);
    if (s->readable == NULL || event_add(s->readable, NULL) != 0)
        abort();
}

/* ---- in order of events: start, overdue, ended, finish -------------------------------------- */

static void
child_free(struct child *c)
{
    LIST_REMOVE(c, link);
    stream_close(&c->out);
    stream_close(&c->err);
    stream_close(&c->trouble);
    secret_wipe(c->out.kept.at, c->out.kept.len); /* Some programs print keys. */
    buf_free(&c->out.kept);
    buf_free(&c->err.kept);
    buf_free(&c->trouble.kept);
    timer_free(c->deadline);
    free(c->name);
    free(c);
}

static struct children *
children_of(struct loop *l)
{
    struct children **all = loop_children(l);

    if (*all == NULL) {
        *all = xcalloc(1, sizeof(**all));
        (*all)->loop = l;
        (*all)->ended = evsignal_new(loop_base(l), SIGCHLD, children_look, *all);
        if ((*all)->ended == NULL || event_add((*all)->ended, NULL) != 0)
            abort();
    }
    return *all;
}

/* Sends `number` to the program and all it started, as far as they stayed in its group. */
static void
signal_group(const struct child *c, int number)
{
    if (c->pid > 0)
        kill(-c->pid, number);
}

static void
child_overdue(void *cookie)
{
    struct child *c = cookie;

    signal_group(c, c->timed_out ? SIGKILL : SIGTERM);
    timer_start(c->deadline, CHILD_GRACE_MS); /* Again if need be: a group may still grow. */
    c->timed_out = true;
}

static void
child_fork(struct child *c, const struct child_program *p)
{
    struct child_ends ends = { -1, -1, -1 };
    pid_t parent = getpid();

    if (!stream_open(&c->out, p->out_max, &ends.out) ||
        !stream_open(&c->err, p->err_max, &ends.err) ||
        !stream_open(&c->trouble, sizeof(struct child_trouble), &ends.trouble)) {
        error_set(&c->error, ERROR_UNREACHABLE, "%s: no pipe for it: %s", c->name, strerror(errno));
    } else {
        c->pid = fork();
        if (c->pid == 0)
            child_become(p, &ends, parent);
        if (c->pid < 0) {
            error_set(&c->error, ERROR_UNREACHABLE, "%s: no process for it: %s", c->name,
                      strerror(errno));
            c->pid = 0;
        } else {
            setpgid(c->pid, c->pid); /* Whoever is first; it must be before any kill(). */
        }
    }
    if (ends.out >= 0)
        close(ends.out);
    if (ends.err >= 0)
        close(ends.err);
    if (ends.trouble >= 0)
        close(ends.trouble);
}

struct child *
child_start(struct loop *l, const struct child_program *p, child_done *done, void *cookie)
{
    struct child *c = xcalloc(1, sizeof(*c));

    assert(p->argv != NULL && p->argv[0] != NULL && p->timeout_ms > 0);
    c->all = children_of(l);
    c->name = xstrdup(p->argv[0]);
    c->done = done;
    c->cookie = cookie;
    c->started_ms = loop_monotonic_ms(l);
    c->out.fd = c->err.fd = c->trouble.fd = -1;
    c->deadline = timer_new(l, child_overdue, c);
    LIST_INSERT_HEAD(&c->all->list, c, link);
    child_fork(c, p);
    if (c->pid == 0) {
        loop_later(l, child_finish, c);
        return c;
    }
    stream_watch(&c->out, l);
    stream_watch(&c->err, l);
    timer_start(c->deadline, p->timeout_ms);
    return c;
}

/* Reaps the program if it has ended.  Its group dies first, while its number cannot be another's.
 */
static bool
child_reap(struct child *c, int how)
{
    siginfo_t info = { 0 };

    if (c->pid == 0 || waitid(P_PID, (id_t)c->pid, &info, WEXITED | WNOWAIT | how) != 0 ||
        info.si_pid == 0)
        return false;
    signal_group(c, SIGKILL);
    while (waitpid(c->pid, &c->wait_status, 0) < 0 && errno == EINTR)
        ;
    c->pid = 0;
    timer_stop(c->deadline);
    return true;
}

static void
children_look(evutil_socket_t number, short what, void *cookie)
{
    struct children *all = cookie;
    struct child *next;

    (void)number;
    (void)what;
    for (struct child *c = LIST_FIRST(&all->list); c != NULL; c = next) {
        next = LIST_NEXT(c, link);
        if (!child_reap(c, WNOHANG))
            continue;
        if (c->done == NULL)
            child_free(c);
        else
            loop_later(all->loop, child_finish, c);
    }
}

/* Says why it did not start, if that is what its last words say. */
static void
read_trouble(struct child *c)
{
    static const char *const STEPS[] = { "its files", "its directory", "its limits",
                                         "not executed" };
    struct child_trouble t;

    stream_drain(&c->trouble);
    if (c->trouble.kept.len != sizeof(t))
        return;
    memcpy(&t, c->trouble.kept.at, sizeof(t));
    error_set(&c->error, t.number == ENOENT ? ERROR_NOT_FOUND : ERROR_INVALID, "%s: %s: %s",
              c->name, STEPS[t.step], strerror(t.number));
}

static struct str
kept_text(const struct stream *s)
{
    return s->kept.len > 0 ? buf_str(&s->kept) : STR("");
}

static void
child_finish(void *cookie)
{
    struct child *c = cookie;
    struct child_result r = { .ran_ms = loop_monotonic_ms(c->all->loop) - c->started_ms };

    stream_drain(&c->out);
    stream_drain(&c->err);
    read_trouble(c);
    r.out = kept_text(&c->out);
    r.err = kept_text(&c->err);
    r.out_cut = c->out.cut;
    r.err_cut = c->err.cut;
    if (c->error.kind != ERROR_NONE) {
        r.end = CHILD_NOT_STARTED;
        r.error = c->error;
    } else if (c->timed_out) {
        r.end = CHILD_TIMED_OUT;
        error_set(&r.error, ERROR_UNREACHABLE, "%s: stopped after %lld ms, its time was over",
                  c->name, (long long)r.ran_ms);
    } else if (WIFEXITED(c->wait_status)) {
        r.end = CHILD_EXITED;
        r.code = WEXITSTATUS(c->wait_status);
        if (r.code != 0)
            error_set(&r.error, ERROR_INVALID, "%s: ended with status %d", c->name, r.code);
    } else {
        r.end = CHILD_KILLED;
        r.code = WTERMSIG(c->wait_status);
        error_set(&r.error, ERROR_INVALID, "%s: killed by signal %d", c->name, r.code);
    }
    c->done(c->cookie, &r);
    child_free(c);
}

void
child_cancel(struct child *c)
{
    if (c == NULL)
        return;
    c->done = NULL;
    timer_stop(c->deadline);
    if (c->pid == 0) { /* It never ran, or it has ended and waits to be told. */
        loop_not_later(c->all->loop, child_finish, c);
        child_free(c);
        return;
    }
    signal_group(c, SIGKILL);
    stream_close(&c->out);
    stream_close(&c->err);
    stream_close(&c->trouble);
}

void
children_free(struct children *all)
{
    struct child *next;

    if (all == NULL)
        return;
    for (struct child *c = LIST_FIRST(&all->list); c != NULL; c = next) {
        next = LIST_NEXT(c, link);
        signal_group(c, SIGKILL);
        child_reap(c, 0);
        child_free(c);
    }
    event_free(all->ended);
    free(all);
}
