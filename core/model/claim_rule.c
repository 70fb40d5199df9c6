/* claim_rule.c: see claim_rule.h.
 *
 * 民诉法解释: 最高人民法院关于适用民事诉讼法的解释 (2022); 公安程序规定: 公安机关办理刑事案件程序规定.
 * SPDX-License-Identifier: Apache-2.0 */
#include "model/claim_rule.h"

#include "model/date.h"

#include <stddef.h>

#define ANY CLAIM_TIMES_ANY

/* clang-format off */
static const struct claim_rule rules[AUTHORITY_CREDITOR + 1][GROUND_SECURED_RIGHT + 1] = {
    [AUTHORITY_COURT] = {
        [GROUND_ORDINARY] = {"民诉法解释 485", .months = 12, .next_months = 12, .times = ANY,
            .may_queue = true, .may_deduct = true},
    },
    [AUTHORITY_POLICE] = {
        [GROUND_ORDINARY] = {"公安程序规定 243", .months = 6, .next_months = 6, .times = ANY,
            .may_queue = true, .may_return = true},
        [GROUND_MAJOR_CASE] = {"公安程序规定 243", .months = 12, .next_months = 12, .times = ANY,
            .may_queue = true, .may_return = true},
        [GROUND_TERROR] = {"反恐怖主义法 52", .months = 2, .next_months = 1, .times = 1,
            .may_queue = true},
        [GROUND_ORGANISED_CRIME] = {"反有组织犯罪法 27", .hours = 48, .times = 0},
        [GROUND_FRAUD_STOP] = {"反电信网络诈骗法 20; 银发〔2016〕86号", .hours = 48, .times = 1},
    },
    [AUTHORITY_PROCURATORATE] = {
        [GROUND_ORDINARY] = {"人民检察院刑事诉讼规则 212-213", .months = 6, .next_months = 6,
            .times = ANY, .may_queue = true},
    },
    [AUTHORITY_SUPERVISION] = {
        [GROUND_ORDINARY] = {"监察法 26", .times = ANY, .may_queue = true},
    },
    [AUTHORITY_STATE_SECURITY] = {
        [GROUND_ORDINARY] = {"刑事诉讼法 4, 144", .months = 6, .next_months = 6, .times = ANY,
            .may_queue = true},
    },
    [AUTHORITY_TAX] = {
        [GROUND_ORDINARY] = {"税收征收管理法 38, 40", .times = ANY, .may_queue = true,
            .may_deduct = true},
    },
    [AUTHORITY_CUSTOMS] = {
        [GROUND_ORDINARY] = {"海关法 60-61", .times = ANY, .may_queue = true, .may_deduct = true},
    },
    [AUTHORITY_SECURITIES] = {
        [GROUND_ORDINARY] = {"证券法 170; 期货和衍生品法 106", .months = 6, .next_months = 3,
            .times = ANY, .total_months = 24, .may_queue = true},
    },
    [AUTHORITY_CENTRAL_BANK] = {
        [GROUND_ORDINARY] = {"反洗钱法 45", .hours = 48, .times = 0, .may_queue = true},
    },
    [AUTHORITY_ADMINISTRATIVE] = {
        [GROUND_ORDINARY] = {"行政强制法 29, 32", .days = 30, .times = 1},
    },
    [AUTHORITY_BANK] = {
        [GROUND_LISTED_PERSON] = {"反洗钱法 40; 反恐怖主义法 14", .times = ANY,
            .may_queue = true},
    },
    [AUTHORITY_CREDITOR] = {
        [GROUND_SECURED_RIGHT] = {"民法典 386, 425, 440", .times = ANY, .may_queue = true},
    },
};
/* clang-format on */

const struct claim_rule *claim_rule_of(int32_t authority, int32_t ground)
{
    if (authority < 1 || authority > AUTHORITY_CREDITOR || ground < 1 ||
        ground > GROUND_SECURED_RIGHT)
        return NULL;
    const struct claim_rule *rule = &rules[authority][ground];
    return rule->article ? rule : NULL;
}

int32_t claim_months_later(int32_t day, int32_t months)
{
    int32_t date = date_to_yyyymmdd(day);
    int32_t month = date / 10000 * 12 + date / 100 % 100 - 1 + months;
    int32_t later = 0;
    bool is_day = false;
    for (int32_t day_of_month = date % 100; !is_day && day_of_month > 0; day_of_month--)
        is_day = date_try_from_yyyymmdd(
            month / 12 * 10000 + (month % 12 + 1) * 100 + day_of_month, &later);
    return is_day ? later : DATE_DAYS_MAX;
}

int32_t day_in_china(int64_t now_us)
{
    const int64_t hour_us = INT64_C(3600) * 1000000;
    return (int32_t)((now_us + 8 * hour_us) / (24 * hour_us));
}
