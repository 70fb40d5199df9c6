/* body.c: writes, reads and compares canonical bodies along the field tables.
 * SPDX-License-Identifier: Apache-2.0 */
#include "command/body.h"

#include "base/check.h"
#include "base/reader.h"
#include "ceilings.h"
#include "command/fields.h"

#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* No kind has so many. Who sent it stands before the fields, the others behind them. Which rows a
 * request named stands before the limit, in bodies since schema 3. */
#define CLAIM_PAYOUT_FIELD_NUMBER 244
#define CARD_PARTS_FIELD_NUMBER 245
#define POLICY_LIMIT_FIELD_NUMBER 246
#define CHECK_AMOUNT_FIELD_NUMBER 247
#define SUSPENSE_FIELD_NUMBER 248
#define PROPOSED_AT_FIELD_NUMBER 249
#define MAKER_FIELD_NUMBER 250
#define PROPOSAL_FIELD_NUMBER 251
#define CALLER_FIELD_NUMBER 252
#define TOLD_BEFORE_FIELD_NUMBER 253
#define NAMED_FIELD_NUMBER 254
#define LIMIT_FIELD_NUMBER 255

/* A LEB128 of 64 bits is at most so long. */
#define VARINT_BYTES_MAX 10

struct writer {
    uint8_t *bytes;
    size_t length;
};

static void put_field_number(struct writer *writer, uint8_t number)
{
    CHECK(writer->length < COMMAND_BODY_BYTES_MAX);
    writer->bytes[writer->length++] = number;
}

static void put_varint(struct writer *writer, uint64_t value)
{
    CHECK(writer->length + VARINT_BYTES_MAX <= COMMAND_BODY_BYTES_MAX);
    while (value >= 0x80) {
        writer->bytes[writer->length++] = (uint8_t)(value | 0x80);
        value >>= 7;
    }
    writer->bytes[writer->length++] = (uint8_t)value;
}

static uint64_t zigzag(int64_t value)
{
    return ((uint64_t)value << 1) ^ (uint64_t)(value >> 63);
}

static int64_t unzigzag(uint64_t value)
{
    return (int64_t)(value >> 1) ^ -(int64_t)(value & 1);
}

/* Which rows the command names, see fields_named_offset; 0 where no row is kept. */
static int32_t load_named(const struct command *command)
{
    uint16_t offset = fields_named_offset(command_fields((int)command->kind));
    int32_t named = 0;
    if (offset)
        memcpy(&named, (const unsigned char *)command + offset, sizeof named);
    return named;
}

/* ---- values in a struct: a command, or an element of a list ---- */

static int64_t load_number(const void *source, const struct field *field)
{
    const unsigned char *member = (const unsigned char *)source + field->offset;
    int64_t wide;
    int32_t narrow;
    bool flag;
    switch ((enum field_type)field->type) {
    case FIELD_INT64:
        memcpy(&wide, member, sizeof wide);
        return wide;
    case FIELD_INT32:
    case FIELD_DATE:
    case FIELD_ENUM:
        memcpy(&narrow, member, sizeof narrow);
        return narrow;
    case FIELD_BOOL:
        memcpy(&flag, member, sizeof flag);
        return flag;
    case FIELD_TEXT:
    case FIELD_LIST:
        break;
    }
    CHECK(false);
    return 0;
}

static struct text load_text(const void *source, const struct field *field)
{
    struct text text;
    CHECK(field->type == FIELD_TEXT);
    memcpy(&text, (const unsigned char *)source + field->offset, sizeof text);
    return text;
}

/* A list as it stands in a command. */
struct elements {
    const unsigned char *first;
    uint32_t count;
};

static struct elements load_list(const struct command *command, const struct field *field)
{
    struct elements elements;
    CHECK(field->type == FIELD_LIST);
    memcpy(&elements.first, (const unsigned char *)command + field->offset, sizeof elements.first);
    memcpy(&elements.count, (const unsigned char *)command + field->list->count_offset,
        sizeof elements.count);
    return elements;
}

