/* test_seal.c: the seal of the state tables covers the rows that are there, and nothing else.
 * SPDX-License-Identifier: Apache-2.0 */
#include "suites.h"

#include "store/internal.h"
#include "support/expect.h"
#include "support/random.h"

#include <stdio.h>
#include <string.h>

enum { IDS = 40, STEPS = 4000, ROW_BYTES = 12 };

/* A kind that stays in memory, and two that are sealed while they are live. */
static const enum record_kind kinds[] = {RECORD_ACCOUNT, RECORD_HOLD, RECORD_FREEZE};

/* What the tables have, and whether the row counts. */
struct model_row {
    int64_t sequence; /* 0: no row */
    bool is_live;
    uint8_t bytes[ROW_BYTES];
};

static struct model_row model[sizeof kinds / sizeof *kinds][IDS + 1];

static const uint8_t key_bytes[PROOF_KEY_BYTES] = {1, 2, 3};
static const struct proof_key key = {7, key_bytes};
static const struct journal_identity identity = {{9}};

static union {
    struct image image;
    uint8_t bytes[4096];
} made;

/* A record of the kind, of which only what the seal reads is set. */
static const void *make_record(enum record_kind kind, int64_t id, int64_t sequence, bool is_live)
{
    const struct record_table *table = &record_tables[kind];
    uint8_t *record = made.bytes;
    EXPECT(table->bytes <= sizeof made.bytes);
    memset(record, 0, table->bytes);
    record_set_id(table, record, id);
    record_set_sequence(table, record, sequence);
    uint8_t status = 1;
    while (table->life.status_offset != 0 && record_status_is_live(table, status) != is_live)
        status++;
    if (table->life.status_offset != 0)
        record[table->life.status_offset] = status;
    return record;
}

static void open_seal(struct seal *ret_seal)
{
    *ret_seal = (struct seal){0};
    seal_init(ret_seal, &key, &key, &identity);
}

/* The seal of what a start would find in the tables. */
static void load_model(struct seal *seal)
{
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
        for (int64_t id = 1; id <= IDS; id++) {
            const struct model_row *row = &model[k][id];
            if (row->sequence != 0)
                seal_note_loaded(seal, kinds[k],
                    make_record(kinds[k], id, row->sequence, row->is_live), row->bytes, ROW_BYTES);
        }
    }
}

static struct seal_point point_of(const struct seal *seal)
{
    struct seal_point point = {.write_count = 3, .redo_sequence = 4, .batch_number = 5};
    memset(point.digest, 6, sizeof point.digest);
    seal_make(seal, &point);
    return point;
}

/* Rows written in any order, again, late, and final ones that come back to life under another id:
 * the sums that are kept along the way are those of a start that reads the tables. */
START_TEST(what_was_written_is_what_a_start_finds)
{
    struct random random;
    struct seal kept;
    random_start(&random, "what_was_written_is_what_a_start_finds");
    memset(model, 0, sizeof model);
    open_seal(&kept);
    for (int64_t step = 1; step <= STEPS; step++) {
        size_t k = random_below(&random, sizeof kinds / sizeof *kinds);
        int64_t id = 1 + (int64_t)random_below(&random, IDS);
        bool is_late = random_below(&random, 4) == 0;
        struct model_row *row = &model[k][id];
        struct model_row written = {
            .sequence = is_late && row->sequence > 1 ? row->sequence - 1 : step,
            .is_live = kinds[k] == RECORD_ACCOUNT || random_below(&random, 2) == 0};
        for (size_t i = 0; i < ROW_BYTES; i++)
            written.bytes[i] = (uint8_t)random_below(&random, 256);
        /* An older image changes nothing; of a final record the seal keeps no sequence. */
        if (row->sequence > written.sequence && !row->is_live)
            continue;
        seal_note(&kept, kinds[k], make_record(kinds[k], id, written.sequence, written.is_live),
            written.bytes, ROW_BYTES);
        if (written.sequence >= row->sequence)
            *row = written;
        if (step % 97 != 0)
            continue;
        struct seal found;
        open_seal(&found);
        load_model(&found);
        struct seal_point point = point_of(&kept);
        EXPECT_MSG(seal_holds(&found, &point), "step %d", (int)step);
        seal_finish(&found);
    }
    seal_finish(&kept);
}
END_TEST

