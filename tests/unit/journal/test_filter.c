/* test_filter.c: filters never deny a key that they hold, and seldom hold one that they do not.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/hash.h"
#include "journal/filter.h"
#include "suites.h"
#include "support/expect.h"
#include "support/random.h"

#include <stdlib.h>
#include <string.h>

static struct key_filter filter_for(int64_t keys)
{
    struct key_filter filter = {.length = key_filter_bytes(keys)};
    filter.bytes = calloc(1, filter.length);
    EXPECT(filter.bytes != NULL);
    return filter;
}

START_TEST(a_filter_grows_with_its_keys)
{
    EXPECT(key_filter_bytes(1) == 64);
    for (int64_t keys = 1; keys < 5000000; keys = keys * 3 + 1) {
        size_t bytes = key_filter_bytes(keys);
        EXPECT(bytes % 64 == 0);
        EXPECT(bytes >= (size_t)keys * 10 / 8);
        EXPECT(bytes <= (size_t)keys * 5 + 64);
    }
}
END_TEST

START_TEST(an_empty_filter_has_nothing)
{
    struct key_filter filter = filter_for(1000);
    struct random random;
    random_start(&random, "an_empty_filter_has_nothing");
    for (int i = 0; i < 10000; i++)
        EXPECT(!key_filter_may_have(&filter, random_u64(&random)));
    free(filter.bytes);
}
END_TEST

/* Filters of many sizes, full to their count. */
START_TEST(no_key_is_denied_and_few_are_made_up)
{
    static const int64_t sizes[] = {1, 7, 100, 1000, 65536, 300000};
    struct random random;
    random_start(&random, "no_key_is_denied_and_few_are_made_up");
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        int64_t keys = sizes[s];
        struct key_filter filter = filter_for(keys);
        uint64_t *hashes = malloc((size_t)keys * sizeof *hashes);
        EXPECT(hashes != NULL);
        struct hash_key secret = {random_u64(&random), random_u64(&random)};
        for (int64_t i = 0; i < keys; i++) {
            /* As real keys are: they differ in a few digits. */
            hashes[i] = hash_bytes(secret, &i, sizeof i);
            key_filter_add(&filter, hashes[i]);
        }
        for (int64_t i = 0; i < keys; i++)
            EXPECT(key_filter_may_have(&filter, hashes[i]));
        int64_t asked = 200000, made_up = 0;
        for (int64_t i = keys; i < keys + asked; i++)
            made_up += key_filter_may_have(&filter, hash_bytes(secret, &i, sizeof i));
        EXPECT_MSG(made_up < asked / 100, "%d of %d are made up with %d keys", (int)made_up,
            (int)asked, (int)keys);
        free(hashes);
        free(filter.bytes);
    }
}
END_TEST

/* A filter that is folded has what it had, and is as small as one that was made for so many. */
START_TEST(a_folded_filter_denies_nothing)
{
    static const int64_t most[] = {1, 16, 1000, 1001, 100000};
    struct random random;
    random_start(&random, "a_folded_filter_denies_nothing");
    for (size_t m = 0; m < sizeof most / sizeof *most; m++) {
        for (int64_t keys = 0; keys <= most[m]; keys = keys * 7 + 1) {
            struct key_filter filter = {.length = key_filter_foldable_bytes(most[m])};
            EXPECT(filter.length >= key_filter_bytes(most[m]));
            filter.bytes = calloc(1, filter.length);
            uint64_t *hashes = malloc(((size_t)keys + 1) * sizeof *hashes);
            EXPECT(filter.bytes != NULL && hashes != NULL);
            for (int64_t i = 0; i < keys; i++)
                key_filter_add(&filter, hashes[i] = random_u64(&random));
            key_filter_fold(&filter, keys);
            EXPECT(keys > 0 || filter.length == 0);
            EXPECT_MSG(keys == 0 || (filter.length >= key_filter_bytes(keys) &&
                                        filter.length < 2 * key_filter_bytes(keys) + 64),
                "%d of %d: %d bytes", (int)keys, (int)most[m], (int)filter.length);
            size_t length = filter.length;
            key_filter_fold(&filter, keys);
            EXPECT(filter.length == length);
            for (int64_t i = 0; i < keys; i++)
                EXPECT(key_filter_may_have(&filter, hashes[i]));
            int made_up = 0;
            for (int i = 0; keys > 0 && i < 20000; i++)
                made_up += key_filter_may_have(&filter, random_u64(&random));
            EXPECT_MSG(made_up < 200, "%d are made up with %d keys", made_up, (int)keys);
            free(hashes);
            free(filter.bytes);
        }
    }
}
END_TEST

