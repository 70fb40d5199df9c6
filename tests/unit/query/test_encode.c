/* test_encode.c: what clients get to see of a record.
 * SPDX-License-Identifier: Apache-2.0 */
#include "command/body.h"
#include "command/role_sets.h"
#include "model/outcome.h"
#include "query/encode.h"
#include "query/query.h"
#include "suites.h"
#include "support/expect.h"
#include "vsl/v1/account.pb-c.h"
#include "vsl/v1/event.pb-c.h"
#include "vsl/v1/journal.pb-c.h"
#include "vsl/v1/order.pb-c.h"

#include <stdio.h>
#include <string.h>

#define BANK ((struct viewer){.kept = 0, .names = &NAMES, .members = &MEMBERS})

static struct arena arena;
static struct buffer out;
static uint8_t body[COMMAND_BODY_BYTES_MAX];

static struct text find_name(void *context, int64_t caller_id)
{
    static char name[32];
    EXPECT(context == &arena);
    EXPECT(caller_id > 0);
    snprintf(name, sizeof name, "caller-%d", (int)caller_id);
    return text_of(name);
}

static const struct caller_names NAMES = {&arena, find_name};

/* Account 11 is of member 3, whom the platform calls U-3; 21 to 23 of members 13 to 15. */
static bool find_member(void *context, int64_t member_id, struct member_name *ret_name)
{
    static char name[32];
    EXPECT(context == &arena);
    snprintf(name, sizeof name, "U-%d", (int)member_id);
    *ret_name = (struct member_name){member_id, text_of(name)};
    return true;
}

static bool find_owner(void *context, int64_t account_id, struct member_name *ret_name)
{
    return account_id > 10 && find_member(context, account_id - 8, ret_name);
}

static const struct member_names MEMBERS = {&arena, find_owner, find_member};

static void start(void)
{
    arena_init(&arena, 65536, ENCODE_ARENA_BYTES_MAX);
    out = (struct buffer){0};
}

static void stop(void)
{
    arena_finish(&arena);
    buffer_finish(&out);
}

static struct command_record record_of(const struct command *command)
{
    struct command_record record = {
        .sequence = 77,
        .recorded_us = 1800000000123456,
        .ledger_id = 5,
        .subject_id = 9,
        .accounting_date = 20779,
        .kind = (uint16_t)command->kind,
        .outcome = OUTCOME_ACCEPTED,
        .order_number = text_of("order-1"),
        .fee_minor = 3,
        .fee_rule_version = 2,
        .body = body,
    };
    memcpy(record.key.channel, "app", 3);
    record.key.channel_length = 3;
    memcpy(record.key.serial, "S-1", 3);
    record.key.serial_length = 3;
    record.key.business_date = 20780;
    record.body_length = (uint32_t)command_body_encode(command, body);
    return record;
}

static const struct payee PAYEES[2] = {{12, 60}, {13, 40}};

static struct command pay_command(void)
{
    return (struct command){
        .kind = COMMAND_PAY,
        .ledger_id = 5,
        .pay = {.payer_account_id = 11,
            .payees = PAYEES,
            .payee_count = 2,
            .fee_minor = 3,
            .order_number = text_of("order-1"),
            .remark = text_of("\xe8\xb4\xa7\xe6\xac\xbe")},
    };
}

static const char IDENTITY[] = "0123abcd-4567-489a-bcde-f0123456789a";

static const struct posting POSTINGS[2] = {
    {5, 100, 11, 12, 900, 100, 0, 0},
    {5, 3, 11, 4, 897, 3, 0, 3},
};

static void expect_key(const Vsl__V1__RequestKey *key)
{
    EXPECT(strcmp(key->channel, "app") == 0 && strcmp(key->serial, "S-1") == 0);
    EXPECT(key->business_date == 20261123);
}

