/* accounts.c: see accounts.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "engine/rules/accounts.h"

#include "base/fold.h"
#include "engine/memory/changes.h"
#include "engine/memory/memory.h"
#include "engine/memory/records.h"
#include "engine/memory/undo.h"
#include "engine/rules/sums.h"
#include "model/receiving_number.h"

/* Whom the money that goes to UNALLOCATED was meant for. */
static void note_suspense_owner(struct engine *engine, int64_t account_id)
{
    bool is_other = engine->suspense_account_id != 0 && engine->suspense_account_id != account_id;
    engine->suspense_account_id = is_other ? -1 : account_id;
}

const struct account *unallocated_for(
    struct engine *engine, const struct ledger *ledger, int64_t account_id)
{
    engine->is_unallocated = true;
    note_suspense_owner(engine, account_id);
    return control_account(engine, ledger, ACCOUNT_UNALLOCATED);
}

bool has_control_accounts(const struct engine *engine, const struct ledger *ledger)
{
    for (int kind = ACCOUNT_ESCROW; kind <= ACCOUNT_ENFORCEMENT; kind++) {
        const struct account *account =
            engine_find_account(engine, control_account_id(ledger, (enum account_kind)kind));
        if (!account || account->ledger_id != ledger->id || account->kind != kind)
            return false;
    }
    return true;
}

const struct account *owner_now(
    struct engine *engine, const struct ledger *ledger, int64_t account_id)
{
    const struct account *account = &engine->accounts[account_id];
    CHECK(account->ledger_id == ledger->id);
    return account->status == ACCOUNT_OPEN ? account : unallocated_for(engine, ledger, account_id);
}

const struct account *engine_find_account_by_receiving_number(
    const struct engine *engine, int64_t ledger_id, struct text receiving_number)
{
    const struct ledger *ledger = engine_find_ledger(engine, ledger_id);
    int64_t account_id;
    if (!ledger)
        return NULL;
    struct text prefix = {ledger->receiving_prefix, ledger->receiving_prefix_length};
    char digits[RECEIVING_NUMBER_BYTES_MAX];
    struct text number = {digits, fold_number(receiving_number, digits, sizeof digits)};
    if (!receiving_number_try_parse(number, prefix, &account_id))
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

struct account *add_account(struct engine *engine, int64_t ledger_id, enum account_kind kind)
{
    struct account *account = add_record(engine, RECORD_ACCOUNT);
    account->ledger_id = ledger_id;
    account->kind = (uint8_t)kind;
    account->status = ACCOUNT_OPEN;
    return account;
}

int64_t engine_newest_account(const struct engine *engine, int64_t member_id)
{
    CHECK(has_record(engine, RECORD_MEMBER, member_id));
    return engine->newest_accounts[member_id];
}

int64_t engine_older_account(const struct engine *engine, int64_t account_id)
{
    CHECK(has_record(engine, RECORD_ACCOUNT, account_id));
    return engine->older_accounts[account_id];
}

void chain_account(struct engine *engine, int64_t *newest, int64_t account_id)
{
    int64_t *older = &engine->older_accounts[account_id];
    CHECK(*older == 0 && *newest != account_id);
    keep_for_undo(engine, older, sizeof *older);
    keep_for_undo(engine, newest, sizeof *newest);
    *older = *newest;
    *newest = account_id;
}

void chain_fee_account(struct engine *engine, int64_t account_id)
{
    const struct account *account = &engine->accounts[account_id];
    int64_t *newest = &engine->newest_fee_accounts[account->ledger_id];
    CHECK(account->kind == ACCOUNT_FEE && account->member_id == 0);
    chain_account(engine, newest, account_id);
}

void index_account(struct engine *engine, int64_t account_id)
{
    struct account *account = &engine->accounts[account_id];
    const struct ledger *ledger = &engine->ledgers[account->ledger_id];
    account->is_hit = false;
    account->claim_count = 0;
    add_to_sums(engine, account);
    if (account->kind == ACCOUNT_MEMBER) {
        chain_account(engine, &engine->newest_accounts[account->member_id], account_id);
    } else if (account->kind == ACCOUNT_FEE &&
               account_id != control_account_id(ledger, ACCOUNT_FEE)) {
        chain_fee_account(engine, account_id);
    }
}
