/* engine.c: the engine's memory and the way of one command through it.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/reserve.h"
#include "engine/memory/blocks.h"
#include "engine/memory/changes.h"
#include "engine/memory/memory.h"
#include "engine/rules/account_policy.h"
#include "engine/rules/commands.h"
#include "engine/rules/mandates.h"
#include "engine/rules/promises.h"
#include "engine/rules/proofs.h"
#include "engine/rules/proposals.h"
#include "engine/rules/record_rules.h"
#include "engine/rules/settle.h"
#include "engine/rules/sums.h"
#include "engine/rules/suspense.h"
#include "engine/rules/usage.h"
#include "engine/rules/watch.h"

#include <stdlib.h>
#include <string.h>

/* Places of a kind in memory; that of id 0 is unused. */
static size_t places_max(enum record_kind kind)
{
    return engine_is_evictable(kind) ? LIVE_PLACES_MAX : (size_t)record_tables[kind].id_max + 1;
}

#define WAITING(kind)                                                                              \
    {offsetof(struct engine, waiting_roots[kind]), sizeof(int64_t), RECORD_LEDGER},                \
        {offsetof(struct engine, waiting_links[kind]), sizeof(struct waiting_links), kind},        \
    {                                                                                              \
        offsetof(struct engine, waiting_dues[kind]), sizeof(int64_t), RECORD_LEDGER                \
    }

/* The arrays of chains; by places of a kind, or by its ids, which are places of those that stay. */
static const struct chain_array {
    size_t offset; /* of the pointer in the engine */
    size_t item_bytes;
    enum record_kind kind;
} chain_arrays[] = {
    {offsetof(struct engine, newest_accounts), sizeof(int64_t), RECORD_MEMBER},
    {offsetof(struct engine, newest_fee_accounts), sizeof(int64_t), RECORD_LEDGER},
    {offsetof(struct engine, older_accounts), sizeof(int64_t), RECORD_ACCOUNT},
    {offsetof(struct engine, newest_freezes), sizeof(int64_t), RECORD_ACCOUNT},
    {offsetof(struct engine, freeze_links), sizeof(struct freeze_links), RECORD_FREEZE},
    {offsetof(struct engine, oldest_debts), sizeof(int64_t), RECORD_ACCOUNT},
    {offsetof(struct engine, newest_debts), sizeof(int64_t), RECORD_ACCOUNT},
    {offsetof(struct engine, oldest_member_debts), sizeof(int64_t), RECORD_MEMBER},
    {offsetof(struct engine, newest_member_debts), sizeof(int64_t), RECORD_MEMBER},
    {offsetof(struct engine, debt_links), sizeof(struct debt_links), RECORD_DEBT},
    {offsetof(struct engine, owed_minor), sizeof(int64_t), RECORD_MEMBER},
    {offsetof(struct engine, policies), sizeof(int64_t), RECORD_LEDGER},
    {offsetof(struct engine, watches), sizeof(int64_t), RECORD_LEDGER},
    {offsetof(struct engine, account_policies), sizeof(int64_t), RECORD_LEDGER},
    {offsetof(struct engine, proof_policies), sizeof(int64_t), RECORD_LEDGER},
    WAITING(RECORD_SUSPENSE),
    WAITING(RECORD_PROMISE),
    {offsetof(struct engine, newest_of_person), sizeof(int64_t), RECORD_IDENTITY},
    {offsetof(struct engine, older_of_person), sizeof(int64_t), RECORD_IDENTITY},
    {offsetof(struct engine, name_links), NAMES_PER_IDENTITY * sizeof(struct name_links),
        RECORD_IDENTITY},
    {offsetof(struct engine, denied_counts), sizeof(int64_t), RECORD_LEDGER},
    {offsetof(struct engine, newest_hits), sizeof(int64_t), RECORD_MEMBER},
    {offsetof(struct engine, older_hits), sizeof(int64_t), RECORD_HIT},
    {offsetof(struct engine, newest_restrictions), sizeof(int64_t), RECORD_ACCOUNT},
    {offsetof(struct engine, older_restrictions), sizeof(int64_t), RECORD_RESTRICTION},
    {offsetof(struct engine, newest_cards), sizeof(int64_t), RECORD_MEMBER},
    {offsetof(struct engine, card_links), sizeof(struct card_links), RECORD_CARD},
    {offsetof(struct engine, newest_flows), sizeof(int64_t), RECORD_ACCOUNT},
    {offsetof(struct engine, card_mandate_counts), sizeof(int32_t), RECORD_ACCOUNT},
    {offsetof(struct engine, open_product_counts), sizeof(int32_t), RECORD_ACCOUNT},
    {offsetof(struct engine, newest_positions), sizeof(int64_t), RECORD_ACCOUNT},
    {offsetof(struct engine, older_positions), sizeof(int64_t), RECORD_POSITION},
    {offsetof(struct engine, held_units), sizeof(int64_t), RECORD_PRODUCT},
    {offsetof(struct engine, older_flows), sizeof(int64_t), RECORD_CARD_FLOW},
    {offsetof(struct engine, first_claims), sizeof(int64_t), RECORD_MEMBER},
    {offsetof(struct engine, last_claims), sizeof(int64_t), RECORD_MEMBER},
    {offsetof(struct engine, claim_links), sizeof(struct claim_links), RECORD_CLAIM},
    {offsetof(struct engine, covers), sizeof(int64_t), RECORD_ACCOUNT},
    {offsetof(struct engine, last_statements), sizeof(int64_t), RECORD_LEDGER},
    {offsetof(struct engine, statements_before), sizeof(int64_t), RECORD_BANK_STATEMENT},
};

