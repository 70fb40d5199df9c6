/* internal.h: what the files of query share; nobody else includes it.
 *
 * query.c opens, closes and hands calls out; account_lines.c, command_read.c, command_search.c,
 * event_stream.c and order.c answer one method each; proofs.c proves commands; call.c ends calls;
 * pg/pool.h asks the database.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_QUERY_INTERNAL_H
#define VSL_QUERY_INTERNAL_H

#include "base/arena.h"
#include "base/buffer.h"
#include "base/hash.h"
#include "ceilings.h"
#include "command/decode.h"
#include "pg/pool.h"
#include "query/page_token.h"
#include "query/query.h"
#include "wire/wire.h"

#include <stdbool.h>
#include <stdint.h>

struct event;
struct get_call;
struct stream;

/* Something that goes on in a later turn of the loop: its share of this one is used up. */
struct task {
    struct task *next;
    void (*run)(struct task *task);
    bool is_queued;
};

/* Run on every new connection. Plans are made for the values at hand: then segments out of range,
 * an unindexed one above all, are not even looked at, and their number does not matter. Below the
 * cut there is an index for every statement, also before a segment has statistics; sequential and
 * bitmap scans are never wanted. The server ends a session whose client machine is gone within ten
 * seconds, as it does the store's. */
extern const char QUERY_SESSION_SETUP[];

/* How much one step does. The defaults are in query.c; tests shrink them, so that small histories
 * reach every branch. */
struct query_steps {
    /* Sequences that one statement of lines covers at first: some segments, because planning looks
     * at each of them. Grows by a factor while nothing is found. */
    int64_t lines_window;
    uint32_t lines_rows;          /* rows of one statement */
    uint32_t lines_filtered_rows; /* the same when a bucket is wanted */
    uint32_t lines_examined_max;  /* lines looked at for one page; then it is short */
    uint32_t page_entries;        /* lines or entries of one page; then it is short */
    int64_t page_us;              /* a page ends behind the first step after so much time */
    uint32_t turn_postings;       /* postings looked at in memory in one turn of the loop */
    int64_t key_window;           /* sequences that one look-up of a key covers */
    uint32_t turn_commands;       /* commands looked at in memory in one turn of the loop */
    uint32_t page_commands;       /* commands of one page of a stream, up to PAGE_COMMANDS_MAX */
    int64_t page_positions;       /* positions that are looked at for them */
    int64_t progress_positions;   /* a stream hears after so many left-out ones where it is */
    int64_t order_window;         /* sequences that one look-up of an order covers */
    uint32_t order_entries_max;   /* more are not added up */
    size_t order_page_bytes;      /* a page of an order or a search is short behind so many */
    int64_t search_positions;     /* positions that one page of a search looks at one by one */
    int64_t search_step;          /* and one statement of it */
    uint32_t search_candidates;   /* commands of an account or an order that it looks at */
    int64_t search_window;        /* sequences that one look-up of those covers */
    int64_t proof_commands;       /* of a batch that is proved: commands of the first part */
    size_t proof_rows;            /* and rows that the next ones should have */
};
#define SEARCH_CANDIDATES_MAX 1000
#define PAGE_COMMANDS_MAX 256

struct query {
    struct event_base *base;
    struct query_steps steps;
    struct query_config config;
    struct sealer *sealer; /* NULL: there is none */
    struct query_recent recent;
    struct pool *pool;
    struct journal_lives lives; /* the first one is the present; none before the first call */
    char identity_text[IDENTITY_CHARS + 1];
    bool is_away;     /* the database does not answer: nothing waits for it */
    bool is_stopping; /* no streams any more */
    bool is_closing;  /* nothing any more */

    struct hash_key token_key; /* of the page tokens */

    uint32_t calls_open; /* unary ones */
    size_t lines_bytes;  /* of the pages of lists under way */

    struct event *run_tasks;
    bool is_running_tasks;
    struct task *first_task, *last_task;

    struct get_call *waiting; /* for their command to become durable */

    struct stream *streams;
    uint32_t stream_count;
    uint32_t live_count; /* streams that wait for the next durable command */
    struct event *progress_timer;

    struct arena scratch;                       /* of one encoding */
    struct record_statement *record_statements; /* by kind */
    struct proofs *proofs;
};

void query_queue_task(struct query *query, struct task *task);

/* ---- call.c: how calls begin, ask the database, and end ---- */

/* Counts a unary call; false when it has been answered: there are too many, or the request goes on
 * from a place in another journal. */
bool call_begin(struct query *query, struct wire_call *call, const struct read_request *request);
/* The same for a page of a list; what its token says, when there is one. */
bool call_begin_page(struct query *query, struct wire_call *call,
    const struct read_request *request, struct page_token *ret_token);
/* The token of the page that begins at `place`. */
void page_next(const struct query *query, const struct read_request *request, int64_t as_of,
    const struct line_place *place, char ret_text[PAGE_TOKEN_CHARS + 1]);
/* A copy of a request whose texts are in `texts`, so that it outlives query_call. */
#define REQUEST_TEXT_BYTES_MAX                                                                     \
    (PAGE_TOKEN_CHARS + ORDER_NUMBER_BYTES_MAX + 4 * BANK_REFERENCE_CHARACTERS_MAX)
void request_keep(const struct read_request *request, struct read_request *ret_kept,
    char texts[REQUEST_TEXT_BYTES_MAX]);

/* Submits a job of the call, with its deadline; a replica must have the rows before
 * `indexed_before`. */
void call_submit(struct query *query, struct wire_call *call, struct pool_job *job,
    int64_t indexed_before, pool_on_done on_done, void *context);
