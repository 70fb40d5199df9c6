/* test_proofs.c: commands that are looked up are proved by their batches.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"
#include "fixture.h"
#include "support/expect.h"

#include <stdio.h>
#include <string.h>

#define SEGMENTS 30
#define SEGMENT_COMMANDS 40

static void start(void)
{
    fixture_start("proofs", SEGMENTS, SEGMENT_COMMANDS);
    history_set_cut(fixture.history, SEGMENTS - 1);
}

/* 1: there is no answer yet. */
static int results[SEGMENTS * SEGMENT_COMMANDS + 1];
static int64_t asked_sequence[SEGMENTS * SEGMENT_COMMANDS + 1];

static void on_command(void *context, int result, const struct command_record *record,
    const struct posting *postings, uint32_t count)
{
    const struct history *history = fixture.history;
    int64_t sequence = *(int64_t *)context;
    EXPECT(results[sequence] == 1);
    results[sequence] = result;
    if (result < 0)
        return;
    const struct command_record *expected = &history->records[sequence];
    uint32_t first = history->first_posting[sequence];
    EXPECT(record->sequence == sequence && record->recorded_us == expected->recorded_us);
    EXPECT(record->ledger_id == expected->ledger_id && record->kind == expected->kind);
    EXPECT(record->outcome == expected->outcome && record->subject_id == expected->subject_id);
    EXPECT(record->body_length == expected->body_length);
    EXPECT(memcmp(record->body, expected->body, record->body_length) == 0);
    EXPECT(text_equals(record->order_number, expected->order_number));
    EXPECT(request_key_equals(&record->key, &expected->key));
    EXPECT(count == history->first_posting[sequence + 1] - first);
    for (uint32_t i = 0; i < count; i++) {
        EXPECT(postings[i].amount_minor == history->postings[first + i].amount_minor);
        EXPECT(postings[i].credit_account_id == history->postings[first + i].credit_account_id);
    }
}

static void ask(int64_t sequence)
{
    results[sequence] = 1;
    asked_sequence[sequence] = sequence;
    query_find_command(fixture.query, sequence, on_command, &asked_sequence[sequence]);
}

static int result_of(int64_t sequence)
{
    ask(sequence);
    FIXTURE_WAIT(results[sequence] != 1);
    return results[sequence];
}

/* Every one, all at once: readers share batches, parts are of 2 commands and more. */
START_TEST(every_command_is_proved)
{
    const struct history *history = fixture.history;
    for (int round = 0; round < 3; round++) {
        for (int64_t sequence = 1; sequence < history->cut; sequence++)
            ask(round == 1 ? history->cut - sequence : sequence);
        for (int64_t sequence = 1; sequence < history->cut; sequence++) {
            FIXTURE_WAIT(results[sequence] != 1);
            EXPECT_MSG(results[sequence] == 0, "%lld", (long long)sequence);
        }
    }
    EXPECT(result_of(1) == 0);
    EXPECT(result_of(history->cut - 1) == 0);
}
END_TEST

/* What somebody changes is found, whichever row of the batch it is; and nothing else is. Each in a
 * batch of its own; the command that is asked for is the last one of the batch. */
static const char *const TAMPERINGS[] = {
    "update vsl.command set body = body || '\\x00' where sequence = number()",
    "update vsl.command set outcome = outcome + 1 where sequence = number()",
    "update vsl.command set subject_id = subject_id + 1 where sequence = number()",
    "update vsl.command set serial = serial || 'x' where sequence = number()",
    "update vsl.command set recorded_at = recorded_at + interval '1 us' where sequence = number()",
    "delete from vsl.command where sequence = number()",
    "insert into vsl.posting select number(), 0, 1, 1, 1, 0, 1, 2, 0, 1 from (select max(line) "
    "from "
    "vsl.posting) one on conflict do nothing",
    "insert into vsl.posting select number(), (select count(*) from vsl.posting p where p.sequence "
    "= "
    "c.sequence), 1, 1, 1, 0, 1, 2, 0, 1 from vsl.command c where c.sequence = number()",
    "insert into vsl.account_history (sequence, ledger_id, account_id, member_id, kind, status, "
    "no_in, no_out, available, pending_in, pending_out, frozen, next_date_amount) values "
    "(number(), 1, "
    "99, 1, 1, 1, false, false, 0, 0, 0, 0, 0)",
    "update vsl.batch set digest = sha256(digest) where last_sequence = number()",
    "update vsl.batch set epoch = 2 where last_sequence = number()",
    "update vsl.batch set recorded_at = recorded_at + interval '1 us' where last_sequence = "
    "number()",
    "update vsl.batch set last_sequence = last_sequence - 1 where last_sequence = number()",
    "update vsl.batch set last_sequence = last_sequence + 1 where last_sequence = number()",
    "update vsl.batch set last_sequence = 1000000000000000 where last_sequence = number()",
    "update vsl.batch set batch_number = batch_number + 1 where last_sequence = number()",
    "delete from vsl.batch where last_sequence = number()",
    "update vsl.batch b set digest = sha256('x') from vsl.batch n where n.last_sequence = number() "
    "and "
    "b.batch_number = n.batch_number - 1",
};

