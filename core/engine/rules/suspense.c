/* suspense.c: money in UNALLOCATED, item by item (挂账).
 *
 * `book` counts what each command moves into UNALLOCATED and out of it. Who takes money out says
 * from which item; what came in and was put back into none opens one when the command ends. So no
 * way in can be forgotten, and a way out that names no item stops the process: what is open of a
 * ledger's items changes by just what its UNALLOCATED account does. What lay there before there
 * were items has none until it is adopted.
 * SPDX-License-Identifier: Apache-2.0 */
#include "engine/rules/suspense.h"

#include "engine/memory/changes.h"
#include "engine/memory/memory.h"
#include "engine/memory/records.h"
#include "engine/memory/undo.h"
#include "engine/memory/waiting.h"
#include "engine/rules/accounts.h"
#include "engine/rules/book.h"
#include "engine/rules/commands.h"
#include "engine/rules/lumps.h"
#include "engine/rules/payouts.h"
#include "engine/rules/refunds.h"
#include "engine/rules/refusals.h"
#include "engine/rules/returns.h"
#include "engine/rules/screening.h"
#include "engine/rules/sums.h"
#include "engine/rules/texts.h"
#include "model/suspense.h"

/* ---- where items are found ---- */

/* The command that brought an item; the payout that it came back of; and that by which a part of it
 * goes back to its sender. */
enum source_kind { SOURCE_COMMAND = 1, SOURCE_PAYOUT = 2, SOURCE_RETURN = 3 };

static uint64_t hash_of_source(const struct engine *engine, enum source_kind kind, int64_t id)
{
    const int64_t key[2] = {kind, id};
    return hash_bytes(engine->hash_secret, key, sizeof key);
}

/* What is open of an item counts in its ledger's sum; as long as there is some the item waits. */
static void count_open(struct engine *engine, const struct suspense *item, int64_t change_minor)
{
    struct ledger_sums *sums = &engine->sums[item->ledger_id];
    keep_for_undo(engine, sums, sizeof *sums);
    sums->suspense_minor += change_minor;
    CHECK(sums->suspense_minor >= 0);
    int64_t open_minor = suspense_open_minor(item);
    if (open_minor > 0 && open_minor == change_minor)
        put_waiting(engine, RECORD_SUSPENSE, item->ledger_id, item->id);
    else if (open_minor == 0 && change_minor < 0)
        remove_waiting(engine, RECORD_SUSPENSE, item->ledger_id, item->id);
}

void index_suspense(struct engine *engine, int64_t suspense_id)
{
    const struct suspense *item = record_at(engine, RECORD_SUSPENSE, suspense_id);
    uint32_t place = place_of(engine, RECORD_SUSPENSE, suspense_id);
    insert_into_map(engine, &engine->suspense_sources,
        hash_of_source(engine, SOURCE_COMMAND, item->origin_sequence), place);
    if (item->payout_id != 0)
        insert_into_map(engine, &engine->suspense_sources,
            hash_of_source(engine, SOURCE_PAYOUT, item->payout_id), place);
    if (item->return_payout_id != 0)
        insert_into_map(engine, &engine->suspense_sources,
            hash_of_source(engine, SOURCE_RETURN, item->return_payout_id), place);
    count_open(engine, item, suspense_open_minor(item));
}

void unindex_suspense(struct engine *engine, int64_t suspense_id)
{
    const struct suspense *item = record_at(engine, RECORD_SUSPENSE, suspense_id);
    uint32_t place = place_of(engine, RECORD_SUSPENSE, suspense_id);
    CHECK(suspense_open_minor(item) == 0);
    remove_from_map(engine, &engine->suspense_sources,
        hash_of_source(engine, SOURCE_COMMAND, item->origin_sequence), place);
    if (item->payout_id != 0)
        remove_from_map(engine, &engine->suspense_sources,
            hash_of_source(engine, SOURCE_PAYOUT, item->payout_id), place);
    if (item->return_payout_id != 0)
        remove_from_map(engine, &engine->suspense_sources,
            hash_of_source(engine, SOURCE_RETURN, item->return_payout_id), place);
}

