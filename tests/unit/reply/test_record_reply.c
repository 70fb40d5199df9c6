/* test_record_reply.c: answers to reads of live state, read back with the real messages.
 * SPDX-License-Identifier: Apache-2.0 */
#include "model/document.h"
#include "reply/reply.h"
#include "suites.h"
#include "support/expect.h"
#include "vsl/v1/account.pb-c.h"
#include "vsl/v1/account_policy.pb-c.h"
#include "vsl/v1/ledger.pb-c.h"
#include "vsl/v1/member.pb-c.h"

#include <string.h>

static ProtobufCMessage *read_back(
    struct buffer *bytes, const ProtobufCMessageDescriptor *descriptor)
{
    ProtobufCMessage *message =
        protobuf_c_message_unpack(descriptor, NULL, bytes->length, bytes->bytes);
    ck_assert_ptr_nonnull(message);
    ck_assert_uint_eq(message->n_unknown_fields, 0);
    buffer_finish(bytes);
    return message;
}

/* Texts at their limits, without a NUL behind them. */
static struct ledger sample_ledger(int64_t id)
{
    struct ledger ledger = {.id = id,
        .changed_sequence = 90,
        .first_control_account_id = 20,
        .open_member_count = 5,
        .open_payout_count = 2,
        .accounting_dates = {20760, 20759, 20758, 1, 1, 1, 1},
        .accounting_date_count = 3,
        .key_window_dates = 4,
        .status = LEDGER_CLOSED,
        .currency = "CNY",
        .receiving_prefix_length = RECEIVING_PREFIX_DIGITS_MAX,
        .platform_name_length = PLATFORM_NAME_BYTES_MAX,
        .escrow_account_number_length = ACCOUNT_NUMBER_BYTES_MAX,
        .advance_refunds = true,
        .payout_return_days = 366,
        .own_account_name_length = OWN_NAME_BYTES_MAX,
        .own_account_number_length = ACCOUNT_NUMBER_BYTES_MAX,
        .own_bank_code_length = BANK_CODE_BYTES_MAX};
    memset(ledger.own_account_name, 'n', sizeof ledger.own_account_name);
    memset(ledger.own_account_number, '9', sizeof ledger.own_account_number);
    memset(ledger.own_bank_code, 'b', sizeof ledger.own_bank_code);
    memset(ledger.receiving_prefix, '6', sizeof ledger.receiving_prefix);
    memset(ledger.platform_name, 'p', sizeof ledger.platform_name);
    memset(ledger.escrow_account_number, '8', sizeof ledger.escrow_account_number);
    return ledger;
}

static void expect_sample_ledger(const Vsl__V1__Ledger *message, int64_t id)
{
    ck_assert_int_eq(message->ledger_id, id);
    ck_assert_uint_eq(strlen(message->platform_name), PLATFORM_NAME_BYTES_MAX);
    ck_assert_uint_eq(strspn(message->platform_name, "p"), PLATFORM_NAME_BYTES_MAX);
    ck_assert_uint_eq(strlen(message->escrow_account_number), ACCOUNT_NUMBER_BYTES_MAX);
    ck_assert_str_eq(message->receiving_prefix, "66666666");
    ck_assert_str_eq(message->currency, "CNY");
    ck_assert_int_eq(message->accounting_date, 20261103);
    ck_assert_int_eq(message->oldest_business_date, 20261101);
    ck_assert_int_eq(message->key_window_dates, 4);
    ck_assert_int_eq((int)message->status, (int)VSL__V1__LEDGER_STATUS__LEDGER_STATUS_CLOSED);
    ck_assert_int_eq(message->control_accounts->escrow_account_id, 20);
    ck_assert_int_eq(message->control_accounts->enforcement_account_id, 25);
    ck_assert_int_eq(message->open_member_count, 5);
    ck_assert_int_eq(message->open_payout_count, 2);
    ck_assert_int_eq(message->changed_sequence, 90);
    ck_assert(message->terms->advance_refunds);
    ck_assert_int_eq(message->terms->payout_return_days, 366);
    const Vsl__V1__Party *own = message->terms->own_account;
    ck_assert_uint_eq(strlen(own->name), OWN_NAME_BYTES_MAX);
    ck_assert_uint_eq(strspn(own->name, "n"), OWN_NAME_BYTES_MAX);
    ck_assert_uint_eq(strlen(own->account_number), ACCOUNT_NUMBER_BYTES_MAX);
    ck_assert_uint_eq(strspn(own->account_number, "9"), ACCOUNT_NUMBER_BYTES_MAX);
    ck_assert_uint_eq(strlen(own->bank_code), BANK_CODE_BYTES_MAX);
    ck_assert_uint_eq(strspn(own->bank_code, "b"), BANK_CODE_BYTES_MAX);
}

