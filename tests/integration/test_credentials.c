/* links: slipway_aws fakes */

/* Goal: each source gives its credentials, in botocore's order; they are kept fresh; errors say
 * whose. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "aws/account.h"
#include "aws/credential_source.h"
#include "fakes/wire_server.h"
#include "platform/log.h"
#include "platform/loop.h"
#include "platform/secret.h"
#include "slipway/instant.h"
#include "slipway/memory.h"
#include "suite.h"
#include "wire/http_client.h"

struct world {
    struct loop *loop;
    struct http_client *http;
    struct aws *aws;
    char folder[64];
    int times;
    char got[256], source[160], error[480];
};

static void
ready(void *cookie, const struct credential_set *set, const struct error *e)
{
    struct world *w = cookie;

    w->times++;
    w->got[0] = w->error[0] = '\0';
    if (set != NULL) {
        snprintf(w->got, sizeof(w->got), "%s/%s/%s", set->access_key,
                 secret_bytes(set->secret_key).at,
                 set->session_token != NULL ? secret_bytes(set->session_token).at : "");
        snprintf(w->source, sizeof(w->source), "%s", set->source);
    } else {
        snprintf(w->error, sizeof(w->error), "%s", e->text);
    }
    loop_stop(w->loop);
}

static void
write_file(const struct world *w, const char *name, const char *text)
{
    char path[128];
    FILE *f;

    snprintf(path, sizeof(path), "%s/%s", w->folder, name);
    f = fopen(path, "w");
    ck_assert(f != NULL);
    fputs(text, f);
    fclose(f);
    ck_assert_int_eq(chmod(path, 0700), 0);
}

/* A world whose environment holds the two files and nothing else of AWS. */
static struct world
begin(const char *config, const char *credentials)
{
    static const char *const NAMES[] = { "AWS_ACCESS_KEY_ID",
                                         "AWS_SECRET_ACCESS_KEY",
                                         "AWS_SESSION_TOKEN",
                                         "AWS_PROFILE",
                                         "AWS_ROLE_ARN",
                                         "AWS_WEB_IDENTITY_TOKEN_FILE",
                                         "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
                                         "AWS_CONTAINER_CREDENTIALS_FULL_URI",
                                         "AWS_CONTAINER_AUTHORIZATION_TOKEN",
                                         "AWS_ENDPOINT_URL",
                                         "AWS_DEFAULT_PROFILE" };
    struct world w = { .times = 0 };
    char path[128];

    for (size_t i = 0; i < ARRAY_LEN(NAMES); i++)
        unsetenv(NAMES[i]);
    log_threshold(LOG_ERROR);
    setenv("AWS_EC2_METADATA_DISABLED", "true", 1);
    setenv("AWS_REGION", "us-east-1", 1);
    snprintf(w.folder, sizeof(w.folder), "/tmp/slipway-creds-XXXXXX");
    ck_assert(mkdtemp(w.folder) != NULL);
    write_file(&w, "config", config);
    write_file(&w, "credentials", credentials);
    snprintf(path, sizeof(path), "%s/config", w.folder);
    setenv("AWS_CONFIG_FILE", path, 1);
    snprintf(path, sizeof(path), "%s/credentials", w.folder);
    setenv("AWS_SHARED_CREDENTIALS_FILE", path, 1);
    w.loop = loop_new();
    w.http = http_client_new(w.loop, NULL);
    return w;
}

/* Builds the chain under the environment of this moment and asks it once. */
static void
ask(struct world *w, const char *profile)
{
    struct aws_settings settings = { .profile = profile, .attempts = 1, .timeout_ms = 5000 };
    struct error e = { 0 };

    aws_free(w->aws);
    w->aws = aws_new(w->loop, w->http, &settings, &e);
    ck_assert_msg(w->aws != NULL, "%s", e.text);
    w->times = 0;
    credentials_get(w->aws->own->credentials, ready, w);
    ck_assert_int_eq(w->times, 0);
    loop_run(w->loop);
    ck_assert_int_eq(w->times, 1);
}

static void
end(struct world *w)
{
    static const char *const NAMES[] = { "config", "credentials", "program", "token" };
    char path[128];

    aws_free(w->aws);
    http_client_free(w->http);
    loop_free(w->loop);
    for (size_t i = 0; i < ARRAY_LEN(NAMES); i++) {
        snprintf(path, sizeof(path), "%s/%s", w->folder, NAMES[i]);
        unlink(path);
    }
    rmdir(w->folder);
}

