/* bai2.c: BAI2 cash management files.
 *
 *     01 file  02 group  03 account  16 transaction  88 continues  49 98 99 control totals
 *
 * An account is a statement. Amounts are minor units without a point. A record ends with '/' or, of
 * a text, with its line; it goes on in 88 records, between any two of its fields or within its
 * text. Files whose line breaks were lost are read by the '/' before a record's code; a line that
 * is no record belongs to the text before it.
 *
 * Control totals: 49 is the sum of all amounts of an account and the number of its records; when
 * that is wrong the account does not add up. 98 and 99 sum up groups and the file; when they are
 * wrong records are missing, and the file is refused.
 * Source: BAI, Cash Management Balance Reporting Specifications, version 2.
 * SPDX-License-Identifier: Apache-2.0 */
#include "model/currency.h"
#include "statement/figures.h"
#include "statement/reading.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define ACCOUNT_BYTES_MAX 128
#define CURRENCY_DEFAULT "USD" /* by the specification, where neither account nor group has one */
#define TYPE_OPENING 10
#define TYPE_CLOSING 15
#define CODE_BYTES 2
#define DISTRIBUTIONS_MAX 100

enum record {
    RECORD_NONE = 0,
    RECORD_FILE = 1,
    RECORD_GROUP = 2,
    RECORD_ACCOUNT = 3,
    RECORD_TRANSACTION = 16,
    RECORD_ACCOUNT_END = 49,
    RECORD_CONTINUES = 88,
    RECORD_GROUP_END = 98,
    RECORD_FILE_END = 99,
};

/* What a control record compares with. */
struct control {
    int64_t sum_minor;
    int64_t parts; /* accounts of a group, groups of a file */
    int64_t records;
};

struct bai2 {
    struct reading *reading;

    /* The record that is being read, with those that continue it: "16,195,...\n..." */
    enum record record;
    uint32_t record_line;
    bool is_ended; /* its last line had a '/' behind */
    struct buffer content;

    bool has_file;
    bool has_group;
    bool has_account;
    bool has_end;
    struct control file;
    struct control group;
    struct control account;

    int32_t date; /* of the group */
    char group_currency[4];
    struct statement statement;
    char account_number[ACCOUNT_BYTES_MAX];
    char currency[4];
    struct buffer kind;
    struct buffer bank_reference;
    struct buffer reference;
    struct buffer text;
    uint64_t statement_count;
};

/* The fields of a record; commas and the starts of continuations part them. */
struct fields {
    const char *at; /* NULL: there are no more */
    const char *end;
};

static bool refuse(struct bai2 *bai2, const char *rule)
{
    return reading_refuse(bai2->reading, bai2->record_line, "record %02d %s", bai2->record, rule);
}

static struct text next_field(struct fields *fields)
{
    if (!fields->at)
        return (struct text){.bytes = ""};
    const char *stop = fields->at;
    while (stop < fields->end && *stop != ',' && *stop != '\n')
        stop++;
    struct text field = {.bytes = fields->at, .length = (uint32_t)(stop - fields->at)};
    fields->at = stop < fields->end ? stop + 1 : NULL;
    return text_trimmed(field);
}

/* The rest, with the commas in it. */
static struct text rest_of(const struct fields *fields)
{
    if (!fields->at)
        return (struct text){.bytes = ""};
    return text_trimmed(
        (struct text){.bytes = fields->at, .length = (uint32_t)(fields->end - fields->at)});
}

/* An amount in minor units, which the account's control total contains. */
static bool take_amount(struct bai2 *bai2, struct text field, int64_t *ret_amount_minor)
{
    static const struct amount_form form = {.is_signed = true};
    *ret_amount_minor = 0;
    if (field.length == 0)
        return true;
    const char *rule = figure_amount(field, form, 0, ret_amount_minor);
    if (rule)
        return reading_refuse(
            bai2->reading, bai2->record_line, "record %02d: amount %s", bai2->record, rule);
    return !__builtin_add_overflow(
               bai2->account.sum_minor, *ret_amount_minor, &bai2->account.sum_minor) ||
           refuse(bai2, "brings the control total beyond 64 bits");
}

