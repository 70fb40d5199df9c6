/* xls.c: workbooks of Excel 97 to 2003 (BIFF8 in an OLE2 file): the first sheet, as a table.
 *
 * Written here because no library that Debian has is fit for it: FreeXL reads out of bounds on
 * files that are damaged, and says nothing of some that it cannot read. The file is taken into
 * memory, up to a ceiling, and read by checked slices. Numbers are binary there: an amount is taken
 * by its 15 digits that are certain. What is neither text nor number (dates that are numbers of
 * days, charts, formats) is not interpreted.
 * Source: [MS-XLS], Excel Binary File Format.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/check.h"
#include "statement/ole2.h"
#include "statement/sheet.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define FILE_BYTES_MAX ((size_t)32 << 20)
#define STRINGS_MAX ((uint32_t)1 << 20)
#define SAFE_DIGITS 15
#define BIFF8 0x0600

#define SAVE_AS_CSV "open it in a spreadsheet program and save the sheet as CSV (UTF-8)"

enum record {
    RECORD_EOF = 0x000a,
    RECORD_FORMULA = 0x0006,
    RECORD_FILEPASS = 0x002f,
    RECORD_CONTINUE = 0x003c,
    RECORD_BOUNDSHEET = 0x0085,
    RECORD_MULRK = 0x00bd,
    RECORD_SST = 0x00fc,
    RECORD_LABELSST = 0x00fd,
    RECORD_NUMBER = 0x0203,
    RECORD_LABEL = 0x0204,
    RECORD_STRING = 0x0207,
    RECORD_RK = 0x027e,
    RECORD_BOF = 0x0809,
};

/* Bytes that are read front to back; what is beyond their end reads as zero and is remembered. */
struct slice {
    const uint8_t *at;
    const uint8_t *end;
    bool failed;
};

struct book {
    struct reading *reading;
    struct buffer file;
    struct buffer stream;
    struct buffer strings; /* as UTF-8, each with its NUL */
    struct buffer starts;  /* of each, a uint32_t */
    uint32_t string_count;
    struct slice next; /* the stream behind the record that was taken */

    struct sheet *sheet;
    bool has_row;
    uint32_t row;
    struct buffer cells; /* of the row, in the order of the file */
    uint32_t lengths[SHEET_CELLS_MAX];
    size_t offsets[SHEET_CELLS_MAX];
    size_t cell_count;  /* the last one that is not empty, and those before */
    int formula_column; /* whose text comes in the next record; -1: none */
};

/* ---- slices ---- */

static const uint8_t *take(struct slice *slice, size_t bytes)
{
    static const uint8_t zeros[8];
    if (slice->failed || (size_t)(slice->end - slice->at) < bytes) {
        slice->failed = true;
        return zeros;
    }
    const uint8_t *taken = slice->at;
    slice->at += bytes;
    return taken;
}

static uint8_t take_u8(struct slice *slice)
{
    return take(slice, 1)[0];
}

static uint16_t take_u16(struct slice *slice)
{
    const uint8_t *bytes = take(slice, 2);
    return (uint16_t)(bytes[0] | bytes[1] << 8);
}

static uint32_t take_u32(struct slice *slice)
{
    uint32_t low = take_u16(slice);
    return low | (uint32_t)take_u16(slice) << 16;
}

static double take_double(struct slice *slice)
{
    uint64_t low = take_u32(slice);
    uint64_t bits = low | (uint64_t)take_u32(slice) << 32;
    double number;
    memcpy(&number, &bits, sizeof number);
    return number;
}

/* The next record of the stream; false at its end. */
static bool take_record(struct book *book, uint16_t *ret_type, struct slice *ret_content)
{
    *ret_type = take_u16(&book->next);
    uint16_t length = take_u16(&book->next);
    const uint8_t *content = book->next.at;
    if (book->next.failed || (size_t)(book->next.end - content) < length)
        return false;
    book->next.at += length;
    *ret_content = (struct slice){.at = content, .end = content + length};
    return true;
}

/* Goes on in the next record, where that continues this one. */
static bool take_continuation(struct book *book, struct slice *content)
{
    struct slice before = book->next;
    uint16_t type;
    if (take_record(book, &type, content) && type == RECORD_CONTINUE)
        return true;
    book->next = before;
    content->failed = true;
    return false;
}

/* ---- strings ---- */

