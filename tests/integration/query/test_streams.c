/* test_streams.c: every stream gets every entry that it asked for, once and in order: for every
 * start, over a moving cut, slow or fast, until it goes or the server stops.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"
#include "command/command.h"
#include "command/role_sets.h"
#include "fixture.h"
#include "query/command_filter.h"
#include "support/expect.h"
#include "vsl/v1/event.pb-c.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SEGMENTS 12
#define SEGMENT_COMMANDS 40

struct listener {
    struct wire_call call;
    int64_t from_sequence;
    int64_t ledger_id;
    int64_t account_id;
    int kind; /* 0: every kind */
    bool accepted_only;
    const char *identity;  /* given with the position; NULL: none */
    int64_t next_expected; /* entries before it came or were not wanted */
    int64_t reached;       /* last position told by an entry or by progress */
    uint32_t entries, progresses;
};

static bool concerns(const struct command_record *record, int64_t sequence, int64_t account_id)
{
    const struct history *history = fixture.history;
    bool is_touched = command_changes_account(record->kind) && record->subject_id == account_id;
    for (uint32_t i = history->first_posting[sequence]; i < history->first_posting[sequence + 1];
         i++)
        is_touched |= history->postings[i].debit_account_id == account_id ||
                      history->postings[i].credit_account_id == account_id;
    return is_touched;
}

static bool is_wanted(const struct listener *listener, int64_t sequence)
{
    const struct command_record *record = &fixture.history->records[sequence];
    const struct ledger_scope *scope = &fixture.history->scope;
    if (!ledger_scope_has(scope, record->ledger_id) ||
        command_showing(record, scope->kept) == SHOWN_NOT)
        return false;
    if (listener->ledger_id && record->ledger_id != listener->ledger_id)
        return false;
    if (listener->kind && record->kind != listener->kind)
        return false;
    if (listener->account_id && !concerns(record, sequence, listener->account_id))
        return false;
    return !listener->accepted_only || record->outcome < 100;
}

/* The first wanted one from the sequence on, up to what is durable; count + 1: none. */
static int64_t next_wanted(const struct listener *listener, int64_t sequence)
{
    while (sequence <= fixture.history->count && !is_wanted(listener, sequence))
        sequence++;
    return sequence;
}

static void expect_entry(struct listener *listener, const Vsl__V1__JournalEntry *entry)
{
    const struct history *history = fixture.history;
    int64_t sequence = next_wanted(listener, listener->next_expected);
    EXPECT_MSG(entry->sequence == sequence, "entry %lld instead of %lld",
        (long long)entry->sequence, (long long)sequence);
    EXPECT(sequence <= history->durable);
    EXPECT(strcmp(entry->key->serial, history->records[sequence].key.serial) == 0);
    uint32_t first = history->first_posting[sequence];
    EXPECT(entry->n_postings == history->first_posting[sequence + 1] - first);
    for (uint32_t i = 0; i < entry->n_postings; i++)
        EXPECT(entry->postings[i]->amount_minor == history->postings[first + i].amount_minor);
    listener->next_expected = sequence + 1;
    listener->reached = sequence;
    listener->entries++;
}

static void on_message(struct wire_call *call, const uint8_t *message, size_t length)
{
    struct listener *listener = call->context;
    Vsl__V1__StreamEventsResponse *response =
        vsl__v1__stream_events_response__unpack(NULL, length, message);
    EXPECT(response != NULL);
    EXPECT(strcmp(response->journal_identity, FIXTURE_IDENTITY) == 0);
    EXPECT(response->previous_sequence == listener->reached);
    if (response->event_case == VSL__V1__STREAM_EVENTS_RESPONSE__EVENT_ENTRY) {
        expect_entry(listener, response->entry);
    } else {
        EXPECT(response->event_case == VSL__V1__STREAM_EVENTS_RESPONSE__EVENT_REACHED_SEQUENCE);
        /* Progress goes forward and over nothing that was wanted; at first it may only say that
         * the stream has begun. */
        bool is_first = listener->entries + listener->progresses == 0;
        EXPECT(response->reached_sequence >= listener->reached + (is_first ? 0 : 1));
        EXPECT(response->reached_sequence <= fixture.history->durable);
        EXPECT(next_wanted(listener, listener->next_expected) > response->reached_sequence);
        listener->reached = response->reached_sequence;
        listener->progresses++;
    }
    vsl__v1__stream_events_response__free_unpacked(response, NULL);
}

