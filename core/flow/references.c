/* references.c: whether the ledger has booked the reference of a command: the bank's of a receipt,
 * the source order of a line of a lump, the number of a proof of a customer's instruction.
 *
 * What the database has not indexed yet is in memory (recent), receipts that are not durable yet
 * included. Of indexed segments a filter each rules references out; where one says "maybe" the
 * commands are looked up before the command is decided (admission/wanted.c). What is only tried, in
 * a scope that is rolled back, is noted here.
 *
 * A receipt that was reversed frees its reference, and a line that was taken back: the engine has
 * what was given back of it. A proof is spent for ever.
 * SPDX-License-Identifier: Apache-2.0 */
#include "flow/internal.h"

struct text flow_reference(const struct command *command, char ret_bytes[REFERENCE_BYTES_MAX])
{
    return (struct text){ret_bytes, command_folded_reference(command, ret_bytes)};
}

struct text flow_booked_reference(
    const struct command_record *record, char ret_bytes[REFERENCE_BYTES_MAX])
{
    struct command_elements elements;
    struct command command;
    bool may_have = command_has_proof(record->kind)
                        ? command_body_has_proof(
                              (enum command_kind)record->kind, record->body, record->body_length)
                        : command_has_reference(record->kind);
    if (!may_have || !outcome_is_accepted(record->outcome) ||
        command_body_decode((enum command_kind)record->kind, record->body, record->body_length,
            &elements, &command) < 0)
        return (struct text){0};
    return flow_reference(&command, ret_bytes);
}

bool flow_may_be_booked(
    const struct flow *flow, const struct command *command, struct query_reference *ret_asked)
{
    if (command_reference(command).length == 0)
        return false;
    struct text reference = flow_reference(command, ret_asked->reference);
    if (reference.length == 0)
        return false;
    ret_asked->ledger_id = command->ledger_id;
    ret_asked->reference_length = reference.length;
    ret_asked->hash = reference_hash(flow->filter_secret, command->ledger_id, reference);
    return filter_set_may_have(flow->reference_filters, ret_asked->hash, 0);
}

/* ---- what is only tried ---- */

struct tried_reference {
    uint64_t hash;
    int64_t ledger_id;
    uint32_t offset, length; /* in tried_bytes */
};

void flow_begin_trial(struct flow *flow)
{
    CHECK(!flow->is_trying && flow->tried.length == 0);
    engine_begin(flow->engine);
    flow->is_trying = true;
}

void flow_end_trial(struct flow *flow)
{
    const struct tried_reference *tried = (const void *)flow->tried.bytes;
    uint32_t count = (uint32_t)(flow->tried.length / sizeof *tried);
    CHECK(flow->is_trying);
    engine_rollback(flow->engine);
    for (uint32_t i = 0; i < count; i++)
        map_remove(&flow->tried_references, tried[i].hash, i);
    flow->tried.length = 0;
    flow->tried_bytes.length = 0;
    flow->tried_count = 0;
    flow->is_trying = false;
}

static bool is_tried(const struct flow *flow, int64_t ledger_id, struct text reference)
{
    const struct tried_reference *tried = (const void *)flow->tried.bytes;
    uint64_t hash = reference_hash(flow->filter_secret, ledger_id, reference);
    uint64_t cursor = 0;
    uint32_t i;
    while ((i = map_next(&flow->tried_references, hash, &cursor)) != MAP_NONE) {
        const char *bytes = (const char *)flow->tried_bytes.bytes + tried[i].offset;
        if (tried[i].ledger_id == ledger_id &&
            text_equals((struct text){bytes, tried[i].length}, reference))
            return true;
    }
    return false;
}

void flow_note_tried(struct flow *flow, const struct command *command)
{
    char bytes[REFERENCE_BYTES_MAX];
    if (!flow->is_trying || command_reference(command).length == 0)
        return;
    struct text reference = flow_reference(command, bytes);
    if (reference.length == 0)
        return;
    struct tried_reference tried = {
        .hash = reference_hash(flow->filter_secret, command->ledger_id, reference),
        .ledger_id = command->ledger_id,
        .offset = (uint32_t)flow->tried_bytes.length,
        .length = reference.length,
    };
    map_insert(&flow->tried_references, tried.hash, (uint32_t)(flow->tried.length / sizeof tried));
    buffer_append(&flow->tried, &tried, sizeof tried);
    buffer_append(&flow->tried_bytes, reference.bytes, reference.length);
}

/* ---- who has booked it ---- */

/* The first command that stands, of those that were looked at. */
struct standing {
    const struct flow *flow;
    bool is_for_ever; /* nothing frees it */
    int64_t sequence; /* 0: none */
};

static void look_at(struct standing *standing, int64_t sequence)
{
    const struct refunded *refunded = engine_find_refunded(standing->flow->engine, sequence, 0);
    /* A receipt was reversed, or a line was taken back, as a whole. */
    if (!standing->is_for_ever && refunded &&
        (refunded->reversed_sequence != 0 || refunded->amount_minor > 0))
        return;
    if (standing->sequence == 0 || sequence < standing->sequence)
        standing->sequence = sequence;
}

static bool on_receipt(void *context, const struct command_record *record)
{
    look_at(context, record->sequence);
    return true;
}

int64_t flow_find_used(const struct flow *flow, const struct command *command,
    const struct lookups *lookups, uint32_t index)
{
    char bytes[REFERENCE_BYTES_MAX];
    struct standing standing = {.flow = flow, .is_for_ever = command_proof(command) != NULL};
    const int64_t *sequences = NULL;
    if (command_reference(command).length == 0)
        return 0;
    struct text reference = flow_reference(command, bytes);
    if (reference.length == 0)
        return 0;
    uint32_t found = lookups ? lookups_find_receipts(lookups, index, &sequences) : 0;
    for (uint32_t i = 0; i < found; i++)
        look_at(&standing, sequences[i]);
    recent_walk_reference(flow->recent, command->ledger_id, reference, on_receipt, &standing);
    if (standing.sequence == 0 && flow->is_trying && is_tried(flow, command->ledger_id, reference))
        return USED_IN_CALL;
    return standing.sequence;
}
