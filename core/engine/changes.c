/* changes.c: how the engine's memory changes: kept for an undo, marked for writing behind, booked.
 * SPDX-License-Identifier: Apache-2.0 */
#include "engine/internal.h"

#include <string.h>

/* ---- undo ---- */

void keep_for_undo(struct engine *engine, void *where, uint32_t length)
{
    if (!engine->in_scope)
        return;
    CHECK(engine->undo_step_count < UNDO_STEPS_MAX);
    CHECK(engine->undo_byte_count + length <= UNDO_BYTES_MAX);
    struct undo_step *step = &engine->undo_steps[engine->undo_step_count++];
    *step = (struct undo_step){
        .where = where, .length = length, .bytes_offset = engine->undo_byte_count};
    memcpy(engine->undo_bytes + engine->undo_byte_count, where, length);
    engine->undo_byte_count += length;
}

void insert_into_map(struct engine *engine, struct map *map, uint64_t hash, uint32_t slot)
{
    map_insert(map, hash, slot);
    if (!engine->in_scope)
        return;
    CHECK(engine->undo_step_count < UNDO_STEPS_MAX);
    engine->undo_steps[engine->undo_step_count++] =
        (struct undo_step){.map = map, .hash = hash, .slot = slot};
}

void engine_begin(struct engine *engine)
{
    CHECK(!engine->in_scope);
    engine->in_scope = true;
    engine->undo_step_count = 0;
    engine->undo_byte_count = 0;
    engine->scope_changes_tail = engine->changes_tail;
}

void engine_rollback(struct engine *engine)
{
    CHECK(engine->in_scope);
    for (uint64_t i = engine->undo_step_count; i > 0; i--) {
        const struct undo_step *step = &engine->undo_steps[i - 1];
        if (step->where)
            memcpy(step->where, engine->undo_bytes + step->bytes_offset, step->length);
        else
            map_remove(step->map, step->hash, step->slot);
    }
    while (engine->changes_tail > engine->scope_changes_tail) {
        const struct change *change = &engine->changes[--engine->changes_tail % CHANGES_MAX];
        engine->is_changed[change->kind][change->id] = 0;
    }
    engine->in_scope = false;
}

/* ---- marking ---- */

void mark_changed(struct engine *engine, enum record_kind kind, int64_t id, int64_t sequence)
{
    if (engine->is_changed[kind][id])
        return;
    engine->is_changed[kind][id] = 1;
    CHECK(engine->changes_tail - engine->changes_head < CHANGES_MAX);
    engine->changes[engine->changes_tail++ % CHANGES_MAX] =
        (struct change){.first_sequence = sequence, .id = id, .kind = kind};
}

struct ledger *change_ledger(struct engine *engine, int64_t id)
{
    CHECK(id > 0 && id <= engine->last_ledger_id);
    struct ledger *ledger = &engine->ledgers[id];
    keep_for_undo(engine, ledger, sizeof *ledger);
    mark_changed(engine, RECORD_LEDGER, id, engine->sequence);
    ledger->changed_sequence = engine->sequence;
    return ledger;
}

struct member *change_member(struct engine *engine, int64_t id)
{
    CHECK(id > 0 && id <= engine->last_member_id);
    struct member *member = &engine->members[id];
    keep_for_undo(engine, member, sizeof *member);
    mark_changed(engine, RECORD_MEMBER, id, engine->sequence);
    member->changed_sequence = engine->sequence;
    return member;
}

struct account *change_account(struct engine *engine, int64_t id)
{
    CHECK(id > 0 && id <= engine->last_account_id);
    struct account *account = &engine->accounts[id];
    keep_for_undo(engine, account, sizeof *account);
    mark_changed(engine, RECORD_ACCOUNT, id, engine->sequence);
    account->changed_sequence = engine->sequence;
    return account;
}

struct payout *change_payout(struct engine *engine, int64_t id)
{
    CHECK(id > 0 && id <= engine->last_payout_id);
    struct payout *payout = &engine->payouts[id];
    keep_for_undo(engine, payout, sizeof *payout);
    mark_changed(engine, RECORD_PAYOUT, id, engine->sequence);
    payout->changed_sequence = engine->sequence;
    return payout;
}

