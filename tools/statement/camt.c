/* camt.c: camt.053 statements, camt.052 reports and camt.054 notifications of ISO 20022.
 *
 * Read element by element by libxml2's xmlTextReader, which keeps one branch of the tree at a time.
 * A document type is refused, so there are no entities; nothing is loaded from outside; depth, text
 * and what stands between two nodes are bounded.
 *
 * CdtDbtInd is the sign of the entry itself, also of a reversal. Only entries with the status BOOK
 * move the balance from OPBD (else PRCD) to CLBD. A camt.052 has ITBD instead: the first of two is
 * the opening balance, the last the closing one.
 * Source: ISO 20022, camt.052, .053 and .054.
 * SPDX-License-Identifier: Apache-2.0 */
#include "statement/camt.h"

#include "base/check.h"
#include "model/currency.h"
#include "statement/figures.h"
#include "statement/reading.h"

#include <assert.h>
#include <libxml/xmlreader.h>
#include <stdio.h>
#include <string.h>

#define DEPTH_MAX 40
#define PATH_BYTES_MAX 1024
/* Between two nodes, and before the first element: a tag with very many attributes, which libxml2
 * compares each with each, would take hours. */
#define NODE_BYTES_MAX ((int64_t)128 << 10)
#define ACCOUNT_BYTES_MAX 128
#define ID_BYTES_MAX 64
#define AMOUNT_BYTES_MAX 32 /* 18 digits and a point are allowed */
#define OUTER_DEPTH_MAX 4   /* envelopes around the message */

/* An amount until all of its parts are known. */
struct amount {
    char text[AMOUNT_BYTES_MAX];
    char currency[4];
    char sign; /* 'C', 'D'; 0: not given */
    uint32_t line;
};

enum text_part {
    TEXT_KIND,
    TEXT_BANK_REFERENCE,
    TEXT_REFERENCE,
    TEXT_END_TO_END,
    TEXT_RETURN,
    TEXT_DEBTOR,
    TEXT_DEBTOR_ACCOUNT,
    TEXT_CREDITOR,
    TEXT_CREDITOR_ACCOUNT,
    TEXT_FREE,
    TEXT_PARTS,
};

enum balance_kind { OPBD, PRCD, CLBD, ITBD_FIRST, ITBD_LAST, OPAV, CLAV, BALANCE_KINDS };

struct camt {
    struct reading *reading;
    xmlTextReaderPtr xml;
    bool has_element;   /* the prologue is over */
    int64_t taken;      /* bytes that libxml2 has got */
    int64_t node_taken; /* so many of them when it told the last node */
    bool is_too_long;   /* it got no more, for the node would be too long */
    int error;          /* of libxml2; 0: none */
    uint32_t error_line;

    char path[PATH_BYTES_MAX]; /* below the statement */
    size_t path_length;
    int message_depth;         /* of the message; -1: not found yet */
    int statement_depth;       /* of the statement that is read; -1: none */
    enum camt_element element; /* whose text is being read */
    struct buffer text;

    bool is_told;
    struct statement statement;
    char account[ACCOUNT_BYTES_MAX];
    char id[ID_BYTES_MAX];
    char currency[4];
    struct statement_balance balances[BALANCE_KINDS];
    uint64_t statement_count;

    struct amount balance;
    char balance_kind[8];
    int32_t balance_date;
    bool balance_is_interim;

    struct statement_entry entry;
    struct amount amount;
    bool has_status;
    int64_t detail_sum_minor;
    bool has_detail_sum; /* all details so far have an amount in the entry's currency */
    struct buffer texts[TEXT_PARTS];

    struct statement_detail detail;
    struct amount detail_amount;
    struct amount amount_inside;
    struct buffer detail_texts[TEXT_PARTS];
};

/* Where the element begins. libxml2 keeps that up to 65534; from there on where it has read to,
 * which is up to 512 bytes further. */
static uint32_t line_of(const struct camt *camt)
{
    xmlNodePtr node = xmlTextReaderCurrentNode(camt->xml);
    long line = node ? xmlGetLineNo(node) : 0;
    if (line <= 0 || line >= UINT16_MAX)
        line = xmlTextReaderGetParserLineNumber(camt->xml);
    return line > 0 ? (uint32_t)line : 1;
}

