/* rules_freezes.c: business freezes: every state with every command about it.
 * SPDX-License-Identifier: Apache-2.0 */
#include "rules.h"

#include "ceilings.h"
#include "model/money.h"

static void rules_place(on_rule on, void *context)
{
    const struct rule rules[] = {
        REFUSED("one unit too much", a_freeze(B_FROZEN, 1001, 0), OUTCOME_INSUFFICIENT_AVAILABLE),
        BOOKS("all of it", a_freeze(B_FROZEN, 1000, 0), Z_NONE, freezes(B_FROZEN, 1000)),
        REFUSED("until now", a_freeze(B_FROZEN, 1, STAGE_NOW_US), OUTCOME_EXPIRY_NOT_AHEAD),
        REFUSED("until before", a_freeze(B_FROZEN, 1, 1), OUTCOME_EXPIRY_NOT_AHEAD),
        BOOKS("for a microsecond", a_freeze(B_FROZEN, 1, STAGE_NOW_US + 1), Z_NONE,
            freezes(B_FROZEN, 1)),
        BOOKS("one that gives nothing", a_freeze(B_NO_OUT, 500, 0), Z_NONE, freezes(B_NO_OUT, 500)),
        BOOKS("one that takes nothing", a_freeze(B_NO_IN, 500, 0), Z_NONE, freezes(B_NO_IN, 500)),
        BOOKS("by another", command_by("u", a_freeze(B_FROZEN, 1, AN_HOUR_AHEAD)), Z_NONE,
            freezes(B_FROZEN, 1)),
        REFUSED("of nothing", a_freeze(B_EMPTY, 1, 0), OUTCOME_INSUFFICIENT_AVAILABLE),
        REFUSED("a closed account", a_freeze(B_CLOSED, 1, 0), OUTCOME_ACCOUNT_CLOSED),
        REFUSED("PLATFORM_OWN", a_freeze(SHOP_OWN, 1, 0), OUTCOME_NOT_A_MEMBER_ACCOUNT),
        REFUSED("a fee account", a_freeze(F_MINE, 1, 0), OUTCOME_NOT_A_MEMBER_ACCOUNT),
        REFUSED("another ledger's", a_freeze(B_PLAIN, 1, 0), OUTCOME_ACCOUNT_NOT_FOUND),
        REFUSED("nobody's", a_freeze(A_NONE, 1, 0), OUTCOME_ACCOUNT_NOT_FOUND),
        REFUSED("the time before too little", a_freeze(B_EMPTY, 1, 1), OUTCOME_EXPIRY_NOT_AHEAD),
        REFUSED("in a closed ledger", in_ledger(L_CLOSED, a_freeze(B_FROZEN, 1, 0)),
            OUTCOME_LEDGER_CLOSED),
    };
    EACH_RULE(rules, on, context);
}

#define LIFTS(name, command, freeze, amount) BOOKS(name, command, freeze, frees(B_FROZEN, amount))

