/* sealing.h: personal values of commands, sealed on the way in and shown on the way out.
 *
 * From here on engine, journal and database have sealed values only; without a key for it they have
 * what came. A sealer that is NULL has no key.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_COMMAND_SEALING_H
#define VSL_COMMAND_SEALING_H

#include "base/arena.h"
#include "base/must_use.h"
#include "command/personal.h"
#include "keys/seal.h"

#include <stdint.h>

/* Seals the personal fields of a command that a client sent, under the sealer's key and for the
 * command's ledger; the memory is the arena's. -1: that is full. Without a key they stay as they
 * are, and so does a receiving number of the ledger, whose prefix is given: the engine reads it. Of
 * what is none the engine would say the same sealed or not. */
MUST_USE int command_seal(
    struct command *command, struct text own_prefix, struct sealer *sealer, struct arena *arena);

/* Where the recorded command of that ledger has the same value under another key, or in clear, the
 * command gets it as it is recorded: so that a request that is sent again compares equal. */
void command_take_seals(struct command *command, struct command *recorded, int64_t ledger_id,
    struct sealer *sealer, struct arena *arena);

/* The number of a key under which a personal value of a recorded command of that ledger is sealed,
 * or of the field with that path only, and which does not open it: the ring has it not, or another
 * one under its number. 0: all open. */
int32_t command_lost_key(
    const struct command *command, int64_t ledger_id, struct text path, struct sealer *sealer);

/* Puts into the place of the personal fields of a recorded command of that ledger what answers show
 * of them, see personal_show. -1: the arena is full, and the command is not to be shown. */
MUST_USE int command_show(
    struct command *command, int64_t ledger_id, struct sealer *sealer, struct arena *arena);

/* The ledger that a personal value of a command of that kind is sealed for: none, when the command
 * makes the ledger. */
int64_t personal_ledger(int kind, int64_t ledger_id);

/* What answers show of a value as it is recorded: its mask; of one that cannot be opened, why. It
 * stands in `memory`, of PERSONAL_SHOWN_BYTES for the value's length. */
#define PERSONAL_SHOWN_BYTES(length) ((length) + 64)
struct text personal_show(struct sealer *sealer, enum personal_kind kind, int64_t ledger_id,
    struct text value, char *memory);

#endif