static void expect_pay_entry(const Vsl__V1__JournalEntry *entry)
{
    EXPECT(entry->sequence == 77 && entry->recorded_at_us == 1800000000123456);
    EXPECT(entry->ledger_id == 5 && entry->accounting_date == 20261122);
    EXPECT(entry->kind == VSL__V1__COMMAND_KIND__COMMAND_KIND_PAY && entry->subject_id == 9);
    EXPECT((int)entry->outcome == OUTCOME_ACCEPTED);
    EXPECT(strcmp(entry->order_number, "order-1") == 0);
    EXPECT(entry->fee_minor == 3 && entry->fee_rule_version == 2);
    expect_key(entry->key);
    EXPECT(entry->request_case == VSL__V1__JOURNAL_ENTRY__REQUEST_PAY);
    EXPECT(entry->pay->ledger_id == 5 && entry->pay->payer_account_id == 11);
    EXPECT(entry->pay->n_payees == 2 && entry->pay->fee_minor == 3);
    for (int i = 0; i < 2; i++) {
        EXPECT(entry->pay->payees[i]->account_id == PAYEES[i].account_id);
        EXPECT(entry->pay->payees[i]->amount_minor == PAYEES[i].amount_minor);
    }
    EXPECT(strcmp(entry->pay->order_number, "order-1") == 0);
    expect_key(entry->pay->key);
    EXPECT(entry->n_postings == 2);
    const Vsl__V1__Posting *posting = entry->postings[1];
    EXPECT(posting->line == 2 && posting->amount_minor == 3);
    EXPECT(posting->debit_account_id == 11 && posting->debit_balance_minor == 897);
    EXPECT(posting->debit_bucket == VSL__V1__BUCKET__BUCKET_AVAILABLE);
    EXPECT(posting->credit_account_id == 4 && posting->credit_balance_minor == 3);
    EXPECT(posting->credit_bucket == VSL__V1__BUCKET__BUCKET_FROZEN);
    /* Each account once; 4 is a control account. */
    EXPECT(entry->n_members == 2);
    EXPECT(entry->members[0]->account_id == 11 && entry->members[0]->member_id == 3);
    EXPECT(strcmp(entry->members[0]->platform_member_id, "U-3") == 0);
    EXPECT(entry->members[1]->account_id == PAYEES[0].account_id);
}

/* Whom commands without postings concern, and refused ones. */
START_TEST(members_of_an_entry)
{
    static const struct {
        enum command_kind kind;
        enum outcome outcome;
        int64_t subject_id, account_id, member_id;
    } rows[] = {{COMMAND_CLOSE_MEMBER, OUTCOME_ACCEPTED, 9, 0, 9},
        {COMMAND_CLOSE_ACCOUNT, OUTCOME_ACCEPTED, 12, 12, 4},
        {COMMAND_CLOSE_ACCOUNT, OUTCOME_ACCEPTED, 9, 0, 0},
        {COMMAND_CLOSE_MEMBER, OUTCOME_MEMBER_NOT_FOUND, 9, 0, 0},
        {COMMAND_CUT_DAY, OUTCOME_ACCEPTED, 12, 0, 0}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct command command = {.kind = rows[i].kind, .ledger_id = 5};
        if (rows[i].kind == COMMAND_CUT_DAY)
            command.cut_day.accounting_date = 20779;
        struct command_record record = record_of(&command);
        record.subject_id = rows[i].subject_id;
        record.outcome = (uint16_t)rows[i].outcome;
        buffer_clear(&out);
        EXPECT(encode_get_command(&out, IDENTITY, &record, NULL, 0, BANK, &arena) == 0);
        Vsl__V1__GetCommandResponse *response =
            vsl__v1__get_command_response__unpack(NULL, out.length, out.bytes);
        EXPECT(response != NULL);
        EXPECT_MSG(response->entry->n_members == (rows[i].member_id != 0), "row %d", (int)i);
        if (rows[i].member_id != 0) {
            EXPECT(response->entry->members[0]->account_id == rows[i].account_id);
            EXPECT(response->entry->members[0]->member_id == rows[i].member_id);
        }
        vsl__v1__get_command_response__free_unpacked(response, NULL);
    }
}
END_TEST

