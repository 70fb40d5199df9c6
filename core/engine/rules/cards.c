/* cards.c: cards are bound to members, checked at the bank, and let go.
 *
 * What becomes of a card by what stands in model/card.c; here is what decides whether something was
 * right, wrong or too much. The service calls nobody: a check is a command that the adapter reads
 * as an event, and its result is another command, which names the check, so that what comes late
 * decides no later one.
 *
 * Tries are counted by number. All cards with one number have one fingerprint, that under which the
 * first of them came; a card that ended stays in memory until the accounting date of its last check
 * is over. So who unbinds a card and binds it again, or has it with a second membership, tries no
 * oftener. On later dates the count of a card that was locked begins anew.
 *
 * A member's bound cards are chained, and one of those that are checked is its main card.
 * SPDX-License-Identifier: Apache-2.0 */
#include "engine/rules/cards.h"

#include "engine/memory/changes.h"
#include "engine/memory/dues.h"
#include "engine/memory/records.h"
#include "engine/memory/undo.h"
#include "engine/rules/card_flows.h"
#include "engine/rules/commands.h"
#include "engine/rules/fingerprints.h"
#include "engine/rules/identities.h"
#include "engine/rules/refusals.h"
#include "engine/rules/screening.h"
#include "engine/rules/texts.h"
#include "model/card.h"
#include "model/identity.h"

#define SECOND_US INT64_C(1000000)

static struct card *card_at(const struct engine *engine, int64_t id)
{
    return record_at(engine, RECORD_CARD, id);
}

static struct card_links *card_links_of(const struct engine *engine, int64_t id)
{
    CHECK(card_at(engine, id)->id == id);
    return &engine->card_links[place_of(engine, RECORD_CARD, id)];
}

bool card_is_bound(const struct card *card)
{
    return record_status_is_live(&record_tables[RECORD_CARD], card->status);
}

/* ---- where cards are found ---- */

static void link_card(struct engine *engine, int64_t card_id)
{
    struct card_links *links = card_links_of(engine, card_id);
    int64_t *newest = &engine->newest_cards[card_at(engine, card_id)->member_id];
    CHECK(links->older == 0 && links->younger == 0);
    keep_for_undo(engine, links, sizeof *links);
    links->older = *newest;
    if (*newest != 0) {
        int64_t *younger = &card_links_of(engine, *newest)->younger;
        keep_for_undo(engine, younger, sizeof *younger);
        *younger = card_id;
    }
    keep_for_undo(engine, newest, sizeof *newest);
    *newest = card_id;
}

static void unlink_card(struct engine *engine, int64_t card_id)
{
    struct card_links *links = card_links_of(engine, card_id);
    int64_t *to_it = links->younger != 0
                         ? &card_links_of(engine, links->younger)->older
                         : &engine->newest_cards[card_at(engine, card_id)->member_id];
    CHECK(*to_it == card_id);
    keep_for_undo(engine, to_it, sizeof *to_it);
    *to_it = links->older;
    if (links->older != 0) {
        int64_t *from_older = &card_links_of(engine, links->older)->younger;
        CHECK(*from_older == card_id);
        keep_for_undo(engine, from_older, sizeof *from_older);
        *from_older = links->younger;
    }
    keep_for_undo(engine, links, sizeof *links);
    *links = (struct card_links){0};
}

static uint64_t number_hash(const struct engine *engine, const struct card *card)
{
    return fingerprint_hash(engine, card->ledger_id, &card->number);
}

void index_card(struct engine *engine, int64_t card_id)
{
    const struct card *card = card_at(engine, card_id);
    insert_into_map(engine, &engine->card_numbers, number_hash(engine, card),
        place_of(engine, RECORD_CARD, card_id));
    if (card_is_bound(card))
        link_card(engine, card_id);
    if (card->status == CARD_CHECKING)
        put_due(engine, RECORD_CARD, card_id, card->check_expires_at_us);
}

