#ifndef SLIPWAY_CONFIG_FILL_H
#define SLIPWAY_CONFIG_FILL_H

/**
 * Fill: the parts of fill_section(), by type of the setting.
 */

#include "config/reader.h"

/** `path` and `key` with a dot between. */
void setting_path(char out[SETTING_PATH_SIZE], const char *path, const char *key);

/** `path` and [index]. */
void setting_path_index(char out[SETTING_PATH_SIZE], const char *path, size_t index);

/** Reports that `node` is not of the kind `needed`, with the likely reason. */
void wrong_kind(const struct reader *r, const struct node *node, const char *path,
                enum node_kind needed);

/** Reports, returning false, unless list or map `node` has as many entries as `row` wants. */
bool right_count(const struct reader *r, const struct setting *row, const struct node *node,
                 const char *path) MUST_CHECK;

/** Stores what `node` says for `row` in the struct `base`; reports what is wrong. */
void fill_value(const struct reader *r, const struct setting *row, const struct node *node,
                void *base, const char *path);

/** fill_value() of the settings of a command: its program and arguments, its environment. */
void fill_argv(const struct reader *r, const struct setting *row, const struct node *node,
               struct setting_list *list, const char *path);
void fill_environment(const struct reader *r, const struct setting *row, const struct node *node,
                      struct setting_list *list, const char *path);

#endif
