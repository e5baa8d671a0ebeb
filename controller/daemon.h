#ifndef SLIPWAY_DAEMON_H
#define SLIPWAY_DAEMON_H

/**
 * Daemon: all of slipwayd put together, from reading the configuration to the
 * exit status.
 */

#include "slipway/base.h"

/** Exit statuses, as systemd units know them (sysexits.h: EX_TEMPFAIL, EX_CONFIG). */
enum daemon_exit {
    DAEMON_CLEAN = 0,
    DAEMON_RESTART = 75, /* I/O error or out of memory: start again from what is on the disk. */
    DAEMON_CONFIG = 78,  /* The configuration, or what it points to, cannot be used. */
};

/** Runs until SIGTERM or SIGINT with the configuration at `path`; returns the exit status. */
enum daemon_exit daemon_run(const char *path) MUST_CHECK;

#endif
