/* test_search.c: the pages of a search, put together, are the naive list of what passes its
 * filters: for every filter and pair of filters, at every cut, also when it moves while the
 * database is asked.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"
#include "command/body.h"
#include "fixture.h"
#include "model/date.h"
#include "model/outcome.h"
#include "support/expect.h"
#include "vsl/v1/journal.pb-c.h"

#include <stdio.h>
#include <string.h>

#define SEGMENTS 16
#define SEGMENT_COMMANDS 40

static void start(void)
{
    fixture_start("search", SEGMENTS, SEGMENT_COMMANDS);
}

/* ---- the naive filter ---- */

/* A request with the lists and texts that it points to. */
struct asked {
    Vsl__V1__ListCommandsRequest message;
    Vsl__V1__CommandKind kinds[3];
    char order_number[ORDER_NUMBER_BYTES_MAX + 1];
    char bank_reference[BANK_REFERENCE_CHARACTERS_MAX + 1];
    char party_account_number[ACCOUNT_NUMBER_CHARACTERS_MAX + 1];
    char party_name[PARTY_NAME_CHARACTERS_MAX + 1];
};

static bool has_kind(
    const Vsl__V1__ListCommandsRequest *message, const struct command_record *record)
{
    for (size_t i = 0; i < message->n_kinds; i++)
        if ((int)message->kinds[i] == record->kind)
            return true;
    return message->n_kinds == 0;
}

static bool has_reference(
    const Vsl__V1__ListCommandsRequest *message, const struct command_record *record)
{
    struct command_elements elements;
    struct command command;
    if (message->bank_reference[0] == '\0')
        return true;
    EXPECT(command_body_decode((enum command_kind)record->kind, record->body, record->body_length,
               &elements, &command) == 0);
    struct text wanted = text_of(message->bank_reference);
    if (record->kind == COMMAND_BOOK_RECEIPT)
        return text_equals(command.book_receipt.bank_reference, wanted);
    if (record->kind == COMMAND_CONFIRM_PAYOUT)
        return text_equals(command.confirm_payout.bank_reference, wanted);
    return false;
}

static bool has_party(
    const Vsl__V1__ListCommandsRequest *message, const struct command_record *record)
{
    struct command_elements elements;
    struct command command;
    if (message->party_account_number[0] == '\0' && message->party_name[0] == '\0')
        return true;
    EXPECT(command_body_decode((enum command_kind)record->kind, record->body, record->body_length,
               &elements, &command) == 0);
    struct party party = {0};
    if (record->kind == COMMAND_BOOK_RECEIPT)
        party = command.book_receipt.payer;
    else if (record->kind == COMMAND_WITHDRAW)
        party = command.withdraw.destination;
    else if (record->kind == COMMAND_ALLOCATE_LINE)
        party = command.allocate_line.payer;
    else
        return false;
    return (message->party_account_number[0] == '\0' ||
               text_equals(party.account_number, text_of(message->party_account_number))) &&
           (message->party_name[0] == '\0' ||
               text_equals(party.name, text_of(message->party_name)));
}

static bool has_account(
    const Vsl__V1__ListCommandsRequest *message, const struct command_record *record)
{
    const struct history *history = fixture.history;
    int64_t account_id = message->account_id;
    if (account_id == 0)
        return true;
    if (record->kind == COMMAND_RESTRICT_ACCOUNT && record->subject_id == account_id)
        return true;
    for (uint32_t i = history->first_posting[record->sequence];
         i < history->first_posting[record->sequence + 1]; i++)
        if (history->postings[i].debit_account_id == account_id ||
            history->postings[i].credit_account_id == account_id)
            return true;
    return false;
}

static bool has_amount(
    const Vsl__V1__ListCommandsRequest *message, const struct command_record *record)
{
    const struct history *history = fixture.history;
    if (message->amount_from_minor == 0 && message->amount_to_minor == 0)
        return true;
    for (uint32_t i = history->first_posting[record->sequence];
         i < history->first_posting[record->sequence + 1]; i++) {
        int64_t amount = history->postings[i].amount_minor;
        if (amount >= message->amount_from_minor &&
            (message->amount_to_minor == 0 || amount <= message->amount_to_minor))
            return true;
    }
    return false;
}

