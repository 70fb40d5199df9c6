/* random_holds.c: commands about holds, freezes and their end, see random_commands.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "random_picks.h"

#include "commands.h"
#include "naive.h"

enum { RECENT = 16, ROOM = 16 };

/* An order with as many holds of one payer as there can be. */
#define CROWDED_ORDER "o-crowded"

struct command random_by(struct random *random, const char *channel, struct command command)
{
    static const char *const channels[] = {"t", "u", "counter"};
    if (channel != NULL && random_percent(random, 85))
        return command_by(channel, command);
    return command_by(channels[random_below(random, 3)], command);
}

int64_t random_end(struct random *random, int64_t now_us)
{
    switch (random_below(random, 12)) {
    case 0:
        return now_us + random_between(random, -1, 1);
    case 1:
        return now_us - (int64_t)random_below(random, 1000000);
    case 2:
    case 3:
        return now_us + 1 + (int64_t)random_below(random, 500000000);
    case 4:
    case 5: /* several at the same time */
        return (now_us / 10000000 + 1 + (int64_t)random_below(random, 3)) * 10000000;
    default:
        return now_us + 1 + (int64_t)random_below(random, 40000000);
    }
}

/* ---- holds ---- */

static bool is_crowded(const struct naive_hold *hold)
{
    return text_equals(text_of(hold->order), text_of(CROWDED_ORDER));
}

static bool can_hold(const struct naive_model *model, int account)
{
    return !naive_gives_none(model, account) && naive_spendable(model, account) > 0;
}

/* One payer places as many as it can under one order. */
static struct command place_crowded_hold(const struct naive_model *model, int64_t now_us)
{
    int payer = 0;
    for (int id = 1; id <= model->hold_count && payer == 0; id++) {
        if (model->holds[id].status == HOLD_LIVE && is_crowded(&model->holds[id]) &&
            can_hold(model, model->holds[id].payer))
            payer = model->holds[id].payer;
    }
    for (int id = 1; id <= model->account_count && payer == 0; id++) {
        const struct naive_account *account = &model->accounts[id];
        if (account->ledger == 1 && account->member != 0 && can_hold(model, id))
            payer = id;
    }
    return make_place_hold(
        1, payer == 0 ? 1 : payer, 1, CROWDED_ORDER, now_us + (int64_t)3000000000);
}

struct command random_place_hold(
    struct random *random, const struct naive_model *model, int64_t ledger, int64_t now_us)
{
    if (random_percent(random, 12))
        return place_crowded_hold(model, now_us);
    int64_t payer = pick_account(random, model, ledger);
    int64_t amount = pick_amount_out(random, model, ledger, payer);
    if (model->hold_count >= NAIVE_HOLDS_MAX - ROOM)
        return make_fee(ledger, payer, amount);
    struct command command = make_place_hold(ledger, payer, amount, "", random_end(random, now_us));
    command.place_hold.order_number = pick_order(random);
    return command;
}

/* A recent hold of the ledger, mostly a live one; 0 when there is none. */
static int recent_hold(struct random *random, const struct naive_model *model, int64_t ledger)
{
    int found[RECENT];
    uint64_t count = 0;
    bool live = random_percent(random, 85);
    bool crowded = random_percent(random, 1);
    for (int id = model->hold_count; id > 0 && count < RECENT; id--) {
        const struct naive_hold *hold = &model->holds[id];
        if (hold->ledger == ledger && (!live || hold->status == HOLD_LIVE) &&
            is_crowded(hold) == crowded)
            found[count++] = id;
    }
    return count == 0 ? 0 : found[random_below(random, count)];
}

/* Which holds are meant, and what they hold, mostly as it is. */
struct wish {
    int64_t payer;
    int64_t hold_id;
    int64_t held;
    struct text order;
};

static struct wish pick_holds(
    struct random *random, const struct naive_model *model, int64_t ledger)
{
    int id = recent_hold(random, model, ledger);
    if (id == 0 || random_percent(random, 4))
        return (struct wish){
            .payer = pick_account(random, model, ledger),
            .hold_id = random_percent(random, 50) ? 0 : pick_no_such_id(random, model->hold_count),
            .held = 10,
            .order = pick_order(random),
        };
    const struct naive_hold *hold = &model->holds[id];
    struct wish wish = {
        .payer = hold->payer,
        .hold_id = random_percent(random, 60) ? id : 0,
        .order = text_of(hold->order),
    };
    for (int other = 1; other <= model->hold_count; other++) {
        const struct naive_hold *h = &model->holds[other];
        bool meant = wish.hold_id != 0
                         ? other == id
                         : h->payer == hold->payer && text_equals(text_of(h->order), wish.order);
        if (meant && h->status == HOLD_LIVE)
            wish.held += h->amount - h->confirmed - h->cancelled;
    }
    if (random_percent(random, 4))
        wish.payer = pick_account(random, model, ledger);
    if (random_percent(random, 4))
        wish.order = pick_order(random);
    return wish;
}

