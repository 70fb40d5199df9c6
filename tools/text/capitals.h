/* capitals.h: amounts in Chinese capitals, 人民币大写, as on cheques and papers that are stamped.
 *
 * By the rules of the People's Bank for bills and settlement papers (支付结算办法, 正确填写票据和结算凭证的
 * 基本规定): 整 stands behind 元 alone; zeros between figures are one 零; 零 stands behind 元 where there
 * is no 角 but a 分, and where 元 is 0 but 角 is not.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_TOOLS_TEXT_CAPITALS_H
#define VSL_TOOLS_TEXT_CAPITALS_H

#include "base/must_use.h"

#include <stdbool.h>
#include <stdint.h>

#define CAPITALS_BYTES_MAX 160

/* 140950 with 2 decimals: 壹仟肆佰零玖元伍角; below 0 with 负 in front. False where there is no such
 * writing: other decimals than 0 and 2, and from 10^16 元 on. */
MUST_USE bool capitals_write(int64_t amount_minor, int decimals, char ret_text[CAPITALS_BYTES_MAX]);

#endif
