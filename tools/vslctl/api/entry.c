/* entry.c: an entry of the journal in words.
 * SPDX-License-Identifier: Apache-2.0 */
#include "vslctl/api/entry.h"

#include "client/terminal.h"
#include "text/fields.h"
#include "text/format.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *expired(const Vsl__V1__JournalEntry *entry)
{
    Vsl__V1__ExpiryKind kind = entry->request_case == VSL__V1__JOURNAL_ENTRY__REQUEST_EXPIRE
                                   ? entry->expire->kind
                                   : VSL__V1__EXPIRY_KIND__EXPIRY_KIND_UNSPECIFIED;
    switch (kind) {
    case VSL__V1__EXPIRY_KIND__EXPIRY_KIND_HOLD:
        return "hold";
    case VSL__V1__EXPIRY_KIND__EXPIRY_KIND_FREEZE:
        return "freeze";
    case VSL__V1__EXPIRY_KIND__EXPIRY_KIND_ADJUSTMENT:
        return "adjustment";
    case VSL__V1__EXPIRY_KIND__EXPIRY_KIND_PROPOSAL:
        return "proposal";
    case VSL__V1__EXPIRY_KIND__EXPIRY_KIND_IDENTITY:
        return "identity";
    case VSL__V1__EXPIRY_KIND__EXPIRY_KIND_SUSPENSE:
        return "suspense";
    case VSL__V1__EXPIRY_KIND__EXPIRY_KIND_PROMISE:
        return "promise";
    case VSL__V1__EXPIRY_KIND__EXPIRY_KIND_CARD:
        return "card";
    case VSL__V1__EXPIRY_KIND__EXPIRY_KIND_DENIED:
        return "denied";
    case VSL__V1__EXPIRY_KIND__EXPIRY_KIND_CLAIM:
        return "claim";
    case VSL__V1__EXPIRY_KIND__EXPIRY_KIND_FEEDBACK:
        return "feedback";
    default:
        return "subject";
    }
}

