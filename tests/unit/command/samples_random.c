/* samples_random.c: random commands, see samples.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "ceilings.h"
#include "command/body.h"
#include "model/date.h"
#include "model/document.h"
#include "model/money.h"
#include "model/records.h"
#include "samples.h"
#include "support/expect.h"

#include <string.h>

struct source {
    struct random *random;
    struct arena *arena;
};

/* So many characters out of `alphabet`, between `min` and `max` bytes, often exactly one of them.
 */
static struct text random_text(
    const struct source *from, const char *alphabet, uint32_t min, uint32_t max)
{
    uint32_t length = (uint32_t)random_between(from->random, min, max);
    if (random_percent(from->random, 20))
        length = max;
    if (random_percent(from->random, 20))
        length = min;
    char *bytes = arena_try_alloc(from->arena, length + 1);
    ck_assert_ptr_nonnull(bytes);
    for (uint32_t i = 0; i < length; i++)
        bytes[i] = alphabet[random_below(from->random, strlen(alphabet))];
    return (struct text){.bytes = bytes, .length = length};
}

/* UTF-8 with characters of one to four bytes. */
static struct text random_utf8(const struct source *from, uint32_t min, uint32_t max)
{
    static const char *const characters[] = {"a", "Z", "'", "-", "\xc2\xb7", "\xc3\xa9",
        "\xe5\xbc\xa0", "\xe4\xb8\x89", "\xf0\xa0\x80\x80", "%", "\""};
    struct text text = random_text(from, "x", min, max);
    char *bytes = (char *)(uintptr_t)text.bytes;
    uint32_t at = 0;
    while (at < text.length) {
        const char *character = characters[random_below(from->random, 11)];
        uint32_t size = (uint32_t)strlen(character);
        if (size > text.length - at)
            break; /* the rest stays x */
        memcpy(bytes + at, character, size);
        at += size;
    }
    return text;
}

#define DIGITS "0123456789"
#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define VISIBLE DIGITS LETTERS "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"

static int64_t random_id(const struct source *from)
{
    if (random_percent(from->random, 10))
        return INT64_MAX;
    return random_between(from->random, 1, 1000);
}

static int64_t random_amount(const struct source *from)
{
    if (random_percent(from->random, 10))
        return AMOUNT_MINOR_MAX;
    if (random_percent(from->random, 10))
        return 1;
    return random_between(from->random, 1, AMOUNT_MINOR_MAX);
}

static int32_t random_day(const struct source *from)
{
    if (random_percent(from->random, 10))
        return sample_day(DATE_YYYYMMDD_MAX);
    if (random_percent(from->random, 10))
        return 1;
    return (int32_t)random_between(from->random, 1, sample_day(DATE_YYYYMMDD_MAX));
}

static struct text random_remark(const struct source *from)
{
    return random_utf8(from, 0, REMARK_CHARACTERS_MAX);
}

static struct party random_party(const struct source *from)
{
    return (struct party){
        .name = random_utf8(from, 1, PARTY_NAME_CHARACTERS_MAX),
        .account_number = random_text(from, DIGITS LETTERS, 1, ACCOUNT_NUMBER_BYTES_MAX),
        .bank_code = random_text(from, DIGITS LETTERS, 0, BANK_CODE_BYTES_MAX),
    };
}

static void fill_random_open_ledger(struct open_ledger *open, const struct source *from)
{
    open->platform_name = random_utf8(from, 1, PLATFORM_NAME_BYTES_MAX);
    open->escrow_account_number = random_text(from, DIGITS LETTERS, 1, ACCOUNT_NUMBER_BYTES_MAX);
    static const char *const currencies[] = {"CNY", "EUR", "JPY", "KWD", "CLF"};
    open->currency = text_of(currencies[random_below(from->random, 5)]);
    open->receiving_prefix =
        random_text(from, "123456789", RECEIVING_PREFIX_DIGITS_MIN, RECEIVING_PREFIX_DIGITS_MAX);
    open->first_accounting_date = random_day(from);
    open->key_window_dates = (int32_t)random_between(from->random, 0, KEY_WINDOW_DATES_MAX);
    open->policy = (int32_t)random_between(from->random, 0, ACCOUNT_POLICY_PREPAID);
}

static void fill_random_terms(struct set_terms *terms, const struct source *from)
{
    static const int32_t party_or_not[] = {0, TERM_OWN_ACCOUNT};
    terms->named = party_or_not[random_below(from->random, 2)] |
                   (int32_t)random_between(from->random, 1, 31) * TERM_ADVANCE_REFUNDS;
    if (terms->named & TERM_OWN_ACCOUNT && random_percent(from->random, 70))
        terms->own_account = random_party(from);
    if (terms->named & TERM_ADVANCE_REFUNDS)
        terms->advance_refunds = random_percent(from->random, 50);
    if (terms->named & TERM_PAYOUT_RETURN_DAYS)
        terms->payout_return_days =
            (int32_t)random_between(from->random, 0, PAYOUT_RETURN_DAYS_MAX);
    if (terms->named & TERM_SUSPENSE_AGE)
        terms->suspense_age_s = (int32_t)random_between(from->random, 0, SUSPENSE_AGE_S_MAX);
    if (terms->named & TERM_ONE_MEMBERSHIP)
        terms->one_membership = random_percent(from->random, 50);
    if (terms->named & TERM_SAME_CARD)
        terms->same_card = random_percent(from->random, 50);
}

/* Names and numbers as they are kept; beyond the BMP, too. */
static struct identified random_identified(const struct source *from, bool is_company)
{
    static const char *const names[] = {"\u5f20\u4e09", "\U00020bb7\u91ce\U0002cb4e",
        "\u963f\u535c\u675c\u62c9\u00b7\u4e70\u4e70\u63d0", "O'Brien-Smith", "\u3431"};
    static const struct {
        int32_t kind;
        const char *number;
    } documents[] = {{DOCUMENT_CITIZEN_CARD, "11010519491231002X"},
        {DOCUMENT_FOREIGN_PASSPORT, "L898902C3"}, {DOCUMENT_HONG_KONG_MACAU_PERMIT, "H12345678"},
        {DOCUMENT_MILITARY, "\u519b1234"}, {DOCUMENT_PERMANENT_RESIDENCE, "911124198108030024"},
        {DOCUMENT_SOCIAL_CREDIT_CODE, "91110000600037341L"}};
    uint64_t which = is_company ? 5 : random_below(from->random, 5);
    struct identified person = {text_of(names[random_below(from->random, 5)]),
        documents[which].kind, text_of(documents[which].number), random_day(from), 0};
    /* Nobody there was born later. */
    if (person.valid_from_date < 10000)
        person.valid_from_date += 10000;
    if (random_percent(from->random, 50))
        person.valid_until_date = person.valid_from_date;
    return person;
}

static void fill_random_identify(struct identify_member *asked, const struct source *from)
{
    bool is_person = random_percent(from->random, 50);
    asked->member_id = random_id(from);
    asked->subject = is_person ? SUBJECT_PERSON : SUBJECT_COMPANY;
    asked->holder = random_identified(from, !is_person);
    asked->representative = (struct identified){0};
    asked->handler = (struct identified){0};
    if (!is_person || random_percent(from->random, 20))
        asked->representative = random_identified(from, false);
    if (random_percent(from->random, 30))
        asked->handler = random_identified(from, false);
    asked->check.checked_by = random_text(from, DIGITS LETTERS, 1, CHECKED_BY_BYTES_MAX);
    asked->check.checked_at_us = random_between(from->random, 1, TIME_US_MAX);
    asked->check.result_code = random_text(from, DIGITS LETTERS, 1, CHECK_RESULT_BYTES_MAX);
    asked->check.reference = random_text(from, DIGITS LETTERS, 1, CHECK_REFERENCE_BYTES_MAX);
    asked->recheck_date = random_percent(from->random, 50) ? random_day(from) : 0;
}

