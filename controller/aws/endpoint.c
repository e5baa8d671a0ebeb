#include "aws/endpoint.h"

#include <stdio.h>
#include <string.h>

#include "slipway/memory.h"

/* The part of the host name before ".<region>". */
struct host_names {
    const char *name; /* As services are named in settings. */
    const char *standard;
    const char *fips;
    const char *fips_gov;  /* In aws-us-gov most standard hosts are FIPS hosts. */
    const char *fips_else; /* In aws-cn, and with dual stack everywhere. */
};

/* clang-format off */
static const struct host_names HOSTS[AWS_SERVICES] = {
    /*                     name            standard         fips                  fips_gov              fips_else */
    [AWS_SQS]        = { "sqs",          "sqs",           "sqs-fips",           "sqs",                "sqs-fips" },
    [AWS_STS]        = { "sts",          "sts",           "sts-fips",           "sts",                "sts-fips" },
    [AWS_SAGEMAKER]  = { "sagemaker",    "api.sagemaker", "api-fips.sagemaker", "api-fips.sagemaker", "api.sagemaker-fips" },
    [AWS_GREENGRASS] = { "greengrassv2", "greengrass",    "greengrass-fips",    "greengrass",         "greengrass-fips" },
    [AWS_IOT]        = { "iot",          "iot",           "iot-fips",           "iot-fips",           "iot-fips" },
    [AWS_S3]         = { "s3",           "s3",            "s3-fips",            "s3-fips",            "s3-fips" },
};
/* clang-format on */

const char *
aws_service_name(enum aws_service service)
{
    return HOSTS[service].name;
}

const char *
endpoint_partition(const char *region)
{
    if (strncmp(region, "cn-", 3) == 0)
        return "aws-cn";
    return strncmp(region, "us-gov-", 7) == 0 ? "aws-us-gov" : "aws";
}

static bool
made_of(struct str s, const char *allowed)
{
    for (size_t i = 0; i < s.len; i++)
        if (s.at[i] == '\0' || strchr(allowed, s.at[i]) == NULL)
            return false;
    return s.len > 0;
}

#define LOWER "abcdefghijklmnopqrstuvwxyz"
#define DIGITS "0123456789"

bool
endpoint_region_is_valid(const char *region)
{
    struct str r = str_of(region);

    return r.len <= 32 && made_of(r, LOWER DIGITS "-") && r.at[0] != '-' && r.at[r.len - 1] != '-';
}

/* Splits "http(s)://host[:port][/path]" into base, host and path. */
static bool
split_url(const char *url, struct endpoint *to)
{
    struct str u = str_of(url), authority, path, scheme;
    size_t skip = str_starts(u, "https://") ? 8 : str_starts(u, "http://") ? 7 : 0;

    if (skip == 0 || u.len >= ENDPOINT_SIZE)
        return false;
    to->plain_http = skip == 7;
    scheme = (struct str){ u.at, skip };
    authority = (struct str){ u.at + skip, strcspn(u.at + skip, "/") };
    path = (struct str){ authority.at + authority.len, u.len - skip - authority.len };
    while (path.len > 0 && path.at[path.len - 1] == '/')
        path.len--;
    if (!made_of(authority, LOWER "ABCDEFGHIJKLMNOPQRSTUVWXYZ" DIGITS ".-:[]_") ||
        (path.len > 0 && !made_of(path, LOWER "ABCDEFGHIJKLMNOPQRSTUVWXYZ" DIGITS "/.-_~%")))
        return false;
    snprintf(to->base, sizeof(to->base), "%.*s%.*s", STR_ARG(scheme), STR_ARG(authority));
    snprintf(to->path, sizeof(to->path), "%.*s", STR_ARG(path));
    /* A port that is the scheme's own does not stand in the Host header. */
    if (str_ends(authority, to->plain_http ? ":80" : ":443"))
        authority.len -= to->plain_http ? 3 : 4;
    snprintf(to->host, sizeof(to->host), "%.*s", STR_ARG(authority));
    return true;
}

bool
endpoint_url_is_usable(const char *url)
{
    struct endpoint ignored = { .plain_http = false };

    return split_url(url, &ignored);
}

static const char *
first_label(const struct endpoint_question *q, bool cn, bool gov)
{
    const struct host_names *h = &HOSTS[q->service];

    if (!q->fips)
        return h->standard;
    if (q->dualstack || cn)
        return h->fips_else;
    return gov ? h->fips_gov : h->fips;
}

/* Adds the bucket to the host, or to the path where its name or the endpoint forbids it. */
static bool
place_bucket(const struct endpoint_question *q, const char *aws_host, struct endpoint *to,
             struct error *e)
{
    struct str bucket = str_of(q->bucket);

    if (bucket.len < 3 || bucket.len > 63 ||
        !made_of(bucket, LOWER "ABCDEFGHIJKLMNOPQRSTUVWXYZ" DIGITS ".-_"))
        return error_set(e, ERROR_INVALID, "bucket \"%.80s\": not the name of a bucket", q->bucket);
    if (q->configured == NULL && made_of(bucket, LOWER DIGITS "-")) {
        snprintf(to->host, sizeof(to->host), "%s.%s", q->bucket, aws_host);
    } else {
        size_t len = strlen(to->path);

        snprintf(to->path + len, sizeof(to->path) - len, "/%s", q->bucket);
    }
    return true;
}

bool
endpoint_find(const struct endpoint_question *q, struct endpoint *to, struct error *e)
{
    const char *partition = endpoint_partition(q->region);
    bool cn = strcmp(partition, "aws-cn") == 0, gov = strcmp(partition, "aws-us-gov") == 0;
    bool s3 = q->service == AWS_S3;
    const char *suffix = cn ? "amazonaws.com.cn" : "amazonaws.com";
    char host[ENDPOINT_SIZE / 2];

    *to = (struct endpoint){ .plain_http = false };
    if (!endpoint_region_is_valid(q->region))
        return error_set(e, ERROR_INVALID, "Region \"%.64s\": not the name of a Region", q->region);
    if (q->configured != NULL && !split_url(q->configured, to))
        return error_set(e, ERROR_INVALID, "endpoint \"%.200s\": not usable", q->configured);
    if (s3 && cn && q->fips && q->configured == NULL)
        return error_set(e, ERROR_INVALID, "S3 has no FIPS endpoint in %s", q->region);
    if (q->dualstack && !s3)
        suffix = cn ? "api.amazonwebservices.com.cn" : "api.aws";
    snprintf(host, sizeof(host), "%s%s.%s.%s", first_label(q, cn, gov),
             q->dualstack && s3 ? ".dualstack" : "", q->region, suffix);
    if (q->configured == NULL)
        snprintf(to->host, sizeof(to->host), "%s", host);
    if (q->bucket != NULL && !place_bucket(q, host, to, e))
        return false;
    if (q->configured == NULL) {
        memcpy(to->base, "https://", 9);
        memcpy(to->base + 8, to->host, ENDPOINT_SIZE - 9);
    }
    return true;
}
