/* naive_fees.c: fee rules and fee accounts of the naive model.
 * SPDX-License-Identifier: Apache-2.0 */
#include "naive.h"

#include "base/check.h"

#include <string.h>

#define MILLION 1000000

/* a * b / c, one bit of b after the other, so that the product is never made. */
static int64_t long_division(int64_t a, int64_t b, int64_t c, int64_t *ret_rest)
{
    CHECK(a >= 0 && b >= 0 && c > 0 && c < INT64_MAX / 4);
    int64_t quotient = 0, rest = 0;
    for (int bit = 62; bit >= 0; bit--) {
        quotient = 2 * quotient;
        rest = 2 * rest;
        if (b >> bit & 1) {
            quotient += a / c;
            rest += a % c;
        }
        while (rest >= c) {
            rest -= c;
            quotient++;
        }
    }
    *ret_rest = rest;
    return quotient;
}

int64_t naive_share_of(int64_t a, int64_t b, int64_t c)
{
    int64_t rest;
    return long_division(a, b, c, &rest);
}

int64_t naive_fee(const struct naive_rule *rule, int64_t amount)
{
    int t = 0;
    for (int i = 0; i < rule->tier_count; i++) {
        if (rule->tiers[i].from_minor <= amount)
            t = i;
    }
    const struct fee_tier *tier = &rule->tiers[t];
    int64_t rest;
    int64_t fee = long_division(amount, tier->rate_ppm, MILLION, &rest);
    if (rule->rounding == FEE_ROUNDING_HALF_UP && 2 * rest >= MILLION)
        fee++;
    if (rule->rounding == FEE_ROUNDING_UP && rest > 0)
        fee++;
    fee += tier->flat_minor;
    if (fee < tier->minimum_minor)
        fee = tier->minimum_minor;
    if (tier->maximum_minor > 0 && fee > tier->maximum_minor)
        fee = tier->maximum_minor;
    return fee;
}

int naive_fee_legs(const struct naive_model *model, int ledger, int rule, int64_t fee,
    struct naive_line ret_legs[FEE_SHARES_MAX])
{
    const struct naive_rule *r = &model->rules[rule];
    if (rule == 0 || r->share_count == 0) {
        ret_legs[0] = (struct naive_line){
            .account = naive_control_account(model, ledger, ACCOUNT_FEE), .amount = fee};
        return 1;
    }
    int64_t left = fee;
    for (int i = 0; i < r->share_count; i++) {
        ret_legs[i] = (struct naive_line){.account = (int)r->shares[i].account_id,
            .amount = naive_share_of(fee, r->shares[i].share_ppm, MILLION)};
        left -= ret_legs[i].amount;
    }
    ret_legs[0].amount += left;
    return r->share_count;
}

void naive_book_fee(struct decision *d, int rule, int from, enum bucket from_bucket, int64_t fee)
{
    struct naive_line legs[FEE_SHARES_MAX];
    int count = naive_fee_legs(d->model, d->ledger, rule, fee, legs);
    for (int i = 0; i < count; i++)
        naive_book(d, from, from_bucket, legs[i].account, BUCKET_AVAILABLE, legs[i].amount);
}

/* Of `back`, which has come back of the fee in all, what the leg with this number has given: each
 * leg its part of what those before it left, rounded down. */
static int64_t given_by_leg(const struct naive_line *legs, int count, int number, int64_t back)
{
    int64_t part = 0;
    for (int i = 0; i <= number; i++) {
        int64_t of_rest = 0;
        for (int k = i; k < count; k++)
            of_rest += legs[k].amount;
        back -= part;
        part = of_rest == 0 ? 0 : naive_share_of(back, legs[i].amount, of_rest);
    }
    return part;
}

int naive_fee_legs_back(const struct naive_model *model, int ledger, int rule, int64_t fee,
    int64_t before, int64_t back, struct naive_line ret_legs[FEE_SHARES_MAX])
{
    struct naive_line legs[FEE_SHARES_MAX];
    int count = naive_fee_legs(model, ledger, rule, fee, legs);
    for (int i = 0; i < count; i++)
        ret_legs[i] = (struct naive_line){.account = legs[i].account,
            .amount =
                given_by_leg(legs, count, i, before + back) - given_by_leg(legs, count, i, before)};
    return count;
}

void naive_book_fee_parts(struct decision *d, int rule, int64_t fee, int64_t before,
    const struct naive_line *parts, int part_count, bool back)
{
    struct naive_line legs[FEE_SHARES_MAX];
    int64_t amount = 0;
    for (int i = 0; i < part_count; i++)
        amount += parts[i].amount;
    int count = naive_fee_legs_back(d->model, d->ledger, rule, fee, before, amount, legs);
    for (int i = 0; i < part_count; i++) {
        int64_t left = parts[i].amount;
        for (int leg = 0; leg < count; leg++) {
            int64_t part = legs[leg].amount < left ? legs[leg].amount : left;
            legs[leg].amount -= part;
            left -= part;
            naive_book(d, back ? legs[leg].account : parts[i].account, BUCKET_AVAILABLE,
                back ? parts[i].account : legs[leg].account, BUCKET_AVAILABLE, part);
        }
        CHECK(left == 0);
    }
}