static int64_t source_of(const struct suspense *item, enum source_kind kind)
{
    if (kind == SOURCE_COMMAND)
        return item->origin_sequence;
    return kind == SOURCE_PAYOUT ? item->payout_id : item->return_payout_id;
}

/* The source's item with something open, and for no lump, and the least id greater than
 * `after_id`; NULL: none. */
static const struct suspense *next_open(
    const struct engine *engine, enum source_kind kind, int64_t source_id, int64_t after_id)
{
    uint64_t hash = hash_of_source(engine, kind, source_id);
    uint64_t cursor = 0;
    const struct suspense *next = NULL;
    uint32_t place;
    while ((place = map_next(&engine->suspense_sources, hash, &cursor)) != MAP_NONE) {
        const struct suspense *item = record_in(engine, RECORD_SUSPENSE, place);
        if (source_of(item, kind) == source_id && item->id > after_id &&
            suspense_open_minor(item) > 0 && (!next || item->id < next->id) &&
            !find_lump_of_item(engine, item->id))
            next = item;
    }
    return next;
}

static int64_t open_of_source(const struct engine *engine, enum source_kind kind, int64_t source_id)
{
    int64_t sum = 0;
    const struct suspense *item = next_open(engine, kind, source_id, 0);
    for (int i = 0; i < SUSPENSE_PER_COMMAND_MAX && item; i++) {
        sum += suspense_open_minor(item);
        item = next_open(engine, kind, source_id, item->id);
    }
    return sum;
}

int64_t suspense_of_command_minor(const struct engine *engine, int64_t origin_sequence)
{
    return open_of_source(engine, SOURCE_COMMAND, origin_sequence);
}

/* The item that a payout was to return, when something of it is open; NULL: nothing is. */
static const struct suspense *find_returned(
    const struct engine *engine, const struct payout_source *source)
{
    const struct suspense *item = engine_find_record(engine, RECORD_SUSPENSE, source->item_id);
    return item && suspense_open_minor(item) > 0 ? item : NULL;
}

int64_t suspense_of_payout_minor(const struct engine *engine, const struct payout_source *source)
{
    const struct suspense *item = find_returned(engine, source);
    bool is_free = item && !find_lump_of_item(engine, item->id);
    return open_of_source(engine, SOURCE_PAYOUT, source->payout_id) +
           (is_free ? suspense_open_minor(item) : 0);
}

int64_t lump_of_payout_suspense(const struct engine *engine, const struct payout_source *source)
{
    const struct suspense *returned = find_returned(engine, source);
    const struct lump *lump = returned ? find_lump_of_item(engine, returned->id) : NULL;
    uint64_t cursor = 0;
    uint64_t hash = hash_of_source(engine, SOURCE_PAYOUT, source->payout_id);
    uint32_t place;
    int64_t lump_id = lump ? lump->id : 0;
    while ((place = map_next(&engine->suspense_sources, hash, &cursor)) != MAP_NONE) {
        const struct suspense *item = record_in(engine, RECORD_SUSPENSE, place);
        if (item->payout_id != source->payout_id || suspense_open_minor(item) == 0)
            continue;
        lump = find_lump_of_item(engine, item->id);
        if (lump && (lump_id == 0 || lump->id < lump_id))
            lump_id = lump->id;
    }
    return lump_id;
}

/* ---- what changes an item ---- */

/* Ends a change of the item, by which so much more of it is open than before. */
static void changed(struct engine *engine, struct suspense *item, int64_t change_minor)
{
    int64_t open_minor = suspense_open_minor(item);
    CHECK(open_minor >= 0);
    CHECK(item->allocated_minor >= 0 && item->reversed_minor >= 0);
    CHECK(item->returning_minor >= 0 && item->returned_minor >= 0);
    item->status = SUSPENSE_OPEN;
    if (open_minor == 0)
        item->status = item->returning_minor > 0 ? SUSPENSE_RETURNING : SUSPENSE_CLOSED;
    count_open(engine, item, change_minor);
    engine->suspense_noted_minor += change_minor;
    record_image(engine, RECORD_SUSPENSE, item->id);
}

void allocate_of_item(struct engine *engine, int64_t suspense_id, int64_t amount_minor)
{
    struct suspense *item = change_record(engine, RECORD_SUSPENSE, suspense_id);
    item->allocated_minor += amount_minor;
    changed(engine, item, -amount_minor);
}

