/* links: slipway_aws fakes */

/* Goal: an object arrives whole, or it is said what is wrong with it. */

#include <string.h>

#include "aws/s3.h"
#include "aws_world.h"

static void
got(void *cookie, const struct aws_result *r, const struct s3_object *o)
{
    struct world *w = cookie;

    snprintf(w->extra, sizeof(w->extra), "%s", o != NULL ? o->sha256 : "");
    note(w, r);
}

static struct wire_reply
half_an_object(const char *request)
{
    (void)request;
    return wire_bytes("HTTP/1.1 200 OK\r\nContent-Length: 10\r\nETag: \"e\"\r\n\r\nwrong",
                      WIRE_CLOSE);
}

START_TEST(an_object_whose_bytes_are_not_its_etags_is_not_believed)
{
    struct script s = { 0, NULL, "abd" };
    struct world w = begin(play, &s);
    FILE *f = tmpfile();

    ck_assert(f != NULL);
    s3_get(w.account, "bucket", "key", NULL, fileno(f), 100, got, &w);
    loop_run(w.loop);
    ck_assert_int_eq(w.outcome, AWS_UNKNOWN);
    fclose(f);
    end(&w);
}
END_TEST

START_TEST(an_object_that_broke_off_is_begun_anew)
{
    struct script s = { 1, half_an_object, "abc" };
    struct world w = begin(play, &s);
    char text[16] = "";
    FILE *f = tmpfile();

    ck_assert(f != NULL);
    s3_get(w.account, "bucket", "key", NULL, fileno(f), 100, got, &w);
    loop_run(w.loop);
    ck_assert_int_eq(w.outcome, AWS_OK);
    ck_assert_int_eq(w.tries, 2);
    ck_assert_str_eq(w.extra, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    rewind(f);
    ck_assert_uint_eq(fread(text, 1, sizeof(text) - 1, f), 3);
    ck_assert_str_eq(text, "abc");
    w.times = 0;
    s3_get(w.account, "bucket", "key", NULL, fileno(f), 2, got, &w);
    loop_run(w.loop);
    ck_assert_int_eq(w.outcome, AWS_REFUSED);
    ck_assert_str_eq(w.code, "TooLong");
    fclose(f);
    end(&w);
}
END_TEST

/* A body that never ends. */
static struct wire_reply
endless(const char *request)
{
    static const char HEAD[] = "HTTP/1.1 200 OK\r\nETag: \"e\"\r\n\r\n";
    static char bytes[200000];

    (void)request;
    memset(bytes, 'x', sizeof(bytes) - 1);
    memcpy(bytes, HEAD, strlen(HEAD));
    return wire_bytes(bytes, WIRE_ENDLESS);
}

static struct wire_reply
large(const char *request)
{
    (void)request;
    return wire_bytes("HTTP/1.1 200 OK\r\nContent-Length: 9000000000\r\nETag: \"e\"\r\n\r\nx",
                      WIRE_HANG);
}

/* The limit may be larger than what is kept of an answer that refuses. */
START_TEST(an_object_that_is_too_long_is_refused_for_good)
{
    struct wire_reply (*const servers[])(const char *) = { endless, large };

    for (size_t i = 0; i < ARRAY_LEN(servers); i++) {
        struct script s = { 9, servers[i], "" };
        struct world w = begin(play, &s);
        FILE *f = tmpfile();

        ck_assert(f != NULL);
        s3_get(w.account, "bucket", "key", NULL, fileno(f), 1000000, got, &w);
        loop_run(w.loop);
        ck_assert_int_eq(w.outcome, AWS_REFUSED);
        ck_assert_str_eq(w.code, "TooLong");
        ck_assert_int_eq(w.tries, 1);
        fclose(f);
        end(&w);
    }
}
END_TEST

SUITE(s3, an_object_that_broke_off_is_begun_anew,
      an_object_whose_bytes_are_not_its_etags_is_not_believed,
      an_object_that_is_too_long_is_refused_for_good)
