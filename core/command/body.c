/* body.c: writes, reads and compares canonical bodies along the field tables.
 * SPDX-License-Identifier: Apache-2.0 */
#include "command/body.h"

#include "base/check.h"
#include "base/reader.h"
#include "ceilings.h"
#include "command/fields.h"

#include <string.h>

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

static const void *member_of(const struct command *command, const struct field *field)
{
    return (const unsigned char *)command + field->offset;
}

static int64_t load_number(const struct command *command, const struct field *field)
{
    const void *member = member_of(command, field);
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
        break;
    }
    CHECK(false);
    return 0;
}

static struct text load_text(const struct command *command, const struct field *field)
{
    struct text text;
    CHECK(field->type == FIELD_TEXT);
    memcpy(&text, member_of(command, field), sizeof text);
    return text;
}

size_t command_body_encode(const struct command *command, uint8_t ret_body[COMMAND_BODY_BYTES_MAX])
{
    const struct field_table *table = command_fields((int)command->kind);
    CHECK(table);
    struct writer writer = {.bytes = ret_body};
    for (uint32_t i = 0; i < table->count; i++) {
        const struct field *field = &table->fields[i];
        if (field->type == FIELD_TEXT) {
            struct text text = load_text(command, field);
            if (text.length == 0)
                continue;
            CHECK(text.length <= field->max);
            put_field_number(&writer, field->number);
            put_varint(&writer, text.length);
            CHECK(text.length <= COMMAND_BODY_BYTES_MAX - writer.length);
            memcpy(ret_body + writer.length, text.bytes, text.length);
            writer.length += text.length;
            continue;
        }
        int64_t number = load_number(command, field);
        if (number == 0)
            continue;
        put_field_number(&writer, field->number);
        put_varint(&writer, zigzag(number));
    }
    return writer.length;
}

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

static void store_number(struct command *command, const struct field *field, int64_t value)
{
    unsigned char *member = (unsigned char *)command + field->offset;
    int32_t narrow = (int32_t)value;
    bool flag = value != 0;
    if (field->type == FIELD_INT64)
        memcpy(member, &value, sizeof value);
    else if (field->type == FIELD_BOOL)
        memcpy(member, &flag, sizeof flag);
    else
        memcpy(member, &narrow, sizeof narrow);
}

static int take_number(struct reader *reader, const struct field *field, struct command *command)
{
    int64_t value = unzigzag(take_varint(reader));
    if (reader->failed || value == 0)
        return -1;
    if (field->type == FIELD_BOOL && value != 1)
        return -1;
    if (field->type != FIELD_INT64 && (value < INT32_MIN || value > INT32_MAX))
        return -1;
    store_number(command, field, value);
    return 0;
}

static int take_text(struct reader *reader, const struct field *field, struct command *command)
{
    uint64_t length = take_varint(reader);
    if (reader->failed || length == 0 || length > (uint64_t)field->max)
        return -1;
    const uint8_t *bytes = reader_take(reader, (size_t)length);
    if (!bytes)
        return -1;
    struct text text = {.bytes = (const char *)bytes, .length = (uint32_t)length};
    memcpy((unsigned char *)command + field->offset, &text, sizeof text);
    return 0;
}

int command_body_decode(
    enum command_kind kind, const uint8_t *body, size_t length, struct command *ret_command)
{
    const struct field_table *table = command_fields((int)kind);
    if (!table || length > COMMAND_BODY_BYTES_MAX)
        return -1;
    struct command command;
    memset(&command, 0, sizeof command);
    command.kind = kind;
    struct reader reader = reader_of(body, length);
    uint32_t row = 0;
    while (reader_left(&reader) > 0) {
        uint8_t number = reader_u8(&reader);
        while (row < table->count && table->fields[row].number != number)
            row++;
        if (row == table->count)
            return -1;
        const struct field *field = &table->fields[row++];
        int result = field->type == FIELD_TEXT ? take_text(&reader, field, &command)
                                               : take_number(&reader, field, &command);
        if (result < 0)
            return -1;
    }
    CHECK(!reader.failed);
    *ret_command = command;
    return 0;
}

const char *command_body_difference(
    enum command_kind kind, const uint8_t *a, size_t a_length, const uint8_t *b, size_t b_length)
{
    if (a_length == b_length && (a_length == 0 || memcmp(a, b, a_length) == 0))
        return NULL;
    struct command one;
    struct command other;
    if (command_body_decode(kind, a, a_length, &one) < 0 ||
        command_body_decode(kind, b, b_length, &other) < 0)
        return "";
    const struct field_table *table = command_fields((int)kind);
    CHECK(table);
    for (uint32_t i = 0; i < table->count; i++) {
        const struct field *field = &table->fields[i];
        bool same = field->type == FIELD_TEXT
                        ? text_equals(load_text(&one, field), load_text(&other, field))
                        : load_number(&one, field) == load_number(&other, field);
        if (!same)
            return field->name;
    }
    /* Bodies are canonical: other bytes are other content. */
    CHECK(false);
    return NULL;
}

const char *command_kind_name(int kind)
{
    const struct field_table *table = command_fields(kind);
    return table ? table->name : NULL;
}
