/* naive_freezes.c: freezes, proposals, and the end of whatever has an end in time, of the naive
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

/* ---- proposals ---- */

static int adjustment_of(const struct decision *d, int64_t id)
{
    if (id < 1 || id > d->model->adjustment_count || d->model->adjustments[id].ledger != d->ledger)
        return 0;
    return (int)id;
}

static bool may_adjust(enum account_kind debit, enum account_kind credit)
{
    static const struct {
        enum account_kind debit, credit;
    } allowed[] = {
        {ACCOUNT_MEMBER, ACCOUNT_MEMBER},
        {ACCOUNT_MEMBER, ACCOUNT_UNALLOCATED},
        {ACCOUNT_UNALLOCATED, ACCOUNT_MEMBER},
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

int64_t naive_propose_adjustment(struct decision *d)
{
    const struct propose_adjustment *wish = &d->command->propose_adjustment;
    struct naive_model *model = d->model;
    int debit = naive_account_of(model, d->ledger, wish->debit_account_id);
    int to = naive_account_of(model, d->ledger, wish->credit_account_id);
    naive_need(d, debit != 0 && to != 0, OUTCOME_ACCOUNT_NOT_FOUND);
    naive_need(d, debit == 0 || !model->accounts[debit].closed, OUTCOME_ACCOUNT_CLOSED);
    naive_need(d, to == 0 || !model->accounts[to].closed, OUTCOME_ACCOUNT_CLOSED);
    naive_need(d, wish->debit_account_id != wish->credit_account_id, OUTCOME_SAME_ACCOUNT);
    if (debit != 0 && to != 0)
        naive_need(d,
            may_adjust((enum account_kind)model->accounts[debit].kind,
                (enum account_kind)model->accounts[to].kind),
            OUTCOME_ADJUSTMENT_NOT_ALLOWED);
    naive_need(d, wish->expires_at_us > d->now_us, OUTCOME_EXPIRY_NOT_AHEAD);
    if (d->worst != 0)
        return 0;
    CHECK(model->adjustment_count < NAIVE_ADJUSTMENTS_MAX);
    int id = ++model->adjustment_count;
    model->adjustments[id] = (struct naive_adjustment){
        .ledger = d->ledger,
        .debit = debit,
        .credit = to,
        .amount = wish->amount_minor,
        .expires_us = wish->expires_at_us,
        .proposed = d->sequence,
        .changed = d->sequence,
        .status = ADJUSTMENT_PROPOSED,
    };
    naive_copy_text(model->adjustments[id].maker, naive_channel_of(d->command));
    return id;
}

static void need_undecided(struct decision *d, const struct naive_adjustment *adjustment)
{
    int status = adjustment->status;
    naive_need(d, status != ADJUSTMENT_APPROVED && status != ADJUSTMENT_WITHDRAWN,
        OUTCOME_ADJUSTMENT_DECIDED);
    naive_need(d, status != ADJUSTMENT_EXPIRED, OUTCOME_ADJUSTMENT_EXPIRED);
    if (status == ADJUSTMENT_PROPOSED)
        naive_need(d, adjustment->expires_us > d->now_us, OUTCOME_ADJUSTMENT_EXPIRED);
}

int64_t naive_approve_adjustment(struct decision *d)
{
    struct naive_model *model = d->model;
    int id = adjustment_of(d, d->command->approve_adjustment.adjustment_id);
    naive_need(d, id != 0, OUTCOME_ADJUSTMENT_NOT_FOUND);
    if (id == 0)
        return 0;
    struct naive_adjustment *a = &model->adjustments[id];
    const struct naive_account *debit = &model->accounts[a->debit];
    naive_need(d, !naive_same_text(a->maker, naive_channel_of(d->command)), OUTCOME_SAME_CALLER);
    need_undecided(d, a);
    naive_need(d, !debit->closed && !model->accounts[a->credit].closed, OUTCOME_ACCOUNT_CLOSED);
    enum outcome too_little = debit->kind == ACCOUNT_FEE ? OUTCOME_INSUFFICIENT_FEE
                              : debit->kind == ACCOUNT_PLATFORM_OWN
                                  ? OUTCOME_INSUFFICIENT_PLATFORM_OWN
                                  : OUTCOME_INSUFFICIENT_AVAILABLE;
    bool has_paper = d->command->approve_adjustment.despite_restriction.length > 0;
    naive_need(d, has_paper || !debit->no_out, OUTCOME_ACCOUNT_RESTRICTED_OUT);
    naive_need(d, has_paper || !model->accounts[a->credit].no_in, OUTCOME_ACCOUNT_RESTRICTED_IN);
    int64_t has =
        debit->member != 0 ? naive_spendable(model, a->debit) : debit->balance[BUCKET_AVAILABLE];
    naive_need_at(d, has >= a->amount, too_little, has);
    /* The platform fills a hole in its fees, and no more: afterwards there is at most nothing. */
    const struct naive_account *taker = &model->accounts[a->credit];
    if (taker->kind == ACCOUNT_FEE)
        naive_need(d, taker->balance[BUCKET_AVAILABLE] + a->amount <= 0, OUTCOME_ABOVE_REST);
    if (d->worst != 0)
        return 0;
    a->status = ADJUSTMENT_APPROVED;
    a->changed = d->sequence;
    naive_copy_text(a->checker, naive_channel_of(d->command));
    naive_book(d, a->debit, BUCKET_AVAILABLE, a->credit, BUCKET_AVAILABLE, a->amount);
    return id;
}

int64_t naive_withdraw_adjustment(struct decision *d)
{
    int id = adjustment_of(d, d->command->withdraw_adjustment.adjustment_id);
    naive_need(d, id != 0, OUTCOME_ADJUSTMENT_NOT_FOUND);
    if (id == 0)
        return 0;
    struct naive_adjustment *adjustment = &d->model->adjustments[id];
    naive_need(d, naive_same_text(adjustment->maker, naive_channel_of(d->command)),
        OUTCOME_ADJUSTMENT_OF_ANOTHER);
    need_undecided(d, adjustment);
    if (d->worst != 0)
        return 0;
    adjustment->status = ADJUSTMENT_WITHDRAWN;
    adjustment->changed = d->sequence;
    return id;
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

static int64_t expire_adjustment(struct decision *d, int64_t wish)
{
    int id = adjustment_of(d, wish);
    naive_need(d, id != 0, OUTCOME_ADJUSTMENT_NOT_FOUND);
    if (id == 0)
        return 0;
    struct naive_adjustment *a = &d->model->adjustments[id];
    naive_need(d, a->status != ADJUSTMENT_APPROVED && a->status != ADJUSTMENT_WITHDRAWN,
        OUTCOME_ADJUSTMENT_DECIDED);
    naive_need(d, a->status != ADJUSTMENT_EXPIRED, OUTCOME_ADJUSTMENT_EXPIRED);
    naive_need(d, is_over(a->expires_us, d->now_us), OUTCOME_NOT_YET_DUE);
    if (d->worst != 0)
        return 0;
    a->status = ADJUSTMENT_EXPIRED;
    a->changed = d->sequence;
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
        return expire_adjustment(d, id);
    case EXPIRY_PROPOSAL:
        return naive_expire_proposal(d, id);
    }
    CHECK(0 && "a known kind of expiry");
    return 0;
}

static void consider(
    const struct naive_model *model, struct naive_due *least, const struct naive_due *due)
{
    if (model->ledgers[due->ledger].closed)
        return;
    bool sooner = due->expires_us < least->expires_us;
    bool same_time = due->expires_us == least->expires_us;
    bool before = sooner || (same_time && due->kind < least->kind) ||
                  (same_time && due->kind == least->kind && due->id < least->id);
    if (least->kind == 0 || before)
        *least = *due;
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
    for (int id = 1; id <= model->adjustment_count; id++) {
        const struct naive_adjustment *adjustment = &model->adjustments[id];
        struct naive_due due = {adjustment->expires_us, EXPIRY_ADJUSTMENT, id, adjustment->ledger};
        if (adjustment->status == ADJUSTMENT_PROPOSED && is_over(adjustment->expires_us, now_us))
            consider(model, &least, &due);
    }
    for (int id = 1; id <= model->proposal_count; id++) {
        const struct naive_proposal *proposal = &model->proposals[id];
        struct naive_due due = {proposal->expires_us, EXPIRY_PROPOSAL, id, proposal->ledger};
        if (proposal->status == PROPOSAL_OPEN && is_over(proposal->expires_us, now_us))
            consider(model, &least, &due);
    }
    return least;
}