int64_t naive_fee_lacking(const struct naive_model *model, int ledger, int rule, int64_t fee,
    int64_t before, int64_t back)
{
    struct naive_line legs[FEE_SHARES_MAX];
    int count = naive_fee_legs_back(model, ledger, rule, fee, before, back, legs);
    int64_t lacking = 0;
    for (int i = 0; i < count; i++) {
        int64_t has = model->accounts[legs[i].account].balance[BUCKET_AVAILABLE];
        if (has < 0)
            lacking += legs[i].amount;
        else if (has < legs[i].amount)
            lacking += legs[i].amount - has;
    }
    return lacking;
}

int64_t naive_collected_of(const struct decision *d, int fee, int64_t amount)
{
    int64_t has = *naive_available_of(d->model, fee);
    if (has < 0)
        has = 0;
    return has < amount ? amount - has : 0;
}

void naive_book_collected_back(struct decision *d, int fee, int64_t collected)
{
    naive_book(d, naive_control_account(d->model, d->ledger, ACCOUNT_PLATFORM_OWN),
        BUCKET_AVAILABLE, fee, BUCKET_AVAILABLE, collected);
}

void naive_fill_fee(struct decision *d, int rule, int64_t fee, int64_t before, int64_t back)
{
    struct naive_line legs[FEE_SHARES_MAX];
    int count = naive_fee_legs_back(d->model, d->ledger, rule, fee, before, back, legs);
    for (int i = 0; i < count; i++)
        naive_book_collected_back(
            d, legs[i].account, naive_collected_of(d, legs[i].account, legs[i].amount));
}

static int rule_until(const struct naive_model *model, int ledger, struct text name, int32_t date)
{
    int last = 0;
    for (int id = 1; id <= model->rule_count; id++) {
        const struct naive_rule *rule = &model->rules[id];
        if (rule->ledger == ledger && naive_same_text(rule->name, name) && rule->date <= date)
            last = id;
    }
    return last;
}

int naive_rule_in_force(const struct naive_model *model, int ledger, struct text name)
{
    return rule_until(model, ledger, name, naive_date_of(model, ledger));
}

int naive_need_rule(struct decision *d, struct text name)
{
    const struct naive_model *model = d->model;
    if (name.length == 0)
        return 0;
    bool exists = rule_until(model, d->ledger, name, INT32_MAX) != 0;
    int in_force = naive_rule_in_force(model, d->ledger, name);
    naive_need(d, exists, OUTCOME_FEE_RULE_NOT_FOUND);
    naive_need(d, !exists || in_force != 0, OUTCOME_FEE_RULE_NOT_EFFECTIVE);
    if (in_force != 0)
        d->fee_version = model->rules[in_force].version;
    return in_force;
}

int64_t naive_set_fee_rule(struct decision *d)
{
    const struct set_fee_rule *wish = &d->command->set_fee_rule;
    struct naive_model *model = d->model;
    int version = 1;
    naive_need(d, wish->effective_date >= naive_date_of(model, d->ledger),
        OUTCOME_FEE_RULE_DATE_TOO_EARLY);
    for (int id = 1; id <= model->rule_count; id++) {
        const struct naive_rule *rule = &model->rules[id];
        if (rule->ledger != d->ledger || !naive_same_text(rule->name, wish->name))
            continue;
        version++;
    }
    for (uint32_t i = 0; i < wish->share_count; i++) {
        int account = naive_account_of(model, d->ledger, wish->shares[i].account_id);
        naive_need(d, account != 0 && model->accounts[account].kind == ACCOUNT_FEE,
            OUTCOME_FEE_ACCOUNT_NOT_FOUND);
    }
    if (d->worst != 0)
        return 0;
    CHECK(model->rule_count < NAIVE_RULES_MAX);
    int id = ++model->rule_count;
    struct naive_rule *rule = &model->rules[id];
    *rule = (struct naive_rule){
        .ledger = d->ledger,
        .version = version,
        .date = wish->effective_date,
        .rounding = wish->rounding,
        .refund = wish->refund,
        .on_failed = wish->on_payout_failed,
        .on_returned = wish->on_payout_returned,
        .tier_count = (int)wish->tier_count,
        .share_count = (int)wish->share_count,
        .changed = d->sequence,
    };
    naive_copy_text(rule->name, wish->name);
    for (uint32_t i = 0; i < wish->tier_count; i++)
        rule->tiers[i] = wish->tiers[i];
    for (uint32_t i = 0; i < wish->share_count; i++)
        rule->shares[i] = wish->shares[i];
    return id;
}

int64_t naive_open_fee_account(struct decision *d)
{
    if (d->worst != 0)
        return 0;
    return naive_add_account(d->model, d->ledger, 0, ACCOUNT_FEE);
}

int64_t naive_collect_fees(struct decision *d)
{
    const struct collect_fees *wish = &d->command->collect_fees;
    struct naive_model *model = d->model;
    int account = wish->account_id == 0 ? naive_control_account(model, d->ledger, ACCOUNT_FEE)
                                        : naive_account_of(model, d->ledger, wish->account_id);
    bool is_fee = account != 0 && model->accounts[account].kind == ACCOUNT_FEE;
    naive_need(d, is_fee, OUTCOME_FEE_ACCOUNT_NOT_FOUND);
    naive_need_rule(d, wish->fee_rule);
    if (is_fee)
        naive_need_at(d, *naive_available_of(model, account) >= wish->amount_minor,
            OUTCOME_INSUFFICIENT_FEE, *naive_available_of(model, account));
    if (d->worst != 0)
        return 0;
    naive_book(d, account, BUCKET_AVAILABLE,
        naive_control_account(model, d->ledger, ACCOUNT_PLATFORM_OWN), BUCKET_AVAILABLE,
        wish->amount_minor);
    return account;
}