/* ---- lists ---- */

/* Often one or as many as there can be. */
static uint32_t random_count(const struct source *from, uint32_t most)
{
    if (random_percent(from->random, 40))
        return 1;
    if (random_percent(from->random, 20))
        return most;
    return (uint32_t)random_between(from->random, 1, most);
}

static void *random_elements(const struct source *from, uint32_t count, size_t size)
{
    void *elements = arena_try_alloc(from->arena, count * size);
    ck_assert_ptr_nonnull(elements);
    memset(elements, 0, count * size);
    return elements;
}

/* No account twice. */
static const struct payee *random_payees(const struct source *from, uint32_t *ret_count)
{
    uint32_t count = random_count(from, PAYEES_PER_COMMAND_MAX);
    struct payee *payees = random_elements(from, count, sizeof *payees);
    for (uint32_t i = 0; i < count; i++) {
        bool is_new = false;
        while (!is_new) {
            payees[i].account_id = random_id(from);
            is_new = true;
            for (uint32_t j = 0; j < i; j++)
                is_new &= payees[j].account_id != payees[i].account_id;
        }
        payees[i].amount_minor = random_amount(from);
    }
    *ret_count = count;
    return payees;
}

/* From 0 upwards; a maximum is not below its minimum. */
static const struct fee_tier *random_tiers(const struct source *from, uint32_t *ret_count)
{
    struct random *random = from->random;
    uint32_t count = random_count(from, FEE_TIERS_MAX);
    struct fee_tier *tiers = random_elements(from, count, sizeof *tiers);
    int64_t next = 0;
    for (uint32_t i = 0; i < count; i++) {
        tiers[i].from_minor = next;
        next += random_between(random, 1, AMOUNT_MINOR_MAX / FEE_TIERS_MAX);
        tiers[i].flat_minor = random_percent(random, 50) ? 0 : random_amount(from);
        tiers[i].rate_ppm = random_percent(random, 20) ? PPM : random_between(random, 0, PPM);
        tiers[i].minimum_minor = random_percent(random, 50) ? 0 : random_amount(from);
        if (random_percent(random, 50))
            tiers[i].maximum_minor =
                random_between(random, tiers[i].minimum_minor, AMOUNT_MINOR_MAX);
    }
    if (count > 1 && random_percent(random, 20))
        tiers[count - 1].from_minor = AMOUNT_MINOR_MAX;
    *ret_count = count;
    return tiers;
}

/* No account twice; together a whole. */
static const struct fee_share *random_shares(const struct source *from, uint32_t *ret_count)
{
    uint32_t count = random_count(from, FEE_SHARES_MAX);
    struct fee_share *shares = random_elements(from, count, sizeof *shares);
    int64_t left = PPM;
    int64_t account = random_between(from->random, 1, 1000);
    for (uint32_t i = 0; i < count; i++) {
        int64_t others = count - 1 - i;
        bool is_last = others == 0;
        shares[i].account_id = is_last && count > 1 ? INT64_MAX : account;
        shares[i].share_ppm = is_last ? left : random_between(from->random, 1, left - others);
        left -= shares[i].share_ppm;
        account += random_between(from->random, 1, 1000);
    }
    *ret_count = count;
    return shares;
}

/* ---- kinds ---- */

static struct text random_name(const struct source *from, uint32_t bytes_max)
{
    return random_text(from, DIGITS LETTERS "_.-", 1, bytes_max);
}

static struct text random_order_number(const struct source *from, uint32_t bytes_min)
{
    return random_utf8(from, bytes_min, ORDER_NUMBER_BYTES_MAX);
}

/* Microseconds, often the first or the last. */
static int64_t random_time(const struct source *from)
{
    if (random_percent(from->random, 10))
        return TIME_US_MAX;
    return random_percent(from->random, 10) ? 1 : random_between(from->random, 1, TIME_US_MAX);
}

static void fill_random_fee_rule(struct set_fee_rule *rule, const struct source *from)
{
    struct random *random = from->random;
    rule->name = random_name(from, FEE_RULE_NAME_BYTES_MAX);
    rule->effective_date = random_day(from);
    rule->rounding = (int32_t)random_between(random, FEE_ROUNDING_HALF_UP, FEE_ROUNDING_DOWN);
    rule->refund = (int32_t)random_between(random, FEE_REFUND_NONE, FEE_REFUND_ON_FULL);
    rule->on_payout_failed = (int32_t)random_between(random, PAYOUT_FEE_BACK, PAYOUT_FEE_KEPT);
    rule->on_payout_returned = (int32_t)random_between(random, PAYOUT_FEE_BACK, PAYOUT_FEE_KEPT);
    rule->tiers = random_tiers(from, &rule->tier_count);
    if (random_percent(random, 70))
        rule->shares = random_shares(from, &rule->share_count);
}

/* A fee that is agreed, by a rule, or none; only the rule's is borne by payees. */
static void fill_random_fee(const struct source *from, int64_t *ret_fee_minor,
    struct text *ret_fee_rule, int32_t *ret_fee_bearer)
{
    struct random *random = from->random;
    switch (random_below(random, 3)) {
    case 0:
        *ret_fee_minor = random_amount(from);
        *ret_fee_bearer = (int32_t)random_between(random, 0, FEE_BEARER_PAYER);
        break;
    case 1:
        *ret_fee_rule = random_name(from, FEE_RULE_NAME_BYTES_MAX);
        *ret_fee_bearer = (int32_t)random_between(random, 0, FEE_BEARER_PAYEES);
        break;
    default:
        break;
    }
}

static void fill_random_withdraw(struct withdraw *withdraw, const struct source *from)
{
    int32_t bearer = 0;
    withdraw->account_id = random_id(from);
    withdraw->amount_minor = random_amount(from);
    fill_random_fee(from, &withdraw->fee_minor, &withdraw->fee_rule, &bearer);
    if (withdraw->fee_minor > 0 || withdraw->fee_rule.length > 0)
        withdraw->fee_mode =
            (int32_t)random_between(from->random, FEE_OUTSIDE, FEE_BORNE_BY_ANOTHER);
    if (withdraw->fee_mode == FEE_BORNE_BY_ANOTHER)
        withdraw->fee_account_id = random_id(from);
    withdraw->destination = random_party(from);
    if (random_percent(from->random, 20))
        withdraw->destination = (struct party){0};
    if (withdraw->destination.name.length == 0 && random_percent(from->random, 50))
        withdraw->card_id = random_id(from);
    withdraw->remark = random_remark(from);
    withdraw->order_number = random_order_number(from, 0);
    if (random_percent(from->random, 50))
        withdraw->end_to_end_id = text_of("INV-2026-0815");
    if (random_percent(from->random, 50))
        withdraw->uetr = text_of("eb6305c9-1f7f-49de-aed0-16487c27b42d");
    withdraw->way = (int32_t)random_between(from->random, 0, MONEY_WAY_CROSS_BORDER);
}

