/* camt_content.c: what the elements of a camt statement say: its balances, its entries, and their
 * payments.
 *
 * CdtDbtInd is the sign of the entry itself, also of a reversal. Only entries with the status BOOK
 * move the balance from OPBD (else PRCD) to CLBD. A camt.052 has ITBD instead: the first of two is
 * the opening balance, the last the closing one.
 * Source: ISO 20022, camt.052, .053 and .054.
 * SPDX-License-Identifier: Apache-2.0 */
#include "statement/camt_parts.h"

#include "model/currency.h"
#include "statement/figures.h"

#include <assert.h>
#include <string.h>

uint32_t camt_line(const struct camt *camt)
{
    xmlNodePtr node = xmlTextReaderCurrentNode(camt->xml);
    long line = node ? xmlGetLineNo(node) : 0;
    if (line <= 0 || line >= UINT16_MAX)
        line = xmlTextReaderGetParserLineNumber(camt->xml);
    return line > 0 ? (uint32_t)line : 1;
}

bool camt_refuse(struct camt *camt, const char *rule)
{
    return reading_refuse(camt->reading, camt_line(camt), "%s", rule);
}

/* ---- amounts and balances ---- */

static bool take_amount(struct camt *camt, struct amount *amount, const char *field)
{
    struct text text = {
        .bytes = (const char *)camt->text.bytes, .length = (uint32_t)camt->text.length};
    amount->line = camt_line(camt);
    if (!reading_copy(amount->text, sizeof amount->text, text))
        return reading_refuse(camt->reading, amount->line, "%s is longer than an amount", field);
    return true;
}

/* The attribute Ccy of the element that begins. */
static bool take_currency(struct camt *camt, struct amount *amount, const char *field)
{
    xmlChar *code = xmlTextReaderGetAttribute(camt->xml, (const xmlChar *)"Ccy");
    bool is_known = code && currency_digits(text_of((const char *)code)) >= 0;
    amount->currency[0] = '\0';
    if (is_known)
        memcpy(amount->currency, code, sizeof amount->currency);
    xmlFree(code);
    return is_known || reading_refuse(camt->reading, camt_line(camt),
                           "%s has no currency (Ccy) of ISO 4217", field);
}

/* The amount in minor units with its sign. */
static bool amount_of(
    struct camt *camt, const struct amount *amount, const char *field, int64_t *ret_amount_minor)
{
    static const struct amount_form form = {.point = '.'};
    if (amount->text[0] == '\0')
        return reading_refuse(camt->reading, camt_line(camt), "%s has no amount (Amt)", field);
    if (amount->sign == 0)
        return reading_refuse(
            camt->reading, amount->line, "%s has no CdtDbtInd, CRDT or DBIT", field);
    const char *rule = figure_amount(
        text_of(amount->text), form, currency_digits(text_of(amount->currency)), ret_amount_minor);
    if (rule)
        return reading_refuse(camt->reading, amount->line, "%s/Amt %s", field, rule);
    if (amount->sign == 'D')
        *ret_amount_minor = -*ret_amount_minor;
    return true;
}

static bool take_sign(struct camt *camt, struct amount *amount, const char *value)
{
    if (strcmp(value, "CRDT") != 0 && strcmp(value, "DBIT") != 0)
        return camt_refuse(camt, "CdtDbtInd is neither CRDT nor DBIT");
    amount->sign = value[0];
    return true;
}

static bool take_day(struct camt *camt, const char *value, int32_t *ret_day)
{
    return figure_iso_day(text_of(value), ret_day) ||
           camt_refuse(camt, "a date is no day YYYY-MM-DD");
}

/* Which of the kept balances a code is; BALANCE_KINDS: none. */
static enum balance_kind kind_of(const struct camt *camt)
{
    static const struct {
        const char *code;
        enum balance_kind kind;
    } kinds[] = {{"OPBD", OPBD}, {"PRCD", PRCD}, {"CLBD", CLBD}, {"ITBD", ITBD_FIRST},
        {"OPAV", OPAV}, {"CLAV", CLAV}};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (strcmp(camt->balance_kind, kinds[i].code) != 0)
            continue;
        if (kinds[i].kind == ITBD_FIRST && camt->balances[ITBD_FIRST].is_given)
            return ITBD_LAST;
        return kinds[i].kind;
    }
    return BALANCE_KINDS;
}

