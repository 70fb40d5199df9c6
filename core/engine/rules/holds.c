/* holds.c: guaranteed payments: money of a payer is held, confirmed to payees or given back.
 *
 * Held money is in the payer's frozen. A chain of holds is the payer's live holds of one order; the
 * map holds_of_orders finds them, and beside them the one that ended last: who comes late is told
 * what became of it. That one leaves memory, and is put back for a command that names its order
 * when memory cannot say that it is the last.
 * SPDX-License-Identifier: Apache-2.0 */
#include "engine/rules/holds.h"

#include "engine/memory/changes.h"
#include "engine/memory/dues.h"
#include "engine/memory/memory.h"
#include "engine/memory/records.h"
#include "engine/memory/undo.h"
#include "engine/rules/accounts.h"
#include "engine/rules/book.h"
#include "engine/rules/commands.h"
#include "engine/rules/debts.h"
#include "engine/rules/payments.h"
#include "engine/rules/refusals.h"
#include "engine/rules/texts.h"

/* Live holds to draw on, the oldest first. */
struct hold_chain {
    const struct hold *holds[HOLDS_PER_ORDER_MAX];
    uint32_t count;
    int64_t held_minor;
};

int64_t held_minor(const struct hold *hold)
{
    return hold->amount_minor - hold->confirmed_minor - hold->cancelled_minor;
}

static struct text order_of(const struct hold *hold)
{
    return (struct text){hold->order_number, hold->order_number_length};
}

static uint64_t hash_of_order(
    const struct engine *engine, int64_t ledger_id, int64_t payer_id, struct text order_number)
{
    struct hash_key key = engine->hash_secret;
    key.k0 ^= (uint64_t)ledger_id;
    key.k1 ^= (uint64_t)payer_id;
    return hash_bytes(key, order_number.bytes, order_number.length);
}

static uint64_t hash_of_hold(const struct engine *engine, const struct hold *hold)
{
    return hash_of_order(engine, hold->ledger_id, hold->payer_account_id, order_of(hold));
}

/* The payer's live holds of the order by id, also those whose time is over. */
static uint32_t find_chain(const struct engine *engine, int64_t ledger_id, int64_t payer_id,
    struct text order_number, const struct hold *ret_holds[HOLDS_PER_ORDER_MAX])
{
    uint64_t hash = hash_of_order(engine, ledger_id, payer_id, order_number);
    uint64_t cursor = 0;
    uint32_t count = 0;
    uint32_t its_place;
    while ((its_place = map_next(&engine->holds_of_orders, hash, &cursor)) != MAP_NONE) {
        const struct hold *hold = record_in(engine, RECORD_HOLD, its_place);
        if (hold->ledger_id != ledger_id || hold->payer_account_id != payer_id ||
            !text_equals(order_of(hold), order_number) || hold->status != HOLD_LIVE)
            continue;
        CHECK(count < HOLDS_PER_ORDER_MAX);
        uint32_t place = count++;
        for (; place > 0 && ret_holds[place - 1]->id > hold->id; place--)
            ret_holds[place] = ret_holds[place - 1];
        ret_holds[place] = hold;
    }
    return count;
}

int64_t held_of_order_minor(
    const struct engine *engine, int64_t ledger_id, int64_t payer_id, struct text order_number)
{
    const struct hold *holds[HOLDS_PER_ORDER_MAX];
    uint32_t count = find_chain(engine, ledger_id, payer_id, order_number, holds);
    int64_t sum = 0;
    for (uint32_t i = 0; i < count; i++)
        sum += held_minor(holds[i]);
    return sum;
}

/* The payer's hold of the order that ended last, of those that are in memory; NULL: none. */
static const struct hold *find_ended(
    const struct engine *engine, int64_t ledger_id, int64_t payer_id, struct text order_number)
{
    uint64_t hash = hash_of_order(engine, ledger_id, payer_id, order_number);
    uint64_t cursor = 0;
    uint32_t its_place;
    while ((its_place = map_next(&engine->holds_of_orders, hash, &cursor)) != MAP_NONE) {
        const struct hold *hold = record_in(engine, RECORD_HOLD, its_place);
        if (hold->ledger_id == ledger_id && hold->payer_account_id == payer_id &&
            text_equals(order_of(hold), order_number) && hold->status != HOLD_LIVE)
            return hold;
    }
    return NULL;
}

