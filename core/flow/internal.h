/* internal.h: what the files of flow share.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_FLOW_INTERNAL_H
#define VSL_FLOW_INTERNAL_H

#include "base/arena.h"
#include "base/buffer.h"
#include "base/check.h"
#include "base/map.h"
#include "command/body.h"
#include "command/decode.h"
#include "command/role_sets.h"
#include "engine/engine.h"
#include "flow/admission/admission.h"
#include "flow/flow.h"
#include "flow/queue.h"
#include "journal/filter.h"
#include "journal/journal.h"
#include "journal/recent.h"
#include "reply/reply.h"

/* Calls that wait for a turn; more are refused before anything is decided. */
#define CALLS_WAITING_MAX 65536
/* From here on clients are not read from until half of it is worked off. */
#define CALLS_WAITING_HIGH 49152
/* Images that one write-behind takes along, more when it lags far behind; and when it is due: after
 * so long, or when so much of what a start may redo is used up. */
#define STATE_CHUNK 2000
#define STATE_CHUNK_MAX 8000
#define STATE_AGE_MAX_US (20 * INT64_C(1000000))
#define STATE_LAG_PERCENT 75
/* So long a stop waits until the end of the journal is under the seal of the state. */
#define SEALING_MAX_US (3 * INT64_C(1000000))
/* Memory for the key filters of indexed segments. */
#define FILTER_BYTES_MAX ((size_t)2048 * 1024 * 1024)
/* The same for those of the banks' references. */
#define REFERENCE_FILTER_BYTES_MAX ((size_t)2048 * 1024 * 1024)

enum flow_state {
    FLOW_LOADING,  /* waits for the store; on_ready ends it */
    FLOW_SERVING,  /* until flow_stop or the store's on_stop */
    FLOW_DRAINING, /* no new calls; ends when the last answer is out and nothing is in flight */
    FLOW_SEALING,  /* nobody is there any more; until the end of the journal is under the seal */
    FLOW_ENDED,    /* on_end was called */
};

/* What a method's tag says. */
enum method_group { METHOD_COMMAND, METHOD_BATCH, METHOD_READ, METHOD_QUERY };
struct method {
    const char *path;
    enum method_group group;
    int kind; /* enum command_kind or read_kind */
    bool is_stream;
};
extern const struct method methods[];
extern const size_t method_count;

/* Answers that go out when a batch is durable, or when this server is known to be the writer. */
enum answer_kind {
    ANSWER_RECORDED,   /* a message about commands that the list's batch holds */
    ANSWER_UNRECORDED, /* a message about what is or was, or would be */
    ANSWER_REFUSAL,    /* a struct refusal about what is */
    ANSWER_QUERY,      /* nothing yet: query answers it from what is durable then */
};
struct answer_entry {
    struct wire_call *call;
    size_t offset; /* in bytes */
    size_t length;
    const uint8_t *request; /* of a query, with its length above */
    enum answer_kind kind;
};
struct answer_list {
    struct buffer bytes;
    struct buffer entries; /* of struct answer_entry */
    size_t unrecorded;     /* entries that are not ANSWER_RECORDED */
    int64_t since_us;      /* monotonic, when the first of these came */
};
/* A status that tells of state, and waits like an answer. The texts are literals. */
struct refusal {
    enum wire_status status;
    const char *reason;
    struct wording message;
    char field[FIELD_PATH_BYTES_MAX]; /* "": about no field */
};

/* The question whether this server is the writer still, and the answers that wait for it. */
struct check {
    struct answer_list answers;
    int64_t durable_wanted; /* commands up to here must be durable, too: the answers saw them */
    int64_t asked_us;       /* monotonic; 0: none is under way */
    bool is_done;           /* the database has said yes */
};

struct database {
    int64_t proved_us;    /* monotonic; when a batch or a check came back last */
    int64_t submitted_us; /* of the batch in flight; 0: none */
    int64_t settled_us;   /* when the store was last seen settled and segments not missing */
    int64_t away_us;      /* since when no answers are given; 0: they are */
    int64_t refusing_us;  /* since when no commands are taken; 0: they are */
};

