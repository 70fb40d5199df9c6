/* test_command_reply.c: answers to commands, read back with the real messages.
 * SPDX-License-Identifier: Apache-2.0 */
#include "reply/reply.h"
#include "suites.h"
#include "support/expect.h"
#include "vsl/v1/acquirer.pb-c.h"
#include "vsl/v1/funds.pb-c.h"
#include "vsl/v1/lump.pb-c.h"
#include "vsl/v1/product.pb-c.h"
#include "vsl/v1/reveal.pb-c.h"
#include "vsl/v1/suspense.pb-c.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define KIND(name) VSL__V1__COMMAND_KIND__COMMAND_KIND_##name

static const struct {
    int kind;
    const ProtobufCMessageDescriptor *descriptor;
    const char *id_field; /* NULL: the response has none */
} kinds[] = {
    {KIND(OPEN_LEDGER), &vsl__v1__open_ledger_response__descriptor, "ledger_id"},
    {KIND(CLOSE_LEDGER), &vsl__v1__close_ledger_response__descriptor, NULL},
    {KIND(CUT_DAY), &vsl__v1__cut_day_response__descriptor, NULL},
    {KIND(SET_TERMS), &vsl__v1__set_terms_response__descriptor, NULL},
    {KIND(SET_FEE_RULE), &vsl__v1__set_fee_rule_response__descriptor, "fee_rule_id"},
    {KIND(OPEN_MEMBER), &vsl__v1__open_member_response__descriptor, "member_id"},
    {KIND(CLOSE_MEMBER), &vsl__v1__close_member_response__descriptor, NULL},
    {KIND(IDENTIFY_MEMBER), &vsl__v1__identify_member_response__descriptor, NULL},
    {KIND(OPEN_ACCOUNT), &vsl__v1__open_account_response__descriptor, "account_id"},
    {KIND(CLOSE_ACCOUNT), &vsl__v1__close_account_response__descriptor, NULL},
    {KIND(RESTRICT_ACCOUNT), &vsl__v1__restrict_account_response__descriptor, NULL},
    {KIND(OPEN_FEE_ACCOUNT), &vsl__v1__open_fee_account_response__descriptor, "account_id"},
    {KIND(BOOK_RECEIPT), &vsl__v1__book_receipt_response__descriptor, "account_id"},
    {KIND(BOOK_INTEREST), &vsl__v1__book_interest_response__descriptor, NULL},
    {KIND(CHARGE_FEE), &vsl__v1__charge_fee_response__descriptor, NULL},
    {KIND(COLLECT_FEES), &vsl__v1__collect_fees_response__descriptor, NULL},
    {KIND(PAY), &vsl__v1__pay_response__descriptor, NULL},
    {KIND(REFUND), &vsl__v1__refund_response__descriptor, NULL},
    {KIND(WITHDRAW), &vsl__v1__withdraw_response__descriptor, "payout_id"},
    {KIND(CONFIRM_PAYOUT), &vsl__v1__confirm_payout_response__descriptor, NULL},
    {KIND(ALLOCATE_SUSPENSE), &vsl__v1__allocate_suspense_response__descriptor, NULL},
    {KIND(UNDO_ALLOCATION), &vsl__v1__undo_allocation_response__descriptor, NULL},
    {KIND(BIND_CARD), &vsl__v1__bind_card_response__descriptor, "card_id"},
    {KIND(CHECK_CARD), &vsl__v1__check_card_response__descriptor, NULL},
    {KIND(CONFIRM_CARD_CHECK), &vsl__v1__confirm_card_check_response__descriptor, NULL},
    {KIND(CONFIRM_CARD_AMOUNT), &vsl__v1__confirm_card_amount_response__descriptor, NULL},
    {KIND(UNBIND_CARD), &vsl__v1__unbind_card_response__descriptor, NULL},
    {KIND(REPLACE_CARD), &vsl__v1__replace_card_response__descriptor, NULL},
    {KIND(ADD_DENIED), &vsl__v1__add_denied_response__descriptor, "denied_id"},
    {KIND(END_DENIED), &vsl__v1__end_denied_response__descriptor, NULL},
    {KIND(DECIDE_HIT), &vsl__v1__decide_hit_response__descriptor, NULL},
    {KIND(PLACE_CLAIM), &vsl__v1__place_claim_response__descriptor, "claim_id"},
    {KIND(CONTINUE_CLAIM), &vsl__v1__continue_claim_response__descriptor, NULL},
    {KIND(RELEASE_CLAIM), &vsl__v1__release_claim_response__descriptor, NULL},
    {KIND(DEDUCT_CLAIM), &vsl__v1__deduct_claim_response__descriptor, "payout_id"},
    {KIND(OPEN_FEEDBACK), &vsl__v1__open_feedback_response__descriptor, "feedback_id"},
    {KIND(GIVE_FEEDBACK), &vsl__v1__give_feedback_response__descriptor, NULL},
    {KIND(OPEN_PRODUCT), &vsl__v1__open_product_response__descriptor, "product_id"},
    {KIND(CLOSE_PRODUCT), &vsl__v1__close_product_response__descriptor, NULL},
    {KIND(SUBSCRIBE), &vsl__v1__subscribe_response__descriptor, "position_id"},
    {KIND(REDEEM), &vsl__v1__redeem_response__descriptor, NULL},
    {KIND(PUBLISH_PRICE), &vsl__v1__publish_price_response__descriptor, "price_id"},
    {KIND(OPEN_BANK_STATEMENT), &vsl__v1__open_bank_statement_response__descriptor,
        "bank_statement_id"},
    {KIND(ADD_STATEMENT_LINE), &vsl__v1__add_statement_line_response__descriptor,
        "statement_line_id"},
    {KIND(CLOSE_BANK_STATEMENT), &vsl__v1__close_bank_statement_response__descriptor, NULL},
    {KIND(MATCH_STATEMENT_LINE), &vsl__v1__match_statement_line_response__descriptor,
        "statement_match_id"},
    {KIND(UNDO_MATCH), &vsl__v1__undo_match_response__descriptor, NULL},
    {KIND(OPEN_LUMP), &vsl__v1__open_lump_response__descriptor, "lump_id"},
    {KIND(ALLOCATE_LINE), &vsl__v1__allocate_line_response__descriptor, "account_id"},
    {KIND(CLOSE_LUMP), &vsl__v1__close_lump_response__descriptor, NULL},
    {KIND(RETURN_SUSPENSE), &vsl__v1__return_suspense_response__descriptor, "payout_id"},
    {KIND(ADOPT_SUSPENSE), &vsl__v1__adopt_suspense_response__descriptor, "suspense_id"},
    {KIND(OPEN_ACQUIRER), &vsl__v1__open_acquirer_response__descriptor, "acquirer_id"},
    {KIND(SET_ACQUIRER), &vsl__v1__set_acquirer_response__descriptor, NULL},
    {KIND(BOOK_PROMISE), &vsl__v1__book_promise_response__descriptor, "promise_id"},
    {KIND(CANCEL_PROMISE), &vsl__v1__cancel_promise_response__descriptor, NULL},
    {KIND(OPEN_SETTLEMENT), &vsl__v1__open_settlement_response__descriptor, "settlement_id"},
    {KIND(SETTLE_LINE), &vsl__v1__settle_line_response__descriptor, "difference_id"},
    {KIND(CLOSE_SETTLEMENT), &vsl__v1__close_settlement_response__descriptor, NULL},
    {KIND(CLOSE_DIFFERENCE), &vsl__v1__close_difference_response__descriptor, NULL},
    {KIND(INTERCEPT_PAYOUT), &vsl__v1__intercept_payout_response__descriptor, NULL},
    {KIND(PLACE_HOLD), &vsl__v1__place_hold_response__descriptor, "hold_id"},
    {KIND(CONFIRM_HOLD), &vsl__v1__confirm_hold_response__descriptor, NULL},
    {KIND(CANCEL_HOLD), &vsl__v1__cancel_hold_response__descriptor, NULL},
    {KIND(PLACE_FREEZE), &vsl__v1__place_freeze_response__descriptor, "freeze_id"},
    {KIND(LIFT_FREEZE), &vsl__v1__lift_freeze_response__descriptor, NULL},
    {KIND(EXPIRE), &vsl__v1__expire_response__descriptor, NULL},
    {KIND(REVERSE), &vsl__v1__reverse_response__descriptor, NULL},
    {KIND(PROPOSE_ADJUSTMENT), &vsl__v1__propose_adjustment_response__descriptor, "adjustment_id"},
    {KIND(APPROVE_ADJUSTMENT), &vsl__v1__approve_adjustment_response__descriptor, NULL},
    {KIND(WITHDRAW_ADJUSTMENT), &vsl__v1__withdraw_adjustment_response__descriptor, NULL},
    {KIND(ADJUST), &vsl__v1__adjust_response__descriptor, NULL},
    {KIND(SET_ACCOUNT_POLICY), &vsl__v1__set_account_policy_response__descriptor, NULL},
    {KIND(SET_APPROVAL_POLICY), &vsl__v1__set_approval_policy_response__descriptor, NULL},
    {KIND(GRANT_MANDATE), &vsl__v1__grant_mandate_response__descriptor, "mandate_id"},
    {KIND(END_MANDATE), &vsl__v1__end_mandate_response__descriptor, NULL},
    {KIND(SET_PROOF_POLICY), &vsl__v1__set_proof_policy_response__descriptor, NULL},
    {KIND(PROPOSE), &vsl__v1__propose_response__descriptor, "proposal_id"},
    {KIND(APPROVE), &vsl__v1__approve_response__descriptor, "subject_id"},
    {KIND(WITHDRAW_PROPOSAL), &vsl__v1__withdraw_proposal_response__descriptor, NULL},
    {KIND(CREATE_CALLER), &vsl__v1__create_caller_response__descriptor, "caller_id"},
    {KIND(UPDATE_CALLER), &vsl__v1__update_caller_response__descriptor, NULL},
    {KIND(REVEAL), &vsl__v1__reveal_response__descriptor, NULL},
};
#define KIND_COUNT (sizeof kinds / sizeof kinds[0])

