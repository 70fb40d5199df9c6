/* replay_book.c: the replay's accounts and transactions as commands.
 *
 * Commands of one day and the next stand in one batch, in order; batches follow one another, so the
 * service sees the transactions as the file has them.
 * SPDX-License-Identifier: Apache-2.0 */
#include "vslctl/replay/replay.h"

#include "base/check.h"
#include "base/clock.h"
#include "ceilings.h"
#include "client/run.h"
#include "model/date.h"
#include "model/money.h"
#include "text/format.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHANNEL "vslctl-replay"

static Vsl__V1__SubmitBatchResponse *submit(struct replay *replay)
{
    rpc_reset(&replay->context.rpc);
    Vsl__V1__SubmitBatchResponse *answer = (Vsl__V1__SubmitBatchResponse *)replay_call(
        replay, &vsl__v1__funds_service__descriptor, "SubmitBatch", &replay->batch.message.base);
    if (!answer)
        return NULL;
    bool is_complete = answer->n_results == batch_count(&replay->batch);
    for (size_t i = 0; is_complete && i < answer->n_results; i++)
        is_complete = answer->results[i]->result != NULL;
    if (!is_complete)
        fprintf(stderr, "vslctl: the answer to a batch is not complete\n");
    return is_complete ? answer : NULL;
}

/* ---- accounts of the file ---- */

static int compare_accounts(const void *a, const void *b)
{
    const struct replay_account *left = a;
    const struct replay_account *right = b;
    return (left->file_id > right->file_id) - (left->file_id < right->file_id);
}

static uint32_t find_account(const struct replay *replay, int64_t file_id)
{
    const struct replay_account wanted = {.file_id = file_id};
    const struct replay_account *found = bsearch(&wanted, replay->accounts, replay->account_count,
        sizeof *replay->accounts, compare_accounts);
    CHECK(found != NULL);
    return (uint32_t)(found - replay->accounts);
}

void replay_collect_accounts(struct replay *replay)
{
    size_t count = replay->transaction_count;
    replay->accounts = calloc(count, sizeof *replay->accounts);
    replay->steps = calloc(count, sizeof *replay->steps);
    replay->by_account = calloc(count, sizeof *replay->by_account);
    CHECK(replay->accounts && replay->steps && replay->by_account);
    for (size_t i = 0; i < count; i++)
        replay->accounts[i].file_id = replay->transactions[i].account_id;
    qsort(replay->accounts, count, sizeof *replay->accounts, compare_accounts);
    for (size_t i = 0; i < count; i++) {
        if (i == 0 ||
            replay->accounts[i].file_id != replay->accounts[replay->account_count - 1].file_id)
            replay->accounts[replay->account_count++].file_id = replay->accounts[i].file_id;
    }
    for (size_t i = 0; i < count; i++) {
        struct step *step = &replay->steps[i];
        step->transaction = &replay->transactions[i];
        step->account = find_account(replay, step->transaction->account_id);
        replay->accounts[step->account].count++;
    }
    size_t first = 0;
    for (size_t i = 0; i < replay->account_count; i++) {
        replay->accounts[i].first = first;
        first += replay->accounts[i].count;
        replay->accounts[i].count = 0;
    }
    for (size_t i = 0; i < count; i++) {
        struct replay_account *account = &replay->accounts[replay->steps[i].account];
        replay->by_account[account->first + account->count++] = i;
    }
}

/* ---- opening ---- */

static ProtobufCMessage *call(void *context, const ProtobufCServiceDescriptor *service,
    const char *method, const ProtobufCMessage *request)
{
    return replay_call(context, service, method, request);
}

int replay_open_ledger(struct replay *replay)
{
    const struct run_ledger ledger = {
        .tool = "vslctl",
        .channel = CHANNEL,
        .run_id = replay->run_id,
        .platform = "Replay of real transactions",
        .currency = replay->currency,
        .date = replay->date,
        .call = call,
        .context = replay,
    };
    return run_open_ledger(&ledger, &replay->ledger_id, &replay->first_sequence);
}

static void add_member(struct replay *replay, const struct replay_account *account)
{
    char serial[SERIAL_TEXT_BYTES];
    snprintf(
        serial, sizeof serial, "%s-m%zu", replay->run_id, (size_t)(account - replay->accounts));
    Vsl__V1__OpenMemberRequest *request =
        batch_add_open_member(&replay->batch, CHANNEL, replay->date, serial);
    char id[32];
    snprintf(id, sizeof id, "account-%" PRId64, account->file_id);
    request->ledger_id = replay->ledger_id;
    request->kind = VSL__V1__MEMBER_KIND__MEMBER_KIND_USER;
    request->platform_member_id = batch_text(&replay->batch, id);
}

