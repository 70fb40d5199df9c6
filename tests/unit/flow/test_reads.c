/* test_reads.c: what is read from memory, and by whom; pages of lists; what has no room.
 * SPDX-License-Identifier: Apache-2.0 */
#include "suites.h"
#include "world.h"

#include "command/role_sets.h"
#include "engine/commands.h"
#include "support/expect.h"
#include "vsl/v1/account.pb-c.h"
#include "vsl/v1/caller.pb-c.h"
#include "vsl/v1/hold.pb-c.h"
#include "vsl/v1/journal.pb-c.h"
#include "vsl/v1/ledger.pb-c.h"
#include "vsl/v1/member.pb-c.h"

#include <stdio.h>

#define GET_MEMBER "/vsl.v1.MemberService/GetMember"
#define GET_BALANCES "/vsl.v1.AccountService/GetBalances"
#define GET_HOLD "/vsl.v1.HoldService/GetHold"
#define LIST_COMMANDS "/vsl.v1.JournalService/ListCommands"
#define LIST_HOLDS "/vsl.v1.HoldService/ListHolds"
#define LIST_LEDGERS "/vsl.v1.LedgerService/ListLedgers"
#define FAR_AHEAD_US INT64_C(4000000000000000)

enum { LEDGER = 1, OTHER_LEDGER = 2, OWNER = 1, ACCOUNT = 7, OTHER = 8, ABROAD = 15, HOLDS = 5 };

/* Two ledgers; in the first a member with two accounts, in the second one with one. */
static void open_two_ledgers(void)
{
    world_open();
    EXPECT(world_do(make_open_ledger("1000", TEST_DATE, 0)) == LEDGER);
    EXPECT(world_do(make_open_member(LEDGER, "owner")) == OWNER);
    EXPECT(world_do(make_open_account(LEDGER, OWNER)) == ACCOUNT);
    EXPECT(world_do(make_open_account(LEDGER, OWNER)) == OTHER);
    EXPECT(world_do(make_open_ledger("2000", TEST_DATE, 0)) == OTHER_LEDGER);
    EXPECT(world_do(make_open_member(OTHER_LEDGER, "stranger")) == 2);
    EXPECT(world_do(make_open_account(OTHER_LEDGER, 2)) == ABROAD);
}

static void expect_not_found(const struct wire_call *call, const char *field)
{
    EXPECT_MSG(call->end == ENDED_BY_FAILURE, "ended as %d", call->end);
    EXPECT_MSG(call->status == WIRE_NOT_FOUND, "status %d: %s", call->status, call->message);
    ck_assert_str_eq(call->field, field);
    /* Many see the message only. */
    size_t length = strlen(field);
    EXPECT_MSG(
        strncmp(call->message, field, length) == 0 && strncmp(call->message + length, ": ", 2) == 0,
        "%s", call->message);
}

START_TEST(a_member_has_its_accounts_oldest_first)
{
    static const struct {
        int64_t ledger_id, member_id;
        const char *platform_member_id;
        const char *refused; /* the field; NULL: it is found */
    } cases[] = {
        {LEDGER, OWNER, "", NULL},
        {LEDGER, 0, "owner", NULL},
        {LEDGER, 2, "", "member_id"},
        {LEDGER, 3, "", "member_id"},
        {OTHER_LEDGER, OWNER, "", "member_id"},
        {OTHER_LEDGER, 0, "owner", "platform_member_id"},
    };
    open_two_ledgers();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        Vsl__V1__GetMemberRequest request;
        vsl__v1__get_member_request__init(&request);
        request.ledger_id = cases[i].ledger_id;
        request.member_id = cases[i].member_id;
        char name[8];
        snprintf(name, sizeof name, "%s", cases[i].platform_member_id);
        request.platform_member_id = name;
        struct wire_call *call = world_ask(GET_MEMBER, &request.base);
        world_settle();
        if (cases[i].refused) {
            expect_not_found(call, cases[i].refused);
            continue;
        }
        EXPECT_MSG(call->end == ENDED_BY_REPLY, "%zu: %s", i, call->message);
        Vsl__V1__GetMemberResponse *response =
            vsl__v1__get_member_response__unpack(NULL, call->reply.length, call->reply.bytes);
        EXPECT(response != NULL && response->member->member_id == OWNER);
        EXPECT(response->member->n_account_ids == 2);
        EXPECT(response->member->account_ids[0] == ACCOUNT);
        EXPECT(response->member->account_ids[1] == OTHER);
        vsl__v1__get_member_response__free_unpacked(response, NULL);
    }
    world_close();
}
END_TEST

