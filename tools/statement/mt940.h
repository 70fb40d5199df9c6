/* mt940.h: the parts of the reader of SWIFT statements: a statement line and its details.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_TOOLS_STATEMENT_MT940_H
#define VSL_TOOLS_STATEMENT_MT940_H

#include "base/buffer.h"
#include "statement/statement.h"

/* A :61: field, read. Texts point into the field. */
struct mt_line {
    int32_t value_date;
    int32_t entry_date;
    enum statement_status status;
    bool is_reversal;
    int64_t amount_minor;
    struct text kind;
    struct text reference;
    struct text bank_reference;
    struct text supplement;
    char deviation[96]; /* from the standard, that was understood; "": none */
};

/* Reads the content of :61:, which may have several lines. NULL, or the rule that it breaks. */
const char *mt_line_read(struct text field, int decimals, struct mt_line *ret_line);

/* Six digits YYMMDD. A 29th or 30th of February that is not is taken for its last day: banks that
 * count months of 30 days write such value dates. False: no day. */
bool mt_day(const char *digits, int32_t *ret_yyyymmdd, bool *ret_is_bent);

/* What a :86: tells, as UTF-8; each text in its own buffer, without NUL. */
struct mt_details {
    struct buffer text;
    struct buffer end_to_end;
    struct buffer counterparty;
    struct buffer counterparty_account;
    struct buffer return_reason;
};

/* Takes a :86: apart and appends to the texts: structured with ?20 or >20, with /EREF/ codes, or
 * free. */
void mt_details_read(struct text field, struct mt_details *details);
void mt_details_clear(struct mt_details *details);
void mt_details_finish(struct mt_details *details);

#endif