/* ---- each thing that is under it ---- */

enum change {
    NOTHING,
    OTHER_BYTE,
    OTHER_KIND,
    ROW_MISSING,
    ROW_TWICE,
    GREATER_ID,
    NEWER_WRITE,
    OTHER_REDO,
    OTHER_BATCH,
    OTHER_DIGEST,
    OTHER_CODE,
    CHANGES
};

static void note_row(struct seal *seal, enum record_kind kind, int64_t id, uint8_t byte)
{
    uint8_t bytes[ROW_BYTES] = {byte};
    seal_note_loaded(seal, kind, make_record(kind, id, 1, true), bytes, sizeof bytes);
}

START_TEST(each_change_breaks_it)
{
    struct seal sealed, found;
    open_seal(&sealed);
    note_row(&sealed, RECORD_HOLD, 1, 1);
    note_row(&sealed, RECORD_HOLD, 2, 2);
    struct seal_point point = point_of(&sealed);
    seal_finish(&sealed);

    open_seal(&found);
    note_row(&found, _i == OTHER_KIND ? RECORD_FREEZE : RECORD_HOLD, 1, _i == OTHER_BYTE ? 9 : 1);
    if (_i != ROW_MISSING)
        note_row(&found, _i == OTHER_KIND ? RECORD_FREEZE : RECORD_HOLD, 2, 2);
    if (_i == ROW_TWICE)
        note_row(&found, RECORD_HOLD, 2, 2);
    if (_i == GREATER_ID) {
        uint8_t bytes[ROW_BYTES] = {0};
        seal_note_loaded(
            &found, RECORD_HOLD, make_record(RECORD_HOLD, 3, 1, false), bytes, sizeof bytes);
    }
    point.write_count += _i == NEWER_WRITE;
    point.redo_sequence += _i == OTHER_REDO;
    point.batch_number += _i == OTHER_BATCH;
    point.digest[31] ^= _i == OTHER_DIGEST;
    point.code[0] ^= _i == OTHER_CODE;
    EXPECT_MSG(seal_holds(&found, &point) == (_i == NOTHING), "change %d", _i);
    seal_finish(&found);
}
END_TEST

/* A code that was made by an earlier build of this schema still holds. */
START_TEST(the_code_of_known_rows)
{
    static const char wanted[] = "b4a0a9978f752695327a6718a2b2a02720b14e88c3676f12b1aa7d37a7d6c75d";
    struct seal seal;
    char made_hex[2 * PROOF_BYTES + 1];
    open_seal(&seal);
    note_row(&seal, RECORD_ACCOUNT, 1, 1);
    note_row(&seal, RECORD_HOLD, 5, 2);
    struct seal_point point = point_of(&seal);
    for (size_t i = 0; i < PROOF_BYTES; i++)
        snprintf(made_hex + 2 * i, 3, "%02x", point.code[i]);
    ck_assert_str_eq(made_hex, wanted);
    EXPECT(point.key_number == 7);
    seal_finish(&seal);
}
END_TEST

Suite *seal_suite(void)
{
    Suite *suite = suite_create("seal");
    TCase *cases = tcase_create("seal");
    tcase_set_timeout(cases, 60);
    tcase_add_loop_test(cases, what_was_written_is_what_a_start_finds, 0, 5);
    tcase_add_loop_test(cases, each_change_breaks_it, 0, CHANGES);
    tcase_add_test(cases, the_code_of_known_rows);
    suite_add_tcase(suite, cases);
    return suite;
}
