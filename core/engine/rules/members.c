/* members.c: ledgers, members and accounts: opening and closing; terms and the day cut.
 * SPDX-License-Identifier: Apache-2.0 */
#include "engine/rules/members.h"

#include "engine/memory/changes.h"
#include "engine/memory/memory.h"
#include "engine/memory/records.h"
#include "engine/memory/undo.h"
#include "engine/rules/account_policy.h"
#include "engine/rules/accounts.h"
#include "engine/rules/cards.h"
#include "engine/rules/claims.h"
#include "engine/rules/commands.h"
#include "engine/rules/identities.h"
#include "engine/rules/positions.h"
#include "engine/rules/products.h"
#include "engine/rules/proposals.h"
#include "engine/rules/refusals.h"
#include "engine/rules/returns.h"
#include "engine/rules/screening.h"
#include "engine/rules/settlements.h"
#include "engine/rules/texts.h"
#include "engine/rules/watch.h"
#include "model/date.h"

#include <string.h>

/* ---- what names ledgers and members ---- */

static uint64_t prefix_hash(const struct engine *engine, struct text prefix)
{
    return hash_bytes(engine->hash_secret, prefix.bytes, prefix.length);
}

static const struct ledger *find_ledger_by_prefix(const struct engine *engine, struct text prefix)
{
    uint64_t cursor = 0;
    uint32_t id;
    while ((id = map_next(&engine->prefixes, prefix_hash(engine, prefix), &cursor)) != MAP_NONE) {
        const struct ledger *ledger = &engine->ledgers[id];
        struct text its = {ledger->receiving_prefix, ledger->receiving_prefix_length};
        if (text_equals(its, prefix))
            return ledger;
    }
    return NULL;
}

static uint64_t platform_id_hash(const struct engine *engine, int64_t ledger_id, struct text id)
{
    struct hash_key key = engine->hash_secret;
    key.k0 ^= (uint64_t)ledger_id;
    return hash_bytes(key, id.bytes, id.length);
}

const struct member *engine_find_member_by_platform_id(
    const struct engine *engine, int64_t ledger_id, struct text platform_member_id)
{
    uint64_t hash = platform_id_hash(engine, ledger_id, platform_member_id);
    uint64_t cursor = 0;
    uint32_t id;
    while ((id = map_next(&engine->platform_ids, hash, &cursor)) != MAP_NONE) {
        const struct member *member = &engine->members[id];
        struct text its = {member->platform_member_id, member->platform_member_id_length};
        if (member->ledger_id == ledger_id && text_equals(its, platform_member_id))
            return member;
    }
    return NULL;
}

int32_t engine_oldest_business_date(const struct engine *engine)
{
    int32_t oldest = DATE_DAYS_MAX;
    FOR_EACH_RECORD(engine, RECORD_LEDGER, id)
    {
        const struct ledger *ledger = &engine->ledgers[id];
        int32_t date = ledger->accounting_dates[ledger->accounting_date_count - 1];
        if (ledger->status == LEDGER_OPEN && date < oldest)
            oldest = date;
    }
    return oldest;
}

void index_ledger(struct engine *engine, int64_t ledger_id)
{
    struct ledger *ledger = &engine->ledgers[ledger_id];
    struct text prefix = {ledger->receiving_prefix, ledger->receiving_prefix_length};
    map_insert(&engine->prefixes, prefix_hash(engine, prefix), (uint32_t)ledger_id);
    ledger->open_member_count = 0;
    ledger->open_payout_count = 0;
}

void index_member(struct engine *engine, int64_t member_id)
{
    const struct member *member = &engine->members[member_id];
    struct text platform_id = {member->platform_member_id, member->platform_member_id_length};
    uint64_t hash = platform_id_hash(engine, member->ledger_id, platform_id);
    map_insert(&engine->platform_ids, hash, (uint32_t)member_id);
    if (member->status == MEMBER_OPEN)
        engine->ledgers[member->ledger_id].open_member_count++;
}

/* ---- ledgers ---- */

