/* personal.c: see personal.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "command/personal.h"

#include "base/check.h"
#include "command/fields.h"

static const struct field *next_personal(const struct field_table *table, uint32_t *at)
{
    while (*at < table->count) {
        const struct field *field = &table->fields[(*at)++];
        if (field->personal != PERSONAL_NONE)
            return field;
    }
    return NULL;
}

uint32_t command_personal_fields(
    struct command *command, struct personal_field ret_fields[PERSONAL_FIELDS_MAX])
{
    const struct field_table *table = command_fields((int)command->kind);
    const struct field *field;
    uint32_t count = 0;
    CHECK(table != NULL);
    for (uint32_t at = 0; (field = next_personal(table, &at)) != NULL;) {
        CHECK(field->type == FIELD_TEXT && count < PERSONAL_FIELDS_MAX);
        ret_fields[count++] = (struct personal_field){
            .path = field->name,
            .kind = (enum personal_kind)field->personal,
            .text = (struct text *)(void *)((unsigned char *)command + field->offset),
        };
    }
    return count;
}

bool command_has_personal(int kind, struct text path)
{
    const struct field_table *table = command_fields(kind);
    const struct field *field;
    CHECK(table != NULL);
    for (uint32_t at = 0; (field = next_personal(table, &at)) != NULL;) {
        if (path.length == 0 || text_equals(path, text_of(field->name)))
            return true;
    }
    return false;
}
