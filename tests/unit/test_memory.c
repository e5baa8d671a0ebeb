/* links: slipway_base */
#include "slipway/memory.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "slipway/arena.h"
#include "slipway/error.h"
#include "suite.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer) && !defined(__SANITIZE_ADDRESS__)
#define __SANITIZE_ADDRESS__ 1 /* As gcc says it. */
#endif
#endif

START_TEST(allocates_even_nothing)
{
    void *a = xmalloc(0), *b = xcalloc(0, 8);
    char *c = xcalloc(100, 1);

    ck_assert(a != NULL && b != NULL);
    for (size_t i = 0; i < 100; i++)
        ck_assert_int_eq(c[i], 0);
    a = xrealloc(a, 10);
    a = xrealloc(a, 0);
    ck_assert_ptr_nonnull(a);
    free(a);
    free(b);
    free(c);
}
END_TEST

START_TEST(copies_texts)
{
    char *a = xstrdup("abc"), *b = xstrcopy((struct str){ "abcdef", 3 }), *c = xstrdup(NULL);

    ck_assert_str_eq(a, "abc");
    ck_assert_str_eq(b, "abc");
    ck_assert_str_eq(c, "");
    free(a);
    free(b);
    free(c);
}
END_TEST

static void
end_well(void)
{
    exit(0);
}

START_TEST(ends_the_process_when_memory_runs_out)
{
#ifdef __SANITIZE_ADDRESS__ /* Ends the process itself, and calls it a finding. */
    return;
#endif
    if (strcmp(getenv("CK_FORK") != NULL ? getenv("CK_FORK") : "yes", "no") == 0)
        return;                           /* Would end all tests. */
    volatile size_t count = SIZE_MAX / 2; /* Hidden, so that no compiler sees the mistake. */

    memory_exhausted = end_well;
    free(xcalloc(count, 4));
    ck_abort_msg("went on");
}
END_TEST

START_TEST(grows_a_buffer_up_to_its_maximum)
{
    struct buf b = { .max = 1000 };

    ck_assert_uint_eq(buf_str(&b).len, 0);
    buf_add(&b, STR(""));
    for (int i = 0; i < 100; i++)
        buf_add(&b, STR("0123456789"));
    ck_assert(!b.overflow);
    ck_assert_uint_eq(b.len, 1000);
    ck_assert_uint_eq(strlen(b.at), 1000);
    buf_char(&b, 'x');
    ck_assert(b.overflow);
    ck_assert_uint_eq(b.len, 1000);
    buf_clear(&b);
    ck_assert(!b.overflow);
    ck_assert_str_eq(b.at, "");
    buf_add(&b, STR("again"));
    ck_assert(str_is(buf_str(&b), "again"));
    buf_free(&b);
    ck_assert(b.at == NULL && b.max == 1000);
    buf_char(&b, 'x');
    ck_assert_str_eq(b.at, "x");
    buf_free(&b);
}
END_TEST

START_TEST(adds_nothing_after_an_overflow)
{
    struct buf b = { .max = 5 };

    buf_add(&b, STR("abc"));
    buf_add(&b, STR("def"));
    buf_add(&b, STR("g")); /* Would fit. */
    ck_assert(b.overflow);
    ck_assert_str_eq(b.at, "abc");
    buf_printf(&b, "%d", 1);
    ck_assert_str_eq(b.at, "abc");
    buf_free(&b);
}
END_TEST

START_TEST(prints_into_a_buffer)
{
    struct buf b = { .max = 600 };

    buf_printf(&b, "%s %d", "a", 5);
    buf_printf(&b, "%500s", "x");
    ck_assert_uint_eq(b.len, 503);
    ck_assert(!b.overflow);
    buf_printf(&b, "%98s", "y");
    ck_assert(b.overflow);
    ck_assert_uint_eq(b.len, 503);
    buf_clear(&b);
    buf_printf(&b, "%s", "");
    ck_assert_str_eq(b.at, "");
    buf_free(&b);
}
END_TEST

START_TEST(takes_zeroed_and_aligned_pieces_from_an_arena)
{
    struct arena *a = arena_new();
    char *pieces[300];
    size_t sizes[300];
    bool whole = true;

    for (size_t i = 0; i < ARRAY_LEN(pieces); i++) {
        sizes[i] = i * i % 9001;
        pieces[i] = arena_take(a, sizes[i]);
        ck_assert_uint_eq((uintptr_t)pieces[i] % _Alignof(max_align_t), 0);
        for (size_t k = 0; k < sizes[i]; k++)
            whole = whole && pieces[i][k] == 0;
        memset(pieces[i], (int)(i % 100) + 1, sizes[i]);
    }
    for (size_t i = 0; i < ARRAY_LEN(pieces); i++)
        for (size_t k = 0; k < sizes[i]; k++)
            whole = whole && pieces[i][k] == (char)(i % 100 + 1);
    ck_assert(whole);
    ck_assert_str_eq(arena_copy(a, (struct str){ "abcdef", 3 }), "abc");
    ck_assert_str_eq(arena_copy(a, (struct str){ NULL, 0 }), "");
    memset(arena_take(a, 10U << 20), 1, 10U << 20);
    arena_free(a);
    arena_free(NULL);
}
END_TEST

START_TEST(builds_an_error_outward)
{
    struct error e;

    ck_assert(!error_set(&e, ERROR_CONFLICT, "deployment %d moved on", 1));
    ck_assert(!error_while(&e, "commit fact %s", "f1"));
    ck_assert_str_eq(e.text, "commit fact f1: deployment 1 moved on");
    ck_assert_int_eq(e.kind, ERROR_CONFLICT);
    ck_assert(!error_is_transient(&e));
    for (int i = 0; i < 1000; i++)
        error_while(&e, "again and again");
    ck_assert_uint_lt(strlen(e.text), sizeof(e.text));
    error_set(&e, ERROR_UNREACHABLE, "no answer");
    ck_assert(error_is_transient(&e));
    error_set(&e, ERROR_STORAGE, "disk full");
    ck_assert(error_is_transient(&e));
}
END_TEST

SUITE(memory, allocates_even_nothing, copies_texts, ends_the_process_when_memory_runs_out,
      grows_a_buffer_up_to_its_maximum, adds_nothing_after_an_overflow, prints_into_a_buffer,
      takes_zeroed_and_aligned_pieces_from_an_arena, builds_an_error_outward)
