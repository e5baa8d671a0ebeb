/* links: slipway_aws */

/* Goal: signatures are AWS's to the byte: the public suite, recorded real requests, own edges. */

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/sigv4.h"
#include "aws/uri.h"
#include "slipway/instant.h"
#include "slipway/json.h"
#include "suite.h"

static struct json_token tokens[20000];

/* The content of a file, or an empty text. */
static char *
slurp(const char *folder, const char *name)
{
    char path[1024];
    FILE *f;
    char *text = xcalloc(1, 262144);

    snprintf(path, sizeof(path), "%s/%s", folder, name);
    f = fopen(path, "rb");
    if (f != NULL) {
        text[fread(text, 1, 262143, f)] = '\0';
        fclose(f);
    }
    return text;
}

/* ---- the public suite, where it is at hand -------------------------------------------------- */

struct parsed {
    struct sigv4_request request;
    struct sigv4_header headers[64];
    struct str body;
};

/* Reads a raw request; a line that begins with a blank goes on with the header before. */
static void
parse_request(char *text, struct parsed *p)
{
    struct sigv4_request *r = &p->request;
    char *end = strstr(text, "\n\n"), *line, *next, *space;

    p->body = end != NULL ? str_of(end + 2) : STR("");
    if (end != NULL)
        *end = '\0';
    next = strchr(text, '\n');
    if (next != NULL)
        *next++ = '\0';
    space = strchr(text, ' ');
    r->method = (struct str){ text, (size_t)(space - text) };
    r->path = str_of(space + 1);
    r->path.len = (size_t)(strstr(space + 1, " HTTP/1.1") - (space + 1));
    str_cut(r->path, '?', &r->path, &r->query);
    for (line = next; line != NULL && *line != '\0'; line = next) {
        struct sigv4_header *h = &p->headers[r->header_count];

        next = strchr(line, '\n');
        while (next != NULL && (next[1] == ' ' || next[1] == '\t'))
            next = strchr(next + 1, '\n');
        if (next != NULL)
            *next++ = '\0';
        str_cut(str_of(line), ':', &h->name, &h->value);
        if (h->name.len == 4 && memcmp(h->name.at, "Host", 4) == 0)
            r->host = h->value;
        else
            r->header_count++;
    }
    r->headers = p->headers;
}

static void
text_at(const struct json *doc, const char *path, char *buf, size_t size)
{
    buf[0] = '\0';
    if (json_exists(json_path(json_root(doc), path)))
        ck_assert(json_text(json_path(json_root(doc), path), buf, size, NULL));
}

static void
check_case(const char *folder)
{
    char *context = slurp(folder, "context.json"), *raw = slurp(folder, "request.txt");
    char *canonical = slurp(folder, "header-canonical-request.txt");
    char *wanted = slurp(folder, "header-signature.txt");
    char access[128], secret[128], token[1024], at[64], hash[65];
    struct parsed p = { .request = { .region = STR("us-east-1"), .service = STR("service") } };
    struct buf got = { .max = 100000 };
    struct sigv4_signature s;
    struct json doc;
    struct error e = { 0 };
    bool normalize = true, body = false, omit = false;

    ck_assert_msg(json_read(&doc, str_of(context), tokens, ARRAY_LEN(tokens), &e), "%s", e.text);
    text_at(&doc, "credentials.access_key_id", access, sizeof(access));
    text_at(&doc, "credentials.secret_access_key", secret, sizeof(secret));
    text_at(&doc, "credentials.token", token, sizeof(token));
    text_at(&doc, "timestamp", at, sizeof(at));
    (void)(json_bool(json_get(json_root(&doc), "normalize"), &normalize) &&
           json_bool(json_get(json_root(&doc), "sign_body"), &body));
    if (!json_bool(json_get(json_root(&doc), "omit_session_token"), &omit))
        omit = false;
    parse_request(raw, &p);
    ck_assert(instant_parse(str_of(at), &p.request.now_ms));
    p.request.path_as_is = !normalize;
    p.request.content_hash = body;
    p.request.payload_hash = str_of(sigv4_hash(p.body, hash));
    ck_assert_msg(sigv4_sign(&p.request,
                             &(struct sigv4_key){ str_of(access), str_of(secret),
                                                  omit ? STR("") : str_of(token) },
                             NULL, &s, &got, &e),
                  "%s: %s", folder, e.text);
    ck_assert_msg(strcmp(got.at, canonical) == 0, "%s:\n%s\nnot\n%s", folder, got.at, canonical);
    ck_assert_msg(strcmp(strstr(s.authorization, "Signature=") + 10, wanted) == 0, "%s", folder);
    buf_free(&got);
    free(context);
    free(raw);
    free(canonical);
    free(wanted);
}