static struct answer accepted_answer(int kind)
{
    return (struct answer){.kind = (uint16_t)kind,
        .outcome = OUTCOME_ACCEPTED,
        .sequence = 77,
        .recorded_us = 1793491200000001,
        .accounting_date = 20758, /* 2026-11-01 */
        .subject_id = 4711,
        .fee_minor = 31,
        .fee_rule_version = 2,
        .first_control_account_id = kind == KIND(OPEN_LEDGER) ? 100 : 0};
}

/* Packs, unpacks, and checks that the message has no more than what was packed. */
static ProtobufCMessage *read_back(
    struct buffer *bytes, const ProtobufCMessageDescriptor *descriptor)
{
    ProtobufCMessage *message =
        protobuf_c_message_unpack(descriptor, NULL, bytes->length, bytes->bytes);
    ck_assert_ptr_nonnull(message);
    ck_assert_uint_eq(message->n_unknown_fields, 0);
    buffer_finish(bytes);
    return message;
}

static size_t row_of(int kind)
{
    size_t row = 0;
    while (row < KIND_COUNT && kinds[row].kind != kind)
        row++;
    ck_assert_uint_lt(row, KIND_COUNT);
    return row;
}

static ProtobufCMessage *reply_of(const struct answer *answer, size_t row)
{
    struct buffer bytes = {0};
    reply_command(&bytes, answer, TEXT_ENGLISH);
    return read_back(&bytes, kinds[row].descriptor);
}

