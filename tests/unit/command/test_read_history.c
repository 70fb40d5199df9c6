/* test_read_history.c: every rule of the reads of history, at its limit and just past it.
 * SPDX-License-Identifier: Apache-2.0 */
#include "ceilings.h"
#include "model/outcome.h"
#include "model/records.h"
#include "samples.h"
#include "suites.h"
#include "support/expect.h"
#include "vsl/v1/account.pb-c.h"
#include "vsl/v1/event.pb-c.h"
#include "vsl/v1/journal.pb-c.h"
#include "vsl/v1/order.pb-c.h"

#include <stdio.h>
#include <string.h>

static struct arena arena;
static uint8_t bytes[8192];

static size_t pack(const ProtobufCMessage *message)
{
    EXPECT(protobuf_c_message_get_packed_size(message) <= sizeof bytes);
    return protobuf_c_message_pack(message, bytes);
}

static void start(void)
{
    arena_init(&arena, 65536, DECODE_ARENA_BYTES_MAX);
}

static void stop(void)
{
    arena_finish(&arena);
}

/* ---- ListStatementLines ---- */

static Vsl__V1__ListStatementLinesRequest lines_message(void)
{
    Vsl__V1__ListStatementLinesRequest message;
    vsl__v1__list_statement_lines_request__init(&message);
    message.ledger_id = 1;
    message.account_id = 2;
    return message;
}

/* Decodes; `field` is the one that must be refused, NULL: none. */
static void try_lines(Vsl__V1__ListStatementLinesRequest *message, const char *field,
    struct read_request *ret_request)
{
    struct decode_error error;
    int result = read_request_decode(
        READ_LIST_STATEMENT_LINES, bytes, pack(&message->base), &arena, ret_request, &error);
    if (!field) {
        EXPECT_MSG(result == 0, "%s %s", error.field, error.description);
        return;
    }
    EXPECT_MSG(result < 0, "%s was not refused", field);
    EXPECT_MSG(strcmp(error.field, field) == 0, "%s instead of %s", error.field, field);
    expect_told(&error);
}

START_TEST(lines_defaults)
{
    struct read_request request;
    Vsl__V1__ListStatementLinesRequest message = lines_message();
    try_lines(&message, NULL, &request);
    EXPECT(request.ledger_id == 1 && request.account_id == 2);
    EXPECT(request.bucket == EVERY_BUCKET && request.newest_first);
    EXPECT(request.page_size == STATEMENT_LINES_DEFAULT);
    EXPECT(request.from_date == 0 && request.to_date == 0 && request.page_token.length == 0);
}
END_TEST

START_TEST(lines_fields)
{
    char token[PAGE_TOKEN_CHARS + 2];
    memset(token, 'a', sizeof token);
    token[PAGE_TOKEN_CHARS] = '\0';
    struct read_request request;
    Vsl__V1__ListStatementLinesRequest message = lines_message();
    message.bucket = VSL__V1__BUCKET__BUCKET_FROZEN;
    message.order = VSL__V1__STATEMENT_ORDER__STATEMENT_ORDER_OLDEST_FIRST;
    message.from_date = 19700102;
    message.to_date = 21991231;
    message.page_size = STATEMENT_LINES_MAX;
    message.page_token = token;
    try_lines(&message, NULL, &request);
    EXPECT(request.bucket == 3 && !request.newest_first);
    EXPECT(request.from_date == 1 && request.to_date == 84005);
    EXPECT(request.page_size == STATEMENT_LINES_MAX);
    /* More is cut, not refused. */
    message.page_size = STATEMENT_LINES_MAX + 1;
    try_lines(&message, NULL, &request);
    EXPECT(request.page_size == STATEMENT_LINES_MAX);
    message.page_size = INT32_MAX;
    try_lines(&message, NULL, &request);
    EXPECT(request.page_size == STATEMENT_LINES_MAX);
    EXPECT(text_equals(request.page_token, text_of(token)));
}
END_TEST

