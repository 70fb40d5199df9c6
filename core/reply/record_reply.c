/* record_reply.c: answers to reads of ledgers, members and accounts, and the proof of a ledger.
 *
 * Long lists are packed element by element and their rest behind them, see pack.c.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/check.h"
#include "base/text.h"
#include "model/date.h"
#include "model/withdrawable.h"
#include "reply/control_accounts.h"
#include "reply/pack.h"
#include "reply/record_message.h"
#include "reply/reply.h"
#include "vsl/v1/account.pb-c.h"
#include "vsl/v1/account_policy.pb-c.h"
#include "vsl/v1/ledger.pb-c.h"
#include "vsl/v1/member.pb-c.h"

#include <assert.h>

/* Numbers of enums are the same in the protos as inside, so that they pass through as they are;
 * buckets are one more, because a proto's zero means "not given". */
#define SAME(proto, own) static_assert((int)VSL__V1__##proto == (int)(own), #own)
SAME(BUCKET__BUCKET_AVAILABLE, BUCKET_AVAILABLE + 1);
SAME(BUCKET__BUCKET_PENDING_IN, BUCKET_PENDING_IN + 1);
SAME(BUCKET__BUCKET_PENDING_OUT, BUCKET_PENDING_OUT + 1);
SAME(BUCKET__BUCKET_FROZEN, BUCKET_FROZEN + 1);
SAME(ACCOUNT_POLICY_PRESET__ACCOUNT_POLICY_PRESET_UNCHECKED, ACCOUNT_POLICY_UNCHECKED);
SAME(ACCOUNT_POLICY_PRESET__ACCOUNT_POLICY_PRESET_STRICT, ACCOUNT_POLICY_STRICT);
SAME(ACCOUNT_POLICY_PRESET__ACCOUNT_POLICY_PRESET_CLASS_II, ACCOUNT_POLICY_CLASS_II);
SAME(ACCOUNT_POLICY_PRESET__ACCOUNT_POLICY_PRESET_CLASS_III, ACCOUNT_POLICY_CLASS_III);
SAME(ACCOUNT_POLICY_PRESET__ACCOUNT_POLICY_PRESET_PREPAID, ACCOUNT_POLICY_PREPAID);
SAME(ACCOUNT_POLICY_PRESET__ACCOUNT_POLICY_PRESET_CUSTOM, ACCOUNT_POLICY_CUSTOM);
SAME(LEDGER_STATUS__LEDGER_STATUS_OPEN, LEDGER_OPEN);
SAME(LEDGER_STATUS__LEDGER_STATUS_CLOSED, LEDGER_CLOSED);
#undef SAME

/* Numbers of the repeated fields that are packed by hand; tests read them with the real messages.
 */
#define LEDGERS_FIELD 1
#define ACCOUNTS_FIELD 1

static_assert(ACCOUNT_ENFORCEMENT - ACCOUNT_ESCROW + 1 == CONTROL_ACCOUNTS_PER_LEDGER,
    "control accounts are the kinds from ESCROW to ENFORCEMENT");

void fill_control_accounts(Vsl__V1__ControlAccounts *accounts, int64_t first_id)
{
    CHECK(first_id > 0);
    vsl__v1__control_accounts__init(accounts);
    accounts->escrow_account_id = first_id;
    accounts->unallocated_account_id = first_id + (ACCOUNT_UNALLOCATED - ACCOUNT_ESCROW);
    accounts->fee_account_id = first_id + (ACCOUNT_FEE - ACCOUNT_ESCROW);
    accounts->platform_own_account_id = first_id + (ACCOUNT_PLATFORM_OWN - ACCOUNT_ESCROW);
    accounts->interest_account_id = first_id + (ACCOUNT_INTEREST - ACCOUNT_ESCROW);
    accounts->enforcement_account_id = first_id + (ACCOUNT_ENFORCEMENT - ACCOUNT_ESCROW);
}

/* ---- ledgers ---- */

/* A ledger's message with what it points to. */
struct ledger_message {
    Vsl__V1__Ledger message;
    Vsl__V1__ControlAccounts control_accounts;
    Vsl__V1__Terms terms;
    Vsl__V1__Party own_account;
    char own_account_name[SEALED_NAME_BYTES_MAX + 1];
    char own_account_number[SEALED_NUMBER_BYTES_MAX + 1];
    char own_bank_code[BANK_CODE_BYTES_MAX + 1];
    char platform_name[SEALED_NAME_BYTES_MAX + 1];
    char escrow_account_number[SEALED_NUMBER_BYTES_MAX + 1];
    char receiving_prefix[RECEIVING_PREFIX_DIGITS_MAX + 1];
    char currency[sizeof(((struct ledger *)NULL)->currency)];
};

