/* message.c: writes commands into protobuf-c messages along the field tables.
 * SPDX-License-Identifier: Apache-2.0 */
#include "command/message.h"

#include "base/check.h"
#include "command/bind.h"
#include "command/body.h"
#include "model/date.h"
#include "vsl/v1/journal.pb-c.h"

#include <assert.h>
#include <string.h>

static_assert((int)VSL__V1__JOURNAL_ENTRY__REQUEST_OPEN_LEDGER ==
                  JOURNAL_ENTRY_REQUEST_CASE(COMMAND_OPEN_LEDGER),
    "the numbers in JournalEntry are 100 + kind");
static_assert(
    (int)VSL__V1__JOURNAL_ENTRY__REQUEST_REVEAL == JOURNAL_ENTRY_REQUEST_CASE(COMMAND_REVEAL),
    "the numbers in JournalEntry are 100 + kind");

static ProtobufCMessage *new_message(
    const ProtobufCMessageDescriptor *descriptor, struct arena *arena)
{
    ProtobufCMessage *message = arena_try_alloc(arena, descriptor->sizeof_message);
    if (message)
        protobuf_c_message_init(descriptor, message);
    return message;
}

static void store_pointer(void *message, uint16_t offset, void *pointer)
{
    memcpy((unsigned char *)message + offset, &pointer, sizeof pointer);
}

char *text_to_string(struct text text, struct arena *arena)
{
    char *copy = arena_try_alloc(arena, (size_t)text.length + 1);
    if (!copy)
        return NULL;
    if (text.length > 0)
        memcpy(copy, text.bytes, text.length);
    copy[text.length] = '\0';
    return copy;
}

static int store_text(void *message, uint16_t offset, struct text text, struct arena *arena)
{
    if (text.length == 0)
        return 0; /* init has set the empty string */
    char *copy = text_to_string(text, arena);
    if (!copy)
        return -1;
    store_pointer(message, offset, copy);
    return 0;
}

static void store_number(
    void *message, uint16_t offset, const struct field *field, const unsigned char *member)
{
    unsigned char *target = (unsigned char *)message + offset;
    if (field->type == FIELD_INT64) {
        memcpy(target, member, sizeof(int64_t));
        return;
    }
    int32_t value;
    if (field->type == FIELD_BOOL) {
        bool flag;
        memcpy(&flag, member, sizeof flag);
        value = flag;
    } else {
        memcpy(&value, member, sizeof value);
    }
    if (field->type == FIELD_DATE && value != 0)
        value = date_to_yyyymmdd(value);
    memcpy(target, &value, sizeof value);
}

static bool is_zero(const struct field *field, const unsigned char *member)
{
    static const unsigned char zero[sizeof(int64_t)];
    size_t bytes = field->type == FIELD_INT64  ? sizeof(int64_t)
                   : field->type == FIELD_BOOL ? sizeof(bool)
                                               : sizeof(int32_t);
    return memcmp(member, zero, bytes) == 0;
}

/* The message that holds the field: the outer one, or its sub-message, made when it is missing. */
static void *holder_of(
    ProtobufCMessage *message, const struct bound_field *bound, struct arena *arena)
{
    if (!bound->outer)
        return message;
    void *inner = message_pointer(message, bound->outer_offset);
    if (!inner) {
        inner = new_message(bound->outer, arena);
        if (inner)
            store_pointer(message, bound->outer_offset, inner);
    }
    return inner;
}

/* A field that is no list. `is_named`: it is given, also when it is zero or empty. */
static int store_single(ProtobufCMessage *message, const struct bound_field *bound,
    const struct field *field, const unsigned char *source, bool is_named, struct arena *arena)
{
    const unsigned char *member = source + field->offset;
    struct text text = {0};
    if (field->type == FIELD_TEXT) {
        memcpy(&text, member, sizeof text);
        /* Init has set the empty string, and a party that was left out stays out. */
        if (text.length == 0 && !is_named)
            return 0;
    }
    /* So does what has no number either. */
    if (field->type != FIELD_TEXT && bound->outer && !is_named && is_zero(field, member))
        return 0;
    void *holder = holder_of(message, bound, arena);
    if (!holder)
        return -1;
    if (field->type != FIELD_TEXT) {
        store_number(holder, bound->offset, field, member);
        if (is_named) {
            uint32_t number = field->number;
            memcpy((unsigned char *)holder + bound->case_offset, &number, sizeof number);
        }
        return 0;
    }
    return store_text(holder, bound->offset, text, arena);
}

