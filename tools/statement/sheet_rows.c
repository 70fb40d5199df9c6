/* sheet_rows.c: the head, the rows and the totals of a sheet, by its profile.
 *
 * A row is an entry of the statement of its account and currency. Opening and closing balance are
 * derived from the balances behind the rows, in the order in which they chain better: the oldest
 * row first, or the newest.
 * SPDX-License-Identifier: Apache-2.0 */
#include "model/currency.h"
#include "statement/figures.h"
#include "statement/sheet.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const char *const names[PROFILE_COLUMNS] = {"date", "time", "value-date", "amount", "in",
    "out", "direction", "status", "currency-column", "balance", "account", "kind", "bank-reference",
    "reference", "end-to-end", "counterparty", "counterparty-account", "text"};

/* A row that is being read. */
struct row {
    struct sheet *sheet;
    const struct text *cells;
    size_t count;
    uint32_t line;
};

void sheet_init(struct sheet *sheet, struct reading *reading)
{
    const struct statement_options *options = reading->options;
    *sheet = (struct sheet){.reading = reading,
        .profiles = options && options->profiles ? options->profiles : profiles_built_in()};
}

void sheet_finish(struct sheet *sheet)
{
    buffer_finish(&sheet->above);
    buffer_finish(&sheet->below);
}

/* ---- the head ---- */

/* Where a name stands in the head, whose cells are clean; -1: nowhere. */
static int find_cell(const struct text *cells, size_t count, struct text name)
{
    for (size_t i = 0; i < count; i++) {
        if (text_equals(cells[i], name))
            return (int)i;
    }
    return -1;
}

/* How many names of a profile's head there are in the cells; 0: not all of them. */
static size_t fit(const struct profile *profile, const struct text *cells, size_t count)
{
    const char *at = profile->head;
    size_t found = 0;
    while (*at != '\0') {
        size_t length = strcspn(at, ",");
        struct text name = text_trimmed((struct text){.bytes = at, .length = (uint32_t)length});
        if (find_cell(cells, count, name) < 0)
            return 0;
        found++;
        at += length + (at[length] == ',');
    }
    return found;
}

/* Takes what a line above the rows, or what stands below them, tells. Of a number or sum the last
 * value of its pattern counts. */
static void take_told(struct sheet *sheet, struct text line, uint32_t number)
{
    const struct profile *profile = sheet->profile;
    const char *const counts[STATEMENT_TOTALS] = {
        profile->count, profile->credit_count, profile->debit_count};
    const char *const sums[STATEMENT_TOTALS] = {"", profile->credit_sum, profile->debit_sum};
    struct text values[PROFILE_VALUES_MAX];
    for (int i = 0; i < STATEMENT_TOTALS; i++) {
        struct statement_total *told = &sheet->counts[i];
        int found = profile_match(counts[i], line, values);
        if (found > 0 && figure_count(values[found - 1], &told->count)) {
            told->has_count = true;
            told->line = number;
        }
        found = profile_match(sums[i], line, values);
        if (found > 0 && reading_copy(sheet->sums[i], SHEET_SUM_BYTES, values[found - 1]))
            told->line = number;
    }
    if (profile_match(profile->year, line, values) == 2) {
        sheet->year = values[0].length == 4 ? figure_digits(values[0].bytes, 4) : 0;
        sheet->month = values[1].length <= 2 ? figure_digits(values[1].bytes, values[1].length) : 0;
    }
    if (sheet->account[0] == '\0' && profile_match(profile->account, line, values) > 0 &&
        !reading_copy_line(sheet->account, sizeof sheet->account, cell_clean(values[0])))
        sheet->account[0] = '\0';
}

static void take_lines_above(struct sheet *sheet)
{
    struct text above = {
        .bytes = (const char *)sheet->above.bytes, .length = (uint32_t)sheet->above.length};
    for (uint32_t number = 1; above.length > 0; number++) {
        const char *end = memchr(above.bytes, '\n', above.length);
        uint32_t length = end ? (uint32_t)(end - above.bytes) : above.length;
        take_told(sheet, (struct text){.bytes = above.bytes, .length = length}, number);
        above.bytes += length + (end ? 1 : 0);
        above.length -= length + (end ? 1 : 0);
    }
}

