/* links: slipway_rules */
/*
 * What was seen of a package's approval: the generations depend on the set of
 * sightings, never on their order or number.
 */
#include "suite.h"

#include <string.h>

#include "slipway/registry.h"

static struct sightings
seen(const char *text)
{
    struct sightings s;

    ck_assert(sightings_read(&s, str_of(text)));
    return s;
}

START_TEST(each_stretch_of_approved_is_one_generation)
{
    struct approval_run runs[SIGHTINGS_MAX];
    struct sightings s = seen("-50+100+150-200+300");

    ck_assert_uint_eq(sightings_runs(&s, runs), 2);
    ck_assert_int_eq(runs[0].began_s, 100);
    ck_assert_int_eq(runs[0].ended_s, 200);
    ck_assert_int_eq(runs[1].began_s, 300);
    ck_assert_int_eq(runs[1].ended_s, 0);
    ck_assert(run_contains(&runs[0], 150));
    ck_assert(run_contains(&runs[1], 900));
    ck_assert(sightings_approved(&s));
}
END_TEST

START_TEST(order_and_copies_do_not_matter)
{
    const struct sighting all[] = { { 100, SEEN_APPROVED }, { 100, SEEN_REJECTED },
                                    { 150, SEEN_APPROVED }, { 90, SEEN_PENDING },
                                    { 200, SEEN_REJECTED }, { 300, SEEN_APPROVED },
                                    { 300, SEEN_APPROVED } };
    char expected[SIGHTINGS_TEXT_SIZE] = "", text[SIGHTINGS_TEXT_SIZE];
    uint32_t random = 1;

    for (int round = 0; round < 2000; round++) {
        struct sightings s = { .count = 0 };
        bool given[ARRAY_LEN(all)] = { false };

        for (size_t left = ARRAY_LEN(all); left > 0;) {
            size_t i;

            random = random * 1664525U + 1013904223U;
            i = (random >> 8) % ARRAY_LEN(all);
            sightings_add(&s, all[i]); /* Often again. */
            left -= !given[i];
            given[i] = true;
        }
        sightings_write(&s, text);
        if (round == 0)
            memcpy(expected, text, sizeof(expected));
        ck_assert_str_eq(text, expected);
    }
    ck_assert_str_eq(expected, "?90+100-100+150-200+300");
}
END_TEST

START_TEST(a_rejection_dominates_an_approval_of_the_same_second)
{
    struct sightings s = seen("-100");
    struct approval_run runs[SIGHTINGS_MAX];

    ck_assert(sightings_add(&s, (struct sighting){ 100, SEEN_APPROVED }));
    ck_assert(!sightings_approved(&s));
    ck_assert_uint_eq(sightings_runs(&s, runs), 1);
    ck_assert_int_eq(runs[0].ended_s, 100);
    ck_assert(run_contains(&runs[0], 100));
}
END_TEST

/* The approval of that second may be the first that was seen, and a deployment have begun for it.
 */
START_TEST(an_approval_belongs_to_the_generation_that_is_rejected_in_its_second)
{
    struct approval_run runs[SIGHTINGS_MAX];
    struct sightings s = seen("+100+200-200+300?400+400");

    ck_assert_uint_eq(sightings_runs(&s, runs), 3);
    ck_assert(run_contains(&runs[0], 200));
    ck_assert(!run_contains(&runs[0], 201));
    ck_assert(!run_contains(&runs[1], 400));
    ck_assert(run_contains(&runs[2], 400));
}
END_TEST

START_TEST(registered_and_approved_in_one_second_is_approved)
{
    struct sightings s = seen("+100");

    ck_assert(sightings_add(&s, (struct sighting){ 100, SEEN_PENDING }));
    ck_assert(sightings_approved(&s));
}
END_TEST

START_TEST(the_oldest_sighting_makes_room)
{
    struct sightings s = { .count = 0 };

    for (int i = 0; i < SIGHTINGS_MAX + 10; i++)
        ck_assert(
            sightings_add(&s, (struct sighting){ i, i % 2 == 0 ? SEEN_APPROVED : SEEN_PENDING }));
    ck_assert_uint_eq(s.count, SIGHTINGS_MAX);
    ck_assert_int_eq(s.items[0].at_s, 10);
    ck_assert(!sightings_add(&s, (struct sighting){ 3, SEEN_APPROVED }));
}
END_TEST

/* An approval that is confirmed again and again must not become a new one. */
START_TEST(a_generation_keeps_its_beginning_however_often_it_is_seen)
{
    struct approval_run runs[SIGHTINGS_MAX];
    struct sightings s = seen("+100");

    for (int i = 0; i < SIGHTINGS_MAX * 2; i++)
        ck_assert(sightings_add(&s, (struct sighting){ 200 + i, SEEN_APPROVED }));
    ck_assert(sightings_add(&s, (struct sighting){ 900, SEEN_REJECTED }));
    ck_assert_uint_eq(sightings_runs(&s, runs), 1);
    ck_assert_int_eq(runs[0].began_s, 100);
    ck_assert_int_eq(runs[0].ended_s, 900);
}
END_TEST

START_TEST(a_newer_approval_ranks_higher_then_a_higher_version)
{
    ck_assert_int_gt(registry_rank(101, 1), registry_rank(100, 900));
    ck_assert_int_gt(registry_rank(100, 2), registry_rank(100, 1));
    ck_assert_int_gt(registry_rank(4102444800, 0xfffff), 0);
}
END_TEST

START_TEST(a_malformed_text_is_refused)
{
    struct sightings s;
    const char *const bad[] = { "100", "+", "+1x", "*1", "+1+-2" };

    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        ck_assert_msg(!sightings_read(&s, str_of(bad[i])), "%s", bad[i]);
}
END_TEST

SUITE(registry, each_stretch_of_approved_is_one_generation, order_and_copies_do_not_matter,
      a_rejection_dominates_an_approval_of_the_same_second,
      an_approval_belongs_to_the_generation_that_is_rejected_in_its_second,
      registered_and_approved_in_one_second_is_approved, the_oldest_sighting_makes_room,
      a_generation_keeps_its_beginning_however_often_it_is_seen,
      a_newer_approval_ranks_higher_then_a_higher_version, a_malformed_text_is_refused)
