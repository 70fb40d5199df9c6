/* random_funds.c: commands about money and fees, see random_commands.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "random_picks.h"

#include "base/check.h"
#include "commands.h"
#include "model/money.h"
#include "model/receiving_number.h"

#include <stdio.h>
#include <string.h>

enum { FEE_ACCOUNTS_MOST = 4, ROOM = 16 };

/* As one bank or another writes it. */
static struct text pick_reference(struct random *random)
{
    static char reference[40];
    static const struct {
        const char *before, *behind;
    } spellings[] = {{"P-", ""}, {"P-", ""}, {"Ｐ－", ""}, {" P-", ""}, {"P-", "\xe3\x80\x80"},
        {"P -", ""}, {"p-", ""}, {"P", ""}};
    uint64_t spelling = random_below(random, sizeof spellings / sizeof *spellings);
    int number = (int)random_below(random, random_percent(random, 40) ? 20 : 100000);
    static const char *const nones[] = {" ", "NONREF", "Not Provided", "NonRef"};
    if (random_percent(random, 8))
        return text_of(nones[random_below(random, sizeof nones / sizeof *nones)]);
    int length = snprintf(reference, sizeof reference, "%s%d%s", spellings[spelling].before, number,
        spellings[spelling].behind);
    CHECK(length > 0 && (size_t)length < sizeof reference);
    return text_of(reference);
}

static struct command plain_receipt(
    struct random *random, const struct naive_model *model, int64_t ledger)
{
    static char number[RECEIVING_NUMBER_BYTES_MAX];
    static char written[8 * RECEIVING_NUMBER_BYTES_MAX];
    int64_t account = pick_account(random, model, ledger);
    int64_t amount = pick_amount_in(random, model, ledger);
    if (random_percent(random, 12))
        account = pick_account_of_kind(random, model, ledger, ACCOUNT_PLATFORM_OWN);
    else if (random_percent(random, 4))
        account = pick_debtor(random, model, ledger);
    if (random_percent(random, 50))
        return make_receipt_from(ledger, account, amount, pick_party(random, model, ledger));
    if (ledger < 1 || ledger > model->ledger_count || account > 999999999 ||
        random_percent(random, 3))
        return make_receipt_by_number(ledger, "张三的货款", amount);
    uint32_t length =
        receiving_number_format(text_of(model->ledgers[ledger].receiving_prefix), account, number);
    if (random_percent(random, 10)) {
        char *digit = &number[random_below(random, length)];
        *digit = (char)('0' + (*digit - '0' + 1) % 10);
    }
    if (random_percent(random, 70))
        return make_receipt_by_number(ledger, number, amount);
    /* As a payer may write it. */
    size_t size = 0;
    for (uint32_t i = 0; i < length; i++) {
        static const char *const between[] = {"", "", " ", "-", "\xe3\x80\x80"};
        static const char wide[][4] = {"\uff10", "\uff11", "\uff12", "\uff13", "\uff14", "\uff15",
            "\uff16", "\uff17", "\uff18", "\uff19"};
        const char *parts[] = {between[random_below(random, 5)], wide[number[i] - '0']};
        char plain[2] = {number[i], '\0'};
        if (random_percent(random, 70))
            parts[1] = plain;
        for (int part = 0; part < 2; part++) {
            memcpy(written + size, parts[part], strlen(parts[part]) + 1);
            size += strlen(parts[part]);
        }
    }
    return make_receipt_by_number(ledger, written, amount);
}

struct command random_receipt(
    struct random *random, const struct naive_model *model, int64_t ledger)
{
    struct command command = plain_receipt(random, model, ledger);
    if (random_percent(random, 30))
        command.book_receipt.bank_reference = pick_reference(random);
    /* The bank says mostly who paid, so that it can go back. */
    if (command.book_receipt.account_id == 0 && random_percent(random, 60))
        command.book_receipt.payer = pick_some_party(random);
    return command;
}

struct command random_set_terms(struct random *random, int64_t ledger)
{
    struct party own = party_of("", "");
    if (random_percent(random, 85)) {
        own = pick_some_party(random);
        if (random_percent(random, 50))
            own.bank_code = text_of("102100099996");
    }
    int32_t days = random_percent(random, 60) ? (int32_t)random_between(random, 1, 3)
                                              : (int32_t)random_between(random, 0, 366);
    struct command command = make_set_terms(ledger, own, random_percent(random, 75), days);
    struct set_terms *terms = &command.set_terms;
    terms->named = random_percent(random, 50) ? TERM_OWN_ACCOUNT : 0;
    terms->named |= random_percent(random, 50) ? TERM_ADVANCE_REFUNDS : 0;
    terms->named |= random_percent(random, 50) ? TERM_PAYOUT_RETURN_DAYS : 0;
    terms->named |= random_percent(random, 50) ? TERM_SUSPENSE_AGE : 0;
    if (random_percent(random, 10))
        terms->named |= TERM_ONE_MEMBERSHIP;
    if (random_percent(random, 3))
        terms->named |= TERM_SAME_CARD;
    if (terms->named == 0)
        return command; /* all of them, as before schema 3 */
    if (!(terms->named & TERM_OWN_ACCOUNT))
        terms->own_account = (struct party){0};
    if (!(terms->named & TERM_ADVANCE_REFUNDS))
        terms->advance_refunds = false;
    if (!(terms->named & TERM_PAYOUT_RETURN_DAYS))
        terms->payout_return_days = 0;
    terms->same_card = (terms->named & TERM_SAME_CARD) && random_percent(random, 25);
    terms->one_membership = (terms->named & TERM_ONE_MEMBERSHIP) && random_percent(random, 60);
    if (terms->named & TERM_SUSPENSE_AGE)
        terms->suspense_age_s = random_percent(random, 15) ? 0
                                : random_percent(random, 80)
                                    ? (int32_t)random_between(random, 1, 60)
                                    : SUSPENSE_AGE_S_MAX;
    return command;
}

