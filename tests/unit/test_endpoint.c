/* links: slipway_aws */

/* Goal: a call goes to the host AWS's own rule sets name, or to the one that was configured. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "aws/endpoint.h"
#include "aws/setup.h"
#include "suite.h"

static const char *
base(enum aws_service service, const char *region, const char *flags)
{
    static struct endpoint to;
    struct endpoint_question q = { .service = service,
                                   .region = region,
                                   .fips = strchr(flags, 'f') != NULL,
                                   .dualstack = strchr(flags, 'd') != NULL };
    struct error e;

    return endpoint_find(&q, &to, &e) ? to.base + strlen("https://") : "none";
}

START_TEST(hosts_are_those_of_the_rule_sets)
{
    ck_assert_str_eq(base(AWS_SQS, "eu-west-1", ""), "sqs.eu-west-1.amazonaws.com");
    ck_assert_str_eq(base(AWS_SQS, "eu-west-1", "f"), "sqs-fips.eu-west-1.amazonaws.com");
    ck_assert_str_eq(base(AWS_SQS, "eu-west-1", "d"), "sqs.eu-west-1.api.aws");
    ck_assert_str_eq(base(AWS_SQS, "us-gov-west-1", "f"), "sqs.us-gov-west-1.amazonaws.com");
    ck_assert_str_eq(base(AWS_SQS, "us-gov-west-1", "fd"), "sqs-fips.us-gov-west-1.api.aws");
    ck_assert_str_eq(base(AWS_SQS, "cn-north-1", ""), "sqs.cn-north-1.amazonaws.com.cn");
    ck_assert_str_eq(base(AWS_STS, "cn-north-1", "d"),
                     "sts.cn-north-1.api.amazonwebservices.com.cn");
    ck_assert_str_eq(base(AWS_SAGEMAKER, "us-east-1", ""), "api.sagemaker.us-east-1.amazonaws.com");
    ck_assert_str_eq(base(AWS_SAGEMAKER, "us-east-1", "f"),
                     "api-fips.sagemaker.us-east-1.amazonaws.com");
    ck_assert_str_eq(base(AWS_SAGEMAKER, "us-east-1", "fd"),
                     "api.sagemaker-fips.us-east-1.api.aws");
    ck_assert_str_eq(base(AWS_SAGEMAKER, "cn-north-1", "f"),
                     "api.sagemaker-fips.cn-north-1.amazonaws.com.cn");
    ck_assert_str_eq(base(AWS_GREENGRASS, "us-east-1", ""), "greengrass.us-east-1.amazonaws.com");
    ck_assert_str_eq(base(AWS_GREENGRASS, "us-gov-east-1", "f"),
                     "greengrass.us-gov-east-1.amazonaws.com");
    ck_assert_str_eq(base(AWS_IOT, "us-gov-west-1", "f"), "iot-fips.us-gov-west-1.amazonaws.com");
    ck_assert_str_eq(base(AWS_S3, "us-east-1", "d"), "s3.dualstack.us-east-1.amazonaws.com");
    ck_assert_str_eq(base(AWS_S3, "us-east-1", "fd"), "s3-fips.dualstack.us-east-1.amazonaws.com");
    ck_assert_str_eq(base(AWS_S3, "cn-north-1", "f"), "none");
}
END_TEST

START_TEST(a_region_cannot_become_another_host)
{
    ck_assert_str_eq(base(AWS_SQS, "us-east-1.evil.example", ""), "none");
    ck_assert_str_eq(base(AWS_SQS, "x/y", ""), "none");
    ck_assert_str_eq(base(AWS_SQS, "", ""), "none");
    ck_assert_str_eq(base(AWS_SQS, "US-EAST-1", ""), "none");
}
END_TEST

static struct endpoint
bucket(const char *name, const char *configured, bool fits)
{
    struct endpoint_question q = {
        .service = AWS_S3, .region = "eu-west-1", .bucket = name, .configured = configured
    };
    struct endpoint to;
    struct error e;

    ck_assert_int_eq(endpoint_find(&q, &to, &e), fits);
    return to;
}

START_TEST(a_bucket_stands_in_the_host_where_it_can)
{
    struct endpoint to = bucket("models", NULL, true);

    ck_assert_str_eq(to.base, "https://models.s3.eu-west-1.amazonaws.com");
    ck_assert_str_eq(to.host, "models.s3.eu-west-1.amazonaws.com");
    ck_assert_str_eq(to.path, "");
    to = bucket("my.models", NULL, true);
    ck_assert_str_eq(to.base, "https://s3.eu-west-1.amazonaws.com");
    ck_assert_str_eq(to.path, "/my.models");
    to = bucket("models", "http://127.0.0.1:4566/", true);
    ck_assert_str_eq(to.base, "http://127.0.0.1:4566");
    ck_assert_str_eq(to.host, "127.0.0.1:4566");
    ck_assert_str_eq(to.path, "/models");
    ck_assert(to.plain_http);
    bucket("a", NULL, false);
    bucket("up/../there", NULL, false);
    bucket("models?x", NULL, false);
}
END_TEST

START_TEST(a_configured_endpoint_may_have_a_path_and_loses_its_own_port)
{
    struct endpoint_question q = { .service = AWS_SQS,
                                   .region = "eu-west-1",
                                   .configured = "https://gate.example:443/aws/" };
    struct endpoint to;
    struct error e;

    ck_assert(endpoint_find(&q, &to, &e));
    ck_assert_str_eq(to.host, "gate.example");
    ck_assert_str_eq(to.base, "https://gate.example:443");
    ck_assert_str_eq(to.path, "/aws");
    ck_assert(!to.plain_http);
    ck_assert(!endpoint_url_is_usable("ftp://x"));
    ck_assert(!endpoint_url_is_usable("http://user@host/"));
    ck_assert(!endpoint_url_is_usable("http://host/?a=b"));
    ck_assert(!endpoint_url_is_usable("http:///path"));
}
END_TEST

/* ---- what configuration, environment and files say together --------------------------------- */

