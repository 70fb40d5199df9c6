/* naive_card_flows.c: by which card money came and leaves, of the naive model: a list of what each
 * account did with each card, looked through every time.
 * SPDX-License-Identifier: Apache-2.0 */
#include "naive.h"

#include "base/check.h"

#include <string.h>

static const int64_t flow_most = INT64_MAX / 4;

bool naive_same_card(const struct naive_model *model, int ledger)
{
    return model->ledgers[ledger].same_card;
}

bool naive_is_user(const struct naive_model *model, int account)
{
    const struct naive_account *a = &model->accounts[account];
    return a->kind == ACCOUNT_MEMBER && model->members[a->member].kind == MEMBER_USER;
}

int naive_flow_of(const struct naive_model *model, int account, int64_t card)
{
    for (int id = 1; id <= model->flow_count; id++)
        if (model->flows[id].account == account && model->flows[id].card == card)
            return id;
    return 0;
}

static bool has_flows(const struct naive_model *model, int account)
{
    for (int id = 1; id <= model->flow_count; id++)
        if (model->flows[id].account == account)
            return true;
    return false;
}

static int64_t balance_of(const struct naive_flow *flow)
{
    return flow->in - flow->out + flow->moved;
}

int64_t naive_flow_owed(const struct naive_flow *flow)
{
    return flow->ended == 0 && balance_of(flow) > 0 ? balance_of(flow) : 0;
}

static void changed(struct decision *d, int id)
{
    struct naive_flow *flow = &d->model->flows[id];
    flow->changed = d->sequence;
    if (naive_flow_owed(flow) == 0)
        flow->since = 0;
    else if (flow->since == 0)
        flow->since = d->sequence;
}

static int have_flow(struct decision *d, int account, int card)
{
    int id = naive_flow_of(d->model, account, card);
    if (id != 0)
        return id;
    CHECK(d->model->flow_count < NAIVE_FLOWS_MAX);
    id = ++d->model->flow_count;
    d->model->flows[id] = (struct naive_flow){
        .ledger = d->ledger, .account = account, .card = card, .opened = d->sequence};
    return id;
}

/* Whether the card can be used with the account: with 256 at most. */
static bool may_use(const struct naive_model *model, int account, int card)
{
    int count = 0;
    for (int id = 1; id <= model->flow_count; id++)
        count += model->flows[id].card == card;
    return naive_flow_of(model, account, card) != 0 || count < 256;
}

/* The checked card of the account's member with the number. */
static int card_of_number(const struct naive_model *model, int account, struct text number)
{
    for (int id = 1; id <= model->card_count && number.length > 0; id++) {
        const struct naive_card *card = &model->cards[id];
        if (card->status == CARD_CHECKED && card->member == model->accounts[account].member &&
            naive_same_text(card->number, number))
            return id;
    }
    return 0;
}

int naive_source_card(struct decision *d, int account, struct text number, int *ret_why)
{
    const struct naive_model *model = d->model;
    bool holds = naive_same_card(model, d->ledger);
    *ret_why = 0;
    if (account == 0 || !naive_is_user(model, account) || (!holds && !has_flows(model, account)))
        return 0;
    int card = card_of_number(model, account, number);
    int flow = naive_flow_of(model, account, card);
    bool fits = model->flows[flow].in <= flow_most - d->command->book_receipt.amount_minor;
    if (card != 0 && (holds || flow != 0) && (flow == 0 || fits) && may_use(model, account, card))
        return card;
    if (!holds)
        return 0;
    *ret_why = number.length == 0 ? SUSPENSE_NO_CARD : SUSPENSE_CARD_NOT_BOUND;
    for (int id = 1; id <= model->card_count && card == 0; id++)
        if (model->cards[id].ledger == d->ledger && naive_is_bound(&model->cards[id]) &&
            number.length > 0 && naive_same_text(model->cards[id].number, number))
            *ret_why = SUSPENSE_CARD_OF_ANOTHER;
    return 0;
}

void naive_count_receipt(struct decision *d, int account, int card)
{
    int id = have_flow(d, account, card);
    d->model->flows[id].in += d->command->book_receipt.amount_minor;
    d->past.flow = id;
    changed(d, id);
}

/* What is owed to one that ended is owed to who took its place; `less`: so much less than before.
 */
static void pass_on(struct decision *d, int id, int64_t less)
{
    struct naive_flow *flow = &d->model->flows[id];
    int64_t passed = flow->moved < 0 ? -flow->moved : 0;
    int64_t part = less > 0 ? -(passed < less ? passed : less) : balance_of(flow);
    if (less <= 0 && part < 0)
        part = 0;
    flow->moved -= part;
    int next = id;
    while (next != 0 && d->model->flows[next].ended != 0)
        next = d->model->flows[next].successor;
    if (next == 0)
        return;
    d->model->flows[next].moved += part;
    changed(d, next);
}