static const struct hold *find_ended_beside(const struct engine *engine, const struct hold *hold)
{
    return find_ended(engine, hold->ledger_id, hold->payer_account_id, order_of(hold));
}

static void forget_hold(struct engine *engine, const struct hold *hold)
{
    remove_from_map(engine, &engine->holds_of_orders, hash_of_hold(engine, hold),
        place_of(engine, RECORD_HOLD, hold->id));
}

/* Puts the hold, which is not in, into the map. */
static void remember_hold(struct engine *engine, const struct hold *hold)
{
    insert_into_map(engine, &engine->holds_of_orders, hash_of_hold(engine, hold),
        place_of(engine, RECORD_HOLD, hold->id));
}

/* An ended hold is remembered if it is the last of its order, of those that are in memory. */
static void index_ended_hold(struct engine *engine, const struct hold *hold)
{
    const struct hold *other = find_ended_beside(engine, hold);
    if (other && other->changed_sequence >= hold->changed_sequence)
        return;
    if (other)
        forget_hold(engine, other);
    remember_hold(engine, hold);
}

void index_hold(struct engine *engine, int64_t hold_id)
{
    const struct hold *hold = hold_at(engine, hold_id);
    if (hold->status != HOLD_LIVE) {
        index_ended_hold(engine, hold);
        return;
    }
    remember_hold(engine, hold);
    put_due(engine, RECORD_HOLD, hold_id, hold->expires_at_us);
}

bool is_ended_of_order(const struct engine *engine, int64_t hold_id)
{
    const struct hold *hold = hold_at(engine, hold_id);
    return find_ended_beside(engine, hold) == hold;
}

void unindex_hold(struct engine *engine, int64_t hold_id)
{
    const struct hold *hold = hold_at(engine, hold_id);
    if (is_ended_of_order(engine, hold_id))
        forget_hold(engine, hold);
}

bool engine_knows_holds(const struct engine *engine, int64_t ledger_id, int64_t payer_id,
    struct text order_number, int64_t evicted_before)
{
    const struct hold *holds[HOLDS_PER_ORDER_MAX];
    const struct account *payer = engine_find_account(engine, payer_id);
    if (!payer || payer->ledger_id != ledger_id ||
        find_chain(engine, ledger_id, payer_id, order_number, holds) > 0)
        return true;
    const struct hold *ended = find_ended(engine, ledger_id, payer_id, order_number);
    return ended && ended->changed_sequence >= evicted_before;
}

static void draw_on(struct hold_chain *chain, const struct hold *hold)
{
    CHECK(chain->count < HOLDS_PER_ORDER_MAX);
    chain->holds[chain->count++] = hold;
    chain->held_minor += held_minor(hold);
}

/* What a confirm or a cancel draws on: the hold that it names, or with 0 all live holds of the
 * payer for the order but those whose time is over. When none is live, what became of the one that
 * ended last. */
static enum outcome find_holds(const struct engine *engine, const struct ledger *ledger,
    int64_t payer_id, struct text order_number, int64_t hold_id, struct hold_chain *ret_chain)
{
    ret_chain->count = 0;
    ret_chain->held_minor = 0;
    if (hold_id != 0) {
        const struct hold *hold = engine_find_hold(engine, hold_id);
        if (!hold || hold->ledger_id != ledger->id)
            return OUTCOME_HOLD_NOT_FOUND;
        if (hold->payer_account_id != payer_id)
            return OUTCOME_HOLD_OF_ANOTHER;
        if (!text_equals(order_of(hold), order_number))
            return OUTCOME_ORDER_NUMBER_MISMATCH;
        if (hold->status == HOLD_FINISHED)
            return OUTCOME_HOLD_FINISHED;
        if (hold->status == HOLD_EXPIRED || hold->expires_at_us <= engine->now_us)
            return OUTCOME_HOLD_EXPIRED;
        draw_on(ret_chain, hold);
        return OUTCOME_ACCEPTED;
    }
    const struct hold *holds[HOLDS_PER_ORDER_MAX];
    uint32_t count = find_chain(engine, ledger->id, payer_id, order_number, holds);
    if (count == 0) {
        const struct hold *ended = find_ended(engine, ledger->id, payer_id, order_number);
        if (!ended)
            return OUTCOME_HOLD_NOT_FOUND;
        return ended->status == HOLD_FINISHED ? OUTCOME_HOLD_FINISHED : OUTCOME_HOLD_EXPIRED;
    }
    for (uint32_t i = 0; i < count; i++) {
        if (holds[i]->expires_at_us > engine->now_us)
            draw_on(ret_chain, holds[i]);
    }
    return ret_chain->count > 0 ? OUTCOME_ACCEPTED : OUTCOME_HOLD_EXPIRED;
}

