/* test_commands.c: one command by sequence or key, from memory and from the database.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"
#include "base/fold.h"
#include "command/body.h"
#include "fixture.h"
#include "model/date.h"
#include "model/outcome.h"
#include "query/internal.h"
#include "support/expect.h"
#include "vsl/v1/journal.pb-c.h"

#include <stdio.h>
#include <string.h>

#define SEGMENTS 12
#define SEGMENT_COMMANDS 40

static void start(void)
{
    fixture_start("commands", SEGMENTS, SEGMENT_COMMANDS);
}

/* Begins a call; by key when `record` is given. */
static void begin(struct wire_call *call, int64_t sequence, const struct command_record *record)
{
    char channel[CHANNEL_BYTES_MAX + 1] = "", serial[SERIAL_BYTES_MAX + 1] = "";
    Vsl__V1__GetCommandRequest request;
    vsl__v1__get_command_request__init(&request);
    Vsl__V1__RequestKey key;
    vsl__v1__request_key__init(&key);
    request.sequence = sequence;
    if (record) {
        memcpy(channel, record->key.channel, record->key.channel_length);
        memcpy(serial, record->key.serial, record->key.serial_length);
        key.channel = channel;
        key.serial = serial;
        key.business_date = date_to_yyyymmdd(record->key.business_date);
        request.key = &key;
    }
    wire_call_init(call);
    fixture_call(READ_GET_COMMAND, call, &request.base);
}

static void expect_entry(struct wire_call *call, int64_t sequence)
{
    const struct history *history = fixture.history;
    const struct command_record *record = &history->records[sequence];
    EXPECT_MSG(call->end == ENDED_BY_REPLY, "%lld: %s", (long long)sequence, call->message);
    Vsl__V1__GetCommandResponse *response =
        vsl__v1__get_command_response__unpack(NULL, call->reply.length, call->reply.bytes);
    EXPECT(response != NULL);
    const Vsl__V1__JournalEntry *entry = response->entry;
    EXPECT(entry->sequence == sequence && entry->recorded_at_us == record->recorded_us);
    EXPECT(entry->ledger_id == record->ledger_id && entry->subject_id == record->subject_id);
    EXPECT((int)entry->kind == record->kind && (int)entry->outcome == record->outcome);
    EXPECT(text_equals(text_of(entry->order_number), record->order_number));
    EXPECT(entry->fee_minor == record->fee_minor);
    EXPECT(entry->fee_rule_version == record->fee_rule_version);
    EXPECT(strcmp(entry->key->serial, record->key.serial) == 0);
    EXPECT((int)entry->request_case == 100 + record->kind);
    uint32_t first = history->first_posting[sequence];
    EXPECT(entry->n_postings == history->first_posting[sequence + 1] - first);
    for (uint32_t i = 0; i < entry->n_postings; i++) {
        const struct posting *posting = &history->postings[first + i];
        EXPECT(entry->postings[i]->line == (int32_t)i + 1);
        EXPECT(entry->postings[i]->amount_minor == posting->amount_minor);
        EXPECT(entry->postings[i]->debit_account_id == posting->debit_account_id);
        EXPECT(entry->postings[i]->credit_balance_minor == posting->credit_balance_minor);
    }
    vsl__v1__get_command_response__free_unpacked(response, NULL);
    wire_call_finish(call);
}

START_TEST(every_command_both_ways)
{
    struct history *history = fixture.history;
    history_set_cut(history, SEGMENTS / 2);
    for (int64_t sequence = 1; sequence <= history->count; sequence += 3) {
        struct wire_call call;
        begin(&call, sequence, NULL);
        FIXTURE_WAIT(call.end != NOT_ENDED);
        expect_entry(&call, sequence);
        begin(&call, 0, &history->records[sequence]);
        FIXTURE_WAIT(call.end != NOT_ENDED);
        expect_entry(&call, sequence);
    }
}
END_TEST

