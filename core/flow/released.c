/* released.c: final records leave memory, and come back for the command that names them.
 *
 * What leaves was last changed in an indexed segment, and its state row is written. The bound that
 * says so is used some seconds after it was found, so that a replica has such rows, too; an answer
 * that is older than the bound says nothing.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/log.h"
#include "flow/internal.h"
#include "journal/rows.h"

#include <inttypes.h>
#include <stdlib.h>

#define RELEASE_TURN_US 5000000
/* Some 200,000 ids a second, far more than can be given. */
#define RELEASE_STEP_US 20000
#define RELEASE_STEP_IDS 4096

void flow_release(struct flow *flow)
{
    int64_t now_us = flow->now_monotonic_us;
    if (now_us >= flow->release_turn_us) {
        int64_t recent = recent_first_sequence(flow->recent);
        int64_t written = store_redo_sequence(flow->store);
        if (flow->release_next > flow->release_before)
            flow->release_before = flow->release_next;
        flow->release_next = written < recent ? written : recent;
        flow->release_turn_us = now_us + RELEASE_TURN_US;
    }
    if (now_us < flow->release_step_us)
        return;
    /* The redo point at the start can lie in a segment that is not indexed. */
    int64_t recent = recent_first_sequence(flow->recent);
    engine_release(flow->engine, RELEASE_STEP_IDS,
        flow->release_before < recent ? flow->release_before : recent);
    flow->release_step_us = now_us + RELEASE_STEP_US;
}

/* ---- what a command names ---- */

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

bool flow_names_released(
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

/* ---- what was found ---- */

void *flow_read_records(
    const struct query_records *asked, const uint8_t *rows, size_t length, uint32_t count)
{
    const struct record_table *table = &record_tables[asked->kind];
    /* A record that is named by its id has a row. */
    bool is_one = asked->kind != RECORD_REFUNDED && asked->ledger_id == 0;
    struct reader in = reader_of(rows, length);
    uint8_t *records = calloc((size_t)count + 1, table->bytes);
    CHECK(records != NULL);
    bool is_right = count <= asked->rows_max && (!is_one || count == 1);
    for (uint32_t i = 0; i < count && is_right; i++) {
        int64_t sequence;
        is_right = rows_read_record(&in, table, &sequence, records + (size_t)i * table->bytes) == 0;
    }
    if (is_right && reader_left(&in) == 0)
        return records;
    log_error("state rows in the database are damaged table=%s from=%" PRId64, table->name,
        asked->first_key);
    free(records);
    return NULL;
}

int flow_revive_records(
    struct flow *flow, enum record_kind kind, const void *records, uint32_t count)
{
    const struct record_table *table = &record_tables[kind];
    for (uint32_t i = 0; i < count; i++) {
        const void *record = (const uint8_t *)records + (size_t)i * table->bytes;
        struct image image = {.kind = kind};
        memcpy(image_record(&image), record, table->bytes);
        if (engine_revive(flow->engine, &image) < 0) {
            log_error("a state row in the database is damaged table=%s id=%" PRId64, table->name,
                record_id(table, record));
            return -1;
        }
    }
    return 0;
}
