/* fees.c: fee rules, the accounts that take fees, and the booking of fees.
 * SPDX-License-Identifier: Apache-2.0 */
#include "engine/rules/fees.h"

#include "engine/memory/changes.h"
#include "engine/memory/memory.h"
#include "engine/memory/records.h"
#include "engine/memory/undo.h"
#include "engine/rules/accounts.h"
#include "engine/rules/book.h"
#include "engine/rules/commands.h"
#include "engine/rules/refusals.h"
#include "engine/rules/texts.h"
#include "model/fee.h"

/* ---- rules ---- */

static struct text name_of(const struct fee_rule *rule)
{
    return (struct text){rule->name, rule->name_length};
}

static uint64_t name_hash(const struct engine *engine, int64_t ledger_id, struct text name)
{
    struct hash_key key = engine->hash_secret;
    key.k0 ^= (uint64_t)ledger_id;
    return hash_bytes(key, name.bytes, name.length);
}

/* The newest version, whether in force or not; NULL when the ledger has no rule of the name. */
static const struct fee_rule *find_newest(
    const struct engine *engine, int64_t ledger_id, struct text name)
{
    uint64_t hash = name_hash(engine, ledger_id, name);
    uint64_t cursor = 0;
    uint32_t id;
    while ((id = map_next(&engine->fee_rule_names, hash, &cursor)) != MAP_NONE) {
        const struct fee_rule *rule = &engine->fee_rules[id];
        if (rule->ledger_id == ledger_id && text_equals(name_of(rule), name))
            return rule;
    }
    return NULL;
}

static const struct fee_rule *previous_version(
    const struct engine *engine, const struct fee_rule *rule)
{
    CHECK(rule->previous_id < rule->id);
    return rule->previous_id != 0 ? &engine->fee_rules[rule->previous_id] : NULL;
}

void index_fee_rule(struct engine *engine, int64_t fee_rule_id)
{
    const struct fee_rule *rule = &engine->fee_rules[fee_rule_id];
    uint64_t hash = name_hash(engine, rule->ledger_id, name_of(rule));
    const struct fee_rule *previous = find_newest(engine, rule->ledger_id, name_of(rule));
    if (previous)
        remove_from_map(engine, &engine->fee_rule_names, hash, (uint32_t)previous->id);
    insert_into_map(engine, &engine->fee_rule_names, hash, (uint32_t)fee_rule_id);
}

/* The newest version that has begun: one with a later date that came before it never does. So a
 * date that was mistyped is set right by the next version. */
enum outcome find_fee_rule_in_force(const struct engine *engine, const struct ledger *ledger,
    struct text name, const struct fee_rule **ret_rule)
{
    const struct fee_rule *rule = find_newest(engine, ledger->id, name);
    if (!rule)
        return OUTCOME_FEE_RULE_NOT_FOUND;
    while (rule && rule->effective_date > ledger->accounting_dates[0])
        rule = previous_version(engine, rule);
    if (!rule)
        return OUTCOME_FEE_RULE_NOT_EFFECTIVE;
    *ret_rule = rule;
    return OUTCOME_ACCEPTED;
}

const struct fee_rule *get_fee_rule(
    const struct engine *engine, int64_t ledger_id, struct text name, int32_t version)
{
    const struct fee_rule *rule = find_newest(engine, ledger_id, name);
    while (rule && rule->version > version)
        rule = previous_version(engine, rule);
    return rule && rule->version == version ? rule : NULL;
}

const struct fee_rule *engine_find_fee_rule(
    const struct engine *engine, int64_t ledger_id, struct text name, int32_t version)
{
    const struct ledger *ledger = engine_find_ledger(engine, ledger_id);
    const struct fee_rule *rule = NULL;
    if (!ledger)
        return NULL;
    if (version != 0)
        return get_fee_rule(engine, ledger_id, name, version);
    return find_fee_rule_in_force(engine, ledger, name, &rule) == OUTCOME_ACCEPTED ? rule : NULL;
}

/* ---- fee accounts ---- */

static const struct account *find_fee_account(
    const struct engine *engine, const struct ledger *ledger, int64_t account_id)
{
    const struct account *account = engine_find_account(engine, account_id);
    bool is_its = account && account->ledger_id == ledger->id && account->kind == ACCOUNT_FEE;
    return is_its ? account : NULL;
}

/* ---- the commands ---- */

static enum outcome check_fee_rule(
    const struct engine *engine, const struct ledger *ledger, const struct set_fee_rule *asked)
{
    enum outcome outcome = OUTCOME_ACCEPTED;
    for (uint32_t i = 0; i < asked->share_count; i++) {
        if (!find_fee_account(engine, ledger, asked->shares[i].account_id))
            outcome = earlier(outcome, OUTCOME_FEE_ACCOUNT_NOT_FOUND);
    }
    if (asked->effective_date < ledger->accounting_dates[0])
        outcome = earlier(outcome, OUTCOME_FEE_RULE_DATE_TOO_EARLY);
    if (!has_room(engine, RECORD_FEE_RULE, 1))
        outcome = earlier(outcome, OUTCOME_TOO_MANY_FEE_RULES);
    return outcome;
}