START_TEST(references_have_hashes_of_their_ledger)
{
    const struct hash_key secret = {1, 2}, other = {1, 3};
    uint64_t hash = reference_hash(secret, 1, text_of("B-1"));
    EXPECT(hash == reference_hash(secret, 1, text_of("B-1")));
    EXPECT(hash != reference_hash(secret, 2, text_of("B-1")));
    EXPECT(hash != reference_hash(secret, 1, text_of("B-2")));
    EXPECT(hash != reference_hash(other, 1, text_of("B-1")));
}
END_TEST

/* ---- the set ---- */

START_TEST(the_segments_that_may_have_it_have_a_span)
{
    struct key_filter filter = filter_for(100), empty = filter_for(100);
    struct filter_set *set = filter_set_create(3 * filter.length);
    struct buffer parts = {0};
    int64_t first = 0, last = 0;
    key_filter_add(&filter, 77);
    EXPECT(!filter_set_find(set, 77, 0, &parts, &first, &last));
    filter_set_add_dateless(set, 1, 10, empty.bytes, empty.length);
    filter_set_add_dateless(set, 11, 20, filter.bytes, filter.length);
    filter_set_add_dateless(set, 21, 30, empty.bytes, empty.length);
    EXPECT(!filter_set_find(set, 78, 0, &parts, &first, &last) && first == 0);
    EXPECT(filter_set_find(set, 77, 0, &parts, &first, &last) && first == 11 && last == 20);
    /* One that is not known may have anything; one beyond the ceiling takes the oldest's filter. */
    filter_set_add_dateless(set, 31, 40, NULL, 0);
    EXPECT(filter_set_find(set, 78, 0, &parts, &first, &last) && first == 31 && last == 40);
    EXPECT(filter_set_find(set, 77, 0, &parts, &first, &last) && first == 11 && last == 40);
    filter_set_add_dateless(set, 41, 50, filter.bytes, filter.length);
    EXPECT(filter_set_find(set, 78, 0, &parts, &first, &last) && first == 1 && last == 40);
    EXPECT(filter_set_find(set, 77, 0, &parts, &first, &last) && first == 1 && last == 50);
    EXPECT(parts.length == 0);
    filter_set_destroy(set);
    free(filter.bytes);
    free(empty.bytes);
}
END_TEST

/* Those with parts are named with the part, the others are elsewhere. */
START_TEST(the_parts_that_may_have_it)
{
    struct key_filter filter = filter_for(10), empty = filter_for(10);
    struct filter_set *set = filter_set_create(1 << 20);
    uint8_t digests[3 * DIGEST_BYTES];
    struct buffer found = {0};
    int64_t first = 0, last = 0;
    uint64_t hash = UINT64_C(0xf000000000000001); /* in the last part */
    for (size_t i = 0; i < sizeof digests; i++)
        digests[i] = (uint8_t)(i / DIGEST_BYTES);
    key_filter_add(&filter, hash);
    filter_set_add(set, 1000, 100, 101, filter.bytes, filter.length);
    filter_set_add_parts(set, 1, digests, 3);
    filter_set_add(set, 2000, 100, 101, empty.bytes, empty.length);
    filter_set_add_parts(set, 1001, digests, 3);
    filter_set_add(set, 3000, 101, 102, NULL, 0); /* the filter was given up, not the parts */
    filter_set_add_parts(set, 2001, digests, 2);
    memset(digests, 9, sizeof digests); /* the set has its own copy */
    EXPECT(!filter_set_find(set, hash, 101, &found, &first, &last));
    const struct segment_part *parts = (const void *)found.bytes;
    EXPECT(found.length == 2 * sizeof *parts);
    EXPECT(parts[0].first_sequence == 1 && parts[0].last_sequence == 1000);
    EXPECT(parts[0].number == 2 && parts[0].digest[0] == 2);
    EXPECT(parts[1].first_sequence == 2001 && parts[1].last_sequence == 3000);
    EXPECT(parts[1].number == 1 && parts[1].digest[DIGEST_BYTES - 1] == 1);
    buffer_clear(&found);
    EXPECT(!filter_set_find(set, hash, 103, &found, &first, &last) && found.length == 0);
    filter_set_add(set, 4000, 101, 101, filter.bytes, filter.length);
    filter_set_add_parts(set, 3001, NULL, 0);
    EXPECT(filter_set_find(set, hash, 101, &found, &first, &last));
    EXPECT(found.length == 2 * sizeof *parts && last == 4000);
    /* Of what was dropped nobody knows. */
    filter_set_drop_before(set, 102);
    buffer_clear(&found);
    EXPECT(filter_set_find(set, hash, 101, &found, &first, &last));
    EXPECT(!filter_set_find(set, hash, 102, &found, &first, &last));
    EXPECT(found.length == 2 * sizeof *parts && parts[0].first_sequence == 2001);
    buffer_finish(&found);
    filter_set_destroy(set);
    free(filter.bytes);
    free(empty.bytes);
}
END_TEST

