/* rules_screening.c: deny lists, who is found on them, and what that keeps from moving.
 * SPDX-License-Identifier: Apache-2.0 */
#include "rules.h"

#define MORE_HITS(count) .more = {[RECORD_HIT] = (count)}

static struct command of_kind(enum document_kind kind, struct command command)
{
    command.add_denied.document_kind = (int32_t)kind;
    return command;
}

static struct command name(const char *value, int64_t expires_at_us)
{
    return make_deny_name(L_DENY, value, expires_at_us);
}

static void rules_listed(on_rule on, void *context)
{
    const struct rule rules[] = {
        ACCEPTED("until the next microsecond", name("somebody", STAGE_NOW_US + 1), V_NONE),
        REFUSED("until now", name("somebody", STAGE_NOW_US), OUTCOME_EXPIRY_NOT_AHEAD),
        ACCEPTED("a name of nobody", name("somebody", 0), V_NONE),
        BOOKS_WITH("a member's name", name("Zhao Liu", 0), V_NONE, MORE_HITS(1)),
        BOOKS_WITH(
            "a member's document", make_deny_document(L_DENY, "D-5", 0), V_NONE, MORE_HITS(1)),
        BOOKS_WITH("a document of the same class",
            of_kind(DOCUMENT_HOUSEHOLD_REGISTER, make_deny_document(L_DENY, "D-5", 0)), V_NONE,
            MORE_HITS(1)),
        ACCEPTED("a document of another class",
            of_kind(DOCUMENT_MILITARY, make_deny_document(L_DENY, "D-3", 0)), V_NONE),
        BOOKS_WITH("who is restricted already", make_deny_document(L_DENY, "D-1", 0), V_NONE,
            MORE_HITS(1)),
        ACCEPTED("a document that another ledger's member has",
            make_deny_document(L_DENY, "11010519491231002X", 0), V_NONE),
        ACCEPTED("a name that is a number elsewhere", name("D-3", 0), V_NONE),
        ACCEPTED("what was ended", name("ended", 0), V_NONE),
        ACCEPTED("what expired", name("expired", 0), V_NONE),
        ACCEPTED("what is over, though nobody said so", name("due", 0), V_NONE),
        REFUSED_AT(
            "what is over in a microsecond", name("nearly", 0), OUTCOME_VALUE_DENIED, V_NEARLY),
        REFUSED_AT("a name twice", name("Li Si", 0), OUTCOME_VALUE_DENIED, V_NAME),
        REFUSED_AT("a document twice, on another paper",
            of_kind(DOCUMENT_HOUSEHOLD_REGISTER, make_deny_document(L_DENY, "D-3", 0)),
            OUTCOME_VALUE_DENIED, V_DOCUMENT),
        REFUSED_AT("an account twice", make_deny_account(L_DENY, "90000000", 0),
            OUTCOME_VALUE_DENIED, V_ACCOUNT),
        REFUSED_AT("a value twice before its end", name("Li Si", STAGE_NOW_US),
            OUTCOME_VALUE_DENIED, V_NAME),
        ACCEPTED("what another ledger lists not", make_deny_name(L_OTHER, "payer", 0), V_NONE),
        REFUSED("in a closed ledger", make_deny_name(L_CLOSED, "x", 0), OUTCOME_LEDGER_CLOSED),
    };
    EACH_RULE(rules, on, context);
}

static struct command two(struct command command)
{
    return by_approval(Q_DENY, command);
}

static void rules_ended(on_rule on, void *context)
{
    const struct rule rules[] = {
        ACCEPTED("by two", command_by("u", two(make_end_denied(L_DENY, V_NAME))), V_NAME),
        ACCEPTED("by two, what is over though nobody said so",
            command_by("u", two(make_end_denied(L_DENY, V_DUE))), V_DUE),
        REFUSED("by one", make_end_denied(L_DENY, V_NAME), OUTCOME_APPROVAL_NEEDED),
        REFUSED(
            "by one, what is not there", make_end_denied(L_DENY, V_NONE), OUTCOME_APPROVAL_NEEDED),
        REFUSED("by two, ended", command_by("u", two(make_end_denied(L_DENY, V_ENDED))),
            OUTCOME_DENIED_ENDED),
        REFUSED("by two, expired", command_by("u", two(make_end_denied(L_DENY, V_EXPIRED))),
            OUTCOME_DENIED_ENDED),
        REFUSED("by two, another ledger's", command_by("u", two(make_end_denied(L_DENY, V_OTHER))),
            OUTCOME_DENIED_NOT_FOUND),
        REFUSED("by two, no entry", command_by("u", two(make_end_denied(L_DENY, V_NONE))),
            OUTCOME_DENIED_NOT_FOUND),
        ACCEPTED("its time is over", make_expire(L_DENY, EXPIRY_DENIED, V_DUE), V_DUE),
        REFUSED("its time is not over", make_expire(L_DENY, EXPIRY_DENIED, V_NEARLY),
            OUTCOME_NOT_YET_DUE),
        REFUSED("it has no end", make_expire(L_DENY, EXPIRY_DENIED, V_NAME), OUTCOME_NOT_YET_DUE),
        REFUSED("it expired", make_expire(L_DENY, EXPIRY_DENIED, V_EXPIRED), OUTCOME_DENIED_ENDED),
        REFUSED("another ledger's", make_expire(L_DENY, EXPIRY_DENIED, V_OTHER),
            OUTCOME_DENIED_NOT_FOUND),
        REFUSED("no entry", make_expire(L_DENY, EXPIRY_DENIED, V_NONE), OUTCOME_DENIED_NOT_FOUND),
    };
    EACH_RULE(rules, on, context);
}

