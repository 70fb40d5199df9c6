/* originals.c: the earlier command that a refund or a reversal names, or that made what an approval
 * or the lift of a freeze is about, as the journal has it.
 *
 * Recent rows are in memory, also those that are decided but not durable yet: the command that
 * names them becomes durable with them or after them. Older ones were looked up before (lookups.c).
 * SPDX-License-Identifier: Apache-2.0 */
#include "flow/internal.h"

/* The command that asked for the payout. Where two persons correct a word of the bank, it names the
 * item that the payout was to return to its sender; and it tells by which card a payout went. */
static int64_t requested_sequence(const struct flow *flow, const struct command *command)
{
    bool is_word = command->kind == COMMAND_CONFIRM_PAYOUT;
    const struct payout *payout = engine_find_payout(flow->engine,
        is_word ? command->confirm_payout.payout_id : command->intercept_payout.payout_id);
    if (!payout || payout->ledger_id != command->ledger_id)
        return 0;
    bool is_asked = (is_word && command->confirm_payout.correction) ||
                    engine_needs_withdrawal(flow->engine, payout);
    return is_asked ? payout->requested_sequence : 0;
}

int64_t flow_earlier_sequence(const struct flow *flow, const struct command *command)
{
    if (command->kind == COMMAND_LIFT_FREEZE) {
        /* Who placed it; asked for where callers are known. */
        const struct freeze *freeze =
            engine_find_freeze(flow->engine, command->lift_freeze.freeze_id);
        int64_t person = command->proposal_id != 0 ? command->maker_caller_id : command->caller_id;
        bool is_asked = person != 0 && freeze && freeze->ledger_id == command->ledger_id;
        return is_asked ? freeze->placed_sequence : 0;
    }
    if (command->kind == COMMAND_APPROVE) {
        const struct proposal *proposal =
            engine_find_record(flow->engine, RECORD_PROPOSAL, command->approve.proposal_id);
        return proposal && proposal->status == PROPOSAL_OPEN ? proposal->proposed_sequence : 0;
    }
    if (command->kind == COMMAND_CONFIRM_PAYOUT || command->kind == COMMAND_INTERCEPT_PAYOUT)
        return requested_sequence(flow, command);
    return command_earlier_sequence(command);
}

/* A command of the journal; NULL: there is none, or an old one was not looked up. */
static const struct command_record *find_record(struct flow *flow, int64_t sequence,
    const struct lookups *lookups, uint32_t index, const struct posting **ret_postings,
    uint32_t *ret_count)
{
    if (sequence < recent_first_sequence(flow->recent))
        return lookups ? lookups_find_original(lookups, index, sequence, ret_postings, ret_count)
                       : NULL;
    const struct command_record *record = recent_find_sequence(flow->recent, sequence);
    if (record)
        *ret_count = recent_postings(flow->recent, sequence, ret_postings);
    return record; /* NULL: beyond the journal's end */
}

bool flow_find_approved(struct flow *flow, const struct command *approve,
    const struct lookups *lookups, uint32_t index, struct approved_memory *ret_memory)
{
    CHECK(approve->kind == COMMAND_APPROVE);
    const struct posting *postings = NULL;
    uint32_t count = 0;
    int64_t sequence = flow_earlier_sequence(flow, approve);
    const struct command_record *record =
        sequence == 0 ? NULL : find_record(flow, sequence, lookups, index, &postings, &count);
    struct command propose;
    if (!record || record->ledger_id != approve->ledger_id || record->kind != COMMAND_PROPOSE ||
        command_body_decode(COMMAND_PROPOSE, record->body, record->body_length,
            &ret_memory->elements, &propose) < 0 ||
        command_take_proposed(
            propose.propose.command, &ret_memory->elements, &ret_memory->command) < 0)
        return false;
    struct command *command = &ret_memory->command;
    command->dry_run = approve->dry_run;
    command->is_atomic = approve->is_atomic;
    command->key = approve->key;
    command->ledger_id = approve->ledger_id;
    command->caller_id = approve->caller_id;
    command->proposal_id = approve->approve.proposal_id;
    command->maker_caller_id = propose.caller_id;
    command->proposed_at_us = record->recorded_us;
    return true;
}

const struct original *flow_read_original(const struct command_record *record,
    const struct posting *postings, uint32_t count, struct original_memory *memory)
{
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

const struct original *flow_find_original(struct flow *flow, const struct command *command,
    const struct lookups *lookups, uint32_t index, struct original_memory *memory)
{
    int64_t sequence = flow_earlier_sequence(flow, command);
    const struct posting *postings = NULL;
    uint32_t count = 0;
    CHECK(sequence > 0);
    const struct command_record *record =
        find_record(flow, sequence, lookups, index, &postings, &count);
    CHECK(record != NULL || sequence >= recent_first_sequence(flow->recent));
    if (!record)
        return NULL;
    CHECK(record->sequence == sequence);
    /* What is in memory was written by us or verified when it was loaded; what was looked up was
     * read once already. */
    return flow_read_original(record, postings, count, memory);
}