static int store_list(ProtobufCMessage *message, const struct bound_field *bound,
    const struct field *field, const unsigned char *source, struct arena *arena)
{
    const struct list *list = field->list;
    const unsigned char *elements;
    uint32_t count;
    memcpy(&elements, source + field->offset, sizeof elements);
    memcpy(&count, source + list->count_offset, sizeof count);
    if (count == 0)
        return 0; /* init has set the empty list */
    void **pointers = arena_try_alloc(arena, count * sizeof *pointers);
    if (!pointers)
        return -1;
    for (uint32_t i = 0; i < count; i++) {
        ProtobufCMessage *element = new_message(bound->list->element, arena);
        if (!element)
            return -1;
        for (uint32_t row = 0; row < list->table.count; row++) {
            if (store_single(element, &bound->list->fields[row], &list->table.fields[row],
                    elements + (size_t)i * list->element_size, false, arena) < 0)
                return -1;
        }
        pointers[i] = element;
    }
    size_t wide_count = count;
    memcpy((unsigned char *)message + bound->list->count_offset, &wide_count, sizeof wide_count);
    store_pointer(message, bound->offset, pointers);
    return 0;
}

ProtobufCMessage *request_key_to_message(const struct request_key *key, struct arena *arena)
{
    struct text channel = {.bytes = key->channel, .length = key->channel_length};
    struct text serial = {.bytes = key->serial, .length = key->serial_length};
    ProtobufCMessage *message = new_message(&vsl__v1__request_key__descriptor, arena);
    if (!message)
        return NULL;
    Vsl__V1__RequestKey *request_key = (Vsl__V1__RequestKey *)message;
    if (key->business_date != 0)
        request_key->business_date = date_to_yyyymmdd(key->business_date);
    if (store_text(message, offsetof(Vsl__V1__RequestKey, channel), channel, arena) < 0 ||
        store_text(message, offsetof(Vsl__V1__RequestKey, serial), serial, arena) < 0)
        return NULL;
    return message;
}

/* Its own fields, but not a command inside of it. */
static ProtobufCMessage *content_to_message(const struct command *command, struct arena *arena)
{
    const struct bound_kind *bound = bound_kind_get((int)command->kind);
    ProtobufCMessage *message = new_message(bound->descriptor, arena);
    if (!message)
        return NULL;
    const unsigned char *source = (const unsigned char *)command;
    uint16_t named_offset = fields_named_offset(bound->table);
    int32_t named = 0;
    if (named_offset)
        memcpy(&named, source + named_offset, sizeof named);
    if (named == 0)
        named = fields_named_before(bound->table);
    for (uint32_t i = 0; i < bound->table->count; i++) {
        const struct field *field = &bound->table->fields[i];
        bool is_named = named_offset && (named & 1 << i);
        if (named_offset && !is_named)
            continue;
        if (field->type == FIELD_TEXT && field->rule == TEXT_COMMAND)
            continue;
        int result = field->type == FIELD_LIST
                         ? store_list(message, &bound->fields[i], field, source, arena)
                         : store_single(message, &bound->fields[i], field, source, is_named, arena);
        if (result < 0)
            return NULL;
    }
    return message;
}

/* The command that another one proposes. */
static int store_proposed(ProtobufCMessage *message, struct text bytes, struct arena *arena)
{
    struct command_elements elements;
    struct command command;
    /* Whoever has read the body around it has seen that it can be read. */
    int result = command_take_proposed(bytes, &elements, &command);
    CHECK(result == 0);
    Vsl__V1__BatchItem *item =
        (Vsl__V1__BatchItem *)new_message(&vsl__v1__batch_item__descriptor, arena);
    ProtobufCMessage *content = content_to_message(&command, arena);
    if (!item || !content)
        return -1;
    item->command_case = (Vsl__V1__BatchItem__CommandCase)command.kind;
    store_pointer(item, (uint16_t)offsetof(Vsl__V1__BatchItem, pay), content);
    ((Vsl__V1__ProposeRequest *)message)->command = item;
    return 0;
}

struct ProtobufCMessage *command_to_message(const struct command *command, struct arena *arena)
{
    const struct bound_kind *bound = bound_kind_get((int)command->kind);
    ProtobufCMessage *message = content_to_message(command, arena);
    ProtobufCMessage *key = request_key_to_message(&command->key, arena);
    if (!message || !key)
        return NULL;
    store_pointer(message, bound->key_offset, key);
    protobuf_c_boolean dry_run = command->dry_run;
    memcpy((unsigned char *)message + bound->dry_run_offset, &dry_run, sizeof dry_run);
    memcpy((unsigned char *)message + bound->ledger_id_offset, &command->ledger_id,
        sizeof command->ledger_id);
    if (command->kind == COMMAND_PROPOSE &&
        store_proposed(message, command->propose.command, arena) < 0)
        return NULL;
    return message;
}
