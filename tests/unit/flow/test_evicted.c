/* test_evicted.c: final records leave memory when every database that is asked for them has them,
 * and what an older one says of them is not believed.
 * SPDX-License-Identifier: Apache-2.0 */
#include "suites.h"
#include "world.h"

#include "engine/commands.h"
#include "support/expect.h"
#include "vsl/v1/hold.pb-c.h"

#define GET_HOLD "/vsl.v1.HoldService/GetHold"
/* The bound of what leaves is looked at so often. */
#define EVICT_TURN_US (5 * SECOND)
#define STATE_AGE_US (21 * SECOND)

enum { LEDGER = 1, PAYER = 7 };
/* One stays live, one is of another ledger, of the others the first is looked at. */
enum { HOLD = 1, LIVE = 2, ABROAD = 3, OTHER = 4 };
enum { ABROAD_PAYER = 14 };
#define FAR_AHEAD_US INT64_C(4000000000000000)

static bool is_resident(void)
{
    return engine_is_resident(world.flow->engine, RECORD_HOLD, HOLD);
}

static void fill_segments(int64_t until)
{
    while (journal_next_sequence(world.flow->journal) <= until)
        world_do(make_receipt(LEDGER, PAYER, 1));
}

static void open_another_ledger(void)
{
    EXPECT(world_do(make_open_ledger("2000", TEST_DATE, 0)) == 2);
    world_do(make_open_member(2, "owner"));
    EXPECT(world_do(make_open_account(2, 2)) == ABROAD_PAYER);
    world_do(make_receipt(2, ABROAD_PAYER, 100));
    EXPECT(world_do(make_place_hold(2, ABROAD_PAYER, 10, "A", FAR_AHEAD_US)) == ABROAD);
}

/* A hold that was cancelled, in a segment that is indexed and with its row written: only the bound
 * keeps it in memory. Gives the redo point as of which the row is there. */
static int64_t cancel_hold(void)
{
    world_open();
    world_do(make_open_ledger("1000", TEST_DATE, 0));
    world_do(make_open_member(LEDGER, "owner"));
    EXPECT(world_do(make_open_account(LEDGER, 1)) == PAYER);
    world_do(make_receipt(LEDGER, PAYER, 100));
    EXPECT(world_do(make_place_hold(LEDGER, PAYER, 10, "H", FAR_AHEAD_US)) == HOLD);
    EXPECT(world_do(make_place_hold(LEDGER, PAYER, 10, "H-2", FAR_AHEAD_US)) == LIVE);
    open_another_ledger();
    EXPECT(world_do(make_place_hold(LEDGER, PAYER, 10, "H-3", FAR_AHEAD_US)) == OTHER);
    world_do(make_cancel_hold(2, ABROAD_PAYER, "A", ABROAD, 0));
    world_do(make_cancel_hold(LEDGER, PAYER, "H-3", OTHER, 0));
    /* Its row as long as it is live. */
    world_turn(STATE_AGE_US);
    world_settle();
    EXPECT(world.row_count > 0);
    world_do(make_cancel_hold(LEDGER, PAYER, "H", HOLD, 0));
    int64_t cancelled = journal_durable_sequence(world.flow->journal);
    world.is_writing_slow = true;
    fill_segments(SEGMENT);
    EXPECT(world.redo <= cancelled);
    EXPECT(is_resident());
    EXPECT(recent_first_sequence(world.flow->recent) > cancelled);
    return cancelled;
}

/* Its row is there shortly before the bound is looked at; it leaves at the look after that one. */
static void evict_hold(int64_t cancelled)
{
    world_turn(EVICT_TURN_US);
    world_turn(EVICT_TURN_US - SECOND / 2);
    EXPECT(world.redo <= cancelled && world.writing_redo > cancelled);
    world.is_writing_slow = false;
    world_settle();
    EXPECT(world.redo > cancelled);
    int64_t written_us = world.monotonic_us;
    while (is_resident()) {
        world_turn(SECOND / 10);
        world_settle();
        EXPECT(world.monotonic_us < written_us + 2 * EVICT_TURN_US);
    }
    EXPECT(world.monotonic_us >= written_us + EVICT_TURN_US);
}

static int32_t status_of(const struct wire_call *call)
{
    EXPECT_MSG(call->end == ENDED_BY_REPLY, "%d: %s", call->end, call->message);
    Vsl__V1__GetHoldResponse *response =
        vsl__v1__get_hold_response__unpack(NULL, call->reply.length, call->reply.bytes);
    EXPECT(response != NULL && response->hold != NULL);
    EXPECT(response->hold->hold_id == HOLD);
    int32_t status = (int32_t)response->hold->status;
    vsl__v1__get_hold_response__free_unpacked(response, NULL);
    return status;
}

