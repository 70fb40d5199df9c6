/* batch.c: SubmitBatch requests, from bytes to structs, in parts of any size.
 *
 * First all bytes are checked, then one item after the other is unpacked and read, last the keys
 * are compared. So a request breaks the same rules, in the same order, whatever the parts.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/check.h"
#include "base/hash.h"
#include "ceilings.h"
#include "command/bind.h"
#include "command/checks.h"
#include "command/decode.h"
#include "command/fields.h"
#include "command/rawcheck.h"
#include "command/unpack.h"
#include "vsl/v1/funds.pb-c.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Of SubmitBatchRequest. */
enum { FIELD_ITEMS = 1, FIELD_ATOMIC = 2, FIELD_DRY_RUN = 3 };

struct batch_decoding {
    struct raw_walk walk;
    bool is_checked;    /* all bytes are what such a request may have */
    const uint8_t *at;  /* then: where the next field of the request begins */
    const uint8_t *end; /* of the request */
    struct arena *arena;
    uint32_t read; /* items */
    struct command_batch batch;
    struct decode_error errors; /* of the items */
};

/* ---- the fields of the request itself ---- */

/* A field whose bytes were checked: its number, and its value or how long what it holds is. */
struct outer_field {
    uint32_t number;
    uint64_t value;
    const uint8_t *bytes; /* of items: of so many bytes */
};

/* What was checked ends by itself. */
static const uint8_t *take_varint(const uint8_t *at, const uint8_t *end, uint64_t *ret_value)
{
    uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
        CHECK(at < end);
        value |= (uint64_t)(*at & 0x7f) << shift;
        if (*at++ < 0x80)
            break;
    }
    *ret_value = value;
    return at;
}

static const uint8_t *take_field(
    const uint8_t *at, const uint8_t *end, struct outer_field *ret_field)
{
    uint64_t tag;
    at = take_varint(at, end, &tag);
    at = take_varint(at, end, &ret_field->value);
    ret_field->number = (uint32_t)(tag >> 3);
    ret_field->bytes = at;
    if (ret_field->number != FIELD_ITEMS)
        return at;
    CHECK(ret_field->value <= (uint64_t)(end - at));
    return at + ret_field->value;
}

/* All of it was checked: how many items it has, and what is said about all of them. */
static int begin_items(struct batch_decoding *decoding, struct decode_error *ret_error)
{
    struct command_batch *batch = &decoding->batch;
    struct outer_field field;
    for (const uint8_t *at = decoding->at; at < decoding->end;) {
        at = take_field(at, decoding->end, &field);
        batch->count += field.number == FIELD_ITEMS;
        if (field.number == FIELD_ATOMIC)
            batch->atomic = field.value != 0;
        if (field.number == FIELD_DRY_RUN)
            batch->dry_run = field.value != 0;
    }
    if (batch->count == 0)
        return decode_refuse(ret_error, "items", "is required: give 1 to %d commands",
            "必填：请填写 1 至 %d 个指令", BATCH_COMMANDS_MAX);
    CHECK(batch->count <= BATCH_COMMANDS_MAX);
    batch->commands = arena_try_alloc(decoding->arena, batch->count * sizeof *batch->commands);
    if (!batch->commands)
        return decode_refuse(ret_error, "", TOO_MUCH_MEMORY);
    return 0;
}

/* ---- items ---- */

/* Puts "items[17].pay." before the fields' paths, which are short. */
static int refuse_item(struct decode_error *error, uint32_t item, const char *kind_name)
{
    decode_error_prefix(error, "items[%" PRIu32 "].%s.", item, kind_name);
    return -1;
}

static int read_item(const Vsl__V1__BatchItem *item, uint32_t number,
    const struct command_batch *batch, struct arena *arena, struct decode_error *ret_error)
{
    int kind;
    const ProtobufCMessage *message = command_of_item(item, &kind);
    if (!message) {
        memset(&batch->commands[number], 0, sizeof batch->commands[number]);
        decode_refuse(ret_error, "", "is empty: give one command", "为空：请填写一个指令");
        int n = snprintf(ret_error->field, sizeof ret_error->field, "items[%" PRIu32 "]", number);
        CHECK(n > 0 && (size_t)n < sizeof ret_error->field);
        return -1;
    }
    const struct bound_kind *bound = bound_kind_get(kind);
    struct command *command = &batch->commands[number];
    ret_error->count = 0;
    int result = command_read(bound, (enum command_kind)kind, message, arena, command, ret_error);
    if (command->dry_run && !batch->dry_run)
        decode_add_tie(ret_error, "", "dry_run",
            "must be left out: a batch is a dry run as a whole or not",
            "不得填写：试运行只能针对整批");
    if (result < 0 || ret_error->count > 0)
        return refuse_item(ret_error, number, bound->table->name);
    command->dry_run = batch->dry_run;
    command->is_atomic = batch->atomic;
    return 0;
}

/* Reads the next ones until so many bytes are through; all when there are enough errors. -1 when
 * memory is short, which is about the whole request. */
