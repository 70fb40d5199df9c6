/* lumps.c: a sum that one payer sent for many, without a cashier in between: it lies in UNALLOCATED
 * as an item of suspense, and is allocated line by line.
 *
 * A lump is opened for an item, with the count and the total that its lines will have. While it is
 * open, what is open of the item is kept for its lines. Each line is a command of its own, found by
 * the order number that it has at its source. It is closed when count and total agree, and not
 * before, unless two persons close it as it stands: a line may never be booked, and another never
 * be taken back; then what it has not allocated is open in the item again. Of all or nothing, its
 * lines and its close come in one atomic batch: none of them is ever seen without the others.
 * SPDX-License-Identifier: Apache-2.0 */
#include "engine/rules/lumps.h"

#include "engine/memory/changes.h"
#include "engine/memory/memory.h"
#include "engine/memory/records.h"
#include "engine/memory/undo.h"
#include "engine/rules/accounts.h"
#include "engine/rules/book.h"
#include "engine/rules/commands.h"
#include "engine/rules/payments.h"
#include "engine/rules/proposals.h"
#include "engine/rules/refusals.h"
#include "engine/rules/screening.h"
#include "engine/rules/suspense.h"
#include "engine/rules/watch.h"
#include "model/suspense.h"

/* ---- where lumps are found ---- */

static uint64_t hash_of_item(const struct engine *engine, int64_t suspense_id)
{
    return hash_bytes(engine->hash_secret, &suspense_id, sizeof suspense_id);
}

const struct lump *find_lump_of_item(const struct engine *engine, int64_t suspense_id)
{
    uint64_t cursor = 0;
    uint64_t hash = hash_of_item(engine, suspense_id);
    uint32_t place;
    while ((place = map_next(&engine->open_lumps, hash, &cursor)) != MAP_NONE) {
        const struct lump *lump = record_in(engine, RECORD_LUMP, place);
        if (lump->suspense_id == suspense_id)
            return lump;
    }
    return NULL;
}

static void count_open(struct engine *engine, int64_t ledger_id, int64_t change)
{
    struct ledger_sums *sums = &engine->sums[ledger_id];
    keep_for_undo(engine, sums, sizeof *sums);
    sums->open_lump_count += change;
    CHECK(sums->open_lump_count >= 0);
}

/* Whether it has some of its lines only, and must have none or all. */
static bool is_torn(const struct lump *lump)
{
    return lump->is_all_or_none && lump->status == LUMP_OPEN && lump->allocated_count > 0;
}

bool engine_is_torn(const struct engine *engine)
{
    return engine->torn_lump_count > 0;
}

static void count_torn(struct engine *engine, int64_t change)
{
    if (change == 0)
        return;
    keep_for_undo(engine, &engine->torn_lump_count, sizeof engine->torn_lump_count);
    engine->torn_lump_count += change;
    CHECK(engine->torn_lump_count >= 0);
}

void index_lump(struct engine *engine, int64_t lump_id)
{
    const struct lump *lump = record_at(engine, RECORD_LUMP, lump_id);
    if (lump->status != LUMP_OPEN)
        return;
    CHECK(find_lump_of_item(engine, lump->suspense_id) == NULL);
    insert_into_map(engine, &engine->open_lumps, hash_of_item(engine, lump->suspense_id),
        place_of(engine, RECORD_LUMP, lump_id));
    count_open(engine, lump->ledger_id, 1);
    count_torn(engine, is_torn(lump) ? 1 : 0);
}

static enum outcome find_lump(const struct engine *engine, const struct ledger *ledger,
    int64_t lump_id, const struct lump **ret_lump)
{
    const struct lump *lump = engine_find_record(engine, RECORD_LUMP, lump_id);
    if (!lump || lump->ledger_id != ledger->id)
        return OUTCOME_LUMP_NOT_FOUND;
    *ret_lump = lump;
    return OUTCOME_ACCEPTED;
}

/* ---- what changes a lump ---- */

static void changed(struct engine *engine, const struct lump *lump, bool was_torn)
{
    CHECK(lump->allocated_count >= 0 && lump->allocated_count <= lump->control_count);
    CHECK(lump->allocated_minor >= 0 && lump->allocated_minor <= lump->control_minor);
    count_torn(engine, is_torn(lump) - was_torn);
    record_image(engine, RECORD_LUMP, lump->id);
}

static void count_line(
    struct engine *engine, int64_t lump_id, int64_t count_change, int64_t change_minor)
{
    struct lump *lump = change_record(engine, RECORD_LUMP, lump_id);
    bool was_torn = is_torn(lump);
    lump->allocated_count += count_change;
    lump->allocated_minor += change_minor;
    changed(engine, lump, was_torn);
}

