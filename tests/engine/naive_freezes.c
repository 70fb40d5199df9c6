/* naive_freezes.c: freezes, adjustments, and the end of whatever has an end in time, of the naive
 * model.
 * SPDX-License-Identifier: Apache-2.0 */
#include "naive.h"

#include "base/check.h"

/* ---- freezes ---- */

static int freeze_of(const struct decision *d, int64_t id)
{
    if (id < 1 || id > d->model->freeze_count || d->model->freezes[id].ledger != d->ledger)
        return 0;
    return (int)id;
}

static bool is_over(int64_t expires_us, int64_t now_us)
{
    return expires_us != 0 && expires_us <= now_us;
}

int64_t naive_place_freeze(struct decision *d)
{
    const struct place_freeze *wish = &d->command->place_freeze;
    struct naive_model *model = d->model;
    int account = naive_need_member_account(d, wish->account_id);
    naive_need(d, !is_over(wish->expires_at_us, d->now_us), OUTCOME_EXPIRY_NOT_AHEAD);
    if (account != 0)
        naive_need_at(d, *naive_available_of(d->model, account) >= wish->amount_minor,
            OUTCOME_INSUFFICIENT_AVAILABLE, *naive_available_of(d->model, account));
    if (d->worst != 0)
        return 0;
    CHECK(model->freeze_count < NAIVE_FREEZES_MAX);
    int id = ++model->freeze_count;
    struct naive_freeze *freeze = &model->freezes[id];
    *freeze = (struct naive_freeze){
        .ledger = d->ledger,
        .account = account,
        .amount = wish->amount_minor,
        .expires_us = wish->expires_at_us,
        .placed = d->sequence,
        .changed = d->sequence,
        .person = naive_person_of(d->command),
        .status = FREEZE_LIVE,
    };
    naive_copy_text(freeze->purpose, wish->purpose);
    naive_copy_text(freeze->owner, naive_channel_of(d->command));
    naive_book(d, account, BUCKET_AVAILABLE, account, BUCKET_FROZEN, wish->amount_minor);
    return id;
}

static void lift(struct decision *d, int id, int64_t amount, int end_status)
{
    struct naive_freeze *freeze = &d->model->freezes[id];
    freeze->lifted += amount;
    freeze->changed = d->sequence;
    if (freeze->lifted == freeze->amount)
        freeze->status = end_status;
    naive_book(d, freeze->account, BUCKET_FROZEN, freeze->account, BUCKET_AVAILABLE, amount);
}

int64_t naive_lift_freeze(struct decision *d)
{
    const struct lift_freeze *wish = &d->command->lift_freeze;
    int id = freeze_of(d, wish->freeze_id);
    naive_need(d, id != 0, OUTCOME_FREEZE_NOT_FOUND);
    if (id == 0)
        return 0;
    const struct naive_freeze *freeze = &d->model->freezes[id];
    int64_t rest = freeze->amount - freeze->lifted;
    int64_t amount = wish->amount_minor == 0 ? rest : wish->amount_minor;
    /* Callers are persons, where both are known and the journal has who placed it. */
    bool in_journal = d->model->hidden_from == 0 || freeze->placed < d->model->hidden_from;
    int64_t person = naive_person_of(d->command);
    bool owns = in_journal && person != 0 && freeze->person != 0
                    ? person == freeze->person
                    : naive_same_text(freeze->owner, naive_channel_of(d->command));
    naive_need(d, owns, OUTCOME_FREEZE_OF_ANOTHER);
    naive_need(d, freeze->status != FREEZE_LIFTED, OUTCOME_FREEZE_LIFTED);
    naive_need(d, freeze->status != FREEZE_EXPIRED, OUTCOME_FREEZE_EXPIRED);
    if (freeze->status == FREEZE_LIVE)
        naive_need(d, !is_over(freeze->expires_us, d->now_us), OUTCOME_FREEZE_EXPIRED);
    naive_need_at(d, amount <= rest, OUTCOME_ABOVE_REST, rest);
    if (d->worst != 0)
        return 0;
    lift(d, id, amount, FREEZE_LIFTED);
    return id;
}

