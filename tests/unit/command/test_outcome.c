/* test_outcome.c: the generated list of outcomes says the same as the enum in the proto.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/utf8.h"
#include "model/outcome.h"
#include "suites.h"
#include "vsl/v1/outcome.pb-c.h"

#include <stdint.h>
#include <string.h>

struct row {
    int number;
    const char *name;
    enum retry retry;
    int precedence;
    const char *text;
    const char *text_zh;
};

#define ROW(number, name, retry, precedence, text, text_zh)                                        \
    {number, #name, retry, precedence, text, text_zh},
static const struct row rows[] = {OUTCOME_LIST(ROW)};
#define ROW_COUNT (sizeof rows / sizeof rows[0])

START_TEST(every_value_of_the_proto_is_in_the_list_once)
{
    const ProtobufCEnumDescriptor *proto = &vsl__v1__outcome__descriptor;
    ck_assert_uint_eq(proto->n_values, ROW_COUNT + 1); /* and UNSPECIFIED */
    for (size_t i = 0; i < ROW_COUNT; i++) {
        const ProtobufCEnumValue *value =
            protobuf_c_enum_descriptor_get_value(proto, rows[i].number);
        ck_assert_ptr_nonnull(value);
        ck_assert_int_eq(strncmp(value->name, "OUTCOME_", 8), 0);
        ck_assert_str_eq(value->name + 8, rows[i].name);
        for (size_t j = 0; j < i; j++)
            ck_assert_int_ne(rows[i].number, rows[j].number);
    }
}
END_TEST

START_TEST(functions_find_what_the_list_says)
{
    for (size_t i = 0; i < ROW_COUNT; i++) {
        ck_assert_str_eq(outcome_name(rows[i].number), rows[i].name);
        ck_assert_str_eq(outcome_text(rows[i].number, TEXT_ENGLISH), rows[i].text);
        ck_assert_str_eq(outcome_text(rows[i].number, TEXT_CHINESE), rows[i].text_zh);
        ck_assert_int_eq((int)outcome_retry(rows[i].number), (int)rows[i].retry);
        ck_assert_int_eq(outcome_precedence(rows[i].number), (int)i);
        ck_assert(
            outcome_is_accepted(rows[i].number) == (strncmp(rows[i].name, "ACCEPTED", 8) == 0));
    }
    static const int unknown[] = {-1, 0, 99, 109, 32767, INT32_MAX, INT32_MIN};
    for (size_t i = 0; i < sizeof unknown / sizeof unknown[0]; i++) {
        ck_assert_ptr_null(outcome_name(unknown[i]));
        ck_assert_ptr_null(outcome_text(unknown[i], TEXT_ENGLISH));
        ck_assert_ptr_null(outcome_text(unknown[i], TEXT_CHINESE));
        ck_assert_int_eq((int)outcome_retry(unknown[i]), RETRY_ASK_STATE);
        ck_assert_int_eq(outcome_precedence(unknown[i]), -1);
    }
    ck_assert(!outcome_is_accepted(0));
    ck_assert(!outcome_is_accepted(-1));
}
END_TEST