static bool end_balance(struct camt *camt)
{
    struct statement_balance balance = {.is_given = true, .date = camt->balance_date};
    enum balance_kind kind = kind_of(camt);
    if (kind == BALANCE_KINDS)
        return true;
    if (!amount_of(camt, &camt->balance, "Bal", &balance.amount_minor))
        return false;
    memcpy(balance.currency, camt->balance.currency, sizeof balance.currency);
    struct statement_balance *kept = &camt->balances[kind];
    if (kept->is_given && strcmp(kept->currency, balance.currency) != 0)
        return camt_refuse(camt,
            "balances of one kind are in several currencies: ask the bank for a "
            "statement for each currency");
    if (kind == OPBD && !kept->is_given)
        camt->statement.opens_between = camt->balance_is_interim;
    if (kind == CLBD)
        camt->statement.closes_between = camt->balance_is_interim;
    if (!kept->is_given || kind == CLBD || kind == ITBD_LAST)
        *kept = balance;
    return true;
}

/* ---- the statement ---- */

bool camt_begin_statement(struct camt *camt)
{
    enum statement_format format = camt->reading->outcome->format;
    camt->is_told = false;
    camt->account[0] = '\0';
    camt->id[0] = '\0';
    camt->currency[0] = '\0';
    memset(camt->balances, 0, sizeof camt->balances);
    camt->statement = (struct statement){.format = format,
        .line = camt_line(camt),
        .account = camt->account,
        .id = camt->id,
        .currency = camt->currency,
        .has_no_opening = format != STATEMENT_CAMT053,
        .has_no_closing = format != STATEMENT_CAMT053};
    return true;
}

/* The opening and the closing balance among those that the statement has. */
static void choose_balances(struct camt *camt)
{
    const struct statement_balance *balances = camt->balances;
    struct statement *statement = &camt->statement;
    statement->opening = balances[OPBD].is_given ? balances[OPBD] : balances[PRCD];
    statement->closing = balances[CLBD];
    if (statement->format == STATEMENT_CAMT052 && !statement->closing.is_given)
        statement->closing =
            balances[ITBD_LAST].is_given ? balances[ITBD_LAST] : balances[ITBD_FIRST];
    if (statement->format == STATEMENT_CAMT052 && !statement->opening.is_given &&
        balances[ITBD_LAST].is_given)
        statement->opening = balances[ITBD_FIRST];
    if (!statement->opening.is_given && !statement->closing.is_given && balances[OPAV].is_given &&
        balances[CLAV].is_given) {
        statement->opening = balances[OPAV];
        statement->closing = balances[CLAV];
    }
}

/* Tells that the statement is open: before its first entry, behind its balances. */
static bool tell(struct camt *camt, const char *entry_currency)
{
    struct statement *statement = &camt->statement;
    if (camt->is_told)
        return true;
    if (camt->account[0] == '\0')
        return camt_refuse(camt, "the statement has no account (Acct/Id)");
    choose_balances(camt);
    const char *code = camt->currency;
    if (code[0] == '\0' && statement->opening.is_given)
        code = statement->opening.currency;
    else if (code[0] == '\0' && statement->closing.is_given)
        code = statement->closing.currency;
    else if (code[0] == '\0')
        code = entry_currency;
    memmove(camt->currency, code, strlen(code) + 1);
    int digits = currency_digits(text_of(camt->currency));
    statement->decimals = digits < 0 ? 0 : digits;
    camt->is_told = true;
    camt->statement_count++;
    return reading_open(camt->reading, statement);
}