static int64_t random_signed(const struct source *from)
{
    return random_percent(from->random, 50) ? random_amount(from) : -random_amount(from);
}

static void fill_random_statement(struct open_bank_statement *open, const struct source *from)
{
    open->reference = random_name(from, STATEMENT_REFERENCE_BYTES_MAX);
    open->account_number = random_utf8(from, 1, ACCOUNT_NUMBER_CHARACTERS_MAX);
    open->currency = text_of("EUR");
    open->from_date = random_day(from);
    open->to_date = open->from_date;
    open->number = random_between(from->random, 0, STATEMENT_NUMBER_MAX);
    open->opening_minor = random_signed(from);
    open->closing_minor = random_signed(from);
    open->line_count = (int32_t)random_between(from->random, 0, BANK_STATEMENT_LINES_MAX);
    open->file_sha256 = random_text(from, "0123456789abcdef", FILE_SHA256_BYTES, FILE_SHA256_BYTES);
    open->file_position = (int32_t)random_between(from->random, 1, STATEMENTS_PER_FILE_MAX);
    open->has_gap = random_percent(from->random, 50);
}

static void fill_random_statement_line(struct add_statement_line *line, const struct source *from)
{
    line->bank_statement_id = random_id(from);
    line->entry_key = random_name(from, SOURCE_ORDER_BYTES_MAX);
    line->ordinal = (int32_t)random_between(from->random, 1, BANK_STATEMENT_LINES_MAX);
    line->amount_minor = random_signed(from);
    line->booking_date = random_day(from);
    line->value_date = random_percent(from->random, 50) ? random_day(from) : 0;
    line->bank_reference = random_utf8(from, 1, BANK_REFERENCE_CHARACTERS_MAX);
    line->counterparty = random_party(from);
    line->remark = random_remark(from);
    line->end_to_end_id = random_utf8(from, 1, BANK_REFERENCE_CHARACTERS_MAX);
}

static void fill_random_line(struct allocate_line *line, const struct source *from)
{
    line->lump_id = random_id(from);
    line->account_id = 0;
    line->source_order = random_name(from, SOURCE_ORDER_BYTES_MAX);
    if (random_percent(from->random, 50))
        line->account_id = random_id(from);
    else
        line->receiving_number = random_utf8(from, 1, RECEIVING_TEXT_CHARACTERS_MAX);
    line->amount_minor = random_amount(from);
    line->payer = random_party(from);
    line->order_number = random_order_number(from, 0);
    line->remark = random_remark(from);
    if (random_percent(from->random, 50))
        line->fee_rule = random_name(from, FEE_RULE_NAME_BYTES_MAX);
}

static void fill_random_acquirer(struct acquirer_terms *terms, const struct source *from)
{
    terms->settlement_days = (int32_t)random_between(from->random, 0, SETTLEMENT_DAYS_MAX);
    if (random_percent(from->random, 50))
        terms->fee_rule = text_of("base");
    terms->keeps_fee = random_percent(from->random, 50);
    terms->ceiling_minor = random_amount(from);
    terms->withdrawable_next_date = random_percent(from->random, 50);
}

static void fill_random_settle_line(struct settle_line *line, const struct source *from)
{
    line->settlement_id = random_id(from);
    if (random_percent(from->random, 50))
        line->promise_id = random_id(from);
    line->reference = line->promise_id == 0 ? random_order_number(from, 1) : (struct text){0};
    line->gross_minor = random_amount(from);
    line->kept_minor = random_between(from->random, 0, line->gross_minor - 1);
    line->is_partial = random_percent(from->random, 50);
    line->remark = random_remark(from);
}

static void fill_random_close_difference(struct close_difference *close, const struct source *from)
{
    close->difference_id = random_id(from);
    close->ended_by = (int32_t)random_between(from->random, 1, DIFFERENCE_ASSIGNED);
    if (close->ended_by == DIFFERENCE_ASSIGNED)
        close->promise_id = random_id(from);
    if (close->ended_by == DIFFERENCE_RETURNED)
        close->suspense_id = random_id(from);
    close->remark = random_remark(from);
}