static const unsigned char *element_at(
    struct elements elements, const struct list *list, uint32_t index)
{
    CHECK(index < elements.count);
    return elements.first + (size_t)index * list->element_size;
}

/* ---- writing ---- */

static void put_bytes(struct writer *writer, const void *bytes, size_t length)
{
    CHECK(length <= COMMAND_BODY_BYTES_MAX - writer->length);
    memcpy(writer->bytes + writer->length, bytes, length);
    writer->length += length;
}

/* A field that is no list, unless it is zero or empty. */
static void put_single(struct writer *writer, const struct field *field, const void *source)
{
    if (field->type == FIELD_TEXT) {
        struct text text = load_text(source, field);
        if (text.length == 0)
            return;
        CHECK(text.length <= field_bytes_max(field));
        put_field_number(writer, field->number);
        put_varint(writer, text.length);
        put_bytes(writer, text.bytes, text.length);
        return;
    }
    int64_t number = load_number(source, field);
    if (number == 0)
        return;
    put_field_number(writer, field->number);
    put_varint(writer, zigzag(number));
}

static void put_list(
    struct writer *writer, const struct field *field, const struct command *command)
{
    const struct list *list = field->list;
    struct elements elements = load_list(command, field);
    if (elements.count == 0)
        return;
    CHECK(elements.count <= field->max);
    put_field_number(writer, field->number);
    put_varint(writer, elements.count);
    for (uint32_t i = 0; i < elements.count; i++) {
        uint8_t bytes[COMMAND_BODY_BYTES_MAX];
        struct writer element = {.bytes = bytes};
        for (uint32_t row = 0; row < list->table.count; row++)
            put_single(&element, &list->table.fields[row], element_at(elements, list, i));
        put_varint(writer, element.length);
        put_bytes(writer, bytes, element.length);
    }
}

static size_t put_behind(uint8_t *body, size_t length, uint8_t field_number, int64_t value)
{
    struct writer writer = {.bytes = body, .length = length};
    if (value == 0)
        return length;
    put_field_number(&writer, field_number);
    put_varint(&writer, zigzag(value));
    return writer.length;
}

size_t command_body_encode(const struct command *command, uint8_t ret_body[COMMAND_BODY_BYTES_MAX])
{
    const struct field_table *table = command_fields((int)command->kind);
    CHECK(table);
    struct writer writer = {.bytes = ret_body};
    writer.length = put_behind(ret_body, writer.length, CALLER_FIELD_NUMBER, command->caller_id);
    if (command->proposal_id != 0) {
        writer.length =
            put_behind(ret_body, writer.length, PROPOSAL_FIELD_NUMBER, command->proposal_id);
        writer.length =
            put_behind(ret_body, writer.length, MAKER_FIELD_NUMBER, command->maker_caller_id);
        writer.length =
            put_behind(ret_body, writer.length, PROPOSED_AT_FIELD_NUMBER, command->proposed_at_us);
    }
    for (uint32_t i = 0; i < table->count; i++) {
        const struct field *field = &table->fields[i];
        if (field->use == USE_PROOF && load_number(command, field) == 0)
            i += PROOF_FIELDS - 1;
        else if (field->type == FIELD_LIST)
            put_list(&writer, field, command);
        else
            put_single(&writer, field, command);
    }
    if (load_named(command) != 0) {
        put_field_number(&writer, NAMED_FIELD_NUMBER);
        put_varint(&writer, zigzag(load_named(command)));
    }
    return writer.length;
}

size_t command_body_put_limit(
    uint8_t body[COMMAND_BODY_BYTES_MAX], size_t length, int64_t limit_minor)
{
    return put_behind(body, length, LIMIT_FIELD_NUMBER, limit_minor);
}

