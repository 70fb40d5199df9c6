/* matches.c: which line of the bank's statements is what the ledger booked, and how much of it.
 *
 * A match is evidence, as the statement is: it moves nothing. Somebody outside searches, and
 * proposes what was found; here it is checked that both sides agree, and that nothing is matched
 * twice. What one line settles in parts are matches of their own, and so are the lines that make up
 * one booking.
 *
 * What a line has left stands in the line; what a booking has left, in a record beside it
 * (matched_booking), for payouts were released without a column for it and a receipt has no record.
 *
 * What becomes of a payout afterwards changes no match: the bank's own line shows that the money
 * left, and what comes back has a line of its own. A receipt that a line shows is not reversed: who
 * wants that undoes the match first.
 * SPDX-License-Identifier: Apache-2.0 */
#include "engine/rules/matches.h"

#include "engine/memory/changes.h"
#include "engine/memory/memory.h"
#include "engine/memory/records.h"
#include "engine/memory/undo.h"
#include "engine/rules/commands.h"
#include "engine/rules/refunds.h"
#include "engine/rules/refusals.h"

/* ---- where bookings are found ---- */

static uint64_t hash_of_booking(
    const struct engine *engine, uint8_t booking_kind, int64_t booking_id)
{
    const int64_t key[2] = {booking_kind, booking_id};
    return hash_bytes(engine->hash_secret, key, sizeof key);
}

void index_matched_booking(struct engine *engine, int64_t booking_id)
{
    const struct matched_booking *booking = record_at(engine, RECORD_MATCHED_BOOKING, booking_id);
    insert_into_map(engine, &engine->matched_bookings,
        hash_of_booking(engine, booking->booking_kind, booking->booking_id),
        place_of(engine, RECORD_MATCHED_BOOKING, booking_id));
}

void unindex_matched_booking(struct engine *engine, int64_t booking_id)
{
    const struct matched_booking *booking = record_at(engine, RECORD_MATCHED_BOOKING, booking_id);
    remove_from_map(engine, &engine->matched_bookings,
        hash_of_booking(engine, booking->booking_kind, booking->booking_id),
        place_of(engine, RECORD_MATCHED_BOOKING, booking_id));
}

const struct matched_booking *engine_find_matched_booking(
    const struct engine *engine, uint8_t booking_kind, int64_t booking_id)
{
    uint64_t hash = hash_of_booking(engine, booking_kind, booking_id);
    uint64_t cursor = 0;
    uint32_t place;
    while ((place = map_next(&engine->matched_bookings, hash, &cursor)) != MAP_NONE) {
        const struct matched_booking *its = record_in(engine, RECORD_MATCHED_BOOKING, place);
        if (its->booking_kind == booking_kind && its->booking_id == booking_id)
            return its;
    }
    return NULL;
}

static int64_t matched_minor(const struct engine *engine, uint8_t booking_kind, int64_t booking_id)
{
    const struct matched_booking *its =
        engine_find_matched_booking(engine, booking_kind, booking_id);
    return its ? its->matched_minor : 0;
}

bool is_matched_receipt(const struct engine *engine, int64_t sequence)
{
    return matched_minor(engine, BOOKING_RECEIPT, sequence) > 0;
}

/* Of a payout it is what left, or what came back, by the side of the line. */
static uint8_t kind_of_asked(
    const struct match_statement_line *asked, const struct statement_line *line)
{
    if (asked->receipt_sequence != 0)
        return BOOKING_RECEIPT;
    return line->amount_minor < 0 ? BOOKING_PAYOUT : BOOKING_RETURN;
}

bool engine_booking_of(const struct engine *engine, const struct command *command,
    uint8_t *ret_booking_kind, int64_t *ret_booking_id)
{
    const struct match_statement_line *asked = &command->match_statement_line;
    const struct statement_line *line;
    const struct statement_match *match;
    switch ((int)command->kind) {
    case COMMAND_MATCH_STATEMENT_LINE:
        line = engine_find_record(engine, RECORD_STATEMENT_LINE, asked->statement_line_id);
        *ret_booking_kind = line ? kind_of_asked(asked, line) : 0;
        *ret_booking_id = asked->receipt_sequence != 0 ? asked->receipt_sequence : asked->payout_id;
        return line != NULL;
    case COMMAND_UNDO_MATCH:
        match = engine_find_record(
            engine, RECORD_STATEMENT_MATCH, command->undo_match.statement_match_id);
        *ret_booking_kind = match ? match->booking_kind : 0;
        *ret_booking_id = match ? match->booking_id : 0;
        return match != NULL;
    case COMMAND_REVERSE:
        *ret_booking_kind = BOOKING_RECEIPT;
        *ret_booking_id = command->reverse.original_sequence;
        return true;
    default:
        return false;
    }
}