void naive_uncount_receipt(struct decision *d, int flow, int64_t amount)
{
    if (flow == 0)
        return;
    d->model->flows[flow].in -= amount;
    if (d->model->flows[flow].ended != 0)
        pass_on(d, flow, amount);
    changed(d, flow);
}

/* ---- withdrawals ---- */

static int main_card_of(const struct naive_model *model, int account)
{
    for (int id = 1; id <= model->card_count; id++)
        if (model->cards[id].main && model->cards[id].member == model->accounts[account].member)
            return id;
    return 0;
}

int64_t naive_by_card(const struct naive_model *model, int account, int card)
{
    wide all = 0;
    for (int id = 1; id <= model->flow_count; id++)
        if (model->flows[id].account == account)
            all += naive_flow_owed(&model->flows[id]);
    wide mine = naive_flow_owed(&model->flows[naive_flow_of(model, account, card)]);
    wide rest = naive_spendable(model, account) - all;
    if (model->cards[card].main && rest > 0)
        mine += rest;
    int64_t most = naive_withdrawable(model, account);
    return mine < most ? (int64_t)mine : most;
}

/* The card that is named, if it is one that the account can pay. */
static int need_named(struct decision *d, int account, int64_t wish)
{
    const struct naive_model *model = d->model;
    bool there = wish <= model->card_count && model->cards[wish].ledger == d->ledger;
    naive_need(d, there, OUTCOME_CARD_NOT_FOUND);
    if (!there)
        return 0;
    bool mine = model->cards[wish].member == model->accounts[account].member;
    naive_need(d, mine, OUTCOME_CARD_NOT_OF_MEMBER);
    bool checked = mine && model->cards[wish].status == CARD_CHECKED;
    if (mine)
        naive_need(d, checked, OUTCOME_CARD_NOT_CHECKED);
    return checked ? (int)wish : 0;
}

struct naive_choice naive_choose(struct decision *d, int account)
{
    const struct withdraw *wish = &d->command->withdraw;
    struct naive_choice choice = {0};
    bool holds = naive_same_card(d->model, d->ledger);
    bool has_destination = wish->destination.account_number.length > 0;
    if (account == 0)
        return choice;
    if (!holds || d->model->accounts[account].kind != ACCOUNT_MEMBER) {
        naive_need(d, has_destination, OUTCOME_DESTINATION_NEEDED);
        int card = has_destination && d->model->accounts[account].kind == ACCOUNT_MEMBER
                       ? card_of_number(d->model, account, wish->destination.account_number)
                       : 0;
        if (card != 0 && naive_flow_of(d->model, account, card) != 0)
            choice.card = card;
        return choice;
    }
    choice.limited = true;
    if (wish->card_id != 0) {
        choice.card = need_named(d, account, wish->card_id);
    } else if (has_destination) {
        choice.card = card_of_number(d->model, account, wish->destination.account_number);
        naive_need(d, choice.card != 0, OUTCOME_DESTINATION_NOT_OWN_CARD);
    } else {
        choice.any = true;
        naive_need(d, main_card_of(d->model, account) != 0, OUTCOME_NO_CHECKED_CARD);
    }
    return choice;
}

void naive_need_by_card(struct decision *d, int account, struct naive_choice choice, int64_t leaves)
{
    struct naive_line parts[CARDS_PER_MEMBER_MAX] = {0};
    int count = choice.any && leaves > 0 && d->worst == 0
                    ? naive_share_by_card(d->model, account, choice, leaves, parts)
                    : 0;
    for (int i = 0; i < count; i++)
        naive_need(d, may_use(d->model, account, parts[i].account), OUTCOME_TOO_MANY_CARDS);
    if (choice.limited && choice.card != 0)
        naive_need_at(d, leaves <= naive_by_card(d->model, account, choice.card),
            OUTCOME_ABOVE_CARD, naive_by_card(d->model, account, choice.card));
    if (choice.card != 0) {
        int64_t room =
            flow_most - d->model->flows[naive_flow_of(d->model, account, choice.card)].out;
        naive_need_at(d, leaves <= room, OUTCOME_AMOUNT_OVERFLOW, room);
        naive_need(d, may_use(d->model, account, choice.card), OUTCOME_TOO_MANY_CARDS);
    }
}

