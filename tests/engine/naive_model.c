/* naive_model.c: see naive_model.h. Nothing here is shared with the engine but the enums.
 *
 * This file: ledgers, members, accounts, and what the other files use.
 * SPDX-License-Identifier: Apache-2.0 */
#include "naive.h"

#include "base/check.h"
#include "model/date.h"

#include <stdlib.h>
#include <string.h>

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

#define COPY_ARRAY(array, count)                                                                   \
    do {                                                                                           \
        to->count = from->count;                                                                   \
        memcpy(to->array, from->array, (size_t)(from->count + 1) * sizeof *from->array);           \
    } while (0)

void naive_keep(struct naive_model *to, const struct naive_model *from)
{
    COPY_ARRAY(ledgers, ledger_count);
    COPY_ARRAY(members, member_count);
    COPY_ARRAY(mandates, mandate_count);
    COPY_ARRAY(accounts, account_count);
    COPY_ARRAY(payouts, payout_count);
    COPY_ARRAY(rules, rule_count);
    COPY_ARRAY(holds, hold_count);
    COPY_ARRAY(freezes, freeze_count);
    COPY_ARRAY(refunded, refunded_count);
    COPY_ARRAY(debts, debt_count);
    COPY_ARRAY(callers, caller_count);
    COPY_ARRAY(proposals, proposal_count);
    COPY_ARRAY(suspense, suspense_count);
    COPY_ARRAY(lumps, lump_count);
    COPY_ARRAY(statements, statement_count);
    COPY_ARRAY(statement_lines, statement_line_count);
    COPY_ARRAY(matches, match_count);
    COPY_ARRAY(acquirers, acquirer_count);
    COPY_ARRAY(promises, promise_count);
    COPY_ARRAY(settlements, settlement_count);
    COPY_ARRAY(differences, difference_count);
    COPY_ARRAY(identities, identity_count);
    COPY_ARRAY(cards, card_count);
    COPY_ARRAY(denied, denied_count);
    COPY_ARRAY(hits, hit_count);
    COPY_ARRAY(flows, flow_count);
    COPY_ARRAY(claims, claim_count);
    COPY_ARRAY(feedback, feedback_count);
    COPY_ARRAY(products, product_count);
    COPY_ARRAY(prices, price_count);
    COPY_ARRAY(positions, position_count);
    to->policy_count = from->policy_count;
    to->proof_policy_count = from->proof_policy_count;
    to->watch_count = from->watch_count;
    to->account_policy_count = from->account_policy_count;
    to->usage_count = from->usage_count;
    to->past_count = from->past_count;
    to->move_count = from->move_count;
    to->line_count = from->line_count;
    to->hidden_from = from->hidden_from;
}

void naive_go_back(struct naive_model *model, const struct naive_model *kept)
{
    CHECK(model->past_count >= kept->past_count && model->move_count >= kept->move_count);
    naive_keep(model, kept);
}

/* ---- looking ---- */

int naive_control_account(const struct naive_model *model, int ledger, enum account_kind kind)
{
    for (int id = 1; id <= model->account_count; id++) {
        if (model->accounts[id].ledger == ledger && model->accounts[id].kind == (int)kind)
            return id;
    }
    CHECK(0 && "a ledger has every control account");
    return 0;
}

int naive_account_of(const struct naive_model *model, int ledger, int64_t id)
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

int32_t naive_date_of(const struct naive_model *model, int ledger)
{
    const struct naive_ledger *l = &model->ledgers[ledger];
    return l->dates[l->date_count - 1];
}

int64_t *naive_available_of(struct naive_model *model, int account)
{
    return &model->accounts[account].balance[BUCKET_AVAILABLE];
}

bool naive_same_text(const char *a, struct text b)
{
    return text_equals(text_of(a), b);
}

struct text naive_channel_of(const struct command *command)
{
    return (struct text){command->key.channel, command->key.channel_length};
}

int64_t naive_held_of_order(const struct naive_model *model, int ledger, struct text order_number)
{
    int64_t sum = 0;
    for (int id = 1; id <= model->hold_count; id++) {
        const struct naive_hold *hold = &model->holds[id];
        if (hold->ledger == ledger && hold->status == HOLD_LIVE &&
            naive_same_text(hold->order, order_number))
            sum += hold->amount - hold->confirmed - hold->cancelled;
    }
    return sum;
}

