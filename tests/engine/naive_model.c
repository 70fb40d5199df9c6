/* naive_model.c: see naive_model.h. Nothing here is shared with the engine but the enums.
 * SPDX-License-Identifier: Apache-2.0 */
#include "naive_model.h"

#include "base/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Wide enough for any sum of balances. */
__extension__ typedef __int128 wide;

struct naive_model *naive_create(void)
{
    struct naive_model *model = calloc(1, sizeof *model);
    CHECK(model != NULL);
    return model;
}

void naive_destroy(struct naive_model *model)
{
    free(model);
}

#define COPY_ARRAY(to, from, array, count)                                                         \
    memcpy((to)->array, (from)->array, (size_t)((from)->count + 1) * sizeof *(from)->array)

void naive_copy(struct naive_model *to, const struct naive_model *from)
{
    to->ledger_count = from->ledger_count;
    to->member_count = from->member_count;
    to->account_count = from->account_count;
    to->payout_count = from->payout_count;
    COPY_ARRAY(to, from, ledgers, ledger_count);
    COPY_ARRAY(to, from, members, member_count);
    COPY_ARRAY(to, from, accounts, account_count);
    COPY_ARRAY(to, from, payouts, payout_count);
}

/* ---- looking ---- */

static int control_account(const struct naive_model *model, int ledger, enum account_kind kind)
{
    for (int id = 1; id <= model->account_count; id++) {
        if (model->accounts[id].ledger == ledger && model->accounts[id].kind == (int)kind)
            return id;
    }
    CHECK(0 && "a ledger has every control account");
    return 0;
}

/* The account with this id when it belongs to the ledger, else 0. */
static int account_of(const struct naive_model *model, int ledger, int64_t id)
{
    if (id < 1 || id > model->account_count || model->accounts[id].ledger != ledger)
        return 0;
    return (int)id;
}

static int member_of(const struct naive_model *model, int ledger, int64_t id)
{
    if (id < 1 || id > model->member_count || model->members[id].ledger != ledger)
        return 0;
    return (int)id;
}

static int payout_of(const struct naive_model *model, int ledger, int64_t id)
{
    if (id < 1 || id > model->payout_count || model->payouts[id].ledger != ledger)
        return 0;
    return (int)id;
}

static int check_digit(const char *digits, size_t length)
{
    int p = 10;
    for (size_t i = 0; i < length; i++) {
        p = (p + (digits[i] - '0')) % 10;
        if (p == 0)
            p = 10;
        p = p * 2 % 11;
    }
    return (11 - p) % 10;
}

/* Writes every member's account's number and compares: the slow way to read one. */
static int account_by_number(const struct naive_model *model, int ledger, struct text number)
{
    for (int id = 1; id <= model->account_count; id++) {
        char expected[64];
        if (model->accounts[id].ledger != ledger || model->accounts[id].member == 0)
            continue;
        int length = snprintf(expected, 60, "%s%09d", model->ledgers[ledger].receiving_prefix, id);
        expected[length] = (char)('0' + check_digit(expected, (size_t)length));
        length++;
        if (number.length == (uint32_t)length &&
            memcmp(number.bytes, expected, (size_t)length) == 0)
            return id;
    }
    return 0;
}

int64_t naive_requested_payouts(const struct naive_model *model, int account)
{
    int64_t sum = 0;
    for (int id = 1; id <= model->payout_count; id++) {
        const struct naive_payout *payout = &model->payouts[id];
        if (payout->account == account && payout->status == PAYOUT_REQUESTED)
            sum += payout->amount;
    }
    return sum;
}

int naive_open_members(const struct naive_model *model, int ledger)
{
    int count = 0;
    for (int id = 1; id <= model->member_count; id++)
        count += model->members[id].ledger == ledger && !model->members[id].closed;
    return count;
}

int naive_open_payouts(const struct naive_model *model, int ledger)
{
    int count = 0;
    for (int id = 1; id <= model->payout_count; id++)
        count +=
            model->payouts[id].ledger == ledger && model->payouts[id].status == PAYOUT_REQUESTED;
    return count;
}

