/* json.h: protobuf-c messages as JSON and back, by their descriptors.
 *
 * The mapping is proto3's: int64 as strings (numbers are taken too), enums by name (numbers are
 * taken too), bytes as base64. Fields are written with their names in the .proto file;
 * lowerCamelCase names are read as well. Fields that were not set are written with their zero
 * value, except messages and members of a oneof, which are left out. null reads as not set.
 * Source: protobuf.dev, "ProtoJSON Format".
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_TOOLS_TEXT_JSON_H
#define VSL_TOOLS_TEXT_JSON_H

#include "base/arena.h"

#include <jansson.h>
#include <protobuf-c/protobuf-c.h>
#include <stddef.h>

/* A new JSON object, owned by the caller. */
json_t *json_of_message(const ProtobufCMessage *message);

/* A message in the arena. NULL with a sentence that names the field when the JSON is not such a
 * message: an unknown name, a wrong type, a number out of range, two members of a oneof. */
ProtobufCMessage *json_to_message(const ProtobufCMessageDescriptor *descriptor, const json_t *json,
    struct arena *arena, char *ret_error, size_t error_bytes);

#endif
