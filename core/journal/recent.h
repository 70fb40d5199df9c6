/* recent.h: the journal's rows that the database has not indexed yet, in memory.
 *
 * Commands by sequence number, by request key, by order, by the bank's reference and by the account
 * that they changed, postings by account in both directions.
 * Kept per segment; a segment's memory is given back once its rows are indexed. Rows of commands
 * that are not durable yet are here too: readers ask journal_durable_sequence and leave the newer
 * ones out.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_JOURNAL_RECENT_H
#define VSL_JOURNAL_RECENT_H

#include "base/hash.h"
#include "base/must_use.h"
#include "base/text.h"
#include "journal/filter.h"
#include "journal/parts.h"
#include "model/command_record.h"
#include "model/records.h"

#include <stdbool.h>
#include <stdint.h>

struct recent;

/* Starts empty: everything before `next_sequence` is indexed. `secret` is the hash under the key
 * filters. */
struct recent *recent_create(struct hash_key secret, int64_t next_sequence);
void recent_destroy(struct recent *recent);

/* Adds the segment [first, last] behind the ones that are there; false when RECENT_SEGMENTS_MAX are
 * held: indexing is far behind, commands must wait. */
MUST_USE bool recent_try_add_segment(struct recent *recent, int64_t first, int64_t last);

/* The oldest and newest sequence numbers for which there is room. Without a segment the oldest is
 * the next number: every row before it is in the database alone, and indexed. */
int64_t recent_first_sequence(const struct recent *recent);
int64_t recent_last_room(const struct recent *recent);

/* Remembers a command; sequence numbers come one after the other, and lie in the segments. */
void recent_append_command(struct recent *recent, const struct command_record *record);

/* Puts a mark (journal/filter.h) of the next command, or of one behind it, into the filter and the
 * parts of references of its segment; of equal ones of a command that follow each other, one. */
void recent_note_mark(struct recent *recent, int64_t sequence, uint64_t hash);

/* Remembers a posting of the newest command with that number; sequences never go back. */
void recent_append_posting(
    struct recent *recent, int64_t sequence, int16_t line, const struct posting *posting);

/* Notes that the newest command opened, closed or restricted the account. */
void recent_note_change(struct recent *recent, int64_t account_id);

/* The command with this key, NULL when it is not here. Stays valid until its segment is dropped. */
const struct command_record *recent_find_key(
    const struct recent *recent, const struct request_key *key);

/* The command with this number, NULL when it is older than what is remembered or not there yet. */
const struct command_record *recent_find_sequence(const struct recent *recent, int64_t sequence);

/* Its postings, in the order of their lines. */
uint32_t recent_postings(
    const struct recent *recent, int64_t sequence, const struct posting **ret_postings);

/* Walks the postings that touch the account, each once, from `sequence` on (inclusive) upwards, or
 * downwards when `newest_first`, until `on_posting` returns false. */
typedef bool (*recent_on_posting)(
    void *context, int64_t sequence, int16_t line, const struct posting *posting);
void recent_walk_account(const struct recent *recent, int64_t account_id, int64_t sequence,
    bool newest_first, recent_on_posting on_posting, void *context);

/* Walks the ledger's commands with that order number, those behind `after_sequence`, in the order
 * of their numbers, until `on_command` returns false. */
typedef bool (*recent_on_command)(void *context, const struct command_record *record);
void recent_walk_order(const struct recent *recent, int64_t ledger_id, struct text order_number,
    int64_t after_sequence, recent_on_command on_command, void *context);

/* Walks the ledger's commands that have the reference (command_record.reference), in no order,
 * until `on_command` returns false. */
void recent_walk_reference(const struct recent *recent, int64_t ledger_id, struct text reference,
    recent_on_command on_command, void *context);

/* Walks the commands that were noted for the account, from `sequence` on (inclusive) downwards,
 * until `on_command` returns false. */
void recent_walk_changes(const struct recent *recent, int64_t account_id, int64_t sequence,
    recent_on_command on_command, void *context);

/* The oldest segment, when all its commands are there (sequence >= its last): what the database
 * needs to index it. False when there is none. */
struct recent_segment {
    int64_t first_sequence;
    int64_t last_sequence;
    int32_t min_business_date, max_business_date;     /* days */
    int32_t min_accounting_date, max_accounting_date; /* days; 0 when no command had one */
    const struct key_filter *filter;
    const struct key_filter *reference_filter; /* of no bytes: it has no references */
    struct part_hashes keys, references;
};
bool recent_oldest_full(const struct recent *recent, struct recent_segment *ret_segment);

/* The database has indexed everything up to `last_sequence`, the end of the oldest segment. */
void recent_drop_oldest(struct recent *recent, int64_t last_sequence);

#endif