bool sheet_try_head(struct sheet *sheet, const struct text *cells, size_t count, char delimiter)
{
    struct text clean[SHEET_CELLS_MAX];
    const struct profile *best = NULL;
    size_t most = 0;
    for (size_t i = 0; i < count; i++)
        clean[i] = cell_clean(cells[i]);
    for (size_t i = 0; i < sheet->profiles->count; i++) {
        const struct profile *profile = &sheet->profiles->profiles[i];
        if (delimiter != 0 && profile->delimiter != 0 && profile->delimiter != delimiter)
            continue;
        size_t found = fit(profile, clean, count);
        if (found > most) {
            most = found;
            best = profile;
        }
    }
    if (!best)
        return false;
    sheet->profile = best;
    snprintf(sheet->reading->outcome->profile, sizeof sheet->reading->outcome->profile, "%s",
        best->name);
    for (int i = 0; i < PROFILE_COLUMNS; i++)
        sheet->columns[i] =
            best->columns[i][0] == '\0' ? -1 : find_cell(clean, count, text_of(best->columns[i]));
    take_lines_above(sheet);
    return true;
}

bool sheet_take_above(struct sheet *sheet, struct text line)
{
    if (++sheet->lines_above > SHEET_LINES_ABOVE_MAX) {
        const struct profile_set *set = sheet->profiles;
        if (set->count == 1)
            return reading_refuse(sheet->reading, 0,
                "has no head of profile %s in its first %d lines", set->profiles[0].name,
                SHEET_LINES_ABOVE_MAX);
        return reading_refuse(sheet->reading, 0,
            "is in no known format: neither camt, MT940 nor BAI2, and no profile of tables fits a "
            "head in its first %d lines; describe its columns in a file for --profile",
            SHEET_LINES_ABOVE_MAX);
    }
    buffer_append(&sheet->above, line.bytes, line.length);
    buffer_append_u8(&sheet->above, '\n');
    return true;
}

/* ---- the cells of a row ---- */

static struct text cell_of(const struct row *row, enum profile_column column)
{
    int index = row->sheet->columns[column];
    if (index < 0 || (size_t)index >= row->count)
        return (struct text){.bytes = ""};
    return cell_clean(row->cells[index]);
}

static bool refuse_cell(const struct row *row, enum profile_column column, const char *rule)
{
    return reading_refuse(row->sheet->reading, row->line, "column %s (%s) %s",
        row->sheet->profile->columns[column], names[column], rule);
}

static bool take_amount(
    const struct row *row, enum profile_column column, int decimals, int64_t *ret_amount_minor)
{
    struct text cell = cell_of(row, column);
    const char *rule = cell_amount(cell, row->sheet->profile, decimals, ret_amount_minor);
    return !rule || refuse_cell(row, column, rule);
}

/* The amount from the columns for money in and money out, one of which is empty or zero. */
static bool take_in_and_out(const struct row *row, int decimals, int64_t *ret_amount_minor)
{
    int64_t in_minor = 0;
    int64_t out_minor = 0;
    bool has_in = cell_of(row, COLUMN_IN).length > 0;
    bool has_out = cell_of(row, COLUMN_OUT).length > 0;
    if (!has_in && !has_out)
        return refuse_cell(row, COLUMN_IN, "is empty, and so is that of money out");
    if (has_in && !take_amount(row, COLUMN_IN, decimals, &in_minor))
        return false;
    if (has_out && !take_amount(row, COLUMN_OUT, decimals, &out_minor))
        return false;
    if (in_minor != 0 && out_minor != 0)
        return refuse_cell(row, COLUMN_IN, "has an amount, and so has that of money out");
    /* Who writes money out with a sign means the same; where it is the entry's it says so. */
    if (out_minor < 0 && !row->sheet->profile->has_signed_out)
        out_minor = -out_minor;
    *ret_amount_minor = in_minor + (row->sheet->profile->has_signed_out ? out_minor : -out_minor);
    return true;
}

static bool take_direction(const struct row *row, struct statement_entry *entry)
{
    const struct profile *profile = row->sheet->profile;
    struct text word = cell_of(row, COLUMN_DIRECTION);
    if (profile_has_word(profile->debit, word))
        entry->amount_minor = -entry->amount_minor;
    else if (profile_has_word(profile->neutral, word))
        entry->status = STATEMENT_INFO;
    else if (!profile_has_word(profile->credit, word))
        return refuse_cell(
            row, COLUMN_DIRECTION, "is none of the profile's words for money in, out, or neither");
    return true;
}

