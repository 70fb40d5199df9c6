/* naive_suspense.c: the items of money in UNALLOCATED, of the naive model.
 *
 * What a command does to them follows from its moves: whatever they bring to UNALLOCATED and was
 * not put back into an item makes a new one.
 * SPDX-License-Identifier: Apache-2.0 */
#include "naive.h"

#include "base/check.h"

int64_t naive_open_of(const struct naive_suspense *item)
{
    return item->amount - item->allocated - item->reversed - item->returning - item->returned;
}

int64_t naive_open_items(const struct naive_model *model, int ledger)
{
    int64_t sum = 0;
    for (int id = 1; id <= model->suspense_count; id++)
        sum += model->suspense[id].ledger == ledger ? naive_open_of(&model->suspense[id]) : 0;
    return sum;
}

/* What is kept for a lump is nobody else's to take. */
static bool is_of(const struct naive_model *model, int id, int64_t origin, int payout)
{
    const struct naive_suspense *item = &model->suspense[id];
    if (naive_lump_of(model, id) != 0)
        return false;
    if (origin != 0)
        return item->origin == origin;
    return item->payout == payout || model->payouts[payout].item == id;
}

int naive_lump_of_payout(const struct naive_model *model, int payout)
{
    int first = 0;
    for (int id = 1; id <= model->suspense_count; id++) {
        const struct naive_suspense *item = &model->suspense[id];
        int lump = naive_lump_of(model, id);
        bool is_its = item->payout == payout || model->payouts[payout].item == id;
        if (is_its && lump != 0 && naive_open_of(item) > 0 && (first == 0 || lump < first))
            first = lump;
    }
    return first;
}

int64_t naive_items_of(const struct naive_model *model, int64_t origin, int payout)
{
    int64_t sum = 0;
    for (int id = 1; id <= model->suspense_count; id++)
        sum += is_of(model, id, origin, payout) ? naive_open_of(&model->suspense[id]) : 0;
    return sum;
}

void naive_take_items(struct decision *d, int64_t origin, int payout, int64_t amount)
{
    int count = d->model->suspense_count;
    /* What a payout brought is taken first, then of what it took back to the sender. */
    for (int n = 1; n <= 2 * count; n++) {
        struct naive_suspense *item = &d->model->suspense[n <= count ? n : n - count];
        if (payout != 0 && (item->payout == payout) != (n <= count))
            continue;
        int64_t part = naive_open_of(item) < amount ? naive_open_of(item) : amount;
        if (part == 0 || !is_of(d->model, n <= count ? n : n - count, origin, payout))
            continue;
        item->reversed += part;
        item->changed = d->sequence;
        d->put_back -= part;
        amount -= part;
    }
    CHECK(amount == 0);
}

static int why(const struct decision *d)
{
    switch ((int)d->command->kind) {
    case COMMAND_BOOK_RECEIPT:
    case COMMAND_BOOK_INTEREST:
    case COMMAND_REFUND:
        return d->why_unallocated;
    case COMMAND_REVERSE:
        return SUSPENSE_REVERSAL;
    case COMMAND_ADJUST:
        return SUSPENSE_ADJUSTMENT;
    default:
        return SUSPENSE_PAYOUT_BACK;
    }
}

void naive_open_item(struct decision *d)
{
    struct naive_model *model = d->model;
    int nobody = naive_control_account(model, d->ledger, ACCOUNT_UNALLOCATED);
    int64_t came = -d->put_back;
    for (int i = d->past.first_move; i < model->move_count; i++) {
        const struct naive_move *m = &model->moves[i];
        came += m->to == nobody && m->to_bucket == BUCKET_AVAILABLE ? m->amount : 0;
        came -= m->from == nobody && m->from_bucket == BUCKET_AVAILABLE ? m->amount : 0;
    }
    CHECK(came >= 0);
    if (came == 0)
        return;
    const struct command *command = d->command;
    bool tells = command->kind == COMMAND_CONFIRM_PAYOUT;
    bool stops = command->kind == COMMAND_INTERCEPT_PAYOUT;
    CHECK(model->suspense_count < NAIVE_SUSPENSE_MAX);
    model->suspense[++model->suspense_count] = (struct naive_suspense){
        .ledger = d->ledger,
        .origin = d->sequence,
        .account = d->meant_for_several ? 0 : d->meant_for,
        .payout = (int)(tells   ? command->confirm_payout.payout_id
                        : stops ? command->intercept_payout.payout_id
                                : 0),
        .amount = came,
        .opened_us = d->now_us,
        .date = naive_date_of(model, d->ledger),
        .reason = why(d),
        .changed = d->sequence,
    };
}

