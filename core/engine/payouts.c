/* payouts.c: money leaves, and what became of it at the bank.
 * SPDX-License-Identifier: Apache-2.0 */
#include "engine/internal.h"
#include "model/date.h"
#include "model/fee.h"
#include "model/money.h"
#include "model/payout.h"
#include "model/withdrawable.h"

/* ---- withdrawing ---- */

/* How the fee of a withdrawal is computed, and who takes part. */
struct withdraw_terms {
    const struct account *account;
    const struct account *fee_account; /* who gives the fee; the same unless another bears it */
    const struct fee_rule *rule;       /* NULL: an explicit fee, or none */
    int64_t explicit_fee_minor;
    enum fee_mode mode;
};

/* One amount under these terms. 100 with fee 3: outside takes 103 and 100 arrive; inside takes 100
 * and 97 arrive; borne by another takes 100 here and 3 there, and 100 arrive. */
struct withdraw_parts {
    int64_t fee_minor;
    int64_t payout_minor;
    int64_t own_minor;   /* what the account gives, with the part of the fee that it bears */
    int64_t other_minor; /* what the other fee account gives */
};

static struct withdraw_parts parts_of(const struct withdraw_terms *terms, int64_t amount_minor)
{
    int64_t fee_minor =
        terms->rule ? fee_of_amount(terms->rule, amount_minor) : terms->explicit_fee_minor;
    struct withdraw_parts parts = {
        .fee_minor = fee_minor, .payout_minor = amount_minor, .own_minor = amount_minor};
    switch (terms->mode) {
    case FEE_INSIDE:
        parts.payout_minor -= fee_minor;
        break;
    case FEE_BORNE_BY_ANOTHER:
        parts.other_minor = fee_minor;
        break;
    case FEE_OUTSIDE:
        parts.own_minor += fee_minor;
        break;
    }
    return parts;
}

/* An account that can give money to a bank or bear a fee: a member's, open or not, or PLATFORM_OWN.
 */
static enum outcome find_giver(const struct engine *engine, const struct ledger *ledger,
    int64_t account_id, const struct account **ret_account)
{
    const struct account *account = engine_find_account(engine, account_id);
    if (!account || account->ledger_id != ledger->id)
        return OUTCOME_ACCOUNT_NOT_FOUND;
    if (account->kind != ACCOUNT_MEMBER && account->kind != ACCOUNT_PLATFORM_OWN)
        return OUTCOME_NOT_A_MEMBER_ACCOUNT;
    *ret_account = account;
    return OUTCOME_ACCEPTED;
}

static bool is_closed(const struct account *account)
{
    return account && account->status != ACCOUNT_OPEN;
}

/* Both accounts and the rule; whether the accounts may and can give is not looked at. `ret_terms`
 * has what was found. */
static enum outcome find_terms(const struct engine *engine, const struct ledger *ledger,
    const struct withdraw *asked, struct withdraw_terms *ret_terms)
{
    *ret_terms = (struct withdraw_terms){
        .explicit_fee_minor = asked->fee_minor,
        .mode = asked->fee_mode != 0 ? (enum fee_mode)asked->fee_mode : FEE_OUTSIDE,
    };
    enum outcome outcome = find_giver(engine, ledger, asked->account_id, &ret_terms->account);
    if (asked->fee_rule.length > 0) {
        enum outcome of_rule =
            find_fee_rule_in_force(engine, ledger, asked->fee_rule, &ret_terms->rule);
        outcome = earlier(outcome, of_rule);
    }
    if (ret_terms->mode == FEE_BORNE_BY_ANOTHER) {
        enum outcome of_bearer =
            find_giver(engine, ledger, asked->fee_account_id, &ret_terms->fee_account);
        outcome = earlier(outcome, of_bearer);
        if (asked->fee_account_id == asked->account_id)
            outcome = earlier(outcome, OUTCOME_SAME_ACCOUNT);
    } else {
        ret_terms->fee_account = ret_terms->account;
    }
    return outcome;
}

