/* slipwayd: the daemon. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/config.h"
#include "daemon.h"
#include "slipway/memory.h"

static const char HELP[] =
    "slipwayd " SLIPWAY_VERSION ": drives approved models to the fleet\n"
    "\n"
    "usage: slipwayd [-c FILE]\n"
    "\n"
    "  -c FILE     the configuration; else the variable SLIPWAY_CONFIG,\n"
    "              else /etc/slipway/slipway.yaml\n"
    "  --version   print the version\n"
    "  --help      print this\n"
    "\n"
    "Signals: SIGTERM ends cleanly, SIGHUP reads the configuration again.\n"
    "Exit status: 0 clean, 75 start me again (disk or memory), 78 bad configuration.\n"
    "Check a configuration with: slipway check FILE\n";

/* Out of memory: the disk has everything; systemd starts us again. */
static void
out_of_memory(void)
{
    static const char WORDS[] =
        "{\"level\":\"error\",\"event\":\"out-of-memory\",\"exit_status\":75}\n";
    ssize_t ignored = write(STDERR_FILENO, WORDS, sizeof(WORDS) - 1);

    (void)ignored;
    _exit(DAEMON_RESTART);
}

int
main(int argc, char **argv)
{
    const char *option = NULL;

    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
            fputs(HELP, stdout);
            return EXIT_SUCCESS;
        }
        if (strcmp(argv[i], "--version") == 0) {
            puts("slipwayd " SLIPWAY_VERSION);
            return EXIT_SUCCESS;
        }
        if (strcmp(argv[i], "-c") == 0 && i + 1 < argc) {
            option = argv[++i];
            continue;
        }
        fprintf(stderr, "slipwayd: unknown argument \"%s\"; try --help\n", argv[i]);
        return 64; /* EX_USAGE */
    }
    memory_exhausted = out_of_memory;
    umask(077);
    prctl(PR_SET_DUMPABLE, 0); /* Keys are in memory: no core file, no ptrace by others. */
    return (int)daemon_run(config_path(option, getenv));
}