START_TEST(every_case_of_the_public_suite_is_signed_alike)
{
    const char *suite = getenv("SLIPWAY_SIGV4_SUITE");
    DIR *d = opendir(suite != NULL ? suite : SOURCE_DIR "/../shared/sigv4-suite");
    struct dirent *one;
    char folder[1024];
    int cases = 0;

    if (d == NULL) {
        printf("skipped: the SigV4 suite is not at hand, SLIPWAY_SIGV4_SUITE names its folder\n");
        return;
    }
    while ((one = readdir(d)) != NULL) {
        if (one->d_name[0] == '.')
            continue;
        snprintf(folder, sizeof(folder), "%s/%s",
                 suite != NULL ? suite : SOURCE_DIR "/../shared/sigv4-suite", one->d_name);
        check_case(folder);
        cases++;
    }
    closedir(d);
    ck_assert_int_ge(cases, 38);
}
END_TEST

/* ---- recorded requests of botocore ---------------------------------------------------------- */

static void
check_vector(struct json_value v)
{
    static char url[8192], body[65536], wanted[16384], values[64][2048];
    struct sigv4_header headers[64];
    struct sigv4_request r = { .headers = headers, .region = STR("us-east-1"), .now_ms = 0 };
    struct sigv4_signature s;
    struct buf got = { .max = 100000 };
    struct str rest, scheme;
    char method[16], service[32], hash[65], token[64] = "";
    struct error e = { 0 };
    size_t n = 0;

    ck_assert(json_get_text(v, "url", url, sizeof(url), &e));
    if (!json_text(json_get(v, "body"), body, sizeof(body), NULL))
        body[0] = '\0'; /* null: there was none. */
    ck_assert(json_get_text(v, "canonical_request", wanted, sizeof(wanted), &e));
    ck_assert(json_get_text(v, "method", method, sizeof(method), &e));
    ck_assert(json_get_text(v, "service", service, sizeof(service), &e));
    for (struct json_cursor c = json_first(json_get(v, "headers")); json_exists(c.value);
         json_next(&c)) {
        struct str name = json_raw(c.key);

        ck_assert(json_text(c.value, values[n], sizeof(values[n]), NULL));
        if (str_is(name, "X-Amz-Security-Token"))
            snprintf(token, sizeof(token), "%s", values[n]);
        else if (!str_is(name, "Authorization") && !str_is(name, "X-Amz-Date") &&
                 !str_is(name, "Content-Length") && !str_is(name, "X-Amz-Content-SHA256") &&
                 !str_is(name, "Expect") && !str_is(name, "User-Agent")) {
            headers[n] = (struct sigv4_header){ name, str_of(values[n]) };
            n++;
        } else if (str_is(name, "X-Amz-Content-SHA256")) {
            r.content_hash = true;
            snprintf(hash, sizeof(hash), "%s", values[n]);
        }
    }
    r.header_count = n;
    str_cut(str_of(url), ':', &scheme, &rest);
    rest = (struct str){ rest.at + 2, rest.len - 2 };
    str_cut(rest, '/', &r.host, &rest);
    r.path = (struct str){ rest.at - 1, rest.len + 1 };
    str_cut(r.path, '?', &r.path, &r.query);
    r.method = str_of(method);
    r.path_verbatim = strcmp(service, "s3") == 0;
    r.service = str_of(strcmp(service, "greengrassv2") == 0 ? "greengrass"
                       : strcmp(service, "cloudwatch") == 0 ? "monitoring"
                                                            : service);
    if (!r.content_hash)
        sigv4_hash(str_of(body), hash);
    r.payload_hash = str_of(hash);
    ck_assert(instant_parse(STR("2026-01-02T03:04:05Z"), &r.now_ms));
    ck_assert(sigv4_sign(&r, &(struct sigv4_key){ STR("AKIDEXAMPLE"), STR("x"), str_of(token) },
                         NULL, &s, &got, &e));
    ck_assert_msg(strcmp(got.at, wanted) == 0, "%s\nnot\n%s", got.at, wanted);
    buf_free(&got);
}