/* Whether the accounts have the parts. */
static enum outcome check_parts(const struct engine *engine, const struct ledger *ledger,
    const struct withdraw_terms *terms, const struct withdraw_parts *parts)
{
    enum outcome outcome = OUTCOME_ACCEPTED;
    if (parts->payout_minor <= 0)
        return refuse_at(engine, OUTCOME_FEE_NOT_BELOW_AMOUNT, parts->fee_minor);
    if (account_spendable_minor(terms->account) < parts->own_minor)
        outcome = refuse_at(
            engine, OUTCOME_INSUFFICIENT_AVAILABLE, account_spendable_minor(terms->account));
    /* The own fee may be paid from what is not withdrawable yet. */
    else if (parts->payout_minor > withdrawable_minor(ledger, terms->account))
        outcome = refuse_at(
            engine, OUTCOME_NOT_YET_WITHDRAWABLE, withdrawable_minor(ledger, terms->account));
    if (account_spendable_minor(terms->fee_account) < parts->other_minor)
        outcome = earlier(outcome,
            refuse_at(engine,
                terms->fee_account->kind == ACCOUNT_MEMBER ? OUTCOME_INSUFFICIENT_AVAILABLE
                                                           : OUTCOME_INSUFFICIENT_PLATFORM_OWN,
                account_spendable_minor(terms->fee_account)));
    return outcome;
}

static void count_open_payout(struct engine *engine, int64_t ledger_id, int64_t change)
{
    int64_t *open_count = &engine->ledgers[ledger_id].open_payout_count;
    keep_for_undo(engine, open_count, sizeof *open_count);
    *open_count += change;
    CHECK(*open_count >= 0);
}

/* account.available -> account.pending_out, the fee's bearer -> fee accounts. */
static void book_withdrawal(struct engine *engine, const struct ledger *ledger,
    const struct withdraw *asked, const struct withdraw_terms *terms,
    const struct withdraw_parts *parts)
{
    struct fee_legs legs;
    book(engine, parts->payout_minor, terms->account, BUCKET_AVAILABLE, terms->account,
        BUCKET_PENDING_OUT);
    split_fee(engine, ledger, terms->rule, parts->fee_minor, &legs);
    book_fee(engine, &legs, terms->fee_account, BUCKET_AVAILABLE);

    struct payout *payout = add_record(engine, RECORD_PAYOUT);
    payout->ledger_id = ledger->id;
    payout->account_id = terms->account->id;
    payout->amount_minor = parts->payout_minor;
    payout->fee_minor = parts->fee_minor;
    payout->fee_account_id = parts->fee_minor > 0 ? terms->fee_account->id : 0;
    payout->fee_rule_id = terms->rule ? terms->rule->id : 0;
    payout->requested_sequence = engine->sequence;
    payout->status = PAYOUT_REQUESTED;
    payout->order_number_length =
        copy_text(payout->order_number, ORDER_NUMBER_BYTES_MAX, asked->order_number);
    count_open_payout(engine, ledger->id, 1);
    record_image(engine, RECORD_PAYOUT, payout->id);
    engine->effects->subject_id = payout->id;
    engine->effects->fee_minor = parts->fee_minor;
    engine->effects->fee_rule_version = terms->rule ? terms->rule->version : 0;
}

enum outcome execute_withdraw(
    struct engine *engine, const struct ledger *ledger, const struct command *command)
{
    const struct withdraw *asked = &command->withdraw;
    struct withdraw_terms terms;
    enum outcome outcome = find_terms(engine, ledger, asked, &terms);
    if (is_closed(terms.account) || is_closed(terms.fee_account))
        outcome = earlier(outcome, OUTCOME_ACCOUNT_CLOSED);
    if (terms.account && terms.account->kind == ACCOUNT_PLATFORM_OWN)
        outcome = earlier(outcome, check_platform_party(ledger, &asked->destination));
    if (!has_room(engine, RECORD_PAYOUT, 1))
        outcome = earlier(outcome, OUTCOME_TOO_MANY_PAYOUTS);
    if (outcome != OUTCOME_ACCEPTED)
        return outcome;
    /* From here on the rules are looked at in the order of the list. */
    if (terms.account->no_out || terms.fee_account->no_out)
        return OUTCOME_ACCOUNT_RESTRICTED_OUT;
    struct withdraw_parts parts = parts_of(&terms, asked->amount_minor);
    outcome = check_parts(engine, ledger, &terms, &parts);
    if (outcome != OUTCOME_ACCEPTED)
        return outcome;

    book_withdrawal(engine, ledger, asked, &terms, &parts);
    return OUTCOME_ACCEPTED;
}

/* ---- the quote ---- */

/* Whether nothing is too little for this amount. Holds for every smaller amount of the same tier,
 * too: what is given rises with the amount, and so does what arrives. */