const char *entry_subject(const Vsl__V1__JournalEntry *entry)
{
    switch (entry->kind) {
    case VSL__V1__COMMAND_KIND__COMMAND_KIND_OPEN_LEDGER:
    case VSL__V1__COMMAND_KIND__COMMAND_KIND_CLOSE_LEDGER:
    case VSL__V1__COMMAND_KIND__COMMAND_KIND_CUT_DAY:
    case VSL__V1__COMMAND_KIND__COMMAND_KIND_SET_TERMS:
    case VSL__V1__COMMAND_KIND__COMMAND_KIND_SET_APPROVAL_POLICY:
    case VSL__V1__COMMAND_KIND__COMMAND_KIND_SET_ACCOUNT_POLICY:
    case VSL__V1__COMMAND_KIND__COMMAND_KIND_SET_PROOF_POLICY:
        return "ledger";
    case VSL__V1__COMMAND_KIND__COMMAND_KIND_SET_FEE_RULE:
        return "fee rule";
    case VSL__V1__COMMAND_KIND__COMMAND_KIND_OPEN_MEMBER:
    case VSL__V1__COMMAND_KIND__COMMAND_KIND_CLOSE_MEMBER:
    case VSL__V1__COMMAND_KIND__COMMAND_KIND_IDENTIFY_MEMBER:
        return "member";
    case VSL__V1__COMMAND_KIND__COMMAND_KIND_OPEN_ACCOUNT:
    case VSL__V1__COMMAND_KIND__COMMAND_KIND_CLOSE_ACCOUNT:
    case VSL__V1__COMMAND_KIND__COMMAND_KIND_RESTRICT_ACCOUNT:
    case VSL__V1__COMMAND_KIND__COMMAND_KIND_OPEN_FEE_ACCOUNT:
    case VSL__V1__COMMAND_KIND__COMMAND_KIND_ALLOCATE_LINE:
    case VSL__V1__COMMAND_KIND__COMMAND_KIND_BOOK_RECEIPT:
    case VSL__V1__COMMAND_KIND__COMMAND_KIND_BOOK_INTEREST:
    case VSL__V1__COMMAND_KIND__COMMAND_KIND_CHARGE_FEE:
    case VSL__V1__COMMAND_KIND__COMMAND_KIND_COLLECT_FEES:
    case VSL__V1__COMMAND_KIND__COMMAND_KIND_PAY:
    case VSL__V1__COMMAND_KIND__COMMAND_KIND_REFUND:
        return "account";
    case VSL__V1__COMMAND_KIND__COMMAND_KIND_WITHDRAW:
    case VSL__V1__COMMAND_KIND__COMMAND_KIND_CONFIRM_PAYOUT:
    case VSL__V1__COMMAND_KIND__COMMAND_KIND_INTERCEPT_PAYOUT:
    case VSL__V1__COMMAND_KIND__COMMAND_KIND_RETURN_SUSPENSE:
    case VSL__V1__COMMAND_KIND__COMMAND_KIND_DEDUCT_CLAIM:
        return "payout";
    case VSL__V1__COMMAND_KIND__COMMAND_KIND_PLACE_HOLD:
    case VSL__V1__COMMAND_KIND__COMMAND_KIND_CONFIRM_HOLD:
    case VSL__V1__COMMAND_KIND__COMMAND_KIND_CANCEL_HOLD:
        return "hold";
    case VSL__V1__COMMAND_KIND__COMMAND_KIND_PLACE_FREEZE:
    case VSL__V1__COMMAND_KIND__COMMAND_KIND_LIFT_FREEZE:
        return "freeze";
    case VSL__V1__COMMAND_KIND__COMMAND_KIND_EXPIRE:
        return expired(entry);
    case VSL__V1__COMMAND_KIND__COMMAND_KIND_REVERSE:
        return "sequence";
    case VSL__V1__COMMAND_KIND__COMMAND_KIND_PROPOSE_ADJUSTMENT:
    case VSL__V1__COMMAND_KIND__COMMAND_KIND_APPROVE_ADJUSTMENT:
    case VSL__V1__COMMAND_KIND__COMMAND_KIND_WITHDRAW_ADJUSTMENT:
        return "adjustment";
    case VSL__V1__COMMAND_KIND__COMMAND_KIND_ADJUST:
        return "account";
    case VSL__V1__COMMAND_KIND__COMMAND_KIND_PROPOSE:
    case VSL__V1__COMMAND_KIND__COMMAND_KIND_APPROVE:
    case VSL__V1__COMMAND_KIND__COMMAND_KIND_WITHDRAW_PROPOSAL:
        return "proposal";
    case VSL__V1__COMMAND_KIND__COMMAND_KIND_OPEN_LUMP:
    case VSL__V1__COMMAND_KIND__COMMAND_KIND_CLOSE_LUMP:
        return "lump";
    case VSL__V1__COMMAND_KIND__COMMAND_KIND_ALLOCATE_SUSPENSE:
    case VSL__V1__COMMAND_KIND__COMMAND_KIND_UNDO_ALLOCATION:
    case VSL__V1__COMMAND_KIND__COMMAND_KIND_ADOPT_SUSPENSE:
        return "suspense";
    case VSL__V1__COMMAND_KIND__COMMAND_KIND_OPEN_ACQUIRER:
    case VSL__V1__COMMAND_KIND__COMMAND_KIND_SET_ACQUIRER:
        return "acquirer";
    case VSL__V1__COMMAND_KIND__COMMAND_KIND_BOOK_PROMISE:
    case VSL__V1__COMMAND_KIND__COMMAND_KIND_CANCEL_PROMISE:
        return "promise";
    case VSL__V1__COMMAND_KIND__COMMAND_KIND_OPEN_SETTLEMENT:
    case VSL__V1__COMMAND_KIND__COMMAND_KIND_CLOSE_SETTLEMENT:
        return "settlement";
    case VSL__V1__COMMAND_KIND__COMMAND_KIND_SETTLE_LINE:
    case VSL__V1__COMMAND_KIND__COMMAND_KIND_CLOSE_DIFFERENCE:
        return "difference";
    case VSL__V1__COMMAND_KIND__COMMAND_KIND_GRANT_MANDATE:
    case VSL__V1__COMMAND_KIND__COMMAND_KIND_END_MANDATE:
        return "mandate";
    case VSL__V1__COMMAND_KIND__COMMAND_KIND_OPEN_BANK_STATEMENT:
    case VSL__V1__COMMAND_KIND__COMMAND_KIND_CLOSE_BANK_STATEMENT:
        return "bank statement";
    case VSL__V1__COMMAND_KIND__COMMAND_KIND_ADD_STATEMENT_LINE:
        return "statement line";
    case VSL__V1__COMMAND_KIND__COMMAND_KIND_MATCH_STATEMENT_LINE:
    case VSL__V1__COMMAND_KIND__COMMAND_KIND_UNDO_MATCH:
        return "statement match";
    case VSL__V1__COMMAND_KIND__COMMAND_KIND_ADD_DENIED:
    case VSL__V1__COMMAND_KIND__COMMAND_KIND_END_DENIED:
        return "denied";
    case VSL__V1__COMMAND_KIND__COMMAND_KIND_DECIDE_HIT:
        return "hit";
    case VSL__V1__COMMAND_KIND__COMMAND_KIND_BIND_CARD:
    case VSL__V1__COMMAND_KIND__COMMAND_KIND_CHECK_CARD:
    case VSL__V1__COMMAND_KIND__COMMAND_KIND_CONFIRM_CARD_CHECK:
    case VSL__V1__COMMAND_KIND__COMMAND_KIND_CONFIRM_CARD_AMOUNT:
    case VSL__V1__COMMAND_KIND__COMMAND_KIND_UNBIND_CARD:
    case VSL__V1__COMMAND_KIND__COMMAND_KIND_REPLACE_CARD:
        return "card";
    case VSL__V1__COMMAND_KIND__COMMAND_KIND_PLACE_CLAIM:
    case VSL__V1__COMMAND_KIND__COMMAND_KIND_CONTINUE_CLAIM:
    case VSL__V1__COMMAND_KIND__COMMAND_KIND_RELEASE_CLAIM:
        return "claim";
    case VSL__V1__COMMAND_KIND__COMMAND_KIND_OPEN_PRODUCT:
    case VSL__V1__COMMAND_KIND__COMMAND_KIND_CLOSE_PRODUCT:
        return "product";
    case VSL__V1__COMMAND_KIND__COMMAND_KIND_SUBSCRIBE:
    case VSL__V1__COMMAND_KIND__COMMAND_KIND_REDEEM:
        return "position";
    case VSL__V1__COMMAND_KIND__COMMAND_KIND_PUBLISH_PRICE:
        return "price";
    case VSL__V1__COMMAND_KIND__COMMAND_KIND_OPEN_FEEDBACK:
    case VSL__V1__COMMAND_KIND__COMMAND_KIND_GIVE_FEEDBACK:
        return "feedback";
    case VSL__V1__COMMAND_KIND__COMMAND_KIND_CREATE_CALLER:
    case VSL__V1__COMMAND_KIND__COMMAND_KIND_UPDATE_CALLER:
        return "caller";
    case VSL__V1__COMMAND_KIND__COMMAND_KIND_REVEAL:
        return "sequence";
    case VSL__V1__COMMAND_KIND__COMMAND_KIND_BANK_MEASURE:
        return "measure"; /* of which no id is told */
    default:
        return "subject"; /* of a newer server */
    }
}

