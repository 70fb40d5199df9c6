/* texts.h: texts of a request and of records.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_ENGINE_RULES_TEXTS_H
#define VSL_ENGINE_RULES_TEXTS_H

#include "engine/memory/memory.h"

#include <string.h>

/* The command under way changes something of this order: told unless the request has an order
 * number of its own. The bytes are a record's. */
static inline void note_order_number(struct engine *engine, const char *bytes, uint8_t length)
{
    if (engine->effects->order_number.length == 0)
        engine->effects->order_number = (struct text){.bytes = bytes, .length = length};
}

/* Copies a text of the request into a record; returns its length. */
static inline uint8_t copy_text(char *memory, size_t bytes_max, struct text text)
{
    CHECK(text.length <= bytes_max);
    if (text.length > 0)
        memcpy(memory, text.bytes, text.length);
    memset(memory + text.length, 0, bytes_max - text.length);
    return (uint8_t)text.length;
}

/* The same where the length may be greater. */
static inline uint16_t copy_long_text(char *memory, size_t bytes_max, struct text text)
{
    CHECK(text.length <= UINT16_MAX);
    copy_text(memory, bytes_max, text);
    return (uint16_t)text.length;
}

/* The channel of a request, which is who asks. */
static inline struct text channel_of(const struct request_key *key)
{
    return (struct text){key->channel, key->channel_length};
}

#endif
