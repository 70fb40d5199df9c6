/* rules_members.c: opening, closing and restricting members and accounts.
 * SPDX-License-Identifier: Apache-2.0 */
#include "rules.h"

void rules_members(on_rule on, void *context)
{
    const char *longest = "0123456789012345678901234567890123456789012345678901234567890123";
    const struct rule rules[] = {
        ACCEPTED("open with the longest id", make_open_member(L_MAIN, longest), M_NONE),
        REFUSED("an id that is taken", make_open_member(L_MAIN, "owner"),
            OUTCOME_PLATFORM_MEMBER_ID_TAKEN),
        REFUSED("an id that a closed member had", make_open_member(L_MAIN, "closed"),
            OUTCOME_PLATFORM_MEMBER_ID_TAKEN),
        ACCEPTED("an id that another ledger has", make_open_member(L_OTHER, "empty"), M_NONE),
        ACCEPTED("an id that differs in case", make_open_member(L_MAIN, "Owner"), M_NONE),
        ACCEPTED("an id that begins alike", make_open_member(L_MAIN, "owne"), M_NONE),
        REFUSED(
            "open in a closed ledger", make_open_member(L_CLOSED, "new"), OUTCOME_LEDGER_CLOSED),
        REFUSED("open in no ledger", make_open_member(L_NONE, "new"), OUTCOME_LEDGER_NOT_FOUND),

        REFUSED("close with open accounts", make_close_member(L_MAIN, M_OWNER),
            OUTCOME_MEMBER_HAS_OPEN_ACCOUNTS),
        ACCEPTED("close with closed accounts", make_close_member(L_MAIN, M_LEAVING), M_LEAVING),
        ACCEPTED("close without accounts", make_close_member(L_MAIN, M_EMPTY), M_EMPTY),
        REFUSED("close twice", make_close_member(L_MAIN, M_CLOSED), OUTCOME_MEMBER_CLOSED),
        REFUSED("close another ledger's", make_close_member(L_OTHER, M_EMPTY),
            OUTCOME_MEMBER_NOT_FOUND),
        REFUSED("close nobody", make_close_member(L_MAIN, M_NONE), OUTCOME_MEMBER_NOT_FOUND),
        REFUSED(
            "close the largest id", make_close_member(L_MAIN, INT64_MAX), OUTCOME_MEMBER_NOT_FOUND),
        REFUSED("close id 0", make_close_member(L_MAIN, 0), OUTCOME_MEMBER_NOT_FOUND),
        REFUSED("close in a closed ledger", make_close_member(L_CLOSED, M_EMPTY),
            OUTCOME_LEDGER_CLOSED),
    };
    EACH_RULE(rules, on, context);
}