static struct command clears(int64_t hit)
{
    return command_by("u", make_decide_hit(L_DENY, hit, HIT_DECISION_CLEARED));
}

static struct command confirms(int64_t hit)
{
    return command_by("u", make_decide_hit(L_DENY, hit, HIT_DECISION_CONFIRMED));
}

static void rules_decided(on_rule on, void *context)
{
    const struct rule rules[] = {
        ACCEPTED("cleared", clears(W_OPEN), W_OPEN),
        ACCEPTED("confirmed", confirms(W_OPEN), W_OPEN),
        ACCEPTED("cleared after it was confirmed", clears(W_CONFIRMED), W_CONFIRMED),
        ACCEPTED("a payer's", clears(W_PAYER), W_PAYER),
        REFUSED("confirmed again", confirms(W_CONFIRMED), OUTCOME_HIT_DECIDED),
        REFUSED("confirmed after it was cleared", confirms(W_CLEARED), OUTCOME_HIT_DECIDED),
        REFUSED("cleared again", clears(W_CLEARED), OUTCOME_HIT_DECIDED),
        REFUSED("by who listed it", command_by("t", clears(W_OPEN)), OUTCOME_SAME_CALLER),
        REFUSED("by the same channel, a caller",
            command_of_caller(U_CHIEF, command_by("t", clears(W_OPEN))), OUTCOME_SAME_CALLER),
        REFUSED(
            "decided, by who listed it", command_by("t", clears(W_CLEARED)), OUTCOME_HIT_DECIDED),
        REFUSED("another ledger's", command_by("u", in_ledger(L_OTHER, clears(W_OPEN))),
            OUTCOME_HIT_NOT_FOUND),
        REFUSED("no hit", clears(W_NONE), OUTCOME_HIT_NOT_FOUND),
    };
    EACH_RULE(rules, on, context);
}

/* Who acts for the member: as whom it is identified by its own paper. */
static struct command acts(bool is_handler, const char *name, int32_t kind, const char *number)
{
    struct command command = make_identify(L_DENY, M_CLEAN, "Zhao Liu", "D-5", 0);
    struct identify_member *asked = &command.identify_member;
    struct identified *who = is_handler ? &asked->handler : &asked->representative;
    *who = asked->holder;
    who->name = text_of(name);
    who->document_kind = kind;
    who->number = text_of(number);
    return command;
}

static void rules_found(on_rule on, void *context)
{
    struct command paper = make_identify(L_DENY, M_CLEAN, "Zhao Liu", "D-5", 0);
    struct command renamed = make_identify(L_DENY, M_CLEAN, "Li Si", "D-5", 0);
    struct command cleared = make_identify(L_DENY, M_CLEARED, "Li Si", "D-2", 0);
    struct command both = make_identify(L_DENY, M_CLEARED, "payer", "D-2", 0);
    struct command ended = make_identify(L_DENY, M_CLEAN, "ended", "D-5", 0);
    struct command due = make_identify(L_DENY, M_CLEAN, "due", "D-5", 0);
    struct command card = make_bind_card(L_DENY, M_CLEAN, CARD_PERSONAL, "90000001");
    card.bind_card.holder = text_of("Zhao Liu");
    const struct rule rules[] = {
        ACCEPTED("not listed", paper, M_CLEAN),
        BOOKS_WITH("by a new name", renamed, M_CLEAN, MORE_HITS(1)),
        ACCEPTED("cleared of it", cleared, M_CLEARED),
        BOOKS_WITH("by another entry", both, M_CLEARED, MORE_HITS(1)),
        ACCEPTED("what was ended finds nobody", ended, M_CLEAN),
        ACCEPTED("what is over finds nobody", due, M_CLEAN),
        ACCEPTED("a card that is not listed", card, Y_NONE),
        BOOKS_WITH("by who represents it", acts(false, "Li Si", DOCUMENT_CITIZEN_CARD, "D-9"),
            M_CLEAN, MORE_HITS(1)),
        BOOKS_WITH("by that one's number", acts(false, "x", DOCUMENT_HOUSEHOLD_REGISTER, "D-3"),
            M_CLEAN, MORE_HITS(1)),
        BOOKS_WITH("by who came", acts(true, "Li Si", DOCUMENT_CITIZEN_CARD, "D-9"), M_CLEAN,
            MORE_HITS(1)),
        BOOKS_WITH("by the number of who came", acts(true, "x", DOCUMENT_CITIZEN_CARD, "D-3"),
            M_CLEAN, MORE_HITS(1)),
        BOOKS_WITH("by both of who came", acts(true, "Li Si", DOCUMENT_CITIZEN_CARD, "D-3"),
            M_CLEAN, MORE_HITS(2)),
        ACCEPTED("another document", acts(false, "x", DOCUMENT_FOREIGN_PASSPORT, "D-3"), M_CLEAN),
    };
    EACH_RULE(rules, on, context);
}