static bool is_covered(const struct ledger *ledger, const struct withdraw_terms *terms,
    const struct withdraw_parts *parts)
{
    return parts->own_minor <= account_spendable_minor(terms->account) &&
           parts->payout_minor <= withdrawable_minor(ledger, terms->account) &&
           parts->other_minor <= account_spendable_minor(terms->fee_account);
}

/* The largest amount from `least` to `most`, all of one tier, that can be withdrawn; 0: none. */
static int64_t largest_between(const struct ledger *ledger, const struct withdraw_terms *terms,
    int64_t least_minor, int64_t most_minor)
{
    int64_t below = least_minor; /* the least amount that is not known to be covered */
    int64_t above = most_minor + 1;
    while (below < above) {
        int64_t middle = below + (above - below) / 2;
        struct withdraw_parts parts = parts_of(terms, middle);
        if (is_covered(ledger, terms, &parts))
            below = middle + 1;
        else
            above = middle;
    }
    int64_t largest_minor = below - 1;
    if (largest_minor < least_minor)
        return 0;
    /* When a fee inside leaves nothing of the largest, it leaves nothing of smaller ones. */
    struct withdraw_parts parts = parts_of(terms, largest_minor);
    return parts.payout_minor > 0 ? largest_minor : 0;
}

/* The fee may fall from one tier to the next, so an amount that is refused says nothing about a
 * larger one of another tier: tier by tier, from the highest. */
static int64_t largest_amount(const struct ledger *ledger, const struct withdraw_terms *terms)
{
    int64_t most_minor = AMOUNT_MINOR_MAX;
    int64_t largest_minor = 0;
    if (!terms->rule)
        return largest_between(ledger, terms, 1, most_minor);
    for (uint32_t i = terms->rule->tier_count; i > 0 && largest_minor == 0; i--) {
        int64_t from_minor = terms->rule->tiers[i - 1].from_minor;
        int64_t least_minor = from_minor > 0 ? from_minor : 1;
        if (least_minor <= most_minor)
            largest_minor = largest_between(ledger, terms, least_minor, most_minor);
        most_minor = from_minor - 1;
    }
    return largest_minor;
}

/* What is against this amount, which is more than can be withdrawn but not more than available. */
static enum withdraw_limit limit_of(
    const struct ledger *ledger, const struct withdraw_terms *terms, int64_t amount_minor)
{
    struct withdraw_parts parts = parts_of(terms, amount_minor);
    if (parts.payout_minor > withdrawable_minor(ledger, terms->account))
        return WITHDRAW_LIMIT_NOT_YET_WITHDRAWABLE;
    if (parts.own_minor > account_spendable_minor(terms->account))
        return WITHDRAW_LIMIT_FEE;
    if (terms->fee_account->no_out || is_closed(terms->fee_account) ||
        parts.other_minor > account_spendable_minor(terms->fee_account))
        return WITHDRAW_LIMIT_FEE_ACCOUNT;
    CHECK(parts.payout_minor <= 0);
    return WITHDRAW_LIMIT_FEE_NOT_BELOW_AMOUNT;
}

static void quote(const struct ledger *ledger, const struct withdraw_terms *terms,
    struct withdraw_quote *ret_quote)
{
    const struct account *account = terms->account;
    const struct account *bearer = terms->fee_account;
    int64_t available_minor = account->balance_minor[BUCKET_AVAILABLE];
    bool account_gives = !is_closed(account) && !account->no_out;
    bool bearer_gives = !is_closed(bearer) && !bearer->no_out;
    *ret_quote = (struct withdraw_quote){
        .available_minor = available_minor,
        .withdrawable_minor = withdrawable_minor(ledger, account),
        .fee_rule_version = terms->rule ? terms->rule->version : 0,
        .limit = WITHDRAW_LIMIT_NONE,
    };
    if (!account_gives) {
        ret_quote->limit = WITHDRAW_LIMIT_ACCOUNT;
        return;
    }
    int64_t amount_minor = bearer_gives ? largest_amount(ledger, terms) : 0;
    if (amount_minor > 0) {
        struct withdraw_parts parts = parts_of(terms, amount_minor);
        ret_quote->amount_minor = amount_minor;
        ret_quote->fee_minor = parts.fee_minor;
        ret_quote->arrives_minor = parts.payout_minor;
    }
    if (amount_minor < available_minor && amount_minor < AMOUNT_MINOR_MAX)
        ret_quote->limit = limit_of(ledger, terms, amount_minor + 1);
}