/* Six digits YYMMDD; nothing: `date` stays. */
static bool take_date(struct bai2 *bai2, struct text field, int32_t *date)
{
    if (field.length == 0)
        return true;
    if (field.length != 6 || figure_digits(field.bytes, 6) < 0 ||
        !figure_day(figure_year(figure_digits(field.bytes, 2)), figure_digits(field.bytes + 2, 2),
            figure_digits(field.bytes + 4, 2), date))
        return refuse(bai2, "has a date that is no day YYMMDD");
    return true;
}

/* When money is available: a code, behind which a date and a time, three amounts, or pairs of days
 * and amounts may stand. Only the date is of use. */
static bool take_funds(struct bai2 *bai2, struct fields *fields, int32_t *value_date)
{
    struct text code = next_field(fields);
    int64_t pairs;
    if (code.length == 0)
        return true;
    switch (code.length == 1 ? code.bytes[0] : '\0') {
    case 'Z':
    case '0':
    case '1':
    case '2':
        return true;
    case 'V':
        if (!take_date(bai2, next_field(fields), value_date))
            return false;
        (void)next_field(fields);
        return true;
    case 'S':
        for (int i = 0; i < 3; i++)
            (void)next_field(fields);
        return true;
    case 'D':
        if (!figure_count(next_field(fields), &pairs) || pairs > DISTRIBUTIONS_MAX)
            return refuse(bai2, "has funds of type D without their number");
        for (int64_t i = 0; i < 2 * pairs; i++)
            (void)next_field(fields);
        return true;
    default:
        return refuse(bai2, "has a funds type that is none of 0, 1, 2, V, S, D, Z");
    }
}

/* ---- records ---- */

static bool take_file(struct bai2 *bai2, struct fields *fields)
{
    if (bai2->has_file)
        return refuse(bai2, "begins a second file");
    bai2->has_file = true;
    for (int i = 0; i < 7; i++)
        (void)next_field(fields);
    return text_equals(next_field(fields), text_of("2")) ||
           refuse(bai2, "does not say version 2 in its last field");
}

static bool take_group(struct bai2 *bai2, struct fields *fields)
{
    if (!bai2->has_file || bai2->has_group || bai2->has_end)
        return refuse(bai2, "does not stand behind 01 or 98");
    bai2->has_group = true;
    (void)next_field(fields);
    (void)next_field(fields);
    struct text status = next_field(fields);
    if (text_equals(status, text_of("2")) || text_equals(status, text_of("3")) ||
        text_equals(status, text_of("4")))
        reading_find(bai2->reading, NULL, STATEMENT_NOTE, bai2->record_line,
            "the group deletes, corrects or tests (status 2, 3, 4): not to be booked as it is");
    bai2->date = 0;
    if (!take_date(bai2, next_field(fields), &bai2->date))
        return false;
    (void)next_field(fields);
    struct text code = next_field(fields);
    if (code.length == 0)
        code = text_of(CURRENCY_DEFAULT);
    if (currency_digits(code) < 0)
        return refuse(bai2, "has no currency of ISO 4217");
    return reading_copy(bai2->group_currency, sizeof bai2->group_currency, code);
}

static void take_balance(struct bai2 *bai2, int64_t type, int64_t amount_minor)
{
    struct statement *statement = &bai2->statement;
    struct statement_balance *balance = type == TYPE_OPENING   ? &statement->opening
                                        : type == TYPE_CLOSING ? &statement->closing
                                                               : NULL;
    if (!balance)
        return;
    *balance = (struct statement_balance){
        .is_given = true, .date = bai2->date, .amount_minor = amount_minor};
    memcpy(balance->currency, bai2->currency, sizeof balance->currency);
}

static bool take_summaries(struct bai2 *bai2, struct fields *fields)
{
    while (fields->at) {
        struct text type = next_field(fields);
        struct text amount = next_field(fields);
        int32_t value_date = 0;
        int64_t number = 0;
        int64_t amount_minor;
        (void)next_field(fields); /* the number of items */
        if (!take_funds(bai2, fields, &value_date) || !take_amount(bai2, amount, &amount_minor))
            return false;
        if (type.length == 0)
            continue;
        if (type.length != 3 || !figure_count(type, &number))
            return refuse(bai2, "has a type code that is not three digits");
        if (amount.length > 0)
            take_balance(bai2, number, amount_minor);
    }
    return true;
}

