/* load.c: brings the state back from images and postings, and checks it as a whole.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/reserve.h"
#include "engine/internal.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* A row of the journal that changed the record has been loaded over its state row. */
static void mark_redone(struct engine *engine, enum record_kind kind, int64_t id, int64_t sequence)
{
    /* All are marked with the start of the redo, so that the ring of changes stays in order though
     * images are loaded table by table. */
    if (engine->redo_sequence != 0 && sequence >= engine->redo_sequence)
        mark_changed(engine, kind, id, engine->redo_sequence);
}

void engine_load_redo(struct engine *engine, int64_t redo_sequence)
{
    CHECK(redo_sequence > 0);
    engine->redo_sequence = redo_sequence;
}

void engine_load_image(struct engine *engine, int64_t sequence, const struct image *image)
{
    enum record_kind kind = image->kind;
    CHECK(kind >= 1 && kind <= RECORD_KINDS);
    const struct record_table *table = &record_tables[kind];
    const void *loaded = image_record_const(image);
    int64_t id = record_id(table, loaded);
    CHECK(id > 0 && id <= (int64_t)table->id_max);
    if (id > engine->last_id[kind])
        engine->last_id[kind] = id;
    void *record = record_at(engine, kind, id);
    if (sequence < record_sequence(table, record))
        return;
    memcpy(record, loaded, table->bytes);
    mark_redone(engine, kind, id, sequence);
}

static int load_side(struct engine *engine, int64_t sequence, int64_t account_id, uint8_t bucket,
    int64_t balance_minor)
{
    if (account_id <= 0 || account_id > engine->last_id[RECORD_ACCOUNT] || bucket >= BUCKET_COUNT)
        return -1;
    struct account *account = &engine->accounts[account_id];
    if (account->id != account_id)
        return -1;
    if (sequence < account->changed_sequence)
        return 0;
    account->balance_minor[bucket] = balance_minor;
    account->changed_sequence = sequence;
    mark_redone(engine, RECORD_ACCOUNT, account_id, sequence);
    return 0;
}

int engine_load_posting(struct engine *engine, int64_t sequence, const struct posting *posting)
{
    int debit = load_side(engine, sequence, posting->debit_account_id, posting->debit_bucket,
        posting->debit_balance_minor);
    int credit = load_side(engine, sequence, posting->credit_account_id, posting->credit_bucket,
        posting->credit_balance_minor);
    return debit == 0 && credit == 0 ? 0 : -1;
}

/* Derived fields and indexes, from the records in the order of their ids. A record whose owner is
 * missing is passed over: engine_check, which follows, says so. */
void engine_load_done(struct engine *engine)
{
    for (int64_t id = 1; id <= engine->last_id[RECORD_LEDGER]; id++) {
        struct ledger *ledger = &engine->ledgers[id];
        struct text prefix = {ledger->receiving_prefix, ledger->receiving_prefix_length};
        map_insert(&engine->prefixes, prefix_hash(engine, prefix), (uint32_t)id);
        ledger->open_member_count = 0;
        ledger->open_payout_count = 0;
    }
    for (int64_t id = 1; id <= engine->last_id[RECORD_MEMBER]; id++) {
        struct member *member = &engine->members[id];
        if (!engine_find_ledger(engine, member->ledger_id))
            continue;
        struct text platform_id = {member->platform_member_id, member->platform_member_id_length};
        map_insert(&engine->platform_ids, platform_id_hash(engine, member->ledger_id, platform_id),
            (uint32_t)id);
        member->last_account_id = 0;
        if (member->status == MEMBER_OPEN)
            engine->ledgers[member->ledger_id].open_member_count++;
    }
    for (int64_t id = 1; id <= engine->last_id[RECORD_ACCOUNT]; id++) {
        struct account *account = &engine->accounts[id];
        if (!engine_find_ledger(engine, account->ledger_id))
            continue;
        struct ledger_sums *sums = &engine->sums[account->ledger_id];
        if (account->kind == ACCOUNT_ESCROW) {
            sums->escrow_minor = account->balance_minor[BUCKET_AVAILABLE];
            continue;
        }
        for (int bucket = 0; bucket < BUCKET_COUNT; bucket++)
            sums->total_minor[bucket] += account->balance_minor[bucket];
        if (engine_find_member(engine, account->member_id)) {
            struct member *member = &engine->members[account->member_id];
            account->next_account_of_member = member->last_account_id;
            member->last_account_id = id;
        }
    }
    for (int64_t id = 1; id <= engine->last_id[RECORD_PAYOUT]; id++) {
        const struct payout *payout = &engine->payouts[id];
        if (payout->status == PAYOUT_REQUESTED && engine_find_ledger(engine, payout->ledger_id))
            engine->ledgers[payout->ledger_id].open_payout_count++;
    }
}

/* ---- the check of everything ---- */

/* Puts the sentence together; returns -1 for the caller to return. */
static int __attribute__((format(printf, 3, 4)))
differs(char *ret_error, size_t error_bytes, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(ret_error, error_bytes, format, arguments);
    va_end(arguments);
    return -1;
}

