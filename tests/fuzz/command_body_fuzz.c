/* command_body_fuzz.c: canonical bodies of commands, as the journal gives them back.
 *
 * The first byte is the kind. A body that decodes is canonical: it encodes to the same bytes, and
 * it differs from a changed one in a named field.
 * SPDX-License-Identifier: Apache-2.0 */
#include "ceilings.h"
#include "command/body.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool condition)
{
    if (!condition)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    enum command_kind kind = (enum command_kind)data[0];
    const uint8_t *body = data + 1;
    size_t length = size - 1;
    struct command_elements elements;
    struct command command;
    if (command_body_decode(kind, body, length, &elements, &command) < 0)
        return 0;
    uint8_t again[COMMAND_BODY_BYTES_MAX];
    size_t content = command_body_encode(&command, again);
    content =
        command_body_put_card_parts(again, content, command.card_parts, command.card_part_count);
    content = command_body_put_check_amount(again, content, command.check_amount_minor);
    content = command_body_put_policy_limit(again, content, command.policy_limit_minor);
    content = command_body_put_suspense(again, content, command.suspense_id);
    content = command_body_put_told_before(again, content, command.told_before);
    must(command_body_put_limit(again, content, command.limit_minor) == length);
    must(length == 0 || memcmp(body, again, length) == 0);
    char field[FIELD_PATH_BYTES_MAX];
    must(!command_body_differs(kind, body, length, again, length, field));
    /* What stands behind the content makes no difference. */
    if (length > 0 && command.told_before == 0 && command.limit_minor == 0 &&
        command.card_part_count == 0 && command.policy_limit_minor == 0 &&
        command.check_amount_minor == 0 && command.suspense_id == 0) {
        again[length - 1] ^= 1;
        must(command_body_differs(kind, body, length, again, length, field));
        must(memchr(field, '\0', sizeof field) != NULL);
    }
    return 0;
}
