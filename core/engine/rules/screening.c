/* screening.c: a deny list a ledger, who is found on it, and what a second person decides.
 *
 * Values are known by their fingerprints, as documents, cards and names of members are, and looked
 * for in both directions: an entry finds the members and cards that are there, IdentifyMember and
 * BindCard find the entries. A hit is a record; while one of a member stands, open or confirmed,
 * its accounts take and give no money (account_takes_none): it is one more reason beside the
 * account's restrictions, and every movement that asks for these asks for it. What the bank says
 * that came goes to UNALLOCATED. A hit of a payer, who is no member, keeps the receipt's money
 * there. A refusal leaves no record, so a withdrawal to who is listed is only refused.
 *
 * A pair of an entry and a member is one hit for ever: what was cleared does not come again. The
 * end of an entry leaves its hits as they are: each was about somebody, and is decided so.
 * SPDX-License-Identifier: Apache-2.0 */
#include "engine/rules/screening.h"

#include "engine/memory/changes.h"
#include "engine/memory/dues.h"
#include "engine/memory/records.h"
#include "engine/memory/undo.h"
#include "engine/rules/book.h"
#include "engine/rules/cards.h"
#include "engine/rules/commands.h"
#include "engine/rules/identities.h"
#include "engine/rules/proposals.h"
#include "engine/rules/refusals.h"
#include "engine/rules/settle.h"
#include "engine/rules/texts.h"
#include "model/document.h"
#include "model/identity.h"

#include <assert.h>

static_assert(HITS_PER_ENTRY_MAX + 1 + SETTLE_IMAGES(0) <= IMAGES_PER_COMMAND_MAX,
    "the images of the largest entry");

/* ---- entries ---- */

static const struct denied *denied_at(const struct engine *engine, int64_t id)
{
    return record_at(engine, RECORD_DENIED, id);
}

static bool has_class(const struct denied *entry, int32_t document_kind)
{
    return document_class((enum document_kind)entry->document_kind) ==
           document_class((enum document_kind)document_kind);
}

/* What is looked for. */
struct wanted {
    enum denied_kind kind;
    int32_t document_kind; /* of a document */
    const struct fingerprints *values;
};

/* The entry that lists it at this instant; NULL: none does. A value is listed once at a time. */
static const struct denied *find_denied(
    const struct engine *engine, int64_t ledger_id, const struct wanted *wanted)
{
    for (uint32_t i = 0; i < wanted->values->count; i++) {
        const struct fingerprint *value = &wanted->values->items[i];
        uint64_t hash = fingerprint_hash(engine, ledger_id, value);
        uint64_t cursor = 0;
        uint32_t id;
        while ((id = map_next(&engine->denied_values, hash, &cursor)) != MAP_NONE) {
            const struct denied *entry = denied_at(engine, id);
            bool is_its =
                entry->ledger_id == ledger_id && entry->kind == wanted->kind &&
                fingerprint_equals(&entry->value, value) &&
                (wanted->kind != DENIED_DOCUMENT || has_class(entry, wanted->document_kind));
            if (is_its && (entry->expires_at_us == 0 || entry->expires_at_us > engine->now_us))
                return entry;
        }
    }
    return NULL;
}

bool is_found_denied(const struct engine *engine, const struct denied *entry)
{
    uint64_t hash = fingerprint_hash(engine, entry->ledger_id, &entry->value);
    uint64_t cursor = 0;
    uint32_t id;
    while ((id = map_next(&engine->denied_values, hash, &cursor)) != MAP_NONE) {
        if (id == entry->id)
            return true;
    }
    return false;
}

static void count_denied(struct engine *engine, int64_t ledger_id, int64_t change)
{
    int64_t *count = &engine->denied_counts[ledger_id];
    keep_for_undo(engine, count, sizeof *count);
    *count += change;
    CHECK(*count >= 0);
}

void index_denied(struct engine *engine, int64_t denied_id)
{
    const struct denied *entry = denied_at(engine, denied_id);
    if (entry->status != DENIED_LISTED)
        return;
    insert_into_map(engine, &engine->denied_values,
        fingerprint_hash(engine, entry->ledger_id, &entry->value), (uint32_t)denied_id);
    count_denied(engine, entry->ledger_id, 1);
    if (entry->expires_at_us != 0)
        put_due(engine, RECORD_DENIED, denied_id, entry->expires_at_us);
}

