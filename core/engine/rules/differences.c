/* differences.c: lines of settlements that are not as they were promised, until somebody decides.
 *
 * What a line paid too much stays available at the acquirer's account; what it paid too little is
 * still open of its promise, which is disputed meanwhile: neither is lost from sight. Each ends in
 * one way.
 * SPDX-License-Identifier: Apache-2.0 */
#include "engine/rules/settlements.h"

#include "engine/memory/changes.h"
#include "engine/memory/memory.h"
#include "engine/memory/records.h"
#include "engine/rules/accounts.h"
#include "engine/rules/book.h"
#include "engine/rules/commands.h"
#include "engine/rules/debts.h"
#include "engine/rules/next_date.h"
#include "engine/rules/promises.h"
#include "engine/rules/proposals.h"
#include "engine/rules/refusals.h"
#include "engine/rules/suspense.h"
#include "engine/rules/texts.h"
#include "model/promise.h"
#include "model/withdrawable.h"

int64_t open_difference(struct engine *engine, const struct ledger *ledger,
    const struct settlement *settlement, const struct promise *promise,
    const struct difference_found *found)
{
    CHECK(found->amount_minor > 0);
    CHECK(!found->is_missing || promise != NULL);
    struct difference *difference = add_record(engine, RECORD_DIFFERENCE);
    difference->ledger_id = ledger->id;
    difference->acquirer_id = settlement->acquirer_id;
    difference->settlement_id = settlement->id;
    difference->suspense_id = settlement->suspense_id;
    difference->promise_id = promise ? promise->id : 0;
    difference->account_id = promise ? promise->account_id : 0;
    difference->amount_minor = found->amount_minor;
    difference->line_sequence = engine->sequence;
    difference->opened_date = ledger->accounting_dates[0];
    difference->kind = (uint8_t)found->kind;
    difference->is_missing = found->is_missing;
    struct text reference = found->reference;
    if (promise) {
        reference = (struct text){promise->reference, promise->reference_length};
        difference->order_number_length =
            copy_text(difference->order_number, sizeof difference->order_number,
                (struct text){promise->order_number, promise->order_number_length});
    }
    difference->reference_length =
        copy_text(difference->reference, sizeof difference->reference, reference);
    difference->status = DIFFERENCE_OPEN;
    record_image(engine, RECORD_DIFFERENCE, difference->id);
    if (found->is_missing)
        set_promise_disputed(engine, promise->id, true);
    return difference->id;
}

/* ---- closing ---- */

/* Of what is missing. */
static enum outcome check_missing(const struct engine *engine, const struct ledger *ledger,
    const struct difference *difference, enum difference_end end)
{
    const struct account *own = control_account(engine, ledger, ACCOUNT_PLATFORM_OWN);
    if (end == DIFFERENCE_RETURNED || end == DIFFERENCE_ASSIGNED)
        return OUTCOME_DIFFERENCE_NOT_SO;
    if (end == DIFFERENCE_BORNE && spendable_minor(engine, own) < difference->amount_minor)
        return refuse_at(engine, OUTCOME_INSUFFICIENT_PLATFORM_OWN, spendable_minor(engine, own));
    return OUTCOME_ACCEPTED;
}

/* Whose promise the money pays after all. */
static enum outcome check_assigned(const struct engine *engine, const struct ledger *ledger,
    const struct difference *difference, int64_t promise_id)
{
    const struct promise *promise = find_promise(engine, ledger, promise_id);
    if (!promise || promise->acquirer_id != difference->acquirer_id)
        return OUTCOME_PROMISE_NOT_FOUND;
    if (promise_open_minor(promise) == 0)
        return OUTCOME_PROMISE_FINAL;
    if (promise->status == PROMISE_DISPUTED)
        return OUTCOME_PROMISE_DISPUTED;
    if (difference->amount_minor > promise_open_minor(promise))
        return refuse_at(engine, OUTCOME_ABOVE_REST, promise_open_minor(promise));
    return OUTCOME_ACCEPTED;
}

/* Of what is too much. */
static enum outcome check_surplus(const struct engine *engine, const struct ledger *ledger,
    const struct difference *difference, const struct close_difference *asked)
{
    const struct account *account = NULL;
    switch ((enum difference_end)asked->ended_by) {
    case DIFFERENCE_RETURNED:
        return asked->suspense_id == difference->suspense_id ? OUTCOME_ACCEPTED
                                                             : OUTCOME_SUSPENSE_NOT_OF_SETTLEMENT;
    case DIFFERENCE_ASSIGNED:
        return check_assigned(engine, ledger, difference, asked->promise_id);
    case DIFFERENCE_CORRECTED:
        if (difference->account_id == 0)
            return OUTCOME_DIFFERENCE_NOT_SO;
        enum outcome outcome =
            find_member_account(engine, ledger, difference->account_id, &account);
        return account && account_takes_none(account) ? OUTCOME_ACCOUNT_RESTRICTED_IN : outcome;
    case DIFFERENCE_BORNE:
    case DIFFERENCE_EXPECTED:
        break;
    }
    return OUTCOME_DIFFERENCE_NOT_SO;
}