static void listen(struct listener *listener)
{
    char identity[IDENTITY_CHARS + 1];
    Vsl__V1__StreamEventsRequest request;
    vsl__v1__stream_events_request__init(&request);
    Vsl__V1__CommandKind kind = (Vsl__V1__CommandKind)listener->kind;
    request.from_sequence = listener->from_sequence;
    request.ledger_id = listener->ledger_id;
    request.accepted_only = listener->accepted_only;
    request.account_id = listener->account_id;
    request.kinds = &kind;
    request.n_kinds = listener->kind ? 1 : 0;
    if (listener->identity) {
        snprintf(identity, sizeof identity, "%s", listener->identity);
        request.journal_identity = identity;
    }
    wire_call_init(&listener->call);
    listener->call.context = listener;
    listener->call.on_message = on_message;
    listener->next_expected = listener->from_sequence;
    listener->reached = listener->from_sequence - 1;
    fixture_call(READ_STREAM_EVENTS, &listener->call, &request.base);
}

static void leave(struct listener *listener)
{
    listener->call.is_gone = true;
    query_stream_ready(fixture.query, &listener->call);
    FIXTURE_WAIT(listener->call.end != NOT_ENDED);
    EXPECT(listener->call.end == ENDED_AS_STREAM);
}

/* Gives a stream that is full room for so many more messages. */
static void give_room(struct listener *listener, uint32_t room)
{
    if (listener->call.room > 0)
        return;
    listener->call.room = room;
    query_stream_ready(fixture.query, &listener->call);
}

static void start(void)
{
    fixture_start("streams", SEGMENTS, SEGMENT_COMMANDS);
}

START_TEST(from_every_position)
{
    struct history *history = fixture.history;
    history_set_cut(history, SEGMENTS / 2);
    for (int64_t from = 1; from <= history->count; from += 7) {
        struct listener listener = {.from_sequence = from};
        listen(&listener);
        FIXTURE_WAIT(listener.reached == history->durable);
        EXPECT(listener.progresses == 0);
        EXPECT(listener.entries == history->count - from + 1);
        leave(&listener);
    }
    EXPECT(fixture.query->stream_count == 0 && fixture.query->live_count == 0);
}
END_TEST

START_TEST(filters)
{
    struct history *history = fixture.history;
    history_set_cut(history, SEGMENTS / 2);
    static const struct listener rows[] = {
        {.from_sequence = 1, .ledger_id = 1},
        {.from_sequence = 1, .ledger_id = 2},
        {.from_sequence = 1, .ledger_id = 3},
        {.from_sequence = 1, .kind = 40},
        {.from_sequence = 1, .kind = 51, .ledger_id = 2},
        {.from_sequence = 1, .kind = 3},
        {.from_sequence = 30, .accepted_only = true},
        {.from_sequence = 300, .accepted_only = true, .kind = 50, .ledger_id = 2},
        {.from_sequence = 1, .ledger_id = 1, .account_id = HISTORY_HOT_ACCOUNT},
        {.from_sequence = 1, .ledger_id = 1, .account_id = 5},
        {.from_sequence = 70, .ledger_id = 2, .account_id = 8, .accepted_only = true},
        {.from_sequence = 1, .ledger_id = 2, .account_id = 9, .kind = 40},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct listener listener = rows[i];
        listen(&listener);
        FIXTURE_WAIT(listener.reached == history->durable);
        EXPECT(next_wanted(&listener, listener.next_expected) == history->count + 1);
        /* A stream to which nothing comes hears how far it is, in steps and at the end. */
        if (listener.entries == 0)
            EXPECT(listener.progresses >= (uint64_t)(history->count - listener.from_sequence) / 60);
        leave(&listener);
    }
}
END_TEST