/* The day of the recorded time, which is UTC's: a ledger's own differs from it by a day at most. */
static int32_t calendar_day(const struct engine *engine)
{
    const int64_t day_us = INT64_C(86400) * 1000000;
    return (int32_t)(engine->now_us / day_us);
}

/* Whether the date is so many days at most after the calendar's. */
static bool is_within(const struct engine *engine, int32_t date, int32_t days)
{
    return date <= calendar_day(engine) + days;
}

enum outcome execute_open_ledger(
    struct engine *engine, const struct ledger *none_yet, const struct command *command)
{
    const struct open_ledger *asked = &command->open_ledger;
    CHECK(none_yet == NULL);
    if (find_ledger_by_prefix(engine, asked->receiving_prefix))
        return OUTCOME_RECEIVING_PREFIX_TAKEN;
    /* As far as one person may cut a day: nobody proposes what has no ledger yet. */
    if (!is_within(engine, asked->first_accounting_date, CUT_DAYS_ALONE_MAX))
        return OUTCOME_ACCOUNTING_DATE_TOO_FAR;
    if (!has_room(engine, RECORD_LEDGER, 1))
        return OUTCOME_TOO_MANY_LEDGERS;
    if (!has_room(engine, RECORD_ACCOUNT, CONTROL_ACCOUNTS_PER_LEDGER))
        return OUTCOME_TOO_MANY_ACCOUNTS;

    struct ledger *ledger = add_record(engine, RECORD_LEDGER);
    int64_t id = ledger->id;
    ledger->status = LEDGER_OPEN;
    ledger->first_control_account_id = engine->last_id[RECORD_ACCOUNT] + 1;
    ledger->accounting_dates[0] = asked->first_accounting_date;
    ledger->accounting_date_count = 1;
    ledger->key_window_dates =
        (uint8_t)(asked->key_window_dates ? asked->key_window_dates : KEY_WINDOW_DATES_DEFAULT);
    CHECK(ledger->key_window_dates <= KEY_WINDOW_DATES_MAX);
    ledger->payout_return_days = PAYOUT_RETURN_DAYS_DEFAULT;
    copy_text(ledger->currency, 3, asked->currency);
    ledger->receiving_prefix_length =
        copy_text(ledger->receiving_prefix, RECEIVING_PREFIX_DIGITS_MAX, asked->receiving_prefix);
    ledger->platform_name_length =
        copy_long_text(ledger->platform_name, sizeof ledger->platform_name, asked->platform_name);
    ledger->escrow_account_number_length = copy_long_text(ledger->escrow_account_number,
        sizeof ledger->escrow_account_number, asked->escrow_account_number);
    insert_into_map(
        engine, &engine->prefixes, prefix_hash(engine, asked->receiving_prefix), (uint32_t)id);
    record_image(engine, RECORD_LEDGER, id);
    for (int kind = ACCOUNT_ESCROW; kind <= ACCOUNT_ENFORCEMENT; kind++) {
        const struct account *account = add_account(engine, id, (enum account_kind)kind);
        CHECK(account->id == control_account_id(ledger, (enum account_kind)kind));
        record_image(engine, RECORD_ACCOUNT, account->id);
    }
    open_account_policy(engine, id, asked->policy);
    engine->effects->subject_id = id;
    engine->effects->accounting_date = asked->first_accounting_date;
    return OUTCOME_ACCEPTED;
}

static bool has_money(const struct account *account)
{
    for (int bucket = 0; bucket < BUCKET_COUNT; bucket++) {
        if (account->balance_minor[bucket] != 0)
            return true;
    }
    return false;
}

/* Fee accounts may be negative, so sums of zero do not make accounts of zero: each is looked at.
 * The accounts of closed members are closed, and empty. */