static char folder[64];

static void
write_file(const char *name, const char *text)
{
    char path[128];
    FILE *f;

    snprintf(path, sizeof(path), "%s/%s", folder, name);
    f = fopen(path, "w");
    ck_assert(f != NULL);
    fputs(text, f);
    fclose(f);
}

static void
begin(const char *config, const char *credentials)
{
    char path[128];

    snprintf(folder, sizeof(folder), "/tmp/slipway-endpoint-XXXXXX");
    ck_assert(mkdtemp(folder) != NULL);
    write_file("config", config);
    write_file("credentials", credentials);
    snprintf(path, sizeof(path), "%s/config", folder);
    setenv("AWS_CONFIG_FILE", path, 1);
    snprintf(path, sizeof(path), "%s/credentials", folder);
    setenv("AWS_SHARED_CREDENTIALS_FILE", path, 1);
    unsetenv("AWS_REGION");
    unsetenv("AWS_DEFAULT_REGION");
    unsetenv("AWS_PROFILE");
    unsetenv("AWS_ENDPOINT_URL");
}

static void
end(void)
{
    char path[128];

    snprintf(path, sizeof(path), "%s/config", folder);
    unlink(path);
    snprintf(path, sizeof(path), "%s/credentials", folder);
    unlink(path);
    rmdir(folder);
}

static const char CONFIG[] = "# comment\n"
                             "[default]\n"
                             "region = eu-central-1 ; not this\n"
                             "[profile dev]\n"
                             "region=eu-west-2\n"
                             "endpoint_url = http://127.0.0.1:1\n"
                             "services = local\n"
                             "max_attempts = 7\n"
                             "s3 =\n"
                             "  addressing_style = path\n"
                             "[services local]\n"
                             "sqs =\n"
                             "  endpoint_url = http://127.0.0.1:2\n"
                             "[sso-session x]\n"
                             "sso_region = us-east-1\n";

