/* ledgers.c: the last message of each ledger.
 * SPDX-License-Identifier: Apache-2.0 */
#include "vslrelay/ledgers.h"

#include "base/check.h"

#include <stdlib.h>
#include <string.h>

/* The place of the first ledger that is not below. */
static size_t find(const struct ledgers *ledgers, int64_t ledger_id)
{
    size_t low = 0;
    size_t high = ledgers->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (ledgers->places[middle].ledger_id < ledger_id)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

int64_t ledgers_note(struct ledgers *ledgers, int64_t ledger_id, int64_t sequence)
{
    size_t at = find(ledgers, ledger_id);
    if (at < ledgers->count && ledgers->places[at].ledger_id == ledger_id) {
        int64_t before = ledgers->places[at].sequence;
        CHECK(sequence > before);
        ledgers->places[at].sequence = sequence;
        return before;
    }
    if (ledgers->count == ledgers->capacity) {
        ledgers->capacity = ledgers->capacity ? ledgers->capacity * 2 : 64;
        ledgers->places = realloc(ledgers->places, ledgers->capacity * sizeof *ledgers->places);
        CHECK(ledgers->places != NULL);
    }
    memmove(ledgers->places + at + 1, ledgers->places + at,
        (ledgers->count - at) * sizeof *ledgers->places);
    ledgers->places[at] = (struct ledger_place){ledger_id, sequence};
    ledgers->count++;
    return 0;
}

void ledgers_finish(struct ledgers *ledgers)
{
    free(ledgers->places);
    *ledgers = (struct ledgers){0};
}
