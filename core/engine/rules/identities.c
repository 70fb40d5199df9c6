/* identities.c: who members are: what was checked of them, when that ends, and who is the same
 * person.
 *
 * A record is one person at one member: another person's number ends it and begins another one. So
 * who is the same never changes: the first identity of a ledger with a number gives its id to all
 * that have it, also when it is over.
 * SPDX-License-Identifier: Apache-2.0 */
#include "engine/rules/identities.h"

#include "engine/memory/changes.h"
#include "engine/memory/dues.h"
#include "engine/memory/memory.h"
#include "engine/memory/records.h"
#include "engine/memory/undo.h"
#include "engine/rules/commands.h"
#include "engine/rules/fingerprints.h"
#include "engine/rules/members.h"
#include "engine/rules/proposals.h"
#include "engine/rules/refusals.h"
#include "engine/rules/screening.h"
#include "model/identity.h"

/* ---- who has a number ---- */

static bool has_class(const struct identity *identity, enum document_kind kind)
{
    return document_class((enum document_kind)identity->document_kind) == document_class(kind);
}

/* Each fingerprint that a number of the ledger is recorded by is in the map once, with one of the
 * identities that have it now. */
static const struct identity *find_number(const struct engine *engine, int64_t ledger_id,
    enum document_kind kind, const struct fingerprint *number)
{
    uint64_t cursor = 0;
    uint64_t hash = fingerprint_hash(engine, ledger_id, number);
    uint32_t id;
    while ((id = map_next(&engine->documents, hash, &cursor)) != MAP_NONE) {
        const struct identity *identity = record_at(engine, RECORD_IDENTITY, id);
        if (identity->ledger_id == ledger_id && has_class(identity, kind) &&
            fingerprint_equals(&identity->number, number))
            return identity;
    }
    return NULL;
}

const struct identity *identity_of_number(
    const struct engine *engine, const struct identity *identity)
{
    return find_number(engine, identity->ledger_id, (enum document_kind)identity->document_kind,
        &identity->number);
}

const struct identity *engine_find_person(const struct engine *engine, int64_t ledger_id,
    enum document_kind kind, const struct fingerprint *fingerprints, uint32_t count)
{
    const struct identity *found = NULL;
    for (uint32_t i = 0; i < count && !found; i++)
        found = find_number(engine, ledger_id, kind, &fingerprints[i]);
    return found ? record_at(engine, RECORD_IDENTITY, found->person_id) : NULL;
}

int64_t engine_newest_identity(const struct engine *engine, int64_t person_id)
{
    bool is_one = person_id >= 1 && person_id <= engine->last_id[RECORD_IDENTITY];
    return is_one ? engine->newest_of_person[person_id] : 0;
}

int64_t engine_older_identity(const struct engine *engine, int64_t identity_id)
{
    CHECK(identity_id >= 1 && identity_id <= engine->last_id[RECORD_IDENTITY]);
    return engine->older_of_person[identity_id];
}

static void put_number(struct engine *engine, const struct identity *identity)
{
    if (!identity_of_number(engine, identity))
        insert_into_map(engine, &engine->documents,
            fingerprint_hash(engine, identity->ledger_id, &identity->number),
            (uint32_t)identity->id);
}

/* The identity's number is about to be recorded under another key: who else has it under the one of
 * now is found by it still. */
static void take_number(struct engine *engine, const struct identity *identity)
{
    uint64_t hash = fingerprint_hash(engine, identity->ledger_id, &identity->number);
    if (identity_of_number(engine, identity) != identity)
        return;
    remove_from_map(engine, &engine->documents, hash, (uint32_t)identity->id);
    for (int64_t id = engine->newest_of_person[identity->person_id]; id != 0;
         id = engine->older_of_person[id]) {
        const struct identity *other = record_at(engine, RECORD_IDENTITY, id);
        if (other != identity && fingerprint_equals(&other->number, &identity->number)) {
            insert_into_map(engine, &engine->documents, hash, (uint32_t)id);
            return;
        }
    }
}

/* ---- who is called so, or has a document for the member ---- */

static_assert(
    (uint64_t)NAMES_PER_IDENTITY * (IDENTITIES_MAX + 1) <= UINT32_MAX, "slots are counted");