static void append_character(struct buffer *out, uint32_t character)
{
    if (character < 0x20 || character == 0x7f)
        character = ' ';
    if (character < 0x80) {
        buffer_append_u8(out, (uint8_t)character);
    } else if (character < 0x800) {
        buffer_append_u8(out, (uint8_t)(0xc0 | character >> 6));
        buffer_append_u8(out, (uint8_t)(0x80 | (character & 0x3f)));
    } else if (character < 0x10000) {
        buffer_append_u8(out, (uint8_t)(0xe0 | character >> 12));
        buffer_append_u8(out, (uint8_t)(0x80 | (character >> 6 & 0x3f)));
        buffer_append_u8(out, (uint8_t)(0x80 | (character & 0x3f)));
    } else {
        buffer_append_u8(out, (uint8_t)(0xf0 | character >> 18));
        buffer_append_u8(out, (uint8_t)(0x80 | (character >> 12 & 0x3f)));
        buffer_append_u8(out, (uint8_t)(0x80 | (character >> 6 & 0x3f)));
        buffer_append_u8(out, (uint8_t)(0x80 | (character & 0x3f)));
    }
}

/* Appends one unit of UTF-16; the first of a pair waits for the second. */
static void append_unit(struct buffer *out, uint16_t unit, uint16_t *high)
{
    bool is_low = unit >= 0xdc00 && unit < 0xe000;
    if (*high != 0 && is_low) {
        append_character(
            out, 0x10000 + ((uint32_t)(*high - 0xd800) << 10) + (uint32_t)(unit - 0xdc00));
        *high = 0;
        return;
    }
    if (*high != 0 || is_low)
        append_character(out, 0xfffd);
    *high = unit >= 0xd800 && unit < 0xdc00 ? unit : 0;
    if (*high == 0 && !is_low)
        append_character(out, unit);
}

/* Takes the characters of a string. Where it goes on in another record, a byte in front of that
 * says anew whether characters have one byte or two. */
static void take_characters(
    struct book *book, struct slice *content, uint32_t count, bool is_wide, struct buffer *out)
{
    uint16_t high = 0;
    for (uint32_t i = 0; i < count && !content->failed; i++) {
        if (content->at == content->end) {
            if (!take_continuation(book, content))
                return;
            is_wide = (take_u8(content) & 1) != 0;
        }
        append_unit(out, is_wide ? take_u16(content) : take_u8(content), &high);
    }
    if (high != 0)
        append_character(out, 0xfffd);
}

/* Passes over what stands behind a string: formats and phonetics. */
static void skip(struct book *book, struct slice *content, size_t bytes)
{
    while (bytes > 0 && !content->failed) {
        size_t here = (size_t)(content->end - content->at);
        if (here == 0 && !take_continuation(book, content))
            return;
        here = (size_t)(content->end - content->at);
        here = here < bytes ? here : bytes;
        content->at += here;
        bytes -= here;
    }
}

/* Takes a string with its head: characters, flags, numbers of formats and bytes of phonetics. */
static void take_string(struct book *book, struct slice *content, struct buffer *out)
{
    uint32_t count = take_u16(content);
    uint8_t flags = take_u8(content);
    size_t behind = (flags & 8) != 0 ? 4 * (size_t)take_u16(content) : 0;
    if ((flags & 4) != 0)
        behind += take_u32(content);
    take_characters(book, content, count, (flags & 1) != 0, out);
    skip(book, content, behind);
}

static bool take_strings(struct book *book, struct slice *content)
{
    (void)take_u32(content);
    uint32_t count = take_u32(content);
    for (uint32_t i = 0; i < count; i++) {
        if (content->at == content->end && !take_continuation(book, content))
            break;
        uint32_t start = (uint32_t)book->strings.length;
        take_string(book, content, &book->strings);
        if (content->failed)
            break;
        buffer_append_u8(&book->strings, 0);
        buffer_append(&book->starts, &start, sizeof start);
        book->string_count++;
    }
    return book->string_count == count && count <= STRINGS_MAX;
}

/* ---- rows ---- */