int naive_need_item(struct decision *d, int64_t wish)
{
    int id = wish <= d->model->suspense_count && d->model->suspense[wish].ledger == d->ledger
                 ? (int)wish
                 : 0;
    naive_need(d, id != 0, OUTCOME_SUSPENSE_NOT_FOUND);
    return id;
}

/* Each refusal says whom it is about. */
static void need_payee(struct decision *d, int64_t id)
{
    int number = naive_account_of(d->model, d->ledger, id);
    const struct naive_account *account = &d->model->accounts[number];
    bool is_member = number != 0 && account->member != 0;
    naive_need_at(d, number != 0, OUTCOME_ACCOUNT_NOT_FOUND, id);
    naive_need_at(d, number == 0 || is_member, OUTCOME_NOT_A_MEMBER_ACCOUNT, id);
    naive_need_at(d, !is_member || !account->closed, OUTCOME_ACCOUNT_CLOSED, id);
    naive_need_at(d, !is_member || account->closed || !naive_takes_none(d->model, number),
        OUTCOME_ACCOUNT_RESTRICTED_IN, id);
}

int64_t naive_need_payee_fee(struct decision *d, int rule, int64_t amount)
{
    if (rule == 0)
        return 0;
    int64_t fee = naive_fee(&d->model->rules[rule], amount);
    naive_need_at(d, fee < amount, OUTCOME_FEE_NOT_BELOW_AMOUNT, fee);
    d->fee += fee;
    return fee;
}

void naive_book_allocation_fee(struct decision *d, int rule)
{
    d->past.rule = rule;
    d->past.fee = d->fee;
    d->past.payees_bear = true;
    naive_book_fee(d, rule, naive_control_account(d->model, d->ledger, ACCOUNT_UNALLOCATED),
        BUCKET_AVAILABLE, d->fee);
}

int64_t naive_allocate_suspense(struct decision *d)
{
    const struct allocate_suspense *wish = &d->command->allocate_suspense;
    struct naive_model *model = d->model;
    int id = naive_need_item(d, wish->suspense_id);
    int64_t sum = 0;
    for (uint32_t i = 0; i < wish->payee_count; i++) {
        int account = naive_account_of(model, d->ledger, wish->payees[i].account_id);
        if (naive_same_card(model, d->ledger) && naive_is_user(model, account))
            naive_need_two_persons(d);
        need_payee(d, wish->payees[i].account_id);
        sum += wish->payees[i].amount_minor;
    }
    int rule = naive_need_rule(d, wish->fee_rule);
    int64_t fees[PAYEES_PER_COMMAND_MAX] = {0};
    for (uint32_t i = 0; i < wish->payee_count; i++)
        fees[i] = naive_need_payee_fee(d, rule, wish->payees[i].amount_minor);
    int64_t open = id != 0 ? naive_open_of(&model->suspense[id]) : 0;
    if (id != 0) {
        naive_need(d, open + model->suspense[id].returning > 0, OUTCOME_SUSPENSE_FINAL);
        naive_need(d, !naive_is_kept(d->model, id), OUTCOME_SUSPENSE_KEPT);
        naive_need_free_item(d, id);
        naive_need_at(d, sum <= open, OUTCOME_ALLOCATION_ABOVE_ITEM, open);
    }
    if (d->worst != 0)
        return 0;
    for (uint32_t i = 0; i < wish->payee_count; i++) {
        int account = (int)wish->payees[i].account_id;
        naive_book(d, naive_control_account(model, d->ledger, ACCOUNT_UNALLOCATED),
            BUCKET_AVAILABLE, account, BUCKET_AVAILABLE, wish->payees[i].amount_minor - fees[i]);
        CHECK(model->line_count < NAIVE_LINES_MAX);
        model->lines[model->line_count++] = (struct naive_line){
            .account = account, .amount = wish->payees[i].amount_minor, .fee = fees[i]};
    }
    naive_book_allocation_fee(d, rule);
    d->past.item = id;
    d->put_back = -sum;
    model->suspense[id].allocated += sum;
    model->suspense[id].changed = d->sequence;
    return id;
}

