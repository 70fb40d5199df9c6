/* restrictions.c: an account takes or gives no money because its owners of restrictions say so.
 *
 * A restriction belongs to the caller that set it, by whichever channel he lifts it; where one of
 * the two is not known, to the channel. Nobody else's command lifts it by the way. What the account
 * does is the union of all, kept in its own flags, which is all that movements look at.
 * An account's restrictions are chained and stay, also when nothing of them is left: the next one
 * takes such a place over, so there are never more than RESTRICTIONS_PER_ACCOUNT_MAX of an account.
 *
 * Accounts that were restricted before there were such records have flags and no record. These
 * flags belong to the channel of the service itself, and become a record of its own when the next
 * command restricts the account or lifts a part of them.
 * SPDX-License-Identifier: Apache-2.0 */
#include "engine/rules/restrictions.h"

#include "engine/memory/changes.h"
#include "engine/memory/memory.h"
#include "engine/memory/records.h"
#include "engine/memory/undo.h"
#include "engine/rules/accounts.h"
#include "engine/rules/book.h"
#include "engine/rules/commands.h"
#include "engine/rules/proposals.h"
#include "engine/rules/texts.h"

static bool is_live(const struct restriction *restriction)
{
    return restriction->no_in || restriction->no_out;
}

/* Whose a restriction is, or whose is wanted. */
struct owner {
    struct text channel;
    int64_t caller_id; /* 0: not known, or whoever's the channel is */
};

/* Two callers are two owners, whatever their channels. */
static bool is_of(const struct restriction *restriction, const struct owner *owner)
{
    if (restriction->caller_id != 0 && owner->caller_id != 0)
        return restriction->caller_id == owner->caller_id;
    struct text channel = {restriction->owner, restriction->owner_length};
    return text_equals(channel, owner->channel);
}

static const struct owner service = {.channel = {OWN_CHANNEL, sizeof OWN_CHANNEL - 1}};

static struct restriction *restriction_at(const struct engine *engine, int64_t id)
{
    return record_at(engine, RECORD_RESTRICTION, id);
}

void index_restriction(struct engine *engine, int64_t restriction_id)
{
    int64_t *newest =
        &engine->newest_restrictions[restriction_at(engine, restriction_id)->account_id];
    int64_t *older = &engine->older_restrictions[restriction_id];
    keep_for_undo(engine, older, sizeof *older);
    keep_for_undo(engine, newest, sizeof *newest);
    *older = *newest;
    *newest = restriction_id;
}

/* What the account's flags say without a record: set before there were any. */
static struct restriction older_restriction(
    const struct engine *engine, const struct account *account)
{
    struct restriction restriction = {.ledger_id = account->ledger_id, .account_id = account->id};
    if (engine->newest_restrictions[account->id] == 0) {
        restriction.no_in = account->no_in;
        restriction.no_out = account->no_out;
    }
    restriction.owner_length =
        copy_text(restriction.owner, sizeof restriction.owner, text_of(OWN_CHANNEL));
    return restriction;
}

uint32_t engine_restrictions(const struct engine *engine, int64_t account_id,
    struct restriction ret_restrictions[RESTRICTIONS_PER_ACCOUNT_MAX])
{
    CHECK(has_record(engine, RECORD_ACCOUNT, account_id));
    struct restriction older = older_restriction(engine, &engine->accounts[account_id]);
    uint32_t count = 0;
    if (is_live(&older))
        ret_restrictions[count++] = older;
    for (int64_t id = engine->newest_restrictions[account_id]; id != 0;) {
        const struct restriction *restriction = restriction_at(engine, id);
        CHECK(count < RESTRICTIONS_PER_ACCOUNT_MAX);
        if (is_live(restriction))
            ret_restrictions[count++] = *restriction;
        id = engine->older_restrictions[id];
    }
    return count;
}

/* What the owner restricts now; without flags when it does not. Of several that may be meant, since
 * one of the two callers is not known, the newest record. */
static struct restriction find_of_owner(
    const struct engine *engine, const struct account *account, const struct owner *owner)
{
    struct restriction found[RESTRICTIONS_PER_ACCOUNT_MAX];
    struct restriction first = {0};
    uint32_t count = engine_restrictions(engine, account->id, found);
    for (uint32_t i = 0; i < count; i++) {
        if (!is_of(&found[i], owner))
            continue;
        if (owner->caller_id != 0 && found[i].caller_id == owner->caller_id)
            return found[i];
        if (!is_live(&first))
            first = found[i];
    }
    return first;
}

/* The oldest record of which nothing is left; 0: there is none. */
static int64_t find_free(const struct engine *engine, const struct account *account)
{
    int64_t left = 0;
    for (int64_t id = engine->newest_restrictions[account->id]; id != 0;
         id = engine->older_restrictions[id]) {
        if (!is_live(restriction_at(engine, id)))
            left = id;
    }
    return left;
}

