/* changes.c: how the engine's memory changes: kept for an undo, marked for writing behind, booked.
 * SPDX-License-Identifier: Apache-2.0 */
#include "engine/memory/changes.h"

#include "base/reserve.h"
#include "engine/memory/blocks.h"
#include "engine/memory/memory.h"
#include "engine/memory/places.h"
#include "engine/memory/records.h"
#include "engine/memory/undo.h"

#include <string.h>

/* The change that was marked after `nth` others. */
static struct change *change_at(const struct engine *engine, uint64_t nth)
{
    uint64_t place = engine->changes_head + nth;
    return &engine->changes[place < engine->changes_max ? place : place - engine->changes_max];
}

/* ---- scopes ---- */

struct savepoint take_savepoint(const struct engine *engine)
{
    CHECK(engine->in_scope);
    return (struct savepoint){
        engine->undo_step_count, engine->undo_byte_count, engine->change_count};
}

void return_to_savepoint(struct engine *engine, const struct savepoint *savepoint)
{
    undo_since(engine, savepoint);
    CHECK(engine->change_count >= savepoint->change_count);
    while (engine->change_count > savepoint->change_count) {
        const struct change *change = change_at(engine, --engine->change_count);
        engine->marks[change->kind][change->place] &= (uint8_t)~MARK_CHANGED;
    }
}

void engine_begin(struct engine *engine)
{
    CHECK(!engine->in_scope);
    engine->in_scope = true;
    engine->undo_step_count = 0;
    engine->undo_byte_count = 0;
    engine->scope_began = take_savepoint(engine);
}

void engine_rollback(struct engine *engine)
{
    CHECK(engine->in_scope);
    return_to_savepoint(engine, &engine->scope_began);
    engine->in_scope = false;
}

void keep_scope(struct engine *engine)
{
    CHECK(engine->in_scope);
    engine->in_scope = false;
}

/* ---- marking ---- */

void mark_changed(struct engine *engine, enum record_kind kind, uint32_t place, int64_t sequence)
{
    if (engine->marks[kind][place] & MARK_CHANGED)
        return;
    engine->marks[kind][place] |= MARK_CHANGED;
    CHECK(engine->change_count < engine->changes_max);
    *change_at(engine, engine->change_count++) =
        (struct change){.first_sequence = sequence, .place = place, .kind = kind};
}

/* The place of a resident record. */
static uint32_t get_place(const struct engine *engine, enum record_kind kind, int64_t id)
{
    CHECK(id >= 1 && id <= engine->last_id[kind]);
    uint32_t place = place_of(engine, kind, id);
    CHECK(place != NO_PLACE);
    CHECK(record_id(&record_tables[kind], record_in(engine, kind, place)) == id);
    return place;
}

void *change_record(struct engine *engine, enum record_kind kind, int64_t id)
{
    const struct record_table *table = &record_tables[kind];
    uint32_t place = get_place(engine, kind, id);
    void *record = record_in(engine, kind, place);
    keep_for_undo(engine, record, table->bytes);
    mark_changed(engine, kind, place, engine->sequence);
    record_set_sequence(table, record, engine->sequence);
    return record;
}

void *add_record(struct engine *engine, enum record_kind kind)
{
    CHECK(has_room(engine, kind, 1));
    keep_for_undo(engine, &engine->last_id[kind], sizeof engine->last_id[kind]);
    int64_t id = ++engine->last_id[kind];
    const struct record_table *table = &record_tables[kind];
    void *record = record_in(engine, kind, open_place(engine, kind, id));
    CHECK(record_id(table, record) == 0);
    keep_for_undo(engine, (uint8_t *)record + table->id_offset, sizeof id);
    record_set_id(table, record, id);
    return change_record(engine, kind, id);
}

/* Copies the record there as it is now; returns the command as of which it is. */
static int64_t image_of(
    const struct engine *engine, enum record_kind kind, uint32_t place, struct image *ret_image)
{
    const struct record_table *table = &record_tables[kind];
    const void *record = record_in(engine, kind, place);
    ret_image->kind = kind;
    memcpy(image_record(ret_image), record, table->bytes);
    return record_sequence(table, record);
}

/* ---- images ---- */

void record_image(struct engine *engine, enum record_kind kind, int64_t id)
{
    uint32_t place = get_place(engine, kind, id);
    if (engine->marks[kind][place] & MARK_IMAGE)
        return;
    engine->marks[kind][place] |= MARK_IMAGE;
    CHECK(engine->image_note_count < IMAGES_PER_COMMAND_MAX);
    engine->image_notes[engine->image_note_count++] =
        (struct image_note){.id = id, .place = place, .kind = kind};
}

static bool is_before(const struct image_note *a, const struct image_note *b)
{
    return a->kind != b->kind ? a->kind < b->kind : a->id < b->id;
}

/* Shell's sort: the notes are few and mostly in order. */
static void sort_notes(struct image_note *notes, uint32_t count)
{
    for (uint32_t gap = count / 2; gap > 0; gap /= 2) {
        for (uint32_t i = gap; i < count; i++) {
            struct image_note note = notes[i];
            uint32_t place = i;
            for (; place >= gap && is_before(&note, &notes[place - gap]); place -= gap)
                notes[place] = notes[place - gap];
            notes[place] = note;
        }
    }
}

void fill_images(struct engine *engine)
{
    sort_notes(engine->image_notes, engine->image_note_count);
    CHECK(engine->effects->image_count == 0);
    for (uint32_t i = 0; i < engine->image_note_count; i++) {
        const struct image_note *note = &engine->image_notes[i];
        engine->marks[note->kind][note->place] &= (uint8_t)~MARK_IMAGE;
        image_of(engine, note->kind, note->place, &engine->effects->images[i]);
    }
    engine->effects->image_count = engine->image_note_count;
    engine->image_note_count = 0;
}

/* ---- writing behind ---- */

/* Takes the oldest change out of the ring. What is passed is not needed until the ring, which has
 * room for every record, comes round. */
static void pass_change(struct engine *engine)
{
    enum { PASSED = 65536 };
    uint64_t head = engine->changes_head + 1;
    engine->change_count--;
    if (head % PASSED == 0 && engine->change_count <= engine->changes_max - PASSED)
        reserve_drop_pages(engine->changes, head - PASSED, PASSED, sizeof *engine->changes);
    engine->changes_head = head < engine->changes_max ? head : 0;
}

uint32_t engine_take_changed(struct engine *engine, int64_t until_sequence, uint32_t max,
    int64_t next_sequence, struct image *ret_images, int64_t *ret_sequences,
    int64_t *ret_redo_sequence)
{
    uint32_t taken = 0;
    CHECK(!engine->in_scope);
    while (taken < max && engine->change_count > 0) {
        const struct change change = *change_at(engine, 0);
        if (change.first_sequence > until_sequence)
            break;
        pass_change(engine);
        engine->marks[change.kind][change.place] &= (uint8_t)~MARK_CHANGED;
        ret_sequences[taken] = image_of(engine, change.kind, change.place, &ret_images[taken]);
        CHECK(ret_sequences[taken] >= change.first_sequence);
        taken++;
    }
    int64_t oldest = engine_oldest_change(engine);
    *ret_redo_sequence = oldest != 0 ? oldest : next_sequence;
    return taken;
}

int64_t engine_oldest_change(const struct engine *engine)
{
    return engine->change_count > 0 ? change_at(engine, 0)->first_sequence : 0;
}
