/* test_turn.c: what a turn decides, when answers leave, and what is refused undecided.
 * SPDX-License-Identifier: Apache-2.0 */
#include "suites.h"
#include "world.h"

#include "engine/commands.h"
#include "support/expect.h"
#include "vsl/v1/account.pb-c.h"
#include "vsl/v1/ledger.pb-c.h"
#include "vsl/v1/order.pb-c.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define GET_ACCOUNT "/vsl.v1.AccountService/GetAccount"

enum { LEDGER = 1, ACCOUNT = 7 };

static int64_t next_sequence(void)
{
    return journal_next_sequence(world.flow->journal);
}

static int64_t available(void)
{
    return engine_find_account(world.flow->engine, ACCOUNT)->balance_minor[BUCKET_AVAILABLE];
}

static void open_account(void)
{
    world_open();
    world_do(make_open_ledger("1000", TEST_DATE, 0));
    world_do(make_open_member(LEDGER, "owner"));
    EXPECT(world_do(make_open_account(LEDGER, 1)) == ACCOUNT);
}

static struct wire_call *receive(int64_t amount)
{
    return world_send(make_receipt(LEDGER, ACCOUNT, amount));
}

static void expect_refused(
    const struct wire_call *call, enum wire_status status, const char *reason)
{
    EXPECT_MSG(call->end == ENDED_BY_FAILURE, "ended as %d", call->end);
    EXPECT_MSG(call->status == status, "status %d", call->status);
    ck_assert_str_eq(call->reason, reason);
}

/* ---- deadlines ---- */

/* The answer says that nothing was done, so nothing may have been. */
START_TEST(a_request_whose_time_is_over_is_not_decided)
{
    static const struct {
        int64_t left_us;
        bool is_gone;
        enum wire_status status; /* WIRE_OK: it is decided */
    } cases[] = {
        {-SECOND, false, WIRE_DEADLINE_EXCEEDED},
        {0, false, WIRE_DEADLINE_EXCEEDED},
        {1, false, WIRE_OK},
        {1, true, WIRE_CANCELLED},
        {-1, true, WIRE_CANCELLED},
    };
    open_account();
    int64_t before = next_sequence();
    struct wire_call *late = receive(5);
    struct wire_call *read = world_read(GET_ACCOUNT, LEDGER, ACCOUNT);
    struct wire_call *other = receive(70);
    late->is_gone = read->is_gone = cases[_i].is_gone;
    late->deadline_us = read->deadline_us = world.monotonic_us + SECOND + cases[_i].left_us;
    world_turn(SECOND);
    bool is_decided = cases[_i].status == WIRE_OK;
    EXPECT(next_sequence() == before + (is_decided ? 2 : 1));
    EXPECT(available() == (is_decided ? 75 : 70));
    world_settle();
    EXPECT(world_outcome(other) == OUTCOME_ACCEPTED);
    if (is_decided) {
        EXPECT(world_outcome(late) == OUTCOME_ACCEPTED);
        EXPECT(read->end == ENDED_BY_REPLY);
    } else {
        expect_refused(late, cases[_i].status, "NOT_DECIDED");
        expect_refused(read, cases[_i].status, "NOT_DECIDED");
    }
    world_close();
}
END_TEST

/* Commands that find no segment wait in their order; whose deadline passes meanwhile has no effect,
 * and the next one does not wait for it. */
START_TEST(a_deadline_passes_in_the_queue)
{
    open_account();
    world.segments_end = SEGMENT;
    while (next_sequence() <= SEGMENT)
        world_do(make_receipt(LEDGER, ACCOUNT, 1));
    int64_t had = available();
    struct wire_call *late = receive(5);
    struct wire_call *patient = receive(70);
    late->deadline_us = world.monotonic_us + SECOND;
    for (int i = 0; i < 9; i++)
        world_turn(SECOND / 10);
    EXPECT(late->end == NOT_ENDED && patient->end == NOT_ENDED);
    EXPECT(next_sequence() == SEGMENT + 1);
    world_turn(SECOND / 10);
    expect_refused(late, WIRE_DEADLINE_EXCEEDED, "NOT_DECIDED");
    world.segments_end = 2 * SEGMENT;
    world_settle();
    EXPECT(world_outcome(patient) == OUTCOME_ACCEPTED);
    EXPECT(available() == had + 70);
    world_close();
}
END_TEST

/* ---- answers ---- */