/* Who sent it: for the bank with his name, where he has a record; for others not at all. */
START_TEST(caller_of_an_entry)
{
    static const struct {
        int64_t caller_id;
        bool is_outside;
        int64_t shown_id;
        const char *name;
    } rows[] = {{7, false, 7, "caller-7"}, {7, true, 0, ""}, {0, false, 0, ""},
        {FIRST_ADMINISTRATOR_ID, false, FIRST_ADMINISTRATOR_ID, ""},
        {FIRST_ADMINISTRATOR_ID, true, 0, ""}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct command command = pay_command();
        command.caller_id = rows[i].caller_id;
        command.proposal_id = 3;
        command.proposed_at_us = 1;
        command.maker_caller_id = rows[i].caller_id;
        struct command_record record = record_of(&command);
        const struct viewer viewer = {
            .kept = rows[i].is_outside ? KEPT_ALL : 0, .names = &NAMES, .members = &MEMBERS};
        buffer_clear(&out);
        EXPECT(encode_get_command(&out, IDENTITY, &record, POSTINGS, 2, viewer, &arena) == 0);
        Vsl__V1__GetCommandResponse *response =
            vsl__v1__get_command_response__unpack(NULL, out.length, out.bytes);
        EXPECT(response != NULL);
        EXPECT_MSG(response->entry->caller_id == rows[i].shown_id, "row %d", (int)i);
        EXPECT_MSG(strcmp(response->entry->caller_name, rows[i].name) == 0, "row %d", (int)i);
        EXPECT_MSG(response->entry->maker_caller_id == rows[i].shown_id, "row %d", (int)i);
        EXPECT_MSG(strcmp(response->entry->maker_caller_name, rows[i].name) == 0, "row %d", (int)i);
        vsl__v1__get_command_response__free_unpacked(response, NULL);
    }
}
END_TEST

START_TEST(get_command_answer)
{
    struct command command = pay_command();
    struct command_record record = record_of(&command);
    EXPECT(encode_get_command(&out, IDENTITY, &record, POSTINGS, 2, BANK, &arena) == 0);
    Vsl__V1__GetCommandResponse *response =
        vsl__v1__get_command_response__unpack(NULL, out.length, out.bytes);
    EXPECT(response != NULL);
    expect_pay_entry(response->entry);
    EXPECT(strcmp(response->journal_identity, IDENTITY) == 0);
    vsl__v1__get_command_response__free_unpacked(response, NULL);
}
END_TEST

START_TEST(event_answer)
{
    struct command command = pay_command();
    struct command_record record = record_of(&command);
    EXPECT(encode_event(&out, IDENTITY, 70, &record, POSTINGS, 2, BANK, &arena) == 0);
    Vsl__V1__StreamEventsResponse *response =
        vsl__v1__stream_events_response__unpack(NULL, out.length, out.bytes);
    EXPECT(response != NULL);
    EXPECT(response->event_case == VSL__V1__STREAM_EVENTS_RESPONSE__EVENT_ENTRY);
    expect_pay_entry(response->entry);
    EXPECT(response->previous_sequence == 70);
    EXPECT(strcmp(response->journal_identity, IDENTITY) == 0);
    vsl__v1__stream_events_response__free_unpacked(response, NULL);

    buffer_clear(&out);
    encode_reached(&out, IDENTITY, 71, INT64_MAX);
    response = vsl__v1__stream_events_response__unpack(NULL, out.length, out.bytes);
    EXPECT(response != NULL);
    EXPECT(response->event_case == VSL__V1__STREAM_EVENTS_RESPONSE__EVENT_REACHED_SEQUENCE);
    EXPECT(response->reached_sequence == INT64_MAX && response->previous_sequence == 71);
    EXPECT(strcmp(response->journal_identity, IDENTITY) == 0);
    vsl__v1__stream_events_response__free_unpacked(response, NULL);
}
END_TEST

