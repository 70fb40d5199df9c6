/* server.c: see server.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "server.h"
#include "store/internal.h"

#include "base/clock.h"
#include "support/expect.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BUSINESS_DATE 20000
#define SEGMENT_HASHES 1000
#define RECORDED_US INT64_C(1700000000000000)

/* ---- writing ---- */

struct image server_account_image(int64_t id, int64_t available)
{
    return (struct image){
        .kind = RECORD_ACCOUNT,
        .account = {.id = id,
            .ledger_id = 1,
            .member_id = id,
            .kind = ACCOUNT_MEMBER,
            .status = ACCOUNT_OPEN,
            .balance_minor = {available, 0, 0, 0}},
    };
}

static struct image ledger_image(void)
{
    struct image image = {.kind = RECORD_LEDGER};
    struct ledger *ledger = &image.ledger;
    ledger->id = 1;
    ledger->first_control_account_id = 1;
    ledger->accounting_dates[0] = BUSINESS_DATE;
    ledger->accounting_date_count = 1;
    ledger->key_window_dates = 3;
    ledger->payout_return_days = 30;
    ledger->status = LEDGER_OPEN;
    memcpy(ledger->currency, "CNY", 4);
    memcpy(ledger->receiving_prefix, "622001", 6);
    ledger->receiving_prefix_length = 6;
    memcpy(ledger->platform_name, "平台", strlen("平台"));
    ledger->platform_name_length = (uint8_t)strlen("平台");
    memcpy(ledger->escrow_account_number, "9558801", 7);
    ledger->escrow_account_number_length = 7;
    return image;
}

static struct image member_image(int64_t id)
{
    struct image image = {.kind = RECORD_MEMBER};
    image.member.id = id;
    image.member.ledger_id = 1;
    image.member.kind = MEMBER_USER;
    image.member.status = MEMBER_OPEN;
    memcpy(image.member.platform_member_id, "m-1", 3);
    image.member.platform_member_id_length = 3;
    return image;
}

static struct image payout_image(int64_t id, int64_t sequence)
{
    return (struct image){
        .kind = RECORD_PAYOUT,
        .payout = {.id = id,
            .ledger_id = 1,
            .account_id = 7,
            .amount_minor = 100,
            .fee_minor = 3,
            .requested_sequence = sequence,
            .status = PAYOUT_REQUESTED},
    };
}

static void append_command(struct server *server)
{
    static const uint8_t body[] = "canonical body of a command \x00\xff";
    int64_t sequence = journal_next_sequence(server->journal);
    struct command_record record = {
        .sequence = sequence,
        .recorded_us = RECORDED_US + sequence,
        .ledger_id = 1,
        .subject_id = sequence % 5,
        .accounting_date = sequence % 7 == 0 ? 0 : BUSINESS_DATE,
        .kind = 3,
        .outcome = 1,
        .body = body,
        .body_length = (uint32_t)(sequence % (int64_t)sizeof body),
    };
    memcpy(record.key.channel, "APP", 3);
    record.key.channel_length = 3;
    record.key.business_date = BUSINESS_DATE;
    record.key.serial_length = (uint8_t)snprintf(
        record.key.serial, sizeof record.key.serial, "S%012lld", (long long)sequence);

    struct posting postings[4];
    for (unsigned i = 0; i < server->postings_per_command; i++) {
        int64_t from = (sequence + i) % TEST_ACCOUNTS;
        int64_t to = (from + 1) % TEST_ACCOUNTS;
        server->balances[from] -= 5;
        server->balances[to] += 5;
        postings[i] = (struct posting){
            .ledger_id = 1,
            .amount_minor = 5,
            .debit_account_id = from + 1,
            .credit_account_id = server->breaks_a_rule ? from + 1 : to + 1,
            .debit_balance_minor = server->balances[from],
            .credit_balance_minor = server->balances[to],
        };
    }
    struct image images[5];
    uint32_t image_count = 0;
    if (server->images_every > 0 && sequence % server->images_every == 0) {
        images[image_count++] = ledger_image();
        images[image_count++] = member_image(sequence);
        images[image_count++] = server_account_image(1, server->balances[0]);
        images[image_count++] = server_account_image(2, server->balances[1]);
        images[image_count++] = payout_image(sequence, sequence);
    }
    journal_append(
        server->journal, &record, postings, server->postings_per_command, images, image_count);
}

static void write_on(struct server *server)
{
    if (!server->is_ready || server->is_stopped || server->in_flight ||
        server->durable_batches >= server->batches_wanted)
        return;
    if (journal_next_sequence(server->journal) + server->batch_commands - 1 >
        store_sequence_limit(server->store))
        return; /* the next tick tries again */
    for (unsigned i = 0; i < server->batch_commands; i++)
        append_command(server);
    server->in_flight = journal_close_batch(server->journal);
    store_submit(server->store, server->in_flight);
}