/* Whether the turn may go on with what clients ask for. */
enum work_state {
    WORK_GOES_ON,
    WORK_OF_SOURCE_DONE, /* it has had its part of the turn; others wait */
    WORK_OF_TURN_DONE,
};
/* What it has done of that. */
struct work {
    /* Monotonic, when the turn began, what waits came to be decided, and the present source's part.
     */
    int64_t turn_us, queue_us, source_us;
    int64_t now_us;  /* at the last look at the clock */
    uint32_t unseen; /* units since then */
    enum work_state state;
    int64_t longest_us, told_us; /* of turns since the last line about them, and when that was */
    uint32_t cut_count;          /* turns since then that ended before the queue did */
};

/* A place where a batch is unpacked. */
#define UNPACKING_PLACES 2
struct unpacking {
    struct arena arena;
    const struct wire_call *call;    /* that sends it; NULL: the place is free */
    uint32_t source;                 /* of the call */
    bool is_held;                    /* other batches wait for it, see unpacking.c */
    struct batch_decoding *decoding; /* of its bytes; NULL: they are through */
    struct command_batch batch;
    uint32_t sealed; /* commands of it */
    int64_t cost_us; /* of unpacking it, less what was decided of it since */
    int64_t done_us; /* monotonic, when it was unpacked; 0: it is not */
    bool is_put_off; /* to the next turn, once */
};

/* After a batch that was decided in one go. */
struct rest {
    uint32_t source;  /* that sent it */
    int64_t until_us; /* monotonic */
};

struct flow_clock {
    int fault;        /* why not, 0: it is right; see clock.c */
    bool is_refusing; /* no command is decided, since it is not known what time it is */
    bool is_warned;
};

/* What an Approve decides: the command that was proposed, as of this approval. */
struct approved_memory {
    struct command command; /* its texts are in the journal, or the look-ups */
    struct command_elements elements;
};

struct flow {
    struct flow_config config;
    enum flow_state state;
    struct wire_server *wire;
    struct wire_method *wire_methods;
    struct store *store;
    struct query *query;
    struct engine *engine;
    struct journal *journal; /* NULL until the store tells the position */
    struct recent *recent;
    struct filter_set *filters;
    struct filter_set *reference_filters; /* of the banks' references */
    struct hash_key filter_secret;
    uint64_t filters_generation; /* grows whenever a segment moves from memory to the filters */

    int64_t now_us;           /* of this turn; never goes back */
    int64_t now_monotonic_us; /* for deadlines */
    int64_t sealing_since_us; /* in FLOW_SEALING */
    bool is_seal_given;       /* the store writes it */

    struct queue *queue; /* calls that wait for a turn */
    struct work work;
    uint32_t last_source;    /* of a call */
    int64_t other_source_us; /* monotonic, when the last call came that was of another one */
    uint32_t calls_asked;    /* in ADMISSION_ASKED */
    uint32_t weight_asked;   /* of what these calls have asked for */
    bool is_paused;
    bool is_stalled; /* said that commands wait for segments, or for the state tables */
    int64_t told_redo_us;

    /* [0] waits for the open batch, [1] for the batch in flight; exchanged at submit. */
    struct answer_list answers[2];
    struct check check;       /* of this server being the writer */
    struct database database; /* whether it answers */
    struct flow_clock clock;

    int64_t told_durable_sequence; /* what the event streams know of */

    /* What is not in memory was written behind before this one; see evict.c. */
    int64_t evicted_before;
    int64_t evicted_next;                 /* what it will be */
    int64_t evict_turn_us, evict_step_us; /* when it will be, when the next step is due */

    struct image *state_images; /* STATE_CHUNK_MAX of them, as of the batch in flight */
    int64_t *state_sequences;
    uint32_t state_count;
    int64_t state_redo_sequence;
    int64_t redone_until; /* what this start has found in the journal */
    bool is_indexing;

    struct sealer *sealer; /* NULL: there is none */
    struct arena arena;
    struct unpacking unpacking[UNPACKING_PLACES];
    struct rest rest;
    struct effects *effects;
    /* In a scope that will be rolled back: how many of its commands would be on record, which have
     * the numbers that they would get, and the references of those that are accepted. */
    bool is_trying;
    int64_t tried_count;
    struct map tried_references; /* numbers of the following */
    struct buffer tried, tried_bytes;
    struct approved_memory approved; /* of the Approve that is being decided */
    struct answer *item_answers;     /* BATCH_COMMANDS_MAX */
    struct buffer scratch;
    int loading_errors;

