/* parts.c: see parts.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "journal/parts.h"

#include "base/check.h"
#include "base/reader.h"

#include <openssl/evp.h>
#include <string.h>

size_t parts_count(size_t hashes)
{
    return (hashes + PART_ENTRIES - 1) / PART_ENTRIES;
}

/* By its upper bits, without a division; every part covers an equal range. */
size_t part_of(uint64_t hash, size_t parts)
{
    CHECK(parts > 0 && parts <= UINT32_MAX);
    return (size_t)((hash >> 32) * parts >> 32);
}

void parts_make(const struct part_hashes *from, size_t parts, size_t first, size_t count,
    struct buffer ret_parts[])
{
    CHECK(first + count <= parts);
    for (size_t i = 0; i < from->count; i++) {
        size_t part = part_of(from->hashes[i], parts);
        if (part < first || part - first >= count)
            continue;
        buffer_append_u64(&ret_parts[part - first], from->hashes[i]);
        buffer_append_u32(&ret_parts[part - first], from->offsets ? from->offsets[i] : (uint32_t)i);
    }
}

void part_digest(const void *bytes, size_t length, uint8_t ret_digest[DIGEST_BYTES])
{
    CHECK(EVP_Digest(bytes, length, ret_digest, NULL, EVP_sha256(), NULL) == 1);
}

int part_find(const struct segment_part *part, const void *bytes, size_t length, uint64_t hash,
    struct buffer *ret_sequences)
{
    uint8_t digest[DIGEST_BYTES];
    part_digest(bytes, length, digest);
    if (memcmp(digest, part->digest, DIGEST_BYTES) != 0 || length % PART_ENTRY_BYTES != 0)
        return -1;
    struct reader in = reader_of(bytes, length);
    while (reader_left(&in) > 0) {
        uint64_t found = reader_u64(&in);
        int64_t sequence = part->first_sequence + (int64_t)reader_u32(&in);
        if (found == hash)
            buffer_append(ret_sequences, &sequence, sizeof sequence);
    }
    return 0;
}
