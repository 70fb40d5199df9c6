/* test_json.c: messages as JSON and back, and JSON that is no message.
 * SPDX-License-Identifier: Apache-2.0 */
#include "suites.h"

#include "client/batch.h"
#include "client/rpc.h"
#include "text/json.h"

#include "vsl/v1/event.pb-c.h"
#include "vsl/v1/journal.pb-c.h"

#include <string.h>

static struct arena arena;

static void set_up(void)
{
    arena_init(&arena, 4096, (size_t)16 << 20);
}

static void tear_down(void)
{
    arena_finish(&arena);
}

static ProtobufCMessage *read_json(
    const ProtobufCMessageDescriptor *descriptor, const char *text, char error[256])
{
    json_t *json = json_loads(text, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
    ck_assert_msg(json != NULL, "%s", text);
    ProtobufCMessage *message = json_to_message(descriptor, json, &arena, error, 256);
    json_decref(json);
    return message;
}

static void expect_json(const ProtobufCMessage *message, const char *wanted)
{
    json_t *said = json_of_message(message);
    json_t *json = json_loads(wanted, 0, NULL);
    char *text = json_dumps(said, JSON_COMPACT);
    ck_assert_msg(json_equal(said, json), "%s", text);
    free(text);
    json_decref(json);
    json_decref(said);
}

START_TEST(a_message_is_written_with_its_zero_values)
{
    Vsl__V1__RequestKey key;
    vsl__v1__request_key__init(&key);
    Vsl__V1__PayRequest pay;
    vsl__v1__pay_request__init(&pay);
    char channel[] = "shop";
    char remark[] = "\xe4\xb8\xad";
    expect_json(&pay.base, "{\"dry_run\":false,\"ledger_id\":\"0\",\"payer_account_id\":\"0\","
                           "\"fee_minor\":\"0\",\"order_number\":\"\",\"remark\":\"\","
                           "\"payees\":[],\"fee_rule\":\"\","
                           "\"fee_bearer\":\"FEE_BEARER_UNSPECIFIED\","
                           "\"withdrawable_next_date\":false,\"mandate_id\":\"0\"}");
    key.channel = channel;
    key.business_date = 20261122;
    pay.key = &key;
    pay.ledger_id = INT64_MAX;
    pay.fee_minor = INT64_MIN;
    pay.dry_run = 1;
    pay.remark = remark;
    expect_json(&pay.base,
        "{\"key\":{\"channel\":\"shop\",\"business_date\":20261122,\"serial\":\"\"},"
        "\"dry_run\":true,\"ledger_id\":\"9223372036854775807\",\"payer_account_id\":\"0\","
        "\"fee_minor\":\"-9223372036854775808\",\"order_number\":\"\","
        "\"remark\":\"\xe4\xb8\xad\",\"payees\":[],\"fee_rule\":\"\","
        "\"fee_bearer\":\"FEE_BEARER_UNSPECIFIED\",\"withdrawable_next_date\":false,"
        "\"mandate_id\":\"0\"}");
}
END_TEST

START_TEST(enums_have_names_and_unknown_ones_numbers)
{
    Vsl__V1__ConfirmPayoutRequest request;
    vsl__v1__confirm_payout_request__init(&request);
    json_t *json;
    request.result = VSL__V1__PAYOUT_RESULT__PAYOUT_RESULT_RETURNED;
    json = json_of_message(&request.base);
    ck_assert_str_eq(json_string_value(json_object_get(json, "result")), "PAYOUT_RESULT_RETURNED");
    json_decref(json);
    request.result = (Vsl__V1__PayoutResult)77;
    json = json_of_message(&request.base);
    ck_assert_int_eq(json_integer_value(json_object_get(json, "result")), 77);
    json_decref(json);
}
END_TEST

/* JSON in, the same message out as JSON, or packed and unpacked. */
static const struct {
    const ProtobufCMessageDescriptor *descriptor;
    const char *text;
} there_and_back[] = {
    {&vsl__v1__get_balances_request__descriptor,
        "{\"ledger_id\":\"1\",\"account_ids\":[\"1\",\"2\",\"9223372036854775807\"]}"},
    {&vsl__v1__stream_events_request__descriptor,
        "{\"from_sequence\":\"1\",\"ledger_id\":\"0\",\"kinds\":[\"COMMAND_KIND_PAY\","
        "\"COMMAND_KIND_WITHDRAW\"],\"accepted_only\":true,"
        "\"journal_identity\":\"\",\"account_id\":\"0\"}"},
    {&vsl__v1__batch_item__descriptor,
        "{\"cut_day\":{\"key\":{\"channel\":\"c\",\"business_date\":1,\"serial\":\"s\"},"
        "\"dry_run\":false,\"ledger_id\":\"3\",\"accounting_date\":20261122}}"},
    {&vsl__v1__stream_events_response__descriptor,
        "{\"reached_sequence\":\"0\",\"journal_identity\":\"\","
        "\"previous_sequence\":\"0\"}"},
    {&vsl__v1__submit_batch_response__descriptor,
        "{\"results\":[{\"subject_id\":\"1\",\"receiving_number\":\"\"},"
        "{\"subject_id\":\"2\",\"receiving_number\":\"x\"}]}"},
};

START_TEST(json_comes_back)
{
    char error[256] = "";
    ProtobufCMessage *message =
        read_json(there_and_back[_i].descriptor, there_and_back[_i].text, error);
    ck_assert_msg(message != NULL, "%s", error);
    expect_json(message, there_and_back[_i].text);
    struct buffer packed = {0};
    rpc_pack(message, &packed);
    ProtobufCMessage *unpacked =
        rpc_unpack(there_and_back[_i].descriptor, packed.bytes, packed.length, &arena);
    ck_assert_ptr_nonnull(unpacked);
    expect_json(unpacked, there_and_back[_i].text);
    buffer_finish(&packed);
}
END_TEST

START_TEST(other_spellings_are_read)
{
    char error[256] = "";
    Vsl__V1__ConfirmPayoutRequest *request =
        (Vsl__V1__ConfirmPayoutRequest *)read_json(&vsl__v1__confirm_payout_request__descriptor,
            "{\"ledgerId\":7,\"payout_id\":\"8\",\"result\":2,\"key\":null,"
            "\"bankReference\":\"B\"}",
            error);
    ck_assert_msg(request != NULL, "%s", error);
    ck_assert_int_eq(request->ledger_id, 7);
    ck_assert_int_eq(request->payout_id, 8);
    ck_assert_int_eq(request->result, VSL__V1__PAYOUT_RESULT__PAYOUT_RESULT_FAILED);
    ck_assert_str_eq(request->bank_reference, "B");
    ck_assert_ptr_null(request->key);
}
END_TEST

static const struct {
    const char *text;
    const char *part; /* of the error */
} wrong[] = {
    {"[]", "the message: must be an object"},
    {"{\"pay\":[]}", "pay: must be an object"},
    {"{\"pay\":{\"foo\":1}}", "pay.foo: there is no such field"},
    {"{\"pay\":{\"key\":{\"serial\":1}}}", "pay.key.serial: must be a string"},
    {"{\"pay\":{\"remark\":\"a\\u0000b\"}}", "pay.remark: must not hold a NUL"},
    {"{\"pay\":{\"ledger_id\":\"1x\"}}", "pay.ledger_id: is not a whole number"},
    {"{\"pay\":{\"ledger_id\":\"\"}}", "pay.ledger_id: is not a whole number"},
    {"{\"pay\":{\"ledger_id\":\"9223372036854775808\"}}", "pay.ledger_id: is not a whole number"},
    {"{\"pay\":{\"ledger_id\":1.5}}", "pay.ledger_id: must be a whole number"},
    {"{\"pay\":{\"key\":{\"business_date\":2147483648}}}",
        "pay.key.business_date: is out of range"},
    {"{\"pay\":{\"dry_run\":1}}", "pay.dry_run: must be true or false"},
    {"{\"confirm_payout\":{\"result\":\"PAID\"}}", "confirm_payout.result: is no name"},
    {"{\"pay\":{},\"cut_day\":{}}", "only one field of this choice"},
};

START_TEST(what_is_no_message_is_refused)
{
    char error[256] = "";
    ProtobufCMessage *message = read_json(&vsl__v1__batch_item__descriptor, wrong[_i].text, error);
    ck_assert_msg(message == NULL, "%s", wrong[_i].text);
    ck_assert_msg(strstr(error, wrong[_i].part) != NULL, "%s: %s", wrong[_i].text, error);
}
END_TEST

START_TEST(an_item_of_a_list_is_named)
{
    char error[256] = "";
    ProtobufCMessage *message = read_json(&vsl__v1__submit_batch_request__descriptor,
        "{\"items\":[{\"pay\":{}},{\"pay\":{\"fee_minor\":true}}]}", error);
    ck_assert_ptr_null(message);
    ck_assert_msg(strstr(error, "items[1].pay.fee_minor:") != NULL, "%s", error);
}
END_TEST

#define ROWS(table) ((int)(sizeof(table) / sizeof(table)[0]))

Suite *json_suite(void)
{
    Suite *suite = suite_create("json");
    TCase *tests = tcase_create("json");
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, a_message_is_written_with_its_zero_values);
    tcase_add_test(tests, enums_have_names_and_unknown_ones_numbers);
    tcase_add_loop_test(tests, json_comes_back, 0, ROWS(there_and_back));
    tcase_add_test(tests, other_spellings_are_read);
    tcase_add_loop_test(tests, what_is_no_message_is_refused, 0, ROWS(wrong));
    tcase_add_test(tests, an_item_of_a_list_is_named);
    suite_add_tcase(suite, tests);
    return suite;
}
