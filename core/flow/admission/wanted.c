/* wanted.c: see wanted.h.
 *
 * What a command names follows from its fields (command/uses.c). A command that was seen before is
 * not decided again: it wants nothing but to be found by its key.
 * SPDX-License-Identifier: Apache-2.0 */
#include "flow/admission/wanted.h"
#include "flow/internal.h"

/* Whether the key may be in an indexed segment. */
static bool is_perhaps_indexed(const struct flow *flow, const struct request_key *key)
{
    uint64_t hash = request_key_hash(flow->filter_secret, key);
    return filter_set_may_have(flow->filters, hash, key->business_date);
}

/* Whether the command names holds by their order alone: its payer and order. */
static bool names_order(
    const struct command *command, int64_t *ret_payer_id, struct text *ret_order_number)
{
    switch ((int)command->kind) {
    case COMMAND_CONFIRM_HOLD:
        *ret_payer_id = command->confirm_hold.payer_account_id;
        *ret_order_number = command->confirm_hold.order_number;
        return command->confirm_hold.hold_id == 0;
    case COMMAND_CANCEL_HOLD:
        *ret_payer_id = command->cancel_hold.payer_account_id;
        *ret_order_number = command->cancel_hold.order_number;
        return command->cancel_hold.hold_id == 0;
    default:
        return false;
    }
}

/* The hold of the order that ended last, when memory cannot say which one that is. */
static bool names_ended_hold(
    const struct flow *flow, const struct command *command, struct query_records *ret_asked)
{
    int64_t payer_id;
    struct text order_number;
    if (!names_order(command, &payer_id, &order_number) ||
        engine_knows_holds(
            flow->engine, command->ledger_id, payer_id, order_number, flow->evicted_before))
        return false;
    CHECK(order_number.length <= ORDER_NUMBER_BYTES_MAX);
    *ret_asked = (struct query_records){.kind = RECORD_HOLD,
        .ledger_id = command->ledger_id,
        .rows_max = 1,
        .is_for_decision = true,
        .owner_id = payer_id,
        .text_length = (uint32_t)order_number.length};
    memcpy(ret_asked->text, order_number.bytes, order_number.length);
    return true;
}

/* The promise with a reference of its acquirer, when memory cannot say that there is one. */
static bool names_promise(
    const struct flow *flow, const struct command *command, struct query_records *ret_asked)
{
    int64_t acquirer_id = 0;
    struct text reference = {0};
    if (command->kind == COMMAND_BOOK_PROMISE) {
        acquirer_id = command->book_promise.acquirer_id;
        reference = command->book_promise.reference;
    } else if (command->kind == COMMAND_SETTLE_LINE && command->settle_line.promise_id == 0) {
        const struct settlement *settlement =
            engine_find_record(flow->engine, RECORD_SETTLEMENT, command->settle_line.settlement_id);
        acquirer_id = settlement ? settlement->acquirer_id : 0;
        reference = command->settle_line.reference;
    }
    if (acquirer_id == 0 ||
        engine_knows_promise(flow->engine, command->ledger_id, acquirer_id, reference))
        return false;
    CHECK(reference.length <= sizeof ret_asked->text);
    *ret_asked = (struct query_records){.kind = RECORD_PROMISE,
        .ledger_id = command->ledger_id,
        .rows_max = 1,
        .is_for_decision = true,
        .mark = mark_hash(flow->filter_secret, MARK_PROMISED, acquirer_id, reference),
        .owner_id = acquirer_id,
        .text_length = reference.length};
    memcpy(ret_asked->text, reference.bytes, reference.length);
    return true;
}

/* How much is matched of the booking that the command is about, when memory cannot say: nothing
 * where no segment has a mark of it. */
static bool names_booking(
    const struct flow *flow, const struct command *command, struct query_records *ret_asked)
{
    uint8_t booking_kind = 0;
    int64_t booking_id = 0;
    if (engine_last_id(flow->engine, RECORD_MATCHED_BOOKING) == 0 ||
        !engine_booking_of(flow->engine, command, &booking_kind, &booking_id) ||
        engine_find_matched_booking(flow->engine, booking_kind, booking_id))
        return false;
    uint64_t mark = flow_hash_of_booking(flow, booking_kind, booking_id);
    *ret_asked = (struct query_records){.kind = RECORD_MATCHED_BOOKING,
        .ledger_id = command->ledger_id,
        .rows_max = 1,
        .is_for_decision = true,
        .mark = mark,
        .owner_id = booking_id,
        .text_length = 1,
        .text = {(char)('0' + booking_kind)}};
    return filter_set_may_have(flow->reference_filters, mark, 0);
}

/* The line of the match that is undone, when it has left memory. */
static bool names_line_of_match(
    const struct flow *flow, const struct command *command, struct query_records *ret_asked)
{
    if (command->kind != COMMAND_UNDO_MATCH)
        return false;
    const struct statement_match *match = engine_find_record(
        flow->engine, RECORD_STATEMENT_MATCH, command->undo_match.statement_match_id);
    if (!match || engine_is_resident(flow->engine, RECORD_STATEMENT_LINE, match->statement_line_id))
        return false;
    *ret_asked = (struct query_records){.kind = RECORD_STATEMENT_LINE,
        .first_key = match->statement_line_id,
        .last_key = match->statement_line_id,
        .rows_max = 1,
        .is_for_decision = true};
    return true;
}

