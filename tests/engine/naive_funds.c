/* naive_funds.c: money in, payments and guaranteed payments of the naive model.
 * SPDX-License-Identifier: Apache-2.0 */
#include "naive.h"

#include "base/check.h"

#include <stdio.h>
#include <string.h>

/* ---- what the other files use too ---- */

void naive_credit(
    struct decision *d, int from, enum bucket from_bucket, int to, int64_t amount, bool next_date)
{
    struct naive_model *model = d->model;
    naive_book(d, from, from_bucket, to, BUCKET_AVAILABLE, amount);
    if (!next_date || amount == 0)
        return;
    struct naive_move *move = &model->moves[model->move_count - 1];
    naive_make_later(d, to, amount - move->later);
    move->later = amount;
}

static bool is_same_member(const struct naive_model *model, int a, int b)
{
    return model->accounts[a].member != 0 && model->accounts[a].member == model->accounts[b].member;
}

int64_t naive_owed(const struct naive_model *model, int account)
{
    int64_t owed = 0;
    for (int id = 1; id <= model->debt_count; id++) {
        const struct naive_debt *debt = &model->debts[id];
        if (is_same_member(model, debt->account, account) && debt->status == DEBT_OPEN)
            owed += debt->amount - debt->recovered;
    }
    return owed;
}

void naive_note_debtor(struct decision *d, int account)
{
    for (int id = d->model->account_count; id > 0; id--) {
        if (is_same_member(d->model, id, account) && d->of_debtor_count < SETTLE_OTHERS_MAX)
            d->of_debtors[d->of_debtor_count++] = id;
    }
}

/* The oldest open debt of the account; of its member when it has none; 0: neither. */
static int next_debt(const struct naive_model *model, int account)
{
    int of_member = 0;
    for (int id = 1; id <= model->debt_count; id++) {
        const struct naive_debt *debt = &model->debts[id];
        if (debt->status == DEBT_OPEN && debt->account == account)
            return id;
        if (debt->status == DEBT_OPEN && is_same_member(model, debt->account, account) &&
            of_member == 0)
            of_member = id;
    }
    return of_member;
}

int64_t naive_spendable(const struct naive_model *model, int account)
{
    int64_t rest = model->accounts[account].balance[BUCKET_AVAILABLE] - naive_owed(model, account);
    return rest > 0 ? rest : 0;
}

/* Pays the account's debts, then its member's, the oldest first, at most DEBTS_PER_SETTLE_MAX.
 * Returns whether it paid anything. */
static bool repay(struct decision *d, int account)
{
    struct naive_model *model = d->model;
    int64_t left = *naive_available_of(model, account);
    int64_t repaid = 0;
    for (int i = 0; i < DEBTS_PER_SETTLE_MAX && left > 0; i++) {
        int id = next_debt(model, account);
        if (id == 0)
            break;
        struct naive_debt *debt = &model->debts[id];
        int64_t owed = debt->amount - debt->recovered;
        int64_t part = owed < left ? owed : left;
        debt->recovered += part;
        debt->changed = d->sequence;
        if (debt->recovered == debt->amount)
            debt->status = DEBT_RECOVERED;
        left -= part;
        repaid += part;
    }
    naive_book(d, account, BUCKET_AVAILABLE,
        naive_control_account(model, d->ledger, ACCOUNT_PLATFORM_OWN), BUCKET_AVAILABLE, repaid);
    /* What this command brought for the next date does not wait for it when it was repaid. */
    int64_t brought = 0;
    for (int i = d->past.first_move; i < model->move_count; i++) {
        if (model->moves[i].to == account)
            brought += model->moves[i].later;
    }
    model->accounts[account].next_date_minor -= brought < repaid ? brought : repaid;
    return repaid > 0;
}

