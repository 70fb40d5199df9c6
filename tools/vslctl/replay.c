/* replay.c: vslctl replay: real transactions against the service, every balance compared.
 *
 * The file is an oracle: it tells the balance after each transaction. Each account of the file
 * becomes a member's account of a fresh ledger; day by day money in is booked as receipts or
 * interest, fees as fees, money out as withdrawals that the bank pays. Overdrafts do not exist
 * here: an account stops at its first transaction that would overdraw it, which the service must
 * refuse.
 *
 * Commands of one day and the next stand in one batch, in order; batches follow one another. The
 * balances compared are those of the service's own statements.
 * SPDX-License-Identifier: Apache-2.0 */
#include "bankstub/stand_in.h"
#include "base/check.h"
#include "base/clock.h"
#include "client/batch.h"
#include "client/terminal.h"
#include "model/money.h"
#include "vslctl/format.h"
#include "vslctl/transactions.h"
#include "vslctl/vslctl.h"

#include "vsl/v1/account.pb-c.h"
#include "vsl/v1/ledger.pb-c.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define CHANNEL "vslctl-replay"
#define BATCH_DEFAULT 500
#define STATEMENT_PAGE 5000
#define PREFIX_ATTEMPTS 20
#define GIVE_UP_US (INT64_C(60) * 1000000)
#define RETRY_PAUSE_US 250000
#define POLL_PAUSE_US 50000
#define TROUBLES_SHOWN_MAX 10
#define RUN_ID_CHARACTERS 8

enum { OPTION_DATA = 0x5000, OPTION_BANKSTUB, OPTION_BATCH, OPTION_WAIT, OPTION_CURRENCY };

struct replay_account {
    int64_t file_id;
    int64_t member_id;
    int64_t account_id;
    int64_t running_minor; /* by the file's amounts, as far as replayed */
    bool is_stopped;       /* at its first overdraft */
    bool has_difference;
    size_t first; /* of its steps, in `by_account` */
    size_t count;
};

/* What became of a transaction. */
struct step {
    const struct transaction *transaction;
    uint32_t account;
    bool is_sent;
    bool is_overdraft; /* must be refused */
    int64_t sequence;  /* of its command */
};

struct replay {
    struct common_options *options;
    struct context context;
    struct progress progress;
    const char *file;
    const char *currency;
    uint32_t batch_max;
    double wait_seconds;
    bool has_bankstub;
    bool is_quiet;

    struct transaction *transactions;
    size_t transaction_count;
    struct replay_account *accounts;
    size_t account_count;
    struct step *steps;
    size_t *by_account; /* indexes of steps, account after account, in order */
    struct batch batch;
    size_t in_batch[BATCH_COMMANDS_MAX]; /* step of each item; SIZE_MAX: a day cut */
    char run_id[RUN_ID_CHARACTERS + 1];
    int64_t ledger_id;
    int64_t first_sequence;
    int32_t date; /* the ledger's present date */
    struct stand_in *stand_in;

    uint64_t differences;
    uint64_t troubles;
    bool is_balanced;
};

/* ---- options ---- */

static const struct argp_option options[] = {
    {"data", OPTION_DATA, "FILE", 0, "The transactions, a CSV file", 1},
    {"bankstub", OPTION_BANKSTUB, 0, 0,
        "A bankstub runs beside and pays; without it the replay pays by itself", 1},
    {"currency", OPTION_CURRENCY, "CODE", 0, "Currency of the ledger (default CZK)", 1},
    {"batch", OPTION_BATCH, "N", 0, "Commands per request, 1 to 8000 (default 500)", 1},
    {"wait", OPTION_WAIT, "S", 0,
        "Wait so many seconds for the last payouts to be paid (default 60)", 1},
    {"quiet", 'q', 0, 0, "No progress", 1},
    {0},
};

