/* The table: every setting of the configuration file but those of a pipeline (table_pipeline.c). */

#include <string.h>

#include "config/formats.h"
#include "config/setting.h"

#define ANY_LIST .least = 0, .most = 100

/* ---- aws ------------------------------------------------------------------------------------ */

static const char *const services[] = {
    "sqs", "sagemaker", "s3", "greengrassv2", "iot", "sts", NULL
};

static const struct setting aws_settings[] = {
    { .key = "region",
      .type = SETTING_TEXT,
      .fixed = true,
      .format = &format_region,
      .at = offsetof(struct aws_settings, region),
      .meaning = "The Region that is worked in. Left out, it is what AWS's own tools would take: "
                 "`AWS_REGION`, `AWS_DEFAULT_REGION`, the profile." },
    { .key = "profile",
      .type = SETTING_TEXT,
      .fixed = true,
      .least = 1,
      .most = 128,
      .at = offsetof(struct aws_settings, profile),
      .example = "slipway",
      .meaning =
          "A profile of AWS's shared configuration files. Left out, `AWS_PROFILE` or `default`." },
    { .key = "endpoint",
      .type = SETTING_TEXT,
      .fixed = true,
      .format = &format_endpoint,
      .most = 2048,
      .at = offsetof(struct aws_settings, endpoint),
      .meaning =
          "Sends the calls of every service there instead of to AWS. Plain http only to this "
          "machine." },
    { .key = "endpoints",
      .type = SETTING_ENDPOINTS,
      .fixed = true,
      .format = &format_endpoint,
      .words = services,
      .most = 2048,
      .at = offsetof(struct aws_settings, endpoints),
      .count_at = offsetof(struct aws_settings, endpoint_count),
      .example = "{ s3: \"http://127.0.0.1:4566\" }",
      .meaning = "Sends the calls of single services there; goes before `endpoint`." },
    { .key = "ca_bundle",
      .type = SETTING_TEXT,
      .fixed = true,
      .format = &format_path,
      .most = 1024,
      .at = offsetof(struct aws_settings, ca_bundle),
      .example = "/etc/ssl/certs/ca-certificates.crt",
      .meaning = "Certificates that servers are checked against, in PEM. Left out, the system's." },
    { .key = "attempts",
      .type = SETTING_INTEGER,
      .fixed = true,
      .least = 1,
      .most = 10,
      .initial = "4",
      .at = offsetof(struct aws_settings, attempts),
      .meaning = "How often one call is tried in all." },
    { .key = "timeout",
      .type = SETTING_DURATION,
      .fixed = true,
      .least = SECONDS(1),
      .most = MINUTES(10),
      .initial = "30s",
      .at = offsetof(struct aws_settings, timeout_ms),
      .meaning =
          "How long one try of a call may last; calls that move artifacts have no such limit, "
          "long polls get their wait on top." },
};
static const struct section aws_section = { "aws", "How AWS is reached",
                                            sizeof(struct aws_settings), aws_settings,
                                            ARRAY_LEN(aws_settings) };

/* ---- queue ---------------------------------------------------------------------------------- */