enum outcome execute_set_fee_rule(
    struct engine *engine, const struct ledger *ledger, const struct command *command)
{
    const struct set_fee_rule *asked = &command->set_fee_rule;
    const struct fee_rule *previous = find_newest(engine, ledger->id, asked->name);
    CHECK(asked->tier_count >= 1 && asked->tier_count <= FEE_TIERS_MAX);
    CHECK(asked->share_count <= FEE_SHARES_MAX);
    enum outcome outcome = check_fee_rule(engine, ledger, asked);
    if (outcome != OUTCOME_ACCEPTED)
        return outcome;

    struct fee_rule *rule = add_record(engine, RECORD_FEE_RULE);
    rule->ledger_id = ledger->id;
    rule->previous_id = previous ? previous->id : 0;
    rule->version = previous ? previous->version + 1 : 1;
    rule->effective_date = asked->effective_date;
    rule->rounding = (uint8_t)asked->rounding;
    rule->refund = (uint8_t)asked->refund;
    rule->on_payout_failed = (uint8_t)asked->on_payout_failed;
    rule->on_payout_returned = (uint8_t)asked->on_payout_returned;
    rule->name_length = copy_text(rule->name, FEE_RULE_NAME_BYTES_MAX, asked->name);
    rule->tier_count = (uint8_t)asked->tier_count;
    for (uint32_t i = 0; i < asked->tier_count; i++)
        rule->tiers[i] = asked->tiers[i];
    rule->share_count = (uint8_t)asked->share_count;
    for (uint32_t i = 0; i < asked->share_count; i++)
        rule->shares[i] = asked->shares[i];
    index_fee_rule(engine, rule->id);
    record_image(engine, RECORD_FEE_RULE, rule->id);
    engine->effects->subject_id = rule->id;
    return OUTCOME_ACCEPTED;
}

enum outcome execute_open_fee_account(
    struct engine *engine, const struct ledger *ledger, const struct command *command)
{
    (void)command;
    if (!has_room(engine, RECORD_ACCOUNT, 1))
        return OUTCOME_TOO_MANY_ACCOUNTS;

    const struct account *account = add_account(engine, ledger->id, ACCOUNT_FEE);
    chain_fee_account(engine, account->id);
    record_image(engine, RECORD_ACCOUNT, account->id);
    engine->effects->subject_id = account->id;
    return OUTCOME_ACCEPTED;
}

enum outcome execute_collect_fees(
    struct engine *engine, const struct ledger *ledger, const struct command *command)
{
    const struct collect_fees *asked = &command->collect_fees;
    const struct fee_rule *rule = NULL;
    int64_t id =
        asked->account_id != 0 ? asked->account_id : control_account_id(ledger, ACCOUNT_FEE);
    const struct account *fee = find_fee_account(engine, ledger, id);
    enum outcome outcome = find_fee_rule_in_force(engine, ledger, asked->fee_rule, &rule);
    if (!fee)
        outcome = earlier(outcome, OUTCOME_FEE_ACCOUNT_NOT_FOUND);
    else if (fee->balance_minor[BUCKET_AVAILABLE] < asked->amount_minor)
        outcome = earlier(outcome,
            refuse_at(engine, OUTCOME_INSUFFICIENT_FEE, fee->balance_minor[BUCKET_AVAILABLE]));
    if (outcome != OUTCOME_ACCEPTED)
        return outcome;

    book(engine, asked->amount_minor, fee, BUCKET_AVAILABLE,
        control_account(engine, ledger, ACCOUNT_PLATFORM_OWN), BUCKET_AVAILABLE);
    engine->effects->fee_rule_version = rule->version;
    engine->effects->subject_id = fee->id;
    return OUTCOME_ACCEPTED;
}

/* ---- a fee and its legs ---- */

static void add_leg(struct fee_legs *legs, int64_t account_id, int64_t amount_minor)
{
    if (amount_minor == 0)
        return;
    CHECK(legs->count < FEE_SHARES_MAX);
    legs->account_ids[legs->count] = account_id;
    legs->amounts[legs->count++] = amount_minor;
}

void split_fee(const struct engine *engine, const struct ledger *ledger,
    const struct fee_rule *rule, int64_t fee_minor, struct fee_legs *ret_legs)
{
    CHECK(fee_minor >= 0);
    ret_legs->count = 0;
    if (!rule || rule->share_count == 0) {
        add_leg(ret_legs, control_account(engine, ledger, ACCOUNT_FEE)->id, fee_minor);
        return;
    }
    int64_t amounts_minor[FEE_SHARES_MAX];
    fee_shares(rule, fee_minor, amounts_minor);
    for (uint32_t i = 0; i < rule->share_count; i++)
        add_leg(ret_legs, rule->shares[i].account_id, amounts_minor[i]);
}