/* Numbers are in the journal for ever: these must never change. */
START_TEST(numbers_are_as_they_always_were)
{
    static const struct {
        int number;
        const char *name;
    } known[] = {{1, "ACCEPTED"}, {2, "ACCEPTED_UNALLOCATED"}, {3, "ACCEPTED_CHECK_WRONG"},
        {4, "ACCEPTED_CARD_LOCKED"}, {100, "KEY_CONFLICT"}, {101, "KEY_WINDOW_CLOSED"},
        {102, "BUSINESS_DATE_AHEAD"}, {103, "BATCH_ABORTED"}, {400, "CALLER_NOT_FOUND"},
        {401, "CALLER_NAME_TAKEN"}, {402, "LAST_ADMINISTRATOR"}, {403, "TOO_MANY_CALLERS"},
        {420, "NOTHING_TO_REVEAL"}, {120, "LEDGER_NOT_FOUND"}, {121, "LEDGER_CLOSED"},
        {122, "RECEIVING_PREFIX_TAKEN"}, {123, "ACCOUNTING_DATE_NOT_LATER"},
        {131, "ACCOUNTING_DATE_TOO_FAR"}, {124, "LEDGER_HAS_OPEN_PAYOUTS"},
        {130, "LEDGER_HAS_RETURNABLE_PAYOUTS"}, {210, "PAYOUT_NOT_DECIDED"},
        {125, "LEDGER_NOT_EMPTY"}, {126, "TOO_MANY_LEDGERS"}, {127, "PLATFORM_ACCOUNT_NOT_SET"},
        {128, "PLATFORM_ACCOUNT_MISMATCH"}, {140, "MEMBER_NOT_FOUND"}, {141, "MEMBER_CLOSED"},
        {142, "PLATFORM_MEMBER_ID_TAKEN"}, {143, "MEMBER_HAS_OPEN_ACCOUNTS"},
        {144, "TOO_MANY_MEMBERS"}, {160, "ACCOUNT_NOT_FOUND"}, {161, "NOT_A_MEMBER_ACCOUNT"},
        {162, "ACCOUNT_CLOSED"}, {163, "ACCOUNT_NOT_EMPTY"}, {164, "TOO_MANY_ACCOUNTS"},
        {165, "ACCOUNT_HAS_DEBT"}, {180, "PAYEE_ACCOUNT_NOT_FOUND"}, {181, "PAYEE_ACCOUNT_CLOSED"},
        {182, "SAME_ACCOUNT"}, {200, "PAYOUT_NOT_FOUND"}, {201, "PAYOUT_ALREADY_PAID"},
        {202, "PAYOUT_ALREADY_FAILED"}, {203, "PAYOUT_ALREADY_RETURNED"}, {204, "PAYOUT_NOT_PAID"},
        {205, "TOO_MANY_PAYOUTS"}, {206, "PAYOUT_FINAL"}, {207, "PAYOUT_ALREADY_SENT"},
        {208, "PAYOUT_ALREADY_UNKNOWN"}, {209, "PAYOUT_ALREADY_CANCELLED"},
        {220, "ACCOUNT_RESTRICTED_OUT"}, {221, "ACCOUNT_RESTRICTED_IN"},
        {222, "RESTRICTION_NOT_FOUND"}, {223, "RESTRICTION_OF_ANOTHER"},
        {224, "TOO_MANY_RESTRICTIONS"}, {240, "FEE_NOT_BELOW_AMOUNT"},
        {241, "INSUFFICIENT_AVAILABLE"}, {242, "AMOUNT_OVERFLOW"}, {243, "ABOVE_REST"},
        {244, "NOT_YET_WITHDRAWABLE"}, {245, "INSUFFICIENT_FEE"},
        {246, "INSUFFICIENT_PLATFORM_OWN"}, {247, "EFFECT_GONE"}, {248, "OWED_STAYS"},
        {260, "FEE_RULE_NOT_FOUND"}, {261, "FEE_RULE_NOT_EFFECTIVE"},
        {262, "FEE_RULE_DATE_TOO_EARLY"}, {263, "FEE_ACCOUNT_NOT_FOUND"},
        {264, "TOO_MANY_FEE_RULES"}, {280, "ORIGINAL_NOT_FOUND"}, {281, "ORIGINAL_NOT_REFUNDABLE"},
        {282, "ORIGINAL_NOT_REVERSIBLE"}, {283, "ORIGINAL_REVERSED"}, {284, "ORIGINAL_REFUNDED"},
        {285, "PAYEE_NOT_OF_ORIGINAL"}, {286, "TOO_MANY_REFUNDS"}, {300, "HOLD_NOT_FOUND"},
        {301, "HOLD_OF_ANOTHER"}, {302, "HOLD_FINISHED"}, {303, "HOLD_EXPIRED"},
        {304, "TOO_MANY_HOLDS_OF_ORDER"}, {305, "TOO_MANY_HOLDS"}, {320, "FREEZE_NOT_FOUND"},
        {321, "FREEZE_OF_ANOTHER"}, {322, "FREEZE_LIFTED"}, {323, "FREEZE_EXPIRED"},
        {324, "TOO_MANY_FREEZES"}, {340, "ADJUSTMENT_NOT_FOUND"}, {341, "ADJUSTMENT_OF_ANOTHER"},
        {342, "SAME_CALLER"}, {343, "ADJUSTMENT_NOT_ALLOWED"}, {344, "ADJUSTMENT_DECIDED"},
        {345, "ADJUSTMENT_EXPIRED"}, {346, "TOO_MANY_ADJUSTMENTS"}, {360, "ORDER_NUMBER_MISMATCH"},
        {370, "EXPIRY_NOT_AHEAD"}, {371, "NOT_YET_DUE"}, {410, "APPROVAL_NEEDED"},
        {411, "PROPOSAL_NOT_FOUND"}, {412, "PROPOSAL_OF_ANOTHER"}, {413, "PROPOSAL_DECIDED"},
        {414, "PROPOSAL_EXPIRED"}, {415, "TOO_MANY_PROPOSALS"}, {416, "MAKER_NOT_ALLOWED"},
        {430, "SUSPENSE_NOT_FOUND"}, {431, "SUSPENSE_FINAL"}, {432, "ALLOCATION_ABOVE_ITEM"},
        {433, "UNDO_SPENT"}, {560, "ACCOUNT_POLICY_FORBIDS"}, {561, "OVER_OPERATION_LIMIT"},
        {562, "OVER_DATE_LIMIT"}, {563, "OVER_YEAR_LIMIT"}, {564, "OVER_BALANCE_LIMIT"},
        {434, "SUSPENSE_ITEM_NEEDED"}, {435, "RETURN_WITHOUT_ACCOUNT"},
        {436, "TOO_MANY_SUSPENSE_ITEMS"}, {437, "ORIGINAL_NOT_ALLOCATION"},
        {438, "SUSPENSE_RETURN_UNDER_WAY"}, {450, "BANK_REFERENCE_USED"}, {451, "LUMP_NOT_FOUND"},
        {452, "SOURCE_ORDER_USED"}, {453, "LUMP_FINAL"}, {454, "SUSPENSE_IN_LUMP"},
        {455, "LUMP_ALL_OR_NOTHING"}, {456, "LUMP_COUNT_REACHED"}, {457, "LINE_ABOVE_LUMP"},
        {458, "LUMP_COUNT_DIFFERS"}, {459, "LUMP_TOTAL_DIFFERS"}, {460, "LUMP_HAS_LINES"},
        {461, "TOO_MANY_LUMPS"}, {462, "LINE_IN_PARTS"}, {463, "LEDGER_HAS_OPEN_LUMPS"},
        {464, "SUSPENSE_OVERDUE"}, {500, "SUBJECT_NOT_OF_MEMBER"}, {501, "DOCUMENT_NOT_YET_VALID"},
        {502, "DOCUMENT_EXPIRED"}, {503, "CHECK_AHEAD"}, {504, "RECHECK_NOT_AHEAD"},
        {505, "PERSON_HAS_MEMBERSHIP"}, {506, "TOO_MANY_IDENTITIES"}, {507, "IDENTITY_NOT_FOUND"},
        {508, "IDENTITY_ENDED"}, {509, "MEMBER_HAS_CARDS"}, {470, "PROMISE_REFERENCE_USED"},
        {471, "ACQUIRER_NOT_FOUND"}, {472, "ACQUIRER_NAME_TAKEN"}, {473, "ACQUIRER_STOPPED"},
        {474, "TOO_MANY_ACQUIRERS"}, {475, "PROMISE_NOT_FOUND"}, {476, "PROMISE_FINAL"},
        {477, "PROMISE_DISPUTED"}, {478, "TOO_MANY_PROMISES"}, {479, "PROMISE_ABOVE_CEILING"},
        {480, "ADJUSTMENT_BY_PROPOSAL"}, {481, "SETTLEMENT_NOT_FOUND"},
        {482, "DIFFERENCE_NOT_FOUND"}, {483, "DIFFERENCE_NOT_SO"},
        {484, "SUSPENSE_NOT_OF_SETTLEMENT"}, {485, "SETTLEMENT_CLOSED"}, {486, "SETTLEMENT_FULL"},
        {487, "DIFFERENCE_FINAL"}, {488, "TOO_MANY_SETTLEMENTS"}, {489, "TOO_MANY_DIFFERENCES"},
        {490, "LINE_ABOVE_SETTLEMENT"}, {491, "SETTLEMENT_INCOMPLETE"},
        {492, "LEDGER_HAS_OPEN_SETTLEMENTS"}, {530, "CARD_NOT_FOUND"}, {531, "SAME_CARD"},
        {532, "CARD_NOT_OF_MEMBER"}, {533, "CARD_NEEDS_IDENTITY"}, {534, "CARD_KIND_NOT_ALLOWED"},
        {535, "CARD_HOLDER_DIFFERS"}, {536, "CARD_BOUND"}, {537, "CARD_OF_ANOTHER"},
        {538, "TOO_MANY_CARDS"}, {539, "CARD_FINAL"}, {540, "CARD_IN_CHECK"}, {541, "CARD_CHECKED"},
        {542, "CARD_LOCKED"}, {543, "CARD_NOT_IN_CHECK"}, {544, "CARD_CHECK_OTHER_WAY"},
        {545, "CARD_NOT_CHECKED"}, {546, "CARD_HAS_PAYOUT"}, {570, "DESTINATION_NOT_OWN_CARD"},
        {571, "DESTINATION_NEEDED"}, {572, "NO_CHECKED_CARD"}, {573, "ABOVE_CARD"},
        {590, "PROOF_NEEDED"}, {591, "PROOF_OF_OTHER_KIND"}, {592, "PROOF_FAILED"},
        {593, "PROOF_NOT_OF_AMOUNT"}, {594, "PROOF_NOT_OF_ACCOUNT"}, {595, "PROOF_NOT_OF_PAYEE"},
        {596, "PROOF_NOT_YET_VALID"}, {597, "PROOF_EXPIRED"}, {598, "PROOF_USED"},
        {610, "PARTY_RESTRICTED"}, {611, "SUSPENSE_KEPT"}, {612, "DENIED_NOT_FOUND"},
        {613, "DENIED_ENDED"}, {614, "VALUE_DENIED"}, {615, "TOO_MANY_DENIED"},
        {616, "TOO_MANY_HITS"}, {617, "HIT_NOT_FOUND"}, {618, "HIT_DECIDED"},
        {640, "ACCOUNT_KEPT_OPEN"}, {641, "CLAIM_NOT_FOUND"}, {642, "CLAIM_OF_ANOTHER_ORGAN"},
        {643, "CLAIM_RELEASED"}, {644, "CLAIM_EXPIRED"}, {645, "CLAIM_NOT_BY_LAW"},
        {646, "CLAIM_SUBJECT_UNKNOWN"}, {647, "CLAIM_SUBJECT_DIFFERS"}, {648, "CLAIM_TERM_FIXED"},
        {649, "CLAIM_TERM_MISSING"}, {650, "CLAIM_TERM_TOO_LONG"},
        {651, "CLAIM_CONTINUED_TOO_OFTEN"}, {652, "CLAIM_MAY_NOT_QUEUE"}, {653, "CLAIM_IS_WHOLE"},
        {654, "TOO_MANY_CLAIMS"}, {655, "CLAIM_DEDUCTED"}, {656, "CLAIM_DEDUCTION_UNDER_WAY"},
        {657, "CLAIM_STOPPED_TOO_OFTEN"}, {658, "CLAIM_MAY_NOT_DEDUCT"},
        {659, "CLAIM_MAY_NOT_RETURN"}, {660, "PAYOUT_IS_MEASURE"}, {661, "CLAIM_COVERS_LESS"},
        {670, "MANDATE_NOT_FOUND"}, {671, "MANDATE_NOT_OF_ACCOUNT"}, {672, "MANDATE_NOT_OF_PAYEE"},
        {673, "MANDATE_ENDED"}, {674, "MANDATE_EXPIRED"}, {675, "MANDATE_NOT_YET_VALID"},
        {676, "MANDATE_USED_UP"}, {677, "ABOVE_MANDATE"}, {678, "TOO_MANY_MANDATES"},
        {680, "BANK_STATEMENT_NOT_FOUND"}, {681, "BANK_STATEMENT_FINAL"},
        {682, "BANK_STATEMENT_KNOWN"}, {683, "BANK_STATEMENT_STANDS_OPEN"},
        {684, "BANK_STATEMENT_OF_OTHER_ACCOUNT"}, {685, "BANK_STATEMENT_OF_OTHER_CURRENCY"},
        {686, "BANK_STATEMENT_OPENING_DIFFERS"}, {687, "STATEMENT_LINE_KNOWN"},
        {688, "STATEMENT_LINE_OUT_OF_ORDER"}, {689, "STATEMENT_LINE_ABOVE_COUNT"},
        {690, "BANK_STATEMENT_HAS_LINES"}, {691, "BANK_STATEMENT_COUNT_DIFFERS"},
        {692, "BANK_STATEMENT_SUM_DIFFERS"}, {693, "TOO_MANY_BANK_STATEMENTS"},
        {694, "TOO_MANY_STATEMENT_LINES"}, {700, "STATEMENT_LINE_NOT_FOUND"},
        {701, "STATEMENT_LINE_OF_OPEN"}, {702, "MATCH_NOT_OF_RECEIPT"},
        {703, "MATCH_OF_OTHER_SIDE"}, {704, "MATCHED_PAYOUT_STAYED"}, {705, "MATCH_ABOVE_LINE"},
        {706, "MATCH_ABOVE_BOOKING"}, {707, "STATEMENT_MATCH_NOT_FOUND"},
        {708, "STATEMENT_MATCH_UNDONE"}, {709, "TOO_MANY_STATEMENT_MATCHES"},
        {710, "ORIGINAL_MATCHED"}, {750, "FEEDBACK_NOT_FOUND"}, {751, "FEEDBACK_OF_ANOTHER_ORGAN"},
        {752, "FEEDBACK_GIVEN"}, {753, "TOO_MANY_FEEDBACKS"}};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        ck_assert_str_eq(outcome_name(known[i].number), known[i].name);
    ck_assert_uint_eq(ROW_COUNT, sizeof known / sizeof known[0]);
}
END_TEST