enum {
    SLOT_NAME,
    SLOT_REPRESENTATIVE,
    SLOT_HANDLER,
    SLOT_REPRESENTATIVE_NUMBER,
    SLOT_HANDLER_NUMBER
};

static_assert(SLOT_HANDLER_NUMBER + 1 == NAMES_PER_IDENTITY, "each has its slot");

const struct identity *identity_of_slot(const struct engine *engine, uint32_t slot)
{
    return record_at(engine, RECORD_IDENTITY, slot / NAMES_PER_IDENTITY);
}

static const struct fingerprint *name_in(const struct engine *engine, uint32_t slot)
{
    const struct identity *identity = identity_of_slot(engine, slot);
    switch (slot % NAMES_PER_IDENTITY) {
    case SLOT_REPRESENTATIVE:
        return &identity->representative;
    case SLOT_HANDLER:
        return &identity->handler;
    case SLOT_REPRESENTATIVE_NUMBER:
        return &identity->representative_number;
    case SLOT_HANDLER_NUMBER:
        return &identity->handler_number;
    default:
        return &identity->name;
    }
}

int32_t document_of_slot(const struct engine *engine, uint32_t slot)
{
    const struct identity *identity = identity_of_slot(engine, slot);
    switch (slot % NAMES_PER_IDENTITY) {
    case SLOT_REPRESENTATIVE_NUMBER:
        return identity->representative_document;
    case SLOT_HANDLER_NUMBER:
        return identity->handler_document;
    default:
        return 0;
    }
}

static struct name_links *name_links_of(const struct engine *engine, uint32_t slot)
{
    return &engine->name_links[slot / NAMES_PER_IDENTITY][slot % NAMES_PER_IDENTITY];
}

uint32_t newest_of_name(
    const struct engine *engine, int64_t ledger_id, const struct fingerprint *name)
{
    uint64_t cursor = 0;
    uint64_t hash = fingerprint_hash(engine, ledger_id, name);
    uint32_t slot;
    while ((slot = map_next(&engine->names, hash, &cursor)) != MAP_NONE) {
        if (identity_of_slot(engine, slot)->ledger_id == ledger_id &&
            fingerprint_equals(name_in(engine, slot), name))
            return slot;
    }
    return 0;
}

uint32_t older_of_name(const struct engine *engine, uint32_t slot)
{
    return name_links_of(engine, slot)->older;
}

static void set_links(struct engine *engine, uint32_t slot, struct name_links links)
{
    struct name_links *its = name_links_of(engine, slot);
    keep_for_undo(engine, its, sizeof *its);
    *its = links;
}

static void put_name(struct engine *engine, int64_t ledger_id, uint32_t slot)
{
    const struct fingerprint *name = name_in(engine, slot);
    if (fingerprint_is_none(name))
        return;
    uint64_t hash = fingerprint_hash(engine, ledger_id, name);
    uint32_t older = newest_of_name(engine, ledger_id, name);
    if (older != 0) {
        remove_from_map(engine, &engine->names, hash, older);
        set_links(engine, older, (struct name_links){name_links_of(engine, older)->older, slot});
    }
    insert_into_map(engine, &engine->names, hash, slot);
    set_links(engine, slot, (struct name_links){older, 0});
}

static void take_name(struct engine *engine, int64_t ledger_id, uint32_t slot)
{
    const struct fingerprint *name = name_in(engine, slot);
    struct name_links links = *name_links_of(engine, slot);
    if (fingerprint_is_none(name))
        return;
    uint64_t hash = fingerprint_hash(engine, ledger_id, name);
    if (links.older != 0)
        set_links(engine, links.older,
            (struct name_links){name_links_of(engine, links.older)->older, links.younger});
    if (links.younger != 0) {
        set_links(engine, links.younger,
            (struct name_links){links.older, name_links_of(engine, links.younger)->younger});
    } else {
        remove_from_map(engine, &engine->names, hash, slot);
        if (links.older != 0)
            insert_into_map(engine, &engine->names, hash, links.older);
    }
    set_links(engine, slot, (struct name_links){0});
}

