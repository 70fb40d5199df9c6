/* test_read.c: requests that read live state.
 * SPDX-License-Identifier: Apache-2.0 */
#include "ceilings.h"
#include "command/decode.h"
#include "model/money.h"
#include "model/receiving_number.h"
#include "model/records.h"
#include "samples.h"
#include "suites.h"
#include "support/expect.h"
#include "vsl/v1/account.pb-c.h"
#include "vsl/v1/correction.pb-c.h"
#include "vsl/v1/fee.pb-c.h"
#include "vsl/v1/freeze.pb-c.h"
#include "vsl/v1/funds.pb-c.h"
#include "vsl/v1/hold.pb-c.h"
#include "vsl/v1/ledger.pb-c.h"
#include "vsl/v1/member.pb-c.h"
#include "vsl/v1/payout.pb-c.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

static struct arena arena;

static void set_up(void)
{
    sample_arena_init(&arena);
}

static void tear_down(void)
{
    arena_finish(&arena);
}

static int decode(enum read_kind kind, const ProtobufCMessage *message,
    struct read_request *ret_request, struct decode_error *ret_error)
{
    struct buffer bytes = sample_pack(message);
    int result =
        read_request_decode(kind, bytes.bytes, bytes.length, &arena, ret_request, ret_error);
    buffer_finish(&bytes);
    return result;
}

static const struct {
    enum read_kind kind;
    const ProtobufCMessageDescriptor *descriptor;
} reads[] = {
    {READ_GET_LEDGER, &vsl__v1__get_ledger_request__descriptor},
    {READ_GET_TIE_OUT, &vsl__v1__get_tie_out_request__descriptor},
    {READ_GET_MEMBER, &vsl__v1__get_member_request__descriptor},
    {READ_GET_ACCOUNT, &vsl__v1__get_account_request__descriptor},
    {READ_GET_BALANCES, &vsl__v1__get_balances_request__descriptor},
    {READ_GET_FEE_RULE, &vsl__v1__get_fee_rule_request__descriptor},
    {READ_LIST_FEE_RULES, &vsl__v1__list_fee_rules_request__descriptor},
    {READ_QUOTE_FEE, &vsl__v1__quote_fee_request__descriptor},
    {READ_GET_PAYOUT, &vsl__v1__get_payout_request__descriptor},
    {READ_LIST_PAYOUTS, &vsl__v1__list_payouts_request__descriptor},
    {READ_QUOTE_WITHDRAW, &vsl__v1__quote_withdraw_request__descriptor},
    {READ_GET_HOLD, &vsl__v1__get_hold_request__descriptor},
    {READ_LIST_HOLDS, &vsl__v1__list_holds_request__descriptor},
    {READ_GET_FREEZE, &vsl__v1__get_freeze_request__descriptor},
    {READ_LIST_FREEZES, &vsl__v1__list_freezes_request__descriptor},
    {READ_GET_FROZEN, &vsl__v1__get_frozen_request__descriptor},
    {READ_LIST_DEBTS, &vsl__v1__list_debts_request__descriptor},
    {READ_GET_ADJUSTMENT, &vsl__v1__get_adjustment_request__descriptor},
    {READ_LIST_ADJUSTMENTS, &vsl__v1__list_adjustments_request__descriptor},
    {READ_LIST_MEMBERS, &vsl__v1__list_members_request__descriptor},
    {READ_GET_ACCOUNT_POLICY, &vsl__v1__get_account_policy_request__descriptor},
    {READ_LIST_ACCOUNTS, &vsl__v1__list_accounts_request__descriptor},
};