void unindex_card(struct engine *engine, int64_t card_id)
{
    const struct card *card = card_at(engine, card_id);
    CHECK(!card_is_bound(card));
    remove_from_map(engine, &engine->card_numbers, number_hash(engine, card),
        place_of(engine, RECORD_CARD, card_id));
}

const struct card *next_card_of_number(const struct engine *engine, int64_t ledger_id,
    const struct fingerprint *number, uint64_t *cursor)
{
    uint64_t hash = fingerprint_hash(engine, ledger_id, number);
    uint32_t place;
    while ((place = map_next(&engine->card_numbers, hash, cursor)) != MAP_NONE) {
        const struct card *card = record_in(engine, RECORD_CARD, place);
        if (card->ledger_id == ledger_id && fingerprint_equals(&card->number, number))
            return card;
    }
    return NULL;
}

bool is_bound_number(
    const struct engine *engine, int64_t ledger_id, const struct fingerprints *numbers)
{
    for (uint32_t i = 0; i < numbers->count; i++) {
        const struct card *card;
        uint64_t cursor = 0;
        while (
            (card = next_card_of_number(engine, ledger_id, &numbers->items[i], &cursor)) != NULL) {
            if (card_is_bound(card))
                return true;
        }
    }
    return false;
}

const struct card *find_checked_card(
    const struct engine *engine, int64_t member_id, const struct fingerprints *numbers)
{
    for (int64_t id = engine->newest_cards[member_id]; id != 0;
         id = card_links_of(engine, id)->older) {
        const struct card *card = card_at(engine, id);
        if (card->status == CARD_CHECKED && has_fingerprint(numbers, &card->number))
            return card;
    }
    return NULL;
}

static enum outcome find_card(const struct engine *engine, const struct ledger *ledger,
    int64_t card_id, const struct card **ret_card)
{
    const struct card *card = engine_find_record(engine, RECORD_CARD, card_id);
    if (!card || card->ledger_id != ledger->id)
        return OUTCOME_CARD_NOT_FOUND;
    *ret_card = card;
    return OUTCOME_ACCEPTED;
}

/* ---- tries ---- */

/* What all cards with the number tell. */
struct tries {
    int32_t wrong;  /* in a row */
    int32_t checks; /* on this accounting date */
    bool is_locked; /* on this accounting date, by wrong ones */
};

static struct tries tries_of(
    const struct engine *engine, const struct ledger *ledger, const struct card *card)
{
    struct tries tries = {.wrong = 0};
    int32_t today = ledger->accounting_dates[0];
    const struct card *other;
    uint64_t cursor = 0;
    while ((other = next_card_of_number(engine, ledger->id, &card->number, &cursor)) != NULL) {
        bool is_of_today = other->checks_date == today;
        if (other->id == card->id || is_of_today)
            tries.wrong += other->wrong_in_row;
        if (is_of_today)
            tries.checks += other->checks;
        if (other->locked_date == today)
            tries.is_locked = true;
    }
    return tries;
}

static bool has_no_more_tries(const struct tries *tries)
{
    return tries->is_locked || tries->wrong >= CARD_WRONG_IN_ROW_MAX;
}

/* The status as the rows of model/card.c have it. */
static enum card_status state_of(
    const struct engine *engine, const struct ledger *ledger, const struct card *card)
{
    if (card->status != CARD_BOUND)
        return (enum card_status)card->status;
    struct tries tries = tries_of(engine, ledger, card);
    return has_no_more_tries(&tries) || tries.checks >= CARD_CHECKS_PER_DATE_MAX ? CARD_LOCKED
                                                                                 : CARD_BOUND;
}

enum card_status engine_card_status(const struct engine *engine, const struct card *card)
{
    const struct ledger *ledger = engine_find_ledger(engine, card->ledger_id);
    CHECK(ledger != NULL);
    /* One that was looked up has ended, and is not in memory. */
    return state_of(engine, ledger, card);
}

static enum outcome step_of(const struct engine *engine, const struct ledger *ledger,
    const struct card *card, enum card_event event)
{
    return card_steps[state_of(engine, ledger, card)][event].outcome;
}

