/* internal.h: the engine's memory, shared by its own files only.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_ENGINE_INTERNAL_H
#define VSL_ENGINE_INTERNAL_H

#include "base/check.h"
#include "base/hash.h"
#include "base/map.h"
#include "engine/engine.h"
#include "model/receiving_number.h"
#include "model/record_table.h"

#include <stddef.h>

/* A record that changed since it was last written behind, in the order of first changes. */
struct change {
    int64_t first_sequence;
    int64_t id;
    enum record_kind kind;
};

/* One step to undo: bytes as they were, or an entry that was put into a map. */
struct undo_step {
    void *where; /* record; NULL: a map entry */
    struct map *map;
    uint64_t hash;
    uint32_t slot;
    uint32_t length;
    uint64_t bytes_offset; /* of the old bytes in undo_bytes */
};

/* A scope of BATCH_COMMANDS_MAX commands that each touch every record they may. */
#define UNDO_STEPS_MAX ((uint64_t)BATCH_COMMANDS_MAX * 4 * POSTINGS_PER_COMMAND_MAX)
#define UNDO_BYTES_MAX (UNDO_STEPS_MAX * sizeof(struct account))

struct engine {
    /* By kind: the records by id, [0] is unused, and the last id given. */
    void *records[RECORD_KINDS + 1];
    int64_t last_id[RECORD_KINDS + 1];
    /* The same arrays with their types. */
    struct ledger *ledgers;
    struct member *members;
    struct account *accounts;
    struct payout *payouts;
    struct ledger_sums *sums; /* by ledger id */
    struct hash_key hash_secret;
    struct map prefixes;     /* receiving prefix -> ledger id */
    struct map platform_ids; /* (ledger, platform member id) -> member id */

    /* Changed records, a ring in the order of first changes; is_changed[kind][id] tells who is in.
     * There is room for all records. */
    struct change *changes;
    uint64_t changes_max;
    uint64_t changes_head; /* where the oldest one is */
    uint64_t change_count;
    uint8_t *is_changed[RECORD_KINDS + 1];

    /* While loading: rows of the journal from here on are not in the state tables yet; 0 before. */
    int64_t redo_sequence;

    bool in_scope;
    struct undo_step *undo_steps;
    uint64_t undo_step_count;
    uint8_t *undo_bytes;
    uint64_t undo_byte_count;
    uint64_t scope_change_count; /* of changes before the scope */

    /* The command under way. */
    int64_t sequence;
    struct effects *effects;
};

/* ---- changes.c: every change of memory goes through these ---- */

/* Announces that the record is about to change: keeps its bytes for an undo, marks it as changed.
 */
void *change_record(struct engine *engine, enum record_kind kind, int64_t id);

static inline struct ledger *change_ledger(struct engine *engine, int64_t id)
{
    return change_record(engine, RECORD_LEDGER, id);
}

static inline struct member *change_member(struct engine *engine, int64_t id)
{
    return change_record(engine, RECORD_MEMBER, id);
}

static inline struct account *change_account(struct engine *engine, int64_t id)
{
    return change_record(engine, RECORD_ACCOUNT, id);
}

static inline struct payout *change_payout(struct engine *engine, int64_t id)
{
    return change_record(engine, RECORD_PAYOUT, id);
}

/* Gives the next id and announces the change; the record has its id and is zero otherwise. The
 * caller has checked that there is room. */
void *add_record(struct engine *engine, enum record_kind kind);

/* Puts the record into the ring of changes, unless it is in. */
void mark_changed(struct engine *engine, enum record_kind kind, int64_t id, int64_t sequence);
/* For derived fields: kept for an undo, but not a change of the record. */
void keep_for_undo(struct engine *engine, void *where, uint32_t length);
void insert_into_map(struct engine *engine, struct map *map, uint64_t hash, uint32_t slot);

/* Adds an image of the record as it is now to the command's effects. */
void record_image(struct engine *engine, enum record_kind kind, int64_t id);

/* Books amount > 0 from one bucket to another; the caller has checked that it can. */
void book(struct engine *engine, int64_t amount_minor, const struct account *debit,
    enum bucket debit_bucket, const struct account *credit, enum bucket credit_bucket);

/* ---- records.c: look-ups ---- */

static inline bool has_record(const struct engine *engine, enum record_kind kind, int64_t id)
{
    return id > 0 && id <= engine->last_id[kind];
}

static inline void *record_at(const struct engine *engine, enum record_kind kind, int64_t id)
{
    return (uint8_t *)engine->records[kind] + (size_t)id * record_tables[kind].bytes;
}

/* Whether so many more records of the kind fit below its ceiling. */
static inline bool has_room(const struct engine *engine, enum record_kind kind, int64_t count)
{
    return engine->last_id[kind] <= (int64_t)record_tables[kind].id_max - count;
}

static inline int64_t control_account_id(const struct ledger *ledger, enum account_kind kind)
{
    CHECK(kind >= ACCOUNT_ESCROW && kind <= ACCOUNT_ENFORCEMENT);
    return ledger->first_control_account_id + (kind - ACCOUNT_ESCROW);
}

static inline const struct account *control_account(
    const struct engine *engine, const struct ledger *ledger, enum account_kind kind)
{
    return &engine->accounts[control_account_id(ledger, kind)];
}

/* OUTCOME_ACCEPTED with the open member account of the ledger, or why not. */
enum outcome find_member_account(const struct engine *engine, const struct ledger *ledger,
    int64_t account_id, const struct account **ret_account);

uint64_t prefix_hash(const struct engine *engine, struct text prefix);
uint64_t platform_id_hash(const struct engine *engine, int64_t ledger_id, struct text id);
const struct ledger *find_ledger_by_prefix(const struct engine *engine, struct text prefix);

/* ---- the commands: check, then change; the outcome is the answer ---- */

enum outcome execute_open_ledger(struct engine *engine, const struct open_ledger *asked);
enum outcome execute_close_ledger(struct engine *engine, const struct ledger *ledger);
enum outcome execute_cut_day(
    struct engine *engine, const struct ledger *ledger, const struct cut_day *asked);
enum outcome execute_open_member(
    struct engine *engine, const struct ledger *ledger, const struct open_member *asked);
enum outcome execute_close_member(
    struct engine *engine, const struct ledger *ledger, const struct close_member *asked);
enum outcome execute_open_account(
    struct engine *engine, const struct ledger *ledger, const struct open_account *asked);
enum outcome execute_close_account(
    struct engine *engine, const struct ledger *ledger, const struct close_account *asked);
enum outcome execute_restrict_account(
    struct engine *engine, const struct ledger *ledger, const struct restrict_account *asked);
enum outcome execute_book_receipt(
    struct engine *engine, const struct ledger *ledger, const struct book_receipt *asked);
enum outcome execute_book_interest(
    struct engine *engine, const struct ledger *ledger, const struct book_interest *asked);
enum outcome execute_charge_fee(
    struct engine *engine, const struct ledger *ledger, const struct charge_fee *asked);
enum outcome execute_pay(
    struct engine *engine, const struct ledger *ledger, const struct pay *asked);
enum outcome execute_withdraw(
    struct engine *engine, const struct ledger *ledger, const struct withdraw *asked);
enum outcome execute_confirm_payout(
    struct engine *engine, const struct ledger *ledger, const struct confirm_payout *asked);

#endif
