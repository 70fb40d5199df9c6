/* engine.c: the engine's memory and the way of one command through it.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/reserve.h"
#include "engine/internal.h"
#include "model/date.h"

#include <stdlib.h>
#include <string.h>

static const size_t records_max[RECORD_PAYOUT + 1] = {
    [RECORD_LEDGER] = LEDGERS_MAX,
    [RECORD_MEMBER] = MEMBERS_MAX,
    [RECORD_ACCOUNT] = ACCOUNTS_MAX,
    [RECORD_PAYOUT] = PAYOUTS_MAX,
};

struct engine *engine_create(void)
{
    struct engine *engine = calloc(1, sizeof *engine);
    CHECK(engine != NULL);
    engine->ledgers = reserve_array((size_t)LEDGERS_MAX + 1, sizeof *engine->ledgers);
    engine->sums = reserve_array((size_t)LEDGERS_MAX + 1, sizeof *engine->sums);
    engine->members = reserve_array((size_t)MEMBERS_MAX + 1, sizeof *engine->members);
    engine->accounts = reserve_array((size_t)ACCOUNTS_MAX + 1, sizeof *engine->accounts);
    engine->payouts = reserve_array((size_t)PAYOUTS_MAX + 1, sizeof *engine->payouts);
    engine->hash_secret = hash_key_random();
    map_init_growing(&engine->prefixes, 256, LEDGERS_MAX);
    map_init_growing(&engine->platform_ids, 65536, MEMBERS_MAX);
    engine->changes = reserve_array(CHANGES_MAX, sizeof *engine->changes);
    for (int kind = RECORD_LEDGER; kind <= RECORD_PAYOUT; kind++)
        engine->is_changed[kind] = reserve_array(records_max[kind] + 1, 1);
    engine->undo_steps = reserve_array(UNDO_STEPS_MAX, sizeof *engine->undo_steps);
    engine->undo_bytes = reserve_array(UNDO_BYTES_MAX, 1);
    return engine;
}

void engine_destroy(struct engine *engine)
{
    if (!engine)
        return;
    reserve_release(engine->ledgers, (size_t)LEDGERS_MAX + 1, sizeof *engine->ledgers);
    reserve_release(engine->sums, (size_t)LEDGERS_MAX + 1, sizeof *engine->sums);
    reserve_release(engine->members, (size_t)MEMBERS_MAX + 1, sizeof *engine->members);
    reserve_release(engine->accounts, (size_t)ACCOUNTS_MAX + 1, sizeof *engine->accounts);
    reserve_release(engine->payouts, (size_t)PAYOUTS_MAX + 1, sizeof *engine->payouts);
    map_finish(&engine->prefixes);
    map_finish(&engine->platform_ids);
    reserve_release(engine->changes, CHANGES_MAX, sizeof *engine->changes);
    for (int kind = RECORD_LEDGER; kind <= RECORD_PAYOUT; kind++)
        reserve_release(engine->is_changed[kind], records_max[kind] + 1, 1);
    reserve_release(engine->undo_steps, UNDO_STEPS_MAX, sizeof *engine->undo_steps);
    reserve_release(engine->undo_bytes, UNDO_BYTES_MAX, 1);
    free(engine);
}

/* ---- look-ups ---- */

const struct ledger *engine_find_ledger(const struct engine *engine, int64_t ledger_id)
{
    if (ledger_id <= 0 || ledger_id > engine->last_ledger_id)
        return NULL;
    return &engine->ledgers[ledger_id];
}

const struct member *engine_find_member(const struct engine *engine, int64_t member_id)
{
    if (member_id <= 0 || member_id > engine->last_member_id)
        return NULL;
    return &engine->members[member_id];
}

const struct account *engine_find_account(const struct engine *engine, int64_t account_id)
{
    if (account_id <= 0 || account_id > engine->last_account_id)
        return NULL;
    return &engine->accounts[account_id];
}

const struct payout *engine_find_payout(const struct engine *engine, int64_t payout_id)
{
    if (payout_id <= 0 || payout_id > engine->last_payout_id)
        return NULL;
    return &engine->payouts[payout_id];
}