START_TEST(what_is_not_there)
{
    struct history *history = fixture.history;
    history_set_cut(history, SEGMENTS / 2);
    struct wire_call call;
    begin(&call, history->count + 1, NULL);
    EXPECT(call.end == ENDED_BY_FAILURE && call.status == WIRE_NOT_FOUND);
    EXPECT(strcmp(call.field, "sequence") == 0);
    begin(&call, INT64_MAX, NULL);
    EXPECT(call.end == ENDED_BY_FAILURE && call.status == WIRE_NOT_FOUND);

    /* Each part of a key alone makes another key. */
    for (int i = 0; i < 4; i++) {
        struct command_record other = history->records[50];
        if (i == 0)
            other.key.channel[0] = 'z';
        else if (i == 1)
            other.key.serial[1] = 'X';
        else if (i == 2)
            other.key.business_date += 1000; /* in no segment */
        else
            other.key.business_date += 1;
        begin(&call, 0, &other);
        FIXTURE_WAIT(call.end != NOT_ENDED);
        EXPECT_MSG(call.status == WIRE_NOT_FOUND, "row %d: %s", i, call.message);
        EXPECT(strcmp(call.field, "key") == 0);
        EXPECT(strcmp(call.reason, "COMMAND_NOT_FOUND") == 0);
    }
}
END_TEST

#define WORD_OF(x) #x
#define WORDS_OF(x) WORD_OF(x)

START_TEST(damage_is_noticed)
{
    static const struct {
        const char *sql;
        int64_t sequence;
    } rows[] = {
        {"delete from vsl.command where sequence = 10", 10},
        {"update vsl.command set body = '\\xff' where sequence = 11", 11},
        {"update vsl.command set channel = '' where sequence = 12", 12},
        {"update vsl.command set serial = repeat('x', 33) where sequence = 13", 13},
        {"update vsl.command set body = decode(repeat('00', 5000), 'hex') where sequence = 14", 14},
        {"update vsl.command set kind = -1 where sequence = 15", 15},
        {"update vsl.command set order_number = '' where sequence = 19", 19},
        {"update vsl.command set order_number = repeat('x', 65) where sequence = 20", 20},
        {"update vsl.command set accounting_date = '1960-01-01' where sequence = 16", 16},
        {"insert into vsl.posting values (17, 100, 1, 1, 1, 0, 1, 2, 0, 1)", 17},
        {"insert into vsl.posting select 18, n, 1, 1, 1, 0, 1, 2, 0, 1 "
         "from generate_series(0, " WORDS_OF(POSTINGS_PER_COMMAND_MAX) ") n", /* one too many */
            18},
    };
    history_set_cut(fixture.history, SEGMENTS / 2);
    history_run(fixture.history, "set session_replication_role = replica"); /* no triggers */
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct wire_call call;
        history_run(fixture.history, rows[i].sql);
        begin(&call, rows[i].sequence, NULL);
        FIXTURE_WAIT(call.end != NOT_ENDED);
        EXPECT_MSG(call.end == ENDED_BY_FAILURE && call.status == WIRE_DATA_LOSS, "row %zu: %s", i,
            call.message);
        EXPECT(strcmp(call.reason, "STORED_ROW_DAMAGED") == 0);
    }
}
END_TEST

START_TEST(not_durable_yet_is_waited_for)
{
    struct history *history = fixture.history;
    struct wire_call by_sequence, by_key, gone;
    history_set_cut(history, SEGMENTS / 2);
    history->durable = history->count - 5;
    begin(&by_sequence, history->count - 4, NULL);
    begin(&by_key, 0, &history->records[history->count]);
    begin(&gone, history->count, NULL);
    gone.is_gone = true;
    for (int i = 0; i < 5; i++)
        fixture_turn_once();
    EXPECT(by_sequence.end == NOT_ENDED && by_key.end == NOT_ENDED);
    history->durable++;
    query_on_durable(fixture.query);
    EXPECT(by_sequence.end != NOT_ENDED && by_key.end == NOT_ENDED);
    expect_entry(&by_sequence, history->count - 4);
    EXPECT(gone.end == ENDED_BY_FAILURE && gone.status == WIRE_CANCELLED);
    EXPECT(strcmp(gone.reason, "CALL_GONE") == 0);
    history->durable = history->count;
    query_on_durable(fixture.query);
    expect_entry(&by_key, history->count);
}
END_TEST

