/* random_commands.c: see random_commands.h.
 *
 * Ledger 2 is the one whose amounts are so large that its sums come to the end of int64. Ids that
 * do not exist, that are another ledger's, and things that are closed, all come up.
 * SPDX-License-Identifier: Apache-2.0 */
#include "random_commands.h"

#include "commands.h"
#include "model/money.h"
#include "model/receiving_number.h"

#include <stdio.h>

enum {
    LEDGERS_MOST = 24,
    MEMBERS_MOST = 250,
    ACCOUNTS_MOST = 600,
    PREFIXES = 40,
    RECENT_PAYOUTS = 12,
    LARGE_LEDGER = 2,
    PAYEES_MOST = 5,
};

/* No more records are opened then: what comes is refused. */
static bool is_full(const struct naive_model *model)
{
    return model->account_count >= ACCOUNTS_MOST || model->member_count >= MEMBERS_MOST ||
           model->ledger_count >= LEDGERS_MOST;
}

static int64_t no_such_id(struct random *random, int last)
{
    switch (random_below(random, 4)) {
    case 0:
        return INT64_MAX;
    case 1:
        return (int64_t)1 << 32 | 1; /* would be 1 if it were cut */
    default:
        return (int64_t)last + 1;
    }
}

static int64_t pick_ledger(struct random *random, const struct naive_model *model)
{
    uint64_t percent = random_below(random, 100);
    if (model->ledger_count == 0 || percent < 2)
        return no_such_id(random, model->ledger_count);
    if (percent < 40)
        return 1;
    if (percent < 70 && model->ledger_count >= LARGE_LEDGER)
        return LARGE_LEDGER;
    if (percent < 80)
        return model->ledger_count;
    return random_between(random, 1, model->ledger_count);
}

/* A random account of the ledger, members' only or control accounts too, mostly an open one; 0 when
 * there is none. */
static int64_t any_account(
    struct random *random, const struct naive_model *model, int64_t ledger, bool members_only)
{
    int found[NAIVE_ACCOUNTS_MAX];
    uint64_t count = 0;
    bool open_only = random_percent(random, 92);
    for (int id = 1; id <= model->account_count; id++) {
        const struct naive_account *account = &model->accounts[id];
        if (account->ledger == ledger && (!members_only || account->member != 0) &&
            (!open_only || !account->closed))
            found[count++] = id;
    }
    return count == 0 ? 0 : found[random_below(random, count)];
}

static int64_t pick_account(struct random *random, const struct naive_model *model, int64_t ledger)
{
    uint64_t percent = random_below(random, 100);
    int64_t id = 0;
    if (percent < 92)
        id = any_account(random, model, ledger, percent < 88);
    else if (percent < 96 && model->account_count > 0)
        id = random_between(random, 1, model->account_count);
    return id != 0 ? id : no_such_id(random, model->account_count);
}

static int64_t pick_member(struct random *random, const struct naive_model *model, int64_t ledger)
{
    int found[NAIVE_MEMBERS_MAX];
    uint64_t count = 0;
    bool open_only = random_percent(random, 92);
    for (int id = 1; id <= model->member_count; id++) {
        if (model->members[id].ledger == ledger && (!open_only || !model->members[id].closed))
            found[count++] = id;
    }
    if (count == 0 || random_percent(random, 4)) {
        if (model->member_count > 0 && random_percent(random, 50))
            return random_between(random, 1, model->member_count);
        return no_such_id(random, model->member_count);
    }
    return found[random_below(random, count)];
}

static int64_t pick_payout(struct random *random, const struct naive_model *model, int64_t ledger)
{
    int found[RECENT_PAYOUTS];
    uint64_t count = 0;
    uint64_t percent = random_below(random, 100);
    if (percent < 3 || model->payout_count == 0)
        return no_such_id(random, model->payout_count);
    if (percent < 10)
        return random_between(random, 1, model->payout_count);
    bool waiting = percent < 60;
    for (int id = model->payout_count; id > 0 && count < RECENT_PAYOUTS; id--) {
        if (model->payouts[id].ledger == ledger &&
            (!waiting || model->payouts[id].status == PAYOUT_REQUESTED))
            found[count++] = id;
    }
    return count == 0 ? model->payout_count : found[random_below(random, count)];
}

