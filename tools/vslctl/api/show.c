/* show.c: answers for people.
 *
 * How a field is written follows from its name, by the conventions of the API: ..._minor is an
 * amount, ..._us a time, ..._date a day, ..._ppm a rate. What is an enum's zero was not given
 * and is left out.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/check.h"
#include "client/terminal.h"
#include "text/fields.h"
#include "text/format.h"
#include "text/json.h"
#include "text/table.h"
#include "vslctl/api/entry.h"
#include "vslctl/vslctl.h"

#include "vsl/v1/common.pb-c.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define VALUE_BYTES_MAX 1024
#define SECTIONS_MAX 64

static bool ends_with(const char *text, const char *end)
{
    size_t length = strlen(text);
    size_t end_length = strlen(end);
    return length >= end_length && strcmp(text + length - end_length, end) == 0;
}

static bool is_date(const char *name)
{
    return ends_with(name, "_date") || strcmp(name, "return_until") == 0;
}

/* "2026-11-22/vslctl/c17-abc": the way a key is named in one word. */
static void write_key(const ProtobufCMessage *message, char ret_text[VALUE_BYTES_MAX])
{
    const Vsl__V1__RequestKey *key = (const Vsl__V1__RequestKey *)message;
    char date[FORMAT_BYTES_MAX];
    format_date(key->business_date, date);
    snprintf(ret_text, VALUE_BYTES_MAX, "%s %s %s", key->channel, date, key->serial);
}

static void write_integer(const struct context *context, const ProtobufCFieldDescriptor *field,
    int64_t number, char ret_text[FORMAT_BYTES_MAX])
{
    if (field->type == PROTOBUF_C_TYPE_BOOL)
        snprintf(ret_text, FORMAT_BYTES_MAX, "%s", number ? "yes" : "no");
    else if (number == 0 && strcmp(field->name, "maximum_minor") == 0)
        snprintf(ret_text, FORMAT_BYTES_MAX, "no limit");
    else if (ends_with(field->name, "_minor"))
        format_amount(number, context->ledger.ledger_id ? context->ledger.decimals : 2, ret_text);
    else if (ends_with(field->name, "_us"))
        format_time(number, ret_text);
    else if (is_date(field->name))
        format_date((int32_t)number, ret_text);
    else if (ends_with(field->name, "_ppm"))
        format_rate(number, ret_text);
    else if (field->type == PROTOBUF_C_TYPE_ENUM && number == 0)
        ret_text[0] = '\0'; /* not given */
    else if (field->type == PROTOBUF_C_TYPE_ENUM)
        format_enum(field->descriptor, number, ret_text);
    else
        snprintf(ret_text, FORMAT_BYTES_MAX, "%" PRId64, number);
}

static void write_value(const struct context *context, const ProtobufCFieldDescriptor *field,
    const void *value, char ret_text[VALUE_BYTES_MAX])
{
    const char *text;
    const ProtobufCMessage *message;
    ret_text[0] = '\0';
    if (field_is_integer(field)) {
        write_integer(context, field, field_integer(field, value), ret_text);
    } else if (field->type == PROTOBUF_C_TYPE_STRING) {
        memcpy(&text, value, sizeof text);
        snprintf(ret_text, VALUE_BYTES_MAX, "%s", text ? text : "");
    } else if (field->type == PROTOBUF_C_TYPE_MESSAGE &&
               field->descriptor == &vsl__v1__request_key__descriptor) {
        memcpy(&message, value, sizeof message);
        write_key(message, ret_text);
    }
}

