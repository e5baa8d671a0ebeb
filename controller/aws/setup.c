#include "aws/setup.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "aws/endpoint.h"
#include "slipway/memory.h"

#define PATH_SIZE 1024
#define ATTEMPTS_STANDARD 3
#define TIMEOUT_STANDARD SECONDS(30)

/* As the variables AWS_ENDPOINT_URL_<...> and the sections [services] spell them. */
static const char *const VARIABLE_NAMES[AWS_SERVICES] = {
    [AWS_SQS] = "AWS_ENDPOINT_URL_SQS",
    [AWS_STS] = "AWS_ENDPOINT_URL_STS",
    [AWS_SAGEMAKER] = "AWS_ENDPOINT_URL_SAGEMAKER",
    [AWS_GREENGRASS] = "AWS_ENDPOINT_URL_GREENGRASSV2",
    [AWS_IOT] = "AWS_ENDPOINT_URL_IOT",
    [AWS_S3] = "AWS_ENDPOINT_URL_S3",
};

const char *
setup_variable(const char *name)
{
    const char *value = getenv(name);

    return value != NULL && value[0] != '\0' ? value : NULL;
}

static const char *
first_of(const char *a, const char *b)
{
    return a != NULL && a[0] != '\0' ? a : b;
}

static char *
copy_or_null(const char *text)
{
    return text != NULL ? xstrdup(text) : NULL;
}

/* The path a variable names, else one below the home directory. */
static const char *
shared_file(const char *variable, const char *name, char path[PATH_SIZE])
{
    const char *named = setup_variable(variable), *home = setup_variable("HOME");

    if (named != NULL && strncmp(named, "~/", 2) != 0)
        snprintf(path, PATH_SIZE, "%s", named);
    else if (home == NULL)
        path[0] = '\0';
    else
        snprintf(path, PATH_SIZE, "%s/%s", home, named != NULL ? named + 2 : name);
    return path;
}

const char *
setup_profile_value(const struct aws_setup *s, const char *name, const char *key)
{
    const char *value = profile_value(s->profiles, PROFILE_CONFIG, name, key);

    return value != NULL ? value : profile_value(s->profiles, PROFILE_CREDENTIALS, name, key);
}

/* A switch of the environment, else of the profile. */
static bool
is_on(const struct aws_setup *s, const char *variable, const char *key)
{
    const char *value = first_of(setup_variable(variable), setup_profile_value(s, s->profile, key));

    return value != NULL && strcasecmp(value, "true") == 0;
}

static const char *
settings_endpoint(const struct aws_settings *settings, const char *service)
{
    for (size_t i = 0; i < settings->endpoint_count; i++)
        if (strcmp(settings->endpoints[i].service, service) == 0)
            return settings->endpoints[i].url;
    return settings->endpoint;
}

/* Configuration, then variable of the service, variable of all, the profile's [services], the
 * profile. */
static const char *
endpoint_of(const struct aws_setup *s, const struct aws_settings *settings,
            enum aws_service service, bool ignore)
{
    const char *name = aws_service_name(service);
    const char *url = settings_endpoint(settings, name), *services;

    if (url != NULL || ignore)
        return url;
    url = first_of(setup_variable(VARIABLE_NAMES[service]), setup_variable("AWS_ENDPOINT_URL"));
    if (url != NULL)
        return url;
    services = profile_value(s->profiles, PROFILE_CONFIG, s->profile, "services");
    url = services != NULL ? profile_service_endpoint(s->profiles, services, name) : NULL;
    return first_of(url, profile_value(s->profiles, PROFILE_CONFIG, s->profile, "endpoint_url"));
}

static bool
read_endpoints(struct aws_setup *s, const struct aws_settings *settings, struct error *e)
{
    bool ignore = is_on(s, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
                        "ignore_configured_endpoint_urls");

    for (int i = 0; i < AWS_SERVICES; i++) {
        const char *url = endpoint_of(s, settings, (enum aws_service)i, ignore);

        if (url != NULL && !endpoint_url_is_usable(url))
            return error_set(
                e, ERROR_INVALID,
                "endpoint of %s \"%.200s\": \"http(s)://host[:port][/path]\" is needed",
                aws_service_name((enum aws_service)i), url);
        s->endpoints[i] = copy_or_null(url);
    }
    return true;
}

static bool
read_number(const char *text, int64_t min, int64_t max, int64_t *out)
{
    return text != NULL && str_to_int(str_of(text), out) && *out >= min && *out <= max;
}

static bool
read_region(struct aws_setup *s, const struct aws_settings *settings, struct error *e)
{
    const char *region = first_of(settings->region, setup_variable("AWS_REGION"));

    region = first_of(region, setup_variable("AWS_DEFAULT_REGION"));
    region = first_of(region, setup_profile_value(s, s->profile, "region"));
    if (region == NULL)
        return error_set(e, ERROR_INVALID,
                         "no Region: set aws.region, AWS_REGION, or region of the profile \"%s\"",
                         s->profile);
    if (!endpoint_region_is_valid(region))
        return error_set(e, ERROR_INVALID, "Region \"%.64s\": not the name of a Region", region);
    s->region = xstrdup(region);
    return true;
}

static bool
fill(struct aws_setup *s, const struct aws_settings *settings, struct error *e)
{
    char config[PATH_SIZE], credentials[PATH_SIZE];
    int64_t attempts = settings->attempts;
    const char *named = first_of(setup_variable("AWS_PROFILE"),
                                 setup_variable("AWS_DEFAULT_PROFILE"));

    s->profiles = profiles_read(
        shared_file("AWS_CONFIG_FILE", ".aws/config", config),
        shared_file("AWS_SHARED_CREDENTIALS_FILE", ".aws/credentials", credentials), e);
    if (s->profiles == NULL)
        return false;
    s->profile_named = settings->profile != NULL && settings->profile[0] != '\0';
    s->profile = xstrdup(first_of(settings->profile, first_of(named, "default")));
    if (strcmp(s->profile, "default") != 0 && !profiles_have(s->profiles, s->profile))
        return error_set(e, ERROR_NOT_FOUND, "profile \"%.100s\": neither in %s nor in %s",
                         s->profile, config, credentials);
    s->fips = is_on(s, "AWS_USE_FIPS_ENDPOINT", "use_fips_endpoint");
    s->dualstack = is_on(s, "AWS_USE_DUALSTACK_ENDPOINT", "use_dualstack_endpoint");
    if (attempts <= 0 && !read_number(setup_variable("AWS_MAX_ATTEMPTS"), 1, 10, &attempts) &&
        !read_number(setup_profile_value(s, s->profile, "max_attempts"), 1, 10, &attempts))
        attempts = ATTEMPTS_STANDARD;
    s->attempts = attempts > 10 ? 10 : (int)attempts;
    s->timeout_ms = settings->timeout_ms >= 1000 ? settings->timeout_ms : TIMEOUT_STANDARD;
    return read_region(s, settings, e) && read_endpoints(s, settings, e);
}

bool
setup_read(struct aws_setup *s, const struct aws_settings *settings, struct error *e)
{
    *s = (struct aws_setup){ 0 };
    if (fill(s, settings, e))
        return true;
    setup_free(s);
    return false;
}

void
setup_free(struct aws_setup *s)
{
    profiles_free(s->profiles);
    free(s->profile);
    free(s->region);
    for (int i = 0; i < AWS_SERVICES; i++)
        free(s->endpoints[i]);
    *s = (struct aws_setup){ 0 };
}

const char *
aws_ca_bundle(const struct aws_settings *settings)
{
    return first_of(settings->ca_bundle, setup_variable("AWS_CA_BUNDLE"));
}