static struct command from(const char *payer, const char *number, struct command receipt)
{
    receipt.book_receipt.payer =
        (struct party){.name = text_of(payer), .account_number = text_of(number)};
    return receipt;
}

static struct command to(const char *payee, const char *number)
{
    struct command command = make_withdraw(L_DENY, A_CLEAN, 5, 0, 0);
    command.withdraw.destination =
        (struct party){.name = text_of(payee), .account_number = text_of(number)};
    return command;
}

#define WAITS(name, of, amount)                                                                    \
    ANSWERS(name, of, OUTCOME_ACCEPTED_UNALLOCATED, DENY_UNALLOCATED,                              \
        move(DENY_ESCROW, DENY_UNALLOCATED, amount))

#define PAYER_WAITS(text, of, hits)                                                                \
    {                                                                                              \
        .name = (text), .command = (of), .outcome = OUTCOME_ACCEPTED_UNALLOCATED,                  \
        .subject = DENY_UNALLOCATED, .moves = {move(DENY_ESCROW, DENY_UNALLOCATED, 5)},            \
        MORE_HITS(hits)                                                                            \
    }

static void rules_money_in_of_hits(on_rule on, void *context)
{
    const struct payee open = {A_HIT, 5};
    const struct payee clean = {A_CLEAN, 5};
    const struct rule rules[] = {
        WAITS("for a member with an open hit", make_receipt(L_DENY, A_HIT, 5), 5),
        WAITS("for one with a confirmed hit", make_receipt(L_DENY, A_CONFIRMED, 5), 5),
        WAITS("for one whose card is listed", make_receipt(L_DENY, A_CARRIES, 5), 5),
        BOOKS("for one whose hit was cleared", make_receipt(L_DENY, A_CLEARED, 5), A_CLEARED,
            move(DENY_ESCROW, A_CLEARED, 5)),
        PAYER_WAITS("of a payer by name", from("payer", "1", make_receipt(L_DENY, A_CLEAN, 5)), 1),
        PAYER_WAITS("of a payer by number",
            from("x", "90000000", make_receipt_by_number(L_DENY, "", 5)), 1),
        PAYER_WAITS(
            "of a payer by both", from("payer", "90000000", make_receipt(L_DENY, A_HIT, 5)), 2),
        BOOKS("of a payer that is not listed", from("ended", "1", make_receipt(L_DENY, A_CLEAN, 5)),
            A_CLEAN, move(DENY_ESCROW, A_CLEAN, 5)),
        REFUSED("interest", make_interest(L_DENY, A_HIT, 5), OUTCOME_ACCOUNT_RESTRICTED_IN),
        REFUSED("a payment to it", make_pay(L_DENY, A_CLEAN, A_HIT, 5, 0),
            OUTCOME_ACCOUNT_RESTRICTED_IN),
        BOOKS("a payment to who was cleared", make_pay(L_DENY, A_CLEAN, A_CLEARED, 5, 0), A_CLEARED,
            move(A_CLEAN, A_CLEARED, 5)),
        REFUSED("an allocation to it", make_allocate(L_DENY, X_FREED, &open, 1),
            OUTCOME_ACCOUNT_RESTRICTED_IN),
        BOOKS("out of an item whose hit was cleared", make_allocate(L_DENY, X_FREED, &clean, 1),
            X_FREED, move(DENY_UNALLOCATED, A_CLEAN, 5)),
        REFUSED("out of an item that is kept", make_allocate(L_DENY, X_KEPT, &clean, 1),
            OUTCOME_SUSPENSE_KEPT),
        REFUSED("out of an item that is kept, to a hit", make_allocate(L_DENY, X_KEPT, &open, 1),
            OUTCOME_SUSPENSE_KEPT),
        REFUSED("a lump of an item that is kept", make_open_lump(L_DENY, X_KEPT, 1, 5),
            OUTCOME_SUSPENSE_KEPT),
        ACCEPTED("a lump of an item that is free", make_open_lump(L_DENY, X_FREED, 1, 5), K_NONE),
        REFUSED("a settlement of an item that is kept",
            make_open_settlement(L_DENY, G_DENY, X_KEPT, 1, 5), OUTCOME_SUSPENSE_KEPT),
        REFUSED("a promise for it", make_promise(L_DENY, G_DENY, A_HIT, 5, "D-1"),
            OUTCOME_ACCOUNT_RESTRICTED_IN),
        REFUSED("what is kept, back to its sender", make_return_suspense(L_DENY, X_KEPT, S_KEPT, 0),
            OUTCOME_SUSPENSE_KEPT),
        REFUSED("what is free, to who is listed", make_return_suspense(L_DENY, X_FREED, S_FREED, 0),
            OUTCOME_PARTY_RESTRICTED),
    };
    EACH_RULE(rules, on, context);
}

