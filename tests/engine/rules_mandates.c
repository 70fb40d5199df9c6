/* rules_mandates.c: what a customer allows beforehand.
 * SPDX-License-Identifier: Apache-2.0 */
#include "rules.h"

#include <stddef.h>
#include <string.h>

static struct command grants(int64_t account, int64_t payee, int64_t card)
{
    return make_mandate(L_MAIN, account, payee, card, 100, 250, AN_HOUR_AHEAD);
}

/* A right proof of a right mandate, but for one number of it. */
static struct command proved(size_t offset, int64_t value)
{
    struct command command = with_proof("F-9", grants(A_RICH, A_POOR, 0));
    memcpy((unsigned char *)&command.grant_mandate.proof + offset, &value, sizeof value);
    return command;
}

static struct command proved_wrong(void)
{
    struct command command = with_proof("F-9", grants(A_RICH, A_POOR, 0));
    command.grant_mandate.proof.result = PROOF_WRONG;
    return command;
}

#define PROVED(field, value) proved(offsetof(struct instruction_proof, field), value)

static void rules_granted(on_rule on, void *context)
{
    const struct command large = make_mandate(L_OTHER, A_OTHER, A_OTHER, 0, 1, 901, AN_HOUR_AHEAD);
    const struct command card = make_mandate(L_OTHER, A_OTHER, 0, Y_OTHER, 1, 951, AN_HOUR_AHEAD);
    struct command wrong = with_proof("F-9", large);
    wrong.grant_mandate.proof.kind = PROOF_PASSWORD;
    const struct rule rules[] = {
        ACCEPTED("for a payee", grants(A_RICH, A_POOR, 0), N_NONE),
        ACCEPTED("by one who gives nothing", grants(A_NO_OUT, A_POOR, 0), N_NONE),
        ACCEPTED("for one who takes nothing", grants(A_RICH, A_NO_IN, 0), N_NONE),
        ACCEPTED("for a card", grants(A_PAYS, 0, Y_PAYS), N_NONE),
        ACCEPTED("with a proof", with_proof("F-9", grants(A_RICH, A_POOR, 0)), N_NONE),
        REFUSED("with a wrong proof", proved_wrong(), OUTCOME_PROOF_FAILED),
        REFUSED_AT("with one of another amount", PROVED(amount_minor, 249),
            OUTCOME_PROOF_NOT_OF_AMOUNT, 250),
        REFUSED("with one of another account", PROVED(account_id, A_POOR),
            OUTCOME_PROOF_NOT_OF_ACCOUNT),
        REFUSED("with one of another payee", PROVED(payee_account_id, A_RICH),
            OUTCOME_PROOF_NOT_OF_PAYEE),
        REFUSED("with one that begins later", PROVED(issued_at_us, STAGE_NOW_US + 1),
            OUTCOME_PROOF_NOT_YET_VALID),
        REFUSED(
            "with one that is over", PROVED(expires_at_us, STAGE_NOW_US), OUTCOME_PROOF_EXPIRED),
        REFUSED_AT("with one that was used", with_proof("F-1", grants(A_RICH, A_POOR, 0)),
            OUTCOME_PROOF_USED, S_PROOF),
        ACCEPTED("for a microsecond",
            make_mandate(L_MAIN, A_RICH, A_POOR, 0, 1, 1, STAGE_NOW_US + 1), N_NONE),
        REFUSED("until this instant", make_mandate(L_MAIN, A_RICH, A_POOR, 0, 1, 1, STAGE_NOW_US),
            OUTCOME_EXPIRY_NOT_AHEAD),
        REFUSED("for a card that is not checked", grants(A_PAYS, 0, Y_BOUND),
            OUTCOME_CARD_NOT_OF_MEMBER),
        REFUSED("for a card of another", grants(A_RICH, 0, Y_PAYS), OUTCOME_CARD_NOT_OF_MEMBER),
        REFUSED("for a card of another ledger", grants(A_PAYS, 0, Y_OTHER), OUTCOME_CARD_NOT_FOUND),
        REFUSED("for no card", grants(A_NONE, 0, Y_NONE), OUTCOME_CARD_NOT_FOUND),
        REFUSED("by nobody", grants(A_NONE, A_POOR, 0), OUTCOME_ACCOUNT_NOT_FOUND),
        REFUSED("by PLATFORM_OWN", grants(PLATFORM_OWN, A_POOR, 0), OUTCOME_NOT_A_MEMBER_ACCOUNT),
        REFUSED("by a closed account", grants(A_CLOSED, A_POOR, 0), OUTCOME_ACCOUNT_CLOSED),
        REFUSED("for nobody", grants(A_RICH, A_NONE, 0), OUTCOME_PAYEE_ACCOUNT_NOT_FOUND),
        REFUSED("for a closed payee", grants(A_RICH, A_CLOSED, 0), OUTCOME_PAYEE_ACCOUNT_CLOSED),
        REFUSED("for itself", grants(A_RICH, A_RICH, 0), OUTCOME_SAME_ACCOUNT),
        REFUSED_AT("above the bound of payments", large, OUTCOME_PROOF_NEEDED, 900),
        REFUSED_AT("above the bound of withdrawals", card, OUTCOME_PROOF_NEEDED, 950),
        REFUSED("above it, by a password", wrong, OUTCOME_PROOF_OF_OTHER_KIND),
        REFUSED("above it, by a code", with_proof("F-9", large), OUTCOME_SAME_ACCOUNT),
        REFUSED("in a closed ledger", in_ledger(L_CLOSED, grants(A_RICH, A_POOR, 0)),
            OUTCOME_LEDGER_CLOSED),
    };
    EACH_RULE(rules, on, context);
}

