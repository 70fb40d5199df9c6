/* order_sums.c: see order_sums.h.
 *
 * Every sum is taken from the postings: they are what happened. The request tells only who paid,
 * and what the bank said of a payout.
 * SPDX-License-Identifier: Apache-2.0 */
#include "query/order_sums.h"

#include "command/body.h"
#include "model/outcome.h"

static void add(struct order_sums *sums, int64_t *sum, int64_t amount_minor)
{
    sums->has_overflown |= __builtin_add_overflow(*sum, amount_minor, sum);
}

static void take(struct order_sums *sums, int64_t *sum, int64_t amount_minor)
{
    sums->has_overflown |= __builtin_sub_overflow(*sum, amount_minor, sum);
}

struct postings {
    const struct posting *items;
    uint32_t count;
};

/* Each gives the sum of some of the postings. A command's postings have the sum of its amounts,
 * which fits int64; what does not is damage, and overflows the order's sums, too. What claims cover
 * of what the command made available moves within an account, behind what it booked itself. */

static bool is_within_account(const struct posting *posting)
{
    return posting->debit_account_id == posting->credit_account_id;
}

static int64_t sum_out_of_bucket(
    struct order_sums *sums, struct postings postings, enum bucket bucket)
{
    int64_t sum = 0;
    for (uint32_t i = 0; i < postings.count; i++)
        if (postings.items[i].debit_bucket == bucket)
            add(sums, &sum, postings.items[i].amount_minor);
    return sum;
}

/* What was held and is confirmed: it goes to others. */
static int64_t sum_confirmed(struct order_sums *sums, struct postings postings)
{
    int64_t sum = 0;
    for (uint32_t i = 0; i < postings.count; i++)
        if (postings.items[i].debit_bucket == BUCKET_FROZEN &&
            !is_within_account(&postings.items[i]))
            add(sums, &sum, postings.items[i].amount_minor);
    return sum;
}

/* What was held and is available again: of the account of the first posting. */
static int64_t sum_cancelled(struct order_sums *sums, struct postings postings)
{
    int64_t sum = 0;
    for (uint32_t i = 0; i < postings.count; i++)
        if (postings.items[i].debit_bucket == BUCKET_FROZEN &&
            postings.items[i].debit_account_id == postings.items[0].debit_account_id)
            add(sums, &sum, postings.items[i].amount_minor);
    return sum;
}

static int64_t sum_into_bucket(
    struct order_sums *sums, struct postings postings, enum bucket bucket)
{
    int64_t sum = 0;
    for (uint32_t i = 0; i < postings.count; i++)
        if (postings.items[i].credit_bucket == bucket)
            add(sums, &sum, postings.items[i].amount_minor);
    return sum;
}

/* What the payer gave; what a payee gave on at once, to repay a debt, is not paid once more. */
static int64_t sum_out_of_account(
    struct order_sums *sums, struct postings postings, int64_t account_id)
{
    int64_t sum = 0;
    for (uint32_t i = 0; i < postings.count; i++)
        if (postings.items[i].debit_account_id == account_id &&
            !is_within_account(&postings.items[i]))
            add(sums, &sum, postings.items[i].amount_minor);
    return sum;
}

/* What the account took: of a refund, the payer has back what is not the payees'. */
static int64_t sum_into_account(
    struct order_sums *sums, struct postings postings, int64_t account_id)
{
    int64_t sum = 0;
    for (uint32_t i = 0; i < postings.count; i++)
        if (postings.items[i].credit_account_id == account_id &&
            !is_within_account(&postings.items[i]))
            add(sums, &sum, postings.items[i].amount_minor);
    return sum;
}

/* What left the escrow account less what came back to it. The first posting is of the amount, so
 * one of its sides is ESCROW, the first account of its ledger; PLATFORM_OWN may have stood in
 * for a part of it, and has it back first. Those of the fee are not ESCROW's. */
static int64_t sum_left(struct order_sums *sums, struct postings postings)
{
    int64_t sum = 0;
    if (postings.count == 0)
        return 0;
    const struct posting *first = &postings.items[0];
    int64_t escrow_id = first->credit_account_id < first->debit_account_id
                            ? first->credit_account_id
                            : first->debit_account_id;
    for (uint32_t i = 0; i < postings.count; i++) {
        if (postings.items[i].credit_account_id == escrow_id)
            add(sums, &sum, postings.items[i].amount_minor);
        if (postings.items[i].debit_account_id == escrow_id)
            take(sums, &sum, postings.items[i].amount_minor);
    }
    return sum;
}