/* What is asked for of a line, or all that is left of it; -1: it is not asked for. */
static int64_t asked_of(const struct undo_allocation *wish, int account, int64_t left)
{
    for (uint32_t i = 0; i < wish->payee_count; i++) {
        if (wish->payees[i].account_id == account)
            return wish->payees[i].amount_minor;
    }
    return wish->payee_count == 0 ? left : -1;
}

/* The fee that is given back with the next part of what a payee was allocated. */
static int64_t fee_of_part(
    const struct naive_model *model, int64_t sequence, const struct naive_line *line, int64_t part)
{
    int64_t before = naive_refunded_sum(model, sequence, line->account);
    if (line->fee == 0 || before + part > line->amount)
        return 0;
    return naive_share_of(line->fee, before + part, line->amount) -
           naive_share_of(line->fee, before, line->amount);
}

/* All of a return that is outside, and that the platform did not put back before. */
static int64_t undo_return(struct decision *d, int id, const struct naive_past *original)
{
    const struct undo_allocation *wish = &d->command->undo_allocation;
    struct naive_model *model = d->model;
    naive_need(d, d->command->proposal_id != 0, OUTCOME_APPROVAL_NEEDED);
    if (original->item != id || wish->lump_id != 0 || original->payout != wish->payout_id) {
        naive_broken(d, OUTCOME_ORIGINAL_NOT_ALLOCATION);
        return 0;
    }
    const struct naive_payout *payout = &model->payouts[original->payout];
    naive_need(d, wish->payee_count == 0, OUTCOME_PAYEE_NOT_OF_ORIGINAL);
    naive_need(d, payout->status == PAYOUT_PAID, OUTCOME_PAYOUT_NOT_PAID);
    int64_t outside = payout->amount - payout->returned - payout->own;
    int64_t sum = outside < model->suspense[id].returned ? outside : model->suspense[id].returned;
    int platform = naive_control_account(model, d->ledger, ACCOUNT_PLATFORM_OWN);
    if (payout->status == PAYOUT_PAID) {
        naive_need_at(d, sum > 0, OUTCOME_ABOVE_REST, 0);
        naive_need_at(d, sum <= *naive_available_of(model, platform),
            OUTCOME_INSUFFICIENT_PLATFORM_OWN, *naive_available_of(model, platform));
    }
    if (d->worst != 0)
        return 0;
    naive_book(d, platform, BUCKET_AVAILABLE,
        naive_control_account(model, d->ledger, ACCOUNT_UNALLOCATED), BUCKET_AVAILABLE, sum);
    naive_note_stand_in(d, original->payout, sum, 0);
    d->put_back = sum;
    model->suspense[id].returned -= sum;
    model->suspense[id].changed = d->sequence;
    return id;
}