START_TEST(ledger_is_shown_whole)
{
    struct buffer bytes = {0};
    struct shown_ledger shown = {.ledger = sample_ledger(3),
        .suspense_age_s = 3600,
        .one_membership = true,
        .same_card = true,
        .overdue_since_us = 17,
        .overdue_id = 8,
        .oldest_id = 7,
        .oldest_at_us = 11};
    reply_ledger(&bytes, &shown, 91);
    Vsl__V1__GetLedgerResponse *response =
        (Vsl__V1__GetLedgerResponse *)read_back(&bytes, &vsl__v1__get_ledger_response__descriptor);
    expect_sample_ledger(response->ledger, 3);
    ck_assert_int_eq(response->ledger->terms->suspense_age_s, 3600);
    ck_assert(response->ledger->terms->one_membership_per_person);
    ck_assert(response->ledger->terms->same_card);
    ck_assert_int_eq(response->ledger->suspense_overdue_since_us, 17);
    ck_assert_int_eq(response->ledger->suspense_overdue_id, 8);
    ck_assert_int_eq(response->ledger->suspense_oldest_id, 7);
    ck_assert_int_eq(response->ledger->suspense_oldest_at_us, 11);
    ck_assert_int_eq(response->as_of_sequence, 91);
    vsl__v1__get_ledger_response__free_unpacked(response, NULL);
}
END_TEST

START_TEST(terms_without_an_own_account_have_none)
{
    struct buffer bytes = {0};
    struct shown_ledger shown = {.ledger = sample_ledger(3)};
    shown.ledger.own_account_name_length = 0;
    shown.ledger.own_account_number_length = 0;
    shown.ledger.own_bank_code_length = 0;
    shown.ledger.advance_refunds = false;
    shown.ledger.payout_return_days = 30;
    reply_ledger(&bytes, &shown, 91);
    Vsl__V1__GetLedgerResponse *response =
        (Vsl__V1__GetLedgerResponse *)read_back(&bytes, &vsl__v1__get_ledger_response__descriptor);
    ck_assert_ptr_null(response->ledger->terms->own_account);
    ck_assert(!response->ledger->terms->advance_refunds);
    ck_assert_int_eq(response->ledger->terms->payout_return_days, 30);
    vsl__v1__get_ledger_response__free_unpacked(response, NULL);
}
END_TEST

START_TEST(ledgers_are_listed_in_order)
{
    const struct shown_ledger ledgers[3] = {
        {.ledger = sample_ledger(1)}, {.ledger = sample_ledger(2)}, {.ledger = sample_ledger(3)}};
    for (uint32_t count = 0; count <= 3; count++) {
        struct buffer bytes = {0};
        struct next_page next = {"", 0};
        if (count == 2)
            next = (struct next_page){"token", 2};
        reply_ledgers(&bytes, ledgers, count, &next, 91);
        Vsl__V1__ListLedgersResponse *response = (Vsl__V1__ListLedgersResponse *)read_back(
            &bytes, &vsl__v1__list_ledgers_response__descriptor);
        ck_assert_uint_eq(response->n_ledgers, count);
        for (uint32_t i = 0; i < count; i++)
            expect_sample_ledger(response->ledgers[i], i + 1);
        ck_assert_int_eq(response->more, count == 2);
        ck_assert_int_eq(response->next_after_ledger_id, count == 2 ? 2 : 0);
        ck_assert_str_eq(response->next_page_token, count == 2 ? "token" : "");
        ck_assert_int_eq(response->as_of_sequence, 91);
        vsl__v1__list_ledgers_response__free_unpacked(response, NULL);
    }
}
END_TEST