static void fill_terms(struct ledger_message *m, const struct ledger *ledger)
{
    vsl__v1__terms__init(&m->terms);
    m->terms.advance_refunds = ledger->advance_refunds;
    m->terms.payout_return_days = ledger->payout_return_days;
    if (ledger->own_account_number_length == 0)
        return;
    vsl__v1__party__init(&m->own_account);
    m->own_account.name = copy_text(ledger->own_account_name, ledger->own_account_name_length,
        m->own_account_name, sizeof m->own_account_name);
    m->own_account.account_number = copy_text(ledger->own_account_number,
        ledger->own_account_number_length, m->own_account_number, sizeof m->own_account_number);
    m->own_account.bank_code = copy_text(ledger->own_bank_code, ledger->own_bank_code_length,
        m->own_bank_code, sizeof m->own_bank_code);
    m->terms.own_account = &m->own_account;
}

static void fill_ledger(struct ledger_message *m, const struct shown_ledger *shown)
{
    const struct ledger *ledger = &shown->ledger;
    CHECK(ledger->id > 0);
    CHECK(ledger->accounting_date_count >= 1);
    CHECK(ledger->accounting_date_count <= KEY_WINDOW_DATES_MAX);
    Vsl__V1__Ledger *message = &m->message;
    vsl__v1__ledger__init(message);
    fill_control_accounts(&m->control_accounts, ledger->first_control_account_id);
    message->ledger_id = ledger->id;
    message->platform_name = copy_text(ledger->platform_name, ledger->platform_name_length,
        m->platform_name, sizeof m->platform_name);
    message->escrow_account_number =
        copy_text(ledger->escrow_account_number, ledger->escrow_account_number_length,
            m->escrow_account_number, sizeof m->escrow_account_number);
    message->receiving_prefix = copy_text(ledger->receiving_prefix, ledger->receiving_prefix_length,
        m->receiving_prefix, sizeof m->receiving_prefix);
    memcpy(m->currency, ledger->currency, sizeof m->currency);
    CHECK(m->currency[sizeof m->currency - 1] == '\0');
    message->currency = m->currency;
    int32_t oldest = ledger->accounting_dates[ledger->accounting_date_count - 1];
    message->accounting_date = date_to_yyyymmdd(ledger->accounting_dates[0]);
    message->oldest_business_date = date_to_yyyymmdd(oldest);
    message->key_window_dates = ledger->key_window_dates;
    message->status = (Vsl__V1__LedgerStatus)ledger->status;
    message->control_accounts = &m->control_accounts;
    message->open_member_count = ledger->open_member_count;
    message->open_payout_count = ledger->open_payout_count;
    message->changed_sequence = ledger->changed_sequence;
    message->suspense_overdue_since_us = shown->overdue_since_us;
    message->suspense_overdue_id = shown->overdue_id;
    message->suspense_oldest_id = shown->oldest_id;
    message->suspense_oldest_at_us = shown->oldest_at_us;
    fill_terms(m, ledger);
    m->terms.suspense_age_s = shown->suspense_age_s;
    m->terms.one_membership_per_person = shown->one_membership;
    m->terms.same_card = shown->same_card;
    message->terms = &m->terms;
}

void reply_ledger(struct buffer *out, const struct shown_ledger *shown, int64_t as_of)
{
    struct ledger_message m;
    fill_ledger(&m, shown);
    Vsl__V1__GetLedgerResponse response = VSL__V1__GET_LEDGER_RESPONSE__INIT;
    response.ledger = &m.message;
    response.as_of_sequence = as_of;
    pack_message(out, &response.base);
}

void reply_ledgers(struct buffer *out, const struct shown_ledger *shown, uint32_t count,
    const struct next_page *next, int64_t as_of)
{
    for (uint32_t i = 0; i < count; i++) {
        struct ledger_message m;
        fill_ledger(&m, &shown[i]);
        pack_element(out, LEDGERS_FIELD, &m.message.base);
    }
    Vsl__V1__ListLedgersResponse rest;
    vsl__v1__list_ledgers_response__init(&rest);
    rest.more = next->token[0] != '\0';
    rest.next_after_ledger_id = next->after_id;
    rest.next_page_token = pack_string(next->token);
    rest.as_of_sequence = as_of;
    pack_message(out, &rest.base);
}

