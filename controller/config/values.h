#ifndef SLIPWAY_CONFIG_VALUES_H
#define SLIPWAY_CONFIG_VALUES_H

/**
 * Values: from the text of one setting to what is stored, by its type.
 */

#include "config/report.h"
#include "config/setting.h"

/** Why a text is no value of a setting, for "<setting>: <complaint>"; never holds a secret. */
struct complaint {
    char text[440];
};

/**
 * Reads `text` (`quoted`: it stood in quotes) as the value of a setting of a
 * type up to SETTING_FLAG and stores it in `*at`.  False with a complaint,
 * leaving `*at` alone.  A text stored is owned by whoever owns `*at`.
 */
bool value_read(const struct setting *row, struct str text, bool quoted, void *at,
                struct complaint *c) MUST_CHECK;

/**
 * Checks an argument of a command or a value of its environment, which may be
 * any text: no format, but no NUL, no nothing and at most 8192 bytes.
 */
bool value_check_argument(struct str text, bool quoted, struct complaint *c) MUST_CHECK;

/** True if `text`, written without quotes, is YAML's null: "", "~", "null". */
bool reads_as_null(struct str text) MUST_CHECK;

/** True if `text` is a number by the grammar of JSON. */
bool is_json_number(struct str text) MUST_CHECK;

#define DURATION_SIZE 24

/** A duration as one writes it: "90s", "10m"; returns `buf`. */
const char *duration_text(int64_t ms, char buf[DURATION_SIZE]);

/** `"a", "b" and "c"`: the words of a list that ends with NULL, cut to fit; returns `buf`. */
const char *words_text(const char *const *words, char *buf, size_t size);

#endif