static void end_denied(struct engine *engine, int64_t denied_id, enum denied_status status)
{
    struct denied *entry = change_record(engine, RECORD_DENIED, denied_id);
    CHECK(entry->status == DENIED_LISTED);
    entry->status = (uint8_t)status;
    remove_from_map(engine, &engine->denied_values,
        fingerprint_hash(engine, entry->ledger_id, &entry->value), (uint32_t)denied_id);
    count_denied(engine, entry->ledger_id, -1);
    remove_due(engine, RECORD_DENIED, denied_id);
    record_image(engine, RECORD_DENIED, denied_id);
}

/* ---- hits ---- */

static struct hit *hit_at(const struct engine *engine, int64_t id)
{
    return record_at(engine, RECORD_HIT, id);
}

static uint64_t hash_of_command(const struct engine *engine, int64_t sequence)
{
    return hash_bytes(engine->hash_secret, &sequence, sizeof sequence);
}

bool is_hit_member(const struct engine *engine, int64_t member_id)
{
    for (int64_t id = engine->newest_hits[member_id]; id != 0; id = engine->older_hits[id]) {
        if (hit_stands(hit_at(engine, id)))
            return true;
    }
    return false;
}

bool has_payer_hit(const struct engine *engine, int64_t sequence)
{
    uint64_t cursor = 0;
    uint32_t id;
    while ((id = map_next(&engine->payer_hits, hash_of_command(engine, sequence), &cursor)) !=
           MAP_NONE) {
        const struct hit *hit = hit_at(engine, id);
        if (hit->found_sequence == sequence && hit_stands(hit))
            return true;
    }
    return false;
}

/* Marks the member's accounts as its hits are now. Debts that wait are settled as far as a command
 * can; the others when something comes next. */
static void mark_accounts(struct engine *engine, int64_t member_id)
{
    bool is_hit = is_hit_member(engine, member_id);
    uint32_t walked = 0;
    for (int64_t id = engine->newest_accounts[member_id]; id != 0;
         id = engine->older_accounts[id], walked++) {
        struct account *account = &engine->accounts[id];
        if (account->is_hit == is_hit)
            continue;
        keep_for_undo(engine, &account->is_hit, sizeof account->is_hit);
        account->is_hit = is_hit;
        if (!is_hit && engine_owed_minor(engine, account) != 0 &&
            engine->settle_note_count < SETTLE_ACCOUNTS_MAX)
            note_to_settle(engine, account);
    }
    note_walk(engine, walked);
}

void index_hit(struct engine *engine, int64_t hit_id)
{
    const struct hit *hit = hit_at(engine, hit_id);
    if (hit->member_id == 0) {
        insert_into_map(engine, &engine->payer_hits, hash_of_command(engine, hit->found_sequence),
            (uint32_t)hit_id);
        return;
    }
    int64_t *newest = &engine->newest_hits[hit->member_id];
    int64_t *older = &engine->older_hits[hit_id];
    keep_for_undo(engine, older, sizeof *older);
    keep_for_undo(engine, newest, sizeof *newest);
    *older = *newest;
    *newest = hit_id;
    mark_accounts(engine, hit->member_id);
}

static bool has_pair(const struct engine *engine, int64_t denied_id, int64_t member_id)
{
    for (int64_t id = engine->newest_hits[member_id]; id != 0; id = engine->older_hits[id]) {
        if (hit_at(engine, id)->denied_id == denied_id)
            return true;
    }
    return false;
}

static void add_hit(struct engine *engine, const struct command *command,
    const struct denied *entry, int64_t member_id, int64_t card_id)
{
    if (member_id != 0 && has_pair(engine, entry->id, member_id))
        return;
    struct hit *hit = add_record(engine, RECORD_HIT);
    hit->ledger_id = entry->ledger_id;
    hit->denied_id = entry->id;
    hit->member_id = member_id;
    hit->card_id = card_id;
    hit->found_sequence = engine->sequence;
    hit->caller_id = person_of(command);
    hit->channel_length = copy_text(hit->channel, sizeof hit->channel, channel_of(&command->key));
    hit->status = HIT_OPEN;
    index_hit(engine, hit->id);
    record_image(engine, RECORD_HIT, hit->id);
}

