/* statements.c: the bank's statements: what leaves gaps, what two persons take, ceilings.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/check.h"
#include "compare.h"
#include "engine/memory/memory.h"
#include "engine/memory/records.h"
#include "model/money.h"
#include "stage.h"
#include "suites.h"
#include "support/expect.h"

#include <string.h>

#define FILE_ONE "1111111111111111111111111111111111111111111111111111111111111111"

struct command make_open_statement(int64_t ledger_id, const char *reference, int32_t position,
    int64_t opening, int64_t closing, int32_t count)
{
    struct command command = make_close_ledger(ledger_id);
    command.kind = COMMAND_OPEN_BANK_STATEMENT;
    command.open_bank_statement = (struct open_bank_statement){.reference = text_of(reference),
        .account_number = text_of("6217 0001"),
        .currency = text_of("CNY"),
        .from_date = TEST_DATE,
        .to_date = TEST_DATE + 1,
        .opening_minor = opening,
        .closing_minor = closing,
        .line_count = count,
        .file_sha256 = text_of(FILE_ONE),
        .file_position = position};
    return command;
}

struct command make_statement_line(
    int64_t ledger_id, int64_t statement_id, const char *key, int32_t ordinal, int64_t amount)
{
    struct command command = make_close_ledger(ledger_id);
    command.kind = COMMAND_ADD_STATEMENT_LINE;
    command.add_statement_line = (struct add_statement_line){.bank_statement_id = statement_id,
        .entry_key = text_of(key),
        .ordinal = ordinal,
        .amount_minor = amount,
        .booking_date = TEST_DATE,
        .bank_reference = text_of("B 4711"),
        .counterparty = {.name = text_of("Li Ming")},
        .remark = text_of("rent")};
    return command;
}

struct command make_close_statement(int64_t ledger_id, int64_t statement_id)
{
    struct command command = make_close_ledger(ledger_id);
    command.kind = COMMAND_CLOSE_BANK_STATEMENT;
    command.close_bank_statement = (struct close_bank_statement){.bank_statement_id = statement_id};
    return command;
}

struct command make_cancel_statement(int64_t ledger_id, int64_t statement_id)
{
    struct command command = make_close_statement(ledger_id, statement_id);
    command.close_bank_statement.is_cancelled = true;
    return command;
}

struct command make_take_statement(int64_t ledger_id, int64_t statement_id)
{
    struct command command = make_close_statement(ledger_id, statement_id);
    command.close_bank_statement.is_as_it_stands = true;
    return command;
}

struct command make_match(
    int64_t ledger_id, int64_t line_id, int64_t payout_id, int64_t receipt, int64_t amount)
{
    struct command command = make_close_ledger(ledger_id);
    command.kind = COMMAND_MATCH_STATEMENT_LINE;
    command.match_statement_line = (struct match_statement_line){.statement_line_id = line_id,
        .payout_id = payout_id,
        .receipt_sequence = receipt,
        .amount_minor = amount,
        .rule = text_of("MANUAL")};
    return command;
}

struct command make_undo_match(int64_t ledger_id, int64_t match_id)
{
    struct command command = make_close_ledger(ledger_id);
    command.kind = COMMAND_UNDO_MATCH;
    command.undo_match = (struct undo_match){.statement_match_id = match_id};
    return command;
}

/* ---- the stage ---- */

static struct command numbered(int64_t number, struct command command)
{
    command.open_bank_statement.number = number;
    return command;
}

static void stage_match(struct stage *stage)
{
    static const int64_t amounts[] = {70, -100, 40, 50, 4, 3, -26};
    stage_makes(stage, ST_SHOP, make_open_statement(L_SHOP, "ST-0", 2, -41, 0, 7));
    for (int32_t i = 0; i < 7; i++)
        stage_makes(stage, LN_IN + i, make_statement_line(L_SHOP, ST_SHOP, "", i + 1, amounts[i]));
    stage_do(stage, make_close_statement(L_SHOP, ST_SHOP));
    stage_makes(stage, MT_PART, make_match(L_SHOP, LN_PART, 0, S_RECEIPT_MORE, 20));
    stage_makes(stage, MT_DONE, make_match(L_SHOP, LN_DONE, 0, S_MOVEMENT, 4));
    stage_makes(stage, MT_UNDONE, make_match(L_SHOP, LN_UNDONE, 0, S_MOVEMENT_NOBODY, 3));
    stage_do(stage, make_undo_match(L_SHOP, MT_UNDONE));
    stage_makes(stage, MT_PAID, make_match(L_SHOP, LN_PAID, P_OWN_PAID, 0, 26));
}