enum outcome engine_quote_withdraw(const struct engine *engine, int64_t ledger_id,
    const struct withdraw *asked, struct withdraw_quote *ret_quote)
{
    const struct ledger *ledger = engine_find_ledger(engine, ledger_id);
    struct withdraw_terms terms;
    if (!ledger)
        return OUTCOME_LEDGER_NOT_FOUND;
    enum outcome outcome = find_terms(engine, ledger, asked, &terms);
    if (outcome != OUTCOME_ACCEPTED)
        return outcome;
    quote(ledger, &terms, ret_quote);
    return OUTCOME_ACCEPTED;
}

/* ---- what became of it ---- */

/* What can happen to a payout: the bank's results, and being intercepted. */
enum payout_event { PAYOUT_INTERCEPTED = PAYOUT_RESULT_UNKNOWN + 1, PAYOUT_EVENTS };

#define EACH(outcome)                                                                              \
    {                                                                                              \
        [PAYOUT_RESULT_PAID] = outcome, [PAYOUT_RESULT_FAILED] = outcome,                          \
        [PAYOUT_RESULT_RETURNED] = outcome, [PAYOUT_RESULT_SENT] = outcome,                        \
        [PAYOUT_RESULT_UNKNOWN] = outcome, [PAYOUT_INTERCEPTED] = outcome,                         \
    }

/* By status and event. A payout that is unknown is asked for, never sent again. */
static const enum outcome transitions[PAYOUT_CANCELLED + 1][PAYOUT_EVENTS] = {
    [PAYOUT_REQUESTED] =
        {
            [PAYOUT_RESULT_PAID] = OUTCOME_ACCEPTED,
            [PAYOUT_RESULT_FAILED] = OUTCOME_ACCEPTED,
            [PAYOUT_RESULT_RETURNED] = OUTCOME_PAYOUT_NOT_PAID,
            [PAYOUT_RESULT_SENT] = OUTCOME_ACCEPTED,
            [PAYOUT_RESULT_UNKNOWN] = OUTCOME_ACCEPTED,
            [PAYOUT_INTERCEPTED] = OUTCOME_ACCEPTED,
        },
    [PAYOUT_SENT] =
        {
            [PAYOUT_RESULT_PAID] = OUTCOME_ACCEPTED,
            [PAYOUT_RESULT_FAILED] = OUTCOME_ACCEPTED,
            [PAYOUT_RESULT_RETURNED] = OUTCOME_PAYOUT_NOT_PAID,
            [PAYOUT_RESULT_SENT] = OUTCOME_PAYOUT_ALREADY_SENT,
            [PAYOUT_RESULT_UNKNOWN] = OUTCOME_ACCEPTED,
            [PAYOUT_INTERCEPTED] = OUTCOME_PAYOUT_ALREADY_SENT,
        },
    [PAYOUT_UNKNOWN] =
        {
            [PAYOUT_RESULT_PAID] = OUTCOME_ACCEPTED,
            [PAYOUT_RESULT_FAILED] = OUTCOME_ACCEPTED,
            [PAYOUT_RESULT_RETURNED] = OUTCOME_PAYOUT_NOT_PAID,
            [PAYOUT_RESULT_SENT] = OUTCOME_PAYOUT_ALREADY_UNKNOWN,
            [PAYOUT_RESULT_UNKNOWN] = OUTCOME_PAYOUT_ALREADY_UNKNOWN,
            [PAYOUT_INTERCEPTED] = OUTCOME_PAYOUT_ALREADY_SENT,
        },
    [PAYOUT_PAID] =
        {
            [PAYOUT_RESULT_PAID] = OUTCOME_PAYOUT_ALREADY_PAID,
            [PAYOUT_RESULT_FAILED] = OUTCOME_PAYOUT_ALREADY_PAID,
            [PAYOUT_RESULT_RETURNED] = OUTCOME_ACCEPTED, /* until return_until */
            [PAYOUT_RESULT_SENT] = OUTCOME_PAYOUT_ALREADY_PAID,
            [PAYOUT_RESULT_UNKNOWN] = OUTCOME_PAYOUT_ALREADY_PAID,
            [PAYOUT_INTERCEPTED] = OUTCOME_PAYOUT_ALREADY_PAID,
        },
    [PAYOUT_FAILED] = EACH(OUTCOME_PAYOUT_ALREADY_FAILED),
    [PAYOUT_RETURNED] = EACH(OUTCOME_PAYOUT_ALREADY_RETURNED),
    [PAYOUT_CANCELLED] = EACH(OUTCOME_PAYOUT_ALREADY_CANCELLED),
};