static bool has_money(const struct naive_account *account)
{
    for (int b = 0; b < BUCKET_COUNT; b++) {
        if (account->balance[b] != 0)
            return true;
    }
    return false;
}

const char *naive_broken_invariant(const struct naive_model *model, int ledger)
{
    wide all = 0, others = 0, pending_in = 0;
    int64_t escrow = 0;
    for (int id = 1; id <= model->account_count; id++) {
        const struct naive_account *account = &model->accounts[id];
        if (account->ledger != ledger)
            continue;
        for (int b = 0; b < BUCKET_COUNT; b++) {
            all += account->balance[b];
            if (account->kind == ACCOUNT_MEMBER && account->balance[b] < 0)
                return "a bucket of a member is negative";
        }
        if (account->balance[BUCKET_FROZEN] != 0)
            return "frozen without a hold, freeze or claim";
        pending_in += account->balance[BUCKET_PENDING_IN];
        if (account->kind == ACCOUNT_ESCROW) {
            escrow = account->balance[BUCKET_AVAILABLE];
            continue;
        }
        others += account->balance[BUCKET_AVAILABLE];
        others += account->balance[BUCKET_FROZEN];
        others += account->balance[BUCKET_PENDING_OUT];
    }
    if (all != 0)
        return "the buckets of the ledger do not sum to zero";
    if (others != -(wide)escrow)
        return "the escrow account is not the sum of the others";
    if (pending_in != 0)
        return "pending in without an open item";
    return NULL;
}

/* ---- changing ---- */

static void move(struct naive_model *model, int from, enum bucket from_bucket, int to,
    enum bucket to_bucket, int64_t amount)
{
    if (amount == 0)
        return;
    model->accounts[from].balance[from_bucket] -= amount;
    model->accounts[to].balance[to_bucket] += amount;
}

static int add_account(struct naive_model *model, int ledger, int member, enum account_kind kind)
{
    CHECK(model->account_count < NAIVE_ACCOUNTS_MAX);
    int id = ++model->account_count;
    model->accounts[id] =
        (struct naive_account){.ledger = ledger, .member = member, .kind = (int)kind};
    return id;
}

static void copy_text(char *to, struct text from)
{
    memcpy(to, from.bytes, from.length);
    to[from.length] = '\0';
}

/* ---- deciding ---- */

/* One decision under way: the broken rules found yet, and what is known about the ledger. */
struct decision {
    struct naive_model *model;
    const struct command *command;
    int ledger; /* 0: there is none */
    int worst;  /* the refusal that comes first; 0: none yet */
};

static void broken(struct decision *d, enum outcome rule)
{
    if (d->worst == 0 || outcome_precedence((int)rule) < outcome_precedence(d->worst))
        d->worst = (int)rule;
}

static void need(struct decision *d, bool holds, enum outcome rule)
{
    if (!holds)
        broken(d, rule);
}

static struct naive_answer refused(const struct decision *d, int32_t accounting_date)
{
    return (struct naive_answer){
        .outcome = (enum outcome)d->worst, .accounting_date = accounting_date};
}

/* An open account of a member of the ledger; its id, or 0 when it cannot even be found. */
static int need_member_account(struct decision *d, int64_t id)
{
    int account = account_of(d->model, d->ledger, id);
    need(d, account != 0, OUTCOME_ACCOUNT_NOT_FOUND);
    if (account == 0)
        return 0;
    need(d, d->model->accounts[account].member != 0, OUTCOME_NOT_A_MEMBER_ACCOUNT);
    need(d, !d->model->accounts[account].closed, OUTCOME_ACCOUNT_CLOSED);
    return account;
}

static int need_member(struct decision *d, int64_t id)
{
    int member = member_of(d->model, d->ledger, id);
    need(d, member != 0, OUTCOME_MEMBER_NOT_FOUND);
    if (member != 0)
        need(d, !d->model->members[member].closed, OUTCOME_MEMBER_CLOSED);
    return member;
}