START_TEST(lines_refusals)
{
    char token[PAGE_TOKEN_CHARS + 2];
    memset(token, 'a', sizeof token);
    token[PAGE_TOKEN_CHARS + 1] = '\0';
    struct read_request request;
    Vsl__V1__ListStatementLinesRequest message;
#define REFUSED(name, member, value)                                                               \
    message = lines_message();                                                                     \
    message.member = value;                                                                        \
    try_lines(&message, name, &request)
    REFUSED("ledger_id", ledger_id, 0);
    REFUSED("ledger_id", ledger_id, -1);
    REFUSED("account_id", account_id, 0);
    REFUSED("account_id", account_id, INT64_MIN);
    REFUSED("bucket", bucket, (Vsl__V1__Bucket)5);
    REFUSED("bucket", bucket, (Vsl__V1__Bucket)-1);
    REFUSED("order", order, (Vsl__V1__StatementOrder)3);
    REFUSED("from_date", from_date, 19700101);
    REFUSED("from_date", from_date, 20260230);
    REFUSED("to_date", to_date, 22000101);
    REFUSED("to_date", to_date, -1);
    REFUSED("page_size", page_size, -1);
    REFUSED("page_size", page_size, INT32_MIN);
    REFUSED("page_token", page_token, token);
    char short_token[] = "00";
    REFUSED("page_token", page_token, short_token);
#undef REFUSED
    message = lines_message();
    message.from_date = 20260302;
    message.to_date = 20260301;
    try_lines(&message, "to_date", &request);
    message.to_date = 20260302;
    try_lines(&message, NULL, &request);
}
END_TEST

/* ---- GetCommand ---- */

static void try_get(
    Vsl__V1__GetCommandRequest *message, const char *field, struct read_request *ret_request)
{
    struct decode_error error;
    int result = read_request_decode(
        READ_GET_COMMAND, bytes, pack(&message->base), &arena, ret_request, &error);
    if (!field) {
        EXPECT_MSG(result == 0, "%s %s", error.field, error.description);
        return;
    }
    EXPECT_MSG(result < 0, "%s was not refused", field);
    EXPECT_MSG(strcmp(error.field, field) == 0, "%s instead of %s", error.field, field);
}

START_TEST(get_by_sequence_or_key)
{
    struct read_request request;
    Vsl__V1__GetCommandRequest message;
    vsl__v1__get_command_request__init(&message);
    Vsl__V1__RequestKey key;
    vsl__v1__request_key__init(&key);
    try_get(&message, "key", &request);
    message.sequence = -1;
    try_get(&message, "sequence", &request);
    message.sequence = INT64_MAX;
    try_get(&message, NULL, &request);
    EXPECT(request.sequence == INT64_MAX);

    char channel[] = "app.web-1_Z", serial[] = "!~0123456789abcdef0123456789abcd";
    key.channel = channel;
    key.serial = serial;
    key.business_date = 20261122;
    message.key = &key;
    try_get(&message, "sequence", &request);
    message.sequence = 0;
    try_get(&message, NULL, &request);
    EXPECT(request.sequence == 0);
    EXPECT(request.key.channel_length == 11 && request.key.serial_length == 32);
    EXPECT(memcmp(request.key.channel, "app.web-1_Z\0\0\0\0\0", 16) == 0);
    EXPECT(memcmp(request.key.serial, serial, 32) == 0);
    EXPECT(request.key.business_date == 20779);
    EXPECT(request.key.reserved[0] == 0 && request.key.reserved[1] == 0);
}
END_TEST