/* Of keys: any numbers, which stay. */
static uint64_t server_hashes[SEGMENT_HASHES];

static void index_segments(struct server *server)
{
    uint8_t filter[64] = {0};
    for (uint64_t i = 0; i < SEGMENT_HASHES; i++)
        server_hashes[i] = i * UINT64_C(0x9e3779b97f4a7c15);
    while (server->is_indexing && server->index_next <= journal_durable_sequence(server->journal)) {
        int64_t first;
        int64_t last;
        store_segment_of(server->store, server->index_next, &first, &last);
        EXPECT(first == server->index_next);
        if (last > journal_durable_sequence(server->journal))
            return;
        EXPECT(last - first < SEGMENT_HASHES);
        filter[0] = (uint8_t)(last / 1000);
        const struct indexed_segment segment = {
            .first_sequence = first,
            .last_sequence = last,
            .min_business_date = BUSINESS_DATE,
            .max_business_date = BUSINESS_DATE + 1,
            .key_filter = filter,
            .key_filter_length = sizeof filter,
            /* The first segment has no references. */
            .reference_filter = filter,
            .reference_filter_length = first == 1 ? 0 : sizeof filter,
        };
        const struct part_hashes hashes[PART_KINDS] = {
            {.hashes = server_hashes, .count = (size_t)(last - first + 1)},
            {.hashes = server_hashes, .count = first == 1 ? 0 : 1}};
        store_index_segment(server->store, &segment, hashes, BUSINESS_DATE, BUSINESS_DATE);
        server->index_next = last + 1;
    }
}

/* ---- handlers ---- */

static void on_standby(void *context)
{
    struct server *server = context;
    EXPECT(!server->is_standby);
    server->is_standby = true;
}

static void on_lives(void *context, const struct journal_lives *lives)
{
    struct server *server = context;
    EXPECT(server->lives.count == 0);
    server->lives = *lives;
}

static void on_state(void *context, int64_t sequence, const struct image *image)
{
    struct server *server = context;
    rows_append_image(&server->loaded_state, sequence, image);
    server->loaded_state_rows++;
}

static int32_t oldest_business_date(void *context)
{
    (void)context;
    return BUSINESS_DATE;
}

static void on_indexed_segment(void *context, const struct indexed_segment *segment)
{
    struct server *server = context;
    EXPECT(server->loaded_segment_count < TEST_SEGMENTS);
    size_t at = server->loaded_segment_count++;
    server->loaded_segments[at] = *segment;
    server->loaded_filter_first_bytes[at] = segment->key_filter ? segment->key_filter[0] : 0;
}

static void on_redo(void *context, const struct journal_position *position, int64_t first_sequence,
    int64_t redo_sequence)
{
    struct server *server = context;
    server->position = *position;
    server->redo_first_sequence = first_sequence;
    server->redo_sequence = redo_sequence;
    server->index_next = first_sequence;
}

static void on_image(void *context, int64_t sequence, const struct image *image)
{
    struct server *server = context;
    rows_append_image(&server->loaded[rows_history_table(image->kind)], sequence, image);
}

static void on_command(void *context, const struct command_record *record)
{
    struct server *server = context;
    rows_append_command(&server->loaded[JOURNAL_TABLE_COMMAND], record);
}

static void on_posting(void *context, int64_t sequence, int16_t line, const struct posting *posting)
{
    struct server *server = context;
    rows_append_posting(&server->loaded[JOURNAL_TABLE_POSTING], sequence, line, posting);
    server->balances[posting->debit_account_id - 1] = posting->debit_balance_minor;
    server->balances[posting->credit_account_id - 1] = posting->credit_balance_minor;
}

static void on_ready(void *context)
{
    struct server *server = context;
    EXPECT(!server->is_ready);
    server->is_ready = true;
    server->journal = journal_create(&server->position);
    index_segments(server);
}

static void on_durable(void *context)
{
    struct server *server = context;
    EXPECT(server->in_flight != NULL);
    for (size_t i = 0; i < JOURNAL_TABLE_COUNT; i++)
        buffer_append(&server->durable[i], server->in_flight->tables[i].bytes,
            server->in_flight->tables[i].length);
    server->in_flight = NULL;
    server->durable_batches++;
    journal_batch_is_durable(server->journal);
    index_segments(server);
    write_on(server);
}

static void on_checked(void *context)
{
    struct server *server = context;
    server->checks++;
}

static void on_state_written(void *context)
{
    struct server *server = context;
    server->state_writes++;
}

