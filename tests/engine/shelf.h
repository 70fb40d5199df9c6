/* shelf.h: what a database would hold: the batches' rows as bytes, and the state tables.
 *
 * Takes rows in the bytes that the store would send, and gives an engine back that is made from
 * these bytes only, in the order in which the store loads.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_TESTS_ENGINE_SHELF_H
#define VSL_TESTS_ENGINE_SHELF_H

#include "journal/journal.h"
#include "late_ids.h"

struct shelf;

struct shelf *shelf_create(void);
void shelf_destroy(struct shelf *shelf);

/* A batch was committed. */
void shelf_add_batch(struct shelf *shelf, const struct journal_batch *batch);

/* Images were written into the state tables, each as of its sequence. */
void shelf_write_state(struct shelf *shelf, const struct image *images, const int64_t *sequences,
    uint32_t count, int64_t redo_sequence);

/* The row of a record in its state table; false when there is none. */
bool shelf_find_state(
    const struct shelf *shelf, enum record_kind kind, int64_t id, struct image *ret_image);

int64_t shelf_redo_sequence(const struct shelf *shelf);

/* A new engine from the state tables and the journal's rows from `rows_from` on, at most the redo
 * sequence. State rows that are final are left out, as the store leaves them out. */
struct engine *shelf_load(struct shelf *shelf, int64_t rows_from);

/* A new engine from the journal alone, as if no state had ever been written behind. */
struct engine *shelf_load_journal(struct shelf *shelf);

/* Rows of the journal that the last load used. */
uint64_t shelf_rows_loaded(const struct shelf *shelf);

#endif