static bool is_wanted(
    const Vsl__V1__ListCommandsRequest *message, const struct command_record *record)
{
    int32_t date = date_to_yyyymmdd(record->accounting_date);
    bool is_accepted = record->outcome == OUTCOME_ACCEPTED;
    if (record->ledger_id != message->ledger_id)
        return false;
    if (message->outcome != 0 && (int)message->outcome != record->outcome)
        return false;
    if ((message->accepted_only && !is_accepted) || (message->refused_only && is_accepted))
        return false;
    if (message->order_number[0] != '\0' &&
        !text_equals(record->order_number, text_of(message->order_number)))
        return false;
    if (date < message->from_date || (message->to_date != 0 && date > message->to_date))
        return false;
    return has_kind(message, record) && has_reference(message, record) &&
           has_party(message, record) && has_account(message, record) &&
           has_amount(message, record);
}

/* ---- asking ---- */

static struct asked *asked_of(int64_t ledger_id)
{
    static struct asked asked;
    memset(&asked, 0, sizeof asked);
    vsl__v1__list_commands_request__init(&asked.message);
    asked.message.ledger_id = ledger_id;
    asked.message.kinds = asked.kinds;
    asked.message.order_number = asked.order_number;
    asked.message.bank_reference = asked.bank_reference;
    asked.message.party_account_number = asked.party_account_number;
    asked.message.party_name = asked.party_name;
    return &asked;
}

enum {
    FILTER_ACCOUNT,
    FILTER_KINDS,
    FILTER_OUTCOME,
    FILTER_ORDER,
    FILTER_DATES,
    FILTER_AMOUNTS,
    FILTER_REFERENCE,
    FILTER_PARTY,
    FILTERS
};

static int32_t random_day(void)
{
    int64_t sequence = random_between(&fixture.random, 1, fixture.history->count);
    return date_to_yyyymmdd(fixture.history->records[sequence].accounting_date);
}

static void put_text(char *out, struct text text)
{
    memcpy(out, text.bytes, text.length);
    out[text.length] = '\0';
}

static void put_dates(Vsl__V1__ListCommandsRequest *message, bool has_from, bool has_to)
{
    int32_t a = random_day(), b = random_day();
    message->from_date = !has_from ? 0 : a < b || !has_to ? a : b;
    message->to_date = !has_to ? 0 : a < b || !has_from ? b : a;
}

static void put_filter(struct asked *asked, int filter)
{
    static const Vsl__V1__CommandKind kinds[] = {VSL__V1__COMMAND_KIND__COMMAND_KIND_PAY,
        VSL__V1__COMMAND_KIND__COMMAND_KIND_BOOK_RECEIPT,
        VSL__V1__COMMAND_KIND__COMMAND_KIND_RESTRICT_ACCOUNT,
        VSL__V1__COMMAND_KIND__COMMAND_KIND_CUT_DAY};
    struct random *random = &fixture.random;
    Vsl__V1__ListCommandsRequest *message = &asked->message;
    int64_t variant = random_between(random, 0, 2);
    switch (filter) {
    case FILTER_ACCOUNT:
        message->account_id =
            message->ledger_id == 1 ? random_between(random, 1, 6) : random_between(random, 7, 9);
        break;
    case FILTER_KINDS:
        message->n_kinds = (size_t)random_between(random, 1, 3);
        for (size_t i = 0; i < message->n_kinds; i++)
            asked->kinds[i] = kinds[random_below(random, 4)];
        break;
    case FILTER_OUTCOME:
        message->accepted_only = variant == 0;
        message->refused_only = variant == 1;
        message->outcome = variant == 2 ? (Vsl__V1__Outcome)OUTCOME_REFUSED_MIN : 0;
        break;
    case FILTER_ORDER:
        put_text(asked->order_number,
            history_order(random_between(random, 0, 1) == 0
                              ? 0
                              : random_between(random, 0, HISTORY_ORDERS - 1)));
        break;
    case FILTER_DATES:
        put_dates(message, variant != 0, variant != 1);
        break;
    case FILTER_AMOUNTS:
        message->amount_from_minor = variant == 0 ? 0 : random_between(random, 1, 60000);
        message->amount_to_minor = variant == 1 ? 0 : message->amount_from_minor + 20000;
        break;
    case FILTER_REFERENCE:
        put_text(asked->bank_reference, history_reference(variant + 1));
        break;
    case FILTER_PARTY:
        if (variant != 0)
            put_text(asked->party_account_number, history_party(variant).account_number);
        if (variant != 1)
            put_text(asked->party_name, history_party(random_between(random, 1, 3)).name);
        break;
    }
}

