/* batch_check.c: the whole file looked at before the first byte of it leaves.
 *
 * A server refuses a malformed request as a whole, when those before it are booked already. So each
 * command is decoded here by the server's own code; what is left for the server to say is about the
 * books.
 * SPDX-License-Identifier: Apache-2.0 */
#include "vslctl/files/batch_parts.h"

#include "base/check.h"
#include "client/rpc.h"
#include "client/text_file.h"
#include "command/decode.h"
#include "text/fields.h"
#include "text/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ERRORS_SHOWN_MAX 20
#define DECODE_BLOCK_BYTES ((size_t)64 << 10)

void batch_refuse(const struct batch_run *run, size_t index, const char *field, const char *rule)
{
    fprintf(stderr, "vslctl: %s: command %zu (line %d): %s%s%s\n", run->file_name, index + 1,
        run->lines[index].line, field, field[0] ? ": " : "", rule);
}

/* Whether to go on looking after one more command that is wrong. */
static bool count_error(size_t *errors)
{
    if (++*errors < ERRORS_SHOWN_MAX)
        return true;
    fprintf(stderr, "vslctl: more may be wrong; nothing was sent\n");
    return false;
}

/* Takes the one command that is set in an item; false when there is none. */
static bool take_command(struct batch_line *line)
{
    const ProtobufCMessageDescriptor *descriptor = line->item->base.descriptor;
    for (unsigned i = 0; i < descriptor->n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &descriptor->fields[i];
        if (!field_is_set(&line->item->base, field))
            continue;
        memcpy(&line->command, field_value(&line->item->base, field, 0), sizeof line->command);
        line->kind = field->name;
        return true;
    }
    return false;
}

static int make_items(struct context *context, struct batch_run *run, const struct batch_file *file)
{
    size_t errors = 0;
    size_t index;
    json_t *json;
    json_array_foreach(file->commands, index, json)
    {
        char error[512];
        struct batch_line *line = &run->lines[index];
        line->line = file->lines[index];
        line->item = (Vsl__V1__BatchItem *)json_to_message(
            &vsl__v1__batch_item__descriptor, json, &context->arena, error, sizeof error);
        if (line->item && take_command(line))
            continue;
        batch_refuse(run, index, "", line->item ? "is empty; write {\"pay\": {...}}" : error);
        if (!count_error(&errors))
            break;
    }
    return errors > 0 ? -1 : 0;
}

int batch_read(struct context *context, struct batch_run *run)
{
    struct buffer text = {0};
    struct batch_file file = {0};
    char error[512];
    int fault = text_file_read(run->file_name, &text, error, sizeof error);
    if (fault) {
        fprintf(stderr, "vslctl: %s\n", error);
    } else {
        fault = batch_file_parse(
            text.bytes ? (const char *)text.bytes : "", text.length, &file, error, sizeof error);
        if (fault)
            fprintf(stderr, "vslctl: %s: %s\n", run->file_name, error);
    }
    buffer_finish(&text);
    if (fault)
        return -1;
    run->count = file.count;
    run->lines = calloc(file.count, sizeof *run->lines);
    CHECK(run->lines != NULL);
    run->is_atomic |= file.is_atomic;
    run->is_dry_run |= file.is_dry_run;
    fault = make_items(context, run, &file);
    batch_file_finish(&file);
    return fault;
}

/* ---- the server's rules ---- */

static int check_command(const struct batch_run *run, const struct batch_line *line,
    struct arena *arena, struct buffer *bytes, struct decode_error *ret_error)
{
    struct command command;
    rpc_pack(line->command, bytes);
    if (command_decode((enum command_kind)line->item->command_case, bytes->bytes, bytes->length,
            arena, &command, ret_error) < 0)
        return -1;
    if (command.dry_run && !run->is_dry_run) {
        *ret_error = (struct decode_error){.field = "dry_run",
            .description =
                "must be left out: a file is a dry run as a whole or not; say --dry-run"};
        return -1;
    }
    return 0;
}

int batch_check(struct batch_run *run)
{
    struct arena arena;
    struct buffer bytes = {0};
    size_t errors = 0;
    arena_init(&arena, DECODE_BLOCK_BYTES, DECODE_ARENA_BYTES_MAX);
    for (size_t i = 0; i < run->count; i++) {
        struct decode_error error;
        arena_reset(&arena);
        if (check_command(run, &run->lines[i], &arena, &bytes, &error) == 0)
            continue;
        char field[sizeof error.field + 64];
        snprintf(field, sizeof field, "%.60s%s%s", run->lines[i].kind, error.field[0] ? "." : "",
            error.field);
        batch_refuse(run, i, field, error.description);
        if (!count_error(&errors))
            break;
    }
    arena_finish(&arena);
    buffer_finish(&bytes);
    return errors > 0 ? -1 : 0;
}

/* ---- keys ---- */

static int compare_keys(const void *a, const void *b)
{
    const struct batch_line *left = *(const struct batch_line *const *)a;
    const struct batch_line *right = *(const struct batch_line *const *)b;
    int order = strcmp(left->key->serial, right->key->serial);
    if (order == 0)
        order = strcmp(left->key->channel, right->key->channel);
    if (order == 0)
        order = (left->key->business_date > right->key->business_date) -
                (left->key->business_date < right->key->business_date);
    return order;
}

int batch_check_distinct(const struct batch_run *run)
{
    const struct batch_line **sorted = malloc(run->count * sizeof *sorted);
    CHECK(sorted != NULL);
    for (size_t i = 0; i < run->count; i++)
        sorted[i] = &run->lines[i];
    qsort(sorted, run->count, sizeof *sorted, compare_keys);
    int fault = 0;
    for (size_t i = 1; i < run->count && fault == 0; i++) {
        if (compare_keys(&sorted[i - 1], &sorted[i]) != 0)
            continue;
        const struct batch_line *first = sorted[i - 1] < sorted[i] ? sorted[i - 1] : sorted[i];
        const struct batch_line *second = sorted[i - 1] < sorted[i] ? sorted[i] : sorted[i - 1];
        char rule[128];
        snprintf(rule, sizeof rule,
            "is that of command %zu (line %d); each command needs a key of its own",
            (size_t)(first - run->lines) + 1, first->line);
        batch_refuse(run, (size_t)(second - run->lines), "key", rule);
        fault = -1;
    }
    free(sorted);
    return fault;
}