/* More money in the escrow account: its book balance must still be an int64. */
static void need_room_in_escrow(struct decision *d, int64_t amount)
{
    int escrow = control_account(d->model, d->ledger, ACCOUNT_ESCROW);
    wide book = -(wide)d->model->accounts[escrow].balance[BUCKET_AVAILABLE] + amount;
    need(d, book <= INT64_MAX, OUTCOME_AMOUNT_OVERFLOW);
}

static int64_t open_ledger(struct decision *d)
{
    const struct open_ledger *wish = &d->command->open_ledger;
    struct naive_model *model = d->model;
    for (int id = 1; id <= model->ledger_count; id++) {
        const char *prefix = model->ledgers[id].receiving_prefix;
        need(d, !text_equals(text_of(prefix), wish->receiving_prefix),
            OUTCOME_RECEIVING_PREFIX_TAKEN);
    }
    if (d->worst != 0)
        return 0;
    CHECK(model->ledger_count < NAIVE_LEDGERS_MAX);
    int id = ++model->ledger_count;
    struct naive_ledger *ledger = &model->ledgers[id];
    memset(ledger, 0, sizeof *ledger);
    copy_text(ledger->platform_name, wish->platform_name);
    copy_text(ledger->escrow_account_number, wish->escrow_account_number);
    copy_text(ledger->currency, wish->currency);
    copy_text(ledger->receiving_prefix, wish->receiving_prefix);
    ledger->dates[ledger->date_count++] = wish->first_accounting_date;
    ledger->window = wish->key_window_dates == 0 ? 3 : wish->key_window_dates;
    ledger->first_account = add_account(model, id, 0, ACCOUNT_ESCROW);
    add_account(model, id, 0, ACCOUNT_UNALLOCATED);
    add_account(model, id, 0, ACCOUNT_FEE);
    add_account(model, id, 0, ACCOUNT_PLATFORM_OWN);
    add_account(model, id, 0, ACCOUNT_INTEREST);
    add_account(model, id, 0, ACCOUNT_ENFORCEMENT);
    d->ledger = id;
    return id;
}

static int64_t close_ledger(struct decision *d)
{
    struct naive_model *model = d->model;
    need(d, naive_open_payouts(model, d->ledger) == 0, OUTCOME_LEDGER_HAS_OPEN_PAYOUTS);
    need(d, naive_open_members(model, d->ledger) == 0, OUTCOME_LEDGER_NOT_EMPTY);
    for (int id = 1; id <= model->account_count; id++) {
        if (model->accounts[id].ledger == d->ledger)
            need(d, !has_money(&model->accounts[id]), OUTCOME_LEDGER_NOT_EMPTY);
    }
    if (d->worst != 0)
        return 0;
    model->ledgers[d->ledger].closed = true;
    return d->ledger;
}

static int64_t cut_day(struct decision *d)
{
    struct naive_ledger *ledger = &d->model->ledgers[d->ledger];
    int32_t wish = d->command->cut_day.accounting_date;
    need(d, wish > ledger->dates[ledger->date_count - 1], OUTCOME_ACCOUNTING_DATE_NOT_LATER);
    if (d->worst != 0)
        return 0;
    CHECK(ledger->date_count < NAIVE_DATES_MAX);
    ledger->dates[ledger->date_count++] = wish;
    return d->ledger;
}

static int64_t open_member(struct decision *d)
{
    const struct open_member *wish = &d->command->open_member;
    struct naive_model *model = d->model;
    for (int id = 1; id <= model->member_count; id++) {
        const struct naive_member *member = &model->members[id];
        if (member->ledger == d->ledger)
            need(d, !text_equals(text_of(member->platform_id), wish->platform_member_id),
                OUTCOME_PLATFORM_MEMBER_ID_TAKEN);
    }
    if (d->worst != 0)
        return 0;
    CHECK(model->member_count < NAIVE_MEMBERS_MAX);
    int id = ++model->member_count;
    model->members[id] = (struct naive_member){.ledger = d->ledger, .kind = wish->kind};
    copy_text(model->members[id].platform_id, wish->platform_member_id);
    return id;
}

