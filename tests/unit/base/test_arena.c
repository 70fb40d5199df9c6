/* test_arena.c: ceilings, alignment and reuse of arenas.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"
#include "suites.h"
#include "support/expect.h"
#include "support/random.h"

#include <stdint.h>
#include <string.h>

START_TEST(ceiling_is_exact)
{
    struct arena arena;
    arena_init(&arena, 64, 256);
    for (int i = 0; i < 16; i++)
        ck_assert_ptr_nonnull(arena_try_alloc(&arena, 16));
    ck_assert_uint_eq(arena.total, 256);
    ck_assert_ptr_null(arena_try_alloc(&arena, 1));
    ck_assert_uint_eq(arena.total, 256);
    arena_finish(&arena);
}
END_TEST

START_TEST(refuses_what_never_fits)
{
    struct arena arena;
    arena_init(&arena, 64, 256);
    ck_assert_ptr_null(arena_try_alloc(&arena, SIZE_MAX));
    ck_assert_ptr_null(arena_try_alloc(&arena, SIZE_MAX - 15));
    ck_assert_ptr_null(arena_try_alloc(&arena, SIZE_MAX - 31));
    ck_assert_ptr_null(arena_try_alloc(&arena, 257));
    ck_assert_ptr_null(arena_try_alloc(&arena, 272));
    /* A refusal takes nothing; what fits still fits. */
    ck_assert_uint_eq(arena.total, 0);
    ck_assert_ptr_nonnull(arena_try_alloc(&arena, 256));
    ck_assert_ptr_null(arena_try_alloc(&arena, 16));
    arena_finish(&arena);
}
END_TEST

START_TEST(large_request_gets_a_block_of_its_own)
{
    struct arena arena;
    arena_init(&arena, 64, 4096);
    char *small = arena_try_alloc(&arena, 16);
    char *large = arena_try_alloc(&arena, 1000);
    ck_assert_ptr_nonnull(small);
    ck_assert_ptr_nonnull(large);
    memset(small, 1, 16);
    memset(large, 2, 1000);
    ck_assert_int_eq(small[15], 1);
    ck_assert_uint_eq(arena.total, 64 + 1008);
    arena_finish(&arena);
    ck_assert_uint_eq(arena.total, 0);
}
END_TEST

START_TEST(reset_keeps_the_first_block)
{
    struct arena arena;
    arena_init(&arena, 128, 1024);
    arena_reset(&arena); /* of an arena that has no memory yet */
    void *first = arena_try_alloc(&arena, 100);
    for (int i = 0; i < 7; i++)
        ck_assert_ptr_nonnull(arena_try_alloc(&arena, 100));
    ck_assert_ptr_null(arena_try_alloc(&arena, 100));
    arena_reset(&arena);
    ck_assert_uint_eq(arena.total, 128);
    ck_assert_ptr_eq(arena_try_alloc(&arena, 100), first);
    for (int i = 0; i < 7; i++)
        ck_assert_ptr_nonnull(arena_try_alloc(&arena, 100));
    ck_assert_ptr_null(arena_try_alloc(&arena, 100));
    arena_finish(&arena);
}
END_TEST

/* Pieces keep their content while others come, are aligned, and never pass the ceiling. */
START_TEST(random_pieces_do_not_overlap)
{
    enum { PIECES_MAX = 2000 };
    static struct {
        uint8_t *bytes;
        size_t length;
        uint8_t fill;
    } pieces[PIECES_MAX];
    struct random random;
    random_start(&random, "arena");
    for (int round = 0; round < 20; round++) {
        struct arena arena;
        size_t ceiling = (size_t)random_between(&random, 4096, 100000);
        arena_init(&arena, (size_t)random_between(&random, 1, 4096), ceiling);
        int count = 0;
        while (count < PIECES_MAX) {
            size_t length = (size_t)random_below(&random, 200);
            uint8_t *bytes = arena_try_alloc(&arena, length);
            if (!bytes)
                break;
            EXPECT((uintptr_t)bytes % 16 == 0);
            EXPECT(arena.total <= ceiling);
            uint8_t fill = (uint8_t)random_u64(&random);
            memset(bytes, fill, length);
            pieces[count].bytes = bytes;
            pieces[count].length = length;
            pieces[count].fill = fill;
            count++;
        }
        ck_assert_int_gt(count, 10);
        for (int i = 0; i < count; i++) {
            for (size_t k = 0; k < pieces[i].length; k++)
                EXPECT(pieces[i].bytes[k] == pieces[i].fill);
        }
        arena_finish(&arena);
    }
}
END_TEST

Suite *arena_suite(void)
{
    Suite *suite = suite_create("arena");
    TCase *tests = tcase_create("arena");
    tcase_add_test(tests, ceiling_is_exact);
    tcase_add_test(tests, refuses_what_never_fits);
    tcase_add_test(tests, large_request_gets_a_block_of_its_own);
    tcase_add_test(tests, reset_keeps_the_first_block);
    tcase_add_test(tests, random_pieces_do_not_overlap);
    tcase_set_timeout(tests, 60);
    suite_add_tcase(suite, tests);
    return suite;
}
