/* statement_message.c: the bank's statements, their lines and matches, as messages.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/check.h"
#include "model/date.h"
#include "reply/pack.h"
#include "reply/record_message.h"

#include <assert.h>

#define SAME(proto, own) static_assert((int)VSL__V1__##proto == (int)(own), #own)
SAME(BANK_STATEMENT_STATUS__BANK_STATEMENT_STATUS_OPEN, BANK_STATEMENT_OPEN);
SAME(BANK_STATEMENT_STATUS__BANK_STATEMENT_STATUS_CLOSED, BANK_STATEMENT_CLOSED);
SAME(BANK_STATEMENT_STATUS__BANK_STATEMENT_STATUS_TAKEN, BANK_STATEMENT_TAKEN);
SAME(BANK_STATEMENT_STATUS__BANK_STATEMENT_STATUS_CANCELLED, BANK_STATEMENT_CANCELLED);
SAME(STATEMENT_LINE_STATUS__STATEMENT_LINE_STATUS_UNMATCHED, STATEMENT_LINE_UNMATCHED);
SAME(STATEMENT_LINE_STATUS__STATEMENT_LINE_STATUS_PARTLY, STATEMENT_LINE_PARTLY);
SAME(STATEMENT_LINE_STATUS__STATEMENT_LINE_STATUS_MATCHED, STATEMENT_LINE_MATCHED);
SAME(STATEMENT_MATCH_STATUS__STATEMENT_MATCH_STATUS_MADE, STATEMENT_MATCH_MADE);
SAME(STATEMENT_MATCH_STATUS__STATEMENT_MATCH_STATUS_UNDONE, STATEMENT_MATCH_UNDONE);
#undef SAME

void fill_bank_statement(struct bank_statement_message *m, const struct bank_statement *statement)
{
    CHECK(statement->id > 0);
    Vsl__V1__BankStatement *message = &m->message;
    vsl__v1__bank_statement__init(message);
    message->bank_statement_id = statement->id;
    message->ledger_id = statement->ledger_id;
    message->statement_reference = COPY(statement, reference, m);
    message->number = statement->number;
    message->missing_before = statement->missing_before;
    message->from_date = date_to_yyyymmdd(statement->from_date);
    message->to_date = date_to_yyyymmdd(statement->to_date);
    message->opening_minor = statement->opening_minor;
    message->closing_minor = statement->closing_minor;
    message->control_count = statement->control_count;
    message->line_count = statement->line_count;
    message->sum_minor = statement->sum_minor;
    message->difference_minor = bank_statement_difference_minor(statement);
    message->last_ordinal = statement->last_ordinal;
    message->status = (Vsl__V1__BankStatementStatus)statement->status;
    message->gap = statement->has_gap;
    message->file_sha256 = COPY(statement, file_sha256, m);
    message->file_position = statement->file_position;
    message->opened_date = date_to_yyyymmdd(statement->opened_date);
    message->opened_sequence = statement->opened_sequence;
    message->closed_sequence = statement->closed_sequence;
    message->changed_sequence = statement->changed_sequence;
}

void fill_bank_statement_line(
    Vsl__V1__BankStatementLine *message, const struct statement_line *line)
{
    CHECK(line->id > 0);
    vsl__v1__bank_statement_line__init(message);
    message->statement_line_id = line->id;
    message->ledger_id = line->ledger_id;
    message->bank_statement_id = line->bank_statement_id;
    message->ordinal = line->ordinal;
    message->amount_minor = line->amount_minor;
    message->booking_date = date_to_yyyymmdd(line->booking_date);
    message->value_date = line->value_date != 0 ? date_to_yyyymmdd(line->value_date) : 0;
    message->status = (Vsl__V1__StatementLineStatus)line->status;
    message->added_sequence = line->added_sequence;
    message->changed_sequence = line->changed_sequence;
    message->matched_minor = line->matched_minor;
}

void fill_statement_match(Vsl__V1__StatementMatch *message, const struct statement_match *match)
{
    CHECK(match->id > 0);
    bool is_receipt = match->booking_kind == BOOKING_RECEIPT;
    vsl__v1__statement_match__init(message);
    message->statement_match_id = match->id;
    message->ledger_id = match->ledger_id;
    message->bank_statement_id = match->bank_statement_id;
    message->statement_line_id = match->statement_line_id;
    message->booking_kind = (Vsl__V1__BookingKind)match->booking_kind;
    message->payout_id = is_receipt ? 0 : match->booking_id;
    message->receipt_sequence = is_receipt ? match->booking_id : 0;
    message->amount_minor = match->amount_minor;
    message->status = (Vsl__V1__StatementMatchStatus)match->status;
    message->made_sequence = match->made_sequence;
    message->undone_sequence = match->undone_sequence;
    message->changed_sequence = match->changed_sequence;
}
