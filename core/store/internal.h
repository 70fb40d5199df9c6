/* internal.h: what the files of store share; nobody else includes it.
 *
 * start.c takes the database over, load.c reads it back, writer.c commits batches and settles
 * doubt, check.c asks who the writer is, keeper.c makes segments and writes state behind, index.c
 * indexes segments, segments.c knows the ranges, seal.c proves the state tables, ring.c the keys of
 * the ring, statements.c makes the SQL text that names the tables of records.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_STORE_INTERNAL_H
#define VSL_STORE_INTERNAL_H

#include "base/buffer.h"
#include "base/map.h"
#include "base/must_use.h"
#include "journal/chain.h"
#include "journal/proof.h"
#include "pg/pg.h"
#include "store/store.h"

#include <event2/event.h>

enum store_phase {
    /* The writer's connection, its schema, then the lock of the writer: waits for the database or
     * for the other server, tries again by `timer`. Then loading. */
    STORE_STARTING,
    /* Rows come. A loss ends in STORE_STOPPED: the owner has half a state, and opens a store anew.
     * Then making segments. */
    STORE_LOADING,
    /* Waits for the keeper, which reconnects by itself. Then ready. */
    STORE_MAKING_SEGMENTS,
    /* A batch may be under way; the watch timer sees to it that its wait ends. */
    STORE_READY,
    /* The writer's connection broke, or the database refused for a reason of its own. Tries again
     * by on_ready or `timer` until it knows. Then ready, or stopped. */
    STORE_DOUBT,
    /* on_stop was called or store_close has begun; nothing is called any more. */
    STORE_STOPPED,
};

enum segment_state { SEGMENT_OPEN = 1, SEGMENT_SEALED = 2, SEGMENT_INDEXED = 3 };

struct segment {
    int64_t first_sequence;
    int64_t last_sequence;
    enum segment_state state;
};

/* Gapless, in order. */
struct segment_list {
    struct segment *items;
    size_t count;
    size_t room;
};

struct index_job {
    struct index_job *next;
    struct indexed_segment segment; /* its filters stand behind this struct */
    int32_t min_accounting_date;
    int32_t max_accounting_date;
    struct part_hashes hashes[PART_KINDS]; /* the owner's */
    uint8_t *digests[PART_KINDS];          /* of the parts that were kept */
    int step;                              /* see index_step in index.c */
    size_t next_part;                      /* of a step that keeps parts */
};

/* What stands in vsl.state_progress: up to where the state is, and the code that proves it. */
struct seal_point {
    int64_t write_count; /* of parts of the state that were written, ever */
    int64_t redo_sequence;
    int64_t batch_number; /* the last durable one when the state was written; -1: never sealed */
    uint8_t digest[DIGEST_BYTES];
    int32_t key_number;
    uint8_t code[PROOF_BYTES];
};

struct seal_sums {
    uint64_t count;
    uint64_t sum;    /* of the prints, modulo 2^64 */
    int64_t last_id; /* the greatest of any row */
};

struct seal_row;

struct seal_kind {
    struct seal_sums sums;
    struct seal_row *rows; /* reserved; NULL: the kind's rows are proved otherwise */
    struct map places;     /* by id, of kinds whose final records leave */
    uint32_t places_used;
    uint32_t *free_places;
    uint32_t free_count, free_room;
};

/* What the state tables hold; see seal.c. */
struct seal {
    const struct proof_key *key;     /* that seals */
    const struct proof_key *old_key; /* that the rows were sealed with */
    struct journal_identity identity;
    struct hash_key row_key, old_row_key;
    struct seal_kind kinds[RECORD_KINDS + 1];
    struct seal_sums loaded[RECORD_KINDS + 1]; /* of the rows as they were found, by the old key */
};

struct state_write {
    struct buffer rows[RECORD_KINDS + 1]; /* by kind, with COPY header and trailer; [0] is unused */
    int64_t row_counts[RECORD_KINDS + 1];
    struct seal_point point;
    uint64_t row_count;
    bool is_pending; /* from store_write_state to on_state_written */
};

