/* read.c: requests that read live state, from bytes to struct read_request.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/check.h"
#include "ceilings.h"
#include "command/checks.h"
#include "command/decode.h"
#include "command/rawcheck.h"
#include "command/unpack.h"
#include "model/money.h"
#include "model/records.h"
#include "vsl/v1/account.pb-c.h"
#include "vsl/v1/correction.pb-c.h"
#include "vsl/v1/fee.pb-c.h"
#include "vsl/v1/freeze.pb-c.h"
#include "vsl/v1/funds.pb-c.h"
#include "vsl/v1/hold.pb-c.h"
#include "vsl/v1/ledger.pb-c.h"
#include "vsl/v1/member.pb-c.h"
#include "vsl/v1/payout.pb-c.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

/* ---- the fields of each request ---- */

#define AT(member) (uint16_t) offsetof(struct read_request, member)
#define NUMBER(number, name, type, member, required, max)                                          \
    {                                                                                              \
        name, number, type, TEXT_FREE, required, AT(member), 1, max, NULL, USE_NONE, 0             \
    }
#define ID(number, name, member) NUMBER(number, name, FIELD_INT64, member, true, INT64_MAX)
#define OPTIONAL_ID(number, name, member)                                                          \
    NUMBER(number, name, FIELD_INT64, member, false, INT64_MAX)
#define TEXT(number, name, member, rule, required, bytes_max)                                      \
    {                                                                                              \
        name, number, FIELD_TEXT, rule, required, AT(member), 1, bytes_max, NULL, USE_NONE, 0      \
    }
#define NAME(number, name, member, required, bytes_max)                                            \
    TEXT(number, name, member, TEXT_CHANNEL, required, bytes_max)

#define LEDGER_ID ID(1, "ledger_id", ledger_id)
/* What every page of records is asked for with. */
#define PAGE                                                                                       \
    LEDGER_ID, OPTIONAL_ID(2, "after_id", after_id),                                               \
        NUMBER(3, "page_size", FIELD_INT32, page_size, false, INT32_MAX)
/* A filter: 0 is every status. */
#define STATUS(number, last) NUMBER(number, "status", FIELD_ENUM, status, false, last)

#define KIND(number, last) NUMBER(number, "kind", FIELD_ENUM, of_kind, false, last)

static const struct field ledger_fields[] = {LEDGER_ID};

static const struct field list_ledgers_fields[] = {
    OPTIONAL_ID(1, "after_ledger_id", after_id),
    NUMBER(2, "page_size", FIELD_INT32, page_size, false, INT32_MAX),
};

static const struct field member_fields[] = {
    LEDGER_ID,
    OPTIONAL_ID(2, "member_id", id),
    TEXT(3, "platform_member_id", platform_member_id, TEXT_TRIMMED, false,
        PLATFORM_MEMBER_ID_BYTES_MAX),
};

static const struct field account_fields[] = {
    LEDGER_ID,
    OPTIONAL_ID(2, "account_id", id),
    TEXT(3, "receiving_number", receiving_number, TEXT_RECEIVING, false,
        RECEIVING_NUMBER_BYTES_MAX - 1),
};

static const struct field fee_rule_fields[] = {
    LEDGER_ID,
    NAME(2, "name", fee_rule, true, FEE_RULE_NAME_BYTES_MAX),
    NUMBER(3, "version", FIELD_INT32, version, false, INT32_MAX),
};

static const struct field page_fields[] = {PAGE};

static const struct field quote_fee_fields[] = {
    LEDGER_ID,
    NAME(2, "fee_rule", fee_rule, true, FEE_RULE_NAME_BYTES_MAX),
    NUMBER(3, "amount_minor", FIELD_INT64, amount_minor, true, AMOUNT_MINOR_MAX),
};

static const struct field payout_fields[] = {LEDGER_ID, ID(2, "payout_id", id)};

static const struct field list_payouts_fields[] = {
    PAGE,
    OPTIONAL_ID(4, "account_id", account_id),
    STATUS(5, PAYOUT_CANCELLED),
};

static const struct field quote_withdraw_fields[] = {
    LEDGER_ID,
    ID(2, "account_id", account_id),
    NUMBER(3, "fee_minor", FIELD_INT64, fee_minor, false, AMOUNT_MINOR_MAX),
    NUMBER(4, "fee_mode", FIELD_ENUM, fee_mode, false, FEE_BORNE_BY_ANOTHER),
    NAME(5, "fee_rule", fee_rule, false, FEE_RULE_NAME_BYTES_MAX),
    OPTIONAL_ID(6, "fee_account_id", fee_account_id),
};

static const struct field hold_fields[] = {LEDGER_ID, ID(2, "hold_id", id)};

static const struct field list_holds_fields[] = {
    PAGE,
    OPTIONAL_ID(4, "payer_account_id", account_id),
    STATUS(5, HOLD_EXPIRED),
    NUMBER(6, "expires_before_us", FIELD_INT64, expires_before_us, false, TIME_US_MAX),
};