static bool take_money(const struct row *row, int decimals, struct statement_entry *entry)
{
    const struct profile *profile = row->sheet->profile;
    entry->status = STATEMENT_BOOKED;
    if (row->sheet->columns[COLUMN_IN] >= 0) {
        if (!take_in_and_out(row, decimals, &entry->amount_minor))
            return false;
    } else if (!take_amount(row, COLUMN_AMOUNT, decimals, &entry->amount_minor)) {
        return false;
    }
    if (profile->is_inverted)
        entry->amount_minor = -entry->amount_minor;
    if (row->sheet->columns[COLUMN_DIRECTION] >= 0 && !take_direction(row, entry))
        return false;
    struct text status = cell_of(row, COLUMN_STATUS);
    if (profile_has_word(profile->void_status, status))
        entry->status = STATEMENT_INFO;
    else if (profile_has_word(profile->pending_status, status))
        entry->status = STATEMENT_PENDING;
    if (cell_of(row, COLUMN_BALANCE).length == 0)
        return true;
    entry->has_balance = true;
    return take_amount(row, COLUMN_BALANCE, decimals, &entry->balance_minor);
}

static bool take_days(const struct row *row, struct statement_entry *entry)
{
    const struct sheet *sheet = row->sheet;
    const char *format = sheet->profile->date_format;
    struct text cell = cell_of(row, COLUMN_DATE);
    int32_t time = -1;
    if (!cell_day(cell, format, sheet->year, sheet->month, &entry->booking_date, &entry->time))
        return refuse_cell(row, COLUMN_DATE, "is no day in the profile's date-format");
    if (cell_of(row, COLUMN_TIME).length > 0)
        entry->time = cell_time(cell_of(row, COLUMN_TIME));
    entry->value_date = entry->booking_date;
    cell = cell_of(row, COLUMN_VALUE_DATE);
    if (cell.length > 0 &&
        !cell_day(cell, format, sheet->year, sheet->month, &entry->value_date, &time))
        return refuse_cell(row, COLUMN_VALUE_DATE, "is no day in the profile's date-format");
    return true;
}

/* ---- statements ---- */

/* The statement of the row's account and currency, which may be new. NULL: refused. */
static struct sheet_statement *statement_of(
    struct sheet *sheet, struct text account, const char *currency, uint32_t line)
{
    for (size_t i = 0; i < sheet->statement_count; i++) {
        struct sheet_statement *one = &sheet->statements[i];
        if (strcmp(one->currency, currency) == 0 && text_equals(text_of(one->account), account))
            return one;
    }
    if (sheet->statement_count == SHEET_STATEMENTS_MAX) {
        reading_refuse(sheet->reading, line, "has one of more than %d accounts and currencies",
            SHEET_STATEMENTS_MAX);
        return NULL;
    }
    struct sheet_statement *made = &sheet->statements[sheet->statement_count];
    *made = (struct sheet_statement){.has_balances = true};
    if (!reading_copy_line(made->account, sizeof made->account, account)) {
        reading_refuse(sheet->reading, line, "has an account of more than 127 bytes");
        return NULL;
    }
    memcpy(made->currency, currency, sizeof made->currency);
    made->statement = (struct statement){.format = STATEMENT_TABLE,
        .line = line,
        .account = made->account,
        .id = "",
        .currency = made->currency,
        .decimals = currency_digits(text_of(made->currency)),
        .has_no_opening = true,
        .has_no_closing = true};
    sheet->statement_count++;
    return reading_open(sheet->reading, &made->statement) ? made : NULL;
}

/* Whether a balance is the one that another one and an amount make. */
static bool makes(int64_t balance_minor, int64_t amount_minor, int64_t made_minor)
{
    int64_t sum;
    return !__builtin_add_overflow(balance_minor, amount_minor, &sum) && sum == made_minor;
}

static void note_break(struct sheet_chain *chain, uint32_t line)
{
    if (chain->breaks++ == 0)
        chain->first_break = line;
}

static void chain(struct sheet_statement *one, const struct statement_entry *entry)
{
    int64_t amount_minor = entry->status == STATEMENT_BOOKED ? entry->amount_minor : 0;
    one->has_balances = one->has_balances && entry->has_balance;
    if (!one->has_balances)
        return;
    if (one->statement.entry_count == 0) {
        one->first_balance_minor = entry->balance_minor;
        one->first_amount_minor = amount_minor;
    } else {
        if (!makes(one->last_balance_minor, amount_minor, entry->balance_minor))
            note_break(&one->oldest_first, entry->line);
        if (!makes(entry->balance_minor, one->last_amount_minor, one->last_balance_minor))
            note_break(&one->newest_first, entry->line);
    }
    one->last_balance_minor = entry->balance_minor;
    one->last_amount_minor = amount_minor;
}