static const Vsl__V1__CommandResult *result_of(const ProtobufCMessage *message)
{
    return ((const Vsl__V1__PayResponse *)message)->result;
}

static int64_t id_of(const ProtobufCMessage *message, const char *name)
{
    const ProtobufCFieldDescriptor *field =
        protobuf_c_message_descriptor_get_field_by_name(message->descriptor, name);
    ck_assert_ptr_nonnull(field);
    int64_t id;
    memcpy(&id, (const unsigned char *)message + field->offset, sizeof id);
    return id;
}

START_TEST(accepted_commands_answer_with_their_ids)
{
    for (size_t i = 0; i < KIND_COUNT; i++) {
        struct answer answer = accepted_answer(kinds[i].kind);
        if (kinds[i].kind == KIND(OPEN_ACCOUNT))
            memcpy(answer.receiving_number, "62000047110", 12);
        ProtobufCMessage *message = reply_of(&answer, i);
        const Vsl__V1__CommandResult *result = result_of(message);
        ck_assert_int_eq((int)result->outcome, OUTCOME_ACCEPTED);
        ck_assert_int_eq(result->sequence, 77);
        ck_assert_int_eq(result->recorded_at_us, 1793491200000001);
        ck_assert_int_eq(result->accounting_date, 20261101);
        ck_assert_int_eq(result->fee_minor, 31);
        ck_assert_int_eq(result->fee_rule_version, 2);
        ck_assert(!result->replayed && !result->dry_run);
        ck_assert_str_eq(result->text, "");
        ck_assert_str_eq(result->field, "");
        ck_assert_int_eq((int)result->retry, 0);
        if (kinds[i].id_field)
            ck_assert_int_eq(id_of(message, kinds[i].id_field), 4711);
        if (kinds[i].kind == KIND(OPEN_ACCOUNT))
            ck_assert_str_eq(
                ((Vsl__V1__OpenAccountResponse *)message)->receiving_number, "62000047110");
        if (kinds[i].kind == KIND(OPEN_LEDGER)) {
            const Vsl__V1__ControlAccounts *accounts =
                ((Vsl__V1__OpenLedgerResponse *)message)->control_accounts;
            ck_assert_int_eq(accounts->escrow_account_id, 100);
            ck_assert_int_eq(accounts->unallocated_account_id, 101);
            ck_assert_int_eq(accounts->fee_account_id, 102);
            ck_assert_int_eq(accounts->platform_own_account_id, 103);
            ck_assert_int_eq(accounts->interest_account_id, 104);
            ck_assert_int_eq(accounts->enforcement_account_id, 105);
        }
        protobuf_c_message_free_unpacked(message, NULL);
    }
}
END_TEST