void naive_settle(struct decision *d)
{
    struct naive_model *model = d->model;
    int moves = model->move_count;
    int repaid = 0;
    for (int account = 1; account <= model->account_count && repaid < SETTLE_ACCOUNTS_MAX;
         account++) {
        const struct naive_account *a = &model->accounts[account];
        bool got = d->lifted == account || (d->lifted_member != 0 && a->member == d->lifted_member);
        for (int i = 0; i < d->of_debtor_count; i++)
            got |= d->of_debtors[i] == account;
        for (int i = d->past.first_move; i < moves; i++)
            got |= model->moves[i].to == account && model->moves[i].to_bucket == BUCKET_AVAILABLE;
        if (got && a->member != 0 && !naive_gives_none(model, account) &&
            naive_owed(model, account) > 0)
            repaid += repay(d, account);
    }
}

/* ---- money in ---- */

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
int naive_account_by_number(const struct naive_model *model, int ledger, struct text number)
{
    for (int id = 1; id <= model->account_count; id++) {
        char expected[64];
        if (model->accounts[id].ledger != ledger || model->accounts[id].member == 0)
            continue;
        int length = snprintf(expected, 60, "%s%09d", model->ledgers[ledger].receiving_prefix, id);
        expected[length] = (char)('0' + check_digit(expected, (size_t)length));
        expected[length + 1] = '\0';
        if (naive_same_number(text_of(expected), number))
            return id;
    }
    return 0;
}

/* The bank tells every movement once: nobody may have booked it who was not reversed. */
static void need_new_movement(struct decision *d, struct text reference)
{
    const struct naive_model *model = d->model;
    for (int s = 1; s <= model->past_count; s++) {
        const struct naive_past *past = &model->past[s];
        if (past->kind != COMMAND_BOOK_RECEIPT || past->ledger != d->ledger ||
            !naive_same_reference(past->reference, reference) || naive_is_reversed(model, s))
            continue;
        bool is_hidden = model->hidden_from != 0 && s >= model->hidden_from;
        naive_need_at(d, false, OUTCOME_BANK_REFERENCE_USED, is_hidden ? 0 : s);
    }
}

/* A number may be written rightly and yet be no account's. */
static int why_it_waits(
    const struct naive_model *model, int ledger, struct text number, int account)
{
    const char *prefix = model->ledgers[ledger].receiving_prefix;
    size_t prefix_length = strlen(prefix);
    char plain[NAIVE_FACT_BYTES_MAX];
    if (account != 0)
        return model->accounts[account].closed    ? SUSPENSE_CLOSED_ACCOUNT
               : naive_takes_none(model, account) ? SUSPENSE_RESTRICTED_ACCOUNT
                                                  : SUSPENSE_POLICY;
    if (number.length == 0)
        return SUSPENSE_NO_NUMBER;
    naive_rewrite(number, "-", plain);
    size_t length = strlen(plain);
    bool is_right = strspn(plain, "0123456789") == length && length >= prefix_length + 10 &&
                    length <= prefix_length + 19 && strncmp(plain, prefix, prefix_length) == 0 &&
                    check_digit(plain, length - 1) == plain[length - 1] - '0';
    /* Nine figures at least, and no more than it needs; not nothing. */
    const char *id = plain + prefix_length;
    bool is_id = is_right && strspn(id, "0") < length - prefix_length - 1 &&
                 (length == prefix_length + 10 || id[0] != '0');
    return is_id ? SUSPENSE_UNKNOWN_NUMBER : SUSPENSE_WRONG_NUMBER;
}

/* The member's account whose money came; where it is closed, what came waits. */
static int need_owner(struct decision *d, int64_t id)
{
    int account = naive_account_of(d->model, d->ledger, id);
    const struct naive_account *owner = &d->model->accounts[account];
    if (account != 0 && owner->member != 0 && owner->closed)
        return account;
    account = naive_need_member_account(d, id);
    if (account != 0)
        naive_need(d, !d->model->accounts[account].no_in, OUTCOME_ACCOUNT_RESTRICTED_IN);
    return account;
}

