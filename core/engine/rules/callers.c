/* callers.c: who may ask, and for what: made and changed.
 *
 * Callers belong to no ledger. What they may is looked at before a command comes here; here it is
 * only kept, and that there is always somebody who can change it: the last administrator is neither
 * suspended nor made less.
 * SPDX-License-Identifier: Apache-2.0 */
#include "engine/rules/callers.h"

#include "engine/memory/changes.h"
#include "engine/memory/records.h"
#include "engine/memory/undo.h"
#include "engine/rules/commands.h"
#include "engine/rules/texts.h"

static uint64_t name_hash(const struct engine *engine, struct text name)
{
    return hash_bytes(engine->hash_secret, name.bytes, name.length);
}

static struct text name_of(const struct caller *caller)
{
    return (struct text){caller->name, caller->name_length};
}

const struct caller *engine_find_caller(const struct engine *engine, struct text name)
{
    uint64_t hash = name_hash(engine, name);
    uint64_t cursor = 0;
    uint32_t id;
    while ((id = map_next(&engine->caller_names, hash, &cursor)) != MAP_NONE) {
        const struct caller *caller = record_at(engine, RECORD_CALLER, id);
        if (text_equals(name_of(caller), name))
            return caller;
    }
    return NULL;
}

void index_caller(struct engine *engine, int64_t caller_id)
{
    const struct caller *caller = record_at(engine, RECORD_CALLER, caller_id);
    map_insert(&engine->caller_names, name_hash(engine, name_of(caller)), (uint32_t)caller_id);
}

/* One without channels can send nothing, so nobody could be left to make it right. */
static bool is_administrator(const struct caller *caller)
{
    return caller->status == CALLER_ACTIVE && (caller->roles & ROLE_ADMINISTRATOR) != 0 &&
           (caller->any_channel || caller->channels_length > 0);
}

/* Whether one is there besides the caller with that id. They are few, and seldom asked for. */
static bool has_administrator_besides(const struct engine *engine, int64_t caller_id)
{
    FOR_EACH_RECORD(engine, RECORD_CALLER, id)
    {
        if (id != caller_id && is_administrator(record_at(engine, RECORD_CALLER, id)))
            return true;
    }
    return false;
}

bool engine_has_administrator(const struct engine *engine)
{
    return has_administrator_besides(engine, 0);
}

static int32_t roles_of(const struct caller_roles *asked)
{
    int32_t roles = 0;
#define ROLE(number, NAME, name) roles |= asked->name ? ROLE_##NAME : 0;
#include "model/role_list.h"
    return roles;
}

static bool has_ledgers(const struct engine *engine, const struct caller_rights *asked)
{
    for (uint32_t i = 0; i < asked->ledger_count; i++) {
        if (!engine_find_ledger(engine, asked->ledgers[i].ledger_id))
            return false;
    }
    return true;
}

static void put_rights(struct caller *caller, const struct caller_rights *asked)
{
    char *channels = caller->channels;
    size_t length = 0;
    CHECK(asked->ledger_count <= CALLER_LEDGERS_MAX);
    CHECK(asked->channel_count <= CALLER_CHANNELS_MAX);
    caller->roles = roles_of(&asked->roles);
    caller->all_ledgers = asked->all_ledgers;
    caller->any_channel = asked->any_channel;
    memset(caller->ledgers, 0, sizeof caller->ledgers);
    for (uint32_t i = 0; i < asked->ledger_count; i++)
        caller->ledgers[i] = asked->ledgers[i].ledger_id;
    caller->ledger_count = (uint8_t)asked->ledger_count;
    memset(channels, 0, sizeof caller->channels);
    for (uint32_t i = 0; i < asked->channel_count; i++) {
        struct text channel = asked->channels[i].channel;
        CHECK(length + 1 + channel.length <= sizeof caller->channels);
        if (i > 0)
            channels[length++] = ',';
        memcpy(channels + length, channel.bytes, channel.length);
        length += channel.length;
    }
    caller->channels_length = (uint8_t)length;
}

enum outcome execute_create_caller(
    struct engine *engine, const struct ledger *none, const struct command *command)
{
    const struct create_caller *asked = &command->create_caller;
    CHECK(none == NULL);
    if (!has_ledgers(engine, &asked->rights))
        return OUTCOME_LEDGER_NOT_FOUND;
    if (engine_find_caller(engine, asked->name))
        return OUTCOME_CALLER_NAME_TAKEN;
    if (!has_room(engine, RECORD_CALLER, 1))
        return OUTCOME_TOO_MANY_CALLERS;

    struct caller *caller = add_record(engine, RECORD_CALLER);
    caller->status = CALLER_ACTIVE;
    caller->name_length = copy_text(caller->name, CALLER_NAME_BYTES_MAX, asked->name);
    put_rights(caller, &asked->rights);
    insert_into_map(
        engine, &engine->caller_names, name_hash(engine, asked->name), (uint32_t)caller->id);
    record_image(engine, RECORD_CALLER, caller->id);
    engine->effects->subject_id = caller->id;
    return OUTCOME_ACCEPTED;
}

enum outcome execute_update_caller(
    struct engine *engine, const struct ledger *none, const struct command *command)
{
    const struct update_caller *asked = &command->update_caller;
    CHECK(none == NULL);
    if (!has_ledgers(engine, &asked->rights))
        return OUTCOME_LEDGER_NOT_FOUND;
    const struct caller *caller = find_record(engine, RECORD_CALLER, asked->caller_id);
    if (!caller)
        return OUTCOME_CALLER_NOT_FOUND;
    bool stays = asked->status == CALLER_ACTIVE && asked->rights.roles.administrator &&
                 (asked->rights.any_channel || asked->rights.channel_count > 0);
    if (!stays && is_administrator(caller) && !has_administrator_besides(engine, caller->id))
        return OUTCOME_LAST_ADMINISTRATOR;

    struct caller *changed = change_record(engine, RECORD_CALLER, caller->id);
    changed->status = (uint8_t)asked->status;
    put_rights(changed, &asked->rights);
    record_image(engine, RECORD_CALLER, caller->id);
    engine->effects->subject_id = caller->id;
    return OUTCOME_ACCEPTED;
}