START_TEST(member_is_shown_with_its_accounts)
{
    struct member member = {.id = 8,
        .ledger_id = 1,
        .changed_sequence = 44,
        .platform_member_id_length = PLATFORM_MEMBER_ID_BYTES_MAX,
        .kind = MEMBER_USER,
        .status = MEMBER_OPEN};
    memset(member.platform_member_id, 'm', sizeof member.platform_member_id);
    static const int64_t accounts[] = {9, 10, INT64_MAX};
    static const struct shown_identity nobody = {.identity = NULL};
    for (uint32_t count = 0; count <= 3; count++) {
        struct buffer bytes = {0};
        struct member_allowance allowance = {.is_set = count % 2 == 1,
            .level = LEVEL_CARD_CHECKED,
            .rules = {MAY_RECEIVE | MAY_WITHDRAW, 1, 2, 3, 4, 5, 6, 7},
            .used = {.date_in_minor = 8,
                .date_out_minor = 9,
                .year_in_minor = 10,
                .year_out_minor = 11}};
        reply_member(&bytes, &member, count > 0 ? accounts : NULL, count, &nobody, &allowance, 50);
        Vsl__V1__GetMemberResponse *response = (Vsl__V1__GetMemberResponse *)read_back(
            &bytes, &vsl__v1__get_member_response__descriptor);
        ck_assert_int_eq(response->member->member_id, 8);
        ck_assert_int_eq(response->member->ledger_id, 1);
        ck_assert_int_eq(response->member->changed_sequence, 44);
        ck_assert_uint_eq(
            strlen(response->member->platform_member_id), PLATFORM_MEMBER_ID_BYTES_MAX);
        ck_assert_int_eq((int)response->member->kind, (int)VSL__V1__MEMBER_KIND__MEMBER_KIND_USER);
        ck_assert_int_eq(
            (int)response->member->status, (int)VSL__V1__MEMBER_STATUS__MEMBER_STATUS_OPEN);
        ck_assert_uint_eq(response->member->n_account_ids, count);
        for (uint32_t i = 0; i < count; i++)
            ck_assert_int_eq(response->member->account_ids[i], accounts[i]);
        ck_assert_ptr_null(response->member->identity);
        ck_assert_int_eq(response->as_of_sequence, 50);
        const Vsl__V1__MemberAllowance *shown = response->allowance;
        ck_assert_int_eq(shown != NULL, count % 2 == 1);
        if (shown) {
            const Vsl__V1__AccountPolicyLevel *policy = shown->policy;
            ck_assert(policy->may_receive && !policy->may_pay && policy->may_withdraw);
            const int64_t numbers[] = {policy->level, policy->operation_in_minor,
                policy->operation_out_minor, policy->date_in_minor, policy->date_out_minor,
                policy->year_in_minor, policy->year_out_minor, policy->balance_minor,
                shown->date_in_used_minor, shown->date_out_used_minor, shown->year_in_used_minor,
                shown->year_out_used_minor};
            static const int64_t expected[] = {2, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};
            ck_assert_mem_eq(numbers, expected, sizeof expected);
        }
        vsl__v1__get_member_response__free_unpacked(response, NULL);
    }
}
END_TEST