int64_t naive_undo_allocation(struct decision *d)
{
    const struct undo_allocation *wish = &d->command->undo_allocation;
    struct naive_model *model = d->model;
    int id = naive_need_item(d, wish->suspense_id);
    const struct naive_past *original = naive_need_original(d, wish->original_sequence);
    if (id == 0 || original == NULL)
        return 0;
    if (original->kind == COMMAND_RETURN_SUSPENSE)
        return undo_return(d, id, original);
    if (wish->payout_id != 0) {
        naive_broken(d, OUTCOME_ORIGINAL_NOT_ALLOCATION);
        return 0;
    }
    bool is_line = original->kind == COMMAND_ALLOCATE_LINE;
    int lump = is_line ? naive_need_lump(d, wish->lump_id) : 0;
    if (is_line && lump == 0)
        return 0;
    if ((!is_line && original->kind != COMMAND_ALLOCATE_SUSPENSE) || original->item != id ||
        original->lump != wish->lump_id) {
        naive_broken(d, OUTCOME_ORIGINAL_NOT_ALLOCATION);
        return 0;
    }
    uint32_t found = 0, back = 0;
    int64_t asked = 0, by_platform = 0, fee = 0;
    bool two = d->command->proposal_id != 0;
    for (int i = 0; i < original->line_count; i++) {
        const struct naive_line *line = &model->lines[original->first_line + i];
        const struct naive_account *payee = &model->accounts[line->account];
        int64_t left =
            line->amount - naive_refunded_sum(model, wish->original_sequence, line->account);
        int64_t amount = asked_of(wish, line->account, left);
        found += amount >= 0;
        if (amount <= 0)
            continue;
        back++;
        asked += amount;
        naive_need_at(d, amount <= left, OUTCOME_ABOVE_REST, left);
        int64_t part = fee_of_part(model, wish->original_sequence, line, amount);
        fee += part;
        if (payee->closed && two) {
            by_platform += amount - part;
            continue;
        }
        naive_need(d, !payee->closed, OUTCOME_PAYEE_ACCOUNT_CLOSED);
        naive_need(d, !naive_gives_none(model, line->account), OUTCOME_ACCOUNT_RESTRICTED_OUT);
        int64_t has = naive_spendable(model, line->account);
        naive_need_at(d, amount - part <= has, OUTCOME_UNDO_SPENT, has);
    }
    int platform = naive_control_account(model, d->ledger, ACCOUNT_PLATFORM_OWN);
    int64_t fee_before = naive_fee_back_yet(model, wish->original_sequence, 0);
    by_platform +=
        naive_fee_lacking(model, d->ledger, original->rule, original->fee, fee_before, fee);
    naive_need_at(d, by_platform <= *naive_available_of(model, platform),
        OUTCOME_INSUFFICIENT_PLATFORM_OWN, *naive_available_of(model, platform));
    naive_need(
        d, wish->payee_count == 0 || found == wish->payee_count, OUTCOME_PAYEE_NOT_OF_ORIGINAL);
    naive_need_at(d, back > 0 || wish->payee_count > 0, OUTCOME_ABOVE_REST, 0);
    if (is_line && back > 0)
        naive_need_at(d, asked >= model->lines[original->first_line].amount, OUTCOME_LINE_IN_PARTS,
            model->lines[original->first_line].amount);
    if (d->worst != 0)
        return 0;
    int nobody = naive_control_account(model, d->ledger, ACCOUNT_UNALLOCATED);
    /* In the order of the request. */
    int64_t sum = 0;
    uint32_t lines = wish->payee_count > 0 ? wish->payee_count : (uint32_t)original->line_count;
    for (uint32_t i = 0; i < lines; i++) {
        int account = wish->payee_count > 0 ? (int)wish->payees[i].account_id
                                            : model->lines[original->first_line + (int)i].account;
        struct naive_line its = {0};
        for (int k = 0; k < original->line_count; k++) {
            if (model->lines[original->first_line + k].account == account)
                its = model->lines[original->first_line + k];
        }
        int64_t amount = asked_of(wish, account,
            its.amount - naive_refunded_sum(model, wish->original_sequence, account));
        if (amount == 0)
            continue;
        int64_t part = fee_of_part(model, wish->original_sequence, &its, amount);
        naive_book(d, model->accounts[account].closed ? platform : account, BUCKET_AVAILABLE,
            nobody, BUCKET_AVAILABLE, amount - part);
        naive_note_refunded(d, wish->original_sequence, account, amount, part);
        sum += amount;
    }
    naive_note_refunded(d, wish->original_sequence, 0, sum, fee);
    naive_fill_fee(d, original->rule, original->fee, fee_before, fee);
    naive_book_fee_parts(d, original->rule, original->fee, fee_before,
        &(struct naive_line){.account = nobody, .amount = fee}, 1, true);
    d->put_back = sum;
    d->order = original->order;
    model->suspense[id].allocated -= sum;
    model->suspense[id].changed = d->sequence;
    if (is_line) {
        model->lumps[lump].got -= sum;
        model->lumps[lump].got_count--;
        model->lumps[lump].changed = d->sequence;
    }
    return id;
}