int64_t naive_book_receipt(struct decision *d)
{
    const struct book_receipt *wish = &d->command->book_receipt;
    struct naive_model *model = d->model;
    if (wish->bank_reference.length > 0)
        need_new_movement(d, wish->bank_reference);
    int account = naive_account_of(model, d->ledger, wish->account_id);
    bool denied = naive_is_denied(d, &wish->payer);
    bool waits = denied;
    if (wish->account_id == 0) {
        account = naive_account_by_number(model, d->ledger, wish->receiving_number);
        if (account == 0 || model->accounts[account].closed || naive_takes_none(model, account) ||
            !naive_policy_takes(d, account, wish->amount_minor)) {
            d->why_unallocated = why_it_waits(model, d->ledger, wish->receiving_number, account);
            waits = true;
        }
    } else if (account != 0 && model->accounts[account].kind == ACCOUNT_PLATFORM_OWN) {
        naive_need_own_account(d, &wish->payer);
    } else {
        account = need_owner(d, wish->account_id);
        bool is_gone = account != 0 && model->accounts[account].closed;
        waits = waits || is_gone || (account != 0 && naive_takes_none(model, account));
        d->why_unallocated = is_gone ? SUSPENSE_CLOSED_ACCOUNT : SUSPENSE_RESTRICTED_ACCOUNT;
    }
    if (denied)
        d->why_unallocated = SUSPENSE_RESTRICTED_ACCOUNT;
    if (waits) {
        d->meant_for = account != 0 && model->accounts[account].member != 0 ? account : 0;
        account = naive_control_account(model, d->ledger, ACCOUNT_UNALLOCATED);
        d->unallocated = true;
    }
    int why = 0;
    int card = naive_source_card(d, account, wish->payer.account_number, &why);
    if (why != 0 && d->worst == 0) {
        d->why_unallocated = why;
        d->meant_for = account;
        account = naive_control_account(model, d->ledger, ACCOUNT_UNALLOCATED);
        d->unallocated = true;
    }
    naive_need_room_in_escrow(d, wish->amount_minor);
    if (d->worst != 0)
        return 0;
    if (card != 0)
        naive_count_receipt(d, account, card);
    int escrow = naive_control_account(model, d->ledger, ACCOUNT_ESCROW);
    naive_book(d, escrow, BUCKET_AVAILABLE, account, BUCKET_AVAILABLE, wish->amount_minor);
    naive_note_payer(d, &wish->payer);
    CHECK(wish->bank_reference.length < NAIVE_REFERENCE_BYTES_MAX);
    naive_copy_text(d->past.reference, wish->bank_reference);
    return account;
}

int64_t naive_book_interest(struct decision *d)
{
    const struct book_interest *wish = &d->command->book_interest;
    int account = need_owner(d, wish->account_id);
    bool is_gone = account != 0 && d->model->accounts[account].closed;
    if (account != 0 && !is_gone)
        naive_need(d, !naive_takes_none(d->model, account), OUTCOME_ACCOUNT_RESTRICTED_IN);
    naive_need_room_in_escrow(d, wish->amount_minor);
    if (d->worst != 0)
        return 0;
    d->why_unallocated = SUSPENSE_CLOSED_ACCOUNT;
    if (is_gone)
        account = naive_taker(d, account);
    int interest = naive_control_account(d->model, d->ledger, ACCOUNT_INTEREST);
    naive_book(d, naive_control_account(d->model, d->ledger, ACCOUNT_ESCROW), BUCKET_AVAILABLE,
        interest, BUCKET_AVAILABLE, wish->amount_minor);
    naive_book(d, interest, BUCKET_AVAILABLE, account, BUCKET_AVAILABLE, wish->amount_minor);
    return account;
}

int64_t naive_charge_fee(struct decision *d)
{
    const struct charge_fee *wish = &d->command->charge_fee;
    int account = naive_need_member_account(d, wish->account_id);
    naive_need_not_restricted(d, account);
    naive_need_available(d, account, wish->amount_minor);
    if (d->worst != 0)
        return 0;
    naive_book_fee(d, 0, account, BUCKET_AVAILABLE, wish->amount_minor);
    return account;
}