void stage_open_statements(struct stage *stage)
{
    stage_makes(stage, ST_FIRST, numbered(5, make_open_statement(L_MAIN, "ST-1", 1, 100, 130, 1)));
    stage_do(stage, make_statement_line(L_MAIN, ST_FIRST, "E-1", 1, 30));
    stage_do(stage, make_close_statement(L_MAIN, ST_FIRST));
    stage_makes(stage, ST_OPEN, numbered(8, make_open_statement(L_MAIN, "ST-2", 2, 130, 150, 4)));
    stage_do(stage, make_statement_line(L_MAIN, ST_OPEN, "E-2", 1, 5));
    stage_do(stage, make_statement_line(L_MAIN, ST_OPEN, "", 2, -10));
    stage_match(stage);
    stage_makes(stage, ST_EMPTY, make_open_statement(L_SHOP, "ST-3", 1, 0, 7, 0));
    stage_makes(stage, ST_WHOLE, make_open_statement(L_PLAIN, "", 1, 10, 15, 1));
    stage_do(stage, make_statement_line(L_PLAIN, ST_WHOLE, "E-1", 1, 5));
    stage_makes(stage, ST_CANCELLED, make_open_statement(L_OTHER, "ST-5", 1, 9, 9, 0));
    stage_do(stage, make_cancel_statement(L_OTHER, ST_CANCELLED));
    stage_makes(stage, ST_LAST, numbered(12, make_open_statement(L_DENY, "ST-6", 1, -5, 20, 1)));
    stage_do(stage, make_statement_line(L_DENY, ST_LAST, "E-6", 1, 25));
    stage_do(stage, make_close_statement(L_DENY, ST_LAST));
}

/* ---- tests ---- */

static const struct bank_statement *found(const struct stage *stage, int64_t id)
{
    const struct bank_statement *statement =
        engine_find_record(stage->engine, RECORD_BANK_STATEMENT, id);
    CHECK(statement != NULL);
    return statement;
}

START_TEST(two_persons_take_what_does_not_agree)
{
    struct stage *stage = stage_create();
    struct command gap = make_open_statement(L_MAIN, "ST-7", 7, 151, 151, 0);
    stage_do(stage, stage_by_two(stage, make_take_statement(L_MAIN, ST_OPEN)));
    EXPECT(found(stage, ST_OPEN)->status == BANK_STATEMENT_TAKEN);
    EXPECT(bank_statement_difference_minor(found(stage, ST_OPEN)) == 25);
    EXPECT(stage_try(stage, gap) == OUTCOME_BANK_STATEMENT_OPENING_DIFFERS);
    EXPECT(stage->effects.limit_minor == 150);
    gap.open_bank_statement.has_gap = true;
    EXPECT(stage_try(stage, gap) == OUTCOME_APPROVAL_NEEDED);
    int64_t id = stage_do(stage, stage_by_two(stage, gap));
    EXPECT(found(stage, id)->has_gap);
    /* Who agrees to a gap that there is not, and takes what adds up, changes nothing by it. */
    stage_do(stage, stage_by_two(stage, make_take_statement(L_MAIN, id)));
    EXPECT(found(stage, id)->status == BANK_STATEMENT_CLOSED);
    gap = make_open_statement(L_MAIN, "ST-8", 8, 151, 151, 0);
    gap.open_bank_statement.has_gap = true;
    id = stage_do(stage, stage_by_two(stage, gap));
    EXPECT(!found(stage, id)->has_gap);
    expect_same_state(stage->engine, stage->model);
    stage_destroy(stage);
}
END_TEST