static void on_segment_indexed(void *context, const struct indexed_segment *segment)
{
    struct server *server = context;
    EXPECT(segment->last_sequence > server->indexed_until);
    server->indexed_until = segment->last_sequence;
}

static void on_stop(void *context, enum store_end end, const char *reason)
{
    struct server *server = context;
    EXPECT(!server->is_stopped);
    server->is_stopped = true;
    server->end = end;
    snprintf(server->reason, sizeof server->reason, "%s", reason);
}

static const struct store_handlers handlers = {
    .on_standby = on_standby,
    .on_lives = on_lives,
    .on_state = on_state,
    .oldest_business_date = oldest_business_date,
    .on_indexed_segment = on_indexed_segment,
    .on_redo = on_redo,
    .on_image = on_image,
    .on_command = on_command,
    .on_posting = on_posting,
    .on_ready = on_ready,
    .on_durable = on_durable,
    .on_checked = on_checked,
    .on_state_written = on_state_written,
    .on_segment_indexed = on_segment_indexed,
    .on_stop = on_stop,
};

/* ---- life ---- */

void server_open(struct server *server, struct event_base *base, const char *conninfo,
    struct server_options options)
{
    *server = (struct server){
        .base = base,
        .batch_commands = 3,
        .postings_per_command = 1,
        .images_every = 4,
    };
    const struct store_config config = {
        .conninfo = conninfo,
        .segment_commands = options.segment_commands ? options.segment_commands : 1000000,
        .take_over = options.take_over,
    };
    server->store = store_open(base, &config, &handlers, server);
}

void server_close(struct server *server)
{
    store_close(server->store);
    server->store = NULL;
    if (server->journal)
        journal_destroy(server->journal);
    server->journal = NULL;
}

void server_finish(struct server *server)
{
    if (server->store)
        server_close(server);
    for (size_t i = 0; i < JOURNAL_TABLE_COUNT; i++) {
        buffer_finish(&server->durable[i]);
        buffer_finish(&server->loaded[i]);
    }
    buffer_finish(&server->loaded_state);
}

void server_write(struct server *server, int64_t batches)
{
    server->batches_wanted += batches;
    write_on(server);
}

bool server_is_ready(const struct server *server)
{
    return server->is_ready;
}

bool server_is_stopped(const struct server *server)
{
    return server->is_stopped;
}

bool server_is_standby(const struct server *server)
{
    return server->is_standby;
}

bool server_has_written(const struct server *server)
{
    return server->durable_batches == server->batches_wanted;
}

static void on_tick(evutil_socket_t fd, short what, void *context)
{
    (void)fd;
    (void)what;
    write_on(context);
}

/* One turn of the loop, at most 5 ms. */
static void turn(struct server *server)
{
    struct timeval tick = {.tv_usec = 5000};
    event_base_once(server->base, -1, EV_TIMEOUT, on_tick, server, &tick);
    event_base_loop(server->base, EVLOOP_ONCE);
}

void server_wait(struct server *server, server_condition condition, int seconds)
{
    int64_t deadline_us = clock_monotonic_us() + seconds * INT64_C(1000000);
    while (!condition(server)) {
        EXPECT_MSG(
            !server->is_stopped || condition == server_is_stopped, "stopped: %s", server->reason);
        EXPECT_MSG(clock_monotonic_us() < deadline_us,
            "waited %d s in vain: ready=%d stopped=%d batches=%lld of %lld reason=%s", seconds,
            server->is_ready, server->is_stopped, (long long)server->durable_batches,
            (long long)server->batches_wanted, server->reason);
        turn(server);
    }
}

void server_run_for_ms(struct server *server, int ms)
{
    int64_t deadline_us = clock_monotonic_us() + ms * INT64_C(1000);
    while (clock_monotonic_us() < deadline_us)
        turn(server);
}

void server_expect_same_rows(const struct server *written, const struct server *loaded)
{
    for (size_t i = 0; i < JOURNAL_TABLE_COUNT; i++) {
        EXPECT_MSG(written->durable[i].length == loaded->loaded[i].length,
            "table %zu: %zu bytes were written, %zu loaded", i, written->durable[i].length,
            loaded->loaded[i].length);
        EXPECT_MSG(written->durable[i].length == 0 ||
                       memcmp(written->durable[i].bytes, loaded->loaded[i].bytes,
                           loaded->loaded[i].length) == 0,
            "table %zu differs", i);
    }
}

void state_query_of_payouts(int32_t oldest_date, char *ret_text, size_t size)
{
    struct buffer sql = {0};
    sql_append_state_query(&sql, RECORD_PAYOUT, oldest_date);
    EXPECT(sql.length < size);
    snprintf(ret_text, size, "%s", sql_text(&sql));
    buffer_finish(&sql);
}
