/* freezes.c: business freezes: money is kept from moving, for a purpose, by its owner.
 *
 * The owner is the caller who placed the freeze, by whichever channel he lifts it; where one of the
 * two is not known, as of a freeze of before there were callers, the channel that placed it. Who
 * that was is told by its command, which the owner of the engine brings.
 *
 * An account's live freezes are chained, so that what its frozen balance is made of can be told
 * without a search.
 * SPDX-License-Identifier: Apache-2.0 */
#include "engine/rules/freezes.h"

#include "engine/memory/changes.h"
#include "engine/memory/dues.h"
#include "engine/memory/memory.h"
#include "engine/memory/records.h"
#include "engine/memory/undo.h"
#include "engine/rules/accounts.h"
#include "engine/rules/book.h"
#include "engine/rules/commands.h"
#include "engine/rules/proposals.h"
#include "engine/rules/refusals.h"
#include "engine/rules/texts.h"

int64_t frozen_minor(const struct freeze *freeze)
{
    return freeze->amount_minor - freeze->lifted_minor;
}

void index_freeze(struct engine *engine, int64_t freeze_id)
{
    const struct freeze *freeze = freeze_at(engine, freeze_id);
    if (freeze->status != FREEZE_LIVE)
        return;
    struct freeze_links *links = freeze_links_of(engine, freeze_id);
    int64_t *newest = &engine->newest_freezes[freeze->account_id];
    CHECK(links->older == 0 && links->younger == 0);
    keep_for_undo(engine, links, sizeof *links);
    links->older = *newest;
    if (*newest != 0) {
        int64_t *younger = &freeze_links_of(engine, *newest)->younger;
        keep_for_undo(engine, younger, sizeof *younger);
        *younger = freeze_id;
    }
    keep_for_undo(engine, newest, sizeof *newest);
    *newest = freeze_id;
    if (freeze->expires_at_us != 0)
        put_due(engine, RECORD_FREEZE, freeze_id, freeze->expires_at_us);
}

/* The freeze, whose change is announced, is not live any more: it leaves the chain. */
static void end_freeze(struct engine *engine, struct freeze *freeze, enum freeze_status status)
{
    CHECK(freeze->status == FREEZE_LIVE);
    CHECK(frozen_minor(freeze) == 0);
    freeze->status = (uint8_t)status;
    struct freeze_links *links = freeze_links_of(engine, freeze->id);
    int64_t *to_it = links->younger != 0 ? &freeze_links_of(engine, links->younger)->older
                                         : &engine->newest_freezes[freeze->account_id];
    CHECK(*to_it == freeze->id);
    keep_for_undo(engine, to_it, sizeof *to_it);
    *to_it = links->older;
    if (links->older != 0) {
        int64_t *from_older = &freeze_links_of(engine, links->older)->younger;
        CHECK(*from_older == freeze->id);
        keep_for_undo(engine, from_older, sizeof *from_older);
        *from_older = links->younger;
    }
    keep_for_undo(engine, links, sizeof *links);
    *links = (struct freeze_links){0};
    remove_due(engine, RECORD_FREEZE, freeze->id);
}

/* frozen -> available, and the freeze ends when nothing is left. */
static void lift(
    struct engine *engine, int64_t freeze_id, int64_t amount_minor, enum freeze_status at_end)
{
    struct freeze *freeze = change_freeze(engine, freeze_id);
    const struct account *account = &engine->accounts[freeze->account_id];
    CHECK(amount_minor <= frozen_minor(freeze));
    book(engine, amount_minor, account, BUCKET_FROZEN, account, BUCKET_AVAILABLE);
    freeze->lifted_minor += amount_minor;
    if (frozen_minor(freeze) == 0)
        end_freeze(engine, freeze, at_end);
    record_image(engine, RECORD_FREEZE, freeze_id);
    engine->effects->subject_id = freeze_id;
}

/* Restrictions do not matter: they do not keep money from being kept. */
enum outcome execute_place_freeze(
    struct engine *engine, const struct ledger *ledger, const struct command *command)
{
    const struct place_freeze *asked = &command->place_freeze;
    const struct account *account = NULL;
    enum outcome outcome = find_member_account(engine, ledger, asked->account_id, &account);
    if (outcome != OUTCOME_ACCEPTED)
        return outcome;
    if (asked->expires_at_us != 0 && asked->expires_at_us <= engine->now_us)
        return OUTCOME_EXPIRY_NOT_AHEAD;
    if (!has_room(engine, RECORD_FREEZE, 1))
        return OUTCOME_TOO_MANY_FREEZES;
    if (account->balance_minor[BUCKET_AVAILABLE] < asked->amount_minor)
        return refuse_at(
            engine, OUTCOME_INSUFFICIENT_AVAILABLE, account->balance_minor[BUCKET_AVAILABLE]);

