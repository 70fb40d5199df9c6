/* command_request_fuzz.c: requests of unary calls: raw check, unpacking, field rules.
 *
 * The first byte says which request the rest is: a command's kind, or 200 and more for a read. What
 * is taken must survive the way through the body and back to a message, and what is refused must
 * say why.
 * SPDX-License-Identifier: Apache-2.0 */
#include "ceilings.h"
#include "command/body.h"
#include "command/decode.h"
#include "command/message.h"

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

static void try_read(enum read_kind kind, const uint8_t *bytes, size_t length)
{
    struct arena arena;
    struct read_request request;
    struct decode_error error;
    arena_init(&arena, 4096, DECODE_ARENA_BYTES_MAX);
    memset(&error, 'x', sizeof error);
    if (read_request_decode(kind, bytes, length, &arena, &request, &error) < 0)
        must_say_why(&error);
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