static int64_t clamp_amount(int64_t amount)
{
    if (amount < 1)
        return 1;
    return amount > AMOUNT_MINOR_MAX ? AMOUNT_MINOR_MAX : amount;
}

static int64_t ordinary_amount(struct random *random, int64_t ledger)
{
    if (ledger == LARGE_LEDGER && random_percent(random, 60))
        return AMOUNT_MINOR_MAX - (int64_t)random_below(random, 3);
    if (random_percent(random, 2))
        return AMOUNT_MINOR_MAX;
    return 1 + (int64_t)random_below(random, random_percent(random, 50) ? 100 : 100000);
}

/* An amount that comes in: at times exactly what the escrow account can still hold, or one more. */
static int64_t amount_in(struct random *random, const struct naive_model *model, int64_t ledger)
{
    if (ledger >= 1 && ledger <= model->ledger_count && random_percent(random, 20)) {
        int64_t escrow = model->accounts[model->ledgers[ledger].first_account].balance[0];
        int64_t room = INT64_MAX + escrow;
        if (room < AMOUNT_MINOR_MAX)
            return clamp_amount(room + random_between(random, -1, 1));
    }
    return ordinary_amount(random, ledger);
}

/* An amount that an account gives: at times exactly what it has, or one more or less. */
static int64_t amount_out(
    struct random *random, const struct naive_model *model, int64_t ledger, int64_t account)
{
    if (account >= 1 && account <= model->account_count && random_percent(random, 40)) {
        int64_t available = model->accounts[account].balance[BUCKET_AVAILABLE];
        return clamp_amount(available + random_between(random, -1, 1));
    }
    return ordinary_amount(random, ledger);
}

static int64_t fee_for(struct random *random, int64_t *amount)
{
    switch (random_below(random, 8)) {
    case 0:
        return 1 + (int64_t)random_below(random, 10);
    case 1: { /* amount and fee together are what was the amount */
        int64_t fee = *amount / 10;
        *amount = clamp_amount(*amount - fee);
        return fee;
    }
    case 2: /* the limits of a fee inside */
        return clamp_amount(*amount + random_between(random, -1, 1));
    case 3:
        return AMOUNT_MINOR_MAX;
    default:
        return 0;
    }
}

static struct command open_some_ledger(struct random *random, const struct naive_model *model)
{
    static char prefix[RECEIVING_PREFIX_DIGITS_MAX + 1];
    /* Prefixes of four and five digits, where one is the beginning of another. */
    uint64_t n = random_below(random, PREFIXES);
    if (is_full(model)) {
        int64_t taken = random_between(random, 1, model->ledger_count);
        return make_open_ledger(model->ledgers[taken].receiving_prefix, TEST_DATE, 0);
    }
    snprintf(prefix, sizeof prefix, n % 2 ? "1%03u" : "1%03u0", (unsigned)(n / 2));
    int32_t date = TEST_DATE + (int32_t)random_between(random, -3, 3);
    return make_open_ledger(prefix, date, (int32_t)random_below(random, 8));
}

static struct command open_some_member(
    struct random *random, const struct naive_model *model, int64_t ledger)
{
    static char platform_id[PLATFORM_MEMBER_ID_BYTES_MAX + 1];
    if (is_full(model) && model->member_count > 0) {
        int64_t taken = random_between(random, 1, model->member_count);
        return make_open_member(model->members[taken].ledger, model->members[taken].platform_id);
    }
    int n = random_percent(random, 20) ? (int)random_below(random, 20) : model->member_count;
    snprintf(platform_id, sizeof platform_id, "m-%d%s", n,
        random_percent(random, 10) ? "-0123456789-0123456789-0123456789-0123456789-01234567" : "");
    struct command command = make_open_member(ledger, platform_id);
    command.open_member.kind = random_percent(random, 50) ? MEMBER_MERCHANT : MEMBER_USER;
    return command;
}

