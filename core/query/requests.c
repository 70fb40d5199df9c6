/* requests.c: protobuf requests of reads to plain structs; malformed input is refused here.
 *
 * The raw bytes are held to the same rules as commands (command/rawcheck.h) before protobuf-c sees
 * them. Descriptions name field and rule, never text that the client sent.
 * SPDX-License-Identifier: Apache-2.0 */
#include "query/requests.h"

#include "base/check.h"
#include "base/fold.h"
#include "ceilings.h"
#include "command/body.h"
#include "command/checks.h"
#include "command/rawcheck.h"
#include "model/date.h"
#include "model/outcome.h"
#include "model/records.h"
#include "vsl/v1/account.pb-c.h"
#include "vsl/v1/event.pb-c.h"
#include "vsl/v1/journal.pb-c.h"
#include "vsl/v1/order.pb-c.h"

#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* More mentions of kinds than there are kinds are refused. It is field 3 of both requests. */
#define KINDS_MAX 64
#define KINDS_FIELD_NUMBER 3

__attribute__((format(printf, 3, 4))) static int refuse(
    struct decode_error *error, const char *field, const char *format, ...)
{
    int n = snprintf(error->field, sizeof error->field, "%s", field);
    CHECK(n >= 0 && (size_t)n < sizeof error->field);
    va_list arguments;
    va_start(arguments, format);
    n = vsnprintf(error->description, sizeof error->description, format, arguments);
    va_end(arguments);
    CHECK(n > 0 && (size_t)n < sizeof error->description);
    error->count = 1;
    return -1;
}

static void *arena_alloc(void *data, size_t size)
{
    return arena_try_alloc(data, size);
}

static void arena_free(void *data, void *pointer)
{
    (void)data;
    (void)pointer;
}

static const void *unpack(const ProtobufCMessageDescriptor *descriptor, const uint8_t *bytes,
    size_t length, const struct raw_limit *limits, struct arena *arena,
    struct decode_error *ret_error)
{
    if (raw_check(descriptor, bytes, length, limits, ret_error) < 0)
        return NULL;
    arena_reset(arena);
    ProtobufCAllocator allocator = {
        .alloc = arena_alloc, .free = arena_free, .allocator_data = arena};
    const void *message = protobuf_c_message_unpack(descriptor, &allocator, length, bytes);
    if (!message)
        refuse(ret_error, "", "takes more memory than a request may");
    return message;
}

static int check_id(int64_t id, const char *field, bool required, struct decode_error *ret_error)
{
    if (id >= 1 || (id == 0 && !required))
        return 0;
    if (id == 0)
        return refuse(ret_error, field, "is required: give a number, 1 or more");
    return refuse(ret_error, field, "must be a number, 1 or more; it was %lld", (long long)id);
}

/* Days 1 and later: day 0 means not given. */
static int check_date(int32_t yyyymmdd, const char *field, bool required, int32_t *ret_days,
    struct decode_error *ret_error)
{
    int32_t days = 0;
    if (yyyymmdd == 0 && !required) {
        *ret_days = 0;
        return 0;
    }
    if (!date_try_from_yyyymmdd(yyyymmdd, &days) || days == 0)
        return refuse(ret_error, field,
            "%s a day of the calendar as YYYYMMDD, from %d to %d; it was %d",
            yyyymmdd == 0 ? "is required: give" : "must be", DATE_YYYYMMDD_MIN + 1,
            DATE_YYYYMMDD_MAX, yyyymmdd);
    *ret_days = days;
    return 0;
}

/* The identity that a position came with; empty: none, and nothing is compared. */
static int check_identity(const char *text, bool *ret_has_identity,
    struct journal_identity *ret_identity, struct decode_error *ret_error)
{
    *ret_has_identity = text[0] != '\0';
    if (*ret_has_identity && !identity_try_parse(text, ret_identity))
        return refuse(ret_error, "journal_identity",
            "must be the journal_identity that the position came with, %d characters, or empty",
            IDENTITY_CHARS);
    return 0;
}