static void reverse_of_item(struct engine *engine, int64_t suspense_id, int64_t amount_minor)
{
    struct suspense *item = change_record(engine, RECORD_SUSPENSE, suspense_id);
    item->reversed_minor += amount_minor;
    changed(engine, item, -amount_minor);
}

static void take_of_source(
    struct engine *engine, enum source_kind kind, int64_t source_id, int64_t amount_minor)
{
    for (int i = 0; amount_minor > 0; i++) {
        const struct suspense *found = next_open(engine, kind, source_id, 0);
        CHECK(i < SUSPENSE_PER_COMMAND_MAX && found != NULL);
        int64_t open_minor = suspense_open_minor(found);
        int64_t part_minor = open_minor < amount_minor ? open_minor : amount_minor;
        reverse_of_item(engine, found->id, part_minor);
        amount_minor -= part_minor;
    }
}

void take_suspense_of_command(struct engine *engine, int64_t origin_sequence, int64_t amount_minor)
{
    take_of_source(engine, SOURCE_COMMAND, origin_sequence, amount_minor);
}

void take_suspense_of_payout(
    struct engine *engine, const struct payout_source *source, int64_t amount_minor)
{
    int64_t brought_minor = open_of_source(engine, SOURCE_PAYOUT, source->payout_id);
    int64_t part_minor = brought_minor < amount_minor ? brought_minor : amount_minor;
    take_of_source(engine, SOURCE_PAYOUT, source->payout_id, part_minor);
    if (part_minor < amount_minor)
        reverse_of_item(engine, source->item_id, amount_minor - part_minor);
}

bool lacks_room_for_suspense(const struct engine *engine, const struct account *account)
{
    bool is_needed = account && (account->kind == ACCOUNT_UNALLOCATED || is_closed(account));
    return is_needed && !has_room(engine, RECORD_SUSPENSE, 1);
}

/* A new item; the caller has checked that there is room. */
static struct suspense *open_item(struct engine *engine, const struct ledger *ledger,
    int64_t amount_minor, enum suspense_reason reason, int64_t origin_sequence, int64_t payout_id,
    int64_t account_id)
{
    CHECK(amount_minor > 0);
    struct suspense *item = add_record(engine, RECORD_SUSPENSE);
    item->ledger_id = ledger->id;
    item->origin_sequence = origin_sequence;
    item->account_id = account_id;
    item->payout_id = payout_id;
    item->amount_minor = amount_minor;
    item->opened_at_us = engine->now_us;
    item->opened_date = ledger->accounting_dates[0];
    item->reason = (uint8_t)reason;
    item->status = SUSPENSE_OPEN;
    index_suspense(engine, item->id);
    engine->suspense_noted_minor += amount_minor;
    record_image(engine, RECORD_SUSPENSE, item->id);
    return item;
}

static enum suspense_reason reason_of(const struct engine *engine, const struct command *command)
{
    switch (command->kind) {
    case COMMAND_BOOK_RECEIPT:
    case COMMAND_BOOK_INTEREST:
    case COMMAND_REFUND:
        return engine->suspense_reason;
    case COMMAND_CONFIRM_PAYOUT:
    case COMMAND_INTERCEPT_PAYOUT:
        return SUSPENSE_PAYOUT_BACK;
    case COMMAND_REVERSE:
        return SUSPENSE_REVERSAL;
    case COMMAND_ADJUST:
        return SUSPENSE_ADJUSTMENT;
    default:
        break;
    }
    CHECK(0 && "a command that may bring money to UNALLOCATED");
    return SUSPENSE_ADJUSTMENT;
}

/* The payout that the command tells about; 0: none. */
static int64_t payout_of(const struct command *command)
{
    if (command->kind == COMMAND_CONFIRM_PAYOUT)
        return command->confirm_payout.payout_id;
    return command->kind == COMMAND_INTERCEPT_PAYOUT ? command->intercept_payout.payout_id : 0;
}