START_TEST(member_is_shown_with_who_it_is)
{
    static const struct member member = {.id = 8,
        .ledger_id = 1,
        .changed_sequence = 44,
        .platform_member_id = "shop",
        .platform_member_id_length = 4,
        .kind = MEMBER_MERCHANT,
        .status = MEMBER_OPEN};
    static const struct identity identity = {.id = 5,
        .ledger_id = 1,
        .member_id = 8,
        .person_id = 3,
        .checked_sequence = 46,
        .changed_sequence = 47,
        .valid_until_date = 20785,
        .recheck_date = 20786,
        .subject = SUBJECT_COMPANY,
        .document_kind = DOCUMENT_SOCIAL_CREDIT_CODE,
        .level = LEVEL_CARD_CHECKED,
        .status = IDENTITY_EXPIRED,
        .is_noticed = true};
    struct identify_member evidence = {.holder = {text_of("***\u53f8"), DOCUMENT_SOCIAL_CREDIT_CODE,
                                           text_of("9***L"), 20759, 20785},
        .representative = {text_of("*\u4e09"), DOCUMENT_CITIZEN_CARD, text_of("1***X"), 20760, 0},
        .check = {text_of("id-check"), 1795978320000000, text_of("0000"), text_of("17")}};
    static const int64_t others[] = {2, 7};
    const struct shown_identity shown = {&identity, LEVEL_OPENED, others, 2, &evidence};
    struct buffer bytes = {0};
    reply_member(&bytes, &member, NULL, 0, &shown, &(struct member_allowance){0}, 50);
    Vsl__V1__GetMemberResponse *response =
        (Vsl__V1__GetMemberResponse *)read_back(&bytes, &vsl__v1__get_member_response__descriptor);
    const Vsl__V1__Identity *message = response->member->identity;
    ck_assert_int_eq(message->identity_id, 5);
    ck_assert_int_eq(message->person_id, 3);
    ck_assert_int_eq(message->checked_sequence, 46);
    ck_assert_int_eq(message->changed_sequence, 47);
    ck_assert_int_eq(message->valid_until_date, 20261128);
    ck_assert_int_eq(message->recheck_date, 20261129);
    ck_assert_int_eq((int)message->subject, SUBJECT_COMPANY);
    ck_assert_int_eq((int)message->document_kind, DOCUMENT_SOCIAL_CREDIT_CODE);
    ck_assert_int_eq((int)message->level, LEVEL_OPENED);
    ck_assert_int_eq((int)message->status, IDENTITY_EXPIRED);
    ck_assert(message->notice_given);
    ck_assert_uint_eq(message->n_other_member_ids, 2);
    ck_assert_int_eq(message->other_member_ids[1], 7);
    ck_assert_str_eq(message->holder->name, "***\u53f8");
    ck_assert_str_eq(message->holder->number, "9***L");
    ck_assert_int_eq(message->holder->valid_from_date, 20261102);
    ck_assert_int_eq(message->holder->valid_until_date, 20261128);
    ck_assert_str_eq(message->legal_representative->name, "*\u4e09");
    ck_assert_int_eq((int)message->legal_representative->document_kind, DOCUMENT_CITIZEN_CARD);
    ck_assert_int_eq(message->legal_representative->valid_until_date, 0);
    ck_assert_ptr_null(message->handler);
    ck_assert_str_eq(message->check->checked_by, "id-check");
    ck_assert_int_eq(message->check->checked_at_us, 1795978320000000);
    ck_assert_str_eq(message->check->result_code, "0000");
    ck_assert_str_eq(message->check->reference, "17");
    vsl__v1__get_member_response__free_unpacked(response, NULL);
}
END_TEST

START_TEST(a_policy_is_shown_with_all_its_levels)
{
    struct account_policy policy = {.ledger_id = 1,
        .changed_sequence = 40,
        .preset = ACCOUNT_POLICY_CUSTOM,
        .level_count = ACCOUNT_LEVELS_MAX};
    for (int i = 0; i < ACCOUNT_LEVELS_MAX; i++)
        policy.levels[i] = (struct account_level){.may = i, .balance_minor = 100 + i};
    for (int round = 0; round < 3; round++) {
        struct buffer bytes = {0};
        if (round == 1)
            policy =
                (struct account_policy){.changed_sequence = 41, .preset = ACCOUNT_POLICY_UNCHECKED};
        reply_account_policy(&bytes, round < 2 ? &policy : NULL, 50);
        Vsl__V1__GetAccountPolicyResponse *response =
            (Vsl__V1__GetAccountPolicyResponse *)read_back(
                &bytes, &vsl__v1__get_account_policy_response__descriptor);
        ck_assert_int_eq(response->as_of_sequence, 50);
        ck_assert_int_eq(response->changed_sequence, round == 0 ? 40 : round == 1 ? 41 : 0);
        ck_assert_int_eq((int)response->preset, round == 0 ? 6 : 1);
        ck_assert_uint_eq(response->n_merchants, round == 0 ? 3 : 0);
        ck_assert_uint_eq(response->n_users, round == 0 ? 3 : 0);
        for (int i = 0; round == 0 && i < 6; i++) {
            const Vsl__V1__AccountPolicyLevel *level =
                i < 3 ? response->merchants[i] : response->users[i - 3];
            ck_assert_int_eq(level->level, i % 3);
            ck_assert_int_eq(level->balance_minor, 100 + i);
            ck_assert_int_eq(level->may_receive + 2 * level->may_pay + 4 * level->may_withdraw, i);
        }
        vsl__v1__get_account_policy_response__free_unpacked(response, NULL);
    }
}
END_TEST

/* The receiving number of account 9. */
#define NUMBER "62000000000091"

