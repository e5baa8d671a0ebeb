#ifndef SLIPWAY_CONFIG_WALK_H
#define SLIPWAY_CONFIG_WALK_H

/**
 * Walk: goes through filled-in settings by the table: to free them, to write
 * them down, to compare them.
 */

#include "config/setting.h"
#include "slipway/error.h"
#include "slipway/json_write.h"

/** Frees all that the struct `base` of `section` holds, not `base`; wipes texts that are secret. */
void section_free(const struct section *section, void *base);

/** Frees a text that was stored for a setting; NULL is fine. */
void text_free(const char *text);

/**
 * Writes the struct `base` of `section` as a JSON object, defaults and all, in
 * the order of the table.  Of keys only their number is written.
 */
void section_write(const struct section *section, const void *base, struct json_out *w);

/**
 * Looks for a `fixed` setting that differs between `old` and `new`: false
 * with ERROR_CONFLICT, naming it as `path` and its key.
 */
bool section_same_fixed(const struct section *section, const void *old, const void *new,
                        const char *path, struct error *e) MUST_CHECK;

#endif
