/* read.c: requests that read state or history, from bytes to struct read_request.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/buffer.h"
#include "base/check.h"
#include "base/hash.h"
#include "ceilings.h"
#include "command/checks.h"
#include "command/decode.h"
#include "command/rawcheck.h"
#include "command/read_rules.h"
#include "command/unpack.h"
#include "model/document.h"
#include "model/money.h"
#include "model/records.h"
#include "vsl/v1/account.pb-c.h"
#include "vsl/v1/acquirer.pb-c.h"
#include "vsl/v1/bank_statement.pb-c.h"
#include "vsl/v1/caller.pb-c.h"
#include "vsl/v1/card.pb-c.h"
#include "vsl/v1/claim.pb-c.h"
#include "vsl/v1/correction.pb-c.h"
#include "vsl/v1/event.pb-c.h"
#include "vsl/v1/fee.pb-c.h"
#include "vsl/v1/freeze.pb-c.h"
#include "vsl/v1/funds.pb-c.h"
#include "vsl/v1/hold.pb-c.h"
#include "vsl/v1/journal.pb-c.h"
#include "vsl/v1/ledger.pb-c.h"
#include "vsl/v1/lump.pb-c.h"
#include "vsl/v1/mandate.pb-c.h"
#include "vsl/v1/member.pb-c.h"
#include "vsl/v1/order.pb-c.h"
#include "vsl/v1/payout.pb-c.h"
#include "vsl/v1/product.pb-c.h"
#include "vsl/v1/proof.pb-c.h"
#include "vsl/v1/proposal.pb-c.h"
#include "vsl/v1/screening.pb-c.h"
#include "vsl/v1/suspense.pb-c.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/* ---- the fields of each request ---- */

#define AT(member) (uint16_t) offsetof(struct read_request, member)
#define NUMBER(number, name, type, member, required, max)                                          \
    {                                                                                              \
        name, number, type, TEXT_FREE, required, AT(member), 1, max, NULL, USE_NONE, 0, 0          \
    }
#define ID(number, name, member) NUMBER(number, name, FIELD_INT64, member, true, INT64_MAX)
#define OPTIONAL_ID(number, name, member)                                                          \
    NUMBER(number, name, FIELD_INT64, member, false, INT64_MAX)
#define TEXT(number, name, member, rule, required, bytes_max)                                      \
    {                                                                                              \
        name, number, FIELD_TEXT, rule, required, AT(member), 1, bytes_max, NULL, USE_NONE, 0, 0   \
    }
#define NAME(number, name, member, required, bytes_max)                                            \
    TEXT(number, name, member, TEXT_CHANNEL, required, bytes_max)

#define LEDGER_ID ID(1, "ledger_id", ledger_id)
/* What every page is asked for with: its size at `number`, its token at `token_number`. */
#define PAGE_AT(number, token_number)                                                              \
    NUMBER(number, "page_size", FIELD_INT32, page_size, false, INT32_MAX),                         \
        TEXT(token_number, "page_token", page_token, TEXT_VISIBLE_ASCII, false, PAGE_TOKEN_CHARS)
/* Of a ledger's records. */
#define PAGE LEDGER_ID, PAGE_AT(2, 3)
/* The same of a list that was released with after_id. */
#define OLD_PAGE(token_number)                                                                     \
    LEDGER_ID, OPTIONAL_ID(2, "after_id", after_id), PAGE_AT(3, token_number)
/* A filter: 0 is every status. */
#define STATUS(number, last) NUMBER(number, "status", FIELD_ENUM, status, false, last)

#define KIND(number, last) NUMBER(number, "kind", FIELD_ENUM, of_kind, false, last)

static const struct field ledger_fields[] = {LEDGER_ID};

static const struct field list_ledgers_fields[] = {
    OPTIONAL_ID(1, "after_ledger_id", after_id),
    PAGE_AT(2, 3),
};

static const struct field member_fields[] = {
    LEDGER_ID,
    OPTIONAL_ID(2, "member_id", id),
    TEXT(3, "platform_member_id", platform_member_id, TEXT_TRIMMED, false,
        PLATFORM_MEMBER_ID_BYTES_MAX),
};