void record_image(struct engine *engine, enum record_kind kind, int64_t id)
{
    CHECK(engine->effects->image_count < IMAGES_PER_COMMAND_MAX);
    struct image *image = &engine->effects->images[engine->effects->image_count++];
    image->kind = kind;
    switch (kind) {
    case RECORD_LEDGER:
        image->ledger = engine->ledgers[id];
        break;
    case RECORD_MEMBER:
        image->member = engine->members[id];
        break;
    case RECORD_ACCOUNT:
        image->account = engine->accounts[id];
        break;
    case RECORD_PAYOUT:
        image->payout = engine->payouts[id];
        break;
    }
}

/* ---- booking ---- */

/* Adds to a bucket and to the ledger's sums. ESCROW is not part of the totals. */
static int64_t move_bucket(
    struct ledger_sums *sums, struct account *account, enum bucket bucket, int64_t amount_minor)
{
    int64_t balance;
    bool overflowed =
        __builtin_add_overflow(account->balance_minor[bucket], amount_minor, &balance);
    CHECK(!overflowed);
    CHECK(account->kind != ACCOUNT_MEMBER || balance >= 0);
    account->balance_minor[bucket] = balance;
    int64_t *total =
        account->kind == ACCOUNT_ESCROW ? &sums->escrow_minor : &sums->total_minor[bucket];
    overflowed = __builtin_add_overflow(*total, amount_minor, total);
    CHECK(!overflowed);
    return balance;
}

void book(struct engine *engine, int64_t amount_minor, const struct account *debit,
    enum bucket debit_bucket, const struct account *credit, enum bucket credit_bucket)
{
    CHECK(amount_minor > 0);
    CHECK(debit->ledger_id == credit->ledger_id);
    CHECK(debit != credit || debit_bucket != credit_bucket);
    CHECK(engine->effects->posting_count < POSTINGS_PER_COMMAND_MAX);
    struct posting *posting = &engine->effects->postings[engine->effects->posting_count++];
    struct ledger_sums *sums = &engine->sums[debit->ledger_id];
    keep_for_undo(engine, sums, sizeof *sums);
    struct account *from = change_account(engine, debit->id);
    struct account *to = change_account(engine, credit->id);

    *posting = (struct posting){
        .ledger_id = debit->ledger_id,
        .amount_minor = amount_minor,
        .debit_account_id = debit->id,
        .credit_account_id = credit->id,
        .debit_bucket = (uint8_t)debit_bucket,
        .credit_bucket = (uint8_t)credit_bucket,
    };
    posting->debit_balance_minor = move_bucket(sums, from, debit_bucket, -amount_minor);
    posting->credit_balance_minor = move_bucket(sums, to, credit_bucket, amount_minor);
}

/* ---- writing behind ---- */

static int64_t image_of(
    const struct engine *engine, const struct change *change, struct image *ret_image)
{
    ret_image->kind = change->kind;
    switch (change->kind) {
    case RECORD_LEDGER:
        ret_image->ledger = engine->ledgers[change->id];
        return ret_image->ledger.changed_sequence;
    case RECORD_MEMBER:
        ret_image->member = engine->members[change->id];
        return ret_image->member.changed_sequence;
    case RECORD_ACCOUNT:
        ret_image->account = engine->accounts[change->id];
        return ret_image->account.changed_sequence;
    case RECORD_PAYOUT:
        ret_image->payout = engine->payouts[change->id];
        return ret_image->payout.changed_sequence;
    }
    CHECK(0 && "a known kind of record");
    return 0;
}

uint32_t engine_take_changed(struct engine *engine, int64_t until_sequence, uint32_t max,
    int64_t next_sequence, struct image *ret_images, int64_t *ret_sequences,
    int64_t *ret_redo_sequence)
{
    uint32_t taken = 0;
    CHECK(!engine->in_scope);
    while (taken < max && engine->changes_head < engine->changes_tail) {
        const struct change *change = &engine->changes[engine->changes_head % CHANGES_MAX];
        if (change->first_sequence > until_sequence)
            break;
        engine->changes_head++;
        engine->is_changed[change->kind][change->id] = 0;
        ret_sequences[taken] = image_of(engine, change, &ret_images[taken]);
        CHECK(ret_sequences[taken] >= change->first_sequence);
        taken++;
    }
    int64_t oldest = engine_oldest_change(engine);
    *ret_redo_sequence = oldest != 0 ? oldest : next_sequence;
    return taken;
}

int64_t engine_oldest_change(const struct engine *engine)
{
    if (engine->changes_head == engine->changes_tail)
        return 0;
    return engine->changes[engine->changes_head % CHANGES_MAX].first_sequence;
}
