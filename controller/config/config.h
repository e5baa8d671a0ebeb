#ifndef SLIPWAY_CONFIG_CONFIG_H
#define SLIPWAY_CONFIG_CONFIG_H

/**
 * Config: the configuration file, from YAML to struct settings.
 *
 *     struct config_report report;
 *     struct settings *s = config_read(config_path(option, getenv), &report);
 *
 *     for (i = 0; i < report.problem_count; i++)
 *         fprintf(stderr, "%s\n", report.problems[i].text);
 *     if (s == NULL)
 *         return 78;
 *     ...
 *     config_free(s);
 *
 * Every setting is a row of one table (table.c); the checks, the defaults,
 * the JSON Schema, the reference page and the freeing are made from it.  All
 * problems of a file are reported together, in the order of the file.
 *
 * Blocks on the disk for a moment; to be called at the start and on SIGHUP.
 */

#include "slipway/error.h"
#include "slipway/memory.h"
#include "slipway/settings.h"

#define CONFIG_PROBLEMS_MAX 20
#define CONFIG_TEXT_MAX 262144    /* Bytes of a configuration file. */
#define CONFIG_OUTPUT_MAX 1048576 /* Enough for the schema and the reference page. */

/** One thing that is wrong, or worth a warning. */
struct config_problem {
    size_t line, column; /* From 1; columns in characters.  0: the file as a whole. */
    char text[720];      /* "slipway.yaml:12:5: unknown setting ..."; never holds a secret. */
};

/** What reading a file showed.  Owned by the caller; holds no memory to free. */
struct config_report {
    struct config_problem problems[CONFIG_PROBLEMS_MAX];
    size_t problem_count;
    size_t problems_more; /* Problems beyond those. */
    struct config_problem warnings[CONFIG_PROBLEMS_MAX];
    size_t warning_count;
    bool unreadable; /* The file could not be read at all; the only problem says why. */
};

/** A configuration that lies in memory.  Borrowed. */
struct config_source {
    const char *name; /* Stands before each message, as a file's path does. */
    struct str text;
    bool open_to_others; /* Someone besides the owner may read it: it may hold no key. */
    /** Reads a variable of the environment; NULL: none is read. */
    char *(*environment)(const char *name);
    /** False: key files are not read and programs are not looked for. */
    bool look_at_files;
};

/**
 * Which file is meant: `option` (what -c was given, or NULL), else the
 * variable SLIPWAY_CONFIG unless empty, else /etc/slipway/slipway.yaml.
 * Lent: one of the three texts.
 */
const char *config_path(const char *option, char *(*environment)(const char *name)) MUST_CHECK;

/**
 * Reads the file `path` with all it points to: key files, variables of the
 * environment, programs.  The caller owns what comes back and frees it with
 * config_free().  NULL if and only if `report->problem_count` is not 0.
 * `*report` is overwritten.
 */
struct settings *config_read(const char *path, struct config_report *report) MUST_CHECK;

/**
 * config_read() of a text in memory.  With `environment` NULL or
 * `look_at_files` false, approvers have fewer keys than the text names: such
 * settings are for checking and for tests, not for running.
 */
struct settings *config_read_text(const struct config_source *source,
                                  struct config_report *report) MUST_CHECK;

/** Frees settings that came from here and wipes the keys in them; NULL is allowed. */
void config_free(struct settings *s);

/** Adds the JSON Schema (draft 2020-12) of the file to `out`, which needs CONFIG_OUTPUT_MAX. */
void config_schema(struct buf *out);

/** Adds the reference page, in Markdown, to `out`, which needs CONFIG_OUTPUT_MAX. */
void config_reference(struct buf *out);

/**
 * True if a running daemon that was started with `old` may go on with `new`.
 * False with ERROR_CONFLICT, naming the first setting that is only read at
 * the start and differs, with both values.
 */
bool config_same_identity(const struct settings *old, const struct settings *new,
                          struct error *e) MUST_CHECK;

#endif