/* The counts are of that date from now on. */
static void count_from(struct card *card, int32_t today)
{
    if (card->checks_date != today)
        card->checks = 0;
    card->checks_date = today;
}

/* ---- binding ---- */

/* The holder is the member itself, or the owner of an individual business. */
static bool is_own_name(const struct engine *engine, int64_t ledger_id, struct text holder,
    const struct identity *identity)
{
    struct fingerprints names = fingerprints_of(engine, ledger_id, PERSONAL_NAME, holder);
    return has_fingerprint(&names, &identity->name) ||
           (identity->subject == SUBJECT_INDIVIDUAL_BUSINESS &&
               has_fingerprint(&names, &identity->representative));
}

static bool is_same_person(const struct engine *engine, int64_t one, int64_t other)
{
    const struct identity *its_own = open_identity(engine, one);
    const struct identity *others = open_identity(engine, other);
    return its_own && others && its_own->person_id == others->person_id;
}

/* The number may be bound with the member: not yet, and with nobody who is another person. Gives
 * the fingerprint that cards with the number have, when there are any. */
static enum outcome check_number(const struct engine *engine, int64_t ledger_id, int64_t member_id,
    const struct fingerprints *numbers, struct fingerprint *ret_number)
{
    enum outcome outcome = OUTCOME_ACCEPTED;
    *ret_number = first_fingerprint(numbers);
    for (uint32_t i = 0; i < numbers->count; i++) {
        const struct card *other;
        uint64_t cursor = 0;
        while (
            (other = next_card_of_number(engine, ledger_id, &numbers->items[i], &cursor)) != NULL) {
            *ret_number = other->number;
            if (card_is_bound(other) && other->member_id == member_id)
                outcome = earlier(outcome, refuse_at(engine, OUTCOME_CARD_BOUND, other->id));
            else if (card_is_bound(other) && !is_same_person(engine, member_id, other->member_id))
                outcome = earlier(outcome, OUTCOME_CARD_OF_ANOTHER);
        }
    }
    return outcome;
}

static bool has_room_for_card(const struct engine *engine, int64_t member_id)
{
    int32_t count = 0;
    for (int64_t id = engine->newest_cards[member_id]; id != 0;
         id = card_links_of(engine, id)->older)
        count++;
    return count < CARDS_PER_MEMBER_MAX && has_room(engine, RECORD_CARD, 1);
}

enum outcome execute_bind_card(
    struct engine *engine, const struct ledger *ledger, const struct command *command)
{
    const struct bind_card *asked = &command->bind_card;
    const struct member *member = engine_find_member(engine, asked->member_id);
    struct fingerprint number;
    if (!member || member->ledger_id != ledger->id)
        return OUTCOME_MEMBER_NOT_FOUND;
    if (member->status != MEMBER_OPEN)
        return OUTCOME_MEMBER_CLOSED;
    const struct identity *identity = open_identity(engine, member->id);
    if (identity_level_at(identity, engine->now_us) < LEVEL_IDENTITY_CHECKED)
        return OUTCOME_CARD_NEEDS_IDENTITY;
    if (member->kind == MEMBER_USER && asked->kind != CARD_PERSONAL)
        return OUTCOME_CARD_KIND_NOT_ALLOWED;
    if (!is_own_name(engine, ledger->id, asked->holder, identity))
        return OUTCOME_CARD_HOLDER_DIFFERS;
    struct fingerprints numbers =
        fingerprints_of(engine, ledger->id, PERSONAL_ACCOUNT_NUMBER, asked->number);
    enum outcome outcome = check_number(engine, ledger->id, member->id, &numbers, &number);
    if (outcome != OUTCOME_ACCEPTED)
        return outcome;
    if (!has_room_for_card(engine, member->id))
        return OUTCOME_TOO_MANY_CARDS;
    outcome = check_room_for_hits(engine, ledger);
    if (outcome != OUTCOME_ACCEPTED)
        return outcome;

