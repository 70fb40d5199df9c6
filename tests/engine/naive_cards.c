/* naive_cards.c: cards of the naive model: every card with the number is looked at.
 * SPDX-License-Identifier: Apache-2.0 */
#include "naive.h"

#include "base/check.h"

#include <string.h>

enum { WRONG_MOST = 3, CHECKS_MOST = 10, CARDS_MOST = 32 };

#define TWO_DAYS_US (48 * INT64_C(3600000000))

bool naive_is_bound(const struct naive_card *card)
{
    return card->status == CARD_BOUND || card->status == CARD_CHECKING ||
           card->status == CARD_CHECKED;
}

/* Of the number, by all who have or had it. */
struct tried {
    int wrong, checks;
    bool locked;
};

static struct tried tried_of(const struct naive_model *model, int id)
{
    struct tried tried = {.wrong = model->cards[id].wrong};
    int ledger = model->cards[id].ledger;
    int32_t today = naive_date_of(model, ledger);
    for (int k = 1; k <= model->card_count; k++) {
        const struct naive_card *other = &model->cards[k];
        if (other->ledger != ledger || strcmp(other->number, model->cards[id].number) != 0)
            continue;
        tried.locked = tried.locked || other->lock == today;
        tried.checks += other->date == today ? other->checks : 0;
        tried.wrong += k != id && other->date == today ? other->wrong : 0;
    }
    return tried;
}

int naive_card_status(const struct naive_model *model, int id)
{
    const struct naive_card *card = &model->cards[id];
    struct tried tried = tried_of(model, id);
    bool locked = tried.locked || tried.wrong >= WRONG_MOST || tried.checks >= CHECKS_MOST;
    return card->status == CARD_BOUND && locked ? CARD_LOCKED : card->status;
}

static int need_card(struct decision *d, int64_t wish)
{
    bool there =
        wish >= 1 && wish <= d->model->card_count && d->model->cards[wish].ledger == d->ledger;
    naive_need(d, there, OUTCOME_CARD_NOT_FOUND);
    return there ? (int)wish : 0;
}

int64_t naive_bind_card(struct decision *d)
{
    const struct bind_card *wish = &d->command->bind_card;
    struct naive_model *model = d->model;
    int member = naive_need_member(d, wish->member_id);
    int count = 0;
    const struct naive_identity *who =
        &model->identities[member != 0 ? naive_identity_of(model, member) : 0];
    if (member != 0) {
        naive_need(d, naive_is_valid(who, d->now_us), OUTCOME_CARD_NEEDS_IDENTITY);
        naive_need(d,
            naive_same_text(who->name, wish->holder) ||
                (who->subject == SUBJECT_INDIVIDUAL_BUSINESS &&
                    naive_same_text(who->representative, wish->holder)),
            OUTCOME_CARD_HOLDER_DIFFERS);
    }
    if (member != 0 && model->members[member].kind == MEMBER_USER)
        naive_need(d, wish->kind == CARD_PERSONAL, OUTCOME_CARD_KIND_NOT_ALLOWED);
    for (int id = 1; id <= model->card_count && member != 0; id++) {
        const struct naive_card *card = &model->cards[id];
        if (card->ledger != d->ledger || !naive_is_bound(card))
            continue;
        bool mine = card->member == member;
        count += mine;
        if (!naive_same_text(card->number, wish->number))
            continue;
        naive_need_at(d, !mine, OUTCOME_CARD_BOUND, id);
        int other = naive_identity_of(model, card->member);
        naive_need(d, mine || (other != 0 && model->identities[other].person == who->person),
            OUTCOME_CARD_OF_ANOTHER);
    }
    naive_need(d, count < CARDS_MOST, OUTCOME_TOO_MANY_CARDS);
    if (d->worst != 0)
        return 0;
    CHECK(model->card_count < NAIVE_CARDS_MAX && wish->number.length < NAIVE_NUMBER_BYTES_MAX);
    struct naive_card *card = &model->cards[++model->card_count];
    *card = (struct naive_card){.bound = d->sequence,
        .changed = d->sequence,
        .ledger = d->ledger,
        .member = member,
        .kind = wish->kind,
        .status = CARD_BOUND};
    naive_copy_text(card->number, wish->number);
    naive_copy_text(card->bank, wish->bank_code);
    naive_screen_card(d, model->card_count);
    return model->card_count;
}

static void count_today(struct decision *d, struct naive_card *card)
{
    int32_t today = naive_date_of(d->model, d->ledger);
    if (card->date != today)
        card->checks = 0;
    card->date = today;
    card->changed = d->sequence;
}