/* What the next page is asked for with; the message of the search has it. */
static char token[PAGE_TOKEN_CHARS + 1];

/* From below this sequence on; 0: from the newest. */
static void begin_at(Vsl__V1__ListCommandsRequest *message, int64_t before)
{
    token[0] = '\0';
    message->page_token = token;
    if (before != 0)
        fixture_token(READ_LIST_COMMANDS, &message->base, before, token);
}

/* Where the answer says that the search goes on; 0: nowhere. */
static int64_t next_of(const Vsl__V1__ListCommandsRequest *message, const char *next)
{
    return fixture_place(READ_LIST_COMMANDS, &message->base, next);
}

static void begin(struct wire_call *call, const Vsl__V1__ListCommandsRequest *message)
{
    wire_call_init(call);
    fixture_call(READ_LIST_COMMANDS, call, &message->base);
}

static Vsl__V1__ListCommandsResponse *take_response(struct wire_call *call)
{
    FIXTURE_WAIT(call->end != NOT_ENDED);
    EXPECT_MSG(call->end == ENDED_BY_REPLY, "%s", call->message);
    Vsl__V1__ListCommandsResponse *response =
        vsl__v1__list_commands_response__unpack(NULL, call->reply.length, call->reply.bytes);
    EXPECT(response != NULL);
    wire_call_finish(call);
    return response;
}

static void expect_entry(const Vsl__V1__JournalEntry *entry, int64_t sequence)
{
    const struct history *history = fixture.history;
    const struct command_record *record = &history->records[sequence];
    EXPECT_MSG(entry->sequence == sequence, "%lld and not %lld", (long long)entry->sequence,
        (long long)sequence);
    EXPECT((int)entry->kind == record->kind && (int)entry->outcome == record->outcome);
    EXPECT(strcmp(entry->key->serial, record->key.serial) == 0);
    uint32_t first = history->first_posting[sequence];
    EXPECT(entry->n_postings == history->first_posting[sequence + 1] - first);
    for (uint32_t i = 0; i < entry->n_postings; i++)
        EXPECT(entry->postings[i]->amount_minor == history->postings[first + i].amount_minor);
}

static int64_t next_wanted(const Vsl__V1__ListCommandsRequest *message, int64_t before)
{
    int64_t sequence = before - 1;
    while (sequence >= 1 && !is_wanted(message, &fixture.history->records[sequence]))
        sequence--;
    return sequence;
}

/* Follows the pages to the end; returns how many entries there were. */
static int expect_search(Vsl__V1__ListCommandsRequest *message)
{
    int64_t before = fixture.history->durable + 1;
    size_t most = message->page_size == 0 ? 100 : (size_t)message->page_size;
    int count = 0;
    int64_t last = 0;
    begin_at(message, 0);
    do {
        struct wire_call call;
        begin(&call, message);
        Vsl__V1__ListCommandsResponse *response = take_response(&call);
        EXPECT(response->as_of_sequence == fixture.history->durable);
        EXPECT(response->n_entries <= most);
        EXPECT(response->n_entries <= fixture.query->steps.page_entries);
        for (size_t i = 0; i < response->n_entries; i++, count++) {
            before = next_wanted(message, before);
            expect_entry(response->entries[i], before);
        }
        int64_t next = next_of(message, response->next_page_token);
        EXPECT(next == 0 || last == 0 || next < last);
        EXPECT(next <= before);
        last = next;
        strcpy(token, response->next_page_token);
        vsl__v1__list_commands_response__free_unpacked(response, NULL);
        /* What lies between was said to be none. */
        EXPECT(next_wanted(message, before) < (next == 0 ? 1 : next));
    } while (last != 0);
    return count;
}

/* ---- the tests ---- */

static int search_with(int64_t ledger_id, int a, int b, int32_t page_size)
{
    struct asked *asked = asked_of(ledger_id);
    put_filter(asked, a);
    if (b != a)
        put_filter(asked, b);
    asked->message.page_size = page_size;
    return expect_search(&asked->message);
}