START_TEST(an_answer_leaves_when_its_batch_is_durable)
{
    open_account();
    struct wire_call *first = receive(1);
    world_turn(0);
    EXPECT(world.batch != NULL && available() == 1);
    const struct journal_batch *batch = world.batch;
    /* Decided meanwhile: the next batch, and a read that saw both. */
    struct wire_call *second = receive(2);
    struct wire_call *read = world_read(GET_ACCOUNT, LEDGER, ACCOUNT);
    world_turn(SECOND / 10);
    EXPECT(available() == 3);
    EXPECT(first->end == NOT_ENDED && second->end == NOT_ENDED && read->end == NOT_ENDED);
    EXPECT(world.batch == batch);
    world_batch_is_durable();
    EXPECT(first->end == NOT_ENDED);
    world_turn(0);
    EXPECT(world_outcome(first) == OUTCOME_ACCEPTED);
    EXPECT(second->end == NOT_ENDED && read->end == NOT_ENDED);
    EXPECT(world.batch != NULL);
    world_batch_is_durable();
    world_turn(0);
    EXPECT(world_outcome(second) == OUTCOME_ACCEPTED);
    EXPECT(read->end == ENDED_BY_REPLY);
    world_settle();
    world_close();
}
END_TEST

/* Without a batch a read waits for a check that began after it came. */
START_TEST(a_read_alone_leaves_with_a_check)
{
    open_account();
    world_turn(2 * SECOND);
    EXPECT(world.is_check_asked); /* an idle server asks by itself */
    struct wire_call *read = world_read(GET_ACCOUNT, LEDGER, ACCOUNT);
    world_turn(0);
    world_is_checked();
    world_turn(0);
    EXPECT(read->end == NOT_ENDED);
    EXPECT(world.is_check_asked);
    world_is_checked();
    world_turn(0);
    EXPECT(read->end == ENDED_BY_REPLY);
    world_settle();
    world_close();
}
END_TEST

/* Query is given it decoded, when this server is known to be the writer; a malformed one never. */
START_TEST(a_read_of_history_is_given_to_query)
{
    Vsl__V1__GetOrderRequest order;
    vsl__v1__get_order_request__init(&order);
    open_account();
    order.ledger_id = LEDGER;
    struct wire_call *malformed = world_ask("/vsl.v1.OrderService/GetOrder", &order.base);
    order.order_number = (char[]){"A-1"};
    struct wire_call *read = world_ask("/vsl.v1.OrderService/GetOrder", &order.base);
    world_turn(SECOND);
    EXPECT(read->end == NOT_ENDED && world.query_calls == 0);
    world_is_checked();
    world_turn(0);
    EXPECT(read->end == ENDED_BY_REPLY && world.query_calls == 1);
    expect_refused(malformed, WIRE_INVALID_ARGUMENT, "MALFORMED_REQUEST");
    ck_assert_str_eq(malformed->field, "order_number");
    world_close();
}
END_TEST

START_TEST(a_replay_and_a_dry_run_change_nothing)
{
    open_account();
    struct command receipt = make_receipt(LEDGER, ACCOUNT, 9);
    struct wire_call *first = world_send_as("R", receipt);
    world_settle();
    EXPECT(world_outcome(first) == OUTCOME_ACCEPTED);
    int64_t before = next_sequence();
    struct wire_call *again = world_send_as("R", receipt);
    receipt.book_receipt.amount_minor = 8;
    struct wire_call *other = world_send_as("R", receipt);
    receipt.dry_run = true;
    struct wire_call *dry = world_send_as("D", receipt);
    struct wire_call *dry_other = world_send_as("R", receipt);
    receipt.book_receipt.amount_minor = 9;
    struct wire_call *dry_again = world_send_as("R", receipt);
    world_settle();
    EXPECT(world_outcome(again) == OUTCOME_ACCEPTED);
    EXPECT(world_outcome(other) == OUTCOME_KEY_CONFLICT);
    EXPECT(world_outcome(dry) == OUTCOME_ACCEPTED);
    EXPECT(world_outcome(dry_other) == OUTCOME_KEY_CONFLICT);
    EXPECT(world_outcome(dry_again) == OUTCOME_ACCEPTED);
    EXPECT(!world_is_dry(first) && !world_is_dry(again) && !world_is_dry(other));
    EXPECT(world_is_dry(dry) && world_is_dry(dry_other) && world_is_dry(dry_again));
    EXPECT(world_is_replay(dry_again) && !world_is_replay(dry));
    EXPECT(next_sequence() == before && available() == 9);
    world_close();
}
END_TEST