static void fill_random_funds(struct command *c, const struct source *from)
{
    struct random *random = from->random;
    switch (c->kind) {
    case COMMAND_BOOK_RECEIPT:
        c->book_receipt.account_id = 0;
        if (random_percent(random, 50))
            c->book_receipt.account_id = random_id(from);
        else
            c->book_receipt.receiving_number = random_utf8(from, 1, RECEIVING_TEXT_CHARACTERS_MAX);
        c->book_receipt.amount_minor = random_amount(from);
        c->book_receipt.payer = random_party(from);
        c->book_receipt.bank_reference = random_utf8(from, 0, BANK_REFERENCE_CHARACTERS_MAX);
        c->book_receipt.value_date = random_percent(random, 50) ? 0 : random_day(from);
        c->book_receipt.remark = random_remark(from);
        c->book_receipt.way = (int32_t)random_between(random, 0, MONEY_WAY_CROSS_BORDER);
        break;
    case COMMAND_PAY:
        c->pay.payer_account_id = random_id(from);
        c->pay.payees = random_payees(from, &c->pay.payee_count);
        fill_random_fee(from, &c->pay.fee_minor, &c->pay.fee_rule, &c->pay.fee_bearer);
        c->pay.order_number = random_order_number(from, 0);
        c->pay.withdrawable_next_date = random_percent(random, 50);
        c->pay.remark = random_remark(from);
        break;
    case COMMAND_REFUND:
        c->refund.original_sequence = random_id(from);
        c->refund.order_number = random_order_number(from, 0);
        if (random_percent(random, 70))
            c->refund.payees = random_payees(from, &c->refund.payee_count);
        c->refund.remark = random_remark(from);
        break;
    case COMMAND_ALLOCATE_SUSPENSE:
        c->allocate_suspense.suspense_id = random_id(from);
        c->allocate_suspense.payees = random_payees(from, &c->allocate_suspense.payee_count);
        c->allocate_suspense.order_number = random_order_number(from, 0);
        c->allocate_suspense.remark = random_remark(from);
        if (random_percent(random, 50))
            c->allocate_suspense.fee_rule = random_name(from, FEE_RULE_NAME_BYTES_MAX);
        break;
    case COMMAND_UNDO_ALLOCATION:
        c->undo_allocation.suspense_id = random_id(from);
        c->undo_allocation.original_sequence = random_id(from);
        if (random_percent(random, 70))
            c->undo_allocation.payees = random_payees(from, &c->undo_allocation.payee_count);
        c->undo_allocation.remark = random_remark(from);
        c->undo_allocation.lump_id = random_percent(random, 50) ? 0 : random_id(from);
        c->undo_allocation.payout_id = random_percent(random, 50) ? 0 : random_id(from);
        break;
    case COMMAND_OPEN_LUMP:
        c->open_lump.suspense_id = random_id(from);
        c->open_lump.control_count = random_between(random, 1, BATCH_COMMANDS_MAX - 1);
        c->open_lump.control_minor = random_amount(from);
        if (c->open_lump.control_minor < c->open_lump.control_count)
            c->open_lump.control_minor = c->open_lump.control_count;
        c->open_lump.is_all_or_none = random_percent(random, 50);
        break;
    case COMMAND_ALLOCATE_LINE:
        fill_random_line(&c->allocate_line, from);
        break;
    case COMMAND_OPEN_BANK_STATEMENT:
        fill_random_statement(&c->open_bank_statement, from);
        break;
    case COMMAND_ADD_STATEMENT_LINE:
        fill_random_statement_line(&c->add_statement_line, from);
        break;
    case COMMAND_CLOSE_BANK_STATEMENT:
        c->close_bank_statement.bank_statement_id = random_id(from);
        c->close_bank_statement.is_cancelled = random_percent(random, 50);
        c->close_bank_statement.is_as_it_stands =
            !c->close_bank_statement.is_cancelled && random_percent(random, 50);
        break;
    case COMMAND_MATCH_STATEMENT_LINE:
        c->match_statement_line.statement_line_id = random_id(from);
        c->match_statement_line.payout_id = random_percent(random, 50) ? random_id(from) : 0;
        if (c->match_statement_line.payout_id == 0)
            c->match_statement_line.receipt_sequence = random_id(from);
        c->match_statement_line.amount_minor = random_amount(from);
        c->match_statement_line.rule = random_text(from, "ABCabc019_.-", 1, MATCH_RULE_BYTES_MAX);
        break;
    case COMMAND_UNDO_MATCH:
        c->undo_match.statement_match_id = random_id(from);
        c->undo_match.remark = random_remark(from);
        break;
    case COMMAND_CLOSE_LUMP:
        c->close_lump.lump_id = random_id(from);
        c->close_lump.is_cancelled = random_percent(random, 50);
        c->close_lump.is_as_it_stands = !c->close_lump.is_cancelled && random_percent(random, 50);
        break;
    case COMMAND_RETURN_SUSPENSE:
        c->return_suspense.suspense_id = random_id(from);
        c->return_suspense.original_sequence = random_id(from);
        c->return_suspense.amount_minor = random_percent(random, 50) ? 0 : random_amount(from);
        c->return_suspense.remark = random_remark(from);
        break;
    case COMMAND_ADOPT_SUSPENSE:
        c->adopt_suspense.amount_minor = random_amount(from);
        c->adopt_suspense.original_sequence = random_percent(random, 50) ? 0 : random_id(from);
        c->adopt_suspense.reason = random_utf8(from, 1, REMARK_CHARACTERS_MAX);
        break;
    case COMMAND_OPEN_PRODUCT:
        c->open_product = (struct open_product){.code = random_text(from, DIGITS, 1, 32),
            .name = random_text(from, DIGITS, 1, PRODUCT_NAME_BYTES_MAX),
            .kind = (int32_t)random_between(random, PRODUCT_FUND, PRODUCT_OTHER),
            .scale = (int32_t)random_between(random, 0, UNIT_SCALE_MAX),
            .cash_account_id = random_id(from),
            .unit_rounding = PRODUCT_ROUNDING_DOWN,
            .money_rounding = (int32_t)random_between(random, 1, PRODUCT_ROUNDING_DOWN),
            .rest = (int32_t)random_between(random, 1, PRODUCT_REST_TO_HOLDER),
            .is_at_once = random_percent(random, 50)};
        break;
    case COMMAND_CLOSE_PRODUCT:
        c->close_product.product_id = random_id(from);
        c->close_product.remark = random_remark(from);
        break;
    case COMMAND_PUBLISH_PRICE:
        c->publish_price.product_id = random_id(from);
        c->publish_price.date = (int32_t)random_between(random, 1, 50000);
        c->publish_price.price_e8 = random_between(random, 1, PRICE_E8_MAX);
        c->publish_price.corrects_price_id = random_percent(random, 50) ? 0 : random_id(from);
        break;
    case COMMAND_SUBSCRIBE:
        c->subscribe = (struct subscribe){
            random_id(from), random_id(from), random_amount(from), random_remark(from)};
        break;
    case COMMAND_REDEEM:
        c->redeem =
            (struct redeem){random_id(from), random_id(from), random_id(from), random_remark(from)};
        break;
    case COMMAND_OPEN_ACQUIRER:
        c->open_acquirer.name = text_of("ACQUIRER_NAME-32.characters.long");
        fill_random_acquirer(&c->open_acquirer.terms, from);
        break;
    case COMMAND_SET_ACQUIRER:
        c->set_acquirer.acquirer_id = random_id(from);
        c->set_acquirer.is_stopped = random_percent(random, 50);
        fill_random_acquirer(&c->set_acquirer.terms, from);
        break;
    case COMMAND_BOOK_PROMISE:
        c->book_promise.acquirer_id = random_id(from);
        c->book_promise.account_id = random_id(from);
        c->book_promise.amount_minor = random_amount(from);
        c->book_promise.reference = random_order_number(from, 1);
        c->book_promise.order_number = random_order_number(from, 0);
        c->book_promise.remark = random_remark(from);
        break;
    case COMMAND_CANCEL_PROMISE:
        c->cancel_promise.promise_id = random_id(from);
        c->cancel_promise.amount_minor = random_percent(random, 50) ? 0 : random_amount(from);
        c->cancel_promise.remark = random_remark(from);
        break;
    case COMMAND_OPEN_SETTLEMENT:
        c->open_settlement.acquirer_id = random_id(from);
        c->open_settlement.suspense_id = random_id(from);
        c->open_settlement.line_count = (int32_t)random_between(random, 1, SETTLEMENT_LINES_MAX);
        c->open_settlement.total_minor = random_amount(from);
        c->open_settlement.remark = random_remark(from);
        break;
    case COMMAND_SETTLE_LINE:
        fill_random_settle_line(&c->settle_line, from);
        break;
    case COMMAND_CLOSE_SETTLEMENT:
        c->close_settlement.settlement_id = random_id(from);
        c->close_settlement.is_abandoned = random_percent(random, 50);
        if (c->close_settlement.is_abandoned)
            c->close_settlement.suspense_id = random_id(from);
        c->close_settlement.remark = random_remark(from);
        break;
    case COMMAND_CLOSE_DIFFERENCE:
        fill_random_close_difference(&c->close_difference, from);
        break;
    case COMMAND_WITHDRAW:
        fill_random_withdraw(&c->withdraw, from);
        break;
    case COMMAND_CONFIRM_PAYOUT:
        c->confirm_payout.payout_id = random_id(from);
        c->confirm_payout.result =
            (int32_t)random_between(random, PAYOUT_RESULT_PAID, PAYOUT_RESULT_UNKNOWN);
        if (c->confirm_payout.result == PAYOUT_RESULT_RETURNED && random_percent(random, 70))
            c->confirm_payout.amount_minor = random_amount(from);
        c->confirm_payout.correction =
            c->confirm_payout.result <= PAYOUT_RESULT_RETURNED && random_percent(random, 30);
        c->confirm_payout.bank_reference =
            random_utf8(from, c->confirm_payout.correction ? 1 : 0, BANK_REFERENCE_CHARACTERS_MAX);
        c->confirm_payout.reason = random_remark(from);
        break;
    case COMMAND_INTERCEPT_PAYOUT:
        c->intercept_payout.payout_id = random_id(from);
        c->intercept_payout.reason = random_remark(from);
        break;
    case COMMAND_COLLECT_FEES:
        c->collect_fees.account_id = random_percent(random, 50) ? 0 : random_id(from);
        c->collect_fees.amount_minor = random_amount(from);
        c->collect_fees.fee_rule = random_name(from, FEE_RULE_NAME_BYTES_MAX);
        c->collect_fees.remark = random_remark(from);
        break;
    default:
        ck_abort_msg("not a kind of this function");
    }
}