struct keeper {
    struct pg_connection *connection; /* NULL until this server is the writer */
    struct event *timer;              /* ends the pause after a refusal */
    bool is_usable; /* connected, and what it found in the database fits to what we know */
    int64_t busy_since_us;
    bool is_busy;    /* a request is under way */
    bool has_failed; /* the failure under way is logged */
    struct state_write write;
    struct buffer sql;     /* the text of the request that is being made */
    int64_t redo_sequence; /* that the database has confirmed */
    int64_t write_count;   /* likewise */
    struct index_job *first_job;
    struct index_job *last_job;
};

/* Of the keys of the ring; see ring.c. */
struct ring_checks {
    struct proof_check *checks; /* ours */
    size_t count;
    bool is_wanted; /* the keeper is to ask about them */
    void (*on_done)(void *context, int32_t wrong_number);
    void *context;
};

struct check {
    struct pg_connection *connection; /* NULL until this server is the writer */
    bool is_wanted;                   /* from store_check to on_checked */
    bool has_failed;                  /* the failure under way is logged */
    int64_t sent_us;                  /* 0: no question is under way */
    int64_t batch_number;             /* the last durable one when it was sent */
};

/* Which rows a COPY OUT of the loader brings: the state of each kind of record, in the order of
 * their numbers, the segments, what the histories say of rows that no seal covers, the batches, the
 * history of each kind, the commands, the postings. */
enum load_step {
    LOAD_FIRST_STATE,
    LOAD_SEGMENTS = LOAD_FIRST_STATE + RECORD_KINDS,
    LOAD_PAYOUT_PROOF,
    LOAD_REFUNDED_PROOF,
    LOAD_BATCHES,
    LOAD_FIRST_HISTORY,
    LOAD_COMMANDS = LOAD_FIRST_HISTORY + RECORD_KINDS,
    LOAD_POSTINGS,
    LOAD_STEPS,
};

struct loader {
    enum load_step step;
    bool is_after_header;
    bool is_after_trailer;
    bool has_failed;
    const char *failure; /* literal, set with has_failed */
    int64_t failure_number;
    struct seal_point point; /* of state_progress */
    struct chain *chain;     /* the batches that are read; NULL before */
    int64_t chain_sequence;  /* the first row of these batches */
    int64_t from_sequence;   /* the first row that is handed up of the journal */
    int64_t next_sequence;   /* the command that must come next */
    int64_t row_count;       /* of this step */
    int64_t started_us;
    int64_t progress_us; /* when the last rows came, or were asked for */
    int64_t told_us;     /* when it was last said that none come; 0: not since then */
};

struct store {
    struct event_base *base;
    const struct store_handlers *handlers;
    void *context;
    char *conninfo;
    int64_t segment_commands;
    int64_t commands_ahead;
    bool take_over;
    int64_t head_start_us; /* before this connection asks for the lock */
    int64_t lock_after_us; /* the time that follows from it */

    enum store_phase phase;
    struct pg_connection *writer;
    struct event *timer; /* the pause before the next try of starting or settling doubt */
    struct event *watch; /* each second while ready */
    bool is_standby_told;
    bool is_settings_told;
    bool was_writer_ready;
    bool was_keeper_ready;
    bool is_writer_settled;   /* connected, has the lock, no batch in doubt */
    int32_t lock_backend_pid; /* of the session that last asked for the lock */
    int64_t new_epoch;        /* while taking over: the one to be */

    struct journal_lives lives;       /* whose journal the database holds */
    struct journal_position position; /* the last durable batch; its epoch is ours */
    struct loader loader;
    struct segment_list segments;
    struct keeper keeper;
    struct check check;
    struct ring_checks ring;
    struct seal seal;
    struct journal_identity first_identity; /* of the journal's first life */
    const struct proof_key *keys;           /* the owner's; the last one makes what is new */
    size_t key_count;
    bool (*find_adoption)(void *context, const char *identity, int64_t *ret_batch_number,
        uint8_t ret_digest[DIGEST_BYTES]);
    void *adoption_context;
    int64_t adopted_batch; /* up to there batches need no code; -1: none */
    uint8_t adopted_digest[DIGEST_BYTES];

