/* naive_screening.c: deny lists of the naive model: every entry and every member is looked at.
 * SPDX-License-Identifier: Apache-2.0 */
#include "naive.h"

#include "base/check.h"

#include <string.h>

enum { FOUND_MOST = 3000 };

static bool is_listed(const struct naive_denied *entry, int64_t now_us)
{
    return entry->status == DENIED_LISTED && (entry->ends_us == 0 || now_us < entry->ends_us);
}

static bool stands(const struct naive_hit *hit)
{
    return hit->status == HIT_OPEN || hit->status == HIT_CONFIRMED;
}

static bool is_hit(const struct naive_model *model, int member)
{
    for (int id = 1; id <= model->hit_count && member != 0; id++) {
        if (model->hits[id].member == member && stands(&model->hits[id]))
            return true;
    }
    return false;
}

bool naive_takes_none(const struct naive_model *model, int account)
{
    return model->accounts[account].no_in || is_hit(model, model->accounts[account].member);
}

bool naive_gives_none(const struct naive_model *model, int account)
{
    return model->accounts[account].no_out || is_hit(model, model->accounts[account].member);
}

bool naive_is_kept(const struct naive_model *model, int item)
{
    for (int id = 1; id <= model->hit_count && item != 0; id++) {
        const struct naive_hit *hit = &model->hits[id];
        if (hit->member == 0 && hit->found == model->suspense[item].origin && stands(hit))
            return true;
    }
    return false;
}

/* What an entry says of a party. */
static bool is_of_party(const struct naive_denied *entry, const struct party *party)
{
    bool by_name = entry->name[0] != '\0' && naive_same_text(entry->name, party->name);
    return by_name ||
           (entry->account[0] != '\0' && naive_same_text(entry->account, party->account_number));
}

bool naive_is_denied(const struct decision *d, const struct party *party)
{
    for (int id = 1; id <= d->model->denied_count; id++) {
        const struct naive_denied *entry = &d->model->denied[id];
        if (entry->ledger == d->ledger && is_listed(entry, d->now_us) && is_of_party(entry, party))
            return true;
    }
    return false;
}

bool naive_lists(const struct naive_model *model, int ledger, const struct party *party)
{
    const struct decision d = {.model = (struct naive_model *)(uintptr_t)model, .ledger = ledger};
    return naive_is_denied(&d, party);
}

static void add_hit(struct decision *d, int entry, int member, int card)
{
    struct naive_model *model = d->model;
    for (int id = 1; id <= model->hit_count && member != 0; id++) {
        if (model->hits[id].denied == entry && model->hits[id].member == member)
            return;
    }
    CHECK(model->hit_count < NAIVE_HITS_MAX);
    struct naive_hit *hit = &model->hits[++model->hit_count];
    *hit = (struct naive_hit){.ledger = d->ledger,
        .denied = entry,
        .member = member,
        .card = card,
        .status = HIT_OPEN,
        .found = d->sequence,
        .changed = d->sequence,
        .caller = naive_person_of(d->command)};
    naive_copy_text(hit->channel, naive_channel_of(d->command));
}

/* The entry with a name, then that with the number. */
void naive_note_payer(struct decision *d, const struct party *payer)
{
    for (int turn = 0; turn < 2; turn++) {
        for (int id = 1; id <= d->model->denied_count; id++) {
            const struct naive_denied *entry = &d->model->denied[id];
            bool is_turn = turn == 0 ? entry->name[0] != '\0' : entry->account[0] != '\0';
            if (is_turn && entry->ledger == d->ledger && is_listed(entry, d->now_us) &&
                is_of_party(entry, payer))
                add_hit(d, id, 0, 0);
        }
    }
}

static bool is_citizens(int document)
{
    return document == DOCUMENT_CITIZEN_CARD || document == DOCUMENT_HOUSEHOLD_REGISTER;
}

/* Whether the entry lists this number of such a document, or this name. */
static bool is_number(const struct naive_denied *entry, int document, const char *number)
{
    bool same_class =
        entry->document == document || (is_citizens(entry->document) && is_citizens(document));
    return entry->number[0] != '\0' && same_class && strcmp(entry->number, number) == 0;
}

static bool is_name(const struct naive_denied *entry, const char *name)
{
    return entry->name[0] != '\0' && strcmp(entry->name, name) == 0;
}

/* The member itself, then names, then documents of those who act for it. */
enum { TURNS = 6 };

static bool is_by_turn(const struct naive_denied *entry, const struct naive_identity *who, int turn)
{
    switch (turn) {
    case 0:
        return is_number(entry, who->document, who->number);
    case 1:
        return is_name(entry, who->name);
    case 2:
        return is_name(entry, who->representative);
    case 3:
        return is_name(entry, who->handler);
    case 4:
        return is_number(entry, who->representative_document, who->representative_number);
    default:
        return is_number(entry, who->handler_document, who->handler_number);
    }
}

void naive_screen_member(struct decision *d, int member)
{
    const struct naive_identity *who = &d->model->identities[naive_identity_of(d->model, member)];
    for (int turn = 0; turn < TURNS; turn++) {
        for (int id = 1; id <= d->model->denied_count; id++) {
            const struct naive_denied *entry = &d->model->denied[id];
            if (entry->ledger != d->ledger || !is_listed(entry, d->now_us))
                continue;
            if (is_by_turn(entry, who, turn))
                add_hit(d, id, member, 0);
        }
    }
}

void naive_screen_card(struct decision *d, int card)
{
    const struct naive_card *its = &d->model->cards[card];
    for (int id = 1; id <= d->model->denied_count; id++) {
        const struct naive_denied *entry = &d->model->denied[id];
        if (entry->ledger == d->ledger && is_listed(entry, d->now_us) &&
            entry->account[0] != '\0' && strcmp(entry->account, its->number) == 0)
            add_hit(d, id, its->member, card);
    }
}

