/* proof.c: see proof.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "journal/proof.h"

#include "base/buffer.h"
#include "base/check.h"
#include "base/reader.h"

#include <openssl/evp.h>
#include <string.h>

static const uint8_t no_key[PROOF_KEY_BYTES];

const struct proof_key proof_no_key = {.number = 0, .bytes = no_key};

void proof_make(const struct proof_key *key, const char *purpose,
    const struct journal_identity *identity, const void *bytes, size_t length,
    uint8_t ret_code[PROOF_BYTES])
{
    size_t code_length = 0;
    struct buffer input = {0};
    CHECK(key->bytes != NULL);
    buffer_append(&input, purpose, strlen(purpose) + 1);
    buffer_append(&input, identity->bytes, IDENTITY_BYTES);
    if (length > 0)
        buffer_append(&input, bytes, length);
    const unsigned char *made = EVP_Q_mac(NULL, "HMAC", NULL, "SHA256", NULL, key->bytes,
        PROOF_KEY_BYTES, input.bytes, input.length, ret_code, PROOF_BYTES, &code_length);
    CHECK(made != NULL);
    CHECK(code_length == PROOF_BYTES);
    buffer_finish(&input);
}

bool proof_is(const uint8_t code[PROOF_BYTES], const uint8_t given[PROOF_BYTES])
{
    uint8_t different = 0;
    for (size_t i = 0; i < PROOF_BYTES; i++)
        different |= (uint8_t)(code[i] ^ given[i]);
    return different == 0;
}

void proof_of_batch(const struct proof_key *key, const struct journal_identity *identity,
    const struct batch_row *row, uint8_t ret_code[PROOF_BYTES])
{
    uint8_t input[sizeof(int64_t) + DIGEST_BYTES];
    uint64_t number = __builtin_bswap64((uint64_t)row->batch_number);
    memcpy(input, &number, sizeof number);
    memcpy(input + sizeof number, row->digest, DIGEST_BYTES);
    proof_make(key, PROOF_OF_BATCH, identity, input, sizeof input, ret_code);
}

struct hash_key proof_row_key(const struct proof_key *key, const struct journal_identity *identity)
{
    uint8_t code[PROOF_BYTES];
    proof_make(key, PROOF_OF_ROWS, identity, NULL, 0, code);
    struct reader in = reader_of(code, sizeof code);
    struct hash_key row_key = {.k0 = reader_u64(&in)};
    row_key.k1 = reader_u64(&in);
    return row_key;
}

void proof_filter_digest(const uint8_t *filter, size_t length, const uint8_t *part_digests,
    size_t part_count, uint8_t ret_digest[DIGEST_BYTES])
{
    uint64_t big_length = __builtin_bswap64(length);
    EVP_MD_CTX *hash = EVP_MD_CTX_new();
    CHECK(hash != NULL);
    CHECK(EVP_DigestInit_ex(hash, EVP_sha256(), NULL) == 1);
    CHECK(EVP_DigestUpdate(hash, &big_length, sizeof big_length) == 1);
    CHECK(EVP_DigestUpdate(hash, filter, length) == 1);
    CHECK(EVP_DigestUpdate(hash, part_digests, part_count * DIGEST_BYTES) == 1);
    CHECK(EVP_DigestFinal_ex(hash, ret_digest, NULL) == 1);
    EVP_MD_CTX_free(hash);
}

void proof_of_segment(const struct proof_key *key, const struct journal_identity *identity,
    const struct proof_segment *segment, uint8_t ret_code[PROOF_BYTES])
{
    struct buffer input = {0};
    buffer_append_u64(&input, (uint64_t)segment->first_sequence);
    buffer_append_u64(&input, (uint64_t)segment->last_sequence);
    buffer_append_u64(&input, (uint64_t)(int64_t)segment->min_business_date);
    buffer_append_u64(&input, (uint64_t)(int64_t)segment->max_business_date);
    buffer_append_u64(&input, (uint64_t)(int64_t)segment->min_accounting_date);
    buffer_append_u64(&input, (uint64_t)(int64_t)segment->max_accounting_date);
    buffer_append_u64(&input, segment->secret.k0);
    buffer_append_u64(&input, segment->secret.k1);
    buffer_append(&input, segment->filter_digest, DIGEST_BYTES);
    buffer_append(&input, segment->reference_digest, DIGEST_BYTES);
    proof_make(key, PROOF_OF_SEGMENT, identity, input.bytes, input.length, ret_code);
    buffer_finish(&input);
}