/* ---- adjustments ---- */

static bool may_adjust(enum account_kind debit, enum account_kind credit)
{
    static const struct {
        enum account_kind debit, credit;
    } allowed[] = {
        {ACCOUNT_MEMBER, ACCOUNT_MEMBER},
        {ACCOUNT_MEMBER, ACCOUNT_UNALLOCATED},
        {ACCOUNT_INTEREST, ACCOUNT_MEMBER},
        {ACCOUNT_FEE, ACCOUNT_MEMBER},
        {ACCOUNT_PLATFORM_OWN, ACCOUNT_MEMBER},
        {ACCOUNT_PLATFORM_OWN, ACCOUNT_FEE},
    };
    for (size_t i = 0; i < sizeof allowed / sizeof *allowed; i++) {
        if (allowed[i].debit == debit && allowed[i].credit == credit)
            return true;
    }
    return false;
}

int64_t naive_adjust(struct decision *d)
{
    const struct adjust *wish = &d->command->adjust;
    struct naive_model *model = d->model;
    int from = naive_account_of(model, d->ledger, wish->debit_account_id);
    int to = naive_account_of(model, d->ledger, wish->credit_account_id);
    naive_need_two_persons(d);
    naive_need(d, from != 0 && to != 0, OUTCOME_ACCOUNT_NOT_FOUND);
    naive_need(d, from == 0 || !model->accounts[from].closed, OUTCOME_ACCOUNT_CLOSED);
    naive_need(d, to == 0 || !model->accounts[to].closed, OUTCOME_ACCOUNT_CLOSED);
    naive_need(d, wish->debit_account_id != wish->credit_account_id, OUTCOME_SAME_ACCOUNT);
    if (from == 0 || to == 0)
        return 0;
    const struct naive_account *giver = &model->accounts[from];
    const struct naive_account *taker = &model->accounts[to];
    bool is_item = giver->kind == ACCOUNT_UNALLOCATED && taker->kind == ACCOUNT_MEMBER;
    naive_need(d,
        is_item || may_adjust((enum account_kind)giver->kind, (enum account_kind)taker->kind),
        OUTCOME_ADJUSTMENT_NOT_ALLOWED);
    naive_need(d, !is_item, OUTCOME_SUSPENSE_ITEM_NEEDED);
    enum outcome too_little = giver->kind == ACCOUNT_FEE ? OUTCOME_INSUFFICIENT_FEE
                              : giver->kind == ACCOUNT_PLATFORM_OWN
                                  ? OUTCOME_INSUFFICIENT_PLATFORM_OWN
                                  : OUTCOME_INSUFFICIENT_AVAILABLE;
    bool has_paper = wish->despite_restriction.length > 0;
    naive_need(d, has_paper || !naive_gives_none(model, from), OUTCOME_ACCOUNT_RESTRICTED_OUT);
    naive_need(d, has_paper || !naive_takes_none(model, to), OUTCOME_ACCOUNT_RESTRICTED_IN);
    int64_t has =
        giver->member != 0 ? naive_spendable(model, from) : giver->balance[BUCKET_AVAILABLE];
    naive_need_at(d, has >= wish->amount_minor, too_little, has);
    /* The platform fills a hole in its fees, and no more: afterwards there is at most nothing. */
    int64_t fees = taker->balance[BUCKET_AVAILABLE];
    if (taker->kind == ACCOUNT_FEE)
        naive_need_at(d, fees + wish->amount_minor <= 0, OUTCOME_ABOVE_REST, fees < 0 ? -fees : 0);
    if (d->worst != 0)
        return 0;
    naive_book(d, from, BUCKET_AVAILABLE, to, BUCKET_AVAILABLE, wish->amount_minor);
    return to;
}

/* ---- the end of time ---- */

