/* test_lines.c: the pages of a statement, put together, are the naive list of its lines: for every
 * cut, also when it moves between pages and while the database is asked.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"
#include "command/body.h"
#include "fixture.h"
#include "model/date.h"
#include "support/expect.h"
#include "vsl/v1/account.pb-c.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SEGMENTS 16
#define SEGMENT_COMMANDS 40

struct wanted {
    int64_t account_id;
    int bucket; /* as in the proto: 0: every one */
    bool newest_first;
    int32_t from_date, to_date; /* days; 0: none */
};

struct naive_line {
    int64_t sequence, amount_minor, balance_minor, other_account_id;
    int32_t line, bucket, other_bucket;
};

static struct naive_line *naive;
static size_t naive_count;

/* ---- the naive list ---- */

static void add_side(const struct wanted *wanted, int64_t sequence, int32_t line,
    const struct posting *posting, bool is_debit)
{
    struct naive_line *added = &naive[naive_count];
    int64_t account_id = is_debit ? posting->debit_account_id : posting->credit_account_id;
    int bucket = is_debit ? posting->debit_bucket : posting->credit_bucket;
    if (account_id != wanted->account_id || (wanted->bucket && wanted->bucket != bucket + 1))
        return;
    naive_count++;
    *added = (struct naive_line){
        .sequence = sequence,
        .amount_minor = is_debit ? -posting->amount_minor : posting->amount_minor,
        .balance_minor = is_debit ? posting->debit_balance_minor : posting->credit_balance_minor,
        .other_account_id = is_debit ? posting->credit_account_id : posting->debit_account_id,
        .line = line + 1,
        .bucket = bucket + 1,
        .other_bucket = (is_debit ? posting->credit_bucket : posting->debit_bucket) + 1,
    };
}

static void make_naive(const struct history *history, const struct wanted *wanted)
{
    naive_count = 0;
    for (int64_t sequence = 1; sequence <= history->durable; sequence++) {
        int32_t date = history->records[sequence].accounting_date;
        if (date < wanted->from_date || (wanted->to_date && date > wanted->to_date))
            continue;
        uint32_t first = history->first_posting[sequence];
        for (uint32_t i = first; i < history->first_posting[sequence + 1]; i++) {
            add_side(wanted, sequence, (int32_t)(i - first), &history->postings[i], true);
            add_side(wanted, sequence, (int32_t)(i - first), &history->postings[i], false);
        }
    }
    for (size_t i = 0; wanted->newest_first && i < naive_count / 2; i++) {
        struct naive_line line = naive[i];
        naive[i] = naive[naive_count - 1 - i];
        naive[naive_count - 1 - i] = line;
    }
}

/* ---- asking ---- */

/* Sends the request and waits for the call's end. */
static void ask(const struct wanted *wanted, int32_t page_size, char *token, struct wire_call *call)
{
    Vsl__V1__ListStatementLinesRequest request;
    vsl__v1__list_statement_lines_request__init(&request);
    request.ledger_id = wanted->account_id <= 6 ? 1 : 2;
    request.account_id = wanted->account_id;
    request.bucket = (Vsl__V1__Bucket)wanted->bucket;
    request.order = wanted->newest_first ? VSL__V1__STATEMENT_ORDER__STATEMENT_ORDER_NEWEST_FIRST
                                         : VSL__V1__STATEMENT_ORDER__STATEMENT_ORDER_OLDEST_FIRST;
    request.from_date = wanted->from_date ? date_to_yyyymmdd(wanted->from_date) : 0;
    request.to_date = wanted->to_date ? date_to_yyyymmdd(wanted->to_date) : 0;
    request.page_size = page_size;
    request.page_token = token;
    wire_call_init(call);
    fixture_call(READ_LIST_STATEMENT_LINES, call, &request.base);
    FIXTURE_WAIT(call->end != NOT_ENDED);
}

