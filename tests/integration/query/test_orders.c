/* test_orders.c: the pages of an order, put together, are the naive list of its commands, and its
 * sums those of a naive count: for every cut, also when it moves while the database is asked.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"
#include "command/body.h"
#include "fixture.h"
#include "model/outcome.h"
#include "support/expect.h"
#include "vsl/v1/order.pb-c.h"

#include <stdio.h>
#include <string.h>

#define SEGMENTS 16
#define SEGMENT_COMMANDS 40

static void start(void)
{
    fixture_start("orders", SEGMENTS, SEGMENT_COMMANDS);
}

/* ---- the naive count ---- */

struct naive {
    int64_t sequences[SEGMENTS * SEGMENT_COMMANDS];
    size_t count;
    int64_t paid, confirmed, refunded, held, withdrawn, fees;
};

/* What the command froze or unfroze within an account: all of it, and of the account of its first
 * posting, which is a hold's; of others it is what claims cover. */
static int64_t sum_within(int64_t sequence, bool is_of_first)
{
    const struct history *history = fixture.history;
    uint32_t first = history->first_posting[sequence];
    int64_t sum = 0;
    for (uint32_t i = first; i < history->first_posting[sequence + 1]; i++) {
        const struct posting *posting = &history->postings[i];
        bool is_within = posting->debit_account_id == posting->credit_account_id;
        bool is_first = posting->debit_account_id == history->postings[first].debit_account_id;
        if (is_of_first ? is_first && posting->debit_bucket == BUCKET_FROZEN
                        : is_within && posting->debit_bucket == BUCKET_FROZEN)
            sum += posting->amount_minor;
    }
    return sum;
}

/* The sum of the postings that match; -1: any. Of one account: what leaves it. */
static int64_t sum_of(int64_t sequence, int64_t payer_account_id, int out_of, int into)
{
    const struct history *history = fixture.history;
    int64_t sum = 0;
    for (uint32_t i = history->first_posting[sequence]; i < history->first_posting[sequence + 1];
         i++) {
        const struct posting *posting = &history->postings[i];
        bool is_of_payer = posting->debit_account_id == payer_account_id &&
                           posting->credit_account_id != payer_account_id;
        if ((payer_account_id < 0 || is_of_payer) &&
            (out_of < 0 || posting->debit_bucket == out_of) &&
            (into < 0 || posting->credit_bucket == into))
            sum += posting->amount_minor;
    }
    return sum;
}

/* What the payer of a refund or a reversal got. */
static int64_t sum_back(int64_t sequence, int64_t payer_account_id)
{
    const struct history *history = fixture.history;
    int64_t sum = 0;
    for (uint32_t i = history->first_posting[sequence]; i < history->first_posting[sequence + 1];
         i++)
        if (history->postings[i].credit_account_id == payer_account_id &&
            history->postings[i].debit_account_id != payer_account_id)
            sum += history->postings[i].amount_minor;
    return sum;
}

