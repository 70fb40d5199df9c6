/* world.h: flow between a wire, a store, a query and clocks that are played, so that a test decides
 * what happens when: no network, no database, no waiting.
 *
 * Engine, journal, commands and replies are the real ones. There is one world at a time.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_TESTS_FLOW_WORLD_H
#define VSL_TESTS_FLOW_WORLD_H

#include "unit/query/wire_recorder.h"

#include "ceilings.h"
#include "command/command.h"
#include "flow/internal.h"

enum { SEGMENT = 16, CALLS_MAX = 160, ROWS_MAX = 128, OLD_MAX = 256, QUESTIONS_MAX = 64 };
enum { OLD_BODY_BYTES_MAX = 1024, OLD_POSTINGS_MAX = 2 * PAYEES_PER_COMMAND_MAX };
#define SECOND INT64_C(1000000)
#define DATABASE_TIMEOUT_US (5 * SECOND)
#define CLOCK_DIFFERENCE_US (2 * SECOND)
#define CLOCK_BEHIND_US (40 * 86400 * SECOND)

/* A command in an indexed segment, as the database has it. */
struct old_command {
    struct command_record record;
    uint8_t body[OLD_BODY_BYTES_MAX];
    char order[ORDER_NUMBER_BYTES_MAX];
    struct posting postings[OLD_POSTINGS_MAX];
    uint32_t posting_count;
};

struct ProtobufCMessage;

/* About an old key, command or reference. */
struct question {
    struct request_key key;
    void (*on_key)(void *context, int found, const struct command_record *record);
    int64_t sequence;
    query_on_command on_command;
    struct query_reference reference;
    size_t part_count;
    bool is_elsewhere; /* in segments of before */
    query_on_receipts on_receipts;
    void *context;
};

struct records_question {
    struct query_records asked;
    query_on_records on_records;
    void *asker;
};

struct world {
    struct flow *flow;
    int64_t wall_us, monotonic_us; /* what the clocks show */
    int64_t us_per_look;           /* that the monotonic one goes on by being looked at */
    int64_t database_ahead_us;     /* of the wall clock */
    struct hash_key token_key;     /* of the played query */
    int open_parts;                /* of wire, store and query */

    /* ---- the store ---- */
    const struct journal_batch *batch; /* in flight; NULL: none */
    bool is_check_asked;
    bool is_settled;
    const char *wrong_conninfo; /* which is none */
    int64_t segments_end;       /* segments are made up to here */
    int64_t indexing_last;      /* of the segment that is to be indexed; 0: none */
    struct indexed_segment indexing;
    struct part_hashes indexing_hashes[PART_KINDS];
    struct image rows[ROWS_MAX]; /* of the state tables, as written */
    int64_t row_sequences[ROWS_MAX];
    uint32_t row_count;
    bool is_writing, is_writing_slow; /* slow: world_settle does not wait for it */
    int64_t writing_redo, redo;       /* of what is being written, and of what is */

    /* ---- the query ---- */
    uint32_t question_count; /* about records, asked in all */
    struct query_records asked;
    query_on_records on_records; /* NULL: no question is open */
    void *asker;
    struct records_question later[QUESTIONS_MAX]; /* that come after it */
    uint32_t later_count;
    struct old_command old[OLD_MAX];
    uint32_t old_count;
    struct question questions[QUESTIONS_MAX];
    uint32_t open_questions;
    uint32_t query_calls; /* reads of history that it was given */
    bool is_away;
    uint32_t life_count; /* of the journal, as it was told */

    /* ---- the wire ---- */
    struct wire_call calls[CALLS_MAX];
    uint8_t *requests[CALLS_MAX];
    uint32_t source; /* of the calls that arrive from now on */
    uint32_t call_count;
    const char *peer_name; /* of every client's certificate */
    bool is_serving, is_healthy, is_name_healthy, is_paused;
    void (*on_stopped)(void *context);

    uint32_t wakes;     /* flow asked for a turn */
    int64_t wake_in_us; /* flow asked for one in so long; 0: it did not */
    enum flow_end end;
    bool is_ended;
};
extern struct world world;

/* A flow that has loaded an empty database and serves; its clocks show noon of TEST_DATE. */
void world_open(void);
void world_close(void);
/* The same in steps: only the clocks; flow, not yet loaded; nothing to load. */
void world_begin(void);
void world_open_unloaded(void);
void world_load_nothing(void);
/* Opens flow in a world that has begun; -1 with what it says. */
int world_try_open(char *ret_error, size_t error_bytes);
/* Everything is written, and another process loads it: state, and the rows that are not indexed. */
void world_restart(void);

/* A call arrives. Commands get a key of their own, but for world_send_as. */
struct wire_call *world_send(struct command command);
struct wire_call *world_send_as(const char *serial, struct command command);
/* A batch; each command gets a key of its own. */
struct wire_call *world_send_batch(const struct command *commands, uint32_t count, bool atomic);
/* A request of a ledger's record: both are fields 1 and 2 of the method's message. */
struct wire_call *world_read(const char *path, int64_t ledger_id, int64_t id);
/* Any request. */
struct wire_call *world_ask(const char *path, const struct ProtobufCMessage *message);

/* The clocks go on, then comes a turn. Whether it ended before all was decided. */
bool world_turn(int64_t us);
/* What was begun comes to its end. */
void world_batch_is_durable(void);
void world_is_checked(void);
void world_state_is_written(void);
void world_segment_is_indexed(void);
/* Turns until nothing is under way but questions to the query. */
void world_settle(void);
/* The open question is answered from the rows as written, as of that redo point. */
void world_answer_records(int64_t redo_sequence);
/* The database did not answer it. */
void world_fail_records(void);
/* The open questions about keys and commands are answered; or the database did not answer. Those
 * that are asked meanwhile stay open. */
void world_answer_old(bool is_there);

/* Sends, settles, and gives what the accepted command made. */
int64_t world_do(struct command command);
/* Outcome and subject in the answer to a command. */
enum outcome world_outcome(const struct wire_call *call);
/* Its number in the journal. */
int64_t world_sequence(const struct wire_call *call);
/* The number that decided its refusal. */
int64_t world_limit(const struct wire_call *call);
/* Outcomes in the answer to a batch; as many as there are. */
uint32_t world_outcomes(const struct wire_call *call, enum outcome *ret_outcomes, uint32_t max);
/* Whether the answer to a command says that it was given before. */
bool world_is_replay(const struct wire_call *call);
bool world_is_dry(const struct wire_call *call);

#endif
