/* quotes.c: see quotes.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "quotes.h"

#include "model/money.h"
#include "support/expect.h"

#include <inttypes.h>

bool expect_right_fee_quote(struct random *random, const struct engine *engine,
    const struct naive_model *model, int64_t ledger, struct text rule)
{
    int64_t amount =
        1 + (int64_t)random_below(random, random_percent(random, 90) ? 200000 : AMOUNT_MINOR_MAX);
    struct fee_quote quote;
    if (engine_quote_fee(engine, ledger, rule, amount, &quote) != OUTCOME_ACCEPTED)
        return false;
    int64_t fee = naive_fee(&model->rules[quote.rule->id], amount);
    EXPECT_MSG(quote.fee_minor == fee, "fee of %" PRId64 ": engine %" PRId64 ", model %" PRId64,
        amount, quote.fee_minor, fee);
    int64_t sum = 0;
    for (uint32_t i = 0; i < quote.leg_count; i++) {
        EXPECT(quote.amounts_minor[i] >= 0);
        sum += quote.amounts_minor[i];
    }
    EXPECT_MSG(sum == fee, "the legs of a fee of %" PRId64 " are %" PRId64, fee, sum);
    return true;
}

/* Amounts at which something changes: balances, tiers, and what is beside them; and any other. */
static int64_t larger_amount(struct random *random, const struct naive_model *model,
    const struct withdraw_quote *quote, const struct command *withdraw)
{
    int64_t near = (int64_t)random_below(random, 40);
    switch (random_below(random, 6)) {
    case 0:
        return quote->amount_minor + 1 + near / 8;
    case 1:
        return quote->withdrawable_minor + near;
    case 2:
        return quote->available_minor - near;
    case 3:
        return AMOUNT_MINOR_MAX - near;
    case 4:
        for (int id = 1; id <= model->rule_count; id++) {
            const struct naive_rule *rule = &model->rules[id];
            if (rule->ledger == withdraw->ledger_id && random_percent(random, 30))
                return rule->tiers[random_below(random, (uint64_t)rule->tier_count)].from_minor +
                       near;
        }
        return quote->available_minor;
    default:
        return quote->amount_minor +
               (int64_t)random_below(random, (uint64_t)quote->available_minor + 1);
    }
}

bool expect_right_withdraw_quote(struct random *random, const struct engine *engine, int64_t now_us,
    struct naive_model *model, const struct command *withdraw)
{
    struct withdraw_quote quote;
    struct command command = *withdraw;
    int64_t account = withdraw->withdraw.account_id;
    if (engine_quote_withdraw(engine, now_us, withdraw->ledger_id, &withdraw->withdraw, &quote) !=
        OUTCOME_ACCEPTED)
        return false;
    /* Whom to pay is not asked for. */
    const struct naive_party *own = &model->ledgers[withdraw->ledger_id].own;
    command.withdraw.destination.name = text_of(own->name);
    command.withdraw.destination.account_number = text_of(own->account_number);
    if (model->accounts[account].kind == ACCOUNT_MEMBER &&
        naive_same_card(model, (int)withdraw->ledger_id))
        command.withdraw.destination = (struct party){0}; /* left to the server */
    else if (model->accounts[account].kind == ACCOUNT_MEMBER)
        command.withdraw.destination =
            (struct party){.name = text_of("n"), .account_number = text_of("1")};
    if (model->accounts[account].kind == ACCOUNT_PLATFORM_OWN && own->account_number[0] == '\0')
        return false;
    if (naive_lists(model, (int)withdraw->ledger_id, &command.withdraw.destination))
        return false;
    EXPECT(quote.available_minor == model->accounts[account].balance[BUCKET_AVAILABLE]);
    EXPECT(quote.withdrawable_minor == naive_withdrawable(model, (int)account));
    command.withdraw.amount_minor = quote.amount_minor;
    EXPECT_MSG(quote.amount_minor == 0 || naive_may_withdraw(model, now_us, &command),
        "account %" PRId64 ": %" PRId64 " was quoted and is refused", account, quote.amount_minor);
    for (int i = 0; i < 60; i++) {
        int64_t amount = larger_amount(random, model, &quote, withdraw);
        if (amount <= quote.amount_minor || amount > AMOUNT_MINOR_MAX)
            continue;
        command.withdraw.amount_minor = amount;
        EXPECT_MSG(!naive_may_withdraw(model, now_us, &command),
            "account %" PRId64 ": %" PRId64 " was quoted, %" PRId64 " is accepted", account,
            quote.amount_minor, amount);
    }
    if (quote.available_minor > 0 && quote.available_minor <= AMOUNT_MINOR_MAX)
        EXPECT(
            (quote.limit == WITHDRAW_LIMIT_NONE) == (quote.amount_minor == quote.available_minor));
    return true;
}