/* One that is not the ledger's makes the whole request refused, and is named by its place. */
START_TEST(balances_are_those_of_the_ledger)
{
    static const int64_t strangers[] = {ABROAD, 999, -1, 2 * (int64_t)UINT32_MAX};
    open_two_ledgers();
    world_do(make_receipt(LEDGER, OTHER, 5));
    int64_t ids[] = {OTHER, ACCOUNT, OTHER};
    Vsl__V1__GetBalancesRequest request;
    vsl__v1__get_balances_request__init(&request);
    request.ledger_id = LEDGER;
    request.account_ids = ids;
    request.n_account_ids = 3;
    struct wire_call *call = world_ask(GET_BALANCES, &request.base);
    world_settle();
    EXPECT_MSG(call->end == ENDED_BY_REPLY, "%s", call->message);
    Vsl__V1__GetBalancesResponse *response =
        vsl__v1__get_balances_response__unpack(NULL, call->reply.length, call->reply.bytes);
    EXPECT(response != NULL && response->n_accounts == 3);
    for (size_t i = 0; i < 3; i++) {
        EXPECT(response->accounts[i]->account_id == ids[i]);
        EXPECT(response->accounts[i]->balances->available_minor == (ids[i] == OTHER ? 5 : 0));
    }
    vsl__v1__get_balances_response__free_unpacked(response, NULL);
    for (size_t i = 0; i < sizeof strangers / sizeof *strangers; i++) {
        ids[1] = strangers[i];
        call = world_ask(GET_BALANCES, &request.base);
        world_settle();
        if (strangers[i] > 0) {
            expect_not_found(call, "account_ids[1]");
        } else {
            EXPECT(call->end == ENDED_BY_FAILURE && call->status == WIRE_INVALID_ARGUMENT);
            ck_assert_str_eq(call->field, "account_ids[1]");
        }
    }
    world_close();
}
END_TEST

/* ---- lists ---- */

/* Holds of both accounts, the third of the other ledger, the second and the last cancelled. */
static void place_holds(void)
{
    open_two_ledgers();
    world_do(make_receipt(LEDGER, ACCOUNT, 100));
    world_do(make_receipt(LEDGER, OTHER, 100));
    world_do(make_receipt(OTHER_LEDGER, ABROAD, 100));
    EXPECT(world_do(make_place_hold(LEDGER, ACCOUNT, 10, "A", FAR_AHEAD_US)) == 1);
    EXPECT(world_do(make_place_hold(LEDGER, OTHER, 10, "B", FAR_AHEAD_US - 9)) == 2);
    EXPECT(world_do(make_place_hold(OTHER_LEDGER, ABROAD, 10, "C", FAR_AHEAD_US)) == 3);
    EXPECT(world_do(make_place_hold(LEDGER, OTHER, 10, "D", FAR_AHEAD_US)) == 4);
    EXPECT(world_do(make_place_hold(LEDGER, ACCOUNT, 10, "E", FAR_AHEAD_US)) == HOLDS);
    world_do(make_cancel_hold(LEDGER, OTHER, "B", 2, 0));
    world_do(make_cancel_hold(LEDGER, ACCOUNT, "E", HOLDS, 0));
}

/* Reads every page, by tokens, or by the ids that were there before; gives the ids in `ret_ids` and
 * how many they are. */
static uint32_t list_holds_by(Vsl__V1__ListHoldsRequest *request, bool by_token, int64_t *ret_ids)
{
    static char token[PAGE_TOKEN_CHARS + 1];
    int64_t last = 0;
    uint32_t found = 0;
    for (int page = 0; page <= HOLDS; page++) {
        struct wire_call *call = world_ask(LIST_HOLDS, &request->base);
        world_settle();
        EXPECT_MSG(call->end == ENDED_BY_REPLY, "%s", call->message);
        Vsl__V1__ListHoldsResponse *response =
            vsl__v1__list_holds_response__unpack(NULL, call->reply.length, call->reply.bytes);
        EXPECT(response != NULL && found + response->n_holds <= HOLDS);
        EXPECT(request->page_size == 0 || response->n_holds <= (size_t)request->page_size);
        for (size_t i = 0; i < response->n_holds; i++)
            ret_ids[found++] = response->holds[i]->hold_id;
        int64_t next = response->next_after_id;
        EXPECT((next == 0) == (response->next_page_token[0] == '\0'));
        strcpy(token, response->next_page_token);
        vsl__v1__list_holds_response__free_unpacked(response, NULL);
        if (next == 0)
            return found;
        EXPECT_MSG(next > last && next < HOLDS, "no progress");
        last = next;
        if (by_token)
            request->page_token = token;
        else
            request->after_id = next;
    }
    EXPECT_MSG(false, "the list does not end");
    return 0;
}