/* Once more what waits longest, until everything is shared out. */
int naive_share_by_card(const struct naive_model *model, int account, struct naive_choice choice,
    int64_t leaves, struct naive_line ret_parts[CARDS_PER_MEMBER_MAX])
{
    int count = 0;
    bool taken[NAIVE_FLOWS_MAX + 1] = {false};
    if (!choice.any) {
        ret_parts[0] = (struct naive_line){.account = choice.card, .amount = leaves};
        return 1;
    }
    while (leaves > 0) {
        int first = 0;
        for (int id = 1; id <= model->flow_count; id++) {
            const struct naive_flow *flow = &model->flows[id];
            if (flow->account == account && naive_flow_owed(flow) > 0 && !taken[id] &&
                (first == 0 || flow->since < model->flows[first].since))
                first = id;
        }
        int card = first != 0 ? model->flows[first].card : main_card_of(model, account);
        int64_t part = leaves;
        if (first != 0 && naive_flow_owed(&model->flows[first]) < part)
            part = naive_flow_owed(&model->flows[first]);
        taken[first] = true;
        leaves -= part;
        int at = 0;
        while (at < count && ret_parts[at].account != card)
            at++;
        if (at == count)
            ret_parts[count++] = (struct naive_line){.account = card};
        ret_parts[at].amount += part;
    }
    return count;
}

void naive_count_payout(struct decision *d, int payout)
{
    const struct naive_payout *its = &d->model->payouts[payout];
    if (its->card == 0)
        return;
    int id = have_flow(d, its->account, its->card);
    d->model->flows[id].out += its->amount;
    d->model->flows[id].pending += its->amount;
    changed(d, id);
}

/* ---- what becomes of payouts ---- */

void naive_need_withdrawal(struct decision *d, int payout)
{
    const struct naive_payout *its = &d->model->payouts[payout];
    bool is_hidden = d->model->hidden_from != 0 && its->requested >= d->model->hidden_from;
    bool is_needed =
        has_flows(d->model, its->account) || d->model->accounts[its->account].deductions > 0;
    for (int id = 1; id <= d->model->mandate_count; id++)
        is_needed |=
            d->model->mandates[id].card != 0 && d->model->mandates[id].account == its->account;
    if (is_needed)
        naive_need(d, !is_hidden, OUTCOME_ORIGINAL_NOT_FOUND);
}

static int64_t gone_of(const struct naive_payout *payout)
{
    if (payout->status == PAYOUT_FAILED || payout->status == PAYOUT_CANCELLED)
        return 0;
    return payout->amount - payout->returned;
}

void naive_payout_changed(struct decision *d, int payout, const struct naive_payout *before)
{
    const struct naive_payout *its = &d->model->payouts[payout];
    if (its->card == 0)
        return;
    int id = naive_flow_of(d->model, its->account, its->card);
    struct naive_flow *flow = &d->model->flows[id];
    int64_t more = gone_of(its) - gone_of(before);
    flow->out += more;
    if (naive_payout_is_open(before) && !naive_payout_is_open(its))
        flow->pending -= before->amount;
    if (flow->ended != 0)
        pass_on(d, id, more);
    changed(d, id);
}

/* ---- cards that go ---- */

bool naive_has_payout_by(const struct naive_model *model, int card)
{
    for (int id = 1; id <= model->payout_count; id++) {
        const struct naive_payout *payout = &model->payouts[id];
        if (model->accounts[payout->account].member == model->cards[card].member &&
            model->accounts[payout->account].kind == ACCOUNT_MEMBER &&
            naive_payout_is_open(payout) && payout->claim == 0 &&
            (payout->card == 0 || payout->card == card))
            return true;
    }
    return false;
}

void naive_need_takeover(struct decision *d, int card, int next)
{
    int count = 0;
    for (int account = 1; account <= d->model->account_count; account++)
        count += naive_flow_of(d->model, account, card) != 0 ||
                 naive_flow_of(d->model, account, next) != 0;
    naive_need(d, count <= 256, OUTCOME_TOO_MANY_CARDS);
}

void naive_end_flows(struct decision *d, int card, int next)
{
    struct naive_model *model = d->model;
    /* Accounts of a member, the newest first, so that new records have the same ids. */
    for (int account = model->account_count; account >= 1; account--) {
        int id = naive_flow_of(model, account, card);
        if (id == 0)
            continue;
        int other = next != 0 ? have_flow(d, account, next) : 0;
        model->flows[id].ended = d->sequence;
        model->flows[id].successor = other;
        pass_on(d, id, 0);
        changed(d, id);
        if (other != 0)
            changed(d, other);
    }
}
