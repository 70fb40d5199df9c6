/* lumps.h: sums that one payer sent for many, allocated line by line.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_ENGINE_RULES_LUMPS_H
#define VSL_ENGINE_RULES_LUMPS_H

#include "engine/memory/memory.h"

/* Row of record_rules.c: an open lump is found by its item of suspense, and counted. */
void index_lump(struct engine *engine, int64_t lump_id);

/* The open lump that the item is kept for; NULL: none. */
const struct lump *find_lump_of_item(const struct engine *engine, int64_t suspense_id);

/* The lump of the line that an UndoAllocation takes back to that item, or why it is not taken. */
enum outcome find_lump_of_line(const struct engine *engine, const struct ledger *ledger,
    const struct command *command, const struct lump **ret_lump);
/* The line counts no more. What it was of is open again for another line, or when the lump is
 * closed for whoever finds its owner. */
void take_line_back(struct engine *engine, int64_t lump_id, int64_t amount_minor);

#endif