static void expect_texts(const struct command_record *record, const Vsl__V1__StatementLine *line)
{
    struct command_elements elements;
    struct command command;
    EXPECT(command_body_decode((enum command_kind)record->kind, record->body, record->body_length,
               &elements, &command) == 0);
    struct text remark = {0};
    if (command.kind == COMMAND_PAY) {
        remark = command.pay.remark;
    } else if (command.kind == COMMAND_BOOK_RECEIPT) {
        remark = command.book_receipt.remark;
    } else if (command.kind == COMMAND_WITHDRAW) {
        remark = command.withdraw.remark;
    } else if (command.kind == COMMAND_CHARGE_FEE) {
        remark = command.charge_fee.remark;
    }
    EXPECT(text_equals(text_of(line->order_number), record->order_number));
    EXPECT(text_equals(text_of(line->remark), remark));
}

static void expect_line(const Vsl__V1__StatementLine *got, const struct naive_line *want)
{
    const struct command_record *record = &fixture.history->records[want->sequence];
    EXPECT_MSG(got->sequence == want->sequence && got->line == want->line,
        "line %lld.%d instead of %lld.%d", (long long)got->sequence, got->line,
        (long long)want->sequence, want->line);
    EXPECT((int)got->bucket == want->bucket && (int)got->counter_bucket == want->other_bucket);
    EXPECT(got->amount_minor == want->amount_minor);
    EXPECT(got->balance_after_minor == want->balance_minor);
    EXPECT(got->counter_account_id == want->other_account_id);
    EXPECT(got->recorded_at_us == record->recorded_us);
    EXPECT(got->accounting_date == date_to_yyyymmdd(record->accounting_date));
    EXPECT((int)got->kind == record->kind);
    EXPECT(got->key->business_date == date_to_yyyymmdd(record->key.business_date));
    EXPECT(strcmp(got->key->serial, record->key.serial) == 0);
    EXPECT(
        strlen(got->key->channel) == 3 && memcmp(got->key->channel, record->key.channel, 3) == 0);
    expect_texts(record, got);
}

/* What may happen between two pages. */
typedef void between_pages(void);

/* Reads all pages and compares. Pages may be short only when `may_be_short`. */
static void expect_statement(
    const struct wanted *wanted, int32_t page_size, between_pages *between, bool may_be_short)
{
    char token[100] = "";
    size_t got = 0;
    int64_t as_of = fixture.history->durable;
    make_naive(fixture.history, wanted);
    do {
        struct wire_call call;
        ask(wanted, page_size, token, &call);
        EXPECT_MSG(call.end == ENDED_BY_REPLY, "%s", call.message);
        Vsl__V1__ListStatementLinesResponse *page = vsl__v1__list_statement_lines_response__unpack(
            NULL, call.reply.length, call.reply.bytes);
        EXPECT(page != NULL);
        EXPECT(page->as_of_sequence == as_of);
        EXPECT(page->n_lines <= (size_t)page_size);
        EXPECT(page->n_lines <= fixture.query->steps.page_entries);
        EXPECT_MSG(got + page->n_lines <= naive_count, "more lines than there are: %zu of %zu",
            got + page->n_lines, naive_count);
        for (size_t i = 0; i < page->n_lines; i++)
            expect_line(page->lines[i], &naive[got + i]);
        got += page->n_lines;
        bool is_last = page->next_page_token[0] == '\0';
        if (!may_be_short)
            EXPECT_MSG(is_last ? got == naive_count
                               : got < naive_count && page->n_lines == (size_t)page_size,
                "page of %zu, now %zu of %zu", page->n_lines, got, naive_count);
        snprintf(token, sizeof token, "%s", page->next_page_token);
        vsl__v1__list_statement_lines_response__free_unpacked(page, NULL);
        wire_call_finish(&call);
        if (between)
            between();
    } while (token[0] != '\0');
    EXPECT_MSG(got == naive_count, "%zu lines instead of %zu", got, naive_count);
}

/* ---- tests ---- */

static void start(void)
{
    fixture_start("lines", SEGMENTS, SEGMENT_COMMANDS);
    naive = calloc(
        (size_t)fixture.history->first_posting[fixture.history->count + 1] * 2 + 1, sizeof *naive);
    EXPECT(naive != NULL);
}

static void stop(void)
{
    fixture_stop();
    free(naive);
}