/* Every kind of command of the proto has a row above. */
/* But for what is shown instead of one, and the unspecified one. */
START_TEST(every_kind_is_answered)
{
    for (unsigned i = 0; i < vsl__v1__command_kind__descriptor.n_values; i++) {
        int kind = vsl__v1__command_kind__descriptor.values[i].value;
        if (kind != 0 && kind != VSL__V1__COMMAND_KIND__COMMAND_KIND_BANK_MEASURE)
            row_of(kind);
    }
    ck_assert_uint_eq(KIND_COUNT, vsl__v1__command_kind__descriptor.n_values - 2);
}
END_TEST

#define ROW(number, name, retry, precedence, text, text_zh) number,
static const int outcomes[] = {OUTCOME_LIST(ROW)};

/* Every outcome with every kind: refusals carry text and advice and no ids. */
START_TEST(every_outcome_can_be_answered)
{
    for (size_t i = 0; i < KIND_COUNT; i++) {
        for (size_t o = 0; o < sizeof outcomes / sizeof outcomes[0]; o++) {
            struct answer answer = accepted_answer(kinds[i].kind);
            answer.outcome = (uint16_t)outcomes[o];
            memcpy(answer.receiving_number, "62000047110", 12);
            ProtobufCMessage *message = reply_of(&answer, i);
            const Vsl__V1__CommandResult *result = result_of(message);
            bool accepted = outcome_is_accepted(outcomes[o]);
            ck_assert_int_eq((int)result->outcome, outcomes[o]);
            ck_assert_str_eq(result->text, accepted ? "" : outcome_text(outcomes[o], TEXT_ENGLISH));
            ck_assert_int_eq(
                (int)result->retry, accepted ? RETRY_UNSPECIFIED : (int)outcome_retry(outcomes[o]));
            if (kinds[i].id_field)
                ck_assert_int_eq(id_of(message, kinds[i].id_field), accepted ? 4711 : 0);
            if (kinds[i].kind == KIND(OPEN_ACCOUNT))
                ck_assert_str_eq(((Vsl__V1__OpenAccountResponse *)message)->receiving_number,
                    accepted ? "62000047110" : "");
            if (kinds[i].kind == KIND(OPEN_LEDGER))
                ck_assert(!((Vsl__V1__OpenLedgerResponse *)message)->control_accounts == !accepted);
            protobuf_c_message_free_unpacked(message, NULL);
        }
    }
}
END_TEST

