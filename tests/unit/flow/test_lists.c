/* test_lists.c: every list takes the records of its ledger that all of its filters want, and no
 * others; what is told of a payout comes from its commands.
 * SPDX-License-Identifier: Apache-2.0 */
#include "suites.h"
#include "world.h"

#include "engine/commands.h"
#include "support/expect.h"
#include "vsl/v1/account.pb-c.h"
#include "vsl/v1/freeze.pb-c.h"
#include "vsl/v1/hold.pb-c.h"
#include "vsl/v1/payout.pb-c.h"

#define FAR_AHEAD_US INT64_C(4000000000000000)

enum {
    LEDGER = 1,
    ABROAD_LEDGER = 2,
    OWNER = 1,
    SECOND_MEMBER = 2,
    ACCOUNT = 7,
    OTHER = 8,
    CLOSED = 9
};
enum { CONTROL_ACCOUNTS = 6, OWN = 4, ABROAD = 16 };

/* Two members, the second one closed, with three accounts, the second restricted, the third closed;
 * and a ledger beside it. */
static void open_ledgers(void)
{
    world_open();
    EXPECT(world_do(make_open_ledger("1000", TEST_DATE, 0)) == LEDGER);
    EXPECT(world_do(make_open_member(LEDGER, "owner")) == OWNER);
    EXPECT(world_do(make_open_member(LEDGER, "second")) == SECOND_MEMBER);
    EXPECT(world_do(make_open_account(LEDGER, OWNER)) == ACCOUNT);
    EXPECT(world_do(make_open_account(LEDGER, OWNER)) == OTHER);
    EXPECT(world_do(make_open_account(LEDGER, SECOND_MEMBER)) == CLOSED);
    world_do(make_close_account(LEDGER, CLOSED));
    world_do(make_close_member(LEDGER, SECOND_MEMBER));
    world_do(make_restrict(LEDGER, OTHER, true, false));
    EXPECT(world_do(make_open_ledger("2000", TEST_DATE, 0)) == ABROAD_LEDGER);
    EXPECT(world_do(make_open_member(ABROAD_LEDGER, "stranger")) == 3);
    EXPECT(world_do(make_open_account(ABROAD_LEDGER, 3)) == ABROAD);
    world_do(make_restrict(LEDGER, OTHER, false, true));
    world_do(make_receipt(ABROAD_LEDGER, ABROAD, 100));
    world_do(make_receipt(LEDGER, ACCOUNT, 1000));
}

/* All lists have these fields under these numbers; the filters, 4 to 6, are their own. */
static struct wire_call *list(const char *path, int64_t ledger_id, const int64_t filters[3])
{
    Vsl__V1__ListHoldsRequest request;
    vsl__v1__list_holds_request__init(&request);
    request.ledger_id = ledger_id;
    request.payer_account_id = filters[0];
    request.status = (Vsl__V1__HoldStatus)filters[1];
    request.expires_before_us = filters[2];
    struct wire_call *call = world_ask(path, &request.base);
    world_settle();
    EXPECT_MSG(call->end == ENDED_BY_REPLY, "%s: %s", path, call->message);
    return call;
}

static uint64_t varint(struct reader *in)
{
    uint64_t value = 0;
    uint8_t byte = 0x80;
    for (int shift = 0; byte & 0x80; shift += 7) {
        byte = reader_u8(in);
        value |= (uint64_t)(byte & 0x7f) << shift;
    }
    return value;
}

/* The records of a page are its field 1. */
static uint32_t count_of(const struct wire_call *call)
{
    struct reader in = reader_of(call->reply.bytes, call->reply.length);
    uint32_t count = 0;
    while (reader_left(&in) > 0) {
        uint64_t tag = varint(&in);
        uint64_t value = varint(&in);
        count += tag == 0x0a;
        if ((tag & 7) == 2)
            EXPECT(value == 0 || reader_take(&in, value) != NULL);
        else
            EXPECT((tag & 7) == 0);
    }
    return count;
}

struct row {
    int64_t filters[3]; /* 0: not used */
    uint32_t count;
};

static void expect_rows(const char *path, const struct row *rows, uint32_t count, uint32_t abroad)
{
    static const int64_t none[3] = {0};
    for (uint32_t i = 0; i < count; i++) {
        uint32_t found = count_of(list(path, LEDGER, rows[i].filters));
        EXPECT_MSG(found == rows[i].count, "%s: row %u has %u", path, i, found);
    }
    EXPECT(count_of(list(path, ABROAD_LEDGER, none)) == abroad);
    world_close();
}
#define EXPECT_ROWS(path, rows, abroad)                                                            \
    expect_rows(path, rows, (uint32_t)(sizeof(rows) / sizeof *(rows)), abroad)

