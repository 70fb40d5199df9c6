/* pack.h: protobuf-c messages to the end of a buffer; for reply and query.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_REPLY_PACK_H
#define VSL_REPLY_PACK_H

#include "base/buffer.h"
#include "base/text.h"

#include <protobuf-c/protobuf-c.h>
#include <stdint.h>

/* Appends a message. */
void pack_message(struct buffer *out, const ProtobufCMessage *message);

/* Appends a message as one element of the message field with that number (1..15). Several calls
 * make a repeated field; what is packed behind them belongs to the same outer message. */
void pack_element(struct buffer *out, uint32_t field_number, const ProtobufCMessage *message);

/* A string for a message's field, which is declared as writable but never written to. */
static inline char *pack_string(const char *string)
{
    return (char *)(uintptr_t)string;
}

/* The same of a text that does not end with NUL; `storage` holds the copy. */
char *pack_text(struct text text, char *storage, size_t storage_bytes);

/* The same of a record's array of bytes. */
char *copy_text(const char *bytes, uint32_t length, char *storage, size_t storage_bytes);
#define COPY(record, member, m)                                                                    \
    copy_text((record)->member, (record)->member##_length, (m)->member, sizeof(m)->member)

#endif