static void add_naive(struct naive *naive, const struct command_record *record)
{
    int64_t sequence = record->sequence;
    int64_t out_of_frozen = sum_of(sequence, -1, BUCKET_FROZEN, -1);
    struct command_elements elements;
    struct command command;
    naive->sequences[naive->count++] = sequence;
    if (record->outcome >= OUTCOME_REFUSED_MIN)
        return;
    EXPECT(command_body_decode((enum command_kind)record->kind, record->body, record->body_length,
               &elements, &command) == 0);
    naive->fees += record->fee_minor;
    if (record->kind == COMMAND_PAY) {
        int64_t given = sum_of(sequence, command.pay.payer_account_id, -1, -1);
        naive->paid += given;
        naive->confirmed += given;
    } else if (record->kind == COMMAND_PLACE_HOLD) {
        naive->paid += sum_of(sequence, -1, -1, BUCKET_FROZEN);
        naive->held += sum_of(sequence, -1, -1, BUCKET_FROZEN);
    } else if (record->kind == COMMAND_CONFIRM_HOLD) {
        int64_t confirmed = out_of_frozen - sum_within(sequence, false);
        naive->held -= confirmed;
        naive->confirmed += confirmed;
    } else if (record->kind == COMMAND_CANCEL_HOLD || record->kind == COMMAND_EXPIRE) {
        naive->held -= sum_within(sequence, true);
        naive->refunded += sum_within(sequence, true);
    } else if (record->kind == COMMAND_REFUND) {
        int64_t back = sum_back(sequence, record->subject_id);
        naive->confirmed -= back;
        naive->refunded += back;
    } else if (record->kind == COMMAND_REVERSE) {
        /* The payer gets it all; what it repays with it is another matter. */
        const struct history *history = fixture.history;
        uint32_t first = history->first_posting[sequence];
        int64_t back = first < history->first_posting[sequence + 1]
                           ? sum_back(sequence, history->postings[first].credit_account_id)
                           : 0;
        naive->paid -= back;
        naive->confirmed -= back;
    } else if (record->kind == COMMAND_WITHDRAW) {
        naive->withdrawn += sum_of(sequence, -1, -1, BUCKET_PENDING_OUT);
    } else if (record->kind == COMMAND_INTERCEPT_PAYOUT) {
        naive->withdrawn -= sum_of(sequence, -1, BUCKET_PENDING_OUT, -1);
    } else if (record->kind == COMMAND_CONFIRM_PAYOUT) {
        if (command.confirm_payout.result == PAYOUT_RESULT_FAILED)
            naive->withdrawn -= sum_of(sequence, -1, BUCKET_PENDING_OUT, -1);
        if (command.confirm_payout.result == PAYOUT_RESULT_RETURNED) {
            /* What the escrow account, which is the first one of its ledger, got back: it may have
             * come from two, who each gave a part of it. */
            const struct posting *first =
                &fixture.history->postings[fixture.history->first_posting[sequence]];
            int64_t escrow = first->debit_account_id < first->credit_account_id
                                 ? first->debit_account_id
                                 : first->credit_account_id;
            naive->withdrawn += sum_back(sequence, escrow) - sum_of(sequence, escrow, -1, -1);
        }
    }
}

static void make_naive(struct naive *naive, int64_t ledger_id, struct text order_number)
{
    memset(naive, 0, sizeof *naive);
    for (int64_t sequence = 1; sequence <= fixture.history->durable; sequence++) {
        const struct command_record *record = &fixture.history->records[sequence];
        if (record->ledger_id == ledger_id && text_equals(record->order_number, order_number))
            add_naive(naive, record);
    }
}

/* ---- asking ---- */

static void begin_with(struct wire_call *call, int64_t ledger_id, struct text order_number,
    int64_t after_sequence, int32_t page_size, char *identity)
{
    char text[ORDER_NUMBER_BYTES_MAX + 1] = "";
    Vsl__V1__GetOrderRequest request;
    vsl__v1__get_order_request__init(&request);
    memcpy(text, order_number.bytes, order_number.length);
    request.ledger_id = ledger_id;
    request.order_number = text;
    request.after_sequence = after_sequence;
    request.page_size = page_size;
    request.journal_identity = identity;
    wire_call_init(call);
    fixture_call(READ_GET_ORDER, call, &request.base);
}

static void begin(struct wire_call *call, int64_t ledger_id, struct text order_number,
    int64_t after_sequence, int32_t page_size)
{
    static char none[] = "", present[] = FIXTURE_IDENTITY;
    begin_with(call, ledger_id, order_number, after_sequence, page_size,
        after_sequence % 2 == 0 ? none : present);
}

static Vsl__V1__GetOrderResponse *take_response(struct wire_call *call)
{
    FIXTURE_WAIT(call->end != NOT_ENDED);
    EXPECT_MSG(call->end == ENDED_BY_REPLY, "%s", call->message);
    Vsl__V1__GetOrderResponse *response =
        vsl__v1__get_order_response__unpack(NULL, call->reply.length, call->reply.bytes);
    EXPECT(response != NULL);
    wire_call_finish(call);
    return response;
}

static void expect_sums(const Vsl__V1__GetOrderResponse *response, const struct naive *naive)
{
    const Vsl__V1__OrderSums *sums = response->sums;
    EXPECT(response->entry_count == (int64_t)naive->count);
    EXPECT(response->balanced);
    EXPECT_MSG(sums->paid_minor == naive->paid, "%lld paid and not %lld",
        (long long)sums->paid_minor, (long long)naive->paid);
    EXPECT(sums->confirmed_minor == naive->confirmed && sums->refunded_minor == naive->refunded);
    EXPECT(sums->held_minor == naive->held && sums->fees_minor == naive->fees);
    EXPECT(sums->withdrawn_minor == naive->withdrawn);
}