static void write_on(struct fixture *context)
{
    struct history *history = context->history;
    if (random_percent(&context->random, 50)) {
        history->durable += random_between(&context->random, 1, 15);
        if (history->durable > history->count)
            history->durable = history->count;
        query_on_durable(context->query);
    }
    int64_t segment = (history->cut - 1) / history->segment_commands;
    int64_t next = (segment + 1) * history->segment_commands + 1;
    if (segment + 1 < SEGMENTS && next <= history->durable && random_percent(&context->random, 40))
        history_set_cut(history, segment + 1);
}

static struct listener listeners[8];

static void serve_slow_ones(struct fixture *context)
{
    write_on(context);
    for (size_t i = 0; i < 8; i++)
        if (random_percent(&context->random, 30))
            give_room(&listeners[i], (uint32_t)random_between(&context->random, 1, 12));
}

/* Half of the streams are slow: memory goes on without them, and they read the database again. */
START_TEST(many_streams_over_a_moving_cut)
{
    struct history *history = fixture.history;
    for (int round = 0; round < 8; round++) {
        history_set_cut(history, 0);
        history->durable = random_between(&fixture.random, 0, 60);
        memset(listeners, 0, sizeof listeners);
        for (size_t i = 0; i < 8; i++) {
            struct listener *listener = &listeners[i];
            listener->from_sequence = random_between(&fixture.random, 1, history->durable + 1);
            listener->ledger_id = i % 3 == 2 ? 2 : 0;
            listener->accepted_only = i == 5;
            listen(listener);
            if (i % 2)
                listener->call.room = 3;
        }
        fixture.on_turn = serve_slow_ones;
        for (size_t i = 0; i < 8; i++)
            FIXTURE_WAIT(listeners[i].reached == history->count);
        fixture.on_turn = NULL;
        for (size_t i = 0; i < 8; i++) {
            EXPECT(next_wanted(&listeners[i], listeners[i].next_expected) == history->count + 1);
            leave(&listeners[i]);
        }
    }
    EXPECT(history->cut > SEGMENT_COMMANDS);
}
END_TEST

START_TEST(nothing_is_sent_before_it_is_durable)
{
    struct history *history = fixture.history;
    history_set_cut(history, 1);
    history->durable = 100;
    struct listener listener = {.from_sequence = 90}, future = {.from_sequence = 101};
    listen(&listener);
    listen(&future);
    FIXTURE_WAIT(fixture.query->live_count == 2);
    EXPECT(listener.reached == 100 && listener.progresses == 0);
    /* That its position is good it hears at once. */
    EXPECT(future.reached == 100 && future.entries == 0 && future.progresses == 1);
    history->durable = 102;
    query_on_durable(fixture.query);
    FIXTURE_WAIT(listener.reached == 102 && future.reached == 102);
    history->durable = 104;
    query_on_durable(fixture.query);
    FIXTURE_WAIT(listener.reached == 104 && future.reached == 104);
    EXPECT(future.entries == 4);
    leave(&listener);
    leave(&future);
}
END_TEST

START_TEST(progress_comes_while_idle)
{
    struct history *history = fixture.history;
    history->durable = 100;
    struct listener listener = {.from_sequence = 101, .ledger_id = 3};
    listen(&listener);
    FIXTURE_WAIT(fixture.query->live_count == 1);
    EXPECT(listener.progresses == 1 && listener.reached == 100);
    history->durable = 110; /* less than a step */
    query_on_durable(fixture.query);
    FIXTURE_WAIT(listener.reached == 110);
    EXPECT(listener.progresses == 2);
    leave(&listener);
}
END_TEST

START_TEST(gone_while_the_database_is_read)
{
    history_set_cut(fixture.history, SEGMENTS - 1);
    struct listener listener = {.from_sequence = 1};
    listen(&listener);
    fixture_turn_once();
    leave(&listener);
    EXPECT(fixture.query->stream_count == 0);
}
END_TEST

