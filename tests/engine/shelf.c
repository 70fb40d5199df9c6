/* shelf.c: see shelf.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "shelf.h"

#include "base/check.h"
#include "support/expect.h"

#include <stdlib.h>

enum { STATE_ROWS_MAX = 65536 };

struct stored_batch {
    int64_t last_sequence;
    struct buffer tables[JOURNAL_TABLE_COUNT];
};

/* Row of a state table; the row of the record with id n is the n-th. */
struct state_row {
    int64_t sequence;
    struct buffer bytes;
};

struct shelf {
    struct stored_batch *batches;
    size_t batch_count, batch_capacity;
    struct state_row *state[RECORD_KINDS + 1];
    int64_t redo_sequence;
    uint64_t rows_loaded;
};

struct shelf *shelf_create(void)
{
    struct shelf *shelf = calloc(1, sizeof *shelf);
    CHECK(shelf != NULL);
    for (int kind = 1; kind <= RECORD_KINDS; kind++) {
        shelf->state[kind] = calloc(STATE_ROWS_MAX, sizeof *shelf->state[kind]);
        CHECK(shelf->state[kind] != NULL);
    }
    shelf->redo_sequence = 1;
    return shelf;
}

void shelf_destroy(struct shelf *shelf)
{
    for (size_t i = 0; i < shelf->batch_count; i++) {
        for (int t = 0; t < JOURNAL_TABLE_COUNT; t++)
            buffer_finish(&shelf->batches[i].tables[t]);
    }
    for (int kind = 1; kind <= RECORD_KINDS; kind++) {
        for (size_t i = 0; i < STATE_ROWS_MAX; i++)
            buffer_finish(&shelf->state[kind][i].bytes);
        free(shelf->state[kind]);
    }
    free(shelf->batches);
    free(shelf);
}

void shelf_add_batch(struct shelf *shelf, const struct journal_batch *batch)
{
    if (shelf->batch_count == shelf->batch_capacity) {
        shelf->batch_capacity = shelf->batch_capacity ? 2 * shelf->batch_capacity : 64;
        shelf->batches = realloc(shelf->batches, shelf->batch_capacity * sizeof *shelf->batches);
        CHECK(shelf->batches != NULL);
    }
    struct stored_batch *stored = &shelf->batches[shelf->batch_count++];
    *stored = (struct stored_batch){.last_sequence = batch->row.last_sequence};
    for (int t = 0; t < JOURNAL_TABLE_COUNT; t++)
        buffer_append(&stored->tables[t], batch->tables[t].bytes, batch->tables[t].length);
}

void shelf_write_state(struct shelf *shelf, const struct image *images, const int64_t *sequences,
    uint32_t count, int64_t redo_sequence)
{
    EXPECT(redo_sequence >= shelf->redo_sequence);
    for (uint32_t i = 0; i < count; i++) {
        int64_t id = record_id(&record_tables[images[i].kind], image_record_const(&images[i]));
        CHECK(id > 0 && id < STATE_ROWS_MAX);
        struct state_row *row = &shelf->state[images[i].kind][id];
        EXPECT(sequences[i] >= row->sequence);
        row->sequence = sequences[i];
        buffer_clear(&row->bytes);
        rows_append_image(&row->bytes, sequences[i], &images[i]);
    }
    shelf->redo_sequence = redo_sequence;
}

int64_t shelf_redo_sequence(const struct shelf *shelf)
{
    return shelf->redo_sequence;
}

uint64_t shelf_rows_loaded(const struct shelf *shelf)
{
    return shelf->rows_loaded;
}

static void read_state(const struct state_row *row, enum record_kind kind, struct image *ret_image)
{
    struct reader in = reader_of(row->bytes.bytes, row->bytes.length);
    int64_t sequence;
    EXPECT(rows_read_image(&in, kind, &sequence, ret_image) == 0);
    EXPECT(sequence == row->sequence);
    EXPECT(reader_left(&in) == 0);
}

bool shelf_find_state(
    const struct shelf *shelf, enum record_kind kind, int64_t id, struct image *ret_image)
{
    CHECK(id > 0 && id < STATE_ROWS_MAX);
    if (shelf->state[kind][id].sequence == 0)
        return false;
    read_state(&shelf->state[kind][id], kind, ret_image);
    return true;
}