    struct card *card = add_record(engine, RECORD_CARD);
    card->ledger_id = ledger->id;
    card->member_id = member->id;
    card->number = number;
    card->kind = (uint8_t)asked->kind;
    card->status = CARD_BOUND;
    card->bank_code_length = copy_text(card->bank_code, sizeof card->bank_code, asked->bank_code);
    card->bound_sequence = engine->sequence;
    index_card(engine, card->id);
    record_image(engine, RECORD_CARD, card->id);
    screen_card(engine, ledger, command, card, &numbers);
    engine->effects->subject_id = card->id;
    return OUTCOME_ACCEPTED;
}

/* ---- checks ---- */

/* The card takes the step, which is one. */
static struct card *take_step(
    struct engine *engine, const struct ledger *ledger, int64_t card_id, enum card_event event)
{
    const struct card *card = card_at(engine, card_id);
    const struct card_step *step = &card_steps[state_of(engine, ledger, card)][event];
    CHECK(step->outcome == OUTCOME_ACCEPTED && step->next != 0);
    bool was_checking = card->status == CARD_CHECKING;
    struct card *changed = change_record(engine, RECORD_CARD, card_id);
    changed->status = (uint8_t)step->next;
    if (was_checking) {
        changed->check_expires_at_us = 0;
        changed->amount_minor = 0;
        remove_due(engine, RECORD_CARD, card_id);
    }
    record_image(engine, RECORD_CARD, card_id);
    engine->effects->subject_id = card_id;
    return changed;
}

enum outcome execute_check_card(
    struct engine *engine, const struct ledger *ledger, const struct command *command)
{
    const struct check_card *asked = &command->check_card;
    const struct card *card = NULL;
    enum outcome outcome = find_card(engine, ledger, asked->card_id, &card);
    if (outcome != OUTCOME_ACCEPTED)
        return outcome;
    if (asked->way == CARD_FOUR_FACTOR && card->kind != CARD_PERSONAL)
        return OUTCOME_CARD_KIND_NOT_ALLOWED;
    outcome = step_of(engine, ledger, card, CARD_EVENT_CHECK);
    if (outcome != OUTCOME_ACCEPTED)
        return outcome;

    bool is_small = asked->way == CARD_SMALL_AMOUNT;
    struct card *changed = take_step(engine, ledger, card->id, CARD_EVENT_CHECK);
    count_from(changed, ledger->accounting_dates[0]);
    changed->checks++;
    changed->way = (uint8_t)asked->way;
    changed->check_sequence = engine->sequence;
    changed->check_expires_at_us = engine->now_us + CARD_CHECK_S_MAX * SECOND_US;
    if (is_small) {
        CHECK(command->check_amount_minor > 0);
        CHECK(command->check_amount_minor <= CARD_CHECK_AMOUNT_MINOR_MAX);
        changed->amount_minor = (uint8_t)command->check_amount_minor;
        engine->effects->check_amount_minor = command->check_amount_minor;
    }
    put_due(engine, RECORD_CARD, changed->id, changed->check_expires_at_us);
    return OUTCOME_ACCEPTED;
}

const struct card *main_card(const struct engine *engine, int64_t member_id)
{
    int64_t id = engine->newest_cards[member_id];
    while (id != 0 && !card_at(engine, id)->is_main)
        id = card_links_of(engine, id)->older;
    return id != 0 ? card_at(engine, id) : NULL;
}

static enum outcome answer_right(
    struct engine *engine, const struct ledger *ledger, const struct card *card)
{
    struct card *changed = take_step(engine, ledger, card->id, CARD_EVENT_RIGHT);
    changed->wrong_in_row = 0;
    changed->checked_sequence = engine->sequence;
    changed->is_main = main_card(engine, changed->member_id) == NULL;
    note_checked_card(engine, changed->member_id);
    return OUTCOME_ACCEPTED;
}