static error_t parse(int key, char *argument, struct argp_state *state)
{
    struct replay *replay = state->input;
    int64_t number;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = replay->options;
        return 0;
    case OPTION_DATA:
        replay->file = argument;
        return 0;
    case OPTION_BANKSTUB:
        replay->has_bankstub = true;
        return 0;
    case OPTION_CURRENCY:
        replay->currency = argument;
        return 0;
    case OPTION_BATCH:
        if (!parse_integer(argument, 1, BATCH_COMMANDS_MAX, &number))
            argp_error(state, "--batch takes 1 to %d", BATCH_COMMANDS_MAX);
        replay->batch_max = (uint32_t)number;
        return 0;
    case OPTION_WAIT:
        if (!parse_integer(argument, 0, 86400, &number))
            argp_error(state, "--wait takes seconds, at most 86400");
        replay->wait_seconds = (double)number;
        return 0;
    case 'q':
        replay->is_quiet = true;
        return 0;
    case ARGP_KEY_ARG:
        argp_error(state, "'%s' is not an option", argument);
        return EINVAL;
    case ARGP_KEY_END:
        if (!replay->file)
            argp_error(state, "--data is required");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* ---- troubles ---- */

static void trouble(struct replay *replay, const struct step *step, const char *what)
{
    if (replay->troubles++ >= TROUBLES_SHOWN_MAX)
        return;
    progress_clear(&replay->progress);
    fprintf(stderr, "line %u, account %" PRId64 ": %s\n", step->transaction->line,
        step->transaction->account_id, what);
}

static bool is_passing(enum grpc_status status)
{
    return status == GRPC_UNAVAILABLE || status == GRPC_DEADLINE_EXCEEDED ||
           status == GRPC_RESOURCE_EXHAUSTED || status == GRPC_CANCELLED ||
           status == GRPC_INTERNAL || status == GRPC_UNKNOWN || status == GRPC_ABORTED;
}

/* Calls until there is an answer; the same keys make a repeat harmless. NULL with a message. */
static ProtobufCMessage *call(struct replay *replay, const ProtobufCServiceDescriptor *service,
    const char *method, const ProtobufCMessage *request)
{
    int64_t give_up_us = clock_monotonic_us() + GIVE_UP_US;
    struct rpc *rpc = &replay->context.rpc;
    for (;;) {
        ProtobufCMessage *answer = rpc_call(rpc, service, method, request);
        if (answer)
            return answer;
        /* A server that was never reached is no server that will come back. */
        bool may_come_back = replay->ledger_id > 0 && is_passing(rpc->fault.status);
        if (!may_come_back || clock_monotonic_us() > give_up_us) {
            progress_clear(&replay->progress);
            context_print_fault(&replay->context);
            return NULL;
        }
        progress_show(&replay->progress, "waiting for the server: %s", rpc->fault.message);
        rpc_wait(rpc, RETRY_PAUSE_US);
    }
}

static Vsl__V1__SubmitBatchResponse *submit(struct replay *replay)
{
    rpc_reset(&replay->context.rpc);
    Vsl__V1__SubmitBatchResponse *answer = (Vsl__V1__SubmitBatchResponse *)call(
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

static void collect_accounts(struct replay *replay)
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

static void make_run_id(struct replay *replay)
{
    static const char digits[] = "0123456789abcdefghijklmnopqrstuvwxyz";
    uint8_t random[RUN_ID_CHARACTERS];
    CHECK(getrandom(random, sizeof random, 0) == sizeof random);
    for (size_t i = 0; i < RUN_ID_CHARACTERS; i++)
        replay->run_id[i] = digits[random[i] % 36];
}

static int open_ledger(struct replay *replay)
{
    for (int attempt = 0; attempt < PREFIX_ATTEMPTS; attempt++) {
        Vsl__V1__RequestKey key;
        vsl__v1__request_key__init(&key);
        Vsl__V1__OpenLedgerRequest request;
        vsl__v1__open_ledger_request__init(&request);
        char channel[] = CHANNEL;
        char platform[] = "Replay of real transactions";
        char escrow[] = "6200000000000001";
        char serial[SERIAL_TEXT_BYTES];
        char prefix[16];
        char currency[8];
        uint32_t random;
        CHECK(getrandom(&random, sizeof random, 0) == sizeof random);
        snprintf(serial, sizeof serial, "%s-ledger-%d", replay->run_id, attempt);
        snprintf(prefix, sizeof prefix, "%u", 10000000 + random % 90000000);
        snprintf(currency, sizeof currency, "%s", replay->currency);
        key.channel = channel;
        key.business_date = replay->date;
        key.serial = serial;
        request.key = &key;
        request.platform_name = platform;
        request.escrow_account_number = escrow;
        request.currency = currency;
        request.receiving_prefix = prefix;
        request.first_accounting_date = replay->date;
        Vsl__V1__OpenLedgerResponse *answer = (Vsl__V1__OpenLedgerResponse *)call(
            replay, &vsl__v1__ledger_service__descriptor, "OpenLedger", &request.base);
        if (!answer || !answer->result)
            return -1;
        if ((int)answer->result->outcome < OUTCOME_FIRST_REFUSAL) {
            replay->ledger_id = answer->ledger_id;
            replay->first_sequence = answer->result->sequence;
            return 0;
        }
        if (answer->result->outcome != VSL__V1__OUTCOME__OUTCOME_RECEIVING_PREFIX_TAKEN) {
            fprintf(stderr, "vslctl: could not open a ledger: %s\n", answer->result->text);
            return -1;
        }
    }
    fprintf(stderr, "vslctl: found no free receiving prefix for a ledger\n");
    return -1;
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
static int open_accounts(struct replay *replay, bool is_members)
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
    receipt->payer = partner(replay, transaction);
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
    if (transaction->date != replay->date)
        add_cut_day(replay, transaction->date);
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
            trouble(replay, step, "would overdraw the account, but was accepted");
        else if (result->outcome != VSL__V1__OUTCOME__OUTCOME_INSUFFICIENT_AVAILABLE)
            trouble(replay, step, result->text);
    } else if (!is_accepted) {
        trouble(replay, step, result->text);
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

static int replay_days(struct replay *replay)
{
    int64_t started_us = clock_monotonic_us();
    batch_begin(&replay->batch);
    for (size_t i = 0; i < replay->transaction_count; i++) {
        add_step(replay, i);
        /* A step may bring a day cut with it. */
        if (batch_count(&replay->batch) + 2 > replay->batch_max && send_batch(replay) != 0)
            return -1;
        show_days(replay, i + 1, started_us);
    }
    return send_batch(replay);
}

/* ---- comparing ---- */

static void differ(struct replay *replay, const struct step *step, const char *what, int64_t said)
{
    char text[192];
    char expected[FORMAT_BYTES_MAX];
    char got[FORMAT_BYTES_MAX];
    int decimals = currency_decimals(replay->currency);
    format_amount(step->transaction->balance_after_minor, decimals, expected);
    format_amount(said, decimals, got);
    snprintf(text, sizeof text, "%s: the file says %s, the service %s", what, expected, got);
    replay->differences++;
    replay->accounts[step->account].has_difference = true;
    trouble(replay, step, text);
}

/* Compares a page of a statement with the account's steps from *next on. */
static void compare_lines(struct replay *replay, const struct replay_account *account,
    const Vsl__V1__ListStatementLinesResponse *page, size_t *next)
{
    for (size_t i = 0; i < page->n_lines; i++) {
        const Vsl__V1__StatementLine *line = page->lines[i];
        if (*next == account->count) {
            const struct step *last =
                &replay->steps[replay->by_account[account->first + account->count - 1]];
            differ(
                replay, last, "a line that no transaction stands for", line->balance_after_minor);
            continue;
        }
        const struct step *step = &replay->steps[replay->by_account[account->first + *next]];
        (*next)++;
        if (line->sequence != step->sequence ||
            line->amount_minor != step->transaction->delta_minor ||
            line->balance_after_minor != step->transaction->balance_after_minor)
            differ(replay, step, "another balance", line->balance_after_minor);
    }
}

static int compare_account(struct replay *replay, struct replay_account *account)
{
    Vsl__V1__ListStatementLinesRequest request;
    vsl__v1__list_statement_lines_request__init(&request);
    char empty[] = "";
    struct buffer token = {0};
    size_t next = 0;
    int fault = -1;
    request.ledger_id = replay->ledger_id;
    request.account_id = account->account_id;
    request.bucket = VSL__V1__BUCKET__BUCKET_AVAILABLE;
    request.order = VSL__V1__STATEMENT_ORDER__STATEMENT_ORDER_OLDEST_FIRST;
    request.page_size = STATEMENT_PAGE;
    request.page_token = empty;
    for (;;) {
        rpc_reset(&replay->context.rpc);
        Vsl__V1__ListStatementLinesResponse *page = (Vsl__V1__ListStatementLinesResponse *)call(
            replay, &vsl__v1__account_service__descriptor, "ListStatementLines", &request.base);
        if (!page)
            break;
        compare_lines(replay, account, page, &next);
        fault = page->next_page_token[0] ? -1 : 0;
        if (fault == 0)
            break;
        /* The answer goes with the next reset. */
        buffer_clear(&token);
        buffer_append(&token, page->next_page_token, strlen(page->next_page_token) + 1);
        request.page_token = (char *)token.bytes;
    }
    buffer_finish(&token);
    /* Steps that were booked have a line each; of a stopped account the last one sent has none. */
    for (; fault == 0 && next < account->count; next++) {
        const struct step *step = &replay->steps[replay->by_account[account->first + next]];
        if (step->is_sent && !step->is_overdraft)
            differ(replay, step, "no line in the statement", 0);
    }
    return fault;
}

static int compare_statements(struct replay *replay)
{
    for (size_t i = 0; i < replay->account_count; i++) {
        if (compare_account(replay, &replay->accounts[i]) != 0)
            return -1;
        if (progress_is_due(&replay->progress))
            progress_show(&replay->progress, "comparing statements: %zu of %zu accounts", i + 1,
                replay->account_count);
    }
    return 0;
}

/* ---- payouts and the tie-out ---- */

static int wait_for_payouts(struct replay *replay)
{
    int64_t give_up_us = clock_monotonic_us() + (int64_t)(replay->wait_seconds * 1e6);
    Vsl__V1__GetLedgerRequest request;
    vsl__v1__get_ledger_request__init(&request);
    request.ledger_id = replay->ledger_id;
    for (;;) {
        rpc_reset(&replay->context.rpc);
        Vsl__V1__GetLedgerResponse *answer = (Vsl__V1__GetLedgerResponse *)call(
            replay, &vsl__v1__ledger_service__descriptor, "GetLedger", &request.base);
        if (!answer || !answer->ledger)
            return -1;
        if (answer->ledger->open_payout_count == 0)
            return 0;
        if (clock_monotonic_us() > give_up_us) {
            progress_clear(&replay->progress);
            fprintf(stderr, "vslctl: %" PRId64 " payouts are still not paid\n",
                answer->ledger->open_payout_count);
            replay->troubles++;
            return 0;
        }
        if (progress_is_due(&replay->progress))
            progress_show(&replay->progress, "waiting for %" PRId64 " payouts to be paid",
                answer->ledger->open_payout_count);
        rpc_wait(&replay->context.rpc, POLL_PAUSE_US);
    }
}

static int read_tie_out(struct replay *replay)
{
    Vsl__V1__GetTieOutRequest request;
    vsl__v1__get_tie_out_request__init(&request);
    request.ledger_id = replay->ledger_id;
    rpc_reset(&replay->context.rpc);
    Vsl__V1__GetTieOutResponse *answer = (Vsl__V1__GetTieOutResponse *)call(
        replay, &vsl__v1__ledger_service__descriptor, "GetTieOut", &request.base);
    if (!answer)
        return -1;
    replay->is_balanced = answer->balanced && answer->difference_minor == 0;
    return 0;
}

/* ---- the run ---- */

static int report(const struct replay *replay)
{
    size_t complete = 0;
    size_t stopped = 0;
    for (size_t i = 0; i < replay->account_count; i++) {
        const struct replay_account *account = &replay->accounts[i];
        stopped += account->is_stopped;
        complete += !account->is_stopped && !account->has_difference;
    }
    bool is_right = replay->differences == 0 && replay->troubles == 0 && replay->is_balanced;
    if (replay->options->is_json) {
        json_t *json = json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:b, s:b}", "ledger_id",
            (json_int_t)replay->ledger_id, "transactions", (json_int_t)replay->transaction_count,
            "accounts_complete", (json_int_t)complete, "accounts_stopped", (json_int_t)stopped,
            "differences", (json_int_t)replay->differences, "troubles",
            (json_int_t)replay->troubles, "balanced", replay->is_balanced, "right", is_right);
        CHECK(json != NULL);
        json_dumpf(json, stdout, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
        printf("\n");
        json_decref(json);
    } else {
        if (replay->troubles > TROUBLES_SHOWN_MAX)
            fprintf(stderr, "... and %" PRIu64 " more\n", replay->troubles - TROUBLES_SHOWN_MAX);
        printf("%zu accounts to their last balance, %zu stopped at their first overdraft, %" PRIu64
               " balances differ, escrow tie-out: %s\n",
            complete, stopped, replay->differences,
            replay->is_balanced ? "balanced" : "NOT BALANCED");
    }
    return is_right ? EXIT_ACCEPTED : EXIT_REFUSED;
}

static void on_bank_trouble(void *context, const char *message)
{
    struct replay *replay = context;
    progress_show(&replay->progress, "the bank stand-in waits: %s", message);
}

static int start_bank(struct replay *replay)
{
    char error[512];
    if (replay->has_bankstub)
        return 0;
    struct stand_in_config config = {.client = replay->options->client,
        .ledger_id = replay->ledger_id,
        .from_sequence = replay->first_sequence,
        .on_trouble = on_bank_trouble,
        .context = replay};
    replay->stand_in = stand_in_start(replay->context.rpc.base, &config, error, sizeof error);
    if (!replay->stand_in)
        fprintf(stderr, "vslctl: %s\n", error);
    return replay->stand_in ? 0 : -1;
}

static int run(struct replay *replay)
{
    char error[512];
    replay->transactions =
        transactions_load(replay->file, &replay->transaction_count, error, sizeof error);
    if (!replay->transactions) {
        fprintf(stderr, "vslctl: %s\n", error);
        return EXIT_USAGE;
    }
    collect_accounts(replay);
    if (context_open(&replay->context) != 0)
        return EXIT_USAGE;
    make_run_id(replay);
    replay->date = replay->transactions[0].date;
    progress_show(&replay->progress, "opening %zu accounts", replay->account_count);
    if (open_ledger(replay) != 0 || open_accounts(replay, true) != 0 ||
        open_accounts(replay, false) != 0 || start_bank(replay) != 0 || replay_days(replay) != 0 ||
        wait_for_payouts(replay) != 0 || compare_statements(replay) != 0 ||
        read_tie_out(replay) != 0)
        return EXIT_TRANSPORT;
    progress_clear(&replay->progress);
    return report(replay);
}

int run_replay(struct common_options *common, int count, char **arguments)
{
    static const struct argp_child children[] = {{&common_argp, 0, "Output:", 90}, {0}};
    static const struct argp argp = {.options = options,
        .parser = parse,
        .children = children,
        .doc =
            "Replay real transactions on a fresh ledger and compare the balance after every one "
            "with the file's.\v"
            "The file has the columns booking_date,trans_id,account_id,operation,purpose,"
            "delta_minor,balance_after_minor,partner_bank,partner_account, in the order of "
            "booking. An account stops at its first transaction that would overdraw it, which the "
            "service must refuse.\n"
            "\n"
            "Examples:\n"
            "  vslctl replay --data transactions.csv\n"
            "  vslctl replay --data transactions.csv --bankstub     a bankstub runs beside\n"
            "\n"
            "The exit status is 1 when a balance differs, something else than expected was "
            "refused or accepted, or the escrow account does not tie out.\n"};
    static struct replay replay;
    replay.options = common;
    replay.context.options = common;
    replay.currency = "CZK";
    replay.batch_max = BATCH_DEFAULT;
    replay.wait_seconds = 60;
    parse_arguments(&argp, "vslctl replay", count, arguments, &replay);
    progress_start(&replay.progress, replay.is_quiet);
    batch_init(&replay.batch);
    int status = run(&replay);
    progress_clear(&replay.progress);
    stand_in_stop(replay.stand_in);
    batch_finish(&replay.batch);
    context_finish(&replay.context);
    free(replay.transactions);
    free(replay.accounts);
    free(replay.steps);
    free(replay.by_account);
    return status;
}