static void expect_entry(const Vsl__V1__JournalEntry *entry, int64_t sequence)
{
    const struct history *history = fixture.history;
    const struct command_record *record = &history->records[sequence];
    EXPECT_MSG(entry->sequence == sequence, "%lld and not %lld", (long long)entry->sequence,
        (long long)sequence);
    EXPECT(text_equals(text_of(entry->order_number), record->order_number));
    EXPECT((int)entry->kind == record->kind && (int)entry->outcome == record->outcome);
    EXPECT(entry->fee_minor == record->fee_minor);
    EXPECT(strcmp(entry->key->serial, record->key.serial) == 0);
    uint32_t first = history->first_posting[sequence];
    EXPECT(entry->n_postings == history->first_posting[sequence + 1] - first);
    for (uint32_t i = 0; i < entry->n_postings; i++)
        EXPECT(entry->postings[i]->amount_minor == history->postings[first + i].amount_minor);
}

static void expect_failure(
    struct wire_call *call, enum wire_status status, const char *reason, const char *field)
{
    FIXTURE_WAIT(call->end != NOT_ENDED);
    EXPECT_MSG(call->end == ENDED_BY_FAILURE && call->status == status, "%s", call->message);
    EXPECT_MSG(strcmp(call->reason, reason) == 0, "%s", call->reason);
    EXPECT_MSG(strcmp(call->field, field) == 0, "%s", call->field);
}

/* Page by page by tokens, as by places. */
static void expect_pages(
    int64_t ledger_id, struct text order_number, int32_t page_size, const struct naive *naive)
{
    char text[ORDER_NUMBER_BYTES_MAX + 1] = "";
    char token[PAGE_TOKEN_CHARS + 1] = "";
    size_t seen = 0;
    Vsl__V1__GetOrderRequest request;
    vsl__v1__get_order_request__init(&request);
    memcpy(text, order_number.bytes, order_number.length);
    request.ledger_id = ledger_id;
    request.order_number = text;
    request.page_size = page_size;
    request.page_token = token;
    do {
        struct wire_call call;
        wire_call_init(&call);
        fixture_call(READ_GET_ORDER, &call, &request.base);
        Vsl__V1__GetOrderResponse *response = take_response(&call);
        for (size_t i = 0; i < response->n_entries; i++)
            expect_entry(response->entries[i], naive->sequences[seen++]);
        strcpy(token, response->next_page_token);
        EXPECT(
            fixture_place(READ_GET_ORDER, &request.base, token) == response->next_after_sequence);
        vsl__v1__get_order_response__free_unpacked(response, NULL);
    } while (token[0] != '\0');
    EXPECT(seen == naive->count);
}

/* Reads an order page by page. */
static void expect_order(int64_t ledger_id, struct text order_number, int32_t page_size)
{
    static struct naive naive;
    make_naive(&naive, ledger_id, order_number);
    size_t seen = 0;
    int64_t after = 0;
    struct wire_call call;
    /* A number that chance has given to no command of this ledger. */
    if (naive.count == 0) {
        begin(&call, ledger_id, order_number, 0, page_size);
        expect_failure(&call, WIRE_NOT_FOUND, "ORDER_NOT_FOUND", "order_number");
        return;
    }
    do {
        begin(&call, ledger_id, order_number, after, page_size);
        Vsl__V1__GetOrderResponse *response = take_response(&call);
        expect_sums(response, &naive);
        EXPECT(strcmp(response->journal_identity, FIXTURE_IDENTITY) == 0);
        size_t left = naive.count - seen;
        size_t most = page_size == 0 ? 100 : (size_t)page_size;
        EXPECT(response->n_entries == (left < most ? left : most));
        for (size_t i = 0; i < response->n_entries; i++)
            expect_entry(response->entries[i], naive.sequences[seen++]);
        after = response->next_after_sequence;
        EXPECT(after == (seen == naive.count ? 0 : naive.sequences[seen - 1]));
        vsl__v1__get_order_response__free_unpacked(response, NULL);
    } while (after != 0);
    EXPECT(seen == naive.count && seen > 0);
    expect_pages(ledger_id, order_number, page_size, &naive);
}

/* ---- the tests ---- */

