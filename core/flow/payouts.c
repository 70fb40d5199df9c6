/* payouts.c: a payout with what stands in the commands and not in its record: whom it pays, the
 * times, the bank's references.
 *
 * The record names the withdrawal and the command that told its status last; each of those names
 * the one before. What is not in memory is looked up, and the read begins again with it.
 * SPDX-License-Identifier: Apache-2.0 */
#include "command/role_sets.h"
#include "command/sealing.h"
#include "flow/internal.h"

/* So many words of the bank are looked at, the last ones: parts that came back are words, too. */
#define TOLD_MAX 16

/* And the withdrawal and the binding of its card; or the return and its receipt. */
#define WALK_MAX (TOLD_MAX + 2)

struct facts_walk {
    const struct reading *reading;
    struct payout_facts facts;
    int64_t sequences[WALK_MAX]; /* of the commands that are not in memory */
    uint32_t count;
    struct command_elements elements; /* of the command that was read last */
};

/* Reads a command; false: it must be looked up first. */
static bool take_command(struct facts_walk *walk, int64_t sequence,
    const struct command_record **ret_record, struct command *ret_command)
{
    const struct flow *flow = walk->reading->flow;
    const struct lookups *lookups = walk->reading->waiting->lookups;
    const struct command_record *record = NULL;
    if (sequence >= recent_first_sequence(flow->recent)) {
        record = recent_find_sequence(flow->recent, sequence);
        CHECK(record != NULL);
    } else {
        CHECK(walk->count < WALK_MAX);
        walk->sequences[walk->count++] = sequence;
        if (lookups)
            record = lookups_find_command(lookups, sequence);
        if (!record)
            return false;
    }
    /* Memory was verified when it was loaded, what was looked up was read once already. */
    int result = command_body_decode((enum command_kind)record->kind, record->body,
        record->body_length, &walk->elements, ret_command);
    CHECK(result == 0);
    *ret_record = record;
    return true;
}

/* Whom a payout by card pays, where the withdrawal names nobody: the card, as it was bound. */
static bool take_card(struct facts_walk *walk, const struct card_part *part)
{
    const struct command_record *record;
    struct command command;
    walk->facts.destination_sequence = part->bound_sequence;
    if (!take_command(walk, part->bound_sequence, &record, &command))
        return false;
    CHECK(command.kind == COMMAND_BIND_CARD);
    int shown = command_show(
        &command, record->ledger_id, walk->reading->flow->sealer, &walk->reading->flow->arena);
    CHECK(shown == 0);
    walk->facts.destination.name = command.bind_card.holder;
    walk->facts.destination.account_number = command.bind_card.number;
    walk->facts.destination.bank_code = command.bind_card.bank_code;
    return true;
}

static bool take_withdrawal(struct facts_walk *walk, const struct payout *payout)
{
    const struct command_record *record;
    struct command command;
    if (!take_command(walk, payout->requested_sequence, &record, &command))
        return false;
    walk->facts.requested_us = record->recorded_us;
    walk->facts.destination_sequence = payout->requested_sequence;
    if (command.kind == COMMAND_RETURN_SUSPENSE) {
        /* To whom the receipt came from. */
        walk->facts.destination_sequence = command.return_suspense.original_sequence;
        if (!take_command(walk, walk->facts.destination_sequence, &record, &command))
            return false;
        CHECK(command.kind == COMMAND_BOOK_RECEIPT);
        int shown = command_show(
            &command, record->ledger_id, walk->reading->flow->sealer, &walk->reading->flow->arena);
        CHECK(shown == 0);
        walk->facts.destination = command.book_receipt.payer;
    } else if (command.kind == COMMAND_DEDUCT_CLAIM || command.kind == COMMAND_PLACE_CLAIM) {
        /* He would learn by it whose measure it is. */
        if (kept_from(walk->reading->asker->roles) & KEPT_CLAIMS)
            return true;
        int shown = command_show(
            &command, record->ledger_id, walk->reading->flow->sealer, &walk->reading->flow->arena);
        CHECK(shown == 0);
        walk->facts.destination = command.kind == COMMAND_DEDUCT_CLAIM ? command.deduct_claim.payee
                                                                       : command.place_claim.payee;
    } else if (command.kind == COMMAND_WITHDRAW) {
        int64_t index = payout->id - record->subject_id;
        bool is_by_card = index >= 0 && index < command.card_part_count;
        struct card_part part = is_by_card ? command.card_parts[index] : (struct card_part){0};
        walk->facts.card_id = part.card_id;
        int shown = command_show(
            &command, record->ledger_id, walk->reading->flow->sealer, &walk->reading->flow->arena);
        CHECK(shown == 0);
        walk->facts.destination = command.withdraw.destination;
        walk->facts.end_to_end_id = command.withdraw.end_to_end_id;
        walk->facts.uetr = command.withdraw.uetr;
        if (is_by_card && command.withdraw.destination.account_number.length == 0)
            return take_card(walk, &part);
    }
    return true;
}

/* From the last word of the bank to the first. */
static bool take_words(struct facts_walk *walk, const struct payout *payout)
{
    struct payout_facts *facts = &walk->facts;
    int64_t sequence = payout->evidence_sequence;
    bool is_told = payout->status != PAYOUT_REQUESTED && payout->status != PAYOUT_SENT &&
                   payout->status != PAYOUT_UNKNOWN;
    for (uint32_t n = 0; sequence != 0 && n < TOLD_MAX; n++) {
        const struct command_record *record;
        struct command command;
        if (!take_command(walk, sequence, &record, &command))
            return false;
        if (is_told && sequence == payout->evidence_sequence)
            facts->result_us = record->recorded_us;
        if (command.kind == COMMAND_CONFIRM_PAYOUT) {
            if (facts->bank_reference.length == 0)
                facts->bank_reference = command.confirm_payout.bank_reference;
            if (command.confirm_payout.result == PAYOUT_RESULT_SENT)
                facts->sent_us = record->recorded_us;
        }
        sequence = command.told_before < sequence ? command.told_before : 0;
    }
    return true;
}

bool flow_reply_payout(struct reading *reading, const struct payout *payout)
{
    struct facts_walk walk = {.reading = reading};
    if (!take_withdrawal(&walk, payout) || !take_words(&walk, payout)) {
        struct query_records record = {.kind = RECORD_PAYOUT,
            .first_key = payout->id,
            .last_key = payout->id,
            .rows_max = 1,
            .is_for_decision = true}; /* the bank pays by it */
        bool is_resident = engine_is_resident(reading->flow->engine, RECORD_PAYOUT, payout->id);
        flow_ask_commands(reading->flow, reading->waiting, is_resident ? NULL : &record,
            walk.sequences, walk.count);
        return false;
    }
    reply_payout(reading->out, payout, &walk.facts, reading->ledger, reading->as_of);
    return true;
}