size_t command_body_put_policy_limit(
    uint8_t body[COMMAND_BODY_BYTES_MAX], size_t length, int64_t limit_minor)
{
    return put_behind(body, length, POLICY_LIMIT_FIELD_NUMBER, limit_minor);
}

size_t command_body_put_suspense(
    uint8_t body[COMMAND_BODY_BYTES_MAX], size_t length, int64_t suspense_id)
{
    return put_behind(body, length, SUSPENSE_FIELD_NUMBER, suspense_id);
}

size_t command_body_put_check_amount(
    uint8_t body[COMMAND_BODY_BYTES_MAX], size_t length, int64_t amount_minor)
{
    return put_behind(body, length, CHECK_AMOUNT_FIELD_NUMBER, amount_minor);
}

size_t command_body_put_claim_payout(
    uint8_t body[COMMAND_BODY_BYTES_MAX], size_t length, int64_t payout_id)
{
    return put_behind(body, length, CLAIM_PAYOUT_FIELD_NUMBER, payout_id);
}

size_t command_body_put_card_parts(uint8_t body[COMMAND_BODY_BYTES_MAX], size_t length,
    const struct card_part *parts, uint32_t count)
{
    struct writer writer = {.bytes = body, .length = length};
    CHECK(count <= CARDS_PER_MEMBER_MAX);
    if (count == 0)
        return length;
    put_field_number(&writer, CARD_PARTS_FIELD_NUMBER);
    put_varint(&writer, count);
    for (uint32_t i = 0; i < count; i++) {
        CHECK(parts[i].card_id > 0 && parts[i].bound_sequence > 0 && parts[i].amount_minor > 0);
        put_varint(&writer, zigzag(parts[i].card_id));
        put_varint(&writer, zigzag(parts[i].bound_sequence));
        put_varint(&writer, zigzag(parts[i].amount_minor));
    }
    return writer.length;
}

size_t command_body_put_told_before(
    uint8_t body[COMMAND_BODY_BYTES_MAX], size_t length, int64_t sequence)
{
    return put_behind(body, length, TOLD_BEFORE_FIELD_NUMBER, sequence);
}

/* ---- reading ---- */

/* A LEB128 in its shortest form, so that equal content can only be equal bytes. */
static uint64_t take_varint(struct reader *reader)
{
    uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
        uint8_t byte = reader_u8(reader);
        bool is_last = (byte & 0x80) == 0;
        if ((shift == 63 && byte > 1) || (is_last && byte == 0 && shift > 0))
            break;
        value |= (uint64_t)(byte & 0x7f) << shift;
        if (is_last)
            return value;
    }
    reader->failed = true;
    return 0;
}

static void store_number(void *target, const struct field *field, int64_t value)
{
    unsigned char *member = (unsigned char *)target + field->offset;
    int32_t narrow = (int32_t)value;
    bool flag = value != 0;
    if (field->type == FIELD_INT64)
        memcpy(member, &value, sizeof value);
    else if (field->type == FIELD_BOOL)
        memcpy(member, &flag, sizeof flag);
    else
        memcpy(member, &narrow, sizeof narrow);
}

static int take_number(struct reader *reader, const struct field *field, void *target)
{
    int64_t value = unzigzag(take_varint(reader));
    if (reader->failed || value == 0)
        return -1;
    if (field->type == FIELD_BOOL && value != 1)
        return -1;
    if (field->type != FIELD_INT64 && (value < INT32_MIN || value > INT32_MAX))
        return -1;
    store_number(target, field, value);
    return 0;
}

static int take_text(struct reader *reader, const struct field *field, void *target)
{
    uint64_t length = take_varint(reader);
    if (reader->failed || length == 0 || length > (uint64_t)field_bytes_max(field))
        return -1;
    const uint8_t *bytes = reader_take(reader, (size_t)length);
    if (!bytes)
        return -1;
    struct text text = {.bytes = (const char *)bytes, .length = (uint32_t)length};
    memcpy((unsigned char *)target + field->offset, &text, sizeof text);
    return 0;
}