static const struct ledger today = {.id = 1,
    .accounting_dates = {20760},
    .accounting_date_count = 1,
    .receiving_prefix = "6200",
    .receiving_prefix_length = 4};

static struct account sample_account(int64_t id)
{
    return (struct account){.id = id,
        .ledger_id = 1,
        .member_id = 8,
        .balance_minor = {[BUCKET_AVAILABLE] = -id,
            [BUCKET_PENDING_IN] = 2,
            [BUCKET_PENDING_OUT] = 3,
            [BUCKET_FROZEN] = INT64_MAX},
        .changed_sequence = 60,
        .kind = ACCOUNT_MEMBER,
        .status = ACCOUNT_OPEN,
        .no_out = true};
}

static void expect_sample_balances(const Vsl__V1__Balances *balances, int64_t id)
{
    ck_assert_int_eq(balances->available_minor, -id);
    ck_assert_int_eq(balances->pending_in_minor, 2);
    ck_assert_int_eq(balances->pending_out_minor, 3);
    ck_assert_int_eq(balances->frozen_minor, INT64_MAX);
    ck_assert_int_eq(balances->asset_units, 0);
}

START_TEST(account_is_shown_whole)
{
    struct buffer bytes = {0};
    struct account account = sample_account(9);
    const struct restriction restrictions[] = {
        {.owner = "RISK",
            .owner_length = 4,
            .no_out = true,
            .placed_sequence = 58,
            .changed_sequence = 59},
        {.owner = "vsl", .owner_length = 3, .no_in = true},
    };
    const struct assets assets = {.value_minor = 1234,
        .position_count = 3,
        .unpriced_count = 1,
        .shown_count = 2,
        .is_partial = true,
        .shown = {{.id = 7, .units = {[BUCKET_FROZEN] = 5}}, {.id = 6, .value_minor = 1234}}};
    reply_account(&bytes, &account, &today, restrictions, 2, &assets, 61);
    Vsl__V1__GetAccountResponse *response = (Vsl__V1__GetAccountResponse *)read_back(
        &bytes, &vsl__v1__get_account_response__descriptor);
    const Vsl__V1__Account *message = response->account;
    ck_assert_int_eq(message->account_id, 9);
    ck_assert_int_eq(message->ledger_id, 1);
    ck_assert_int_eq(message->member_id, 8);
    ck_assert_int_eq((int)message->kind, (int)VSL__V1__ACCOUNT_KIND__ACCOUNT_KIND_MEMBER);
    ck_assert_int_eq((int)message->status, (int)VSL__V1__ACCOUNT_STATUS__ACCOUNT_STATUS_OPEN);
    ck_assert(!message->no_in && message->no_out);
    ck_assert_str_eq(message->receiving_number, NUMBER);
    expect_sample_balances(message->balances, 9);
    ck_assert_int_eq(message->changed_sequence, 60);
    ck_assert_uint_eq(message->n_restrictions, 2);
    ck_assert_str_eq(message->restrictions[0]->owner, "RISK");
    ck_assert(!message->restrictions[0]->no_in && message->restrictions[0]->no_out);
    ck_assert_int_eq(message->restrictions[0]->placed_sequence, 58);
    ck_assert_int_eq(message->restrictions[0]->changed_sequence, 59);
    ck_assert_str_eq(message->restrictions[1]->owner, "vsl");
    ck_assert(message->restrictions[1]->no_in && !message->restrictions[1]->no_out);
    ck_assert_int_eq(message->assets->value_minor, 1234);
    ck_assert_int_eq(message->assets->position_count, 3);
    ck_assert_int_eq(message->assets->unpriced_count, 1);
    ck_assert(message->assets->partial);
    ck_assert_uint_eq(message->assets->n_positions, 2);
    ck_assert_int_eq(message->assets->positions[0]->position_id, 7);
    ck_assert_int_eq(message->assets->positions[0]->frozen_units, 5);
    ck_assert_int_eq(message->assets->positions[1]->value_minor, 1234);
    ck_assert_int_eq(response->as_of_sequence, 61);
    vsl__v1__get_account_response__free_unpacked(response, NULL);

    account.kind = ACCOUNT_FEE;
    reply_account(&bytes, &account, &today, NULL, 0, &assets, 61);
    response = (Vsl__V1__GetAccountResponse *)read_back(
        &bytes, &vsl__v1__get_account_response__descriptor);
    ck_assert_str_eq(response->account->receiving_number, "");
    ck_assert(response->account->assets == NULL);
    vsl__v1__get_account_response__free_unpacked(response, NULL);
}
END_TEST