static const char SHARED[] = "[default]\naws_access_key_id = AKD\naws_secret_access_key = sd\n"
                             "[dev]\naws_access_key_id = AKV\naws_secret_access_key = sv\n"
                             "aws_session_token = tv\n";

START_TEST(the_environment_comes_first_unless_a_profile_is_named)
{
    struct world w = begin("[profile dev]\n", SHARED);

    ask(&w, NULL);
    ck_assert_str_eq(w.got, "AKD/sd/");
    ck_assert_str_eq(w.source, "profile default");
    setenv("AWS_PROFILE", "dev", 1);
    ask(&w, NULL);
    ck_assert_str_eq(w.got, "AKV/sv/tv");
    setenv("AWS_ACCESS_KEY_ID", "AKE", 1);
    ask(&w, NULL);
    ck_assert_str_eq(w.error, "credentials from environment: AWS_ACCESS_KEY_ID is set, "
                              "AWS_SECRET_ACCESS_KEY is not");
    setenv("AWS_SECRET_ACCESS_KEY", "se", 1);
    setenv("AWS_SESSION_TOKEN", "te", 1);
    ask(&w, NULL);
    ck_assert_str_eq(w.got, "AKE/se/te");
    ask(&w, "default");
    ck_assert_str_eq(w.got, "AKD/sd/");
    end(&w);
}
END_TEST

START_TEST(nothing_at_all_says_what_to_do)
{
    struct world w = begin("", "");

    ask(&w, NULL);
    ck_assert(strstr(w.error, "no credentials: neither in the environment (AWS_ACCESS_KEY_ID) nor "
                              "in profile \"default\"") != NULL);
    end(&w);
}
END_TEST

START_TEST(a_program_may_print_them)
{
    char config[256];
    struct world w = begin("", "");

    write_file(&w, "program",
               "#!/bin/sh\n[ \"$2\" = 'a b' ] || exit 9\n"
               "echo '{\"Version\":1,\"AccessKeyId\":\"AKP\",\"SecretAccessKey\":\"sp\","
               "\"SessionToken\":\"tp\",\"Expiration\":\"2999-01-01T00:00:00Z\"}'\n");
    snprintf(config, sizeof(config), "[default]\ncredential_process = %s/program --who \"a b\"\n",
             w.folder);
    write_file(&w, "config", config);
    ask(&w, NULL);
    ck_assert_msg(strcmp(w.got, "AKP/sp/tp") == 0, "%s%s", w.got, w.error);
    snprintf(config, sizeof(config), "[default]\ncredential_process = %s/program other\n",
             w.folder);
    write_file(&w, "config", config);
    ask(&w, NULL);
    ck_assert(strstr(w.error, "credentials from credential_process of profile default: ") != NULL);
    ck_assert(strstr(w.error, "ended with status 9") != NULL);
    write_file(&w, "program", "#!/bin/sh\necho '{\"Version\":1,\"SecretAccessKey\":\"hush\"'\n");
    ask(&w, NULL);
    ck_assert(strstr(w.error, "not JSON") != NULL);
    ck_assert(strstr(w.error, "hush") == NULL);
    write_file(&w, "config", "[default]\ncredential_process = 'x\n");
    ask(&w, NULL);
    ck_assert(strstr(w.error, "unbalanced quotes") != NULL);
    end(&w);
}
END_TEST

START_TEST(what_has_expired_already_is_refused_with_a_reason)
{
    char config[256];
    struct world w = begin("", "");

    write_file(
        &w, "program",
        "#!/bin/sh\necho '{\"Version\":1,\"AccessKeyId\":\"AKP\",\"SecretAccessKey\":\"hush\","
        "\"Expiration\":\"2001-01-01T00:00:00Z\"}'\n");
    snprintf(config, sizeof(config), "[default]\ncredential_process = %s/program\n", w.folder);
    write_file(&w, "config", config);
    ask(&w, NULL);
    ck_assert_str_eq(w.got, "");
    ck_assert_str_eq(w.error,
                     "credentials from credential_process of profile default: they expired "
                     "at 2001-01-01T00:00:00.000Z; is this machine's clock right?");
    end(&w);
}
END_TEST