/* The records that the command names and that have left memory. */
static uint32_t find_evicted(const struct flow *flow, const struct command *command,
    struct wanted ret_wanted[NAMED_RECORDS_MAX])
{
    struct named_record named[NAMED_RECORDS_MAX];
    struct query_records by_text;
    uint32_t named_count = command_named_records(command, named);
    uint32_t count = 0;
    for (uint32_t i = 0; i < named_count; i++) {
        enum record_kind kind = named[i].kind;
        int64_t id = named[i].id;
        if (id >= 1 && id <= engine_last_id(flow->engine, kind) &&
            !engine_is_resident(flow->engine, kind, id))
            ret_wanted[count++] = (struct wanted){.what = WANTED_RECORDS,
                .records = {.kind = kind,
                    .first_key = id,
                    .last_key = id,
                    .rows_max = 1,
                    .is_for_decision = true}};
    }
    if ((named_count == 0 && names_ended_hold(flow, command, &by_text)) ||
        names_promise(flow, command, &by_text) || names_line_of_match(flow, command, &by_text))
        ret_wanted[count++] = (struct wanted){.what = WANTED_RECORDS, .records = by_text};
    if (names_booking(flow, command, &by_text))
        ret_wanted[count++] = (struct wanted){.what = WANTED_RECORDS, .records = by_text};
    return count;
}

/* The commands that a Reveal names. Its answer has them also when it comes again. */
static uint32_t find_revealed(
    const struct flow *flow, const struct command *command, struct wanted *ret_wanted)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < command->reveal.command_count; i++) {
        int64_t sequence = command->reveal.commands[i].sequence;
        if (sequence < recent_first_sequence(flow->recent))
            ret_wanted[count++] = (struct wanted){.what = WANTED_COMMAND, .sequence = sequence};
    }
    return count;
}

/* What was given back of a command: it may have left memory. */
static struct wanted refunded_of(const struct flow *flow, int64_t sequence)
{
    return (struct wanted){.what = WANTED_RECORDS,
        .records = {.kind = RECORD_REFUNDED,
            .first_key = sequence,
            .last_key = sequence,
            .rows_max = PAYEES_PER_COMMAND_MAX + 1,
            .is_for_decision = true,
            .mark = mark_hash(flow->filter_secret, MARK_GIVEN_BACK, sequence, (struct text){0})}};
}

/* How much PLATFORM_OWN gives for the payout that the bank sends back, in place of who cannot:
 * asked for where somebody may not have been there, for accounts are never opened again. Where
 * two persons correct a word, or it went by a card, it comes with the command that asked for the
 * payout. */
static uint32_t find_stand_in(
    const struct flow *flow, const struct command *command, struct wanted *ret_wanted)
{
    const struct confirm_payout *said = &command->confirm_payout;
    if (command->kind != COMMAND_CONFIRM_PAYOUT || said->correction ||
        said->result != PAYOUT_RESULT_RETURNED || flow_earlier_sequence(flow, command) != 0)
        return 0;
    const struct payout *payout = engine_find_payout(flow->engine, said->payout_id);
    if (!payout || payout->requested_sequence >= recent_first_sequence(flow->recent))
        return 0;
    const struct account *account = engine_find_account(flow->engine, payout->account_id);
    const struct account *bearer = engine_find_account(flow->engine, payout->fee_account_id);
    CHECK(account != NULL);
    if (account->status == ACCOUNT_OPEN && account->kind != ACCOUNT_UNALLOCATED &&
        (!bearer || bearer->status == ACCOUNT_OPEN))
        return 0;
    *ret_wanted = refunded_of(flow, payout->requested_sequence);
    return 1;
}

/* The receipts that may have booked its reference, when no filter rules that out; and, once they
 * are known, whether they were reversed. */
static uint32_t find_receipts(const struct flow *flow, const struct command *command,
    const struct lookups *lookups, uint32_t index, struct wanted *ret_wanted)
{
    struct wanted wanted = {.what = WANTED_REFERENCE};
    const int64_t *sequences;
    uint32_t count = 0;
    if (!flow_may_be_booked(flow, command, &wanted.reference))
        return 0;
    ret_wanted[count++] = wanted;
    uint32_t found = lookups ? lookups_find_receipts(lookups, index, &sequences) : 0;
    for (uint32_t i = 0; i < found; i++)
        ret_wanted[count++] = refunded_of(flow, sequences[i]);
    return count;
}

/* All but its key. */
static uint32_t find_named(const struct flow *flow, const struct command *command,
    const struct lookups *lookups, uint32_t index, struct wanted ret_wanted[WANTED_PER_COMMAND_MAX])
{
    int64_t original = flow_earlier_sequence(flow, command);
    uint32_t count = 0;
    if (original != 0 && original < recent_first_sequence(flow->recent)) {
        ret_wanted[count++] = (struct wanted){.what = WANTED_COMMAND, .sequence = original};
        ret_wanted[count++] = refunded_of(flow, original);
    }
    count += find_receipts(flow, command, lookups, index, ret_wanted + count);
    count += find_stand_in(flow, command, ret_wanted + count);
    return count + find_evicted(flow, command, ret_wanted + count);
}

uint32_t find_wanted(struct flow *flow, const struct command *command,
    const struct lookups *lookups, uint32_t index, struct wanted ret_wanted[WANTED_MAX])
{
    uint32_t count = 0;
    if (is_perhaps_indexed(flow, &command->key))
        ret_wanted[count++] = (struct wanted){.what = WANTED_KEY, .key = command->key};
    if (command->kind == COMMAND_REVEAL)
        return count + find_revealed(flow, command, ret_wanted + count);
    count += find_named(flow, command, lookups, index, ret_wanted + count);
    if (command->kind == COMMAND_APPROVE) {
        struct approved_memory memory;
        if (flow_find_approved(flow, command, lookups, index, &memory))
            count += find_named(flow, &memory.command, lookups, index, ret_wanted + count);
    }
    CHECK(count <= WANTED_PER_COMMAND_MAX);
    return count > 0 && recent_find_key(flow->recent, &command->key) ? 0 : count;
}
