/* command_batch_fuzz.c: SubmitBatch requests.
 *
 * A batch that is taken has no two commands with one key, and each command survives the way through
 * its body. In parts it is decoded, or refused, as in one.
 * SPDX-License-Identifier: Apache-2.0 */
#include "ceilings.h"
#include "command/body.h"
#include "command/decode.h"

#include <stdlib.h>
#include <string.h>

/* Comparing each with each is only for small batches. */
#define COMPARED_MAX 64

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool condition)
{
    if (!condition)
        abort();
}

static void check_batch(const struct command_batch *batch)
{
    must(batch->count >= 1 && batch->count <= BATCH_COMMANDS_MAX);
    for (uint32_t i = 0; i < batch->count; i++) {
        const struct command *command = &batch->commands[i];
        must(command_kind_name((int)command->kind) != NULL);
        must(command->dry_run == batch->dry_run);
        uint8_t body[COMMAND_BODY_BYTES_MAX];
        struct command_elements elements;
        struct command again;
        size_t length = command_body_encode(command, body);
        must(command_body_decode(command->kind, body, length, &elements, &again) == 0);
        for (uint32_t j = 0; j < i && i < COMPARED_MAX; j++)
            must(!request_key_equals(&command->key, &batch->commands[j].key));
    }
}

static void check_parts(
    const uint8_t *data, size_t size, int result, const struct decode_error *error)
{
    struct arena arena;
    struct command_batch batch;
    struct decode_error again;
    arena_init(&arena, 4096, DECODE_ARENA_BYTES_MAX);
    struct batch_decoding *decoding = batch_decoding_create(data, size, &arena);
    enum decode_progress progress = DECODE_GOES_ON;
    while (progress == DECODE_GOES_ON)
        progress = batch_decode_on(decoding, size % 61 + 1, &batch, &again);
    batch_decoding_destroy(decoding);
    must((int)progress == result);
    if (result < 0) {
        must(again.count == error->count);
        must(strcmp(again.field, error->field) == 0);
        must(strcmp(again.description, error->description) == 0);
    } else {
        check_batch(&batch);
    }
    arena_finish(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena;
    struct command_batch batch;
    struct decode_error error;
    arena_init(&arena, 4096, DECODE_ARENA_BYTES_MAX);
    memset(&error, 'x', sizeof error);
    int result = command_decode_batch(data, size, &arena, &batch, &error);
    check_parts(data, size, result, &error);
    if (result == 0) {
        check_batch(&batch);
    } else {
        must(memchr(error.field, '\0', sizeof error.field) != NULL);
        must(memchr(error.description, '\0', sizeof error.description) != NULL);
        must(error.description[0] != '\0');
        must(memchr(error.description_zh, '\0', sizeof error.description_zh) != NULL);
        must(error.description_zh[0] != '\0');
    }
    arena_finish(&arena);
    return 0;
}