/* "available_minor" to "available": what stands before a value or over a column. */
static void write_title(const struct context *context, const char *name, char *ret_text)
{
    size_t length = strlen(name);
    const char *unit = "";
    if (ends_with(name, "_minor")) {
        length -= strlen("_minor");
        unit = context->ledger.currency;
    } else if (ends_with(name, "_us")) {
        length -= strlen("_us");
        unit = "UTC";
    } else if (ends_with(name, "_ppm")) {
        length -= strlen("_ppm");
    }
    for (size_t i = 0; i < length; i++)
        ret_text[i] = name[i] == '_' ? ' ' : name[i];
    ret_text[length] = '\0';
    if (unit[0])
        snprintf(ret_text + length, FORMAT_BYTES_MAX, " (%s)", unit);
}

static const char *last_name(const char *path)
{
    const char *dot = strrchr(path, '.');
    return dot ? dot + 1 : path;
}

/* ---- tables ---- */

static const ProtobufCFieldDescriptor *column_field(
    const ProtobufCMessageDescriptor *descriptor, const char *path)
{
    for (;;) {
        char name[FORMAT_BYTES_MAX];
        size_t length = strcspn(path, ".");
        snprintf(name, sizeof name, "%.*s", (int)length, path);
        const ProtobufCFieldDescriptor *field = field_find(descriptor, name);
        CHECK(field != NULL);
        if (path[length] == '\0')
            return field;
        descriptor = field->descriptor;
        path += length + 1;
    }
}

static void add_column(const struct context *context, struct table *table,
    const ProtobufCFieldDescriptor *field, const char *path)
{
    char title[VALUE_BYTES_MAX];
    write_title(context, last_name(path), title);
    bool is_number = field_is_repeated(field) ||
                     (field_is_integer(field) && field->type != PROTOBUF_C_TYPE_ENUM &&
                         field->type != PROTOBUF_C_TYPE_BOOL && !is_date(field->name) &&
                         !ends_with(field->name, "_us"));
    table_column(table, title, is_number ? TABLE_RIGHT : TABLE_LEFT);
}

void show_table(const struct context *context, const ProtobufCMessage *message, const char *name,
    const char *const *columns)
{
    const ProtobufCFieldDescriptor *field = field_find(message->descriptor, name);
    CHECK(field && field_is_repeated(field) && field->type == PROTOBUF_C_TYPE_MESSAGE);
    struct table table;
    table_begin(&table);
    for (size_t i = 0; columns[i]; i++)
        add_column(context, &table, column_field(field->descriptor, columns[i]), columns[i]);
    for (size_t row = 0; row < field_count(message, field); row++) {
        const ProtobufCMessage *inner;
        memcpy(&inner, field_value(message, field, row), sizeof inner);
        for (size_t i = 0; columns[i]; i++) {
            const ProtobufCMessage *owner;
            const ProtobufCFieldDescriptor *cell;
            char text[VALUE_BYTES_MAX] = "";
            bool is_there = field_follow(inner, columns[i], &owner, &cell);
            /* Of a list within a list a table tells how long it is. */
            if (is_there && field_is_repeated(cell))
                snprintf(text, sizeof text, "%zu", field_count(owner, cell));
            else if (is_there && field_is_set(owner, cell))
                write_value(context, cell, field_value(owner, cell, 0), text);
            table_cell(&table, "%s", text);
        }
    }
    table_print(&table, stdout, true);
    table_finish(&table);
}

/* ---- messages ---- */

/* A nested message; of a repeated field the message that has it, to be shown as a table. */
struct section {
    const ProtobufCMessage *message;
    const char *title;
    bool is_repeated;
};

/* Values of a repeated plain field in one line. */
static void write_list(const struct context *context, const ProtobufCMessage *message,
    const ProtobufCFieldDescriptor *field, char ret_text[VALUE_BYTES_MAX])
{
    size_t length = 0;
    ret_text[0] = '\0';
    for (size_t i = 0; i < field_count(message, field); i++) {
        char value[VALUE_BYTES_MAX];
        write_value(context, field, field_value(message, field, i), value);
        int more =
            snprintf(ret_text + length, VALUE_BYTES_MAX - length, "%s%s", i > 0 ? ", " : "", value);
        if (more < 0 || (size_t)more >= VALUE_BYTES_MAX - length)
            return;
        length += (size_t)more;
    }
}

