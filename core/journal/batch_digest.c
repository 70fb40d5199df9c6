/* batch_digest.c: see batch_digest.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "journal/batch_digest.h"

#include "base/check.h"
#include "journal/journal.h"

#include <openssl/evp.h>
#include <stdbool.h>
#include <stdlib.h>

struct batch_digest {
    EVP_MD_CTX *hashes[JOURNAL_TABLE_COUNT]; /* NULL: the table has had no row */
    bool is_over;
};

struct batch_digest *batch_digest_create(void)
{
    struct batch_digest *digest = calloc(1, sizeof *digest);
    CHECK(digest != NULL);
    return digest;
}

void batch_digest_destroy(struct batch_digest *digest)
{
    if (!digest)
        return;
    for (size_t table = 0; table < JOURNAL_TABLE_COUNT; table++)
        EVP_MD_CTX_free(digest->hashes[table]);
    free(digest);
}

void batch_digest_add(
    struct batch_digest *digest, enum journal_table table, const uint8_t *bytes, size_t length)
{
    CHECK(table < JOURNAL_TABLE_COUNT);
    CHECK(!digest->is_over);
    if (!digest->hashes[table]) {
        digest->hashes[table] = EVP_MD_CTX_new();
        CHECK(digest->hashes[table] != NULL);
        CHECK(EVP_DigestInit_ex(digest->hashes[table], EVP_sha256(), NULL) == 1);
    }
    CHECK(EVP_DigestUpdate(digest->hashes[table], bytes, length) == 1);
}

void batch_digest_end(struct batch_digest *digest, const uint8_t previous[DIGEST_BYTES],
    const struct batch_row *row, uint8_t ret_digest[DIGEST_BYTES])
{
    uint8_t tables[JOURNAL_TABLE_COUNT][DIGEST_BYTES];
    CHECK(!digest->is_over);
    digest->is_over = true;
    for (size_t table = 0; table < JOURNAL_TABLE_COUNT; table++) {
        if (digest->hashes[table])
            CHECK(EVP_DigestFinal_ex(digest->hashes[table], tables[table], NULL) == 1);
        else
            CHECK(EVP_Digest("", 0, tables[table], NULL, EVP_sha256(), NULL) == 1);
    }
    journal_digest(previous, row, tables, ret_digest);
}