static int64_t close_member(struct decision *d)
{
    int member = need_member(d, d->command->close_member.member_id);
    for (int id = 1; id <= d->model->account_count && member != 0; id++) {
        if (d->model->accounts[id].member == member)
            need(d, d->model->accounts[id].closed, OUTCOME_MEMBER_HAS_OPEN_ACCOUNTS);
    }
    if (d->worst != 0)
        return 0;
    d->model->members[member].closed = true;
    return member;
}

static int64_t open_account(struct decision *d)
{
    int member = need_member(d, d->command->open_account.member_id);
    if (d->worst != 0)
        return 0;
    return add_account(d->model, d->ledger, member, ACCOUNT_MEMBER);
}

static int64_t close_account(struct decision *d)
{
    int account = need_member_account(d, d->command->close_account.account_id);
    if (account != 0)
        need(d, !has_money(&d->model->accounts[account]), OUTCOME_ACCOUNT_NOT_EMPTY);
    if (d->worst != 0)
        return 0;
    d->model->accounts[account].closed = true;
    return account;
}

static int64_t restrict_account(struct decision *d)
{
    int account = need_member_account(d, d->command->restrict_account.account_id);
    if (d->worst != 0)
        return 0;
    d->model->accounts[account].no_in = d->command->restrict_account.no_in;
    d->model->accounts[account].no_out = d->command->restrict_account.no_out;
    return account;
}

static int64_t book_receipt(struct decision *d, bool *ret_unallocated)
{
    const struct book_receipt *wish = &d->command->book_receipt;
    int account;
    if (wish->account_id != 0) {
        account = need_member_account(d, wish->account_id);
        if (account != 0)
            need(d, !d->model->accounts[account].no_in, OUTCOME_ACCOUNT_RESTRICTED_IN);
    } else {
        account = account_by_number(d->model, d->ledger, wish->receiving_number);
        if (account == 0 || d->model->accounts[account].closed ||
            d->model->accounts[account].no_in) {
            account = control_account(d->model, d->ledger, ACCOUNT_UNALLOCATED);
            *ret_unallocated = true;
        }
    }
    need_room_in_escrow(d, wish->amount_minor);
    if (d->worst != 0)
        return 0;
    move(d->model, control_account(d->model, d->ledger, ACCOUNT_ESCROW), BUCKET_AVAILABLE, account,
        BUCKET_AVAILABLE, wish->amount_minor);
    return account;
}

static int64_t book_interest(struct decision *d)
{
    const struct book_interest *wish = &d->command->book_interest;
    int account = need_member_account(d, wish->account_id);
    if (account != 0)
        need(d, !d->model->accounts[account].no_in, OUTCOME_ACCOUNT_RESTRICTED_IN);
    need_room_in_escrow(d, wish->amount_minor);
    if (d->worst != 0)
        return 0;
    int interest = control_account(d->model, d->ledger, ACCOUNT_INTEREST);
    move(d->model, control_account(d->model, d->ledger, ACCOUNT_ESCROW), BUCKET_AVAILABLE, interest,
        BUCKET_AVAILABLE, wish->amount_minor);
    move(d->model, interest, BUCKET_AVAILABLE, account, BUCKET_AVAILABLE, wish->amount_minor);
    return account;
}

/* The account gives this much out of its available balance. */
static void need_available(struct decision *d, int account, int64_t amount)
{
    if (account == 0)
        return;
    need(d, !d->model->accounts[account].no_out, OUTCOME_ACCOUNT_RESTRICTED_OUT);
    need(d, d->model->accounts[account].balance[BUCKET_AVAILABLE] >= amount,
        OUTCOME_INSUFFICIENT_AVAILABLE);
}

static int64_t charge_fee(struct decision *d)
{
    const struct charge_fee *wish = &d->command->charge_fee;
    int account = need_member_account(d, wish->account_id);
    need_available(d, account, wish->amount_minor);
    if (d->worst != 0)
        return 0;
    move(d->model, account, BUCKET_AVAILABLE, control_account(d->model, d->ledger, ACCOUNT_FEE),
        BUCKET_AVAILABLE, wish->amount_minor);
    return account;
}

