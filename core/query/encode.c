/* encode.c: records to protobuf-c messages to bytes.
 * SPDX-License-Identifier: Apache-2.0 */
#include "query/encode.h"

#include "base/check.h"
#include "command/body.h"
#include "command/message.h"
#include "command/role_sets.h"
#include "command/sealing.h"
#include "model/date.h"
#include "model/outcome.h"
#include "query/command_filter.h"
#include "query/query.h"
#include "reply/pack.h"
#include "vsl/v1/account.pb-c.h"
#include "vsl/v1/event.pb-c.h"
#include "vsl/v1/journal.pb-c.h"
#include "vsl/v1/order.pb-c.h"

/* The field of a response that is a list. */
#define LIST_FIELD_NUMBER 1

/* The day as YYYYMMDD; 0 for none. */
static int32_t wire_date(int32_t days)
{
    return days == 0 ? 0 : date_to_yyyymmdd(days);
}

static char *string(struct text text, struct arena *arena)
{
    char *copy = text_to_string(text, arena);
    CHECK(copy != NULL);
    return copy;
}

static Vsl__V1__RequestKey *key(const struct request_key *request_key, struct arena *arena)
{
    ProtobufCMessage *message = request_key_to_message(request_key, arena);
    CHECK(message != NULL);
    return (Vsl__V1__RequestKey *)message;
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

static char *name_of_caller(
    const struct caller_names *names, int64_t caller_id, struct arena *arena)
{
    /* The service itself and the first administrator have no record. */
    return caller_id > 0 ? string(names->find(names->context, caller_id), arena) : pack_string("");
}

static void add_member(Vsl__V1__JournalEntry *entry, int64_t account_id,
    const struct member_name *name, struct arena *arena)
{
    Vsl__V1__EntryMember *message = arena_try_alloc(arena, sizeof *message);
    CHECK(message != NULL);
    vsl__v1__entry_member__init(message);
    message->account_id = account_id;
    message->member_id = name->member_id;
    message->platform_member_id = string(name->platform_member_id, arena);
    entry->members[entry->n_members++] = message;
}

static void add_owner(Vsl__V1__JournalEntry *entry, int64_t account_id,
    const struct member_names *names, struct arena *arena)
{
    struct member_name name;
    for (size_t i = 0; i < entry->n_members; i++) {
        if (entry->members[i]->account_id == account_id)
            return;
    }
    if (names->find_owner(names->context, account_id, &name))
        add_member(entry, account_id, &name, arena);
}

/* Whom an accepted command concerned. */
static void add_members(Vsl__V1__JournalEntry *entry, const struct command_record *record,
    const struct posting *postings, uint32_t posting_count, const struct member_names *names,
    struct arena *arena)
{
    struct member_name name;
    bool is_member = record->kind == COMMAND_OPEN_MEMBER || record->kind == COMMAND_CLOSE_MEMBER ||
                     record->kind == COMMAND_IDENTIFY_MEMBER;
    if (!outcome_is_accepted(record->outcome))
        return;
    entry->members =
        arena_try_alloc(arena, (2 * (size_t)posting_count + 1) * sizeof *entry->members);
    CHECK(entry->members != NULL);
    for (uint32_t i = 0; i < posting_count; i++) {
        add_owner(entry, postings[i].debit_account_id, names, arena);
        add_owner(entry, postings[i].credit_account_id, names, arena);
    }
    if (command_changes_account(record->kind))
        add_owner(entry, record->subject_id, names, arena);
    else if (is_member && names->find(names->context, record->subject_id, &name))
        add_member(entry, 0, &name, arena);
}

static void add_card_payouts(Vsl__V1__JournalEntry *entry, const struct command_record *record,
    const struct command *command, struct arena *arena)
{
    uint32_t count = command->card_part_count;
    if (count == 0)
        return;
    Vsl__V1__CardPayout *payouts = arena_try_alloc(arena, count * sizeof *payouts);
    entry->card_payouts = arena_try_alloc(arena, count * sizeof *entry->card_payouts);
    CHECK(payouts != NULL);
    CHECK(entry->card_payouts != NULL);
    entry->n_card_payouts = count;
    for (uint32_t i = 0; i < count; i++) {
        vsl__v1__card_payout__init(&payouts[i]);
        payouts[i].payout_id = record->subject_id + i;
        payouts[i].card_id = command->card_parts[i].card_id;
        payouts[i].card_sequence = command->card_parts[i].bound_sequence;
        payouts[i].amount_minor = command->card_parts[i].amount_minor;
        entry->card_payouts[i] = &payouts[i];
    }
}

/* The payouts of a claim: each is what is frozen and leaves, and they follow the first one. */
static void add_claim_payouts(Vsl__V1__JournalEntry *entry, int64_t payout_id,
    const struct posting *postings, uint32_t posting_count, struct arena *arena)
{
    Vsl__V1__CardPayout *payouts = arena_try_alloc(arena, posting_count * sizeof *payouts);
    entry->card_payouts = arena_try_alloc(arena, posting_count * sizeof *entry->card_payouts);
    CHECK(payouts != NULL);
    CHECK(entry->card_payouts != NULL);
    for (uint32_t i = 0; i < posting_count; i++) {
        size_t place = entry->n_card_payouts;
        if (postings[i].debit_bucket != BUCKET_FROZEN ||
            postings[i].credit_bucket != BUCKET_PENDING_OUT)
            continue;
        vsl__v1__card_payout__init(&payouts[place]);
        payouts[place].payout_id = payout_id + (int64_t)place;
        payouts[place].amount_minor = postings[i].amount_minor;
        entry->card_payouts[place] = &payouts[place];
        entry->n_card_payouts++;
    }
}

/* What the bank does and does not say: that money moved, and nothing else. */
static void fill_measure(Vsl__V1__JournalEntry *entry, const struct command_record *record,
    const struct posting *postings, uint32_t posting_count, const struct member_names *members,
    struct arena *arena)
{
    entry->sequence = record->sequence;
    entry->recorded_at_us = record->recorded_us;
    entry->ledger_id = record->ledger_id;
    entry->accounting_date = wire_date(record->accounting_date);
    entry->kind = VSL__V1__COMMAND_KIND__COMMAND_KIND_BANK_MEASURE;
    entry->outcome = (Vsl__V1__Outcome)record->outcome;
    entry->n_postings = posting_count;
    entry->postings = posting_messages(postings, posting_count, arena);
    add_members(entry, record, postings, posting_count, members, arena);
}

/* What the bank wrote of a movement stays with who may read it: a court's name in it would tell of
 * a claim, which is told as a measure. */
static void keep_words(struct command *command, uint8_t kept)
{
    if (!(kept & KEPT_WORDS) || command->kind != COMMAND_ADD_STATEMENT_LINE)
        return;
    struct add_statement_line *line = &command->add_statement_line;
    line->bank_reference = line->end_to_end_id = line->remark = (struct text){0};
    line->counterparty = (struct party){0};
}

/* Makes the entry in the arena. */
static int make_entry(const struct command_record *record, const struct posting *postings,
    uint32_t posting_count, struct viewer viewer, struct arena *arena,
    Vsl__V1__JournalEntry *ret_entry)
{
    CHECK(posting_count <= POSTINGS_PER_COMMAND_MAX);
    arena_reset(arena);
    struct command_elements elements;
    struct command command;
    if (decode_record(record, &elements, &command) < 0)
        return -1;
    int shown = command_show(&command, record->ledger_id, viewer.sealer, arena);
    CHECK(shown == 0);
    keep_words(&command, viewer.kept);
    ProtobufCMessage *request = command_to_message(&command, arena);
    CHECK(request != NULL);

    vsl__v1__journal_entry__init(ret_entry);
    if (command_showing(record, viewer.kept) == SHOWN_AS_MEASURE) {
        fill_measure(ret_entry, record, postings, posting_count, viewer.members, arena);
        return 0;
    }
    ret_entry->sequence = record->sequence;
    ret_entry->recorded_at_us = record->recorded_us;
    ret_entry->ledger_id = record->ledger_id;
    ret_entry->accounting_date = wire_date(record->accounting_date);
    ret_entry->kind = (Vsl__V1__CommandKind)record->kind;
    ret_entry->outcome = (Vsl__V1__Outcome)record->outcome;
    ret_entry->key = key(&record->key, arena);
    ret_entry->subject_id = record->subject_id;
    ret_entry->order_number = string(record->order_number, arena);
    ret_entry->fee_minor = record->fee_minor;
    ret_entry->fee_rule_version = record->fee_rule_version;
    ret_entry->limit_minor = command.limit_minor;
    ret_entry->suspense_id = command.suspense_id;
    add_card_payouts(ret_entry, record, &command, arena);
    if (command.claim_payout_id != 0)
        add_claim_payouts(ret_entry, command.claim_payout_id, postings, posting_count, arena);
    if (viewer.is_adapter)
        ret_entry->check_amount_minor = command.check_amount_minor;
    if (!(viewer.kept & KEPT_AFFAIRS)) {
        ret_entry->caller_id = command.caller_id;
        ret_entry->caller_name = name_of_caller(viewer.names, command.caller_id, arena);
        ret_entry->proposal_id = command.proposal_id;
        ret_entry->maker_caller_id = command.maker_caller_id;
        ret_entry->maker_caller_name = name_of_caller(viewer.names, command.maker_caller_id, arena);
        ret_entry->proposed_at_us = command.proposed_at_us;
    }
    ret_entry->n_postings = posting_count;
    ret_entry->postings = posting_messages(postings, posting_count, arena);
    add_members(ret_entry, record, postings, posting_count, viewer.members, arena);
    ret_entry->request_case =
        (Vsl__V1__JournalEntry__RequestCase)JOURNAL_ENTRY_REQUEST_CASE(record->kind);
    ret_entry->pay = (Vsl__V1__PayRequest *)request;
    return 0;
}

int encode_get_command(struct buffer *out, const char *identity,
    const struct command_record *record, const struct posting *postings, uint32_t posting_count,
    struct viewer viewer, struct arena *arena)
{
    Vsl__V1__JournalEntry entry;
    if (make_entry(record, postings, posting_count, viewer, arena, &entry) < 0)
        return -1;
    Vsl__V1__GetCommandResponse response;
    vsl__v1__get_command_response__init(&response);
    response.entry = &entry;
    response.journal_identity = pack_string(identity);
    pack_message(out, &response.base);
    return 0;
}

int encode_event(struct buffer *out, const char *identity, int64_t previous,
    const struct command_record *record, const struct posting *postings, uint32_t posting_count,
    struct viewer viewer, struct arena *arena)
{
    Vsl__V1__JournalEntry entry;
    if (make_entry(record, postings, posting_count, viewer, arena, &entry) < 0)
        return -1;
    Vsl__V1__StreamEventsResponse response;
    vsl__v1__stream_events_response__init(&response);
    response.event_case = VSL__V1__STREAM_EVENTS_RESPONSE__EVENT_ENTRY;
    response.entry = &entry;
    response.journal_identity = pack_string(identity);
    response.previous_sequence = previous;
    pack_message(out, &response.base);
    return 0;
}

void encode_reached(
    struct buffer *out, const char *identity, int64_t previous, int64_t reached_sequence)
{
    Vsl__V1__StreamEventsResponse response;
    vsl__v1__stream_events_response__init(&response);
    response.event_case = VSL__V1__STREAM_EVENTS_RESPONSE__EVENT_REACHED_SEQUENCE;
    response.reached_sequence = reached_sequence;
    response.previous_sequence = previous;
    response.journal_identity = pack_string(identity);
    pack_message(out, &response.base);
}

/* ---- orders ---- */

int encode_order_entry(struct buffer *out, const struct command_record *record,
    const struct posting *postings, uint32_t posting_count, struct viewer viewer,
    struct arena *arena)
{
    Vsl__V1__JournalEntry entry;
    if (make_entry(record, postings, posting_count, viewer, arena, &entry) < 0)
        return -1;
    pack_element(out, LIST_FIELD_NUMBER, &entry.base);
    return 0;
}

void encode_order_end(struct buffer *out, const char *identity, const struct order_sums *sums,
    int64_t next_after_sequence, const char *next_page_token, int64_t entry_count)
{
    Vsl__V1__OrderSums message;
    vsl__v1__order_sums__init(&message);
    message.paid_minor = sums->paid_minor;
    message.confirmed_minor = sums->confirmed_minor;
    message.refunded_minor = sums->refunded_minor;
    message.held_minor = sums->held_minor;
    message.withdrawn_minor = sums->withdrawn_minor;
    message.fees_minor = sums->fees_minor;
    Vsl__V1__GetOrderResponse response;
    vsl__v1__get_order_response__init(&response);
    response.next_after_sequence = next_after_sequence;
    response.next_page_token = pack_string(next_page_token);
    response.sums = &message;
    response.balanced = order_sums_balance(sums);
    response.entry_count = entry_count;
    response.journal_identity = pack_string(identity);
    pack_message(out, &response.base);
}

void encode_search_end(
    struct buffer *out, const char *identity, const char *next_page_token, int64_t as_of_sequence)
{
    Vsl__V1__ListCommandsResponse response;
    vsl__v1__list_commands_response__init(&response);
    response.journal_identity = pack_string(identity);
    response.next_page_token = pack_string(next_page_token);
    response.as_of_sequence = as_of_sequence;
    pack_message(out, &response.base);
}

/* ---- statement lines ---- */

int encode_line(struct buffer *out, const struct account_line *line,
    const struct command_record *record, uint8_t kept, struct arena *arena)
{
    bool is_measure = command_showing(record, kept) == SHOWN_AS_MEASURE;
    CHECK(line->place.sequence == record->sequence);
    arena_reset(arena);
    struct command_elements elements;
    struct command command;
    if (decode_record(record, &elements, &command) < 0)
        return -1;

    Vsl__V1__StatementLine message;
    vsl__v1__statement_line__init(&message);
    message.sequence = record->sequence;
    message.line = line->place.line + 1;
    message.recorded_at_us = record->recorded_us;
    message.accounting_date = wire_date(record->accounting_date);
    message.kind = is_measure ? VSL__V1__COMMAND_KIND__COMMAND_KIND_BANK_MEASURE
                              : (Vsl__V1__CommandKind)record->kind;
    message.bucket = (Vsl__V1__Bucket)(line->bucket + 1);
    message.amount_minor = line->amount_minor;
    message.balance_after_minor = line->balance_after_minor;
    message.counter_account_id = line->other_account_id;
    message.counter_bucket = (Vsl__V1__Bucket)(line->other_bucket + 1);
    if (!is_measure) {
        message.key = key(&record->key, arena);
        message.order_number = string(record->order_number, arena);
        message.remark = string(command_remark(&command), arena);
    }

    pack_element(out, LIST_FIELD_NUMBER, &message.base);
    return 0;
}

void encode_lines_end(
    struct buffer *out, const char *identity, const char *next_page_token, int64_t as_of_sequence)
{
    Vsl__V1__ListStatementLinesResponse response;
    vsl__v1__list_statement_lines_response__init(&response);
    response.next_page_token = pack_string(next_page_token);
    response.as_of_sequence = as_of_sequence;
    response.journal_identity = pack_string(identity);
    pack_message(out, &response.base);
}
