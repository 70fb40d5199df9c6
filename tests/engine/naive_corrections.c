/* naive_corrections.c: refunds and reversals of the naive model.
 * SPDX-License-Identifier: Apache-2.0 */
#include "naive.h"

#include "base/check.h"

#include <string.h>

/* What one payee gives back. */
struct line {
    int account;
    int64_t amount;   /* of what the payer paid for it */
    int64_t fee;      /* that the payee bore at first */
    int64_t paid;     /* at first */
    int64_t back;     /* of that fee */
    int64_t own;      /* from the payee's available */
    int64_t advanced; /* from PLATFORM_OWN's */
    int64_t taken;    /* when more of the fee comes back than the payee gives: its part of it */
};

/* The accepted command that is named; NULL when there is none. */
const struct naive_past *naive_need_original(struct decision *d, int64_t sequence)
{
    const struct naive_model *model = d->model;
    bool known = sequence <= model->past_count &&
                 (model->hidden_from == 0 || sequence < model->hidden_from) &&
                 model->past[sequence].kind != 0 && model->past[sequence].ledger == d->ledger;
    naive_need(d, known, OUTCOME_ORIGINAL_NOT_FOUND);
    return known ? &model->past[sequence] : NULL;
}

static struct naive_refunded *find_refunded(
    struct naive_model *model, int64_t original, int account)
{
    for (int id = 1; id <= model->refunded_count; id++) {
        if (model->refunded[id].original == original && model->refunded[id].account == account)
            return &model->refunded[id];
    }
    return NULL;
}

int64_t naive_fee_back_yet(struct naive_model *model, int64_t original, int account)
{
    const struct naive_refunded *refunded = find_refunded(model, original, account);
    return refunded == NULL ? 0 : refunded->fee;
}

int64_t naive_refunded_sum(const struct naive_model *model, int64_t original, int account)
{
    int64_t sum = 0;
    for (int id = 1; id <= model->refunded_count; id++) {
        const struct naive_refunded *refunded = &model->refunded[id];
        if (refunded->original == original && refunded->account == account)
            sum += refunded->amount;
    }
    return sum;
}

static bool is_reversed(struct naive_model *model, int64_t original)
{
    const struct naive_refunded *refunded = find_refunded(model, original, 0);
    return refunded != NULL && refunded->reversed != 0;
}

static struct naive_refunded *get_refunded(struct decision *d, int64_t original, int account)
{
    struct naive_model *model = d->model;
    struct naive_refunded *refunded = find_refunded(model, original, account);
    if (refunded == NULL) {
        CHECK(model->refunded_count < NAIVE_REFUNDED_MAX);
        refunded = &model->refunded[++model->refunded_count];
        *refunded =
            (struct naive_refunded){.original = original, .ledger = d->ledger, .account = account};
    }
    refunded->changed = d->sequence;
    return refunded;
}

void naive_note_refunded(
    struct decision *d, int64_t original, int account, int64_t amount, int64_t fee)
{
    struct naive_refunded *refunded = get_refunded(d, original, account);
    refunded->amount += amount;
    refunded->fee += fee;
}

void naive_note_stand_in(struct decision *d, int payout, int64_t amount, int64_t fee)
{
    struct naive_payout *its = &d->model->payouts[payout];
    if (amount == 0 && fee == 0)
        return;
    its->own += amount;
    its->own_fee += fee;
    CHECK(its->own >= 0 && its->own_fee >= 0);
    struct naive_refunded *noted = get_refunded(
        d, its->requested, naive_control_account(d->model, d->ledger, ACCOUNT_PLATFORM_OWN));
    noted->amount = its->own;
    noted->fee = its->own_fee;
}

/* ---- refunds ---- */