START_TEST(members)
{
    static const struct row rows[] = {
        {{0}, 2},
        {{MEMBER_USER}, 2},
        {{MEMBER_MERCHANT}, 0},
        {{0, MEMBER_OPEN}, 1},
        {{0, MEMBER_CLOSED}, 1},
        {{MEMBER_USER, MEMBER_CLOSED}, 1},
        {{MEMBER_MERCHANT, MEMBER_OPEN}, 0},
    };
    open_ledgers();
    EXPECT_ROWS("/vsl.v1.MemberService/ListMembers", rows, 1);
}
END_TEST

START_TEST(accounts)
{
    static const struct row rows[] = {
        {{0}, CONTROL_ACCOUNTS + 3},
        {{OWNER}, 2},
        {{SECOND_MEMBER}, 1},
        {{0, ACCOUNT_MEMBER}, 3},
        {{0, ACCOUNT_FEE}, 1},
        {{0, 0, ACCOUNT_CLOSED}, 1},
        {{OWNER, 0, ACCOUNT_CLOSED}, 0},
        {{SECOND_MEMBER, ACCOUNT_MEMBER, ACCOUNT_CLOSED}, 1},
        {{OWNER, ACCOUNT_FEE}, 0},
    };
    open_ledgers();
    for (int i = 0; i < 3; i++) {
        Vsl__V1__ListAccountsRequest request;
        vsl__v1__list_accounts_request__init(&request);
        request.ledger_id = i < 2 ? LEDGER : ABROAD_LEDGER;
        request.restricted_only = true;
        request.member_id = i == 1 ? SECOND_MEMBER : 0;
        struct wire_call *call = world_ask("/vsl.v1.AccountService/ListAccounts", &request.base);
        world_settle();
        EXPECT_MSG(count_of(call) == (i == 0 ? 1 : 0), "%d", i);
    }
    EXPECT_ROWS("/vsl.v1.AccountService/ListAccounts", rows, CONTROL_ACCOUNTS + 1);
}
END_TEST

START_TEST(freezes)
{
    static const struct row rows[] = {
        {{0}, 3},
        {{ACCOUNT}, 2},
        {{OTHER}, 1},
        {{CLOSED}, 0},
        {{0, FREEZE_LIVE}, 2},
        {{0, FREEZE_LIFTED}, 1},
        {{ACCOUNT, FREEZE_LIFTED}, 1},
        {{OTHER, FREEZE_LIFTED}, 0},
    };
    static const struct {
        const char *purpose;
        int64_t account_id;
        uint32_t count;
    } by_purpose[] = {{"one", 0, 2}, {"two", 0, 1}, {"on", 0, 0}, {"one", ACCOUNT, 1}};
    open_ledgers();
    world_do(make_restrict(LEDGER, OTHER, false, false));
    world_do(make_receipt(LEDGER, OTHER, 100));
    world_do(make_place_freeze(LEDGER, ACCOUNT, 5, "one", 0));
    world_do(make_place_freeze(LEDGER, ACCOUNT, 5, "two", 0));
    world_do(make_place_freeze(LEDGER, OTHER, 5, "one", 0));
    world_do(make_place_freeze(ABROAD_LEDGER, ABROAD, 5, "one", 0));
    world_do(make_lift_freeze(LEDGER, 2, 0));
    for (size_t i = 0; i < sizeof by_purpose / sizeof *by_purpose; i++) {
        Vsl__V1__ListFreezesRequest request;
        vsl__v1__list_freezes_request__init(&request);
        request.ledger_id = LEDGER;
        request.account_id = by_purpose[i].account_id;
        request.purpose = (char *)(uintptr_t)by_purpose[i].purpose;
        struct wire_call *call = world_ask("/vsl.v1.FreezeService/ListFreezes", &request.base);
        world_settle();
        EXPECT_MSG(count_of(call) == by_purpose[i].count, "%zu", i);
    }
    EXPECT_ROWS("/vsl.v1.FreezeService/ListFreezes", rows, 1);
}
END_TEST

