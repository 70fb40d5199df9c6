/* fields.h: reads and sets fields of protobuf-c messages by descriptor.
 *
 * protobuf-c keeps a field as a member at an offset, a repeated one as count and array, a oneof as
 * a case number and a union. This is the only place that knows.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_TOOLS_TEXT_FIELDS_H
#define VSL_TOOLS_TEXT_FIELDS_H

#include "base/arena.h"

#include <protobuf-c/protobuf-c.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A new message with its defaults, in the arena. */
ProtobufCMessage *message_new(const ProtobufCMessageDescriptor *descriptor, struct arena *arena);

/* A copy of the text in the arena. */
char *arena_text(struct arena *arena, const char *text, size_t length);

/* The field named as in the .proto file or in lowerCamelCase; NULL: none. */
const ProtobufCFieldDescriptor *field_find(
    const ProtobufCMessageDescriptor *descriptor, const char *name);

bool field_is_repeated(const ProtobufCFieldDescriptor *field);
bool field_is_in_oneof(const ProtobufCFieldDescriptor *field);

/* Whether the field has a value: always for plain scalars; by its case for members of a oneof; not
 * NULL for messages. */
bool field_is_set(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field);

/* Elements of a repeated field; 1 or 0 for others, by field_is_set. */
size_t field_count(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field);

/* The index-th value, to be read by the accessor of the field's type. */
const void *field_value(
    const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field, size_t index);

/* Room for the value: of a plain field the field itself, of a member of a oneof that with its case
 * set. The field is not repeated. */
void *field_slot(ProtobufCMessage *message, const ProtobufCFieldDescriptor *field);

/* Room for `count` values of a repeated field, zeroed, with the count set. */
void *field_slots(ProtobufCMessage *message, const ProtobufCFieldDescriptor *field, size_t count,
    struct arena *arena);

/* Another member of the field's oneof that is set already; false for other fields. */
bool field_has_rival(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field);

/* Bytes of one value of the field's type. */
size_t field_value_bytes(const ProtobufCFieldDescriptor *field);

/* An integer field of any width, an enum or a bool, as a number. */
int64_t field_integer(const ProtobufCFieldDescriptor *field, const void *value);

/* Whether field_integer can read it. */
bool field_is_integer(const ProtobufCFieldDescriptor *field);

/* Follows "a.b.c" through set messages; the last field is not looked into. False when a message on
 * the way is not set or a name is unknown. */
bool field_follow(const ProtobufCMessage *message, const char *path,
    const ProtobufCMessage **ret_message, const ProtobufCFieldDescriptor **ret_field);

#endif
