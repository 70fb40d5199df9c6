/* rules_cards.c: cards are bound, checked and let go.
 * SPDX-License-Identifier: Apache-2.0 */
#include "rules.h"

#include "model/money.h"

#define NUMBER(last) "62162610000000000" last

static struct command binds(int64_t member, enum card_kind kind, const char *number)
{
    return make_bind_card(L_MAIN, member, kind, number);
}

#define COMPANY "\u793a\u4f8b\u6709\u9650\u516c\u53f8"

static struct command held(struct command command, const char *holder)
{
    command.bind_card.holder = text_of(holder);
    return command;
}

static void rules_bound(on_rule on, void *context)
{
    const struct rule rules[] = {
        ACCEPTED("a first card", binds(M_USER, CARD_PERSONAL, NUMBER("99")), Y_NONE),
        ACCEPTED("the same person's", binds(M_USER, CARD_PERSONAL, NUMBER("22")), Y_NONE),
        ACCEPTED("of a company", held(binds(M_COMPANY, CARD_CORPORATE, "1"), COMPANY), Y_NONE),
        ACCEPTED("of a business", held(binds(M_TRADER, CARD_CORPORATE, "1"), COMPANY), Y_NONE),
        REFUSED("of a company, its representative's", binds(M_COMPANY, CARD_CORPORATE, "1"),
            OUTCOME_CARD_HOLDER_DIFFERS),
        REFUSED("in another name", held(binds(M_USER, CARD_PERSONAL, NUMBER("99")), COMPANY),
            OUTCOME_CARD_HOLDER_DIFFERS),
        REFUSED("another name before the number",
            held(binds(M_CARDS, CARD_PERSONAL, NUMBER("01")), COMPANY),
            OUTCOME_CARD_HOLDER_DIFFERS),
        REFUSED("of nobody known", binds(M_EMPTY, CARD_PERSONAL, NUMBER("99")),
            OUTCOME_CARD_NEEDS_IDENTITY),
        REFUSED("whose document is over", binds(M_OVER, CARD_PERSONAL, NUMBER("99")),
            OUTCOME_CARD_NEEDS_IDENTITY),
        REFUSED("whose document is over, though nobody said so",
            binds(M_DUE, CARD_PERSONAL, NUMBER("99")), OUTCOME_CARD_NEEDS_IDENTITY),
        REFUSED("of nobody known, before the kind", binds(M_EMPTY, CARD_CORPORATE, NUMBER("01")),
            OUTCOME_CARD_NEEDS_IDENTITY),
        ACCEPTED("one more", binds(M_CARDS, CARD_PERSONAL, NUMBER("99")), Y_NONE),
        ACCEPTED("again what was unbound", binds(M_CARDS, CARD_PERSONAL, NUMBER("08")), Y_NONE),
        ACCEPTED("what another unbound", binds(M_TRADER, CARD_PERSONAL, NUMBER("08")), Y_NONE),
        ACCEPTED("what was replaced", binds(M_CARDS, CARD_PERSONAL, NUMBER("09")), Y_NONE),
        ACCEPTED("what another ledger has", binds(M_CARDS, CARD_PERSONAL, NUMBER("21")), Y_NONE),
        ACCEPTED("an account of a merchant", binds(M_TRADER, CARD_CORPORATE, "12345678"), Y_NONE),
        REFUSED("an account of a user", binds(M_CARDS, CARD_CORPORATE, "12345678"),
            OUTCOME_CARD_KIND_NOT_ALLOWED),
        REFUSED_AT(
            "twice", binds(M_CARDS, CARD_PERSONAL, NUMBER("01")), OUTCOME_CARD_BOUND, Y_BOUND),
        REFUSED_AT("twice, a locked one", binds(M_CARDS, CARD_PERSONAL, NUMBER("10")),
            OUTCOME_CARD_BOUND, Y_LOCKED),
        REFUSED("another's", binds(M_TRADER, CARD_PERSONAL, NUMBER("05")), OUTCOME_CARD_OF_ANOTHER),
        REFUSED("another's, not checked", binds(M_USER, CARD_PERSONAL, NUMBER("01")),
            OUTCOME_CARD_OF_ANOTHER),
        REFUSED("the kind before the number", binds(M_USER, CARD_CORPORATE, NUMBER("01")),
            OUTCOME_CARD_KIND_NOT_ALLOWED),
        REFUSED("of a closed member", binds(M_CLOSED, CARD_PERSONAL, NUMBER("99")),
            OUTCOME_MEMBER_CLOSED),
        REFUSED("of another ledger's", binds(M_OTHER, CARD_PERSONAL, NUMBER("99")),
            OUTCOME_MEMBER_NOT_FOUND),
        REFUSED("of nobody", binds(M_NONE, CARD_CORPORATE, NUMBER("01")), OUTCOME_MEMBER_NOT_FOUND),
        REFUSED("in a closed ledger", in_ledger(L_CLOSED, binds(M_CARDS, CARD_PERSONAL, "1")),
            OUTCOME_LEDGER_CLOSED),
    };
    EACH_RULE(rules, on, context);
}

