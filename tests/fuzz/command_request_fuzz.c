/* command_request_fuzz.c: requests of unary calls: raw check, unpacking, field rules.
 *
 * The first byte says which request the rest is: a command's kind, or 200 and more for a read. What
 * is taken must survive the way through the body and back to a message, and what is refused must
 * say why.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/utf8.h"
#include "ceilings.h"
#include "command/body.h"
#include "command/decode.h"
#include "command/message.h"
#include "model/records.h"

#include <protobuf-c/protobuf-c.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_READ 200
#define LAST_READ (FIRST_READ + READ_KIND_MAX)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool condition)
{
    if (!condition)
        abort();
}

static void must_say_why(const struct decode_error *error)
{
    must(memchr(error->field, '\0', sizeof error->field) != NULL);
    must(memchr(error->description, '\0', sizeof error->description) != NULL);
    must(error->description[0] != '\0');
    must(memchr(error->description_zh, '\0', sizeof error->description_zh) != NULL);
    must(error->description_zh[0] != '\0');
}

static void try_command(enum command_kind kind, const uint8_t *bytes, size_t length)
{
    struct arena arena;
    struct command first;
    struct command second;
    struct command third;
    struct decode_error error;
    arena_init(&arena, 4096, DECODE_ARENA_BYTES_MAX);
    memset(&error, 'x', sizeof error);
    if (command_decode(kind, bytes, length, &arena, &first, &error) < 0) {
        must_say_why(&error);
        arena_finish(&arena);
        return;
    }
    uint8_t body[COMMAND_BODY_BYTES_MAX];
    struct command_elements elements;
    size_t body_length = command_body_encode(&first, body);
    must(command_body_decode(kind, body, body_length, &elements, &second) == 0);
    second.key = first.key;
    second.ledger_id = first.ledger_id;
    second.dry_run = first.dry_run;

    const ProtobufCMessage *message = command_to_message(&second, &arena);
    must(message != NULL);
    size_t packed_size = protobuf_c_message_get_packed_size(message);
    uint8_t *packed = malloc(packed_size + 1);
    must(packed != NULL);
    must(protobuf_c_message_pack(message, packed) == packed_size);
    must(command_decode(kind, packed, packed_size, &arena, &third, &error) == 0);
    uint8_t again[COMMAND_BODY_BYTES_MAX];
    must(command_body_encode(&third, again) == body_length);
    must(memcmp(body, again, body_length) == 0);
    must(request_key_equals(&first.key, &third.key));
    free(packed);
    arena_finish(&arena);
}

static void check_read(const struct read_request *request)
{
    must(request->account_count <= BALANCES_PER_QUERY_MAX);
    must(request->fee_rule.length <= FEE_RULE_NAME_BYTES_MAX);
    must(request->purpose.length <= PURPOSE_BYTES_MAX);
    must(request->page_size >= 0 && request->page_size <= LIST_PAGE_SIZE_MAX);
    must(request->after_id >= 0 && request->account_id >= 0 && request->fee_account_id >= 0);
    must(request->fee_minor == 0 || request->fee_rule.length == 0);
    must(request->expires_before_us >= 0 && request->expires_before_us <= TIME_US_MAX);
}

static void must_be_text(struct text text, uint32_t bytes_max)
{
    must(text.length <= bytes_max);
    must(utf8_is_valid(text.bytes, text.length));
}

/* What query relies on. */
static void check_history(const struct read_request *request)
{
    must(request->sequence >= 0 && request->ledger_id >= 0);
    must(request->kind != READ_STREAM_EVENTS || request->from_sequence >= 1);
    must(request->from_date >= 0 && request->to_date >= 0);
    must(request->to_date == 0 || request->from_date <= request->to_date);
    must(request->amount_from_minor >= 0 && request->amount_from_minor <= request->amount_to_minor);
    must(request->page_token.length == 0 || request->page_token.length == PAGE_TOKEN_CHARS);
    must(request->bucket >= EVERY_BUCKET && request->bucket < BUCKET_COUNT);
    must_be_text(request->order_number, ORDER_NUMBER_BYTES_MAX);
    must_be_text(request->bank_reference, 4 * BANK_REFERENCE_CHARACTERS_MAX);
    must(request->kind != READ_GET_ORDER || request->order_number.length > 0);
    if (request->kind == READ_LIST_COMMANDS)
        must(request->outcome_min < request->outcome_end);
    if (request->kind == READ_GET_COMMAND) {
        must((request->sequence != 0) != (request->key.serial_length != 0));
        must(request->sequence != 0 || request->key.business_date >= 1);
        for (size_t i = request->key.serial_length; i < SERIAL_BYTES_MAX; i++)
            must(request->key.serial[i] == '\0');
        for (size_t i = request->key.channel_length; i < CHANNEL_BYTES_MAX; i++)
            must(request->key.channel[i] == '\0');
    }
    for (int kind = 0; kind <= COMMAND_KIND_MAX; kind++)
        must(!request->kinds[kind] || (request->has_kinds && command_kind_name(kind) != NULL));
}

static void try_read(enum read_kind kind, const uint8_t *bytes, size_t length)
{
    struct arena arena;
    struct read_request request;
    struct decode_error error;
    arena_init(&arena, 4096, DECODE_ARENA_BYTES_MAX);
    memset(&error, 'x', sizeof error);
    if (read_request_decode(kind, bytes, length, &arena, &request, &error) < 0)
        must_say_why(&error);
    else if (kind >= READ_LIST_STATEMENT_LINES)
        check_history(&request);
    else
        check_read(&request);
    arena_finish(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    int number = data[0];
    if (command_kind_name(number))
        try_command((enum command_kind)number, data + 1, size - 1);
    else if (number > FIRST_READ && number <= LAST_READ)
        try_read((enum read_kind)(number - FIRST_READ), data + 1, size - 1);
    return 0;
}
