/* rules_proposals.c: four eyes, and which commands need them.
 * SPDX-License-Identifier: Apache-2.0 */
#include "rules.h"

#define FEE_LATE 33
#define LATE(command) command_on(TEST_DATE + 3, command)
#define A_FEE(amount) LATE(make_fee(L_LATE, A_LATE, amount))
#define APPROVED(proposal, command) by_approval(proposal, command_by("u", command))
#define AND_THE_PROPOSAL .more = {[RECORD_PROPOSAL] = 1}

static void rules_of_proposals(on_rule on, void *context)
{
    const struct command fee = make_fee(L_LATE, A_LATE, 20);
    const struct command gone = make_fee(L_LATE, A_NONE, 20);
    const struct rule rules[] = {
        ACCEPTED(
            "one microsecond ahead", LATE(make_proposal(L_LATE, &fee, STAGE_NOW_US + 1)), Q_NONE),
        REFUSED("an end that is now", LATE(make_proposal(L_LATE, &fee, STAGE_NOW_US)),
            OUTCOME_EXPIRY_NOT_AHEAD),
        ACCEPTED("what is proposed is not looked at",
            LATE(make_proposal(L_LATE, &gone, AN_HOUR_AHEAD)), Q_NONE),

        REFUSED("approve nothing", LATE(make_approval(L_LATE, Q_NONE)), OUTCOME_PROPOSAL_NOT_FOUND),
        REFUSED("approve another ledger's", LATE(make_approval(L_LATE, Q_MAIN)),
            OUTCOME_PROPOSAL_NOT_FOUND),
        REFUSED("approve one's own", LATE(make_approval(L_LATE, Q_OPEN)), OUTCOME_SAME_CALLER),
        REFUSED("of two callers only one is known: by the same channel",
            command_of_caller(U_CHIEF, LATE(make_approval(L_LATE, Q_OPEN))), OUTCOME_SAME_CALLER),
        REFUSED("the same caller by another channel",
            command_of_caller(U_CLERK, command_by("u", LATE(make_approval(L_LATE, Q_CALLER)))),
            OUTCOME_SAME_CALLER),
        REFUSED("one's own that is decided", LATE(make_approval(L_LATE, Q_APPROVED)),
            OUTCOME_SAME_CALLER),
        REFUSED("approve what is approved",
            command_by("u", LATE(make_approval(L_LATE, Q_APPROVED))), OUTCOME_PROPOSAL_DECIDED),
        REFUSED("approve what is withdrawn",
            command_by("u", LATE(make_approval(L_LATE, Q_WITHDRAWN))), OUTCOME_PROPOSAL_DECIDED),
        REFUSED("approve what is expired", command_by("u", LATE(make_approval(L_LATE, Q_EXPIRED))),
            OUTCOME_PROPOSAL_EXPIRED),
        REFUSED("approve what is due", command_by("u", LATE(make_approval(L_LATE, Q_DUE))),
            OUTCOME_PROPOSAL_EXPIRED),

        REFUSED("approve what a caller has proposed who is suspended",
            command_by("u", LATE(make_approval(L_LATE, Q_GONE))), OUTCOME_MAKER_NOT_ALLOWED),
        REFUSED("who proposed it has not the role",
            command_by("u", LATE(make_approval(L_LATE, Q_LESS))), OUTCOME_MAKER_NOT_ALLOWED),
        REFUSED("who proposed it has not the ledger",
            command_by("u", LATE(make_approval(L_LATE, Q_AWAY))), OUTCOME_MAKER_NOT_ALLOWED),
        BOOKS_WITH("another channel approves, where no caller is known",
            APPROVED(Q_OPEN, A_FEE(20)), A_LATE, .moves = {move(A_LATE, FEE_LATE, 20)},
            AND_THE_PROPOSAL),
        BOOKS_WITH("another caller approves, by the same channel",
            command_of_caller(U_CHIEF, by_approval(Q_CALLER, A_FEE(20))), A_LATE,
            .moves = {move(A_LATE, FEE_LATE, 20)}, AND_THE_PROPOSAL),
        REFUSED("the ordinary rules hold", APPROVED(Q_OPEN, A_FEE(10000)),
            OUTCOME_INSUFFICIENT_AVAILABLE),

        ACCEPTED("withdraw one's own", LATE(make_withdraw_proposal(L_LATE, Q_OPEN)), Q_OPEN),
        ACCEPTED("withdraw one's own by another channel",
            command_of_caller(
                U_CLERK, command_by("u", LATE(make_withdraw_proposal(L_LATE, Q_CALLER)))),
            Q_CALLER),
        REFUSED("withdraw another's, by the same channel",
            command_of_caller(U_CHIEF, LATE(make_withdraw_proposal(L_LATE, Q_CALLER))),
            OUTCOME_PROPOSAL_OF_ANOTHER),
        REFUSED("withdraw another channel's",
            command_by("u", LATE(make_withdraw_proposal(L_LATE, Q_OPEN))),
            OUTCOME_PROPOSAL_OF_ANOTHER),
        REFUSED("withdraw nothing", LATE(make_withdraw_proposal(L_LATE, Q_NONE)),
            OUTCOME_PROPOSAL_NOT_FOUND),
        REFUSED("withdraw another ledger's", LATE(make_withdraw_proposal(L_LATE, Q_MAIN)),
            OUTCOME_PROPOSAL_NOT_FOUND),
        REFUSED("withdraw it twice", LATE(make_withdraw_proposal(L_LATE, Q_WITHDRAWN)),
            OUTCOME_PROPOSAL_DECIDED),
        REFUSED("withdraw what is due", LATE(make_withdraw_proposal(L_LATE, Q_DUE)),
            OUTCOME_PROPOSAL_EXPIRED),

        ACCEPTED("its time is over", LATE(make_expire(L_LATE, EXPIRY_PROPOSAL, Q_DUE)), Q_DUE),
        REFUSED("its time is not over", LATE(make_expire(L_LATE, EXPIRY_PROPOSAL, Q_OPEN)),
            OUTCOME_NOT_YET_DUE),
        REFUSED("it is over already", LATE(make_expire(L_LATE, EXPIRY_PROPOSAL, Q_EXPIRED)),
            OUTCOME_PROPOSAL_EXPIRED),
        REFUSED("it was approved in time", LATE(make_expire(L_LATE, EXPIRY_PROPOSAL, Q_APPROVED)),
            OUTCOME_PROPOSAL_DECIDED),
        REFUSED("nothing ends", LATE(make_expire(L_LATE, EXPIRY_PROPOSAL, Q_NONE)),
            OUTCOME_PROPOSAL_NOT_FOUND),
    };
    EACH_RULE(rules, on, context);
}