/* Fills in the lines that are asked for, or all that is left; their count. */
static int need_lines(
    struct decision *d, const struct naive_past *original, struct line ret_lines[])
{
    const struct refund *wish = &d->command->refund;
    const struct naive_line *paid = &d->model->lines[original->first_line];
    int count = 0;
    uint32_t found = 0;
    for (uint32_t i = 0; i < wish->payee_count || (i == 0 && wish->payee_count == 0); i++) {
        for (int p = 0; p < original->line_count; p++) {
            int64_t left = paid[p].amount -
                           naive_refunded_sum(d->model, wish->original_sequence, paid[p].account);
            int64_t amount = left;
            if (wish->payee_count > 0) {
                if (wish->payees[i].account_id != paid[p].account)
                    continue;
                found++;
                amount = wish->payees[i].amount_minor;
                naive_need_at(d, amount <= left, OUTCOME_ABOVE_REST, left);
            }
            if (amount > 0)
                ret_lines[count++] = (struct line){.account = paid[p].account,
                    .amount = amount,
                    .fee = paid[p].fee,
                    .paid = paid[p].amount};
        }
    }
    naive_need(d, found == wish->payee_count, OUTCOME_PAYEE_NOT_OF_ORIGINAL);
    naive_need_at(d, wish->payee_count > 0 || count > 0, OUTCOME_ABOVE_REST, 0);
    return count;
}

/* How much of a fee comes back with the `amount` that is given back now. */
static int64_t fee_back(struct decision *d, const struct naive_past *original, int account,
    int64_t fee, int64_t paid, int64_t amount)
{
    int64_t sequence = d->command->refund.original_sequence;
    int64_t yet = naive_fee_back_yet(d->model, sequence, account);
    int64_t refunded = naive_refunded_sum(d->model, sequence, account) + amount;
    if (original->rule == 0 || refunded > paid)
        return 0;
    int how = d->model->rules[original->rule].refund;
    if (how == FEE_REFUND_PROPORTIONAL)
        return naive_share_of(fee, refunded, paid) - yet;
    return how == FEE_REFUND_ON_FULL && refunded == paid ? fee - yet : 0;
}

/* Who gives how much; `collected` of the fee is the platform's to give. */
static void need_givers(struct decision *d, struct line *lines, int count, int64_t collected)
{
    struct naive_model *model = d->model;
    bool advances = model->ledgers[d->ledger].advances;
    int64_t advanced = 0;
    int64_t own =
        *naive_available_of(model, naive_control_account(model, d->ledger, ACCOUNT_PLATFORM_OWN));
    for (int i = 0; i < count; i++) {
        struct line *line = &lines[i];
        const struct naive_account *payee = &model->accounts[line->account];
        int64_t gives = line->amount - line->back;
        if (gives < 0) {
            line->taken = -gives;
            gives = 0;
        }
        int64_t has = naive_spendable(model, line->account);
        naive_need(d, advances || !payee->closed, OUTCOME_PAYEE_ACCOUNT_CLOSED);
        naive_need_not_restricted(d, line->account);
        naive_need_at(d, advances || has >= gives, OUTCOME_INSUFFICIENT_AVAILABLE, has);
        line->own = gives < has ? gives : has;
        line->advanced = gives - line->own;
        advanced += line->advanced;
    }
    int64_t given = (advances ? advanced : 0) + collected;
    naive_need_at(d, given == 0 || own >= given, OUTCOME_INSUFFICIENT_PLATFORM_OWN, own);
}

/* The fee goes to the payer, but what is more than a payee's line goes to the payee. */
static void book_fee_of_refund(struct decision *d, const struct naive_past *original,
    const struct line *lines, int line_count, int64_t before, int64_t back)
{
    struct naive_line legs[FEE_SHARES_MAX];
    int count =
        naive_fee_legs_back(d->model, d->ledger, original->rule, original->fee, before, back, legs);
    naive_fill_fee(d, original->rule, original->fee, before, back);
    int64_t of_payer = back;
    for (int i = 0; i < line_count; i++)
        of_payer -= lines[i].taken;
    int i = -1;
    int64_t left = of_payer;
    for (int leg = 0; leg < count;) {
        int64_t part = legs[leg].amount < left ? legs[leg].amount : left;
        bool is_gone = i >= 0 && d->model->accounts[lines[i].account].closed;
        int to = i < 0 ? original->payer : lines[i].account;
        if (part > 0 && (i < 0 || is_gone))
            to = naive_taker(d, to);
        naive_book(d, legs[leg].account, BUCKET_AVAILABLE, to, BUCKET_AVAILABLE, part);
        legs[leg].amount -= part;
        left -= part;
        if (legs[leg].amount == 0)
            leg++;
        else
            left = lines[++i].taken;
    }
}

