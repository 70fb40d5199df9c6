/* lump_parts.h: what the parts of vslctl lump share; nobody else includes it.
 *
 *   lump.c         options, sending, answers
 *   lump_file.c    the file, looked at as a whole before anything is sent
 *   lump_known.c   what the lump has already, so that it need not be sent again
 *   lump_report.c  what is said before and after
 *   lump_result.c  the file of the results
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_TOOLS_VSLCTL_FILES_LUMP_PARTS_H
#define VSL_TOOLS_VSLCTL_FILES_LUMP_PARTS_H

#include "base/must_use.h"
#include "client/durable_file.h"
#include "client/terminal.h"
#include "vslctl/vslctl.h"

#include "vsl/v1/funds.pb-c.h"

/* Columns of the file. */
enum {
    LUMP_SOURCE_ORDER,
    LUMP_ACCOUNT_ID,
    LUMP_RECEIVING_NUMBER,
    LUMP_AMOUNT,
    LUMP_PAYER_NAME,
    LUMP_PAYER_ACCOUNT,
    LUMP_PAYER_BANK,
    LUMP_ORDER_NUMBER,
    LUMP_REMARK,
    LUMP_COLUMNS,
};

struct lump_line {
    uint32_t line; /* of the file, from 1 on */
    int64_t account_id;
    int64_t amount_minor;
    const char *fields[LUMP_COLUMNS]; /* as they stand there */

    /* What became of it. */
    bool is_answered; /* the rest is known */
    bool is_replayed; /* by an earlier run, or by another way */
    int outcome;      /* Vsl__V1__Outcome */
    int64_t sequence;
};

struct lump_run {
    struct common_options *options;
    const char *file_name;
    const char *result_name; /* NULL: beside the file */
    int64_t ledger_id;
    int64_t suspense_id;
    int64_t given_lump_id; /* 0: one is opened; else that one is gone on with, under new keys */
    bool is_all_or_none;
    bool is_dry_run;
    const char *channel;
    int32_t business_date; /* 0: not given; then what key_date_find says */
    const char *serial;    /* NULL: not given; then made of the file */
    char made_serial[SERIAL_TEXT_BYTES];

    struct lump_line *lines;
    size_t count;
    int64_t total_minor;
    struct arena texts;          /* of the lines */
    struct lump_line **by_order; /* the lines by their source orders */
    size_t batch_lines_max;      /* so many at a time: fewer when the server takes long */

    int64_t lump_id;
    bool is_gone_on; /* it was there before this run: it may have lines */
    size_t accepted, replayed, refused;
    size_t used; /* source orders that were used, of which is to be asked what has used them */
    bool needs_approval; /* something that was refused */
    bool is_closed;
    int status; /* Vsl__V1__LumpStatus, as lump_ask_state found it; 0: it is not known */
    struct progress progress;
};

/* Reads the file and holds each line to the server's own rules; then the lines to each other. Every
 * line that is wrong is named, up to a ceiling. -1 when one is. */
int lump_read(struct context *context, struct lump_run *run);

/* Fills in the request of a line. */
void lump_fill_line(const struct lump_line *line, int64_t ledger_id, int64_t lump_id,
    Vsl__V1__Party *party, Vsl__V1__AllocateLineRequest *request);

/* The line with that source order; NULL: there is none. */
struct lump_line *lump_find_line(const struct lump_run *run, const char *source_order);

/* The serial of a line's key. */
void lump_make_line_serial(
    const struct lump_run *run, const struct lump_line *line, char ret_serial[SERIAL_TEXT_BYTES]);

/* ---- lump_known.c ---- */

/* Reads the lump that is to be gone on with, and whether the file is what it was opened for: -1
 * with a message when not, or the server could not be asked: then `*ret_status` is the exit
 * status. */
MUST_USE int lump_take_up(struct context *context, struct lump_run *run, int *ret_status);
/* Asks how far the lump is now, which others may have changed. A fault is printed. */
void lump_ask_state(struct context *context, struct lump_run *run);
/* Marks the lines that the lump has as answered: those of the file's keys; with --lump those of
 * the same source orders that are not taken back. What cannot be read is left to the sending,
 * where the server says it, line by line. */
void lump_mark_known(struct context *context, struct lump_run *run);
/* With --lump, of a line whose source order is used, by the command that is its `sequence`: marks
 * it as answered; as accepted when that command is this very line of this lump. */
void lump_mark_same(struct context *context, const struct lump_run *run, struct lump_line *line);

/* ---- lump_result.c ---- */

/* Neither the results nor what they are first written to takes the place of the lines: else -1. */
MUST_USE int lump_result_check_name(const struct lump_run *run);
/* There is the old one or the new one, never half of one. A run that is cut leaves the old one: the
 * next has the results of all lines again. -1 with a message. */
MUST_USE int lump_result_open(const struct lump_run *run, struct durable_file *ret_file);
MUST_USE int lump_result_commit(const struct lump_run *run, struct durable_file *file);

/* ---- lump_report.c ---- */

#define LUMP_REFUSALS_SHOWN_MAX 20

/* Counts an answer. */
void lump_count(struct lump_run *run, const struct lump_line *line);
/* The same of one that is known from its record, where the text of a refusal is not: tells it. */
void lump_count_known(struct lump_run *run, const struct lump_line *line);

/* Says the keys before the first byte is sent, or nothing is: -1. */
MUST_USE int lump_say_before(
    const struct context *context, const struct lump_run *run, int64_t begun);
/* Says what became of the lines, and what is to be done. */
void lump_say_after(const struct lump_run *run, const char *result_name);
/* Says that the answer is an old one, and how to get a new one. */
void lump_say_anew(const struct lump_run *run);

#endif
