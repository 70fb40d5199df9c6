/* naive_identities.c: who members are, of the naive model: every identity is looked at.
 * SPDX-License-Identifier: Apache-2.0 */
#include "naive.h"

#include "base/check.h"

#include <string.h>

/* 24:00 of a day where clocks are eight hours ahead. */
static int64_t end_of(int32_t day)
{
    return ((int64_t)day * 24 + 16) * 3600 * 1000000;
}

static bool is_open(const struct naive_identity *identity)
{
    return identity->status == IDENTITY_VALID || identity->status == IDENTITY_EXPIRED;
}

int naive_identity_of(const struct naive_model *model, int member)
{
    for (int id = 1; id <= model->identity_count; id++) {
        if (model->identities[id].member == member && is_open(&model->identities[id]))
            return id;
    }
    return 0;
}

static int32_t last_day(const struct naive_identity *identity)
{
    if (identity->until == 0)
        return identity->recheck;
    if (identity->recheck == 0 || identity->until < identity->recheck)
        return identity->until;
    return identity->recheck;
}

int64_t naive_identity_due(const struct naive_identity *identity)
{
    int32_t last = last_day(identity);
    if (identity->status != IDENTITY_VALID || last == 0)
        return 0;
    int64_t due = end_of(identity->noticed ? last : last - 30);
    return due < 1 ? 1 : due;
}

bool naive_is_valid(const struct naive_identity *identity, int64_t now_us)
{
    int32_t last = last_day(identity);
    return identity->status == IDENTITY_VALID && (last == 0 || now_us < end_of(last));
}

/* Those of before, of now, and numbers of the household register: a citizen's number is his on
 * whichever paper. */
static bool is_same_class(int one, int other)
{
    if (one == DOCUMENT_HOUSEHOLD_REGISTER)
        one = DOCUMENT_CITIZEN_CARD;
    if (other == DOCUMENT_HOUSEHOLD_REGISTER)
        other = DOCUMENT_CITIZEN_CARD;
    return one == other;
}

/* The first one of the ledger with the number, over or not; 0: none. */
static int person_of(const struct decision *d, const struct identified *holder)
{
    for (int id = 1; id <= d->model->identity_count; id++) {
        const struct naive_identity *identity = &d->model->identities[id];
        if (identity->ledger == d->ledger &&
            is_same_class(identity->document, holder->document_kind) &&
            naive_same_text(identity->number, holder->number))
            return id;
    }
    return 0;
}

static void need_document(struct decision *d, const struct identified *person)
{
    if (person->document_kind == 0)
        return;
    naive_need(d, end_of(person->valid_from_date - 1) <= d->now_us, OUTCOME_DOCUMENT_NOT_YET_VALID);
    naive_need(d, person->valid_until_date == 0 || d->now_us < end_of(person->valid_until_date),
        OUTCOME_DOCUMENT_EXPIRED);
}

static void need_only_membership(struct decision *d, int member, int person)
{
    const struct naive_model *model = d->model;
    if (!model->ledgers[d->ledger].one_membership || person == 0)
        return;
    for (int id = 1; id <= model->identity_count; id++) {
        const struct naive_identity *other = &model->identities[id];
        bool is_another = other->person == person && is_open(other) && other->member != member &&
                          model->members[other->member].kind == model->members[member].kind;
        naive_need_at(d, !is_another, OUTCOME_PERSON_HAS_MEMBERSHIP, other->member);
    }
}

int naive_level_of(const struct naive_model *model, int member, int64_t now_us)
{
    int id = naive_identity_of(model, member);
    const struct naive_identity *identity = &model->identities[id];
    if (id == 0 || identity->status != IDENTITY_VALID ||
        (identity->until != 0 && now_us >= end_of(identity->until)) ||
        (identity->recheck != 0 && now_us >= end_of(identity->recheck)))
        return 0;
    return identity->level - 1;
}

