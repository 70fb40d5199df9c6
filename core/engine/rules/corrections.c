/* corrections.c: takes back what a command booked, and adjusts balances with the consent of two.
 * SPDX-License-Identifier: Apache-2.0 */
#include "engine/rules/corrections.h"

#include "engine/memory/changes.h"
#include "engine/memory/dues.h"
#include "engine/memory/memory.h"
#include "engine/memory/records.h"
#include "engine/rules/accounts.h"
#include "engine/rules/book.h"
#include "engine/rules/commands.h"
#include "engine/rules/fees.h"
#include "engine/rules/refunds.h"
#include "engine/rules/refusals.h"
#include "engine/rules/texts.h"
#include "model/money.h"
#include "model/withdrawable.h"

/* ---- reversal ---- */

static bool is_reversible(const struct engine *engine, const struct original *original)
{
    switch (original->command->kind) {
    case COMMAND_BOOK_RECEIPT:
    case COMMAND_BOOK_INTEREST:
    case COMMAND_CHARGE_FEE:
    case COMMAND_PAY:
    case COMMAND_COLLECT_FEES:
    case COMMAND_APPROVE_ADJUSTMENT:
        break;
    default:
        return false;
    }
    /* What went from a member to PLATFORM_OWN repaid a debt, which would have to be owed again;
     * what went the other way is the member's now, and no member's money goes to the platform. What
     * PLATFORM_OWN gave to a fee account comes back as fees that are collected, by their rule. */
    for (uint32_t i = 0; i < original->posting_count; i++) {
        const struct posting *posting = &original->postings[i];
        uint8_t debit_kind = engine->accounts[posting->debit_account_id].kind;
        uint8_t credit_kind = engine->accounts[posting->credit_account_id].kind;
        if ((debit_kind == ACCOUNT_MEMBER && credit_kind == ACCOUNT_PLATFORM_OWN) ||
            (debit_kind == ACCOUNT_PLATFORM_OWN && credit_kind == ACCOUNT_MEMBER) ||
            (debit_kind == ACCOUNT_PLATFORM_OWN && credit_kind == ACCOUNT_FEE))
            return false;
    }
    return true;
}

/* A bucket as it would be in the middle of a reversal. */
struct tried_bucket {
    const struct account *account;
    uint8_t bucket;
    int64_t balance_minor;
};

/* Two of each posting, and PLATFORM_OWN's. */
#define TRIED_MAX (2 * POSTINGS_PER_COMMAND_MAX + 1)

struct trial {
    struct tried_bucket buckets[TRIED_MAX];
    uint32_t count;
};

static int64_t *tried_balance(struct trial *trial, const struct account *account, uint8_t bucket)
{
    for (uint32_t i = 0; i < trial->count; i++) {
        if (trial->buckets[i].account == account && trial->buckets[i].bucket == bucket)
            return &trial->buckets[i].balance_minor;
    }
    CHECK(trial->count < TRIED_MAX);
    struct tried_bucket *added = &trial->buckets[trial->count++];
    *added = (struct tried_bucket){
        .account = account, .bucket = bucket, .balance_minor = account->balance_minor[bucket]};
    return &added->balance_minor;
}

/* Whether what the command booked can be taken back now, the last posting first: who took money
 * must still have it, else EFFECT_GONE with what can be had; what was collected of a fee comes from
 * PLATFORM_OWN. Who gave money may be gone, for then it waits in UNALLOCATED, unless it lies there
 * already. */
