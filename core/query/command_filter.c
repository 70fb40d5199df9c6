/* command_filter.c: see command_filter.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "query/command_filter.h"

#include "command/body.h"
#include "command/role_sets.h"

static bool is_one_of(const struct personal_forms *forms, struct text text)
{
    for (uint32_t i = 0; i < forms->count; i++) {
        if (text_equals(forms->texts[i], text))
            return true;
    }
    return forms->count == 0;
}

/* By what stands in the body. */
static enum filtered filter_content(const struct read_request *request,
    const struct party_forms *wanted, const struct command_record *record)
{
    struct command_elements elements;
    struct command command;
    bool by_reference = request->bank_reference.length > 0;
    bool by_party = wanted->account_number.count > 0 || wanted->name.count > 0;
    if (!by_reference && !by_party)
        return FILTERED_WANTED;
    bool is_receipt = record->kind == COMMAND_BOOK_RECEIPT;
    if ((by_reference && !is_receipt && record->kind != COMMAND_CONFIRM_PAYOUT) ||
        (by_party && !command_has_party(record->kind)))
        return FILTERED_OUT;
    if (command_body_decode((enum command_kind)record->kind, record->body, record->body_length,
            &elements, &command) < 0)
        return FILTERED_DAMAGED;
    struct text reference =
        is_receipt ? command.book_receipt.bank_reference : command.confirm_payout.bank_reference;
    if (by_reference && !text_equals(reference, request->bank_reference))
        return FILTERED_OUT;
    const struct party *party = command_party(&command);
    if (by_party && (!is_one_of(&wanted->account_number, party->account_number) ||
                        !is_one_of(&wanted->name, party->name)))
        return FILTERED_OUT;
    return FILTERED_WANTED;
}

enum filtered filter_command(const struct read_request *request, const struct party_forms *party,
    const struct command_record *record)
{
    struct text order_number = request->order_number;
    if (record->ledger_id != request->ledger_id)
        return FILTERED_OUT;
    enum showing showing = command_showing(record, request->kept);
    if (showing == SHOWN_NOT || (showing == SHOWN_AS_MEASURE && request->has_kinds))
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
    return filter_content(request, party, record);
}

bool filter_postings(const struct read_request *request, const struct command_record *record,
    const struct posting *postings, uint32_t posting_count)
{
    int64_t account_id = request->account_id;
    if (command_is_hidden(record, posting_count, request->kept))
        return false;
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

/* Of a command that has been recorded, with what it holds or ends; damage is for others to find. */
static uint8_t kept_of(const struct command_record *record, bool *ret_is_freeze)
{
    struct command_elements elements;
    struct command command;
    *ret_is_freeze = record->kind == COMMAND_PLACE_FREEZE || record->kind == COMMAND_LIFT_FREEZE;
    if ((record->kind != COMMAND_EXPIRE && record->kind != COMMAND_PROPOSE) ||
        command_body_decode((enum command_kind)record->kind, record->body, record->body_length,
            &elements, &command) < 0)
        return kept_of_kind(record->kind);
    *ret_is_freeze = record->kind == COMMAND_EXPIRE && command.expire.kind == EXPIRY_FREEZE;
    if (record->kind == COMMAND_EXPIRE)
        return kept_of_command(&command);
    uint8_t words = command.propose.kind == COMMAND_ADD_STATEMENT_LINE ? KEPT_WORDS : 0;
    return KEPT_AFFAIRS | words | kept_of_kind(command.propose.kind);
}

enum showing command_showing(const struct command_record *record, uint8_t kept)
{
    bool is_freeze;
    if (kept == 0)
        return SHOWN_WHOLE;
    uint8_t its = kept_of(record, &is_freeze);
    if (is_freeze)
        return kept & KEPT_AFFAIRS ? SHOWN_AS_MEASURE : SHOWN_WHOLE;
    if (!(its & kept))
        return SHOWN_WHOLE;
    return its == KEPT_CLAIMS ? SHOWN_AS_MEASURE : SHOWN_NOT;
}

bool command_is_hidden(const struct command_record *record, uint32_t posting_count, uint8_t kept)
{
    enum showing showing = command_showing(record, kept);
    return showing == SHOWN_NOT || (showing == SHOWN_AS_MEASURE && posting_count == 0);
}

bool filter_is_past(const struct read_request *request, const struct command_record *record)
{
    return request->from_date != 0 && record->ledger_id == request->ledger_id &&
           record->accounting_date != 0 && record->accounting_date < request->from_date;
}
