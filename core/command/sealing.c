/* sealing.c: see sealing.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "command/sealing.h"

#include "base/check.h"
#include "base/fold.h"
#include "command/body.h"
#include "model/mask.h"
#include "model/receiving_number.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

int64_t personal_ledger(int kind, int64_t ledger_id)
{
    return kind == COMMAND_OPEN_LEDGER ? 0 : ledger_id;
}

/* ---- commands within commands ---- */

/* The command that a Propose has inside. */
static void take_inside(
    const struct command *command, struct command_elements *elements, struct command *ret_inside)
{
    /* Whoever has read what is around it has seen that it can be read. */
    int result = command_take_proposed(command->propose.command, elements, ret_inside);
    CHECK(result == 0);
}

static int put_inside(struct command *command, const struct command *inside, struct arena *arena)
{
    uint8_t *bytes = arena_try_alloc(arena, PROPOSED_BYTES_MAX);
    if (!bytes)
        return -1;
    command->propose.command =
        (struct text){(const char *)bytes, (uint32_t)command_put_proposed(inside, bytes)};
    return 0;
}

/* What becomes of each personal value of a command; it stands in `memory` then. */
struct change {
    struct text (*value)(struct sealer *sealer, enum personal_kind kind, int64_t ledger_id,
        struct text value, char *memory);
    size_t (*bytes)(size_t length); /* of memory that a value of that length needs */
    /* Receiving numbers of this prefix stay as they are; of no bytes: none does. */
    struct text own_prefix;
};

/* Whether the engine understands the text as a number of the ledger with that prefix. */
static bool is_own_number(struct text prefix, struct text text)
{
    char digits[RECEIVING_NUMBER_BYTES_MAX];
    struct text number = {digits, fold_number(text, digits, sizeof digits)};
    int64_t account_id;
    return prefix.length > 0 && receiving_number_try_parse(number, prefix, &account_id);
}

static int change_fields(struct command *command, const struct change *change, int64_t ledger_id,
    struct sealer *sealer, struct arena *arena)
{
    struct personal_field fields[PERSONAL_FIELDS_MAX];
    uint32_t count = command_personal_fields(command, fields);
    for (uint32_t i = 0; i < count; i++) {
        struct text *text = fields[i].text;
        if (text->length == 0 ||
            (fields[i].kind == PERSONAL_RECEIVING_TEXT && is_own_number(change->own_prefix, *text)))
            continue;
        char *memory = arena_try_alloc(arena, change->bytes(text->length));
        if (!memory)
            return -1;
        *text = change->value(sealer, fields[i].kind, ledger_id, *text, memory);
    }
    return 0;
}

/* Those of the command that a Propose has inside, and of any other its own. */
static int change_command(struct command *command, const struct change *change, int64_t ledger_id,
    struct sealer *sealer, struct arena *arena)
{
    if (command->kind != COMMAND_PROPOSE)
        return change_fields(
            command, change, personal_ledger((int)command->kind, ledger_id), sealer, arena);
    struct command_elements elements;
    struct command inside;
    take_inside(command, &elements, &inside);
    return change_fields(&inside, change, ledger_id, sealer, arena) < 0
               ? -1
               : put_inside(command, &inside, arena);
}

/* ---- in ---- */

static struct text seal_value(struct sealer *sealer, enum personal_kind kind, int64_t ledger_id,
    struct text value, char *memory)
{
    uint32_t length =
        sealer_seal(sealer, sealer_key(sealer), (uint8_t)kind, ledger_id, value, memory);
    return (struct text){memory, length};
}

static size_t sealed_bytes(size_t length)
{
    return SEALED_BYTES(length);
}

int command_seal(
    struct command *command, struct text own_prefix, struct sealer *sealer, struct arena *arena)
{
    const struct change seal = {seal_value, sealed_bytes, own_prefix};
    if (sealer_key(sealer) == 0)
        return 0;
    return change_command(command, &seal, command->ledger_id, sealer, arena);
}

static bool is_same_plain(struct sealer *sealer, enum personal_kind kind, int64_t ledger_id,
    struct text one, struct text other)
{
    char plain[2][SEALED_BYTES(SEAL_PLAIN_BYTES_MAX)];
    uint32_t lengths[2];
    const struct text values[2] = {one, other};
    bool is_open = true;
    for (int i = 0; i < 2 && is_open; i++)
        is_open = values[i].length <= sizeof plain[i] &&
                  sealer_open(sealer, (uint8_t)kind, ledger_id, values[i], plain[i], &lengths[i]) <=
                      OPENING_DONE;
    bool is_same =
        is_open && lengths[0] == lengths[1] && memcmp(plain[0], plain[1], lengths[0]) == 0;
    explicit_bzero(plain, sizeof plain);
    return is_same;
}

