/* random_corrections.c: commands that take back, see random_commands.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "random_picks.h"

#include "commands.h"

enum { RECENT = 24, LOOKED_AT = 2000, ROOM = 16 };

static bool is_payment(const struct naive_past *past)
{
    return past->kind == COMMAND_PAY || past->kind == COMMAND_CONFIRM_HOLD;
}

/* What Reverse takes, and what cannot be reversed only because of what became of it. */
static bool is_booking(const struct naive_past *past)
{
    return past->kind == COMMAND_PAY || past->kind == COMMAND_BOOK_RECEIPT ||
           past->kind == COMMAND_BOOK_INTEREST || past->kind == COMMAND_CHARGE_FEE ||
           past->kind == COMMAND_COLLECT_FEES || past->kind == COMMAND_ADJUST;
}

static bool is_receipt(const struct naive_past *past)
{
    return past->kind == COMMAND_BOOK_RECEIPT || past->kind == COMMAND_BOOK_INTEREST;
}

/* An accepted command of the ledger, mostly a recent one of the kinds that are wanted; at times any
 * number. */
static int64_t pick_original(struct random *random, const struct naive_model *model, int64_t ledger,
    bool (*is_wanted)(const struct naive_past *past))
{
    int64_t found[RECENT];
    uint64_t count = 0;
    uint64_t percent = random_below(random, 100);
    if (percent < 3 || model->past_count == 0)
        return pick_no_such_id(random, model->past_count);
    if (percent < 8)
        return random_between(random, 1, model->past_count);
    int64_t newest =
        percent < 80 ? model->past_count : random_between(random, 1, model->past_count);
    for (int64_t s = newest; s > 0 && s > newest - LOOKED_AT && count < RECENT; s--) {
        const struct naive_past *past = &model->past[s];
        if (past->kind != 0 && past->ledger == ledger && (percent < 12 || is_wanted(past)))
            found[count++] = s;
    }
    return count == 0 ? newest : found[random_below(random, count)];
}

int64_t pick_receipt(struct random *random, const struct naive_model *model, int64_t ledger)
{
    return pick_original(random, model, ledger, is_receipt);
}

/* One that was refunded in part; else as above. */
static int64_t pick_refunded(struct random *random, const struct naive_model *model, int64_t ledger)
{
    int64_t found[RECENT];
    uint64_t count = 0;
    for (int id = model->refunded_count; id > 0 && count < RECENT; id--) {
        const struct naive_refunded *refunded = &model->refunded[id];
        if (refunded->ledger == ledger && refunded->account == 0 && refunded->reversed == 0)
            found[count++] = refunded->original;
    }
    return count == 0 || random_percent(random, 60)
               ? pick_original(random, model, ledger, is_payment)
               : found[random_below(random, count)];
}

/* What is left, all but very little of it, or as of anything. */
static int64_t refund_part(struct random *random, int64_t left)
{
    if (left > 4 && random_percent(random, 35))
        return left - random_between(random, 1, 4);
    return pick_part(random, left);
}

/* Parts of what is left of some lines of a command, or none for everything; now and then of an
 * account that has no line. How many. */
static uint32_t pick_lines(struct random *random, const struct naive_model *model, int64_t ledger,
    int64_t sequence, bool everything, struct payee ret_payees[PAYEES_MOST + 1])
{
    const struct naive_past *past = &model->past[sequence];
    uint32_t count = 0;
    for (int i = 0; i < past->line_count && i < PAYEES_MOST && !everything; i++) {
        const struct naive_line *line = &model->lines[past->first_line + i];
        int64_t left = line->amount - naive_refunded_sum(model, sequence, line->account);
        if (random_percent(random, 60))
            ret_payees[count++] = (struct payee){line->account, refund_part(random, left)};
    }
    int64_t other = pick_account(random, model, ledger);
    bool is_there = false;
    for (uint32_t i = 0; i < count; i++)
        is_there = is_there || ret_payees[i].account_id == other;
    if (random_percent(random, 4) && !is_there)
        ret_payees[count++] = (struct payee){other, 1};
    return count;
}

struct command random_refund(struct random *random, const struct naive_model *model, int64_t ledger)
{
    struct payee payees[PAYEES_MOST + 1];
    uint32_t count = 0;
    int64_t sequence = pick_refunded(random, model, ledger);
    if (sequence > model->past_count || !is_payment(&model->past[sequence])) {
        payees[count++] = (struct payee){pick_account(random, model, ledger), 1};
        return make_refund(ledger, sequence, "", payees, count);
    }
    const struct naive_past *past = &model->past[sequence];
    bool everything = random_percent(random, 30);
    count = pick_lines(random, model, ledger, sequence, everything, payees);
    struct command command = make_refund(ledger, sequence, "", payees, count);
    command.refund.order_number =
        random_percent(random, 4) ? pick_order(random) : text_of(past->order);
    return command;
}

