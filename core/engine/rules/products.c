/* products.c: see products.h.
 *
 * A product is a unit of account: what is issued of it stands on an account of its own with a minus
 * sign, and its money comes and goes through a member's account, which stays open with it. Prices
 * come in the order of their dates, so that none has to be looked up: the product knows its last
 * one, and a correction names the version that it replaces. None is of a date ahead, or a slip of
 * the pen would keep out all that follow.
 * SPDX-License-Identifier: Apache-2.0 */
#include "engine/rules/products.h"

#include "engine/memory/changes.h"
#include "engine/memory/records.h"
#include "engine/memory/undo.h"
#include "engine/rules/accounts.h"
#include "engine/rules/commands.h"
#include "engine/rules/refusals.h"
#include "engine/rules/texts.h"

static uint64_t code_hash(const struct engine *engine, int64_t ledger_id, struct text code)
{
    struct hash_key key = engine->hash_secret;
    key.k0 ^= (uint64_t)ledger_id;
    return hash_bytes(key, code.bytes, code.length);
}

static const struct product *find_by_code(
    const struct engine *engine, int64_t ledger_id, struct text code)
{
    uint64_t hash = code_hash(engine, ledger_id, code);
    uint64_t cursor = 0;
    uint32_t id;
    while ((id = map_next(&engine->product_codes, hash, &cursor)) != MAP_NONE) {
        const struct product *product = record_at(engine, RECORD_PRODUCT, id);
        struct text its = {product->code, product->code_length};
        if (product->ledger_id == ledger_id && text_equals(its, code))
            return product;
    }
    return NULL;
}

static void count_product(struct engine *engine, const struct product *product, int32_t change)
{
    int32_t *count = &engine->open_product_counts[product->cash_account_id];
    keep_for_undo(engine, count, sizeof *count);
    *count += change;
    CHECK(*count >= 0);
}

void index_product(struct engine *engine, int64_t product_id)
{
    const struct product *product = record_at(engine, RECORD_PRODUCT, product_id);
    struct account *issuer = &engine->accounts[product->account_id];
    struct text code = {product->code, product->code_length};
    keep_for_undo(engine, &issuer->unit, sizeof issuer->unit);
    issuer->unit = (int32_t)product_id;
    if (product->status == PRODUCT_OPEN)
        count_product(engine, product, 1);
    insert_into_map(engine, &engine->product_codes, code_hash(engine, product->ledger_id, code),
        (uint32_t)product_id);
}

const struct product *find_product(
    const struct engine *engine, const struct ledger *ledger, int64_t product_id)
{
    const struct product *product = engine_find_record(engine, RECORD_PRODUCT, product_id);
    return product && product->ledger_id == ledger->id ? product : NULL;
}

enum outcome execute_open_product(
    struct engine *engine, const struct ledger *ledger, const struct command *command)
{
    const struct open_product *asked = &command->open_product;
    const struct account *cash_account;
    enum outcome outcome =
        find_member_account(engine, ledger, asked->cash_account_id, &cash_account);
    CHECK(asked->scale >= 0 && asked->scale <= UNIT_SCALE_MAX);
    CHECK(asked->rest != PRODUCT_REST_TO_HOLDER || asked->unit_rounding == PRODUCT_ROUNDING_DOWN);
    if (find_by_code(engine, ledger->id, asked->code))
        outcome = earlier(outcome, OUTCOME_PRODUCT_CODE_TAKEN);
    if (!has_room(engine, RECORD_PRODUCT, 1))
        outcome = earlier(outcome, OUTCOME_TOO_MANY_PRODUCTS);
    if (!has_room(engine, RECORD_ACCOUNT, 1))
        outcome = earlier(outcome, OUTCOME_TOO_MANY_ACCOUNTS);
    if (outcome != OUTCOME_ACCEPTED)
        return outcome;

    const struct account *issuer = add_account(engine, ledger->id, ACCOUNT_ISSUER);
    struct product *product = add_record(engine, RECORD_PRODUCT);
    product->ledger_id = ledger->id;
    product->account_id = issuer->id;
    product->cash_account_id = cash_account->id;
    product->kind = (uint8_t)asked->kind;
    product->status = PRODUCT_OPEN;
    product->scale = (uint8_t)asked->scale;
    product->unit_rounding = (uint8_t)asked->unit_rounding;
    product->money_rounding = (uint8_t)asked->money_rounding;
    product->rest = (uint8_t)asked->rest;
    product->at_once = asked->is_at_once;
    product->code_length = copy_text(product->code, sizeof product->code, asked->code);
    product->name_length = copy_text(product->name, sizeof product->name, asked->name);
    index_product(engine, product->id);
    record_image(engine, RECORD_ACCOUNT, issuer->id);
    record_image(engine, RECORD_PRODUCT, product->id);
    engine->effects->subject_id = product->id;
    return OUTCOME_ACCEPTED;
}

enum outcome execute_close_product(
    struct engine *engine, const struct ledger *ledger, const struct command *command)
{
    const struct product *product = find_product(engine, ledger, command->close_product.product_id);
    if (!product)
        return OUTCOME_PRODUCT_NOT_FOUND;
    if (product->status != PRODUCT_OPEN)
        return OUTCOME_PRODUCT_CLOSED;
    if (engine->held_units[product->id] != 0)
        return OUTCOME_PRODUCT_HELD;