static bool take_entry(const struct row *row)
{
    struct sheet *sheet = row->sheet;
    struct statement_entry entry = {.line = row->line, .return_reason = ""};
    static const struct {
        enum profile_column column;
        size_t offset;
    } texts[] = {
        {COLUMN_KIND, offsetof(struct statement_entry, kind)},
        {COLUMN_BANK_REFERENCE, offsetof(struct statement_entry, bank_reference)},
        {COLUMN_REFERENCE, offsetof(struct statement_entry, reference)},
        {COLUMN_END_TO_END, offsetof(struct statement_entry, end_to_end)},
        {COLUMN_COUNTERPARTY, offsetof(struct statement_entry, counterparty)},
        {COLUMN_COUNTERPARTY_ACCOUNT, offsetof(struct statement_entry, counterparty_account)},
        {COLUMN_TEXT, offsetof(struct statement_entry, text)},
    };
    struct buffer buffers[sizeof texts / sizeof *texts] = {0};
    const char *currency = cell_currency(cell_of(row, COLUMN_CURRENCY));
    if (cell_of(row, COLUMN_CURRENCY).length == 0)
        currency = sheet->profile->currency;
    if (currency[0] == '\0')
        return refuse_cell(row, COLUMN_CURRENCY, "is no currency");
    struct text account = cell_of(row, COLUMN_ACCOUNT);
    if (account.length == 0)
        account = text_of(sheet->account);
    struct sheet_statement *one = statement_of(sheet, account, currency, row->line);
    if (!one)
        return false;
    struct statement *statement = &one->statement;
    memcpy(entry.currency, one->currency, sizeof entry.currency);
    if (!take_days(row, &entry) || !take_money(row, statement->decimals, &entry))
        return false;
    if (statement->from_date == 0 || entry.booking_date < statement->from_date)
        statement->from_date = entry.booking_date;
    if (entry.booking_date > statement->to_date)
        statement->to_date = entry.booking_date;
    chain(one, &entry);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        reading_append(&buffers[i], cell_of(row, texts[i].column));
        *(const char **)((char *)&entry + texts[i].offset) = reading_string(&buffers[i]);
    }
    bool is_taken = reading_entry(sheet->reading, statement, &entry);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        buffer_finish(&buffers[i]);
    return is_taken;
}

/* The row of totals: its cells for money in and out are those of the rows. */
static bool take_total(const struct row *row, struct text first)
{
    static const enum profile_column columns[STATEMENT_TOTALS] = {
        [STATEMENT_OF_CREDITS] = COLUMN_IN, [STATEMENT_OF_DEBITS] = COLUMN_OUT};
    struct sheet *sheet = row->sheet;
    const char *currency = cell_currency(first);
    for (size_t i = 0; i < sheet->statement_count; i++) {
        struct statement *statement = &sheet->statements[i].statement;
        if (currency[0] != '\0' && strcmp(statement->currency, currency) != 0)
            continue;
        for (int j = STATEMENT_OF_CREDITS; j < STATEMENT_TOTALS; j++) {
            struct statement_total *total = &statement->totals[j];
            if (cell_of(row, columns[j]).length == 0)
                continue;
            if (!take_amount(row, columns[j], statement->decimals, &total->sum_minor))
                return false;
            total->has_sum = true;
            total->line = row->line;
        }
    }
    return true;
}

/* Keeps a row behind the table's end for what it tells; it is none of the table. */
static bool take_below(const struct row *row)
{
    struct sheet *sheet = row->sheet;
    int32_t day;
    int32_t time;
    if (!sheet->is_ended)
        sheet->below_line = row->line;
    sheet->is_ended = true;
    if (cell_day(cell_of(row, COLUMN_DATE), sheet->profile->date_format, sheet->year, sheet->month,
            &day, &time))
        return reading_refuse(sheet->reading, row->line, "is a row of the table behind its end");
    for (size_t i = 0; i < row->count; i++) {
        struct text cell = cell_clean(row->cells[i]);
        if (i > 0)
            buffer_append_u8(&sheet->below, '|');
        buffer_append(&sheet->below, cell.bytes, cell.length);
    }
    buffer_append_u8(&sheet->below, '/');
    return sheet->below.length <= STATEMENT_LINE_BYTES_MAX ||
           reading_refuse(
               sheet->reading, row->line, "is far behind the table's end: more than 64 KiB");
}