START_TEST(an_account_of_another_ledger_is_not_found)
{
    static const int64_t wrong[] = {8, HISTORY_ACCOUNTS + 1};
    for (size_t i = 0; i < 2; i++) {
        struct listener listener = {.from_sequence = 1, .ledger_id = 1, .account_id = wrong[i]};
        listen(&listener);
        EXPECT(listener.call.end == ENDED_BY_FAILURE && listener.call.status == WIRE_NOT_FOUND);
        EXPECT(strcmp(listener.call.reason, "ACCOUNT_NOT_FOUND") == 0);
    }
    EXPECT(fixture.query->stream_count == 0);
}
END_TEST

static void expect_failed(
    const struct listener *listener, enum wire_status status, const char *reason)
{
    EXPECT(listener->call.end == ENDED_BY_FAILURE);
    EXPECT_MSG(listener->call.status == status, "%s", listener->call.message);
    EXPECT_MSG(strcmp(listener->call.reason, reason) == 0, "%s", listener->call.reason);
}

START_TEST(a_position_ahead_of_the_journal_is_refused)
{
    struct history *history = fixture.history;
    const int64_t ends[] = {0, 1, 100, history->count};
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        history->durable = ends[i];
        const int64_t wrong[] = {ends[i] + 2, ends[i] + 1000, INT64_MAX};
        for (size_t j = 0; j < sizeof wrong / sizeof wrong[0]; j++) {
            char part[64];
            struct listener listener = {.from_sequence = wrong[j]};
            listen(&listener);
            expect_failed(&listener, WIRE_OUT_OF_RANGE, "POSITION_AHEAD");
            snprintf(part, sizeof part, "ends with %lld,", (long long)ends[i]);
            EXPECT(strstr(listener.call.message, part) != NULL);
            EXPECT(listener.call.retry_after_us == 0 && listener.call.message_count == 0);
        }
        struct listener good = {.from_sequence = ends[i] + 1};
        listen(&good);
        FIXTURE_WAIT(good.progresses == 1);
        EXPECT(good.reached == ends[i]);
        leave(&good);
    }
    /* Who does not know what another server has decided since does not say where the end is. */
    query_set_away(fixture.query, true);
    struct listener listener = {.from_sequence = history->count + 2};
    listen(&listener);
    FIXTURE_WAIT(listener.call.end != NOT_ENDED);
    EXPECT(listener.call.status == WIRE_UNAVAILABLE);
}
END_TEST

static const int64_t first[] = {1}, second[] = {2}, both[] = {2, 1}, both_again[] = {1, 2};
#define SCOPE(list)                                                                                \
    {                                                                                              \
        .ids = list, .count = sizeof list / sizeof list[0]                                         \
    }

START_TEST(a_ledger_that_is_not_there_is_not_found)
{
    struct history *history = fixture.history;
    char said[2][400];
    for (int i = 0; i < 2; i++) {
        struct listener listener = {.from_sequence = 1, .ledger_id = i ? 1 : HISTORY_LEDGERS + 2};
        if (i)
            history->scope = (struct ledger_scope)SCOPE(second);
        listen(&listener);
        expect_failed(&listener, WIRE_NOT_FOUND, "NOT_FOUND");
        EXPECT(strcmp(listener.call.field, "ledger_id") == 0);
        snprintf(said[i], sizeof said[i], "%s", listener.call.message);
    }
    EXPECT(strcmp(said[0], said[1]) == 0);
    /* Not even by an account that is his. */
    struct listener listener = {.from_sequence = 1, .ledger_id = 1, .account_id = 8};
    listen(&listener);
    expect_failed(&listener, WIRE_NOT_FOUND, "NOT_FOUND");
    EXPECT(fixture.query->stream_count == 0);
}
END_TEST

/* Rights change while a stream reads the database, is full, and waits for what comes next: it ends
 * where it was, or goes on when it makes no difference. */