/* What was used of a limit is the rest of what is left, which may be below 0. */
START_TEST(a_limit_is_told_with_what_is_used_and_left)
{
    for (int64_t left = -5; left <= 5; left += 5) {
        struct answer answer = accepted_answer(KIND(PAY));
        answer.outcome = OUTCOME_OVER_DATE_LIMIT;
        answer.limit_minor = left;
        answer.policy_limit_minor = 100;
        ProtobufCMessage *message = reply_of(&answer, row_of(KIND(PAY)));
        ck_assert_int_eq(result_of(message)->limit_minor, left);
        ck_assert_int_eq(result_of(message)->policy_limit_minor, 100);
        ck_assert_int_eq(result_of(message)->policy_used_minor, 100 - left);
        protobuf_c_message_free_unpacked(message, NULL);
    }
}
END_TEST

START_TEST(marks_and_the_differing_field_are_told)
{
    struct answer answer = {.kind = KIND(PAY),
        .outcome = OUTCOME_KEY_CONFLICT,
        .replayed = false,
        .dry_run = true,
        .field = "destination.account_number"};
    ProtobufCMessage *message = reply_of(&answer, row_of(KIND(PAY)));
    const Vsl__V1__CommandResult *result = result_of(message);
    ck_assert_str_eq(result->field, "destination.account_number");
    ck_assert_int_eq(result->sequence, 0);
    ck_assert_int_eq(result->recorded_at_us, 0);
    ck_assert_int_eq(result->accounting_date, 0);
    ck_assert(result->dry_run && !result->replayed);
    protobuf_c_message_free_unpacked(message, NULL);

    answer = accepted_answer(KIND(PAY));
    answer.replayed = true;
    message = reply_of(&answer, row_of(KIND(PAY)));
    ck_assert(result_of(message)->replayed && !result_of(message)->dry_run);
    protobuf_c_message_free_unpacked(message, NULL);
}
END_TEST

START_TEST(texts_are_in_the_language_of_the_call)
{
    struct answer answer = {.kind = KIND(PAY), .outcome = OUTCOME_SAME_ACCOUNT};
    struct buffer bytes = {0};
    reply_command(&bytes, &answer, TEXT_CHINESE);
    Vsl__V1__PayResponse *pay = vsl__v1__pay_response__unpack(NULL, bytes.length, bytes.bytes);
    ck_assert_str_eq(pay->result->text, outcome_text(OUTCOME_SAME_ACCOUNT, TEXT_CHINESE));
    vsl__v1__pay_response__free_unpacked(pay, NULL);
    buffer_clear(&bytes);
    reply_batch(&bytes, &answer, 1, TEXT_CHINESE);
    Vsl__V1__SubmitBatchResponse *batch =
        vsl__v1__submit_batch_response__unpack(NULL, bytes.length, bytes.bytes);
    ck_assert_str_eq(
        batch->results[0]->result->text, outcome_text(OUTCOME_SAME_ACCOUNT, TEXT_CHINESE));
    vsl__v1__submit_batch_response__free_unpacked(batch, NULL);
    buffer_finish(&bytes);
}
END_TEST

