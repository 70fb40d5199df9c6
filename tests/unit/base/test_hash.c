/* test_hash.c: SipHash-1-3 against published vectors; the integer mix.
 *
 * Sources of the vectors: the 64 vectors with the key 00 01 .. 0f over 00 01 .. (n-1) stand in the
 * Rust library's tests (library/coretests/tests/hash/sip.rs, test_siphash_1_3); the hash of the
 * empty message under the key zero stands in OCaml's tests, made with the authors' own code.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/hash.h"
#include "suites.h"
#include "support/random.h"

#include <string.h>

static const uint64_t vectors[64] = {
    0xabac0158050fc4dcu,
    0xc9f49bf37d57ca93u,
    0x82cb9b024dc7d44du,
    0x8bf80ab8e7ddf7fbu,
    0xcf75576088d38328u,
    0xdef9d52f49533b67u,
    0xc50d2b50c59f22a7u,
    0xd3927d989bb11140u,
    0x369095118d299a8eu,
    0x25a48eb36c063de4u,
    0x79de85ee92ff097fu,
    0x70c118c1f94dc352u,
    0x78a384b157b4d9a2u,
    0x306f760c1229ffa7u,
    0x605aa111c0f95d34u,
    0xd320d86d2a519956u,
    0xcc4fdd1a7d908b66u,
    0x9cf2689063dbd80cu,
    0x8ffc389cb473e63eu,
    0xf21f9de58d297d1cu,
    0xc0dc2f46a6cce040u,
    0xb992abfe2b45f844u,
    0x7ffe7b9ba320872eu,
    0x525a0e7fdae6c123u,
    0xf464aeb267349c8cu,
    0x45cd5928705b0979u,
    0x3a3e35e3ca9913a5u,
    0xa91dc74e4ade3b35u,
    0xfb0bed02ef6cd00du,
    0x88d93cb44ab1e1f4u,
    0x540f11d643c5e663u,
    0x2370dd1f8c21d1bcu,
    0x81157b6c16a7b60du,
    0x4d54b9e57a8ff9bfu,
    0x759f12781f2a753eu,
    0xcea1a3bebf186b91u,
    0x2cf508d3ada26206u,
    0xb6101c2da3c33057u,
    0xb3f47496ae3a36a1u,
    0x626b57547b108392u,
    0xc1d2363299e41531u,
    0x667cc1923f1ad944u,
    0x65704ffec8138825u,
    0x24f280d1c28949a6u,
    0xc2ca1cedfaf8876bu,
    0xc2164bfc9f042196u,
    0xa16e9c9368b1d623u,
    0x49fb169c8b5114fdu,
    0x9f3143f8df074c46u,
    0xc6fdaf2412cc86b3u,
    0x7eaf49d10a52098fu,
    0x1cf313559d292f9au,
    0xc44a30dda2f41f12u,
    0x36fae98943a71ed0u,
    0x318fb34c73f0bce6u,
    0xa27abf3670a7e980u,
    0xb4bcc0db243c6d75u,
    0x23f8d852fdb71513u,
    0x8f035f4da67d8a08u,
    0xd89cd0e5b7e8f148u,
    0xf6f4e6bcf7a644eeu,
    0xaec59ad80f1837f2u,
    0xc3b2f6154b6694e0u,
    0x9d199062b7bbb3a8u,
};

START_TEST(published_vectors)
{
    struct hash_key key = {0x0706050403020100u, 0x0f0e0d0c0b0a0908u};
    uint8_t message[64];
    for (unsigned i = 0; i < 64; i++)
        message[i] = (uint8_t)i;
    for (unsigned i = 0; i < 64; i++)
        ck_assert_uint_eq(hash_bytes(key, message, i), vectors[i]);
    struct hash_key zero = {0, 0};
    ck_assert_uint_eq(hash_bytes(zero, "", 0), 0xd1fba762150c532cu);
    /* SipHash-2-4: appendix A of the paper, and the first of the authors' vectors. */
    ck_assert_uint_eq(hash_proof(key, message, 15), 0xa129ca6149be45e5u);
    ck_assert_uint_eq(hash_proof(key, message, 0), 0x726fdb47dd0e0e31u);
}
END_TEST

START_TEST(place_in_memory_does_not_matter)
{
    struct hash_key key = {1, 2};
    uint8_t bytes[80];
    struct random random;
    random_start(&random, "hash");
    random_fill(&random, bytes, 64);
    uint64_t expected = hash_bytes(key, bytes, 56);
    for (unsigned shift = 1; shift < 16; shift++) {
        uint8_t moved[80];
        memcpy(moved + shift, bytes, 56);
        ck_assert_uint_eq(hash_bytes(key, moved + shift, 56), expected);
    }
}
END_TEST

/* Every bit of the message and of the key changes about half of the hash. */
START_TEST(every_bit_counts)
{
    struct hash_key key = {0x1122334455667788u, 0x99aabbccddeeff00u};
    uint8_t message[56] = {0};
    uint64_t hash = hash_bytes(key, message, sizeof message);
    int flipped = 0;
    for (unsigned bit = 0; bit < 8 * sizeof message; bit++) {
        message[bit / 8] ^= (uint8_t)(1u << bit % 8);
        int changed = __builtin_popcountll(hash ^ hash_bytes(key, message, sizeof message));
        message[bit / 8] ^= (uint8_t)(1u << bit % 8);
        ck_assert_int_gt(changed, 8);
        flipped += changed;
    }
    ck_assert_int_gt(flipped, 448 * 30);
    ck_assert_int_lt(flipped, 448 * 34);
    for (unsigned bit = 0; bit < 64; bit++) {
        struct hash_key k0 = {key.k0 ^ 1ull << bit, key.k1};
        struct hash_key k1 = {key.k0, key.k1 ^ 1ull << bit};
        ck_assert_uint_ne(hash_bytes(k0, message, sizeof message), hash);
        ck_assert_uint_ne(hash_bytes(k1, message, sizeof message), hash);
    }
}
END_TEST

START_TEST(random_keys_differ)
{
    struct hash_key a = hash_key_random();
    struct hash_key b = hash_key_random();
    ck_assert(a.k0 != b.k0 || a.k1 != b.k1);
    ck_assert_uint_ne(a.k0, a.k1);
}
END_TEST

Suite *hash_suite(void)
{
    Suite *suite = suite_create("hash");
    TCase *tests = tcase_create("hash");
    tcase_add_test(tests, published_vectors);
    tcase_add_test(tests, place_in_memory_does_not_matter);
    tcase_add_test(tests, every_bit_counts);
    tcase_add_test(tests, random_keys_differ);
    suite_add_tcase(suite, tests);
    return suite;
}