static int check_dates(int32_t from_yyyymmdd, int32_t to_yyyymmdd, int32_t *ret_from,
    int32_t *ret_to, struct decode_error *ret_error)
{
    if (check_date(from_yyyymmdd, "from_date", false, ret_from, ret_error) < 0)
        return -1;
    if (check_date(to_yyyymmdd, "to_date", false, ret_to, ret_error) < 0)
        return -1;
    if (*ret_to != 0 && *ret_to < *ret_from)
        return refuse(ret_error, "to_date", "must not be before from_date");
    return 0;
}

/* ---- ListStatementLines ---- */

static int check_bucket(Vsl__V1__Bucket bucket, int16_t *ret_bucket, struct decode_error *ret_error)
{
    if ((int)bucket < 0 || (int)bucket > BUCKET_COUNT)
        return refuse(ret_error, "bucket",
            "must be a value that this version knows, 0 to %d; it was %d", BUCKET_COUNT,
            (int)bucket);
    static_assert((int)VSL__V1__BUCKET__BUCKET_AVAILABLE == BUCKET_AVAILABLE + 1,
        "buckets count from 1 in messages");
    *ret_bucket = (int16_t)((int)bucket - 1);
    return 0;
}

/* 0 is the default; more than the most is that, so that a client need not know it (AIP-158). */
static int read_page_size(int32_t asked, uint32_t size_default, uint32_t size_max,
    uint32_t *ret_size, struct decode_error *ret_error)
{
    if (asked < 0)
        return refuse(ret_error, "page_size",
            "must not be below 0, which stands for %" PRIu32 "; it was %d", size_default, asked);
    *ret_size = asked == 0 ? size_default : (uint32_t)asked;
    if (*ret_size > size_max)
        *ret_size = size_max;
    return 0;
}

static int check_page(const Vsl__V1__ListStatementLinesRequest *message,
    struct lines_request *request, struct decode_error *ret_error)
{
    if (read_page_size(message->page_size, STATEMENT_LINES_DEFAULT, STATEMENT_LINES_MAX,
            &request->page_size, ret_error) < 0)
        return -1;
    size_t length = strlen(message->page_token);
    if (length != 0 && length != PAGE_TOKEN_CHARS)
        return refuse(ret_error, "page_token",
            "must be next_page_token of the page before, unchanged; it has %zu bytes instead of %d",
            length, PAGE_TOKEN_CHARS);
    memcpy(request->page_token, message->page_token, length);
    return 0;
}

int lines_request_decode(const uint8_t *bytes, size_t length, struct arena *arena,
    struct lines_request *ret_request, struct decode_error *ret_error)
{
    const Vsl__V1__ListStatementLinesRequest *message = unpack(
        &vsl__v1__list_statement_lines_request__descriptor, bytes, length, NULL, arena, ret_error);
    if (!message)
        return -1;
    struct lines_request request;
    memset(&request, 0, sizeof request);
    request.ledger_id = message->ledger_id;
    request.account_id = message->account_id;
    if (check_id(request.ledger_id, "ledger_id", true, ret_error) < 0)
        return -1;
    if (check_id(request.account_id, "account_id", true, ret_error) < 0)
        return -1;
    if (check_bucket(message->bucket, &request.bucket, ret_error) < 0)
        return -1;
    if ((int)message->order < 0 ||
        (int)message->order > (int)VSL__V1__STATEMENT_ORDER__STATEMENT_ORDER_OLDEST_FIRST)
        return refuse(ret_error, "order",
            "must be a value that this version knows, 0 to 2; it was %d", (int)message->order);
    request.newest_first = message->order != VSL__V1__STATEMENT_ORDER__STATEMENT_ORDER_OLDEST_FIRST;
    if (check_dates(message->from_date, message->to_date, &request.from_date, &request.to_date,
            ret_error) < 0)
        return -1;
    if (check_page(message, &request, ret_error) < 0)
        return -1;
    *ret_request = request;
    return 0;
}