/* Whoever sends it again gets its answer; only what was revealed is its caller's. */
START_TEST(another_caller_gets_the_same_answer)
{
    open_account();
    static const char *const names[] = {"one", "two"};
    for (int i = 0; i < 2; i++) {
        struct command caller = make_create_caller(names[i]);
        caller.create_caller.rights = (struct caller_rights){
            .roles = {.adapter = true}, .all_ledgers = true, .any_channel = true};
        world_do(caller);
    }
    world.flow->config.has_callers = true;
    struct command receipt = make_receipt_from(LEDGER, ACCOUNT, 9, party_of("Payer Name", "62220"));
    world.peer_name = "one";
    struct wire_call *first = world_send_as("R", receipt);
    world_settle();
    int64_t sequence = world_sequence(first);
    world.peer_name = "two";
    struct wire_call *again = world_send_as("R", receipt);
    world_settle();
    EXPECT(world_outcome(again) == OUTCOME_ACCEPTED && world_is_replay(again));
    EXPECT(world_sequence(again) == sequence);

    struct wire_call *all = world_send_as("V", make_reveal(LEDGER, &sequence, 1, ""));
    struct wire_call *name = world_send_as("W", make_reveal(LEDGER, &sequence, 1, "payer.name"));
    world_settle();
    EXPECT(world_outcome(all) == OUTCOME_ACCEPTED && world_outcome(name) == OUTCOME_ACCEPTED);
    EXPECT(memmem(all->reply.bytes, all->reply.length, "Payer Name", 10) != NULL);
    EXPECT(memmem(all->reply.bytes, all->reply.length, "62220", 5) != NULL);
    EXPECT(memmem(name->reply.bytes, name->reply.length, "62220", 5) == NULL);
    world.peer_name = "one";
    struct wire_call *others = world_send_as("V", make_reveal(LEDGER, &sequence, 1, ""));
    world_settle();
    EXPECT(world_outcome(others) == OUTCOME_KEY_CONFLICT);
    EXPECT(memmem(others->reply.bytes, others->reply.length, "62220", 5) == NULL);
    world_close();
}
END_TEST

/* What is told asks for a turn: else it would wait for the next timer. */
START_TEST(word_of_the_store_asks_for_a_turn)
{
    uint32_t before = world.wakes;
    world_open();
    EXPECT(world.wakes > before);
    world_do(make_open_ledger("1000", TEST_DATE, 0));
    struct wire_call *call = world_send(make_open_member(LEDGER, "owner"));
    world_turn(0);
    before = world.wakes;
    world_batch_is_durable();
    EXPECT(world.wakes > before);
    world_settle();
    EXPECT(world_outcome(call) == OUTCOME_ACCEPTED);
    world_turn(2 * SECOND);
    before = world.wakes;
    world_is_checked();
    EXPECT(world.wakes > before);
    world_turn(STATE_AGE_MAX_US + 1);
    if (world.is_check_asked)
        world_is_checked();
    before = world.wakes;
    world_state_is_written();
    EXPECT(world.wakes > before);
    world_settle();
    world_close();
}
END_TEST

/* What the first answer told of the new record is in the second one. */
START_TEST(an_opening_is_replayed_whole)
{
    world_open();
    struct wire_call *first = world_send_as("L", make_open_ledger("1000", TEST_DATE, 0));
    world_settle();
    struct wire_call *again = world_send_as("L", make_open_ledger("1000", TEST_DATE, 0));
    world_settle();
    world_do(make_open_member(LEDGER, "owner"));
    struct wire_call *account = world_send_as("A", make_open_account(LEDGER, 1));
    world_settle();
    struct wire_call *account_again = world_send_as("A", make_open_account(LEDGER, 1));
    world_do(make_open_ledger("2000", TEST_DATE, 0));
    struct wire_call *elsewhere = world_send_as("A", make_open_account(2, 1));
    struct wire_call *refused = world_send_as("R", make_open_account(LEDGER, 99));
    world_settle();
    EXPECT(!world_is_replay(first) && world_is_replay(again));
    EXPECT(world_is_replay(account_again) && !world_is_replay(account));
    EXPECT(world_outcome(elsewhere) == OUTCOME_KEY_CONFLICT);
    EXPECT(world_outcome(refused) == OUTCOME_MEMBER_NOT_FOUND);
    Vsl__V1__OpenLedgerResponse *ledger =
        vsl__v1__open_ledger_response__unpack(NULL, again->reply.length, again->reply.bytes);
    EXPECT(ledger != NULL && ledger->ledger_id == LEDGER);
    EXPECT(ledger->control_accounts != NULL && ledger->control_accounts->escrow_account_id == 1);
    vsl__v1__open_ledger_response__free_unpacked(ledger, NULL);
    const struct wire_call *calls[] = {account, account_again};
    for (int i = 0; i < 2; i++) {
        Vsl__V1__OpenAccountResponse *opened = vsl__v1__open_account_response__unpack(
            NULL, calls[i]->reply.length, calls[i]->reply.bytes);
        EXPECT(opened != NULL && opened->account_id == ACCOUNT);
        EXPECT_MSG(strncmp(opened->receiving_number, "1000", 4) == 0, "%d", i);
        vsl__v1__open_account_response__free_unpacked(opened, NULL);
    }
    world_close();
}
END_TEST