/* OUTCOME_ACCEPTED with the payout of the ledger if this can happen to it, or why not. */
static enum outcome find_payout(const struct engine *engine, const struct ledger *ledger,
    int64_t payout_id, int32_t event, const struct payout **ret_payout)
{
    const struct payout *payout = engine_find_payout(engine, payout_id);
    if (!payout || payout->ledger_id != ledger->id)
        return OUTCOME_PAYOUT_NOT_FOUND;
    CHECK(payout->status >= PAYOUT_REQUESTED && payout->status <= PAYOUT_CANCELLED);
    CHECK(event >= PAYOUT_RESULT_PAID && event < PAYOUT_EVENTS);
    *ret_payout = payout;
    return transitions[payout->status][event];
}

/* NULL: a fee without a rule, or none. */
static const struct fee_rule *rule_of(const struct engine *engine, const struct payout *payout)
{
    return payout->fee_rule_id != 0 ? &engine->fee_rules[payout->fee_rule_id] : NULL;
}

/* Gives a part of the fee back. What the bank said must be booked, whether the fee was collected or
 * not: a fee account may become negative by this. */
static void give_fee_back(
    struct engine *engine, const struct ledger *ledger, struct payout *payout, int64_t back_minor)
{
    struct fee_legs legs;
    CHECK(back_minor >= 0 && back_minor <= payout->fee_minor - payout->fee_returned_minor);
    if (back_minor == 0)
        return;
    split_fee_back(engine, ledger, rule_of(engine, payout), payout->fee_minor,
        payout->fee_returned_minor, payout->fee_returned_minor + back_minor, &legs);
    book_fee_back(engine, &legs, owner_now(engine, ledger, payout->fee_account_id));
    payout->fee_returned_minor += back_minor;
}

/* What of the fee comes back now that the payout failed or so much of it has returned: by the fee's
 * rule; without a rule, back when it failed, kept when it returned. */
static int64_t fee_back_minor(
    const struct engine *engine, const struct payout *payout, enum payout_result result)
{
    const struct fee_rule *rule = &engine->fee_rules[payout->fee_rule_id];
    bool has_rule = payout->fee_rule_id != 0;
    if (result == PAYOUT_RESULT_FAILED)
        return has_rule && rule->on_payout_failed == PAYOUT_FEE_KEPT ? 0 : payout->fee_minor;
    CHECK(result == PAYOUT_RESULT_RETURNED);
    if (!has_rule || rule->on_payout_returned == PAYOUT_FEE_KEPT)
        return 0;
    return fee_proportion(payout->fee_minor, payout->returned_minor, payout->amount_minor) -
           payout->fee_returned_minor;
}

static int32_t return_until(const struct ledger *ledger)
{
    int32_t date = ledger->accounting_dates[0] + ledger->payout_return_days;
    return date < DATE_DAYS_MAX ? date : DATE_DAYS_MAX;
}

/* Whether the ledger can hold what comes back of the amount and, as far as the fee accounts do not
 * have it, of the fee. */
static bool can_take_back(const struct engine *engine, const struct ledger *ledger,
    const struct payout *payout, int64_t returned_minor, int64_t fee_minor)
{
    struct fee_legs legs;
    int64_t more_minor = returned_minor;
    split_fee_back(engine, ledger, rule_of(engine, payout), payout->fee_minor,
        payout->fee_returned_minor, payout->fee_returned_minor + fee_minor, &legs);
    for (uint32_t i = 0; i < legs.count; i++) {
        int64_t has_minor = engine->accounts[legs.account_ids[i]].balance_minor[BUCKET_AVAILABLE];
        more_minor += below_zero(has_minor - legs.amounts[i]) - below_zero(has_minor);
    }
    return can_take(engine, ledger, more_minor);
}