START_TEST(other_ledgers_end_the_stream)
{
    static const struct {
        struct ledger_scope before, after;
        int64_t ledger_id;
        enum wire_status status; /* WIRE_OK: it goes on */
        const char *reason;
    } rows[] = {
        {SCOPE(both), SCOPE(second), 1, WIRE_NOT_FOUND, "NOT_FOUND"},
        {SCOPE(both), {.count = 0}, 1, WIRE_NOT_FOUND, "NOT_FOUND"},
        {{.is_all = true}, SCOPE(second), 1, WIRE_NOT_FOUND, "NOT_FOUND"},
        {SCOPE(both), SCOPE(first), 1, WIRE_OK, ""},
        {SCOPE(first), SCOPE(both), 1, WIRE_OK, ""},
        {SCOPE(both), {.is_all = true}, 1, WIRE_OK, ""},
        {{.is_all = true, .kept = KEPT_ALL}, {.is_all = true}, 1, WIRE_UNAVAILABLE,
            "CALLER_CHANGED"},
        {SCOPE(both), SCOPE(both_again), 0, WIRE_OK, ""},
        {SCOPE(both), SCOPE(first), 0, WIRE_UNAVAILABLE, "CALLER_CHANGED"},
        {SCOPE(first), SCOPE(both), 0, WIRE_UNAVAILABLE, "CALLER_CHANGED"},
        {SCOPE(first), SCOPE(second), 0, WIRE_UNAVAILABLE, "CALLER_CHANGED"},
        {SCOPE(both), {.is_all = true}, 0, WIRE_UNAVAILABLE, "CALLER_CHANGED"},
        {{.is_all = true}, SCOPE(both), 0, WIRE_UNAVAILABLE, "CALLER_CHANGED"},
        {{.is_all = true}, {.is_all = true, .kept = KEPT_ALL}, 0, WIRE_UNAVAILABLE,
            "CALLER_CHANGED"},
    };
    struct history *history = fixture.history;
    history_set_cut(history, SEGMENTS / 2);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        history->durable = history->count - 10;
        history->scope = rows[i].before;
        struct listener reading = {.from_sequence = 1, .ledger_id = rows[i].ledger_id};
        struct listener full = reading, live = reading;
        live.from_sequence = history->durable + 1;
        listen(&live);
        FIXTURE_WAIT(fixture.query->live_count == 1);
        listen(&full);
        full.call.room = 1;
        FIXTURE_WAIT(full.call.room == 0);
        listen(&reading);
        fixture_turn_once();
        struct listener *all[] = {&reading, &full, &live};
        int64_t reached[] = {reading.reached, full.reached, live.reached};
        history->scope = rows[i].after;
        history->durable = history->count;
        query_on_durable(fixture.query);
        give_room(&full, UINT32_MAX);
        for (size_t j = 0; j < 3; j++) {
            if (rows[i].status == WIRE_OK) {
                FIXTURE_WAIT(all[j]->reached == history->count);
                leave(all[j]);
                continue;
            }
            FIXTURE_WAIT(all[j]->call.end != NOT_ENDED);
            expect_failed(all[j], rows[i].status, rows[i].reason);
            EXPECT_MSG(all[j]->reached == reached[j], "row %zu: it went on", i);
        }
    }
    EXPECT(fixture.query->stream_count == 0 && fixture.query->live_count == 0);
}
END_TEST

START_TEST(too_many_streams)
{
    struct listener more = {.from_sequence = 1};
    memset(listeners, 0, sizeof listeners);
    for (size_t i = 0; i < 8; i++) {
        listeners[i].from_sequence = 1;
        listen(&listeners[i]);
        EXPECT(listeners[i].call.end == NOT_ENDED);
    }
    listen(&more);
    EXPECT(more.call.end == ENDED_BY_FAILURE && more.call.status == WIRE_RESOURCE_EXHAUSTED);
    EXPECT(strcmp(more.call.reason, "TOO_MANY_STREAMS") == 0);
    leave(&listeners[3]);
    listen(&more);
    EXPECT(more.call.end == NOT_ENDED);
    leave(&more);
}
END_TEST

static void expect_identity_refused(const char *identity, const char *part_of_message)
{
    struct listener listener = {.from_sequence = 120, .identity = identity};
    listen(&listener);
    EXPECT(listener.call.end == ENDED_BY_FAILURE);
    EXPECT(listener.call.status == WIRE_FAILED_PRECONDITION);
    EXPECT(strcmp(listener.call.reason, "JOURNAL_IDENTITY_CHANGED") == 0);
    EXPECT_MSG(strstr(listener.call.message, part_of_message) != NULL, "%s", listener.call.message);
    EXPECT(strstr(listener.call.message, FIXTURE_IDENTITY) != NULL);
}