/* A refusal that time can heal is told apart from one that needs another request, and from one
 * after which the state must be read. What is not named here must never be sent again as it is. */
START_TEST(advice_tells_what_to_do_next)
{
    static const struct {
        int outcome;
        enum retry retry;
    } told[] = {
        {OUTCOME_BATCH_ABORTED, RETRY_LATER_NEW_KEY},
        {OUTCOME_LEDGER_HAS_OPEN_PAYOUTS, RETRY_LATER_NEW_KEY},
        {OUTCOME_LEDGER_HAS_RETURNABLE_PAYOUTS, RETRY_LATER_NEW_KEY},
        {OUTCOME_LEDGER_NOT_EMPTY, RETRY_LATER_NEW_KEY},
        {OUTCOME_PLATFORM_ACCOUNT_NOT_SET, RETRY_LATER_NEW_KEY},
        {OUTCOME_MEMBER_HAS_OPEN_ACCOUNTS, RETRY_LATER_NEW_KEY},
        {OUTCOME_ACCOUNT_NOT_EMPTY, RETRY_LATER_NEW_KEY},
        {OUTCOME_ACCOUNT_HAS_DEBT, RETRY_LATER_NEW_KEY},
        {OUTCOME_NOT_YET_DUE, RETRY_LATER_NEW_KEY},
        {OUTCOME_TOO_MANY_HOLDS_OF_ORDER, RETRY_LATER_NEW_KEY},
        {OUTCOME_TOO_MANY_HOLDS, RETRY_LATER_NEW_KEY},
        {OUTCOME_TOO_MANY_FREEZES, RETRY_LATER_NEW_KEY},
        {OUTCOME_TOO_MANY_RESTRICTIONS, RETRY_LATER_NEW_KEY},
        {OUTCOME_TOO_MANY_ADJUSTMENTS, RETRY_LATER_NEW_KEY},
        {OUTCOME_TOO_MANY_PROPOSALS, RETRY_LATER_NEW_KEY},
        {OUTCOME_TOO_MANY_REFUNDS, RETRY_LATER_NEW_KEY},
        {OUTCOME_PAYOUT_NOT_PAID, RETRY_LATER_NEW_KEY},
        {OUTCOME_TOO_MANY_PAYOUTS, RETRY_LATER_NEW_KEY},
        {OUTCOME_FEE_RULE_NOT_EFFECTIVE, RETRY_LATER_NEW_KEY},
        {OUTCOME_ACCOUNT_RESTRICTED_OUT, RETRY_LATER_NEW_KEY},
        {OUTCOME_ACCOUNT_RESTRICTED_IN, RETRY_LATER_NEW_KEY},
        {OUTCOME_INSUFFICIENT_AVAILABLE, RETRY_LATER_NEW_KEY},
        {OUTCOME_NOT_YET_WITHDRAWABLE, RETRY_LATER_NEW_KEY},
        {OUTCOME_INSUFFICIENT_FEE, RETRY_LATER_NEW_KEY},
        {OUTCOME_INSUFFICIENT_PLATFORM_OWN, RETRY_LATER_NEW_KEY},
        {OUTCOME_EFFECT_GONE, RETRY_LATER_NEW_KEY},
        {OUTCOME_ACCOUNT_POLICY_FORBIDS, RETRY_LATER_NEW_KEY},
        {OUTCOME_OVER_DATE_LIMIT, RETRY_LATER_NEW_KEY},
        {OUTCOME_OVER_YEAR_LIMIT, RETRY_LATER_NEW_KEY},
        {OUTCOME_OVER_BALANCE_LIMIT, RETRY_LATER_NEW_KEY},
        {OUTCOME_OWED_STAYS, RETRY_LATER_NEW_KEY},
        {OUTCOME_KEY_CONFLICT, RETRY_ASK_STATE},
        {OUTCOME_BANK_REFERENCE_USED, RETRY_ASK_STATE},
        {OUTCOME_KEY_WINDOW_CLOSED, RETRY_ASK_STATE},
        {OUTCOME_ACCOUNTING_DATE_NOT_LATER, RETRY_ASK_STATE},
        {OUTCOME_CALLER_NAME_TAKEN, RETRY_ASK_STATE},
        {OUTCOME_ACQUIRER_NAME_TAKEN, RETRY_ASK_STATE},
        {OUTCOME_LAST_ADMINISTRATOR, RETRY_LATER_NEW_KEY},
        {OUTCOME_PLATFORM_MEMBER_ID_TAKEN, RETRY_ASK_STATE},
        {OUTCOME_HOLD_NOT_FOUND, RETRY_ASK_STATE},
        {OUTCOME_SUSPENSE_FINAL, RETRY_ASK_STATE},
        {OUTCOME_SOURCE_ORDER_USED, RETRY_ASK_STATE},
        {OUTCOME_LEDGER_HAS_OPEN_LUMPS, RETRY_LATER_NEW_KEY},
        {OUTCOME_LEDGER_HAS_OPEN_SETTLEMENTS, RETRY_LATER_NEW_KEY},
        {OUTCOME_SUSPENSE_IN_LUMP, RETRY_LATER_NEW_KEY},
        {OUTCOME_SUSPENSE_OVERDUE, RETRY_LATER_NEW_KEY},
        {OUTCOME_DOCUMENT_NOT_YET_VALID, RETRY_LATER_NEW_KEY},
        {OUTCOME_CARD_NEEDS_IDENTITY, RETRY_LATER_NEW_KEY},
        {OUTCOME_PERSON_HAS_MEMBERSHIP, RETRY_ASK_STATE},
        {OUTCOME_MEMBER_HAS_CARDS, RETRY_LATER_NEW_KEY},
        {OUTCOME_LUMP_FINAL, RETRY_ASK_STATE},
        {OUTCOME_LUMP_HAS_LINES, RETRY_ASK_STATE},
        {OUTCOME_LUMP_COUNT_DIFFERS, RETRY_LATER_NEW_KEY},
        {OUTCOME_LUMP_TOTAL_DIFFERS, RETRY_ASK_STATE},
        {OUTCOME_LUMP_COUNT_REACHED, RETRY_ASK_STATE},
        {OUTCOME_LINE_ABOVE_LUMP, RETRY_ASK_STATE},
        {OUTCOME_TOO_MANY_LUMPS, RETRY_LATER_NEW_KEY},
        {OUTCOME_SUSPENSE_RETURN_UNDER_WAY, RETRY_LATER_NEW_KEY},
        {OUTCOME_ALLOCATION_ABOVE_ITEM, RETRY_ASK_STATE},
        {OUTCOME_UNDO_SPENT, RETRY_LATER_NEW_KEY},
        {OUTCOME_PROMISE_REFERENCE_USED, RETRY_ASK_STATE},
        {OUTCOME_ACQUIRER_STOPPED, RETRY_LATER_NEW_KEY},
        {OUTCOME_PROMISE_FINAL, RETRY_ASK_STATE},
        {OUTCOME_TOO_MANY_PROMISES, RETRY_LATER_NEW_KEY},
        {OUTCOME_PROMISE_ABOVE_CEILING, RETRY_LATER_NEW_KEY},
        {OUTCOME_PROMISE_DISPUTED, RETRY_LATER_NEW_KEY},
        {OUTCOME_SETTLEMENT_CLOSED, RETRY_ASK_STATE},
        {OUTCOME_SETTLEMENT_FULL, RETRY_ASK_STATE},
        {OUTCOME_DIFFERENCE_FINAL, RETRY_ASK_STATE},
        {OUTCOME_TOO_MANY_SETTLEMENTS, RETRY_LATER_NEW_KEY},
        {OUTCOME_TOO_MANY_DIFFERENCES, RETRY_LATER_NEW_KEY},
        {OUTCOME_LINE_ABOVE_SETTLEMENT, RETRY_ASK_STATE},
        {OUTCOME_SETTLEMENT_INCOMPLETE, RETRY_LATER_NEW_KEY},
        {OUTCOME_TOO_MANY_SUSPENSE_ITEMS, RETRY_LATER_NEW_KEY},
        {OUTCOME_ORIGINAL_REVERSED, RETRY_ASK_STATE},
        {OUTCOME_ORIGINAL_REFUNDED, RETRY_ASK_STATE},
        {OUTCOME_HOLD_FINISHED, RETRY_ASK_STATE},
        {OUTCOME_FREEZE_LIFTED, RETRY_ASK_STATE},
        {OUTCOME_ADJUSTMENT_DECIDED, RETRY_ASK_STATE},
        {OUTCOME_PROPOSAL_DECIDED, RETRY_ASK_STATE},
        {OUTCOME_PAYOUT_ALREADY_PAID, RETRY_ASK_STATE},
        {OUTCOME_PAYOUT_ALREADY_FAILED, RETRY_ASK_STATE},
        {OUTCOME_PAYOUT_ALREADY_RETURNED, RETRY_ASK_STATE},
        {OUTCOME_PAYOUT_ALREADY_SENT, RETRY_ASK_STATE},
        {OUTCOME_PAYOUT_ALREADY_UNKNOWN, RETRY_ASK_STATE},
        {OUTCOME_PAYOUT_ALREADY_CANCELLED, RETRY_ASK_STATE},
        {OUTCOME_ABOVE_REST, RETRY_ASK_STATE},
        {OUTCOME_CARD_BOUND, RETRY_ASK_STATE},
        {OUTCOME_TOO_MANY_CARDS, RETRY_LATER_NEW_KEY},
        {OUTCOME_CARD_FINAL, RETRY_ASK_STATE},
        {OUTCOME_CARD_IN_CHECK, RETRY_ASK_STATE},
        {OUTCOME_CARD_CHECKED, RETRY_ASK_STATE},
        {OUTCOME_CARD_LOCKED, RETRY_LATER_NEW_KEY},
        {OUTCOME_CARD_NOT_IN_CHECK, RETRY_ASK_STATE},
        {OUTCOME_CARD_NOT_CHECKED, RETRY_LATER_NEW_KEY},
        {OUTCOME_CARD_HAS_PAYOUT, RETRY_LATER_NEW_KEY},
        {OUTCOME_NO_CHECKED_CARD, RETRY_LATER_NEW_KEY},
        {OUTCOME_ABOVE_CARD, RETRY_ASK_STATE},
        {OUTCOME_PROOF_NOT_YET_VALID, RETRY_LATER_NEW_KEY},
        {OUTCOME_PROOF_USED, RETRY_ASK_STATE},
        {OUTCOME_MANDATE_ENDED, RETRY_ASK_STATE},
        {OUTCOME_MANDATE_NOT_YET_VALID, RETRY_LATER_NEW_KEY},
        {OUTCOME_PARTY_RESTRICTED, RETRY_LATER_NEW_KEY},
        {OUTCOME_BANK_STATEMENT_FINAL, RETRY_ASK_STATE},
        {OUTCOME_BANK_STATEMENT_KNOWN, RETRY_ASK_STATE},
        {OUTCOME_BANK_STATEMENT_STANDS_OPEN, RETRY_LATER_NEW_KEY},
        {OUTCOME_BANK_STATEMENT_OPENING_DIFFERS, RETRY_LATER_NEW_KEY},
        {OUTCOME_BANK_STATEMENT_COUNT_DIFFERS, RETRY_LATER_NEW_KEY},
        {OUTCOME_BANK_STATEMENT_SUM_DIFFERS, RETRY_LATER_NEW_KEY},
        {OUTCOME_STATEMENT_LINE_OUT_OF_ORDER, RETRY_ASK_STATE},
        {OUTCOME_STATEMENT_LINE_KNOWN, RETRY_ASK_STATE},
        {OUTCOME_TOO_MANY_STATEMENT_LINES, RETRY_LATER_NEW_KEY},
        {OUTCOME_STATEMENT_LINE_OF_OPEN, RETRY_LATER_NEW_KEY},
        {OUTCOME_MATCHED_PAYOUT_STAYED, RETRY_ASK_STATE},
        {OUTCOME_MATCH_ABOVE_LINE, RETRY_ASK_STATE},
        {OUTCOME_MATCH_ABOVE_BOOKING, RETRY_ASK_STATE},
        {OUTCOME_STATEMENT_MATCH_UNDONE, RETRY_ASK_STATE},
        {OUTCOME_TOO_MANY_STATEMENT_MATCHES, RETRY_LATER_NEW_KEY},
        {OUTCOME_ORIGINAL_MATCHED, RETRY_LATER_NEW_KEY},
        {OUTCOME_SUSPENSE_KEPT, RETRY_LATER_NEW_KEY},
        {OUTCOME_VALUE_DENIED, RETRY_ASK_STATE},
        {OUTCOME_DENIED_ENDED, RETRY_ASK_STATE},
        {OUTCOME_HIT_DECIDED, RETRY_ASK_STATE},
        {OUTCOME_TOO_MANY_DENIED, RETRY_LATER_NEW_KEY},
        {OUTCOME_TOO_MANY_HITS, RETRY_LATER_NEW_KEY},
        {OUTCOME_ACCOUNT_KEPT_OPEN, RETRY_LATER_NEW_KEY},
        {OUTCOME_CLAIM_SUBJECT_UNKNOWN, RETRY_LATER_NEW_KEY},
        {OUTCOME_CLAIM_MAY_NOT_QUEUE, RETRY_LATER_NEW_KEY},
        {OUTCOME_TOO_MANY_CLAIMS, RETRY_LATER_NEW_KEY},
        {OUTCOME_TOO_MANY_FEEDBACKS, RETRY_LATER_NEW_KEY},
        {OUTCOME_CLAIM_DEDUCTED, RETRY_ASK_STATE},
        {OUTCOME_CLAIM_DEDUCTION_UNDER_WAY, RETRY_LATER_NEW_KEY},
        {OUTCOME_CLAIM_COVERS_LESS, RETRY_LATER_NEW_KEY},
        {OUTCOME_BUSINESS_DATE_AHEAD, RETRY_SAME_KEY},
    };
    for (size_t i = 0; i < ROW_COUNT; i++) {
        enum retry expected = outcome_is_accepted(rows[i].number) ? RETRY_UNSPECIFIED : RETRY_FINAL;
        for (size_t k = 0; k < sizeof told / sizeof told[0]; k++) {
            if (told[k].outcome == rows[i].number)
                expected = told[k].retry;
        }
        ck_assert_msg(rows[i].retry == expected, "%s", rows[i].name);
    }
}
END_TEST