/* ---- GetCommand ---- */

static bool is_channel_byte(unsigned char byte)
{
    return (byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'Z') ||
           (byte >= 'a' && byte <= 'z') || byte == '_' || byte == '.' || byte == '-';
}

static bool is_serial_byte(unsigned char byte)
{
    return byte > 0x20 && byte < 0x7f;
}

/* Checks a part of a key and copies it; the rules are those of a command's key. */
static int check_key_text(const char *text, const char *field, size_t bytes_max,
    bool (*is_allowed)(unsigned char byte), const char *allowed, char *ret_text,
    uint8_t *ret_length, struct decode_error *ret_error)
{
    size_t length = strlen(text);
    if (length < 1 || length > bytes_max)
        return refuse(
            ret_error, field, "must have 1 to %zu characters; it has %zu", bytes_max, length);
    for (size_t i = 0; i < length; i++)
        if (!is_allowed((unsigned char)text[i]))
            return refuse(ret_error, field, "may only have %s", allowed);
    memcpy(ret_text, text, length);
    *ret_length = (uint8_t)length;
    return 0;
}

static int check_key(
    const Vsl__V1__RequestKey *message, struct request_key *ret_key, struct decode_error *ret_error)
{
    if (check_key_text(message->channel, "key.channel", CHANNEL_BYTES_MAX, is_channel_byte,
            "letters, digits and _ . -", ret_key->channel, &ret_key->channel_length, ret_error) < 0)
        return -1;
    if (check_date(message->business_date, "key.business_date", true, &ret_key->business_date,
            ret_error) < 0)
        return -1;
    return check_key_text(message->serial, "key.serial", SERIAL_BYTES_MAX, is_serial_byte,
        "visible ASCII characters without blanks", ret_key->serial, &ret_key->serial_length,
        ret_error);
}

int get_request_decode(const uint8_t *bytes, size_t length, struct arena *arena,
    struct get_request *ret_request, struct decode_error *ret_error)
{
    const Vsl__V1__GetCommandRequest *message =
        unpack(&vsl__v1__get_command_request__descriptor, bytes, length, NULL, arena, ret_error);
    if (!message)
        return -1;
    struct get_request request;
    memset(&request, 0, sizeof request);
    request.sequence = message->sequence;
    if (message->key && message->sequence != 0)
        return refuse(ret_error, "sequence", "excludes key: give one of them");
    if (!message->key && message->sequence == 0)
        return refuse(ret_error, "key", "is required, or sequence: give one of them");
    if (message->key && check_key(message->key, &request.key, ret_error) < 0)
        return -1;
    if (!message->key && check_id(request.sequence, "sequence", true, ret_error) < 0)
        return -1;
    *ret_request = request;
    return 0;
}

/* ---- GetOrder ---- */

/* The rules of an order number are those of a command's. */
static const struct field order_number_field = {.name = "order_number",
    .type = FIELD_TEXT,
    .rule = TEXT_TRIMMED,
    .required = true,
    .max = ORDER_NUMBER_BYTES_MAX};

int order_request_decode(const uint8_t *bytes, size_t length, struct arena *arena,
    struct order_request *ret_request, struct decode_error *ret_error)
{
    const Vsl__V1__GetOrderRequest *message =
        unpack(&vsl__v1__get_order_request__descriptor, bytes, length, NULL, arena, ret_error);
    if (!message)
        return -1;
    struct order_request request;
    memset(&request, 0, sizeof request);
    request.ledger_id = message->ledger_id;
    request.after_sequence = message->after_sequence;
    if (check_id(request.ledger_id, "ledger_id", true, ret_error) < 0)
        return -1;
    struct text order_number = text_of(message->order_number);
    struct decode_error error;
    if (field_check_text(&order_number_field, order_number, &error) < 0)
        return refuse(ret_error, order_number_field.name, "%s", error.description);
    memcpy(request.order_number, order_number.bytes, order_number.length);
    request.order_number_length = order_number.length;
    if (check_id(request.after_sequence, "after_sequence", false, ret_error) < 0)
        return -1;
    if (read_page_size(message->page_size, LIST_PAGE_SIZE_DEFAULT, LIST_PAGE_SIZE_MAX,
            &request.page_size, ret_error) < 0)
        return -1;
    if (check_identity(
            message->journal_identity, &request.has_identity, &request.identity, ret_error) < 0)
        return -1;
    *ret_request = request;
    return 0;
}