static enum outcome check_effect(
    const struct engine *engine, const struct ledger *ledger, const struct original *original)
{
    struct trial trial;
    trial.count = 0;
    CHECK(original->posting_count <= POSTINGS_PER_COMMAND_MAX);
    for (uint32_t i = original->posting_count; i > 0; i--) {
        const struct posting *posting = &original->postings[i - 1];
        const struct account *from = &engine->accounts[posting->credit_account_id];
        const struct account *to = &engine->accounts[posting->debit_account_id];
        if (from->status != ACCOUNT_OPEN)
            return refuse_at(engine, OUTCOME_EFFECT_GONE, 0);
        if (to->status != ACCOUNT_OPEN)
            to = control_account(engine, ledger, ACCOUNT_UNALLOCATED);
        if (from == to)
            return refuse_at(engine, OUTCOME_EFFECT_GONE, 0);
        int64_t *from_minor = tried_balance(&trial, from, posting->credit_bucket);
        if (from->kind == ACCOUNT_FEE) {
            int64_t lacking_minor = fee_lacking(*from_minor, posting->amount_minor);
            int64_t *own_minor = tried_balance(
                &trial, control_account(engine, ledger, ACCOUNT_PLATFORM_OWN), BUCKET_AVAILABLE);
            if (*own_minor < lacking_minor)
                return refuse_at(engine, OUTCOME_EFFECT_GONE,
                    posting->amount_minor - lacking_minor + *own_minor);
            *own_minor -= lacking_minor;
            *from_minor += lacking_minor;
        } else if (from->kind != ACCOUNT_ESCROW && *from_minor < posting->amount_minor) {
            return refuse_at(engine, OUTCOME_EFFECT_GONE, *from_minor);
        }
        *from_minor -= posting->amount_minor;
        *tried_balance(&trial, to, posting->debit_bucket) += posting->amount_minor;
    }
    return OUTCOME_ACCEPTED;
}

/* Whether an account that gives no money would give back what it was paid. Receipts and interest
 * are apart: what the bank did not get cannot stay in the books. */
static bool is_kept_by_restriction(const struct engine *engine, const struct original *original)
{
    enum command_kind kind = original->command->kind;
    if (kind != COMMAND_PAY && kind != COMMAND_APPROVE_ADJUSTMENT)
        return false;
    for (uint32_t i = 0; i < original->posting_count; i++) {
        if (engine->accounts[original->postings[i].credit_account_id].no_out)
            return true;
    }
    return false;
}

/* Who gave money has it back; what a fee account gave of what was collected, it gets. That comes
 * after: an order's sums take who is paid first for the payer. */
static void book_back(
    struct engine *engine, const struct ledger *ledger, const struct posting *posting)
{
    const struct account *from = &engine->accounts[posting->credit_account_id];
    int64_t lacking_minor = 0;
    if (from->kind == ACCOUNT_FEE)
        lacking_minor = fee_lacking(from->balance_minor[BUCKET_AVAILABLE], posting->amount_minor);
    book(engine, posting->amount_minor, from, (enum bucket)posting->credit_bucket,
        owner_now(engine, ledger, posting->debit_account_id), (enum bucket)posting->debit_bucket);
    if (lacking_minor > 0)
        book(engine, lacking_minor, control_account(engine, ledger, ACCOUNT_PLATFORM_OWN),
            BUCKET_AVAILABLE, from, BUCKET_AVAILABLE);
}

enum outcome execute_reverse(
    struct engine *engine, const struct ledger *ledger, const struct command *command)
{
    const struct original *original = find_original(ledger, command);
    if (!original)
        return OUTCOME_ORIGINAL_NOT_FOUND;
    if (!is_reversible(engine, original))
        return OUTCOME_ORIGINAL_NOT_REVERSIBLE;
    const struct refunded *whole = engine_find_refunded(engine, original->sequence, 0);
    if (whole)
        return whole->reversed_sequence != 0 ? OUTCOME_ORIGINAL_REVERSED
                                             : OUTCOME_ORIGINAL_REFUNDED;
    if (!has_room(engine, RECORD_REFUNDED, 1))
        return OUTCOME_TOO_MANY_REFUNDS;
    if (is_kept_by_restriction(engine, original))
        return OUTCOME_ACCOUNT_RESTRICTED_OUT;
    enum outcome outcome = check_effect(engine, ledger, original);
    if (outcome != OUTCOME_ACCEPTED)
        return outcome;

