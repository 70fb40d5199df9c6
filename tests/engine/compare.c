/* compare.c: see compare.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "compare.h"

#include "model/date.h"
#include "support/expect.h"
#include "support/records.h"

#include <inttypes.h>
#include <string.h>

/* ---- engine and naive model ---- */

/* Each owner's, whatever their order. */
static void expect_same_restrictions(
    const struct engine *engine, const struct naive_model *model, int id)
{
    struct restriction found[RESTRICTIONS_PER_ACCOUNT_MAX];
    uint32_t count = engine_restrictions(engine, id, found);
    uint32_t expected = 0;
    for (int i = 0; i < RESTRICTIONS_PER_ACCOUNT_MAX; i++) {
        const struct naive_restriction *b = &model->accounts[id].restrictions[i];
        if (!b->no_in && !b->no_out)
            continue;
        expected++;
        uint32_t k = 0;
        while (k < count &&
               (found[k].caller_id != b->caller || found[k].placed_sequence != b->placed ||
                   !text_equals(
                       (struct text){found[k].owner, found[k].owner_length}, text_of(b->owner))))
            k++;
        EXPECT_MSG(k < count, "account %d: %s does not restrict it", id, b->owner);
        EXPECT_MSG(found[k].no_in == b->no_in && found[k].no_out == b->no_out,
            "account %d: flags of %s", id, b->owner);
        EXPECT_MSG(found[k].placed_sequence == b->placed && found[k].changed_sequence == b->changed,
            "account %d: since when %s restricts it", id, b->owner);
    }
    EXPECT_MSG(count == expected, "account %d: owners of restrictions", id);
}

static void expect_same_account(
    const struct engine *engine, const struct naive_model *model, int id)
{
    const struct account *a = engine_find_account(engine, id);
    const struct naive_account *b = &model->accounts[id];
    EXPECT_MSG(a && a->id == id, "account %d is missing", id);
    for (int bucket = 0; bucket < BUCKET_COUNT; bucket++)
        EXPECT_MSG(a->balance_minor[bucket] == b->balance[bucket],
            "account %d bucket %d: engine %" PRId64 ", model %" PRId64, id, bucket,
            a->balance_minor[bucket], b->balance[bucket]);
    EXPECT_MSG(a->ledger_id == b->ledger, "account %d: ledger", id);
    EXPECT_MSG(a->member_id == b->member, "account %d: member", id);
    EXPECT_MSG(a->kind == b->kind, "account %d: kind", id);
    EXPECT_MSG((a->status == ACCOUNT_CLOSED) == b->closed, "account %d: status", id);
    EXPECT_MSG(a->no_in == b->no_in, "account %d: no_in", id);
    EXPECT_MSG(a->no_out == b->no_out, "account %d: no_out", id);
    EXPECT_MSG(a->next_date == b->next_date, "account %d: next_date", id);
    EXPECT_MSG(a->next_date_minor == b->next_date_minor,
        "account %d: for the next date: engine %" PRId64 ", model %" PRId64, id, a->next_date_minor,
        b->next_date_minor);
    expect_same_restrictions(engine, model, id);
}

void expect_same_ledger_books(
    const struct engine *engine, const struct naive_model *model, int ledger)
{
    struct ledger_sums sums = {.escrow_minor = 0};
    for (int id = 1; id <= model->account_count; id++) {
        const struct naive_account *account = &model->accounts[id];
        if (account->ledger != ledger)
            continue;
        expect_same_account(engine, model, id);
        if (account->kind == ACCOUNT_ISSUER || account->kind == ACCOUNT_POSITION)
            continue;
        if (account->kind == ACCOUNT_ESCROW) {
            sums.escrow_minor = account->balance[BUCKET_AVAILABLE];
            continue;
        }
        for (int bucket = 0; bucket < BUCKET_COUNT; bucket++) {
            if (account->kind == ACCOUNT_ACQUIRER && bucket == BUCKET_PENDING_IN)
                sums.receivables_minor -= account->balance[bucket];
            else
                sums.total_minor[bucket] += account->balance[bucket];
        }
        if (account->kind == ACCOUNT_FEE && account->balance[BUCKET_AVAILABLE] < 0)
            sums.missing_fees_minor -= account->balance[BUCKET_AVAILABLE];
    }
    sums.suspense_minor = naive_open_items(model, ledger);
    sums.open_lump_count = naive_open_lumps(model, ledger);
    const struct ledger_sums *kept = engine_ledger_sums(engine, ledger);
    EXPECT_MSG(memcmp(&sums, kept, sizeof sums) == 0, "ledger %d: kept sums", ledger);
    const char *broken = naive_broken_invariant(model, ledger);
    EXPECT_MSG(broken == NULL, "ledger %d: %s", ledger, broken);
}

static bool is_text(const char *bytes, uint32_t length, const char *text)
{
    return strlen(text) == length && memcmp(bytes, text, length) == 0;
}

