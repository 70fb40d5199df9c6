/* positions.c: see positions.h.
 *
 * A position is an account of a kind of its own in its product's unit, owned by a member's account
 * of money; it has no member, so no rule about a member's money meets it. What is issued of a
 * product stands at its issuer with a minus sign: over a unit all is zero after every command.
 *
 * Orders are settled at once, at the product's last price, money and units in one command. Units
 * are rounded as the product says. Where what is left goes to the holder, it pays what its units
 * cost, rounded up: so nobody gets units for nothing, whatever a unit costs. A redemption goes to
 * the account that holds the units: what claims it or owes has the money at once. While an account
 * is claimed its units stay.
 * SPDX-License-Identifier: Apache-2.0 */
#include "engine/rules/positions.h"

#include "engine/memory/changes.h"
#include "engine/memory/records.h"
#include "engine/memory/undo.h"
#include "engine/rules/accounts.h"
#include "engine/rules/book.h"
#include "engine/rules/commands.h"
#include "engine/rules/debts.h"
#include "engine/rules/products.h"
#include "engine/rules/refusals.h"
#include "engine/rules/sums.h"
#include "model/asset.h"
#include "model/currency.h"

/* Sums over products; standard C has no name for it. */
__extension__ typedef __int128 int128;

static uint64_t key_hash(const struct engine *engine, int64_t owner_id, int64_t product_id)
{
    const int64_t key[2] = {owner_id, product_id};
    return hash_bytes(engine->hash_secret, key, sizeof key);
}

static const struct position *find_position(
    const struct engine *engine, int64_t owner_id, int64_t product_id)
{
    uint64_t hash = key_hash(engine, owner_id, product_id);
    uint64_t cursor = 0;
    uint32_t id;
    while ((id = map_next(&engine->position_keys, hash, &cursor)) != MAP_NONE) {
        const struct position *position = record_at(engine, RECORD_POSITION, id);
        if (position->owner_account_id == owner_id && position->product_id == product_id)
            return position;
    }
    return NULL;
}

static int64_t units_at(const struct account *account)
{
    int64_t sum = 0;
    for (int bucket = 0; bucket < BUCKET_COUNT; bucket++)
        sum += account->balance_minor[bucket];
    return sum;
}

void index_position(struct engine *engine, int64_t position_id)
{
    const struct position *position = record_at(engine, RECORD_POSITION, position_id);
    struct account *account = &engine->accounts[position->account_id];
    int64_t *newest = &engine->newest_positions[position->owner_account_id];
    int64_t *older = &engine->older_positions[position_id];
    int64_t *held = &engine->held_units[position->product_id];
    keep_for_undo(engine, &account->unit, sizeof account->unit);
    keep_for_undo(engine, newest, sizeof *newest);
    keep_for_undo(engine, older, sizeof *older);
    keep_for_undo(engine, held, sizeof *held);
    account->unit = (int32_t)position->product_id;
    *older = *newest;
    *newest = position_id;
    *held += units_at(account);
    insert_into_map(engine, &engine->position_keys,
        key_hash(engine, position->owner_account_id, position->product_id), (uint32_t)position_id);
}

bool holds_units(const struct engine *engine, const struct account *owner)
{
    for (int64_t id = engine->newest_positions[owner->id]; id != 0;
         id = engine->older_positions[id]) {
        const struct position *position = record_at(engine, RECORD_POSITION, id);
        if (units_at(&engine->accounts[position->account_id]) != 0)
            return true;
    }
    return false;
}

struct position engine_shown_position(
    const struct engine *engine, const struct ledger *ledger, const struct position *position)
{
    struct position shown = *position;
    const struct account *account = &engine->accounts[position->account_id];
    const struct product *product = record_at(engine, RECORD_PRODUCT, position->product_id);
    for (int bucket = 0; bucket < BUCKET_COUNT; bucket++)
        shown.units[bucket] = account->balance_minor[bucket];
    shown.scale = product->scale;
    if (product->price_id == 0)
        return shown;
    shown.price_id = product->price_id;
    shown.price_e8 = product->price_e8;
    shown.price_date = product->price_date;
    shown.price_version = product->price_version;
    shown.value_minor = asset_money_for(units_at(account), product->price_e8, product->scale,
        currency_digits((struct text){ledger->currency, 3}),
        (enum asset_rounding)product->money_rounding);
    return shown;
}