/* Books the bank's word; `returned_minor` is of a return. */
static void book_result(struct engine *engine, const struct ledger *ledger, struct payout *payout,
    enum payout_result result, int64_t returned_minor)
{
    const struct account *account = &engine->accounts[payout->account_id];
    const struct account *escrow = control_account(engine, ledger, ACCOUNT_ESCROW);
    switch (result) {
    case PAYOUT_RESULT_PAID:
        book(engine, payout->amount_minor, account, BUCKET_PENDING_OUT, escrow, BUCKET_AVAILABLE);
        payout->status = PAYOUT_PAID;
        payout->return_until = return_until(ledger);
        count_returnable(engine, payout, 1);
        count_open_payout(engine, ledger->id, -1);
        break;
    case PAYOUT_RESULT_FAILED:
        book(engine, payout->amount_minor, account, BUCKET_PENDING_OUT, account, BUCKET_AVAILABLE);
        give_fee_back(engine, ledger, payout, fee_back_minor(engine, payout, result));
        payout->status = PAYOUT_FAILED;
        count_open_payout(engine, ledger->id, -1);
        break;
    case PAYOUT_RESULT_RETURNED:
        book(engine, returned_minor, escrow, BUCKET_AVAILABLE,
            owner_now(engine, ledger, account->id), BUCKET_AVAILABLE);
        if (payout->returned_minor + returned_minor == payout->amount_minor)
            count_returnable(engine, payout, -1);
        payout->returned_minor += returned_minor;
        give_fee_back(engine, ledger, payout, fee_back_minor(engine, payout, result));
        if (payout->returned_minor == payout->amount_minor)
            payout->status = PAYOUT_RETURNED;
        break;
    case PAYOUT_RESULT_SENT:
        payout->status = PAYOUT_SENT;
        break;
    case PAYOUT_RESULT_UNKNOWN:
        payout->status = PAYOUT_UNKNOWN;
        break;
    }
}

/* The command is the evidence of the payout's status. */
static void record_evidence(struct engine *engine, struct payout *payout)
{
    payout->evidence_sequence = engine->sequence;
    record_image(engine, RECORD_PAYOUT, payout->id);
    note_order_number(engine, payout->order_number, payout->order_number_length);
    engine->effects->subject_id = payout->id;
}

static enum outcome confirm(
    struct engine *engine, const struct ledger *ledger, const struct confirm_payout *asked)
{
    const struct payout *payout = NULL;
    int64_t returned_minor = 0;
    enum outcome outcome = find_payout(engine, ledger, asked->payout_id, asked->result, &payout);
    if (outcome != OUTCOME_ACCEPTED)
        return outcome;
    if (asked->result == PAYOUT_RESULT_RETURNED) {
        int64_t rest_minor = payout->amount_minor - payout->returned_minor;
        returned_minor = asked->amount_minor != 0 ? asked->amount_minor : rest_minor;
        if (!payout_may_return(payout, ledger->accounting_dates[0]))
            return OUTCOME_PAYOUT_FINAL;
        if (returned_minor > rest_minor)
            return refuse_at(engine, OUTCOME_ABOVE_REST, rest_minor);
    }
    if (asked->result == PAYOUT_RESULT_FAILED || asked->result == PAYOUT_RESULT_RETURNED) {
        struct payout after = *payout;
        after.returned_minor += returned_minor;
        int64_t fee_minor = fee_back_minor(engine, &after, (enum payout_result)asked->result);
        if (!can_take_back(engine, ledger, payout, returned_minor, fee_minor))
            return refuse_at(engine, OUTCOME_AMOUNT_OVERFLOW, room_minor(engine, ledger));
    }

    struct payout *changed = change_payout(engine, payout->id);
    book_result(engine, ledger, changed, (enum payout_result)asked->result, returned_minor);
    record_evidence(engine, changed);
    return OUTCOME_ACCEPTED;
}

/* ---- a wrong word of the bank ---- */

/* What two persons may say instead of what was said, by the status now. From failed or intercepted
 * to wholly returned and back no money moves: it is not done. */