static struct command pays(int64_t mandate, int64_t amount)
{
    return by_mandate(mandate, make_pay(L_MAIN, A_RICH, A_POOR, amount, 0));
}

static struct command withdraws(int64_t mandate, const char *number, int64_t amount)
{
    struct command command = make_withdraw(L_MAIN, A_PAYS, amount, 0, 0);
    command.withdraw.destination.account_number = text_of(number);
    return by_mandate(mandate, command);
}

#define USES .more = {[RECORD_MANDATE] = 1}
#define PAYS_NUMBER "6216261000000000015"

static void rules_used(on_rule on, void *context)
{
    static const struct payee two[] = {{A_POOR, 10}, {A_NO_OUT, 5}};
    struct command fee = make_pay(L_MAIN, A_RICH, A_POOR, 100, 1);
    const struct rule rules[] = {
        BOOKS_WITH("as much as each may be", pays(N_PAYS, 100), A_POOR,
            .moves = {move(A_RICH, A_POOR, 100)}, USES),
        REFUSED_AT("one unit more", pays(N_PAYS, 101), OUTCOME_ABOVE_MANDATE, 100),
        REFUSED_AT(
            "with its fee one unit more", by_mandate(N_PAYS, fee), OUTCOME_ABOVE_MANDATE, 100),
        REFUSED("used as often as it may", pays(N_SPENT, 101), OUTCOME_MANDATE_USED_UP),
        REFUSED("ended", pays(N_ENDED, 101), OUTCOME_MANDATE_ENDED),
        REFUSED("over this instant", pays(N_DUE, 1), OUTCOME_MANDATE_EXPIRED),
        REFUSED("not begun", pays(N_LATER, 101), OUTCOME_MANDATE_NOT_YET_VALID),
        REFUSED("of nobody", pays(N_NONE, 1), OUTCOME_MANDATE_NOT_FOUND),
        REFUSED("of another ledger", by_mandate(N_PAYS, make_pay(L_OTHER, A_OTHER, A_POOR, 1, 0)),
            OUTCOME_MANDATE_NOT_FOUND),
        REFUSED("of another account", by_mandate(N_PAYS, make_pay(L_MAIN, A_NO_IN, A_POOR, 1, 0)),
            OUTCOME_MANDATE_NOT_OF_ACCOUNT),
        REFUSED("to another payee", by_mandate(N_PAYS, make_pay(L_MAIN, A_RICH, A_NO_OUT, 1, 0)),
            OUTCOME_MANDATE_NOT_OF_PAYEE),
        REFUSED("to two", by_mandate(N_PAYS, make_split(L_MAIN, A_RICH, two, 2, 0)),
            OUTCOME_MANDATE_NOT_OF_PAYEE),
        REFUSED("of a card", by_mandate(N_CARD, make_pay(L_MAIN, A_PAYS, A_POOR, 1, 0)),
            OUTCOME_MANDATE_NOT_OF_PAYEE),
        REFUSED(
            "a withdrawal of nobody", withdraws(N_NONE, PAYS_NUMBER, 1), OUTCOME_MANDATE_NOT_FOUND),
        REFUSED("a withdrawal of another account", withdraws(N_PAYS, PAYS_NUMBER, 1),
            OUTCOME_MANDATE_NOT_OF_ACCOUNT),
        REFUSED("a withdrawal elsewhere", withdraws(N_CARD, "1", 1), OUTCOME_MANDATE_NOT_OF_PAYEE),
        REFUSED_AT("a withdrawal of one unit more", withdraws(N_CARD, PAYS_NUMBER, 101),
            OUTCOME_ABOVE_MANDATE, 100),
        REFUSED("a withdrawal of what is not there", withdraws(N_CARD, PAYS_NUMBER, 100),
            OUTCOME_INSUFFICIENT_AVAILABLE),
    };
    EACH_RULE(rules, on, context);
}

static void rules_ended(on_rule on, void *context)
{
    const struct rule rules[] = {
        ACCEPTED("end one", make_end_mandate(L_MAIN, N_PAYS), N_PAYS),
        ACCEPTED("end one that has not begun", make_end_mandate(L_MAIN, N_LATER), N_LATER),
        ACCEPTED("end what is used up", make_end_mandate(L_MAIN, N_SPENT), N_SPENT),
        REFUSED("end one twice", make_end_mandate(L_MAIN, N_ENDED), OUTCOME_MANDATE_ENDED),
        REFUSED("end what is over", make_end_mandate(L_MAIN, N_DUE), OUTCOME_MANDATE_EXPIRED),
        REFUSED(
            "end another ledger's", make_end_mandate(L_OTHER, N_PAYS), OUTCOME_MANDATE_NOT_FOUND),
    };
    EACH_RULE(rules, on, context);
}

void rules_mandates(on_rule on, void *context)
{
    rules_granted(on, context);
    rules_used(on, context);
    rules_ended(on, context);
}