/* A replica has a few seconds to get the row before it is asked for it. */
START_TEST(what_is_written_leaves_a_turn_later)
{
    int64_t cancelled = cancel_hold();
    evict_hold(cancelled);
    struct wire_call *call = world_read(GET_HOLD, LEDGER, HOLD);
    world_turn(0);
    EXPECT(world.question_count == 1);
    EXPECT(world.asked.kind == RECORD_HOLD && world.asked.first_key == HOLD);
    EXPECT(world.asked.written_before == world.flow->evicted_before);
    world_answer_records(world.flow->evicted_before);
    world_settle();
    EXPECT(status_of(call) == HOLD_FINISHED);
    EXPECT(!is_resident());
    world_close();
}
END_TEST

/* A database that lags has the hold live still. */
START_TEST(an_older_row_is_not_believed)
{
    int64_t cancelled = cancel_hold();
    evict_hold(cancelled);
    int64_t before = journal_next_sequence(world.flow->journal);
    struct wire_call *shown = world_read(GET_HOLD, LEDGER, HOLD);
    world_turn(0);
    world_answer_records(cancelled);
    EXPECT(shown->end == ENDED_BY_FAILURE && shown->status == WIRE_UNAVAILABLE);
    ck_assert_str_eq(shown->reason, "DATABASE_UNAVAILABLE");

    struct wire_call *again = world_send(make_cancel_hold(LEDGER, PAYER, "H", HOLD, 0));
    world_turn(0);
    world_answer_records(world.flow->evicted_before - 1);
    EXPECT(again->end == ENDED_BY_FAILURE && again->status == WIRE_UNAVAILABLE);
    EXPECT(!is_resident());
    world_settle();
    EXPECT(journal_next_sequence(world.flow->journal) == before);

    again = world_send(make_cancel_hold(LEDGER, PAYER, "H", HOLD, 0));
    world_turn(0);
    world_answer_records(world.flow->evicted_before);
    EXPECT(!is_resident());
    world_settle();
    EXPECT(world_outcome(again) == OUTCOME_HOLD_FINISHED);
    EXPECT(journal_next_sequence(world.flow->journal) == before + 1);
    world_close();
}
END_TEST

/* What has left since it was asked may be newer than the answer: it is asked for again. */
START_TEST(the_bound_moves_while_the_database_is_asked)
{
    int64_t cancelled = cancel_hold();
    evict_hold(cancelled);
    struct wire_call *call = world_send(make_cancel_hold(LEDGER, PAYER, "H", HOLD, 0));
    world_turn(0);
    EXPECT(world.question_count == 1);
    int64_t asked = world.asked.written_before;
    world_answer_records(asked);
    world.flow->evicted_before = asked + 1;
    world_turn(0);
    EXPECT(call->end == NOT_ENDED && world.question_count == 2);
    EXPECT(world.asked.written_before == asked + 1);
    world_answer_records(asked + 1);
    world_settle();
    EXPECT(world_outcome(call) == OUTCOME_HOLD_FINISHED);
    world_close();
}
END_TEST

/* It was in memory when the command's key was asked for, and has left when the answer comes. */
START_TEST(it_leaves_while_a_key_is_asked_for)
{
    int64_t cancelled = cancel_hold();
    /* A segment without a filter: every key may be in it. */
    flow_store_handlers.on_indexed_segment(
        world.flow, &(struct indexed_segment){.first_sequence = 1,
                        .last_sequence = SEGMENT,
                        .min_business_date = TEST_DATE,
                        .max_business_date = TEST_DATE});
    struct wire_call *call = world_send(make_cancel_hold(LEDGER, PAYER, "H", HOLD, 0));
    world_turn(0);
    uint64_t generation = world.flow->filters_generation;
    EXPECT(world.open_questions == 1 && call->end == NOT_ENDED && is_resident());
    evict_hold(cancelled);
    EXPECT(world.flow->filters_generation == generation);
    world_answer_old(true);
    world_turn(0);
    EXPECT(call->end == NOT_ENDED && world.asked.first_key == HOLD);
    world_answer_records(world.flow->evicted_before);
    world_answer_old(true);
    world_settle();
    EXPECT(world_outcome(call) == OUTCOME_HOLD_FINISHED);
    world_close();
}
END_TEST