static int64_t pay(struct decision *d)
{
    const struct pay *wish = &d->command->pay;
    int payer = need_member_account(d, wish->payer_account_id);
    int64_t sum = wish->fee_minor;
    for (uint32_t i = 0; i < wish->payee_count; i++) {
        int64_t id = wish->payees[i].account_id;
        int payee = account_of(d->model, d->ledger, id);
        need(d, payee != 0, OUTCOME_PAYEE_ACCOUNT_NOT_FOUND);
        if (payee != 0) {
            const struct naive_account *account = &d->model->accounts[payee];
            need(d, account->member != 0, OUTCOME_NOT_A_MEMBER_ACCOUNT);
            need(d, !account->closed, OUTCOME_PAYEE_ACCOUNT_CLOSED);
            need(d, !account->no_in, OUTCOME_ACCOUNT_RESTRICTED_IN);
        }
        need(d, wish->payer_account_id != id, OUTCOME_SAME_ACCOUNT);
        sum += wish->payees[i].amount_minor;
    }
    need_available(d, payer, sum);
    if (d->worst != 0)
        return 0;
    for (uint32_t i = 0; i < wish->payee_count; i++)
        move(d->model, payer, BUCKET_AVAILABLE, (int)wish->payees[i].account_id, BUCKET_AVAILABLE,
            wish->payees[i].amount_minor);
    move(d->model, payer, BUCKET_AVAILABLE, control_account(d->model, d->ledger, ACCOUNT_FEE),
        BUCKET_AVAILABLE, wish->fee_minor);
    return wish->payees[0].account_id;
}

static int64_t withdraw(struct decision *d)
{
    const struct withdraw *wish = &d->command->withdraw;
    struct naive_model *model = d->model;
    bool inside = wish->fee_mode == FEE_INSIDE;
    int64_t leaves = inside ? wish->amount_minor - wish->fee_minor : wish->amount_minor;
    int account = need_member_account(d, wish->account_id);
    need_available(d, account, inside ? wish->amount_minor : wish->amount_minor + wish->fee_minor);
    need(d, leaves > 0, OUTCOME_FEE_NOT_BELOW_AMOUNT);
    if (d->worst != 0)
        return 0;
    CHECK(model->payout_count < NAIVE_PAYOUTS_MAX);
    int id = ++model->payout_count;
    model->payouts[id] = (struct naive_payout){.ledger = d->ledger,
        .account = account,
        .amount = leaves,
        .fee = wish->fee_minor,
        .status = PAYOUT_REQUESTED};
    move(model, account, BUCKET_AVAILABLE, account, BUCKET_PENDING_OUT, leaves);
    move(model, account, BUCKET_AVAILABLE, control_account(model, d->ledger, ACCOUNT_FEE),
        BUCKET_AVAILABLE, wish->fee_minor);
    return id;
}

/* Which results a payout can still have, by its status. */
static void need_confirmable(struct decision *d, int status, int result)
{
    if (status == PAYOUT_FAILED)
        broken(d, OUTCOME_PAYOUT_ALREADY_FAILED);
    if (status == PAYOUT_RETURNED)
        broken(d, OUTCOME_PAYOUT_ALREADY_RETURNED);
    if (status == PAYOUT_PAID && result != PAYOUT_RESULT_RETURNED)
        broken(d, OUTCOME_PAYOUT_ALREADY_PAID);
    if (status == PAYOUT_REQUESTED && result == PAYOUT_RESULT_RETURNED)
        broken(d, OUTCOME_PAYOUT_NOT_PAID);
}