START_TEST(an_empty_set_has_nothing)
{
    struct filter_set *set = filter_set_create(1000);
    EXPECT(!filter_set_may_have(set, 1, 20000));
    filter_set_drop_before(set, 20000);
    EXPECT(!filter_set_may_have(set, 1, 20000));
    filter_set_destroy(set);
    filter_set_destroy(NULL);
}
END_TEST

START_TEST(dates_choose_the_segments)
{
    struct filter_set *set = filter_set_create(1 << 20);
    struct key_filter filter = filter_for(10);
    key_filter_add(&filter, 77);
    filter_set_add(set, 1000, 100, 102, filter.bytes, filter.length);
    memset(filter.bytes, 0, filter.length); /* the set has its own copy */
    for (int32_t date = 95; date < 110; date++) {
        bool within = date >= 100 && date <= 102;
        EXPECT_MSG(filter_set_may_have(set, 77, date) == within, "date %d", date);
        EXPECT_MSG(!filter_set_may_have(set, 78, date), "date %d", date);
    }
    /* A segment without a filter: maybe, on its dates. */
    filter_set_add(set, 2000, 105, 105, NULL, 0);
    EXPECT(filter_set_may_have(set, 78, 105));
    EXPECT(!filter_set_may_have(set, 78, 104));
    EXPECT(!filter_set_may_have(set, 78, 106));
    /* Filters that were damaged on their way are no filters. */
    filter_set_add(set, 3000, 110, 110, filter.bytes, 63);
    filter_set_add(set, 4000, 111, 111, filter.bytes, 0);
    EXPECT(filter_set_may_have(set, 78, 110));
    EXPECT(filter_set_may_have(set, 78, 111));
    free(filter.bytes);
    filter_set_destroy(set);
}
END_TEST

START_TEST(dropped_segments_answer_maybe)
{
    struct filter_set *set = filter_set_create(1 << 20);
    struct key_filter filter = filter_for(10);
    key_filter_add(&filter, 77);
    filter_set_add(set, 1000, 100, 100, filter.bytes, filter.length);
    filter_set_add(set, 2000, 101, 103, filter.bytes, filter.length);
    filter_set_add(set, 3000, 104, 104, filter.bytes, filter.length);
    filter_set_drop_before(set, 100);
    EXPECT(!filter_set_may_have(set, 78, 100));
    filter_set_drop_before(set, 103);          /* the second holds 103 still */
    EXPECT(filter_set_may_have(set, 78, 100)); /* forgotten, so it may be there */
    EXPECT(filter_set_may_have(set, 78, 50));
    EXPECT(!filter_set_may_have(set, 78, 101));
    EXPECT(filter_set_may_have(set, 77, 102));
    EXPECT(filter_set_may_have(set, 77, 104));
    filter_set_drop_before(set, 105);
    EXPECT(filter_set_may_have(set, 78, 104));
    EXPECT(!filter_set_may_have(set, 78, 105));
    free(filter.bytes);
    filter_set_destroy(set);
}
END_TEST

