/* encode.h: answers of reads as protobuf bytes.
 *
 * The viewer: who asks may be outside the bank, and is then not told who sent a command; the amount
 * of a card's check is for the events of adapters only, for whoever says it passes; the sealer
 * opens personal values, which are masked for everybody.
 *
 * Each appends to `out`. Each returns 0, or -1 when the stored body is damaged; `out` is then as it
 * was. The arena is reset and used meanwhile.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_QUERY_ENCODE_H
#define VSL_QUERY_ENCODE_H

#include "base/arena.h"
#include "base/buffer.h"
#include "base/must_use.h"
#include "model/command_record.h"
#include "model/records.h"
#include "query/order_sums.h"
#include "query/rows.h"

#include <stdbool.h>
#include <stdint.h>

struct sealer;

struct caller_names;
struct member_names;

struct viewer {
    uint8_t kept;                     /* from him: enum kept */
    bool is_adapter;                  /* and these are events */
    struct sealer *sealer;            /* NULL: there is none */
    const struct caller_names *names; /* not where affairs are kept */
    const struct member_names *members;
};

/* Room for the largest entry: a body of COMMAND_BODY_BYTES_MAX and POSTINGS_PER_COMMAND_MAX. */
#define ENCODE_ARENA_BYTES_MAX 1572864

/* A whole GetCommandResponse. `identity` is the journal's, as text, here and below. */
MUST_USE int encode_get_command(struct buffer *out, const char *identity,
    const struct command_record *record, const struct posting *postings, uint32_t posting_count,
    struct viewer viewer, struct arena *arena);

/* A whole StreamEventsResponse with an entry, or with a position; `previous` is what the message
 * before told. */
MUST_USE int encode_event(struct buffer *out, const char *identity, int64_t previous,
    const struct command_record *record, const struct posting *postings, uint32_t posting_count,
    struct viewer viewer, struct arena *arena);
void encode_reached(
    struct buffer *out, const char *identity, int64_t previous, int64_t reached_sequence);

/* A GetOrderResponse is appended entry by entry and ended with its other fields. */
MUST_USE int encode_order_entry(struct buffer *out, const struct command_record *record,
    const struct posting *postings, uint32_t posting_count, struct viewer viewer,
    struct arena *arena);
void encode_order_end(struct buffer *out, const char *identity, const struct order_sums *sums,
    int64_t next_after_sequence, const char *next_page_token, int64_t entry_count);

/* A ListCommandsResponse is appended by encode_order_entry, entry by entry, too, and ended with its
 * other fields. */
void encode_search_end(
    struct buffer *out, const char *identity, const char *next_page_token, int64_t as_of_sequence);

/* A ListStatementLinesResponse is appended line by line and ended with its other fields: a message
 * is the sum of its fields, in any order. `kept`: from who reads it, as in struct viewer. */
MUST_USE int encode_line(struct buffer *out, const struct account_line *line,
    const struct command_record *record, uint8_t kept, struct arena *arena);
void encode_lines_end(
    struct buffer *out, const char *identity, const char *next_page_token, int64_t as_of_sequence);

#endif
