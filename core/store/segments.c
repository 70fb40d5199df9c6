/* segments.c: the ranges of sequence numbers that have partitions.
 *
 * A copy of vsl.segment in memory. The ranges are gapless from 1 on; their sizes may differ, since
 * the size can be configured anew at each start.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/check.h"
#include "store/internal.h"

#include <stdlib.h>

void segments_finish(struct segment_list *list)
{
    free(list->items);
    *list = (struct segment_list){0};
}

int64_t segments_limit(const struct segment_list *list)
{
    return list->count > 0 ? list->items[list->count - 1].last_sequence : 0;
}

int segments_add(
    struct segment_list *list, int64_t first_sequence, int64_t last_sequence, int16_t state)
{
    if (first_sequence != segments_limit(list) + 1 || last_sequence < first_sequence ||
        state < SEGMENT_OPEN || state > SEGMENT_INDEXED)
        return -1;
    if (list->count == list->room) {
        size_t room = list->room ? list->room * 2 : 64;
        struct segment *items = realloc(list->items, room * sizeof *items);
        CHECK(items != NULL);
        list->items = items;
        list->room = room;
    }
    list->items[list->count++] = (struct segment){
        .first_sequence = first_sequence,
        .last_sequence = last_sequence,
        .state = (enum segment_state)state,
    };
    return 0;
}

const struct segment *segments_find(const struct segment_list *list, int64_t sequence)
{
    size_t low = 0;
    size_t high = list->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct segment *segment = &list->items[middle];
        if (sequence < segment->first_sequence)
            high = middle;
        else if (sequence > segment->last_sequence)
            low = middle + 1;
        else
            return segment;
    }
    return NULL;
}

int64_t segments_first_unindexed(const struct segment_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        if (list->items[i].state != SEGMENT_INDEXED)
            return list->items[i].first_sequence;
    return segments_limit(list) + 1;
}

size_t segments_ahead(const struct segment_list *list, int64_t sequence)
{
    size_t ahead = 0;
    while (ahead < list->count && list->items[list->count - 1 - ahead].first_sequence > sequence)
        ahead++;
    return ahead;
}