START_TEST(every_order_at_every_cut)
{
    static const int64_t cuts[] = {0, 1, SEGMENTS / 2, SEGMENTS - 1};
    for (size_t c = 0; c < sizeof cuts / sizeof *cuts; c++) {
        history_set_cut(fixture.history, cuts[c]);
        for (int64_t ledger_id = 1; ledger_id <= HISTORY_LEDGERS; ledger_id++) {
            for (int64_t order = 0; order < HISTORY_ORDERS - 1; order++) {
                expect_order(ledger_id, history_order(order), 0);
                expect_order(ledger_id, history_order(order), (int32_t)(1 + order * 3));
            }
        }
    }
}
END_TEST

/* Moves the cut up with every turn, and back to the start for the next order. */
static void move_cut(struct fixture *moved)
{
    int64_t *segment = moved->turn_context;
    if (*segment < SEGMENTS - 1)
        history_set_cut(moved->history, ++*segment);
}

START_TEST(the_cut_moves_meanwhile)
{
    int64_t segment = 0;
    fixture.turn_context = &segment;
    fixture.on_turn = move_cut;
    for (int64_t order = 0; order < HISTORY_ORDERS - 1; order++) {
        segment = order % 3;
        history_set_cut(fixture.history, segment);
        expect_order(1, history_order(order), 1000);
    }
}
END_TEST

START_TEST(only_what_is_durable)
{
    struct history *history = fixture.history;
    history_set_cut(history, SEGMENTS / 2);
    for (int64_t durable = history->count - 40; durable <= history->count; durable += 7) {
        history->durable = durable;
        expect_order(1, history_order(0), 1000);
    }
}
END_TEST

START_TEST(what_is_not_there)
{
    struct wire_call call;
    for (int64_t cut = 0; cut < SEGMENTS; cut += 7) {
        history_set_cut(fixture.history, cut);
        begin(&call, 1, history_order(HISTORY_ORDERS - 1), 0, 0);
        expect_failure(&call, WIRE_NOT_FOUND, "ORDER_NOT_FOUND", "order_number");
        begin(&call, 77, history_order(0), 0, 0);
        expect_failure(&call, WIRE_NOT_FOUND, "ORDER_NOT_FOUND", "order_number");
    }
    static char old[] = FIXTURE_OLD_IDENTITY;
    begin_with(&call, 1, history_order(0), 10, 0, old);
    expect_failure(&call, WIRE_FAILED_PRECONDITION, "JOURNAL_IDENTITY_CHANGED", "");
    /* Behind the last entry: the sums, and no entries. */
    begin(&call, 1, history_order(0), INT64_MAX, 0);
    Vsl__V1__GetOrderResponse *response = take_response(&call);
    EXPECT(response->n_entries == 0 && response->next_after_sequence == 0);
    EXPECT(response->entry_count > 0 && response->balanced);
    vsl__v1__get_order_response__free_unpacked(response, NULL);
}
END_TEST

START_TEST(too_many_entries)
{
    static struct naive naive;
    struct wire_call call;
    make_naive(&naive, 1, history_order(0));
    EXPECT(naive.count > 10);
    for (int64_t cut = 0; cut < SEGMENTS; cut += 5) {
        history_set_cut(fixture.history, cut);
        fixture.query->steps.order_entries_max = (uint32_t)naive.count;
        expect_order(1, history_order(0), 1000);
        fixture.query->steps.order_entries_max = (uint32_t)naive.count - 1;
        begin(&call, 1, history_order(0), 0, 0);
        expect_failure(&call, WIRE_RESOURCE_EXHAUSTED, "ORDER_TOO_LARGE", "");
        fixture.query->steps.order_entries_max = 1;
        begin(&call, 1, history_order(0), 0, 0);
        expect_failure(&call, WIRE_RESOURCE_EXHAUSTED, "ORDER_TOO_LARGE", "");
    }
}
END_TEST

START_TEST(pages_end_by_bytes_too)
{
    static struct naive naive;
    make_naive(&naive, 1, history_order(0));
    history_set_cut(fixture.history, SEGMENTS / 2);
    fixture.query->steps.order_page_bytes = 1000;
    size_t seen = 0, pages = 0;
    int64_t after = 0;
    do {
        struct wire_call call;
        begin(&call, 1, history_order(0), after, 1000);
        Vsl__V1__GetOrderResponse *response = take_response(&call);
        expect_sums(response, &naive);
        EXPECT(response->n_entries > 0 && response->n_entries < 20);
        for (size_t i = 0; i < response->n_entries; i++)
            expect_entry(response->entries[i], naive.sequences[seen++]);
        after = response->next_after_sequence;
        pages++;
        vsl__v1__get_order_response__free_unpacked(response, NULL);
    } while (after != 0);
    EXPECT(seen == naive.count && pages > 5);
}
END_TEST