void rules_accounts(on_rule on, void *context)
{
    const struct rule rules[] = {
        ACCEPTED("a first account", make_open_account(L_MAIN, M_EMPTY), A_NONE),
        ACCEPTED("one more account", make_open_account(L_MAIN, M_OWNER), A_NONE),
        ACCEPTED("after a closed one", make_open_account(L_MAIN, M_LEAVING), A_NONE),
        REFUSED("for a closed member", make_open_account(L_MAIN, M_CLOSED), OUTCOME_MEMBER_CLOSED),
        REFUSED("for another ledger's member", make_open_account(L_MAIN, M_OTHER),
            OUTCOME_MEMBER_NOT_FOUND),
        REFUSED("for nobody", make_open_account(L_MAIN, M_NONE), OUTCOME_MEMBER_NOT_FOUND),
        REFUSED(
            "open in a closed ledger", make_open_account(L_CLOSED, M_OWNER), OUTCOME_LEDGER_CLOSED),

        ACCEPTED("close with nothing in it", make_close_account(L_MAIN, A_POOR), A_POOR),
        REFUSED("close with something available", make_close_account(L_MAIN, A_NO_OUT),
            OUTCOME_ACCOUNT_NOT_EMPTY),
        REFUSED("close with something pending only", make_close_account(L_MAIN, A_PENDING),
            OUTCOME_ACCOUNT_NOT_EMPTY),
        REFUSED("close twice", make_close_account(L_MAIN, A_CLOSED), OUTCOME_ACCOUNT_CLOSED),
        REFUSED("close a control account", make_close_account(L_MAIN, PLATFORM_OWN),
            OUTCOME_NOT_A_MEMBER_ACCOUNT),
        REFUSED("close another ledger's", make_close_account(L_MAIN, A_OTHER),
            OUTCOME_ACCOUNT_NOT_FOUND),
        REFUSED("close another ledger's control account", make_close_account(L_MAIN, ESCROW_OTHER),
            OUTCOME_ACCOUNT_NOT_FOUND),
        REFUSED("close none", make_close_account(L_MAIN, A_NONE), OUTCOME_ACCOUNT_NOT_FOUND),

        ACCEPTED("restrict", make_restrict(L_MAIN, A_RICH, true, true), A_RICH),
        ACCEPTED("restrict what comes in only", make_restrict(L_MAIN, A_RICH, true, false), A_RICH),
        ACCEPTED("lift both restrictions", make_restrict(L_MAIN, A_BOTH, false, false), A_BOTH),
        ACCEPTED("restrict as it is", make_restrict(L_MAIN, A_BOTH, true, true), A_BOTH),
        ACCEPTED("a second owner", command_by("u", make_restrict(L_MAIN, A_NO_OUT, true, false)),
            A_NO_OUT),
        ACCEPTED("its own by name", make_lift_of(L_MAIN, A_BOTH, "t", false, true), A_BOTH),
        REFUSED("lift nothing", make_restrict(L_MAIN, A_RICH, false, false),
            OUTCOME_RESTRICTION_NOT_FOUND),
        REFUSED("lift nothing of its own", command_by("u", make_restrict(L_MAIN, A_BOTH, 0, 0)),
            OUTCOME_RESTRICTION_NOT_FOUND),
        REFUSED("lift what nobody set", make_lift_of(L_MAIN, A_RICH, "u", 0, 0),
            OUTCOME_RESTRICTION_NOT_FOUND),
        REFUSED("restrict in another's name", make_lift_of(L_MAIN, A_RICH, "u", true, 0),
            OUTCOME_RESTRICTION_NOT_FOUND),
        REFUSED("lift what was set without an owner", make_lift_of(L_MAIN, A_BOTH, "vsl", 0, 0),
            OUTCOME_RESTRICTION_NOT_FOUND),
        REFUSED("add to another's", make_lift_of(L_MAIN, A_BOTH, "r1", true, true),
            OUTCOME_RESTRICTION_OF_ANOTHER),
        REFUSED("give another's one for the other", make_lift_of(L_MAIN, A_BOTH, "r1", 0, true),
            OUTCOME_RESTRICTION_OF_ANOTHER),
        REFUSED("leave another's as it is", make_lift_of(L_MAIN, A_BOTH, "r1", true, false),
            OUTCOME_RESTRICTION_OF_ANOTHER),
        REFUSED("lift another's alone", make_lift_of(L_MAIN, A_BOTH, "r1", false, false),
            OUTCOME_APPROVAL_NEEDED),
        BOOKS_WITH("lift another's, by two",
            by_approval(Q_MAIN, command_by("u", make_lift_of(L_MAIN, A_BOTH, "r1", 0, 0))), A_BOTH,
            .more = {[RECORD_PROPOSAL] = 1}),
        REFUSED("a ninth owner", command_by("u", make_restrict(L_MAIN, A_BOTH, true, false)),
            OUTCOME_TOO_MANY_RESTRICTIONS),
        REFUSED("restrict a closed account", make_restrict(L_MAIN, A_CLOSED, true, true),
            OUTCOME_ACCOUNT_CLOSED),
        REFUSED("restrict a control account", make_restrict(L_MAIN, FEE, true, true),
            OUTCOME_NOT_A_MEMBER_ACCOUNT),
        REFUSED("restrict another ledger's", make_restrict(L_MAIN, A_OTHER, true, true),
            OUTCOME_ACCOUNT_NOT_FOUND),
        REFUSED(
            "restrict none", make_restrict(L_MAIN, A_NONE, true, true), OUTCOME_ACCOUNT_NOT_FOUND),
    };
    EACH_RULE(rules, on, context);
}