START_TEST(a_position_of_another_journal_is_refused)
{
    struct listener same = {.from_sequence = 120, .identity = FIXTURE_IDENTITY};
    listen(&same);
    FIXTURE_WAIT(same.reached == fixture.history->durable);
    leave(&same);
    expect_identity_refused(FIXTURE_OLD_IDENTITY, "sequence numbers from 101 on");
    expect_identity_refused("00000000-0000-4000-8000-000000000000", "from the first entry on");
    EXPECT(fixture.query->stream_count == 0);
}
END_TEST

START_TEST(stopping_ends_every_stream)
{
    struct history *history = fixture.history;
    history_set_cut(history, SEGMENTS / 2);
    memset(listeners, 0, sizeof listeners);
    listeners[0].from_sequence = 1;                  /* reads the database */
    listeners[1].from_sequence = history->count + 1; /* live */
    listeners[2].from_sequence = history->count - 50;
    for (size_t i = 0; i < 3; i++)
        listen(&listeners[i]);
    listeners[2].call.room = 2; /* full soon */
    FIXTURE_WAIT(listeners[2].call.room == 0 && fixture.query->live_count == 1);
    query_stop(fixture.query);
    for (size_t i = 0; i < 3; i++) {
        FIXTURE_WAIT(listeners[i].call.end != NOT_ENDED);
        EXPECT(listeners[i].call.end == ENDED_BY_FAILURE);
        EXPECT(listeners[i].call.status == WIRE_UNAVAILABLE);
    }
    struct listener late = {.from_sequence = 1};
    listen(&late);
    EXPECT(late.call.end == ENDED_BY_FAILURE && late.call.status == WIRE_UNAVAILABLE);
}
END_TEST

START_TEST(a_refusing_database_ends_the_stream)
{
    history_set_cut(fixture.history, SEGMENTS - 1);
    history_run(fixture.history, "alter table vsl.posting rename to posting_gone");
    struct listener listener = {.from_sequence = 1};
    listen(&listener);
    FIXTURE_WAIT(listener.call.end != NOT_ENDED);
    EXPECT(listener.call.end == ENDED_BY_FAILURE && listener.call.status == WIRE_INTERNAL);
    EXPECT(fixture.query->stream_count == 0);
}
END_TEST

START_TEST(a_missing_row_is_noticed)
{
    history_set_cut(fixture.history, SEGMENTS - 1);
    history_run(fixture.history, "set session_replication_role = replica;" /* no triggers */
                                 "delete from vsl.command where sequence = 100");
    struct listener listener = {.from_sequence = 1};
    listen(&listener);
    FIXTURE_WAIT(listener.call.end != NOT_ENDED);
    EXPECT(listener.call.status == WIRE_DATA_LOSS);
    EXPECT(listener.reached < 100);
}
END_TEST

Suite *streams_suite(void)
{
    Suite *suite = suite_create("query/streams");
    TCase *cases = tcase_create("streams");
    tcase_set_timeout(cases, 120);
    tcase_add_checked_fixture(cases, start, fixture_stop);
    tcase_add_test(cases, from_every_position);
    tcase_add_test(cases, filters);
    tcase_add_test(cases, many_streams_over_a_moving_cut);
    tcase_add_test(cases, nothing_is_sent_before_it_is_durable);
    tcase_add_test(cases, progress_comes_while_idle);
    tcase_add_test(cases, gone_while_the_database_is_read);
    tcase_add_test(cases, an_account_of_another_ledger_is_not_found);
    tcase_add_test(cases, a_position_ahead_of_the_journal_is_refused);
    tcase_add_test(cases, a_ledger_that_is_not_there_is_not_found);
    tcase_add_test(cases, other_ledgers_end_the_stream);
    tcase_add_test(cases, too_many_streams);
    tcase_add_test(cases, a_position_of_another_journal_is_refused);
    tcase_add_test(cases, stopping_ends_every_stream);
    tcase_add_test(cases, a_refusing_database_ends_the_stream);
    tcase_add_test(cases, a_missing_row_is_noticed);
    suite_add_tcase(suite, cases);
    return suite;
}