static const struct field account_fields[] = {
    LEDGER_ID,
    OPTIONAL_ID(2, "account_id", id),
    TEXT(3, "receiving_number", receiving_number, TEXT_RECEIVING, false,
        RECEIVING_NUMBER_BYTES_MAX - 1),
};

static const struct field fee_rule_fields[] = {
    LEDGER_ID,
    NAME(2, "name", fee_rule, true, FEE_RULE_NAME_BYTES_MAX),
    NUMBER(3, "version", FIELD_INT32, version, false, INT32_MAX),
};

static const struct field list_fee_rules_fields[] = {OLD_PAGE(4)};

static const struct field list_acquirers_fields[] = {PAGE};

static const struct field quote_fee_fields[] = {
    LEDGER_ID,
    NAME(2, "fee_rule", fee_rule, true, FEE_RULE_NAME_BYTES_MAX),
    NUMBER(3, "amount_minor", FIELD_INT64, amount_minor, true, AMOUNT_MINOR_MAX),
};

static const struct field payout_fields[] = {LEDGER_ID, ID(2, "payout_id", id)};

static const struct field list_payouts_fields[] = {
    OLD_PAGE(6),
    OPTIONAL_ID(4, "account_id", account_id),
    STATUS(5, PAYOUT_CANCELLED),
};

static const struct field quote_withdraw_fields[] = {
    LEDGER_ID,
    ID(2, "account_id", account_id),
    NUMBER(3, "fee_minor", FIELD_INT64, fee_minor, false, AMOUNT_MINOR_MAX),
    NUMBER(4, "fee_mode", FIELD_ENUM, fee_mode, false, FEE_BORNE_BY_ANOTHER),
    NAME(5, "fee_rule", fee_rule, false, FEE_RULE_NAME_BYTES_MAX),
    OPTIONAL_ID(6, "fee_account_id", fee_account_id),
};

static const struct field hold_fields[] = {LEDGER_ID, ID(2, "hold_id", id)};

static const struct field list_holds_fields[] = {
    OLD_PAGE(7),
    OPTIONAL_ID(4, "payer_account_id", account_id),
    STATUS(5, HOLD_EXPIRED),
    NUMBER(6, "expires_before_us", FIELD_INT64, expires_before_us, false, TIME_US_MAX),
};

static const struct field freeze_fields[] = {LEDGER_ID, ID(2, "freeze_id", id)};

static const struct field list_freezes_fields[] = {
    OLD_PAGE(7),
    OPTIONAL_ID(4, "account_id", account_id),
    STATUS(5, FREEZE_EXPIRED),
    NAME(6, "purpose", purpose, false, PURPOSE_BYTES_MAX),
};

static const struct field frozen_fields[] = {LEDGER_ID, ID(2, "account_id", id)};

static const struct field list_debts_fields[] = {
    OLD_PAGE(6),
    OPTIONAL_ID(4, "account_id", account_id),
    STATUS(5, DEBT_RECOVERED),
};

static const struct field adjustment_fields[] = {LEDGER_ID, ID(2, "adjustment_id", id)};

static const struct field list_adjustments_fields[] = {OLD_PAGE(5), STATUS(4, ADJUSTMENT_EXPIRED)};

static const struct field proposal_fields[] = {LEDGER_ID, ID(2, "proposal_id", id)};

static const struct field list_proposals_fields[] = {PAGE, STATUS(4, PROPOSAL_EXPIRED)};

static const struct field suspense_fields[] = {LEDGER_ID, ID(2, "suspense_id", id)};

static const struct field list_suspense_fields[] = {
    PAGE,
    STATUS(4, SUSPENSE_CLOSED),
    NUMBER(5, "reason", FIELD_ENUM, of_kind, false, SUSPENSE_CARD_OF_ANOTHER),
    NUMBER(6, "to_date", FIELD_DATE, to_date, false, 0),
    OPTIONAL_ID(7, "account_id", account_id),
    NUMBER(8, "amount_from_minor", FIELD_INT64, amount_from_minor, false, INT64_MAX),
    NUMBER(9, "amount_to_minor", FIELD_INT64, amount_to_minor, false, INT64_MAX),
    OPTIONAL_ID(10, "origin_sequence", origin_sequence),
};

