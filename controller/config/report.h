#ifndef SLIPWAY_CONFIG_REPORT_H
#define SLIPWAY_CONFIG_REPORT_H

/**
 * Report: collects what is wrong with a configuration file.
 */

#include "config/config.h"

/** A place in the file: line and column from 1; line 0 is the file as a whole. */
struct place {
    size_t line, column;
};

/** Where problems go to.  `file` is borrowed. */
struct reporter {
    const char *file;
    struct config_report *to;
};

/** Adds a problem: the file is refused.  Beyond CONFIG_PROBLEMS_MAX they are only counted. */
void report_problem(const struct reporter *r, struct place at, const char *fmt, ...)
    PRINTF_LIKE(3, 4);

/** Adds a warning: the file is taken.  Beyond CONFIG_PROBLEMS_MAX they are dropped. */
void report_warning(const struct reporter *r, struct place at, const char *fmt, ...)
    PRINTF_LIKE(3, 4);

/** Puts problems and warnings into the order of the file. */
void report_sort(struct config_report *report);

#define SHOWN_SIZE 72

/**
 * `text` in quotes, fit for a message: cut to a bearable length, control
 * characters as '?', and anything that looks like a key left out.  Returns `buf`.
 */
const char *shown(struct str text, char buf[SHOWN_SIZE]);

/** Looks for the word that was probably meant. */
struct nearest {
    struct str word;  /* What was written. */
    const char *best; /* NULL: nothing yet. */
    size_t distance;
};

void nearest_offer(struct nearest *n, const char *candidate);

/** The candidate that is near enough to be a slip of the keyboard, or NULL. */
const char *nearest_found(const struct nearest *n) MUST_CHECK;

#endif