START_TEST(recorded_requests_have_the_same_canonical_form)
{
    char *text = slurp(SOURCE_DIR "/../shared/reference", "sigv4_vectors.json");
    struct json doc;
    struct error e;
    int count = 0;

    if (text[0] == '\0') {
        printf("skipped: no recorded requests beside the sources\n");
        free(text);
        return;
    }
    ck_assert_msg(json_read(&doc, str_of(text), tokens, ARRAY_LEN(tokens), &e), "%s", e.text);
    for (struct json_cursor c = json_first(json_root(&doc)); json_exists(c.value); json_next(&c)) {
        check_vector(c.value);
        count++;
    }
    ck_assert_int_eq(count, 18);
    free(text);
}
END_TEST

/* ---- own edges ------------------------------------------------------------------------------ */

static struct sigv4_request
plain(void)
{
    return (struct sigv4_request){ .method = STR("GET"),
                                   .host = STR("h"),
                                   .region = STR("r"),
                                   .service = STR("s"),
                                   .payload_hash = STR("UNSIGNED-PAYLOAD"),
                                   .now_ms = 1440938160000 };
}

START_TEST(a_cached_key_gives_the_same_signature_and_follows_its_day_and_secret)
{
    struct sigv4_request r = plain();
    struct sigv4_key key = { STR("AK"), STR("one"), STR("") },
                     other = { STR("AK"), STR("two"), STR("") };
    struct sigv4_cache cache = { .scope = "" };
    struct sigv4_signature with, without;
    struct error e;

    for (int day = 0; day < 3; day++) {
        for (int i = 0; i < 2; i++) {
            ck_assert(sigv4_sign(&r, i ? &other : &key, &cache, &with, NULL, &e));
            ck_assert(sigv4_sign(&r, i ? &other : &key, NULL, &without, NULL, &e));
            ck_assert_str_eq(with.authorization, without.authorization);
        }
        r.now_ms += DAYS(1);
    }
    ck_assert(strncmp(cache.scope, "20150901/r/s/", 13) == 0);
}
END_TEST

START_TEST(what_cannot_be_signed_is_refused)
{
    static char longest[200];
    struct sigv4_header many[65];
    struct sigv4_request r = plain();
    struct sigv4_key key = { STR("AK"), STR("one"), STR("") }, none = { STR(""), STR(""), STR("") };
    struct sigv4_signature s;
    struct error e;

    memset(longest, 'a', sizeof(longest) - 1);
    ck_assert(!sigv4_sign(&r, &none, NULL, &s, NULL, &e));
    for (size_t i = 0; i < ARRAY_LEN(many); i++)
        many[i] = (struct sigv4_header){ STR("X-A"), STR("b") };
    r.headers = many;
    r.header_count = 65;
    ck_assert(!sigv4_sign(&r, &key, NULL, &s, NULL, &e));
    r.header_count = 64;
    ck_assert(sigv4_sign(&r, &key, NULL, &s, NULL, &e));
    many[3].name = str_of(longest);
    ck_assert(!sigv4_sign(&r, &key, NULL, &s, NULL, &e));
    r = plain();
    r.region = str_of(longest);
    ck_assert(!sigv4_sign(&r, &key, NULL, &s, NULL, &e));
    ck_assert_int_eq(e.kind, ERROR_INVALID);
}
END_TEST

START_TEST(text_is_percent_encoded)
{
    struct buf b = { .max = 1000 };

    uri_encode(&b, STR("a b/c+\xc3\xa9~%41"), true);
    ck_assert_str_eq(b.at, "a%20b/c%2B%C3%A9~%2541");
    buf_clear(&b);
    uri_encode_rest(&b, STR("a%2fb%zz%4"));
    ck_assert_str_eq(b.at, "a%2Fb%25zz%254");
    buf_clear(&b);
    uri_query(&b, "x", STR("1/2"));
    uri_query(&b, "y z", STR(""));
    ck_assert_str_eq(b.at, "x=1%2F2&y%20z=");
    buf_free(&b);
}
END_TEST

SUITE(sigv4, every_case_of_the_public_suite_is_signed_alike,
      recorded_requests_have_the_same_canonical_form,
      a_cached_key_gives_the_same_signature_and_follows_its_day_and_secret,
      what_cannot_be_signed_is_refused, text_is_percent_encoded)