/* Who comes late and names the order is told what became of its hold, though it has left. */
START_TEST(an_order_is_told_what_became_of_its_hold)
{
    int64_t cancelled = cancel_hold();
    struct wire_call *early = world_send(make_cancel_hold(LEDGER, PAYER, "H", 0, 0));
    world_settle();
    EXPECT(world_outcome(early) == OUTCOME_HOLD_FINISHED);
    EXPECT(world.question_count == 0);
    evict_hold(cancelled);
    struct wire_call *late = world_send(make_cancel_hold(LEDGER, PAYER, "H", 0, 0));
    world_turn(0);
    EXPECT(world.question_count == 1);
    EXPECT(world.asked.kind == RECORD_HOLD && world.asked.owner_id == PAYER);
    EXPECT(world.asked.text_length == 1 && world.asked.text[0] == 'H');
    EXPECT(world.asked.written_before == world.flow->evicted_before);
    world_answer_records(world.flow->evicted_before);
    world_settle();
    EXPECT(world_outcome(late) == OUTCOME_HOLD_FINISHED);

    struct wire_call *never = world_send(make_cancel_hold(LEDGER, PAYER, "N", 0, 0));
    world_turn(0);
    EXPECT(world.question_count == 2);
    world_answer_records(world.flow->evicted_before);
    world_settle();
    EXPECT(world_outcome(never) == OUTCOME_HOLD_NOT_FOUND);
    EXPECT(world.question_count == 2);
    /* A live one needs no question. */
    world_do(make_place_hold(LEDGER, PAYER, 10, "H", INT64_C(4000000000000000)));
    world_do(make_cancel_hold(LEDGER, PAYER, "H", 0, 0));
    EXPECT(world.question_count == 2);
    world_close();
}
END_TEST

/* An ended hold that was put back for its id need not be the last one of its order: it is asked. */
START_TEST(one_that_was_put_back_may_not_be_the_last)
{
    int64_t cancelled = cancel_hold();
    evict_hold(cancelled);
    struct wire_call *by_id = world_send(make_cancel_hold(LEDGER, PAYER, "H", HOLD, 0));
    world_turn(0);
    world_answer_records(world.flow->evicted_before);
    world_turn(0);
    EXPECT(is_resident());
    struct wire_call *by_order = world_send(make_cancel_hold(LEDGER, PAYER, "H", 0, 0));
    world_turn(0);
    EXPECT(world.question_count == 2);
    EXPECT(world.asked.owner_id == PAYER);
    world_answer_records(world.flow->evicted_before);
    world_settle();
    EXPECT(world_outcome(by_id) == OUTCOME_HOLD_FINISHED);
    EXPECT(world_outcome(by_order) == OUTCOME_HOLD_FINISHED);
    world_close();
}
END_TEST

/* A list has those in memory and those that were looked up, by id, and none twice. */
START_TEST(a_list_has_what_has_left)
{
    static const int64_t ids[] = {HOLD, LIVE, OTHER};
    static const int32_t statuses[] = {HOLD_FINISHED, HOLD_LIVE, HOLD_FINISHED};
    int64_t cancelled = cancel_hold();
    evict_hold(cancelled);
    EXPECT(engine_is_resident(world.flow->engine, RECORD_HOLD, LIVE));
    EXPECT(!engine_is_resident(world.flow->engine, RECORD_HOLD, OTHER));
    /* Its row is older than what memory has of it. */
    world_do(make_cancel_hold(LEDGER, PAYER, "H-2", LIVE, 3));
    Vsl__V1__ListHoldsRequest request;
    vsl__v1__list_holds_request__init(&request);
    request.ledger_id = LEDGER;
    request.page_size = 10;
    int64_t after_id = 0;
    uint32_t found = 0;
    for (int page = 0; page < 4 && found < 3; page++) {
        request.after_id = after_id;
        struct wire_call *call = world_ask("/vsl.v1.HoldService/ListHolds", &request.base);
        world_turn(0);
        for (int i = 0; i < 4 && world.on_records; i++) {
            world_answer_records(world.flow->evicted_before);
            world_turn(0);
        }
        world_settle();
        EXPECT_MSG(call->end == ENDED_BY_REPLY, "%d: %s", call->end, call->message);
        Vsl__V1__ListHoldsResponse *response =
            vsl__v1__list_holds_response__unpack(NULL, call->reply.length, call->reply.bytes);
        EXPECT(response != NULL && response->n_holds > 0 && found + response->n_holds <= 3);
        for (size_t i = 0; i < response->n_holds; i++, found++) {
            EXPECT(response->holds[i]->hold_id == ids[found]);
            EXPECT((int32_t)response->holds[i]->status == statuses[found]);
            EXPECT(ids[found] != LIVE || response->holds[i]->cancelled_minor == 3);
            after_id = response->holds[i]->hold_id;
        }
        vsl__v1__list_holds_response__free_unpacked(response, NULL);
    }
    EXPECT(found == 3);
    EXPECT(!is_resident());
    world_close();
}
END_TEST

