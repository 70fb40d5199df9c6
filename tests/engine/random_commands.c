/* random_commands.c: see random_commands.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "random_commands.h"

#include "commands.h"
#include "random_picks.h"

#include <stdio.h>

enum { PREFIXES = 40, SEASONS = 30 };

#define SEASON_US 40000000

static struct command open_some_ledger(struct random *random, const struct naive_model *model)
{
    static char prefix[RECEIVING_PREFIX_DIGITS_MAX + 1];
    /* Prefixes of four and five digits, where one is the beginning of another. */
    uint64_t n = random_below(random, PREFIXES);
    if (pick_is_full(model) || model->ledger_count >= LEDGERS_MOST) {
        int64_t taken = random_between(random, 1, model->ledger_count);
        return make_open_ledger(model->ledgers[taken].receiving_prefix, TEST_DATE, 0);
    }
    snprintf(prefix, sizeof prefix, n % 2 ? "1%03u" : "1%03u0", (unsigned)(n / 2));
    int32_t step = (int32_t)random_between(random, -3, 3);
    if (random_percent(random, 10))
        step = (int32_t)random_between(random, 10, 11);
    int32_t date = TEST_DATE + step;
    struct command command = make_open_ledger(prefix, date, (int32_t)random_below(random, 8));
    /* Mostly unchecked: there everything goes. */
    if (random_percent(random, 30))
        command.open_ledger.policy = (int32_t)random_between(random, 0, ACCOUNT_POLICY_PREPAID);
    return command;
}