enum outcome check_room_for_hits(const struct engine *engine, const struct ledger *ledger)
{
    bool is_full =
        has_deny_list(engine, ledger->id) && !has_room(engine, RECORD_HIT, HITS_PER_COMMAND_MAX);
    return is_full ? OUTCOME_TOO_MANY_HITS : OUTCOME_ACCEPTED;
}

/* ---- what comes, against the list ---- */

static void screen(struct engine *engine, const struct command *command, int64_t member_id,
    int64_t card_id, const struct wanted *wanted)
{
    const struct denied *entry = find_denied(engine, command->ledger_id, wanted);
    if (entry)
        add_hit(engine, command, entry, member_id, card_id);
}

void screen_identity(struct engine *engine, const struct ledger *ledger,
    const struct command *command, const struct identity *identity,
    const struct identity_values *values)
{
    if (!has_deny_list(engine, ledger->id))
        return;
    const struct wanted wanted[HITS_PER_COMMAND_MAX] = {
        {DENIED_DOCUMENT, identity->document_kind, &values->number},
        {DENIED_NAME, 0, &values->name}, {DENIED_NAME, 0, &values->representative},
        {DENIED_NAME, 0, &values->handler},
        {DENIED_DOCUMENT, identity->representative_document, &values->representative_number},
        {DENIED_DOCUMENT, identity->handler_document, &values->handler_number}};
    for (int i = 0; i < HITS_PER_COMMAND_MAX; i++)
        screen(engine, command, identity->member_id, 0, &wanted[i]);
}

void screen_card(struct engine *engine, const struct ledger *ledger, const struct command *command,
    const struct card *card, const struct fingerprints *number)
{
    const struct wanted wanted = {DENIED_ACCOUNT, 0, number};
    if (has_deny_list(engine, ledger->id))
        screen(engine, command, card->member_id, card->id, &wanted);
}

/* The entries that list its name and its number; NULL: none does. */
static void find_party(const struct engine *engine, int64_t ledger_id, const struct party *party,
    const struct denied *ret_entries[2])
{
    const struct fingerprints name =
        written_fingerprints(engine, ledger_id, PERSONAL_NAME, party->name);
    const struct fingerprints number =
        written_fingerprints(engine, ledger_id, PERSONAL_ACCOUNT_NUMBER, party->account_number);
    ret_entries[0] = find_denied(engine, ledger_id, &(struct wanted){DENIED_NAME, 0, &name});
    ret_entries[1] = find_denied(engine, ledger_id, &(struct wanted){DENIED_ACCOUNT, 0, &number});
}

bool is_denied_party(
    const struct engine *engine, const struct ledger *ledger, const struct party *party)
{
    const struct denied *entries[2];
    if (!has_deny_list(engine, ledger->id))
        return false;
    find_party(engine, ledger->id, party, entries);
    return entries[0] || entries[1];
}

void add_payer_hits(struct engine *engine, const struct ledger *ledger,
    const struct command *command, const struct party *payer)
{
    const struct denied *entries[2];
    find_party(engine, ledger->id, payer, entries);
    CHECK(entries[0] || entries[1]);
    for (int i = 0; i < 2; i++) {
        if (entries[i])
            add_hit(engine, command, entries[i], 0, 0);
    }
}

/* ---- an entry, against who is there ---- */

/* Whom it finds, each once, by member: the order of chains is not that of a restart. */
struct found {
    struct {
        int64_t member_id;
        int64_t card_id;
    } items[HITS_PER_ENTRY_MAX];
    uint32_t count;
    bool is_too_much;
};

static void add_found(struct found *found, int64_t member_id, int64_t card_id)
{
    uint32_t place = found->count;
    while (place > 0 && found->items[place - 1].member_id > member_id)
        place--;
    if (place > 0 && found->items[place - 1].member_id == member_id)
        return;
    found->is_too_much = found->count == HITS_PER_ENTRY_MAX;
    if (found->is_too_much)
        return;
    memmove(&found->items[place + 1], &found->items[place],
        (found->count - place) * sizeof *found->items);
    found->items[place].member_id = member_id;
    found->items[place].card_id = card_id;
    found->count++;
}

