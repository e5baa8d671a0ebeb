#include "config/formats.h"

#include <arpa/inet.h>
#include <assert.h>
#include <regex.h>
#include <string.h>

#include "slipway/json.h"

/* ---- what an expression cannot say ---------------------------------------------------------- */

static bool
is_address(int family, struct str text)
{
    char name[INET6_ADDRSTRLEN], parsed[sizeof(struct in6_addr)];

    return str_copy(name, sizeof(name), text) && inet_pton(family, name, parsed) == 1;
}

/* The text between the brackets of "[v6]", or nothing. */
static struct str
inside_brackets(struct str host)
{
    if (host.len < 2 || host.at[0] != '[' || host.at[host.len - 1] != ']')
        return (struct str){ NULL, 0 };
    return (struct str){ host.at + 1, host.len - 2 };
}

bool
host_is_loopback(struct str host)
{
    static const struct in6_addr ONE = IN6ADDR_LOOPBACK_INIT;
    struct str inner = inside_brackets(host);
    char name[INET6_ADDRSTRLEN];
    struct in6_addr address;

    if (str_is(host, "localhost"))
        return true;
    if (inner.len > 0)
        return str_copy(name, sizeof(name), inner) && inet_pton(AF_INET6, name, &address) == 1 &&
               memcmp(&address, &ONE, sizeof(ONE)) == 0;
    return str_starts(host, "127.") && is_address(AF_INET, host);
}

bool
split_listen(struct str text, struct str *host, int64_t *port)
{
    size_t colon = text.len;

    while (colon > 0 && text.at[colon - 1] != ':')
        colon--;
    if (colon == 0)
        return false;
    *host = (struct str){ text.at, colon - 1 };
    if (!is_address(AF_INET, *host) && !is_address(AF_INET6, inside_brackets(*host)))
        return false;
    return str_to_int((struct str){ text.at + colon, text.len - colon }, port) && *port >= 0 &&
           *port <= 65535;
}

static const char *
listen_complaint(const char *text)
{
    struct str host;
    int64_t port;

    return split_listen(str_of(text), &host, &port) ? NULL
                                                    : "is not an IP address and a port up to 65535";
}

/* The host of a URL that its format has accepted. */
static struct str
url_host(const char *url)
{
    struct str rest = { strstr(url, "://") + 3, 0 }, host, port;

    rest.len = strcspn(rest.at, "/");
    if (rest.at[0] == '[')
        return (struct str){ rest.at, strcspn(rest.at, "]") + 1 };
    str_cut(rest, ':', &host, &port);
    return host;
}

/* The part of the host-and-port that a URL needs to be right, whatever its scheme. */
static const char *
url_complaint(const char *text)
{
    struct str host = url_host(text), port, none;
    const char *end = host.at + host.len;
    int64_t number;

    if (host.len == 0)
        return "has no host";
    if (host.at[0] == '[' && !is_address(AF_INET6, inside_brackets(host)))
        return "has no IPv6 address in its brackets";
    if (*end == '\0' || *end == '/')
        return NULL;
    str_cut(str_of(end + 1), '/', &port, &none);
    if (*end != ':' || !str_to_int(port, &number) || number < 1 || number > 65535)
        return "has no port from 1 to 65535 after its colon";
    return NULL;
}

static const char *
endpoint_complaint(const char *text)
{
    if (str_starts(str_of(text), "http:") && !host_is_loopback(url_host(text)))
        return "sends signed requests over the network without TLS: write https://, http:// is for "
               "127.0.0.1, [::1] and localhost only";
    return url_complaint(text);
}

static const char *
bucket_complaint(const char *text)
{
    if (strstr(text, "..") != NULL)
        return "has two dots in a row, which S3 refuses in a bucket's name";
    return is_address(AF_INET, str_of(text))
               ? "is an IP address, which S3 refuses as a bucket's name"
               : NULL;
}

static const char *
json_complaint(const char *text)
{
    struct json_token tokens[256];
    struct error e;
    struct json doc;

    return json_read(&doc, str_of(text), tokens, ARRAY_LEN(tokens), &e)
               ? NULL
               : "is not JSON, such as '{\"input\": [1, 3, 224, 224]}'";
}

/* What is left of `rest` behind a number of a version (0, or without leading zeros, at most
 * 999999 as Greengrass wants it); NULL if there is none. */
static const char *
skip_version_number(const char *rest)
{
    size_t digits = strspn(rest, "0123456789");

    return digits == 0 || digits > 6 || (digits > 1 && rest[0] == '0') ? NULL : rest + digits;
}

/* What is left behind identifiers with dots between; NULL if one is empty. */
static const char *
skip_identifiers(const char *rest)
{
    for (;;) {
        size_t len = strspn(rest,
                            "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-");

        if (len == 0)
            return NULL;
        rest += len;
        if (*rest != '.')
            return rest;
        rest++;
    }
}

/* Semantic Versioning 2.0.0, numbers bounded as Greengrass bounds them. */
static bool
is_semver(const char *text)
{
    const char *rest = text;

    for (int part = 0; part < 3; part++) {
        if (part > 0 && *rest++ != '.')
            return false;
        rest = skip_version_number(rest);
        if (rest == NULL)
            return false;
    }
    if (*rest == '-')
        rest = skip_identifiers(rest + 1);
    if (rest != NULL && *rest == '+')
        rest = skip_identifiers(rest + 1);
    return rest != NULL && *rest == '\0';
}

