/* unpack.h: bytes to a protobuf-c message in an arena, checked before; internal to command.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_COMMAND_UNPACK_H
#define VSL_COMMAND_UNPACK_H

#include "base/arena.h"
#include "base/must_use.h"
#include "command/bind.h"
#include "command/decode.h"

#include <stddef.h>
#include <stdint.h>

struct ProtobufCMessage;

struct raw_limit;

/* Checks the bytes (rawcheck.h) and unpacks them. NULL with `ret_error` when they are refused or
 * the arena is full. */
const struct ProtobufCMessage *request_unpack(const struct ProtobufCMessageDescriptor *descriptor,
    const uint8_t *bytes, size_t length, const struct raw_limit *limits, struct arena *arena,
    struct decode_error *ret_error);

/* The same for bytes that were checked already, and are a part of a request. */
const struct ProtobufCMessage *request_unpack_checked(
    const struct ProtobufCMessageDescriptor *descriptor, const uint8_t *bytes, size_t length,
    struct arena *arena, struct decode_error *ret_error);

/* Reads the fields of a table out of a message into the struct at `target`, each checked; elements
 * of lists go into the arena. -1 with the errors' descriptions and the paths of their fields:
 * "amount_minor", "payees[3].amount_minor". */
MUST_USE int message_read_fields(const struct field_table *table, const struct bound_field *bound,
    const struct ProtobufCMessage *message, struct arena *arena, void *target,
    struct decode_error *ret_error);

/* Reads a RequestKey. -1 with the errors' descriptions and paths: "key.serial". */
MUST_USE int message_read_key(const struct ProtobufCMessage *message, struct request_key *ret_key,
    struct decode_error *ret_error);

/* ---- decode.c ---- */

struct Vsl__V1__BatchItem;

/* The command of a BatchItem: the number of its field is the kind. NULL: it has none. */
const struct ProtobufCMessage *command_of_item(
    const struct Vsl__V1__BatchItem *item, int *ret_kind);

/* Reads a command of that kind out of its message. -1 with the errors' descriptions and the paths
 * of their fields in the message. */
MUST_USE int command_read(const struct bound_kind *bound, enum command_kind kind,
    const struct ProtobufCMessage *message, struct arena *arena, struct command *command,
    struct decode_error *ret_error);

#endif