static struct command four(int64_t card)
{
    return make_check_card(L_MAIN, card, CARD_FOUR_FACTOR);
}

static struct command small(int64_t card)
{
    return make_check_card(L_MAIN, card, CARD_SMALL_AMOUNT);
}

static void rules_asked(on_rule on, void *context)
{
    const struct rule rules[] = {
        ACCEPTED("four factors", four(Y_BOUND), Y_BOUND),
        ACCEPTED("a small amount", small(Y_BOUND), Y_BOUND),
        ACCEPTED("a small amount to an account", small(Y_TRADER), Y_TRADER),
        REFUSED("four factors of an account", four(Y_TRADER), OUTCOME_CARD_KIND_NOT_ALLOWED),
        REFUSED("one is under way", small(Y_FOUR), OUTCOME_CARD_IN_CHECK),
        REFUSED("one is over, and nobody said so", four(Y_DUE), OUTCOME_CARD_IN_CHECK),
        REFUSED("it is checked", four(Y_NEXT), OUTCOME_CARD_CHECKED),
        REFUSED("three were wrong", small(Y_LOCKED), OUTCOME_CARD_LOCKED),
        REFUSED("ten were asked for", small(Y_OFTEN), OUTCOME_CARD_LOCKED),
        REFUSED("it was unbound", four(Y_UNBOUND), OUTCOME_CARD_FINAL),
        REFUSED("it was replaced", four(Y_REPLACED), OUTCOME_CARD_FINAL),
        REFUSED("another ledger's", four(Y_OTHER), OUTCOME_CARD_NOT_FOUND),
        REFUSED("no card", four(Y_NONE), OUTCOME_CARD_NOT_FOUND),
        REFUSED("in a closed ledger", in_ledger(L_CLOSED, four(Y_BOUND)), OUTCOME_LEDGER_CLOSED),
    };
    EACH_RULE(rules, on, context);
}

static struct command says(int64_t card, int64_t check, enum card_check_result result)
{
    return make_confirm_card(L_MAIN, card, check, result);
}

