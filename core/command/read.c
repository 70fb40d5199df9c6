/* read.c: requests that read live state, from bytes to struct read_request.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/check.h"
#include "ceilings.h"
#include "command/checks.h"
#include "command/decode.h"
#include "command/rawcheck.h"
#include "command/unpack.h"
#include "vsl/v1/account.pb-c.h"
#include "vsl/v1/funds.pb-c.h"
#include "vsl/v1/ledger.pb-c.h"
#include "vsl/v1/member.pb-c.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#define AT(member) (uint16_t) offsetof(struct read_request, member)
#define ID(number, name, member, required)                                                         \
    {                                                                                              \
        name, number, FIELD_INT64, TEXT_FREE, required, AT(member), 1, INT64_MAX, NULL             \
    }
#define LEDGER_ID ID(1, "ledger_id", ledger_id, true)

static const struct field ledger_fields[] = {LEDGER_ID};

static const struct field list_ledgers_fields[] = {
    ID(1, "after_ledger_id", after_id, false),
    {"page_size", 2, FIELD_INT32, TEXT_FREE, false, AT(page_size), 1, LEDGERS_PAGE_SIZE_MAX, NULL},
};

static const struct field member_fields[] = {
    LEDGER_ID,
    ID(2, "member_id", id, false),
    {"platform_member_id", 3, FIELD_TEXT, TEXT_TRIMMED, false, AT(platform_member_id), 1,
        PLATFORM_MEMBER_ID_BYTES_MAX, NULL},
};

static const struct field account_fields[] = {
    LEDGER_ID,
    ID(2, "account_id", id, false),
    {"receiving_number", 3, FIELD_TEXT, TEXT_RECEIVING, false, AT(receiving_number), 1,
        RECEIVING_NUMBER_BYTES_MAX - 1, NULL},
};

static const struct field payout_fields[] = {LEDGER_ID, ID(2, "payout_id", id, true)};

struct read {
    const ProtobufCMessageDescriptor *descriptor;
    struct field_table table;
    const struct raw_limit *limits; /* of GetBalances; no other read has a repeated field */
    struct bound_field bound[FIELDS_PER_KIND_MAX];
};

#define ACCOUNT_IDS_FIELD_NUMBER 2

static const struct raw_limit balances_limits[] = {
    {&vsl__v1__get_balances_request__descriptor, ACCOUNT_IDS_FIELD_NUMBER, BALANCES_PER_QUERY_MAX},
    {NULL, 0, 0},
};

#define TABLE(fields)                                                                              \
    {                                                                                              \
        NULL, fields, sizeof(fields) / sizeof((fields)[0])                                         \
    }

static struct read reads[] = {
    [READ_GET_LEDGER] = {&vsl__v1__get_ledger_request__descriptor, TABLE(ledger_fields), NULL,
        {{0}}},
    [READ_LIST_LEDGERS] = {&vsl__v1__list_ledgers_request__descriptor, TABLE(list_ledgers_fields),
        NULL, {{0}}},
    [READ_GET_TIE_OUT] = {&vsl__v1__get_tie_out_request__descriptor, TABLE(ledger_fields), NULL,
        {{0}}},
    [READ_GET_MEMBER] = {&vsl__v1__get_member_request__descriptor, TABLE(member_fields), NULL,
        {{0}}},
    [READ_GET_ACCOUNT] = {&vsl__v1__get_account_request__descriptor, TABLE(account_fields), NULL,
        {{0}}},
    [READ_GET_BALANCES] = {&vsl__v1__get_balances_request__descriptor, TABLE(ledger_fields),
        balances_limits, {{0}}},
    [READ_GET_PAYOUT] = {&vsl__v1__get_payout_request__descriptor, TABLE(payout_fields), NULL,
        {{0}}},
};

static const struct read *read_get(enum read_kind kind)
{
    CHECK(kind >= READ_GET_LEDGER && kind <= READ_GET_PAYOUT);
    struct read *read = &reads[kind];
    /* Every read has a first field, and no field is at offset 0. */
    if (read->bound[0].offset == 0) {
        bind_fields(&read->table, read->descriptor, read->bound);
        CHECK(read->descriptor->n_fields == read->table.count + (read->limits ? 1 : 0));
    }
    return read;
}

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

static int read_account_ids(const Vsl__V1__GetBalancesRequest *message,
    struct read_request *request, struct decode_error *ret_error)
{
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
    int result = 0;
    if (kind == READ_GET_MEMBER)
        result = check_name(
            &request, request.platform_member_id, "member_id", "platform_member_id", ret_error);
    else if (kind == READ_GET_ACCOUNT)
        result = check_name(
            &request, request.receiving_number, "account_id", "receiving_number", ret_error);
    else if (kind == READ_GET_BALANCES)
        result =
            read_account_ids((const Vsl__V1__GetBalancesRequest *)message, &request, ret_error);
    else if (kind == READ_LIST_LEDGERS && request.page_size == 0)
        request.page_size = LEDGERS_PAGE_SIZE_DEFAULT;
    if (result < 0)
        return -1;
    *ret_request = request;
    return 0;
}