START_TEST(missing_numbers_are_shown)
{
    static const struct {
        int64_t number, missing;
    } next[] = {{13, 0}, {13, 0}, {16, 2}, {1, 0}, {0, 0}, {7, 0}, {9, 1}, {3, 2}};
    struct stage *stage = stage_create();
    EXPECT(found(stage, ST_OPEN)->missing_before == 2);
    for (size_t i = 0; i < sizeof next / sizeof *next; i++) {
        struct command open = make_open_statement(L_DENY, "", (int32_t)i + 2, 20, 20, 0);
        int64_t id = stage_do(stage, numbered(next[i].number, open));
        EXPECT_MSG(found(stage, id)->missing_before == next[i].missing, "the next but %zu", i);
        stage_do(stage, make_close_statement(L_DENY, id));
    }
    stage_destroy(stage);
}
END_TEST

/* What was given up can come again, and the one after it follows the one before it. */
START_TEST(one_that_is_given_up_was_never_there)
{
    struct stage *stage = stage_create();
    struct command open = make_open_statement(L_DENY, "ST-7", 7, 20, 99, 1);
    int64_t id = stage_do(stage, open);
    EXPECT(stage_try(stage, open) == OUTCOME_BANK_STATEMENT_KNOWN);
    stage_do(stage, make_cancel_statement(L_DENY, id));
    EXPECT(stage_do(stage, open) == id + 1);
    EXPECT(stage_try(stage, make_statement_line(L_DENY, id, "", 1, 79)) ==
           OUTCOME_BANK_STATEMENT_FINAL);
    stage_do(stage, make_statement_line(L_DENY, id + 1, "E-9", 1, 79));
    EXPECT(stage_try(stage, make_statement_line(L_MAIN, ST_OPEN, "E-9", 3, 79)) ==
           OUTCOME_ACCEPTED); /* another ledger's key */
    stage_do(stage, make_close_statement(L_DENY, id + 1));
    expect_same_state(stage->engine, stage->model);
    stage_destroy(stage);
}
END_TEST

START_TEST(a_sum_stays_within_64_bits)
{
    struct stage *stage = stage_create();
    const int32_t whole = (int32_t)(STATEMENT_SUM_MINOR_MAX / AMOUNT_MINOR_MAX);
    int64_t id = stage_do(
        stage, make_open_statement(L_DENY, "", 2, 20, -AMOUNT_MINOR_MAX, BANK_STATEMENT_LINES_MAX));
    for (int32_t i = 1; i <= whole; i++)
        stage_do(stage, make_statement_line(L_DENY, id, "", i, -AMOUNT_MINOR_MAX));
    EXPECT(stage_try(stage, make_statement_line(L_DENY, id, "", whole + 1, -1)) ==
           OUTCOME_AMOUNT_OVERFLOW);
    stage_do(stage, make_statement_line(L_DENY, id, "", whole + 1, 1));
    stage_destroy(stage);
}
END_TEST

START_TEST(ceilings)
{
    struct stage *stage = stage_create();
    struct image last = {.kind = RECORD_STATEMENT_LINE,
        .statement_line = {.id = STATEMENT_LINES_EVER_MAX - 1,
            .ledger_id = L_MAIN,
            .bank_statement_id = ST_OPEN,
            .amount_minor = 1,
            .ordinal = 1,
            .status = STATEMENT_LINE_UNMATCHED}};
    engine_load_image(stage->engine, stage->sequence, &last);
    struct command line = make_statement_line(L_MAIN, ST_OPEN, "", 3, 1);
    engine_execute(stage->engine, stage->now_us, ++stage->sequence, &line, &stage->effects);
    EXPECT(stage->effects.outcome == OUTCOME_ACCEPTED);
    line.add_statement_line.ordinal = 4;
    engine_execute(stage->engine, stage->now_us, ++stage->sequence, &line, &stage->effects);
    EXPECT(stage->effects.outcome == OUTCOME_TOO_MANY_STATEMENT_LINES);

    struct command open = make_open_statement(L_DENY, "", 2, 20, 20, 0);
    last = (struct image){.kind = RECORD_BANK_STATEMENT,
        .bank_statement = {.id = BANK_STATEMENTS_MAX,
            .ledger_id = L_MAIN,
            .status = BANK_STATEMENT_CANCELLED,
            .closed_sequence = 1}};
    engine_load_image(stage->engine, stage->sequence, &last);
    engine_execute(stage->engine, stage->now_us, ++stage->sequence, &open, &stage->effects);
    EXPECT(stage->effects.outcome == OUTCOME_TOO_MANY_BANK_STATEMENTS);
    stage_destroy(stage);
}
END_TEST