const ProtobufCMessage *entry_request(const Vsl__V1__JournalEntry *entry)
{
    const ProtobufCFieldDescriptor *request = protobuf_c_message_descriptor_get_field(
        entry->base.descriptor, (unsigned)entry->request_case);
    const ProtobufCMessage *message;
    if (!request || !field_is_set(&entry->base, request))
        return NULL;
    memcpy(&message, field_value(&entry->base, request, 0), sizeof message);
    return message;
}

void entry_key(const Vsl__V1__JournalEntry *entry, char *ret_text, size_t text_bytes)
{
    char date[FORMAT_BYTES_MAX];
    format_date(entry->key ? entry->key->business_date : 0, date);
    snprintf(ret_text, text_bytes, "%s %s %s", entry->key ? entry->key->channel : "", date,
        entry->key ? entry->key->serial : "");
}

/* The request's text field of that name; "" when it has none. */
static const char *request_text(const Vsl__V1__JournalEntry *entry, const char *name)
{
    const ProtobufCMessage *message = entry_request(entry);
    const char *text = "";
    if (!message)
        return text;
    const ProtobufCFieldDescriptor *field = field_find(message->descriptor, name);
    if (field && field->type == PROTOBUF_C_TYPE_STRING)
        memcpy(&text, field_value(message, field, 0), sizeof text);
    return text;
}

