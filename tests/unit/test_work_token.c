/* links: slipway_work */

/* Goal: a lost database derives the same names again, and no two effects share one. */

#include <string.h>

#include "suite.h"
#include "work/digest.h"
#include "work/workshop.h"

static struct deployment deployment = { .pipeline = "digits",
                                        .approved_s = 1700000000,
                                        .generation = 1 };

static struct work_order
order(enum order_kind kind)
{
    return (struct work_order){ .kind = kind,
                                .deployment = &deployment,
                                .arn = "arn:aws:sagemaker:eu-west-1:123456789012:model-package/g/1",
                                .installation = "home" };
}

static const char *
token(const struct work_order *o, const char *part)
{
    static char buf[8][WORK_TOKEN_SIZE];
    static size_t next;

    return work_token(o, part, buf[next++ % 8]);
}

START_TEST(a_name_is_52_letters_of_base32)
{
    struct work_order o = order(ORDER_COMPILE);

    ck_assert_uint_eq(strlen(token(&o, "")), 52);
    ck_assert_uint_eq(strspn(token(&o, ""), "abcdefghijklmnopqrstuvwxyz234567"), 52);
}
END_TEST

/* From an independent implementation: hashlib and base64 of Python over the netstrings. */
START_TEST(the_name_is_the_one_promised)
{
    struct work_order o = order(ORDER_COMPILE);

    ck_assert_str_eq(token(&o, "part"), "t4os34p3ssm4momcu6gpxp4vhu5klthu7kgjlub75xh5zxyltmxq");
}
END_TEST

START_TEST(tries_and_ids_are_not_part_of_a_name)
{
    struct work_order a = order(ORDER_COMPILE), b = a;

    b.id = 7;
    b.tries = 3;
    b.now_ms = 99;
    b.progress = STR("{}");
    ck_assert_str_eq(token(&a, ""), token(&b, ""));
}
END_TEST

START_TEST(everything_that_makes_another_effect_makes_another_name)
{
    struct work_order a = order(ORDER_COMPILE), b = order(ORDER_PACKAGE), c = a, d = a;
    struct deployment other = deployment;

    c.installation = "away";
    d.deployment = &other;
    ck_assert_str_ne(token(&a, ""), token(&b, ""));
    ck_assert_str_ne(token(&a, ""), token(&a, "x"));
    ck_assert_str_ne(token(&a, ""), token(&c, ""));
    ck_assert_str_eq(token(&a, ""), token(&d, ""));
    other.generation++;
    ck_assert_str_ne(token(&a, ""), token(&d, ""));
    other = deployment;
    other.approved_s++;
    ck_assert_str_ne(token(&a, ""), token(&d, ""));
    other = deployment;
    strcpy(other.pipeline, "digit");
    d.arn = "sarn:aws:sagemaker:eu-west-1:123456789012:model-package/g/1";
    ck_assert_str_ne(token(&a, ""), token(&d, ""));
}
END_TEST

START_TEST(the_release_is_the_same_in_every_step_and_generation)
{
    struct work_order a = order(ORDER_COMPILE), b = order(ORDER_ROLL_BACK);
    struct deployment other = deployment;
    char one[WORK_TOKEN_SIZE], two[WORK_TOKEN_SIZE];

    other.generation = 9;
    b.deployment = &other;
    ck_assert_str_eq(work_release(&a, one), work_release(&b, two));
    other.approved_s++;
    ck_assert_str_ne(work_release(&a, one), work_release(&b, two));
}
END_TEST

START_TEST(a_digest_is_written_in_hex_and_in_base64)
{
    char hex[DIGEST_SIZE], base64[DIGEST_BASE64_SIZE];

    ck_assert_str_eq(digest_of(STR(""), hex),
                     "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    ck_assert(digest_base64(hex, base64));
    ck_assert_str_eq(base64, "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
    ck_assert(!digest_base64("e3b0", base64));
    hex[0] = 'E';
    ck_assert(!digest_base64(hex, base64));
}
END_TEST

SUITE(work_token, a_name_is_52_letters_of_base32, the_name_is_the_one_promised,
      tries_and_ids_are_not_part_of_a_name, everything_that_makes_another_effect_makes_another_name,
      the_release_is_the_same_in_every_step_and_generation,
      a_digest_is_written_in_hex_and_in_base64)