    const struct journal_batch *batch; /* submitted, not yet durable; NULL: none */
    bool is_batch_sent;                /* its bytes may have reached the server */
    bool resets_after_pause;           /* the session reached a server that only reads */
    bool is_fence_suspected;           /* the database refused with VS001 */
    unsigned retries;                  /* of this batch for reasons of the database's own */
    struct buffer batch_row;           /* vsl.batch's COPY, all of it */
    struct buffer copy_header;
    struct buffer copy_trailer;
    struct buffer sql;       /* the text of the writer's request that is being made */
    int64_t asked_us;        /* when starting or settling doubt began its last try */
    int64_t clock_offset_us; /* what the database's clock shows beyond the monotonic one */
    int64_t clock_asked_us;  /* when the answer about it came, monotonic */
    int64_t epoch_asked_us;  /* when a standby or a starting server asked for epoch and clock */
    int64_t submitted_us;
    int64_t heartbeat_us; /* when it was sent; 0: none under way */

    struct store_counters counters;
};

/* ---- store.c ---- */

/* Between two tries of anything that the database refused for a reason of its own. */
#define STORE_PAUSE_US 500000

/* Ends: tells the owner why. */
void store_end(struct store *store, enum store_end end, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* A null where the schema has none: who owns the tables has changed them. */
#define STORE_WRITER_UNREADABLE                                                                    \
    "vsl.writer: the row cannot be read; restore the database, or ask for support"

#define store_stop(store, ...) store_end(store, STORE_UNUSABLE, __VA_ARGS__)

/* Refusals that have nothing to do with our rows: resources, shutdown, fail-over, locks. */
bool store_is_outside_trouble(const char *sqlstate);

/* The state as it stands in a line of the log: with its cause where an operator can mend that. */
const char *store_cause(const char *sqlstate);

/* Calls the timer's function after a pause. */
void store_pause(struct event *timer, int64_t us);

/* ---- start.c ---- */

/* Key of the lock of an epoch's writer: a session advisory lock (class, epoch). */
#define WRITER_LOCK_CLASS 7762796 /* "vsl" */
int32_t writer_lock_of(int64_t epoch);

/* The writer's connection is ready for the first time, or again before this server is the writer.
 */
void start_begin(struct store *store);

/* ---- load.c ---- */

void load_begin(struct store *store);

/* Asks for the rows of the present step. */
void load_next(struct store *store);

/* Ends a step of loading that did not succeed; true when it did. */
bool load_step_is_done(
    struct store *store, enum pg_end end, const char *sqlstate, const char *what);

/* ---- prove.c ---- */

/* The key that makes what is new, and the one with that number; 0 is none; NULL: it is not there.
 */
const struct proof_key *store_key(const struct store *store);
const struct proof_key *store_key_of(const struct store *store, int32_t number);

/* Says what there is to prove by; looks whether the journal was adopted. */
void prove_begin(struct store *store);

/* The row of a segment that is indexed: what is wrong with its code, NULL: nothing; of a batch:
 * store_prove_batch. The filter of keys in `found` is NULL when it was not loaded. */
const char *prove_segment(const struct store *store, struct proof_segment *segment,
    const struct indexed_segment *found, int64_t key_number, const uint8_t *code);

/* The row of vsl.state_progress; false when it cannot be one. */
MUST_USE bool prove_read_point(const struct pg_result *result, struct seal_point *ret_point);

/* State rows and segments are there; goes on to the next step, later. */
void prove_state(struct store *store);
/* The batches are there, then all rows of theirs. They end the store when that is not so. */
void prove_batches(struct store *store);
void prove_rows(struct store *store);

/* ---- ring.c ---- */

/* Takes a copy. */
void ring_set(
    struct ring_checks *ring, const struct proof_check *checks, size_t check_count, bool is_wanted);
/* Compares and notes, on that connection; there is at least one key. The answer has ring_wrong. */
void ring_ask(struct store *store, struct pg_connection *connection, pg_on_result on_done);
int32_t ring_wrong(const struct pg_result *result);
void ring_finish(struct store *store);

/* ---- writer.c ---- */

/* The store is ready: a batch that waits goes out, the watch begins. */
void writer_begin(struct store *store);

/* The writer's connection is back; settles what happened to the batch. */
void doubt_begin(struct store *store);
void writer_lost(struct store *store);
void writer_watch(struct store *store);

/* Keeps what the database's clock showed in the answer to a question that was sent then. */
void store_keep_clock(struct store *store, int64_t sent_us, int64_t database_us);

/* The database has shown a greater epoch than ours: another server is the writer. */
void store_fenced(struct store *store, int64_t epoch);

/* ---- check.c ---- */

/* Opens the connection for checks; store_check goes on from there. */
void check_begin(struct store *store);

/* The writer's connection broke: the other one may lead to a server that is none any more. */
void check_reset(struct store *store);
void check_watch(struct store *store);
void check_finish(struct store *store);

/* ---- segments.c ---- */

void segments_finish(struct segment_list *list);

/* Adds the segment behind the last one; -1 when it leaves a gap or its numbers are wrong. */
MUST_USE int segments_add(
    struct segment_list *list, int64_t first_sequence, int64_t last_sequence, int16_t state);
const struct segment *segments_find(const struct segment_list *list, int64_t sequence);

/* Start of the oldest segment that is not indexed, or behind the last one. */
int64_t segments_first_unindexed(const struct segment_list *list);

/* How many segments begin behind `sequence`, and the last number that has one; 0: none. */
size_t segments_ahead(const struct segment_list *list, int64_t sequence);
int64_t segments_limit(const struct segment_list *list);

/* ---- seal.c ---- */

/* `old_key`: that of the rows that will be loaded. */
void seal_init(struct seal *seal, const struct proof_key *key, const struct proof_key *old_key,
    const struct journal_identity *identity);
void seal_finish(struct seal *seal);

/* A row of a state table as a start finds it, with its bytes in COPY. Its id is in range. */
void seal_note_loaded(struct seal *seal, enum record_kind kind, const void *record,
    const uint8_t *row_bytes, size_t length);
/* A row that is about to be written. */
void seal_note(struct seal *seal, enum record_kind kind, const void *record,
    const uint8_t *row_bytes, size_t length);

/* Whether any row was loaded, and whether the rows are those that the point was made of. */
bool seal_has_rows(const struct seal *seal);
bool seal_holds(const struct seal *seal, const struct seal_point *point);

/* Fills in key number and code for the rows as they were noted. */
void seal_make(const struct seal *seal, struct seal_point *point);

/* ---- statements.c ---- */

/* Appends text, 511 bytes at most at once, to what will be one request. */
void sql_append(struct buffer *sql, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* What was appended, as a string; valid until more is appended. */
const char *sql_text(struct buffer *sql);

/* `;` and a statement for each kind: the tables of a session through which state is written. */
void sql_append_temporary_tables(struct buffer *sql);

/* Two statements with `;`: a COPY of images into the temporary table, and from there into the state
 * table. An older image never replaces a newer one. Of two images of one record the newer counts.
 */
void sql_append_write(struct buffer *sql, const struct record_table *table);

/* The state rows of a kind that are loaded at start: those that are not final, and the one with the
 * greatest id. A payout that was paid can come back until a date; none that could until before
 * `oldest_date` can. What was given back of commands in indexed segments is looked up. */
void sql_append_state_query(struct buffer *sql, enum record_kind kind, int32_t oldest_date);

/* The ids of rows that are loaded at start and are not the newest image before the redo point: of
 * payouts that were paid; of what was given back of commands from `unindexed` on. One row at most.
 */
void sql_append_payout_proof(
    struct buffer *sql, int32_t oldest_date, int64_t unindexed, int64_t redo_sequence);
void sql_append_refunded_proof(struct buffer *sql, int64_t unindexed, int64_t redo_sequence);

/* ---- keeper.c ---- */

/* Opens the keeper's connection; keeper_next goes on from there. */
void keeper_begin(struct store *store);

/* Seals the state as it was loaded, before anything is written; keeper_next does it. */
void keeper_seal(struct store *store);

/* Ends a step that did not succeed; true when it did. A retry follows in any case but a stop. */
bool keeper_step_is_done(
    struct store *store, enum pg_end end, const char *sqlstate, const char *what);

/* Starts the most urgent job when none is under way. */
void keeper_next(struct store *store);
void keeper_watch(struct store *store);
void keeper_finish(struct store *store);

/* ---- index.c ---- */

/* Takes a step of the first job, on the keeper's connection. */
void index_step(struct store *store);
/* Drops the jobs. */
void index_finish(struct store *store);

#endif