    uint64_t callers_refused;      /* calls, for who asked or what he may not */
    uint64_t callers_refused_said; /* by the log's last line about them */
    int64_t caller_refusal_us;     /* monotonic; when that was */
};

/* ---- methods.c ---- */
void flow_on_call(void *context, struct wire_call *call, const uint8_t *request, size_t length);
void flow_on_stream_ready(void *context, struct wire_call *call);

/* ---- work.c: a turn ends, and the next source comes, by what was done ---- */
void flow_begin_work(struct flow *flow);
/* Whether several sources have sent calls of late. */
bool flow_has_many_sources(const struct flow *flow);
/* The turn has reached what waits. */
void flow_begin_queue(struct flow *flow);
/* The turn has reached the next source. */
void flow_begin_source(struct flow *flow);
/* So much was done: about what moving one amount costs is a unit. */
enum work_state flow_work(struct flow *flow, uint32_t units);
/* The turn has ended; says now and then how long they took. */
/* Whether the turn has hardly worked on it yet. */
bool flow_is_turn_fresh(struct flow *flow);
/* Whether answers wait for the database: a batch in flight, or a check. */
bool flow_is_asking(const struct flow *flow);
/* The turn is to end, whatever waits. */
void flow_end_queue(struct flow *flow);
void flow_end_work(struct flow *flow, bool is_cut);
void flow_tell_work(struct flow *flow);

/* ---- load.c: the store's handlers ---- */
extern const struct store_handlers flow_store_handlers;

/* ---- callers.c: who asks, and whether he may ---- */

struct asker {
    int64_t caller_id;           /* see struct command */
    int32_t roles;               /* set of enum caller_role */
    const struct caller *caller; /* NULL: no ledgers or channels are kept from him */
};

/* Who calls; false when nobody does who may: then the call has failed. */
bool flow_find_asker(struct flow *flow, struct wire_call *call, struct asker *ret_asker);
/* Whether he has one of the roles; fails the call if not. */
bool flow_has_role(
    struct flow *flow, struct wire_call *call, const struct asker *asker, int32_t roles);
bool flow_has_ledger(const struct asker *asker, int64_t ledger_id);
/* Whether he is of the platform only, not of the bank. */
bool flow_is_outside(const struct asker *asker);
/* Whether he may send the commands, each with its role, channel and ledger; fails the call if not.
 * They have their caller then. */
bool flow_may_send(struct flow *flow, struct wire_call *call, const struct asker *asker,
    struct command *commands, uint32_t count);
/* A ledger that is not his becomes one that nobody has, and what of the journal is kept from his
 * roles is left out. */
void flow_keep_to_scope(const struct asker *asker, struct read_request *request);
/* See query_recent.scope. */
bool flow_scope(void *context, const struct wire_call *call, struct ledger_scope *ret_scope);
/* Says how many were refused since the last line about it, once enough time has passed; `is_last`:
 * at once. */
void flow_tell_refusals(struct flow *flow, bool is_last);

/* The wire's question whether who proves that name may keep his connections: not who is suspended.
 */
bool flow_keeps_connections(void *context, const char *name);

/* ---- commands.c ---- */
/* Each decides the call, or leaves it in the queue when there is no room in this batch or the
 * segments. */
void flow_execute_command(struct flow *flow, struct waiting_call *waiting, enum command_kind kind);

/* ---- batches.c ---- */
/* What was decided of a batch in turns before. */
struct batch_progress {
    uint32_t done;     /* commands */
    int64_t caller_id; /* who sent it */
    struct answer answers[];
};
/* The same; it stays in the queue, too, when the turn's work is done before it is unpacked, or, not
 * atomic, before all is decided: ADMISSION_UNPACKING, ADMISSION_BEGUN; the next turn goes on. */
void flow_execute_batch(struct flow *flow, struct waiting_call *waiting);

/* ---- unpacking.c ---- */
/* Of a request, to be unpacked for what moving one amount costs. */
#define REQUEST_BYTES_PER_UNIT 256
void flow_init_unpacking(struct flow *flow);
void flow_finish_unpacking(struct flow *flow);
/* Whether the call's batch waits because another one is being unpacked, or since one was decided in
 * one go. */
