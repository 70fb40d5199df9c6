/* segment_parts.c: which commands of indexed segments have a hash, by the segments' parts.
 *
 * A part is believed when it has the digest that stands under its segment's code
 * (journal/parts.h): so also that no other command has the hash. A part that is missing, or has
 * another digest, is damage.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/buffer.h"
#include "base/check.h"
#include "base/log.h"
#include "query/internal.h"
#include "query/statements.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* Parts that one statement brings. */
#define PARTS_AT_ONCE 64

struct parts_lookup {
    struct query *query;
    enum part_kind kind;
    uint64_t hash;
    size_t asked, answered;  /* parts, from the first on */
    struct buffer sequences; /* of int64_t */
    parts_on_found on_found;
    void *context;
    size_t count;
    struct segment_part parts[];
};

static void end_with(struct parts_lookup *lookup, int result)
{
    const int64_t *sequences = (const void *)lookup->sequences.bytes;
    size_t count = result == 0 ? lookup->sequences.length / sizeof *sequences : 0;
    lookup->on_found(lookup->context, result, sequences, count);
    buffer_finish(&lookup->sequences);
    free(lookup);
}

/* Whether the row is the next part that was asked for. */
static bool take_row(struct parts_lookup *lookup, const struct pg_result *result, size_t row)
{
    const struct segment_part *part = &lookup->parts[lookup->answered];
    if (lookup->answered == lookup->asked || pg_int64(result, row, 0) != part->first_sequence ||
        pg_int32(result, row, 1) != part->number)
        return false;
    struct pg_value entries = pg_bytes(result, row, 2);
    if (part_find(part, entries.bytes, entries.length > 0 ? (size_t)entries.length : 0,
            lookup->hash, &lookup->sequences) < 0)
        return false;
    lookup->answered++;
    return true;
}

static void ask(struct parts_lookup *lookup);

static void on_parts(void *context, enum pool_end end, const struct pg_result *result)
{
    struct parts_lookup *lookup = context;
    bool is_right = true;
    if (end != POOL_DONE) {
        end_with(lookup, -1);
        return;
    }
    for (size_t row = 0; row < pg_rows(result) && is_right; row++)
        is_right = take_row(lookup, result, row);
    if (!is_right || lookup->answered < lookup->asked) {
        const struct segment_part *part =
            &lookup->parts[lookup->answered < lookup->count ? lookup->answered : 0];
        log_error("a part of a segment is missing, or is not what was written: table=segment_part "
                  "segment=%" PRId64 " kind=%d part=%" PRId64 "; run vslctl check",
            part->first_sequence, (int)lookup->kind, part->number);
        end_with(lookup, -2);
        return;
    }
    if (lookup->asked == lookup->count)
        end_with(lookup, 0);
    else
        ask(lookup);
}

static void ask(struct parts_lookup *lookup)
{
    int64_t segments[PARTS_AT_ONCE];
    int64_t numbers[PARTS_AT_ONCE];
    size_t count = 0;
    while (count < PARTS_AT_ONCE && lookup->asked < lookup->count) {
        const struct segment_part *part = &lookup->parts[lookup->asked++];
        segments[count] = part->first_sequence;
        numbers[count++] = part->number;
    }
    struct pool_job *job = pool_job_create(&statement_segment_parts);
    pg_add_int16(&job->parameters, (int16_t)lookup->kind);
    pg_add_int64s(&job->parameters, segments, count);
    pg_add_int64s(&job->parameters, numbers, count);
    struct pool_request request = {
        .progress = lookup->parts[lookup->asked - 1].last_sequence + 1,
        .deadline_us = INT64_MAX,
        .is_urgent = true,
        .on_done = on_parts,
        .context = lookup,
    };
    pool_submit(lookup->query->pool, job, &request);
}

void parts_find(struct query *query, enum part_kind kind, uint64_t hash,
    const struct segment_part *parts, size_t count, parts_on_found on_found, void *context)
{
    CHECK(count > 0);
    struct parts_lookup *lookup = calloc(1, sizeof *lookup + count * sizeof *parts);
    CHECK(lookup != NULL);
    lookup->query = query;
    lookup->kind = kind;
    lookup->hash = hash;
    lookup->on_found = on_found;
    lookup->context = context;
    lookup->count = count;
    memcpy(lookup->parts, parts, count * sizeof *parts);
    ask(lookup);
}