static void fill_random_hold(struct command *c, const struct source *from)
{
    struct random *random = from->random;
    switch (c->kind) {
    case COMMAND_PLACE_HOLD:
        c->place_hold.payer_account_id = random_id(from);
        c->place_hold.amount_minor = random_amount(from);
        c->place_hold.order_number = random_order_number(from, 1);
        c->place_hold.expires_at_us = random_time(from);
        c->place_hold.remark = random_remark(from);
        break;
    case COMMAND_CONFIRM_HOLD:
        c->confirm_hold.payer_account_id = random_id(from);
        c->confirm_hold.order_number = random_order_number(from, 1);
        c->confirm_hold.hold_id = random_percent(random, 50) ? 0 : random_id(from);
        c->confirm_hold.payees = random_payees(from, &c->confirm_hold.payee_count);
        fill_random_fee(from, &c->confirm_hold.fee_minor, &c->confirm_hold.fee_rule,
            &c->confirm_hold.fee_bearer);
        c->confirm_hold.withdrawable_next_date = random_percent(random, 50);
        c->confirm_hold.remark = random_remark(from);
        break;
    case COMMAND_CANCEL_HOLD:
        c->cancel_hold.payer_account_id = random_id(from);
        c->cancel_hold.order_number = random_order_number(from, 1);
        c->cancel_hold.hold_id = random_percent(random, 50) ? 0 : random_id(from);
        c->cancel_hold.amount_minor = random_percent(random, 50) ? 0 : random_amount(from);
        c->cancel_hold.remark = random_remark(from);
        break;
    case COMMAND_PLACE_FREEZE:
        c->place_freeze.account_id = random_id(from);
        c->place_freeze.amount_minor = random_amount(from);
        c->place_freeze.purpose = random_name(from, PURPOSE_BYTES_MAX);
        c->place_freeze.expires_at_us = random_percent(random, 50) ? 0 : random_time(from);
        c->place_freeze.reason = random_remark(from);
        break;
    case COMMAND_LIFT_FREEZE:
        c->lift_freeze.freeze_id = random_id(from);
        c->lift_freeze.amount_minor = random_percent(random, 50) ? 0 : random_amount(from);
        c->lift_freeze.reason = random_remark(from);
        break;
    default:
        ck_abort_msg("not a kind of this function");
    }
}

static void fill_random_correction(struct command *c, const struct source *from)
{
    switch (c->kind) {
    case COMMAND_EXPIRE:
        c->expire.kind = (int32_t)random_between(from->random, EXPIRY_HOLD, EXPIRY_FEEDBACK);
        c->expire.id = random_id(from);
        break;
    case COMMAND_REVERSE:
        c->reverse.original_sequence = random_id(from);
        c->reverse.reason = random_utf8(from, 1, REMARK_CHARACTERS_MAX);
        break;
    case COMMAND_PROPOSE_ADJUSTMENT:
        c->propose_adjustment.debit_account_id = random_id(from);
        c->propose_adjustment.credit_account_id = random_id(from);
        c->propose_adjustment.amount_minor = random_amount(from);
        c->propose_adjustment.reason = random_utf8(from, 1, REMARK_CHARACTERS_MAX);
        c->propose_adjustment.expires_at_us = random_time(from);
        break;
    case COMMAND_APPROVE_ADJUSTMENT:
        c->approve_adjustment.adjustment_id = random_id(from);
        if (random_percent(from->random, 50))
            c->approve_adjustment.despite_restriction =
                random_utf8(from, 1, BANK_REFERENCE_CHARACTERS_MAX);
        break;
    case COMMAND_WITHDRAW_ADJUSTMENT:
        c->withdraw_adjustment.adjustment_id = random_id(from);
        c->withdraw_adjustment.reason = random_remark(from);
        break;
    case COMMAND_ADJUST:
        c->adjust.debit_account_id = random_id(from);
        c->adjust.credit_account_id = random_id(from);
        c->adjust.amount_minor = random_amount(from);
        c->adjust.reason = random_utf8(from, 1, REMARK_CHARACTERS_MAX);
        if (random_percent(from->random, 50))
            c->adjust.despite_restriction = random_utf8(from, 1, BANK_REFERENCE_CHARACTERS_MAX);
        break;
    default:
        ck_abort_msg("not a kind of this function");
    }
}

static void fill_random_rights(struct caller_rights *rights, const struct source *from)
{
    struct random *random = from->random;
#define ROLE(number, NAME, name) rights->roles.name = random_percent(random, 50);
#include "model/role_list.h"
    rights->roles.front = true;
    rights->all_ledgers = random_percent(random, 30);
    rights->any_channel = random_percent(random, 30);
    rights->ledger_count =
        rights->all_ledgers ? 0 : (uint32_t)random_between(random, 0, CALLER_LEDGERS_MAX);
    rights->channel_count =
        rights->any_channel ? 0 : (uint32_t)random_between(random, 0, CALLER_CHANNELS_MAX);
    struct caller_ledger *ledgers =
        random_elements(from, rights->ledger_count + 1, sizeof *ledgers);
    struct caller_channel *channels =
        random_elements(from, rights->channel_count + 1, sizeof *channels);
    for (uint32_t i = 0; i < rights->ledger_count; i++)
        ledgers[i].ledger_id = INT64_MAX - i;
    for (uint32_t i = 0; i < rights->channel_count; i++) {
        static const char *const names[] = {"a", "bb", "c.c", "d-d", "e_e", "FFFFFFFFFFFFFFFF",
            "0000000000000000", "................"};
        channels[i].channel = text_of(names[i]);
    }
    rights->ledgers = ledgers;
    rights->channels = channels;
}

static void fill_random_caller(struct command *c, const struct source *from)
{
    if (c->kind == COMMAND_CREATE_CALLER) {
        c->create_caller.name = random_name(from, CALLER_NAME_BYTES_MAX);
        fill_random_rights(&c->create_caller.rights, from);
        return;
    }
    c->update_caller.caller_id = random_id(from);
    fill_random_rights(&c->update_caller.rights, from);
    c->update_caller.status =
        (int32_t)random_between(from->random, CALLER_ACTIVE, CALLER_SUSPENDED);
}

/* One of any kind that can be proposed and has fields. */
static struct text random_inside(struct propose *propose, const struct source *from)
{
    enum command_kind kind;
    do {
        size_t count = 0;
        while (sample_kinds[count] != 0)
            count++;
        kind = sample_kinds[random_between(from->random, 0, (int64_t)count - 1)];
    } while (!command_is_proposable((int)kind) || kind == COMMAND_CLOSE_LEDGER);
    struct command inside = sample_random_command(kind, from->random, from->arena);
    memset(&inside.key, 0, sizeof inside.key);
    inside.ledger_id = 0;
    inside.dry_run = false;
    uint8_t *bytes = arena_try_alloc(from->arena, PROPOSED_BYTES_MAX);
    ck_assert_ptr_nonnull(bytes);
    command_propose(propose, &inside);
    return (struct text){(const char *)bytes, (uint32_t)command_put_proposed(&inside, bytes)};
}