START_TEST(ceilings_of_matches)
{
    struct stage *stage = stage_create();
    struct image last = {.kind = RECORD_STATEMENT_MATCH,
        .statement_match = {.id = STATEMENT_MATCHES_MAX - 1,
            .ledger_id = L_SHOP,
            .bank_statement_id = ST_SHOP,
            .statement_line_id = LN_IN,
            .booking_id = 1,
            .amount_minor = 1,
            .undone_sequence = 1,
            .booking_kind = BOOKING_RECEIPT,
            .status = STATEMENT_MATCH_UNDONE}};
    engine_load_image(stage->engine, stage->sequence, &last);
    struct command match = make_match(L_SHOP, LN_OUT, P_FINAL, 0, 1);
    engine_execute(stage->engine, stage->now_us, ++stage->sequence, &match, &stage->effects);
    EXPECT(stage->effects.outcome == OUTCOME_ACCEPTED);
    engine_execute(stage->engine, stage->now_us, ++stage->sequence, &match, &stage->effects);
    EXPECT(stage->effects.outcome == OUTCOME_TOO_MANY_STATEMENT_MATCHES);
    stage_destroy(stage);

    stage = stage_create();
    last = (struct image){.kind = RECORD_MATCHED_BOOKING,
        .matched_booking = {.id = MATCHED_BOOKINGS_MAX,
            .ledger_id = L_SHOP,
            .booking_id = 1,
            .booking_kind = BOOKING_RECEIPT}};
    engine_load_image(stage->engine, stage->sequence, &last);
    engine_execute(stage->engine, stage->now_us, ++stage->sequence, &match, &stage->effects);
    EXPECT(stage->effects.outcome == OUTCOME_TOO_MANY_STATEMENT_MATCHES);
    stage_destroy(stage);
}
END_TEST

static const struct statement_line *line_of(const struct stage *stage, int64_t id)
{
    const struct statement_line *line =
        engine_find_record(stage->engine, RECORD_STATEMENT_LINE, id);
    CHECK(line != NULL);
    return line;
}

/* One line and two payouts; then two lines and what is left of one receipt. */
START_TEST(lines_and_bookings_are_matched_in_parts)
{
    struct stage *stage = stage_create();
    int64_t first = stage_do(stage, make_match(L_SHOP, LN_OUT, P_SENT, 0, 50));
    EXPECT(line_of(stage, LN_OUT)->status == STATEMENT_LINE_PARTLY);
    EXPECT(line_of(stage, LN_OUT)->matched_minor == -50);
    stage_do(stage, make_match(L_SHOP, LN_OUT, P_UNKNOWN, 0, 50));
    EXPECT(line_of(stage, LN_OUT)->status == STATEMENT_LINE_MATCHED);
    EXPECT(
        stage_try(stage, make_match(L_SHOP, LN_OUT, P_UNKNOWN, 0, 10)) == OUTCOME_MATCH_ABOVE_LINE);
    stage_do(stage, make_undo_match(L_SHOP, first));
    EXPECT(line_of(stage, LN_OUT)->matched_minor == -50);
    stage_do(stage, make_match(L_SHOP, LN_OUT, P_UNKNOWN, 0, 10));
    EXPECT(line_of(stage, LN_OUT)->matched_minor == -60);
    EXPECT(stage_try(stage, make_match(L_SHOP, LN_OUT, P_UNKNOWN, 0, 1)) ==
           OUTCOME_MATCH_ABOVE_BOOKING);

    stage_do(stage, make_match(L_SHOP, LN_PART, 0, S_RECEIPT_MORE, 30));
    stage_do(stage, make_match(L_SHOP, LN_IN, 0, S_RECEIPT_MORE, 10));
    EXPECT(line_of(stage, LN_PART)->status == STATEMENT_LINE_MATCHED);
    EXPECT(line_of(stage, LN_IN)->status == STATEMENT_LINE_PARTLY);
    EXPECT(stage_try(stage, make_match(L_SHOP, LN_IN, 0, S_RECEIPT_MORE, 1)) ==
           OUTCOME_MATCH_ABOVE_BOOKING);
    expect_same_state(stage->engine, stage->model);
    stage_destroy(stage);
}
END_TEST

