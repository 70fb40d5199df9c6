/* mixed.c: what a marketplace sends: payments to two payees, holds, confirms, refunds, receipts and
 * withdrawals, in fixed shares.
 *
 * Refunds and confirms name what was accepted before; until there is something to name, a payment
 * is sent in their place. Every payment and hold has an order number of its own. Belief changes
 * only with answers.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/check.h"
#include "base/clock.h"
#include "vslload/workload.h"

#include <stdlib.h>

#define AMOUNT_MINOR_LIMIT 100
#define HOLD_SECONDS INT64_C(86400)
/* Payments and holds that are remembered to be named; the oldest are forgotten. */
#define PAST_MAX 65536

enum operation_kind {
    OPERATION_PAY,
    OPERATION_PLACE_HOLD,
    OPERATION_CONFIRM_HOLD,
    OPERATION_REFUND,
    OPERATION_RECEIPT,
    OPERATION_WITHDRAW,
};

/* Out of a hundred commands; holds and confirms together are ten. */
static const struct {
    enum operation_kind kind;
    uint32_t percent;
} shares[] = {
    {OPERATION_PAY, 60},
    {OPERATION_PLACE_HOLD, 5},
    {OPERATION_CONFIRM_HOLD, 5},
    {OPERATION_REFUND, 10},
    {OPERATION_RECEIPT, 10},
    {OPERATION_WITHDRAW, 10},
};

struct operation {
    enum operation_kind kind;
    uint64_t order;   /* number of the payment or hold that gave the order its number */
    int64_t named_id; /* the hold, or the sequence of the payment, that is named */
    uint32_t payer;   /* indexes into the accounts of the run; of a receipt the account */
    uint32_t payees[2];
    int64_t amounts_minor[2];
};

/* Accepted operations that can be named, the oldest first; a ring. */
struct past {
    struct operation operations[PAST_MAX];
    uint32_t first, count;
};

static struct past payments;
static struct past holds;

static void remember(struct past *past, const struct operation *operation, int64_t id)
{
    if (past->count == PAST_MAX) {
        past->first = (past->first + 1) % PAST_MAX;
        past->count--;
    }
    struct operation *kept = &past->operations[(past->first + past->count++) % PAST_MAX];
    *kept = *operation;
    kept->named_id = id;
}

static struct operation take_oldest(struct past *past)
{
    CHECK(past->count > 0);
    struct operation operation = past->operations[past->first];
    past->first = (past->first + 1) % PAST_MAX;
    past->count--;
    return operation;
}

/* ---- choosing ---- */

static enum operation_kind choose_kind(struct load *load)
{
    uint32_t dice = random_below(&load->random, 100);
    size_t i = 0;
    while (dice >= shares[i].percent)
        dice -= shares[i++].percent;
    return shares[i].kind;
}

/* An account other than the given one. */
static uint32_t choose_other(struct load *load, uint32_t account)
{
    uint32_t other = random_below(&load->random, load->options->accounts - 1);
    return other >= account ? other + 1 : other;
}

static int64_t choose_amount(struct load *load)
{
    return 1 + random_below(&load->random, AMOUNT_MINOR_LIMIT);
}

static struct operation choose_operation(struct load *load)
{
    enum operation_kind kind = choose_kind(load);
    if ((kind == OPERATION_REFUND && payments.count == 0) ||
        (kind == OPERATION_CONFIRM_HOLD && holds.count == 0))
        kind = OPERATION_PAY;
    struct operation operation = {.kind = kind};
    if (kind == OPERATION_REFUND) {
        operation = take_oldest(&payments);
        operation.kind = kind;
        return operation;
    }
    if (kind == OPERATION_CONFIRM_HOLD) {
        operation = take_oldest(&holds);
        operation.kind = kind;
        operation.payees[0] = choose_other(load, operation.payer);
        return operation;
    }
    operation.order = load->next;
    operation.payer = random_below(&load->random, load->options->accounts);
    operation.amounts_minor[0] = choose_amount(load);
    if (kind == OPERATION_PAY) {
        operation.amounts_minor[1] = choose_amount(load);
        operation.payees[0] = choose_other(load, operation.payer);
        do
            operation.payees[1] = choose_other(load, operation.payer);
        while (operation.payees[1] == operation.payees[0]);
    }
    return operation;
}

/* ---- sending ---- */

static char *order_number(struct load *load, const struct operation *operation)
{
    char serial[SERIAL_BYTES];
    load_serial(load, 'p', operation->order, serial);
    return batch_text(&load->batch, serial);
}

static void add_pay(struct load *load, const struct operation *operation, const char *serial)
{
    Vsl__V1__PayRequest *request =
        batch_add_pay(&load->batch, LOAD_CHANNEL, load->business_date, serial);
    request->ledger_id = load->ledger_id;
    request->payer_account_id = load->account_ids[operation->payer];
    request->order_number = order_number(load, operation);
    request->n_payees = 2;
    request->payees = batch_payees(&load->batch, 2);
    for (size_t i = 0; i < 2; i++) {
        request->payees[i]->account_id = load->account_ids[operation->payees[i]];
        request->payees[i]->amount_minor = operation->amounts_minor[i];
    }
}

