#ifndef SLIPWAY_PLATFORM_CHILD_H
#define SLIPWAY_PLATFORM_CHILD_H

/**
 * Child: runs a program and says how it ended.
 *
 *     start ──> running ──> done      exactly once, or
 *                  └──────> cancel    then never done
 *
 * No shell: argv goes to execve as it is.  The child gets the environment given and
 * no other, /dev/null as stdin, no open file besides, default signals, and a
 * process group of its own.  When its time is over the group gets TERM and,
 * CHILD_GRACE_MS later, KILL.  When the program itself has ended, what is
 * left of its group is killed: done() never waits for grandchildren.  If
 * slipway dies, the kernel kills the program (Linux).
 *
 * done() is never called from inside child_start(); every failure, also one
 * to start, comes through it.
 */

#include "slipway/error.h"
#include "slipway/str.h"

#define CHILD_GRACE_MS SECONDS(2)

struct loop;
struct child;

/** What the program may use; 0: as slipway itself. */
struct child_limits {
    int64_t memory_bytes; /* RLIMIT_AS */
    int64_t cpu_s;        /* RLIMIT_CPU */
    int64_t file_bytes;   /* RLIMIT_FSIZE */
    int64_t files;        /* RLIMIT_NOFILE */
};

/** Borrowed: all of it is copied or used before child_start() returns. */
struct child_program {
    const char *const *argv;        /* argv[0] is a path; NULL-terminated. */
    const char *const *environment; /* "NAME=value", NULL-terminated; NULL: none. */
    const char *directory;          /* Where it runs; NULL: slipway's own. */
    int64_t timeout_ms;             /* Of the whole run, at least 1. */
    size_t out_max, err_max; /* Bytes of stdout and stderr kept; the rest is read and dropped. */
    struct child_limits limits;
};

enum child_end {
    CHILD_EXITED,      /* By itself; `code` is its exit status. */
    CHILD_KILLED,      /* By signal `code`, not of our making. */
    CHILD_TIMED_OUT,   /* Stopped by us; what it printed until then is there. */
    CHILD_NOT_STARTED, /* Nothing ran; `error` says why. */
};

/** Lent: gone when done() returns. */
struct child_result {
    enum child_end end;
    int code;
    struct str out, err; /* NUL-terminated. */
    bool out_cut, err_cut;
    int64_t ran_ms;
    struct error error; /* Filled unless it exited with 0: "/usr/bin/x: ended with status 3". */
};

typedef void child_done(void *cookie, const struct child_result *r);

/**
 * Starts `p`; calls done(cookie, result) from the loop.  The child belongs to
 * the loop; the caller keeps the pointer only to cancel, and forgets it in
 * done().
 */
struct child *child_start(struct loop *l, const struct child_program *p, child_done *done,
                          void *cookie);

/** Kills the whole group at once; done() will not be called.  NULL is allowed. */
void child_cancel(struct child *c);

#endif
