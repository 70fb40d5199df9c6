/* next_date.c: what may be withdrawn only from the next accounting date on goes with the money.
 *
 * A payment may say so of what its payees get. Somebody else could withdraw it the same day if it
 * stayed behind, so every posting from an owner to another takes it along, whichever command books
 * it: `book` asks. Owners are members, and UNALLOCATED and acquirers, which keep what has none yet;
 * what is promised is nobody's. What is free leaves first; what goes beyond it is kept for the next
 * date with its receiver. So on a date all of them together can withdraw no more than was free, and
 * who has free money gives it on as such. What leaves to anybody else (a fee, a repaid debt, an
 * enforcement) takes nothing along: nobody withdraws it as his own. What the platform advances for
 * a payee takes along what is kept there. What has left UNALLOCATED, returned to its sender,
 * reversed or as a fee, ends what was kept of it: else whoever the next money there belongs to
 * would get it.
 * SPDX-License-Identifier: Apache-2.0 */
#include "engine/rules/next_date.h"

#include "engine/memory/changes.h"
#include "engine/memory/memory.h"
#include "model/withdrawable.h"

static bool is_owner(const struct account *account)
{
    return account->kind == ACCOUNT_MEMBER || account->kind == ACCOUNT_UNALLOCATED ||
           account->kind == ACCOUNT_ACQUIRER;
}

void keep_for_next_date(struct engine *engine, const struct account *account, int64_t amount_minor)
{
    CHECK(amount_minor >= 0);
    CHECK(is_owner(account));
    if (amount_minor == 0)
        return;
    int32_t date = engine->ledgers[account->ledger_id].accounting_dates[0];
    struct account *changed = change_account(engine, account->id);
    if (changed->next_date != date) {
        changed->next_date = date;
        changed->next_date_minor = 0;
    }
    /* Fees do not lower it, so it can grow beyond every balance; at the end of int64 it stays,
     * since no more than that is available. */
    if (__builtin_add_overflow(changed->next_date_minor, amount_minor, &changed->next_date_minor))
        changed->next_date_minor = INT64_MAX;
    record_image(engine, RECORD_ACCOUNT, account->id);
}

void pass_on_next_date(
    struct engine *engine, const struct account *from, const struct account *to, int64_t most_minor)
{
    int32_t date = engine->ledgers[from->ledger_id].accounting_dates[0];
    int64_t kept_minor = account_next_date_minor(from, date);
    int64_t passed_minor = kept_minor < most_minor ? kept_minor : most_minor;
    if (passed_minor <= 0)
        return;
    change_account(engine, from->id)->next_date_minor -= passed_minor;
    record_image(engine, RECORD_ACCOUNT, from->id);
    keep_for_next_date(engine, to, passed_minor);
}

/* What is kept so with `from`, beyond what is left of it after it gave so much. */
static int64_t beyond_left_minor(
    const struct engine *engine, const struct account *from, int64_t amount_minor)
{
    int32_t date = engine->ledgers[from->ledger_id].accounting_dates[0];
    int64_t kept_minor = account_next_date_minor(from, date);
    /* What is held or frozen is still the owner's; what is on its way to the bank was withdrawn. */
    int64_t left_minor = from->balance_minor[BUCKET_AVAILABLE] + from->balance_minor[BUCKET_FROZEN];
    if (kept_minor == 0)
        return 0;
    CHECK(left_minor >= 0);
    if (kept_minor <= left_minor)
        return 0;
    int64_t beyond_minor = kept_minor - left_minor;
    return beyond_minor < amount_minor ? beyond_minor : amount_minor;
}

static void lower_kept(struct engine *engine, const struct account *from, int64_t taken_minor)
{
    if (taken_minor == 0)
        return;
    change_account(engine, from->id)->next_date_minor -= taken_minor;
    record_image(engine, RECORD_ACCOUNT, from->id);
}

int64_t take_next_date(struct engine *engine, const struct account *from, int64_t amount_minor)
{
    int64_t taken_minor = beyond_left_minor(engine, from, amount_minor);
    lower_kept(engine, from, taken_minor);
    return taken_minor;
}

void carry_next_date(struct engine *engine, const struct account *from, enum bucket from_bucket,
    const struct account *to, int64_t amount_minor)
{
    CHECK(from != to);
    CHECK(amount_minor > 0);
    if (from->kind == ACCOUNT_UNALLOCATED &&
        (to->kind == ACCOUNT_ESCROW || to->kind == ACCOUNT_FEE))
        lower_kept(engine, from, beyond_left_minor(engine, from, amount_minor));
    if (!is_owner(from) || !is_owner(to) || from_bucket == BUCKET_PENDING_OUT ||
        from_bucket == BUCKET_PENDING_IN)
        return;
    pass_on_next_date(engine, from, to, beyond_left_minor(engine, from, amount_minor));
}
