/* promises.c: what acquirers promised: booked before the money is there, cancelled before it comes.
 *
 * A promise is pending in at its account and, the platform's fee, at FEE; the acquirer's account
 * has the same with a minus sign. So over a ledger what acquirers owe is what is pending in. Nobody
 * can pay, hold, freeze or withdraw it: every rule about money that leaves asks for the available.
 * What is settled or cancelled takes its part of the fee along: how much of the fee is open follows
 * from how much of the promise is.
 *
 * When the accounting date is past the date on which it was due, the service says so, once, by a
 * command of its own, an Expire of the promise: that is the event. It changes nothing but that it
 * was said; a disputed one is late, too, by what is missing. Of a ledger only the first one stands
 * among the dues: another date touches no promises.
 * SPDX-License-Identifier: Apache-2.0 */
#include "engine/rules/promises.h"

#include "engine/memory/changes.h"
#include "engine/memory/dues.h"
#include "engine/memory/memory.h"
#include "engine/memory/records.h"
#include "engine/memory/undo.h"
#include "engine/memory/waiting.h"
#include "engine/rules/accounts.h"
#include "engine/rules/acquirers.h"
#include "engine/rules/book.h"
#include "engine/rules/commands.h"
#include "engine/rules/fees.h"
#include "engine/rules/next_date.h"
#include "engine/rules/refusals.h"
#include "engine/rules/sums.h"
#include "engine/rules/texts.h"
#include "model/date.h"
#include "model/fee.h"
#include "model/promise.h"

/* ---- where promises are found ---- */

static uint64_t reference_hash(
    const struct engine *engine, int64_t acquirer_id, struct text reference)
{
    struct hash_key key = engine->hash_secret;
    key.k0 ^= (uint64_t)acquirer_id;
    return hash_bytes(key, reference.bytes, reference.length);
}

static struct text reference_of(const struct promise *promise)
{
    return (struct text){promise->reference, promise->reference_length};
}

/* What is late is due at once. */
#define LATE_DUE_US 1

void settle_late_promises(struct engine *engine, const struct ledger *ledger)
{
    int64_t id = first_waiting(engine, RECORD_PROMISE, ledger->id);
    bool is_late = id != 0 && promise_is_late(record_at(engine, RECORD_PROMISE, id),
                                  ledger->accounting_dates[0]);
    put_waiting_due(engine, RECORD_PROMISE, ledger->id, is_late ? id : 0, LATE_DUE_US);
}

void index_promise(struct engine *engine, int64_t promise_id)
{
    const struct promise *promise = record_at(engine, RECORD_PROMISE, promise_id);
    CHECK(promise->reference_length > 0);
    insert_into_map(engine, &engine->promise_references,
        reference_hash(engine, promise->acquirer_id, reference_of(promise)),
        place_of(engine, RECORD_PROMISE, promise_id));
    if (promise_waits(promise)) {
        put_waiting(engine, RECORD_PROMISE, promise->ledger_id, promise_id);
        settle_late_promises(engine, engine_find_ledger(engine, promise->ledger_id));
    }
}

void unindex_promise(struct engine *engine, int64_t promise_id)
{
    const struct promise *promise = record_at(engine, RECORD_PROMISE, promise_id);
    CHECK(promise_open_minor(promise) == 0);
    remove_from_map(engine, &engine->promise_references,
        reference_hash(engine, promise->acquirer_id, reference_of(promise)),
        place_of(engine, RECORD_PROMISE, promise_id));
}

const struct promise *find_promise_by_reference(
    const struct engine *engine, int64_t acquirer_id, struct text reference)
{
    uint64_t hash = reference_hash(engine, acquirer_id, reference);
    uint64_t cursor = 0;
    uint32_t place;
    while ((place = map_next(&engine->promise_references, hash, &cursor)) != MAP_NONE) {
        const struct promise *promise = record_in(engine, RECORD_PROMISE, place);
        if (promise->acquirer_id == acquirer_id && text_equals(reference_of(promise), reference))
            return promise;
    }
    return NULL;
}