    book(engine, asked->amount_minor, account, BUCKET_AVAILABLE, account, BUCKET_FROZEN);
    struct freeze *freeze = add_record(engine, RECORD_FREEZE);
    freeze->ledger_id = ledger->id;
    freeze->account_id = account->id;
    freeze->amount_minor = asked->amount_minor;
    freeze->expires_at_us = asked->expires_at_us;
    freeze->placed_sequence = engine->sequence;
    freeze->status = FREEZE_LIVE;
    freeze->purpose_length = copy_text(freeze->purpose, sizeof freeze->purpose, asked->purpose);
    freeze->owner_length =
        copy_text(freeze->owner, sizeof freeze->owner, channel_of(&command->key));
    index_freeze(engine, freeze->id);
    record_image(engine, RECORD_FREEZE, freeze->id);
    engine->effects->subject_id = freeze->id;
    return OUTCOME_ACCEPTED;
}

static bool is_owner(const struct freeze *freeze, const struct command *command)
{
    const struct original *placed = command->original;
    int64_t person = person_of(command);
    if (person != 0 && placed && person_of(placed->command) != 0) {
        CHECK(placed->sequence == freeze->placed_sequence);
        return person_of(placed->command) == person;
    }
    struct text owner = {freeze->owner, freeze->owner_length};
    return text_equals(owner, channel_of(&command->key));
}

enum outcome execute_lift_freeze(
    struct engine *engine, const struct ledger *ledger, const struct command *command)
{
    const struct lift_freeze *asked = &command->lift_freeze;
    const struct freeze *freeze = engine_find_freeze(engine, asked->freeze_id);
    if (!freeze || freeze->ledger_id != ledger->id)
        return OUTCOME_FREEZE_NOT_FOUND;
    if (!is_owner(freeze, command))
        return OUTCOME_FREEZE_OF_ANOTHER;
    if (freeze->status == FREEZE_LIFTED)
        return OUTCOME_FREEZE_LIFTED;
    bool is_over = freeze->expires_at_us != 0 && freeze->expires_at_us <= engine->now_us;
    if (freeze->status == FREEZE_EXPIRED || is_over)
        return OUTCOME_FREEZE_EXPIRED;
    int64_t amount_minor = asked->amount_minor != 0 ? asked->amount_minor : frozen_minor(freeze);
    if (amount_minor > frozen_minor(freeze))
        return refuse_at(engine, OUTCOME_ABOVE_REST, frozen_minor(freeze));

    lift(engine, freeze->id, amount_minor, FREEZE_LIFTED);
    return OUTCOME_ACCEPTED;
}

enum outcome expire_freeze(struct engine *engine, const struct ledger *ledger, int64_t freeze_id)
{
    const struct freeze *freeze = engine_find_freeze(engine, freeze_id);
    if (!freeze || freeze->ledger_id != ledger->id)
        return OUTCOME_FREEZE_NOT_FOUND;
    if (freeze->status == FREEZE_LIFTED)
        return OUTCOME_FREEZE_LIFTED;
    if (freeze->status == FREEZE_EXPIRED)
        return OUTCOME_FREEZE_EXPIRED;
    if (freeze->expires_at_us == 0 || freeze->expires_at_us > engine->now_us)
        return OUTCOME_NOT_YET_DUE;

    lift(engine, freeze_id, frozen_minor(freeze), FREEZE_EXPIRED);
    return OUTCOME_ACCEPTED;
}

/* ---- what is frozen ---- */

/* Below 0, 0 or above 0, as one name stands before, at or behind the other. */
static int compare_names(struct text one, struct text other)
{
    uint32_t shorter = one.length < other.length ? one.length : other.length;
    int difference = shorter > 0 ? memcmp(one.bytes, other.bytes, shorter) : 0;
    if (difference != 0 || one.length == other.length)
        return difference;
    return one.length < other.length ? -1 : 1;
}

/* Where the purpose is among the sorted ones, or would be. */
static uint32_t place_of_purpose(
    const struct frozen_purpose *purposes, uint32_t count, struct text purpose)
{
    uint32_t low = 0;
    uint32_t high = count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (compare_names(purposes[middle].purpose, purpose) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

int32_t engine_frozen_by_purpose(const struct engine *engine, int64_t account_id,
    struct frozen_purpose ret_purposes[FROZEN_PURPOSES_MAX])
{
    CHECK(has_record(engine, RECORD_ACCOUNT, account_id));
    uint32_t count = 0;
    uint32_t examined = 0;
    for (int64_t id = engine->newest_freezes[account_id]; id != 0;
         id = freeze_links_of(engine, id)->older) {
        const struct freeze *freeze = freeze_at(engine, id);
        struct text purpose = {freeze->purpose, freeze->purpose_length};
        uint32_t place = place_of_purpose(ret_purposes, count, purpose);
        if (++examined > FROZEN_EXAMINED_MAX)
            return -1;
        if (place == count || !text_equals(ret_purposes[place].purpose, purpose)) {
            if (count == FROZEN_PURPOSES_MAX)
                return -1;
            memmove(&ret_purposes[place + 1], &ret_purposes[place],
                (count - place) * sizeof *ret_purposes);
            ret_purposes[place] = (struct frozen_purpose){.purpose = purpose};
            count++;
        }
        ret_purposes[place].frozen_minor += freeze->amount_minor - freeze->lifted_minor;
        ret_purposes[place].freeze_count++;
    }
    return (int32_t)count;
}