/* Whether the account has a place for one more owner. */
static bool has_place(const struct engine *engine, const struct account *account)
{
    struct restriction found[RESTRICTIONS_PER_ACCOUNT_MAX];
    return find_free(engine, account) != 0 ||
           engine_restrictions(engine, account->id, found) < RESTRICTIONS_PER_ACCOUNT_MAX;
}

/* Into the record with this id; 0: one that is free, or a new one. */
static void put(struct engine *engine, const struct account *account, int64_t id,
    const struct owner *owner, bool no_in, bool no_out, int64_t placed_sequence)
{
    int64_t place = id != 0 ? id : find_free(engine, account);
    struct restriction *restriction = place != 0 ? change_record(engine, RECORD_RESTRICTION, place)
                                                 : add_record(engine, RECORD_RESTRICTION);
    if (place == 0) {
        restriction->ledger_id = account->ledger_id;
        restriction->account_id = account->id;
        index_restriction(engine, restriction->id);
    }
    if (id == 0) {
        CHECK(!is_live(restriction));
        restriction->placed_sequence = placed_sequence;
        restriction->caller_id = owner->caller_id;
        restriction->owner_length =
            copy_text(restriction->owner, sizeof restriction->owner, owner->channel);
    }
    restriction->no_in = no_in;
    restriction->no_out = no_out;
    record_image(engine, RECORD_RESTRICTION, restriction->id);
}

/* Sets the account's flags to the union; who may give again settles what it owes. */
static void put_union(struct engine *engine, const struct account *account)
{
    struct restriction found[RESTRICTIONS_PER_ACCOUNT_MAX];
    uint32_t count = engine_restrictions(engine, account->id, found);
    bool no_in = false;
    bool no_out = false;
    CHECK(engine->newest_restrictions[account->id] != 0);
    for (uint32_t i = 0; i < count; i++) {
        no_in |= found[i].no_in;
        no_out |= found[i].no_out;
    }
    struct account *changed = change_account(engine, account->id);
    if (changed->no_out && !no_out)
        note_to_settle(engine, changed);
    changed->no_in = no_in;
    changed->no_out = no_out;
    record_image(engine, RECORD_ACCOUNT, account->id);
}

/* Another's is only lifted, in part or wholly, and by two persons; what no owner is known of, by
 * one, as it was set. */
static enum outcome check_lift_of_another(
    const struct command *command, const struct restriction *present)
{
    const struct restrict_account *asked = &command->restrict_account;
    bool adds = (asked->no_in && !present->no_in) || (asked->no_out && !present->no_out);
    bool lifts = (present->no_in && !asked->no_in) || (present->no_out && !asked->no_out);
    if (adds || !lifts)
        return OUTCOME_RESTRICTION_OF_ANOTHER;
    bool is_allowed = is_of(present, &service) || is_of_two(command);
    return is_allowed ? OUTCOME_ACCEPTED : OUTCOME_APPROVAL_NEEDED;
}

enum outcome execute_restrict_account(
    struct engine *engine, const struct ledger *ledger, const struct command *command)
{
    const struct restrict_account *asked = &command->restrict_account;
    const struct account *account = NULL;
    enum outcome outcome = find_member_account(engine, ledger, asked->account_id, &account);
    if (outcome != OUTCOME_ACCEPTED)
        return outcome;
    const struct owner self = {channel_of(&command->key), person_of(command)};
    const struct owner named = {.channel = asked->owner};
    bool is_own = asked->owner.length == 0 || text_equals(asked->owner, self.channel);
    struct restriction present = find_of_owner(engine, account, is_own ? &self : &named);
    if (is_live(&present) && is_of(&present, &self))
        is_own = true;
    bool lifts_all = !asked->no_in && !asked->no_out;
    if (!is_live(&present) && (lifts_all || !is_own))
        return OUTCOME_RESTRICTION_NOT_FOUND;
    if (!is_own)
        outcome = check_lift_of_another(command, &present);
    else if (!is_live(&present) && !has_place(engine, account))
        outcome = OUTCOME_TOO_MANY_RESTRICTIONS;
    if (outcome != OUTCOME_ACCEPTED)
        return outcome;

    struct restriction older = older_restriction(engine, account);
    if (is_live(&older)) {
        put(engine, account, 0, &service, older.no_in, older.no_out, 0);
        if (is_live(&present)) /* it is what was put */
            present.id = engine->newest_restrictions[account->id];
    }
    put(engine, account, present.id, &self, asked->no_in, asked->no_out, engine->sequence);
    put_union(engine, account);
    engine->effects->subject_id = account->id;
    return OUTCOME_ACCEPTED;
}