static const struct setting queue_settings[] = {
    { .key = "url",
      .type = SETTING_TEXT,
      .required = true,
      .fixed = true,
      .format = &format_endpoint,
      .most = 2048,
      .at = offsetof(struct queue_settings, url),
      .example = "https://sqs.eu-central-1.amazonaws.com/123456789012/slipway",
      .meaning = "The SQS queue that model approval events arrive in." },
    { .key = "accounts",
      .type = SETTING_TEXTS,
      .numbers = true,
      .format = &format_account,
      ANY_LIST,
      .at = offsetof(struct queue_settings, accounts),
      .example = "[\"123456789012\"]",
      .meaning = "Accounts whose events are taken; events of others go into quarantine. Left out, "
                 "only the account that owns the queue." },
    { .key = "receives",
      .type = SETTING_INTEGER,
      .least = 1,
      .most = 64,
      .initial = "4",
      .at = offsetof(struct queue_settings, receives),
      .meaning = "How many ReceiveMessage calls are in flight at a time." },
    { .key = "wait",
      .type = SETTING_DURATION,
      .least = 0,
      .most = SECONDS(20),
      .initial = "20s",
      .at = offsetof(struct queue_settings, wait_ms),
      .meaning = "How long a ReceiveMessage call waits for messages (long polling)." },
    { .key = "visibility",
      .type = SETTING_DURATION,
      .least = SECONDS(1),
      .most = HOURS(12),
      .initial = "60s",
      .at = offsetof(struct queue_settings, visibility_ms),
      .meaning = "How long a received message stays hidden from other receivers." },
    { .key = "quarantine_max",
      .type = SETTING_INTEGER,
      .least = 1,
      .most = 100000,
      .initial = "1000",
      .at = offsetof(struct queue_settings, quarantine_max),
      .meaning = "How many messages that could not be understood are kept; the oldest go first." },
};
static const struct section queue_section = { "queue", "Where approval events come from",
                                              sizeof(struct queue_settings), queue_settings,
                                              ARRAY_LEN(queue_settings) };

/* ---- sweep ---------------------------------------------------------------------------------- */

static const struct setting sweep_settings[] = {
    { .key = "interval",
      .type = SETTING_DURATION,
      .least = SECONDS(1),
      .most = DAYS(7),
      .initial = "10m",
      .at = offsetof(struct settings, sweep_ms),
      .meaning = "Time between two looks at the registry (ListModelPackages), which find approvals "
                 "whose event never came." },
    { .key = "groups",
      .type = SETTING_TEXTS,
      .format = &format_model_group,
      ANY_LIST,
      .at = offsetof(struct settings, sweep_groups),
      .example = "[digits]",
      .meaning = "Model package groups that are looked at. Left out, all." },
};
/* Stored in the file's own struct. */
static const struct section sweep_section = { "sweep", "Looking for approvals whose event was lost",
                                              sizeof(struct settings), sweep_settings,
                                              ARRAY_LEN(sweep_settings) };

/* ---- approvers ------------------------------------------------------------------------------ */

static const struct setting key_settings[] = {
    { .key = "file",
      .type = SETTING_TEXT,
      .choice = "source",
      .hidden = true,
      .format = &format_path,
      .most = 1024,
      .at = offsetof(struct key_source, file),
      .example = "/etc/slipway/alice.key",
      .meaning = "A file that holds the secret and nothing else." },
    { .key = "env",
      .type = SETTING_TEXT,
      .choice = "source",
      .hidden = true,
      .format = &format_variable,
      .at = offsetof(struct key_source, variable),
      .meaning = "A variable of the daemon's environment that holds the secret." },
    { .key = "key",
      .type = SETTING_SECRET,
      .choice = "source",
      .format = &format_key,
      .at = offsetof(struct key_source, key),
      .meaning = "The secret itself. Refused if others than its owner may read the configuration "
                 "file." },
};
static const struct section key_section = { "approvers[].keys[]", "A secret an approver signs with",
                                            sizeof(struct key_source), key_settings,
                                            ARRAY_LEN(key_settings) };

static const struct setting approver_settings[] = {
    { .key = "name",
      .type = SETTING_TEXT,
      .required = true,
      .format = &format_person,
      .at = offsetof(struct approver_settings, name),
      .meaning = "Who it is, as the history will say." },
    { .key = "keys",
      .type = SETTING_KEYS,
      .required = true,
      .section = &key_section,
      .least = 1,
      .most = 8,
      .at = offsetof(struct approver_settings, keys),
      .count_at = offsetof(struct approver_settings, key_count),
      .example = "[{ file: /etc/slipway/alice.key }]",
      .meaning = "Standard Webhooks secrets (`whsec_` and 24 to 64 bytes in base64), any of which "
                 "signs for this approver; two of them while a key is being replaced." },
    { .key = "pipelines",
      .type = SETTING_TEXTS,
      .format = &format_name,
      ANY_LIST,
      .at = offsetof(struct approver_settings, pipelines),
      .example = "[digits]",
      .meaning = "Pipelines this approver may decide on. Left out, all." },
};
static const struct section approver_section = { "approvers[]",
                                                 "A person or system that may approve",
                                                 sizeof(struct approver_settings),
                                                 approver_settings, ARRAY_LEN(approver_settings) };