void engine_assets(const struct engine *engine, const struct ledger *ledger,
    const struct account *account, struct assets *ret_assets)
{
    struct assets assets = {.value_minor = 0};
    int64_t id = engine->newest_positions[account->id];
    for (int i = 0; id != 0 && i < ASSETS_COUNTED_MAX; i++, id = engine->older_positions[id]) {
        const struct position *position = record_at(engine, RECORD_POSITION, id);
        if (units_at(&engine->accounts[position->account_id]) == 0)
            continue;
        struct position shown = engine_shown_position(engine, ledger, position);
        if (shown.price_id == 0)
            assets.unpriced_count++;
        if (shown.value_minor < 0 || assets.value_minor < 0 ||
            __builtin_add_overflow(assets.value_minor, shown.value_minor, &assets.value_minor))
            assets.value_minor = -1;
        assets.position_count++;
        if (assets.shown_count < ASSETS_SHOWN_MAX)
            assets.shown[assets.shown_count++] = shown;
    }
    assets.is_partial = id != 0;
    *ret_assets = assets;
}

/* ---- what both commands ask ---- */

struct deal {
    const struct account *owner;
    const struct account *cash_account;
    const struct product *product;
    const struct position *position; /* NULL: there is none yet */
    int digits;                      /* of the currency's minor unit */
};

static enum outcome check_deal(const struct engine *engine, const struct ledger *ledger,
    int64_t account_id, int64_t product_id, struct deal *ret_deal)
{
    struct deal deal = {.digits = currency_digits((struct text){ledger->currency, 3})};
    enum outcome outcome = find_member_account(engine, ledger, account_id, &deal.owner);
    deal.product = find_product(engine, ledger, product_id);
    if (!deal.product)
        outcome = earlier(outcome, OUTCOME_PRODUCT_NOT_FOUND);
    if (outcome != OUTCOME_ACCEPTED)
        return outcome;
    if (deal.product->status != PRODUCT_OPEN)
        return OUTCOME_PRODUCT_CLOSED;
    if (!deal.product->at_once)
        return OUTCOME_PRODUCT_NEEDS_CONFIRMATION;
    if (deal.product->price_id == 0)
        return OUTCOME_PRODUCT_HAS_NO_PRICE;
    if (deal.product->cash_account_id == account_id)
        return OUTCOME_ACCOUNT_IS_ISSUERS;
    deal.cash_account = &engine->accounts[deal.product->cash_account_id];
    deal.position = find_position(engine, account_id, product_id);
    CHECK(deal.digits >= 0);
    CHECK(deal.cash_account->status == ACCOUNT_OPEN);
    *ret_deal = deal;
    return OUTCOME_ACCEPTED;
}

static const struct position *open_position(
    struct engine *engine, const struct ledger *ledger, const struct deal *deal)
{
    const struct account *account = add_account(engine, ledger->id, ACCOUNT_POSITION);
    struct position *position = add_record(engine, RECORD_POSITION);
    position->ledger_id = ledger->id;
    position->account_id = account->id;
    position->owner_account_id = deal->owner->id;
    position->product_id = deal->product->id;
    position->opened_sequence = engine->sequence;
    index_position(engine, position->id);
    record_image(engine, RECORD_ACCOUNT, account->id);
    record_image(engine, RECORD_POSITION, position->id);
    return position;
}

/* ---- subscribe ---- */

enum outcome execute_subscribe(
    struct engine *engine, const struct ledger *ledger, const struct command *command)
{
    const struct subscribe *asked = &command->subscribe;
    struct deal deal;
    enum outcome outcome = check_deal(engine, ledger, asked->account_id, asked->product_id, &deal);
    if (outcome != OUTCOME_ACCEPTED)
        return outcome;
    const struct product *product = deal.product;
    int64_t units = asset_units_for(asked->amount_minor, product->price_e8, product->scale,
        deal.digits, (enum asset_rounding)product->unit_rounding);
    if (!deal.position && !has_room(engine, RECORD_ACCOUNT, 1))
        return OUTCOME_TOO_MANY_ACCOUNTS;
    if (!deal.position && !has_room(engine, RECORD_POSITION, 1))
        return OUTCOME_TOO_MANY_POSITIONS;
    if (units == 0)
        return OUTCOME_ROUNDED_TO_NOTHING;
    if (units < 0 || units > INT64_MAX - engine->held_units[product->id])
        return OUTCOME_TOO_MANY_UNITS;
    if (account_gives_none(deal.owner))
        return OUTCOME_ACCOUNT_RESTRICTED_OUT;
    if (account_takes_none(deal.cash_account))
        return OUTCOME_ACCOUNT_RESTRICTED_IN;
    int64_t spendable = spendable_minor(engine, deal.owner);
    if (spendable < asked->amount_minor)
        return refuse_at(engine, OUTCOME_INSUFFICIENT_AVAILABLE, spendable);