static int64_t confirm_payout(struct decision *d)
{
    const struct confirm_payout *wish = &d->command->confirm_payout;
    struct naive_model *model = d->model;
    int id = payout_of(model, d->ledger, wish->payout_id);
    need(d, id != 0, OUTCOME_PAYOUT_NOT_FOUND);
    if (id != 0) {
        need_confirmable(d, model->payouts[id].status, wish->result);
        if (wish->result == PAYOUT_RESULT_RETURNED)
            need_room_in_escrow(d, model->payouts[id].amount);
    }
    if (d->worst != 0)
        return 0;
    struct naive_payout *payout = &model->payouts[id];
    int escrow = control_account(model, d->ledger, ACCOUNT_ESCROW);
    int owner = payout->account;
    if (wish->result == PAYOUT_RESULT_PAID) {
        payout->status = PAYOUT_PAID;
        move(model, owner, BUCKET_PENDING_OUT, escrow, BUCKET_AVAILABLE, payout->amount);
    } else if (wish->result == PAYOUT_RESULT_FAILED) {
        payout->status = PAYOUT_FAILED;
        move(model, owner, BUCKET_PENDING_OUT, owner, BUCKET_AVAILABLE, payout->amount);
        move(model, control_account(model, d->ledger, ACCOUNT_FEE), BUCKET_AVAILABLE, owner,
            BUCKET_AVAILABLE, payout->fee);
    } else {
        /* His account may have been closed since: then nobody's until he is found. */
        payout->status = PAYOUT_RETURNED;
        if (model->accounts[owner].closed)
            owner = control_account(model, d->ledger, ACCOUNT_UNALLOCATED);
        move(model, escrow, BUCKET_AVAILABLE, owner, BUCKET_AVAILABLE, payout->amount);
    }
    return id;
}

/* What holds for every command on a ledger: the window of dates, and that it is open. */
static void need_ledger(struct decision *d)
{
    const struct naive_ledger *ledger = &d->model->ledgers[d->ledger];
    int32_t date = d->command->key.business_date;
    int oldest = ledger->date_count - ledger->window;
    need(d, date >= ledger->dates[oldest > 0 ? oldest : 0], OUTCOME_KEY_WINDOW_CLOSED);
    need(d, date <= ledger->dates[ledger->date_count - 1] + 1, OUTCOME_BUSINESS_DATE_AHEAD);
    need(d, !ledger->closed, OUTCOME_LEDGER_CLOSED);
}

static int64_t decide(struct decision *d, bool *ret_unallocated)
{
    switch (d->command->kind) {
    case COMMAND_OPEN_LEDGER:
        return open_ledger(d);
    case COMMAND_CLOSE_LEDGER:
        return close_ledger(d);
    case COMMAND_CUT_DAY:
        return cut_day(d);
    case COMMAND_OPEN_MEMBER:
        return open_member(d);
    case COMMAND_CLOSE_MEMBER:
        return close_member(d);
    case COMMAND_OPEN_ACCOUNT:
        return open_account(d);
    case COMMAND_CLOSE_ACCOUNT:
        return close_account(d);
    case COMMAND_RESTRICT_ACCOUNT:
        return restrict_account(d);
    case COMMAND_BOOK_RECEIPT:
        return book_receipt(d, ret_unallocated);
    case COMMAND_BOOK_INTEREST:
        return book_interest(d);
    case COMMAND_CHARGE_FEE:
        return charge_fee(d);
    case COMMAND_PAY:
        return pay(d);
    case COMMAND_WITHDRAW:
        return withdraw(d);
    case COMMAND_CONFIRM_PAYOUT:
        return confirm_payout(d);
    }
    CHECK(0 && "a known kind of command");
    return 0;
}

struct naive_answer naive_execute(struct naive_model *model, const struct command *command)
{
    struct decision d = {.model = model, .command = command};
    if (command->kind != COMMAND_OPEN_LEDGER) {
        if (command->ledger_id < 1 || command->ledger_id > model->ledger_count) {
            broken(&d, OUTCOME_LEDGER_NOT_FOUND);
            return refused(&d, 0);
        }
        d.ledger = (int)command->ledger_id;
        need_ledger(&d);
    }
    bool unallocated = false;
    int64_t subject_id = decide(&d, &unallocated);
    const struct naive_ledger *ledger = &model->ledgers[d.ledger];
    int32_t date = d.ledger == 0 ? 0 : ledger->dates[ledger->date_count - 1];
    if (d.worst != 0)
        return refused(&d, date);
    return (struct naive_answer){
        .outcome = unallocated ? OUTCOME_ACCEPTED_UNALLOCATED : OUTCOME_ACCEPTED,
        .subject_id = subject_id,
        .accounting_date = date,
    };
}