int64_t naive_frozen(const struct naive_model *model, int account)
{
    int64_t sum = 0;
    for (int id = 1; id <= model->freeze_count; id++) {
        const struct naive_freeze *freeze = &model->freezes[id];
        if (freeze->account == account && freeze->status == FREEZE_LIVE)
            sum += freeze->amount - freeze->lifted;
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
        count += model->payouts[id].ledger == ledger && naive_payout_is_open(&model->payouts[id]);
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

/* Which buckets can hold what. */
static const char *broken_account(const struct naive_account *account)
{
    bool is_member = account->kind == ACCOUNT_MEMBER;
    for (int b = 0; b < BUCKET_COUNT; b++) {
        if (is_member && account->balance[b] < 0)
            return "a bucket of a member is negative";
    }
    if (account->kind == ACCOUNT_ISSUER)
        return account->balance[BUCKET_AVAILABLE] > 0 ? "more than nothing is issued" : NULL;
    if (account->kind != ACCOUNT_ESCROW && account->kind != ACCOUNT_FEE &&
        account->balance[BUCKET_AVAILABLE] < 0)
        return "an account that is neither ESCROW nor FEE is negative";
    if (!is_member && account->balance[BUCKET_FROZEN] != 0)
        return "frozen money that is no member's";
    if (!is_member && account->kind != ACCOUNT_PLATFORM_OWN &&
        account->kind != ACCOUNT_UNALLOCATED && account->balance[BUCKET_PENDING_OUT] != 0)
        return "pending out of an account that is not paid out";
    if (account->kind == ACCOUNT_INTEREST && account->balance[BUCKET_AVAILABLE] != 0)
        return "interest stays on its way";
    return NULL;
}

const char *naive_broken_invariant(const struct naive_model *model, int ledger)
{
    wide all = 0, others = 0, pending_in = 0;
    int64_t escrow = 0, returning = 0;
    for (int id = 1; id <= model->account_count; id++) {
        const struct naive_account *account = &model->accounts[id];
        if (account->ledger != ledger)
            continue;
        const char *broken_rule = broken_account(account);
        if (broken_rule != NULL)
            return broken_rule;
        if (account->kind == ACCOUNT_ISSUER || account->kind == ACCOUNT_POSITION)
            continue;
        for (int b = 0; b < BUCKET_COUNT; b++)
            all += account->balance[b];
        pending_in += account->balance[BUCKET_PENDING_IN];
        if (account->kind == ACCOUNT_ESCROW) {
            escrow = account->balance[BUCKET_AVAILABLE];
            continue;
        }
        others += account->balance[BUCKET_AVAILABLE];
        others += account->balance[BUCKET_FROZEN];
        others += account->balance[BUCKET_PENDING_OUT];
        if (account->kind == ACCOUNT_UNALLOCATED &&
            account->balance[BUCKET_AVAILABLE] != naive_open_items(model, ledger))
            return "what UNALLOCATED has is not what is open of the items";
        for (int item = 1; item <= model->suspense_count && account->kind == ACCOUNT_UNALLOCATED;
             item++)
            returning +=
                model->suspense[item].ledger == ledger ? model->suspense[item].returning : 0;
        if (account->kind == ACCOUNT_UNALLOCATED &&
            account->balance[BUCKET_PENDING_OUT] != returning)
            return "what UNALLOCATED pays out is not what goes back of the items";
    }
    for (int id = 1; id <= model->lump_count; id++) {
        const struct naive_lump *lump = &model->lumps[id];
        if (lump->ledger == ledger && lump->status == LUMP_OPEN && lump->total > lump->got &&
            naive_open_of(&model->suspense[lump->item]) < lump->total - lump->got)
            return "a lump's item has less open than what is left of the lump";
    }
    for (int id = 1; id <= model->product_count; id++) {
        const struct naive_product *product = &model->products[id];
        int64_t issued = model->accounts[product->account].balance[BUCKET_AVAILABLE];
        if (product->ledger == ledger && naive_held(model, id) != -(wide)issued)
            return "what is held of a product is not what is issued";
    }
    if (all != 0)
        return "the buckets of the ledger do not sum to zero";
    if (others != -(wide)escrow)
        return "the escrow account is not the sum of the others";
    if (pending_in != 0)
        return "the acquirers do not owe what is pending in";
    if (!naive_pending_is_promised(model, ledger))
        return "pending in is not what is open of the promises";
    if (!naive_acquired_is_explained(model, ledger))
        return "an acquirer has what no settlement and no difference explains";
    return NULL;
}

/* ---- changing ---- */

/* What of a move is for the next date: it is the last of the giver's own to go, and stays with who
 * can own it. */
static int64_t later_of_move(const struct naive_model *model, int ledger, int from,
    enum bucket from_bucket, int to, int64_t amount)
{
    const struct naive_account *giver = &model->accounts[from];
    const int kinds[] = {giver->kind, model->accounts[to].kind};
    bool leaves =
        kinds[0] == ACCOUNT_UNALLOCATED && (kinds[1] == ACCOUNT_ESCROW || kinds[1] == ACCOUNT_FEE);
    for (int i = 0; i < 2 && !leaves; i++) {
        if (kinds[i] != ACCOUNT_MEMBER && kinds[i] != ACCOUNT_UNALLOCATED &&
            kinds[i] != ACCOUNT_ACQUIRER)
            return 0;
    }
    if (giver->next_date != naive_date_of(model, ledger) ||
        (from_bucket != BUCKET_AVAILABLE && from_bucket != BUCKET_FROZEN && !leaves))
        return 0;
    int64_t own = giver->balance[BUCKET_AVAILABLE] + giver->balance[BUCKET_FROZEN];
    if (leaves) {
        int64_t left = from_bucket == BUCKET_AVAILABLE ? own - amount : own;
        int64_t beyond = giver->next_date_minor > left ? giver->next_date_minor - left : 0;
        return beyond < amount ? beyond : amount;
    }
    int64_t free = own > giver->next_date_minor ? own - giver->next_date_minor : 0;
    return amount > free ? amount - free : 0;
}

void naive_make_later(struct decision *d, int account, int64_t amount)
{
    struct naive_account *a = &d->model->accounts[account];
    if (amount == 0)
        return;
    if (a->next_date != naive_date_of(d->model, d->ledger)) {
        a->next_date = naive_date_of(d->model, d->ledger);
        a->next_date_minor = 0;
    }
    int64_t room = INT64_MAX - a->next_date_minor;
    a->next_date_minor += amount < room ? amount : room;
}

void naive_book(struct decision *d, int from, enum bucket from_bucket, int to,
    enum bucket to_bucket, int64_t amount)
{
    struct naive_model *model = d->model;
    CHECK(amount >= 0 && d->worst == 0);
    if (amount == 0)
        return;
    int64_t later = from == to ? 0 : later_of_move(model, d->ledger, from, from_bucket, to, amount);
    model->accounts[from].balance[from_bucket] -= amount;
    model->accounts[to].balance[to_bucket] += amount;
    if (later > 0) {
        model->accounts[from].next_date_minor -= later;
        int kind = model->accounts[to].kind;
        if (kind != ACCOUNT_ESCROW && kind != ACCOUNT_FEE) /* else it has left */
            naive_make_later(d, to, later);
    }
    CHECK(model->move_count < NAIVE_MOVES_MAX);
    model->moves[model->move_count++] = (struct naive_move){
        .amount = amount,
        .from = from,
        .to = to,
        .from_bucket = from_bucket,
        .to_bucket = to_bucket,
        .later = later,
    };
}

int naive_add_account(struct naive_model *model, int ledger, int member, enum account_kind kind)
{
    CHECK(model->account_count < NAIVE_ACCOUNTS_MAX);
    int id = ++model->account_count;
    model->accounts[id] =
        (struct naive_account){.ledger = ledger, .member = member, .kind = (int)kind};
    return id;
}

void naive_copy_text(char *to, struct text from)
{
    if (from.length > 0)
        memcpy(to, from.bytes, from.length);
    to[from.length] = '\0';
}

/* ---- deciding ---- */

void naive_broken(struct decision *d, enum outcome rule)
{
    if (d->worst == 0 || outcome_precedence((int)rule) < outcome_precedence(d->worst))
        d->worst = (int)rule;
}

void naive_need(struct decision *d, bool holds, enum outcome rule)
{
    if (!holds)
        naive_broken(d, rule);
}

void naive_need_at(struct decision *d, bool holds, enum outcome rule, int64_t limit)
{
    CHECK((int)rule < NAIVE_OUTCOMES_MAX);
    naive_need(d, holds, rule);
    if (holds || (d->has_limit[rule] && d->limits[rule] <= limit))
        return;
    d->limits[rule] = limit;
    d->has_limit[rule] = true;
}

int naive_need_member_account(struct decision *d, int64_t id)
{
    int account = naive_account_of(d->model, d->ledger, id);
    naive_need(d, account != 0, OUTCOME_ACCOUNT_NOT_FOUND);
    if (account == 0)
        return 0;
    naive_need(d, d->model->accounts[account].member != 0, OUTCOME_NOT_A_MEMBER_ACCOUNT);
    naive_need(d, !d->model->accounts[account].closed, OUTCOME_ACCOUNT_CLOSED);
    return account;
}

void naive_need_not_restricted(struct decision *d, int account)
{
    if (account != 0)
        naive_need(d, !naive_gives_none(d->model, account), OUTCOME_ACCOUNT_RESTRICTED_OUT);
}

void naive_need_available(struct decision *d, int account, int64_t amount)
{
    if (account != 0)
        naive_need_at(d, naive_spendable(d->model, account) >= amount,
            OUTCOME_INSUFFICIENT_AVAILABLE, naive_spendable(d->model, account));
}

int naive_need_member(struct decision *d, int64_t id)
{
    int member = member_of(d->model, d->ledger, id);
    naive_need(d, member != 0, OUTCOME_MEMBER_NOT_FOUND);
    if (member != 0)
        naive_need(d, !d->model->members[member].closed, OUTCOME_MEMBER_CLOSED);
    return member;
}

void naive_need_room_in_escrow(struct decision *d, int64_t amount)
{
    int escrow = naive_control_account(d->model, d->ledger, ACCOUNT_ESCROW);
    wide owned = -(wide)d->model->accounts[escrow].balance[BUCKET_AVAILABLE] + amount;
    /* What fee accounts lack, others have. */
    for (int id = 1; id <= d->model->account_count; id++) {
        const struct naive_account *account = &d->model->accounts[id];
        if (account->ledger == d->ledger && account->kind == ACCOUNT_FEE &&
            account->balance[BUCKET_AVAILABLE] < 0)
            owned -= account->balance[BUCKET_AVAILABLE];
    }
    naive_need_at(
        d, owned <= INT64_MAX, OUTCOME_AMOUNT_OVERFLOW, (int64_t)(INT64_MAX - (owned - amount)));
}

void naive_need_own_account(struct decision *d, const struct party *party)
{
    const struct naive_party *own = &d->model->ledgers[d->ledger].own;
    bool is_set = own->account_number[0] != '\0';
    naive_need(d, is_set, OUTCOME_PLATFORM_ACCOUNT_NOT_SET);
    if (is_set)
        naive_need(d,
            naive_same_number(text_of(own->account_number), party->account_number) &&
                naive_same_name(text_of(own->name), party->name),
            OUTCOME_PLATFORM_ACCOUNT_MISMATCH);
}

static int64_t open_ledger(struct decision *d)
{
    const struct open_ledger *wish = &d->command->open_ledger;
    struct naive_model *model = d->model;
    for (int id = 1; id <= model->ledger_count; id++) {
        const char *prefix = model->ledgers[id].receiving_prefix;
        naive_need(d, !text_equals(text_of(prefix), wish->receiving_prefix),
            OUTCOME_RECEIVING_PREFIX_TAKEN);
    }
    naive_need(d, wish->first_accounting_date <= d->now_us / 86400000000 + 10,
        OUTCOME_ACCOUNTING_DATE_TOO_FAR);
    if (d->worst != 0)
        return 0;
    CHECK(model->ledger_count < NAIVE_LEDGERS_MAX);
    int id = ++model->ledger_count;
    struct naive_ledger *ledger = &model->ledgers[id];
    memset(ledger, 0, sizeof *ledger);
    naive_copy_text(ledger->platform_name, wish->platform_name);
    naive_copy_text(ledger->escrow_account_number, wish->escrow_account_number);
    naive_copy_text(ledger->currency, wish->currency);
    naive_copy_text(ledger->receiving_prefix, wish->receiving_prefix);
    ledger->dates[ledger->date_count++] = wish->first_accounting_date;
    ledger->window = wish->key_window_dates == 0 ? 3 : wish->key_window_dates;
    ledger->return_days = 30;
    ledger->first_account = naive_add_account(model, id, 0, ACCOUNT_ESCROW);
    naive_add_account(model, id, 0, ACCOUNT_UNALLOCATED);
    naive_add_account(model, id, 0, ACCOUNT_FEE);
    naive_add_account(model, id, 0, ACCOUNT_PLATFORM_OWN);
    naive_add_account(model, id, 0, ACCOUNT_INTEREST);
    naive_add_account(model, id, 0, ACCOUNT_ENFORCEMENT);
    d->ledger = id;
    naive_open_account_policy(d);
    return id;
}

static int64_t close_ledger(struct decision *d)
{
    naive_need(d, naive_open_lumps(d->model, d->ledger) == 0, OUTCOME_LEDGER_HAS_OPEN_LUMPS);
    naive_need(d, !naive_is_settling(d->model, d->ledger), OUTCOME_LEDGER_HAS_OPEN_SETTLEMENTS);
    struct naive_model *model = d->model;
    naive_need(d, naive_open_payouts(model, d->ledger) == 0, OUTCOME_LEDGER_HAS_OPEN_PAYOUTS);
    for (int id = 1; id <= model->payout_count; id++) {
        const struct naive_payout *payout = &model->payouts[id];
        if (payout->ledger == d->ledger && payout->status == PAYOUT_PAID)
            naive_need(d, payout->return_until < naive_date_of(model, d->ledger),
                OUTCOME_LEDGER_HAS_RETURNABLE_PAYOUTS);
    }
    naive_need(d, naive_open_members(model, d->ledger) == 0, OUTCOME_LEDGER_NOT_EMPTY);
    for (int id = 1; id <= model->account_count; id++) {
        if (model->accounts[id].ledger == d->ledger)
            naive_need(d, !has_money(&model->accounts[id]), OUTCOME_LEDGER_NOT_EMPTY);
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
    int32_t today = (int32_t)(d->now_us / 86400000000);
    int32_t present = ledger->dates[ledger->date_count - 1];
    int32_t ahead = wish - (present < today ? present : today);
    /* Days from Monday to Friday behind the present date; 1970-01-01 was a Thursday. */
    int weekdays = 0;
    int32_t alone = present;
    while (alone + 1 <= today + 10 && weekdays + ((alone + 1 + 3) % 7 < 5) <= 1)
        weekdays += (++alone + 3) % 7 < 5;
    naive_need(d, wish > present, OUTCOME_ACCOUNTING_DATE_NOT_LATER);
    naive_need(d, ahead <= 366, OUTCOME_ACCOUNTING_DATE_TOO_FAR);
    if (wish > present && wish > alone && ahead <= 366)
        naive_need_at(d, d->command->proposal_id != 0, OUTCOME_APPROVAL_NEEDED,
            alone > present ? date_to_yyyymmdd(alone) : 0);
    if (d->worst != 0)
        return 0;
    CHECK(ledger->date_count < NAIVE_DATES_MAX);
    ledger->dates[ledger->date_count++] = wish;
    naive_begin_date(d, present, wish);
    return d->ledger;
}

static int64_t set_terms(struct decision *d)
{
    const struct set_terms *wish = &d->command->set_terms;
    struct naive_ledger *ledger = &d->model->ledgers[d->ledger];
    if (ledger->same_card && wish->named / 128 % 2 == 1 && !wish->same_card)
        naive_need_two_persons(d);
    if (d->worst != 0)
        return 0;
    bool is_whole = wish->named == 0;
    if (is_whole || wish->named % 8 == 7) {
        naive_copy_text(ledger->own.name, wish->own_account.name);
        naive_copy_text(ledger->own.account_number, wish->own_account.account_number);
        naive_copy_text(ledger->own.bank_code, wish->own_account.bank_code);
    }
    if (is_whole || wish->named / 8 % 2 == 1)
        ledger->advances = wish->advance_refunds;
    if (is_whole || wish->named / 16 % 2 == 1)
        ledger->return_days = wish->payout_return_days == 0 ? 30 : wish->payout_return_days;
    if (wish->named / 32 % 2 == 1)
        naive_set_age(d, wish->suspense_age_s);
    if (wish->named / 64 % 2 == 1) {
        naive_set_age(d, ledger->age_s);
        ledger->one_membership = wish->one_membership;
    }
    if (wish->named / 128 % 2 == 1) {
        naive_set_age(d, ledger->age_s);
        ledger->same_card = wish->same_card;
    }
    return d->ledger;
}

static int64_t open_member(struct decision *d)
{
    const struct open_member *wish = &d->command->open_member;
    struct naive_model *model = d->model;
    for (int id = 1; id <= model->member_count; id++) {
        const struct naive_member *member = &model->members[id];
        if (member->ledger == d->ledger)
            naive_need(d, !text_equals(text_of(member->platform_id), wish->platform_member_id),
                OUTCOME_PLATFORM_MEMBER_ID_TAKEN);
    }
    if (d->worst != 0)
        return 0;
    CHECK(model->member_count < NAIVE_MEMBERS_MAX);
    int id = ++model->member_count;
    model->members[id] = (struct naive_member){.ledger = d->ledger, .kind = wish->kind};
    naive_copy_text(model->members[id].platform_id, wish->platform_member_id);
    return id;
}

static int64_t close_member(struct decision *d)
{
    int member = naive_need_member(d, d->command->close_member.member_id);
    for (int id = 1; id <= d->model->account_count && member != 0; id++) {
        if (d->model->accounts[id].member == member)
            naive_need(d, d->model->accounts[id].closed, OUTCOME_MEMBER_HAS_OPEN_ACCOUNTS);
    }
    for (int id = 1; id <= d->model->claim_count && member != 0; id++) {
        const struct naive_claim *claim = &d->model->claims[id];
        naive_need(
            d, claim->member != member || claim->status != CLAIM_LIVE, OUTCOME_ACCOUNT_KEPT_OPEN);
    }
    if (d->worst != 0)
        return 0;
    naive_end_cards(d, member);
    d->model->members[member].closed = true;
    naive_close_identity(d, member);
    return member;
}

static int64_t open_account(struct decision *d)
{
    int member = naive_need_member(d, d->command->open_account.member_id);
    if (member != 0)
        naive_need(d, naive_may_have_account(d->model, member), OUTCOME_TOO_MANY_ACCOUNTS);
    if (d->worst != 0)
        return 0;
    return naive_add_account(d->model, d->ledger, member, ACCOUNT_MEMBER);
}

static int64_t close_account(struct decision *d)
{
    int account = naive_need_member_account(d, d->command->close_account.account_id);
    if (account != 0)
        naive_need(d, !has_money(&d->model->accounts[account]), OUTCOME_ACCOUNT_NOT_EMPTY);
    for (int id = 1; id <= d->model->debt_count && account != 0; id++) {
        const struct naive_debt *debt = &d->model->debts[id];
        naive_need(
            d, debt->account != account || debt->status != DEBT_OPEN, OUTCOME_ACCOUNT_HAS_DEBT);
    }
    if (account != 0) {
        naive_need(d, !naive_is_claimed(d->model, account), OUTCOME_ACCOUNT_KEPT_OPEN);
        naive_need(d, !naive_is_cash_account(d->model, account), OUTCOME_ACCOUNT_OF_PRODUCT);
        naive_need(d, !naive_holds_units(d->model, account), OUTCOME_ACCOUNT_HOLDS_UNITS);
        naive_need_not_restricted(d, account);
    }
    if (d->worst != 0)
        return 0;
    d->model->accounts[account].closed = true;
    return account;
}

/* Two callers who are known are compared; else the channels are. */
static bool is_mine(const struct decision *d, const struct naive_restriction *one)
{
    int64_t person = naive_person_of(d->command);
    if (one->caller != 0 && person != 0)
        return one->caller == person;
    return naive_same_text(one->owner, naive_channel_of(d->command));
}

static int64_t restrict_account(struct decision *d)
{
    const struct restrict_account *wish = &d->command->restrict_account;
    int account = naive_need_member_account(d, wish->account_id);
    if (account == 0)
        return 0;
    struct naive_account *a = &d->model->accounts[account];
    struct text channel = naive_channel_of(d->command);
    int64_t person = naive_person_of(d->command);
    struct naive_restriction *mine = NULL, *named = NULL, *free_one = NULL;
    /* In the order in which the account got them; what is left is taken from the first on. */
    for (int i = RESTRICTIONS_PER_ACCOUNT_MAX - 1; i >= 0; i--) {
        struct naive_restriction *one = &a->restrictions[i];
        if (!one->no_in && !one->no_out) {
            free_one = one;
            continue;
        }
        if (is_mine(d, one) && (!mine || (person != 0 && one->caller == person)))
            mine = one;
        if (naive_same_text(one->owner, wish->owner) && !named)
            named = one;
    }
    bool is_own = wish->owner.length == 0 || text_equals(wish->owner, channel);
    struct naive_restriction *its = is_own ? mine : named;
    is_own = is_own || (named && is_mine(d, named));
    if (is_own) {
        naive_need(d, its || wish->no_in || wish->no_out, OUTCOME_RESTRICTION_NOT_FOUND);
        naive_need(d, its || free_one, OUTCOME_TOO_MANY_RESTRICTIONS);
    } else {
        naive_need(d, its != NULL, OUTCOME_RESTRICTION_NOT_FOUND);
        if (its)
            naive_need(d,
                wish->no_in <= its->no_in && wish->no_out <= its->no_out &&
                    wish->no_in + wish->no_out < its->no_in + its->no_out,
                OUTCOME_RESTRICTION_OF_ANOTHER);
        if (d->worst == 0)
            naive_need_two_persons(d);
    }
    if (d->worst != 0)
        return 0;
    if (!its) {
        its = free_one;
        its->placed = d->sequence;
        its->caller = person;
        naive_copy_text(its->owner, channel);
    }
    its->no_in = wish->no_in;
    its->no_out = wish->no_out;
    its->changed = d->sequence;
    bool gave_nothing = a->no_out;
    a->no_in = a->no_out = false;
    for (int i = 0; i < RESTRICTIONS_PER_ACCOUNT_MAX; i++) {
        a->no_in = a->no_in || a->restrictions[i].no_in;
        a->no_out = a->no_out || a->restrictions[i].no_out;
    }
    if (gave_nothing && !a->no_out)
        d->lifted = account;
    return account;
}

/* What holds for every command on a ledger: the window of dates, and that it is open. */
static void need_ledger(struct decision *d)
{
    const struct naive_ledger *ledger = &d->model->ledgers[d->ledger];
    int32_t date = d->command->key.business_date;
    int oldest = ledger->date_count - ledger->window;
    naive_need(d, date >= ledger->dates[oldest > 0 ? oldest : 0], OUTCOME_KEY_WINDOW_CLOSED);
    naive_need(d, date <= ledger->dates[ledger->date_count - 1] + 1, OUTCOME_BUSINESS_DATE_AHEAD);
    int kind = (int)d->command->kind;
    bool is_notice = kind == COMMAND_EXPIRE && d->command->expire.kind == EXPIRY_FEEDBACK;
    naive_need(d,
        !ledger->closed || is_notice || kind == COMMAND_REVEAL || kind == COMMAND_OPEN_FEEDBACK ||
            kind == COMMAND_GIVE_FEEDBACK,
        OUTCOME_LEDGER_CLOSED);
}

static int64_t decide(struct decision *d)
{
    switch (d->command->kind) {
    case COMMAND_OPEN_LEDGER:
        return open_ledger(d);
    case COMMAND_CLOSE_LEDGER:
        return close_ledger(d);
    case COMMAND_CUT_DAY:
        return cut_day(d);
    case COMMAND_SET_TERMS:
        return set_terms(d);
    case COMMAND_SET_FEE_RULE:
        return naive_set_fee_rule(d);
    case COMMAND_OPEN_MEMBER:
        return open_member(d);
    case COMMAND_CLOSE_MEMBER:
        return close_member(d);
    case COMMAND_IDENTIFY_MEMBER:
        return naive_identify_member(d);
    case COMMAND_OPEN_ACCOUNT:
        return open_account(d);
    case COMMAND_CLOSE_ACCOUNT:
        return close_account(d);
    case COMMAND_RESTRICT_ACCOUNT:
        return restrict_account(d);
    case COMMAND_OPEN_FEE_ACCOUNT:
        return naive_open_fee_account(d);
    case COMMAND_PROPOSE:
        return naive_propose(d);
    case COMMAND_APPROVE:
        return naive_approve(d);
    case COMMAND_WITHDRAW_PROPOSAL:
        return naive_withdraw_proposal(d);
    case COMMAND_SET_ACCOUNT_POLICY:
        return naive_set_account_policy(d);
    case COMMAND_SET_APPROVAL_POLICY:
        return naive_set_approval_policy(d);
    case COMMAND_GRANT_MANDATE:
        return naive_grant_mandate(d);
    case COMMAND_END_MANDATE:
        return naive_end_mandate(d);
    case COMMAND_SET_PROOF_POLICY:
        return naive_set_proof_policy(d);
    case COMMAND_CREATE_CALLER:
        return naive_create_caller(d);
    case COMMAND_UPDATE_CALLER:
        return naive_update_caller(d);
    case COMMAND_REVEAL:
        return naive_reveal(d);
    case COMMAND_BOOK_RECEIPT:
        return naive_book_receipt(d);
    case COMMAND_BOOK_INTEREST:
        return naive_book_interest(d);
    case COMMAND_CHARGE_FEE:
        return naive_charge_fee(d);
    case COMMAND_COLLECT_FEES:
        return naive_collect_fees(d);
    case COMMAND_PAY:
        return naive_pay(d);
    case COMMAND_REFUND:
        return naive_refund(d);
    case COMMAND_WITHDRAW:
        return naive_withdraw(d);
    case COMMAND_CONFIRM_PAYOUT:
        return naive_confirm_payout(d);
    case COMMAND_INTERCEPT_PAYOUT:
        return naive_intercept_payout(d);
    case COMMAND_PLACE_HOLD:
        return naive_place_hold(d);
    case COMMAND_CONFIRM_HOLD:
        return naive_confirm_hold(d);
    case COMMAND_CANCEL_HOLD:
        return naive_cancel_hold(d);
    case COMMAND_PLACE_FREEZE:
        return naive_place_freeze(d);
    case COMMAND_LIFT_FREEZE:
        return naive_lift_freeze(d);
    case COMMAND_EXPIRE:
        return naive_expire(d);
    case COMMAND_REVERSE:
        return naive_reverse(d);
    case COMMAND_ADJUST:
        return naive_adjust(d);
    case COMMAND_ALLOCATE_SUSPENSE:
        return naive_allocate_suspense(d);
    case COMMAND_OPEN_BANK_STATEMENT:
        return naive_open_bank_statement(d);
    case COMMAND_ADD_STATEMENT_LINE:
        return naive_add_statement_line(d);
    case COMMAND_CLOSE_BANK_STATEMENT:
        return naive_close_bank_statement(d);
    case COMMAND_MATCH_STATEMENT_LINE:
        return naive_match_statement_line(d);
    case COMMAND_UNDO_MATCH:
        return naive_undo_match(d);
    case COMMAND_OPEN_LUMP:
        return naive_open_lump(d);
    case COMMAND_ALLOCATE_LINE:
        return naive_allocate_line(d);
    case COMMAND_CLOSE_LUMP:
        return naive_close_lump(d);
    case COMMAND_UNDO_ALLOCATION:
        return naive_undo_allocation(d);
    case COMMAND_RETURN_SUSPENSE:
        return naive_return_suspense(d);
    case COMMAND_ADOPT_SUSPENSE:
        return naive_adopt_suspense(d);
    case COMMAND_OPEN_ACQUIRER:
        return naive_open_acquirer(d);
    case COMMAND_SET_ACQUIRER:
        return naive_set_acquirer(d);
    case COMMAND_BOOK_PROMISE:
        return naive_book_promise(d);
    case COMMAND_CANCEL_PROMISE:
        return naive_cancel_promise(d);
    case COMMAND_OPEN_SETTLEMENT:
        return naive_open_settlement(d);
    case COMMAND_SETTLE_LINE:
        return naive_settle_line(d);
    case COMMAND_CLOSE_SETTLEMENT:
        return naive_close_settlement(d);
    case COMMAND_CLOSE_DIFFERENCE:
        return naive_close_difference(d);
    case COMMAND_ADD_DENIED:
        return naive_add_denied(d);
    case COMMAND_END_DENIED:
        return naive_end_denied(d);
    case COMMAND_DECIDE_HIT:
        return naive_decide_hit(d);
    case COMMAND_BIND_CARD:
        return naive_bind_card(d);
    case COMMAND_CHECK_CARD:
        return naive_check_card(d);
    case COMMAND_CONFIRM_CARD_CHECK:
        return naive_confirm_card_check(d);
    case COMMAND_CONFIRM_CARD_AMOUNT:
        return naive_confirm_card_amount(d);
    case COMMAND_UNBIND_CARD:
        return naive_unbind_card(d);
    case COMMAND_REPLACE_CARD:
        return naive_replace_card(d);
    case COMMAND_PLACE_CLAIM:
        return naive_place_claim(d);
    case COMMAND_CONTINUE_CLAIM:
        return naive_continue_claim(d);
    case COMMAND_RELEASE_CLAIM:
        return naive_release_claim(d);
    case COMMAND_DEDUCT_CLAIM:
        return naive_deduct_claim(d);
    case COMMAND_OPEN_PRODUCT:
        return naive_open_product(d);
    case COMMAND_CLOSE_PRODUCT:
        return naive_close_product(d);
    case COMMAND_PUBLISH_PRICE:
        return naive_publish_price(d);
    case COMMAND_SUBSCRIBE:
        return naive_subscribe(d);
    case COMMAND_REDEEM:
        return naive_redeem(d);
    case COMMAND_OPEN_FEEDBACK:
        return naive_open_feedback(d);
    case COMMAND_GIVE_FEEDBACK:
        return naive_give_feedback(d);
    case COMMAND_PROPOSE_ADJUSTMENT:
    case COMMAND_APPROVE_ADJUSTMENT:
    case COMMAND_WITHDRAW_ADJUSTMENT:
        naive_broken(d, OUTCOME_ADJUSTMENT_BY_PROPOSAL);
        return 0;
    }
    CHECK(0 && "a known kind of command");
    return 0;
}

/* The order number that the request itself has. */
static struct text own_order(const struct command *command)
{
    switch (command->kind) {
    case COMMAND_PAY:
        return command->pay.order_number;
    case COMMAND_REFUND:
        return command->refund.order_number;
    case COMMAND_WITHDRAW:
        return command->withdraw.order_number;
    case COMMAND_PLACE_HOLD:
        return command->place_hold.order_number;
    case COMMAND_CONFIRM_HOLD:
        return command->confirm_hold.order_number;
    case COMMAND_CANCEL_HOLD:
        return command->cancel_hold.order_number;
    case COMMAND_ALLOCATE_SUSPENSE:
        return command->allocate_suspense.order_number;
    case COMMAND_ALLOCATE_LINE:
        return command->allocate_line.order_number;
    case COMMAND_BOOK_PROMISE:
        return command->book_promise.order_number;
    default:
        return (struct text){NULL, 0};
    }
}

/* The place for what will be named by its sequence. */
static struct naive_past *past_of(struct decision *d)
{
    struct naive_model *model = d->model;
    CHECK(d->sequence > model->past_count && d->sequence <= NAIVE_PAST_MAX);
    while (model->past_count < d->sequence)
        model->past[++model->past_count].kind = 0;
    return &model->past[d->sequence];
}

/* Keeps an accepted command for those that will name it. */
static void remember(struct decision *d)
{
    struct naive_model *model = d->model;
    struct naive_past *past = past_of(d);
    *past = d->past;
    past->kind = (int)d->command->kind;
    past->ledger = d->ledger;
    past->source = naive_source_of(d);
    past->date = d->ledger != 0 ? naive_date_of(model, d->ledger) : 0;
    past->move_count = model->move_count - past->first_move;
    past->line_count = model->line_count - past->first_line;
    naive_copy_text(past->order, own_order(d->command));
    past->has_sender = d->command->kind == COMMAND_BOOK_RECEIPT &&
                       d->command->book_receipt.payer.account_number.length > 0;
}

struct naive_answer naive_execute(
    struct naive_model *model, int64_t now_us, int64_t sequence, const struct command *command)
{
    struct naive_answer answer = {.order_number = own_order(command)};
    struct decision d = {
        .model = model,
        .command = command,
        .now_us = now_us,
        .sequence = sequence,
        .past = {.first_move = model->move_count, .first_line = model->line_count},
    };
    /* What the account policy forbids is taken back. */
    static struct naive_model *kept;
    if (naive_may_be_forbidden(model, command)) {
        kept = kept ? kept : naive_create();
        naive_keep(kept, model);
    }
    bool is_of_none = command->kind == COMMAND_OPEN_LEDGER ||
                      command->kind == COMMAND_CREATE_CALLER ||
                      command->kind == COMMAND_UPDATE_CALLER;
    if (!is_of_none) {
        if (command->ledger_id < 1 || command->ledger_id > model->ledger_count) {
            answer.outcome = OUTCOME_LEDGER_NOT_FOUND;
            return answer;
        }
        d.ledger = (int)command->ledger_id;
        need_ledger(&d);
    }
    if (d.ledger != 0)
        naive_need_persons(&d);
    if (d.ledger != 0)
        naive_need_proof(&d);
    int64_t subject_id = d.worst == 0 ? decide(&d) : 0;
    if (d.ledger != 0)
        answer.accounting_date = naive_date_of(model, d.ledger);
    if (d.worst != 0) {
        answer.outcome = (enum outcome)d.worst;
        CHECK(d.worst < NAIVE_OUTCOMES_MAX);
        answer.limit_minor = d.limits[d.worst];
        return answer;
    }
    naive_settle_claims(&d);
    naive_settle(&d);
    if (d.ledger != 0) {
        naive_open_item(&d);
        naive_clear_overdue(&d);
    }
    naive_need_policy(&d);
    if (d.worst != 0) {
        naive_go_back(model, kept);
        answer.outcome = (enum outcome)d.worst;
        answer.limit_minor = d.limits[d.worst];
        return answer;
    }
    if (command->proposal_id != 0)
        naive_approved(&d);
    remember(&d);
    naive_count_mandates(&d);
    naive_note_usage(&d);
    answer.outcome = d.unallocated ? OUTCOME_ACCEPTED_UNALLOCATED
                     : d.said != 0 ? d.said
                                   : OUTCOME_ACCEPTED;
    answer.subject_id = subject_id;
    answer.fee_minor = d.fee;
    answer.fee_rule_version = d.fee_version;
    answer.moves = &model->moves[d.past.first_move];
    answer.move_count = model->move_count - d.past.first_move;
    if (answer.order_number.length == 0 && d.order != NULL)
        answer.order_number = text_of(d.order);
    return answer;
}