/* Whether the store does not load such a row. */
static bool is_left_out(const struct engine *engine, const struct image *image, int64_t rows_from)
{
    const struct payout *payout = &image->payout;
    switch ((int)image->kind) {
    case RECORD_PAYOUT:
        if (payout->status == PAYOUT_PAID)
            return payout->return_until < engine_oldest_business_date(engine);
        return payout->status == PAYOUT_FAILED || payout->status == PAYOUT_RETURNED ||
               payout->status == PAYOUT_CANCELLED;
    case RECORD_HOLD:
        return image->hold.status != HOLD_LIVE;
    case RECORD_FREEZE:
        return image->freeze.status != FREEZE_LIVE;
    case RECORD_REFUNDED:
        return image->refunded.original_sequence < rows_from;
    case RECORD_DEBT:
        return image->debt.status != DEBT_OPEN;
    case RECORD_ADJUSTMENT:
        return image->adjustment.status != ADJUSTMENT_PROPOSED;
    case RECORD_SUSPENSE:
        return image->suspense.status == SUSPENSE_CLOSED;
    case RECORD_LUMP:
        return image->lump.status != LUMP_OPEN;
    case RECORD_STATEMENT_LINE:
    case RECORD_STATEMENT_MATCH:
    case RECORD_MATCHED_BOOKING:
    case RECORD_PRICE:
        return true; /* from the first on */
    case RECORD_PROMISE:
        return image->promise.status > PROMISE_DISPUTED;
    case RECORD_SETTLEMENT:
        return image->settlement.status != SETTLEMENT_OPEN;
    case RECORD_DIFFERENCE:
        return image->difference.status != DIFFERENCE_OPEN;
    case RECORD_CARD:
        return image->card.status >= CARD_UNBOUND &&
               image->card.checks_date < engine_oldest_business_date(engine);
    case RECORD_CLAIM:
        return image->claim.status != CLAIM_LIVE && image->claim.status != CLAIM_DEDUCTED;
    case RECORD_FEEDBACK:
        return image->feedback.status == FEEDBACK_GIVEN;
    case RECORD_PROPOSAL:
        return image->proposal.status != PROPOSAL_OPEN;
    default:
        return false;
    }
}

static void load_state(const struct shelf *shelf, struct engine *engine, int64_t rows_from)
{
    for (int kind = 1; kind <= RECORD_KINDS; kind++) {
        size_t last = STATE_ROWS_MAX - 1;
        while (last > 0 && shelf->state[kind][last].sequence == 0)
            last--;
        for (size_t id = 1; id <= last; id++) {
            struct image image;
            const struct state_row *row = &shelf->state[kind][id];
            if (row->sequence == 0)
                continue;
            read_state(row, (enum record_kind)kind, &image);
            /* The last one tells which ids were given. */
            if (id == last || !is_left_out(engine, &image, rows_from))
                engine_load_image(engine, row->sequence, &image);
        }
    }
}

static void load_images(
    struct shelf *shelf, struct engine *engine, enum record_kind kind, int64_t rows_from)
{
    enum journal_table table = rows_history_table(kind);
    for (size_t i = 0; i < shelf->batch_count; i++) {
        const struct stored_batch *batch = &shelf->batches[i];
        if (batch->last_sequence < rows_from)
            continue;
        struct reader in = reader_of(batch->tables[table].bytes, batch->tables[table].length);
        while (reader_left(&in) > 0) {
            int64_t sequence;
            struct image image;
            EXPECT(rows_read_image(&in, kind, &sequence, &image) == 0);
            if (sequence < rows_from)
                continue;
            engine_load_image(engine, sequence, &image);
            shelf->rows_loaded++;
        }
    }
}

static void load_commands(struct shelf *shelf, struct engine *engine, int64_t rows_from)
{
    for (size_t i = 0; i < shelf->batch_count; i++) {
        const struct stored_batch *batch = &shelf->batches[i];
        const struct buffer *rows = &batch->tables[JOURNAL_TABLE_COMMAND];
        struct reader in = reader_of(rows->bytes, rows->length);
        while (batch->last_sequence >= rows_from && reader_left(&in) > 0) {
            struct command_record record;
            EXPECT(rows_read_command(&in, &record) == 0);
            if (record.sequence >= rows_from)
                engine_load_command(engine, &record);
        }
    }
}

static void load_postings(struct shelf *shelf, struct engine *engine, int64_t rows_from)
{
    for (size_t i = 0; i < shelf->batch_count; i++) {
        const struct stored_batch *batch = &shelf->batches[i];
        if (batch->last_sequence < rows_from)
            continue;
        const struct buffer *rows = &batch->tables[JOURNAL_TABLE_POSTING];
        struct reader in = reader_of(rows->bytes, rows->length);
        while (reader_left(&in) > 0) {
            int64_t sequence;
            int16_t line;
            struct posting posting;
            EXPECT(rows_read_posting(&in, &sequence, &line, &posting) == 0);
            if (sequence < rows_from)
                continue;
            EXPECT(engine_load_posting(engine, sequence, &posting) == 0);
            shelf->rows_loaded++;
        }
    }
}

static void load_rows(struct shelf *shelf, struct engine *engine, int64_t rows_from)
{
    shelf->rows_loaded = 0;
    for (int kind = 1; kind <= RECORD_KINDS; kind++)
        load_images(shelf, engine, (enum record_kind)kind, rows_from);
    load_commands(shelf, engine, rows_from);
    load_postings(shelf, engine, rows_from);
}

struct engine *shelf_load(struct shelf *shelf, int64_t rows_from)
{
    CHECK(rows_from <= shelf->redo_sequence);
    struct engine *engine = engine_create();
    load_state(shelf, engine, rows_from);
    engine_load_redo(engine, shelf->redo_sequence);
    load_rows(shelf, engine, rows_from);
    engine_load_done(engine);
    return engine;
}

struct engine *shelf_load_journal(struct shelf *shelf)
{
    struct engine *engine = engine_create();
    engine_load_redo(engine, 1);
    load_rows(shelf, engine, 1);
    engine_load_done(engine);
    return engine;
}