bool engine_knows_promise(
    const struct engine *engine, int64_t ledger_id, int64_t acquirer_id, struct text reference)
{
    const struct acquirer *acquirer = engine_find_record(engine, RECORD_ACQUIRER, acquirer_id);
    return !acquirer || acquirer->ledger_id != ledger_id || engine->last_id[RECORD_PROMISE] == 0 ||
           find_promise_by_reference(engine, acquirer_id, reference) != NULL;
}

/* ---- booking ---- */

/* What a promise would be, and the rule of its fee. */
struct promise_plan {
    const struct acquirer *acquirer;
    const struct account *account;
    const struct account *receivable; /* the acquirer's */
    const struct fee_rule *rule;
    int64_t kept_minor;
    int64_t fee_minor;
};

/* The fee of the acquirer's rule, which is its own or the platform's. */
static enum outcome plan_fee(const struct engine *engine, const struct ledger *ledger,
    int64_t amount_minor, struct promise_plan *plan)
{
    struct text name = {plan->acquirer->fee_rule, plan->acquirer->fee_rule_length};
    if (name.length == 0)
        return OUTCOME_ACCEPTED;
    enum outcome outcome = find_fee_rule_in_force(engine, ledger, name, &plan->rule);
    if (outcome != OUTCOME_ACCEPTED)
        return outcome;
    int64_t fee_minor = fee_of_amount(plan->rule, amount_minor);
    if (fee_minor >= amount_minor)
        return refuse_at(engine, OUTCOME_FEE_NOT_BELOW_AMOUNT, fee_minor);
    *(plan->acquirer->keeps_fee ? &plan->kept_minor : &plan->fee_minor) = fee_minor;
    return OUTCOME_ACCEPTED;
}

/* Whether the acquirer may owe so much more. */
static enum outcome check_ceiling(const struct engine *engine, const struct ledger *ledger,
    int64_t due_minor, const struct promise_plan *plan)
{
    int64_t owed_minor = -plan->receivable->balance_minor[BUCKET_PENDING_IN];
    int64_t ceiling_minor = plan->acquirer->ceiling_minor;
    int64_t room_minor = promise_room_minor(engine, ledger);
    enum outcome outcome = OUTCOME_ACCEPTED;
    CHECK(owed_minor >= 0 && room_minor >= 0);
    /* The ceiling may have been lowered since. */
    int64_t left_minor = ceiling_minor > owed_minor ? ceiling_minor - owed_minor : 0;
    if (due_minor > left_minor)
        outcome = refuse_at(engine, OUTCOME_PROMISE_ABOVE_CEILING, left_minor);
    if (due_minor > room_minor)
        outcome = earlier(outcome, refuse_at(engine, OUTCOME_AMOUNT_OVERFLOW, room_minor));
    return outcome;
}

static enum outcome plan_promise(const struct engine *engine, const struct ledger *ledger,
    const struct book_promise *asked, struct promise_plan *plan)
{
    plan->acquirer = find_acquirer(engine, ledger, asked->acquirer_id);
    enum outcome outcome = find_member_account(engine, ledger, asked->account_id, &plan->account);
    if (!has_room(engine, RECORD_PROMISE, 1))
        outcome = earlier(outcome, OUTCOME_TOO_MANY_PROMISES);
    if (plan->account && account_takes_none(plan->account))
        outcome = earlier(outcome, OUTCOME_ACCOUNT_RESTRICTED_IN);
    if (!plan->acquirer)
        return earlier(outcome, OUTCOME_ACQUIRER_NOT_FOUND);
    const struct promise *before =
        find_promise_by_reference(engine, plan->acquirer->id, asked->reference);
    if (before)
        return refuse_at(engine, OUTCOME_PROMISE_REFERENCE_USED, before->booked_sequence);
    if (plan->acquirer->status != ACQUIRER_OPEN)
        outcome = earlier(outcome, OUTCOME_ACQUIRER_STOPPED);
    plan->receivable = &engine->accounts[plan->acquirer->account_id];
    outcome = earlier(outcome, plan_fee(engine, ledger, asked->amount_minor, plan));
    return earlier(
        outcome, check_ceiling(engine, ledger, asked->amount_minor - plan->kept_minor, plan));
}

enum outcome execute_book_promise(
    struct engine *engine, const struct ledger *ledger, const struct command *command)
{
    const struct book_promise *asked = &command->book_promise;
    struct promise_plan plan = {0};
    enum outcome outcome = plan_promise(engine, ledger, asked, &plan);
    if (outcome != OUTCOME_ACCEPTED)
        return outcome;

