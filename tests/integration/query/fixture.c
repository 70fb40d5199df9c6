/* fixture.c: see fixture.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "fixture.h"

#include "base/clock.h"
#include "support/database.h"
#include "support/expect.h"

#include <event2/event.h>
#include <stdio.h>
#include <unistd.h>

struct fixture fixture;

/* Wire is played by wire_recorder.c. */
enum wire_language wire_call_language(const struct wire_call *call)
{
    (void)call;
    return WIRE_ENGLISH;
}

void fixture_start(const char *name, int64_t segments, int64_t segment_commands)
{
    random_start(&fixture.random, name);
    char database[64];
    snprintf(database, sizeof database, "%s_%d", name, (int)getpid());
    snprintf(fixture.conninfo, sizeof fixture.conninfo, "%s", database_create(database));
    fixture.history = history_create(&fixture.random, segments, segment_commands, fixture.conninfo);
    fixture.base = event_base_new();
    fixture.on_turn = NULL;
    struct query_config config = {
        .conninfo = fixture.conninfo, .connections = 2, .calls_waiting_max = 4, .streams_max = 8};
    struct query_recent recent = history_recent(fixture.history);
    fixture.query = query_open(fixture.base, &config, &recent);
    database_run(fixture.conninfo,
        "insert into vsl.journal_identity (life, identity, first_sequence, reason) values"
        " (2, '" FIXTURE_OLD_IDENTITY "', 51, 'test'), (3, '" FIXTURE_IDENTITY "', 101, 'test')");
    struct journal_lives lives = {.count = 2};
    lives.items[0].first_sequence = 101;
    lives.items[1].first_sequence = 51;
    EXPECT(identity_try_parse(FIXTURE_IDENTITY, &lives.items[0].identity));
    EXPECT(identity_try_parse(FIXTURE_OLD_IDENTITY, &lives.items[1].identity));
    query_set_lives(fixture.query, &lives);
    query_set_secret(fixture.query, &(struct hash_key){.k0 = 5, .k1 = 6});
    fixture.query->steps = (struct query_steps){
        .lines_window = 30,
        .lines_rows = 19,
        .lines_filtered_rows = 7,
        .lines_examined_max = 1000000,
        .page_entries = 1000000,
        .page_us = INT64_MAX,
        .turn_postings = 13,
        .key_window = 70,
        .turn_commands = 11,
        .page_commands = 9,
        .page_positions = 60,
        .progress_positions = 25,
        .order_window = 70,
        .order_entries_max = 1000,
        .order_page_bytes = 1000000,
        .search_positions = 35,
        .search_step = 15,
        .search_candidates = 20,
        .search_window = 50,
        .proof_commands = 2,
        .proof_rows = 9,
    };
}

void fixture_stop(void)
{
    query_close(fixture.query);
    event_base_free(fixture.base);
    history_destroy(fixture.history);
}

void fixture_turn_once(void)
{
    if (fixture.on_turn)
        fixture.on_turn(&fixture);
    struct timeval longest = {.tv_usec = 20000};
    event_base_loopexit(fixture.base, &longest);
    event_base_loop(fixture.base, EVLOOP_ONCE);
}

/* What the request says; its texts and lists are in the arena. */
static void decode(enum read_kind kind, const ProtobufCMessage *request, struct arena *arena,
    struct read_request *ret_decoded)
{
    uint8_t bytes[400];
    struct decode_error error;
    EXPECT(protobuf_c_message_get_packed_size(request) <= sizeof bytes);
    size_t length = protobuf_c_message_pack(request, bytes);
    arena_init(arena, 4096, DECODE_ARENA_BYTES_MAX);
    int result = read_request_decode(kind, bytes, length, arena, ret_decoded, &error);
    EXPECT_MSG(result == 0, "%s %s", error.field, error.description);
}

void fixture_token(enum read_kind kind, const ProtobufCMessage *request, int64_t sequence,
    char ret_text[PAGE_TOKEN_CHARS + 1])
{
    struct arena arena;
    struct read_request decoded;
    struct line_place place = {.sequence = sequence};
    decode(kind, request, &arena, &decoded);
    page_next(fixture.query, &decoded, fixture.history->durable, &place, ret_text);
    arena_finish(&arena);
}

int64_t fixture_place(enum read_kind kind, const ProtobufCMessage *request, const char *token)
{
    struct arena arena;
    struct read_request decoded;
    struct page_token said;
    if (token[0] == '\0')
        return 0;
    decode(kind, request, &arena, &decoded);
    decoded.page_token = text_of(token);
    EXPECT(page_token_try_decode(fixture.query->token_key, &decoded, &said));
    arena_finish(&arena);
    return said.place.sequence;
}

void fixture_call(enum read_kind kind, struct wire_call *call, const ProtobufCMessage *request)
{
    struct arena arena;
    struct read_request decoded;
    decode(kind, request, &arena, &decoded);
    query_call(fixture.query, call, &decoded);
    arena_finish(&arena);
}