/* A caller may use the channels that he has, in every item of a batch. */
START_TEST(a_channel_is_its_callers)
{
    static const struct caller_channel channels[] = {{{"t", 1}}, {{"tt", 2}}};
    open_account();
    struct command front = make_create_caller("front");
    front.create_caller.rights = (struct caller_rights){
        .roles = {.adapter = true}, .all_ledgers = true, .channels = channels, .channel_count = 2};
    world_do(front);
    world.flow->config.has_callers = true;
    world.peer_name = "front";
    static const char *const strangers[] = {"u", "ttt", "T"};
    int64_t before = next_sequence();
    for (int i = 0; i < 3; i++) {
        struct command receipt = command_by(strangers[i], make_receipt(LEDGER, ACCOUNT, 1));
        struct wire_call *call = world_send(receipt);
        world_turn(0);
        expect_refused(call, WIRE_PERMISSION_DENIED, "CHANNEL_OF_ANOTHER");
        EXPECT(world.flow->callers_refused == (uint64_t)i + 1);
    }
    const struct command commands[] = {
        make_receipt(LEDGER, ACCOUNT, 2), command_by("u", make_receipt(LEDGER, ACCOUNT, 3))};
    struct wire_call *batch = world_send_batch(commands, 2, false);
    world_turn(0);
    expect_refused(batch, WIRE_PERMISSION_DENIED, "CHANNEL_OF_ANOTHER");
    EXPECT(next_sequence() == before);
    world_do(make_receipt(LEDGER, ACCOUNT, 4));
    world_do(command_by("tt", make_receipt(LEDGER, ACCOUNT, 5)));
    EXPECT(available() == 9);
    world_close();
}
END_TEST

/* Who asks must be known, active, and have the role; nothing is recorded else. */
START_TEST(who_may_not_ask_is_told)
{
    static const struct {
        const char *name; /* of the certificate; NULL: none */
        enum wire_status status;
        const char *reason;
    } cases[] = {{NULL, WIRE_UNAUTHENTICATED, "NO_CERTIFICATE"},
        {"", WIRE_PERMISSION_DENIED, "CALLER_UNKNOWN"},
        {"chie", WIRE_PERMISSION_DENIED, "CALLER_UNKNOWN"},
        {"Chief", WIRE_PERMISSION_DENIED, "CALLER_UNKNOWN"},
        {"first", WIRE_PERMISSION_DENIED, "CALLER_UNKNOWN"}, /* there is an administrator */
        {"gone", WIRE_PERMISSION_DENIED, "CALLER_SUSPENDED"},
        {"chief", WIRE_PERMISSION_DENIED, "ROLE_MISSING"}};
    open_account();
    world.flow->config.first_administrator = "first";
    world_do(make_create_caller("chief"));
    world_do(make_create_caller("gone"));
    world_do(make_update_caller(2, CALLER_SUSPENDED));
    world.flow->config.has_callers = true;
    int64_t before = next_sequence();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        world.peer_name = cases[i].name;
        struct wire_call *call = receive(1);
        world_turn(0);
        expect_refused(call, cases[i].status, cases[i].reason);
        const struct command command = make_receipt(LEDGER, ACCOUNT, 2);
        struct wire_call *batch = world_send_batch(&command, 1, i % 2 == 0);
        world_turn(0);
        expect_refused(batch, cases[i].status, cases[i].reason);
    }
    EXPECT(next_sequence() == before);
    const uint64_t refused = 2 * sizeof cases / sizeof *cases;
    EXPECT(world.flow->callers_refused == refused);
    /* The log has told of the first one; of the others when its time has come, without one more. */
    EXPECT(world.flow->callers_refused_said == 1);
    world.monotonic_us += 9 * SECOND;
    world_turn(0);
    EXPECT(world.flow->callers_refused_said == 1);
    world.monotonic_us += SECOND;
    world_turn(0);
    EXPECT(world.flow->callers_refused_said == refused);
    world_close();
}
END_TEST