/* A field that is no list. */
static int take_single(struct reader *reader, const struct field *field, void *target)
{
    return field->type == FIELD_TEXT ? take_text(reader, field, target)
                                     : take_number(reader, field, target);
}

/* Reads a field's number and finds its row, from `*row` on so that the order is kept; NULL when
 * there is none. */
static const struct field *take_field(
    struct reader *reader, const struct field_table *table, uint32_t *row)
{
    uint8_t number = reader_u8(reader);
    while (*row < table->count && table->fields[*row].number != number)
        (*row)++;
    return *row < table->count ? &table->fields[(*row)++] : NULL;
}

/* Which rows are named, where a kind keeps the others: all that have a value, and others. */
static int take_named(
    struct reader *reader, const struct field_table *table, struct command *command)
{
    uint16_t offset = fields_named_offset(table);
    (void)reader_u8(reader);
    int64_t named = unzigzag(take_varint(reader));
    if (reader->failed || !offset || named <= 0 || named >= INT64_C(1) << table->count)
        return -1;
    for (uint32_t i = 0; i < table->count; i++) {
        const struct field *field = &table->fields[i];
        bool is_given = field->type == FIELD_TEXT ? load_text(command, field).length > 0
                                                  : load_number(command, field) != 0;
        if (is_given && !(named & 1 << i))
            return -1;
        bool is_with_last = i > 0 && field->number >= OUTER_NUMBER_FACTOR &&
                            field->number / OUTER_NUMBER_FACTOR ==
                                table->fields[i - 1].number / OUTER_NUMBER_FACTOR;
        if (is_with_last && (named >> i & 1) != (named >> (i - 1) & 1))
            return -1;
    }
    int32_t narrow = (int32_t)named;
    memcpy((unsigned char *)command + offset, &narrow, sizeof narrow);
    return 0;
}

static bool tells_claim_payout(enum command_kind kind)
{
    return kind == COMMAND_PLACE_CLAIM || kind == COMMAND_DEDUCT_CLAIM;
}

static bool tells_payout(enum command_kind kind)
{
    return kind == COMMAND_CONFIRM_PAYOUT || kind == COMMAND_INTERCEPT_PAYOUT;
}

/* Who sent it, before the fields; nothing, when nobody is named. */
static int take_caller(struct reader *reader, const uint8_t *body, struct command *command)
{
    if (reader_left(reader) == 0 || body[0] != CALLER_FIELD_NUMBER)
        return 0;
    (void)reader_u8(reader);
    command->caller_id = unzigzag(take_varint(reader));
    bool is_right = command->caller_id > 0 || command->caller_id == FIRST_ADMINISTRATOR_ID;
    return reader->failed || !is_right ? -1 : 0;
}

/* The number that stands next, when it is of that field; 0 else. */
static int64_t take_before(
    struct reader *reader, const uint8_t *body, size_t length, uint8_t field_number)
{
    if (reader_left(reader) == 0 || body[length - reader_left(reader)] != field_number)
        return 0;
    (void)reader_u8(reader);
    int64_t value = unzigzag(take_varint(reader));
    if (value == 0)
        reader->failed = true;
    return value;
}

/* By whose approval it is decided, behind who sent it. */
static int take_approval(
    struct reader *reader, const uint8_t *body, size_t length, struct command *command)
{
    command->proposal_id = take_before(reader, body, length, PROPOSAL_FIELD_NUMBER);
    if (command->proposal_id == 0)
        return reader->failed ? -1 : 0;
    command->maker_caller_id = take_before(reader, body, length, MAKER_FIELD_NUMBER);
    command->proposed_at_us = take_before(reader, body, length, PROPOSED_AT_FIELD_NUMBER);
    bool is_right = command->proposal_id > 0 && command->proposed_at_us > 0 &&
                    command->maker_caller_id >= FIRST_ADMINISTRATOR_ID &&
                    command_is_proposable((int)command->kind);
    return reader->failed || !is_right ? -1 : 0;
}

