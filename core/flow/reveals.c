/* reveals.c: Reveal, whose answer has what stands in other commands.
 *
 * The values are in the answer only: not in the record, and in memory until the answer has left,
 * which it does when the record is durable. Sent again it answers again, for who lost an answer
 * needs it still; but only to whom the record names.
 * SPDX-License-Identifier: Apache-2.0 */
#include "command/role_sets.h"
#include "command/sealing.h"
#include "flow/internal.h"

const struct command_record *flow_find_revealed(
    const struct flow *flow, const struct lookups *lookups, int64_t sequence)
{
    if (sequence >= recent_first_sequence(flow->recent))
        return recent_find_sequence(flow->recent, sequence);
    CHECK(lookups != NULL);
    const struct command_record *record = lookups_find_command(lookups, sequence);
    CHECK(record != NULL);
    return record;
}

/* What is revealed of a recorded command: itself, or of a proposal the command that it holds. */
static void read_revealed(const struct command_record *record, struct command_elements *elements,
    struct command *ret_command)
{
    struct command command;
    int result = command_body_decode(
        (enum command_kind)record->kind, record->body, record->body_length, elements, &command);
    CHECK(result == 0);
    *ret_command = command;
    if (command.kind != COMMAND_PROPOSE)
        return;
    result = command_take_proposed(command.propose.command, elements, ret_command);
    CHECK(result == 0);
}

/* Whether who sends the Reveal may have what stands in it, `inside`: nothing that is kept from him,
 * and who only approves no more than he decides about. */
static bool may_have(const struct flow *flow, const struct command *command,
    const struct command_record *record, const struct command *inside)
{
    if (command->caller_id <= 0)
        return true;
    const struct caller *caller =
        engine_find_record(flow->engine, RECORD_CALLER, command->caller_id);
    if (!caller || (kept_from(caller->roles) & kept_of_command(inside)))
        return false;
    return record->kind == COMMAND_PROPOSE || (caller->roles & ROLES_REVEALING) != 0;
}

struct command flow_with_revealed(const struct flow *flow, const struct command *command,
    const struct lookups *lookups, struct revealed ret_revealed[REVEALS_PER_COMMAND_MAX])
{
    struct command whole = *command;
    CHECK(command->kind == COMMAND_REVEAL);
    CHECK(command->reveal.command_count <= REVEALS_PER_COMMAND_MAX);
    for (uint32_t i = 0; i < command->reveal.command_count; i++) {
        int64_t sequence = command->reveal.commands[i].sequence;
        const struct command_record *record = flow_find_revealed(flow, lookups, sequence);
        ret_revealed[i] = (struct revealed){.sequence = sequence};
        struct command_elements elements;
        struct command inside;
        if (!record)
            continue;
        read_revealed(record, &elements, &inside);
        if (!may_have(flow, command, record, &inside))
            continue; /* of no ledger: there is nothing for him */
        ret_revealed[i].ledger_id = record->ledger_id;
        ret_revealed[i].kind = (int)inside.kind;
    }
    whole.reveal.commands = ret_revealed;
    return whole;
}

bool flow_is_of_same_caller(const struct command *command, const struct command_record *record)
{
    struct command_elements elements;
    struct command first;
    int result = command_body_decode(
        (enum command_kind)record->kind, record->body, record->body_length, &elements, &first);
    return result == 0 && first.caller_id == command->caller_id;
}

/* A value as it was sent: flow_opens has seen that it opens. */
static struct text open_value(
    struct flow *flow, enum personal_kind kind, int64_t ledger_id, struct text value)
{
    uint32_t length;
    char *memory = arena_try_alloc(&flow->arena, PERSONAL_SHOWN_BYTES((size_t)value.length));
    CHECK(memory != NULL);
    enum opening end = sealer_open(flow->sealer, (uint8_t)kind, ledger_id, value, memory, &length);
    CHECK(end <= OPENING_DONE);
    return (struct text){memory, length};
}

/* The values of one command, behind `count` others; how many there are then: none more when it is
 * sent again by who may less by now. */
static uint32_t take_values(struct flow *flow, const struct command *asked_by,
    const struct command_record *record, struct revealed_value *values, uint32_t count)
{
    struct text path = asked_by->reveal.field;
    struct command_elements elements;
    struct command command;
    struct personal_field fields[PERSONAL_FIELDS_MAX];
    read_revealed(record, &elements, &command);
    if (!may_have(flow, asked_by, record, &command))
        return count;
    uint32_t field_count = command_personal_fields(&command, fields);
    for (uint32_t i = 0; i < field_count; i++) {
        bool is_asked = path.length == 0 || text_equals(path, text_of(fields[i].path));
        if (is_asked && fields[i].text->length > 0)
            values[count++] = (struct revealed_value){record->sequence, fields[i].path,
                open_value(flow, fields[i].kind,
                    personal_ledger((int)command.kind, record->ledger_id), *fields[i].text)};
    }
    return count;
}

void flow_reply_revealed(struct flow *flow, const struct command *command,
    const struct lookups *lookups, struct buffer *out)
{
    const struct reveal *asked = &command->reveal;
    size_t most = (size_t)asked->command_count * PERSONAL_FIELDS_MAX;
    struct revealed_value *values = arena_try_alloc(&flow->arena, most * sizeof *values);
    uint32_t count = 0;
    CHECK(values != NULL);
    for (uint32_t i = 0; i < asked->command_count; i++) {
        const struct command_record *record =
            flow_find_revealed(flow, lookups, asked->commands[i].sequence);
        CHECK(record != NULL && record->ledger_id == command->ledger_id);
        count = take_values(flow, command, record, values, count);
    }
    reply_revealed(out, values, count);
}