/* Of names, or with `kind` of numbers of such a document. */
static void find_by_values(const struct engine *engine, int64_t ledger_id, int32_t kind,
    const struct fingerprints *values, struct found *found)
{
    for (uint32_t i = 0; i < values->count; i++) {
        for (uint32_t slot = newest_of_name(engine, ledger_id, &values->items[i]);
             slot != 0 && !found->is_too_much; slot = older_of_name(engine, slot)) {
            const struct identity *identity = identity_of_slot(engine, slot);
            bool is_its = document_class((enum document_kind)document_of_slot(engine, slot)) ==
                          document_class((enum document_kind)kind);
            if (is_its && identity_is_open(identity))
                add_found(found, identity->member_id, 0);
        }
    }
}

/* Who has it itself, then for whom somebody else has it. */
static void find_by_document(const struct engine *engine, int64_t ledger_id,
    const struct wanted *wanted, struct found *found)
{
    const struct identity *person = engine_find_person(engine, ledger_id,
        (enum document_kind)wanted->document_kind, wanted->values->items, wanted->values->count);
    for (int64_t id = person ? engine_newest_identity(engine, person->id) : 0;
         id != 0 && !found->is_too_much; id = engine_older_identity(engine, id)) {
        const struct identity *identity = record_at(engine, RECORD_IDENTITY, id);
        if (identity_is_open(identity))
            add_found(found, identity->member_id, 0);
    }
    find_by_values(engine, ledger_id, wanted->document_kind, wanted->values, found);
}

static void find_by_card(const struct engine *engine, int64_t ledger_id,
    const struct fingerprints *numbers, struct found *found)
{
    for (uint32_t i = 0; i < numbers->count; i++) {
        const struct card *card;
        uint64_t cursor = 0;
        while (!found->is_too_much && (card = next_card_of_number(engine, ledger_id,
                                           &numbers->items[i], &cursor)) != NULL) {
            if (card_is_bound(card))
                add_found(found, card->member_id, card->id);
        }
    }
}

/* ---- the commands ---- */

static enum denied_kind kind_of(const struct add_denied *asked)
{
    if (asked->document_number.length > 0)
        return DENIED_DOCUMENT;
    return asked->account_number.length > 0 ? DENIED_ACCOUNT : DENIED_NAME;
}

/* The one value of the request. */
static struct fingerprints value_of(
    const struct engine *engine, int64_t ledger_id, const struct add_denied *asked)
{
    switch (kind_of(asked)) {
    case DENIED_DOCUMENT:
        return fingerprints_of(engine, ledger_id, PERSONAL_DOCUMENT_NUMBER, asked->document_number);
    case DENIED_ACCOUNT:
        return fingerprints_of(engine, ledger_id, PERSONAL_ACCOUNT_NUMBER, asked->account_number);
    case DENIED_NAME:
        break;
    }
    return fingerprints_of(engine, ledger_id, PERSONAL_NAME, asked->name);
}

enum outcome execute_add_denied(
    struct engine *engine, const struct ledger *ledger, const struct command *command)
{
    const struct add_denied *asked = &command->add_denied;
    const struct fingerprints values = value_of(engine, ledger->id, asked);
    const struct wanted wanted = {kind_of(asked), asked->document_kind, &values};
    const struct denied *before = find_denied(engine, ledger->id, &wanted);
    CHECK(values.count > 0);
    enum outcome outcome =
        before ? refuse_at(engine, OUTCOME_VALUE_DENIED, before->id) : OUTCOME_ACCEPTED;
    if (asked->expires_at_us != 0 && asked->expires_at_us <= engine->now_us)
        outcome = earlier(outcome, OUTCOME_EXPIRY_NOT_AHEAD);
    if (!has_room(engine, RECORD_DENIED, 1))
        outcome = earlier(outcome, OUTCOME_TOO_MANY_DENIED);
    if (outcome != OUTCOME_ACCEPTED)
        return outcome;
    struct found found;
    found.count = 0;
    found.is_too_much = false;
    if (wanted.kind == DENIED_DOCUMENT)
        find_by_document(engine, ledger->id, &wanted, &found);
    else if (wanted.kind == DENIED_NAME)
        find_by_values(engine, ledger->id, 0, &values, &found);
    else
        find_by_card(engine, ledger->id, &values, &found);
    if (found.is_too_much || !has_room(engine, RECORD_HIT, found.count))
        return OUTCOME_TOO_MANY_HITS;