static uint32_t list_holds(Vsl__V1__ListHoldsRequest *request, int64_t *ret_ids)
{
    int64_t ids[HOLDS];
    char *none = request->page_token;
    uint32_t count = list_holds_by(request, true, ids);
    request->page_token = none;
    EXPECT(list_holds_by(request, false, ret_ids) == count);
    EXPECT(count == 0 || memcmp(ids, ret_ids, count * sizeof *ids) == 0);
    return count;
}

/* A token goes on with the request that it was given for, and with no other. */
START_TEST(a_token_is_of_its_request)
{
    place_holds();
    Vsl__V1__ListHoldsRequest request;
    vsl__v1__list_holds_request__init(&request);
    request.ledger_id = LEDGER;
    request.page_size = 1;
    struct wire_call *call = world_ask(LIST_HOLDS, &request.base);
    world_settle();
    Vsl__V1__ListHoldsResponse *response =
        vsl__v1__list_holds_response__unpack(NULL, call->reply.length, call->reply.bytes);
    EXPECT(response != NULL && strlen(response->next_page_token) == PAGE_TOKEN_CHARS);
    for (int i = 0; i < 5; i++) {
        Vsl__V1__ListHoldsRequest next = request;
        next.page_token = response->next_page_token;
        next.page_size = i == 0 ? 5 : 1;
        next.ledger_id = i == 1 ? OTHER_LEDGER : LEDGER;
        next.payer_account_id = i == 2 ? ACCOUNT : 0;
        next.status = i == 3 ? VSL__V1__HOLD_STATUS__HOLD_STATUS_LIVE : 0;
        next.after_id = i == 4 ? 1 : 0;
        call = world_ask(LIST_HOLDS, &next.base);
        world_settle();
        EXPECT_MSG(call->end == (i == 0 ? ENDED_BY_REPLY : ENDED_BY_FAILURE), "%d", i);
        EXPECT(i == 0 || call->status == WIRE_INVALID_ARGUMENT);
    }
    ck_assert_str_eq(call->fields, "after_id");
    vsl__v1__list_holds_response__free_unpacked(response, NULL);
    world_close();
}
END_TEST

START_TEST(a_list_has_what_is_asked_for)
{
    static const struct {
        int64_t ledger_id, account_id;
        int32_t status;
        int64_t expires_before_us;
        const char *ids;
    } cases[] = {
        {LEDGER, 0, 0, 0, "1245"},
        {OTHER_LEDGER, 0, 0, 0, "3"},
        {LEDGER, ACCOUNT, 0, 0, "15"},
        {LEDGER, ABROAD, 0, 0, ""},
        {LEDGER, 0, HOLD_LIVE, 0, "14"},
        {LEDGER, 0, HOLD_FINISHED, 0, "25"},
        {LEDGER, OTHER, HOLD_LIVE, 0, "4"},
        {LEDGER, 0, 0, FAR_AHEAD_US, "2"},
        {LEDGER, 0, HOLD_LIVE, FAR_AHEAD_US, ""},
    };
    place_holds();
    int32_t page_size = _i;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        Vsl__V1__ListHoldsRequest request;
        vsl__v1__list_holds_request__init(&request);
        request.ledger_id = cases[i].ledger_id;
        request.payer_account_id = cases[i].account_id;
        request.status = (Vsl__V1__HoldStatus)cases[i].status;
        request.expires_before_us = cases[i].expires_before_us;
        request.page_size = page_size;
        int64_t ids[HOLDS];
        char said[HOLDS + 1] = "";
        uint32_t count = list_holds(&request, ids);
        for (uint32_t k = 0; k < count; k++)
            said[k] = (char)('0' + ids[k]);
        EXPECT_MSG(strcmp(said, cases[i].ids) == 0, "case %zu: %s", i, said);
    }
    world_close();
}
END_TEST