/* What the number is that decided the refusal of a day cut. */
#define LAST_DATE_ALONE "alone at most to"

/* What the number is that decided a refusal, where it is no amount; NULL: it is one. */
static const char *limit_is_of(int outcome)
{
    switch (outcome) {
    case VSL__V1__OUTCOME__OUTCOME_BANK_REFERENCE_USED:
    case VSL__V1__OUTCOME__OUTCOME_SOURCE_ORDER_USED:
    case VSL__V1__OUTCOME__OUTCOME_PROMISE_REFERENCE_USED:
        return "booked by command";
    case VSL__V1__OUTCOME__OUTCOME_SUSPENSE_IN_LUMP:
        return "kept for lump";
    case VSL__V1__OUTCOME__OUTCOME_SUSPENSE_OVERDUE:
        return "item of suspense";
    case VSL__V1__OUTCOME__OUTCOME_ACCOUNT_NOT_FOUND:
    case VSL__V1__OUTCOME__OUTCOME_NOT_A_MEMBER_ACCOUNT:
    case VSL__V1__OUTCOME__OUTCOME_ACCOUNT_CLOSED:
    case VSL__V1__OUTCOME__OUTCOME_ACCOUNT_RESTRICTED_IN:
        return "account";
    case VSL__V1__OUTCOME__OUTCOME_LUMP_COUNT_REACHED:
    case VSL__V1__OUTCOME__OUTCOME_LUMP_COUNT_DIFFERS:
    case VSL__V1__OUTCOME__OUTCOME_LUMP_HAS_LINES:
        return "lines";
    default:
        return NULL;
    }
}

/* Whether such a refusal of a single command always tells its number: then 0 is one. */
static bool limit_may_be_zero(int outcome)
{
    switch (outcome) {
    case VSL__V1__OUTCOME__OUTCOME_INSUFFICIENT_AVAILABLE:
    case VSL__V1__OUTCOME__OUTCOME_INSUFFICIENT_FEE:
    case VSL__V1__OUTCOME__OUTCOME_INSUFFICIENT_PLATFORM_OWN:
    case VSL__V1__OUTCOME__OUTCOME_NOT_YET_WITHDRAWABLE:
    case VSL__V1__OUTCOME__OUTCOME_ABOVE_REST:
    case VSL__V1__OUTCOME__OUTCOME_ALLOCATION_ABOVE_ITEM:
    case VSL__V1__OUTCOME__OUTCOME_EFFECT_GONE:
    case VSL__V1__OUTCOME__OUTCOME_UNDO_SPENT:
    case VSL__V1__OUTCOME__OUTCOME_OWED_STAYS:
    case VSL__V1__OUTCOME__OUTCOME_PROMISE_ABOVE_CEILING:
    case VSL__V1__OUTCOME__OUTCOME_LINE_ABOVE_LUMP:
    case VSL__V1__OUTCOME__OUTCOME_LUMP_TOTAL_DIFFERS:
    case VSL__V1__OUTCOME__OUTCOME_LUMP_COUNT_DIFFERS:
        return true;
    default:
        return false;
    }
}

/* What an entry's numbers stand for: "5 (hold)"; a version of 0 is none. What a receipt was refused
 * by is no amount. */
