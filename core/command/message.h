/* message.h: a command back as the protobuf message that it came in, for readers of the journal.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_COMMAND_MESSAGE_H
#define VSL_COMMAND_MESSAGE_H

#include "base/arena.h"
#include "command/command.h"

struct ProtobufCMessage;

/* The request message of the command's kind (Vsl__V1__PayRequest, ...), with key, ledger_id and
 * dry_run. The message, its texts and lists are in the arena (copied, so the command need not
 * outlive this). NULL when the arena is full.
 *
 * In a Vsl__V1__JournalEntry: request_case is JOURNAL_ENTRY_REQUEST_CASE(kind), and any member of
 * the union takes the pointer. */
struct ProtobufCMessage *command_to_message(const struct command *command, struct arena *arena);

/* The message of a request key; NULL when the arena is full. */
struct ProtobufCMessage *request_key_to_message(const struct request_key *key, struct arena *arena);

/* A text as a string for a message's field; NULL when the arena is full. */
char *text_to_string(struct text text, struct arena *arena);

/* Field number of a kind in JournalEntry's oneof. */
#define JOURNAL_ENTRY_REQUEST_CASE(kind) (100 + (int)(kind))

#endif
