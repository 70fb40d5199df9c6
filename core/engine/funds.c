/* funds.c: money comes in, moves between accounts, leaves and comes back.
 *
 * What each command books is the table in the design; the notation in comments is
 * `debited -> credited`.
 * SPDX-License-Identifier: Apache-2.0 */
#include "engine/internal.h"

#include "ceilings.h"
#include "model/money.h"

#include <assert.h>

/* Whether so much more can be held: no bucket of the ledger can pass the book balance, so it is
 * enough that the book balance stays within int64. */
static bool can_take(const struct engine *engine, const struct ledger *ledger, int64_t amount_minor)
{
    int64_t escrow;
    return !__builtin_sub_overflow(engine->sums[ledger->id].escrow_minor, amount_minor, &escrow) &&
           escrow > INT64_MIN;
}

/* ---- in ---- */

enum outcome execute_book_receipt(
    struct engine *engine, const struct ledger *ledger, const struct book_receipt *asked)
{
    const struct account *escrow = control_account(engine, ledger, ACCOUNT_ESCROW);
    const struct account *account = NULL;
    enum outcome outcome = OUTCOME_ACCEPTED;

    if (asked->account_id != 0) {
        outcome = find_member_account(engine, ledger, asked->account_id, &account);
        if (outcome != OUTCOME_ACCEPTED)
            return outcome;
        if (account->no_in)
            return OUTCOME_ACCOUNT_RESTRICTED_IN;
    } else {
        /* The money is in the escrow account, whatever the payer wrote: when its account cannot
         * take it, it waits in UNALLOCATED with the payer's evidence in this command. */
        account =
            engine_find_account_by_receiving_number(engine, ledger->id, asked->receiving_number);
        if (!account || account->status != ACCOUNT_OPEN || account->no_in) {
            account = control_account(engine, ledger, ACCOUNT_UNALLOCATED);
            outcome = OUTCOME_ACCEPTED_UNALLOCATED;
        }
    }
    if (!can_take(engine, ledger, asked->amount_minor))
        return OUTCOME_AMOUNT_OVERFLOW;

    book(engine, asked->amount_minor, escrow, BUCKET_AVAILABLE, account, BUCKET_AVAILABLE);
    engine->effects->subject_id = account->id;
    return outcome;
}

enum outcome execute_book_interest(
    struct engine *engine, const struct ledger *ledger, const struct book_interest *asked)
{
    const struct account *account = NULL;
    enum outcome outcome = find_member_account(engine, ledger, asked->account_id, &account);
    if (outcome != OUTCOME_ACCEPTED)
        return outcome;
    if (account->no_in)
        return OUTCOME_ACCOUNT_RESTRICTED_IN;
    if (!can_take(engine, ledger, asked->amount_minor))
        return OUTCOME_AMOUNT_OVERFLOW;

    const struct account *escrow = control_account(engine, ledger, ACCOUNT_ESCROW);
    const struct account *interest = control_account(engine, ledger, ACCOUNT_INTEREST);
    book(engine, asked->amount_minor, escrow, BUCKET_AVAILABLE, interest, BUCKET_AVAILABLE);
    book(engine, asked->amount_minor, interest, BUCKET_AVAILABLE, account, BUCKET_AVAILABLE);
    engine->effects->subject_id = account->id;
    return OUTCOME_ACCEPTED;
}

/* ---- between accounts ---- */

enum outcome execute_charge_fee(
    struct engine *engine, const struct ledger *ledger, const struct charge_fee *asked)
{
    const struct account *account = NULL;
    enum outcome outcome = find_member_account(engine, ledger, asked->account_id, &account);
    if (outcome != OUTCOME_ACCEPTED)
        return outcome;
    if (account->no_out)
        return OUTCOME_ACCOUNT_RESTRICTED_OUT;
    if (account->balance_minor[BUCKET_AVAILABLE] < asked->amount_minor)
        return OUTCOME_INSUFFICIENT_AVAILABLE;

    const struct account *fee = control_account(engine, ledger, ACCOUNT_FEE);
    book(engine, asked->amount_minor, account, BUCKET_AVAILABLE, fee, BUCKET_AVAILABLE);
    engine->effects->subject_id = account->id;
    return OUTCOME_ACCEPTED;
}

static enum outcome check_payee_account(
    const struct engine *engine, const struct ledger *ledger, int64_t account_id)
{
    const struct account *account;
    switch (find_member_account(engine, ledger, account_id, &account)) {
    case OUTCOME_ACCEPTED:
        return OUTCOME_ACCEPTED;
    case OUTCOME_ACCOUNT_CLOSED:
        return OUTCOME_PAYEE_ACCOUNT_CLOSED;
    case OUTCOME_NOT_A_MEMBER_ACCOUNT:
        return OUTCOME_NOT_A_MEMBER_ACCOUNT;
    default:
        return OUTCOME_PAYEE_ACCOUNT_NOT_FOUND;
    }
}

