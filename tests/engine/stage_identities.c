/* stage_identities.c: members of L_MAIN and L_OTHER, and who they are.
 * SPDX-License-Identifier: Apache-2.0 */
#include "stage.h"

#include "support/expect.h"

#define DAY_US (24 * HOUR_US)

static const char *const zhang = "\u5f20\u4e09";
static const char *const number = "11010519491231002X";

/* What it makes is the identity, which is no answer. */
static void identify(struct stage *stage, int64_t identity_id, struct command command)
{
    stage_do(stage, command);
    EXPECT(engine_last_id(stage->engine, RECORD_IDENTITY) == identity_id);
}

static struct command until(int64_t member, const char *its_number, int32_t valid_until)
{
    return make_identify(L_MAIN, member, zhang, its_number, valid_until);
}

/* Those whose documents are over were identified before, as of that time. */
static void identify_before(struct stage *stage)
{
    int64_t now_us = stage->now_us;
    stage->now_us = now_us - 2 * DAY_US;
    identify(stage, I_OVER, until(M_OVER, OVER_NUMBER, TEST_DATE - 1));
    identify(stage, I_DUE, until(M_DUE, DUE_NUMBER, TEST_DATE - 1));
    stage_do(stage, make_expire(L_MAIN, EXPIRY_IDENTITY, I_OVER));
    stage_do(stage, make_expire(L_MAIN, EXPIRY_IDENTITY, I_DUE));
    stage->now_us = now_us;
    stage_do(stage, make_expire(L_MAIN, EXPIRY_IDENTITY, I_OVER));
}

void stage_identify(struct stage *stage)
{
    static const char *const users[] = {"over", "due", "soon", "noticed"};
    struct command company = make_identify_company(
        L_MAIN, M_COMPANY, "\u793a\u4f8b\u6709\u9650\u516c\u53f8", "91110000600037341L");
    company.identify_member.recheck_date = TEST_DATE + 30;
    stage_makes(stage, M_USER, make_open_member(L_MAIN, "user"));
    stage_makes(stage, M_TWICE, make_open_member(L_MAIN, "twice"));
    stage_makes(stage, M_MERCHANT, make_open_merchant(L_MAIN, "merchant"));
    stage_makes(stage, M_COMPANY, make_open_merchant(L_MAIN, "company"));
    for (int i = 0; i < 4; i++)
        stage_makes(stage, M_OVER + i, make_open_member(L_MAIN, users[i]));
    stage_makes(stage, M_STRICT, make_open_member(L_OTHER, "strict"));
    stage_makes(stage, M_STRICT_TWO, make_open_member(L_OTHER, "strict two"));
    stage_makes(stage, M_STRICT_SHOP, make_open_merchant(L_OTHER, "strict shop"));

    identify(stage, I_USER, until(M_USER, number, TEST_DATE + 3650));
    identify(stage, I_TWICE, until(M_TWICE, number, 0));
    identify(stage, I_COMPANY, company);
    identify_before(stage);
    identify(stage, I_SOON, until(M_SOON, "53010219200508011X", TEST_DATE + 29));
    identify(stage, I_NOTICED, until(M_NOTICED, "110101200002290018", TEST_DATE + 29));
    stage_do(stage, make_expire(L_MAIN, EXPIRY_IDENTITY, I_NOTICED));
    stage_do(stage, make_one_membership(L_OTHER, true));
    identify(stage, I_STRICT, make_identify(L_OTHER, M_STRICT, zhang, number, 0));
    EXPECT(engine_find_identity(stage->engine, M_TWICE)->person_id == I_USER);
    EXPECT(engine_find_identity(stage->engine, M_STRICT)->person_id == I_STRICT);
}
