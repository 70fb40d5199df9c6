/* rawcheck.c: the walk over raw bytes.
 *
 * Source: protobuf encoding (protobuf.dev/programming-guides/encoding). Stricter than that page
 * asks: unknown fields, groups, a singular field given twice, two members of one oneof, and numbers
 * that do not fit the field's type are refused.
 * SPDX-License-Identifier: Apache-2.0 */
#include "command/rawcheck.h"

#include "base/check.h"
#include "base/utf8.h"
#include "command/checks.h"

#include <inttypes.h>
#include <protobuf-c/protobuf-c.h>
#include <stdio.h>
#include <string.h>

/* Field tags and lengths fit into 32 bits, so into five bytes. */
#define SHORT_VARINT_BYTES_MAX 5
#define LONG_VARINT_BYTES_MAX 10

/* Writes the path of the field that is being looked at: "items[17].pay.key". A path that is too
 * long, which no message of ours has, ends early. */
static void write_path(const struct raw_walk *walk)
{
    char *path = walk->error->field;
    size_t size = sizeof walk->error->field;
    size_t used = 0;
    path[0] = '\0';
    for (uint32_t i = 0; i < walk->depth && walk->frames[i].field; i++) {
        const struct raw_frame *frame = &walk->frames[i];
        const char *dot = i == 0 ? "" : ".";
        int n;
        if (frame->field->label == PROTOBUF_C_LABEL_REPEATED)
            n = snprintf(path + used, size - used, "%s%s[%" PRIu32 "]", dot, frame->field->name,
                frame->element);
        else
            n = snprintf(path + used, size - used, "%s%s", dot, frame->field->name);
        CHECK(n > 0);
        if ((size_t)n >= size - used)
            return;
        used += (size_t)n;
    }
}

static int refuse(struct raw_walk *walk, const char *english, const char *chinese)
{
    write_path(walk);
    decode_error_state(walk->error, WORDING(english, chinese));
    return -1;
}

/* Reads a varint that ends before `end`. False when it does not, is longer than `bytes_max` or has
 * more than 64 bits. */
static inline bool try_varint(
    struct raw_walk *walk, const uint8_t *end, unsigned bytes_max, uint64_t *ret_value)
{
    const uint8_t *at = walk->at;
    if (at < end && *at < 0x80) {
        *ret_value = *at;
        walk->at = at + 1;
        return true;
    }
    uint64_t value = 0;
    for (unsigned i = 0; i < bytes_max && at < end; i++, at++) {
        if (i == LONG_VARINT_BYTES_MAX - 1 && *at > 1)
            return false;
        value |= (uint64_t)(*at & 0x7f) << (7 * i);
        if (*at < 0x80) {
            *ret_value = value;
            walk->at = at + 1;
            return true;
        }
    }
    return false;
}

/* The field with that number and its index; NULL when the message has none. */
static const ProtobufCFieldDescriptor *find_field(
    struct raw_frame *frame, uint32_t number, uint32_t *ret_index)
{
    const ProtobufCMessageDescriptor *descriptor = frame->descriptor;
    const ProtobufCFieldDescriptor *fields = descriptor->fields;
    /* Mostly the next one, or some left out; fields are sorted by number. */
    uint32_t index = frame->next_index;
    while (index < descriptor->n_fields && fields[index].id < number)
        index++;
    if (index < descriptor->n_fields && fields[index].id == number) {
        frame->next_index = index;
        *ret_index = index;
        return &fields[index];
    }
    const ProtobufCFieldDescriptor *field =
        protobuf_c_message_descriptor_get_field(descriptor, number);
    if (field)
        *ret_index = (uint32_t)(field - fields);
    return field;
}

static uint32_t get_limit(
    const struct raw_walk *walk, const ProtobufCMessageDescriptor *message, uint32_t number)
{
    const struct raw_limit *limit = walk->limits;
    CHECK(limit);
    while (limit->message && (limit->message != message || limit->field_number != number))
        limit++;
    /* Whoever adds a repeated field adds its row. */
    CHECK(limit->message);
    return limit->elements_max;
}

/* The elements of that field in the message under way. */
static struct raw_elements *elements_of(
    const struct raw_walk *walk, struct raw_frame *frame, const ProtobufCFieldDescriptor *field)
{
    for (uint32_t i = 0; i < frame->list_count; i++) {
        if (frame->lists[i].field == field)
            return &frame->lists[i];
    }
    CHECK(frame->list_count < RAW_LISTS_PER_MESSAGE_MAX);
    struct raw_elements *elements = &frame->lists[frame->list_count++];
    *elements =
        (struct raw_elements){.field = field, .max = get_limit(walk, frame->descriptor, field->id)};
    return elements;
}

