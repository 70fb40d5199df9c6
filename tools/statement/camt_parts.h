/* camt_parts.h: what camt.c and camt_content.c share; nobody else includes it.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_TOOLS_STATEMENT_CAMT_PARTS_H
#define VSL_TOOLS_STATEMENT_CAMT_PARTS_H

#include "statement/camt.h"
#include "statement/reading.h"

#include <libxml/xmlreader.h>
#include <stdbool.h>
#include <stdint.h>

#define PATH_BYTES_MAX 1024
#define ACCOUNT_BYTES_MAX 128
#define ID_BYTES_MAX 64
#define AMOUNT_BYTES_MAX 32 /* 18 digits and a point are allowed */

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

/* Where the element begins, from 1 on. libxml2 keeps that up to 65534; from there on where it has
 * read to, which is up to 512 bytes further. */
uint32_t camt_line(const struct camt *camt);
/* The file breaks that rule in this line: false. */
bool camt_refuse(struct camt *camt, const char *rule);

/* Each of these returns false when the file is refused, or nothing more is wanted of it. */
bool camt_begin_statement(struct camt *camt);
bool camt_end_statement(struct camt *camt);
/* camt->element begins: its attributes are read, its text follows. */
bool camt_begin_element(struct camt *camt);
/* The element whose text was read ends. */
bool camt_end_element(struct camt *camt, enum camt_element element);

#endif