START_TEST(the_profile_gives_region_endpoints_and_attempts)
{
    struct aws_settings settings = { .profile = "dev" };
    struct aws_setup s;
    struct error e = { 0 };

    begin(CONFIG, "");
    ck_assert_msg(setup_read(&s, &settings, &e), "%s", e.text);
    ck_assert_str_eq(s.region, "eu-west-2");
    ck_assert_str_eq(s.endpoints[AWS_SQS], "http://127.0.0.1:2");
    ck_assert_str_eq(s.endpoints[AWS_S3], "http://127.0.0.1:1");
    ck_assert_int_eq(s.attempts, 7);
    setup_free(&s);
    settings.profile = NULL;
    ck_assert(setup_read(&s, &settings, &e));
    ck_assert_str_eq(s.region, "eu-central-1");
    ck_assert(s.endpoints[AWS_SQS] == NULL);
    ck_assert_int_eq(s.attempts, 3);
    setup_free(&s);
    end();
}
END_TEST

START_TEST(configuration_stands_before_environment_before_profile)
{
    struct endpoint_settings own[] = { { "sqs", "http://127.0.0.1:9" } };
    struct aws_settings settings = { .profile = "dev" };
    struct aws_setup s;
    struct error e;

    begin(CONFIG, "");
    setenv("AWS_REGION", "ap-south-1", 1);
    setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:3", 1);
    setenv("AWS_ENDPOINT_URL_GREENGRASSV2", "http://127.0.0.1:4", 1);
    ck_assert(setup_read(&s, &settings, &e));
    ck_assert_str_eq(s.region, "ap-south-1");
    ck_assert_str_eq(s.endpoints[AWS_SQS], "http://127.0.0.1:3");
    ck_assert_str_eq(s.endpoints[AWS_GREENGRASS], "http://127.0.0.1:4");
    setup_free(&s);
    settings.region = "us-west-2";
    settings.endpoint = "http://127.0.0.1:8";
    settings.endpoints = own;
    settings.endpoint_count = 1;
    settings.attempts = 1;
    ck_assert(setup_read(&s, &settings, &e));
    ck_assert_str_eq(s.region, "us-west-2");
    ck_assert_str_eq(s.endpoints[AWS_SQS], "http://127.0.0.1:9");
    ck_assert_str_eq(s.endpoints[AWS_STS], "http://127.0.0.1:8");
    ck_assert_int_eq(s.attempts, 1);
    setup_free(&s);
    settings = (struct aws_settings){ .profile = "dev" };
    setenv("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true", 1);
    ck_assert(setup_read(&s, &settings, &e));
    ck_assert(s.endpoints[AWS_SQS] == NULL);
    setup_free(&s);
    end();
}
END_TEST

START_TEST(what_is_missing_or_wrong_is_said)
{
    struct aws_settings settings = { 0 };
    struct aws_setup s;
    struct error e;

    begin("", "");
    ck_assert(!setup_read(&s, &settings, &e));
    ck_assert(strstr(e.text, "no Region: set aws.region, AWS_REGION") != NULL);
    settings = (struct aws_settings){ .region = "us-east-1", .profile = "prod" };
    ck_assert(!setup_read(&s, &settings, &e));
    ck_assert(strstr(e.text, "profile \"prod\": neither in ") != NULL);
    settings = (struct aws_settings){ .region = "us-east-1", .endpoint = "localhost:4566" };
    ck_assert(!setup_read(&s, &settings, &e));
    ck_assert(strstr(e.text, "\"localhost:4566\"") != NULL);
    end();
    begin("[default\nregion = x\n", "");
    settings = (struct aws_settings){ 0 };
    ck_assert(!setup_read(&s, &settings, &e));
    ck_assert(strstr(e.text, "config: line 1: section without \"]\"") != NULL);
    end();
    begin("", "aws_secret_access_key = hush\n");
    ck_assert(!setup_read(&s, &settings, &e));
    ck_assert(strstr(e.text, "credentials: line 1: outside a section") != NULL);
    ck_assert(strstr(e.text, "hush") == NULL);
    end();
}
END_TEST

SUITE(endpoint, hosts_are_those_of_the_rule_sets, a_region_cannot_become_another_host,
      a_bucket_stands_in_the_host_where_it_can,
      a_configured_endpoint_may_have_a_path_and_loses_its_own_port,
      the_profile_gives_region_endpoints_and_attempts,
      configuration_stands_before_environment_before_profile, what_is_missing_or_wrong_is_said)