int64_t engine_last_ledger_id(const struct engine *engine)
{
    return engine->last_ledger_id;
}

const struct ledger_sums *engine_ledger_sums(const struct engine *engine, int64_t ledger_id)
{
    CHECK(ledger_id > 0 && ledger_id <= engine->last_ledger_id);
    return &engine->sums[ledger_id];
}

uint64_t prefix_hash(const struct engine *engine, struct text prefix)
{
    return hash_bytes(engine->hash_secret, prefix.bytes, prefix.length);
}

const struct ledger *find_ledger_by_prefix(const struct engine *engine, struct text prefix)
{
    uint64_t cursor = 0;
    uint32_t id;
    while ((id = map_next(&engine->prefixes, prefix_hash(engine, prefix), &cursor)) != MAP_NONE) {
        const struct ledger *ledger = &engine->ledgers[id];
        struct text its = {ledger->receiving_prefix, ledger->receiving_prefix_length};
        if (text_equals(its, prefix))
            return ledger;
    }
    return NULL;
}

uint64_t platform_id_hash(const struct engine *engine, int64_t ledger_id, struct text id)
{
    struct hash_key key = engine->hash_secret;
    key.k0 ^= (uint64_t)ledger_id;
    return hash_bytes(key, id.bytes, id.length);
}

const struct member *engine_find_member_by_platform_id(
    const struct engine *engine, int64_t ledger_id, struct text platform_member_id)
{
    uint64_t hash = platform_id_hash(engine, ledger_id, platform_member_id);
    uint64_t cursor = 0;
    uint32_t id;
    while ((id = map_next(&engine->platform_ids, hash, &cursor)) != MAP_NONE) {
        const struct member *member = &engine->members[id];
        struct text its = {member->platform_member_id, member->platform_member_id_length};
        if (member->ledger_id == ledger_id && text_equals(its, platform_member_id))
            return member;
    }
    return NULL;
}

const struct account *engine_find_account_by_receiving_number(
    const struct engine *engine, int64_t ledger_id, struct text receiving_number)
{
    const struct ledger *ledger = engine_find_ledger(engine, ledger_id);
    int64_t account_id;
    if (!ledger)
        return NULL;
    struct text prefix = {ledger->receiving_prefix, ledger->receiving_prefix_length};
    if (!receiving_number_try_parse(receiving_number, prefix, &account_id))
        return NULL;
    const struct account *account = engine_find_account(engine, account_id);
    bool is_its = account && account->ledger_id == ledger_id && account->kind == ACCOUNT_MEMBER;
    return is_its ? account : NULL;
}

enum outcome find_member_account(const struct engine *engine, const struct ledger *ledger,
    int64_t account_id, const struct account **ret_account)
{
    const struct account *account = engine_find_account(engine, account_id);
    if (!account || account->ledger_id != ledger->id)
        return OUTCOME_ACCOUNT_NOT_FOUND;
    if (account->kind != ACCOUNT_MEMBER)
        return OUTCOME_NOT_A_MEMBER_ACCOUNT;
    if (account->status != ACCOUNT_OPEN)
        return OUTCOME_ACCOUNT_CLOSED;
    *ret_account = account;
    return OUTCOME_ACCEPTED;
}

/* ---- one command ---- */

