#ifndef SLIPWAY_CLI_INTERNAL_H
#define SLIPWAY_CLI_INTERNAL_H

/** CLI internal: what the files of this folder share. */

#include "cli/cli.h"
#include "config/config.h"
#include "engine/shown.h"
#include "slipway/memory.h"

#define OPERANDS_MAX 2

/** What stood on the command line. */
struct arguments {
    const char *operands[OPERANDS_MAX];
    size_t operand_count;
    /* One for each option; NULL, 0 or false if it was not given. */
    const char *config, *store, *digest, *as, *key, *comment, *url, *anchor;
    int64_t limit, before;
    bool json, open, canonical, help;
};

/** An option some commands take. */
struct option {
    const char *name, *letter; /* "--config", "-c"; the letter may be NULL. */
    const char *value;         /* "FILE"; NULL: it takes none. */
    const char *meaning;
    size_t at; /* Of the member of struct arguments. */
    enum { OPTION_TEXT, OPTION_NUMBER, OPTION_FLAG } kind;
};

/** Options of a command, as bits of the table in options.c. */
enum option_bit {
    WITH_CONFIG = 1 << 0,
    WITH_STORE = 1 << 1,
    WITH_JSON = 1 << 2,
    WITH_LIMIT = 1 << 3,
    WITH_BEFORE = 1 << 4,
    WITH_OPEN = 1 << 5,
    WITH_DIGEST = 1 << 6,
    WITH_AS = 1 << 7,
    WITH_KEY = 1 << 8,
    WITH_COMMENT = 1 << 9,
    WITH_URL = 1 << 10,
    WITH_ANCHOR = 1 << 11,
    WITH_CANONICAL = 1 << 12,
    WITH_HELP = 1 << 13,
};

struct command {
    const char *name;
    const char *operands; /* "ID", "[FILE]"; "" if it takes none. */
    size_t least, most;   /* How many of them. */
    unsigned options;     /* enum option_bit */
    const char *purpose;  /* One line. */
    const char *details;  /* Paragraphs and examples of --help. */
    int (*run)(const struct command *c, const struct arguments *a);
};

/* ---- options.c ------------------------------------------------------------------------------ */

/**
 * Reads argv[0..argc) for `c`.  False if it is wrong; what and how has been said on stderr.
 */
bool options_read(const struct command *c, int argc, char **argv, struct arguments *out) MUST_CHECK;

/** Prints the options `bits` stand for, one a line. */
void options_print(unsigned bits);

/** The name in `names` nearest to `word`, or NULL if none is near. */
const char *nearest(const char *word, const char *const *names, size_t count) MUST_CHECK;

/* ---- commands.c ----------------------------------------------------------------------------- */

/** Prints --help of one command. */
void command_help(const struct command *c);

/** "ID" as a number of 1 or more; 0, having complained, if it is not one. */
int64_t operand_id(const struct command *c, const struct arguments *a) MUST_CHECK;

/* The commands, each in the file of its name. */
typedef int command_run(const struct command *c, const struct arguments *a);
command_run run_check, run_list, run_show, run_why, run_decision, run_verify_audit, run_dump,
    run_config;

/* ---- terminal.c ----------------------------------------------------------------------------- */

/** "slipway: ..." on stderr. */
void complain(const char *fmt, ...) PRINTF_LIKE(1, 2);

/** Adds `text`; what must not reach a terminal is written as \xNN or \u{NNNN}. */
void terminal_text(struct buf *out, struct str text);

/** "2026-01-02 03:04:05", or "-" for 0. */
void terminal_time(struct buf *out, int64_t ms);

/** A table whose columns are as wide as they must be; the last one is not padded. */
struct table {
    size_t columns;
    char **cells; /* Owned. */
    size_t count, room;
};

/** The next cell, row by row; escaped here. */
void table_add(struct table *t, struct str cell);
void table_addf(struct table *t, const char *fmt, ...) PRINTF_LIKE(2, 3);

/** Writes the table to stdout and frees it. */
void table_print(struct table *t);

/** Writes `out` to stdout and frees it; CLI_OK, or CLI_NO if it could not be written. */
int print(struct buf *out);

/* ---- source.c ------------------------------------------------------------------------------- */

/** Where commands that look read: the database and, if there is one, the configuration. */
struct source {
    struct shown_source from;
    struct settings *settings; /* Owned; NULL: none. */
};

/**
 * Opens the database named by --store, else by the configuration.  CLI_OK, or
 * the exit status, having complained.  source_close() either way.
 */
int source_open(struct source *s, const struct arguments *a) MUST_CHECK;
void source_close(struct source *s);

/** Reads the configuration; NULL, having printed its problems, if it is wrong. */
struct settings *settings_read(const char *path) MUST_CHECK;

#endif
