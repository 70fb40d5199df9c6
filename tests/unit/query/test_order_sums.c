/* test_order_sums.c: what each kind of command does to the sums of its order.
 * SPDX-License-Identifier: Apache-2.0 */
#include "command/body.h"
#include "model/outcome.h"
#include "query/order_sums.h"
#include "suites.h"
#include "support/expect.h"

/* Accounts of the tests. */
enum { ESCROW = 1, FEE = 3, OWN = 4, PAYER = 10, PAYEE = 11, OTHER = 12 };

static struct posting posting(
    int64_t amount, int64_t debit, int debit_bucket, int64_t credit, int credit_bucket)
{
    return (struct posting){.ledger_id = 1,
        .amount_minor = amount,
        .debit_account_id = debit,
        .debit_bucket = (uint8_t)debit_bucket,
        .credit_account_id = credit,
        .credit_bucket = (uint8_t)credit_bucket};
}

/* The order of the members: paid, confirmed, refunded, held, withdrawn, fees. */
struct step {
    const char *name;
    struct command command;
    struct posting postings[5];
    uint32_t posting_count;
    int64_t fee_minor;
    struct order_sums change;
};

enum { AVAILABLE = BUCKET_AVAILABLE, OUT = BUCKET_PENDING_OUT, FROZEN = BUCKET_FROZEN };

static int add_step(struct order_sums *sums, const struct step *step, enum outcome outcome)
{
    uint8_t body[COMMAND_BODY_BYTES_MAX];
    struct command_record record = {.kind = (uint16_t)step->command.kind,
        .outcome = (uint16_t)outcome,
        .subject_id = PAYER,
        .fee_minor = step->fee_minor,
        .body = body};
    record.body_length = (uint32_t)command_body_encode(&step->command, body);
    return order_sums_add(sums, &record, step->postings, step->posting_count);
}

static bool same_sums(const struct order_sums *a, const struct order_sums *b)
{
    return a->paid_minor == b->paid_minor && a->confirmed_minor == b->confirmed_minor &&
           a->refunded_minor == b->refunded_minor && a->held_minor == b->held_minor &&
           a->withdrawn_minor == b->withdrawn_minor && a->fees_minor == b->fees_minor;
}

