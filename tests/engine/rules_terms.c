/* rules_terms.c: terms, fee rules, fee accounts, and the platform's own money.
 * SPDX-License-Identifier: Apache-2.0 */
#include "rules.h"

#include "ceilings.h"
#include "model/money.h"

/* ---- terms ---- */

#define AGES(name, of, ledger) BOOKS_WITH(name, of, ledger, .more = {[RECORD_WATCH] = 1})
#define LATE(command) command_on(TEST_DATE + 3, command)

void rules_terms(on_rule on, void *context)
{
    const struct rule rules[] = {
        ACCEPTED("the shortest time of returns", a_set_of_terms(&own_party, true, 1), L_SHOP),
        ACCEPTED("the longest time of returns",
            a_set_of_terms(&own_party, false, PAYOUT_RETURN_DAYS_MAX), L_SHOP),
        ACCEPTED("no account, no advances, the usual time", a_set_of_terms(NULL, false, 0), L_SHOP),
        ACCEPTED("another account", a_set_of_terms(&other_party, true, 30), L_SHOP),
        ACCEPTED("the first terms of a ledger",
            in_ledger(L_PLAIN, a_set_of_terms(&own_party, true, 0)), L_PLAIN),
        REFUSED("of a closed ledger", in_ledger(L_CLOSED, a_set_of_terms(NULL, false, 0)),
            OUTCOME_LEDGER_CLOSED),
        REFUSED("of no ledger", in_ledger(L_NONE, a_set_of_terms(NULL, false, 0)),
            OUTCOME_LEDGER_NOT_FOUND),

        AGES("the first time for what waits", LATE(make_suspense_age(L_LATE, 1)), L_LATE),
        AGES("the longest one, which clears the flag",
            make_suspense_age(L_SHOP, SUSPENSE_AGE_S_MAX), L_SHOP),
        AGES("none, which clears it, too", make_suspense_age(L_SHOP, 0), L_SHOP),
        AGES("a shorter one of a flagged ledger", make_suspense_age(L_SHOP, 1), L_SHOP),
        AGES("the same one", make_suspense_age(L_MAIN, SUSPENSE_AGE_S_MAX), L_MAIN),
        REFUSED("that of a closed ledger", make_suspense_age(L_CLOSED, 1), OUTCOME_LEDGER_CLOSED),

        ACCEPTED("a fee account", make_open_fee_account(L_SHOP), A_NONE),
        REFUSED("in a closed ledger", make_open_fee_account(L_CLOSED), OUTCOME_LEDGER_CLOSED),
        REFUSED("in no ledger", make_open_fee_account(L_NONE), OUTCOME_LEDGER_NOT_FOUND),
    };
    EACH_RULE(rules, on, context);
}

/* ---- fee rules ---- */

static const struct fee_tier percent = {.rate_ppm = 10000};

static struct command rule_of(const char *name, int32_t date)
{
    return make_fee_rule(L_SHOP, name, date, &percent, 1);
}

static struct command tiered(struct command rule, const struct fee_tier *tiers, uint32_t count)
{
    rule.set_fee_rule.tiers = tiers;
    rule.set_fee_rule.tier_count = count;
    return rule;
}

