/* masking.c: commands as everybody may see them; see personal.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/check.h"
#include "command/body.h"
#include "command/personal.h"
#include "model/mask.h"

static int mask_fields(struct command *command, struct arena *arena)
{
    struct personal_field fields[PERSONAL_FIELDS_MAX];
    uint32_t count = command_personal_fields(command, fields);
    for (uint32_t i = 0; i < count; i++) {
        struct text *text = fields[i].text;
        char *mask = arena_try_alloc(arena, (size_t)text->length + 1);
        if (!mask)
            return -1;
        *text = (struct text){mask, mask_value(fields[i].kind, *text, mask)};
    }
    return 0;
}

int command_mask(struct command *command, struct arena *arena)
{
    if (command->kind != COMMAND_PROPOSE)
        return mask_fields(command, arena);
    struct command_elements elements;
    struct command inside;
    uint8_t *bytes = arena_try_alloc(arena, PROPOSED_BYTES_MAX);
    /* Whoever has read the body around it has seen that it can be read. */
    int result = command_take_proposed(command->propose.command, &elements, &inside);
    CHECK(result == 0);
    if (!bytes || mask_fields(&inside, arena) < 0)
        return -1;
    command->propose.command =
        (struct text){(const char *)bytes, (uint32_t)command_put_proposed(&inside, bytes)};
    return 0;
}
