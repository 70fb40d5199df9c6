/* settlements.c: what acquirers pay: money of an item of suspense, line by line.
 *
 * A settlement takes its total out of the item at once, so that nobody else can have it: it is
 * available at the acquirer's account. Each line is a command that pays one promise; what is not as
 * it was promised becomes a difference, so that a line is booked whatever it says. It closes when
 * its lines are as many, and as much, as it said; or it is abandoned, and what has no line goes
 * back to the item.
 * SPDX-License-Identifier: Apache-2.0 */
#include "engine/rules/settlements.h"

#include "engine/memory/changes.h"
#include "engine/memory/memory.h"
#include "engine/memory/records.h"
#include "engine/rules/accounts.h"
#include "engine/rules/acquirers.h"
#include "engine/rules/book.h"
#include "engine/rules/commands.h"
#include "engine/rules/lumps.h"
#include "engine/rules/promises.h"
#include "engine/rules/proposals.h"
#include "engine/rules/refusals.h"
#include "engine/rules/suspense.h"
#include "engine/rules/texts.h"
#include "engine/rules/watch.h"
#include "model/promise.h"
#include "model/suspense.h"

static const struct settlement *find_settlement(
    const struct engine *engine, const struct ledger *ledger, int64_t settlement_id)
{
    const struct settlement *settlement =
        engine_find_record(engine, RECORD_SETTLEMENT, settlement_id);
    return settlement && settlement->ledger_id == ledger->id ? settlement : NULL;
}

bool has_open_settlement(const struct engine *engine, const struct ledger *ledger)
{
    FOR_EACH_RECORD(engine, RECORD_SETTLEMENT, id)
    {
        const struct settlement *settlement = record_at(engine, RECORD_SETTLEMENT, id);
        if (settlement->ledger_id == ledger->id && settlement->status == SETTLEMENT_OPEN)
            return true;
    }
    return false;
}

/* Where money leaves by the card that it came by: what came for somebody, or back from somewhere,
 * becomes a payment company's by two persons only. */
static bool needs_two(
    const struct engine *engine, const struct ledger *ledger, const struct suspense *item)
{
    bool is_for_nobody = item->reason == SUSPENSE_NO_NUMBER ||
                         item->reason == SUSPENSE_WRONG_NUMBER ||
                         item->reason == SUSPENSE_UNKNOWN_NUMBER;
    return !is_for_nobody && holds_same_card(engine, ledger->id);
}

enum outcome execute_open_settlement(
    struct engine *engine, const struct ledger *ledger, const struct command *command)
{
    const struct open_settlement *asked = &command->open_settlement;
    const struct acquirer *acquirer = find_acquirer(engine, ledger, asked->acquirer_id);
    const struct suspense *item = engine_find_record(engine, RECORD_SUSPENSE, asked->suspense_id);
    enum outcome outcome = acquirer ? OUTCOME_ACCEPTED : OUTCOME_ACQUIRER_NOT_FOUND;
    if (item && item->ledger_id == ledger->id && needs_two(engine, ledger, item) &&
        !is_of_two(command))
        return OUTCOME_APPROVAL_NEEDED;
    if (!item || item->ledger_id != ledger->id)
        outcome = earlier(outcome, OUTCOME_SUSPENSE_NOT_FOUND);
    else if (item->status == SUSPENSE_CLOSED)
        outcome = earlier(outcome, OUTCOME_SUSPENSE_FINAL);
    else if (is_kept_suspense(engine, item))
        outcome = earlier(outcome, OUTCOME_SUSPENSE_KEPT);
    else if (find_lump_of_item(engine, item->id))
        outcome = earlier(outcome,
            refuse_at(engine, OUTCOME_SUSPENSE_IN_LUMP, find_lump_of_item(engine, item->id)->id));
    else if (asked->total_minor > suspense_open_minor(item))
        outcome = earlier(
            outcome, refuse_at(engine, OUTCOME_ALLOCATION_ABOVE_ITEM, suspense_open_minor(item)));
    if (!has_room(engine, RECORD_SETTLEMENT, 1))
        outcome = earlier(outcome, OUTCOME_TOO_MANY_SETTLEMENTS);
    if (outcome != OUTCOME_ACCEPTED)
        return outcome;

    struct settlement *settlement = add_record(engine, RECORD_SETTLEMENT);
    settlement->ledger_id = ledger->id;
    settlement->acquirer_id = acquirer->id;
    settlement->suspense_id = item->id;
    settlement->total_minor = asked->total_minor;
    settlement->line_count = asked->line_count;
    settlement->opened_sequence = engine->sequence;
    settlement->opened_date = ledger->accounting_dates[0];
    settlement->status = SETTLEMENT_OPEN;
    record_image(engine, RECORD_SETTLEMENT, settlement->id);
    book(engine, asked->total_minor, control_account(engine, ledger, ACCOUNT_UNALLOCATED),
        BUCKET_AVAILABLE, receivable_of(engine, acquirer->id), BUCKET_AVAILABLE);
    allocate_of_item(engine, item->id, asked->total_minor);
    engine->effects->subject_id = settlement->id;
    return OUTCOME_ACCEPTED;
}

/* ---- lines ---- */

/* What the line pays of the promise, and how it differs. What is disputed or has nothing open takes
 * nothing. */