START_TEST(ledger_is_required)
{
    for (size_t i = 0; i < sizeof reads / sizeof reads[0]; i++) {
        struct read_request request;
        struct decode_error error;
        ck_assert_int_eq(read_request_decode(reads[i].kind, NULL, 0, &arena, &request, &error), -1);
        ck_assert_str_eq(error.field, "ledger_id");
        static const uint8_t negative[] = {
            8, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1};
        ck_assert_int_eq(
            read_request_decode(reads[i].kind, negative, sizeof negative, &arena, &request, &error),
            -1);
        ck_assert_str_eq(error.field, "ledger_id");
        static const uint8_t unknown[] = {8, 1, 0x78, 1};
        ck_assert_int_eq(
            read_request_decode(reads[i].kind, unknown, sizeof unknown, &arena, &request, &error),
            -1);
        ck_assert_ptr_nonnull(strstr(error.description, "number 15"));
    }
}
END_TEST

START_TEST(plain_reads_give_their_ids)
{
    struct read_request request;
    struct decode_error error;
    Vsl__V1__GetLedgerRequest ledger = VSL__V1__GET_LEDGER_REQUEST__INIT;
    ledger.ledger_id = 5;
    ck_assert_int_eq(decode(READ_GET_LEDGER, &ledger.base, &request, &error), 0);
    ck_assert_int_eq((int)request.kind, READ_GET_LEDGER);
    ck_assert_int_eq(request.ledger_id, 5);
    Vsl__V1__GetPayoutRequest payout = VSL__V1__GET_PAYOUT_REQUEST__INIT;
    payout.ledger_id = 5;
    ck_assert_int_eq(decode(READ_GET_PAYOUT, &payout.base, &request, &error), -1);
    ck_assert_str_eq(error.field, "payout_id");
    payout.payout_id = 6;
    ck_assert_int_eq(decode(READ_GET_PAYOUT, &payout.base, &request, &error), 0);
    ck_assert_int_eq(request.id, 6);
}
END_TEST