/* Who is suspended keeps no connection; who is not known may be made in a moment. */
START_TEST(who_keeps_his_connections)
{
    open_account();
    world.flow->config.first_administrator = "first";
    world.flow->config.has_callers = true;
    world.peer_name = "first";
    world_do(make_create_caller("chief"));
    world.peer_name = "chief";
    world_do(make_create_caller("first"));
    world_do(make_update_caller(2, CALLER_SUSPENDED));
    EXPECT(flow_keeps_connections(world.flow, "chief"));
    EXPECT(flow_keeps_connections(world.flow, "nobody"));
    EXPECT(!flow_keeps_connections(world.flow, "first")); /* there is an administrator */
    world_do(make_update_caller(2, CALLER_ACTIVE));
    EXPECT(flow_keeps_connections(world.flow, "first"));
    world_close();
}
END_TEST

/* The administrator of the settings counts until there is one, and may make callers only. */
START_TEST(the_first_administrator)
{
    open_account();
    world.flow->config.has_callers = true;
    world.flow->config.first_administrator = "first";
    world.peer_name = "first";
    struct wire_call *call = receive(1);
    world_turn(0);
    expect_refused(call, WIRE_PERMISSION_DENIED, "ROLE_MISSING");
    world_do(make_create_caller("chief"));
    struct command another = make_create_caller("another");
    call = world_send(another);
    world_turn(0);
    expect_refused(call, WIRE_PERMISSION_DENIED, "CALLER_UNKNOWN");
    world.peer_name = "chief";
    world_do(make_create_caller("another"));
    world_close();
}
END_TEST

/* ---- the database is silent ---- */

START_TEST(a_silent_database_stops_reads_and_commands)
{
    open_account();
    struct wire_call *recorded = receive(1);
    world_turn(0);
    EXPECT(world.batch != NULL);
    struct wire_call *read = world_read(GET_ACCOUNT, LEDGER, ACCOUNT);
    world_turn(DATABASE_TIMEOUT_US);
    EXPECT(!world.is_away && world.is_healthy && world.is_name_healthy);
    EXPECT(read->end == NOT_ENDED);
    world_turn(1);
    EXPECT(world.is_away && !world.is_healthy && !world.is_name_healthy);
    expect_refused(read, WIRE_UNAVAILABLE, "DATABASE_UNAVAILABLE");
    expect_refused(receive(2), WIRE_UNAVAILABLE, "DATABASE_UNAVAILABLE");
    /* What was decided waits on, whether it has happened is not known. */
    EXPECT(recorded->end == NOT_ENDED && available() == 1);
    world_batch_is_durable();
    world_settle();
    EXPECT(world_outcome(recorded) == OUTCOME_ACCEPTED);
    EXPECT(!world.is_away && world.is_healthy && world.is_name_healthy);
    struct wire_call *later = receive(4);
    world_settle();
    EXPECT(world_outcome(later) == OUTCOME_ACCEPTED && available() == 5);
    world_close();
}
END_TEST

/* The question whether this server is the writer still gets no answer: there is no batch. */
START_TEST(a_silent_check_stops_reads_and_commands)
{
    open_account();
    struct wire_call *first = world_read(GET_ACCOUNT, LEDGER, ACCOUNT);
    world_turn(0);
    EXPECT(world.is_check_asked && world.batch == NULL);
    struct wire_call *second = world_read(GET_ACCOUNT, LEDGER, ACCOUNT);
    world_turn(DATABASE_TIMEOUT_US);
    EXPECT(!world.is_away && first->end == NOT_ENDED && second->end == NOT_ENDED);
    world_turn(1);
    EXPECT(world.is_away && !world.is_healthy && !world.is_name_healthy);
    expect_refused(first, WIRE_UNAVAILABLE, "DATABASE_UNAVAILABLE");
    expect_refused(second, WIRE_UNAVAILABLE, "DATABASE_UNAVAILABLE");
    expect_refused(receive(1), WIRE_UNAVAILABLE, "DATABASE_UNAVAILABLE");
    world_is_checked();
    world_turn(0);
    EXPECT(!world.is_away && world.is_healthy && world.is_name_healthy);
    world_settle();
    world_close();
}
END_TEST