    const struct command *reversed = original->command;
    for (uint32_t i = original->posting_count; i > 0; i--)
        book_back(engine, ledger, &original->postings[i - 1]);
    add_refunded(engine, ledger, original->sequence, 0, 0, 0)->reversed_sequence = engine->sequence;
    if (reversed->kind == COMMAND_PAY)
        note_order_number(
            engine, reversed->pay.order_number.bytes, (uint8_t)reversed->pay.order_number.length);
    engine->effects->subject_id = original->sequence;
    return OUTCOME_ACCEPTED;
}

/* ---- adjustments ---- */

/* Whose money an adjustment may move, and to whom: nothing reaches PLATFORM_OWN or ENFORCEMENT this
 * way, and nothing leaves or enters ESCROW. A fee account takes only what it is below zero: what it
 * holds is earned by fees, never paid in. */
static const struct {
    uint8_t debit_kind;
    uint8_t credit_kind;
    enum outcome insufficient; /* when the debited account has too little */
} allowed_adjustments[] = {
    {ACCOUNT_MEMBER, ACCOUNT_MEMBER, OUTCOME_INSUFFICIENT_AVAILABLE},
    {ACCOUNT_MEMBER, ACCOUNT_UNALLOCATED, OUTCOME_INSUFFICIENT_AVAILABLE},
    {ACCOUNT_UNALLOCATED, ACCOUNT_MEMBER, OUTCOME_INSUFFICIENT_AVAILABLE},
    {ACCOUNT_INTEREST, ACCOUNT_MEMBER, OUTCOME_INSUFFICIENT_AVAILABLE},
    {ACCOUNT_FEE, ACCOUNT_MEMBER, OUTCOME_INSUFFICIENT_FEE},
    {ACCOUNT_PLATFORM_OWN, ACCOUNT_MEMBER, OUTCOME_INSUFFICIENT_PLATFORM_OWN},
    {ACCOUNT_PLATFORM_OWN, ACCOUNT_FEE, OUTCOME_INSUFFICIENT_PLATFORM_OWN},
};

#define ALLOWED_ADJUSTMENT_COUNT (sizeof allowed_adjustments / sizeof *allowed_adjustments)

/* The row of the table; ALLOWED_ADJUSTMENT_COUNT when there is none. */
static size_t allowed_adjustment(const struct account *debit, const struct account *credit)
{
    size_t row = 0;
    while (
        row < ALLOWED_ADJUSTMENT_COUNT && (allowed_adjustments[row].debit_kind != debit->kind ||
                                              allowed_adjustments[row].credit_kind != credit->kind))
        row++;
    return row;
}

static enum outcome find_adjusted(const struct engine *engine, const struct ledger *ledger,
    int64_t account_id, const struct account **ret_account)
{
    const struct account *account = engine_find_account(engine, account_id);
    if (!account || account->ledger_id != ledger->id)
        return OUTCOME_ACCOUNT_NOT_FOUND;
    *ret_account = account;
    return account->status == ACCOUNT_OPEN ? OUTCOME_ACCEPTED : OUTCOME_ACCOUNT_CLOSED;
}

void index_adjustment(struct engine *engine, int64_t adjustment_id)
{
    const struct adjustment *adjustment = adjustment_at(engine, adjustment_id);
    if (adjustment->status == ADJUSTMENT_PROPOSED)
        put_due(engine, RECORD_ADJUSTMENT, adjustment_id, adjustment->expires_at_us);
}

enum outcome execute_propose_adjustment(
    struct engine *engine, const struct ledger *ledger, const struct command *command)
{
    const struct propose_adjustment *asked = &command->propose_adjustment;
    const struct account *debit = NULL;
    const struct account *credited = NULL;
    enum outcome outcome = find_adjusted(engine, ledger, asked->debit_account_id, &debit);
    outcome = earlier(outcome, find_adjusted(engine, ledger, asked->credit_account_id, &credited));
    if (outcome != OUTCOME_ACCEPTED)
        return outcome;
    if (debit == credited)
        return OUTCOME_SAME_ACCOUNT;
    if (allowed_adjustment(debit, credited) == ALLOWED_ADJUSTMENT_COUNT)
        return OUTCOME_ADJUSTMENT_NOT_ALLOWED;
    if (asked->expires_at_us <= engine->now_us)
        return OUTCOME_EXPIRY_NOT_AHEAD;
    if (!has_room(engine, RECORD_ADJUSTMENT, 1))
        return OUTCOME_TOO_MANY_ADJUSTMENTS;

