/* seal.c: the seal of the state tables: a start believes a row only when the seal covers it.
 *
 * Each row that a start depends on has a print of 64 bits under a key: every row of the kinds that
 * stay in memory, and the live ones of the others. The prints of a kind are added up, and the sums
 * go into one code together with counts, greatest ids, the redo point and the last batch
 * (journal/proof.h). The code stands in vsl.state_progress, and is made anew in the transaction
 * that writes rows; the sums stand nowhere. So a row that was changed, added, taken away or put
 * back as it was earlier is found by reading each row once, which a start does anyhow; and to write
 * a row costs one print. Balances have no image in the history, only postings all over the journal:
 * looking them up would take longer than the start.
 *
 * Source: Clarke, Devadas, van Dijk, Gassend, Suh, "Incremental Multiset Hash Functions" (2003):
 * sums of keyed prints; that the sums are kept secret is what lets 64 bits do.
 *
 * Only one server writes: vsl.note_progress refuses an epoch that is not that of the last start.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/check.h"
#include "base/reserve.h"
#include "ceilings.h"
#include "store/internal.h"

#include <stdlib.h>
#include <string.h>

#define PRINTS_FIRST 65536

/* What the state table has of a record; sequence 0: no row that counts. */
struct seal_row {
    int64_t id;
    int64_t sequence;
    uint64_t print;
};

/* Of kinds that stay the rows stand by id, of others where `places` says. */
static bool is_by_id(enum record_kind kind)
{
    return record_tables[kind].key_name == NULL;
}

/* Kinds without a status are proved by their history (proofs.c). */
static bool is_sealed(enum record_kind kind)
{
    return is_by_id(kind) || record_tables[kind].life.status_offset != 0;
}

static bool counts(enum record_kind kind, const void *record)
{
    const struct record_table *table = &record_tables[kind];
    if (is_by_id(kind))
        return true;
    const uint8_t *bytes = record;
    return is_sealed(kind) && record_status_is_live(table, bytes[table->life.status_offset]);
}

static size_t rows_max(enum record_kind kind)
{
    return is_by_id(kind) ? (size_t)record_tables[kind].id_max + 1 : (size_t)LIVE_PLACES_MAX;
}

static uint64_t hash_of_id(int64_t id)
{
    return (uint64_t)id * UINT64_C(0x9e3779b97f4a7c15);
}

void seal_init(struct seal *seal, const struct proof_key *key, const struct proof_key *old_key,
    const struct journal_identity *identity)
{
    seal->key = key;
    seal->old_key = old_key;
    seal->identity = *identity;
    seal->row_key = proof_row_key(key, identity);
    seal->old_row_key = proof_row_key(old_key, identity);
    for (enum record_kind kind = 1; kind <= RECORD_KINDS; kind++) {
        struct seal_kind *of = &seal->kinds[kind];
        if (!is_sealed(kind))
            continue;
        of->rows = reserve_array(rows_max(kind), sizeof *of->rows);
        if (!is_by_id(kind))
            map_init_growing(&of->places, PRINTS_FIRST, LIVE_PLACES_MAX);
    }
}

void seal_finish(struct seal *seal)
{
    for (enum record_kind kind = 1; kind <= RECORD_KINDS; kind++) {
        struct seal_kind *of = &seal->kinds[kind];
        if (!of->rows)
            continue;
        reserve_release(of->rows, rows_max(kind), sizeof *of->rows);
        map_finish(&of->places);
        free(of->free_places);
    }
}

/* ---- rows by id ---- */

static uint32_t place_of(const struct seal_kind *of, int64_t id)
{
    uint64_t cursor = 0;
    uint32_t place;
    do {
        place = map_next(&of->places, hash_of_id(id), &cursor);
    } while (place != MAP_NONE && of->rows[place].id != id);
    return place;
}

static struct seal_row *find_row(struct seal *seal, enum record_kind kind, int64_t id)
{
    struct seal_kind *of = &seal->kinds[kind];
    if (is_by_id(kind))
        return of->rows[id].sequence != 0 ? &of->rows[id] : NULL;
    uint32_t place = place_of(of, id);
    return place != MAP_NONE ? &of->rows[place] : NULL;
}

static struct seal_row *add_row(struct seal *seal, enum record_kind kind, int64_t id)
{
    struct seal_kind *of = &seal->kinds[kind];
    uint32_t place = (uint32_t)id;
    if (!is_by_id(kind)) {
        place = of->free_count > 0 ? of->free_places[--of->free_count] : of->places_used++;
        map_insert(&of->places, hash_of_id(id), place);
    }
    of->rows[place] = (struct seal_row){.id = id};
    return &of->rows[place];
}