    count_product(engine, product, -1);
    change_account(engine, product->account_id)->status = ACCOUNT_CLOSED;
    struct product *changed = change_record(engine, RECORD_PRODUCT, product->id);
    changed->status = PRODUCT_CLOSED;
    record_image(engine, RECORD_ACCOUNT, changed->account_id);
    record_image(engine, RECORD_PRODUCT, changed->id);
    engine->effects->subject_id = changed->id;
    return OUTCOME_ACCEPTED;
}

/* ---- prices ---- */

/* The version that a correction names, of the product and the date. */
static const struct price *find_corrected(
    const struct engine *engine, const struct publish_price *asked)
{
    const struct price *price = engine_find_record(engine, RECORD_PRICE, asked->corrects_price_id);
    return price && price->product_id == asked->product_id && price->date == asked->date ? price
                                                                                         : NULL;
}

static enum outcome check_price(
    struct engine *engine, const struct ledger *ledger, const struct publish_price *asked)
{
    const struct product *product = find_product(engine, ledger, asked->product_id);
    if (!product)
        return OUTCOME_PRODUCT_NOT_FOUND;
    if (product->status != PRODUCT_OPEN)
        return OUTCOME_PRODUCT_CLOSED;
    const struct price *corrected = find_corrected(engine, asked);
    if (asked->corrects_price_id != 0 && !corrected)
        return OUTCOME_PRICE_NOT_FOUND;
    if (corrected && corrected->status != PRICE_NEWEST)
        return OUTCOME_PRICE_REPLACED;
    if (asked->date > ledger->accounting_dates[0])
        return OUTCOME_PRICE_DATE_AHEAD;
    if (!corrected && product->price_id != 0 && asked->date <= product->price_date)
        return refuse_at(engine, OUTCOME_PRICE_DATE_PASSED, product->price_id);
    return has_room(engine, RECORD_PRICE, 1) ? OUTCOME_ACCEPTED : OUTCOME_TOO_MANY_PRICES;
}

enum outcome execute_publish_price(
    struct engine *engine, const struct ledger *ledger, const struct command *command)
{
    const struct publish_price *asked = &command->publish_price;
    enum outcome outcome = check_price(engine, ledger, asked);
    if (outcome != OUTCOME_ACCEPTED)
        return outcome;

    const struct price *corrected = find_corrected(engine, asked);
    int32_t version = corrected ? corrected->version + 1 : 1;
    if (corrected) {
        struct price *replaced = change_record(engine, RECORD_PRICE, corrected->id);
        replaced->status = PRICE_REPLACED;
        record_image(engine, RECORD_PRICE, replaced->id);
    }
    struct price *price = add_record(engine, RECORD_PRICE);
    price->ledger_id = ledger->id;
    price->product_id = asked->product_id;
    price->price_e8 = asked->price_e8;
    price->published_sequence = engine->sequence;
    price->date = asked->date;
    price->version = version;
    price->status = PRICE_NEWEST;
    record_image(engine, RECORD_PRICE, price->id);
    const struct product *product = record_at(engine, RECORD_PRODUCT, asked->product_id);
    CHECK(product->price_id == 0 || price->date >= product->price_date || corrected);
    if (product->price_id == 0 || price->date >= product->price_date) {
        struct product *changed = change_record(engine, RECORD_PRODUCT, asked->product_id);
        changed->price_id = price->id;
        changed->price_e8 = price->price_e8;
        changed->price_date = price->date;
        changed->price_version = price->version;
        record_image(engine, RECORD_PRODUCT, changed->id);
    }
    engine->effects->subject_id = price->id;
    return OUTCOME_ACCEPTED;
}

/* ---- what the engine keeps ---- */

int64_t find_wrong_product(const struct engine *engine)
{
    uint64_t count = 0;
    int64_t open_count = 0;
    FOR_EACH_RECORD(engine, RECORD_PRODUCT, id)
    {
        const struct product *product = record_at(engine, RECORD_PRODUCT, id);
        const struct account *issuer = &engine->accounts[product->account_id];
        const struct account *cash_account = &engine->accounts[product->cash_account_id];
        struct text code = {product->code, product->code_length};
        bool is_open = product->status == PRODUCT_OPEN;
        if (issuer->kind != ACCOUNT_ISSUER || issuer->unit != id ||
            issuer->ledger_id != product->ledger_id ||
            is_open != (issuer->status == ACCOUNT_OPEN) || cash_account->kind != ACCOUNT_MEMBER ||
            cash_account->ledger_id != product->ledger_id ||
            (is_open && cash_account->status != ACCOUNT_OPEN) ||
            find_by_code(engine, product->ledger_id, code) != product ||
            (product->price_id == 0) != (product->price_version == 0))
            return id;
        count++;
        open_count += is_open;
    }
    for (int64_t id = 1; id <= engine->last_id[RECORD_ACCOUNT]; id++)
        open_count -= engine->open_product_counts[id];
    return open_count != 0 || engine->product_codes.count != count ? -1 : 0;
}
