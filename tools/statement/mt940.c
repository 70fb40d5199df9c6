/* mt940.c: MT940 customer statements, and MT941, MT942 and MT950, whose fields are the same.
 *
 *     :20: :21:? :25: :28C: :60F:|:60M: (:61: :86:?)* :62F:|:62M: :64:? :65:* :86:? -
 *
 * An MT942 has :34F: for the currency in place of balances, and :90D: :90C: for counts and sums.
 * With or without the blocks {1:..}{2:..}{4: -} around. What banks write besides, and how it is
 * read, is listed in README.md. A line that begins like a tag that is none of these is text.
 * Source: SWIFT User Handbook, Category 9.
 * SPDX-License-Identifier: Apache-2.0 */
#include "statement/mt940.h"

#include "model/currency.h"
#include "statement/figures.h"
#include "statement/reading.h"

#include <stdio.h>
#include <string.h>

#define ACCOUNT_BYTES_MAX 128
#define ID_BYTES_MAX 64

enum tag {
    TAG_NONE,
    TAG_20,
    TAG_21,
    TAG_25,
    TAG_28,
    TAG_60F,
    TAG_60M,
    TAG_61,
    TAG_62F,
    TAG_62M,
    TAG_OTHER_BALANCE,
    TAG_34F,
    TAG_13,
    TAG_86,
    TAG_90D,
    TAG_90C,
    TAG_NS,
};

static const struct {
    const char *text;
    enum tag tag;
} tags[] = {
    {":20:", TAG_20},
    {":21:", TAG_21},
    {":25:", TAG_25},
    {":25P:", TAG_25},
    {":28:", TAG_28},
    {":28C:", TAG_28},
    {":60F:", TAG_60F},
    {":60M:", TAG_60M},
    {":61:", TAG_61},
    {":62F:", TAG_62F},
    {":62M:", TAG_62M},
    {":64:", TAG_OTHER_BALANCE},
    {":65:", TAG_OTHER_BALANCE},
    /* Both that a bank writes for :65:, and nobody reads. */
    {":65F:", TAG_OTHER_BALANCE},
    {":65M:", TAG_OTHER_BALANCE},
    {":34F:", TAG_34F},
    {":13:", TAG_13},
    {":13D:", TAG_13},
    {":86:", TAG_86},
    {":90D:", TAG_90D},
    {":90C:", TAG_90C},
    {":NS:", TAG_NS},
};
#define TAG_COUNT (sizeof tags / sizeof *tags)

struct mt {
    struct reading *reading;
    int message_type; /* of block 2; 0: none */

    /* The message that is being read. */
    bool is_begun;
    bool is_told; /* that it is open */
    bool is_closed;
    bool is_intraday;
    struct statement statement;
    char account[ACCOUNT_BYTES_MAX];
    char id[ID_BYTES_MAX];
    char currency[4];

    /* The field that is being read: lines are put to it until the next one begins. */
    enum tag tag;
    const char *tag_text;
    uint32_t tag_line;
    struct buffer field;

    /* The entry that waits for its :86:. */
    bool has_entry;
    struct statement_entry entry;
    struct buffer kind;
    struct buffer reference;
    struct buffer bank_reference;
    struct mt_details details;
    uint64_t statement_count;
};

static bool refuse_field(struct mt *mt, const char *rule)
{
    return reading_refuse(mt->reading, mt->tag_line, "%s %s", mt->tag_text, rule);
}

/* ---- the statement ---- */

static void begin(struct mt *mt)
{
    mt->is_begun = true;
    mt->is_told = false;
    mt->is_closed = false;
    mt->is_intraday = false;
    mt->statement = (struct statement){.line = mt->tag_line,
        .format = STATEMENT_MT940,
        .account = mt->account,
        .id = mt->id,
        .currency = mt->currency};
    mt->account[0] = '\0';
    mt->id[0] = '\0';
    mt->currency[0] = '\0';
}

/* Tells that the statement is open, before its first entry or at its end. */
static bool tell(struct mt *mt, uint32_t line)
{
    struct statement *statement = &mt->statement;
    if (mt->is_told)
        return true;
    if (mt->account[0] == '\0')
        return reading_refuse(mt->reading, line, "the statement has no account (:25:)");
    if (!statement->opening.is_given && !mt->is_intraday && mt->message_type != 942)
        return reading_refuse(
            mt->reading, line, "the statement has no opening balance (:60F: or :60M:)");
    if (mt->currency[0] == '\0')
        return reading_refuse(mt->reading, line,
            "the statement has no currency: neither a balance nor :34F: stands before this");
    if (!statement->opening.is_given) {
        statement->format = STATEMENT_MT942;
        statement->has_no_opening = true;
        statement->has_no_closing = true;
    }
    mt->is_told = true;
    mt->statement_count++;
    return reading_open(mt->reading, statement);
}