/* The commands with these sequences, in rising order, and their postings. */
struct pool_job *commands_job(const int64_t *sequences, size_t count);
struct pool_job *postings_job(const int64_t *sequences, size_t count);
/* Counts the bytes of a page under way; false when the pages of all calls together do not fit
 * beside the answers that wait. */
bool page_has_room(
    struct query *query, struct wire_call *call, const struct buffer *out, size_t *held);
void page_finish(struct query *query, struct buffer *out, size_t held);
/* How many lines or entries the page may have. */
uint32_t page_entries_max(const struct query *query, const struct read_request *request);

/* Each ends the call; all but the last are for unary calls and uncount it. */
void call_reply(struct query *query, struct wire_call *call, const void *message, size_t length);
void call_not_found(struct query *query, struct wire_call *call, const char *field,
    const char *reason, struct wording what);
void call_fail(struct query *query, struct wire_call *call, enum pool_end end);
void call_fail_damaged(struct query *query, struct wire_call *call);
/* Clients leave too many answers untaken. */
void call_fail_crowded(struct query *query, struct wire_call *call);
/* The request goes on from a place in a journal whose numbers were given out again since; `holds`
 * is what the caller holds: "the position", "the place to go on from". */
void call_refuse_identity(struct query *query, struct wire_call *call, struct wording holds,
    const struct journal_identity *identity);
/* An order has more entries, or larger sums, than are added up at a call. */
void call_fail_too_large(struct query *query, struct wire_call *call, uint32_t entries_max);

/* The same for streams. */
void stream_call_fail(struct wire_call *call, enum pool_end end);
void stream_call_fail_damaged(struct wire_call *call);
void stream_call_stop(struct wire_call *call);
void stream_call_not_found(
    struct wire_call *call, const char *field, const char *reason, struct wording what);
void stream_call_refuse_identity(
    struct query *query, struct wire_call *call, const struct journal_identity *identity);
void stream_call_refuse_many(struct wire_call *call, uint32_t streams_max);
void stream_call_refuse_caller(struct wire_call *call);
/* There is no such ledger, or not for who makes the call. */
void stream_call_no_ledger(struct wire_call *call);
/* What the caller may see has changed: his client connects again, and gets what it is now. */
void stream_call_end_changed(struct wire_call *call);
/* The position is beyond that which comes next. */
void stream_call_refuse_ahead(struct wire_call *call, int64_t from_sequence, int64_t durable);

/* Whether a command of this ledger is there for who makes the call. */
bool call_has_ledger(const struct query *query, const struct wire_call *call, int64_t ledger_id);

/* Whether the identity is that of the present journal. */
bool is_of_journal(const struct query *query, const struct journal_identity *identity);

/* For pool_request.is_gone; the context is the wire_call. */
bool call_is_gone(void *call);

/* ---- records.c ---- */

/* Makes the statements that read state tables. */
void record_statements_make(struct query *query);
/* The statement of a kind; NULL: its records stay in memory. */
const struct pg_statement *record_statement(const struct query *query, enum record_kind kind);

/* ---- proofs.c ---- */

void proofs_create(struct query *query);
void proofs_destroy(struct query *query);
/* Whether a state row, in the bytes of COPY, is the image that the command of this number made of
 * it: `on_image` is called once, later, with 0, -1 when the database did not answer, -2 when it is
 * not or the batch is not what was recorded: logged. */
typedef void (*proofs_on_image)(void *context, int result);
void proofs_find_image(struct query *query, int64_t sequence, enum record_kind kind,
    const uint8_t *row, size_t length, proofs_on_image on_image, void *context);
/* The statement that reads all rows of some commands: the first and the last of them. Columns: the
 * number of the journal's table, the row in binary. */
const struct pg_statement *proofs_rows_statement(const struct query *query);

/* ---- segment_parts.c ---- */

/* The commands that have a hash, by those parts of indexed segments, of which there is one at
 * least; what they have of it may be another text. `on_found` is called once, later: `result` 0
 * with their numbers, rising (valid during the call); -1 when the database did not answer, -2 when
 * a part is not what was written: logged. */
typedef void (*parts_on_found)(void *context, int result, const int64_t *sequences, size_t count);
void parts_find(struct query *query, enum part_kind kind, uint64_t hash,
    const struct segment_part *parts, size_t count, parts_on_found on_found, void *context);

/* ---- the methods ---- */

void account_lines_start(
    struct query *query, struct wire_call *call, const struct read_request *request);

void get_command_start(
    struct query *query, struct wire_call *call, const struct read_request *request);
/* Answers the waiting calls whose command is durable now; all of them when closing. */
void get_command_on_durable(struct query *query);

void get_order_start(
    struct query *query, struct wire_call *call, const struct read_request *request);

void list_commands_start(
    struct query *query, struct wire_call *call, const struct read_request *request);

void event_stream_start(
    struct query *query, struct wire_call *call, const struct read_request *request);
void event_stream_ready(struct wire_call *call);
void event_streams_on_durable(struct query *query);
void event_streams_on_timer(struct query *query);
/* Ends all streams, those that wait for the database a little later. */
void event_streams_stop(struct query *query);

/* Looks a key up among the indexed rows: on_found once, later; `record` NULL: not there. */
struct key_wanted {
    struct request_key key;
    bool is_urgent;
    int64_t deadline_us;
    bool (*is_gone)(void *context); /* NULL: never */
    void *gone_context;
    void (*on_found)(void *context, enum pool_end end, const struct command_record *record);
    void *context;
};
void key_lookup_start(struct query *query, const struct key_wanted *wanted);

#endif