static struct command cut_some_day(
    struct random *random, const struct naive_model *model, int64_t ledger)
{
    int32_t date = TEST_DATE;
    if (ledger >= 1 && ledger <= model->ledger_count) {
        const struct naive_ledger *l = &model->ledgers[ledger];
        date = l->dates[l->date_count - 1];
        if (l->date_count >= NAIVE_DATES_MAX - 16)
            return make_cut_day(ledger, date);
    }
    int32_t step = (int32_t)random_between(random, -1, 4);
    return make_cut_day(ledger, random_percent(random, 1) ? date + 100 : date + step);
}

/* The two busy ledgers are asked to close only while they cannot: the history needs them. */
static struct command close_some_ledger(
    struct random *random, const struct naive_model *model, int64_t ledger)
{
    if (model->ledger_count > LARGE_LEDGER && random_percent(random, 50))
        return make_close_ledger(model->ledger_count);
    if (ledger <= LARGE_LEDGER && naive_open_members(model, (int)ledger) == 0)
        return cut_some_day(random, model, ledger);
    return make_close_ledger(ledger);
}

static struct command some_receipt(
    struct random *random, const struct naive_model *model, int64_t ledger)
{
    static char number[RECEIVING_NUMBER_BYTES_MAX];
    int64_t account = pick_account(random, model, ledger);
    int64_t amount = amount_in(random, model, ledger);
    if (random_percent(random, 50))
        return make_receipt(ledger, account, amount);
    if (ledger < 1 || ledger > model->ledger_count || account > 999999999 ||
        random_percent(random, 3))
        return make_receipt_by_number(ledger, "张三的货款", amount);
    uint32_t length =
        receiving_number_format(text_of(model->ledgers[ledger].receiving_prefix), account, number);
    if (random_percent(random, 10)) {
        char *digit = &number[random_below(random, length)];
        *digit = (char)('0' + (*digit - '0' + 1) % 10);
    }
    return make_receipt_by_number(ledger, number, amount);
}

static bool is_payee(const struct payee *payees, uint32_t count, int64_t account_id)
{
    for (uint32_t i = 0; i < count; i++) {
        if (payees[i].account_id == account_id)
            return true;
    }
    return false;
}

static struct command some_pay(
    struct random *random, const struct naive_model *model, int64_t ledger)
{
    struct payee payees[PAYEES_MOST];
    uint32_t count = 0;
    int64_t payer = pick_account(random, model, ledger);
    int64_t left = amount_out(random, model, ledger, payer);
    int64_t fee = fee_for(random, &left);
    int64_t wanted = random_percent(random, 60) ? 1 : random_between(random, 2, PAYEES_MOST);
    if (wanted > left)
        wanted = left;
    for (int64_t i = 0; i < wanted; i++) {
        int64_t payee = random_percent(random, 3) ? payer : pick_account(random, model, ledger);
        if (!is_payee(payees, count, payee))
            payees[count++].account_id = payee;
    }
    /* Together they get the amount, so that the end of what is available comes up with many too. */
    for (uint32_t i = 0; i < count; i++) {
        bool is_last = i + 1 == count;
        payees[i].amount_minor = is_last ? left : random_between(random, 1, left - (count - i - 1));
        left -= payees[i].amount_minor;
    }
    return make_split(ledger, payer, payees, count, fee);
}

static struct command some_withdraw(
    struct random *random, const struct naive_model *model, int64_t ledger)
{
    int64_t account = pick_account(random, model, ledger);
    int64_t amount = amount_out(random, model, ledger, account);
    int64_t fee = 0;
    int32_t mode = 0;
    if (model->payout_count >= NAIVE_PAYOUTS_MAX - 16)
        return make_fee(ledger, account, amount);
    if (random_percent(random, 60)) {
        fee = fee_for(random, &amount);
        if (fee > 0)
            mode = random_percent(random, 50) ? FEE_INSIDE : FEE_OUTSIDE;
    }
    return make_withdraw(ledger, account, amount, fee, mode);
}