/* ---- both sides change together ---- */

/* Adds to what is matched of the line and of the booking; below 0 takes from it. */
static void add_matched(struct engine *engine, const struct statement_match *match, int64_t minor)
{
    const struct matched_booking *found =
        engine_find_matched_booking(engine, match->booking_kind, match->booking_id);
    struct matched_booking *booking = found
                                          ? change_record(engine, RECORD_MATCHED_BOOKING, found->id)
                                          : add_record(engine, RECORD_MATCHED_BOOKING);
    if (!found) {
        booking->ledger_id = match->ledger_id;
        booking->booking_kind = match->booking_kind;
        booking->booking_id = match->booking_id;
        index_matched_booking(engine, booking->id);
    }
    booking->matched_minor += minor;
    CHECK(booking->ledger_id == match->ledger_id && booking->matched_minor >= 0);
    record_image(engine, RECORD_MATCHED_BOOKING, booking->id);

    struct statement_line *line =
        change_record(engine, RECORD_STATEMENT_LINE, match->statement_line_id);
    line->matched_minor += line->amount_minor < 0 ? -minor : minor;
    line->status = (uint8_t)statement_line_status_of(line);
    record_image(engine, RECORD_STATEMENT_LINE, line->id);
}

/* ---- matching ---- */

/* The line, if it is there and its statement has all of its lines. */
static enum outcome find_line(const struct engine *engine, const struct ledger *ledger,
    int64_t line_id, const struct statement_line **ret_line)
{
    const struct statement_line *line = engine_find_record(engine, RECORD_STATEMENT_LINE, line_id);
    if (!line || line->ledger_id != ledger->id)
        return OUTCOME_STATEMENT_LINE_NOT_FOUND;
    const struct bank_statement *statement =
        record_at(engine, RECORD_BANK_STATEMENT, line->bank_statement_id);
    *ret_line = line;
    return statement->status == BANK_STATEMENT_OPEN
               ? refuse_at(engine, OUTCOME_STATEMENT_LINE_OF_OPEN, statement->id)
               : OUTCOME_ACCEPTED;
}

/* What the receipt brought in, whether it can be matched or not. */
static enum outcome find_receipt(const struct engine *engine, const struct ledger *ledger,
    const struct command *command, int64_t *ret_whole_minor)
{
    const struct original *original = find_original(ledger, command);
    if (!original)
        return OUTCOME_ORIGINAL_NOT_FOUND;
    switch ((int)original->command->kind) {
    case COMMAND_BOOK_RECEIPT:
        *ret_whole_minor = original->command->book_receipt.amount_minor;
        break;
    case COMMAND_BOOK_INTEREST:
        *ret_whole_minor = original->command->book_interest.amount_minor;
        break;
    default:
        return OUTCOME_MATCH_NOT_OF_RECEIPT;
    }
    const struct refunded *whole = engine_find_refunded(engine, original->sequence, 0);
    return whole && whole->reversed_sequence != 0 ? OUTCOME_ORIGINAL_REVERSED : OUTCOME_ACCEPTED;
}

/* What left by the payout, or came back of it. */
static enum outcome find_payout(const struct engine *engine, const struct ledger *ledger,
    int64_t payout_id, uint8_t booking_kind, int64_t *ret_whole_minor)
{
    const struct payout *payout = engine_find_payout(engine, payout_id);
    if (!payout || payout->ledger_id != ledger->id)
        return OUTCOME_PAYOUT_NOT_FOUND;
    if (booking_kind == BOOKING_RETURN)
        *ret_whole_minor = payout->returned_minor;
    else if (payout->status == PAYOUT_FAILED || payout->status == PAYOUT_CANCELLED)
        return OUTCOME_MATCHED_PAYOUT_STAYED;
    else
        *ret_whole_minor = payout->amount_minor;
    return OUTCOME_ACCEPTED;
}

/* How much of line and booking is left. */
static enum outcome check_left(const struct engine *engine, const struct statement_line *line,
    uint8_t booking_kind, int64_t booking_id, int64_t whole_minor, int64_t amount_minor)
{
    int64_t line_minor = line->amount_minor - line->matched_minor;
    int64_t line_left_minor = line_minor < 0 ? -line_minor : line_minor;
    int64_t left_minor = whole_minor - matched_minor(engine, booking_kind, booking_id);
    enum outcome outcome = OUTCOME_ACCEPTED;
    if (amount_minor > line_left_minor)
        outcome = refuse_at(engine, OUTCOME_MATCH_ABOVE_LINE, line_left_minor);
    /* Two persons may have set the bank's word on a payout right since: then less is there. */
    if (left_minor < 0)
        left_minor = 0;
    if (amount_minor > left_minor)
        outcome = earlier(outcome, refuse_at(engine, OUTCOME_MATCH_ABOVE_BOOKING, left_minor));
    return outcome;
}