static enum outcome check_right_word(
    const struct payout *payout, enum payout_result right, int64_t back_minor)
{
    bool is_whole = back_minor == payout->amount_minor;
    if (!payout_is_open(payout) && back_minor > payout->amount_minor)
        return OUTCOME_ABOVE_REST;
    switch ((enum payout_status)payout->status) {
    case PAYOUT_REQUESTED:
    case PAYOUT_SENT:
    case PAYOUT_UNKNOWN:
        return OUTCOME_PAYOUT_NOT_DECIDED;
    case PAYOUT_FAILED:
        return right == PAYOUT_RESULT_FAILED || is_whole ? OUTCOME_PAYOUT_ALREADY_FAILED
                                                         : OUTCOME_ACCEPTED;
    case PAYOUT_CANCELLED:
        return right == PAYOUT_RESULT_FAILED || is_whole ? OUTCOME_PAYOUT_ALREADY_CANCELLED
                                                         : OUTCOME_ACCEPTED;
    case PAYOUT_PAID:
        if (right == PAYOUT_RESULT_PAID && payout->returned_minor == 0)
            return OUTCOME_PAYOUT_ALREADY_PAID;
        return right == PAYOUT_RESULT_RETURNED && payout->returned_minor == back_minor
                   ? OUTCOME_PAYOUT_ALREADY_RETURNED
                   : OUTCOME_ACCEPTED;
    case PAYOUT_RETURNED:
        return right == PAYOUT_RESULT_FAILED || is_whole ? OUTCOME_PAYOUT_ALREADY_RETURNED
                                                         : OUTCOME_ACCEPTED;
    }
    CHECK(0 && "a known status of a payout");
    return OUTCOME_PAYOUT_NOT_FOUND;
}

/* What is outside the escrow account. */
static int64_t outside_minor(const struct payout *payout)
{
    bool has_left = payout->status == PAYOUT_PAID || payout->status == PAYOUT_RETURNED;
    return has_left ? payout->amount_minor - payout->returned_minor : 0;
}

/* The payout as the right word makes it. */
static struct payout corrected(const struct engine *engine, const struct ledger *ledger,
    const struct payout *payout, enum payout_result right, int64_t back_minor)
{
    struct payout after = *payout;
    after.returned_minor = back_minor;
    after.fee_returned_minor = 0;
    if (right == PAYOUT_RESULT_FAILED) {
        after.status = PAYOUT_FAILED;
        after.return_until = 0;
        after.fee_returned_minor = fee_back_minor(engine, &after, right);
        return after;
    }
    after.status = back_minor == payout->amount_minor ? PAYOUT_RETURNED : PAYOUT_PAID;
    if (after.return_until == 0)
        after.return_until = return_until(ledger);
    after.fee_returned_minor = fee_back_minor(engine, &after, PAYOUT_RESULT_RETURNED);
    return after;
}

/* Who gives what left after all: the account, restricted or not; UNALLOCATED when it was closed
 * since, where what came back for it had gone. */
static const struct account *giver_now(
    const struct engine *engine, const struct ledger *ledger, int64_t account_id)
{
    const struct account *account = &engine->accounts[account_id];
    return is_closed(account) ? control_account(engine, ledger, ACCOUNT_UNALLOCATED) : account;
}

/* Whether those who must give the difference have it. */
static enum outcome check_givers(const struct engine *engine, const struct ledger *ledger,
    const struct payout *payout, int64_t leaves_minor, int64_t fee_minor)
{
    const int64_t ids[] = {payout->account_id, payout->fee_account_id};
    int64_t amounts[] = {leaves_minor > 0 ? leaves_minor : 0, fee_minor > 0 ? fee_minor : 0};
    const struct account *givers[2] = {0};
    enum outcome outcome = OUTCOME_ACCEPTED;
    for (int i = 0; i < 2; i++) {
        if (amounts[i] == 0)
            continue;
        givers[i] = giver_now(engine, ledger, ids[i]);
    }
    if (givers[0] == givers[1])
        amounts[0] += amounts[1];
    for (int i = 0; i < 2; i++) {
        if (givers[i] && givers[i]->balance_minor[BUCKET_AVAILABLE] < amounts[i])
            outcome = earlier(outcome, givers[i]->kind == ACCOUNT_PLATFORM_OWN
                                           ? OUTCOME_INSUFFICIENT_PLATFORM_OWN
                                           : OUTCOME_INSUFFICIENT_AVAILABLE);
    }
    return outcome;
}