static void remove_row(struct seal *seal, enum record_kind kind, struct seal_row *row)
{
    struct seal_kind *of = &seal->kinds[kind];
    uint32_t place = (uint32_t)(row - of->rows);
    if (!is_by_id(kind)) {
        map_remove(&of->places, hash_of_id(row->id), place);
        if (of->free_count == of->free_room) {
            of->free_room = of->free_room ? 2 * of->free_room : 1024;
            of->free_places = realloc(of->free_places, of->free_room * sizeof of->free_places[0]);
            CHECK(of->free_places != NULL);
        }
        of->free_places[of->free_count++] = place;
    }
    *row = (struct seal_row){0};
}

/* ---- sums ---- */

static void note(struct seal *seal, enum record_kind kind, const void *record, uint64_t print)
{
    const struct record_table *table = &record_tables[kind];
    struct seal_kind *of = &seal->kinds[kind];
    int64_t id = record_id(table, record);
    int64_t sequence = record_sequence(table, record);
    CHECK(id > 0 && id <= table->id_max);
    if (id > of->sums.last_id)
        of->sums.last_id = id;
    if (!is_sealed(kind))
        return;
    struct seal_row *row = find_row(seal, kind, id);
    /* As the statement that writes it: an older image changes nothing. */
    if (row && row->sequence > sequence)
        return;
    if (row) {
        of->sums.sum -= row->print;
        of->sums.count--;
    }
    if (!counts(kind, record)) {
        if (row)
            remove_row(seal, kind, row);
        return;
    }
    if (!row)
        row = add_row(seal, kind, id);
    row->sequence = sequence;
    row->print = print;
    of->sums.sum += row->print;
    of->sums.count++;
}

void seal_note(struct seal *seal, enum record_kind kind, const void *record,
    const uint8_t *row_bytes, size_t length)
{
    note(seal, kind, record, hash_proof(seal->row_key, row_bytes, length));
}

void seal_note_loaded(struct seal *seal, enum record_kind kind, const void *record,
    const uint8_t *row_bytes, size_t length)
{
    struct seal_sums *sums = &seal->loaded[kind];
    int64_t id = record_id(&record_tables[kind], record);
    uint64_t print = hash_proof(seal->row_key, row_bytes, length);
    if (id > sums->last_id)
        sums->last_id = id;
    if (counts(kind, record)) {
        sums->sum +=
            seal->key == seal->old_key ? print : hash_proof(seal->old_row_key, row_bytes, length);
        sums->count++;
    }
    note(seal, kind, record, print);
}

bool seal_has_rows(const struct seal *seal)
{
    for (enum record_kind kind = 1; kind <= RECORD_KINDS; kind++) {
        if (seal->loaded[kind].last_id != 0)
            return true;
    }
    return false;
}

/* ---- the code ---- */

static void make_code(const struct seal *seal, const struct proof_key *key,
    const struct seal_sums sums[RECORD_KINDS + 1], const struct seal_point *point,
    uint8_t ret_code[PROOF_BYTES])
{
    struct buffer input = {0};
    buffer_append_u64(&input, (uint64_t)point->write_count);
    buffer_append_u64(&input, (uint64_t)point->redo_sequence);
    buffer_append_u64(&input, (uint64_t)point->batch_number);
    buffer_append(&input, point->digest, DIGEST_BYTES);
    for (enum record_kind kind = 1; kind <= RECORD_KINDS; kind++) {
        /* A kind without rows is left out, so that a kind which is new changes no code. */
        if (sums[kind].last_id == 0)
            continue;
        buffer_append_u64(&input, (uint64_t)kind);
        buffer_append_u64(&input, sums[kind].count);
        buffer_append_u64(&input, sums[kind].sum);
        buffer_append_u64(&input, (uint64_t)sums[kind].last_id);
    }
    proof_make(key, PROOF_OF_STATE, &seal->identity, input.bytes, input.length, ret_code);
    buffer_finish(&input);
}

void seal_make(const struct seal *seal, struct seal_point *point)
{
    struct seal_sums sums[RECORD_KINDS + 1] = {{0}};
    for (enum record_kind kind = 1; kind <= RECORD_KINDS; kind++)
        sums[kind] = seal->kinds[kind].sums;
    point->key_number = seal->key->number;
    make_code(seal, seal->key, sums, point, point->code);
}

bool seal_holds(const struct seal *seal, const struct seal_point *point)
{
    uint8_t code[PROOF_BYTES];
    make_code(seal, seal->old_key, seal->loaded, point, code);
    return proof_is(code, point->code);
}
