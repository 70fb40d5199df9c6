/* stage_settlements.c: settlements of payment companies, and what of them was not as promised.
 * SPDX-License-Identifier: Apache-2.0 */
#include "stage.h"

#include "support/expect.h"

static struct command promise(int64_t acquirer, int64_t account, int64_t amount, const char *number)
{
    return make_promise(L_SHOP, acquirer, account, amount, number);
}

static struct command settlement(int64_t acquirer, int64_t item, int32_t lines, int64_t total)
{
    return make_open_settlement(L_SHOP, acquirer, item, lines, total);
}

static struct command line(int64_t settlement_id, int64_t promise_id, int64_t gross, int64_t fee)
{
    return make_settle_line(L_SHOP, settlement_id, promise_id, gross, fee);
}

static struct command unknown(int64_t settlement_id, int64_t gross)
{
    return line_of_reference("nobody's", line(settlement_id, 0, gross, 0));
}

static void promise_all(struct stage *stage)
{
    struct command nets = make_open_acquirer(L_SHOP, "nets", 0, "full", 10000);
    nets.open_acquirer.terms.keeps_fee = true;
    nets.open_acquirer.terms.withdrawable_next_date = true;
    stage_makes(stage, G_PAYS, make_open_acquirer(L_SHOP, "pays", 1, "", 100000));
    stage_makes(stage, G_NETS, nets);
    stage_makes(stage, B_SETTLED, make_open_account(L_SHOP, M_SHOP));
    stage_makes(stage, B_STOPPED, make_open_account(L_SHOP, M_SHOP));
    stage_makes(stage, B_LEFT, make_open_account(L_SHOP, M_SHOP));
    stage_makes(stage, T_DUE, command_of_order("D-1", promise(G_PAYS, B_SETTLED, 1000, "D-1")));
    stage_makes(stage, T_HALF, promise(G_PAYS, B_SETTLED, 1000, "D-2"));
    stage_makes(stage, T_SHORT, promise(G_PAYS, B_SETTLED, 1000, "D-3"));
    stage_makes(stage, T_PAID, promise(G_PAYS, B_SETTLED, 100, "D-4"));
    stage_makes(stage, T_GONE, promise(G_PAYS, B_SETTLED, 80, "D-5"));
    stage_makes(stage, T_STOP, promise(G_PAYS, B_STOPPED, 100, "D-6"));
    stage_makes(stage, T_LEFT, promise(G_PAYS, B_LEFT, 100, "D-7"));
    stage_makes(stage, T_BIG, promise(G_PAYS, B_SETTLED, 30000, "D-8"));
    stage_makes(stage, T_NETS, promise(G_NETS, B_SETTLED, 1000, "E-1"));
    stage_makes(stage, T_NETS_FEE, promise(G_NETS, B_SETTLED, 2000, "E-2"));
    stage_makes(stage, T_SMALL, promise(G_PAYS, B_SETTLED, 32, "D-9"));
    stage_do(stage, make_cancel_promise(L_SHOP, T_GONE, 0));
}

static void settle_pays(struct stage *stage)
{
    stage_do(stage, make_receipt_by_number(L_SHOP, "", 3020));
    stage_makes(stage, C_OPEN, settlement(G_PAYS, X_PAYS, 20, 3000));
    stage_makes(stage, C_WHOLE, settlement(G_PAYS, X_PAYS, 1, 10));
    stage_makes(stage, C_CLOSED, settlement(G_PAYS, X_PAYS, 1, 10));
    stage_do(stage, partial_line(line(C_OPEN, T_HALF, 400, 0)));
    stage_makes(stage, D_SHORT, line(C_OPEN, T_SHORT, 900, 0));
    stage_makes(stage, D_OVER, line(C_OPEN, T_PAID, 105, 0));
    stage_makes(stage, D_TWICE, line(C_OPEN, T_PAID, 50, 0));
    stage_makes(stage, D_LATE, line(C_OPEN, T_GONE, 20, 0));
    stage_makes(stage, D_STOP, line(C_OPEN, T_STOP, 107, 0));
    stage_makes(stage, D_LEFT, line(C_OPEN, T_LEFT, 108, 0));
    stage_makes(stage, D_UNKNOWN, unknown(C_OPEN, 33));
    stage_makes(stage, D_BIG, line(C_OPEN, T_BIG, 1, 0));
    stage_makes(stage, D_WHOLE, unknown(C_WHOLE, 10));
    stage_makes(stage, D_DONE, unknown(C_CLOSED, 10));
    stage_do(stage, make_close_difference(L_SHOP, D_DONE, DIFFERENCE_ASSIGNED, T_HALF));
    stage_do(stage, make_close_settlement(L_SHOP, C_CLOSED));
    stage_do(stage, make_pay(L_SHOP, B_LEFT, B_SETTLED, 100, 0));
    stage_do(stage, make_close_account(L_SHOP, B_LEFT));
    stage_do(stage, make_restrict(L_SHOP, B_STOPPED, true, false));
}

void stage_open_settlements(struct stage *stage)
{
    promise_all(stage);
    settle_pays(stage);
    stage_do(stage, make_receipt_by_number(L_SHOP, "", 5060));
    stage_do(stage, make_receipt_by_number(L_PLAIN, "", 7));
    stage_makes(stage, C_NETS, settlement(G_NETS, X_NETS, 3, 3000));
    stage_makes(stage, D_FEE, line(C_NETS, T_NETS_FEE, 2000, 30));
    stage_makes(stage, C_ABANDONED, settlement(G_NETS, X_NETS, 1, 60));
    stage_do(stage, make_abandon(L_SHOP, C_ABANDONED, X_NETS));
    stage_makes(stage, C_FULL, settlement(G_NETS, X_NETS, 1, 60));
    stage_makes(stage, D_FULL, unknown(C_FULL, 50));
    stage_makes(stage, C_PLAIN, make_open_settlement(L_PLAIN, G_PLAIN, X_PAID, 1, 7));
    stage_makes(
        stage, D_PLAIN, line_of_reference("nobody's", make_settle_line(L_PLAIN, C_PLAIN, 0, 7, 0)));
    stage_makes(stage, C_ALLPAY, settlement(G_ALLPAY, X_NETS, 5, 2000));
    EXPECT(engine_last_id(stage->engine, RECORD_SUSPENSE) == X_PAID);
    EXPECT(engine_last_id(stage->engine, RECORD_DIFFERENCE) == D_NONE - 1);
}