struct command random_confirm_hold(
    struct random *random, const struct naive_model *model, int64_t ledger)
{
    struct payee payees[PAYEES_MOST];
    struct wish wish = pick_holds(random, model, ledger);
    int64_t amount = pick_part(random, wish.held);
    int64_t fee = random_percent(random, 60) ? 0 : pick_fee(random, &amount);
    uint32_t count = pick_payees(random, model, ledger, wish.payer, amount, payees);
    struct command command = make_confirm_hold(ledger, wish.payer, "", wish.hold_id, payees, count);
    struct confirm_hold *confirm = &command.confirm_hold;
    confirm->order_number = wish.order;
    random_set_fee(
        random, model, ledger, fee, &confirm->fee_rule, &confirm->fee_minor, &confirm->fee_bearer);
    confirm->withdrawable_next_date = random_percent(random, 25);
    return command;
}

struct command random_cancel_hold(
    struct random *random, const struct naive_model *model, int64_t ledger)
{
    struct wish wish = pick_holds(random, model, ledger);
    int64_t amount = random_percent(random, 30) ? 0 : pick_part(random, wish.held);
    struct command command = make_cancel_hold(ledger, wish.payer, "", wish.hold_id, amount);
    command.cancel_hold.order_number = wish.order;
    return command;
}

/* ---- freezes ---- */

struct command random_place_freeze(
    struct random *random, const struct naive_model *model, int64_t ledger, int64_t now_us)
{
    static const char *const purposes[] = {"risk", "ris", "risk of fraud"};
    int64_t account = pick_account(random, model, ledger);
    int64_t amount = pick_part(random, pick_amount_out(random, model, ledger, account));
    if (model->freeze_count >= NAIVE_FREEZES_MAX - ROOM)
        return make_fee(ledger, account, amount);
    int64_t end = random_percent(random, 25) ? 0 : random_end(random, now_us);
    return make_place_freeze(ledger, account, amount, purposes[random_below(random, 3)], end);
}

static int recent_freeze(struct random *random, const struct naive_model *model, int64_t ledger)
{
    int found[RECENT];
    uint64_t count = 0;
    bool live = random_percent(random, 85);
    for (int id = model->freeze_count; id > 0 && count < RECENT; id--) {
        if (model->freezes[id].ledger == ledger &&
            (!live || model->freezes[id].status == FREEZE_LIVE))
            found[count++] = id;
    }
    return count == 0 ? 0 : found[random_below(random, count)];
}

struct command random_lift_freeze(
    struct random *random, const struct naive_model *model, int64_t ledger)
{
    int id = recent_freeze(random, model, ledger);
    if (id == 0 || random_percent(random, 3))
        return make_lift_freeze(ledger, pick_no_such_id(random, model->freeze_count), 0);
    const struct naive_freeze *freeze = &model->freezes[id];
    int64_t amount =
        random_percent(random, 25) ? 0 : pick_part(random, freeze->amount - freeze->lifted);
    return random_by(random, freeze->owner, make_lift_freeze(ledger, id, amount));
}

/* ---- the end of time ---- */

/* Asked for from outside: early, late, or just in time. */
struct command random_expire(struct random *random, const struct naive_model *model, int64_t ledger)
{
    static const enum expiry_kind kinds[] = {EXPIRY_HOLD, EXPIRY_FREEZE, EXPIRY_ADJUSTMENT,
        EXPIRY_SUSPENSE, EXPIRY_PROMISE, EXPIRY_CARD, EXPIRY_DENIED, EXPIRY_CLAIM, EXPIRY_FEEDBACK};
    enum expiry_kind kind = kinds[random_below(random, sizeof kinds / sizeof *kinds)];
    int last = kind == EXPIRY_HOLD       ? model->hold_count
               : kind == EXPIRY_FREEZE   ? model->freeze_count
               : kind == EXPIRY_SUSPENSE ? model->suspense_count
               : kind == EXPIRY_PROMISE  ? model->promise_count
               : kind == EXPIRY_CARD     ? model->card_count
               : kind == EXPIRY_DENIED   ? model->denied_count
               : kind == EXPIRY_CLAIM    ? model->claim_count
               : kind == EXPIRY_FEEDBACK ? model->feedback_count
                                         : 0; /* adjustments of before */
    int64_t id = 0;
    if (kind == EXPIRY_HOLD)
        id = recent_hold(random, model, ledger);
    else if (kind == EXPIRY_FREEZE)
        id = recent_freeze(random, model, ledger);
    else if (kind == EXPIRY_SUSPENSE)
        id = pick_item(random, model, ledger);
    else if (kind == EXPIRY_PROMISE)
        id = pick_promise(random, model, ledger);
    else if (kind == EXPIRY_DENIED)
        id = pick_denied(random, model, ledger);
    else if (kind == EXPIRY_CARD)
        id = pick_card(random, model, ledger);
    else if (kind == EXPIRY_CLAIM)
        id = pick_claim(random, model, ledger);
    else if (kind == EXPIRY_FEEDBACK)
        id = pick_feedback(random, model, ledger);
    if (id == 0 || random_percent(random, 3))
        id = pick_no_such_id(random, last);
    return make_expire(ledger, kind, id);
}
