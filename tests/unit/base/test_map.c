/* test_map.c: the hash index against a plain list.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/hash.h"
#include "base/map.h"
#include "suites.h"
#include "support/expect.h"
#include "support/random.h"

#include <signal.h>
#include <string.h>

/* How often the map offers the slot as a candidate for the hash. */
static int times_offered(const struct map *map, uint64_t hash, uint32_t slot)
{
    int times = 0;
    uint64_t cursor = 0;
    for (;;) {
        uint32_t candidate = map_next(map, hash, &cursor);
        if (candidate == MAP_NONE)
            return times;
        times += candidate == slot;
    }
}

static uint64_t hash_of(uint32_t i)
{
    return hash_bytes((struct hash_key){1, 2}, &i, sizeof i);
}

static uint64_t candidates(const struct map *map, uint64_t hash)
{
    uint64_t count = 0;
    uint64_t cursor = 0;
    while (map_next(map, hash, &cursor) != MAP_NONE)
        count++;
    return count;
}

START_TEST(holds_exactly_its_ceiling)
{
    static const uint64_t ceilings[] = {1, 2, 11, 12, 13, 24, 25, 1000};
    for (size_t c = 0; c < sizeof ceilings / sizeof *ceilings; c++) {
        struct map map;
        map_init(&map, ceilings[c]);
        for (uint32_t i = 0; i < ceilings[c]; i++)
            map_insert(&map, 7, i); /* one run of collisions */
        ck_assert_uint_eq(map.count, ceilings[c]);
        for (uint32_t i = 0; i < ceilings[c]; i++)
            ck_assert_int_eq(times_offered(&map, 7, i), 1);
        ck_assert_uint_eq(candidates(&map, 8), 0); /* ends though the neighbours are taken */
        map_finish(&map);
    }
}
END_TEST

START_TEST(one_more_than_the_ceiling_is_a_bug)
{
    struct map map;
    map_init(&map, 3);
    for (uint32_t i = 0; i < 4; i++)
        map_insert(&map, i, i);
}
END_TEST

START_TEST(removing_what_is_not_there_is_a_bug)
{
    struct map map;
    map_init(&map, 3);
    map_insert(&map, 5, 1);
    map_remove(&map, 5, 2);
}
END_TEST

START_TEST(slot_none_is_a_bug)
{
    struct map map;
    map_init(&map, 3);
    map_insert(&map, 5, MAP_NONE);
}
END_TEST

START_TEST(largest_slot_and_wrap_around)
{
    struct map map;
    map_init(&map, 12); /* 16 cells */
    /* A run that starts in the last cell and goes on in the first. */
    map_insert(&map, UINT64_MAX, MAP_NONE - 1);
    map_insert(&map, UINT64_MAX, 0);
    map_insert(&map, UINT64_MAX - 16, 1);
    map_insert(&map, 0, 2);
    ck_assert_int_eq(times_offered(&map, UINT64_MAX, MAP_NONE - 1), 1);
    ck_assert_int_eq(times_offered(&map, UINT64_MAX, 0), 1);
    ck_assert_int_eq(times_offered(&map, UINT64_MAX, 1), 0);
    map_remove(&map, UINT64_MAX, MAP_NONE - 1);
    ck_assert_int_eq(times_offered(&map, UINT64_MAX, 0), 1);
    ck_assert_int_eq(times_offered(&map, UINT64_MAX - 16, 1), 1);
    ck_assert_int_eq(times_offered(&map, 0, 2), 1);
    map_remove(&map, 0, 2);
    map_remove(&map, UINT64_MAX, 0);
    ck_assert_int_eq(times_offered(&map, UINT64_MAX - 16, 1), 1);
    map_remove(&map, UINT64_MAX - 16, 1);
    ck_assert_uint_eq(map.count, 0);
    map_finish(&map);
}
END_TEST

/* Random inserts and removals with few distinct hashes, so that runs grow, join, wrap and break. */
START_TEST(random_history_against_a_list)
{
    enum { ENTRIES_MAX = 96 };
    struct entry {
        uint64_t hash;
        uint32_t slot;
    } list[ENTRIES_MAX];
    struct random random;
    random_start(&random, "map");
    for (int round = 0; round < 20; round++) {
        struct map map;
        map_init(&map, ENTRIES_MAX);
        uint64_t spread = 1 + random_below(&random, 200);
        uint64_t offset = random_below(&random, 2) ? UINT64_MAX - spread / 2 : 0;
        uint32_t count = 0;
        uint32_t next_slot = 0;
        for (int step = 0; step < 3000; step++) {
            bool insert = random_percent(&random, step / 500 % 2 ? 40 : 60);
            if (insert && count < ENTRIES_MAX) {
                struct entry entry = {offset + random_below(&random, spread), next_slot++};
                map_insert(&map, entry.hash, entry.slot);
                list[count++] = entry;
            } else if (count > 0) {
                uint32_t i = (uint32_t)random_below(&random, count);
                map_remove(&map, list[i].hash, list[i].slot);
                list[i] = list[--count];
            }
            EXPECT(map.count == count);
            if (step % 16 != 0)
                continue;
            for (uint64_t h = 0; h < spread; h++) {
                uint64_t same = 0;
                for (uint32_t i = 0; i < count; i++)
                    same += list[i].hash == offset + h;
                EXPECT(candidates(&map, offset + h) == same);
            }
            for (uint32_t i = 0; i < count; i++)
                EXPECT(times_offered(&map, list[i].hash, list[i].slot) == 1);
        }
        map_finish(&map);
    }
}
END_TEST

/* Levels open one after the other; every entry is found whichever level it is in. */
START_TEST(grows_by_levels)
{
    struct map map;
    map_init_growing(&map, 8, 5000);
    for (uint32_t i = 0; i < 5000; i++)
        map_insert(&map, hash_of(i), i);
    ck_assert_uint_gt(map.level_count, 5);
    ck_assert_uint_eq(map.count, 5000);
    for (uint32_t i = 0; i < 5000; i++)
        ck_assert_int_eq(times_offered(&map, hash_of(i), i), 1);
    for (uint32_t i = 0; i < 5000; i += 2)
        map_remove(&map, hash_of(i), i);
    ck_assert_uint_eq(map.count, 2500);
    for (uint32_t i = 0; i < 5000; i++)
        ck_assert_int_eq(times_offered(&map, hash_of(i), i), i % 2);
    map_finish(&map);
}
END_TEST

Suite *map_suite(void)
{
    Suite *suite = suite_create("map");
    TCase *tests = tcase_create("map");
    tcase_add_test(tests, holds_exactly_its_ceiling);
    tcase_add_test_raise_signal(tests, one_more_than_the_ceiling_is_a_bug, SIGABRT);
    tcase_add_test_raise_signal(tests, removing_what_is_not_there_is_a_bug, SIGABRT);
    tcase_add_test_raise_signal(tests, slot_none_is_a_bug, SIGABRT);
    tcase_add_test(tests, largest_slot_and_wrap_around);
    tcase_add_test(tests, random_history_against_a_list);
    tcase_add_test(tests, grows_by_levels);
    tcase_set_timeout(tests, 60);
    suite_add_tcase(suite, tests);
    return suite;
}
