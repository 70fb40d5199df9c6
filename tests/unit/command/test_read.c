/* test_read.c: requests that read live state.
 * SPDX-License-Identifier: Apache-2.0 */
#include "ceilings.h"
#include "command/decode.h"
#include "model/receiving_number.h"
#include "samples.h"
#include "suites.h"
#include "support/expect.h"
#include "vsl/v1/account.pb-c.h"
#include "vsl/v1/funds.pb-c.h"
#include "vsl/v1/ledger.pb-c.h"
#include "vsl/v1/member.pb-c.h"

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
    {READ_GET_PAYOUT, &vsl__v1__get_payout_request__descriptor},
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
        {0, 1001, 0, "page_size"},
        {0, -1, 0, "page_size"},
        {-1, 1, 0, "after_ledger_id"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct read_request request;
        struct decode_error error;
        Vsl__V1__ListLedgersRequest message = VSL__V1__LIST_LEDGERS_REQUEST__INIT;
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
    suite_add_tcase(suite, tcase);
    return suite;
}