static int count(const char *text, const char *part)
{
    int found = 0;
    for (const char *next = text; (next = strstr(next, part)) != NULL; next++)
        found++;
    return found;
}

/* However many turns there are: a log that repeats itself hides the rest. */
START_TEST(what_becomes_of_the_database_is_logged_once)
{
    static char text[20000];
    FILE *lines = tmpfile();
    EXPECT(lines != NULL);
    open_account();
    int standard_error = dup(STDERR_FILENO);
    EXPECT(standard_error >= 0 && dup2(fileno(lines), STDERR_FILENO) >= 0);
    receive(1);
    world_turn(0);
    world_turn(DATABASE_TIMEOUT_US);
    for (int i = 0; i < 3; i++)
        world_turn(1);
    world_batch_is_durable();
    for (int i = 0; i < 3; i++)
        world_settle();
    EXPECT(dup2(standard_error, STDERR_FILENO) >= 0 && close(standard_error) == 0);
    rewind(lines);
    text[fread(text, 1, sizeof text - 1, lines)] = '\0';
    fclose(lines);
    EXPECT_MSG(count(text, "the database does not answer") == 1, "%s", text);
    EXPECT_MSG(count(text, "the database is back") == 1, "%s", text);
    EXPECT_MSG(count(text, "the database takes no commands") == 1, "%s", text);
    EXPECT_MSG(count(text, "the database takes commands again") == 1, "%s", text);
    world_close();
}
END_TEST

/* Each answer has its time from when the first of its list came. */
START_TEST(an_answer_waits_its_time)
{
    open_account();
    struct wire_call *recorded = receive(1);
    world_turn(0);
    world_turn(3 * SECOND);
    /* The batch in flight is silent; these wait for the next. */
    struct wire_call *next = receive(2);
    struct wire_call *read = world_read(GET_ACCOUNT, LEDGER, ACCOUNT);
    world_turn(SECOND);
    EXPECT(read->end == NOT_ENDED);
    world_batch_is_durable();
    world_turn(0);
    EXPECT(world_outcome(recorded) == OUTCOME_ACCEPTED);
    world_turn(DATABASE_TIMEOUT_US - SECOND);
    EXPECT(read->end == NOT_ENDED);
    world_turn(1);
    expect_refused(read, WIRE_UNAVAILABLE, "DATABASE_UNAVAILABLE");
    EXPECT(next->end == NOT_ENDED);
    world_batch_is_durable();
    world_settle();
    EXPECT(world_outcome(next) == OUTCOME_ACCEPTED);
    world_close();
}
END_TEST

/* ---- the clock ---- */

/* Said once from a tenth of what is allowed on, and again after it was half of that. */
START_TEST(a_difference_is_told_once)
{
    static const struct {
        int64_t ahead_us;
        bool is_warned;
    } steps[] = {{0, false}, {CLOCK_DIFFERENCE_US / 10, false},
        {CLOCK_DIFFERENCE_US / 10 + 1, true}, {CLOCK_DIFFERENCE_US / 10, true},
        {CLOCK_DIFFERENCE_US / 20 + 1, true}, {CLOCK_DIFFERENCE_US / 20, false},
        {-CLOCK_DIFFERENCE_US / 10, false}, {-CLOCK_DIFFERENCE_US / 10 - 1, true}, {0, false}};
    open_account();
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        world.database_ahead_us = steps[i].ahead_us;
        world_turn(0);
        EXPECT_MSG(world.flow->clock.is_warned == steps[i].is_warned, "step %zu", i);
        EXPECT(!world.flow->clock.is_refusing);
    }
    world_settle();
    world_close();
}
END_TEST

