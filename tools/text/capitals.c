/* capitals.c: see capitals.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "text/capitals.h"

#include "base/check.h"

#include <string.h>

#define GROUPS 4 /* of four figures: up to 元, 万, 亿, 万亿 */
#define YUAN_END UINT64_C(10000000000000000)

static const char *const figures[] = {"零", "壹", "贰", "叁", "肆", "伍", "陆", "柒", "捌", "玖"};

static void put(char *text, const char *more)
{
    CHECK(strlen(text) + strlen(more) < CAPITALS_BYTES_MAX);
    strcat(text, more);
}

/* Four figures, with 零 in front where something stands before and zeros between. */
static void put_group(char *text, unsigned value, bool has_zero)
{
    static const char *const units[] = {"仟", "佰", "拾", ""};
    unsigned divisor = 1000;
    bool has_begun = false;
    for (int i = 0; i < 4; i++, divisor /= 10) {
        unsigned figure = value / divisor % 10;
        if (figure == 0) {
            has_zero = has_zero || has_begun;
            continue;
        }
        if (has_zero)
            put(text, figures[0]);
        put(text, figures[figure]);
        put(text, units[i]);
        has_begun = true;
        has_zero = false;
    }
}

static void put_yuan(char *text, uint64_t yuan)
{
    static const char *const units[GROUPS] = {"", "万", "亿", "万"};
    unsigned groups[GROUPS];
    bool has_begun = false, is_gap = false;
    for (int i = 0; i < GROUPS; i++, yuan /= 10000)
        groups[i] = (unsigned)(yuan % 10000);
    for (int i = GROUPS - 1; i >= 0; i--) {
        if (groups[i] > 0) {
            put_group(text, groups[i], has_begun && (is_gap || groups[i] < 1000));
            put(text, units[i]);
            has_begun = true;
        } else if (i == 2 && has_begun) {
            put(text, units[i]); /* 万亿 */
        }
        is_gap = groups[i] == 0;
    }
    put(text, "元");
}

bool capitals_write(int64_t amount_minor, int decimals, char ret_text[CAPITALS_BYTES_MAX])
{
    uint64_t amount = amount_minor < 0 ? -(uint64_t)amount_minor : (uint64_t)amount_minor;
    uint64_t yuan = decimals == 2 ? amount / 100 : amount;
    unsigned jiao = decimals == 2 ? (unsigned)(amount / 10 % 10) : 0;
    unsigned fen = decimals == 2 ? (unsigned)(amount % 10) : 0;
    if ((decimals != 0 && decimals != 2) || yuan >= YUAN_END)
        return false;
    ret_text[0] = '\0';
    if (amount_minor < 0)
        put(ret_text, "负");
    if (amount == 0)
        put(ret_text, "零元");
    if (yuan > 0)
        put_yuan(ret_text, yuan);
    if (yuan > 0 && (jiao > 0 ? yuan % 10 == 0 : fen > 0))
        put(ret_text, figures[0]);
    if (jiao > 0) {
        put(ret_text, figures[jiao]);
        put(ret_text, "角");
    }
    if (fen > 0) {
        put(ret_text, figures[fen]);
        put(ret_text, "分");
    }
    if (jiao == 0 && fen == 0)
        put(ret_text, "整");
    return true;
}
