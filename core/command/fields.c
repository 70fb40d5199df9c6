/* fields.c: the tables of the fields of all kinds, and those of a request key. The rows stand by
 * topic in fields_*.c.
 * SPDX-License-Identifier: Apache-2.0 */
#include "command/field_macros.h"

/* The kinds that have no field of their own. */
#define COMMAND(number, NAME, name, Service, Method, answer, roles)
#define COMMAND_BARE(number, NAME, name, Service, Method, answer, roles)                           \
    const struct field_table name##_table = {#name, NULL, 0};
#include "command/command_list.h"

static const struct field_table *const tables[COMMAND_KIND_MAX + 1] = {
#define COMMAND(number, NAME, name, Service, Method, answer, roles) [number] = &name##_table,
#define COMMAND_BARE(number, NAME, name, Service, Method, answer, roles) [number] = &name##_table,
#include "command/command_list.h"
};

static_assert(sizeof(struct command) <= UINT16_MAX, "offsets of fields are 16 bits wide");

int64_t field_bytes_max(const struct field *field)
{
    int64_t bytes = text_is_counted(field->rule) ? field->max * CHARACTER_BYTES_MAX : field->max;
    return field->personal == PERSONAL_NONE ? bytes : SEALED_BYTES(bytes);
}

const struct field_table *command_fields(int kind)
{
    return kind < 0 || kind > COMMAND_KIND_MAX ? NULL : tables[kind];
}

uint16_t fields_named_offset(const struct field_table *table)
{
    return table == &set_terms_table ? AT(set_terms.named) : 0;
}

int32_t fields_named_before(const struct field_table *table)
{
    return table == &set_terms_table ? TERMS_NAMED_BEFORE : 0;
}

#define KEY_AT(member) (uint16_t) offsetof(struct key_texts, member)

static const struct field key_fields[] = {
    ROW(1, "channel", FIELD_TEXT, KEY_AT(channel), REQUIRED, .rule = TEXT_CHANNEL,
        .max = CHANNEL_BYTES_MAX),
    ROW(2, "business_date", FIELD_DATE, KEY_AT(business_date), .required = true),
    ROW(3, "serial", FIELD_TEXT, KEY_AT(serial), REQUIRED, .rule = TEXT_VISIBLE_ASCII,
        .max = SERIAL_BYTES_MAX),
};

const struct field_table request_key_fields = {"key", key_fields, COUNT(key_fields)};