void settle_suspense(
    struct engine *engine, const struct ledger *ledger, const struct command *command)
{
    /* An adoption books nothing: its item is of what lay there. */
    if (command->kind == COMMAND_ADOPT_SUSPENSE)
        return;
    int64_t came_minor = engine->unallocated_minor - engine->suspense_noted_minor;
    CHECK(came_minor >= 0);
    if (came_minor == 0)
        return;
    int64_t account_id = engine->suspense_account_id > 0 ? engine->suspense_account_id : 0;
    engine->effects->suspense_id = open_item(engine, ledger, came_minor, reason_of(engine, command),
        engine->sequence, payout_of(command), account_id)
                                       ->id;
}

/* ---- what commands name ---- */

enum outcome find_suspense(const struct engine *engine, const struct ledger *ledger,
    int64_t suspense_id, const struct suspense **ret_item)
{
    const struct suspense *item = engine_find_record(engine, RECORD_SUSPENSE, suspense_id);
    if (!item || item->ledger_id != ledger->id)
        return OUTCOME_SUSPENSE_NOT_FOUND;
    *ret_item = item;
    return OUTCOME_ACCEPTED;
}

bool is_kept_suspense(const struct engine *engine, const struct suspense *item)
{
    return item->reason == SUSPENSE_RESTRICTED_ACCOUNT &&
           has_payer_hit(engine, item->origin_sequence);
}

enum outcome check_free_suspense(const struct engine *engine, const struct suspense *item)
{
    const struct lump *lump = find_lump_of_item(engine, item->id);
    if (item->status == SUSPENSE_CLOSED)
        return OUTCOME_SUSPENSE_FINAL;
    if (is_kept_suspense(engine, item))
        return OUTCOME_SUSPENSE_KEPT;
    return lump ? refuse_at(engine, OUTCOME_SUSPENSE_IN_LUMP, lump->id) : OUTCOME_ACCEPTED;
}

/* ---- returning to the sender ---- */

/* UNALLOCATED.available -> UNALLOCATED.pending_out; who is paid stands in the receipt. */
static int64_t book_return(
    struct engine *engine, const struct ledger *ledger, int64_t suspense_id, int64_t amount_minor)
{
    const struct account *unallocated = control_account(engine, ledger, ACCOUNT_UNALLOCATED);
    struct suspense *item = change_record(engine, RECORD_SUSPENSE, suspense_id);
    uint32_t place = place_of(engine, RECORD_SUSPENSE, suspense_id);
    book(engine, amount_minor, unallocated, BUCKET_AVAILABLE, unallocated, BUCKET_PENDING_OUT);
    struct payout *payout = add_payout(engine, unallocated, amount_minor);
    if (item->return_payout_id != 0)
        remove_from_map(engine, &engine->suspense_sources,
            hash_of_source(engine, SOURCE_RETURN, item->return_payout_id), place);
    insert_into_map(engine, &engine->suspense_sources,
        hash_of_source(engine, SOURCE_RETURN, payout->id), place);
    item->return_payout_id = payout->id;
    item->returning_minor += amount_minor;
    changed(engine, item, -amount_minor);
    return payout->id;
}

/* Whether the command is the receipt that brought the item, from an account that it names. */
static bool has_sender(const struct suspense *item, const struct original *original)
{
    return original->sequence == item->origin_sequence &&
           original->command->kind == COMMAND_BOOK_RECEIPT &&
           original->command->book_receipt.payer.account_number.length > 0;
}

enum outcome execute_return_suspense(
    struct engine *engine, const struct ledger *ledger, const struct command *command)
{
    const struct return_suspense *asked = &command->return_suspense;
    const struct original *original = find_original(ledger, command);
    const struct suspense *item = NULL;
    enum outcome outcome = find_suspense(engine, ledger, asked->suspense_id, &item);
    if (!original)
        outcome = earlier(outcome, OUTCOME_ORIGINAL_NOT_FOUND);
    if (outcome != OUTCOME_ACCEPTED)
        return outcome;
    if (!has_sender(item, original))
        return OUTCOME_RETURN_WITHOUT_ACCOUNT;
    if (is_denied_party(engine, ledger, &original->command->book_receipt.payer))
        outcome = OUTCOME_PARTY_RESTRICTED;
    if (item->returning_minor > 0 && item->status != SUSPENSE_CLOSED)
        return earlier(outcome, OUTCOME_SUSPENSE_RETURN_UNDER_WAY);
    outcome = earlier(outcome, check_free_suspense(engine, item));
    if (!has_room(engine, RECORD_PAYOUT, 1))
        outcome = earlier(outcome, OUTCOME_TOO_MANY_PAYOUTS);
    if (outcome != OUTCOME_ACCEPTED)
        return outcome;
    int64_t open_minor = suspense_open_minor(item);
    int64_t amount_minor = asked->amount_minor != 0 ? asked->amount_minor : open_minor;
    if (amount_minor > open_minor)
        return refuse_at(engine, OUTCOME_ALLOCATION_ABOVE_ITEM, open_minor);

