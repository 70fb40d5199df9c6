/* command_reply.c: answers to commands: CommandResult and the response around it.
 *
 * Messages are built on the stack and packed straight into the caller's buffer; nothing is
 * allocated but the buffer's growth. A batch's answer is packed item by item.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/check.h"
#include "model/date.h"
#include "reply/control_accounts.h"
#include "reply/pack.h"
#include "reply/reply.h"
#include "vsl/v1/funds.pb-c.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

#define SAME(proto, own) static_assert((int)VSL__V1__##proto == (int)(own), #own)
SAME(OUTCOME__OUTCOME_ACCEPTED, OUTCOME_ACCEPTED);
SAME(OUTCOME__OUTCOME_AMOUNT_OVERFLOW, OUTCOME_AMOUNT_OVERFLOW);
SAME(RETRY_ADVICE__RETRY_ADVICE_FINAL, RETRY_FINAL);
SAME(RETRY_ADVICE__RETRY_ADVICE_SAME_KEY, RETRY_SAME_KEY);
SAME(RETRY_ADVICE__RETRY_ADVICE_ASK_STATE, RETRY_ASK_STATE);
/* The kinds of commands, by a few of them: the numbers are also those of SubmitBatch's fields. */
SAME(COMMAND_KIND__COMMAND_KIND_PAY, COMMAND_PAY);
SAME(COMMAND_KIND__COMMAND_KIND_EXPIRE, COMMAND_EXPIRE);
SAME(COMMAND_KIND__COMMAND_KIND_WITHDRAW_ADJUSTMENT, COMMAND_KIND_MAX);
#undef SAME

static void fill_result(Vsl__V1__CommandResult *result, const struct answer *answer)
{
    CHECK(outcome_name(answer->outcome));
    CHECK(answer->sequence >= 0);
    vsl__v1__command_result__init(result);
    result->outcome = (Vsl__V1__Outcome)answer->outcome;
    result->sequence = answer->sequence;
    result->recorded_at_us = answer->recorded_us;
    if (answer->accounting_date != 0)
        result->accounting_date = date_to_yyyymmdd(answer->accounting_date);
    result->replayed = answer->replayed;
    result->dry_run = answer->dry_run;
    result->fee_minor = answer->fee_minor;
    result->fee_rule_version = answer->fee_rule_version;
    if (outcome_is_accepted(answer->outcome))
        return;
    result->text = pack_string(outcome_text(answer->outcome));
    result->limit_minor = answer->limit_minor;
    result->retry = (Vsl__V1__RetryAdvice)outcome_retry(answer->outcome);
    if (answer->field[0] != '\0')
        result->field = pack_string(answer->field);
}

/* ---- one command ---- */

union response {
    ProtobufCMessage base;
    Vsl__V1__OpenLedgerResponse open_ledger;
    Vsl__V1__OpenMemberResponse open_member;
    Vsl__V1__OpenAccountResponse open_account;
    Vsl__V1__BookReceiptResponse book_receipt;
    Vsl__V1__WithdrawResponse withdraw;
    Vsl__V1__SetFeeRuleResponse set_fee_rule;
    Vsl__V1__OpenFeeAccountResponse open_fee_account;
    Vsl__V1__PlaceHoldResponse place_hold;
    Vsl__V1__PlaceFreezeResponse place_freeze;
    Vsl__V1__ProposeAdjustmentResponse propose_adjustment;
    Vsl__V1__PayResponse plain; /* the shape of every response that holds a result only */
};

struct response_shape {
    const ProtobufCMessageDescriptor *descriptor;
    size_t id_offset; /* of the field that takes subject_id; 0: there is none */
};