/* The sums of the summary, whose currency is the statement's. */
static bool take_total(struct camt *camt, int which, bool is_sum, const char *value)
{
    static const struct amount_form form = {.point = '.'};
    struct statement_total *total = &camt->statement.totals[which];
    const char *code = camt->currency;
    total->line = camt_line(camt);
    if (!is_sum) {
        total->has_count = figure_count(text_of(value), &total->count);
        return total->has_count || camt_refuse(camt, "NbOfNtries is no number");
    }
    for (int i = 0; i < BALANCE_KINDS && code[0] == '\0'; i++)
        code = camt->balances[i].currency;
    /* The schema has no currency here; without account's and balances' it is not known yet. */
    if (code[0] == '\0')
        return true;
    const char *rule =
        figure_amount(text_of(value), form, currency_digits(text_of(code)), &total->sum_minor);
    total->has_sum = true;
    return !rule || reading_refuse(camt->reading, total->line, "TxsSummry/Sum %s", rule);
}

bool camt_end_statement(struct camt *camt)
{
    struct statement *statement = &camt->statement;
    if (!tell(camt, ""))
        return false;
    /* They may stand behind the entries where a bank does not follow the schema. */
    choose_balances(camt);
    if (statement->closing.is_given && !camt->balances[CLBD].is_given &&
        !camt->balances[ITBD_FIRST].is_given)
        reading_find(camt->reading, statement, STATEMENT_NOTE, statement->line,
            "available balances (OPAV, CLAV) stand in for booked ones, which it does not have");
    if (!statement->opening.is_given && !statement->has_no_opening)
        return camt_refuse(camt, "the statement has no opening balance (Bal with OPBD or PRCD)");
    if (!statement->closing.is_given && !statement->has_no_closing)
        return camt_refuse(camt, "the statement has no closing balance (Bal with CLBD)");
    if (statement->opening.is_given && statement->from_date == 0)
        statement->from_date = statement->opening.date;
    if (statement->closing.is_given && statement->to_date == 0)
        statement->to_date = statement->closing.date;
    return reading_close(camt->reading, statement);
}

/* ---- an entry and its payments ---- */

static void clear_texts(struct buffer texts[TEXT_PARTS])
{
    for (int i = 0; i < TEXT_PARTS; i++)
        buffer_clear(&texts[i]);
}

static bool begin_entry(struct camt *camt)
{
    camt->entry = (struct statement_entry){.line = camt_line(camt), .time = -1};
    camt->amount = (struct amount){0};
    camt->has_status = false;
    camt->detail_sum_minor = 0;
    camt->has_detail_sum = true;
    clear_texts(camt->texts);
    return true;
}

static bool take_status(struct camt *camt, const char *value)
{
    camt->has_status = true;
    if (strcmp(value, "BOOK") == 0)
        camt->entry.status = STATEMENT_BOOKED;
    else if (strcmp(value, "PDNG") == 0 || strcmp(value, "FUTR") == 0)
        camt->entry.status = STATEMENT_PENDING;
    else if (strcmp(value, "INFO") == 0)
        camt->entry.status = STATEMENT_INFO;
    else
        return camt_refuse(camt, "Ntry/Sts is none of BOOK, PDNG, FUTR, INFO");
    return true;
}

static bool begin_detail(struct camt *camt)
{
    camt->detail = (struct statement_detail){.line = camt_line(camt)};
    camt->detail_amount = (struct amount){0};
    camt->amount_inside = (struct amount){0};
    clear_texts(camt->detail_texts);
    return true;
}

/* Who stands on the other side: of money that came in the debtor, unless it takes money back. */
static void choose_counterparty(
    struct buffer *texts, bool is_debtor, const char **ret_name, const char **ret_account)
{
    *ret_name = reading_string(&texts[is_debtor ? TEXT_DEBTOR : TEXT_CREDITOR]);
    *ret_account = reading_string(&texts[is_debtor ? TEXT_DEBTOR_ACCOUNT : TEXT_CREDITOR_ACCOUNT]);
}