static bool take_account(struct bai2 *bai2, struct fields *fields)
{
    if (!bai2->has_group || bai2->has_account)
        return refuse(bai2, "does not stand behind 02 or 49");
    bai2->has_account = true;
    struct text number = next_field(fields);
    struct text code = next_field(fields);
    if (number.length == 0 ||
        !reading_copy_line(bai2->account_number, sizeof bai2->account_number, number))
        return refuse(bai2, "has no account number, or one of more than 127 bytes");
    if (code.length == 0)
        code = text_of(bai2->group_currency);
    int digits = currency_digits(code);
    if (digits < 0 || !reading_copy(bai2->currency, sizeof bai2->currency, code))
        return refuse(bai2, "has no currency of ISO 4217");
    bai2->statement = (struct statement){.format = STATEMENT_BAI2,
        .line = bai2->record_line,
        .account = bai2->account_number,
        .currency = bai2->currency,
        .decimals = digits,
        .id = "",
        .from_date = bai2->date,
        .to_date = bai2->date,
        .has_no_opening = true,
        .has_no_closing = true};
    bai2->statement_count++;
    return take_summaries(bai2, fields) && reading_open(bai2->reading, &bai2->statement);
}

/* Whether a type code of a transaction takes money out; -1: neither. */
static int is_debit(int64_t type)
{
    if ((type >= 100 && type < 400) || (type >= 700 && type < 760) || type == 890 ||
        (type >= 920 && type < 960))
        return 0;
    if ((type >= 400 && type < 700) || (type >= 760 && type < 800) || (type >= 960 && type < 1000))
        return 1;
    return -1;
}

static bool take_transaction(struct bai2 *bai2, struct fields *fields)
{
    struct statement_entry entry = {.line = bai2->record_line,
        .booking_date = bai2->date,
        .value_date = bai2->date,
        .time = -1,
        .status = STATEMENT_BOOKED,
        .end_to_end = "",
        .return_reason = "",
        .counterparty = "",
        .counterparty_account = ""};
    int64_t number = 0;
    if (!bai2->has_account)
        return refuse(bai2, "stands outside of an account");
    struct text type = next_field(fields);
    int direction = type.length == 3 && figure_count(type, &number) ? is_debit(number) : -1;
    if (direction < 0)
        return refuse(bai2, "has a type code that is neither a credit nor a debit");
    if (!take_amount(bai2, next_field(fields), &entry.amount_minor) ||
        !take_funds(bai2, fields, &entry.value_date))
        return false;
    if (direction == 1)
        entry.amount_minor = -entry.amount_minor;
    if (number == 890)
        entry.status = STATEMENT_INFO;
    buffer_clear(&bai2->kind);
    buffer_clear(&bai2->bank_reference);
    buffer_clear(&bai2->reference);
    buffer_clear(&bai2->text);
    reading_append(&bai2->kind, type);
    reading_append(&bai2->bank_reference, next_field(fields));
    reading_append(&bai2->reference, next_field(fields));
    reading_append(&bai2->text, rest_of(fields));
    memcpy(entry.currency, bai2->currency, sizeof entry.currency);
    entry.kind = reading_string(&bai2->kind);
    entry.bank_reference = reading_string(&bai2->bank_reference);
    entry.reference = reading_string(&bai2->reference);
    entry.text = reading_string(&bai2->text);
    return reading_entry(bai2->reading, &bai2->statement, &entry);
}

/* Reads the numbers of a control record; `ret_told.parts` only where it has them. */
static bool take_control(
    struct bai2 *bai2, struct fields *fields, bool has_parts, struct control *ret_told)
{
    static const struct amount_form form = {.is_signed = true};
    *ret_told = (struct control){0};
    if (figure_amount(next_field(fields), form, 0, &ret_told->sum_minor) != NULL ||
        (has_parts && !figure_count(next_field(fields), &ret_told->parts)) ||
        !figure_count(next_field(fields), &ret_told->records))
        return refuse(bai2, "is not a control total and its numbers");
    return true;
}

static bool take_account_end(struct bai2 *bai2, struct fields *fields)
{
    struct control told;
    if (!bai2->has_account)
        return refuse(bai2, "does not stand behind 03");
    bai2->has_account = false;
    if (!take_control(bai2, fields, false, &told))
        return false;
    if (told.sum_minor != bai2->account.sum_minor)
        reading_find(bai2->reading, &bai2->statement, STATEMENT_FAULT, bai2->record_line,
            "control total %" PRId64 " is not the sum of the amounts, %" PRId64, told.sum_minor,
            bai2->account.sum_minor);
    if (told.records != bai2->account.records)
        reading_find(bai2->reading, &bai2->statement, STATEMENT_FAULT, bai2->record_line,
            "record 49 tells of %" PRId64 " records, there are %" PRId64, told.records,
            bai2->account.records);
    bai2->group.parts++;
    bai2->group.records += bai2->account.records;
    if (__builtin_add_overflow(bai2->group.sum_minor, told.sum_minor, &bai2->group.sum_minor))
        return refuse(bai2, "brings the group's control total beyond 64 bits");
    return reading_close(bai2->reading, &bai2->statement);
}

