/* test_violations.c: a request that breaks several rules is told of all of them at once, up to a
 * bound.
 * SPDX-License-Identifier: Apache-2.0 */
#include "samples.h"
#include "suites.h"
#include "vsl/v1/fee.pb-c.h"
#include "vsl/v1/funds.pb-c.h"
#include "vsl/v1/journal.pb-c.h"

#include <stdlib.h>
#include <string.h>

static struct decode_error error;

/* Packs a message and decodes it as `decode` says. */
static int pack_and(int (*decode)(const uint8_t *bytes, size_t length, struct arena *arena),
    const ProtobufCMessage *message)
{
    static struct arena arena;
    size_t length = protobuf_c_message_get_packed_size(message);
    uint8_t *bytes = malloc(length + 1);
    ck_assert_ptr_nonnull(bytes);
    protobuf_c_message_pack(message, bytes);
    arena_init(&arena, 65536, DECODE_ARENA_BYTES_MAX);
    memset(&error, 0x7f, sizeof error); /* nothing that it says may come from before */
    int result = decode(bytes, length, &arena);
    arena_finish(&arena);
    free(bytes);
    return result;
}

static int as_pay(const uint8_t *bytes, size_t length, struct arena *arena)
{
    struct command command;
    return command_decode(COMMAND_PAY, bytes, length, arena, &command, &error);
}

static int as_batch(const uint8_t *bytes, size_t length, struct arena *arena)
{
    struct command_batch batch;
    return command_decode_batch(bytes, length, arena, &batch, &error);
}

static int as_quote_fee(const uint8_t *bytes, size_t length, struct arena *arena)
{
    struct read_request request;
    return read_request_decode(READ_QUOTE_FEE, bytes, length, arena, &request, &error);
}

static int as_list_commands(const uint8_t *bytes, size_t length, struct arena *arena)
{
    struct read_request request;
    return read_request_decode(READ_LIST_COMMANDS, bytes, length, arena, &request, &error);
}

static int as_get_command(const uint8_t *bytes, size_t length, struct arena *arena)
{
    struct read_request request;
    return read_request_decode(READ_GET_COMMAND, bytes, length, arena, &request, &error);
}

/* Expects these fields, in this order, each with a sentence. */
static void expect_fields(const char *const *fields, uint32_t count)
{
    ck_assert_uint_eq(error.count, count);
    for (uint32_t i = 0; i < count; i++) {
        ck_assert_str_eq(i == 0 ? error.field : error.more[i - 1].field, fields[i]);
    }
    expect_told(&error);
}

#define EXPECT_FIELDS(...)                                                                         \
    expect_fields((const char *const[]){__VA_ARGS__},                                              \
        sizeof((const char *const[]){__VA_ARGS__}) / sizeof(const char *))

START_TEST(all_fields_are_told)
{
    Vsl__V1__PayRequest pay;
    vsl__v1__pay_request__init(&pay);
    ck_assert_int_eq(pack_and(as_pay, &pay.base), -1);
    EXPECT_FIELDS("key", "ledger_id", "payer_account_id", "payees");

    Vsl__V1__RequestKey key;
    vsl__v1__request_key__init(&key);
    key.business_date = 20260230;
    Vsl__V1__Payee good = VSL__V1__PAYEE__INIT, bad = VSL__V1__PAYEE__INIT;
    good.account_id = 5;
    good.amount_minor = 6;
    bad.amount_minor = -1;
    Vsl__V1__Payee *payees[] = {&good, &bad};
    pay.key = &key;
    pay.ledger_id = 1;
    pay.payees = payees;
    pay.n_payees = 2;
    ck_assert_int_eq(pack_and(as_pay, &pay.base), -1);
    EXPECT_FIELDS("key.channel", "key.business_date", "key.serial", "payer_account_id",
        "payees[1].account_id", "payees[1].amount_minor");

    Vsl__V1__QuoteFeeRequest quote;
    vsl__v1__quote_fee_request__init(&quote);
    ck_assert_int_eq(pack_and(as_quote_fee, &quote.base), -1);
    EXPECT_FIELDS("ledger_id", "fee_rule", "amount_minor");
}
END_TEST

/* Of fields with and without a row. */
START_TEST(all_fields_of_history_are_told)
{
    Vsl__V1__ListCommandsRequest list;
    vsl__v1__list_commands_request__init(&list);
    Vsl__V1__CommandKind kinds[] = {(Vsl__V1__CommandKind)54,
        VSL__V1__COMMAND_KIND__COMMAND_KIND_PAY, (Vsl__V1__CommandKind)-1};
    char token[] = "noon";
    list.kinds = kinds;
    list.n_kinds = 3;
    list.outcome = (Vsl__V1__Outcome)32767;
    list.to_date = 1;
    list.page_size = -1;
    list.page_token = token;
    ck_assert_int_eq(pack_and(as_list_commands, &list.base), -1);
    EXPECT_FIELDS(
        "ledger_id", "to_date", "page_size", "kinds[0]", "kinds[2]", "outcome", "page_token");

    Vsl__V1__GetCommandRequest get;
    vsl__v1__get_command_request__init(&get);
    Vsl__V1__RequestKey key;
    vsl__v1__request_key__init(&key);
    get.key = &key;
    get.sequence = -1;
    ck_assert_int_eq(pack_and(as_get_command, &get.base), -1);
    EXPECT_FIELDS("sequence", "key.channel", "key.business_date", "key.serial");
}
END_TEST