/* No fee, one that is agreed, or one by a rule. */
void random_set_fee(struct random *random, const struct naive_model *model, int64_t ledger,
    int64_t fee, struct text *rule, int64_t *fee_minor, int32_t *bearer)
{
    *fee_minor = fee;
    if (random_percent(random, 45)) {
        *rule = pick_rule(random, model, ledger);
        *fee_minor = 0;
        *bearer = (int32_t)random_between(random, 0, 2);
    }
}

struct command random_pay(struct random *random, const struct naive_model *model, int64_t ledger)
{
    struct payee payees[PAYEES_MOST];
    int64_t payer = pick_account(random, model, ledger);
    int64_t amount = pick_amount_out(random, model, ledger, payer);
    int64_t fee = pick_fee(random, &amount);
    uint32_t count = pick_payees(random, model, ledger, payer, amount, payees);
    struct command command = make_split(ledger, payer, payees, count, fee);
    struct pay *pay = &command.pay;
    random_set_fee(random, model, ledger, fee, &pay->fee_rule, &pay->fee_minor, &pay->fee_bearer);
    pay->withdrawable_next_date = random_percent(random, 35);
    pay->order_number = random_percent(random, 80) ? pick_order(random) : text_of("");
    return command;
}

/* ---- withdrawals ---- */

struct command random_withdraw(
    struct random *random, const struct naive_model *model, int64_t ledger)
{
    int64_t account = random_percent(random, 12)
                          ? pick_account_of_kind(random, model, ledger, ACCOUNT_PLATFORM_OWN)
                          : pick_account(random, model, ledger);
    int64_t amount = pick_amount_out(random, model, ledger, account);
    if (model->payout_count >= NAIVE_PAYOUTS_MAX - ROOM)
        return make_fee(ledger, account, amount);
    if (account <= model->account_count && random_percent(random, 15))
        amount =
            pick_clamp(naive_withdrawable(model, (int)account) + (int64_t)random_below(random, 2));
    int64_t fee = random_percent(random, 50) ? pick_fee(random, &amount) : 0;
    struct command command = make_withdraw(ledger, account, amount, fee, 0);
    struct withdraw *wish = &command.withdraw;
    if (fee == 0 && random_percent(random, 60))
        wish->fee_rule = pick_rule(random, model, ledger);
    if (fee > 0 || wish->fee_rule.length > 0)
        wish->fee_mode = (int32_t)random_between(random, FEE_OUTSIDE, FEE_BORNE_BY_ANOTHER);
    if (wish->fee_mode == FEE_BORNE_BY_ANOTHER) {
        wish->fee_account_id = random_percent(random, 40) ? pick_account_of_kind(random, model,
                                                                ledger, ACCOUNT_PLATFORM_OWN)
                                                          : pick_account(random, model, ledger);
        if (random_percent(random, 4))
            wish->fee_account_id = account;
    }
    wish->destination = pick_party(random, model, ledger);
    wish->order_number = random_percent(random, 60) ? pick_order(random) : text_of("");
    return command;
}

struct command random_correction(
    struct random *random, const struct naive_model *model, int64_t ledger)
{
    static const int32_t results[] = {
        PAYOUT_RESULT_PAID, PAYOUT_RESULT_PAID, PAYOUT_RESULT_FAILED, PAYOUT_RESULT_RETURNED};
    int64_t id = pick_payout(random, model, ledger);
    int32_t result = results[random_below(random, 4)];
    int64_t back = 0;
    if (result == PAYOUT_RESULT_RETURNED && id <= model->payout_count && random_percent(random, 80))
        back = pick_part(random, model->payouts[id].amount);
    return make_correction(ledger, id, result, back);
}