static void book_refund(struct decision *d, const struct naive_past *original,
    const struct line *lines, int count, int64_t back)
{
    struct naive_model *model = d->model;
    int64_t sequence = d->command->refund.original_sequence;
    int platform = naive_control_account(model, d->ledger, ACCOUNT_PLATFORM_OWN);
    int taker = naive_taker(d, original->payer);
    int64_t amount = 0;
    for (int i = 0; i < count; i++) {
        const struct line *line = &lines[i];
        naive_book(d, line->account, BUCKET_AVAILABLE, taker, BUCKET_AVAILABLE, line->own);
        naive_book(d, platform, BUCKET_AVAILABLE, taker, BUCKET_AVAILABLE, line->advanced);
        struct naive_account *payee = &model->accounts[line->account];
        if (line->advanced > 0 && payee->next_date == naive_date_of(model, d->ledger)) {
            int64_t later = payee->next_date_minor;
            later = later < line->advanced ? later : line->advanced;
            payee->next_date_minor -= later;
            naive_make_later(d, taker, later);
            model->moves[model->move_count - 1].later = later;
        }
        struct naive_refunded *refunded = get_refunded(d, sequence, line->account);
        refunded->amount += line->amount;
        refunded->fee += line->back;
        amount += line->amount;
        if (line->advanced == 0)
            continue;
        CHECK(model->debt_count < NAIVE_DEBTS_MAX);
        model->debts[++model->debt_count] = (struct naive_debt){
            .ledger = d->ledger,
            .account = line->account,
            .amount = line->advanced,
            .refund = d->sequence,
            .changed = d->sequence,
            .status = DEBT_OPEN,
        };
    }
    struct naive_refunded *whole = get_refunded(d, sequence, 0);
    whole->amount += amount;
    book_fee_of_refund(d, original, lines, count, whole->fee, back);
    whole->fee += back;
    for (int i = 0; i < count; i++) {
        if (lines[i].advanced > 0)
            naive_note_debtor(d, lines[i].account);
    }
}

int64_t naive_refund(struct decision *d)
{
    static struct line lines[PAYEES_PER_COMMAND_MAX];
    const struct refund *wish = &d->command->refund;
    struct naive_model *model = d->model;
    const struct naive_past *original = naive_need_original(d, wish->original_sequence);
    if (original == NULL)
        return 0;
    if (original->kind != COMMAND_PAY && original->kind != COMMAND_CONFIRM_HOLD) {
        naive_broken(d, OUTCOME_ORIGINAL_NOT_REFUNDABLE);
        return 0;
    }
    naive_need(
        d, naive_same_text(original->order, wish->order_number), OUTCOME_ORDER_NUMBER_MISMATCH);
    naive_need(d, !is_reversed(model, wish->original_sequence), OUTCOME_ORIGINAL_REVERSED);
    int count = need_lines(d, original, lines);
    int64_t back = 0, amount = 0, paid = 0;
    for (int i = 0; i < count; i++) {
        amount += lines[i].amount;
        if (original->payees_bear)
            lines[i].back = fee_back(
                d, original, lines[i].account, lines[i].fee, lines[i].paid, lines[i].amount);
        back += lines[i].back;
    }
    for (int i = 0; i < original->line_count; i++)
        paid += model->lines[original->first_line + i].amount;
    if (!original->payees_bear)
        back = fee_back(d, original, 0, original->fee, paid, amount);
    int64_t collected = naive_fee_lacking(model, d->ledger, original->rule, original->fee,
        naive_fee_back_yet(model, wish->original_sequence, 0), back);
    need_givers(d, lines, count, collected);
    if (d->worst != 0)
        return 0;
    d->is_full = !model->accounts[original->payer].closed &&
                 !naive_takes_back(d, original->payer, amount + (original->payees_bear ? 0 : back));
    d->why_unallocated = d->is_full ? SUSPENSE_POLICY : SUSPENSE_REFUND_BACK;
    book_refund(d, original, lines, count, back);
    return naive_taker(d, original->payer);
}

/* ---- reversals ---- */

