/* encode.c: records to protobuf-c messages to bytes.
 * SPDX-License-Identifier: Apache-2.0 */
#include "query/encode.h"

#include "base/check.h"
#include "command/body.h"
#include "command/message.h"
#include "model/date.h"
#include "model/journal_life.h"
#include "vsl/v1/account.pb-c.h"
#include "vsl/v1/event.pb-c.h"
#include "vsl/v1/journal.pb-c.h"
#include "vsl/v1/order.pb-c.h"

#include <string.h>

static void append_message(struct buffer *out, const ProtobufCMessage *message)
{
    size_t length = protobuf_c_message_get_packed_size(message);
    buffer_reserve(out, length);
    size_t packed = protobuf_c_message_pack(message, out->bytes + out->length);
    CHECK(packed == length);
    out->length += length;
}

/* Writes a varint; returns its bytes. */
static size_t put_varint(uint8_t ret_bytes[5], uint32_t value)
{
    size_t n = 0;
    while (value >= 0x80) {
        ret_bytes[n++] = (uint8_t)(value | 0x80);
        value >>= 7;
    }
    ret_bytes[n++] = (uint8_t)value;
    return n;
}

/* Appends an element of the list that is field 1 of a response, of wire type 2 (protobuf
 * encoding). */
static void append_element(struct buffer *out, const ProtobufCMessage *message)
{
    uint8_t head[6] = {1 << 3 | 2};
    size_t length = protobuf_c_message_get_packed_size(message);
    CHECK(length <= UINT32_MAX);
    buffer_append(out, head, 1 + put_varint(head + 1, (uint32_t)length));
    append_message(out, message);
}

/* protobuf-c's strings are not const. */
static void put_identity(const char *identity, char text[IDENTITY_CHARS + 1], char **ret_field)
{
    CHECK(strlen(identity) == IDENTITY_CHARS);
    memcpy(text, identity, IDENTITY_CHARS + 1);
    *ret_field = text;
}

/* The day as YYYYMMDD; 0 for none. */
static int32_t wire_date(int32_t days)
{
    return days == 0 ? 0 : date_to_yyyymmdd(days);
}

static char *c_string(struct text text, struct arena *arena)
{
    char *copy = arena_try_alloc(arena, text.length + 1);
    CHECK(copy != NULL);
    if (text.length > 0)
        memcpy(copy, text.bytes, text.length);
    copy[text.length] = '\0';
    return copy;
}

/* A key as a message; its texts are the caller's. */
struct key_message {
    Vsl__V1__RequestKey message;
    char channel[CHANNEL_BYTES_MAX + 1];
    char serial[SERIAL_BYTES_MAX + 1];
};

static void key_message_init(struct key_message *key_message, const struct request_key *key)
{
    vsl__v1__request_key__init(&key_message->message);
    memcpy(key_message->channel, key->channel, key->channel_length);
    key_message->channel[key->channel_length] = '\0';
    memcpy(key_message->serial, key->serial, key->serial_length);
    key_message->serial[key->serial_length] = '\0';
    key_message->message.channel = key_message->channel;
    key_message->message.serial = key_message->serial;
    key_message->message.business_date = wire_date(key->business_date);
}

static bool is_known_date(int32_t days)
{
    int32_t last;
    return days >= 0 && date_try_from_yyyymmdd(DATE_YYYYMMDD_MAX, &last) && days <= last;
}

/* The command of a record, key and ledger included; its lists are in `elements`. */
static int decode_record(const struct command_record *record, struct command_elements *elements,
    struct command *ret_command)
{
    if (command_kind_name(record->kind) == NULL)
        return -1;
    if (!is_known_date(record->accounting_date) || !is_known_date(record->key.business_date))
        return -1;
    if (command_body_decode((enum command_kind)record->kind, record->body, record->body_length,
            elements, ret_command) < 0)
        return -1;
    ret_command->key = record->key;
    ret_command->ledger_id = record->kind == COMMAND_OPEN_LEDGER ? 0 : record->ledger_id;
    return 0;
}

/* ---- journal entries ---- */