/* One posting in three or so is the account's; a short account keeps this quick. */
START_TEST(every_page_size_in_both_orders)
{
    struct history *history = fixture.history;
    history_set_cut(history, SEGMENTS / 2);
    struct wanted wanted = {.account_id = 8};
    history->durable = 5 * SEGMENT_COMMANDS; /* memory is not even reached */
    make_naive(history, &wanted);
    /* With some seeds it is too short to tell anything. */
    for (; naive_count <= 20 && wanted.account_id > 1; make_naive(history, &wanted))
        wanted.account_id--;
    EXPECT(naive_count > 20);
    for (int newest_first = 0; newest_first < 2; newest_first++) {
        wanted.newest_first = newest_first;
        for (size_t page_size = 1; page_size <= naive_count + 1; page_size++)
            expect_statement(&wanted, (int32_t)page_size, NULL, false);
    }
}
END_TEST

START_TEST(every_cut_in_both_orders)
{
    for (int64_t cut = 0; cut < SEGMENTS; cut++) {
        history_set_cut(fixture.history, cut);
        for (int newest_first = 0; newest_first < 2; newest_first++) {
            struct wanted wanted = {
                .account_id = HISTORY_HOT_ACCOUNT, .newest_first = newest_first};
            expect_statement(&wanted, 97, NULL, false);
        }
    }
}
END_TEST

static struct wanted random_wanted(void)
{
    struct random *random = &fixture.random;
    struct wanted wanted = {.account_id = random_between(random, 1, HISTORY_ACCOUNTS),
        .newest_first = random_percent(random, 50)};
    if (random_percent(random, 30))
        wanted.account_id = HISTORY_HOT_ACCOUNT;
    if (random_percent(random, 50))
        wanted.bucket = (int)random_between(random, 1, 4);
    int32_t last = fixture.history->records[fixture.history->count].accounting_date + 8;
    if (random_percent(random, 60))
        wanted.from_date = (int32_t)random_between(random, HISTORY_FIRST_DAY - 2, last);
    if (random_percent(random, 60)) {
        int32_t lowest = wanted.from_date ? wanted.from_date : HISTORY_FIRST_DAY - 2;
        wanted.to_date = (int32_t)random_between(random, lowest, last + 2);
    }
    return wanted;
}

START_TEST(random_filters_at_random_cuts)
{
    for (int round = 0; round < 400; round++) {
        struct random *random = &fixture.random;
        if (round % 10 == 0)
            history_set_cut(fixture.history, random_between(random, 0, SEGMENTS - 1));
        fixture.history->durable =
            random_between(random, fixture.history->cut - 1, fixture.history->count);
        struct wanted wanted = random_wanted();
        expect_statement(&wanted, (int32_t)random_between(random, 1, 60), NULL, false);
    }
}
END_TEST

static void move_the_cut(struct fixture *context)
{
    struct history *history = context->history;
    int64_t segment = (history->cut - 1) / history->segment_commands;
    int64_t next = (segment + 1) * history->segment_commands + 1;
    if (segment + 1 < SEGMENTS && next <= history->durable + 1 &&
        random_percent(&context->random, 30))
        history_set_cut(history, segment + 1);
}

static void go_on_writing(void)
{
    struct history *history = fixture.history;
    history->durable += random_between(&fixture.random, 0, 20);
    if (history->durable > history->count)
        history->durable = history->count;
}

START_TEST(the_cut_moves_between_pages_and_meanwhile)
{
    fixture.on_turn = move_the_cut;
    for (int round = 0; round < 150; round++) {
        struct random *random = &fixture.random;
        history_set_cut(fixture.history, random_between(random, 0, SEGMENTS / 3));
        fixture.history->durable =
            random_between(random, fixture.history->cut - 1, fixture.history->count);
        struct wanted wanted = random_wanted();
        expect_statement(&wanted, (int32_t)random_between(random, 1, 40), go_on_writing, false);
    }
}
END_TEST