START_TEST(a_reveal_answers_with_values)
{
    struct buffer bytes = {0};
    struct answer answer = accepted_answer(KIND(REVEAL));
    static char longest[PARTY_NAME_CHARACTERS_MAX * CHARACTER_BYTES_MAX];
    memset(longest, 'n', sizeof longest);
    const struct revealed_value values[] = {
        {17, "payer.name", {longest, sizeof longest}},
        {INT64_MAX, "payer.account_number", text_of("6222021001112345")},
    };
    reply_command(&bytes, &answer, TEXT_ENGLISH);
    reply_revealed(&bytes, values, 2);
    Vsl__V1__RevealResponse *response =
        (Vsl__V1__RevealResponse *)read_back(&bytes, &vsl__v1__reveal_response__descriptor);
    ck_assert_int_eq(response->result->sequence, 77);
    ck_assert_uint_eq(response->n_values, 2);
    ck_assert_int_eq(response->values[0]->sequence, 17);
    ck_assert_str_eq(response->values[0]->field, "payer.name");
    ck_assert_uint_eq(strlen(response->values[0]->value), sizeof longest);
    ck_assert_int_eq(response->values[1]->sequence, INT64_MAX);
    ck_assert_str_eq(response->values[1]->value, "6222021001112345");
    vsl__v1__reveal_response__free_unpacked(response, NULL);
}
END_TEST

/* What a line would open is told alone and in a batch; nothing where it is as promised. */
START_TEST(a_dry_run_tells_the_difference)
{
    for (int64_t amount = 0; amount <= 40; amount += 40) {
        struct buffer bytes = {0};
        struct answer answer = accepted_answer(KIND(SETTLE_LINE));
        answer.dry_run = true;
        answer.sequence = answer.subject_id = 0;
        answer.difference.amount_minor = amount;
        answer.difference.kind = VSL__V1__DIFFERENCE_KIND__DIFFERENCE_KIND_SHORT;
        answer.difference.is_missing = true;
        answer.difference.promise_id = 9;
        reply_command(&bytes, &answer, TEXT_ENGLISH);
        Vsl__V1__SettleLineResponse *response = (Vsl__V1__SettleLineResponse *)read_back(
            &bytes, &vsl__v1__settle_line_response__descriptor);
        reply_batch(&bytes, &answer, 1, TEXT_ENGLISH);
        Vsl__V1__SubmitBatchResponse *batch = (Vsl__V1__SubmitBatchResponse *)read_back(
            &bytes, &vsl__v1__submit_batch_response__descriptor);
        const Vsl__V1__LineDifference *told[] = {
            response->difference, batch->results[0]->difference};
        for (int i = 0; i < 2; i++) {
            ck_assert_int_eq(told[i] != NULL, amount > 0);
            if (amount == 0)
                continue;
            ck_assert_int_eq(told[i]->amount_minor, amount);
            ck_assert_int_eq(told[i]->kind, VSL__V1__DIFFERENCE_KIND__DIFFERENCE_KIND_SHORT);
            ck_assert_int_eq(told[i]->promise_id, 9);
            ck_assert(told[i]->missing);
        }
        vsl__v1__settle_line_response__free_unpacked(response, NULL);
        vsl__v1__submit_batch_response__free_unpacked(batch, NULL);
    }
}
END_TEST

START_TEST(replies_go_behind_what_is_in_the_buffer)
{
    struct buffer bytes = {0};
    struct answer answer = accepted_answer(KIND(PAY));
    buffer_append(&bytes, "before", 6);
    reply_command(&bytes, &answer, TEXT_ENGLISH);
    reply_batch(&bytes, &answer, 1, TEXT_ENGLISH);
    ck_assert_mem_eq(bytes.bytes, "before", 6);
    ck_assert_uint_gt(bytes.length, 30);
    buffer_finish(&bytes);
}
END_TEST

static struct answer *many_answers(uint32_t count)
{
    struct answer *answers = calloc(count, sizeof *answers);
    ck_assert_ptr_nonnull(answers);
    for (uint32_t i = 0; i < count; i++) {
        answers[i] = accepted_answer(i % 7 == 3 ? KIND(OPEN_ACCOUNT) : KIND(PAY));
        answers[i].sequence = i + 1;
        answers[i].subject_id = i % 7 == 3 ? i + 10 : 0;
        if (i % 7 == 3)
            memcpy(answers[i].receiving_number, "62000047110", 12);
        if (i % 11 == 5)
            answers[i].outcome = OUTCOME_INSUFFICIENT_AVAILABLE;
    }
    return answers;
}