static bool end_detail(struct camt *camt)
{
    struct statement_detail *detail = &camt->detail;
    struct amount *amount =
        camt->detail_amount.text[0] != '\0' ? &camt->detail_amount : &camt->amount_inside;
    amount->sign = camt->detail_amount.sign != 0 ? camt->detail_amount.sign : camt->amount.sign;
    detail->has_amount = amount->text[0] != '\0' && amount->sign != 0;
    if (detail->has_amount && !amount_of(camt, amount, "TxDtls", &detail->amount_minor))
        return false;
    memcpy(detail->currency, amount->currency, sizeof detail->currency);
    /* A bank that marks a payment other than its entry means the entry's direction. */
    int64_t absolute = detail->amount_minor < 0 ? -detail->amount_minor : detail->amount_minor;
    camt->has_detail_sum =
        camt->has_detail_sum && detail->has_amount &&
        strcmp(detail->currency, camt->amount.currency) == 0 &&
        !__builtin_add_overflow(camt->detail_sum_minor, absolute, &camt->detail_sum_minor);
    struct buffer *texts = camt->detail_texts;
    detail->bank_reference = reading_string(&texts[TEXT_BANK_REFERENCE]);
    detail->reference = reading_string(&texts[TEXT_REFERENCE]);
    detail->end_to_end = reading_string(&texts[TEXT_END_TO_END]);
    detail->return_reason = reading_string(&texts[TEXT_RETURN]);
    detail->text = reading_string(&texts[TEXT_FREE]);
    choose_counterparty(texts, (amount->sign == 'C') != camt->entry.is_reversal,
        &detail->counterparty, &detail->counterparty_account);
    if (!tell(camt, camt->amount.currency))
        return false;
    /* The only payment of an entry is the entry; of several each has its own. */
    bool is_first = ++camt->entry.detail_count == 1;
    for (int i = TEXT_END_TO_END; i < TEXT_FREE; i++) {
        buffer_clear(&camt->texts[i]);
        if (is_first)
            buffer_append(&camt->texts[i], texts[i].bytes, texts[i].length);
    }
    if (is_first && camt->texts[TEXT_REFERENCE].length == 0)
        buffer_append(&camt->texts[TEXT_REFERENCE], texts[TEXT_REFERENCE].bytes,
            texts[TEXT_REFERENCE].length);
    if (is_first && camt->texts[TEXT_FREE].length == 0)
        buffer_append(&camt->texts[TEXT_FREE], texts[TEXT_FREE].bytes, texts[TEXT_FREE].length);
    return reading_detail(camt->reading, &camt->statement, detail);
}

static bool end_entry(struct camt *camt)
{
    struct statement_entry *entry = &camt->entry;
    struct buffer *texts = camt->texts;
    if (!camt->has_status)
        return camt_refuse(camt, "Ntry has no status (Sts)");
    if (!amount_of(camt, &camt->amount, "Ntry", &entry->amount_minor) ||
        !tell(camt, camt->amount.currency))
        return false;
    memcpy(entry->currency, camt->amount.currency, sizeof entry->currency);
    if (entry->status == STATEMENT_BOOKED && strcmp(entry->currency, camt->currency) != 0)
        return reading_refuse(camt->reading, entry->line,
            "Ntry is booked in %s, the statement is in %s", entry->currency, camt->currency);
    int64_t absolute = entry->amount_minor < 0 ? -entry->amount_minor : entry->amount_minor;
    if (entry->detail_count > 0 && camt->has_detail_sum && camt->detail_sum_minor != absolute)
        reading_find(camt->reading, &camt->statement, STATEMENT_NOTE, entry->line,
            "the payments of the entry (TxDtls) do not add up to its amount");
    if (entry->booking_date == 0)
        entry->booking_date = entry->value_date;
    if (entry->value_date == 0)
        entry->value_date = entry->booking_date;
    entry->kind = reading_string(&texts[TEXT_KIND]);
    entry->bank_reference = reading_string(&texts[TEXT_BANK_REFERENCE]);
    entry->reference = reading_string(&texts[TEXT_REFERENCE]);
    entry->end_to_end = reading_string(&texts[TEXT_END_TO_END]);
    entry->return_reason = reading_string(&texts[TEXT_RETURN]);
    entry->text = reading_string(&texts[TEXT_FREE]);
    choose_counterparty(texts, (entry->amount_minor >= 0) != entry->is_reversal,
        &entry->counterparty, &entry->counterparty_account);
    return reading_entry(camt->reading, &camt->statement, entry);
}

/* ---- elements ---- */