/* Where the elements of a command's lists go, list by list. */
struct room {
    struct command_elements *elements;
    size_t used;
};

static unsigned char *take_room(struct room *room, size_t bytes)
{
    /* fields_*.c have checked that the longest lists fit. */
    static_assert(CARDS_PER_MEMBER_MAX * sizeof(struct card_part) <= COMMAND_ELEMENTS_BYTES_MAX,
        "and so do payouts by card");
    CHECK(bytes <= COMMAND_ELEMENTS_BYTES_MAX - room->used);
    unsigned char *first = room->elements->bytes + room->used;
    room->used += bytes;
    memset(first, 0, bytes);
    return first;
}

/* The numbers behind the fields; the body ends with one of them, but for the first. */
static int take_suspense(struct reader *reader, struct command *command)
{
    (void)reader_u8(reader);
    command->suspense_id = unzigzag(take_varint(reader));
    return reader->failed || command->suspense_id <= 0 ? -1 : 0;
}

static int take_check_amount(struct reader *reader, struct command *command)
{
    (void)reader_u8(reader);
    command->check_amount_minor = unzigzag(take_varint(reader));
    bool is_right = command->kind == COMMAND_CHECK_CARD && command->check_amount_minor > 0 &&
                    command->check_amount_minor <= CARD_CHECK_AMOUNT_MINOR_MAX;
    return reader->failed || !is_right || reader_left(reader) > 0 ? -1 : 0;
}

static int take_claim_payout(struct reader *reader, struct command *command)
{
    (void)reader_u8(reader);
    command->claim_payout_id = unzigzag(take_varint(reader));
    bool is_right = tells_claim_payout(command->kind) && command->claim_payout_id > 0;
    return reader->failed || !is_right || reader_left(reader) > 0 ? -1 : 0;
}

static int take_policy_limit(struct reader *reader, struct command *command)
{
    (void)reader_u8(reader);
    command->policy_limit_minor = unzigzag(take_varint(reader));
    return reader->failed || command->policy_limit_minor <= 0 ? -1 : 0;
}

/* Into the room of lists: a Withdraw has none. */
static int take_card_parts(struct reader *reader, struct room *room, struct command *command)
{
    (void)reader_u8(reader);
    uint64_t count = take_varint(reader);
    if (reader->failed || command->kind != COMMAND_WITHDRAW || count == 0 ||
        count > CARDS_PER_MEMBER_MAX)
        return -1;
    struct card_part *parts = (void *)take_room(room, (size_t)count * sizeof *parts);
    for (uint64_t i = 0; i < count; i++) {
        parts[i].card_id = unzigzag(take_varint(reader));
        parts[i].bound_sequence = unzigzag(take_varint(reader));
        parts[i].amount_minor = unzigzag(take_varint(reader));
        if (parts[i].card_id <= 0 || parts[i].bound_sequence <= 0 || parts[i].amount_minor <= 0)
            return -1;
    }
    command->card_parts = parts;
    command->card_part_count = (uint32_t)count;
    return reader->failed || reader_left(reader) > 0 ? -1 : 0;
}

static int take_told_before(struct reader *reader, struct command *command)
{
    (void)reader_u8(reader);
    command->told_before = unzigzag(take_varint(reader));
    bool is_right = tells_payout(command->kind) && command->told_before > 0;
    return reader->failed || !is_right || reader_left(reader) > 0 ? -1 : 0;
}

static int take_limit(struct reader *reader, struct command *command)
{
    (void)reader_u8(reader);
    command->limit_minor = unzigzag(take_varint(reader));
    return reader->failed || command->limit_minor == 0 || reader_left(reader) > 0 ? -1 : 0;
}