/* The member's card with the number; 0: by another value, -1: it is not found. */
static int found_by(const struct naive_model *model, const struct naive_denied *entry, int member)
{
    for (int id = 1; id <= model->card_count && entry->account[0] != '\0'; id++) {
        const struct naive_card *card = &model->cards[id];
        if (card->member == member && naive_is_bound(card) &&
            strcmp(card->number, entry->account) == 0)
            return id;
    }
    int who = naive_identity_of(model, member);
    const struct naive_identity *identity = &model->identities[who];
    for (int turn = 0; turn < TURNS && who != 0; turn++) {
        if (is_by_turn(entry, identity, turn))
            return 0;
    }
    return -1;
}

int64_t naive_add_denied(struct decision *d)
{
    const struct add_denied *wish = &d->command->add_denied;
    struct naive_model *model = d->model;
    CHECK(model->denied_count < NAIVE_DENIED_MAX);
    struct naive_denied entry = {.ledger = d->ledger,
        .document = wish->document_kind,
        .source = wish->source,
        .status = DENIED_LISTED,
        .ends_us = wish->expires_at_us,
        .listed = d->sequence,
        .changed = d->sequence,
        .caller = naive_person_of(d->command)};
    naive_copy_text(entry.channel, naive_channel_of(d->command));
    naive_copy_text(entry.name, wish->name);
    naive_copy_text(entry.number, wish->document_number);
    naive_copy_text(entry.account, wish->account_number);
    for (int id = 1; id <= model->denied_count; id++) {
        const struct naive_denied *other = &model->denied[id];
        bool same_class = entry.document == other->document ||
                          (is_citizens(entry.document) && is_citizens(other->document));
        bool is_same = other->ledger == d->ledger && is_listed(other, d->now_us) && same_class &&
                       strcmp(other->name, entry.name) == 0 &&
                       strcmp(other->number, entry.number) == 0 &&
                       strcmp(other->account, entry.account) == 0;
        naive_need_at(d, !is_same, OUTCOME_VALUE_DENIED, id);
    }
    naive_need(d, entry.ends_us == 0 || entry.ends_us > d->now_us, OUTCOME_EXPIRY_NOT_AHEAD);
    int count = 0;
    for (int member = 1; member <= model->member_count; member++) {
        if (model->members[member].ledger == d->ledger)
            count += found_by(model, &entry, member) >= 0;
    }
    naive_need(d, count <= FOUND_MOST, OUTCOME_TOO_MANY_HITS);
    if (d->worst != 0)
        return 0;
    model->denied[++model->denied_count] = entry;
    for (int member = 1; member <= model->member_count; member++) {
        int card =
            model->members[member].ledger == d->ledger ? found_by(model, &entry, member) : -1;
        if (card >= 0)
            add_hit(d, model->denied_count, member, card);
    }
    return model->denied_count;
}

static int need_listed(struct decision *d, int64_t wish)
{
    bool there =
        wish >= 1 && wish <= d->model->denied_count && d->model->denied[wish].ledger == d->ledger;
    naive_need(d, there, OUTCOME_DENIED_NOT_FOUND);
    if (there)
        naive_need(d, d->model->denied[wish].status == DENIED_LISTED, OUTCOME_DENIED_ENDED);
    return there ? (int)wish : 0;
}

static int64_t end(struct decision *d, int id, enum denied_status status)
{
    if (d->worst != 0)
        return 0;
    d->model->denied[id].status = (int)status;
    d->model->denied[id].changed = d->sequence;
    return id;
}

int64_t naive_end_denied(struct decision *d)
{
    naive_need_two_persons(d);
    return end(d, need_listed(d, d->command->end_denied.denied_id), DENIED_ENDED);
}

int64_t naive_expire_denied(struct decision *d, int64_t wish)
{
    int id = need_listed(d, wish);
    if (id == 0)
        return 0;
    int64_t ends_us = d->model->denied[id].ends_us;
    naive_need(d, ends_us != 0 && ends_us <= d->now_us, OUTCOME_NOT_YET_DUE);
    return end(d, id, DENIED_EXPIRED);
}

/* The caller that sends it, or where one is not known the channel. */
static bool is_sender(const struct decision *d, int64_t caller, const char *channel)
{
    if (caller != 0 && d->command->caller_id != 0)
        return caller == d->command->caller_id;
    return naive_same_text(channel, naive_channel_of(d->command));
}

int64_t naive_decide_hit(struct decision *d)
{
    const struct decide_hit *wish = &d->command->decide_hit;
    struct naive_model *model = d->model;
    bool there = wish->hit_id >= 1 && wish->hit_id <= model->hit_count &&
                 model->hits[wish->hit_id].ledger == d->ledger;
    naive_need(d, there, OUTCOME_HIT_NOT_FOUND);
    if (!there)
        return 0;
    struct naive_hit *hit = &model->hits[wish->hit_id];
    const struct naive_denied *entry = &model->denied[hit->denied];
    bool clears = wish->decision == HIT_DECISION_CLEARED;
    naive_need(d, hit->status == HIT_OPEN || (hit->status == HIT_CONFIRMED && clears),
        OUTCOME_HIT_DECIDED);
    naive_need(d,
        !is_sender(d, hit->caller, hit->channel) && !is_sender(d, entry->caller, entry->channel),
        OUTCOME_SAME_CALLER);
    if (d->worst != 0)
        return 0;
    hit->status = clears ? HIT_CLEARED : HIT_CONFIRMED;
    hit->decided = hit->changed = d->sequence;
    if (!is_hit(model, hit->member))
        d->lifted_member = hit->member;
    return wish->hit_id;
}