static bool end_row(struct book *book)
{
    struct text cells[SHEET_CELLS_MAX];
    struct buffer line = {0};
    if (!book->has_row)
        return true;
    book->has_row = false;
    for (size_t i = 0; i < book->cell_count; i++) {
        cells[i] = (struct text){.bytes = "", .length = book->lengths[i]};
        if (cells[i].length > 0)
            cells[i].bytes = (const char *)book->cells.bytes + book->offsets[i];
    }
    book->reading->source.lines = book->row + 1;
    if (book->sheet->profile)
        return sheet_take_row(book->sheet, cells, book->cell_count, book->row + 1);
    if (sheet_try_head(book->sheet, cells, book->cell_count, 0))
        return true;
    for (size_t i = 0; i < book->cell_count; i++) {
        if (i > 0)
            buffer_append_u8(&line, ',');
        buffer_append(&line, cells[i].bytes, cells[i].length);
    }
    bool is_taken = sheet_take_above(book->sheet,
        (struct text){.bytes = (const char *)line.bytes, .length = (uint32_t)line.length});
    buffer_finish(&line);
    return is_taken;
}

/* Begins a cell, and its row where that is another one. False: it is refused. */
static bool begin_cell(struct book *book, uint32_t row, uint32_t column)
{
    if (book->has_row && row != book->row && !end_row(book))
        return false;
    if (!book->has_row) {
        if (book->row > row)
            return reading_refuse(book->reading, row + 1, "is a row that stands behind later ones");
        book->has_row = true;
        book->row = row;
        book->cell_count = 0;
        buffer_clear(&book->cells);
    }
    if (column >= SHEET_CELLS_MAX)
        return reading_refuse(book->reading, row + 1, "has more than %d cells", SHEET_CELLS_MAX);
    while (book->cell_count <= column)
        book->lengths[book->cell_count++] = 0;
    book->offsets[column] = book->cells.length;
    return true;
}

static bool end_cell(struct book *book, uint32_t column)
{
    book->lengths[column] = (uint32_t)(book->cells.length - book->offsets[column]);
    return book->cells.length <= STATEMENT_LINE_BYTES_MAX ||
           reading_refuse(book->reading, book->row + 1, "is a row of more than 64 KiB");
}

static bool take_number(struct book *book, uint32_t row, uint32_t column, double number)
{
    char text[32];
    if (!begin_cell(book, row, column))
        return false;
    if (!isfinite(number))
        return reading_refuse(
            book->reading, row + 1, "column %u is a number that is none", column + 1);
    int length = snprintf(text, sizeof text, "%.*g", SAFE_DIGITS, number);
    buffer_append(&book->cells, text, (size_t)length);
    return end_cell(book, column);
}

/* A number in 30 bits: of a double the upper ones, or an integer; perhaps in hundredths. */
static double number_of_rk(uint32_t rk)
{
    double number;
    if ((rk & 2) != 0) {
        number = (double)((int32_t)rk >> 2);
    } else {
        uint64_t bits = (uint64_t)(rk & 0xfffffffcU) << 32;
        memcpy(&number, &bits, sizeof number);
    }
    return (rk & 1) != 0 ? number / 100 : number;
}

static bool take_label(struct book *book, struct slice *content, uint32_t row, uint32_t column)
{
    if (!begin_cell(book, row, column))
        return false;
    take_string(book, content, &book->cells);
    return end_cell(book, column);
}

static bool take_shared(struct book *book, uint32_t row, uint32_t column, uint32_t index)
{
    uint32_t start;
    if (!begin_cell(book, row, column))
        return false;
    if (index >= book->string_count)
        return reading_refuse(
            book->reading, row + 1, "column %u is a text that is not there", column + 1);
    memcpy(&start, book->starts.bytes + index * sizeof start, sizeof start);
    const char *text = (const char *)book->strings.bytes + start;
    buffer_append(&book->cells, text, strlen(text));
    return end_cell(book, column);
}

static bool take_formula(struct book *book, struct slice *content, uint32_t row, uint32_t column)
{
    struct slice value = *content;
    bool is_number = take(content, 8)[6] != 0xff || content->at[-1] != 0xff;
    if (is_number)
        return take_number(book, row, column, take_double(&value));
    /* Of a text the characters come in the next record. */
    book->formula_column = value.at[0] == 0 ? (int)column : -1;
    return begin_cell(book, row, column);
}