/* Names and numbers are masked for everybody; who sent it is not told to the platform. */
START_TEST(entries_are_masked)
{
    for (int outside = 0; outside <= 1; outside++) {
        struct command command = {.kind = COMMAND_WITHDRAW,
            .ledger_id = 5,
            .caller_id = 8,
            .withdraw = {.account_id = 9,
                .amount_minor = 1,
                .destination = {text_of("\xe6\x9d\x8e\xe5\x9b\x9b"), text_of("6222021001112345"),
                    text_of("ICBKCNBJ")}}};
        struct command_record record = record_of(&command);
        buffer_clear(&out);
        EXPECT(encode_get_command(&out, IDENTITY, &record, NULL, 0,
                   (struct viewer){
                       .kept = outside ? KEPT_ALL : 0, .names = &NAMES, .members = &MEMBERS},
                   &arena) == 0);
        Vsl__V1__GetCommandResponse *response =
            vsl__v1__get_command_response__unpack(NULL, out.length, out.bytes);
        EXPECT(response != NULL);
        const Vsl__V1__Party *party = response->entry->withdraw->destination;
        EXPECT(strcmp(party->name, "*\xe5\x9b\x9b") == 0);
        EXPECT(strcmp(party->account_number, "622202******2345") == 0);
        EXPECT(strcmp(party->bank_code, "ICBKCNBJ") == 0);
        EXPECT(response->entry->caller_id == (outside ? 0 : 8));
        vsl__v1__get_command_response__free_unpacked(response, NULL);
    }
}
END_TEST

/* A line of a statement says to all that money moved; to whom and why, to the bank only. */
START_TEST(words_of_the_bank_are_kept)
{
    for (int kept = 0; kept <= KEPT_WORDS; kept += KEPT_WORDS) {
        struct command command = {.kind = COMMAND_ADD_STATEMENT_LINE,
            .ledger_id = 5,
            .add_statement_line = {.bank_statement_id = 1,
                .ordinal = 2,
                .amount_minor = -30,
                .booking_date = 20000,
                .bank_reference = text_of("REF-17"),
                .counterparty = {text_of("Haidian Court"), text_of("6222021001112345"),
                    text_of("ICBKCNBJ")},
                .remark = text_of("deduction"),
                .end_to_end_id = text_of("CLAIM-9")}};
        struct command_record record = record_of(&command);
        const struct viewer viewer = {.kept = (uint8_t)kept, .names = &NAMES, .members = &MEMBERS};
        buffer_clear(&out);
        EXPECT(encode_get_command(&out, IDENTITY, &record, NULL, 0, viewer, &arena) == 0);
        Vsl__V1__GetCommandResponse *response =
            vsl__v1__get_command_response__unpack(NULL, out.length, out.bytes);
        EXPECT(response != NULL);
        const Vsl__V1__AddStatementLineRequest *line = response->entry->add_statement_line;
        EXPECT(line->amount_minor == -30 && line->ordinal == 2);
        EXPECT(strcmp(line->bank_reference, kept ? "" : "REF-17") == 0);
        EXPECT(strcmp(line->remark, kept ? "" : "deduction") == 0);
        EXPECT(strcmp(line->end_to_end_id, kept ? "" : "CLAIM-9") == 0);
        EXPECT((line->counterparty == NULL) == (kept != 0));
        vsl__v1__get_command_response__free_unpacked(response, NULL);
    }
}
END_TEST

START_TEST(largest_entry_fits)
{
    static struct posting postings[POSTINGS_PER_COMMAND_MAX];
    for (uint32_t i = 0; i < POSTINGS_PER_COMMAND_MAX; i++)
        postings[i] = (struct posting){
            INT64_MAX, INT64_MAX, INT64_MAX, INT64_MAX, INT64_MIN, INT64_MIN, 3, 3};
    char long_text[REMARK_CHARACTERS_MAX * CHARACTER_BYTES_MAX];
    memset(long_text, 'x', sizeof long_text);
    struct command command = pay_command();
    command.pay.remark = (struct text){long_text, sizeof long_text};
    struct command_record record = record_of(&command);
    EXPECT(encode_get_command(
               &out, IDENTITY, &record, postings, POSTINGS_PER_COMMAND_MAX, BANK, &arena) == 0);
    Vsl__V1__GetCommandResponse *response =
        vsl__v1__get_command_response__unpack(NULL, out.length, out.bytes);
    EXPECT(response != NULL && response->entry->n_postings == POSTINGS_PER_COMMAND_MAX);
    vsl__v1__get_command_response__free_unpacked(response, NULL);
}
END_TEST