/* A ledger whose holds are over: the page of live ones is empty, and the last. */
START_TEST(nothing_is_live)
{
    place_holds();
    world_do(make_cancel_hold(LEDGER, ACCOUNT, "A", 1, 0));
    world_do(make_cancel_hold(LEDGER, OTHER, "D", 4, 0));
    world_do(make_cancel_hold(OTHER_LEDGER, ABROAD, "C", 3, 0));
    Vsl__V1__ListHoldsRequest request;
    vsl__v1__list_holds_request__init(&request);
    request.ledger_id = LEDGER;
    request.status = VSL__V1__HOLD_STATUS__HOLD_STATUS_LIVE;
    int64_t ids[HOLDS];
    EXPECT(list_holds(&request, ids) == 0 && request.after_id == 0);
    world_close();
}
END_TEST

START_TEST(a_record_of_another_ledger_is_not_found)
{
    place_holds();
    struct wire_call *calls[] = {
        world_read(GET_HOLD, LEDGER, 1),
        world_read(GET_HOLD, LEDGER, 3),
        world_read(GET_HOLD, OTHER_LEDGER, 1),
        world_read(GET_HOLD, LEDGER, HOLDS + 1),
    };
    world_settle();
    EXPECT(calls[0]->end == ENDED_BY_REPLY);
    for (int i = 1; i < 4; i++)
        expect_not_found(calls[i], "hold_id");
    world_close();
}
END_TEST

START_TEST(ledgers_come_in_pages)
{
    static const struct {
        int64_t after_id;
        int32_t page_size;
        uint32_t count;
        bool has_more;
    } cases[] = {{0, 0, 2, false}, {0, 1, 1, true}, {1, 1, 1, false}, {0, 2, 2, false},
        {1, 5, 1, false}, {2, 5, 0, false}, {99, 5, 0, false}};
    open_two_ledgers();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        Vsl__V1__ListLedgersRequest request;
        vsl__v1__list_ledgers_request__init(&request);
        request.after_ledger_id = cases[i].after_id;
        request.page_size = cases[i].page_size;
        struct wire_call *call = world_ask(LIST_LEDGERS, &request.base);
        world_settle();
        EXPECT_MSG(call->end == ENDED_BY_REPLY, "%s", call->message);
        Vsl__V1__ListLedgersResponse *response =
            vsl__v1__list_ledgers_response__unpack(NULL, call->reply.length, call->reply.bytes);
        EXPECT_MSG(response != NULL && response->n_ledgers == cases[i].count, "case %zu", i);
        for (size_t k = 0; k < response->n_ledgers; k++)
            EXPECT(response->ledgers[k]->ledger_id == cases[i].after_id + 1 + (int64_t)k);
        EXPECT((bool)response->more == cases[i].has_more);
        int64_t next = cases[i].has_more ? cases[i].after_id + cases[i].count : 0;
        EXPECT(response->next_after_ledger_id == next);
        vsl__v1__list_ledgers_response__free_unpacked(response, NULL);
    }
    world_close();
}
END_TEST

/* ---- what is refused ---- */

/* Its client does not take its answers: the read is refused, the next one has room. */
START_TEST(an_answer_without_room_is_refused)
{
    open_two_ledgers();
    struct wire_call *full = world_read(GET_MEMBER, LEDGER, OWNER);
    struct wire_call *other = world_read(GET_MEMBER, LEDGER, OWNER);
    full->answer_room = 4;
    world_settle();
    EXPECT(full->end == ENDED_BY_FAILURE && full->status == WIRE_RESOURCE_EXHAUSTED);
    ck_assert_str_eq(full->reason, "OVERLOADED");
    EXPECT(full->retry_after_us == INT64_C(1000000));
    EXPECT(other->end == ENDED_BY_REPLY);
    world_close();
}
END_TEST

/* All that is wrong with a request is said at once. */
START_TEST(every_violation_is_named)
{
    open_two_ledgers();
    Vsl__V1__ListHoldsRequest request;
    vsl__v1__list_holds_request__init(&request);
    request.ledger_id = -1;
    request.after_id = -2;
    request.page_size = -3;
    struct wire_call *call = world_ask(LIST_HOLDS, &request.base);
    world_settle();
    EXPECT(call->end == ENDED_BY_FAILURE && call->status == WIRE_INVALID_ARGUMENT);
    ck_assert_str_eq(call->reason, "MALFORMED_REQUEST");
    ck_assert_str_eq(call->field, "ledger_id");
    ck_assert_str_eq(call->fields, "ledger_id after_id page_size");
    world_close();
}
END_TEST

