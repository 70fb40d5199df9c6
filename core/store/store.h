/* store.h: makes batches durable, brings the state back at start, keeps the segments in order.
 *
 * Three connections to one database. The *writer* takes over (epoch), loads, then commits one batch
 * at a time. The *keeper* makes segments ahead, indexes sealed ones, and writes state tables
 * behind; it writes only what is durable already, so a server that was fenced can do no harm with
 * it. The third one *checks* for answers that leave without a batch whether this server is still
 * the writer.
 *
 * Doubt: when the writer's connection breaks while a batch is under way, nobody knows whether it
 * happened. On reconnect the batch number in vsl.writer tells: the batch's number: durable; the one
 * before: the same bytes are sent again; another epoch: another server has taken over, stop.
 *
 * Never decides about money and never calls the engine: rows go up through handlers.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_STORE_STORE_H
#define VSL_STORE_STORE_H

#include "journal/journal.h"
#include "journal/parts.h"
#include "journal/proof.h"
#include "model/journal_life.h"
#include "model/records.h"

#include <stdbool.h>
#include <stdint.h>

struct event_base;
struct store;

/* The schema version that this program reads and writes; the newest file of sql/migrations. */
#define STORE_SCHEMA_VERSION 3

/* A segment that the database has indexed: what is needed to rule out that it holds a key. */
struct indexed_segment {
    int64_t first_sequence;
    int64_t last_sequence;
    int32_t min_business_date; /* days */
    int32_t max_business_date;
    const uint8_t *key_filter; /* NULL when not loaded; valid during the call */
    size_t key_filter_length;
    /* Of the banks' references that its receipts have booked; of no bytes: there are none. NULL:
     * the segment was indexed before such filters were made. */
    const uint8_t *reference_filter;
    size_t reference_filter_length;
    /* Of each kind of parts, in their order: DIGEST_BYTES for each part. Of no references there are
     * none, nor of a segment that was indexed before parts were made, or whose key filter is not
     * loaded. */
    const uint8_t *part_digests[PART_KINDS];
    size_t part_counts[PART_KINDS];
};

/* Why a store has ended. */
enum store_end {
    STORE_UNUSABLE,   /* the database must not be used before a person has looked */
    STORE_FENCED,     /* another server is the writer; this one may be opened anew as its standby */
    STORE_LOADS_ANEW, /* what was loaded is of no use; this server may be opened anew at once */
};

struct store_handlers {
    /* Another server holds the database; this one waits for its lock. Called once. */
    void (*on_standby)(void *context);

    /* The database is ours: whose journal it holds. Once, before anything is loaded. */
    void (*on_lives)(void *context, const struct journal_lives *lives);

    /* Loading, in this order. State rows come by kind (ledgers first) and id; journal rows by
     * sequence number, images by kind first. Of kinds whose final records leave memory the final
     * rows do not come, but for the one with the greatest id. */
    void (*on_state)(void *context, int64_t sequence, const struct image *image);
    /* The ledgers' state rows are there: the oldest business date that an open ledger still takes,
     * days; filters of segments that end before are not loaded, nor payouts that could come back
     * before. */
    int32_t (*oldest_business_date)(void *context);
    void (*on_indexed_segment)(void *context, const struct indexed_segment *segment);
    /* `first_sequence`: start of the oldest segment that is not indexed. Rows from the redo
     * sequence or from there on follow, whichever is smaller: all images, then all commands, then
     * postings. */
    void (*on_redo)(void *context, const struct journal_position *position, int64_t first_sequence,
        int64_t redo_sequence);
    void (*on_image)(void *context, int64_t sequence, const struct image *image);
    void (*on_command)(void *context, const struct command_record *record);
    void (*on_posting)(
        void *context, int64_t sequence, int16_t line, const struct posting *posting);
    /* Everything is loaded, this server is the writer. */
    void (*on_ready)(void *context);

    /* The batch last submitted is committed. */
    void (*on_durable)(void *context);
    /* The images last given to store_write_state are in the state tables. */
    void (*on_state_written)(void *context);
    /* This server is the writer, or was so after the last call of store_check. */
    void (*on_checked)(void *context);
    /* Every row of the segment can be found by index; it has parts now. */
    void (*on_segment_indexed)(void *context, const struct indexed_segment *segment);
    /* What is in memory is over: fenced, half loaded, wrong schema, or the database disagrees with
     * memory. `reason` is a sentence for the log with what to do. Nothing is called afterwards.
     * Like every handler it must not call store_close. */
    void (*on_stop)(void *context, enum store_end end, const char *reason);
};