START_TEST(every_kind_has_an_entry)
{
    for (int kind = 1; kind <= COMMAND_KIND_MAX; kind++) {
        if (command_kind_name(kind) == NULL)
            continue;
        struct command command = {.kind = (enum command_kind)kind, .ledger_id = 5};
        /* The smallest command that can be in another one. */
        if (kind == COMMAND_PROPOSE)
            command.propose.command = (struct text){"\x02", 1};
        bool is_approved = command_is_proposable(kind);
        command.proposal_id = is_approved ? 4 : 0;
        command.maker_caller_id = is_approved ? 3 : 0;
        command.proposed_at_us = is_approved ? 1700000000000000 : 0;
        struct command_record record = record_of(&command);
        buffer_clear(&out);
        EXPECT_MSG(encode_get_command(&out, IDENTITY, &record, NULL, 0, BANK, &arena) == 0,
            "kind %d", kind);
        Vsl__V1__GetCommandResponse *response =
            vsl__v1__get_command_response__unpack(NULL, out.length, out.bytes);
        EXPECT(response != NULL);
        EXPECT_MSG((int)response->entry->request_case == 100 + kind, "kind %d", kind);
        EXPECT((int)response->entry->kind == kind);
        EXPECT(response->entry->proposal_id == command.proposal_id);
        EXPECT(response->entry->maker_caller_id == command.maker_caller_id);
        EXPECT(response->entry->proposed_at_us == command.proposed_at_us);
        vsl__v1__get_command_response__free_unpacked(response, NULL);
    }
}
END_TEST

START_TEST(lines_with_their_texts)
{
    struct command commands[] = {
        pay_command(),
        {.kind = COMMAND_BOOK_RECEIPT,
            .book_receipt = {.account_id = 1, .amount_minor = 5, .remark = text_of("r")}},
        {.kind = COMMAND_BOOK_INTEREST,
            .book_interest = {.account_id = 1, .amount_minor = 5, .remark = text_of("i")}},
        {.kind = COMMAND_CHARGE_FEE,
            .charge_fee = {.account_id = 1, .amount_minor = 5, .remark = text_of("f")}},
        {.kind = COMMAND_WITHDRAW,
            .withdraw = {.account_id = 1, .amount_minor = 5, .remark = text_of("w")}},
        {.kind = COMMAND_CONFIRM_PAYOUT, .confirm_payout = {.payout_id = 1, .result = 1}},
        {.kind = COMMAND_COLLECT_FEES, .collect_fees = {.amount_minor = 5, .remark = text_of("c")}},
        {.kind = COMMAND_REFUND, .refund = {.original_sequence = 5, .remark = text_of("b")}},
        {.kind = COMMAND_PLACE_HOLD, .place_hold = {.amount_minor = 5, .remark = text_of("h")}},
        {.kind = COMMAND_CONFIRM_HOLD, .confirm_hold = {.hold_id = 5, .remark = text_of("k")}},
        {.kind = COMMAND_CANCEL_HOLD, .cancel_hold = {.hold_id = 5, .remark = text_of("x")}},
    };
    static const char *const remarks[] = {
        "\xe8\xb4\xa7\xe6\xac\xbe", "r", "i", "f", "w", "", "c", "b", "h", "k", "x"};
    size_t count = sizeof commands / sizeof commands[0];
    struct account_line line = {.place = {77, 3, 0},
        .amount_minor = -5,
        .balance_after_minor = -1,
        .other_account_id = 4,
        .bucket = 2,
        .other_bucket = 1};
    for (size_t i = 0; i < count; i++) {
        struct command_record record = record_of(&commands[i]);
        EXPECT(encode_line(&out, &line, &record, false, &arena) == 0);
    }
    encode_lines_end(&out, IDENTITY, "token", 1234);
    Vsl__V1__ListStatementLinesResponse *response =
        vsl__v1__list_statement_lines_response__unpack(NULL, out.length, out.bytes);
    EXPECT(response != NULL && response->n_lines == count);
    EXPECT(strcmp(response->next_page_token, "token") == 0 && response->as_of_sequence == 1234);
    EXPECT(strcmp(response->journal_identity, IDENTITY) == 0);
    for (size_t i = 0; i < count; i++) {
        const Vsl__V1__StatementLine *got = response->lines[i];
        EXPECT(got->sequence == 77 && got->line == 4 && got->amount_minor == -5);
        EXPECT(got->balance_after_minor == -1 && got->counter_account_id == 4);
        EXPECT(got->bucket == VSL__V1__BUCKET__BUCKET_PENDING_OUT);
        EXPECT(got->counter_bucket == VSL__V1__BUCKET__BUCKET_PENDING_IN);
        EXPECT(got->accounting_date == 20261122 && got->recorded_at_us == 1800000000123456);
        EXPECT((int)got->kind == (int)commands[i].kind);
        expect_key(got->key);
        EXPECT(strcmp(got->remark, remarks[i]) == 0);
        EXPECT(strcmp(got->order_number, "order-1") == 0);
    }
    vsl__v1__list_statement_lines_response__free_unpacked(response, NULL);
}
END_TEST