START_TEST(what_was_changed_is_found)
{
    struct history *history = fixture.history;
    /* Triggers stand in who has no rights beyond those of the service. */
    history_run(history, "set session_replication_role = replica");
    history_run(history, "create function number() returns bigint language sql return"
                         " current_setting('test.number')::bigint");
    size_t count = sizeof TAMPERINGS / sizeof TAMPERINGS[0];
    int64_t batch = 1;
    for (size_t i = 0; i < count; i++) {
        char sql[100];
        /* A batch of two commands at least, and two between: of a changed digest the next one is
         * the continuation, too. */
        do {
            batch += 3;
        } while (history->batches[batch + 1] - history->batches[batch] < 2);
        int64_t sequence = history->batches[batch + 1] - 1;
        EXPECT_MSG(history->batches[batch + 2] < history->cut, "too few batches");
        snprintf(sql, sizeof sql, "set test.number = %lld", (long long)sequence);
        history_run(history, sql);
        history_run(history, TAMPERINGS[i]);
        EXPECT_MSG(result_of(sequence) == -2, "%s", TAMPERINGS[i]);
        EXPECT_MSG(result_of(sequence) == -2, "again: %s", TAMPERINGS[i]);
        EXPECT_MSG(result_of(history->batches[batch] - 1) == (i + 1 == count ? -2 : 0),
            "the one before: %s", TAMPERINGS[i]);
    }
}
END_TEST

/* A batch that was proved stays in memory: what is changed later has no effect. */
START_TEST(what_was_proved_is_kept)
{
    struct history *history = fixture.history;
    int64_t sequence = history->batches[3];
    EXPECT(result_of(sequence) == 0);
    history_run(history, "set session_replication_role = replica");
    history_run(history, "update vsl.command set body = body || '\\x00'");
    EXPECT(result_of(sequence) == 0);
    EXPECT(result_of(history->batches[4] - 1) == 0);
    EXPECT(result_of(history->batches[4]) == -2);
}
END_TEST

START_TEST(without_the_database_nothing_is_said)
{
    struct history *history = fixture.history;
    EXPECT(result_of(1) == 0);
    history_run(history, "alter table vsl.batch rename to batch_gone");
    EXPECT(result_of(history->batches[5]) == -1);
    EXPECT(result_of(1) == 0);
    /* The end of the query with questions that wait. */
    for (int64_t sequence = history->batches[6]; sequence < history->cut; sequence++)
        ask(sequence);
}
END_TEST

/* A key that is found leads to its command only when that says so itself. */
static void on_key(void *context, int found, const struct command_record *record)
{
    (void)record;
    *(int *)context = found;
}

START_TEST(a_key_that_was_changed_is_found)
{
    struct history *history = fixture.history;
    int64_t sequence = history->batches[7];
    int found = 9;
    struct request_key key = history->records[sequence].key;
    history_run(history, "set session_replication_role = replica");
    char sql[200];
    snprintf(sql, sizeof sql, "update vsl.command set serial = 'MOVED' where sequence = %lld",
        (long long)sequence);
    history_run(history, sql);
    memset(key.serial, 0, sizeof key.serial);
    key.serial_length = 5;
    memcpy(key.serial, "MOVED", 5);
    query_find_key(
        fixture.query, &(struct query_key){.key = key, .is_elsewhere = true}, on_key, &found);
    FIXTURE_WAIT(found != 9);
    EXPECT_MSG(found == -2, "%d", found);
}
END_TEST

Suite *proofs_suite(void)
{
    Suite *suite = suite_create("query/proofs");
    TCase *cases = tcase_create("proofs");
    tcase_set_timeout(cases, 120);
    tcase_add_checked_fixture(cases, start, fixture_stop);
    tcase_add_test(cases, every_command_is_proved);
    tcase_add_test(cases, what_was_changed_is_found);
    tcase_add_test(cases, what_was_proved_is_kept);
    tcase_add_test(cases, without_the_database_nothing_is_said);
    tcase_add_test(cases, a_key_that_was_changed_is_found);
    suite_add_tcase(suite, cases);
    return suite;
}
