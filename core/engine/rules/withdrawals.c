/* withdrawals.c: money leaves, and how much can.
 * SPDX-License-Identifier: Apache-2.0 */
#include "engine/memory/changes.h"
#include "engine/memory/memory.h"
#include "engine/memory/records.h"
#include "engine/rules/account_policy.h"
#include "engine/rules/accounts.h"
#include "engine/rules/book.h"
#include "engine/rules/card_flows.h"
#include "engine/rules/cards.h"
#include "engine/rules/commands.h"
#include "engine/rules/debts.h"
#include "engine/rules/fees.h"
#include "engine/rules/payments.h"
#include "engine/rules/payouts.h"
#include "engine/rules/receipts.h"
#include "engine/rules/refusals.h"
#include "engine/rules/returns.h"
#include "engine/rules/screening.h"
#include "engine/rules/texts.h"
#include "engine/rules/watch.h"
#include "model/fee.h"
#include "model/money.h"

/* ---- withdrawing ---- */

/* How the fee of a withdrawal is computed, and who takes part. */
struct withdraw_terms {
    const struct account *account;
    const struct account *fee_account; /* who gives the fee; the same unless another bears it */
    const struct fee_rule *rule;       /* NULL: an explicit fee, or none */
    int64_t explicit_fee_minor;
    enum fee_mode mode;
    int64_t policy_minor; /* what the ledger's policy lets leave; of a quote only */
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
    if (spendable_minor(engine, terms->account) < parts->own_minor)
        outcome = refuse_at(
            engine, OUTCOME_INSUFFICIENT_AVAILABLE, spendable_minor(engine, terms->account));
    /* The own fee may be paid from what is not withdrawable yet. */
    else if (parts->payout_minor > withdrawable_minor(engine, ledger, terms->account))
        outcome = refuse_at(engine, OUTCOME_NOT_YET_WITHDRAWABLE,
            withdrawable_minor(engine, ledger, terms->account));
    if (spendable_minor(engine, terms->fee_account) < parts->other_minor)
        outcome = earlier(outcome,
            refuse_at(engine,
                terms->fee_account->kind == ACCOUNT_MEMBER ? OUTCOME_INSUFFICIENT_AVAILABLE
                                                           : OUTCOME_INSUFFICIENT_PLATFORM_OWN,
                spendable_minor(engine, terms->fee_account)));
    return outcome;
}

/* One payout; account.available -> account.pending_out. */
static struct payout *start_payout(struct engine *engine, const struct withdraw *asked,
    const struct account *account, const struct card_part *part)
{
    book(engine, part->amount_minor, account, BUCKET_AVAILABLE, account, BUCKET_PENDING_OUT);
    struct payout *payout = add_payout(engine, account, part->amount_minor);
    payout->order_number_length =
        copy_text(payout->order_number, ORDER_NUMBER_BYTES_MAX, asked->order_number);
    if (part->card_id != 0) {
        struct effects *effects = engine->effects;
        count_card_payout(engine, account, part->card_id, part->amount_minor);
        effects->card_parts[effects->card_part_count++] = *part;
    }
    return payout;
}

/* The payouts, then the fee, its bearer -> fee accounts: it is the first payout's. */
static void book_withdrawal(struct engine *engine, const struct ledger *ledger,
    const struct withdraw *asked, const struct withdraw_terms *terms,
    const struct withdraw_parts *parts, const struct card_part *by_card, uint32_t count)
{
    struct fee_legs legs;
    struct payout *first = start_payout(engine, asked, terms->account, &by_card[0]);
    for (uint32_t i = 1; i < count; i++)
        start_payout(engine, asked, terms->account, &by_card[i]);
    split_fee(engine, ledger, terms->rule, parts->fee_minor, &legs);
    book_fee(engine, &legs, terms->fee_account, BUCKET_AVAILABLE);

    first->fee_minor = parts->fee_minor;
    first->fee_account_id = parts->fee_minor > 0 ? terms->fee_account->id : 0;
    first->fee_rule_id = terms->rule ? terms->rule->id : 0;
    engine->effects->subject_id = first->id;
    engine->effects->fee_minor = parts->fee_minor;
    engine->effects->fee_rule_version = terms->rule ? terms->rule->version : 0;
}

