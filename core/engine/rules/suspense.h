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

/* What is open of the items that the command brought, for no lump, the oldest
 * SUSPENSE_PER_COMMAND_MAX of them; and takes so much out of them, the oldest first. */
int64_t suspense_of_command_minor(const struct engine *engine, int64_t origin_sequence);
void take_suspense_of_command(struct engine *engine, int64_t origin_sequence, int64_t amount_minor);

/* A payout whose items are asked for: those that came back of it, and last the one that it was to
 * return to its sender; 0: it is a withdrawal. */
struct payout_source {
    int64_t payout_id;
    int64_t item_id;
};

/* The same of a payout; and the lump for which one of its items with something open is kept, 0:
 * none is. */
int64_t suspense_of_payout_minor(const struct engine *engine, const struct payout_source *source);
void take_suspense_of_payout(
    struct engine *engine, const struct payout_source *source, int64_t amount_minor);
int64_t lump_of_payout_suspense(const struct engine *engine, const struct payout_source *source);

/* What the bank said of a payout that returns a part of an item to its sender: it left the escrow
 * account, or is open again. Of other payouts nothing. */
void note_suspense_returned(struct engine *engine, const struct payout *payout, bool has_left);

/* So much of what was returned of the item, and left, is put back into it. */
void put_return_back(struct engine *engine, int64_t suspense_id, int64_t amount_minor);

/* So much of the item has found its owner; below 0: is taken back. */
void allocate_of_item(struct engine *engine, int64_t suspense_id, int64_t amount_minor);

/* OUTCOME_ACCEPTED with the item of the ledger, or why not; and whether something of it can be
 * taken but by the lines of a lump. */
enum outcome find_suspense(const struct engine *engine, const struct ledger *ledger,
    int64_t suspense_id, const struct suspense **ret_item);
/* Whether it came of a payer who is on the deny list, and nobody has cleared that: it stays. */
bool is_kept_suspense(const struct engine *engine, const struct suspense *item);
enum outcome check_free_suspense(const struct engine *engine, const struct suspense *item);

/* Ends an accepted command: what it brought to UNALLOCATED, and put into no item, opens one. */
void settle_suspense(
    struct engine *engine, const struct ledger *ledger, const struct command *command);

#endif
