/* outcomes.c: the outcomes that the protos list for each method are those that the engine gives.
 *
 * The lists are the "Outcomes:" paragraphs of the comments in proto/vsl/v1, which the build turns
 * into method_outcomes.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "outcomes.h"

#include "method_outcomes.h"
#include "rules.h"
#include "suites.h"
#include "support/expect.h"

enum { OUTCOMES_MAX = 1000 };

struct pair {
    enum command_kind kind;
    enum outcome outcome;
};

static const struct pair listed[] = {
#define PAIR(kind, outcome) {COMMAND_##kind, OUTCOME_##outcome},
    METHOD_OUTCOMES(PAIR)
#undef PAIR
};

/* ACCEPTED, and what is about the key, the batch or the ledger. */
static const enum outcome common[] = {
#define COMMON(outcome) OUTCOME_##outcome,
    COMMON_OUTCOMES(COMMON)
#undef COMMON
};

/* What no row reaches, since it takes more than a stage has, and the tests that reach it. */
static const struct {
    struct pair pair;
    const char *where;
} elsewhere[] = {
    {{COMMAND_OPEN_LEDGER, OUTCOME_TOO_MANY_LEDGERS}, "ceilings.c"},
    {{COMMAND_OPEN_LEDGER, OUTCOME_TOO_MANY_ACCOUNTS}, "ceilings.c"},
    {{COMMAND_CLOSE_LEDGER, OUTCOME_LEDGER_HAS_OPEN_SETTLEMENTS}, "promises.c"},
    {{COMMAND_OPEN_MEMBER, OUTCOME_TOO_MANY_MEMBERS}, "ceilings.c"},
    {{COMMAND_IDENTIFY_MEMBER, OUTCOME_TOO_MANY_IDENTITIES}, "ceilings.c"},
    {{COMMAND_OPEN_ACCOUNT, OUTCOME_TOO_MANY_ACCOUNTS}, "ceilings.c"},
    {{COMMAND_OPEN_FEE_ACCOUNT, OUTCOME_TOO_MANY_ACCOUNTS}, "ceilings.c"},
    {{COMMAND_SET_FEE_RULE, OUTCOME_TOO_MANY_FEE_RULES}, "ceilings.c"},
    {{COMMAND_WITHDRAW, OUTCOME_TOO_MANY_PAYOUTS}, "ceilings.c"},
    {{COMMAND_INTERCEPT_PAYOUT, OUTCOME_AMOUNT_OVERFLOW}, "ceilings.c"},
    {{COMMAND_REFUND, OUTCOME_TOO_MANY_REFUNDS}, "ceilings.c"},
    {{COMMAND_CONFIRM_HOLD, OUTCOME_OWED_STAYS}, "ways.c"},
    {{COMMAND_REVERSE, OUTCOME_TOO_MANY_REFUNDS}, "ceilings.c"},
    {{COMMAND_UNDO_ALLOCATION, OUTCOME_TOO_MANY_REFUNDS}, "suspense.c"},
    {{COMMAND_BOOK_RECEIPT, OUTCOME_TOO_MANY_SUSPENSE_ITEMS}, "suspense.c"},
    {{COMMAND_BOOK_INTEREST, OUTCOME_TOO_MANY_SUSPENSE_ITEMS}, "suspense.c"},
    {{COMMAND_CONFIRM_PAYOUT, OUTCOME_TOO_MANY_SUSPENSE_ITEMS}, "suspense.c"},
    {{COMMAND_INTERCEPT_PAYOUT, OUTCOME_TOO_MANY_SUSPENSE_ITEMS}, "suspense.c"},
    {{COMMAND_REFUND, OUTCOME_TOO_MANY_SUSPENSE_ITEMS}, "suspense.c"},
    {{COMMAND_REFUND, OUTCOME_PAYEE_ACCOUNT_CLOSED}, "ways.c"},
    {{COMMAND_REVERSE, OUTCOME_TOO_MANY_SUSPENSE_ITEMS}, "suspense.c"},
    {{COMMAND_ADJUST, OUTCOME_TOO_MANY_SUSPENSE_ITEMS}, "suspense.c"},
    {{COMMAND_RETURN_SUSPENSE, OUTCOME_TOO_MANY_PAYOUTS}, "suspense.c"},
    {{COMMAND_ADOPT_SUSPENSE, OUTCOME_TOO_MANY_SUSPENSE_ITEMS}, "suspense.c"},
    {{COMMAND_OPEN_LUMP, OUTCOME_TOO_MANY_LUMPS}, "lumps.c"},
    {{COMMAND_OPEN_BANK_STATEMENT, OUTCOME_TOO_MANY_BANK_STATEMENTS}, "statements.c"},
    {{COMMAND_ADD_STATEMENT_LINE, OUTCOME_TOO_MANY_STATEMENT_LINES}, "statements.c"},
    {{COMMAND_ADD_STATEMENT_LINE, OUTCOME_AMOUNT_OVERFLOW}, "statements.c"},
    {{COMMAND_MATCH_STATEMENT_LINE, OUTCOME_TOO_MANY_STATEMENT_MATCHES}, "statements.c"},
    {{COMMAND_ALLOCATE_LINE, OUTCOME_FEE_RULE_NOT_EFFECTIVE}, "allocation_fees.c"},
    {{COMMAND_BIND_CARD, OUTCOME_TOO_MANY_CARDS}, "cards.c"},
    {{COMMAND_GRANT_MANDATE, OUTCOME_TOO_MANY_MANDATES}, "ceilings.c"},
    {{COMMAND_GRANT_MANDATE, OUTCOME_CARD_FINAL}, "mandates.c"},
    {{COMMAND_GRANT_MANDATE, OUTCOME_CARD_NOT_CHECKED}, "mandates.c"},
    {{COMMAND_REPLACE_CARD, OUTCOME_TOO_MANY_CARDS}, "same_card.c"},
    {{COMMAND_REPLACE_CARD, OUTCOME_AMOUNT_OVERFLOW}, "same_card.c"},
    {{COMMAND_WITHDRAW, OUTCOME_MANDATE_ENDED}, "mandates.c"},
    {{COMMAND_WITHDRAW, OUTCOME_MANDATE_EXPIRED}, "mandates.c"},
    {{COMMAND_WITHDRAW, OUTCOME_MANDATE_NOT_YET_VALID}, "mandates.c"},
    {{COMMAND_WITHDRAW, OUTCOME_MANDATE_USED_UP}, "mandates.c"},
    {{COMMAND_WITHDRAW, OUTCOME_CARD_NOT_FOUND}, "same_card.c"},
    {{COMMAND_WITHDRAW, OUTCOME_CARD_NOT_OF_MEMBER}, "same_card.c"},
    {{COMMAND_WITHDRAW, OUTCOME_TOO_MANY_CARDS}, "same_card.c"},
    {{COMMAND_WITHDRAW, OUTCOME_CARD_NOT_CHECKED}, "same_card.c"},
    {{COMMAND_WITHDRAW, OUTCOME_DESTINATION_NOT_OWN_CARD}, "same_card.c"},
    {{COMMAND_WITHDRAW, OUTCOME_DESTINATION_NEEDED}, "same_card.c"},
    {{COMMAND_WITHDRAW, OUTCOME_NO_CHECKED_CARD}, "same_card.c"},
    {{COMMAND_WITHDRAW, OUTCOME_ABOVE_CARD}, "same_card.c"},
    {{COMMAND_WITHDRAW, OUTCOME_AMOUNT_OVERFLOW}, "same_card.c"},
    {{COMMAND_INTERCEPT_PAYOUT, OUTCOME_ORIGINAL_NOT_FOUND}, "same_card.c"},
    {{COMMAND_BIND_CARD, OUTCOME_TOO_MANY_HITS}, "screening.c"},
    {{COMMAND_IDENTIFY_MEMBER, OUTCOME_TOO_MANY_HITS}, "screening.c"},
    {{COMMAND_BOOK_RECEIPT, OUTCOME_TOO_MANY_HITS}, "screening.c"},
    {{COMMAND_ADD_DENIED, OUTCOME_TOO_MANY_HITS}, "screening.c"},
    {{COMMAND_ADD_DENIED, OUTCOME_TOO_MANY_DENIED}, "screening.c"},
    {{COMMAND_PLACE_CLAIM, OUTCOME_MEMBER_NOT_FOUND}, "claims.c"},
    {{COMMAND_PLACE_CLAIM, OUTCOME_MEMBER_CLOSED}, "claims.c"},
    {{COMMAND_PLACE_CLAIM, OUTCOME_ACCOUNT_NOT_FOUND}, "claims.c"},
    {{COMMAND_PLACE_CLAIM, OUTCOME_NOT_A_MEMBER_ACCOUNT}, "claims.c"},
    {{COMMAND_PLACE_CLAIM, OUTCOME_ACCOUNT_CLOSED}, "claims.c"},
    {{COMMAND_PLACE_CLAIM, OUTCOME_CLAIM_NOT_BY_LAW}, "claims.c"},
    {{COMMAND_PLACE_CLAIM, OUTCOME_CLAIM_SUBJECT_UNKNOWN}, "claims.c"},
    {{COMMAND_PLACE_CLAIM, OUTCOME_CLAIM_SUBJECT_DIFFERS}, "claims.c"},
    {{COMMAND_PLACE_CLAIM, OUTCOME_CLAIM_TERM_FIXED}, "claims.c"},
    {{COMMAND_PLACE_CLAIM, OUTCOME_CLAIM_TERM_MISSING}, "claims.c"},
    {{COMMAND_PLACE_CLAIM, OUTCOME_CLAIM_TERM_TOO_LONG}, "claims.c"},
    {{COMMAND_PLACE_CLAIM, OUTCOME_CLAIM_MAY_NOT_QUEUE}, "claims.c"},
    {{COMMAND_PLACE_CLAIM, OUTCOME_TOO_MANY_CLAIMS}, "claims.c"},
    {{COMMAND_PLACE_CLAIM, OUTCOME_EXPIRY_NOT_AHEAD}, "claims.c"},
    {{COMMAND_CONTINUE_CLAIM, OUTCOME_CLAIM_NOT_FOUND}, "claims.c"},
    {{COMMAND_CONTINUE_CLAIM, OUTCOME_CLAIM_OF_ANOTHER_ORGAN}, "claims.c"},
    {{COMMAND_CONTINUE_CLAIM, OUTCOME_CLAIM_RELEASED}, "claims.c"},
    {{COMMAND_CONTINUE_CLAIM, OUTCOME_CLAIM_EXPIRED}, "claims.c"},
    {{COMMAND_CONTINUE_CLAIM, OUTCOME_CLAIM_TERM_FIXED}, "claims.c"},
    {{COMMAND_CONTINUE_CLAIM, OUTCOME_CLAIM_TERM_MISSING}, "claims.c"},
    {{COMMAND_CONTINUE_CLAIM, OUTCOME_CLAIM_TERM_TOO_LONG}, "claims.c"},
    {{COMMAND_CONTINUE_CLAIM, OUTCOME_CLAIM_CONTINUED_TOO_OFTEN}, "claims.c"},
    {{COMMAND_CONTINUE_CLAIM, OUTCOME_EXPIRY_NOT_AHEAD}, "claims.c"},
    {{COMMAND_RELEASE_CLAIM, OUTCOME_CLAIM_NOT_FOUND}, "claims.c"},
    {{COMMAND_RELEASE_CLAIM, OUTCOME_CLAIM_OF_ANOTHER_ORGAN}, "claims.c"},
    {{COMMAND_RELEASE_CLAIM, OUTCOME_CLAIM_RELEASED}, "claims.c"},
    {{COMMAND_RELEASE_CLAIM, OUTCOME_CLAIM_EXPIRED}, "claims.c"},
    {{COMMAND_RELEASE_CLAIM, OUTCOME_CLAIM_IS_WHOLE}, "claims.c"},
    {{COMMAND_RELEASE_CLAIM, OUTCOME_ABOVE_REST}, "claims.c"},
    {{COMMAND_RELEASE_CLAIM, OUTCOME_CLAIM_DEDUCTED}, "deductions.c"},
    {{COMMAND_RELEASE_CLAIM, OUTCOME_CLAIM_DEDUCTION_UNDER_WAY}, "deductions.c"},
    {{COMMAND_CONTINUE_CLAIM, OUTCOME_CLAIM_DEDUCTED}, "deductions.c"},
    {{COMMAND_CONTINUE_CLAIM, OUTCOME_CLAIM_STOPPED_TOO_OFTEN}, "deductions.c"},
    {{COMMAND_PLACE_CLAIM, OUTCOME_CLAIM_STOPPED_TOO_OFTEN}, "deductions.c"},
    {{COMMAND_PLACE_CLAIM, OUTCOME_CLAIM_MAY_NOT_DEDUCT}, "deductions.c"},
    {{COMMAND_PLACE_CLAIM, OUTCOME_TOO_MANY_PAYOUTS}, "ceilings.c"},
    {{COMMAND_DEDUCT_CLAIM, OUTCOME_CLAIM_NOT_FOUND}, "deductions.c"},
    {{COMMAND_DEDUCT_CLAIM, OUTCOME_CLAIM_OF_ANOTHER_ORGAN}, "deductions.c"},
    {{COMMAND_DEDUCT_CLAIM, OUTCOME_CLAIM_RELEASED}, "deductions.c"},
    {{COMMAND_DEDUCT_CLAIM, OUTCOME_CLAIM_EXPIRED}, "deductions.c"},
    {{COMMAND_DEDUCT_CLAIM, OUTCOME_CLAIM_DEDUCTED}, "deductions.c"},
    {{COMMAND_DEDUCT_CLAIM, OUTCOME_CLAIM_MAY_NOT_DEDUCT}, "deductions.c"},
    {{COMMAND_DEDUCT_CLAIM, OUTCOME_CLAIM_MAY_NOT_RETURN}, "deductions.c"},
    {{COMMAND_DEDUCT_CLAIM, OUTCOME_CLAIM_COVERS_LESS}, "deductions.c"},
    {{COMMAND_DEDUCT_CLAIM, OUTCOME_TOO_MANY_PAYOUTS}, "ceilings.c"},
    {{COMMAND_INTERCEPT_PAYOUT, OUTCOME_PAYOUT_IS_MEASURE}, "deductions.c"},
    {{COMMAND_PLACE_CLAIM, OUTCOME_TOO_MANY_FEEDBACKS}, "feedback.c"},
    {{COMMAND_CONTINUE_CLAIM, OUTCOME_TOO_MANY_FEEDBACKS}, "feedback.c"},
    {{COMMAND_RELEASE_CLAIM, OUTCOME_TOO_MANY_FEEDBACKS}, "feedback.c"},
    {{COMMAND_DEDUCT_CLAIM, OUTCOME_TOO_MANY_FEEDBACKS}, "feedback.c"},
    {{COMMAND_OPEN_FEEDBACK, OUTCOME_TOO_MANY_FEEDBACKS}, "feedback.c"},
    {{COMMAND_GIVE_FEEDBACK, OUTCOME_FEEDBACK_NOT_FOUND}, "feedback.c"},
    {{COMMAND_OPEN_PRODUCT, OUTCOME_ACCOUNT_NOT_FOUND}, "products.c"},
    {{COMMAND_OPEN_PRODUCT, OUTCOME_NOT_A_MEMBER_ACCOUNT}, "products.c"},
    {{COMMAND_OPEN_PRODUCT, OUTCOME_ACCOUNT_CLOSED}, "products.c"},
    {{COMMAND_OPEN_PRODUCT, OUTCOME_TOO_MANY_ACCOUNTS}, "products.c"},
    {{COMMAND_OPEN_PRODUCT, OUTCOME_PRODUCT_CODE_TAKEN}, "products.c"},
    {{COMMAND_OPEN_PRODUCT, OUTCOME_TOO_MANY_PRODUCTS}, "products.c"},
    {{COMMAND_CLOSE_PRODUCT, OUTCOME_PRODUCT_NOT_FOUND}, "products.c"},
    {{COMMAND_CLOSE_PRODUCT, OUTCOME_PRODUCT_CLOSED}, "products.c"},
    {{COMMAND_CLOSE_ACCOUNT, OUTCOME_ACCOUNT_OF_PRODUCT}, "products.c"},
    {{COMMAND_SUBSCRIBE, OUTCOME_ACCOUNT_NOT_FOUND}, "positions.c"},
    {{COMMAND_SUBSCRIBE, OUTCOME_NOT_A_MEMBER_ACCOUNT}, "positions.c"},
    {{COMMAND_SUBSCRIBE, OUTCOME_ACCOUNT_CLOSED}, "positions.c"},
    {{COMMAND_SUBSCRIBE, OUTCOME_TOO_MANY_ACCOUNTS}, "positions.c"},
    {{COMMAND_SUBSCRIBE, OUTCOME_PRODUCT_NOT_FOUND}, "positions.c"},
    {{COMMAND_SUBSCRIBE, OUTCOME_PRODUCT_CLOSED}, "positions.c"},
    {{COMMAND_SUBSCRIBE, OUTCOME_PRODUCT_NEEDS_CONFIRMATION}, "positions.c"},
    {{COMMAND_SUBSCRIBE, OUTCOME_PRODUCT_HAS_NO_PRICE}, "positions.c"},
    {{COMMAND_SUBSCRIBE, OUTCOME_ACCOUNT_IS_ISSUERS}, "positions.c"},
    {{COMMAND_SUBSCRIBE, OUTCOME_TOO_MANY_POSITIONS}, "positions.c"},
    {{COMMAND_SUBSCRIBE, OUTCOME_ROUNDED_TO_NOTHING}, "positions.c"},
    {{COMMAND_SUBSCRIBE, OUTCOME_TOO_MANY_UNITS}, "positions.c"},
    {{COMMAND_SUBSCRIBE, OUTCOME_ACCOUNT_RESTRICTED_OUT}, "positions.c"},
    {{COMMAND_SUBSCRIBE, OUTCOME_ACCOUNT_RESTRICTED_IN}, "positions.c"},
    {{COMMAND_SUBSCRIBE, OUTCOME_INSUFFICIENT_AVAILABLE}, "positions.c"},
    {{COMMAND_REDEEM, OUTCOME_ACCOUNT_NOT_FOUND}, "positions.c"},
    {{COMMAND_REDEEM, OUTCOME_NOT_A_MEMBER_ACCOUNT}, "positions.c"},
    {{COMMAND_REDEEM, OUTCOME_ACCOUNT_CLOSED}, "positions.c"},
    {{COMMAND_REDEEM, OUTCOME_PRODUCT_NOT_FOUND}, "positions.c"},
    {{COMMAND_REDEEM, OUTCOME_PRODUCT_CLOSED}, "positions.c"},
    {{COMMAND_REDEEM, OUTCOME_PRODUCT_NEEDS_CONFIRMATION}, "positions.c"},
    {{COMMAND_REDEEM, OUTCOME_PRODUCT_HAS_NO_PRICE}, "positions.c"},
    {{COMMAND_REDEEM, OUTCOME_ACCOUNT_IS_ISSUERS}, "positions.c"},
    {{COMMAND_REDEEM, OUTCOME_ROUNDED_TO_NOTHING}, "positions.c"},
    {{COMMAND_REDEEM, OUTCOME_INSUFFICIENT_UNITS}, "positions.c"},
    {{COMMAND_REDEEM, OUTCOME_UNITS_KEPT}, "positions.c"},
    {{COMMAND_REDEEM, OUTCOME_ACCOUNT_RESTRICTED_OUT}, "positions.c"},
    {{COMMAND_REDEEM, OUTCOME_ACCOUNT_RESTRICTED_IN}, "positions.c"},
    {{COMMAND_REDEEM, OUTCOME_INSUFFICIENT_AVAILABLE}, "positions.c"},
    {{COMMAND_CLOSE_ACCOUNT, OUTCOME_ACCOUNT_HOLDS_UNITS}, "positions.c"},
    {{COMMAND_SUBSCRIBE, OUTCOME_ACCOUNT_POLICY_FORBIDS}, "positions.c"},
    {{COMMAND_SUBSCRIBE, OUTCOME_OVER_OPERATION_LIMIT}, "positions.c"},
    {{COMMAND_SUBSCRIBE, OUTCOME_OVER_DATE_LIMIT}, "positions.c"},
    {{COMMAND_SUBSCRIBE, OUTCOME_OVER_YEAR_LIMIT}, "positions.c"},
    {{COMMAND_SUBSCRIBE, OUTCOME_OVER_BALANCE_LIMIT}, "positions.c"},
    {{COMMAND_REDEEM, OUTCOME_ACCOUNT_POLICY_FORBIDS}, "positions.c"},
    {{COMMAND_REDEEM, OUTCOME_OVER_OPERATION_LIMIT}, "positions.c"},
    {{COMMAND_REDEEM, OUTCOME_OVER_DATE_LIMIT}, "positions.c"},
    {{COMMAND_REDEEM, OUTCOME_OVER_YEAR_LIMIT}, "positions.c"},
    {{COMMAND_REDEEM, OUTCOME_OVER_BALANCE_LIMIT}, "positions.c"},
    {{COMMAND_CLOSE_PRODUCT, OUTCOME_PRODUCT_HELD}, "positions.c"},
    {{COMMAND_PUBLISH_PRICE, OUTCOME_PRODUCT_NOT_FOUND}, "products.c"},
    {{COMMAND_PUBLISH_PRICE, OUTCOME_PRODUCT_CLOSED}, "products.c"},
    {{COMMAND_PUBLISH_PRICE, OUTCOME_PRICE_NOT_FOUND}, "products.c"},
    {{COMMAND_PUBLISH_PRICE, OUTCOME_PRICE_REPLACED}, "products.c"},
    {{COMMAND_PUBLISH_PRICE, OUTCOME_PRICE_DATE_AHEAD}, "products.c"},
    {{COMMAND_PUBLISH_PRICE, OUTCOME_PRICE_DATE_PASSED}, "products.c"},
    {{COMMAND_PUBLISH_PRICE, OUTCOME_TOO_MANY_PRICES}, "products.c"},
    {{COMMAND_GIVE_FEEDBACK, OUTCOME_FEEDBACK_OF_ANOTHER_ORGAN}, "feedback.c"},
    {{COMMAND_GIVE_FEEDBACK, OUTCOME_FEEDBACK_GIVEN}, "feedback.c"},
    {{COMMAND_EXPIRE, OUTCOME_FEEDBACK_NOT_FOUND}, "feedback.c"},
    {{COMMAND_EXPIRE, OUTCOME_FEEDBACK_GIVEN}, "feedback.c"},
    {{COMMAND_EXPIRE, OUTCOME_CLAIM_DEDUCTED}, "deductions.c"},
    {{COMMAND_EXPIRE, OUTCOME_CLAIM_DEDUCTION_UNDER_WAY}, "deductions.c"},
    {{COMMAND_EXPIRE, OUTCOME_CLAIM_NOT_FOUND}, "claims.c"},
    {{COMMAND_EXPIRE, OUTCOME_CLAIM_RELEASED}, "claims.c"},
    {{COMMAND_CLOSE_ACCOUNT, OUTCOME_ACCOUNT_KEPT_OPEN}, "claims.c"},
    {{COMMAND_CLOSE_MEMBER, OUTCOME_ACCOUNT_KEPT_OPEN}, "claims.c"},
    {{COMMAND_OPEN_ACQUIRER, OUTCOME_TOO_MANY_ACCOUNTS}, "promises.c"},
    {{COMMAND_OPEN_ACQUIRER, OUTCOME_TOO_MANY_ACQUIRERS}, "promises.c"},
    {{COMMAND_BOOK_PROMISE, OUTCOME_TOO_MANY_PROMISES}, "promises.c"},
    {{COMMAND_BOOK_PROMISE, OUTCOME_AMOUNT_OVERFLOW}, "promises.c"},
    {{COMMAND_OPEN_SETTLEMENT, OUTCOME_TOO_MANY_SETTLEMENTS}, "promises.c"},
    {{COMMAND_SETTLE_LINE, OUTCOME_TOO_MANY_DIFFERENCES}, "promises.c"},
    {{COMMAND_PLACE_HOLD, OUTCOME_TOO_MANY_HOLDS}, "ceilings.c"},
    {{COMMAND_PLACE_FREEZE, OUTCOME_TOO_MANY_FREEZES}, "ceilings.c"},
    {{COMMAND_EXPIRE, OUTCOME_ADJUSTMENT_DECIDED}, "adjustments.c"},
    {{COMMAND_EXPIRE, OUTCOME_ADJUSTMENT_EXPIRED}, "adjustments.c"},
    {{COMMAND_PROPOSE, OUTCOME_TOO_MANY_PROPOSALS}, "places.c"},
    {{COMMAND_CREATE_CALLER, OUTCOME_TOO_MANY_CALLERS}, "ceilings.c"},
    {{COMMAND_CONFIRM_PAYOUT, OUTCOME_INSUFFICIENT_AVAILABLE}, "corrections.c"},
    {{COMMAND_CONFIRM_PAYOUT, OUTCOME_INSUFFICIENT_PLATFORM_OWN}, "corrections.c"},
    {{COMMAND_CONFIRM_PAYOUT, OUTCOME_ORIGINAL_NOT_FOUND}, "stand_ins.c"},
    {{COMMAND_CONFIRM_PAYOUT, OUTCOME_SUSPENSE_IN_LUMP}, "stand_ins.c"},
    {{COMMAND_CONFIRM_PAYOUT, OUTCOME_TOO_MANY_REFUNDS}, "stand_ins.c"},
    {{COMMAND_UNDO_ALLOCATION, OUTCOME_INSUFFICIENT_PLATFORM_OWN}, "stand_ins.c"},
    {{COMMAND_BOOK_RECEIPT, OUTCOME_ACCOUNT_POLICY_FORBIDS}, "account_policy.c"},
    {{COMMAND_BOOK_RECEIPT, OUTCOME_OVER_OPERATION_LIMIT}, "account_policy.c"},
    {{COMMAND_BOOK_RECEIPT, OUTCOME_OVER_DATE_LIMIT}, "account_policy.c"},
    {{COMMAND_BOOK_RECEIPT, OUTCOME_OVER_YEAR_LIMIT}, "account_policy.c"},
    {{COMMAND_BOOK_RECEIPT, OUTCOME_OVER_BALANCE_LIMIT}, "account_policy.c"},
    {{COMMAND_ALLOCATE_SUSPENSE, OUTCOME_ACCOUNT_POLICY_FORBIDS}, "account_policy.c"},
    {{COMMAND_ALLOCATE_SUSPENSE, OUTCOME_OVER_OPERATION_LIMIT}, "account_policy.c"},
    {{COMMAND_ALLOCATE_SUSPENSE, OUTCOME_OVER_DATE_LIMIT}, "account_policy.c"},
    {{COMMAND_ALLOCATE_SUSPENSE, OUTCOME_OVER_YEAR_LIMIT}, "account_policy.c"},
    {{COMMAND_ALLOCATE_SUSPENSE, OUTCOME_OVER_BALANCE_LIMIT}, "account_policy.c"},
    {{COMMAND_ALLOCATE_LINE, OUTCOME_ACCOUNT_POLICY_FORBIDS}, "account_policy.c"},
    {{COMMAND_ALLOCATE_LINE, OUTCOME_OVER_OPERATION_LIMIT}, "account_policy.c"},
    {{COMMAND_ALLOCATE_LINE, OUTCOME_OVER_DATE_LIMIT}, "account_policy.c"},
    {{COMMAND_ALLOCATE_LINE, OUTCOME_OVER_YEAR_LIMIT}, "account_policy.c"},
    {{COMMAND_ALLOCATE_LINE, OUTCOME_OVER_BALANCE_LIMIT}, "account_policy.c"},
    {{COMMAND_PAY, OUTCOME_ACCOUNT_POLICY_FORBIDS}, "account_policy.c"},
    {{COMMAND_PAY, OUTCOME_OVER_OPERATION_LIMIT}, "account_policy.c"},
    {{COMMAND_PAY, OUTCOME_OVER_DATE_LIMIT}, "account_policy.c"},
    {{COMMAND_PAY, OUTCOME_OVER_YEAR_LIMIT}, "account_policy.c"},
    {{COMMAND_PAY, OUTCOME_OVER_BALANCE_LIMIT}, "account_policy.c"},
    {{COMMAND_CONFIRM_HOLD, OUTCOME_ACCOUNT_POLICY_FORBIDS}, "account_policy.c"},
    {{COMMAND_CONFIRM_HOLD, OUTCOME_OVER_OPERATION_LIMIT}, "account_policy.c"},
    {{COMMAND_CONFIRM_HOLD, OUTCOME_OVER_DATE_LIMIT}, "account_policy.c"},
    {{COMMAND_CONFIRM_HOLD, OUTCOME_OVER_YEAR_LIMIT}, "account_policy.c"},
    {{COMMAND_CONFIRM_HOLD, OUTCOME_OVER_BALANCE_LIMIT}, "account_policy.c"},
    {{COMMAND_WITHDRAW, OUTCOME_ACCOUNT_POLICY_FORBIDS}, "account_policy.c"},
    {{COMMAND_WITHDRAW, OUTCOME_OVER_OPERATION_LIMIT}, "account_policy.c"},
    {{COMMAND_WITHDRAW, OUTCOME_OVER_DATE_LIMIT}, "account_policy.c"},
    {{COMMAND_WITHDRAW, OUTCOME_OVER_YEAR_LIMIT}, "account_policy.c"},
    {{COMMAND_PLACE_HOLD, OUTCOME_ACCOUNT_POLICY_FORBIDS}, "account_policy.c"},
};