/* Compares a group or the file with what its last record tells. */
static bool check_control(
    struct bai2 *bai2, const struct control *told, const struct control *found, const char *parts)
{
    if (told->sum_minor != found->sum_minor)
        return reading_refuse(bai2->reading, bai2->record_line,
            "record %02d: control total %" PRId64 " is not the sum of those before, %" PRId64,
            bai2->record, told->sum_minor, found->sum_minor);
    if (told->parts != found->parts || told->records != found->records)
        return reading_refuse(bai2->reading, bai2->record_line,
            "record %02d tells of %" PRId64 " %s and %" PRId64 " records, there are %" PRId64
            " and %" PRId64 ": some are missing or there twice",
            bai2->record, told->parts, parts, told->records, found->parts, found->records);
    return true;
}

static bool take_group_end(struct bai2 *bai2, struct fields *fields)
{
    struct control told;
    if (!bai2->has_group || bai2->has_account)
        return refuse(bai2, "does not stand behind 02 or 49");
    bai2->has_group = false;
    if (!take_control(bai2, fields, true, &told) ||
        !check_control(bai2, &told, &bai2->group, "accounts"))
        return false;
    bai2->file.parts++;
    bai2->file.records += bai2->group.records;
    return !__builtin_add_overflow(bai2->file.sum_minor, told.sum_minor, &bai2->file.sum_minor) ||
           refuse(bai2, "brings the file's control total beyond 64 bits");
}

static bool take_file_end(struct bai2 *bai2, struct fields *fields)
{
    struct control told;
    if (!bai2->has_file || bai2->has_group || bai2->has_end)
        return refuse(bai2, "does not stand behind 98");
    bai2->has_end = true;
    return take_control(bai2, fields, true, &told) &&
           check_control(bai2, &told, &bai2->file, "groups");
}

/* Where a record is counted, and what continues it. */
static struct control *level_of(struct bai2 *bai2, enum record record)
{
    switch (record) {
    case RECORD_FILE:
    case RECORD_FILE_END:
        return &bai2->file;
    case RECORD_GROUP:
    case RECORD_GROUP_END:
        return &bai2->group;
    default:
        return &bai2->account;
    }
}

/* Takes the record that has ended. */
static bool end_record(struct bai2 *bai2)
{
    struct fields fields = {0};
    if (bai2->record == RECORD_NONE)
        return true;
    if (bai2->content.length > 0)
        fields = (struct fields){.at = (const char *)bai2->content.bytes,
            .end = (const char *)bai2->content.bytes + bai2->content.length};
    switch (bai2->record) {
    case RECORD_FILE:
        return take_file(bai2, &fields);
    case RECORD_GROUP:
        return take_group(bai2, &fields);
    case RECORD_ACCOUNT:
        return take_account(bai2, &fields);
    case RECORD_TRANSACTION:
        return take_transaction(bai2, &fields);
    case RECORD_ACCOUNT_END:
        return take_account_end(bai2, &fields);
    case RECORD_GROUP_END:
        return take_group_end(bai2, &fields);
    default:
        return take_file_end(bai2, &fields);
    }
}

/* ---- lines ---- */

/* The code that a record begins with; RECORD_NONE: it is none. */
static enum record code_of(struct text text)
{
    if (text.length < CODE_BYTES + 1 || text.bytes[CODE_BYTES] != ',')
        return RECORD_NONE;
    switch (figure_digits(text.bytes, CODE_BYTES)) {
    case RECORD_FILE:
        return RECORD_FILE;
    case RECORD_GROUP:
        return RECORD_GROUP;
    case RECORD_ACCOUNT:
        return RECORD_ACCOUNT;
    case RECORD_TRANSACTION:
        return RECORD_TRANSACTION;
    case RECORD_ACCOUNT_END:
        return RECORD_ACCOUNT_END;
    case RECORD_CONTINUES:
        return RECORD_CONTINUES;
    case RECORD_GROUP_END:
        return RECORD_GROUP_END;
    case RECORD_FILE_END:
        return RECORD_FILE_END;
    default:
        return RECORD_NONE;
    }
}