static struct command open_some_member(
    struct random *random, const struct naive_model *model, int64_t ledger)
{
    static char platform_id[PLATFORM_MEMBER_ID_BYTES_MAX + 1];
    if (pick_is_full(model) && model->member_count > 0) {
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
    static const int32_t far[] = {5, 11, 100, 366, 367};
    return make_cut_day(
        ledger, date + (random_percent(random, 10) ? far[random_below(random, 5)] : step));
}

/* The two busy ledgers are asked to close only while they cannot: the history needs them. */
static struct command close_some_ledger(
    struct random *random, const struct naive_model *model, int64_t ledger)
{
    if (model->ledger_count > LARGE_LEDGER && random_percent(random, 25))
        return make_close_ledger(model->ledger_count);
    if (ledger <= LARGE_LEDGER && naive_open_members(model, (int)ledger) == 0)
        return cut_some_day(random, model, ledger);
    return make_close_ledger(ledger);
}

/* How often each kind comes, in shares of their sum. */
static enum command_kind pick_kind(struct random *random, const struct naive_model *model)
{
    static const struct {
        enum command_kind kind;
        unsigned share;
    } shares[] = {
        {COMMAND_OPEN_LEDGER, 2},
        {COMMAND_CLOSE_LEDGER, 6},
        {COMMAND_CUT_DAY, 3},
        {COMMAND_SET_TERMS, 2},
        {COMMAND_SET_FEE_RULE, 3},
        {COMMAND_OPEN_MEMBER, 5},
        {COMMAND_CLOSE_MEMBER, 2},
        {COMMAND_IDENTIFY_MEMBER, 8},
        {COMMAND_OPEN_ACCOUNT, 7},
        {COMMAND_CLOSE_ACCOUNT, 4},
        {COMMAND_RESTRICT_ACCOUNT, 6},
        {COMMAND_OPEN_FEE_ACCOUNT, 3},
        {COMMAND_BOOK_RECEIPT, 36},
        {COMMAND_BOOK_INTEREST, 5},
        {COMMAND_CHARGE_FEE, 5},
        {COMMAND_COLLECT_FEES, 5},
        {COMMAND_PAY, 36},
        {COMMAND_REFUND, 22},
        {COMMAND_WITHDRAW, 18},
        {COMMAND_CONFIRM_PAYOUT, 22},
        {COMMAND_INTERCEPT_PAYOUT, 4},
        {COMMAND_ALLOCATE_SUSPENSE, 14},
        {COMMAND_UNDO_ALLOCATION, 7},
        {COMMAND_RETURN_SUSPENSE, 7},
        {COMMAND_BIND_CARD, 8},
        {COMMAND_ADD_DENIED, 1},
        {COMMAND_END_DENIED, 1},
        {COMMAND_DECIDE_HIT, 14},
        {COMMAND_CHECK_CARD, 16},
        {COMMAND_CONFIRM_CARD_CHECK, 14},
        {COMMAND_CONFIRM_CARD_AMOUNT, 9},
        {COMMAND_UNBIND_CARD, 3},
        {COMMAND_REPLACE_CARD, 18},
        {COMMAND_PLACE_CLAIM, 4},
        {COMMAND_CONTINUE_CLAIM, 3},
        {COMMAND_RELEASE_CLAIM, 6},
        {COMMAND_DEDUCT_CLAIM, 6},
        {COMMAND_OPEN_FEEDBACK, 1},
        {COMMAND_GIVE_FEEDBACK, 8},
        {COMMAND_OPEN_PRODUCT, 2},
        {COMMAND_CLOSE_PRODUCT, 1},
        {COMMAND_PUBLISH_PRICE, 8},
        {COMMAND_SUBSCRIBE, 14},
        {COMMAND_REDEEM, 10},
        {COMMAND_OPEN_BANK_STATEMENT, 4},
        {COMMAND_ADD_STATEMENT_LINE, 8},
        {COMMAND_CLOSE_BANK_STATEMENT, 5},
        {COMMAND_MATCH_STATEMENT_LINE, 16},
        {COMMAND_UNDO_MATCH, 4},
        {COMMAND_OPEN_LUMP, 8},
        {COMMAND_ALLOCATE_LINE, 24},
        {COMMAND_CLOSE_LUMP, 7},
        {COMMAND_ADOPT_SUSPENSE, 1},
        {COMMAND_OPEN_ACQUIRER, 2},
        {COMMAND_SET_ACQUIRER, 2},
        {COMMAND_BOOK_PROMISE, 16},
        {COMMAND_CANCEL_PROMISE, 4},
        {COMMAND_OPEN_SETTLEMENT, 5},
        {COMMAND_SETTLE_LINE, 18},
        {COMMAND_CLOSE_SETTLEMENT, 4},
        {COMMAND_CLOSE_DIFFERENCE, 7},
        {COMMAND_PLACE_HOLD, 14},
        {COMMAND_CONFIRM_HOLD, 16},
        {COMMAND_CANCEL_HOLD, 7},
        {COMMAND_PLACE_FREEZE, 6},
        {COMMAND_LIFT_FREEZE, 6},
        {COMMAND_EXPIRE, 4},
        {COMMAND_REVERSE, 8},
        {COMMAND_WITHDRAW_ADJUSTMENT, 1},
        {COMMAND_ADJUST, 1},
        {COMMAND_SET_APPROVAL_POLICY, 1},
        {COMMAND_SET_ACCOUNT_POLICY, 4},
        {COMMAND_SET_PROOF_POLICY, 1},
        {COMMAND_GRANT_MANDATE, 9},
        {COMMAND_END_MANDATE, 3},
        {COMMAND_PROPOSE, 18},
        {COMMAND_APPROVE, 22},
        {COMMAND_WITHDRAW_PROPOSAL, 2},
        {COMMAND_CREATE_CALLER, 2},
        {COMMAND_UPDATE_CALLER, 2},
        {COMMAND_REVEAL, 3},
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
    if (kind == COMMAND_OPEN_ACCOUNT && pick_is_full(model))
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

/* Mostly its owner lifts what there is, so that most accounts stay of use. */
static struct command restrict_some(
    struct random *random, const struct naive_model *model, int64_t ledger)
{
    int64_t id = pick_account(random, model, ledger);
    const struct naive_restriction *one =
        id >= 1 && id <= model->account_count
            ? &model->accounts[id].restrictions[random_below(random, RESTRICTIONS_PER_ACCOUNT_MAX)]
            : NULL;
    for (int i = 0; one && i < RESTRICTIONS_PER_ACCOUNT_MAX && !one->no_in && !one->no_out; i++)
        one = &model->accounts[id].restrictions[i];
    if (!one || (!one->no_in && !one->no_out))
        return random_by(random, NULL,
            make_restrict(ledger, id, random_percent(random, 15), random_percent(random, 15)));
    if (random_percent(random, 25))
        return random_by(random, NULL,
            make_lift_of(ledger, id, random_percent(random, 5) ? "vsl" : one->owner, false,
                random_percent(random, 15)));
    struct command own = make_restrict(ledger, id, false, random_percent(random, 10));
    return random_percent(random, 20) ? random_by(random, NULL, own) : command_by(one->owner, own);
}

/* By one of two callers, by him who set it, or by nobody who is known. */
static struct command random_restrict(
    struct random *random, const struct naive_model *model, int64_t ledger)
{
    struct command command = restrict_some(random, model, ledger);
    int64_t id = command.restrict_account.account_id;
    int64_t caller = random_between(random, 0, 2);
    if (id >= 1 && id <= model->account_count && random_percent(random, 50))
        caller = model->accounts[id].restrictions[0].caller;
    return command_of_caller(caller, command);
}

/* Of few names and ledgers, so that they meet. */
static struct command random_caller(
    struct random *random, const struct naive_model *model, enum command_kind kind)
{
    static const char *const names[] = {
        "a", "b", "c", "d", "spiffe://bank/e", "f", "g", "h", "i", "j", "k", "l", "m", "n"};
    static const struct caller_ledger ledgers[] = {{1}, {2}, {3}, {64}};
    static const struct caller_channel channels[] = {{{"t", 1}}, {{"u", 1}}, {{"FRONT", 5}}};
    int64_t id = random_between(random, 0, model->caller_count + 1);
    struct command command =
        kind == COMMAND_CREATE_CALLER
            ? make_create_caller(names[random_below(random, sizeof names / sizeof *names)])
            : make_update_caller(id, random_percent(random, 40) ? CALLER_SUSPENDED : CALLER_ACTIVE);
    struct caller_rights *rights = kind == COMMAND_CREATE_CALLER ? &command.create_caller.rights
                                                                 : &command.update_caller.rights;
    rights->roles.administrator = random_percent(random, 50);
    rights->roles.front = random_percent(random, 50);
    rights->roles.operator= random_percent(random, 50);
    rights->all_ledgers = random_percent(random, 50);
    rights->ledgers = ledgers;
    rights->ledger_count = rights->all_ledgers ? 0 : (uint32_t)random_below(random, 5);
    rights->any_channel = random_percent(random, 50);
    rights->channels = channels;
    rights->channel_count = rights->any_channel ? 0 : (uint32_t)random_below(random, 4);
    return command;
}

/* Of what was recorded lately and may have something, and of what has not, or is not there. */
static struct command random_reveal(
    struct random *random, const struct naive_model *model, int64_t ledger)
{
    static const char *const fields[] = {"", "", "", "payer.name", "destination.account_number",
        "own_account.name", "platform_name", "no.field"};
    int64_t sequences[8];
    int64_t last = model->past_count;
    uint32_t count = 0;
    uint32_t wanted = (uint32_t)random_between(random, 1, 3);
    for (int64_t s = last; s > 0 && s > last - 300 && count < wanted; s--) {
        const struct naive_past *past = &model->past[s];
        bool has = past->kind == COMMAND_BOOK_RECEIPT || past->kind == COMMAND_WITHDRAW ||
                   past->kind == COMMAND_SET_TERMS;
        if (has && past->ledger == ledger && random_percent(random, 30))
            sequences[count++] = s;
    }
    if (count == 0 || random_percent(random, 10))
        sequences[count++] = random_between(random, 1, last + 2);
    return make_reveal(
        ledger, sequences, count, fields[random_below(random, sizeof fields / sizeof *fields)]);
}

/* At times an empty one, or one that owes. */
static int64_t pick_to_close(struct random *random, const struct naive_model *model, int64_t ledger)
{
    if (random_percent(random, 25))
        return pick_empty_account(random, model, ledger);
    if (random_percent(random, 40))
        return pick_debtor(random, model, ledger);
    return pick_account(random, model, ledger);
}

static struct command make_some(struct random *random, const struct naive_model *model,
    int64_t now_us, enum command_kind kind, int64_t ledger)
{
    int64_t account;
    switch (kind) {
    case COMMAND_OPEN_LEDGER:
        return open_some_ledger(random, model);
    case COMMAND_CLOSE_LEDGER:
        return close_some_ledger(random, model, ledger);
    case COMMAND_CUT_DAY:
        return cut_some_day(random, model, ledger);
    case COMMAND_SET_TERMS:
        return random_set_terms(random, ledger);
    case COMMAND_SET_FEE_RULE:
        return random_set_rule(random, model, ledger);
    case COMMAND_OPEN_MEMBER:
        return open_some_member(random, model, ledger);
    case COMMAND_CLOSE_MEMBER:
        return make_close_member(ledger, pick_member(random, model, ledger));
    case COMMAND_IDENTIFY_MEMBER:
        return random_identify(random, model, ledger, now_us);
    case COMMAND_OPEN_ACCOUNT:
        return make_open_account(ledger, pick_member(random, model, ledger));
    case COMMAND_CLOSE_ACCOUNT:
        return make_close_account(ledger, pick_to_close(random, model, ledger));
    case COMMAND_RESTRICT_ACCOUNT:
        return random_restrict(random, model, ledger);
    case COMMAND_OPEN_FEE_ACCOUNT:
        return random_open_fee_account(random, model, ledger);
    case COMMAND_BOOK_RECEIPT:
        return random_receipt(random, model, ledger);
    case COMMAND_BOOK_INTEREST:
        account = pick_account(random, model, ledger);
        return make_interest(ledger, account, pick_amount_in(random, model, ledger));
    case COMMAND_CHARGE_FEE:
        account = pick_account(random, model, ledger);
        return make_fee(ledger, account, pick_amount_out(random, model, ledger, account));
    case COMMAND_COLLECT_FEES:
        return random_collect_fees(random, model, ledger);
    case COMMAND_PAY:
        return random_pay(random, model, ledger);
    case COMMAND_REFUND:
        return random_refund(random, model, ledger);
    case COMMAND_WITHDRAW:
        return random_withdraw(random, model, ledger);
    case COMMAND_CONFIRM_PAYOUT:
        return random_confirm_payout(random, model, ledger);
    case COMMAND_INTERCEPT_PAYOUT:
        return make_intercept(ledger, pick_payout(random, model, ledger));
    case COMMAND_PLACE_HOLD:
        return random_place_hold(random, model, ledger, now_us);
    case COMMAND_CONFIRM_HOLD:
        return random_confirm_hold(random, model, ledger);
    case COMMAND_CANCEL_HOLD:
        return random_cancel_hold(random, model, ledger);
    case COMMAND_PLACE_FREEZE:
        return random_place_freeze(random, model, ledger, now_us);
    case COMMAND_LIFT_FREEZE:
        return random_lift_freeze(random, model, ledger);
    case COMMAND_EXPIRE:
        return random_expire(random, model, ledger);
    case COMMAND_REVERSE:
        return random_reverse(random, model, ledger);
    case COMMAND_ADJUST:
        return random_adjust(random, model, ledger);
    case COMMAND_ALLOCATE_SUSPENSE:
        return random_allocate(random, model, ledger);
    case COMMAND_UNDO_ALLOCATION:
        return random_undo_allocation(random, model, ledger);
    case COMMAND_RETURN_SUSPENSE:
        return random_return_suspense(random, model, ledger);
    case COMMAND_ADD_DENIED:
        return random_add_denied(random, model, ledger, now_us);
    case COMMAND_END_DENIED:
        return make_end_denied(ledger, pick_denied(random, model, ledger));
    case COMMAND_DECIDE_HIT:
        return random_decide_hit(random, model, ledger);
    case COMMAND_BIND_CARD:
        return random_bind_card(random, model, ledger);
    case COMMAND_CHECK_CARD:
    case COMMAND_CONFIRM_CARD_CHECK:
    case COMMAND_CONFIRM_CARD_AMOUNT:
    case COMMAND_UNBIND_CARD:
    case COMMAND_REPLACE_CARD:
        return random_card(random, model, ledger, kind);
    case COMMAND_PLACE_CLAIM:
        return random_deadline(random, now_us, random_place_claim(random, model, ledger, now_us));
    case COMMAND_CONTINUE_CLAIM:
        return random_deadline(
            random, now_us, random_continue_claim(random, model, ledger, now_us));
    case COMMAND_RELEASE_CLAIM:
        return random_deadline(random, now_us, random_release_claim(random, model, ledger));
    case COMMAND_DEDUCT_CLAIM:
        return random_deadline(random, now_us, random_deduct_claim(random, model, ledger));
    case COMMAND_OPEN_PRODUCT:
        return random_open_product(random, model, ledger);
    case COMMAND_CLOSE_PRODUCT:
        return random_close_product(random, model, ledger);
    case COMMAND_PUBLISH_PRICE:
        return random_publish_price(random, model, ledger);
    case COMMAND_SUBSCRIBE:
        return random_subscribe(random, model, ledger);
    case COMMAND_REDEEM:
        return random_redeem(random, model, ledger);
    case COMMAND_OPEN_FEEDBACK:
        return random_open_feedback(random, ledger, now_us);
    case COMMAND_GIVE_FEEDBACK:
        return random_give_feedback(random, model, ledger);
    case COMMAND_OPEN_LUMP:
        return random_open_lump(random, model, ledger);
    case COMMAND_OPEN_BANK_STATEMENT:
        return random_open_statement(random, model, ledger);
    case COMMAND_ADD_STATEMENT_LINE:
        return random_statement_line(random, model, ledger);
    case COMMAND_CLOSE_BANK_STATEMENT:
        return random_close_statement(random, model, ledger);
    case COMMAND_MATCH_STATEMENT_LINE:
        return random_match(random, model, ledger);
    case COMMAND_UNDO_MATCH:
        return random_undo_match(random, model, ledger);
    case COMMAND_ALLOCATE_LINE:
        return random_allocate_line(random, model, ledger);
    case COMMAND_CLOSE_LUMP:
        return random_close_lump(random, model, ledger);
    case COMMAND_ADOPT_SUSPENSE:
        return make_adopt(ledger, random_between(random, 1, 3),
            random_percent(random, 50) ? 0 : random_between(random, 1, model->past_count + 1));
    case COMMAND_OPEN_ACQUIRER:
    case COMMAND_SET_ACQUIRER:
        return random_acquirer(random, model, ledger, kind);
    case COMMAND_BOOK_PROMISE:
        return random_promise(random, model, ledger);
    case COMMAND_OPEN_SETTLEMENT:
        return random_open_settlement(random, model, ledger);
    case COMMAND_SETTLE_LINE:
        return random_line(random, model, ledger);
    case COMMAND_CLOSE_SETTLEMENT:
        return random_close_settlement(random, model, ledger);
    case COMMAND_CLOSE_DIFFERENCE:
        return random_close_difference(random, model, ledger);
    case COMMAND_CANCEL_PROMISE:
        return random_cancel_promise(random, model, ledger);
    case COMMAND_CREATE_CALLER:
    case COMMAND_UPDATE_CALLER:
        return random_caller(random, model, kind);
    case COMMAND_SET_ACCOUNT_POLICY:
        return random_set_account_policy(random, ledger);
    case COMMAND_GRANT_MANDATE:
        return random_grant_mandate(random, model, ledger, now_us);
    case COMMAND_END_MANDATE:
        return make_end_mandate(ledger, pick_mandate(random, model, ledger));
    case COMMAND_SET_PROOF_POLICY:
        return random_set_proof_policy(random, ledger);
    case COMMAND_SET_APPROVAL_POLICY:
        return random_set_policy(random, ledger);
    case COMMAND_PROPOSE:
    case COMMAND_APPROVE:
        return random_approval(random, model, ledger, now_us);
    case COMMAND_WITHDRAW_PROPOSAL:
        return random_withdraw_proposal(random, model, ledger);
    case COMMAND_REVEAL:
        return random_reveal(random, model, ledger);
    case COMMAND_PROPOSE_ADJUSTMENT:
    case COMMAND_APPROVE_ADJUSTMENT:
    case COMMAND_WITHDRAW_ADJUSTMENT:
        break;
    }
    return make_of_before(kind, ledger);
}

struct command random_command(
    struct random *random, const struct naive_model *model, int64_t now_us)
{
    enum command_kind kind = pick_kind(random, model);
    int64_t ledger = pick_ledger(random, model);
    struct command command =
        random_proof(random, model, now_us, make_some(random, model, now_us, kind, ledger));
    command = random_by_mandate(random, model, random_seldom(random, model, now_us, command));
    if (kind == COMMAND_PROPOSE) {
        enum command_kind of = random_percent(random, 40)   ? COMMAND_ADJUST
                               : random_percent(random, 20) ? COMMAND_CLOSE_LUMP
                               : random_percent(random, 20) ? COMMAND_END_DENIED
                               : random_percent(random, 25) ? COMMAND_CLOSE_BANK_STATEMENT
                                                            : pick_kind(random, model);
        struct command inside =
            random_proof(random, model, now_us, make_some(random, model, now_us, of, ledger));
        /* Alone nobody unsets it, and little else happens as long as it is set. */
        bool is_set =
            ledger >= 1 && ledger <= model->ledger_count && naive_same_card(model, (int)ledger);
        if (is_set && random_percent(random, 50))
            inside = make_same_card(ledger, false);
        command = random_proposal(random, model, ledger, now_us, &inside);
    }
    /* A season in which debts pile up, faster than they are repaid. */
    bool is_season = now_us / SEASON_US % SEASONS == 0;
    bool is_of_two =
        kind == COMMAND_PROPOSE || kind == COMMAND_APPROVE || kind == COMMAND_WITHDRAW_PROPOSAL;
    if (is_season && !is_of_two && random_percent(random, 60))
        random_pile_debts(random, model, &command);
    /* Those whose owner matters have their channel. */
    if (!is_of_two && command.kind != COMMAND_LIFT_FREEZE &&
        command.kind != COMMAND_RESTRICT_ACCOUNT)
        command = random_by(random, NULL, command);
    return command_on(pick_business_date(random, model, command.ledger_id), command);
}
