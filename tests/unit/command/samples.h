/* samples.h: commands and messages that the tests of command start from.
 *
 * Written against the headers and the protos, not against the module's field tables, so that a
 * mistake in a table is seen.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_TESTS_COMMAND_SAMPLES_H
#define VSL_TESTS_COMMAND_SAMPLES_H

#include "base/arena.h"
#include "base/buffer.h"
#include "command/decode.h"
#include "support/random.h"

#include <protobuf-c/protobuf-c.h>
#include <stdbool.h>
#include <stdint.h>

/* All kinds, ended by 0. */
extern const enum command_kind sample_kinds[];

/* A day of the calendar as days; ends the test when there is none. */
int32_t sample_day(int32_t yyyymmdd);

/* A valid command of the kind with required fields only. Its texts and lists are constants. */
struct command sample_command(enum command_kind kind);

/* Gives it a proof of its customer's instruction that names everything. */
void sample_fill_proof(struct command *command);

/* Whether its proof names a number. */
bool sample_has_number(enum command_kind kind);

/* A valid command of the kind with every field random within its rule, often at a limit, optional
 * ones sometimes left out. Its texts and lists are in the arena. */
struct command sample_random_command(
    enum command_kind kind, struct random *random, struct arena *arena);

/* Ends the test when two commands differ in anything. */
void expect_same_command(const struct command *a, const struct command *b);

/* A field by its path ("payer.name", "key.serial", "payees[1].account_id") in a message: the
 * message that holds it and its descriptor. Ends the test when there is none. */
const ProtobufCFieldDescriptor *sample_find(
    ProtobufCMessage *message, const char *path, ProtobufCMessage **ret_holder);

/* Sets a number (enum, bool) or a text. */
void sample_set_number(ProtobufCMessage *message, const char *path, int64_t value);
void sample_set_text(ProtobufCMessage *message, const char *path, const char *value);

/* Ends the test unless each broken rule is told in both languages. */
void expect_told(const struct decode_error *error);

/* Packs a message into a new buffer. */
struct buffer sample_pack(const ProtobufCMessage *message);

/* An arena as large as the server's. */
void sample_arena_init(struct arena *arena);

#endif