/* Beyond the ceiling the oldest dates lose their filters first: they answer maybe, the newest ones
 * stay exact. */
START_TEST(the_ceiling_takes_the_oldest_filters)
{
    struct key_filter filter = filter_for(100);
    struct filter_set *set = filter_set_create(3 * filter.length);
    key_filter_add(&filter, 77);
    for (int32_t i = 0; i < 10; i++)
        filter_set_add(set, 1000 * (i + 1), 100 + i, 100 + i, filter.bytes, filter.length);
    for (int32_t i = 0; i < 10; i++) {
        EXPECT(filter_set_may_have(set, 77, 100 + i));
        EXPECT_MSG(filter_set_may_have(set, 78, 100 + i) == (i < 7), "segment %d", i);
    }
    filter_set_destroy(set);
    /* One that is larger than the ceiling takes nothing from the others. */
    set = filter_set_create(filter.length - 1);
    filter_set_add(set, 1000, 100, 100, filter.bytes, filter.length);
    EXPECT(filter_set_may_have(set, 78, 100));
    filter_set_destroy(set);
    free(filter.bytes);
}
END_TEST

/* No key of a segment is ever denied, whatever was added, dropped and given up. */
START_TEST(random_sets_deny_nothing)
{
    enum { SEGMENTS = 40, KEYS = 200 };
    static struct {
        uint64_t hashes[KEYS];
        int32_t dates[KEYS];
    } segments[SEGMENTS];
    struct random random;
    random_start(&random, "random_sets_deny_nothing");
    for (int round = 0; round < 20; round++) {
        struct filter_set *set =
            filter_set_create(key_filter_bytes(KEYS) * (1 + random_below(&random, SEGMENTS)));
        for (int s = 0; s < SEGMENTS; s++) {
            struct key_filter filter = filter_for(KEYS);
            int32_t first = INT32_MAX, last = INT32_MIN;
            for (int k = 0; k < KEYS; k++) {
                int32_t date = 20000 + s / 3 + (int32_t)random_between(&random, -3, 1);
                segments[s].hashes[k] = random_u64(&random);
                segments[s].dates[k] = date;
                first = date < first ? date : first;
                last = date > last ? date : last;
                key_filter_add(&filter, segments[s].hashes[k]);
            }
            bool bare = random_percent(&random, 10);
            filter_set_add(set, KEYS * (s + 1), first, last, bare ? NULL : filter.bytes,
                bare ? 0 : filter.length);
            free(filter.bytes);
            if (random_percent(&random, 20))
                filter_set_drop_before(set, 20000 + s / 3 - 3);
            for (int n = 0; n < 200; n++) {
                int t = (int)random_between(&random, 0, s);
                int k = (int)random_below(&random, KEYS);
                EXPECT(filter_set_may_have(set, segments[t].hashes[k], segments[t].dates[k]));
            }
        }
        filter_set_destroy(set);
    }
}
END_TEST

Suite *filter_suite(void)
{
    Suite *suite = suite_create("filter");
    TCase *tests = tcase_create("filter");
    tcase_add_test(tests, a_filter_grows_with_its_keys);
    tcase_add_test(tests, an_empty_filter_has_nothing);
    tcase_add_test(tests, no_key_is_denied_and_few_are_made_up);
    tcase_add_test(tests, a_folded_filter_denies_nothing);
    tcase_add_test(tests, references_have_hashes_of_their_ledger);
    tcase_add_test(tests, the_segments_that_may_have_it_have_a_span);
    tcase_add_test(tests, the_parts_that_may_have_it);
    tcase_add_test(tests, an_empty_set_has_nothing);
    tcase_add_test(tests, dates_choose_the_segments);
    tcase_add_test(tests, dropped_segments_answer_maybe);
    tcase_add_test(tests, the_ceiling_takes_the_oldest_filters);
    tcase_add_test(tests, random_sets_deny_nothing);
    tcase_set_timeout(tests, 60);
    suite_add_tcase(suite, tests);
    return suite;
}