    struct denied *entry = add_record(engine, RECORD_DENIED);
    entry->ledger_id = ledger->id;
    entry->listed_sequence = engine->sequence;
    entry->caller_id = person_of(command);
    entry->channel_length =
        copy_text(entry->channel, sizeof entry->channel, channel_of(&command->key));
    entry->expires_at_us = asked->expires_at_us;
    entry->value = first_fingerprint(&values);
    entry->kind = (uint8_t)wanted.kind;
    entry->document_kind = (uint8_t)asked->document_kind;
    entry->source = (uint8_t)asked->source;
    entry->status = DENIED_LISTED;
    index_denied(engine, entry->id);
    record_image(engine, RECORD_DENIED, entry->id);
    for (uint32_t i = 0; i < found.count; i++)
        add_hit(engine, command, entry, found.items[i].member_id, found.items[i].card_id);
    engine->effects->subject_id = entry->id;
    return OUTCOME_ACCEPTED;
}

static enum outcome find_listed(
    const struct engine *engine, const struct ledger *ledger, int64_t denied_id)
{
    const struct denied *entry = engine_find_record(engine, RECORD_DENIED, denied_id);
    if (!entry || entry->ledger_id != ledger->id)
        return OUTCOME_DENIED_NOT_FOUND;
    return entry->status == DENIED_LISTED ? OUTCOME_ACCEPTED : OUTCOME_DENIED_ENDED;
}

enum outcome execute_end_denied(
    struct engine *engine, const struct ledger *ledger, const struct command *command)
{
    int64_t denied_id = command->end_denied.denied_id;
    if (!is_of_two(command))
        return OUTCOME_APPROVAL_NEEDED;
    enum outcome outcome = find_listed(engine, ledger, denied_id);
    if (outcome != OUTCOME_ACCEPTED)
        return outcome;
    end_denied(engine, denied_id, DENIED_ENDED);
    engine->effects->subject_id = denied_id;
    return OUTCOME_ACCEPTED;
}

enum outcome expire_denied(struct engine *engine, const struct ledger *ledger, int64_t id)
{
    enum outcome outcome = find_listed(engine, ledger, id);
    if (outcome != OUTCOME_ACCEPTED)
        return outcome;
    int64_t expires_at_us = denied_at(engine, id)->expires_at_us;
    if (expires_at_us == 0 || expires_at_us > engine->now_us)
        return OUTCOME_NOT_YET_DUE;
    end_denied(engine, id, DENIED_EXPIRED);
    return OUTCOME_ACCEPTED;
}

/* Whether who sends the command is the one with that caller and channel. Callers are persons; where
 * one of the two is not known, their channels are. */
static bool is_sender(const struct command *command, int64_t caller_id, struct text channel)
{
    if (caller_id != 0 && command->caller_id != 0)
        return caller_id == command->caller_id;
    return text_equals(channel, channel_of(&command->key));
}

enum outcome execute_decide_hit(
    struct engine *engine, const struct ledger *ledger, const struct command *command)
{
    const struct decide_hit *asked = &command->decide_hit;
    const struct hit *hit = engine_find_record(engine, RECORD_HIT, asked->hit_id);
    if (!hit || hit->ledger_id != ledger->id)
        return OUTCOME_HIT_NOT_FOUND;
    enum hit_status status = asked->decision == HIT_DECISION_CLEARED ? HIT_CLEARED : HIT_CONFIRMED;
    if (!hit_stands(hit) || hit->status == status)
        return OUTCOME_HIT_DECIDED;
    const struct denied *entry = denied_at(engine, hit->denied_id);
    if (is_sender(command, hit->caller_id, (struct text){hit->channel, hit->channel_length}) ||
        is_sender(command, entry->caller_id, (struct text){entry->channel, entry->channel_length}))
        return OUTCOME_SAME_CALLER;

    struct hit *changed = change_record(engine, RECORD_HIT, hit->id);
    changed->status = (uint8_t)status;
    changed->decided_sequence = engine->sequence;
    record_image(engine, RECORD_HIT, hit->id);
    if (hit->member_id != 0)
        mark_accounts(engine, hit->member_id);
    engine->effects->subject_id = hit->id;
    return OUTCOME_ACCEPTED;
}