    struct adjustment *adjustment = add_record(engine, RECORD_ADJUSTMENT);
    adjustment->ledger_id = ledger->id;
    adjustment->debit_account_id = debit->id;
    adjustment->credit_account_id = credited->id;
    adjustment->amount_minor = asked->amount_minor;
    adjustment->expires_at_us = asked->expires_at_us;
    adjustment->proposed_sequence = engine->sequence;
    adjustment->status = ADJUSTMENT_PROPOSED;
    adjustment->maker_length =
        copy_text(adjustment->maker, sizeof adjustment->maker, channel_of(&command->key));
    index_adjustment(engine, adjustment->id);
    record_image(engine, RECORD_ADJUSTMENT, adjustment->id);
    engine->effects->subject_id = adjustment->id;
    return OUTCOME_ACCEPTED;
}

static const struct adjustment *find_adjustment(
    const struct engine *engine, const struct ledger *ledger, int64_t adjustment_id)
{
    const struct adjustment *adjustment = engine_find_adjustment(engine, adjustment_id);
    return adjustment && adjustment->ledger_id == ledger->id ? adjustment : NULL;
}

static bool is_maker(const struct adjustment *adjustment, const struct command *command)
{
    struct text maker = {adjustment->maker, adjustment->maker_length};
    return text_equals(maker, channel_of(&command->key));
}

/* Whether the proposal waits for somebody and its time is not over. */
static enum outcome check_proposed(const struct engine *engine, const struct adjustment *adjustment)
{
    switch ((enum adjustment_status)adjustment->status) {
    case ADJUSTMENT_PROPOSED:
        return adjustment->expires_at_us <= engine->now_us ? OUTCOME_ADJUSTMENT_EXPIRED
                                                           : OUTCOME_ACCEPTED;
    case ADJUSTMENT_APPROVED:
    case ADJUSTMENT_WITHDRAWN:
        return OUTCOME_ADJUSTMENT_DECIDED;
    case ADJUSTMENT_EXPIRED:
        return OUTCOME_ADJUSTMENT_EXPIRED;
    }
    CHECK(0 && "a known status of a proposal");
    return OUTCOME_ADJUSTMENT_NOT_FOUND;
}

static void end_adjustment(
    struct engine *engine, int64_t adjustment_id, enum adjustment_status status)
{
    struct adjustment *adjustment = change_adjustment(engine, adjustment_id);
    CHECK(adjustment->status == ADJUSTMENT_PROPOSED);
    adjustment->status = (uint8_t)status;
    remove_due(engine, RECORD_ADJUSTMENT, adjustment_id);
    record_image(engine, RECORD_ADJUSTMENT, adjustment_id);
    engine->effects->subject_id = adjustment_id;
}

/* Whether one person sent both: by one channel, or two channels of one caller. */
static bool is_same_person(const struct command *first, const struct command *second)
{
    bool is_one_caller = first->caller_id != 0 && first->caller_id == second->caller_id;
    return is_one_caller || text_equals(channel_of(&first->key), channel_of(&second->key));
}

/* Whether the caller made the proposal by another channel. One that is decided is no matter of
 * persons any more; of one that is not in the journal yet, in the same batch, he is the maker. */
static bool is_makers_caller(const struct adjustment *adjustment, const struct command *command)
{
    if (command->caller_id == 0 || adjustment->status != ADJUSTMENT_PROPOSED)
        return false;
    return !command->original || is_same_person(command->original->command, command);
}