static bool end_entry(struct mt *mt)
{
    if (!mt->has_entry)
        return true;
    mt->has_entry = false;
    mt->entry.kind = reading_string(&mt->kind);
    mt->entry.reference = reading_string(&mt->reference);
    mt->entry.bank_reference = reading_string(&mt->bank_reference);
    mt->entry.end_to_end = reading_string(&mt->details.end_to_end);
    mt->entry.return_reason = reading_string(&mt->details.return_reason);
    mt->entry.counterparty = reading_string(&mt->details.counterparty);
    mt->entry.counterparty_account = reading_string(&mt->details.counterparty_account);
    mt->entry.text = reading_string(&mt->details.text);
    return reading_entry(mt->reading, &mt->statement, &mt->entry);
}

static bool end_statement(struct mt *mt)
{
    uint32_t line = mt->reading->source.lines;
    if (!mt->is_begun)
        return true;
    if (!end_entry(mt) || !tell(mt, line))
        return false;
    mt->is_begun = false;
    if (!mt->statement.closing.is_given && !mt->statement.has_no_closing)
        return reading_refuse(mt->reading, line,
            "the statement of line %u ends without a closing balance (:62F: or :62M:)",
            mt->statement.line);
    return reading_close(mt->reading, &mt->statement);
}

/* ---- its fields ---- */

/* The currency of the statement, which is told once and then the same. */
static bool take_currency(struct mt *mt, struct text code)
{
    int digits = currency_digits(code);
    if (digits < 0)
        return refuse_field(mt, "has no currency of ISO 4217");
    if (mt->currency[0] != '\0' && !text_equals(text_of(mt->currency), code))
        return refuse_field(mt, "has another currency than the statement");
    mt->statement.decimals = digits;
    return reading_copy(mt->currency, sizeof mt->currency, code);
}

/* 1!a6!n3!a15d */
static bool take_balance(struct mt *mt, struct text text, struct statement_balance *ret_balance)
{
    static const struct amount_form form = {.point = ','};
    bool is_bent;
    int64_t amount_minor;
    if (text.length < 11 || (text.bytes[0] != 'C' && text.bytes[0] != 'D') ||
        !mt_day(text.bytes + 1, &ret_balance->date, &is_bent))
        return refuse_field(mt, "is not C or D, a day YYMMDD, a currency and an amount");
    if (is_bent)
        reading_find(mt->reading, &mt->statement, STATEMENT_NOTE, mt->tag_line,
            "%s has a day behind the end of February", mt->tag_text);
    struct text code = {.bytes = text.bytes + 7, .length = 3};
    if (!take_currency(mt, code))
        return false;
    struct text amount = {.bytes = text.bytes + 10, .length = text.length - 10};
    const char *rule = figure_amount(amount, form, mt->statement.decimals, &amount_minor);
    if (rule) {
        reading_refuse(mt->reading, mt->tag_line, "%s amount %s", mt->tag_text, rule);
        return false;
    }
    ret_balance->amount_minor = text.bytes[0] == 'D' ? -amount_minor : amount_minor;
    ret_balance->is_given = true;
    return reading_copy(ret_balance->currency, sizeof ret_balance->currency, code);
}

static bool take_opening(struct mt *mt, struct text text)
{
    if (mt->is_told || mt->statement.opening.is_given)
        return refuse_field(mt, "is a second opening balance of one statement");
    mt->statement.opens_between = mt->tag == TAG_60M;
    if (!take_balance(mt, text, &mt->statement.opening))
        return false;
    mt->statement.from_date = mt->statement.opening.date;
    return true;
}

static bool take_closing(struct mt *mt, struct text text)
{
    if (!tell(mt, mt->tag_line))
        return false;
    if (mt->is_closed)
        return refuse_field(mt, "is a second closing balance of one statement");
    mt->is_closed = true;
    mt->statement.closes_between = mt->tag == TAG_62M;
    if (!take_balance(mt, text, &mt->statement.closing))
        return false;
    mt->statement.to_date = mt->statement.closing.date;
    return true;
}

/* 5n[/5n] */
static bool take_sequence(struct mt *mt, struct text text)
{
    const char *slash = memchr(text.bytes, '/', text.length);
    struct text number = text;
    struct text page = {0};
    if (slash) {
        number.length = (uint32_t)(slash - text.bytes);
        page = (struct text){.bytes = slash + 1, .length = text.length - number.length - 1};
    }
    if (!figure_count(number, &mt->statement.sequence) ||
        (slash && !figure_count(page, &mt->statement.page)))
        return refuse_field(mt, "is no statement number with a page behind a slash");
    return true;
}