/* The hold is not live any more; it is the one of its order that ended last. */
static void end_hold(struct engine *engine, struct hold *hold, enum hold_status status)
{
    CHECK(hold->status == HOLD_LIVE);
    CHECK(held_minor(hold) == 0);
    const struct hold *before = find_ended_beside(engine, hold);
    if (before)
        forget_hold(engine, before);
    hold->status = (uint8_t)status;
    remove_due(engine, RECORD_HOLD, hold->id);
}

/* Takes the amount from the holds, the oldest first; they are there for it, the chain has
 * enough. */
static void draw(
    struct engine *engine, const struct hold_chain *chain, int64_t amount_minor, bool is_confirmed)
{
    CHECK(amount_minor > 0);
    CHECK(amount_minor <= chain->held_minor);
    int64_t rest_minor = amount_minor;
    for (uint32_t i = 0; i < chain->count && rest_minor > 0; i++) {
        struct hold *hold = change_hold(engine, chain->holds[i]->id);
        int64_t held = held_minor(hold);
        CHECK(held > 0);
        int64_t part_minor = rest_minor < held ? rest_minor : held;
        if (is_confirmed)
            hold->confirmed_minor += part_minor;
        else
            hold->cancelled_minor += part_minor;
        rest_minor -= part_minor;
        if (held_minor(hold) == 0)
            end_hold(engine, hold, HOLD_FINISHED);
        record_image(engine, RECORD_HOLD, hold->id);
    }
    CHECK(rest_minor == 0);
}

/* ---- the commands ---- */

enum outcome execute_place_hold(
    struct engine *engine, const struct ledger *ledger, const struct command *command)
{
    const struct place_hold *asked = &command->place_hold;
    const struct account *payer = NULL;
    enum outcome outcome = find_member_account(engine, ledger, asked->payer_account_id, &payer);
    if (outcome != OUTCOME_ACCEPTED)
        return outcome;
    if (asked->expires_at_us <= engine->now_us)
        return OUTCOME_EXPIRY_NOT_AHEAD;
    const struct hold *holds[HOLDS_PER_ORDER_MAX];
    if (find_chain(engine, ledger->id, payer->id, asked->order_number, holds) ==
        HOLDS_PER_ORDER_MAX)
        return OUTCOME_TOO_MANY_HOLDS_OF_ORDER;
    if (!has_room(engine, RECORD_HOLD, 1))
        return OUTCOME_TOO_MANY_HOLDS;
    if (account_gives_none(payer))
        return OUTCOME_ACCOUNT_RESTRICTED_OUT;
    if (spendable_minor(engine, payer) < asked->amount_minor)
        return refuse_at(engine, OUTCOME_INSUFFICIENT_AVAILABLE, spendable_minor(engine, payer));

    book(engine, asked->amount_minor, payer, BUCKET_AVAILABLE, payer, BUCKET_FROZEN);
    struct hold *hold = add_record(engine, RECORD_HOLD);
    hold->ledger_id = ledger->id;
    hold->payer_account_id = payer->id;
    hold->amount_minor = asked->amount_minor;
    hold->expires_at_us = asked->expires_at_us;
    hold->placed_sequence = engine->sequence;
    hold->status = HOLD_LIVE;
    hold->order_number_length =
        copy_text(hold->order_number, sizeof hold->order_number, asked->order_number);
    index_hold(engine, hold->id);
    record_image(engine, RECORD_HOLD, hold->id);
    engine->effects->subject_id = hold->id;
    return OUTCOME_ACCEPTED;
}

/* What may leave of a debtor's money that was held before it owed: what it has stays as far as it
 * is owed, so that nobody parks money and has it paid to a friend. */
static int64_t kept_above_debt_minor(const struct account *payer, int64_t owed_minor)
{
    int64_t minor = payer->balance_minor[BUCKET_AVAILABLE];
    bool overflowed = __builtin_add_overflow(minor, payer->balance_minor[BUCKET_FROZEN], &minor);
    CHECK(!overflowed);
    return minor > owed_minor ? minor - owed_minor : 0;
}

