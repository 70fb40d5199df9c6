/* random_picks.c: see random_picks.h.
 *
 * Ledger 2 is the one whose amounts are so large that its sums come to the end of int64. Ids that
 * do not exist, that are another ledger's, and things that are closed, all come up.
 * SPDX-License-Identifier: Apache-2.0 */
#include "random_picks.h"

#include "commands.h"
#include "model/money.h"

enum { RECENT_PAYOUTS = 12 };

static const char *const orders[] = {
    "o-1", "o-2", "o-3", "o-4", "订单五", "o-6 with a longer number than the others", "o", "O"};
static const char *const rule_names[] = {
    "A", "B", "pay.std", "pay_std", "c", RULE_OF_LATER, RULE_THAT_IS_NOT};
static const struct {
    const char *name, *number;
} parties[] = {
    {"市场 Market", "6217-0001"},
    {"市场 Market", "6217-0002"},
    {"张三", "6217-0001"},
};

/* No more records are opened then: what comes is refused. */
bool pick_is_full(const struct naive_model *model)
{
    int open = 0;
    for (int id = 1; id <= model->account_count; id++)
        open += !model->accounts[id].closed;
    return open >= OPEN_ACCOUNTS_MOST || model->account_count >= ACCOUNTS_MOST ||
           model->member_count >= MEMBERS_MOST;
}

int64_t pick_no_such_id(struct random *random, int last)
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

int64_t pick_start(struct random *random, int count)
{
    return count == 0 || random_percent(random, 50) ? count : random_between(random, 1, count);
}

int64_t pick_ledger(struct random *random, const struct naive_model *model)
{
    uint64_t percent = random_below(random, 100);
    if (model->ledger_count == 0 || percent < 2)
        return pick_no_such_id(random, model->ledger_count);
    if (percent < 40)
        return 1;
    if (percent < 70 && model->ledger_count >= LARGE_LEDGER)
        return LARGE_LEDGER;
    if (percent < 73)
        return model->ledger_count;
    if (percent < 80)
        return random_between(random, 1, model->ledger_count);
    /* The next ones are small, and often nothing is in them. */
    return random_between(random, 1, model->ledger_count < 5 ? model->ledger_count : 5);
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

int64_t pick_account(struct random *random, const struct naive_model *model, int64_t ledger)
{
    uint64_t percent = random_below(random, 100);
    int64_t id = 0;
    if (percent < 92)
        id = any_account(random, model, ledger, percent < 88);
    else if (percent < 96 && model->account_count > 0)
        id = random_between(random, 1, model->account_count);
    return id != 0 ? id : pick_no_such_id(random, model->account_count);
}

int64_t pick_debtor(struct random *random, const struct naive_model *model, int64_t ledger)
{
    for (int id = model->debt_count; id > 0; id--) {
        const struct naive_debt *debt = &model->debts[id];
        if (debt->ledger == ledger && debt->status == DEBT_OPEN && random_percent(random, 30))
            return debt->account;
    }
    return pick_account(random, model, ledger);
}

int64_t pick_member(struct random *random, const struct naive_model *model, int64_t ledger)
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
        return pick_no_such_id(random, model->member_count);
    }
    return found[random_below(random, count)];
}

/* Whoever would get its money or its fee back is closed. */
static bool is_orphaned(const struct naive_model *model, const struct naive_payout *payout)
{
    bool can_come_back = payout->status == PAYOUT_PAID || naive_payout_is_open(payout);
    return can_come_back &&
           (model->accounts[payout->account].closed || model->accounts[payout->bearer].closed);
}

int64_t pick_payout(struct random *random, const struct naive_model *model, int64_t ledger)
{
    int found[RECENT_PAYOUTS];
    uint64_t count = 0;
    uint64_t percent = random_below(random, 100);
    if (percent < 3 || model->payout_count == 0)
        return pick_no_such_id(random, model->payout_count);
    if (percent < 10)
        return random_between(random, 1, model->payout_count);
    bool waiting = percent < 60;
    bool orphaned = percent >= 90;
    for (int id = model->payout_count; id > 0 && count < RECENT_PAYOUTS; id--) {
        const struct naive_payout *payout = &model->payouts[id];
        if (payout->ledger == ledger && (!waiting || naive_payout_is_open(payout)) &&
            (!orphaned || is_orphaned(model, payout)))
            found[count++] = id;
    }
    return count == 0 ? model->payout_count : found[random_below(random, count)];
}

int64_t pick_clamp(int64_t amount)
{
    if (amount < 1)
        return 1;
    return amount > AMOUNT_MINOR_MAX ? AMOUNT_MINOR_MAX : amount;
}

int64_t pick_amount(struct random *random, int64_t ledger)
{
    if (ledger == LARGE_LEDGER && random_percent(random, 60))
        return AMOUNT_MINOR_MAX - (int64_t)random_below(random, 3);
    if (random_percent(random, 2))
        return AMOUNT_MINOR_MAX;
    return 1 + (int64_t)random_below(random, random_percent(random, 50) ? 100 : 100000);
}

/* An amount that comes in: at times exactly what the escrow account can still hold, or one more. */
int64_t pick_amount_in(struct random *random, const struct naive_model *model, int64_t ledger)
{
    if (ledger >= 1 && ledger <= model->ledger_count && random_percent(random, 20)) {
        int64_t escrow = model->accounts[model->ledgers[ledger].first_account].balance[0];
        int64_t room = INT64_MAX + escrow;
        if (room < AMOUNT_MINOR_MAX)
            return pick_clamp(room + random_between(random, -1, 1));
    }
    /* More comes in than goes out, so that the ledger fills up. */
    if (ledger == LARGE_LEDGER && random_percent(random, 75))
        return AMOUNT_MINOR_MAX - (int64_t)random_below(random, 3);
    return pick_amount(random, ledger);
}