START_TEST(every_pair_at_every_cut)
{
    static const int64_t cuts[] = {0, 1, SEGMENTS / 2, SEGMENTS - 1};
    static const int32_t sizes[] = {0, 1, 7, 1000};
    for (int a = 0; a < FILTERS; a++)
        for (int b = a; b < FILTERS; b++) {
            bool is_impossible = a == FILTER_ORDER && b == FILTER_REFERENCE;
            int count = 0;
            /* More often when what was drawn was too rare. */
            for (int n = 0; n < 16 || (count == 0 && !is_impossible && n < 400); n++) {
                history_set_cut(fixture.history, cuts[n % 4]);
                int64_t ledger_id = random_percent(&fixture.random, 70) ? 1 : 2;
                count += search_with(ledger_id, a, b, sizes[(n / 4 + n) % 4]);
            }
            EXPECT_MSG(count > 0 || is_impossible, "filters %d and %d found nothing", a, b);
        }
}
END_TEST

START_TEST(no_filter_gives_everything)
{
    for (int64_t cut = 0; cut < SEGMENTS; cut += 5) {
        history_set_cut(fixture.history, cut);
        int count = 0;
        for (int64_t ledger_id = 1; ledger_id <= HISTORY_LEDGERS; ledger_id++)
            count += expect_search(&asked_of(ledger_id)->message);
        EXPECT(count == fixture.history->count);
    }
}
END_TEST

START_TEST(many_filters)
{
    for (int n = 0; n < 150; n++) {
        struct asked *asked = asked_of(random_between(&fixture.random, 1, 2));
        history_set_cut(fixture.history, random_between(&fixture.random, 0, SEGMENTS - 1));
        for (int filter = 0; filter < FILTERS; filter++)
            if (random_percent(&fixture.random, 35))
                put_filter(asked, filter);
        asked->message.page_size = (int32_t)random_between(&fixture.random, 0, 30);
        expect_search(&asked->message);
    }
}
END_TEST

/* Moves the cut up with every turn. */
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
    for (int filter = 0; filter < FILTERS; filter++)
        for (int64_t from = 0; from < SEGMENTS; from += 3) {
            segment = from;
            history_set_cut(fixture.history, segment);
            search_with(1, filter, filter, 1000);
        }
}
END_TEST

START_TEST(only_what_is_durable)
{
    struct history *history = fixture.history;
    history_set_cut(history, SEGMENTS / 2);
    for (int64_t durable = history->count - 40; durable <= history->count; durable += 7) {
        history->durable = durable;
        for (int filter = 0; filter < FILTERS; filter++)
            search_with(1, filter, filter, 1000);
    }
    /* What is not durable is not there. */
    struct asked *asked = asked_of(1);
    struct wire_call call;
    history->durable = history->count - 3;
    begin(&call, &asked->message);
    Vsl__V1__ListCommandsResponse *response = take_response(&call);
    EXPECT(response->n_entries > 0 && response->as_of_sequence == history->durable);
    expect_entry(response->entries[0], next_wanted(&asked->message, history->durable + 1));
    vsl__v1__list_commands_response__free_unpacked(response, NULL);
}
END_TEST

START_TEST(work_of_a_page_is_limited)
{
    /* Nothing is found, yet no page looks at more than its share. */
    for (int64_t cut = 0; cut < SEGMENTS; cut += SEGMENTS - 1) {
        struct asked *asked = asked_of(1);
        asked->message.outcome = (Vsl__V1__Outcome)(OUTCOME_REFUSED_MIN + 1);
        history_set_cut(fixture.history, cut);
        int64_t before = fixture.history->durable + 1;
        int pages = 0;
        for (bool more = true; more; pages++) {
            struct wire_call call;
            begin(&call, &asked->message);
            Vsl__V1__ListCommandsResponse *response = take_response(&call);
            int64_t next = next_of(&asked->message, response->next_page_token);
            EXPECT(response->n_entries == 0);
            EXPECT(before - next <= fixture.query->steps.search_positions);
            more = next != 0;
            strcpy(token, response->next_page_token);
            asked->message.page_token = token;
            before = next;
            vsl__v1__list_commands_response__free_unpacked(response, NULL);
        }
        EXPECT(pages == (SEGMENTS * SEGMENT_COMMANDS + 34) / 35);
    }
}
END_TEST