/* `is_last`: the check ends by it, else it goes on as long as there are tries. */
static enum outcome answer_wrong(
    struct engine *engine, const struct ledger *ledger, const struct card *card, bool is_last)
{
    int32_t today = ledger->accounting_dates[0];
    struct card *changed = change_record(engine, RECORD_CARD, card->id);
    count_from(changed, today);
    changed->wrong_in_row++;
    struct tries tries = tries_of(engine, ledger, changed);
    bool is_out = has_no_more_tries(&tries);
    if (is_out) {
        changed->wrong_in_row = 0;
        changed->locked_date = today;
    }
    if (is_out || is_last)
        take_step(engine, ledger, card->id, CARD_EVENT_WRONG);
    record_image(engine, RECORD_CARD, card->id);
    engine->effects->subject_id = card->id;
    return state_of(engine, ledger, changed) == CARD_LOCKED ? OUTCOME_ACCEPTED_CARD_LOCKED
                                                            : OUTCOME_ACCEPTED_CHECK_WRONG;
}

/* The card's check is under way. Its time may be over though nobody has said so yet. */
static enum outcome find_check(const struct engine *engine, const struct ledger *ledger,
    int64_t card_id, const struct card **ret_card)
{
    enum outcome outcome = find_card(engine, ledger, card_id, ret_card);
    if (outcome == OUTCOME_ACCEPTED)
        outcome = step_of(engine, ledger, *ret_card, CARD_EVENT_RIGHT);
    if (outcome == OUTCOME_ACCEPTED && (*ret_card)->check_expires_at_us <= engine->now_us)
        outcome = OUTCOME_CARD_NOT_IN_CHECK;
    return outcome;
}

enum outcome execute_confirm_card_check(
    struct engine *engine, const struct ledger *ledger, const struct command *command)
{
    const struct confirm_card_check *asked = &command->confirm_card_check;
    const struct card *card = NULL;
    enum outcome outcome = find_check(engine, ledger, asked->card_id, &card);
    if (outcome != OUTCOME_ACCEPTED)
        return outcome;
    if (asked->check_sequence != card->check_sequence)
        return OUTCOME_CARD_NOT_IN_CHECK;
    if (asked->result == CARD_CHECK_RIGHT && card->way != CARD_FOUR_FACTOR)
        return OUTCOME_CARD_CHECK_OTHER_WAY;

    if (asked->result == CARD_CHECK_RIGHT)
        return answer_right(engine, ledger, card);
    if (asked->result == CARD_CHECK_WRONG)
        return answer_wrong(engine, ledger, card, true);
    CHECK(asked->result == CARD_CHECK_UNKNOWN);
    const struct card *changed = take_step(engine, ledger, card->id, CARD_EVENT_ENDED);
    return state_of(engine, ledger, changed) == CARD_LOCKED ? OUTCOME_ACCEPTED_CARD_LOCKED
                                                            : OUTCOME_ACCEPTED;
}

enum outcome execute_confirm_card_amount(
    struct engine *engine, const struct ledger *ledger, const struct command *command)
{
    const struct confirm_card_amount *asked = &command->confirm_card_amount;
    const struct card *card = NULL;
    enum outcome outcome = find_check(engine, ledger, asked->card_id, &card);
    if (outcome != OUTCOME_ACCEPTED)
        return outcome;
    if (card->way != CARD_SMALL_AMOUNT)
        return OUTCOME_CARD_CHECK_OTHER_WAY;

    CHECK(card->amount_minor > 0);
    return asked->amount_minor == card->amount_minor ? answer_right(engine, ledger, card)
                                                     : answer_wrong(engine, ledger, card, false);
}

enum outcome expire_card(struct engine *engine, const struct ledger *ledger, int64_t card_id)
{
    const struct card *card = NULL;
    enum outcome outcome = find_card(engine, ledger, card_id, &card);
    if (outcome == OUTCOME_ACCEPTED)
        outcome = step_of(engine, ledger, card, CARD_EVENT_ENDED);
    if (outcome != OUTCOME_ACCEPTED)
        return outcome;
    if (card->check_expires_at_us > engine->now_us)
        return OUTCOME_NOT_YET_DUE;

    take_step(engine, ledger, card_id, CARD_EVENT_ENDED);
    return OUTCOME_ACCEPTED;
}

/* ---- letting go ---- */

/* From the newest one back; so the last one that is found is the oldest. A start chains cards by
 * their ids, as they were bound. */