/* The refusal that comes first in the list of outcomes, whoever it is about. */
static enum outcome first_refusal(enum outcome one, enum outcome other)
{
    if (one == OUTCOME_ACCEPTED || (other != OUTCOME_ACCEPTED && other < one))
        return other;
    return one;
}

/* What the payees' accounts have against being paid by that account. */
static enum outcome check_payees(
    const struct engine *engine, const struct ledger *ledger, const struct pay *asked)
{
    enum outcome outcome = OUTCOME_ACCEPTED;
    for (uint32_t i = 0; i < asked->payee_count; i++) {
        int64_t id = asked->payees[i].account_id;
        enum outcome refusal = check_payee_account(engine, ledger, id);
        if (refusal == OUTCOME_ACCEPTED && id == asked->payer_account_id)
            refusal = OUTCOME_SAME_ACCOUNT;
        if (refusal == OUTCOME_ACCEPTED && engine->accounts[id].no_in)
            refusal = OUTCOME_ACCOUNT_RESTRICTED_IN;
        outcome = first_refusal(outcome, refusal);
    }
    return outcome;
}

/* What the payer gives; within int64, since every part is at most AMOUNT_MINOR_MAX. */
static int64_t sum_of_pay(const struct pay *asked)
{
    static_assert((PAYEES_PER_COMMAND_MAX + 1) <= INT64_MAX / AMOUNT_MINOR_MAX, "no overflow");
    static_assert(PAYEES_PER_COMMAND_MAX + 1 <= POSTINGS_PER_COMMAND_MAX, "each is a posting");
    CHECK(asked->payee_count >= 1 && asked->payee_count <= PAYEES_PER_COMMAND_MAX);
    int64_t sum_minor = asked->fee_minor;
    for (uint32_t i = 0; i < asked->payee_count; i++)
        sum_minor += asked->payees[i].amount_minor;
    return sum_minor;
}

enum outcome execute_pay(
    struct engine *engine, const struct ledger *ledger, const struct pay *asked)
{
    const struct account *payer = NULL;
    int64_t sum_minor = sum_of_pay(asked);
    enum outcome outcome = find_member_account(engine, ledger, asked->payer_account_id, &payer);
    if (outcome == OUTCOME_ACCEPTED && payer->no_out)
        outcome = OUTCOME_ACCOUNT_RESTRICTED_OUT;
    outcome = first_refusal(outcome, check_payees(engine, ledger, asked));
    if (outcome != OUTCOME_ACCEPTED)
        return outcome;
    if (payer->balance_minor[BUCKET_AVAILABLE] < sum_minor)
        return OUTCOME_INSUFFICIENT_AVAILABLE;

    for (uint32_t i = 0; i < asked->payee_count; i++) {
        const struct payee *payee = &asked->payees[i];
        book(engine, payee->amount_minor, payer, BUCKET_AVAILABLE,
            &engine->accounts[payee->account_id], BUCKET_AVAILABLE);
    }
    if (asked->fee_minor > 0) {
        const struct account *fee = control_account(engine, ledger, ACCOUNT_FEE);
        book(engine, asked->fee_minor, payer, BUCKET_AVAILABLE, fee, BUCKET_AVAILABLE);
    }
    engine->effects->subject_id = asked->payees[0].account_id;
    return OUTCOME_ACCEPTED;
}

/* ---- out ---- */

static void count_open_payout(struct engine *engine, int64_t ledger_id, int64_t change)
{
    int64_t *open_count = &engine->ledgers[ledger_id].open_payout_count;
    keep_for_undo(engine, open_count, sizeof *open_count);
    *open_count += change;
    CHECK(*open_count >= 0);
}

enum outcome execute_withdraw(
    struct engine *engine, const struct ledger *ledger, const struct withdraw *asked)
{
    const struct account *account = NULL;
    enum outcome outcome = find_member_account(engine, ledger, asked->account_id, &account);
    if (outcome != OUTCOME_ACCEPTED)
        return outcome;
    if (!has_room(engine, RECORD_PAYOUT, 1))
        return OUTCOME_TOO_MANY_PAYOUTS;
    if (account->no_out)
        return OUTCOME_ACCOUNT_RESTRICTED_OUT;
    /* 100 with fee 3: outside takes 103 and 100 arrive; inside takes 100 and 97 arrive. */
    bool is_inside = asked->fee_mode == FEE_INSIDE;
    if (is_inside && asked->fee_minor >= asked->amount_minor)
        return OUTCOME_FEE_NOT_BELOW_AMOUNT;
    int64_t payout_minor = is_inside ? asked->amount_minor - asked->fee_minor : asked->amount_minor;
    if (account->balance_minor[BUCKET_AVAILABLE] < payout_minor + asked->fee_minor)
        return OUTCOME_INSUFFICIENT_AVAILABLE;