START_TEST(nothing_is_decided_by_a_wrong_clock)
{
    static const int64_t ahead_us[] = {CLOCK_DIFFERENCE_US + 1, -CLOCK_DIFFERENCE_US - 1};
    open_account();
    world_do(make_receipt(LEDGER, ACCOUNT, 10));
    int64_t due_us = world.wall_us + SECOND;
    EXPECT(world_do(make_place_hold(LEDGER, ACCOUNT, 4, "H", due_us)) == 1);
    int64_t before = next_sequence();
    int64_t recorded_us = world.flow->now_us;
    struct wire_call *early = receive(1);
    world.database_ahead_us = ahead_us[_i];
    world_turn(2 * SECOND);
    expect_refused(early, WIRE_UNAVAILABLE, "CLOCK_DIFFERENCE");
    struct wire_call *late = receive(1);
    expect_refused(late, WIRE_UNAVAILABLE, "CLOCK_DIFFERENCE");
    EXPECT(early->retry_after_us == SECOND && late->retry_after_us == SECOND);
    EXPECT(world.is_healthy && !world.is_name_healthy);
    EXPECT(world.flow->now_us == recorded_us && next_sequence() == before);
    struct wire_call *read = world_read(GET_ACCOUNT, LEDGER, ACCOUNT);
    world_settle();
    EXPECT(read->end == ENDED_BY_REPLY);
    world.database_ahead_us = ahead_us[_i] < 0 ? -CLOCK_DIFFERENCE_US : CLOCK_DIFFERENCE_US;
    world_settle();
    EXPECT(world.is_name_healthy);
    EXPECT(next_sequence() == before + 1); /* the hold's time was over */
    EXPECT(available() == 10);
    world_close();
}
END_TEST

/* A server with a wrong clock was here before: what it recorded lies ahead. */
START_TEST(nothing_is_decided_before_what_is_recorded)
{
    open_account();
    world_do(make_receipt(LEDGER, ACCOUNT, 1));
    int64_t recorded_us = world.flow->now_us;
    world.wall_us -= CLOCK_DIFFERENCE_US;
    world_do(make_receipt(LEDGER, ACCOUNT, 2));
    world.wall_us--;
    struct wire_call *call = receive(4);
    world_turn(0);
    expect_refused(call, WIRE_UNAVAILABLE, "CLOCK_DIFFERENCE");
    EXPECT(!world.is_name_healthy && world.is_healthy);
    EXPECT(available() == 3 && world.flow->now_us == recorded_us);
    world_turn(1);
    EXPECT(world.is_name_healthy);
    world_do(make_receipt(LEDGER, ACCOUNT, 4));
    world_close();
}
END_TEST

/* Both clocks are wrong, or right and nothing was recorded for long: nobody can tell. */
START_TEST(nothing_is_decided_long_behind_what_is_recorded)
{
    open_account();
    world_do(make_receipt(LEDGER, ACCOUNT, 1));
    int64_t due_us = world.wall_us + SECOND;
    EXPECT(world_do(make_place_hold(LEDGER, ACCOUNT, 1, "H", due_us)) == 1);
    int64_t before = next_sequence();
    int64_t recorded_us = world.flow->now_us;
    struct wire_call *call = receive(4);
    world_turn(CLOCK_BEHIND_US + 1);
    expect_refused(call, WIRE_UNAVAILABLE, "CLOCK_DIFFERENCE");
    EXPECT(!world.is_name_healthy && world.is_healthy);
    EXPECT(next_sequence() == before && world.flow->now_us == recorded_us);
    world.wall_us = recorded_us + CLOCK_BEHIND_US;
    world_settle();
    EXPECT(world.is_name_healthy);
    EXPECT(next_sequence() == before + 1); /* the hold's time was over */
    world_close();
}
END_TEST

START_TEST(recorded_time_does_not_go_back)
{
    open_account();
    world_do(make_receipt(LEDGER, ACCOUNT, 1));
    int64_t recorded_us = world.flow->now_us;
    world.wall_us -= SECOND;
    struct wire_call *call = receive(1);
    world_turn(0);
    int64_t last = next_sequence() - 1;
    EXPECT(recent_find_sequence(world.flow->recent, last)->recorded_us == recorded_us);
    world_settle();
    EXPECT(world_outcome(call) == OUTCOME_ACCEPTED);
    world_close();
}
END_TEST

/* ---- the end ---- */

START_TEST(a_stop_lets_what_is_under_way_finish)
{
    open_account();
    struct wire_call *call = receive(3);
    world_turn(0);
    flow_stop(world.flow);
    EXPECT(world.on_stopped != NULL && !world.is_ended);
    world_settle();
    EXPECT(world_outcome(call) == OUTCOME_ACCEPTED);
    world.on_stopped(world.flow);
    EXPECT(!world.is_ended && !world.is_writing);
    world_turn(0);
    EXPECT(world.is_writing && !world.is_ended);
    world_settle();
    world_turn(0);
    EXPECT(world.is_ended && world.end == FLOW_STOPPED);
    world_close();
}
END_TEST

