/* expiries.c: what has an end in time ends by a command of the service itself.
 *
 * The command is decided, recorded and told like any other; only nobody waits for its answer. What
 * is not done in this turn, for want of room or because there is much of it, is done in the next
 * ones: commands that meet it before are refused as if it were done.
 * SPDX-License-Identifier: Apache-2.0 */
#include "flow/internal.h"
#include "model/record_table.h"

#include <inttypes.h>
#include <stdio.h>

/* So that requests go on beside a great many that are due at the same time. The batch that holds
 * these ends with a turn, which goes on with the rest. */
#define EXPIRIES_PER_TURN_MAX 1000

/* The claim whose end is told; NULL: it is something else that is due. Both can be on one date, so
 * that they have different keys: days are cut when a ledger's bank says so. */
static const struct claim *notice_of_claim(const struct flow *flow, const struct due *due)
{
    if (due->kind != EXPIRY_CLAIM)
        return NULL;
    const struct claim *claim = engine_find_record(flow->engine, RECORD_CLAIM, due->id);
    CHECK(claim != NULL);
    return claim->ends_at_us > flow->now_us ? claim : NULL;
}

static const char *key_name(const struct flow *flow, const struct due *due)
{
    return notice_of_claim(flow, due) ? "claim-told"
                                      : record_tables[record_kind_of_expiry(due->kind)].name;
}

/* Makes its key one that was never used. What ends does so once; but each check of a card ends by
 * itself, a ledger can be flagged for the same item again, after its record was changed by what
 * cleared it, and of an identity there is the notice and the end, each after another command that
 * changed it. The notice of a claim, see key_name, is one of a paper, which tells of one claim. */
static int64_t number_of(const struct flow *flow, const struct due *due)
{
    if (due->kind == EXPIRY_IDENTITY) {
        const struct identity *identity =
            engine_find_record(flow->engine, RECORD_IDENTITY, due->id);
        CHECK(identity != NULL);
        return identity->changed_sequence;
    }
    if (due->kind == EXPIRY_CARD) {
        const struct card *card = engine_find_record(flow->engine, RECORD_CARD, due->id);
        CHECK(card != NULL && card->status == CARD_CHECKING);
        return card->check_sequence;
    }
    const struct claim *noticed = notice_of_claim(flow, due);
    if (noticed)
        return noticed->told_sequence;
    if (due->kind != EXPIRY_SUSPENSE)
        return due->id;
    const struct watch *watch = engine_find_watch(flow->engine, due->ledger_id);
    CHECK(watch != NULL && watch->overdue_at_us == 0);
    return watch->changed_sequence;
}

static struct command command_of(const struct flow *flow, const struct due *due)
{
    const struct ledger *ledger = engine_find_ledger(flow->engine, due->ledger_id);
    CHECK(ledger != NULL);
    struct command command = {
        .kind = COMMAND_EXPIRE,
        .ledger_id = due->ledger_id,
        .expire = {.kind = (int32_t)due->kind, .id = due->id},
    };
    struct request_key *key = &command.key;
    char serial[SERIAL_BYTES_MAX + 1];
    int length =
        snprintf(serial, sizeof serial, "%s-%" PRId64, key_name(flow, due), number_of(flow, due));
    CHECK(length > 0 && (size_t)length < sizeof serial);
    memcpy(key->channel, OWN_CHANNEL, sizeof OWN_CHANNEL - 1);
    key->channel_length = sizeof OWN_CHANNEL - 1;
    key->business_date = ledger->accounting_dates[0];
    memcpy(key->serial, serial, (size_t)length);
    key->serial_length = (uint8_t)length;
    return command;
}

void flow_execute_expiries(struct flow *flow)
{
    struct due due;
    /* A server that stops is not held up; the next one takes them up. */
    if (flow->state != FLOW_SERVING || flow->clock.is_refusing)
        return;
    for (uint32_t i = 0; i < EXPIRIES_PER_TURN_MAX; i++) {
        if (!engine_next_due(flow->engine, flow->now_us, &due) || !flow_has_room(flow, 1))
            return;
        struct command command = command_of(flow, &due);
        flow_execute_own(flow, &command);
    }
}
