#ifndef SLIPWAY_WORK_RECIPE_H
#define SLIPWAY_WORK_RECIPE_H

/**
 * Recipe: the Greengrass component recipe of a model, format 2020-01-25.
 *
 * Written so that the classic nucleus and nucleus lite both take it: keys
 * spelt as lite insists ("Uri"), Platform.runtime given (lite finds no manifest without it), a
 * ComponentDescription (lite writes a broken unit without one), and a `run` step that exits 0 (a
 * component with nothing but an install step stays INSTALLED, for which lite waits in vain).
 * Sources: AWS IoT Greengrass component recipe reference; nucleus lite,
 * RECIPE_SUPPORT_CHANGES.  Pure.
 */

#include "slipway/error.h"
#include "slipway/memory.h"

#define RECIPE_MAX 16384 /* Greengrass V2 quota. */

/** What to write; borrowed.  `runtime`, `description`, `publisher`: NULL or "" to leave them out (a
 * description is made up). */
struct recipe {
    const char *component, *version;
    const char *description, *publisher;
    const char *os, *architecture, *runtime;
    const char *uri;    /* s3://... of the ZIP. */
    const char *digest; /* SHA-256 of it, base64; only compared, never written. */
};

/** ComponentVersion made from `pattern`, where {version} is the number of the model package.
 * ERROR_INVALID if that is no semantic version as Greengrass wants it. */
bool recipe_version(const char *pattern, int64_t number, char *buf, size_t size,
                    struct error *e) MUST_CHECK;

/** Writes it as JSON; ERROR_INVALID past RECIPE_MAX or for a name Greengrass would refuse. */
bool recipe_write(const struct recipe *r, struct buf *out, struct error *e) MUST_CHECK;

/**
 * True if `text`, a recipe as GetComponent returns it (keys in AWS's spelling, Digest and Algorithm
 * added), is of the same component and version, for the same platform, with the same artifact
 * and does no more than ours on a device; else `e` says what differs.
 */
bool recipe_is(const struct recipe *r, struct str text, struct error *e) MUST_CHECK;

/** The Digest (base64) of the only artifact of a recipe as GetComponent returns it; refused too if
 * the recipe does more than ours. */
bool recipe_digest(struct str text, char *buf, size_t size, struct error *e) MUST_CHECK;

#endif
