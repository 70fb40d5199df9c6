/* day_csv.c: one file of an accounting date, from a query of sql/day.
 *
 * The rows are written aside as they come, so that memory stays small; then the head, which has
 * their number and totals, and the rows behind it, while the digest is made.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/check.h"
#include "text/csv.h"
#include "text/format.h"
#include "vslctl/database/day.h"
#include "vslctl/vslctl.h"

#include <inttypes.h>
#include <openssl/evp.h>
#include <string.h>

#define TYPE_TEXT 25 /* of PostgreSQL, by its fixed number (pg_type.dat) */

static const char wrong_column[] = "is_wrong";

struct columns {
    int count;             /* that are written: all but the last, is_wrong */
    int totals[64];        /* by column: place of its total; -1: none */
    bool is_movement[64];  /* its total is two: what left, and behind it what came */
    int product;           /* the column of which product a row's amounts are units; -1: none */
    struct day_file *file; /* that the totals stand in */
};

static bool ends_with(const char *text, const char *end)
{
    size_t length = strlen(text);
    size_t end_length = strlen(end);
    return length >= end_length && strcmp(text + length - end_length, end) == 0;
}

static int add_total(struct day_file *file, const char *name)
{
    CHECK(file->total_count < DAY_TOTALS_MAX);
    struct day_total *total = &file->totals[file->total_count];
    snprintf(total->name, sizeof total->name, "%s", name);
    return file->total_count++;
}

/* What is added up: each amount of money but a balance after a movement; of movements both
 * directions. */
static void begin(struct columns *columns, const PGresult *result, FILE *body)
{
    int count = PQnfields(result) - 1;
    bool has_balance = PQfnumber(result, "balance_after_minor") >= 0;
    CHECK(count > 0 && count < (int)(sizeof columns->totals / sizeof columns->totals[0]));
    CHECK(strcmp(PQfname(result, count), wrong_column) == 0);
    columns->count = count;
    columns->product = PQfnumber(result, "product_id");
    for (int i = 0; i < count; i++) {
        const char *name = PQfname(result, i);
        bool is_added = ends_with(name, "_minor") && strcmp(name, "balance_after_minor") != 0;
        columns->is_movement[i] = is_added && has_balance && strcmp(name, "amount_minor") == 0;
        columns->totals[i] = -1;
        if (columns->is_movement[i]) {
            columns->totals[i] = add_total(columns->file, "debits_minor");
            add_total(columns->file, "credits_minor");
        } else if (is_added) {
            columns->totals[i] = add_total(columns->file, name);
        }
        csv_write_field(body, name, i + 1 == count);
    }
}

static bool add(struct columns *columns, int column, const char *text)
{
    int64_t minor;
    int place = columns->totals[column];
    if (place < 0 || text[0] == '\0')
        return true;
    if (!parse_integer(text, INT64_MIN, INT64_MAX, &minor))
        return false;
    if (columns->is_movement[column] && minor > 0)
        place++;
    int64_t *total = &columns->file->totals[place].minor;
    return !__builtin_add_overflow(*total, minor, total);
}

static bool take(struct columns *columns, const PGresult *row, FILE *body)
{
    bool is_money = columns->product < 0 || PQgetisnull(row, 0, columns->product);
    if (PQgetvalue(row, 0, columns->count)[0] != 'f')
        return false;
    for (int i = 0; i < columns->count; i++) {
        const char *value = PQgetvalue(row, 0, i);
        if (is_money && !add(columns, i, value))
            return false;
        if (PQftype(row, i) == TYPE_TEXT)
            csv_write_text(body, value, i + 1 == columns->count);
        else
            csv_write_field(body, value, i + 1 == columns->count);
    }
    columns->file->lines++;
    return true;
}