static void add_account(struct replay *replay, const struct replay_account *account)
{
    char serial[SERIAL_TEXT_BYTES];
    snprintf(
        serial, sizeof serial, "%s-a%zu", replay->run_id, (size_t)(account - replay->accounts));
    Vsl__V1__OpenAccountRequest *request =
        batch_add_open_account(&replay->batch, CHANNEL, replay->date, serial);
    request->ledger_id = replay->ledger_id;
    request->member_id = account->member_id;
}

/* Opens a member (or, in the second round, an account) for every account of the file. */
int replay_open_accounts(struct replay *replay, bool is_members)
{
    for (size_t first = 0; first < replay->account_count; first += replay->batch_max) {
        size_t left = replay->account_count - first;
        size_t count = left < replay->batch_max ? left : replay->batch_max;
        batch_begin(&replay->batch);
        for (size_t i = 0; i < count; i++) {
            if (is_members)
                add_member(replay, &replay->accounts[first + i]);
            else
                add_account(replay, &replay->accounts[first + i]);
        }
        const Vsl__V1__SubmitBatchResponse *answer = submit(replay);
        if (!answer)
            return -1;
        for (size_t i = 0; i < count; i++) {
            const Vsl__V1__BatchItemResult *result = answer->results[i];
            if ((int)result->result->outcome >= OUTCOME_FIRST_REFUSAL) {
                fprintf(stderr, "vslctl: could not open a member or account: %s\n",
                    result->result->text);
                return -1;
            }
            if (is_members)
                replay->accounts[first + i].member_id = result->subject_id;
            else
                replay->accounts[first + i].account_id = result->subject_id;
        }
    }
    return 0;
}

/* ---- transactions ---- */

/* The other side at a bank; cash and cards have none in the file. */
static Vsl__V1__Party *partner(struct replay *replay, const struct transaction *transaction)
{
    const char *name = "Cash Desk";
    if (transaction->operation == OPERATION_CARD_OUT)
        name = "Card Payments";
    else if (transaction->operation == OPERATION_TRANSFER_IN ||
             transaction->operation == OPERATION_TRANSFER_OUT)
        name = "Partner";
    return batch_party(&replay->batch, name,
        transaction->partner_account[0] ? transaction->partner_account : "0001",
        transaction->partner_bank);
}

static void add_cut_day(struct replay *replay, int32_t date)
{
    char serial[SERIAL_TEXT_BYTES];
    snprintf(serial, sizeof serial, "%s-cut-%d", replay->run_id, date);
    /* Asked for on the day that ends: the new one may be too far ahead for a request key. */
    replay->in_batch[batch_count(&replay->batch)] = SIZE_MAX;
    Vsl__V1__CutDayRequest *request =
        batch_add_cut_day(&replay->batch, CHANNEL, replay->date, serial);
    request->ledger_id = replay->ledger_id;
    request->accounting_date = date;
    replay->date = date;
}

static void add_money_in(struct replay *replay, const struct transaction *transaction,
    int64_t account_id, const char *serial)
{
    if (transaction->operation == OPERATION_INTEREST) {
        Vsl__V1__BookInterestRequest *interest =
            batch_add_book_interest(&replay->batch, CHANNEL, replay->date, serial);
        interest->ledger_id = replay->ledger_id;
        interest->account_id = account_id;
        interest->amount_minor = transaction->delta_minor;
        interest->remark = batch_text(&replay->batch, transaction->purpose);
        return;
    }
    Vsl__V1__BookReceiptRequest *receipt =
        batch_add_book_receipt(&replay->batch, CHANNEL, replay->date, serial);
    receipt->ledger_id = replay->ledger_id;
    receipt->account_id = account_id;
    receipt->amount_minor = transaction->delta_minor;
    /* As the file has it: of cash there is no account. */
    receipt->payer =
        batch_party(&replay->batch, "", transaction->partner_account, transaction->partner_bank);
    receipt->value_date = transaction->date;
    receipt->remark = batch_text(&replay->batch, transaction->purpose);
}

static void add_money_out(struct replay *replay, const struct transaction *transaction,
    int64_t account_id, const char *serial)
{
    if (transaction->is_fee) {
        Vsl__V1__ChargeFeeRequest *fee =
            batch_add_charge_fee(&replay->batch, CHANNEL, replay->date, serial);
        fee->ledger_id = replay->ledger_id;
        fee->account_id = account_id;
        fee->amount_minor = -transaction->delta_minor;
        fee->remark = batch_text(&replay->batch, transaction->purpose);
        return;
    }
    Vsl__V1__WithdrawRequest *withdraw =
        batch_add_withdraw(&replay->batch, CHANNEL, replay->date, serial);
    withdraw->ledger_id = replay->ledger_id;
    withdraw->account_id = account_id;
    withdraw->amount_minor = -transaction->delta_minor;
    withdraw->destination = partner(replay, transaction);
    withdraw->remark = batch_text(&replay->batch, transaction->purpose);
}