static int take_element(
    struct reader *reader, const struct field_table *table, unsigned char *element)
{
    uint64_t length = take_varint(reader);
    const uint8_t *bytes = length <= SIZE_MAX ? reader_take(reader, (size_t)length) : NULL;
    if (!bytes)
        return -1;
    struct reader inner = reader_of(bytes, (size_t)length);
    uint32_t row = 0;
    while (reader_left(&inner) > 0) {
        const struct field *field = take_field(&inner, table, &row);
        if (!field || take_single(&inner, field, element) < 0)
            return -1;
    }
    CHECK(!inner.failed);
    return 0;
}

static int take_list(
    struct reader *reader, const struct field *field, struct room *room, struct command *command)
{
    const struct list *list = field->list;
    uint64_t given = take_varint(reader);
    if (reader->failed || given == 0 || given > (uint64_t)field->max)
        return -1;
    uint32_t count = (uint32_t)given;
    unsigned char *first = take_room(room, (size_t)count * list->element_size);
    for (uint32_t i = 0; i < count; i++) {
        if (take_element(reader, &list->table, first + (size_t)i * list->element_size) < 0)
            return -1;
    }
    memcpy((unsigned char *)command + field->offset, &first, sizeof first);
    memcpy((unsigned char *)command + list->count_offset, &count, sizeof count);
    return 0;
}

/* The rows behind the kind of a proof, without which there is none. */
static bool is_of_proof(const struct field_table *table, uint32_t row)
{
    return table->fields[0].use == USE_PROOF && row > 0 && row < PROOF_FIELDS;
}

/* What a command proposes is for who looks at it, so it is only passed on here. */
static int decode(enum command_kind kind, const uint8_t *body, size_t length,
    struct command_elements *ret_elements, struct command *ret_command)
{
    const struct field_table *table = command_fields((int)kind);
    if (!table || length > COMMAND_BODY_BYTES_MAX)
        return -1;
    struct command command;
    memset(&command, 0, sizeof command);
    command.kind = kind;
    struct room room = {.elements = ret_elements};
    struct reader reader = reader_of(body, length);
    if (take_caller(&reader, body, &command) < 0 ||
        take_approval(&reader, body, length, &command) < 0)
        return -1;
    uint32_t row = 0;
    while (reader_left(&reader) > 0) {
        uint8_t number = body[length - reader_left(&reader)];
        if (number == NAMED_FIELD_NUMBER) {
            if (load_named(&command) != 0 || command.suspense_id != 0 ||
                command.policy_limit_minor != 0 || take_named(&reader, table, &command) < 0)
                return -1;
            row = table->count; /* no field comes after it */
            continue;
        }
        if (number == SUSPENSE_FIELD_NUMBER) {
            if (command.suspense_id != 0 || command.policy_limit_minor != 0 ||
                take_suspense(&reader, &command) < 0)
                return -1;
            row = table->count;
            continue;
        }
        if (number == POLICY_LIMIT_FIELD_NUMBER) {
            if (command.suspense_id != 0 || command.policy_limit_minor != 0 ||
                take_policy_limit(&reader, &command) < 0)
                return -1;
            row = table->count;
            continue;
        }
        if (number == CLAIM_PAYOUT_FIELD_NUMBER) {
            if (take_claim_payout(&reader, &command) < 0)
                return -1;
            break;
        }
        if (number == CARD_PARTS_FIELD_NUMBER) {
            if (take_card_parts(&reader, &room, &command) < 0)
                return -1;
            break;
        }
        if (number == CHECK_AMOUNT_FIELD_NUMBER) {
            if (take_check_amount(&reader, &command) < 0)
                return -1;
            break;
        }
        if (number == TOLD_BEFORE_FIELD_NUMBER) {
            if (take_told_before(&reader, &command) < 0)
                return -1;
            break;
        }
        if (number == LIMIT_FIELD_NUMBER) {
            if (take_limit(&reader, &command) < 0)
                return -1;
            break;
        }
        const struct field *field = take_field(&reader, table, &row);
        if (!field)
            return -1;
        if (is_of_proof(table, row - 1) && load_number(&command, &table->fields[0]) == 0)
            return -1;
        int result = field->type == FIELD_LIST ? take_list(&reader, field, &room, &command)
                                               : take_single(&reader, field, &command);
        if (result < 0)
            return -1;
    }
    CHECK(!reader.failed);
    *ret_command = command;
    return 0;
}

