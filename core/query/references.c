/* references.c: receipts by the bank's reference, among the indexed rows.
 *
 * Asked for before a receipt with a reference is decided, of the segments whose filters do not rule
 * it out. Segments with parts say which commands have it, and that no others have, proved; those of
 * before are looked into by their index. What is found is proved (proofs.c), and must say what was
 * asked; by a part another one may have the same hash.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/check.h"
#include "base/log.h"
#include "command/body.h"
#include "model/outcome.h"
#include "query/internal.h"
#include "query/rows.h"
#include "query/statements.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct reference_lookup {
    struct query *query;
    struct query_reference asked;
    int64_t *in_parts; /* that the parts have of its hash; ours */
    size_t left;       /* of them that were not looked at yet; the newest come first */
    int64_t high;      /* above the highest sequence still to look at */
    int64_t sequences[RECEIPTS_OF_REFERENCE_MAX];
    uint32_t count;
    uint32_t proved; /* so many of them */
    query_on_receipts on_found;
    void *context;
};

static void look_on(struct reference_lookup *lookup);

static void end_with(struct reference_lookup *lookup, int result)
{
    lookup->on_found(lookup->context, result, lookup->sequences, result == 0 ? lookup->count : 0);
    free(lookup->in_parts);
    free(lookup);
}

/* Whether it is an accepted command of the ledger with that reference. */
static bool is_asked(const struct query_reference *asked, const struct command_record *record)
{
    struct command_elements elements;
    struct command command;
    char folded[REFERENCE_BYTES_MAX];
    if (record->ledger_id != asked->ledger_id || !outcome_is_accepted(record->outcome) ||
        command_body_decode((enum command_kind)record->kind, record->body, record->body_length,
            &elements, &command) < 0)
        return false;
    if (!command_reference_fits(&command))
        return false;
    struct text reference = {folded, command_folded_reference(&command, folded)};
    return text_equals(reference, (struct text){asked->reference, asked->reference_length});
}

static void end_damaged(struct reference_lookup *lookup, int64_t sequence)
{
    log_error("a receipt in the database is damaged sequence=%" PRId64 " ledger=%" PRId64, sequence,
        lookup->asked.ledger_id);
    end_with(lookup, -2);
}

static void on_proved(void *context, int result, const struct command_record *record,
    const struct posting *postings, uint32_t count)
{
    struct reference_lookup *lookup = context;
    (void)postings;
    (void)count;
    if (result < 0) {
        end_with(lookup, result);
        return;
    }
    if (!is_asked(&lookup->asked, record)) {
        end_damaged(lookup, record->sequence);
        return;
    }
    lookup->proved++;
    look_on(lookup);
}

static void on_proved_of_part(void *context, int result, const struct command_record *record,
    const struct posting *postings, uint32_t count)
{
    struct reference_lookup *lookup = context;
    (void)postings;
    (void)count;
    if (result < 0) {
        end_with(lookup, result);
        return;
    }
    if (is_asked(&lookup->asked, record)) {
        lookup->sequences[lookup->count++] = record->sequence;
        lookup->proved++;
    }
    look_on(lookup);
}

static void on_sequences(void *context, int result, const int64_t *sequences, size_t count)
{
    struct reference_lookup *lookup = context;
    if (result < 0) {
        end_with(lookup, result);
        return;
    }
    lookup->in_parts = malloc((count + 1) * sizeof *sequences);
    CHECK(lookup->in_parts != NULL);
    if (count > 0)
        memcpy(lookup->in_parts, sequences, count * sizeof *sequences);
    lookup->left = count;
    look_on(lookup);
}

static void on_receipts(void *context, enum pool_end end, const struct pg_result *result)
{
    struct reference_lookup *lookup = context;
    if (end != POOL_DONE) {
        end_with(lookup, -1);
        return;
    }
    for (size_t row = 0; row < pg_rows(result); row++) {
        struct command_record record;
        CHECK(lookup->count < RECEIPTS_OF_REFERENCE_MAX);
        if (row_read_command(result, row, &record) < 0 ||
            record.sequence < lookup->asked.first_sequence ||
            record.sequence > lookup->asked.last_sequence) {
            end_damaged(lookup, 0);
            return;
        }
        lookup->sequences[lookup->count++] = record.sequence;
    }
    look_on(lookup);
}

/* Proves what was found, looks into the next newest window, or ends the look-up. */
static void look_on(struct reference_lookup *lookup)
{
    const struct query_reference *asked = &lookup->asked;
    int64_t high = lookup->high;
    if (lookup->proved < lookup->count) {
        query_find_command(lookup->query, lookup->sequences[lookup->proved], on_proved, lookup);
        return;
    }
    bool is_full = lookup->count == RECEIPTS_OF_REFERENCE_MAX;
    if (lookup->left > 0 && !is_full) {
        int64_t sequence = lookup->in_parts[--lookup->left];
        query_find_command(lookup->query, sequence, on_proved_of_part, lookup);
        return;
    }
    if (high <= asked->first_sequence || is_full) {
        end_with(lookup, 0);
        return;
    }
    int64_t low = high - lookup->query->steps.key_window;
    if (low < asked->first_sequence)
        low = asked->first_sequence;
    lookup->high = low;
    struct pool_job *job = pool_job_create(&statement_command_by_reference);
    pg_add_int64(&job->parameters, asked->ledger_id);
    pg_add_text(&job->parameters, asked->reference, asked->reference_length);
    pg_add_int64(&job->parameters, low);
    pg_add_int64(&job->parameters, high);
    pg_add_int64(&job->parameters, RECEIPTS_OF_REFERENCE_MAX - lookup->count);
    struct pool_request request = {
        .progress = high,
        .deadline_us = INT64_MAX,
        .is_urgent = true,
        .on_done = on_receipts,
        .context = lookup,
    };
    pool_submit(lookup->query->pool, job, &request);
}

void query_find_reference(struct query *query, const struct query_reference *asked,
    query_on_receipts on_found, void *context)
{
    CHECK(asked->reference_length > 0 && asked->reference_length <= REFERENCE_BYTES_MAX);
    CHECK(asked->part_count > 0 || asked->first_sequence > 0);
    CHECK(asked->first_sequence <= asked->last_sequence);
    CHECK(asked->last_sequence < query->recent.first_sequence(query->recent.context));
    struct reference_lookup *lookup = calloc(1, sizeof *lookup);
    CHECK(lookup != NULL);
    lookup->query = query;
    lookup->asked = *asked;
    /* Without any of before this is where they begin, and end. */
    lookup->high = asked->first_sequence > 0 ? asked->last_sequence + 1 : 0;
    lookup->on_found = on_found;
    lookup->context = context;
    lookup->asked.parts = NULL;
    if (asked->part_count > 0)
        parts_find(query, PARTS_OF_REFERENCES, asked->hash, asked->parts, asked->part_count,
            on_sequences, lookup);
    else
        look_on(lookup);
}