/* How often each kind comes, in shares of their sum. */
static enum command_kind pick_kind(struct random *random, const struct naive_model *model)
{
    static const struct {
        enum command_kind kind;
        unsigned share;
    } shares[] = {
        {COMMAND_OPEN_LEDGER, 1},
        {COMMAND_CLOSE_LEDGER, 1},
        {COMMAND_CUT_DAY, 1},
        {COMMAND_OPEN_MEMBER, 3},
        {COMMAND_CLOSE_MEMBER, 1},
        {COMMAND_OPEN_ACCOUNT, 4},
        {COMMAND_CLOSE_ACCOUNT, 2},
        {COMMAND_RESTRICT_ACCOUNT, 4},
        {COMMAND_BOOK_RECEIPT, 25},
        {COMMAND_BOOK_INTEREST, 4},
        {COMMAND_CHARGE_FEE, 4},
        {COMMAND_PAY, 25},
        {COMMAND_WITHDRAW, 13},
        {COMMAND_CONFIRM_PAYOUT, 11},
    };
    unsigned sum = 0;
    for (size_t k = 0; k < sizeof shares / sizeof *shares; k++)
        sum += shares[k].share;
    uint64_t share = random_below(random, sum);
    size_t i = 0;
    while (share >= shares[i].share)
        share -= shares[i++].share;
    enum command_kind kind = shares[i].kind;
    if (model->ledger_count < LARGE_LEDGER && random_percent(random, 50))
        return COMMAND_OPEN_LEDGER;
    if (kind == COMMAND_OPEN_ACCOUNT && is_full(model))
        return COMMAND_PAY;
    return kind;
}

/* Mostly the ledger's present date; at times the limits of its window and just past them. */
static int32_t pick_business_date(
    struct random *random, const struct naive_model *model, int64_t ledger)
{
    if (ledger < 1 || ledger > model->ledger_count)
        return TEST_DATE;
    const struct naive_ledger *l = &model->ledgers[ledger];
    int oldest = l->date_count > l->window ? l->date_count - l->window : 0;
    switch (random_below(random, 40)) {
    case 0:
        return l->dates[oldest];
    case 1:
        return l->dates[oldest] - 1;
    case 2:
        return l->dates[l->date_count - 1] + 1;
    case 3:
        return l->dates[l->date_count - 1] + 2;
    default:
        return l->dates[l->date_count - 1];
    }
}

static struct command make_some(
    struct random *random, const struct naive_model *model, enum command_kind kind, int64_t ledger)
{
    int64_t account;
    switch (kind) {
    case COMMAND_OPEN_LEDGER:
        return open_some_ledger(random, model);
    case COMMAND_CLOSE_LEDGER:
        return close_some_ledger(random, model, ledger);
    case COMMAND_CUT_DAY:
        return cut_some_day(random, model, ledger);
    case COMMAND_OPEN_MEMBER:
        return open_some_member(random, model, ledger);
    case COMMAND_CLOSE_MEMBER:
        return make_close_member(ledger, pick_member(random, model, ledger));
    case COMMAND_OPEN_ACCOUNT:
        return make_open_account(ledger, pick_member(random, model, ledger));
    case COMMAND_CLOSE_ACCOUNT:
        return make_close_account(ledger, pick_account(random, model, ledger));
    case COMMAND_RESTRICT_ACCOUNT:
        return make_restrict(ledger, pick_account(random, model, ledger),
            random_percent(random, 15), random_percent(random, 15));
    case COMMAND_BOOK_RECEIPT:
        return some_receipt(random, model, ledger);
    case COMMAND_BOOK_INTEREST:
        account = pick_account(random, model, ledger);
        return make_interest(ledger, account, amount_in(random, model, ledger));
    case COMMAND_CHARGE_FEE:
        account = pick_account(random, model, ledger);
        return make_fee(ledger, account, amount_out(random, model, ledger, account));
    case COMMAND_PAY:
        return some_pay(random, model, ledger);
    case COMMAND_WITHDRAW:
        return some_withdraw(random, model, ledger);
    case COMMAND_CONFIRM_PAYOUT:
        break;
    }
    static const int32_t results[] = {
        PAYOUT_RESULT_PAID, PAYOUT_RESULT_PAID, PAYOUT_RESULT_FAILED, PAYOUT_RESULT_RETURNED};
    return make_confirm(
        ledger, pick_payout(random, model, ledger), results[random_below(random, 4)]);
}

struct command random_command(struct random *random, const struct naive_model *model)
{
    enum command_kind kind = pick_kind(random, model);
    int64_t ledger = pick_ledger(random, model);
    struct command command = make_some(random, model, kind, ledger);
    return command_on(pick_business_date(random, model, command.ledger_id), command);
}
