/* read_rules.c: see read_rules.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "command/read_rules.h"

#include "base/check.h"
#include "ceilings.h"
#include "command/body.h"
#include "command/checks.h"
#include "command/unpack.h"
#include "model/document.h"
#include "model/outcome.h"
#include "model/records.h"
#include "vsl/v1/account.pb-c.h"
#include "vsl/v1/event.pb-c.h"
#include "vsl/v1/journal.pb-c.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* A record named by id or by text: exactly one of the two. */
static void check_name(const struct read_request *request, struct text text, const char *id_field,
    const char *text_field, struct decode_error *all)
{
    if (request->id == 0 && text.length == 0)
        decode_add_tie(all, text_field, id_field, "is required, or %s: give one of them",
            "与 %s 须填写其一", text_field);
    if (request->id != 0 && text.length > 0)
        decode_add_tie(all, id_field, text_field, "excludes %s: give one of them",
            "不能与 %s 同时填写：请只填其一", id_field);
}

void check_member(struct read_request *request, struct decode_error *all)
{
    check_name(request, request->platform_member_id, "member_id", "platform_member_id", all);
}

void check_account(struct read_request *request, struct decode_error *all)
{
    check_name(request, request->receiving_number, "account_id", "receiving_number", all);
}

/* "account_ids" -> "account_ids[3]". */
static void name_element(struct decode_error *error, size_t number)
{
    size_t length = strlen(error->field);
    int n = snprintf(error->field + length, sizeof error->field - length, "[%zu]", number);
    CHECK(n > 0 && (size_t)n < sizeof error->field - length);
}

int read_account_ids(
    const ProtobufCMessage *base, struct read_request *request, struct decode_error *ret_error)
{
    const Vsl__V1__GetBalancesRequest *message = (const Vsl__V1__GetBalancesRequest *)base;
    CHECK(message->n_account_ids <= BALANCES_PER_QUERY_MAX);
    if (message->n_account_ids == 0)
        return decode_refuse(ret_error, "account_ids",
            "is required: give at least one account's id", "必填：请至少填写一个账户编号");
    struct decode_error one;
    ret_error->count = 0;
    for (size_t i = 0; i < message->n_account_ids; i++) {
        if (message->account_ids[i] >= 1)
            continue;
        decode_refuse(&one, "account_ids", "must be an id, 1 or more; it was %" PRId64,
            "须为编号，1 或以上；收到的是 %" PRId64, message->account_ids[i]);
        name_element(&one, i);
        decode_error_add(ret_error, &one);
    }
    if (ret_error->count > 0)
        return -1;
    request->account_ids = message->account_ids;
    request->account_count = (uint32_t)message->n_account_ids;
    return 0;
}

void check_quote_withdraw(struct read_request *request, struct decode_error *all)
{
    struct withdraw withdraw = {
        .fee_minor = request->fee_minor,
        .fee_mode = request->fee_mode,
        .fee_rule = request->fee_rule,
        .fee_account_id = request->fee_account_id,
    };
    check_withdraw_fee(&withdraw, all);
}

/* ---- history ---- */

/* The identity that a place came with; empty: none, and nothing is compared. */
int read_identity(
    const ProtobufCMessage *message, struct read_request *request, struct decode_error *ret_error)
{
    char text[IDENTITY_CHARS + 1] = "";
    (void)message;
    request->has_identity = request->identity_text.length > 0;
    if (!request->has_identity)
        return 0;
    memcpy(text, request->identity_text.bytes, request->identity_text.length);
    if (!identity_try_parse(text, &request->identity))
        return decode_refuse(ret_error, "journal_identity",
            "must be the journal_identity that the position came with, %d characters, or empty",
            "须为该位置所附的 journal_identity，%d 个字符，或留空", IDENTITY_CHARS);
    return 0;
}

static int read_kinds(const Vsl__V1__CommandKind *kinds, size_t count, struct read_request *request,
    struct decode_error *ret_error)
{
    struct decode_error one;
    ret_error->count = 0;
    for (size_t i = 0; i < count; i++) {
        int kind = (int)kinds[i];
        if (command_kind_name(kind) == NULL) {
            decode_refuse(&one, "kinds",
                "must be a kind of command that this version knows; it was %d",
                "须为本版本认识的指令种类；收到的是 %d", kind);
            name_element(&one, i);
            decode_error_add(ret_error, &one);
            continue;
        }
        request->has_kinds = true;
        request->kinds[kind] = true;
    }
    return ret_error->count > 0 ? -1 : 0;
}

int read_stream(
    const ProtobufCMessage *base, struct read_request *request, struct decode_error *ret_error)
{
    const Vsl__V1__StreamEventsRequest *message = (const Vsl__V1__StreamEventsRequest *)base;
    struct decode_error part;
    ret_error->count = 0;
    if (read_kinds(message->kinds, message->n_kinds, request, &part) < 0)
        decode_error_add(ret_error, &part);
    if (read_identity(base, request, &part) < 0)
        decode_error_add(ret_error, &part);
    return ret_error->count > 0 ? -1 : 0;
}