static void rules_answered(on_rule on, void *context)
{
    const struct rule rules[] = {
        ACCEPTED("right", says(Y_FOUR, S_CHECK_FOUR, CARD_CHECK_RIGHT), Y_FOUR),
        ANSWERS("wrong", says(Y_FOUR, S_CHECK_FOUR, CARD_CHECK_WRONG), OUTCOME_ACCEPTED_CHECK_WRONG,
            Y_FOUR, {.amount = 0}),
        ACCEPTED("not known", says(Y_FOUR, S_CHECK_FOUR, CARD_CHECK_UNKNOWN), Y_FOUR),
        ANSWERS("a third wrong one", says(Y_WRONG, S_CHECK_WRONG, CARD_CHECK_WRONG),
            OUTCOME_ACCEPTED_CARD_LOCKED, Y_WRONG, {.amount = 0}),
        BOOKS_WITH("right after two wrong ones", says(Y_WRONG, S_CHECK_WRONG, CARD_CHECK_RIGHT),
            Y_WRONG, .more = {[RECORD_IDENTITY] = 1}),
        BOOKS_WITH("the tenth is right", says(Y_NINE, S_CHECK_NINE, CARD_CHECK_RIGHT), Y_NINE,
            .more = {[RECORD_IDENTITY] = 1}),
        ANSWERS("the tenth is wrong", says(Y_NINE, S_CHECK_NINE, CARD_CHECK_WRONG),
            OUTCOME_ACCEPTED_CARD_LOCKED, Y_NINE, {.amount = 0}),
        ANSWERS("the tenth is not known", says(Y_NINE, S_CHECK_NINE, CARD_CHECK_UNKNOWN),
            OUTCOME_ACCEPTED_CARD_LOCKED, Y_NINE, {.amount = 0}),
        ANSWERS("a small amount was not paid", says(Y_SMALL, S_CHECK_SMALL, CARD_CHECK_WRONG),
            OUTCOME_ACCEPTED_CHECK_WRONG, Y_SMALL, {.amount = 0}),
        ACCEPTED("whether a small amount was paid is not known",
            says(Y_SMALL, S_CHECK_SMALL, CARD_CHECK_UNKNOWN), Y_SMALL),
        REFUSED("a small amount is right by itself", says(Y_SMALL, S_CHECK_SMALL, CARD_CHECK_RIGHT),
            OUTCOME_CARD_CHECK_OTHER_WAY),
        REFUSED("another check", says(Y_FOUR, S_CHECK_SMALL, CARD_CHECK_RIGHT),
            OUTCOME_CARD_NOT_IN_CHECK),
        REFUSED("none is under way", says(Y_BOUND, S_CHECK_FOUR, CARD_CHECK_RIGHT),
            OUTCOME_CARD_NOT_IN_CHECK),
        REFUSED("of a checked one", says(Y_MAIN, S_CHECK_FOUR, CARD_CHECK_WRONG),
            OUTCOME_CARD_NOT_IN_CHECK),
        REFUSED("of a locked one", says(Y_LOCKED, S_CHECK_FOUR, CARD_CHECK_RIGHT),
            OUTCOME_CARD_NOT_IN_CHECK),
        REFUSED(
            "its time is over", says(Y_DUE, S_NONE, CARD_CHECK_RIGHT), OUTCOME_CARD_NOT_IN_CHECK),
        REFUSED("it was unbound", says(Y_UNBOUND, S_NONE, CARD_CHECK_RIGHT), OUTCOME_CARD_FINAL),
        REFUSED(
            "another ledger's", says(Y_OTHER, S_NONE, CARD_CHECK_RIGHT), OUTCOME_CARD_NOT_FOUND),
    };
    EACH_RULE(rules, on, context);
}

static struct command said(int64_t card, int64_t amount)
{
    return make_card_amount(L_MAIN, card, amount);
}

static void rules_amounts(on_rule on, void *context)
{
    const struct rule rules[] = {
        ACCEPTED("the right one", said(Y_SMALL, 17), Y_SMALL),
        ANSWERS(
            "one too few", said(Y_SMALL, 16), OUTCOME_ACCEPTED_CHECK_WRONG, Y_SMALL, {.amount = 0}),
        ANSWERS("the most", said(Y_SMALL, AMOUNT_MINOR_MAX), OUTCOME_ACCEPTED_CHECK_WRONG, Y_SMALL,
            {.amount = 0}),
        ACCEPTED("right at the third try", said(Y_TRIED, 17), Y_TRIED),
        ANSWERS("the third wrong one", said(Y_TRIED, 2), OUTCOME_ACCEPTED_CARD_LOCKED, Y_TRIED,
            {.amount = 0}),
        ACCEPTED("a microsecond before its end", said(Y_NEARLY, 17), Y_NEARLY),
        REFUSED("of four factors", said(Y_FOUR, 17), OUTCOME_CARD_CHECK_OTHER_WAY),
        REFUSED("none is under way", said(Y_BOUND, 17), OUTCOME_CARD_NOT_IN_CHECK),
        REFUSED("of a checked one", said(Y_MAIN, 17), OUTCOME_CARD_NOT_IN_CHECK),
        REFUSED("its time is over", said(Y_DUE, 17), OUTCOME_CARD_NOT_IN_CHECK),
        REFUSED("it was replaced", said(Y_REPLACED, 17), OUTCOME_CARD_FINAL),
        REFUSED("no card", said(Y_NONE, 17), OUTCOME_CARD_NOT_FOUND),
    };
    EACH_RULE(rules, on, context);
}

static struct command ends(int64_t card)
{
    return make_expire(L_MAIN, EXPIRY_CARD, card);
}