static void fill_random_proposal(struct command *c, const struct source *from)
{
    if (c->kind == COMMAND_PROPOSE) {
        c->propose.command = random_inside(&c->propose, from);
        c->propose.reason = random_remark(from);
        c->propose.expires_at_us = random_time(from);
        return;
    }
    if (c->kind == COMMAND_WITHDRAW_PROPOSAL) {
        c->withdraw_proposal.proposal_id = random_id(from);
        c->withdraw_proposal.reason = random_remark(from);
        return;
    }
    static const int32_t kinds[] = {COMMAND_PAY, COMMAND_WITHDRAW, COMMAND_CUT_DAY,
        COMMAND_BOOK_RECEIPT, COMMAND_SET_APPROVAL_POLICY, COMMAND_REVERSE, COMMAND_REFUND};
    uint32_t count = (uint32_t)random_between(from->random, 0, 7);
    struct approval_rule_asked *rules = random_elements(from, count + 1, sizeof *rules);
    for (uint32_t i = 0; i < count; i++) {
        rules[i].kind = kinds[i];
        if (command_has_amount(kinds[i]))
            rules[i].above_amount_minor = random_amount(from);
    }
    c->set_approval_policy.rules = rules;
    c->set_approval_policy.rule_count = count;
}

static const struct account_level_asked *random_levels(
    const struct source *from, uint32_t *ret_count)
{
    uint32_t count = (uint32_t)random_between(from->random, 0, MEMBER_LEVELS);
    struct account_level_asked *levels = random_elements(from, count + 1, sizeof *levels);
    int32_t first = (int32_t)random_between(from->random, 0, MEMBER_LEVELS - 1);
    for (uint32_t i = 0; i < count; i++) {
        struct account_level_asked *level = &levels[i];
        level->level = (first + (int32_t)i) % MEMBER_LEVELS;
        level->may_receive = random_percent(from->random, 50);
        level->may_pay = random_percent(from->random, 50);
        level->may_withdraw = random_percent(from->random, 50);
        int64_t *const limits[] = {&level->operation_in_minor, &level->operation_out_minor,
            &level->date_in_minor, &level->date_out_minor, &level->year_in_minor,
            &level->year_out_minor, &level->balance_minor};
        for (size_t k = 0; k < sizeof limits / sizeof *limits; k++)
            *limits[k] = random_percent(from->random, 50) ? random_amount(from) : 0;
    }
    *ret_count = count;
    return levels;
}

static void fill_random_account_policy(struct set_account_policy *policy, const struct source *from)
{
    policy->preset = (int32_t)random_between(from->random, 1, ACCOUNT_POLICY_CUSTOM);
    policy->merchant_count = 0;
    policy->user_count = 0;
    if (policy->preset != ACCOUNT_POLICY_CUSTOM)
        return;
    policy->merchants = random_levels(from, &policy->merchant_count);
    policy->users = random_levels(from, &policy->user_count);
}

static void fill_random_proof_policy(struct command *c, const struct source *from)
{
    static const int32_t kinds[] = {COMMAND_PAY, COMMAND_WITHDRAW, COMMAND_PLACE_HOLD,
        COMMAND_BIND_CARD, COMMAND_UNBIND_CARD, COMMAND_REPLACE_CARD};
    uint32_t count = (uint32_t)random_between(from->random, 0, 6);
    struct proof_rule_asked *rules = random_elements(from, count + 1, sizeof *rules);
    for (uint32_t i = 0; i < count; i++) {
        rules[i].kind = kinds[i];
        if (command_has_amount(kinds[i]))
            rules[i].above_amount_minor = random_amount(from);
        rules[i].sms_code = random_percent(from->random, 50);
        rules[i].password = random_percent(from->random, 50);
        rules[i].signature = !rules[i].sms_code || random_percent(from->random, 50);
    }
    c->set_proof_policy.rules = rules;
    c->set_proof_policy.rule_count = count;
}

static void fill_random_reveal(struct reveal *reveal, const struct source *from)
{
    uint32_t count = (uint32_t)random_between(from->random, 1, REVEALS_PER_COMMAND_MAX);
    struct revealed *revealed = arena_try_alloc(from->arena, count * sizeof *revealed);
    ck_assert_ptr_nonnull(revealed);
    for (uint32_t i = 0; i < count; i++)
        revealed[i] = (struct revealed){.sequence = random_id(from)};
    reveal->commands = revealed;
    reveal->command_count = count;
    reveal->reason = random_name(from, REMARK_CHARACTERS_MAX);
    if (random_percent(from->random, 50))
        reveal->field = text_of("destination.account_number");
}

static struct request_key random_key(const struct source *from)
{
    struct text channel = random_name(from, CHANNEL_BYTES_MAX);
    struct text serial = random_text(from, VISIBLE, 1, SERIAL_BYTES_MAX);
    struct request_key key;
    memset(&key, 0, sizeof key);
    memcpy(key.channel, channel.bytes, channel.length);
    memcpy(key.serial, serial.bytes, serial.length);
    key.channel_length = (uint8_t)channel.length;
    key.serial_length = (uint8_t)serial.length;
    key.business_date = random_day(from);
    /* The one channel that is taken. */
    if (text_equals(channel, text_of(OWN_CHANNEL)))
        key.channel[0] = 'V';
    return key;
}

/* Where there is no proof. */
static int64_t random_mandate(const struct instruction_proof *proof, const struct source *from)
{
    return proof->kind == 0 && random_percent(from->random, 50) ? random_id(from) : 0;
}

static void fill_random_bind_card(struct bind_card *bind, const struct source *from)
{
    bind->member_id = random_id(from);
    bind->kind = (int32_t)random_between(from->random, CARD_PERSONAL, CARD_CORPORATE);
    bind->number = bind->kind == CARD_PERSONAL ? text_of("6216261000000000018")
                                               : random_text(from, DIGITS, 8, 32);
    bind->bank_code = random_text(from, VISIBLE, 0, BANK_CODE_BYTES_MAX);
    bind->holder = random_text(from, LETTERS, 1, PARTY_NAME_CHARACTERS_MAX);
    if (bind->kind == CARD_CORPORATE && random_percent(from->random, 50))
        bind->mobile = (struct text){0};
}

static void fill_random_card(struct command *c, const struct source *from)
{
    int32_t reason = (int32_t)random_between(from->random, CARD_END_BY_MEMBER, CARD_END_MISTAKE);
    switch (c->kind) {
    case COMMAND_BIND_CARD:
        fill_random_bind_card(&c->bind_card, from);
        break;
    case COMMAND_CHECK_CARD:
        c->check_card.card_id = random_id(from);
        c->check_card.way = (int32_t)random_between(from->random, 1, CARD_SMALL_AMOUNT);
        break;
    case COMMAND_CONFIRM_CARD_CHECK:
        c->confirm_card_check.card_id = random_id(from);
        c->confirm_card_check.check_sequence = random_id(from);
        c->confirm_card_check.result = (int32_t)random_between(from->random, 1, CARD_CHECK_UNKNOWN);
        c->confirm_card_check.result_code = random_utf8(from, 0, BANK_REFERENCE_CHARACTERS_MAX);
        c->confirm_card_check.reference = random_utf8(from, 0, BANK_REFERENCE_CHARACTERS_MAX);
        break;
    case COMMAND_CONFIRM_CARD_AMOUNT:
        c->confirm_card_amount.card_id = random_id(from);
        c->confirm_card_amount.amount_minor = random_amount(from);
        break;
    case COMMAND_UNBIND_CARD:
        c->unbind_card.card_id = random_id(from);
        c->unbind_card.reason = reason;
        c->unbind_card.evidence = random_name(from, REMARK_CHARACTERS_MAX);
        break;
    case COMMAND_REPLACE_CARD:
        c->replace_card.card_id = random_id(from);
        c->replace_card.new_card_id = random_id(from);
        c->replace_card.reason = reason;
        c->replace_card.evidence = random_name(from, REMARK_CHARACTERS_MAX);
        break;
    default:
        ck_abort_msg("not a kind of this function");
    }
}

