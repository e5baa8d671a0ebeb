#ifndef SLIPWAY_AWS_PROFILE_H
#define SLIPWAY_AWS_PROFILE_H

/**
 * Profile: the shared files ~/.aws/config and ~/.aws/credentials, read once.
 *
 * "Format of the shared AWS config and credentials files" of the SDKs
 * reference guide: sections, key = value, indented values one level deep,
 * '#' and ';' comments.  Files of more than 1 MiB are refused.
 */

#include "slipway/error.h"
#include "slipway/str.h"

struct profiles;

enum profile_file {
    PROFILE_CONFIG,      /* Sections "default", "profile NAME", "services NAME". */
    PROFILE_CREDENTIALS, /* Sections "NAME". */
};

/**
 * Reads both files; one that is not there is empty.  NULL with the file and line for what
 * cannot be read.  The caller owns the profiles.
 */
struct profiles *profiles_read(const char *config_path, const char *credentials_path,
                               struct error *e) MUST_CHECK;

/** Wipes and frees; NULL is allowed. */
void profiles_free(struct profiles *p);

/** True if one of the files has a section for profile `name`. */
bool profiles_have(const struct profiles *p, const char *name) MUST_CHECK;

/** The value of `key` ("endpoint_url") of profile `name` in one file, or NULL; lives as long as
 * `p`. */
const char *profile_value(const struct profiles *p, enum profile_file file, const char *name,
                          const char *key) MUST_CHECK;

/** The endpoint_url of `service` ("sqs") in the section "services NAME", or NULL. */
const char *profile_service_endpoint(const struct profiles *p, const char *name,
                                     const char *service) MUST_CHECK;

#endif
