/* statements.c: what the bank says of the escrow account: its statements, line by line.
 *
 * They are evidence, and move nothing. The statements of a ledger are a chain: one is open at a
 * time, and each begins with the balance that the last one ended with, so that no day can be left
 * out unseen. A statement is known by the bank's name for it and by the file that it came in; a
 * line by its key, for ever (flow/references.c). Lines come in their order, so that whoever was cut
 * goes on behind the last one. What does not agree needs two persons: where a statement begins, and
 * how it ends.
 * SPDX-License-Identifier: Apache-2.0 */
#include "engine/rules/statements.h"

#include "base/fold.h"
#include "engine/memory/changes.h"
#include "engine/memory/memory.h"
#include "engine/memory/records.h"
#include "engine/memory/undo.h"
#include "engine/rules/commands.h"
#include "engine/rules/proposals.h"
#include "engine/rules/refusals.h"
#include "engine/rules/texts.h"
#include "model/money.h"

#include <string.h>

static_assert(STATEMENT_SUM_MINOR_MAX < INT64_MAX - 3 * AMOUNT_MINOR_MAX,
    "a sum and a line, or both balances and a sum, fit into 64 bits");

/* ---- where statements are found ---- */

static uint64_t hash_of_reference(
    const struct engine *engine, int64_t ledger_id, struct text reference)
{
    struct hash_key key = engine->hash_secret;
    key.k0 ^= (uint64_t)ledger_id;
    return hash_bytes(key, reference.bytes, reference.length);
}

static uint64_t hash_of_file(
    const struct engine *engine, int64_t ledger_id, struct text sha256, int32_t position)
{
    struct hash_key key = engine->hash_secret;
    key.k0 ^= (uint64_t)ledger_id;
    key.k1 ^= (uint64_t)position;
    return hash_bytes(key, sha256.bytes, sha256.length);
}

static struct text reference_of(const struct bank_statement *statement)
{
    return (struct text){statement->reference, statement->reference_length};
}

static struct text sha256_of(const struct bank_statement *statement)
{
    return (struct text){statement->file_sha256, statement->file_sha256_length};
}

static const struct bank_statement *find_by_reference(
    const struct engine *engine, int64_t ledger_id, struct text reference)
{
    uint64_t hash = hash_of_reference(engine, ledger_id, reference);
    uint64_t cursor = 0;
    uint32_t id;
    while ((id = map_next(&engine->statement_references, hash, &cursor)) != MAP_NONE) {
        const struct bank_statement *its = record_at(engine, RECORD_BANK_STATEMENT, id);
        if (its->ledger_id == ledger_id && text_equals(reference_of(its), reference))
            return its;
    }
    return NULL;
}

static const struct bank_statement *find_by_file(
    const struct engine *engine, int64_t ledger_id, struct text sha256, int32_t position)
{
    uint64_t hash = hash_of_file(engine, ledger_id, sha256, position);
    uint64_t cursor = 0;
    uint32_t id;
    while ((id = map_next(&engine->statement_files, hash, &cursor)) != MAP_NONE) {
        const struct bank_statement *its = record_at(engine, RECORD_BANK_STATEMENT, id);
        if (its->ledger_id == ledger_id && its->file_position == position &&
            text_equals(sha256_of(its), sha256))
            return its;
    }
    return NULL;
}

static void put_into_maps(struct engine *engine, const struct bank_statement *statement)
{
    if (statement->reference_length > 0)
        insert_into_map(engine, &engine->statement_references,
            hash_of_reference(engine, statement->ledger_id, reference_of(statement)),
            (uint32_t)statement->id);
    insert_into_map(engine, &engine->statement_files,
        hash_of_file(engine, statement->ledger_id, sha256_of(statement), statement->file_position),
        (uint32_t)statement->id);
}

static void take_out_of_maps(struct engine *engine, const struct bank_statement *statement)
{
    if (statement->reference_length > 0)
        remove_from_map(engine, &engine->statement_references,
            hash_of_reference(engine, statement->ledger_id, reference_of(statement)),
            (uint32_t)statement->id);
    remove_from_map(engine, &engine->statement_files,
        hash_of_file(engine, statement->ledger_id, sha256_of(statement), statement->file_position),
        (uint32_t)statement->id);
}