/* The bank's line is what it is: its match stands, and can be undone, not made again. */
START_TEST(a_payout_that_fails_later_stays_matched)
{
    struct stage *stage = stage_create();
    int64_t id = stage_do(stage, make_match(L_SHOP, LN_OUT, P_SENT, 0, 40));
    stage_do(stage, make_confirm(L_SHOP, P_SENT, PAYOUT_RESULT_FAILED));
    EXPECT(line_of(stage, LN_OUT)->matched_minor == -40);
    EXPECT(stage_try(stage, make_match(L_SHOP, LN_OUT, P_SENT, 0, 10)) ==
           OUTCOME_MATCHED_PAYOUT_STAYED);
    stage_do(stage, make_undo_match(L_SHOP, id));
    EXPECT(line_of(stage, LN_OUT)->status == STATEMENT_LINE_UNMATCHED);
    EXPECT(stage_try(stage, make_match(L_SHOP, LN_OUT, P_SENT, 0, 40)) ==
           OUTCOME_MATCHED_PAYOUT_STAYED);
    expect_same_state(stage->engine, stage->model);
    stage_destroy(stage);
}
END_TEST

START_TEST(a_reversal_waits_for_all_matches)
{
    struct stage *stage = stage_create();
    int64_t first = stage_do(stage, make_match(L_SHOP, LN_IN, 0, S_RECEIPT, 1));
    int64_t second = stage_do(stage, make_match(L_SHOP, LN_PART, 0, S_RECEIPT, 30));
    EXPECT(stage_try(stage, make_reverse(L_SHOP, S_RECEIPT)) == OUTCOME_ORIGINAL_MATCHED);
    stage_do(stage, make_undo_match(L_SHOP, first));
    EXPECT(stage_try(stage, make_reverse(L_SHOP, S_RECEIPT)) == OUTCOME_ORIGINAL_MATCHED);
    stage_do(stage, make_undo_match(L_SHOP, second));
    stage_do(stage, make_reverse(L_SHOP, S_RECEIPT));
    EXPECT(
        stage_try(stage, make_match(L_SHOP, LN_IN, 0, S_RECEIPT, 1)) == OUTCOME_ORIGINAL_REVERSED);
    expect_same_state(stage->engine, stage->model);
    stage_destroy(stage);
}
END_TEST