static void put_names(struct engine *engine, const struct identity *identity)
{
    for (uint32_t i = 0; i < NAMES_PER_IDENTITY; i++)
        put_name(engine, identity->ledger_id, (uint32_t)identity->id * NAMES_PER_IDENTITY + i);
}

static void take_names(struct engine *engine, const struct identity *identity)
{
    for (uint32_t i = 0; i < NAMES_PER_IDENTITY; i++)
        take_name(engine, identity->ledger_id, (uint32_t)identity->id * NAMES_PER_IDENTITY + i);
}

bool has_found_names(const struct engine *engine, const struct identity *identity)
{
    for (uint32_t i = 0; i < NAMES_PER_IDENTITY; i++) {
        uint32_t slot = (uint32_t)identity->id * NAMES_PER_IDENTITY + i;
        const struct fingerprint *name = name_in(engine, slot);
        const struct name_links *links = name_links_of(engine, slot);
        if (fingerprint_is_none(name))
            continue;
        uint32_t to_it = links->younger != 0 ? name_links_of(engine, links->younger)->older
                                             : newest_of_name(engine, identity->ledger_id, name);
        if (to_it != slot ||
            (links->older != 0 && (name_links_of(engine, links->older)->younger != slot ||
                                      !fingerprint_equals(name_in(engine, links->older), name))))
            return false;
    }
    return true;
}

/* ---- what is derived ---- */

const struct identity *engine_find_identity(const struct engine *engine, int64_t member_id)
{
    CHECK(member_id >= 1 && member_id <= engine->last_id[RECORD_MEMBER]);
    int64_t id = engine->members[member_id].identity_id;
    return id != 0 ? record_at(engine, RECORD_IDENTITY, id) : NULL;
}

const struct identity *open_identity(const struct engine *engine, int64_t member_id)
{
    const struct identity *identity = engine_find_identity(engine, member_id);
    return identity && identity_is_open(identity) ? identity : NULL;
}

/* Puts it among the dues anew, with what becomes of it next. A scope leaves them as they are. */
static void put_next_due(struct engine *engine, const struct identity *identity)
{
    int64_t due_us = identity_due_us(identity);
    remove_due(engine, RECORD_IDENTITY, identity->id);
    if (due_us != 0)
        put_due(engine, RECORD_IDENTITY, identity->id, due_us);
}

/* Links it to its member and its person. */
static void link_identity(struct engine *engine, const struct identity *identity)
{
    int64_t *last = &engine->members[identity->member_id].identity_id;
    int64_t *newest = &engine->newest_of_person[identity->person_id];
    int64_t *older = &engine->older_of_person[identity->id];
    keep_for_undo(engine, last, sizeof *last);
    keep_for_undo(engine, newest, sizeof *newest);
    keep_for_undo(engine, older, sizeof *older);
    *last = identity->id;
    *older = *newest;
    *newest = identity->id;
    put_number(engine, identity);
    put_names(engine, identity);
}

void index_identity(struct engine *engine, int64_t identity_id)
{
    const struct identity *identity = record_at(engine, RECORD_IDENTITY, identity_id);
    link_identity(engine, identity);
    put_next_due(engine, identity);
}

/* ---- identified ---- */

/* A document of the request, on the present day in China; none is well. */
static enum outcome check_document(const struct engine *engine, const struct identified *person)
{
    if (person->document_kind == 0)
        return OUTCOME_ACCEPTED;
    if (day_end_us(person->valid_from_date - 1) > engine->now_us)
        return OUTCOME_DOCUMENT_NOT_YET_VALID;
    return day_is_over(person->valid_until_date, engine->now_us) ? OUTCOME_DOCUMENT_EXPIRED
                                                                 : OUTCOME_ACCEPTED;
}

static enum outcome check_subject(const struct member *member, int32_t subject)
{
    bool is_person = subject == SUBJECT_PERSON;
    return is_person == (member->kind == MEMBER_USER) ? OUTCOME_ACCEPTED
                                                      : OUTCOME_SUBJECT_NOT_OF_MEMBER;
}