static void expect_same_ledger(const struct engine *engine, const struct naive_model *model, int id)
{
    const struct ledger *a = engine_find_ledger(engine, id);
    const struct naive_ledger *b = &model->ledgers[id];
    EXPECT_MSG(a && a->id == id, "ledger %d is missing", id);
    EXPECT_MSG((a->status == LEDGER_CLOSED) == b->closed, "ledger %d: status", id);
    EXPECT_MSG(a->key_window_dates == b->window, "ledger %d: window", id);
    int dates = b->date_count < b->window ? b->date_count : b->window;
    EXPECT_MSG(a->accounting_date_count == dates, "ledger %d: count of dates", id);
    for (int i = 0; i < dates; i++)
        EXPECT_MSG(a->accounting_dates[i] == b->dates[b->date_count - 1 - i],
            "ledger %d: accounting date %d back", id, i);
    EXPECT_MSG(a->first_control_account_id == b->first_account, "ledger %d: control accounts", id);
    EXPECT_MSG(strcmp(a->currency, b->currency) == 0, "ledger %d: currency", id);
    EXPECT_MSG(is_text(a->receiving_prefix, a->receiving_prefix_length, b->receiving_prefix),
        "ledger %d: prefix", id);
    EXPECT_MSG(is_text(a->platform_name, a->platform_name_length, b->platform_name),
        "ledger %d: platform name", id);
    EXPECT_MSG(is_text(a->escrow_account_number, a->escrow_account_number_length,
                   b->escrow_account_number),
        "ledger %d: escrow account number", id);
    EXPECT_MSG(is_text(a->own_account_name, a->own_account_name_length, b->own.name),
        "ledger %d: name of the own account", id);
    EXPECT_MSG(is_text(a->own_account_number, a->own_account_number_length, b->own.account_number),
        "ledger %d: number of the own account", id);
    EXPECT_MSG(is_text(a->own_bank_code, a->own_bank_code_length, b->own.bank_code),
        "ledger %d: bank of the own account", id);
    EXPECT_MSG(a->advance_refunds == b->advances, "ledger %d: advances", id);
    EXPECT_MSG(a->payout_return_days == b->return_days, "ledger %d: days of a return", id);
    EXPECT_MSG(a->open_member_count == naive_open_members(model, id), "ledger %d: members", id);
    EXPECT_MSG(a->open_payout_count == naive_open_payouts(model, id), "ledger %d: payouts", id);
}

static void expect_same_member(const struct engine *engine, const struct naive_model *model, int id)
{
    const struct member *a = engine_find_member(engine, id);
    const struct naive_member *b = &model->members[id];
    EXPECT_MSG(a && a->id == id, "member %d is missing", id);
    EXPECT_MSG(a->ledger_id == b->ledger, "member %d: ledger", id);
    EXPECT_MSG(a->kind == b->kind, "member %d: kind", id);
    EXPECT_MSG((a->status == MEMBER_CLOSED) == b->closed, "member %d: status", id);
    EXPECT_MSG(is_text(a->platform_member_id, a->platform_member_id_length, b->platform_id),
        "member %d: platform id", id);
    EXPECT_MSG(engine_find_member_by_platform_id(engine, b->ledger, text_of(b->platform_id)) == a,
        "member %d is not found by the platform's id", id);
    /* The chain of its accounts, newest first. */
    int64_t next = engine_newest_account(engine, id);
    for (int account = model->account_count; account > 0; account--) {
        if (model->accounts[account].member != id)
            continue;
        EXPECT_MSG(next == account, "member %d: chain of accounts at %d", id, account);
        next = engine_older_account(engine, next);
    }
    EXPECT_MSG(next == 0, "member %d: end of the chain of accounts", id);
}

static void expect_sound(const struct engine *engine)
{
    char error[256] = "";
    int result = engine_check(engine, error, sizeof error);
    EXPECT_MSG(result == 0, "engine_check: %s", error);
}

void expect_same_state(const struct engine *engine, const struct naive_model *model)
{
    EXPECT(engine_last_ledger_id(engine) == model->ledger_count);
    EXPECT(engine_find_ledger(engine, model->ledger_count + 1) == NULL);
    EXPECT(engine_find_member(engine, model->member_count + 1) == NULL);
    EXPECT(engine_find_account(engine, model->account_count + 1) == NULL);
    int32_t oldest = DATE_DAYS_MAX;
    for (int id = 1; id <= model->ledger_count; id++) {
        expect_same_ledger(engine, model, id);
        expect_same_ledger_books(engine, model, id);
        expect_pending_is_payouts(engine, model, id);
        expect_frozen_is_holds_and_freezes(engine, model, id);
        const struct naive_ledger *ledger = &model->ledgers[id];
        int first = ledger->date_count - ledger->window;
        int32_t date = ledger->dates[first > 0 ? first : 0];
        if (!ledger->closed && date < oldest)
            oldest = date;
    }
    EXPECT(engine_oldest_business_date(engine) == oldest);
    for (int id = 1; id <= model->member_count; id++)
        expect_same_member(engine, model, id);
    expect_same_payments(engine, model);
    expect_same_cards(engine, model);
    expect_same_policies(engine, model);
    expect_same_card_flows(engine, model);
    expect_same_screening(engine, model);
    expect_same_claims(engine, model);
    expect_same_products(engine, model);
    expect_sound(engine);
}