/* ---- kinds, of StreamEvents and ListCommands ---- */

static int check_kinds(const Vsl__V1__CommandKind *kinds, size_t count, bool *ret_has_kinds,
    bool ret_kinds[COMMAND_KIND_MAX + 1], struct decode_error *ret_error)
{
    for (size_t i = 0; i < count; i++) {
        int kind = (int)kinds[i];
        if (command_kind_name(kind) == NULL) {
            char field[32];
            snprintf(field, sizeof field, "kinds[%zu]", i);
            return refuse(ret_error, field,
                "must be a kind of command that this version knows; it was %d", kind);
        }
        *ret_has_kinds = true;
        ret_kinds[kind] = true;
    }
    return 0;
}

/* ---- ListCommands ---- */

static int check_outcomes(const Vsl__V1__ListCommandsRequest *message,
    struct search_request *request, struct decode_error *ret_error)
{
    int outcome = (int)message->outcome;
    if (outcome != 0 && outcome_name(outcome) == NULL)
        return refuse(ret_error, "outcome",
            "must be an outcome that this version knows, or 0 for any; it was %d", outcome);
    if (outcome != 0 && (message->accepted_only || message->refused_only))
        return refuse(ret_error, message->accepted_only ? "accepted_only" : "refused_only",
            "excludes outcome: give one of them");
    if (message->accepted_only && message->refused_only)
        return refuse(ret_error, "refused_only", "excludes accepted_only: give one of them");
    request->outcome_min = (uint16_t)(message->refused_only ? OUTCOME_REFUSED_MIN : outcome);
    request->outcome_end = (uint16_t)(message->accepted_only ? OUTCOME_REFUSED_MIN
                                      : outcome != 0         ? outcome + 1
                                                             : INT16_MAX);
    return 0;
}

static int check_amounts(const Vsl__V1__ListCommandsRequest *message,
    struct search_request *request, struct decode_error *ret_error)
{
    int64_t from = message->amount_from_minor;
    int64_t to = message->amount_to_minor;
    if (from < 0)
        return refuse(ret_error, "amount_from_minor",
            "must be minor units, 1 or more, or 0 for any; it was %lld", (long long)from);
    if (to < 0)
        return refuse(ret_error, "amount_to_minor",
            "must be minor units, 1 or more, or 0 for any; it was %lld", (long long)to);
    if (to != 0 && to < from)
        return refuse(ret_error, "amount_to_minor",
            "must not be less than amount_from_minor; it was %lld", (long long)to);
    request->has_amounts = from != 0 || to != 0;
    request->amount_from_minor = from;
    request->amount_to_minor = to == 0 ? INT64_MAX : to;
    return 0;
}