void index_bank_statement(struct engine *engine, int64_t statement_id)
{
    const struct bank_statement *statement = record_at(engine, RECORD_BANK_STATEMENT, statement_id);
    int64_t *last = &engine->last_statements[statement->ledger_id];
    int64_t *before = &engine->statements_before[statement_id];
    if (statement->status == BANK_STATEMENT_CANCELLED)
        return;
    CHECK(*last < statement_id);
    put_into_maps(engine, statement);
    keep_for_undo(engine, before, sizeof *before);
    keep_for_undo(engine, last, sizeof *last);
    *before = *last;
    *last = statement_id;
}

static const struct bank_statement *last_statement(
    const struct engine *engine, const struct ledger *ledger)
{
    return engine_find_record(engine, RECORD_BANK_STATEMENT, engine->last_statements[ledger->id]);
}

static enum outcome find_open(const struct engine *engine, const struct ledger *ledger,
    int64_t statement_id, const struct bank_statement **ret_statement)
{
    const struct bank_statement *statement =
        engine_find_record(engine, RECORD_BANK_STATEMENT, statement_id);
    if (!statement || statement->ledger_id != ledger->id)
        return OUTCOME_BANK_STATEMENT_NOT_FOUND;
    if (statement->status != BANK_STATEMENT_OPEN)
        return OUTCOME_BANK_STATEMENT_FINAL;
    *ret_statement = statement;
    return OUTCOME_ACCEPTED;
}

/* ---- opening ---- */

static enum outcome check_account(
    const struct engine *engine, const struct ledger *ledger, struct text number)
{
    struct text own = {ledger->escrow_account_number, ledger->escrow_account_number_length};
    if (number.length == 0)
        return OUTCOME_ACCEPTED;
    bool is_its = engine->is_escrow_account ? engine->is_escrow_account(engine->same_party_context,
                                                  ledger->id, number, own)
                                            : fold_same_number(number, own);
    return is_its ? OUTCOME_ACCEPTED : OUTCOME_BANK_STATEMENT_OF_OTHER_ACCOUNT;
}

static enum outcome check_unknown(const struct engine *engine, const struct ledger *ledger,
    const struct open_bank_statement *asked)
{
    const struct bank_statement *same =
        asked->reference.length > 0 ? find_by_reference(engine, ledger->id, asked->reference)
                                    : NULL;
    if (!same)
        same = find_by_file(engine, ledger->id, asked->file_sha256, asked->file_position);
    return same ? refuse_at(engine, OUTCOME_BANK_STATEMENT_KNOWN, same->id) : OUTCOME_ACCEPTED;
}

/* Of the bank's numbers, which count up and may begin anew, with a year. Pages of one statement
 * have one number. */
static int64_t missing_before(const struct bank_statement *last, int64_t number)
{
    if (!last || last->number == 0 || number == 0 || number == last->number)
        return 0;
    return number > last->number ? number - last->number - 1 : number - 1;
}

enum outcome execute_open_bank_statement(
    struct engine *engine, const struct ledger *ledger, const struct command *command)
{
    const struct open_bank_statement *asked = &command->open_bank_statement;
    const struct bank_statement *last = last_statement(engine, ledger);
    struct text currency = {ledger->currency, (uint32_t)strlen(ledger->currency)};
    if (asked->has_gap && !is_of_two(command))
        return OUTCOME_APPROVAL_NEEDED;
    enum outcome outcome = check_unknown(engine, ledger, asked);
    bool has_gap = last && last->closing_minor != asked->opening_minor;
    if (last && last->status == BANK_STATEMENT_OPEN)
        outcome = earlier(outcome, refuse_at(engine, OUTCOME_BANK_STATEMENT_STANDS_OPEN, last->id));
    else if (has_gap && !asked->has_gap)
        outcome = earlier(outcome,
            refuse_at(engine, OUTCOME_BANK_STATEMENT_OPENING_DIFFERS, last->closing_minor));
    outcome = earlier(outcome, check_account(engine, ledger, asked->account_number));
    if (!text_equals(asked->currency, currency))
        outcome = earlier(outcome, OUTCOME_BANK_STATEMENT_OF_OTHER_CURRENCY);
    if (!has_room(engine, RECORD_BANK_STATEMENT, 1))
        outcome = earlier(outcome, OUTCOME_TOO_MANY_BANK_STATEMENTS);
    if (outcome != OUTCOME_ACCEPTED)
        return outcome;