/* The last batch is put under the seal of the state, behind what is being written. */
START_TEST(a_stop_seals_the_end)
{
    open_account();
    world.is_writing_slow = true;
    receive(1);
    world_settle();
    world_turn(30 * SECOND);
    world_turn(0);
    EXPECT(world.is_writing);
    uint32_t rows = world.row_count;
    flow_stop(world.flow);
    world.on_stopped(world.flow);
    world_turn(0);
    EXPECT(world.is_writing && !world.is_ended);
    world_state_is_written();
    EXPECT(!world.is_writing);
    world_turn(0);
    EXPECT(world.is_writing && !world.is_ended);
    world_state_is_written();
    world_turn(0);
    EXPECT(world.is_ended && world.end == FLOW_STOPPED && world.row_count == rows);
    world_close();
}
END_TEST

START_TEST(a_stop_does_not_wait_for_a_database_that_is_gone)
{
    open_account();
    world.is_writing_slow = true;
    flow_stop(world.flow);
    world.on_stopped(world.flow);
    world_turn(0);
    EXPECT(world.is_writing && !world.is_ended);
    world_turn(SECOND);
    EXPECT(!world.is_ended);
    world_turn(3 * SECOND);
    EXPECT(world.is_ended && world.end == FLOW_STOPPED);
    world_close();
}
END_TEST

/* Another server has taken over: nobody knows what became of the batch, and what was not decided
 * says so. */
START_TEST(a_fenced_server_answers_nothing_it_does_not_know)
{
    open_account();
    struct wire_call *decided = receive(3);
    world_turn(0);
    struct wire_call *waiting = receive(4);
    flow_store_handlers.on_stop(world.flow, STORE_FENCED, "another server has taken over");
    EXPECT(world.is_ended && world.end == FLOW_FENCED);
    world_turn(0);
    EXPECT(decided->end == NOT_ENDED && waiting->end == NOT_ENDED);
    world.batch = NULL;
    world_close();
    EXPECT(decided->end == ENDED_BY_FAILURE && decided->status == WIRE_UNAVAILABLE);
    ck_assert_str_eq(decided->reason, "PERHAPS_DECIDED");
    expect_refused(waiting, WIRE_UNAVAILABLE, "NOT_DECIDED");
}
END_TEST

Suite *turn_suite(void)
{
    TCase *cases = tcase_create("turn");
    tcase_add_loop_test(cases, a_request_whose_time_is_over_is_not_decided, 0, 5);
    tcase_add_test(cases, a_deadline_passes_in_the_queue);
    tcase_add_test(cases, an_answer_leaves_when_its_batch_is_durable);
    tcase_add_test(cases, a_read_alone_leaves_with_a_check);
    tcase_add_test(cases, a_read_of_history_is_given_to_query);
    tcase_add_test(cases, a_replay_and_a_dry_run_change_nothing);
    tcase_add_test(cases, another_caller_gets_the_same_answer);
    tcase_add_test(cases, word_of_the_store_asks_for_a_turn);
    tcase_add_test(cases, an_opening_is_replayed_whole);
    tcase_add_test(cases, a_channel_is_its_callers);
    tcase_add_test(cases, who_may_not_ask_is_told);
    tcase_add_test(cases, who_keeps_his_connections);
    tcase_add_test(cases, the_first_administrator);
    tcase_add_test(cases, a_silent_database_stops_reads_and_commands);
    tcase_add_test(cases, a_silent_check_stops_reads_and_commands);
    tcase_add_test(cases, what_becomes_of_the_database_is_logged_once);
    tcase_add_test(cases, an_answer_waits_its_time);
    tcase_add_test(cases, a_difference_is_told_once);
    tcase_add_loop_test(cases, nothing_is_decided_by_a_wrong_clock, 0, 2);
    tcase_add_test(cases, nothing_is_decided_long_behind_what_is_recorded);
    tcase_add_test(cases, nothing_is_decided_before_what_is_recorded);
    tcase_add_test(cases, recorded_time_does_not_go_back);
    tcase_add_test(cases, a_stop_lets_what_is_under_way_finish);
    tcase_add_test(cases, a_stop_seals_the_end);
    tcase_add_test(cases, a_stop_does_not_wait_for_a_database_that_is_gone);
    tcase_add_test(cases, a_fenced_server_answers_nothing_it_does_not_know);
    Suite *suite = suite_create("turn");
    suite_add_tcase(suite, cases);
    return suite;
}