static void end_lump(struct engine *engine, int64_t lump_id, enum lump_status status)
{
    struct lump *lump = change_record(engine, RECORD_LUMP, lump_id);
    bool was_torn = is_torn(lump);
    CHECK(lump->status == LUMP_OPEN);
    lump->status = (uint8_t)status;
    remove_from_map(engine, &engine->open_lumps, hash_of_item(engine, lump->suspense_id),
        place_of(engine, RECORD_LUMP, lump_id));
    count_open(engine, lump->ledger_id, -1);
    changed(engine, lump, was_torn);
}

/* ---- the commands ---- */

enum outcome execute_open_lump(
    struct engine *engine, const struct ledger *ledger, const struct command *command)
{
    const struct open_lump *asked = &command->open_lump;
    const struct suspense *item = engine_find_record(engine, RECORD_SUSPENSE, asked->suspense_id);
    /* Its lines may be users', and nobody knows by which card the money came. */
    if (holds_same_card(engine, ledger->id) && !is_of_two(command))
        return OUTCOME_APPROVAL_NEEDED;
    if (!item || item->ledger_id != ledger->id)
        return OUTCOME_SUSPENSE_NOT_FOUND;
    if (item->status == SUSPENSE_CLOSED)
        return OUTCOME_SUSPENSE_FINAL;
    if (is_kept_suspense(engine, item))
        return OUTCOME_SUSPENSE_KEPT;
    const struct lump *before = find_lump_of_item(engine, item->id);
    if (before)
        return refuse_at(engine, OUTCOME_SUSPENSE_IN_LUMP, before->id);
    const struct suspense *overdue = find_overdue(engine, ledger);
    if (overdue)
        return refuse_at(engine, OUTCOME_SUSPENSE_OVERDUE, overdue->id);
    if (!has_room(engine, RECORD_LUMP, 1))
        return OUTCOME_TOO_MANY_LUMPS;
    if (asked->control_minor > suspense_open_minor(item))
        return refuse_at(engine, OUTCOME_ALLOCATION_ABOVE_ITEM, suspense_open_minor(item));

    struct lump *lump = add_record(engine, RECORD_LUMP);
    lump->ledger_id = ledger->id;
    lump->suspense_id = item->id;
    lump->control_count = asked->control_count;
    lump->control_minor = asked->control_minor;
    lump->opened_sequence = engine->sequence;
    lump->opened_date = ledger->accounting_dates[0];
    lump->is_all_or_none = asked->is_all_or_none;
    lump->status = LUMP_OPEN;
    index_lump(engine, lump->id);
    record_image(engine, RECORD_LUMP, lump->id);
    engine->effects->subject_id = lump->id;
    return OUTCOME_ACCEPTED;
}

/* The payee of a line. There is nobody to ask whose number it is but who sent the line: it is
 * refused, and the money waits where it is. */
static enum outcome find_payee(const struct engine *engine, const struct ledger *ledger,
    const struct allocate_line *asked, const struct account **ret_payee)
{
    int64_t account_id = asked->account_id;
    if (account_id == 0) {
        const struct account *account =
            engine_find_account_by_receiving_number(engine, ledger->id, asked->receiving_number);
        if (!account)
            return OUTCOME_ACCOUNT_NOT_FOUND;
        account_id = account->id;
    }
    enum outcome outcome = find_member_account(engine, ledger, account_id, ret_payee);
    if (outcome == OUTCOME_ACCEPTED && account_takes_none(*ret_payee))
        outcome = OUTCOME_ACCOUNT_RESTRICTED_IN;
    return outcome;
}

/* The line itself, against what is left of its lump. */
static enum outcome check_line(
    const struct engine *engine, const struct lump *lump, const struct command *command)
{
    int64_t left_minor = lump->control_minor - lump->allocated_minor;
    if (lump->status != LUMP_OPEN)
        return OUTCOME_LUMP_FINAL;
    if (lump->is_all_or_none && !command->is_atomic)
        return OUTCOME_LUMP_ALL_OR_NOTHING;
    if (lump->allocated_count == lump->control_count)
        return refuse_at(engine, OUTCOME_LUMP_COUNT_REACHED, lump->control_count);
    if (command->allocate_line.amount_minor > left_minor)
        return refuse_at(engine, OUTCOME_LINE_ABOVE_LUMP, left_minor);
    return OUTCOME_ACCEPTED;
}