static bool refuse(struct camt *camt, const char *rule)
{
    return reading_refuse(camt->reading, line_of(camt), "%s", rule);
}

/* ---- amounts and balances ---- */

static bool take_amount(struct camt *camt, struct amount *amount, const char *field)
{
    struct text text = {
        .bytes = (const char *)camt->text.bytes, .length = (uint32_t)camt->text.length};
    amount->line = line_of(camt);
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
    return is_known || reading_refuse(camt->reading, line_of(camt),
                           "%s has no currency (Ccy) of ISO 4217", field);
}

/* The amount in minor units with its sign. */
static bool amount_of(
    struct camt *camt, const struct amount *amount, const char *field, int64_t *ret_amount_minor)
{
    static const struct amount_form form = {.point = '.'};
    if (amount->text[0] == '\0')
        return reading_refuse(camt->reading, line_of(camt), "%s has no amount (Amt)", field);
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
        return refuse(camt, "CdtDbtInd is neither CRDT nor DBIT");
    amount->sign = value[0];
    return true;
}

static bool take_day(struct camt *camt, const char *value, int32_t *ret_day)
{
    return figure_iso_day(text_of(value), ret_day) || refuse(camt, "a date is no day YYYY-MM-DD");
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
        return refuse(camt, "balances of one kind are in several currencies: ask the bank for a "
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

static bool begin_statement(struct camt *camt)
{
    enum statement_format format = camt->reading->outcome->format;
    camt->is_told = false;
    camt->account[0] = '\0';
    camt->id[0] = '\0';
    camt->currency[0] = '\0';
    memset(camt->balances, 0, sizeof camt->balances);
    camt->statement = (struct statement){.format = format,
        .line = line_of(camt),
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
        return refuse(camt, "the statement has no account (Acct/Id)");
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
    total->line = line_of(camt);
    if (!is_sum) {
        total->has_count = figure_count(text_of(value), &total->count);
        return total->has_count || refuse(camt, "NbOfNtries is no number");
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

static bool end_statement(struct camt *camt)
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
        return refuse(camt, "the statement has no opening balance (Bal with OPBD or PRCD)");
    if (!statement->closing.is_given && !statement->has_no_closing)
        return refuse(camt, "the statement has no closing balance (Bal with CLBD)");
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
    camt->entry = (struct statement_entry){.line = line_of(camt), .time = -1};
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
        return refuse(camt, "Ntry/Sts is none of BOOK, PDNG, FUTR, INFO");
    return true;
}

static bool begin_detail(struct camt *camt)
{
    camt->detail = (struct statement_detail){.line = line_of(camt)};
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
        return refuse(camt, "Ntry has no status (Sts)");
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
        return refuse(camt, "the texts of an entry are longer than 64 KiB");
    if (buffer->length > 0)
        buffer_append_u8(buffer, (uint8_t)between);
    reading_append(buffer, text_of(value));
    return true;
}

static bool begin_element(struct camt *camt)
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
               refuse(camt, "Acct/Id is longer than an account number");
    case CAMT_ACCOUNT_CURRENCY:
        if (currency_digits(text_of(value)) < 0)
            return refuse(camt, "Acct/Ccy is no currency of ISO 4217");
        return reading_copy(camt->currency, sizeof camt->currency, text_of(value));
    case CAMT_COPY:
        statement->is_copy = true;
        return true;
    case CAMT_SEQUENCE:
        return figure_count(text_of(value), &statement->sequence) ||
               refuse(camt, "ElctrncSeqNb is no number of at most 18 digits");
    case CAMT_LEGAL_SEQUENCE:
        return statement->sequence != 0 || figure_count(text_of(value), &statement->sequence) ||
               refuse(camt, "LglSeqNb is no number of at most 18 digits");
    case CAMT_FROM:
        return take_day(camt, value, &statement->from_date);
    case CAMT_TO:
        return take_day(camt, value, &statement->to_date);
    case CAMT_ID:
        return reading_copy_line(camt->id, sizeof camt->id, text_of(value)) ||
               refuse(camt, "Id is longer than 63 bytes");
    case CAMT_PAGE:
        return figure_count(text_of(value), &statement->page) || refuse(camt, "PgNb is no number");
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

/* The element whose text was read ends. */
static bool end_element(struct camt *camt, enum camt_element element)
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

/* ---- the document ---- */

/* The message by its element; versions of before 2009 have "V01" behind. */
static bool is_message(const char *name, const char *message)
{
    size_t length = strlen(message);
    return strncmp(name, message, length) == 0 && (name[length] == '\0' || name[length] == 'V');
}

static bool take_message(struct camt *camt, const char *name, int depth)
{
    static const struct {
        const char *element;
        enum statement_format format; /* 0: no statement */
        const char *what;
    } messages[] = {
        {"BkToCstmrStmt", STATEMENT_CAMT053, ""},
        {"BkToCstmrAcctRpt", STATEMENT_CAMT052, ""},
        {"BkToCstmrDbtCdtNtfctn", STATEMENT_CAMT054, ""},
        {"CstmrCdtTrfInitn", 0, "a pain.001 (credit transfers to be made)"},
        {"CstmrPmtStsRpt", 0, "a pain.002 (the status of payments)"},
        {"CstmrPmtRvsl", 0, "a pain.007 (payments to be reversed)"},
        {"CstmrDrctDbtInitn", 0, "a pain.008 (direct debits to be made)"},
        {"FIToFICstmrCdtTrf", 0, "a pacs.008 (credit transfers between banks)"},
        {"FIToFIPmtStsRpt", 0, "a pacs.002 (the status of payments between banks)"},
        {"PmtRtr", 0, "a pacs.004 (returned payments between banks)"},
        {"RsltnOfInvstgtn", 0, "a camt.029 (the answer to an inquiry)"},
        {"AcctRptgReq", 0, "a camt.060 (a request for statements)"},
    };
    for (size_t i = 0; i < sizeof messages / sizeof *messages; i++) {
        if (!is_message(name, messages[i].element))
            continue;
        camt->message_depth = depth;
        camt->reading->outcome->format = messages[i].format;
        return messages[i].format != 0 || reading_refuse(camt->reading, line_of(camt),
                                              "is %s, no statement", messages[i].what);
    }
    if (depth > OUTER_DEPTH_MAX)
        return refuse(camt, "is XML and no camt.052, camt.053 or camt.054");
    return true;
}

static bool is_statement(const struct camt *camt, const char *name)
{
    switch (camt->reading->outcome->format) {
    case STATEMENT_CAMT053:
        return strcmp(name, "Stmt") == 0;
    case STATEMENT_CAMT052:
        return strcmp(name, "Rpt") == 0;
    default:
        return strcmp(name, "Ntfctn") == 0;
    }
}

/* Puts the name to the path, and looks up what it is. */
static bool enter(struct camt *camt, const char *name)
{
    size_t length = strlen(name);
    size_t slash = camt->path_length > 0 ? 1 : 0;
    if (camt->path_length + slash + length >= sizeof camt->path)
        return refuse(camt, "the names of the elements are longer than those of a statement");
    if (slash)
        camt->path[camt->path_length] = '/';
    memcpy(camt->path + camt->path_length + slash, name, length + 1);
    camt->path_length += slash + length;
    camt->element = camt_element_of(camt->path);
    return begin_element(camt);
}

static bool leave(struct camt *camt)
{
    enum camt_element element = camt_element_of(camt->path);
    bool is_taken = element == CAMT_NONE || end_element(camt, element);
    char *slash = strrchr(camt->path, '/');
    camt->path_length = slash ? (size_t)(slash - camt->path) : 0;
    camt->path[camt->path_length] = '\0';
    camt->element = CAMT_NONE;
    return is_taken;
}

static bool take_end(struct camt *camt, int depth)
{
    if (camt->statement_depth < 0 || depth < camt->statement_depth)
        return true;
    if (depth > camt->statement_depth)
        return leave(camt);
    camt->statement_depth = -1;
    return end_statement(camt);
}

static bool take_start(struct camt *camt, int depth)
{
    const char *name = (const char *)xmlTextReaderConstLocalName(camt->xml);
    bool is_empty = xmlTextReaderIsEmptyElement(camt->xml) == 1;
    bool is_taken = true;
    camt->has_element = true;
    if (depth > DEPTH_MAX)
        return refuse(camt, "elements are nested deeper than those of a statement");
    if (camt->message_depth < 0) {
        is_taken = take_message(camt, name, depth);
    } else if (camt->statement_depth >= 0) {
        is_taken = enter(camt, name);
    } else if (depth == camt->message_depth + 1 && is_statement(camt, name)) {
        camt->statement_depth = depth;
        camt->path_length = 0;
        camt->path[0] = '\0';
        is_taken = begin_statement(camt);
    }
    return is_taken && (!is_empty || take_end(camt, depth));
}

static bool take_value(struct camt *camt)
{
    if (camt->element == CAMT_NONE || camt->statement_depth < 0)
        return true;
    const char *value = (const char *)xmlTextReaderConstValue(camt->xml);
    size_t length = value ? strlen(value) : 0;
    if (camt->text.length + length > STATEMENT_LINE_BYTES_MAX)
        return refuse(camt, "a text is longer than 64 KiB");
    if (length > 0)
        buffer_append(&camt->text, value, length);
    return true;
}

static bool take_node(struct camt *camt)
{
    switch (xmlTextReaderNodeType(camt->xml)) {
    case XML_READER_TYPE_ELEMENT:
        return take_start(camt, xmlTextReaderDepth(camt->xml));
    case XML_READER_TYPE_END_ELEMENT:
        return take_end(camt, xmlTextReaderDepth(camt->xml));
    case XML_READER_TYPE_TEXT:
    case XML_READER_TYPE_CDATA:
    case XML_READER_TYPE_SIGNIFICANT_WHITESPACE:
        return take_value(camt);
    case XML_READER_TYPE_DOCUMENT_TYPE:
        return refuse(camt, "has a document type (DOCTYPE), which no statement has");
    case XML_READER_TYPE_ENTITY_REFERENCE:
        return refuse(camt, "has an entity of its own, which no statement has");
    default:
        return true;
    }
}

/* ---- libxml2 ---- */

static int on_read(void *context, char *bytes, int room)
{
    struct camt *camt = context;
    if (camt->taken - camt->node_taken > NODE_BYTES_MAX) {
        camt->is_too_long = true;
        return -1;
    }
    int got = source_take(&camt->reading->source, bytes, (size_t)room);
    camt->taken += got > 0 ? got : 0;
    return got;
}

/* Keeps the number of the first error; its text may quote the document. */
static void on_error(void *context, xmlErrorPtr error)
{
    struct camt *camt = context;
    if (camt->error != 0 || error->level < XML_ERR_ERROR)
        return;
    camt->error = error->code;
    camt->error_line = error->line > 0 ? (uint32_t)error->line : 1;
}

static bool refuse_xml(struct camt *camt)
{
    const struct source *source = &camt->reading->source;
    if (source->error != 0)
        return reading_refuse(camt->reading, 0, "could not be read: %s", strerror(source->error));
    if (camt->is_too_long)
        return reading_refuse(camt->reading, 0,
            camt->has_element ? "has a tag, text or comment of more than 128 KiB"
                              : "has no element within its first 128 KiB");
    return reading_refuse(camt->reading, camt->error_line,
        "is no well-formed XML, or is cut off (libxml2 error %d)", camt->error);
}

static bool read_document(struct camt *camt)
{
    int got;
    camt->xml = xmlReaderForIO(on_read, NULL, camt, NULL, NULL, XML_PARSE_NONET);
    CHECK(camt->xml != NULL);
    xmlTextReaderSetStructuredErrorHandler(camt->xml, on_error, camt);
    while ((got = xmlTextReaderRead(camt->xml)) == 1) {
        camt->node_taken = camt->taken;
        if (!take_node(camt))
            return false;
    }
    if (got != 0 || camt->error != 0)
        return refuse_xml(camt);
    if (camt->message_depth < 0)
        return reading_refuse(camt->reading, 0, "is XML and no camt.052, camt.053 or camt.054");
    if (camt->statement_count == 0)
        return reading_refuse(camt->reading, 0, "is a %s without a statement",
            statement_format_name(camt->reading->outcome->format));
    return true;
}

bool camt_read(struct reading *reading)
{
    struct camt camt = {.reading = reading, .message_depth = -1, .statement_depth = -1};
    bool is_read = read_document(&camt);
    xmlFreeTextReader(camt.xml);
    buffer_finish(&camt.text);
    for (int i = 0; i < TEXT_PARTS; i++) {
        buffer_finish(&camt.texts[i]);
        buffer_finish(&camt.detail_texts[i]);
    }
    return is_read;
}
