/* load.c: brings the state back from images and postings, then builds what is derived from it.
 * SPDX-License-Identifier: Apache-2.0 */
#include "engine/memory/changes.h"
#include "engine/memory/memory.h"
#include "engine/memory/places.h"
#include "engine/memory/records.h"

#include <stdlib.h>
#include <string.h>

/* A row of the journal that changed the record has been loaded over its state row. */
static void mark_redone(
    struct engine *engine, enum record_kind kind, uint32_t place, int64_t sequence)
{
    if (engine->redo_sequence != 0 && sequence >= engine->redo_sequence)
        mark_changed(engine, kind, place, sequence);
}

void engine_load_redo(struct engine *engine, int64_t redo_sequence)
{
    CHECK(redo_sequence > 0);
    engine->redo_sequence = redo_sequence;
}

void engine_load_image(struct engine *engine, int64_t sequence, const struct image *image)
{
    enum record_kind kind = image->kind;
    CHECK(kind >= 1 && kind <= RECORD_KINDS);
    const struct record_table *table = &record_tables[kind];
    const void *loaded = image_record_const(image);
    int64_t id = record_id(table, loaded);
    CHECK(id > 0 && id <= table->id_max);
    if (id > engine->last_id[kind])
        engine->last_id[kind] = id;
    const void *found = find_record(engine, kind, id);
    if (found && sequence < record_sequence(table, found))
        return;
    uint32_t place = found ? place_of(engine, kind, id) : open_place(engine, kind, id);
    memcpy(record_in(engine, kind, place), loaded, table->bytes);
    mark_redone(engine, kind, place, sequence);
}

static int load_side(struct engine *engine, int64_t sequence, int64_t account_id, uint8_t bucket,
    int64_t balance_minor)
{
    if (account_id <= 0 || account_id > engine->last_id[RECORD_ACCOUNT] || bucket >= BUCKET_COUNT)
        return -1;
    struct account *account = &engine->accounts[account_id];
    if (account->id != account_id)
        return -1;
    if (sequence < account->changed_sequence)
        return 0;
    account->balance_minor[bucket] = balance_minor;
    account->changed_sequence = sequence;
    mark_redone(engine, RECORD_ACCOUNT, place_of(engine, RECORD_ACCOUNT, account_id), sequence);
    return 0;
}

/* ---- what postings change without an image ---- */

static bool next_redone(const struct engine *engine, struct redone *ret_next)
{
    if (engine->redone_next >= engine->redone.length)
        return false;
    memcpy(ret_next, engine->redone.bytes + engine->redone_next, sizeof *ret_next);
    return true;
}

/* The postings of the next command that is counted again are all there. */
static void redo_command(struct engine *engine, const struct redone *command)
{
    engine->sequence = command->sequence;
    if (engine->rules[RECORD_USAGE].redo(
            engine, command, engine->redone_postings, engine->redone_posting_count) < 0 &&
        engine->redo_failed_sequence == 0)
        engine->redo_failed_sequence = command->sequence;
    engine->redone_posting_count = 0;
    engine->redone_next += sizeof *command;
}

/* Commands before this one have all their postings. */
static void redo_until(struct engine *engine, int64_t sequence)
{
    struct redone next;
    while (next_redone(engine, &next) && next.sequence < sequence)
        redo_command(engine, &next);
}

static void redo_posting(struct engine *engine, int64_t sequence, const struct posting *posting)
{
    struct redone next;
    redo_until(engine, sequence);
    bool is_of_next = next_redone(engine, &next) && next.sequence == sequence;
    if (is_of_next && engine->redone_posting_count < POSTINGS_PER_COMMAND_MAX)
        engine->redone_postings[engine->redone_posting_count++] = *posting;
}

static void index_kind(struct engine *engine, enum record_kind kind)
{
    const struct record_rules *rules = &engine->rules[kind];
    FOR_EACH_RECORD(engine, kind, id)
    {
        if (rules->has_owners(engine, record_at(engine, kind, id)))
            rules->index(engine, id);
    }
}

void engine_load_command(struct engine *engine, const struct command_record *command)
{
    const struct record_rules *rules = &engine->rules[RECORD_USAGE];
    if (command->sequence < engine->redo_sequence)
        return;
    /* All images are there: what it asks is indexed before everything is, and once more then. */
    if (!engine->is_redoing) {
        engine->is_redoing = true;
        index_kind(engine, RECORD_ACCOUNT_POLICY);
        index_kind(engine, RECORD_USAGE);
    }
    const struct redone redone = {.sequence = command->sequence,
        .date = command->accounting_date,
        .kind = (enum command_kind)command->kind};
    if (rules->is_redone(engine, command))
        buffer_append(&engine->redone, &redone, sizeof redone);
}

int engine_load_posting(struct engine *engine, int64_t sequence, const struct posting *posting)
{
    int debit = load_side(engine, sequence, posting->debit_account_id, posting->debit_bucket,
        posting->debit_balance_minor);
    int credit = load_side(engine, sequence, posting->credit_account_id, posting->credit_bucket,
        posting->credit_balance_minor);
    if (debit != 0 || credit != 0)
        return -1;
    redo_posting(engine, sequence, posting);
    return 0;
}

/* ---- the end ---- */

static int compare_changes(const void *a, const void *b)
{
    int64_t first = ((const struct change *)a)->first_sequence;
    int64_t second = ((const struct change *)b)->first_sequence;
    return (first > second) - (first < second);
}

/* Rows come table by table, each in the order of the commands; the ring is in their order over all.
 * So each part that is written behind lets the redo point go on, and a server that is killed again
 * and again comes further each time. A record has the first row that was loaded over it: when that
 * is an image, postings before it are passed over here, and so they will be when the image is
 * loaded again. */
static void sort_changes(struct engine *engine)
{
    CHECK(engine->changes_head == 0);
    if (engine->change_count > 0)
        qsort(engine->changes, engine->change_count, sizeof *engine->changes, compare_changes);
}

/* A record whose owner is missing is passed over: engine_check, which follows, says so. */
void engine_load_done(struct engine *engine)
{
    CHECK(!engine->in_scope);
    redo_until(engine, INT64_MAX);
    buffer_finish(&engine->redone);
    engine->redone = (struct buffer){0};
    engine->redone_next = 0;
    sort_changes(engine);
    for (int number = 1; number <= RECORD_KINDS; number++) {
        enum record_kind kind = (enum record_kind)number;
        if (engine->rules[kind].index)
            index_kind(engine, kind);
    }
}