/* The program's environment is slipway's, but approvers' keys are nobody else's. */
START_TEST(a_program_does_not_get_the_keys_of_approvers)
{
    char config[256];
    struct world w = begin("", "");

    setenv("SLIPWAY_KEY_OF_ADA", "whsec_MDEyMzQ1Njc4OWFiY2RlZmdoaWprbG1u", 1);
    setenv("CREDENTIALS_OF", "ada", 1);
    write_file(
        &w, "program",
        "#!/bin/sh\n[ -z \"$SLIPWAY_KEY_OF_ADA\" ] || exit 7\n"
        "echo '{\"Version\":1,\"AccessKeyId\":\"'$CREDENTIALS_OF'\",\"SecretAccessKey\":\"s\"}'\n");
    snprintf(config, sizeof(config), "[default]\ncredential_process = %s/program\n", w.folder);
    write_file(&w, "config", config);
    ask(&w, NULL);
    ck_assert_msg(strcmp(w.got, "ada/s/") == 0, "%s%s", w.got, w.error);
    unsetenv("SLIPWAY_KEY_OF_ADA");
    end(&w);
}
END_TEST

/* ---- servers -------------------------------------------------------------------------------- */

static struct wire_reply
container(void *cookie, int nth, const char *request)
{
    const char *mode = cookie;

    if (strcmp(mode, "flaky") == 0 && nth < 2)
        return wire_reply(500, "", "later");
    if (strstr(request, "Authorization: Bearer x\r\n") == NULL)
        return wire_reply(401, "", "who?");
    return wire_reply(200, "",
                      "{\"AccessKeyId\":\"AKC\",\"SecretAccessKey\":\"sc\",\"Token\":\"tc\","
                      "\"Expiration\":\"2999-01-01T00:00:00Z\"}");
}