void rules_fee_rules(on_rule on, void *context)
{
    const struct fee_share all = {F_MINE, PPM}, control = {SHOP_FEE, PPM};
    const struct fee_share member = {B_ONE, PPM}, own = {SHOP_OWN, PPM},
                           escrow = {SHOP_ESCROW, PPM};
    const struct fee_share abroad = {FEE, PPM}, nobody = {A_NONE, PPM};
    const struct fee_share half[] = {{F_MINE, 500000}, {B_ONE, 500000}};
    const struct fee_share eight[] = {{SHOP_FEE, 125000}, {F_MINE, 125000}, {F_YOURS, 125000},
        {F_EMPTY, 125000}, {SHOP_FEE, 125000}, {F_MINE, 125000}, {F_YOURS, 125000},
        {F_EMPTY, 125000}};
    const struct fee_tier most[] = {{0, AMOUNT_MINOR_MAX, 0, 0, PPM}, {1, 1, 0, 0, 0},
        {2, 1, 0, 0, 0}, {3, 1, 0, 0, 0}, {4, 1, 0, 0, 0}, {5, 1, 0, 0, 0}, {6, 1, 0, 0, 0},
        {AMOUNT_MINOR_MAX, 1, 2, 3, 0}};
    const struct rule rules[] = {
        REFUSED("the day before the accounting date", rule_of("new", SHOP_DATE - 1),
            OUTCOME_FEE_RULE_DATE_TOO_EARLY),
        ACCEPTED("the accounting date", rule_of("new", SHOP_DATE), R_NONE),
        ACCEPTED("a far date", rule_of("new", 84005), R_NONE),
        ACCEPTED("the day before the version before", rule_of("grows", SHOP_DATE + 7), R_NONE),
        ACCEPTED("the same day as the version before", rule_of("grows", SHOP_DATE + 8), R_NONE),
        ACCEPTED("a day later", rule_of("grows", SHOP_DATE + 9), R_NONE),
        ACCEPTED("today, when the version before comes later", rule_of("later", SHOP_DATE), R_NONE),
        ACCEPTED("today again", rule_of("flat", SHOP_DATE), R_NONE),
        ACCEPTED("a name that begins alike", rule_of("grow", SHOP_DATE), R_NONE),
        ACCEPTED("a name that differs in case", rule_of("Grows", SHOP_DATE), R_NONE),
        ACCEPTED("a name of another ledger", rule_of("plain", SHOP_DATE), R_NONE),
        ACCEPTED(
            "the longest name", rule_of("01234567890123456789012345678901", SHOP_DATE), R_NONE),
        ACCEPTED("the most tiers and shares",
            shared(tiered(rule_of("new", SHOP_DATE), most, FEE_TIERS_MAX), eight, FEE_SHARES_MAX),
            R_NONE),
        ACCEPTED("all to a fee account", shared(rule_of("new", SHOP_DATE), &all, 1), R_NONE),
        ACCEPTED("all to FEE", shared(rule_of("new", SHOP_DATE), &control, 1), R_NONE),
        REFUSED("to a member", shared(rule_of("new", SHOP_DATE), &member, 1),
            OUTCOME_FEE_ACCOUNT_NOT_FOUND),
        REFUSED("half to a member", shared(rule_of("new", SHOP_DATE), half, 2),
            OUTCOME_FEE_ACCOUNT_NOT_FOUND),
        REFUSED("to PLATFORM_OWN", shared(rule_of("new", SHOP_DATE), &own, 1),
            OUTCOME_FEE_ACCOUNT_NOT_FOUND),
        REFUSED("to ESCROW", shared(rule_of("new", SHOP_DATE), &escrow, 1),
            OUTCOME_FEE_ACCOUNT_NOT_FOUND),
        REFUSED("to another ledger's FEE", shared(rule_of("new", SHOP_DATE), &abroad, 1),
            OUTCOME_FEE_ACCOUNT_NOT_FOUND),
        REFUSED("to nobody", shared(rule_of("new", SHOP_DATE), &nobody, 1),
            OUTCOME_FEE_ACCOUNT_NOT_FOUND),
        REFUSED("to nobody before too early", shared(rule_of("new", SHOP_DATE - 1), &nobody, 1),
            OUTCOME_FEE_ACCOUNT_NOT_FOUND),
        REFUSED("in a closed ledger", in_ledger(L_CLOSED, rule_of("new", SHOP_DATE)),
            OUTCOME_LEDGER_CLOSED),
        REFUSED(
            "in no ledger", in_ledger(L_NONE, rule_of("new", SHOP_DATE)), OUTCOME_LEDGER_NOT_FOUND),
    };
    EACH_RULE(rules, on, context);
}

/* ---- the platform's own money ---- */