static void fill_random_proof(struct command *c, const struct source *from)
{
    struct instruction_proof *proof = (struct instruction_proof *)(uintptr_t)command_proof(c);
    int64_t issued_us = random_between(from->random, 1, TIME_US_MAX - 1);
    if (random_percent(from->random, 30))
        return;
    struct text number = random_text(from, DIGITS, 8, 32);
    *proof = (struct instruction_proof){
        .kind = (int32_t)random_between(from->random, PROOF_SMS_CODE, PROOF_SIGNATURE),
        .result = (int32_t)random_between(from->random, PROOF_RIGHT, PROOF_WRONG),
        .reference = random_text(from, VISIBLE, 1, SOURCE_ORDER_BYTES_MAX),
        .amount_minor = random_amount(from),
        .account_id = random_id(from),
        .member_id = random_id(from),
        .payee_account_id = random_id(from),
        .payee_account_number = sample_has_number(c->kind) ? number : (struct text){0},
        .card_id = random_id(from),
        .order_number = random_order_number(from, 0),
        .issued_at_us = issued_us,
        .expires_at_us = random_between(from->random, issued_us + 1, TIME_US_MAX),
    };
}

static void fill_random_denied(struct add_denied *add, const struct source *from)
{
    add->source = (int32_t)random_between(from->random, DENIED_BY_LAW, DENIED_BY_PLATFORM);
    add->reason = random_name(from, REMARK_CHARACTERS_MAX);
    add->from_date = random_percent(from->random, 50) ? 20000 : 0;
    add->expires_at_us = random_percent(from->random, 50) ? random_between(from->random, 1, 99) : 0;
    switch (random_below(from->random, 3)) {
    case 0:
        add->name = random_text(from, LETTERS, 1, PARTY_NAME_CHARACTERS_MAX);
        break;
    case 1:
        add->name = (struct text){0};
        add->document_kind = DOCUMENT_CITIZEN_CARD;
        add->document_number = text_of("11010519491231002X");
        break;
    default:
        add->name = (struct text){0};
        add->account_number = random_text(from, DIGITS, 8, 32);
    }
}

static void fill_random_screening(struct command *c, const struct source *from)
{
    switch (c->kind) {
    case COMMAND_ADD_DENIED:
        fill_random_denied(&c->add_denied, from);
        break;
    case COMMAND_END_DENIED:
        c->end_denied.denied_id = random_id(from);
        c->end_denied.evidence = random_name(from, REMARK_CHARACTERS_MAX);
        break;
    case COMMAND_DECIDE_HIT:
        c->decide_hit.hit_id = random_id(from);
        c->decide_hit.decision = (int32_t)random_between(from->random, 1, HIT_DECISION_CONFIRMED);
        c->decide_hit.reason = random_name(from, REMARK_CHARACTERS_MAX);
        c->decide_hit.evidence = random_name(from, REMARK_CHARACTERS_MAX);
        break;
    default:
        ck_abort_msg("not a kind of this function");
    }
}

static struct officer random_officer(const struct source *from)
{
    return (struct officer){
        random_utf8(from, 0, OFFICER_NAME_CHARACTERS_MAX), random_text(from, DIGITS, 0, 18)};
}

static struct paper random_paper(const struct source *from)
{
    return (struct paper){.authority_code = random_text(from, VISIBLE, 1, AUTHORITY_CODE_BYTES_MAX),
        .authority_name = random_name(from, AUTHORITY_NAME_CHARACTERS_MAX),
        .case_number = random_name(from, PAPER_CHARACTERS_MAX),
        .number = random_name(from, PAPER_CHARACTERS_MAX),
        .request_number = random_utf8(from, 0, PAPER_CHARACTERS_MAX),
        .digest = random_text(from, DIGITS, 0, PAPER_DIGEST_BYTES),
        .officer = random_officer(from),
        .second_officer = random_officer(from)};
}

static void fill_random_claim(struct command *c, const struct source *from)
{
    struct place_claim *place = &c->place_claim;
    int32_t ends = random_percent(from->random, 50) ? random_day(from) : 0;
    int64_t amount = random_percent(from->random, 70) ? random_amount(from) : 0;
    bool is_of_account = random_percent(from->random, 50);
    int64_t by_us =
        random_percent(from->random, 50) ? random_between(from->random, 1, TIME_US_MAX) : 0;
    switch (c->kind) {
    case COMMAND_PLACE_CLAIM:
        place->answer_by_us = by_us;
        place->account_id = is_of_account ? random_id(from) : 0;
        place->member_id = is_of_account ? 0 : random_id(from);
        place->authority = (int32_t)random_between(from->random, 1, AUTHORITY_CREDITOR);
        place->ground = (int32_t)random_between(from->random, 1, GROUND_SECURED_RIGHT);
        place->amount_minor = amount;
        place->ends_date = ends;
        place->has_fruits = random_percent(from->random, 50);
        place->is_secret = random_percent(from->random, 50);
        place->subject = (struct identified){0};
        if (random_percent(from->random, 50)) {
            place->subject = random_identified(from, random_percent(from->random, 50));
            place->subject.valid_from_date = place->subject.valid_until_date = 0;
        }
        place->paper = random_paper(from);
        if (random_percent(from->random, 50))
            place->payee = random_party(from);
        break;
    case COMMAND_CONTINUE_CLAIM:
        c->continue_claim =
            (struct continue_claim){random_id(from), ends, random_paper(from), by_us};
        break;
    case COMMAND_RELEASE_CLAIM:
        c->release_claim =
            (struct release_claim){random_id(from), amount, random_paper(from), by_us};
        break;
    case COMMAND_DEDUCT_CLAIM:
        c->deduct_claim = (struct deduct_claim){random_id(from), amount,
            random_percent(from->random, 50), random_paper(from), random_party(from), by_us};
        break;
    case COMMAND_OPEN_FEEDBACK:
        c->open_feedback = (struct open_feedback){by_us, random_paper(from)};
        break;
    case COMMAND_GIVE_FEEDBACK:
        c->give_feedback = (struct give_feedback){random_id(from),
            random_text(from, VISIBLE, 1, AUTHORITY_CODE_BYTES_MAX),
            random_text(from, DIGITS, 1, CHECKED_BY_BYTES_MAX),
            random_utf8(from, 0, PAPER_CHARACTERS_MAX),
            random_text(from, DIGITS, 0, PAPER_DIGEST_BYTES)};
        break;
    default:
        ck_abort_msg("not a kind of this function");
    }
}