#define CHAIN_ARRAYS (sizeof chain_arrays / sizeof *chain_arrays)

static void **chain_array_of(struct engine *engine, const struct chain_array *array)
{
    return (void **)(void *)((uint8_t *)engine + array->offset);
}

struct engine *engine_create(void)
{
    struct engine *engine = calloc(1, sizeof *engine);
    CHECK(engine != NULL);
    for (int kind = 1; kind <= RECORD_KINDS; kind++) {
        size_t count = places_max((enum record_kind)kind);
        engine->records[kind] = reserve_array(count, record_tables[kind].bytes);
        engine->marks[kind] = reserve_array(count, 1);
        if (engine_is_evictable((enum record_kind)kind))
            blocks_init(&engine->blocks[kind], SLOTS_MAX);
        if (record_rules[kind].expire)
            engine->due_places[kind] = reserve_array(count, sizeof *engine->due_places[kind]);
        engine->changes_max += count;
    }
    for (size_t i = 0; i < CHAIN_ARRAYS; i++)
        *chain_array_of(engine, &chain_arrays[i]) =
            reserve_array(places_max(chain_arrays[i].kind), chain_arrays[i].item_bytes);
    engine->changes = reserve_array(engine->changes_max, sizeof *engine->changes);
    engine->ledgers = engine->records[RECORD_LEDGER];
    engine->members = engine->records[RECORD_MEMBER];
    engine->accounts = engine->records[RECORD_ACCOUNT];
    engine->fee_rules = engine->records[RECORD_FEE_RULE];
    engine->sums = reserve_array((size_t)LEDGERS_MAX + 1, sizeof *engine->sums);
    engine->hash_secret = hash_key_random();
    map_init_growing(&engine->prefixes, 256, LEDGERS_MAX);
    map_init_growing(&engine->platform_ids, 65536, MEMBERS_MAX);
    map_init_growing(&engine->fee_rule_names, 1024, FEE_RULES_MAX);
    map_init_growing(&engine->caller_names, 64, CALLERS_MAX);
    map_init_growing(&engine->acquirer_names, 64, ACQUIRERS_MAX);
    map_init_growing(&engine->product_codes, 64, PRODUCTS_MAX);
    map_init_growing(&engine->position_keys, 64, POSITIONS_MAX);
    map_init_growing(&engine->statement_references, 64, BANK_STATEMENTS_MAX);
    map_init_growing(&engine->statement_files, 64, BANK_STATEMENTS_MAX);
    map_init_growing(&engine->documents, 65536, IDENTITIES_MAX);
    map_init_growing(&engine->names, 65536, NAMES_PER_IDENTITY * (uint64_t)IDENTITIES_MAX);
    map_init_growing(&engine->denied_values, 1024, DENIED_MAX);
    map_init_growing(&engine->payer_hits, 1024, HITS_MAX);
    engine->returnable_counts =
        reserve_array(((size_t)LEDGERS_MAX + 1) * RETURN_DATES, sizeof *engine->returnable_counts);
    map_init_growing(&engine->holds_of_orders, 65536, LIVE_PLACES_MAX);
    map_init_growing(&engine->refunds, 65536, LIVE_PLACES_MAX);
    map_init_growing(&engine->suspense_sources, 65536, LIVE_PLACES_MAX);
    map_init_growing(&engine->open_lumps, 64, LIVE_PLACES_MAX);
    map_init_growing(&engine->promise_references, 65536, LIVE_PLACES_MAX);
    map_init_growing(&engine->matched_bookings, 64, LIVE_PLACES_MAX);
    map_init_growing(&engine->card_numbers, 65536, LIVE_PLACES_MAX);
    engine->dues = reserve_array(DUES_MAX + 1, sizeof *engine->dues);
    engine->undo_steps = reserve_array(UNDO_STEPS_MAX, sizeof *engine->undo_steps);
    engine->undo_bytes = reserve_array(UNDO_BYTES_MAX, 1);
    engine->moves = reserve_array(1, sizeof *engine->moves);
    engine->evict_kind = 1;
    engine->rules = record_rules;
    return engine;
}