START_TEST(short_pages_when_a_filter_leaves_out_much)
{
    fixture.query->steps.lines_examined_max = 20;
    for (int round = 0; round < 60; round++) {
        history_set_cut(fixture.history, random_between(&fixture.random, 0, SEGMENTS - 1));
        struct wanted wanted = random_wanted();
        expect_statement(&wanted, 10, NULL, true);
    }
}
END_TEST

/* Each page with few lines, or of one step of the walk only, as when time is over at once. */
START_TEST(short_pages_when_work_is_limited)
{
    for (int round = 0; round < 120; round++) {
        bool is_late = round % 2 == 0;
        fixture.query->steps.page_us = is_late ? 0 : INT64_MAX;
        fixture.query->steps.page_entries = is_late ? 1000000 : 4;
        history_set_cut(fixture.history, random_between(&fixture.random, 0, SEGMENTS - 1));
        struct wanted wanted = random_wanted();
        expect_statement(&wanted, 1000, round % 4 < 2 ? go_on_writing : NULL, true);
    }
    struct wanted wanted = {.account_id = HISTORY_HOT_ACCOUNT, .newest_first = true};
    struct wire_call call;
    fixture.query->steps.page_us = 0;
    ask(&wanted, 1000, (char[]){""}, &call);
    Vsl__V1__ListStatementLinesResponse *page =
        vsl__v1__list_statement_lines_response__unpack(NULL, call.reply.length, call.reply.bytes);
    EXPECT(page != NULL && page->next_page_token[0] != '\0');
    EXPECT(page->n_lines <= fixture.query->steps.turn_postings + fixture.query->steps.lines_rows);
    vsl__v1__list_statement_lines_response__free_unpacked(page, NULL);
    wire_call_finish(&call);
}
END_TEST

/* However far away the first lines are, they are on the first page. */
START_TEST(windows_without_lines_are_no_pages)
{
    struct wanted wanted = {.newest_first = false};
    fixture.query->steps.page_us = 0;
    fixture.query->steps.lines_window = 1;
    char *latest = history_read(fixture.history,
        "select a.id from (select debit_account_id as id, sequence from vsl.posting union all"
        " select credit_account_id, sequence from vsl.posting) a group by 1"
        " order by min(sequence) desc limit 1");
    wanted.account_id = strtoll(latest, NULL, 10);
    free(latest);
    for (int64_t cut = 1; cut < SEGMENTS; cut++) {
        struct wire_call call;
        history_set_cut(fixture.history, cut);
        ask(&wanted, 1000, (char[]){""}, &call);
        Vsl__V1__ListStatementLinesResponse *page = vsl__v1__list_statement_lines_response__unpack(
            NULL, call.reply.length, call.reply.bytes);
        EXPECT(page != NULL && page->n_lines > 0);
        vsl__v1__list_statement_lines_response__free_unpacked(page, NULL);
        wire_call_finish(&call);
    }
}
END_TEST

START_TEST(the_token_outlives_a_restart)
{
    struct wanted wanted = {.account_id = HISTORY_HOT_ACCOUNT, .newest_first = true};
    struct wire_call call;
    history_set_cut(fixture.history, 4);
    ask(&wanted, 5, (char[]){""}, &call);
    Vsl__V1__ListStatementLinesResponse *page =
        vsl__v1__list_statement_lines_response__unpack(NULL, call.reply.length, call.reply.bytes);
    EXPECT(page != NULL && page->next_page_token[0] != '\0');
    wire_call_finish(&call);
    query_set_secret(fixture.query, &(struct hash_key){.k0 = 5, .k1 = 6});
    ask(&wanted, 5, page->next_page_token, &call);
    EXPECT_MSG(call.end == ENDED_BY_REPLY, "%s", call.message);
    wire_call_finish(&call);

    /* Nor is it good for anything else. */
    wanted.newest_first = false;
    ask(&wanted, 5, page->next_page_token, &call);
    EXPECT(call.end == ENDED_BY_FAILURE && call.status == WIRE_INVALID_ARGUMENT);
    EXPECT(strcmp(call.field, "page_token") == 0);
    wanted.newest_first = true;
    page->next_page_token[10] ^= 1;
    ask(&wanted, 5, page->next_page_token, &call);
    EXPECT(call.end == ENDED_BY_FAILURE && call.status == WIRE_INVALID_ARGUMENT);
    page->next_page_token[10] ^= 1;
    struct journal_life present = fixture.query->lives.items[0];
    EXPECT(strcmp(page->journal_identity, FIXTURE_IDENTITY) == 0);
    fixture.query->lives.items[0].identity.bytes[0] ^= 1; /* restored since, to an unknown place */
    ask(&wanted, 5, page->next_page_token, &call);
    EXPECT(call.end == ENDED_BY_FAILURE && call.status == WIRE_FAILED_PRECONDITION);
    EXPECT(strcmp(call.reason, "JOURNAL_IDENTITY_CHANGED") == 0);
    fixture.query->lives.items[0] = present;
    fixture.history->durable -= 10; /* an instant that this database has not reached */
    ask(&wanted, 5, page->next_page_token, &call);
    EXPECT(call.end == ENDED_BY_FAILURE && call.status == WIRE_INVALID_ARGUMENT);
    vsl__v1__list_statement_lines_response__free_unpacked(page, NULL);
}
END_TEST