struct store_config {
    const char *conninfo;     /* libpq connection string or URI */
    int64_t segment_commands; /* size of segments that are made from now on */
    /* Segments for so many commands are kept ready, two segments at least. */
    int64_t commands_ahead;
    bool take_over; /* raise the epoch at once instead of waiting as standby */
    /* From the first connection on so long the lock is not asked for: for a server that is opened
     * anew, so that the writer, whose connection may have broken as well, comes first. */
    int64_t head_start_us;
    /* The keys of the journal's codes, the newest last; they outlive the store. None: codes are
     * made without a key, and find damage only. */
    const struct proof_key *keys;
    size_t key_count;
    /* Of each key of the ring: a start refuses one that is not the key which the database has noted
     * under its number, and has those noted that it has not yet. Copied. */
    const struct proof_check *checks;
    size_t check_count;
    /* Where a journal that had no codes was adopted, by the identity of its first life as text;
     * both outlive the store. False: it was not. NULL: as if it never were. */
    bool (*find_adoption)(void *context, const char *identity, int64_t *ret_batch_number,
        uint8_t ret_digest[DIGEST_BYTES]);
    void *adoption_context;
};

/* Whether libpq understands the connection string. */
bool store_is_conninfo(const char *conninfo);

/* Starts connecting; the configuration is copied, the handlers must outlive the store. Everything
 * else comes through the handlers from the event loop. */
struct store *store_open(struct event_base *base, const struct store_config *config,
    const struct store_handlers *handlers, void *context);
void store_close(struct store *store);

/* Commits a batch; at most one at a time. Its memory stays untouched until on_durable. */
void store_submit(struct store *store, const struct journal_batch *batch);

/* Asks the database whether this server is still the writer: on_checked follows when it is, on_stop
 * when another has taken over. As long as the database does not answer nothing follows, and the
 * question is asked again and again. At most one at a time. */
void store_check(struct store *store);

/* Whether a batch given now goes out at once: the connection is there, and no doubt is open. */
bool store_is_settled(const struct store *store);

/* What the database's clock shows when the monotonic one shows `monotonic_us`, microseconds since
 * 1970-01-01 UTC, by the last answer that told it; half of that answer's round trip inexact. This
 * server is or was the writer. */
int64_t store_database_time(const struct store *store, int64_t monotonic_us);
/* When that answer came, monotonic. */
int64_t store_database_time_asked(const struct store *store);

/* Compares keys with those that the database has noted under their numbers, and has those noted
 * that it has not yet. `on_done` gets the number of one that is another key, 0: none is; before the
 * next question, which takes the place of one that is open. As long as the database does not answer
 * nothing follows. True: this server is not the writer yet, its start does it, and nothing follows.
 * The checks are copied. */
bool store_note_keys(struct store *store, const struct proof_check *checks, size_t check_count,
    void (*on_done)(void *context, int32_t wrong_number), void *context);

/* Largest sequence number for which partitions exist; commands beyond it must wait. */
int64_t store_sequence_limit(const struct store *store);

/* The segment that holds `sequence`: its first and last number. It must exist. */
void store_segment_of(
    const struct store *store, int64_t sequence, int64_t *ret_first, int64_t *ret_last);

/* Images of every change before this one are in the state tables, confirmed: a restart redoes from
 * here. */
int64_t store_redo_sequence(const struct store *store);

/* Whether images can be given now: connected, the ones before are written. */
bool store_can_write_state(const struct store *store);

/* What is wrong with the code of a batch's row, as a text for the log; NULL: nothing, a batch was
 * written with that number and digest. */
const char *store_prove_batch(const struct store *store, const struct batch_row *row);

/* Upserts images of durable state, each as of its sequence; afterwards a restart redoes from
 * `redo_sequence`. The images are copied. The ones before must be written; a connection that was
 * lost since store_can_write_state is waited for. */
void store_write_state(struct store *store, const struct image *images, const int64_t *sequences,
    size_t count, int64_t redo_sequence);

/* All commands of the segment are durable: seals and indexes it, and keeps its parts, which are
 * made here. Segments come in order and are worked off one after the other. The filters are copied;
 * the `hashes`, of keys and of references, stay as they are until on_segment_indexed or
 * store_close. After a start this is to be called again for every complete segment from on_redo's
 * first_sequence on: how far it came before does not matter. */
void store_index_segment(struct store *store, const struct indexed_segment *segment,
    const struct part_hashes hashes[PART_KINDS], int32_t min_accounting_date,
    int32_t max_accounting_date);

struct store_counters {
    uint64_t batches, batch_rows, batch_bytes, reconnects, doubts_resolved_durable, doubts_resent,
        segments_indexed, state_rows_written;
    int64_t last_commit_us; /* duration of the last batch */
};
void store_counters(const struct store *store, struct store_counters *ret_counters);

#endif
