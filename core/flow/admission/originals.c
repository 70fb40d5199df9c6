/* originals.c: the earlier command that a refund, a reversal or a second person names, as the
 * journal has it.
 *
 * Recent rows are in memory, also those that are decided but not durable yet: the command that
 * names them becomes durable with them or after them. Older ones were looked up before (lookups.c).
 * SPDX-License-Identifier: Apache-2.0 */
#include "flow/internal.h"

int64_t flow_earlier_sequence(const struct flow *flow, const struct command *command)
{
    if (command->kind != COMMAND_APPROVE_ADJUSTMENT || command->caller_id == 0)
        return command_earlier_sequence(command);
    const struct adjustment *adjustment =
        engine_find_adjustment(flow->engine, command->approve_adjustment.adjustment_id);
    bool is_open = adjustment && adjustment->status == ADJUSTMENT_PROPOSED;
    return is_open ? adjustment->proposed_sequence : 0;
}

const struct original *flow_find_original(struct flow *flow, const struct command *command,
    const struct lookups *lookups, uint32_t index, struct original_memory *memory)
{
    int64_t sequence = flow_earlier_sequence(flow, command);
    const struct command_record *record = NULL;
    const struct posting *postings = NULL;
    uint32_t count = 0;

    CHECK(sequence > 0);
    if (sequence >= recent_first_sequence(flow->recent)) {
        record = recent_find_sequence(flow->recent, sequence);
        if (!record)
            return NULL; /* beyond the journal's end */
        count = recent_postings(flow->recent, sequence, &postings);
    } else {
        CHECK(lookups != NULL);
        record = lookups_find_original(lookups, index, &postings, &count);
        CHECK(record != NULL);
    }
    CHECK(record->sequence == sequence);
    /* What is in memory was written by us or verified when it was loaded; what was looked up was
     * read once already. */
    int result = command_body_decode((enum command_kind)record->kind, record->body,
        record->body_length, &memory->elements, &memory->command);
    CHECK(result == 0);
    memory->command.key = record->key;
    memory->command.ledger_id = record->ledger_id;
    memory->original = (struct original){
        .sequence = record->sequence,
        .ledger_id = record->ledger_id,
        .subject_id = record->subject_id,
        .fee_minor = record->fee_minor,
        .fee_rule_version = record->fee_rule_version,
        .accounting_date = record->accounting_date,
        .outcome = record->outcome,
        .command = &memory->command,
        .postings = postings,
        .posting_count = count,
    };
    return &memory->original;
}