static bool take_account(struct mt *mt, struct text text)
{
    if (mt->account[0] != '\0' || mt->statement.opening.is_given || mt->is_told)
        return refuse_field(mt, "is a second account inside of one statement");
    const char *end = memchr(text.bytes, '\n', text.length);
    text.length = end ? (uint32_t)(end - text.bytes) : text.length;
    bool fits = reading_copy_line(mt->account, sizeof mt->account, text_trimmed(text));
    return fits || refuse_field(mt, "is longer than an account number");
}

/* 5n3!a15d */
static bool take_total(struct mt *mt, struct text text)
{
    static const struct amount_form form = {.point = ','};
    struct statement_total *total =
        &mt->statement.totals[mt->tag == TAG_90D ? STATEMENT_OF_DEBITS : STATEMENT_OF_CREDITS];
    uint32_t digits = 0;
    while (digits < text.length && text.bytes[digits] >= '0' && text.bytes[digits] <= '9')
        digits++;
    if (!figure_count((struct text){.bytes = text.bytes, .length = digits}, &total->count) ||
        text.length < digits + 4)
        return refuse_field(mt, "is not a number of entries, a currency and their sum");
    if (!take_currency(mt, (struct text){.bytes = text.bytes + digits, .length = 3}))
        return false;
    const char *rule = figure_amount(
        (struct text){.bytes = text.bytes + digits + 3, .length = text.length - digits - 3}, form,
        mt->statement.decimals, &total->sum_minor);
    if (rule)
        return reading_refuse(mt->reading, mt->tag_line, "%s sum %s", mt->tag_text, rule);
    total->line = mt->tag_line;
    total->has_count = true;
    total->has_sum = true;
    mt->is_intraday = true;
    return true;
}

static bool take_entry(struct mt *mt, struct text text)
{
    struct mt_line line;
    if (!tell(mt, mt->tag_line))
        return false;
    if (mt->is_closed)
        return refuse_field(mt, "stands behind the closing balance");
    const char *rule = mt_line_read(text, mt->statement.decimals, &line);
    if (rule)
        return refuse_field(mt, rule);
    if (line.deviation[0] != '\0')
        reading_find(mt->reading, &mt->statement, STATEMENT_NOTE, mt->tag_line, ":61: has %s",
            line.deviation);
    mt->entry = (struct statement_entry){.line = mt->tag_line,
        .booking_date = line.entry_date,
        .value_date = line.value_date,
        .time = -1,
        .status = line.status,
        .is_reversal = line.is_reversal,
        .amount_minor = line.amount_minor};
    memcpy(mt->entry.currency, mt->currency, sizeof mt->currency);
    buffer_clear(&mt->kind);
    buffer_clear(&mt->reference);
    buffer_clear(&mt->bank_reference);
    mt_details_clear(&mt->details);
    reading_append(&mt->kind, line.kind);
    reading_append(&mt->reference, line.reference);
    reading_append(&mt->bank_reference, line.bank_reference);
    reading_append(&mt->details.text, line.supplement);
    mt->has_entry = true;
    return true;
}

/* Takes the field that has ended. */
static bool end_field(struct mt *mt)
{
    struct text raw = text_of("");
    if (mt->field.length > 0)
        raw = (struct text){
            .bytes = (const char *)mt->field.bytes, .length = (uint32_t)mt->field.length};
    struct text text = text_trimmed(raw);
    enum tag tag = mt->tag;
    mt->tag = TAG_NONE;
    if (tag == TAG_NONE)
        return true;
    mt->tag = tag;
    bool is_taken = true;
    if (tag != TAG_86 && tag != TAG_NS && !end_entry(mt))
        return false;
    switch (tag) {
    case TAG_20:
        if (!reading_copy_line(mt->id, sizeof mt->id, text))
            mt->id[0] = '\0';
        break;
    case TAG_25:
        is_taken = take_account(mt, text);
        break;
    case TAG_28:
        is_taken = take_sequence(mt, text);
        break;
    case TAG_60F:
    case TAG_60M:
        is_taken = take_opening(mt, text);
        break;
    case TAG_61:
        is_taken = take_entry(mt, text);
        break;
    case TAG_62F:
    case TAG_62M:
        is_taken = take_closing(mt, text);
        break;
    case TAG_34F:
        mt->is_intraday = true;
        is_taken = text.length >= 3 ? take_currency(mt, (struct text){text.bytes, 3})
                                    : refuse_field(mt, "is no currency with an amount");
        break;
    case TAG_90D:
    case TAG_90C:
        is_taken = take_total(mt, text);
        break;
    case TAG_86:
        if (mt->has_entry)
            mt_details_read(text, &mt->details);
        break;
    case TAG_NS:
        if (mt->has_entry && mt->details.text.length > 0)
            buffer_append_u8(&mt->details.text, '\n');
        if (mt->has_entry)
            reading_append(&mt->details.text, text);
        break;
    default:
        break;
    }
    mt->tag = TAG_NONE;
    return is_taken;
}