    int64_t cost_minor = asked->amount_minor;
    if (product->rest == PRODUCT_REST_TO_HOLDER)
        cost_minor =
            asset_money_for(units, product->price_e8, product->scale, deal.digits, ASSET_UP);
    CHECK(cost_minor > 0 && cost_minor <= asked->amount_minor);
    const struct position *position =
        deal.position ? deal.position : open_position(engine, ledger, &deal);
    book(engine, cost_minor, deal.owner, BUCKET_AVAILABLE, deal.cash_account, BUCKET_AVAILABLE);
    book_units(engine, units, &engine->accounts[product->account_id], BUCKET_AVAILABLE,
        &engine->accounts[position->account_id], BUCKET_AVAILABLE);
    engine->effects->subject_id = position->id;
    return OUTCOME_ACCEPTED;
}

/* ---- redeem ---- */

enum outcome execute_redeem(
    struct engine *engine, const struct ledger *ledger, const struct command *command)
{
    const struct redeem *asked = &command->redeem;
    struct deal deal;
    enum outcome outcome = check_deal(engine, ledger, asked->account_id, asked->product_id, &deal);
    if (outcome != OUTCOME_ACCEPTED)
        return outcome;
    const struct product *product = deal.product;
    const struct account *account =
        deal.position ? &engine->accounts[deal.position->account_id] : NULL;
    int64_t available = account ? account->balance_minor[BUCKET_AVAILABLE] : 0;
    int64_t money_minor = asset_money_for(asked->units, product->price_e8, product->scale,
        deal.digits, (enum asset_rounding)product->money_rounding);
    if (money_minor == 0)
        return OUTCOME_ROUNDED_TO_NOTHING;
    if (!account || available < asked->units)
        return refuse_at(engine, OUTCOME_INSUFFICIENT_UNITS, available);
    if (deal.owner->claim_count > 0)
        return OUTCOME_UNITS_KEPT;
    if (account_gives_none(deal.owner) || account_gives_none(deal.cash_account))
        return OUTCOME_ACCOUNT_RESTRICTED_OUT;
    if (account_takes_none(deal.owner))
        return OUTCOME_ACCOUNT_RESTRICTED_IN;
    int64_t spendable = spendable_minor(engine, deal.cash_account);
    if (money_minor < 0 || spendable < money_minor)
        return refuse_at(engine, OUTCOME_INSUFFICIENT_AVAILABLE, spendable);

    book_units(engine, asked->units, account, BUCKET_AVAILABLE,
        &engine->accounts[product->account_id], BUCKET_AVAILABLE);
    book(engine, money_minor, deal.cash_account, BUCKET_AVAILABLE, deal.owner, BUCKET_AVAILABLE);
    engine->effects->subject_id = deal.position->id;
    return OUTCOME_ACCEPTED;
}

/* ---- what the engine keeps ---- */

int64_t find_wrong_position(const struct engine *engine)
{
    uint64_t count = 0;
    int128 held = 0;
    FOR_EACH_RECORD(engine, RECORD_POSITION, id)
    {
        const struct position *position = record_at(engine, RECORD_POSITION, id);
        const struct account *account = &engine->accounts[position->account_id];
        const struct account *owner = &engine->accounts[position->owner_account_id];
        const struct product *product = record_at(engine, RECORD_PRODUCT, position->product_id);
        bool is_negative = false;
        for (int bucket = 0; bucket < BUCKET_COUNT; bucket++)
            is_negative |= account->balance_minor[bucket] < 0;
        if (account->kind != ACCOUNT_POSITION || account->unit != position->product_id ||
            account->member_id != 0 || is_negative || owner->kind != ACCOUNT_MEMBER ||
            owner->ledger_id != position->ledger_id || account->ledger_id != position->ledger_id ||
            product->ledger_id != position->ledger_id ||
            (owner->status != ACCOUNT_OPEN && units_at(account) != 0) ||
            find_position(engine, owner->id, product->id) != position)
            return id;
        count++;
        held -= units_at(account);
    }
    FOR_EACH_RECORD(engine, RECORD_PRODUCT, id)
    {
        const struct product *product = record_at(engine, RECORD_PRODUCT, id);
        const struct account *issuer = &engine->accounts[product->account_id];
        if (units_at(issuer) != -engine->held_units[id] ||
            units_at(issuer) != issuer->balance_minor[BUCKET_AVAILABLE])
            return -id;
        held += engine->held_units[id];
    }
    return engine->position_keys.count == count && held == 0 ? 0 : INT64_MIN;
}