#define COLLECTS(name, account, from, amount, rule, version)                                       \
    BOOKS_WITH(name, a_collection(account, amount, rule), from,                                    \
        .moves = {move(from, SHOP_OWN, amount)}, .fee_rule_version = (version))

static void rules_collect(on_rule on, void *context)
{
    const struct rule rules[] = {
        REFUSED_AT("one more than FEE has", a_collection(0, SHOP_FEE_MINOR + 1, "flat"),
            OUTCOME_INSUFFICIENT_FEE, SHOP_FEE_MINOR),
        COLLECTS("all that FEE has", 0, SHOP_FEE, SHOP_FEE_MINOR, "flat", 1),
        COLLECTS("FEE by its id", SHOP_FEE, SHOP_FEE, 1, "flat", 1),
        REFUSED_AT("one more than a fee account has", a_collection(F_MINE, SHARE_MINOR + 1, "flat"),
            OUTCOME_INSUFFICIENT_FEE, SHARE_MINOR),
        COLLECTS("all that a fee account has", F_MINE, F_MINE, SHARE_MINOR, "flat", 1),
        COLLECTS("by the version in force", 0, SHOP_FEE, 5, "grows", 2),
        REFUSED("from an empty one", a_collection(F_EMPTY, 1, "flat"), OUTCOME_INSUFFICIENT_FEE),
        REFUSED("the largest amount", a_collection(0, AMOUNT_MINOR_MAX, "flat"),
            OUTCOME_INSUFFICIENT_FEE),
        REFUSED("by no rule", a_collection(0, 1, "none"), OUTCOME_FEE_RULE_NOT_FOUND),
        REFUSED(
            "by another ledger's rule", a_collection(0, 1, "plain"), OUTCOME_FEE_RULE_NOT_FOUND),
        REFUSED("by a later rule", a_collection(0, 1, "later"), OUTCOME_FEE_RULE_NOT_EFFECTIVE),
        REFUSED("from another ledger's FEE", a_collection(FEE, 1, "flat"),
            OUTCOME_FEE_ACCOUNT_NOT_FOUND),
        REFUSED("from nobody", a_collection(A_NONE, 1, "flat"), OUTCOME_FEE_ACCOUNT_NOT_FOUND),
        REFUSED("from the largest id", a_collection(INT64_MAX, 1, "flat"),
            OUTCOME_FEE_ACCOUNT_NOT_FOUND),
        REFUSED("no account before no rule", a_collection(A_NONE, 1, "none"),
            OUTCOME_FEE_ACCOUNT_NOT_FOUND),
        REFUSED("no rule before too little", a_collection(F_EMPTY, 1, "none"),
            OUTCOME_FEE_RULE_NOT_FOUND),
        REFUSED("in a closed ledger", in_ledger(L_CLOSED, a_collection(0, 1, "flat")),
            OUTCOME_LEDGER_CLOSED),
    };
    EACH_RULE(rules, on, context);
}

static struct command own_receipt(int64_t ledger, int64_t account, const struct party *payer)
{
    return with_party(make_receipt(ledger, account, 5), payer);
}

static struct command own_payout(int64_t amount, const struct party *destination)
{
    return with_party(a_withdrawal("", SHOP_OWN, amount), destination);
}