/* By the terms: whether the person has another open member of the kind. */
static enum outcome check_memberships(const struct engine *engine, const struct ledger *ledger,
    const struct member *member, const struct identity *person)
{
    const struct watch *terms = engine_find_watch(engine, ledger->id);
    enum outcome outcome = OUTCOME_ACCEPTED;
    if (!person || !terms || !terms->one_membership)
        return OUTCOME_ACCEPTED;
    for (int64_t id = engine->newest_of_person[person->id]; id != 0;
         id = engine->older_of_person[id]) {
        const struct identity *other = record_at(engine, RECORD_IDENTITY, id);
        if (other->member_id != member->id && identity_is_open(other) &&
            engine->members[other->member_id].kind == member->kind)
            outcome = refuse_at(engine, OUTCOME_PERSON_HAS_MEMBERSHIP, other->member_id);
    }
    return outcome;
}

/* All that speaks against it but what is about the number. */
static enum outcome check_facts(
    const struct engine *engine, const struct member *member, const struct identify_member *asked)
{
    enum outcome outcome = check_subject(member, asked->subject);
    outcome = earlier(outcome, check_document(engine, &asked->holder));
    outcome = earlier(outcome, check_document(engine, &asked->representative));
    outcome = earlier(outcome, check_document(engine, &asked->handler));
    if (asked->check.checked_at_us > engine->now_us)
        outcome = earlier(outcome, OUTCOME_CHECK_AHEAD);
    if (day_is_over(asked->recheck_date, engine->now_us))
        outcome = earlier(outcome, OUTCOME_RECHECK_NOT_AHEAD);
    return outcome;
}

/* Whether a value is what was recorded, whichever key it was under. */
static bool is_same_value(
    const struct fingerprints *fingerprints, const struct fingerprint *recorded)
{
    return fingerprints->count == 0 ? fingerprint_is_none(recorded)
                                    : has_fingerprint(fingerprints, recorded);
}

static struct identity_values values_of(const struct engine *engine, int64_t ledger_id,
    const struct identify_member *asked, const struct fingerprints *number)
{
    const struct identified *representative = &asked->representative;
    const struct identified *handler = &asked->handler;
    return (struct identity_values){.number = *number,
        .name = fingerprints_of(engine, ledger_id, PERSONAL_NAME, asked->holder.name),
        .representative = fingerprints_of(engine, ledger_id, PERSONAL_NAME, representative->name),
        .representative_number =
            fingerprints_of(engine, ledger_id, PERSONAL_DOCUMENT_NUMBER, representative->number),
        .handler = fingerprints_of(engine, ledger_id, PERSONAL_NAME, handler->name),
        .handler_number =
            fingerprints_of(engine, ledger_id, PERSONAL_DOCUMENT_NUMBER, handler->number)};
}

static void end_identity(
    struct engine *engine, const struct identity *identity, enum identity_status status)
{
    ((struct identity *)change_record(engine, RECORD_IDENTITY, identity->id))->status =
        (uint8_t)status;
    put_next_due(engine, identity);
    record_image(engine, RECORD_IDENTITY, identity->id);
}

static struct identity *begin_identity(
    struct engine *engine, const struct member *member, const struct identity *person)
{
    struct identity *identity = add_record(engine, RECORD_IDENTITY);
    identity->ledger_id = member->ledger_id;
    identity->member_id = member->id;
    identity->person_id = person ? person->id : identity->id;
    return identity;
}

enum outcome execute_identify_member(
    struct engine *engine, const struct ledger *ledger, const struct command *command)
{
    const struct identify_member *asked = &command->identify_member;
    const struct member *member = NULL;
    enum outcome outcome = find_open_member(engine, ledger, asked->member_id, &member);
    if (outcome != OUTCOME_ACCEPTED)
        return outcome;
    enum document_kind kind = (enum document_kind)asked->holder.document_kind;
    const struct fingerprints number =
        fingerprints_of(engine, ledger->id, PERSONAL_DOCUMENT_NUMBER, asked->holder.number);
    const struct identity *person =
        engine_find_person(engine, ledger->id, kind, number.items, number.count);
    const struct identity *before = open_identity(engine, member->id);
    bool is_same = before && person && before->person_id == person->id;
    if (before && !is_same && !is_of_two(command))
        outcome = OUTCOME_APPROVAL_NEEDED;
    outcome = earlier(outcome, check_facts(engine, member, asked));
    outcome = earlier(outcome, check_memberships(engine, ledger, member, person));
    if (before && !is_same && engine->newest_cards[member->id] != 0)
        outcome = earlier(outcome, OUTCOME_MEMBER_HAS_CARDS);
    if (!is_same && !has_room(engine, RECORD_IDENTITY, 1))
        outcome = earlier(outcome, OUTCOME_TOO_MANY_IDENTITIES);
    outcome = earlier(outcome, check_room_for_hits(engine, ledger));
    if (outcome != OUTCOME_ACCEPTED)
        return outcome;

