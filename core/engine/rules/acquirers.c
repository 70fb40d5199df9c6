/* acquirers.c: payment companies (支付渠道): opening one, and its terms.
 *
 * What an acquirer owes stands on an account of its own. It is not closed: who is stopped promises
 * nothing more, and an account that nobody owes anything on does no harm.
 * SPDX-License-Identifier: Apache-2.0 */
#include "engine/rules/acquirers.h"

#include "engine/memory/changes.h"
#include "engine/memory/memory.h"
#include "engine/memory/records.h"
#include "engine/memory/undo.h"
#include "engine/rules/accounts.h"
#include "engine/rules/commands.h"
#include "engine/rules/fees.h"
#include "engine/rules/refusals.h"
#include "engine/rules/texts.h"

static uint64_t name_hash(const struct engine *engine, int64_t ledger_id, struct text name)
{
    struct hash_key key = engine->hash_secret;
    key.k0 ^= (uint64_t)ledger_id;
    return hash_bytes(key, name.bytes, name.length);
}

static const struct acquirer *find_by_name(
    const struct engine *engine, int64_t ledger_id, struct text name)
{
    uint64_t hash = name_hash(engine, ledger_id, name);
    uint64_t cursor = 0;
    uint32_t id;
    while ((id = map_next(&engine->acquirer_names, hash, &cursor)) != MAP_NONE) {
        const struct acquirer *acquirer = record_at(engine, RECORD_ACQUIRER, id);
        struct text its = {acquirer->name, acquirer->name_length};
        if (acquirer->ledger_id == ledger_id && text_equals(its, name))
            return acquirer;
    }
    return NULL;
}

void index_acquirer(struct engine *engine, int64_t acquirer_id)
{
    const struct acquirer *acquirer = record_at(engine, RECORD_ACQUIRER, acquirer_id);
    struct text name = {acquirer->name, acquirer->name_length};
    insert_into_map(engine, &engine->acquirer_names, name_hash(engine, acquirer->ledger_id, name),
        (uint32_t)acquirer_id);
}

const struct acquirer *find_acquirer(
    const struct engine *engine, const struct ledger *ledger, int64_t acquirer_id)
{
    const struct acquirer *acquirer = engine_find_record(engine, RECORD_ACQUIRER, acquirer_id);
    return acquirer && acquirer->ledger_id == ledger->id ? acquirer : NULL;
}

/* The rule need not be in force on every later date: each promise asks for itself. */
static enum outcome check_terms(
    const struct engine *engine, const struct ledger *ledger, const struct acquirer_terms *asked)
{
    const struct fee_rule *rule;
    CHECK(asked->ceiling_minor > 0);
    CHECK(asked->settlement_days >= 0 && asked->settlement_days <= SETTLEMENT_DAYS_MAX);
    return asked->fee_rule.length > 0
               ? find_fee_rule_in_force(engine, ledger, asked->fee_rule, &rule)
               : OUTCOME_ACCEPTED;
}

static void set_terms(struct acquirer *acquirer, const struct acquirer_terms *asked)
{
    acquirer->settlement_days = asked->settlement_days;
    acquirer->fee_rule_length =
        copy_text(acquirer->fee_rule, sizeof acquirer->fee_rule, asked->fee_rule);
    acquirer->keeps_fee = asked->keeps_fee;
    acquirer->ceiling_minor = asked->ceiling_minor;
    acquirer->next_date = asked->withdrawable_next_date;
}

enum outcome execute_open_acquirer(
    struct engine *engine, const struct ledger *ledger, const struct command *command)
{
    const struct open_acquirer *asked = &command->open_acquirer;
    enum outcome outcome = check_terms(engine, ledger, &asked->terms);
    if (find_by_name(engine, ledger->id, asked->name))
        outcome = earlier(outcome, OUTCOME_ACQUIRER_NAME_TAKEN);
    if (!has_room(engine, RECORD_ACQUIRER, 1))
        outcome = earlier(outcome, OUTCOME_TOO_MANY_ACQUIRERS);
    if (!has_room(engine, RECORD_ACCOUNT, 1))
        outcome = earlier(outcome, OUTCOME_TOO_MANY_ACCOUNTS);
    if (outcome != OUTCOME_ACCEPTED)
        return outcome;

    const struct account *account = add_account(engine, ledger->id, ACCOUNT_ACQUIRER);
    struct acquirer *acquirer = add_record(engine, RECORD_ACQUIRER);
    acquirer->ledger_id = ledger->id;
    acquirer->account_id = account->id;
    acquirer->status = ACQUIRER_OPEN;
    acquirer->name_length = copy_text(acquirer->name, sizeof acquirer->name, asked->name);
    set_terms(acquirer, &asked->terms);
    index_acquirer(engine, acquirer->id);
    record_image(engine, RECORD_ACCOUNT, account->id);
    record_image(engine, RECORD_ACQUIRER, acquirer->id);
    engine->effects->subject_id = acquirer->id;
    return OUTCOME_ACCEPTED;
}

enum outcome execute_set_acquirer(
    struct engine *engine, const struct ledger *ledger, const struct command *command)
{
    const struct set_acquirer *asked = &command->set_acquirer;
    const struct acquirer *acquirer = find_acquirer(engine, ledger, asked->acquirer_id);
    enum outcome outcome = check_terms(engine, ledger, &asked->terms);
    if (!acquirer)
        outcome = earlier(outcome, OUTCOME_ACQUIRER_NOT_FOUND);
    if (outcome != OUTCOME_ACCEPTED)
        return outcome;

    struct acquirer *changed = change_record(engine, RECORD_ACQUIRER, acquirer->id);
    set_terms(changed, &asked->terms);
    changed->status = asked->is_stopped ? ACQUIRER_STOPPED : ACQUIRER_OPEN;
    record_image(engine, RECORD_ACQUIRER, changed->id);
    engine->effects->subject_id = changed->id;
    return OUTCOME_ACCEPTED;
}