/* Ledger before member before account before payee before restriction before amount. */
START_TEST(precedence_goes_from_the_outside_in)
{
    static const int order[] = {OUTCOME_ACCEPTED, OUTCOME_KEY_CONFLICT, OUTCOME_LEDGER_NOT_FOUND,
        OUTCOME_LEDGER_CLOSED, OUTCOME_MEMBER_NOT_FOUND, OUTCOME_MEMBER_CLOSED,
        OUTCOME_ACCOUNT_NOT_FOUND, OUTCOME_ACCOUNT_CLOSED, OUTCOME_PAYEE_ACCOUNT_NOT_FOUND,
        OUTCOME_PAYEE_ACCOUNT_CLOSED, OUTCOME_ACCOUNT_RESTRICTED_OUT, OUTCOME_ACCOUNT_RESTRICTED_IN,
        OUTCOME_INSUFFICIENT_AVAILABLE, OUTCOME_AMOUNT_OVERFLOW, OUTCOME_ACCOUNT_POLICY_FORBIDS,
        OUTCOME_OVER_OPERATION_LIMIT, OUTCOME_OVER_DATE_LIMIT, OUTCOME_OVER_YEAR_LIMIT,
        OUTCOME_OVER_BALANCE_LIMIT};
    for (size_t i = 1; i < sizeof order / sizeof order[0]; i++)
        ck_assert_int_lt(outcome_precedence(order[i - 1]), outcome_precedence(order[i]));
}
END_TEST