START_TEST(refusals_of_calls)
{
    struct wire_call call;
    struct wanted wanted = {.account_id = HISTORY_ACCOUNTS + 1};
    ask(&wanted, 5, (char[]){""}, &call);
    EXPECT(call.end == ENDED_BY_FAILURE && call.status == WIRE_NOT_FOUND);
    EXPECT(strcmp(call.field, "account_id") == 0);
    EXPECT(strcmp(call.reason, "ACCOUNT_NOT_FOUND") == 0);

    /* An account of another ledger is not there. */
    Vsl__V1__ListStatementLinesRequest request;
    vsl__v1__list_statement_lines_request__init(&request);
    request.ledger_id = 2;
    request.account_id = 1;
    wire_call_init(&call);
    fixture_call(READ_LIST_STATEMENT_LINES, &call, &request.base);
    EXPECT(call.end == ENDED_BY_FAILURE && call.status == WIRE_NOT_FOUND);
    EXPECT(fixture.query->calls_open == 0);
}
END_TEST

START_TEST(damaged_rows_are_not_shown)
{
    struct wanted wanted = {.account_id = HISTORY_HOT_ACCOUNT, .newest_first = false};
    struct wire_call call;
    history_set_cut(fixture.history, 8);
    make_naive(fixture.history, &wanted);
    char sql[200];
    history_run(fixture.history, "set session_replication_role = replica"); /* no triggers */
    snprintf(sql, sizeof sql, "update vsl.command set body = '\\xff' where sequence = %lld",
        (long long)naive[10].sequence);
    history_run(fixture.history, sql);
    ask(&wanted, 100, (char[]){""}, &call);
    EXPECT(call.end == ENDED_BY_FAILURE && call.status == WIRE_DATA_LOSS);
    snprintf(sql, sizeof sql, "delete from vsl.command where sequence = %lld",
        (long long)naive[10].sequence);
    history_run(fixture.history, sql);
    ask(&wanted, 100, (char[]){""}, &call);
    EXPECT(call.end == ENDED_BY_FAILURE && call.status == WIRE_DATA_LOSS);
}
END_TEST

/* Asks while a table is not there under its name. */
static void ask_without(const char *table, const struct wanted *wanted, struct wire_call *call)
{
    char sql[200];
    snprintf(sql, sizeof sql, "alter table vsl.%s rename to %s_gone", table, table);
    history_run(fixture.history, sql);
    ask(wanted, 100, (char[]){""}, call);
    snprintf(sql, sizeof sql, "alter table vsl.%s_gone rename to %s", table, table);
    history_run(fixture.history, sql);
}

