/* played.c: the clocks, wire, store and query of the world, in place of the real ones.
 * SPDX-License-Identifier: Apache-2.0 */
#include "world.h"

#include "support/expect.h"

#include "base/clock.h"
#include "query/page_token.h"

#include <string.h>

/* ---- the clocks ---- */

int64_t clock_wall_us(void)
{
    return world.wall_us;
}

int64_t clock_monotonic_us(void)
{
    return world.monotonic_us += world.us_per_look;
}

/* The server, the store and the query of this world, as long as they are open. */
static void expect_own(const void *part)
{
    EXPECT(part == &world);
}

/* ---- the wire ---- */

const struct wire_details wire_not_decided = {.reason = REASON_NOT_DECIDED};
const struct wire_details wire_perhaps_decided = {.reason = REASON_PERHAPS_DECIDED};

struct wire_server *wire_server_open(
    struct event_base *base, const struct wire_config *config, char *ret_error, size_t error_bytes)
{
    (void)base, (void)ret_error, (void)error_bytes;
    EXPECT(config->methods != NULL && config->method_count == method_count);
    EXPECT(config->handlers.on_call == flow_on_call);
    world.open_parts++;
    return (struct wire_server *)&world;
}

void wire_server_close(struct wire_server *server)
{
    expect_own(server);
    world.open_parts--;
}

void wire_server_set_serving(struct wire_server *server, bool serving)
{
    expect_own(server);
    world.is_serving = serving;
}

void wire_server_set_health(struct wire_server *server, bool is_healthy, bool is_name_healthy)
{
    expect_own(server);
    world.is_healthy = is_healthy;
    world.is_name_healthy = is_name_healthy;
}

int wire_server_reload_tls(struct wire_server *server, const struct wire_tls_files *files,
    char *ret_error, size_t error_bytes)
{
    expect_own(server);
    (void)files, (void)ret_error, (void)error_bytes;
    return 0;
}

void wire_server_pause(struct wire_server *server, bool paused)
{
    expect_own(server);
    world.is_paused = paused;
}

void wire_server_stop(struct wire_server *server, void (*on_stopped)(void *context), void *context)
{
    expect_own(server);
    EXPECT(context == world.flow);
    world.on_stopped = on_stopped;
}

enum wire_language wire_call_language(const struct wire_call *call)
{
    (void)call;
    return WIRE_ENGLISH;
}

uint32_t wire_call_tag(const struct wire_call *call)
{
    return call->tag;
}

const char *wire_call_peer_name(const struct wire_call *call)
{
    (void)call;
    return world.peer_name;
}

/* ---- the store ---- */

bool store_is_conninfo(const char *conninfo)
{
    return !world.wrong_conninfo || strcmp(conninfo, world.wrong_conninfo) != 0;
}

struct store *store_open(struct event_base *base, const struct store_config *config,
    const struct store_handlers *handlers, void *context)
{
    (void)base, (void)config, (void)context;
    EXPECT(handlers == &flow_store_handlers);
    world.open_parts++;
    return (struct store *)&world;
}

void store_close(struct store *store)
{
    expect_own(store);
    world.open_parts--;
}

void store_submit(struct store *store, const struct journal_batch *batch)
{
    expect_own(store);
    EXPECT(!world.batch);
    world.batch = batch;
}

void store_check(struct store *store)
{
    expect_own(store);
    EXPECT(!world.is_check_asked);
    world.is_check_asked = true;
}

bool store_is_settled(const struct store *store)
{
    expect_own(store);
    return world.is_settled;
}

int64_t store_database_time(const struct store *store, int64_t monotonic_us)
{
    expect_own(store);
    EXPECT(monotonic_us == world.monotonic_us);
    return world.wall_us + world.database_ahead_us;
}

int64_t store_database_time_asked(const struct store *store)
{
    expect_own(store);
    return world.monotonic_us;
}

int64_t store_sequence_limit(const struct store *store)
{
    expect_own(store);
    return world.segments_end;
}

void store_segment_of(
    const struct store *store, int64_t sequence, int64_t *ret_first, int64_t *ret_last)
{
    expect_own(store);
    EXPECT(sequence >= 1 && sequence <= world.segments_end);
    *ret_first = (sequence - 1) / SEGMENT * SEGMENT + 1;
    *ret_last = *ret_first + SEGMENT - 1;
}

bool store_note_keys(struct store *store, const struct proof_check *checks, size_t check_count,
    void (*on_done)(void *context, int32_t wrong_number), void *context)
{
    (void)checks;
    (void)check_count;
    (void)on_done;
    (void)context;
    expect_own(store);
    return true;
}

int64_t store_redo_sequence(const struct store *store)
{
    expect_own(store);
    return world.redo;
}

bool store_can_write_state(const struct store *store)
{
    expect_own(store);
    return !world.is_writing;
}

void store_write_state(struct store *store, const struct image *images, const int64_t *sequences,
    size_t count, int64_t redo_sequence)
{
    expect_own(store);
    EXPECT(!world.is_writing);
    EXPECT(world.row_count + count <= ROWS_MAX);
    for (size_t i = 0; i < count; i++) {
        /* Only what is durable may be written behind. */
        EXPECT(sequences[i] <= journal_durable_sequence(world.flow->journal));
        world.rows[world.row_count] = images[i];
        world.row_sequences[world.row_count++] = sequences[i];
    }
    world.is_writing = true;
    world.writing_redo = redo_sequence;
}