size_t command_put_proposed(const struct command *command, uint8_t ret_bytes[PROPOSED_BYTES_MAX])
{
    uint8_t body[COMMAND_BODY_BYTES_MAX];
    static_assert(COMMAND_KIND_MAX <= UINT8_MAX, "a kind is a byte");
    CHECK(command_is_proposable((int)command->kind));
    CHECK(command->caller_id == 0 && command->proposal_id == 0);
    size_t length = command_body_encode(command, body);
    CHECK(length < PROPOSED_BYTES_MAX);
    ret_bytes[0] = (uint8_t)command->kind;
    memcpy(ret_bytes + 1, body, length);
    return length + 1;
}

void command_propose(struct propose *propose, const struct command *command)
{
    propose->kind = (int32_t)command->kind;
    propose->amount_minor = command_amount_minor(command);
}

int command_take_proposed(
    struct text bytes, struct command_elements *ret_elements, struct command *ret_command)
{
    struct command command;
    const uint8_t *body = (const uint8_t *)bytes.bytes;
    if (bytes.length == 0 || !command_fields(body[0]) || !command_is_proposable(body[0]) ||
        decode((enum command_kind)body[0], body + 1, bytes.length - 1, ret_elements, &command) < 0)
        return -1;
    if (command.caller_id != 0 || command.proposal_id != 0 || command.limit_minor != 0 ||
        command.told_before != 0 || command.suspense_id != 0 || command.check_amount_minor != 0 ||
        command.claim_payout_id != 0 || command.card_part_count != 0 ||
        command.policy_limit_minor != 0)
        return -1;
    *ret_command = command;
    return 0;
}

int command_body_decode(enum command_kind kind, const uint8_t *body, size_t length,
    struct command_elements *ret_elements, struct command *ret_command)
{
    struct command command;
    if (decode(kind, body, length, ret_elements, &command) < 0)
        return -1;
    if (kind == COMMAND_PROPOSE) {
        /* It has no lists of its own, so the elements are free. */
        struct command inside;
        if (command_take_proposed(command.propose.command, ret_elements, &inside) < 0)
            return -1;
        command_propose(&command.propose, &inside);
    }
    *ret_command = command;
    return 0;
}

int64_t command_body_limit(enum command_kind kind, const uint8_t *body, size_t length)
{
    struct command_elements elements;
    struct command command;
    if (command_body_decode(kind, body, length, &elements, &command) < 0)
        return 0;
    return command.limit_minor;
}

int64_t command_body_policy_limit(enum command_kind kind, const uint8_t *body, size_t length)
{
    struct command_elements elements;
    struct command command;
    if (command_body_decode(kind, body, length, &elements, &command) < 0)
        return 0;
    return command.policy_limit_minor;
}

int64_t command_body_suspense(enum command_kind kind, const uint8_t *body, size_t length)
{
    struct command_elements elements;
    struct command command;
    if (command_body_decode(kind, body, length, &elements, &command) < 0)
        return 0;
    return command.suspense_id;
}

int64_t command_body_proposal(enum command_kind kind, const uint8_t *body, size_t length)
{
    struct reader reader = reader_of(body, length);
    struct command command = {.kind = kind};
    if (take_caller(&reader, body, &command) < 0 ||
        take_approval(&reader, body, length, &command) < 0)
        return 0;
    return command.proposal_id;
}

bool command_body_has_proof(enum command_kind kind, const uint8_t *body, size_t length)
{
    const struct field_table *table = command_fields((int)kind);
    struct reader reader = reader_of(body, length);
    struct command command = {.kind = kind};
    if (!table || table->count == 0 || table->fields[0].use != USE_PROOF ||
        take_caller(&reader, body, &command) < 0 ||
        take_approval(&reader, body, length, &command) < 0 || reader_left(&reader) == 0)
        return false;
    return body[length - reader_left(&reader)] == table->fields[0].number;
}