/* ---- its lines ---- */

static bool begin_field(struct mt *mt, size_t index, struct text line)
{
    size_t length = strlen(tags[index].text);
    if (!end_field(mt))
        return false;
    mt->tag = tags[index].tag;
    mt->tag_text = tags[index].text;
    mt->tag_line = mt->reading->source.lines;
    buffer_clear(&mt->field);
    buffer_append(&mt->field, line.bytes + length, line.length - length);
    bool is_first = mt->tag == TAG_20 || (mt->tag == TAG_25 && !mt->is_begun);
    if (is_first) {
        if (!end_statement(mt))
            return false;
        begin(mt);
    }
    if (!mt->is_begun && mt->tag != TAG_NS)
        return refuse_field(mt, "stands outside of a statement: neither :20: nor :25: before it");
    return true;
}

/* "{1:...}{2:O940...}{4:": says which message follows. */
static bool take_header(struct mt *mt, struct text line)
{
    const char *block = memmem(line.bytes, line.length, "{2:", 3);
    if (!end_field(mt) || !end_statement(mt))
        return false;
    mt->message_type = 0;
    if (!block || line.length - (size_t)(block - line.bytes) < 7)
        return true;
    mt->message_type = figure_digits(block + 4, 3);
    if (mt->message_type == 940 || mt->message_type == 941 || mt->message_type == 942 ||
        mt->message_type == 950)
        return true;
    return reading_refuse(mt->reading, mt->reading->source.lines,
        "the message is no statement: block 2 says MT%d, not MT940, 941, 942 or 950",
        mt->message_type);
}

/* "-", "-}" with blocks behind, "-XXX": the end of a message. */
static bool is_end(struct text line)
{
    return text_equals(line, text_of("-")) || text_begins(line, "-}") ||
           text_equals(line, text_of("-XXX"));
}

static bool take_line(struct mt *mt, struct text line)
{
    struct text trimmed = text_trimmed(line);
    if (is_end(trimmed)) {
        const char *next = memmem(trimmed.bytes, trimmed.length, "{1:", 3);
        if (!next)
            return end_field(mt) && end_statement(mt);
        uint32_t skip = (uint32_t)(next - trimmed.bytes);
        return take_header(mt, (struct text){.bytes = next, .length = trimmed.length - skip});
    }
    if (text_begins(trimmed, "{1:"))
        return take_header(mt, trimmed);
    for (size_t i = 0; i < TAG_COUNT; i++) {
        if (text_begins(line, tags[i].text))
            return begin_field(mt, i, line);
    }
    if (mt->tag == TAG_NONE)
        return true;
    if (mt->field.length + line.length + 1 > STATEMENT_LINE_BYTES_MAX)
        return refuse_field(mt, "is longer than a field may be (64 KiB)");
    buffer_append_u8(&mt->field, '\n');
    buffer_append(&mt->field, line.bytes, line.length);
    return true;
}

static bool read_lines(struct mt *mt)
{
    struct text line;
    while (reading_line(mt->reading, &line)) {
        if (mt->reading->source.lines == 1 && text_begins(line, "\xef\xbb\xbf")) {
            line.bytes += 3;
            line.length -= 3;
        }
        if (!take_line(mt, line))
            return false;
    }
    return !mt->reading->is_refused && end_field(mt) && end_statement(mt);
}

bool mt940_read(struct reading *reading)
{
    struct mt mt = {.reading = reading};
    reading->outcome->format = STATEMENT_MT940;
    bool is_read = read_lines(&mt);
    if (is_read && mt.statement_count == 0)
        is_read = reading_refuse(reading, 0, "holds tags of MT940 and no statement");
    if (mt.statement.format != 0)
        reading->outcome->format = mt.statement.format;
    buffer_finish(&mt.field);
    buffer_finish(&mt.kind);
    buffer_finish(&mt.reference);
    buffer_finish(&mt.bank_reference);
    mt_details_finish(&mt.details);
    return is_read;
}
