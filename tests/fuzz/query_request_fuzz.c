/* query_request_fuzz.c: requests of reads of history. The first byte picks the request.
 *
 * Whatever is taken must be within the limits that the rest of query relies on.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/check.h"
#include "base/utf8.h"
#include "ceilings.h"
#include "command/body.h"
#include "query/encode.h"
#include "query/requests.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect_error(const struct decode_error *error)
{
    CHECK(error->description[0] != '\0');
    CHECK(utf8_is_valid(error->field, strlen(error->field)));
    CHECK(utf8_is_valid(error->description, strlen(error->description)));
}

static void try_lines(const uint8_t *data, size_t size, struct arena *arena)
{
    struct lines_request request;
    struct decode_error error = {.field = "", .description = ""};
    if (lines_request_decode(data, size, arena, &request, &error) < 0) {
        expect_error(&error);
        return;
    }
    CHECK(request.ledger_id >= 1 && request.account_id >= 1);
    CHECK(request.page_size >= 1 && request.page_size <= STATEMENT_LINES_MAX);
    CHECK(request.bucket >= EVERY_BUCKET && request.bucket <= 3);
    CHECK(request.from_date >= 0 && request.to_date >= 0);
    CHECK(request.to_date == 0 || request.from_date <= request.to_date);
    size_t length = strlen(request.page_token);
    CHECK(length == 0 || length == PAGE_TOKEN_CHARS);
}

static void try_get(const uint8_t *data, size_t size, struct arena *arena)
{
    struct get_request request;
    struct decode_error error = {.field = "", .description = ""};
    if (get_request_decode(data, size, arena, &request, &error) < 0) {
        expect_error(&error);
        return;
    }
    if (request.sequence != 0) {
        CHECK(request.sequence >= 1 && request.key.serial_length == 0);
        return;
    }
    CHECK(request.key.channel_length >= 1 && request.key.channel_length <= CHANNEL_BYTES_MAX);
    CHECK(request.key.serial_length >= 1 && request.key.serial_length <= SERIAL_BYTES_MAX);
    CHECK(request.key.business_date >= 1);
    for (size_t i = request.key.serial_length; i < SERIAL_BYTES_MAX; i++)
        CHECK(request.key.serial[i] == '\0');
    for (size_t i = request.key.channel_length; i < CHANNEL_BYTES_MAX; i++)
        CHECK(request.key.channel[i] == '\0');
}

static void try_stream(const uint8_t *data, size_t size, struct arena *arena)
{
    struct stream_request request;
    struct decode_error error = {.field = "", .description = ""};
    if (stream_request_decode(data, size, arena, &request, &error) < 0) {
        expect_error(&error);
        return;
    }
    CHECK(request.from_sequence >= 1 && request.ledger_id >= 0);
    for (int kind = 0; kind <= COMMAND_KIND_MAX; kind++)
        CHECK(!request.kinds[kind] || (request.has_kinds && command_kind_name(kind) != NULL));
}

static void try_order(const uint8_t *data, size_t size, struct arena *arena)
{
    struct order_request request;
    struct decode_error error = {.field = "", .description = ""};
    if (order_request_decode(data, size, arena, &request, &error) < 0) {
        expect_error(&error);
        return;
    }
    CHECK(request.ledger_id >= 1 && request.after_sequence >= 0);
    CHECK(request.page_size >= 1 && request.page_size <= LIST_PAGE_SIZE_MAX);
    CHECK(request.order_number_length >= 1);
    CHECK(request.order_number_length <= ORDER_NUMBER_BYTES_MAX);
    CHECK(utf8_is_valid(request.order_number, request.order_number_length));
    CHECK(request.order_number[0] != ' ');
    CHECK(request.order_number[request.order_number_length - 1] != ' ');
}

static void try_search(const uint8_t *data, size_t size, struct arena *arena)
{
    struct search_request request;
    struct decode_error error = {0};
    if (search_request_decode(data, size, arena, &request, &error) < 0) {
        expect_error(&error);
        return;
    }
    CHECK(request.ledger_id >= 1 && request.account_id >= 0 && request.before_sequence >= 0);
    CHECK(request.page_size >= 1 && request.page_size <= LIST_PAGE_SIZE_MAX);
    CHECK(request.outcome_min < request.outcome_end);
    CHECK(request.from_date >= 0 && request.to_date >= 0);
    CHECK(request.to_date == 0 || request.from_date <= request.to_date);
    CHECK(request.amount_from_minor >= 0 && request.amount_from_minor <= request.amount_to_minor);
    CHECK(utf8_is_valid(request.order_number, request.order_number_length));
    CHECK(utf8_is_valid(request.bank_reference, request.bank_reference_length));
    for (int kind = 0; kind <= COMMAND_KIND_MAX; kind++)
        CHECK(!request.kinds[kind] || (request.has_kinds && command_kind_name(kind) != NULL));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    struct arena arena;
    arena_init(&arena, 65536, ENCODE_ARENA_BYTES_MAX);
    switch (data[0] % 8) {
    case 0:
        try_lines(data + 1, size - 1, &arena);
        break;
    case 1:
        try_get(data + 1, size - 1, &arena);
        break;
    case 3:
        try_order(data + 1, size - 1, &arena);
        break;
    case 4:
        try_search(data + 1, size - 1, &arena);
        break;
    default:
        try_stream(data + 1, size - 1, &arena);
        break;
    }
    arena_finish(&arena);
    return 0;
}
