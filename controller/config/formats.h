#ifndef SLIPWAY_CONFIG_FORMATS_H
#define SLIPWAY_CONFIG_FORMATS_H

/**
 * Formats: what the texts of a configuration must look like.
 */

#include "config/setting.h"

extern const struct text_format format_path, format_listen, format_url, format_endpoint,
    format_region, format_account, format_name, format_person, format_role, format_external_id,
    format_s3_uri, format_bucket, format_prefix, format_component, format_thing_group,
    format_model_group, format_target, format_version, format_framework_version, format_json,
    format_variable, format_key;

/** Why `text` is not of `format`, for "x: "text" ...": NULL if it is. */
const char *format_complaint(const struct text_format *format, const char *text) MUST_CHECK;

/** True if `host` (a name, an IPv4 or a bracketed IPv6 address) is this machine. */
bool host_is_loopback(struct str host) MUST_CHECK;

/**
 * Cuts "host:port" or "[v6]:port" into a host (with its brackets) and a port
 * of 0 to 65535; false if it is not that.
 */
bool split_listen(struct str text, struct str *host, int64_t *port) MUST_CHECK;

#endif
