/* stage.c: see stage.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "stage.h"

#include "compare.h"
#include "support/expect.h"

#include "base/check.h"
#include "model/money.h"

#include <inttypes.h>
#include <stdlib.h>

int64_t stage_do(struct stage *stage, struct command command)
{
    engine_execute(stage->engine, ++stage->sequence, &command, &stage->effects);
    struct naive_answer answer = naive_execute(stage->model, &command);
    EXPECT_MSG(outcome_is_accepted((int)stage->effects.outcome), "kind %d: %s", command.kind,
        outcome_name((int)stage->effects.outcome));
    EXPECT(answer.outcome == stage->effects.outcome);
    EXPECT(answer.subject_id == stage->effects.subject_id);
    return answer.subject_id;
}

/* The command makes the record with this id. */
static void makes(struct stage *stage, int64_t id, struct command command)
{
    int64_t made = stage_do(stage, command);
    EXPECT_MSG(made == id, "made %" PRId64 " and not %" PRId64, made, id);
}

static void open_records(struct stage *stage)
{
    static const char *const prefixes[] = {"1000", "2000", "3000", "4000", "5000", "6000"};
    for (int i = 0; i < 6; i++)
        makes(stage, i + 1, make_open_ledger(prefixes[i], TEST_DATE, 0));
    makes(stage, M_OWNER, make_open_member(L_MAIN, "owner"));
    makes(stage, M_EMPTY, make_open_member(L_MAIN, "empty"));
    makes(stage, M_CLOSED, make_open_member(L_MAIN, "closed"));
    makes(stage, M_LEAVING, make_open_member(L_MAIN, "leaving"));
    makes(stage, M_OTHER, make_open_member(L_OTHER, "owner"));
    makes(stage, M_FULL, make_open_member(L_FULL, "owner"));
    makes(stage, M_LATE, make_open_member(L_LATE, "owner"));
    for (int id = A_RICH; id <= A_PENDING; id++)
        makes(stage, id, make_open_account(L_MAIN, M_OWNER));
    makes(stage, A_CLOSED, make_open_account(L_MAIN, M_LEAVING));
    makes(stage, A_OTHER, make_open_account(L_OTHER, M_OTHER));
    makes(stage, A_FULL, make_open_account(L_FULL, M_FULL));
    makes(stage, A_LATE, make_open_account(L_LATE, M_LATE));
}

static void book_money(struct stage *stage)
{
    stage_do(stage, make_receipt(L_MAIN, A_RICH, RICH_MINOR + 300));
    stage_do(stage, make_receipt(L_MAIN, A_NO_IN, 552));
    stage_do(stage, make_receipt(L_MAIN, A_NO_OUT, 500));
    stage_do(stage, make_receipt(L_MAIN, A_BOTH, 500));
    stage_do(stage, make_receipt(L_MAIN, A_PENDING, 100));
    stage_do(stage, make_receipt(L_MAIN, A_CLOSED, 50));
    stage_do(stage, make_receipt(L_OTHER, A_OTHER, 1010));
    stage_do(stage, make_receipt(L_LATE, A_LATE, 100));
    makes(stage, P_REQUESTED, make_withdraw(L_MAIN, A_RICH, 100, 3, FEE_INSIDE));
    makes(stage, P_PAID, make_withdraw(L_MAIN, A_RICH, 200, 0, 0));
    stage_do(stage, make_confirm(L_MAIN, P_PAID, PAYOUT_RESULT_PAID));
    makes(stage, P_FAILED, make_withdraw(L_MAIN, A_RICH, 40, 2, FEE_OUTSIDE));
    stage_do(stage, make_confirm(L_MAIN, P_FAILED, PAYOUT_RESULT_FAILED));
    makes(stage, P_RETURNED, make_withdraw(L_MAIN, A_RICH, 60, 0, 0));
    stage_do(stage, make_confirm(L_MAIN, P_RETURNED, PAYOUT_RESULT_PAID));
    stage_do(stage, make_confirm(L_MAIN, P_RETURNED, PAYOUT_RESULT_RETURNED));
    makes(stage, P_CLOSED, make_withdraw(L_MAIN, A_CLOSED, 50, 0, 0));
    stage_do(stage, make_confirm(L_MAIN, P_CLOSED, PAYOUT_RESULT_PAID));
    makes(stage, P_OTHER, make_withdraw(L_OTHER, A_OTHER, 10, 0, 0));
    makes(stage, P_PENDING, make_withdraw(L_MAIN, A_PENDING, 100, 0, 0));
    makes(stage, P_NO_IN, make_withdraw(L_MAIN, A_NO_IN, 20, 2, FEE_OUTSIDE));
    makes(stage, P_NO_IN_PAID, make_withdraw(L_MAIN, A_NO_IN, 30, 0, 0));
    stage_do(stage, make_confirm(L_MAIN, P_NO_IN_PAID, PAYOUT_RESULT_PAID));
}

/* Up to the last unit that an escrow account can hold. */
static void fill(struct stage *stage)
{
    for (int i = 0; i < 922; i++)
        stage_do(stage, make_receipt(L_FULL, A_FULL, AMOUNT_MINOR_MAX));
    stage_do(stage, make_receipt(L_FULL, A_FULL, INT64_MAX - 922 * AMOUNT_MINOR_MAX));
    makes(stage, P_FULL, make_withdraw(L_FULL, A_FULL, 10, 5, FEE_OUTSIDE));
    stage_do(stage, make_confirm(L_FULL, P_FULL, PAYOUT_RESULT_PAID));
    stage_do(stage, make_receipt(L_FULL, A_FULL, 10));
}

static void close_and_restrict(struct stage *stage)
{
    stage_do(stage, make_close_ledger(L_CLOSED));
    stage_do(stage, make_close_member(L_MAIN, M_CLOSED));
    stage_do(stage, make_close_account(L_MAIN, A_CLOSED));
    stage_do(stage, make_restrict(L_MAIN, A_NO_IN, true, false));
    stage_do(stage, make_restrict(L_MAIN, A_NO_OUT, false, true));
    stage_do(stage, make_restrict(L_MAIN, A_BOTH, true, true));
    for (int day = 1; day <= 3; day++)
        stage_do(stage, make_cut_day(L_LATE, TEST_DATE + day));
}

struct stage *stage_create(void)
{
    struct stage *stage = calloc(1, sizeof *stage);
    CHECK(stage != NULL);
    stage->engine = engine_create();
    stage->model = naive_create();
    open_records(stage);
    book_money(stage);
    fill(stage);
    close_and_restrict(stage);
    const struct account *rich = engine_find_account(stage->engine, A_RICH);
    EXPECT(rich->balance_minor[BUCKET_AVAILABLE] == RICH_MINOR);
    EXPECT(rich->balance_minor[BUCKET_PENDING_OUT] == PENDING_RICH_MINOR);
    const struct account *escrow = engine_find_account(stage->engine, ESCROW_FULL);
    EXPECT(escrow->balance_minor[BUCKET_AVAILABLE] == -INT64_MAX);
    expect_same_state(stage->engine, stage->model);
    return stage;
}

void stage_destroy(struct stage *stage)
{
    engine_destroy(stage->engine);
    naive_destroy(stage->model);
    free(stage);
}