static bool ledger_is_empty(const struct engine *engine, const struct ledger *ledger)
{
    if (ledger->open_member_count > 0)
        return false;
    for (int kind = ACCOUNT_ESCROW; kind <= ACCOUNT_ENFORCEMENT; kind++) {
        if (has_money(control_account(engine, ledger, (enum account_kind)kind)))
            return false;
    }
    for (int64_t id = engine->newest_fee_accounts[ledger->id]; id != 0;
         id = engine->older_accounts[id]) {
        if (has_money(&engine->accounts[id]))
            return false;
    }
    return true;
}

enum outcome execute_close_ledger(
    struct engine *engine, const struct ledger *ledger, const struct command *command)
{
    (void)command;
    if (ledger->open_payout_count > 0)
        return OUTCOME_LEDGER_HAS_OPEN_PAYOUTS;
    if (returnable_count(engine, ledger) > 0)
        return OUTCOME_LEDGER_HAS_RETURNABLE_PAYOUTS;
    const struct ledger_sums *sums = engine_ledger_sums(engine, ledger->id);
    if (sums->open_lump_count > 0)
        return OUTCOME_LEDGER_HAS_OPEN_LUMPS;
    if (has_open_settlement(engine, ledger))
        return OUTCOME_LEDGER_HAS_OPEN_SETTLEMENTS;
    if (!ledger_is_empty(engine, ledger))
        return OUTCOME_LEDGER_NOT_EMPTY;
    for (int bucket = 0; bucket < BUCKET_COUNT; bucket++)
        CHECK(sums->total_minor[bucket] == 0);

    change_ledger(engine, ledger->id)->status = LEDGER_CLOSED;
    record_image(engine, RECORD_LEDGER, ledger->id);
    engine->effects->subject_id = ledger->id;
    return OUTCOME_ACCEPTED;
}

/* The same names and numbers, sealed anew. */
static void take_seals(struct ledger *changed, const struct ledger *resealed)
{
    CHECK(changed->id == resealed->id);
    memcpy(changed->platform_name, resealed->platform_name, sizeof changed->platform_name);
    changed->platform_name_length = resealed->platform_name_length;
    memcpy(changed->escrow_account_number, resealed->escrow_account_number,
        sizeof changed->escrow_account_number);
    changed->escrow_account_number_length = resealed->escrow_account_number_length;
    memcpy(changed->own_account_name, resealed->own_account_name, sizeof changed->own_account_name);
    changed->own_account_name_length = resealed->own_account_name_length;
    memcpy(changed->own_account_number, resealed->own_account_number,
        sizeof changed->own_account_number);
    changed->own_account_number_length = resealed->own_account_number_length;
}

/* The last date to which one person may cut: over one day from Monday to Friday at most, and not
 * too far beyond the calendar; not later than the present one where that is far ahead already. */
static int32_t last_date_alone(const struct engine *engine, const struct ledger *ledger)
{
    int32_t date = date_within_one_weekday(ledger->accounting_dates[0]);
    int32_t calendar = calendar_day(engine) + CUT_DAYS_ALONE_MAX;
    return date < calendar ? date : calendar;
}

enum outcome execute_cut_day(
    struct engine *engine, const struct ledger *ledger, const struct command *command)
{
    const struct cut_day *asked = &command->cut_day;
    int32_t step = asked->accounting_date - ledger->accounting_dates[0];
    if (step <= 0)
        return OUTCOME_ACCOUNTING_DATE_NOT_LATER;
    if (step > CUT_DAYS_MAX || !is_within(engine, asked->accounting_date, CUT_DAYS_MAX))
        return OUTCOME_ACCOUNTING_DATE_TOO_FAR;
    int32_t alone = last_date_alone(engine, ledger);
    if (asked->accounting_date > alone && !is_of_two(command))
        return refuse_at(engine, OUTCOME_APPROVAL_NEEDED,
            alone > ledger->accounting_dates[0] ? date_to_yyyymmdd(alone) : 0);