static const char *
version_complaint(const char *text)
{
    struct str all = str_of(text), before, name, after, inner, rest;
    char filled[80];

    if (!placeholder_next(all, &before, &name, &after) || !str_is(name, "version"))
        return "needs {version}, the number of the model package, so that each model gets a "
               "version of its own";
    if (placeholder_next(after, &inner, &rest, &rest))
        return "has a second placeholder";
    /* With the longest number a version may have. */
    if (before.len + after.len > sizeof(filled) - 8)
        return "makes versions longer than the 64 characters Greengrass takes";
    memcpy(filled, before.at, before.len);
    memcpy(filled + before.len, "999999", 6);
    memcpy(filled + before.len + 6, after.at, after.len);
    filled[before.len + 6 + after.len] = '\0';
    if (strlen(filled) > 64)
        return "makes versions longer than the 64 characters Greengrass takes";
    return is_semver(filled) ? NULL
                             : "does not make semantic versions (major.minor.patch, each at most "
                               "999999), such as 1.0.{version}";
}

/* ---- the formats ---------------------------------------------------------------------------- */

const struct text_format format_path = { "an absolute path", "^/", NULL, "/var/lib/slipway" };
const struct text_format format_listen = { "an IP address and a port",
                                           "^([0-9.]+|\\[[0-9a-fA-F:.]+\\]):[0-9]{1,5}$",
                                           listen_complaint, "127.0.0.1:8470" };
const struct text_format format_url = {
    "an http:// or https:// URL without user, query and fragment",
    "^https?://[^/?#@ ]+(/[^?#@ ]*)?$", url_complaint, "https://slipway.example.com/"
};
const struct text_format format_endpoint = {
    "an http:// or https:// URL without user, query and fragment",
    "^https?://[^/?#@ ]+(/[^?#@ ]*)?$", endpoint_complaint, "http://127.0.0.1:4566"
};
const struct text_format format_region = { "an AWS Region", "^[a-z]{2,6}(-[a-z]+)+-[0-9]{1,2}$",
                                           NULL, "eu-central-1" };
const struct text_format format_account = { "an AWS account id of 12 digits", "^[0-9]{12}$", NULL,
                                            "123456789012" };
const struct text_format format_name = { "a name of 1 to 64 small letters, digits and hyphens",
                                         "^[a-z0-9-]{1,64}$", NULL, "digits" };
const struct text_format format_person = { "a name of 1 to 64 letters, digits and . _ @ + -",
                                           "^[A-Za-z0-9][A-Za-z0-9._@+-]{0,63}$", NULL, "alice" };
const struct text_format format_role = {
    "the ARN of an IAM role", "^arn:aws[a-z-]*:iam::[0-9]{12}:role/[A-Za-z0-9+=,.@_/-]+$", NULL,
    "arn:aws:iam::123456789012:role/slipway"
};
const struct text_format format_external_id = {
    "an external id of letters, digits and + = , . @ : / _ -", "^[A-Za-z0-9+=,.@:/_-]+$", NULL,
    "slipway-prod"
};
const struct text_format format_s3_uri = { "an s3://bucket/prefix address",
                                           "^s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[^?# ]*)?$",
                                           NULL, "s3://models/compiled" };
const struct text_format format_bucket = {
    "a bucket name of 3 to 63 small letters, digits, dots and hyphens",
    "^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$", bucket_complaint, "models"
};
const struct text_format format_prefix = {
    "an S3 prefix: letters, digits and ! _ . * ' ( ) - with / between, none at the ends",
    "^[A-Za-z0-9!_.*'()-]+(/[A-Za-z0-9!_.*'()-]+)*$", NULL, "slipway"
};
const struct text_format format_component = {
    "a Greengrass component name of letters, digits and - _ .", "^[A-Za-z0-9_.-]+$", NULL,
    "com.example.digits"
};
const struct text_format format_thing_group = { "a thing group name of letters, digits and : _ -",
                                                "^[A-Za-z0-9:_-]+$", NULL, "line-a" };
const struct text_format format_model_group = {
    "the name or ARN of a model package group",
    "^(arn:aws[a-z-]*:sagemaker:[a-z0-9-]+:[0-9]{12}:model-package-group/)?"
    "[A-Za-z0-9](-*[A-Za-z0-9]){0,62}$",
    NULL, "digits"
};
const struct text_format format_target = { "a name of 1 to 64 letters, digits and . _ -",
                                           "^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$", NULL,
                                           "linux-amd64" };
const struct text_format format_version = { "a version with {version} in it",
                                            "^[^ ]*\\{version\\}[^ ]*$", version_complaint,
                                            "1.0.{version}" };
const struct text_format format_framework_version = { "a version such as 1.8",
                                                      "^[0-9]\\.[A-Za-z0-9.]+$", NULL, "1.8" };
const struct text_format format_json = { "JSON", "^ *[{[]", json_complaint,
                                         "'{\"input\": [1, 3, 224, 224]}'" };
const struct text_format format_variable = { "the name of an environment variable",
                                             "^[A-Za-z_][A-Za-z0-9_]{0,127}$", NULL, "ALICE_KEY" };
const struct text_format format_key = {
    "a Standard Webhooks secret: whsec_ and 24 to 64 bytes in base64",
    "^whsec_[A-Za-z0-9+/]{32,88}={0,2}$", NULL, "whsec_..."
};

const char *
format_complaint(const struct text_format *format, const char *text)
{
    regex_t compiled;
    bool fits;

    /* The expressions are ours: one that does not compile is a bug, not a mistake of the file. */
    if (regcomp(&compiled, format->regex, REG_EXTENDED | REG_NOSUB) != 0) {
        assert(0 && "a text format's expression does not compile");
        return "cannot be checked";
    }
    fits = regexec(&compiled, text, 0, NULL, 0) == 0;
    regfree(&compiled);
    if (!fits)
        return "";
    return format->complaint != NULL ? format->complaint(text) : NULL;
}