    book(engine, payout_minor, account, BUCKET_AVAILABLE, account, BUCKET_PENDING_OUT);
    if (asked->fee_minor > 0) {
        const struct account *fee = control_account(engine, ledger, ACCOUNT_FEE);
        book(engine, asked->fee_minor, account, BUCKET_AVAILABLE, fee, BUCKET_AVAILABLE);
    }
    struct payout *payout = add_record(engine, RECORD_PAYOUT);
    int64_t id = payout->id;
    payout->ledger_id = ledger->id;
    payout->account_id = account->id;
    payout->amount_minor = payout_minor;
    payout->fee_minor = asked->fee_minor;
    payout->requested_sequence = engine->sequence;
    payout->status = PAYOUT_REQUESTED;
    count_open_payout(engine, ledger->id, 1);
    record_image(engine, RECORD_PAYOUT, id);
    engine->effects->subject_id = id;
    return OUTCOME_ACCEPTED;
}

/* Whether the payout can take this result: rows of the table are its states. */
static enum outcome check_payout_result(const struct payout *payout, enum payout_result result)
{
    switch ((enum payout_status)payout->status) {
    case PAYOUT_REQUESTED:
        return result == PAYOUT_RESULT_RETURNED ? OUTCOME_PAYOUT_NOT_PAID : OUTCOME_ACCEPTED;
    case PAYOUT_PAID:
        return result == PAYOUT_RESULT_RETURNED ? OUTCOME_ACCEPTED : OUTCOME_PAYOUT_ALREADY_PAID;
    case PAYOUT_FAILED:
        return OUTCOME_PAYOUT_ALREADY_FAILED;
    case PAYOUT_RETURNED:
        return OUTCOME_PAYOUT_ALREADY_RETURNED;
    }
    CHECK(0 && "a known payout status");
    return OUTCOME_PAYOUT_NOT_FOUND;
}

/* The escrow account has the money back. It goes to the account that sent it, restricted or not: it
 * is that owner's; to UNALLOCATED when the account was closed since. */
static void book_return(
    struct engine *engine, const struct ledger *ledger, const struct payout *payout)
{
    const struct account *account = &engine->accounts[payout->account_id];
    if (account->status != ACCOUNT_OPEN)
        account = control_account(engine, ledger, ACCOUNT_UNALLOCATED);
    const struct account *escrow = control_account(engine, ledger, ACCOUNT_ESCROW);
    book(engine, payout->amount_minor, escrow, BUCKET_AVAILABLE, account, BUCKET_AVAILABLE);
}

enum outcome execute_confirm_payout(
    struct engine *engine, const struct ledger *ledger, const struct confirm_payout *asked)
{
    const struct payout *payout = engine_find_payout(engine, asked->payout_id);
    if (!payout || payout->ledger_id != ledger->id)
        return OUTCOME_PAYOUT_NOT_FOUND;
    enum payout_result result = (enum payout_result)asked->result;
    enum outcome outcome = check_payout_result(payout, result);
    if (outcome != OUTCOME_ACCEPTED)
        return outcome;
    if (result == PAYOUT_RESULT_RETURNED && !can_take(engine, ledger, payout->amount_minor))
        return OUTCOME_AMOUNT_OVERFLOW;

    const struct account *account = &engine->accounts[payout->account_id];
    const struct account *fee = control_account(engine, ledger, ACCOUNT_FEE);
    struct payout *changed = change_payout(engine, payout->id);
    switch (result) {
    case PAYOUT_RESULT_PAID:
        book(engine, payout->amount_minor, account, BUCKET_PENDING_OUT,
            control_account(engine, ledger, ACCOUNT_ESCROW), BUCKET_AVAILABLE);
        changed->status = PAYOUT_PAID;
        break;
    case PAYOUT_RESULT_FAILED:
        /* Nothing left the bank, so nothing is charged: amount and fee come back. */
        book(engine, payout->amount_minor, account, BUCKET_PENDING_OUT, account, BUCKET_AVAILABLE);
        if (payout->fee_minor > 0)
            book(engine, payout->fee_minor, fee, BUCKET_AVAILABLE, account, BUCKET_AVAILABLE);
        changed->status = PAYOUT_FAILED;
        break;
    case PAYOUT_RESULT_RETURNED:
        /* The bank did its work: the fee stays. */
        book_return(engine, ledger, payout);
        changed->status = PAYOUT_RETURNED;
        break;
    }
    if (result != PAYOUT_RESULT_RETURNED)
        count_open_payout(engine, ledger->id, -1);
    record_image(engine, RECORD_PAYOUT, payout->id);
    engine->effects->subject_id = payout->id;
    return OUTCOME_ACCEPTED;
}
