/* proofs.c: commands and images of indexed segments, proved before they are handed on.
 *
 * A command is read with its batch: all rows of all tables that the batch has, in parts of some
 * thousand rows, each asked for when the one before is hashed. Then the digest is made anew
 * (journal/batch_digest.h) and compared with the batch's row, whose code the owner proves. What is
 * handed on is taken from the bytes that were hashed; so it does not matter what the database shows
 * to somebody else, or a moment later. The rows of batches that were proved lately stay in memory,
 * so that many refunds of one batch read it once. A state row is compared with the images of the
 * batch of its sequence number.
 *
 * Who waits stands in `first`, until its batch is in memory, is being read, or one of the readers
 * is free. A reader waits for the pool; all that wait for its batch end with it.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/buffer.h"
#include "base/check.h"
#include "base/log.h"
#include "ceilings.h"
#include "journal/batch_digest.h"
#include "query/internal.h"
#include "query/statements.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Batches in memory, and the bytes of their rows; one batch may always be there. */
#define PROVED_BATCHES_MAX 1024
#define PROVED_BYTES_MAX ((size_t)32 * 1024 * 1024)
/* Batches that are read at a time. */
#define READERS 4
/* Answers given, and questions passed over, in one turn of the loop. */
#define ANSWERED_AT_ONCE 128
#define PASSED_AT_ONCE 256
/* More commands than this no batch has: what is due goes beyond what clients may fill. */
#define BATCH_COMMANDS_LIMIT (2 * BATCH_COMMANDS_IN_JOURNAL_MAX)
#define PART_COMMANDS_MAX 2048

struct place {
    size_t command; /* where its rows begin */
    size_t postings;
    uint32_t posting_count;
};

/* The rows of a batch, in the bytes of COPY; before each image the number of its table (u32) and
 * its length (u32). */
struct proved {
    int64_t first_sequence, last_sequence;
    uint64_t used; /* when it was used last, counted */
    struct buffer commands, postings, images;
    struct place places[]; /* by sequence */
};

struct question {
    struct question *next;
    int64_t sequence;
    query_on_command on_found; /* NULL: it is about an image */
    proofs_on_image on_image;
    void *context;
    enum journal_table table; /* of the image */
    size_t length;
    uint8_t image[]; /* in the bytes of COPY */
};

struct reader_of_batch {
    struct query *query;
    struct question *questions; /* NULL: the reader is free */
    int64_t sequence;           /* of the question that it was begun for */
    struct batch_row row;       /* number 0: not known yet */
    uint8_t previous[DIGEST_BYTES];
    struct batch_digest *digest;
    struct proved *made;
    int64_t next_sequence;
    int64_t part_last; /* of the part that was asked for */
    int64_t part_commands;
    struct buffer copy; /* a row */
};

struct proofs {
    struct task task; /* the first field */
    struct query *query;
    struct question *first, **end;
    struct reader_of_batch readers[READERS];
    struct proved *proved[PROVED_BATCHES_MAX]; /* by first sequence */
    uint32_t proved_count;
    size_t proved_bytes;
    uint64_t uses;
    struct pg_statement rows_statement;
    struct buffer rows_sql;
};

/* ---- what is in memory ---- */