static void add_place_hold(struct load *load, const struct operation *operation, const char *serial)
{
    Vsl__V1__PlaceHoldRequest *request =
        batch_add_place_hold(&load->batch, LOAD_CHANNEL, load->business_date, serial);
    request->ledger_id = load->ledger_id;
    request->payer_account_id = load->account_ids[operation->payer];
    request->amount_minor = operation->amounts_minor[0];
    request->order_number = order_number(load, operation);
    request->expires_at_us = clock_wall_us() + HOLD_SECONDS * 1000000;
}

static void add_confirm_hold(
    struct load *load, const struct operation *operation, const char *serial)
{
    Vsl__V1__ConfirmHoldRequest *request =
        batch_add_confirm_hold(&load->batch, LOAD_CHANNEL, load->business_date, serial);
    request->ledger_id = load->ledger_id;
    request->payer_account_id = load->account_ids[operation->payer];
    request->order_number = order_number(load, operation);
    request->hold_id = operation->named_id;
    request->n_payees = 1;
    request->payees = batch_payees(&load->batch, 1);
    request->payees[0]->account_id = load->account_ids[operation->payees[0]];
    request->payees[0]->amount_minor = operation->amounts_minor[0];
}

static void add_refund(struct load *load, const struct operation *operation, const char *serial)
{
    Vsl__V1__RefundRequest *request =
        batch_add_refund(&load->batch, LOAD_CHANNEL, load->business_date, serial);
    request->ledger_id = load->ledger_id;
    request->original_sequence = operation->named_id;
    request->order_number = order_number(load, operation);
}

static void add_receipt(struct load *load, const struct operation *operation, const char *serial)
{
    Vsl__V1__BookReceiptRequest *request =
        batch_add_book_receipt(&load->batch, LOAD_CHANNEL, load->business_date, serial);
    request->ledger_id = load->ledger_id;
    request->account_id = load->account_ids[operation->payer];
    request->amount_minor = operation->amounts_minor[0];
    request->payer = batch_party(&load->batch, "Load Generator", "6222000000000000", "");
}

static void add_withdraw(struct load *load, const struct operation *operation, const char *serial)
{
    Vsl__V1__WithdrawRequest *request =
        batch_add_withdraw(&load->batch, LOAD_CHANNEL, load->business_date, serial);
    request->ledger_id = load->ledger_id;
    request->account_id = load->account_ids[operation->payer];
    request->amount_minor = operation->amounts_minor[0];
    request->destination = batch_party(&load->batch, "Load Generator", "6222000000000000", "");
}

static void add_operation(struct load *load, const struct operation *operation, const char *serial)
{
    switch (operation->kind) {
    case OPERATION_PAY:
        add_pay(load, operation, serial);
        return;
    case OPERATION_PLACE_HOLD:
        add_place_hold(load, operation, serial);
        return;
    case OPERATION_CONFIRM_HOLD:
        add_confirm_hold(load, operation, serial);
        return;
    case OPERATION_REFUND:
        add_refund(load, operation, serial);
        return;
    case OPERATION_RECEIPT:
        add_receipt(load, operation, serial);
        return;
    case OPERATION_WITHDRAW:
        add_withdraw(load, operation, serial);
        return;
    }
    CHECK(0 && "a known operation");
}

uint32_t mixed_fill(void *context, struct slot *slot)
{
    struct load *load = context;
    uint32_t batch = load->options->batch;
    if (clock_monotonic_us() >= load->stop_us)
        return 0;
    if (!slot->operations) {
        slot->operations = calloc(batch, sizeof *slot->operations);
        CHECK(slot->operations != NULL);
    }
    slot->first = load->next;
    batch_begin(&load->batch);
    for (uint32_t i = 0; i < batch; i++) {
        char serial[SERIAL_BYTES];
        slot->operations[i] = choose_operation(load);
        load_serial(load, 'p', load->next++, serial);
        add_operation(load, &slot->operations[i], serial);
    }
    batch_pack(&load->batch, &slot->request);
    return batch;
}

/* ---- believing ---- */

static void believe_pay(struct load *load, const struct operation *operation, int64_t sign)
{
    for (size_t i = 0; i < 2; i++) {
        int64_t amount = sign * operation->amounts_minor[i];
        load->balances_minor[operation->payer] -= amount;
        load->balances_minor[operation->payees[i]] += amount;
    }
}

void mixed_take(void *context, struct slot *slot, uint32_t index, enum load_end end,
    const Vsl__V1__CommandResult *result, const Vsl__V1__BatchItemResult *item)
{
    struct load *load = context;
    if (end != LOAD_ACCEPTED)
        return;
    const struct operation *operation = &slot->operations[index];
    uint32_t account = operation->payer;
    int64_t amount = operation->amounts_minor[0];
    load->done++;
    switch (operation->kind) {
    case OPERATION_PAY:
        believe_pay(load, operation, 1);
        remember(&payments, operation, result->sequence);
        return;
    case OPERATION_REFUND:
        believe_pay(load, operation, -1);
        return;
    case OPERATION_PLACE_HOLD:
        load->balances_minor[account] -= amount;
        load->frozen_minor[account] += amount;
        remember(&holds, operation, item->subject_id);
        return;
    case OPERATION_CONFIRM_HOLD:
        load->frozen_minor[account] -= amount;
        load->balances_minor[operation->payees[0]] += amount;
        return;
    case OPERATION_RECEIPT:
        load->balances_minor[account] += amount;
        load->funded_minor += amount;
        return;
    case OPERATION_WITHDRAW:
        load->balances_minor[account] -= amount;
        load->pending_out_minor[account] += amount;
        return;
    }
    CHECK(0 && "a known operation");
}