enum outcome execute_approve_adjustment(
    struct engine *engine, const struct ledger *ledger, const struct command *command)
{
    const struct adjustment *adjustment =
        find_adjustment(engine, ledger, command->approve_adjustment.adjustment_id);
    if (!adjustment)
        return OUTCOME_ADJUSTMENT_NOT_FOUND;
    const struct account *debit = &engine->accounts[adjustment->debit_account_id];
    const struct account *credited = &engine->accounts[adjustment->credit_account_id];
    size_t row = allowed_adjustment(debit, credited);
    CHECK(row < ALLOWED_ADJUSTMENT_COUNT);
    if (debit->status != ACCOUNT_OPEN || credited->status != ACCOUNT_OPEN)
        return OUTCOME_ACCOUNT_CLOSED;
    if (is_maker(adjustment, command) || is_makers_caller(adjustment, command))
        return OUTCOME_SAME_CALLER;
    enum outcome outcome = check_proposed(engine, adjustment);
    if (outcome != OUTCOME_ACCEPTED)
        return outcome;
    /* Two persons alone do not get round a restriction; with a paper that allows it they do. */
    bool is_allowed = command->approve_adjustment.despite_restriction.length > 0;
    if (debit->no_out && !is_allowed)
        return OUTCOME_ACCOUNT_RESTRICTED_OUT;
    if (credited->no_in && !is_allowed)
        return OUTCOME_ACCOUNT_RESTRICTED_IN;
    int64_t amount_minor = adjustment->amount_minor;
    if (credited->kind == ACCOUNT_FEE &&
        amount_minor > below_zero(credited->balance_minor[BUCKET_AVAILABLE]))
        return OUTCOME_ABOVE_REST;
    if (account_spendable_minor(debit) < amount_minor)
        return refuse_at(
            engine, allowed_adjustments[row].insufficient, account_spendable_minor(debit));

    book(engine, amount_minor, debit, BUCKET_AVAILABLE, credited, BUCKET_AVAILABLE);
    struct adjustment *changed = change_adjustment(engine, adjustment->id);
    changed->checker_length =
        copy_text(changed->checker, sizeof changed->checker, channel_of(&command->key));
    end_adjustment(engine, adjustment->id, ADJUSTMENT_APPROVED);
    return OUTCOME_ACCEPTED;
}

enum outcome execute_withdraw_adjustment(
    struct engine *engine, const struct ledger *ledger, const struct command *command)
{
    const struct adjustment *adjustment =
        find_adjustment(engine, ledger, command->withdraw_adjustment.adjustment_id);
    if (!adjustment)
        return OUTCOME_ADJUSTMENT_NOT_FOUND;
    if (!is_maker(adjustment, command))
        return OUTCOME_ADJUSTMENT_OF_ANOTHER;
    enum outcome outcome = check_proposed(engine, adjustment);
    if (outcome != OUTCOME_ACCEPTED)
        return outcome;

    end_adjustment(engine, adjustment->id, ADJUSTMENT_WITHDRAWN);
    return OUTCOME_ACCEPTED;
}

enum outcome expire_adjustment(
    struct engine *engine, const struct ledger *ledger, int64_t adjustment_id)
{
    const struct adjustment *adjustment = find_adjustment(engine, ledger, adjustment_id);
    if (!adjustment)
        return OUTCOME_ADJUSTMENT_NOT_FOUND;
    if (adjustment->status == ADJUSTMENT_APPROVED || adjustment->status == ADJUSTMENT_WITHDRAWN)
        return OUTCOME_ADJUSTMENT_DECIDED;
    if (adjustment->status == ADJUSTMENT_EXPIRED)
        return OUTCOME_ADJUSTMENT_EXPIRED;
    if (adjustment->expires_at_us > engine->now_us)
        return OUTCOME_NOT_YET_DUE;

    end_adjustment(engine, adjustment_id, ADJUSTMENT_EXPIRED);
    return OUTCOME_ACCEPTED;
}