/* ---- payments ---- */

/* A payment out of a bucket of the payer: by Pay and by ConfirmHold. */
struct payment {
    int64_t payer_id; /* as asked */
    const struct payee *payees;
    uint32_t payee_count;
    struct text rule_name;
    int32_t bearer;
    bool next_date;
    int64_t total; /* that the payer gives */
    int rule;
    int64_t fees[PAYEES_PER_COMMAND_MAX]; /* of the payees, when they bear it */
};

static void need_payees(struct decision *d, const struct payment *p)
{
    for (uint32_t i = 0; i < p->payee_count; i++) {
        int64_t id = p->payees[i].account_id;
        int payee = naive_account_of(d->model, d->ledger, id);
        naive_need(d, payee != 0, OUTCOME_PAYEE_ACCOUNT_NOT_FOUND);
        if (payee != 0) {
            const struct naive_account *account = &d->model->accounts[payee];
            naive_need(d, account->member != 0, OUTCOME_NOT_A_MEMBER_ACCOUNT);
            naive_need(d, !account->closed, OUTCOME_PAYEE_ACCOUNT_CLOSED);
            naive_need(d, !naive_takes_none(d->model, payee), OUTCOME_ACCOUNT_RESTRICTED_IN);
        }
        naive_need(d, id != p->payer_id, OUTCOME_SAME_ACCOUNT);
    }
}

/* Computes the fee and the total. */
static void need_payment(struct decision *d, struct payment *p, int64_t fee_minor)
{
    need_payees(d, p);
    p->total = 0;
    for (uint32_t i = 0; i < p->payee_count; i++)
        p->total += p->payees[i].amount_minor;
    d->fee = fee_minor;
    p->rule = naive_need_rule(d, p->rule_name);
    const struct naive_rule *rule = &d->model->rules[p->rule];
    if (p->rule != 0 && p->bearer == FEE_BEARER_PAYEES) {
        for (uint32_t i = 0; i < p->payee_count; i++) {
            p->fees[i] = naive_fee(rule, p->payees[i].amount_minor);
            naive_need_at(d, p->fees[i] < p->payees[i].amount_minor, OUTCOME_FEE_NOT_BELOW_AMOUNT,
                p->fees[i]);
            d->fee += p->fees[i];
        }
        return;
    }
    if (p->rule != 0)
        d->fee = naive_fee(rule, p->total);
    p->total += d->fee;
}

static void book_payment(struct decision *d, const struct payment *p, enum bucket bucket)
{
    struct naive_model *model = d->model;
    int payer = (int)p->payer_id;
    d->past.payer = payer;
    d->past.rule = p->rule;
    d->past.fee = d->fee;
    d->past.payees_bear = p->bearer == FEE_BEARER_PAYEES;
    for (uint32_t i = 0; i < p->payee_count; i++) {
        int payee = (int)p->payees[i].account_id;
        CHECK(model->line_count < NAIVE_LINES_MAX);
        model->lines[model->line_count++] = (struct naive_line){
            .account = payee, .amount = p->payees[i].amount_minor, .fee = p->fees[i]};
        naive_credit(d, payer, bucket, payee, p->payees[i].amount_minor - p->fees[i], p->next_date);
    }
    naive_book_fee(d, p->rule, payer, bucket, d->fee);
}

int64_t naive_pay(struct decision *d)
{
    const struct pay *wish = &d->command->pay;
    struct payment payment = {
        .payer_id = wish->payer_account_id,
        .payees = wish->payees,
        .payee_count = wish->payee_count,
        .rule_name = wish->fee_rule,
        .bearer = wish->fee_bearer,
        .next_date = wish->withdrawable_next_date,
    };
    int payer = naive_need_member_account(d, wish->payer_account_id);
    naive_need_not_restricted(d, payer);
    need_payment(d, &payment, wish->fee_minor);
    naive_need_available(d, payer, payment.total);
    if (d->worst != 0)
        return 0;
    book_payment(d, &payment, BUCKET_AVAILABLE);
    return wish->payees[0].account_id;
}