START_TEST(order_answer)
{
    struct order_sums sums = {.paid_minor = 10,
        .confirmed_minor = 5,
        .refunded_minor = 3,
        .held_minor = 2,
        .withdrawn_minor = 4,
        .fees_minor = 1};
    for (int i = 0; i < 2; i++) {
        struct command command = pay_command();
        struct command_record record = record_of(&command);
        buffer_clear(&out);
        sums.held_minor -= i;
        EXPECT(encode_order_entry(&out, &record, POSTINGS, 2, BANK, &arena) == 0);
        EXPECT(encode_order_entry(&out, &record, POSTINGS, 2, BANK, &arena) == 0);
        encode_order_end(&out, IDENTITY, &sums, INT64_MAX, "token", 20);
        Vsl__V1__GetOrderResponse *response =
            vsl__v1__get_order_response__unpack(NULL, out.length, out.bytes);
        EXPECT(response != NULL && response->n_entries == 2);
        expect_pay_entry(response->entries[0]);
        expect_pay_entry(response->entries[1]);
        EXPECT(response->next_after_sequence == INT64_MAX && response->entry_count == 20);
        EXPECT(strcmp(response->next_page_token, "token") == 0);
        EXPECT(response->sums->paid_minor == 10 && response->sums->confirmed_minor == 5);
        EXPECT(response->sums->refunded_minor == 3 && response->sums->held_minor == 2 - i);
        EXPECT(response->sums->withdrawn_minor == 4 && response->sums->fees_minor == 1);
        EXPECT(response->balanced == (i == 0));
        EXPECT(strcmp(response->journal_identity, IDENTITY) == 0);
        vsl__v1__get_order_response__free_unpacked(response, NULL);
    }
}
END_TEST

START_TEST(damaged_bodies_are_noticed)
{
    struct command command = pay_command();
    struct account_line line = {.place = {77, 0, 0}, .amount_minor = 1};
    for (int i = 0; i < 5; i++) {
        struct command_record record = record_of(&command);
        if (i == 0)
            record.body_length--;
        else if (i == 1)
            body[0] = 0xff;
        else if (i == 2)
            record.kind = 45;
        else if (i == 3)
            record.accounting_date = INT32_MAX;
        else
            record.key.business_date = -1;
        EXPECT_MSG(
            encode_get_command(&out, IDENTITY, &record, NULL, 0, BANK, &arena) < 0, "row %d", i);
        EXPECT(encode_event(&out, IDENTITY, 0, &record, NULL, 0, BANK, &arena) < 0);
        EXPECT(encode_order_entry(&out, &record, NULL, 0, BANK, &arena) < 0);
        EXPECT(encode_line(&out, &line, &record, false, &arena) < 0);
        EXPECT(out.length == 0);
    }
}
END_TEST

Suite *encode_suite(void)
{
    Suite *suite = suite_create("query/encode");
    TCase *cases = tcase_create("encode");
    tcase_add_checked_fixture(cases, start, stop);
    tcase_add_test(cases, get_command_answer);
    tcase_add_test(cases, caller_of_an_entry);
    tcase_add_test(cases, members_of_an_entry);
    tcase_add_test(cases, event_answer);
    tcase_add_test(cases, entries_are_masked);
    tcase_add_test(cases, words_of_the_bank_are_kept);
    tcase_add_test(cases, largest_entry_fits);
    tcase_add_test(cases, every_kind_has_an_entry);
    tcase_add_test(cases, lines_with_their_texts);
    tcase_add_test(cases, order_answer);
    tcase_add_test(cases, damaged_bodies_are_noticed);
    suite_add_tcase(suite, cases);
    return suite;
}