/* The amount first, then the fee: an order's sums rely on it. */
static void book_difference(struct engine *engine, const struct ledger *ledger,
    const struct payout *before, const struct payout *after)
{
    const struct account *escrow = control_account(engine, ledger, ACCOUNT_ESCROW);
    int64_t leaves_minor = outside_minor(after) - outside_minor(before);
    int64_t fee_minor = before->fee_returned_minor - after->fee_returned_minor;
    struct fee_legs legs;
    CHECK(leaves_minor != 0);
    if (leaves_minor > 0)
        book(engine, leaves_minor, giver_now(engine, ledger, before->account_id), BUCKET_AVAILABLE,
            escrow, BUCKET_AVAILABLE);
    else
        book(engine, -leaves_minor, escrow, BUCKET_AVAILABLE,
            owner_now(engine, ledger, before->account_id), BUCKET_AVAILABLE);
    split_fee_back(engine, ledger, rule_of(engine, before), before->fee_minor,
        fee_minor > 0 ? after->fee_returned_minor : before->fee_returned_minor,
        fee_minor > 0 ? before->fee_returned_minor : after->fee_returned_minor, &legs);
    if (fee_minor > 0)
        book_fee(
            engine, &legs, giver_now(engine, ledger, before->fee_account_id), BUCKET_AVAILABLE);
    else if (fee_minor < 0)
        book_fee_back(engine, &legs, owner_now(engine, ledger, before->fee_account_id));
}

static enum outcome correct(
    struct engine *engine, const struct ledger *ledger, const struct command *command)
{
    const struct confirm_payout *asked = &command->confirm_payout;
    enum payout_result right = (enum payout_result)asked->result;
    const struct payout *payout = engine_find_payout(engine, asked->payout_id);
    if (!payout || payout->ledger_id != ledger->id)
        return earlier(OUTCOME_PAYOUT_NOT_FOUND,
            check_second_person(ledger, command, asked->first_sequence, 0));
    int64_t back_minor = asked->amount_minor;
    if (right == PAYOUT_RESULT_RETURNED && back_minor == 0)
        back_minor = payout->amount_minor;
    enum outcome outcome =
        check_second_person(ledger, command, asked->first_sequence, payout->changed_sequence);
    enum outcome of_word = check_right_word(payout, right, back_minor);
    if (of_word != OUTCOME_ACCEPTED)
        return earlier(outcome, of_word);
    struct payout after = corrected(engine, ledger, payout, right, back_minor);
    int64_t leaves_minor = outside_minor(&after) - outside_minor(payout);
    int64_t fee_minor = payout->fee_returned_minor - after.fee_returned_minor;
    outcome = earlier(outcome, check_givers(engine, ledger, payout, leaves_minor, fee_minor));
    if (!can_take_back(engine, ledger, payout, leaves_minor < 0 ? -leaves_minor : 0,
            fee_minor < 0 ? -fee_minor : 0))
        outcome = earlier(
            outcome, refuse_at(engine, OUTCOME_AMOUNT_OVERFLOW, room_minor(engine, ledger)));
    if (outcome != OUTCOME_ACCEPTED)
        return outcome;

    struct payout *changed = change_payout(engine, payout->id);
    book_difference(engine, ledger, changed, &after);
    count_returnable(engine, changed, -1);
    changed->status = after.status;
    changed->return_until = after.return_until;
    changed->returned_minor = after.returned_minor;
    changed->fee_returned_minor = after.fee_returned_minor;
    count_returnable(engine, changed, 1);
    record_evidence(engine, changed);
    return OUTCOME_ACCEPTED;
}

enum outcome execute_confirm_payout(
    struct engine *engine, const struct ledger *ledger, const struct command *command)
{
    const struct confirm_payout *asked = &command->confirm_payout;
    return asked->correction ? correct(engine, ledger, command) : confirm(engine, ledger, asked);
}

enum outcome execute_intercept_payout(
    struct engine *engine, const struct ledger *ledger, const struct command *command)
{
    const struct intercept_payout *asked = &command->intercept_payout;
    const struct payout *payout = NULL;
    enum outcome outcome =
        find_payout(engine, ledger, asked->payout_id, PAYOUT_INTERCEPTED, &payout);
    if (outcome != OUTCOME_ACCEPTED)
        return outcome;
    if (!can_take_back(engine, ledger, payout, 0, payout->fee_minor))
        return refuse_at(engine, OUTCOME_AMOUNT_OVERFLOW, room_minor(engine, ledger));

    const struct account *account = &engine->accounts[payout->account_id];
    struct payout *changed = change_payout(engine, payout->id);
    book(engine, payout->amount_minor, account, BUCKET_PENDING_OUT, account, BUCKET_AVAILABLE);
    give_fee_back(engine, ledger, changed, payout->fee_minor);
    changed->status = PAYOUT_CANCELLED;
    count_open_payout(engine, ledger->id, -1);
    record_evidence(engine, changed);
    return OUTCOME_ACCEPTED;
}
