/* book.c: moves money between buckets, and takes along what goes with it.
 * SPDX-License-Identifier: Apache-2.0 */
#include "engine/rules/book.h"

#include "engine/memory/changes.h"
#include "engine/memory/memory.h"
#include "engine/memory/undo.h"
#include "engine/rules/next_date.h"
#include "engine/rules/sums.h"
#include "model/money.h"
#include "model/withdrawable.h"

void note_to_settle(struct engine *engine, const struct account *account)
{
    if (engine_owed_minor(engine, account) != 0 || account->claim_count != 0)
        note_who_will_owe(engine, account);
}

void note_who_will_owe(struct engine *engine, const struct account *account)
{
    CHECK(account->kind == ACCOUNT_MEMBER);
    uint8_t *mark = &engine->marks[RECORD_ACCOUNT][account->id];
    if (*mark & MARK_SETTLE)
        return;
    *mark |= MARK_SETTLE;
    CHECK(engine->settle_note_count <= POSTINGS_PER_COMMAND_MAX);
    uint32_t place = engine->settle_note_count++;
    struct settle_note *notes = engine->settle_notes;
    for (; place > 0 && notes[place - 1].account_id > account->id; place--)
        notes[place] = notes[place - 1];
    const struct ledger *ledger = &engine->ledgers[account->ledger_id];
    notes[place] = (struct settle_note){.account_id = account->id,
        .next_date_minor = account_next_date_minor(account, ledger->accounting_dates[0])};
}

/* Adds to a bucket and to the ledger's sums. What ESCROW has and what acquirers owe is no part of
 * the totals. */
static int64_t move_bucket(
    struct ledger_sums *sums, struct account *account, enum bucket bucket, int64_t amount_minor)
{
    int64_t balance;
    bool overflowed =
        __builtin_add_overflow(account->balance_minor[bucket], amount_minor, &balance);
    CHECK(!overflowed);
    CHECK(account->kind != ACCOUNT_MEMBER || balance >= 0);
    account->balance_minor[bucket] = balance;
    if (account->kind == ACCOUNT_FEE)
        sums->missing_fees_minor += below_zero(balance) - below_zero(balance - amount_minor);
    if (account->kind == ACCOUNT_ACQUIRER && bucket == BUCKET_PENDING_IN) {
        overflowed =
            __builtin_sub_overflow(sums->receivables_minor, amount_minor, &sums->receivables_minor);
        CHECK(!overflowed && balance <= 0);
        return balance;
    }
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
    CHECK(debit->unit == 0 && credit->unit == 0);
    CHECK(debit->ledger_id == credit->ledger_id);
    CHECK(sums_of(engine, debit) == sums_of(engine, credit));
    CHECK(debit != credit || debit_bucket != credit_bucket);
    CHECK(engine->effects->posting_count < POSTINGS_PER_COMMAND_MAX);
    struct posting *posting = &engine->effects->postings[engine->effects->posting_count++];
    struct ledger_sums *sums = sums_of(engine, debit);
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
    if (credit_bucket == BUCKET_AVAILABLE &&
        (engine->owed_minor[to->member_id] != 0 || to->claim_count != 0))
        note_to_settle(engine, to);
    if (from->kind == ACCOUNT_UNALLOCATED && debit_bucket == BUCKET_AVAILABLE)
        engine->unallocated_minor -= amount_minor;
    if (to->kind == ACCOUNT_UNALLOCATED && credit_bucket == BUCKET_AVAILABLE)
        engine->unallocated_minor += amount_minor;
    if (from->next_date_minor != 0 && from != to)
        carry_next_date(engine, from, debit_bucket, to, amount_minor);
}

static int64_t move_units(
    struct engine *engine, struct account *account, enum bucket bucket, int64_t units)
{
    int64_t balance;
    bool overflowed = __builtin_add_overflow(account->balance_minor[bucket], units, &balance);
    CHECK(!overflowed);
    CHECK(account->kind == ACCOUNT_ISSUER ? balance <= 0 : balance >= 0);
    account->balance_minor[bucket] = balance;
    if (account->kind == ACCOUNT_POSITION) {
        int64_t *held = &engine->held_units[account->unit];
        overflowed = __builtin_add_overflow(*held, units, held);
        CHECK(!overflowed);
    }
    return balance;
}

void book_units(struct engine *engine, int64_t units, const struct account *debit,
    enum bucket debit_bucket, const struct account *credit, enum bucket credit_bucket)
{
    CHECK(units > 0);
    CHECK(debit->unit != 0 && debit->unit == credit->unit);
    CHECK(account_holds_units(debit) && account_holds_units(credit));
    CHECK(debit->ledger_id == credit->ledger_id);
    CHECK(debit != credit || debit_bucket != credit_bucket);
    CHECK(engine->effects->posting_count < POSTINGS_PER_COMMAND_MAX);
    struct posting *posting = &engine->effects->postings[engine->effects->posting_count++];
    keep_for_undo(engine, &engine->held_units[debit->unit], sizeof *engine->held_units);
    struct account *from = change_account(engine, debit->id);
    struct account *to = change_account(engine, credit->id);
    *posting = (struct posting){
        .ledger_id = debit->ledger_id,
        .amount_minor = units,
        .debit_account_id = debit->id,
        .credit_account_id = credit->id,
        .debit_bucket = (uint8_t)debit_bucket,
        .credit_bucket = (uint8_t)credit_bucket,
    };
    posting->debit_balance_minor = move_units(engine, from, debit_bucket, -units);
    posting->credit_balance_minor = move_units(engine, to, credit_bucket, units);
}
