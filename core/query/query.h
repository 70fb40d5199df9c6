/* query.h: reads of history: statements, one command, orders, the event stream, old request keys.
 *
 * History is in two places with one clear cut: rows below `first_sequence` are in the database and
 * indexed, rows from there on are in memory until the database has indexed them (recent). A read
 * takes what it needs from memory at once, as far as it is durable, and the rest from the database
 * by its own connections. Nothing here decides about money. A decision about money reads from here
 * only what never changes: whether a key was seen, and the command that is refunded or reversed.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_QUERY_QUERY_H
#define VSL_QUERY_QUERY_H

#include "base/must_use.h"
#include "base/text.h"
#include "ceilings.h"
#include "journal/parts.h"
#include "model/command_record.h"
#include "model/journal_life.h"
#include "model/records.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct batch_row;
struct hash_key;
struct sealer;
struct command;
struct event_base;
struct query;
struct read_request;
struct wire_call;

/* The posting of an account that an iteration over recent rows stands at. */
struct recent_posting {
    int64_t sequence;
    int16_t line;
    const struct posting *posting;
};

/* The ledgers that are there for who asks. */
struct ledger_scope {
    bool is_all;
    uint8_t kept;    /* from who asks, of the journal: enum kept */
    bool is_adapter; /* pays what checks of cards ask for: is told how much */
    uint32_t count;
    const int64_t *ids;
};

static inline bool ledger_scope_has(const struct ledger_scope *scope, int64_t ledger_id)
{
    for (uint32_t i = 0; i < scope->count; i++) {
        if (scope->ids[i] == ledger_id)
            return true;
    }
    return scope->is_all;
}

/* Who sent commands, by the id of his record. The text stays valid until control returns to the
 * event loop. */
struct caller_names {
    void *context;
    struct text (*find)(void *context, int64_t caller_id);
};

/* Who has accounts; members keep their names, and stay in memory. */
struct member_name {
    int64_t member_id;
    struct text platform_member_id; /* stays valid until control returns to the event loop */
};
struct member_names {
    void *context;
    /* Of an account; false: it is nobody's, or there is none. */
    bool (*find_owner)(void *context, int64_t account_id, struct member_name *ret_name);
    /* Of a member; false: there is none. */
    bool (*find)(void *context, int64_t member_id, struct member_name *ret_name);
};

/* What the owner offers of the rows in memory. Pointers stay valid until control returns to the
 * event loop. */
struct query_recent {
    void *context;
    /* Rows with smaller numbers are indexed in the database and not offered here. */
    int64_t (*first_sequence)(void *context);
    /* Rows with greater numbers are not durable yet and must not be shown. */
    int64_t (*durable_sequence)(void *context);
    const struct command_record *(*find_sequence)(void *context, int64_t sequence);
    const struct command_record *(*find_key)(void *context, const struct request_key *key);
    uint32_t (*postings)(void *context, int64_t sequence, const struct posting **ret_postings);
    /* Walks the postings that touch the account (each once, even when both sides are the account),
     * from `sequence` on (inclusive) upwards, or downwards when `newest_first`, until `on_posting`
     * returns false. */
    void (*walk_account)(void *context, int64_t account_id, int64_t sequence, bool newest_first,
        bool (*on_posting)(void *walk, const struct recent_posting *posting), void *walk);
    /* Walks the commands that opened, closed or restricted the account, from `sequence` on
     * (inclusive) downwards, until `on_command` returns false. */
    void (*walk_changes)(void *context, int64_t account_id, int64_t sequence,
        bool (*on_command)(void *walk, const struct command_record *record), void *walk);
    /* Walks the ledger's commands with that order number, those behind `after_sequence`, upwards,
     * until `on_command` returns false. */
    void (*walk_order)(void *context, int64_t ledger_id, struct text order_number,
        int64_t after_sequence, bool (*on_command)(void *walk, const struct command_record *record),
        void *walk);
    /* Whether there is a ledger with this id, whosoever. */
    bool (*has_ledger)(void *context, int64_t ledger_id);
    /* Whether the account exists, and its ledger. */
    bool (*find_account)(void *context, int64_t account_id, int64_t *ret_ledger_id);
    struct caller_names caller_names;
    struct member_names member_names;
    /* What is wrong with the code of a batch's row, for the log; NULL: nothing. */
    const char *(*prove_batch)(void *context, const struct batch_row *row);
    /* The ledgers that are there for the call now; false: who asks may do so no more. */
    bool (*scope)(void *context, const struct wire_call *call, struct ledger_scope *ret_scope);
};

struct query_config {
    const char *conninfo;         /* may name a read replica for statements; see deploy/README.md */
    const char *primary_conninfo; /* beside a replica; NULL: conninfo leads to the primary */
    int64_t lag_max_us;           /* the primary is asked when a replica is behind for so long */
    uint32_t connections;         /* 1..16; two more to the primary beside a replica */
    uint32_t calls_waiting_max;   /* more get RESOURCE_EXHAUSTED */
    uint32_t streams_max;         /* event streams at a time; more get RESOURCE_EXHAUSTED */
    int64_t heartbeat_us;         /* a quiet event stream says so often where it is; 0: never */
};

struct query *query_open(
    struct event_base *base, const struct query_config *config, const struct query_recent *recent);
void query_close(struct query *query);

/* Whose journal this is; before the first call. Answers carry the present identity, positions and
 * page tokens of another one are refused, and no replica of another one is believed. */