void rules_own_money(on_rule on, void *context)
{
    rules_collect(on, context);
    struct party name = own_party, number = own_party, shorter = own_party, longer = own_party;
    struct party bank = own_party, nobody = own_party, wide = own_party, hyphen = own_party;
    name.name = other_party.name;
    number.account_number = other_party.account_number;
    shorter.account_number.length--;
    longer.name = text_of("平台 Platform 公司");
    wide.name = text_of("平台Ｐlatform　");
    hyphen.name = text_of("平台-Platform");
    bank.bank_code = text_of("999");
    nobody.name = text_of("");
    nobody.account_number = text_of("");
    const struct rule rules[] = {
        BOOKS("from its own account", own_receipt(L_SHOP, SHOP_OWN, &own_party), SHOP_OWN,
            move(SHOP_ESCROW, SHOP_OWN, 5)),
        BOOKS("name and number tell it", own_receipt(L_SHOP, SHOP_OWN, &bank), SHOP_OWN,
            move(SHOP_ESCROW, SHOP_OWN, 5)),
        REFUSED("from another name", own_receipt(L_SHOP, SHOP_OWN, &name),
            OUTCOME_PLATFORM_ACCOUNT_MISMATCH),
        REFUSED("from another number", own_receipt(L_SHOP, SHOP_OWN, &number),
            OUTCOME_PLATFORM_ACCOUNT_MISMATCH),
        REFUSED("from a number that begins alike", own_receipt(L_SHOP, SHOP_OWN, &shorter),
            OUTCOME_PLATFORM_ACCOUNT_MISMATCH),
        REFUSED("from a name that begins alike", own_receipt(L_SHOP, SHOP_OWN, &longer),
            OUTCOME_PLATFORM_ACCOUNT_MISMATCH),
        REFUSED("from a name with a hyphen", own_receipt(L_SHOP, SHOP_OWN, &hyphen),
            OUTCOME_PLATFORM_ACCOUNT_MISMATCH),
        BOOKS("from its name in another width", own_receipt(L_SHOP, SHOP_OWN, &wide), SHOP_OWN,
            move(SHOP_ESCROW, SHOP_OWN, 5)),
        REFUSED("from nobody", own_receipt(L_SHOP, SHOP_OWN, &nobody),
            OUTCOME_PLATFORM_ACCOUNT_MISMATCH),
        REFUSED("when none is set", own_receipt(L_PLAIN, PLAIN_OWN, &own_party),
            OUTCOME_PLATFORM_ACCOUNT_NOT_SET),
        REFUSED("none is set, from nobody", own_receipt(L_PLAIN, PLAIN_OWN, &nobody),
            OUTCOME_PLATFORM_ACCOUNT_NOT_SET),
        REFUSED("another ledger's", own_receipt(L_SHOP, PLAIN_OWN, &own_party),
            OUTCOME_ACCOUNT_NOT_FOUND),
        REFUSED("to FEE from its own account", own_receipt(L_SHOP, SHOP_FEE, &own_party),
            OUTCOME_NOT_A_MEMBER_ACCOUNT),
        BOOKS("to a member from its own account", own_receipt(L_SHOP, B_ONE, &own_party), B_ONE,
            move(SHOP_ESCROW, B_ONE, 5)),

        REFUSED_AT("out, one more than there is", own_payout(OWN_MINOR + 1, &own_party),
            OUTCOME_INSUFFICIENT_AVAILABLE, OWN_MINOR),
        BOOKS("out, all there is", own_payout(OWN_MINOR, &own_party), P_NONE,
            sends(SHOP_OWN, OWN_MINOR)),
        BOOKS("out, with a fee of its own", with_fee(own_payout(100, &own_party), 3), P_NONE,
            sends(SHOP_OWN, 100), move(SHOP_OWN, SHOP_FEE, 3)),
        REFUSED("out to another", own_payout(5, &other_party), OUTCOME_PLATFORM_ACCOUNT_MISMATCH),
        REFUSED("out to another name", own_payout(5, &name), OUTCOME_PLATFORM_ACCOUNT_MISMATCH),
        REFUSED("out to another number", own_payout(5, &number), OUTCOME_PLATFORM_ACCOUNT_MISMATCH),
        REFUSED("to another before too much", own_payout(OWN_MINOR + 1, &other_party),
            OUTCOME_PLATFORM_ACCOUNT_MISMATCH),
        REFUSED("out when none is set",
            in_ledger(L_PLAIN, with_party(a_withdrawal("", PLAIN_OWN, 1), &own_party)),
            OUTCOME_PLATFORM_ACCOUNT_NOT_SET),
    };
    EACH_RULE(rules, on, context);
}