START_TEST(days_before_the_ledger_are_known_to_be_empty)
{
    for (int64_t cut = 0; cut < SEGMENTS; cut += 5) {
        struct asked *asked = asked_of(1);
        history_set_cut(fixture.history, cut);
        asked->message.to_date = date_to_yyyymmdd(HISTORY_FIRST_DAY - 1);
        struct wire_call call;
        begin(&call, &asked->message);
        Vsl__V1__ListCommandsResponse *response = take_response(&call);
        EXPECT(response->n_entries == 0);
        EXPECT_MSG(response->next_page_token[0] == '\0', "goes on at %lld",
            (long long)next_of(&asked->message, response->next_page_token));
        vsl__v1__list_commands_response__free_unpacked(response, NULL);
    }
}
END_TEST

/* Each page with few entries, or of one step of the walk only, as when time is over at once. */
START_TEST(short_pages_go_on_where_they_ended)
{
    for (int is_late = 0; is_late < 2; is_late++) {
        fixture.query->steps.page_us = is_late ? 0 : INT64_MAX;
        fixture.query->steps.page_entries = is_late ? 1000000 : 3;
        for (int64_t cut = 0; cut < SEGMENTS; cut += 7) {
            history_set_cut(fixture.history, cut);
            for (int filter = 0; filter < FILTERS; filter++)
                search_with(1 + filter % 2, filter, filter, 1000);
        }
    }
    struct wire_call call;
    struct asked *asked = asked_of(1);
    begin(&call, &asked->message);
    Vsl__V1__ListCommandsResponse *response = take_response(&call);
    EXPECT(response->n_entries > 0);
    EXPECT(response->n_entries <= fixture.query->steps.turn_commands);
    EXPECT(next_of(&asked->message, response->next_page_token) > 1);
    vsl__v1__list_commands_response__free_unpacked(response, NULL);
}
END_TEST

START_TEST(pages_end_by_bytes_too)
{
    fixture.query->steps.order_page_bytes = 1000;
    for (int64_t cut = 0; cut < SEGMENTS; cut += 7) {
        history_set_cut(fixture.history, cut);
        struct wire_call call;
        struct asked *asked = asked_of(1);
        asked->message.page_size = 1000;
        begin(&call, &asked->message);
        Vsl__V1__ListCommandsResponse *response = take_response(&call);
        EXPECT(response->n_entries > 0 && response->n_entries < 20);
        EXPECT(next_of(&asked->message, response->next_page_token) ==
               response->entries[response->n_entries - 1]->sequence);
        vsl__v1__list_commands_response__free_unpacked(response, NULL);
        expect_search(&asked->message);
    }
}
END_TEST

static void expect_failure(
    struct wire_call *call, enum wire_status status, const char *reason, const char *field)
{
    FIXTURE_WAIT(call->end != NOT_ENDED);
    EXPECT_MSG(call->end == ENDED_BY_FAILURE && call->status == status, "%s", call->message);
    EXPECT_MSG(strcmp(call->reason, reason) == 0, "%s", call->reason);
    EXPECT_MSG(strcmp(call->field, field) == 0, "%s", call->field);
}

START_TEST(what_is_not_there)
{
    struct wire_call call;
    struct asked *asked = asked_of(1);
    asked->message.account_id = 7; /* of ledger 2 */
    begin(&call, &asked->message);
    expect_failure(&call, WIRE_NOT_FOUND, "ACCOUNT_NOT_FOUND", "account_id");
    asked->message.account_id = HISTORY_ACCOUNTS + 1;
    begin(&call, &asked->message);
    expect_failure(&call, WIRE_NOT_FOUND, "ACCOUNT_NOT_FOUND", "account_id");
    EXPECT(expect_search(&asked_of(77)->message) == 0);
}
END_TEST