bool flow_is_held_up(struct flow *flow, const struct waiting_call *waiting);
/* What the call sends, unpacked and sealed; begins, or goes on. NULL: it was refused, or the turn's
 * work is done: ADMISSION_UNPACKING. Who sends it may do so, or is to be asked (flow_may_send). */
struct command_batch *flow_unpack(struct flow *flow, struct waiting_call *waiting);
/* Whether an atomic batch, or a dry run, may begin in this turn: a large one does not when the turn
 * has worked for long already; then the turn ends and the next one begins with it. */
bool flow_may_decide_in_one_go(struct flow *flow, struct waiting_call *waiting);
/* It has begun then, and is decided. */
void flow_rest(struct flow *flow, uint32_t source, int64_t began_us);
/* So long was worked on what the call sends. */
void flow_earn(const struct waiting_call *waiting, int64_t decided_us);
/* The call leaves the queue for a while; it stays unpacked unless another one needs the place. */
void flow_let_others_unpack(const struct waiting_call *waiting);
/* The same for what the source has in the queue. */
void flow_let_source_go(struct flow *flow, uint32_t source);
/* The call has ended. */
void flow_let_go(struct waiting_call *waiting);

/* ---- commands.c, for batches ---- */
/* The answer to one command; in a dry run the caller holds a scope that it rolls back. */
struct answer flow_execute_one(struct flow *flow, const struct command *command,
    const struct lookups *lookups, uint32_t index);
struct answer flow_answer_again(
    struct flow *flow, const struct command *command, const struct command_record *record);
struct answer flow_answer_unrecorded(const struct command *command, const struct effects *effects);
/* The record with the command's key; NULL: it is new. */
const struct command_record *flow_find_first(struct flow *flow, const struct command *command,
    const struct lookups *lookups, uint32_t index);
/* Has the engine decide command number `index` of its call. Returns what was decided: the command
 * itself, or the one that it approves, which is valid until the next one is decided. */
const struct command *flow_decide(struct flow *flow, const struct command *command,
    const struct lookups *lookups, uint32_t index);
struct answer flow_append(
    struct flow *flow, const struct command *command, const struct effects *effects);
/* The command of an Approve that was found to decide it, as above. */
const struct command *flow_approved(struct flow *flow, const struct command *command,
    const struct lookups *lookups, uint32_t index);
/* Whether a refusal is put on record. */
bool flow_is_recorded(int outcome);

/* Whether so many commands fit into the open batch and into segments that exist. */
bool flow_has_room(struct flow *flow, uint32_t count);
/* Whether the open batch takes no more items of a SubmitBatch. */
bool flow_is_full_for_items(const struct flow *flow);
/* Decides and records a command of the service itself. It must be accepted, and there must be room.
 */
void flow_execute_own(struct flow *flow, const struct command *command);

/* ---- expiries.c ---- */
/* Ends what is due by now, as far as there is room. */
void flow_execute_expiries(struct flow *flow);

/* The language of the texts in the call's answer. The journal has no texts, so a replay speaks the
 * language of whoever asks again. */
static inline enum text_language flow_language(const struct wire_call *call)
{
    return wire_call_language(call) == WIRE_CHINESE ? TEXT_CHINESE : TEXT_ENGLISH;
}

/* ---- evict.c: final records leave memory ---- */

/* A step of it, now and then. */
void flow_evict(struct flow *flow);

/* ---- admission/originals.c ---- */
/* The command that an Approve decides. False: there is no such proposal that is open, or the
 * command that made it is old and was not looked up. Valid as long as flow_find_original's. */
bool flow_find_approved(struct flow *flow, const struct command *approve,
    const struct lookups *lookups, uint32_t index, struct approved_memory *ret_memory);
/* The number of the earlier command that it names; of an Approve the one that made the proposal; of
 * a lift, where callers are known, the one that placed the freeze; of a corrected word of the bank
 * the one that asked for the payout. 0: none. */
int64_t flow_earlier_sequence(const struct flow *flow, const struct command *command);
/* The command that `command`, number `index` of its call, names; NULL: the journal has none with
 * that number. Valid until control returns to the event loop, as long as `memory` and the look-ups.
 */
struct original_memory {
    struct original original;
    struct command command;
    struct command_elements elements;
};
const struct original *flow_find_original(struct flow *flow, const struct command *command,
    const struct lookups *lookups, uint32_t index, struct original_memory *memory);