/* Notes that a singular field is there, or that an element of a repeated one is looked at. */
static int note_field(struct raw_walk *walk, struct raw_frame *frame, uint32_t index)
{
    const ProtobufCFieldDescriptor *fields = frame->descriptor->fields;
    const ProtobufCFieldDescriptor *field = &fields[index];
    if (field->label == PROTOBUF_C_LABEL_REPEATED) {
        frame->elements = elements_of(walk, frame, field);
        frame->element = frame->elements->count;
        return 0;
    }
    bool is_choice = (field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != 0;
    uint32_t bit = index;
    if (is_choice) {
        /* The members of a oneof share the bit of the first of them. */
        bit = 0;
        while ((fields[bit].flags & PROTOBUF_C_FIELD_FLAG_ONEOF) == 0 ||
               fields[bit].quantifier_offset != field->quantifier_offset)
            bit++;
    }
    CHECK(bit < 64);
    bool is_seen = (frame->seen & (uint64_t)1 << bit) != 0;
    if (is_seen && is_choice)
        return refuse(walk,
            "is one of several that exclude each other, and another one "
            "or this one is given before it; give one, once",
            "属于互斥的几项，此前已填写其中一项；请只填一项，且只填一次");
    if (is_seen)
        return refuse(walk, "is given twice; give it once", "重复填写；请只填一次");
    frame->seen |= (uint64_t)1 << bit;
    return 0;
}

static int note_element(struct raw_walk *walk, struct raw_frame *frame)
{
    struct raw_elements *elements = frame->elements;
    CHECK(elements->field == frame->field);
    frame->element = elements->count;
    if (elements->count == elements->max) {
        write_path(walk);
        decode_error_describe(walk->error, "is one too many; at most %" PRIu32 " can be given",
            "超出数量；至多填写 %" PRIu32 " 项", elements->max);
        return -1;
    }
    elements->count++;
    return 0;
}

static int check_varint(struct raw_walk *walk, ProtobufCType type, const uint8_t *end)
{
    uint64_t value;
    if (!try_varint(walk, end, LONG_VARINT_BYTES_MAX, &value))
        return refuse(walk, "is not a whole varint of at most 64 bits; the message is damaged",
            "不是完整的、至多 64 位的 varint；报文已损坏");
    switch (type) {
    case PROTOBUF_C_TYPE_INT32:
    case PROTOBUF_C_TYPE_ENUM:
        if ((int64_t)value < INT32_MIN || (int64_t)value > INT32_MAX)
            return refuse(walk, "does not fit into 32 bits", "超出 32 位整数的范围");
        return 0;
    case PROTOBUF_C_TYPE_BOOL:
        if (value > 1)
            return refuse(
                walk, "must be true or false, that is 1 or 0", "须为 true 或 false，即 1 或 0");
        return 0;
    case PROTOBUF_C_TYPE_INT64:
        return 0;
    default:
        /* No request has fields of other types; whoever adds one adds its check. */
        CHECK(false);
        return -1;
    }
}

static int check_string(struct raw_walk *walk, const uint8_t *bytes, size_t length)
{
    if (!utf8_is_valid(bytes, length))
        return refuse(walk, "must be UTF-8; the bytes are not", "须为 UTF-8；收到的字节不是");
    if (length > 0 && memchr(bytes, 0, length))
        return refuse(walk, "must not contain the character NUL", "不得含有 NUL 字符");
    return 0;
}

static int enter_message(
    struct raw_walk *walk, const ProtobufCMessageDescriptor *descriptor, const uint8_t *end)
{
    if (walk->depth == RAW_DEPTH_MAX)
        return refuse(walk, "is nested too deeply", "嵌套过深");
    struct raw_frame *frame = &walk->frames[walk->depth++];
    frame->descriptor = descriptor;
    frame->end = end;
    frame->field = NULL;
    frame->next_index = 0;
    frame->seen = 0;
    frame->list_count = 0;
    return 0;
}

/* A field whose value comes with its length: string, message, packed numbers. */
static int check_delimited(
    struct raw_walk *walk, struct raw_frame *frame, const ProtobufCFieldDescriptor *field)
{
    uint64_t length;
    if (!try_varint(walk, frame->end, SHORT_VARINT_BYTES_MAX, &length) ||
        length > (uint64_t)(frame->end - walk->at))
        return refuse(walk, "is cut off: its length is more than what is there",
            "不完整：声明的长度超过实有内容");
    const uint8_t *start = walk->at;
    const uint8_t *end = start + length;
    bool is_repeated = field->label == PROTOBUF_C_LABEL_REPEATED;
    if (field->type == PROTOBUF_C_TYPE_STRING || field->type == PROTOBUF_C_TYPE_MESSAGE) {
        if (is_repeated && note_element(walk, frame) < 0)
            return -1;
        if (field->type == PROTOBUF_C_TYPE_MESSAGE)
            return enter_message(walk, field->descriptor, end);
        walk->at = end;
        return check_string(walk, start, (size_t)length);
    }
    if (!is_repeated)
        return refuse(
            walk, "has the wire type of a text, but is a number", "以文本类型发送，但应为数字");
    while (walk->at < end) {
        if (note_element(walk, frame) < 0 || check_varint(walk, field->type, end) < 0)
            return -1;
    }
    return 0;
}

/* One field of the innermost message. */
static int check_field(struct raw_walk *walk, struct raw_frame *frame)
{
    uint64_t tag;
    uint32_t index;
    frame->field = NULL;
    if (!try_varint(walk, frame->end, SHORT_VARINT_BYTES_MAX, &tag) || tag > UINT32_MAX)
        return refuse(walk, "is not a protobuf message: a field's tag is damaged",
            "不是 protobuf 报文：某字段的标签已损坏");
    uint32_t number = (uint32_t)(tag >> 3);
    uint32_t wire_type = (uint32_t)(tag & 7);
    const ProtobufCFieldDescriptor *field = find_field(frame, number, &index);
    if (!field) {
        write_path(walk);
        decode_error_describe(walk->error,
            "has a field with number %" PRIu32
            " that this version does not know; nothing was done, leave the field out",
            "含有本版本不认识的字段，编号 %" PRIu32 "；未做任何处理，请去掉该字段", number);
        return -1;
    }
    frame->field = field;
    if (note_field(walk, frame, index) < 0)
        return -1;
    bool is_delimited =
        field->type == PROTOBUF_C_TYPE_STRING || field->type == PROTOBUF_C_TYPE_MESSAGE;
    if (wire_type == PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED)
        return check_delimited(walk, frame, field);
    if (is_delimited || wire_type != PROTOBUF_C_WIRE_TYPE_VARINT)
        return refuse(walk, "has another wire type than its type in the proto",
            "发送的类型与 proto 中的类型不符");
    if (field->label == PROTOBUF_C_LABEL_REPEATED && note_element(walk, frame) < 0)
        return -1;
    return check_varint(walk, field->type, frame->end);
}

void raw_walk_begin(struct raw_walk *walk, const struct ProtobufCMessageDescriptor *descriptor,
    const uint8_t *bytes, size_t length, const struct raw_limit *limits)
{
    static const uint8_t nothing[1];
    CHECK(descriptor);
    CHECK(bytes || length == 0);
    walk->depth = 0;
    walk->at = bytes ? bytes : nothing;
    walk->end = walk->at + length;
    walk->limits = limits;
    walk->error = NULL;
    int entered = enter_message(walk, descriptor, walk->end);
    CHECK(entered == 0);
}

int raw_walk_on(struct raw_walk *walk, size_t bytes_max, struct decode_error *ret_error)
{
    const uint8_t *from = walk->at;
    walk->error = ret_error;
    while (walk->depth > 0) {
        struct raw_frame *frame = &walk->frames[walk->depth - 1];
        CHECK(walk->at <= frame->end);
        if (walk->at == frame->end) {
            walk->depth--;
            continue;
        }
        if ((size_t)(walk->at - from) >= bytes_max)
            return 1;
        if (check_field(walk, frame) < 0)
            return -1;
    }
    CHECK(walk->at == walk->end);
    return 0;
}

int raw_check(const struct ProtobufCMessageDescriptor *descriptor, const uint8_t *bytes,
    size_t length, const struct raw_limit *limits, struct decode_error *ret_error)
{
    struct raw_walk walk;
    raw_walk_begin(&walk, descriptor, bytes, length, limits);
    return raw_walk_on(&walk, SIZE_MAX, ret_error);
}
