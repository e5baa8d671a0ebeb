#ifndef SLIPWAY_CONFIG_READER_H
#define SLIPWAY_CONFIG_READER_H

/**
 * Reader: what all parts of reading one file share, and those parts.
 *
 * Places in settings are written as `pipelines[0].rollout.bake`.
 */

#include "config/setting.h"
#include "config/tree.h"

#define SETTING_PATH_SIZE 160

struct reader {
    struct reporter report;
    const struct config_source *source;
};

/**
 * Fills the struct `base` of `section`, all zeros before, from `map`; NULL:
 * the section was left out and gets its defaults.  Reports what is wrong; then
 * parts stay zero.  `path` is where the section stands, "" for the file.
 */
void fill_section(const struct reader *r, const struct section *section, const struct node *map,
                  void *base, const char *path);

/**
 * The secret that `from` (of the map at `at`) leads to, owned by the caller.
 * NULL after reporting, or quietly where the source says not to look.
 */
struct secret *approver_key_read(const struct reader *r, const struct key_source *from,
                                 struct place at, const char *path);

/**
 * The JSON text of the pattern written in `node`, checked and owned by the
 * caller.  NULL after reporting.
 */
char *pattern_text_read(const struct reader *r, const struct node *node, const char *path);

/** What no single setting can tell: reports what does not go together. */
void cross_check(const struct reader *r, const struct settings *s, const struct node *root);

/** The parts of cross_check(). */
void cross_check_names(const struct reader *r, const struct settings *s, const struct node *root);
void cross_check_approval(const struct reader *r, const struct settings *s,
                          const struct node *root);
void cross_check_rollout(const struct reader *r, const struct settings *s, const struct node *root);

#endif