enum outcome execute_allocate_line(
    struct engine *engine, const struct ledger *ledger, const struct command *command)
{
    const struct allocate_line *asked = &command->allocate_line;
    const struct account *payee = NULL;
    const struct lump *lump = NULL;
    struct payment_plan plan;
    int64_t used = command->used_sequence;
    CHECK(used == 0 || used == USED_IN_CALL || (used > 0 && used < engine->sequence));
    if (used != 0)
        return refuse_at(engine, OUTCOME_SOURCE_ORDER_USED, used == USED_IN_CALL ? 0 : used);
    enum outcome outcome = find_payee(engine, ledger, asked, &payee);
    if (is_denied_party(engine, ledger, &asked->payer))
        outcome = earlier(outcome, OUTCOME_PARTY_RESTRICTED);
    outcome = earlier(outcome, find_lump(engine, ledger, asked->lump_id, &lump));
    if (lump)
        outcome = earlier(outcome, check_line(engine, lump, command));
    const struct payee only = {payee ? payee->id : 0, asked->amount_minor};
    const struct payment_request request = {
        .payees = &only,
        .payee_count = 1,
        .fee_bearer = FEE_BEARER_PAYEES,
        .fee_rule = asked->fee_rule,
    };
    enum outcome fee_outcome = plan_payment_fee(engine, ledger, &request, &plan);
    outcome = earlier(outcome, fee_outcome);
    if (outcome != OUTCOME_ACCEPTED)
        return outcome;

    book_payment(engine, ledger, &plan, &request,
        control_account(engine, ledger, ACCOUNT_UNALLOCATED), BUCKET_AVAILABLE);
    allocate_of_item(engine, lump->suspense_id, asked->amount_minor);
    count_line(engine, lump->id, 1, asked->amount_minor);
    engine->effects->subject_id = payee->id;
    return OUTCOME_ACCEPTED;
}

/* Whether it has all that it was opened for. */
static enum outcome check_whole(const struct engine *engine, const struct lump *lump)
{
    if (lump->allocated_count != lump->control_count)
        return refuse_at(engine, OUTCOME_LUMP_COUNT_DIFFERS, lump->allocated_count);
    if (lump->allocated_minor != lump->control_minor)
        return refuse_at(engine, OUTCOME_LUMP_TOTAL_DIFFERS, lump->allocated_minor);
    return OUTCOME_ACCEPTED;
}

enum outcome execute_close_lump(
    struct engine *engine, const struct ledger *ledger, const struct command *command)
{
    const struct close_lump *asked = &command->close_lump;
    const struct lump *lump = NULL;
    if (asked->is_as_it_stands && !is_of_two(command))
        return OUTCOME_APPROVAL_NEEDED;
    enum outcome outcome = find_lump(engine, ledger, asked->lump_id, &lump);
    if (outcome != OUTCOME_ACCEPTED)
        return outcome;
    if (lump->status != LUMP_OPEN)
        return OUTCOME_LUMP_FINAL;
    if (asked->is_cancelled && lump->allocated_count > 0)
        return refuse_at(engine, OUTCOME_LUMP_HAS_LINES, lump->allocated_count);
    /* One of all or nothing has all, also when two persons want less. */
    if (!asked->is_cancelled && (!asked->is_as_it_stands || lump->is_all_or_none))
        outcome = check_whole(engine, lump);
    if (outcome != OUTCOME_ACCEPTED)
        return outcome;

    end_lump(engine, lump->id, asked->is_cancelled ? LUMP_CANCELLED : LUMP_CLOSED);
    engine->effects->subject_id = lump->id;
    return OUTCOME_ACCEPTED;
}

/* ---- taking a line back ---- */

enum outcome find_lump_of_line(const struct engine *engine, const struct ledger *ledger,
    const struct command *command, const struct lump **ret_lump)
{
    const struct undo_allocation *asked = &command->undo_allocation;
    const struct allocate_line *line = &command->original->command->allocate_line;
    CHECK(command->original->command->kind == COMMAND_ALLOCATE_LINE);
    enum outcome outcome = find_lump(engine, ledger, asked->lump_id, ret_lump);
    if (outcome == OUTCOME_ACCEPTED &&
        (line->lump_id != asked->lump_id || (*ret_lump)->suspense_id != asked->suspense_id))
        outcome = OUTCOME_ORIGINAL_NOT_ALLOCATION;
    return outcome;
}

void take_line_back(struct engine *engine, int64_t lump_id, int64_t amount_minor)
{
    count_line(engine, lump_id, -1, -amount_minor);
}