enum outcome execute_withdraw(
    struct engine *engine, const struct ledger *ledger, const struct command *command)
{
    const struct withdraw *asked = &command->withdraw;
    struct withdraw_terms terms;
    struct card_choice choice;
    enum outcome outcome = find_terms(engine, ledger, asked, &terms);
    outcome = earlier(outcome, choose_card(engine, ledger, asked, terms.account, &choice));
    if (is_closed(terms.account) || is_closed(terms.fee_account))
        outcome = earlier(outcome, OUTCOME_ACCOUNT_CLOSED);
    if (terms.account && terms.account->kind == ACCOUNT_PLATFORM_OWN)
        outcome = earlier(outcome, check_platform_party(engine, ledger, &asked->destination));
    if (!has_room(engine, RECORD_PAYOUT, choice.is_servers ? CARDS_PER_MEMBER_MAX : 1))
        outcome = earlier(outcome, OUTCOME_TOO_MANY_PAYOUTS);
    if (outcome != OUTCOME_ACCEPTED)
        return outcome;
    /* From here on the rules are looked at in the order of the list. */
    if (account_gives_none(terms.account) || account_gives_none(terms.fee_account))
        return OUTCOME_ACCOUNT_RESTRICTED_OUT;
    if (is_denied_party(engine, ledger, &asked->destination))
        return OUTCOME_PARTY_RESTRICTED;
    struct withdraw_parts parts = parts_of(&terms, asked->amount_minor);
    struct card_part by_card[CARDS_PER_MEMBER_MAX];
    uint32_t count = 0;
    outcome = check_parts(engine, ledger, &terms, &parts);
    if (parts.payout_minor > 0)
        outcome = earlier(outcome, split_by_card(engine, ledger, terms.account, &choice,
                                       parts.payout_minor, by_card, &count));
    if (outcome != OUTCOME_ACCEPTED)
        return outcome;

    book_withdrawal(engine, ledger, asked, &terms, &parts, by_card, count);
    return OUTCOME_ACCEPTED;
}

/* ---- the quote ---- */

/* Whether nothing is too little for this amount. Holds for every smaller amount of the same tier,
 * too: what is given rises with the amount, and so does what arrives. */
static bool is_covered(const struct engine *engine, const struct ledger *ledger,
    const struct withdraw_terms *terms, const struct withdraw_parts *parts)
{
    return parts->own_minor <= spendable_minor(engine, terms->account) &&
           parts->payout_minor <= withdrawable_minor(engine, ledger, terms->account) &&
           parts->payout_minor <= terms->policy_minor &&
           parts->other_minor <= spendable_minor(engine, terms->fee_account);
}

