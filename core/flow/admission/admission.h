/* admission.h: bringing in what a call names before it is decided; internal to flow.
 *
 * Memory has what is recent and what is live. A call may name more: a request key or a command of
 * an indexed segment, a record that has left memory. wanted.c tells what that is, lookups.c asks
 * query for it, admission.c leads the call through the states below.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_FLOW_ADMISSION_ADMISSION_H
#define VSL_FLOW_ADMISSION_ADMISSION_H

#include "command/command.h"
#include "query/query.h"
#include "wire/wire.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct flow;
struct lookups;
struct batch_progress;
struct unpacking;

enum admission {
    /* In the queue, and not looked at yet; or given up its answers, to be asked for again. */
    ADMISSION_QUEUED,
    /* Out of the queue: query is asked for what memory does not have. Ends with the last answer;
     * the call fails when one does not come. */
    ADMISSION_ASKED,
    /* Back at the front of the queue with the answers in `lookups`. They count unless something
     * that the call names has left memory meanwhile: then it is asked for again. */
    ADMISSION_ANSWERED,
    /* Everything that it names is in memory or in `lookups`, for this turn: it is decided now. When
     * there is no room for its commands it stays in the queue, and is looked at again. */
    ADMISSION_COMPLETE,
    /* A batch of which some commands are decided, and the turn's work was done; or, back in the
     * queue, it waits for room. It stays first of its source's calls, and its turn comes again. */
    ADMISSION_BEGUN,
    /* A batch of which a part is unpacked, or all of it, and the turn's work was done. It stays
     * first of its source's calls, and its turn comes again. */
    ADMISSION_UNPACKING,
    /* Answered, or failed; its place in the queue is free. */
    ADMISSION_OVER,
};

/* A call in the queue, or out of it in ADMISSION_ASKED. */
struct waiting_call {
    struct wire_call *call;
    const uint8_t *request;
    size_t length;
    enum admission admission;
    struct lookups *lookups;         /* the answers to what was asked for it; NULL: nothing was */
    struct batch_progress *progress; /* of a batch that was begun; NULL: of none */
    struct unpacking *unpacking;     /* where it was unpacked; NULL: nowhere yet */
};

/* Whether everything that the commands of a call name, from number `first` on, is there:
 * ADMISSION_COMPLETE. If not it has been asked for, or the call has failed. */
bool flow_admit(struct flow *flow, struct waiting_call *waiting, const struct command *commands,
    uint32_t first, uint32_t count);
/* Whether what command number `index` names is there, also what was not known when it was admitted:
 * a proposal that was made since, in the same call. */
bool flow_has_wanted(struct flow *flow, const struct command *command,
    const struct lookups *lookups, uint32_t index);
/* Has records asked for that a read is about; or the call fails. */
void flow_ask_records(
    struct flow *flow, struct waiting_call *waiting, const struct query_records *asked);
/* The same for commands, of sequences that are not in memory, and the record that they are about;
 * NULL: it is in memory. */
void flow_ask_commands(struct flow *flow, struct waiting_call *waiting,
    const struct query_records *record, const int64_t *sequences, uint32_t count);
/* The call was answered. */
void flow_end_call(struct waiting_call *waiting);
/* Ends it with a status, which says that nothing was decided; unless a part of its batch was. */
void flow_fail_call(struct waiting_call *waiting, enum wire_status status, struct wording message,
    const struct wire_details *details);

/* ---- what was found, by the number of the command in its call ---- */

/* The record with its key; NULL: there is none. */
const struct command_record *lookups_find(const struct lookups *lookups, uint32_t index);
/* The command that it names by that number; NULL: it was not looked up. */
const struct command_record *lookups_find_original(const struct lookups *lookups, uint32_t index,
    int64_t sequence, const struct posting **ret_postings, uint32_t *ret_count);
/* The receipts in indexed segments that have booked its reference, newest first; how many. */
uint32_t lookups_find_receipts(
    const struct lookups *lookups, uint32_t index, const int64_t **ret_sequences);
/* Of what a read has had asked for: a command; NULL: it was not asked for. */
const struct command_record *lookups_find_command(const struct lookups *lookups, int64_t sequence);
/* A record, NULL when it was not found. From the first id that
 * was asked for up to `ret_last_id` (0: it was too long ago) the asked ledger has no others. */
const void *lookups_find_record(const struct lookups *lookups, int64_t id);
void lookups_covered(const struct lookups *lookups, int64_t *ret_first_id, int64_t *ret_last_id);

#endif