START_TEST(closing_ends_what_waits)
{
    struct history *history = fixture.history;
    static struct wire_call calls[4];
    history_set_cut(history, SEGMENTS / 2);
    history->durable = history->count - 5;
    begin(&calls[0], history->count, NULL);
    begin(&calls[1], 0, &history->records[1]);
    begin(&calls[2], 5, NULL);
    fixture_stop();
    for (int i = 0; i < 3; i++)
        EXPECT_MSG(calls[i].end == ENDED_BY_FAILURE && calls[i].status == WIRE_UNAVAILABLE &&
                       strcmp(calls[i].reason, "HISTORY_UNAVAILABLE") == 0,
            "call %d", i);
}
END_TEST

/* What the server of the database does to a statement has a reason of its own. */
static void expect_database_failure(
    struct wire_call *call, enum wire_status status, const char *reason)
{
    FIXTURE_WAIT(call->end != NOT_ENDED);
    EXPECT_MSG(call->end == ENDED_BY_FAILURE && call->status == status &&
                   strcmp(call->reason, reason) == 0,
        "%s: %s", call->reason, call->message);
}

static void give_up_slow_ones(struct fixture *turned)
{
    history_run(turned->history,
        "select pg_stat_clear_snapshot(), count(pg_cancel_backend(pid)) from pg_stat_activity "
        "where wait_event_type = 'Lock' and datname = current_database()");
}

START_TEST(what_the_database_does_is_told)
{
    struct wire_call slow, refused;
    history_set_cut(fixture.history, SEGMENTS / 2);
    history_run(fixture.history, "begin; lock table vsl.command in access exclusive mode");
    fixture.on_turn = give_up_slow_ones;
    begin(&slow, 5, NULL);
    expect_database_failure(&slow, WIRE_UNAVAILABLE, "HISTORY_TOO_SLOW");
    fixture.on_turn = NULL;
    history_run(fixture.history, "alter table vsl.command rename to other; commit");
    begin(&refused, 6, NULL);
    expect_database_failure(&refused, WIRE_INTERNAL, "HISTORY_REFUSED");
}
END_TEST

/* ---- query_find_key ---- */

struct answer {
    int found;
    int64_t sequence;
};

static void on_found(void *context, int found, const struct command_record *record)
{
    struct answer *answer = context;
    EXPECT(answer->found == -2);
    EXPECT((found == 1) == (record != NULL));
    answer->found = found;
    answer->sequence = record ? record->sequence : 0;
}

START_TEST(old_keys)
{
    struct history *history = fixture.history;
    static struct answer answers[SEGMENTS * SEGMENT_COMMANDS + 1];
    history_set_cut(history, SEGMENTS - 1);
    for (int64_t sequence = 1; sequence <= history->count; sequence++) {
        answers[sequence].found = -2;
        const struct query_key asked = {
            .key = history->records[sequence].key, .is_elsewhere = true};
        query_find_key(fixture.query, &asked, on_found, &answers[sequence]);
    }
    for (int64_t sequence = 1; sequence <= history->count; sequence++) {
        FIXTURE_WAIT(answers[sequence].found != -2);
        /* Those in memory are not asked for here: only what is indexed is found. */
        bool is_indexed = sequence < history->cut;
        EXPECT_MSG(answers[sequence].found == is_indexed, "%lld", (long long)sequence);
        EXPECT(answers[sequence].sequence == (is_indexed ? sequence : 0));
    }
}
END_TEST

START_TEST(old_keys_when_the_database_is_gone)
{
    struct answer answer = {.found = -2};
    const struct query_key asked = {.key = fixture.history->records[1].key, .is_elsewhere = true};
    history_set_cut(fixture.history, SEGMENTS - 1);
    query_find_key(fixture.query, &asked, on_found, &answer);
    FIXTURE_WAIT(answer.found != -2);
    EXPECT(answer.found == 1);
    history_run(fixture.history, "alter table vsl.segment rename to segment_gone");
    answer.found = -2;
    query_find_key(fixture.query, &asked, on_found, &answer);
    FIXTURE_WAIT(answer.found != -2);
    EXPECT(answer.found == -1);
}
END_TEST