START_TEST(the_check_finds_wrong_matches)
{
    struct stage *stage = stage_create();
    char error[200];
    struct statement_line *line = record_at(stage->engine, RECORD_STATEMENT_LINE, LN_PART);
#define EXPECT_WRONG_MATCH(type, place, value)                                                     \
    do {                                                                                           \
        const type kept = (place);                                                                 \
        (place) = (value);                                                                         \
        EXPECT_MSG(engine_check(stage->engine, error, sizeof error) < 0 &&                         \
                       strstr(error, "statement line") != NULL,                                    \
            "%s", #place);                                                                         \
        (place) = kept;                                                                            \
    } while (0)
    EXPECT_WRONG_MATCH(uint8_t, line->status, STATEMENT_LINE_MATCHED);
    EXPECT_WRONG_MATCH(uint8_t, line->status, STATEMENT_LINE_UNMATCHED);
    EXPECT_WRONG_MATCH(int64_t, line->matched_minor, 0);
    EXPECT_WRONG_MATCH(int64_t, line->matched_minor, 51);
    EXPECT_WRONG_MATCH(int64_t, line->matched_minor, -20);
    line = record_at(stage->engine, RECORD_STATEMENT_LINE, LN_PAID);
    EXPECT_WRONG_MATCH(int64_t, line->matched_minor, 26);
    EXPECT_WRONG_MATCH(int64_t, line->matched_minor, -27);
    struct matched_booking *booking = record_at(stage->engine, RECORD_MATCHED_BOOKING, 1);
    EXPECT_WRONG_MATCH(int64_t, booking->matched_minor, -1);
    EXPECT_WRONG_MATCH(int64_t, booking->booking_id, S_RECEIPT);
    EXPECT_WRONG_MATCH(uint8_t, booking->booking_kind, BOOKING_PAYOUT);
    EXPECT_WRONG_MATCH(uint64_t, stage->engine->matched_bookings.count, 9);
#undef EXPECT_WRONG_MATCH
    EXPECT(engine_check(stage->engine, error, sizeof error) == 0);
    stage_destroy(stage);
}
END_TEST

/* What the engine's check says of one that is not as it can be. */
START_TEST(the_check_finds_what_is_wrong)
{
    struct stage *stage = stage_create();
    struct bank_statement *its = NULL;
    char error[200];
#define EXPECT_WRONG(id, field, value)                                                             \
    its = record_at(stage->engine, RECORD_BANK_STATEMENT, id);                                     \
    do {                                                                                           \
        const struct bank_statement kept = *its;                                                   \
        its->field = (value);                                                                      \
        EXPECT_MSG(engine_check(stage->engine, error, sizeof error) < 0 &&                         \
                       strstr(error, "bank statement") != NULL,                                    \
            "%s of statement %d", #field, (int)(id));                                              \
        *its = kept;                                                                               \
    } while (0)
    EXPECT_WRONG(ST_OPEN, line_count, 3);
    EXPECT_WRONG(ST_OPEN, last_ordinal, 5);
    EXPECT_WRONG(ST_OPEN, first_line_id, 0);
    EXPECT_WRONG(ST_OPEN, last_line_id, 0);
    EXPECT_WRONG(ST_OPEN, status, BANK_STATEMENT_CLOSED);
    EXPECT_WRONG(ST_OPEN, has_gap, true);
    EXPECT_WRONG(ST_OPEN, missing_before, 1);
    EXPECT_WRONG(ST_OPEN, opening_minor, 131);
    EXPECT_WRONG(ST_OPEN, reference[0], 'x');
    EXPECT_WRONG(ST_OPEN, file_position, 9);
    EXPECT_WRONG(ST_FIRST, sum_minor, 29);
    EXPECT_WRONG(ST_FIRST, status, BANK_STATEMENT_TAKEN);
    EXPECT_WRONG(ST_FIRST, status, BANK_STATEMENT_CANCELLED);
    EXPECT_WRONG(ST_FIRST, closed_sequence, 0);
#undef EXPECT_WRONG
    EXPECT(engine_check(stage->engine, error, sizeof error) == 0);
    stage_destroy(stage);
}
END_TEST

Suite *statements_suite(void)
{
    Suite *suite = suite_create("statements");
    TCase *tests = tcase_create("statements");
    tcase_add_test(tests, two_persons_take_what_does_not_agree);
    tcase_add_test(tests, missing_numbers_are_shown);
    tcase_add_test(tests, one_that_is_given_up_was_never_there);
    tcase_add_test(tests, a_sum_stays_within_64_bits);
    tcase_add_test(tests, ceilings);
    tcase_add_test(tests, the_check_finds_what_is_wrong);
    tcase_add_test(tests, ceilings_of_matches);
    tcase_add_test(tests, lines_and_bookings_are_matched_in_parts);
    tcase_add_test(tests, a_payout_that_fails_later_stays_matched);
    tcase_add_test(tests, a_reversal_waits_for_all_matches);
    tcase_add_test(tests, the_check_finds_wrong_matches);
    suite_add_tcase(suite, tests);
    return suite;
}