    engine->effects->subject_id = book_return(engine, ledger, item->id, amount_minor);
    return OUTCOME_ACCEPTED;
}

void note_suspense_returned(struct engine *engine, const struct payout *payout, bool has_left)
{
    if (engine->accounts[payout->account_id].kind != ACCOUNT_UNALLOCATED)
        return;
    uint64_t hash = hash_of_source(engine, SOURCE_RETURN, payout->id);
    uint64_t cursor = 0;
    struct suspense *item = NULL;
    uint32_t place;
    while ((place = map_next(&engine->suspense_sources, hash, &cursor)) != MAP_NONE) {
        const struct suspense *found = record_in(engine, RECORD_SUSPENSE, place);
        if (found->return_payout_id == payout->id && found->returning_minor > 0)
            item = change_record(engine, RECORD_SUSPENSE, found->id);
    }
    CHECK(item != NULL && item->returning_minor == payout->amount_minor);
    item->returning_minor = 0;
    item->returned_minor += has_left ? payout->amount_minor : 0;
    changed(engine, item, has_left ? 0 : payout->amount_minor);
}

void put_return_back(struct engine *engine, int64_t suspense_id, int64_t amount_minor)
{
    struct suspense *item = change_record(engine, RECORD_SUSPENSE, suspense_id);
    CHECK(amount_minor > 0 && amount_minor <= item->returned_minor);
    item->returned_minor -= amount_minor;
    changed(engine, item, amount_minor);
}

/* ---- what lay there before there were items ---- */

/* What the command brought to UNALLOCATED. */
static int64_t brought_minor(
    const struct engine *engine, const struct ledger *ledger, const struct original *original)
{
    int64_t unallocated_id = control_account(engine, ledger, ACCOUNT_UNALLOCATED)->id;
    int64_t sum = 0;
    for (uint32_t i = 0; i < original->posting_count; i++) {
        const struct posting *posting = &original->postings[i];
        if (posting->credit_account_id == unallocated_id &&
            posting->credit_bucket == BUCKET_AVAILABLE)
            sum += posting->amount_minor;
    }
    return sum;
}

enum outcome execute_adopt_suspense(
    struct engine *engine, const struct ledger *ledger, const struct command *command)
{
    const struct adopt_suspense *asked = &command->adopt_suspense;
    const struct account *unallocated = control_account(engine, ledger, ACCOUNT_UNALLOCATED);
    int64_t most_minor = unallocated->balance_minor[BUCKET_AVAILABLE] -
                         engine_ledger_sums(engine, ledger->id)->suspense_minor;
    int64_t origin_sequence = engine->sequence;
    int64_t payout_id = 0;
    CHECK(most_minor >= 0);
    if (asked->original_sequence != 0) {
        const struct original *original = find_original(ledger, command);
        if (!original)
            return OUTCOME_ORIGINAL_NOT_FOUND;
        int64_t brought = brought_minor(engine, ledger, original);
        most_minor = brought < most_minor ? brought : most_minor;
        origin_sequence = original->sequence;
        payout_id = payout_of(original->command);
    }
    if (!has_room(engine, RECORD_SUSPENSE, 1))
        return OUTCOME_TOO_MANY_SUSPENSE_ITEMS;
    if (asked->amount_minor > most_minor)
        return refuse_at(engine, OUTCOME_ABOVE_REST, most_minor);

    engine->effects->subject_id = open_item(
        engine, ledger, asked->amount_minor, SUSPENSE_ADOPTED, origin_sequence, payout_id, 0)
                                      ->id;
    return OUTCOME_ACCEPTED;
}