START_TEST(refusals_by_the_database)
{
    static const char *const tables[] = {"segment", "posting"};
    struct wanted wanted = {.account_id = HISTORY_HOT_ACCOUNT, .from_date = HISTORY_FIRST_DAY + 2};
    struct wire_call call;
    history_set_cut(fixture.history, SEGMENTS - 1);
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
        ask_without(tables[i], &wanted, &call);
        EXPECT_MSG(call.end == ENDED_BY_FAILURE && call.status == WIRE_INTERNAL, "without %s: %s",
            tables[i], call.message);
        ask(&wanted, 100, (char[]){""}, &call);
        EXPECT_MSG(call.end == ENDED_BY_REPLY, "%s", call.message);
        wire_call_finish(&call);
    }
    /* The run of rows itself. */
    wanted.from_date = 0;
    ask_without("command", &wanted, &call);
    EXPECT(call.end == ENDED_BY_FAILURE && call.status == WIRE_INTERNAL);
    EXPECT(fixture.query->calls_open == 0);
}
END_TEST

static void client_goes(struct fixture *context)
{
    ((struct wire_call *)context->turn_context)->is_gone = true;
}

START_TEST(gone_clients_are_left)
{
    struct wanted wanted = {.account_id = HISTORY_HOT_ACCOUNT};
    struct wire_call call;
    for (int64_t cut = 0; cut < 2; cut++) {
        history_set_cut(fixture.history, cut * (SEGMENTS - 1));
        fixture.turn_context = &call;
        fixture.on_turn = client_goes;
        ask(&wanted, 500, (char[]){""}, &call);
        EXPECT(call.end == ENDED_BY_FAILURE && call.status == WIRE_CANCELLED);
        fixture.on_turn = NULL;
    }
    EXPECT(fixture.query->calls_open == 0);
}
END_TEST

static struct wire_call open_calls[2];

static void begin_lines(struct wire_call *call, int64_t account_id)
{
    Vsl__V1__ListStatementLinesRequest request;
    vsl__v1__list_statement_lines_request__init(&request);
    request.ledger_id = 1;
    request.account_id = account_id;
    request.page_size = 5000;
    wire_call_init(call);
    fixture_call(READ_LIST_STATEMENT_LINES, call, &request.base);
}

START_TEST(closing_ends_what_is_open)
{
    struct wanted wanted = {.account_id = 1};
    struct wire_call call;
    ask(&wanted, 1, (char[]){""}, &call); /* the token's key is there now */
    wire_call_finish(&call);
    history_set_cut(fixture.history, SEGMENTS - 1);
    begin_lines(&open_calls[0], 1); /* waits for the database */
    history_set_cut(fixture.history, 0);
    begin_lines(&open_calls[1], HISTORY_HOT_ACCOUNT); /* waits for its next turn */
    EXPECT(open_calls[0].end == NOT_ENDED && open_calls[1].end == NOT_ENDED);
    stop();
    for (int i = 0; i < 2; i++)
        EXPECT(open_calls[i].end == ENDED_BY_FAILURE && open_calls[i].status == WIRE_UNAVAILABLE);
}
END_TEST

Suite *lines_suite(void)
{
    Suite *suite = suite_create("query/lines");
    TCase *cases = tcase_create("lines");
    tcase_set_timeout(cases, 120);
    tcase_add_checked_fixture(cases, start, stop);
    tcase_add_test(cases, every_page_size_in_both_orders);
    tcase_add_test(cases, every_cut_in_both_orders);
    tcase_add_test(cases, random_filters_at_random_cuts);
    tcase_add_test(cases, the_cut_moves_between_pages_and_meanwhile);
    tcase_add_test(cases, short_pages_when_a_filter_leaves_out_much);
    tcase_add_test(cases, short_pages_when_work_is_limited);
    tcase_add_test(cases, windows_without_lines_are_no_pages);
    tcase_add_test(cases, the_token_outlives_a_restart);
    tcase_add_test(cases, refusals_of_calls);
    tcase_add_test(cases, damaged_rows_are_not_shown);
    tcase_add_test(cases, refusals_by_the_database);
    tcase_add_test(cases, gone_clients_are_left);
    suite_add_tcase(suite, cases);
    TCase *closing = tcase_create("closing");
    tcase_set_timeout(closing, 120);
    tcase_add_checked_fixture(closing, start, NULL);
    tcase_add_test(closing, closing_ends_what_is_open);
    suite_add_tcase(suite, closing);
    return suite;
}
