/* fixture.h: a query module over a random history, and an event loop to turn.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_TESTS_QUERY_FIXTURE_H
#define VSL_TESTS_QUERY_FIXTURE_H

#include "command/decode.h"
#include "history.h"
#include "query/internal.h"
#include "unit/query/wire_recorder.h"

#include <check.h>
#include <protobuf-c/protobuf-c.h>

/* The journal's identity, since sequence 101, and that of the life before, since 51. */
#define FIXTURE_IDENTITY "11111111-2222-4333-8444-555555555555"
#define FIXTURE_OLD_IDENTITY "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee"

struct fixture {
    struct random random;
    struct history *history;
    struct event_base *base;
    struct query *query;
    char conninfo[400];
    /* Called in each turn of the loop while something is waited for; NULL: nothing. */
    void (*on_turn)(struct fixture *fixture);
    void *turn_context;
};

extern struct fixture fixture;

/* Makes a database for this case and a history in it, and opens the query module with small steps.
 */
void fixture_start(const char *name, int64_t segments, int64_t segment_commands);
void fixture_stop(void);

/* Gives the call with its request, which must be in order, to the query module. */
void fixture_call(enum read_kind kind, struct wire_call *call, const ProtobufCMessage *request);

/* The token with which a list of entries goes on at this sequence. */
void fixture_token(enum read_kind kind, const ProtobufCMessage *request, int64_t sequence,
    char ret_text[PAGE_TOKEN_CHARS + 1]);
/* Where a token that the request was answered with goes on; 0: it is empty. */
int64_t fixture_place(enum read_kind kind, const ProtobufCMessage *request, const char *token);

/* Turns the loop until the condition holds; fails after 20 s. */
void fixture_turn_once(void);
#define FIXTURE_WAIT(condition)                                                                    \
    do {                                                                                           \
        int64_t wait_end_us = clock_monotonic_us() + 20000000;                                     \
        while (!(condition)) {                                                                     \
            EXPECT_MSG(clock_monotonic_us() < wait_end_us, "waited in vain: %s", #condition);      \
            fixture_turn_once();                                                                   \
        }                                                                                          \
    } while (0)

Suite *commands_suite(void);
Suite *lines_suite(void);
Suite *orders_suite(void);
Suite *pool_suite(void);
Suite *proofs_suite(void);
Suite *search_suite(void);
Suite *statements_suite(void);
Suite *streams_suite(void);

#endif