/* The first place whose batch ends at or behind the sequence. */
static uint32_t proved_place(const struct proofs *proofs, int64_t sequence)
{
    uint32_t low = 0;
    uint32_t high = proofs->proved_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (proofs->proved[middle]->last_sequence < sequence)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static struct proved *find_proved(struct proofs *proofs, int64_t sequence)
{
    uint32_t place = proved_place(proofs, sequence);
    if (place == proofs->proved_count || proofs->proved[place]->first_sequence > sequence)
        return NULL;
    proofs->proved[place]->used = ++proofs->uses;
    return proofs->proved[place];
}

static size_t bytes_of(const struct proved *proved)
{
    size_t count = (size_t)(proved->last_sequence - proved->first_sequence + 1);
    return sizeof *proved + count * sizeof proved->places[0] + proved->commands.capacity +
           proved->postings.capacity + proved->images.capacity;
}

static void destroy_proved(struct proved *proved)
{
    if (!proved)
        return;
    buffer_finish(&proved->commands);
    buffer_finish(&proved->postings);
    buffer_finish(&proved->images);
    free(proved);
}

static void forget_oldest(struct proofs *proofs)
{
    uint32_t oldest = 0;
    for (uint32_t i = 1; i < proofs->proved_count; i++) {
        if (proofs->proved[i]->used < proofs->proved[oldest]->used)
            oldest = i;
    }
    proofs->proved_bytes -= bytes_of(proofs->proved[oldest]);
    destroy_proved(proofs->proved[oldest]);
    proofs->proved_count--;
    memmove(&proofs->proved[oldest], &proofs->proved[oldest + 1],
        (proofs->proved_count - oldest) * sizeof proofs->proved[0]);
}

static void keep_proved(struct proofs *proofs, struct proved *proved)
{
    size_t bytes = bytes_of(proved);
    while (proofs->proved_count > 0 && (proofs->proved_count == PROVED_BATCHES_MAX ||
                                           proofs->proved_bytes + bytes > PROVED_BYTES_MAX))
        forget_oldest(proofs);
    uint32_t place = proved_place(proofs, proved->first_sequence);
    memmove(&proofs->proved[place + 1], &proofs->proved[place],
        (proofs->proved_count - place) * sizeof proofs->proved[0]);
    proofs->proved[place] = proved;
    proofs->proved_count++;
    proofs->proved_bytes += bytes;
    proved->used = ++proofs->uses;
}

static void answer_image(const struct proved *proved, const struct question *question)
{
    struct reader in = reader_of(proved->images.bytes, proved->images.length);
    bool is_found = false;
    while (reader_left(&in) > 0 && !is_found) {
        uint32_t table = reader_u32(&in);
        uint32_t length = reader_u32(&in);
        const uint8_t *bytes = reader_take(&in, length);
        CHECK(bytes != NULL);
        is_found = table == (uint32_t)question->table && length == question->length &&
                   memcmp(bytes, question->image, length) == 0;
    }
    if (!is_found)
        log_error("a state row is not an image of its batch: table=%s sequence=%" PRId64
                  "; run vslctl check and vslctl verify",
            rows_table_name(question->table), question->sequence);
    question->on_image(question->context, is_found ? 0 : -2);
}

/* Answers from rows that were read once already. */
static void answer(const struct proved *proved, const struct question *question)
{
    const struct place *place = &proved->places[question->sequence - proved->first_sequence];
    struct command_record record;
    struct posting postings[POSTINGS_PER_COMMAND_MAX];
    if (question->on_image) {
        answer_image(proved, question);
        return;
    }
    struct reader in = reader_of(proved->commands.bytes, proved->commands.length);
    in.position = place->command;
    int result = rows_read_command(&in, &record);
    CHECK(result == 0);
    CHECK(record.sequence == question->sequence);
    in = reader_of(proved->postings.bytes, proved->postings.length);
    in.position = place->postings;
    for (uint32_t i = 0; i < place->posting_count; i++) {
        int64_t sequence;
        int16_t line;
        result = rows_read_posting(&in, &sequence, &line, &postings[i]);
        CHECK(result == 0);
    }
    question->on_found(question->context, 0, &record, postings, place->posting_count);
}

/* ---- questions ---- */

static void wake(struct proofs *proofs)
{
    if (proofs->first && !proofs->task.is_queued && !proofs->query->is_closing)
        query_queue_task(proofs->query, &proofs->task);
}

static struct question *take(struct proofs *proofs, struct question **at)
{
    struct question *question = *at;
    *at = question->next;
    if (!*at)
        proofs->end = at;
    question->next = NULL;
    return question;
}

static void fail(struct question *question, int result)
{
    if (question->on_image)
        question->on_image(question->context, result);
    else
        question->on_found(question->context, result, NULL, NULL, 0);
    free(question);
}

/* Ends the reader; its questions with the result, or by what it has proved. */
static void end_reader(struct reader_of_batch *reader, int result)
{
    struct proofs *proofs = reader->query->proofs;
    struct question *questions = reader->questions;
    struct proved *made = reader->made;
    batch_digest_destroy(reader->digest);
    buffer_finish(&reader->copy);
    *reader = (struct reader_of_batch){.query = proofs->query};
    if (result == 0 && !find_proved(proofs, made->first_sequence))
        keep_proved(proofs, made);
    else
        destroy_proved(made);
    while (questions) {
        struct question *question = questions;
        questions = question->next;
        if (result < 0) {
            fail(question, result);
            continue;
        }
        question->next = proofs->first;
        if (!proofs->first)
            proofs->end = &question->next;
        proofs->first = question;
    }
    wake(proofs);
}

static void end_damaged(struct reader_of_batch *reader, const char *reason)
{
    log_error("a batch of the journal is not what was recorded: batch=%" PRId64 " from=%" PRId64
              " to=%" PRId64 " asked for sequence=%" PRId64 ": %s; run vslctl verify",
        reader->row.batch_number, reader->row.first_sequence, reader->row.last_sequence,
        reader->sequence, reason);
    end_reader(reader, -2);
}

/* ---- reading ---- */

/* A row as record_send gives it (a type before each value) as the bytes of COPY; -1: it is none. */
static int take_row(
    struct reader_of_batch *reader, const struct pg_result *result, size_t row, size_t column)
{
    struct pg_value value = pg_bytes(result, row, column);
    struct reader in = reader_of(value.bytes, value.length > 0 ? (size_t)value.length : 0);
    uint32_t fields = reader_u32(&in);
    buffer_clear(&reader->copy);
    if (in.failed || fields > INT16_MAX)
        return -1;
    buffer_append_u16(&reader->copy, (uint16_t)fields);
    for (uint32_t i = 0; i < fields && !in.failed; i++) {
        reader_u32(&in);
        int32_t length = (int32_t)reader_u32(&in);
        buffer_append_u32(&reader->copy, (uint32_t)length);
        if (length > 0 && !in.failed && (size_t)length <= reader_left(&in))
            buffer_append(&reader->copy, reader_take(&in, (size_t)length), (size_t)length);
        else if (length > 0)
            return -1;
    }
    return !in.failed && reader_left(&in) == 0 ? 0 : -1;
}

static void submit(struct reader_of_batch *reader, struct pool_job *job, pool_on_done on_done)
{
    struct pool_request request = {
        .progress = reader->sequence + 1,
        .deadline_us = INT64_MAX,
        .is_urgent = true,
        .on_done = on_done,
        .context = reader,
    };
    pool_submit(reader->query->pool, job, &request);
}

static void on_part(void *context, enum pool_end end, const struct pg_result *result);

static void ask_part(struct reader_of_batch *reader)
{
    struct pool_job *job = pool_job_create(&reader->query->proofs->rows_statement);
    int64_t last = reader->next_sequence + reader->part_commands - 1;
    reader->part_last = last < reader->row.last_sequence ? last : reader->row.last_sequence;
    pg_add_int64(&job->parameters, reader->next_sequence);
    pg_add_int64(&job->parameters, reader->part_last);
    submit(reader, job, on_part);
}

static bool keep_command(struct reader_of_batch *reader)
{
    struct proved *made = reader->made;
    struct command_record record;
    struct reader in = reader_of(reader->copy.bytes, reader->copy.length);
    if (rows_read_command(&in, &record) < 0 || record.sequence != reader->next_sequence ||
        record.sequence > reader->part_last)
        return false;
    made->places[record.sequence - made->first_sequence].command = made->commands.length;
    buffer_append(&made->commands, reader->copy.bytes, reader->copy.length);
    reader->next_sequence++;
    return true;
}

static bool keep_posting(struct reader_of_batch *reader)
{
    struct proved *made = reader->made;
    int64_t sequence;
    int16_t line;
    struct posting posting;
    struct reader in = reader_of(reader->copy.bytes, reader->copy.length);
    if (rows_read_posting(&in, &sequence, &line, &posting) < 0 || sequence < made->first_sequence ||
        sequence > reader->part_last)
        return false;
    struct place *place = &made->places[sequence - made->first_sequence];
    if (line != (int16_t)place->posting_count || line >= POSTINGS_PER_COMMAND_MAX)
        return false;
    if (place->posting_count++ == 0)
        place->postings = made->postings.length;
    buffer_append(&made->postings, reader->copy.bytes, reader->copy.length);
    return true;
}

static void keep_image(struct reader_of_batch *reader, uint32_t table)
{
    struct buffer *images = &reader->made->images;
    buffer_append_u32(images, table);
    buffer_append_u32(images, (uint32_t)reader->copy.length);
    buffer_append(images, reader->copy.bytes, reader->copy.length);
}

/* The rows of one part, table by table: what is wrong with them. */
static const char *take_part(struct reader_of_batch *reader, const struct pg_result *result)
{
    CHECK(pg_columns(result) == 2);
    for (size_t row = 0; row < pg_rows(result); row++) {
        int32_t table = pg_int32(result, row, 0);
        CHECK(table >= 0 && table < JOURNAL_TABLE_COUNT);
        if (take_row(reader, result, row, 1) < 0 ||
            (table == JOURNAL_TABLE_COMMAND && !keep_command(reader)) ||
            (table == JOURNAL_TABLE_POSTING && !keep_posting(reader)))
            return "a row cannot be read, or is missing or there twice";
        if (table >= JOURNAL_TABLE_FIRST_HISTORY)
            keep_image(reader, (uint32_t)table);
        batch_digest_add(
            reader->digest, (enum journal_table)table, reader->copy.bytes, reader->copy.length);
    }
    return reader->next_sequence == reader->part_last + 1 ? NULL : "a command is missing";
}

static void on_part(void *context, enum pool_end end, const struct pg_result *result)
{
    struct reader_of_batch *reader = context;
    const struct query_steps *steps = &reader->query->steps;
    if (end != POOL_DONE) {
        end_reader(reader, -1);
        return;
    }
    const char *wrong = take_part(reader, result);
    if (wrong) {
        end_damaged(reader, wrong);
        return;
    }
    if (reader->next_sequence <= reader->row.last_sequence) {
        size_t rows = pg_rows(result);
        if (rows < steps->proof_rows / 2 && reader->part_commands < PART_COMMANDS_MAX)
            reader->part_commands *= 2;
        else if (rows > steps->proof_rows && reader->part_commands > 1)
            reader->part_commands /= 2;
        ask_part(reader);
        return;
    }
    uint8_t made[DIGEST_BYTES];
    batch_digest_end(reader->digest, reader->previous, &reader->row, made);
    if (memcmp(made, reader->row.digest, DIGEST_BYTES) == 0)
        end_reader(reader, 0);
    else
        end_damaged(reader, "its digest is not that of its rows");
}

/* The row of the batch, and of the one before: what is wrong with them. */
static const char *take_batches(struct reader_of_batch *reader, const struct pg_result *result)
{
    const struct query_recent *recent = &reader->query->recent;
    struct batch_row rows[2] = {{0}};
    size_t count = pg_rows(result);
    CHECK(pg_columns(result) == 1);
    CHECK(count <= 2);
    for (size_t i = 0; i < count; i++) {
        struct reader in;
        if (take_row(reader, result, i, 0) < 0)
            return "its row cannot be read";
        in = reader_of(reader->copy.bytes, reader->copy.length);
        if (rows_read_batch(&in, &rows[i]) < 0)
            return "its row cannot be read";
    }
    if (count == 0 || rows[0].last_sequence < reader->sequence ||
        rows[0].first_sequence > reader->sequence)
        return "its row is missing";
    reader->row = rows[0];
    /* What is before has no code to be proved by: another digest gives another one here. */
    memcpy(reader->previous, rows[1].digest, DIGEST_BYTES);
    if (rows[0].batch_number != (count == 2 ? rows[1].batch_number : 0) + 1)
        return "the batch before is missing";
    if (rows[0].last_sequence - rows[0].first_sequence >= BATCH_COMMANDS_LIMIT)
        return "it has more commands than any batch";
    return recent->prove_batch(recent->context, &reader->row);
}

/* Another reader that reads the same batch. */
static struct reader_of_batch *find_same(struct reader_of_batch *reader)
{
    struct proofs *proofs = reader->query->proofs;
    for (uint32_t i = 0; i < READERS; i++) {
        struct reader_of_batch *other = &proofs->readers[i];
        if (other != reader && other->questions &&
            other->row.batch_number == reader->row.batch_number)
            return other;
    }
    return NULL;
}

static void add_questions(struct reader_of_batch *reader, struct question *questions)
{
    struct question **end = &reader->questions;
    while (*end)
        end = &(*end)->next;
    *end = questions;
}

static void on_batches(void *context, enum pool_end end, const struct pg_result *result)
{
    struct reader_of_batch *reader = context;
    if (end != POOL_DONE) {
        end_reader(reader, -1);
        return;
    }
    const char *wrong = take_batches(reader, result);
    if (wrong) {
        end_damaged(reader, wrong);
        return;
    }
    struct reader_of_batch *same = find_same(reader);
    if (same) {
        add_questions(same, reader->questions);
        buffer_finish(&reader->copy);
        *reader = (struct reader_of_batch){.query = reader->query};
        wake(reader->query->proofs);
        return;
    }
    size_t count = (size_t)(reader->row.last_sequence - reader->row.first_sequence + 1);
    reader->made = calloc(1, sizeof *reader->made + count * sizeof reader->made->places[0]);
    CHECK(reader->made != NULL);
    reader->made->first_sequence = reader->row.first_sequence;
    reader->made->last_sequence = reader->row.last_sequence;
    reader->digest = batch_digest_create();
    reader->next_sequence = reader->row.first_sequence;
    reader->part_commands = reader->query->steps.proof_commands;
    ask_part(reader);
}

static void begin_reader(struct reader_of_batch *reader, struct question *question)
{
    struct pool_job *job = pool_job_create(&statement_batch_of);
    reader->questions = question;
    reader->sequence = question->sequence;
    pg_add_int64(&job->parameters, question->sequence);
    pg_add_int64(&job->parameters, question->sequence - 2 * BATCH_COMMANDS_LIMIT);
    submit(reader, job, on_batches);
}

/* A reader that is free, or that reads the batch of the sequence; NULL: neither. */
static struct reader_of_batch *reader_for(struct proofs *proofs, int64_t sequence)
{
    struct reader_of_batch *free_one = NULL;
    for (uint32_t i = 0; i < READERS; i++) {
        struct reader_of_batch *reader = &proofs->readers[i];
        if (!reader->questions)
            free_one = reader;
        else if (reader->row.batch_number != 0 && reader->row.first_sequence <= sequence &&
                 sequence <= reader->row.last_sequence)
            return reader;
    }
    return free_one;
}

static void go(struct task *task)
{
    struct proofs *proofs = (struct proofs *)(void *)task;
    struct question **at = &proofs->first;
    uint32_t answered = 0;
    uint32_t passed = 0;
    while (*at && passed < PASSED_AT_ONCE && answered < ANSWERED_AT_ONCE) {
        int64_t sequence = (*at)->sequence;
        if (proofs->query->is_closing) {
            fail(take(proofs, at), -1);
            continue;
        }
        const struct proved *proved = find_proved(proofs, sequence);
        struct reader_of_batch *reader = proved ? NULL : reader_for(proofs, sequence);
        if (proved) {
            struct question *question = take(proofs, at);
            answer(proved, question);
            free(question);
            answered++;
        } else if (reader && reader->questions) {
            add_questions(reader, take(proofs, at));
        } else if (reader) {
            begin_reader(reader, take(proofs, at));
        } else {
            at = &(*at)->next;
            passed++;
        }
    }
    if (answered == ANSWERED_AT_ONCE)
        wake(proofs);
}

static struct question *add_question(
    struct query *query, int64_t sequence, size_t length, void *context)
{
    struct proofs *proofs = query->proofs;
    CHECK(sequence >= 1);
    CHECK(sequence < query->recent.first_sequence(query->recent.context));
    struct question *question = calloc(1, sizeof *question + length);
    CHECK(question != NULL);
    question->sequence = sequence;
    question->context = context;
    question->length = length;
    *proofs->end = question;
    proofs->end = &question->next;
    wake(proofs);
    return question;
}

void query_find_command(
    struct query *query, int64_t sequence, query_on_command on_found, void *context)
{
    add_question(query, sequence, 0, context)->on_found = on_found;
}

void proofs_find_image(struct query *query, int64_t sequence, enum record_kind kind,
    const uint8_t *row, size_t length, proofs_on_image on_image, void *context)
{
    struct question *question = add_question(query, sequence, length, context);
    question->on_image = on_image;
    question->table = rows_history_table(kind);
    memcpy(question->image, row, length);
}

/* ---- the statement ---- */

/* All rows of some commands as bytes: of each table, in its order. Histories have an index by
 * number as an expression. */
static void make_sql(struct buffer *sql)
{
    char branch[400];
    for (int table = 0; table < JOURNAL_TABLE_COUNT; table++) {
        int length = snprintf(branch, sizeof branch,
            "%s select %d as journal_table, row_number() over (order by %s) as place,"
            " record_send(r.*) as bytes from vsl.%s r where r.sequence between $1 and $2%s",
            table == 0 ? "select journal_table, bytes from (" : " union all", table,
            rows_table_order((enum journal_table)table), rows_table_name((enum journal_table)table),
            table < JOURNAL_TABLE_FIRST_HISTORY ? "" : " and r.sequence + 0 between $1 and $2");
        CHECK(length > 0 && (size_t)length < sizeof branch);
        buffer_append(sql, branch, (size_t)length);
    }
    static const char end[] = ") rows order by journal_table, place";
    buffer_append(sql, end, sizeof end);
}

const struct pg_statement *proofs_rows_statement(const struct query *query)
{
    return &query->proofs->rows_statement;
}

void proofs_create(struct query *query)
{
    struct proofs *proofs = calloc(1, sizeof *proofs);
    CHECK(proofs != NULL);
    proofs->task.run = go;
    proofs->query = query;
    proofs->end = &proofs->first;
    for (uint32_t i = 0; i < READERS; i++)
        proofs->readers[i].query = query;
    make_sql(&proofs->rows_sql);
    proofs->rows_statement = (struct pg_statement){
        .name = "rows_of_commands", .sql = (const char *)proofs->rows_sql.bytes};
    query->proofs = proofs;
}

void proofs_destroy(struct query *query)
{
    struct proofs *proofs = query->proofs;
    CHECK(proofs->first == NULL);
    for (uint32_t i = 0; i < proofs->proved_count; i++)
        destroy_proved(proofs->proved[i]);
    buffer_finish(&proofs->rows_sql);
    free(proofs);
}
