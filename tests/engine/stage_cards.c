/* stage_cards.c: cards in every state.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/check.h"
#include "stage.h"

#include "support/expect.h"

#include <stdio.h>

static const char *number_of(int64_t card)
{
    static char numbers[Y_NONE][20];
    CHECK(card > 0 && card < Y_NONE);
    snprintf(numbers[card], sizeof numbers[card], "62162610000000%05d", (int)card);
    return numbers[card];
}

static void bind(struct stage *stage, int64_t card, int64_t member)
{
    stage_makes(stage, card, make_bind_card(L_MAIN, member, CARD_PERSONAL, number_of(card)));
}

static void at(struct stage *stage, int64_t sequence, struct command command)
{
    CHECK(stage->sequence < sequence);
    stage->sequence = sequence - 1;
    stage_do(stage, command);
}

/* Asked for by four factors, and answered. */
static void answer(struct stage *stage, int64_t card, enum card_check_result result)
{
    stage_do(stage, make_check_card(L_MAIN, card, CARD_FOUR_FACTOR));
    stage_do(stage, make_confirm_card(L_MAIN, card, stage->sequence, result));
}

static void bind_of_user(struct stage *stage)
{
    for (int64_t card = Y_BOUND; card <= Y_NEARLY; card++)
        bind(stage, card, M_CARDS);
    at(stage, S_CHECK_FOUR, make_check_card(L_MAIN, Y_FOUR, CARD_FOUR_FACTOR));
    at(stage, S_CHECK_SMALL, make_check_card(L_MAIN, Y_SMALL, CARD_SMALL_AMOUNT));
    at(stage, S_CHECK_TRIED, make_check_card(L_MAIN, Y_TRIED, CARD_SMALL_AMOUNT));
    stage_do(stage, make_card_amount(L_MAIN, Y_TRIED, 1));
    stage_do(stage, make_card_amount(L_MAIN, Y_TRIED, 18));
    for (int64_t card = Y_MAIN; card <= Y_LAST; card++)
        answer(stage, card, CARD_CHECK_RIGHT);
    stage_do(stage, make_unbind_card(L_MAIN, Y_UNBOUND));
    stage_do(stage, make_replace_card(L_MAIN, Y_REPLACED, Y_NEXT));
    for (int i = 0; i < CARD_WRONG_IN_ROW_MAX; i++)
        answer(stage, Y_LOCKED, CARD_CHECK_WRONG);
    for (int i = 0; i < CARD_CHECKS_PER_DATE_MAX; i++)
        answer(stage, Y_OFTEN, CARD_CHECK_UNKNOWN);
    stage->now_us = STAGE_NOW_US - 48 * HOUR_US;
    stage_do(stage, make_check_card(L_MAIN, Y_DUE, CARD_FOUR_FACTOR));
    stage->now_us++;
    stage_do(stage, make_check_card(L_MAIN, Y_NEARLY, CARD_SMALL_AMOUNT));
    stage->now_us = STAGE_NOW_US;
}

static struct command open_merchant(const char *id)
{
    struct command command = make_open_member(L_MAIN, id);
    command.open_member.kind = MEMBER_MERCHANT;
    return command;
}

/* By a number of its own. */
static void identify(struct stage *stage, int64_t ledger, int64_t member, const char *number)
{
    stage_do(stage, make_identify(ledger, member, "\u5f20\u4e09", number, 0));
}

static void identify_owner(struct stage *stage, int64_t member, const char *number)
{
    struct command command =
        make_identify_company(L_MAIN, member, "\u793a\u4f8b\u6709\u9650\u516c\u53f8", number);
    command.identify_member.subject = SUBJECT_INDIVIDUAL_BUSINESS;
    stage_do(stage, command);
}

static void grant_mandates(struct stage *stage)
{
    const struct command granted = make_mandate(L_MAIN, A_RICH, A_POOR, 0, 100, 250, AN_HOUR_AHEAD);
    const struct command pays = make_pay(L_MAIN, A_RICH, A_POOR, 100, 0);
    const struct command back = make_pay(L_MAIN, A_POOR, A_RICH, 200, 0);
    struct command once = granted, later = granted;
    once.grant_mandate.count = 1;
    later.grant_mandate.starts_at_us = STAGE_NOW_US + 1;
    stage_makes(stage, N_PAYS, granted);
    stage_makes(stage, N_CARD, make_mandate(L_MAIN, A_PAYS, 0, Y_PAYS, 100, 250, AN_HOUR_AHEAD));
    stage_makes(stage, N_SPENT, once);
    stage_makes(stage, N_ENDED, granted);
    stage_makes(stage, N_LATER, later);
    stage->now_us = STAGE_NOW_US - 1;
    stage_makes(stage, N_DUE, make_mandate(L_MAIN, A_RICH, A_POOR, 0, 100, 250, STAGE_NOW_US));
    stage->now_us = STAGE_NOW_US;
    stage_do(stage, by_mandate(N_PAYS, pays));
    stage_do(stage, by_mandate(N_SPENT, pays));
    stage_do(stage, back);
    stage_do(stage, make_end_mandate(L_MAIN, N_ENDED));
}

