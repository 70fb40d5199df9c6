/* bind.h: where the fields of the tables are in protobuf-c's messages; internal to command.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_COMMAND_BIND_H
#define VSL_COMMAND_BIND_H

#include "command/fields.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ProtobufCMessageDescriptor;

struct bound_list;
struct raw_limit;

struct bound_field {
    /* Pointer to the sub-message that the field is in; 0: it is in the message itself (at 0 there
     * is never a field). */
    uint16_t outer_offset;
    uint16_t offset;
    /* Of a field with presence (proto3 `optional`): where its number stands when it is given; 0:
     * without presence. */
    uint16_t case_offset;
    const struct ProtobufCMessageDescriptor *outer; /* of the sub-message; NULL: none */
    const struct bound_list *list;                  /* of a FIELD_LIST; NULL else */
};

/* A repeated message: at the field's offset the pointer to the pointers to the elements. */
struct bound_list {
    const struct ProtobufCMessageDescriptor *element;
    uint16_t count_offset; /* of their count, a size_t */
    struct bound_field fields[FIELDS_PER_KIND_MAX];
};

struct bound_kind {
    const struct field_table *table;
    const struct ProtobufCMessageDescriptor *descriptor;
    uint16_t key_offset; /* pointer to the RequestKey */
    uint16_t dry_run_offset;
    uint16_t ledger_id_offset;
    struct bound_field fields[FIELDS_PER_KIND_MAX];
};

/* The binding of a kind, made for all kinds at the first call. Every row must find its field, of
 * the same type and number, and every field its row: else the build is wrong and this aborts. */
const struct bound_kind *bound_kind_get(int kind);

/* How many elements the lists of commands may have, and SubmitBatch's items, for raw_check. */
const struct raw_limit *bound_limits(void);

/* The binding of the rows of one message whose fields are all in it (RequestKey, reads). */
void bind_fields(const struct field_table *table,
    const struct ProtobufCMessageDescriptor *descriptor, struct bound_field *ret_fields);

/* Whether a message names the field, be it to unset it: an optional one, or the party around it. */
bool message_names(const void *message, const struct bound_field *bound);

/* A number of a message, widened; enums and bools too. */
int64_t message_number(const void *message, uint16_t offset, enum field_type type);

/* A text of a message; the empty text when it is not given. */
struct text message_text(const void *message, uint16_t offset);

/* A pointer to a sub-message; NULL when it is not given. */
void *message_pointer(const void *message, uint16_t offset);

/* The elements of a repeated message, and how many there are. */
void *const *message_elements(
    const void *message, const struct bound_field *bound, size_t *ret_count);

#endif
