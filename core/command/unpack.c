/* unpack.c: the edge to protobuf-c: bounded memory in, plain fields out.
 * SPDX-License-Identifier: Apache-2.0 */
#include "command/unpack.h"

#include "base/check.h"
#include "base/fold.h"
#include "command/checks.h"
#include "command/normalize.h"
#include "command/rawcheck.h"
#include "vsl/v1/common.pb-c.h"

#include <inttypes.h>
#include <protobuf-c/protobuf-c.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void *arena_alloc(void *data, size_t size)
{
    return arena_try_alloc(data, size);
}

/* The arena gives everything back at once. */
static void arena_free(void *data, void *pointer)
{
    (void)data;
    (void)pointer;
}

const ProtobufCMessage *request_unpack_checked(const ProtobufCMessageDescriptor *descriptor,
    const uint8_t *bytes, size_t length, struct arena *arena, struct decode_error *ret_error)
{
    ProtobufCAllocator allocator = {
        .alloc = arena_alloc, .free = arena_free, .allocator_data = arena};
    const ProtobufCMessage *message =
        protobuf_c_message_unpack(descriptor, &allocator, length, bytes);
    if (!message) {
        /* The bytes are right, so only memory can be short. */
        ret_error->field[0] = '\0';
        decode_error_describe(ret_error, TOO_MUCH_MEMORY);
        return NULL;
    }
    CHECK(message->n_unknown_fields == 0);
    return message;
}

const ProtobufCMessage *request_unpack(const ProtobufCMessageDescriptor *descriptor,
    const uint8_t *bytes, size_t length, const struct raw_limit *limits, struct arena *arena,
    struct decode_error *ret_error)
{
    if (raw_check(descriptor, bytes, length, limits, ret_error) < 0)
        return NULL;
    return request_unpack_checked(descriptor, bytes, length, arena, ret_error);
}

/* What is kept as it is compared, written so over what came, which is never shorter in characters,
 * or, a name in bytes, into the arena. */
static int normalize(const struct field *field, struct text *text, struct arena *arena)
{
    char *bytes = (char *)(uintptr_t)text->bytes;
    char name[NORMAL_NAME_BYTES_MAX];
    char digits[NORMAL_DIGITS_MAX];
    const char *from = digits;
    uint32_t length = 0;
    if (field->rule == TEXT_NAME) {
        length = normalize_name(*text, name, sizeof name);
        from = name;
    } else {
        length = field->rule == TEXT_MOBILE ? normalize_mobile(*text, digits)
                                            : normalize_card(*text, digits);
    }
    CHECK(length > 0);
    if (length > text->length)
        bytes = arena_try_alloc(arena, length);
    if (!bytes)
        return -1;
    memcpy(bytes, from, length);
    *text = (struct text){bytes, length};
    return 0;
}

static int read_text(const struct field *field, const ProtobufCMessage *message,
    const struct bound_field *bound, struct arena *arena, unsigned char *member,
    struct decode_error *ret_error)
{
    struct text text = message ? message_text(message, bound->offset) : (struct text){0};
    /* The text lies in the request's arena, where nobody else reads it. What a statement has line
     * ends and tabs in is taken all the same: money does not wait for a printable remark. */
    if (text_is_counted(field->rule) && text.length > 0)
        text.length = text_blank_controls((char *)(uintptr_t)text.bytes, text.length);
    if (field_check_text(field, text, ret_error) < 0)
        return -1;
    bool is_normalized =
        field->rule == TEXT_NAME || field->rule == TEXT_MOBILE || field->rule == TEXT_CARD;
    if (is_normalized && text.length > 0) {
        if (normalize(field, &text, arena) < 0) {
            decode_error_describe(ret_error, TOO_MUCH_MEMORY);
            return -1;
        }
        /* A name may have more characters so. */
        if (field_check_text(field, text, ret_error) < 0)
            return -1;
    }
    memcpy(member, &text, sizeof text);
    return 0;
}

static int read_number(const struct field *field, const ProtobufCMessage *message,
    const struct bound_field *bound, unsigned char *member, struct decode_error *ret_error)
{
    enum field_type type = (enum field_type)field->type;
    int64_t given = message ? message_number(message, bound->offset, type) : 0;
    int64_t value;
    if (field_check_number(field, given, &value, ret_error) < 0)
        return -1;
    if (type == FIELD_INT64) {
        memcpy(member, &value, sizeof value);
    } else if (type == FIELD_BOOL) {
        bool flag = value != 0;
        memcpy(member, &flag, sizeof flag);
    } else {
        CHECK(value >= INT32_MIN && value <= INT32_MAX);
        int32_t narrow = (int32_t)value;
        memcpy(member, &narrow, sizeof narrow);
    }
    return 0;
}