struct command random_confirm_payout(
    struct random *random, const struct naive_model *model, int64_t ledger)
{
    if (random_percent(random, 35))
        return random_correction(random, model, ledger);
    static const int32_t results[] = {PAYOUT_RESULT_PAID, PAYOUT_RESULT_PAID, PAYOUT_RESULT_PAID,
        PAYOUT_RESULT_FAILED, PAYOUT_RESULT_RETURNED, PAYOUT_RESULT_RETURNED, PAYOUT_RESULT_SENT,
        PAYOUT_RESULT_UNKNOWN};
    int64_t id = pick_payout(random, model, ledger);
    struct command command =
        make_confirm(ledger, id, results[random_below(random, sizeof results / sizeof *results)]);
    if (command.confirm_payout.result != PAYOUT_RESULT_RETURNED || random_percent(random, 35) ||
        id > model->payout_count)
        return command;
    const struct naive_payout *payout = &model->payouts[id];
    return make_return(ledger, id, pick_part(random, payout->amount - payout->returned));
}

/* ---- fees ---- */

static struct fee_tier some_tier(struct random *random, int64_t from)
{
    struct fee_tier tier = {.from_minor = from};
    if (random_percent(random, 50))
        tier.flat_minor = (int64_t)random_below(random, 20);
    if (random_percent(random, 70))
        tier.rate_ppm = (int32_t)random_below(random, random_percent(random, 90) ? 60000 : 1000001);
    if (random_percent(random, 40))
        tier.minimum_minor = (int64_t)random_below(random, 30);
    if (random_percent(random, 40))
        tier.maximum_minor = tier.minimum_minor + 1 + (int64_t)random_below(random, 3000);
    if (random_percent(random, 2))
        tier.flat_minor = AMOUNT_MINOR_MAX;
    return tier;
}

/* Shares of some fee accounts, at times of one that is none. */
static uint32_t some_shares(struct random *random, const struct naive_model *model, int64_t ledger,
    struct fee_share ret_shares[FEE_SHARES_MAX])
{
    int64_t left = 1000000;
    uint32_t count = 0;
    for (int id = 1; id <= model->account_count && count < FEE_SHARES_MAX - 1; id++) {
        if (model->accounts[id].ledger == ledger && model->accounts[id].kind == ACCOUNT_FEE &&
            random_percent(random, 70))
            ret_shares[count++].account_id = id;
    }
    if (random_percent(random, 6))
        ret_shares[count++].account_id =
            pick_account_of_kind(random, model, ledger, ACCOUNT_INTEREST);
    for (uint32_t i = 0; i < count; i++) {
        bool is_last = i + 1 == count;
        int64_t most = left - (count - i - 1);
        int64_t share = is_last ? left : random_between(random, 1, most);
        ret_shares[i].share_ppm = (int32_t)share;
        left -= share;
    }
    return count;
}

struct command random_set_rule(
    struct random *random, const struct naive_model *model, int64_t ledger)
{
    static struct fee_tier tiers[3];
    static struct fee_share shares[FEE_SHARES_MAX];
    static const int64_t steps[] = {0, 1000, 50000};
    if (model->rule_count >= NAIVE_RULES_MAX - ROOM)
        return make_open_member(ledger, "m-0");
    uint32_t tier_count = (uint32_t)random_between(random, 1, 3);
    for (uint32_t i = 0; i < tier_count; i++)
        tiers[i] = some_tier(random, steps[i]);
    const char *name = pick_rule_name(random);
    int32_t date = TEST_DATE;
    if (ledger >= 1 && ledger <= model->ledger_count) {
        const struct naive_ledger *l = &model->ledgers[ledger];
        date = l->dates[l->date_count - 1];
    }
    if (random_percent(random, 40))
        date += (int32_t)random_between(random, -1, 3);
    if (strcmp(name, RULE_OF_LATER) == 0)
        date += 100000;
    struct command command = make_fee_rule(ledger, name, date, tiers, tier_count);
    struct set_fee_rule *wish = &command.set_fee_rule;
    wish->rounding = (int32_t)random_between(random, 1, 3);
    wish->refund = (int32_t)random_between(random, 1, 3);
    wish->on_payout_failed = (int32_t)random_between(random, 1, 2);
    wish->on_payout_returned = (int32_t)random_between(random, 1, 2);
    if (random_percent(random, 70)) {
        wish->share_count = some_shares(random, model, ledger, shares);
        wish->shares = shares;
    }
    return command;
}

struct command random_open_fee_account(
    struct random *random, const struct naive_model *model, int64_t ledger)
{
    int count = 0;
    for (int id = 1; id <= model->account_count; id++)
        count += model->accounts[id].ledger == ledger && model->accounts[id].kind == ACCOUNT_FEE;
    if (pick_is_full(model) || count >= FEE_ACCOUNTS_MOST)
        return random_set_rule(random, model, ledger);
    return make_open_fee_account(ledger);
}

struct command random_collect_fees(
    struct random *random, const struct naive_model *model, int64_t ledger)
{
    int64_t account = pick_account_of_kind(random, model, ledger, ACCOUNT_FEE);
    if (random_percent(random, 10))
        account = pick_account(random, model, ledger);
    int64_t amount = pick_amount_out(random, model, ledger, account);
    struct command command = make_collect_fees(ledger, account, amount, "");
    if (random_percent(random, 20))
        command.collect_fees.account_id = 0;
    command.collect_fees.fee_rule = pick_rule(random, model, ledger);
    return command;
}