START_TEST(damage_is_noticed)
{
    static const char *const damages[] = {"update vsl.command set body = '\\xff422d31'",
        "update vsl.command set channel = ''", "update vsl.posting set line = line + 1",
        "update vsl.posting set debit_bucket = 7"};
    struct asked *asked = asked_of(1);
    struct wire_call call;
    history_set_cut(fixture.history, SEGMENTS - 1);
    history_run(fixture.history, "set session_replication_role = replica"); /* no triggers */
    history_run(
        fixture.history, "alter table vsl.posting drop constraint posting_debit_bucket_check");
    put_text(asked->bank_reference, history_reference(1));
    asked->message.accepted_only = true;
    int64_t sequence = next_wanted(&asked->message, fixture.history->cut);
    EXPECT(sequence >= 1);
    for (size_t i = 0; i < sizeof damages / sizeof *damages; i++) {
        char sql[300];
        const char *table = i < 2 ? "command" : "posting";
        snprintf(sql, sizeof sql,
            "create table kept as select * from vsl.%s where sequence = %lld; %s where sequence = "
            "%lld",
            table, (long long)sequence, damages[i], (long long)sequence);
        history_run(fixture.history, sql);
        begin_at(&asked->message, sequence + 1);
        begin(&call, &asked->message);
        expect_failure(&call, WIRE_DATA_LOSS, "STORED_ROW_DAMAGED", "");
        snprintf(sql, sizeof sql,
            "delete from vsl.%s where sequence = %lld; insert into vsl.%s select * from kept; drop "
            "table kept",
            table, (long long)sequence, table);
        history_run(fixture.history, sql);
    }
    EXPECT(expect_search(&asked->message) > 0);
}
END_TEST

START_TEST(callers_that_are_gone_or_do_not_read)
{
    struct wire_call call;
    struct asked *asked = asked_of(1);
    asked->message.page_size = 1000;
    for (int64_t cut = 0; cut < SEGMENTS; cut += SEGMENTS - 1) {
        history_set_cut(fixture.history, cut);
        fixture.query->steps.search_positions = 640;
        begin(&call, &asked->message);
        call.is_gone = true;
        FIXTURE_WAIT(call.end != NOT_ENDED);
        EXPECT(call.end == ENDED_BY_FAILURE);
        begin(&call, &asked->message);
        call.answer_room = 10;
        expect_failure(&call, WIRE_RESOURCE_EXHAUSTED, "OVERLOADED", "");
        EXPECT(fixture.query->lines_bytes == 0 && fixture.query->calls_open == 0);
    }
}
END_TEST

START_TEST(closing_ends_what_waits)
{
    static struct wire_call calls[2];
    struct asked *asked = asked_of(1);
    asked->message.page_size = 1000;
    begin_at(&asked->message, fixture.history->count / 2);
    history_set_cut(fixture.history, SEGMENTS - 1);
    begin(&calls[0], &asked->message);
    history_set_cut(fixture.history, 0);
    begin(&calls[1], &asked->message);
    fixture_stop();
    for (int i = 0; i < 2; i++)
        EXPECT_MSG(
            calls[i].end == ENDED_BY_FAILURE && calls[i].status == WIRE_UNAVAILABLE, "call %d", i);
}
END_TEST

Suite *search_suite(void)
{
    Suite *suite = suite_create("query/search");
    TCase *cases = tcase_create("search");
    tcase_set_timeout(cases, 120);
    tcase_add_checked_fixture(cases, start, fixture_stop);
    tcase_add_test(cases, every_pair_at_every_cut);
    tcase_add_test(cases, no_filter_gives_everything);
    tcase_add_test(cases, many_filters);
    tcase_add_test(cases, the_cut_moves_meanwhile);
    tcase_add_test(cases, only_what_is_durable);
    tcase_add_test(cases, work_of_a_page_is_limited);
    tcase_add_test(cases, days_before_the_ledger_are_known_to_be_empty);
    tcase_add_test(cases, short_pages_go_on_where_they_ended);
    tcase_add_test(cases, pages_end_by_bytes_too);
    tcase_add_test(cases, what_is_not_there);
    tcase_add_test(cases, damage_is_noticed);
    tcase_add_test(cases, callers_that_are_gone_or_do_not_read);
    suite_add_tcase(suite, cases);
    TCase *closing = tcase_create("closing");
    tcase_add_checked_fixture(closing, start, NULL);
    tcase_add_test(closing, closing_ends_what_waits);
    suite_add_tcase(suite, closing);
    return suite;
}
