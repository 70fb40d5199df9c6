/* server.h: as much of a server as the store needs: a journal, made-up commands, an event loop.
 *
 * It writes batches one after the other and keeps the bytes of every durable row, so that a test
 * can compare them with what another start loads. What is loaded is written down as bytes, too.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_TESTS_STORE_SERVER_H
#define VSL_TESTS_STORE_SERVER_H

#include "store/store.h"

#include <event2/event.h>

#define TEST_ACCOUNTS 8
#define TEST_SEGMENTS 64

struct server {
    struct event_base *base;
    struct store *store;
    struct journal *journal; /* NULL until ready */
    struct journal_position position;

    bool is_standby, is_ready, is_stopped;
    enum store_end end;
    char reason[400];

    /* Writing. */
    int64_t batches_wanted; /* batches are submitted until the durable ones reach this number */
    unsigned batch_commands;
    unsigned postings_per_command;
    unsigned images_every; /* every n-th command has images; 0: none */
    bool is_indexing;      /* gives complete segments to store_index_segment */
    bool breaks_a_rule;    /* the next batch has a posting that the database refuses */
    int64_t balances[TEST_ACCOUNTS];
    const struct journal_batch *in_flight;
    struct buffer durable[JOURNAL_TABLE_COUNT]; /* rows, as they were submitted */
    int64_t durable_batches;
    int64_t indexed_until;
    int64_t index_next; /* first sequence of the segment to be given next */
    unsigned state_writes;
    unsigned checks; /* of store_check that came back */

    /* Loading. */
    struct journal_lives lives;
    struct buffer loaded[JOURNAL_TABLE_COUNT];
    struct buffer loaded_state;
    int64_t loaded_state_rows;
    int64_t redo_first_sequence;
    int64_t redo_sequence;
    struct indexed_segment loaded_segments[TEST_SEGMENTS];
    uint8_t loaded_filter_first_bytes[TEST_SEGMENTS];
    size_t loaded_segment_count;
};

struct server_options {
    int64_t segment_commands; /* 0: 1,000,000 */
    bool take_over;
    int64_t oldest_business_date;
};

/* Opens a store on the loop; the server is the caller's memory. */
void server_open(struct server *server, struct event_base *base, const char *conninfo,
    struct server_options options);

/* Closes the store and frees everything but what the next server of the test compares with. */
void server_close(struct server *server);
void server_finish(struct server *server);

/* Begins to write: as many more batches. */
void server_write(struct server *server, int64_t batches);

/* Runs the loop until the condition holds; fails the test after `seconds`. */
typedef bool (*server_condition)(const struct server *server);
void server_wait(struct server *server, server_condition condition, int seconds);
bool server_is_ready(const struct server *server);
bool server_is_stopped(const struct server *server);
bool server_is_standby(const struct server *server);
bool server_has_written(const struct server *server);

/* Runs the loop for some time. */
void server_run_for_ms(struct server *server, int ms);

/* What `loaded` loaded is what `written` wrote, from the first row on. */
void server_expect_same_rows(const struct server *written, const struct server *loaded);

/* Two images of an account, for state tables. */
struct image server_account_image(int64_t id, int64_t available);

/* The statement by which a start loads payouts when the oldest accounting date is this one. */
void state_query_of_payouts(int32_t oldest_date, char *ret_text, size_t size);

#endif