const struct card *next_checked_card(
    const struct engine *engine, int64_t member_id, const struct card *after)
{
    const struct card *next = NULL;
    for (int64_t id = engine->newest_cards[member_id]; id != 0 && (!after || id > after->id);
         id = card_links_of(engine, id)->older) {
        if (card_at(engine, id)->status == CARD_CHECKED)
            next = card_at(engine, id);
    }
    return next;
}

static void set_main(struct engine *engine, int64_t card_id)
{
    struct card *card = change_record(engine, RECORD_CARD, card_id);
    CHECK(card->status == CARD_CHECKED && !card->is_main);
    card->is_main = true;
    record_image(engine, RECORD_CARD, card_id);
}

/* Returns whether it was the main card. */
static bool end_card(struct engine *engine, const struct ledger *ledger, int64_t card_id,
    enum card_event event, int32_t reason)
{
    struct card *card = take_step(engine, ledger, card_id, event);
    bool was_main = card->is_main;
    CHECK(!card_is_bound(card));
    card->is_main = false;
    card->end_reason = (uint8_t)reason;
    unlink_card(engine, card_id);
    return was_main;
}

void end_cards(struct engine *engine, const struct ledger *ledger, int64_t member_id)
{
    int64_t id;
    while ((id = engine->newest_cards[member_id]) != 0)
        end_card(engine, ledger, id, CARD_EVENT_UNBIND, CARD_END_MEMBER_CLOSED);
}

enum outcome execute_unbind_card(
    struct engine *engine, const struct ledger *ledger, const struct command *command)
{
    const struct unbind_card *asked = &command->unbind_card;
    const struct card *card = NULL;
    enum outcome outcome = find_card(engine, ledger, asked->card_id, &card);
    if (outcome == OUTCOME_ACCEPTED)
        outcome = step_of(engine, ledger, card, CARD_EVENT_UNBIND);
    if (outcome != OUTCOME_ACCEPTED)
        return outcome;
    if (has_payout_by_card(engine, card))
        return OUTCOME_CARD_HAS_PAYOUT;

    end_card_flows(engine, card, NULL);
    bool was_main = end_card(engine, ledger, card->id, CARD_EVENT_UNBIND, asked->reason);
    const struct card *next = was_main ? next_checked_card(engine, card->member_id, NULL) : NULL;
    if (next)
        set_main(engine, next->id);
    else if (was_main)
        note_no_checked_card(engine, card->member_id);
    engine->effects->subject_id = card->id;
    return OUTCOME_ACCEPTED;
}

enum outcome execute_replace_card(
    struct engine *engine, const struct ledger *ledger, const struct command *command)
{
    const struct replace_card *asked = &command->replace_card;
    const struct card *card = NULL;
    const struct card *other = NULL;
    enum outcome outcome = find_card(engine, ledger, asked->card_id, &card);
    outcome = earlier(outcome, find_card(engine, ledger, asked->new_card_id, &other));
    if (outcome != OUTCOME_ACCEPTED)
        return outcome;
    if (card == other)
        return OUTCOME_SAME_CARD;
    if (card->member_id != other->member_id)
        return OUTCOME_CARD_NOT_OF_MEMBER;
    outcome = earlier(step_of(engine, ledger, card, CARD_EVENT_REPLACE),
        step_of(engine, ledger, other, CARD_EVENT_NEW));
    if (outcome == OUTCOME_ACCEPTED)
        outcome = check_takeover(engine, card, other);
    if (outcome == OUTCOME_ACCEPTED && has_payout_by_card(engine, card))
        outcome = OUTCOME_CARD_HAS_PAYOUT;
    if (outcome != OUTCOME_ACCEPTED)
        return outcome;

    end_card_flows(engine, card, other);
    if (end_card(engine, ledger, card->id, CARD_EVENT_REPLACE, asked->reason))
        set_main(engine, other->id);
    card_at(engine, card->id)->replaced_by = other->id;
    engine->effects->subject_id = card->id;
    return OUTCOME_ACCEPTED;
}