const char *entry_fee_rule(const Vsl__V1__JournalEntry *entry)
{
    return request_text(entry,
        entry->kind == VSL__V1__COMMAND_KIND__COMMAND_KIND_SET_FEE_RULE ? "name" : "fee_rule");
}

struct line {
    char *text;
    size_t bytes;
    size_t length;
};

__attribute__((format(printf, 2, 3))) static void add(struct line *line, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int more = vsnprintf(line->text + line->length, line->bytes - line->length, format, arguments);
    va_end(arguments);
    size_t left = line->bytes - line->length - 1;
    line->length += more < 0 ? 0 : (size_t)more > left ? left : (size_t)more;
}

void entry_line(const Vsl__V1__JournalEntry *entry, char *ret_text, size_t text_bytes)
{
    struct line line = {.text = ret_text, .bytes = text_bytes};
    char time[FORMAT_BYTES_MAX];
    char kind[FORMAT_BYTES_MAX];
    char outcome[FORMAT_BYTES_MAX];
    char key[KEY_TEXT_BYTES];
    char fee[FORMAT_BYTES_MAX];
    format_time(entry->recorded_at_us, time);
    format_enum(&vsl__v1__command_kind__descriptor, entry->kind, kind);
    format_enum(&vsl__v1__outcome__descriptor, entry->outcome, outcome);
    entry_key(entry, key, sizeof key);
    format_count(entry->fee_minor, fee);
    add(&line, "%10" PRId64 "  %s  ledger %" PRId64 "  %-16s %-20s", entry->sequence, time,
        entry->ledger_id, kind, outcome);
    if (entry->subject_id > 0)
        add(&line, "  %s %" PRId64, entry_subject(entry), entry->subject_id);
    if (entry->kind == VSL__V1__COMMAND_KIND__COMMAND_KIND_CONFIRM_PAYOUT &&
        entry->confirm_payout) {
        char result[FORMAT_BYTES_MAX];
        format_enum(&vsl__v1__payout_result__descriptor, entry->confirm_payout->result, result);
        add(&line, " %s", result);
    }
    if (entry->order_number[0])
        add(&line, "  order %s", entry->order_number);
    if (entry_fee_rule(entry)[0])
        add(&line, "  rule %s", entry_fee_rule(entry));
    if (entry->fee_rule_version > 0)
        add(&line, " version %" PRId32, entry->fee_rule_version);
    if (entry->fee_minor > 0)
        add(&line, "  fee %s minor", fee);
    if (entry->n_postings > 0)
        add(&line, "  postings %zu", entry->n_postings);
    add(&line, "  key %s", key);
    /* A line feed in a text must not begin what looks like another event. */
    char *shown = terminal_escaped(ret_text);
    snprintf(ret_text, text_bytes, "%s", shown);
    free(shown);
}