    struct bank_statement *statement = add_record(engine, RECORD_BANK_STATEMENT);
    statement->ledger_id = ledger->id;
    statement->number = asked->number;
    statement->missing_before = missing_before(last, asked->number);
    statement->opening_minor = asked->opening_minor;
    statement->closing_minor = asked->closing_minor;
    statement->opened_sequence = engine->sequence;
    statement->from_date = asked->from_date;
    statement->to_date = asked->to_date;
    statement->control_count = asked->line_count;
    statement->file_position = asked->file_position;
    statement->opened_date = ledger->accounting_dates[0];
    statement->status = BANK_STATEMENT_OPEN;
    statement->has_gap = has_gap;
    statement->reference_length =
        copy_text(statement->reference, sizeof statement->reference, asked->reference);
    statement->file_sha256_length =
        copy_text(statement->file_sha256, sizeof statement->file_sha256, asked->file_sha256);
    index_bank_statement(engine, statement->id);
    record_image(engine, RECORD_BANK_STATEMENT, statement->id);
    engine->effects->subject_id = statement->id;
    return OUTCOME_ACCEPTED;
}

/* ---- lines ---- */

enum outcome execute_add_statement_line(
    struct engine *engine, const struct ledger *ledger, const struct command *command)
{
    const struct add_statement_line *asked = &command->add_statement_line;
    const struct bank_statement *statement = NULL;
    int64_t used = command->used_sequence;
    int64_t sum_minor = 0;
    CHECK(used == 0 || used == USED_IN_CALL || (used > 0 && used < engine->sequence));
    enum outcome outcome = find_open(engine, ledger, asked->bank_statement_id, &statement);
    if (used != 0)
        outcome = earlier(outcome,
            refuse_at(engine, OUTCOME_STATEMENT_LINE_KNOWN, used == USED_IN_CALL ? 0 : used));
    if (statement && asked->ordinal <= statement->last_ordinal)
        outcome = earlier(outcome,
            refuse_at(engine, OUTCOME_STATEMENT_LINE_OUT_OF_ORDER, statement->last_ordinal));
    if (statement && asked->ordinal > statement->control_count)
        outcome = earlier(outcome,
            refuse_at(engine, OUTCOME_STATEMENT_LINE_ABOVE_COUNT, statement->control_count));
    if (statement) {
        sum_minor = statement->sum_minor + asked->amount_minor;
        if (sum_minor > STATEMENT_SUM_MINOR_MAX || sum_minor < -STATEMENT_SUM_MINOR_MAX)
            outcome = earlier(outcome, OUTCOME_AMOUNT_OVERFLOW);
    }
    if (!has_room(engine, RECORD_STATEMENT_LINE, 1))
        outcome = earlier(outcome, OUTCOME_TOO_MANY_STATEMENT_LINES);
    if (outcome != OUTCOME_ACCEPTED)
        return outcome;

    struct statement_line *line = add_record(engine, RECORD_STATEMENT_LINE);
    line->ledger_id = ledger->id;
    line->bank_statement_id = statement->id;
    line->amount_minor = asked->amount_minor;
    line->added_sequence = engine->sequence;
    line->ordinal = asked->ordinal;
    line->booking_date = asked->booking_date;
    line->value_date = asked->value_date;
    line->status = STATEMENT_LINE_UNMATCHED;
    record_image(engine, RECORD_STATEMENT_LINE, line->id);
    struct bank_statement *changed =
        change_record(engine, RECORD_BANK_STATEMENT, asked->bank_statement_id);
    changed->sum_minor = sum_minor;
    changed->line_count++;
    changed->last_ordinal = asked->ordinal;
    if (changed->first_line_id == 0)
        changed->first_line_id = line->id;
    changed->last_line_id = line->id;
    record_image(engine, RECORD_BANK_STATEMENT, changed->id);
    engine->effects->subject_id = line->id;
    return OUTCOME_ACCEPTED;
}

/* ---- closing ---- */

static enum outcome check_whole(const struct engine *engine, const struct bank_statement *statement)
{
    int64_t difference_minor = bank_statement_difference_minor(statement);
    enum outcome outcome = OUTCOME_ACCEPTED;
    if (statement->line_count != statement->control_count)
        outcome = refuse_at(engine, OUTCOME_BANK_STATEMENT_COUNT_DIFFERS, statement->line_count);
    if (difference_minor != 0)
        outcome = earlier(
            outcome, refuse_at(engine, OUTCOME_BANK_STATEMENT_SUM_DIFFERS, difference_minor));
    return outcome;
}