/* Puts a part of the record to its content; without the '/' at its end. */
static bool put(struct bai2 *bai2, struct text part)
{
    bai2->is_ended = part.length > 0 && part.bytes[part.length - 1] == '/';
    if (bai2->is_ended)
        part.length--;
    if (bai2->content.length + part.length > STATEMENT_LINE_BYTES_MAX)
        return refuse(bai2, "is longer than 64 KiB with what continues it");
    buffer_append(&bai2->content, part.bytes, part.length);
    return true;
}

static bool take_part(struct bai2 *bai2, struct text part)
{
    enum record record = code_of(part);
    struct text content = {
        .bytes = part.bytes + CODE_BYTES + 1, .length = part.length - CODE_BYTES - 1};
    if (record == RECORD_NONE) {
        bool is_text = bai2->record == RECORD_TRANSACTION && !bai2->is_ended;
        if (!is_text)
            return reading_refuse(bai2->reading, bai2->reading->source.lines,
                "is no record: 01, 02, 03, 16, 88, 49, 98 or 99 and a comma");
        buffer_append_u8(&bai2->content, '\n');
        return put(bai2, part);
    }
    if (record == RECORD_CONTINUES) {
        if (bai2->record == RECORD_NONE)
            return reading_refuse(
                bai2->reading, bai2->reading->source.lines, "record 88 continues nothing");
        level_of(bai2, bai2->record)->records++;
        buffer_append_u8(&bai2->content, '\n');
        return put(bai2, content);
    }
    if (!end_record(bai2))
        return false;
    struct control *level = level_of(bai2, record);
    if (record == RECORD_GROUP || record == RECORD_ACCOUNT)
        *level = (struct control){0};
    level->records++;
    bai2->record = record;
    bai2->record_line = bai2->reading->source.lines;
    buffer_clear(&bai2->content);
    return put(bai2, content);
}

/* Takes a line, which may have several records: behind a '/' and blanks another one begins. */
static bool take_line(struct bai2 *bai2, struct text line)
{
    line = text_trimmed(line);
    while (line.length > 0) {
        const char *end = line.bytes + line.length;
        const char *stop = end;
        for (const char *at = line.bytes; at + 1 < end && stop == end; at++) {
            struct text behind = {.bytes = at + 1, .length = (uint32_t)(end - at - 1)};
            if (*at == '/' && at[1] == ' ' && code_of(text_trimmed(behind)) != RECORD_NONE)
                stop = at + 1;
        }
        struct text part = {.bytes = line.bytes, .length = (uint32_t)(stop - line.bytes)};
        if (!take_part(bai2, part))
            return false;
        line = text_trimmed((struct text){.bytes = stop, .length = (uint32_t)(end - stop)});
    }
    return true;
}

static bool read_lines(struct bai2 *bai2)
{
    struct text line;
    while (reading_line(bai2->reading, &line)) {
        if (bai2->reading->source.lines == 1 && text_begins(line, "\xef\xbb\xbf")) {
            line.bytes += 3;
            line.length -= 3;
        }
        if (!take_line(bai2, line))
            return false;
    }
    if (bai2->reading->is_refused || !end_record(bai2))
        return false;
    if (bai2->has_account)
        return reading_refuse(bai2->reading, bai2->reading->source.lines,
            "the file ends within the account of line %u: record 49 is missing",
            bai2->statement.line);
    if (bai2->has_group || !bai2->has_end)
        return reading_refuse(bai2->reading, bai2->reading->source.lines,
            "the file is cut off: record %s is missing", bai2->has_group ? "98" : "99");
    return bai2->statement_count > 0 ||
           reading_refuse(bai2->reading, 0, "is a BAI2 file without an account");
}

bool bai2_read(struct reading *reading)
{
    struct bai2 bai2 = {.reading = reading};
    reading->outcome->format = STATEMENT_BAI2;
    bool is_read = read_lines(&bai2);
    buffer_finish(&bai2.content);
    buffer_finish(&bai2.kind);
    buffer_finish(&bai2.bank_reference);
    buffer_finish(&bai2.reference);
    buffer_finish(&bai2.text);
    return is_read;
}