/* Appends a text to what is there of the part; "NOTPROVIDED" stands for none. */
static bool take_text(struct camt *camt, struct buffer *buffer, const char *value, char between)
{
    if (value[0] == '\0' || strcmp(value, "NOTPROVIDED") == 0)
        return true;
    if (buffer->length + camt->text.length > STATEMENT_LINE_BYTES_MAX)
        return camt_refuse(camt, "the texts of an entry are longer than 64 KiB");
    if (buffer->length > 0)
        buffer_append_u8(buffer, (uint8_t)between);
    reading_append(buffer, text_of(value));
    return true;
}

bool camt_begin_element(struct camt *camt)
{
    buffer_clear(&camt->text);
    switch (camt->element) {
    case CAMT_BALANCE:
        camt->balance = (struct amount){0};
        camt->balance_kind[0] = '\0';
        camt->balance_date = 0;
        camt->balance_is_interim = false;
        return true;
    case CAMT_BALANCE_AMOUNT:
        return take_currency(camt, &camt->balance, "Bal/Amt");
    case CAMT_ENTRY:
        return begin_entry(camt);
    case CAMT_ENTRY_AMOUNT:
        return take_currency(camt, &camt->amount, "Ntry/Amt");
    case CAMT_DETAIL:
        return begin_detail(camt);
    case CAMT_DETAIL_AMOUNT:
        return take_currency(camt, &camt->detail_amount, "TxDtls/Amt");
    case CAMT_DETAIL_AMOUNT_INSIDE:
        return take_currency(camt, &camt->amount_inside, "TxDtls/AmtDtls/TxAmt/Amt");
    default:
        return true;
    }
}

static bool end_of_statement(struct camt *camt, enum camt_element element, const char *value)
{
    struct statement *statement = &camt->statement;
    switch (element) {
    case CAMT_ACCOUNT:
        return reading_copy_line(camt->account, sizeof camt->account, text_of(value)) ||
               camt_refuse(camt, "Acct/Id is longer than an account number");
    case CAMT_ACCOUNT_CURRENCY:
        if (currency_digits(text_of(value)) < 0)
            return camt_refuse(camt, "Acct/Ccy is no currency of ISO 4217");
        return reading_copy(camt->currency, sizeof camt->currency, text_of(value));
    case CAMT_COPY:
        statement->is_copy = true;
        return true;
    case CAMT_SEQUENCE:
        return figure_count(text_of(value), &statement->sequence) ||
               camt_refuse(camt, "ElctrncSeqNb is no number of at most 18 digits");
    case CAMT_LEGAL_SEQUENCE:
        return statement->sequence != 0 || figure_count(text_of(value), &statement->sequence) ||
               camt_refuse(camt, "LglSeqNb is no number of at most 18 digits");
    case CAMT_FROM:
        return take_day(camt, value, &statement->from_date);
    case CAMT_TO:
        return take_day(camt, value, &statement->to_date);
    case CAMT_ID:
        return reading_copy_line(camt->id, sizeof camt->id, text_of(value)) ||
               camt_refuse(camt, "Id is longer than 63 bytes");
    case CAMT_PAGE:
        return figure_count(text_of(value), &statement->page) ||
               camt_refuse(camt, "PgNb is no number");
    case CAMT_ALL_COUNT:
    case CAMT_CREDIT_COUNT:
    case CAMT_DEBIT_COUNT:
        return take_total(camt, ((int)element - CAMT_ALL_COUNT) / 2, false, value);
    case CAMT_ALL_SUM:
    case CAMT_CREDIT_SUM:
    case CAMT_DEBIT_SUM:
        return take_total(camt, ((int)element - CAMT_ALL_SUM) / 2, true, value);
    default:
        return true;
    }
}

static bool end_of_balance(struct camt *camt, enum camt_element element, const char *value)
{
    switch (element) {
    case CAMT_BALANCE:
        return end_balance(camt);
    case CAMT_BALANCE_AMOUNT:
        return take_amount(camt, &camt->balance, "Bal/Amt");
    case CAMT_BALANCE_SIGN:
        return take_sign(camt, &camt->balance, value);
    case CAMT_BALANCE_DATE:
        return take_day(camt, value, &camt->balance_date);
    case CAMT_BALANCE_KIND:
        /* What is longer is none of those that are kept. */
        if (!reading_copy(camt->balance_kind, sizeof camt->balance_kind, text_of(value)))
            camt->balance_kind[0] = '\0';
        return true;
    default:
        camt->balance_is_interim = strcmp(value, "INTM") == 0;
        return true;
    }
}

