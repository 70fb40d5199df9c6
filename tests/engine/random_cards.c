/* random_cards.c: draws cards, their checks and their ends.
 * SPDX-License-Identifier: Apache-2.0 */
#include "commands.h"
#include "naive.h"
#include "random_picks.h"

enum { LATEST = 8 };

/* One of the last ones that are bound, mostly in the status; 0: any. */
static int64_t pick_of(
    struct random *random, const struct naive_model *model, int64_t ledger, int status)
{
    int64_t found[LATEST];
    uint64_t count = 0;
    bool any = random_percent(random, 8);
    if (model->card_count == 0 || random_percent(random, 3))
        return pick_no_such_id(random, model->card_count);
    for (int id = model->card_count; id > 0 && count < LATEST; id--) {
        const struct naive_card *card = &model->cards[id];
        bool fits = card->ledger == ledger && naive_is_bound(card) &&
                    (status == 0 || card->status == status);
        if (any || fits)
            found[count++] = id;
    }
    return count == 0 ? model->card_count : found[random_below(random, count)];
}

int64_t pick_card(struct random *random, const struct naive_model *model, int64_t ledger)
{
    return pick_of(random, model, ledger, random_percent(random, 70) ? CARD_CHECKING : 0);
}

/* Mostly in a name that the member may have a card in. */
static struct command bind(struct random *random, const struct naive_model *model, int64_t ledger,
    int64_t member, enum card_kind kind, const char *number)
{
    struct command command = make_bind_card(ledger, member, kind, number);
    int id =
        member >= 1 && member <= model->member_count ? naive_identity_of(model, (int)member) : 0;
    const struct naive_identity *who = &model->identities[id];
    if (id != 0 && !random_percent(random, 4))
        command.bind_card.holder = text_of(
            who->subject != SUBJECT_PERSON && random_percent(random, 30) ? who->representative
                                                                         : who->name);
    return command;
}

/* Of few, so that they meet. */
struct command random_bind_card(
    struct random *random, const struct naive_model *model, int64_t ledger)
{
    static const char *const numbers[] = {"6216261000000000018", "6226090000000048",
        "6221260000000000", "6250947000000014", "8171999927660000", "6200000000000005",
        "6228480123456789015", "4111111111111111", "5200831111111113", "6222021001123456789"};
    int64_t member = pick_member(random, model, ledger);
    const char *number = numbers[random_below(random, sizeof numbers / sizeof *numbers)];
    for (int id = model->card_count; id > 0 && random_percent(random, 20); id--)
        if (model->cards[id].ledger == ledger && model->cards[id].status == CARD_UNBOUND)
            return bind(random, model, ledger, model->cards[id].member,
                (enum card_kind)model->cards[id].kind, model->cards[id].number);
    return bind(random, model, ledger, member,
        random_percent(random, 80) ? CARD_PERSONAL : CARD_CORPORATE, number);
}

/* The right amount, or another. */
static struct command random_amount(
    struct random *random, const struct naive_model *model, int64_t ledger)
{
    int64_t id = pick_card(random, model, ledger);
    bool is_there = id >= 1 && id <= model->card_count && model->cards[id].amount != 0;
    int64_t amount = is_there && random_percent(random, 30) ? model->cards[id].amount
                                                            : random_between(random, 1, 51);
    return make_card_amount(ledger, id, amount);
}

static struct command random_result(
    struct random *random, const struct naive_model *model, int64_t ledger)
{
    int64_t id = pick_card(random, model, ledger);
    bool is_there = id >= 1 && id <= model->card_count;
    int64_t check = is_there && random_percent(random, 95) ? model->cards[id].check : 1;
    unsigned draw = (unsigned)random_below(random, 10);
    return make_confirm_card(ledger, id, check > 0 ? check : 1,
        draw < 2   ? CARD_CHECK_RIGHT
        : draw < 7 ? CARD_CHECK_WRONG
                   : CARD_CHECK_UNKNOWN);
}

/* By a checked one; the old one is the same member's, when there is one. */
static struct command random_replace(
    struct random *random, const struct naive_model *model, int64_t ledger)
{
    int64_t next = pick_of(random, model, ledger, CARD_CHECKED);
    int64_t old = pick_of(random, model, ledger, 0);
    bool is_card = next >= 1 && next <= model->card_count;
    for (int id = 1; is_card && id <= model->card_count && random_percent(random, 99); id++) {
        const struct naive_card *card = &model->cards[id];
        if (id != next && card->member == model->cards[next].member && naive_is_bound(card) &&
            random_percent(random, 70))
            old = id;
    }
    return make_replace_card(ledger, old, next);
}

struct command random_card(
    struct random *random, const struct naive_model *model, int64_t ledger, enum command_kind kind)
{
    struct command command;
    switch ((int)kind) {
    case COMMAND_CHECK_CARD:
        command = make_check_card(ledger, pick_of(random, model, ledger, CARD_BOUND),
            random_percent(random, 50) ? CARD_FOUR_FACTOR : CARD_SMALL_AMOUNT);
        command.check_amount_minor = random_between(random, 1, CARD_CHECK_AMOUNT_MINOR_MAX);
        return command;
    case COMMAND_CONFIRM_CARD_CHECK:
        return random_result(random, model, ledger);
    case COMMAND_CONFIRM_CARD_AMOUNT:
        return random_amount(random, model, ledger);
    case COMMAND_REPLACE_CARD:
        return random_replace(random, model, ledger);
    default:
        return make_unbind_card(ledger, pick_of(random, model, ledger, 0));
    }
}
