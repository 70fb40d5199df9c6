/* lines_file.c: the lines of a lump, settlement or deny list, from a file of rows with commas.
 *
 * The whole file is looked at before the first byte of it leaves: each line by the server's own
 * code, so that what is left for the server to say is about the books; then all of them together.
 * What the file says is digested, for the keys of its commands.
 * SPDX-License-Identifier: Apache-2.0 */
#include "vslctl/files/lines_parts.h"

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

struct reading {
    struct context *context;
    struct lines_run *run;
    size_t capacity;
    struct batch *scratch; /* of one line's request */
    EVP_MD_CTX *digest;
    struct arena arena; /* of what the server's code makes of it */
    struct buffer bytes;
};

void lines_refuse(struct lines_run *run, uint32_t line, const char *field, const char *rule)
{
    if (run->errors++ < ERRORS_SHOWN_MAX)
        fprintf(stderr, "vslctl: %s: line %u: %s%s%s\n", run->file_name, line, field,
            field[0] ? ": " : "", rule);
}

/* Holds the line to the very rules by which the server calls a request malformed. */
static void check_line(struct reading *reading, const struct lines_row *line)
{
    struct command command;
    struct decode_error error;
    const struct lines_kind *kind = reading->run->kind;
    batch_begin(reading->scratch);
    arena_reset(&reading->arena);
    rpc_pack(kind->add_line(reading->run, line, reading->scratch, 20000101, "1"), &reading->bytes);
    if (command_decode((enum command_kind)kind->command, reading->bytes.bytes,
            reading->bytes.length, &reading->arena, &command, &error) < 0)
        lines_refuse(reading->run, line->line, error.field, error.description);
}

static bool take(void *context, const struct csv_row *row, char ret_rule[CSV_RULE_BYTES])
{
    struct reading *reading = context;
    struct lines_run *run = reading->run;
    struct lines_row line = {.line = row->line};
    (void)ret_rule;
    for (int i = 0; i < run->kind->column_count; i++) {
        size_t length = strlen(row->fields[i]);
        char *copy = arena_try_alloc(&run->texts, length + 1);
        CHECK(copy != NULL);
        memcpy(copy, row->fields[i], length + 1);
        line.fields[i] = copy;
        CHECK(EVP_DigestUpdate(reading->digest, copy, length + 1) == 1);
    }
    const char *field, *rule;
    if (!run->kind->read_row(&line, reading->context->ledger.decimals, &field, &rule)) {
        lines_refuse(run, row->line, field, rule);
        return true;
    }
    check_line(reading, &line);
    if (!money_try_add(run->total_minor, line.amount_minor, &run->total_minor) ||
        run->total_minor > AMOUNT_MINOR_MAX)
        lines_refuse(run, row->line, "amount", "the total is above 10^16 minor units");
    if (run->count == reading->capacity) {
        reading->capacity = reading->capacity ? reading->capacity * 2 : 4096;
        run->lines = realloc(run->lines, reading->capacity * sizeof *run->lines);
        CHECK(run->lines != NULL);
    }
    run->lines[run->count++] = line;
    return true;
}

/* A letter and the beginning of the digest of what the file says and is for. */
static void make_serial_of_file(struct reading *reading)
{
    struct lines_run *run = reading->run;
    unsigned char digest[EVP_MAX_MD_SIZE];
    /* Lines of a lump that is gone on with are other commands than those of the first run. */
    const int64_t meant[] = {run->ledger_id, run->suspense_id, run->is_all_or_none};
    if (run->given_id != 0)
        CHECK(EVP_DigestUpdate(reading->digest, &run->given_id, sizeof run->given_id) == 1);
    CHECK(EVP_DigestUpdate(reading->digest, meant, sizeof meant) == 1);
    if (run->acquirer_id != 0)
        CHECK(EVP_DigestUpdate(reading->digest, &run->acquirer_id, sizeof run->acquirer_id) == 1);
    CHECK(EVP_DigestFinal_ex(reading->digest, digest, NULL) == 1);
    run->made_serial[0] = run->kind->serial_letter;
    for (size_t i = 0; i < DIGEST_CHARACTERS / 2; i++)
        snprintf(run->made_serial + 1 + 2 * i, 3, "%02x", digest[i]);
}

static int read_lines(struct reading *reading)
{
    struct lines_run *run = reading->run;
    const struct csv_form form = {.columns = run->kind->columns,
        .column_count = (size_t)run->kind->column_count,
        .row_bytes_max = ROW_BYTES_MAX,
        .take = take};
    uint32_t lines;
    char error[512];
    if (csv_read(run->file_name, &form, reading, &lines, error, sizeof error) < 0) {
        fprintf(stderr, "vslctl: %s\n", error);
        return -1;
    }
    if (run->count == 0 && run->errors == 0)
        lines_refuse(run, lines + 1, "", "there are no lines");
    if ((int64_t)run->count > run->kind->lines_max) {
        char rule[96];
        snprintf(rule, sizeof rule, "a %s takes at most %" PRId64 " lines", run->kind->noun,
            run->kind->lines_max);
        lines_refuse(run, lines, "", rule);
    }
    if (run->is_all_or_none && run->count > BATCH_COMMANDS_MAX - 1)
        lines_refuse(run, lines, "",
            "all or nothing takes at most 7,999 lines: they and the close go in one batch");
    if (run->kind->look_over)
        run->kind->look_over(run);
    if (run->errors > ERRORS_SHOWN_MAX)
        fprintf(stderr, "vslctl: %zu errors in all\n", run->errors);
    if (run->errors > 0)
        fprintf(stderr, "vslctl: nothing was sent\n");
    make_serial_of_file(reading);
    return run->errors > 0 ? -1 : 0;
}

int lines_read(struct context *context, struct lines_run *run, struct batch *scratch)
{
    struct reading reading = {
        .context = context, .run = run, .scratch = scratch, .digest = EVP_MD_CTX_new()};
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