static Vsl__V1__Posting **posting_messages(
    const struct posting *postings, uint32_t count, struct arena *arena)
{
    Vsl__V1__Posting **pointers = arena_try_alloc(arena, count * sizeof *pointers + 1);
    Vsl__V1__Posting *messages = arena_try_alloc(arena, count * sizeof *messages + 1);
    CHECK(pointers != NULL);
    CHECK(messages != NULL);
    for (uint32_t i = 0; i < count; i++) {
        const struct posting *posting = &postings[i];
        Vsl__V1__Posting *message = &messages[i];
        vsl__v1__posting__init(message);
        message->line = (int32_t)i + 1;
        message->amount_minor = posting->amount_minor;
        message->debit_account_id = posting->debit_account_id;
        message->debit_bucket = (Vsl__V1__Bucket)(posting->debit_bucket + 1);
        message->debit_balance_minor = posting->debit_balance_minor;
        message->credit_account_id = posting->credit_account_id;
        message->credit_bucket = (Vsl__V1__Bucket)(posting->credit_bucket + 1);
        message->credit_balance_minor = posting->credit_balance_minor;
        pointers[i] = message;
    }
    return pointers;
}

/* Makes the entry in the arena; `key_message` must live as long as the entry. */
static int make_entry(const struct command_record *record, const struct posting *postings,
    uint32_t posting_count, struct arena *arena, struct key_message *key_message,
    Vsl__V1__JournalEntry *ret_entry)
{
    CHECK(posting_count <= POSTINGS_PER_COMMAND_MAX);
    arena_reset(arena);
    struct command_elements elements;
    struct command command;
    if (decode_record(record, &elements, &command) < 0)
        return -1;
    ProtobufCMessage *request = command_to_message(&command, arena);
    CHECK(request != NULL);
    key_message_init(key_message, &record->key);

    vsl__v1__journal_entry__init(ret_entry);
    ret_entry->sequence = record->sequence;
    ret_entry->recorded_at_us = record->recorded_us;
    ret_entry->ledger_id = record->ledger_id;
    ret_entry->accounting_date = wire_date(record->accounting_date);
    ret_entry->kind = (Vsl__V1__CommandKind)record->kind;
    ret_entry->outcome = (Vsl__V1__Outcome)record->outcome;
    ret_entry->key = &key_message->message;
    ret_entry->subject_id = record->subject_id;
    ret_entry->order_number = c_string(record->order_number, arena);
    ret_entry->fee_minor = record->fee_minor;
    ret_entry->fee_rule_version = record->fee_rule_version;
    ret_entry->limit_minor = command.limit_minor;
    ret_entry->n_postings = posting_count;
    ret_entry->postings = posting_messages(postings, posting_count, arena);
    ret_entry->request_case =
        (Vsl__V1__JournalEntry__RequestCase)JOURNAL_ENTRY_REQUEST_CASE(record->kind);
    ret_entry->pay = (Vsl__V1__PayRequest *)request;
    return 0;
}

int encode_get_command(struct buffer *out, const char *identity,
    const struct command_record *record, const struct posting *postings, uint32_t posting_count,
    struct arena *arena)
{
    struct key_message key_message;
    Vsl__V1__JournalEntry entry;
    if (make_entry(record, postings, posting_count, arena, &key_message, &entry) < 0)
        return -1;
    char text[IDENTITY_CHARS + 1];
    Vsl__V1__GetCommandResponse response;
    vsl__v1__get_command_response__init(&response);
    response.entry = &entry;
    put_identity(identity, text, &response.journal_identity);
    append_message(out, &response.base);
    return 0;
}

int encode_event(struct buffer *out, const char *identity, const struct command_record *record,
    const struct posting *postings, uint32_t posting_count, struct arena *arena)
{
    struct key_message key_message;
    Vsl__V1__JournalEntry entry;
    if (make_entry(record, postings, posting_count, arena, &key_message, &entry) < 0)
        return -1;
    char text[IDENTITY_CHARS + 1];
    Vsl__V1__StreamEventsResponse response;
    vsl__v1__stream_events_response__init(&response);
    response.event_case = VSL__V1__STREAM_EVENTS_RESPONSE__EVENT_ENTRY;
    response.entry = &entry;
    put_identity(identity, text, &response.journal_identity);
    append_message(out, &response.base);
    return 0;
}