static bool may_reverse(const struct naive_model *model, const struct naive_past *original)
{
    switch (original->kind) {
    case COMMAND_BOOK_RECEIPT:
    case COMMAND_BOOK_INTEREST:
    case COMMAND_CHARGE_FEE:
    case COMMAND_PAY:
    case COMMAND_COLLECT_FEES:
    case COMMAND_ADJUST:
        break;
    default:
        return false;
    }
    for (int i = 0; i < original->move_count; i++) {
        const struct naive_move *m = &model->moves[original->first_move + i];
        int from_kind = model->accounts[m->from].kind;
        int to_kind = model->accounts[m->to].kind;
        if (from_kind == ACCOUNT_PLATFORM_OWN &&
            (to_kind == ACCOUNT_MEMBER || to_kind == ACCOUNT_FEE))
            return false;
        if (from_kind == ACCOUNT_MEMBER && to_kind == ACCOUNT_PLATFORM_OWN)
            return false;
    }
    return true;
}

/* A receipt or interest of the bank whose owner is gone, and that two persons want out of the
 * books. */
static bool platform_pays(
    const struct decision *d, const struct naive_past *original, const struct naive_move *m)
{
    bool of_bank =
        original->kind == COMMAND_BOOK_RECEIPT || original->kind == COMMAND_BOOK_INTEREST;
    return of_bank && d->command->proposal_id != 0 && d->model->accounts[m->to].closed;
}

/* Tries the postings backwards on a copy of the balances. A fee account that is emptied gets what
 * it lacks from the platform, which has it. Else `ret_left` is what could be given of the first
 * posting that cannot be taken back, from the last one on. */
static bool is_effect_there(
    const struct decision *d, const struct naive_past *original, int64_t *ret_left)
{
    static int64_t balances[NAIVE_ACCOUNTS_MAX + 1][BUCKET_COUNT];
    const struct naive_model *model = d->model;
    int64_t *own =
        &balances[naive_control_account(model, d->ledger, ACCOUNT_PLATFORM_OWN)][BUCKET_AVAILABLE];
    for (int id = 1; id <= model->account_count; id++)
        memcpy(balances[id], model->accounts[id].balance, sizeof balances[id]);
    for (int i = original->move_count - 1; i >= 0; i--) {
        const struct naive_move *m = &model->moves[original->first_move + i];
        if (m->from == m->to)
            continue; /* a claim's */
        int64_t *taken = &balances[m->to][m->to_bucket];
        int kind = model->accounts[m->to].kind;
        *ret_left = 0;
        if (platform_pays(d, original, m)) {
            *ret_left = *own;
            if (*own < m->amount)
                return false;
            *own -= m->amount;
            balances[m->from][m->from_bucket] += m->amount;
            continue;
        }
        if (model->accounts[m->to].closed)
            return false; /* who gave may be gone: nothing is taken from it */
        int64_t waits = naive_items_of(model, d->command->reverse.original_sequence, 0);
        if (model->accounts[m->from].closed &&
            m->to == naive_control_account(model, d->ledger, ACCOUNT_UNALLOCATED))
            return false; /* it would go where it is */
        if (kind == ACCOUNT_UNALLOCATED && waits < m->amount) {
            *ret_left = waits;
            return false;
        }
        int64_t can_give = kind == ACCOUNT_FEE && *taken < 0 ? 0 : *taken;
        *ret_left = kind == ACCOUNT_FEE ? can_give + *own : can_give;
        if (kind != ACCOUNT_ESCROW && *ret_left < m->amount)
            return false;
        if (kind == ACCOUNT_FEE && can_give < m->amount) {
            *own -= m->amount - can_give;
            *taken += m->amount - can_give;
        }
        *taken -= m->amount;
        balances[m->from][m->from_bucket] += m->amount;
    }
    return true;
}

bool naive_is_reversed(const struct naive_model *model, int64_t sequence)
{
    for (int id = 1; id <= model->refunded_count; id++) {
        if (model->refunded[id].original == sequence && model->refunded[id].reversed != 0)
            return true;
    }
    return false;
}

