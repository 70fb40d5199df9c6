/* stage_screening.c: L_DENY: a deny list, and members who were found on it.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/check.h"
#include "stage.h"

#include "support/expect.h"

static const struct party payer = {{"payer", 5}, {"6222001", 7}, {NULL, 0}};

/* A member with an account and 100 in it. */
static void open_with_money(
    struct stage *stage, int64_t member, int64_t account, const char *name, const char *number)
{
    stage_makes(stage, member, make_open_member(L_DENY, number));
    stage_makes(stage, account, make_open_account(L_DENY, member));
    stage_do(stage, make_identify(L_DENY, member, name, number, 0));
    stage_do(stage, make_receipt(L_DENY, account, 100));
}

static void receive_from(struct stage *stage, int64_t sequence, int64_t amount)
{
    CHECK(stage->sequence < sequence);
    stage->sequence = sequence - 1;
    stage_do(stage, make_receipt_from(L_DENY, A_CLEAN, amount, payer));
}

static void decide(struct stage *stage, int64_t hit, enum hit_decision decision)
{
    stage_do(stage, command_by("u", make_decide_hit(L_DENY, hit, decision)));
}

static void list(struct stage *stage)
{
    stage_makes(stage, V_NAME, make_deny_name(L_DENY, "Li Si", 0));
    stage_makes(stage, V_DOCUMENT, make_deny_document(L_DENY, "D-3", 0));
    stage_makes(stage, V_ACCOUNT, make_deny_account(L_DENY, "90000000", 0));
    stage_makes(stage, V_PAYER, make_deny_name(L_DENY, "payer", 0));
    stage_makes(stage, V_ENDED, make_deny_name(L_DENY, "ended", 0));
    stage_do(stage, stage_by_two(stage, make_end_denied(L_DENY, V_ENDED)));
    int64_t now_us = stage->now_us;
    stage->now_us = now_us - HOUR_US;
    stage_makes(stage, V_EXPIRED, make_deny_name(L_DENY, "expired", now_us - HOUR_US + 1));
    stage->now_us++;
    stage_do(stage, make_expire(L_DENY, EXPIRY_DENIED, V_EXPIRED));
    stage_makes(stage, V_DUE, make_deny_name(L_DENY, "due", now_us));
    stage_makes(stage, V_NEARLY, make_deny_name(L_DENY, "nearly", now_us + 1));
    stage->now_us = now_us;
    stage_makes(stage, V_OTHER, make_deny_name(L_OTHER, "Li Si", 0));
}

void stage_screen(struct stage *stage)
{
    stage_makes(stage, L_DENY, make_open_ledger("8100", TEST_DATE, 3));
    open_with_money(stage, M_HIT, A_HIT, "Li Si", "D-1");
    open_with_money(stage, M_CLEARED, A_CLEARED, "Li Si", "D-2");
    open_with_money(stage, M_CONFIRMED, A_CONFIRMED, "Wang Wu", "D-3");
    open_with_money(stage, M_CARRIES, A_CARRIES, "\u5f20\u4e09", "D-4");
    open_with_money(stage, M_CLEAN, A_CLEAN, "Zhao Liu", "D-5");
    EXPECT(engine_last_id(stage->engine, RECORD_IDENTITY) == I_NONE - 1);
    stage_makes(stage, Y_CARRIES, make_bind_card(L_DENY, M_CARRIES, CARD_PERSONAL, "90000000"));
    stage_makes(stage, H_HIT, make_place_hold(L_DENY, A_HIT, 20, "D-1", AN_HOUR_AHEAD));
    stage_makes(stage, P_HIT, make_withdraw(L_DENY, A_HIT, 10, 0, 0));
    list(stage);
    EXPECT(engine_last_id(stage->engine, RECORD_HIT) == W_CARD);
    decide(stage, W_CLEARED, HIT_DECISION_CLEARED);
    decide(stage, W_CONFIRMED, HIT_DECISION_CONFIRMED);
    receive_from(stage, S_KEPT, 40);
    receive_from(stage, S_FREED, 30);
    EXPECT(engine_last_id(stage->engine, RECORD_HIT) == W_NONE - 1);
    decide(stage, W_FREED, HIT_DECISION_CLEARED);
    const struct command proposed = make_end_denied(L_DENY, V_NAME);
    stage_makes(stage, Q_DENY, make_proposal(L_DENY, &proposed, AN_HOUR_AHEAD));
    stage_do(stage, make_receipt_by_number(L_DENY, "", 50));
    stage_makes(stage, K_DENY, make_open_lump(L_DENY, X_SPARE, 1, 50));
    EXPECT(engine_last_id(stage->engine, RECORD_SUSPENSE) == X_NONE - 1);
    EXPECT(engine_last_id(stage->engine, RECORD_CARD) == Y_NONE - 1);
    stage_makes(stage, G_DENY, make_open_acquirer(L_DENY, "denypay", 1, "", 1000));
}