/* ---- members ---- */

static void fill_level(
    Vsl__V1__AccountPolicyLevel *message, int level, const struct account_level *rules)
{
    vsl__v1__account_policy_level__init(message);
    message->level = level;
    message->may_receive = (rules->may & MAY_RECEIVE) != 0;
    message->may_pay = (rules->may & MAY_PAY) != 0;
    message->may_withdraw = (rules->may & MAY_WITHDRAW) != 0;
    message->operation_in_minor = rules->operation_in_minor;
    message->operation_out_minor = rules->operation_out_minor;
    message->date_in_minor = rules->date_in_minor;
    message->date_out_minor = rules->date_out_minor;
    message->year_in_minor = rules->year_in_minor;
    message->year_out_minor = rules->year_out_minor;
    message->balance_minor = rules->balance_minor;
}

void reply_account_policy(struct buffer *out, const struct account_policy *policy, int64_t as_of)
{
    Vsl__V1__AccountPolicyLevel levels[ACCOUNT_LEVELS_MAX];
    Vsl__V1__AccountPolicyLevel *pointers[ACCOUNT_LEVELS_MAX];
    Vsl__V1__GetAccountPolicyResponse response;
    vsl__v1__get_account_policy_response__init(&response);
    for (int i = 0; policy && i < policy->level_count; i++) {
        fill_level(&levels[i], i % MEMBER_LEVELS, &policy->levels[i]);
        pointers[i] = &levels[i];
    }
    response.preset = VSL__V1__ACCOUNT_POLICY_PRESET__ACCOUNT_POLICY_PRESET_UNCHECKED;
    if (policy) {
        response.preset = (Vsl__V1__AccountPolicyPreset)policy->preset;
        response.changed_sequence = policy->changed_sequence;
        response.n_merchants = policy->level_count / 2;
        response.n_users = policy->level_count / 2;
    }
    response.merchants = pointers + ACCOUNT_LEVEL_INDEX(MEMBER_MERCHANT, 0);
    response.users = pointers + ACCOUNT_LEVEL_INDEX(MEMBER_USER, 0);
    response.as_of_sequence = as_of;
    pack_message(out, &response.base);
}

void reply_member(struct buffer *out, const struct member *member, const int64_t *account_ids,
    uint32_t account_count, const struct shown_identity *shown,
    const struct member_allowance *allowance, int64_t as_of)
{
    struct member_message m;
    struct identity_message identity;
    fill_member(&m, member);
    Vsl__V1__Member *message = &m.message;
    message->n_account_ids = account_count;
    /* Declared as writable, never written to. */
    message->account_ids = (int64_t *)(uintptr_t)account_ids;
    if (shown->identity) {
        fill_identity(&identity, shown);
        message->identity = &identity.message;
    }
    Vsl__V1__GetMemberResponse response = VSL__V1__GET_MEMBER_RESPONSE__INIT;
    response.member = message;
    Vsl__V1__AccountPolicyLevel policy;
    Vsl__V1__MemberAllowance used = VSL__V1__MEMBER_ALLOWANCE__INIT;
    if (allowance->is_set) {
        fill_level(&policy, (int)allowance->level - 1, &allowance->rules);
        used.policy = &policy;
        used.date_in_used_minor = allowance->used.date_in_minor;
        used.date_out_used_minor = allowance->used.date_out_minor;
        used.year_in_used_minor = allowance->used.year_in_minor;
        used.year_out_used_minor = allowance->used.year_out_minor;
        response.allowance = &used;
    }
    response.as_of_sequence = as_of;
    pack_message(out, &response.base);
}

/* ---- accounts ---- */

/* An account's restrictions with what they point to. */
struct restrictions_message {
    Vsl__V1__AccountRestriction messages[RESTRICTIONS_PER_ACCOUNT_MAX];
    Vsl__V1__AccountRestriction *pointers[RESTRICTIONS_PER_ACCOUNT_MAX];
    char owners[RESTRICTIONS_PER_ACCOUNT_MAX][CHANNEL_BYTES_MAX + 1];
};