/* The same of its record, which can be read, with its postings. */
const struct original *flow_read_original(const struct command_record *record,
    const struct posting *postings, uint32_t count, struct original_memory *memory);

/* ---- references.c ---- */
/* A command's reference as it is compared (command_folded_reference); empty: it has none. */
struct text flow_reference(const struct command *command, char ret_bytes[REFERENCE_BYTES_MAX]);
/* The reference that a recorded command booked; empty: none. */
struct text flow_booked_reference(
    const struct command_record *record, char ret_bytes[REFERENCE_BYTES_MAX]);
/* Whether a receipt in an indexed segment may have booked the command's reference: then what is to
 * be asked. */
bool flow_may_be_booked(
    const struct flow *flow, const struct command *command, struct query_reference *ret_asked);
/* The receipt that has booked the command's reference, see struct command.used_sequence. */
int64_t flow_find_used(const struct flow *flow, const struct command *command,
    const struct lookups *lookups, uint32_t index);
/* What is decided between these is rolled back: each with the number that it would get, so that it
 * is decided as it would be. */
void flow_begin_trial(struct flow *flow);
void flow_end_trial(struct flow *flow);
/* A command was accepted; counts in a trial. */
void flow_note_tried(struct flow *flow, const struct command *command);

/* ---- sealing.c ---- */
/* Seals what a client sent; false: it was refused. */
bool flow_seal(
    struct flow *flow, struct wire_call *call, struct command *command, struct arena *arena);
/* Whether each sealed value opens that the commands from `begin` to `end` of the call need: to tell
 * whether a request is the same as before, to decide what was proposed, to reveal. Else the call
 * has ended with an error that names the key, for any answer might be wrong. */
bool flow_opens(struct flow *flow, struct waiting_call *waiting, const struct command *commands,
    uint32_t begin, uint32_t end);
/* An engine_fingerprints; the context is the flow. */
uint32_t flow_fingerprints(void *context, int64_t ledger_id, enum personal_kind kind,
    struct text value, bool is_written, struct fingerprint ret_fingerprints[FINGERPRINTS_MAX]);
/* An engine_same_party; the context is the flow. */
bool flow_same_party(void *context, int64_t ledger_id, const struct party *party, struct text name,
    struct text number);
/* An engine_is_escrow_account; the context is the flow. */
bool flow_is_escrow_account(void *context, int64_t ledger_id, struct text number, struct text own);
/* Whether the ring has the keys that the ledgers' own values are sealed under, and those that
 * records are found by; else the log says which one it has not. */
bool flow_can_open(const struct flow *flow);
/* The ledger with its own values sealed under the present key; false: they are, or there is none.
 */
MUST_USE bool flow_try_reseal(struct flow *flow, int64_t ledger_id, struct ledger *ret_ledger);
/* The ledger with what answers show of its personal values. */
struct shown_ledger flow_show_ledger(struct flow *flow, const struct ledger *ledger);

/* ---- reveals.c ---- */
/* An earlier command that a Reveal names; NULL: the journal has none with that number. */
const struct command_record *flow_find_revealed(
    const struct flow *flow, const struct lookups *lookups, int64_t sequence);
/* The Reveal with what the journal says of the commands that it names, which is put there. */
struct command flow_with_revealed(const struct flow *flow, const struct command *command,
    const struct lookups *lookups, struct revealed ret_revealed[REVEALS_PER_COMMAND_MAX]);
/* Whether who sends the command is who sent the recorded one. */
bool flow_is_of_same_caller(const struct command *command, const struct command_record *record);
/* Puts the values that an accepted Reveal is about behind its answer. */
void flow_reply_revealed(struct flow *flow, const struct command *command,
    const struct lookups *lookups, struct buffer *out);

/* ---- reads.c, lists.c: live state ---- */
void flow_execute_read(struct flow *flow, struct waiting_call *waiting, enum read_kind kind);
/* A read under way. Who cannot answer it refuses the call, or has records asked for, and returns
 * false. */
struct reading {
    struct flow *flow;
    struct waiting_call *waiting;
    struct wire_call *call;
    const struct read_request *request;
    const struct asker *asker;
    const struct ledger *ledger; /* NULL: of a list of ledgers, and of callers */
    struct buffer *out;
    int64_t as_of;
    /* Of a card's number that is asked for. */
    struct fingerprint card_numbers[FINGERPRINTS_MAX];
    uint32_t card_number_count;
};
bool flow_read_record(struct reading *reading, enum record_kind kind, const char *id_field);
bool flow_list_records(struct reading *reading, enum record_kind kind);
/* What is shown of an account: itself, or a copy with what its member owes. */
const struct account *flow_shown_account(
    const struct reading *reading, const struct account *account);