static const struct field freeze_fields[] = {LEDGER_ID, ID(2, "freeze_id", id)};

static const struct field list_freezes_fields[] = {
    PAGE,
    OPTIONAL_ID(4, "account_id", account_id),
    STATUS(5, FREEZE_EXPIRED),
    NAME(6, "purpose", purpose, false, PURPOSE_BYTES_MAX),
};

static const struct field frozen_fields[] = {LEDGER_ID, ID(2, "account_id", id)};

static const struct field list_debts_fields[] = {
    PAGE,
    OPTIONAL_ID(4, "account_id", account_id),
    STATUS(5, DEBT_RECOVERED),
};

static const struct field adjustment_fields[] = {LEDGER_ID, ID(2, "adjustment_id", id)};

static const struct field list_adjustments_fields[] = {PAGE, STATUS(4, ADJUSTMENT_EXPIRED)};

static const struct field list_members_fields[] = {
    PAGE,
    KIND(4, MEMBER_USER),
    STATUS(5, MEMBER_CLOSED),
};

static const struct field list_accounts_fields[] = {
    PAGE,
    OPTIONAL_ID(4, "member_id", member_id),
    KIND(5, ACCOUNT_ENFORCEMENT),
    STATUS(6, ACCOUNT_CLOSED),
    NUMBER(7, "restricted_only", FIELD_BOOL, restricted_only, false, 1),
};

/* ---- the reads ---- */

struct read {
    const ProtobufCMessageDescriptor *descriptor;
    struct field_table table;
    const struct raw_limit *limits; /* of GetBalances; no other read has a repeated field */
    /* The rules that tie fields together; NULL: there are none. */
    int (*check)(const ProtobufCMessage *message, struct read_request *request,
        struct decode_error *ret_error);
    struct bound_field bound[FIELDS_PER_KIND_MAX];
};

#define ACCOUNT_IDS_FIELD_NUMBER 2

static const struct raw_limit balances_limits[] = {
    {&vsl__v1__get_balances_request__descriptor, ACCOUNT_IDS_FIELD_NUMBER, BALANCES_PER_QUERY_MAX},
    {NULL, 0, 0},
};

static int refuse(struct decode_error *error, const char *field, const char *description)
{
    int n = snprintf(error->field, sizeof error->field, "%s", field);
    CHECK(n > 0 && (size_t)n < sizeof error->field);
    decode_error_describe(error, "%s", description);
    return -1;
}

/* A record named by id or by text: exactly one of the two. */
static int check_name(const struct read_request *request, struct text text, const char *id_field,
    const char *text_field, struct decode_error *ret_error)
{
    if (request->id == 0 && text.length == 0) {
        refuse(ret_error, id_field, "is required");
        decode_error_describe(ret_error, "is required, or %s: give one of them", text_field);
        return -1;
    }
    if (request->id != 0 && text.length > 0) {
        refuse(ret_error, text_field, "excludes");
        decode_error_describe(ret_error, "excludes %s: give one of them", id_field);
        return -1;
    }
    return 0;
}

static int check_member(
    const ProtobufCMessage *message, struct read_request *request, struct decode_error *ret_error)
{
    (void)message;
    return check_name(
        request, request->platform_member_id, "member_id", "platform_member_id", ret_error);
}

static int check_account(
    const ProtobufCMessage *message, struct read_request *request, struct decode_error *ret_error)
{
    (void)message;
    return check_name(
        request, request->receiving_number, "account_id", "receiving_number", ret_error);
}

static int read_account_ids(
    const ProtobufCMessage *base, struct read_request *request, struct decode_error *ret_error)
{
    const Vsl__V1__GetBalancesRequest *message = (const Vsl__V1__GetBalancesRequest *)base;
    CHECK(message->n_account_ids <= BALANCES_PER_QUERY_MAX);
    if (message->n_account_ids == 0)
        return refuse(ret_error, "account_ids", "is required: give at least one account's id");
    for (size_t i = 0; i < message->n_account_ids; i++) {
        if (message->account_ids[i] >= 1)
            continue;
        refuse(ret_error, "account_ids", "is");
        int n = snprintf(ret_error->field, sizeof ret_error->field, "account_ids[%zu]", i);
        CHECK(n > 0 && (size_t)n < sizeof ret_error->field);
        decode_error_describe(
            ret_error, "must be an id, 1 or more; it was %" PRId64, message->account_ids[i]);
        return -1;
    }
    request->account_ids = message->account_ids;
    request->account_count = (uint32_t)message->n_account_ids;
    return 0;
}