START_TEST(damage_is_noticed)
{
    static struct naive naive;
    static const char *const damages[] = {"update vsl.command set body = '\\xff'",
        "update vsl.command set kind = -1", "update vsl.command set fee = -1",
        "update vsl.command set channel = ''", "update vsl.posting set line = line + 1",
        "update vsl.posting set debit_bucket = 7"};
    make_naive(&naive, 1, history_order(0));
    history_set_cut(fixture.history, SEGMENTS - 1);
    history_run(fixture.history, "set session_replication_role = replica"); /* no triggers */
    history_run(fixture.history, "alter table vsl.command drop constraint command_fee_check");
    history_run(fixture.history, "alter table vsl.posting drop constraint "
                                 "posting_debit_bucket_check");
    int64_t sequence = 0;
    for (size_t i = 0; i < naive.count && sequence == 0; i++) {
        int64_t first = fixture.history->first_posting[naive.sequences[i]];
        if (fixture.history->first_posting[naive.sequences[i] + 1] > first)
            sequence = naive.sequences[i];
    }
    for (size_t i = 0; i < sizeof damages / sizeof *damages; i++) {
        char sql[300];
        struct wire_call call;
        snprintf(sql, sizeof sql,
            "create table kept as select * from vsl.%s where sequence = %lld; %s where sequence = "
            "%lld",
            i < 4 ? "command" : "posting", (long long)sequence, damages[i], (long long)sequence);
        history_run(fixture.history, sql);
        begin(&call, 1, history_order(0), 0, 0);
        expect_failure(&call, WIRE_DATA_LOSS, "STORED_ROW_DAMAGED", "");
        snprintf(sql, sizeof sql,
            "delete from vsl.%s where sequence = %lld; insert into vsl.%s select * from kept; drop "
            "table kept",
            i < 4 ? "command" : "posting", (long long)sequence, i < 4 ? "command" : "posting");
        history_run(fixture.history, sql);
    }
    expect_order(1, history_order(0), 0);
}
END_TEST

START_TEST(callers_that_are_gone_or_do_not_read)
{
    struct wire_call call;
    history_set_cut(fixture.history, SEGMENTS / 2);
    begin(&call, 1, history_order(0), 0, 0);
    call.is_gone = true;
    FIXTURE_WAIT(call.end != NOT_ENDED);
    EXPECT(call.end == ENDED_BY_FAILURE);
    begin(&call, 1, history_order(0), 0, 0);
    call.answer_room = 10;
    expect_failure(&call, WIRE_RESOURCE_EXHAUSTED, "OVERLOADED", "");
    EXPECT(fixture.query->lines_bytes == 0 && fixture.query->calls_open == 0);
}
END_TEST

START_TEST(closing_ends_what_waits)
{
    static struct wire_call calls[2];
    history_set_cut(fixture.history, SEGMENTS / 2);
    begin(&calls[0], 1, history_order(0), 0, 0);
    history_set_cut(fixture.history, 0);
    begin(&calls[1], 1, history_order(0), 0, 0);
    fixture_stop();
    for (int i = 0; i < 2; i++)
        EXPECT_MSG(
            calls[i].end == ENDED_BY_FAILURE && calls[i].status == WIRE_UNAVAILABLE, "call %d", i);
}
END_TEST

Suite *orders_suite(void)
{
    Suite *suite = suite_create("query/orders");
    TCase *cases = tcase_create("orders");
    tcase_set_timeout(cases, 120);
    tcase_add_checked_fixture(cases, start, fixture_stop);
    tcase_add_test(cases, every_order_at_every_cut);
    tcase_add_test(cases, the_cut_moves_meanwhile);
    tcase_add_test(cases, only_what_is_durable);
    tcase_add_test(cases, what_is_not_there);
    tcase_add_test(cases, too_many_entries);
    tcase_add_test(cases, pages_end_by_bytes_too);
    tcase_add_test(cases, damage_is_noticed);
    tcase_add_test(cases, callers_that_are_gone_or_do_not_read);
    suite_add_tcase(suite, cases);
    TCase *closing = tcase_create("closing");
    tcase_add_checked_fixture(closing, start, NULL);
    tcase_add_test(closing, closing_ends_what_waits);
    suite_add_tcase(suite, closing);
    return suite;
}