static int64_t expire_hold(struct decision *d, int64_t wish)
{
    struct naive_model *model = d->model;
    int id = wish <= model->hold_count && model->holds[wish].ledger == d->ledger ? (int)wish : 0;
    naive_need(d, id != 0, OUTCOME_HOLD_NOT_FOUND);
    if (id == 0)
        return 0;
    struct naive_hold *hold = &model->holds[id];
    naive_need(d, hold->status != HOLD_FINISHED, OUTCOME_HOLD_FINISHED);
    naive_need(d, hold->status != HOLD_EXPIRED, OUTCOME_HOLD_EXPIRED);
    naive_need(d, is_over(hold->expires_us, d->now_us), OUTCOME_NOT_YET_DUE);
    if (d->worst != 0)
        return 0;
    int64_t rest = hold->amount - hold->confirmed - hold->cancelled;
    hold->cancelled += rest;
    hold->status = HOLD_EXPIRED;
    hold->changed = d->sequence;
    d->order = hold->order;
    naive_book(d, hold->payer, BUCKET_FROZEN, hold->payer, BUCKET_AVAILABLE, rest);
    return id;
}

static int64_t expire_freeze(struct decision *d, int64_t wish)
{
    int id = freeze_of(d, wish);
    naive_need(d, id != 0, OUTCOME_FREEZE_NOT_FOUND);
    if (id == 0)
        return 0;
    const struct naive_freeze *freeze = &d->model->freezes[id];
    naive_need(d, freeze->status != FREEZE_LIFTED, OUTCOME_FREEZE_LIFTED);
    naive_need(d, freeze->status != FREEZE_EXPIRED, OUTCOME_FREEZE_EXPIRED);
    naive_need(d, is_over(freeze->expires_us, d->now_us), OUTCOME_NOT_YET_DUE);
    if (d->worst != 0)
        return 0;
    lift(d, id, freeze->amount - freeze->lifted, FREEZE_EXPIRED);
    return id;
}

int64_t naive_expire(struct decision *d)
{
    int64_t id = d->command->expire.id;
    switch ((enum expiry_kind)d->command->expire.kind) {
    case EXPIRY_HOLD:
        return expire_hold(d, id);
    case EXPIRY_FREEZE:
        return expire_freeze(d, id);
    case EXPIRY_ADJUSTMENT:
        naive_broken(d, OUTCOME_ADJUSTMENT_NOT_FOUND); /* none is made any more */
        return 0;
    case EXPIRY_PROPOSAL:
        return naive_expire_proposal(d, id);
    case EXPIRY_SUSPENSE:
        return naive_expire_item(d, id);
    case EXPIRY_PROMISE:
        return naive_expire_promise(d, id);
    case EXPIRY_IDENTITY:
        return naive_expire_identity(d, id);
    case EXPIRY_CARD:
        return naive_expire_card(d, id);
    case EXPIRY_DENIED:
        return naive_expire_denied(d, id);
    case EXPIRY_CLAIM:
        return naive_expire_claim(d, id);
    case EXPIRY_FEEDBACK:
        return naive_expire_feedback(d, id);
    }
    CHECK(0 && "a known kind of expiry");
    return 0;
}

static void consider(
    const struct naive_model *model, struct naive_due *least, const struct naive_due *due)
{
    if (model->ledgers[due->ledger].closed && due->kind != EXPIRY_FEEDBACK)
        return;
    bool sooner = due->expires_us < least->expires_us;
    bool same_time = due->expires_us == least->expires_us;
    bool before = sooner || (same_time && due->kind < least->kind) ||
                  (same_time && due->kind == least->kind && due->id < least->id);
    if (least->kind == 0 || before)
        *least = *due;
}

/* Whether another promise of its ledger was due before it, and that was not said yet. */
static bool is_other_later(const struct naive_model *model, int id)
{
    for (int other = 1; other <= model->promise_count; other++) {
        const struct naive_promise *promise = &model->promises[other];
        if (promise->ledger == model->promises[id].ledger && promise->told_late == 0 &&
            naive_is_late(model, other) && promise->due < model->promises[id].due)
            return true;
    }
    return false;
}