static int check_texts(const Vsl__V1__ListCommandsRequest *message, struct search_request *request,
    struct decode_error *ret_error)
{
    static const struct field number_field = {.name = "order_number",
        .type = FIELD_TEXT,
        .rule = TEXT_TRIMMED,
        .max = ORDER_NUMBER_BYTES_MAX};
    static const struct field reference_field = {.name = "bank_reference",
        .type = FIELD_TEXT,
        .rule = TEXT_FACT,
        .max = BANK_REFERENCE_CHARACTERS_MAX};
    struct text number = text_of(message->order_number);
    struct text reference = text_of(message->bank_reference);
    /* As it is done to the commands: see text_blank_controls. */
    reference.length = text_blank_controls(message->bank_reference, reference.length);
    struct decode_error error;
    if (field_check_text(&number_field, number, &error) < 0)
        return refuse(ret_error, number_field.name, "%s", error.description);
    if (field_check_text(&reference_field, reference, &error) < 0)
        return refuse(ret_error, reference_field.name, "%s", error.description);
    CHECK(number.length <= sizeof request->order_number);
    CHECK(reference.length <= sizeof request->bank_reference);
    memcpy(request->order_number, number.bytes, number.length);
    request->order_number_length = number.length;
    memcpy(request->bank_reference, reference.bytes, reference.length);
    request->bank_reference_length = reference.length;
    return 0;
}

int search_request_decode(const uint8_t *bytes, size_t length, struct arena *arena,
    struct search_request *ret_request, struct decode_error *ret_error)
{
    static const struct raw_limit limits[] = {
        {&vsl__v1__list_commands_request__descriptor, KINDS_FIELD_NUMBER, KINDS_MAX},
        {NULL, 0, 0},
    };
    const Vsl__V1__ListCommandsRequest *message = unpack(
        &vsl__v1__list_commands_request__descriptor, bytes, length, limits, arena, ret_error);
    if (!message)
        return -1;
    struct search_request request;
    memset(&request, 0, sizeof request);
    request.ledger_id = message->ledger_id;
    request.account_id = message->account_id;
    request.before_sequence = message->before_sequence;
    if (check_id(request.ledger_id, "ledger_id", true, ret_error) < 0)
        return -1;
    if (check_id(request.account_id, "account_id", false, ret_error) < 0)
        return -1;
    if (check_kinds(
            message->kinds, message->n_kinds, &request.has_kinds, request.kinds, ret_error) < 0)
        return -1;
    if (check_outcomes(message, &request, ret_error) < 0)
        return -1;
    if (check_texts(message, &request, ret_error) < 0)
        return -1;
    if (check_dates(message->from_date, message->to_date, &request.from_date, &request.to_date,
            ret_error) < 0)
        return -1;
    if (check_amounts(message, &request, ret_error) < 0)
        return -1;
    if (read_page_size(message->page_size, LIST_PAGE_SIZE_DEFAULT, LIST_PAGE_SIZE_MAX,
            &request.page_size, ret_error) < 0)
        return -1;
    if (check_id(request.before_sequence, "before_sequence", false, ret_error) < 0)
        return -1;
    if (check_identity(
            message->journal_identity, &request.has_identity, &request.identity, ret_error) < 0)
        return -1;
    *ret_request = request;
    return 0;
}

/* ---- StreamEvents ---- */

int stream_request_decode(const uint8_t *bytes, size_t length, struct arena *arena,
    struct stream_request *ret_request, struct decode_error *ret_error)
{
    static const struct raw_limit limits[] = {
        {&vsl__v1__stream_events_request__descriptor, KINDS_FIELD_NUMBER, KINDS_MAX},
        {NULL, 0, 0},
    };
    const Vsl__V1__StreamEventsRequest *message = unpack(
        &vsl__v1__stream_events_request__descriptor, bytes, length, limits, arena, ret_error);
    if (!message)
        return -1;
    struct stream_request request = {
        .from_sequence = message->from_sequence,
        .ledger_id = message->ledger_id,
        .accepted_only = message->accepted_only,
    };
    if (check_id(request.from_sequence, "from_sequence", true, ret_error) < 0)
        return -1;
    if (check_id(request.ledger_id, "ledger_id", false, ret_error) < 0)
        return -1;
    if (check_identity(
            message->journal_identity, &request.has_identity, &request.identity, ret_error) < 0)
        return -1;
    if (check_kinds(
            message->kinds, message->n_kinds, &request.has_kinds, request.kinds, ret_error) < 0)
        return -1;
    *ret_request = request;
    return 0;
}