static bool has_ended(const struct naive_card *card)
{
    return card->status == CARD_UNBOUND || card->status == CARD_REPLACED;
}

int64_t naive_check_card(struct decision *d)
{
    const struct check_card *wish = &d->command->check_card;
    int id = need_card(d, wish->card_id);
    if (id == 0)
        return 0;
    struct naive_card *card = &d->model->cards[id];
    int status = naive_card_status(d->model, id);
    naive_need(d, wish->way == CARD_SMALL_AMOUNT || card->kind == CARD_PERSONAL,
        OUTCOME_CARD_KIND_NOT_ALLOWED);
    naive_need(d, !has_ended(card), OUTCOME_CARD_FINAL);
    naive_need(d, status != CARD_CHECKING, OUTCOME_CARD_IN_CHECK);
    naive_need(d, status != CARD_CHECKED, OUTCOME_CARD_CHECKED);
    naive_need(d, status != CARD_LOCKED, OUTCOME_CARD_LOCKED);
    if (d->worst != 0)
        return 0;
    count_today(d, card);
    card->checks++;
    card->status = CARD_CHECKING;
    card->way = wish->way;
    card->check = d->sequence;
    card->check_ends_us = d->now_us + TWO_DAYS_US;
    card->amount = wish->way == CARD_SMALL_AMOUNT ? (int)d->command->check_amount_minor : 0;
    return id;
}

/* The check waits for no result any more. */
static void stop_check(struct decision *d, struct naive_card *card, enum card_status status)
{
    card->status = (int)status;
    card->check_ends_us = 0;
    card->amount = 0;
    card->changed = d->sequence;
}

static void is_right(struct decision *d, int id)
{
    struct naive_card *card = &d->model->cards[id];
    bool has_main = false;
    for (int k = 1; k <= d->model->card_count; k++)
        has_main =
            has_main || (d->model->cards[k].member == card->member && d->model->cards[k].main);
    stop_check(d, card, CARD_CHECKED);
    card->wrong = 0;
    card->checked = d->sequence;
    card->main = !has_main;
    int who = naive_identity_of(d->model, card->member);
    if (who != 0 && d->model->identities[who].level != LEVEL_CARD_CHECKED) {
        d->model->identities[who].level = LEVEL_CARD_CHECKED;
        d->model->identities[who].changed = d->sequence;
    }
}

static void is_wrong(struct decision *d, int id, bool goes_on)
{
    struct naive_card *card = &d->model->cards[id];
    count_today(d, card);
    card->wrong++;
    struct tried tried = tried_of(d->model, id);
    bool out = tried.locked || tried.wrong >= WRONG_MOST;
    if (out) {
        card->wrong = 0;
        card->lock = naive_date_of(d->model, d->ledger);
    }
    if (out || !goes_on)
        stop_check(d, card, CARD_BOUND);
    d->said = naive_card_status(d->model, id) == CARD_LOCKED ? OUTCOME_ACCEPTED_CARD_LOCKED
                                                             : OUTCOME_ACCEPTED_CHECK_WRONG;
}

static int need_check(struct decision *d, int64_t wish)
{
    int id = need_card(d, wish);
    if (id == 0)
        return 0;
    const struct naive_card *card = &d->model->cards[id];
    naive_need(d, !has_ended(card), OUTCOME_CARD_FINAL);
    naive_need(d, card->status == CARD_CHECKING && d->now_us < card->check_ends_us,
        OUTCOME_CARD_NOT_IN_CHECK);
    return id;
}

int64_t naive_confirm_card_check(struct decision *d)
{
    const struct confirm_card_check *wish = &d->command->confirm_card_check;
    int id = need_check(d, wish->card_id);
    if (id == 0)
        return 0;
    struct naive_card *card = &d->model->cards[id];
    naive_need(d, wish->check_sequence == card->check, OUTCOME_CARD_NOT_IN_CHECK);
    naive_need(d, wish->result != CARD_CHECK_RIGHT || card->way == CARD_FOUR_FACTOR,
        OUTCOME_CARD_CHECK_OTHER_WAY);
    if (d->worst != 0)
        return 0;
    if (wish->result == CARD_CHECK_RIGHT) {
        is_right(d, id);
    } else if (wish->result == CARD_CHECK_WRONG) {
        is_wrong(d, id, false);
    } else {
        stop_check(d, card, CARD_BOUND);
        if (naive_card_status(d->model, id) == CARD_LOCKED)
            d->said = OUTCOME_ACCEPTED_CARD_LOCKED;
    }
    return id;
}

