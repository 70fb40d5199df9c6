/* account_levels.c: what the levels of an account policy may do, ready-made or as asked.
 * SPDX-License-Identifier: Apache-2.0 */
#include "engine/rules/account_levels.h"

#include "base/check.h"

#include <string.h>

/* As they are counted here: 0 is a member whom nobody has checked. */
enum { IDENTITY_LEVEL = 1, CARD_LEVEL = 2 };

#define FEN INT64_C(1)
#define YUAN (100 * FEN)

/* What the ready-made policies say of a level; of merchants all say the same. The amounts are those
 * of the People's Bank: class II and III accounts by Yinfa [2016] 302 and [2018] 16, in and out
 * each 10,000 yuan a day and 200,000 a year, and 2,000 and 50,000 with at most 2,000 there; prepaid
 * cards by Announcement [2010] 2, 5,000 yuan a named and 1,000 an unnamed one. */
static struct account_level preset_level(enum account_policy_preset preset, int kind, int level)
{
    struct account_level rules = {0};
    rules.may = level >= IDENTITY_LEVEL ? MAY_RECEIVE | MAY_PAY : 0;
    if (level >= CARD_LEVEL)
        rules.may |= MAY_WITHDRAW;
    if (kind == MEMBER_MERCHANT || preset == ACCOUNT_POLICY_STRICT)
        return rules;
    if (preset == ACCOUNT_POLICY_PREPAID) {
        rules.may |= MAY_RECEIVE | MAY_PAY;
        rules.balance_minor = level >= IDENTITY_LEVEL ? 5000 * YUAN : 1000 * YUAN;
        return rules;
    }
    bool is_ii = preset == ACCOUNT_POLICY_CLASS_II;
    CHECK(is_ii || preset == ACCOUNT_POLICY_CLASS_III);
    rules.date_in_minor = is_ii ? 10000 * YUAN : 2000 * YUAN;
    rules.date_out_minor = rules.date_in_minor;
    rules.year_in_minor = is_ii ? 200000 * YUAN : 50000 * YUAN;
    rules.year_out_minor = rules.year_in_minor;
    rules.balance_minor = is_ii ? 0 : 2000 * YUAN;
    return rules;
}

static struct account_level level_asked(const struct account_level_asked *asked)
{
    return (struct account_level){
        .may = (asked->may_receive ? MAY_RECEIVE : 0) | (asked->may_pay ? MAY_PAY : 0) |
               (asked->may_withdraw ? MAY_WITHDRAW : 0),
        .operation_in_minor = asked->operation_in_minor,
        .operation_out_minor = asked->operation_out_minor,
        .date_in_minor = asked->date_in_minor,
        .date_out_minor = asked->date_out_minor,
        .year_in_minor = asked->year_in_minor,
        .year_out_minor = asked->year_out_minor,
        .balance_minor = asked->balance_minor,
    };
}

void set_account_levels(struct account_policy *policy, const struct set_account_policy *asked)
{
    memset(policy->levels, 0, sizeof policy->levels);
    policy->preset = (uint8_t)asked->preset;
    policy->level_count = asked->preset == ACCOUNT_POLICY_UNCHECKED ? 0 : ACCOUNT_LEVELS_MAX;
    for (uint32_t i = 0; i < asked->merchant_count; i++)
        policy->levels[ACCOUNT_LEVEL_INDEX(MEMBER_MERCHANT, asked->merchants[i].level)] =
            level_asked(&asked->merchants[i]);
    for (uint32_t i = 0; i < asked->user_count; i++)
        policy->levels[ACCOUNT_LEVEL_INDEX(MEMBER_USER, asked->users[i].level)] =
            level_asked(&asked->users[i]);
    if (asked->preset == ACCOUNT_POLICY_CUSTOM || policy->level_count == 0)
        return;
    for (int kind = MEMBER_MERCHANT; kind <= MEMBER_USER; kind++) {
        for (int level = 0; level < MEMBER_LEVELS; level++)
            policy->levels[ACCOUNT_LEVEL_INDEX(kind, level)] =
                preset_level((enum account_policy_preset)asked->preset, kind, level);
    }
}