/* ---- guaranteed payments ---- */

static int64_t rest_of(const struct naive_hold *hold)
{
    return hold->amount - hold->confirmed - hold->cancelled;
}

static bool is_of_order(const struct decision *d, int id, int64_t payer_id, struct text order)
{
    const struct naive_hold *hold = &d->model->holds[id];
    return hold->ledger == d->ledger && hold->payer == payer_id &&
           naive_same_text(hold->order, order);
}

int64_t naive_place_hold(struct decision *d)
{
    const struct place_hold *wish = &d->command->place_hold;
    struct naive_model *model = d->model;
    int payer = naive_need_member_account(d, wish->payer_account_id);
    naive_need_not_restricted(d, payer);
    naive_need(d, wish->expires_at_us > d->now_us, OUTCOME_EXPIRY_NOT_AHEAD);
    int live = 0;
    for (int id = 1; id <= model->hold_count; id++)
        live += model->holds[id].status == HOLD_LIVE &&
                is_of_order(d, id, wish->payer_account_id, wish->order_number);
    naive_need(d, live < HOLDS_PER_ORDER_MAX, OUTCOME_TOO_MANY_HOLDS_OF_ORDER);
    naive_need_available(d, payer, wish->amount_minor);
    if (d->worst != 0)
        return 0;
    CHECK(model->hold_count < NAIVE_HOLDS_MAX);
    int id = ++model->hold_count;
    model->holds[id] = (struct naive_hold){
        .ledger = d->ledger,
        .payer = payer,
        .amount = wish->amount_minor,
        .expires_us = wish->expires_at_us,
        .placed = d->sequence,
        .changed = d->sequence,
        .status = HOLD_LIVE,
    };
    naive_copy_text(model->holds[id].order, wish->order_number);
    naive_book(d, payer, BUCKET_AVAILABLE, payer, BUCKET_FROZEN, wish->amount_minor);
    return id;
}

/* The holds that a confirm or a cancel draws on, the oldest first. */
struct drawn {
    int holds[HOLDS_PER_ORDER_MAX];
    int count;
    int64_t held;
};

static void draw_on(struct decision *d, struct drawn *drawn, int id)
{
    if (d->model->holds[id].expires_us <= d->now_us)
        return;
    CHECK(drawn->count < HOLDS_PER_ORDER_MAX);
    drawn->holds[drawn->count++] = id;
    drawn->held += rest_of(&d->model->holds[id]);
}

static void need_one_hold(struct decision *d, int64_t payer_id, struct text order, int64_t hold_id,
    struct drawn *ret_drawn)
{
    const struct naive_model *model = d->model;
    if (hold_id < 1 || hold_id > model->hold_count || model->holds[hold_id].ledger != d->ledger) {
        naive_broken(d, OUTCOME_HOLD_NOT_FOUND);
        return;
    }
    const struct naive_hold *hold = &model->holds[hold_id];
    naive_need(d, hold->payer == payer_id, OUTCOME_HOLD_OF_ANOTHER);
    naive_need(d, naive_same_text(hold->order, order), OUTCOME_ORDER_NUMBER_MISMATCH);
    naive_need(d, hold->status != HOLD_FINISHED, OUTCOME_HOLD_FINISHED);
    naive_need(d, hold->status != HOLD_EXPIRED, OUTCOME_HOLD_EXPIRED);
    if (hold->status == HOLD_LIVE) {
        naive_need(d, hold->expires_us > d->now_us, OUTCOME_HOLD_EXPIRED);
        draw_on(d, ret_drawn, (int)hold_id);
    }
}

/* No hold of the order is live: what became of the one that ended last. */
static void tell_the_last(struct decision *d, int64_t payer_id, struct text order)
{
    const struct naive_model *model = d->model;
    int last = 0;
    for (int id = 1; id <= model->hold_count; id++) {
        if (is_of_order(d, id, payer_id, order) &&
            (last == 0 || model->holds[id].changed > model->holds[last].changed))
            last = id;
    }
    naive_need(d, last != 0, OUTCOME_HOLD_NOT_FOUND);
    if (last != 0)
        naive_broken(d, model->holds[last].status == HOLD_EXPIRED ? OUTCOME_HOLD_EXPIRED
                                                                  : OUTCOME_HOLD_FINISHED);
}