    drop_past_returns(engine, ledger, asked->accounting_date);
    begin_policy_date(engine, ledger->id, ledger->accounting_dates[0], asked->accounting_date);
    struct ledger *changed = change_ledger(engine, ledger->id);
    uint32_t kept = changed->accounting_date_count;
    if (kept > changed->key_window_dates - 1u)
        kept = changed->key_window_dates - 1u;
    memmove(&changed->accounting_dates[1], &changed->accounting_dates[0],
        kept * sizeof changed->accounting_dates[0]);
    changed->accounting_dates[0] = asked->accounting_date;
    changed->accounting_date_count = (uint8_t)(kept + 1);
    if (command->resealed)
        take_seals(changed, command->resealed);
    record_image(engine, RECORD_LEDGER, ledger->id);
    engine->effects->subject_id = ledger->id;
    engine->effects->accounting_date = asked->accounting_date; /* the answer names the new one */
    return OUTCOME_ACCEPTED;
}

enum outcome execute_set_terms(
    struct engine *engine, const struct ledger *ledger, const struct command *command)
{
    const struct set_terms *asked = &command->set_terms;
    const struct party *own = &asked->own_account;
    int32_t named = asked->named ? asked->named : TERMS_NAMED_BEFORE;
    /* Else one person could unset it, do what it leaves to two, and set it again. */
    bool unsets_same_card =
        (named & TERM_SAME_CARD) && !asked->same_card && holds_same_card(engine, ledger->id);
    if (unsets_same_card && !is_of_two(command))
        return OUTCOME_APPROVAL_NEEDED;
    struct ledger *changed = change_ledger(engine, ledger->id);
    if (named & TERM_OWN_ACCOUNT) {
        changed->own_account_name_length =
            copy_long_text(changed->own_account_name, sizeof changed->own_account_name, own->name);
        changed->own_account_number_length = copy_long_text(
            changed->own_account_number, sizeof changed->own_account_number, own->account_number);
        changed->own_bank_code_length =
            copy_text(changed->own_bank_code, BANK_CODE_BYTES_MAX, own->bank_code);
    }
    if (named & TERM_ADVANCE_REFUNDS)
        changed->advance_refunds = asked->advance_refunds;
    if (named & TERM_PAYOUT_RETURN_DAYS)
        changed->payout_return_days =
            asked->payout_return_days != 0 ? asked->payout_return_days : PAYOUT_RETURN_DAYS_DEFAULT;
    CHECK(changed->payout_return_days <= PAYOUT_RETURN_DAYS_MAX);
    if (named & (TERM_SUSPENSE_AGE | TERM_ONE_MEMBERSHIP | TERM_SAME_CARD))
        set_watch_terms(engine, ledger, asked);
    record_image(engine, RECORD_LEDGER, ledger->id);
    engine->effects->subject_id = ledger->id;
    return OUTCOME_ACCEPTED;
}

/* ---- members ---- */

enum outcome execute_open_member(
    struct engine *engine, const struct ledger *ledger, const struct command *command)
{
    const struct open_member *asked = &command->open_member;
    if (engine_find_member_by_platform_id(engine, ledger->id, asked->platform_member_id))
        return OUTCOME_PLATFORM_MEMBER_ID_TAKEN;
    if (!has_room(engine, RECORD_MEMBER, 1))
        return OUTCOME_TOO_MANY_MEMBERS;

    struct member *member = add_record(engine, RECORD_MEMBER);
    int64_t id = member->id;
    member->ledger_id = ledger->id;
    member->kind = (uint8_t)asked->kind;
    member->status = MEMBER_OPEN;
    member->platform_member_id_length = copy_text(
        member->platform_member_id, PLATFORM_MEMBER_ID_BYTES_MAX, asked->platform_member_id);
    insert_into_map(engine, &engine->platform_ids,
        platform_id_hash(engine, ledger->id, asked->platform_member_id), (uint32_t)id);
    int64_t *open_count = &engine->ledgers[ledger->id].open_member_count;
    keep_for_undo(engine, open_count, sizeof *open_count);
    ++*open_count;
    record_image(engine, RECORD_MEMBER, id);
    engine->effects->subject_id = id;
    return OUTCOME_ACCEPTED;
}