int64_t naive_return_suspense(struct decision *d)
{
    const struct return_suspense *wish = &d->command->return_suspense;
    struct naive_model *model = d->model;
    int id = naive_need_item(d, wish->suspense_id);
    const struct naive_past *original = naive_need_original(d, wish->original_sequence);
    if (id == 0 || original == NULL)
        return 0;
    struct naive_suspense *item = &model->suspense[id];
    int64_t open = naive_open_of(item);
    int64_t amount = wish->amount_minor == 0 ? open : wish->amount_minor;
    naive_need(d, original->has_sender && item->origin == wish->original_sequence,
        OUTCOME_RETURN_WITHOUT_ACCOUNT);
    if (original->has_sender && item->origin == wish->original_sequence)
        naive_need(d, !naive_is_denied(d, &d->command->original->command->book_receipt.payer),
            OUTCOME_PARTY_RESTRICTED);
    naive_need(d, open + item->returning > 0, OUTCOME_SUSPENSE_FINAL);
    naive_need(d, !naive_is_kept(d->model, id), OUTCOME_SUSPENSE_KEPT);
    naive_need(d, item->returning == 0, OUTCOME_SUSPENSE_RETURN_UNDER_WAY);
    naive_need_free_item(d, id);
    naive_need_at(d, amount <= open, OUTCOME_ALLOCATION_ABOVE_ITEM, open);
    if (d->worst != 0)
        return 0;
    int nobody = naive_control_account(model, d->ledger, ACCOUNT_UNALLOCATED);
    CHECK(model->payout_count < NAIVE_PAYOUTS_MAX);
    int payout = ++model->payout_count;
    model->payouts[payout] = (struct naive_payout){
        .ledger = d->ledger,
        .account = nobody,
        .item = id,
        .amount = amount,
        .requested = d->sequence,
        .changed = d->sequence,
        .status = PAYOUT_REQUESTED,
    };
    naive_book(d, nobody, BUCKET_AVAILABLE, nobody, BUCKET_PENDING_OUT, amount);
    d->put_back = -amount;
    d->past.item = id;
    d->past.payout = payout;
    item->returning = amount;
    item->return_payout = payout;
    item->changed = d->sequence;
    return payout;
}

void naive_note_return(struct decision *d, int payout, bool has_left)
{
    for (int id = 1; id <= d->model->suspense_count; id++) {
        struct naive_suspense *item = &d->model->suspense[id];
        if (item->return_payout != payout || item->returning == 0)
            continue;
        item->returned += has_left ? item->returning : 0;
        d->put_back += has_left ? 0 : item->returning;
        item->returning = 0;
        item->changed = d->sequence;
    }
}

/* No history has money of before there were items. */
int64_t naive_adopt_suspense(struct decision *d)
{
    const struct adopt_suspense *wish = &d->command->adopt_suspense;
    if (wish->original_sequence != 0)
        naive_need_original(d, wish->original_sequence);
    naive_need_at(d, wish->amount_minor <= 0, OUTCOME_ABOVE_REST, 0);
    return 0;
}