static void fill_restrictions(
    struct restrictions_message *m, const struct restriction *restrictions, uint32_t count)
{
    CHECK(count <= RESTRICTIONS_PER_ACCOUNT_MAX);
    for (uint32_t i = 0; i < count; i++) {
        Vsl__V1__AccountRestriction *message = &m->messages[i];
        vsl__v1__account_restriction__init(message);
        message->owner = copy_text(
            restrictions[i].owner, restrictions[i].owner_length, m->owners[i], sizeof m->owners[i]);
        message->no_in = restrictions[i].no_in;
        message->no_out = restrictions[i].no_out;
        message->placed_sequence = restrictions[i].placed_sequence;
        message->changed_sequence = restrictions[i].changed_sequence;
        m->pointers[i] = message;
    }
}

/* What an account holds of products with what it points to. */
struct assets_message {
    Vsl__V1__AssetBalance message;
    Vsl__V1__Position positions[ASSETS_SHOWN_MAX];
    Vsl__V1__Position *pointers[ASSETS_SHOWN_MAX];
};

static void fill_assets(struct assets_message *m, const struct assets *assets)
{
    CHECK(assets->shown_count <= ASSETS_SHOWN_MAX);
    vsl__v1__asset_balance__init(&m->message);
    m->message.value_minor = assets->value_minor;
    m->message.position_count = (int32_t)assets->position_count;
    m->message.unpriced_count = (int32_t)assets->unpriced_count;
    m->message.partial = assets->is_partial;
    for (uint32_t i = 0; i < assets->shown_count; i++) {
        fill_position(&m->positions[i], &assets->shown[i]);
        m->pointers[i] = &m->positions[i];
    }
    m->message.n_positions = assets->shown_count;
    m->message.positions = m->pointers;
}

void reply_account(struct buffer *out, const struct account *account, const struct ledger *ledger,
    const struct restriction *restrictions, uint32_t restriction_count, const struct assets *assets,
    int64_t as_of)
{
    struct restrictions_message owned;
    struct assets_message held;
    struct account_message m;
    fill_restrictions(&owned, restrictions, restriction_count);
    fill_account(&m, account, ledger);
    m.message.n_restrictions = restriction_count;
    m.message.restrictions = owned.pointers;
    if (account->kind == ACCOUNT_MEMBER) {
        fill_assets(&held, assets);
        m.message.assets = &held.message;
    }
    Vsl__V1__GetAccountResponse response = VSL__V1__GET_ACCOUNT_RESPONSE__INIT;
    response.account = &m.message;
    response.as_of_sequence = as_of;
    pack_message(out, &response.base);
}

void reply_balances(struct buffer *out, const struct account *const *accounts, uint32_t count,
    int32_t accounting_date, int64_t as_of)
{
    Vsl__V1__Balances balances;
    Vsl__V1__AccountBalances element = VSL__V1__ACCOUNT_BALANCES__INIT;
    element.balances = &balances;
    for (uint32_t i = 0; i < count; i++) {
        CHECK(accounts[i]->id > 0);
        fill_balances(&balances, accounts[i], accounting_date);
        element.account_id = accounts[i]->id;
        pack_element(out, ACCOUNTS_FIELD, &element.base);
    }
    Vsl__V1__GetBalancesResponse rest = VSL__V1__GET_BALANCES_RESPONSE__INIT;
    rest.as_of_sequence = as_of;
    pack_message(out, &rest.base);
}

/* ---- the proof ---- */

void reply_tie_out(struct buffer *out, const struct tie_out *tie_out, int64_t as_of)
{
    CHECK(tie_out->ledger_id > 0);
    Vsl__V1__GetTieOutResponse response = VSL__V1__GET_TIE_OUT_RESPONSE__INIT;
    response.ledger_id = tie_out->ledger_id;
    response.escrow_book_minor = tie_out->escrow_book_minor;
    response.available_minor = tie_out->available_minor;
    response.frozen_minor = tie_out->frozen_minor;
    response.pending_out_minor = tie_out->pending_out_minor;
    response.pending_in_minor = tie_out->pending_in_minor;
    response.channel_receivables_minor = tie_out->channel_receivables_minor;
    response.as_of_sequence = as_of;
    /* In 128 bits, so that sums which are wrong for whatever reason still give a right difference;
     * one that does not fit is shown as the largest. */
    __extension__ typedef __int128 wide;
    wide difference = (wide)tie_out->escrow_book_minor - tie_out->available_minor -
                      tie_out->frozen_minor - tie_out->pending_out_minor;
    if (difference > INT64_MAX)
        difference = INT64_MAX;
    if (difference < INT64_MIN)
        difference = INT64_MIN;
    response.difference_minor = (int64_t)difference;
    response.balanced =
        difference == 0 && tie_out->pending_in_minor == tie_out->channel_receivables_minor;
    pack_message(out, &response.base);
}