START_TEST(ledgers_are_listed_in_pages)
{
    static const struct {
        int64_t after;
        int32_t page_size, expected;
        const char *field; /* NULL: accepted */
    } cases[] = {
        {0, 0, 100, NULL},
        {7, 1, 1, NULL},
        {INT64_MAX, 1000, 1000, NULL},
        {0, 1001, 1000, NULL},
        {0, INT32_MAX, 1000, NULL},
        {0, -1, 0, "page_size"},
        {-1, 1, 0, "after_ledger_id"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct read_request request;
        struct decode_error error;
        Vsl__V1__ListLedgersRequest message;
        vsl__v1__list_ledgers_request__init(&message);
        message.after_ledger_id = cases[i].after;
        message.page_size = cases[i].page_size;
        int result = decode(READ_LIST_LEDGERS, &message.base, &request, &error);
        ck_assert_int_eq(result, cases[i].field ? -1 : 0);
        if (cases[i].field) {
            ck_assert_str_eq(error.field, cases[i].field);
        } else {
            ck_assert_int_eq(request.page_size, cases[i].expected);
            ck_assert_int_eq(request.after_id, cases[i].after);
        }
    }
}
END_TEST

START_TEST(members_are_named_in_one_way)
{
    char longest[66];
    memset(longest, 'x', sizeof longest - 1);
    longest[65] = '\0';
    const struct {
        int64_t id;
        const char *platform_id, *field; /* NULL: accepted */
    } cases[] = {
        {3, "", NULL},
        {0, "m-1", NULL},
        {0, longest + 1, NULL},
        {0, longest, "platform_member_id"},
        {0, " m", "platform_member_id"},
        {0, "", "member_id"},
        {3, "m-1", "platform_member_id"},
        {-3, "", "member_id"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct read_request request;
        struct decode_error error;
        Vsl__V1__GetMemberRequest message;
        vsl__v1__get_member_request__init(&message);
        message.ledger_id = 1;
        message.member_id = cases[i].id;
        message.platform_member_id = (char *)(uintptr_t)cases[i].platform_id;
        int result = decode(READ_GET_MEMBER, &message.base, &request, &error);
        ck_assert_int_eq(result, cases[i].field ? -1 : 0);
        if (cases[i].field) {
            ck_assert_str_eq(error.field, cases[i].field);
            continue;
        }
        ck_assert_int_eq(request.id, cases[i].id);
        ck_assert(text_equals(request.platform_member_id, text_of(cases[i].platform_id)));
    }
}
END_TEST

START_TEST(accounts_are_named_in_one_way)
{
    char number[RECEIVING_NUMBER_BYTES_MAX];
    receiving_number_format(text_of("6200"), 12, number);
    char wrong[RECEIVING_NUMBER_BYTES_MAX];
    memcpy(wrong, number, sizeof wrong);
    wrong[5] = '5';
    const struct {
        int64_t id;
        const char *number, *field; /* NULL: accepted */
    } cases[] = {
        {3, "", NULL},
        {0, number, NULL},
        {0, wrong, "receiving_number"},
        {0, "6200", "receiving_number"},
        {0, "6200 0000", "receiving_number"},
        {0, "", "account_id"},
        {3, number, "receiving_number"},
        {-3, "", "account_id"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct read_request request;
        struct decode_error error;
        Vsl__V1__GetAccountRequest message;
        vsl__v1__get_account_request__init(&message);
        message.ledger_id = 1;
        message.account_id = cases[i].id;
        message.receiving_number = (char *)(uintptr_t)cases[i].number;
        int result = decode(READ_GET_ACCOUNT, &message.base, &request, &error);
        ck_assert_int_eq(result, cases[i].field ? -1 : 0);
        if (cases[i].field) {
            ck_assert_str_eq(error.field, cases[i].field);
            continue;
        }
        ck_assert_int_eq(request.id, cases[i].id);
        ck_assert(text_equals(request.receiving_number, text_of(cases[i].number)));
    }
}
END_TEST

START_TEST(balances_are_asked_for_in_numbers)
{
    static int64_t ids[10001];
    for (size_t i = 0; i < 10001; i++)
        ids[i] = (int64_t)(i + 1);
    struct read_request request;
    struct decode_error error;
    Vsl__V1__GetBalancesRequest message = VSL__V1__GET_BALANCES_REQUEST__INIT;
    message.ledger_id = 1;
    message.account_ids = ids;
    ck_assert_int_eq(decode(READ_GET_BALANCES, &message.base, &request, &error), -1);
    ck_assert_str_eq(error.field, "account_ids");
    message.n_account_ids = 10000;
    ck_assert_int_eq(decode(READ_GET_BALANCES, &message.base, &request, &error), 0);
    ck_assert_uint_eq(request.account_count, 10000);
    ck_assert_mem_eq(request.account_ids, ids, 10000 * sizeof ids[0]);
    message.n_account_ids = 10001;
    ck_assert_int_eq(decode(READ_GET_BALANCES, &message.base, &request, &error), -1);
    ck_assert_str_eq(error.field, "account_ids[10000]");
    message.n_account_ids = 3;
    ids[1] = 0;
    ck_assert_int_eq(decode(READ_GET_BALANCES, &message.base, &request, &error), -1);
    ck_assert_str_eq(error.field, "account_ids[1]");
    ids[1] = -7;
    ck_assert_int_eq(decode(READ_GET_BALANCES, &message.base, &request, &error), -1);
    ck_assert_ptr_nonnull(strstr(error.description, "-7"));

    /* One by one instead of packed. */
    static const uint8_t single[] = {8, 1, 0x10, 4, 0x10, 5};
    ck_assert_int_eq(
        read_request_decode(READ_GET_BALANCES, single, sizeof single, &arena, &request, &error), 0);
    ck_assert_uint_eq(request.account_count, 2);
    ck_assert_int_eq(request.account_ids[1], 5);
}
END_TEST

/* ---- by the names of fields: every read of the payments, at its limits and just past them ---- */

/* A request with ledger 5 and one number or text; what else is required is filled in. */
static int decode_with(enum read_kind kind, const char *field_name, int64_t number,
    const char *text, struct read_request *ret_request, struct decode_error *ret_error)
{
    union {
        ProtobufCMessage base;
        unsigned char bytes[256];
    } message;
    size_t row = 0;
    while (row < sizeof reads / sizeof reads[0] && reads[row].kind != kind)
        row++;
    ck_assert_uint_lt(row, sizeof reads / sizeof reads[0]);
    const ProtobufCMessageDescriptor *descriptor = reads[row].descriptor;
    ck_assert(descriptor->sizeof_message <= sizeof message);
    protobuf_c_message_init(descriptor, &message);
    static const struct {
        const char *name;
        int64_t number;
        const char *text;
    } required[] = {{"ledger_id", 5, NULL}, {"payout_id", 6, NULL}, {"hold_id", 6, NULL},
        {"freeze_id", 6, NULL}, {"adjustment_id", 6, NULL}, {"amount_minor", 7, NULL},
        {"name", 0, "base"}, {"fee_rule", 0, "base"}, {"account_id", 8, NULL}};
    for (size_t i = 0; i <= sizeof required / sizeof required[0]; i++) {
        bool is_asked = i == sizeof required / sizeof required[0];
        const char *name = is_asked ? field_name : required[i].name;
        const ProtobufCFieldDescriptor *field =
            protobuf_c_message_descriptor_get_field_by_name(descriptor, name);
        /* Of a quote the rule asks for a mode. */
        bool is_optional = kind == READ_QUOTE_WITHDRAW && strcmp(name, "fee_rule") == 0;
        if (!field || is_optional)
            continue;
        int64_t value = is_asked ? number : required[i].number;
        const char *string = is_asked ? text : required[i].text;
        int32_t narrow = (int32_t)value;
        unsigned char *at = message.bytes + field->offset;
        if (field->type == PROTOBUF_C_TYPE_STRING)
            memcpy(at, &string, sizeof string);
        else if (field->type == PROTOBUF_C_TYPE_INT64)
            memcpy(at, &value, sizeof value);
        else
            memcpy(at, &narrow, sizeof narrow);
    }
    return decode(kind, &message.base, ret_request, ret_error);
}

static const char longest_name[] = "abcdefghijklmnopqrstuvwxyz.-_ABC";

static const struct {
    enum read_kind kind;
    const char *field;
    int64_t smallest, largest; /* 0: a text */
    bool is_required;
    size_t member; /* of struct read_request */
    bool is_narrow;
} fields[] = {
#define TEXT_AT(kind, name, is_required, member)                                                   \
    {                                                                                              \
        kind, name, 0, 0, is_required, offsetof(struct read_request, member), false                \
    }
#define WIDE_AT(kind, name, largest, is_required, member)                                          \
    {                                                                                              \
        kind, name, 1, largest, is_required, offsetof(struct read_request, member), false          \
    }
#define NARROW_AT(kind, name, largest, member)                                                     \
    {                                                                                              \
        kind, name, 1, largest, false, offsetof(struct read_request, member), true                 \
    }
#define PAGE_AT(kind) NARROW_AT(kind, "page_size", LIST_PAGE_SIZE_MAX, page_size)
#define OLD_PAGE_AT(kind) WIDE_AT(kind, "after_id", INT64_MAX, false, after_id), PAGE_AT(kind)
    TEXT_AT(READ_GET_FEE_RULE, "name", true, fee_rule),
    NARROW_AT(READ_GET_FEE_RULE, "version", INT32_MAX, version),
    OLD_PAGE_AT(READ_LIST_FEE_RULES),
    TEXT_AT(READ_QUOTE_FEE, "fee_rule", true, fee_rule),
    WIDE_AT(READ_QUOTE_FEE, "amount_minor", AMOUNT_MINOR_MAX, true, amount_minor),
    WIDE_AT(READ_GET_PAYOUT, "payout_id", INT64_MAX, true, id),
    OLD_PAGE_AT(READ_LIST_PAYOUTS),
    WIDE_AT(READ_LIST_PAYOUTS, "account_id", INT64_MAX, false, account_id),
    NARROW_AT(READ_LIST_PAYOUTS, "status", PAYOUT_CANCELLED, status),
    WIDE_AT(READ_QUOTE_WITHDRAW, "account_id", INT64_MAX, true, account_id),
    WIDE_AT(READ_GET_HOLD, "hold_id", INT64_MAX, true, id),
    OLD_PAGE_AT(READ_LIST_HOLDS),
    WIDE_AT(READ_LIST_HOLDS, "payer_account_id", INT64_MAX, false, account_id),
    NARROW_AT(READ_LIST_HOLDS, "status", HOLD_EXPIRED, status),
    WIDE_AT(READ_LIST_HOLDS, "expires_before_us", TIME_US_MAX, false, expires_before_us),
    WIDE_AT(READ_GET_FREEZE, "freeze_id", INT64_MAX, true, id),
    OLD_PAGE_AT(READ_LIST_FREEZES),
    WIDE_AT(READ_LIST_FREEZES, "account_id", INT64_MAX, false, account_id),
    NARROW_AT(READ_LIST_FREEZES, "status", FREEZE_EXPIRED, status),
    TEXT_AT(READ_LIST_FREEZES, "purpose", false, purpose),
    WIDE_AT(READ_GET_FROZEN, "account_id", INT64_MAX, true, id),
    OLD_PAGE_AT(READ_LIST_DEBTS),
    WIDE_AT(READ_LIST_DEBTS, "account_id", INT64_MAX, false, account_id),
    NARROW_AT(READ_LIST_DEBTS, "status", DEBT_RECOVERED, status),
    WIDE_AT(READ_GET_ADJUSTMENT, "adjustment_id", INT64_MAX, true, id),
    OLD_PAGE_AT(READ_LIST_ADJUSTMENTS),
    NARROW_AT(READ_LIST_ADJUSTMENTS, "status", ADJUSTMENT_EXPIRED, status),
    PAGE_AT(READ_LIST_MEMBERS),
    NARROW_AT(READ_LIST_MEMBERS, "kind", MEMBER_USER, of_kind),
    NARROW_AT(READ_LIST_MEMBERS, "status", MEMBER_CLOSED, status),
    PAGE_AT(READ_LIST_ACCOUNTS),
    WIDE_AT(READ_LIST_ACCOUNTS, "member_id", INT64_MAX, false, member_id),
    NARROW_AT(READ_LIST_ACCOUNTS, "kind", ACCOUNT_POSITION, of_kind),
    NARROW_AT(READ_LIST_ACCOUNTS, "status", ACCOUNT_CLOSED, status),
};

static int64_t number_at(const struct read_request *request, size_t member, bool is_narrow)
{
    int64_t wide;
    int32_t narrow;
    memcpy(&wide, (const unsigned char *)request + member, sizeof wide);
    memcpy(&narrow, (const unsigned char *)request + member, sizeof narrow);
    return is_narrow ? narrow : wide;
}

START_TEST(payment_reads_keep_their_limits)
{
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        if (fields[i].smallest == 0)
            continue;
        bool is_unbounded = fields[i].largest == INT64_MAX || fields[i].largest == INT32_MAX;
        /* Beyond the type there is nothing. */
        bool is_page = strcmp(fields[i].field, "page_size") == 0;
        const int64_t wrong[] = {
            -1, is_unbounded || is_page ? INT32_MIN + 1 : fields[i].largest + 1, INT32_MIN};
        enum read_kind kind = fields[i].kind;
        struct read_request request;
        struct decode_error error;
        for (int64_t good = 1; good != 0; good = good == 1 ? fields[i].largest : 0) {
            ck_assert_int_eq(decode_with(kind, fields[i].field, good, NULL, &request, &error), 0);
            ck_assert_int_eq((int)request.kind, (int)kind);
            ck_assert_int_eq(request.ledger_id, 5);
            ck_assert_int_eq(number_at(&request, fields[i].member, fields[i].is_narrow), good);
        }
        for (size_t w = 0; w < sizeof wrong / sizeof wrong[0]; w++) {
            ck_assert_int_eq(
                decode_with(kind, fields[i].field, wrong[w], NULL, &request, &error), -1);
            ck_assert_str_eq(error.field, fields[i].field);
        }
        /* More than a page can have is that. */
        if (is_page) {
            ck_assert_int_eq(
                decode_with(kind, fields[i].field, INT32_MAX, NULL, &request, &error), 0);
            ck_assert_int_eq(request.page_size, LIST_PAGE_SIZE_MAX);
        }
        int result = decode_with(kind, fields[i].field, 0, NULL, &request, &error);
        ck_assert_int_eq(result, fields[i].is_required ? -1 : 0);
        if (fields[i].is_required)
            ck_assert_str_eq(error.field, fields[i].field);
        else
            ck_assert_int_eq(number_at(&request, fields[i].member, fields[i].is_narrow),
                is_page ? LIST_PAGE_SIZE_DEFAULT : 0);
    }
}
END_TEST

/* What a token is bound to: every filter, and nothing that leads from page to page. */
START_TEST(a_page_is_of_its_filters)
{
    int pages = 0, filters = 0;
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        struct read_request request;
        struct decode_error error;
        enum read_kind kind = fields[i].kind;
        const char *field = fields[i].field;
        if (fields[i].smallest == 0 || fields[i].is_required)
            continue;
        ck_assert_int_eq(decode_with(kind, field, 0, NULL, &request, &error), 0);
        uint64_t scope = request.page_scope;
        bool has_others = request.has_filters;
        ck_assert_int_eq(decode_with(kind, field, 1, NULL, &request, &error), 0);
        bool leads = strcmp(field, "page_size") == 0 || strcmp(field, "after_id") == 0;
        ck_assert_int_eq(request.page_scope == scope, leads || scope == 0);
        bool is_filter = !leads && scope != 0;
        ck_assert_int_eq(request.has_filters, has_others || is_filter);
        pages += leads && scope != 0;
        filters += is_filter && !has_others;
    }
    ck_assert_int_eq(pages, 14);
    ck_assert_int_eq(filters, 12);
}
END_TEST

START_TEST(payment_reads_take_names)
{
    char too_long[sizeof longest_name + 1];
    snprintf(too_long, sizeof too_long, "%sx", longest_name);
    ck_assert_uint_eq(strlen(longest_name), FEE_RULE_NAME_BYTES_MAX);
    ck_assert_uint_eq(strlen(longest_name), PURPOSE_BYTES_MAX);
    const char *const wrong[] = {too_long, "a b", " a", "\xe8\xb4\xb9", "a/b"};
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        if (fields[i].smallest != 0)
            continue;
        enum read_kind kind = fields[i].kind;
        struct read_request request;
        struct decode_error error;
        struct text text;
        ck_assert_int_eq(decode_with(kind, fields[i].field, 0, longest_name, &request, &error), 0);
        memcpy(&text, (const unsigned char *)&request + fields[i].member, sizeof text);
        ck_assert(text_equals(text, text_of(longest_name)));
        for (size_t w = 0; w < sizeof wrong / sizeof wrong[0]; w++) {
            ck_assert_int_eq(decode_with(kind, fields[i].field, 0, wrong[w], &request, &error), -1);
            ck_assert_str_eq(error.field, fields[i].field);
        }
        ck_assert_int_eq(decode_with(kind, fields[i].field, 0, "", &request, &error),
            fields[i].is_required ? -1 : 0);
    }
}
END_TEST