static bool take_cell(struct book *book, uint16_t type, struct slice *content)
{
    struct slice whole = *content;
    uint32_t row = take_u16(content);
    uint32_t column = take_u16(content);
    if (type == RECORD_STRING) {
        uint32_t formula_column = (uint32_t)book->formula_column;
        bool is_expected = book->formula_column >= 0 && book->has_row;
        book->formula_column = -1;
        return !is_expected || take_label(book, &whole, book->row, formula_column);
    }
    if (type == RECORD_MULRK) {
        while (content->end - content->at >= 6 + 2) {
            (void)take_u16(content);
            if (!take_number(book, row, column++, number_of_rk(take_u32(content))))
                return false;
        }
        return true;
    }
    (void)take_u16(content);
    if (content->failed || (type == RECORD_FORMULA && content->end - content->at < 8))
        return true;
    switch (type) {
    case RECORD_LABELSST:
        return take_shared(book, row, column, take_u32(content));
    case RECORD_LABEL:
        return take_label(book, content, row, column);
    case RECORD_NUMBER:
        return take_number(book, row, column, take_double(content));
    case RECORD_RK:
        return take_number(book, row, column, number_of_rk(take_u32(content)));
    default:
        return take_formula(book, content, row, column);
    }
}

static bool is_cell(uint16_t type)
{
    return type == RECORD_LABELSST || type == RECORD_LABEL || type == RECORD_NUMBER ||
           type == RECORD_RK || type == RECORD_MULRK || type == RECORD_FORMULA ||
           type == RECORD_STRING;
}

/* ---- the workbook ---- */

static bool refuse(struct book *book, const char *what)
{
    return reading_refuse(book->reading, 0, "is a workbook (.xls) %s: " SAVE_AS_CSV, what);
}

/* Reads what all sheets share, up to its end; gives where the first sheet begins. */
static bool read_globals(struct book *book, uint32_t *ret_sheet)
{
    struct slice content;
    uint16_t type;
    bool has_sheet = false;
    if (!take_record(book, &type, &content) || type != RECORD_BOF || take_u16(&content) != BIFF8)
        return refuse(book, "of before Excel 97");
    while (take_record(book, &type, &content) && type != RECORD_EOF) {
        if (type == RECORD_FILEPASS)
            return refuse(book, "with a password");
        if (type == RECORD_SST && !take_strings(book, &content))
            return refuse(book, "whose texts are damaged");
        if (type != RECORD_BOUNDSHEET || has_sheet)
            continue;
        uint32_t sheet = take_u32(&content);
        (void)take_u8(&content);
        /* Charts and macros are sheets of other kinds. */
        has_sheet = take_u8(&content) == 0 && !content.failed;
        *ret_sheet = has_sheet ? sheet : 0;
    }
    return has_sheet || refuse(book, "without a sheet");
}

static bool read_sheet(struct book *book, uint32_t start)
{
    struct slice content;
    uint16_t type;
    if (start >= book->stream.length)
        return refuse(book, "that is damaged");
    book->next = (struct slice){
        .at = book->stream.bytes + start, .end = book->stream.bytes + book->stream.length};
    if (!take_record(book, &type, &content) || type != RECORD_BOF)
        return refuse(book, "that is damaged");
    while (take_record(book, &type, &content) && type != RECORD_EOF) {
        if (is_cell(type) && !take_cell(book, type, &content))
            return false;
    }
    if (type != RECORD_EOF)
        return refuse(book, "that is cut off");
    return end_row(book) && sheet_end(book->sheet);
}

static bool read_book(struct book *book)
{
    struct source *source = &book->reading->source;
    uint32_t start = 0;
    int got;
    do {
        buffer_reserve(&book->file, SOURCE_LOOK_BYTES);
        got = source_take(source, (char *)book->file.bytes + book->file.length, SOURCE_LOOK_BYTES);
        book->file.length += got > 0 ? (size_t)got : 0;
        if (book->file.length > FILE_BYTES_MAX)
            return refuse(book, "of more than 32 MiB");
    } while (got > 0);
    if (got < 0)
        return reading_refuse(book->reading, 0, "could not be read: %s", strerror(source->error));
    if (!ole2_take_workbook(book->file.bytes, book->file.length, &book->stream))
        return refuse(book, "that is damaged, or no workbook");
    book->next =
        (struct slice){.at = book->stream.bytes, .end = book->stream.bytes + book->stream.length};
    return read_globals(book, &start) && read_sheet(book, start);
}

bool xls_read(struct reading *reading)
{
    static struct sheet sheet;
    static struct book book;
    book = (struct book){.reading = reading, .sheet = &sheet, .formula_column = -1};
    reading->outcome->format = STATEMENT_TABLE;
    sheet_init(&sheet, reading);
    bool is_read = read_book(&book);
    sheet_finish(&sheet);
    buffer_finish(&book.file);
    buffer_finish(&book.stream);
    buffer_finish(&book.strings);
    buffer_finish(&book.starts);
    buffer_finish(&book.cells);
    return is_read;
}