/* ---- parts_find ---- */

#define PARTS 150 /* of as many segments: several statements */

struct found_in_parts {
    int result; /* 1: there is no answer yet */
    size_t count;
    int64_t sequences[PARTS];
};

static void on_parts(void *context, int result, const int64_t *sequences, size_t count)
{
    struct found_in_parts *found = context;
    EXPECT(found->result == 1 && count <= PARTS);
    found->result = result;
    found->count = count;
    for (size_t i = 0; i < count; i++)
        found->sequences[i] = sequences[i];
}

static struct found_in_parts find_in_parts(const struct segment_part *parts, uint64_t hash)
{
    struct found_in_parts found = {.result = 1};
    parts_find(fixture.query, PARTS_OF_REFERENCES, hash, parts, PARTS, on_parts, &found);
    FIXTURE_WAIT(found.result != 1);
    return found;
}

/* Segment n, 2 n + 1 and 2 n + 2, has in part n the hash 7 for one of them; every third has it
 * not. */
START_TEST(hashes_in_parts)
{
    static struct segment_part parts[PARTS];
    history_set_cut(fixture.history, SEGMENTS - 1);
    for (int64_t n = 0; n < PARTS; n++) {
        char sql[200];
        const uint64_t hash = n % 3 == 0 ? 8 : 7;
        const uint32_t offset = (uint32_t)n % 2;
        struct part_hashes from = {.hashes = &hash, .offsets = &offset, .count = 1};
        struct buffer part = {0};
        parts_make(&from, 1, 0, 1, &part);
        parts[n] = (struct segment_part){
            .first_sequence = 2 * n + 1, .last_sequence = 2 * n + 2, .number = n};
        part_digest(part.bytes, part.length, parts[n].digest);
        buffer_finish(&part);
        snprintf(sql, sizeof sql,
            "insert into vsl.segment_part values (%lld, 2, %lld, int8send(%lld) || int4send(%u))",
            (long long)parts[n].first_sequence, (long long)n, (long long)hash, offset);
        history_run(fixture.history, sql);
    }
    struct found_in_parts found = find_in_parts(parts, 7);
    EXPECT(found.result == 0 && found.count == PARTS - PARTS / 3);
    size_t next = 0;
    for (int64_t n = 0; n < PARTS; n++)
        if (n % 3 != 0)
            EXPECT(found.sequences[next++] == 2 * n + 1 + n % 2);
    found = find_in_parts(parts, 9);
    EXPECT(found.result == 0 && found.count == 0);
    /* One that is not as its digest says, wherever it stands; one that is not there. */
    for (size_t n = 0; n < PARTS; n += PARTS - 1) {
        parts[n].digest[DIGEST_BYTES - 1] ^= 1;
        EXPECT(find_in_parts(parts, 9).result == -2);
        parts[n].digest[DIGEST_BYTES - 1] ^= 1;
    }
    history_run(fixture.history, "delete from vsl.segment_part where part = 149");
    EXPECT(find_in_parts(parts, 7).result == -2);
    history_run(fixture.history, "alter table vsl.segment_part rename to segment_part_gone");
    EXPECT(find_in_parts(parts, 7).result == -1);
}
END_TEST

/* ---- query_find_reference ---- */

struct receipts {
    int result; /* 1: there is no answer yet */
    uint32_t count;
    int64_t sequences[RECEIPTS_OF_REFERENCE_MAX];
};

static void on_receipts(void *context, int result, const int64_t *sequences, uint32_t count)
{
    struct receipts *receipts = context;
    EXPECT(receipts->result == 1 && count <= RECEIPTS_OF_REFERENCE_MAX);
    receipts->result = result;
    receipts->count = count;
    for (uint32_t i = 0; i < count; i++)
        receipts->sequences[i] = sequences[i];
}

static struct query_reference asked_for(
    int64_t ledger_id, int64_t reference, int64_t first, int64_t last)
{
    struct query_reference asked = {
        .ledger_id = ledger_id, .first_sequence = first, .last_sequence = last};
    asked.reference_length = fold_reference(history_reference(reference), asked.reference);
    return asked;
}