struct command sample_random_command(
    enum command_kind kind, struct random *random, struct arena *arena)
{
    struct source from = {random, arena};
    struct command command = sample_command(kind);
    struct command *c = &command;
    c->key = random_key(&from);
    c->dry_run = random_percent(random, 20) && !command_is_a_try((int)kind);
    if (command_has_ledger((int)kind))
        c->ledger_id = random_id(&from);
    if (command_has_proof((int)kind))
        fill_random_proof(c, &from);
    if (kind == COMMAND_PAY)
        c->pay.mandate_id = random_mandate(&c->pay.proof, &from);
    if (kind == COMMAND_WITHDRAW)
        c->withdraw.mandate_id = random_mandate(&c->withdraw.proof, &from);
    switch (kind) {
    case COMMAND_OPEN_LEDGER:
        fill_random_open_ledger(&c->open_ledger, &from);
        break;
    case COMMAND_CLOSE_LEDGER:
        break;
    case COMMAND_CUT_DAY:
        c->cut_day.accounting_date = random_day(&from);
        break;
    case COMMAND_SET_TERMS:
        fill_random_terms(&c->set_terms, &from);
        break;
    case COMMAND_SET_FEE_RULE:
        fill_random_fee_rule(&c->set_fee_rule, &from);
        break;
    case COMMAND_OPEN_MEMBER:
        c->open_member.kind = (int32_t)random_between(random, MEMBER_MERCHANT, MEMBER_USER);
        c->open_member.platform_member_id = random_utf8(&from, 1, PLATFORM_MEMBER_ID_BYTES_MAX);
        break;
    case COMMAND_IDENTIFY_MEMBER:
        fill_random_identify(&c->identify_member, &from);
        break;
    case COMMAND_CLOSE_MEMBER:
    case COMMAND_OPEN_ACCOUNT:
    case COMMAND_CLOSE_ACCOUNT:
        c->close_account.account_id = random_id(&from);
        break;
    case COMMAND_RESTRICT_ACCOUNT:
        c->restrict_account.account_id = random_id(&from);
        c->restrict_account.no_in = random_percent(random, 50);
        c->restrict_account.no_out = random_percent(random, 50);
        c->restrict_account.reason = random_remark(&from);
        if (random_percent(random, 50))
            c->restrict_account.owner = text_of("................");
        break;
    case COMMAND_OPEN_FEE_ACCOUNT:
        c->open_fee_account.purpose = random_utf8(&from, 1, REMARK_CHARACTERS_MAX);
        break;
    case COMMAND_BOOK_INTEREST:
    case COMMAND_CHARGE_FEE:
        c->charge_fee.account_id = random_id(&from);
        c->charge_fee.amount_minor = random_amount(&from);
        c->charge_fee.remark = random_remark(&from);
        break;
    case COMMAND_BOOK_RECEIPT:
    case COMMAND_PAY:
    case COMMAND_WITHDRAW:
    case COMMAND_REFUND:
    case COMMAND_ALLOCATE_SUSPENSE:
    case COMMAND_UNDO_ALLOCATION:
    case COMMAND_OPEN_LUMP:
    case COMMAND_ALLOCATE_LINE:
    case COMMAND_CLOSE_LUMP:
    case COMMAND_OPEN_BANK_STATEMENT:
    case COMMAND_ADD_STATEMENT_LINE:
    case COMMAND_CLOSE_BANK_STATEMENT:
    case COMMAND_MATCH_STATEMENT_LINE:
    case COMMAND_UNDO_MATCH:
    case COMMAND_ADOPT_SUSPENSE:
    case COMMAND_RETURN_SUSPENSE:
    case COMMAND_CONFIRM_PAYOUT:
    case COMMAND_INTERCEPT_PAYOUT:
    case COMMAND_COLLECT_FEES:
    case COMMAND_OPEN_PRODUCT:
    case COMMAND_CLOSE_PRODUCT:
    case COMMAND_PUBLISH_PRICE:
    case COMMAND_SUBSCRIBE:
    case COMMAND_REDEEM:
    case COMMAND_OPEN_ACQUIRER:
    case COMMAND_SET_ACQUIRER:
    case COMMAND_BOOK_PROMISE:
    case COMMAND_CANCEL_PROMISE:
    case COMMAND_OPEN_SETTLEMENT:
    case COMMAND_SETTLE_LINE:
    case COMMAND_CLOSE_SETTLEMENT:
    case COMMAND_CLOSE_DIFFERENCE:
        fill_random_funds(c, &from);
        break;
    case COMMAND_BIND_CARD:
    case COMMAND_CHECK_CARD:
    case COMMAND_CONFIRM_CARD_CHECK:
    case COMMAND_CONFIRM_CARD_AMOUNT:
    case COMMAND_UNBIND_CARD:
    case COMMAND_REPLACE_CARD:
        fill_random_card(c, &from);
        break;
    case COMMAND_ADD_DENIED:
    case COMMAND_END_DENIED:
    case COMMAND_DECIDE_HIT:
        fill_random_screening(c, &from);
        break;
    case COMMAND_PLACE_CLAIM:
    case COMMAND_CONTINUE_CLAIM:
    case COMMAND_RELEASE_CLAIM:
    case COMMAND_DEDUCT_CLAIM:
    case COMMAND_OPEN_FEEDBACK:
    case COMMAND_GIVE_FEEDBACK:
        fill_random_claim(c, &from);
        break;
    case COMMAND_PLACE_HOLD:
    case COMMAND_CONFIRM_HOLD:
    case COMMAND_CANCEL_HOLD:
    case COMMAND_PLACE_FREEZE:
    case COMMAND_LIFT_FREEZE:
        fill_random_hold(c, &from);
        break;
    case COMMAND_EXPIRE:
    case COMMAND_REVERSE:
    case COMMAND_PROPOSE_ADJUSTMENT:
    case COMMAND_APPROVE_ADJUSTMENT:
    case COMMAND_WITHDRAW_ADJUSTMENT:
    case COMMAND_ADJUST:
        fill_random_correction(c, &from);
        break;
    case COMMAND_APPROVE:
        c->approve.proposal_id = random_id(&from);
        break;
    case COMMAND_PROPOSE:
    case COMMAND_WITHDRAW_PROPOSAL:
    case COMMAND_SET_APPROVAL_POLICY:
        fill_random_proposal(c, &from);
        break;
    case COMMAND_GRANT_MANDATE:
        c->grant_mandate.account_id = random_id(&from);
        c->grant_mandate.payee_account_id = random_percent(random, 50) ? random_id(&from) : 0;
        c->grant_mandate.card_id = c->grant_mandate.payee_account_id ? 0 : random_id(&from);
        c->grant_mandate.each_minor = random_amount(&from);
        c->grant_mandate.total_minor = AMOUNT_MINOR_MAX;
        c->grant_mandate.count = (int32_t)random_between(random, 1, MANDATE_USES_MAX);
        c->grant_mandate.starts_at_us = random_between(random, 0, TIME_US_MAX - 1);
        c->grant_mandate.expires_at_us =
            random_between(random, c->grant_mandate.starts_at_us + 1, TIME_US_MAX);
        c->grant_mandate.evidence = random_name(&from, REMARK_CHARACTERS_MAX);
        break;
    case COMMAND_END_MANDATE:
        c->end_mandate.mandate_id = random_id(&from);
        c->end_mandate.evidence = random_name(&from, REMARK_CHARACTERS_MAX);
        break;
    case COMMAND_SET_PROOF_POLICY:
        fill_random_proof_policy(c, &from);
        break;
    case COMMAND_CREATE_CALLER:
    case COMMAND_UPDATE_CALLER:
        fill_random_caller(c, &from);
        break;
    case COMMAND_SET_ACCOUNT_POLICY:
        fill_random_account_policy(&c->set_account_policy, &from);
        break;
    case COMMAND_REVEAL:
        fill_random_reveal(&c->reveal, &from);
        break;
    }
    return command;
}