/* The largest amount from `least` to `most`, all of one tier, that can be withdrawn; 0: none. */
static int64_t largest_between(const struct engine *engine, const struct ledger *ledger,
    const struct withdraw_terms *terms, int64_t least_minor, int64_t most_minor)
{
    int64_t below = least_minor; /* the least amount that is not known to be covered */
    int64_t above = most_minor + 1;
    while (below < above) {
        int64_t middle = below + (above - below) / 2;
        struct withdraw_parts parts = parts_of(terms, middle);
        if (is_covered(engine, ledger, terms, &parts))
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
static int64_t largest_amount(
    const struct engine *engine, const struct ledger *ledger, const struct withdraw_terms *terms)
{
    int64_t most_minor = AMOUNT_MINOR_MAX;
    int64_t largest_minor = 0;
    if (!terms->rule)
        return largest_between(engine, ledger, terms, 1, most_minor);
    for (uint32_t i = terms->rule->tier_count; i > 0 && largest_minor == 0; i--) {
        int64_t from_minor = terms->rule->tiers[i - 1].from_minor;
        int64_t least_minor = from_minor > 0 ? from_minor : 1;
        if (least_minor <= most_minor)
            largest_minor = largest_between(engine, ledger, terms, least_minor, most_minor);
        most_minor = from_minor - 1;
    }
    return largest_minor;
}

/* What is against this amount, which is more than can be withdrawn but not more than available. */
static enum withdraw_limit limit_of(const struct engine *engine, const struct ledger *ledger,
    const struct withdraw_terms *terms, int64_t amount_minor)
{
    struct withdraw_parts parts = parts_of(terms, amount_minor);
    if (parts.payout_minor > withdrawable_minor(engine, ledger, terms->account))
        return WITHDRAW_LIMIT_NOT_YET_WITHDRAWABLE;
    if (parts.own_minor > spendable_minor(engine, terms->account))
        return WITHDRAW_LIMIT_FEE;
    if (account_gives_none(terms->fee_account) || is_closed(terms->fee_account) ||
        parts.other_minor > spendable_minor(engine, terms->fee_account))
        return WITHDRAW_LIMIT_FEE_ACCOUNT;
    if (parts.payout_minor <= 0)
        return WITHDRAW_LIMIT_FEE_NOT_BELOW_AMOUNT;
    CHECK(parts.payout_minor > terms->policy_minor);
    return WITHDRAW_LIMIT_POLICY;
}

static void quote(const struct engine *engine, const struct ledger *ledger,
    const struct withdraw_terms *terms, struct withdraw_quote *ret_quote)
{
    const struct account *account = terms->account;
    const struct account *bearer = terms->fee_account;
    int64_t available_minor = account->balance_minor[BUCKET_AVAILABLE];
    bool is_by_card = account->kind == ACCOUNT_MEMBER && holds_same_card(engine, ledger->id);
    bool account_gives = !is_closed(account) && !account_gives_none(account);
    bool bearer_gives = !is_closed(bearer) && !account_gives_none(bearer);
    *ret_quote = (struct withdraw_quote){
        .available_minor = available_minor,
        .withdrawable_minor = withdrawable_minor(engine, ledger, account),
        .fee_rule_version = terms->rule ? terms->rule->version : 0,
        .limit = WITHDRAW_LIMIT_NONE,
    };
    ret_quote->card_count =
        quote_cards(engine, ledger, account, terms->policy_minor, ret_quote->cards);
    if (!account_gives) {
        ret_quote->limit = WITHDRAW_LIMIT_ACCOUNT;
        return;
    }
    if (is_by_card && !main_card(engine, account->member_id)) {
        ret_quote->limit = WITHDRAW_LIMIT_CARD;
        return;
    }
    int64_t amount_minor = bearer_gives ? largest_amount(engine, ledger, terms) : 0;
    if (amount_minor > 0) {
        struct withdraw_parts parts = parts_of(terms, amount_minor);
        ret_quote->amount_minor = amount_minor;
        ret_quote->fee_minor = parts.fee_minor;
        ret_quote->arrives_minor = parts.payout_minor;
    }
    if (amount_minor < available_minor && amount_minor < AMOUNT_MINOR_MAX)
        ret_quote->limit = limit_of(engine, ledger, terms, amount_minor + 1);
}

enum outcome engine_quote_withdraw(const struct engine *engine, int64_t now_us, int64_t ledger_id,
    const struct withdraw *asked, struct withdraw_quote *ret_quote)
{
    const struct ledger *ledger = engine_find_ledger(engine, ledger_id);
    struct withdraw_terms terms;
    if (!ledger)
        return OUTCOME_LEDGER_NOT_FOUND;
    enum outcome outcome = find_terms(engine, ledger, asked, &terms);
    if (outcome != OUTCOME_ACCEPTED)
        return outcome;
    terms.policy_minor = policy_withdrawable_minor(engine, now_us, ledger, terms.account);
    quote(engine, ledger, &terms, ret_quote);
    return OUTCOME_ACCEPTED;
}
