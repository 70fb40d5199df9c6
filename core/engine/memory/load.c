/* load.c: brings the state back from images and postings, then builds what is derived from it.
 * SPDX-License-Identifier: Apache-2.0 */
#include "engine/memory/changes.h"
#include "engine/memory/memory.h"
#include "engine/memory/places.h"
#include "engine/memory/records.h"
#include "engine/rules/accounts.h"
#include "engine/rules/corrections.h"
#include "engine/rules/debts.h"
#include "engine/rules/fees.h"
#include "engine/rules/freezes.h"
#include "engine/rules/holds.h"
#include "engine/rules/members.h"
#include "engine/rules/refunds.h"
#include "engine/rules/restrictions.h"
#include "engine/rules/returns.h"
#include "model/money.h"
#include "model/payout.h"

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

int engine_load_posting(struct engine *engine, int64_t sequence, const struct posting *posting)
{
    int debit = load_side(engine, sequence, posting->debit_account_id, posting->debit_bucket,
        posting->debit_balance_minor);
    int credit = load_side(engine, sequence, posting->credit_account_id, posting->credit_bucket,
        posting->credit_balance_minor);
    return debit == 0 && credit == 0 ? 0 : -1;
}

/* ---- derived fields and indexes, from the records in the order of their ids ----
 *
 * A record whose owner is missing is passed over: engine_check, which follows, says so. */

static void build_ledgers(struct engine *engine)
{
    FOR_EACH_RECORD(engine, RECORD_LEDGER, id)
    {
        struct ledger *ledger = &engine->ledgers[id];
        struct text prefix = {ledger->receiving_prefix, ledger->receiving_prefix_length};
        map_insert(&engine->prefixes, prefix_hash(engine, prefix), (uint32_t)id);
        ledger->open_member_count = 0;
        ledger->open_payout_count = 0;
    }
}

static void build_members(struct engine *engine)
{
    FOR_EACH_RECORD(engine, RECORD_MEMBER, id)
    {
        struct member *member = &engine->members[id];
        if (!engine_find_ledger(engine, member->ledger_id))
            continue;
        struct text platform_id = {member->platform_member_id, member->platform_member_id_length};
        map_insert(&engine->platform_ids, platform_id_hash(engine, member->ledger_id, platform_id),
            (uint32_t)id);
        member->last_account_id = 0;
        if (member->status == MEMBER_OPEN)
            engine->ledgers[member->ledger_id].open_member_count++;
    }
}

static void build_account(struct engine *engine, struct account *account)
{
    const struct ledger *ledger = &engine->ledgers[account->ledger_id];
    struct ledger_sums *sums = &engine->sums[account->ledger_id];
    if (account->kind == ACCOUNT_ESCROW) {
        sums->escrow_minor = account->balance_minor[BUCKET_AVAILABLE];
        return;
    }
    for (int bucket = 0; bucket < BUCKET_COUNT; bucket++)
        sums->total_minor[bucket] += account->balance_minor[bucket];
    if (account->kind == ACCOUNT_FEE)
        sums->missing_fees_minor += below_zero(account->balance_minor[BUCKET_AVAILABLE]);
    if (engine_find_member(engine, account->member_id)) {
        struct member *member = &engine->members[account->member_id];
        account->next_account_of_member = member->last_account_id;
        member->last_account_id = account->id;
    } else if (account->kind == ACCOUNT_FEE && account->member_id == 0 &&
               account->id != control_account_id(ledger, ACCOUNT_FEE)) {
        chain_fee_account(engine, account->id);
    }
}

static void build_accounts(struct engine *engine)
{
    FOR_EACH_RECORD(engine, RECORD_ACCOUNT, id)
    {
        struct account *account = &engine->accounts[id];
        account->next_account_of_member = 0;
        account->newest_freeze_id = 0;
        account->oldest_debt_id = 0;
        account->owed_minor = 0;
        if (account->id == id && engine_find_ledger(engine, account->ledger_id))
            build_account(engine, account);
    }
}

static void build_payouts(struct engine *engine)
{
    FOR_EACH_RECORD(engine, RECORD_PAYOUT, id)
    {
        const struct payout *payout = payout_at(engine, id);
        if (!engine_find_ledger(engine, payout->ledger_id))
            continue;
        engine->ledgers[payout->ledger_id].open_payout_count += payout_is_open(payout);
        count_returnable(engine, payout, 1);
    }
}

static void build_fee_rules(struct engine *engine)
{
    FOR_EACH_RECORD(engine, RECORD_FEE_RULE, id)
    {
        if (engine_find_ledger(engine, engine->fee_rules[id].ledger_id))
            index_fee_rule(engine, id);
    }
}

static bool are_there(const struct engine *engine, int64_t ledger_id, int64_t account_id)
{
    return engine_find_ledger(engine, ledger_id) && engine_find_account(engine, account_id);
}

static void build_holds_and_freezes(struct engine *engine)
{
    FOR_EACH_RECORD(engine, RECORD_HOLD, id)
    {
        struct hold *hold = hold_at(engine, id);
        hold->due_place = 0;
        if (hold->status == HOLD_LIVE && are_there(engine, hold->ledger_id, hold->payer_account_id))
            index_hold(engine, id);
        if (hold->status != HOLD_LIVE && are_there(engine, hold->ledger_id, hold->payer_account_id))
            index_ended_hold(engine, id);
    }
    FOR_EACH_RECORD(engine, RECORD_FREEZE, id)
    {
        struct freeze *freeze = freeze_at(engine, id);
        freeze->next_freeze_of_account = 0;
        freeze->previous_freeze_of_account = 0;
        freeze->due_place = 0;
        if (freeze->status == FREEZE_LIVE &&
            are_there(engine, freeze->ledger_id, freeze->account_id))
            index_freeze(engine, id);
    }
}

static void build_refunds_and_debts(struct engine *engine)
{
    FOR_EACH_RECORD(engine, RECORD_REFUNDED, id)
    index_refunded(engine, id);
    FOR_EACH_RECORD(engine, RECORD_DEBT, id)
    {
        struct debt *debt = debt_at(engine, id);
        debt->next_debt_of_account = 0;
        if (debt->status == DEBT_OPEN && are_there(engine, debt->ledger_id, debt->account_id))
            append_debt(engine, id);
    }
}

static void build_adjustments(struct engine *engine)
{
    FOR_EACH_RECORD(engine, RECORD_ADJUSTMENT, id)
    {
        struct adjustment *adjustment = adjustment_at(engine, id);
        adjustment->due_place = 0;
        if (adjustment->status == ADJUSTMENT_PROPOSED &&
            engine_find_ledger(engine, adjustment->ledger_id))
            index_adjustment(engine, id);
    }
}

static void build_restrictions(struct engine *engine)
{
    FOR_EACH_RECORD(engine, RECORD_RESTRICTION, id)
    {
        const struct restriction *restriction = record_at(engine, RECORD_RESTRICTION, id);
        if (are_there(engine, restriction->ledger_id, restriction->account_id))
            index_restriction(engine, id);
    }
}

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

void engine_load_done(struct engine *engine)
{
    CHECK(!engine->in_scope);
    sort_changes(engine);
    build_ledgers(engine);
    build_members(engine);
    build_accounts(engine);
    build_payouts(engine);
    build_fee_rules(engine);
    build_holds_and_freezes(engine);
    build_refunds_and_debts(engine);
    build_adjustments(engine);
    build_restrictions(engine);
}
