/* links: slipway_wire slipway_base */

/* Goal: a message is believed if and only if one of its signatures is by the key, over exactly
 * its id, its time and its bytes. */

#include "wire/webhook.h"

#include <stdio.h>
#include <string.h>

#include "platform/secret.h"
#include "suite.h"

/* The example of the Standard Webhooks specification, as its reference libraries test it. */
#define KEY "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
#define SIGNED "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="

static const struct webhook EXAMPLE = {
    .id = STR("msg_p5jXN8AQM9LWM0D4loKWxJek"),
    .timestamp = STR("1614265330"),
    .signature = STR(SIGNED),
    .body = STR("{\"test\": 2432232314}"),
};

START_TEST(agrees_with_the_published_example)
{
    struct secret *key = webhook_key_read(STR(KEY));
    char buf[WEBHOOK_SIGNATURE_SIZE];
    int64_t at_ms;

    ck_assert_ptr_nonnull(key);
    ck_assert_str_eq(webhook_sign(&EXAMPLE, key, buf), SIGNED);
    ck_assert(webhook_verify(&EXAMPLE, key));
    ck_assert(webhook_is_shaped(&EXAMPLE, &at_ms));
    ck_assert_int_eq(at_ms, INT64_C(1614265330000));
    secret_free(key);
}
END_TEST

START_TEST(believes_no_other_signature)
{
    static const char *const BAD[] = {
        "",
        "v1,",
        "v1",
        "v2,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
        "V1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
        "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
        "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE",
        "v1,g0hM9SsE-OTPJTGt_tmIKtSyZlE3uFJELVlNIOLJ1OE=",
        "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OF=",
        "v1,h0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
        "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=x",
        "v1, g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
        SIGNED "," SIGNED,
    };
    struct secret *key = webhook_key_read(STR(KEY));
    struct webhook w = EXAMPLE;

    for (size_t i = 0; i < ARRAY_LEN(BAD); i++) {
        w.signature = str_of(BAD[i]);
        ck_assert_msg(!webhook_verify(&w, key), "%s", BAD[i]);
    }
    secret_free(key);
}
END_TEST

START_TEST(finds_its_signature_among_several)
{
    struct secret *key = webhook_key_read(STR(KEY));
    struct webhook w = EXAMPLE;

    w.signature = STR("v1,AAAA v1a,BBBB " SIGNED " v1,CCCC");
    ck_assert(webhook_verify(&w, key));
    w.signature = STR("a a a a a a a a " SIGNED);
    ck_assert_msg(!webhook_verify(&w, key), "the ninth signature is not looked at");
    secret_free(key);
}
END_TEST

START_TEST(every_part_is_covered)
{
    struct secret *key = webhook_key_read(STR(KEY));
    struct secret *other = webhook_key_read(STR("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSx"));
    struct webhook w;

    w = EXAMPLE;
    w.id = STR("msg_p5jXN8AQM9LWM0D4loKWxJel");
    ck_assert(!webhook_verify(&w, key));
    w = EXAMPLE;
    w.timestamp = STR("1614265331");
    ck_assert(!webhook_verify(&w, key));
    w = EXAMPLE;
    w.body = STR("{\"test\":2432232314}");
    ck_assert(!webhook_verify(&w, key));
    ck_assert(!webhook_verify(&EXAMPLE, other));
    secret_free(key);
    secret_free(other);
}
END_TEST

START_TEST(refuses_headers_without_shape)
{
    static const struct webhook BAD[] = {
        { STR(""), STR("1"), STR("v1,x"), STR("") },
        { STR("a.b c"), STR("1"), STR("v1,x"), STR("") },
        { STR("a\nb"), STR("1"), STR("v1,x"), STR("") },
        { STR("a"), STR(""), STR("v1,x"), STR("") },
        { STR("a"), STR("-1"), STR("v1,x"), STR("") },
        { STR("a"), STR("+1"), STR("v1,x"), STR("") },
        { STR("a"), STR("1.5"), STR("v1,x"), STR("") },
        { STR("a"), STR("1234567890123"), STR("v1,x"), STR("") },
        { STR("a"), STR("1"), STR(""), STR("") },
        { STR("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"), STR("1"),
          STR("v1,x"), STR("") },
    };
    int64_t at_ms;

    for (size_t i = 0; i < ARRAY_LEN(BAD); i++)
        ck_assert_msg(!webhook_is_shaped(&BAD[i], &at_ms), "case %zu", i);
}
END_TEST

START_TEST(reads_keys_of_the_right_length_only)
{
    static const struct {
        const char *text;
        int len; /* -1: refused. */
    } CASES[] = {
        { "whsec_MDEyMzQ1Njc4OWFiY2RlZmdoaWprbG1u", 24 },
        { " whsec_MDEyMzQ1Njc4OWFiY2RlZmdoaWprbG1u\n", 24 },
        { "whsec_MDEyMzQ1Njc4OWFiY2RlZmdoaWprbG0=", -1 },
        { "whsec_MDEyMzQ1Njc4OWFiY2RlZmdoaWprbG1ubw==", 25 },
        { "whsec_MDEyMzQ1Njc4OWFiY2RlZmdoaWprbG1ubw", -1 },
        { "whsec_MDEyMzQ1Njc4OWFi Y2RlZmdoaWprbG1u", -1 },
        { "whsec_MDEyMzQ1Njc4OWFiY2RlZmdoaWprbG1!", -1 },
        { "MDEyMzQ1Njc4OWFiY2RlZmdoaWprbG1u", -1 },
        { "whsec_", -1 },
        { "", -1 },
    };

    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        struct secret *key = webhook_key_read(str_of(CASES[i].text));
        int len = key == NULL ? -1 : (int)secret_bytes(key).len;

        ck_assert_msg(len == CASES[i].len, "%d for \"%s\"", len, CASES[i].text);
        secret_free(key);
    }
}
END_TEST

SUITE(webhook, agrees_with_the_published_example, believes_no_other_signature,
      finds_its_signature_among_several, every_part_is_covered, refuses_headers_without_shape,
      reads_keys_of_the_right_length_only)