/* Ids are given without gaps, so a record that is not there was lost. */
static int check_ids(const struct engine *engine, char *ret_error, size_t error_bytes)
{
    for (int kind = 1; kind <= RECORD_KINDS; kind++) {
        const struct record_table *table = &record_tables[kind];
        for (int64_t id = 1; id <= engine->last_id[kind]; id++) {
            if (record_id(table, record_at(engine, (enum record_kind)kind, id)) != id)
                return differs(
                    ret_error, error_bytes, "%s %" PRId64 " is missing", table->name, id);
        }
    }
    return 0;
}

static int check_owners(const struct engine *engine, char *ret_error, size_t error_bytes)
{
    for (int64_t id = 1; id <= engine->last_id[RECORD_MEMBER]; id++) {
        if (!engine_find_ledger(engine, engine->members[id].ledger_id))
            return differs(ret_error, error_bytes, "member %" PRId64 " has no ledger", id);
    }
    for (int64_t id = 1; id <= engine->last_id[RECORD_ACCOUNT]; id++) {
        const struct account *account = &engine->accounts[id];
        bool is_member = account->kind == ACCOUNT_MEMBER;
        if (!engine_find_ledger(engine, account->ledger_id) ||
            (is_member && !engine_find_member(engine, account->member_id)))
            return differs(ret_error, error_bytes, "account %" PRId64 " has no owner", id);
        for (int bucket = 0; bucket < BUCKET_COUNT; bucket++) {
            if (is_member && account->balance_minor[bucket] < 0)
                return differs(ret_error, error_bytes, "account %" PRId64 ": bucket %d is negative",
                    id, bucket);
        }
    }
    for (int64_t id = 1; id <= engine->last_id[RECORD_PAYOUT]; id++) {
        const struct payout *payout = &engine->payouts[id];
        if (!engine_find_ledger(engine, payout->ledger_id) ||
            !engine_find_account(engine, payout->account_id))
            return differs(ret_error, error_bytes, "payout %" PRId64 " has no owner", id);
    }
    return 0;
}

/* What the accounts and payouts of a ledger add up to. */
struct found_sums {
    struct ledger_sums sums;
    int64_t open_payouts_minor;
    int64_t open_payout_count;
};

static void find_sums(const struct engine *engine, struct found_sums *ret_found)
{
    for (int64_t id = 1; id <= engine->last_id[RECORD_ACCOUNT]; id++) {
        const struct account *account = &engine->accounts[id];
        struct ledger_sums *sums = &ret_found[account->ledger_id].sums;
        if (account->kind == ACCOUNT_ESCROW) {
            sums->escrow_minor += account->balance_minor[BUCKET_AVAILABLE];
            continue;
        }
        for (int bucket = 0; bucket < BUCKET_COUNT; bucket++)
            sums->total_minor[bucket] += account->balance_minor[bucket];
    }
    for (int64_t id = 1; id <= engine->last_id[RECORD_PAYOUT]; id++) {
        const struct payout *payout = &engine->payouts[id];
        if (payout->status != PAYOUT_REQUESTED)
            continue;
        ret_found[payout->ledger_id].open_payouts_minor += payout->amount_minor;
        ret_found[payout->ledger_id].open_payout_count++;
    }
}

static int check_ledger(const struct ledger *ledger, const struct ledger_sums *kept,
    const struct found_sums *found, char *ret_error, size_t error_bytes)
{
    const int64_t *total = found->sums.total_minor;
    int64_t owed = total[BUCKET_AVAILABLE] + total[BUCKET_FROZEN] + total[BUCKET_PENDING_OUT];
    if (memcmp(&found->sums, kept, sizeof *kept) != 0)
        return differs(ret_error, error_bytes,
            "ledger %" PRId64 ": the kept sums differ from its accounts", ledger->id);
    if (owed != -found->sums.escrow_minor)
        return differs(ret_error, error_bytes,
            "ledger %" PRId64 ": escrow %" PRId64 " but accounts %" PRId64, ledger->id,
            -found->sums.escrow_minor, owed);
    if (found->open_payouts_minor != total[BUCKET_PENDING_OUT] ||
        found->open_payout_count != ledger->open_payout_count)
        return differs(ret_error, error_bytes,
            "ledger %" PRId64 ": pending out %" PRId64 " but open payouts %" PRId64, ledger->id,
            total[BUCKET_PENDING_OUT], found->open_payouts_minor);
    return 0;
}

int engine_check(const struct engine *engine, char *ret_error, size_t error_bytes)
{
    if (check_ids(engine, ret_error, error_bytes) < 0 ||
        check_owners(engine, ret_error, error_bytes) < 0)
        return -1;
    struct found_sums *found = reserve_array((size_t)LEDGERS_MAX + 1, sizeof *found);
    int result = 0;
    find_sums(engine, found);
    for (int64_t id = 1; id <= engine->last_id[RECORD_LEDGER] && result == 0; id++)
        result = check_ledger(
            &engine->ledgers[id], &engine->sums[id], &found[id], ret_error, error_bytes);
    reserve_release(found, (size_t)LEDGERS_MAX + 1, sizeof *found);
    return result;
}