/* ---- the file ------------------------------------------------------------------------------- */

static const char *const log_levels[] = { "debug", "info", "warning", "error", NULL };

static const struct setting file_settings[] = {
    { .key = "store",
      .type = SETTING_TEXT,
      .required = true,
      .fixed = true,
      .format = &format_path,
      .most = 1024,
      .at = offsetof(struct settings, store),
      .example = "/var/lib/slipway/slipway.db",
      .meaning = "The database, made at the first start. It must lie on a local disk." },
    { .key = "work_dir",
      .type = SETTING_TEXT,
      .required = true,
      .fixed = true,
      .format = &format_path,
      .most = 1024,
      .at = offsetof(struct settings, work_dir),
      .example = "/var/lib/slipway/work",
      .meaning =
          "A folder for artifacts on their way; what a deployment left there goes when it ends." },
    { .key = "listen",
      .type = SETTING_TEXT,
      .fixed = true,
      .format = &format_listen,
      .initial = "127.0.0.1:8470",
      .at = offsetof(struct settings, listen),
      .meaning =
          "Address and port of the status page and the approval webhook. Port 0 takes any free "
          "one. The page has no TLS of its own: beyond this machine, put a proxy before it." },
    { .key = "port_file",
      .type = SETTING_TEXT,
      .fixed = true,
      .format = &format_path,
      .most = 1024,
      .at = offsetof(struct settings, port_file),
      .example = "/run/slipway/port",
      .meaning = "A file the port listened on is written to." },
    { .key = "page_url",
      .type = SETTING_TEXT,
      .fixed = true,
      .format = &format_url,
      .most = 2048,
      .at = offsetof(struct settings, page_url),
      .meaning = "How people reach the status page, for links in messages. Left out, `http://` and "
                 "`listen`." },
    { .key = "log_level",
      .type = SETTING_WORD,
      .words = log_levels,
      .initial = "info",
      .at = offsetof(struct settings, log_level),
      .meaning = "The least weighty lines logged." },
    { .key = "aws",
      .type = SETTING_SECTION,
      .section = &aws_section,
      .at = offsetof(struct settings, aws),
      .meaning = "How AWS is reached." },
    { .key = "queue",
      .type = SETTING_SECTION,
      .required = true,
      .section = &queue_section,
      .at = offsetof(struct settings, queue),
      .meaning = "Where approval events come from." },
    { .key = "sweep",
      .type = SETTING_SECTION,
      .section = &sweep_section,
      .at = 0,
      .meaning = "Looking for approvals whose event was lost." },
    { .key = "approvers",
      .type = SETTING_SECTIONS,
      .required = true,
      .section = &approver_section,
      .least = 1,
      .most = 100,
      .at = offsetof(struct settings, approvers),
      .count_at = offsetof(struct settings, approver_count),
      .meaning = "Who may approve or reject a rollout." },
    { .key = "pipelines",
      .type = SETTING_SECTIONS,
      .required = true,
      .section = &pipeline_section,
      .least = 1,
      .most = 100,
      .at = offsetof(struct settings, pipelines),
      .count_at = offsetof(struct settings, pipeline_count),
      .meaning = "What happens to which models: a pipeline takes the events that its pattern "
                 "matches." },
};
const struct section file_section = { "", "The file", sizeof(struct settings), file_settings,
                                      ARRAY_LEN(file_settings) };

const struct setting *
section_find(const struct section *section, struct str key)
{
    for (size_t i = 0; i < section->count; i++)
        if (str_is(key, section->settings[i].key))
            return &section->settings[i];
    return NULL;
}

size_t
sections_below(const struct section *section, const struct section **out, size_t max)
{
    size_t found = 0;

    if (max == 0)
        return 0;
    out[found++] = section;
    for (size_t i = 0; i < section->count; i++)
        if (section->settings[i].section != NULL)
            found += sections_below(section->settings[i].section, out + found, max - found);
    return found;
}
