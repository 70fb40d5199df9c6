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
            flow->engine, command->ledger_id, payer_id, order_number, flow->release_before))
        return false;
    CHECK(order_number.length <= ORDER_NUMBER_BYTES_MAX);
    *ret_asked = (struct query_records){.kind = RECORD_HOLD,
        .ledger_id = command->ledger_id,
        .rows_max = 1,
        .payer_account_id = payer_id,
        .order_number_length = (uint32_t)order_number.length};
    memcpy(ret_asked->order_number, order_number.bytes, order_number.length);
    return true;
}

/* The record that the command is about, when it has left memory. */
static bool names_released(
    const struct flow *flow, const struct command *command, struct query_records *ret_asked)
{
    enum record_kind kind = RECORD_HOLD;
    int64_t id = command_named_record(command, &kind);
    if (id == 0)
        return names_ended_hold(flow, command, ret_asked);
    if (id < 1 || id > engine_last_id(flow->engine, kind) ||
        engine_is_resident(flow->engine, kind, id))
        return false;
    *ret_asked =
        (struct query_records){.kind = kind, .first_key = id, .last_key = id, .rows_max = 1};
    return true;
}

uint32_t find_wanted(const struct flow *flow, const struct command *command,
    struct wanted ret_wanted[WANTED_PER_COMMAND_MAX])
{
    int64_t original = command_earlier_sequence(command);
    struct query_records released;
    uint32_t count = 0;
    if (is_perhaps_indexed(flow, &command->key))
        ret_wanted[count++] = (struct wanted){.what = WANTED_KEY, .key = command->key};
    if (original != 0 && original < recent_first_sequence(flow->recent)) {
        ret_wanted[count++] = (struct wanted){.what = WANTED_COMMAND, .sequence = original};
        /* What was given back of it may have left memory. */
        ret_wanted[count++] = (struct wanted){.what = WANTED_RECORDS,
            .records = {.kind = RECORD_REFUNDED,
                .first_key = original,
                .last_key = original,
                .rows_max = PAYEES_PER_COMMAND_MAX + 1}};
    }
    if (names_released(flow, command, &released))
        ret_wanted[count++] = (struct wanted){.what = WANTED_RECORDS,
            .records = released,
            .must_be_resident = released.payer_account_id == 0};
    CHECK(count <= WANTED_PER_COMMAND_MAX);
    return count > 0 && recent_find_key(flow->recent, &command->key) ? 0 : count;
}