/* What has left is over: live ones are listed without the database, and the page is the last. */
START_TEST(live_ones_are_in_memory)
{
    int64_t cancelled = cancel_hold();
    evict_hold(cancelled);
    EXPECT(!engine_is_resident(world.flow->engine, RECORD_HOLD, OTHER));
    Vsl__V1__ListHoldsRequest request;
    vsl__v1__list_holds_request__init(&request);
    request.ledger_id = LEDGER;
    request.status = VSL__V1__HOLD_STATUS__HOLD_STATUS_LIVE;
    struct wire_call *call = world_ask("/vsl.v1.HoldService/ListHolds", &request.base);
    world_settle();
    EXPECT_MSG(call->end == ENDED_BY_REPLY, "%d: %s", call->end, call->message);
    Vsl__V1__ListHoldsResponse *response =
        vsl__v1__list_holds_response__unpack(NULL, call->reply.length, call->reply.bytes);
    EXPECT(response != NULL && response->n_holds == 1 && response->holds[0]->hold_id == LIVE);
    EXPECT(response->next_page_token[0] == '\0' && response->next_after_id == 0);
    vsl__v1__list_holds_response__free_unpacked(response, NULL);
    world_close();
}
END_TEST

/* Of a filter's page more rows are asked for than it has room for, since it takes only some. */
START_TEST(a_filter_looks_at_more)
{
    int64_t cancelled = cancel_hold();
    evict_hold(cancelled);
    for (int i = 0; i < 2; i++) {
        Vsl__V1__ListHoldsRequest request;
        vsl__v1__list_holds_request__init(&request);
        request.ledger_id = LEDGER;
        request.page_size = 10;
        request.payer_account_id = i == 1 ? PAYER : 0;
        struct wire_call *call = world_ask("/vsl.v1.HoldService/ListHolds", &request.base);
        world_turn(0);
        EXPECT(world.on_records && world.asked.first_key == HOLD);
        EXPECT_MSG((world.asked.rows_max > 10) == (i == 1), "%d: %u", i, world.asked.rows_max);
        EXPECT(world.asked.rows_max >= 10);
        world_answer_records(world.flow->evicted_before);
        world_settle();
        EXPECT_MSG(call->end == ENDED_BY_REPLY, "%d: %s", i, call->message);
    }
    world_close();
}
END_TEST

START_TEST(without_the_database_nothing_is_decided)
{
    int64_t cancelled = cancel_hold();
    evict_hold(cancelled);
    int64_t before = journal_next_sequence(world.flow->journal);
    struct wire_call *call = world_send(make_cancel_hold(LEDGER, PAYER, "H", HOLD, 0));
    world_turn(0);
    world_fail_records();
    EXPECT(call->end == ENDED_BY_FAILURE && call->status == WIRE_UNAVAILABLE);
    EXPECT(call->retry_after_us > 0);
    world_settle();
    EXPECT(journal_next_sequence(world.flow->journal) == before);
    world_close();
}
END_TEST

Suite *evicted_suite(void)
{
    TCase *cases = tcase_create("evicted");
    tcase_add_test(cases, what_is_written_leaves_a_turn_later);
    tcase_add_test(cases, an_older_row_is_not_believed);
    tcase_add_test(cases, the_bound_moves_while_the_database_is_asked);
    tcase_add_test(cases, it_leaves_while_a_key_is_asked_for);
    tcase_add_test(cases, an_order_is_told_what_became_of_its_hold);
    tcase_add_test(cases, one_that_was_put_back_may_not_be_the_last);
    tcase_add_test(cases, a_list_has_what_has_left);
    tcase_add_test(cases, live_ones_are_in_memory);
    tcase_add_test(cases, a_filter_looks_at_more);
    tcase_add_test(cases, without_the_database_nothing_is_decided);
    Suite *suite = suite_create("evicted");
    suite_add_tcase(suite, cases);
    return suite;
}