static void write_entry_value(const ProtobufCMessage *message,
    const ProtobufCFieldDescriptor *field, char title[VALUE_BYTES_MAX], char text[VALUE_BYTES_MAX])
{
    const Vsl__V1__JournalEntry *entry = (const Vsl__V1__JournalEntry *)message;
    if (strcmp(field->name, "subject_id") == 0 && entry->subject_id > 0)
        snprintf(
            text, VALUE_BYTES_MAX, "%" PRId64 " (%s)", entry->subject_id, entry_subject(entry));
    else if (strcmp(field->name, "fee_rule_version") == 0 && entry->fee_rule_version == 0)
        text[0] = '\0';
    const char *what = limit_is_of((int)entry->outcome);
    if (strcmp(field->name, "limit_minor") != 0)
        return;
    if (entry->request_case == VSL__V1__JOURNAL_ENTRY__REQUEST_CUT_DAY && entry->limit_minor != 0) {
        snprintf(title, VALUE_BYTES_MAX, LAST_DATE_ALONE);
        format_date((int32_t)entry->limit_minor, text);
        return;
    }
    if (!what)
        return;
    snprintf(title, VALUE_BYTES_MAX, "%s", what);
    snprintf(text, VALUE_BYTES_MAX, "%" PRId64, entry->limit_minor);
}

static void show_section(const struct context *context, const struct section *section,
    struct section *sections, size_t *section_count)
{
    struct table table;
    table_begin(&table);
    table_column(&table, "", TABLE_LEFT);
    table_column(&table, "", TABLE_LEFT);
    const ProtobufCMessageDescriptor *descriptor = section->message->descriptor;
    for (unsigned i = 0; i < descriptor->n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &descriptor->fields[i];
        char title[VALUE_BYTES_MAX];
        char text[VALUE_BYTES_MAX];
        write_title(context, field->name, title);
        bool is_message = field->type == PROTOBUF_C_TYPE_MESSAGE &&
                          field->descriptor != &vsl__v1__request_key__descriptor;
        size_t count = field_count(section->message, field);
        if (is_message) {
            if (count == 0 || *section_count == SECTIONS_MAX)
                continue;
            struct section *inner = &sections[(*section_count)++];
            *inner = (struct section){.message = section->message,
                .title = field->name,
                .is_repeated = field_is_repeated(field)};
            if (!inner->is_repeated)
                memcpy(&inner->message, field_value(section->message, field, 0),
                    sizeof inner->message);
            continue;
        }
        if (count == 0)
            continue;
        if (field_is_repeated(field))
            write_list(context, section->message, field, text);
        else
            write_value(context, field, field_value(section->message, field, 0), text);
        if (descriptor == &vsl__v1__journal_entry__descriptor)
            write_entry_value(section->message, field, title, text);
        if (text[0] == '\0')
            continue;
        table_cell(&table, "%s", title);
        table_cell(&table, "%s", text);
    }
    table_print(&table, stdout, false);
    table_finish(&table);
}

void show_repeated(
    const struct context *context, const ProtobufCMessage *message, const char *field)
{
    const char *columns[TABLE_COLUMNS_MAX + 1] = {NULL};
    const ProtobufCMessageDescriptor *descriptor =
        field_find(message->descriptor, field)->descriptor;
    size_t count = 0;
    for (unsigned i = 0; i < descriptor->n_fields && count < TABLE_COLUMNS_MAX; i++) {
        const ProtobufCFieldDescriptor *column = &descriptor->fields[i];
        if (column->type != PROTOBUF_C_TYPE_MESSAGE && !field_is_repeated(column))
            columns[count++] = column->name;
    }
    show_table(context, message, field, columns);
}

void show_message(const struct context *context, const ProtobufCMessage *message)
{
    struct section sections[SECTIONS_MAX] = {{.message = message}};
    size_t count = 1;
    for (size_t i = 0; i < count; i++) {
        /* An answer often wraps one message, whose name alone would be noise. */
        if (i > 1) {
            char title[VALUE_BYTES_MAX];
            write_title(context, sections[i].title, title);
            printf("%s%s%s\n", terminal_colour(stdout, COLOUR_BOLD), title, terminal_plain(stdout));
        }
        if (sections[i].is_repeated)
            show_repeated(context, sections[i].message, sections[i].title);
        else
            show_section(context, &sections[i], sections, &count);
    }
}