/* A bound, whatever comes. */
START_TEST(no_more_are_told_than_there_is_room_for)
{
    Vsl__V1__PayRequest pay;
    vsl__v1__pay_request__init(&pay);
    Vsl__V1__Payee bad = VSL__V1__PAYEE__INIT;
    Vsl__V1__Payee *payees[PAYEES_PER_COMMAND_MAX];
    for (int i = 0; i < PAYEES_PER_COMMAND_MAX; i++)
        payees[i] = &bad;
    pay.payees = payees;
    pay.n_payees = PAYEES_PER_COMMAND_MAX;
    ck_assert_int_eq(pack_and(as_pay, &pay.base), -1);
    EXPECT_FIELDS("key", "ledger_id", "payer_account_id", "payees[0].account_id",
        "payees[0].amount_minor", "payees[1].account_id", "payees[1].amount_minor",
        "payees[2].account_id");
}
END_TEST

START_TEST(items_of_a_batch_are_told_together)
{
    Vsl__V1__RequestKey key;
    vsl__v1__request_key__init(&key);
    char channel[] = "c", serial[] = "s";
    key.channel = channel;
    key.serial = serial;
    key.business_date = 20260105;
    Vsl__V1__Payee payee = VSL__V1__PAYEE__INIT, *payees[] = {&payee};
    payee.account_id = 5;
    payee.amount_minor = 6;
    Vsl__V1__PayRequest pays[3];
    Vsl__V1__BatchItem items[4], *pointers[4];
    for (int i = 0; i < 4; i++) {
        vsl__v1__batch_item__init(&items[i]);
        pointers[i] = &items[i];
        if (i == 3)
            continue; /* has no command */
        vsl__v1__pay_request__init(&pays[i]);
        pays[i].key = &key;
        pays[i].ledger_id = i == 1;
        pays[i].payer_account_id = 1;
        pays[i].payees = payees;
        pays[i].n_payees = 1;
        items[i].command_case = VSL__V1__BATCH_ITEM__COMMAND_PAY;
        items[i].pay = &pays[i];
    }
    pays[1].dry_run = true;
    Vsl__V1__SubmitBatchRequest batch = VSL__V1__SUBMIT_BATCH_REQUEST__INIT;
    batch.items = pointers;
    batch.n_items = 4;
    ck_assert_int_eq(pack_and(as_batch, &batch.base), -1);
    EXPECT_FIELDS("items[0].pay.ledger_id", "items[1].pay.dry_run", "items[2].pay.ledger_id",
        "items[3]", "items[1].pay.key", "items[2].pay.key");
}
END_TEST

/* What ties fields together is told beside what is wrong with others; a tie of a field that is
 * refused itself is not judged. */
START_TEST(ties_are_told_with_fields)
{
    char rule[] = "base", none[] = "";
    Vsl__V1__Payee payees[3], *pointers[3];
    for (int i = 0; i < 3; i++) {
        vsl__v1__payee__init(&payees[i]);
        payees[i].account_id = 5;
        payees[i].amount_minor = 6;
        pointers[i] = &payees[i];
    }
    Vsl__V1__PayRequest pay;
    vsl__v1__pay_request__init(&pay);
    pay.ledger_id = pay.payer_account_id = 1;
    pay.payees = pointers;
    pay.n_payees = 3;
    pay.fee_minor = 1;
    pay.fee_rule = rule;
    ck_assert_int_eq(pack_and(as_pay, &pay.base), -1);
    EXPECT_FIELDS("key", "payees[1].account_id", "payees[2].account_id", "fee_rule");
    payees[0].amount_minor = -1;
    pay.fee_rule = none;
    pay.fee_bearer = VSL__V1__FEE_BEARER__FEE_BEARER_PAYEES;
    ck_assert_int_eq(pack_and(as_pay, &pay.base), -1);
    EXPECT_FIELDS("key", "payees[0].amount_minor", "fee_bearer");
    char no_rule[] = " ";
    pay.fee_rule = no_rule;
    ck_assert_int_eq(pack_and(as_pay, &pay.base), -1);
    EXPECT_FIELDS("key", "payees[0].amount_minor", "fee_rule");

    Vsl__V1__ListCommandsRequest list;
    vsl__v1__list_commands_request__init(&list);
    list.accepted_only = list.refused_only = 1;
    list.from_date = 20260102;
    list.to_date = 20260101;
    list.amount_from_minor = 2;
    list.amount_to_minor = 1;
    ck_assert_int_eq(pack_and(as_list_commands, &list.base), -1);
    EXPECT_FIELDS("ledger_id", "refused_only", "amount_to_minor", "to_date");
    list.from_date = 20260230;
    list.amount_from_minor = -1;
    ck_assert_int_eq(pack_and(as_list_commands, &list.base), -1);
    EXPECT_FIELDS("ledger_id", "from_date", "amount_from_minor", "refused_only");
}
END_TEST

Suite *violations_suite(void)
{
    Suite *suite = suite_create("violations");
    TCase *tcase = tcase_create("violations");
    tcase_add_test(tcase, all_fields_are_told);
    tcase_add_test(tcase, all_fields_of_history_are_told);
    tcase_add_test(tcase, no_more_are_told_than_there_is_room_for);
    tcase_add_test(tcase, ties_are_told_with_fields);
    tcase_add_test(tcase, items_of_a_batch_are_told_together);
    suite_add_tcase(suite, tcase);
    return suite;
}
