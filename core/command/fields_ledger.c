/* fields_ledger.c: the fields of the commands of ledgers, fees and account policies.
 * SPDX-License-Identifier: Apache-2.0 */
#include "command/field_macros.h"

static const struct field open_ledger_fields[] = {
    PERSONAL(4, "platform_name", open_ledger.platform_name, TEXT_FREE, PLATFORM_NAME_BYTES_MAX,
        PERSONAL_NAME),
    PERSONAL(5, "escrow_account_number", open_ledger.escrow_account_number, TEXT_FREE,
        ACCOUNT_NUMBER_BYTES_MAX, PERSONAL_ACCOUNT_NUMBER),
    TEXT(6, "currency", open_ledger.currency, TEXT_CURRENCY, 3),
    TEXT(7, "receiving_prefix", open_ledger.receiving_prefix, TEXT_PREFIX,
        RECEIVING_PREFIX_DIGITS_MAX),
    DATE(8, "first_accounting_date", open_ledger.first_accounting_date),
    COUNT_OF(9, "key_window_dates", open_ledger.key_window_dates, KEY_WINDOW_DATES_MAX),
    OPTIONAL_ENUM(10, "policy", open_ledger.policy, ACCOUNT_POLICY_PREPAID),
};
const struct field_table open_ledger_table = TABLE(open_ledger);

static const struct field cut_day_fields[] = {
    DATE(4, "accounting_date", cut_day.accounting_date),
};
const struct field_table cut_day_table = TABLE(cut_day);

static const struct field set_terms_fields[] = {
    OWN_PARTY(4, "own_account", set_terms.own_account),
    BOOL(5, "advance_refunds", set_terms.advance_refunds),
    COUNT_OF(6, "payout_return_days", set_terms.payout_return_days, PAYOUT_RETURN_DAYS_MAX),
    COUNT_OF(7, "suspense_age_s", set_terms.suspense_age_s, SUSPENSE_AGE_S_MAX),
    BOOL(8, "one_membership_per_person", set_terms.one_membership),
    BOOL(9, "same_card", set_terms.same_card),
};
const struct field_table set_terms_table = TABLE(set_terms);

#define IN_TIER(member) (uint16_t) offsetof(struct fee_tier, member)
#define TIER_AMOUNT(number, name, member)                                                          \
    ROW(number, name, FIELD_INT64, IN_TIER(member), .max = AMOUNT_MINOR_MAX)

static const struct field fee_tier_fields[] = {
    TIER_AMOUNT(1, "from_minor", from_minor),
    TIER_AMOUNT(2, "flat_minor", flat_minor),
    ROW(3, "rate_ppm", FIELD_INT64, IN_TIER(rate_ppm), .max = PPM),
    TIER_AMOUNT(4, "minimum_minor", minimum_minor),
    TIER_AMOUNT(5, "maximum_minor", maximum_minor),
};

#define IN_SHARE(member) (uint16_t) offsetof(struct fee_share, member)

static const struct field fee_share_fields[] = {
    ROW(1, "account_id", FIELD_INT64, IN_SHARE(account_id), REQUIRED, .max = INT64_MAX),
    ROW(2, "share_ppm", FIELD_INT64, IN_SHARE(share_ppm), REQUIRED, .max = PPM),
};

static const struct list fee_tiers = {{"tier", fee_tier_fields, COUNT(fee_tier_fields)},
    sizeof(struct fee_tier), AT(set_fee_rule.tier_count)};
static const struct list fee_shares = {{"share", fee_share_fields, COUNT(fee_share_fields)},
    sizeof(struct fee_share), AT(set_fee_rule.share_count)};