static void rules_over(on_rule on, void *context)
{
    const struct rule rules[] = {
        ACCEPTED("48 hours", ends(Y_DUE), Y_DUE),
        REFUSED("a microsecond less", ends(Y_NEARLY), OUTCOME_NOT_YET_DUE),
        REFUSED("none is under way", ends(Y_BOUND), OUTCOME_CARD_NOT_IN_CHECK),
        REFUSED("it is checked", ends(Y_MAIN), OUTCOME_CARD_NOT_IN_CHECK),
        REFUSED("it was unbound", ends(Y_UNBOUND), OUTCOME_CARD_FINAL),
        REFUSED("another ledger's", ends(Y_OTHER), OUTCOME_CARD_NOT_FOUND),
    };
    EACH_RULE(rules, on, context);
}

static struct command unbinds(int64_t card)
{
    return make_unbind_card(L_MAIN, card);
}

static struct command replaces(int64_t card, int64_t by)
{
    return make_replace_card(L_MAIN, card, by);
}

static void rules_let_go(on_rule on, void *context)
{
    const struct rule rules[] = {
        BOOKS_WITH("the main card", unbinds(Y_MAIN), Y_MAIN, .more = {[RECORD_CARD] = 1}),
        ACCEPTED("another checked one", unbinds(Y_NEXT), Y_NEXT),
        ACCEPTED("one that is not checked", unbinds(Y_BOUND), Y_BOUND),
        ACCEPTED("while it is checked", unbinds(Y_SMALL), Y_SMALL),
        ACCEPTED("a locked one", unbinds(Y_LOCKED), Y_LOCKED),
        BOOKS_WITH("the only checked one", unbinds(Y_GOES), Y_GOES,
            .more = {[RECORD_IDENTITY] = 1}), /* whose level falls */
        REFUSED("with a payout under way", unbinds(Y_PAYS), OUTCOME_CARD_HAS_PAYOUT),
        REFUSED("twice", unbinds(Y_UNBOUND), OUTCOME_CARD_FINAL),
        REFUSED("what was replaced", unbinds(Y_REPLACED), OUTCOME_CARD_FINAL),
        REFUSED("another ledger's", unbinds(Y_OTHER), OUTCOME_CARD_NOT_FOUND),
        REFUSED("none", unbinds(Y_NONE), OUTCOME_CARD_NOT_FOUND),

        BOOKS_WITH(
            "replace the main card", replaces(Y_MAIN, Y_LAST), Y_MAIN, .more = {[RECORD_CARD] = 1}),
        ACCEPTED("another one", replaces(Y_LAST, Y_MAIN), Y_LAST),
        ACCEPTED("one that is not checked", replaces(Y_LOCKED, Y_NEXT), Y_LOCKED),
        REFUSED("by itself", replaces(Y_MAIN, Y_MAIN), OUTCOME_SAME_CARD),
        REFUSED("by another member's", replaces(Y_MAIN, Y_PAYS), OUTCOME_CARD_NOT_OF_MEMBER),
        REFUSED("by one that is not checked", replaces(Y_MAIN, Y_BOUND), OUTCOME_CARD_NOT_CHECKED),
        REFUSED("by one in check", replaces(Y_MAIN, Y_FOUR), OUTCOME_CARD_NOT_CHECKED),
        REFUSED("by a locked one", replaces(Y_MAIN, Y_LOCKED), OUTCOME_CARD_NOT_CHECKED),
        REFUSED("by one that was unbound", replaces(Y_MAIN, Y_UNBOUND), OUTCOME_CARD_FINAL),
        REFUSED("one that was replaced", replaces(Y_REPLACED, Y_MAIN), OUTCOME_CARD_FINAL),
        REFUSED("the end before the check", replaces(Y_UNBOUND, Y_BOUND), OUTCOME_CARD_FINAL),
        REFUSED("with a payout under way", replaces(Y_PAYS, Y_PAYS_TWO), OUTCOME_CARD_HAS_PAYOUT),
        REFUSED("no card", replaces(Y_NONE, Y_MAIN), OUTCOME_CARD_NOT_FOUND),
        REFUSED("by another ledger's", replaces(Y_MAIN, Y_OTHER), OUTCOME_CARD_NOT_FOUND),

        BOOKS_WITH("with its member", make_close_member(L_MAIN, M_GOES), M_GOES,
            .more = {[RECORD_CARD] = 2, [RECORD_IDENTITY] = 1}),
    };
    EACH_RULE(rules, on, context);
}

void rules_cards(on_rule on, void *context)
{
    rules_bound(on, context);
    rules_asked(on, context);
    rules_answered(on, context);
    rules_amounts(on, context);
    rules_over(on, context);
    rules_let_go(on, context);
}
