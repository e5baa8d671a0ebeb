#ifndef SLIPWAY_WORK_MERGE_H
#define SLIPWAY_WORK_MERGE_H

/**
 * Merge: the next deployment document of a target, made from the live one.
 *
 * CreateDeployment replaces the whole component set of a target: what is not
 * in the new document is uninstalled.  So every entry of the live document is kept
 * byte for byte, but for AWS's explicit nulls (GetDeployment writes them, CreateDeployment refuses
 * them), and only slipway's own component is changed.  Pure: JSON text in, JSON text out.
 *
 * `live` is the "components" object of GetDeployment; empty: the target has no deployment.
 * False with ERROR_INVALID if a text is no JSON object or does not fit in out->max.
 */

#include "slipway/error.h"
#include "slipway/memory.h"

/** `live` with `component` in `version`.  What else the live entry says of it
 * (configurationUpdate, runWith) is kept. */
bool merge_version(struct str live, const char *component, const char *version, struct buf *out,
                   struct error *e) MUST_CHECK;

/** `live` with the entry of `component` replaced by `entry` (JSON), or without it if `entry` is
 * empty. */
bool merge_entry(struct str live, const char *component, struct str entry, struct buf *out,
                 struct error *e) MUST_CHECK;

/** The entry of `component` without nulls into `entry`, and its componentVersion into `version`;
 * both are left empty if it is not there. */
bool merge_find(struct str live, const char *component, struct buf *entry, char *version,
                size_t size, struct error *e) MUST_CHECK;

/** `live` (an iotJobConfiguration, may be empty) with maximumPerMinute set to `rate` unless that
 * is 0. */
bool merge_job_configuration(struct str live, int64_t rate, struct buf *out,
                             struct error *e) MUST_CHECK;

/** `text` without members that are null, at any depth; texts without any are copied byte for byte.
 */
bool merge_without_nulls(struct str text, struct buf *out, struct error *e) MUST_CHECK;

/**
 * AWS's own components that a new revision may update by itself, as a JSON array of names: those
 * without an exact version, and the nucleus where others of AWS's stand without it
 * (developer guide, "Create deployments": public components pull in the newest nucleus
 * they fit).
 */
bool merge_unpinned(struct str live, struct buf *out, struct error *e) MUST_CHECK;

/** True if the JSON object of texts `tags` has `key` with `value`. */
bool merge_tag_is(struct str tags, const char *key, const char *value) MUST_CHECK;

#endif