START_TEST(a_container_gives_them_after_a_stumble)
{
    char mode[] = "flaky", url[128], path[128];
    struct wire_server *server = wire_server_start(container, mode);
    struct world w = begin("", "");

    write_file(&w, "token", "Bearer x\n");
    snprintf(path, sizeof(path), "%s/token", w.folder);
    snprintf(url, sizeof(url), "%s/creds", wire_url(server));
    setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", url, 1);
    setenv("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", path, 1);
    ask(&w, NULL);
    ck_assert_msg(strcmp(w.got, "AKC/sc/tc") == 0, "%s%s", w.got, w.error);
    ck_assert_int_eq(wire_requests(server), 3);
    setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://192.0.2.1/creds", 1);
    ask(&w, NULL);
    ck_assert_str_eq(w.error, "credentials from the container: AWS_CONTAINER_CREDENTIALS_FULL_URI: "
                              "host \"192.0.2.1\" needs https");
    setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1.evil.example/", 1);
    ask(&w, NULL);
    ck_assert(strstr(w.error, "needs https") != NULL);
    unsetenv("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
    end(&w);
    wire_server_stop(server);
}
END_TEST

static struct wire_reply
metadata(void *cookie, int nth, const char *request)
{
    (void)cookie;
    (void)nth;
    if (strncmp(request, "PUT /latest/api/token ", 22) == 0 &&
        strstr(request, "x-aws-ec2-metadata-token-ttl-seconds: 21600\r\n") != NULL)
        return wire_reply(200, "", "TOKEN");
    if (strstr(request, "x-aws-ec2-metadata-token: TOKEN\r\n") == NULL)
        return wire_reply(401, "", "");
    if (strncmp(request, "GET /latest/meta-data/iam/security-credentials/ ", 48) == 0)
        return wire_reply(200, "", "my-role\n");
    if (strncmp(request, "GET /latest/meta-data/iam/security-credentials/my-role ", 55) == 0)
        return wire_reply(
            200, "",
            "{\"Code\":\"Success\",\"AccessKeyId\":\"AKI\",\"SecretAccessKey\":\"si\","
            "\"Token\":\"ti\",\"Expiration\":\"2999-01-01T00:00:00Z\"}");
    return wire_reply(404, "", "");
}

START_TEST(an_instance_gives_them_for_a_token)
{
    struct wire_server *server = wire_server_start(metadata, NULL);
    struct world w = begin("", "");

    unsetenv("AWS_EC2_METADATA_DISABLED");
    setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", wire_url(server), 1);
    ask(&w, NULL);
    ck_assert_msg(strcmp(w.got, "AKI/si/ti") == 0, "%s%s", w.got, w.error);
    ck_assert_int_eq(wire_requests(server), 3);
    end(&w);
    wire_server_stop(server);
}
END_TEST

/* A fetch counter that plays STS: sessions named after their number. */
static struct wire_reply
sts(void *cookie, int nth, const char *request)
{
    const char *expires = cookie;
    bool web = strstr(request, "Action=AssumeRoleWithWebIdentity&") != NULL;
    const char *op = web ? "AssumeRoleWithWebIdentity" : "AssumeRole";
    char body[1024];

    if (web ? strstr(request, "WebIdentityToken=ey.j") == NULL ||
                  strstr(request, "Authorization:") != NULL
            : strstr(request, "Credential=AK") == NULL)
        return wire_reply(
            403, "", "<ErrorResponse><Error><Code>AccessDenied</Code></Error></ErrorResponse>");
    snprintf(
        body, sizeof(body),
        "<%sResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><%sResult><Credentials>"
        "<AccessKeyId>AKS%d</AccessKeyId><SecretAccessKey>s%d</SecretAccessKey>"
        "<SessionToken>t%d</SessionToken><Expiration>%s</Expiration></Credentials></%sResult>"
        "</%sResponse>",
        op, op, nth, nth, nth, expires, op, op);
    return wire_reply(200, "Content-Type: text/xml\r\n", body);
}

START_TEST(roles_are_assumed_through_profiles)
{
    char expires[] = "2999-01-01T00:00:00Z";
    struct wire_server *server = wire_server_start(sts, expires);
    struct world w = begin("[profile a]\nrole_arn = arn:aws:iam::111122223333:role/a\n"
                           "source_profile = b\n"
                           "[profile b]\nrole_arn = arn:aws:iam::111122223333:role/b\n"
                           "source_profile = dev\n"
                           "[profile c]\nrole_arn = arn:aws:iam::111122223333:role/c\n"
                           "source_profile = d\n"
                           "[profile d]\nrole_arn = arn:aws:iam::111122223333:role/d\n"
                           "source_profile = c\n"
                           "[profile e]\nrole_arn = arn:aws:iam::111122223333:role/e\n"
                           "credential_source = Environment\n"
                           "[profile f]\nsso_session = x\n",
                           SHARED);

    setenv("AWS_ENDPOINT_URL_STS", wire_url(server), 1);
    ask(&w, "a");
    ck_assert_msg(strcmp(w.got, "AKS1/s1/t1") == 0, "%s%s", w.got, w.error);
    ck_assert_str_eq(w.source, "role arn:aws:iam::111122223333:role/a");
    ask(&w, "c");
    ck_assert(strstr(w.error, "source_profile goes round in a circle") != NULL);
    setenv("AWS_ACCESS_KEY_ID", "AKE", 1);
    setenv("AWS_SECRET_ACCESS_KEY", "se", 1);
    ask(&w, "e");
    ck_assert_str_eq(w.got, "AKS2/s2/t2");
    ask(&w, "f");
    ck_assert(strstr(w.error, "single sign-on is not supported: use credential_process") != NULL);
    end(&w);
    wire_server_stop(server);
}
END_TEST

START_TEST(a_web_identity_is_exchanged_unsigned)
{
    char expires[] = "2999-01-01T00:00:00Z", path[128];
    struct wire_server *server = wire_server_start(sts, expires);
    struct world w = begin("", "");

    write_file(&w, "token", "ey.j\n");
    snprintf(path, sizeof(path), "%s/token", w.folder);
    setenv("AWS_ENDPOINT_URL_STS", wire_url(server), 1);
    setenv("AWS_ROLE_ARN", "arn:aws:iam::111122223333:role/pod", 1);
    setenv("AWS_WEB_IDENTITY_TOKEN_FILE", path, 1);
    ask(&w, NULL);
    ck_assert_msg(strcmp(w.got, "AKS0/s0/t0") == 0, "%s%s", w.got, w.error);
    setenv("AWS_WEB_IDENTITY_TOKEN_FILE", "/nonexistent", 1);
    ask(&w, NULL);
    ck_assert(strstr(w.error, "web identity token file /nonexistent cannot be read") != NULL);
    end(&w);
    wire_server_stop(server);
}
END_TEST

/* ---- freshness ------------------------------------------------------------------------------ */

/* A source that counts, and answers when told. */
struct counted {
    struct credential_source head;
    int fetches;
    int64_t life_ms;
    bool fails;
    struct loop *loop;
    credential_fetched *fetched;
    void *cookie;
};

static void
counted_answer(struct counted *s)
{
    struct credential_found found;
    char name[32];
    struct error e;

    snprintf(name, sizeof(name), "AK%d", s->fetches);
    error_set(&e, ERROR_UNREACHABLE, "out of order");
    ck_assert(credential_found_set(&found, str_of(name), STR("s"), STR(""), &e));
    found.expires_ms = s->life_ms == 0 ? 0 : loop_now_ms(s->loop) + s->life_ms;
    if (!s->fails) {
        s->fetched(s->cookie, &found, NULL);
        return;
    }
    secret_free(found.secret_key);
    s->fetched(s->cookie, NULL, &e);
}

static void
counted_fetch(struct credential_source *head, credential_fetched *fetched, void *cookie)
{
    struct counted *s = (struct counted *)head;

    s->fetches++;
    s->fetched = fetched;
    s->cookie = cookie;
}

static void
counted_free(struct credential_source *head)
{
    (void)head;
}

START_TEST(one_fetch_serves_all_who_wait_and_the_taken_back_not)
{
    struct loop *l = loop_new();
    struct counted s = { .head = { "test", counted_fetch, counted_free }, .loop = l };
    struct credentials *c = credentials_new(l, &s.head);
    struct world w = { .loop = l };

    log_threshold(LOG_ERROR);
    ck_assert(credentials_now(c) == NULL);
    for (int i = 0; i < 5; i++)
        credentials_get(c, ready, &w);
    credentials_cancel(credentials_get(c, ready, &w));
    ck_assert_int_eq(s.fetches, 1);
    counted_answer(&s);
    ck_assert_int_eq(w.times, 0);
    loop_turn(l, 0);
    ck_assert_int_eq(w.times, 5);
    ck_assert_str_eq(credentials_now(c)->access_key, "AK1");
    credentials_get(c, ready, &w); /* From the cache, but not from inside. */
    ck_assert_int_eq(w.times, 5);
    loop_turn(l, 0);
    ck_assert_int_eq(w.times, 6);
    ck_assert_int_eq(s.fetches, 1);
    credentials_expired(c, 1);
    credentials_expired(c, 1);
    ck_assert(credentials_now(c) == NULL);
    credentials_get(c, ready, &w);
    ck_assert_int_eq(s.fetches, 2);
    credentials_free(c);
    ck_assert_int_eq(w.times, 6);
    loop_free(l);
}
END_TEST

START_TEST(a_failing_source_costs_nothing_while_the_old_set_lasts)
{
    struct loop *l = loop_new();
    struct counted s = { .head = { "test", counted_fetch, counted_free }, .loop = l };
    struct credentials *c = credentials_new(l, &s.head);
    struct world w = { .loop = l };

    log_threshold(LOG_ERROR + 1);
    s.fails = true;
    credentials_get(c, ready, &w);
    counted_answer(&s);
    loop_turn(l, 0);
    ck_assert_str_eq(w.error, "out of order");
    ck_assert(credentials_now(c) == NULL);
    s.fails = false;
    s.life_ms = 50;
    credentials_get(c, ready, &w);
    counted_answer(&s);
    loop_turn(l, 0);
    ck_assert_str_eq(w.got, "AK2/s/");
    loop_turn(l, 60);
    ck_assert(credentials_now(c) == NULL); /* It is over: nothing but a new one will do. */
    credentials_get(c, ready, &w);
    ck_assert_int_eq(s.fetches, 3);
    credentials_free(c);
    loop_free(l);
}
END_TEST

SUITE(credentials, the_environment_comes_first_unless_a_profile_is_named,
      nothing_at_all_says_what_to_do, a_program_may_print_them,
      what_has_expired_already_is_refused_with_a_reason,
      a_program_does_not_get_the_keys_of_approvers, a_container_gives_them_after_a_stumble,
      an_instance_gives_them_for_a_token, roles_are_assumed_through_profiles,
      a_web_identity_is_exchanged_unsigned, one_fetch_serves_all_who_wait_and_the_taken_back_not,
      a_failing_source_costs_nothing_while_the_old_set_lasts)