void engine_destroy(struct engine *engine)
{
    if (!engine)
        return;
    for (int kind = 1; kind <= RECORD_KINDS; kind++) {
        size_t count = places_max((enum record_kind)kind);
        reserve_release(engine->records[kind], count, record_tables[kind].bytes);
        reserve_release(engine->marks[kind], count, 1);
        if (engine->due_places[kind])
            reserve_release(engine->due_places[kind], count, sizeof *engine->due_places[kind]);
        blocks_finish(&engine->blocks[kind]);
    }
    for (size_t i = 0; i < CHAIN_ARRAYS; i++)
        reserve_release(*chain_array_of(engine, &chain_arrays[i]), places_max(chain_arrays[i].kind),
            chain_arrays[i].item_bytes);
    reserve_release(engine->changes, engine->changes_max, sizeof *engine->changes);
    reserve_release(engine->sums, (size_t)LEDGERS_MAX + 1, sizeof *engine->sums);
    map_finish(&engine->prefixes);
    map_finish(&engine->platform_ids);
    map_finish(&engine->fee_rule_names);
    map_finish(&engine->caller_names);
    map_finish(&engine->acquirer_names);
    map_finish(&engine->product_codes);
    map_finish(&engine->position_keys);
    map_finish(&engine->statement_references);
    map_finish(&engine->statement_files);
    map_finish(&engine->documents);
    map_finish(&engine->names);
    map_finish(&engine->denied_values);
    map_finish(&engine->payer_hits);
    reserve_release(engine->returnable_counts, ((size_t)LEDGERS_MAX + 1) * RETURN_DATES,
        sizeof *engine->returnable_counts);
    map_finish(&engine->holds_of_orders);
    map_finish(&engine->refunds);
    map_finish(&engine->suspense_sources);
    map_finish(&engine->open_lumps);
    map_finish(&engine->promise_references);
    map_finish(&engine->matched_bookings);
    map_finish(&engine->card_numbers);
    reserve_release(engine->dues, DUES_MAX + 1, sizeof *engine->dues);
    reserve_release(engine->undo_steps, UNDO_STEPS_MAX, sizeof *engine->undo_steps);
    reserve_release(engine->undo_bytes, UNDO_BYTES_MAX, 1);
    reserve_release(engine->moves, 1, sizeof *engine->moves);
    free(engine);
}

/* ---- one command ---- */

/* By kind; `ledger` is NULL of kinds that have none. */
static enum outcome execute_kind(
    struct engine *engine, const struct ledger *ledger, const struct command *command)
{
    switch (command->kind) {
#define COMMAND(number, NAME, name, Service, Method, answer, roles)                                \
    case COMMAND_##NAME:                                                                           \
        return execute_##name(engine, ledger, command);
#include "command/command_list.h"
    }
    CHECK(0 && "a known kind of command");
    return OUTCOME_LEDGER_NOT_FOUND;
}

/* Whom its money came from and went to is asked for ever, and organs wait for answers. */
static bool goes_on_when_closed(const struct command *command)
{
    if (command->kind == COMMAND_EXPIRE)
        return command->expire.kind == EXPIRY_FEEDBACK;
    return command->kind == COMMAND_REVEAL || command->kind == COMMAND_OPEN_FEEDBACK ||
           command->kind == COMMAND_GIVE_FEEDBACK;
}

