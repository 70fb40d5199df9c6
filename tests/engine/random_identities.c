/* random_identities.c: who members are, see random_commands.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "random_picks.h"

#include "base/check.h"
#include "commands.h"

#include <stdio.h>

/* Names as they are kept, with those that are beyond the BMP or have several parts. */
static const char *const names[] = {"\u5f20\u4e09", "\u674e\u56db", "\U00020bb7\u91ce\U0002cb4e",
    "\u963f\u535c\u675c\u62c9\u00b7\u4e70\u4e70\u63d0", "\u3431", "Ada Lovelace"};
enum { NAMES = sizeof names / sizeof *names, NUMBERS = 12 };

static const char *pick_name(struct random *random)
{
    return names[random_below(random, NAMES)];
}

/* Few numbers, so that persons come again. */
static struct text pick_number(struct random *random)
{
    static char numbers[4][24];
    static unsigned next;
    char *number = numbers[next++ % 4];
    snprintf(
        number, sizeof numbers[0], "1101051949123100%02u", (unsigned)random_below(random, NUMBERS));
    return text_of(number);
}

/* The day that it is in China; its end is the first thing that a history may see. */
static int32_t pick_day(struct random *random, int64_t now_us, int from, int to)
{
    int32_t today = (int32_t)((now_us + INT64_C(8) * 3600 * 1000000) / (INT64_C(86400) * 1000000));
    return today + (int32_t)random_between(random, from, to);
}

static int32_t pick_until(struct random *random, int64_t now_us)
{
    if (random_percent(random, 30))
        return 0;
    return random_percent(random, 50) ? pick_day(random, now_us, -1, 1)
                                      : pick_day(random, now_us, 27, 33);
}

struct command random_identify(
    struct random *random, const struct naive_model *model, int64_t ledger, int64_t now_us)
{
    int64_t member = pick_member(random, model, ledger);
    struct command command = make_identify(ledger, member, pick_name(random), "", 0);
    struct identify_member *asked = &command.identify_member;
    bool is_merchant = member >= 1 && member <= model->member_count &&
                       model->members[member].kind == MEMBER_MERCHANT;
    asked->holder.number = pick_number(random);
    asked->holder.valid_until_date = pick_until(random, now_us);
    if (random_percent(random, 3))
        asked->holder.valid_from_date = pick_day(random, now_us, -1, 1);
    if (random_percent(random, 20))
        asked->holder.document_kind =
            random_percent(random, 50) ? DOCUMENT_HOUSEHOLD_REGISTER : DOCUMENT_FOREIGN_PASSPORT;
    if (is_merchant != random_percent(random, 4)) {
        asked->subject = random_percent(random, 50) ? SUBJECT_COMPANY : SUBJECT_INDIVIDUAL_BUSINESS;
        asked->representative = asked->holder;
        asked->representative.name = text_of(pick_name(random));
        if (random_percent(random, 70))
            asked->representative.number = pick_number(random);
        asked->representative.valid_until_date =
            random_percent(random, 90) ? 0 : pick_until(random, now_us);
    }
    if (random_percent(random, 15)) {
        asked->handler = asked->holder;
        asked->handler.name = text_of(pick_name(random));
        asked->handler.number = pick_number(random);
        asked->handler.valid_until_date =
            random_percent(random, 90) ? 0 : pick_until(random, now_us);
    }
    if (random_percent(random, 40))
        asked->recheck_date = pick_until(random, now_us);
    if (random_percent(random, 4))
        asked->check.checked_at_us = now_us + random_between(random, -1, 1);
    return command;
}