static enum outcome execute_in_ledger(
    struct engine *engine, const struct ledger *ledger, const struct command *command)
{
    switch (command->kind) {
    case COMMAND_CLOSE_LEDGER:
        return execute_close_ledger(engine, ledger);
    case COMMAND_CUT_DAY:
        return execute_cut_day(engine, ledger, &command->cut_day);
    case COMMAND_OPEN_MEMBER:
        return execute_open_member(engine, ledger, &command->open_member);
    case COMMAND_CLOSE_MEMBER:
        return execute_close_member(engine, ledger, &command->close_member);
    case COMMAND_OPEN_ACCOUNT:
        return execute_open_account(engine, ledger, &command->open_account);
    case COMMAND_CLOSE_ACCOUNT:
        return execute_close_account(engine, ledger, &command->close_account);
    case COMMAND_RESTRICT_ACCOUNT:
        return execute_restrict_account(engine, ledger, &command->restrict_account);
    case COMMAND_BOOK_RECEIPT:
        return execute_book_receipt(engine, ledger, &command->book_receipt);
    case COMMAND_BOOK_INTEREST:
        return execute_book_interest(engine, ledger, &command->book_interest);
    case COMMAND_CHARGE_FEE:
        return execute_charge_fee(engine, ledger, &command->charge_fee);
    case COMMAND_PAY:
        return execute_pay(engine, ledger, &command->pay);
    case COMMAND_WITHDRAW:
        return execute_withdraw(engine, ledger, &command->withdraw);
    case COMMAND_CONFIRM_PAYOUT:
        return execute_confirm_payout(engine, ledger, &command->confirm_payout);
    case COMMAND_OPEN_LEDGER:
        break;
    }
    CHECK(0 && "a known kind of command");
    return OUTCOME_LEDGER_NOT_FOUND;
}

static enum outcome execute(struct engine *engine, const struct command *command)
{
    if (command->kind == COMMAND_OPEN_LEDGER)
        return execute_open_ledger(engine, &command->open_ledger);
    const struct ledger *ledger = engine_find_ledger(engine, command->ledger_id);
    if (!ledger)
        return OUTCOME_LEDGER_NOT_FOUND;
    engine->effects->accounting_date = ledger->accounting_dates[0];
    CHECK(ledger->accounting_date_count > 0);
    if (command->key.business_date < ledger->accounting_dates[ledger->accounting_date_count - 1])
        return OUTCOME_KEY_WINDOW_CLOSED;
    if (command->key.business_date > ledger->accounting_dates[0] + 1)
        return OUTCOME_BUSINESS_DATE_AHEAD;
    if (ledger->status != LEDGER_OPEN)
        return OUTCOME_LEDGER_CLOSED;
    return execute_in_ledger(engine, ledger, command);
}

/* Invariants 1 and 2 of the ledger, in constant time. */
static void check_sums(const struct ledger_sums *sums)
{
    int64_t owed = sums->total_minor[BUCKET_AVAILABLE];
    bool overflowed = __builtin_add_overflow(owed, sums->total_minor[BUCKET_FROZEN], &owed) ||
                      __builtin_add_overflow(owed, sums->total_minor[BUCKET_PENDING_OUT], &owed);
    CHECK(!overflowed);
    CHECK(owed == -sums->escrow_minor);
    CHECK(sums->total_minor[BUCKET_PENDING_IN] == 0);
}

void engine_execute(struct engine *engine, int64_t sequence, const struct command *command,
    struct effects *ret_effects)
{
    CHECK(sequence > 0);
    ret_effects->subject_id = 0;
    ret_effects->accounting_date = 0;
    ret_effects->posting_count = 0;
    ret_effects->image_count = 0;
    engine->sequence = sequence;
    engine->effects = ret_effects;

    ret_effects->outcome = execute(engine, command);
    engine->effects = NULL;
    if (!outcome_is_accepted((int)ret_effects->outcome)) {
        CHECK(ret_effects->posting_count == 0);
        CHECK(ret_effects->image_count == 0);
        ret_effects->subject_id = 0;
        return;
    }
    if (ret_effects->posting_count > 0)
        check_sums(&engine->sums[ret_effects->postings[0].ledger_id]);
}

int32_t engine_oldest_business_date(const struct engine *engine)
{
    int32_t oldest = DATE_DAYS_MAX;
    for (int64_t id = 1; id <= engine->last_ledger_id; id++) {
        const struct ledger *ledger = &engine->ledgers[id];
        int32_t date = ledger->accounting_dates[ledger->accounting_date_count - 1];
        if (ledger->status == LEDGER_OPEN && date < oldest)
            oldest = date;
    }
    return oldest;
}