/* The newest ones of the ledger that were accepted. */
static void expect_receipts(const struct query_reference *asked, int64_t reference)
{
    struct receipts receipts = {.result = 1};
    uint32_t count = 0;
    query_find_reference(fixture.query, asked, on_receipts, &receipts);
    FIXTURE_WAIT(receipts.result != 1);
    EXPECT(receipts.result == 0);
    for (int64_t s = asked->last_sequence; s >= asked->first_sequence; s--) {
        const struct command_record *record = &fixture.history->records[s];
        struct command_elements elements;
        struct command command;
        if (record->kind != COMMAND_BOOK_RECEIPT || record->ledger_id != asked->ledger_id ||
            record->outcome >= OUTCOME_REFUSED_MIN || count == RECEIPTS_OF_REFERENCE_MAX)
            continue;
        EXPECT(command_body_decode(COMMAND_BOOK_RECEIPT, record->body, record->body_length,
                   &elements, &command) == 0);
        if (!text_equals(command.book_receipt.bank_reference, history_reference(reference)))
            continue;
        EXPECT_MSG(count < receipts.count && receipts.sequences[count] == s, "%lld is left out",
            (long long)s);
        count++;
    }
    EXPECT_MSG(receipts.count == count, "%u and not %u", receipts.count, count);
}

START_TEST(receipts_by_reference)
{
    struct history *history = fixture.history;
    history_set_cut(history, SEGMENTS - 1);
    for (int64_t ledger = 1; ledger <= HISTORY_LEDGERS + 1; ledger++)
        for (int64_t reference = 1; reference < 4; reference++)
            for (int64_t last = history->cut - 1; last > 0; last -= 60) {
                struct query_reference asked = asked_for(ledger, reference, 1, last);
                expect_receipts(&asked, reference);
                asked.first_sequence = last > 50 ? last - 50 : last;
                expect_receipts(&asked, reference);
            }
}
END_TEST

START_TEST(receipts_that_cannot_be_believed)
{
    struct history *history = fixture.history;
    history_set_cut(history, SEGMENTS - 1);
    const struct query_reference asked = asked_for(1, 1, 1, history->cut - 1);
    struct receipts receipts = {.result = 1};
    /* The function says what no body has, as a changed index would. */
    history_run(history, "create or replace function vsl.booked_reference(kind smallint, body "
                         "bytea) returns text language sql"
                         " immutable strict return 'B-1'");
    history_run(history, "reindex table vsl.command");
    query_find_reference(fixture.query, &asked, on_receipts, &receipts);
    FIXTURE_WAIT(receipts.result != 1);
    EXPECT(receipts.result == -2 && receipts.count == 0);
    receipts.result = 1;
    history_run(history, "alter table vsl.command rename to command_gone");
    query_find_reference(fixture.query, &asked, on_receipts, &receipts);
    FIXTURE_WAIT(receipts.result != 1);
    EXPECT(receipts.result == -1 && receipts.count == 0);
}
END_TEST

Suite *commands_suite(void)
{
    Suite *suite = suite_create("query/commands");
    TCase *cases = tcase_create("commands");
    tcase_set_timeout(cases, 120);
    tcase_add_checked_fixture(cases, start, fixture_stop);
    tcase_add_test(cases, every_command_both_ways);
    tcase_add_test(cases, what_is_not_there);
    tcase_add_test(cases, damage_is_noticed);
    tcase_add_test(cases, not_durable_yet_is_waited_for);
    tcase_add_test(cases, old_keys);
    tcase_add_test(cases, receipts_by_reference);
    tcase_add_test(cases, receipts_that_cannot_be_believed);
    tcase_add_test(cases, old_keys_when_the_database_is_gone);
    tcase_add_test(cases, hashes_in_parts);
    suite_add_tcase(suite, cases);
    TCase *closing = tcase_create("closing");
    tcase_add_checked_fixture(closing, start, NULL);
    tcase_add_test(closing, closing_ends_what_waits);
    tcase_add_test(closing, what_the_database_does_is_told);
    suite_add_tcase(suite, closing);
    return suite;
}