/* As if it had never been there: the last one is the one before it again. */
static void forget(struct engine *engine, const struct bank_statement *statement)
{
    int64_t *last = &engine->last_statements[statement->ledger_id];
    CHECK(*last == statement->id);
    take_out_of_maps(engine, statement);
    keep_for_undo(engine, last, sizeof *last);
    *last = engine->statements_before[statement->id];
}

enum outcome execute_close_bank_statement(
    struct engine *engine, const struct ledger *ledger, const struct command *command)
{
    const struct close_bank_statement *asked = &command->close_bank_statement;
    const struct bank_statement *statement = NULL;
    if (asked->is_as_it_stands && !is_of_two(command))
        return OUTCOME_APPROVAL_NEEDED;
    enum outcome outcome = find_open(engine, ledger, asked->bank_statement_id, &statement);
    if (outcome != OUTCOME_ACCEPTED)
        return outcome;
    enum outcome whole = check_whole(engine, statement);
    if (asked->is_cancelled && statement->line_count > 0)
        return refuse_at(engine, OUTCOME_BANK_STATEMENT_HAS_LINES, statement->line_count);
    if (!asked->is_cancelled && !asked->is_as_it_stands && whole != OUTCOME_ACCEPTED)
        return whole;

    struct bank_statement *changed = change_record(engine, RECORD_BANK_STATEMENT, statement->id);
    changed->closed_sequence = engine->sequence;
    changed->status = whole == OUTCOME_ACCEPTED ? BANK_STATEMENT_CLOSED : BANK_STATEMENT_TAKEN;
    if (asked->is_cancelled) {
        changed->status = BANK_STATEMENT_CANCELLED;
        forget(engine, changed);
    }
    record_image(engine, RECORD_BANK_STATEMENT, changed->id);
    engine->effects->subject_id = changed->id;
    return OUTCOME_ACCEPTED;
}

/* ---- the engine's own check ---- */

/* Whether what it says of itself can be. */
static bool is_possible(const struct bank_statement *statement)
{
    bool is_whole = statement->line_count == statement->control_count &&
                    bank_statement_difference_minor(statement) == 0;
    if (statement->line_count < 0 || statement->line_count > statement->last_ordinal ||
        statement->last_ordinal > statement->control_count)
        return false;
    if ((statement->first_line_id == 0) != (statement->line_count == 0) ||
        statement->last_line_id < statement->first_line_id)
        return false;
    if ((statement->closed_sequence == 0) != (statement->status == BANK_STATEMENT_OPEN))
        return false;
    switch ((enum bank_statement_status)statement->status) {
    case BANK_STATEMENT_OPEN:
        return true;
    case BANK_STATEMENT_CLOSED:
        return is_whole;
    case BANK_STATEMENT_TAKEN:
        return !is_whole;
    case BANK_STATEMENT_CANCELLED:
        return statement->line_count == 0;
    }
    return false;
}

static bool follows(const struct engine *engine, const struct bank_statement *statement)
{
    const struct bank_statement *before =
        engine_find_record(engine, RECORD_BANK_STATEMENT, engine->statements_before[statement->id]);
    if (!before)
        return !statement->has_gap && statement->missing_before == 0;
    return before->id < statement->id && before->ledger_id == statement->ledger_id &&
           before->status != BANK_STATEMENT_OPEN && before->status != BANK_STATEMENT_CANCELLED &&
           statement->has_gap == (before->closing_minor != statement->opening_minor) &&
           statement->missing_before == missing_before(before, statement->number);
}

int64_t find_wrong_bank_statement(const struct engine *engine)
{
    uint64_t count = 0, named_count = 0;
    int64_t last_id = engine->last_id[RECORD_BANK_STATEMENT];
    FOR_EACH_RECORD(engine, RECORD_BANK_STATEMENT, id)
    {
        const struct bank_statement *its = record_at(engine, RECORD_BANK_STATEMENT, id);
        if (!is_possible(its))
            return id;
        if (its->status == BANK_STATEMENT_CANCELLED)
            continue;
        count++;
        named_count += its->reference_length > 0;
        if (engine->last_statements[its->ledger_id] < id || !follows(engine, its) ||
            find_by_file(engine, its->ledger_id, sha256_of(its), its->file_position) != its ||
            (its->reference_length > 0 &&
                find_by_reference(engine, its->ledger_id, reference_of(its)) != its))
            return id;
    }
    bool is_counted =
        engine->statement_files.count == count && engine->statement_references.count == named_count;
    return is_counted ? 0 : last_id + 1;
}