static const char *kind_name(enum command_kind kind)
{
    switch (kind) {
#define COMMAND(number, NAME, name, Service, Method, answer, roles)                                \
    case COMMAND_##NAME:                                                                           \
        return #Service "Service." #Method;
#include "command/command_list.h"
    }
    return "no method";
}

static bool is_listed(enum command_kind kind, enum outcome outcome)
{
    for (size_t i = 0; i < sizeof listed / sizeof *listed; i++) {
        if (listed[i].kind == kind && listed[i].outcome == outcome)
            return true;
    }
    return false;
}

static bool is_common(enum outcome outcome)
{
    for (size_t i = 0; i < sizeof common / sizeof *common; i++) {
        if (common[i] == outcome)
            return true;
    }
    return false;
}

void expect_listed(enum command_kind kind, enum outcome outcome)
{
    EXPECT_MSG(is_common(outcome) || is_listed(kind, outcome),
        "the comment of %s in the protos does not list %s: add it to its Outcomes", kind_name(kind),
        outcome_name((int)outcome));
}

static void note_pair(void *context, const struct rule *rule)
{
    bool(*reached)[OUTCOMES_MAX] = context;
    EXPECT((int)rule->outcome < (int)OUTCOMES_MAX);
    reached[rule->command.kind][rule->outcome] = true;
    expect_listed(rule->command.kind, rule->outcome);
}