bool flow_list_ledgers(struct reading *reading);
bool flow_refuse_not_found(const struct reading *reading, const char *field, struct wording what);

/* How the list goes on behind that record; 0: it has ended. */
struct next_page flow_next_page(const struct reading *reading, int64_t after_id);
/* Whether the request's filters take the member, but for those about who it is. */
bool flow_is_wanted_member(const struct read_request *request, const struct member *member);

/* ---- identities.c ---- */
/* Answers with a member, its accounts, oldest first, and who it is; false: the command that has the
 * evidence is looked up first. */
bool flow_reply_member(struct reading *reading, const struct member *member,
    const int64_t *account_ids, uint32_t account_count);
/* Whether a list of members is asked for by who they are, and such a list. */
bool flow_is_by_person(const struct read_request *request);
bool flow_list_person(struct reading *reading);

/* ---- payouts.c ---- */
/* Answers with a payout and what the commands say of it. */
bool flow_reply_payout(struct reading *reading, const struct payout *payout);

/* ---- recent_source.c ---- */
struct query_recent flow_recent_source(struct flow *flow);
/* The hash of the mark of what is matched of a booking, see MARK_MATCHED. */
uint64_t flow_hash_of_booking(const struct flow *flow, uint8_t booking_kind, int64_t booking_id);
/* Leaves the marks of an image of a command that comes next, see mark_hash. */
void flow_note_image(struct flow *flow, int64_t sequence, const struct image *image);
/* Puts a command among the recent rows. */
void flow_remember_command(struct flow *flow, const struct command_record *record);

/* ---- answers.c ---- */
/* Gives the bytes that were appended to flow_answer_buffer since `offset` to the call, when
 * everything that they were made from is durable, and this server is known to have been the writer
 * since the request came. `is_recorded`: the open batch holds commands of this call. */
struct buffer *flow_answer_buffer(struct flow *flow);
void flow_answer(struct flow *flow, struct wire_call *call, size_t offset, bool is_recorded);
/* The same for a status, and for a call that query is to answer. */
void flow_answer_refusal(struct flow *flow, struct wire_call *call, const struct refusal *refusal);
void flow_answer_query(
    struct flow *flow, struct wire_call *call, const uint8_t *request, size_t length);
void flow_release_answers(struct flow *flow);
/* The open batch becomes the batch in flight. */
void flow_exchange_answers(struct flow *flow);
/* Has a check made for the answers that no batch will cover, or when none has come for long. */
void flow_check_answers(struct flow *flow);
/* Fails what waits and is on no record: all of it, or what has waited too long. */
void flow_drop_late_answers(struct flow *flow, bool is_all);
/* Fails everything, since the server ends. */
void flow_drop_answers(struct flow *flow, struct wording message);
void flow_finish_answers(struct flow *flow);
/* Bytes of answers that wait. */
size_t flow_answer_bytes(const struct flow *flow);

/* ---- database.c ---- */
/* A batch is durable, or a check has come back. */
void flow_database_answered(struct flow *flow);
/* Looks whether the database answers and takes batches, and tells health and clients. */
void flow_watch_database(struct flow *flow);
/* Fails a call with UNAVAILABLE because the database is away. */
void flow_refuse_away(struct wire_call *call);
/* A command that comes now would wait for nobody knows how long: fails its call. */
void flow_refuse_commands(struct wire_call *call);

/* ---- clock.c ---- */
/* Reads the clocks for this turn; recorded time goes on when they agree. */
void flow_read_clock(struct flow *flow);
/* Whether the database is to be asked what time it is. */
bool flow_clock_is_due(const struct flow *flow);
/* Fails a command's call because it is not known what time it is. */
void flow_refuse_clock(struct wire_call *call);
/* Says at start that the service stood still for long, when it did. */
void flow_tell_stand_still(const struct flow *flow);

/* Fails a call whose request is malformed. */
void flow_refuse_malformed(struct wire_call *call, const struct decode_error *error);

#endif