void query_set_lives(struct query *query, const struct journal_lives *lives);

/* The database's secret, from which the key of page tokens is made; before the first call. */
void query_set_secret(struct query *query, const struct hash_key *secret);

/* What opens personal values from now on; NULL: nothing does. The caller keeps it. */
void query_set_sealer(struct query *query, struct sealer *sealer);

/* Of a list of live state: behind which id the page begins that the request's token asks for, or
 * its after_id where there is none. False: the token is refused, and the call answered. */
MUST_USE bool query_page_after(struct query *query, struct wire_call *call,
    const struct read_request *request, int64_t *ret_after_id);
/* The token of the page behind this id; empty when that is 0: there is no more. */
void query_page_token(const struct query *query, const struct read_request *request, int64_t as_of,
    int64_t after_id, char ret_text[PAGE_TOKEN_CHARS + 1]);

/* Answers a read of history (sooner or later), or streams until its client is gone. */
void query_call(struct query *query, struct wire_call *call, const struct read_request *request);

/* A streaming call has room again, or is gone, perhaps before query_call (on_stream_ready). */
void query_stream_ready(struct query *query, struct wire_call *call);

/* Rows up to the recent's durable sequence have become durable: feeds the event streams. Cheap when
 * no stream waits. */
void query_on_durable(struct query *query);

/* The database does not answer (or does again): what waits for commands to become durable ends with
 * UNAVAILABLE, streams too, so that their clients look for a server that knows what is going on. */
void query_set_away(struct query *query, bool is_away);

/* The server stops: ends every stream with UNAVAILABLE. */
void query_stop(struct query *query);

/* A request key, its hash, and where it may be: in these parts, and elsewhere, too. */
struct query_key {
    struct request_key key;
    uint64_t hash;
    const struct segment_part *parts; /* copied */
    size_t part_count;
    bool is_elsewhere; /* true where there are no parts */
};
/* Looks a request key up among the indexed rows. `on_found` is called once, later: `found` 1 with
 * the record (valid during the call), which is proved; 0 when there is none, which is proved but
 * for elsewhere; -1 when the database did not answer, -2 when what was found is not what was
 * recorded: logged. */
void query_find_key(struct query *query, const struct query_key *asked,
    void (*on_found)(void *context, int found, const struct command_record *record), void *context);

/* The receipts of a ledger that have booked a reference of the bank, folded (base/fold), among the
 * indexed rows: the newest ones, in parts of segments, which prove that there are no others, and in
 * segments of before between two numbers, both inclusive. All but the newest were reversed before
 * it was booked, unless they were booked before there was such a rule. */
#define RECEIPTS_OF_REFERENCE_MAX 4
struct query_reference {
    int64_t ledger_id;
    int64_t first_sequence, last_sequence; /* 0: there are none of before */
    uint64_t hash;
    const struct segment_part *parts; /* copied */
    size_t part_count;
    uint32_t reference_length;
    char reference[REFERENCE_BYTES_MAX];
};
/* `on_found` is called once, later: `result` 0 with the numbers of these receipts, newest first
 * (valid during the call), -1 when the database did not answer, -2 when a row is not such a
 * receipt, or not what was recorded: logged. */
typedef void (*query_on_receipts)(
    void *context, int result, const int64_t *sequences, uint32_t count);
void query_find_reference(struct query *query, const struct query_reference *asked,
    query_on_receipts on_found, void *context);

/* Looks a command up that is below the recent's first sequence, so that it must be there; its batch
 * is read whole and proved by its digest. `on_found` is called once, later: `result` 0 with the
 * record and its postings (valid during the call), -1 when the database did not answer, -2 when the
 * batch is not what was recorded: logged. */
typedef void (*query_on_command)(void *context, int result, const struct command_record *record,
    const struct posting *postings, uint32_t posting_count);
void query_find_command(
    struct query *query, int64_t sequence, query_on_command on_found, void *context);

/* Rows of a state table: of records that have left memory, which never change. */
struct query_records {
    enum record_kind kind;
    int64_t first_key, last_key; /* of the column that record_table names */
    int64_t ledger_id;           /* 0: of any */
    uint32_t rows_max;
    int64_t written_before; /* changes before must be in the rows; a replica may be behind */
    bool is_for_decision;   /* or the bank pays by it: each row is proved by its batch, too */
    /* When not 0: each command that left such a mark (journal/filter.h) wrote or changed a row, and
     * these parts name those of indexed segments; so rows that are missing are found, too. */
    uint64_t mark;
    const struct segment_part *parts; /* valid during the call */
    size_t part_count;
    /* When not 0: instead of rows by key one that is named by a text: the hold of the payer for the
     * order that ended last, the promise of the acquirer with the reference, or what is matched of
     * the booking with that id, whose kind is the text, a digit; the ledger is theirs. */
    int64_t owner_id;
    uint32_t text_length;
    char text[ORDER_NUMBER_BYTES_MAX];
};
/* `on_found` is called once, later: `result` 0 with `count` rows by id, in the bytes of COPY BINARY
 * one behind the other (valid during the call), -1 when the database did not answer, -2 when a row
 * is not the newest image that the journal has of it, or is missing: logged. Changes before
 * `redo_sequence` were written behind when it answered. */
typedef void (*query_on_records)(void *context, int result, int64_t redo_sequence,
    const uint8_t *rows, size_t length, uint32_t count);
void query_find_records(struct query *query, const struct query_records *asked,
    query_on_records on_found, void *context);

#endif