/* Who may not see a name or an account number may not find out by asking for it either. */
START_TEST(a_party_is_asked_for_by_who_may_see_it)
{
    static char parties[][2][8] = {{"", ""}, {"62220", ""}, {"", "Li Ming"}, {"62220", "x"}};
    open_two_ledgers();
    struct command front = make_create_caller("front");
    front.create_caller.rights =
        (struct caller_rights){.roles = {.front = true}, .all_ledgers = true, .any_channel = true};
    world_do(front);
    world.flow->config.has_callers = true;
    world.peer_name = "front";
    for (size_t i = 0; i < sizeof parties / sizeof *parties; i++) {
        Vsl__V1__ListCommandsRequest request;
        vsl__v1__list_commands_request__init(&request);
        request.ledger_id = LEDGER;
        request.party_account_number = parties[i][0];
        request.party_name = parties[i][1];
        struct wire_call *call = world_ask(LIST_COMMANDS, &request.base);
        world_settle();
        EXPECT_MSG((call->end == ENDED_BY_FAILURE) == (i > 0), "%zu: %s", i, call->message);
        if (i > 0)
            ck_assert_str_eq(call->reason, "ROLE_MISSING");
        EXPECT(world.flow->callers_refused == i);
    }
    world_close();
}
END_TEST

static Vsl__V1__ListRolesResponse *list_roles(bool callable_only)
{
    Vsl__V1__ListRolesRequest request;
    vsl__v1__list_roles_request__init(&request);
    request.callable_only = callable_only;
    struct wire_call *call = world_ask("/vsl.v1.CallerService/ListRoles", &request.base);
    world_settle();
    EXPECT_MSG(call->end == ENDED_BY_REPLY, "%s", call->message);
    Vsl__V1__ListRolesResponse *response =
        vsl__v1__list_roles_response__unpack(NULL, call->reply.length, call->reply.bytes);
    EXPECT(response != NULL);
    return response;
}

/* Which methods one may call oneself: those of all that have the role, in their order. */
START_TEST(who_may_call_what)
{
    open_two_ledgers();
    struct command front = make_create_caller("front");
    front.create_caller.rights =
        (struct caller_rights){.roles = {.front = true}, .all_ledgers = true, .any_channel = true};
    world_do(front);
    world.flow->config.has_callers = true;
    world.peer_name = "front";
    Vsl__V1__ListRolesResponse *all = list_roles(false);
    Vsl__V1__ListRolesResponse *own = list_roles(true);
    EXPECT(all->n_methods == method_roles_count);
    size_t found = 0;
    for (size_t i = 0; i < all->n_methods; i++) {
        if (!all->methods[i]->roles->front)
            continue;
        EXPECT(found < own->n_methods);
        ck_assert_str_eq(own->methods[found++]->method, all->methods[i]->method);
    }
    EXPECT(found == own->n_methods && found > 0 && found < all->n_methods);
    vsl__v1__list_roles_response__free_unpacked(all, NULL);
    vsl__v1__list_roles_response__free_unpacked(own, NULL);
    world_close();
}
END_TEST

Suite *reads_suite(void)
{
    TCase *cases = tcase_create("reads");
    tcase_add_test(cases, a_member_has_its_accounts_oldest_first);
    tcase_add_test(cases, balances_are_those_of_the_ledger);
    tcase_add_loop_test(cases, a_list_has_what_is_asked_for, 0, HOLDS + 2);
    tcase_add_test(cases, nothing_is_live);
    tcase_add_test(cases, a_record_of_another_ledger_is_not_found);
    tcase_add_test(cases, a_token_is_of_its_request);
    tcase_add_test(cases, ledgers_come_in_pages);
    tcase_add_test(cases, an_answer_without_room_is_refused);
    tcase_add_test(cases, every_violation_is_named);
    tcase_add_test(cases, a_party_is_asked_for_by_who_may_see_it);
    tcase_add_test(cases, who_may_call_what);
    Suite *suite = suite_create("reads");
    suite_add_tcase(suite, cases);
    return suite;
}
