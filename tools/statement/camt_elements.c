/* camt_elements.c: the elements of a camt statement that are read.
 *
 * Names are compared without their namespace, so that all versions, from 001.01 to those of today,
 * and the national variants with a namespace of their own are read in one way.
 * Source: the schemas of ISO 20022, camt.052, .053 and .054, versions 001.01 to 001.08.
 * SPDX-License-Identifier: Apache-2.0 */
#include "statement/camt.h"

#include <stdlib.h>
#include <string.h>

struct row {
    const char *path;
    enum camt_element element;
};

/* Sorted by path. */
static const struct row rows[] = {
    {"Acct/Ccy", CAMT_ACCOUNT_CURRENCY},
    {"Acct/Id/BBAN", CAMT_ACCOUNT},
    {"Acct/Id/IBAN", CAMT_ACCOUNT},
    {"Acct/Id/Othr/Id", CAMT_ACCOUNT},
    {"Acct/Id/PrtryAcct/Id", CAMT_ACCOUNT},
    {"Acct/Id/UPIC", CAMT_ACCOUNT},
    {"Bal", CAMT_BALANCE},
    {"Bal/Amt", CAMT_BALANCE_AMOUNT},
    {"Bal/CdtDbtInd", CAMT_BALANCE_SIGN},
    {"Bal/Dt/Dt", CAMT_BALANCE_DATE},
    {"Bal/Dt/DtTm", CAMT_BALANCE_DATE},
    {"Bal/Tp/Cd", CAMT_BALANCE_KIND},
    {"Bal/Tp/CdOrPrtry/Cd", CAMT_BALANCE_KIND},
    {"Bal/Tp/SubTp/Cd", CAMT_BALANCE_INTERIM},
    {"CpyDplctInd", CAMT_COPY},
    {"ElctrncSeqNb", CAMT_SEQUENCE},
    {"FrToDt/FrDtTm", CAMT_FROM},
    {"FrToDt/ToDtTm", CAMT_TO},
    {"Id", CAMT_ID},
    {"LglSeqNb", CAMT_LEGAL_SEQUENCE},
    {"NtfctnPgntn/PgNb", CAMT_PAGE},
    {"Ntry", CAMT_ENTRY},
    {"Ntry/AcctSvcrRef", CAMT_ENTRY_BANK_REFERENCE},
    {"Ntry/AddtlNtryInf", CAMT_ENTRY_TEXT},
    {"Ntry/Amt", CAMT_ENTRY_AMOUNT},
    {"Ntry/BkTxCd/Domn/Cd", CAMT_ENTRY_KIND},
    {"Ntry/BkTxCd/Domn/Fmly/Cd", CAMT_ENTRY_KIND},
    {"Ntry/BkTxCd/Domn/Fmly/SubFmlyCd", CAMT_ENTRY_KIND},
    {"Ntry/BkTxCd/Prtry/Cd", CAMT_ENTRY_KIND},
    {"Ntry/BookgDt/Dt", CAMT_ENTRY_BOOKED},
    {"Ntry/BookgDt/DtTm", CAMT_ENTRY_BOOKED},
    {"Ntry/Btch/PmtInfId", CAMT_ENTRY_BATCH},
    {"Ntry/CdtDbtInd", CAMT_ENTRY_SIGN},
    {"Ntry/NtryDtls/Btch/PmtInfId", CAMT_ENTRY_BATCH},
    {"Ntry/NtryDtls/TxDtls", CAMT_DETAIL},
    {"Ntry/NtryDtls/TxDtls/AddtlTxInf", CAMT_DETAIL_TEXT},
    {"Ntry/NtryDtls/TxDtls/Amt", CAMT_DETAIL_AMOUNT},
    {"Ntry/NtryDtls/TxDtls/AmtDtls/TxAmt/Amt", CAMT_DETAIL_AMOUNT_INSIDE},
    {"Ntry/NtryDtls/TxDtls/CdtDbtInd", CAMT_DETAIL_SIGN},
    {"Ntry/NtryDtls/TxDtls/Refs/AcctSvcrRef", CAMT_DETAIL_BANK_REFERENCE},
    {"Ntry/NtryDtls/TxDtls/Refs/EndToEndId", CAMT_DETAIL_END_TO_END},
    {"Ntry/NtryDtls/TxDtls/Refs/InstrId", CAMT_DETAIL_REFERENCE},
    {"Ntry/NtryDtls/TxDtls/RltdPties/Cdtr/Nm", CAMT_DETAIL_CREDITOR},
    {"Ntry/NtryDtls/TxDtls/RltdPties/Cdtr/Pty/Nm", CAMT_DETAIL_CREDITOR},
    {"Ntry/NtryDtls/TxDtls/RltdPties/CdtrAcct/Id/IBAN", CAMT_DETAIL_CREDITOR_ACCOUNT},
    {"Ntry/NtryDtls/TxDtls/RltdPties/CdtrAcct/Id/Othr/Id", CAMT_DETAIL_CREDITOR_ACCOUNT},
    {"Ntry/NtryDtls/TxDtls/RltdPties/CdtrAcct/Id/PrtryAcct/Id", CAMT_DETAIL_CREDITOR_ACCOUNT},
    {"Ntry/NtryDtls/TxDtls/RltdPties/Dbtr/Nm", CAMT_DETAIL_DEBTOR},
    {"Ntry/NtryDtls/TxDtls/RltdPties/Dbtr/Pty/Nm", CAMT_DETAIL_DEBTOR},
    {"Ntry/NtryDtls/TxDtls/RltdPties/DbtrAcct/Id/IBAN", CAMT_DETAIL_DEBTOR_ACCOUNT},
    {"Ntry/NtryDtls/TxDtls/RltdPties/DbtrAcct/Id/Othr/Id", CAMT_DETAIL_DEBTOR_ACCOUNT},
    {"Ntry/NtryDtls/TxDtls/RltdPties/DbtrAcct/Id/PrtryAcct/Id", CAMT_DETAIL_DEBTOR_ACCOUNT},
    {"Ntry/NtryDtls/TxDtls/RmtInf/Strd/CdtrRefInf/CdtrRef", CAMT_DETAIL_TEXT},
    {"Ntry/NtryDtls/TxDtls/RmtInf/Strd/CdtrRefInf/Ref", CAMT_DETAIL_TEXT},
    {"Ntry/NtryDtls/TxDtls/RmtInf/Ustrd", CAMT_DETAIL_TEXT},
    {"Ntry/NtryDtls/TxDtls/RtrInf/Rsn/Cd", CAMT_DETAIL_RETURN},
    {"Ntry/RvslInd", CAMT_ENTRY_REVERSAL},
    {"Ntry/Sts", CAMT_ENTRY_STATUS},
    {"Ntry/Sts/Cd", CAMT_ENTRY_STATUS},
    {"Ntry/TxDtls", CAMT_DETAIL},
    {"Ntry/TxDtls/AddtlTxInf", CAMT_DETAIL_TEXT},
    {"Ntry/TxDtls/Amt", CAMT_DETAIL_AMOUNT},
    {"Ntry/TxDtls/AmtDtls/TxAmt/Amt", CAMT_DETAIL_AMOUNT_INSIDE},
    {"Ntry/TxDtls/CdtDbtInd", CAMT_DETAIL_SIGN},
    {"Ntry/TxDtls/Refs/AcctSvcrRef", CAMT_DETAIL_BANK_REFERENCE},
    {"Ntry/TxDtls/Refs/EndToEndId", CAMT_DETAIL_END_TO_END},
    {"Ntry/TxDtls/Refs/InstrId", CAMT_DETAIL_REFERENCE},
    {"Ntry/TxDtls/RltdPties/Cdtr/Nm", CAMT_DETAIL_CREDITOR},
    {"Ntry/TxDtls/RltdPties/Cdtr/Pty/Nm", CAMT_DETAIL_CREDITOR},
    {"Ntry/TxDtls/RltdPties/CdtrAcct/Id/IBAN", CAMT_DETAIL_CREDITOR_ACCOUNT},
    {"Ntry/TxDtls/RltdPties/CdtrAcct/Id/Othr/Id", CAMT_DETAIL_CREDITOR_ACCOUNT},
    {"Ntry/TxDtls/RltdPties/CdtrAcct/Id/PrtryAcct/Id", CAMT_DETAIL_CREDITOR_ACCOUNT},
    {"Ntry/TxDtls/RltdPties/Dbtr/Nm", CAMT_DETAIL_DEBTOR},
    {"Ntry/TxDtls/RltdPties/Dbtr/Pty/Nm", CAMT_DETAIL_DEBTOR},
    {"Ntry/TxDtls/RltdPties/DbtrAcct/Id/IBAN", CAMT_DETAIL_DEBTOR_ACCOUNT},
    {"Ntry/TxDtls/RltdPties/DbtrAcct/Id/Othr/Id", CAMT_DETAIL_DEBTOR_ACCOUNT},
    {"Ntry/TxDtls/RltdPties/DbtrAcct/Id/PrtryAcct/Id", CAMT_DETAIL_DEBTOR_ACCOUNT},
    {"Ntry/TxDtls/RmtInf/Strd/CdtrRefInf/CdtrRef", CAMT_DETAIL_TEXT},
    {"Ntry/TxDtls/RmtInf/Strd/CdtrRefInf/Ref", CAMT_DETAIL_TEXT},
    {"Ntry/TxDtls/RmtInf/Ustrd", CAMT_DETAIL_TEXT},
    {"Ntry/TxDtls/RtrInf/Rsn/Cd", CAMT_DETAIL_RETURN},
    {"Ntry/ValDt/Dt", CAMT_ENTRY_VALUE},
    {"Ntry/ValDt/DtTm", CAMT_ENTRY_VALUE},
    {"RptPgntn/PgNb", CAMT_PAGE},
    {"StmtPgntn/PgNb", CAMT_PAGE},
    {"TxsSummry/TtlCdtNtries/NbOfNtries", CAMT_CREDIT_COUNT},
    {"TxsSummry/TtlCdtNtries/Sum", CAMT_CREDIT_SUM},
    {"TxsSummry/TtlDbtNtries/NbOfNtries", CAMT_DEBIT_COUNT},
    {"TxsSummry/TtlDbtNtries/Sum", CAMT_DEBIT_SUM},
    {"TxsSummry/TtlNtries/NbOfNtries", CAMT_ALL_COUNT},
    {"TxsSummry/TtlNtries/Sum", CAMT_ALL_SUM},
};
#define ROW_COUNT (sizeof rows / sizeof *rows)

static int compare(const void *path, const void *row)
{
    return strcmp(path, ((const struct row *)row)->path);
}

enum camt_element camt_element_of(const char *path)
{
    const struct row *row = bsearch(path, rows, ROW_COUNT, sizeof *rows, compare);
    return row ? row->element : CAMT_NONE;
}