static const struct field lump_fields[] = {LEDGER_ID, ID(2, "lump_id", id)};

static const struct field list_lumps_fields[] = {
    PAGE,
    STATUS(4, LUMP_CANCELLED),
    OPTIONAL_ID(5, "suspense_id", suspense_id),
};

static const struct field acquirer_fields[] = {LEDGER_ID, ID(2, "acquirer_id", id)};

static const struct field promise_fields[] = {LEDGER_ID, ID(2, "promise_id", id)};

static const struct field list_promises_fields[] = {
    PAGE,
    STATUS(4, PROMISE_CANCELLED),
    OPTIONAL_ID(5, "acquirer_id", acquirer_id),
    OPTIONAL_ID(6, "account_id", account_id),
    TEXT(7, "reference", reference, TEXT_TRIMMED, false, PROMISE_REFERENCE_BYTES_MAX),
    NUMBER(8, "late_only", FIELD_BOOL, late_only, false, 1),
};

static const struct field settlement_fields[] = {LEDGER_ID, ID(2, "settlement_id", id)};

static const struct field list_settlements_fields[] = {
    PAGE,
    STATUS(4, SETTLEMENT_ABANDONED),
    OPTIONAL_ID(5, "acquirer_id", acquirer_id),
};

static const struct field difference_fields[] = {LEDGER_ID, ID(2, "difference_id", id)};

static const struct field list_differences_fields[] = {
    PAGE,
    STATUS(4, DIFFERENCE_CLOSED),
    KIND(5, DIFFERENCE_LATE),
    OPTIONAL_ID(6, "acquirer_id", acquirer_id),
    OPTIONAL_ID(7, "settlement_id", settlement_id),
};

static const struct field card_fields[] = {LEDGER_ID, ID(2, "card_id", id)};

static const struct field list_cards_fields[] = {
    PAGE,
    OPTIONAL_ID(4, "member_id", member_id),
    STATUS(5, CARD_LOCKED),
    KIND(6, CARD_CORPORATE),
    TEXT(7, "number", card_number, TEXT_FACT, false, ACCOUNT_NUMBER_CHARACTERS_MAX),
};

static const struct field mandate_fields[] = {LEDGER_ID, ID(2, "mandate_id", id)};

static const struct field list_mandates_fields[] = {
    PAGE,
    OPTIONAL_ID(4, "account_id", account_id),
    STATUS(5, MANDATE_ENDED),
};

static const struct field denied_fields[] = {LEDGER_ID, ID(2, "denied_id", id)};

static const struct field list_denied_fields[] = {
    PAGE,
    STATUS(4, DENIED_EXPIRED),
    NUMBER(5, "source", FIELD_ENUM, of_kind, false, DENIED_BY_PLATFORM),
};

static const struct field hit_fields[] = {LEDGER_ID, ID(2, "hit_id", id)};

static const struct field list_hits_fields[] = {
    PAGE,
    OPTIONAL_ID(4, "member_id", member_id),
    STATUS(5, HIT_CONFIRMED),
};

static const struct field claim_fields[] = {LEDGER_ID, ID(2, "claim_id", id)};

static const struct field list_claims_fields[] = {
    PAGE,
    OPTIONAL_ID(4, "member_id", member_id),
    OPTIONAL_ID(5, "account_id", account_id),
    STATUS(6, CLAIM_DEDUCTED),
    NUMBER(7, "expires_before_us", FIELD_INT64, expires_before_us, false, TIME_US_MAX),
};

static const struct field feedback_fields[] = {LEDGER_ID, ID(2, "feedback_id", id)};

static const struct field list_feedback_fields[] = {
    PAGE,
    OPTIONAL_ID(4, "claim_id", claim_id),
    STATUS(5, FEEDBACK_GIVEN),
    NUMBER(6, "due_before_us", FIELD_INT64, expires_before_us, false, TIME_US_MAX),
};