static void rules_money_out_of_hits(on_rule on, void *context)
{
    const struct payee clean = {A_CLEAN, 5};
    const struct rule rules[] = {
        REFUSED(
            "a payment", make_pay(L_DENY, A_HIT, A_CLEAN, 5, 0), OUTCOME_ACCOUNT_RESTRICTED_OUT),
        REFUSED("a payment, confirmed", make_pay(L_DENY, A_CONFIRMED, A_CLEAN, 5, 0),
            OUTCOME_ACCOUNT_RESTRICTED_OUT),
        BOOKS("a payment, cleared", make_pay(L_DENY, A_CLEARED, A_CLEAN, 5, 0), A_CLEAN,
            move(A_CLEARED, A_CLEAN, 5)),
        REFUSED(
            "a withdrawal", make_withdraw(L_DENY, A_HIT, 5, 0, 0), OUTCOME_ACCOUNT_RESTRICTED_OUT),
        REFUSED("a hold", make_place_hold(L_DENY, A_HIT, 5, "D-9", AN_HOUR_AHEAD),
            OUTCOME_ACCOUNT_RESTRICTED_OUT),
        REFUSED("out of a hold", make_confirm_hold(L_DENY, A_HIT, "D-1", H_HIT, &clean, 1),
            OUTCOME_ACCOUNT_RESTRICTED_OUT),
        REFUSED("a fee", make_fee(L_DENY, A_HIT, 5), OUTCOME_ACCOUNT_RESTRICTED_OUT),
        REFUSED("closed", make_close_account(L_DENY, A_CONFIRMED), OUTCOME_ACCOUNT_NOT_EMPTY),
        BOOKS_WITH("what was held stays its own", make_cancel_hold(L_DENY, A_HIT, "D-1", H_HIT, 0),
            H_HIT, .moves = {frees(A_HIT, 20)}),
        BOOKS_WITH("a payout fails", make_confirm(L_DENY, P_HIT, PAYOUT_RESULT_FAILED), P_HIT,
            .moves = {stays(A_HIT, 10)}),
        BOOKS_WITH("a payout arrives", make_confirm(L_DENY, P_HIT, PAYOUT_RESULT_PAID), P_HIT,
            .moves = {leaves(A_HIT, DENY_ESCROW, 10)}),
        REFUSED("to a name that is listed", to("payer", "1"), OUTCOME_PARTY_RESTRICTED),
        REFUSED("to a number that is listed", to("x", "90000000"), OUTCOME_PARTY_RESTRICTED),
        BOOKS_WITH(
            "to nobody listed", to("ended", "90000001"), P_NONE, .moves = {sends(A_CLEAN, 5)}),
        ACCEPTED("another account", make_open_account(L_DENY, M_HIT), A_NONE),
    };
    EACH_RULE(rules, on, context);
}

static struct command line_from(const char *payer)
{
    struct command command = make_line(L_DENY, K_DENY, "D-1", A_CLEAN, 5);
    command.allocate_line.payer = (struct party){.name = text_of(payer)};
    return command;
}

static void rules_lines_of_hits(on_rule on, void *context)
{
    const struct rule rules[] = {
        REFUSED("from who is listed", line_from("payer"), OUTCOME_PARTY_RESTRICTED),
        BOOKS(
            "from nobody listed", line_from("ended"), A_CLEAN, move(DENY_UNALLOCATED, A_CLEAN, 5)),
    };
    EACH_RULE(rules, on, context);
}

void rules_screening(on_rule on, void *context)
{
    rules_listed(on, context);
    rules_ended(on, context);
    rules_decided(on, context);
    rules_found(on, context);
    rules_money_in_of_hits(on, context);
    rules_money_out_of_hits(on, context);
    rules_lines_of_hits(on, context);
}