static int64_t compare(const struct promise *promise, const struct settle_line *line,
    struct difference_found *ret_found)
{
    int64_t net_minor = line->gross_minor - line->kept_minor;
    CHECK(net_minor > 0);
    *ret_found = (struct difference_found){
        .kind = DIFFERENCE_UNKNOWN, .amount_minor = net_minor, .reference = line->reference};
    if (!promise)
        return 0;
    int64_t open_minor = promise_open_minor(promise);
    if (promise->status != PROMISE_OPEN) {
        ret_found->kind =
            promise->status == PROMISE_CANCELLED ? DIFFERENCE_LATE : DIFFERENCE_DUPLICATE;
        return 0;
    }
    bool is_as_gross = line->gross_minor == open_minor + promise_open_kept_minor(promise);
    ret_found->is_missing = net_minor < open_minor;
    ret_found->amount_minor =
        ret_found->is_missing ? open_minor - net_minor : net_minor - open_minor;
    ret_found->kind = is_as_gross             ? DIFFERENCE_FEE
                      : ret_found->is_missing ? DIFFERENCE_SHORT
                                              : DIFFERENCE_OVER;
    if (line->is_partial && ret_found->is_missing)
        ret_found->amount_minor = 0; /* the rest will come */
    return net_minor < open_minor ? net_minor : open_minor;
}

static enum outcome check_line(const struct engine *engine, const struct settlement *settlement,
    const struct settle_line *line)
{
    int64_t rest_minor = settlement_rest_minor(settlement);
    if (settlement->status != SETTLEMENT_OPEN)
        return OUTCOME_SETTLEMENT_CLOSED;
    enum outcome outcome = OUTCOME_ACCEPTED;
    if (settlement->lines_booked >= settlement->line_count)
        outcome = OUTCOME_SETTLEMENT_FULL;
    if (!has_room(engine, RECORD_DIFFERENCE, 1))
        outcome = earlier(outcome, OUTCOME_TOO_MANY_DIFFERENCES);
    if (line->gross_minor - line->kept_minor > rest_minor)
        outcome = earlier(outcome, refuse_at(engine, OUTCOME_LINE_ABOVE_SETTLEMENT, rest_minor));
    return outcome;
}

enum outcome execute_settle_line(
    struct engine *engine, const struct ledger *ledger, const struct command *command)
{
    const struct settle_line *asked = &command->settle_line;
    const struct settlement *settlement = find_settlement(engine, ledger, asked->settlement_id);
    const struct promise *promise = NULL;
    enum outcome outcome = OUTCOME_ACCEPTED;
    if (!settlement)
        outcome = OUTCOME_SETTLEMENT_NOT_FOUND;
    if (asked->promise_id != 0) {
        promise = find_promise(engine, ledger, asked->promise_id);
        if (!promise || (settlement && promise->acquirer_id != settlement->acquirer_id))
            outcome = earlier(outcome, OUTCOME_PROMISE_NOT_FOUND);
    } else if (settlement) {
        promise = find_promise_by_reference(engine, settlement->acquirer_id, asked->reference);
    }
    if (settlement)
        outcome = earlier(outcome, check_line(engine, settlement, asked));
    if (outcome != OUTCOME_ACCEPTED)
        return outcome;

    struct difference_found found;
    int64_t paid_minor = compare(promise, asked, &found);
    struct settlement *changed = change_record(engine, RECORD_SETTLEMENT, settlement->id);
    changed->settled_minor += asked->gross_minor - asked->kept_minor;
    changed->lines_booked++;
    record_image(engine, RECORD_SETTLEMENT, settlement->id);
    if (paid_minor > 0)
        settle_promise(engine, ledger, promise->id, paid_minor);
    if (found.amount_minor > 0)
        engine->effects->subject_id = open_difference(engine, ledger, settlement, promise, &found);
    if (promise)
        note_order_number(engine, promise->order_number, promise->order_number_length);
    return OUTCOME_ACCEPTED;
}

/* ---- its end ---- */

enum outcome execute_close_settlement(
    struct engine *engine, const struct ledger *ledger, const struct command *command)
{
    const struct close_settlement *asked = &command->close_settlement;
    const struct settlement *settlement = find_settlement(engine, ledger, asked->settlement_id);
    if (!settlement)
        return OUTCOME_SETTLEMENT_NOT_FOUND;
    if (asked->is_abandoned && asked->suspense_id != settlement->suspense_id)
        return OUTCOME_SUSPENSE_NOT_OF_SETTLEMENT;
    if (settlement->status != SETTLEMENT_OPEN)
        return OUTCOME_SETTLEMENT_CLOSED;
    int64_t rest_minor = settlement_rest_minor(settlement);
    bool is_whole = rest_minor == 0 && settlement->lines_booked == settlement->line_count;
    if (!asked->is_abandoned && !is_whole)
        return refuse_at(engine, OUTCOME_SETTLEMENT_INCOMPLETE, rest_minor);

    struct settlement *changed = change_record(engine, RECORD_SETTLEMENT, settlement->id);
    changed->status = asked->is_abandoned ? SETTLEMENT_ABANDONED : SETTLEMENT_CLOSED;
    changed->returned_minor = rest_minor;
    record_image(engine, RECORD_SETTLEMENT, settlement->id);
    if (rest_minor > 0) {
        book(engine, rest_minor, receivable_of(engine, settlement->acquirer_id), BUCKET_AVAILABLE,
            control_account(engine, ledger, ACCOUNT_UNALLOCATED), BUCKET_AVAILABLE);
        allocate_of_item(engine, settlement->suspense_id, -rest_minor);
    }
    engine->effects->subject_id = settlement->id;
    return OUTCOME_ACCEPTED;
}