#define PLAIN(kind, type) [VSL__V1__COMMAND_KIND__COMMAND_KIND_##kind] = {&type, 0}
#define WITH_ID(kind, type, field)                                                                 \
    [VSL__V1__COMMAND_KIND__COMMAND_KIND_##kind] = {&type, offsetof(union response, field)}

static const struct response_shape shapes[] = {
    WITH_ID(OPEN_LEDGER, vsl__v1__open_ledger_response__descriptor, open_ledger.ledger_id),
    PLAIN(CLOSE_LEDGER, vsl__v1__close_ledger_response__descriptor),
    PLAIN(CUT_DAY, vsl__v1__cut_day_response__descriptor),
    PLAIN(SET_TERMS, vsl__v1__set_terms_response__descriptor),
    WITH_ID(SET_FEE_RULE, vsl__v1__set_fee_rule_response__descriptor, set_fee_rule.fee_rule_id),
    WITH_ID(OPEN_MEMBER, vsl__v1__open_member_response__descriptor, open_member.member_id),
    PLAIN(CLOSE_MEMBER, vsl__v1__close_member_response__descriptor),
    WITH_ID(OPEN_ACCOUNT, vsl__v1__open_account_response__descriptor, open_account.account_id),
    PLAIN(CLOSE_ACCOUNT, vsl__v1__close_account_response__descriptor),
    PLAIN(RESTRICT_ACCOUNT, vsl__v1__restrict_account_response__descriptor),
    WITH_ID(OPEN_FEE_ACCOUNT, vsl__v1__open_fee_account_response__descriptor,
        open_fee_account.account_id),
    WITH_ID(BOOK_RECEIPT, vsl__v1__book_receipt_response__descriptor, book_receipt.account_id),
    PLAIN(BOOK_INTEREST, vsl__v1__book_interest_response__descriptor),
    PLAIN(CHARGE_FEE, vsl__v1__charge_fee_response__descriptor),
    PLAIN(COLLECT_FEES, vsl__v1__collect_fees_response__descriptor),
    PLAIN(PAY, vsl__v1__pay_response__descriptor),
    PLAIN(REFUND, vsl__v1__refund_response__descriptor),
    WITH_ID(WITHDRAW, vsl__v1__withdraw_response__descriptor, withdraw.payout_id),
    PLAIN(CONFIRM_PAYOUT, vsl__v1__confirm_payout_response__descriptor),
    PLAIN(INTERCEPT_PAYOUT, vsl__v1__intercept_payout_response__descriptor),
    WITH_ID(PLACE_HOLD, vsl__v1__place_hold_response__descriptor, place_hold.hold_id),
    PLAIN(CONFIRM_HOLD, vsl__v1__confirm_hold_response__descriptor),
    PLAIN(CANCEL_HOLD, vsl__v1__cancel_hold_response__descriptor),
    WITH_ID(PLACE_FREEZE, vsl__v1__place_freeze_response__descriptor, place_freeze.freeze_id),
    PLAIN(LIFT_FREEZE, vsl__v1__lift_freeze_response__descriptor),
    PLAIN(EXPIRE, vsl__v1__expire_response__descriptor),
    PLAIN(REVERSE, vsl__v1__reverse_response__descriptor),
    WITH_ID(PROPOSE_ADJUSTMENT, vsl__v1__propose_adjustment_response__descriptor,
        propose_adjustment.adjustment_id),
    PLAIN(APPROVE_ADJUSTMENT, vsl__v1__approve_adjustment_response__descriptor),
    PLAIN(WITHDRAW_ADJUSTMENT, vsl__v1__withdraw_adjustment_response__descriptor),
};
static_assert(sizeof shapes / sizeof shapes[0] == COMMAND_KIND_MAX + 1, "every kind has its shape");

/* Every response begins with its result, so that one member can be used for all. */
static_assert(
    offsetof(Vsl__V1__OpenLedgerResponse, result) == offsetof(Vsl__V1__PayResponse, result),
    "result comes first");
static_assert(
    offsetof(Vsl__V1__OpenAccountResponse, result) == offsetof(Vsl__V1__PayResponse, result),
    "result comes first");

void reply_command(struct buffer *out, const struct answer *answer)
{
    CHECK(answer->kind < sizeof shapes / sizeof shapes[0]);
    const struct response_shape *shape = &shapes[answer->kind];
    CHECK(shape->descriptor);
    CHECK(shape->descriptor->sizeof_message <= sizeof(union response));
    CHECK(shape->descriptor->fields[0].offset == offsetof(union response, plain.result));

    Vsl__V1__CommandResult result;
    Vsl__V1__ControlAccounts control_accounts;
    union response response;
    fill_result(&result, answer);
    protobuf_c_message_init(shape->descriptor, &response);
    response.plain.result = &result;
    if (outcome_is_accepted(answer->outcome)) {
        if (shape->id_offset > 0)
            memcpy((unsigned char *)&response + shape->id_offset, &answer->subject_id,
                sizeof answer->subject_id);
        if (answer->kind == VSL__V1__COMMAND_KIND__COMMAND_KIND_OPEN_ACCOUNT)
            response.open_account.receiving_number = pack_string(answer->receiving_number);
        if (answer->kind == VSL__V1__COMMAND_KIND__COMMAND_KIND_OPEN_LEDGER &&
            answer->first_control_account_id > 0) {
            fill_control_accounts(&control_accounts, answer->first_control_account_id);
            response.open_ledger.control_accounts = &control_accounts;
        }
    }
    pack_message(out, &response.base);
}

/* ---- batches ---- */

/* Number of SubmitBatchResponse.results; a test reads what is packed with the real message. */
#define RESULTS_FIELD 1

void reply_batch(struct buffer *out, const struct answer *answers, uint32_t count)
{
    Vsl__V1__CommandResult result;
    Vsl__V1__BatchItemResult item;
    vsl__v1__batch_item_result__init(&item);
    item.result = &result;
    for (uint32_t i = 0; i < count; i++) {
        const struct answer *answer = &answers[i];
        bool accepted = outcome_is_accepted(answer->outcome);
        fill_result(&result, answer);
        item.subject_id = accepted ? answer->subject_id : 0;
        /* Of every other kind this is the empty string already. */
        item.receiving_number = pack_string(accepted ? answer->receiving_number : "");
        pack_element(out, RESULTS_FIELD, &item.base);
    }
}