/* ---- comparing ---- */

static bool is_same(const struct field *field, const void *one, const void *other)
{
    if (field->type == FIELD_TEXT)
        return text_equals(load_text(one, field), load_text(other, field));
    return load_number(one, field) == load_number(other, field);
}

__attribute__((format(printf, 2, 3))) static void write_path(
    char ret_field[FIELD_PATH_BYTES_MAX], const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int n = vsnprintf(ret_field, FIELD_PATH_BYTES_MAX, format, arguments);
    va_end(arguments);
    CHECK(n >= 0 && n < FIELD_PATH_BYTES_MAX);
}

static bool list_differs(const struct field *field, const struct command *one,
    const struct command *other, char ret_field[FIELD_PATH_BYTES_MAX])
{
    const struct list *list = field->list;
    struct elements a = load_list(one, field);
    struct elements b = load_list(other, field);
    if (a.count != b.count) {
        write_path(ret_field, "%s", field->name);
        return true;
    }
    for (uint32_t i = 0; i < a.count; i++) {
        for (uint32_t row = 0; row < list->table.count; row++) {
            const struct field *inner = &list->table.fields[row];
            if (is_same(inner, element_at(a, list, i), element_at(b, list, i)))
                continue;
            write_path(ret_field, "%s[%" PRIu32 "].%s", field->name, i, inner->name);
            return true;
        }
    }
    return false;
}

bool command_body_differs(enum command_kind kind, const uint8_t *a, size_t a_length,
    const uint8_t *b, size_t b_length, char ret_field[FIELD_PATH_BYTES_MAX])
{
    if (a_length == b_length && (a_length == 0 || memcmp(a, b, a_length) == 0))
        return false;
    struct command_elements elements[2];
    struct command one;
    struct command other;
    write_path(ret_field, "%s", "");
    if (command_body_decode(kind, a, a_length, &elements[0], &one) < 0 ||
        command_body_decode(kind, b, b_length, &elements[1], &other) < 0)
        return true;
    const struct field_table *table = command_fields((int)kind);
    CHECK(table);
    for (uint32_t i = 0; i < table->count; i++) {
        const struct field *field = &table->fields[i];
        if (field->type == FIELD_LIST) {
            if (list_differs(field, &one, &other, ret_field))
                return true;
        } else if (!is_same(field, &one, &other)) {
            write_path(ret_field, "%s", field->name);
            return true;
        }
    }
    /* What one unsets and the other keeps. A request of before schema 3 that is sent again says the
     * same as it did, though it names less than it meant. */
    int32_t differing = load_named(&one) ^ load_named(&other);
    if (differing != 0 && load_named(&one) != 0 && load_named(&other) != 0) {
        for (uint32_t i = 0; i < table->count; i++) {
            if (!(differing & 1 << i))
                continue;
            write_path(ret_field, "%s", table->fields[i].name);
            return true;
        }
    }
    /* Bodies are canonical: other bytes are other content, or what stands around it. */
    CHECK(differing != 0 || one.limit_minor != other.limit_minor ||
          one.told_before != other.told_before || one.suspense_id != other.suspense_id ||
          one.policy_limit_minor != other.policy_limit_minor ||
          one.check_amount_minor != other.check_amount_minor ||
          one.claim_payout_id != other.claim_payout_id ||
          one.card_part_count != other.card_part_count || one.caller_id != other.caller_id ||
          one.proposal_id != other.proposal_id || one.maker_caller_id != other.maker_caller_id ||
          one.proposed_at_us != other.proposed_at_us);
    return false;
}

const char *command_kind_name(int kind)
{
    const struct field_table *table = command_fields(kind);
    return table ? table->name : NULL;
}