    struct promise *promise = add_record(engine, RECORD_PROMISE);
    promise->ledger_id = ledger->id;
    promise->acquirer_id = plan.acquirer->id;
    promise->account_id = plan.account->id;
    promise->amount_minor = asked->amount_minor;
    promise->kept_minor = plan.kept_minor;
    promise->fee_minor = plan.fee_minor;
    promise->fee_rule_id = plan.rule ? plan.rule->id : 0;
    promise->booked_sequence = engine->sequence;
    int32_t due_date = ledger->accounting_dates[0] + plan.acquirer->settlement_days;
    promise->due_date = due_date < DATE_DAYS_MAX ? due_date : DATE_DAYS_MAX;
    promise->status = PROMISE_OPEN;
    promise->reference_length =
        copy_text(promise->reference, sizeof promise->reference, asked->reference);
    promise->order_number_length =
        copy_text(promise->order_number, sizeof promise->order_number, asked->order_number);
    CHECK(promise_due_minor(promise) > plan.fee_minor);
    index_promise(engine, promise->id);
    record_image(engine, RECORD_PROMISE, promise->id);
    book(engine, promise_due_minor(promise) - plan.fee_minor, plan.receivable, BUCKET_PENDING_IN,
        plan.account, BUCKET_PENDING_IN);
    if (plan.fee_minor > 0)
        book(engine, plan.fee_minor, plan.receivable, BUCKET_PENDING_IN,
            control_account(engine, ledger, ACCOUNT_FEE), BUCKET_PENDING_IN);
    engine->effects->fee_minor = plan.fee_minor;
    engine->effects->fee_rule_version = plan.rule ? plan.rule->version : 0;
    engine->effects->subject_id = promise->id;
    return OUTCOME_ACCEPTED;
}

/* ---- what becomes of it ---- */

const struct promise *find_promise(
    const struct engine *engine, const struct ledger *ledger, int64_t promise_id)
{
    const struct promise *promise = engine_find_record(engine, RECORD_PROMISE, promise_id);
    return promise && promise->ledger_id == ledger->id ? promise : NULL;
}

const struct account *receivable_of(const struct engine *engine, int64_t acquirer_id)
{
    const struct acquirer *acquirer = record_at(engine, RECORD_ACQUIRER, acquirer_id);
    return &engine->accounts[acquirer->account_id];
}

/* What of the fee goes with the next part of the promise. */
static int64_t fee_of_part(const struct promise *promise, int64_t amount_minor)
{
    int64_t before_minor = promise->settled_minor + promise->cancelled_minor;
    int64_t fee_minor = promise_fee_within(promise, before_minor + amount_minor) -
                        promise_fee_within(promise, before_minor);
    CHECK(amount_minor > 0 && amount_minor <= promise_open_minor(promise));
    CHECK(fee_minor >= 0 && fee_minor <= amount_minor);
    return fee_minor;
}

/* Ends a change of it. */
static void note_promise(struct engine *engine, struct promise *promise)
{
    if (promise_open_minor(promise) == 0) {
        promise->status = promise->settled_minor > 0 ? PROMISE_SETTLED : PROMISE_CANCELLED;
        if (promise->late_at_us == 0)
            remove_waiting(engine, RECORD_PROMISE, promise->ledger_id, promise->id);
    }
    record_image(engine, RECORD_PROMISE, promise->id);
}