/* An amount that an account gives: at times exactly what it has, or one more or less. */
int64_t pick_amount_out(
    struct random *random, const struct naive_model *model, int64_t ledger, int64_t account)
{
    if (account >= 1 && account <= model->account_count && random_percent(random, 40)) {
        int64_t available = model->accounts[account].balance[BUCKET_AVAILABLE];
        return pick_clamp(available + random_between(random, -1, 1));
    }
    return pick_amount(random, ledger);
}

int64_t pick_fee(struct random *random, int64_t *amount)
{
    switch (random_below(random, 8)) {
    case 0:
        return 1 + (int64_t)random_below(random, 10);
    case 1: { /* amount and fee together are what was the amount */
        int64_t fee = *amount / 10;
        *amount = pick_clamp(*amount - fee);
        return fee;
    }
    case 2: /* the limits of a fee inside */
        return pick_clamp(*amount + random_between(random, -1, 1));
    case 3:
        return AMOUNT_MINOR_MAX;
    default:
        return 0;
    }
}

/* What is left, one more, or a part of it. */
int64_t pick_part(struct random *random, int64_t rest)
{
    uint64_t percent = random_below(random, 100);
    if (percent < 35)
        return pick_clamp(rest);
    if (percent < 45)
        return pick_clamp(rest + 1);
    return rest < 2 ? 1 : random_between(random, 1, rest);
}

struct text pick_order(struct random *random)
{
    return text_of(orders[random_below(random, sizeof orders / sizeof *orders)]);
}

/* Mostly the name of a rule that the ledger has. */
struct text pick_rule(struct random *random, const struct naive_model *model, int64_t ledger)
{
    for (int tries = 0; tries < 20 && random_percent(random, 97); tries++) {
        if (model->rule_count == 0)
            break;
        int64_t id = random_between(random, 1, model->rule_count);
        if (model->rules[id].ledger == ledger)
            return text_of(model->rules[id].name);
    }
    return text_of(rule_names[random_below(random, sizeof rule_names / sizeof *rule_names)]);
}

/* An account of the ledger of this kind; of FEE any. */
int64_t pick_account_of_kind(
    struct random *random, const struct naive_model *model, int64_t ledger, enum account_kind kind)
{
    int found[NAIVE_ACCOUNTS_MAX];
    uint64_t count = 0;
    for (int id = 1; id <= model->account_count; id++) {
        if (model->accounts[id].ledger == ledger && model->accounts[id].kind == (int)kind)
            found[count++] = id;
    }
    return count == 0 ? pick_no_such_id(random, model->account_count)
                      : found[random_below(random, count)];
}

/* The platform's own account, or at times another. */
struct party pick_party(struct random *random, const struct naive_model *model, int64_t ledger)
{
    if (ledger >= 1 && ledger <= model->ledger_count && random_percent(random, 85)) {
        const struct naive_party *own = &model->ledgers[ledger].own;
        if (own->account_number[0] != '\0')
            return party_of(own->name, own->account_number);
    }
    uint64_t i = random_below(random, sizeof parties / sizeof *parties);
    return party_of(parties[i].name, parties[i].number);
}

static bool is_payee(const struct payee *payees, uint32_t count, int64_t account_id)
{
    for (uint32_t i = 0; i < count; i++) {
        if (payees[i].account_id == account_id)
            return true;
    }
    return false;
}

/* Shares `amount` out among some payees; their count. */
uint32_t pick_payees(struct random *random, const struct naive_model *model, int64_t ledger,
    int64_t payer, int64_t amount, struct payee ret_payees[PAYEES_MOST])
{
    uint32_t count = 0;
    int64_t left = amount;
    int64_t wanted = random_percent(random, 60) ? 1 : random_between(random, 2, PAYEES_MOST);
    if (wanted > left)
        wanted = left;
    for (int64_t i = 0; i < wanted; i++) {
        int64_t payee = random_percent(random, 3) ? payer : pick_account(random, model, ledger);
        if (!is_payee(ret_payees, count, payee))
            ret_payees[count++].account_id = payee;
    }
    /* Together they get the amount, so that the end of what is available comes up with many too. */
    for (uint32_t i = 0; i < count; i++) {
        bool is_last = i + 1 == count;
        int64_t most = left - (count - i - 1);
        ret_payees[i].amount_minor = is_last ? pick_clamp(left) : random_between(random, 1, most);
        left -= ret_payees[i].amount_minor;
    }
    return count;
}

const char *pick_rule_name(struct random *random)
{
    return rule_names[random_below(random, sizeof rule_names / sizeof *rule_names - 1)];
}

struct party pick_some_party(struct random *random)
{
    uint64_t i = random_below(random, sizeof parties / sizeof *parties);
    return party_of(parties[i].name, parties[i].number);
}

int64_t pick_empty_account(struct random *random, const struct naive_model *model, int64_t ledger)
{
    int found[NAIVE_ACCOUNTS_MAX];
    uint64_t count = 0;
    for (int id = 1; id <= model->account_count; id++) {
        const struct naive_account *account = &model->accounts[id];
        bool is_empty = true;
        for (int b = 0; b < BUCKET_COUNT; b++)
            is_empty = is_empty && account->balance[b] == 0;
        if (account->ledger == ledger && account->member != 0 && !account->closed && is_empty)
            found[count++] = id;
    }
    return count == 0 ? pick_account(random, model, ledger) : found[random_below(random, count)];
}