START_TEST(quotes_of_withdrawals_are_asked_as_withdrawals)
{
    static const struct {
        int64_t fee_minor;
        const char *fee_rule;
        int mode;
        int64_t fee_account_id;
        const char *field; /* NULL: accepted */
    } cases[] = {
        {0, "", 0, 0, NULL},
        {1, "", FEE_OUTSIDE, 0, NULL},
        {AMOUNT_MINOR_MAX, "", FEE_INSIDE, 0, NULL},
        {0, "base", FEE_OUTSIDE, 0, NULL},
        {0, "base", FEE_INSIDE, 0, NULL},
        {1, "", FEE_BORNE_BY_ANOTHER, 9, NULL},
        {0, "base", FEE_BORNE_BY_ANOTHER, INT64_MAX, NULL},
        {AMOUNT_MINOR_MAX + 1, "", FEE_INSIDE, 0, "fee_minor"},
        {-1, "", FEE_INSIDE, 0, "fee_minor"},
        {1, "base", FEE_INSIDE, 0, "fee_rule"},
        {0, "a b", FEE_INSIDE, 0, "fee_rule"},
        {1, "", 0, 0, "fee_mode"},
        {0, "base", 0, 0, "fee_mode"},
        {0, "", FEE_INSIDE, 0, "fee_mode"},
        {1, "", FEE_BORNE_BY_ANOTHER + 1, 9, "fee_mode"},
        {1, "", FEE_BORNE_BY_ANOTHER, 0, "fee_account_id"},
        {1, "", FEE_BORNE_BY_ANOTHER, -1, "fee_account_id"},
        {1, "", FEE_OUTSIDE, 9, "fee_account_id"},
        {0, "base", FEE_INSIDE, 9, "fee_account_id"},
        {0, "", 0, 9, "fee_account_id"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct read_request request;
        struct decode_error error;
        Vsl__V1__QuoteWithdrawRequest message;
        vsl__v1__quote_withdraw_request__init(&message);
        message.ledger_id = 5;
        message.account_id = 8;
        message.fee_minor = cases[i].fee_minor;
        message.fee_rule = (char *)(uintptr_t)cases[i].fee_rule;
        message.fee_mode = (Vsl__V1__FeeMode)cases[i].mode;
        message.fee_account_id = cases[i].fee_account_id;
        int result = decode(READ_QUOTE_WITHDRAW, &message.base, &request, &error);
        ck_assert_int_eq(result, cases[i].field ? -1 : 0);
        if (cases[i].field) {
            ck_assert_str_eq(error.field, cases[i].field);
            continue;
        }
        ck_assert_int_eq(request.account_id, 8);
        ck_assert_int_eq(request.fee_minor, cases[i].fee_minor);
        ck_assert(text_equals(request.fee_rule, text_of(cases[i].fee_rule)));
        ck_assert_int_eq(request.fee_mode, cases[i].mode);
        ck_assert_int_eq(request.fee_account_id, cases[i].fee_account_id);
    }
}
END_TEST

Suite *read_suite(void)
{
    Suite *suite = suite_create("read");
    TCase *tcase = tcase_create("read");
    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_test(tcase, ledger_is_required);
    tcase_add_test(tcase, plain_reads_give_their_ids);
    tcase_add_test(tcase, ledgers_are_listed_in_pages);
    tcase_add_test(tcase, members_are_named_in_one_way);
    tcase_add_test(tcase, accounts_are_named_in_one_way);
    tcase_add_test(tcase, balances_are_asked_for_in_numbers);
    tcase_add_test(tcase, payment_reads_keep_their_limits);
    tcase_add_test(tcase, a_page_is_of_its_filters);
    tcase_add_test(tcase, payment_reads_take_names);
    tcase_add_test(tcase, quotes_of_withdrawals_are_asked_as_withdrawals);
    suite_add_tcase(suite, tcase);
    return suite;
}