static const struct field product_fields[] = {LEDGER_ID, ID(2, "product_id", id)};

static const struct field list_products_fields[] = {
    PAGE,
    STATUS(4, PRODUCT_CLOSED),
    KIND(5, PRODUCT_OTHER),
};

static const struct field price_fields[] = {LEDGER_ID, ID(2, "price_id", id)};

static const struct field list_prices_fields[] = {
    PAGE,
    OPTIONAL_ID(4, "product_id", product_id),
    STATUS(5, PRICE_REPLACED),
};

static const struct field position_fields[] = {LEDGER_ID, ID(2, "position_id", id)};

static const struct field list_positions_fields[] = {
    PAGE,
    OPTIONAL_ID(4, "account_id", account_id),
    OPTIONAL_ID(5, "product_id", product_id),
};

static const struct field bank_statement_fields[] = {LEDGER_ID, ID(2, "bank_statement_id", id)};

static const struct field list_bank_statements_fields[] = {
    PAGE,
    STATUS(4, BANK_STATEMENT_CANCELLED),
};

static const struct field list_bank_statement_lines_fields[] = {
    PAGE,
    OPTIONAL_ID(4, "bank_statement_id", bank_statement_id),
    STATUS(5, STATEMENT_LINE_MATCHED),
};

static const struct field list_statement_matches_fields[] = {
    PAGE,
    OPTIONAL_ID(4, "bank_statement_id", bank_statement_id),
    STATUS(5, STATEMENT_MATCH_UNDONE),
    OPTIONAL_ID(6, "statement_line_id", statement_line_id),
    OPTIONAL_ID(7, "payout_id", payout_id),
    OPTIONAL_ID(8, "receipt_sequence", receipt_sequence),
};

static const struct field list_members_fields[] = {
    PAGE,
    KIND(4, MEMBER_USER),
    STATUS(5, MEMBER_CLOSED),
    OPTIONAL_ID(6, "person_id", person_id),
    NUMBER(7, "document_kind", FIELD_ENUM, document_kind, false, DOCUMENT_KINDS),
    TEXT(8, "document_number", document_number, TEXT_DOCUMENT, false, DOCUMENT_CHARACTERS_MAX),
};

static const struct field list_accounts_fields[] = {
    PAGE,
    OPTIONAL_ID(4, "member_id", member_id),
    KIND(5, ACCOUNT_POSITION),
    STATUS(6, ACCOUNT_CLOSED),
    NUMBER(7, "restricted_only", FIELD_BOOL, restricted_only, false, 1),
};

static const struct field caller_fields[] = {ID(1, "caller_id", id)};

static const struct field list_callers_fields[] = {PAGE_AT(1, 2)};

static const struct field list_roles_fields[] = {
    NUMBER(1, "callable_only", FIELD_BOOL, callable_only, false, 1)};

/* ---- the fields of each request about history ---- */

#define DATES(number)                                                                              \
    NUMBER(number, "from_date", FIELD_DATE, from_date, false, 0),                                  \
        NUMBER((number) + 1, "to_date", FIELD_DATE, to_date, false, 0)
/* Parsed by read_identity. */
#define IDENTITY(number)                                                                           \
    TEXT(number, "journal_identity", identity_text, TEXT_VISIBLE_ASCII, false, IDENTITY_CHARS)

static const struct field lines_fields[] = {
    LEDGER_ID,
    ID(2, "account_id", account_id),
    NUMBER(3, "bucket", FIELD_ENUM, bucket, false, BUCKET_COUNT),
    NUMBER(4, "order", FIELD_ENUM, direction, false,
        VSL__V1__STATEMENT_ORDER__STATEMENT_ORDER_OLDEST_FIRST),
    DATES(5),
    PAGE_AT(7, 8),
};

static const struct field get_command_fields[] = {OPTIONAL_ID(2, "sequence", sequence)};