enum outcome execute_confirm_hold(
    struct engine *engine, const struct ledger *ledger, const struct command *command)
{
    const struct confirm_hold *asked = &command->confirm_hold;
    const struct payment_request request = {
        .payer_account_id = asked->payer_account_id,
        .payees = asked->payees,
        .payee_count = asked->payee_count,
        .fee_bearer = asked->fee_bearer,
        .fee_minor = asked->fee_minor,
        .fee_rule = asked->fee_rule,
        .withdrawable_next_date = asked->withdrawable_next_date,
    };
    const struct account *payer = NULL;
    struct hold_chain chain;
    struct payment_plan plan;
    enum outcome outcome = find_member_account(engine, ledger, asked->payer_account_id, &payer);
    if (payer && account_gives_none(payer))
        outcome = OUTCOME_ACCOUNT_RESTRICTED_OUT;
    outcome = earlier(outcome, find_holds(engine, ledger, asked->payer_account_id,
                                   asked->order_number, asked->hold_id, &chain));
    outcome = earlier(outcome, plan_payment(engine, ledger, &request, &plan));
    if (outcome != OUTCOME_ACCEPTED)
        return outcome;
    /* Every rule that may be broken up to here comes before this one. */
    if (plan_total_minor(&plan) > chain.held_minor)
        return refuse_at(engine, OUTCOME_ABOVE_REST, chain.held_minor);
    int64_t owed_minor = engine_owed_minor(engine, payer);
    if (owed_minor != 0 && plan_total_minor(&plan) > kept_above_debt_minor(payer, owed_minor))
        return refuse_at(engine, OUTCOME_OWED_STAYS, kept_above_debt_minor(payer, owed_minor));

    book_payment(engine, ledger, &plan, &request, payer, BUCKET_FROZEN);
    draw(engine, &chain, plan_total_minor(&plan), true);
    engine->effects->subject_id = asked->hold_id != 0 ? asked->hold_id : chain.holds[0]->id;
    return OUTCOME_ACCEPTED;
}

/* Restrictions do not matter: the payer gets what is its own. */
enum outcome execute_cancel_hold(
    struct engine *engine, const struct ledger *ledger, const struct command *command)
{
    const struct cancel_hold *asked = &command->cancel_hold;
    const struct account *payer = NULL;
    struct hold_chain chain;
    enum outcome outcome = find_member_account(engine, ledger, asked->payer_account_id, &payer);
    outcome = earlier(outcome, find_holds(engine, ledger, asked->payer_account_id,
                                   asked->order_number, asked->hold_id, &chain));
    if (outcome != OUTCOME_ACCEPTED)
        return outcome;
    int64_t amount_minor = asked->amount_minor != 0 ? asked->amount_minor : chain.held_minor;
    if (amount_minor > chain.held_minor)
        return refuse_at(engine, OUTCOME_ABOVE_REST, chain.held_minor);

    book(engine, amount_minor, payer, BUCKET_FROZEN, payer, BUCKET_AVAILABLE);
    draw(engine, &chain, amount_minor, false);
    engine->effects->subject_id = asked->hold_id != 0 ? asked->hold_id : chain.holds[0]->id;
    return OUTCOME_ACCEPTED;
}

enum outcome expire_hold(struct engine *engine, const struct ledger *ledger, int64_t hold_id)
{
    const struct hold *hold = engine_find_hold(engine, hold_id);
    if (!hold || hold->ledger_id != ledger->id)
        return OUTCOME_HOLD_NOT_FOUND;
    if (hold->status == HOLD_FINISHED)
        return OUTCOME_HOLD_FINISHED;
    if (hold->status == HOLD_EXPIRED)
        return OUTCOME_HOLD_EXPIRED;
    if (hold->expires_at_us > engine->now_us)
        return OUTCOME_NOT_YET_DUE;

    const struct account *payer = &engine->accounts[hold->payer_account_id];
    int64_t rest_minor = held_minor(hold);
    book(engine, rest_minor, payer, BUCKET_FROZEN, payer, BUCKET_AVAILABLE);
    struct hold *changed = change_hold(engine, hold_id);
    changed->cancelled_minor += rest_minor;
    end_hold(engine, changed, HOLD_EXPIRED);
    record_image(engine, RECORD_HOLD, hold_id);
    note_order_number(engine, hold->order_number, hold->order_number_length);
    return OUTCOME_ACCEPTED;
}