/* By purpose, in the order of their names, whichever was placed first. */
START_TEST(what_is_frozen_for_what)
{
    static const struct {
        const char *purpose;
        int64_t amount;
    } placed[] = {{"b", 1}, {"c", 2}, {"a", 4}, {"b", 8}};
    static const struct {
        const char *purpose;
        int64_t frozen;
        int32_t count;
    } told[] = {{"a", 4, 1}, {"b", 9, 2}, {"c", 2, 1}};
    open_ledgers();
    for (size_t i = 0; i < sizeof placed / sizeof *placed; i++)
        world_do(make_place_freeze(LEDGER, ACCOUNT, placed[i].amount, placed[i].purpose, 0));
    world_do(make_place_hold(LEDGER, ACCOUNT, 16, "H", FAR_AHEAD_US));
    struct wire_call *call = world_read("/vsl.v1.FreezeService/GetFrozen", LEDGER, ACCOUNT);
    world_settle();
    EXPECT_MSG(call->end == ENDED_BY_REPLY, "%s", call->message);
    Vsl__V1__GetFrozenResponse *response =
        vsl__v1__get_frozen_response__unpack(NULL, call->reply.length, call->reply.bytes);
    EXPECT(response != NULL && response->n_purposes == 3);
    EXPECT(response->frozen_minor == 31 && response->holds_minor == 16);
    for (int i = 0; i < 3; i++) {
        ck_assert_str_eq(response->purposes[i]->purpose, told[i].purpose);
        EXPECT(response->purposes[i]->frozen_minor == told[i].frozen);
        EXPECT(response->purposes[i]->freeze_count == told[i].count);
    }
    vsl__v1__get_frozen_response__free_unpacked(response, NULL);
    world_close();
}
END_TEST

START_TEST(payouts)
{
    static const struct row rows[] = {
        {{0}, 3},
        {{ACCOUNT}, 2},
        {{OTHER}, 1},
        {{0, PAYOUT_REQUESTED}, 2},
        {{0, PAYOUT_FAILED}, 1},
        {{ACCOUNT, PAYOUT_FAILED}, 1},
        {{OTHER, PAYOUT_FAILED}, 0},
        {{OTHER, PAYOUT_REQUESTED}, 1},
        {{CLOSED, 0}, 0},
    };
    open_ledgers();
    world_do(make_restrict(LEDGER, OTHER, false, false));
    world_do(make_receipt(LEDGER, OTHER, 100));
    world_do(make_withdraw(LEDGER, ACCOUNT, 5, 0, 0));
    world_do(make_withdraw(LEDGER, ACCOUNT, 5, 0, 0));
    world_do(make_withdraw(LEDGER, OTHER, 5, 0, 0));
    world_do(make_withdraw(ABROAD_LEDGER, ABROAD, 5, 0, 0));
    world_do(make_confirm(LEDGER, 2, PAYOUT_RESULT_FAILED));
    EXPECT_ROWS("/vsl.v1.FundsService/ListPayouts", rows, 1);
}
END_TEST

/* As a journal of before 0.3.0 has one. */
static void has_adjustment(
    int64_t id, int64_t ledger, int64_t debit, int64_t credit, enum adjustment_status status)
{
    const struct image image = {
        .kind = RECORD_ADJUSTMENT,
        .adjustment = {.id = id,
            .ledger_id = ledger,
            .debit_account_id = debit,
            .credit_account_id = credit,
            .amount_minor = 5,
            .expires_at_us = FAR_AHEAD_US,
            .proposed_sequence = 1,
            .status = (uint8_t)status,
            .maker = "t",
            .maker_length = 1},
    };
    engine_load_image(world.flow->engine, 1, &image);
}

START_TEST(adjustments)
{
    static const struct row rows[] = {
        {{0}, 2},
        {{ADJUSTMENT_PROPOSED}, 1},
        {{ADJUSTMENT_WITHDRAWN}, 1},
        {{ADJUSTMENT_APPROVED}, 0},
    };
    open_ledgers();
    has_adjustment(1, LEDGER, OWN, ACCOUNT, ADJUSTMENT_PROPOSED);
    has_adjustment(2, LEDGER, OWN, ACCOUNT, ADJUSTMENT_WITHDRAWN);
    has_adjustment(3, ABROAD_LEDGER, ABROAD, ABROAD, ADJUSTMENT_PROPOSED);
    EXPECT_ROWS("/vsl.v1.CorrectionService/ListAdjustments", rows, 1);
}
END_TEST

/* A statement knows between which ids its lines are: nobody looks for them through those of all the
 * others, which have left memory. */
START_TEST(lines_of_a_statement)
{
    const char *path = "/vsl.v1.BankStatementService/ListBankStatementLines";
    enum { FIRST = 2 * LIST_EXAMINED_MAX };
    static const struct row rows[] = {
        {{1}, 3}, {{1, STATEMENT_LINE_UNMATCHED}, 3}, {{1, STATEMENT_LINE_MATCHED}, 0}, {{2}, 0}};
    const struct image statement = {
        .kind = RECORD_BANK_STATEMENT,
        .bank_statement = {.id = 1,
            .ledger_id = LEDGER,
            .first_line_id = FIRST,
            .last_line_id = FIRST + 2,
            .line_count = 3,
            .status = BANK_STATEMENT_OPEN},
    };
    open_ledgers();
    engine_load_image(world.flow->engine, 1, &statement);
    for (int64_t id = FIRST; id < FIRST + 3; id++) {
        const struct image line = {
            .kind = RECORD_STATEMENT_LINE,
            .statement_line = {.id = id,
                .ledger_id = LEDGER,
                .bank_statement_id = 1,
                .amount_minor = 5,
                .ordinal = (int32_t)(id - FIRST + 1),
                .status = STATEMENT_LINE_UNMATCHED},
        };
        engine_load_image(world.flow->engine, 1, &line);
    }
    for (uint32_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        EXPECT(count_of(list(path, LEDGER, rows[i].filters)) == rows[i].count);
        EXPECT(count_of(list(path, ABROAD_LEDGER, rows[i].filters)) == 0);
    }
    EXPECT(world.open_questions == 0);
    world_close();
}
END_TEST