/* Streams the rows. An exit status, with a message. */
static int read_rows(
    const struct day *day, PGconn *connection, const char *sql, FILE *body, struct columns *columns)
{
    char ledger[24], before[24], last[24], date[FORMAT_BYTES_MAX];
    const char *const values[] = {ledger, before, last, date, day->is_for_bank ? "t" : "f"};
    snprintf(ledger, sizeof ledger, "%" PRId64, day->ledger_id);
    snprintf(before, sizeof before, "%" PRId64, day->before_sequence);
    snprintf(last, sizeof last, "%" PRId64, day->last_sequence);
    format_date(day->date, date);
    bool is_whole = false, is_right = true, has_begun = false;
    PGresult *result;
    bool is_sent = PQsendQueryParams(connection, sql, 5, NULL, values, NULL, NULL, 0) == 1 &&
                   PQsetSingleRowMode(connection) == 1;
    while (is_sent && (result = PQgetResult(connection)) != NULL) {
        ExecStatusType status = PQresultStatus(result);
        is_whole |= status == PGRES_TUPLES_OK;
        if (!has_begun && (status == PGRES_SINGLE_TUPLE || status == PGRES_TUPLES_OK)) {
            begin(columns, result, body);
            has_begun = true;
        }
        if (status == PGRES_SINGLE_TUPLE && is_right)
            is_right = take(columns, result, body);
        PQclear(result);
    }
    if (!is_whole) {
        fprintf(stderr, "vslctl: could not read for %s: %s", columns->file->name,
            PQerrorMessage(connection));
        return EXIT_TRANSPORT;
    }
    if (is_right)
        return EXIT_ACCEPTED;
    fprintf(stderr,
        "vslctl: line %" PRId64 " of %s does not follow from what was before it: nothing is "
        "written; run vslctl check and vslctl verify\n",
        columns->file->lines + 1, columns->file->name);
    return EXIT_REFUSED;
}

static void write_head(const struct day *day, const struct day_file *file, FILE *out)
{
    static const char *const names[] = {"file", "ledger_id", "accounting_date", "for", "currency",
        "first_sequence", "last_sequence", "lines"};
    char text[FORMAT_BYTES_MAX];
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        csv_write_field(out, names[i], i == 7 && file->total_count == 0);
    for (int i = 0; i < file->total_count; i++)
        csv_write_field(out, file->totals[i].name, i + 1 == file->total_count);
    csv_write_field(out, file->name, false);
    snprintf(text, sizeof text, "%" PRId64, day->ledger_id);
    csv_write_field(out, text, false);
    format_date(day->date, text);
    csv_write_field(out, text, false);
    csv_write_field(out, day_reader(day), false);
    csv_write_field(out, day->currency, false);
    snprintf(text, sizeof text, "%" PRId64, day->before_sequence + 1);
    csv_write_field(out, text, false);
    snprintf(text, sizeof text, "%" PRId64, day->last_sequence);
    csv_write_field(out, text, false);
    snprintf(text, sizeof text, "%" PRId64, file->lines);
    csv_write_field(out, text, file->total_count == 0);
    for (int i = 0; i < file->total_count; i++) {
        snprintf(text, sizeof text, "%" PRId64, file->totals[i].minor);
        csv_write_field(out, text, i + 1 == file->total_count);
    }
}

/* The head is written, and what is in the body behind it; then all is read for the digest. */
static int join(FILE *body, FILE *out, struct day_file *file)
{
    char chunk[1 << 16];
    uint8_t digest[32];
    size_t length;
    rewind(body);
    while ((length = fread(chunk, 1, sizeof chunk, body)) > 0)
        fwrite(chunk, 1, length, out);
    bool is_right = !ferror(body) && fflush(out) == 0 && !ferror(out);
    rewind(out);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    CHECK(context && EVP_DigestInit_ex(context, EVP_sha256(), NULL) == 1);
    while (is_right && (length = fread(chunk, 1, sizeof chunk, out)) > 0) {
        CHECK(EVP_DigestUpdate(context, chunk, length) == 1);
        file->bytes += (int64_t)length;
    }
    CHECK(EVP_DigestFinal_ex(context, digest, NULL) == 1);
    EVP_MD_CTX_free(context);
    for (size_t i = 0; i < sizeof digest; i++)
        snprintf(file->sha256 + 2 * i, 3, "%02x", digest[i]);
    if (is_right && !ferror(out))
        return EXIT_ACCEPTED;
    fprintf(stderr, "vslctl: could not write %s\n", file->name);
    return EXIT_TRANSPORT;
}

int day_csv_write(const struct day *day, PGconn *connection, const char *sql, FILE *body, FILE *out,
    struct day_file *file)
{
    struct columns columns = {.file = file};
    int status = read_rows(day, connection, sql, body, &columns);
    if (status != EXIT_ACCEPTED)
        return status;
    if (fflush(body) != 0 || ferror(body)) {
        fprintf(stderr, "vslctl: could not write %s\n", file->name);
        return EXIT_TRANSPORT;
    }
    write_head(day, file, out);
    return join(body, out, file);
}