static enum outcome execute(struct engine *engine, const struct command *command)
{
    if (!command_has_ledger((int)command->kind))
        return execute_kind(engine, NULL, command);
    const struct ledger *ledger = engine_find_ledger(engine, command->ledger_id);
    if (!ledger)
        return OUTCOME_LEDGER_NOT_FOUND;
    engine->effects->accounting_date = ledger->accounting_dates[0];
    CHECK(ledger->accounting_date_count > 0);
    if (command->key.business_date < ledger->accounting_dates[ledger->accounting_date_count - 1])
        return OUTCOME_KEY_WINDOW_CLOSED;
    if (command->key.business_date > ledger->accounting_dates[0] + 1)
        return OUTCOME_BUSINESS_DATE_AHEAD;
    if (ledger->status != LEDGER_OPEN && !goes_on_when_closed(command))
        return OUTCOME_LEDGER_CLOSED;
    enum outcome outcome = check_persons(engine, ledger, command);
    if (outcome == OUTCOME_ACCEPTED)
        outcome = check_instruction(engine, ledger, command);
    if (outcome != OUTCOME_ACCEPTED)
        return outcome;
    outcome = execute_kind(engine, ledger, command);
    if (outcome_is_accepted((int)outcome) && command->proposal_id != 0)
        approve_proposal(engine, command);
    if (outcome_is_accepted((int)outcome))
        count_mandate(engine, command);
    uint32_t posting_count = engine->effects->posting_count;
    settle_accounts(engine, ledger);
    if (!outcome_is_accepted((int)outcome))
        return outcome;
    settle_suspense(engine, ledger, command);
    settle_watch(engine, ledger);
    settle_late_promises(engine, ledger);
    enum outcome forbidden = check_account_policy(engine, ledger, command, posting_count);
    return forbidden != OUTCOME_ACCEPTED ? forbidden : outcome;
}

void engine_set_same_party(struct engine *engine, engine_same_party *same_party,
    engine_is_escrow_account *is_escrow_account, void *context)
{
    engine->same_party = same_party;
    engine->is_escrow_account = is_escrow_account;
    engine->same_party_context = context;
}

void engine_set_fingerprints(
    struct engine *engine, engine_fingerprints *fingerprints, void *context)
{
    engine->fingerprints = fingerprints;
    engine->fingerprints_context = context;
}

/* Decides the command; when an account policy refuses what it has booked, all of it is undone: for
 * that there is a scope. */
static void decide(struct engine *engine, const struct command *command, bool may_be_undone,
    struct effects *effects)
{
    struct savepoint before = {0};
    effects->subject_id = 0;
    effects->accounting_date = 0;
    effects->fee_rule_version = 0;
    effects->fee_minor = 0;
    effects->limit_minor = 0;
    effects->policy_limit_minor = 0;
    effects->limit_count = 0;
    effects->told_before = 0;
    effects->suspense_id = 0;
    effects->check_amount_minor = 0;
    effects->claim_payout_id = 0;
    effects->card_part_count = 0;
    effects->order_number = command_order_number(command);
    effects->walked = 0;
    effects->posting_count = 0;
    effects->image_count = 0;
    engine->is_unallocated = false;
    engine->suspense_account_id = 0;
    engine->unallocated_minor = 0;
    engine->suspense_noted_minor = 0;
    engine->effects = effects;
    if (may_be_undone) {
        before = take_savepoint(engine);
        fetch_for_policy(engine, command);
    }

    effects->outcome = execute(engine, command);
    if (effects->outcome == OUTCOME_ACCEPTED && engine->is_unallocated)
        effects->outcome = OUTCOME_ACCEPTED_UNALLOCATED;
    fill_images(engine);
    engine->effects = NULL;
    if (outcome_is_accepted((int)effects->outcome)) {
        check_sums(engine, effects);
        return;
    }
    if (may_be_undone) {
        return_to_savepoint(engine, &before);
        effects->posting_count = 0;
        effects->image_count = 0;
        effects->fee_minor = 0;
        effects->fee_rule_version = 0;
        effects->told_before = 0;
        effects->suspense_id = 0;
        effects->card_part_count = 0;
        effects->order_number = command_order_number(command);
    }
    CHECK(effects->posting_count == 0);
    CHECK(effects->card_part_count == 0);
    CHECK(effects->image_count == 0);
    CHECK(effects->fee_minor == 0 && effects->fee_rule_version == 0);
    effects->subject_id = 0;
    for (uint32_t i = 0; i < effects->limit_count; i++) {
        if (effects->limits[i].outcome == effects->outcome)
            effects->limit_minor = effects->limits[i].limit_minor;
    }
}

void engine_execute(struct engine *engine, int64_t now_us, int64_t sequence,
    const struct command *command, struct effects *ret_effects)
{
    CHECK(sequence > 0);
    engine->sequence = sequence;
    engine->now_us = now_us;
    /* What a policy may refuse after all is decided in a scope, which is kept: of what it refuses
     * nothing is left in it. */
    bool may_be_undone = may_be_forbidden(engine, command);
    bool is_alone = may_be_undone && !engine->in_scope;
    if (is_alone)
        engine_begin(engine);
    decide(engine, command, may_be_undone, ret_effects);
    if (is_alone)
        keep_scope(engine);
}