void store_index_segment(struct store *store, const struct indexed_segment *segment,
    const struct part_hashes hashes[PART_KINDS], int32_t min_accounting_date,
    int32_t max_accounting_date)
{
    expect_own(store);
    (void)(void)min_accounting_date, (void)max_accounting_date;
    EXPECT(world.indexing_last == 0);
    EXPECT(segment->last_sequence <= journal_durable_sequence(world.flow->journal));
    EXPECT(hashes[0].count == (size_t)(segment->last_sequence - segment->first_sequence + 1));
    EXPECT((hashes[1].count == 0) == (segment->reference_filter_length == 0));
    world.indexing_last = segment->last_sequence;
    world.indexing = *segment;
    memcpy(world.indexing_hashes, hashes, sizeof world.indexing_hashes);
}

const char *store_prove_batch(const struct store *store, const struct batch_row *row)
{
    (void)store;
    (void)row;
    return NULL;
}

/* ---- the query ---- */

struct query *query_open(
    struct event_base *base, const struct query_config *config, const struct query_recent *recent)
{
    (void)base, (void)config, (void)recent;
    world.open_parts++;
    return (struct query *)&world;
}

void query_close(struct query *query)
{
    expect_own(query);
    world.open_parts--;
    while (world.on_records)
        world_fail_records();
    while (world.open_questions > 0)
        world_answer_old(false);
}

void query_set_sealer(struct query *query, struct sealer *sealer)
{
    (void)query;
    (void)sealer;
}

void query_set_lives(struct query *query, const struct journal_lives *lives)
{
    expect_own(query);
    EXPECT(lives->count == 1 && world.life_count == 0);
    world.life_count = lives->count;
}

void query_set_secret(struct query *query, const struct hash_key *secret)
{
    expect_own(query);
    world.token_key = page_token_key(*secret);
}

bool query_page_after(struct query *query, struct wire_call *call,
    const struct read_request *request, int64_t *ret_after_id)
{
    struct page_token token;
    expect_own(query);
    *ret_after_id = request->after_id;
    if (request->page_token.length == 0)
        return true;
    if (!page_token_try_decode(world.token_key, request, &token)) {
        wire_fail(call, WIRE_INVALID_ARGUMENT, WORDING("not this request's", "不属于本请求"),
            &(struct wire_details){0});
        return false;
    }
    *ret_after_id = token.place.sequence;
    return true;
}

void query_page_token(const struct query *query, const struct read_request *request, int64_t as_of,
    int64_t after_id, char ret_text[PAGE_TOKEN_CHARS + 1])
{
    struct page_token token = {.as_of_sequence = as_of, .place = {.sequence = after_id}};
    expect_own(query);
    ret_text[0] = '\0';
    if (after_id != 0)
        page_token_encode(world.token_key, request, &token, ret_text);
}

void query_call(struct query *query, struct wire_call *call, const struct read_request *request)
{
    expect_own(query);
    (void)request;
    world.query_calls++;
    wire_reply(call, "", 0);
}

void query_stream_ready(struct query *query, struct wire_call *call)
{
    expect_own(query);
    (void)(void)call;
}

void query_on_durable(struct query *query)
{
    expect_own(query);
}

void query_set_away(struct query *query, bool is_away)
{
    expect_own(query);
    world.is_away = is_away;
}

void query_stop(struct query *query)
{
    expect_own(query);
}

static struct question *add_question(void)
{
    EXPECT(world.open_questions < QUESTIONS_MAX);
    struct question *question = &world.questions[world.open_questions++];
    memset(question, 0, sizeof *question);
    return question;
}

void query_find_key(struct query *query, const struct query_key *asked,
    void (*on_found)(void *context, int found, const struct command_record *record), void *context)
{
    expect_own(query);
    EXPECT(asked->part_count > 0 || asked->is_elsewhere);
    *add_question() = (struct question){.key = asked->key,
        .part_count = asked->part_count,
        .is_elsewhere = asked->is_elsewhere,
        .on_key = on_found,
        .context = context};
}

void query_find_command(
    struct query *query, int64_t sequence, query_on_command on_found, void *context)
{
    expect_own(query);
    EXPECT(sequence < recent_first_sequence(world.flow->recent));
    *add_question() =
        (struct question){.sequence = sequence, .on_command = on_found, .context = context};
}

void query_find_reference(struct query *query, const struct query_reference *asked,
    query_on_receipts on_found, void *context)
{
    expect_own(query);
    EXPECT(asked->last_sequence < recent_first_sequence(world.flow->recent));
    *add_question() = (struct question){.reference = *asked,
        .part_count = asked->part_count,
        .is_elsewhere = asked->first_sequence > 0,
        .on_receipts = on_found,
        .context = context};
}

void query_find_records(struct query *query, const struct query_records *asked,
    query_on_records on_found, void *context)
{
    expect_own(query);
    world.question_count++;
    if (world.on_records) {
        EXPECT(world.later_count < QUESTIONS_MAX);
        world.later[world.later_count++] = (struct records_question){*asked, on_found, context};
        return;
    }
    world.asked = *asked;
    world.on_records = on_found;
    world.asker = context;
}