static void rules_lift(on_rule on, void *context)
{
    const struct rule rules[] = {
        REFUSED_AT("one unit too much", a_lift(Z_LIVE, 501), OUTCOME_ABOVE_REST, 500),
        REFUSED("the largest amount", a_lift(Z_LIVE, AMOUNT_MINOR_MAX), OUTCOME_ABOVE_REST),
        LIFTS("all of it", a_lift(Z_LIVE, 500), Z_LIVE, 500),
        LIFTS("everything", a_lift(Z_LIVE, 0), Z_LIVE, 500),
        LIFTS("a part", a_lift(Z_LIVE, 1), Z_LIVE, 1),
        REFUSED_AT("more than is left", a_lift(Z_PART, 61), OUTCOME_ABOVE_REST, 60),
        LIFTS("everything that is left", a_lift(Z_PART, 0), Z_PART, 60),
        REFUSED("over now", a_lift(Z_DUE, 0), OUTCOME_FREEZE_EXPIRED),
        LIFTS("over in a microsecond", a_lift(Z_NEARLY, 0), Z_NEARLY, 60),
        REFUSED("lifted", a_lift(Z_LIFTED, 0), OUTCOME_FREEZE_LIFTED),
        REFUSED("expired", a_lift(Z_EXPIRED, 0), OUTCOME_FREEZE_EXPIRED),
        REFUSED("another's", a_lift(Z_OTHERS, 0), OUTCOME_FREEZE_OF_ANOTHER),
        LIFTS("by the other", command_by("u", a_lift(Z_OTHERS, 0)), Z_OTHERS, 300),
        REFUSED("by a channel that begins alike", command_by("tt", a_lift(Z_LIVE, 0)),
            OUTCOME_FREEZE_OF_ANOTHER),
        REFUSED("another's before lifted", command_by("u", a_lift(Z_LIFTED, 0)),
            OUTCOME_FREEZE_OF_ANOTHER),
        REFUSED("none", a_lift(Z_NONE, 0), OUTCOME_FREEZE_NOT_FOUND),
        REFUSED("id 0", a_lift(0, 0), OUTCOME_FREEZE_NOT_FOUND),
        REFUSED("the largest id", a_lift(INT64_MAX, 0), OUTCOME_FREEZE_NOT_FOUND),
        REFUSED("another ledger's", a_lift(Z_PLAIN, 0), OUTCOME_FREEZE_NOT_FOUND),
        REFUSED(
            "in a closed ledger", in_ledger(L_CLOSED, a_lift(Z_LIVE, 0)), OUTCOME_LEDGER_CLOSED),
    };
    EACH_RULE(rules, on, context);
}

#define BY_CLERK(channel, command)                                                                 \
    command_of_caller(U_CLERK, command_by(channel, command_on(TEST_DATE + 3, command)))

/* Whose a freeze is. */
static void rules_owners(on_rule on, void *context)
{
    const struct command lift = make_lift_freeze(L_LATE, Z_CALLER, 0);
    const struct rule rules[] = {
        BOOKS("lift one's own", BY_CLERK("t", lift), Z_CALLER, frees(A_LATE, 3)),
        BOOKS("lift one's own by another channel", BY_CLERK("u", lift), Z_CALLER, frees(A_LATE, 3)),
        REFUSED("lift another caller's by its channel",
            command_of_caller(U_CHIEF, command_on(TEST_DATE + 3, lift)), OUTCOME_FREEZE_OF_ANOTHER),
        BOOKS("who lifts is not known: by its channel", command_on(TEST_DATE + 3, lift), Z_CALLER,
            frees(A_LATE, 3)),
        REFUSED("who lifts is not known: by another channel",
            command_by("u", command_on(TEST_DATE + 3, lift)), OUTCOME_FREEZE_OF_ANOTHER),
    };
    EACH_RULE(rules, on, context);
}

void rules_freezes(on_rule on, void *context)
{
    rules_place(on, context);
    rules_lift(on, context);
    const struct rule rules[] = {
        REFUSED("in a microsecond", an_expiry(EXPIRY_FREEZE, Z_NEARLY), OUTCOME_NOT_YET_DUE),
        LIFTS("now", an_expiry(EXPIRY_FREEZE, Z_DUE), Z_DUE, 50),
        REFUSED("never", an_expiry(EXPIRY_FREEZE, Z_LIVE), OUTCOME_NOT_YET_DUE),
        REFUSED("later", an_expiry(EXPIRY_FREEZE, Z_OTHERS), OUTCOME_NOT_YET_DUE),
        REFUSED("later, a part of it left", an_expiry(EXPIRY_FREEZE, Z_PART), OUTCOME_NOT_YET_DUE),
        REFUSED("lifted", an_expiry(EXPIRY_FREEZE, Z_LIFTED), OUTCOME_FREEZE_LIFTED),
        REFUSED("expired", an_expiry(EXPIRY_FREEZE, Z_EXPIRED), OUTCOME_FREEZE_EXPIRED),
        REFUSED("none", an_expiry(EXPIRY_FREEZE, Z_NONE), OUTCOME_FREEZE_NOT_FOUND),
        REFUSED("another ledger's", an_expiry(EXPIRY_FREEZE, Z_PLAIN), OUTCOME_FREEZE_NOT_FOUND),
    };
    rules_owners(on, context);
    EACH_RULE(rules, on, context);
}