void settle_promise(
    struct engine *engine, const struct ledger *ledger, int64_t promise_id, int64_t amount_minor)
{
    struct promise *promise = change_record(engine, RECORD_PROMISE, promise_id);
    const struct acquirer *acquirer = record_at(engine, RECORD_ACQUIRER, promise->acquirer_id);
    const struct account *receivable = &engine->accounts[acquirer->account_id];
    const struct account *account = &engine->accounts[promise->account_id];
    int64_t fee_minor = fee_of_part(promise, amount_minor);
    book(engine, amount_minor, receivable, BUCKET_AVAILABLE, receivable, BUCKET_PENDING_IN);
    int64_t later_minor = take_next_date(engine, receivable, amount_minor);
    if (amount_minor > fee_minor) {
        int64_t comes_minor = amount_minor - fee_minor;
        book(engine, comes_minor, account, BUCKET_PENDING_IN, account, BUCKET_AVAILABLE);
        if (acquirer->next_date || later_minor > comes_minor)
            later_minor = comes_minor;
        keep_for_next_date(engine, account, later_minor);
    }
    if (fee_minor > 0) {
        struct fee_legs legs;
        int64_t before_minor = promise->fee_minor - promise_open_fee_minor(promise);
        split_fee_back(engine, ledger,
            promise->fee_rule_id != 0 ? &engine->fee_rules[promise->fee_rule_id] : NULL,
            promise->fee_minor, before_minor, before_minor + fee_minor, &legs);
        book_fee(engine, &legs, control_account(engine, ledger, ACCOUNT_FEE), BUCKET_PENDING_IN);
    }
    promise->settled_minor += amount_minor;
    note_promise(engine, promise);
}

void cancel_promise(
    struct engine *engine, const struct ledger *ledger, int64_t promise_id, int64_t amount_minor)
{
    struct promise *promise = change_record(engine, RECORD_PROMISE, promise_id);
    const struct account *receivable = receivable_of(engine, promise->acquirer_id);
    int64_t fee_minor = fee_of_part(promise, amount_minor);
    if (amount_minor > fee_minor)
        book(engine, amount_minor - fee_minor, &engine->accounts[promise->account_id],
            BUCKET_PENDING_IN, receivable, BUCKET_PENDING_IN);
    if (fee_minor > 0)
        book(engine, fee_minor, control_account(engine, ledger, ACCOUNT_FEE), BUCKET_PENDING_IN,
            receivable, BUCKET_PENDING_IN);
    promise->cancelled_minor += amount_minor;
    note_promise(engine, promise);
}

void set_promise_disputed(struct engine *engine, int64_t promise_id, bool is_disputed)
{
    struct promise *promise = change_record(engine, RECORD_PROMISE, promise_id);
    CHECK(promise_open_minor(promise) > 0);
    promise->status = is_disputed ? PROMISE_DISPUTED : PROMISE_OPEN;
    record_image(engine, RECORD_PROMISE, promise_id);
}

enum outcome execute_cancel_promise(
    struct engine *engine, const struct ledger *ledger, const struct command *command)
{
    const struct cancel_promise *asked = &command->cancel_promise;
    const struct promise *promise = find_promise(engine, ledger, asked->promise_id);
    if (!promise)
        return OUTCOME_PROMISE_NOT_FOUND;
    if (promise_open_minor(promise) == 0)
        return OUTCOME_PROMISE_FINAL;
    if (promise->status == PROMISE_DISPUTED)
        return OUTCOME_PROMISE_DISPUTED;
    int64_t amount_minor =
        asked->amount_minor != 0 ? asked->amount_minor : promise_open_minor(promise);
    if (amount_minor > promise_open_minor(promise))
        return refuse_at(engine, OUTCOME_ABOVE_REST, promise_open_minor(promise));

    cancel_promise(engine, ledger, promise->id, amount_minor);
    note_order_number(engine, promise->order_number, promise->order_number_length);
    engine->effects->subject_id = promise->id;
    return OUTCOME_ACCEPTED;
}

enum outcome expire_promise(struct engine *engine, const struct ledger *ledger, int64_t promise_id)
{
    const struct promise *promise = find_promise(engine, ledger, promise_id);
    if (!promise)
        return OUTCOME_PROMISE_NOT_FOUND;
    if (promise_open_minor(promise) == 0)
        return OUTCOME_PROMISE_FINAL;
    if (promise->late_at_us != 0 || !promise_is_late(promise, ledger->accounting_dates[0]))
        return OUTCOME_NOT_YET_DUE;

    struct promise *changed = change_record(engine, RECORD_PROMISE, promise_id);
    changed->late_at_us = engine->now_us;
    remove_waiting(engine, RECORD_PROMISE, ledger->id, promise_id);
    record_image(engine, RECORD_PROMISE, promise_id);
    note_order_number(engine, promise->order_number, promise->order_number_length);
    return OUTCOME_ACCEPTED;
}