int64_t naive_reverse(struct decision *d)
{
    struct naive_model *model = d->model;
    int64_t sequence = d->command->reverse.original_sequence;
    const struct naive_past *original = naive_need_original(d, sequence);
    if (original == NULL)
        return 0;
    const struct naive_refunded *before = find_refunded(model, sequence, 0);
    if (!may_reverse(model, original)) {
        naive_broken(d, OUTCOME_ORIGINAL_NOT_REVERSIBLE);
        return 0;
    }
    naive_need(d, !is_reversed(model, sequence), OUTCOME_ORIGINAL_REVERSED);
    naive_need(d, before == NULL || before->amount == 0, OUTCOME_ORIGINAL_REFUNDED);
    naive_need(d, naive_matched(model, BOOKING_RECEIPT, sequence) == 0, OUTCOME_ORIGINAL_MATCHED);
    for (int i = 0; i < original->move_count; i++) {
        bool between = original->kind == COMMAND_PAY || original->kind == COMMAND_ADJUST;
        int taker = model->moves[original->first_move + i].to;
        naive_need(d, !between || !naive_gives_none(model, taker), OUTCOME_ACCOUNT_RESTRICTED_OUT);
    }
    int64_t left = 0;
    bool is_there = is_effect_there(d, original, &left);
    naive_need_at(d, is_there, OUTCOME_EFFECT_GONE, left);
    if (d->worst != 0)
        return 0;
    d->order = original->order;
    for (int i = original->move_count - 1; i >= 0; i--) {
        struct naive_move m = model->moves[original->first_move + i];
        if (m.from == m.to)
            continue; /* a claim's */
        if (platform_pays(d, original, &m))
            m.to = naive_control_account(model, d->ledger, ACCOUNT_PLATFORM_OWN);
        int64_t collected =
            model->accounts[m.to].kind == ACCOUNT_FEE ? naive_collected_of(d, m.to, m.amount) : 0;
        if (model->accounts[m.to].kind == ACCOUNT_UNALLOCATED)
            naive_take_items(d, sequence, 0, m.amount);
        naive_book(d, m.to, m.to_bucket, naive_taker(d, m.from), m.from_bucket, m.amount);
        naive_book_collected_back(d, m.to, collected);
    }
    if (original->kind == COMMAND_BOOK_RECEIPT)
        naive_uncount_receipt(d, original->flow, model->moves[original->first_move].amount);
    get_refunded(d, sequence, 0)->reversed = d->sequence;
    return sequence;
}

/* ---- orders ---- */

/* What a payment took from the payer, and how much of that he has back. */
static void add_payment(const struct naive_model *model, int64_t sequence, struct naive_order *sums)
{
    const struct naive_past *past = &model->past[sequence];
    int64_t paid = past->payees_bear ? 0 : past->fee;
    for (int i = 0; i < past->line_count; i++)
        paid += model->lines[past->first_line + i].amount;
    if (past->kind == COMMAND_PAY)
        sums->paid += paid;
    for (int id = 1; id <= model->refunded_count; id++) {
        const struct naive_refunded *refunded = &model->refunded[id];
        if (refunded->original != sequence || refunded->account != 0)
            continue;
        sums->refunded += refunded->amount + (past->payees_bear ? 0 : refunded->fee);
        if (refunded->reversed != 0)
            sums->paid -= paid;
    }
}

struct naive_order naive_order_of(
    const struct naive_model *model, int ledger, struct text order_number)
{
    struct naive_order sums = {.held = naive_held_of_order(model, ledger, order_number)};
    for (int s = 1; s <= model->past_count; s++) {
        const struct naive_past *past = &model->past[s];
        bool is_payment = past->kind == COMMAND_PAY || past->kind == COMMAND_CONFIRM_HOLD;
        if (is_payment && past->ledger == ledger && naive_same_text(past->order, order_number))
            add_payment(model, s, &sums);
    }
    for (int id = 1; id <= model->hold_count; id++) {
        const struct naive_hold *hold = &model->holds[id];
        if (hold->ledger != ledger || !naive_same_text(hold->order, order_number))
            continue;
        sums.paid += hold->amount;
        sums.refunded += hold->cancelled;
    }
    for (int id = 1; id <= model->payout_count; id++) {
        const struct naive_payout *payout = &model->payouts[id];
        if (payout->ledger == ledger && naive_same_text(payout->order, order_number) &&
            payout->status != PAYOUT_FAILED && payout->status != PAYOUT_CANCELLED)
            sums.withdrawn += payout->amount - payout->returned;
    }
    return sums;
}