struct naive_due naive_next_due(const struct naive_model *model, int64_t now_us)
{
    struct naive_due least = {.kind = 0};
    for (int id = 1; id <= model->hold_count; id++) {
        const struct naive_hold *hold = &model->holds[id];
        struct naive_due due = {hold->expires_us, EXPIRY_HOLD, id, hold->ledger};
        if (hold->status == HOLD_LIVE && is_over(hold->expires_us, now_us))
            consider(model, &least, &due);
    }
    for (int id = 1; id <= model->freeze_count; id++) {
        const struct naive_freeze *freeze = &model->freezes[id];
        struct naive_due due = {freeze->expires_us, EXPIRY_FREEZE, id, freeze->ledger};
        if (freeze->status == FREEZE_LIVE && is_over(freeze->expires_us, now_us))
            consider(model, &least, &due);
    }
    for (int id = 1; id <= model->proposal_count; id++) {
        const struct naive_proposal *proposal = &model->proposals[id];
        struct naive_due due = {proposal->expires_us, EXPIRY_PROPOSAL, id, proposal->ledger};
        if (proposal->status == PROPOSAL_OPEN && is_over(proposal->expires_us, now_us))
            consider(model, &least, &due);
    }
    for (int id = 1; id <= model->ledger_count; id++) {
        const struct naive_ledger *ledger = &model->ledgers[id];
        int item = naive_overdue_item(model, id, now_us);
        struct naive_due due = {
            model->suspense[item].opened_us + ledger->age_s * 1000000, EXPIRY_SUSPENSE, item, id};
        if (item != 0 && ledger->overdue_us == 0)
            consider(model, &least, &due);
    }
    for (int id = 1; id <= model->promise_count; id++) {
        const struct naive_promise *promise = &model->promises[id];
        struct naive_due due = {1, EXPIRY_PROMISE, id, promise->ledger};
        if (promise->told_late == 0 && naive_is_late(model, id) && !is_other_later(model, id))
            consider(model, &least, &due);
    }
    for (int id = 1; id <= model->identity_count; id++) {
        const struct naive_identity *identity = &model->identities[id];
        struct naive_due due = {
            naive_identity_due(identity), EXPIRY_IDENTITY, id, identity->ledger};
        if (due.expires_us != 0 && is_over(due.expires_us, now_us))
            consider(model, &least, &due);
    }
    for (int id = 1; id <= model->card_count; id++) {
        const struct naive_card *card = &model->cards[id];
        struct naive_due due = {card->check_ends_us, EXPIRY_CARD, id, card->ledger};
        if (card->status == CARD_CHECKING && card->check_ends_us <= now_us)
            consider(model, &least, &due);
    }
    for (int id = 1; id <= model->denied_count; id++) {
        const struct naive_denied *entry = &model->denied[id];
        struct naive_due due = {entry->ends_us, EXPIRY_DENIED, id, entry->ledger};
        if (entry->status == DENIED_LISTED && entry->ends_us != 0 && entry->ends_us <= now_us)
            consider(model, &least, &due);
    }
    for (int id = 1; id <= model->claim_count; id++) {
        const struct naive_claim *claim = &model->claims[id];
        struct naive_due due = {naive_claim_due(claim), EXPIRY_CLAIM, id, claim->ledger};
        if (claim->status == CLAIM_LIVE && claim->deducting == 0 && due.expires_us != 0 &&
            due.expires_us <= now_us)
            consider(model, &least, &due);
    }
    for (int id = 1; id <= model->feedback_count; id++) {
        const struct naive_feedback *one = &model->feedback[id];
        struct naive_due due = {naive_feedback_due(one), EXPIRY_FEEDBACK, id, one->ledger};
        if (due.expires_us != 0 && due.expires_us <= now_us)
            consider(model, &least, &due);
    }
    return least;
}