START_TEST(batches_answer_item_by_item)
{
    static const uint32_t counts[] = {0, 1, 2, 500, 8000};
    for (size_t c = 0; c < sizeof counts / sizeof counts[0]; c++) {
        struct answer *answers = many_answers(counts[c]);
        struct buffer bytes = {0};
        reply_batch(&bytes, answers, counts[c], TEXT_ENGLISH);
        Vsl__V1__SubmitBatchResponse *response = (Vsl__V1__SubmitBatchResponse *)read_back(
            &bytes, &vsl__v1__submit_batch_response__descriptor);
        ck_assert_uint_eq(response->n_results, counts[c]);
        for (uint32_t i = 0; i < counts[c]; i++) {
            const Vsl__V1__BatchItemResult *item = response->results[i];
            bool refused = i % 11 == 5;
            bool account = i % 7 == 3 && !refused;
            EXPECT(item->result->sequence == i + 1);
            EXPECT((int)item->result->outcome ==
                   (refused ? OUTCOME_INSUFFICIENT_AVAILABLE : OUTCOME_ACCEPTED));
            EXPECT((item->result->text[0] != '\0') == refused);
            EXPECT(item->subject_id == (account ? i + 10 : 0));
            EXPECT(strcmp(item->receiving_number, account ? "62000047110" : "") == 0);
        }
        vsl__v1__submit_batch_response__free_unpacked(response, NULL);
        free(answers);
    }
}
END_TEST

/* A number that is not in the list would be a refusal that nobody can explain. */
START_TEST(an_unknown_outcome_is_a_bug)
{
    struct buffer bytes = {0};
    struct answer answer = accepted_answer(KIND(PAY));
    answer.outcome = 99;
    reply_command(&bytes, &answer, TEXT_ENGLISH);
}
END_TEST

START_TEST(an_unknown_kind_is_a_bug)
{
    struct buffer bytes = {0};
    struct answer answer = accepted_answer(43);
    reply_command(&bytes, &answer, TEXT_ENGLISH);
}
END_TEST

/* For people to read; machines differ too much to assert. */
START_TEST(print_speed)
{
    const int rounds = 200;
    struct buffer bytes = {0};
    struct answer *answers = many_answers(500);
    for (uint32_t i = 0; i < 500; i++)
        answers[i] = accepted_answer(KIND(PAY));
    struct timespec start;
    struct timespec end;
    clock_gettime(CLOCK_MONOTONIC, &start);
    for (int round = 0; round < rounds; round++) {
        buffer_clear(&bytes);
        reply_batch(&bytes, answers, 500, TEXT_ENGLISH);
    }
    clock_gettime(CLOCK_MONOTONIC, &end);
    int64_t ns = (end.tv_sec - start.tv_sec) * 1000000000 + end.tv_nsec - start.tv_nsec;
    fprintf(stderr, "SubmitBatch of 500 pays: answer %ld ns and %zu bytes an item\n",
        (long)(ns / rounds / 500), bytes.length / 500);
    buffer_finish(&bytes);
    free(answers);
}
END_TEST

Suite *command_reply_suite(void)
{
    Suite *suite = suite_create("command_reply");
    TCase *tcase = tcase_create("command_reply");
    tcase_add_test(tcase, accepted_commands_answer_with_their_ids);
    tcase_add_test(tcase, every_kind_is_answered);
    tcase_add_test(tcase, every_outcome_can_be_answered);
    tcase_add_test(tcase, marks_and_the_differing_field_are_told);
    tcase_add_test(tcase, a_limit_is_told_with_what_is_used_and_left);
    tcase_add_test(tcase, texts_are_in_the_language_of_the_call);
    tcase_add_test(tcase, a_reveal_answers_with_values);
    tcase_add_test(tcase, a_dry_run_tells_the_difference);
    tcase_add_test(tcase, replies_go_behind_what_is_in_the_buffer);
    tcase_add_test(tcase, batches_answer_item_by_item);
    tcase_add_test_raise_signal(tcase, an_unknown_outcome_is_a_bug, SIGABRT);
    tcase_add_test_raise_signal(tcase, an_unknown_kind_is_a_bug, SIGABRT);
    tcase_add_test(tcase, print_speed);
    suite_add_tcase(suite, tcase);
    return suite;
}
