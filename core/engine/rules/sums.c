/* sums.c: see sums.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "engine/rules/sums.h"

#include "engine/memory/memory.h"
#include "model/money.h"

void add_to_sums(struct engine *engine, const struct account *account)
{
    struct ledger_sums *sums = sums_of(engine, account);
    if (account_holds_units(account))
        return;
    if (account->kind == ACCOUNT_ESCROW) {
        sums->escrow_minor = account->balance_minor[BUCKET_AVAILABLE];
        return;
    }
    for (int bucket = 0; bucket < BUCKET_COUNT; bucket++)
        sums->total_minor[bucket] += account->balance_minor[bucket];
    if (account->kind == ACCOUNT_ACQUIRER) {
        sums->total_minor[BUCKET_PENDING_IN] -= account->balance_minor[BUCKET_PENDING_IN];
        sums->receivables_minor -= account->balance_minor[BUCKET_PENDING_IN];
    }
    if (account->kind == ACCOUNT_FEE)
        sums->missing_fees_minor += below_zero(account->balance_minor[BUCKET_AVAILABLE]);
}

/* Invariants 1 and 2 of the ledger, in constant time. */
static void check_unit(const struct ledger_sums *sums)
{
    int64_t owed = sums->total_minor[BUCKET_AVAILABLE];
    bool overflowed = __builtin_add_overflow(owed, sums->total_minor[BUCKET_FROZEN], &owed) ||
                      __builtin_add_overflow(owed, sums->total_minor[BUCKET_PENDING_OUT], &owed);
    CHECK(!overflowed);
    CHECK(owed == -sums->escrow_minor);
    CHECK(sums->total_minor[BUCKET_PENDING_IN] == sums->receivables_minor);
}

/* Of a product: what is held is what is issued. */
static void check_units(const struct engine *engine, int64_t product_id)
{
    const struct product *product =
        (const struct product *)engine->records[RECORD_PRODUCT] + product_id;
    const struct account *issuer = &engine->accounts[product->account_id];
    CHECK(product->id == product_id && issuer->kind == ACCOUNT_ISSUER);
    CHECK(engine->held_units[product_id] == -issuer->balance_minor[BUCKET_AVAILABLE]);
}

void check_sums(const struct engine *engine, const struct effects *effects)
{
    const struct ledger_sums *checked = NULL;
    for (uint32_t i = 0; i < effects->posting_count; i++) {
        const struct account *account = &engine->accounts[effects->postings[i].debit_account_id];
        if (account->unit != 0) {
            check_units(engine, account->unit);
            continue;
        }
        const struct ledger_sums *sums = sums_of(engine, account);
        if (sums != checked)
            check_unit(sums);
        checked = sums;
    }
}

bool can_take(const struct engine *engine, const struct ledger *ledger, int64_t amount_minor)
{
    const struct ledger_sums *sums = engine_ledger_sums(engine, ledger->id);
    int64_t owned_minor;
    return !__builtin_add_overflow(-sums->escrow_minor, sums->missing_fees_minor, &owned_minor) &&
           !__builtin_add_overflow(owned_minor, amount_minor, &owned_minor);
}

int64_t promise_room_minor(const struct engine *engine, const struct ledger *ledger)
{
    return INT64_MAX - engine_ledger_sums(engine, ledger->id)->receivables_minor;
}

int64_t room_minor(const struct engine *engine, const struct ledger *ledger)
{
    const struct ledger_sums *sums = engine_ledger_sums(engine, ledger->id);
    int64_t owned_minor;
    if (__builtin_add_overflow(-sums->escrow_minor, sums->missing_fees_minor, &owned_minor))
        return 0;
    return INT64_MAX - owned_minor;
}