void stage_bind_cards(struct stage *stage)
{
    CHECK(stage->now_us == STAGE_NOW_US);
    stage_makes(stage, M_CARDS, make_open_member(L_MAIN, "cards"));
    stage_makes(stage, M_TRADER, open_merchant("trader"));
    stage_makes(stage, M_PAYS, open_merchant("pays"));
    stage_makes(stage, M_GOES, make_open_member(L_MAIN, "goes"));
    stage_makes(stage, A_PAYS, make_open_account(L_MAIN, M_PAYS));
    identify(stage, L_MAIN, M_CARDS, "110101199003070011");
    identify(stage, L_MAIN, M_GOES, "110101199003070038");
    identify(stage, L_OTHER, M_OTHER, "110101199003070054");
    identify_owner(stage, M_TRADER, "92110000600037341L");
    identify_owner(stage, M_PAYS, "92110000600037342L");
    bind_of_user(stage);
    stage_makes(
        stage, Y_TRADER, make_bind_card(L_MAIN, M_TRADER, CARD_CORPORATE, number_of(Y_TRADER)));
    bind(stage, Y_PAYS, M_PAYS);
    bind(stage, Y_PAYS_TWO, M_PAYS);
    bind(stage, Y_GOES, M_GOES);
    bind(stage, Y_GOES_TWO, M_GOES);
    bind(stage, Y_NINE, M_TRADER);
    bind(stage, Y_WRONG, M_TRADER);
    stage_makes(
        stage, Y_OTHER, make_bind_card(L_OTHER, M_OTHER, CARD_PERSONAL, number_of(Y_OTHER)));
    stage_makes(stage, Y_TWICE, make_bind_card(L_MAIN, M_TWICE, CARD_PERSONAL, number_of(Y_TWICE)));
    answer(stage, Y_PAYS, CARD_CHECK_RIGHT);
    answer(stage, Y_PAYS_TWO, CARD_CHECK_RIGHT);
    answer(stage, Y_GOES, CARD_CHECK_RIGHT);
    stage_do(stage, make_check_card(L_MAIN, Y_GOES_TWO, CARD_FOUR_FACTOR));
    for (int i = 1; i < CARD_CHECKS_PER_DATE_MAX; i++)
        answer(stage, Y_NINE, CARD_CHECK_UNKNOWN);
    at(stage, S_CHECK_NINE, make_check_card(L_MAIN, Y_NINE, CARD_FOUR_FACTOR));
    for (int i = 1; i < CARD_WRONG_IN_ROW_MAX; i++)
        answer(stage, Y_WRONG, CARD_CHECK_WRONG);
    at(stage, S_CHECK_WRONG, make_check_card(L_MAIN, Y_WRONG, CARD_FOUR_FACTOR));
    stage_do(stage, make_receipt(L_MAIN, A_PAYS, 10));
    at(stage, S_PROOF, with_proof("F-1", make_withdraw(L_MAIN, A_PAYS, 10, 0, 0)));
    EXPECT(engine_last_id(stage->engine, RECORD_PAYOUT) == P_CARDS);
    EXPECT(engine_last_id(stage->engine, RECORD_CARD) == Y_TWICE);
    grant_mandates(stage);
    static const struct proof_rule_asked rules[] = {
        {.kind = COMMAND_PAY, .above_amount_minor = 900, .sms_code = true, .signature = true},
        {.kind = COMMAND_WITHDRAW, .above_amount_minor = 950, .password = true},
        {.kind = COMMAND_BIND_CARD, .signature = true},
        {.kind = COMMAND_UNBIND_CARD, .signature = true},
        {.kind = COMMAND_REPLACE_CARD, .signature = true}};
    stage_do(stage, make_proof_policy(L_OTHER, rules, 5));
}
