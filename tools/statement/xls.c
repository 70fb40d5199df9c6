/* xls.c: workbooks of Excel 97 (BIFF in an OLE2 file), by FreeXL: the first sheet, as a sheet.
 *
 * FreeXL does not know every workbook; what it cannot read is refused. The format has to be sought
 * in, so the file is taken into memory, up to a ceiling; a sheet has at most 65,536 rows. Numbers
 * are binary there: an amount is taken by its 15 digits that are certain.
 * SPDX-License-Identifier: Apache-2.0 */
#include "statement/sheet.h"

#include "base/check.h"

#include <freexl.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define FILE_BYTES_MAX ((int64_t)32 << 20)
#define ROWS_MAX 65536
#define PATH_BYTES 64
#define SAFE_DIGITS 15

/* The whole file in memory, to be found under a path. -1: it is refused. */
static int take_file(struct reading *reading)
{
    char bytes[65536];
    int64_t total = 0;
    int got;
    int fd = memfd_create("statement", MFD_CLOEXEC);
    if (fd < 0) {
        reading_refuse(reading, 0, "could not be taken into memory");
        return -1;
    }
    while ((got = source_take(&reading->source, bytes, sizeof bytes)) > 0) {
        total += got;
        if (total > FILE_BYTES_MAX || write(fd, bytes, (size_t)got) != got) {
            reading_refuse(reading, 0, "is a workbook of more than 32 MiB: save it as CSV (UTF-8)");
            close(fd);
            return -1;
        }
    }
    if (got == 0)
        return fd;
    reading_refuse(reading, 0, "could not be read: %s", strerror(reading->source.error));
    close(fd);
    return -1;
}

/* Appends what stands in a cell. False: a number with more digits than are certain. */
static bool append_cell(struct buffer *out, const FreeXL_CellValue *value)
{
    char text[64];
    switch (value->type) {
    case FREEXL_CELL_INT:
        snprintf(text, sizeof text, "%d", value->value.int_value);
        break;
    case FREEXL_CELL_DOUBLE:
        if (!isfinite(value->value.double_value))
            return false;
        snprintf(text, sizeof text, "%.*g", SAFE_DIGITS, value->value.double_value);
        break;
    case FREEXL_CELL_TEXT:
    case FREEXL_CELL_SST_TEXT:
    case FREEXL_CELL_DATE:
    case FREEXL_CELL_DATETIME:
    case FREEXL_CELL_TIME:
        if (value->value.text_value)
            reading_append(out, text_of(value->value.text_value));
        return true;
    default:
        return true;
    }
    buffer_append(out, text, strlen(text));
    return true;
}

static bool take_row(
    struct sheet *sheet, const void *book, unsigned row, unsigned short columns, struct buffer *out)
{
    struct text cells[SHEET_CELLS_MAX];
    size_t starts[SHEET_CELLS_MAX + 1] = {0};
    size_t count = columns < SHEET_CELLS_MAX ? columns : SHEET_CELLS_MAX;
    buffer_clear(out);
    for (size_t i = 0; i < count; i++) {
        FreeXL_CellValue value = {.type = FREEXL_CELL_NULL};
        starts[i] = out->length;
        if (freexl_get_cell_value(book, row, (unsigned short)i, &value) != FREEXL_OK ||
            !append_cell(out, &value))
            return reading_refuse(sheet->reading, row + 1, "column %zu could not be read", i + 1);
        /* So that cells of a line above the head are parted. */
        buffer_append_u8(out, ',');
    }
    starts[count] = out->length;
    if (out->length > STATEMENT_LINE_BYTES_MAX)
        return reading_refuse(sheet->reading, row + 1, "is a row of more than 64 KiB");
    for (size_t i = 0; i < count; i++)
        cells[i] = (struct text){.bytes = (const char *)out->bytes + starts[i],
            .length = (uint32_t)(starts[i + 1] - starts[i] - 1)};
    if (sheet->profile)
        return sheet_take_row(sheet, cells, count, row + 1);
    return sheet_try_head(sheet, cells, count, 0) ||
           sheet_take_above(sheet,
               (struct text){.bytes = (const char *)out->bytes, .length = (uint32_t)out->length});
}

static bool read_sheet(struct reading *reading, const void *book)
{
    static struct sheet sheet;
    struct buffer row = {0};
    unsigned rows = 0;
    unsigned short columns = 0;
    if (freexl_select_active_worksheet(book, 0) != FREEXL_OK ||
        freexl_worksheet_dimensions(book, &rows, &columns) != FREEXL_OK || rows > ROWS_MAX)
        return reading_refuse(reading, 0, "is a workbook without a sheet that can be read");
    sheet_init(&sheet, reading);
    bool is_read = true;
    for (unsigned i = 0; i < rows && is_read; i++)
        is_read = take_row(&sheet, book, i, columns, &row);
    reading->source.lines = rows > 0 ? rows : 1;
    is_read = is_read && sheet_end(&sheet);
    buffer_finish(&row);
    sheet_finish(&sheet);
    return is_read;
}

bool xls_read(struct reading *reading)
{
    char path[PATH_BYTES];
    const void *book = NULL;
    reading->outcome->format = STATEMENT_TABLE;
    int fd = take_file(reading);
    if (fd < 0)
        return false;
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    int status = freexl_open(path, &book);
    /* FreeXL says OK of some workbooks that it cannot read, and gives none. */
    bool is_read = status == FREEXL_OK && book != NULL
                       ? read_sheet(reading, book)
                       : reading_refuse(reading, 0,
                             "is a workbook (.xls) of a kind that cannot be read here: open it in "
                             "a spreadsheet program and save the sheet as CSV (UTF-8)");
    if (book)
        freexl_close(book);
    close(fd);
    return is_read;
}