START_TEST(proposals)
{
    static const struct row rows[] = {
        {{0}, 2}, /* all, where no status is given */
        {{PROPOSAL_OPEN}, 1},
        {{PROPOSAL_WITHDRAWN}, 1},
        {{PROPOSAL_APPROVED}, 0},
    };
    open_ledgers();
    const struct command inside = make_receipt(LEDGER, ACCOUNT, 5);
    const struct command abroad = make_receipt(ABROAD_LEDGER, ABROAD, 5);
    world_do(make_proposal(LEDGER, &inside, FAR_AHEAD_US));
    world_do(make_proposal(LEDGER, &inside, FAR_AHEAD_US));
    world_do(make_proposal(ABROAD_LEDGER, &abroad, FAR_AHEAD_US));
    world_do(make_withdraw_proposal(LEDGER, 2));
    EXPECT_ROWS("/vsl.v1.ProposalService/ListProposals", rows, 1);
}
END_TEST

/* ---- a payout ---- */

static Vsl__V1__Payout *get_payout(int64_t id)
{
    struct wire_call *call = world_read("/vsl.v1.FundsService/GetPayout", LEDGER, id);
    world_turn(0);
    while (world.open_questions > 0 || world.on_records) {
        if (world.on_records)
            world_answer_records(world.flow->evicted_before);
        if (world.open_questions > 0)
            world_answer_old(true);
        world_turn(0);
    }
    world_settle();
    EXPECT_MSG(call->end == ENDED_BY_REPLY, "%s", call->message);
    Vsl__V1__GetPayoutResponse *response =
        vsl__v1__get_payout_response__unpack(NULL, call->reply.length, call->reply.bytes);
    EXPECT(response != NULL);
    Vsl__V1__Payout *payout = response->payout;
    response->payout = NULL;
    vsl__v1__get_payout_response__free_unpacked(response, NULL);
    return payout;
}

/* The times of its commands, while they are in memory and when they are looked up. */
START_TEST(what_the_commands_say_of_a_payout)
{
    static const int32_t words[] = {PAYOUT_RESULT_SENT, PAYOUT_RESULT_UNKNOWN, PAYOUT_RESULT_PAID};
    int64_t told_us[3];
    open_ledgers();
    int64_t requested_us = world.wall_us;
    EXPECT(world_do(make_withdraw(LEDGER, ACCOUNT, 5, 0, 0)) == 1);
    for (int i = 0; i <= 3; i++) {
        for (int is_old = 0; is_old < 2; is_old++) {
            Vsl__V1__Payout *payout = get_payout(1);
            EXPECT(payout->requested_at_us == requested_us);
            EXPECT(payout->sent_at_us == (i > 0 ? told_us[0] : 0));
            EXPECT_MSG(payout->result_at_us == (i == 3 ? told_us[2] : 0), "word %d", i);
            vsl__v1__payout__free_unpacked(payout, NULL);
            int64_t last = journal_next_sequence(world.flow->journal) - 1;
            while (is_old == 0 && recent_first_sequence(world.flow->recent) <= last)
                world_do(make_receipt(LEDGER, ACCOUNT, 1));
        }
        if (i == 3)
            break;
        world_turn(1000);
        told_us[i] = world.wall_us;
        world_do(make_confirm(LEDGER, 1, words[i]));
    }
    world_close();
}
END_TEST

Suite *lists_suite(void)
{
    TCase *cases = tcase_create("lists");
    tcase_add_test(cases, members);
    tcase_add_test(cases, accounts);
    tcase_add_test(cases, freezes);
    tcase_add_test(cases, what_is_frozen_for_what);
    tcase_add_test(cases, payouts);
    tcase_add_test(cases, adjustments);
    tcase_add_test(cases, lines_of_a_statement);
    tcase_add_test(cases, proposals);
    tcase_add_test(cases, what_the_commands_say_of_a_payout);
    Suite *suite = suite_create("lists");
    suite_add_tcase(suite, cases);
    return suite;
}