static const struct field set_fee_rule_fields[] = {
    TEXT(4, "name", set_fee_rule.name, TEXT_CHANNEL, FEE_RULE_NAME_BYTES_MAX),
    DATE(5, "effective_date", set_fee_rule.effective_date),
    ENUM(6, "rounding", set_fee_rule.rounding, FEE_ROUNDING_DOWN),
    ENUM(7, "refund", set_fee_rule.refund, FEE_REFUND_ON_FULL),
    ENUM(8, "on_payout_failed", set_fee_rule.on_payout_failed, PAYOUT_FEE_KEPT),
    ENUM(9, "on_payout_returned", set_fee_rule.on_payout_returned, PAYOUT_FEE_KEPT),
    LIST(10, "tiers", set_fee_rule.tiers, FEE_TIERS_MAX, &fee_tiers),
    OPTIONAL_LIST(11, "shares", set_fee_rule.shares, FEE_SHARES_MAX, &fee_shares),
};
const struct field_table set_fee_rule_table = TABLE(set_fee_rule);

static const struct field open_fee_account_fields[] = {
    TEXT(4, "purpose", open_fee_account.purpose, TEXT_FACT, REMARK_CHARACTERS_MAX),
};
const struct field_table open_fee_account_table = TABLE(open_fee_account);

static const struct field collect_fees_fields[] = {
    OPTIONAL_ID(4, "account_id", collect_fees.account_id),
    AMOUNT(5, "amount_minor", collect_fees.amount_minor),
    TEXT(6, "fee_rule", collect_fees.fee_rule, TEXT_CHANNEL, FEE_RULE_NAME_BYTES_MAX),
    REMARK(7, collect_fees.remark),
};
const struct field_table collect_fees_table = TABLE(collect_fees);

#define IN_LEVEL(member) (uint16_t) offsetof(struct account_level_asked, member)
#define LEVEL_LIMIT(number, name)                                                                  \
    ROW(number, #name, FIELD_INT64, IN_LEVEL(name), .max = AMOUNT_MINOR_MAX)

static const struct field account_level_fields[] = {
    ROW(1, "level", FIELD_INT32, IN_LEVEL(level), .max = MEMBER_LEVELS - 1),
    ROW(2, "may_receive", FIELD_BOOL, IN_LEVEL(may_receive), .max = 1),
    ROW(3, "may_pay", FIELD_BOOL, IN_LEVEL(may_pay), .max = 1),
    ROW(4, "may_withdraw", FIELD_BOOL, IN_LEVEL(may_withdraw), .max = 1),
    LEVEL_LIMIT(5, operation_in_minor),
    LEVEL_LIMIT(6, operation_out_minor),
    LEVEL_LIMIT(7, date_in_minor),
    LEVEL_LIMIT(8, date_out_minor),
    LEVEL_LIMIT(9, year_in_minor),
    LEVEL_LIMIT(10, year_out_minor),
    LEVEL_LIMIT(11, balance_minor),
};

static const struct list merchant_levels = {
    {"account_policy_level", account_level_fields, COUNT(account_level_fields)},
    sizeof(struct account_level_asked), AT(set_account_policy.merchant_count)};
static const struct list user_levels = {
    {"account_policy_level", account_level_fields, COUNT(account_level_fields)},
    sizeof(struct account_level_asked), AT(set_account_policy.user_count)};

static const struct field set_account_policy_fields[] = {
    ENUM(4, "preset", set_account_policy.preset, ACCOUNT_POLICY_CUSTOM),
    OPTIONAL_LIST(5, "merchants", set_account_policy.merchants, MEMBER_LEVELS, &merchant_levels),
    OPTIONAL_LIST(6, "users", set_account_policy.users, MEMBER_LEVELS, &user_levels),
};
const struct field_table set_account_policy_table = TABLE(set_account_policy);

static_assert(TERM_OWN_ACCOUNT == 7 && TERM_ADVANCE_REFUNDS == 8 && TERM_PAYOUT_RETURN_DAYS == 16 &&
                  TERM_SUSPENSE_AGE == 32 && TERM_ONE_MEMBERSHIP == 64 && TERM_SAME_CARD == 128 &&
                  COUNT(set_terms_fields) == 8,
    "a bit for each row of set_terms_fields");

static_assert(FEE_TIERS_MAX * sizeof(struct fee_tier) + FEE_SHARES_MAX * sizeof(struct fee_share) <=
                  COMMAND_ELEMENTS_BYTES_MAX,
    "a decoded body has room for its elements");
