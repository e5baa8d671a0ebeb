#ifndef SLIPWAY_CLI_H
#define SLIPWAY_CLI_H

/**
 * CLI: the program `slipway`, for people and scripts.
 *
 * A command is a row of the table in commands.c.  Those that look read the
 * database themselves, read-only, also while the daemon runs or does not;
 * those that decide ask the daemon, with a signature.
 */

/** Ends of the program. */
enum cli_exit {
    CLI_OK = 0,
    CLI_NO = 1,           /* Refused, not found, or the answer is "no". */
    CLI_USAGE = 2,        /* The command line is wrong. */
    CLI_UNAVAILABLE = 69, /* The daemon or the database cannot be reached. */
    CLI_CONFIG = 78,      /* The configuration is wrong. */
};

/** Runs the program; returns its exit status. */
int cli_main(int argc, char **argv);

#endif
