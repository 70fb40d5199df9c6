/* command_filter.c: see command_filter.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "query/command_filter.h"

#include "command/body.h"

static enum filtered filter_reference(
    const struct read_request *request, const struct command_record *record)
{
    struct text wanted = request->bank_reference;
    struct command_elements elements;
    struct command command;
    if (wanted.length == 0)
        return FILTERED_WANTED;
    if (record->kind != COMMAND_BOOK_RECEIPT && record->kind != COMMAND_CONFIRM_PAYOUT)
        return FILTERED_OUT;
    if (command_body_decode((enum command_kind)record->kind, record->body, record->body_length,
            &elements, &command) < 0)
        return FILTERED_DAMAGED;
    struct text reference = command.kind == COMMAND_BOOK_RECEIPT
                                ? command.book_receipt.bank_reference
                                : command.confirm_payout.bank_reference;
    return text_equals(reference, wanted) ? FILTERED_WANTED : FILTERED_OUT;
}

enum filtered filter_command(
    const struct read_request *request, const struct command_record *record)
{
    struct text order_number = request->order_number;
    if (request->is_outside && command_is_internal(record->kind))
        return FILTERED_OUT;
    if (record->ledger_id != request->ledger_id)
        return FILTERED_OUT;
    if (request->has_kinds && (record->kind > COMMAND_KIND_MAX || !request->kinds[record->kind]))
        return FILTERED_OUT;
    if (record->outcome < request->outcome_min || record->outcome >= request->outcome_end)
        return FILTERED_OUT;
    if (order_number.length > 0 && !text_equals(record->order_number, order_number))
        return FILTERED_OUT;
    bool has_date = record->accounting_date != 0;
    if (request->from_date != 0 && (!has_date || record->accounting_date < request->from_date))
        return FILTERED_OUT;
    if (request->to_date != 0 && (!has_date || record->accounting_date > request->to_date))
        return FILTERED_OUT;
    return filter_reference(request, record);
}

bool filter_postings(const struct read_request *request, const struct command_record *record,
    const struct posting *postings, uint32_t posting_count)
{
    int64_t account_id = request->account_id;
    bool is_account = account_id == 0 ||
                      (command_changes_account(record->kind) && record->subject_id == account_id);
    bool is_amount = !request->has_amounts;
    for (uint32_t i = 0; i < posting_count; i++) {
        const struct posting *posting = &postings[i];
        if (posting->debit_account_id == account_id || posting->credit_account_id == account_id)
            is_account = true;
        if (posting->amount_minor >= request->amount_from_minor &&
            posting->amount_minor <= request->amount_to_minor)
            is_amount = true;
    }
    return is_account && is_amount;
}

bool filter_is_past(const struct read_request *request, const struct command_record *record)
{
    return request->from_date != 0 && record->ledger_id == request->ledger_id &&
           record->accounting_date != 0 && record->accounting_date < request->from_date;
}