    const struct identity_values values = values_of(engine, ledger->id, asked, &number);
    if (before && !is_same)
        end_identity(engine, before, IDENTITY_REPLACED);
    struct identity *identity = is_same ? change_record(engine, RECORD_IDENTITY, before->id)
                                        : begin_identity(engine, member, person);
    /* A card was checked by the names that were. */
    if (!is_same || !is_same_value(&values.name, &identity->name) ||
        !is_same_value(&values.representative, &identity->representative))
        identity->level = LEVEL_IDENTITY_CHECKED;
    if (is_same) {
        take_number(engine, identity);
        take_names(engine, identity);
    }
    identity->number = first_fingerprint(&number);
    identity->name = first_fingerprint(&values.name);
    identity->representative = first_fingerprint(&values.representative);
    identity->representative_number = first_fingerprint(&values.representative_number);
    identity->representative_document = (uint8_t)asked->representative.document_kind;
    identity->handler = first_fingerprint(&values.handler);
    identity->handler_number = first_fingerprint(&values.handler_number);
    identity->handler_document = (uint8_t)asked->handler.document_kind;
    identity->checked_sequence = engine->sequence;
    identity->valid_until_date = asked->holder.valid_until_date;
    identity->recheck_date = asked->recheck_date;
    identity->subject = (uint8_t)asked->subject;
    identity->document_kind = (uint8_t)kind;
    identity->status = IDENTITY_VALID;
    identity->is_noticed = false;
    if (is_same) {
        put_number(engine, identity);
        put_names(engine, identity);
    } else {
        link_identity(engine, identity);
    }
    put_next_due(engine, identity);
    record_image(engine, RECORD_IDENTITY, identity->id);
    screen_identity(engine, ledger, command, identity, &values);
    engine->effects->subject_id = member->id;
    return OUTCOME_ACCEPTED;
}

static void set_level(struct engine *engine, int64_t member_id, enum identity_level level)
{
    const struct identity *identity = open_identity(engine, member_id);
    if (!identity || identity->level == level)
        return;
    struct identity *changed = change_record(engine, RECORD_IDENTITY, identity->id);
    changed->level = (uint8_t)level;
    record_image(engine, RECORD_IDENTITY, identity->id);
}

void note_checked_card(struct engine *engine, int64_t member_id)
{
    set_level(engine, member_id, LEVEL_CARD_CHECKED);
}

void note_no_checked_card(struct engine *engine, int64_t member_id)
{
    set_level(engine, member_id, LEVEL_IDENTITY_CHECKED);
}

void close_identity(struct engine *engine, int64_t member_id)
{
    const struct identity *identity = open_identity(engine, member_id);
    if (identity)
        end_identity(engine, identity, IDENTITY_CLOSED);
}

/* ---- what falls due ---- */

enum outcome expire_identity(struct engine *engine, const struct ledger *ledger, int64_t id)
{
    const struct identity *identity = engine_find_record(engine, RECORD_IDENTITY, id);
    if (!identity || identity->ledger_id != ledger->id)
        return OUTCOME_IDENTITY_NOT_FOUND;
    if (identity->status != IDENTITY_VALID)
        return OUTCOME_IDENTITY_ENDED;
    int64_t due_us = identity_due_us(identity);
    if (due_us == 0 || due_us > engine->now_us)
        return OUTCOME_NOT_YET_DUE;

    struct identity *changed = change_record(engine, RECORD_IDENTITY, id);
    if (day_is_over(identity_last_date(identity), engine->now_us))
        changed->status = IDENTITY_EXPIRED;
    else
        changed->is_noticed = true;
    put_next_due(engine, changed);
    record_image(engine, RECORD_IDENTITY, id);
    return OUTCOME_ACCEPTED;
}
