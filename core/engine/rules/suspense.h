/* suspense.h: every amount in UNALLOCATED belongs to an item.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_ENGINE_RULES_SUSPENSE_H
#define VSL_ENGINE_RULES_SUSPENSE_H

#include "engine/memory/memory.h"

/* Items that one command takes from. */
#define SUSPENSE_PER_COMMAND_MAX 32

/* Rows of record_rules.c: items are found by the command that brought them, and by their payout. */
void index_suspense(struct engine *engine, int64_t suspense_id);
void unindex_suspense(struct engine *engine, int64_t suspense_id);

/* Whether money that goes to the account would need an item more than there can be: it is
 * UNALLOCATED, or closed so that UNALLOCATED takes its place. NULL needs none. */
bool lacks_room_for_suspense(const struct engine *engine, const struct account *account);

/* What is open of the items that the command brought, or that came back of the payout, the oldest
 * SUSPENSE_PER_COMMAND_MAX of them; and takes so much out of them, the oldest first. Of a payout
 * that returned an item to its sender the item itself comes last. */
int64_t suspense_of_command_minor(const struct engine *engine, int64_t origin_sequence);
int64_t suspense_of_payout_minor(const struct engine *engine, int64_t payout_id);
/* Whether anything of what came back of the payout waits still, also for a lump or on its way to
 * its sender. */
bool suspense_of_payout_waits(const struct engine *engine, int64_t payout_id);
void take_suspense_of_command(struct engine *engine, int64_t origin_sequence, int64_t amount_minor);
void take_suspense_of_payout(struct engine *engine, int64_t payout_id, int64_t amount_minor);

/* What the bank said of a payout that returns a part of an item to its sender: it left the escrow
 * account, or is open again. Of other payouts nothing. */
void note_suspense_returned(struct engine *engine, const struct payout *payout, bool has_left);

/* So much of the item has found its owner; below 0: is taken back. */
void allocate_of_item(struct engine *engine, int64_t suspense_id, int64_t amount_minor);

/* Ends an accepted command: what it brought to UNALLOCATED, and put into no item, opens one. */
void settle_suspense(
    struct engine *engine, const struct ledger *ledger, const struct command *command);

#endif