/* Texts are whole sentences that say what to do. */
START_TEST(texts_are_sentences)
{
    for (size_t i = 0; i < ROW_COUNT; i++) {
        size_t length = strlen(rows[i].text);
        ck_assert_uint_gt(length, 20);
        ck_assert_uint_lt(length, 256);
        ck_assert_int_eq(rows[i].text[length - 1], '.');
        ck_assert(rows[i].text[0] >= 'A' && rows[i].text[0] <= 'Z');
        /* A character is three bytes; a status takes 512 of them. */
        length = strlen(rows[i].text_zh);
        ck_assert_uint_gt(length, 20);
        ck_assert_uint_lt(length, 512);
        ck_assert(utf8_is_valid(rows[i].text_zh, length));
    }
}
END_TEST

Suite *outcome_suite(void)
{
    Suite *suite = suite_create("outcome");
    TCase *tcase = tcase_create("outcome");
    tcase_add_test(tcase, every_value_of_the_proto_is_in_the_list_once);
    tcase_add_test(tcase, functions_find_what_the_list_says);
    tcase_add_test(tcase, numbers_are_as_they_always_were);
    tcase_add_test(tcase, advice_tells_what_to_do_next);
    tcase_add_test(tcase, precedence_goes_from_the_outside_in);
    tcase_add_test(tcase, texts_are_sentences);
    suite_add_tcase(suite, tcase);
    return suite;
}
