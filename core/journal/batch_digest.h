/* batch_digest.h: makes the digest of one batch anew from its rows, which come in any order of
 * tables.
 *
 * For who reads a batch whole in parts: some of its commands with all their rows, then the next
 * ones (chain.h reads many batches, table by table). Memory is a hash for each table.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_JOURNAL_BATCH_DIGEST_H
#define VSL_JOURNAL_BATCH_DIGEST_H

#include "journal/rows.h"

#include <stddef.h>
#include <stdint.h>

struct batch_digest;

struct batch_digest *batch_digest_create(void);
void batch_digest_destroy(struct batch_digest *digest);

/* Adds a row, its bytes as in COPY; those of each table come in its order (rows_table_order). */
void batch_digest_add(
    struct batch_digest *digest, enum journal_table table, const uint8_t *bytes, size_t length);

/* The digest of the batch with these rows and the numbers of its row; `previous` is that of the
 * batch before, zeros for the first. Where it is the digest of a row that is proved, all else is:
 * rows, numbers, and what was given as the digest before. Nothing is added afterwards. */
void batch_digest_end(struct batch_digest *digest, const uint8_t previous[DIGEST_BYTES],
    const struct batch_row *row, uint8_t ret_digest[DIGEST_BYTES]);

#endif
