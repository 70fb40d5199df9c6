/* tally.c: see tally.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "tally.h"

#include "base/check.h"
#include "command/body.h"
#include "support/expect.h"

#include <inttypes.h>
#include <stdio.h>

void tally_count(struct tally *tally, enum command_kind kind, enum outcome outcome)
{
    CHECK((int)outcome < (int)TALLY_OUTCOMES_MAX && kind <= COMMAND_KIND_MAX);
    tally->executed++;
    tally->outcomes[outcome]++;
    tally->kinds[kind]++;
    tally->accepted_kinds[kind] += outcome_is_accepted((int)outcome);
}

void tally_print(const struct tally *tally)
{
    for (int kind = 1; kind <= COMMAND_KIND_MAX; kind++) {
        if (command_kind_name(kind) != NULL)
            fprintf(stderr, "random_history: %s: %" PRIu64 ", accepted %" PRIu64 "\n",
                command_kind_name(kind), tally->kinds[kind], tally->accepted_kinds[kind]);
    }
    for (int outcome = 1; outcome < TALLY_OUTCOMES_MAX; outcome++) {
        if (tally->outcomes[outcome] > 0)
            fprintf(stderr, "random_history: %s: %" PRIu64 "\n", outcome_name(outcome),
                tally->outcomes[outcome]);
    }
}

void tally_expect_everything(const struct tally *tally)
{
    /* Every one but those of keys, of aborted batches and of ceilings, and those that chance brings
     * too seldom: a ledger that is empty but for payouts that may return. */
    static const enum outcome reachable[] = {
        OUTCOME_ACCEPTED,
        OUTCOME_ACCEPTED_UNALLOCATED,
        OUTCOME_ACCOUNT_POLICY_FORBIDS,
        OUTCOME_OVER_OPERATION_LIMIT,
        OUTCOME_OVER_DATE_LIMIT,
        OUTCOME_OVER_YEAR_LIMIT,
        OUTCOME_OVER_BALANCE_LIMIT,
        OUTCOME_KEY_WINDOW_CLOSED,
        OUTCOME_BUSINESS_DATE_AHEAD,
        OUTCOME_LEDGER_NOT_FOUND,
        OUTCOME_LEDGER_CLOSED,
        OUTCOME_BANK_REFERENCE_USED,
        OUTCOME_RECEIVING_PREFIX_TAKEN,
        OUTCOME_ACCOUNTING_DATE_NOT_LATER,
        OUTCOME_ACCOUNTING_DATE_TOO_FAR,
        OUTCOME_LEDGER_HAS_OPEN_PAYOUTS,
        OUTCOME_LEDGER_HAS_OPEN_SETTLEMENTS,
        OUTCOME_LEDGER_NOT_EMPTY,
        OUTCOME_PLATFORM_ACCOUNT_NOT_SET,
        OUTCOME_PLATFORM_ACCOUNT_MISMATCH,
        OUTCOME_MEMBER_NOT_FOUND,
        OUTCOME_MEMBER_CLOSED,
        OUTCOME_PLATFORM_MEMBER_ID_TAKEN,
        OUTCOME_MEMBER_HAS_OPEN_ACCOUNTS,
        OUTCOME_DOCUMENT_NOT_YET_VALID,
        OUTCOME_CHECK_AHEAD,
        OUTCOME_MEMBER_HAS_CARDS,
        OUTCOME_ACCEPTED_CHECK_WRONG,
        OUTCOME_ACCEPTED_CARD_LOCKED,
        OUTCOME_CARD_NOT_FOUND,
        OUTCOME_SAME_CARD,
        OUTCOME_CARD_NOT_OF_MEMBER,
        OUTCOME_CARD_KIND_NOT_ALLOWED,
        OUTCOME_CARD_BOUND,
        OUTCOME_CARD_OF_ANOTHER,
        OUTCOME_CARD_FINAL,
        OUTCOME_CARD_IN_CHECK,
        OUTCOME_CARD_CHECKED,
        OUTCOME_CARD_LOCKED,
        OUTCOME_CARD_NOT_IN_CHECK,
        OUTCOME_CARD_CHECK_OTHER_WAY,
        OUTCOME_CARD_NOT_CHECKED,
        OUTCOME_CARD_HAS_PAYOUT,
        OUTCOME_PROOF_NEEDED,
        OUTCOME_PROOF_OF_OTHER_KIND,
        OUTCOME_PROOF_FAILED,
        OUTCOME_PROOF_NOT_OF_AMOUNT,
        OUTCOME_PROOF_NOT_OF_ACCOUNT,
        OUTCOME_PROOF_NOT_OF_PAYEE,
        OUTCOME_PROOF_NOT_YET_VALID,
        OUTCOME_PROOF_EXPIRED,
        OUTCOME_PROOF_USED,
        OUTCOME_MANDATE_NOT_FOUND,
        OUTCOME_MANDATE_NOT_OF_ACCOUNT,
        OUTCOME_MANDATE_NOT_OF_PAYEE,
        OUTCOME_MANDATE_ENDED,
        OUTCOME_MANDATE_USED_UP,
        OUTCOME_MANDATE_EXPIRED,
        OUTCOME_MANDATE_NOT_YET_VALID,
        OUTCOME_ABOVE_MANDATE,
        OUTCOME_DENIED_NOT_FOUND,
        OUTCOME_DENIED_ENDED,
        OUTCOME_VALUE_DENIED,
        OUTCOME_HIT_NOT_FOUND,
        OUTCOME_HIT_DECIDED,
        OUTCOME_SUSPENSE_KEPT,
        OUTCOME_PARTY_RESTRICTED,
        OUTCOME_ACCOUNT_NOT_FOUND,
        OUTCOME_NOT_A_MEMBER_ACCOUNT,
        OUTCOME_ACCOUNT_CLOSED,
        OUTCOME_ACCOUNT_NOT_EMPTY,
        OUTCOME_ACCOUNT_HAS_DEBT,
        OUTCOME_PAYEE_ACCOUNT_NOT_FOUND,
        OUTCOME_PAYEE_ACCOUNT_CLOSED,
        OUTCOME_SAME_ACCOUNT,
        OUTCOME_ORIGINAL_NOT_FOUND,
        OUTCOME_ORIGINAL_NOT_REFUNDABLE,
        OUTCOME_ORIGINAL_NOT_REVERSIBLE,
        OUTCOME_HOLD_NOT_FOUND,
        OUTCOME_HOLD_OF_ANOTHER,
        OUTCOME_FREEZE_NOT_FOUND,
        OUTCOME_FREEZE_OF_ANOTHER,
        OUTCOME_RESTRICTION_OF_ANOTHER,
        OUTCOME_PROMISE_REFERENCE_USED,
        OUTCOME_ACQUIRER_NOT_FOUND,
        OUTCOME_ACQUIRER_NAME_TAKEN,
        OUTCOME_ACQUIRER_STOPPED,
        OUTCOME_PROMISE_NOT_FOUND,
        OUTCOME_PROMISE_FINAL,
        OUTCOME_PROMISE_ABOVE_CEILING,
        OUTCOME_PROMISE_DISPUTED,
        OUTCOME_SETTLEMENT_NOT_FOUND,
        OUTCOME_DIFFERENCE_NOT_FOUND,
        OUTCOME_DIFFERENCE_NOT_SO,
        OUTCOME_SUSPENSE_NOT_OF_SETTLEMENT,
        OUTCOME_SETTLEMENT_CLOSED,
        OUTCOME_SETTLEMENT_FULL,
        OUTCOME_DIFFERENCE_FINAL,
        OUTCOME_LINE_ABOVE_SETTLEMENT,
        OUTCOME_SETTLEMENT_INCOMPLETE,
        OUTCOME_ADJUSTMENT_NOT_FOUND,
        OUTCOME_ADJUSTMENT_BY_PROPOSAL,
        OUTCOME_SAME_CALLER,
        OUTCOME_ADJUSTMENT_NOT_ALLOWED,
        OUTCOME_SUSPENSE_ITEM_NEEDED,
        OUTCOME_SUSPENSE_NOT_FOUND,
        OUTCOME_SUSPENSE_FINAL,
        OUTCOME_ORIGINAL_NOT_ALLOCATION,
        OUTCOME_ALLOCATION_ABOVE_ITEM,
        OUTCOME_UNDO_SPENT,
        OUTCOME_RETURN_WITHOUT_ACCOUNT,
        OUTCOME_SUSPENSE_RETURN_UNDER_WAY,
        OUTCOME_SUSPENSE_IN_LUMP,
        OUTCOME_SOURCE_ORDER_USED,
        OUTCOME_LUMP_NOT_FOUND,
        OUTCOME_LUMP_FINAL,
        OUTCOME_LUMP_ALL_OR_NOTHING,
        OUTCOME_LUMP_HAS_LINES,
        OUTCOME_LUMP_COUNT_DIFFERS,
        OUTCOME_LUMP_TOTAL_DIFFERS,
        OUTCOME_SUSPENSE_OVERDUE,
        OUTCOME_LUMP_COUNT_REACHED,
        OUTCOME_LINE_ABOVE_LUMP,
        OUTCOME_LINE_IN_PARTS,
        OUTCOME_ORDER_NUMBER_MISMATCH,
        OUTCOME_ORIGINAL_REVERSED,
        OUTCOME_ORIGINAL_REFUNDED,
        OUTCOME_PAYEE_NOT_OF_ORIGINAL,
        OUTCOME_HOLD_FINISHED,
        OUTCOME_HOLD_EXPIRED,
        OUTCOME_FREEZE_LIFTED,
        OUTCOME_FREEZE_EXPIRED,
        OUTCOME_CLAIM_NOT_FOUND,
        OUTCOME_CLAIM_OF_ANOTHER_ORGAN,
        OUTCOME_CLAIM_RELEASED,
        OUTCOME_CLAIM_DEDUCTED,
        OUTCOME_CLAIM_DEDUCTION_UNDER_WAY,
        OUTCOME_CLAIM_NOT_BY_LAW,
        OUTCOME_CLAIM_SUBJECT_UNKNOWN,
        OUTCOME_CLAIM_TERM_MISSING,
        OUTCOME_CLAIM_STOPPED_TOO_OFTEN,
        OUTCOME_CLAIM_MAY_NOT_DEDUCT,
        OUTCOME_CLAIM_MAY_NOT_RETURN,
        OUTCOME_CLAIM_IS_WHOLE,
        OUTCOME_CLAIM_COVERS_LESS,
        OUTCOME_APPROVAL_NEEDED,
        OUTCOME_PROPOSAL_NOT_FOUND,
        OUTCOME_PROPOSAL_OF_ANOTHER,
        OUTCOME_PROPOSAL_DECIDED,
        OUTCOME_PROPOSAL_EXPIRED,
        OUTCOME_MAKER_NOT_ALLOWED,
        OUTCOME_NOT_YET_DUE,
        OUTCOME_EXPIRY_NOT_AHEAD,
        OUTCOME_TOO_MANY_HOLDS_OF_ORDER,
        OUTCOME_PAYOUT_NOT_FOUND,
        OUTCOME_PAYOUT_ALREADY_PAID,
        OUTCOME_PAYOUT_ALREADY_FAILED,
        OUTCOME_PAYOUT_ALREADY_RETURNED,
        OUTCOME_PAYOUT_NOT_PAID,
        OUTCOME_PAYOUT_FINAL,
        OUTCOME_PAYOUT_NOT_DECIDED,
        OUTCOME_PAYOUT_ALREADY_SENT,
        OUTCOME_PAYOUT_ALREADY_UNKNOWN,
        OUTCOME_PAYOUT_ALREADY_CANCELLED,
        OUTCOME_FEE_ACCOUNT_NOT_FOUND,
        OUTCOME_FEE_RULE_NOT_FOUND,
        OUTCOME_FEE_RULE_NOT_EFFECTIVE,
        OUTCOME_FEE_RULE_DATE_TOO_EARLY,
        OUTCOME_ACCOUNT_RESTRICTED_OUT,
        OUTCOME_ACCOUNT_RESTRICTED_IN,
        OUTCOME_FEE_NOT_BELOW_AMOUNT,
        OUTCOME_ABOVE_REST,
        OUTCOME_OWED_STAYS,
        OUTCOME_INSUFFICIENT_AVAILABLE,
        OUTCOME_NOT_YET_WITHDRAWABLE,
        OUTCOME_INSUFFICIENT_FEE,
        OUTCOME_INSUFFICIENT_PLATFORM_OWN,
        OUTCOME_EFFECT_GONE,
        OUTCOME_AMOUNT_OVERFLOW,
    };
    for (int kind = 1; kind <= COMMAND_KIND_MAX; kind++)
        EXPECT_MSG(command_kind_name(kind) == NULL || tally->accepted_kinds[kind] > 0 ||
                       kind == COMMAND_ADOPT_SUSPENSE || /* needs money of before 0.3.0 */
                       kind == COMMAND_APPROVE ||        /* what it approves is, in its place */
                       kind == COMMAND_PROPOSE_ADJUSTMENT || kind == COMMAND_APPROVE_ADJUSTMENT ||
                       kind == COMMAND_WITHDRAW_ADJUSTMENT, /* only before 0.3.0 */
            "%s was never accepted", command_kind_name(kind));
    int missing = 0;
    for (size_t i = 0; i < sizeof reachable / sizeof *reachable; i++) {
        if (tally->outcomes[reachable[i]] > 0)
            continue;
        fprintf(stderr, "random_history: %s never happened\n", outcome_name((int)reachable[i]));
        missing++;
    }
    EXPECT_MSG(missing <= TALLY_MISSING_MAX, "%d answers never happened", missing);
}
