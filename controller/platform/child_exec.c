#include "child_exec.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

/* Everything here runs between fork and exec: only what is safe in a signal handler. */

#define TROUBLE_FD 3
#define FDS_SWEPT 1024 /* Ours are closed by exec; this catches what a library forgot. */

static void
give_up(enum child_step step)
{
    struct child_trouble t = { .step = step, .number = errno };

    if (write(TROUBLE_FD, &t, sizeof(t)) < 0)
        _exit(126);
    _exit(127);
}

static void
reset_signals(void)
{
    struct sigaction standard = { .sa_handler = SIG_DFL };
    sigset_t none;

    for (int number = 1; number < 65; number++)
        sigaction(number, &standard, NULL); /* Refuses KILL, STOP and libc's own: as it should. */
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

static void
place_fds(const struct child_ends *ends)
{
    int nothing;

    /* First: what is opened before could get its place. */
    if (dup2(ends->trouble, TROUBLE_FD) < 0)
        _exit(126);
    fcntl(TROUBLE_FD, F_SETFD, FD_CLOEXEC);
    nothing = open("/dev/null", O_RDONLY);
    if (nothing < 0 || dup2(nothing, STDIN_FILENO) < 0 || dup2(ends->out, STDOUT_FILENO) < 0 ||
        dup2(ends->err, STDERR_FILENO) < 0)
        give_up(CHILD_STEP_FILES);
    fcntl(STDIN_FILENO, F_SETFD, 0); /* dup2 onto itself would keep the flag. */
    for (int fd = TROUBLE_FD + 1; fd < FDS_SWEPT; fd++)
        close(fd);
}

static void
limit(int what, int64_t most)
{
    struct rlimit r = { .rlim_cur = (rlim_t)most, .rlim_max = (rlim_t)most };

    if (most > 0 && setrlimit(what, &r) != 0)
        give_up(CHILD_STEP_LIMITS);
}

static void
die_with(pid_t parent)
{
#ifdef __linux__
    prctl(PR_SET_PDEATHSIG, SIGKILL);
#endif
    if (getppid() != parent)
        _exit(126); /* It died before it could be watched. */
}

_Noreturn void
child_become(const struct child_program *p, const struct child_ends *ends, pid_t parent)
{
    static char *const NO_ENVIRONMENT[] = { NULL };
    /* execve() takes its arrays without const for old times' sake; it does not write to them. */
    union {
        const char *const *lent;
        char *const *taken;
    } argv = { .lent = p->argv }, environment = { .lent = p->environment };

    setpgid(0, 0);
    place_fds(ends);
    die_with(parent);
    reset_signals();
    if (p->directory != NULL && chdir(p->directory) != 0)
        give_up(CHILD_STEP_DIRECTORY);
    limit(RLIMIT_CPU, p->limits.cpu_s);
    limit(RLIMIT_FSIZE, p->limits.file_bytes);
    limit(RLIMIT_NOFILE, p->limits.files);
    limit(RLIMIT_AS, p->limits.memory_bytes);
    execve(p->argv[0], argv.taken, p->environment == NULL ? NO_ENVIRONMENT : environment.taken);
    give_up(CHILD_STEP_EXEC);
    _exit(126);
}