START_TEST(pages_of_members_and_accounts)
{
    struct member member = {.id = 8,
        .ledger_id = 1,
        .kind = MEMBER_USER,
        .status = MEMBER_CLOSED,
        .platform_member_id = "m8",
        .platform_member_id_length = 2};
    struct account account = sample_account(9);
    const void *record = &member;
    struct buffer bytes = {0};
    reply_records(&bytes, RECORD_MEMBER, &record, 1, &today, &(struct next_page){"token", 0}, 61);
    Vsl__V1__ListMembersResponse *members = (Vsl__V1__ListMembersResponse *)read_back(
        &bytes, &vsl__v1__list_members_response__descriptor);
    ck_assert_uint_eq(members->n_members, 1);
    ck_assert_int_eq(members->members[0]->member_id, 8);
    ck_assert_str_eq(members->members[0]->platform_member_id, "m8");
    ck_assert_int_eq(
        (int)members->members[0]->status, (int)VSL__V1__MEMBER_STATUS__MEMBER_STATUS_CLOSED);
    ck_assert_uint_eq(members->members[0]->n_account_ids, 0);
    ck_assert_str_eq(members->next_page_token, "token");
    vsl__v1__list_members_response__free_unpacked(members, NULL);

    record = &account;
    reply_records(&bytes, RECORD_ACCOUNT, &record, 1, &today, &(struct next_page){"", 0}, 61);
    Vsl__V1__ListAccountsResponse *accounts = (Vsl__V1__ListAccountsResponse *)read_back(
        &bytes, &vsl__v1__list_accounts_response__descriptor);
    ck_assert_uint_eq(accounts->n_accounts, 1);
    ck_assert_str_eq(accounts->accounts[0]->receiving_number, NUMBER);
    expect_sample_balances(accounts->accounts[0]->balances, 9);
    ck_assert_int_eq(accounts->as_of_sequence, 61);
    vsl__v1__list_accounts_response__free_unpacked(accounts, NULL);
}
END_TEST

START_TEST(balances_come_in_the_order_asked_for)
{
    static struct account accounts[BALANCES_PER_QUERY_MAX];
    static const struct account *pointers[BALANCES_PER_QUERY_MAX];
    for (int64_t i = 0; i < BALANCES_PER_QUERY_MAX; i++) {
        accounts[i] = sample_account(BALANCES_PER_QUERY_MAX - i);
        pointers[i] = &accounts[i];
    }
    static const uint32_t counts[] = {1, 2, BALANCES_PER_QUERY_MAX};
    for (size_t c = 0; c < 3; c++) {
        struct buffer bytes = {0};
        reply_balances(&bytes, pointers, counts[c], 20760, 61);
        Vsl__V1__GetBalancesResponse *response = (Vsl__V1__GetBalancesResponse *)read_back(
            &bytes, &vsl__v1__get_balances_response__descriptor);
        ck_assert_uint_eq(response->n_accounts, counts[c]);
        for (uint32_t i = 0; i < counts[c]; i++) {
            EXPECT(response->accounts[i]->account_id == accounts[i].id);
            EXPECT(response->accounts[i]->balances->available_minor == -accounts[i].id);
        }
        expect_sample_balances(response->accounts[0]->balances, BALANCES_PER_QUERY_MAX);
        ck_assert_int_eq(response->as_of_sequence, 61);
        vsl__v1__get_balances_response__free_unpacked(response, NULL);
    }
}
END_TEST

