/* corrections.c: takes back what a command booked, and adjusts balances with the consent of two.
 * SPDX-License-Identifier: Apache-2.0 */
#include "engine/rules/corrections.h"

#include "engine/memory/changes.h"
#include "engine/memory/dues.h"
#include "engine/memory/memory.h"
#include "engine/memory/records.h"
#include "engine/rules/accounts.h"
#include "engine/rules/book.h"
#include "engine/rules/card_flows.h"
#include "engine/rules/commands.h"
#include "engine/rules/debts.h"
#include "engine/rules/fees.h"
#include "engine/rules/matches.h"
#include "engine/rules/proposals.h"
#include "engine/rules/refunds.h"
#include "engine/rules/refusals.h"
#include "engine/rules/suspense.h"
#include "engine/rules/texts.h"
#include "model/money.h"

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
    case COMMAND_ADJUST:
        break;
    default:
        return false;
    }
    /* What went from a member to PLATFORM_OWN repaid a debt, which would have to be owed again.
     * What PLATFORM_OWN gave to a member is his now, and no member's money goes to the platform;
     * what it gave to a fee account comes back as fees that are collected, by their rule. */
    for (uint32_t i = 0; i < original->posting_count; i++) {
        const struct posting *posting = &original->postings[i];
        uint8_t debit_kind = engine->accounts[posting->debit_account_id].kind;
        uint8_t credit_kind = engine->accounts[posting->credit_account_id].kind;
        if (debit_kind == ACCOUNT_PLATFORM_OWN ||
            (debit_kind == ACCOUNT_MEMBER && credit_kind == ACCOUNT_PLATFORM_OWN))
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

/* Who gives a posting back: who took it. What a receipt or interest brought to an account that was
 * closed since, PLATFORM_OWN gives, if two persons want it: the bank has it not, so it cannot stay
 * in the books. */
static const struct account *giver_back(const struct engine *engine, const struct ledger *ledger,
    const struct command *command, const struct posting *posting)
{
    const struct account *taker = &engine->accounts[posting->credit_account_id];
    enum command_kind kind = command->original->command->kind;
    bool is_of_bank = kind == COMMAND_BOOK_RECEIPT || kind == COMMAND_BOOK_INTEREST;
    return is_of_bank && taker->status != ACCOUNT_OPEN && is_of_two(command)
               ? control_account(engine, ledger, ACCOUNT_PLATFORM_OWN)
               : taker;
}

/* What claims covered of what a command brought: it is settled anew by itself. Nothing else that
 * can be reversed moves money within an account. */
static bool is_cover(const struct posting *posting)
{
    return posting->debit_account_id == posting->credit_account_id;
}

/* Whether what the command booked can be taken back now, the last posting first: who took money
 * must still have it, else EFFECT_GONE with what can be had; what was collected of a fee comes from
 * PLATFORM_OWN. Who gave money may be gone, for then it waits in UNALLOCATED, unless it lies there
 * already; what waits there can be had as far as it is open of the command's own item. */
static enum outcome check_effect(
    const struct engine *engine, const struct ledger *ledger, const struct command *command)
{
    const struct original *original = command->original;
    struct trial trial;
    trial.count = 0;
    CHECK(original->posting_count <= POSTINGS_PER_COMMAND_MAX);
    for (uint32_t i = original->posting_count; i > 0; i--) {
        const struct posting *posting = &original->postings[i - 1];
        if (is_cover(posting))
            continue;
        const struct account *from = giver_back(engine, ledger, command, posting);
        const struct account *to = &engine->accounts[posting->debit_account_id];
        if (from->status != ACCOUNT_OPEN)
            return refuse_at(engine, OUTCOME_EFFECT_GONE, 0);
        if (to->status != ACCOUNT_OPEN)
            to = control_account(engine, ledger, ACCOUNT_UNALLOCATED);
        if (from == to)
            return refuse_at(engine, OUTCOME_EFFECT_GONE, 0);
        if (from->kind == ACCOUNT_UNALLOCATED) {
            int64_t open_minor = suspense_of_command_minor(engine, original->sequence);
            if (open_minor < posting->amount_minor)
                return refuse_at(engine, OUTCOME_EFFECT_GONE, open_minor);
        }
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
    if (kind != COMMAND_PAY && kind != COMMAND_APPROVE_ADJUSTMENT && kind != COMMAND_ADJUST)
        return false;
    for (uint32_t i = 0; i < original->posting_count; i++) {
        if (account_gives_none(&engine->accounts[original->postings[i].credit_account_id]))
            return true;
    }
    return false;
}

/* Who gave money has it back; what a fee account gave of what was collected, it gets. That comes
 * after: an order's sums take who is paid first for the payer. */
static void book_back(struct engine *engine, const struct ledger *ledger,
    const struct command *command, const struct posting *posting)
{
    const struct account *from = giver_back(engine, ledger, command, posting);
    int64_t lacking_minor = 0;
    if (from->kind == ACCOUNT_FEE)
        lacking_minor = fee_lacking(from->balance_minor[BUCKET_AVAILABLE], posting->amount_minor);
    if (from->kind == ACCOUNT_UNALLOCATED)
        take_suspense_of_command(engine, command->original->sequence, posting->amount_minor);
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
    if (is_matched_receipt(engine, original->sequence))
        return OUTCOME_ORIGINAL_MATCHED;
    if (!has_room(engine, RECORD_REFUNDED, 1))
        return OUTCOME_TOO_MANY_REFUNDS;
    for (uint32_t i = 0; i < original->posting_count; i++) {
        const struct account *to = &engine->accounts[original->postings[i].debit_account_id];
        if (lacks_room_for_suspense(engine, to))
            return OUTCOME_TOO_MANY_SUSPENSE_ITEMS;
    }
    if (is_kept_by_restriction(engine, original))
        return OUTCOME_ACCOUNT_RESTRICTED_OUT;
    enum outcome outcome = check_effect(engine, ledger, command);
    if (outcome != OUTCOME_ACCEPTED)
        return outcome;

    const struct command *reversed = original->command;
    for (uint32_t i = original->posting_count; i > 0; i--) {
        if (!is_cover(&original->postings[i - 1]))
            book_back(engine, ledger, command, &original->postings[i - 1]);
    }
    if (reversed->kind == COMMAND_BOOK_RECEIPT)
        uncount_receipt(engine, ledger, original);
    add_refunded(engine, ledger, original->sequence, 0, 0, 0)->reversed_sequence = engine->sequence;
    if (reversed->kind == COMMAND_PAY)
        note_order_number(
            engine, reversed->pay.order_number.bytes, (uint8_t)reversed->pay.order_number.length);
    engine->effects->subject_id = original->sequence;
    return OUTCOME_ACCEPTED;
}

/* ---- adjustments ---- */

/* Whose money an adjustment may move, and to whom: nothing reaches PLATFORM_OWN or ENFORCEMENT this
 * way, and nothing leaves or enters ESCROW. Nothing leaves UNALLOCATED: its items are allocated. A
 * fee account takes only what it is below zero: what it holds is earned by fees, never paid in. */
static const struct {
    uint8_t debit_kind;
    uint8_t credit_kind;
    enum outcome insufficient; /* when the debited account has too little */
} allowed_adjustments[] = {
    {ACCOUNT_MEMBER, ACCOUNT_MEMBER, OUTCOME_INSUFFICIENT_AVAILABLE},
    {ACCOUNT_MEMBER, ACCOUNT_UNALLOCATED, OUTCOME_INSUFFICIENT_AVAILABLE},
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

enum outcome execute_adjust(
    struct engine *engine, const struct ledger *ledger, const struct command *command)
{
    const struct adjust *asked = &command->adjust;
    const struct account *debit = NULL;
    const struct account *credited = NULL;
    if (!is_of_two(command))
        return OUTCOME_APPROVAL_NEEDED;
    enum outcome outcome = find_adjusted(engine, ledger, asked->debit_account_id, &debit);
    outcome = earlier(outcome, find_adjusted(engine, ledger, asked->credit_account_id, &credited));
    if (outcome != OUTCOME_ACCEPTED)
        return outcome;
    if (debit == credited)
        return OUTCOME_SAME_ACCOUNT;
    size_t row = allowed_adjustment(debit, credited);
    if (row == ALLOWED_ADJUSTMENT_COUNT)
        return debit->kind == ACCOUNT_UNALLOCATED && credited->kind == ACCOUNT_MEMBER
                   ? OUTCOME_SUSPENSE_ITEM_NEEDED
                   : OUTCOME_ADJUSTMENT_NOT_ALLOWED;
    if (lacks_room_for_suspense(engine, credited))
        return OUTCOME_TOO_MANY_SUSPENSE_ITEMS;
    /* Two persons alone do not get round a restriction; with a paper that allows it they do. */
    bool is_allowed = asked->despite_restriction.length > 0;
    if (account_gives_none(debit) && !is_allowed)
        return OUTCOME_ACCOUNT_RESTRICTED_OUT;
    if (account_takes_none(credited) && !is_allowed)
        return OUTCOME_ACCOUNT_RESTRICTED_IN;
    int64_t amount_minor = asked->amount_minor;
    if (credited->kind == ACCOUNT_FEE &&
        amount_minor > below_zero(credited->balance_minor[BUCKET_AVAILABLE]))
        return refuse_at(
            engine, OUTCOME_ABOVE_REST, below_zero(credited->balance_minor[BUCKET_AVAILABLE]));
    if (spendable_minor(engine, debit) < amount_minor)
        return refuse_at(
            engine, allowed_adjustments[row].insufficient, spendable_minor(engine, debit));

    book(engine, amount_minor, debit, BUCKET_AVAILABLE, credited, BUCKET_AVAILABLE);
    engine->effects->subject_id = credited->id;
    return OUTCOME_ACCEPTED;
}

/* ---- adjustments of before, which had proposals of their own ---- */

void index_adjustment(struct engine *engine, int64_t adjustment_id)
{
    const struct adjustment *adjustment = adjustment_at(engine, adjustment_id);
    if (adjustment->status == ADJUSTMENT_PROPOSED)
        put_due(engine, RECORD_ADJUSTMENT, adjustment_id, adjustment->expires_at_us);
}

/* Those that are open are let end in time: what two persons still want they propose as anything
 * else. Answers to old keys come from the journal, not from here. */
enum outcome execute_propose_adjustment(
    struct engine *engine, const struct ledger *ledger, const struct command *command)
{
    CHECK(engine->effects != NULL && ledger->id == command->ledger_id);
    return OUTCOME_ADJUSTMENT_BY_PROPOSAL;
}

enum outcome execute_approve_adjustment(
    struct engine *engine, const struct ledger *ledger, const struct command *command)
{
    return execute_propose_adjustment(engine, ledger, command);
}

enum outcome execute_withdraw_adjustment(
    struct engine *engine, const struct ledger *ledger, const struct command *command)
{
    return execute_propose_adjustment(engine, ledger, command);
}

enum outcome expire_adjustment(
    struct engine *engine, const struct ledger *ledger, int64_t adjustment_id)
{
    const struct adjustment *adjustment = engine_find_adjustment(engine, adjustment_id);
    if (!adjustment || adjustment->ledger_id != ledger->id)
        return OUTCOME_ADJUSTMENT_NOT_FOUND;
    if (adjustment->status == ADJUSTMENT_APPROVED || adjustment->status == ADJUSTMENT_WITHDRAWN)
        return OUTCOME_ADJUSTMENT_DECIDED;
    if (adjustment->status == ADJUSTMENT_EXPIRED)
        return OUTCOME_ADJUSTMENT_EXPIRED;
    if (adjustment->expires_at_us > engine->now_us)
        return OUTCOME_NOT_YET_DUE;

    struct adjustment *changed = change_adjustment(engine, adjustment_id);
    CHECK(changed->status == ADJUSTMENT_PROPOSED);
    changed->status = ADJUSTMENT_EXPIRED;
    remove_due(engine, RECORD_ADJUSTMENT, adjustment_id);
    record_image(engine, RECORD_ADJUSTMENT, adjustment_id);
    engine->effects->subject_id = adjustment_id;
    return OUTCOME_ACCEPTED;
}