struct command random_reverse(
    struct random *random, const struct naive_model *model, int64_t ledger)
{
    int64_t matched = random_percent(random, 15) ? pick_matched_receipt(random, model, ledger) : 0;
    return make_reverse(
        ledger, matched != 0 ? matched : pick_original(random, model, ledger, is_booking));
}

/* ---- suspense ---- */

/* Mostly an open item of the ledger, a recent one or any. */
int64_t pick_item(struct random *random, const struct naive_model *model, int64_t ledger)
{
    int64_t found[RECENT];
    uint64_t count = 0;
    bool any = random_percent(random, 10);
    int64_t newest = model->suspense_count;
    if (newest == 0 || random_percent(random, 3))
        return pick_no_such_id(random, model->suspense_count);
    if (random_percent(random, 30))
        newest = random_between(random, 1, newest);
    for (int64_t id = newest; id > 0 && count < RECENT; id--) {
        const struct naive_suspense *item = &model->suspense[id];
        if ((any || item->ledger == ledger) && (any || naive_open_of(item) > 0))
            found[count++] = id;
    }
    return count == 0 ? newest : found[random_below(random, count)];
}

struct command random_allocate(
    struct random *random, const struct naive_model *model, int64_t ledger)
{
    struct payee payees[PAYEES_MOST + 1] = {0};
    int64_t id = pick_item(random, model, ledger);
    int64_t amount = 1;
    if (id >= 1 && id <= model->suspense_count) {
        int64_t open = naive_open_of(&model->suspense[id]);
        amount = random_percent(random, 40) ? open : pick_part(random, open);
    }
    amount = amount > 0 ? amount : 1;
    uint32_t count = pick_payees(
        random, model, ledger, pick_account(random, model, ledger), pick_clamp(amount), payees);
    struct command command = make_allocate(ledger, id, payees, count);
    if (random_percent(random, 30))
        command.allocate_suspense.order_number = pick_order(random);
    if (random_percent(random, 35))
        command.allocate_suspense.fee_rule = pick_rule(random, model, ledger);
    return command;
}

struct command random_return_suspense(
    struct random *random, const struct naive_model *model, int64_t ledger)
{
    int64_t id = pick_item(random, model, ledger);
    if (id < 1 || id > model->suspense_count)
        return make_return_suspense(ledger, id, 1, 0);
    const struct naive_suspense *item = &model->suspense[id];
    int64_t amount = random_percent(random, 40) ? 0 : pick_part(random, naive_open_of(item));
    int64_t original = random_percent(random, 95) ? item->origin : item->origin + 1;
    return make_return_suspense(ledger, id, original, pick_clamp(amount));
}

static bool is_allocation(const struct naive_past *past)
{
    return past->kind == COMMAND_ALLOCATE_SUSPENSE || past->kind == COMMAND_ALLOCATE_LINE ||
           past->kind == COMMAND_RETURN_SUSPENSE;
}

struct command random_undo_allocation(
    struct random *random, const struct naive_model *model, int64_t ledger)
{
    struct payee payees[PAYEES_MOST + 1];
    int64_t sequence = pick_original(random, model, ledger, is_allocation);
    int64_t item = pick_item(random, model, ledger);
    if (sequence > model->past_count || !is_allocation(&model->past[sequence]))
        return make_undo_allocation(ledger, item, sequence, NULL, 0);
    const struct naive_past *past = &model->past[sequence];
    if (past->kind == COMMAND_RETURN_SUSPENSE) {
        struct command back = make_undo_allocation(ledger, past->item, sequence, NULL, 0);
        back.undo_allocation.payout_id = random_percent(random, 95) ? past->payout : item;
        return back;
    }
    bool everything = random_percent(random, past->lump != 0 ? 75 : 40);
    uint32_t count = pick_lines(random, model, ledger, sequence, everything, payees);
    struct command command = make_undo_allocation(
        ledger, random_percent(random, 95) ? past->item : item, sequence, payees, count);
    command.undo_allocation.lump_id =
        random_percent(random, 97) ? past->lump : random_between(random, 0, 3);
    return command;
}

/* ---- adjustments ---- */

/* Of any two kinds, mostly of two that are allowed. */
struct command random_adjust(struct random *random, const struct naive_model *model, int64_t ledger)
{
    static const enum account_kind kinds[] = {ACCOUNT_MEMBER, ACCOUNT_MEMBER, ACCOUNT_UNALLOCATED,
        ACCOUNT_FEE, ACCOUNT_PLATFORM_OWN, ACCOUNT_INTEREST};
    int64_t debit = pick_account_of_kind(random, model, ledger, kinds[random_below(random, 6)]);
    int64_t credit = pick_account(random, model, ledger);
    if (random_percent(random, 15))
        credit = pick_account_of_kind(
            random, model, ledger, (enum account_kind)random_between(random, 1, 8));
    if (random_percent(random, 3))
        credit = debit;
    int64_t amount = pick_part(random, pick_amount_out(random, model, ledger, debit));
    struct command command = make_adjust(ledger, debit, credit, amount);
    return random_percent(random, 30) ? with_paper(command) : command;
}