START_TEST(each_row_is_listed_and_each_listed_has_a_row)
{
    static bool reached[COMMAND_KIND_MAX + 1][OUTCOMES_MAX];
    for (size_t i = 0; i < rule_table_count; i++)
        rule_tables[i].each_row(note_pair, reached);
    for (size_t i = 0; i < sizeof elsewhere / sizeof *elsewhere; i++) {
        const struct pair *pair = &elsewhere[i].pair;
        expect_listed(pair->kind, pair->outcome);
        EXPECT_MSG(!reached[pair->kind][pair->outcome], "%s: %s has a row, not only a test in %s",
            kind_name(pair->kind), outcome_name((int)pair->outcome), elsewhere[i].where);
        reached[pair->kind][pair->outcome] = true;
    }
    for (size_t i = 0; i < sizeof listed / sizeof *listed; i++)
        EXPECT_MSG(reached[listed[i].kind][listed[i].outcome],
            "no row reaches what the comment of %s in the protos lists: %s",
            kind_name(listed[i].kind), outcome_name((int)listed[i].outcome));
}
END_TEST

Suite *outcomes_suite(void)
{
    Suite *suite = suite_create("outcomes");
    TCase *tests = tcase_create("outcomes");
    tcase_add_test(tests, each_row_is_listed_and_each_listed_has_a_row);
    suite_add_tcase(suite, tests);
    return suite;
}