/* As in WithdrawRequest. */
static int check_quote_withdraw(
    const ProtobufCMessage *message, struct read_request *request, struct decode_error *ret_error)
{
    (void)message;
    bool has_fee = request->fee_minor > 0 || request->fee_rule.length > 0;
    bool is_by_another = request->fee_mode == FEE_BORNE_BY_ANOTHER;
    if (request->fee_minor > 0 && request->fee_rule.length > 0)
        return refuse(ret_error, "fee_rule", "excludes fee_minor: give one of them");
    if (has_fee && request->fee_mode == 0)
        return refuse(ret_error, "fee_mode", "is required when there is a fee or a fee rule");
    if (!has_fee && request->fee_mode != 0)
        return refuse(
            ret_error, "fee_mode", "must be left out when there is neither a fee nor a fee rule");
    if (is_by_another && request->fee_account_id == 0)
        return refuse(ret_error, "fee_account_id",
            "is required when another account bears the fee: give the account's id");
    if (!is_by_another && request->fee_account_id != 0)
        return refuse(ret_error, "fee_account_id",
            "must be left out unless fee_mode says that another account bears the fee");
    return 0;
}

#define READ_WITH(kind, message, rows, raw_limits, rule)                                           \
    [READ_##kind] = {.descriptor = &vsl__v1__##message##_request__descriptor,                      \
        .table = {#message, rows, sizeof(rows) / sizeof((rows)[0])},                               \
        .limits = raw_limits,                                                                      \
        .check = rule}
#define READ(kind, message, rows) READ_WITH(kind, message, rows, NULL, NULL)

static struct read reads[] = {
    READ(GET_LEDGER, get_ledger, ledger_fields),
    READ(LIST_LEDGERS, list_ledgers, list_ledgers_fields),
    READ(GET_TIE_OUT, get_tie_out, ledger_fields),
    READ_WITH(GET_MEMBER, get_member, member_fields, NULL, check_member),
    READ_WITH(GET_ACCOUNT, get_account, account_fields, NULL, check_account),
    READ_WITH(GET_BALANCES, get_balances, ledger_fields, balances_limits, read_account_ids),
    READ(GET_FEE_RULE, get_fee_rule, fee_rule_fields),
    READ(LIST_FEE_RULES, list_fee_rules, page_fields),
    READ(QUOTE_FEE, quote_fee, quote_fee_fields),
    READ(GET_PAYOUT, get_payout, payout_fields),
    READ(LIST_PAYOUTS, list_payouts, list_payouts_fields),
    READ_WITH(QUOTE_WITHDRAW, quote_withdraw, quote_withdraw_fields, NULL, check_quote_withdraw),
    READ(GET_HOLD, get_hold, hold_fields),
    READ(LIST_HOLDS, list_holds, list_holds_fields),
    READ(GET_FREEZE, get_freeze, freeze_fields),
    READ(LIST_FREEZES, list_freezes, list_freezes_fields),
    READ(GET_FROZEN, get_frozen, frozen_fields),
    READ(LIST_DEBTS, list_debts, list_debts_fields),
    READ(GET_ADJUSTMENT, get_adjustment, adjustment_fields),
    READ(LIST_ADJUSTMENTS, list_adjustments, list_adjustments_fields),
    READ(LIST_MEMBERS, list_members, list_members_fields),
    READ(LIST_ACCOUNTS, list_accounts, list_accounts_fields),
};

static bool has_pages(const struct read *read)
{
    for (uint32_t i = 0; i < read->table.count; i++) {
        if (read->table.fields[i].offset == AT(page_size))
            return true;
    }
    return false;
}

static const struct read *read_get(enum read_kind kind)
{
    CHECK(kind > 0 && (size_t)kind < sizeof reads / sizeof reads[0]);
    struct read *read = &reads[kind];
    CHECK(read->descriptor != NULL);
    /* Every read has a first field, and no field is at offset 0. */
    if (read->bound[0].offset == 0) {
        bind_fields(&read->table, read->descriptor, read->bound);
        CHECK(read->descriptor->n_fields == read->table.count + (read->limits ? 1 : 0));
    }
    return read;
}

int read_request_decode(enum read_kind kind, const uint8_t *bytes, size_t length,
    struct arena *arena, struct read_request *ret_request, struct decode_error *ret_error)
{
    const struct read *read = read_get(kind);
    const ProtobufCMessage *message =
        request_unpack(read->descriptor, bytes, length, read->limits, arena, ret_error);
    if (!message)
        return -1;
    struct read_request request;
    memset(&request, 0, sizeof request);
    request.kind = kind;
    if (message_read_fields(&read->table, read->bound, message, arena, &request, ret_error) < 0)
        return -1;
    if (read->check && read->check(message, &request, ret_error) < 0)
        return -1;
    if (has_pages(read) && request.page_size == 0)
        request.page_size = LIST_PAGE_SIZE_DEFAULT;
    /* So that a client need not know it (AIP-158). */
    if (request.page_size > LIST_PAGE_SIZE_MAX)
        request.page_size = LIST_PAGE_SIZE_MAX;
    *ret_request = request;
    return 0;
}