int64_t naive_confirm_card_amount(struct decision *d)
{
    const struct confirm_card_amount *wish = &d->command->confirm_card_amount;
    int id = need_check(d, wish->card_id);
    if (id == 0)
        return 0;
    const struct naive_card *card = &d->model->cards[id];
    naive_need(d, card->way == CARD_SMALL_AMOUNT, OUTCOME_CARD_CHECK_OTHER_WAY);
    if (d->worst != 0)
        return 0;
    if (wish->amount_minor == card->amount)
        is_right(d, id);
    else
        is_wrong(d, id, true);
    return id;
}

int64_t naive_expire_card(struct decision *d, int64_t wish)
{
    int id = need_card(d, wish);
    if (id == 0)
        return 0;
    struct naive_card *card = &d->model->cards[id];
    naive_need(d, !has_ended(card), OUTCOME_CARD_FINAL);
    naive_need(d, card->status == CARD_CHECKING, OUTCOME_CARD_NOT_IN_CHECK);
    naive_need(d, card->check_ends_us <= d->now_us, OUTCOME_NOT_YET_DUE);
    if (d->worst != 0)
        return 0;
    stop_check(d, card, CARD_BOUND);
    return id;
}

static void end_card(struct decision *d, int id, enum card_status status, int reason)
{
    struct naive_card *card = &d->model->cards[id];
    stop_check(d, card, status);
    card->main = false;
    card->reason = reason;
}

void naive_end_cards(struct decision *d, int member)
{
    for (int id = 1; id <= d->model->card_count; id++) {
        if (d->model->cards[id].member == member && naive_is_bound(&d->model->cards[id]))
            end_card(d, id, CARD_UNBOUND, CARD_END_MEMBER_CLOSED);
    }
}

static void make_main(struct decision *d, int id)
{
    d->model->cards[id].main = true;
    d->model->cards[id].changed = d->sequence;
}

int64_t naive_unbind_card(struct decision *d)
{
    const struct unbind_card *wish = &d->command->unbind_card;
    struct naive_model *model = d->model;
    int id = need_card(d, wish->card_id);
    if (id == 0)
        return 0;
    int member = model->cards[id].member;
    naive_need(d, !has_ended(&model->cards[id]), OUTCOME_CARD_FINAL);
    naive_need(d, !naive_has_payout_by(model, id), OUTCOME_CARD_HAS_PAYOUT);
    if (d->worst != 0)
        return 0;
    naive_end_flows(d, id, 0);
    bool was_main = model->cards[id].main;
    end_card(d, id, CARD_UNBOUND, wish->reason);
    int next = 1;
    while (next <= model->card_count &&
           (model->cards[next].member != member || model->cards[next].status != CARD_CHECKED))
        next++;
    if (was_main && next <= model->card_count)
        make_main(d, next);
    int who = naive_identity_of(model, member);
    if (was_main && next > model->card_count && who != 0 &&
        model->identities[who].level == LEVEL_CARD_CHECKED) {
        model->identities[who].level = LEVEL_IDENTITY_CHECKED;
        model->identities[who].changed = d->sequence;
    }
    return id;
}

int64_t naive_replace_card(struct decision *d)
{
    const struct replace_card *wish = &d->command->replace_card;
    struct naive_model *model = d->model;
    int id = need_card(d, wish->card_id);
    int next = need_card(d, wish->new_card_id);
    if (id == 0 || next == 0)
        return 0;
    naive_need(d, id != next, OUTCOME_SAME_CARD);
    naive_need(d, model->cards[id].member == model->cards[next].member, OUTCOME_CARD_NOT_OF_MEMBER);
    naive_need(
        d, !has_ended(&model->cards[id]) && !has_ended(&model->cards[next]), OUTCOME_CARD_FINAL);
    naive_need(d, model->cards[next].status == CARD_CHECKED, OUTCOME_CARD_NOT_CHECKED);
    naive_need_takeover(d, id, next);
    naive_need(d, !naive_has_payout_by(model, id), OUTCOME_CARD_HAS_PAYOUT);
    if (d->worst != 0)
        return 0;
    naive_end_flows(d, id, next);
    bool was_main = model->cards[id].main;
    end_card(d, id, CARD_REPLACED, wish->reason);
    model->cards[id].successor = next;
    if (was_main)
        make_main(d, next);
    return id;
}