static void add_confirm_payout(
    struct order_sums *sums, const struct command *command, struct postings postings)
{
    if (command->confirm_payout.correction) {
        add(sums, &sums->withdrawn_minor, sum_left(sums, postings));
        return;
    }
    switch ((enum payout_result)command->confirm_payout.result) {
    case PAYOUT_RESULT_FAILED:
        take(sums, &sums->withdrawn_minor, sum_out_of_bucket(sums, postings, BUCKET_PENDING_OUT));
        break;
    case PAYOUT_RESULT_RETURNED:
        add(sums, &sums->withdrawn_minor, sum_left(sums, postings));
        break;
    case PAYOUT_RESULT_PAID:
    case PAYOUT_RESULT_SENT:
    case PAYOUT_RESULT_UNKNOWN:
        break;
    }
}

/* Moves an amount from one sum to another. */
static void move(struct order_sums *sums, int64_t *from, int64_t *to, int64_t amount_minor)
{
    take(sums, from, amount_minor);
    add(sums, to, amount_minor);
}

static void add_command(struct order_sums *sums, const struct command *command, int64_t subject_id,
    struct postings postings)
{
    int64_t moved;
    switch ((int)command->kind) {
    case COMMAND_PAY:
        moved = sum_out_of_account(sums, postings, command->pay.payer_account_id);
        add(sums, &sums->paid_minor, moved);
        add(sums, &sums->confirmed_minor, moved);
        break;
    case COMMAND_PLACE_HOLD:
        moved = sum_into_bucket(sums, postings, BUCKET_FROZEN);
        add(sums, &sums->paid_minor, moved);
        add(sums, &sums->held_minor, moved);
        break;
    case COMMAND_CONFIRM_HOLD:
        moved = sum_confirmed(sums, postings);
        move(sums, &sums->held_minor, &sums->confirmed_minor, moved);
        break;
    case COMMAND_CANCEL_HOLD:
    case COMMAND_EXPIRE:
        moved = sum_cancelled(sums, postings);
        move(sums, &sums->held_minor, &sums->refunded_minor, moved);
        break;
    case COMMAND_REFUND:
        moved = sum_into_account(sums, postings, subject_id);
        move(sums, &sums->confirmed_minor, &sums->refunded_minor, moved);
        break;
    case COMMAND_REVERSE:
        /* Of what has an order number only a Pay can be reversed; its payer gets it all, and may
         * repay a debt with it. */
        moved = postings.count > 0
                    ? sum_into_account(sums, postings, postings.items[0].credit_account_id)
                    : 0;
        take(sums, &sums->paid_minor, moved);
        take(sums, &sums->confirmed_minor, moved);
        break;
    case COMMAND_WITHDRAW:
        add(sums, &sums->withdrawn_minor, sum_into_bucket(sums, postings, BUCKET_PENDING_OUT));
        break;
    case COMMAND_INTERCEPT_PAYOUT:
        take(sums, &sums->withdrawn_minor, sum_out_of_bucket(sums, postings, BUCKET_PENDING_OUT));
        break;
    case COMMAND_CONFIRM_PAYOUT:
        add_confirm_payout(sums, command, postings);
        break;
    default:
        break;
    }
}

int order_sums_add(struct order_sums *sums, const struct command_record *record,
    const struct posting *postings, uint32_t posting_count)
{
    struct command_elements elements;
    struct command command;
    if (!outcome_is_accepted(record->outcome))
        return 0;
    if (command_kind_name(record->kind) == NULL ||
        command_body_decode((enum command_kind)record->kind, record->body, record->body_length,
            &elements, &command) < 0)
        return -1;
    add_command(sums, &command, record->subject_id, (struct postings){postings, posting_count});
    add(sums, &sums->fees_minor, record->fee_minor);
    return 0;
}

bool order_sums_balance(const struct order_sums *sums)
{
    int64_t right = 0;
    return !__builtin_add_overflow(sums->confirmed_minor, sums->refunded_minor, &right) &&
           !__builtin_add_overflow(right, sums->held_minor, &right) && right == sums->paid_minor;
}