int read_list_commands(
    const ProtobufCMessage *base, struct read_request *request, struct decode_error *ret_error)
{
    const Vsl__V1__ListCommandsRequest *message = (const Vsl__V1__ListCommandsRequest *)base;
    struct decode_error part;
    ret_error->count = 0;
    if (read_kinds(message->kinds, message->n_kinds, request, &part) < 0)
        decode_error_add(ret_error, &part);
    if (request->outcome != 0 && outcome_name(request->outcome) == NULL) {
        decode_refuse(&part, "outcome",
            "must be an outcome that this version knows, or 0 for any; it was %" PRId32,
            "须为本版本认识的处理结果，或 0 表示任意；收到的是 %" PRId32, request->outcome);
        decode_error_add(ret_error, &part);
        request->outcome = 0;
    }
    if (read_identity(base, request, &part) < 0)
        decode_error_add(ret_error, &part);
    return ret_error->count > 0 ? -1 : 0;
}

int read_command_key(
    const ProtobufCMessage *base, struct read_request *request, struct decode_error *ret_error)
{
    const Vsl__V1__GetCommandRequest *message = (const Vsl__V1__GetCommandRequest *)base;
    request->has_key = message->key != NULL;
    return message->key ? message_read_key(&message->key->base, &request->key, ret_error) : 0;
}

static void check_dates(const struct read_request *request, struct decode_error *all)
{
    if (request->to_date != 0 && request->to_date < request->from_date)
        decode_add_tie(
            all, "from_date", "to_date", "must not be before from_date", "不得早于 from_date");
}

static void check_amounts(const struct read_request *request, struct decode_error *all)
{
    if (request->amount_to_minor != 0 && request->amount_to_minor < request->amount_from_minor)
        decode_add_tie(all, "amount_from_minor", "amount_to_minor",
            "must not be less than amount_from_minor; it was %" PRId64,
            "不得小于 amount_from_minor；收到的是 %" PRId64, request->amount_to_minor);
}

void check_lines(struct read_request *request, struct decode_error *all)
{
    static_assert(
        (int)VSL__V1__BUCKET__BUCKET_AVAILABLE == BUCKET_AVAILABLE + 1 && EVERY_BUCKET == -1,
        "buckets count from 1 in messages");
    request->bucket -= 1;
    request->newest_first =
        request->direction != VSL__V1__STATEMENT_ORDER__STATEMENT_ORDER_OLDEST_FIRST;
    check_dates(request, all);
}

void check_command(struct read_request *request, struct decode_error *all)
{
    if (request->has_key && request->sequence != 0)
        decode_add_tie(all, "", "sequence", "excludes key: give one of them",
            "不能与 key 同时填写：请只填其一");
    if (!request->has_key && request->sequence == 0)
        decode_add_tie(all, "sequence", "key", "is required, or sequence: give one of them",
            "与 sequence 须填写其一");
}

void check_stream(struct read_request *request, struct decode_error *all)
{
    if (request->account_id != 0 && request->ledger_id == 0)
        decode_add_tie(all, "account_id", "ledger_id", "is required with account_id",
            "填写 account_id 时必填");
}

void check_list_members(struct read_request *request, struct decode_error *all)
{
    char number[DOCUMENT_NUMBER_BYTES_MAX];
    enum document_kind kind = (enum document_kind)request->document_kind;
    struct text given = request->document_number;
    if (kind == 0 && given.length > 0)
        decode_add_tie(all, "", "document_kind",
            "is required with document_number: say which document it is of",
            "填写 document_number 时必填：请说明是哪种证件的号码");
    if (kind != 0 && given.length == 0)
        decode_add_tie(all, "", "document_number", "is required with document_kind",
            "填写 document_kind 时必填");
    if (kind == 0 || given.length == 0)
        return;
    uint32_t length = document_normalize(kind, given, number);
    if (length == 0 || length > given.length) {
        decode_add_tie(all, "", "document_number",
            "must be the document's whole number, in letters and digits",
            "须为完整的证件号码，由字母和数字组成");
        return;
    }
    /* The text lies in the request's arena, where nobody else reads it. */
    memcpy((char *)(uintptr_t)given.bytes, number, length);
    request->document_number.length = length;
}

void check_list_suspense(struct read_request *request, struct decode_error *all)
{
    check_amounts(request, all);
}

void check_list_commands(struct read_request *request, struct decode_error *all)
{
    bool accepted_only = request->accepted_only;
    int32_t outcome = request->outcome;
    if (outcome != 0 && (accepted_only || request->refused_only))
        decode_add_tie(all, "outcome", accepted_only ? "accepted_only" : "refused_only",
            "excludes outcome: give one of them", "不能与 outcome 同时填写：请只填其一");
    if (accepted_only && request->refused_only)
        decode_add_tie(all, "accepted_only", "refused_only",
            "excludes accepted_only: give one of them",
            "不能与 accepted_only 同时填写：请只填其一");
    check_amounts(request, all);
    check_dates(request, all);
    request->outcome_min = (uint16_t)(request->refused_only ? OUTCOME_REFUSED_MIN : outcome);
    request->outcome_end = (uint16_t)(accepted_only  ? OUTCOME_REFUSED_MIN
                                      : outcome != 0 ? outcome + 1
                                                     : INT16_MAX);
    request->has_amounts = request->amount_from_minor != 0 || request->amount_to_minor != 0;
    if (request->amount_to_minor == 0)
        request->amount_to_minor = INT64_MAX;
}