void split_fee_back(const struct engine *engine, const struct ledger *ledger,
    const struct fee_rule *rule, int64_t fee_minor, int64_t before_minor, int64_t after_minor,
    struct fee_legs *ret_legs)
{
    struct fee_legs whole;
    int64_t amounts_minor[FEE_SHARES_MAX];
    ret_legs->count = 0;
    if (after_minor == before_minor)
        return;
    split_fee(engine, ledger, rule, fee_minor, &whole);
    fee_shares_back(whole.amounts, whole.count, before_minor, after_minor, amounts_minor);
    for (uint32_t i = 0; i < whole.count; i++)
        add_leg(ret_legs, whole.account_ids[i], amounts_minor[i]);
}

int64_t fee_legs_sum(const struct fee_legs *legs)
{
    int64_t sum = 0;
    for (uint32_t i = 0; i < legs->count; i++)
        sum += legs->amounts[i];
    return sum;
}

void take_fee_legs(struct fee_legs *legs, int64_t amount_minor, struct fee_legs *ret_taken)
{
    struct fee_legs rest = {.count = 0};
    ret_taken->count = 0;
    CHECK(amount_minor >= 0 && amount_minor <= fee_legs_sum(legs));
    for (uint32_t i = 0; i < legs->count; i++) {
        int64_t part_minor = legs->amounts[i] < amount_minor ? legs->amounts[i] : amount_minor;
        amount_minor -= part_minor;
        add_leg(ret_taken, legs->account_ids[i], part_minor);
        add_leg(&rest, legs->account_ids[i], legs->amounts[i] - part_minor);
    }
    *legs = rest;
}

void book_fee(struct engine *engine, const struct fee_legs *legs, const struct account *from,
    enum bucket from_bucket)
{
    for (uint32_t i = 0; i < legs->count; i++)
        book(engine, legs->amounts[i], from, from_bucket, &engine->accounts[legs->account_ids[i]],
            BUCKET_AVAILABLE);
}

void fill_fee_legs(struct engine *engine, const struct ledger *ledger, const struct fee_legs *legs)
{
    const struct account *own = control_account(engine, ledger, ACCOUNT_PLATFORM_OWN);
    for (uint32_t i = 0; i < legs->count; i++) {
        const struct account *fee = &engine->accounts[legs->account_ids[i]];
        int64_t lacking_minor = fee_lacking(fee->balance_minor[BUCKET_AVAILABLE], legs->amounts[i]);
        if (lacking_minor > 0)
            book(engine, lacking_minor, own, BUCKET_AVAILABLE, fee, BUCKET_AVAILABLE);
    }
}

void book_fee_back(struct engine *engine, const struct fee_legs *legs, const struct account *to)
{
    for (uint32_t i = 0; i < legs->count; i++)
        book(engine, legs->amounts[i], &engine->accounts[legs->account_ids[i]], BUCKET_AVAILABLE,
            to, BUCKET_AVAILABLE);
}

int64_t fee_legs_lacking(const struct engine *engine, const struct fee_legs *legs)
{
    int64_t lacking_minor = 0;
    for (uint32_t i = 0; i < legs->count; i++) {
        const struct account *fee = &engine->accounts[legs->account_ids[i]];
        CHECK(fee->kind == ACCOUNT_FEE);
        lacking_minor += fee_lacking(fee->balance_minor[BUCKET_AVAILABLE], legs->amounts[i]);
    }
    return lacking_minor;
}

enum outcome engine_quote_fee(const struct engine *engine, int64_t ledger_id, struct text name,
    int64_t amount_minor, struct fee_quote *ret_quote)
{
    const struct ledger *ledger = engine_find_ledger(engine, ledger_id);
    const struct fee_rule *rule = NULL;
    if (!ledger)
        return OUTCOME_LEDGER_NOT_FOUND;
    enum outcome outcome = find_fee_rule_in_force(engine, ledger, name, &rule);
    if (outcome != OUTCOME_ACCEPTED)
        return outcome;

    ret_quote->rule = rule;
    ret_quote->fee_minor = fee_of_amount(rule, amount_minor);
    if (rule->share_count == 0) {
        ret_quote->leg_count = 1;
        ret_quote->account_ids[0] = control_account_id(ledger, ACCOUNT_FEE);
        ret_quote->amounts_minor[0] = ret_quote->fee_minor;
        return OUTCOME_ACCEPTED;
    }
    ret_quote->leg_count = rule->share_count;
    fee_shares(rule, ret_quote->fee_minor, ret_quote->amounts_minor);
    for (uint32_t i = 0; i < rule->share_count; i++)
        ret_quote->account_ids[i] = rule->shares[i].account_id;
    return OUTCOME_ACCEPTED;
}