START_TEST(what_came_in_today_is_withdrawable_tomorrow)
{
    static const struct {
        int64_t available, next_date_minor;
        int32_t next_date;
        int64_t withdrawable, waits;
    } cases[] = {
        {100, 0, 0, 100, 0},
        {100, 30, 20760, 70, 30},
        {100, 100, 20760, 0, 100},
        {100, 101, 20760, 0, 101}, /* spent meanwhile */
        {100, 30, 20759, 100, 0},  /* of a day that is past */
        {0, 30, 20760, 0, 30},
        {-100, 0, 0, 0, 0}, /* ESCROW */
        {INT64_MAX, INT64_MAX, 20760, 0, INT64_MAX},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct buffer bytes = {0};
        struct account account = sample_account(9);
        account.balance_minor[BUCKET_AVAILABLE] = cases[i].available;
        account.next_date_minor = cases[i].next_date_minor;
        account.next_date = cases[i].next_date;
        const struct account *pointer = &account;
        reply_account(&bytes, &account, &today, NULL, 0, &(struct assets){0}, 61);
        Vsl__V1__GetAccountResponse *one = (Vsl__V1__GetAccountResponse *)read_back(
            &bytes, &vsl__v1__get_account_response__descriptor);
        reply_balances(&bytes, &pointer, 1, 20760, 61);
        Vsl__V1__GetBalancesResponse *many = (Vsl__V1__GetBalancesResponse *)read_back(
            &bytes, &vsl__v1__get_balances_response__descriptor);
        const Vsl__V1__Balances *balances[] = {one->account->balances, many->accounts[0]->balances};
        for (size_t b = 0; b < 2; b++) {
            ck_assert_int_eq(balances[b]->withdrawable_minor, cases[i].withdrawable);
            ck_assert_int_eq(balances[b]->withdrawable_next_date_minor, cases[i].waits);
        }
        vsl__v1__get_account_response__free_unpacked(one, NULL);
        vsl__v1__get_balances_response__free_unpacked(many, NULL);
    }
}
END_TEST

START_TEST(tie_out_tells_the_difference)
{
    static const struct {
        struct tie_out tie_out;
        int64_t difference;
        bool balanced;
    } cases[] = {
        {{1, 100, 60, 30, 10, 5, 5}, 0, true},
        {{1, 0, 0, 0, 0, 0, 0}, 0, true},
        {{1, 101, 60, 30, 10, 5, 5}, 1, false},
        {{1, 99, 60, 30, 10, 5, 5}, -1, false},
        {{1, 100, 60, 30, 10, 5, 6}, 0, false},
        {{1, INT64_MAX, INT64_MIN, 0, 0, 0, 0}, INT64_MAX, false},
        {{1, INT64_MIN, INT64_MAX, INT64_MAX, 0, 0, 0}, INT64_MIN, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct buffer bytes = {0};
        reply_tie_out(&bytes, &cases[i].tie_out, 9);
        Vsl__V1__GetTieOutResponse *response = (Vsl__V1__GetTieOutResponse *)read_back(
            &bytes, &vsl__v1__get_tie_out_response__descriptor);
        ck_assert_int_eq(response->ledger_id, 1);
        ck_assert_int_eq(response->escrow_book_minor, cases[i].tie_out.escrow_book_minor);
        ck_assert_int_eq(response->available_minor, cases[i].tie_out.available_minor);
        ck_assert_int_eq(response->frozen_minor, cases[i].tie_out.frozen_minor);
        ck_assert_int_eq(response->pending_out_minor, cases[i].tie_out.pending_out_minor);
        ck_assert_int_eq(response->pending_in_minor, cases[i].tie_out.pending_in_minor);
        ck_assert_int_eq(
            response->channel_receivables_minor, cases[i].tie_out.channel_receivables_minor);
        ck_assert_int_eq(response->difference_minor, cases[i].difference);
        ck_assert_int_eq(response->balanced, cases[i].balanced);
        ck_assert_int_eq(response->as_of_sequence, 9);
        vsl__v1__get_tie_out_response__free_unpacked(response, NULL);
    }
}
END_TEST

Suite *record_reply_suite(void)
{
    Suite *suite = suite_create("record_reply");
    TCase *tcase = tcase_create("record_reply");
    tcase_add_test(tcase, ledger_is_shown_whole);
    tcase_add_test(tcase, terms_without_an_own_account_have_none);
    tcase_add_test(tcase, ledgers_are_listed_in_order);
    tcase_add_test(tcase, member_is_shown_with_its_accounts);
    tcase_add_test(tcase, member_is_shown_with_who_it_is);
    tcase_add_test(tcase, a_policy_is_shown_with_all_its_levels);
    tcase_add_test(tcase, account_is_shown_whole);
    tcase_add_test(tcase, pages_of_members_and_accounts);
    tcase_add_test(tcase, balances_come_in_the_order_asked_for);
    tcase_add_test(tcase, what_came_in_today_is_withdrawable_tomorrow);
    tcase_add_test(tcase, tie_out_tells_the_difference);
    suite_add_tcase(suite, tcase);
    return suite;
}