static void end_missing(struct engine *engine, const struct ledger *ledger,
    const struct difference *difference, enum difference_end end)
{
    set_promise_disputed(engine, difference->promise_id, false);
    if (end == DIFFERENCE_BORNE) {
        book(engine, difference->amount_minor,
            control_account(engine, ledger, ACCOUNT_PLATFORM_OWN), BUCKET_AVAILABLE,
            receivable_of(engine, difference->acquirer_id), BUCKET_AVAILABLE);
        settle_promise(engine, ledger, difference->promise_id, difference->amount_minor);
    } else if (end == DIFFERENCE_CORRECTED) {
        cancel_promise(engine, ledger, difference->promise_id, difference->amount_minor);
    }
}

static void end_surplus(struct engine *engine, const struct ledger *ledger,
    const struct difference *difference, const struct close_difference *asked)
{
    const struct acquirer *acquirer = record_at(engine, RECORD_ACQUIRER, difference->acquirer_id);
    const struct account *receivable = &engine->accounts[acquirer->account_id];
    const struct account *account = &engine->accounts[difference->account_id];
    if (asked->ended_by == DIFFERENCE_ASSIGNED) {
        settle_promise(engine, ledger, asked->promise_id, difference->amount_minor);
    } else if (asked->ended_by == DIFFERENCE_CORRECTED) {
        int32_t date = ledger->accounting_dates[0];
        int64_t before_minor = account_next_date_minor(account, date);
        book(engine, difference->amount_minor, receivable, BUCKET_AVAILABLE, account,
            BUCKET_AVAILABLE);
        int64_t carried_minor = account_next_date_minor(account, date) - before_minor;
        if (acquirer->next_date)
            keep_for_next_date(engine, account, difference->amount_minor - carried_minor);
    } else {
        book(engine, difference->amount_minor, receivable, BUCKET_AVAILABLE,
            control_account(engine, ledger, ACCOUNT_UNALLOCATED), BUCKET_AVAILABLE);
        allocate_of_item(engine, difference->suspense_id, -difference->amount_minor);
    }
}

enum outcome execute_close_difference(
    struct engine *engine, const struct ledger *ledger, const struct command *command)
{
    const struct close_difference *asked = &command->close_difference;
    const struct difference *difference =
        engine_find_record(engine, RECORD_DIFFERENCE, asked->difference_id);
    /* The platform's own money goes to somebody, or is written off: as by an adjustment. */
    if (asked->ended_by == DIFFERENCE_BORNE && !is_of_two(command))
        return OUTCOME_APPROVAL_NEEDED;
    if (!difference || difference->ledger_id != ledger->id)
        return OUTCOME_DIFFERENCE_NOT_FOUND;
    enum difference_end end = (enum difference_end)asked->ended_by;
    enum outcome outcome =
        difference->status == DIFFERENCE_OPEN ? OUTCOME_ACCEPTED : OUTCOME_DIFFERENCE_FINAL;
    outcome =
        earlier(outcome, difference->is_missing ? check_missing(engine, ledger, difference, end)
                                                : check_surplus(engine, ledger, difference, asked));
    if (outcome != OUTCOME_ACCEPTED)
        return outcome;

    struct difference *changed = change_record(engine, RECORD_DIFFERENCE, difference->id);
    changed->status = DIFFERENCE_CLOSED;
    changed->ended_by = (uint8_t)end;
    changed->closed_sequence = engine->sequence;
    record_image(engine, RECORD_DIFFERENCE, difference->id);
    if (difference->is_missing)
        end_missing(engine, ledger, difference, end);
    else
        end_surplus(engine, ledger, difference, asked);
    if (end == DIFFERENCE_ASSIGNED) {
        const struct promise *promise = record_at(engine, RECORD_PROMISE, asked->promise_id);
        note_order_number(engine, promise->order_number, promise->order_number_length);
    } else {
        note_order_number(engine, difference->order_number, difference->order_number_length);
    }
    engine->effects->subject_id = difference->id;
    return OUTCOME_ACCEPTED;
}