static const struct field list_commands_fields[] = {
    LEDGER_ID,
    OPTIONAL_ID(2, "account_id", account_id),
    /* Which numbers are outcomes is for read_list_commands to tell. */
    {"outcome", 4, FIELD_ENUM, TEXT_FREE, false, AT(outcome), INT32_MIN, INT32_MAX, NULL, USE_NONE,
        0, 0},
    NUMBER(5, "accepted_only", FIELD_BOOL, accepted_only, false, 1),
    NUMBER(6, "refused_only", FIELD_BOOL, refused_only, false, 1),
    TEXT(7, "order_number", order_number, TEXT_TRIMMED, false, ORDER_NUMBER_BYTES_MAX),
    DATES(8),
    NUMBER(10, "amount_from_minor", FIELD_INT64, amount_from_minor, false, INT64_MAX),
    NUMBER(11, "amount_to_minor", FIELD_INT64, amount_to_minor, false, INT64_MAX),
    TEXT(12, "bank_reference", bank_reference, TEXT_FACT, false, BANK_REFERENCE_CHARACTERS_MAX),
    PAGE_AT(13, 14),
    TEXT(15, "party_account_number", party_account_number, TEXT_FACT, false,
        ACCOUNT_NUMBER_CHARACTERS_MAX),
    TEXT(16, "party_name", party_name, TEXT_FACT, false, PARTY_NAME_CHARACTERS_MAX),
};

static const struct field order_fields[] = {
    LEDGER_ID,
    TEXT(2, "order_number", order_number, TEXT_TRIMMED, true, ORDER_NUMBER_BYTES_MAX),
    OPTIONAL_ID(3, "after_sequence", after_sequence),
    PAGE_AT(4, 6),
    IDENTITY(5),
};

static const struct field stream_fields[] = {
    ID(1, "from_sequence", from_sequence),
    OPTIONAL_ID(2, "ledger_id", ledger_id),
    NUMBER(4, "accepted_only", FIELD_BOOL, accepted_only, false, 1),
    IDENTITY(5),
    OPTIONAL_ID(6, "account_id", account_id),
};

/* ---- the reads ---- */

struct read {
    const ProtobufCMessageDescriptor *descriptor;
    struct field_table table;
    const struct raw_limit *limits; /* NULL: the message has no repeated field */
    uint32_t fields_by_hand;        /* those that have no row: `rest` reads them */
    read_rest *rest;                /* reads them, and looks closer at others; NULL: neither */
    read_check *check;              /* NULL: no rules tie fields together */
    struct bound_field bound[FIELDS_PER_KIND_MAX];
};

#define ACCOUNT_IDS_FIELD_NUMBER 2
/* Of both requests that have it. More mentions of kinds than there are kinds are refused. */
#define KINDS_FIELD_NUMBER 3
#define KINDS_MAX 64

static const struct raw_limit balances_limits[] = {
    {&vsl__v1__get_balances_request__descriptor, ACCOUNT_IDS_FIELD_NUMBER, BALANCES_PER_QUERY_MAX},
    {NULL, 0, 0},
};

static const struct raw_limit kinds_limits[] = {
    {&vsl__v1__list_commands_request__descriptor, KINDS_FIELD_NUMBER, KINDS_MAX},
    {&vsl__v1__stream_events_request__descriptor, KINDS_FIELD_NUMBER, KINDS_MAX},
    {NULL, 0, 0},
};

