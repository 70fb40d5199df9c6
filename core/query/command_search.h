/* command_search.h: what the two files of ListCommands share; internal to query.
 *
 * command_search.c is the walk and its steps in the database, command_search_memory.c its steps in
 * memory.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_QUERY_COMMAND_SEARCH_H
#define VSL_QUERY_COMMAND_SEARCH_H

#include "base/arena.h"
#include "base/buffer.h"
#include "base/must_use.h"
#include "query/command_filter.h"
#include "query/internal.h"

enum search_way {
    SEARCH_BY_ORDER,
    SEARCH_BY_ACCOUNT,
    SEARCH_ALL, /* position by position */
};

struct search_call {
    struct task task;
    struct query *query;
    struct wire_call *call;
    struct read_request request;
    char texts[REQUEST_TEXT_BYTES_MAX];
    struct arena party_arena; /* of the texts in `party` */
    struct party_forms party;
    int64_t as_of;
    int64_t position; /* everything from it on was looked at */
    enum search_way way;
    int64_t window;           /* of an index of the database */
    int64_t positions_left;   /* that may still be looked at one by one */
    uint32_t candidates_left; /* of an index that may still be looked at */
    bool has_ended;           /* nothing older can be wanted */
    bool is_full;
    int64_t begun_us;
    int64_t begun_position;

    bool has_sought; /* the end of the wanted days, before the walk through memory */
    bool has_bounds; /* the database was asked where the wanted days are */
    int64_t first;   /* nothing before it can be wanted */

    struct buffer out;
    size_t held; /* bytes of `out` within query->lines_bytes */
    uint32_t shown;
    uint32_t shown_max;

    /* The step under way: its candidates stand in falling order and are all there is from `floor`
     * on. */
    int64_t floor;
    uint32_t candidate_count;
    int64_t candidates[SEARCH_CANDIDATES_MAX];
    struct arena arena;
    uint32_t sieved_count;
    int64_t sieved[PAGE_COMMANDS_MAX]; /* in rising order */
    struct command_record *records[PAGE_COMMANDS_MAX];
    uint32_t record_count;
};

/* Begins the next step, or ends the call. */
void search_go(struct search_call *search);
void search_fail(struct search_call *search, enum pool_end end);
void search_fail_damaged(struct search_call *search);

/* Everything from `floor` on was looked at. */
void search_end_step(struct search_call *search, int64_t floor);

/* Shows a command that passed the filter of commands, if it passes that of postings; -1 when it is
 * damaged. */
MUST_USE int search_show(struct search_call *search, const struct command_record *record,
    const struct posting *postings, uint32_t posting_count);

/* Takes a candidate that is below all before; the caller has left room. */
void search_add_candidate(struct search_call *search, int64_t sequence);

/* So many commands have the order number here that its index is of no use. */
void search_leave_order(struct search_call *search);

/* Moves the position down to where the wanted days end among the rows in memory, or near it. */
void search_seek_in_memory(struct search_call *search, int64_t cut);

/* Looks at this turn's candidates in memory, from the cut on; -1 when a command is damaged. */
MUST_USE int search_step_in_memory(struct search_call *search, int64_t cut);

#endif
