/* lump_file.c: the lines of a lump, from a file of rows with commas.
 *
 * The whole file is looked at before the first byte of it leaves: each line by the server's own
 * code, so that what is left for the server to say is about the books; then whether a source order
 * is there twice. What the file says is digested, for the keys of its commands.
 * SPDX-License-Identifier: Apache-2.0 */
#include "vslctl/files/lump_parts.h"

#include "base/check.h"
#include "client/rpc.h"
#include "command/decode.h"
#include "model/money.h"
#include "text/csv.h"
#include "text/format.h"

#include <inttypes.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ERRORS_SHOWN_MAX 20
#define DECODE_BLOCK_BYTES ((size_t)64 << 10)
#define TEXT_BLOCK_BYTES ((size_t)1 << 20)
#define TEXT_BYTES_MAX ((size_t)16 << 30)
#define ROW_BYTES_MAX 8192
/* 80 bits of the digest. */
#define DIGEST_CHARACTERS 20

static const char *const columns[LUMP_COLUMNS] = {"source_order", "account_id", "receiving_number",
    "amount", "payer_name", "payer_account", "payer_bank", "order_number", "remark"};

struct reading {
    struct context *context;
    struct lump_run *run;
    size_t capacity;
    size_t errors;
    EVP_MD_CTX *digest;
    struct arena arena; /* of one line's request */
    struct buffer bytes;
};

static void refuse(struct reading *reading, uint32_t line, const char *field, const char *rule)
{
    if (reading->errors++ < ERRORS_SHOWN_MAX)
        fprintf(stderr, "vslctl: %s: line %u: %s%s%s\n", reading->run->file_name, line, field,
            field[0] ? ": " : "", rule);
}

void lump_fill_line(const struct lump_line *line, int64_t ledger_id, int64_t lump_id,
    Vsl__V1__Party *party, Vsl__V1__AllocateLineRequest *request)
{
#define TEXT_OF(column) ((char *)(uintptr_t)line->fields[column])
    request->ledger_id = ledger_id;
    request->lump_id = lump_id;
    request->source_order = TEXT_OF(LUMP_SOURCE_ORDER);
    request->account_id = line->account_id;
    request->receiving_number = TEXT_OF(LUMP_RECEIVING_NUMBER);
    request->amount_minor = line->amount_minor;
    request->order_number = TEXT_OF(LUMP_ORDER_NUMBER);
    request->remark = TEXT_OF(LUMP_REMARK);
    party->name = TEXT_OF(LUMP_PAYER_NAME);
    party->account_number = TEXT_OF(LUMP_PAYER_ACCOUNT);
    party->bank_code = TEXT_OF(LUMP_PAYER_BANK);
    if (party->name[0] || party->account_number[0] || party->bank_code[0])
        request->payer = party;
#undef TEXT_OF
}

/* Holds the line to the very rules by which the server calls a request malformed. */
static void check_line(struct reading *reading, const struct lump_line *line)
{
    Vsl__V1__AllocateLineRequest request;
    Vsl__V1__Party party;
    Vsl__V1__RequestKey key;
    struct command command;
    struct decode_error error;
    char serial[] = "1";
    vsl__v1__allocate_line_request__init(&request);
    vsl__v1__party__init(&party);
    vsl__v1__request_key__init(&key);
    key.channel = (char *)(uintptr_t)reading->run->channel;
    key.business_date = 20000101;
    key.serial = serial;
    request.key = &key;
    lump_fill_line(line, reading->run->ledger_id, 1, &party, &request);
    arena_reset(&reading->arena);
    rpc_pack(&request.base, &reading->bytes);
    if (command_decode(COMMAND_ALLOCATE_LINE, reading->bytes.bytes, reading->bytes.length,
            &reading->arena, &command, &error) < 0)
        refuse(reading, line->line, error.field, error.description);
}

static bool take(void *context, const struct csv_row *row, char ret_rule[CSV_RULE_BYTES])
{
    struct reading *reading = context;
    struct lump_run *run = reading->run;
    struct lump_line line = {.line = row->line};
    (void)ret_rule;
    for (int i = 0; i < LUMP_COLUMNS; i++) {
        size_t length = strlen(row->fields[i]);
        char *copy = arena_try_alloc(&run->texts, length + 1);
        CHECK(copy != NULL);
        memcpy(copy, row->fields[i], length + 1);
        line.fields[i] = copy;
        CHECK(EVP_DigestUpdate(reading->digest, copy, length + 1) == 1);
    }
    if (line.fields[LUMP_ACCOUNT_ID][0] != '\0' &&
        !parse_integer(line.fields[LUMP_ACCOUNT_ID], 1, INT64_MAX, &line.account_id)) {
        refuse(reading, row->line, "account_id", "must be a whole number, 1 or more");
        return true;
    }
    if (!parse_amount(
            line.fields[LUMP_AMOUNT], reading->context->ledger.decimals, &line.amount_minor)) {
        refuse(reading, row->line, "amount", "must be an amount of the currency, such as 12.50");
        return true;
    }
    check_line(reading, &line);
    if (!money_try_add(run->total_minor, line.amount_minor, &run->total_minor) ||
        run->total_minor > AMOUNT_MINOR_MAX)
        refuse(reading, row->line, "amount", "the total is above 10^16 minor units");
    if (run->count == reading->capacity) {
        reading->capacity = reading->capacity ? reading->capacity * 2 : 4096;
        run->lines = realloc(run->lines, reading->capacity * sizeof *run->lines);
        CHECK(run->lines != NULL);
    }
    run->lines[run->count++] = line;
    return true;
}

