/* statement.h: bank statements, read from the files that banks and wallets hand out.
 *
 *   statement.h     what a statement is, and reading one
 *   check.h         whether it adds up, follows the one before, and is not there twice
 *   reading.h       what the readers share; detect.c finds the format, source.c has the bytes
 *   camt.c          camt.052, .053, .054            mt940.c   MT940, MT941, MT942, MT950
 *   bai2.c          BAI2                            sheet.h   CSV and XLS, by a profile
 *
 * A file is read once, from front to back, in bounded memory whatever its size, as if it were
 * hostile. It may hold several statements. Money is exact: minor units of the currency in 64 bits;
 * what does not fit, or has more decimals than the currency, is an error and never rounded.
 *
 * Errors name line, field and rule, never what stands in the field: it may be a person's name.
 * Formats and profiles are described in README.md.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_TOOLS_STATEMENT_STATEMENT_H
#define VSL_TOOLS_STATEMENT_STATEMENT_H

#include "base/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define STATEMENT_LINE_BYTES_MAX ((size_t)64 << 10) /* of a line, a row, a field */
#define STATEMENT_REASON_BYTES 256

enum statement_format {
    STATEMENT_CAMT052 = 1,
    STATEMENT_CAMT053,
    STATEMENT_CAMT054,
    STATEMENT_MT940, /* also MT941 and MT950, which have its fields */
    STATEMENT_MT942,
    STATEMENT_BAI2,
    STATEMENT_TABLE, /* CSV or XLS, by a profile */
};

/* "camt.053", "MT940", "BAI2", "table". */
const char *statement_format_name(enum statement_format format);

/* A balance as the file gives it. Its currency is the statement's, but in files that mix them. */
struct statement_balance {
    bool is_given;
    char currency[4];
    int32_t date;         /* YYYYMMDD; 0: not given */
    int64_t amount_minor; /* negative: the account is overdrawn */
};

/* What the file says about its own entries, to be compared with them. */
struct statement_total {
    bool has_count;
    bool has_sum;
    int64_t count;
    int64_t sum_minor; /* without sign */
    uint32_t line;
};

enum { STATEMENT_OF_ALL, STATEMENT_OF_CREDITS, STATEMENT_OF_DEBITS, STATEMENT_TOTALS };

/* A statement, or a page of one. Texts are UTF-8, end with NUL and are valid during the call. */
struct statement {
    enum statement_format format;
    uint32_t line;        /* where it begins, from 1 on */
    const char *account;  /* IBAN or number, as in the file; "": the file does not say */
    const char *currency; /* ISO 4217; "": nothing in it has one */
    int decimals;         /* of that currency */
    const char *id;       /* the bank's name for it; "": none */
    int64_t sequence;     /* number of the statement; 0: none */
    int64_t page;         /* 0: none */
    bool is_copy;         /* says of itself that it was sent before: not to be booked again */
    bool opens_between;   /* its opening is a page's, not a statement's */
    bool closes_between;
    int32_t from_date; /* YYYYMMDD; 0: not given */
    int32_t to_date;
    bool is_newest_first; /* entries stand in that order; known when it is closed */
    bool has_no_opening;  /* its kind need not have a balance in front, or behind */
    bool has_no_closing;
    struct statement_balance opening; /* of booked money. Of a table: derived from its rows */
    struct statement_balance closing;
    struct statement_total totals[STATEMENT_TOTALS];
    uint64_t entry_count; /* so far */
};

enum statement_status {
    STATEMENT_BOOKED = 1,
    STATEMENT_PENDING, /* expected; does not move the balance yet */
    STATEMENT_INFO, /* never moves it: a notice, a closed order, money that only changed pockets */
};

/* A line of a statement. What is not given is "" or 0. */
struct statement_entry {
    uint32_t line;        /* where it begins in the file; of an XLS the row */
    uint64_t number;      /* within its statement, from 1 on */
    int32_t booking_date; /* YYYYMMDD */
    int32_t value_date;
    int32_t time; /* HHMMSS of the booking; -1: not given */
    enum statement_status status;
    bool is_reversal;      /* takes an earlier entry back; the sign is this entry's own */
    char currency[4];      /* booked entries have the statement's */
    int64_t amount_minor;  /* positive: money in */
    bool has_balance;      /* the file gives the balance after this entry */
    int64_t balance_minor; /* that balance */
    const char *kind;      /* the bank's code: "NTRF", "PMNT/RCDT/ESCT", "195" */
    const char *bank_reference;
    const char *reference;  /* the account owner's: MT :61:, batch (PmtInfId), merchant order */
    const char *end_to_end; /* end-to-end identification of the payment */
    const char *return_reason;
    const char *counterparty; /* name; personal, like the account and the text */
    const char *counterparty_account;
    const char *text;
    uint32_t detail_count; /* payments behind this one booking */
};

/* One payment of a booking that has several (camt TxDtls). */
struct statement_detail {
    uint32_t line;
    bool has_amount;
    char currency[4];
    int64_t amount_minor; /* positive: money in */
    const char *bank_reference;
    const char *reference;
    const char *end_to_end;
    const char *return_reason;
    const char *counterparty;
    const char *counterparty_account;
    const char *text;
};

enum statement_finding {
    STATEMENT_NOTE,  /* a deviation that was understood; nothing is lost by it */
    STATEMENT_FAULT, /* what the file says of itself is not so: it does not add up */
};

/* Who hears of it. Statements of one file may be open at the same time (a table in two
 * currencies). `open` comes before the entries of a statement, `detail` before the entry that it is
 * of, `close` behind them, when opening, closing and totals are known. `find` may come at any time,
 * with NULL when no statement is meant. Each but `find` answers whether to go on; when it is false
 * `ret_reason` says why. NULL: not wanted. */
struct statement_sink {
    void *context;
    bool (*open)(
        void *context, const struct statement *statement, char ret_reason[STATEMENT_REASON_BYTES]);
    bool (*detail)(void *context, const struct statement *statement,
        const struct statement_detail *detail, char ret_reason[STATEMENT_REASON_BYTES]);
    bool (*entry)(void *context, const struct statement *statement,
        const struct statement_entry *entry, char ret_reason[STATEMENT_REASON_BYTES]);
    bool (*close)(
        void *context, const struct statement *statement, char ret_reason[STATEMENT_REASON_BYTES]);
    void (*find)(void *context, const struct statement *statement, enum statement_finding finding,
        uint32_t line, const char *text);
    /* Now and then, with the bytes read. */
    void (*progress)(void *context, int64_t bytes);
};

struct profile_set;

struct statement_options {
    const struct profile_set *profiles; /* of tables; NULL: those that are built in */
};

/* What became of a file, besides its statements. */
struct statement_outcome {
    enum statement_format format;        /* 0: none was found */
    char profile[32];                    /* of a table; "": none */
    char encoding[16];                   /* "UTF-8", "GB18030" */
    char reason[STATEMENT_REASON_BYTES]; /* why it is refused, with the line */
};

/* Reads a file from its descriptor, up to the end; it need not be seekable. 0, or -1 when it is
 * refused: then statements that were told before are part of a file that is not to be trusted. One
 * file at a time: not for several threads, nor for a sink that reads another file. */
int statement_read(int fd, const struct statement_options *options,
    const struct statement_sink *sink, struct statement_outcome *ret_outcome);

#endif
