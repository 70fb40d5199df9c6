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
#include "vsl/v1/reveal.pb-c.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

#define SAME(proto, own) static_assert((int)VSL__V1__##proto == (int)(own), #own)
SAME(OUTCOME__OUTCOME_ACCEPTED, OUTCOME_ACCEPTED);
SAME(OUTCOME__OUTCOME_AMOUNT_OVERFLOW, OUTCOME_AMOUNT_OVERFLOW);
SAME(RETRY_ADVICE__RETRY_ADVICE_FINAL, RETRY_FINAL);
SAME(RETRY_ADVICE__RETRY_ADVICE_SAME_KEY, RETRY_SAME_KEY);
SAME(RETRY_ADVICE__RETRY_ADVICE_ASK_STATE, RETRY_ASK_STATE);
SAME(RETRY_ADVICE__RETRY_ADVICE_LATER_NEW_KEY, RETRY_LATER_NEW_KEY);
#undef SAME

static void fill_result(
    Vsl__V1__CommandResult *result, const struct answer *answer, enum text_language language)
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
    result->suspense_id = answer->suspense_id;
    if (outcome_is_accepted(answer->outcome))
        return;
    result->text = pack_string(outcome_text(answer->outcome, language));
    result->limit_minor = answer->limit_minor;
    if (answer->policy_limit_minor != 0) {
        result->policy_limit_minor = answer->policy_limit_minor;
        result->policy_used_minor = answer->policy_limit_minor - answer->limit_minor;
    }
    result->retry = (Vsl__V1__RetryAdvice)outcome_retry(answer->outcome);
    if (answer->field[0] != '\0')
        result->field = pack_string(answer->field);
}

/* NULL: the command would open none. */
static Vsl__V1__LineDifference *fill_difference(
    Vsl__V1__LineDifference *difference, const struct answer *answer)
{
    if (answer->difference.amount_minor == 0)
        return NULL;
    CHECK(answer->dry_run && outcome_is_accepted(answer->outcome));
    vsl__v1__line_difference__init(difference);
    difference->kind = (Vsl__V1__DifferenceKind)answer->difference.kind;
    difference->amount_minor = answer->difference.amount_minor;
    difference->missing = answer->difference.is_missing;
    difference->promise_id = answer->difference.promise_id;
    return difference;
}

/* ---- one command ---- */

union response {
    ProtobufCMessage base;
#define COMMAND(number, NAME, name, Service, Method, answer, roles)                                \
    Vsl__V1__##Method##Response name;
#include "command/command_list.h"
};

/* Every response begins with its result. */
#define RESULT_OFFSET offsetof(union response, pay.result)

struct response_shape {
    const ProtobufCMessageDescriptor *descriptor;
    size_t answer_offset; /* of the field that takes subject_id; RESULT_OFFSET: there is none */
};

static const struct response_shape shapes[COMMAND_KIND_MAX + 1] = {
#define COMMAND(number, NAME, name, Service, Method, answer, roles)                                \
    [number] = {&vsl__v1__##name##_response__descriptor, offsetof(union response, name.answer)},
#include "command/command_list.h"
};

#define COMMAND(number, NAME, name, Service, Method, answer, roles)                                \
    static_assert(offsetof(union response, name.result) == RESULT_OFFSET, #Method);
#include "command/command_list.h"

void reply_command(struct buffer *out, const struct answer *answer, enum text_language language)
{
    CHECK(answer->kind <= COMMAND_KIND_MAX);
    const struct response_shape *shape = &shapes[answer->kind];
    CHECK(shape->descriptor);

    Vsl__V1__CommandResult result;
    Vsl__V1__ControlAccounts control_accounts;
    Vsl__V1__LineDifference difference;
    union response response;
    fill_result(&result, answer, language);
    protobuf_c_message_init(shape->descriptor, &response);
    response.pay.result = &result;
    if (outcome_is_accepted(answer->outcome)) {
        if (shape->answer_offset != RESULT_OFFSET)
            memcpy((unsigned char *)&response + shape->answer_offset, &answer->subject_id,
                sizeof answer->subject_id);
        if (answer->kind == COMMAND_OPEN_ACCOUNT)
            response.open_account.receiving_number = pack_string(answer->receiving_number);
        if (answer->kind == COMMAND_SETTLE_LINE)
            response.settle_line.difference = fill_difference(&difference, answer);
        if (answer->kind == COMMAND_OPEN_LEDGER && answer->first_control_account_id > 0) {
            fill_control_accounts(&control_accounts, answer->first_control_account_id);
            response.open_ledger.control_accounts = &control_accounts;
        }
    }
    pack_message(out, &response.base);
}

/* ---- plain values ---- */

/* Number of RevealResponse.values; a test reads what is packed with the real message. */
#define VALUES_FIELD 2

void reply_revealed(struct buffer *out, const struct revealed_value *values, uint32_t count)
{
    char text[PARTY_NAME_CHARACTERS_MAX * CHARACTER_BYTES_MAX + 1];
    Vsl__V1__RevealedValue message;
    vsl__v1__revealed_value__init(&message);
    for (uint32_t i = 0; i < count; i++) {
        message.sequence = values[i].sequence;
        message.field = pack_string(values[i].path);
        message.value = pack_text(values[i].value, text, sizeof text);
        pack_element(out, VALUES_FIELD, &message.base);
    }
}

/* ---- batches ---- */

/* Number of SubmitBatchResponse.results; a test reads what is packed with the real message. */
#define RESULTS_FIELD 1

void reply_batch(
    struct buffer *out, const struct answer *answers, uint32_t count, enum text_language language)
{
    Vsl__V1__CommandResult result;
    Vsl__V1__BatchItemResult item;
    Vsl__V1__LineDifference difference;
    vsl__v1__batch_item_result__init(&item);
    item.result = &result;
    for (uint32_t i = 0; i < count; i++) {
        const struct answer *answer = &answers[i];
        bool accepted = outcome_is_accepted(answer->outcome);
        fill_result(&result, answer, language);
        item.subject_id = accepted ? answer->subject_id : 0;
        /* Of every other kind this is the empty string already. */
        item.receiving_number = pack_string(accepted ? answer->receiving_number : "");
        item.difference = fill_difference(&difference, answer);
        pack_element(out, RESULTS_FIELD, &item.base);
    }
}
