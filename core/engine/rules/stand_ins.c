/* stand_ins.c: see stand_ins.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "engine/rules/stand_ins.h"

#include "engine/rules/accounts.h"
#include "engine/rules/book.h"
#include "engine/rules/fees.h"
#include "engine/rules/refunds.h"

void note_stand_in(struct engine *engine, const struct ledger *ledger, const struct payout *payout,
    int64_t amount_minor, int64_t fee_minor)
{
    if (amount_minor != 0 || fee_minor != 0)
        add_refunded(engine, ledger, payout->requested_sequence,
            control_account_id(ledger, ACCOUNT_PLATFORM_OWN), amount_minor, fee_minor);
}

static const struct refunded *find_stand_in(
    const struct engine *engine, const struct ledger *ledger, const struct payout *payout)
{
    return engine_find_refunded(
        engine, payout->requested_sequence, control_account_id(ledger, ACCOUNT_PLATFORM_OWN));
}

int64_t stood_in_minor(
    const struct engine *engine, const struct ledger *ledger, const struct payout *payout)
{
    const struct refunded *stand_in = find_stand_in(engine, ledger, payout);
    return stand_in ? stand_in->amount_minor : 0;
}

static int64_t least(int64_t one, int64_t other)
{
    return one < other ? one : other;
}

void give_payout_back(struct engine *engine, const struct ledger *ledger,
    const struct payout *payout, int64_t amount_minor)
{
    const struct account *escrow = control_account(engine, ledger, ACCOUNT_ESCROW);
    int64_t own_minor = least(stood_in_minor(engine, ledger, payout), amount_minor);
    CHECK(amount_minor > 0);
    if (own_minor > 0)
        book(engine, own_minor, escrow, BUCKET_AVAILABLE,
            control_account(engine, ledger, ACCOUNT_PLATFORM_OWN), BUCKET_AVAILABLE);
    if (own_minor < amount_minor)
        book(engine, amount_minor - own_minor, escrow, BUCKET_AVAILABLE,
            owner_now(engine, ledger, payout->account_id), BUCKET_AVAILABLE);
    note_stand_in(engine, ledger, payout, -own_minor, 0);
}

void give_payout_fee_back(struct engine *engine, const struct ledger *ledger,
    const struct payout *payout, const struct fee_legs *legs)
{
    const struct refunded *stand_in = find_stand_in(engine, ledger, payout);
    int64_t fee_minor = fee_legs_sum(legs);
    int64_t own_minor = stand_in ? least(stand_in->fee_minor, fee_minor) : 0;
    struct fee_legs own;
    struct fee_legs rest = *legs;
    take_fee_legs(&rest, own_minor, &own);
    book_fee_back(engine, &own, control_account(engine, ledger, ACCOUNT_PLATFORM_OWN));
    if (rest.count > 0)
        book_fee_back(engine, &rest, owner_now(engine, ledger, payout->fee_account_id));
    note_stand_in(engine, ledger, payout, 0, -own_minor);
}