bool sheet_take_row(struct sheet *sheet, const struct text *cells, size_t count, uint32_t line)
{
    struct row row = {.sheet = sheet, .cells = cells, .count = count, .line = line};
    const struct profile *profile = sheet->profile;
    struct text first = {.bytes = ""};
    for (size_t i = 0; i < count && first.length == 0; i++)
        first = cell_clean(cells[i]);
    if (first.length == 0)
        return true;
    if (profile_begins(profile->total, first))
        return take_total(&row, first);
    if (sheet->is_ended || profile_begins(profile->end, first))
        return take_below(&row);
    return take_entry(&row);
}

/* ---- the end ---- */

static bool end_statement(struct sheet *sheet, struct sheet_statement *one)
{
    struct statement *statement = &one->statement;
    bool is_newest_first = one->newest_first.breaks < one->oldest_first.breaks;
    const struct sheet_chain *chain = is_newest_first ? &one->newest_first : &one->oldest_first;
    statement->is_newest_first = is_newest_first;
    if (one->has_balances && statement->entry_count > 0) {
        int64_t before_minor = is_newest_first ? one->last_balance_minor : one->first_balance_minor;
        int64_t amount_minor = is_newest_first ? one->last_amount_minor : one->first_amount_minor;
        if (__builtin_sub_overflow(before_minor, amount_minor, &statement->opening.amount_minor))
            return reading_refuse(
                sheet->reading, statement->line, "makes an opening balance beyond 64 bits");
        statement->closing.amount_minor =
            is_newest_first ? one->first_balance_minor : one->last_balance_minor;
        statement->opening.is_given = true;
        statement->closing.is_given = true;
        memcpy(statement->opening.currency, one->currency, sizeof one->currency);
        memcpy(statement->closing.currency, one->currency, sizeof one->currency);
        statement->opening.date = statement->from_date;
        statement->closing.date = statement->to_date;
        if (chain->breaks > 0)
            reading_find(sheet->reading, statement, STATEMENT_FAULT, chain->first_break,
                "the balance is not that of the row before and the amount; so it is in %" PRIu64
                " of the rows",
                chain->breaks);
    }
    return reading_close(sheet->reading, statement);
}

/* What stood above and below the rows, as the totals of the statement. */
static bool take_totals(struct sheet *sheet, struct statement *statement)
{
    for (int i = 0; i < STATEMENT_TOTALS; i++) {
        struct statement_total *total = &statement->totals[i];
        const struct statement_total *told = &sheet->counts[i];
        if (told->line == 0)
            continue;
        total->line = told->line;
        total->has_count = told->has_count;
        total->count = told->count;
        if (sheet->sums[i][0] == '\0')
            continue;
        const char *rule = cell_amount(
            text_of(sheet->sums[i]), sheet->profile, statement->decimals, &total->sum_minor);
        if (rule)
            return reading_refuse(sheet->reading, told->line, "the sum that is told %s", rule);
        total->has_sum = true;
        if (total->sum_minor < 0)
            total->sum_minor = -total->sum_minor;
    }
    return true;
}

bool sheet_end(struct sheet *sheet)
{
    const struct profile *profile = sheet->profile;
    if (!profile) {
        sheet->lines_above = SHEET_LINES_ABOVE_MAX;
        return sheet_take_above(sheet, (struct text){.bytes = ""});
    }
    static const enum profile_column needed[] = {
        COLUMN_DATE, COLUMN_AMOUNT, COLUMN_IN, COLUMN_OUT, COLUMN_DIRECTION};
    for (size_t i = 0; i < sizeof needed / sizeof *needed; i++) {
        if (profile->columns[needed[i]][0] != '\0' && sheet->columns[needed[i]] < 0)
            return reading_refuse(sheet->reading, 0, "its head has no column %s (%s)",
                profile->columns[needed[i]], names[needed[i]]);
    }
    if (sheet->statement_count == 0 && profile->currency[0] == '\0')
        return reading_refuse(sheet->reading, 0, "has a head and no row");
    if (sheet->statement_count == 0 && !statement_of(sheet, text_of(sheet->account),
                                           profile->currency, sheet->reading->source.lines))
        return false;
    take_told(sheet,
        (struct text){
            .bytes = (const char *)sheet->below.bytes, .length = (uint32_t)sheet->below.length},
        sheet->below_line);
    /* What is told of a file is told of its statement, where it has one. */
    if (sheet->statement_count == 1 && !take_totals(sheet, &sheet->statements[0].statement))
        return false;
    for (size_t i = 0; i < sheet->statement_count; i++) {
        if (!end_statement(sheet, &sheet->statements[i]))
            return false;
    }
    return true;
}