static void rules_of_policies(on_rule on, void *context)
{
    static const struct approval_rule_asked always[] = {{COMMAND_PAY, 0}};
    const struct rule rules[] = {
        ACCEPTED("the first policy", make_policy(L_MAIN, always, 1), L_MAIN),
        ACCEPTED("none", make_policy(L_MAIN, NULL, 0), L_MAIN),
        REFUSED("another policy", LATE(make_policy(L_LATE, always, 1)), OUTCOME_APPROVAL_NEEDED),
        REFUSED("none any more", LATE(make_policy(L_LATE, NULL, 0)), OUTCOME_APPROVAL_NEEDED),
        BOOKS_WITH("another policy, by two", APPROVED(Q_OPEN, LATE(make_policy(L_LATE, always, 1))),
            L_LATE, AND_THE_PROPOSAL),

        BOOKS("up to the limit", A_FEE(10), A_LATE, move(A_LATE, FEE_LATE, 10)),
        REFUSED_AT("above the limit", A_FEE(11), OUTCOME_APPROVAL_NEEDED, 10),
        REFUSED_AT("whatever else is wrong with it", LATE(make_fee(L_LATE, A_NONE, 11)),
            OUTCOME_APPROVAL_NEEDED, 10),
        REFUSED("what is wrong with it below", LATE(make_fee(L_LATE, A_NONE, 10)),
            OUTCOME_ACCOUNT_NOT_FOUND),
        BOOKS("amount and fee up to the limit",
            LATE(make_withdraw(L_LATE, A_LATE, 48, 2, FEE_OUTSIDE)), P_NONE, sends(A_LATE, 48),
            move(A_LATE, FEE_LATE, 2)),
        REFUSED_AT("amount and fee above the limit",
            LATE(make_withdraw(L_LATE, A_LATE, 49, 2, FEE_OUTSIDE)), OUTCOME_APPROVAL_NEEDED, 50),
        REFUSED_AT("always", LATE(make_open_member(L_LATE, "new")), OUTCOME_APPROVAL_NEEDED, 0),
        BOOKS_WITH("always, by two", APPROVED(Q_OPEN, LATE(make_open_member(L_LATE, "new"))),
            M_NONE, AND_THE_PROPOSAL),
        BOOKS("what the service does by itself", command_by(OWN_CHANNEL, A_FEE(11)), A_LATE,
            move(A_LATE, FEE_LATE, 11)),
        BOOKS(
            "another ledger's policy", make_fee(L_MAIN, A_RICH, 11), A_RICH, move(A_RICH, FEE, 11)),
    };
    EACH_RULE(rules, on, context);
}

void rules_proposals(on_rule on, void *context)
{
    rules_of_proposals(on, context);
    rules_of_policies(on, context);
}