/* Adds the step to the batch, unless its account has stopped. */
static void add_step(struct replay *replay, size_t index)
{
    struct step *step = &replay->steps[index];
    const struct transaction *transaction = step->transaction;
    struct replay_account *account = &replay->accounts[step->account];
    if (account->is_stopped)
        return;
    char serial[SERIAL_TEXT_BYTES];
    snprintf(serial, sizeof serial, "%s-%" PRId64, replay->run_id, transaction->transaction_id);
    replay->in_batch[batch_count(&replay->batch)] = index;
    int64_t after = 0;
    /* A sum beyond 64 bits the service refuses; belief stays where it was. */
    if (!money_try_add(account->running_minor, transaction->delta_minor, &after))
        after = account->running_minor;
    step->is_sent = true;
    step->is_overdraft = after < 0;
    account->is_stopped = step->is_overdraft;
    if (!step->is_overdraft)
        account->running_minor = after;
    if (transaction->delta_minor > 0)
        add_money_in(replay, transaction, account->account_id, serial);
    else
        add_money_out(replay, transaction, account->account_id, serial);
}

static void take_step(
    struct replay *replay, struct step *step, const Vsl__V1__CommandResult *result)
{
    bool is_accepted = (int)result->outcome < OUTCOME_FIRST_REFUSAL;
    step->sequence = result->sequence;
    if (step->is_overdraft) {
        if (is_accepted)
            replay_trouble(replay, step, "would overdraw the account, but was accepted");
        else if (result->outcome != VSL__V1__OUTCOME__OUTCOME_INSUFFICIENT_AVAILABLE)
            replay_trouble(replay, step, result->text);
    } else if (!is_accepted) {
        replay_trouble(replay, step, result->text);
    }
}

static int send_batch(struct replay *replay)
{
    size_t count = batch_count(&replay->batch);
    if (count == 0)
        return 0;
    const Vsl__V1__SubmitBatchResponse *answer = submit(replay);
    if (!answer)
        return -1;
    for (size_t i = 0; i < count; i++) {
        const Vsl__V1__CommandResult *result = answer->results[i]->result;
        if (replay->in_batch[i] != SIZE_MAX) {
            take_step(replay, &replay->steps[replay->in_batch[i]], result);
        } else if ((int)result->outcome >= OUTCOME_FIRST_REFUSAL) {
            progress_clear(&replay->progress);
            fprintf(stderr, "vslctl: the day cut was refused: %s\n", result->text);
            return -1;
        }
    }
    batch_begin(&replay->batch);
    return 0;
}

/* Cuts days up to the date, as far at a time as one person alone may. */
static int go_to_date(struct replay *replay, int32_t date)
{
    int32_t days = 0;
    int32_t last_days = 0;
    bool are_days =
        date_try_from_yyyymmdd(replay->date, &days) && date_try_from_yyyymmdd(date, &last_days);
    CHECK(are_days);
    while (days < last_days) {
        int32_t alone = date_within_one_weekday(days);
        days = alone < last_days ? alone : last_days;
        add_cut_day(replay, date_to_yyyymmdd(days));
        if (batch_count(&replay->batch) + 2 > replay->batch_max && send_batch(replay) != 0)
            return -1;
    }
    return 0;
}

static void show_days(struct replay *replay, size_t done, int64_t started_us)
{
    if (!progress_is_due(&replay->progress))
        return;
    char date[FORMAT_BYTES_MAX];
    double seconds = (double)(clock_monotonic_us() - started_us) / 1e6;
    format_date(replay->date, date);
    progress_show(&replay->progress, "replaying %s: %zu of %zu transactions (%.0f %%), %.0f/s",
        date, done, replay->transaction_count,
        100.0 * (double)done / (double)replay->transaction_count,
        seconds > 0 ? (double)done / seconds : 0);
}

int replay_days(struct replay *replay)
{
    int64_t started_us = clock_monotonic_us();
    batch_begin(&replay->batch);
    for (size_t i = 0; i < replay->transaction_count; i++) {
        if (go_to_date(replay, replay->steps[i].transaction->date) != 0)
            return -1;
        add_step(replay, i);
        if (batch_count(&replay->batch) + 2 > replay->batch_max && send_batch(replay) != 0)
            return -1;
        show_days(replay, i + 1, started_us);
    }
    return send_batch(replay);
}