static void take_seals(
    struct command *command, struct command *recorded, int64_t ledger_id, struct sealer *sealer)
{
    struct personal_field fields[PERSONAL_FIELDS_MAX], its[PERSONAL_FIELDS_MAX];
    uint32_t count = command_personal_fields(command, fields);
    CHECK(command->kind == recorded->kind && count == command_personal_fields(recorded, its));
    for (uint32_t i = 0; i < count; i++) {
        if (!text_equals(*fields[i].text, *its[i].text) &&
            is_same_plain(sealer, fields[i].kind, ledger_id, *fields[i].text, *its[i].text))
            *fields[i].text = *its[i].text;
    }
}

void command_take_seals(struct command *command, struct command *recorded, int64_t ledger_id,
    struct sealer *sealer, struct arena *arena)
{
    if (command->kind != COMMAND_PROPOSE) {
        take_seals(command, recorded, personal_ledger((int)command->kind, ledger_id), sealer);
        return;
    }
    struct command_elements elements[2];
    struct command inside[2];
    take_inside(command, &elements[0], &inside[0]);
    take_inside(recorded, &elements[1], &inside[1]);
    if (inside[0].kind != inside[1].kind)
        return;
    take_seals(&inside[0], &inside[1], ledger_id, sealer);
    /* Without memory it stays as it is, and compares by its bytes. */
    (void)!put_inside(command, &inside[0], arena);
}

/* ---- what does not open ---- */

static int32_t lost_key_of(
    struct command *command, int64_t ledger_id, struct text path, struct sealer *sealer)
{
    struct personal_field fields[PERSONAL_FIELDS_MAX];
    char plain[SEALED_BYTES(SEAL_PLAIN_BYTES_MAX)];
    uint32_t length;
    int32_t lost = 0;
    uint32_t count = command_personal_fields(command, fields);
    for (uint32_t i = 0; i < count && lost == 0; i++) {
        struct text value = *fields[i].text;
        CHECK(value.length <= sizeof plain);
        bool is_asked = path.length == 0 || text_equals(path, text_of(fields[i].path));
        if (is_asked && sealer_open(sealer, (uint8_t)fields[i].kind, ledger_id, value, plain,
                            &length) > OPENING_DONE)
            lost = sealed_key(value);
    }
    explicit_bzero(plain, sizeof plain);
    return lost;
}

int32_t command_lost_key(
    const struct command *command, int64_t ledger_id, struct text path, struct sealer *sealer)
{
    struct command whole = *command;
    if (command->kind != COMMAND_PROPOSE)
        return lost_key_of(&whole, personal_ledger((int)command->kind, ledger_id), path, sealer);
    struct command_elements elements;
    struct command inside;
    take_inside(command, &elements, &inside);
    return lost_key_of(&inside, ledger_id, path, sealer);
}

/* ---- out ---- */

/* What stayed as it was is a receiving number; so it looks like one, which tells it from what was
 * written before there were keys. */
static bool looks_like_ours(struct text text)
{
    char digits[RECEIVING_NUMBER_BYTES_MAX];
    return receiving_number_is_valid(
        (struct text){digits, fold_number(text, digits, sizeof digits)});
}

struct text personal_show(struct sealer *sealer, enum personal_kind kind, int64_t ledger_id,
    struct text value, char *memory)
{
    uint32_t length;
    size_t bytes = PERSONAL_SHOWN_BYTES((size_t)value.length);
    int n = 0;
    switch (sealer_open(sealer, (uint8_t)kind, ledger_id, value, memory, &length)) {
    case OPENING_CLEAR:
        if (kind == PERSONAL_RECEIVING_TEXT && looks_like_ours(value))
            return (struct text){memory, length};
        return (struct text){memory, mask_value(kind, (struct text){memory, length}, memory)};
    case OPENING_DONE:
        return (struct text){memory, mask_value(kind, (struct text){memory, length}, memory)};
    case OPENING_NO_KEY:
        n = snprintf(memory, bytes, "(sealed by key %" PRId32 ", which is not in the key ring)",
            sealed_key(value));
        break;
    case OPENING_DAMAGED:
        n = snprintf(memory, bytes, "(sealed by key %" PRId32 ", and damaged)", sealed_key(value));
        break;
    }
    CHECK(n > 0 && (size_t)n < bytes);
    return (struct text){memory, (uint32_t)n};
}

static size_t shown_bytes(size_t length)
{
    return PERSONAL_SHOWN_BYTES(length);
}

int command_show(
    struct command *command, int64_t ledger_id, struct sealer *sealer, struct arena *arena)
{
    static const struct change show = {.value = personal_show, .bytes = shown_bytes};
    return change_command(command, &show, ledger_id, sealer, arena);
}