int64_t naive_identify_member(struct decision *d)
{
    const struct identify_member *wish = &d->command->identify_member;
    struct naive_model *model = d->model;
    int member = naive_need_member(d, wish->member_id);
    if (d->worst != 0)
        return 0;
    int before = naive_identity_of(model, member);
    int person = person_of(d, &wish->holder);
    bool same = before != 0 && model->identities[before].person == person;
    if (before != 0 && !same)
        naive_need_two_persons(d);
    naive_need(d, (wish->subject == SUBJECT_PERSON) == (model->members[member].kind == MEMBER_USER),
        OUTCOME_SUBJECT_NOT_OF_MEMBER);
    need_document(d, &wish->holder);
    need_document(d, &wish->representative);
    need_document(d, &wish->handler);
    naive_need(d, wish->check.checked_at_us <= d->now_us, OUTCOME_CHECK_AHEAD);
    naive_need(d, wish->recheck_date == 0 || d->now_us < end_of(wish->recheck_date),
        OUTCOME_RECHECK_NOT_AHEAD);
    need_only_membership(d, member, person);
    for (int id = 1; before != 0 && !same && id <= model->card_count; id++) {
        const struct naive_card *card = &model->cards[id];
        naive_need(d, card->member != member || !naive_is_bound(card), OUTCOME_MEMBER_HAS_CARDS);
    }
    if (d->worst != 0)
        return 0;
    if (before != 0 && !same) {
        model->identities[before].status = IDENTITY_REPLACED;
        model->identities[before].changed = d->sequence;
    }
    int id = before;
    if (!same) {
        CHECK(model->identity_count < NAIVE_IDENTITIES_MAX);
        id = ++model->identity_count;
        model->identities[id] = (struct naive_identity){
            .ledger = d->ledger, .member = member, .person = person != 0 ? person : id};
    }
    struct naive_identity *identity = &model->identities[id];
    bool same_names = same && naive_same_text(identity->name, wish->holder.name) &&
                      naive_same_text(identity->representative, wish->representative.name);
    if (!same_names)
        identity->level = LEVEL_IDENTITY_CHECKED;
    naive_copy_text(identity->number, wish->holder.number);
    naive_copy_text(identity->name, wish->holder.name);
    naive_copy_text(identity->representative, wish->representative.name);
    naive_copy_text(identity->representative_number, wish->representative.number);
    naive_copy_text(identity->handler, wish->handler.name);
    naive_copy_text(identity->handler_number, wish->handler.number);
    identity->representative_document = wish->representative.document_kind;
    identity->handler_document = wish->handler.document_kind;
    identity->subject = wish->subject;
    identity->document = wish->holder.document_kind;
    identity->until = wish->holder.valid_until_date;
    identity->recheck = wish->recheck_date;
    identity->status = IDENTITY_VALID;
    identity->noticed = false;
    identity->checked = identity->changed = d->sequence;
    naive_screen_member(d, member);
    return member;
}

void naive_close_identity(struct decision *d, int member)
{
    int id = naive_identity_of(d->model, member);
    if (id == 0)
        return;
    d->model->identities[id].status = IDENTITY_CLOSED;
    d->model->identities[id].changed = d->sequence;
}

int64_t naive_expire_identity(struct decision *d, int64_t wish)
{
    struct naive_model *model = d->model;
    bool is_one = wish <= model->identity_count && model->identities[wish].ledger == d->ledger;
    naive_need(d, is_one, OUTCOME_IDENTITY_NOT_FOUND);
    if (!is_one)
        return 0;
    struct naive_identity *identity = &model->identities[wish];
    int64_t due = naive_identity_due(identity);
    naive_need(d, identity->status == IDENTITY_VALID, OUTCOME_IDENTITY_ENDED);
    naive_need(d, due != 0 && due <= d->now_us, OUTCOME_NOT_YET_DUE);
    if (d->worst != 0)
        return 0;
    if (end_of(last_day(identity)) <= d->now_us)
        identity->status = IDENTITY_EXPIRED;
    else
        identity->noticed = true;
    identity->changed = d->sequence;
    return wish;
}
