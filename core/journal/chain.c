/* chain.c: see chain.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "journal/chain.h"

#include "base/check.h"
#include "journal/journal.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

/* The digest of the rows that a batch has in a table; in the order in which they come. */
struct table_digest {
    uint32_t batch; /* index */
    uint32_t table;
    uint8_t digest[DIGEST_BYTES];
};

struct chain {
    int64_t first_number; /* of the batch before the first */
    int64_t first_sequence;
    uint8_t first_digest[DIGEST_BYTES];
    struct batch_row *batches;
    size_t batch_count, batch_room;
    struct table_digest *digests;
    size_t digest_count, digest_room;
    size_t first_of_table[JOURNAL_TABLE_COUNT + 1]; /* where each table's digests begin */
    int table;                                      /* -1: none yet */
    size_t batch;                                   /* whose rows come */
    bool is_hashing;
    EVP_MD_CTX *hash;
};

struct chain *chain_create(
    int64_t batch_number, int64_t last_sequence, const uint8_t digest[DIGEST_BYTES])
{
    struct chain *chain = calloc(1, sizeof *chain);
    CHECK(chain != NULL);
    chain->first_number = batch_number;
    chain->first_sequence = last_sequence;
    memcpy(chain->first_digest, digest, DIGEST_BYTES);
    chain->table = -1;
    chain->hash = EVP_MD_CTX_new();
    CHECK(chain->hash != NULL);
    return chain;
}

void chain_destroy(struct chain *chain)
{
    if (!chain)
        return;
    EVP_MD_CTX_free(chain->hash);
    free(chain->batches);
    free(chain->digests);
    free(chain);
}

/* Room for one more item; doubled, since nobody knows how many come. */
static void *room_for(void *items, size_t count, size_t *room, size_t bytes)
{
    if (count < *room)
        return items;
    *room = *room ? 2 * *room : 256;
    void *more = realloc(items, *room * bytes);
    CHECK(more != NULL);
    return more;
}

int chain_add_batch(struct chain *chain, const struct batch_row *row)
{
    const struct batch_row *before =
        chain->batch_count > 0 ? &chain->batches[chain->batch_count - 1] : NULL;
    int64_t number = before ? before->batch_number : chain->first_number;
    int64_t sequence = before ? before->last_sequence : chain->first_sequence;
    CHECK(chain->table < 0);
    if (row->batch_number != number + 1 || row->first_sequence != sequence + 1 ||
        row->last_sequence < row->first_sequence)
        return -1;
    chain->batches =
        room_for(chain->batches, chain->batch_count, &chain->batch_room, sizeof *chain->batches);
    chain->batches[chain->batch_count++] = *row;
    return 0;
}

static void end_hash(struct chain *chain)
{
    if (!chain->is_hashing)
        return;
    chain->digests =
        room_for(chain->digests, chain->digest_count, &chain->digest_room, sizeof *chain->digests);
    struct table_digest *made = &chain->digests[chain->digest_count++];
    made->batch = (uint32_t)chain->batch;
    made->table = (uint32_t)chain->table;
    CHECK(EVP_DigestFinal_ex(chain->hash, made->digest, NULL) == 1);
    chain->is_hashing = false;
}

void chain_begin_table(struct chain *chain, enum journal_table table)
{
    CHECK((int)table < JOURNAL_TABLE_COUNT);
    end_hash(chain);
    chain->table = (int)table;
    chain->batch = 0;
    chain->first_of_table[table] = chain->digest_count;
}

int chain_add_row(struct chain *chain, int64_t sequence, const uint8_t *bytes, size_t length)
{
    CHECK(chain->table >= 0);
    while (chain->batch < chain->batch_count &&
           sequence > chain->batches[chain->batch].last_sequence) {
        end_hash(chain);
        chain->batch++;
    }
    if (chain->batch == chain->batch_count ||
        sequence < chain->batches[chain->batch].first_sequence)
        return -1;
    if (!chain->is_hashing)
        CHECK(EVP_DigestInit_ex(chain->hash, EVP_sha256(), NULL) == 1);
    chain->is_hashing = true;
    CHECK(EVP_DigestUpdate(chain->hash, bytes, length) == 1);
    return 0;
}

int64_t chain_check(struct chain *chain)
{
    uint8_t nothing[DIGEST_BYTES];
    uint8_t tables[JOURNAL_TABLE_COUNT][DIGEST_BYTES];
    size_t next[JOURNAL_TABLE_COUNT];
    uint8_t previous[DIGEST_BYTES];

    end_hash(chain);
    CHECK(EVP_Digest("", 0, nothing, NULL, EVP_sha256(), NULL) == 1);
    memcpy(next, chain->first_of_table, sizeof next);
    memcpy(previous, chain->first_digest, DIGEST_BYTES);
    for (size_t batch = 0; batch < chain->batch_count; batch++) {
        for (size_t table = 0; table < JOURNAL_TABLE_COUNT; table++) {
            const struct table_digest *made = &chain->digests[next[table]];
            bool has_rows =
                next[table] < chain->digest_count && made->table == table && made->batch == batch;
            memcpy(tables[table], has_rows ? made->digest : nothing, DIGEST_BYTES);
            next[table] += has_rows ? 1 : 0;
        }
        journal_digest(previous, &chain->batches[batch], tables, previous);
        if (memcmp(previous, chain->batches[batch].digest, DIGEST_BYTES) != 0)
            return chain->batches[batch].batch_number;
    }
    return 0;
}

const uint8_t *chain_digest(const struct chain *chain, int64_t batch_number)
{
    int64_t behind = batch_number - chain->first_number;
    if (behind == 0)
        return chain->first_digest;
    if (behind < 0 || behind > (int64_t)chain->batch_count)
        return NULL;
    return chain->batches[behind - 1].digest;
}