/* A field that is no list, into the struct at `target`. */
static inline int read_single(const struct field *field, const struct bound_field *bound,
    const ProtobufCMessage *message, struct arena *arena, void *target,
    struct decode_error *ret_error)
{
    unsigned char *member = (unsigned char *)target + field->offset;
    const ProtobufCMessage *holder = message;
    if (bound->outer)
        holder = message_pointer(message, bound->outer_offset);
    return field->type == FIELD_TEXT ? read_text(field, holder, bound, arena, member, ret_error)
                                     : read_number(field, holder, bound, member, ret_error);
}

__attribute__((format(printf, 2, 3))) static void name_field(
    struct decode_error *error, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int n = vsnprintf(error->field, sizeof error->field, format, arguments);
    va_end(arguments);
    CHECK(n >= 0 && (size_t)n < sizeof error->field);
}

static int read_list(const struct field *field, const struct bound_field *bound,
    const ProtobufCMessage *message, struct arena *arena, void *target,
    struct decode_error *ret_error)
{
    const struct list *list = field->list;
    size_t given;
    void *const *messages = message_elements(message, bound, &given);
    if (given == 0 && !field->required)
        return 0;
    if (given == 0) {
        name_field(ret_error, "%s", field->name);
        decode_error_describe(ret_error, "is required: give %" PRId64 " to %" PRId64,
            "必填：请填写 %" PRId64 " 至 %" PRId64 " 项", field->min, field->max);
        return -1;
    }
    /* The raw check has counted them. */
    CHECK(given <= (size_t)field->max);
    uint32_t count = (uint32_t)given;
    unsigned char *elements = arena_try_alloc(arena, given * list->element_size);
    if (!elements) {
        name_field(ret_error, "%s", "");
        decode_error_describe(ret_error, TOO_MUCH_MEMORY);
        return -1;
    }
    memset(elements, 0, given * list->element_size);
    struct decode_error one;
    ret_error->count = 0;
    for (uint32_t i = 0; i < count && ret_error->count < DECODE_VIOLATIONS_MAX; i++) {
        for (uint32_t row = 0; row < list->table.count; row++) {
            const struct field *inner = &list->table.fields[row];
            if (read_single(inner, &bound->list->fields[row], messages[i], arena,
                    elements + (size_t)i * list->element_size, &one) < 0) {
                name_field(&one, "%s[%" PRIu32 "].%s", field->name, i, inner->name);
                decode_error_add(ret_error, &one);
            }
        }
    }
    if (ret_error->count > 0)
        return -1;
    memcpy((unsigned char *)target + field->offset, &elements, sizeof elements);
    memcpy((unsigned char *)target + list->count_offset, &count, sizeof count);
    return 0;
}

int message_read_fields(const struct field_table *table, const struct bound_field *bound,
    const ProtobufCMessage *message, struct arena *arena, void *target,
    struct decode_error *ret_error)
{
    CHECK(message);
    uint16_t named_offset = fields_named_offset(table);
    int32_t named = 0;
    struct decode_error one;
    ret_error->count = 0;
    for (uint32_t i = 0; i < table->count; i++) {
        const struct field *field = &table->fields[i];
        if (named_offset && message_names(message, &bound[i]))
            named |= 1 << i;
        if (field->use == USE_PROOF && !message_pointer(message, bound[i].outer_offset)) {
            i += PROOF_FIELDS - 1;
            continue;
        }
        /* A command inside of another one is read by whoever reads commands (decode.c). */
        if (field->type == FIELD_TEXT && field->rule == TEXT_COMMAND)
            continue;
        if (field->type == FIELD_LIST) {
            if (read_list(field, &bound[i], message, arena, target, &one) < 0)
                decode_error_add(ret_error, &one);
        } else if (read_single(field, &bound[i], message, arena, target, &one) < 0) {
            name_field(&one, "%s", field->name);
            decode_error_add(ret_error, &one);
        }
    }
    if (named_offset)
        memcpy((unsigned char *)target + named_offset, &named, sizeof named);
    return ret_error->count > 0 ? -1 : 0;
}

int message_read_key(
    const ProtobufCMessage *message, struct request_key *ret_key, struct decode_error *ret_error)
{
    static struct bound_field bound[FIELDS_PER_KIND_MAX];
    if (!bound[0].offset)
        bind_fields(&request_key_fields, &vsl__v1__request_key__descriptor, bound);
    struct key_texts texts;
    if (message_read_fields(&request_key_fields, bound, message, NULL, &texts, ret_error) < 0) {
        decode_error_prefix(ret_error, "key.");
        return -1;
    }
    struct request_key key;
    memset(&key, 0, sizeof key);
    CHECK(texts.channel.length <= sizeof key.channel);
    CHECK(texts.serial.length <= sizeof key.serial);
    memcpy(key.channel, texts.channel.bytes, texts.channel.length);
    memcpy(key.serial, texts.serial.bytes, texts.serial.length);
    key.channel_length = (uint8_t)texts.channel.length;
    key.serial_length = (uint8_t)texts.serial.length;
    key.business_date = texts.business_date;
    *ret_key = key;
    return 0;
}