void encode_reached(struct buffer *out, const char *identity, int64_t reached_sequence)
{
    char text[IDENTITY_CHARS + 1];
    Vsl__V1__StreamEventsResponse response;
    vsl__v1__stream_events_response__init(&response);
    response.event_case = VSL__V1__STREAM_EVENTS_RESPONSE__EVENT_REACHED_SEQUENCE;
    response.reached_sequence = reached_sequence;
    put_identity(identity, text, &response.journal_identity);
    append_message(out, &response.base);
}

/* ---- orders ---- */

int encode_order_entry(struct buffer *out, const struct command_record *record,
    const struct posting *postings, uint32_t posting_count, struct arena *arena)
{
    struct key_message key_message;
    Vsl__V1__JournalEntry entry;
    if (make_entry(record, postings, posting_count, arena, &key_message, &entry) < 0)
        return -1;
    append_element(out, &entry.base);
    return 0;
}

void encode_order_end(struct buffer *out, const char *identity, const struct order_sums *sums,
    int64_t next_after_sequence, int64_t entry_count)
{
    Vsl__V1__OrderSums message;
    vsl__v1__order_sums__init(&message);
    message.paid_minor = sums->paid_minor;
    message.confirmed_minor = sums->confirmed_minor;
    message.refunded_minor = sums->refunded_minor;
    message.held_minor = sums->held_minor;
    message.withdrawn_minor = sums->withdrawn_minor;
    message.fees_minor = sums->fees_minor;
    char text[IDENTITY_CHARS + 1];
    Vsl__V1__GetOrderResponse response;
    vsl__v1__get_order_response__init(&response);
    response.next_after_sequence = next_after_sequence;
    response.sums = &message;
    response.balanced = order_sums_balance(sums);
    response.entry_count = entry_count;
    put_identity(identity, text, &response.journal_identity);
    append_message(out, &response.base);
}

void encode_search_end(
    struct buffer *out, const char *identity, int64_t next_before_sequence, int64_t as_of_sequence)
{
    Vsl__V1__ListCommandsResponse response;
    char text[IDENTITY_CHARS + 1];
    vsl__v1__list_commands_response__init(&response);
    put_identity(identity, text, &response.journal_identity);
    response.next_before_sequence = next_before_sequence;
    response.as_of_sequence = as_of_sequence;
    append_message(out, &response.base);
}

/* ---- statement lines ---- */

int encode_line(struct buffer *out, const struct account_line *line,
    const struct command_record *record, struct arena *arena)
{
    CHECK(line->place.sequence == record->sequence);
    arena_reset(arena);
    struct command_elements elements;
    struct command command;
    if (decode_record(record, &elements, &command) < 0)
        return -1;
    struct key_message key_message;
    key_message_init(&key_message, &record->key);

    Vsl__V1__StatementLine message;
    vsl__v1__statement_line__init(&message);
    message.sequence = record->sequence;
    message.line = line->place.line + 1;
    message.recorded_at_us = record->recorded_us;
    message.accounting_date = wire_date(record->accounting_date);
    message.kind = (Vsl__V1__CommandKind)record->kind;
    message.bucket = (Vsl__V1__Bucket)(line->bucket + 1);
    message.amount_minor = line->amount_minor;
    message.balance_after_minor = line->balance_after_minor;
    message.counter_account_id = line->other_account_id;
    message.counter_bucket = (Vsl__V1__Bucket)(line->other_bucket + 1);
    message.key = &key_message.message;
    message.order_number = c_string(record->order_number, arena);
    message.remark = c_string(command_remark(&command), arena);

    append_element(out, &message.base);
    return 0;
}

void encode_lines_end(
    struct buffer *out, const char *identity, const char *next_page_token, int64_t as_of_sequence)
{
    Vsl__V1__ListStatementLinesResponse response;
    vsl__v1__list_statement_lines_response__init(&response);
    char token[PAGE_TOKEN_CHARS + 1];
    size_t length = strlen(next_page_token);
    CHECK(length < sizeof token);
    memcpy(token, next_page_token, length + 1);
    response.next_page_token = token;
    response.as_of_sequence = as_of_sequence;
    char text[IDENTITY_CHARS + 1];
    put_identity(identity, text, &response.journal_identity);
    append_message(out, &response.base);
}