enum outcome execute_match_statement_line(
    struct engine *engine, const struct ledger *ledger, const struct command *command)
{
    const struct match_statement_line *asked = &command->match_statement_line;
    const struct statement_line *line = NULL;
    bool is_receipt = asked->receipt_sequence != 0;
    int64_t booking_id = is_receipt ? asked->receipt_sequence : asked->payout_id;
    int64_t whole_minor = 0;
    enum outcome outcome = find_line(engine, ledger, asked->statement_line_id, &line);
    uint8_t booking_kind = is_receipt ? BOOKING_RECEIPT : BOOKING_PAYOUT;
    if (line)
        booking_kind = kind_of_asked(asked, line);
    enum outcome found = is_receipt
                             ? find_receipt(engine, ledger, command, &whole_minor)
                             : find_payout(engine, ledger, booking_id, booking_kind, &whole_minor);
    if (line && is_receipt && line->amount_minor < 0)
        outcome = earlier(outcome, OUTCOME_MATCH_OF_OTHER_SIDE);
    if (line && found == OUTCOME_ACCEPTED)
        outcome = earlier(outcome,
            check_left(engine, line, booking_kind, booking_id, whole_minor, asked->amount_minor));
    outcome = earlier(outcome, found);
    if (!has_room(engine, RECORD_STATEMENT_MATCH, 1) ||
        !has_room(engine, RECORD_MATCHED_BOOKING, 1))
        outcome = earlier(outcome, OUTCOME_TOO_MANY_STATEMENT_MATCHES);
    if (outcome != OUTCOME_ACCEPTED)
        return outcome;

    struct statement_match *match = add_record(engine, RECORD_STATEMENT_MATCH);
    match->ledger_id = ledger->id;
    match->bank_statement_id = line->bank_statement_id;
    match->statement_line_id = line->id;
    match->booking_kind = booking_kind;
    match->booking_id = booking_id;
    match->amount_minor = asked->amount_minor;
    match->made_sequence = engine->sequence;
    match->status = STATEMENT_MATCH_MADE;
    record_image(engine, RECORD_STATEMENT_MATCH, match->id);
    add_matched(engine, match, asked->amount_minor);
    engine->effects->subject_id = match->id;
    return OUTCOME_ACCEPTED;
}

enum outcome execute_undo_match(
    struct engine *engine, const struct ledger *ledger, const struct command *command)
{
    int64_t id = command->undo_match.statement_match_id;
    const struct statement_match *match = engine_find_record(engine, RECORD_STATEMENT_MATCH, id);
    if (!match || match->ledger_id != ledger->id)
        return OUTCOME_STATEMENT_MATCH_NOT_FOUND;
    if (match->status == STATEMENT_MATCH_UNDONE)
        return OUTCOME_STATEMENT_MATCH_UNDONE;

    struct statement_match *changed = change_record(engine, RECORD_STATEMENT_MATCH, id);
    changed->status = STATEMENT_MATCH_UNDONE;
    changed->undone_sequence = engine->sequence;
    record_image(engine, RECORD_STATEMENT_MATCH, id);
    add_matched(engine, changed, -changed->amount_minor);
    engine->effects->subject_id = id;
    return OUTCOME_ACCEPTED;
}

/* ---- the engine's own check ---- */

int64_t find_wrong_match(const struct engine *engine)
{
    uint64_t count = 0;
    FOR_EACH_RECORD(engine, RECORD_STATEMENT_LINE, id)
    {
        const struct statement_line *its = record_at(engine, RECORD_STATEMENT_LINE, id);
        int64_t left_minor = its->amount_minor - its->matched_minor;
        bool is_within = its->amount_minor < 0 ? its->matched_minor <= 0 && left_minor <= 0
                                               : its->matched_minor >= 0 && left_minor >= 0;
        if (!is_within || its->status != statement_line_status_of(its))
            return id;
    }
    FOR_EACH_RECORD(engine, RECORD_MATCHED_BOOKING, id)
    {
        const struct matched_booking *its = record_at(engine, RECORD_MATCHED_BOOKING, id);
        count++;
        if (its->matched_minor < 0 ||
            engine_find_matched_booking(engine, its->booking_kind, its->booking_id) != its)
            return engine->last_id[RECORD_STATEMENT_LINE] + 1;
    }
    return engine->matched_bookings.count == count ? 0 : engine->last_id[RECORD_STATEMENT_LINE] + 1;
}