static int compare_orders(const void *a, const void *b)
{
    const struct lump_line *left = *(const struct lump_line *const *)a;
    const struct lump_line *right = *(const struct lump_line *const *)b;
    int order = strcmp(left->fields[LUMP_SOURCE_ORDER], right->fields[LUMP_SOURCE_ORDER]);
    return order != 0 ? order : (left->line > right->line) - (left->line < right->line);
}

/* A source order that is there twice is refused by the server, when others are booked. */
static void check_distinct(struct reading *reading)
{
    struct lump_run *run = reading->run;
    struct lump_line **sorted = malloc((run->count + 1) * sizeof *sorted);
    CHECK(sorted != NULL);
    run->by_order = sorted;
    for (size_t i = 0; i < run->count; i++)
        sorted[i] = &run->lines[i];
    qsort(sorted, run->count, sizeof *sorted, compare_orders);
    for (size_t i = 1; i < run->count; i++) {
        char rule[64];
        if (strcmp(sorted[i - 1]->fields[LUMP_SOURCE_ORDER],
                sorted[i]->fields[LUMP_SOURCE_ORDER]) != 0)
            continue;
        snprintf(rule, sizeof rule, "is that of line %u", sorted[i - 1]->line);
        refuse(reading, sorted[i]->line, "source_order", rule);
    }
}

static int compare_order(const void *key, const void *element)
{
    const struct lump_line *line = *(struct lump_line *const *)element;
    return strcmp(key, line->fields[LUMP_SOURCE_ORDER]);
}

struct lump_line *lump_find_line(const struct lump_run *run, const char *source_order)
{
    struct lump_line **found =
        bsearch(source_order, run->by_order, run->count, sizeof *run->by_order, compare_order);
    return found ? *found : NULL;
}

/* "l" and the beginning of the digest of what the file says and is for. */
static void make_serial_of_file(struct reading *reading)
{
    struct lump_run *run = reading->run;
    unsigned char digest[EVP_MAX_MD_SIZE];
    /* Lines of a lump that is gone on with are other commands than those of the first run. */
    const int64_t meant[] = {run->ledger_id, run->suspense_id, run->is_all_or_none};
    if (run->given_lump_id != 0)
        CHECK(
            EVP_DigestUpdate(reading->digest, &run->given_lump_id, sizeof run->given_lump_id) == 1);
    CHECK(EVP_DigestUpdate(reading->digest, meant, sizeof meant) == 1);
    CHECK(EVP_DigestFinal_ex(reading->digest, digest, NULL) == 1);
    run->made_serial[0] = 'l';
    for (size_t i = 0; i < DIGEST_CHARACTERS / 2; i++)
        snprintf(run->made_serial + 1 + 2 * i, 3, "%02x", digest[i]);
}

static int read_lines(struct reading *reading)
{
    static const struct csv_form form = {.columns = columns,
        .column_count = LUMP_COLUMNS,
        .row_bytes_max = ROW_BYTES_MAX,
        .take = take};
    struct lump_run *run = reading->run;
    uint32_t lines;
    char error[512];
    if (csv_read(run->file_name, &form, reading, &lines, error, sizeof error) < 0) {
        fprintf(stderr, "vslctl: %s\n", error);
        return -1;
    }
    if (run->count == 0 && reading->errors == 0)
        refuse(reading, lines + 1, "", "there are no lines");
    if (run->count > LUMP_LINES_MAX)
        refuse(reading, lines, "", "a lump takes at most 100,000,000 lines");
    if (run->is_all_or_none && run->count > BATCH_COMMANDS_MAX - 1)
        refuse(reading, lines, "",
            "all or nothing takes at most 7,999 lines: they and the close go in one batch");
    check_distinct(reading);
    if (reading->errors > ERRORS_SHOWN_MAX)
        fprintf(stderr, "vslctl: %zu errors in all\n", reading->errors);
    if (reading->errors > 0)
        fprintf(stderr, "vslctl: nothing was sent\n");
    make_serial_of_file(reading);
    return reading->errors > 0 ? -1 : 0;
}

int lump_read(struct context *context, struct lump_run *run)
{
    struct reading reading = {.context = context, .run = run, .digest = EVP_MD_CTX_new()};
    CHECK(reading.digest != NULL);
    CHECK(EVP_DigestInit_ex(reading.digest, EVP_sha256(), NULL) == 1);
    arena_init(&run->texts, TEXT_BLOCK_BYTES, TEXT_BYTES_MAX);
    arena_init(&reading.arena, DECODE_BLOCK_BYTES, DECODE_ARENA_BYTES_MAX);
    int fault = read_lines(&reading);
    EVP_MD_CTX_free(reading.digest);
    arena_finish(&reading.arena);
    buffer_finish(&reading.bytes);
    return fault;
}
