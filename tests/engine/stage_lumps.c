/* stage_lumps.c: lumps in every state.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/check.h"
#include "shop.h"
#include "stage.h"

static void at(struct stage *stage, int64_t sequence, struct command command)
{
    CHECK(stage->sequence < sequence);
    stage->sequence = sequence - 1;
    stage_do(stage, command);
}

void stage_open_lumps(struct stage *stage)
{
    static const int64_t items[] = {70, 100, 50, 80, 90, 20};
    stage_makes(stage, A_LINES, make_open_account(L_MAIN, M_OWNER));
    stage_makes(stage, A_SPENT, make_open_account(L_MAIN, M_OWNER));
    at(stage, S_RECEIPT_LUMP, with_party(make_receipt_by_number(L_MAIN, "", 300), &other_party));
    for (size_t i = 0; i < sizeof items / sizeof *items; i++)
        stage_do(stage, make_receipt_by_number(L_MAIN, "", items[i]));
    stage_makes(stage, K_OPEN, make_open_lump(L_MAIN, X_OPEN, 4, 200));
    at(stage, S_LINE, command_of_order("W-6", make_line(L_MAIN, K_OPEN, "L-1", A_LINES, 50)));
    at(stage, S_LINE_SPENT, make_line(L_MAIN, K_OPEN, "L-2", A_SPENT, 30));
    at(stage, S_LINE_BACK, make_line(L_MAIN, K_OPEN, "L-3", A_LINES, 7));
    stage_do(stage, make_undo_line(L_MAIN, X_OPEN, K_OPEN, S_LINE_BACK));
    stage_makes(stage, K_FULL, make_open_lump(L_MAIN, X_FULL, 1, 60));
    at(stage, S_LINE_FULL, make_line(L_MAIN, K_FULL, "L-4", A_LINES, 60));
    stage_makes(stage, K_SHUT, make_open_lump(L_MAIN, X_SHUT, 1, 40));
    at(stage, S_LINE_SHUT, make_line(L_MAIN, K_SHUT, "L-5", A_LINES, 40));
    stage_do(stage, make_close_lump(L_MAIN, K_SHUT));
    stage_makes(stage, K_NEW, make_open_lump(L_MAIN, X_NEW, 2, 50));
    struct command whole = make_open_lump(L_MAIN, X_ALL, 1, 80);
    whole.open_lump.is_all_or_none = true;
    stage_makes(stage, K_ALL, whole);
    stage_makes(stage, K_WRONG, make_open_lump(L_MAIN, X_WRONG, 1, 90));
    at(stage, S_LINE_WRONG, make_line(L_MAIN, K_WRONG, "L-6", A_SPENT, 80));
    stage_makes(stage, K_CANCELLED, make_open_lump(L_MAIN, X_SHUT, 1, 60));
    stage_do(stage, make_cancel_lump(L_MAIN, K_CANCELLED));
    stage_makes(stage, K_PLAIN, make_open_lump(L_PLAIN, X_PLAIN, 1, 9));
    stage_do(stage, make_fee(L_MAIN, A_SPENT, 110));
    /* What waits in L_SHOP is too old, and that is told; in L_PLAIN it is not told yet. */
    stage_do(stage, make_suspense_age(L_SHOP, 3600));
    stage_do(stage, make_expire(L_SHOP, EXPIRY_SUSPENSE, X_NOBODY));
    stage_do(stage, make_suspense_age(L_PLAIN, 3600));
    stage_do(stage, make_suspense_age(L_MAIN, SUSPENSE_AGE_S_MAX));
}