START_TEST(every_kind)
{
#define RESULT(given)                                                                              \
    {                                                                                              \
        .kind = COMMAND_CONFIRM_PAYOUT, .confirm_payout = {.payout_id = 1, .result = given }       \
    }
    const struct step steps[] = {
        /* A payee repays a debt at once: that is not paid once more. */
        {"pay", {.kind = COMMAND_PAY, .pay = {.payer_account_id = PAYER}},
            {posting(100, PAYER, AVAILABLE, PAYEE, AVAILABLE),
                posting(30, PAYEE, AVAILABLE, OWN, AVAILABLE),
                posting(50, PAYER, AVAILABLE, OTHER, AVAILABLE),
                posting(3, PAYER, AVAILABLE, FEE, AVAILABLE)},
            4, 3, {.paid_minor = 153, .confirmed_minor = 153, .fees_minor = 3}},
        {"place hold", {.kind = COMMAND_PLACE_HOLD},
            {posting(100, PAYER, AVAILABLE, PAYER, FROZEN)}, 1, 0,
            {.paid_minor = 100, .held_minor = 100}},
        {"confirm hold", {.kind = COMMAND_CONFIRM_HOLD},
            {posting(60, PAYER, FROZEN, PAYEE, AVAILABLE),
                posting(9, PAYEE, AVAILABLE, OWN, AVAILABLE),
                posting(2, PAYER, FROZEN, FEE, AVAILABLE)},
            3, 2, {.confirmed_minor = 62, .held_minor = -62, .fees_minor = 2}},
        {"cancel hold", {.kind = COMMAND_CANCEL_HOLD},
            {posting(10, PAYER, FROZEN, PAYER, AVAILABLE)}, 1, 0,
            {.refunded_minor = 10, .held_minor = -10}},
        {"expire", {.kind = COMMAND_EXPIRE}, {posting(28, PAYER, FROZEN, PAYER, AVAILABLE)}, 1, 0,
            {.refunded_minor = 28, .held_minor = -28}},
        {"refund", {.kind = COMMAND_REFUND},
            {posting(20, PAYEE, AVAILABLE, PAYER, AVAILABLE),
                posting(5, OWN, AVAILABLE, PAYER, AVAILABLE),
                posting(1, FEE, AVAILABLE, PAYER, AVAILABLE),
                posting(2, FEE, AVAILABLE, PAYEE, AVAILABLE)},
            4, 0, {.confirmed_minor = -26, .refunded_minor = 26}},
        {"reverse", {.kind = COMMAND_REVERSE},
            {posting(3, FEE, AVAILABLE, PAYER, AVAILABLE),
                posting(50, PAYEE, AVAILABLE, PAYER, AVAILABLE)},
            2, 0, {.paid_minor = -53, .confirmed_minor = -53}},
        {"withdraw", {.kind = COMMAND_WITHDRAW},
            {posting(97, PAYER, AVAILABLE, PAYER, OUT),
                posting(3, PAYER, AVAILABLE, FEE, AVAILABLE)},
            2, 3, {.withdrawn_minor = 97, .fees_minor = 3}},
        {"intercept", {.kind = COMMAND_INTERCEPT_PAYOUT},
            {posting(97, PAYER, OUT, PAYER, AVAILABLE),
                posting(3, FEE, AVAILABLE, PAYER, AVAILABLE)},
            2, 0, {.withdrawn_minor = -97}},
        {"failed", RESULT(PAYOUT_RESULT_FAILED),
            {posting(97, PAYER, OUT, PAYER, AVAILABLE),
                posting(3, FEE, AVAILABLE, PAYER, AVAILABLE)},
            2, 0, {.withdrawn_minor = -97}},
        {"paid", RESULT(PAYOUT_RESULT_PAID), {posting(97, PAYER, OUT, ESCROW, AVAILABLE)}, 1, 0,
            {0}},
        {"sent", RESULT(PAYOUT_RESULT_SENT), {posting(1, 1, 0, 1, 1)}, 0, 0, {0}},
        {"unknown", RESULT(PAYOUT_RESULT_UNKNOWN), {posting(1, 1, 0, 1, 1)}, 0, 0, {0}},
        {"returned", RESULT(PAYOUT_RESULT_RETURNED),
            {posting(40, ESCROW, AVAILABLE, PAYER, AVAILABLE),
                posting(1, FEE, AVAILABLE, PAYER, AVAILABLE)},
            2, 0, {.withdrawn_minor = -40}},
        {"receipt", {.kind = COMMAND_BOOK_RECEIPT},
            {posting(40, ESCROW, AVAILABLE, PAYER, AVAILABLE)}, 1, 0, {0}},
    };
#undef RESULT
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        struct order_sums sums = {0};
        EXPECT(add_step(&sums, &steps[i], OUTCOME_REFUSED_MIN) == 0);
        EXPECT_MSG(same_sums(&sums, &(struct order_sums){0}), "a refused %s", steps[i].name);
        EXPECT(add_step(&sums, &steps[i], OUTCOME_ACCEPTED) == 0);
        EXPECT_MSG(same_sums(&sums, &steps[i].change), "%s", steps[i].name);
        EXPECT_MSG(order_sums_balance(&sums), "%s", steps[i].name);
        EXPECT(!sums.has_overflown);
    }
}
END_TEST

START_TEST(sums_beyond_their_range)
{
    struct step step = {.command = {.kind = COMMAND_PAY, .pay = {.payer_account_id = PAYER}},
        .postings = {posting(INT64_MAX, PAYER, AVAILABLE, PAYEE, AVAILABLE)},
        .posting_count = 1};
    struct order_sums sums = {0};
    EXPECT(add_step(&sums, &step, OUTCOME_ACCEPTED) == 0);
    EXPECT(!sums.has_overflown && sums.paid_minor == INT64_MAX);
    step.postings[0].amount_minor = 1;
    EXPECT(add_step(&sums, &step, OUTCOME_ACCEPTED) == 0);
    EXPECT(sums.has_overflown);
    sums = (struct order_sums){
        .paid_minor = INT64_MIN, .confirmed_minor = INT64_MAX, .refunded_minor = 1};
    EXPECT(!order_sums_balance(&sums));
}
END_TEST

START_TEST(damaged_bodies)
{
    struct order_sums sums = {0};
    struct command_record record = {.kind = COMMAND_PAY,
        .outcome = OUTCOME_ACCEPTED,
        .body = (const uint8_t *)"\xff",
        .body_length = 1};
    EXPECT(order_sums_add(&sums, &record, NULL, 0) < 0);
    record.body_length = 0;
    record.kind = 9999;
    EXPECT(order_sums_add(&sums, &record, NULL, 0) < 0);
}
END_TEST

Suite *order_sums_suite(void)
{
    Suite *suite = suite_create("query/order_sums");
    TCase *cases = tcase_create("order_sums");
    tcase_add_test(cases, every_kind);
    tcase_add_test(cases, sums_beyond_their_range);
    tcase_add_test(cases, damaged_bodies);
    suite_add_tcase(suite, cases);
    return suite;
}