enum outcome find_open_member(const struct engine *engine, const struct ledger *ledger,
    int64_t member_id, const struct member **ret_member)
{
    const struct member *member = engine_find_member(engine, member_id);
    if (!member || member->ledger_id != ledger->id)
        return OUTCOME_MEMBER_NOT_FOUND;
    if (member->status != MEMBER_OPEN)
        return OUTCOME_MEMBER_CLOSED;
    *ret_member = member;
    return OUTCOME_ACCEPTED;
}

enum outcome execute_close_member(
    struct engine *engine, const struct ledger *ledger, const struct command *command)
{
    const struct close_member *asked = &command->close_member;
    const struct member *member = NULL;
    enum outcome outcome = find_open_member(engine, ledger, asked->member_id, &member);
    if (outcome != OUTCOME_ACCEPTED)
        return outcome;
    for (int64_t id = engine->newest_accounts[member->id]; id != 0;
         id = engine->older_accounts[id]) {
        if (engine->accounts[id].status == ACCOUNT_OPEN)
            return OUTCOME_MEMBER_HAS_OPEN_ACCOUNTS;
    }
    if (has_claims(engine, member->id))
        return OUTCOME_ACCOUNT_KEPT_OPEN;

    end_cards(engine, ledger, member->id);
    close_identity(engine, member->id);
    change_member(engine, member->id)->status = MEMBER_CLOSED;
    int64_t *open_count = &engine->ledgers[ledger->id].open_member_count;
    keep_for_undo(engine, open_count, sizeof *open_count);
    CHECK(*open_count > 0);
    --*open_count;
    record_image(engine, RECORD_MEMBER, member->id);
    engine->effects->subject_id = member->id;
    return OUTCOME_ACCEPTED;
}

/* ---- accounts ---- */

enum outcome execute_open_account(
    struct engine *engine, const struct ledger *ledger, const struct command *command)
{
    const struct open_account *asked = &command->open_account;
    const struct member *member = NULL;
    enum outcome outcome = find_open_member(engine, ledger, asked->member_id, &member);
    if (outcome != OUTCOME_ACCEPTED)
        return outcome;
    if (!has_room(engine, RECORD_ACCOUNT, 1) || claims_forbid_account(engine, member->id))
        return OUTCOME_TOO_MANY_ACCOUNTS;

    struct account *account = add_account(engine, ledger->id, ACCOUNT_MEMBER);
    account->member_id = member->id;
    account->is_hit = is_hit_member(engine, member->id);
    chain_account(engine, &engine->newest_accounts[member->id], account->id);
    reach_account(engine, account);
    record_image(engine, RECORD_ACCOUNT, account->id);
    engine->effects->subject_id = account->id;
    return OUTCOME_ACCEPTED;
}

enum outcome execute_close_account(
    struct engine *engine, const struct ledger *ledger, const struct command *command)
{
    const struct close_account *asked = &command->close_account;
    const struct account *account = NULL;
    enum outcome outcome = find_member_account(engine, ledger, asked->account_id, &account);
    if (outcome != OUTCOME_ACCEPTED)
        return outcome;
    if (has_money(account))
        return OUTCOME_ACCOUNT_NOT_EMPTY;
    if (engine->oldest_debts[account->id] != 0)
        return OUTCOME_ACCOUNT_HAS_DEBT;
    if (is_claimed(account))
        return OUTCOME_ACCOUNT_KEPT_OPEN;
    if (is_cash_account(engine, account))
        return OUTCOME_ACCOUNT_OF_PRODUCT;
    if (holds_units(engine, account))
        return OUTCOME_ACCOUNT_HOLDS_UNITS;
    /* What comes for it would go to UNALLOCATED, and from there to anybody. */
    if (account_gives_none(account))
        return OUTCOME_ACCOUNT_RESTRICTED_OUT;

    change_account(engine, account->id)->status = ACCOUNT_CLOSED;
    record_image(engine, RECORD_ACCOUNT, account->id);
    engine->effects->subject_id = account->id;
    return OUTCOME_ACCEPTED;
}