#define READ_WITH(kind, message, rows, ...)                                                        \
    [READ_##kind] = {.descriptor = &vsl__v1__##message##_request__descriptor,                      \
        .table = {#message, rows, sizeof(rows) / sizeof((rows)[0])},                               \
        __VA_ARGS__}
#define READ(kind, message, rows) READ_WITH(kind, message, rows, .check = NULL)
/* With a repeated field, which has no row. */
#define READ_LIST(kind, message, rows, raw_limits, ...)                                            \
    READ_WITH(kind, message, rows, .limits = raw_limits, .fields_by_hand = 1, __VA_ARGS__)

static struct read reads[] = {
    READ(GET_LEDGER, get_ledger, ledger_fields),
    READ(LIST_LEDGERS, list_ledgers, list_ledgers_fields),
    READ(GET_TIE_OUT, get_tie_out, ledger_fields),
    READ_WITH(GET_MEMBER, get_member, member_fields, .check = check_member),
    READ_WITH(GET_ACCOUNT, get_account, account_fields, .check = check_account),
    READ_LIST(GET_BALANCES, get_balances, ledger_fields, balances_limits, .rest = read_account_ids),
    READ(GET_FEE_RULE, get_fee_rule, fee_rule_fields),
    READ(LIST_FEE_RULES, list_fee_rules, list_fee_rules_fields),
    READ(QUOTE_FEE, quote_fee, quote_fee_fields),
    READ(GET_PAYOUT, get_payout, payout_fields),
    READ(LIST_PAYOUTS, list_payouts, list_payouts_fields),
    READ_WITH(QUOTE_WITHDRAW, quote_withdraw, quote_withdraw_fields, .check = check_quote_withdraw),
    READ(GET_HOLD, get_hold, hold_fields),
    READ(LIST_HOLDS, list_holds, list_holds_fields),
    READ(GET_FREEZE, get_freeze, freeze_fields),
    READ(LIST_FREEZES, list_freezes, list_freezes_fields),
    READ(GET_FROZEN, get_frozen, frozen_fields),
    READ(LIST_DEBTS, list_debts, list_debts_fields),
    READ(GET_ADJUSTMENT, get_adjustment, adjustment_fields),
    READ(LIST_ADJUSTMENTS, list_adjustments, list_adjustments_fields),
    READ(GET_PROPOSAL, get_proposal, proposal_fields),
    READ(LIST_PROPOSALS, list_proposals, list_proposals_fields),
    READ(GET_APPROVAL_POLICY, get_approval_policy, ledger_fields),
    READ(GET_ACCOUNT_POLICY, get_account_policy, ledger_fields),
    READ(GET_PROOF_POLICY, get_proof_policy, ledger_fields),
    READ(GET_CARD, get_card, card_fields),
    READ(LIST_CARDS, list_cards, list_cards_fields),
    READ(GET_MANDATE, get_mandate, mandate_fields),
    READ(LIST_MANDATES, list_mandates, list_mandates_fields),
    READ(GET_DENIED, get_denied, denied_fields),
    READ(LIST_DENIED, list_denied, list_denied_fields),
    READ(GET_HIT, get_hit, hit_fields),
    READ(LIST_HITS, list_hits, list_hits_fields),
    READ(GET_CLAIM, get_claim, claim_fields),
    READ(LIST_CLAIMS, list_claims, list_claims_fields),
    READ(GET_FEEDBACK, get_feedback, feedback_fields),
    READ(LIST_FEEDBACK, list_feedback, list_feedback_fields),
    READ(GET_PRODUCT, get_product, product_fields),
    READ(LIST_PRODUCTS, list_products, list_products_fields),
    READ(GET_PRICE, get_price, price_fields),
    READ(GET_POSITION, get_position, position_fields),
    READ(LIST_POSITIONS, list_positions, list_positions_fields),
    READ(LIST_PRICES, list_prices, list_prices_fields),
    READ_WITH(LIST_MEMBERS, list_members, list_members_fields, .check = check_list_members),
    READ(LIST_ACCOUNTS, list_accounts, list_accounts_fields),
    READ(GET_SUSPENSE, get_suspense, suspense_fields),
    READ_WITH(LIST_SUSPENSE, list_suspense, list_suspense_fields, .check = check_list_suspense),
    READ(GET_LUMP, get_lump, lump_fields),
    READ(LIST_LUMPS, list_lumps, list_lumps_fields),
    READ(GET_ACQUIRER, get_acquirer, acquirer_fields),
    READ(LIST_ACQUIRERS, list_acquirers, list_acquirers_fields),
    READ(GET_PROMISE, get_promise, promise_fields),
    READ(LIST_PROMISES, list_promises, list_promises_fields),
    READ(GET_SETTLEMENT, get_settlement, settlement_fields),
    READ(LIST_SETTLEMENTS, list_settlements, list_settlements_fields),
    READ(GET_DIFFERENCE, get_difference, difference_fields),
    READ(LIST_DIFFERENCES, list_differences, list_differences_fields),
    READ(GET_BANK_STATEMENT, get_bank_statement, bank_statement_fields),
    READ(LIST_BANK_STATEMENTS, list_bank_statements, list_bank_statements_fields),
    READ(LIST_BANK_STATEMENT_LINES, list_bank_statement_lines, list_bank_statement_lines_fields),
    READ(LIST_STATEMENT_MATCHES, list_statement_matches, list_statement_matches_fields),
    READ(GET_CALLER, get_caller, caller_fields),
    READ(LIST_CALLERS, list_callers, list_callers_fields),
    READ(LIST_ROLES, list_roles, list_roles_fields),
    READ_WITH(LIST_STATEMENT_LINES, list_statement_lines, lines_fields, .check = check_lines),
    READ_WITH(GET_COMMAND, get_command, get_command_fields, .fields_by_hand = 1,
        .rest = read_command_key, .check = check_command),
    READ_LIST(LIST_COMMANDS, list_commands, list_commands_fields, kinds_limits,
        .rest = read_list_commands, .check = check_list_commands),
    READ_WITH(GET_ORDER, get_order, order_fields, .rest = read_identity),
    READ_LIST(STREAM_EVENTS, stream_events, stream_fields, kinds_limits, .rest = read_stream,
        .check = check_stream),
};

/* A filter takes every value that there is, which its row says by the last one, and no other; which
 * outcomes and kinds there are, another list tells. */
static void check_filters(const struct read *read)
{
    for (uint32_t i = 0; i < read->table.count; i++) {
        const struct field *row = &read->table.fields[i];
        const ProtobufCFieldDescriptor *field =
            protobuf_c_message_descriptor_get_field(read->descriptor, row->number);
        if (row->type != FIELD_ENUM)
            continue;
        const ProtobufCEnumDescriptor *values = field->descriptor;
        CHECK(values->n_value_ranges > 1 || row->max == (int64_t)values->n_values - 1);
    }
}

static const struct read *read_get(enum read_kind kind)
{
    CHECK(kind > 0 && (size_t)kind < sizeof reads / sizeof reads[0]);
    struct read *read = &reads[kind];
    CHECK(read->descriptor != NULL);
    /* Every read has a first field, and no field is at offset 0. */
    if (read->bound[0].offset == 0) {
        bind_fields(&read->table, read->descriptor, read->bound);
        check_filters(read);
        CHECK(read->descriptor->n_fields == read->table.count + read->fields_by_hand);
    }
    return read;
}

/* ---- pages ---- */

/* What an old place to go on from is given by, where there was one before page tokens. */
static const uint16_t old_place_offsets[] = {AT(after_id), AT(after_sequence), AT(identity_text)};
#define OLD_PLACES (sizeof old_place_offsets / sizeof old_place_offsets[0])

/* The row of a member of struct read_request; NULL: the request has no such field. */
static const struct field *row_at(const struct read *read, uint16_t offset)
{
    for (uint32_t i = 0; i < read->table.count; i++) {
        if (read->table.fields[i].offset == offset)
            return &read->table.fields[i];
    }
    return NULL;
}

static bool is_given(const struct field *field, const struct read_request *request)
{
    const unsigned char *member = (const unsigned char *)request + field->offset;
    struct text text;
    int64_t number;
    if (field->type == FIELD_TEXT) {
        memcpy(&text, member, sizeof text);
        return text.length > 0;
    }
    CHECK(field->type == FIELD_INT64);
    memcpy(&number, member, sizeof number);
    return number != 0;
}

static int check_page(
    const struct read *read, const struct read_request *request, struct decode_error *ret_error)
{
    uint32_t length = request->page_token.length;
    if (length == 0)
        return 0;
    if (length != PAGE_TOKEN_CHARS)
        return decode_refuse(ret_error, "page_token",
            "must be next_page_token of the page before, unchanged; it has %" PRIu32
            " bytes instead of %d",
            "须为上一页的 next_page_token 原样；现有 %" PRIu32 " 字节，应为 %d 字节", length,
            PAGE_TOKEN_CHARS);
    for (size_t i = 0; i < OLD_PLACES; i++) {
        const struct field *row = row_at(read, old_place_offsets[i]);
        if (row && is_given(row, request))
            return decode_refuse(ret_error, row->name,
                "is deprecated, and excluded by page_token: leave it out",
                "已弃用，且不能与 page_token 同时填写：请不填");
    }
    return 0;
}

/* 0 is the default; more than the most is that, so that a client need not know it (AIP-158). */
static void limit_page(struct read_request *request)
{
    bool is_lines = request->kind == READ_LIST_STATEMENT_LINES;
    int32_t most = is_lines ? STATEMENT_LINES_MAX : LIST_PAGE_SIZE_MAX;
    if (request->page_size == 0)
        request->page_size = is_lines ? STATEMENT_LINES_DEFAULT : LIST_PAGE_SIZE_DEFAULT;
    if (request->page_size > most)
        request->page_size = most;
}

static void clear_field(const struct read *read, uint16_t offset, unsigned char *message)
{
    const struct field *row = row_at(read, offset);
    if (row)
        memset(message + read->bound[row - read->table.fields].offset, 0,
            row->type == FIELD_TEXT    ? sizeof(char *)
            : row->type == FIELD_INT64 ? sizeof(int64_t)
                                       : sizeof(int32_t));
}

/* A hash of the method and of all its fields but those that lead from page to page: what is packed
 * of equal fields is equal, and what is not given is not packed. */
static void set_page_scope(
    const struct read *read, const ProtobufCMessage *message, struct read_request *request)
{
    size_t size = read->descriptor->sizeof_message;
    unsigned char *copy = malloc(size);
    CHECK(copy != NULL);
    memcpy(copy, message, size);
    clear_field(read, AT(page_size), copy);
    clear_field(read, AT(page_token), copy);
    for (size_t i = 0; i < OLD_PLACES; i++)
        clear_field(read, old_place_offsets[i], copy);
    const ProtobufCMessage *filters = (const ProtobufCMessage *)(const void *)copy;
    struct buffer bytes = {0};
    buffer_append_u32(&bytes, (uint32_t)request->kind);
    size_t packed = protobuf_c_message_get_packed_size(filters);
    buffer_reserve(&bytes, packed);
    bytes.length += protobuf_c_message_pack(filters, bytes.bytes + bytes.length);
    /* Without a secret: the token is hashed with one, and a scope that was made to be that of
     * another request leads to nothing that the request itself may not read. */
    request->page_scope = hash_bytes((struct hash_key){0}, bytes.bytes, bytes.length);
    clear_field(read, AT(ledger_id), copy);
    request->has_filters = protobuf_c_message_get_packed_size(filters) > 0;
    buffer_finish(&bytes);
    free(copy);
}

int read_request_decode(enum read_kind kind, const uint8_t *bytes, size_t length,
    struct arena *arena, struct read_request *ret_request, struct decode_error *ret_error)
{
    const struct read *read = read_get(kind);
    const ProtobufCMessage *message =
        request_unpack(read->descriptor, bytes, length, read->limits, arena, ret_error);
    if (!message)
        return -1;
    struct read_request request;
    memset(&request, 0, sizeof request);
    request.kind = kind;
    struct decode_error part;
    ret_error->count = 0;
    if (message_read_fields(&read->table, read->bound, message, arena, &request, &part) < 0)
        decode_error_add(ret_error, &part);
    if (read->rest && read->rest(message, &request, &part) < 0)
        decode_error_add(ret_error, &part);
    if (check_page(read, &request, &part) < 0)
        decode_error_add(ret_error, &part);
    if (read->check)
        read->check(&request, ret_error);
    if (ret_error->count > 0)
        return -1;
    if (row_at(read, AT(page_token))) {
        set_page_scope(read, message, &request);
        request.has_old_pages = row_at(read, AT(after_id)) != NULL;
        limit_page(&request);
    }
    *ret_request = request;
    return 0;
}
