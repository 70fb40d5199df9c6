/* chain.h: recomputes the digests of some batches from their rows, which come table by table.
 *
 * First the batches, in order; then the rows of each table, in its order; then chain_check. Memory
 * is some bytes for each table that a batch has rows in.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_JOURNAL_CHAIN_H
#define VSL_JOURNAL_CHAIN_H

#include "base/must_use.h"
#include "journal/rows.h"

#include <stddef.h>
#include <stdint.h>

struct chain;

/* Goes on behind that batch, whose digest is taken as it is; 0 and zeros: from the first on. */
struct chain *chain_create(
    int64_t batch_number, int64_t last_sequence, const uint8_t digest[DIGEST_BYTES]);
void chain_destroy(struct chain *chain);

/* Adds a batch; -1 when it is not the next one: a number is missing or there twice. */
MUST_USE int chain_add_batch(struct chain *chain, const struct batch_row *row);

/* The rows of the table follow; those of the one before are all there. */
void chain_begin_table(struct chain *chain, enum journal_table table);

/* Adds a row, its bytes as in COPY; -1 when it belongs to none of the batches, or is out of order.
 */
MUST_USE int chain_add_row(
    struct chain *chain, int64_t sequence, const uint8_t *bytes, size_t length);

/* Whether every batch has the digest that its row says: 0, or the number of the first that has
 * another one. The last table is at its end. */
int64_t chain_check(struct chain *chain);

/* The digest that the row of the batch says, or that was given for the batch before the first;
 * NULL: another number. */
const uint8_t *chain_digest(const struct chain *chain, int64_t batch_number);

#endif
