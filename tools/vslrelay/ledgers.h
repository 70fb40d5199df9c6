/* ledgers.h: the last message of each ledger, so that who reads one ledger sees a gap, too.
 *
 * Known since the relay was started. That is enough: a relay that starts again sends everything
 * behind its position, in order, so that only within a run something may stand before what it
 * follows.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_TOOLS_VSLRELAY_LEDGERS_H
#define VSL_TOOLS_VSLRELAY_LEDGERS_H

#include <stddef.h>
#include <stdint.h>

struct ledger_place {
    int64_t ledger_id;
    int64_t sequence;
};

/* All zero: nothing is known. */
struct ledgers {
    struct ledger_place *places; /* by ledger_id */
    size_t count;
    size_t capacity;
};

/* Notes a message; gives the one before of the same ledger, 0: not known. */
int64_t ledgers_note(struct ledgers *ledgers, int64_t ledger_id, int64_t sequence);

void ledgers_finish(struct ledgers *ledgers);

#endif