static bool end_of_entry(struct camt *camt, enum camt_element element, const char *value)
{
    switch (element) {
    case CAMT_ENTRY:
        return end_entry(camt);
    case CAMT_ENTRY_AMOUNT:
        return take_amount(camt, &camt->amount, "Ntry/Amt");
    case CAMT_ENTRY_SIGN:
        return take_sign(camt, &camt->amount, value);
    case CAMT_ENTRY_REVERSAL:
        camt->entry.is_reversal = strcmp(value, "true") == 0 || strcmp(value, "1") == 0;
        return true;
    case CAMT_ENTRY_STATUS:
        /* The element around Sts/Cd has no text of its own. */
        return value[0] == '\0' || take_status(camt, value);
    case CAMT_ENTRY_BOOKED:
        return take_day(camt, value, &camt->entry.booking_date);
    case CAMT_ENTRY_VALUE:
        return take_day(camt, value, &camt->entry.value_date);
    case CAMT_ENTRY_BANK_REFERENCE:
        return take_text(camt, &camt->texts[TEXT_BANK_REFERENCE], value, ' ');
    case CAMT_ENTRY_KIND:
        return take_text(camt, &camt->texts[TEXT_KIND], value, '/');
    case CAMT_ENTRY_BATCH:
        return take_text(camt, &camt->texts[TEXT_REFERENCE], value, ' ');
    default:
        return take_text(camt, &camt->texts[TEXT_FREE], value, '\n');
    }
}

static bool end_of_detail(struct camt *camt, enum camt_element element, const char *value)
{
    struct buffer *texts = camt->detail_texts;
    switch (element) {
    case CAMT_DETAIL:
        return end_detail(camt);
    case CAMT_DETAIL_AMOUNT:
        return take_amount(camt, &camt->detail_amount, "TxDtls/Amt");
    case CAMT_DETAIL_AMOUNT_INSIDE:
        return take_amount(camt, &camt->amount_inside, "TxDtls/AmtDtls/TxAmt/Amt");
    case CAMT_DETAIL_SIGN:
        return take_sign(camt, &camt->detail_amount, value);
    case CAMT_DETAIL_TEXT:
        return take_text(camt, &texts[TEXT_FREE], value, '\n');
    default:
        return take_text(
            camt, &texts[TEXT_BANK_REFERENCE + (element - CAMT_DETAIL_BANK_REFERENCE)], value, ' ');
    }
}
static_assert(CAMT_DETAIL_CREDITOR_ACCOUNT - CAMT_DETAIL_BANK_REFERENCE ==
                  TEXT_CREDITOR_ACCOUNT - TEXT_BANK_REFERENCE,
    "elements and texts of a payment stand in the same order");

bool camt_end_element(struct camt *camt, enum camt_element element)
{
    struct text whole = text_trimmed((struct text){
        .bytes = (const char *)camt->text.bytes, .length = (uint32_t)camt->text.length});
    struct buffer trimmed = {0};
    buffer_append(&trimmed, whole.bytes, whole.length);
    buffer_clear(&camt->text);
    buffer_append(&camt->text, trimmed.bytes, trimmed.length);
    buffer_finish(&trimmed);
    const char *value = reading_string(&camt->text);
    bool is_taken;
    if (element < CAMT_BALANCE || (element >= CAMT_ALL_COUNT && element <= CAMT_DEBIT_SUM))
        is_taken = end_of_statement(camt, element, value);
    else if (element < CAMT_ALL_COUNT)
        is_taken = end_of_balance(camt, element, value);
    else if (element < CAMT_DETAIL)
        is_taken = end_of_entry(camt, element, value);
    else
        is_taken = end_of_detail(camt, element, value);
    buffer_clear(&camt->text);
    return is_taken;
}