static int read_items(
    struct batch_decoding *decoding, size_t bytes_max, struct decode_error *ret_error)
{
    const uint8_t *from = decoding->at;
    struct outer_field field;
    struct decode_error part;
    while (decoding->at < decoding->end && (size_t)(decoding->at - from) < bytes_max) {
        decoding->at = take_field(decoding->at, decoding->end, &field);
        if (field.number != FIELD_ITEMS)
            continue;
        const ProtobufCMessage *item = request_unpack_checked(&vsl__v1__batch_item__descriptor,
            field.bytes, (size_t)field.value, decoding->arena, ret_error);
        if (!item)
            return -1;
        CHECK(decoding->read < decoding->batch.count);
        if (read_item((const Vsl__V1__BatchItem *)item, decoding->read++, &decoding->batch,
                decoding->arena, &part) < 0)
            decode_error_add(&decoding->errors, &part);
        if (decoding->errors.count >= DECODE_VIOLATIONS_MAX)
            decoding->at = decoding->end;
    }
    return 0;
}

/* Adds each item that has the key of one before, of those that were read; -1 when memory is short.
 * An item whose key was refused has none. The index is a table of item numbers plus 1 with linear
 * probing, at most half full; the hash is keyed, so that a client cannot choose keys that collide.
 */
static int check_distinct_keys(
    const struct batch_decoding *decoding, struct decode_error *all, struct decode_error *ret_error)
{
    static struct hash_key secret;
    static bool has_secret;
    if (!has_secret) {
        secret = hash_key_random();
        has_secret = true;
    }
    const struct command *commands = decoding->batch.commands;
    uint32_t cell_count = 2;
    while (cell_count < 2 * decoding->read)
        cell_count *= 2;
    uint32_t *cells = arena_try_alloc(decoding->arena, cell_count * sizeof *cells);
    if (!cells)
        return decode_refuse(ret_error, "", TOO_MUCH_MEMORY);
    memset(cells, 0, cell_count * sizeof *cells);
    for (uint32_t i = 0; i < decoding->read; i++) {
        const struct command *command = &commands[i];
        if (command->key.serial_length == 0)
            continue;
        uint32_t cell = (uint32_t)request_key_hash(secret, &command->key) & (cell_count - 1);
        while (
            cells[cell] != 0 && !request_key_equals(&commands[cells[cell] - 1].key, &command->key))
            cell = (cell + 1) & (cell_count - 1);
        if (cells[cell] == 0) {
            cells[cell] = i + 1;
            continue;
        }
        struct decode_error one;
        decode_refuse(&one, "key",
            "is the same as that of items[%" PRIu32
            "]; each command needs a key of its own, give items[%" PRIu32 "] another serial",
            "与 items[%" PRIu32 "] 的请求键相同；每个指令须有自己的请求键，请为 items[%" PRIu32
            "] 另给 serial",
            cells[cell] - 1, i);
        refuse_item(&one, i, command_fields((int)command->kind)->name);
        decode_error_add(all, &one);
    }
    return 0;
}

/* ---- the whole ---- */

static void begin(
    struct batch_decoding *decoding, const uint8_t *bytes, size_t length, struct arena *arena)
{
    raw_walk_begin(
        &decoding->walk, &vsl__v1__submit_batch_request__descriptor, bytes, length, bound_limits());
    decoding->is_checked = false;
    decoding->at = decoding->walk.at;
    decoding->end = decoding->walk.end;
    decoding->arena = arena;
    decoding->read = 0;
    decoding->batch = (struct command_batch){0};
    decoding->errors.count = 0;
}

struct batch_decoding *batch_decoding_create(
    const uint8_t *bytes, size_t length, struct arena *arena)
{
    struct batch_decoding *decoding = malloc(sizeof *decoding);
    CHECK(decoding != NULL);
    begin(decoding, bytes, length, arena);
    return decoding;
}

void batch_decoding_destroy(struct batch_decoding *decoding)
{
    free(decoding);
}

enum decode_progress batch_decode_on(struct batch_decoding *decoding, size_t bytes_max,
    struct command_batch *ret_batch, struct decode_error *ret_error)
{
    CHECK(bytes_max > 0);
    if (!decoding->is_checked) {
        int result = raw_walk_on(&decoding->walk, bytes_max, ret_error);
        if (result == 1)
            return DECODE_GOES_ON;
        if (result < 0 || begin_items(decoding, ret_error) < 0)
            return DECODE_REFUSED;
        decoding->is_checked = true;
        if (bytes_max < SIZE_MAX)
            return DECODE_GOES_ON;
    }
    if (read_items(decoding, bytes_max, ret_error) < 0)
        return DECODE_REFUSED;
    if (decoding->at < decoding->end)
        return DECODE_GOES_ON;
    if (check_distinct_keys(decoding, &decoding->errors, ret_error) < 0)
        return DECODE_REFUSED;
    if (decoding->errors.count > 0) {
        *ret_error = decoding->errors;
        return DECODE_REFUSED;
    }
    CHECK(decoding->read == decoding->batch.count);
    *ret_batch = decoding->batch;
    return DECODE_DONE;
}

int command_decode_batch(const uint8_t *bytes, size_t length, struct arena *arena,
    struct command_batch *ret_batch, struct decode_error *ret_error)
{
    struct batch_decoding decoding;
    begin(&decoding, bytes, length, arena);
    enum decode_progress progress = batch_decode_on(&decoding, SIZE_MAX, ret_batch, ret_error);
    CHECK(progress != DECODE_GOES_ON);
    return progress == DECODE_DONE ? 0 : -1;
}
