/* keys.c: old request keys, for the check of duplicates.
 *
 * Segments with parts say which command has the key, and that none has, proved; those of before are
 * looked into by their index. The command that is found is proved by its batch (proofs.c).
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/check.h"
#include "base/log.h"
#include "query/internal.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct key_question {
    struct query *query;
    struct request_key key;
    bool is_elsewhere;  /* the index is asked, too */
    int64_t *sequences; /* that the parts have of its hash; ours */
    size_t count, proved;
    void (*on_found)(void *context, int found, const struct command_record *record);
    void *context;
};

static void end_question(
    struct key_question *question, int found, const struct command_record *record)
{
    question->on_found(question->context, found, record);
    free(question->sequences);
    free(question);
}

/* ---- by the index ---- */

static void on_indexed_proved(void *context, int result, const struct command_record *record,
    const struct posting *postings, uint32_t count)
{
    struct key_question *question = context;
    (void)postings;
    (void)count;
    if (result == 0 && !request_key_equals(&record->key, &question->key)) {
        log_error("a command in the database has another request key than it was found by "
                  "sequence=%" PRId64 "; run vslctl verify",
            record->sequence);
        result = -2;
    }
    end_question(question, result == 0 ? 1 : result, result == 0 ? record : NULL);
}

static void on_indexed(void *context, enum pool_end end, const struct command_record *record)
{
    struct key_question *question = context;
    const struct query_recent *recent = &question->query->recent;
    if (end != POOL_DONE)
        end_question(question, -1, NULL);
    else if (!record)
        end_question(question, 0, NULL);
    else if (record->sequence < 1 || record->sequence >= recent->first_sequence(recent->context))
        end_question(question, -2, NULL);
    else
        query_find_command(question->query, record->sequence, on_indexed_proved, question);
}

static void ask_index(struct key_question *question)
{
    struct key_wanted wanted = {
        .key = question->key,
        .is_urgent = true,
        .deadline_us = INT64_MAX,
        .on_found = on_indexed,
        .context = question,
    };
    key_lookup_start(question->query, &wanted);
}

/* ---- by parts ---- */

static void prove_next(struct key_question *question);

/* Another key may have the same hash. */
static void on_proved(void *context, int result, const struct command_record *record,
    const struct posting *postings, uint32_t count)
{
    struct key_question *question = context;
    (void)postings;
    (void)count;
    if (result < 0)
        end_question(question, result, NULL);
    else if (request_key_equals(&record->key, &question->key))
        end_question(question, 1, record);
    else
        prove_next(question);
}

static void prove_next(struct key_question *question)
{
    if (question->proved < question->count)
        query_find_command(
            question->query, question->sequences[question->proved++], on_proved, question);
    else if (question->is_elsewhere)
        ask_index(question);
    else
        end_question(question, 0, NULL);
}

static void on_sequences(void *context, int result, const int64_t *sequences, size_t count)
{
    struct key_question *question = context;
    if (result < 0) {
        end_question(question, result, NULL);
        return;
    }
    question->sequences = malloc((count + 1) * sizeof *sequences);
    CHECK(question->sequences != NULL);
    if (count > 0)
        memcpy(question->sequences, sequences, count * sizeof *sequences);
    question->count = count;
    prove_next(question);
}

void query_find_key(struct query *query, const struct query_key *asked,
    void (*on_found)(void *context, int found, const struct command_record *record), void *context)
{
    struct key_question *question = calloc(1, sizeof *question);
    CHECK(question != NULL);
    question->query = query;
    question->key = asked->key;
    question->is_elsewhere = asked->is_elsewhere;
    question->on_found = on_found;
    question->context = context;
    if (asked->part_count > 0)
        parts_find(query, PARTS_OF_KEYS, asked->hash, asked->parts, asked->part_count, on_sequences,
            question);
    else
        ask_index(question);
}