/* ---- two engines ---- */

static void expect_same_records(
    const struct engine *a, const struct engine *b, enum record_kind kind)
{
    const struct record_table *table = &record_tables[kind];
    for (int64_t id = 1;; id++) {
        const void *one = engine_find_record(a, kind, id);
        const void *two = engine_find_record(b, kind, id);
        EXPECT_MSG(!one == !two, "%s %" PRId64 " is in one only", table->name, id);
        if (!one)
            break;
        const char *difference = records_difference(table, one, two);
        EXPECT_MSG(difference == NULL, "%s %" PRId64 ": %s", table->name, id, difference);
    }
}

/* What counts now: what was counted before a date or year began is not counted again at a start. */
static void expect_same_usages(const struct engine *a, const struct engine *b)
{
    for (int64_t id = 1;; id++) {
        const struct usage *one = engine_find_record(a, RECORD_USAGE, id);
        const struct usage *two = engine_find_record(b, RECORD_USAGE, id);
        EXPECT_MSG(!one == !two, "usage %" PRId64 " is in one only", id);
        if (!one)
            break;
        EXPECT_MSG(one->member_id == two->member_id, "usage %" PRId64, id);
        enum identity_level level;
        struct account_level rules;
        struct usage used[2] = {{0}, {0}};
        bool is_set = engine_member_allowance(a, 0, one->member_id, &level, &rules, &used[0]);
        EXPECT(engine_member_allowance(b, 0, one->member_id, &level, &rules, &used[1]) == is_set);
        EXPECT_MSG(memcmp(&used[0], &used[1], sizeof used[0]) == 0, "what member %" PRId64 " used",
            one->member_id);
    }
}

/* Fields that are no column. */
static void expect_same_derived(const struct engine *a, const struct engine *b)
{
    for (int64_t id = 1; engine_find_ledger(a, id); id++) {
        const struct ledger *one = engine_find_ledger(a, id);
        const struct ledger *two = engine_find_ledger(b, id);
        EXPECT_MSG(one->open_member_count == two->open_member_count, "ledger %" PRId64, id);
        EXPECT_MSG(one->open_payout_count == two->open_payout_count, "ledger %" PRId64, id);
    }
    for (int64_t id = 1; engine_find_member(a, id); id++) {
        EXPECT_MSG(
            engine_newest_account(a, id) == engine_newest_account(b, id), "member %" PRId64, id);
        EXPECT_MSG(chain_newest_card(a, id) == chain_newest_card(b, id), "cards of %" PRId64, id);
    }
    for (int64_t id = 1; engine_find_record(a, RECORD_CARD, id); id++)
        EXPECT_MSG(chain_older_card(a, id) == chain_older_card(b, id), "cards at %" PRId64, id);
    for (int64_t id = 1; id <= engine_last_id(a, RECORD_IDENTITY); id++) {
        EXPECT_MSG(engine_newest_identity(a, id) == engine_newest_identity(b, id) &&
                       engine_older_identity(a, id) == engine_older_identity(b, id),
            "identities of the person %" PRId64, id);
    }
    for (int64_t id = 1; engine_find_account(a, id); id++) {
        EXPECT_MSG(
            engine_older_account(a, id) == engine_older_account(b, id), "account %" PRId64, id);
        EXPECT_MSG(
            chain_newest_freeze(a, id) == chain_newest_freeze(b, id), "freezes of %" PRId64, id);
        EXPECT_MSG(chain_oldest_debt(a, id) == chain_oldest_debt(b, id), "debts of %" PRId64, id);
        EXPECT_MSG(engine_owed_minor(a, engine_find_account(a, id)) ==
                       engine_owed_minor(b, engine_find_account(b, id)),
            "owed by %" PRId64, id);
    }
    for (int64_t id = 1; engine_find_freeze(a, id); id++) {
        EXPECT_MSG(chain_older_freeze(a, id) == chain_older_freeze(b, id) &&
                       chain_younger_freeze(a, id) == chain_younger_freeze(b, id),
            "chain of freezes at %" PRId64, id);
    }
    for (int64_t id = 1; engine_find_debt(a, id); id++)
        EXPECT_MSG(chain_younger_debt(a, id) == chain_younger_debt(b, id),
            "chain of debts at %" PRId64, id);
}

void expect_same_engines(const struct engine *a, const struct engine *b)
{
    for (int kind = 1; kind <= RECORD_KINDS; kind++)
        kind == RECORD_USAGE ? expect_same_usages(a, b)
                             : expect_same_records(a, b, (enum record_kind)kind);
    expect_same_derived(a, b);
    for (int64_t id = 1; id <= engine_last_ledger_id(a); id++) {
        const struct ledger_sums *one = engine_ledger_sums(a, id);
        const struct ledger_sums *two = engine_ledger_sums(b, id);
        EXPECT_MSG(memcmp(one, two, sizeof *one) == 0, "sums of ledger %" PRId64, id);
    }
    EXPECT(engine_oldest_business_date(a) == engine_oldest_business_date(b));
    expect_sound(b);
}