/* "fee 0.58 CNY by version 2 of the rule" */
static void show_fee(const struct context *context, const Vsl__V1__CommandResult *result)
{
    char fee[FORMAT_BYTES_MAX];
    bool is_known = context->ledger.ledger_id != 0;
    if (result->fee_minor == 0 && result->fee_rule_version == 0)
        return;
    format_amount(result->fee_minor, is_known ? context->ledger.decimals : 0, fee);
    printf("  fee %s %s", fee, is_known ? context->ledger.currency : "minor units");
    if (result->fee_rule_version > 0)
        printf(", by version %" PRId32 " of the rule", result->fee_rule_version);
    printf("\n");
}

bool show_has_limit(const Vsl__V1__CommandResult *result)
{
    return result->limit_minor != 0 || limit_may_be_zero((int)result->outcome);
}

/* "limit 12.00 CNY": what a refusal over an amount was decided by; "booked by command 17": who has
 * the reference; "alone at most to 2026-10-05". */
static void show_limit(
    const struct context *context, const Vsl__V1__CommandResult *result, bool is_date)
{
    char limit[FORMAT_BYTES_MAX];
    bool is_known = context->ledger.ledger_id != 0;
    if (!show_has_limit(result))
        return;
    if (is_date) {
        format_date((int32_t)result->limit_minor, limit);
        printf("  " LAST_DATE_ALONE " %s\n", limit);
        return;
    }
    const char *what = limit_is_of((int)result->outcome);
    if (what) {
        printf("  %s %" PRId64 "\n", what, result->limit_minor);
        return;
    }
    int decimals = is_known ? context->ledger.decimals : 0;
    format_amount(result->limit_minor, decimals, limit);
    printf("  limit %s %s", limit, is_known ? context->ledger.currency : "minor units");
    if (result->policy_limit_minor > 0) {
        format_amount(result->policy_limit_minor, decimals, limit);
        printf(" left of %s", limit);
    }
    printf("\n");
}

void show_text(const char *title, const char *text)
{
    if (!text || text[0] == '\0')
        return;
    char *shown = terminal_escaped(text);
    printf("%s%s\n", title, shown);
    free(shown);
}

int show_result(
    const struct context *context, const Vsl__V1__CommandResult *result, bool is_day_cut)
{
    bool is_refused = (int)result->outcome >= OUTCOME_FIRST_REFUSAL;
    char outcome[FORMAT_BYTES_MAX];
    char advice[FORMAT_BYTES_MAX];
    char date[FORMAT_BYTES_MAX];
    format_enum(&vsl__v1__outcome__descriptor, result->outcome, outcome);
    format_enum(&vsl__v1__retry_advice__descriptor, result->retry, advice);
    format_date(result->accounting_date, date);
    printf("%s%s%s%s%s", terminal_colour(stdout, is_refused ? COLOUR_RED : COLOUR_GREEN),
        is_refused ? "refused: " : "", outcome, result->replayed ? " (replayed)" : "",
        terminal_plain(stdout));
    if (result->dry_run)
        printf(" (dry run: nothing was changed)");
    if (result->sequence > 0)
        printf(", sequence %" PRId64, result->sequence);
    if (date[0])
        printf(", accounting date %s", date);
    printf("\n");
    show_fee(context, result);
    show_limit(context, result, is_day_cut);
    if (result->suspense_id > 0)
        printf("  waits as item of suspense %" PRId64 "\n", result->suspense_id);
    show_text("  ", result->text);
    show_text("  field that differs: ", result->field);
    if (is_refused)
        printf("  advice: %s\n", advice);
    return is_refused ? EXIT_REFUSED : EXIT_ACCEPTED;
}

void show_json(const ProtobufCMessage *message, bool is_indented)
{
    json_t *json = json_of_message(message);
    json_dumpf(json, stdout, (is_indented ? JSON_INDENT(2) : JSON_COMPACT) | JSON_PRESERVE_ORDER);
    printf("\n");
    json_decref(json);
}