static void need_holds(struct decision *d, int64_t payer_id, struct text order, int64_t hold_id,
    struct drawn *ret_drawn)
{
    const struct naive_model *model = d->model;
    ret_drawn->count = 0;
    ret_drawn->held = 0;
    if (hold_id != 0) {
        need_one_hold(d, payer_id, order, hold_id, ret_drawn);
        return;
    }
    bool any = false;
    for (int id = 1; id <= model->hold_count; id++) {
        if (model->holds[id].status != HOLD_LIVE || !is_of_order(d, id, payer_id, order))
            continue;
        any = true;
        draw_on(d, ret_drawn, id);
    }
    if (!any)
        tell_the_last(d, payer_id, order);
    naive_need(d, !any || ret_drawn->count > 0, OUTCOME_HOLD_EXPIRED);
}

static void draw(struct decision *d, const struct drawn *drawn, int64_t amount, bool confirmed)
{
    for (int i = 0; i < drawn->count && amount > 0; i++) {
        struct naive_hold *hold = &d->model->holds[drawn->holds[i]];
        int64_t part = rest_of(hold) < amount ? rest_of(hold) : amount;
        amount -= part;
        if (confirmed)
            hold->confirmed += part;
        else
            hold->cancelled += part;
        if (rest_of(hold) == 0)
            hold->status = HOLD_FINISHED;
        hold->changed = d->sequence;
    }
    CHECK(amount == 0);
}

int64_t naive_confirm_hold(struct decision *d)
{
    const struct confirm_hold *wish = &d->command->confirm_hold;
    struct drawn drawn;
    struct payment payment = {
        .payer_id = wish->payer_account_id,
        .payees = wish->payees,
        .payee_count = wish->payee_count,
        .rule_name = wish->fee_rule,
        .bearer = wish->fee_bearer,
        .next_date = wish->withdrawable_next_date,
    };
    int payer = naive_need_member_account(d, wish->payer_account_id);
    naive_need_not_restricted(d, payer);
    need_payment(d, &payment, wish->fee_minor);
    need_holds(d, wish->payer_account_id, wish->order_number, wish->hold_id, &drawn);
    naive_need_at(d, payment.total <= drawn.held, OUTCOME_ABOVE_REST, drawn.held);
    /* After it the payer has what it owes, somewhere. */
    if (payer > 0 && naive_owed(d->model, payer) > 0) {
        const int64_t *has = d->model->accounts[payer].balance;
        int64_t most = has[BUCKET_AVAILABLE] + has[BUCKET_FROZEN] - naive_owed(d->model, payer);
        naive_need_at(d, payment.total <= most, OUTCOME_OWED_STAYS, most < 0 ? 0 : most);
    }
    if (d->worst != 0)
        return 0;
    book_payment(d, &payment, BUCKET_FROZEN);
    draw(d, &drawn, payment.total, true);
    return drawn.holds[0];
}

int64_t naive_cancel_hold(struct decision *d)
{
    const struct cancel_hold *wish = &d->command->cancel_hold;
    struct drawn drawn;
    int payer = naive_need_member_account(d, wish->payer_account_id);
    need_holds(d, wish->payer_account_id, wish->order_number, wish->hold_id, &drawn);
    int64_t amount = wish->amount_minor == 0 ? drawn.held : wish->amount_minor;
    naive_need_at(d, amount <= drawn.held, OUTCOME_ABOVE_REST, drawn.held);
    if (d->worst != 0)
        return 0;
    naive_book(d, payer, BUCKET_FROZEN, payer, BUCKET_AVAILABLE, amount);
    draw(d, &drawn, amount, false);
    return drawn.holds[0];
}
