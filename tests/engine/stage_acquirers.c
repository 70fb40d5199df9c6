/* stage_acquirers.c: payment companies of L_SHOP and L_PLAIN, and what they promised.
 * SPDX-License-Identifier: Apache-2.0 */
#include "stage.h"

#include "model/money.h"

#include "support/expect.h"

static struct command opening(const char *name, int32_t days, const char *rule)
{
    return make_open_acquirer(L_SHOP, name, days, rule, 10000);
}

void stage_open_acquirers(struct stage *stage)
{
    struct command keeper = opening("keeper", 0, "full");
    keeper.open_acquirer.terms.keeps_fee = true;
    keeper.open_acquirer.terms.withdrawable_next_date = true;
    stage_makes(stage, G_ALLPAY, opening("allpay", 1, "split"));
    stage_makes(stage, G_KEEPER, keeper);
    stage_makes(stage, G_STOPPED, opening("stopped", 2, ""));
    stage_makes(stage, G_LATER, opening("later", 2, "grows"));
    stage_makes(stage, G_PLAIN,
        make_open_acquirer(L_PLAIN, "allpay", SETTLEMENT_DAYS_MAX, "", AMOUNT_MINOR_MAX));
    EXPECT(engine_find_account(stage->engine, PLAIN_PAY)->kind == ACCOUNT_ACQUIRER);

    stage->sequence = S_PROMISE - 1;
    stage_makes(
        stage, T_OPEN, command_of_order("T-1", make_promise(L_SHOP, G_ALLPAY, B_ONE, 1000, "T-1")));
    stage_makes(stage, T_PART, make_promise(L_SHOP, G_ALLPAY, B_TWO, 1000, "T-2"));
    stage_do(stage, make_cancel_promise(L_SHOP, T_PART, 400));
    stage_makes(stage, T_CANCELLED, make_promise(L_SHOP, G_ALLPAY, B_ONE, 50, "T-3"));
    stage_do(stage, make_cancel_promise(L_SHOP, T_CANCELLED, 0));
    stage_makes(stage, T_KEPT, make_promise(L_SHOP, G_KEEPER, B_TWO, 1000, "T-1"));
    stage_makes(stage, T_STOPPED, make_promise(L_SHOP, G_STOPPED, B_NO_OUT, 70, "T-1"));
    stage_makes(stage, T_PLAIN, make_promise(L_PLAIN, G_PLAIN, B_PLAIN, 90, "T-1"));
    struct command stop = make_set_acquirer(L_SHOP, G_STOPPED, 2, "", 10000);
    stop.set_acquirer.is_stopped = true;
    stage_do(stage, stop);
}
