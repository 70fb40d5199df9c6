/* camt.h: the elements of a camt statement that are read, by their path below it.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_TOOLS_STATEMENT_CAMT_H
#define VSL_TOOLS_STATEMENT_CAMT_H

enum camt_element {
    CAMT_NONE,
    /* of the statement */
    CAMT_ACCOUNT,
    CAMT_ACCOUNT_CURRENCY,
    CAMT_COPY,
    CAMT_SEQUENCE,
    CAMT_LEGAL_SEQUENCE, /* where the other is not given */
    CAMT_FROM,
    CAMT_TO,
    CAMT_ID,
    CAMT_PAGE,
    /* of a balance */
    CAMT_BALANCE,
    CAMT_BALANCE_AMOUNT,
    CAMT_BALANCE_SIGN,
    CAMT_BALANCE_DATE,
    CAMT_BALANCE_KIND,
    CAMT_BALANCE_INTERIM,
    /* of the summary */
    CAMT_ALL_COUNT,
    CAMT_ALL_SUM,
    CAMT_CREDIT_COUNT,
    CAMT_CREDIT_SUM,
    CAMT_DEBIT_COUNT,
    CAMT_DEBIT_SUM,
    /* of an entry */
    CAMT_ENTRY,
    CAMT_ENTRY_AMOUNT,
    CAMT_ENTRY_SIGN,
    CAMT_ENTRY_REVERSAL,
    CAMT_ENTRY_STATUS,
    CAMT_ENTRY_BOOKED,
    CAMT_ENTRY_VALUE,
    CAMT_ENTRY_BANK_REFERENCE,
    CAMT_ENTRY_KIND,
    CAMT_ENTRY_TEXT,
    CAMT_ENTRY_BATCH,
    /* of a payment of it */
    CAMT_DETAIL,
    CAMT_DETAIL_AMOUNT,
    CAMT_DETAIL_AMOUNT_INSIDE, /* of AmtDtls, where TxDtls has none itself */
    CAMT_DETAIL_SIGN,
    CAMT_DETAIL_BANK_REFERENCE,
    CAMT_DETAIL_REFERENCE,
    CAMT_DETAIL_END_TO_END,
    CAMT_DETAIL_RETURN,
    CAMT_DETAIL_DEBTOR,
    CAMT_DETAIL_DEBTOR_ACCOUNT,
    CAMT_DETAIL_CREDITOR,
    CAMT_DETAIL_CREDITOR_ACCOUNT,
    CAMT_DETAIL_TEXT,
};

/* The element with this path, as "Ntry/Amt"; CAMT_NONE: it is not read. */
enum camt_element camt_element_of(const char *path);

#endif