START_TEST(get_key_refusals)
{
    static const struct {
        const char *channel, *serial;
        int32_t business_date;
        const char *field;
    } rows[] = {
        {"", "1", 20261122, "key.channel"},
        {"12345678901234567", "1", 20261122, "key.channel"},
        {"a b", "1", 20261122, "key.channel"},
        {"a/b", "1", 20261122, "key.channel"},
        {"a", "", 20261122, "key.serial"},
        {"a", "123456789012345678901234567890123", 20261122, "key.serial"},
        {"a", "1 2", 20261122, "key.serial"},
        {"a", "\xc3\xa4", 20261122, "key.serial"},
        {"a", "1", 0, "key.business_date"},
        {"a", "1", 20261131, "key.business_date"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char channel[40], serial[40];
        snprintf(channel, sizeof channel, "%s", rows[i].channel);
        snprintf(serial, sizeof serial, "%s", rows[i].serial);
        Vsl__V1__GetCommandRequest message;
        vsl__v1__get_command_request__init(&message);
        Vsl__V1__RequestKey key;
        vsl__v1__request_key__init(&key);
        key.channel = channel;
        key.serial = serial;
        key.business_date = rows[i].business_date;
        message.key = &key;
        struct read_request request;
        try_get(&message, rows[i].field, &request);
    }
}
END_TEST

/* ---- GetOrder ---- */

static Vsl__V1__GetOrderRequest order_message(char *order_number)
{
    Vsl__V1__GetOrderRequest message;
    vsl__v1__get_order_request__init(&message);
    message.ledger_id = 7;
    message.order_number = order_number;
    return message;
}

static void try_order(
    const Vsl__V1__GetOrderRequest *message, const char *field, struct read_request *ret_request)
{
    struct decode_error error;
    int result = read_request_decode(
        READ_GET_ORDER, bytes, pack(&message->base), &arena, ret_request, &error);
    if (!field) {
        EXPECT_MSG(result == 0, "%s %s", error.field, error.description);
        return;
    }
    EXPECT_MSG(result < 0, "%s was not refused", field);
    EXPECT_MSG(strcmp(error.field, field) == 0, "%s instead of %s", error.field, field);
    expect_told(&error);
}

START_TEST(orders)
{
    char longest[ORDER_NUMBER_BYTES_MAX + 2];
    memset(longest, 'x', sizeof longest);
    longest[ORDER_NUMBER_BYTES_MAX] = '\0';
    struct read_request request;
    Vsl__V1__GetOrderRequest message = order_message(longest);
    try_order(&message, NULL, &request);
    EXPECT(request.ledger_id == 7 && request.after_sequence == 0);
    EXPECT(request.page_size == LIST_PAGE_SIZE_DEFAULT);
    EXPECT(text_equals(request.order_number, text_of(longest)));
    message.page_size = LIST_PAGE_SIZE_MAX;
    message.after_sequence = INT64_MAX;
    try_order(&message, NULL, &request);
    EXPECT(request.page_size == LIST_PAGE_SIZE_MAX && request.after_sequence == INT64_MAX);
    message.page_size = LIST_PAGE_SIZE_MAX + 1;
    try_order(&message, NULL, &request);
    EXPECT(request.page_size == LIST_PAGE_SIZE_MAX);
    message.page_size = INT32_MAX;
    try_order(&message, NULL, &request);
    EXPECT(request.page_size == LIST_PAGE_SIZE_MAX);
    longest[ORDER_NUMBER_BYTES_MAX] = 'x';
    longest[ORDER_NUMBER_BYTES_MAX + 1] = '\0';
    try_order(&message, "order_number", &request);

    static char texts[][8] = {"", " ", " a", "a ", "a\tb", "\x7f", "\xe3\x80\x80 1"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        message = order_message(texts[i]);
        try_order(&message, "order_number", &request);
    }
    static char inner[] = "a b";
#define REFUSED(name, member, value)                                                               \
    message = order_message(inner);                                                                \
    message.member = value;                                                                        \
    try_order(&message, name, &request)
    REFUSED("ledger_id", ledger_id, 0);
    REFUSED("ledger_id", ledger_id, -1);
    REFUSED("after_sequence", after_sequence, -1);
    static char no_identity[] = "0123abcd-4567-489a-bcde-f0123456789";
    REFUSED("journal_identity", journal_identity, no_identity);
    static char token[PAGE_TOKEN_CHARS + 1];
    memset(token, 'a', PAGE_TOKEN_CHARS);
    message = order_message(inner);
    message.page_token = token;
    try_order(&message, NULL, &request);
    EXPECT(text_equals(request.page_token, text_of(token)));
    message.after_sequence = 1;
    try_order(&message, "after_sequence", &request);
    message.after_sequence = 0;
    static char identity[] = "0123abcd-4567-489a-bcde-f01234567890";
    message.journal_identity = identity;
    try_order(&message, "journal_identity", &request);
    REFUSED("page_size", page_size, -1);
    REFUSED("page_size", page_size, INT32_MIN);
#undef REFUSED
    message = order_message(inner);
    try_order(&message, NULL, &request);
}
END_TEST

/* ---- ListCommands ---- */

static Vsl__V1__ListCommandsRequest search_message(void)
{
    Vsl__V1__ListCommandsRequest message;
    vsl__v1__list_commands_request__init(&message);
    message.ledger_id = 7;
    return message;
}

static void try_search(const Vsl__V1__ListCommandsRequest *message, const char *field,
    struct read_request *ret_request)
{
    struct decode_error error;
    int result = read_request_decode(
        READ_LIST_COMMANDS, bytes, pack(&message->base), &arena, ret_request, &error);
    if (!field) {
        EXPECT_MSG(result == 0, "%s %s", error.field, error.description);
        return;
    }
    EXPECT_MSG(result < 0, "%s was not refused", field);
    EXPECT_MSG(strcmp(error.field, field) == 0, "%s instead of %s", error.field, field);
    expect_told(&error);
}

START_TEST(searches)
{
    struct read_request request;
    Vsl__V1__ListCommandsRequest message = search_message();
    try_search(&message, NULL, &request);
    EXPECT(request.ledger_id == 7 && request.account_id == 0 && !request.has_kinds);
    EXPECT(request.outcome_min == 0 && request.outcome_end == INT16_MAX && !request.has_amounts);
    EXPECT(request.from_date == 0 && request.to_date == 0 && request.page_token.length == 0);
    EXPECT(request.order_number.length == 0 && request.bank_reference.length == 0);
    EXPECT(request.party_account_number.length == 0 && request.party_name.length == 0);
    EXPECT(request.page_size == LIST_PAGE_SIZE_DEFAULT);

    char number[ORDER_NUMBER_BYTES_MAX + 1] = "", reference[4 * BANK_REFERENCE_CHARACTERS_MAX + 1];
    memset(number, 'x', ORDER_NUMBER_BYTES_MAX);
    for (size_t i = 0; i < BANK_REFERENCE_CHARACTERS_MAX; i++)
        memcpy(reference + 4 * i, "\xf0\xa0\x80\x80", 5);
    Vsl__V1__CommandKind kinds[] = {VSL__V1__COMMAND_KIND__COMMAND_KIND_BOOK_RECEIPT,
        VSL__V1__COMMAND_KIND__COMMAND_KIND_WITHDRAW_ADJUSTMENT};
    char token[PAGE_TOKEN_CHARS + 1] = "";
    memset(token, 'a', PAGE_TOKEN_CHARS);
    message = (Vsl__V1__ListCommandsRequest){.base = message.base,
        .ledger_id = INT64_MAX,
        .account_id = 9,
        .n_kinds = 2,
        .kinds = kinds,
        .outcome = (Vsl__V1__Outcome)OUTCOME_REFUSED_MIN,
        .order_number = number,
        .from_date = 20261122,
        .to_date = 20261122,
        .amount_from_minor = 5,
        .amount_to_minor = 5,
        .bank_reference = reference,
        .page_size = LIST_PAGE_SIZE_MAX,
        .page_token = token};
    try_search(&message, NULL, &request);
    EXPECT(request.has_kinds && request.kinds[COMMAND_BOOK_RECEIPT] && !request.kinds[COMMAND_PAY]);
    EXPECT(request.outcome_min == OUTCOME_REFUSED_MIN);
    EXPECT(request.outcome_end == OUTCOME_REFUSED_MIN + 1);
    EXPECT(request.from_date == request.to_date && request.from_date > 20000);
    EXPECT(request.has_amounts && request.amount_from_minor == 5 && request.amount_to_minor == 5);
    EXPECT(request.order_number.length == ORDER_NUMBER_BYTES_MAX);
    EXPECT(text_equals(request.bank_reference, text_of(reference)));
    EXPECT(request.page_size == LIST_PAGE_SIZE_MAX);
    EXPECT(text_equals(request.page_token, text_of(token)));

    /* Only one end of a range; the words instead of a number. */
    message = search_message();
    message.amount_from_minor = 3;
    message.accepted_only = 1;
    try_search(&message, NULL, &request);
    EXPECT(request.has_amounts && request.amount_to_minor == INT64_MAX);
    EXPECT(request.outcome_min == 0 && request.outcome_end == OUTCOME_REFUSED_MIN);
    message = search_message();
    message.amount_to_minor = 3;
    message.refused_only = 1;
    message.bank_reference = (char[]){"a\tb"};
    message.party_account_number = (char[]){"19-20"};
    message.party_name = (char[]){"c\nd"};
    try_search(&message, NULL, &request);
    EXPECT(request.has_amounts && request.amount_from_minor == 0);
    EXPECT(request.outcome_min == OUTCOME_REFUSED_MIN && request.outcome_end == INT16_MAX);
    EXPECT(text_equals(request.bank_reference, text_of("a b")));
    EXPECT(text_equals(request.party_account_number, text_of("19-20")));
    EXPECT(text_equals(request.party_name, text_of("c d")));
}
END_TEST

START_TEST(search_refusals)
{
    static char long_reference[BANK_REFERENCE_CHARACTERS_MAX + 2];
    static char long_number[ORDER_NUMBER_BYTES_MAX + 2];
    static char long_name[PARTY_NAME_CHARACTERS_MAX + 2];
    memset(long_name, 'n', sizeof long_name - 1);
    memset(long_reference, 'r', sizeof long_reference - 1);
    memset(long_number, 'n', sizeof long_number - 1);
    Vsl__V1__CommandKind kind = (Vsl__V1__CommandKind)54;
    struct read_request request;
    Vsl__V1__ListCommandsRequest message;
#define REFUSED(field, ...)                                                                        \
    do {                                                                                           \
        message = search_message();                                                                \
        __VA_ARGS__;                                                                               \
        try_search(&message, field, &request);                                                     \
    } while (0)
    REFUSED("ledger_id", message.ledger_id = 0);
    REFUSED("ledger_id", message.ledger_id = -1);
    REFUSED("account_id", message.account_id = -1);
    REFUSED("kinds[0]", message.n_kinds = 1; message.kinds = &kind);
    REFUSED("outcome", message.outcome = (Vsl__V1__Outcome)-1);
    REFUSED("outcome", message.outcome = (Vsl__V1__Outcome)(OUTCOME_REFUSED_MIN - 1));
    REFUSED("outcome", message.outcome = (Vsl__V1__Outcome)32767);
    REFUSED("accepted_only", message.outcome = (Vsl__V1__Outcome)1; message.accepted_only = 1);
    REFUSED("refused_only", message.outcome = (Vsl__V1__Outcome)1; message.refused_only = 1);
    REFUSED("refused_only", message.accepted_only = 1; message.refused_only = 1);
    REFUSED("order_number", message.order_number = (char[]){" a"});
    REFUSED("order_number", message.order_number = (char[]){"a\tb"});
    REFUSED("order_number", message.order_number = long_number);
    REFUSED("from_date", message.from_date = 20260230);
    REFUSED("from_date", message.from_date = -1);
    REFUSED("to_date", message.to_date = 1);
    REFUSED("to_date", message.from_date = 20261122; message.to_date = 20261121);
    REFUSED("amount_from_minor", message.amount_from_minor = -1);
    REFUSED("amount_to_minor", message.amount_to_minor = -1);
    REFUSED("amount_to_minor", message.amount_from_minor = 6; message.amount_to_minor = 5);
    REFUSED("bank_reference", message.bank_reference = long_reference);
    REFUSED("party_account_number", message.party_account_number = long_reference);
    REFUSED("party_name", message.party_name = long_name);
    REFUSED("page_size", message.page_size = -1);
    static char no_token[] = "ab";
    REFUSED("page_token", message.page_token = no_token);
#undef REFUSED
}
END_TEST

/* ---- StreamEvents ---- */

static void try_stream(
    Vsl__V1__StreamEventsRequest *message, const char *field, struct read_request *ret_request)
{
    struct decode_error error;
    int result = read_request_decode(
        READ_STREAM_EVENTS, bytes, pack(&message->base), &arena, ret_request, &error);
    if (!field) {
        EXPECT_MSG(result == 0, "%s %s", error.field, error.description);
        return;
    }
    EXPECT_MSG(result < 0, "%s was not refused", field);
    EXPECT_MSG(strcmp(error.field, field) == 0, "%s instead of %s", error.field, field);
}

START_TEST(stream_fields)
{
    struct read_request request;
    Vsl__V1__StreamEventsRequest message;
    vsl__v1__stream_events_request__init(&message);
    try_stream(&message, "from_sequence", &request);
    message.from_sequence = 1;
    try_stream(&message, NULL, &request);
    EXPECT(request.from_sequence == 1 && request.ledger_id == 0 && !request.has_kinds);
    EXPECT(!request.accepted_only);

    Vsl__V1__CommandKind kinds[65] = {VSL__V1__COMMAND_KIND__COMMAND_KIND_PAY,
        VSL__V1__COMMAND_KIND__COMMAND_KIND_CONFIRM_PAYOUT,
        VSL__V1__COMMAND_KIND__COMMAND_KIND_PAY};
    message.kinds = kinds;
    message.n_kinds = 3;
    message.ledger_id = 9;
    message.accepted_only = 1;
    try_stream(&message, NULL, &request);
    EXPECT(request.has_kinds);
    for (int kind = 0; kind <= COMMAND_KIND_MAX; kind++)
        EXPECT(request.kinds[kind] == (kind == COMMAND_PAY || kind == COMMAND_CONFIRM_PAYOUT));
    EXPECT(request.ledger_id == 9 && request.accepted_only && request.account_id == 0);

    message.account_id = 7;
    try_stream(&message, NULL, &request);
    EXPECT(request.account_id == 7);
    message.ledger_id = 0;
    try_stream(&message, "ledger_id", &request);
    message.account_id = -7;
    try_stream(&message, "account_id", &request);
    message.account_id = 0;
    message.ledger_id = -1;
    try_stream(&message, "ledger_id", &request);
    message.ledger_id = 0;
    kinds[1] = VSL__V1__COMMAND_KIND__COMMAND_KIND_UNSPECIFIED;
    try_stream(&message, "kinds[1]", &request);
    kinds[1] = (Vsl__V1__CommandKind)54;
    try_stream(&message, "kinds[1]", &request);
    kinds[1] = (Vsl__V1__CommandKind)-1;
    try_stream(&message, "kinds[1]", &request);
}
END_TEST

START_TEST(broken_bytes_are_refused)
{
    struct decode_error error;
    struct read_request lines;
    struct read_request get;
    struct read_request stream;
    static const uint8_t unknown_field[] = {0xf8, 0x06, 1};                /* field 111 */
    static const uint8_t bad_token[] = {8, 1, 16, 2, 0x42, 2, 0xff, 0xfe}; /* not UTF-8 */
    static const uint8_t cut_short[] = {8};
    EXPECT(read_request_decode(
               READ_LIST_STATEMENT_LINES, unknown_field, 3, &arena, &lines, &error) < 0);
    EXPECT(read_request_decode(READ_GET_COMMAND, unknown_field, 3, &arena, &get, &error) < 0);
    EXPECT(read_request_decode(READ_STREAM_EVENTS, unknown_field, 3, &arena, &stream, &error) < 0);
    EXPECT(read_request_decode(
               READ_LIST_STATEMENT_LINES, bad_token, sizeof bad_token, &arena, &lines, &error) < 0);
    EXPECT(strcmp(error.field, "page_token") == 0);
    EXPECT(
        read_request_decode(READ_LIST_STATEMENT_LINES, cut_short, 1, &arena, &lines, &error) < 0);
    EXPECT(read_request_decode(READ_GET_COMMAND, cut_short, 1, &arena, &get, &error) < 0);
    EXPECT(read_request_decode(READ_STREAM_EVENTS, cut_short, 1, &arena, &stream, &error) < 0);
}
END_TEST

Suite *read_history_suite(void)
{
    Suite *suite = suite_create("command/read_history");
    TCase *cases = tcase_create("read_history");
    tcase_add_checked_fixture(cases, start, stop);
    tcase_add_test(cases, lines_defaults);
    tcase_add_test(cases, lines_fields);
    tcase_add_test(cases, lines_refusals);
    tcase_add_test(cases, get_by_sequence_or_key);
    tcase_add_test(cases, get_key_refusals);
    tcase_add_test(cases, orders);
    tcase_add_test(cases, searches);
    tcase_add_test(cases, search_refusals);
    tcase_add_test(cases, stream_fields);
    tcase_add_test(cases, broken_bytes_are_refused);
    suite_add_tcase(suite, cases);
    return suite;
}
